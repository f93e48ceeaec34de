// SPDX-License-Identifier: Apache-2.0
/// What a budget buys, computed, and its printing.
#ifndef SIL_SYNTH_PLAN_H
#define SIL_SYNTH_PLAN_H

#include "synth/report.h"
#include "synth/terms.h"

/// One kind of measurement that the mechanism will make.
struct sil_plan_step {
    const char *what;
    struct sil_sigma2 sigma2;
    struct sil_rho cost; ///< of one measurement
    uint64_t cells;      ///< of the marginals it is about: mean
    uint64_t most_cells;
};

enum { SIL_PLAN_STEPS = 2 };

struct sil_plan_result {
    const struct sil_schema *schema;
    struct sil_domain domain;
    struct sil_terms terms;
    struct sil_sigma2 *column; ///< noise of each column's first measurement
    mpq_t again; ///< Mosaic: of the budget, for the columns a second time; 0: none
    double again_below; ///< the number of rows below which there is some; 0: never
    size_t n_in_parts;  ///< Mosaic: marginals of more columns than it has tables of
    size_t
        n_left_out; ///< and those of fewer that have no table, for there are too many
    struct sil_plan_step step[SIL_PLAN_STEPS]; ///< of marginals of two columns or more
    size_t n_steps;
    double rows;     ///< 0: unknown
    bool has_target; ///< epsilon follows from an error asked for
};

/// What memory and time are stated for when no number of rows is given.
#define SIL_PLAN_ROWS 50000

/// The number of rows given, or that.
double sil_plan_rows(const struct sil_plan_result *plan);

/// Memory at its peak, and time on one core. The fit of AIM's model is not in them.
double sil_plan_megabytes(const struct sil_plan_result *plan);

/// That memory with as many bins as can be learnt. Pre  a field learns its bins.
double sil_plan_megabytes_most(const struct sil_plan_result *plan);

double sil_plan_seconds(const struct sil_plan_result *plan);

/// The plan for people, and as JSON; freed with free(). Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_plan_print(char **text, const struct sil_plan_result *plan,
                                       struct sil_error *err);
SIL_MUST_USE sil_status sil_plan_print_json(char **text,
                                            const struct sil_plan_result *plan,
                                            struct sil_error *err);

#endif
