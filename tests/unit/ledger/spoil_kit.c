// SPDX-License-Identifier: Apache-2.0
#include "spoil_kit.h"

#include "ledger/refuse.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct book *book;
struct sil_error err;
char mark[160];

void spoil_start(void)
{
    char hex[SIL_ID_TEXT];
    book = book_new();
    struct sil_ledger *ledger = book_found(book, NULL);
    (void)book_grant(ledger, "1/2");
    MUST(book_spend(NULL, ledger, "1/8", &err));
    MUST(book_spend(NULL, ledger, "1/8", &err));
    sil_id_print(hex, &sil_ledger_chain(ledger)->ledger);
    (void)snprintf(mark, sizeof mark, "%s/%s.watermark", book->state, hex);
    sil_ledger_close(ledger);
}

void spoil_stop(void)
{
    book_free(book);
}

const char *numbered(const char *folder, int number)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s/%012d", folder, number);
    return book_path(book, name);
}

void drop(const char *folder, int number)
{
    cr_assert(zero(int, unlink(numbered(folder, number))));
}

void copy(const char *from, const char *to, mode_t mode)
{
    size_t length;
    unsigned char *data = scratch_read(from, &length);
    cr_assert(ne(ptr, data, NULL));
    scratch_write(to, data, length, mode);
    free(data);
}

void lower_watermark(int size)
{
    if (size == 0) {
        cr_assert(zero(int, unlink(mark)));
    } else {
        copy(numbered("checkpoints", size), mark, 0600);
    }
}

void flip(const char *path, long at)
{
    size_t length;
    struct stat info;
    cr_assert(zero(int, stat(path, &info)));
    unsigned char *data = scratch_read(path, &length);
    cr_assert(ne(ptr, data, NULL));
    data[at < 0 ? (long)length + at : at] ^= 1;
    scratch_write(path, data, length, info.st_mode & 07777);
    free(data);
}

void expect_refusal(const char *id, const char *word)
{
    static const enum sil_ledger_access BOTH[] = {SIL_LEDGER_READ, SIL_LEDGER_WRITE};

    const size_t n_entries = scratch_count(book_path(book, "entries"));
    const size_t n_checkpoints = scratch_count(book_path(book, "checkpoints"));
    for (size_t i = 0; i < 2; i++) {
        char found[16];
        cr_expect(eq(int, book_open(NULL, book, BOTH[i], &err), SIL_ERR_CHECK), "%s",
                  err.text);
        sil_refusal_id(found, &err);
        cr_expect(eq(str, found, (char *)(uintptr_t)id), "%s", err.text);
        cr_expect(ne(ptr, strstr(err.text, word), NULL), "%s", err.text);
    }
    cr_expect(eq(sz, scratch_count(book_path(book, "entries")), n_entries));
    cr_expect(eq(sz, scratch_count(book_path(book, "checkpoints")), n_checkpoints));
}

bool has_note(const struct sil_ledger *ledger, const char *word)
{
    for (size_t i = 0; i < sil_ledger_n_notes(ledger); i++) {
        if (strstr(sil_ledger_note(ledger, i), word) != NULL) {
            return true;
        }
    }
    return false;
}

void expect_reserved(const struct sil_ledger *ledger, unsigned long eighths)
{
    cr_expect(zero(int, mpq_cmp_ui(sil_ledger_chain(ledger)->reserved.v, eighths, 8)));
}

struct sil_ledger *must_open(enum sil_ledger_access access)
{
    struct sil_ledger *ledger;
    MUST(book_open(&ledger, book, access, &err));
    return ledger;
}
