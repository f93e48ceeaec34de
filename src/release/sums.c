// SPDX-License-Identifier: Apache-2.0
#include "release/sums.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void sil_sums_clear(struct sil_sums *sums)
{
    for (size_t i = 0; i < sums->n; i++) {
        free(sums->item[i].name);
    }
    free(sums->item);
    *sums = (struct sil_sums){0};
}

sil_status sil_sums_add(struct sil_sums *sums, const char *name,
                        const uint8_t sha256[SIL_HASH_BYTES], struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_grow(&sums->item, &sums->capacity, sums->n + 1, sizeof *sums->item,
                     "digests", err));
    struct sil_sum *item = &sums->item[sums->n];
    item->name = strdup(name);
    if (item->name == NULL) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: digests");
        goto cleanup;
    }
    (void)memcpy(item->sha256, sha256, SIL_HASH_BYTES);
    sums->n++;

cleanup:
    return status;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct sil_sum *)a)->name, ((const struct sil_sum *)b)->name);
}

void sil_sums_sort(struct sil_sums *sums)
{
    if (sums->n > 1) {
        qsort(sums->item, sums->n, sizeof *sums->item, by_name);
    }
}

sil_status sil_sums_print(struct sil_bytes *out, const struct sil_sums *sums,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < sums->n && status == SIL_OK; i++) {
        char hex[2 * SIL_HASH_BYTES + 1];
        sil_hash_hex(hex, sums->item[i].sha256);
        status = sil_bytes_printf(out, err, "%s  %s\n", hex, sums->item[i].name);
    }
    return status;
}
