// SPDX-License-Identifier: Apache-2.0
/// A directory for a test to work in, and plain ways to look into it and to spoil it.
#ifndef TESTS_UNIT_LEDGER_SCRATCH_H
#define TESTS_UNIT_LEDGER_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct scratch {
    char path[32];
};

/// A new empty directory (0700). All of these abort when the system refuses.
struct scratch scratch_new(void);
void scratch_remove(const struct scratch *scratch);

/// "PATH/NAME", in one of a few buffers that are used in turn.
const char *scratch_path(const struct scratch *scratch, const char *name);

/// Write a file over, or anew, with this mode.
void scratch_write(const char *path, const void *data, size_t length, mode_t mode);

/// Read a whole file; `*length` 0 and NULL when there is none. Freed with free().
unsigned char *scratch_read(const char *path, size_t *length);

bool scratch_exists(const char *path);

/// How many names are in a directory, without "." and "..".
size_t scratch_count(const char *path);

#endif
