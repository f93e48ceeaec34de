// SPDX-License-Identifier: Apache-2.0
/// Folders read through the kernel's own call, where no memory may be asked for: behind a
/// fork, where another thread may have left the allocator locked.
#ifndef AUDIT_RUN_ENTRIES_H
#define AUDIT_RUN_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>

/// What is done with an entry of an open folder; false: the rest is left.
typedef bool aud_visitor(void *context, int folder, const char *name);

/// To read it; -1: errno says why not. A link is not followed.
int aud_entries_open(int at, const char *name);

/// Every entry but the folder itself and the one above. Takes `folder`, which may be -1.
void aud_entries_visit(int folder, aud_visitor *visit, void *context);

/// A number behind a word of such a text, as the kernel writes it; 0: it does not.
unsigned long aud_entries_fact(const char *facts, const char *word);

/// The beginning of a file as a text, empty when it cannot be read.
void aud_entries_text(char *out, size_t room, int at, const char *name);

#endif
