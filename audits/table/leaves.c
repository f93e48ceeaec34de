// SPDX-License-Identifier: Apache-2.0
/* Fields whose bins are learnt: leaves, the finest intervals that a bin can be made of, by
 * docs/schema.md; and the bins once it is known which leaves they are made of. */
#include "audits/table/field.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>

enum { LEAVES_MAX = 1 << 17, WANTED_MAX = 1024 };

/* ceil (up) or floor of a / b. */
static void whole(mpz_t out, const mpq_t a, const mpq_t b, bool up)
{
    mpq_t ratio;
    mpq_init(ratio);
    mpq_div(ratio, a, b);
    if (up) {
        mpz_cdiv_q(out, mpq_numref(ratio), mpq_denref(ratio));
    } else {
        mpz_fdiv_q(out, mpq_numref(ratio), mpq_denref(ratio));
    }
    mpq_clear(ratio);
}

/* The step at which values are written. */
static bool find_step(mpq_t step, const struct aud_field *field, const json_t *object,
                      const mpq_t span)
{
    mpq_t width;
    mpq_init(width);
    mpq_set_ui(width, field->wanted, 1);
    mpq_div(width, span, width);
    bool is = aud_field_read_step(step, field, object, width);
    mpq_clear(width);
    return is;
}

/* Points from the first multiple of the step, counted from the lower bound for dates and
 * times, up to the upper bound: shared out to as few leaves as can be allowed to be many. */
static bool make_leaves(struct aud_field *field, const mpq_t from, const mpq_t to,
                        const mpq_t step)
{
    bool is_calendar = field->type == AUD_DATE || field->type == AUD_DATETIME;
    mpq_t rest;
    mpz_t points;
    mpq_init(rest);
    mpz_init(points);
    mpq_set(field->leaf, from);
    if (!is_calendar) {
        whole(points, from, step, true);
        mpq_set_z(field->leaf, points);
        mpq_mul(field->leaf, field->leaf, step);
    }
    mpq_sub(rest, to, field->leaf);
    whole(points, rest, step, false);
    mpz_add_ui(points, points, 1);
    bool is = mpz_sgn(points) > 0;
    if (is) {
        mpz_t each;
        mpz_init(each);
        mpz_cdiv_q_ui(each, points, LEAVES_MAX);
        mpq_set_z(rest, each);
        mpq_mul(field->width, rest, step);
        mpz_cdiv_q(points, points, each);
        field->n_plain = (uint32_t)mpz_get_ui(points);
        mpz_clear(each);
    }
    mpz_clear(points);
    mpq_clear(rest);
    return is;
}

sil_status aud_field_read_leaves(struct aud_field *field, const json_t *object,
                                 const mpq_t from, const mpq_t to,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    const json_t *bins = json_object_get(json_object_get(object, "silhouette"), "bins");
    const json_int_t wanted = json_integer_value(json_object_get(bins, "private"));
    mpq_t span;
    mpq_t step;
    mpq_inits(span, step, (mpq_ptr)NULL);
    mpq_sub(span, to, from);
    bool is = wanted >= 2 && wanted <= WANTED_MAX && mpq_sgn(span) >= 0;
    field->wanted = is ? (uint32_t)wanted : 0;
    field->has_leaves = true;
    if (!is || !find_step(step, field, object, span) ||
        !make_leaves(field, from, to, step)) {
        status =
            sil_fail(err, SIL_ERR_INPUT,
                     "schema.json: field %s: private bins that cannot be", field->name);
        goto cleanup;
    }
    SIL_TRY(aud_field_add_value(field, from, err));
    SIL_TRY(aud_field_add_value(field, to, err));

cleanup:
    mpq_clears(span, step, (mpq_ptr)NULL);
    return status;
}

uint32_t aud_field_leaf(const struct aud_field *field, const mpq_t value)
{
    mpq_t above;
    mpz_t leaf;
    mpq_init(above);
    mpz_init(leaf);
    mpq_sub(above, value, field->leaf);
    whole(leaf, above, field->width, false);
    uint32_t last = field->n_plain - 1;
    uint32_t at = mpz_sgn(leaf) < 0             ? 0
                  : mpz_cmp_ui(leaf, last) >= 0 ? last
                                                : (uint32_t)mpz_get_ui(leaf);
    mpz_clear(leaf);
    mpq_clear(above);
    return at;
}

/* The bounds, and between them where each bin but the first begins. */
static sil_status set_edges(struct aud_field *field, const uint32_t *first, size_t n,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t edge;
    mpq_t last;
    mpq_inits(edge, last, (mpq_ptr)NULL);
    mpq_set(last, field->value[1]);
    for (size_t b = 1; b <= n; b++) {
        mpq_set_ui(edge, b < n ? first[b] : 0, 1);
        mpq_mul(edge, edge, field->width);
        mpq_add(edge, edge, field->leaf);
        if (b == 1) {
            mpq_set(field->value[1], b < n ? edge : last);
        } else {
            SIL_TRY(aud_field_add_value(field, b < n ? edge : last, err));
        }
    }

cleanup:
    mpq_clears(edge, last, (mpq_ptr)NULL);
    return status;
}

sil_status aud_field_settle_bins(uint32_t **cells, struct aud_field *field,
                                 const uint32_t *first, size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const uint32_t n_leaves = field->n_plain;
    size_t bin = 0;
    *cells = NULL;
    SIL_TRY(sil_alloc(cells, field->n_cells, sizeof **cells, "bins", err));
    for (uint32_t cell = 0; cell < field->n_cells; cell++) {
        bin += bin + 1 < n && first[bin + 1] == cell;
        (*cells)[cell] =
            cell < n_leaves ? (uint32_t)bin : (uint32_t)n + (cell - n_leaves);
    }
    SIL_TRY(set_edges(field, first, n, err));
    field->n_plain = (uint32_t)n;
    field->n_cells = field->n_cells - n_leaves + (uint32_t)n;
    field->has_leaves = false;
    aud_memo_recode(field, *cells);

cleanup:
    return status;
}
