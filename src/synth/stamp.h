// SPDX-License-Identifier: Apache-2.0
/// What a transcript says of the debit behind its run: which ledger, which reserve, and
/// how much of the ledger's cap was reserved with it.
///
/// Without the ledger a reader must take these as the transcript's word; what can be
/// contradicted offline is checked when it is read, the rest by sil_model_check_ledger.
#ifndef SIL_SYNTH_STAMP_H
#define SIL_SYNTH_STAMP_H

#include "codec/msgpack.h"
#include "ledger/claim.h"
#include "ledger/ledger.h"

struct sil_stamp {
    struct sil_id ledger;
    struct sil_id reserve;
    uint64_t size;           ///< of the checkpoint that covers the reserve
    struct sil_root root;    ///< of that checkpoint
    struct sil_rho reserved; ///< by all runs up to this one, and this one
    struct sil_rho cap;
    struct sil_delta cap_delta;
    struct sil_delta report_delta;
    char *data_label;
    bool is_shared; ///< one person holds the keys of several roles
};

void sil_stamp_init(struct sil_stamp *stamp);
void sil_stamp_clear(struct sil_stamp *stamp);

/// Fill `out` from the ledger in which `reserve` was entered a moment ago.
/// Errors   SIL_ERR_INTERNAL (memory; no such reserve).
SIL_MUST_USE sil_status sil_stamp_take(struct sil_stamp *out,
                                       const struct sil_ledger *ledger,
                                       const struct sil_id *reserve,
                                       struct sil_error *err);

/// Append the stamp: ["LEDGERED", ...]. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_put_stamp(struct sil_bytes *out,
                                      const struct sil_stamp *stamp,
                                      struct sil_error *err);

/// Read a stamp of either kind into an initialised `out`; `*is_ledgered` tells which.
/// Errors   SIL_ERR_INPUT: damaged or out of range. SIL_ERR_UNSUPPORTED: another stamp.
SIL_MUST_USE sil_status sil_next_stamp(struct sil_stamp *out, bool *is_ledgered,
                                       struct sil_mp_array *array,
                                       struct sil_error *err);

/// The ledger's cumulative claim as the stamp says; unwitnessed. `out` is initialised, and
/// borrows the label and the unit.
SIL_MUST_USE sil_status sil_stamp_claim(struct sil_cumulative *out,
                                        const struct sil_stamp *stamp,
                                        const struct sil_privacy_unit *unit,
                                        enum sil_neighbours neighbours,
                                        struct sil_error *err);

#endif
