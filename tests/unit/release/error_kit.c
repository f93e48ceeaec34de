// SPDX-License-Identifier: Apache-2.0
#include "error_kit.h"

#include "base/file.h"
#include "synth/sample.h"
#include "unit/synth/synth_kit.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

/* The values of these tables are their codes. */
static struct sil_codes read_truth(const struct sil_model *model,
                                   const struct test_file *file, size_t n_rows)
{
    struct sil_codes truth;
    struct sil_bytes text = {0};
    cr_assert_eq(sil_file_read(&text, file->path, (size_t)1 << 28, NULL), SIL_OK);
    cr_assert_eq(sil_bytes_append(&text, "", 1, NULL), SIL_OK);
    cr_assert_eq(sil_codes_init(&truth, &model->domain, n_rows, NULL), SIL_OK);
    char *next = (char *)text.data;
    while (*next != '\n') {
        next++;
    }
    for (size_t row = 0; row < n_rows; row++) {
        for (uint32_t a = 0; a < truth.n_attrs; a++) {
            sil_codes_set(&truth, a, row, (uint32_t)strtoul(next + 1, &next, 10));
        }
    }
    sil_bytes_clear(&text);
    return truth;
}

struct error_case error_case_of(const uint32_t *cells, uint32_t n, size_t n_rows,
                                uint64_t seed, const struct sil_fit_options *options)
{
    struct error_case c = {0};
    const struct sil_sample_options sample = sil_sample_defaults();
    c.model = kit_model(cells, n, n_rows, seed, options);
    struct test_file file = kit_table(cells, n, n_rows, seed);
    c.truth = read_truth(c.model, &file, n_rows);
    test_file_remove(&file);
    cr_assert_eq(sil_rows_draw(&c.rows, NULL, c.model, &sample, NULL), SIL_OK);
    cr_assert_eq(sil_error_bounds_find(&c.bounds, c.model, &c.rows, NULL), SIL_OK);
    return c;
}

struct error_case error_case_new(const uint32_t *cells, uint32_t n, size_t n_rows,
                                 uint64_t seed, enum sil_mechanism mechanism,
                                 const char *epsilon)
{
    const struct sil_fit_options options = kit_options(mechanism, epsilon);
    return error_case_of(cells, n, n_rows, seed, &options);
}

void error_case_clear(struct error_case *c)
{
    sil_error_bounds_clear(&c->bounds);
    sil_codes_clear(&c->rows);
    sil_codes_clear(&c->truth);
    sil_model_free(c->model);
}

/* The groupings that the bound's line has of the bound's columns. */
static void find_groups(struct sil_grouping of[2], const struct error_case *c,
                        const struct sil_error_bound *bound)
{
    const struct sil_release *line = &c->model->transcript.line[bound->line];
    for (uint32_t k = 0; k < bound->clique.n; k++) {
        of[k] = sil_grouping_identity(c->model->domain.sizes[bound->clique.attr[k]]);
        for (uint32_t m = 0; bound->kind == SIL_BOUND_GROUPED && m < line->clique.n;
             m++) {
            if (line->clique.attr[m] == bound->clique.attr[k] && line->of != NULL) {
                of[k] = line->of[m];
            }
        }
    }
}

static void add_shares(double *share, const struct sil_codes *rows,
                       const struct sil_clique *clique, const struct sil_grouping *of,
                       double sign)
{
    for (size_t row = 0; row < rows->n_rows; row++) {
        size_t cell = 0;
        for (uint32_t k = 0; k < clique->n; k++) {
            cell = cell * of[k].n_groups +
                   sil_group_of(&of[k], sil_codes_get(rows, clique->attr[k], row));
        }
        share[cell] += sign / (double)rows->n_rows;
    }
}

double error_of(const struct error_case *c, const struct sil_error_bound *bound)
{
    double share[10000] = {0};
    double sum = 0;
    struct sil_grouping of[2];
    find_groups(of, c, bound);
    cr_assert_leq(sil_grouped_cells(of, bound->clique.n), 10000);
    add_shares(share, &c->rows, &bound->clique, of, 1);
    add_shares(share, &c->truth, &bound->clique, of, -1);
    for (size_t i = 0; i < 10000; i++) {
        sum += fabs(share[i]);
    }
    return sum / 2;
}

void error_spoil(struct sil_codes *rows, size_t part, size_t whole)
{
    for (size_t row = 0; row < rows->n_rows; row++) {
        for (uint32_t a = 0; a < rows->n_attrs && row % whole < part; a++) {
            sil_codes_set(rows, a, row, 0);
        }
    }
}
