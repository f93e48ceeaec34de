// SPDX-License-Identifier: Apache-2.0
#include "ledger/checkpoint.h"

#include "base/fail.h"
#include "crypto/base64.h"
#include "ledger/refuse.h"
#include "ledger/text_lines.h"

#include <sodium.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LEDGER_BYTES = 16 };

sil_status sil_checkpoint_origin(char origin[SIL_ORIGIN_MAX + 1], const char *prefix,
                                 const uint8_t ledger[LEDGER_BYTES],
                                 struct sil_error *err)
{
    char hex[2 * LEDGER_BYTES + 1];
    (void)sodium_bin2hex(hex, sizeof hex, ledger, LEDGER_BYTES);
    int length = snprintf(origin, SIL_ORIGIN_MAX + 1, "%s/silhouette/%s", prefix, hex);
    if (length < 0 || length > SIL_ORIGIN_MAX) {
        origin[0] = '\0';
        return sil_fail(err, SIL_ERR_USAGE,
                        "the prefix of the ledger's name is too long");
    }
    return SIL_OK;
}

sil_status sil_checkpoint_text(struct sil_bytes *out,
                               const struct sil_checkpoint *checkpoint,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(out, err, "%s\n%" PRIu64 "\n", checkpoint->origin,
                             checkpoint->size));
    SIL_TRY(sil_base64_print(out, checkpoint->root.bytes, sizeof checkpoint->root.bytes,
                             err));
    SIL_TRY(sil_bytes_append(out, "\n", 1, err));
cleanup:
    return status;
}

sil_status sil_checkpoint_sign(struct sil_bytes *out,
                               const struct sil_checkpoint *checkpoint,
                               const struct sil_secret_key *log, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_note_key key;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    struct sil_bytes text = {0};
    sil_secret_key_public(public_key, log);
    SIL_TRY(
        sil_note_key_make(&key, checkpoint->origin, SIL_NOTE_ED25519, public_key, err));
    SIL_TRY(sil_checkpoint_text(&text, checkpoint, err));
    SIL_TRY(sil_bytes_append(out, text.data, text.length, err));
    SIL_TRY(sil_bytes_append(out, "\n", 1, err));
    SIL_TRY(
        sil_note_sign(out, (const char *)text.data, text.length, &key, log, 0, err));
cleanup:
    sil_bytes_clear(&text);
    return status;
}

static bool is_root_of_nothing(const struct sil_root *root)
{
    struct sil_root empty;
    sil_sha256(empty.bytes, NULL, 0);
    return memcmp(root->bytes, empty.bytes, sizeof empty.bytes) == 0;
}

static bool parse_lines(struct sil_checkpoint *out, struct sil_text rest)
{
    struct sil_text origin;
    struct sil_text size;
    struct sil_text root;
    if (!sil_text_line(&origin, &rest) || !sil_text_line(&size, &rest) ||
        !sil_text_line(&root, &rest) || rest.length != 0) {
        return false;
    }
    if (origin.length == 0 || origin.length > SIL_ORIGIN_MAX ||
        memchr(origin.at, '\0', origin.length) != NULL) {
        return false;
    }
    (void)memcpy(out->origin, origin.at, origin.length);
    return sil_text_number(&out->size, &size) && sil_text_root(&out->root, &root) &&
           (out->size > 0 || is_root_of_nothing(&out->root));
}

sil_status sil_checkpoint_parse(struct sil_checkpoint *out, const struct sil_note *note,
                                struct sil_error *err)
{
    *out = (struct sil_checkpoint){0};
    if (parse_lines(out, (struct sil_text){note->text, note->length})) {
        return SIL_OK;
    }
    *out = (struct sil_checkpoint){0};
    return sil_refuse_ledger(err, "E-CORRUPT",
                             "not a checkpoint: an origin, a size, a root");
}
