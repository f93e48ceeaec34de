// SPDX-License-Identifier: Apache-2.0
#include "audits/report/seal.h"

#include "audits/table/source.h"
#include "base/fail.h"

#include <sodium.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PASSPHRASE_MAX = 1024 };

/* The bytes of a secret are gone when they are no longer needed. */
static void wipe(struct sil_bytes *bytes)
{
    if (bytes->data != NULL) {
        sodium_memzero(bytes->data, bytes->capacity);
    }
    sil_bytes_clear(bytes);
}

/* The first line, with a terminator in the place of its end. */
static sil_status read_passphrase(struct sil_bytes *out, const char *path,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(aud_source_read(out, path, PASSPHRASE_MAX, err));
    SIL_TRY(sil_bytes_append(out, "", 1, err));
    char *text = (char *)out->data;
    text[strcspn(text, "\r\n")] = '\0';
    if (text[0] == '\0') {
        status = sil_fail(err, SIL_ERR_INPUT, "%s has no passphrase in its first line",
                          path);
    }

cleanup:
    return status;
}

static sil_status check_readers(const char *path, struct sil_error *err)
{
    struct stat about;
    if (stat(path, &about) != 0) {
        return sil_fail_errno(err, "cannot read the key %s", path);
    }
    return (about.st_mode & (S_IRWXG | S_IRWXO)) == 0
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INPUT,
                          "%s can be read by others than its owner: chmod 600 it, or "
                          "take another key",
                          path);
}

sil_status aud_key_read(struct sil_secret_key **out, const char *path,
                        const char *passphrase_file, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes file = {0};
    struct sil_bytes word = {0};
    bool is_encrypted = false;
    *out = NULL;
    SIL_TRY(check_readers(path, err));
    SIL_TRY(aud_source_read(&file, path, SIL_KEY_FILE_MAX, err));
    const char *text = (const char *)file.data;
    SIL_TRY(sil_minisign_is_encrypted(&is_encrypted, text, file.length, err));
    if (is_encrypted && passphrase_file == NULL) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "%s has a passphrase: give it (--passphrase-file FILE, or - "
                          "for the standard input)",
                          path);
        goto cleanup;
    }
    if (is_encrypted) {
        SIL_TRY(read_passphrase(&word, passphrase_file, err));
    }
    status = sil_minisign_parse_secret(
        out, text, file.length, is_encrypted ? (const char *)word.data : NULL, err);

cleanup:
    wipe(&file);
    wipe(&word);
    return status;
}

sil_status aud_seal(struct sil_bytes *out, const struct sil_secret_key *key,
                    const struct sil_bytes *data, const char *comment,
                    struct sil_error *err)
{
    struct sil_minisig signature;
    char trusted[SIL_COMMENT_MAX + 1];
    (void)snprintf(trusted, sizeof trusted, "%s", comment);
    for (char *c = trusted; *c != '\0'; c++) {
        *c = *c < 0x20 || *c > 0x7e ? '?' : *c;
    }
    sil_minisign(&signature, key, data->data, data->length, trusted);
    return sil_minisig_print(out, &signature, "signed by silhouette-audit", err);
}
