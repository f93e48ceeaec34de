// SPDX-License-Identifier: Apache-2.0
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "crypto/hash.h"

#include <stdlib.h>
#include <string.h>

void aud_case_init(struct aud_case *item)
{
    *item = (struct aud_case){.folder = {.fd = -1}};
}

void aud_case_clear(struct aud_case *item)
{
    if (item->has_transcript) {
        aud_transcript_clear(&item->transcript);
    }
    if (item->has_ledger) {
        aud_ledger_clear(&item->ledger);
    }
    free(item->leaf);
    json_decref(item->statement);
    sil_bytes_clear(&item->statement_bytes);
    sil_bytes_clear(&item->transcript_bytes);
    sil_bytes_clear(&item->checkpoint);
    aud_folder_close(&item->folder);
    aud_findings_clear(&item->findings);
}

bool aud_is_fault(sil_status status)
{
    return status == SIL_ERR_INTERNAL || status == SIL_ERR_IO;
}

const json_t *aud_statement_at(const struct aud_case *item, const char *path)
{
    const json_t *at = item->statement;
    while (at != NULL && path[0] != '\0') {
        size_t n = strcspn(path, "/");
        char key[64] = "";
        if (n >= sizeof key) {
            return NULL;
        }
        (void)memcpy(key, path, n);
        at = json_object_get(at, key);
        path += n + (path[n] == '/' ? 1 : 0);
    }
    return at;
}

const char *aud_statement_text(const struct aud_case *item, const char *path)
{
    const char *text = json_string_value(aud_statement_at(item, path));
    return text == NULL ? "" : text;
}

/* What either needs before it can go on. */
static sil_status check_papers(struct aud_case *item, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(aud_check_ledger(item, err));
    SIL_TRY(aud_check_release(item, err));
    SIL_TRY(aud_check_transcript(item, err));

cleanup:
    return status;
}

sil_status aud_conform(struct aud_case *item, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(check_papers(item, err));
    SIL_TRY(aud_check_noise(item, err));
    SIL_TRY(aud_check_twice(item, err));
    SIL_TRY(aud_check_data(item, err));
    SIL_TRY(aud_note_subject(item, err));

cleanup:
    return status;
}

sil_status aud_verify(struct aud_case *item, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(check_papers(item, err));
    SIL_TRY(aud_check_schedule(item, err));
    SIL_TRY(aud_check_statement(item, err));
    SIL_TRY(aud_check_order(item, err));
    SIL_TRY(aud_check_rules(item, err));
    SIL_TRY(aud_check_recomputed(item, err));
    SIL_TRY(aud_check_inputs(item, err));
    SIL_TRY(aud_check_claim(item, err));
    SIL_TRY(aud_check_noise(item, err));
    SIL_TRY(aud_check_twice(item, err));
    SIL_TRY(aud_check_replay(item, err));
    SIL_TRY(aud_note_subject(item, err));

cleanup:
    return status;
}
