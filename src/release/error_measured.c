// SPDX-License-Identifier: Apache-2.0
#include "release/error_measured.h"

#include "base/fail.h"
#include "base/memory.h"
#include "synth/budget.h"

#include <stdlib.h>
#include <string.h>

/* ---- lines by column ---- */

static bool is_measurement(const struct sil_release *line)
{
    return line->kind == SIL_RELEASE_MEASURE;
}

static double unit_of(const struct sil_release *line)
{
    return 1.0 / (double)(UINT64_C(1) << line->shift);
}

static double sum_of(const struct sil_release *line)
{
    double sum = 0;
    for (size_t i = 0; i < line->n_cells; i++) {
        sum += (double)line->noisy[i];
    }
    return sum * unit_of(line);
}

/* Every mechanism measures each column before it chooses anything, at costs that are fixed
 * beforehand: weights that the noise has no say in. */
static void estimate_total(struct sil_error_lines *out)
{
    const struct sil_transcript *transcript = out->transcript;
    double precision = 0;
    double sum = 0;
    for (uint32_t i = 0; i < transcript->n_lines; i++) {
        const struct sil_release *line = &transcript->line[i];
        if (!is_measurement(line) || line->clique.n != 1 || line->clique.attr[0] != i) {
            break;
        }
        double variance = sil_variance(&line->sigma2) * (double)line->n_cells;
        precision += 1 / variance;
        sum += sum_of(line) / variance;
        double rounding = (double)line->n_cells * unit_of(line) / 2;
        out->total_rounding =
            rounding > out->total_rounding ? rounding : out->total_rounding;
    }
    out->total = precision > 0 ? sum / precision : 0;
    out->total_variance = precision > 0 ? 1 / precision : 0;
}

static void count_lines(struct sil_error_lines *out, uint32_t n_attrs)
{
    for (size_t i = 0; i < out->transcript->n_lines; i++) {
        const struct sil_release *line = &out->transcript->line[i];
        for (uint32_t k = 0; is_measurement(line) && k < line->clique.n; k++) {
            out->first[line->clique.attr[k] + 1]++;
        }
    }
    for (uint32_t a = 0; a < n_attrs; a++) {
        out->first[a + 1] += out->first[a];
    }
}

static void place_lines(struct sil_error_lines *out, size_t *next)
{
    for (size_t i = 0; i < out->transcript->n_lines; i++) {
        const struct sil_release *line = &out->transcript->line[i];
        for (uint32_t k = 0; is_measurement(line) && k < line->clique.n; k++) {
            out->line[next[line->clique.attr[k]]++] = i;
        }
    }
}

sil_status sil_error_lines_init(struct sil_error_lines *out,
                                const struct sil_model *model, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t n_attrs = model->domain.n_attrs;
    size_t *next = NULL;
    *out = (struct sil_error_lines){.transcript = &model->transcript};
    SIL_TRY(
        sil_alloc(&out->first, (size_t)n_attrs + 1, sizeof *out->first, "lines", err));
    SIL_TRY(sil_alloc(&next, (size_t)n_attrs + 1, sizeof *next, "lines", err));
    count_lines(out, n_attrs);
    SIL_TRY(
        sil_alloc(&out->line, out->first[n_attrs], sizeof *out->line, "lines", err));
    memcpy(next, out->first, ((size_t)n_attrs + 1) * sizeof *next);
    place_lines(out, next);
    estimate_total(out);
cleanup:
    free(next);
    return status;
}

void sil_error_lines_clear(struct sil_error_lines *lines)
{
    free(lines->first);
    free(lines->line);
    *lines = (struct sil_error_lines){0};
}

/* ---- the finest measurement ---- */

/* Where the line has the attributes of the marginal; false when it lacks one. */
static bool find_places(uint32_t place[2], const struct sil_release *line,
                        const struct sil_clique *clique)
{
    uint32_t found = 0;
    for (uint32_t k = 0; k < line->clique.n && found < clique->n; k++) {
        if (line->clique.attr[k] == clique->attr[found]) {
            place[found++] = k;
        }
    }
    return found == clique->n;
}

static struct sil_grouping grouping_of(const struct sil_release *line, uint32_t place,
                                       uint32_t n_values)
{
    return line->of == NULL ? sil_grouping_identity(n_values) : line->of[place];
}

void sil_error_support_find(struct sil_error_support *out,
                            const struct sil_error_lines *lines,
                            const struct sil_domain *domain,
                            const struct sil_clique *clique)
{
    double least = 0;
    uint32_t a = clique->attr[0];
    *out = (struct sil_error_support){0};
    for (size_t i = lines->first[a]; i < lines->first[a + 1]; i++) {
        const struct sil_release *line = &lines->transcript->line[lines->line[i]];
        struct sil_grouping of[2] = {sil_grouping_identity(1),
                                     sil_grouping_identity(1)};
        uint32_t place[2];
        if (!find_places(place, line, clique)) {
            continue;
        }
        for (uint32_t k = 0; k < clique->n; k++) {
            of[k] = grouping_of(line, place[k], domain->sizes[clique->attr[k]]);
        }
        size_t n_cells = (size_t)sil_grouped_cells(of, clique->n);
        double noise = sil_variance(&line->sigma2) * (double)line->n_cells;
        if (n_cells > out->n_cells || (n_cells == out->n_cells && noise < least)) {
            *out = (struct sil_error_support){
                .is_measured = true,
                .best = lines->line[i],
                .of = {of[0], of[1]},
                .n_cells = n_cells
            };
            least = noise;
        }
    }
    out->is_grouped =
        out->is_measured && out->n_cells != sil_clique_cells(domain, clique);
}

/* ---- adding up ---- */

/* A line whose cells fall into those of the table, and how. */
struct projection {
    const struct sil_release *line;
    uint32_t place[2];
    uint32_t *map[2]; ///< the line's groups of each attribute into the table's
    uint32_t *memory;
};

/* False: some group of the line has values of two groups of the table. */
static bool map_groups(uint32_t *map, const struct sil_grouping *fine,
                       const struct sil_grouping *coarse)
{
    if (!sil_grouping_refines(fine, coarse)) {
        return false;
    }
    for (uint32_t v = 0; v < fine->n_values; v++) {
        map[sil_group_of(fine, v)] = sil_group_of(coarse, v);
    }
    return true;
}

static bool project(struct projection *p, const struct sil_error_support *support,
                    const struct sil_clique *clique)
{
    if (!find_places(p->place, p->line, clique)) {
        return false;
    }
    bool is_finer = true;
    for (uint32_t k = 0; k < clique->n && is_finer; k++) {
        struct sil_grouping fine =
            grouping_of(p->line, p->place[k], support->of[k].n_values);
        is_finer = map_groups(p->map[k], &fine, &support->of[k]);
    }
    return is_finer;
}

/* Cells of the line that stand for each value of the attribute at `place`. */
static size_t stride_of(const struct sil_release *line, const struct sil_domain *domain,
                        uint32_t place)
{
    size_t stride = 1;
    for (uint32_t k = place + 1; k < line->clique.n; k++) {
        stride *= grouping_of(line, k, domain->sizes[line->clique.attr[k]]).n_groups;
    }
    return stride;
}

static void add_up(double *y, const struct projection *p,
                   const struct sil_error_support *support,
                   const struct sil_domain *domain, uint32_t n)
{
    const struct sil_release *line = p->line;
    size_t stride[2] = {0};
    size_t size[2] = {0};
    for (uint32_t k = 0; k < n; k++) {
        uint32_t attr = line->clique.attr[p->place[k]];
        stride[k] = stride_of(line, domain, p->place[k]);
        size[k] = grouping_of(line, p->place[k], domain->sizes[attr]).n_groups;
    }
    double unit = unit_of(line);
    memset(y, 0, support->n_cells * sizeof *y);
    for (size_t c = 0; c < line->n_cells; c++) {
        size_t cell = p->map[0][c / stride[0] % size[0]];
        if (n == 2) {
            cell = cell * support->of[1].n_groups + p->map[1][c / stride[1] % size[1]];
        }
        y[cell] += (double)line->noisy[c] * unit;
    }
}

static sil_status projection_init(struct projection *p,
                                  const struct sil_error_support *support, uint32_t n,
                                  struct sil_error *err)
{
    size_t first = support->of[0].n_values;
    size_t second = n == 2 ? support->of[1].n_values : 0;
    *p = (struct projection){0};
    sil_status status =
        sil_alloc(&p->memory, first + second, sizeof *p->memory, "a marginal", err);
    p->map[0] = p->memory;
    p->map[1] = p->memory == NULL ? NULL : p->memory + first;
    return status;
}

sil_status sil_error_read(const struct sil_error_lines *lines,
                          const struct sil_error_support *support,
                          const struct sil_clique *clique,
                          void (*each)(void *context, const struct sil_error_reading *),
                          void *context, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct projection p = {0};
    struct sil_error_reading reading = {0};
    const struct sil_domain domain = sil_schema_domain(lines->transcript->schema);
    uint32_t a = clique->attr[0];
    SIL_TRY(
        sil_alloc(&reading.y, support->n_cells, sizeof *reading.y, "a marginal", err));
    SIL_TRY(projection_init(&p, support, clique->n, err));
    for (size_t i = lines->first[a]; i < lines->first[a + 1]; i++) {
        reading.line = lines->line[i];
        p.line = &lines->transcript->line[reading.line];
        if (!project(&p, support, clique)) {
            continue;
        }
        add_up(reading.y, &p, support, &domain, clique->n);
        double cells = (double)p.line->n_cells;
        reading.cells = cells / (double)support->n_cells;
        reading.variance = sil_variance(&p.line->sigma2) * reading.cells;
        reading.rounding = cells * unit_of(p.line) / 2;
        each(context, &reading);
    }
cleanup:
    free(p.memory);
    free(reading.y);
    return status;
}
