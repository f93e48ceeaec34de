// SPDX-License-Identifier: Apache-2.0
/* What is trusted, and what is not covered. */
#include "release/claim_words.h"
#include "synth/model_object.h"

sil_status sil_say_trust(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                         struct sil_error *err)
{
    bool is_row = sheet->source.model->transcript.terms.unit.id_column == NULL;
    return sil_bytes_printf(
        out, err,
        "Central: one operator held the rows and ran the program on a machine that is "
        "trusted while it runs. The reader of what leaves is the adversary, who may know "
        "the program, the schema, the options, every file that left and every row but "
        "%s. A dishonest operator can publish the raw table; the ledger bounds what was "
        "run under it, and shows it.",
        is_row ? "one" : "one person's");
}

sil_status sil_say_base(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
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

sil_status sil_say_arithmetic(struct sil_bytes *out,
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

sil_status sil_say_channels(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
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

sil_status sil_say_collection(struct sil_bytes *out,
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

sil_status sil_say_access(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
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

sil_status sil_say_bias(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
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

sil_status sil_say_limits(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                          struct sil_error *err)
{
    bool is_row = sheet->source.model->transcript.terms.unit.id_column == NULL;
    return sil_bytes_printf(
        out, err,
        "Other tables about the same people are not counted%s. Differential privacy "
        "bounds what the presence of one %s adds; what is true of a whole group "
        "can be learnt, with or without any one of its members.",
        sheet->has_parent
            ? ", nor is what an earlier ledger, which this one succeeds, spent on them"
            : "",
        is_row ? "row" : "person");
}

sil_status sil_say_replay(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
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
