// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/file.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];
static char path[128];

static void make_folder(void)
{
    (void)strcpy(folder, "/tmp/sil-test-XXXXXX");
    cr_assert(ne(ptr, mkdtemp(folder), NULL));
    (void)snprintf(path, sizeof path, "%s/out", folder);
}

static void remove_folder(void)
{
    (void)unlink(path);
    (void)rmdir(folder);
}

/* Entries of the folder, "." and ".." aside. */
static int n_entries(void)
{
    int n = -2;
    DIR *dir = opendir(folder);
    while (readdir(dir) != NULL) {
        n++;
    }
    (void)closedir(dir);
    return n;
}

static void expect_content(const char *text)
{
    struct sil_bytes bytes;
    cr_assert(zero(int, sil_file_read(&bytes, path, 1000, NULL)));
    cr_expect(eq(sz, bytes.length, strlen(text)));
    cr_expect(zero(int, memcmp(bytes.data, text, strlen(text))));
    sil_bytes_clear(&bytes);
}

TestSuite(file, .init = make_folder, .fini = remove_folder);

Test(file, appears_at_commit_with_its_mode)
{
    struct sil_output *out;
    struct stat info;
    cr_assert(zero(int, sil_output_open(&out, path, 0600, NULL)));
    cr_assert(zero(int, sil_output_write(out, "hello", 5, NULL)));
    cr_expect(ne(int, access(path, F_OK), 0), "not before commit");
    cr_assert(zero(int, sil_output_commit(out, NULL)));
    expect_content("hello");
    cr_assert(zero(int, stat(path, &info)));
    cr_expect(eq(uint, info.st_mode & 0777, 0600));
    cr_expect(eq(int, n_entries(), 1));
}

Test(file, replaces_the_old_one_only_at_commit)
{
    struct sil_output *out;
    cr_assert(zero(int, sil_output_open(&out, path, 0644, NULL)));
    cr_assert(zero(int, sil_output_write(out, "old", 3, NULL)));
    cr_assert(zero(int, sil_output_commit(out, NULL)));

    cr_assert(zero(int, sil_output_open(&out, path, 0644, NULL)));
    cr_assert(zero(int, sil_output_write(out, "new", 3, NULL)));
    expect_content("old");
    sil_output_abandon(out);
    expect_content("old");
    cr_expect(eq(int, n_entries(), 1), "nothing is left of the abandoned one");
}

Test(file, holds_more_than_its_buffer)
{
    struct sil_output *out;
    char *block = malloc(200000);
    memset(block, 'z', 200000);
    cr_assert(zero(int, sil_output_open(&out, path, 0644, NULL)));
    cr_assert(zero(int, sil_output_write(out, "a", 1, NULL)));
    cr_assert(zero(int, sil_output_write(out, block, 200000, NULL)));
    for (int i = 0; i < 100; i++) {
        cr_assert(zero(int, sil_output_write(out, block, 999, NULL)));
    }
    cr_assert(zero(int, sil_output_commit(out, NULL)));
    struct sil_bytes bytes;
    cr_assert(zero(int, sil_file_read(&bytes, path, 400000, NULL)));
    cr_expect(eq(sz, bytes.length, 1 + 200000 + 99900));
    cr_expect(eq(chr, (char)bytes.data[0], 'a'));
    sil_bytes_clear(&bytes);
    free(block);
}

Test(file, open_finds_out_that_the_folder_is_missing)
{
    struct sil_output *out;
    struct sil_error err;
    cr_expect(
        eq(int, sil_output_open(&out, "/nowhere/at/all", 0644, &err), SIL_ERR_IO));
    cr_expect(eq(ptr, out, NULL));
    cr_expect(
        eq(str, err.text, "cannot write /nowhere/at/all: No such file or directory"));
    cr_expect(eq(int, sil_output_open(&out, folder, 0644, &err), SIL_ERR_IO),
              "a folder is no target");
    cr_expect(zero(int, n_entries()));
}

/* Written but not to be listed: the name could be made, and not made durable. */
Test(file, open_finds_out_that_the_folder_cannot_be_read)
{
    enum { NOBODY = 65534 };
    struct sil_output *out = NULL;
    struct sil_error err = {{0}};
    cr_assert(zero(int, chmod(folder, 0333)));
    bool is_root = geteuid() == 0;
    if (is_root) { /* whom no mode stops */
        cr_assert(zero(int, seteuid(NOBODY)));
    }
    cr_expect(eq(int, sil_output_open(&out, path, 0644, &err), SIL_ERR_IO));
    cr_expect(eq(ptr, out, NULL));
    cr_expect(ne(ptr, strstr(err.text, "its folder cannot be opened"), NULL), "%s",
              err.text);
    if (is_root) {
        cr_assert(zero(int, seteuid(0)));
    }
    cr_assert(zero(int, chmod(folder, 0700)));
    cr_expect(zero(int, n_entries()));
}

/* As /dev/stdout does while the shell writes into a file. */
Test(file, a_link_to_a_standard_stream_is_not_replaced)
{
    struct sil_output *out = NULL;
    struct sil_error err = {{0}};
    struct stat info;
    char stream[128];
    (void)snprintf(stream, sizeof stream, "%s/stream", folder);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        char link[32];
        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        int before = dup(fd);
        int file = open(stream, O_RDWR | O_CREAT | O_TRUNC, 0600);
        cr_assert(eq(int, dup2(file, fd), fd));
        cr_assert(zero(int, symlink(link, path)));
        sil_status status = sil_output_open(&out, path, 0644, &err);
        bool is_link = lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
        int n = n_entries();
        cr_assert(eq(int, dup2(before, fd), fd));
        (void)close(file);
        (void)close(before);
        (void)unlink(path);
        (void)unlink(stream);
        cr_expect(eq(int, status, SIL_ERR_IO));
        cr_expect(ne(ptr, strstr(err.text, "standard stream"), NULL), "%s", err.text);
        cr_expect(is_link);
        cr_expect(eq(int, n, 2));
    }
}

Test(file, a_disk_that_refuses_is_an_error_and_leaves_nothing)
{
    struct sil_output *out;
    struct sil_error err;
    char block[4096] = {0};
    sil_status status = SIL_OK;
    /* A file size limit refuses like a full disk, and needs no privilege to set up. */
    (void)signal(SIGXFSZ, SIG_IGN);
    cr_assert(zero(int, setrlimit(RLIMIT_FSIZE, &(struct rlimit){65536, 65536})));
    cr_assert(zero(int, sil_output_open(&out, path, 0644, NULL)));
    for (int i = 0; i < 64 && status == SIL_OK; i++) {
        status = sil_output_write(out, block, sizeof block, &err);
    }
    cr_expect(eq(int, status, SIL_ERR_IO));
    cr_expect(ne(ptr, strstr(err.text, "cannot write"), NULL));
    sil_output_abandon(out);
    cr_expect(zero(int, n_entries()));
}

Test(file, reading_checks_the_limit_and_directories)
{
    struct sil_bytes bytes;
    struct sil_error err;
    FILE *f = fopen(path, "w");
    (void)fputs("12345", f);
    (void)fclose(f);
    cr_expect(zero(int, sil_file_read(&bytes, path, 5, &err)));
    sil_bytes_clear(&bytes);
    cr_expect(eq(int, sil_file_read(&bytes, path, 4, &err), SIL_ERR_INPUT));
    cr_expect(eq(ptr, bytes.data, NULL));
    cr_expect(eq(int, sil_file_read(&bytes, folder, 100, &err), SIL_ERR_INPUT));
    cr_expect(eq(int, sil_file_read(&bytes, "/nowhere", 100, &err), SIL_ERR_IO));
}

/* 10 GB of nothing: refused by its size, before a byte of it is read. */
Test(file, a_huge_sparse_file_is_refused_by_its_size)
{
    struct sil_bytes bytes;
    struct sil_error err;
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    cr_assert(zero(int, ftruncate(fd, (off_t)10 << 30)));
    (void)close(fd);
    cr_expect(
        eq(int, sil_file_read(&bytes, path, (size_t)4 << 30, &err), SIL_ERR_INPUT));
    cr_expect(eq(ptr, bytes.data, NULL));
}

Test(file, abandon_all_removes_what_is_open)
{
    struct sil_output *out;
    cr_assert(zero(int, sil_output_open(&out, path, 0644, NULL)));
    cr_expect(eq(int, n_entries(), 1));
    sil_output_abandon_all();
    cr_expect(zero(int, n_entries()));
    sil_output_abandon(out);
}

Test(file, a_killed_process_leaves_no_file_of_that_name)
{
    pid_t child = fork();
    if (child == 0) {
        struct sil_output *out;
        if (sil_output_open(&out, path, 0644, NULL) == SIL_OK &&
            sil_output_write(out, "half", 4, NULL) == SIL_OK) {
            (void)raise(SIGKILL);
        }
        _exit(1);
    }
    int how;
    (void)waitpid(child, &how, 0);
    cr_expect(eq(int, WTERMSIG(how), SIGKILL));
    cr_expect(ne(int, access(path, F_OK), 0));
    glob_t left = {0};
    char pattern[200];
    (void)snprintf(pattern, sizeof pattern, "%s.partial-*", path);
    cr_assert(zero(int, glob(pattern, 0, NULL, &left)));
    cr_expect(eq(sz, left.gl_pathc, 1), "SIGKILL cannot be caught: a temporary stays");
    (void)unlink(left.gl_pathv[0]);
    globfree(&left);
}

Test(file, same_is_by_identity_not_by_name)
{
    char other[200];
    FILE *f = fopen(path, "w");
    (void)fclose(f);
    (void)snprintf(other, sizeof other, "%s/../%s/out", folder,
                   strrchr(folder, '/') + 1);
    cr_expect(sil_file_same(path, other));
    cr_expect(not(sil_file_same(path, folder)));
    cr_expect(not(sil_file_same(path, "/nowhere")));
}

static sil_status keep(void *context, const void *data, size_t length,
                       struct sil_error *err)
{
    return sil_bytes_append(context, data, length, err);
}

static sil_status refuse(void *context, const void *data, size_t length,
                         struct sil_error *err)
{
    (void)context, (void)data, (void)length;
    return sil_fail(err, SIL_ERR_IO, "no room");
}

Test(file, an_output_to_a_function_hands_over_every_byte_in_order)
{
    struct sil_bytes kept = {0};
    struct sil_output *out;

    enum { PIECE = 50001, PIECES = 5 };

    static uint8_t piece[PIECE];
    cr_assert(eq(int, sil_output_to(&out, keep, &kept, NULL), SIL_OK));
    for (int i = 0; i < PIECES; i++) {
        (void)memset(piece, 'a' + i, sizeof piece);
        cr_assert(eq(int, sil_output_write(out, piece, sizeof piece, NULL), SIL_OK));
    }
    cr_assert(eq(int, sil_output_commit(out, NULL), SIL_OK));
    cr_assert(eq(sz, kept.length, (size_t)PIECE * PIECES));
    for (size_t i = 0; i < kept.length; i++) {
        cr_assert(eq(u8, kept.data[i], (uint8_t)('a' + i / PIECE)));
    }
    sil_bytes_clear(&kept);
}

Test(file, an_output_to_a_function_fails_as_the_function_does)
{
    struct sil_output *out;
    struct sil_error err;
    cr_assert(eq(int, sil_output_to(&out, refuse, NULL, NULL), SIL_OK));
    cr_expect(eq(int, sil_output_write(out, "x", 1, &err), SIL_OK), "buffered");
    cr_expect(eq(int, sil_output_commit(out, &err), SIL_ERR_IO));
    cr_expect(eq(str, err.text, "no room"));
}
