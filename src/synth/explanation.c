// SPDX-License-Identifier: Apache-2.0
#include "synth/explanation.h"

#include "base/fail.h"
#include "base/memory.h"
#include "synth/report.h"

#include <stdlib.h>

enum { VERSION = 1 };

/* What cannot be built for want of memory is noted, and found out at the end. */
struct sil_explanation {
    const struct sil_transcript *transcript;
    struct sil_domain domain;
    json_t *root;
    json_t *columns; ///< this and all below is the root's
    json_t *rounds;
    json_t *lines;
    json_t *round; ///< the one that lasts; NULL: none does
    const char *part;
    int failed;
};

/* ---- values ---- */

/* A score's units are 2^-SIL_SCORE_BITS counts. */
static json_t *json_counts(int64_t score)
{
    mpq_t counts;
    mpq_init(counts);
    mpq_set_si(counts, score, 1);
    mpq_div_2exp(counts, counts, SIL_SCORE_BITS);
    json_t *json = sil_json_rational(counts);
    mpq_clear(counts);
    return json;
}

static json_t *json_limit(uint64_t limit)
{
    return limit == SIL_NO_LIMIT ? json_null() : json_integer((json_int_t)limit);
}

static json_t *json_share(const struct sil_fraction *share)
{
    mpq_t value;
    mpq_init(value);
    mpq_set_ui(value, share->numerator, share->denominator);
    mpq_canonicalize(value);
    json_t *json = sil_json_rational(value);
    mpq_clear(value);
    return json;
}

static void set(struct sil_explanation *e, json_t *object, const char *name,
                json_t *value)
{
    e->failed |= json_object_set_new(object, name, value);
}

static void append(struct sil_explanation *e, json_t *array, json_t *value)
{
    e->failed |= json_array_append_new(array, value);
}

/* An empty array or object under `name` of the object, which owns it. */
static json_t *set_empty(struct sil_explanation *e, json_t *object, const char *name,
                         json_t *value)
{
    set(e, object, name, value);
    return json_object_get(object, name);
}

static json_t *json_marginal(struct sil_explanation *e, const struct sil_clique *clique)
{
    json_t *array = json_array();
    for (uint32_t k = 0; k < clique->n; k++) {
        append(e, array, json_integer(clique->attr[k]));
    }
    return array;
}

/* Into how many groups the values of each column of the line were taken. */
static json_t *json_groups(struct sil_explanation *e, const struct sil_release *line)
{
    json_t *array = json_array();
    for (uint32_t k = 0; k < line->clique.n; k++) {
        uint32_t n = line->of != NULL ? line->of[k].n_groups
                                      : e->domain.sizes[line->clique.attr[k]];
        append(e, array, json_integer(n));
    }
    return array;
}

/* ---- beginning and end ---- */

static void set_terms(struct sil_explanation *e, const uint8_t hash[SIL_HASH_BYTES])
{
    const struct sil_terms *terms = &e->transcript->terms;
    char hex[2 * SIL_HASH_BYTES + 1];
    sil_hash_hex(hex, hash);
    set(e, e->root, "kind", json_string("silhouette/explanation"));
    set(e, e->root, "version", json_integer(VERSION));
    set(e, e->root, "transcript_blake2b", json_string(hex));
    set(e, e->root, "mechanism", json_string(sil_mechanism_name(terms->mechanism)));
    set(e, e->root, "replay", json_integer(e->transcript->terms.replay));
    set(e, e->root, "neighbours", json_string(sil_neighbours_name(terms->neighbours)));
    set(e, e->root, "epsilon", sil_json_rational(terms->epsilon.v));
    set(e, e->root, "delta", sil_json_rational(terms->delta.v));
    set(e, e->root, "cap", sil_json_rational(terms->cap.v));
    set(e, e->root, "spent", sil_json_rational(e->transcript->spent.v));
    set(e, e->root, "most_cells", json_integer((json_int_t)sil_model_cells_max(terms)));
    set(e, e->root, "marginals",
        json_integer((json_int_t)terms->workload.candidates.n));
}

static void set_columns(struct sil_explanation *e)
{
    e->columns = set_empty(e, e->root, "columns", json_array());
    for (uint32_t a = 0; a < e->domain.n_attrs; a++) {
        const char *name = sil_schema_field_name(e->transcript->schema, a);
        append(e, e->columns,
               json_pack("{s:s, s:I}", "name", name, "cells",
                         (json_int_t)e->domain.sizes[a]));
    }
}

sil_status sil_explanation_new(struct sil_explanation **out,
                               const struct sil_transcript *transcript,
                               const uint8_t hash[SIL_HASH_BYTES],
                               struct sil_error *err)
{
    sil_status status = sil_alloc(out, 1, sizeof **out, "an explanation", err);
    if (status != SIL_OK) {
        return status;
    }
    struct sil_explanation *e = *out;
    e->transcript = transcript;
    e->domain = sil_schema_domain(transcript->schema);
    e->part = "columns";
    e->root = json_object();
    set_terms(e, hash);
    set_columns(e);
    if (transcript->terms.mechanism == SIL_MST) {
        (void)set_empty(e, e->root, "edges", json_array());
    }
    e->rounds = set_empty(e, e->root, "rounds", json_array());
    e->lines = set_empty(e, e->root, "lines", json_array());
    return SIL_OK;
}

void sil_explanation_free(struct sil_explanation *e)
{
    if (e != NULL) {
        json_decref(e->root);
        free(e);
    }
}

sil_status sil_explanation_finish(char **text, struct sil_explanation *e,
                                  struct sil_error *err)
{
    json_t *root = e->root;
    int failed = e->failed;
    free(e);
    return sil_json_finish(text, root, failed, err);
}

/* ---- what mechanisms tell ---- */

void sil_explain_part(struct sil_explanation *e, const char *part)
{
    if (e != NULL) {
        e->part = part;
        e->round = NULL;
    }
}

void sil_explain_round(struct sil_explanation *e, const struct sil_round_plan *plan)
{
    if (e == NULL) {
        return;
    }
    json_t *round = json_object();
    append(e, e->rounds, round);
    set(e, round, "round", json_integer((json_int_t)json_array_size(e->rounds)));
    set(e, round, "part", json_string(e->part));
    if (e->transcript->terms.mechanism != SIL_MST) { /* which ends when it must */
        set(e, round, "last", json_boolean(plan->is_last));
    }
    set(e, round, "cost", sil_json_rational(plan->cost->v));
    set(e, round, "epsilon", sil_json_rational(plan->epsilon->v));
    set(e, round, "sigma_squared", sil_json_rational(plan->sigma2->v));
    set(e, round, "most_cells", json_limit(plan->most_cells));
    set(e, round, "worthwhile_cells", json_limit(plan->worthwhile_cells));
    set(e, round, "candidates", json_integer((json_int_t)plan->n_candidates));
    set(e, round, "lines", json_array());
    e->round = round;
}

void sil_explain_moved(struct sil_explanation *e, int64_t moved, bool is_annealed)
{
    if (e != NULL) {
        set(e, e->round, "moved", json_counts(moved));
        set(e, e->round, "annealed", json_boolean(is_annealed));
    }
}

void sil_explain_split(struct sil_explanation *e, const struct sil_rho *cost,
                       uint32_t n)
{
    if (e == NULL) {
        return;
    }
    json_t *split = set_empty(e, e->root, "split", json_array());
    for (uint32_t a = 0; a < n; a++) {
        append(e, split, sil_json_rational(cost[a].v));
    }
}

static json_t *json_settings(struct sil_explanation *e,
                             const struct sil_mosaic_settings *settings,
                             const struct sil_fraction *again)
{
    json_t *parts = json_array();
    for (uint32_t i = 0; i < settings->n_parts; i++) {
        append(e, parts, json_integer(settings->part[i]));
    }
    return json_pack("{s:o, s:o*, s:o, s:I, s:o}", "columns",
                     json_share(&settings->columns), "columns_again",
                     again->numerator > 0 ? json_share(again) : NULL, "tables",
                     json_share(&settings->late), "table_rounds",
                     (json_int_t)settings->late_rounds, "parts", parts);
}

void sil_explain_levels(struct sil_explanation *e, const struct sil_mosaic *mosaic)
{
    if (e == NULL) {
        return;
    }
    set(e, e->root, "settings", json_settings(e, &mosaic->settings, &mosaic->again));
    for (uint32_t a = 0; a < e->domain.n_attrs; a++) {
        const struct sil_levels *levels = &mosaic->columns[a].levels;
        json_t *sizes =
            set_empty(e, json_array_get(e->columns, a), "levels", json_array());
        for (uint32_t i = 0; i < levels->n; i++) {
            append(e, sizes, json_integer(levels->level[i].n_groups));
        }
    }
}

void sil_explain_shares(struct sil_explanation *e, const struct sil_rho *first,
                        const struct sil_rho *late)
{
    if (e != NULL) {
        set(e, e->root, "first_round", sil_json_rational(first->v));
        set(e, e->root, "tables", sil_json_rational(late->v));
    }
}

/* ---- lines ---- */

static json_t *add_line(struct sil_explanation *e, const struct sil_release *line,
                        const struct sil_rho *spent)
{
    json_t *json = json_object();
    bool measures = line->kind == SIL_RELEASE_MEASURE;
    append(e, e->lines, json);
    json_t *number = json_integer((json_int_t)json_array_size(e->lines));
    if (e->round != NULL) {
        e->failed |= json_array_append(json_object_get(e->round, "lines"), number);
    }
    set(e, json, "line", number);
    set(e, json, "part", json_string(e->part));
    set(e, json, "round",
        e->round == NULL ? json_null()
                         : json_integer((json_int_t)json_array_size(e->rounds)));
    set(e, json, "kind", json_string(measures ? "measure" : "choose"));
    set(e, json, "marginal", json_marginal(e, &line->clique));
    set(e, json, "groups", json_groups(e, line));
    set(e, json, "rho", sil_json_rational(line->rho.v));
    set(e, json, "spent", sil_json_rational(spent->v));
    return json;
}

void sil_explain_measured(struct sil_explanation *e, const struct sil_release *line,
                          const struct sil_rho *spent)
{
    if (e != NULL) {
        json_t *json = add_line(e, line, spent);
        set(e, json, "sigma_squared", sil_json_rational(line->sigma2.v));
    }
}

/* How many candidates have one column, two, and so on. */
static json_t *json_by_columns(struct sil_explanation *e,
                               const struct sil_candidate *candidates, size_t n)
{
    size_t count[SIL_WORKLOAD_ATTRS_MAX] = {0};
    uint32_t most = 0;
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++) {
        uint32_t n_attrs = sil_counts_clique(candidates[i].counts)->n;
        count[n_attrs - 1]++;
        most = n_attrs > most ? n_attrs : most;
    }
    for (uint32_t k = 0; k < most; k++) {
        append(e, array, json_integer((json_int_t)count[k]));
    }
    return array;
}

void sil_explain_chosen(struct sil_explanation *e, const struct sil_release *line,
                        const struct sil_candidate *candidates,
                        const struct sil_rho *spent)
{
    if (e == NULL) {
        return;
    }
    const struct sil_candidate *chosen = &candidates[line->chosen];
    json_t *json = add_line(e, line, spent);
    set(e, json, "epsilon", sil_json_rational(line->epsilon.v));
    set(e, e->round, "allowed", json_integer((json_int_t)line->n_candidates));
    set(e, e->round, "allowed_by_columns",
        json_by_columns(e, candidates, line->n_candidates));
    set(e, e->round, "sensitivity", json_integer((json_int_t)line->sensitivity));
    set(e, e->round, "chosen", json_integer((json_int_t)line->chosen));
    set(e, e->round, "marginal", json_marginal(e, &line->clique));
    set(e, e->round, "groups", json_groups(e, line));
    set(e, e->round, "weight", json_integer(chosen->weight));
    set(e, e->round, "penalty", json_counts(chosen->penalty));
    json_t *edges = json_object_get(e->root, "edges");
    if (edges != NULL) {
        append(e, edges, json_marginal(e, &line->clique));
    }
}
