// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "table/declare.h"

#include <string.h>

sil_status sil_check_missing_apart(struct sil_declaration *d, struct sil_error *err)
{
    const struct sil_texts *missing = &d->field->missing;
    for (size_t i = 0; i < missing->n; i++) {
        uint32_t code;
        if (sil_field_find(&code, d->field, missing->item[i].data,
                           missing->item[i].length) == SIL_FOUND_VALUE) {
            return sil_fail(err, SIL_ERR_INPUT,
                            "missingValues: \"%.60s\" is also a value of the domain; "
                            "give the field missingValues of its own, or change the "
                            "domain",
                            missing->item[i].data);
        }
    }
    return SIL_OK;
}

/* Numbers, dates and times are clamped; a closed set has no nearest value. */
static enum sil_outside default_outside(const struct sil_field *field)
{
    if (!field->is_closed) {
        return SIL_OUTSIDE_CLAMP;
    }
    if (field->is_open) {
        return SIL_OUTSIDE_OTHER;
    }
    return field->is_required ? SIL_OUTSIDE_DROP : SIL_OUTSIDE_NULL;
}

sil_status sil_declare_outside(struct sil_declaration *d, struct sil_error *err)
{
    struct sil_field *field = d->field;
    json_t *outside = sil_declared(d->extension, "outside");
    const char *name = json_is_string(outside) ? json_string_value(outside) : "";
    field->outside = default_outside(field);
    if (outside == NULL) {
        return SIL_OK;
    }

    int o = SIL_OUTSIDE_CLAMP;
    while (o <= SIL_OUTSIDE_DROP &&
           strcmp(name, sil_outside_name((enum sil_outside)o)) != 0) {
        o++;
    }
    if (o > SIL_OUTSIDE_DROP) {
        return sil_wrong(err, "silhouette.outside",
                         "must be \"clamp\", \"other\", \"null\" or \"drop\"");
    }
    field->outside = (enum sil_outside)o;
    if (field->outside == SIL_OUTSIDE_CLAMP && field->is_closed) {
        return sil_wrong(
            err, "silhouette.outside",
            "a closed set has no nearest value to clamp to; use \"other\", "
            "\"null\" or \"drop\"");
    }
    if (field->outside != SIL_OUTSIDE_OTHER && field->is_open) {
        return sil_wrong(err, "silhouette.outside",
                         "in an open field what is not found becomes \"other\"");
    }
    if (field->outside == SIL_OUTSIDE_NULL && field->is_required) {
        return sil_wrong(err, "silhouette.outside",
                         "\"null\" contradicts constraints.required");
    }
    return SIL_OK;
}

sil_status sil_declare_other(struct sil_declaration *d, struct sil_error *err)
{
    struct sil_field *field = d->field;
    json_t *other = sil_declared(d->extension, "other");
    uint32_t code;
    if (field->outside != SIL_OUTSIDE_OTHER) {
        return other == NULL
                   ? SIL_OK
                   : sil_wrong(err, "silhouette.other",
                               "means nothing without \"outside\": \"other\"");
    }
    if (other != NULL && !json_is_string(other)) {
        return sil_wrong(err, "silhouette.other", "must be a string");
    }
    const char *text = other == NULL ? "other" : json_string_value(other);
    sil_status status = sil_text_copy(&field->other, text, strlen(text), err);
    if (status != SIL_OK) {
        return status;
    }
    if (sil_texts_has(&field->missing, text, field->other.length) ||
        sil_field_find(&code, field, text, field->other.length) == SIL_FOUND_VALUE) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "silhouette.other: \"%.60s\" is also a declared value; choose "
                        "another text for the cell",
                        text);
    }
    return SIL_OK;
}

sil_status sil_declare_answers(struct sil_declaration *d, struct sil_error *err)
{
    return sil_field_number_cells(d->field, err);
}

sil_status sil_field_number_cells(struct sil_field *field, struct sil_error *err)
{
    bool has_leaves = sil_field_has_leaves(field);
    uint32_t n = field->is_closed ? field->set.n_values
                 : has_leaves     ? field->leaves.n
                                  : field->bins.n;
    uint32_t n_values = n;
    field->other_code = field->outside == SIL_OUTSIDE_OTHER ? n++ : SIL_CODE_NONE;
    field->null_code = field->is_required ? SIL_CODE_NONE : n++;
    field->n_cells = has_leaves ? field->bins.n + (n - n_values) : n;

    uint32_t null_or_drop = field->is_required ? SIL_CODE_DROP : field->null_code;
    bool has_other = field->outside == SIL_OUTSIDE_OTHER;
    bool drops = field->outside == SIL_OUTSIDE_DROP;
    uint32_t fallback = has_other ? field->other_code
                        : drops   ? SIL_CODE_DROP
                                  : null_or_drop;
    bool clamps = field->outside == SIL_OUTSIDE_CLAMP;
    field->answer[SIL_FOUND_VALUE] = SIL_CODE_NONE;
    field->answer[SIL_FOUND_BELOW] = clamps ? 0 : fallback;
    field->answer[SIL_FOUND_ABOVE] = clamps ? n_values - 1 : fallback;
    field->answer[SIL_FOUND_UNKNOWN] = fallback;
    field->answer[SIL_FOUND_UNREADABLE] = fallback;
    field->answer[SIL_FOUND_MISSING] = field->is_required ? fallback : field->null_code;
    if (n > SIL_FIELD_CELLS_MAX) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%u cells, which is more than %u: declare fewer bins or values",
                        n, SIL_FIELD_CELLS_MAX);
    }
    return SIL_OK;
}
