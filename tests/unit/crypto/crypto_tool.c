// SPDX-License-Identifier: Apache-2.0
/* What test_stock_tools.py has us do beside the stock programs. */
#include "base/fail.h"
#include "base/file.h"
#include "crypto/minisign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char USAGE[] =
    "usage: crypto_tool key SEED_BYTE PASSPHRASE PUBLIC SECRET\n"
    "       crypto_tool public SECRET PASSPHRASE            print the public key file\n"
    "       crypto_tool sign SECRET PASSPHRASE FILE SIGNATURE UNTRUSTED TRUSTED\n"
    "       crypto_tool raw SECRET PASSPHRASE FILE SIGNATURE\n"
    "       crypto_tool verify PUBLIC FILE SIGNATURE        print the trusted comment\n"
    "An empty PASSPHRASE stands for none.\n";

/* Little enough that the stock program opens a key at once. */
static const struct sil_kdf_cost CHEAP = {.operations = 1 << 20, .memory = 1 << 25};

enum { FILE_MAX = 1 << 20 };

static struct sil_error err;

static void need(sil_status status)
{
    if (status != SIL_OK) {
        (void)fprintf(stderr, "crypto_tool: %s\n", err.text);
        exit((int)status);
    }
}

static struct sil_bytes read_file(const char *path)
{
    struct sil_bytes file = {0};
    need(sil_file_read(&file, path, FILE_MAX, &err));
    return file;
}

static void write_file(const char *path, const void *data, size_t length)
{
    struct sil_output *output;
    need(sil_output_open(&output, path, 0600, &err));
    need(sil_output_write(output, data, length, &err));
    need(sil_output_commit(output, &err));
}

static const char *passphrase_of(const char *argument)
{
    return argument[0] != '\0' ? argument : NULL;
}

static struct sil_secret_key *read_secret(const char *path, const char *passphrase)
{
    struct sil_secret_key *key;
    struct sil_bytes file = read_file(path);
    need(sil_minisign_parse_secret(&key, (const char *)file.data, file.length,
                                   passphrase_of(passphrase), &err));
    sil_bytes_clear(&file);
    return key;
}

static struct sil_bytes print_public(const struct sil_secret_key *key)
{
    struct sil_bytes text = {0};
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t keynum[SIL_KEYNUM_BYTES];
    sil_secret_key_public(public_key, key);
    sil_secret_key_keynum(keynum, key);
    need(sil_minisign_print_public(&text, public_key, keynum, &err));
    return text;
}

static void make_key(char **argument)
{
    uint8_t seed[SIL_KEY_SEED_BYTES];
    const uint8_t keynum[SIL_KEYNUM_BYTES] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct sil_secret_key *key;
    struct sil_bytes secret = {0};
    (void)memset(seed, (int)strtol(argument[0], NULL, 16), sizeof seed);
    need(sil_secret_key_of_seed(&key, seed, keynum, &err));
    struct sil_bytes public_file = print_public(key);
    need(sil_minisign_print_secret(&secret, key, passphrase_of(argument[1]), &CHEAP,
                                   &err));
    write_file(argument[2], public_file.data, public_file.length);
    write_file(argument[3], secret.data, secret.length);
    sil_bytes_clear(&public_file);
    sil_bytes_clear(&secret);
    sil_secret_key_free(key);
}

static void show_public(char **argument)
{
    struct sil_secret_key *key = read_secret(argument[0], argument[1]);
    struct sil_bytes text = print_public(key);
    (void)fwrite(text.data, 1, text.length, stdout);
    sil_bytes_clear(&text);
    sil_secret_key_free(key);
}

static void sign(char **argument)
{
    struct sil_minisig signature;
    struct sil_bytes text = {0};
    struct sil_secret_key *key = read_secret(argument[0], argument[1]);
    struct sil_bytes data = read_file(argument[2]);
    sil_minisign(&signature, key, data.data, data.length, argument[5]);
    need(sil_minisig_print(&text, &signature, argument[4], &err));
    write_file(argument[3], text.data, text.length);
    sil_bytes_clear(&data);
    sil_bytes_clear(&text);
    sil_secret_key_free(key);
}

static void sign_raw(char **argument)
{
    uint8_t signature[SIL_SIGNATURE_BYTES];
    struct sil_secret_key *key = read_secret(argument[0], argument[1]);
    struct sil_bytes data = read_file(argument[2]);
    sil_sign(signature, key, data.data, data.length);
    write_file(argument[3], signature, sizeof signature);
    sil_bytes_clear(&data);
    sil_secret_key_free(key);
}

static void verify(char **argument)
{
    struct sil_minisig signature;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t keynum[SIL_KEYNUM_BYTES];
    struct sil_bytes public_file = read_file(argument[0]);
    struct sil_bytes data = read_file(argument[1]);
    struct sil_bytes text = read_file(argument[2]);
    need(sil_minisign_parse_public(public_key, keynum, (const char *)public_file.data,
                                   public_file.length, &err));
    need(sil_minisig_parse(&signature, (const char *)text.data, text.length, &err));
    if (!sil_minisig_verify(&signature, public_key, data.data, data.length)) {
        need(sil_fail(&err, SIL_ERR_CHECK, "the signature does not hold"));
    }
    (void)puts(signature.comment);
    sil_bytes_clear(&public_file);
    sil_bytes_clear(&data);
    sil_bytes_clear(&text);
}

static const struct {
    const char *name;
    int n_arguments;
    void (*run)(char **argument);
} COMMANDS[] = {
    {"key",    4, make_key   },
    {"public", 2, show_public},
    {"sign",   6, sign       },
    {"raw",    4, sign_raw   },
    {"verify", 3, verify     },
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof COMMANDS / sizeof COMMANDS[0]; i++) {
        if (strcmp(argv[1], COMMANDS[i].name) == 0 &&
            argc == 2 + COMMANDS[i].n_arguments) {
            COMMANDS[i].run(argv + 2);
            return 0;
        }
    }
    (void)fputs(USAGE, stderr);
    return 64;
}
