// SPDX-License-Identifier: Apache-2.0
/// The sizes of fields whose bins are to be learnt, before they are.
///
/// How many bins there will be is known only when they are paid for, and a run that is then
/// refused has spent its budget. So whatever sizes they may come to have is tried before.
#ifndef SIL_SYNTH_LEARNT_SIZES_H
#define SIL_SYNTH_LEARNT_SIZES_H

#include "synth/terms.h"

/// Can the run go on whatever bins are learnt: is there a workload that can be held, does the
/// model hold the columns, can the noise of every measurement be had?
/// @param[out] most_cells   of candidates and columns, with as many bins as can be; 0 where
///                          no field learns its bins, which is all there is to it then.
/// Errors   SIL_ERR_USAGE, SIL_ERR_BUDGET, SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_learnt_sizes_check(uint64_t *most_cells,
                                               const struct sil_terms *terms,
                                               const struct sil_schema *schema,
                                               struct sil_error *err);

#endif
