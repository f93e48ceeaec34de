// SPDX-License-Identifier: Apache-2.0
#include "cli/places.h"

#include "base/fail.h"
#include "base/file.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TRIAL_BYTES = 1 << 17 };

static bool is_dash(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* Two names for a file that need not exist: the same directory and the same last part. */
static bool same_place(const char *a, const char *b)
{
    char copies[4][PATH_MAX];
    if (sil_file_same(a, b)) {
        return true;
    }
    for (int i = 0; i < 4; i++) {
        (void)snprintf(copies[i], sizeof copies[i], "%s", i % 2 == 0 ? a : b);
    }
    return strcmp(basename(copies[0]), basename(copies[1])) == 0 &&
           sil_file_same(dirname(copies[2]), dirname(copies[3]));
}

static sil_status share_stream(const struct sil_cli_place *a,
                               const struct sil_cli_place *b, const char *stream,
                               struct sil_error *err)
{
    if (a->path != NULL && b->path != NULL && is_dash(a->path) && is_dash(b->path)) {
        return sil_fail(err, SIL_ERR_USAGE, "%s and %s cannot both be the standard %s",
                        a->option, b->option, stream);
    }
    return SIL_OK;
}

static sil_status overwrite(const struct sil_cli_place *output,
                            const struct sil_cli_place *other, struct sil_error *err)
{
    if (output->path != NULL && other->path != NULL && !is_dash(output->path) &&
        !is_dash(other->path) && same_place(output->path, other->path)) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "%s and %s are the same file, %s: give the output another name",
                        output->option, other->option, output->path);
    }
    return SIL_OK;
}

sil_status sil_cli_places_differ(const struct sil_cli_place *inputs, size_t n_inputs,
                                 const struct sil_cli_place *outputs, size_t n_outputs,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < n_inputs; i++) {
        for (size_t j = i + 1; j < n_inputs; j++) {
            SIL_TRY(share_stream(&inputs[i], &inputs[j], "input", err));
        }
    }
    for (size_t i = 0; i < n_outputs; i++) {
        for (size_t j = 0; j < n_inputs; j++) {
            SIL_TRY(overwrite(&outputs[i], &inputs[j], err));
        }
        for (size_t j = i + 1; j < n_outputs; j++) {
            SIL_TRY(share_stream(&outputs[i], &outputs[j], "output", err));
            SIL_TRY(overwrite(&outputs[i], &outputs[j], err));
        }
    }

cleanup:
    return status;
}

static sil_status try_stream(struct sil_error *err)
{
    int flags = fcntl(STDOUT_FILENO, F_GETFL);
    if (flags == -1 || (flags & O_ACCMODE) == O_RDONLY) {
        return sil_fail(err, SIL_ERR_IO,
                        "cannot write the standard output: it is closed");
    }
    return SIL_OK;
}

sil_status sil_cli_place_try(const char *path, struct sil_error *err)
{
    static const char TRIAL[TRIAL_BYTES];
    sil_status status = SIL_OK;
    struct sil_output *output = NULL;

    if (is_dash(path)) {
        return try_stream(err);
    }
    SIL_TRY(sil_output_open(&output, path, 0600, err));
    SIL_TRY(sil_output_write(output, TRIAL, sizeof TRIAL, err));

cleanup:
    sil_output_abandon(output);
    return status;
}
