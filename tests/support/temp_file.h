// SPDX-License-Identifier: Apache-2.0
/// Small files for a test to read, removed by the test that made them.
#ifndef TESTS_SUPPORT_TEMP_FILE_H
#define TESTS_SUPPORT_TEMP_FILE_H

#include <stddef.h>

struct test_file {
    char path[32];
};

/// A new file with these bytes; aborts when it cannot be made.
struct test_file test_file_new(const void *data, size_t length);

/// The same from a text.
struct test_file test_file_text(const char *text);

void test_file_remove(const struct test_file *file);

#endif
