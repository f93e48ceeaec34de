// SPDX-License-Identifier: Apache-2.0
/* Bundles as strangers hand them over: what is listed, and what is refused by name. */
#include "release/reader.h"
#include "support/temp_dir.h"
#include "tar_kit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect_refusal(const char *path, sil_status expected, const char *says)
{
    struct sil_reader *reader = NULL;
    struct sil_error err = {{0}};
    sil_status status = sil_reader_open(&reader, path, &err);
    cr_expect(eq(int, status, expected), "%s: %s", path, err.text);
    cr_expect(ne(ptr, strstr(err.text, says), NULL), "no '%s' in: %s", says, err.text);
    cr_expect(eq(ptr, reader, NULL));
}

static void expect_tar_refusal(const struct sil_bytes *tar, sil_status expected,
                               const char *says)
{
    struct sil_reader *reader = NULL;
    struct sil_error err = {{0}};
    sil_status status =
        sil_reader_open_memory(&reader, tar->data, tar->length, "b.tar", &err);
    cr_expect(eq(int, status, expected), "%s", err.text);
    cr_expect(ne(ptr, strstr(err.text, says), NULL), "no '%s' in: %s", says, err.text);
    cr_expect(eq(ptr, reader, NULL));
}

static void expect_file(const struct sil_reader *reader, const char *name,
                        const char *content)
{
    const struct sil_bundle_file *file = sil_reader_find(reader, name);
    struct sil_bytes bytes = {0};
    struct sil_stream_digests digests;
    uint8_t expected[SIL_HASH_BYTES];
    cr_assert(file != NULL, "%s", name);
    cr_assert(eq(int, sil_reader_read(&bytes, reader, file, NULL), SIL_OK));
    cr_expect(eq(sz, bytes.length, strlen(content)));
    cr_expect(zero(int, memcmp(bytes.data, content, bytes.length)));
    cr_assert(eq(int, sil_reader_digest(&digests, reader, file, NULL, NULL), SIL_OK));
    sil_sha256(expected, &(struct sil_part){content, strlen(content)}, 1);
    cr_expect(zero(int, memcmp(digests.sha256, expected, sizeof expected)));
    cr_expect(eq(u64, digests.bytes, strlen(content)));
    sil_bytes_clear(&bytes);
}

static void make_folder(const struct test_dir *dir, const char *name)
{
    struct test_path path = test_dir_path(dir, name);
    cr_assert(zero(int, mkdir(path.text, 0700)), "%s", path.text);
}

Test(reader, lists_a_folder_by_name)
{
    struct test_dir dir = test_dir_new();
    struct sil_reader *reader = NULL;
    struct sil_error err = {{0}};
    make_folder(&dir, "keys");
    make_folder(&dir, "ledger");
    make_folder(&dir, "ledger/tile");
    make_folder(&dir, "ledger/tile/entries");
    make_folder(&dir, "ledger/tile/entries/000.p");
    test_dir_file(&dir, "ledger/tile/entries/000.p/5", "tile", 4);
    test_dir_file(&dir, "keys/release.pub", "key", 3);
    test_dir_file(&dir, "data.csv", "a,b\n", 4);
    test_dir_file(&dir, "SHA256SUMS", "", 0);
    cr_assert(eq(int, sil_reader_open(&reader, dir.path, &err), SIL_OK), "%s",
              err.text);
    cr_assert(eq(sz, sil_reader_n_files(reader), 4));
    cr_expect(zero(int, strcmp(sil_reader_file(reader, 0)->name, "SHA256SUMS")));
    cr_expect(zero(
        int, strcmp(sil_reader_file(reader, 3)->name, "ledger/tile/entries/000.p/5")));
    expect_file(reader, "data.csv", "a,b\n");
    expect_file(reader, "SHA256SUMS", "");
    expect_file(reader, "ledger/tile/entries/000.p/5", "tile");
    cr_expect(sil_reader_find(reader, "schema.json") == NULL);
    sil_reader_close(reader);
    test_dir_remove(&dir);
}

Test(reader, lists_a_tar_file_in_place)
{
    struct test_dir dir = test_dir_new();
    struct sil_bytes tar = {0};
    struct sil_reader *reader = NULL;
    struct sil_error err = {{0}};
    tar_kit_add(&tar, "SHA256SUMS", "", 0);
    tar_kit_add(&tar, "data.csv", "a,b\n", 4);
    tar_kit_add(&tar, "schema.json", "{}", 2);
    tar_kit_zeros(&tar, SIL_TAR_END);
    struct test_path path = test_dir_file(&dir, "b.tar", tar.data, tar.length);
    cr_assert(eq(int, sil_reader_open(&reader, path.text, &err), SIL_OK), "%s",
              err.text);
    cr_assert(eq(sz, sil_reader_n_files(reader), 3));
    expect_file(reader, "data.csv", "a,b\n");
    expect_file(reader, "SHA256SUMS", "");
    sil_reader_close(reader);
    sil_bytes_clear(&tar);
    test_dir_remove(&dir);
}

Test(reader, refuses_what_does_not_belong_in_a_folder)
{
    static const char *const FOREIGN[] = {"README",   ".hidden", "data.csv.bak",
                                          "Data.csv", "keys",    "sha256sums"};
    for (size_t i = 0; i < sizeof FOREIGN / sizeof FOREIGN[0]; i++) {
        struct test_dir dir = test_dir_new();
        test_dir_file(&dir, FOREIGN[i], "x", 1);
        expect_refusal(dir.path, SIL_ERR_CHECK, FOREIGN[i]);
        test_dir_remove(&dir);
    }
}

Test(reader, refuses_foreign_and_empty_folders)
{
    static const char *const FOREIGN[] = {"internal", "data.csv", "keys", "ledger"};
    for (size_t i = 0; i < sizeof FOREIGN / sizeof FOREIGN[0]; i++) {
        struct test_dir dir = test_dir_new();
        make_folder(&dir, FOREIGN[i]);
        expect_refusal(dir.path, SIL_ERR_CHECK, FOREIGN[i]);
        test_dir_remove(&dir);
    }
}

Test(reader, follows_no_link_and_waits_for_nobody)
{
    struct test_dir dir = test_dir_new();
    struct test_path link = test_dir_path(&dir, "data.csv");
    cr_assert(zero(int, symlink("/etc/hostname", link.text)));
    expect_refusal(dir.path, SIL_ERR_CHECK, "data.csv is not a regular file");
    cr_assert(zero(int, unlink(link.text)));
    cr_assert(zero(int, mkfifo(link.text, 0600)));
    expect_refusal(dir.path, SIL_ERR_CHECK, "data.csv is not a regular file");
    expect_refusal(link.text, SIL_ERR_INPUT, "not from a pipe");
    cr_assert(zero(int, unlink(link.text)));
    struct test_path keys = test_dir_path(&dir, "keys");
    cr_assert(zero(int, symlink("/etc", keys.text)));
    expect_refusal(dir.path, SIL_ERR_CHECK, "keys does not belong");
    test_dir_remove(&dir);
}

Test(reader, refuses_sizes_before_it_reads)
{
    struct test_dir dir = test_dir_new();
    struct test_path path = test_dir_file(&dir, "data.csv", "x", 1);
    cr_assert(zero(int, truncate(path.text, (off_t)1 << 40)));
    expect_refusal(dir.path, SIL_ERR_CHECK, "data.csv is larger than the 8589934591");
    cr_assert(zero(int, unlink(path.text)));
    path = test_dir_file(&dir, "statement.json", "x", 1);
    cr_assert(zero(int, truncate(path.text, (1 << 20) + 1)));
    expect_refusal(dir.path, SIL_ERR_CHECK, "statement.json is larger");
    test_dir_remove(&dir);
}

Test(reader, notices_a_file_that_changes_while_it_reads)
{
    struct test_dir dir = test_dir_new();
    struct test_path path = test_dir_file(&dir, "data.csv", "a,b\n1,2\n", 8);
    struct sil_reader *reader = NULL;
    struct sil_bytes bytes = {0};
    struct sil_error err = {{0}};
    cr_assert(eq(int, sil_reader_open(&reader, dir.path, NULL), SIL_OK));
    const struct sil_bundle_file *file = sil_reader_find(reader, "data.csv");
    cr_assert(zero(int, truncate(path.text, 4)));
    cr_expect(eq(int, sil_reader_read(&bytes, reader, file, &err), SIL_ERR_CHECK));
    cr_expect(ne(ptr, strstr(err.text, "data.csv"), NULL), "%s", err.text);
    cr_assert(zero(int, unlink(path.text)));
    cr_expect(eq(int, sil_reader_read(&bytes, reader, file, &err), SIL_ERR_CHECK));
    struct test_path alike = test_dir_file(&dir, "elsewhere", "a,b\n1,2\n", 8);
    cr_assert(zero(int, symlink(alike.text, path.text)));
    cr_expect(eq(int, sil_reader_read(&bytes, reader, file, &err), SIL_ERR_CHECK));
    sil_bytes_clear(&bytes);
    sil_reader_close(reader);
    test_dir_remove(&dir);
}

Test(reader, says_when_there_is_nothing_to_open)
{
    struct test_dir dir = test_dir_new();
    struct test_path path = test_dir_path(&dir, "none");
    expect_refusal(path.text, SIL_ERR_IO, "cannot open");
    path = test_dir_file(&dir, "short", "no tar", 6);
    expect_refusal(path.text, SIL_ERR_INPUT, "neither a folder nor a tar file");
    test_dir_remove(&dir);
}

/* ---- tar files ---- */

Test(reader, refuses_names_of_a_tar_that_lead_elsewhere)
{
    static const char *const FOREIGN[] = {"../data.csv",
                                          "/etc/passwd",
                                          "./data.csv",
                                          "keys/../data.csv",
                                          "keys/..",
                                          "keys//a",
                                          "keys/",
                                          "keys/.a",
                                          "keys/A",
                                          "ledger/tile/a/b/c/d/e/f/g",
                                          "ledger/entries/000000000000",
                                          "data.csv/",
                                          "bundle/data.csv"};
    for (size_t i = 0; i < sizeof FOREIGN / sizeof FOREIGN[0]; i++) {
        struct sil_bytes tar = {0};
        tar_kit_add(&tar, FOREIGN[i], "x", 1);
        tar_kit_zeros(&tar, SIL_TAR_END);
        expect_tar_refusal(&tar, SIL_ERR_CHECK, FOREIGN[i]);
        sil_bytes_clear(&tar);
    }
}

Test(reader, refuses_a_file_that_is_there_twice)
{
    struct sil_bytes tar = {0};
    tar_kit_add(&tar, "data.csv", "a\n", 2);
    tar_kit_add(&tar, "schema.json", "{}", 2);
    tar_kit_add(&tar, "data.csv", "a\n", 2);
    tar_kit_zeros(&tar, SIL_TAR_END);
    expect_tar_refusal(&tar, SIL_ERR_CHECK, "data.csv is there twice");
    sil_bytes_clear(&tar);
}

Test(reader, refuses_files_out_of_their_order)
{
    struct sil_bytes tar = {0};
    tar_kit_add(&tar, "schema.json", "{}", 2);
    tar_kit_add(&tar, "data.csv", "a\n", 2);
    tar_kit_zeros(&tar, SIL_TAR_END);
    expect_tar_refusal(&tar, SIL_ERR_INPUT,
                       "'data.csv': the files are not in the order");
    sil_bytes_clear(&tar);
}

Test(reader, refuses_other_types_and_other_headers)
{
    static const char TYPES[] = {'1', '2', '3', '4', '5', '6',
                                 '7', 'L', 'x', 'g', '\0'};
    for (size_t i = 0; i < sizeof TYPES; i++) {
        struct sil_bytes tar = {0};
        tar_kit_add(&tar, "SHA256SUMS", "{}", 2);
        tar_kit_add(&tar, "data.csv", "", 0);
        tar.data[1024 + 156] = (uint8_t)TYPES[i];
        tar_kit_seal(&tar, 1024);
        tar_kit_zeros(&tar, SIL_TAR_END);
        expect_tar_refusal(&tar, SIL_ERR_INPUT, "data.csv");
        sil_bytes_clear(&tar);
    }
}

Test(reader, refuses_a_tar_cut_anywhere)
{
    struct sil_bytes tar = {0};
    struct sil_reader *reader = NULL;
    struct sil_error err = {{0}};
    tar_kit_add(&tar, "SHA256SUMS", "{}", 2);
    tar_kit_add(&tar, "data.csv", "a\n", 2);
    tar_kit_zeros(&tar, SIL_TAR_END);
    for (size_t length = 0; length < tar.length; length++) {
        err.text[0] = '\0';
        sil_status status =
            sil_reader_open_memory(&reader, tar.data, length, "b.tar", &err);
        cr_expect(eq(int, status, SIL_ERR_INPUT), "%zu bytes: %s", length, err.text);
        cr_expect(gt(sz, strlen(err.text), 0));
    }
    sil_bytes_clear(&tar);
}

Test(reader, refuses_bytes_where_there_are_none)
{
    struct sil_bytes tar = {0};
    tar_kit_add(&tar, "data.csv", "a\n", 2);
    tar_kit_zeros(&tar, SIL_TAR_END);
    tar.data[514] = 'x';
    expect_tar_refusal(&tar, SIL_ERR_INPUT, "data.csv");
    tar.data[514] = 0;
    tar.data[1024 + 700] = 'x';
    expect_tar_refusal(&tar, SIL_ERR_INPUT, "bytes of zeros");
    tar.data[1024 + 700] = 0;
    tar_kit_zeros(&tar, 1);
    expect_tar_refusal(&tar, SIL_ERR_INPUT, "nothing behind them");
    sil_bytes_clear(&tar);
}

Test(reader, has_an_end_of_patience_with_names)
{
    struct sil_bytes tar = {0};
    char name[32];
    for (int i = 0; i <= SIL_BUNDLE_FILES_MAX; i++) {
        (void)snprintf(name, sizeof name, "ledger/tile/0/%04d", i);
        tar_kit_add(&tar, name, "", 0);
    }
    expect_tar_refusal(&tar, SIL_ERR_CHECK, "ledger/tile/0/4096 is one too many");
    sil_bytes_clear(&tar);
}
