// SPDX-License-Identifier: Apache-2.0
/* What was public, and what people chose. */
#include "base/fail.h"
#include "release/claim_words.h"
#include "synth/model_object.h"
#include "synth/reached.h"
#include "table/recomputed.h"

#include <string.h>

enum { NAMES_SHOWN = 20, NAME_LENGTH = 80 };

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

/* Columns that were not measured; they are functions of the others. */
static sil_status say_recomputed(struct sil_bytes *out, const struct sil_schema *schema,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    const uint32_t first = sil_schema_n_fields(schema);
    const uint32_t n = sil_schema_n_columns(schema) - first;
    for (uint32_t i = 0; i < n && i < NAMES_SHOWN; i++) {
        SIL_TRY(sil_bytes_printf(out, err, "%s",
                                 i == 0 ? " Never measured, but recomputed in each row "
                                          "from others of its columns, as the schema "
                                          "says: "
                                        : ", "));
        SIL_TRY(say_name(out, sil_schema_recomputed(schema, first + i)->said, err));
    }
    if (n > NAMES_SHOWN) {
        SIL_TRY(sil_bytes_printf(out, err, " and %u more", n - NAMES_SHOWN));
    }
    if (n > 0) {
        SIL_TRY(sil_bytes_printf(out, err, "."));
    }
cleanup:
    return status;
}

sil_status sil_say_public(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
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
    SIL_TRY(say_recomputed(out, sheet->source.model->transcript.schema, err));
cleanup:
    return status;
}

sil_status sil_say_looked(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_schema *schema = sheet->source.model->transcript.schema;
    uint32_t n_fields = sil_schema_n_columns(schema);
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

static sil_status say_seed(struct sil_bytes *out, const struct sil_choices *choices,
                           struct sil_error *err)
{
    return choices->has_seed
               ? sil_bytes_printf(
                     out, err,
                     "%lu, the operator's choice. A seed that was chosen after comparing "
                     "its rows with the data tells something of them, outside the "
                     "guarantee.",
                     (unsigned long)choices->seed)
               : sil_bytes_printf(out, err, "follows from the transcript.");
}

static sil_status say_missed(struct sil_bytes *out,
                             const struct sil_sample_report *drawn,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < drawn->n_missed && i < SIL_MISSED_MAX; i++) {
        SIL_TRY(sil_bytes_printf(
            out, err, "%s",
            i > 0 ? "; " : " Shares that the rows MISS by more than rounding: "));
        SIL_TRY(sil_missed_say(out, &drawn->missed[i], drawn->n_rows, err));
    }
    if (drawn->n_missed > SIL_MISSED_MAX) {
        SIL_TRY(sil_bytes_printf(out, err, "; and %lu more",
                                 (unsigned long)drawn->n_missed - SIL_MISSED_MAX));
    }
    if (drawn->n_missed > 0) {
        SIL_TRY(sil_bytes_printf(
            out, err, ".%s",
            drawn->n_changed > 0 ? " Rows were changed to keep declared rules." : ""));
    }
cleanup:
    return status;
}

/* The texts are the operator's, as they were given. */
static sil_status say_order(struct sil_bytes *out, const struct sil_record *release,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_choices *choices = &release->choices;
    bool is_mosaic = release->model->transcript.terms.mechanism == SIL_MOSAIC;
    SIL_TRY(sil_bytes_printf(out, err, " Rows MADE TO ORDER:"));
    if (choices->where != NULL) {
        SIL_TRY(sil_bytes_printf(out, err, " only where %s;", choices->where));
    }
    for (size_t i = 0; i < choices->n_rebalance; i++) {
        SIL_TRY(
            sil_bytes_printf(out, err, " with the shares %s;", choices->rebalance[i]));
    }
    if (choices->fair != NULL) {
        SIL_TRY(sil_bytes_printf(out, err, " with parity of %s;", choices->fair));
    }
    SIL_TRY(sil_bytes_printf(
        out, err,
        " drawn from the model as it is given that, at no cost of privacy%s. They stand "
        "for no population, and no error bound holds for them. An order that was chosen "
        "after looking at the data tells something of them, outside the guarantee.",
        is_mosaic ? ", without the search that fits rows to what was measured past the "
                    "tree"
                  : ""));
    SIL_TRY(say_missed(out, &release->drawn, err));
cleanup:
    return status;
}

sil_status sil_say_choices(struct sil_bytes *out, const struct sil_claim_sheet *sheet,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
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
    SIL_TRY(sil_bytes_printf(out, err, "%s rows: %s. Seed of the rows: ", count,
                             choices->has_rows
                                 ? "the operator's choice, not an estimate"
                                 : "the private estimate"));
    SIL_TRY(say_seed(out, choices, err));
    if (sil_choices_are_made(choices)) {
        SIL_TRY(say_order(out, release, err));
    }
    if (release->drawn.n_rules > 0) {
        sil_count_text(count, release->drawn.n_broken);
        SIL_TRY(sil_bytes_printf(
            out, err, " Of the rows %s violate a declared rule between columns.",
            count));
    }
cleanup:
    return status;
}
