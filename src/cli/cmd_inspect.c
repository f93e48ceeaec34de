// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/options.h"
#include "cli/places.h"
#include "cli/report.h"

#include "silhouette/model.h"

#include <stdlib.h>
#include <string.h>

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_model *model = NULL;
    char *text = NULL;
    const struct sil_cli_place input = {"MODEL", args->operand};
    const struct sil_cli_place output = {"--out", args->out};

    SIL_TRY(sil_cli_places_differ(&input, 1, &output, 1, err));
    SIL_TRY(sil_model_read(&model, args->operand, 0, err));
    SIL_TRY(sil_model_inspect(&text, model, args->json, err));
    SIL_TRY(args->json ? sil_cli_write_text(args->out, text, strlen(text), err)
                       : sil_cli_write_folded(args->out, text, err));

cleanup:
    free(text);
    sil_model_free(model);
    return status;
}

const struct sil_cli_command SIL_CLI_INSPECT = {
    .name = "inspect",
    .summary = "what a model measured, what it cost, what it claims",
    .about =
        "Say in words, or with --json for programs, what was measured for a model, "
        "what it cost, and the certified claim. `-' reads the standard input.",
    .examples = "  silhouette inspect patients.model\n"
                "  silhouette inspect --json patients.model",
    .operand = "MODEL",
    .groups = {&SIL_CLI_OPTIONS_TEXT_OUT},
    .run = run,
};
