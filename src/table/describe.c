// SPDX-License-Identifier: Apache-2.0
#include "table/calendar.h"
#include "table/field.h"

static sil_status print_bound(struct sil_bytes *out, const struct sil_field *field,
                              sil_i128 value, struct sil_error *err)
{
    switch (field->type) {
    case SIL_TYPE_DATE: return sil_date_print(out, (int64_t)value, err);
    case SIL_TYPE_DATETIME:
        return sil_datetime_print(out, (int64_t)value, field->with_zone, err);
    case SIL_TYPE_INTEGER:
    case SIL_TYPE_NUMBER:
    case SIL_TYPE_STRING:
    case SIL_TYPE_BOOLEAN: break;
    }
    unsigned places = field->bins.places;
    for (; places > 0 && value % 10 == 0; places--) {
        value /= 10;
    }
    return sil_scaled_print(out, value, places, places, '.', err);
}

static sil_status describe_domain(struct sil_bytes *out, const struct sil_field *field,
                                  struct sil_error *err)
{
    if (field->is_closed) {
        uint32_t n = field->is_open ? field->n_declared : field->set.n_values;
        sil_status status =
            sil_bytes_printf(out, err, "%u listed value%s", n, n == 1 ? "" : "s");
        if (status != SIL_OK || !field->is_open) {
            return status;
        }
        return field->is_settled
                   ? sil_bytes_printf(out, err, ", %u discovered",
                                      field->set.n_values - n)
                   : sil_bytes_printf(out, err, ", others to be discovered");
    }
    uint32_t n = field->bins.n;
    sil_status status = print_bound(out, field, field->bins.first, err);
    if (status == SIL_OK) {
        status = sil_bytes_printf(out, err, " to ");
    }
    if (status == SIL_OK) {
        status = print_bound(out, field, field->bins.last, err);
    }
    const char *how = field->leaves.wanted == 0 ? ""
                      : field->is_settled       ? " that were learnt"
                                                : " or so, to be learnt";
    if (status == SIL_OK) {
        status =
            sil_bytes_printf(out, err, " in %u bin%s%s", n, n == 1 ? "" : "s", how);
    }
    if (status == SIL_OK && field->n_atoms > 0) {
        status = sil_bytes_printf(out, err, ", %u of them declared as single values",
                                  field->n_atoms);
    }
    return status;
}

/* The words for what an outside value meets. */
static const char *outside_words(const struct sil_field *field)
{
    switch (field->outside) {
    case SIL_OUTSIDE_CLAMP: return "values outside move to the nearest bin";
    case SIL_OUTSIDE_OTHER:
        return field->expansion.n > 0
                   ? "values outside become other, of which each is written as a declared "
                     "value drawn by declared weights and not by the rows"
                   : "values outside become other";
    case SIL_OUTSIDE_NULL: return "values outside become null";
    case SIL_OUTSIDE_DROP: break;
    }
    return "rows with values outside are dropped";
}

/* What text that cannot be read meets, where that is not the same. */
static const char *unreadable_words(const struct sil_field *field)
{
    if (field->outside != SIL_OUTSIDE_CLAMP) {
        return "";
    }
    return field->is_required ? ", rows with unreadable or missing ones are dropped"
                              : ", unreadable ones become null";
}

sil_status sil_field_describe(struct sil_bytes *out, const struct sil_field *field,
                              struct sil_error *err)
{
    sil_status status =
        sil_bytes_printf(out, err, "%s: %s, ", field->name, sil_type_name(field->type));
    if (status == SIL_OK) {
        status = describe_domain(out, field, err);
    }
    if (status == SIL_OK) {
        status = sil_bytes_printf(
            out, err, ", %s; %s%s%s\n", field->is_required ? "never null" : "or null",
            outside_words(field), unreadable_words(field),
            field->was_looked_at
                ? "; declared public after looking at the data, outside "
                  "the guarantee"
                : "");
    }
    return status;
}
