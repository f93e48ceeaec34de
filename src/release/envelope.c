// SPDX-License-Identifier: Apache-2.0
#include "release/envelope.h"

#include "base/fail.h"
#include "base/memory.h"
#include "codec/json.h"
#include "crypto/base64.h"

#include <stdlib.h>
#include <string.h>

void sil_envelope_clear(struct sil_envelope *envelope)
{
    sil_bytes_clear(&envelope->statement);
}

sil_status sil_envelope_message(struct sil_bytes *out,
                                const struct sil_bytes *statement,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(out, err, "DSSEv1 %zu %s %zu ", strlen(SIL_ENVELOPE_TYPE),
                             SIL_ENVELOPE_TYPE, statement->length));
    SIL_TRY(sil_bytes_append(out, statement->data, statement->length, err));

cleanup:
    return status;
}

sil_status sil_envelope_print(struct sil_bytes *out, const struct sil_bytes *statement,
                              const struct sil_id *key,
                              const uint8_t signature[SIL_SIGNATURE_BYTES],
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    char id[SIL_ID_TEXT];
    sil_id_print(id, key);
    SIL_TRY(sil_bytes_printf(out, err, "{\n  \"payload\": \""));
    SIL_TRY(sil_base64_print(out, statement->data, statement->length, err));
    SIL_TRY(sil_bytes_printf(out, err,
                             "\",\n  \"payloadType\": \"%s\",\n  \"signatures\": [\n"
                             "    {\n      \"keyid\": \"%s\",\n      \"sig\": \"",
                             SIL_ENVELOPE_TYPE, id));
    SIL_TRY(sil_base64_print(out, signature, SIL_SIGNATURE_BYTES, err));
    SIL_TRY(sil_bytes_printf(out, err, "\"\n    }\n  ]\n}\n"));

cleanup:
    return status;
}

sil_status sil_envelope_sign(struct sil_bytes *out, const struct sil_bytes *statement,
                             const struct sil_secret_key *key, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes message = {0};
    struct sil_id id;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t signature[SIL_SIGNATURE_BYTES];

    sil_secret_key_public(public_key, key);
    sil_key_id(id.bytes, public_key);
    SIL_TRY(sil_envelope_message(&message, statement, err));
    sil_sign(signature, key, message.data, message.length);
    SIL_TRY(sil_envelope_print(out, statement, &id, signature, err));

cleanup:
    sil_bytes_clear(&message);
    return status;
}

/* ---- reading ---- */

static sil_status not_ours(struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_INPUT,
                    "not an envelope of a release: payload, payloadType and one "
                    "signature with its keyid, written in the one form");
}

/* The bytes of a base64 text, in a buffer of their own. */
static sil_status decode(struct sil_bytes *out, const char *text, size_t length,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t *bytes = NULL;
    size_t n = length / 4 * 3;
    for (size_t i = 1; i <= 2 && n > 0 && text[length - i] == '='; i++) {
        n--;
    }
    SIL_TRY(sil_alloc(&bytes, n, 1, "a statement", err));
    if (!sil_base64_parse(bytes, n, text, length)) {
        status = not_ours(err);
        goto cleanup;
    }
    *out = (struct sil_bytes){.data = bytes, .length = n, .capacity = n};
    bytes = NULL;

cleanup:
    free(bytes);
    return status;
}

static sil_status take(struct sil_envelope *out, json_t *root, struct sil_error *err)
{
    const char *payload = NULL;
    size_t payload_length = 0;
    const char *key = NULL;
    const char *signature = NULL;
    size_t signature_length = 0;
    if (json_unpack(root, "{s:s%, s:[{s:s, s:s%}]}", "payload", &payload,
                    &payload_length, "signatures", "keyid", &key, "sig", &signature,
                    &signature_length) != 0 ||
        !sil_id_parse(&out->key, key) ||
        !sil_base64_parse(out->signature, sizeof out->signature, signature,
                          signature_length)) {
        return not_ours(err);
    }
    return decode(&out->statement, payload, payload_length, err);
}

sil_status sil_envelope_parse(struct sil_envelope *out, const char *text, size_t length,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *root = NULL;
    struct sil_bytes again = {0};

    *out = (struct sil_envelope){0};
    if (length > SIL_ENVELOPE_BYTES_MAX) {
        return not_ours(err);
    }
    SIL_TRY(sil_json_parse(&root, text, length, "the envelope", err));
    SIL_TRY(take(out, root, err));
    /* What is not read (the payload's type, the order, blanks) is compared. */
    SIL_TRY(
        sil_envelope_print(&again, &out->statement, &out->key, out->signature, err));
    if (again.length != length || memcmp(again.data, text, length) != 0) {
        status = not_ours(err);
    }

cleanup:
    json_decref(root);
    sil_bytes_clear(&again);
    return status;
}

sil_status sil_envelope_verify(bool *holds, const struct sil_envelope *envelope,
                               const uint8_t key[SIL_PUBLIC_KEY_BYTES],
                               struct sil_error *err)
{
    struct sil_bytes message = {0};
    sil_status status = sil_envelope_message(&message, &envelope->statement, err);
    *holds = status == SIL_OK &&
             sil_verify(envelope->signature, key, message.data, message.length);
    sil_bytes_clear(&message);
    return status;
}
