// SPDX-License-Identifier: Apache-2.0
/* The ledger that the bundle brings along, by the auditor's own rules. */
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/memory.h"
#include "crypto/base64.h"
#include "crypto/note.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    TILE = 256,
    ENTRY_MAX = 65535,
    TILE_BYTES_MAX = TILE * (ENTRY_MAX + 2),
    ENTRIES_MAX = 1000000
};

/* ---- the checkpoint ---- */

struct checkpoint {
    char origin[SIL_NOTE_NAME_MAX + 1];
    uint64_t size;
    struct aud_hash root;
    struct sil_note note;
};

/* Three lines: origin, size, root; nothing else. */
static bool parse_checkpoint(struct checkpoint *out, const struct sil_bytes *bytes)
{
    char text[SIL_NOTE_BYTES_MAX + 1];
    char again[400];
    char root[64];
    int end = 0;
    if (sil_note_parse(&out->note, (const char *)bytes->data, bytes->length, NULL) !=
            SIL_OK ||
        out->note.length >= sizeof again) {
        return false;
    }
    (void)memcpy(text, out->note.text, out->note.length);
    text[out->note.length] = '\0';
    if (sscanf(text, "%255[^\n]\n%" SCNu64 "\n%63[^\n]\n%n", out->origin, &out->size,
               root, &end) != 3 ||
        (size_t)end != out->note.length) {
        return false;
    }
    (void)snprintf(again, sizeof again, "%s\n%" PRIu64 "\n%s\n", out->origin, out->size,
                   root);
    return strcmp(again, text) == 0 &&
           sil_base64_parse(out->root.bytes, AUD_HASH, root, strlen(root));
}

/* Signed by a log key that counts once these entries do. */
static bool is_signed(const struct checkpoint *checkpoint,
                      const struct aud_ledger *ledger)
{
    bool is = false;
    for (size_t i = 0; i < ledger->n_keys && checkpoint->size > 0; i++) {
        const struct aud_key *key = &ledger->key[i];
        struct sil_note_key note_key;
        bool counts = (key->roles & AUD_LOG) != 0 && key->from < checkpoint->size &&
                      checkpoint->size < key->until;
        if (!counts ||
            sil_note_key_make(&note_key, checkpoint->origin, SIL_NOTE_ED25519,
                              key->public_key, NULL) != SIL_OK) {
            continue;
        }
        enum sil_note_verdict verdict =
            sil_note_verify(&checkpoint->note, &note_key, NULL);
        if (verdict == SIL_NOTE_BAD) {
            return false;
        }
        is |= verdict == SIL_NOTE_GOOD;
    }
    return is;
}

static void check_checkpoint(struct aud_case *item, const struct checkpoint *checkpoint)
{
    static const char WHAT[] = "The checkpoint covers these entries, signed by the log";
    char origin[SIL_NOTE_NAME_MAX + 1 + 64];
    char id[33];
    const struct aud_ledger *ledger = &item->ledger;
    aud_id_print(id, &ledger->id);
    (void)snprintf(origin, sizeof origin, "%.255s/silhouette/%s", ledger->prefix, id);
    if (strcmp(origin, checkpoint->origin) != 0) {
        aud_find(&item->findings, "R5", WHAT, AUD_REFUTED,
                 "ledger/checkpoint is of another ledger");
    } else if (checkpoint->size != ledger->tree.size ||
               !aud_hash_equal(&checkpoint->root,
                               &ledger->tree.root[ledger->tree.size])) {
        aud_find(&item->findings, "R5", WHAT, AUD_REFUTED,
                 "ledger/checkpoint has another size or root");
    } else if (!is_signed(checkpoint, ledger)) {
        aud_find(&item->findings, "R5", WHAT, AUD_REFUTED,
                 "ledger/checkpoint is not signed by a log key that counts");
    } else {
        aud_find(&item->findings, "R5", WHAT, AUD_HOLDS, "%" PRIu64 " entries",
                 checkpoint->size);
    }
}

static sil_status check_pinned(struct aud_case *item, struct sil_error *err)
{
    static const char WHAT[] = "It continues the checkpoint that was kept";
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    struct checkpoint kept;
    if (item->pinned == NULL) {
        aud_find(&item->findings, "W2", WHAT, AUD_NOT_EXAMINED,
                 "no checkpoint was given (--pinned): its end could have been cut off");
        return SIL_OK;
    }
    SIL_TRY(sil_file_read(&bytes, item->pinned, SIL_NOTE_BYTES_MAX, err));
    const struct aud_tree *tree = &item->ledger.tree;
    if (!parse_checkpoint(&kept, &bytes) || !is_signed(&kept, &item->ledger)) {
        aud_find(&item->findings, "W2", WHAT, AUD_REFUTED,
                 "what was kept is no checkpoint of this ledger's log");
    } else if (kept.size > tree->size) {
        aud_find(
            &item->findings, "W2", WHAT, AUD_INCONCLUSIVE,
            "what was kept is newer than this bundle: whether it continues the bundle "
            "takes the ledger itself");
    } else if (!aud_hash_equal(&kept.root, &tree->root[kept.size])) {
        aud_find(&item->findings, "W2", WHAT, AUD_REFUTED,
                 "the log has signed another history: a fork");
    } else {
        aud_find(&item->findings, "W2", WHAT, AUD_HOLDS,
                 "its first %" PRIu64 " entries", kept.size);
    }

cleanup:
    sil_bytes_clear(&bytes);
    return status;
}

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
    if (size == 0 || size > ENTRIES_MAX) {
        return aud_refuse(err, "F3", "a ledger of %" PRIu64 " entries", size);
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
    struct checkpoint checkpoint;
    sil_status status = aud_folder_read(&item->checkpoint, &item->folder,
                                        "ledger/checkpoint", SIL_NOTE_BYTES_MAX, err);
    if (status == SIL_OK && !parse_checkpoint(&checkpoint, &item->checkpoint)) {
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
    check_checkpoint(item, &checkpoint);
    check_id(item);
    warn_of_unreleased(item);
    return check_pinned(item, err);
}
