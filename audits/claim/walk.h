// SPDX-License-Identifier: Apache-2.0
/// Reading the lines of a run one after the other, and what of its budget is left: the
/// steps that the mechanisms share. All refusals are [M1], with the line.
#ifndef AUDIT_CLAIM_WALK_H
#define AUDIT_CLAIM_WALK_H

#include "audits/claim/workload.h"

struct aud_walk {
    const struct aud_transcript *transcript;
    const struct aud_workload *workload;
    size_t at; ///< of the next line
    mpq_t left;
    struct sil_error *err;
};

sil_status aud_walk_refuse(const struct aud_walk *walk, const char *what);

/// NULL: there are not so many.
const struct aud_left *aud_line_at(const struct aud_walk *walk, size_t at);

/// whole p / q, rounded down to a multiple of 2^-83.
void aud_share(mpq_t out, const mpq_t whole, unsigned long p, unsigned long q);
void aud_share_z(mpq_t out, const mpq_t whole, const mpz_t p, const mpz_t q);

/// Of noise of this variance: the least shift with sigma 2^shift at least 64; at most 16.
unsigned aud_shift_of(const mpq_t variance);

/// (cells factor)^(2/3), in units of 2^-20, rounded down.
void aud_two_thirds(mpz_t out, uint64_t cells, uint64_t factor);

/// epsilon^2 of a choice that may cost `part`: epsilon is floor(2^40 sqrt(8 part)) / 2^40.
void aud_choice_of(mpq_t epsilon_squared, const mpq_t part);

/// The next line measures this column at this cost.
SIL_MUST_USE sil_status aud_take_column(struct aud_walk *walk, size_t attr,
                                        const mpq_t cost);

/// The next lines measure all columns: half of what is left goes evenly, half as
/// cells^(2/3), and the last has the rest.
SIL_MUST_USE sil_status aud_take_all_columns(struct aud_walk *walk);

/// The next two lines are a choice and the measurement of what it chose.
SIL_MUST_USE sil_status aud_take_round(struct aud_walk *walk,
                                       const struct aud_left **choice,
                                       const struct aud_left **noise);

/// Do they cost so much, a tenth of it the choice?
bool aud_is_round(const struct aud_left *choice, const struct aud_left *noise,
                  const mpq_t cost);

bool aud_is_same_marginal(const struct aud_left *a, const struct aud_left *b);

#endif
