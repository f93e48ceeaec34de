// SPDX-License-Identifier: Apache-2.0
#include "ledger/pinned.h"

#include "base/fail.h"
#include "ledger/refuse.h"
#include "ledger/survey.h"

#include <inttypes.h>
#include <string.h>

sil_status sil_pinned_read(struct sil_checkpoint *out, const struct sil_bytes *note,
                           const char *name, const struct sil_chain *chain,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_note parsed;
    struct sil_checkpoint again;
    char origin[SIL_ORIGIN_MAX + 1];

    status = sil_note_parse(&parsed, (const char *)note->data, note->length, err);
    if (status == SIL_OK) {
        status = sil_checkpoint_parse(out, &parsed, err);
    }
    /* Nothing is wrong with the ledger: this file is no checkpoint. */
    SIL_TRY(status == SIL_ERR_CHECK || status == SIL_ERR_INPUT
                ? sil_fail_within(err, SIL_ERR_INPUT, "--pinned %s", name)
                : status);
    SIL_TRY(sil_chain_origin(origin, chain, err));
    if (strcmp(origin, out->origin) != 0) {
        status = sil_refuse_ledger(
            err, "W2", "the pinned checkpoint %.200s is of another ledger", name);
    } else if (!sil_cosigned_is_good(&again, note, out->size, chain)) {
        status = sil_refuse_ledger(
            err, "W2", "the pinned checkpoint %.200s is not signed by the ledger's log",
            name);
    }
cleanup:
    return status;
}

sil_status sil_pinned_check(const struct sil_checkpoint *pinned, const char *name,
                            const struct sil_chain *chain, struct sil_error *err)
{
    struct sil_root root;
    if (pinned->size > chain->tree.size) {
        return sil_refuse_ledger(err, "E-ROLLBACK",
                                 "the pinned checkpoint %.200s has %" PRIu64
                                 " entries, the ledger %" PRIu64 ": it was set back",
                                 name, pinned->size, chain->tree.size);
    }
    sil_merkle_root_at(&root, &chain->tree, pinned->size);
    if (memcmp(root.bytes, pinned->root.bytes, sizeof root.bytes) != 0) {
        return sil_refuse_ledger(err, "E-FORK",
                                 "the first %" PRIu64 " entries are not those of the "
                                 "pinned checkpoint %.200s: there are two histories",
                                 pinned->size, name);
    }
    return SIL_OK;
}
