// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "release/bundle.h"
#include "synth/model_object.h"

#include <string.h>

/* The same tables in the same bytes? */
static sil_status check_same(const struct sil_model *kept, const struct sil_model *made,
                             const char *path, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes a = {0};
    struct sil_bytes b = {0};
    SIL_TRY(sil_model_encode(&a, kept, err));
    SIL_TRY(sil_model_encode(&b, made, err));
    if (a.length != b.length || memcmp(a.data, b.data, a.length) != 0) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "%s is not the model that its transcript gives: it was "
                          "changed, or made by another version; silhouette refit makes "
                          "it again",
                          path);
    }

cleanup:
    sil_bytes_clear(&a);
    sil_bytes_clear(&b);
    return status;
}

sil_status sil_release_model(struct sil_model **out, const char *path,
                             unsigned n_threads, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_model *kept = NULL;
    struct sil_model *made = NULL;

    *out = NULL;
    SIL_TRY(sil_model_read(&kept, path, n_threads, err));
    if (!kept->transcript.is_ledgered) {
        status = sil_fail(
            err, SIL_ERR_USAGE,
            "%s is stamped UNLEDGERED: what no ledger has charged for cannot be "
            "released; fit again with --ledger",
            path);
        goto cleanup;
    }
    SIL_TRY(sil_model_of_transcript(&made, kept->encoding.data, kept->encoding.length,
                                    n_threads, err));
    SIL_TRY(check_same(kept, made, path, err));
    *out = made;
    made = NULL;

cleanup:
    sil_model_free(kept);
    sil_model_free(made);
    return status;
}
