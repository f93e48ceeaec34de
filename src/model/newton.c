// SPDX-License-Identifier: Apache-2.0
#include "model/newton.h"

#include "base/memory.h"
#include "model/kernels.h"

#include <stdlib.h>
#include <string.h>

/* A pair whose product is smaller than this share of its lengths is not kept. */
static const double CURVATURE_MIN = 1e-10;

sil_status sil_newton_init(struct sil_newton *newton, size_t length, unsigned capacity,
                           struct sil_error *err)
{
    size_t n_vectors = 2 * (size_t)capacity + 1;
    *newton = (struct sil_newton){.length = length, .capacity = capacity};
    sil_status status =
        sil_alloc_aligned(&newton->vectors, length, n_vectors * sizeof *newton->vectors,
                          "the solver", err);
    if (status == SIL_OK) {
        newton->scratch = newton->vectors;
        for (size_t i = 0; i < capacity; i++) {
            newton->pairs[i].step = newton->vectors + (2 * i + 1) * length;
            newton->pairs[i].change = newton->vectors + (2 * i + 2) * length;
        }
    }
    return status;
}

void sil_newton_clear(struct sil_newton *newton)
{
    free(newton->vectors);
    *newton = (struct sil_newton){0};
}

void sil_newton_forget(struct sil_newton *newton)
{
    newton->n_pairs = 0;
}

/* How far the newest pair stretches the metric: the diagonal alone counts what overlapping
 * cliques share several times. */
static double stretch(const struct sil_newton *newton, const double *metric)
{
    const struct sil_kernels *k = sil_kernels();
    const struct sil_pair *p = &newton->pairs[newton->n_pairs - 1];
    k->multiply(newton->scratch, p->change, metric, newton->length);
    return p->inner / k->dot(newton->scratch, p->change, newton->length);
}

void sil_newton_direct(double *direction, const struct sil_newton *newton,
                       const double *gradient, const double *metric)
{
    const struct sil_kernels *k = sil_kernels();
    size_t length = newton->length;
    double weight[SIL_PAIRS_MAX] = {0};
    k->scale(direction, gradient, -1, length);
    for (unsigned i = newton->n_pairs; i-- > 0;) {
        const struct sil_pair *p = &newton->pairs[i];
        weight[i] = k->dot(p->step, direction, length) / p->inner;
        k->add_scaled(direction, -weight[i], p->change, length);
    }
    k->multiply(direction, direction, metric, length);
    if (newton->n_pairs > 0) {
        k->scale(direction, direction, stretch(newton, metric), length);
    }
    for (unsigned i = 0; i < newton->n_pairs; i++) {
        const struct sil_pair *p = &newton->pairs[i];
        double back = k->dot(p->change, direction, length) / p->inner;
        k->add_scaled(direction, weight[i] - back, p->step, length);
    }
}

void sil_newton_depart(struct sil_newton *newton, const double *point,
                       const double *gradient)
{
    const struct sil_kernels *k = sil_kernels();
    if (newton->n_pairs == newton->capacity) {
        struct sil_pair oldest = newton->pairs[0];
        newton->n_pairs--;
        (void)memmove(newton->pairs, newton->pairs + 1,
                      newton->n_pairs * sizeof oldest);
        newton->pairs[newton->n_pairs] = oldest;
    }
    const struct sil_pair *p = &newton->pairs[newton->n_pairs];
    k->scale(p->step, point, -1, newton->length);
    k->scale(p->change, gradient, -1, newton->length);
}

void sil_newton_arrive(struct sil_newton *newton, const double *point,
                       const double *gradient)
{
    const struct sil_kernels *k = sil_kernels();
    struct sil_pair *p = &newton->pairs[newton->n_pairs];
    k->add(p->step, point, newton->length);
    k->add(p->change, gradient, newton->length);
    p->inner = k->dot(p->step, p->change, newton->length);
    double size = k->dot(p->step, p->step, newton->length) *
                  k->dot(p->change, p->change, newton->length);
    if (p->inner > 0 && p->inner * p->inner > CURVATURE_MIN * CURVATURE_MIN * size) {
        newton->n_pairs++;
    }
}
