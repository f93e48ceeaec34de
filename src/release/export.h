// SPDX-License-Identifier: Apache-2.0
/// A ledger's entries and its tree as static files. Source  C2SP tlog-tiles.
///
/// Below ledger/ of a bundle: tile/entries/N holds 256 entries, each behind its length in
/// two bytes, big-endian; tile/L/N holds 256 hashes of level L, each of 256^L leaves. The
/// last one of each may be partial, of W entries or hashes: N.p/W. A number is written in
/// groups of three digits, all but the last with an x: 1234067 is x001/x234/067.
#ifndef SIL_RELEASE_EXPORT_H
#define SIL_RELEASE_EXPORT_H

#include "base/bytes.h"
#include "ledger/merkle.h"
#include "release/names.h"

#include <stdint.h>

#define SIL_TILE_WIDTH   256
#define SIL_TILE_ENTRIES (-1) ///< as a level: the entries themselves
#define SIL_TILE_PATH    96   ///< room for any name, terminated

struct sil_tile {
    int level; ///< or SIL_TILE_ENTRIES
    uint64_t index;
    unsigned width; ///< entries or hashes, 1 to SIL_TILE_WIDTH
};

/// "ledger/tile/..." of a tile.
void sil_tile_path(char path[SIL_TILE_PATH], struct sil_tile tile);

/// Hand out every tile of the first `n` entries, entries first, then level by level.
/// Errors   those of the sink; SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_export_tiles(const struct sil_bytes *entry, uint64_t n,
                                         sil_bundle_sink *sink, void *context,
                                         struct sil_error *err);

/// Gives the bytes of a file of the bundle, of at most `limit` bytes, in a buffer of the
/// reader's (initialised by the callee).
/// Errors   SIL_ERR_INPUT: there is none, or it is larger.
typedef sil_status sil_bundle_source(void *context, struct sil_bytes *out,
                                     const char *name, size_t limit,
                                     struct sil_error *err);

struct sil_export {
    struct sil_bytes *entry; ///< owned, each of 1 to SIL_ENTRY_BYTES_MAX bytes
    size_t n;
    size_t capacity;
};

void sil_export_clear(struct sil_export *exported);

/// Read the entries of a ledger of `size` entries, as its checkpoint says, from the tiles
/// of entries; memory is taken for what was read, never for what the size promises. What
/// the entries say, and the tiles of hashes, are not looked at: the first is for
/// sil_chain_load, the second follow from sil_export_tiles.
/// @param out   always to be cleared.
/// Errors   SIL_ERR_INPUT with the file's name; those of the source; SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status sil_export_read(struct sil_export *out, uint64_t size,
                                        sil_bundle_source *source, void *context,
                                        struct sil_error *err);

#endif
