// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include "base/fail.h"
#include "cli/places.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "cli/spending.h"
#include "cli/terminal.h"
#include "synth/mosaic.h"
#include "synth/sample.h"
#include "table/schema.h"

#include <stdio.h>
#include <string.h>

static bool is_file(const char *workload)
{
    bool is_number = workload[0] >= '0' && workload[0] <= '9' && workload[1] == '\0';
    return !is_number;
}

struct sil_fit_options sil_cli_fit_options(const struct sil_cli_args *args)
{
    struct sil_fit_options options = sil_fit_defaults();
    options.epsilon = args->epsilon;
    options.delta = args->delta;
    options.discovery_delta = args->ledger.discovery_delta;
    options.unledgered = args->no_ledger;
    options.ignore_extra_columns = args->ignore_extra_columns;
    options.progress = sil_cli_progress(args->quiet);
    if (args->mechanism != 0) {
        options.mechanism = (enum sil_mechanism)args->mechanism;
    }
    options.unit = args->ledger.unit;
    options.drops_missing_ids = args->drop_missing_ids;
    if (args->neighbours != 0) {
        options.neighbours = (enum sil_neighbours)(args->neighbours - 1);
    }
    if (args->workload != NULL) {
        options.workload = args->workload;
    }
    if (args->max_cells.given) {
        options.max_cells = args->max_cells.value;
    }
    if (args->max_model_mb.given) {
        options.max_model_mb = args->max_model_mb.value;
    }
    if (args->threads.given) {
        options.n_threads = (unsigned)args->threads.value;
    }
    if (args->delimiter != '\0') {
        options.delimiter = args->delimiter;
    }
    return options;
}

static sil_status try_place(const char *path, struct sil_error *err)
{
    return path == NULL ? SIL_OK : sil_cli_place_try(path, err);
}

static sil_status check_places(const struct sil_cli_args *args, const char *rows_path,
                               const char *model_path, struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool reads_workload = args->workload != NULL && is_file(args->workload);
    const struct sil_cli_place inputs[] = {
        {"--data",     args->data                            },
        {"--schema",   args->schema                          },
        {"--workload", reads_workload ? args->workload : NULL},
    };
    const struct sil_cli_place outputs[] = {
        {"--out",       args->out      },
        {"--model-out", args->model_out},
    };

    SIL_TRY(sil_cli_places_differ(inputs, 3, outputs, 2, err));
    SIL_TRY(try_place(rows_path, err));
    SIL_TRY(try_place(model_path, err));

cleanup:
    return status;
}

/* Rows that could never be drawn are not paid for. */
static sil_status check_rows(const struct sil_schema *schema,
                             enum sil_mechanism mechanism,
                             const struct sil_cli_args *args, struct sil_error *err)
{
    struct sil_domain domain = sil_schema_domain(schema);
    return sil_rows_fit(&domain, mechanism, args->rows.given ? args->rows.value : 0,
                        err);
}

/* A file may have such marginals too: it is not read twice for that, and `plan` tells. */
static void warn_of_workload(const struct sil_fit_options *options,
                             const struct sil_schema *schema)
{
    bool is_wide = !is_file(options->workload) &&
                   options->workload[0] > '0' + SIL_MOSAIC_ATTRS &&
                   options->workload[0] <= '0' + SIL_WORKLOAD_ATTRS_MAX;
    if (options->mechanism == SIL_MOSAIC && is_wide &&
        sil_schema_n_fields(schema) > SIL_MOSAIC_ATTRS) {
        sil_cli_report_warning(
            "mosaic relates at most 3 columns at once: of marginals of more, only the "
            "parts come out well; --mechanism aim takes them whole");
    }
}

sil_status sil_cli_fit(struct sil_model **out, const struct sil_cli_args *args,
                       const char *rows_path, const char *model_path,
                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_schema *schema = NULL;
    struct sil_fit_options options = sil_cli_fit_options(args);
    struct sil_cli_spending spending = {0};
    *out = NULL;

    SIL_TRY(sil_cli_spending_check(args, err));
    SIL_TRY(check_places(args, rows_path, model_path, err));
    SIL_TRY(sil_cli_try_threads(options.n_threads, err));
    SIL_TRY(sil_schema_read(&schema, args->schema, err));
    SIL_TRY(check_rows(schema, options.mechanism, args, err));
    warn_of_workload(&options, schema);
    SIL_TRY(sil_cli_spending_open(&spending, args, sil_schema_n_open(schema) > 0, err));
    sil_cli_spending_tell(&options, &spending);
    status = sil_model_fit(out, args->data, schema, &options, err);
    if (status != SIL_OK) {
        sil_cli_spending_advise(&spending, status, err);
    }

cleanup:
    sil_cli_spending_close(&spending);
    sil_schema_free(schema);
    return status;
}

sil_status sil_cli_spent(sil_status status, const char *left, struct sil_error *err)
{
    static const char SPENT[] = "; the budget is spent";
    char cause[sizeof err->text];
    /* However long the names are, this much must be read: the cause is cut first. */
    size_t behind = strlen(SPENT) + strlen(left) + 1;
    size_t room = behind < sizeof cause ? sizeof cause - behind : 0;
    (void)snprintf(cause, sizeof cause, "%s", err->text);
    return sil_fail(err, status, "%.*s%s%s", (int)room, cause, SPENT, left);
}

sil_status sil_cli_draw(const struct sil_model *model, const struct sil_cli_args *args,
                        struct sil_sample_report *report, struct sil_error *err)
{
    struct sil_sample_fault fault = {0};
    struct sil_sample_options options = sil_sample_defaults();
    options.where = args->where;
    options.rebalance = args->rebalance.item;
    options.n_rebalance = args->rebalance.n;
    options.fair = args->fair;
    options.report = report;
    options.fault = &fault;
    options.n_rows = args->rows.value;
    options.has_seed = args->seed.given;
    options.seed = args->seed.value;
    options.progress = sil_cli_progress(args->quiet);
    if (args->threads.given) {
        options.n_threads = (unsigned)args->threads.value;
    }
    if (args->delimiter != '\0') {
        options.delimiter = args->delimiter;
    }
    sil_status status = sil_model_sample(model, args->out, &options, err);
    sil_cli_report_place(fault.text, fault.column);
    return status;
}
