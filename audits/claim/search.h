// SPDX-License-Identifier: Apache-2.0
/// Were the values of open fields found as the claim says, seen with the data?
///
/// A text that c rows have is found when c + Y >= T, Y the noise on one count: with a
/// probability that follows from c, for each text on its own; and the noise on a count that
/// was found has the law of Y given Y >= T - c. Both are made exact numbers of a known law.
///
/// Of a value found, the noise, put at a point within its step by dice, is a normal number
/// x that is known to be at least e. Its distribution function given that makes it uniform,
/// and so does that of |x|, which gets smaller for every e when the noise does: where T cuts
/// deep, small noise has large values for what T lets through, and only |x| shows it. What is
/// found is summed up with the weights of the locally best tests.
///
/// Under an honest run every p-value is at most a with probability at most a (over noise and
/// dice; double precision aside): sums of scores have exact laws, the shape is judged by the
/// inequality of Dvoretzky, Kiefer, Wolfowitz with the constant of Massart 1990, sums of
/// finds by Chernoff's bound, the least likely find by the sum of all that are no likelier.
#ifndef AUDIT_CLAIM_SEARCH_H
#define AUDIT_CLAIM_SEARCH_H

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How the values of one field were found.
struct aud_search_law {
    double sigma;     ///< of the noise, in steps of the grid; above 0
    double threshold; ///< in steps, a whole number
    unsigned shift;   ///< 2^shift steps are a row
    uint32_t field;
};

/// Every text that was looked for, field by field. `{0}` is none.
struct aud_search {
    struct aud_sought {
        uint64_t count;
        uint32_t field;
        bool is_found;
        double found, missed; ///< the probabilities of either
        double edge;          ///< e
        double signed_score;  ///< of x, where it was found
        double size_score;    ///< of |x|
    } * text;

    size_t n, room;
};

void aud_search_clear(struct aud_search *search);

/// Add a text that `count` rows have; `noisy` is its noisy count in steps where it was
/// found, at least the threshold, else NULL. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_search_add(struct aud_search *search,
                                       const struct aud_search_law *law, uint64_t count,
                                       const int64_t *noisy, struct sil_error *err);

enum {
    AUD_SEARCH_SCALE,  ///< the squares of size scores
    AUD_SEARCH_FIELD,  ///< those of the oddest field
    AUD_SEARCH_MEAN,   ///< the sum of signed scores
    AUD_SEARCH_SHAPE,  ///< the distance of their distribution function
    AUD_SEARCH_LIKELY, ///< the least likely find, or miss
    AUD_SEARCH_MANY,   ///< how many were found: as by another threshold?
    AUD_SEARCH_SPREAD, ///< on which side of the threshold: as by other noise?
    AUD_N_SEARCHES
};

struct aud_search_tests {
    bool has_run[AUD_N_SEARCHES];    ///< there was enough to look at
    double p[AUD_N_SEARCHES];        ///< 1 where there is too little for the test
    double adjusted[AUD_N_SEARCHES]; ///< by Holm
    size_t n_texts, n_found;
    double ratio; ///< the size of the noise over the claimed one, by the size scores
    double seen;  ///< a factor of too little noise seen with power 0.99; 0: none is
    double
        shift; ///< how many standard deviations off a threshold would be seen so; 0: none
    uint64_t rare; ///< one find of at most so many rows is seen; 0: none
};

/// Held against the adjusted p-values.
#define AUD_SEARCH_LEVEL 1e-4

/// What each test is about, for people.
const char *aud_search_name(int test);

/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_search_run(struct aud_search_tests *out,
                                       const struct aud_search *search,
                                       struct sil_error *err);

#endif
