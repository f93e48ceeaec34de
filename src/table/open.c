// SPDX-License-Identifier: Apache-2.0
/* Open fields: which texts may become values, and the table while that is not known. */
#include "base/fail.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "privacy/keys_internal.h"
#include "table/field.h"
#include "table/table_store.h"

#include <stdlib.h>
#include <string.h>

/* ---- the field ---- */

bool sil_field_is_open(const struct sil_field *field)
{
    return field->is_open;
}

bool sil_field_is_settled(const struct sil_field *field)
{
    return field->is_settled;
}

uint32_t sil_field_n_declared(const struct sil_field *field)
{
    return field->n_declared;
}

bool sil_field_may_find(const struct sil_field *field, const char *text, size_t length)
{
    uint32_t code;
    return field->is_open && length <= SIL_OPEN_BYTES_MAX &&
           !sil_texts_has(&field->missing, text, length) &&
           !(field->other.length == length &&
             (length == 0 || memcmp(field->other.data, text, length) == 0)) &&
           sil_field_find(&code, field, text, length) != SIL_FOUND_VALUE &&
           sil_utf8_is_text(text, length);
}

static bool follows(const struct sil_found *found, size_t i)
{
    struct sil_key before = {.text = found[i - 1].text, .length = found[i - 1].length};
    struct sil_key here = {.text = found[i].text, .length = found[i].length};
    return sil_key_compare(&before, &here) < 0;
}

static sil_status check_found(const struct sil_field *field,
                              const struct sil_found *found, size_t n,
                              struct sil_error *err)
{
    if (!field->is_open || field->is_settled) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "values were found of a field that is not open");
    }
    for (size_t i = 0; i < n; i++) {
        if (!sil_field_may_find(field, found[i].text, found[i].length) ||
            (i > 0 && !follows(found, i))) {
            return sil_fail(err, SIL_ERR_INPUT,
                            "a value that cannot have been found, or out of order");
        }
    }
    return SIL_OK;
}

sil_status sil_field_settle(struct sil_field *field, const struct sil_found *found,
                            size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_set *set = &field->set;
    uint32_t *codes = NULL;
    size_t twice = SIZE_MAX;

    SIL_TRY(check_found(field, found, n, err));
    if (n > UINT32_MAX - field->n_declared) {
        return sil_fail(err, SIL_ERR_INPUT, "too many values were found");
    }
    for (size_t i = 0; i < n; i++) {
        SIL_TRY(sil_texts_add(&set->texts, found[i].text, found[i].length, err));
    }
    SIL_TRY(sil_alloc(&codes, set->texts.n, sizeof *codes, "a set of values", err));
    for (size_t i = 0; i < set->texts.n; i++) {
        codes[i] = (uint32_t)i;
    }
    free(set->sorted);
    free(set->written);
    set->sorted = NULL;
    set->written = NULL;
    SIL_TRY(sil_set_build(set, &twice, codes, NULL, (uint32_t)set->texts.n, err));
    field->is_settled = true;
    sil_expansion_settle(field);
    SIL_TRY(sil_field_number_cells(field, err));

cleanup:
    free(codes);
    return status;
}

/* ---- the table ---- */

sil_status sil_table_new_open(struct sil_table **out, const struct sil_schema *schema,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_domain domain = sil_schema_domain(schema);
    uint32_t *sizes = NULL;
    uint32_t *cells = NULL;
    uint32_t n_open = 0;
    *out = NULL;

    SIL_TRY(sil_alloc(&sizes, domain.n_attrs, sizeof *sizes, "the table", err));
    SIL_TRY(sil_alloc(&cells, domain.n_attrs, sizeof *cells, "the table", err));
    for (uint32_t a = 0; a < domain.n_attrs; a++) {
        const struct sil_field *field = sil_schema_field(schema, a);
        bool is_open = field->is_open && !field->is_settled;
        cells[a] = is_open ? domain.sizes[a] : 0;
        sizes[a] = is_open ? UINT32_MAX : sil_field_n_codes(field);
        n_open += is_open;
    }
    domain.sizes = sizes;
    SIL_TRY(sil_table_new(out, &domain, err));
    if (n_open > 0) {
        (*out)->cells = cells;
        cells = NULL;
        SIL_TRY(sil_lexicon_new(&(*out)->lexicon, schema, err));
    }

cleanup:
    free(sizes);
    free(cells);
    if (status != SIL_OK) {
        sil_table_free(*out);
        *out = NULL;
    }
    return status;
}

bool sil_table_open_text(const char **text, size_t *length,
                         const struct sil_table *table, uint32_t attr, uint32_t code)
{
    if (table->lexicon == NULL || table->cells[attr] == 0 ||
        code < table->cells[attr]) {
        return false;
    }
    *text = sil_lexicon_text(length, table->lexicon, attr, code - table->cells[attr]);
    return true;
}

static int compare_keys(const void *left, const void *right)
{
    return sil_key_compare(left, right);
}

/* Texts of rows that were left out by the cap have no count, and are no keys. */
static void fill_keys(struct sil_keys *keys, const struct sil_table *table,
                      uint32_t field)
{
    uint32_t first = table->cells[field];
    size_t n = 0;
    for (size_t i = 0; i < keys->n; i++) {
        keys->key[i].text =
            sil_lexicon_text(&keys->key[i].length, table->lexicon, field, (uint32_t)i);
    }
    for (size_t r = 0; r < table->n_rows; r++) {
        uint32_t code = sil_table_get(table, r, field);
        if (code >= first) {
            keys->key[code - first].count++;
        }
    }
    for (size_t i = 0; i < keys->n; i++) {
        if (keys->key[i].count > 0) {
            keys->key[n++] = keys->key[i];
        }
    }
    explicit_bzero(keys->key + n, (keys->n - n) * sizeof *keys->key);
    keys->n = n;
    qsort(keys->key, n, sizeof *keys->key, compare_keys);
}

sil_status sil_table_keys(struct sil_keys **out, const struct sil_table *table,
                          uint32_t field, struct sil_error *err)
{
    *out = NULL;
    if (table->lexicon == NULL || table->cells[field] == 0) {
        return sil_fail(err, SIL_ERR_INTERNAL, "a field that is not open");
    }
    sil_status status =
        sil_keys_new(out, field, sil_lexicon_size(table->lexicon, field), err);
    if (status == SIL_OK) {
        fill_keys(*out, table, field);
    }
    return status;
}

/* What each code of an open column becomes: cells move with `other` and null, texts are
 * looked up. */
static sil_status map_codes(uint32_t **out, const struct sil_table *table,
                            uint32_t attr, const struct sil_field *field,
                            struct sil_error *err)
{
    uint32_t before = table->cells[attr];
    size_t n_texts = sil_lexicon_size(table->lexicon, attr);
    uint32_t *map = NULL;
    if (!field->is_settled ||
        sil_alloc(&map, before + n_texts, sizeof *map, "the table", NULL) != SIL_OK) {
        return sil_fail(err, SIL_ERR_INTERNAL,
                        field->is_settled ? "out of memory: the table"
                                          : "an open field is not settled");
    }
    for (uint32_t c = 0; c < before; c++) {
        map[c] = c < field->n_declared    ? c
                 : c == field->n_declared ? field->other_code
                                          : field->null_code;
    }
    for (size_t i = 0; i < n_texts; i++) {
        size_t length = 0;
        const char *text = sil_lexicon_text(&length, table->lexicon, attr, (uint32_t)i);
        map[before + i] = sil_field_encode(field, text, length);
    }
    *out = map;
    return SIL_OK;
}

static void recode(struct sil_table *table, uint32_t attr, const uint32_t *map)
{
    for (size_t c = 0; c < table->n_chunks; c++) {
        uint32_t *code = (uint32_t *)(void *)(table->chunk[c] + table->offset[attr]);
        size_t n = sil_table_rows_of(table, c);
        for (size_t i = 0; i < n; i++) {
            code[i] = map[code[i]];
        }
    }
}

sil_status sil_table_settle(struct sil_table *table, const struct sil_schema *schema,
                            struct sil_error *err)
{
    for (uint32_t a = 0; table->lexicon != NULL && a < table->n_attrs; a++) {
        const struct sil_field *field = sil_schema_field(schema, a);
        uint32_t *map = NULL;
        if (table->cells[a] == 0) {
            continue;
        }
        sil_status status = map_codes(&map, table, a, field, err);
        if (status != SIL_OK) {
            return status;
        }
        size_t n = table->cells[a] + sil_lexicon_size(table->lexicon, a);
        recode(table, a, map);
        table->sizes[a] = field->n_cells;
        explicit_bzero(map, n * sizeof *map);
        free(map);
    }
    sil_lexicon_free(table->lexicon);
    free(table->cells);
    table->lexicon = NULL;
    table->cells = NULL;
    return SIL_OK;
}
