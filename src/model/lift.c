// SPDX-License-Identifier: Apache-2.0
#include "model/lift.h"

#include "base/memory.h"
#include "model/kernels.h"

#include <stdlib.h>
#include <string.h>

static bool are_identities(const struct sil_grouping *of, uint32_t n)
{
    bool yes = true;
    for (uint32_t k = 0; yes && k < n; k++) {
        yes = sil_grouping_is_identity(&of[k]);
    }
    return yes;
}

sil_status sil_lift_init(struct sil_lift *lift, const struct sil_grouping *of,
                         uint32_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_grouping *last = &of[n - 1];
    *lift = (struct sil_lift){.n_rows = 1, .width = last->n_values};
    for (uint32_t k = 0; k + 1 < n; k++) {
        lift->n_rows *= of[k].n_values;
    }
    lift->wide_cells = lift->n_rows * lift->width;
    lift->cells = sil_grouped_cells(of, n);
    lift->n_groups = last->n_groups;
    lift->group = sil_grouping_is_identity(last) ? NULL : last->group;
    if (!are_identities(of, n - 1)) {
        status = sil_alloc(&lift->row_group, lift->n_rows, sizeof *lift->row_group,
                           "a tile", err);
        if (status != SIL_OK) {
            return status;
        }
        sil_grouped_index(lift->row_group, of, n - 1);
    }
    if (lift->row_group != NULL || lift->group != NULL) {
        lift->work = lift->cells / lift->n_groups * lift->width;
    }
    return SIL_OK;
}

void sil_lift_clear(struct sil_lift *lift)
{
    free(lift->row_group);
    *lift = (struct sil_lift){0};
}

void sil_lift_add(double *wide, const struct sil_lift *lift, const double *narrow,
                  double *work)
{
    const struct sil_kernels *kernels = sil_kernels();
    const double *lines = narrow; /* one a group of rows, of all values */
    if (lift->group != NULL) {
        lines = work;
        for (size_t done = 0; done < lift->work; done += lift->width) {
            for (size_t v = 0; v < lift->width; v++) {
                work[done + v] = narrow[lift->group[v]];
            }
            narrow += lift->n_groups;
        }
    }
    if (lift->row_group == NULL) {
        kernels->add(wide, lines, lift->wide_cells);
        return;
    }
    for (size_t row = 0; row < lift->n_rows; row++) {
        kernels->add(wide + row * lift->width,
                     lines + lift->row_group[row] * lift->width, lift->width);
    }
}

void sil_lift_sum(double *narrow, const struct sil_lift *lift, const double *wide,
                  double *work)
{
    const struct sil_kernels *kernels = sil_kernels();
    const double *lines = wide;
    if (lift->row_group != NULL) {
        double *sums = lift->group != NULL ? work : narrow;
        (void)memset(sums, 0, lift->work * sizeof *sums);
        for (size_t row = 0; row < lift->n_rows; row++) {
            kernels->add(sums + lift->row_group[row] * lift->width,
                         wide + row * lift->width, lift->width);
        }
        lines = sums;
    }
    if (lift->group != NULL) {
        (void)memset(narrow, 0, lift->cells * sizeof *narrow);
        for (size_t done = 0; done < lift->work; done += lift->width) {
            for (size_t v = 0; v < lift->width; v++) {
                narrow[lift->group[v]] += lines[done + v];
            }
            narrow += lift->n_groups;
        }
    } else if (lift->row_group == NULL) {
        (void)memcpy(narrow, wide, lift->cells * sizeof *narrow);
    }
}
