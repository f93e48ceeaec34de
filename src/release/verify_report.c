// SPDX-License-Identifier: Apache-2.0
/* The table in words and as JSON. */
#include "base/bytes.h"
#include "base/fail.h"
#include "codec/json.h"
#include "release/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *word;  ///< in the table
    const char *token; ///< in JSON
} RESULTS[] = {
    [SIL_VERIFY_OK] = {"OK",           "ok"          },
    [SIL_VERIFY_FAILED] = {"FAILED",       "failed"      },
    [SIL_VERIFY_UNSUPPORTED] = {"UNSUPPORTED",  "unsupported" },
    [SIL_VERIFY_INCONCLUSIVE] = {"INCONCLUSIVE", "inconclusive"},
    [SIL_VERIFY_NOT_CHECKED] = {"not checked",  "not-checked" },
};

static const char PROVES_NOT[] =
    "What no check here shows: that the noise was drawn as recorded (an auditor tests "
    "that), that the data were what their label says, tables about the same people "
    "outside this ledger, and a withdrawal after the bundle was made.";

/* ---- words ---- */

/* Text of words, folded into lines of 79 columns behind `indent` blanks. */
static sil_status fold(struct sil_bytes *out, const char *text, size_t indent,
                       struct sil_error *err)
{
    const size_t width = 79;
    sil_status status = SIL_OK;
    size_t column = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        bool breaks = column == 0 || column + 1 + length > width;
        if (breaks) {
            SIL_TRY(sil_bytes_printf(out, err, "%s%*s", column == 0 ? "" : "\n",
                                     (int)indent, ""));
            column = indent;
        } else {
            SIL_TRY(sil_bytes_append(out, " ", 1, err));
            column++;
        }
        SIL_TRY(sil_bytes_append(out, text, length, err));
        column += length;
        text += length + (text[length] == ' ' ? 1 : 0);
    }
    SIL_TRY(sil_bytes_append(out, "\n", 1, err));
cleanup:
    return status;
}

static sil_status put_head(struct sil_bytes *out, const struct sil_verification *v,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (v->withdrawn != NULL) {
        SIL_TRY(sil_bytes_printf(out, err,
                                 "WITHDRAWN: do not use this release. The reason "
                                 "given:\n"));
        SIL_TRY(fold(out, v->withdrawn, 2, err));
        SIL_TRY(sil_bytes_append(out, "\n", 1, err));
    }
    SIL_TRY(sil_bytes_printf(out, err, "Bundle     %s\n", v->bundle));
    if (v->ledger[0] != '\0') {
        SIL_TRY(sil_bytes_printf(out, err,
                                 "Ledger     %s, %" PRIu64 " entries\nData       %s\n",
                                 v->ledger, v->size, v->data_label));
    }
    if (v->has_entry) {
        SIL_TRY(sil_bytes_printf(out, err, "Release    %s, entry %" PRIu64 "\n",
                                 v->release, v->entry));
    }
cleanup:
    return status;
}

static sil_status put_table(struct sil_bytes *out, const struct sil_verification *v,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(out, err, "\n%-6s %-58s %s\n", "Check", "What it proves",
                             "Result"));
    for (int step = 0; step < SIL_N_STEPS; step++) {
        const struct sil_verify_line *line = &v->line[step];
        SIL_TRY(sil_bytes_printf(
            out, err, "%-6s %-58s %s\n", sil_verify_id((enum sil_verify_step)step),
            sil_verify_proves((enum sil_verify_step)step), RESULTS[line->result].word));
        if (line->detail[0] != '\0') {
            SIL_TRY(fold(out, line->detail, 9, err));
        }
    }
cleanup:
    return status;
}

static const char *verdict_of(const struct sil_verification *v)
{
    switch ((int)sil_verification_verdict(v, NULL)) {
    case SIL_OK: return "verified";
    case SIL_ERR_CHECK: return "refuted";
    default: return "inconclusive";
    }
}

/* What the verdict rests on, and what it leaves open. */
static sil_status put_verdict(struct sil_bytes *out, const struct sil_verification *v,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    static const char ALONE[] =
        "The bundle agrees with itself, by keys that it brings along; so would one that "
        "somebody forged from the ledger up. Compare the ledger's id above with what its "
        "publisher has announced, or give it as --ledger-id; a checkpoint that you kept "
        "(--pinned) shows a history that was cut or forked.";
    bool holds = sil_verification_verdict(v, NULL) == SIL_OK;
    SIL_TRY(sil_bytes_append(out, "\n", 1, err));
    SIL_TRY(fold(out,
                 holds ? "VERIFIED: every check that was made holds."
                 : strcmp(verdict_of(v), "refuted") == 0
                     ? "REFUTED: this is not a release as its ledger records it."
                     : "INCONCLUSIVE: nothing failed, but not everything could be "
                       "checked.",
                 0, err));
    if (holds && !v->told_id && !v->told_size) {
        SIL_TRY(sil_bytes_append(out, "\n", 1, err));
        SIL_TRY(fold(out, ALONE, 0, err));
    }
    SIL_TRY(sil_bytes_append(out, "\n", 1, err));
    SIL_TRY(fold(out, PROVES_NOT, 0, err));
cleanup:
    return status;
}

static sil_status print_words(struct sil_bytes *out, const struct sil_verification *v,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(put_head(out, v, err));
    SIL_TRY(put_table(out, v, err));
    SIL_TRY(put_verdict(out, v, err));
cleanup:
    return status;
}

/* ---- JSON ---- */

/* Names of files are bytes: what is not UTF-8 becomes question marks. */
static json_t *text_of(const char *text)
{
    json_t *string = json_string(text);
    struct sil_error copy;
    if (string != NULL) {
        return string;
    }
    (void)snprintf(copy.text, sizeof copy.text, "%s", text);
    for (char *c = copy.text; *c != '\0'; c++) {
        *c = (unsigned char)*c < 0x80 ? *c : '?';
    }
    return json_string(copy.text);
}

static json_t *known(const char *text)
{
    return text == NULL || text[0] == '\0' ? json_null() : text_of(text);
}

static json_t *checks_of(const struct sil_verification *v)
{
    json_t *checks = json_array();
    for (size_t i = 0; i < SIL_N_STEPS; i++) {
        struct sil_verify_check check = sil_verification_check(v, i);
        (void)json_array_append_new(
            checks, json_pack("{s:s, s:s, s:s, s:o}", "id", check.id, "proves",
                              check.proves, "result", RESULTS[check.result].token,
                              "detail", text_of(check.detail)));
    }
    return checks;
}

static sil_status print_json(struct sil_bytes *out, const struct sil_verification *v,
                             struct sil_error *err)
{
    json_t *object =
        json_pack("{s:i, s:b, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema",
                  1, "ok", sil_verification_verdict(v, NULL) == SIL_OK ? 1 : 0,
                  "command", "verify", "verdict", verdict_of(v), "bundle",
                  text_of(v->bundle), "ledger", known(v->ledger), "data_label",
                  known(v->data_label), "release", known(v->release), "entry",
                  v->has_entry ? json_integer((json_int_t)v->entry) : json_null(),
                  "withdrawn", known(v->withdrawn), "checks", checks_of(v));
    sil_status status = object == NULL
                            ? sil_fail(err, SIL_ERR_INTERNAL, "out of memory")
                            : sil_json_dump(out, object, err);
    json_decref(object);
    return status;
}

sil_status sil_verification_report(char **text,
                                   const struct sil_verification *verification,
                                   bool as_json, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes out = {0};
    *text = NULL;
    SIL_TRY(as_json ? print_json(&out, verification, err)
                    : print_words(&out, verification, err));
    SIL_TRY(sil_bytes_append(&out, "", 1, err));
    *text = (char *)out.data;
    out = (struct sil_bytes){0};
cleanup:
    sil_bytes_clear(&out);
    return status;
}
