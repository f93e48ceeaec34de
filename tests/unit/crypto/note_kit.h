// SPDX-License-Identifier: Apache-2.0
/// Published notes and keys, for the tests of both.
#ifndef TESTS_UNIT_CRYPTO_NOTE_KIT_H
#define TESTS_UNIT_CRYPTO_NOTE_KIT_H

#include "crypto/note.h"
#include "crypto_kit.h"

#define DASH "\xe2\x80\x94 "

/* The checkpoint of the published ledger: a log's signature and a witness's cosignature.
 * Go's golang.org/x/mod/sumdb/note opens it with the log's key. */
#define ORIGIN "example.org/silhouette/99ac991216020bfcca4040d04ec715d6"
#define TEXT   ORIGIN "\n5\nu5QBYq71jeTQ7ljhkcxRoJTzmu7ZXLxDEq442sBOo0w=\n"
#define LOG_LINE                                                                        \
    DASH ORIGIN                                                                         \
        " hX/+6Jnsmpz4JJR+w2U15Z3054QKPpEZUrU0xak0SQzCUzOgLzkP+h6eOB/j0bmJ0ujbllgNFd8h" \
        "h/pEhW/LPqzV+wo=\n"
#define WITNESS_LINE                                                                   \
    DASH "witness.example/w1 IBeWrgAAAABqsVS8rmCz0reyQM9l0d2zgthfz/owdbXqkq+YU+bJnOyF" \
         "HOyyE/rGD3ysQ/XMIozOhnaAn2qLdHmxTfExiwVHR2GLCQ==\n"
#define CHECKPOINT TEXT "\n" LOG_LINE WITNESS_LINE
#define LOG_KEY    ORIGIN "+857ffee8+AddZeTu8E6KBmoJ8dq22+6ikmu4Af0ny0JktmbglrSxI"
#define WITNESS_KEY \
    "witness.example/w1+201796ae+BMaCJjfH0xDsV2J74AuiWdJTdJ9Kr2REcM/75To19zJC"

/* The examples of C2SP signed-note and of golang.org/x/mod/sumdb/note, and its tests. */
#define FOO_KEY   "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define PETER_KEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define ENOCH_KEY "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
#define PETER_TEXT                                               \
    "If you think cryptography is the answer to your problem,\n" \
    "then you don't know what your problem is.\n"
#define PETER_LINE                                                                     \
    DASH                                                                               \
        "PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNX" \
        "gKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
#define ENOCH_LINE                                                                     \
    DASH                                                                               \
        "EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG" \
        "01oOTGwnWLox33WWd1RvMc+QQ=\n"

static inline struct sil_note_key key_of(const char *text)
{
    struct sil_note_key key;
    char *copy = exact_copy(text, strlen(text));
    cr_assert(eq(int, sil_note_key_parse(&key, copy, strlen(text), NULL), SIL_OK), "%s",
              text);
    free(copy);
    return key;
}

static inline bool parses(const char *data, size_t length)
{
    struct sil_note note;
    struct sil_error err = {{0}};
    char *copy = exact_copy(data, length);
    sil_status status = sil_note_parse(&note, copy, length, &err);
    cr_assert(status == SIL_OK || (status == SIL_ERR_INPUT && strlen(err.text) > 0));
    free(copy);
    return status == SIL_OK;
}

#endif
