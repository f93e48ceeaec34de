// SPDX-License-Identifier: Apache-2.0
/* What a run with open fields may spend: of epsilon and delta in total, the cap, the part of
 * each discovery, what is left for the mechanism. */
#include "num/rational.h"
#include "privacy/convert.h"
#include "privacy/cost.h"
#include "synth/discovery.h"
#include "synth/terms.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <mpfr.h>
#include <string.h>

static void free_mpfr_caches(void)
{
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE | MPFR_FREE_GLOBAL_CACHE);
}

TestSuite(discovery_terms, .fini = free_mpfr_caches);

static const char SCHEMA[] =
    "{\"fields\": ["
    "{\"name\": \"a\", \"type\": \"string\", \"silhouette\": {\"open\": true}},"
    "{\"name\": \"b\", \"type\": \"string\", \"categories\": [\"x\", \"y\"]},"
    "{\"name\": \"c\", \"type\": \"string\", \"categories\": [\"x\"],"
    " \"silhouette\": {\"open\": true}}]}";

static sil_status find(struct sil_terms *terms, const char *discovery_delta,
                       struct sil_error *err)
{
    struct sil_schema *schema;
    struct sil_fit_options options = sil_fit_defaults();
    cr_assert(zero(int, sil_schema_parse(&schema, SCHEMA, strlen(SCHEMA), NULL)));
    options.epsilon = "2";
    options.delta = "1e-6";
    options.discovery_delta = discovery_delta;
    options.mechanism = SIL_INDEPENDENT;
    options.unit = "id:who:3";
    options.unledgered = true;
    sil_terms_init(terms);
    sil_status status = sil_terms_of_options(terms, schema, &options, err);
    sil_schema_free(schema);
    return status;
}

static void expect_value(mpq_srcptr got, const char *want)
{
    mpq_t value;
    mpq_init(value);
    cr_assert(zero(int, mpq_set_str(value, want, 10)));
    mpq_canonicalize(value);
    cr_expect(zero(int, mpq_cmp(got, value)), "%s", want);
    mpq_clear(value);
}

Test(discovery_terms, keep_the_total_at_what_was_asked_for)
{
    struct sil_terms terms;
    struct sil_epsilon epsilon;
    struct sil_delta delta;
    struct sil_rho cap;
    sil_epsilon_init(&epsilon);
    sil_delta_init(&delta);
    sil_rho_init(&cap);
    cr_assert(zero(int, find(&terms, NULL, NULL)));

    expect_value(terms.delta.v, "1/1000000");
    expect_value(terms.discovery.v, "1/10000000");
    mpq_set_ui(epsilon.v, 2, 1);
    mpq_set_ui(delta.v, 9, 10000000);
    mpq_canonicalize(delta.v);
    cr_assert(zero(int, sil_rho_of_epsilon(&cap, &epsilon, &delta, NULL)));
    cr_expect(zero(int, mpq_cmp(terms.cap.v, cap.v)));

    sil_rho_clear(&cap);
    sil_delta_clear(&delta);
    sil_epsilon_clear(&epsilon);
    sil_terms_clear(&terms);
}

Test(discovery_terms, share_a_tenth_of_the_cap_and_the_delta_evenly)
{
    struct sil_terms terms;
    struct sil_discovery_plan plan;
    struct sil_rho cost;
    mpq_t sum;
    sil_discovery_plan_init(&plan);
    sil_rho_init(&cost);
    mpq_init(sum);
    cr_assert(zero(int, find(&terms, "3e-7", NULL)));
    cr_assert(zero(int, sil_discovery_plan_find(&plan, &terms, NULL)));

    expect_value(plan.delta.v, "15/100000000");
    mpq_set_ui(sum, 2, 1);
    mpq_mul(sum, sum, plan.cost.v);
    mpq_add(sum, sum, terms.rest.v);
    cr_expect(zero(int, mpq_cmp(sum, terms.cap.v)), "nothing is lost");
    mpq_set_ui(sum, 20, 1);
    mpq_mul(sum, sum, plan.cost.v);
    cr_expect(le(int, mpq_cmp(sum, terms.cap.v), 0), "a tenth at most");
    sil_cost_of_noise(&cost, 9, &plan.sigma2);
    cr_expect(zero(int, mpq_cmp(cost.v, plan.cost.v)), "the noise of three rows");

    mpq_clear(sum);
    sil_rho_clear(&cost);
    sil_discovery_plan_clear(&plan);
    sil_terms_clear(&terms);
}

Test(discovery_terms, refuse_a_part_that_is_none)
{
    static const char *const PARTS[] = {"0", "1e-6", "2e-6"};
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        struct sil_terms terms;
        cr_expect(eq(int, find(&terms, PARTS[i], NULL), SIL_ERR_USAGE), "%s", PARTS[i]);
        sil_terms_clear(&terms);
    }
}
