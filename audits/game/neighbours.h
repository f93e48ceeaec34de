// SPDX-License-Identifier: Apache-2.0
/// Two tables that differ by one record, which may lie outside the public domain.
#ifndef AUDIT_GAME_NEIGHBOURS_H
#define AUDIT_GAME_NEIGHBOURS_H

#include "audits/game/dice.h"
#include "base/bytes.h"

#include "silhouette/status.h"

enum { AUD_EXTRA_VALUES = 24, AUD_SECRET = 32 };

/// The one record by which they differ.
enum aud_extra {
    AUD_ORDINARY,
    AUD_CATEGORY, ///< with a category that the schema does not list
    AUD_LARGE,    ///< with a number far beyond its bounds
    AUD_MISSING,  ///< with empty fields
    AUD_N_EXTRAS
};

struct aud_neighbours {
    char label[AUD_EXTRA_VALUES][AUD_SECRET];
    uint32_t n_rows;
    uint32_t place; ///< of the record that is more
    uint8_t seed[SIL_SEED_BYTES];
    char category[AUD_SECRET]; ///< secrets: drawn for this game, 14 letters and
    char number[AUD_SECRET];   ///< 15 digits, exact in any double
    const char *person; ///< name of a column with the person's number; NULL: none
    bool is_replace;    ///< the record takes the place of an ordinary one
};

/// Draw all but `person` and `is_replace`.
void aud_neighbours_draw(struct aud_neighbours *out, struct aud_dice *dice);

/// The public domain of both, by docs/schema.md. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_neighbours_schema(struct sil_bytes *out,
                                              const struct aud_neighbours *table,
                                              struct sil_error *err);

/// The table without the record, or with it. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_neighbours_table(struct sil_bytes *out,
                                             const struct aud_neighbours *table,
                                             enum aud_extra extra, bool is_with,
                                             struct sil_error *err);

#endif
