// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"
#include "model/kernels.h"
#include "model/pass.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* A pass over fewer cells is over before a second thread has woken up. */
enum { THREADED_CELLS = 1 << 18 };

size_t sil_pass_work(const struct sil_pass *pass)
{
    return 2 * ((size_t)pass->n_levels + 1) * sil_padded(pass->block);
}

static void gather(const struct sil_detour *d)
{
    for (size_t copy = 1; copy < d->copies; copy++) {
        sil_kernels()->add(d->table, d->table + copy * d->cells, d->cells);
    }
    if (d->n_axes == 0) {
        (void)memcpy(d->data, d->table, d->cells * sizeof *d->data);
        return;
    }
    size_t cells = 1;
    for (uint32_t i = 0; i < d->n_axes; i++) {
        cells *= d->stride[i] > 0 ? d->extent[i] : 1;
    }
    (void)memset(d->data, 0, cells * sizeof *d->data);
    sil_kernels()->follow(d, true);
}

void sil_pass_run(const struct sil_pass *pass, unsigned n_threads, double *work)
{
    const struct sil_kernels *kernels = sil_kernels();
    for (size_t k = 0; k < pass->n_before; k++) {
        kernels->follow(&pass->before[k], false);
    }
    for (size_t k = 0; k < pass->n_sums; k++) {
        const struct sil_operand *o = &pass->sums[k];
        size_t copies = o->chunk_step > 0 ? pass->n_chunks : 1;
        (void)memset(o->data, 0, copies * o->cells * sizeof *o->data);
    }

    if (n_threads > 1 && pass->n_chunks > 1 && pass->cells >= THREADED_CELLS) {
        size_t step = sil_pass_work(pass);
#pragma omp parallel num_threads(n_threads)
        {
            unsigned before = sil_floating_enter();
#pragma omp for schedule(static)
            for (size_t chunk = 0; chunk < pass->n_chunks; chunk++) {
                kernels->walk(pass, chunk, work + (size_t)omp_get_thread_num() * step);
            }
            sil_floating_leave(before);
        }
    } else {
        for (size_t chunk = 0; chunk < pass->n_chunks; chunk++) {
            kernels->walk(pass, chunk, work);
        }
    }

    for (size_t k = 0; k < pass->n_after; k++) {
        gather(&pass->after[k]);
    }
}

sil_status sil_pass_once(const struct sil_product *product, struct sil_tables *tables,
                         unsigned n_threads)
{
    sil_status status = SIL_OK;
    struct sil_pass pass = {0};
    double *work = NULL;

    SIL_TRY(sil_pass_init(&pass, product, tables, NULL));
    SIL_TRY(sil_tables_take(&work, tables, sil_pass_work(&pass) * n_threads));
    sil_pass_run(&pass, n_threads, work);

cleanup:
    sil_pass_clear(&pass);
    sil_tables_give(tables, work);
    return status;
}
