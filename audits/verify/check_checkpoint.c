// SPDX-License-Identifier: Apache-2.0
/* The checkpoint of the bundle, the one that the auditor kept, and who has confirmed them. */
#include "audits/ledger/checkpoint.h"
#include "audits/ledger/policy.h"
#include "audits/table/source.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"

#include <inttypes.h>
#include <time.h>

static void check_size(struct aud_case *item, const struct aud_checkpoint *checkpoint)
{
    static const char WHAT[] = "The checkpoint covers these entries, signed by the log";
    const struct aud_tree *tree = &item->ledger.tree;
    if (checkpoint->size != tree->size ||
        !aud_hash_equal(&checkpoint->root, &tree->root[tree->size])) {
        aud_find(&item->findings, "R5", WHAT, AUD_REFUTED,
                 "ledger/checkpoint has another size or root");
    } else if (!aud_checkpoint_is_of(checkpoint, &item->ledger)) {
        aud_find(&item->findings, "R5", WHAT, AUD_REFUTED,
                 "ledger/checkpoint is of another ledger, or not signed by a log key "
                 "that counts");
    } else {
        aud_find(&item->findings, "R5", WHAT, AUD_HOLDS, "%" PRIu64 " entries",
                 checkpoint->size);
    }
}

/* False: it is no checkpoint of this history. */
static bool check_pinned(struct aud_case *item, const struct aud_checkpoint *kept,
                         bool is_one)
{
    static const char WHAT[] = "It continues the checkpoint that was kept";
    const struct aud_tree *tree = &item->ledger.tree;
    if (!is_one || !aud_checkpoint_is_of(kept, &item->ledger)) {
        aud_find(&item->findings, "W2", WHAT, AUD_REFUTED,
                 "what was kept is no checkpoint of this ledger's log");
        return false;
    }
    if (kept->size > tree->size) {
        aud_find(
            &item->findings, "W2", WHAT, AUD_INCONCLUSIVE,
            "what was kept is newer than this bundle: whether it continues the bundle "
            "takes the ledger itself");
        return false;
    }
    if (!aud_hash_equal(&kept->root, &tree->root[kept->size])) {
        aud_find(&item->findings, "W2", WHAT, AUD_REFUTED,
                 "the log has signed another history: a fork");
        return false;
    }
    aud_find(&item->findings, "W2", WHAT, AUD_HOLDS, "its first %" PRIu64 " entries",
             kept->size);
    return true;
}

/* ---- witnesses ---- */

static void note_policy(struct aud_case *item, const struct aud_policy_verdict *verdict,
                        const struct aud_checkpoint *judged)
{
    static const char WHAT[] = "Witnesses have confirmed it, by your policy";
    const uint64_t size = item->ledger.tree.size;
    if (verdict->is_spoilt) {
        aud_find(&item->findings, "W1", WHAT, AUD_REFUTED,
                 "a signature by a key that the policy lists does not verify");
    } else if (!verdict->has_log) {
        aud_find(&item->findings, "W1", WHAT, AUD_REFUTED,
                 "no log that the policy lists has signed");
    } else if (!verdict->has_quorum && item->pinned == NULL) {
        aud_find(&item->findings, "W1", WHAT, AUD_INCONCLUSIVE,
                 "a bundle brings no cosignatures along: give the checkpoint with "
                 "them as --pinned");
    } else if (!verdict->has_quorum) {
        aud_find(&item->findings, "W1", WHAT, AUD_REFUTED,
                 "%zu witnesses of the policy have cosigned what was kept, and that is "
                 "no quorum",
                 verdict->n_witnesses);
    } else {
        aud_find(&item->findings, "W1", WHAT, AUD_HOLDS,
                 "%zu witnesses%s; the last %" PRIu64
                 " entries came after what was judged",
                 verdict->n_witnesses,
                 verdict->n_early > 0 ? ", some with a time that is yet to come" : "",
                 size - judged->size);
    }
}

static sil_status check_policy(struct aud_case *item,
                               const struct aud_checkpoint *judged,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    struct aud_policy_verdict verdict;
    time_t now = time(NULL);
    if (item->policy == NULL) {
        aud_find(&item->findings, "W1", "Witnesses have confirmed it", AUD_NOT_EXAMINED,
                 "no policy was given (--policy): only its own log says that there is "
                 "no other history");
        return SIL_OK;
    }
    SIL_TRY(aud_source_read(&text, item->policy, SIL_NOTE_BYTES_MAX, err));
    SIL_TRY(aud_policy_judge(&verdict, &text, &judged->note, judged->origin,
                             (uint64_t)now, err));
    note_policy(item, &verdict, judged);

cleanup:
    sil_bytes_clear(&text);
    return status == SIL_ERR_UNSUPPORTED ? SIL_ERR_INPUT : status;
}

sil_status aud_check_checkpoint(struct aud_case *item,
                                const struct aud_checkpoint *checkpoint,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    struct aud_checkpoint kept;
    check_size(item, checkpoint);
    if (item->pinned == NULL) {
        aud_find(&item->findings, "W2", "It continues the checkpoint that was kept",
                 AUD_NOT_EXAMINED,
                 "no checkpoint was given (--pinned): its end could have been cut off");
        return check_policy(item, checkpoint, err);
    }
    SIL_TRY(aud_source_read(&bytes, item->pinned, SIL_NOTE_BYTES_MAX, err));
    bool is_one = aud_checkpoint_parse(&kept, &bytes);
    if (check_pinned(item, &kept, is_one)) {
        status = check_policy(item, &kept, err);
    }

cleanup:
    sil_bytes_clear(&bytes);
    return status;
}
