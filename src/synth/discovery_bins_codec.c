// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "privacy/gauss.h"
#include "synth/budget.h"
#include "synth/discovery_bins.h"
#include "synth/release.h"

static const char TREE[] = "gaussian-tree";

enum { LEVEL_VALUES = 8, LARGEST_SHIFT = 16 };

sil_status sil_put_level(struct sil_bytes *out, const struct sil_release *level,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t value;
    mpq_init(value);
    SIL_TRY(sil_mp_put_array(out, LEVEL_VALUES, err));
    SIL_TRY(sil_mp_put_str(out, TREE, err));
    SIL_TRY(sil_put_clique(out, &level->clique, err));
    mpq_set_ui(value, level->sensitivity, 1);
    SIL_TRY(sil_put_rational(out, value, err));
    SIL_TRY(sil_put_rational(out, level->sigma2.v, err));
    SIL_TRY(sil_put_rational(out, level->rho.v, err));
    mpq_set_ui(value, 0, 1);
    SIL_TRY(sil_put_rational(out, value, err));
    SIL_TRY(sil_mp_put_uint(out, level->shift, err));
    SIL_TRY(sil_mp_put_i64s(out, level->noisy, level->n_cells, err));
cleanup:
    mpq_clear(value);
    return status;
}

/* ---- reading ---- */

static sil_status contradiction(struct sil_error *err, const char *what)
{
    return sil_fail(err, SIL_ERR_INPUT, "a tree of bins contradicts itself: %s", what);
}

static sil_status next_head(struct sil_mp_array *line, uint32_t attr,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool is_tree = false;
    struct sil_mp_array columns;
    uint64_t column = 0;
    SIL_TRY(sil_next_word(&is_tree, line, TREE, "the mechanism", err));
    if (!is_tree) {
        return contradiction(err, "a field's bins were not learnt first");
    }
    SIL_TRY(sil_mp_next_array(&columns, line, "the column", err));
    SIL_TRY(sil_mp_next_uint(&column, &columns, UINT32_MAX, "the column", err));
    SIL_TRY(sil_mp_end(&columns, err));
    if (column != attr) {
        status = contradiction(err, "it is not of the next field with private bins");
    }
cleanup:
    return status;
}

/* The next value, which must be `due`. */
static sil_status next_due(struct sil_mp_array *line, const mpq_t due, const char *what,
                           struct sil_error *err)
{
    mpq_t value;
    mpq_init(value);
    sil_status status = sil_next_rational(value, line, what, err);
    if (status == SIL_OK && mpq_equal(value, due) == 0) {
        status = contradiction(err, "its cost is not what the plan gives");
    }
    mpq_clear(value);
    return status;
}

/* `level` has the sensitivity, the variance and the cost that the terms give. */
static sil_status next_costs(const struct sil_release *level, struct sil_mp_array *line,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t shift = 0;
    mpq_t value;
    mpq_init(value);
    mpq_set_ui(value, level->sensitivity, 1);
    SIL_TRY(next_due(line, value, "the sensitivity", err));
    SIL_TRY(next_due(line, level->sigma2.v, "the variance", err));
    SIL_TRY(next_due(line, level->rho.v, "the cost", err));
    mpq_set_ui(value, 0, 1);
    SIL_TRY(next_due(line, value, "delta", err));
    SIL_TRY(sil_mp_next_uint(&shift, line, LARGEST_SHIFT, "the shift", err));
    if (shift != level->shift) {
        status = contradiction(err, "its shift does not follow from its variance");
    }
cleanup:
    mpq_clear(value);
    return status;
}

static sil_status next_level(struct sil_release *level, struct sil_mp_array *array,
                             struct sil_learning *learning, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array line;
    SIL_TRY(sil_mp_next_array(&line, array, "a level of a tree", err));
    SIL_TRY(next_head(&line, level->clique.attr[0], err));
    SIL_TRY(next_costs(level, &line, err));
    level->n_cells = sil_learning_cells(learning);
    SIL_TRY(sil_alloc(&level->noisy, level->n_cells, sizeof *level->noisy,
                      "a transcript", err));
    SIL_TRY(
        sil_mp_next_i64s(level->noisy, level->n_cells, &line, "the noisy counts", err));
    SIL_TRY(sil_mp_end(&line, err));
    SIL_TRY(sil_learning_take(learning, level->noisy, err));
cleanup:
    return status;
}

/* What the terms give for a level of a field's tree. */
static sil_status expect_level(struct sil_release *level, const struct sil_field *field,
                               uint32_t attr, const struct sil_terms *terms,
                               struct sil_error *err)
{
    level->kind = SIL_RELEASE_MEASURE;
    level->clique = sil_clique_single(attr);
    level->sensitivity = sil_terms_sensitivity_squared(terms);
    sil_level_cost(&level->rho, terms, &terms->cap, sil_tree_levels(field));
    sil_status status =
        sil_noise_of_cost(&level->sigma2, &level->rho, level->sensitivity, err);
    if (status != SIL_OK) {
        return sil_fail_within(err, SIL_ERR_INPUT, "a plan that cannot be");
    }
    level->shift = sil_gauss_shift_of(&level->sigma2);
    return SIL_OK;
}

/* `*level` is the place for the field's first, and becomes the one behind its last. */
static sil_status next_bins(struct sil_release **level, struct sil_mp_array *array,
                            struct sil_schema *schema, uint32_t attr,
                            const struct sil_terms *terms, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_field *field = sil_schema_field(schema, attr);
    struct sil_learning learning = {0};
    SIL_TRY(expect_level(*level, field, attr, terms, err));
    SIL_TRY(sil_learning_begin(&learning, field, &(*level)->sigma2, err));
    while (learning.level < learning.n_levels) {
        SIL_TRY(expect_level(*level, field, attr, terms, err));
        SIL_TRY(next_level(*level, array, &learning, err));
        (*level)++;
    }
    const struct sil_learnt learnt = sil_learning_result(&learning);
    SIL_TRY(sil_schema_settle_bins(schema, attr, &learnt, err));
cleanup:
    sil_learning_clear(&learning);
    return status;
}

sil_status sil_next_levels(struct sil_transcript *out, struct sil_mp_array *lines,
                           mpq_t sum, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_release *level;
    SIL_TRY(sil_transcript_make_levels(out, err));
    level = out->level;
    for (uint32_t f = 0; f < sil_schema_n_fields(out->schema); f++) {
        if (sil_field_learns_bins(sil_schema_field(out->schema, f))) {
            SIL_TRY(next_bins(&level, lines, out->schema, f, &out->terms, err));
        }
    }
    for (size_t i = 0; i < out->n_levels; i++) {
        mpq_add(sum, sum, out->level[i].rho.v);
    }
cleanup:
    return status;
}
