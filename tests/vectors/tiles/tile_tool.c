// SPDX-License-Identifier: Apache-2.0
/* usage: tile_tool N FOLDER: the tiles of N entries of made-up bytes, in FOLDER/ledger;
 * prints the root of their tree in base64. */
#include "base/fail.h"
#include "base/folder.h"
#include "crypto/base64.h"
#include "release/export.h"

#include <stdio.h>
#include <stdlib.h>

static sil_status put(void *context, const char *name, const void *data, size_t length,
                      struct sil_error *err)
{
    return sil_folder_add(context, name, data, length, err);
}

static sil_status print_root(const struct sil_bytes *entry, size_t n,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_merkle tree = {0};
    struct sil_bytes text = {0};
    struct sil_root root;
    for (size_t i = 0; i < n; i++) {
        struct sil_root leaf;
        sil_merkle_leaf(&leaf, entry[i].data, entry[i].length);
        SIL_TRY(sil_merkle_append(&tree, &leaf, err));
    }
    sil_merkle_root(&root, &tree);
    SIL_TRY(sil_base64_print(&text, root.bytes, sizeof root.bytes, err));
    (void)printf("%.*s\n", (int)text.length, (const char *)text.data);

cleanup:
    sil_merkle_clear(&tree);
    sil_bytes_clear(&text);
    return status;
}

static sil_status run(struct sil_bytes *entry, size_t n, const char *path,
                      struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_folder *folder = NULL;
    for (size_t i = 0; i < n; i++) {
        SIL_TRY(sil_bytes_printf(&entry[i], err, "%zu%*s", i, (int)(i % 300), ""));
    }
    SIL_TRY(sil_folder_open(&folder, path, err));
    SIL_TRY(sil_export_tiles(entry, n, put, folder, err));
    status = sil_folder_commit(folder, err);
    folder = NULL;
    SIL_TRY(status);
    SIL_TRY(print_root(entry, n, err));

cleanup:
    sil_folder_abandon(folder);
    return status;
}

int main(int argc, char **argv)
{
    struct sil_error err = {{0}};
    size_t n = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    struct sil_bytes *entry = calloc(n + 1, sizeof *entry);
    sil_status status = sil_crypto_start(&err);
    if (n == 0 || entry == NULL || status != SIL_OK) {
        free(entry);
        return SIL_ERR_USAGE;
    }
    status = run(entry, n, argv[2], &err);
    if (status != SIL_OK) {
        (void)fprintf(stderr, "%s\n", err.text);
    }
    for (size_t i = 0; i < n; i++) {
        sil_bytes_clear(&entry[i]);
    }
    free(entry);
    return (int)status;
}
