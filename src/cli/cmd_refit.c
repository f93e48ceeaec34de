// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/options.h"
#include "cli/places.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "cli/summary.h"

#include <stdlib.h>
#include <string.h>

static const struct sil_cli_option IN[] = {
    {.name = "transcript",
     .argument = "FILE",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args, transcript),
     .help = "The transcript of a release; - reads the standard input"},
    {.name = "explain",
     .kind = SIL_CLI_FLAG,
     .member = offsetof(struct sil_cli_args, explain),
     .help = "Also take every decision of the run again, refuse a transcript that has "
             "another one, and write them as JSON to the standard output"   },
};

static const struct sil_cli_option OUT[] = {
    {.name = "out",
     .letter = 'o',
     .argument = "MODEL",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args, out),
     .help = "Where the model goes; - writes the standard output"},
};

static const struct sil_cli_group INPUT = SIL_CLI_GROUP("Input:", IN);
static const struct sil_cli_group OUTPUT = SIL_CLI_GROUP("Output:", OUT);

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_model *model = NULL;
    char *decisions = NULL;
    const struct sil_cli_place input = {"--transcript", args->transcript};
    const struct sil_cli_place outputs[] = {
        {"--out",     args->out                 },
        {"--explain", args->explain ? "-" : NULL},
    };

    SIL_TRY(sil_cli_places_differ(&input, 1, outputs, 2, err));
    SIL_TRY(sil_cli_place_try(args->out, err));
    unsigned n_threads = (unsigned)args->threads.value;
    SIL_TRY(sil_cli_try_threads(n_threads, err));
    SIL_TRY(sil_model_refit_file(&model, args->transcript, n_threads, err));
    if (args->explain) {
        SIL_TRY(sil_model_explain(&decisions, model, err));
    }
    SIL_TRY(sil_model_write(model, args->out, err));
    if (args->explain) {
        SIL_TRY(sil_cli_write_text("-", decisions, strlen(decisions), err));
    }
    struct sil_cli_done done = {
        .model = model, .model_path = args->out, .is_refit = true};
    SIL_TRY(sil_cli_summarise(&done, args->quiet, err));

cleanup:
    free(decisions);
    sil_model_free(model);
    return status;
}

const struct sil_cli_command SIL_CLI_REFIT = {
    .name = "refit",
    .summary = "make the model again from its transcript alone",
    .about =
        "Fit the model that follows from a transcript: the same bytes on every machine, "
        "and those of the model that the transcript was published with. It reads no "
        "other file and costs no privacy.",
    .examples = "  silhouette refit --transcript release/transcript.sil \\\n"
                "    --out again.model\n"
                "  silhouette sample --model again.model --out again.csv\n"
                "  silhouette refit --transcript release/transcript.sil \\\n"
                "    --out again.model --explain >decisions.json",
    .required = {"transcript",              "out"  },
    .groups = { &INPUT, &SIL_CLI_OPTIONS_THREADS, &OUTPUT},
    .run = run,
};
