// SPDX-License-Identifier: Apache-2.0
/* A transcript. Promises: reading it succeeds or gives a reason; what was read is written
 * again to the same bytes; what follows from it is found, and a small one is told again or
 * refused, within a gigabyte. */
#include "fuzz/fuzz.h"
#include "synth/model_object.h"

#include <string.h>
#include <sys/resource.h>

/* More cells or candidates only take longer. */
enum { TOLD_BYTES = 4096, TOLD_COLUMNS = 4, TOLD_CELLS = 64 };

static void check_refusal(sil_status status, const struct sil_error *err)
{
    FUZZ_REQUIRE(status == SIL_ERR_INPUT || status == SIL_ERR_UNSUPPORTED ||
                 status == SIL_ERR_INTERNAL);
    FUZZ_REQUIRE(strlen(err->text) > 0);
}

static void check_bytes(const struct sil_transcript *transcript, const uint8_t *data,
                        size_t size)
{
    struct sil_bytes again = {0};
    FUZZ_REQUIRE(sil_transcript_encode(&again, transcript, NULL) == SIL_OK);
    FUZZ_REQUIRE(again.length == size && memcmp(again.data, data, size) == 0);
    sil_bytes_clear(&again);
}

static void check_told(const struct sil_model *model, size_t size)
{
    struct sil_error err = {{0}};
    char *text = NULL;
    const struct sil_domain *domain = &model->domain;
    if (size > TOLD_BYTES || domain->n_attrs > TOLD_COLUMNS ||
        sil_column_cells(domain) > TOLD_CELLS) {
        return;
    }
    sil_status status = sil_model_explain(&text, model, &err);
    FUZZ_REQUIRE((status == SIL_OK) == (text != NULL));
    if (status != SIL_OK && status != SIL_ERR_CHECK) {
        check_refusal(status, &err);
    }
    free(text);
}

static void check_model(struct sil_model *model, const uint8_t *data, size_t size)
{
    struct sil_error err = {{0}};
    FUZZ_REQUIRE(sil_bytes_append(&model->encoding, data, size, NULL) == SIL_OK);
    sil_status status = sil_model_derive(model, &err);
    if (status != SIL_OK) {
        check_refusal(status, &err);
        return;
    }
    FUZZ_REQUIRE(strlen(sil_model_claim(model)) > 0);
    FUZZ_REQUIRE(sil_model_rows(model) >= 1);
    check_told(model, size);
}

/* What the sanitizers hold back for themselves is not the reader's. */
static void check_memory(void)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
    struct rusage usage;
    FUZZ_REQUIRE(getrusage(RUSAGE_SELF, &usage) == 0);
    FUZZ_REQUIRE(usage.ru_maxrss < 1L << 20);
#endif
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sil_error err = {{0}};
    struct sil_model *model = NULL;
    FUZZ_REQUIRE(sil_crypto_start(NULL) == SIL_OK);
    FUZZ_REQUIRE(sil_model_new(&model, 1, NULL) == SIL_OK);
    sil_status status = sil_transcript_decode(&model->transcript, data, size, &err);
    if (status == SIL_OK) {
        check_bytes(&model->transcript, data, size);
        check_model(model, data, size);
    } else {
        check_refusal(status, &err);
    }
    sil_model_free(model);
    check_memory();
    return 0;
}
