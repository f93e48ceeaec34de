// SPDX-License-Identifier: Apache-2.0
/* The input as a condition and as shares over columns of every type. Promises: both are taken
 * or refused with a place inside the text; a condition that is taken falls into disjoint boxes,
 * or is refused for their number. */
#include "fuzz/fuzz.h"
#include "synth/boxes.h"
#include "synth/shares.h"

#include <stdlib.h>
#include <string.h>

static const char SCHEMA[] =
    "{\"fields\": ["
    "{\"name\": \"age\", \"type\": \"integer\", \"silhouette\": {\"bins\": [0, 5, 10, 20]}},"
    "{\"name\": \"s\", \"type\": \"string\", \"categories\": [\"F\", \"M\"],"
    " \"silhouette\": {\"outside\": \"other\", \"other\": \"z\"}},"
    "{\"name\": \"n\", \"type\": \"integer\", \"constraints\": {\"enum\": [1, 2, 10]}},"
    "{\"name\": \"x\", \"type\": \"number\", \"silhouette\": {\"bins\": [-1, 0, \"0.5\"]}},"
    "{\"name\": \"b\", \"type\": \"boolean\"},"
    "{\"name\": \"d\", \"type\": \"date\", \"constraints\": {\"minimum\": \"2020-01-01\","
    " \"maximum\": \"2020-03-01\"}, \"silhouette\": {\"bins\": 2}},"
    "{\"name\": \"r\", \"type\": \"string\", \"categories\": [\"u\", \"v\"]},"
    "{\"name\": \"k\", \"type\": \"integer\", \"constraints\": {\"enum\": [1, 2]}},"
    "{\"name\": \"t\", \"type\": \"integer\", \"constraints\": {\"minimum\": 0,"
    " \"maximum\": 9}}], \"silhouette\": {\"rules\": ["
    "{\"determines\": {\"from\": \"s\", \"to\": \"r\", \"map\": {\"F\": \"u\","
    " \"M\": null}, \"default\": \"v\"}},"
    "{\"determines\": {\"from\": \"age\", \"to\": \"k\", \"cuts\": [3, 10, 17],"
    " \"values\": [1, 2, null, 1]}},"
    "{\"derive\": {\"column\": \"t\", \"as\": \"age - n\"}}]}}";

enum { N_FIELDS = 6 }; ///< that are measured

static void check_boxes(const struct sil_condition *c, const struct sil_schema *schema)
{
    struct sil_pieces columns[N_FIELDS];
    const struct sil_test **tests = calloc(c->n_tests, sizeof *tests);
    struct sil_test_place *places = calloc(c->n_tests, sizeof *places);
    struct sil_boxes boxes;
    size_t n_columns = 0;
    FUZZ_REQUIRE(tests != NULL && places != NULL);
    for (uint32_t a = 0; a < N_FIELDS; a++) {
        size_t n = 0;
        for (size_t t = 0; t < c->n_tests; t++) {
            if (c->test[t].attr == a) {
                places[t] = (struct sil_test_place){n_columns, n};
                tests[n++] = &c->test[t];
            }
        }
        if (n > 0) {
            FUZZ_REQUIRE(sil_pieces_make(&columns[n_columns++],
                                         sil_schema_field(schema, a), tests, n,
                                         NULL) == SIL_OK);
        }
    }
    sil_status status = sil_boxes_find(&boxes, c, places, columns, n_columns, NULL);
    FUZZ_REQUIRE(status == SIL_OK || status == SIL_ERR_USAGE);
    for (size_t i = 1; i < boxes.n; i++) {
        bool is_apart = false;
        for (size_t k = 0; k < n_columns; k++) {
            bool meets = false;
            for (uint32_t class = 0; class < columns[k].n_classes; class ++) {
                meets = meets || (sil_box_allows(&boxes, i - 1, k, class) &&
                                  sil_box_allows(&boxes, i, k, class));
            }
            is_apart = is_apart || !meets;
        }
        FUZZ_REQUIRE(is_apart);
    }
    sil_boxes_clear(&boxes);
    for (size_t k = 0; k < n_columns; k++) {
        sil_pieces_clear(&columns[k]);
    }
    free((void *)tests);
    free(places);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sil_schema *schema = NULL;
    struct sil_condition condition;
    struct sil_shares shares;
    size_t column;
    char *text = calloc(size + 1, 1);
    FUZZ_REQUIRE(text != NULL);
    if (size > 0) {
        (void)memcpy(text, data, size);
    }
    FUZZ_REQUIRE(sil_schema_parse(&schema, SCHEMA, sizeof SCHEMA - 1, NULL) == SIL_OK);

    sil_status status =
        sil_condition_parse(&condition, text, schema, true, "input", &column, NULL);
    FUZZ_REQUIRE(status == SIL_OK ||
                 (status == SIL_ERR_USAGE && column > 0 && column <= strlen(text) + 1));
    if (status == SIL_OK) {
        check_boxes(&condition, schema);
    }
    sil_condition_clear(&condition);

    status = sil_shares_parse(&shares, text, schema, "input", &column, NULL);
    FUZZ_REQUIRE(status == SIL_OK ||
                 (status == SIL_ERR_USAGE && column > 0 && column <= strlen(text) + 1));
    sil_shares_clear(&shares);
    sil_schema_free(schema);
    free(text);
    return 0;
}
