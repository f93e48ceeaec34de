// SPDX-License-Identifier: Apache-2.0
#include "ledger/entry.h"

#include "base/fail.h"
#include "base/memory.h"
#include "ledger/body_codec.h"
#include "ledger/refuse.h"

#include <sodium.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PAYLOAD_SCHEMA = 1 };

static const char PREFIX[] = "silhouette/entry/v1\n";

void sil_entry_clear(struct sil_entry *entry)
{
    free(entry->approvals);
    sil_body_clear(&entry->body);
    (void)memset(entry, 0, sizeof *entry);
}

sil_status sil_entry_message(struct sil_bytes *out, const uint8_t *payload,
                             size_t length, struct sil_error *err)
{
    sil_status status = sil_bytes_append(out, PREFIX, sizeof PREFIX - 1, err);
    return status != SIL_OK ? status : sil_bytes_append(out, payload, length, err);
}

/* ---- building ---- */

static sil_status put_approval(struct sil_bytes *out,
                               const struct sil_approval *approval,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_minisig *signature = &approval->signature;
    SIL_TRY(sil_mp_put_array(out, 4, err));
    SIL_TRY(sil_mp_put_bin(out, approval->key.bytes, SIL_ID_BYTES, err));
    SIL_TRY(sil_mp_put_bin(out, signature->signature, SIL_SIGNATURE_BYTES, err));
    SIL_TRY(sil_mp_put_bin(out, signature->global, SIL_SIGNATURE_BYTES, err));
    SIL_TRY(sil_put_text(out, signature->comment, "a trusted comment", err));
cleanup:
    return status;
}

/* The type is in the body's first bytes: an array, the schema, the name. */
static sil_status type_of(enum sil_entry_type *out, const struct sil_bytes *body,
                          struct sil_error *err)
{
    struct sil_body decoded;
    sil_status status = sil_body_read(&decoded, body->data, body->length, NULL, err);
    *out = decoded.type;
    sil_body_clear(&decoded);
    return status;
}

static sil_status put_payload(struct sil_bytes *out, const struct sil_entry *head,
                              const struct sil_bytes *body, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_mp_put_array(out, 10, err));
    SIL_TRY(sil_mp_put_uint(out, PAYLOAD_SCHEMA, err));
    SIL_TRY(sil_mp_put_bin(out, head->ledger.bytes, SIL_ID_BYTES, err));
    SIL_TRY(sil_mp_put_uint(out, head->seq, err));
    SIL_TRY(sil_mp_put_bin(out, head->prev_root.bytes, SIL_HASH_BYTES, err));
    SIL_TRY(sil_mp_put_uint(out, head->time, err));
    SIL_TRY(sil_mp_put_uint(out, (uint64_t)head->type, err));
    SIL_TRY(sil_mp_put_bin(out, head->salt, sizeof head->salt, err));
    SIL_TRY(sil_mp_put_bin(out, head->curator.bytes, SIL_ID_BYTES, err));
    SIL_TRY(sil_mp_put_bin(out, body->data, body->length, err));
    SIL_TRY(sil_mp_put_array(out, head->n_approvals, err));
    for (size_t i = 0; i < head->n_approvals; i++) {
        SIL_TRY(put_approval(out, &head->approvals[i], err));
    }
cleanup:
    return status;
}

static sil_status put_signed(struct sil_bytes *out, const struct sil_bytes *payload,
                             const struct sil_secret_key *curator,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes message = {0};
    uint8_t signature[SIL_SIGNATURE_BYTES];
    SIL_TRY(sil_entry_message(&message, payload->data, payload->length, err));
    sil_sign(signature, curator, message.data, message.length);
    SIL_TRY(sil_mp_put_array(out, 2, err));
    SIL_TRY(sil_mp_put_bin(out, payload->data, payload->length, err));
    SIL_TRY(sil_mp_put_bin(out, signature, sizeof signature, err));
cleanup:
    sil_bytes_clear(&message);
    return status;
}

sil_status sil_entry_build_salted(struct sil_bytes *out, const struct sil_entry *head,
                                  const uint8_t salt[16], const struct sil_bytes *body,
                                  const struct sil_secret_key *curator,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes payload = {0};
    struct sil_entry parsed = {0};
    struct sil_entry full = *head;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    size_t start = out->length;

    (void)memcpy(full.salt, salt, sizeof full.salt);
    sil_secret_key_public(public_key, curator);
    sil_key_id(full.curator.bytes, public_key);
    SIL_TRY(type_of(&full.type, body, err));
    SIL_TRY(put_payload(&payload, &full, body, err));
    SIL_TRY(put_signed(out, &payload, curator, err));
    /* What a reader would refuse (its size, its approvals' order) is not handed out. */
    SIL_TRY(sil_entry_parse(&parsed, out->data + start, out->length - start, full.seq,
                            err));
cleanup:
    sil_entry_clear(&parsed);
    sil_bytes_clear(&payload);
    if (status != SIL_OK) {
        out->length = start;
    }
    return status == SIL_OK || status == SIL_ERR_INTERNAL ? status : SIL_ERR_USAGE;
}

sil_status sil_entry_build(struct sil_bytes *out, const struct sil_entry *head,
                           const struct sil_bytes *body,
                           const struct sil_secret_key *curator, struct sil_error *err)
{
    uint8_t salt[16];
    randombytes_buf(salt, sizeof salt);
    return sil_entry_build_salted(out, head, salt, body, curator, err);
}

/* ---- parsing ---- */

static sil_status next_approval(struct sil_approval *out, struct sil_mp_array *list,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array tuple;
    struct sil_minisig *signature = &out->signature;
    const char *comment = NULL;
    size_t length = 0;
    SIL_TRY(sil_next_tuple(&tuple, 4, list, "an approval", err));
    SIL_TRY(sil_next_bytes(out->key.bytes, SIL_ID_BYTES, &tuple, "the key", err));
    SIL_TRY(sil_next_bytes(signature->signature, SIL_SIGNATURE_BYTES, &tuple,
                           "the signature", err));
    SIL_TRY(sil_next_bytes(signature->global, SIL_SIGNATURE_BYTES, &tuple,
                           "the global signature", err));
    SIL_TRY(sil_mp_next_str(&comment, &length, &tuple, "the comment", err));
    (void)memcpy(signature->comment, comment, length);
    signature->comment[length] = '\0';
cleanup:
    return status;
}

_Static_assert(SIL_LEDGER_TEXT_MAX <= SIL_COMMENT_MAX, "every string fits a comment");

static sil_status next_approvals(struct sil_entry *out, struct sil_mp_array *array,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array list;
    SIL_TRY(sil_mp_next_array(&list, array, "approvals", err));
    if (list.n > SIL_APPROVALS_MAX) {
        return sil_fail(err, SIL_ERR_CHECK, "more than %d approvals",
                        SIL_APPROVALS_MAX);
    }
    if (list.n > 0) {
        SIL_TRY(sil_alloc(&out->approvals, list.n, sizeof *out->approvals, "approvals",
                          err));
    }
    out->n_approvals = list.n;
    for (size_t i = 0; i < list.n; i++) {
        struct sil_approval *approval = &out->approvals[i];
        SIL_TRY(next_approval(approval, &list, err));
        if (i > 0 &&
            memcmp(approval[-1].key.bytes, approval->key.bytes, SIL_ID_BYTES) > 0) {
            SIL_TRY(sil_fail(err, SIL_ERR_INPUT, "approvals are not ascending by key"));
        }
    }
cleanup:
    return status;
}

static sil_status next_head(struct sil_entry *out, uint64_t *type,
                            struct sil_mp_array *array, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t schema = 0;
    SIL_TRY(sil_next_number(&schema, array, "the schema", err));
    if (schema != PAYLOAD_SCHEMA) {
        SIL_TRY(sil_fail(err, SIL_ERR_UNSUPPORTED, "a schema that this program lacks"));
    }
    SIL_TRY(sil_next_bytes(out->ledger.bytes, SIL_ID_BYTES, array, "the ledger", err));
    SIL_TRY(sil_next_number(&out->seq, array, "the number", err));
    SIL_TRY(sil_next_bytes(out->prev_root.bytes, SIL_HASH_BYTES, array,
                           "the previous root", err));
    SIL_TRY(sil_next_number(&out->time, array, "the time", err));
    SIL_TRY(sil_next_number(type, array, "the type", err));
    SIL_TRY(sil_next_bytes(out->salt, sizeof out->salt, array, "the salt", err));
    SIL_TRY(
        sil_next_bytes(out->curator.bytes, SIL_ID_BYTES, array, "the curator", err));
cleanup:
    return status;
}

static sil_status read_payload(struct sil_entry *out, uint64_t *type,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_text *text = NULL;
    struct sil_mp_array array = {.what = "the payload"};
    SIL_TRY(sil_fields_open(&text, &array, out->payload, out->payload_length, err));
    SIL_TRY(next_head(out, type, &array, err));
    SIL_TRY(
        sil_mp_next_bin(&out->body_bytes, &out->body_length, &array, "the body", err));
    SIL_TRY(next_approvals(out, &array, err));
    SIL_TRY(sil_mp_end(&array, err));
cleanup:
    sil_mp_free(text);
    return status;
}

static sil_status read_entry(struct sil_entry *out, const uint8_t *data, size_t length,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_text *text = NULL;
    struct sil_mp_array array = {.what = "the file"};
    uint64_t type = 0;
    SIL_TRY(sil_fields_open(&text, &array, data, length, err));
    SIL_TRY(sil_mp_next_bin(&out->payload, &out->payload_length, &array, "the payload",
                            err));
    SIL_TRY(sil_next_bytes(out->signature, sizeof out->signature, &array,
                           "the signature", err));
    SIL_TRY(sil_mp_end(&array, err));
    SIL_TRY(read_payload(out, &type, err));
    if (type >= SIL_ENTRY_TYPES) {
        status = sil_fail(err, SIL_ERR_UNSUPPORTED,
                          "type %" PRIu64 ", which this program lacks", type);
        goto cleanup;
    }
    out->type = (enum sil_entry_type)type;
    SIL_TRY(
        sil_body_read(&out->body, out->body_bytes, out->body_length, &out->type, err));
cleanup:
    sil_mp_free(text);
    return status;
}

sil_status sil_entry_parse(struct sil_entry *out, const uint8_t *data, size_t length,
                           uint64_t seq, struct sil_error *err)
{
    (void)memset(out, 0, sizeof *out);
    sil_status status = read_entry(out, data, length, err);
    if (status != SIL_OK) {
        bool is_read = out->body_bytes != NULL && status == SIL_ERR_UNSUPPORTED;
        if (!is_read) {
            sil_entry_clear(out);
        }
        status = sil_fail_within(err, status, "entry %" PRIu64, seq);
    } else if (!sil_body_is_public(&out->body)) {
        sil_entry_clear(out);
        return sil_refuse(err, "P1", seq, SIL_PRIVATE_COUNT);
    }
    return sil_fields_refuse(err, status);
}
