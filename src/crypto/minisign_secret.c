// SPDX-License-Identifier: Apache-2.0
/* Secret key files. One base64 line of 158 bytes; from KEYNUM on they are covered by a
 * stream that scrypt makes of the passphrase, or stand as they are when the file has none. */
#include "base/fail.h"
#include "crypto/base64.h"
#include "crypto/le64.h"
#include "crypto/minisign.h"
#include "crypto/minisign_lines.h"
#include "crypto/secret_key.h"

#include <sodium.h>

#include <inttypes.h>
#include <string.h>

enum {
    SALT_BYTES = crypto_pwhash_scryptsalsa208sha256_SALTBYTES,
    SUM_BYTES = 32,

    SIGN_AT = 0, /* "Ed" */
    KDF_AT = 2,
    SUM_ALGORITHM_AT = 4,
    SALT_AT = 6,
    OPERATIONS_AT = SALT_AT + SALT_BYTES,
    MEMORY_AT = OPERATIONS_AT + 8,
    KEYNUM_AT = MEMORY_AT + 8,
    SECRET_AT = KEYNUM_AT + SIL_KEYNUM_BYTES,
    SUM_AT = SECRET_AT + SIL_SECRET_BYTES,
    FILE_BYTES = SUM_AT + SUM_BYTES,
    HIDDEN_BYTES = FILE_BYTES - KEYNUM_AT,
    TEXT_BYTES = (FILE_BYTES + 2) / 3 * 4
};

_Static_assert(FILE_BYTES == 158, "the layout of minisign");

static const uint8_t SIGN_ALGORITHM[2] = {'E', 'd'};
static const uint8_t SUM_ALGORITHM[2] = {'B', '2'};
static const uint8_t KDF_SCRYPT[2] = {'S', 'c'};
static const uint8_t KDF_NONE[2] = {0, 0};

const struct sil_kdf_cost SIL_KDF_STOCK = {.operations = 33554432,
                                           .memory = 1073741824};

/* Everything that is secret on the way in or out, in one guarded block. */
struct workspace {
    uint8_t file[FILE_BYTES];
    uint8_t stream[HIDDEN_BYTES];
    uint8_t again[SIL_SECRET_BYTES];
};

static void checksum(uint8_t sum[SUM_BYTES], const uint8_t *file)
{
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, SUM_BYTES);
    (void)crypto_generichash_update(&state, file + SIGN_AT, sizeof SIGN_ALGORITHM);
    (void)crypto_generichash_update(&state, file + KEYNUM_AT, SUM_AT - KEYNUM_AT);
    (void)crypto_generichash_final(&state, sum, SUM_BYTES);
    sodium_memzero(&state, sizeof state);
}

/* Put the stream of the passphrase over the hidden part, or take it away. */
static sil_status cover(struct workspace *work, const char *passphrase,
                        struct sil_error *err)
{
    uint64_t operations = sil_load_le64(work->file + OPERATIONS_AT);
    uint64_t memory = sil_load_le64(work->file + MEMORY_AT);
    if (crypto_pwhash_scryptsalsa208sha256(
            work->stream, sizeof work->stream, passphrase, strlen(passphrase),
            work->file + SALT_AT, operations, (size_t)memory) != 0) {
        return sil_fail(err, SIL_ERR_INTERNAL,
                        "out of memory: the passphrase needs up to %" PRIu64 " MiB",
                        memory >> 20);
    }
    for (size_t i = 0; i < HIDDEN_BYTES; i++) {
        work->file[KEYNUM_AT + i] ^= work->stream[i];
    }
    return SIL_OK;
}

static bool is_cost_allowed(uint64_t operations, uint64_t memory)
{
    return operations <= SIL_KDF_STOCK.operations && memory <= SIL_KDF_STOCK.memory;
}

/* The whole file in one piece: a buffer that grows under it would leave its bytes behind
 * in memory that was given back. */
static sil_status print_file(struct sil_bytes *out, const struct workspace *work,
                             const char *comment, struct sil_error *err)
{
    char text[128 + TEXT_BYTES + 2];
    int length = snprintf(text, sizeof text, SIL_UNTRUSTED "%s\n", comment);
    SIL_REQUIRE(length > 0 && length <= 128);
    (void)sodium_bin2base64(text + length, TEXT_BYTES + 1, work->file, FILE_BYTES,
                            sodium_base64_VARIANT_ORIGINAL);
    text[length + TEXT_BYTES] = '\n';
    sil_status status =
        sil_bytes_append(out, text, (size_t)length + TEXT_BYTES + 1, err);
    sodium_memzero(text, sizeof text);
    return status;
}

static sil_status hide(struct workspace *work, const char *passphrase,
                       const struct sil_kdf_cost *cost, struct sil_error *err)
{
    if (!is_cost_allowed(cost->operations, cost->memory)) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "a passphrase cannot cost more than stock minisign's");
    }
    (void)memcpy(work->file + KDF_AT, KDF_SCRYPT, sizeof KDF_SCRYPT);
    randombytes_buf(work->file + SALT_AT, SALT_BYTES);
    sil_store_le64(work->file + OPERATIONS_AT, cost->operations);
    sil_store_le64(work->file + MEMORY_AT, cost->memory);
    return cover(work, passphrase, err);
}

sil_status sil_minisign_print_secret(struct sil_bytes *out,
                                     const struct sil_secret_key *key,
                                     const char *passphrase,
                                     const struct sil_kdf_cost *cost,
                                     struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct workspace *work = NULL;
    SIL_TRY(sil_secret_alloc(&work, sizeof *work, err));
    (void)memcpy(work->file + SIGN_AT, SIGN_ALGORITHM, sizeof SIGN_ALGORITHM);
    (void)memcpy(work->file + SUM_ALGORITHM_AT, SUM_ALGORITHM, sizeof SUM_ALGORITHM);
    (void)memcpy(work->file + KEYNUM_AT, key->keynum, SIL_KEYNUM_BYTES);
    (void)memcpy(work->file + SECRET_AT, key->secret, SIL_SECRET_BYTES);
    checksum(work->file + SUM_AT, work->file);
    if (passphrase != NULL) {
        SIL_TRY(hide(work, passphrase, cost, err));
    }
    SIL_TRY(print_file(out, work,
                       passphrase != NULL ? "minisign encrypted secret key"
                                          : "minisign secret key without a passphrase",
                       err));

cleanup:
    sodium_free(work);
    return status;
}

static sil_status no_secret_key(struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_INPUT, "not a minisign secret key");
}

static sil_status read_file(struct workspace *work, bool *encrypted, const char *text,
                            size_t length, struct sil_error *err)
{
    struct sil_line line[2];
    const uint8_t *file = work->file;
    if (length > SIL_KEY_FILE_MAX || !sil_lines_cut(line, 2, text, length) ||
        !sil_line_is_untrusted(line[0]) ||
        !sil_base64_parse(work->file, FILE_BYTES, line[1].text, line[1].length) ||
        memcmp(file + SIGN_AT, SIGN_ALGORITHM, sizeof SIGN_ALGORITHM) != 0 ||
        memcmp(file + SUM_ALGORITHM_AT, SUM_ALGORITHM, sizeof SUM_ALGORITHM) != 0) {
        return no_secret_key(err);
    }
    *encrypted = memcmp(file + KDF_AT, KDF_SCRYPT, sizeof KDF_SCRYPT) == 0;
    if (!*encrypted && memcmp(file + KDF_AT, KDF_NONE, sizeof KDF_NONE) != 0) {
        return no_secret_key(err);
    }
    return SIL_OK;
}

static sil_status uncover(struct workspace *work, const char *passphrase,
                          struct sil_error *err)
{
    if (!is_cost_allowed(sil_load_le64(work->file + OPERATIONS_AT),
                         sil_load_le64(work->file + MEMORY_AT))) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "the secret key asks for a costlier passphrase check than "
                        "stock minisign's: the file is damaged or foreign");
    }
    if (passphrase == NULL) {
        return sil_fail(err, SIL_ERR_INPUT, "the secret key needs its passphrase");
    }
    return cover(work, passphrase, err);
}

/* `minisign -G -W` leaves the checksum zero, `minisign -C -W` leaves it right, and the
 * stock program then looks at neither. */
static bool has_good_sum(const uint8_t *file, bool encrypted)
{
    uint8_t sum[SUM_BYTES];
    checksum(sum, file);
    return sodium_memcmp(sum, file + SUM_AT, SUM_BYTES) == 0 ||
           (!encrypted && sodium_is_zero(file + SUM_AT, SUM_BYTES));
}

/* A public half that is not the seed's would make signatures that give the secret away. */
static bool has_own_public_key(struct workspace *work)
{
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    (void)crypto_sign_seed_keypair(public_key, work->again, work->file + SECRET_AT);
    return sodium_memcmp(work->again, work->file + SECRET_AT, SIL_SECRET_BYTES) == 0;
}

sil_status sil_minisign_is_encrypted(bool *encrypted, const char *text, size_t length,
                                     struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct workspace *work = NULL;
    SIL_TRY(sil_secret_alloc(&work, sizeof *work, err));
    SIL_TRY(read_file(work, encrypted, text, length, err));

cleanup:
    sodium_free(work);
    return status;
}

sil_status sil_minisign_parse_secret(struct sil_secret_key **out, const char *text,
                                     size_t length, const char *passphrase,
                                     struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct workspace *work = NULL;
    bool encrypted = false;
    *out = NULL;
    SIL_TRY(sil_secret_alloc(&work, sizeof *work, err));
    SIL_TRY(read_file(work, &encrypted, text, length, err));
    if (encrypted) {
        SIL_TRY(uncover(work, passphrase, err));
    }
    if (!has_good_sum(work->file, encrypted) || !has_own_public_key(work)) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          encrypted ? "the passphrase is wrong, or the secret key is "
                                      "damaged"
                                    : "the secret key is damaged");
        goto cleanup;
    }
    SIL_TRY(sil_secret_key_of_bytes(out, work->file + SECRET_AT, work->file + KEYNUM_AT,
                                    err));

cleanup:
    sodium_free(work);
    return status;
}
