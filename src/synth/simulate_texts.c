// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "synth/simulate_expr.h"

#include <stdlib.h>
#include <string.h>

enum { TEXTS_MAX = 1 << 16 };

sil_status sil_sim_intern(int64_t *number, struct sil_sim_texts *texts,
                          const char *text, size_t length, struct sil_error *err)
{
    sil_status status = SIL_OK;
    char *copy = NULL;
    if (texts->n == 0 && length > 0) {
        int64_t empty = 0;
        SIL_TRY(sil_sim_intern(&empty, texts, "", 0, err));
    }
    for (size_t i = 0; i < texts->n; i++) {
        if (strlen(texts->text[i]) == length &&
            memcmp(texts->text[i], text, length) == 0) {
            *number = (int64_t)i;
            goto cleanup;
        }
    }
    if (texts->n == TEXTS_MAX) {
        return sil_fail(err, SIL_ERR_INPUT, "more than %d different texts", TEXTS_MAX);
    }
    SIL_TRY(sil_grow(&texts->text, &texts->capacity, texts->n + 1, sizeof *texts->text,
                     "the texts", err));
    SIL_TRY(sil_alloc(&copy, length + 1, 1, "a text", err));
    (void)memcpy(copy, text, length);
    *number = (int64_t)texts->n;
    texts->text[texts->n++] = copy;

cleanup:
    return status;
}

void sil_sim_texts_clear(struct sil_sim_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++) {
        free(texts->text[i]);
    }
    free(texts->text);
    *texts = (struct sil_sim_texts){0};
}
