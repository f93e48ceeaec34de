// SPDX-License-Identifier: Apache-2.0
#include "made_kit.h"

#include "model/tilt.h"
#include "support/property.h"
#include "support/seeded_rng.h"
#include "synth_kit.h"
#include "table/field.h"
#include "table/schema.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char SCHEMA[] =
    "{\"fields\": ["
    "{\"name\": \"age\", \"type\": \"integer\", \"constraints\": {\"required\": true},"
    " \"silhouette\": {\"bins\": [0, 5, 10, 15, 20]}},"
    "{\"name\": \"sex\", \"type\": \"string\", \"categories\": [\"F\", \"M\"]},"
    "{\"name\": \"region of birth\", \"type\": \"string\","
    " \"categories\": [\"a\", \"b\", \"c\"], \"constraints\": {\"required\": true},"
    " \"silhouette\": {\"outside\": \"other\", \"other\": \"z\"}},"
    "{\"name\": \"day\", \"type\": \"date\", \"constraints\": {\"required\": true,"
    " \"minimum\": \"2020-01-01\", \"maximum\": \"2020-01-10\"},"
    " \"silhouette\": {\"bins\": 3}}]}";

struct sil_schema *made_schema(void)
{
    struct sil_schema *schema = NULL;
    struct sil_error err = {{0}};
    cr_assert_eq(sil_schema_parse(&schema, SCHEMA, sizeof SCHEMA - 1, &err), SIL_OK,
                 "%s", err.text);
    return schema;
}

/* Columns that tell of each other. */
static struct test_file table(void)
{
    static const char *const SEXES[] = {"F", "M", ""};
    static const char *const REGIONS[] = {"a", "b", "c", "q"};
    struct test_random random = {.state = 11};
    struct sil_bytes text = {0};
    cr_assert_eq(sil_bytes_printf(&text, NULL, "age,sex,region of birth,day\n"),
                 SIL_OK);
    for (int row = 0; row < 3000; row++) {
        uint64_t age = test_below(&random, 3) == 0 ? test_below(&random, N_AGES)
                                                   : 11 + test_below(&random, 6);
        uint64_t sex = test_below(&random, 4) == 0 ? test_below(&random, 3) : age % 2;
        uint64_t region =
            test_below(&random, 3) == 0 ? test_below(&random, 4) : age / 6;
        uint64_t day = 1 + (age + region + test_below(&random, 3)) % N_DAYS;
        cr_assert_eq(sil_bytes_printf(&text, NULL, "%u,%s,%s,2020-01-%02u\n",
                                      (unsigned)age, SEXES[sex], REGIONS[region],
                                      (unsigned)day),
                     SIL_OK);
    }
    struct test_file file = test_file_new(text.data, text.length);
    sil_bytes_clear(&text);
    return file;
}

struct sil_model *made_model(enum sil_mechanism mechanism)
{
    struct sil_model *model = NULL;
    struct sil_error err = {{0}};
    struct sil_schema *schema = made_schema();
    struct test_file file = table();
    struct sil_fit_options options = kit_options(mechanism, "4");
    cr_assert_eq(
        sil_model_fit_with(&model, file.path, schema, &options, seeded_rng(3), &err),
        SIL_OK, "%s", err.text);
    test_file_remove(&file);
    sil_schema_free(schema);
    return model;
}

struct made_row made_row_at(const struct sil_schema *schema, size_t i, size_t *cell)
{
    struct sil_domain domain = sil_schema_domain(schema);
    struct made_row row;
    uint32_t code[N_COLUMNS];
    char text[16];
    row.value[DAY] = (int)(i % N_DAYS);
    i /= N_DAYS;
    row.value[REGION] = (int)(i % N_REGIONS);
    i /= N_REGIONS;
    row.value[SEX] = (int)(i % N_SEXES);
    row.value[AGE] = (int)(i / N_SEXES);

    int n = snprintf(text, sizeof text, "%d", row.value[AGE]);
    code[AGE] = sil_field_encode(sil_schema_field(schema, AGE), text, (size_t)n);
    code[SEX] = (uint32_t)row.value[SEX];
    code[REGION] = (uint32_t)row.value[REGION];
    n = snprintf(text, sizeof text, "2020-01-%02d", 1 + row.value[DAY]);
    code[DAY] = sil_field_encode(sil_schema_field(schema, DAY), text, (size_t)n);
    *cell = 0;
    for (int a = 0; a < N_COLUMNS; a++) {
        *cell = *cell * domain.sizes[a] + code[a];
    }
    return row;
}

void made_joint(double out[MADE_CELLS], const struct sil_model *model,
                const struct sil_graphical_model *tree, const double *const *opening)
{
    const struct sil_clique all = {
        N_COLUMNS, {AGE, SEX, REGION, DAY}
    };
    const struct sil_domain *groups = sil_model_tree_domain(model);
    const struct sil_mosaic *m = model->mosaic;
    double *table = calloc(sil_clique_cells(groups, &all), sizeof *table);
    cr_assert_eq(sil_gm_marginal(table, tree, &all, NULL), SIL_OK);
    for (size_t cell = 0; cell < MADE_CELLS; cell++) {
        double within = 1;
        size_t left = cell;
        size_t at = 0;
        size_t step = 1;
        for (uint32_t a = N_COLUMNS; a-- > 0;) {
            uint32_t code = (uint32_t)(left % model->domain.sizes[a]);
            left /= model->domain.sizes[a];
            uint32_t group = m == NULL ? code : sil_group_of(&m->of[a], code);
            double mass = 0;
            for (uint32_t v = 0; m != NULL && v < model->domain.sizes[a]; v++) {
                mass += sil_group_of(&m->of[a], v) == group ? opening[a][v] : 0;
            }
            within *= m == NULL ? 1 : mass > 0 ? opening[a][code] / mass : 0;
            at += group * step;
            step *= groups->sizes[a];
        }
        out[cell] = table[at] / sil_gm_total(tree) * within;
    }
    free(table);
}

/* What of its bin's mass a value has: that under the straight line of the bin. */
static double share_of(const struct sil_schema *schema, uint32_t attr, int value)
{
    const struct sil_bins *bins = &sil_schema_field(schema, attr)->bins;
    sil_i128 number = attr == DAY ? bins->first + value : value;
    uint32_t bin = sil_bins_find(bins, number);
    struct sil_lattice points = sil_bins_points(bins, bin);
    double slope = bins->slope == NULL ? 0 : (double)bins->slope[bin] / SIL_SLOPE_ONE;
    double n = (double)points.n;
    double from = (double)(number - bins->anchor - points.from) / n;
    double to = from + 1 / n;
    return to - from - slope / 2 * (to * (1 - to) - from * (1 - from));
}

void made_law(double out[MADE_VALUES], const struct sil_model *model)
{
    double joint[MADE_CELLS];
    const struct sil_schema *schema = model->transcript.schema;
    size_t cell;
    made_joint(joint, model, sil_model_tree(model),
               model->mosaic == NULL ? NULL : model->mosaic->p);
    for (size_t i = 0; i < MADE_VALUES; i++) {
        struct made_row row = made_row_at(schema, i, &cell);
        out[i] = joint[cell] * share_of(schema, AGE, row.value[AGE]) *
                 share_of(schema, DAY, row.value[DAY]);
    }
}

/* ---- the law of the rows that are worked out ---- */

struct weights {
    double fine[N_COLUMNS][8];
    double coarse[N_COLUMNS][8];
    const double *tilt[N_COLUMNS];
    double opening[N_COLUMNS][8];
    const double *column[N_COLUMNS];
};

static void weigh(struct weights *w, const struct sil_made *made, size_t box)
{
    const struct sil_mosaic *m = made->model->mosaic;
    for (uint32_t a = 0; a < N_COLUMNS; a++) {
        for (uint32_t v = 0; m != NULL && v < made->model->domain.sizes[a]; v++) {
            w->opening[a][v] = m->p[a][v];
        }
        w->column[a] = w->opening[a];
    }
    for (size_t i = 0; i < made->n_columns; i++) {
        sil_made_weights(w->fine[i], w->coarse[i], made, box, i);
        w->tilt[i] = w->coarse[i];
        for (uint32_t v = 0; m != NULL && v < made->columns[i].n_codes; v++) {
            w->opening[made->attrs[i]][v] *= w->fine[i][v];
        }
    }
}

static void add_box(double out[MADE_CELLS], const struct sil_made *made,
                    struct sil_tilt *tilt, size_t box)
{
    struct weights w;
    double joint[MADE_CELLS];
    if (made->part[box] <= 0) {
        return;
    }
    weigh(&w, made, box);
    cr_assert(isfinite(sil_tilt_set(tilt, w.tilt, made->fair_log)));
    made_joint(joint, made->model, sil_tilt_model(tilt), w.column);
    for (size_t cell = 0; cell < MADE_CELLS; cell++) {
        out[cell] += made->part[box] * joint[cell];
    }
}

void made_law_of(double out[MADE_CELLS], const struct sil_made *made)
{
    struct sil_tilt *tilt = NULL;
    cr_assert_eq(sil_tilt_new(&tilt, sil_model_tree(made->model), made->attrs,
                              made->n_columns, sil_made_joint(made), 1, NULL),
                 SIL_OK);
    (void)memset(out, 0, MADE_CELLS * sizeof *out);
    for (size_t b = 0; b < made->boxes.n; b++) {
        add_box(out, made, tilt, b);
    }
    sil_tilt_free(tilt);
}

struct sil_made *made_make(const struct sil_model *model, const char *where,
                           const char *const *rebalance, size_t n, const char *fair)
{
    struct sil_made *made = NULL;
    struct sil_error err = {{0}};
    struct sil_sample_fault fault;
    struct sil_sample_options options = sil_sample_defaults();
    options.where = where;
    options.rebalance = rebalance;
    options.n_rebalance = n;
    options.fair = fair;
    cr_assert_eq(sil_made_new(&made, model, &options, &fault, &err), SIL_OK, "%s: %s",
                 where, err.text);
    return made;
}
