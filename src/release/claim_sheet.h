// SPDX-License-Identifier: Apache-2.0
/// The claim sheet: everything that a statement of differential privacy has to say, filled
/// once and written by the datasheets and by `inspect` alike.
///
/// Its lines follow NIST SP 800-226, "Guidelines for Evaluating Differential Privacy
/// Guarantees", and each names the ledger entries that bear it out.
#ifndef SIL_RELEASE_CLAIM_SHEET_H
#define SIL_RELEASE_CLAIM_SHEET_H

#include "base/bytes.h"
#include "ledger/claim.h"
#include "privacy/guess.h"
#include "release/record.h"

#include <jansson.h>

#define SIL_SHEET_CITATIONS 4

/// An entry of the ledger that a line rests on.
struct sil_citation {
    enum sil_entry_type type;
    uint64_t number;
};

struct sil_sheet_line {
    const char *id;    ///< "unit", ...: docs/datasheet.md lists them
    const char *title; ///< for people
    char *text;        ///< owned; sentences
    struct sil_citation citation[SIL_SHEET_CITATIONS];
    size_t n_citations;
};

/// A guarantee in figures.
struct sil_sheet_bound {
    struct sil_rho rho;
    struct sil_epsilon epsilon;
    struct sil_delta delta;
    struct sil_guess guess;
};

/// The lines of the transcript that one mechanism has, together.
struct sil_sheet_use {
    size_t n;
    uint64_t least_sensitivity, most_sensitivity;
    mpq_t least, most; ///< sigma squared; epsilon squared
    struct sil_rho rho;
};

/// What the sheet is about. Borrowed; all but the model may be absent.
struct sil_sheet_source {
    const struct sil_model *model;
    const struct sil_chain *chain;    ///< NULL: no entries are cited
    const struct sil_record *release; ///< of this chain; NULL: nothing is released yet
};

struct sil_claim_sheet {
    struct sil_sheet_source source;
    const struct sil_chain_reserve *reserve; ///< of the run; NULL without a chain
    bool is_ledgered;
    struct sil_sheet_bound run;
    struct sil_sheet_bound so_far;   ///< ledgered: all runs, if fixed in advance
    struct sil_sheet_bound for_ever; ///< ledgered: the cap
    uint64_t entries;                ///< of the ledger that `so_far` is about
    bool has_parent;
    struct sil_sheet_use noise;
    struct sil_sheet_use choice;
    struct sil_sheet_line *line; ///< owned
    size_t n_lines;
};

/// Fill the sheet. Pre  a chain holds the reserve of the model's run.
/// Errors   SIL_ERR_INTERNAL (memory). `out` may be cleared all the same.
SIL_MUST_USE sil_status sil_claim_sheet_make(struct sil_claim_sheet *out,
                                             const struct sil_sheet_source *source,
                                             struct sil_error *err);
void sil_claim_sheet_clear(struct sil_claim_sheet *sheet);

/// The text of each line, made by sil_claim_sheet_make from the rest of the sheet.
SIL_MUST_USE sil_status sil_claim_sheet_write_lines(struct sil_claim_sheet *sheet,
                                                    struct sil_error *err);

/// Append it as text, one title and its sentences a line.
SIL_MUST_USE sil_status sil_claim_sheet_text(struct sil_bytes *out,
                                             const struct sil_claim_sheet *sheet,
                                             struct sil_error *err);

/// The same as JSON: the member "claim" of datasheet.json. NULL: no memory.
json_t *sil_claim_sheet_json(const struct sil_claim_sheet *sheet);

/// A probability in per cent, rounded up to one decimal: "61.3".
#define SIL_PERCENT_BYTES 8
void sil_percent_up(char out[SIL_PERCENT_BYTES], const mpq_t probability);

/// A count with commas between thousands.
#define SIL_COUNT_BYTES 32
void sil_count_text(char out[SIL_COUNT_BYTES], uint64_t count);

#endif
