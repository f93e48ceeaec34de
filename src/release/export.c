// SPDX-License-Identifier: Apache-2.0
#include "release/export.h"

#include "base/fail.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_BYTES = 2, ENTRY_MAX = 65535 };

static const char FOLDER[] = "ledger/tile";

/* Groups of three digits, all but the last behind an x: 1234067 is x001/x234/067. */
static void print_index(char *out, size_t room, uint64_t index)
{
    uint64_t group[8];
    int n = 0;
    do {
        group[n++] = index % 1000;
        index /= 1000;
    } while (index > 0);
    for (size_t used = 0; n > 0; used = strlen(out)) {
        n--;
        (void)snprintf(out + used, room - used, "%s%03" PRIu64 "%s", n > 0 ? "x" : "",
                       group[n], n > 0 ? "/" : "");
    }
}

void sil_tile_path(char path[SIL_TILE_PATH], struct sil_tile tile)
{
    char number[48] = "";
    char kind[12] = "entries";
    char partial[8] = "";
    print_index(number, sizeof number, tile.index);
    if (tile.level != SIL_TILE_ENTRIES) {
        (void)snprintf(kind, sizeof kind, "%d", tile.level);
    }
    if (tile.width < SIL_TILE_WIDTH) {
        (void)snprintf(partial, sizeof partial, ".p/%u", tile.width);
    }
    (void)snprintf(path, SIL_TILE_PATH, "%s/%s/%s%s", FOLDER, kind, number, partial);
}

static unsigned width_of(uint64_t index, uint64_t n)
{
    uint64_t left = n - index * SIL_TILE_WIDTH;
    return left < SIL_TILE_WIDTH ? (unsigned)left : SIL_TILE_WIDTH;
}

/* ---- writing ---- */

static sil_status put_entry(struct sil_bytes *out, const struct sil_bytes *entry,
                            struct sil_error *err)
{
    const uint8_t length[LENGTH_BYTES] = {(uint8_t)(entry->length >> 8),
                                          (uint8_t)entry->length};
    sil_status status = sil_bytes_append(out, length, sizeof length, err);
    return status == SIL_OK ? sil_bytes_append(out, entry->data, entry->length, err)
                            : status;
}

static sil_status put_entries(const struct sil_bytes *entry, uint64_t n,
                              sil_bundle_sink *sink, void *context,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes tile = {0};
    char path[SIL_TILE_PATH];
    for (uint64_t index = 0; index * SIL_TILE_WIDTH < n; index++) {
        unsigned width = width_of(index, n);
        tile.length = 0;
        for (unsigned i = 0; i < width; i++) {
            SIL_TRY(put_entry(&tile, &entry[index * SIL_TILE_WIDTH + i], err));
        }
        sil_tile_path(path, (struct sil_tile){SIL_TILE_ENTRIES, index, width});
        SIL_TRY(sink(context, path, tile.data, tile.length, err));
    }

cleanup:
    sil_bytes_clear(&tile);
    return status;
}

static sil_status put_level(const struct sil_root *hash, uint64_t n, int level,
                            sil_bundle_sink *sink, void *context, struct sil_error *err)
{
    sil_status status = SIL_OK;
    char path[SIL_TILE_PATH];
    for (uint64_t index = 0; index * SIL_TILE_WIDTH < n && status == SIL_OK; index++) {
        unsigned width = width_of(index, n);
        sil_tile_path(path, (struct sil_tile){level, index, width});
        status = sink(context, path, &hash[index * SIL_TILE_WIDTH],
                      (size_t)width * sizeof *hash, err);
    }
    return status;
}

/* The root over 256 hashes, in their place: pairs, pairs of pairs, ... */
static void fold(struct sil_root hash[SIL_TILE_WIDTH])
{
    static const uint8_t NODE = 0x01;
    for (size_t n = SIL_TILE_WIDTH; n > 1; n /= 2) {
        for (size_t i = 0; i < n / 2; i++) {
            struct sil_root node;
            const struct sil_part parts[] = {
                {&NODE,                 1             },
                {hash[2 * i].bytes,     SIL_HASH_BYTES},
                {hash[2 * i + 1].bytes, SIL_HASH_BYTES}
            };
            sil_sha256(node.bytes, parts, 3);
            hash[i] = node;
        }
    }
}

/* The hashes of the next level, in the place of those of this one. */
static uint64_t rise(struct sil_root *hash, uint64_t n)
{
    uint64_t n_above = n / SIL_TILE_WIDTH;
    for (uint64_t i = 0; i < n_above; i++) {
        fold(&hash[i * SIL_TILE_WIDTH]);
        hash[i] = hash[i * SIL_TILE_WIDTH];
    }
    return n_above;
}

sil_status sil_export_tiles(const struct sil_bytes *entry, uint64_t n,
                            sil_bundle_sink *sink, void *context, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_root *hash = NULL;
    SIL_TRY(sil_alloc(&hash, n, sizeof *hash, "the tiles of a ledger", err));
    for (uint64_t i = 0; i < n; i++) {
        sil_merkle_leaf(&hash[i], entry[i].data, entry[i].length);
    }
    SIL_TRY(put_entries(entry, n, sink, context, err));
    for (int level = 0; n > 0; level++) {
        SIL_TRY(put_level(hash, n, level, sink, context, err));
        n = rise(hash, n);
    }

cleanup:
    free(hash);
    return status;
}

/* ---- reading ---- */

void sil_export_clear(struct sil_export *exported)
{
    for (size_t i = 0; i < exported->n; i++) {
        sil_bytes_clear(&exported->entry[i]);
    }
    free(exported->entry);
    *exported = (struct sil_export){0};
}

static sil_status damaged(struct sil_error *err, const char *path, const char *what)
{
    return sil_fail(err, SIL_ERR_INPUT, "%s: %s", path, what);
}

static sil_status take_entry(struct sil_export *out, const uint8_t *data, size_t length,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes entry = {0};
    SIL_TRY(sil_grow(&out->entry, &out->capacity, out->n + 1, sizeof *out->entry,
                     "the entries of a ledger", err));
    SIL_TRY(sil_bytes_append(&entry, data, length, err));
    out->entry[out->n++] = entry;

cleanup:
    return status;
}

/* Exactly `width` entries, each behind its length, and nothing after them. */
static sil_status take_tile(struct sil_export *out, const struct sil_bytes *tile,
                            unsigned width, const char *path, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t at = 0;
    for (unsigned i = 0; i < width; i++) {
        if (tile->length - at < LENGTH_BYTES) {
            return damaged(err, path, "it ends before its last entry");
        }
        size_t length = (size_t)tile->data[at] << 8 | tile->data[at + 1];
        at += LENGTH_BYTES;
        if (length == 0 || length > tile->length - at) {
            return damaged(err, path, "the length of an entry cannot be");
        }
        SIL_TRY(take_entry(out, tile->data + at, length, err));
        at += length;
    }
    if (at != tile->length) {
        status = damaged(err, path, "there is more in it than its entries");
    }

cleanup:
    return status;
}

sil_status sil_export_read(struct sil_export *out, uint64_t size,
                           sil_bundle_source *source, void *context,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes tile = {0};
    char path[SIL_TILE_PATH];

    *out = (struct sil_export){0};
    for (uint64_t index = 0; out->n < size; index++) {
        unsigned width = width_of(index, size);
        size_t limit = (size_t)width * (LENGTH_BYTES + ENTRY_MAX);
        sil_tile_path(path, (struct sil_tile){SIL_TILE_ENTRIES, index, width});
        SIL_TRY(source(context, &tile, path, limit, err));
        SIL_TRY(take_tile(out, &tile, width, path, err));
        sil_bytes_clear(&tile);
    }

cleanup:
    sil_bytes_clear(&tile);
    return status;
}
