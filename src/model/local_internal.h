// SPDX-License-Identifier: Apache-2.0
/// The inside of local tables.
#ifndef SIL_MODEL_LOCAL_INTERNAL_H
#define SIL_MODEL_LOCAL_INTERNAL_H

#include "model/local_tables.h"

/// Attributes of a table, at most.
#define SIL_LOCAL_ATTRS 3

/// In place of a table: there is none.
#define SIL_LOCAL_NONE SIZE_MAX

struct sil_local_tables {
    struct sil_domain domain; ///< borrowed sizes
    size_t n;
    struct sil_clique *cliques;
    size_t *n_cells;
    double **table; ///< into cells
    double *cells;  ///< of all tables
    size_t *first;  ///< containing[first[i]] .. containing[first[i + 1] - 1] are the
    size_t *containing; ///< tables that contain table i, itself too, ascending
    double total;
    unsigned n_threads;
};

/// The number of the table over `clique`; SIL_LOCAL_NONE when there is none.
size_t sil_local_find(const struct sil_local_tables *tables,
                      const struct sil_clique *clique);

/// The attributes of a clique whose places are in `mask`.
struct sil_clique sil_local_part(const struct sil_clique *clique, unsigned mask);

/// Take the domain's zeros out of a table that the model has filled. False: no memory.
bool sil_local_forbid(struct sil_local_tables *tables, size_t t);

#endif
