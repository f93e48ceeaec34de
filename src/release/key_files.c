// SPDX-License-Identifier: Apache-2.0
#include "release/key_files.h"

#include "base/fail.h"
#include "crypto/base64.h"
#include "ledger/checkpoint.h"

#include <stdio.h>
#include <string.h>

#define RELEASE_PEM "keys/release.pem"
#define LOG_VKEY    "keys/log.vkey"

enum { NAME_BYTES = 64 };

/* SubjectPublicKeyInfo of RFC 8410, up to the key: what openssl wants in front of it. */
static const uint8_t DER_ED25519[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                      0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

struct outlet {
    sil_bundle_sink *sink;
    void *context;
};

static sil_status put_minisign(const struct outlet *outlet, const char *name,
                               const struct sil_ledger_key *key, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    SIL_TRY(sil_minisign_print_public(&text, key->public_key, key->keynum, err));
    SIL_TRY(outlet->sink(outlet->context, name, text.data, text.length, err));

cleanup:
    sil_bytes_clear(&text);
    return status;
}

static sil_status put_pem(const struct outlet *outlet, const struct sil_ledger_key *key,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    uint8_t der[sizeof DER_ED25519 + SIL_PUBLIC_KEY_BYTES];
    (void)memcpy(der, DER_ED25519, sizeof DER_ED25519);
    (void)memcpy(der + sizeof DER_ED25519, key->public_key, SIL_PUBLIC_KEY_BYTES);
    SIL_TRY(sil_bytes_printf(&text, err, "-----BEGIN PUBLIC KEY-----\n"));
    SIL_TRY(sil_base64_print(&text, der, sizeof der, err));
    SIL_TRY(sil_bytes_printf(&text, err, "\n-----END PUBLIC KEY-----\n"));
    SIL_TRY(outlet->sink(outlet->context, RELEASE_PEM, text.data, text.length, err));

cleanup:
    sil_bytes_clear(&text);
    return status;
}

/* Is the key live at the chain's last entry? */
static bool is_live(const struct sil_chain *chain, const struct sil_chain_key *key)
{
    return key->from < chain->tree.size && chain->tree.size - 1 < key->until;
}

/* One line a key: a ledger may have several. */
static sil_status put_logs(const struct outlet *outlet, const struct sil_chain *chain,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    struct sil_note_key note_key;
    char origin[SIL_ORIGIN_MAX + 1];

    SIL_TRY(sil_chain_origin(origin, chain, err));
    for (size_t i = 0; i < chain->n_keys; i++) {
        const struct sil_chain_key *key = &chain->key[i];
        if (key->key.role != SIL_ROLE_LOG || !is_live(chain, key)) {
            continue;
        }
        SIL_TRY(sil_note_key_make(&note_key, origin, SIL_NOTE_ED25519,
                                  key->key.public_key, err));
        SIL_TRY(sil_note_key_print(&text, &note_key, err));
        SIL_TRY(sil_bytes_append(&text, "\n", 1, err));
    }
    if (text.length == 0) {
        status = sil_fail(err, SIL_ERR_CHECK, "the ledger has no live log key");
        goto cleanup;
    }
    SIL_TRY(outlet->sink(outlet->context, LOG_VKEY, text.data, text.length, err));

cleanup:
    sil_bytes_clear(&text);
    return status;
}

static bool is_listed(enum sil_role role)
{
    return role == SIL_ROLE_AUTHORITY || role == SIL_ROLE_CURATOR ||
           role == SIL_ROLE_AUDITOR;
}

static sil_status put_others(const struct outlet *outlet, const struct sil_chain *chain,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < chain->n_keys && status == SIL_OK; i++) {
        const struct sil_chain_key *key = &chain->key[i];
        char id[SIL_ID_TEXT];
        char name[NAME_BYTES];
        if (is_listed(key->key.role) && is_live(chain, key)) {
            sil_id_print(id, &key->key.id);
            (void)snprintf(name, sizeof name, "keys/%s-%s.pub",
                           sil_role_name(key->key.role), id);
            status = put_minisign(outlet, name, &key->key, err);
        }
    }
    return status;
}

sil_status sil_key_files(const struct sil_chain *chain, const struct sil_id *release,
                         sil_bundle_sink *sink, void *context, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct outlet outlet = {sink, context};
    const struct sil_chain_key *key =
        chain->tree.size > 0
            ? sil_chain_live_key(chain, release, SIL_ROLE_RELEASE, chain->tree.size - 1)
            : NULL;
    if (key == NULL) {
        return sil_fail(err, SIL_ERR_CHECK,
                        "the release key is not a live release key of the ledger");
    }
    SIL_TRY(put_minisign(&outlet, SIL_BUNDLE_RELEASE_KEY, &key->key, err));
    SIL_TRY(put_pem(&outlet, &key->key, err));
    SIL_TRY(put_logs(&outlet, chain, err));
    SIL_TRY(put_others(&outlet, chain, err));

cleanup:
    return status;
}
