// SPDX-License-Identifier: Apache-2.0
/* Lines of a transcript: how marginals of groups and scores are written, what is refused. */
#include "privacy/cost.h"
#include "privacy/gauss.h"
#include "support/property.h"
#include "synth/release.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

enum { N_ATTRS = 5, WIDE = 70000 };

static const uint32_t SIZES[N_ATTRS] = {4, 3, 2, WIDE, UINT32_MAX};
static const struct sil_domain DOMAIN = {.n_attrs = N_ATTRS, .sizes = SIZES};

static const uint32_t HALVES[] = {1, 0, 0, 1};
static const uint32_t WHOLE[] = {0, 0, 0};
static const struct sil_clique PAIR = {
    .n = 2, .attr = {0, 1}
};
static struct sil_error error;

static struct sil_terms terms_of(enum sil_mechanism mechanism,
                                 enum sil_neighbours neighbours)
{
    struct sil_terms terms;
    sil_terms_init(&terms);
    terms.mechanism = mechanism;
    terms.neighbours = neighbours;
    return terms;
}

static void name(struct sil_release *out, enum sil_release_kind kind,
                 const struct sil_clique *clique, const struct sil_grouping *of)
{
    sil_release_init(out);
    out->kind = kind;
    out->clique = *clique;
    if (of != NULL) {
        out->of = malloc(sil_groupings_size(of, clique->n));
        cr_assert(out->of != NULL);
        sil_groupings_copy(out->of, of, clique->n);
    }
}

/* As a gate would release it: noise of variance 25/4. */
static void measure(struct sil_release *out, const struct sil_clique *clique,
                    const struct sil_grouping *of, const struct sil_terms *terms)
{
    name(out, SIL_RELEASE_MEASURE, clique, of);
    mpq_set_ui(out->sigma2.v, 25, 4);
    out->sensitivity = sil_marginal_sensitivity_squared(terms->neighbours, 1);
    sil_cost_of_noise(&out->rho, out->sensitivity, &out->sigma2);
    out->shift = sil_gauss_shift_of(&out->sigma2);
    out->n_cells = (size_t)(of == NULL ? sil_clique_cells(&DOMAIN, clique)
                                       : sil_grouped_cells(of, clique->n));
    out->noisy = calloc(out->n_cells, sizeof *out->noisy);
    cr_assert(out->noisy != NULL);
    for (size_t i = 0; i < out->n_cells; i++) {
        out->noisy[i] = (int64_t)i * 100 - 3;
    }
}

/* The largest weight of a candidate is 6; that of the one chosen is 5. */
static void choose(struct sil_release *out, const struct sil_clique *clique,
                   const struct sil_grouping *of, const struct sil_terms *terms)
{
    name(out, SIL_RELEASE_SELECT, clique, of);
    mpq_set_ui(out->epsilon.v, 2, 3);
    sil_cost_of_choice(&out->rho, &out->epsilon);
    out->sensitivity = sil_marginal_sensitivity(terms->neighbours, 1) << SIL_SCORE_BITS;
    out->sensitivity *= 6;
    out->n_candidates = 300;
    out->chosen = 299;
    out->weight = 5;
    out->penalty = INT64_C(1) << 62;
}

/* A line in an array of its own, which is what a parser takes. */
static struct sil_bytes written(const struct sil_release *line,
                                const struct sil_terms *terms)
{
    struct sil_bytes out = {0};
    cr_assert(eq(int, sil_mp_put_array(&out, 1, &error), SIL_OK));
    cr_assert(eq(int, sil_put_release(&out, line, terms, &error), SIL_OK), "%s",
              error.text);
    return out;
}

/* Into an initialised line. */
static sil_status read_line(struct sil_release *line, const struct sil_bytes *bytes,
                            const struct sil_terms *terms)
{
    const struct sil_mp_limits limits = {.values = 1000, .depth = 4};
    struct sil_mp_text *text = NULL;
    error.text[0] = '\0';
    sil_status status =
        sil_mp_parse(&text, bytes->data, bytes->length, &limits, &error);
    if (status == SIL_OK) {
        struct sil_mp_array array = sil_mp_root(text, "the releases");
        status = sil_next_release(line, &array, terms, &DOMAIN, &error);
    }
    sil_mp_free(text);
    return status;
}

static void expect_same_groupings(const struct sil_release *a,
                                  const struct sil_release *b)
{
    cr_assert(eq(int, a->of == NULL, b->of == NULL));
    for (uint32_t k = 0; a->of != NULL && k < a->clique.n; k++) {
        cr_expect(eq(u32, a->of[k].n_values, b->of[k].n_values));
        cr_expect(eq(u32, a->of[k].n_groups, b->of[k].n_groups));
        cr_assert(eq(int, a->of[k].group == NULL, b->of[k].group == NULL));
        cr_expect(a->of[k].group == NULL ||
                  memcmp(a->of[k].group, b->of[k].group,
                         a->of[k].n_values * sizeof(uint32_t)) == 0);
    }
}

/* Written, read, the same in every part, and written again to the same bytes. */
static void expect_round_trip(const struct sil_release *line,
                              const struct sil_terms *terms)
{
    struct sil_bytes bytes = written(line, terms);
    struct sil_release again;
    sil_release_init(&again);

    cr_assert(eq(int, read_line(&again, &bytes, terms), SIL_OK), "%s", error.text);

    cr_expect(eq(int, again.kind, line->kind));
    cr_expect(zero(int, sil_clique_compare(&again.clique, &line->clique)));
    cr_expect(eq(u64, again.sensitivity, line->sensitivity));
    cr_expect(mpq_equal(again.rho.v, line->rho.v) != 0);
    cr_expect(mpq_equal(again.sigma2.v, line->sigma2.v) != 0);
    cr_expect(mpq_equal(again.epsilon.v, line->epsilon.v) != 0);
    cr_assert(eq(sz, again.n_cells, line->n_cells));
    cr_expect(line->n_cells == 0 ||
              memcmp(again.noisy, line->noisy, line->n_cells * sizeof(int64_t)) == 0);
    cr_expect(eq(sz, again.n_candidates, line->n_candidates));
    cr_expect(eq(sz, again.chosen, line->chosen));
    if (terms->mechanism == SIL_MOSAIC) {
        cr_expect(eq(u32, again.weight, line->weight));
        cr_expect(eq(i64, again.penalty, line->penalty));
    }
    expect_same_groupings(&again, line);
    struct sil_bytes bytes_again = written(&again, terms);
    cr_assert(eq(sz, bytes_again.length, bytes.length));
    cr_expect(zero(int, memcmp(bytes_again.data, bytes.data, bytes.length)));
    sil_bytes_clear(&bytes_again);
    sil_bytes_clear(&bytes);
    sil_release_clear(&again);
}

static void expect_both_round_trip(const struct sil_clique *clique,
                                   const struct sil_grouping *of,
                                   const struct sil_terms *terms)
{
    struct sil_release line;
    measure(&line, clique, of, terms);
    expect_round_trip(&line, terms);
    sil_release_clear(&line);
    choose(&line, clique, of, terms);
    expect_round_trip(&line, terms);
    sil_release_clear(&line);
}

Test(lines, of_groups_are_read_back)
{
    const struct sil_grouping first[] = {
        {4, 2, HALVES},
        {3, 3, NULL  }
    };
    const struct sil_grouping second[] = {
        {4, 4, NULL },
        {3, 1, WHOLE}
    };
    const struct sil_grouping both[] = {
        {4, 2, HALVES},
        {3, 1, WHOLE }
    };
    for (int relation = SIL_ADD_REMOVE; relation <= SIL_REPLACE_ONE; relation++) {
        struct sil_terms terms = terms_of(SIL_MOSAIC, (enum sil_neighbours)relation);
        expect_both_round_trip(&PAIR, NULL, &terms);
        expect_both_round_trip(&PAIR, first, &terms);
        expect_both_round_trip(&PAIR, second, &terms);
        expect_both_round_trip(&PAIR, both, &terms);
        sil_terms_clear(&terms);
    }
}

Test(lines, of_as_many_groups_as_two_bytes_tell_apart_are_read_back)
{
    static uint32_t group[WIDE];
    for (uint32_t v = 0; v < WIDE; v++) {
        group[v] = v % SIL_GROUPS_MAX;
    }
    const struct sil_grouping of = {WIDE, SIL_GROUPS_MAX, group};
    const struct sil_clique wide = sil_clique_single(3);
    struct sil_terms terms = terms_of(SIL_MOSAIC, SIL_ADD_REMOVE);
    expect_both_round_trip(&wide, &of, &terms);
    sil_terms_clear(&terms);
}

Test(lines, of_other_mechanisms_have_neither_groups_nor_scores)
{
    static const enum sil_mechanism OTHERS[] = {SIL_AIM, SIL_MST, SIL_INDEPENDENT};

    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) {
        struct sil_terms terms = terms_of(OTHERS[i], SIL_ADD_REMOVE);
        struct sil_release line;
        measure(&line, &PAIR, NULL, &terms);
        expect_round_trip(&line, &terms);
        struct sil_bytes bytes = written(&line, &terms);
        cr_expect(eq(u8, bytes.data[1], 0x98), "an array of eight");
        sil_bytes_clear(&bytes);
        sil_release_clear(&line);

        const struct sil_grouping of[] = {
            {4, 2, HALVES},
            {3, 3, NULL  }
        };
        measure(&line, &PAIR, of, &terms);
        cr_expect(
            eq(int, sil_put_release(&bytes, &line, &terms, &error), SIL_ERR_INTERNAL));
        sil_bytes_clear(&bytes);
        sil_release_clear(&line);
        sil_terms_clear(&terms);
    }
}

/* docs/model-format.md, byte for byte. */
Test(lines, are_written_as_the_format_says)
{
    static const uint8_t MEASURED[] =
        "\x91\x99\xb0rounded-gaussian\x92\x00\x01\xa3"
        "1/1\xa4"
        "25/4\xa4"
        "2/25\xa3"
        "0/1"
        "\x92\xc4\x08\x01\x00\x00\x00\x00\x00\x01\x00\xc4\x00" /* groupings */
        "\x05\xc4\x30";
    static const uint8_t CHOSEN[] =
        "\x91\x9c\xab"
        "exponential\x92\x00\x01\xa6"
        "6144/1\xa3"
        "4/9\xa4"
        "1/18\xa3"
        "0/1"
        "\x90"                                          /* not grouped */
        "\xcd\x01\x2c\xcd\x01\x2b"                      /* candidates, the one chosen */
        "\x05\xcf\x40\x00\x00\x00\x00\x00\x00\x00\x0a"; /* weight, penalty, bits */
    const struct sil_grouping of[] = {
        {4, 2, HALVES},
        {3, 3, NULL  }
    };
    struct sil_terms terms = terms_of(SIL_MOSAIC, SIL_ADD_REMOVE);
    struct sil_release line;

    measure(&line, &PAIR, of, &terms);
    struct sil_bytes bytes = written(&line, &terms);
    cr_assert(eq(sz, bytes.length, sizeof MEASURED - 1 + 6 * sizeof(int64_t)));
    cr_expect(zero(int, memcmp(bytes.data, MEASURED, sizeof MEASURED - 1)));
    sil_bytes_clear(&bytes);
    sil_release_clear(&line);

    choose(&line, &PAIR, NULL, &terms);
    bytes = written(&line, &terms);
    cr_assert(eq(sz, bytes.length, sizeof CHOSEN - 1));
    cr_expect(zero(int, memcmp(bytes.data, CHOSEN, sizeof CHOSEN - 1)));
    sil_bytes_clear(&bytes);
    sil_release_clear(&line);
    sil_terms_clear(&terms);
}

/* ---- what is refused ---- */

/* The bytes of the groupings of PAIR, as they stand in a line. */
struct forgery {
    const char *name;
    const char *bytes;
    size_t length;
    const char *part; /* of the message */
};

#define BYTES(text) (text), sizeof(text) - 1

static const struct forgery FORGERIES[] = {
    {"an empty group",                          BYTES("\x92\xc4\x08\x02\x00\x00\x00\x00\x00\x02\x00\xc4\x00"),
     "empty group"                                                                                                               },
    {"a group far beyond",
     BYTES("\x92\xc4\x08\x01\x00\x00\x00\x00\x00\x01\x01\xc4\x00"),                                            "empty group"     },
    {"single values spelled out",
     BYTES("\x92\xc4\x08\x00\x00\x01\x00\x02\x00\x03\x00\xc4\x00"),                                            "spelled out"     },
    {"single values spelled out beside groups",
     BYTES("\x92\xc4\x08\x01\x00\x00\x00\x00\x00\x01\x00"
           "\xc4\x06\x00\x00\x01\x00\x02\x00"),
     "spelled out"                                                                                                               },
    {"nothing grouped, spelled out",            BYTES("\x92\xc4\x00\xc4\x00"),                                 "group nothing"   },
    {"a value too few",                         BYTES("\x92\xc4\x06\x01\x00\x00\x00\x00\x00\xc4\x00"),
     "column's values"                                                                                                           },
    {"a value too many",
     BYTES("\x92\xc4\x0a\x01\x00\x00\x00\x00\x00\x01\x00\x00\x00\xc4\x00"),
     "column's values"                                                                                                           },
    {"half a value",                            BYTES("\x92\xc4\x07\x01\x00\x00\x00\x00\x00\x01\xc4\x00"),
     "column's values"                                                                                                           },
    {"the other column's",
     BYTES("\x92\xc4\x00\xc4\x08\x01\x00\x00\x00\x00\x00\x01\x00"),                                            "column's values" },
    {"one for two columns",                     BYTES("\x91\xc4\x08\x01\x00\x00\x00\x00\x00\x01\x00"),
     "for each"                                                                                                                  },
    {"three for two columns",
     BYTES("\x93\xc4\x08\x01\x00\x00\x00\x00\x00\x01\x00\xc4\x00\xc4\x00"),                                    "for each"        },
    {"a number for a grouping",                 BYTES("\x92\x01\xc4\x00"),                                     "a grouping"      },
    {"a string for a grouping",                 BYTES("\x92\xa0\xc4\x00"),                                     "a grouping"      },
    {"a byte string for the array",             BYTES("\xc4\x00"),                                             "the groupings"   },
    {"none at all",                             BYTES(""),                                                     "the groupings"   },
    {"other groups than were measured",         BYTES("\x90"),                                                 "the noisy counts"},
};

/* `bytes` with those from `at` replaced by others. */
static struct sil_bytes spliced(const struct sil_bytes *bytes, size_t at, size_t length,
                                const char *by, size_t by_length)
{
    struct sil_bytes out = {0};
    cr_assert(eq(int, sil_bytes_append(&out, bytes->data, at, &error), SIL_OK));
    cr_assert(eq(int, sil_bytes_append(&out, by, by_length, &error), SIL_OK));
    cr_assert(eq(int,
                 sil_bytes_append(&out, bytes->data + at + length,
                                  bytes->length - at - length, &error),
                 SIL_OK));
    return out;
}

static void expect_refused(const struct sil_bytes *bytes, const struct sil_terms *terms,
                           const char *what, const char *part)
{
    struct sil_release line;
    sil_release_init(&line);
    cr_expect(eq(int, read_line(&line, bytes, terms), SIL_ERR_INPUT), "%s", what);
    cr_expect(ne(ptr, strstr(error.text, part), NULL), "%s: %s", what, error.text);
    sil_release_clear(&line);
}

Test(lines, with_groupings_that_are_no_partitions_or_not_canonical_are_refused)
{
    static const char RIGHT[] = "\x92\xc4\x08\x01\x00\x00\x00\x00\x00\x01\x00\xc4\x00";
    const struct sil_grouping of[] = {
        {4, 2, HALVES},
        {3, 3, NULL  }
    };
    struct sil_terms terms = terms_of(SIL_MOSAIC, SIL_ADD_REMOVE);
    struct sil_release line;
    measure(&line, &PAIR, of, &terms);
    struct sil_bytes bytes = written(&line, &terms);
    size_t at = 0;
    while (memcmp(bytes.data + at, RIGHT, sizeof RIGHT - 1) != 0) {
        at++;
    }
    for (size_t i = 0; i < sizeof FORGERIES / sizeof FORGERIES[0]; i++) {
        const struct forgery *forgery = &FORGERIES[i];
        struct sil_bytes forged =
            spliced(&bytes, at, sizeof RIGHT - 1, forgery->bytes, forgery->length);
        forged.data[1] -= forgery->length == 0; /* one element less */
        expect_refused(&forged, &terms, forgery->name, forgery->part);
        sil_bytes_clear(&forged);
    }
    sil_bytes_clear(&bytes);
    sil_release_clear(&line);
    sil_terms_clear(&terms);
}

Test(lines, of_groups_have_three_columns_at_most)
{
    static const uint32_t SMALL[] = {4, 3, 2, 2};
    const struct sil_domain domain = {.n_attrs = 4, .sizes = SMALL};
    const struct sil_clique four = {
        .n = 4, .attr = {0, 1, 2, 3}
    };
    const struct sil_grouping of[] = {
        {4, 2, HALVES},
        {3, 3, NULL  },
        {2, 2, NULL  },
        {2, 2, NULL  }
    };
    const struct sil_mp_limits limits = {.values = 100, .depth = 4};
    for (uint32_t n = 3; n <= 4; n++) {
        struct sil_clique clique = four;
        struct sil_bytes bytes = {0};
        struct sil_mp_text *text = NULL;
        struct sil_grouping *read = NULL;
        clique.n = n;
        cr_assert(eq(int, sil_mp_put_array(&bytes, 1, NULL), SIL_OK));
        cr_assert(eq(int, sil_put_groupings(&bytes, of, n, NULL), SIL_OK));
        cr_assert(eq(int, sil_mp_parse(&text, bytes.data, bytes.length, &limits, NULL),
                     SIL_OK));
        struct sil_mp_array array = sil_mp_root(text, "a line");
        sil_status status = sil_next_groupings(&read, &array, &clique, &domain, &error);
        cr_expect(eq(int, status, n == 3 ? SIL_OK : SIL_ERR_INPUT));
        cr_expect(eq(int, read == NULL, n == 4));
        cr_expect(n == 3 || strstr(error.text, "too many columns") != NULL, "%s",
                  error.text);
        free(read);
        sil_mp_free(text);
        sil_bytes_clear(&bytes);
    }
}

/* A column of 2^32 - 1 values whose grouping has no bytes costs none. */
Test(lines, cost_memory_in_proportion_to_their_bytes)
{
    const struct sil_clique huge = {
        .n = 2, .attr = {0, 4}
    };
    const struct sil_grouping of[] = {
        {4,          2,          HALVES},
        {UINT32_MAX, UINT32_MAX, NULL  }
    };
    struct sil_terms terms = terms_of(SIL_MOSAIC, SIL_ADD_REMOVE);
    struct sil_release line;
    choose(&line, &huge, of, &terms);
    expect_round_trip(&line, &terms);
    sil_release_clear(&line);
    sil_terms_clear(&terms);
}

/* ---- scores ---- */

static void no_weight(struct sil_release *line)
{
    line->weight = 0;
}

static void more_weight_than_the_sensitivity(struct sil_release *line)
{
    line->weight = 7;
}

static void too_much_weight(struct sil_release *line)
{
    line->weight = (1U << 20) + 1;
}

static void too_much_penalty(struct sil_release *line)
{
    line->penalty = (INT64_C(1) << 62) + 1;
}

static void negative_penalty(struct sil_release *line)
{
    line->penalty = -1;
}

static const struct {
    const char *name;
    void (*forge)(struct sil_release *line);
    const char *part;
} SCORES[] = {
    {"no weight",                        no_weight,                        "sensitivity"},
    {"more weight than the sensitivity", more_weight_than_the_sensitivity,
     "sensitivity"                                                                      },
    {"too much weight",                  too_much_weight,                  "the weight" },
    {"too much penalty",                 too_much_penalty,                 "the penalty"},
    {"a negative penalty",               negative_penalty,                 "the penalty"},
};

Test(lines, with_scores_that_no_gate_gives_are_refused)
{
    for (int relation = SIL_ADD_REMOVE; relation <= SIL_REPLACE_ONE; relation++) {
        struct sil_terms terms = terms_of(SIL_MOSAIC, (enum sil_neighbours)relation);
        for (size_t i = 0; i < sizeof SCORES / sizeof SCORES[0]; i++) {
            struct sil_release line;
            choose(&line, &PAIR, NULL, &terms);
            SCORES[i].forge(&line);
            struct sil_bytes bytes = written(&line, &terms);
            expect_refused(&bytes, &terms, SCORES[i].name, SCORES[i].part);
            sil_bytes_clear(&bytes);
            sil_release_clear(&line);
        }
        struct sil_release line;
        choose(&line, &PAIR, NULL, &terms);
        struct sil_bytes bytes = written(&line, &terms);
        bytes.data[bytes.length - 1]++;
        expect_refused(&bytes, &terms, "other bits", "units");
        sil_bytes_clear(&bytes);
        sil_release_clear(&line);
        sil_terms_clear(&terms);
    }
}

/* Lines of one mechanism are not those of another. */
Test(lines, of_mosaic_and_of_others_are_not_taken_for_each_other)
{
    struct sil_terms mosaic = terms_of(SIL_MOSAIC, SIL_ADD_REMOVE);
    struct sil_terms aim = terms_of(SIL_AIM, SIL_ADD_REMOVE);
    struct sil_release line;
    for (int kind = SIL_RELEASE_MEASURE; kind <= SIL_RELEASE_SELECT; kind++) {
        (kind == SIL_RELEASE_MEASURE ? measure : choose)(&line, &PAIR, NULL, &mosaic);
        struct sil_bytes with = written(&line, &mosaic);
        struct sil_bytes without = written(&line, &aim);
        expect_refused(&with, &aim, "groupings in aim", "");
        expect_refused(&without, &mosaic, "no groupings in mosaic", "");
        sil_bytes_clear(&with);
        sil_bytes_clear(&without);
        sil_release_clear(&line);
    }
    sil_terms_clear(&mosaic);
    sil_terms_clear(&aim);
}

/* ---- every changed bit ---- */

/* What became of changed lines. */
struct outcome {
    size_t n_read;  /* taken for another line */
    size_t n_wrong; /* and that one is written otherwise, or refused without a reason */
};

static void read_changed(const struct sil_bytes *bytes, const struct sil_terms *terms,
                         struct outcome *outcome)
{
    struct sil_release line;
    sil_release_init(&line);
    sil_status status = read_line(&line, bytes, terms);
    if (status == SIL_OK) {
        struct sil_bytes again = written(&line, terms);
        outcome->n_wrong += again.length != bytes->length ||
                            memcmp(again.data, bytes->data, bytes->length) != 0;
        outcome->n_read++;
        sil_bytes_clear(&again);
    } else {
        outcome->n_wrong +=
            (status != SIL_ERR_INPUT && status != SIL_ERR_UNSUPPORTED) ||
            error.text[0] == '\0';
    }
    sil_release_clear(&line);
}

static void expect_one_encoding(const struct sil_release *line,
                                const struct sil_terms *terms)
{
    struct sil_bytes bytes = written(line, terms);
    struct outcome outcome = {0};
    for (size_t bit = 0; bit < 8 * bytes.length; bit++) {
        bytes.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        read_changed(&bytes, terms, &outcome);
        bytes.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
    /* And several bytes at once, in what follows the cost. */
    struct test_random random = {.state = 20261122};
    for (size_t i = 0; i < test_cases(5000); i++) {
        struct sil_bytes changed = spliced(&bytes, 0, 0, "", 0);
        size_t from = changed.length / 3;
        for (uint64_t k = 1 + test_below(&random, 4); k > 0; k--) {
            size_t at = from + test_below(&random, changed.length - from);
            changed.data[at] = (uint8_t)test_below(&random, 4);
        }
        read_changed(&changed, terms, &outcome);
        sil_bytes_clear(&changed);
    }
    cr_expect(zero(sz, outcome.n_wrong));
    cr_expect(ne(sz, outcome.n_read, 0), "noisy counts and penalties are free");
    sil_bytes_clear(&bytes);
}

Test(lines, changed_are_refused_or_the_one_encoding_of_something_else)
{
    const struct sil_grouping of[] = {
        {4, 2, HALVES},
        {3, 1, WHOLE }
    };
    struct sil_terms terms = terms_of(SIL_MOSAIC, SIL_REPLACE_ONE);
    struct sil_release line;
    measure(&line, &PAIR, of, &terms);
    expect_one_encoding(&line, &terms);
    sil_release_clear(&line);
    choose(&line, &PAIR, of, &terms);
    expect_one_encoding(&line, &terms);
    sil_release_clear(&line);
    sil_terms_clear(&terms);
}
