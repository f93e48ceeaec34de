// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/ledger_open.h"
#include "cli/options.h"
#include "cli/options_ledger.h"
#include "cli/report.h"
#include "ledger/witness.h"

#include <inttypes.h>

static const struct sil_cli_option ENTRY[] = {
    {.name = "entry",
     .argument = "N",
     .kind = SIL_CLI_COUNT,
     .member = offsetof(struct sil_cli_args, ledger.entry),
     .least = 0,
     .most = INT64_MAX,
     .help = "The entry to prove, by its number in ledger log"},
};

static const struct sil_cli_group GROUP = SIL_CLI_GROUP("Proof:", ENTRY);

/* The cosigned checkpoint when it covers the entry, else the newest one. */
static sil_status find_checkpoint(struct sil_bytes *note, uint64_t *size,
                                  const struct sil_ledger *ledger, uint64_t entry,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_witness_newest(note, size, ledger, err));
    if (*size <= entry) {
        const struct sil_bytes *newest = sil_ledger_checkpoint_note(ledger);
        note->length = 0;
        *size = sil_ledger_covered(ledger);
        SIL_TRY(sil_bytes_append(note, newest->data, newest->length, err));
    }
cleanup:
    return status;
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    struct sil_bytes note = {0};
    struct sil_bytes text = {0};
    struct sil_tlog_proof proof = {.index = args->ledger.entry.value};
    uint64_t size = 0;

    SIL_TRY(sil_cli_ledger_read(&ledger, args->operand, args, err));
    const struct sil_chain *chain = sil_ledger_chain(ledger);
    const uint64_t covered = sil_ledger_covered(ledger);
    if (proof.index >= covered) {
        status = covered == 0 ? sil_fail(err, SIL_ERR_USAGE,
                                         "--entry: no checkpoint covers any entry yet")
                              : sil_fail(err, SIL_ERR_USAGE,
                                         "--entry: checkpoints cover the entries 0 to "
                                         "%" PRIu64,
                                         covered - 1);
        goto cleanup;
    }
    SIL_TRY(find_checkpoint(&note, &size, ledger, proof.index, err));
    sil_merkle_prove_inclusion(&proof.path, &chain->tree, proof.index, size);
    proof.checkpoint = (const char *)note.data;
    proof.checkpoint_length = note.length;
    SIL_TRY(sil_tlog_proof_print(&text, &proof, err));
    SIL_TRY(sil_cli_answer_file("proof", &text, args->out, err));
cleanup:
    sil_bytes_clear(&note);
    sil_bytes_clear(&text);
    sil_ledger_close(ledger);
    return status;
}

const struct sil_cli_command SIL_CLI_LEDGER_PROVE = {
    .name = "ledger prove",
    .summary = "a proof that an entry is in the ledger",
    .about =
        "Write a file of c2sp.org/tlog-proof@v1: whoever has the entry and the log's "
        "key can check without the ledger that the entry is in it. The checkpoint "
        "in it is the newest one that witnesses cosigned, if it covers the entry.",
    .examples =
        "  silhouette ledger prove patients.ledger --entry 4 --out entry4.proof",
    .operand = "DIR",
    .required = {"entry"                },
    .groups = { &GROUP, &SIL_CLI_OPTIONS_TEXT_OUT, &SIL_CLI_OPTIONS_STATE},
    .run = run,
};
