// SPDX-License-Identifier: Apache-2.0
/* nftw */
#define _GNU_SOURCE
#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void give_up(const char *path)
{
    perror(path);
    abort();
}

struct scratch scratch_new(void)
{
    struct scratch scratch = {.path = "/tmp/sil-ledger-XXXXXX"};
    if (mkdtemp(scratch.path) == NULL) {
        give_up(scratch.path);
    }
    return scratch;
}

static int remove_one(const char *path, const struct stat *info, int kind,
                      struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

void scratch_remove(const struct scratch *scratch)
{
    (void)nftw(scratch->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *scratch_path(const struct scratch *scratch, const char *name)
{
    static char buffer[8][256];
    static unsigned next;
    char *path = buffer[next++ % 8];
    (void)snprintf(path, sizeof buffer[0], "%s/%s", scratch->path, name);
    return path;
}

void scratch_write(const char *path, const void *data, size_t length, mode_t mode)
{
    (void)unlink(path);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file < 0 || write(file, data, length) != (ssize_t)length ||
        fchmod(file, mode) != 0 || close(file) != 0) {
        give_up(path);
    }
}

unsigned char *scratch_read(const char *path, size_t *length)
{
    *length = 0;
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) {
        return NULL;
    }
    size_t capacity = 1 << 17;
    unsigned char *data = malloc(capacity);
    if (data == NULL) {
        give_up(path);
    }
    *length = fread(data, 1, capacity, stream);
    (void)fclose(stream);
    return data;
}

bool scratch_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

size_t scratch_count(const char *path)
{
    size_t n = 0;
    DIR *stream = opendir(path);
    if (stream == NULL) {
        give_up(path);
    }
    for (const struct dirent *entry = readdir(stream); entry != NULL;
         entry = readdir(stream)) {
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    (void)closedir(stream);
    return n;
}
