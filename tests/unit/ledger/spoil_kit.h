// SPDX-License-Identifier: Apache-2.0
/// Ways to spoil a ledger on disk, and what is expected of it then. One ledger at a time:
/// these work on the book that spoil_start made.
#ifndef TESTS_UNIT_LEDGER_SPOIL_KIT_H
#define TESTS_UNIT_LEDGER_SPOIL_KIT_H

#include "book_kit.h"

extern struct book *book;
extern struct sil_error err;
extern char mark[160]; ///< the watermark's path

#define MUST(call) cr_assert(eq(int, (call), SIL_OK), "%s", err.text)

/// A book of four entries: genesis, grant of 1/2, two reserves of 1/8; closed.
void spoil_start(void);
void spoil_stop(void);

/// The path of a numbered file.
const char *numbered(const char *folder, int number);

void drop(const char *folder, int number);
void copy(const char *from, const char *to, mode_t mode);

/// The watermark as it was at a size; 0: none.
void lower_watermark(int size);

/// Flip a bit of a file, counted from its end when `at` is negative.
void flip(const char *path, long at);

/// Reader and writer refuse with the same id and name the same thing, and the writer leaves
/// everything in its place.
void expect_refusal(const char *id, const char *word);

bool has_note(const struct sil_ledger *ledger, const char *word);
void expect_reserved(const struct sil_ledger *ledger, unsigned long eighths);
struct sil_ledger *must_open(enum sil_ledger_access access);

#endif
