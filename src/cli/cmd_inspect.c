// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/ledger_open.h"
#include "cli/options.h"
#include "cli/options_ledger.h"
#include "cli/places.h"
#include "cli/report.h"
#include "codec/json.h"
#include "ledger/ledger.h"
#include "release/claim_sheet.h"

#include "silhouette/model.h"

#include <stdlib.h>
#include <string.h>

static const struct sil_cli_option LEDGER[] = {
    {.name = "ledger",
     .argument = "DIR",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args, ledger.directory),
     .help = "Check what the model says of its ledger against the ledger itself, and "
             "add the claim as it stands now, with the entries that bear it out"},
};

static const struct sil_cli_group GROUP = SIL_CLI_GROUP("Input:", LEDGER);

/* A model, and what is said of it. */
struct view {
    struct sil_model *model;
    struct sil_ledger *ledger; /* NULL without --ledger */
    char *now;                 /* its claim as it stands; NULL without --ledger */
    struct sil_claim_sheet sheet;
    bool has_sheet;
};

static void view_clear(struct view *view)
{
    if (view->has_sheet) {
        sil_claim_sheet_clear(&view->sheet);
    }
    free(view->now);
    sil_ledger_close(view->ledger);
    sil_model_free(view->model);
}

static sil_status check_ledger(struct view *view, const struct sil_cli_args *args,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_cli_ledger_read(&view->ledger, args->ledger.directory, args, err));
    SIL_TRY(sil_model_check_ledger(view->model, view->ledger, err));
    SIL_TRY(sil_ledger_claim(&view->now, view->ledger, err));
cleanup:
    return status;
}

static sil_status view_make(struct view *view, const struct sil_cli_args *args,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_sheet_source source = {0};
    SIL_TRY(sil_model_read(&view->model, args->operand, 0, err));
    source.model = view->model;
    if (args->ledger.directory != NULL) {
        SIL_TRY(check_ledger(view, args, err));
        source.chain = sil_ledger_chain(view->ledger);
    }
    view->has_sheet = true;
    SIL_TRY(sil_claim_sheet_make(&view->sheet, &source, err));
cleanup:
    return status;
}

/* ---- for programs ---- */

/* A member more, its lines indented as deep as it stands. */
static sil_status put_sheet(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    json_t *json = sil_claim_sheet_json(sheet);
    if (json == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory for the claim sheet");
    }
    SIL_TRY(sil_json_dump(&text, json, err));
    SIL_TRY(sil_bytes_printf(out, err, ",\n  \"claim_sheet\": "));
    for (size_t i = 0; i + 1 < text.length; i++) {
        SIL_TRY(sil_bytes_append(out, &text.data[i], 1, err));
        SIL_TRY(text.data[i] == '\n' ? sil_bytes_append(out, "  ", 2, err) : SIL_OK);
    }
cleanup:
    json_decref(json);
    sil_bytes_clear(&text);
    return status;
}

/* The object as it is, every number as it was written, and members more. */
static sil_status print_json(const char *text, const struct view *view,
                             const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes out = {0};
    const char *end = strrchr(text, '}');

    SIL_REQUIRE(end != NULL && end > text);
    while (end[-1] == '\n') {
        end--;
    }
    SIL_TRY(sil_bytes_append(&out, text, (size_t)(end - text), err));
    SIL_TRY(put_sheet(&out, &view->sheet, err));
    if (view->now != NULL) {
        SIL_TRY(sil_bytes_printf(&out, err,
                                 ",\n  \"ledger_checked\": true,\n"
                                 "  \"ledger_claim\": "));
        SIL_TRY(sil_json_append_string(&out, view->now, strlen(view->now), err));
    }
    SIL_TRY(sil_bytes_printf(&out, err, "\n}\n"));
    SIL_TRY(sil_cli_write_text(args->out, (char *)out.data, out.length, err));
cleanup:
    sil_bytes_clear(&out);
    return status;
}

/* ---- for people ---- */

static sil_status print_words(const char *text, const struct view *view,
                              const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes out = {0};

    SIL_TRY(sil_bytes_append(&out, text, strlen(text), err));
    SIL_TRY(sil_bytes_printf(&out, err,
                             "\nClaim sheet, the questions of NIST SP "
                             "800-226:\n"));
    SIL_TRY(sil_claim_sheet_text(&out, &view->sheet, err));
    if (view->now != NULL) {
        SIL_TRY(
            sil_bytes_printf(&out, err,
                             "\nledger       checked: %s bears out the reserve, the "
                             "plan, the transcript and every cost\n"
                             "now          %s\n",
                             args->ledger.directory, view->now));
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
    struct view view = {0};
    char *text = NULL;
    const struct sil_cli_place input = {"MODEL", args->operand};
    const struct sil_cli_place output = {"--out", args->out};

    SIL_TRY(sil_cli_places_differ(&input, 1, &output, 1, err));
    SIL_TRY(view_make(&view, args, err));
    SIL_TRY(sil_model_inspect(&text, view.model, args->json, err));
    SIL_TRY(args->json ? print_json(text, &view, args, err)
                       : print_words(text, &view, args, err));

cleanup:
    free(text);
    view_clear(&view);
    return status;
}

const struct sil_cli_command SIL_CLI_INSPECT = {
    .name = "inspect",
    .summary = "what a model measured, what it cost, what it claims",
    .about =
        "Say in words, or with --json for programs, what was measured for a model, "
        "what it cost, and what is claimed: the certified claim, and the claim sheet "
        "that a release carries. `-' reads the standard input.",
    .examples = "  silhouette inspect patients.model\n"
                "  silhouette inspect --json patients.model\n"
                "  silhouette inspect patients.model --ledger patients.ledger",
    .operand = "MODEL",
    .groups = {&GROUP, &SIL_CLI_OPTIONS_STATE_ALONE, &SIL_CLI_OPTIONS_TEXT_OUT},
    .run = run,
};
