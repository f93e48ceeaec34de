// SPDX-License-Identifier: Apache-2.0
/* What is guaranteed, and how. */
#include "release/claim_words.h"

#include "base/fail.h"
#include "num/rational.h"
#include "synth/learning_words.h"
#include "synth/model_object.h"
#include "synth/report.h"

#include <inttypes.h>

static sil_status say_pair(struct sil_bytes *out, const struct sil_sheet_bound *bound,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(out, err, "(epsilon "));
    SIL_TRY(sil_print_epsilon(out, bound->epsilon.v, err));
    SIL_TRY(sil_bytes_printf(out, err, ", delta "));
    SIL_TRY(sil_print_epsilon(out, bound->delta.v, err));
    SIL_TRY(sil_bytes_printf(out, err, ")-differential privacy from rho = "));
    SIL_TRY(sil_rational_print(out, bound->rho.v, err));
cleanup:
    return status;
}

sil_status sil_say_guess(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    char run[SIL_PERCENT_BYTES];
    char so_far[SIL_PERCENT_BYTES];
    char for_ever[SIL_PERCENT_BYTES];
    static const char *const GUESS[2][2] = {
        {"whether one given row is in the table",
         "which of two given rows the table holds"  },
        {"whether one given person is in the table",
         "which of two given people the table holds"}
    };
    const struct sil_terms *terms = &sheet->source.model->transcript.terms;
    bool is_person = terms->unit.id_column != NULL;
    bool is_public = terms->neighbours == SIL_REPLACE_ONE;
    sil_percent_up(run, sheet->run.guess.v);
    SIL_TRY(sil_bytes_printf(
        out, err,
        "Somebody who knows the program, all that was published and %s, and "
        "who must guess %s, is right 50 %% of the time by tossing a coin, and at most "
        "%s %% of the time after seeing everything that this run released",
        is_person ? "everybody else's rows" : "every other row",
        GUESS[is_person][is_public], run));
    if (sheet->is_ledgered) {
        sil_percent_up(so_far, sheet->so_far.guess.v);
        sil_percent_up(for_ever, sheet->for_ever.guess.v);
        SIL_TRY(sil_bytes_printf(
            out, err,
            "; at most %s %% after everything that all runs of the ledger released so "
            "far, and at most %s %% after everything that may ever be released under it",
            so_far, for_ever));
    }
    SIL_TRY(sil_bytes_printf(out, err, "."));
cleanup:
    return status;
}

sil_status sil_say_run(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(say_pair(out, &sheet->run, err));
    SIL_TRY(sil_bytes_printf(
        out, err,
        " of zero-concentrated differential privacy (zCDP), the cap that was fixed "
        "before the first measurement. Rho is exact; epsilon is computed with every "
        "operation rounded outward and printed rounded up."));
cleanup:
    return status;
}

sil_status sil_say_so_far(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (!sheet->is_ledgered) {
        return sil_bytes_printf(
            out, err,
            "Unknown: the run is UNLEDGERED. Nothing records what "
            "was spent on these rows before, and nothing stops them "
            "from being used again.");
    }
    SIL_TRY(say_pair(out, &sheet->so_far, err));
    SIL_TRY(sil_bytes_printf(
        out, err,
        ": the sum of what all runs in the first %lu entries of the ledger reserved. "
        "Nothing is ever refunded. It bounds what was released so far if how much each "
        "run might spend was not decided by what earlier runs showed.",
        (unsigned long)sheet->entries));
cleanup:
    return status;
}

sil_status sil_say_for_ever(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (!sheet->is_ledgered) {
        return sil_bytes_printf(out, err, "None: the run is UNLEDGERED.");
    }
    SIL_TRY(say_pair(out, &sheet->for_ever, err));
    SIL_TRY(sil_bytes_printf(
        out, err,
        ": the cap of the ledger, which its first entry fixes and no later one can "
        "change. It bounds everything that is ever released under the ledger, however "
        "the runs are chosen."));
cleanup:
    return status;
}

/* ---- whose data, and what neighbours are ---- */

sil_status sil_say_unit(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                        struct sil_error *err)
{
    const struct sil_terms *terms = &sheet->source.model->transcript.terms;
    if (terms->unit.id_column == NULL) {
        return sil_bytes_printf(
            out, err,
            "One row of the table. If a person has K rows, the rho for that person is K "
            "squared times the one printed here%s.",
            terms->n_open == 0 ? ""
                               : ", and a value that this person alone has is found "
                                 "more often than delta says: the threshold of the "
                                 "discovery is for one row");
    }
    return sil_bytes_printf(
        out, err,
        "One person: all rows with the same bytes in the column \"%s\". Of a person's "
        "rows at most %" PRIu32
        " count, picked by a hash of the person's own rows; the "
        "column itself is neither measured nor written. A row without an id %s. Somebody "
        "with two ids is two persons.",
        terms->unit.id_column, terms->unit.rows,
        terms->drops_missing_ids ? "does not count" : "is a person of its own");
}

sil_status sil_say_neighbours(struct sil_bytes *out,
                              const struct sil_claim_sheet *sheet,
                              struct sil_error *err)
{
    const struct sil_terms *terms = &sheet->source.model->transcript.terms;
    if (terms->unit.id_column != NULL) {
        return sil_bytes_printf(
            out, err,
            "%s: two tables are neighbours when %s. The number of rows is private.",
            terms->neighbours == SIL_ADD_REMOVE ? "Add-remove (unbounded)"
                                                : "Replace-one (bounded)",
            terms->neighbours == SIL_ADD_REMOVE
                ? "one has a person, with all rows, whom the other lacks"
                : "one person, with all rows, is another");
    }
    return terms->neighbours == SIL_ADD_REMOVE
               ? sil_bytes_printf(out, err,
                                  "Add-remove (unbounded): two tables are neighbours "
                                  "when one has a row that the other lacks. The number "
                                  "of rows is private.")
               : sil_bytes_printf(out, err,
                                  "Replace-one (bounded): two tables are neighbours "
                                  "when one row differs. The number of rows in the "
                                  "table's file is public.");
}

/* ---- mechanisms ---- */

static sil_status say_range(struct sil_bytes *out, const struct sil_sheet_use *use,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_print_epsilon(out, use->least, err));
    if (mpq_equal(use->least, use->most) == 0) {
        SIL_TRY(sil_bytes_printf(out, err, " to "));
        SIL_TRY(sil_print_epsilon(out, use->most, err));
    }
    SIL_TRY(sil_bytes_printf(out, err, ", together rho "));
    SIL_TRY(sil_print_epsilon(out, use->rho.v, err));
cleanup:
    return status;
}

/* Values that nobody listed, and by what threshold. */
static sil_status say_discoveries(struct sil_bytes *out,
                                  const struct sil_transcript *transcript,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_discovery *first = transcript->discovery;
    if (transcript->n_discoveries == 0) {
        return SIL_OK;
    }
    SIL_TRY(sil_bytes_printf(
        out, err,
        "; %zu discover%s of values that the schema does not list (Gaussian noise on "
        "the count of every value that occurs, released with its name when not below a "
        "threshold T that K values of one person pass with probability delta at most), "
        "D^2 = %lu, T = %.2f, sigma^2 ",
        transcript->n_discoveries, transcript->n_discoveries == 1 ? "y" : "ies",
        (unsigned long)first->sensitivity,
        (double)first->threshold / (double)(UINT64_C(1) << first->shift)));
    SIL_TRY(sil_print_epsilon(out, first->sigma2.v, err));
    SIL_TRY(sil_bytes_printf(out, err, ", each rho "));
    SIL_TRY(sil_print_epsilon(out, first->rho.v, err));
    SIL_TRY(sil_bytes_printf(out, err, " and delta "));
    SIL_TRY(sil_print_epsilon(out, first->delta.v, err));
cleanup:
    return status;
}

sil_status sil_say_mechanisms(struct sil_bytes *out,
                              const struct sil_claim_sheet *sheet,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_sheet_use *noise = &sheet->noise;
    const struct sil_sheet_use *choice = &sheet->choice;
    SIL_TRY(sil_bytes_printf(
        out, err,
        "Strategy %s. %zu noisy count%s of whole marginals (Gaussian mechanism, rounded "
        "to a grid: rho = D^2 / (2 sigma^2)), squared L2 sensitivity D^2 = %lu, sigma^2 ",
        sil_mechanism_name(sheet->source.model->transcript.terms.mechanism), noise->n,
        noise->n == 1 ? "" : "s", (unsigned long)noise->most_sensitivity));
    SIL_TRY(say_range(out, noise, err));
    if (choice->n > 0) {
        SIL_TRY(sil_bytes_printf(
            out, err,
            "; %zu choice%s among candidates (exponential mechanism on integer scores: "
            "rho = epsilon^2 / 8), sensitivity of a score at most %lu in units of 2^-%d "
            "counts, epsilon^2 ",
            choice->n, choice->n == 1 ? "" : "s",
            (unsigned long)choice->most_sensitivity, SIL_SCORE_BITS));
        SIL_TRY(say_range(out, choice, err));
    }
    SIL_TRY(say_discoveries(out, &sheet->source.model->transcript, err));
    SIL_TRY(sil_learning_say_noise(out, &sheet->source.model->transcript, err));
    SIL_TRY(sil_bytes_printf(
        out, err,
        ". Sensitivities follow from unit and neighbours by proof, not from the data. "
        "Everything else is computed from these values and costs nothing."));
cleanup:
    return status;
}
