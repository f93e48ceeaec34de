// SPDX-License-Identifier: Apache-2.0
#define _XOPEN_SOURCE 700 /* nftw */
#include "support/temp_dir.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct test_dir test_dir_new(void)
{
    struct test_dir dir = {.path = "/tmp/sil-test-XXXXXX"};
    if (mkdtemp(dir.path) == NULL) {
        perror(dir.path);
        abort();
    }
    return dir;
}

struct test_path test_dir_path(const struct test_dir *dir, const char *name)
{
    struct test_path path;
    int n = snprintf(path.text, sizeof path.text, "%s/%s", dir->path, name);
    if (n < 0 || (size_t)n >= sizeof path.text) {
        abort();
    }
    return path;
}

struct test_path test_dir_file(const struct test_dir *dir, const char *name,
                               const void *data, size_t length)
{
    struct test_path path = test_dir_path(dir, name);
    int fd = open(path.text, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    FILE *stream = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (stream == NULL || fwrite(data, 1, length, stream) != length ||
        fclose(stream) != 0) {
        perror(path.text);
        abort();
    }
    return path;
}

static int remove_one(const char *path, const struct stat *facts, int kind,
                      struct FTW *place)
{
    (void)facts;
    (void)kind;
    (void)place;
    return remove(path);
}

void test_tree_remove(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void test_dir_remove(const struct test_dir *dir)
{
    test_tree_remove(dir->path);
}
