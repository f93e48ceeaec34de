// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/file.h"
#include "ledger/found.h"

#include <stdlib.h>
#include <string.h>

/* The comment that a body wants, and, for `body` not NULL, the body. */
static sil_status comment_of(char comment[SIL_COMMENT_MAX + 1], struct sil_body *body,
                             const struct sil_bytes *encoded, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_body_decode(body, encoded->data, encoded->length, err));
    SIL_TRY(sil_body_comment(comment, body, err));

cleanup:
    return status;
}

sil_status sil_ledger_approve_with(struct sil_approval *out,
                                   const struct sil_secret_key *key,
                                   const struct sil_bytes *body, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_body decoded = {0};
    char comment[SIL_COMMENT_MAX + 1];
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];

    SIL_TRY(comment_of(comment, &decoded, body, err));
    sil_secret_key_public(public_key, key);
    sil_key_id(out->key.bytes, public_key);
    sil_minisign(&out->signature, key, body->data, body->length, comment);

cleanup:
    sil_body_clear(&decoded);
    return status;
}

/* ---- signature files ---- */

static bool may_approve(enum sil_role role)
{
    return role == SIL_ROLE_AUTHORITY || role == SIL_ROLE_AUDITOR;
}

static bool made_by(struct sil_approval *approval, const struct sil_ledger_key *key,
                    const struct sil_bytes *body)
{
    if (!may_approve(key->role) ||
        !sil_minisig_verify(&approval->signature, key->public_key, body->data,
                            body->length)) {
        return false;
    }
    approval->key = key->id;
    return true;
}

static bool made_by_one_of(struct sil_approval *approval,
                           const struct sil_ledger_key *keys, size_t n,
                           const struct sil_bytes *body)
{
    for (size_t i = 0; i < n; i++) {
        if (made_by(approval, &keys[i], body)) {
            return true;
        }
    }
    return false;
}

static bool find_maker(struct sil_approval *approval, const struct sil_body *decoded,
                       const struct sil_bytes *body, const struct sil_chain *chain)
{
    for (size_t i = 0; chain != NULL && i < chain->n_keys; i++) {
        if (made_by(approval, &chain->key[i].key, body)) {
            return true;
        }
    }
    if (decoded->type == SIL_ENTRY_GENESIS) {
        return made_by_one_of(approval, decoded->genesis.keys, decoded->genesis.n_keys,
                              body);
    }
    return decoded->type == SIL_ENTRY_KEYSET &&
           made_by_one_of(approval, decoded->keyset.add, decoded->keyset.n_add, body);
}

static sil_status match_approval(struct sil_approval *out, const char *path,
                                 const struct sil_bytes *body,
                                 const struct sil_chain *chain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_body decoded = {0};
    char comment[SIL_COMMENT_MAX + 1];

    SIL_TRY(comment_of(comment, &decoded, body, err));
    if (!find_maker(out, &decoded, body, chain)) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "%s: no authority or auditor of this ledger has signed these "
                          "bytes with it",
                          path);
    } else if (strcmp(out->signature.comment, comment) != 0) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "%s: the trusted comment must be (minisign -t): %s", path,
                          comment);
    }

cleanup:
    sil_body_clear(&decoded);
    return status;
}

sil_status sil_approval_read(struct sil_approval *out, const char *path,
                             const struct sil_bytes *body,
                             const struct sil_chain *chain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes file = {0};

    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_file_read(&file, path, SIL_MINISIG_FILE_MAX, err));
    status =
        sil_minisig_parse(&out->signature, (const char *)file.data, file.length, err);
    SIL_TRY(status == SIL_OK ? SIL_OK : sil_fail_within(err, status, "%s", path));
    SIL_TRY(match_approval(out, path, body, chain, err));

cleanup:
    sil_bytes_clear(&file);
    return status;
}

static int by_key(const void *a, const void *b)
{
    const struct sil_approval *x = a;
    const struct sil_approval *y = b;
    return memcmp(x->key.bytes, y->key.bytes, sizeof x->key.bytes);
}

void sil_approvals_sort(struct sil_approval *approvals, size_t n)
{
    if (n > 1) {
        qsort(approvals, n, sizeof *approvals, by_key);
    }
}
