// SPDX-License-Identifier: Apache-2.0
#include "audits/claim/discovery.h"

#include "audits/claim/walk.h"
#include "audits/table/table.h"
#include "base/fail.h"

#include <mpfr.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 320, SHARE = 10 };

static sil_status refuse(struct sil_error *err, size_t i, const char *what)
{
    return aud_refuse(err, "M4", "discovery %zu: %s", i + 1, what);
}

/* ---- the tail ---- */

/* K P[Z >= steps], Z the rounded noise in steps of the grid: K erfc(x) / 2 with x^2 =
 * (2 steps - 1)^2 / (8 sigma^2 4^shift), rounded down (-1) or up (1). */
static void tail(mpfr_t out, const struct aud_discovery *found, uint64_t rows,
                 const mpz_t steps, int direction)
{
    mpfr_rnd_t with = direction < 0 ? MPFR_RNDD : MPFR_RNDU;
    mpfr_rnd_t against = direction < 0 ? MPFR_RNDU : MPFR_RNDD;
    mpq_t square;
    mpq_init(square);
    mpz_mul_ui(mpq_numref(square), steps, 2);
    mpz_sub_ui(mpq_numref(square), mpq_numref(square), 1);
    mpz_mul(mpq_numref(square), mpq_numref(square), mpq_numref(square));
    mpz_set_ui(mpq_denref(square), 8);
    mpz_mul_2exp(mpq_denref(square), mpq_denref(square), 2 * found->shift);
    mpq_canonicalize(square);
    mpq_div(square, square, found->parameter);
    mpfr_set_q(out, square, against);
    mpfr_sqrt(out, out, against);
    mpfr_erfc(out, out, with);
    mpfr_mul_ui(out, out, rows, with);
    mpfr_div_ui(out, out, 2, with);
    mpq_clear(square);
}

/* 1: at most delta for sure; -1: above it for sure; 0: too close to say. */
static int compare_tail(const struct aud_discovery *found, uint64_t rows,
                        const mpz_t steps)
{
    mpfr_t bound;
    if (mpz_sgn(steps) <= 0) {
        return -1; /* half of all noise and more: no delta is so large */
    }
    mpfr_init2(bound, BITS);
    tail(bound, found, rows, steps, 1);
    int order = mpfr_cmp_q(bound, found->delta) <= 0 ? 1 : 0;
    if (order == 0) {
        tail(bound, found, rows, steps, -1);
        order = mpfr_cmp_q(bound, found->delta) > 0 ? -1 : 0;
    }
    mpfr_clear(bound);
    return order;
}

/* The threshold in steps of the grid, above K rows; false: it is on no step. */
static bool steps_of(mpz_t steps, const struct aud_discovery *found, uint64_t rows)
{
    mpq_t above;
    mpq_init(above);
    mpq_set_ui(above, rows, 1);
    mpq_sub(above, found->threshold, above);
    mpq_mul_2exp(above, above, found->shift);
    mpz_set(steps, mpq_numref(above));
    bool is = mpz_cmp_ui(mpq_denref(above), 1) == 0;
    mpq_clear(above);
    return is;
}

static sil_status check_threshold(const struct aud_discovery *found, size_t i,
                                  uint64_t rows, struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpz_t steps;
    mpz_init(steps);
    if (!steps_of(steps, found, rows)) {
        status = refuse(err, i, "its threshold is none of the grid's");
        goto cleanup;
    }
    if (compare_tail(found, rows, steps) != 1) {
        status = refuse(err, i,
                        "its threshold lets values of one person pass more often than "
                        "its delta pays for");
        goto cleanup;
    }
    mpz_sub_ui(steps, steps, 1);
    if (compare_tail(found, rows, steps) == 1) {
        status = refuse(err, i, "its threshold is not the smallest that will do");
    }

cleanup:
    mpz_clear(steps);
    return status;
}

/* ---- the cost ---- */

static uint64_t squared_of(const struct aud_transcript *transcript)
{
    return transcript->max_contrib * transcript->max_contrib *
           (transcript->is_replace ? 2 : 1);
}

static sil_status check_cost(const struct aud_discovery *found, size_t i,
                             const struct aud_transcript *transcript,
                             struct sil_error *err)
{
    const char *what = NULL;
    mpq_t due;
    mpq_init(due);
    aud_share(due, transcript->cap.v, 1, SHARE * transcript->n_found);
    if (mpq_equal(found->rho, due) == 0) {
        what = "its rho is not its share of a tenth of the cap";
    }
    mpq_set_ui(due, transcript->n_found, 1);
    mpq_div(due, transcript->discovery.v, due);
    if (mpq_equal(found->delta, due) == 0) {
        what = "its delta is not its share of what the plan has for discovery";
    }
    if (mpq_cmp_ui(found->sensitivity, squared_of(transcript), 1) != 0) {
        what = "a count of values moves by another distance";
    }
    mpq_clear(due);
    if (found->shift != aud_shift_of(found->parameter)) {
        what = "noise of this size is drawn on another grid";
    }
    return what == NULL ? SIL_OK : refuse(err, i, what);
}

/* ---- the values ---- */

static bool ascends(struct aud_bin before, struct aud_bin value)
{
    size_t shorter = before.length < value.length ? before.length : value.length;
    int order = memcmp(before.data, value.data, shorter);
    return order < 0 || (order == 0 && before.length < value.length);
}

static sil_status check_values(const struct aud_discovery *found, size_t i,
                               const struct aud_field *field, struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t noisy;
    mpq_init(noisy);
    if (found->n_noisy != found->n_values) {
        status = refuse(err, i, "not a count for each value");
    }
    for (size_t k = 0; k < found->n_values && status == SIL_OK; k++) {
        mpq_set_si(noisy, found->noisy[k], 1);
        mpq_div_2exp(noisy, noisy, found->shift);
        if (mpq_cmp(noisy, found->threshold) < 0) {
            status = refuse(err, i, "a value below its threshold");
        } else if (k > 0 && !ascends(found->value[k - 1], found->value[k])) {
            status = refuse(err, i, "values in another order than that of their bytes");
        } else if (!aud_field_may_find(field, (const char *)found->value[k].data,
                                       found->value[k].length)) {
            status = refuse(err, i, "a value that is not looked for");
        }
    }
    mpq_clear(noisy);
    return status;
}

sil_status aud_discovery_check(const struct aud_transcript *transcript,
                               const struct aud_workload *workload,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_table table = {0};
    size_t i = 0;
    (void)workload;
    SIL_TRY(aud_table_begin(&table, (const char *)transcript->schema.data,
                            transcript->schema.length, err));
    for (size_t a = 0; a < table.n_fields; a++) {
        if (!table.field[a].is_open) {
            continue;
        }
        if (i == transcript->n_found || transcript->found[i].attr != a) {
            status = refuse(err, i, "it is missing, or of another field");
            goto cleanup;
        }
        SIL_TRY(check_cost(&transcript->found[i], i, transcript, err));
        SIL_TRY(
            check_threshold(&transcript->found[i], i, transcript->max_contrib, err));
        SIL_TRY(check_values(&transcript->found[i], i, &table.field[a], err));
        i++;
    }
    if (i != transcript->n_found) {
        status = refuse(err, i, "of a field that is not open");
    }

cleanup:
    aud_table_clear(&table);
    return status;
}

void aud_discovery_tell(struct aud_table *table,
                        const struct aud_transcript *transcript)
{
    for (size_t d = 0; d < transcript->n_found; d++) {
        const struct aud_discovery *found = &transcript->found[d];
        for (size_t i = 0; found->attr < table->n_fields && i < found->n_values; i++) {
            const struct aud_text text = {.text = (const char *)found->value[i].data,
                                          .length = found->value[i].length};
            aud_field_leave_found(&table->field[found->attr], &text);
        }
    }
}
