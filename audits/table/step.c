// SPDX-License-Identifier: Apache-2.0
/* The numbers, dates and times that a field with bins has written, by docs/schema.md:
 * multiples of a step. */
#include "audits/table/field.h"
#include "codec/json.h"

/* More than the digits and the decimal places that a schema may have. */
enum { BITS = 160 };

void aud_field_narrowest(mpq_t width, const struct aud_field *field,
                         const json_t *object)
{
    const json_t *bins = json_object_get(json_object_get(object, "silhouette"), "bins");
    mpq_t next;
    mpq_init(next);
    mpq_sub(width, field->value[field->n_plain], field->value[0]);
    mpq_set_ui(next, field->n_plain, 1);
    if (!json_is_array(bins)) {
        mpq_div(width, width, next);
    }
    for (uint32_t i = 0; json_is_array(bins) && i < field->n_plain; i++) {
        mpq_sub(next, field->value[i + 1], field->value[i]);
        if (mpq_sgn(next) > 0 && mpq_cmp(next, width) < 0) {
            mpq_set(width, next);
        }
    }
    mpq_clear(next);
}

bool aud_field_read_step(mpq_t step, const struct aud_field *field,
                         const json_t *object, const mpq_t width)
{
    char buffer[SIL_JSON_DECIMAL_BYTES];
    const json_t *own = json_object_get(object, "silhouette");
    const json_t *granularity = json_object_get(own, "granularity");
    mpq_set_ui(step, 1, 1);
    if (granularity != NULL) {
        const char *text = sil_json_decimal(granularity, buffer);
        return text != NULL && aud_parse_value(step, AUD_NUMBER, '.', text) &&
               mpq_sgn(step) > 0 && mpz_sizeinbase(mpq_numref(step), 2) < BITS &&
               mpz_sizeinbase(mpq_denref(step), 2) < BITS;
    }
    if (field->type == AUD_NUMBER) {
        mpz_ui_pow_ui(mpq_denref(step), 10, aud_default_places(width));
    }
    return true;
}

void aud_field_step_below(mpq_t out, const struct aud_field *field, const mpq_t value)
{
    bool is_calendar = field->type == AUD_DATE || field->type == AUD_DATETIME;
    mpz_t k;
    mpz_init(k);
    mpq_set(out, value);
    if (is_calendar) {
        mpq_sub(out, out, field->value[0]);
    }
    mpq_div(out, out, field->step);
    mpz_fdiv_q(k, mpq_numref(out), mpq_denref(out));
    mpq_set_z(out, k);
    mpq_mul(out, out, field->step);
    if (is_calendar) {
        mpq_add(out, out, field->value[0]);
    }
    mpz_clear(k);
}
