// SPDX-License-Identifier: Apache-2.0
/* S1 and S2: what is there, and whether it is what SHA256SUMS says. */
#include "base/fail.h"
#include "base/memory.h"
#include "ledger/refuse.h"
#include "release/names.h"
#include "release/sums.h"
#include "release/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the memory that is allowed, the part that files may take, and the transcript of that:
 * what is decoded from the smallest entries and lines takes so many times as much. */
enum { FILES_SHARE = 16, TRANSCRIPT_SHARE = 32 };

const struct sil_verify_file *sil_verify_file(const struct sil_verify *verify,
                                              const char *name)
{
    for (size_t i = 0; i < verify->n_files; i++) {
        if (strcmp(verify->file[i].file->name, name) == 0) {
            return &verify->file[i];
        }
    }
    return NULL;
}

/* The line, from 1, of the first byte in which two texts differ; 0: they do not. */
static size_t first_difference(const uint8_t *a, size_t a_length, const uint8_t *b,
                               size_t b_length)
{
    size_t line = 1;
    size_t shorter = a_length < b_length ? a_length : b_length;
    for (size_t i = 0; i < shorter; i++) {
        if (a[i] != b[i]) {
            return line;
        }
        line += a[i] == '\n' ? 1 : 0;
    }
    return a_length == b_length ? 0 : line;
}

sil_status sil_verify_same(const struct sil_verify_file *file, const void *data,
                           size_t length, struct sil_error *err)
{
    size_t line = first_difference(file->bytes.data, file->bytes.length, data, length);
    return line == 0 ? SIL_OK
                     : sil_fail(err, SIL_ERR_CHECK,
                                "%s differs from what it ought to be, in line %zu",
                                file->file->name, line);
}

/* ---- S1 ---- */

static sil_status check_complete(const struct sil_reader *reader, struct sil_error *err)
{
    const char *name;
    for (size_t i = 0; (name = sil_bundle_fixed_name(i)) != NULL; i++) {
        if (sil_reader_find(reader, name) == NULL) {
            return sil_refuse_ledger(err, "S1", "%s is missing", name);
        }
    }
    return SIL_OK;
}

static bool is_data(const struct sil_bundle_file *file)
{
    return strcmp(file->name, sil_artifact_name(SIL_ARTIFACT_DATA)) == 0;
}

/* All that is held in memory; each size has been limited already, and there are few. */
static uint64_t bytes_held(const struct sil_reader *reader)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < sil_reader_n_files(reader); i++) {
        const struct sil_bundle_file *file = sil_reader_file(reader, i);
        sum += is_data(file) ? 0 : file->size;
    }
    return sum;
}

static sil_status read_file(struct sil_verify *verify,
                            const struct sil_bundle_file *file, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_verify_file *held = &verify->file[verify->n_files];
    if (is_data(file)) {
        return sil_reader_digest(&verify->data, verify->reader, file,
                                 &verify->options->progress, err);
    }
    held->file = file;
    verify->n_files++;
    SIL_TRY(sil_reader_read(&held->bytes, verify->reader, file, err));
    sil_sha256(held->sha256, &(struct sil_part){held->bytes.data, held->bytes.length},
               1);
cleanup:
    return status;
}

static sil_status read_files(struct sil_verify *verify, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = sil_reader_n_files(verify->reader);
    SIL_TRY(check_complete(verify->reader, err));
    SIL_TRY(sil_alloc(&verify->file, n, sizeof *verify->file, "the files", err));
    for (size_t i = 0; i < n; i++) {
        SIL_TRY(read_file(verify, sil_reader_file(verify->reader, i), err));
    }
cleanup:
    return status;
}

/* ---- S2 ---- */

static sil_status list_sums(struct sil_sums *sums, const struct sil_verify *verify,
                            struct sil_error *err)
{
    sil_status status = sil_sums_add(sums, sil_artifact_name(SIL_ARTIFACT_DATA),
                                     verify->data.sha256, err);
    for (size_t i = 0; i < verify->n_files && status == SIL_OK; i++) {
        const struct sil_verify_file *file = &verify->file[i];
        if (strcmp(file->file->name, SIL_BUNDLE_SUMS) != 0) {
            status = sil_sums_add(sums, file->file->name, file->sha256, err);
        }
    }
    return status;
}

/* The file whose line is the first that differs is the one to name. */
static sil_status compare_sums(const struct sil_verify *verify,
                               const struct sil_bytes *expected,
                               const struct sil_sums *sums, struct sil_error *err)
{
    const struct sil_verify_file *found = sil_verify_file(verify, SIL_BUNDLE_SUMS);
    size_t line = first_difference(found->bytes.data, found->bytes.length,
                                   expected->data, expected->length);
    if (line == 0) {
        return SIL_OK;
    }
    if (line > sums->n) {
        return sil_fail(err, SIL_ERR_CHECK, "%s lists more than there is",
                        SIL_BUNDLE_SUMS);
    }
    return sil_fail(err, SIL_ERR_CHECK, "%s is not what line %zu of %s says",
                    sums->item[line - 1].name, line, SIL_BUNDLE_SUMS);
}

static sil_status check_sums(const struct sil_verify *verify, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_sums sums = {0};
    struct sil_bytes expected = {0};
    SIL_TRY(list_sums(&sums, verify, err));
    sil_sums_sort(&sums);
    SIL_TRY(sil_sums_print(&expected, &sums, err));
    SIL_TRY(compare_sums(verify, &expected, &sums, err));
cleanup:
    sil_bytes_clear(&expected);
    sil_sums_clear(&sums);
    return status;
}

/* What the files take when they are decoded, at most. */
static uint64_t bytes_needed(const struct sil_reader *reader)
{
    const struct sil_bundle_file *transcript =
        sil_reader_find(reader, sil_artifact_name(SIL_ARTIFACT_TRANSCRIPT));
    uint64_t all = bytes_held(reader) * FILES_SHARE;
    uint64_t lines = transcript == NULL ? 0 : transcript->size * TRANSCRIPT_SHARE;
    return all > lines ? all : lines;
}

static sil_status enter_too_large(struct sil_verification *out, uint64_t need,
                                  struct sil_error *err)
{
    char detail[96];
    (void)snprintf(detail, sizeof detail,
                   "its documents and its ledger are large: they need --memory-mb "
                   "%" PRIu64,
                   (need >> 20) + 1);
    return sil_verify_enter(out, SIL_STEP_FILES, SIL_VERIFY_INCONCLUSIVE, detail, err);
}

sil_status sil_verify_files(struct sil_verify *verify, struct sil_error *err)
{
    struct sil_verification *out = verify->out;
    sil_status status = sil_reader_open(&verify->reader, out->bundle, err);
    if (status == SIL_OK) {
        uint64_t need = bytes_needed(verify->reader);
        if (need > verify->options->memory_mb << 20) {
            return enter_too_large(out, need, err);
        }
        status = read_files(verify, err);
    }
    if (status == SIL_ERR_INPUT) {
        return status; /* no bundle at all */
    }
    status = sil_verify_judge(out, SIL_STEP_FILES, status, err);
    if (status != SIL_OK || !sil_verify_holds(out, SIL_STEP_FILES)) {
        return status;
    }
    return sil_verify_judge(out, SIL_STEP_SUMS, check_sums(verify, err), err);
}
