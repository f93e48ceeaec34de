// SPDX-License-Identifier: Apache-2.0
/// A directory for a test to make files in, removed with all that is in it.
#ifndef TESTS_SUPPORT_TEMP_DIR_H
#define TESTS_SUPPORT_TEMP_DIR_H

#include <stddef.h>

struct test_dir {
    char path[32];
};

/// A path in it.
struct test_path {
    char text[256];
};

/// A new one, 0700; aborts when it cannot be made.
struct test_dir test_dir_new(void);

/// DIR/NAME.
struct test_path test_dir_path(const struct test_dir *dir, const char *name);

/// A file in it with these bytes, 0600; aborts when it cannot be made.
struct test_path test_dir_file(const struct test_dir *dir, const char *name,
                               const void *data, size_t length);

void test_dir_remove(const struct test_dir *dir);

/// Remove a file, or a directory with all that is in it.
void test_tree_remove(const char *path);

#endif
