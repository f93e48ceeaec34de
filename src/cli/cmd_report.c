// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/folder.h"
#include "cli/options.h"
#include "cli/places.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "cli/words.h"
#include "internal/documents.h"
#include "internal/folder.h"

#include <string.h>
#include <sys/stat.h>

#define MEMBER(name) offsetof(struct sil_cli_args, name)

static const struct sil_cli_option INPUT[] = {
    {.name = "data",
     .argument = "CSV",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(data),
     .help = "The sensitive table that the model was fitted to; - reads the standard "
             "input"                                                         },
    { .name = "model",
     .letter = 'm',
     .argument = "MODEL",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(model),
     .help = "A model that fit or synth has kept; - reads the standard input"},
};

static const struct sil_cli_option SYNTHETIC[] = {
    {.name = "synthetic",
     .argument = "CSV",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(synthetic),
     .help = "The synthetic rows to look at (default: rows drawn from the model)"},
    { .name = "rows",
     .argument = "N",
     .kind = SIL_CLI_COUNT,
     .member = MEMBER(rows),
     .least = 1,
     .most = INT32_MAX,
     .help = "How many rows to draw (default: the private estimate)"},
    {              .name = "seed",
     .argument = "S",
     .kind = SIL_CLI_COUNT,
     .member = MEMBER(seed),
     .least = 0,
     .most = UINT64_MAX,
     .help = "Seed of the rows to draw (default: from the transcript)"},
};

static const struct sil_cli_option GROUP[] = {
    {.name = "group",
     .argument = "COLUMN",
     .kind = SIL_CLI_LIST,
     .member = MEMBER(groups),
     .help = "Compare within each value of this column as well; may be given again"},
};

static const struct sil_cli_option OUT[] = {
    {.name = "out",
     .letter = 'o',
     .argument = "DIR",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(out),
     .help = "A new folder for the report, readable by its owner only"},
};

static const struct sil_cli_group FILES = SIL_CLI_GROUP("Input:", INPUT);
static const struct sil_cli_group ROWS = SIL_CLI_GROUP("Synthetic rows:", SYNTHETIC);
static const struct sil_cli_group WHAT = SIL_CLI_GROUP("Report:", GROUP);
static const struct sil_cli_group OUTPUT = SIL_CLI_GROUP("Output:", OUT);

static sil_status check_rows(const struct sil_cli_args *args, struct sil_error *err)
{
    if (args->synthetic != NULL && (args->rows.given || args->seed.given)) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--synthetic names rows that are there: --rows and --seed are "
                        "for rows to be drawn");
    }
    return SIL_OK;
}

static sil_status check_places(const struct sil_cli_args *args, struct sil_error *err)
{
    const struct sil_cli_place inputs[] = {
        {"--data",      args->data     },
        {"--model",     args->model    },
        {"--synthetic", args->synthetic},
    };
    if (strcmp(args->out, "-") == 0) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--out names a folder: a report does not go to the standard "
                        "output");
    }
    return sil_cli_places_differ(inputs, 3, NULL, 0, err);
}

static struct sil_comparison_options options_of(const struct sil_cli_args *args)
{
    struct sil_progress progress = sil_cli_progress(args->quiet);
    struct sil_sample_options sample = sil_sample_defaults();
    sample.n_rows = args->rows.value;
    sample.has_seed = args->seed.given;
    sample.seed = args->seed.value;
    sample.n_threads = (unsigned)args->threads.value;
    sample.progress = progress;
    return (struct sil_comparison_options){
        .data = args->data,
        .synthetic = args->synthetic,
        .csv = {.delimiter = args->delimiter,
                .ignore_extra_columns = args->ignore_extra_columns},
        .sample = sample,
        .group = args->groups.item,
        .n_groups = args->groups.n,
        .n_threads = (unsigned)args->threads.value,
        .progress = progress,
    };
}

/* No figure: they are private, and a terminal is recorded more often than one thinks. */
static void say_done(const char *folder, bool quiet)
{
    sil_cli_report_warning(SIL_REPORT_WARNING);
    if (quiet) {
        return;
    }
    if (sil_cli_report_is_json()) {
        sil_cli_report_object(json_pack("{s:o, s:b}", "folder",
                                        sil_cli_report_text(folder), "internal", 1));
        return;
    }
    sil_cli_say("Report    report.html, and report.json for programs, in %s", folder);
    sil_cli_say_wrapped("          " SIL_REPORT_NOTICE);
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_folder *folder = NULL;
    struct sil_model *model = NULL;
    struct sil_comparison comparison = {0};
    const struct sil_comparison_options options = options_of(args);

    (void)umask(S_IRWXG | S_IRWXO); /* nothing of a report is for others */
    SIL_TRY(check_rows(args, err));
    SIL_TRY(check_places(args, err));
    SIL_TRY(sil_folder_open(&folder, args->out, err));
    SIL_TRY(sil_cli_try_threads(options.n_threads, err));
    SIL_TRY(sil_model_read(&model, args->model, options.n_threads, err));
    SIL_TRY(sil_comparison_make(&comparison, model, &options, err));
    SIL_TRY(sil_report_folder_fill(folder, &comparison, err));
    struct sil_folder *ready = folder;
    folder = NULL;
    SIL_TRY(sil_folder_commit(ready, err));
    sil_cli_progress_clear();
    say_done(args->out, args->quiet);

cleanup:
    sil_folder_abandon(folder);
    sil_comparison_clear(&comparison);
    sil_model_free(model);
    return status;
}

const struct sil_cli_command SIL_CLI_REPORT = {
    .name = "report",
    .summary = "how good synthetic rows are, against the true table (internal)",
    .about =
        "Compare synthetic rows with the true table, for the operator's eyes: the error "
        "of every marginal of one, two and three columns, the columns and pairs that are "
        "furthest off, NIST's k-marginal score, the errors within groups; beside each "
        "figure what sampling alone would give. INTERNAL: it reads raw rows, no privacy "
        "guarantee covers what it writes, and nothing of it may leave. Choose seed, "
        "model and number of rows before you look: a choice made by this report tells "
        "about the rows outside the guarantee.",
    .examples =
        "  silhouette report --data patients.csv --model patients.model \\\n"
        "    --out internal/\n"
        "  silhouette report --data patients.csv --model patients.model \\\n"
        "    --synthetic release/data.csv --group sex --group region --out internal/",
    .required = {"data", "model",                  "out"},
    .groups = { &FILES, &SIL_CLI_OPTIONS_CSV, &ROWS,                                 &WHAT, &SIL_CLI_OPTIONS_THREADS,
                 &OUTPUT},
    .run = run,
};
