// SPDX-License-Identifier: Apache-2.0
#include "audits/report/publish.h"

#include "audits/report/seal.h"
#include "base/fail.h"
#include "base/file.h"

#include <limits.h>
#include <stdio.h>

enum { OUTPUTS_MAX = 6 };

/* Files that are written when all of them can be. */
struct outputs {
    struct sil_output *item[OUTPUTS_MAX];
    size_t n;
    mode_t mode;
    const struct sil_secret_key *key; ///< NULL: nothing is signed
};

static sil_status add_output(struct outputs *outputs, const char *path,
                             const struct sil_bytes *bytes, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_output_open(&outputs->item[outputs->n], path, outputs->mode, err));
    outputs->n++;
    SIL_TRY(sil_output_write(outputs->item[outputs->n - 1], bytes->data, bytes->length,
                             err));

cleanup:
    return status;
}

/* A file, and before it its signature. */
static sil_status add_signed(struct outputs *outputs, const char *path,
                             const struct sil_bytes *bytes, const char *comment,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes signature = {0};
    char name[PATH_MAX];
    int length = snprintf(name, sizeof name, "%s.minisig", path);
    if (length < 0 || (size_t)length >= sizeof name) {
        return sil_fail(err, SIL_ERR_USAGE, "the name is too long: %s", path);
    }
    if (outputs->key != NULL) {
        SIL_TRY(aud_seal(&signature, outputs->key, bytes, comment, err));
        SIL_TRY(add_output(outputs, name, &signature, err));
    }
    SIL_TRY(add_output(outputs, path, bytes, err));

cleanup:
    sil_bytes_clear(&signature);
    return status;
}

static sil_status commit(struct outputs *outputs, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < outputs->n; i++) {
        SIL_TRY(sil_output_settle(outputs->item[i], err));
    }
    for (size_t i = 0; i < outputs->n; i++) {
        struct sil_output *output = outputs->item[i];
        outputs->item[i] = NULL;
        SIL_TRY(sil_output_commit(output, err));
    }

cleanup:
    return status;
}

static sil_status add_body(struct outputs *outputs, struct sil_bytes *comment,
                           const struct aud_report *report, const char *path,
                           const struct sil_bytes *json, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes body = {0};
    SIL_TRY(aud_report_body(&body, comment, report, json, err));
    SIL_TRY(add_signed(outputs, path, &body, (const char *)comment->data, err));

cleanup:
    sil_bytes_clear(&body);
    return status;
}

static sil_status add_dated(struct outputs *outputs, const char *path, const char *name,
                            const struct sil_bytes *bytes, const char *date,
                            struct sil_error *err)
{
    char trusted[SIL_COMMENT_MAX + 1];
    (void)snprintf(trusted, sizeof trusted, "silhouette-audit/v1 date=%s file=%.300s",
                   date, name);
    return add_signed(outputs, path, bytes, trusted, err);
}

sil_status aud_publish(struct sil_bytes *json, struct sil_bytes *comment,
                       const struct aud_report *report, const struct aud_places *places,
                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes page = {0};
    struct outputs outputs = {.mode = aud_report_is_private(report) ? 0600 : 0644,
                              .key = places->key};
    SIL_TRY(aud_report_json(json, report, err));
    SIL_TRY(aud_report_page(&page, report, err));
    if (places->body != NULL) {
        SIL_TRY(add_body(&outputs, comment, report, places->body, json, err));
    }
    SIL_TRY(
        add_dated(&outputs, places->json, report->json_name, json, report->date, err));
    SIL_TRY(
        add_dated(&outputs, places->page, report->page_name, &page, report->date, err));
    SIL_TRY(commit(&outputs, err));

cleanup:
    for (size_t i = 0; i < outputs.n; i++) {
        sil_output_abandon(outputs.item[i]);
    }
    sil_bytes_clear(&page);
    return status;
}
