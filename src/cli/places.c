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
    /* Both may change what they are given, hence the copies. */
    const char *last[] = {basename(copies[0]),  // NOLINT(concurrency-mt-unsafe)
                          basename(copies[1])}; // NOLINT(concurrency-mt-unsafe)
    const char *first[] = {dirname(copies[2]),  // NOLINT(concurrency-mt-unsafe)
                           dirname(copies[3])}; // NOLINT(concurrency-mt-unsafe)
    return strcmp(last[0], last[1]) == 0 && sil_file_same(first[0], first[1]);
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

static sil_status check_output(const struct sil_cli_place *output,
                               const struct sil_cli_place *others, size_t n,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < n && status == SIL_OK; i++) {
        status = overwrite(output, &others[i], err);
    }
    return status;
}

static sil_status share_streams(const struct sil_cli_place *places, size_t n,
                                const char *stream, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < n * n && status == SIL_OK; i++) {
        status = i / n < i % n
                     ? share_stream(&places[i / n], &places[i % n], stream, err)
                     : SIL_OK;
    }
    return status;
}

sil_status sil_cli_places_differ(const struct sil_cli_place *inputs, size_t n_inputs,
                                 const struct sil_cli_place *outputs, size_t n_outputs,
                                 struct sil_error *err)
{
    sil_status status = share_streams(inputs, n_inputs, "input", err);
    if (status == SIL_OK) {
        status = share_streams(outputs, n_outputs, "output", err);
    }
    for (size_t i = 0; i < n_outputs && status == SIL_OK; i++) {
        status = check_output(&outputs[i], inputs, n_inputs, err);
        if (status == SIL_OK) {
            status = check_output(&outputs[i], outputs + i + 1, n_outputs - i - 1, err);
        }
    }
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
