// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/ledger_open.h"
#include "cli/ledger_words.h"
#include "cli/options.h"
#include "cli/options_ledger.h"
#include "cli/words.h"

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    struct sil_bytes words = {0};
    json_t *entries = json_array();

    SIL_TRY(sil_cli_ledger_read(&ledger, args->operand, args, err));
    const struct sil_chain *chain = sil_ledger_chain(ledger);
    for (uint64_t seq = 0; seq < chain->tree.size; seq++) {
        struct sil_entry entry = {0};
        const struct sil_bytes *bytes = sil_ledger_entry(ledger, seq);
        status = sil_entry_parse(&entry, bytes->data, bytes->length, seq, err);
        if (status == SIL_OK) {
            status = sil_cli_entry_words(&words, &entry, chain, err);
        }
        (void)json_array_append_new(entries, sil_cli_entry_json(&entry));
        sil_entry_clear(&entry);
        SIL_TRY(status);
    }
    SIL_TRY(sil_cli_answer(json_pack("{s:O}", "entries", entries), &words, err));
cleanup:
    json_decref(entries);
    sil_bytes_clear(&words);
    sil_ledger_close(ledger);
    return status;
}

const struct sil_cli_command SIL_CLI_LEDGER_LOG = {
    .name = "ledger log",
    .summary = "every entry in words",
    .about =
        "Print what was recorded, entry by entry: who signed it, who approved it, "
        "when, what it allows or what it cost. The whole ledger is verified first.",
    .examples = "  silhouette ledger log patients.ledger",
    .operand = "DIR",
    .groups = {&SIL_CLI_OPTIONS_STATE},
    .run = run,
};
