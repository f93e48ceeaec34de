// SPDX-License-Identifier: Apache-2.0
/* Everything that went in besides the rows: where does each of it come from? */
#include "audits/table/table.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "codec/json.h"

#include <stdio.h>
#include <string.h>

enum { PACKAGE_MAX = 1 << 24 };

enum source { PUBLIC, PRIVATE, LOOKED, UNEXPLAINED, N_SOURCES };

static const char *const SOURCES[N_SOURCES] = {"public", "differentially private",
                                               "looked at", "unexplained"};

struct inputs {
    json_t *list;
    size_t n[N_SOURCES];
};

static void add(struct inputs *inputs, const char *input, const char *name,
                enum source source, const char *how)
{
    inputs->n[source]++;
    (void)json_array_append_new(inputs->list, json_pack("{s:s, s:s, s:s, s:s}", "input",
                                                        input, "name", name, "source",
                                                        SOURCES[source], "how", how));
}

static void add_field(struct inputs *inputs, const struct aud_field *field)
{
    static const char *const RULES[] = {"clamped", "other", "null", "dropped"};
    char how[120];
    bool is_public = field->origin[0] == '\0';
    bool is_looked = strcmp(field->origin, "looked") == 0;
    enum source source = is_public ? PUBLIC : is_looked ? LOOKED : UNEXPLAINED;
    (void)snprintf(how, sizeof how, "%s of %u, %s; what lies outside is %s",
                   field->is_closed ? "a closed set" : "bins", field->n_plain,
                   field->is_required ? "no null" : "and null", RULES[field->outside]);
    add(inputs, "domain", field->name, source, how);
}

static void add_choices(struct inputs *inputs, const struct aud_case *item)
{
    bool is_estimate = strcmp(aud_statement_text(item, "predicate/rows/n_chosen_by"),
                              "private estimate") == 0;
    bool is_replace = item->ledger.is_replace && !item->ledger.is_people;
    bool follows = json_is_null(aud_statement_at(item, "predicate/rows/seed"));
    add(inputs, "plan", "mechanism, workload, limits, epsilon, delta", PUBLIC,
        "their hash was reserved before anything was measured");
    add(inputs, "order", "the columns' in the file", PUBLIC, "as a header has it");
    add(inputs, "row count", "predicate/rows/n",
        is_estimate  ? PRIVATE
        : is_replace ? PUBLIC
                     : UNEXPLAINED,
        is_estimate ? "an estimate from what was measured"
                    : "the operator's choice: ask whether it came from the table");
    if (aud_statement_at(item, "predicate/rows/made_to_order") != NULL) {
        add(inputs, "rows made to order", "predicate/rows/made_to_order", UNEXPLAINED,
            "the operator's choice of rows: ask whether it came from the table");
    }
    add(inputs, "seed", "predicate/rows/seed", follows ? PRIVATE : UNEXPLAINED,
        follows ? "a hash of the transcript"
                : "the operator's choice: ask how many were tried");
}

static void note(struct aud_case *item, struct inputs *inputs)
{
    bool is_clear = inputs->n[LOOKED] == 0 && inputs->n[UNEXPLAINED] == 0;
    aud_find(&item->findings, "P2", "Public inputs come from elsewhere than the rows",
             is_clear ? AUD_HOLDS : AUD_NOT_EXAMINED,
             "%zu public, %zu differentially private, %zu looked at (outside the "
             "guarantee), %zu unexplained; each with --json",
             inputs->n[PUBLIC], inputs->n[PRIVATE], inputs->n[LOOKED],
             inputs->n[UNEXPLAINED]);
    aud_find_list(&item->findings, "inputs", inputs->list);
}

/* ---- the data package ---- */

/* The names that it lists are those of the fields that were looked at, in order. */
static bool lists_looked(const json_t *list, const struct aud_table *table)
{
    size_t n = 0;
    bool is = json_is_array(list);
    for (size_t i = 0; i < table->n_columns && is; i++) {
        const struct aud_field *field = &table->field[i];
        if (field->was_looked_at) {
            const char *name = json_string_value(json_array_get(list, n++));
            is = name != NULL && strcmp(name, field->name) == 0;
        }
    }
    return is && json_array_size(list) == n;
}

/* What differs between what the package says of privacy and the statement; NULL: nothing. */
static const char *fault_of_package(const struct aud_case *item, const json_t *package,
                                    const struct aud_table *table)
{
    const json_t *said = json_object_get(package, "silhouette:privacy");

    static const struct {
        const char *member;
        const char *path;
    } PAIRS[] = {
        {"claim",     "predicate/claim"                                       },
        {"mechanism", "predicate/buildDefinition/externalParameters/mechanism"},
        {"ledger",    "predicate/ledger/origin"                               },
        {"release",   "predicate/ledger/release"                              }
    };

    for (size_t i = 0; i < sizeof PAIRS / sizeof PAIRS[0]; i++) {
        if (json_equal(json_object_get(said, PAIRS[i].member),
                       aud_statement_at(item, PAIRS[i].path)) == 0) {
            return PAIRS[i].member;
        }
    }
    return lists_looked(json_object_get(said, "looked"), table) ? NULL : "looked";
}

static sil_status check_package(struct aud_case *item, const struct aud_table *table,
                                struct sil_error *err)
{
    static const char CLAIMS[] = "The data package repeats the claim";
    static const char NAME[] = "datapackage.json";
    struct sil_bytes bytes = {0};
    json_t *package = NULL;
    sil_status status = aud_folder_read(&bytes, &item->folder, NAME, PACKAGE_MAX, err);
    if (status == SIL_OK) {
        status =
            sil_json_parse(&package, (const char *)bytes.data, bytes.length, NAME, err);
    }
    if (status == SIL_OK) {
        const char *fault = fault_of_package(item, package, table);
        aud_find(&item->findings, "R7", CLAIMS, fault == NULL ? AUD_HOLDS : AUD_REFUTED,
                 "%s%s",
                 fault == NULL ? "" : "datapackage.json says something else of: ",
                 fault == NULL ? "" : fault);
    } else if (!aud_is_fault(status)) {
        aud_find(&item->findings, "R7", CLAIMS, AUD_REFUTED, "%s", err->text);
        status = SIL_OK;
    }
    json_decref(package);
    sil_bytes_clear(&bytes);
    return status;
}

sil_status aud_check_inputs(struct aud_case *item, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_table table = {0};
    struct inputs inputs = {.list = NULL};
    if (item->run == NULL) {
        return SIL_OK;
    }
    status = aud_table_begin(&table, (const char *)item->transcript.schema.data,
                             item->transcript.schema.length, err);
    if (status == SIL_ERR_INPUT || status == SIL_ERR_UNSUPPORTED) { /* M1 said so */
        status = SIL_OK;
        goto cleanup;
    }
    SIL_TRY(status);
    inputs.list = json_array();
    for (size_t i = 0; i < table.n_columns; i++) {
        add_field(&inputs, &table.field[i]);
    }
    add_choices(&inputs, item);
    note(item, &inputs);
    status = check_package(item, &table, err);

cleanup:
    aud_table_clear(&table);
    return status;
}
