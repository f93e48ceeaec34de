// SPDX-License-Identifier: Apache-2.0
#include "audits/claim/cells.h"

#include "base/memory.h"

#include <string.h>

sil_status aud_axes_find(struct aud_axes *out, const struct aud_left *left,
                         const struct aud_table *table, struct sil_error *err)
{
    size_t cells = 1;
    bool is_good = true;
    *out = (struct aud_axes){.left = left};
    for (size_t k = 0; k < left->n_attrs && is_good; k++) {
        is_good = left->attr[k] < table->n_fields;
        uint32_t n_cells = is_good ? table->field[left->attr[k]].n_cells : 0;
        is_good = is_good && (left->group[k].length == 0 ||
                              left->group[k].length == 2 * (size_t)n_cells);
        out->size[k] =
            left->group[k].length == 0 ? n_cells : aud_n_groups(left->group[k]);
        is_good = is_good && sil_mul_size(&cells, cells, out->size[k]);
    }
    return is_good && cells == left->n_cells
               ? SIL_OK
               : aud_refuse(err, "D1",
                            "a marginal has other cells than the schema gives");
}

size_t aud_axes_cell(const struct aud_axes *axes, const struct aud_table *table,
                     size_t row)
{
    size_t cell = 0;
    for (size_t k = 0; k < axes->left->n_attrs; k++) {
        uint32_t value = table->column[axes->left->attr[k]][row];
        const struct aud_bin *group = &axes->left->group[k];
        size_t part = group->length == 0 ? value
                                         : (size_t)group->data[2 * value] |
                                               (size_t)group->data[2 * value + 1] << 8;
        cell = cell * axes->size[k] + part;
    }
    return cell;
}

struct aud_whose aud_whose_privacy(const struct aud_transcript *transcript)
{
    struct aud_whose whose = {.id_column =
                                  transcript->is_people ? transcript->id_column : NULL,
                              .most = transcript->max_contrib,
                              .drops_missing = transcript->drops_missing};
    (void)memcpy(whose.salt, transcript->salt, sizeof whose.salt);
    return whose;
}
