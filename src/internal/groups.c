// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "internal/parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

static sil_status find_column(uint32_t *column, const struct sil_comparison *comparison,
                              const char *name, struct sil_error *err)
{
    *column = sil_schema_find(comparison->schema, name, strlen(name));
    if (*column == UINT32_MAX) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--group: the schema of the model has no column \"%.80s\"",
                        name);
    }
    if (sil_schema_no_attribute(comparison->schema, *column) != NULL) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--group: \"%.80s\" is recomputed from other columns: name one "
                        "of those",
                        name);
    }
    for (size_t i = 0; i < comparison->n_groupings; i++) {
        if (comparison->grouping[i].column == *column) {
            return sil_fail(err, SIL_ERR_USAGE, "--group: \"%.80s\" is given twice",
                            name);
        }
    }
    return SIL_OK;
}

sil_status sil_groupings_name(struct sil_comparison *comparison,
                              const char *const *names, size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t n_cells = 0;

    SIL_TRY(sil_alloc(&comparison->grouping, n, sizeof *comparison->grouping, "groups",
                      err));
    for (size_t i = 0; i < n; i++) {
        uint32_t column;
        SIL_TRY(find_column(&column, comparison, names[i], err));
        n_cells += comparison->domain.sizes[column];
        if (n_cells > SIL_REPORT_GROUPS_MAX) {
            status = sil_fail(err, SIL_ERR_USAGE,
                              "--group: the columns up to \"%.80s\" have %" PRIu64
                              " values or bins together, and a report holds %d groups: "
                              "give it fewer columns, or coarser ones",
                              names[i], n_cells, SIL_REPORT_GROUPS_MAX);
            goto cleanup;
        }
        struct sil_group_list *list = &comparison->grouping[comparison->n_groupings++];
        list->column = column;
        list->n = comparison->domain.sizes[column];
        SIL_TRY(sil_alloc(&list->group, list->n, sizeof *list->group, "groups", err));
    }

cleanup:
    return status;
}

void sil_groupings_clear(struct sil_comparison *comparison)
{
    for (size_t i = 0; i < comparison->n_groupings; i++) {
        free(comparison->grouping[i].group);
    }
    free(comparison->grouping);
    comparison->grouping = NULL;
    comparison->n_groupings = 0;
}

/* ---- rows by group ---- */

/* A table whose rows stand group by group: those of group g from start[g] on. */
struct sorted {
    struct sil_codes codes;
    uint32_t *order; ///< of each row here, its number in the table it was sorted from
    size_t *start;   ///< n_groups + 1 of them
};

static void clear_sorted(struct sorted *sorted)
{
    sil_codes_wipe(&sorted->codes);
    free(sorted->order);
    free(sorted->start);
}

static sil_status sort_rows(struct sorted *out, const struct sil_codes *codes,
                            const struct sil_domain *domain, uint32_t column,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t n_groups = domain->sizes[column];

    SIL_TRY(sil_alloc(&out->order, codes->n_rows, sizeof *out->order, "groups", err));
    SIL_TRY(sil_alloc(&out->start, (size_t)n_groups + 2, sizeof *out->start, "groups",
                      err));
    /* Two places further on until the rows are dealt out: then each start has moved on
     * by its group's rows, to where the next one starts. */
    for (size_t i = 0; i < codes->n_rows; i++) {
        out->start[sil_codes_get(codes, column, i) + 2]++;
    }
    for (uint32_t g = 2; g < n_groups + 2; g++) {
        out->start[g] += out->start[g - 1];
    }
    for (size_t i = 0; i < codes->n_rows; i++) {
        out->order[out->start[sil_codes_get(codes, column, i) + 1]++] = (uint32_t)i;
    }
    SIL_TRY(sil_codes_pick(&out->codes, codes, domain, out->order, codes->n_rows, err));

cleanup:
    return status;
}

static sil_status sort_weights(struct sil_resamples *out,
                               const struct sil_resamples *from, const uint32_t *order,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    *out = (struct sil_resamples){.n = from->n};

    for (size_t s = 0; s < SIL_RESAMPLES; s++) {
        SIL_TRY(sil_alloc(&out->weight[s], from->n, sizeof *out->weight[s],
                          "a resample", err));
        for (size_t i = 0; i < from->n; i++) {
            out->weight[s][i] = from->weight[s][order[i]];
        }
    }

cleanup:
    return status;
}

/* ---- within a group ---- */

struct grouped {
    struct sil_comparison *comparison;
    struct sorted truth;
    struct sorted synthetic;
    struct sil_resamples resamples;
    struct sil_marginals marginals[2]; ///< of one and of two of the other columns
    struct sil_distances *distances;   ///< room for the larger of them
};

/* Those that do not have the column of the groups, and are small enough for the mean. */
static void keep_others(struct sil_marginals *marginals,
                        const struct sil_domain *domain, uint32_t column)
{
    size_t n = 0;
    for (size_t i = 0; i < marginals->n; i++) {
        const struct sil_clique *clique = &marginals->clique[i];
        if (!sil_clique_has(clique, column) &&
            sil_clique_cells(domain, clique) <= SIL_REPORT_MEAN_CELLS) {
            marginals->clique[n++] = *clique;
        }
    }
    marginals->n = n;
}

static sil_status prepare(struct grouped *grouped, uint32_t column,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_comparison *comparison = grouped->comparison;
    const struct sil_domain *domain = &comparison->domain;
    size_t most = 0;

    SIL_TRY(sort_rows(&grouped->truth, &comparison->truth.codes, domain, column, err));
    SIL_TRY(sort_rows(&grouped->synthetic, &comparison->synthetic.codes, domain, column,
                      err));
    SIL_TRY(sort_weights(&grouped->resamples, &comparison->resamples,
                         grouped->truth.order, err));
    for (uint32_t k = 0; k < 2; k++) {
        struct sil_marginals *marginals = &grouped->marginals[k];
        SIL_TRY(
            sil_marginals_choose(marginals, domain, k + 1, SIL_REPORT_PAIRS_MAX, err));
        keep_others(marginals, domain, column);
        most = marginals->n > most ? marginals->n : most;
    }
    SIL_TRY(sil_alloc(&grouped->distances, most, sizeof *grouped->distances,
                      "distances", err));

cleanup:
    return status;
}

static void clear(struct grouped *grouped)
{
    clear_sorted(&grouped->truth);
    clear_sorted(&grouped->synthetic);
    sil_resamples_clear(&grouped->resamples);
    sil_marginals_clear(&grouped->marginals[0]);
    sil_marginals_clear(&grouped->marginals[1]);
    free(grouped->distances);
}

static struct sil_figure mean_of(const struct sil_distances *distances, size_t n)
{
    struct sil_figure sum = {0, 0};
    for (size_t i = 0; i < n; i++) {
        sum.value += distances[i].synthetic;
        sum.reference += distances[i].resampled;
    }
    return n == 0
               ? (struct sil_figure){SIL_NO_FIGURE, SIL_NO_FIGURE}
               : (struct sil_figure){sum.value / (double)n, sum.reference / (double)n};
}

/* The group's share of all rows: synthetic less true, and the mean size of that in the
 * resamples. */
static struct sil_figure share_of(const struct grouped *grouped,
                                  const struct sil_slice *truth, size_t n_synthetic)
{
    double n_true = (double)grouped->truth.codes.n_rows;
    double n_drawn = (double)grouped->synthetic.codes.n_rows;
    double share = (double)truth->n / n_true;
    struct sil_figure out = {(double)n_synthetic / n_drawn - share, 0};
    for (size_t s = 0; s < SIL_RESAMPLES; s++) {
        const uint32_t *weight = grouped->resamples.weight[s] + truth->first;
        double n = (double)sil_weight_total(weight, truth->n);
        out.reference += fabs(n / n_drawn - share) / SIL_RESAMPLES;
    }
    return out;
}

static struct sil_slice slice_of(const struct sorted *sorted, uint32_t g)
{
    size_t first = sorted->start[g];
    return (struct sil_slice){&sorted->codes, first, sorted->start[g + 1] - first};
}

static sil_status compare_group(struct sil_group *out, struct grouped *grouped,
                                uint32_t g, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_versus versus = {
        .domain = &grouped->comparison->domain,
        .truth = slice_of(&grouped->truth, g),
        .synthetic = slice_of(&grouped->synthetic, g),
        .resamples = &grouped->resamples,
        .n_threads = grouped->comparison->n_threads,
    };
    *out = (struct sil_group){
        .code = g,
        .n_true = versus.truth.n,
        .n_synthetic = versus.synthetic.n,
        .share = share_of(grouped, &versus.truth, versus.synthetic.n),
        .distance = {{SIL_NO_FIGURE, SIL_NO_FIGURE}, {SIL_NO_FIGURE, SIL_NO_FIGURE}},
    };
    for (size_t k = 0; k < 2 && versus.truth.n > 0; k++) {
        const struct sil_marginals *marginals = &grouped->marginals[k];
        SIL_TRY(sil_distances_measure(grouped->distances, &versus, marginals->clique,
                                      marginals->n, err));
        out->distance[k] = mean_of(grouped->distances, marginals->n);
    }

cleanup:
    return status;
}

sil_status sil_groupings_compare(struct sil_comparison *comparison,
                                 const struct sil_progress *progress,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct grouped grouped = {0};

    for (size_t i = 0; i < comparison->n_groupings; i++) {
        struct sil_group_list *list = &comparison->grouping[i];
        grouped = (struct grouped){.comparison = comparison};
        SIL_TRY(prepare(&grouped, list->column, err));
        for (uint32_t g = 0; g < list->n; g++) {
            SIL_TRY(compare_group(&list->group[g], &grouped, g, err));
            sil_progress(progress, "comparing", g, list->n);
        }
        clear(&grouped);
        grouped = (struct grouped){0};
    }

cleanup:
    clear(&grouped);
    return status;
}
