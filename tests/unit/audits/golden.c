// SPDX-License-Identifier: Apache-2.0
#include "unit/audits/golden.h"

#include "base/file.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

const char *const GOLDEN_NAMES[GOLDEN_MODELS] = {
    "aim-1",         "mst-1",        "independent-1", "mosaic-1",      "mosaic-1-low",
    "mosaic-1-high", "mosaic-3-low", "mosaic-3-high", "mosaic-3-broad"};

void golden_load(struct sil_bytes *model, const char *name)
{
    char path[400];
    (void)snprintf(path, sizeof path, "%s/tests/golden/replay/%s.model", SIL_SOURCE_DIR,
                   name);
    cr_assert(eq(int, sil_file_read(model, path, 1 << 24, NULL), SIL_OK), "%s", path);
}

/* [ "silhouette/model", 1, bin, ... ] */
struct aud_bin golden_transcript(const struct sil_bytes *model)
{
    size_t at = 1 + 1 + strlen("silhouette/model") + 1;
    size_t bytes = (size_t)1 << (model->data[at] - 0xc4);
    size_t length = 0;
    for (size_t i = 0; i < bytes; i++) {
        length = length << 8 | model->data[at + 1 + i];
    }
    return (struct aud_bin){model->data + at + 1 + bytes, length};
}
