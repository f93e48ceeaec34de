// SPDX-License-Identifier: Apache-2.0
/* Crosswalk, limits, how to do it again, who may read it. */
#include "audits/report/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- crosswalk ---- */

static void put_crosswalk(struct aud_page *page)
{
    static const char *const ROWS[][6] = {
        {"verify: papers, ledger, arithmetic", "\xe2\x80\x93",                     "documentation",
         "record of the assessment, review",                                                                                                    "9 governance",
         "top: epsilon and unit; the algorithm's accounting"                                                                                                                                                                              },
        {"verify: public inputs",              "\xe2\x80\x93",                     "documentation",
         "who may have access",                                                                                                                 "6 context assessment",
         "bottom: what was collected and looked at"                                                                                                                                                                                       },
        {"conform: noise against the records", "\xe2\x80\x93",                     "documentation",
         "record of the assessment",                                                                                                            "8.2.3 adversarial testing",
         "middle: correct algorithms, floating point"                                                                                                                                                                                     },
        {"game: the program under test",       "\xe2\x80\x93",                     "personal data got by queries",
         "motivated intruder",                                                                                                                  "8.2.3 adversarial testing",
         "middle: correct algorithms, side doors"                                                                                                                                                                                         },
        {"attack: singling out",               "singling out",                     "direct and probabilistic extraction",
         "singling out",                                                                                                                        "8.2.2 quantifying, 7.3.2 maximum and average risk",
         "top: what epsilon means in practice"                                                                                                                                                                                            },
        {"attack: linkability",                "linkability",                      "direct and probabilistic extraction",
         "linkability",                                                                                                                         "8.2.2 quantifying, 7.3.2 maximum and average risk",
         "top: what epsilon means in practice"                                                                                                                                                                                            },
        {"attack: attribute inference",        "inference",
         "direct and probabilistic extraction",                                                                           "inferences",
         "8.2.2 quantifying, 7.3.2 maximum and average risk",                                                                                                                                        "top: what epsilon means in practice"},
        {"attack: membership",                 "inference (of being in the data)",
         "probabilistic extraction, for each data subject",                                                               "motivated intruder",
         "7.3.3 attacks on the sample, 8.2.3 adversarial testing",                                                                                                                                   "top: what epsilon means in practice"},
        {"attack: copies and distances",       "singling out",                     "direct extraction",
         "singling out",                                                                                                                        "8.2.3 adversarial testing",                         "\xe2\x80\x93"                       },
        {"selftest: the auditor",              "\xe2\x80\x93",                     "\xe2\x80\x93",                        "\xe2\x80\x93",
         "8.2.3 adversarial testing",                                                                                                                                                                "\xe2\x80\x93"                       }
    };

    aud_page_table(
        page, "t-crosswalk",
        "Which test speaks to which question of which text. No row says that a "
        "requirement is met.",
        "<th scope=\"col\">Test</th><th scope=\"col\">WP29, Opinion 05/2014 (WP216)</th>"
        "<th scope=\"col\">EDPB, Opinion 28/2024</th><th scope=\"col\">ICO, guidance of "
        "28 March 2025</th><th scope=\"col\">ISO/IEC 27559:2022, clause</th><th "
        "scope=\"col\">NIST SP 800-226, pyramid</th>");
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        aud_page(page, "<tr><th scope=\"row\">%m</th>", ROWS[i][0]);
        for (size_t k = 1; k < 6; k++) {
            aud_page(page, "<td>%m</td>", ROWS[i][k]);
        }
        aud_page_markup(page, "</tr>\n");
    }
    aud_page_end_table(page);
}

/* ---- limits that were set ---- */

static void put_limits_set(struct aud_page *page, const struct aud_report *report)
{
    static const char *const RESULTS[] = {"kept", "broken", "no such figure here"};
    if (report->limits.n == 0) {
        aud_page_markup(page,
                        "<p>No limits were set: a pipeline is stopped by REFUTED "
                        "and EXPOSED (exit code 1), and by INCONCLUSIVE (2).</p>\n");
        return;
    }
    aud_page_table(page, "t-limits",
                   "Limits that whoever ran this set, and how they fare.",
                   "<th scope=\"col\">Limit</th><th scope=\"col\">Result</th>"
                   "<th scope=\"col\" class=\"n\">Worst figure</th>");
    for (size_t i = 0; i < report->limits.n; i++) {
        const struct aud_limit *limit = &report->limits.item[i];
        double worst = AUD_NONE;
        enum aud_limit_result result = aud_limit_check(&worst, limit, &report->inputs);
        aud_page(
            page, "<tr><th scope=\"row\"><code>%s</code></th><td class=\"w%m\">%m</td>",
            limit->text, result == AUD_LIMIT_KEPT ? "" : " alarm", RESULTS[result]);
        if (isfinite(worst)) {
            aud_page(page, "<td class=\"n\">%.4g</td></tr>\n", worst);
        } else {
            aud_page_markup(page, "<td class=\"n\">\xe2\x80\x93</td></tr>\n");
        }
    }
    aud_page_end_table(page);
}

/* ---- limits of it all ---- */

static void put_limits(struct aud_page *page)
{
    aud_page_markup(
        page,
        "<ul>\n<li>What was not refuted may still be false: each test sees violations of "
        "some size and kind, and its line says which. A program may behave while it is "
        "looked at.</li>\n"
        "<li>The attacks are some of those that there are, and tomorrow's are better. A "
        "risk that they show may be one that the claim allows; a risk that they do not "
        "show may exist.</li>\n"
        "<li>Attacks are judged on the people of this holdout. For somebody who is unlike "
        "all of them, and in every small group, the risk may be larger; look at the worst "
        "subgroups and at the most unusual records.</li>\n"
        "<li>Distances to the nearest row are smoke alarms and decide nothing.</li>\n"
        "<li>The bound on epsilon from attacks is rigorous only where coins decided who "
        "was in the data (silhouette-audit split); elsewhere it is an indication.</li>\n"
        "<li>Records were the unit of the attacks. Who has several records is more "
        "exposed.</li>\n"
        "<li>Whether the risk that remains is acceptable depends on who gets the rows, "
        "what else they hold and what for. That decision is the controller's; figures "
        "support it and do not make it.</li>\n</ul>\n");
}

/* ---- again ---- */

static void put_attack_command(struct aud_page *page, const json_t *content)
{
    const json_t *claim = json_object_get(content, "claim");
    bool is_coins = strcmp(aud_text(content, "inclusion"), "coins") == 0;
    aud_page(page,
             "silhouette-audit attack --train TRAIN --holdout HOLDOUT --synthetic ROWS "
             "--out DIR --seed %.0f",
             aud_real(content, "seed", 0));
    if (json_is_object(claim)) {
        aud_page(page, " --claim %.15g,%.15g", aud_real(claim, "epsilon", 0),
                 aud_real(claim, "delta", 0));
    }
    aud_page_markup(page, is_coins ? " --split DIR\n" : "\n");
}

static void put_commands(struct aud_page *page, const struct aud_report *report)
{
    aud_page_markup(page, "<pre>");
    for (size_t i = 0; i < report->inputs.n; i++) {
        const struct aud_input *input = &report->inputs.item[i];
        const json_t *content = input->content;
        switch ((int)input->layer) {
        case AUD_PAPERS:
            aud_page_markup(page, "silhouette-audit verify BUNDLE --json\n");
            break;
        case AUD_NOISE:
            aud_page_markup(page,
                            "silhouette-audit conform BUNDLE --data CSV --json\n");
            break;
        case AUD_GAME_LAYER:
            aud_page(
                page,
                "silhouette-audit game --generator 'CMD' --claim %.15g,%.15g --seed "
                "%s --json\n",
                aud_real(content, "epsilon", 0), aud_real(content, "delta", 0),
                aud_text(content, "seed"));
            break;
        case AUD_RISK: put_attack_command(page, content); break;
        default: aud_page_markup(page, "silhouette-audit selftest --json\n");
        }
    }
    aud_page_text(page, report->command, 4000);
    aud_page_markup(page, "</pre>\n");
}

static void put_seal(struct aud_page *page, const struct aud_report *report)
{
    struct sil_bytes key = {0};
    if (!report->is_signed || page->status != SIL_OK) {
        return;
    }
    page->status =
        aud_print_public_key(&key, report->public_key, report->keynum, page->err);
    if (page->status == SIL_OK) {
        aud_page(
            page,
            "<p>Signed with minisign by the key below; compare it with the one that "
            "the auditor gives you by another way.</p>\n<pre>minisign -Vm %s -P %s\n"
            "minisign -Vm %s -P %s\n</pre>\n",
            report->page_name, (const char *)key.data, report->json_name,
            (const char *)key.data);
    }
    sil_bytes_clear(&key);
}

void aud_page_rest(struct aud_page *page, const struct aud_report *report)
{
    aud_page_section(page, "crosswalk", "What it says to whom");
    put_crosswalk(page);
    aud_page_end_section(page);

    aud_page_section(page, "limits", "Limits, and the risk that remains");
    put_limits(page);
    put_limits_set(page, report);
    aud_page_end_section(page);

    aud_page_section(page, "again", "How to do it again");
    aud_page(
        page,
        "<p>The commands, with the auditor's random choices where there are any. All "
        "that stands on this page is in %s, too.</p>\n",
        report->json_name);
    put_commands(page, report);
    put_seal(page, report);
    aud_page_end_section(page);

    aud_page_section(page, "confidential", "Who may read this");
    aud_page_markup(
        page,
        aud_report_is_private(report)
            ? "<p>What attack and conform found was computed from the private "
              "records and is not differentially private: keep this report as the "
              "records are kept, and choose no generator by it, as that choice "
              "would give something away by itself.</p>\n"
            : "<p>Nothing in this report was computed from private records: it "
              "rests on the release, its ledger, and tables that the auditor made "
              "up.</p>\n");
    aud_page_end_section(page);
}
