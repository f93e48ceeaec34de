// SPDX-License-Identifier: Apache-2.0
/* A model file. Promises: reading it succeeds or gives a reason; what was read is written
 * again to the same bytes, can be looked into, and has a claim. The checksum is put right
 * first, or no change would come further than that. */
#include "fuzz/fuzz.h"
#include "synth/model_object.h"

#include <stdlib.h>
#include <string.h>

static const char LABEL[] = "silhouette/model/v1\n";

static void seal(uint8_t *file, size_t size)
{
    const struct sil_part parts[] = {
        {LABEL, sizeof LABEL - 1},
        {file,  size - 34       },
    };
    sil_hash(file + size - 32, parts, 2);
}

static void check_model(const struct sil_model *model, const uint8_t *file, size_t size)
{
    struct sil_bytes again = {0};
    char *text = NULL;
    FUZZ_REQUIRE(sil_model_encode(&again, model, NULL) == SIL_OK);
    FUZZ_REQUIRE(again.length == size && memcmp(again.data, file, size) == 0);
    sil_bytes_clear(&again);
    FUZZ_REQUIRE(sil_model_inspect(&text, model, false, NULL) == SIL_OK);
    free(text);
    FUZZ_REQUIRE(sil_model_inspect(&text, model, true, NULL) == SIL_OK);
    free(text);
    FUZZ_REQUIRE(strlen(sil_model_claim(model)) > 0);
    FUZZ_REQUIRE(sil_model_rows(model) >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sil_error err = {{0}};
    struct sil_model *model = NULL;
    uint8_t *file = malloc(size + 1);
    FUZZ_REQUIRE(file != NULL);
    memcpy(file, data, size);
    if (size > 34) {
        seal(file, size);
    }
    sil_status status = sil_model_decode(&model, file, size, 1, &err);
    FUZZ_REQUIRE((status == SIL_OK) == (model != NULL));
    if (status == SIL_OK) {
        check_model(model, file, size);
    } else {
        FUZZ_REQUIRE(status == SIL_ERR_INPUT || status == SIL_ERR_UNSUPPORTED ||
                     status == SIL_ERR_INTERNAL);
        FUZZ_REQUIRE(strlen(err.text) > 0);
    }
    sil_model_free(model);
    free(file);
    return 0;
}
