// SPDX-License-Identifier: Apache-2.0
#include "release/datasheet_html.h"

#include "base/fail.h"
#include "crypto/base64.h"
#include "crypto/hash.h"
#include "release/html.h"
#include "synth/model_object.h"
#include "synth/reached.h"

#include <string.h>

sil_status sil_html_name(struct sil_bytes *out, const char *name, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_html(out, err, "<bdi>"));
    SIL_TRY(sil_html_short(out, name, SIL_HTML_NAME, err));
    SIL_TRY(sil_html(out, err, "</bdi>"));
cleanup:
    return status;
}

sil_status sil_html_percent(struct sil_bytes *out, uint64_t millionths, bool up,
                            struct sil_error *err)
{
    uint64_t tenths = (millionths + (up ? 999 : 500)) / 1000;
    return sil_html(out, err, "%lu.%lu&#160;%%", (unsigned long)(tenths / 10),
                    (unsigned long)(tenths % 10));
}

/* ---- head ---- */

/* Nothing is loaded and nothing is run: the policy allows this one style sheet. */
static sil_status put_policy(struct sil_bytes *out, const struct sil_bytes *style,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t hash[SIL_HASH_BYTES];
    const struct sil_part part = {style->data, style->length};
    sil_sha256(hash, &part, 1);
    SIL_TRY(sil_html(out, err,
                     "<meta http-equiv=\"Content-Security-Policy\" "
                     "content=\"default-src 'none'; style-src 'sha256-"));
    SIL_TRY(sil_base64_print(out, hash, sizeof hash, err));
    SIL_TRY(sil_html(out, err, "'; base-uri 'none'; form-action 'none'\">\n"));
cleanup:
    return status;
}

static sil_status put_head(struct sil_bytes *out, const struct sil_datasheet *sheet,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes style = {0};
    SIL_TRY(sil_html_style(&style, err));
    SIL_TRY(sil_html(out, err,
                     "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                     "<meta charset=\"utf-8\">\n"));
    SIL_TRY(put_policy(out, &style, err));
    SIL_TRY(sil_html(
        out, err,
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<title>Datasheet: synthetic rows of %s</title>\n<style>",
        sheet->record->chain->genesis.genesis.data_label));
    SIL_TRY(sil_bytes_append(out, style.data, style.length, err));
    SIL_TRY(sil_html(out, err, "</style>\n</head>\n"));
cleanup:
    sil_bytes_clear(&style);
    return status;
}

/* What the rows were held against, counted in their texts. */
static sil_status put_rules(struct sil_bytes *out,
                            const struct sil_sample_report *drawn,
                            struct sil_error *err)
{
    char broken[SIL_COUNT_BYTES];
    char rows[SIL_COUNT_BYTES];
    sil_count_text(broken, drawn->n_broken);
    sil_count_text(rows, drawn->n_rows);
    return sil_html(
        out, err,
        "<p>%s of %s rows violate a rule between columns; %zu are declared, "
        "in the schema.</p>\n",
        broken, rows, (size_t)drawn->n_rules);
}

static sil_status put_missed(struct sil_bytes *out,
                             const struct sil_sample_report *drawn,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    for (size_t i = 0; i < drawn->n_missed && i < SIL_MISSED_MAX; i++) {
        text.length = 0;
        SIL_TRY(sil_missed_say(&text, &drawn->missed[i], drawn->n_rows, err));
        SIL_TRY(sil_bytes_append(&text, "", 1, err));
        SIL_TRY(sil_html(out, err,
                         "<li>Missed by more than rounding: <code>%s</code>.</li>\n",
                         (const char *)text.data));
    }
    if (drawn->n_missed > SIL_MISSED_MAX) {
        SIL_TRY(sil_html(out, err, "<li>Missed likewise: %zu more.</li>\n",
                         (size_t)drawn->n_missed - SIL_MISSED_MAX));
    }
cleanup:
    sil_bytes_clear(&text);
    return status;
}

static sil_status put_order(struct sil_bytes *out, const struct sil_record *record,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_choices *choices = &record->choices;
    SIL_TRY(
        sil_html(out, err,
                 "<p class=\"warn\"><strong>Rows made to order.</strong> They stand "
                 "for no population: not the table, and not a part of it as it "
                 "was.</p>\n<ul>\n"));
    if (choices->where != NULL) {
        SIL_TRY(sil_html(out, err, "<li>Only rows where <code>%s</code>.</li>\n",
                         choices->where));
    }
    for (size_t i = 0; i < choices->n_rebalance; i++) {
        SIL_TRY(sil_html(out, err, "<li>With the shares <code>%s</code>.</li>\n",
                         choices->rebalance[i]));
    }
    if (choices->fair != NULL) {
        SIL_TRY(sil_html(out, err, "<li>With parity of <code>%s</code>.</li>\n",
                         choices->fair));
    }
    SIL_TRY(put_missed(out, &record->drawn, err));
    SIL_TRY(sil_html(out, err, "</ul>\n"));
cleanup:
    return status;
}

static sil_status put_header(struct sil_bytes *out, const struct sil_datasheet *sheet,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_record *record = sheet->record;
    char rows[SIL_COUNT_BYTES];
    char id[SIL_ID_TEXT];
    sil_count_text(rows, record->choices.n_rows);
    sil_id_print(id, &record->id);
    SIL_TRY(sil_html(out, err,
                     "<body>\n<a class=\"skip\" href=\"#claim\">Skip to the claim</a>\n"
                     "<header>\n<p class=\"kind\">Datasheet of a release of synthetic "
                     "rows</p>\n<h1>%s</h1>\n",
                     record->chain->genesis.genesis.data_label));
    SIL_TRY(
        sil_html(out, err,
                 "<p>%s synthetic rows of %u column%s, made by the strategy %s under "
                 "differential privacy. No row is a person&#39;s. Release "
                 "<code>%s</code>.</p>\n",
                 rows, record->rows->n_attrs, record->rows->n_attrs == 1 ? "" : "s",
                 sil_mechanism_name(record->model->transcript.terms.mechanism), id));
    if (sil_choices_are_made(&record->choices)) {
        SIL_TRY(put_order(out, record, err));
    }
    if (record->drawn.n_rules > 0) {
        SIL_TRY(put_rules(out, &record->drawn, err));
    }
    SIL_TRY(sil_html(
        out, err,
        "<nav aria-label=\"Parts of this datasheet\">\n<ul>\n"
        "<li><a href=\"#claim\">The claim</a></li>\n"
        "<li><a href=\"#sheet\">Claim sheet</a></li>\n"
        "<li><a href=\"#verify\">How to verify</a></li>\n"
        "<li><a href=\"#provenance\">Provenance</a></li>\n"
        "<li><a href=\"#budget\">Budget</a></li>\n"
        "<li><a href=\"#columns\">Columns</a></li>\n"
        "<li><a href=\"#association\">Association</a></li>\n"
        "<li><a href=\"#accuracy\">Accuracy</a></li>\n"
        "<li><a href=\"#limits\">Limits</a></li>\n</ul>\n</nav>\n</header>\n<main>\n"));
cleanup:
    return status;
}

static sil_status put_footer(struct sil_bytes *out, const struct sil_datasheet *sheet,
                             struct sil_error *err)
{
    char hex[2 * SIL_HASH_BYTES + 1];
    sil_hash_hex(hex, sheet->record->model->hash);
    return sil_html(
        out, err,
        "</main>\n<footer>\n<p>Silhouette datasheet, version %d of the "
        "documents, replay %u. Transcript BLAKE2b <code>%s</code>. The same "
        "facts for programs: datasheet.json.</p>\n</footer>\n</body>\n"
        "</html>\n",
        sil_documents_version(&sheet->record->choices),
        sheet->record->model->transcript.terms.replay, hex);
}

static sil_status put_all(struct sil_bytes *out, const struct sil_datasheet *sheet,
                          struct sil_error *err)
{
    static sil_html_part *const PARTS[] = {
        put_head,          put_header,          sil_html_claim,  sil_html_sheet,
        sil_html_verify,   sil_html_provenance, sil_html_budget, sil_html_columns,
        sil_html_heat_map, sil_html_accuracy,   sil_html_limits, put_footer};
    sil_status status = SIL_OK;
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        SIL_TRY(PARTS[i](out, sheet, err));
    }
cleanup:
    return status;
}

/* The parts measure the file from its first byte, whatever `out` holds before it. */
sil_status sil_datasheet_html(struct sil_bytes *out, const struct sil_datasheet *sheet,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes html = {0};
    SIL_TRY(put_all(&html, sheet, err));
    SIL_TRY(sil_bytes_append(out, html.data, html.length, err));
cleanup:
    sil_bytes_clear(&html);
    return status;
}
