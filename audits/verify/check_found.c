// SPDX-License-Identifier: Apache-2.0
/* Values that nobody listed, for an auditor who holds the data. */
#include "audits/ledger/reading.h"
#include "audits/table/table.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>

static const struct aud_discovery *find_discovery(
    const struct aud_transcript *transcript, size_t attr)
{
    const struct aud_discovery *found = NULL;
    for (size_t i = 0; i < transcript->n_found && found == NULL; i++) {
        found = transcript->found[i].attr == attr ? &transcript->found[i] : NULL;
    }
    return found;
}

static sil_status settle(struct aud_table *table, size_t attr,
                         const struct aud_discovery *found, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_text *text = NULL;
    SIL_TRY(sil_alloc(&text, found->n_values, sizeof *text, "values", err));
    for (size_t i = 0; i < found->n_values; i++) {
        text[i] = (struct aud_text){.text = (const char *)found->value[i].data,
                                    .length = found->value[i].length};
    }
    status = aud_table_settle(table, attr, text, found->n_values, err);
    if (status == SIL_ERR_INPUT) {
        status = aud_refuse(err, "D1",
                            "values were found that no honest run looks for, or out of "
                            "their order");
    }

cleanup:
    free(text);
    return status;
}

sil_status aud_settle_found(struct aud_table *table,
                            const struct aud_transcript *transcript,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n_open = 0;
    if (table->n_fields != transcript->n_columns) {
        return aud_refuse(err, "D1",
                          "the schema has other columns than the transcript");
    }
    for (size_t attr = 0; attr < table->n_fields; attr++) {
        const struct aud_discovery *found = find_discovery(transcript, attr);
        if ((found != NULL) != table->field[attr].is_open) {
            return aud_refuse(err, "D1",
                              "values were found of other fields than the open ones");
        }
        if (found != NULL) {
            SIL_TRY(settle(table, attr, found, err));
            n_open++;
        }
    }
    if (n_open != transcript->n_found) {
        status = aud_refuse(err, "D1", "values of a field were found twice");
    }

cleanup:
    return status;
}
