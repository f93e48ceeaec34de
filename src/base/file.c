// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include "base/fail.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 1 << 16, OPEN_MAX_OUTPUTS = 8, PATH_BYTES = 4096 };

struct sil_output {
    int fd;
    int directory;  ///< of the target, to make its name durable
    bool is_stream; ///< the standard output or a sink: no temporary file, no rename
    sil_sink *sink; ///< NULL: fd
    void *context;
    size_t used;
    char *target;
    char *temporary;
    int slot; ///< in open_temporaries
    uint8_t buffer[BUFFER_BYTES];
};

/* Names to unlink when a signal ends the process. A slot is taken by writing the name and
 * then setting the flag, so that the handler never sees half a name. */
static char open_temporaries[OPEN_MAX_OUTPUTS][PATH_BYTES];
static atomic_int open_flags[OPEN_MAX_OUTPUTS];

static bool is_dash(const char *path)
{
    return strcmp(path, "-") == 0;
}

static sil_status too_large(struct sil_error *err, const char *path, size_t limit)
{
    return sil_fail(err, SIL_ERR_INPUT, "%s is larger than %zu bytes", path, limit);
}

static sil_status read_all(struct sil_bytes *out, int fd, const char *path,
                           size_t limit, struct sil_error *err)
{
    for (;;) {
        uint8_t chunk[1 << 14];
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return sil_fail_errno(err, "cannot read %s", path);
        }
        if (n == 0) {
            return SIL_OK;
        }
        if ((size_t)n > limit - out->length) {
            return too_large(err, path, limit);
        }
        sil_status status = sil_bytes_append(out, chunk, (size_t)n, err);
        if (status != SIL_OK) {
            return status;
        }
    }
}

sil_status sil_file_read_open(struct sil_bytes *out, int fd, const char *path,
                              size_t limit, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct stat info;
    *out = (struct sil_bytes){0};
    bool is_known = fstat(fd, &info) == 0;
    if (is_known && S_ISDIR(info.st_mode)) {
        status = sil_fail(err, SIL_ERR_INPUT, "%s is a directory, not a file", path);
        goto cleanup;
    }
    if (is_known && S_ISREG(info.st_mode) && (uint64_t)info.st_size > limit) {
        status = too_large(err, path, limit);
        goto cleanup;
    }
    SIL_TRY(read_all(out, fd, path, limit, err));

cleanup:
    if (status != SIL_OK) {
        sil_bytes_clear(out);
    }
    return status;
}

sil_status sil_file_read(struct sil_bytes *out, const char *path, size_t limit,
                         struct sil_error *err)
{
    *out = (struct sil_bytes){0};
    int fd = is_dash(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return sil_fail_errno(err, "cannot open %s", path);
    }
    sil_status status = sil_file_read_open(out, fd, path, limit, err);
    if (!is_dash(path)) {
        (void)close(fd);
    }
    return status;
}

static void forget_temporary(struct sil_output *output)
{
    if (output->slot >= 0) {
        atomic_store(&open_flags[output->slot], 0);
        output->slot = -1;
    }
}

static void remember_temporary(struct sil_output *output)
{
    size_t bytes = strlen(output->temporary) + 1;
    for (int i = 0; i < OPEN_MAX_OUTPUTS; i++) {
        int expected = 0;
        /* 2: being written; 1: valid. The handler unlinks the valid ones only. */
        if (bytes <= PATH_BYTES &&
            atomic_compare_exchange_strong(&open_flags[i], &expected, 2)) {
            (void)memcpy(open_temporaries[i], output->temporary, bytes);
            output->slot = i;
            atomic_store(&open_flags[i], 1);
            return;
        }
    }
}

static bool is_one_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_standard_stream(const struct stat *file)
{
    struct stat stream;
    bool is_stream = false;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && !is_stream; fd++) {
        is_stream = fstat(fd, &stream) == 0 && is_one_file(file, &stream);
    }
    return is_stream;
}

/* What stands in the target's place must be a file to replace. /dev/stdout is a link that
 * leads to one where the shell has sent the output into a file: the rename would take the
 * link's place, in /dev, for every program. */
static sil_status check_target(const char *target, struct sil_error *err)
{
    struct stat info;
    if (stat(target, &info) != 0) {
        return SIL_OK;
    }
    if (!S_ISREG(info.st_mode)) {
        return sil_fail(err, SIL_ERR_IO, "cannot write %s: it is not a regular file",
                        target);
    }
    if (is_standard_stream(&info)) {
        return sil_fail(err, SIL_ERR_IO,
                        "cannot write %s: it is a standard stream; say - to write the "
                        "standard output",
                        target);
    }
    return SIL_OK;
}

static sil_status open_directory(struct sil_output *output, struct sil_error *err)
{
    char *copy = strdup(output->target);
    if (copy == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a file name");
    }
    const char *directory = dirname(copy); // NOLINT(concurrency-mt-unsafe): a copy
    output->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    sil_status status =
        output->directory >= 0
            ? SIL_OK
            : sil_fail_errno(err, "cannot write %s: its folder cannot be opened",
                             output->target);
    free(copy);
    return status;
}

static sil_status open_temporary(struct sil_output *output, mode_t mode,
                                 struct sil_error *err)
{
    size_t length = strlen(output->target) + sizeof ".partial-XXXXXX";
    output->temporary = malloc(length);
    if (output->temporary == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a file name");
    }
    (void)snprintf(output->temporary, length, "%s.partial-XXXXXX", output->target);
    output->fd = mkstemp(output->temporary);
    if (output->fd < 0) {
        sil_status status = sil_fail_errno(err, "cannot write %s", output->target);
        free(output->temporary);
        output->temporary = NULL;
        return status;
    }
    remember_temporary(output);
    (void)fcntl(output->fd, F_SETFD, FD_CLOEXEC);
    mode_t mask = umask(0);
    (void)umask(mask);
    if (fchmod(output->fd, mode & ~mask) != 0) {
        return sil_fail_errno(err, "cannot set the mode of %s", output->temporary);
    }
    return SIL_OK;
}

static sil_status new_output(struct sil_output **out, struct sil_error *err)
{
    sil_status status = sil_alloc(out, 1, sizeof **out, "an output", err);
    if (status == SIL_OK) {
        (*out)->fd = -1;
        (*out)->directory = -1;
        (*out)->slot = -1;
    }
    return status;
}

sil_status sil_output_to(struct sil_output **out, sil_sink *sink, void *context,
                         struct sil_error *err)
{
    sil_status status = new_output(out, err);
    if (status == SIL_OK) {
        (*out)->is_stream = true;
        (*out)->sink = sink;
        (*out)->context = context;
    }
    return status;
}

sil_status sil_output_open(struct sil_output **out, const char *path, mode_t mode,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_output *output = NULL;
    *out = NULL;

    SIL_TRY(new_output(&output, err));
    if (is_dash(path)) {
        output->is_stream = true;
        output->fd = STDOUT_FILENO;
    }
    output->target = strdup(path);
    if (output->target == NULL) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a file name");
        goto cleanup;
    }
    if (!output->is_stream) {
        SIL_TRY(check_target(output->target, err));
        SIL_TRY(open_temporary(output, mode, err));
        SIL_TRY(open_directory(output, err));
    }
    *out = output;
    output = NULL;

cleanup:
    sil_output_abandon(output);
    return status;
}

static sil_status write_all(struct sil_output *output, const uint8_t *data,
                            size_t length, struct sil_error *err)
{
    if (output->sink != NULL) {
        return output->sink(output->context, data, length, err);
    }
    while (length > 0) {
        ssize_t n = write(output->fd, data, length);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return sil_fail_errno(err, "cannot write %s",
                                  output->is_stream ? "the standard output"
                                                    : output->target);
        }
        data += n;
        length -= (size_t)n;
    }
    return SIL_OK;
}

static sil_status flush(struct sil_output *output, struct sil_error *err)
{
    sil_status status = write_all(output, output->buffer, output->used, err);
    output->used = 0;
    return status;
}

sil_status sil_output_write(struct sil_output *output, const void *data, size_t length,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (length > BUFFER_BYTES - output->used) {
        SIL_TRY(flush(output, err));
    }
    if (length > BUFFER_BYTES) {
        return write_all(output, data, length, err);
    }
    if (length > 0) {
        (void)memcpy(output->buffer + output->used, data, length);
        output->used += length;
    }

cleanup:
    return status;
}

sil_status sil_output_settle(struct sil_output *output, struct sil_error *err)
{
    sil_status status = flush(output, err);
    if (status == SIL_OK && !output->is_stream && fsync(output->fd) != 0) {
        status = sil_fail_errno(err, "cannot make %s durable", output->target);
    }
    return status;
}

sil_status sil_output_commit(struct sil_output *output, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_output_settle(output, err));
    if (output->is_stream) {
        goto cleanup;
    }
    int fd = output->fd;
    output->fd = -1;
    if (close(fd) != 0) {
        status = sil_fail_errno(err, "cannot close %s", output->target);
        goto cleanup;
    }
    if (rename(output->temporary, output->target) != 0) {
        status = sil_fail_errno(err, "cannot give %s its name", output->target);
        goto cleanup;
    }
    forget_temporary(output);
    free(output->temporary);
    output->temporary = NULL;
    /* Some file systems cannot sync a directory (EINVAL). */
    if (fsync(output->directory) != 0 && errno != EINVAL) {
        status = sil_fail_errno(err, "%s is written, but its name is not durable",
                                output->target);
    }

cleanup:
    sil_output_abandon(output);
    return status;
}

void sil_output_abandon(struct sil_output *output)
{
    if (output == NULL) {
        return;
    }
    if (output->fd >= 0 && !output->is_stream) {
        (void)close(output->fd);
    }
    if (output->directory >= 0) {
        (void)close(output->directory);
    }
    if (output->temporary != NULL) {
        (void)unlink(output->temporary);
        forget_temporary(output);
    }
    free(output->temporary);
    free(output->target);
    free(output);
}

void sil_output_abandon_all(void)
{
    for (int i = 0; i < OPEN_MAX_OUTPUTS; i++) {
        if (atomic_load(&open_flags[i]) == 1) {
            (void)unlink(open_temporaries[i]);
        }
    }
}

bool sil_file_same(const char *a, const char *b)
{
    struct stat first;
    struct stat second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 &&
           is_one_file(&first, &second);
}
