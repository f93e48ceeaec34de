// SPDX-License-Identifier: Apache-2.0
/* Values that nobody listed, for an auditor who holds the data. */
#include "audits/claim/learnt.h"
#include "audits/claim/search.h"
#include "audits/ledger/reading.h"
#include "audits/table/table.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const struct aud_discovery *find_discovery(
    const struct aud_transcript *transcript, size_t attr)
{
    const struct aud_discovery *found = NULL;
    for (size_t i = 0; i < transcript->n_found && found == NULL; i++) {
        found = transcript->found[i].attr == attr ? &transcript->found[i] : NULL;
    }
    return found;
}

static sil_status settle(struct aud_table *table, size_t attr,
                         const struct aud_discovery *found, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_text *text = NULL;
    SIL_TRY(sil_alloc(&text, found->n_values, sizeof *text, "values", err));
    for (size_t i = 0; i < found->n_values; i++) {
        text[i] = (struct aud_text){.text = (const char *)found->value[i].data,
                                    .length = found->value[i].length};
    }
    status = aud_table_settle(table, attr, text, found->n_values, err);
    if (status == SIL_ERR_INPUT) {
        status = aud_refuse(err, "D1",
                            "values were found that no honest run looks for, or out of "
                            "their order");
    }

cleanup:
    free(text);
    return status;
}

static sil_status settle_bins(struct aud_table *table, size_t attr,
                              const struct aud_transcript *transcript,
                              struct sil_error *err)
{
    struct aud_learnt learnt = {0};
    sil_status status =
        aud_learnt_find(&learnt, transcript, attr, &table->field[attr], err);
    if (status == SIL_OK) {
        status = aud_table_settle_bins(table, attr, learnt.bin, learnt.n_bins, err);
    }
    aud_learnt_clear(&learnt);
    return status;
}

sil_status aud_settle_found(struct aud_table *table,
                            const struct aud_transcript *transcript,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n_open = 0;
    if (table->n_fields != transcript->n_columns) {
        return aud_refuse(err, "D1",
                          "the schema has other columns than the transcript");
    }
    for (size_t attr = 0; attr < table->n_fields; attr++) {
        const struct aud_discovery *found = find_discovery(transcript, attr);
        if ((found != NULL) != table->field[attr].is_open) {
            return aud_refuse(err, "D1",
                              "values were found of other fields than the open ones");
        }
        if (found != NULL) {
            SIL_TRY(settle(table, attr, found, err));
            n_open++;
        }
        if (table->field[attr].has_leaves) {
            SIL_TRY(settle_bins(table, attr, transcript, err));
        }
    }
    if (n_open != transcript->n_found) {
        status = aud_refuse(err, "D1", "values of a field were found twice");
    }

cleanup:
    return status;
}

/* ---- what was found, against the rows ---- */

struct looking {
    struct aud_search search;
    size_t n_values; ///< found
    size_t n_foreign, n_low;
};

/* In steps of the grid: the smallest that a noisy count may be. */
static int64_t threshold_of(const struct aud_discovery *found)
{
    mpq_t steps;
    mpz_t whole;
    mpq_init(steps);
    mpz_init(whole);
    mpq_mul_2exp(steps, found->threshold, found->shift);
    mpz_cdiv_q(whole, mpq_numref(steps), mpq_denref(steps));
    int64_t threshold = mpz_fits_slong_p(whole) != 0 ? mpz_get_si(whole)
                        : mpz_sgn(whole) < 0         ? INT64_MIN
                                                     : INT64_MAX;
    mpz_clear(whole);
    mpq_clear(steps);
    return threshold;
}

/* Each text that some row has: was it found, and what of? `is_known` notes which of the
 * values found are texts of rows. */
static sil_status look_at_texts(struct looking *out, bool *is_known,
                                const struct aud_field *field,
                                const struct aud_discovery *found,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    const int64_t threshold = threshold_of(found);
    const struct aud_search_law law = {.sigma = sqrt(mpq_get_d(found->parameter)) *
                                                ldexp(1, (int)found->shift),
                                       .threshold = (double)threshold,
                                       .shift = found->shift,
                                       .field = found->attr};
    if (!(law.sigma > 0) || !isfinite(law.sigma)) {
        return aud_refuse(err, "C2", "values were found with noise of no size");
    }
    for (size_t i = 0; i < field->n_unlisted; i++) {
        const struct aud_unlisted *text = &field->unlisted[i];
        const int64_t *noisy =
            text->found == AUD_UNFOUND ? NULL : &found->noisy[text->found];
        if (text->count == 0) {
            continue;
        }
        if (noisy != NULL) {
            is_known[text->found] = true;
        }
        if (noisy != NULL && *noisy < threshold) {
            out->n_low++;
            continue;
        }
        SIL_TRY(aud_search_add(&out->search, &law, text->count, noisy, err));
    }

cleanup:
    return status;
}

static sil_status look_at(struct looking *out, const struct aud_field *field,
                          const struct aud_discovery *found, struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool *is_known = NULL;
    if (found->n_noisy != found->n_values) {
        return aud_refuse(err, "C2", "not a count for each value found");
    }
    SIL_TRY(sil_alloc(&is_known, found->n_values, sizeof *is_known, "values", err));
    SIL_TRY(look_at_texts(out, is_known, field, found, err));
    out->n_values += found->n_values;
    for (size_t i = 0; i < found->n_values; i++) {
        out->n_foreign += !is_known[i];
    }

cleanup:
    free(is_known);
    return status;
}

static void note_power(struct aud_case *item, const struct aud_search_tests *tests)
{
    char ratio[80] = "";
    char noise[80] = "no factor of too little noise";
    char place[80] = "no other threshold";
    char rare[80] = "no single value";
    if (tests->n_found > 0) {
        (void)snprintf(ratio, sizeof ratio,
                       ", with noise of %.4g times the claimed standard deviation",
                       tests->ratio);
    }
    if (tests->seen > 0) {
        (void)snprintf(noise, sizeof noise, "noise %.3f times too little", tests->seen);
    }
    if (tests->shift > 0) {
        (void)snprintf(place, sizeof place,
                       "a threshold about %.2f standard deviations off", tests->shift);
    }
    if (tests->rare > 0) {
        (void)snprintf(rare, sizeof rare, "a single value of at most %" PRIu64 " rows",
                       tests->rare);
    }
    aud_find(
        &item->findings, "C2", "What would have been seen", AUD_HOLDS,
        "%zu of %zu texts were found%s; with power 0.99: %s, %s; for sure, if found: "
        "%s",
        tests->n_found, tests->n_texts, ratio, noise, place, rare);
}

static void note_search(struct aud_case *item, const struct aud_search_tests *tests)
{
    for (int test = 0; test < AUD_N_SEARCHES; test++) {
        bool is_odd = tests->adjusted[test] < AUD_SEARCH_LEVEL;
        if (!tests->has_run[test]) {
            aud_find(&item->findings, "C2", aud_search_name(test), AUD_NOT_EXAMINED,
                     "too few values for this test");
            continue;
        }
        aud_find(&item->findings, "C2", aud_search_name(test),
                 is_odd ? AUD_REFUTED : AUD_HOLDS, "p = %.3g, adjusted %.3g",
                 tests->p[test], tests->adjusted[test]);
        aud_find_p(&item->findings, tests->adjusted[test]);
    }
    note_power(item, tests);
}

sil_status aud_check_found(struct aud_case *item, const struct aud_table *table,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_transcript *transcript = &item->transcript;
    struct looking looking = {.n_values = 0};
    struct aud_search_tests tests;
    for (size_t i = 0; i < transcript->n_found; i++) {
        const struct aud_discovery *found = &transcript->found[i];
        SIL_TRY(look_at(&looking, &table->field[found->attr], found, err));
    }
    if (transcript->n_found > 0) {
        bool is = looking.n_foreign == 0 && looking.n_low == 0;
        aud_find(&item->findings, "C2", "Every value found is one that rows have",
                 is ? AUD_HOLDS : AUD_REFUTED,
                 "of %zu values found %zu are of no row that counts, %zu others below "
                 "their threshold",
                 looking.n_values, looking.n_foreign, looking.n_low);
        SIL_TRY(aud_search_run(&tests, &looking.search, err));
        note_search(item, &tests);
    }

cleanup:
    aud_search_clear(&looking.search);
    return status;
}
