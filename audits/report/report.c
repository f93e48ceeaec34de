// SPDX-License-Identifier: Apache-2.0
#include "audits/report/report.h"

#include "base/fail.h"
#include "codec/json.h"
#include "crypto/hash.h"
#include "crypto/minisign.h"

#include "silhouette/version.h"

#include <sodium.h>

#include <math.h>
#include <string.h>

bool aud_report_is_private(const struct aud_report *report)
{
    bool is = false;
    for (size_t i = 0; i < report->inputs.n; i++) {
        is |= aud_layer_is_private(report->inputs.item[i].layer);
    }
    return is;
}

enum aud_word aud_report_word(const struct aud_report *report, enum aud_layer layer)
{
    enum aud_word worst = AUD_W_NOT_EXAMINED;
    for (size_t i = 0; i < report->inputs.n; i++) {
        const struct aud_input *input = &report->inputs.item[i];
        worst = input->layer == layer && input->word > worst ? input->word : worst;
    }
    return worst;
}

static const json_t *subject_of(const struct aud_report *report, size_t i)
{
    return json_object_get(report->inputs.item[i].content, "subject");
}

const json_t *aud_report_ledger(const struct aud_report *report)
{
    for (size_t i = 0; i < report->inputs.n; i++) {
        const json_t *ledger = json_object_get(subject_of(report, i), "ledger");
        if (json_is_object(ledger)) {
            return ledger;
        }
    }
    return NULL;
}

const json_t *aud_report_subject(const struct aud_report *report, size_t i)
{
    const json_t *subject = subject_of(report, i);
    for (size_t k = 0; k < i; k++) {
        if (json_equal(subject_of(report, k), subject) != 0) {
            return NULL;
        }
    }
    return subject;
}

sil_status aud_print_public_key(struct sil_bytes *out,
                                const uint8_t public_key[SIL_PUBLIC_KEY_BYTES],
                                const uint8_t keynum[SIL_KEYNUM_BYTES],
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes lines = {0};
    SIL_TRY(sil_minisign_print_public(&lines, public_key, keynum, err));
    const char *second = memchr(lines.data, '\n', lines.length);
    SIL_REQUIRE(second != NULL);
    size_t length = lines.length - (size_t)(second + 1 - (const char *)lines.data) - 1;
    SIL_TRY(sil_bytes_append(out, second + 1, length, err));
    SIL_TRY(sil_bytes_append(out, "", 1, err));

cleanup:
    sil_bytes_clear(&lines);
    return status;
}

/* ---- the page ---- */

static void put_top(struct aud_page *page)
{
    aud_page_markup(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" "
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<meta name=\"robots\" content=\"noindex\">\n<title>Audit report</title>\n"
        "<style>");
    aud_page_style(page);
    aud_page_markup(
        page,
        "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">To the findings</a>\n"
        "<svg width=\"0\" height=\"0\" aria-hidden=\"true\" style=\"position:absolute\">"
        "<defs><pattern id=\"hatch\" width=\"5\" height=\"5\" "
        "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><path "
        "class=\"stripe\" d=\"M0 0V5\"/></pattern></defs></svg>\n");
}

static void put_contents(struct aud_page *page)
{
    static const char *const SECTIONS[][2] = {
        {"scope",        "Scope and provenance"   },
        {"claim",        "How the promise adds up"},
        {"public",       "Public inputs"          },
        {"tests",        "Tests"                  },
        {"risks",        "What could be learnt"   },
        {"crosswalk",    "What it says to whom"   },
        {"limits",       "Limits"                 },
        {"again",        "How to do it again"     },
        {"confidential", "Who may read this"      }
    };

    aud_page_markup(page, "<nav aria-label=\"Sections\"><ul>\n");
    for (size_t i = 0; i < sizeof SECTIONS / sizeof SECTIONS[0]; i++) {
        aud_page(page, "<li><a href=\"#%m\">%m</a></li>\n", SECTIONS[i][0],
                 SECTIONS[i][1]);
    }
    aud_page_markup(page, "</ul></nav>\n");
}

sil_status aud_report_page(struct sil_bytes *out, const struct aud_report *report,
                           struct sil_error *err)
{
    struct aud_page page = {.err = err, .status = SIL_OK};
    put_top(&page);
    aud_page_first(&page, report);
    put_contents(&page);
    aud_page_scope(&page, report);
    aud_page_claim(&page, report);
    aud_page_tests(&page, report);
    aud_page_risks(&page, report);
    aud_page_rest(&page, report);
    aud_page(
        &page,
        "</main>\n<footer><p>silhouette-audit %s. This page holds no script and loads "
        "nothing.</p></footer>\n</body>\n</html>\n",
        SIL_VERSION);
    if (page.status == SIL_OK && page.out.length > AUD_PAGE_MAX) {
        page.status = sil_fail(err, SIL_ERR_INTERNAL, "a page of more than a megabyte");
    }
    if (page.status == SIL_OK) {
        *out = page.out;
    } else {
        sil_bytes_clear(&page.out);
    }
    return page.status;
}

/* ---- JSON ---- */

static json_t *hex_of(const uint8_t *bytes, size_t n)
{
    char text[2 * AUD_SALT_BYTES + 1];
    (void)sodium_bin2hex(text, sizeof text, bytes, n);
    return json_string(text);
}

/* Words of a command line need not be UTF-8, and JSON must. */
static json_t *maybe_text(const char *text)
{
    json_t *json = text == NULL ? json_null() : json_string(text);
    return json != NULL ? json : json_string("(not UTF-8)");
}

/* The list with one more, or NULL when memory ran out: nothing is left out silently. */
static json_t *with(json_t *list, json_t *item)
{
    if (json_array_append_new(list, item) == 0) {
        return list;
    }
    json_decref(list);
    return NULL;
}

static json_t *say_layers(const struct aud_report *report)
{
    json_t *list = json_array();
    for (int i = 0; i < AUD_N_LAYERS; i++) {
        enum aud_layer layer = (enum aud_layer)i;
        list = with(list,
                    json_pack("{s:s, s:s, s:b}", "layer", aud_layer_name(layer),
                              "verdict", aud_word_text(aud_report_word(report, layer)),
                              "private", aud_layer_is_private(layer)));
    }
    return list;
}

static json_t *say_inputs(const struct aud_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; i < report->inputs.n; i++) {
        const struct aud_input *input = &report->inputs.item[i];
        json_t *hash =
            input->has_hash ? hex_of(input->sha256, sizeof input->sha256) : json_null();
        list = with(list, json_pack("{s:s, s:s, s:s, s:o, s:o, s:O}", "layer",
                                    aud_layer_name(input->layer), "verdict",
                                    aud_word_text(input->word), "read_from",
                                    input->is_bundle ? "bundle" : "findings", "path",
                                    maybe_text(input->path), "sha256", hash, "findings",
                                    input->content));
    }
    return list;
}

static json_t *say_limits(const struct aud_report *report)
{
    static const char *const RESULTS[] = {"kept", "broken", "unknown"};
    json_t *list = json_array();
    for (size_t i = 0; i < report->limits.n; i++) {
        const struct aud_limit *limit = &report->limits.item[i];
        double worst = AUD_NONE;
        enum aud_limit_result result = aud_limit_check(&worst, limit, &report->inputs);
        list = with(list, json_pack("{s:s, s:s, s:o}", "limit", limit->text, "result",
                                    RESULTS[result], "worst",
                                    isfinite(worst) ? json_real(worst) : json_null()));
    }
    return list;
}

static json_t *say_files(const struct aud_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; i < report->n_files; i++) {
        const struct aud_named_file *file = &report->file[i];
        list = with(list, json_pack("{s:o, s:I, s:o}", "path", maybe_text(file->path),
                                    "bytes", (json_int_t)file->bytes, "sha256",
                                    hex_of(file->sha256, sizeof file->sha256)));
    }
    return list;
}

static json_t *say_signature(const struct aud_report *report)
{
    struct sil_bytes key = {0};
    json_t *json = NULL;
    if (!report->is_signed) {
        return json_null();
    }
    if (aud_print_public_key(&key, report->public_key, report->keynum, NULL) ==
        SIL_OK) {
        json = json_pack("{s:s, s:s}", "format", "minisign", "public_key",
                         (const char *)key.data);
    }
    sil_bytes_clear(&key);
    return json;
}

static json_t *say_salt(const struct aud_report *report)
{
    return report->is_salted ? hex_of(report->salt, sizeof report->salt) : json_null();
}

sil_status aud_report_json(struct sil_bytes *out, const struct aud_report *report,
                           struct sil_error *err)
{
    sil_status end = aud_limits_status(&report->limits, &report->inputs);

    const struct {
        const char *key;
        json_t *value;
    } MEMBERS[] = {
        {"version",      json_integer(AUD_REPORT_VERSION)            },
        {"program",      json_string("silhouette-audit " SIL_VERSION)},
        {"date",         json_string(report->date)                   },
        {"auditor",      maybe_text(report->auditor)                 },
        {"confidential", json_boolean(aud_report_is_private(report)) },
        {"signature",    say_signature(report)                       },
        {"salt",         say_salt(report)                            },
        {"exit_code",    json_integer((json_int_t)end)               },
        {"layers",       say_layers(report)                          },
        {"notices",      aud_report_notices(report)                  },
        {"limits",       say_limits(report)                          },
        {"files",        say_files(report)                           },
        {"inputs",       say_inputs(report)                          },
        {"command",      maybe_text(report->command)                 }
    };

    json_t *all = json_object();
    int failed = 0;
    for (size_t i = 0; i < sizeof MEMBERS / sizeof MEMBERS[0]; i++) {
        failed |= json_object_set_new(all, MEMBERS[i].key, MEMBERS[i].value);
    }
    sil_status status =
        failed == 0 ? sil_json_dump(out, all, err)
                    : sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a report");
    json_decref(all);
    return status;
}

/* ---- for the console ---- */

sil_status aud_report_print(struct sil_bytes *out, const struct aud_report *report,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < report->inputs.n; i++) {
        const struct aud_input *input = &report->inputs.item[i];
        SIL_TRY(
            sil_bytes_printf(out, err, "%-9s %-13s %s %s\n",
                             aud_layer_name(input->layer), aud_word_text(input->word),
                             input->is_bundle ? "the bundle" : "told by", input->path));
    }
    for (int i = 0; i < AUD_N_LAYERS; i++) {
        enum aud_layer layer = (enum aud_layer)i;
        if (aud_report_word(report, layer) == AUD_W_NOT_EXAMINED) {
            SIL_TRY(sil_bytes_printf(out, err, "%-9s not examined\n",
                                     aud_layer_name(layer)));
        }
    }
    for (size_t i = 0; i < report->limits.n; i++) {
        const struct aud_limit *limit = &report->limits.item[i];
        double worst = AUD_NONE;
        enum aud_limit_result result = aud_limit_check(&worst, limit, &report->inputs);
        SIL_TRY(sil_bytes_printf(out, err, "limit %s: %s\n", limit->text,
                                 result == AUD_LIMIT_KEPT     ? "kept"
                                 : result == AUD_LIMIT_BROKEN ? "BROKEN"
                                                              : "no such figure"));
    }
    SIL_TRY(sil_bytes_printf(
        out, err, "%s%s\n", report->is_signed ? "signed" : "not signed (--key)",
        aud_report_is_private(report) ? "; confidential: computed on private records"
                                      : ""));

cleanup:
    return status;
}
