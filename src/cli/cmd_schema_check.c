// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/file.h"
#include "cli/options.h"
#include "cli/places.h"
#include "cli/report.h"
#include "cli/words.h"
#include "codec/csv.h"
#include "table/schema.h"
#include "table/table.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { SCHEMA_BYTES_MAX = 1 << 26, LINES_DEFAULT = 20 };

static const struct sil_cli_option DATA[] = {
    {.name = "data",
     .argument = "CSV",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args, data),
     .help =
         "Check a table against the schema too; the report names records and fields, "
         "never values"                                        },
    { .name = "limit",
     .argument = "N",
     .kind = SIL_CLI_COUNT,
     .member = offsetof(struct sil_cli_args,                             limit),
     .least = 1,
     .most = 1000000,
     .help = "List at most N problems of a table (default: 20)"},
};

static const struct sil_cli_group INPUT = SIL_CLI_GROUP("Input:", DATA);

/* What is wrong, a line each, and how many there are: more than the lines when cut. */
struct findings {
    struct sil_bytes lines;
    uint64_t n;
};

static json_t *as_array(const struct sil_bytes *lines)
{
    json_t *array = json_array();
    size_t start = 0;
    for (size_t i = 0; i < lines->length; i++) {
        if (lines->data[i] == '\n') {
            (void)json_array_append_new(
                array, json_stringn((const char *)lines->data + start, i - start));
            start = i + 1;
        }
    }
    return array;
}

/* What was found in a table says something about its rows: the owner's alone. */
static sil_status write_report(const struct sil_cli_args *args, struct sil_bytes *text,
                               struct sil_error *err)
{
    return args->data != NULL
               ? sil_cli_write_internal(args->out, (char *)text->data, text->length,
                                        err)
               : sil_cli_write_text(args->out, (char *)text->data, text->length, err);
}

static sil_status print_json(const struct findings *findings,
                             const struct sil_cli_args *args, struct sil_error *err)
{
    json_t *object = json_pack("{s:i, s:b, s:I, s:o}", "schema", 1, "ok",
                               findings->n == 0, "n_problems", (json_int_t)findings->n,
                               "problems", as_array(&findings->lines));
    char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (text == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: the report");
    }
    struct sil_bytes line = {0};
    sil_status status = sil_bytes_printf(&line, err, "%s\n", text);
    if (status == SIL_OK) {
        status = write_report(args, &line, err);
    }
    sil_bytes_clear(&line);
    free(text);
    return status;
}

static uint64_t count_lines(const struct sil_bytes *lines)
{
    uint64_t n = 0;
    for (size_t i = 0; i < lines->length; i++) {
        n += lines->data[i] == '\n' ? 1 : 0;
    }
    return n;
}

/* The lines before the list: each file with what was found in it. */
static sil_status head(struct sil_bytes *out, uint64_t n_in_schema, uint64_t n,
                       const struct sil_cli_args *args, struct sil_error *err)
{
    if (n_in_schema > 0) {
        return sil_bytes_printf(out, err, "%s: %" PRIu64 " problem%s\n", args->operand,
                                n_in_schema, n_in_schema == 1 ? "" : "s");
    }
    sil_status status =
        sil_bytes_printf(out, err, "%s: no problem found\n", args->operand);
    if (status != SIL_OK || args->data == NULL) {
        return status;
    }
    return n == 0
               ? sil_bytes_printf(out, err,
                                  "%s: every value is one that the schema declares, "
                                  "and rows keep its rules\n",
                                  args->data)
               : sil_bytes_printf(out, err,
                                  "%s: %" PRIu64 " problem%s: values that the schema "
                                  "does not declare, and rules that rows do not keep\n",
                                  args->data, n, n == 1 ? "" : "s");
}

static sil_status print_words(uint64_t n_in_schema, const struct findings *findings,
                              const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes report = {0};
    uint64_t n_lines = count_lines(&findings->lines);

    SIL_TRY(head(&report, n_in_schema, findings->n, args, err));
    SIL_TRY(
        sil_bytes_append(&report, findings->lines.data, findings->lines.length, err));
    if (findings->n > n_lines) {
        SIL_TRY(sil_bytes_printf(&report, err,
                                 "and %" PRIu64 " more: --limit=N lists more\n",
                                 findings->n - n_lines));
    }
    sil_cli_blunt((char *)report.data, report.length, true);
    SIL_TRY(write_report(args, &report, err));

cleanup:
    sil_bytes_clear(&report);
    return status;
}

static sil_status check_data(struct findings *findings, const struct sil_cli_args *args,
                             const struct sil_bytes *json, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_schema *schema = NULL;
    const struct sil_csv_options options = {.delimiter = args->delimiter,
                                            .ignore_extra_columns =
                                                args->ignore_extra_columns};
    size_t limit = args->limit.given ? (size_t)args->limit.value : LINES_DEFAULT;

    SIL_TRY(sil_schema_parse(&schema, (const char *)json->data, json->length, err));
    SIL_TRY(sil_schema_check_data(&findings->lines, &findings->n, args->data, schema,
                                  &options, limit, err));

cleanup:
    sil_schema_free(schema);
    return status;
}

static sil_status judge(uint64_t n_in_schema, const struct findings *findings,
                        const struct sil_cli_args *args, struct sil_error *err)
{
    if (n_in_schema > 0) {
        return sil_fail(err, SIL_ERR_CHECK, "%s is not a valid schema: see the report",
                        args->operand);
    }
    if (findings->n > 0) {
        return sil_fail(err, SIL_ERR_CHECK,
                        "%s has values or rows that %s does not allow: see the report",
                        args->data, args->operand);
    }
    return SIL_OK;
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes json = {0};
    struct findings findings = {0};
    size_t n = 0;
    const struct sil_cli_place inputs[] = {
        {"SCHEMA", args->operand},
        {"--data", args->data   }
    };
    const struct sil_cli_place output = {"--out", args->out};

    SIL_TRY(sil_cli_places_differ(inputs, 2, &output, 1, err));
    SIL_TRY(sil_file_read(&json, args->operand, SCHEMA_BYTES_MAX, err));
    SIL_TRY(sil_schema_explain(&findings.lines, &n, (const char *)json.data,
                               json.length, err));
    findings.n = n;
    status =
        n == 0 && args->data != NULL ? check_data(&findings, args, &json, err) : SIL_OK;
    SIL_TRY(status);
    SIL_TRY(args->json ? print_json(&findings, args, err)
                       : print_words(n, &findings, args, err));
    status = judge(n, &findings, args, err);

cleanup:
    sil_bytes_clear(&findings.lines);
    sil_bytes_clear(&json);
    return status;
}

const struct sil_cli_command SIL_CLI_SCHEMA_CHECK = {
    .name = "schema check",
    .summary = "explain each problem of a schema, or of a table under it",
    .about =
        "Explain each problem of a schema with its place; with --data also each "
        "value of a table that the schema does not declare, and how many rows break "
        "each rule. Exits with 1 when there is a problem. The report on a table is for whoever may see its rows.",
    .examples = "  silhouette schema check patients.json\n"
                "  silhouette schema check patients.json --data patients.csv",
    .operand = "SCHEMA",
    .groups = {&INPUT, &SIL_CLI_OPTIONS_CSV, &SIL_CLI_OPTIONS_TEXT_OUT},
    .run = run,
};
