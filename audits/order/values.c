// SPDX-License-Identifier: Apache-2.0
#include "audits/order/values.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct finder {
    struct aud_values *out;
    const struct aud_field *field;
    const struct aud_asked *const *asked;
    size_t n_asked;
    double *steps;
    mpq_t first, last; ///< of a bin, what is written of it
};

/* Is there one already that all questions see alike? The truths of the next stand behind those
 * that there are. */
static bool is_new(struct finder *f, const struct aud_shown *shown)
{
    struct aud_values *out = f->out;
    uint8_t *truth = out->truth + out->n * f->n_asked;
    bool is = true;
    for (size_t i = 0; i < f->n_asked; i++) {
        truth[i] = (uint8_t)aud_asked_holds(f->asked[i], shown);
        *f->steps += 1 + (double)f->asked[i]->n_values;
    }
    for (size_t i = 0; i < out->n && is; i++) {
        is = memcmp(out->truth + i * f->n_asked, truth, f->n_asked) != 0;
        *f->steps += (double)f->n_asked;
    }
    return is;
}

/* Add a value; unless it is kept in any case, only when the questions have not seen the like
 * of it. */
static sil_status add(struct finder *f, const struct aud_shown *shown, bool is_kept,
                      struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_values *out = f->out;
    SIL_TRY(sil_grow(&out->truth, &out->truth_room, (out->n + 1) * f->n_asked + 1, 1,
                     "the rules", err));
    if (is_new(f, shown) || is_kept) {
        SIL_TRY(sil_grow(&out->item, &out->room, out->n + 1, sizeof *out->item,
                         "the rules", err));
        struct aud_shown *item = &out->item[out->n++];
        *item = *shown;
        mpq_init(item->value);
        mpq_set(item->value, shown->value);
    }

cleanup:
    return status;
}

static sil_status add_number(struct finder *f, const mpq_t value, bool is_kept,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_shown shown = {.kind = AUD_SHOWS_NUMBER};
    if (mpq_cmp(value, f->first) < 0 || mpq_cmp(value, f->last) > 0) {
        return SIL_OK;
    }
    mpq_init(shown.value);
    mpq_set(shown.value, value);
    status = add(f, &shown, is_kept, err);
    mpq_clear(shown.value);
    return status;
}

/* Answers change at a value that is asked about, and nowhere else: what is written next below
 * it, it itself, and next above it. */
static sil_status add_around(struct finder *f, const mpq_t asked, struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t value;
    mpq_init(value);
    aud_field_step_below(value, f->field, asked);
    mpq_sub(value, value, f->field->step);
    for (int i = 0; i < 3; i++) {
        SIL_TRY(add_number(f, value, false, err));
        mpq_add(value, value, f->field->step);
    }

cleanup:
    mpq_clear(value);
    return status;
}

/* The first and the last value that are written of a bin, which holds its lower edge and not
 * its upper one; the last bin holds both. A bin of a single number holds that. */
static void find_ends(struct finder *f, uint32_t bin)
{
    const struct aud_field *field = f->field;
    mpq_srcptr low = field->value[bin];
    mpq_srcptr high = field->value[bin + 1];
    mpq_set(f->first, low);
    mpq_set(f->last, low);
    if (mpq_equal(low, high) != 0) {
        return;
    }
    aud_field_step_below(f->first, field, low);
    if (mpq_cmp(f->first, low) < 0) {
        mpq_add(f->first, f->first, field->step);
    }
    aud_field_step_below(f->last, field, high);
    if (bin + 1 < field->n_plain && mpq_equal(f->last, high) != 0) {
        mpq_sub(f->last, f->last, field->step);
    }
}

static sil_status add_bin(struct finder *f, uint32_t bin, struct sil_error *err)
{
    sil_status status = SIL_OK;
    find_ends(f, bin);
    SIL_TRY(add_number(f, f->first, true, err));
    for (size_t i = 0; i < f->n_asked; i++) {
        const struct aud_asked *asked = f->asked[i];
        for (size_t k = 0; k < asked->n_values; k++) {
            if (asked->value[k].kind == AUD_SHOWS_NUMBER) {
                SIL_TRY(add_around(f, asked->value[k].value, err));
            }
        }
    }
    status = add_number(f, f->last, true, err);

cleanup:
    return status;
}

static sil_status add_listed(struct finder *f, uint32_t cell, struct sil_error *err)
{
    const struct aud_field *field = f->field;
    struct aud_shown shown = {.kind = AUD_SHOWS_NULL};
    mpq_init(shown.value);
    if (cell == field->n_plain && field->outside == AUD_OTHER) {
        shown.kind = AUD_SHOWS_OTHER;
    } else if (cell < field->n_plain && field->type == AUD_STRING) {
        shown.kind = AUD_SHOWS_TEXT;
        shown.text = field->text[cell];
        shown.length = strlen(shown.text);
    } else if (cell < field->n_plain && field->type == AUD_BOOLEAN) {
        shown.kind = AUD_SHOWS_WORD;
        shown.word = cell == 1;
    } else if (cell < field->n_plain) {
        shown.kind = AUD_SHOWS_NUMBER;
        mpq_set(shown.value, field->value[cell]);
    }
    sil_status status = add(f, &shown, true, err);
    mpq_clear(shown.value);
    return status;
}

sil_status aud_values_find(struct aud_values *out, const struct aud_field *field,
                           uint32_t cell, const struct aud_asked *const *asked,
                           size_t n_asked, double *steps, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct finder f = {
        .out = out, .field = field, .asked = asked, .n_asked = n_asked, .steps = steps};
    *out = (struct aud_values){.n = 0};
    mpq_inits(f.first, f.last, (mpq_ptr)NULL);
    status = !field->is_closed && cell < field->n_plain ? add_bin(&f, cell, err)
                                                        : add_listed(&f, cell, err);
    if (status == SIL_OK && out->n == 0) {
        status = sil_fail(err, SIL_ERR_CHECK, "field %s has a bin that holds no value",
                          field->name);
    }
    mpq_clears(f.first, f.last, (mpq_ptr)NULL);
    return status;
}

void aud_values_clear(struct aud_values *values)
{
    for (size_t i = 0; i < values->n; i++) {
        mpq_clear(values->item[i].value);
    }
    free(values->item);
    free(values->truth);
    *values = (struct aud_values){.n = 0};
}
