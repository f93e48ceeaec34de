// SPDX-License-Identifier: Apache-2.0
/* Values that are declared to be bins by themselves, by docs/schema.md. */
#include "audits/table/field.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>

enum { ATOMS_MAX = 1024, CELLS_MAX = 1 << 20 };

static int compare(const void *a, const void *b)
{
    mpq_srcptr x = a;
    mpq_srcptr y = b;
    return mpq_cmp(x, y);
}

/* Starts of bins, each once, in their order. */
static void sort_starts(struct aud_field *field)
{
    size_t kept = 1;
    qsort(field->value, field->n_values, sizeof *field->value, compare);
    for (size_t i = 1; i < field->n_values; i++) {
        if (mpq_equal(field->value[i], field->value[kept - 1]) == 0) {
            mpq_swap(field->value[i], field->value[kept]);
            kept++;
        }
    }
    while (field->n_values > kept) {
        mpq_clear(field->value[--field->n_values]);
    }
}

static sil_status add_starts(struct aud_field *field, const json_t *list,
                             const mpq_t unit, const mpq_t last, struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t value;
    mpq_init(value);
    for (size_t i = 0; i < json_array_size(list); i++) {
        SIL_TRY(aud_field_json_value(value, field, json_array_get(list, i), err));
        if (mpq_cmp(value, field->value[0]) < 0 || mpq_cmp(value, last) > 0) {
            status = sil_fail(err, SIL_ERR_INPUT,
                              "schema.json: field %s: an atom outside its bounds",
                              field->name);
            goto cleanup;
        }
        SIL_TRY(aud_field_add_value(field, value, err));
        if (mpq_cmp(value, last) < 0) {
            mpq_add(value, value, unit);
            SIL_TRY(aud_field_add_value(field, value, err));
        }
    }

cleanup:
    mpq_clear(value);
    return status;
}

static sil_status note_leaves(struct aud_field *field, const json_t *list,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t value;
    mpq_init(value);
    SIL_TRY(sil_alloc(&field->atom, json_array_size(list), sizeof *field->atom,
                      "a schema", err));
    for (size_t i = 0; i < json_array_size(list); i++) {
        SIL_TRY(aud_field_json_value(value, field, json_array_get(list, i), err));
        uint32_t leaf = aud_field_leaf(field, value);
        if (i > 0 && leaf <= field->atom[i - 1]) {
            status = sil_fail(err, SIL_ERR_INPUT,
                              "schema.json: field %s: atoms that do not ascend",
                              field->name);
            goto cleanup;
        }
        field->atom[field->n_atoms++] = leaf;
    }

cleanup:
    mpq_clear(value);
    return status;
}

sil_status aud_field_read_atoms(struct aud_field *field, const json_t *object,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    const json_t *list =
        json_object_get(json_object_get(object, "silhouette"), "atoms");
    mpq_t unit;
    mpq_t last;
    if (list == NULL) {
        return SIL_OK;
    }
    mpq_inits(unit, last, (mpq_ptr)NULL);
    size_t n = json_array_size(list);
    if (n < 1 || n > ATOMS_MAX) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "schema.json: field %s: atoms that cannot be", field->name);
        goto cleanup;
    }
    if (field->has_leaves) {
        status = note_leaves(field, list, err);
        goto cleanup;
    }
    aud_field_narrowest(unit, field, object);
    size_t places = aud_field_resolution(field, object, unit);
    mpq_set_ui(unit, 1, 1);
    mpz_ui_pow_ui(mpq_denref(unit), 10, places);
    mpq_set(last, field->value[field->n_plain]);
    mpq_clear(field->value[--field->n_values]);
    SIL_TRY(add_starts(field, list, unit, last, err));
    sort_starts(field);
    field->n_plain = (uint32_t)field->n_values;
    if (field->n_plain > CELLS_MAX) {
        status = sil_fail(err, SIL_ERR_INPUT, "schema.json: field %s: too many cells",
                          field->name);
        goto cleanup;
    }
    status = aud_field_add_value(field, last, err);

cleanup:
    mpq_clears(unit, last, (mpq_ptr)NULL);
    return status;
}
