// SPDX-License-Identifier: Apache-2.0
/// What synth and fit have in common.
#ifndef SIL_CLI_RUN_H
#define SIL_CLI_RUN_H

#include "cli/command.h"

#include "silhouette/model.h"

/// The options of a fit, from the defaults and what was given.
struct sil_fit_options sil_cli_fit_options(const struct sil_cli_args *args);

/// Refuse names that collide, try every output, read the schema, fit. Nothing is charged
/// before the outputs `rows_path` and `model_path` (NULL: none) have been tried.
/// Errors   those of sil_model_fit; SIL_ERR_USAGE, SIL_ERR_IO: the places.
SIL_MUST_USE sil_status sil_cli_fit(struct sil_model **out,
                                    const struct sil_cli_args *args,
                                    const char *rows_path, const char *model_path,
                                    struct sil_error *err);

/// Add to the sentence of a write that failed after the fit that the budget is spent, and
/// behind that what is `left` of it (" and nothing was kept"). Returns `status`.
sil_status sil_cli_spent(sil_status status, const char *left, struct sil_error *err);

/// Draw the rows that `args` asks for from a model.
/// @param[out] report   of what was drawn; NULL: not wanted.
SIL_MUST_USE sil_status sil_cli_draw(const struct sil_model *model,
                                     const struct sil_cli_args *args,
                                     struct sil_sample_report *report,
                                     struct sil_error *err);

#endif
