// SPDX-License-Identifier: Apache-2.0
/* One run with noise from a seed: rows to a file, and what is claimed of their errors to
 * the standard output, one line of JSON a marginal. For coverage_of_bounds.py.
 *
 * usage: bounds_of_run CSV SCHEMA MECHANISM EPSILON SEED ROWS.csv */
#include "base/file.h"
#include "release/error_bounds.h"
#include "support/seeded_rng.h"
#include "synth/model_object.h"
#include "synth/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void stop(sil_status status, const char *what)
{
    if (status != SIL_OK) {
        fprintf(stderr, "bounds_of_run: %s failed with status %u\n", what,
                (unsigned)status);
        exit(1);
    }
}

static enum sil_mechanism mechanism_of(const char *word)
{
    static const char *const WORDS[] = {"", "aim", "mst", "independent", "mosaic"};
    for (int i = SIL_AIM; i <= SIL_MOSAIC; i++) {
        if (strcmp(word, WORDS[i]) == 0) {
            return (enum sil_mechanism)i;
        }
    }
    stop(SIL_ERR_USAGE, word);
    return SIL_AIM;
}

static struct sil_model *fit(char **argv)
{
    struct sil_model *model = NULL;
    struct sil_schema *schema = NULL;
    struct sil_fit_options options = sil_fit_defaults();
    options.mechanism = mechanism_of(argv[3]);
    options.epsilon = argv[4];
    options.delta = "1e-9";
    options.unledgered = true;
    options.n_threads = 1;
    stop(sil_schema_read(&schema, argv[2], NULL), "reading the schema");
    stop(sil_model_fit_with(&model, argv[1], schema, &options,
                            seeded_rng(strtoull(argv[5], NULL, 10)), NULL),
         "the fit");
    sil_schema_free(schema);
    return model;
}

/* The group of each value, of the line that a grouped bound names. */
static void print_groups(const struct sil_model *model,
                         const struct sil_error_bound *bound)
{
    const struct sil_release *line = &model->transcript.line[bound->line];
    for (uint32_t k = 0; k < line->clique.n; k++) {
        uint32_t attr = line->clique.attr[k];
        if (line->of == NULL || !sil_clique_has(&bound->clique, attr)) {
            continue;
        }
        printf("%s\"%u\": [", attr == bound->clique.attr[0] ? "" : ", ", attr);
        for (uint32_t v = 0; v < line->of[k].n_values; v++) {
            printf("%s%u", v == 0 ? "" : ", ", sil_group_of(&line->of[k], v));
        }
        printf("]");
    }
}

static void print_bound(const struct sil_model *model,
                        const struct sil_error_bound *bound)
{
    static const char *const KINDS[] = {"", "supported", "grouped", "theorem", "none"};
    printf("{\"columns\": [%u", bound->clique.attr[0]);
    if (bound->clique.n == 2) {
        printf(", %u", bound->clique.attr[1]);
    }
    printf("], \"kind\": \"%s\", \"noise\": %u, \"bound\": %u, \"proved\": %u, "
           "\"groups\": {",
           KINDS[bound->kind], bound->noise, bound->bound, bound->proved);
    if (bound->kind == SIL_BOUND_GROUPED) {
        print_groups(model, bound);
    }
    printf("}}\n");
}

int main(int argc, char **argv)
{
    struct sil_error_bounds bounds;
    struct sil_codes rows;
    struct sil_output *output = NULL;
    struct sil_sample_options options = sil_sample_defaults();
    if (argc != 7) {
        fprintf(stderr,
                "usage: bounds_of_run CSV SCHEMA MECHANISM EPSILON SEED ROWS\n");
        return 64;
    }
    options.n_threads = 1;
    struct sil_model *model = fit(argv);
    stop(sil_rows_draw(&rows, NULL, model, &options, NULL), "drawing rows");
    stop(sil_error_bounds_find(&bounds, model, &rows, NULL), "finding bounds");
    for (size_t i = 0; i < bounds.n; i++) {
        print_bound(model, &bounds.item[i]);
    }
    stop(sil_output_open(&output, argv[6], 0600, NULL), "opening the file of rows");
    stop(sil_rows_write(output, &rows, NULL, model, &options, NULL), "writing rows");
    stop(sil_output_commit(output, NULL), "writing rows");
    sil_error_bounds_clear(&bounds);
    sil_codes_clear(&rows);
    sil_model_free(model);
    return 0;
}
