// SPDX-License-Identifier: Apache-2.0
/* What the report is about, byte for byte, and how it was made. */
#include "audits/report/report.h"
#include "crypto/hash.h"

#include "silhouette/version.h"

#include <string.h>

static void put_hash(struct aud_page *page, const uint8_t hash[SIL_HASH_BYTES])
{
    char text[2 * SIL_HASH_BYTES + 1];
    sil_hash_hex(text, hash);
    aud_page(page, "<td><code>%s</code></td>", text);
}

/* ---- inputs of the report ---- */

static void put_inputs(struct aud_page *page, const struct aud_report *report)
{
    aud_page_table(page, "t-inputs", "What the report was made from, in this order.",
                   "<th scope=\"col\">Command</th><th scope=\"col\">Answer</th>"
                   "<th scope=\"col\">Read from</th><th scope=\"col\">SHA-256</th>");
    for (size_t i = 0; i < report->inputs.n; i++) {
        const struct aud_input *input = &report->inputs.item[i];
        aud_page(page, "<tr><th scope=\"row\">%m</th><td>%m</td><td>%m%s</td>",
                 aud_layer_name(input->layer), aud_word_text(input->word),
                 input->is_bundle ? "the bundle " : "the findings ", input->path);
        if (input->has_hash) {
            put_hash(page, input->sha256);
        } else {
            aud_page_markup(page, "<td>its files are below</td>");
        }
        aud_page_markup(page, "</tr>\n");
    }
    aud_page_end_table(page);
}

/* ---- what was audited ---- */

/* The tables of each attack, by hash alone: it is not told where they lay. */
static void put_attacked(struct aud_page *page, const struct aud_report *report)
{
    static const char *const NAMES[][2] = {
        {"train",     "records that the generator was given"},
        {"holdout",   "records that it was not given"       },
        {"synthetic", "rows that were attacked"             }
    };

    for (size_t i = 0; i < report->inputs.n; i++) {
        const json_t *files = json_object_get(report->inputs.item[i].content, "files");
        if (report->inputs.item[i].layer != AUD_RISK || !json_is_object(files)) {
            continue;
        }
        for (size_t k = 0; k < sizeof NAMES / sizeof NAMES[0]; k++) {
            aud_page(page,
                     "<tr><th scope=\"row\">%s: %m</th><td><code>%s</code></td></tr>\n",
                     report->inputs.item[i].path, NAMES[k][1],
                     aud_text(files, NAMES[k][0]));
        }
    }
}

static void put_files(struct aud_page *page, const struct aud_report *report)
{
    size_t left_out = 0;
    aud_page_table(page, "t-files",
                   "Files of the releases, as the ledger lists them; the tables of the "
                   "attacks; files that whoever made this report named.",
                   "<th scope=\"col\">File</th><th scope=\"col\">SHA-256</th>");
    for (size_t i = 0; i < report->inputs.n; i++) {
        const json_t *files = json_object_get(aud_report_subject(report, i), "files");
        for (size_t k = 0; k < json_array_size(files); k++) {
            const json_t *file = json_array_get(files, k);
            if (aud_page_has_room(page)) {
                aud_page(page,
                         "<tr><th scope=\"row\">%s</th><td><code>%s</code></td></tr>\n",
                         aud_text(file, "name"), aud_text(file, "sha256"));
            } else {
                left_out++;
            }
        }
    }
    put_attacked(page, report);
    for (size_t i = 0; i < report->n_files; i++) {
        const struct aud_named_file *file = &report->file[i];
        aud_page(page, "<tr><th scope=\"row\">%s (named by the auditor)</th>",
                 file->path);
        put_hash(page, file->sha256);
        aud_page_markup(page, "</tr>\n");
    }
    aud_page_end_table(page);
    aud_page_left_out(page, left_out);
}

static void put_tables(struct aud_page *page, const struct aud_report *report)
{
    for (size_t i = 0; i < report->inputs.n; i++) {
        const json_t *content = report->inputs.item[i].content;
        const json_t *rows = json_object_get(content, "rows");
        if (report->inputs.item[i].layer != AUD_RISK) {
            continue;
        }
        bool is_coins = strcmp(aud_text(content, "inclusion"), "coins") == 0;
        const char *person = aud_text(content, "person");
        const char *what = person[0] != '\0' ? "persons" : "records";
        aud_page(
            page,
            "<p>The attacks compared %.0f %m that the generator was given with "
            "%.0f that it was not, by means of %.0f synthetic rows of %.0f columns. "
            "Which %m it was given was decided %m.",
            aud_real(rows, "train", 0), what, aud_real(rows, "holdout", 0),
            aud_real(rows, "synthetic", 0), aud_real(rows, "columns", 0), what,
            is_coins ? "by coins that were committed to beforehand"
                     : "in a way that is not known here");
        if (person[0] != '\0') {
            aud_page(page,
                     " Of each person, told apart by the column %s, one record was "
                     "compared, drawn by lot.",
                     person);
        }
        aud_page_markup(page, "</p>\n");
    }
}

void aud_page_scope(struct aud_page *page, const struct aud_report *report)
{
    const json_t *ledger = aud_report_ledger(report);
    aud_page_section(page, "scope", "Scope and provenance");
    aud_page(page, "<p>Made by silhouette-audit %s", SIL_VERSION);
    if (ledger != NULL) {
        aud_page(page,
                 ". The ledger of the release is <code>%s</code>, in the state of %.0f "
                 "entries with the root <code>%s</code>",
                 aud_text(ledger, "id"), aud_real(ledger, "size", 0),
                 aud_text(ledger, "root"));
    }
    aud_page_markup(page, ".</p>\n");
    put_tables(page, report);
    put_inputs(page, report);
    put_files(page, report);
    aud_page_markup(
        page,
        "<p>Not examined by any part of it: how the records were collected and who may "
        "see them; how long programs take and what else a computer gives away while it "
        "works; whether a second ledger of the same people exists; what the release can "
        "be combined with.</p>\n");
    aud_page_end_section(page);
}
