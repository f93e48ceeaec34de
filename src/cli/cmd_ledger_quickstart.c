// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/ledger_open.h"
#include "cli/options.h"
#include "cli/options_ledger.h"
#include "cli/report.h"

#include <stdlib.h>

static const struct sil_cli_option DATA[] = {
    {.name = "data",
     .argument = "CSV",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args, data),
     .help = "The table that the budget is for (default: that of the first fit)"},
};

static const struct sil_cli_group GROUP = SIL_CLI_GROUP("Input:", DATA);

static sil_status answer(const struct sil_ledger *ledger,
                         const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes words = {0};
    char lid[SIL_ID_TEXT];
    char *claim = NULL;

    sil_id_print(lid, &sil_ledger_chain(ledger)->ledger);
    SIL_TRY(sil_ledger_claim(&claim, ledger, err));
    SIL_TRY(sil_bytes_printf(
        &words, err,
        "Ledger    %s in %s\n"
        "          tell this id to whoever will verify what you release\n"
        "Keys      %s.keys, NOT encrypted: whoever reads them can spend the budget;\n"
        "          one person has all the roles, and every claim says so\n"
        "Next      silhouette synth --data CSV --schema JSON --ledger %s \\\n"
        "            --epsilon %s --out synthetic.csv\n"
        "          silhouette ledger status %s\n",
        lid, args->operand, args->operand, args->operand, args->ledger.cap_epsilon,
        args->operand));
    SIL_TRY(
        sil_cli_answer(json_pack("{s:s, s:o, s:s}", "ledger", lid, "directory",
                                 sil_cli_report_text(args->operand), "claim", claim),
                       &words, err));
cleanup:
    free(claim);
    sil_bytes_clear(&words);
    return status;
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    struct sil_ledger *parent = NULL;
    char *state = NULL;
    struct sil_quickstart options = sil_quickstart_defaults(args->operand);

    options.data_label = args->ledger.data_label;
    options.cap_epsilon = args->ledger.cap_epsilon;
    options.cap_delta = args->ledger.cap_delta;
    options.discovery_delta = args->ledger.discovery_delta;
    options.unit = args->ledger.unit;
    options.data = args->data;
    options.delimiter = args->delimiter;
    if (args->neighbours != 0) {
        options.neighbours = (enum sil_neighbours)(args->neighbours - 1);
    }
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_state_directory(&state, args->ledger.state, err));
    options.place.state = state;
    options.prefix = args->ledger.prefix;
    if (args->ledger.parent != NULL) {
        SIL_TRY(sil_cli_ledger_read(&parent, args->ledger.parent, args, err));
        options.parent = sil_ledger_chain(parent);
    }
    SIL_TRY(sil_ledger_quickstart(&ledger, &options, err));
    sil_cli_ledger_warn(ledger);
    SIL_TRY(answer(ledger, args, err));
cleanup:
    sil_ledger_close(ledger);
    sil_ledger_close(parent);
    free(state);
    return status;
}

const struct sil_cli_command SIL_CLI_LEDGER_QUICKSTART = {
    .name = "ledger quickstart",
    .summary = "a ledger for one person, without questions",
    .about =
        "Make a ledger, its keys and one grant of the whole budget in one step. One "
        "person has every role, and the keys are not encrypted; the ledger and "
        "every claim say so. Where several people answer for the data, use ledger "
        "init.",
    .examples = "  silhouette ledger quickstart patients.ledger \\\n"
                "    --data-label patients-2026 --cap-epsilon 1 --cap-delta 1e-9",
    .operand = "DIR",
    .required = {"data-label", "cap-epsilon",              "cap-delta"},
    .groups = { &SIL_CLI_OPTIONS_CAP,      &GROUP, &SIL_CLI_OPTIONS_DELIMITER,
                 &SIL_CLI_OPTIONS_STATE},
    .run = run,
};
