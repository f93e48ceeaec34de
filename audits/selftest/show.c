// SPDX-License-Identifier: Apache-2.0
#include "audits/selftest/show.h"

#include "audits/run/child.h"
#include "audits/selftest/scene.h"
#include "audits/verify/folder.h"
#include "base/bytes.h"
#include "base/fail.h"

#include <stdio.h>
#include <string.h>

enum { OUTPUT_MAX = 1 << 22, WORDS_SHOWN = 200 };

static const struct aud_limits LIMITS = {
    .seconds = 900,
    .memory = (uint64_t)4 << 30,
    .file_bytes = (uint64_t)1 << 30,
    .folder_bytes = (uint64_t)4 << 30,
    .folder_files = AUD_FOLDER_FILES,
    .processes = 2 * AUD_PROCESSES /* its own programs have some of their own */
};

/* What is on its way between the files of a zoo and a verdict. */
struct stage {
    struct aud_showing *out;
    const struct aud_exhibit *exhibit;
    const char *auditor;
    struct aud_scratch scratch;
    struct aud_scene scene;
};

/* A file that a program has left in the folder; an empty text when it has left none. */
static sil_status read_left(struct sil_bytes *out, const struct stage *stage,
                            const char *name, struct sil_error *err)
{
    struct aud_folder folder = {.fd = -1};
    sil_status status = aud_folder_open(&folder, stage->scratch.path, err);
    if (status == SIL_OK) {
        status = aud_folder_read(out, &folder, name, OUTPUT_MAX, err);
    }
    aud_folder_close(&folder);
    return status == SIL_ERR_INPUT ? SIL_OK : status;
}

/* Behind the name of a program. */
static void say_ending(char *out, size_t room, const struct aud_outcome *outcome)
{
    char how[200];
    if (outcome->ending == AUD_EXITED) {
        (void)snprintf(out, room, "ended with %d", outcome->code);
        return;
    }
    aud_outcome_say(how, sizeof how, outcome);
    (void)snprintf(out, room, "%s %s", outcome->has_signal ? "was" : "ended with", how);
}

static sil_status note_unshown(const struct stage *stage, const char *program,
                               const struct aud_outcome *outcome, struct sil_error *err)
{
    char how[220];
    struct sil_bytes said = {0};
    sil_status status = read_left(&said, stage, "err", err);
    if (status == SIL_OK) {
        char *detail = stage->out->detail;
        int n = said.length < WORDS_SHOWN ? (int)said.length : WORDS_SHOWN;
        stage->out->result = AUD_UNSHOWN;
        say_ending(how, sizeof how, outcome);
        (void)snprintf(detail, sizeof stage->out->detail, "%s %s: %.*s", program, how,
                       n, said.data == NULL ? "" : (const char *)said.data);
        detail[strcspn(detail, "\n")] = '\0';
        for (char *c = detail; *c != '\0'; c++) {
            *c = *c < 0x20 || *c > 0x7e ? '?' : *c; /* a stranger's words */
        }
    }
    sil_bytes_clear(&said);
    return status;
}

/* Every line of "make"; false: one of them failed, and that was noted. */
static sil_status make(bool *is_made, const struct stage *stage, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_line line = {0};
    struct aud_outcome outcome;
    const json_t *lines = json_object_get(stage->scene.root, "make");
    *is_made = true;
    for (size_t i = 0; i < json_array_size(lines) && *is_made; i++) {
        aud_line_clear(&line);
        SIL_TRY(aud_scene_fill(&line, &stage->scene, json_array_get(lines, i), err));
        SIL_TRY(aud_run(&outcome, &stage->scratch, (const char *const *)line.word,
                        &LIMITS, err));
        if (outcome.ending != AUD_EXITED || outcome.code != 0) {
            *is_made = false;
            SIL_TRY(note_unshown(stage, "the generator", &outcome, err));
        }
    }

cleanup:
    aud_line_clear(&line);
    return status;
}

/* ---- what the auditor says ---- */

static const char *text_of(const json_t *finding, const char *key)
{
    const char *text = json_string_value(json_object_get(finding, key));
    return text == NULL ? "" : text;
}

static bool is_refuting(const json_t *finding)
{
    return strcmp(text_of(finding, "verdict"), "refuted") == 0;
}

/* Is it the one that the declaration names? Of a right generator, any is. */
static bool is_named(const struct aud_exhibit *exhibit, const json_t *finding)
{
    const bool is_rule =
        exhibit->rule == NULL || strcmp(exhibit->rule, text_of(finding, "id")) == 0;
    const bool is_about = exhibit->rule_says == NULL ||
                          strcmp(exhibit->rule_says, text_of(finding, "check")) == 0;
    return is_rule && is_about;
}

static void note(struct aud_showing *out, const json_t *finding)
{
    const json_t *p = json_object_get(finding, "p");
    out->is_rule = p == NULL;
    out->p = p == NULL ? 0 : json_number_value(p);
    (void)snprintf(out->rule, sizeof out->rule, "%s", text_of(finding, "id"));
    (void)snprintf(out->says, sizeof out->says, "%s", text_of(finding, "check"));
    (void)snprintf(out->detail, sizeof out->detail, "%s", text_of(finding, "detail"));
}

static enum aud_result judge_right(struct aud_showing *out,
                                   const struct aud_exhibit *exhibit, bool is_refuted,
                                   const json_t *report)
{
    if (is_refuted) {
        return AUD_ACCUSED;
    }
    if (strcmp(text_of(report, "verdict"), exhibit->answer) == 0) {
        return AUD_CLEARED;
    }
    (void)snprintf(out->detail, sizeof out->detail, "the verdict is %.40s, not %.40s",
                   text_of(report, "verdict"), exhibit->answer);
    return AUD_UNSHOWN;
}

/* The strongest refutation that the declaration names, else any refutation, in `out`. */
static void judge(struct aud_showing *out, const struct aud_exhibit *exhibit,
                  const json_t *report)
{
    const json_t *findings = json_object_get(report, "findings");
    bool has_named = false;
    bool has_any = false;
    out->least_p = 1;
    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *finding = json_array_get(findings, i);
        const json_t *p = json_object_get(finding, "p");
        double value = json_number_value(p); /* 0 of a rule */
        out->least_p = p != NULL && value < out->least_p ? value : out->least_p;
        if (!is_refuting(finding)) {
            continue;
        }
        bool is = is_named(exhibit, finding);
        if (!has_any || (is && !has_named) || (is == has_named && value < out->p)) {
            note(out, finding);
        }
        has_any = true;
        has_named = has_named || is;
    }
    const bool is_caught = has_named && (out->is_rule || out->p <= AUD_SELFTEST_LEVEL);
    out->result = aud_exhibit_is_broken(exhibit)
                      ? (is_caught ? AUD_CAUGHT : AUD_MISSED)
                      : judge_right(out, exhibit, has_any, report);
}

static sil_status read_findings(const struct stage *stage,
                                const struct aud_outcome *outcome,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    json_t *root = NULL;
    SIL_TRY(read_left(&bytes, stage, "out", err));
    const bool has_ended = outcome->ending == AUD_EXITED && outcome->code >= 0 &&
                           outcome->code <= SIL_ERR_UNSUPPORTED;
    if (has_ended && bytes.length > 0) {
        root = json_loadb((const char *)bytes.data, bytes.length, 0, NULL);
    }
    if (root != NULL) {
        judge(stage->out, stage->exhibit, root);
    } else {
        status = note_unshown(stage, "the auditor", outcome, err);
    }

cleanup:
    json_decref(root);
    sil_bytes_clear(&bytes);
    return status;
}

static sil_status audit(const struct stage *stage, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_line line = {0};
    struct aud_outcome outcome;
    const json_t *pattern = json_object_get(stage->scene.root, stage->exhibit->check);
    SIL_TRY(aud_line_add(&line, stage->auditor, err));
    SIL_TRY(aud_line_add(&line, stage->exhibit->check, err));
    SIL_TRY(aud_line_add(&line, "--json", err));
    SIL_TRY(aud_scene_fill(&line, &stage->scene, pattern, err));
    SIL_TRY(aud_run(&outcome, &stage->scratch, (const char *const *)line.word, &LIMITS,
                    err));
    SIL_TRY(read_findings(stage, &outcome, err));

cleanup:
    aud_line_clear(&line);
    return status;
}

sil_status aud_show(struct aud_showing *out, const struct aud_zoo *zoo,
                    const struct aud_exhibit *exhibit, const char *auditor,
                    struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct stage stage = {.out = out, .exhibit = exhibit, .auditor = auditor};
    bool is_made = false;
    *out = (struct aud_showing){.result = AUD_LACKING, .least_p = 1};
    if (exhibit->lacks != NULL) {
        (void)snprintf(out->detail, sizeof out->detail, "%s", exhibit->lacks);
        return SIL_OK;
    }
    SIL_TRY(aud_scene_open(&stage.scene, zoo, exhibit, err));
    SIL_TRY(aud_scratch_make(&stage.scratch, err));
    SIL_TRY(make(&is_made, &stage, err));
    if (is_made) {
        SIL_TRY(audit(&stage, err));
    }

cleanup:
    aud_scratch_remove(&stage.scratch);
    aud_scene_clear(&stage.scene);
    return status;
}
