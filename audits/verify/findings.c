// SPDX-License-Identifier: Apache-2.0
#include "audits/verify/findings.h"

#include "base/fail.h"
#include "codec/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const WORDS[] = {"holds", "REFUTED", "INCONCLUSIVE", "not examined"};
static const char *const KEYS[] = {"holds", "refuted", "inconclusive", "not-examined"};

void aud_find(struct aud_findings *findings, const char *id, const char *what,
              enum aud_verdict verdict, const char *format, ...)
{
    va_list arguments;
    if (findings->n == AUD_FINDINGS_MAX) {
        return;
    }
    struct aud_finding *finding = &findings->item[findings->n++];
    (void)snprintf(finding->id, sizeof finding->id, "%s", id);
    (void)snprintf(finding->what, sizeof finding->what, "%s", what);
    finding->verdict = verdict;
    finding->p = -1;
    va_start(arguments, format);
    (void)vsnprintf(finding->detail, sizeof finding->detail, format, arguments);
    va_end(arguments);
    /* Names and texts of strangers: no escape codes, and nothing that JSON could not hold. */
    for (char *c = finding->detail; *c != '\0'; c++) {
        *c = *c < 0x20 || *c > 0x7e ? '?' : *c;
    }
}

void aud_find_p(struct aud_findings *findings, double p)
{
    if (findings->n > 0) {
        findings->item[findings->n - 1].p = p;
    }
}

void aud_find_list(struct aud_findings *findings, const char *name, json_t *list)
{
    if (findings->lists == NULL) {
        findings->lists = json_object();
    }
    (void)json_object_set_new(findings->lists, name, list);
}

void aud_findings_clear(struct aud_findings *findings)
{
    json_decref(findings->lists);
    *findings = (struct aud_findings){.n = 0};
}

/* The id in "... [ID] sentence", when there is one. */
static void own_id(char id[8], const char *otherwise, const char *sentence)
{
    const char *open = strchr(sentence, '[');
    size_t n = open == NULL ? 0 : strcspn(open + 1, "]");
    bool is = open != NULL && open[1 + n] == ']' && n >= 1 && n <= 4;
    (void)snprintf(id, 8, "%.*s", is ? (int)n : 7, is ? open + 1 : otherwise);
}

void aud_find_status(struct aud_findings *findings, const char *id, const char *what,
                     sil_status status, const struct sil_error *err)
{
    char its[8];
    if (status == SIL_OK) {
        aud_find(findings, id, what, AUD_HOLDS, "%s", "");
        return;
    }
    own_id(its, id, err->text);
    aud_find(findings, its, what,
             status == SIL_ERR_UNSUPPORTED ? AUD_INCONCLUSIVE : AUD_REFUTED, "%s",
             err->text);
}

sil_status aud_findings_status(const struct aud_findings *findings)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < findings->n; i++) {
        enum aud_verdict verdict = findings->item[i].verdict;
        if (verdict == AUD_REFUTED) {
            return SIL_ERR_CHECK;
        }
        if (verdict == AUD_INCONCLUSIVE) {
            status = SIL_ERR_UNSUPPORTED;
        }
    }
    return status;
}

static const char *conclusion(const struct aud_findings *findings)
{
    sil_status status = aud_findings_status(findings);
    return status == SIL_OK          ? "NOT REFUTED"
           : status == SIL_ERR_CHECK ? "REFUTED"
                                     : "INCONCLUSIVE";
}

sil_status aud_findings_print(struct sil_bytes *out,
                              const struct aud_findings *findings,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < findings->n; i++) {
        const struct aud_finding *finding = &findings->item[i];
        SIL_TRY(sil_bytes_printf(out, err, "%-4s %-58s %s\n", finding->id,
                                 finding->what, WORDS[finding->verdict]));
        if (finding->detail[0] != '\0') {
            SIL_TRY(sil_bytes_printf(out, err, "       %s\n", finding->detail));
        }
    }
    SIL_TRY(sil_bytes_printf(out, err, "\n%s\n", conclusion(findings)));

cleanup:
    return status;
}

sil_status aud_findings_json(struct sil_bytes *out, const struct aud_findings *findings,
                             struct sil_error *err)
{
    json_t *list = json_array();
    for (size_t i = 0; i < findings->n; i++) {
        const struct aud_finding *finding = &findings->item[i];
        json_t *line =
            json_pack("{s:s, s:s, s:s, s:s}", "id", finding->id, "check", finding->what,
                      "verdict", KEYS[finding->verdict], "detail", finding->detail);
        if (finding->p >= 0) {
            (void)json_object_set_new(line, "p", json_real(finding->p));
        }
        (void)json_array_append_new(list, line);
    }
    json_t *all = json_pack("{s:s*, s:s, s:o}", "command", findings->command, "verdict",
                            conclusion(findings), "findings", list);
    if (findings->lists != NULL) {
        (void)json_object_update(all, findings->lists);
    }
    sil_status status =
        all != NULL ? sil_json_dump(out, all, err)
                    : sil_fail(err, SIL_ERR_INTERNAL, "out of memory: findings");
    json_decref(all);
    return status;
}
