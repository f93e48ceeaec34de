// SPDX-License-Identifier: Apache-2.0
#include "ledger/passphrase.h"

#include "base/fail.h"
#include "base/memory.h"
#include "ledger/secret_file.h"

#include <sodium.h>

#include <stdlib.h>
#include <string.h>

struct sil_passphrase {
    char *file;   ///< NULL: the terminal
    char *text;   ///< guarded memory
    char *second; ///< of a question asked twice
    bool is_known;
};

sil_status sil_passphrase_new(struct sil_passphrase **out, const char *file,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_passphrase *made = NULL;
    *out = NULL;
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_alloc(&made, 1, sizeof *made, "a passphrase", err));
    made->text = sodium_malloc(SIL_PASSPHRASE_MAX + 1);
    made->second = sodium_malloc(SIL_PASSPHRASE_MAX + 1);
    made->file = file != NULL ? strdup(file) : NULL;
    if (made->text == NULL || made->second == NULL ||
        (file != NULL && made->file == NULL)) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a passphrase");
        goto cleanup;
    }
    *out = made;
    made = NULL;

cleanup:
    sil_passphrase_free(made);
    return status;
}

void sil_passphrase_free(struct sil_passphrase *passphrase)
{
    if (passphrase == NULL) {
        return;
    }
    sodium_free(passphrase->text);
    sodium_free(passphrase->second);
    free(passphrase->file);
    free(passphrase);
}

const char *sil_passphrase_known(const struct sil_passphrase *passphrase)
{
    return passphrase != NULL && passphrase->is_known ? passphrase->text : NULL;
}

/* The first line, without its end. */
static sil_status read_file(struct sil_passphrase *passphrase, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    size_t length = 0;

    SIL_TRY(
        sil_secret_file_read(&bytes, passphrase->file, SIL_PASSPHRASE_MAX + 2, err));
    while (length < bytes.length && bytes.data[length] != '\n' &&
           bytes.data[length] != '\r') {
        length++;
    }
    if (length == 0 || length > SIL_PASSPHRASE_MAX ||
        memchr(bytes.data, '\0', length) != NULL) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "%s has no passphrase in its first line (1 to %d bytes)",
                          passphrase->file, SIL_PASSPHRASE_MAX);
        goto cleanup;
    }
    memcpy(passphrase->text, bytes.data, length);
    passphrase->text[length] = '\0';

cleanup:
    sil_secret_bytes_clear(&bytes);
    return status;
}

static sil_status ask(struct sil_passphrase *passphrase, const char *path, bool twice,
                      struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes question = {0};

    SIL_TRY(sil_bytes_printf(
        &question, err, "%s for %s: ", twice ? "New passphrase" : "Passphrase", path));
    SIL_TRY(sil_bytes_append(&question, "", 1, err));
    SIL_TRY(sil_terminal_ask(passphrase->text, (const char *)question.data, err));
    if (twice) {
        SIL_TRY(sil_terminal_ask(passphrase->second, "Once more: ", err));
        if (strcmp(passphrase->text, passphrase->second) != 0) {
            status = sil_fail(err, SIL_ERR_INPUT, "the two passphrases differ");
        }
    }

cleanup:
    sil_bytes_clear(&question);
    return status == SIL_OK ? SIL_OK : sil_fail_within(err, status, "%s", path);
}

sil_status sil_passphrase_get(const char **text, struct sil_passphrase *passphrase,
                              const char *path, bool twice, struct sil_error *err)
{
    sil_status status;
    *text = NULL;
    if (passphrase == NULL) {
        return sil_fail(err, SIL_ERR_INPUT, "%s needs its passphrase", path);
    }
    if (passphrase->file == NULL) {
        status = ask(passphrase, path, twice, err);
    } else if (passphrase->is_known && !twice) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s: the passphrase in %s does not open it (or it is damaged)",
                        path, passphrase->file);
    } else {
        status = read_file(passphrase, err);
    }
    passphrase->is_known = status == SIL_OK;
    *text = status == SIL_OK ? passphrase->text : NULL;
    return status;
}
