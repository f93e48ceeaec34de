// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "internal/parts.h"

#include <math.h>
#include <stdlib.h>

/* Sums on the way to a mean. */
struct mean {
    double value;
    double reference;
    size_t n;
};

static void add(struct mean *mean, const struct sil_distances *distances)
{
    mean->value += distances->synthetic;
    mean->reference += distances->resampled;
    mean->n++;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static struct sil_figure figure(const struct mean *mean)
{
    if (mean->n == 0) {
        return (struct sil_figure){SIL_NO_FIGURE, SIL_NO_FIGURE};
    }
    double n = (double)mean->n;
    return (struct sil_figure){mean->value / n, mean->reference / n};
}

static void find_way(struct sil_way *way, struct mean *column,
                     const struct sil_domain *domain,
                     const struct sil_marginals *marginals,
                     const struct sil_distances *distances)
{
    struct mean all = {0};
    struct sil_figure most = {0, 0};
    for (size_t i = 0; i < marginals->n; i++) {
        const struct sil_clique *clique = &marginals->clique[i];
        if (sil_clique_cells(domain, clique) > SIL_REPORT_MEAN_CELLS) {
            continue;
        }
        add(&all, &distances[i]);
        most.value = larger(most.value, distances[i].synthetic);
        most.reference = larger(most.reference, distances[i].resampled);
        for (uint32_t k = 0; k < clique->n; k++) {
            add(&column[clique->attr[k]], &distances[i]);
        }
    }
    *way = (struct sil_way){
        .n_all = marginals->n_all,
        .n_compared = marginals->n,
        .n_too_large = marginals->n_too_large,
        .n_mean = all.n,
        .is_sample = marginals->is_sample,
        .mean = figure(&all),
        .most = all.n > 0 ? most : figure(&all),
    };
}

/* What a way has beside its means. */
static sil_status find_more(struct sil_comparison *comparison,
                            const struct sil_versus *versus,
                            const struct sil_marginals *marginals,
                            const struct sil_distances *distances, uint32_t k,
                            struct sil_error *err)
{
    if (k == 3) {
        sil_score_find(&comparison->score, distances, marginals->n);
        return SIL_OK;
    }
    return sil_off_list_find(k == 1 ? &comparison->columns : &comparison->pairs, versus,
                             marginals, distances, err);
}

static sil_status compare_way(struct sil_comparison *comparison, uint32_t k,
                              const struct sil_progress *progress,
                              struct sil_error *err)
{
    static const size_t MOST[SIL_REPORT_WAYS] = {SIZE_MAX, SIL_REPORT_PAIRS_MAX,
                                                 SIL_REPORT_TRIPLES_MAX};
    sil_status status = SIL_OK;
    struct sil_marginals marginals = {0};
    struct sil_distances *distances = NULL;
    struct mean *column = NULL;
    struct sil_versus versus = sil_comparison_versus(comparison);
    const struct sil_domain *domain = &comparison->domain;

    versus.progress = progress;
    if (k == 3) {
        sil_score_plan(&comparison->score, &versus);
    }
    SIL_TRY(sil_marginals_choose(&marginals, domain, k, MOST[k - 1], err));
    SIL_TRY(sil_alloc(&distances, marginals.n, sizeof *distances, "distances", err));
    SIL_TRY(sil_alloc(&column, domain->n_attrs, sizeof *column, "distances", err));
    SIL_TRY(
        sil_distances_measure(distances, &versus, marginals.clique, marginals.n, err));
    find_way(&comparison->way[k - 1], column, domain, &marginals, distances);
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        comparison->column[a].way[k - 1] = figure(&column[a]);
    }
    SIL_TRY(find_more(comparison, &versus, &marginals, distances, k, err));

cleanup:
    free(column);
    free(distances);
    sil_marginals_clear(&marginals);
    return status;
}

sil_status sil_comparison_marginals(struct sil_comparison *comparison,
                                    const struct sil_progress *progress,
                                    struct sil_error *err)
{
    sil_status status = sil_alloc(&comparison->column, comparison->domain.n_attrs,
                                  sizeof *comparison->column, "the columns", err);
    for (uint32_t k = 1; k <= SIL_REPORT_WAYS && status == SIL_OK; k++) {
        status = compare_way(comparison, k, progress, err);
    }
    return status;
}
