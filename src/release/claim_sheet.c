// SPDX-License-Identifier: Apache-2.0
#include "release/claim_sheet.h"

#include "base/fail.h"
#include "synth/model_object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void bound_init(struct sil_sheet_bound *bound)
{
    sil_rho_init(&bound->rho);
    sil_epsilon_init(&bound->epsilon);
    sil_delta_init(&bound->delta);
    sil_guess_init(&bound->guess);
}

static void bound_clear(struct sil_sheet_bound *bound)
{
    sil_rho_clear(&bound->rho);
    sil_epsilon_clear(&bound->epsilon);
    sil_delta_clear(&bound->delta);
    sil_guess_clear(&bound->guess);
}

static void use_init(struct sil_sheet_use *use)
{
    mpq_inits(use->least, use->most, NULL);
    sil_rho_init(&use->rho);
}

static void use_clear(struct sil_sheet_use *use)
{
    mpq_clears(use->least, use->most, NULL);
    sil_rho_clear(&use->rho);
}

static void sheet_init(struct sil_claim_sheet *sheet,
                       const struct sil_sheet_source *source)
{
    *sheet = (struct sil_claim_sheet){.source = *source};
    bound_init(&sheet->run);
    bound_init(&sheet->so_far);
    bound_init(&sheet->for_ever);
    use_init(&sheet->noise);
    use_init(&sheet->choice);
}

void sil_claim_sheet_clear(struct sil_claim_sheet *sheet)
{
    for (size_t i = 0; i < sheet->n_lines; i++) {
        free(sheet->line[i].text);
    }
    free(sheet->line);
    bound_clear(&sheet->run);
    bound_clear(&sheet->so_far);
    bound_clear(&sheet->for_ever);
    use_clear(&sheet->noise);
    use_clear(&sheet->choice);
}

/* ---- the figures ---- */

/* What discovery may add is a probability with which the zCDP bound does not hold. */
static sil_status fill_run(struct sil_claim_sheet *sheet, struct sil_error *err)
{
    const struct sil_terms *terms = &sheet->source.model->transcript.terms;
    mpq_set(sheet->run.rho.v, terms->cap.v);
    mpq_set(sheet->run.epsilon.v, terms->certified.v);
    mpq_set(sheet->run.delta.v, terms->delta.v);
    return sil_guess_of_rho(&sheet->run.guess, &terms->cap, &terms->discovery, err);
}

static sil_status fill_bound(struct sil_sheet_bound *out, const struct sil_bound *bound,
                             const struct sil_cumulative *claim, struct sil_error *err)
{
    struct sil_delta slack;
    sil_delta_init(&slack);
    mpq_set(out->rho.v, bound->rho.v);
    mpq_set(out->epsilon.v, bound->epsilon.v);
    mpq_set(out->delta.v, claim->delta.v);
    mpq_sub(slack.v, claim->delta.v, claim->report_delta.v);
    sil_status status = sil_guess_of_rho(&out->guess, &bound->rho, &slack, err);
    sil_delta_clear(&slack);
    return status;
}

static sil_status fill_from(struct sil_claim_sheet *sheet,
                            const struct sil_cumulative *claim, struct sil_error *err)
{
    sil_status status = SIL_OK;
    sheet->entries = claim->size;
    sheet->has_parent = claim->has_parent;
    SIL_TRY(fill_bound(&sheet->so_far, &claim->reserved, claim, err));
    SIL_TRY(fill_bound(&sheet->for_ever, &claim->cap, claim, err));
cleanup:
    return status;
}

/* The ledger as it stands where there is one at hand; else as the transcript says. */
static sil_status fill_ledger(struct sil_claim_sheet *sheet, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_sheet_source *source = &sheet->source;
    const struct sil_transcript *transcript = &source->model->transcript;
    struct sil_cumulative claim;
    if (source->release != NULL) {
        return fill_from(sheet, &source->release->cumulative, err);
    }
    sil_cumulative_init(&claim);
    SIL_TRY(source->chain != NULL
                ? sil_cumulative_find(&claim, source->chain, err)
                : sil_stamp_claim(&claim, &transcript->stamp, &transcript->terms.unit,
                                  transcript->terms.neighbours, err));
    SIL_TRY(fill_from(sheet, &claim, err));
cleanup:
    sil_cumulative_clear(&claim);
    return status;
}

static void count_use(struct sil_sheet_use *use, const struct sil_release *line,
                      const mpq_t parameter)
{
    bool is_first = use->n++ == 0;
    if (is_first || line->sensitivity < use->least_sensitivity) {
        use->least_sensitivity = line->sensitivity;
    }
    if (is_first || line->sensitivity > use->most_sensitivity) {
        use->most_sensitivity = line->sensitivity;
    }
    if (is_first || mpq_cmp(parameter, use->least) < 0) {
        mpq_set(use->least, parameter);
    }
    if (is_first || mpq_cmp(parameter, use->most) > 0) {
        mpq_set(use->most, parameter);
    }
    mpq_add(use->rho.v, use->rho.v, line->rho.v);
}

static void fill_uses(struct sil_claim_sheet *sheet)
{
    const struct sil_transcript *transcript = &sheet->source.model->transcript;
    mpq_t squared;
    mpq_init(squared);
    for (size_t i = 0; i < transcript->n_lines; i++) {
        const struct sil_release *line = &transcript->line[i];
        if (line->kind == SIL_RELEASE_MEASURE) {
            count_use(&sheet->noise, line, line->sigma2.v);
        } else {
            mpq_mul(squared, line->epsilon.v, line->epsilon.v);
            count_use(&sheet->choice, line, squared);
        }
    }
    mpq_clear(squared);
}

sil_status sil_claim_sheet_make(struct sil_claim_sheet *out,
                                const struct sil_sheet_source *source,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_transcript *transcript = &source->model->transcript;
    sheet_init(out, source);
    out->is_ledgered = transcript->is_ledgered;
    if (source->chain != NULL) {
        out->reserve =
            sil_chain_find_reserve(source->chain, &transcript->stamp.reserve);
    }
    SIL_TRY(fill_run(out, err));
    SIL_TRY(out->is_ledgered ? fill_ledger(out, err) : SIL_OK);
    fill_uses(out);
    SIL_TRY(sil_claim_sheet_write_lines(out, err));
cleanup:
    return status;
}

/* ---- as text ---- */

static sil_status say_citations(struct sil_bytes *out,
                                const struct sil_sheet_line *line,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < line->n_citations; i++) {
        SIL_TRY(sil_bytes_printf(out, err, "%s%s %lu", i == 0 ? " [entries: " : ", ",
                                 sil_entry_type_name(line->citation[i].type),
                                 (unsigned long)line->citation[i].number));
    }
    SIL_TRY(sil_bytes_printf(out, err, "%s", line->n_citations > 0 ? "]" : ""));
cleanup:
    return status;
}

sil_status sil_claim_sheet_text(struct sil_bytes *out,
                                const struct sil_claim_sheet *sheet,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < sheet->n_lines; i++) {
        const struct sil_sheet_line *line = &sheet->line[i];
        SIL_TRY(sil_bytes_printf(out, err, "  %s: %s", line->title, line->text));
        SIL_TRY(say_citations(out, line, err));
        SIL_TRY(sil_bytes_printf(out, err, "\n"));
    }
cleanup:
    return status;
}

void sil_percent_up(char out[SIL_PERCENT_BYTES], const mpq_t probability)
{
    mpz_t tenths;
    mpz_init(tenths);
    mpz_mul_ui(tenths, mpq_numref(probability), 1000);
    mpz_cdiv_q(tenths, tenths, mpq_denref(probability));
    unsigned n = (unsigned)mpz_get_ui(tenths);
    mpz_clear(tenths);
    SIL_REQUIRE(n <= 1000);
    (void)snprintf(out, SIL_PERCENT_BYTES, "%u.%u", n / 10, n % 10);
}

void sil_count_text(char out[SIL_COUNT_BYTES], uint64_t count)
{
    char digits[SIL_COUNT_BYTES];
    int n = snprintf(digits, sizeof digits, "%lu", (unsigned long)count);
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) {
            *out++ = ',';
        }
        *out++ = digits[i];
    }
    *out = '\0';
}
