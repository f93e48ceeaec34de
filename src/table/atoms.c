// SPDX-License-Identifier: Apache-2.0
/* Declared atoms: values that are bins by themselves, cut out of the bins that they lie in. */
#include "base/fail.h"
#include "base/memory.h"
#include "table/declare.h"

#include <stdlib.h>

enum { ATOMS_MAX = 1024 };

static sil_status bad_atom(size_t i, const char *why, struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_INPUT, SIL_ATOMS_PROPERTY "[%zu]: %s", i, why);
}

static sil_status read_atoms(sil_i128 *atom, struct sil_declaration *d, json_t *list,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_bins *bins = &d->field->bins;
    for (size_t i = 0; i < json_array_size(list); i++) {
        SIL_TRY(sil_declared_scale(&atom[i], d->field, json_array_get(list, i),
                                   SIL_ATOMS_PROPERTY, err));
        if (atom[i] < bins->first || atom[i] > bins->last) {
            return bad_atom(i, "outside the bounds of the field", err);
        }
        if ((atom[i] - bins->anchor) % bins->step != 0) {
            return bad_atom(i,
                            "never written, as it is no multiple of the granularity; "
                            "declare a finer silhouette.granularity",
                            err);
        }
        if (i > 0 && atom[i] <= atom[i - 1]) {
            return bad_atom(i, "must be above the one before it", err);
        }
    }

cleanup:
    return status;
}

/* Where bins start, ascending. */
struct starts {
    sil_i128 *item;
    size_t n;
};

static void add_start(struct starts *starts, sil_i128 start)
{
    if (starts->n == 0 || starts->item[starts->n - 1] < start) {
        starts->item[starts->n++] = start;
    }
}

/* An atom is what lies before the next number of the field's resolution; there is nothing
 * behind the last one. */
static void cut_bins(struct starts *out, const struct sil_bins *bins,
                     const sil_i128 *atom, size_t n)
{
    uint32_t bin = 0;
    for (size_t i = 0; i < n; i++) {
        for (; bin < bins->n && sil_bins_start(bins, bin) <= atom[i]; bin++) {
            add_start(out, sil_bins_start(bins, bin));
        }
        add_start(out, atom[i]);
        if (atom[i] < bins->last) {
            add_start(out, atom[i] + 1);
        }
    }
    for (; bin < bins->n; bin++) {
        add_start(out, sil_bins_start(bins, bin));
    }
}

static sil_status cut(struct sil_field *field, const sil_i128 *atom, size_t n,
                      struct sil_error *err)
{
    struct sil_bins *bins = &field->bins;
    struct starts starts = {0};
    sil_status status = sil_alloc(&starts.item, (size_t)bins->n + 2 * n + 1,
                                  sizeof *starts.item, "edges", err);
    if (status != SIL_OK) {
        return status;
    }
    cut_bins(&starts, bins, atom, n);
    free(bins->edges);
    bins->edges = starts.item;
    bins->n = (uint32_t)starts.n;
    bins->edges[bins->n] = bins->last;
    return SIL_OK;
}

/* Of bins that are not known yet: they are cut when they are. */
static sil_status note_leaves(struct sil_field *field, const sil_i128 *atom, size_t n,
                              struct sil_error *err)
{
    struct sil_leaves *leaves = &field->leaves;
    if (leaves->width != field->bins.step) {
        return sil_wrong(
            err, SIL_ATOMS_PROPERTY,
            "private bins have edges at single values only where there are "
            "131072 at most; declare a coarser silhouette.granularity");
    }
    sil_status status = sil_alloc(&leaves->atom, n, sizeof *leaves->atom, "bins", err);
    for (size_t i = 0; status == SIL_OK && i < n; i++) {
        leaves->atom[i] = (uint32_t)((atom[i] - leaves->origin) / leaves->width);
    }
    return status;
}

sil_status sil_declare_atoms(struct sil_declaration *d, struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *list = sil_declared(d->extension, "atoms");
    sil_i128 *atom = NULL;
    size_t n = json_array_size(list);
    if (list == NULL) {
        return SIL_OK;
    }
    if (n < 1 || n > ATOMS_MAX) {
        return sil_wrong(err, SIL_ATOMS_PROPERTY, "must be a list of 1 to 1024 values");
    }
    SIL_TRY(sil_alloc(&atom, n, sizeof *atom, "edges", err));
    SIL_TRY(read_atoms(atom, d, list, err));
    d->field->n_atoms = (uint32_t)n;
    status = d->field->leaves.wanted > 0 ? note_leaves(d->field, atom, n, err)
                                         : cut(d->field, atom, n, err);

cleanup:
    free(atom);
    return status;
}
