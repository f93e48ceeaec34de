// SPDX-License-Identifier: Apache-2.0
/* Tiles of ledgers: the published ones, those of larger trees against the tree itself, and
 * tiles that somebody has changed. */
#include "../ledger/format_kit.h"
#include "release/export.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was handed out. */
struct shelf {
    struct shelf_file {
        char name[SIL_TILE_PATH];
        struct sil_bytes data;
    } file[1200];

    size_t n;
};

static sil_status put(void *context, const char *name, const void *data, size_t length,
                      struct sil_error *err)
{
    struct shelf *shelf = context;
    struct shelf_file *file = &shelf->file[shelf->n++];
    (void)snprintf(file->name, sizeof file->name, "%s", name);
    file->data = (struct sil_bytes){0};
    return sil_bytes_append(&file->data, data, length, err);
}

static struct shelf_file *find(struct shelf *shelf, const char *name)
{
    for (size_t i = 0; i < shelf->n; i++) {
        if (strcmp(shelf->file[i].name, name) == 0) {
            return &shelf->file[i];
        }
    }
    return NULL;
}

static sil_status take(void *context, struct sil_bytes *out, const char *name,
                       size_t limit, struct sil_error *err)
{
    const struct shelf_file *file = find(context, name);
    *out = (struct sil_bytes){0};
    if (file == NULL || file->data.length > limit) {
        return SIL_ERR_INPUT;
    }
    return sil_bytes_append(out, file->data.data, file->data.length, err);
}

static void shelf_free(struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->n; i++) {
        sil_bytes_clear(&shelf->file[i].data);
    }
    free(shelf);
}

static struct shelf *shelf_of(const struct sil_bytes *entry, size_t n)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);
    cr_assert(shelf != NULL);
    cr_assert(zero(int, (int)sil_export_tiles(entry, n, put, shelf, NULL)));
    return shelf;
}

/* n small entries, each of its own bytes. */
static struct sil_bytes *entries_of(size_t n)
{
    struct sil_bytes *entry = calloc(n, sizeof *entry);
    cr_assert(entry != NULL);
    for (size_t i = 0; i < n; i++) {
        cr_assert(zero(int, (int)sil_bytes_printf(&entry[i], NULL, "entry %zu", i)));
    }
    return entry;
}

static void entries_free(struct sil_bytes *entry, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sil_bytes_clear(&entry[i]);
    }
    free(entry);
}

static void expect_sha256(const struct sil_bytes *data, const char *hex)
{
    uint8_t hash[SIL_HASH_BYTES];
    char text[2 * SIL_HASH_BYTES + 1];
    sil_sha256(hash, &(struct sil_part){data->data, data->length}, 1);
    sil_hash_hex(text, hash);
    cr_expect(zero(int, strcmp(text, hex)), "%s", text);
}

Test(export, the_published_ledger_has_the_published_tiles)
{
    struct sil_bytes entry[5];
    for (size_t i = 0; i < 5; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "five/E%zu.bin", i);
        entry[i] = kit_file(name);
    }

    struct shelf *shelf = shelf_of(entry, 5);

    cr_assert(eq(sz, shelf->n, 2));
    const struct shelf_file *entries = find(shelf, "ledger/tile/entries/000.p/5");
    const struct shelf_file *leaves = find(shelf, "ledger/tile/0/000.p/5");
    cr_assert(entries != NULL && leaves != NULL);
    cr_expect(eq(sz, entries->data.length, 2241));
    expect_sha256(&entries->data,
                  "62029a82b484f74f3cc858c24683dd93f0abe8e5340be847fc681aa23d8b30c9");
    cr_expect(eq(sz, leaves->data.length, 160));
    expect_sha256(&leaves->data,
                  "d24d71a7ed571d6e40002fad7f682118ff403eaba44c414b4b3abf8f3dc937f7");
    shelf_free(shelf);
    for (size_t i = 0; i < 5; i++) {
        sil_bytes_clear(&entry[i]);
    }
}

Test(export, paths_are_those_of_the_specification)
{
    static const struct {
        struct sil_tile tile;
        const char *path;
    } CASES[] = {
        {{0, 0, 256},                       "ledger/tile/0/000"          },
        {{0, 0, 1},                         "ledger/tile/0/000.p/1"      },
        {{1, 999, 255},                     "ledger/tile/1/999.p/255"    },
        {{3, 1000, 256},                    "ledger/tile/3/x001/000"     },
        {{0, 1234067, 256},                 "ledger/tile/0/x001/x234/067"},
        {{SIL_TILE_ENTRIES, 12, 256},       "ledger/tile/entries/012"    },
        {{SIL_TILE_ENTRIES, UINT64_MAX, 9},
         "ledger/tile/entries/x018/x446/x744/x073/x709/x551/615.p/9"     },
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char path[SIL_TILE_PATH];
        sil_tile_path(path, CASES[i].tile);
        cr_expect(zero(int, strcmp(path, CASES[i].path)), "%s", path);
    }
}

/* The root over leaves first .. first + n - 1, by another route: a tree of their own. */
static struct sil_root root_of(const struct sil_bytes *entry, size_t first, size_t n)
{
    struct sil_merkle tree = {0};
    struct sil_root root;
    for (size_t i = first; i < first + n; i++) {
        struct sil_root leaf;
        sil_merkle_leaf(&leaf, entry[i].data, entry[i].length);
        cr_assert(zero(int, (int)sil_merkle_append(&tree, &leaf, NULL)));
    }
    sil_merkle_root(&root, &tree);
    sil_merkle_clear(&tree);
    return root;
}

Test(export, hashes_of_every_level_are_roots_of_their_leaves)
{
    enum { N = 256 * 256 + 256 + 3 };
    struct sil_bytes *entry = entries_of(N);

    struct shelf *shelf = shelf_of(entry, N);

    /* 258 of entries and of leaves, 256 and 1 hashes a level up, 1 on top. */
    cr_expect(eq(sz, shelf->n, 258 + 258 + 2 + 1));
    const struct shelf_file *last = find(shelf, "ledger/tile/0/257.p/3");
    const struct shelf_file *first = find(shelf, "ledger/tile/1/000");
    const struct shelf_file *second = find(shelf, "ledger/tile/1/001.p/1");
    const struct shelf_file *top = find(shelf, "ledger/tile/2/000.p/1");
    cr_assert(last != NULL && first != NULL && second != NULL && top != NULL);

    const struct {
        const uint8_t *hash;
        size_t first;
        size_t n;
    } CASES[] = {
        {last->data.data + 2 * SIL_HASH_BYTES,    N - 1,     1        },
        {first->data.data,                        0,         256      },
        {first->data.data + 77 * SIL_HASH_BYTES,  77 * 256,  256      },
        {first->data.data + 255 * SIL_HASH_BYTES, 255 * 256, 256      },
        {second->data.data,                       256 * 256, 256      },
        {top->data.data,                          0,         256 * 256},
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sil_root root = root_of(entry, CASES[i].first, CASES[i].n);
        cr_expect(zero(int, memcmp(root.bytes, CASES[i].hash, SIL_HASH_BYTES)), "%zu",
                  i);
    }
    shelf_free(shelf);
    entries_free(entry, N);
}

Test(export, full_tiles_have_no_partial_one_beside_them)
{
    struct sil_bytes *entry = entries_of(512);

    struct shelf *shelf = shelf_of(entry, 512);

    cr_expect(eq(sz, shelf->n, 2 + 2 + 1));
    cr_expect(find(shelf, "ledger/tile/0/001") != NULL);
    cr_expect(find(shelf, "ledger/tile/1/000.p/2") != NULL);
    shelf_free(shelf);
    entries_free(entry, 512);
}

Test(export, entries_are_read_back)
{
    static const size_t SIZES[] = {1, 255, 256, 257, 600};
    for (size_t k = 0; k < sizeof SIZES / sizeof SIZES[0]; k++) {
        struct sil_bytes *entry = entries_of(SIZES[k]);
        struct shelf *shelf = shelf_of(entry, SIZES[k]);
        struct sil_export read;

        cr_assert(zero(int, (int)sil_export_read(&read, SIZES[k], take, shelf, NULL)));

        cr_assert(eq(sz, read.n, SIZES[k]));
        for (size_t i = 0; i < read.n; i++) {
            cr_expect(read.entry[i].length == entry[i].length &&
                      memcmp(read.entry[i].data, entry[i].data, entry[i].length) == 0);
        }
        sil_export_clear(&read);
        shelf_free(shelf);
        entries_free(entry, SIZES[k]);
    }
}

/* The tile of the first entries with other bytes: read as `size` entries. */
static sil_status read_bytes(const void *data, size_t length, uint64_t size,
                             struct sil_error *err)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);
    struct sil_export read;
    char path[SIL_TILE_PATH];
    sil_tile_path(path, (struct sil_tile){SIL_TILE_ENTRIES, 0,
                                          (unsigned)(size < 256 ? size : 256)});
    cr_assert(zero(int, (int)put(shelf, path, data, length, NULL)));
    sil_status status = sil_export_read(&read, size, take, shelf, err);
    sil_export_clear(&read);
    shelf_free(shelf);
    return status;
}

Test(export, what_is_no_tile_of_so_many_entries_is_refused_with_its_name)
{
    static const struct {
        const char *name;
        const char *data;
        size_t length;
        uint64_t size;
    } CASES[] = {
        {"nothing",               "",                0, 1},
        {"half a length",         "\0",              1, 1},
        {"an empty entry",        "\0\0",            2, 1},
        {"more than there is",    "\0\5abcd",        6, 1},
        {"most of all",
         "\xff\xff"
         "abcd",                                     6, 1},
        {"one entry of two",      "\0\1a",           3, 2},
        {"a byte behind",         "\0\1a\0",         4, 1},
        {"three entries for two", "\0\1a\0\1b\0\1c", 9, 2},
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sil_error err = {{0}};
        sil_status status =
            read_bytes(CASES[i].data, CASES[i].length, CASES[i].size, &err);
        cr_expect(eq(int, (int)status, SIL_ERR_INPUT), "%s", CASES[i].name);
        cr_expect(strstr(err.text, "ledger/tile/entries/000.p/") != NULL, "%s: %s",
                  CASES[i].name, err.text);
    }
    cr_expect(zero(int, (int)read_bytes("\0\1a\0\1b", 6, 2, NULL)));
}

Test(export, a_size_that_is_only_promised_takes_no_memory)
{
    struct sil_error err = {{0}};
    cr_expect(
        eq(int, (int)read_bytes("\0\1a", 3, (uint64_t)INT64_MAX, &err), SIL_ERR_INPUT));
}
