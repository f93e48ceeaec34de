// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "ledger/ledger_internal.h"

struct appointed {
    const struct sil_draft *given;
    uint64_t size;
    bool *is_late;
};

/* Asked under the lock: only there does the size hold. */
static sil_status be_in_time(struct sil_bytes *body, const void *context,
                             const struct sil_ledger *ledger, uint64_t time,
                             struct sil_error *err)
{
    const struct appointed *appointed = context;
    *appointed->is_late = ledger->chain.tree.size != appointed->size;
    if (*appointed->is_late) {
        return sil_fail(err, SIL_ERR_IO,
                        "another process has written to the ledger %s meanwhile",
                        ledger->directory);
    }
    return appointed->given->fill(body, appointed->given->context, ledger, time, err);
}

sil_status sil_ledger_append_at(struct sil_ledger *ledger, const struct sil_bytes *body,
                                uint64_t size, bool *is_late, struct sil_error *err)
{
    const struct sil_draft given = sil_ledger_draft(body, NULL, 0);
    const struct appointed appointed = {&given, size, is_late};
    struct sil_draft draft = given;
    draft.fill = be_in_time;
    draft.context = &appointed;
    *is_late = false;
    return sil_ledger_commit(ledger, &draft, NULL, err);
}
