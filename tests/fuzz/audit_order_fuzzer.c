// SPDX-License-Identifier: Apache-2.0
/* The input as a condition and as shares, as the auditor reads them, and as a row. Promises:
 * each is read, or refused with a reason; what is read is true of a row or not. */
#include "audits/order/order.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static const char SCHEMA[] =
    "{\"fields\": ["
    "{\"name\": \"age\", \"type\": \"integer\", \"silhouette\": {\"bins\": [0, 5, 10, 20]}},"
    "{\"name\": \"s\", \"type\": \"string\", \"categories\": [\"F\", \"M\"],"
    " \"silhouette\": {\"outside\": \"other\", \"other\": \"z\"}},"
    "{\"name\": \"x\", \"type\": \"number\", \"silhouette\": {\"bins\": [-1, 0, \"0.5\"]}},"
    "{\"name\": \"b\", \"type\": \"boolean\"},"
    "{\"name\": \"d\", \"type\": \"date\", \"constraints\": {\"minimum\": \"2020-01-01\","
    " \"maximum\": \"2020-03-01\"}, \"silhouette\": {\"bins\": 2}},"
    "{\"name\": \"r\", \"type\": \"string\", \"categories\": [\"u\", \"v\"]}],"
    " \"silhouette\": {\"rules\": [{\"determines\": {\"from\": \"s\", \"to\": \"r\","
    " \"map\": {\"F\": \"u\"}, \"default\": \"v\"}}]}}";

enum { N_FIELDS = 6 }; ///< with what is recomputed

static void hold(const struct aud_condition *condition, const struct aud_shown *shown)
{
    uint8_t *work = calloc(condition->n_steps + 1, 1);
    FUZZ_REQUIRE(work != NULL);
    (void)aud_condition_holds(condition, shown, work);
    FUZZ_REQUIRE(condition->n_steps > 0 && work[0] <= AUD_TRUE);
    free(work);
}

static void count(struct aud_portions *portions, const struct aud_shown *shown)
{
    uint64_t n = 0;
    aud_portions_count(portions, &shown[portions->field]);
    for (size_t i = 0; i < portions->n; i++) {
        n += portions->portion[i].n;
    }
    FUZZ_REQUIRE(n + portions->n_rest == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aud_table table;
    struct aud_condition condition;
    struct aud_portions portions;
    struct aud_shown shown[N_FIELDS];
    struct sil_error err = {{0}};
    char *text = calloc(size + 1, 1);
    FUZZ_REQUIRE(text != NULL);
    if (size > 0) {
        (void)memcpy(text, data, size);
    }
    FUZZ_REQUIRE(aud_table_begin(&table, SCHEMA, sizeof SCHEMA - 1, NULL) == SIL_OK);
    for (size_t f = 0; f < N_FIELDS; f++) {
        mpq_init(shown[f].value);
        aud_shown_read(&shown[f], &table.field[f], text, size);
    }

    sil_status status = aud_condition_read(&condition, text, &table, &err);
    FUZZ_REQUIRE(status == SIL_OK || (status == SIL_ERR_CHECK && strlen(err.text) > 0));
    if (status == SIL_OK) {
        hold(&condition, shown);
    }
    aud_condition_clear(&condition);
    status = aud_portions_read(&portions, text, &table, &err);
    FUZZ_REQUIRE(status == SIL_OK || (status == SIL_ERR_CHECK && strlen(err.text) > 0));
    if (status == SIL_OK) {
        count(&portions, shown);
    }
    aud_portions_clear(&portions);

    for (size_t f = 0; f < N_FIELDS; f++) {
        mpq_clear(shown[f].value);
    }
    aud_table_clear(&table);
    free(text);
    return 0;
}
