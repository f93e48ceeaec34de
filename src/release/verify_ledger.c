// SPDX-License-Identifier: Apache-2.0
/* L1, L2, F6, W2: the ledger's export, by the rules that the ledger itself goes by. */
#include "base/fail.h"
#include "base/file.h"
#include "ledger/pinned.h"
#include "ledger/refuse.h"
#include "ledger/survey.h"
#include "release/names.h"
#include "release/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sil_status take_tile(void *context, struct sil_bytes *out, const char *name,
                            size_t limit, struct sil_error *err)
{
    const struct sil_verify_file *file = sil_verify_file(context, name);
    *out = (struct sil_bytes){0};
    if (file == NULL) {
        return sil_fail(err, SIL_ERR_INPUT, "%s is missing", name);
    }
    if (file->bytes.length > limit) {
        return sil_fail(err, SIL_ERR_INPUT, "%s is too large", name);
    }
    return sil_bytes_append(out, file->bytes.data, file->bytes.length, err);
}

/* How many entries there are to be. Nothing else of the checkpoint is believed yet. */
static sil_status find_size(uint64_t *size, const struct sil_bytes *note,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_checkpoint checkpoint;
    SIL_TRY(sil_checkpoint_read(&checkpoint, note, SIL_BUNDLE_CHECKPOINT, err));
    *size = checkpoint.size;
    if (*size == 0) {
        status = sil_fail(err, SIL_ERR_CHECK, "%s is of an empty ledger",
                          SIL_BUNDLE_CHECKPOINT);
    }
cleanup:
    return status;
}

static sil_status check_rules(struct sil_verify *verify, const struct sil_bytes *note,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t size = 0;
    size_t applied = 0;
    SIL_TRY(find_size(&size, note, err));
    SIL_TRY(sil_export_read(&verify->exported, size, take_tile, verify, err));
    SIL_TRY(sil_chain_load(&verify->chain, verify->exported.entry, verify->exported.n,
                           NULL, &applied, err));
cleanup:
    return status;
}

static sil_status check_checkpoint(const struct sil_chain *chain,
                                   const struct sil_bytes *note, struct sil_error *err)
{
    struct sil_checkpoint checkpoint;
    struct sil_root root;
    if (!sil_cosigned_is_good(&checkpoint, note, chain->tree.size, chain)) {
        return sil_refuse_ledger(err, "E-CORRUPT",
                                 "%s is not signed by a log key of this ledger",
                                 SIL_BUNDLE_CHECKPOINT);
    }
    sil_merkle_root(&root, &chain->tree);
    if (memcmp(&root, &checkpoint.root, sizeof root) != 0) {
        return sil_refuse_ledger(err, "E-FORK",
                                 "%s was signed over other entries than these",
                                 SIL_BUNDLE_CHECKPOINT);
    }
    return SIL_OK;
}

/* ---- what the reader knows from elsewhere ---- */

static sil_status check_ledger_id(struct sil_verify *verify, struct sil_error *err)
{
    struct sil_verification *out = verify->out;
    struct sil_id expected;
    if (verify->options->ledger_id == NULL) {
        return sil_verify_enter(out, SIL_STEP_LEDGER_ID, SIL_VERIFY_NOT_CHECKED,
                                "give --ledger-id, as its publisher has announced it",
                                err);
    }
    bool is_same = sil_id_parse(&expected, verify->options->ledger_id) &&
                   sil_id_equal(&expected, &verify->chain.ledger);
    sil_status outcome =
        is_same ? SIL_OK
                : sil_refuse_ledger(err, "F6", "it is ledger %s, not %s", out->ledger,
                                    verify->options->ledger_id);
    return sil_verify_judge(out, SIL_STEP_LEDGER_ID, outcome, err);
}

/* Of a ledger that has grown since the bundle was made, nothing follows from the bundle. */
static sil_status enter_older(struct sil_verify *verify, uint64_t pinned,
                              struct sil_error *err)
{
    char detail[192];
    (void)snprintf(detail, sizeof detail,
                   "yours is of %" PRIu64 " entries and the bundle's ledger ends at "
                   "%" PRIu64 ": check yours against the publisher's ledger of today",
                   pinned, verify->chain.tree.size);
    return sil_verify_enter(verify->out, SIL_STEP_PINNED, SIL_VERIFY_INCONCLUSIVE,
                            detail, err);
}

static sil_status check_pinned(struct sil_verify *verify, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const char *path = verify->options->pinned;
    struct sil_bytes note = {0};
    struct sil_checkpoint pinned = {.size = 0};
    if (path == NULL) {
        return sil_verify_enter(verify->out, SIL_STEP_PINNED, SIL_VERIFY_NOT_CHECKED,
                                "give --pinned, a checkpoint that you kept", err);
    }
    SIL_TRY(sil_file_read(&note, path, SIL_NOTE_BYTES_MAX, err));
    status = sil_pinned_read(&pinned, &note, path, &verify->chain, err);
    if (status == SIL_ERR_INPUT) {
        goto cleanup; /* nothing is wrong with the bundle */
    }
    if (status == SIL_OK && pinned.size > verify->chain.tree.size) {
        status = enter_older(verify, pinned.size, err);
        goto cleanup;
    }
    if (status == SIL_OK) {
        status = sil_pinned_check(&pinned, path, &verify->chain, err);
    }
    status = sil_verify_judge(verify->out, SIL_STEP_PINNED, status, err);
cleanup:
    sil_bytes_clear(&note);
    return status;
}

static sil_status describe(struct sil_verify *verify, struct sil_error *err)
{
    struct sil_verification *out = verify->out;
    const struct sil_chain *chain = &verify->chain;
    sil_id_print(out->ledger, &chain->ledger);
    out->size = chain->tree.size;
    out->data_label = strdup(chain->genesis.genesis.data_label);
    return out->data_label != NULL
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INTERNAL, "out of memory for a table");
}

sil_status sil_verify_ledger(struct sil_verify *verify, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_verification *out = verify->out;
    const struct sil_bytes *note =
        &sil_verify_file(verify, SIL_BUNDLE_CHECKPOINT)->bytes;
    SIL_TRY(sil_verify_judge(out, SIL_STEP_RULES, check_rules(verify, note, err), err));
    if (!sil_verify_holds(out, SIL_STEP_RULES)) {
        goto cleanup;
    }
    SIL_TRY(describe(verify, err));
    SIL_TRY(sil_verify_judge(out, SIL_STEP_CHECKPOINT,
                             check_checkpoint(&verify->chain, note, err), err));
    SIL_TRY(check_ledger_id(verify, err));
    SIL_TRY(check_pinned(verify, err));
cleanup:
    return status;
}
