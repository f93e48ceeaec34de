// SPDX-License-Identifier: Apache-2.0
#include "privacy/privacy_unit.h"

#include "base/fail.h"
#include "base/memory.h"
#include "privacy/cost.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char PERSON[] = "id:";

enum { DIGITS_MAX = 7, COLUMN_BYTES_MAX = 512 /* of a text in the ledger */ };

void sil_privacy_unit_init(struct sil_privacy_unit *unit)
{
    *unit = (struct sil_privacy_unit){.rows = 1};
}

void sil_privacy_unit_clear(struct sil_privacy_unit *unit)
{
    free(unit->id_column);
    sil_privacy_unit_init(unit);
}

static sil_status set(struct sil_privacy_unit *out, const char *column, size_t length,
                      uint64_t rows, struct sil_error *err)
{
    sil_status status = SIL_OK;
    char *copy = NULL;
    for (size_t i = 0; i < length; i++) {
        if (column[i] < 0x20 || column[i] > 0x7e) {
            return sil_fail(err, SIL_ERR_USAGE,
                            "the name of the column that tells people apart must be "
                            "printable ASCII");
        }
    }
    if (length > COLUMN_BYTES_MAX) {
        return sil_fail(
            err, SIL_ERR_USAGE,
            "the name of the column that tells people apart may have %d bytes",
            COLUMN_BYTES_MAX);
    }
    if (rows < 1 || rows > SIL_MAX_ROWS_PER_UNIT || (length == 0 && rows != 1)) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "a person counts with 1 to %" PRIu32 " rows, a row with itself",
                        SIL_MAX_ROWS_PER_UNIT);
    }
    if (length > 0) {
        SIL_TRY(sil_alloc(&copy, length + 1, 1, "a unit of privacy", err));
        (void)memcpy(copy, column, length);
    }
    free(out->id_column);
    *out = (struct sil_privacy_unit){.id_column = copy, .rows = (uint32_t)rows};

cleanup:
    return status;
}

sil_status sil_privacy_unit_set(struct sil_privacy_unit *out, const char *id_column,
                                uint64_t rows, struct sil_error *err)
{
    return set(out, id_column, id_column == NULL ? 0 : strlen(id_column), rows, err);
}

sil_status sil_privacy_unit_parse(struct sil_privacy_unit *out, const char *text,
                                  struct sil_error *err)
{
    if (strcmp(text, "row") == 0) {
        return set(out, NULL, 0, 1, err);
    }
    bool is_person = strncmp(text, PERSON, strlen(PERSON)) == 0;
    const char *column = is_person ? text + strlen(PERSON) : text;
    const char *colon = strrchr(column, ':');
    const char *digits = colon == NULL ? "" : colon + 1;
    size_t n = strspn(digits, "0123456789");
    if (!is_person || colon == NULL || colon == column || n == 0 || n > DIGITS_MAX ||
        digits[n] != '\0') {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the unit of privacy is 'row', or 'id:COLUMN:K': all rows with "
                        "the same COLUMN, of which K count; not '%.80s'",
                        text);
    }
    return set(out, column, (size_t)(colon - column), strtoull(digits, NULL, 10), err);
}

bool sil_privacy_unit_equal(const struct sil_privacy_unit *a,
                            const struct sil_privacy_unit *b)
{
    if (a->id_column == NULL || b->id_column == NULL) {
        return a->id_column == b->id_column;
    }
    return a->rows == b->rows && strcmp(a->id_column, b->id_column) == 0;
}

sil_status sil_privacy_unit_print(struct sil_bytes *out,
                                  const struct sil_privacy_unit *unit,
                                  struct sil_error *err)
{
    return unit->id_column == NULL ? sil_bytes_printf(out, err, "row")
                                   : sil_bytes_printf(out, err, "%s%s:%" PRIu32, PERSON,
                                                      unit->id_column, unit->rows);
}

sil_status sil_privacy_unit_say(struct sil_bytes *out,
                                const struct sil_privacy_unit *unit,
                                struct sil_error *err)
{
    return unit->id_column == NULL
               ? sil_bytes_printf(out, err, "one row")
               : sil_bytes_printf(out, err,
                                  "one person (all rows with the same \"%s\", of which "
                                  "%" PRIu32 " count)",
                                  unit->id_column, unit->rows);
}

const char *sil_privacy_unit_difference(const struct sil_privacy_unit *unit,
                                        enum sil_neighbours neighbours)
{
    bool is_row = unit->id_column == NULL;
    if (neighbours == SIL_ADD_REMOVE) {
        return is_row ? "adding or removing one row" : "adding or removing one person";
    }
    return is_row ? "replacing one row (the number of rows is public)"
                  : "replacing one person";
}
