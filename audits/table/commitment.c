// SPDX-License-Identifier: Apache-2.0
#include "audits/table/commitment.h"

#include "audits/table/csv.h"
#include "base/fail.h"

#include <sodium.h>

static const char LABEL[] = "silhouette/data/v1\n";

static void put(crypto_hash_sha256_state *hash, const char *text, size_t length)
{
    (void)crypto_hash_sha256_update(hash, (const unsigned char *)text, length);
}

/* In quotes when and only when something in it would be read otherwise. */
static void put_field(crypto_hash_sha256_state *hash, const struct aud_text *field)
{
    bool is_plain = true;
    for (size_t i = 0; i < field->length; i++) {
        char c = field->text[i];
        is_plain = is_plain && c != ',' && c != '"' && c != '\r' && c != '\n';
    }
    if (is_plain) {
        put(hash, field->text, field->length);
        return;
    }
    put(hash, "\"", 1);
    for (size_t i = 0; i < field->length; i++) {
        put(hash, "\"", field->text[i] == '"' ? 1 : 0);
        put(hash, field->text + i, 1);
    }
    put(hash, "\"", 1);
}

sil_status aud_commitment(uint8_t out[32], const struct sil_bytes *bytes,
                          char delimiter, const uint8_t key[32], struct sil_error *err)
{
    sil_status status = SIL_OK;
    crypto_hash_sha256_state table;
    crypto_generichash_state keyed;
    struct aud_csv csv;
    uint8_t digest[32];
    bool is_end = false;
    aud_csv_begin(&csv, bytes->data, bytes->length, delimiter);
    (void)crypto_hash_sha256_init(&table);
    for (;;) {
        SIL_TRY(aud_csv_next(&csv, &is_end, err));
        if (is_end) {
            break;
        }
        for (size_t i = 0; i < csv.n_fields; i++) {
            put(&table, ",", i == 0 ? 0 : 1);
            put_field(&table, &csv.field[i]);
        }
        put(&table, "\n", 1);
    }
    (void)crypto_hash_sha256_final(&table, digest);
    (void)crypto_generichash_init(&keyed, key, 32, 32);
    (void)crypto_generichash_update(&keyed, (const uint8_t *)LABEL, sizeof LABEL - 1);
    (void)crypto_generichash_update(&keyed, digest, sizeof digest);
    (void)crypto_generichash_final(&keyed, out, 32);

cleanup:
    aud_csv_clear(&csv);
    return status;
}
