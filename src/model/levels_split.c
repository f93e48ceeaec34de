// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "model/columns.h"

#include <stdlib.h>
#include <string.h>

/* Groups are numbered in the order in which their lowest values come; number[g c] is one more
 * than that of the values of class c in group g, 0 before any came. */
static uint32_t split(uint32_t *group, uint32_t *number, uint32_t n,
                      const uint32_t *class, uint32_t n_classes)
{
    uint32_t n_groups = 0;
    for (uint32_t v = 0; v < n; v++) {
        uint32_t *own = &number[(size_t)group[v] * n_classes + class[v]];
        if (*own == 0) {
            *own = ++n_groups;
        }
        group[v] = *own - 1;
    }
    return n_groups;
}

sil_status sil_levels_split(struct sil_levels *levels, const uint32_t *class,
                            uint32_t n_classes, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t n = levels->level[0].n_values;
    uint32_t kept = 1;
    uint32_t *number = NULL;
    SIL_TRY(sil_alloc(&number, (size_t)n * n_classes, sizeof *number, "levels", err));
    for (uint32_t i = 1; i < levels->n; i++) {
        uint32_t *group = levels->memory + (size_t)(i - 1) * n;
        (void)memset(number, 0, (size_t)n * n_classes * sizeof *number);
        uint32_t n_groups = split(group, number, n, class, n_classes);
        if (n_groups < levels->level[kept - 1].n_groups) {
            levels->level[kept++] = (struct sil_grouping){n, n_groups, group};
        }
    }
    levels->n = kept;
cleanup:
    free(number);
    return status;
}
