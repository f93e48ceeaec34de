// SPDX-License-Identifier: Apache-2.0
/* Open fields: which texts an honest run may find, and the cells once it is known which
 * were found. */
#include "audits/table/field.h"
#include "base/fail.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { FOUND_BYTES_MAX = 256 };

static bool is_text(const char *one, const char *text, size_t length)
{
    return strlen(one) == length && (length == 0 || memcmp(one, text, length) == 0);
}

bool aud_field_may_find(const struct aud_field *field, const char *text, size_t length)
{
    return field->is_open && length <= FOUND_BYTES_MAX &&
           !aud_field_is_missing(field, text, length) &&
           aud_field_text_cell(field, text, length) == AUD_NO_CELL &&
           !is_text(field->other, text, length) && sil_utf8_is_text(text, length);
}

const struct aud_unlisted *aud_field_unlisted(const struct aud_field *field,
                                              uint32_t cell)
{
    bool is = field->is_open && cell >= field->n_cells && cell != AUD_DROPPED;
    return is ? &field->unlisted[cell - field->n_cells] : NULL;
}

/* ---- once it is known ---- */

static struct aud_text text_of(const struct aud_unlisted *unlisted)
{
    return (struct aud_text){.text = unlisted->text, .length = unlisted->length};
}

static int by_text(const void *left, const void *right)
{
    const struct aud_unlisted *const *a = left;
    const struct aud_unlisted *const *b = right;
    const struct aud_text one = text_of(*a);
    const struct aud_text other = text_of(*b);
    return aud_text_order(&one, &other);
}

static sil_status check_found(const struct aud_field *field,
                              const struct aud_text *found, size_t n,
                              struct sil_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!aud_field_may_find(field, found[i].text, found[i].length)) {
            return sil_fail(err, SIL_ERR_INPUT,
                            "a value was found that no honest run looks for");
        }
        if (i > 0 && aud_text_order(&found[i - 1], &found[i]) >= 0) {
            return sil_fail(err, SIL_ERR_INPUT, "values found are not in order");
        }
    }
    return SIL_OK;
}

/* Both lists ascend. */
static void match(struct aud_unlisted *const *text, size_t n_texts,
                  const struct aud_text *found, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n_texts; i++) {
        int order = -1;
        const struct aud_text wanted = text_of(text[i]);
        while (at < n && order < 0) {
            order = aud_text_order(&found[at], &wanted);
            at += order < 0;
        }
        text[i]->found = at < n && order == 0 ? at : AUD_UNFOUND;
    }
}

static void number_cells(uint32_t *cells, struct aud_field *field, size_t n_found)
{
    const uint32_t n_listed = field->n_plain;
    const uint32_t n_before = field->n_cells;
    for (uint32_t cell = 0; cell < n_before; cell++) {
        cells[cell] = cell + (cell < n_listed ? 0 : (uint32_t)n_found);
    }
    field->n_plain += (uint32_t)n_found;
    field->n_cells += (uint32_t)n_found;
    for (size_t i = 0; i < field->n_unlisted; i++) {
        size_t found = field->unlisted[i].found;
        cells[n_before + i] =
            found == AUD_UNFOUND ? field->n_plain : n_listed + (uint32_t)found;
    }
}

sil_status aud_field_settle(uint32_t **cells, struct aud_field *field,
                            const struct aud_text *found, size_t n,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_unlisted **sorted = NULL;
    *cells = NULL;
    SIL_TRY(check_found(field, found, n, err));
    if (n >= AUD_DROPPED - field->n_cells) {
        return sil_fail(err, SIL_ERR_INPUT, "too many values were found");
    }
    SIL_TRY(sil_alloc(&sorted, field->n_unlisted, sizeof(void *), "texts", err));
    SIL_TRY(sil_alloc(cells, field->n_cells + field->n_unlisted, sizeof **cells,
                      "texts", err));
    for (size_t i = 0; i < field->n_unlisted; i++) {
        sorted[i] = &field->unlisted[i];
    }
    qsort(sorted, field->n_unlisted, sizeof *sorted, by_text);
    match(sorted, field->n_unlisted, found, n);
    number_cells(*cells, field, n);
    aud_memo_recode(field, *cells);

cleanup:
    free(sorted);
    return status;
}
