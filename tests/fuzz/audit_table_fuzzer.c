// SPDX-License-Identifier: Apache-2.0
/* A schema, a zero byte, and a table, as the auditor reads them. Promises: both are read, or
 * refused with a reason; every cell is one of its field's. */
#include "audits/order/meeting.h"
#include "audits/table/table.h"
#include "fuzz/fuzz.h"

#include <string.h>

static void check_cells(const struct aud_table *table, bool is_settled)
{
    for (size_t i = 0; i < table->n_fields; i++) {
        const struct aud_field *field = &table->field[i];
        size_t n = field->n_cells + (is_settled ? 0 : field->n_unlisted);
        for (size_t row = 0; row < table->n_rows; row++) {
            FUZZ_REQUIRE(table->column[i][row] < n);
        }
    }
}

/* Every text of an open field may be found; and none, or the one met last, is. */
static void settle(struct aud_table *table)
{
    for (size_t i = 0; i < table->n_fields; i++) {
        const struct aud_field *field = &table->field[i];
        struct aud_text text = {.text = "", .length = 0};
        size_t n = field->n_unlisted % 2;
        if (!field->is_open) {
            continue;
        }
        if (n > 0) {
            const struct aud_unlisted *last = &field->unlisted[field->n_unlisted - 1];
            text = (struct aud_text){.text = last->text, .length = last->length};
        }
        FUZZ_REQUIRE(aud_table_settle(table, i, &text, n, NULL) == SIL_OK);
    }
}

/* Rows meet the rules of the schema, when it has any that can be read. */
static sil_status read_rows(struct aud_table *table, const struct aud_whose *whose,
                            const uint8_t *schema, size_t length,
                            const struct sil_bytes *csv, struct sil_error *err)
{
    struct aud_meeting meeting;
    sil_status status =
        aud_meeting_begin(&meeting, (const char *)schema, length, table, err);
    if (status == SIL_OK) {
        table->meets = aud_meeting_row;
        table->meets_context = &meeting;
        status = aud_table_read(table, csv, whose, ',', err);
    }
    aud_meeting_clear(&meeting);
    return status;
}

/* A schema, a zero byte, a table; of rows, and of people. */
static void read_as(const struct aud_whose *whose, const uint8_t *data, size_t size)
{
    struct aud_table table;
    struct sil_error err = {{0}};
    const uint8_t *end = size == 0 ? NULL : memchr(data, 0, size);
    size_t length = end == NULL ? size : (size_t)(end - data);
    sil_status status = aud_table_begin(&table, (const char *)data, length, &err);
    if (status == SIL_OK && end != NULL) {
        struct sil_bytes csv = {0};
        FUZZ_REQUIRE(sil_bytes_append(&csv, end + 1, size - length - 1, NULL) ==
                     SIL_OK);
        status = read_rows(&table, whose, data, length, &csv, &err);
        sil_bytes_clear(&csv);
    }
    if (status == SIL_OK && end != NULL) {
        check_cells(&table, false);
        settle(&table);
        check_cells(&table, true);
    }
    FUZZ_REQUIRE(status == SIL_OK || status == SIL_ERR_INPUT ||
                 status == SIL_ERR_CHECK);
    FUZZ_REQUIRE(status == SIL_OK || strlen(err.text) > 0);
    aud_table_clear(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct aud_whose ROWS = {.id_column = NULL};
    static const struct aud_whose PEOPLE = {.id_column = "id", .most = 2};
    read_as(&ROWS, data, size);
    read_as(&PEOPLE, data, size);
    return 0;
}
