// SPDX-License-Identifier: Apache-2.0
#include "audits/ledger/checkpoint.h"

#include "crypto/base64.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool aud_checkpoint_parse(struct aud_checkpoint *out, const struct sil_bytes *bytes)
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

bool aud_checkpoint_is_of(const struct aud_checkpoint *checkpoint,
                          const struct aud_ledger *ledger)
{
    bool is = false;
    char id[33];
    char origin[AUD_TEXT_MAX + 64];
    aud_id_print(id, &ledger->id);
    (void)snprintf(origin, sizeof origin, "%s/silhouette/%s", ledger->prefix, id);
    if (strcmp(origin, checkpoint->origin) != 0) {
        return false;
    }
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
