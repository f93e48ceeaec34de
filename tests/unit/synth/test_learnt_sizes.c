// SPDX-License-Identifier: Apache-2.0
/* A run that was not refused before bins were learnt is not refused afterwards, whatever
 * sizes its columns come to have. */
#include "support/property.h"
#include "synth/learnt_sizes.h"
#include "synth/mechanism.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <mpfr.h>
#include <stdio.h>
#include <string.h>

static void free_mpfr_caches(void)
{
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE | MPFR_FREE_GLOBAL_CACHE);
}

TestSuite(learnt_sizes, .fini = free_mpfr_caches);

enum { COLUMNS_MAX = 5, TEXT_BYTES = 1 << 16 };

static struct sil_fit_options options_of(enum sil_mechanism mechanism,
                                         const char *workload, uint64_t max_cells)
{
    struct sil_fit_options options = sil_fit_defaults();
    options.mechanism = mechanism;
    options.workload = workload;
    options.max_cells = max_cells;
    options.epsilon = "1";
    options.delta = "1e-6";
    options.unledgered = true;
    return options;
}

/* `n` fields of the values 0 to last[a]: with wanted[a] private bins, or a cell each when
 * that is 0. */
static struct sil_schema *schema_of(uint32_t n, const uint32_t *last,
                                    const uint32_t *wanted)
{
    static char text[TEXT_BYTES];
    struct sil_schema *schema = NULL;
    struct sil_error err = {""};
    int length = snprintf(text, sizeof text, "{\"fields\": [");
    for (uint32_t a = 0; a < n; a++) {
        length +=
            snprintf(text + length, sizeof text - (size_t)length,
                     "%s{\"name\": \"c%u\", \"type\": \"integer\", \"constraints\": "
                     "{\"required\": true, \"minimum\": 0, \"maximum\": %u}, "
                     "\"silhouette\": {\"bins\": ",
                     a == 0 ? "" : ", ", a, last[a]);
        length += wanted[a] > 0 ? snprintf(text + length, sizeof text - (size_t)length,
                                           "{\"private\": %u}}}", wanted[a])
                                : snprintf(text + length, sizeof text - (size_t)length,
                                           "\"integers\"}}");
    }
    length += snprintf(text + length, sizeof text - (size_t)length, "]}");
    cr_assert(zero(int, sil_schema_parse(&schema, text, (size_t)length, &err)), "%s",
              err.text);
    return schema;
}

static sil_status find(struct sil_terms *terms, const struct sil_schema *schema,
                       const struct sil_fit_options *options, struct sil_error *err)
{
    sil_terms_init(terms);
    return sil_terms_of_options(terms, schema, options, err);
}

/* ---- brute force ---- */

/* The next sizes, of column a from least to most; false after the last. */
static bool next_sizes(uint32_t *size, const uint32_t *least, const uint32_t *most,
                       uint32_t n)
{
    for (uint32_t a = 0; a < n; a++) {
        if (size[a]++ < most[a]) {
            return true;
        }
        size[a] = least[a];
    }
    return false;
}

static void expect_at_least(const struct sil_rho *cost, uint32_t n,
                            const struct sil_rho *promised)
{
    for (uint32_t a = 0; a < n; a++) {
        cr_expect(ge(int, mpq_cmp(cost[a].v, promised->v), 0));
    }
}

/* What a run does when its bins are known; and its columns cost no less than was promised. */
static bool goes_on(struct sil_terms *terms, const struct sil_domain *domain,
                    const struct sil_rho *promised)
{
    sil_clique_list_clear(&terms->workload.candidates);
    sil_clique_list_clear(&terms->workload.marginals);
    bool goes = sil_terms_find_candidates(terms, domain, NULL) == SIL_OK &&
                sil_terms_check_domain(terms, domain, NULL) == SIL_OK;
    if (goes && terms->mechanism == SIL_MOSAIC) {
        struct sil_rho cost[COLUMNS_MAX];
        for (uint32_t a = 0; a < domain->n_attrs; a++) {
            sil_rho_init(&cost[a]);
        }
        /* The second time with the least part that there is. */
        const struct sil_mosaic again = {
            .terms = terms, .domain = *domain, .again = {1, 5}
        };
        sil_mosaic_column_costs(cost, terms, &terms->rest, domain);
        expect_at_least(cost, domain->n_attrs, promised);
        sil_mosaic_again_costs(cost, &again);
        expect_at_least(cost, domain->n_attrs, promised);
        for (uint32_t a = 0; a < domain->n_attrs; a++) {
            sil_rho_clear(&cost[a]);
        }
    }
    return goes;
}

static bool always_goes_on(const struct sil_schema *schema,
                           const struct sil_fit_options *options, const uint32_t *least,
                           const uint32_t *most)
{
    uint32_t size[COLUMNS_MAX];
    struct sil_terms terms;
    struct sil_rho promised;
    uint32_t n = sil_schema_n_fields(schema);
    struct sil_domain domain = {.n_attrs = n, .sizes = size};
    bool always = true;
    uint32_t most_weight = strcmp(options->workload, "1") == 0 ? 1 : 2 * COLUMNS_MAX;
    memcpy(size, least, n * sizeof *size);
    sil_rho_init(&promised);
    (void)find(&terms, schema, options, NULL);
    sil_mosaic_least_column(
        &promised, &terms, &(struct sil_domain){.n_attrs = n, .sizes = least},
        &(struct sil_domain){.n_attrs = n, .sizes = most}, most_weight);
    do {
        always = goes_on(&terms, &domain, &promised) && always;
    } while (next_sizes(size, least, most, n));
    sil_rho_clear(&promised);
    sil_terms_clear(&terms);
    return always;
}

/* Small columns, so that all sizes can be tried: with two private bins of five values 1 to 4
 * cells. Whether a run is refused is exactly whether it could come to nothing. */
Test(learnt_sizes, refuse_what_could_come_to_nothing_and_nothing_else)
{
    static const char *const WORKLOADS[] = {"1", "2", "3", "4"};

    static const enum sil_mechanism MECHANISMS[] = {SIL_INDEPENDENT, SIL_MST, SIL_AIM,
                                                    SIL_MOSAIC};
    struct test_random random = {.state = 20250611};
    unsigned n_refused = 0;
    for (unsigned trial = 0; trial < 160; trial++) {
        uint32_t n = 2 + (uint32_t)test_below(&random, COLUMNS_MAX - 1);
        uint32_t last[COLUMNS_MAX];
        uint32_t wanted[COLUMNS_MAX];
        uint32_t least[COLUMNS_MAX];
        uint32_t most[COLUMNS_MAX];
        for (uint32_t a = 0; a < n; a++) {
            bool learns = a == 0 || test_below(&random, 2) == 0;
            last[a] = learns ? 4 : (uint32_t)test_below(&random, 6);
            wanted[a] = learns ? 2 : 0;
            least[a] = learns ? 1 : last[a] + 1;
            most[a] = learns ? 4 : last[a] + 1;
        }
        struct sil_schema *schema = schema_of(n, last, wanted);
        struct sil_fit_options options =
            options_of(MECHANISMS[trial % 4], WORKLOADS[test_below(&random, 4)],
                       1 + test_below(&random, 60));
        struct sil_terms terms;
        bool is_let = find(&terms, schema, &options, NULL) == SIL_OK;
        n_refused += !is_let;
        cr_expect(eq(int, is_let, always_goes_on(schema, &options, least, most)),
                  "trial %u", trial);
        sil_terms_clear(&terms);
        sil_schema_free(schema);
    }
    cr_expect(gt(uint, n_refused, 20));
    cr_expect(lt(uint, n_refused, 140));
}

/* ---- limits ---- */

static void expect_refusal(uint32_t n, uint32_t wanted,
                           const struct sil_fit_options *options, const char *why)
{
    uint32_t last[128];
    uint32_t bins[128];
    struct sil_terms terms;
    struct sil_error err = {""};
    for (uint32_t a = 0; a < n; a++) {
        last[a] = 9999;
        bins[a] = wanted;
    }
    struct sil_schema *schema = schema_of(n, last, bins);
    cr_expect(eq(int, find(&terms, schema, options, &err), SIL_ERR_USAGE));
    cr_expect(ne(ptr, strstr(err.text, why), NULL), "%s", err.text);
    cr_expect(ne(ptr, strstr(err.text, "up to twice"), NULL), "%s", err.text);
    sil_terms_clear(&terms);
    sil_schema_free(schema);
}

Test(learnt_sizes, of_twice_the_bins_are_what_workload_and_model_must_hold)
{
    struct sil_fit_options options = options_of(SIL_AIM, "2", UINT64_C(1) << 22);
    expect_refusal(9, 1024, &options, "151013376 cells");
    options = options_of(SIL_INDEPENDENT, "1", 10000);
    options.max_model_mb = 1;
    expect_refusal(100, 1024, &options, "204800 cells");
}

/* A pair of 10 private bins and 10 values, two of which are atoms, may come to 24 times 10
 * cells. */
static sil_status with_atoms(uint64_t max_cells, uint64_t *most_cells)
{
    static const char SCHEMA[] =
        "{\"fields\": [{\"name\": \"a\", \"type\": \"integer\", \"constraints\": "
        "{\"required\": true, \"minimum\": 0, \"maximum\": 99}, \"silhouette\": "
        "{\"bins\": {\"private\": 10}, \"atoms\": [7, 50]}}, "
        "{\"name\": \"b\", \"type\": \"integer\", \"constraints\": "
        "{\"required\": true, \"minimum\": 0, \"maximum\": 9}}]}";
    struct sil_schema *schema = NULL;
    struct sil_terms terms;
    struct sil_fit_options options = options_of(SIL_MOSAIC, "2", max_cells);
    cr_assert(zero(int, sil_schema_parse(&schema, SCHEMA, strlen(SCHEMA), NULL)));
    sil_status status = find(&terms, schema, &options, NULL);
    *most_cells = terms.most_cells;
    sil_terms_clear(&terms);
    sil_schema_free(schema);
    return status;
}

Test(learnt_sizes, count_two_bins_more_for_each_atom)
{
    uint64_t cells = 0;
    cr_expect(eq(int, with_atoms(239, &cells), SIL_ERR_USAGE));
    cr_expect(zero(int, with_atoms(240, &cells)));
    cr_expect(eq(u64, cells, 240 + 2 * (24 + 10)));
}
