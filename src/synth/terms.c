// SPDX-License-Identifier: Apache-2.0
#include "synth/terms.h"

#include "base/fail.h"
#include "ledger/ledger.h"
#include "num/rational.h"
#include "privacy/convert.h"
#include "privacy/cost.h"
#include "synth/budget.h"
#include "synth/discovery.h"
#include "synth/discovery_bins.h"
#include "synth/learnt_sizes.h"
#include "synth/mechanism.h"
#include "synth/mosaic.h"
#include "synth/release.h"
#include "synth/report.h"
#include "synth/workload_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    CERTIFIED_BITS = 60,
    LARGEST_EPSILON = 10000,
    LARGEST_MODEL_MB = 1 << 20,
    DISCOVERY_PART = 10
};

/* What a model may take when nothing is said, but Mosaic's, of which local tables hold what
 * its tree does not; and the most that it then is where columns alone take much. */
enum { MODEL_MB = 80 };

static const struct {
    enum sil_mechanism mechanism;
    const char *name;
    uint32_t replay;
} MECHANISMS[] = {
    {SIL_AIM,         "aim",         3},
    {SIL_MST,         "mst",         3},
    {SIL_INDEPENDENT, "independent", 3},
    {SIL_MOSAIC,      "mosaic",      3},
};

const char *sil_mechanism_name(enum sil_mechanism mechanism)
{
    for (size_t i = 0; i < sizeof MECHANISMS / sizeof MECHANISMS[0]; i++) {
        if (MECHANISMS[i].mechanism == mechanism) {
            return MECHANISMS[i].name;
        }
    }
    return NULL;
}

enum sil_mechanism sil_mechanism_named(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof MECHANISMS / sizeof MECHANISMS[0]; i++) {
        if (strlen(MECHANISMS[i].name) == length &&
            memcmp(MECHANISMS[i].name, name, length) == 0) {
            return MECHANISMS[i].mechanism;
        }
    }
    return 0;
}

uint32_t sil_mechanism_replay(enum sil_mechanism mechanism)
{
    for (size_t i = 0; i < sizeof MECHANISMS / sizeof MECHANISMS[0]; i++) {
        if (MECHANISMS[i].mechanism == mechanism) {
            return MECHANISMS[i].replay;
        }
    }
    return 0;
}

const char *sil_neighbours_name(enum sil_neighbours neighbours)
{
    return neighbours == SIL_ADD_REMOVE ? "add-remove" : "replace-one";
}

void sil_terms_init(struct sil_terms *terms)
{
    *terms = (struct sil_terms){0};
    sil_privacy_unit_init(&terms->unit);
    mpq_init(terms->epsilon.v);
    mpq_init(terms->delta.v);
    mpq_init(terms->discovery.v);
    mpq_init(terms->cap.v);
    mpq_init(terms->rest.v);
    mpq_init(terms->certified.v);
}

void sil_terms_clear(struct sil_terms *terms)
{
    sil_privacy_unit_clear(&terms->unit);
    mpq_clear(terms->epsilon.v);
    mpq_clear(terms->delta.v);
    mpq_clear(terms->discovery.v);
    mpq_clear(terms->cap.v);
    mpq_clear(terms->rest.v);
    mpq_clear(terms->certified.v);
    sil_workload_clear(&terms->workload);
}

uint64_t sil_column_cells(const struct sil_domain *domain)
{
    uint64_t cells = 0;
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        cells += domain->sizes[a];
    }
    return cells;
}

uint64_t sil_model_cells_max(const struct sil_terms *terms)
{
    return (terms->max_model_mb << 20) / sizeof(double);
}

sil_status sil_certify(struct sil_epsilon *out, const struct sil_rho *cap,
                       const struct sil_delta *delta, const struct sil_epsilon *asked,
                       struct sil_error *err)
{
    sil_status status = sil_epsilon_of_rho(out, cap, delta, err);
    if (status != SIL_OK) {
        return status;
    }
    bool asked_holds = asked != NULL && mpq_cmp(out->v, asked->v) <= 0;
    sil_rational_ceil(out->v, out->v, CERTIFIED_BITS);
    if (asked_holds && mpq_cmp(out->v, asked->v) > 0) {
        mpq_set(out->v, asked->v);
    }
    return SIL_OK;
}

/* ---- options ---- */

static sil_status check_ranges(const struct sil_fit_options *options,
                               struct sil_error *err)
{
    if (options->struct_size != sizeof *options) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the options are not those of this version; start from "
                        "sil_fit_defaults()");
    }
    if (options->epsilon == NULL ||
        (options->delta == NULL && options->ledger == NULL)) {
        return sil_fail(err, SIL_ERR_USAGE, "both --epsilon and --delta are needed");
    }
    if (sil_mechanism_name(options->mechanism) == NULL) {
        return sil_fail(err, SIL_ERR_USAGE, "there is no such mechanism");
    }
    if (options->neighbours < SIL_NEIGHBOURS_UNSAID ||
        options->neighbours > SIL_REPLACE_ONE) {
        return sil_fail(err, SIL_ERR_USAGE, "there are no such neighbours");
    }
    if (options->max_cells == 0) {
        return sil_fail(err, SIL_ERR_USAGE, "--max-cells must be at least 1");
    }
    if (options->max_model_mb != SIL_MODEL_MB_DEFAULT &&
        (options->max_model_mb == 0 || options->max_model_mb > LARGEST_MODEL_MB)) {
        return sil_fail(err, SIL_ERR_USAGE, "--max-model-mb must be 1 to %d",
                        LARGEST_MODEL_MB);
    }
    return SIL_OK;
}

static bool is_budget(const struct sil_epsilon *epsilon)
{
    return mpq_sgn(epsilon->v) > 0 && mpq_cmp_ui(epsilon->v, LARGEST_EPSILON, 1) <= 0;
}

sil_status sil_terms_check(const struct sil_terms *terms, struct sil_error *err)
{
    const char *what = NULL;
    const char *name = terms->workload_name;
    if (terms->max_cells == 0) {
        what = "max-cells is 0";
    } else if (terms->max_model_mb == 0 || terms->max_model_mb > LARGEST_MODEL_MB) {
        what = "max-model-mb is out of range";
    } else if (!is_budget(&terms->epsilon)) {
        what = "the epsilon asked for is out of range";
    } else if ((terms->mechanism == SIL_MST && strcmp(name, "2") != 0) ||
               (terms->mechanism == SIL_INDEPENDENT && strcmp(name, "1") != 0)) {
        what = "its mechanism takes another workload";
    }
    return what == NULL
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INPUT, "a plan that cannot be: %s", what);
}

enum sil_neighbours sil_neighbours_meant(const struct sil_fit_options *options)
{
    if (options->ledger != NULL) {
        return sil_ledger_neighbours(options->ledger);
    }
    return options->neighbours == SIL_NEIGHBOURS_UNSAID ? SIL_ADD_REMOVE
                                                        : options->neighbours;
}

/* Unit and neighbours are the ledger's: runs that promise different things have no sum. */
static sil_status check_neighbours(const struct sil_fit_options *options,
                                   struct sil_error *err)
{
    enum sil_neighbours meant = sil_neighbours_meant(options);
    if (options->ledger == NULL) {
        return SIL_OK;
    }
    if (options->neighbours != SIL_NEIGHBOURS_UNSAID && options->neighbours != meant) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the ledger's genesis fixes the neighbours %s; %s cannot be "
                        "spent from it",
                        sil_neighbours_name(meant),
                        sil_neighbours_name(options->neighbours));
    }
    return SIL_OK;
}

static sil_status differs_from_genesis(const struct sil_privacy_unit *unit,
                                       const char *asked, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    SIL_TRY(sil_privacy_unit_print(&text, unit, err));
    status =
        sil_fail(err, SIL_ERR_USAGE,
                 "the ledger's genesis fixes the unit of privacy %.*s; %s cannot be "
                 "spent from it",
                 (int)text.length, (const char *)text.data, asked);

cleanup:
    sil_bytes_clear(&text);
    return status;
}

/* The unit that options mean: the ledger's, when there is one; the one said; or a row. */
static sil_status find_unit(struct sil_privacy_unit *out,
                            const struct sil_fit_options *options,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    const char *asked = options->unit;
    SIL_TRY(sil_privacy_unit_parse(out, asked == NULL ? "row" : asked, err));
    if (options->ledger != NULL) {
        const struct sil_privacy_unit fixed =
            sil_genesis_unit(&sil_ledger_chain(options->ledger)->genesis.genesis);
        if (asked != NULL && !sil_privacy_unit_equal(out, &fixed)) {
            return differs_from_genesis(&fixed, asked, err);
        }
        SIL_TRY(sil_privacy_unit_set(out, fixed.id_column, fixed.rows, err));
    }

cleanup:
    return status;
}

/* The id of a person must not be a column that is measured and written. */
static sil_status read_unit(struct sil_terms *terms, const struct sil_schema *schema,
                            const struct sil_fit_options *options,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    const char *column = NULL;
    SIL_TRY(find_unit(&terms->unit, options, err));
    column = terms->unit.id_column;
    if (column == NULL && options->drops_missing_ids) {
        return sil_fail(
            err, SIL_ERR_USAGE,
            "--drop-missing-ids is for a unit of privacy id:COLUMN:K; here it is "
            "one row");
    }
    if (column != NULL &&
        sil_schema_find(schema, column, strlen(column)) != UINT32_MAX) {
        return sil_fail(
            err, SIL_ERR_USAGE,
            "the schema has a field \"%.80s\", which tells people apart and "
            "must not reach the output: take it out of the schema",
            column);
    }
    terms->drops_missing_ids = options->drops_missing_ids;
    if (column != NULL) {
        sil_id_random(&terms->people_salt);
    }

cleanup:
    return status;
}

uint64_t sil_terms_sensitivity_squared(const struct sil_terms *terms)
{
    return sil_marginal_sensitivity_squared(terms->neighbours, terms->unit.rows);
}

uint64_t sil_terms_sensitivity(const struct sil_terms *terms)
{
    return sil_marginal_sensitivity(terms->neighbours, terms->unit.rows);
}

/* What is accepted here is written into the transcript and must be readable there. */
static sil_status check_length(mpq_srcptr value, const char *what,
                               struct sil_error *err)
{
    size_t length = mpz_sizeinbase(mpq_numref(value), 10) +
                    mpz_sizeinbase(mpq_denref(value), 10) + 1;
    if (length > SIL_RATIONAL_MAX) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "%s has too many digits: as a fraction it may have %d", what,
                        SIL_RATIONAL_MAX);
    }
    return SIL_OK;
}

/* A part of delta, by default a tenth, when there is something to discover. */
static sil_status read_discovery(struct sil_terms *terms,
                                 const struct sil_fit_options *options,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    const char *text = options->discovery_delta;
    if (text == NULL) {
        mpq_set_ui(terms->discovery.v, terms->n_open > 0, DISCOVERY_PART);
        mpq_canonicalize(terms->discovery.v);
        mpq_mul(terms->discovery.v, terms->discovery.v, terms->delta.v);
        return SIL_OK;
    }
    if (terms->n_open == 0) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--discovery-delta is for fields that the schema calls open; "
                        "it has none");
    }
    SIL_TRY(sil_rational_parse(terms->discovery.v, text, 0, "discovery-delta", err));
    if (mpq_sgn(terms->discovery.v) <= 0 ||
        mpq_cmp(terms->discovery.v, terms->delta.v) >= 0) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--discovery-delta is a part of --delta: it must be above 0 "
                        "and below it");
    }
    SIL_TRY(check_length(terms->discovery.v, "discovery-delta", err));
cleanup:
    return status;
}

/* What a ledger keeps for discoveries is fixed when it is opened: no later word adds to it,
 * so the sentence says how to open another. */
static sil_status check_discovery(const struct sil_terms *terms,
                                  const struct sil_fit_options *options,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    mpq_t left;
    mpq_init(left);
    if (terms->n_open == 0 || options->ledger == NULL) {
        goto cleanup;
    }
    const struct sil_chain *chain = sil_ledger_chain(options->ledger);
    mpq_sub(left, chain->genesis.genesis.cap_delta.v, chain->reserved_delta.v);
    if (mpq_cmp(terms->discovery.v, left) <= 0) {
        goto cleanup;
    }
    SIL_TRY(sil_bytes_printf(&text, err, "the ledger has "));
    SIL_TRY(sil_print_epsilon(&text, left, err));
    SIL_TRY(sil_bytes_printf(&text, err,
                             " of its delta left for discovery, and the open "
                             "fields of the schema ask for "));
    SIL_TRY(sil_print_epsilon(&text, terms->discovery.v, err));
    SIL_TRY(sil_bytes_printf(&text, err,
                             "; a new one keeps as much: " SIL_NEW_LEDGER
                             " --data-label LABEL --cap-epsilon %s "
                             "--cap-delta ",
                             options->epsilon));
    SIL_TRY(sil_print_epsilon(&text, terms->delta.v, err));
    SIL_TRY(sil_bytes_printf(&text, err, " --discovery-delta "));
    SIL_TRY(sil_print_epsilon(&text, terms->discovery.v, err));
    SIL_TRY(sil_bytes_append(&text, "", 1, err));
    status = sil_fail(err, SIL_ERR_BUDGET, "%s", (const char *)text.data);
cleanup:
    sil_bytes_clear(&text);
    mpq_clear(left);
    return status;
}

/* The cap follows from epsilon and delta without the part for discovery; the mechanism has
 * what the discoveries leave. Their noise and threshold must be such as can be had. */
static sil_status find_cap(struct sil_terms *terms, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_delta delta;
    struct sil_rho each;
    struct sil_discovery_plan plan;
    sil_delta_init(&delta);
    sil_rho_init(&each);
    sil_discovery_plan_init(&plan);
    sil_terms_zcdp_delta(&delta, terms);
    SIL_TRY(sil_rho_of_epsilon(&terms->cap, &terms->epsilon, &delta, err));
    SIL_TRY(sil_certify(&terms->certified, &terms->cap, &delta, &terms->epsilon, err));
    sil_terms_split_cap(&each, &terms->rest, terms, &terms->cap);
    if (terms->n_open > 0) {
        SIL_TRY(sil_discovery_plan_find(&plan, terms, err));
    }
    SIL_TRY(sil_learning_check_noise(terms, err));
cleanup:
    sil_discovery_plan_clear(&plan);
    sil_rho_clear(&each);
    sil_delta_clear(&delta);
    return status;
}

static sil_status read_budget(struct sil_terms *terms,
                              const struct sil_fit_options *options,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_rational_parse(terms->epsilon.v, options->epsilon, 0, "epsilon", err));
    if (options->delta != NULL) {
        SIL_TRY(sil_rational_parse(terms->delta.v, options->delta, 0, "delta", err));
    } else {
        mpq_set(terms->delta.v,
                sil_ledger_chain(options->ledger)->genesis.genesis.report_delta.v);
        if (terms->n_open > 0) {
            mpq_add(terms->delta.v, terms->delta.v,
                    sil_ledger_chain(options->ledger)->genesis.genesis.cap_delta.v);
        }
    }
    if (!is_budget(&terms->epsilon)) {
        status = sil_fail(err, SIL_ERR_USAGE, "epsilon must be above 0 and at most %d",
                          LARGEST_EPSILON);
        goto cleanup;
    }
    if (mpq_sgn(terms->delta.v) <= 0 || mpq_cmp_ui(terms->delta.v, 1, 1) >= 0) {
        status = sil_fail(err, SIL_ERR_USAGE, "delta must be above 0 and below 1");
        goto cleanup;
    }
    SIL_TRY(check_length(terms->epsilon.v, "epsilon", err));
    SIL_TRY(check_length(terms->delta.v, "delta", err));
    SIL_TRY(read_discovery(terms, options, err));
    SIL_TRY(check_discovery(terms, options, err));
    SIL_TRY(find_cap(terms, err));
cleanup:
    return status;
}

static sil_status prune(struct sil_terms *terms, const struct sil_domain *domain,
                        struct sil_error *err)
{
    return terms->mechanism == SIL_MOSAIC
               ? sil_mosaic_prune(&terms->workload.candidates, domain, err)
               : SIL_OK;
}

sil_status sil_terms_find_candidates(struct sil_terms *terms,
                                     const struct sil_domain *domain,
                                     struct sil_error *err)
{
    uint32_t k = (uint32_t)(terms->workload_name[0] - '0');
    uint64_t most = terms->mechanism == SIL_INDEPENDENT ? UINT64_MAX : terms->max_cells;
    if (terms->workload.candidates.n > 0) {
        return SIL_OK;
    }
    sil_status status = strcmp(terms->workload_name, SIL_WORKLOAD_IS_FILE) == 0
                            ? sil_workload_close(&terms->workload, domain, err)
                            : sil_workload_all(&terms->workload, domain, k, most, err);
    if (status == SIL_ERR_USAGE) {
        status = sil_fail_within(err, SIL_ERR_INPUT, "a plan that cannot be");
    }
    return status == SIL_OK ? prune(terms, domain, err) : status;
}

/* aim and mosaic take the workload that was asked for; the others choose among columns or
 * pairs whatever it says, and the terms tell so. */
static sil_status read_workload(struct sil_terms *terms,
                                const struct sil_schema *schema,
                                const struct sil_fit_options *options,
                                struct sil_error *err)
{
    const char *text = options->workload != NULL ? options->workload : "3";
    struct sil_domain domain = sil_schema_domain(schema);
    sil_status status = SIL_OK;

    if (terms->mechanism == SIL_AIM || terms->mechanism == SIL_MOSAIC) {
        (void)snprintf(terms->workload_name, sizeof terms->workload_name, "%s",
                       strlen(text) == 1 ? text : SIL_WORKLOAD_IS_FILE);
        status =
            sil_workload_open(&terms->workload, schema, text, terms->max_cells, err);
        return status == SIL_OK ? prune(terms, &domain, err) : status;
    }
    if (strlen(text) != 1 || text[0] < '1' || text[0] > '0' + SIL_WORKLOAD_ATTRS_MAX) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the mechanism %s takes no workload file; --workload must be a "
                        "number from 1 to %d",
                        sil_mechanism_name(terms->mechanism), SIL_WORKLOAD_ATTRS_MAX);
    }
    bool pairs = terms->mechanism == SIL_MST;
    (void)snprintf(terms->workload_name, sizeof terms->workload_name, "%d",
                   pairs ? 2 : 1);
    status = sil_workload_all(&terms->workload, &domain, pairs ? 2 : 1,
                              pairs ? terms->max_cells : UINT64_MAX, err);
    if (status != SIL_OK) {
        return sil_fail_within(err, status,
                               pairs ? "mst takes every pair of columns (--mechanism "
                                       "independent takes none)"
                                     : "the mechanism independent");
    }
    return SIL_OK;
}

sil_status sil_terms_check_columns(const struct sil_terms *terms,
                                   const struct sil_domain *domain,
                                   struct sil_error *err)
{
    uint64_t cells = sil_column_cells(domain);
    if (cells > sil_model_cells_max(terms)) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the columns alone need %" PRIu64 " cells, a model of %" PRIu64
                        " MB holds %" PRIu64 "; raise --max-model-mb",
                        cells, terms->max_model_mb, sil_model_cells_max(terms));
    }
    return SIL_OK;
}

/* A budget so small that the gate would refuse a measurement is found out here: after the
 * first measurement it would be a refusal that costs. */
static sil_status check_budget(const struct sil_terms *terms,
                               const struct sil_domain *domain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho least;
    struct sil_round round;
    uint64_t d2 = sil_terms_sensitivity_squared(terms);
    mpq_init(least.v);
    sil_round_init(&round);
    SIL_TRY(sil_least_cost(&least, terms, domain, err));
    SIL_TRY(sil_round_of_cost(&round, &least, d2, err));
cleanup:
    mpq_clear(least.v);
    sil_round_clear(&round);
    return status;
}

sil_status sil_terms_check_domain(const struct sil_terms *terms,
                                  const struct sil_domain *domain,
                                  struct sil_error *err)
{
    sil_status status = sil_terms_check_columns(terms, domain, err);
    return status == SIL_OK ? check_budget(terms, domain, err) : status;
}

/* Of columns that Mosaic's tree has no place for: their own size, and that of the tree. */
static uint64_t model_mb(enum sil_mechanism mechanism, const struct sil_domain *domain)
{
    const uint64_t in_one = (UINT64_C(1) << 20) / sizeof(double);
    uint64_t usual =
        mechanism == SIL_MOSAIC ? sil_mosaic_tree_mb(domain->n_attrs) : MODEL_MB;
    uint64_t columns = (sil_column_cells(domain) + in_one - 1) / in_one;
    uint64_t wanted = columns > usual ? columns + usual : usual;
    return wanted < MODEL_MB ? wanted : MODEL_MB;
}

sil_status sil_terms_of_options(struct sil_terms *terms,
                                const struct sil_schema *schema,
                                const struct sil_fit_options *options,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_domain domain = sil_schema_domain(schema);

    SIL_TRY(check_ranges(options, err));
    SIL_TRY(check_neighbours(options, err));
    SIL_TRY(read_unit(terms, schema, options, err));
    terms->mechanism = options->mechanism;
    terms->replay = sil_mechanism_replay(options->mechanism);
    terms->neighbours = sil_neighbours_meant(options);
    terms->max_cells = options->max_cells;
    terms->max_model_mb = options->max_model_mb;
    if (options->max_model_mb == SIL_MODEL_MB_DEFAULT) {
        terms->max_model_mb = model_mb(options->mechanism, &domain);
    }
    sil_terms_note_fields(terms, schema);
    SIL_TRY(read_budget(terms, options, err));
    SIL_TRY(read_workload(terms, schema, options, err));
    SIL_TRY(sil_terms_check_domain(terms, &domain, err));
    SIL_TRY(sil_learnt_sizes_check(&terms->most_cells, terms, schema, err));
cleanup:
    return status;
}
