// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE /* getdents64 */
#include "audits/run/entries.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { PIECE = 4096 };

int aud_entries_open(int at, const char *name)
{
    return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

void aud_entries_visit(int folder, aud_visitor *visit, void *context)
{
    _Alignas(struct dirent64) char piece[PIECE];
    bool goes_on = folder >= 0;
    ssize_t n = 0;
    while (goes_on && (n = getdents64(folder, piece, sizeof piece)) > 0) {
        for (ssize_t at = 0; at < n && goes_on;) {
            const struct dirent64 *entry = (const void *)(piece + at);
            at += entry->d_reclen;
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
                goes_on = visit(context, folder, entry->d_name);
            }
        }
    }
    if (folder >= 0) {
        (void)close(folder);
    }
}

unsigned long aud_entries_fact(const char *facts, const char *word)
{
    const char *at = strstr(facts, word);
    return at == NULL ? 0 : strtoul(at + strlen(word), NULL, 10);
}

void aud_entries_text(char *out, size_t room, int at, const char *name)
{
    int fd = openat(at, name, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, out, room - 1);
    if (fd >= 0) {
        (void)close(fd);
    }
    out[n > 0 ? n : 0] = '\0';
}
