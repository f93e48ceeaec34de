// SPDX-License-Identifier: Apache-2.0
/// Rows as bytes, for distances: the declared distance of this auditor.
///
/// Two values of an ordered column are |a - b| / range apart, names 0 or 1; a value that is
/// no number is 0 from itself and 1 from everything else. The distance of two rows is the
/// mean over columns (Gower 1971, without weights). It is computed in steps of
/// 1 / AUD_STEPS a column: numbers lie on a grid of AUD_STEPS + 1 points.
#ifndef AUDIT_ATTACK_PLANES_H
#define AUDIT_ATTACK_PLANES_H

#include "audits/attack/tables.h"

enum { AUD_STEPS = 250, AUD_LANES = 32 };

enum aud_plane_kind {
    AUD_PLANE_NUMBERS, ///< one plane of grid points
    AUD_PLANE_GAPS,    ///< a plane of grid points, and one of what is no number
    AUD_PLANE_NAMES,   ///< one plane of codes
    AUD_PLANE_WIDE     ///< a plane of low bytes, and one of high bytes
};

struct aud_plane {
    enum aud_plane_kind kind;
    const uint8_t *first, *second; ///< one byte a row; NULL where there is none
};

struct aud_planes {
    size_t n_rows;
    size_t n_planes;
    struct aud_plane *plane;
    uint8_t *bytes; ///< owned; rows of each plane padded to AUD_LANES
};

/// Which rows of which tables, in which order: the rows of `list` where it is not NULL, by
/// their number over all tables of `first` .. `last` one after the other; else all of them.
struct aud_choice {
    enum aud_which first, last;
    const uint32_t *list;
    size_t n;
};

/// The code of the i-th row of a choice.
uint32_t aud_choice_code(const struct aud_tables *tables,
                         const struct aud_choice *choice, size_t column, size_t i);

/// Rows of a choice. `columns` are `n_columns` numbers of columns.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is then empty.
SIL_MUST_USE sil_status aud_planes_make(struct aud_planes *out,
                                        const struct aud_tables *tables,
                                        const struct aud_choice *choice,
                                        const uint32_t *columns, size_t n_columns,
                                        struct sil_error *err);
void aud_planes_clear(struct aud_planes *planes);

/// Rows for comparison: of each of all columns (`columns` lists them) a code is drawn
/// uniformly.
SIL_MUST_USE sil_status aud_planes_random(struct aud_planes *out,
                                          const struct aud_tables *tables,
                                          const uint32_t *columns, size_t n_rows,
                                          uint64_t seed, struct sil_error *err);

#endif
