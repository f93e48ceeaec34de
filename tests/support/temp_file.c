// SPDX-License-Identifier: Apache-2.0
#include "support/temp_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct test_file test_file_new(const void *data, size_t length)
{
    struct test_file file = {.path = "/tmp/sil-test-XXXXXX"};
    int fd = mkstemp(file.path);
    FILE *stream = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (stream == NULL || fwrite(data, 1, length, stream) != length ||
        fclose(stream) != 0) {
        perror(file.path);
        abort();
    }
    return file;
}

struct test_file test_file_text(const char *text)
{
    return test_file_new(text, strlen(text));
}

void test_file_remove(const struct test_file *file)
{
    (void)unlink(file->path);
}
