// SPDX-License-Identifier: Apache-2.0
#include "audits/claim/printed.h"
#include "audits/claim/rows.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

static const struct sample {
    const char *value, *rational, *decimal;
} SAMPLES[] = {
    {"0",                "0/1",                "0"              },
    {"1",                "1/1",                "1"              },
    {"6/4",              "3/2",                "1.5"            },
    {"1/3",              "1/3",                "0.333334"       },
    {"1/1000000",        "1/1000000",          "1e-6"           },
    {"1/10000",          "1/10000",            "0.0001"         },
    {"1/10001",          "1/10001",            "9.99901e-5"     },
    {"3/2000000000",     "3/2000000000",       "1.5e-9"         },
    {"9999995/10000000", "1999999/2000000",    "1"              },
    {"999999/1000000",   "999999/1000000",     "0.999999"       },
    {"12345678",         "12345678/1",         "12345700"       },
    {"999999000000000",  "999999000000000/1",  "999999000000000"},
    {"1000000000000000", "1000000000000000/1", "1e15"           },
    {"1000000000000001", "1000000000000001/1", "1.00001e15"     },
    {"20/3",             "20/3",               "6.66667"        },
    {"100000",           "100000/1",           "100000"         },
    {"9/1000",           "9/1000",             "0.009"          },
};

enum { N_SAMPLES = sizeof SAMPLES / sizeof SAMPLES[0] };

Test(audit_printed, numbers_are_written_as_the_documents_have_them)
{
    for (size_t i = 0; i < N_SAMPLES; i++) {
        const struct sample *sample = &SAMPLES[i];
        struct sil_bytes text = {0};
        mpq_t value;
        mpq_init(value);
        cr_assert(zero(int, mpq_set_str(value, sample->value, 10)));
        mpq_canonicalize(value);
        cr_assert(eq(int, aud_print_rational(&text, value, NULL), SIL_OK));
        cr_assert(eq(int, sil_bytes_append(&text, " ", 1, NULL), SIL_OK));
        cr_assert(eq(int, aud_print_decimal(&text, value, NULL), SIL_OK));
        cr_assert(eq(int, sil_bytes_append(&text, "", 1, NULL), SIL_OK));
        char *space = strchr((char *)text.data, ' ');
        cr_assert(ne(ptr, space, NULL));
        *space = '\0';
        cr_expect(zero(int, strcmp((char *)text.data, sample->rational)));
        cr_expect(zero(int, strcmp(space + 1, sample->decimal)), "%s", space + 1);
        sil_bytes_clear(&text);
        mpq_clear(value);
    }
}

/* Two measurements: totals 10 (variance 4 x 2) and 13 (variance 1 x 4): the weighted mean
 * is (10 / 8 + 13 / 4) / (1 / 8 + 1 / 4) = 12. */
Test(audit_printed, the_rows_are_the_weighted_mean_of_the_totals)
{
    int64_t two[] = {12, 8};
    int64_t four[] = {-16, 40, 4, 24};
    struct aud_left left[2] = {
        {.noisy = two,  .n_cells = 2, .shift = 1},
        {.noisy = four, .n_cells = 4, .shift = 2}
    };
    struct aud_transcript transcript = {.method = AUD_MST, .left = left, .n_left = 2};
    mpq_t rows;
    mpq_init(rows);
    mpq_init(left[0].parameter);
    mpq_init(left[1].parameter);
    mpq_set_ui(left[0].parameter, 4, 1);
    mpq_set_ui(left[1].parameter, 1, 1);
    cr_expect(aud_estimate_rows(rows, &transcript));
    cr_expect(zero(int, mpq_cmp_ui(rows, 12, 1)));
    cr_expect(aud_is_estimate(&transcript, 12));
    cr_expect(not(aud_is_estimate(&transcript, 11)));
    cr_expect(not(aud_is_estimate(&transcript, 13)));

    /* 12.5 may be either; below 1 there is one row. */
    two[0] = 15;
    cr_expect(aud_is_estimate(&transcript, 12) && aud_is_estimate(&transcript, 13));
    two[0] = -4000;
    cr_expect(aud_is_estimate(&transcript, 1) && !aud_is_estimate(&transcript, 0));
    mpq_clears(rows, left[0].parameter, left[1].parameter, (mpq_ptr)NULL);
}

/* Totals 10, 40 and 70 of one column, of variance 1; a choice ends what tells of the rows. */
Test(audit_printed, in_mosaic_the_rows_are_those_of_the_first_columns)
{
    static const struct {
        size_t n_left;
        size_t choice; ///< its place; n_left: there is none
        unsigned long rows;
    } RUNS[] = {
        {3, 1, 10},
        {3, 2, 25},
        {1, 1, 10},
        {2, 2, 10},
        {3, 3, 25},
    };

    int64_t totals[] = {10, 40, 70};
    for (size_t k = 0; k < sizeof RUNS / sizeof RUNS[0]; k++) {
        struct aud_left left[3] = {{0}};
        struct aud_transcript transcript = {.method = AUD_MOSAIC,
                                            .left = left,
                                            .n_left = RUNS[k].n_left,
                                            .n_columns = 1};
        mpq_t rows;
        mpq_init(rows);
        for (size_t i = 0; i < 3; i++) {
            left[i] = (struct aud_left){
                .noisy = &totals[i], .n_cells = 1, .is_choice = i == RUNS[k].choice};
            mpq_init(left[i].parameter);
            mpq_set_ui(left[i].parameter, 1, 1);
        }
        cr_expect(aud_estimate_rows(rows, &transcript));
        cr_expect(zero(int, mpq_cmp_ui(rows, RUNS[k].rows, 1)), "run %zu", k);
        for (size_t i = 0; i < 3; i++) {
            mpq_clear(left[i].parameter);
        }
        mpq_clear(rows);
    }
}

/* Variances that have next to nothing in common, as no run draws them: the sum would have as
 * many digits as all of them together. */
Test(audit_printed, rows_are_not_estimated_by_variances_that_make_an_endless_sum)
{
    enum { N = 64, BITS = 9000 };

    static struct aud_left left[N];
    int64_t noisy = 5;
    struct aud_transcript transcript = {
        .method = AUD_INDEPENDENT, .left = left, .n_left = N, .n_columns = 1};
    mpq_t rows;
    mpq_init(rows);
    for (unsigned long i = 0; i < N; i++) {
        left[i] = (struct aud_left){.noisy = &noisy, .n_cells = 1, .n_attrs = 1};
        mpq_init(left[i].parameter);
        mpz_ui_pow_ui(mpq_numref(left[i].parameter), 2, BITS);
        mpz_add_ui(mpq_numref(left[i].parameter), mpq_numref(left[i].parameter),
                   2 * i + 1);
    }
    cr_expect(not(aud_estimate_rows(rows, &transcript)));
    cr_expect(zero(int, mpq_sgn(rows)));
    transcript.n_left = 2;
    cr_expect(aud_estimate_rows(rows, &transcript));
    cr_expect(eq(int, mpq_cmp_ui(rows, 5, 1), 0));
    for (size_t i = 0; i < N; i++) {
        mpq_clear(left[i].parameter);
    }
    mpq_clear(rows);
}
