// SPDX-License-Identifier: Apache-2.0
/* The ledger that the bundle brings along, by the auditor's own rules. */
#include "audits/ledger/checkpoint.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    TILE = 256,
    ENTRY_MAX = 65535,
    TILE_BYTES_MAX = TILE * (ENTRY_MAX + 2),
    ENTRIES_MAX = 1000000
};

/* ---- the entries ---- */

/* tile/entries/N, in groups of three digits; the last one with its width. */
static void tile_name(char name[128], uint64_t index, uint64_t width)
{
    char number[64];
    int n = 0;
    uint64_t thousands[7];
    int groups = 0;
    do {
        thousands[groups++] = index % 1000;
        index /= 1000;
    } while (index > 0);
    while (groups-- > 0) {
        n += snprintf(number + n, sizeof number - (size_t)n, "%s%03" PRIu64 "%s",
                      groups > 0 ? "x" : "", thousands[groups], groups > 0 ? "/" : "");
    }
    (void)snprintf(name, 128,
                   width < TILE ? "ledger/tile/entries/%s.p/%" PRIu64
                                : "ledger/tile/entries/%s",
                   number, width);
}

static sil_status apply_tile(struct aud_case *item, const struct sil_bytes *tile,
                             uint64_t width, struct sil_error *err)
{
    size_t at = 0;
    for (uint64_t i = 0; i < width; i++) {
        size_t length = 0;
        if (tile->length - at >= 2) {
            length = (size_t)tile->data[at] << 8 | tile->data[at + 1];
        }
        if (length == 0 || tile->length - at - 2 < length) {
            return aud_refuse(err, "F1", "a tile of entries is cut short");
        }
        const uint8_t *entry = tile->data + at + 2;
        item->leaf[item->ledger.tree.size] = aud_leaf(entry, length);
        sil_status status = aud_ledger_apply(&item->ledger, entry, length, err);
        if (status != SIL_OK) {
            return status;
        }
        at += 2 + length;
    }
    return at == tile->length
               ? SIL_OK
               : aud_refuse(err, "F1", "a tile has bytes behind its end");
}

static sil_status apply_entries(struct aud_case *item, uint64_t size,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes tile = {0};
    if (size == 0) {
        return aud_refuse(err, "F3", "a ledger of no entries");
    }
    if (size > ENTRIES_MAX) {
        return sil_fail(err, SIL_ERR_UNSUPPORTED,
                        "a ledger of %" PRIu64 " entries, more than this program reads",
                        size);
    }
    SIL_TRY(sil_alloc(&item->leaf, size, sizeof *item->leaf, "a ledger", err));
    SIL_TRY(aud_ledger_begin(&item->ledger, err));
    item->has_ledger = true;
    for (uint64_t done = 0; done < size; done += TILE) {
        uint64_t width = size - done < TILE ? size - done : TILE;
        char name[128];
        tile_name(name, done / TILE, width);
        sil_bytes_clear(&tile);
        SIL_TRY(aud_folder_read(&tile, &item->folder, name, TILE_BYTES_MAX, err));
        SIL_TRY(apply_tile(item, &tile, width, err));
    }

cleanup:
    sil_bytes_clear(&tile);
    return status;
}

static void drop_ledger(struct aud_case *item)
{
    if (item->has_ledger) {
        aud_ledger_clear(&item->ledger);
        item->has_ledger = false;
    }
}

static void check_id(struct aud_case *item)
{
    static const char WHAT[] = "It is the ledger that its owner announced";
    char id[33];
    aud_id_print(id, &item->ledger.id);
    if (item->expected_id == NULL) {
        aud_find(&item->findings, "F6", WHAT, AUD_NOT_EXAMINED,
                 "compare %s with what the owner says, and give it as --ledger-id: a "
                 "forged ledger is consistent too",
                 id);
    } else {
        aud_find(&item->findings, "F6", WHAT,
                 strcmp(id, item->expected_id) == 0 ? AUD_HOLDS : AUD_REFUTED, "%s",
                 id);
    }
}

static void warn_of_unreleased(struct aud_case *item)
{
    size_t n = 0;
    for (size_t i = 0; i < item->ledger.n_reserves; i++) {
        n += !item->ledger.reserve[i].is_released;
    }
    if (n > 0) {
        aud_find(&item->findings, "R8", "Every debit led to a release",
                 AUD_NOT_EXAMINED,
                 "%zu without: spent all the same, and what was measured may lie with "
                 "somebody",
                 n);
    }
}

sil_status aud_check_ledger(struct aud_case *item, struct sil_error *err)
{
    static const char WHAT[] = "The ledger keeps every rule";
    struct aud_checkpoint checkpoint;
    sil_status status = aud_folder_read(&item->checkpoint, &item->folder,
                                        "ledger/checkpoint", SIL_NOTE_BYTES_MAX, err);
    if (status == SIL_OK && !aud_checkpoint_parse(&checkpoint, &item->checkpoint)) {
        status = aud_refuse(err, "R5", "ledger/checkpoint is not a checkpoint");
    }
    if (status == SIL_OK) {
        status = apply_entries(item, checkpoint.size, err);
    }
    if (aud_is_fault(status)) {
        return status;
    }
    aud_find_status(&item->findings, "F1", WHAT, status, err);
    if (status != SIL_OK) {
        drop_ledger(item);
        return SIL_OK;
    }
    check_id(item);
    warn_of_unreleased(item);
    return aud_check_checkpoint(item, &checkpoint, err);
}
