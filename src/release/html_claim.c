// SPDX-License-Identifier: Apache-2.0
/* The claim first, in plain words; then line by line; then how to check it. */
#include "base/fail.h"
#include "release/datasheet_html.h"
#include "release/html.h"
#include "synth/model_object.h"
#include "synth/report.h"
#include "table/schema.h"

/* ---- plain words ---- */

static sil_status put_figure(struct sil_bytes *out, const char *title,
                             const struct sil_sheet_bound *bound, struct sil_error *err)
{
    sil_status status = SIL_OK;
    char guess[SIL_PERCENT_BYTES];
    sil_percent_up(guess, bound->guess.v);
    SIL_TRY(
        sil_html(out, err,
                 "<div><dt>%s</dt><dd><span class=\"big\">at most %s&#160;%%</span> "
                 "right guesses<br>epsilon ",
                 title, guess));
    SIL_TRY(sil_print_epsilon(out, bound->epsilon.v, err));
    SIL_TRY(sil_html(out, err, ", delta "));
    SIL_TRY(sil_print_epsilon(out, bound->delta.v, err));
    SIL_TRY(sil_html(out, err, "</dd></div>\n"));
cleanup:
    return status;
}

/* Where between a coin's 50 % and certainty a guess stands, in units of the picture. */
static unsigned gauge_place(const mpq_t guess)
{
    mpz_t place;
    mpz_init(place);
    mpz_mul_ui(place, mpq_numref(guess), 1200);
    mpz_cdiv_q(place, place, mpq_denref(guess));
    unsigned n = (unsigned)mpz_get_ui(place);
    mpz_clear(place);
    return n - 600 + 20;
}

static sil_status put_gauge(struct sil_bytes *out, const struct sil_claim_sheet *claim,
                            struct sil_error *err)
{
    char run[SIL_PERCENT_BYTES];
    char cap[SIL_PERCENT_BYTES];
    sil_percent_up(run, claim->run.guess.v);
    sil_percent_up(cap, claim->for_ever.guess.v);
    unsigned x = gauge_place(claim->run.guess.v);
    unsigned y = gauge_place(claim->for_ever.guess.v);
    return sil_html(
        out, err,
        "<figure>\n<svg viewBox=\"0 0 640 44\" role=\"img\" "
        "aria-labelledby=\"gauge-t gauge-d\">"
        "<title id=\"gauge-t\">Right guesses, between a coin and certainty</title>"
        "<desc id=\"gauge-d\">A coin is right 50 %% of the time. After this release an "
        "attacker is right at most %s %% of the time; after everything the ledger may "
        "ever release, at most %s %%.</desc>"
        "<path class=\"edge\" stroke-width=\"2\" d=\"M20 22H620M20 12V32M620 12V32\"/>"
        "<rect class=\"bar\" x=\"20\" y=\"16\" width=\"%u\" height=\"12\"/>"
        "<path class=\"cap\" d=\"M%u 4V40\"/></svg>\n"
        "<figcaption>From 50&#160;%%, a coin, on the left to 100&#160;%%, certainty, on "
        "the right. Bar: this release; dashes: for ever.</figcaption>\n</figure>\n",
        run, cap, x - 20, y);
}

static uint32_t count_looked(const struct sil_schema *schema)
{
    uint32_t n = 0;
    for (uint32_t a = 0; a < sil_schema_n_columns(schema); a++) {
        n += sil_field_was_looked_at(sil_schema_field(schema, a));
    }
    return n;
}

/* What a reader must know before quoting the figures. */
static sil_status put_conditions(struct sil_bytes *out,
                                 const struct sil_datasheet *sheet,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_schema *schema = sheet->record->model->transcript.schema;
    uint32_t n_looked = count_looked(schema);
    const struct sil_privacy_unit *unit = &sheet->record->model->transcript.terms.unit;
    SIL_TRY(
        unit->id_column == NULL
            ? sil_html(out, err,
                       "<ul>\n<li>The figures are for <strong>one row</strong>. A "
                       "person with several rows is protected less.</li>\n")
            : sil_html(out, err,
                       "<ul>\n<li>The figures are for <strong>one person</strong>, "
                       "of whom %u rows count. Somebody with several ids is protected "
                       "less.</li>\n",
                       unit->rows));
    SIL_TRY(sil_html(
        out, err,
        "<li>&#8220;For ever&#8221; is the cap of the ledger of these data: no run can be "
        "entered beyond it, and no budget comes back.</li>\n"
        "<li>Other tables about the same people are not counted.</li>\n"));
    if (n_looked > 0) {
        SIL_TRY(
            sil_html(out, err,
                     "<li><strong>%u of %u fields were declared public after looking "
                     "at the data.</strong> What the look revealed is outside the "
                     "guarantee.</li>\n",
                     n_looked, sil_schema_n_columns(schema)));
    }
    if (sheet->record->cumulative.is_shared) {
        SIL_TRY(
            sil_html(out, err,
                     "<li><strong>One person holds the keys of several roles:</strong> "
                     "nobody else had to approve this.</li>\n"));
    }
    SIL_TRY(sil_html(out, err,
                     "<li>The figures are the program&#39;s, certified with outward "
                     "rounding. <a href=\"#verify\">How to check them</a>.</li>\n"
                     "</ul>\n"));
cleanup:
    return status;
}

/* Whom the guess is about, and what is known beforehand. */
static sil_status put_attacker(struct sil_bytes *out, const struct sil_terms *terms,
                               struct sil_error *err)
{
    bool is_public = terms->neighbours == SIL_REPLACE_ONE;
    if (terms->unit.id_column == NULL) {
        return sil_html(
            out, err,
            "Take one row of the original table. Somebody who knows every <em>other</em> "
            "row, the program and everything published tries to guess %s. ",
            is_public ? "which of two values this row has"
                      : "whether this row is in it");
    }
    return sil_html(
        out, err,
        "Take one person of the original table, with all rows. Somebody who knows "
        "everybody <em>else&#39;s</em> rows, the program and everything published tries to "
        "guess %s. ",
        is_public ? "which of two persons it is" : "whether this person is in it");
}

sil_status sil_html_claim(struct sil_bytes *out, const struct sil_datasheet *sheet,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_claim_sheet *claim = &sheet->claim;
    SIL_TRY(
        sil_html(out, err,
                 "<section class=\"claim\" id=\"claim\" aria-labelledby=\"claim-h\">\n"
                 "<h2 id=\"claim-h\">The claim</h2>\n"
                 "<p class=\"lead\">"));
    SIL_TRY(put_attacker(out, &sheet->record->model->transcript.terms, err));
    SIL_TRY(sil_html(
        out, err,
        "A coin toss is right 50&#160;%% of the time. How much better what was released "
        "makes that guess is limited, by proof:</p>\n"));
    SIL_TRY(sil_html(out, err, "<dl class=\"figures\">\n"));
    SIL_TRY(put_figure(out, "From this release", &claim->run, err));
    SIL_TRY(put_figure(out, "From all releases so far", &claim->so_far, err));
    SIL_TRY(put_figure(out, "From all releases, for ever", &claim->for_ever, err));
    SIL_TRY(sil_html(out, err, "</dl>\n"));
    SIL_TRY(put_gauge(out, claim, err));
    SIL_TRY(put_conditions(out, sheet, err));
    SIL_TRY(sil_html(out, err, "</section>\n"));
cleanup:
    return status;
}

/* ---- line by line ---- */

static sil_status put_line(struct sil_bytes *out, const struct sil_sheet_line *line,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_html(out, err,
                     "<tr id=\"line-%s\"><th scope=\"row\">%s</th><td>%s</td>"
                     "<td class=\"cite\">",
                     line->id, line->title, line->text));
    for (size_t i = 0; i < line->n_citations; i++) {
        SIL_TRY(sil_html(out, err, "%s%s&#160;%lu", i == 0 ? "" : ", ",
                         sil_entry_type_name(line->citation[i].type),
                         (unsigned long)line->citation[i].number));
    }
    SIL_TRY(sil_html(out, err, "%s</td></tr>\n",
                     line->n_citations == 0 ? "in no entry" : ""));
cleanup:
    return status;
}

sil_status sil_html_sheet(struct sil_bytes *out, const struct sil_datasheet *sheet,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_html(
        out, err,
        "<section id=\"sheet\" aria-labelledby=\"sheet-h\">\n"
        "<h2 id=\"sheet-h\">Claim sheet</h2>\n<table class=\"wide sheet\">\n"
        "<caption>The questions of NIST SP 800-226, each with the entries of the ledger "
        "that bear out the answer.</caption>\n<thead><tr><th scope=\"col\">Question</th>"
        "<th scope=\"col\">Answer</th><th scope=\"col\">Ledger entries</th></tr></thead>\n"
        "<tbody>\n"));
    for (size_t i = 0; i < sheet->claim.n_lines; i++) {
        SIL_TRY(put_line(out, &sheet->claim.line[i], err));
    }
    SIL_TRY(sil_html(out, err, "</tbody>\n</table>\n</section>\n"));
cleanup:
    return status;
}

/* ---- how to check it ---- */

sil_status sil_html_verify(struct sil_bytes *out, const struct sil_datasheet *sheet,
                           struct sil_error *err)
{
    char id[SIL_ID_TEXT];
    sil_id_print(id, &sheet->record->chain->ledger);
    return sil_html(
        out, err,
        "<section id=\"verify\" aria-labelledby=\"verify-h\">\n"
        "<h2 id=\"verify-h\">How to verify</h2>\n"
        "<p>Do not believe this page: it is a copy, and anybody can write one. Ask the "
        "publisher for the ledger&#39;s id over another way than the one this file "
        "came by, and compare it with this one:</p>\n<p><code>%s</code></p>\n"
        "<ol>\n<li>Run <code>silhouette verify BUNDLE --ledger-id %s</code>. It checks "
        "hashes, signatures and the ledger, computes the model and every row again from "
        "the transcript, writes this page again and compares it byte by byte.</li>\n"
        "<li>Without the program: VERIFY.txt in the bundle does the first part with "
        "minisign, sha256sum and openssl.</li>\n"
        "<li>Whether the noise is what it claims to be is a question for an auditor: "
        "silhouette-audit.</li>\n</ol>\n</section>\n",
        id, id);
}
