// SPDX-License-Identifier: Apache-2.0
/* The sentences of the claim sheet. They are for people who will not read C, and are part
 * of documents that a verifier writes again: a changed word is a new SIL_DOCUMENTS_VERSION. */
#include "base/fail.h"
#include "base/memory.h"
#include "num/rational.h"
#include "release/claim_sheet.h"
#include "synth/model_object.h"
#include "synth/report.h"
#include "table/schema.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES_SHOWN = 20, NAME_LENGTH = 80 };

/* ---- figures in sentences ---- */

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

static sil_status say_guess(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    char run[SIL_PERCENT_BYTES];
    char so_far[SIL_PERCENT_BYTES];
    char for_ever[SIL_PERCENT_BYTES];
    bool is_public =
        sheet->source.model->transcript.terms.neighbours == SIL_REPLACE_ONE;
    sil_percent_up(run, sheet->run.guess.v);
    SIL_TRY(sil_bytes_printf(
        out, err,
        "Somebody who knows the program, all that was published and every other row, and "
        "who must guess %s, is right 50 %% of the time by tossing a coin, and at most "
        "%s %% of the time after seeing everything that this run released",
        is_public ? "which of two given rows the table holds"
                  : "whether one given row is in the table",
        run));
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

static sil_status say_run(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
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

static sil_status say_so_far(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
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

static sil_status say_for_ever(struct sil_bytes *out,
                               const struct sil_claim_sheet *sheet,
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

static sil_status say_unit(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                           struct sil_error *err)
{
    (void)sheet;
    return sil_bytes_printf(
        out, err,
        "One row of the table. If a person has K rows, the rho for that person is K "
        "squared times the one printed here.");
}

static sil_status say_neighbours(struct sil_bytes *out,
                                 const struct sil_claim_sheet *sheet,
                                 struct sil_error *err)
{
    return sheet->source.model->transcript.terms.neighbours == SIL_ADD_REMOVE
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

static sil_status say_mechanisms(struct sil_bytes *out,
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
    SIL_TRY(sil_bytes_printf(
        out, err,
        ". Sensitivities follow from unit and neighbours by proof, not from the data. "
        "Everything else is computed from these values and costs nothing."));
cleanup:
    return status;
}

/* ---- what was public ---- */

static sil_status say_public(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_terms *terms = &sheet->source.model->transcript.terms;
    SIL_TRY(sil_bytes_printf(
        out, err,
        "The schema's author declared public: the columns, their categories, bounds, "
        "bins and nulls, and what a value outside them meets. The operator declared "
        "public: the strategy, the workload (%s), at most %lu cells a marginal, a model "
        "of at most %lu MB, and the order of the columns in the file. ",
        terms->workload_name, (unsigned long)terms->max_cells,
        (unsigned long)terms->max_model_mb));
    if (sheet->reserve != NULL) {
        const struct sil_chain_grant *grant =
            &sheet->source.chain->grant[sheet->reserve->grant];
        SIL_TRY(sil_bytes_printf(
            out, err,
            "All of it was fixed by hash in the ledger before any noise was drawn, under "
            "a grant for the purpose \"%s\".",
            grant->purpose));
    } else {
        SIL_TRY(sil_bytes_printf(
            out, err, "%s",
            sheet->is_ledgered ? "All of it was fixed by hash in the ledger before "
                                 "any noise was drawn."
                               : "Nothing but the transcript says that it was fixed "
                                 "before the noise."));
    }
cleanup:
    return status;
}

/* A name, cut to what a line can bear without cutting a character. */
static sil_status say_name(struct sil_bytes *out, const char *name,
                           struct sil_error *err)
{
    size_t length = strlen(name);
    size_t cut = length;
    if (length > NAME_LENGTH) {
        for (cut = NAME_LENGTH; cut > 0 && (name[cut] & 0xc0) == 0x80; cut--) {
        }
    }
    sil_status status = sil_bytes_append(out, name, cut, err);
    return status == SIL_OK && cut < length ? sil_bytes_printf(out, err, "...")
                                            : status;
}

static sil_status say_looked(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_schema *schema = sheet->source.model->transcript.schema;
    uint32_t n_fields = sil_schema_n_fields(schema);
    uint32_t n = 0;
    for (uint32_t a = 0; a < n_fields; a++) {
        if (!sil_field_was_looked_at(sil_schema_field(schema, a))) {
            continue;
        }
        if (n < NAMES_SHOWN) {
            SIL_TRY(sil_bytes_printf(out, err, "%s", n == 0 ? "" : ", "));
            SIL_TRY(say_name(out, sil_schema_field_name(schema, a), err));
        }
        n++;
    }
    if (n > NAMES_SHOWN) {
        SIL_TRY(sil_bytes_printf(out, err, " and %u more", n - NAMES_SHOWN));
    }
    SIL_TRY(
        n == 0
            ? sil_bytes_printf(out, err,
                               "None: by the schema's word, no field was declared "
                               "after looking at the data.")
            : sil_bytes_printf(out, err,
                               ": %u of %u fields were declared public after looking "
                               "at the data. What the look revealed is OUTSIDE the "
                               "guarantee.",
                               n, n_fields));
cleanup:
    return status;
}

static sil_status say_choices(struct sil_bytes *out,
                              const struct sil_claim_sheet *sheet,
                              struct sil_error *err)
{
    char count[SIL_COUNT_BYTES];
    const struct sil_record *release = sheet->source.release;
    if (release == NULL) {
        return sil_bytes_printf(
            out, err,
            "None yet: nothing was released. The number of rows of a release "
            "is the private estimate, and the seed follows from the transcript, unless "
            "the operator says otherwise.");
    }
    const struct sil_choices *choices = &release->choices;
    sil_count_text(count, choices->n_rows);
    sil_status status =
        sil_bytes_printf(out, err, "%s rows: %s. Seed of the rows: ", count,
                         choices->has_rows ? "the operator's choice, not an estimate"
                                           : "the private estimate");
    if (status != SIL_OK || !choices->has_seed) {
        return status != SIL_OK
                   ? status
                   : sil_bytes_printf(out, err, "follows from the transcript.");
    }
    return sil_bytes_printf(out, err,
                            "%lu, the operator's choice. A seed that was chosen after "
                            "comparing its rows with the data tells something of them, "
                            "outside the guarantee.",
                            (unsigned long)choices->seed);
}

/* ---- what is trusted, and what is not covered ---- */

static sil_status say_trust(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                            struct sil_error *err)
{
    (void)sheet;
    return sil_bytes_printf(
        out, err,
        "Central: one operator held the rows and ran the program on a machine that is "
        "trusted while it runs. The reader of what leaves is the adversary, who may know "
        "the program, the schema, the options, every file that left and every row but "
        "one. A dishonest operator can publish the raw table; the ledger bounds what was "
        "run under it, and shows it.");
}

static sil_status say_base(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                           struct sil_error *err)
{
    (void)sheet;
    return sil_bytes_printf(
        out, err,
        "Of the program: the gate with its noise, selection and accounting (privacy/); "
        "the maps from text to cells and the counts (src/table); the CSV reader "
        "(src/codec); exact numbers (src/num); signatures and hashes (src/crypto); the "
        "ledger's debit (src/ledger, src/synth/debit.c, src/synth/fit.c); memory, files "
        "and groupings (src/base). Of others: GMP, MPFR, libsodium, jansson, OpenMP, the "
        "C library, the compiler, the processor, the operating system's random "
        "generator; and the schema's author, who must not copy values out of the rows. "
        "Not trusted for privacy: the model, the drawing of rows, and this sheet, which "
        "compute from what was released. Not trusted for integrity: whoever passed "
        "the files on. SECURITY.md says the same at length.");
}

static sil_status say_arithmetic(struct sil_bytes *out,
                                 const struct sil_claim_sheet *sheet,
                                 struct sil_error *err)
{
    (void)sheet;
    return sil_bytes_printf(
        out, err,
        "No binary floating point touches private counts. Noise and choices are sampled "
        "exactly from their laws, costs are exact fractions, and only the conversion to "
        "epsilon rounds, upward. Random bits are ChaCha20's, keyed by the operating "
        "system: the guarantee holds against whoever cannot tell these from random bits. "
        "Noise has no seed.");
}

static sil_status say_channels(struct sil_bytes *out,
                               const struct sil_claim_sheet *sheet,
                               struct sil_error *err)
{
    (void)sheet;
    return sil_bytes_printf(
        out, err,
        "Not covered: how long the run took, its memory, power and caches, its messages "
        "to the operator, whether it failed, and a machine that was set back to a "
        "snapshot taken during the run. Nobody untrusted may time the run or share its "
        "machine.");
}

static sil_status say_collection(struct sil_bytes *out,
                                 const struct sil_claim_sheet *sheet,
                                 struct sil_error *err)
{
    (void)sheet;
    return sil_bytes_printf(
        out, err,
        "Not covered: how the rows were collected, kept and passed on before the run, "
        "and who can read them today. The rows are as safe as they are there.%s",
        sheet->is_ledgered
            ? " Which table was used is bound by a keyed commitment in the ledger, which "
              "only whoever holds the key can open."
            : "");
}

static sil_status say_access(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                             struct sil_error *err)
{
    if (!sheet->is_ledgered) {
        return sil_bytes_printf(out, err,
                                "Nobody had to approve the run: it is UNLEDGERED.");
    }
    return sheet->source.model->transcript.stamp.is_shared
               ? sil_bytes_printf(
                     out, err,
                     "WARNING, roles-shared: one person holds the keys of several "
                     "roles. Nobody else had to approve what was spent or released; the "
                     "account is exact, but it is that person's alone.")
               : sil_bytes_printf(
                     out, err,
                     "Budget is granted by the authority's keys, spent by the curator's, "
                     "and what leaves is signed by the release key. Each key has one "
                     "role.");
}

static sil_status say_bias(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                           struct sil_error *err)
{
    (void)sheet;
    return sil_bytes_printf(
        out, err,
        "Noise is the same for large and small groups, so small groups are relatively "
        "less accurate, and may vanish or be invented. Associations that were not "
        "measured are only guessed by the model. The rows repeat whatever bias the "
        "table has. No row is a person, and no conclusion about one person follows.");
}

static sil_status say_limits(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                             struct sil_error *err)
{
    return sil_bytes_printf(
        out, err,
        "Other tables about the same people are not counted%s. Differential privacy "
        "bounds what the presence of one row adds; what is true of a whole group "
        "can be learnt, with or without any one of its members.",
        sheet->has_parent
            ? ", nor is what an earlier ledger, which this one succeeds, spent on them"
            : "");
}

static sil_status say_replay(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                             struct sil_error *err)
{
    (void)sheet;
    return sil_bytes_printf(
        out, err,
        "Model, rows, error bounds and this sheet are functions of the transcript of "
        "released values, of public options and, for the sheet, of the ledger, and can be "
        "computed again bit for bit. The transcript is an attacker's best input: it is "
        "inside the guarantee, but share it with care.");
}

/* ---- all of them ---- */

typedef sil_status say_fn(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                          struct sil_error *err);

/* What a line cites, in the order of the entries. */
enum { GENESIS = 1, GRANT = 2, RESERVE = 4, MEASURE = 8, RELEASE = 16, LAST = 32 };

static const struct {
    const char *id;
    const char *title;
    say_fn *say;
    unsigned cites;
} LINES[] = {
    {"guess",      "What it means for one person",     say_guess,      GENESIS | RESERVE},
    {"run",        "Guarantee of this run",            say_run,        RESERVE          },
    {"so_far",     "Of all runs so far",               say_so_far,     GENESIS | RESERVE},
    {"for_ever",   "Of all runs for ever",             say_for_ever,   GENESIS          },
    {"unit",       "Unit of privacy",                  say_unit,       GENESIS          },
    {"neighbours", "Neighbouring tables",              say_neighbours, GENESIS          },
    {"mechanisms", "Mechanisms and sensitivity",       say_mechanisms, MEASURE          },
    {"public",     "What was public, and who said so", say_public,     GRANT | RESERVE  },
    {"looked",     "Declared after looking",           say_looked,     RESERVE          },
    {"choices",    "The operator's choices",           say_choices,    RELEASE          },
    {"trust",      "Trust model",                      say_trust,      GENESIS          },
    {"base",       "Trusted computing base",           say_base,       GENESIS          },
    {"arithmetic", "Floating point and randomness",    say_arithmetic, MEASURE          },
    {"channels",   "Side channels",                    say_channels,   0                },
    {"collection", "Data collection",                  say_collection, GENESIS          },
    {"access",     "Who approved and who had access",  say_access,     GENESIS | GRANT  },
    {"bias",       "Accuracy and bias",                say_bias,       0                },
    {"limits",     "Limits",                           say_limits,     GENESIS          },
    {"replay",     "What follows at no cost",          say_replay,     MEASURE | RELEASE},
};

static void cite(struct sil_sheet_line *line, enum sil_entry_type type, uint64_t number)
{
    line->citation[line->n_citations++] =
        (struct sil_citation){.type = type, .number = number};
}

static void cite_all(struct sil_sheet_line *line, const struct sil_claim_sheet *sheet,
                     unsigned cites)
{
    const struct sil_chain *chain = sheet->source.chain;
    if (sheet->reserve == NULL) {
        return;
    }
    if ((cites & GENESIS) != 0) {
        cite(line, SIL_ENTRY_GENESIS, 0);
    }
    if ((cites & GRANT) != 0) {
        cite(line, SIL_ENTRY_GRANT, chain->grant[sheet->reserve->grant].seq);
    }
    if ((cites & RESERVE) != 0) {
        cite(line, SIL_ENTRY_RESERVE, sheet->reserve->seq);
    }
    const uint64_t last = chain->reserve[chain->n_reserves - 1].seq;
    if ((cites & LAST) != 0 && last != sheet->reserve->seq) {
        cite(line, SIL_ENTRY_RESERVE, last);
    }
    if ((cites & MEASURE) != 0 && sheet->reserve->n_measures > 0) {
        cite(line, SIL_ENTRY_MEASURE, sheet->reserve->measured_at);
    }
    /* The record's ledger ends before the release's own entry. */
    if ((cites & RELEASE) != 0 && sheet->source.release != NULL) {
        cite(line, SIL_ENTRY_RELEASE, sheet->source.release->size);
    }
}

sil_status sil_claim_sheet_write_lines(struct sil_claim_sheet *sheet,
                                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    const size_t n = sizeof LINES / sizeof LINES[0];
    SIL_TRY(sil_alloc(&sheet->line, n, sizeof *sheet->line, "the claim sheet", err));
    for (size_t i = 0; i < n; i++) {
        struct sil_sheet_line *line = &sheet->line[i];
        line->id = LINES[i].id;
        line->title = LINES[i].title;
        SIL_TRY(LINES[i].say(&text, sheet, err));
        SIL_TRY(sil_bytes_to_text(&line->text, &text, err));
        sheet->n_lines++;
        cite_all(line, sheet, LINES[i].cites);
    }
cleanup:
    sil_bytes_clear(&text);
    return status;
}
