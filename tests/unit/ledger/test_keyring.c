// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "ledger/keyring.h"
#include "support/temp_dir.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* So that a passphrase costs milliseconds. */
static const struct sil_kdf_cost CHEAP = {.operations = 32768, .memory = 1 << 24};

static struct test_dir dir;

static void open_dir(void)
{
    dir = test_dir_new();
}

static void close_dir(void)
{
    test_dir_remove(&dir);
}

TestSuite(keyring, .init = open_dir, .fini = close_dir);

static struct test_path in_dir(const char *name)
{
    return test_dir_path(&dir, name);
}

static mode_t mode_of(const char *path)
{
    struct stat facts;
    cr_assert(zero(int, stat(path, &facts)));
    return facts.st_mode & 07777;
}

static struct sil_passphrase *passphrase_of(const char *name, const char *text)
{
    struct sil_passphrase *passphrase = NULL;
    struct test_path file = test_dir_file(&dir, name, text, strlen(text));
    cr_assert(eq(int, sil_passphrase_new(&passphrase, file.text, NULL), SIL_OK));
    return passphrase;
}

static struct test_path make_key(const char *name, struct sil_passphrase *passphrase)
{
    struct test_path path = in_dir(name);
    struct sil_error err = {{0}};
    const struct sil_new_key spec = {
        .path = path.text, .is_unencrypted = passphrase == NULL, .cost = &CHEAP};
    cr_assert(eq(int, sil_key_create(NULL, &spec, passphrase, &err), SIL_OK), "%s",
              err.text);
    return path;
}

static bool same_key(const struct sil_secret_key *a, const struct sil_secret_key *b)
{
    uint8_t x[SIL_PUBLIC_KEY_BYTES];
    uint8_t y[SIL_PUBLIC_KEY_BYTES];
    sil_secret_key_public(x, a);
    sil_secret_key_public(y, b);
    return memcmp(x, y, sizeof x) == 0;
}

/* ---- making and reading ---- */

Test(keyring, a_new_key_is_a_private_file_and_a_public_one)
{
    struct test_path path = in_dir("k.key");
    struct sil_secret_key *made = NULL;
    struct sil_secret_key *read = NULL;
    struct sil_ledger_key public = {0};
    const struct sil_new_key spec = {.path = path.text, .is_unencrypted = true};

    cr_assert(eq(int, sil_key_create(&made, &spec, NULL, NULL), SIL_OK));

    cr_expect(eq(int, mode_of(path.text), 0600));
    cr_expect(eq(int, mode_of(in_dir("k.key.pub").text), 0644));
    cr_assert(eq(int, sil_key_read(&read, path.text, NULL, NULL), SIL_OK));
    cr_expect(same_key(made, read));
    cr_assert(eq(int,
                 sil_ledger_key_read(&public, SIL_ROLE_LOG, "log-1",
                                     in_dir("k.key.pub").text, NULL),
                 SIL_OK));
    uint8_t bytes[SIL_PUBLIC_KEY_BYTES];
    struct sil_id id;
    sil_secret_key_public(bytes, made);
    sil_key_id(id.bytes, bytes);
    cr_expect(sil_id_equal(&public.id, &id));
    cr_expect(eq(str, public.name, "log-1"));
    free(public.name);
    sil_secret_key_free(made);
    sil_secret_key_free(read);
}

Test(keyring, a_public_key_may_be_given_as_its_own_text)
{
    struct sil_ledger_key key = {0};

    cr_assert(eq(int,
                 sil_ledger_key_read(
                     &key, SIL_ROLE_RELEASE, "r",
                     "RWQBAgMEBQYHCKCapfR6Z1mAL/lV+NwtKhSlyZ0jvpf4ZBJ/+Tg0VaTw", NULL),
                 SIL_OK));

    cr_expect(eq(int, key.public_key[0], 0xa0));
    cr_expect(eq(int, key.keynum[7], 8));
    free(key.name);
}

Test(keyring, nothing_is_ever_replaced)
{
    static const char *const TAKEN[] = {"k.key", "k.key.pub"};
    for (size_t i = 0; i < 2; i++) {
        struct test_path taken = test_dir_file(&dir, TAKEN[i], "mine", 4);
        struct sil_error err = {{0}};
        struct test_path path = in_dir("k.key");
        const struct sil_new_key spec = {.path = path.text, .is_unencrypted = true};

        cr_expect(eq(int, sil_key_create(NULL, &spec, NULL, &err), SIL_ERR_USAGE));

        cr_expect(ne(ptr, strstr(err.text, "exists already"), NULL), "%s", err.text);
        struct sil_bytes bytes = {0};
        cr_assert(eq(int, sil_file_read(&bytes, taken.text, 100, NULL), SIL_OK));
        cr_expect(eq(sz, bytes.length, 4));
        sil_bytes_clear(&bytes);
        cr_assert(zero(int, unlink(taken.text)));
        cr_expect(ne(int, access(in_dir(TAKEN[1 - i]).text, F_OK), 0), "half a pair");
    }
}

Test(keyring, a_passphrase_from_a_file_opens_what_it_closed)
{
    struct sil_passphrase *right = passphrase_of("right", "correct horse\nsecond\n");
    struct sil_passphrase *wrong = passphrase_of("wrong", "battery staple");
    struct test_path path = make_key("k.key", right);
    struct sil_secret_key *key = NULL;
    struct sil_error err = {{0}};

    cr_expect(eq(int, sil_key_read(&key, path.text, right, NULL), SIL_OK));
    sil_secret_key_free(key);
    cr_expect(eq(int, sil_key_read(&key, path.text, wrong, &err), SIL_ERR_INPUT));
    cr_expect(eq(ptr, key, NULL));
    cr_expect(ne(ptr, strstr(err.text, "passphrase"), NULL), "%s", err.text);
    cr_expect(eq(int, sil_key_read(&key, path.text, NULL, &err), SIL_ERR_INPUT));
    cr_expect(ne(ptr, strstr(err.text, "passphrase"), NULL), "%s", err.text);
    sil_passphrase_free(right);
    sil_passphrase_free(wrong);
}

/* The file gives one passphrase, ever: it is read once, and its reader does not loop. */
Test(keyring, a_passphrase_that_is_known_opens_the_next_file)
{
    struct sil_passphrase *passphrase = passphrase_of("word", "correct horse");
    struct test_path one = make_key("one.key", passphrase);
    struct test_path two = make_key("two.key", passphrase);
    struct sil_secret_key *key = NULL;
    cr_assert(eq(int, sil_key_read(&key, one.text, passphrase, NULL), SIL_OK));
    sil_secret_key_free(key);
    cr_assert(zero(int, unlink(in_dir("word").text)));

    cr_expect(eq(int, sil_key_read(&key, two.text, passphrase, NULL), SIL_OK));

    sil_secret_key_free(key);
    sil_passphrase_free(passphrase);
}

static const struct word_case {
    const char *name;
    const char *text;
    const char *says;
} BAD_WORDS[] = {
    {"an empty file",       "",           "no passphrase in its first line"},
    {"an empty first line", "\nsecret\n", "no passphrase in its first line"},
};

Test(keyring, a_file_without_a_passphrase_is_refused)
{
    for (size_t i = 0; i < sizeof BAD_WORDS / sizeof BAD_WORDS[0]; i++) {
        struct sil_passphrase *passphrase = passphrase_of("word", BAD_WORDS[i].text);
        struct test_path path = in_dir("k.key");
        const struct sil_new_key spec = {.path = path.text, .cost = &CHEAP};
        struct sil_error err = {{0}};

        cr_expect(eq(int, sil_key_create(NULL, &spec, passphrase, &err), SIL_ERR_INPUT),
                  "%s", BAD_WORDS[i].name);

        cr_expect(ne(ptr, strstr(err.text, BAD_WORDS[i].says), NULL), "%s: %s",
                  BAD_WORDS[i].name, err.text);
        cr_expect(ne(int, access(path.text, F_OK), 0));
        sil_passphrase_free(passphrase);
    }
}

/* ---- files that are not safe to use ---- */

static void open_to_group(const char *path)
{
    cr_assert(zero(int, chmod(path, 0640)));
}

static void open_to_all(const char *path)
{
    cr_assert(zero(int, chmod(path, 0604)));
}

static void writable_by_others(const char *path)
{
    cr_assert(zero(int, chmod(path, 0602)));
}

static void second_name(const char *path)
{
    cr_assert(zero(int, link(path, in_dir("other").text)));
}

static void symbolic_link(const char *path)
{
    cr_assert(zero(int, rename(path, in_dir("target").text)));
    cr_assert(zero(int, symlink(in_dir("target").text, path)));
}

static void fifo(const char *path)
{
    cr_assert(zero(int, unlink(path)));
    cr_assert(zero(int, mkfifo(path, 0600)));
}

static void directory(const char *path)
{
    cr_assert(zero(int, unlink(path)));
    cr_assert(zero(int, mkdir(path, 0700)));
}

static void too_large(const char *path)
{
    cr_assert(zero(int, truncate(path, 100000)));
}

static void of_another(const char *path)
{
    cr_assert(zero(int, chown(path, 1, 1)));
}

static const struct unsafe_case {
    const char *name;
    void (*spoil)(const char *path);
    const char *says;
} UNSAFE[] = {
    {"open to the group",  open_to_group,      "chmod 600"    },
    {"open to all",        open_to_all,        "chmod 600"    },
    {"writable by others", writable_by_others, "chmod 600"    },
    {"a second name",      second_name,        "hard link"    },
    {"a symbolic link",    symbolic_link,      "symbolic link"},
    {"a FIFO",             fifo,               "regular file" },
    {"a directory",        directory,          "regular file" },
    {"too large",          too_large,          "too large"    },
    {"of another user",    of_another,         "another user" },
};

static void expect_refused(const struct unsafe_case *c, sil_status status,
                           const struct sil_error *err, const char *path)
{
    cr_expect(eq(int, status, SIL_ERR_INPUT), "%s: %s", c->name, err->text);
    cr_expect(ne(ptr, strstr(err->text, c->says), NULL), "%s: %s", c->name, err->text);
    cr_expect(ne(ptr, strstr(err->text, path), NULL), "%s: %s", c->name, err->text);
}

Test(keyring, secret_files_that_others_may_touch_are_refused)
{
    const struct sil_id ledger = {{1}};
    const struct sil_data_key data_key = {{2}};
    for (size_t i = 0; i < sizeof UNSAFE / sizeof UNSAFE[0]; i++) {
        const struct unsafe_case *c = &UNSAFE[i];
        if (c->spoil == of_another && geteuid() != 0) {
            continue; /* nobody else can give a file away */
        }
        struct sil_error err = {{0}};
        struct sil_secret_key *key = NULL;
        struct sil_data_key opened;
        struct sil_passphrase *word = passphrase_of("word", "w");
        struct test_path closed = make_key("closed.key", word);
        sil_passphrase_free(word);
        struct test_path path = make_key("k.key", NULL);
        struct test_path vault = in_dir("vault");
        cr_assert(eq(int, sil_vault_create(vault.text, &ledger, &data_key, NULL, NULL),
                     SIL_OK));

        c->spoil(path.text);
        expect_refused(c, sil_key_read(&key, path.text, NULL, &err), &err, path.text);
        test_dir_remove(&dir);
        cr_assert(zero(int, mkdir(dir.path, 0700)));

        cr_assert(eq(int, sil_vault_create(vault.text, &ledger, &data_key, NULL, NULL),
                     SIL_OK));
        c->spoil(vault.text);
        expect_refused(c, sil_vault_read(&opened, vault.text, &ledger, NULL, &err),
                       &err, vault.text);
        test_dir_remove(&dir);
        cr_assert(zero(int, mkdir(dir.path, 0700)));

        word = passphrase_of("word", "w");
        closed = make_key("closed.key", word);
        sil_passphrase_free(word);
        struct test_path file = in_dir("word");
        cr_assert(eq(int, sil_passphrase_new(&word, file.text, NULL), SIL_OK));
        c->spoil(file.text);
        expect_refused(c, sil_key_read(&key, closed.text, word, &err), &err, file.text);
        sil_passphrase_free(word);
        test_dir_remove(&dir);
        cr_assert(zero(int, mkdir(dir.path, 0700)));
    }
}

Test(keyring, a_key_that_is_missing_is_said_to_be)
{
    struct sil_secret_key *key = NULL;
    struct sil_error err = {{0}};

    cr_expect(
        eq(int, sil_key_read(&key, in_dir("none.key").text, NULL, &err), SIL_ERR_IO));

    cr_expect(ne(ptr, strstr(err.text, "none.key"), NULL), "%s", err.text);
}

/* ---- the vault ---- */

Test(keyring, a_vault_keeps_the_key_of_one_ledger)
{
    const struct sil_id ledger = {
        {1, 2, 3}
    };
    const struct sil_id other = {
        {3, 2, 1}
    };
    struct sil_data_key key;
    struct sil_data_key opened;
    struct test_path path = in_dir("vault");
    struct sil_error err = {{0}};
    sil_data_key_random(&key);

    cr_assert(eq(int, sil_vault_create(path.text, &ledger, &key, NULL, &err), SIL_OK),
              "%s", err.text);

    cr_expect(eq(int, mode_of(path.text), 0600));
    cr_assert(eq(int, sil_vault_read(&opened, path.text, &ledger, NULL, &err), SIL_OK));
    cr_expect(zero(int, memcmp(opened.bytes, key.bytes, sizeof key.bytes)));
    cr_expect(
        eq(int, sil_vault_read(&opened, path.text, &other, NULL, &err), SIL_ERR_INPUT));
    cr_expect(ne(ptr, strstr(err.text, "another ledger"), NULL), "%s", err.text);
    cr_expect(zero(int, opened.bytes[0] | opened.bytes[31]));
    cr_expect(
        eq(int, sil_vault_create(path.text, &ledger, &key, NULL, &err), SIL_ERR_USAGE));
}

Test(keyring, a_vault_under_a_passphrase_wants_it)
{
    const struct sil_id ledger = {{9}};
    const struct sil_data_key key = {{7}};
    struct sil_data_key opened;
    struct sil_passphrase *right = passphrase_of("right", "correct horse");
    struct sil_passphrase *wrong = passphrase_of("wrong", "battery staple");
    struct test_path path = in_dir("vault");

    cr_assert(eq(int, sil_vault_create(path.text, &ledger, &key, right, NULL), SIL_OK));

    cr_expect(
        eq(int, sil_vault_read(&opened, path.text, &ledger, right, NULL), SIL_OK));
    cr_expect(eq(int, opened.bytes[0], 7));
    cr_expect(eq(int, sil_vault_read(&opened, path.text, &ledger, wrong, NULL),
                 SIL_ERR_INPUT));
    cr_expect(eq(int, sil_vault_read(&opened, path.text, &ledger, NULL, NULL),
                 SIL_ERR_INPUT));
    sil_passphrase_free(right);
    sil_passphrase_free(wrong);
}

Test(keyring, a_damaged_vault_is_refused)
{
    const struct sil_id ledger = {{9}};
    const struct sil_data_key key = {{7}};
    struct sil_data_key opened;
    struct test_path path = in_dir("vault");
    struct sil_bytes bytes = {0};
    cr_assert(eq(int, sil_vault_create(path.text, &ledger, &key, NULL, NULL), SIL_OK));
    cr_assert(eq(int, sil_file_read(&bytes, path.text, 4096, NULL), SIL_OK));

    for (size_t i = 35; i < bytes.length;
         i++) { /* behind the cost, which is no secret */
        bytes.data[i] ^= 1;
        (void)test_dir_file(&dir, "vault", bytes.data, bytes.length);
        bytes.data[i] ^= 1;
        cr_expect(eq(int, sil_vault_read(&opened, path.text, &ledger, NULL, NULL),
                     SIL_ERR_INPUT),
                  "byte %zu", i);
    }
    sil_bytes_clear(&bytes);
}

/* ---- the keys of a ledger ---- */

Test(keyring, keys_lie_beside_the_ledger)
{
    static const struct {
        const char *directory;
        const char *name;
        const char *path;
    } CASES[] = {
        {"led",     NULL,          "led.keys"            },
        {"led/",    "curator.key", "led.keys/curator.key"},
        {"/a/b///", "vault",       "/a/b.keys/vault"     },
        {"led/.",   NULL,          "led.keys"            },
        {"a/../b/", NULL,          "a/../b.keys"         },
        {"..led",   NULL,          "..led.keys"          },
        {"led..",   NULL,          "led...keys"          },
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char *path = NULL;
        cr_assert(eq(int, sil_keys_path(&path, CASES[i].directory, CASES[i].name, NULL),
                     SIL_OK));
        cr_expect(zero(int, strcmp(path, CASES[i].path)), "%s", path);
        free(path);
    }
}

/* Not in it, whatever it is called: a ledger holds nothing but its own files. */
Test(keyring, keys_lie_beside_the_ledger_that_one_stands_in)
{
    static const char *const NAMES[] = {".", "./", "./.", "inner/.."};
    struct test_path led = in_dir("led");
    struct test_path inner = in_dir("led/inner");
    cr_assert(zero(int, mkdir(led.text, 0700)));
    cr_assert(zero(int, mkdir(inner.text, 0700)));
    cr_assert(zero(int, chdir(led.text)));

    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        char *path = NULL;
        cr_assert(eq(int, sil_keys_path(&path, NAMES[i], NULL, NULL), SIL_OK));
        cr_expect(eq(str, path, in_dir("led.keys").text), "%s", NAMES[i]);
        free(path);
    }
    cr_assert(zero(int, chdir("/")));
}

Test(keyring, reads_each_secret_when_it_is_asked_for)
{
    const struct sil_id ledger = {{9}};
    const struct sil_data_key data_key = {{7}};
    struct test_path directory_path = in_dir("led");
    struct sil_keyring *keyring = NULL;
    const struct sil_secret_key *first = NULL;
    const struct sil_secret_key *again = NULL;
    const struct sil_data_key *opened = NULL;
    cr_assert(zero(int, mkdir(in_dir("led.keys").text, 0700)));
    struct test_path elsewhere = make_key("elsewhere.key", NULL);
    (void)make_key("led.keys/curator.key", NULL);
    cr_assert(eq(
        int,
        sil_vault_create(in_dir("led.keys/vault").text, &ledger, &data_key, NULL, NULL),
        SIL_OK));
    struct sil_keyring_options options = {.directory = directory_path.text};
    options.key[SIL_ROLE_LOG] = elsewhere.text;

    cr_assert(eq(int, sil_keyring_new(&keyring, &options, NULL), SIL_OK));

    cr_expect(sil_keyring_has(keyring, SIL_ROLE_CURATOR));
    cr_expect(sil_keyring_has(keyring, SIL_ROLE_LOG));
    cr_expect(not(sil_keyring_has(keyring, SIL_ROLE_AUTHORITY)));
    cr_expect(
        eq(int, sil_keyring_key(&first, keyring, SIL_ROLE_CURATOR, NULL), SIL_OK));
    cr_assert(zero(int, unlink(in_dir("led.keys/curator.key").text)));
    cr_expect(
        eq(int, sil_keyring_key(&again, keyring, SIL_ROLE_CURATOR, NULL), SIL_OK));
    cr_expect(first == again);
    cr_expect(eq(int, sil_keyring_key(&first, keyring, SIL_ROLE_LOG, NULL), SIL_OK));
    cr_expect(eq(int, sil_keyring_key(&first, keyring, SIL_ROLE_AUTHORITY, NULL),
                 SIL_ERR_IO));
    cr_expect(eq(int, sil_keyring_data_key(&opened, keyring, &ledger, NULL), SIL_OK));
    cr_expect(eq(int, opened->bytes[0], 7));
    sil_keyring_free(keyring);
}

Test(keyring, what_is_missing_is_said_with_the_option_that_names_it)
{
    const struct sil_id ledger = {{9}};
    struct test_path directory_path = in_dir("led");
    struct sil_keyring *keyring = NULL;
    const struct sil_secret_key *key = NULL;
    const struct sil_data_key *data_key = NULL;
    struct sil_error err = {{0}};
    const struct sil_keyring_options options = {.directory = directory_path.text};
    cr_assert(eq(int, sil_keyring_new(&keyring, &options, NULL), SIL_OK));

    cr_expect(
        eq(int, sil_keyring_key(&key, keyring, SIL_ROLE_CURATOR, &err), SIL_ERR_IO));
    cr_expect(ne(ptr, strstr(err.text, "led.keys/curator.key"), NULL), "%s", err.text);
    cr_expect(ne(ptr, strstr(err.text, "--curator"), NULL), "%s", err.text);
    cr_expect(eq(int, sil_keyring_key(&key, keyring, SIL_ROLE_LOG, &err), SIL_ERR_IO));
    cr_expect(ne(ptr, strstr(err.text, "--log"), NULL), "%s", err.text);
    cr_expect(
        eq(int, sil_keyring_data_key(&data_key, keyring, &ledger, &err), SIL_ERR_IO));
    cr_expect(ne(ptr, strstr(err.text, "--vault"), NULL), "%s", err.text);
    sil_keyring_free(keyring);
}

Test(keyring, watermarks_go_where_people_say)
{
    static const struct {
        const char *given;
        const char *xdg;
        const char *home;
        const char *path;
    } CASES[] = {
        {"/g", "/x", "/h", "/g"                        },
        {NULL, "/x", "/h", "/x/silhouette"             },
        {NULL, "x",  "/h", "/h/.local/state/silhouette"},
        {NULL, NULL, "/h", "/h/.local/state/silhouette"},
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char *path = NULL;
        (void)unsetenv("XDG_STATE_HOME");
        if (CASES[i].xdg != NULL) {
            (void)setenv("XDG_STATE_HOME", CASES[i].xdg, 1);
        }
        (void)setenv("HOME", CASES[i].home, 1);
        cr_assert(eq(int, sil_state_directory(&path, CASES[i].given, NULL), SIL_OK));
        cr_expect(zero(int, strcmp(path, CASES[i].path)), "%s", path);
        free(path);
    }
}
