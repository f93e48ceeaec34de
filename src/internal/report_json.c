// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "internal/documents.h"
#include "internal/label.h"
#include "synth/model_object.h"

#include "silhouette/version.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

enum { DIGITS = 6 };

/* Every function here gives NULL when there is no memory, and json_pack then too. */

static json_t *whole(uint64_t n)
{
    return json_integer((json_int_t)n);
}

static json_t *number(double value)
{
    return isnan(value) ? json_null() : json_real(value);
}

static json_t *figure(const struct sil_figure *figure)
{
    return json_pack("{s:o, s:o}", "value", number(figure->value), "reference",
                     number(figure->reference));
}

static json_t *name_of(const struct sil_comparison *c, uint32_t column)
{
    return json_string(sil_schema_field_name(c->schema, column));
}

static json_t *label(const struct sil_comparison *c, uint32_t column, uint32_t code)
{
    struct sil_bytes text = {0};
    bool is_null;
    json_t *out = NULL;
    if (sil_cell_label(&text, &is_null, c->schema, column, code, NULL) == SIL_OK) {
        out = is_null ? json_null()
                      : json_stringn(text.length > 0 ? (const char *)text.data : "",
                                     text.length);
    }
    sil_bytes_clear(&text);
    return out;
}

/* An array of what `make` gives for 0 .. n - 1. */
static json_t *list(size_t n, json_t *(*make)(const void *context, size_t i),
                    const void *context)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n && array != NULL; i++) {
        if (json_array_append_new(array, make(context, i)) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}

/* ---- what was compared ---- */

struct outsiders {
    const struct sil_comparison *c;
    const struct sil_rows *rows;
};

static json_t *outsiders_of(const void *context, size_t i)
{
    const struct outsiders *all = context;
    const struct sil_outsiders *outside = &all->rows->outside[i];
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "column",
                     name_of(all->c, (uint32_t)i), "moved", whole(outside->moved),
                     "other", whole(outside->other), "null", whole(outside->null),
                     "dropped", whole(outside->dropped));
}

static json_t *rows_of(const struct sil_comparison *c, const struct sil_rows *rows)
{
    const struct outsiders context = {c, rows};
    return json_pack(
        "{s:o, s:o, s:o, s:o}", "read", whole(rows->n_read), "dropped",
        whole(rows->n_dropped), "compared", whole(rows->codes.n_rows), "outside",
        rows->outside == NULL ? json_null()
                              : list(c->domain.n_attrs, outsiders_of, &context));
}

static json_t *synthetic_of(const struct sil_comparison *c)
{
    json_t *out = rows_of(c, &c->synthetic);
    bool has_seed = !c->from_file && c->sample.has_seed;
    json_t *more = json_pack(
        "{s:s, s:o, s:o}", "source", c->from_file ? "file" : "model", "chosen_rows",
        c->from_file || c->sample.n_rows == 0 ? json_null() : whole(c->sample.n_rows),
        "chosen_seed", has_seed ? whole(c->sample.seed) : json_null());
    if (out == NULL || more == NULL || json_object_update(out, more) != 0) {
        json_decref(out);
        out = NULL;
    }
    json_decref(more);
    return out;
}

static json_t *model_of(const struct sil_model *model)
{
    char hex[2 * SIL_HASH_BYTES + 1];
    for (size_t i = 0; i < SIL_HASH_BYTES; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", model->hash[i]);
    }
    return json_pack("{s:s, s:s, s:s}", "transcript", hex, "mechanism",
                     sil_mechanism_name(model->transcript.terms.mechanism), "claim",
                     sil_model_claim(model));
}

/* ---- marginals ---- */

static json_t *way_of(const void *context, size_t i)
{
    const struct sil_way *way = &((const struct sil_comparison *)context)->way[i];
    return json_pack("{s:i, s:o, s:o, s:b, s:o, s:o, s:o, s:o}", "columns", (int)i + 1,
                     "all", whole(way->n_all), "compared", whole(way->n_compared),
                     "sampled", (int)way->is_sample, "too_large",
                     whole(way->n_too_large), "in_mean", whole(way->n_mean), "mean_tvd",
                     figure(&way->mean), "largest_tvd", figure(&way->most));
}

static json_t *column_of(const void *context, size_t i)
{
    const struct sil_comparison *c = context;
    const struct sil_column_figures *column = &c->column[i];
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "column", name_of(c, (uint32_t)i),
                     "cells", whole(c->domain.sizes[i]), "tvd_1way",
                     figure(&column->way[0]), "tvd_2way", figure(&column->way[1]),
                     "tvd_3way", figure(&column->way[2]));
}

struct off {
    const struct sil_comparison *c;
    const struct sil_off_marginal *marginal;
    const struct sil_off_cell *cell;
};

static json_t *off_name(const void *context, size_t i)
{
    const struct off *off = context;
    return name_of(off->c, off->marginal->clique.attr[i]);
}

static json_t *off_value(const void *context, size_t i)
{
    const struct off *off = context;
    const struct sil_clique *clique = &off->marginal->clique;
    uint32_t code[SIL_CLIQUE_MAX];
    sil_cell_codes(code, off->cell->cell, &off->c->domain, clique);
    return label(off->c, clique->attr[i], code[i]);
}

static json_t *off_cell(const void *context, size_t i)
{
    struct off off = *(const struct off *)context;
    off.cell = &off.marginal->cell[i];
    return json_pack("{s:o, s:o, s:o, s:o}", "values",
                     list(off.marginal->clique.n, off_value, &off), "true_rows",
                     whole(off.cell->n_true), "synthetic_rows",
                     whole(off.cell->n_synthetic), "share_difference",
                     figure(&off.cell->difference));
}

static json_t *off_marginal(const struct sil_comparison *c,
                            const struct sil_off_marginal *marginal)
{
    const struct off off = {c, marginal, NULL};
    return json_pack(
        "{s:o, s:o, s:o}", "columns", list(marginal->clique.n, off_name, &off), "tvd",
        figure(&marginal->distance), "cells", list(marginal->n_cells, off_cell, &off));
}

static json_t *worst_column(const void *context, size_t i)
{
    const struct sil_comparison *c = context;
    return off_marginal(c, &c->columns.item[i]);
}

static json_t *worst_pair(const void *context, size_t i)
{
    const struct sil_comparison *c = context;
    return off_marginal(c, &c->pairs.item[i]);
}

/* ---- score and groups ---- */

static json_t *part_of(const void *context, size_t i)
{
    const struct sil_score *score = context;
    return json_pack("{s:i, s:o, s:o}", "percent", (int)score->percent[i], "rows",
                     whole(score->n_rows[i]), "score", number(score->part_score[i]));
}

static json_t *score_of(const struct sil_comparison *c)
{
    static const char *const PLACES[] = {
        [SIL_BELOW] = "below", [SIL_BETWEEN] = "at", [SIL_ABOVE] = "above"};
    const struct sil_score *score = &c->score;
    if (score->n_marginals == 0) {
        return json_null();
    }
    return json_pack(
        "{s:i, s:o, s:o, s:o, s:{s:s, s:o}, s:o}", "k", 3, "marginals",
        whole(score->n_marginals), "too_large", whole(c->way[2].n_too_large), "score",
        figure(&score->score), "same_as", "place", PLACES[score->place], "percent",
        number(score->same_as), "subsamples", list(score->n_parts, part_of, score));
}

struct grouping {
    const struct sil_comparison *c;
    const struct sil_group_list *list;
};

static json_t *group_of(const void *context, size_t i)
{
    const struct grouping *grouping = context;
    const struct sil_group *group = &grouping->list->group[i];
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "value",
                     label(grouping->c, grouping->list->column, group->code),
                     "true_rows", whole(group->n_true), "synthetic_rows",
                     whole(group->n_synthetic), "share_difference",
                     figure(&group->share), "tvd_1way", figure(&group->distance[0]),
                     "tvd_2way", figure(&group->distance[1]));
}

static json_t *grouping_of(const void *context, size_t i)
{
    const struct sil_comparison *c = context;
    const struct grouping grouping = {c, &c->grouping[i]};
    return json_pack("{s:o, s:o}", "column", name_of(c, grouping.list->column),
                     "groups", list(grouping.list->n, group_of, &grouping));
}

/* ---- the whole ---- */

static json_t *reference_of(const struct sil_comparison *c)
{
    return json_pack("{s:s, s:i, s:o}", "kind",
                     "rows drawn from the true table with replacement", "tables",
                     (int)SIL_RESAMPLES, "rows", whole(c->synthetic.codes.n_rows));
}

static json_t *make_report(const struct sil_comparison *c)
{
    return json_pack(
        "{s:s, s:s, s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
        "notice", SIL_REPORT_NOTICE, "format", "silhouette/internal-report", "version",
        1, "silhouette", sil_version(), "warning", SIL_REPORT_WARNING, "model",
        model_of(c->model), "true", rows_of(c, &c->truth), "synthetic", synthetic_of(c),
        "reference", reference_of(c), "marginals", list(SIL_REPORT_WAYS, way_of, c),
        "columns", list(c->domain.n_attrs, column_of, c), "worst_columns",
        list(c->columns.n, worst_column, c), "worst_pairs",
        list(c->pairs.n, worst_pair, c), "k_marginal", score_of(c), "groups",
        list(c->n_groupings, grouping_of, c));
}

sil_status sil_report_json(struct sil_bytes *out,
                           const struct sil_comparison *comparison,
                           struct sil_error *err)
{
    json_t *report = make_report(comparison);
    size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(DIGITS);
    char *text = report == NULL ? NULL : json_dumps(report, flags);
    sil_status status =
        text == NULL ? sil_fail(err, SIL_ERR_INTERNAL, "out of memory: the report")
                     : sil_bytes_printf(out, err, "%s\n", text);
    free(text);
    json_decref(report);
    return status;
}
