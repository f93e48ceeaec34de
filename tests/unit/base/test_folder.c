// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "base/folder.h"
#include "support/temp_dir.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char house[64];
static char path[128];

static void make_house(void)
{
    (void)strcpy(house, "/tmp/sil-test-XXXXXX");
    cr_assert(ne(ptr, mkdtemp(house), NULL));
    (void)snprintf(path, sizeof path, "%s/out", house);
}

static void remove_house(void)
{
    test_tree_remove(house);
}

/* Entries of the house, "." and ".." aside. */
static int n_entries(void)
{
    int n = -2;
    DIR *dir = opendir(house);
    while (readdir(dir) != NULL) {
        n++;
    }
    (void)closedir(dir);
    return n;
}

static void expect_content(const char *name, const char *text)
{
    char file[256];
    struct sil_bytes bytes;
    (void)snprintf(file, sizeof file, "%s%s", path, name);
    cr_assert(zero(int, (int)sil_file_read(&bytes, file, 1000, NULL)), "%s", name);
    cr_expect(eq(sz, bytes.length, strlen(text)), "%s", name);
    for (size_t i = 0; i < bytes.length; i++) {
        cr_expect(eq(chr, (char)bytes.data[i], text[i]), "%s", name);
    }
    sil_bytes_clear(&bytes);
}

static struct sil_folder *open_folder(void)
{
    struct sil_folder *folder = NULL;
    struct sil_error err = {{0}};
    cr_assert(zero(int, (int)sil_folder_open(&folder, path, &err)), "%s", err.text);
    return folder;
}

static void add(struct sil_folder *folder, const char *name, const char *text)
{
    cr_assert(zero(int, (int)sil_folder_add(folder, name, text, strlen(text), NULL)),
              "%s", name);
}

TestSuite(folder, .init = make_house, .fini = remove_house);

Test(folder, appears_at_commit_with_its_files)
{
    struct stat info;
    (void)umask(022);
    struct sil_folder *folder = open_folder();
    add(folder, "a", "one\n");
    add(folder, "keys/b", "two\n");
    add(folder, "keys/c", "");
    add(folder, "x/y/z", "three\n");
    cr_expect(ne(int, access(path, F_OK), 0), "not before");

    cr_assert(zero(int, (int)sil_folder_commit(folder, NULL)));

    expect_content("/a", "one\n");
    expect_content("/keys/b", "two\n");
    expect_content("/keys/c", "");
    expect_content("/x/y/z", "three\n");
    cr_expect(eq(int, n_entries(), 1), "and nothing else");
    cr_assert(zero(int, stat(path, &info)));
    cr_expect(eq(int, (int)(info.st_mode & 0777), 0755));
}

Test(folder, may_be_named_with_slashes_at_the_end)
{
    struct sil_folder *folder = NULL;
    char name[160];
    (void)snprintf(name, sizeof name, "%s///", path);

    cr_assert(zero(int, (int)sil_folder_open(&folder, name, NULL)));
    add(folder, "a", "one\n");
    cr_assert(zero(int, (int)sil_folder_commit(folder, NULL)));

    expect_content("/a", "one\n");
    cr_expect(eq(int, n_entries(), 1));
}

Test(folder, of_which_one_file_is_kept_becomes_that_file)
{
    struct sil_folder *folder = open_folder();
    add(folder, "keys/b", "two\n");
    add(folder, "all.tar", "everything\n");

    cr_assert(zero(int, (int)sil_folder_commit_file(folder, "all.tar", NULL)));

    expect_content("", "everything\n");
    cr_expect(eq(int, n_entries(), 1));
}

Test(folder, that_is_abandoned_leaves_nothing)
{
    struct sil_folder *folder = open_folder();
    add(folder, "a", "one\n");
    add(folder, "keys/b", "two\n");
    cr_assert(zero(int, (int)sil_folder_begin(folder, "x/half", NULL)));
    cr_assert(zero(int, (int)sil_folder_write(folder, "ha", 2, NULL)));

    sil_folder_abandon(folder);

    cr_expect(zero(int, n_entries()));
    sil_folder_abandon(NULL);
}

Test(folder, replaces_nothing)
{
    struct sil_folder *folder = NULL;
    struct sil_error err = {{0}};
    cr_assert(zero(int, mkdir(path, 0755)));
    cr_expect(eq(int, (int)sil_folder_open(&folder, path, &err), SIL_ERR_USAGE));
    cr_expect(ne(ptr, strstr(err.text, "is there already"), NULL), "%s", err.text);
    cr_assert(zero(int, rmdir(path)));

    cr_assert(zero(int, symlink("/nowhere/at/all", path)));
    cr_expect(eq(int, (int)sil_folder_open(&folder, path, NULL), SIL_ERR_USAGE));
    cr_expect(eq(int, n_entries(), 1), "nothing was begun");
}

Test(folder, replaces_nothing_that_came_meanwhile)
{
    static const char *const KINDS[] = {"a file", "an empty folder", "a link"};
    for (size_t i = 0; i < 3; i++) {
        struct sil_error err = {{0}};
        struct sil_folder *folder = open_folder();
        add(folder, "a", "one\n");
        int made = i == 0   ? close(open(path, O_CREAT | O_WRONLY, 0600))
                   : i == 1 ? mkdir(path, 0700)
                            : symlink("nowhere", path);
        cr_assert(zero(int, made));

        sil_status status = sil_folder_commit(folder, &err);

        cr_expect(eq(int, (int)status, SIL_ERR_USAGE), "%s: %s", KINDS[i], err.text);
        cr_expect(eq(int, n_entries(), 1), "%s stays, alone", KINDS[i]);
        cr_assert(zero(int, remove(path)));
    }
}

/* Another process: holds the name for a while, then takes it. */
static int take_slowly(int ready)
{
    struct sil_folder *folder = NULL;
    if (sil_folder_open(&folder, path, NULL) != SIL_OK ||
        sil_folder_claim(folder, NULL) != SIL_OK || write(ready, "x", 1) != 1) {
        return 1;
    }
    (void)usleep(100000); /* long enough for who does not wait to be wrong */
    return sil_folder_commit(folder, NULL) == SIL_OK ? 0 : 1;
}

Test(folder, of_two_that_claim_one_name_the_second_waits_and_finds_it_taken)
{
    struct sil_error err = {{0}};
    int ready[2];
    int status = 0;
    char byte = 0;
    cr_assert(zero(int, pipe(ready)));
    pid_t other = fork();
    cr_assert(ge(int, other, 0));
    if (other == 0) {
        _exit(take_slowly(ready[1]));
    }
    cr_assert(eq(sz, (size_t)read(ready[0], &byte, 1), 1));
    struct sil_folder *folder = open_folder();

    cr_expect(eq(int, (int)sil_folder_claim(folder, &err), SIL_ERR_USAGE));

    cr_expect(ne(ptr, strstr(err.text, "is there already"), NULL), "%s", err.text);
    sil_folder_abandon(folder);
    cr_assert(eq(int, waitpid(other, &status, 0), other));
    cr_expect(zero(int, status));
    cr_expect(eq(int, n_entries(), 1));
}

Test(folder, needs_a_place_to_be)
{
    struct sil_folder *folder = NULL;
    (void)snprintf(path, sizeof path, "%s/none/out", house);
    cr_expect(eq(int, (int)sil_folder_open(&folder, path, NULL), SIL_ERR_IO));
    cr_expect(eq(ptr, folder, NULL));
    cr_expect(zero(int, n_entries()));
}

Test(folder, with_a_write_that_fails_says_which_file)
{
    struct rlimit limit = {.rlim_cur = 100, .rlim_max = 100};
    struct sil_error err = {{0}};
    static const char LONG[1000];
    struct sil_folder *folder = open_folder();
    (void)signal(SIGXFSZ, SIG_IGN);
    cr_assert(zero(int, setrlimit(RLIMIT_FSIZE, &limit)));

    sil_status status = sil_folder_add(folder, "keys/b", LONG, sizeof LONG, &err);

    cr_expect(eq(int, (int)status, SIL_ERR_IO));
    cr_expect(ne(ptr, strstr(err.text, "keys/b"), NULL), "%s", err.text);
    sil_folder_abandon(folder);
    cr_expect(zero(int, n_entries()));
}

Test(folder, is_read_again_before_it_is_committed)
{
    struct sil_folder *folder = open_folder();
    char text[8] = "";
    int fd = -1;
    add(folder, "keys/b", "two\n");

    cr_assert(zero(int, (int)sil_folder_read(&fd, folder, "keys/b", NULL)));

    cr_expect(eq(int, (int)read(fd, text, sizeof text - 1), 4));
    cr_expect(zero(int, strcmp(text, "two\n")));
    (void)close(fd);
    cr_expect(eq(int, (int)sil_folder_read(&fd, folder, "none", NULL), SIL_ERR_IO));
    sil_folder_abandon(folder);
}

static void die_clean(int number)
{
    sil_folder_abandon_all();
    _exit(number);
}

Test(folder, is_removed_by_a_signals_handler)
{
    pid_t child = fork();
    if (child == 0) {
        struct sil_folder *folder = open_folder();
        add(folder, "a", "one\n");
        add(folder, "keys/b", "two\n");
        (void)signal(SIGTERM, die_clean);
        (void)raise(SIGTERM);
        _exit(99);
    }
    int status = 0;
    cr_assert(eq(int, waitpid(child, &status, 0), child));
    bool is_handled = WIFEXITED(status) && WEXITSTATUS(status) == SIGTERM;
    cr_expect(eq(int, is_handled, true));
    cr_expect(zero(int, n_entries()));
}

Test(folder, that_was_committed_is_not_removed_by_a_handler)
{
    struct sil_folder *folder = open_folder();
    add(folder, "a", "one\n");
    cr_assert(zero(int, (int)sil_folder_commit(folder, NULL)));

    sil_folder_abandon_all();

    expect_content("/a", "one\n");
}
