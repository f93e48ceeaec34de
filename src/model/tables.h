// SPDX-License-Identifier: Apache-2.0
/// Memory for tables that are made and dropped by the thousand. What is given back is
/// handed out again: fresh pages of the system cost several times what a table takes to
/// fill.
#ifndef SIL_MODEL_TABLES_H
#define SIL_MODEL_TABLES_H

#include "silhouette/status.h"

#include <stddef.h>

/// Four sizes to each doubling, so that less than a fifth of a block lies unused.
#define SIL_TABLE_SIZES 160

/// `{0}` is an empty one. Several threads may take and give at once.
struct sil_tables {
    struct sil_block *idle[SIL_TABLE_SIZES];
    size_t idle_bytes;
};

/// A table of `cells` doubles, of any value, aligned to 64 bytes.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is NULL.
SIL_MUST_USE sil_status sil_tables_take(double **out, struct sil_tables *tables,
                                        size_t cells);

/// Give back a table that was taken; NULL is accepted.
void sil_tables_give(struct sil_tables *tables, double *table);

/// Free what is idle; what is taken and not given back is lost.
void sil_tables_clear(struct sil_tables *tables);

#endif
