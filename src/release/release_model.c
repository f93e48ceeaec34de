// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/file.h"
#include "release/bundle.h"
#include "synth/model_object.h"

#include <string.h>

/* The file as it is has to be the file of the model that was made again. One that is not
 * may also contradict itself, which then is the better thing to say. */
static sil_status check_same(const struct sil_bytes *file, const struct sil_model *made,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_model *kept = NULL;
    struct sil_bytes again = {0};
    SIL_TRY(sil_model_encode(&again, made, err));
    if (again.length != file->length ||
        memcmp(again.data, file->data, again.length) != 0) {
        SIL_TRY(sil_model_decode(&kept, file->data, file->length, 1, err));
        status = sil_fail(err, SIL_ERR_INPUT,
                          "it is not the model that its transcript gives: it was "
                          "changed, or made by another version; silhouette refit makes "
                          "it again");
    }

cleanup:
    sil_model_free(kept);
    sil_bytes_clear(&again);
    return status;
}

static sil_status check_ledgered(const struct sil_transcript *transcript,
                                 struct sil_error *err)
{
    return transcript->is_ledgered
               ? SIL_OK
               : sil_fail(err, SIL_ERR_USAGE,
                          "it is stamped UNLEDGERED: what no ledger has charged for "
                          "cannot be released; fit again with --ledger");
}

static sil_status make(struct sil_model **out, const struct sil_bytes *file,
                       unsigned n_threads, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_transcript transcript;
    struct sil_bytes encoding = {0};
    sil_transcript_init(&transcript);
    SIL_TRY(sil_model_file_transcript(&encoding, file->data, file->length, err));
    SIL_TRY(sil_transcript_decode(&transcript, encoding.data, encoding.length, err));
    SIL_TRY(check_ledgered(&transcript, err));
    SIL_TRY(sil_model_of_decoded(out, &transcript, encoding.data, encoding.length,
                                 n_threads, err));
    SIL_TRY(check_same(file, *out, err));

cleanup:
    sil_transcript_clear(&transcript);
    sil_bytes_clear(&encoding);
    return status;
}

sil_status sil_release_model(struct sil_model **out, const char *path,
                             unsigned n_threads, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes file = {0};
    struct sil_model *made = NULL;

    *out = NULL;
    SIL_TRY(sil_file_read(&file, path, SIL_MODEL_FILE_MAX, err));
    status = make(&made, &file, n_threads, err);
    if (status != SIL_OK) {
        status = sil_fail_within(err, status, "%s", path);
        goto cleanup;
    }
    *out = made;
    made = NULL;

cleanup:
    sil_model_free(made);
    sil_bytes_clear(&file);
    return status;
}
