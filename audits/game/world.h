// SPDX-License-Identifier: Apache-2.0
/// The tables of the game: realistic rows, and canaries among them.
///
/// A canary is a row that has in every column a value of its own, one that no other canary
/// has: so in every marginal, of whatever columns, each has a cell to itself (Source: the
/// diagonal is the best case of auditing in one run, because canaries do not interfere). What a
/// generator sees are labels drawn at random, values in an order drawn at random, and among
/// thousands of rows some that are canaries.
#ifndef AUDIT_GAME_WORLD_H
#define AUDIT_GAME_WORLD_H

#include "audits/game/dice.h"
#include "base/bytes.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AUD_LABEL = 12, AUD_WORLD_COLUMNS_MAX = 8, AUD_WORLD_VALUES_MAX = 4096 };

struct aud_shape {
    uint32_t columns;   ///< 2 to AUD_WORLD_COLUMNS_MAX
    uint32_t values;    ///< of each column, 4 to AUD_WORLD_VALUES_MAX, a multiple of 4
    uint32_t rows;      ///< realistic ones
    uint32_t copies;    ///< rows of one canary that count: 1, or of a person K
    bool is_pair;       ///< a canary is one of two rows: a coin says which
    const char *person; ///< name of a column with the person's number; NULL: none
};

/// A person has so many times the rows that count: what does not cap them shows.
enum { AUD_EXCESS = 3 };

/// `values` canaries, or half as many pairs. Of every canary the values lie either all among
/// those that realistic rows have, or all among those that none has.
struct aud_world {
    struct aud_shape shape;
    char column[AUD_WORLD_COLUMNS_MAX][AUD_LABEL];
    char (*label)[AUD_LABEL]; ///< owned: columns x values, in the order of the schema
    uint32_t *base;           ///< owned: rows x columns
    uint32_t *canary;         ///< owned: values x columns; of a pair 2 i and 2 i + 1
    size_t n_canaries;        ///< rows, or pairs
};

/// Draw one. Cleared with aud_world_clear. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_world_make(struct aud_world *out,
                                       const struct aud_shape *shape,
                                       struct aud_dice *dice, struct sil_error *err);
void aud_world_clear(struct aud_world *world);

/// Its schema (docs/schema.md), and its table with the canaries that the coins choose: of a
/// pair the first at 1, the second at 0. Rows in an order drawn at random.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_world_schema(struct sil_bytes *out,
                                         const struct aud_world *world,
                                         struct sil_error *err);
SIL_MUST_USE sil_status aud_world_table(struct sil_bytes *out,
                                        const struct aud_world *world,
                                        const uint8_t *coin, struct aud_dice *dice,
                                        struct sil_error *err);

/// How many realistic rows agree with a row of codes in the columns that are set in `columns`.
size_t aud_world_count(const struct aud_world *world, const uint32_t *codes,
                       uint32_t columns);

static inline const uint32_t *aud_world_canary(const struct aud_world *world, size_t i)
{
    return world->canary + i * world->shape.columns;
}

#endif
