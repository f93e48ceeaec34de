// SPDX-License-Identifier: Apache-2.0
#include "synth/workload.h"

#include "base/fail.h"
#include "base/file.h"
#include "base/memory.h"
#include "synth/workload_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    SUBSETS_MAX = 1 << 21,     ///< subsets held at once while the closure grows
    COMBINATIONS_MAX = 1 << 24 ///< combinations of attributes looked at
};

sil_status sil_clique_list_add(struct sil_clique_list *list,
                               const struct sil_clique *clique, uint32_t weight,
                               struct sil_error *err)
{
    sil_status status = sil_grow(&list->item, &list->capacity, list->n + 1,
                                 sizeof *list->item, "a list of marginals", err);
    if (status == SIL_OK) {
        list->item[list->n++] =
            (struct sil_weighted_clique){.clique = *clique, .weight = weight};
    }
    return status;
}

void sil_clique_list_clear(struct sil_clique_list *list)
{
    free(list->item);
    *list = (struct sil_clique_list){0};
}

uint64_t sil_clique_list_cells(const struct sil_clique_list *list,
                               const struct sil_domain *domain)
{
    uint64_t cells = 0;
    for (size_t i = 0; i < list->n; i++) {
        uint64_t more = sil_clique_cells(domain, &list->item[i].clique);
        if (__builtin_add_overflow(cells, more, &cells)) {
            return UINT64_MAX;
        }
    }
    return cells;
}

void sil_workload_clear(struct sil_workload *workload)
{
    sil_clique_list_clear(&workload->marginals);
    sil_clique_list_clear(&workload->candidates);
}

static int by_clique(const void *a, const void *b)
{
    const struct sil_weighted_clique *left = a;
    const struct sil_weighted_clique *right = b;
    return sil_clique_compare(&left->clique, &right->clique);
}

/* Canonical order without repeats; the weights of equal cliques are not combined. */
static void sort_and_unite(struct sil_clique_list *list)
{
    size_t kept = 0;
    if (list->n == 0) {
        return;
    }
    qsort(list->item, list->n, sizeof *list->item, by_clique);
    for (size_t i = 1; i < list->n; i++) {
        if (by_clique(&list->item[kept], &list->item[i]) != 0) {
            list->item[++kept] = list->item[i];
        }
    }
    list->n = kept + 1;
}

/* ---- the closure and its weights ---- */

/* Add to `list` every clique of `size` attributes in it less one attribute. */
static sil_status add_faces(struct sil_clique_list *list, uint32_t size,
                            struct sil_error *err)
{
    size_t n = list->n;
    for (size_t i = 0; i < n; i++) {
        if (list->item[i].clique.n != size) {
            continue;
        }
        if (list->n + size > SUBSETS_MAX) {
            return sil_fail(err, SIL_ERR_USAGE,
                            "the workload has more than %d marginals and parts of "
                            "marginals; lower --workload",
                            SUBSETS_MAX);
        }
        for (uint32_t k = 0; k < size; k++) {
            struct sil_clique single = sil_clique_single(list->item[i].clique.attr[k]);
            struct sil_clique face =
                sil_clique_subtract(&list->item[i].clique, &single);
            sil_status status = sil_clique_list_add(list, &face, 1, err);
            if (status != SIL_OK) {
                return status;
            }
        }
    }
    sort_and_unite(list);
    return SIL_OK;
}

static uint64_t attr_weights(const uint64_t *of_attr, const struct sil_clique *clique)
{
    uint64_t weight = 0;
    for (uint32_t k = 0; k < clique->n; k++) {
        weight += of_attr[clique->attr[k]];
    }
    return weight;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* sum over s of weight(s) |r intersect s| is the sum over the attributes of r of the
 * weights of the marginals that have the attribute. At most 2^18 marginals of weight 2^20
 * and 8 attributes: the sums stay below 2^41. */
static sil_status weigh(struct sil_workload *workload, const struct sil_domain *domain,
                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t *of_attr = NULL;
    uint64_t divisor = 0;
    uint64_t largest = 0;

    SIL_TRY(sil_alloc(&of_attr, domain->n_attrs, sizeof *of_attr, "weights", err));
    for (size_t i = 0; i < workload->marginals.n; i++) {
        const struct sil_weighted_clique *item = &workload->marginals.item[i];
        for (uint32_t k = 0; k < item->clique.n; k++) {
            of_attr[item->clique.attr[k]] += item->weight;
        }
    }
    for (size_t i = 0; i < workload->candidates.n; i++) {
        uint64_t weight = attr_weights(of_attr, &workload->candidates.item[i].clique);
        divisor = common_divisor(divisor, weight);
        largest = weight > largest ? weight : largest;
    }
    for (size_t i = 0; i < workload->candidates.n && divisor > 0; i++) {
        struct sil_weighted_clique *item = &workload->candidates.item[i];
        uint64_t weight = attr_weights(of_attr, &item->clique) / divisor;
        if (largest / divisor > SIL_WEIGHT_MAX) {
            weight = weight * SIL_WEIGHT_MAX / (largest / divisor);
        }
        item->weight = weight == 0 ? 1 : (uint32_t)weight;
    }
cleanup:
    free(of_attr);
    return status;
}

static sil_status check_cells(const struct sil_clique_list *list,
                              const struct sil_domain *domain, struct sil_error *err)
{
    uint64_t cells = sil_clique_list_cells(list, domain);
    if (cells > SIL_WORKLOAD_CELLS_MAX) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the workload has %s%" PRIu64 " cells, more than %" PRIu64
                        " can be held; lower --max-cells or --workload",
                        cells == UINT64_MAX ? "at least " : "", cells,
                        SIL_WORKLOAD_CELLS_MAX);
    }
    return SIL_OK;
}

sil_status sil_workload_close(struct sil_workload *workload,
                              const struct sil_domain *domain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_clique_list *closure = &workload->candidates;

    sort_and_unite(&workload->marginals);
    SIL_TRY(check_cells(&workload->marginals, domain, err));
    for (size_t i = 0; i < workload->marginals.n; i++) {
        SIL_TRY(
            sil_clique_list_add(closure, &workload->marginals.item[i].clique, 1, err));
    }
    for (uint32_t size = SIL_WORKLOAD_ATTRS_MAX; size > 1; size--) {
        SIL_TRY(add_faces(closure, size, err));
    }
    SIL_TRY(check_cells(closure, domain, err));
    SIL_TRY(weigh(workload, domain, err));
cleanup:
    return status;
}

/* ---- all marginals of k attributes ---- */

/* n choose k, or UINT64_MAX when it does not fit. */
static uint64_t choose(uint64_t n, uint32_t k)
{
    sil_u128 ways = 1;
    for (uint32_t i = 0; i < k; i++) {
        ways = ways * (n - i) / (i + 1);
        if (ways > UINT64_MAX) {
            return UINT64_MAX;
        }
    }
    return (uint64_t)ways;
}

/* The next combination of k positions below n in lexicographic order; false at the end. */
static bool next_combination(uint32_t *position, uint32_t k, uint32_t n)
{
    uint32_t i = k;
    while (i > 0 && position[i - 1] == n - k + i - 1) {
        i--;
    }
    if (i == 0) {
        return false;
    }
    position[i - 1]++;
    for (; i < k; i++) {
        position[i] = position[i - 1] + 1;
    }
    return true;
}

static sil_status too_many(uint64_t n, uint32_t k, struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_USAGE,
                    "the workload has %" PRIu64 " marginals of %" PRIu32
                    " columns, more than %zu can be held; lower --workload%s",
                    n, k, SIL_WORKLOAD_MARGINALS_MAX, k > 1 ? " or --max-cells" : "");
}

/* Columns of two cells or more, and how many of them a marginal shall have. */
struct choice {
    uint32_t *active;
    uint32_t n_active;
    uint32_t k;
};

static sil_status add_combinations(struct sil_workload *workload,
                                   const struct sil_domain *domain,
                                   const struct choice *choice, uint64_t max_cells,
                                   struct sil_error *err)
{
    uint32_t position[SIL_WORKLOAD_ATTRS_MAX];
    for (uint32_t i = 0; i < choice->k; i++) {
        position[i] = i;
    }
    do {
        struct sil_clique clique = {.n = choice->k};
        for (uint32_t i = 0; i < choice->k; i++) {
            clique.attr[i] = choice->active[position[i]];
        }
        if (sil_clique_cells(domain, &clique) > max_cells) {
            continue;
        }
        if (workload->marginals.n == SIL_WORKLOAD_MARGINALS_MAX) {
            return too_many(choose(choice->n_active, choice->k), choice->k, err);
        }
        sil_status status = sil_clique_list_add(&workload->marginals, &clique, 1, err);
        if (status != SIL_OK) {
            return status;
        }
    } while (next_combination(position, choice->k, choice->n_active));
    return SIL_OK;
}

sil_status sil_workload_all(struct sil_workload *out, const struct sil_domain *domain,
                            uint32_t k, uint64_t max_cells, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct choice choice = {.k = k};

    *out = (struct sil_workload){0};
    SIL_TRY(sil_alloc(&choice.active, domain->n_attrs, sizeof *choice.active, "columns",
                      err));
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        if (domain->sizes[a] > 1) {
            choice.active[choice.n_active++] = a;
        }
    }
    choice.k = k < choice.n_active ? k : choice.n_active;
    if (choice.k == 0) {
        goto cleanup;
    }
    uint64_t ways = choose(choice.n_active, choice.k);
    if (ways > COMBINATIONS_MAX) {
        status = too_many(ways, choice.k, err);
        goto cleanup;
    }
    SIL_TRY(add_combinations(out, domain, &choice, max_cells, err));
    if (out->marginals.n == 0) {
        status = sil_fail(err, SIL_ERR_USAGE,
                          "no marginal of %" PRIu32 " columns has at most %" PRIu64
                          " cells; raise --max-cells or lower --workload",
                          choice.k, max_cells);
        goto cleanup;
    }
    SIL_TRY(sil_workload_close(out, domain, err));
cleanup:
    free(choice.active);
    if (status != SIL_OK) {
        sil_workload_clear(out);
    }
    return status;
}

sil_status sil_workload_open(struct sil_workload *out, const struct sil_schema *schema,
                             const char *text, uint64_t max_cells,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes json = {0};

    *out = (struct sil_workload){0};
    if (strlen(text) == 1 && text[0] >= '1' &&
        text[0] <= '0' + SIL_WORKLOAD_ATTRS_MAX) {
        struct sil_domain domain = sil_schema_domain(schema);
        return sil_workload_all(out, &domain, (uint32_t)(text[0] - '0'), max_cells,
                                err);
    }
    if (strspn(text, "-+.0123456789") == strlen(text)) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the workload \"%.40s\" is neither a number from 1 to %d nor "
                        "a file",
                        text, SIL_WORKLOAD_ATTRS_MAX);
    }
    SIL_TRY(sil_file_read(&json, text, SIL_WORKLOAD_FILE_MAX, err));
    SIL_TRY(sil_workload_parse(out, schema, (const char *)json.data, json.length,
                               max_cells, err));
cleanup:
    sil_bytes_clear(&json);
    return status;
}
