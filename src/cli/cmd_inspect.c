// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/ledger_open.h"
#include "cli/options.h"
#include "cli/options_ledger.h"
#include "cli/places.h"
#include "cli/report.h"
#include "codec/json.h"

#include "silhouette/model.h"

#include <stdlib.h>
#include <string.h>

static const struct sil_cli_option LEDGER[] = {
    {.name = "ledger",
     .argument = "DIR",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args, ledger.directory),
     .help = "Check what the model says of its ledger against the ledger itself, and "
             "add the claim as it stands now"},
};

static const struct sil_cli_group GROUP = SIL_CLI_GROUP("Input:", LEDGER);

/* What the ledger says of the model now; empty without --ledger. */
static sil_status check_ledger(char **claim, const struct sil_model *model,
                               const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    *claim = NULL;
    if (args->ledger.directory == NULL) {
        return SIL_OK;
    }
    SIL_TRY(sil_cli_ledger_read(&ledger, args->ledger.directory, args, err));
    SIL_TRY(sil_model_check_ledger(model, ledger, err));
    SIL_TRY(sil_ledger_claim(claim, ledger, err));
cleanup:
    sil_ledger_close(ledger);
    return status;
}

/* The object as it is, every number as it was written, and two members more. */
static sil_status print_json(const char *text, const char *claim,
                             const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes out = {0};
    const char *end = strrchr(text, '}');

    if (claim == NULL) {
        return sil_cli_write_text(args->out, text, strlen(text), err);
    }
    SIL_REQUIRE(end != NULL && end > text);
    while (end[-1] == '\n') {
        end--;
    }
    SIL_TRY(sil_bytes_append(&out, text, (size_t)(end - text), err));
    SIL_TRY(sil_bytes_printf(&out, err,
                             ",\n  \"ledger_checked\": true,\n  \"ledger_claim\": "));
    SIL_TRY(sil_json_append_string(&out, claim, strlen(claim), err));
    SIL_TRY(sil_bytes_printf(&out, err, "\n}\n"));
    SIL_TRY(sil_cli_write_text(args->out, (char *)out.data, out.length, err));
cleanup:
    sil_bytes_clear(&out);
    return status;
}

static sil_status print_words(const char *text, const char *claim,
                              const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes out = {0};

    SIL_TRY(sil_bytes_append(&out, text, strlen(text), err));
    if (claim != NULL) {
        SIL_TRY(sil_bytes_printf(&out, err,
                                 "ledger       checked: %s bears out the reserve, the "
                                 "plan, the transcript and every cost\n"
                                 "now          %s\n",
                                 args->ledger.directory, claim));
    }
    SIL_TRY(sil_bytes_append(&out, "", 1, err));
    SIL_TRY(sil_cli_write_folded(args->out, (char *)out.data, err));
cleanup:
    sil_bytes_clear(&out);
    return status;
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_model *model = NULL;
    char *text = NULL;
    char *claim = NULL;
    const struct sil_cli_place input = {"MODEL", args->operand};
    const struct sil_cli_place output = {"--out", args->out};

    SIL_TRY(sil_cli_places_differ(&input, 1, &output, 1, err));
    SIL_TRY(sil_model_read(&model, args->operand, 0, err));
    SIL_TRY(sil_model_inspect(&text, model, args->json, err));
    SIL_TRY(check_ledger(&claim, model, args, err));
    SIL_TRY(args->json ? print_json(text, claim, args, err)
                       : print_words(text, claim, args, err));

cleanup:
    free(text);
    free(claim);
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
                "  silhouette inspect --json patients.model\n"
                "  silhouette inspect patients.model --ledger patients.ledger",
    .operand = "MODEL",
    .groups = {&GROUP, &SIL_CLI_OPTIONS_STATE_ALONE, &SIL_CLI_OPTIONS_TEXT_OUT},
    .run = run,
};
