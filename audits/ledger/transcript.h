// SPDX-License-Identifier: Apache-2.0
/// A transcript by docs/model-format.md, read a second time: everything that left through
/// the gate of a run, and what was fixed before.
#ifndef AUDIT_LEDGER_TRANSCRIPT_H
#define AUDIT_LEDGER_TRANSCRIPT_H

#include "audits/ledger/ledger.h"

#define AUD_CLIQUE_MAX 16

/// Something that left.
struct aud_left {
    bool is_choice;
    uint32_t attr[AUD_CLIQUE_MAX];
    size_t n_attrs;
    mpq_t sensitivity, parameter, rho;
    struct aud_bin group[AUD_CLIQUE_MAX]; ///< two bytes a value; empty: not grouped
    bool is_grouped;

    /* a measurement */
    unsigned shift;
    int64_t *noisy; ///< owned; numerators over 2^shift
    size_t n_cells;

    /* a choice */
    uint64_t candidates, chosen, weight, penalty;
};

/// The values of an open field that were discovered, before all else left.
struct aud_discovery {
    uint32_t attr;
    mpq_t sensitivity, parameter, rho, delta, threshold;
    unsigned shift;
    struct aud_bin *value; ///< owned; points into the transcript
    size_t n_values;
    int64_t *noisy; ///< owned; numerators over 2^shift
    size_t n_noisy;
};

/// A level of the tree that the bins of a field were learnt from: counts of intervals.
struct aud_level {
    uint32_t attr;
    mpq_t sensitivity, parameter, rho;
    unsigned shift;
    int64_t *noisy; ///< owned; numerators over 2^shift
    size_t n_cells;
};

/// A marginal of the workload's file.
struct aud_wanted {
    uint32_t attr[AUD_CLIQUE_MAX];
    size_t n_attrs;
    uint64_t weight;
};

struct aud_transcript {
    uint64_t replay;
    bool is_ledgered;
    struct aud_id ledger, reserve;
    uint64_t size;
    struct aud_hash root;
    struct aud_rational reserved, cap_rho, cap_delta, report_delta;
    char label[AUD_TEXT_MAX + 1];
    bool is_shared;

    struct aud_bin plan;   ///< its encoding, which the reserve hashes
    struct aud_bin schema; ///< JSON
    uint32_t *order;       ///< owned: columns in the order of the file
    size_t n_columns;      ///< that can be measured: those that are recomputed aside

    enum aud_method { AUD_AIM, AUD_MST, AUD_INDEPENDENT, AUD_MOSAIC } method;

    char workload[AUD_TEXT_MAX + 1];
    struct aud_wanted *wanted; ///< owned: the marginals of a file; empty otherwise
    size_t n_wanted;
    uint64_t max_cells, max_model_mb;
    bool is_replace;
    bool is_people; ///< the unit: all rows with one id, of which max_contrib count
    char id_column[AUD_TEXT_MAX + 1];
    uint64_t max_contrib; ///< 1 where the unit is a row
    bool drops_missing;   ///< rows without an id are none; else each its own person
    uint8_t salt[16];     ///< by which rows of a person are picked
    struct aud_rational asked, cap, delta, epsilon, spent;
    bool has_discovery;
    struct aud_rational discovery; ///< the part of delta that is for it; 0: none
    mpq_t rest;                    ///< of the cap, what discoveries leave the mechanism
    mpq_t zcdp_delta;              ///< delta without that part: rho is converted there

    struct aud_discovery *found; ///< owned
    size_t n_found;
    struct aud_level *level; ///< owned; behind what was found
    size_t n_levels;
    struct aud_left *left;
    size_t n_left;
};

/// Read; cleared with aud_transcript_clear whatever the outcome. Points into `data`.
/// Checked: form, costs by formula, their sum against `spent` and the cap.
/// Errors   SIL_ERR_CHECK: "[RULE] sentence"; SIL_ERR_UNSUPPORTED: a version, a stamp;
///          SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_transcript_read(struct aud_transcript *out,
                                            struct aud_bin data, struct sil_error *err);
void aud_transcript_clear(struct aud_transcript *transcript);

/// How many groups a grouping has: one more than its largest number.
size_t aud_n_groups(struct aud_bin group);

const char *aud_method_name(enum aud_method method);

#endif
