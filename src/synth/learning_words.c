// SPDX-License-Identifier: Apache-2.0
#include "synth/learning_words.h"

#include "base/fail.h"
#include "codec/json.h"
#include "num/rational.h"
#include "synth/budget.h"
#include "synth/discovery_bins.h"
#include "synth/report.h"

#include <inttypes.h>

enum { NAMES_SHOWN = 8 };

static double sigma_of(const struct sil_terms *terms, const struct sil_rho *cost)
{
    struct sil_sigma2 sigma2;
    double sigma = 0;
    sil_sigma2_init(&sigma2);
    if (sil_noise_of_cost(&sigma2, cost, sil_terms_sensitivity_squared(terms), NULL) ==
        SIL_OK) {
        sigma = sil_standard_deviation(&sigma2);
    }
    sil_sigma2_clear(&sigma2);
    return sigma;
}

sil_status sil_learning_say_plan(struct sil_bytes *out, const struct sil_terms *terms,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho cost;
    sil_rho_init(&cost);
    const char *before = "private bins ";
    for (unsigned levels = 1; levels <= SIL_TREE_LEVELS_MAX; levels++) {
        uint32_t n = terms->n_learnt[levels];
        if (n == 0) {
            continue;
        }
        sil_level_cost(&cost, terms, &terms->cap, levels);
        SIL_TRY(sil_bytes_printf(out, err,
                                 "%s%" PRIu32 " field%s, each by %u count%s, "
                                 "each for rho ",
                                 before, n, n == 1 ? "" : "s", levels,
                                 levels == 1 ? "" : "s"));
        SIL_TRY(sil_print_epsilon(out, cost.v, err));
        SIL_TRY(sil_bytes_printf(out, err, " with noise of sigma %.2f",
                                 sigma_of(terms, &cost)));
        before = "; ";
    }
    if (sil_terms_n_learnt(terms) > 0) {
        SIL_TRY(sil_bytes_printf(out, err,
                                 "; cells below are as many bins as are wanted\n"));
    }
cleanup:
    sil_rho_clear(&cost);
    return status;
}

/* The field of a level that is the first of its field's. */
static bool begins_field(const struct sil_transcript *transcript, size_t i)
{
    const struct sil_release *level = transcript->level;
    return i == 0 || level[i - 1].clique.attr[0] != level[i].clique.attr[0];
}

sil_status sil_learning_say_claim(struct sil_bytes *out,
                                  const struct sil_transcript *transcript,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t n = 0;
    if (transcript->n_levels == 0) {
        return SIL_OK;
    }
    SIL_TRY(sil_bytes_printf(out, err, "within the guarantee, bins were learnt: "));
    for (size_t i = 0; i < transcript->n_levels; i++) {
        if (begins_field(transcript, i) && n++ < NAMES_SHOWN) {
            uint32_t attr = transcript->level[i].clique.attr[0];
            const struct sil_field *field = sil_schema_field(transcript->schema, attr);
            uint32_t cells = sil_schema_field_cells(transcript->schema, attr);
            SIL_TRY(sil_bytes_printf(out, err, "%s%" PRIu32 " of %s",
                                     n == 1 ? "" : ", ",
                                     cells - sil_field_n_extra(field),
                                     sil_schema_field_name(transcript->schema, attr)));
        }
    }
    if (n > NAMES_SHOWN) {
        SIL_TRY(sil_bytes_printf(out, err, " and of %" PRIu32 " more fields",
                                 n - NAMES_SHOWN));
    }
    SIL_TRY(sil_bytes_printf(out, err, "; "));
cleanup:
    return status;
}

sil_status sil_learning_say_noise(struct sil_bytes *out,
                                  const struct sil_transcript *transcript,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t sum;
    mpq_init(sum);
    for (size_t i = 0; i < transcript->n_levels; i++) {
        mpq_add(sum, sum, transcript->level[i].rho.v);
    }
    if (transcript->n_levels > 0) {
        SIL_TRY(sil_bytes_printf(
            out, err,
            "; %zu noisy count%s of intervals, from which bins were learnt (the same "
            "mechanism on marginals of one column in groups of values), D^2 = %lu, "
            "together rho ",
            transcript->n_levels, transcript->n_levels == 1 ? "" : "s",
            (unsigned long)transcript->level[0].sensitivity));
        SIL_TRY(sil_print_epsilon(out, sum, err));
    }
cleanup:
    mpq_clear(sum);
    return status;
}

sil_status sil_learning_say_levels(struct sil_bytes *out,
                                   const struct sil_transcript *transcript,
                                   struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (transcript->n_levels == 0) {
        return SIL_OK;
    }
    SIL_TRY(sil_bytes_printf(out, err, "Intervals counted, to learn bins:\n"));
    for (size_t i = 0; i < transcript->n_levels; i++) {
        const struct sil_release *level = &transcript->level[i];
        SIL_TRY(sil_bytes_printf(out, err, "  %9zu cells %9.2f           rho ",
                                 level->n_cells,
                                 sil_standard_deviation(&level->sigma2)));
        SIL_TRY(sil_print_epsilon(out, level->rho.v, err));
        SIL_TRY(sil_bytes_printf(
            out, err, "  %s\n",
            sil_schema_field_name(transcript->schema, level->clique.attr[0])));
    }
    if (transcript->n_discoveries == 0) {
        SIL_TRY(sil_bytes_printf(out, err, "Measured:\n"));
    }
cleanup:
    return status;
}

json_t *sil_learning_json_plan(const struct sil_terms *terms)
{
    json_t *list = json_array();
    struct sil_rho cost;
    int failed = 0;
    sil_rho_init(&cost);
    for (unsigned levels = 1; levels <= SIL_TREE_LEVELS_MAX; levels++) {
        if (terms->n_learnt[levels] > 0) {
            sil_level_cost(&cost, terms, &terms->cap, levels);
            failed |= json_array_append_new(
                list,
                json_pack("{s:I, s:I, s:o, s:f}", "fields",
                          (json_int_t)terms->n_learnt[levels], "levels",
                          (json_int_t)levels, "rho_of_each", sil_json_rational(cost.v),
                          "sigma", sigma_of(terms, &cost)));
        }
    }
    sil_rho_clear(&cost);
    if (failed != 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

json_t *sil_learning_json_level(const struct sil_transcript *transcript, size_t i)
{
    const struct sil_release *level = &transcript->level[i];
    return json_pack("{s:s, s:o, s:o, s:o, s:f, s:I}", "mechanism", "gaussian-tree",
                     "attributes", sil_json_columns(transcript->schema, &level->clique),
                     "rho", sil_json_rational(level->rho.v), "sigma_squared",
                     sil_json_rational(level->sigma2.v), "sigma",
                     sil_standard_deviation(&level->sigma2), "intervals",
                     (json_int_t)level->n_cells);
}
