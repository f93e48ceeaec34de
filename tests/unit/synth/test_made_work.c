// SPDX-License-Identifier: Apache-2.0
/* Orders that ask for hours, or for all memory, are refused from their sizes alone; what is
 * less than that is made. */
#include "synth/made.h"
#include "synth_kit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

enum { N_LARGE = 14, N_COLUMNS = 16, LARGE = 1 << 15, SMALL = 1 << 10 };

/* Columns c0 .. c13 have 2^15 values, c14 and c15 have 2^10. */
static struct sil_model *large_model(void)
{
    uint32_t cells[N_COLUMNS];
    for (int a = 0; a < N_COLUMNS; a++) {
        cells[a] = a < N_LARGE ? LARGE : SMALL;
    }
    struct sil_fit_options options = kit_options(SIL_INDEPENDENT, "1");
    options.max_cells = LARGE;
    return kit_model(cells, N_COLUMNS, 50, 1, &options);
}

/* Eight pairs that OR ties: 256 boxes. */
static const char EIGHT_PAIRS[] =
    "(c0 < 5 OR c1 < 5) AND (c2 < 5 OR c3 < 5) AND (c4 < 5 OR c5 < 5) AND "
    "(c6 < 5 OR c7 < 5) AND (c8 < 5 OR c9 < 5) AND (c10 < 5 OR c11 < 5) AND "
    "(c12 < 5 OR c13 < 5) AND (c14 < 5 OR c15 < 5)";

static char SHARES[N_COLUMNS][24];

static struct sil_sample_options order(const char *where, size_t n_shares,
                                       const char *fair)
{
    static const char *list[N_COLUMNS];
    struct sil_sample_options options = sil_sample_defaults();
    for (size_t s = 0; s < n_shares; s++) {
        (void)snprintf(SHARES[s], sizeof SHARES[s], "c%zu=..9:0.5", s);
        list[s] = SHARES[s];
    }
    options.where = where;
    options.rebalance = list;
    options.n_rebalance = n_shares;
    options.fair = fair;
    return options;
}

static void expect(const struct sil_model *model,
                   const struct sil_sample_options *options, const char *says,
                   const char *text)
{
    struct sil_made *made = NULL;
    struct sil_error err = {{0}};
    struct sil_sample_fault fault = {0};
    sil_status status = sil_made_new(&made, model, options, &fault, &err);
    cr_expect(eq(int, status, says == NULL ? SIL_OK : SIL_ERR_USAGE), "%s", err.text);
    cr_expect(says == NULL || strstr(err.text, says) != NULL, "%s", err.text);
    cr_expect(fault.text == text);
    sil_made_free(made);
}

/* One model for all: it takes longest. */
Test(made_work, is_bounded_before_it_is_begun)
{
    struct sil_model *model = large_model();
    struct sil_sample_options all = order(EIGHT_PAIRS, N_COLUMNS, NULL);
    expect(model, &all, "--rebalance: with this model that is more work", SHARES[0]);
    struct sil_sample_options parity = order(EIGHT_PAIRS, 0, "c14|c15");
    expect(model, &parity, "--fair: with this model that is more work", parity.fair);
    struct sil_sample_options joint = order(NULL, 0, "c13|c15");
    expect(model, &joint, "--fair: outcome, group and admissible columns have more",
           joint.fair);
    struct sil_sample_options rows = order(EIGHT_PAIRS, 0, NULL);
    rows.n_rows = UINT32_MAX;
    expect(model, &rows, "--rows: with this model that is more work", NULL);

    struct sil_sample_options few = order("c0 < 5 OR c1 < 5", 1, NULL);
    expect(model, &few, NULL, NULL);
    struct sil_sample_options fair = order(NULL, 0, "c14|c15");
    expect(model, &fair, NULL, NULL);
    sil_model_free(model);
}
