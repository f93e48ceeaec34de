// SPDX-License-Identifier: Apache-2.0
/* Which cell a text falls into. */
#include "audits/table/field.h"
#include "base/fail.h"
#include "base/memory.h"

#include <sodium.h>

#include <stdlib.h>
#include <string.h>

enum { FIRST_MEMO = 256 };

/* A text that was seen before. */
struct aud_memo {
    char *text; ///< NULL: free
    size_t length;
    uint64_t n; ///< how often it came
    uint32_t cell;
    bool is_outside;
};

void aud_memo_free(struct aud_memo *memo, size_t room)
{
    for (size_t i = 0; i < room; i++) {
        free(memo[i].text);
    }
    free(memo);
}

/* ---- cells ---- */

bool aud_field_is_missing(const struct aud_field *field, const char *text,
                          size_t length)
{
    return aud_listing_text(&field->missing_list, text, length) != NULL;
}

static uint32_t cell_of(const struct aud_listed *item)
{
    return item == NULL ? AUD_NO_CELL : item->cell;
}

uint32_t aud_field_text_cell(const struct aud_field *field, const char *text,
                             size_t length)
{
    bool is_text = field->type == AUD_STRING || field->type == AUD_BOOLEAN;
    return is_text ? cell_of(aud_listing_text(&field->list, text, length))
                   : AUD_NO_CELL;
}

uint32_t aud_field_value_cell(const struct aud_field *field, const mpq_t value)
{
    bool is_text = field->type == AUD_STRING || field->type == AUD_BOOLEAN;
    return is_text ? AUD_NO_CELL : cell_of(aud_listing_value(&field->list, value));
}

static uint32_t null_cell(const struct aud_field *field)
{
    return field->is_required ? AUD_DROPPED : field->n_cells - 1;
}

/* What becomes of a text that is no value of the field. */
static uint32_t outside_cell(const struct aud_field *field)
{
    switch (field->outside) {
    case AUD_OTHER: return field->n_plain;
    case AUD_DROP: return AUD_DROPPED;
    case AUD_NULL:
    case AUD_CLAMP: break;
    }
    return null_cell(field);
}

/* What is listed, or outside. */
static uint32_t cell_or_outside(bool *is_outside, const struct aud_field *field,
                                uint32_t listed)
{
    *is_outside = listed == AUD_NO_CELL;
    return *is_outside ? outside_cell(field) : listed;
}

static uint32_t bin_cell(bool *is_outside, struct aud_field *field, const mpq_t value)
{
    const size_t last = field->n_values - 1;
    bool is_low = mpq_cmp(value, field->value[0]) < 0;
    bool is_high = mpq_cmp(value, field->value[last]) > 0;
    field->touches[0] |= mpq_equal(value, field->value[0]) != 0;
    field->touches[1] |= mpq_equal(value, field->value[last]) != 0;
    *is_outside = is_low || is_high;
    if ((is_low || is_high) && field->outside != AUD_CLAMP) {
        return outside_cell(field);
    }
    if (field->has_leaves) {
        return is_low ? 0 : aud_field_leaf(field, value);
    }
    return (uint32_t)aud_edge_below(field->value, field->n_plain, value);
}

static uint32_t value_cell(bool *is_outside, struct aud_field *field, const char *text)
{
    uint32_t cell = outside_cell(field);
    *is_outside = true;
    mpq_t value;
    mpq_init(value);
    if (aud_parse_value(value, field->type, field->decimal, text)) {
        cell = field->is_closed ? cell_or_outside(is_outside, field,
                                                  aud_field_value_cell(field, value))
                                : bin_cell(is_outside, field, value);
    }
    mpq_clear(value);
    return cell;
}

/* `*is_outside`: it is no value of the field, nor a missing one. */
static uint32_t find_cell(bool *is_outside, struct aud_field *field, const char *text,
                          size_t length)
{
    if (aud_field_is_missing(field, text, length)) {
        bool is_other = field->is_required && field->outside == AUD_OTHER;
        return is_other ? field->n_plain : null_cell(field);
    }
    bool is_text = field->type == AUD_STRING || field->type == AUD_BOOLEAN;
    return is_text ? cell_or_outside(is_outside, field,
                                     aud_field_text_cell(field, text, length))
                   : value_cell(is_outside, field, text);
}

/* ---- texts seen before ---- */

/* Keyed: who knew the places could write a million texts that all want the same one. */
static struct aud_memo *slot_of(struct aud_memo *memo, size_t room,
                                const struct aud_field *field, const char *text,
                                size_t length)
{
    uint64_t hash = 0;
    (void)crypto_shorthash((uint8_t *)&hash, (const uint8_t *)text, length,
                           field->memo_key);
    size_t at = (size_t)hash & (room - 1);
    while (memo[at].text != NULL &&
           (memo[at].length != length || memcmp(memo[at].text, text, length) != 0)) {
        at = (at + 1) & (room - 1);
    }
    return &memo[at];
}

static sil_status make_room(struct aud_field *field, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_memo *larger = NULL;
    if (2 * field->memo_used < field->memo_room) {
        return SIL_OK;
    }
    size_t room = field->memo_room == 0 ? FIRST_MEMO : 2 * field->memo_room;
    if (field->memo_room == 0) {
        crypto_shorthash_keygen(field->memo_key);
    }
    SIL_TRY(sil_alloc(&larger, room, sizeof *larger, "texts", err));
    for (size_t i = 0; i < field->memo_room; i++) {
        const struct aud_memo *memo = &field->memo[i];
        if (memo->text != NULL) {
            *slot_of(larger, room, field, memo->text, memo->length) = *memo;
        }
    }
    free(field->memo);
    field->memo = larger;
    field->memo_room = room;

cleanup:
    return status;
}

static sil_status add_unlisted(uint32_t *cell, struct aud_field *field,
                               const struct aud_memo *memo, struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (field->n_unlisted >= AUD_DROPPED - field->n_cells) {
        return sil_fail(err, SIL_ERR_INTERNAL, "too many texts");
    }
    SIL_TRY(sil_grow(&field->unlisted, &field->unlisted_room, field->n_unlisted + 1,
                     sizeof *field->unlisted, "texts", err));
    *cell = field->n_cells + (uint32_t)field->n_unlisted;
    field->unlisted[field->n_unlisted++] = (struct aud_unlisted){
        .text = memo->text, .length = memo->length, .found = AUD_UNFOUND};

cleanup:
    return status;
}

sil_status aud_field_encode(uint32_t *cell, struct aud_field *field, const char *text,
                            size_t length, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(make_room(field, err));
    struct aud_memo *memo = slot_of(field->memo, field->memo_room, field, text, length);
    if (memo->text == NULL) {
        SIL_TRY(sil_alloc(&memo->text, length + 1, 1, "texts", err));
        (void)memcpy(memo->text, text, length);
        memo->length = length;
        memo->cell = find_cell(&memo->is_outside, field, memo->text, length);
        field->memo_used++;
        if (aud_field_may_find(field, memo->text, length)) {
            SIL_TRY(add_unlisted(&memo->cell, field, memo, err));
        }
    }
    memo->n++;
    *cell = memo->cell;

cleanup:
    return status;
}

void aud_memo_recode(struct aud_field *field, const uint32_t *cells)
{
    for (size_t i = 0; i < field->memo_room; i++) {
        struct aud_memo *memo = &field->memo[i];
        if (memo->text != NULL && memo->cell != AUD_DROPPED) {
            memo->cell = cells[memo->cell];
        }
    }
}

sil_status aud_field_usage(struct aud_usage *out, const struct aud_field *field,
                           struct sil_error *err)
{
    bool *is_used = NULL;
    bool has_others = false;
    *out = (struct aud_usage){.n_unused = field->n_plain};
    sil_status status = sil_alloc(&is_used, field->n_plain, 1, "a domain", err);
    if (status != SIL_OK) {
        return status;
    }
    for (size_t i = 0; i < field->memo_room; i++) {
        const struct aud_memo *memo = &field->memo[i];
        if (memo->text == NULL) {
            continue;
        }
        bool was_found = field->is_open && memo->cell < field->n_plain;
        out->n_outside += memo->is_outside && !was_found ? memo->n : 0;
        has_others |= memo->is_outside;
        if (memo->cell < field->n_plain && !is_used[memo->cell]) {
            is_used[memo->cell] = true;
            out->n_unused--;
        }
    }
    bool has_all =
        field->is_closed ? out->n_unused == 0 : field->touches[0] && field->touches[1];
    out->is_exact = has_all && !has_others;
    out->n_unused = field->is_closed ? out->n_unused : 0;
    free(is_used);
    return SIL_OK;
}
