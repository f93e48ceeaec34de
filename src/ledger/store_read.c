// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "ledger/body.h"
#include "ledger/fs_file.h"
#include "ledger/signatures.h"
#include "ledger/store.h"
#include "ledger/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 12 };

static const uint64_t NUMBER_MAX = UINT64_C(999999999999);

void sil_store_number_name(char name[SIL_STORE_NUMBER], uint64_t number)
{
    SIL_REQUIRE(number <= NUMBER_MAX);
    (void)snprintf(name, SIL_STORE_NUMBER, "%012" PRIu64, number);
}

void sil_store_number_label(char label[SIL_STORE_LABEL], const struct sil_store *store,
                            enum sil_store_kind kind, uint64_t number)
{
    char name[SIL_STORE_NUMBER];
    sil_store_number_name(name, number);
    sil_store_label(label, store, sil_store_folder_name((int)kind), name);
}

sil_status sil_store_check_usable(const struct sil_store *store, struct sil_error *err)
{
    if (store->is_spent) {
        return sil_fail(err, SIL_ERR_IO,
                        "a write to %s has failed: the ledger must be opened anew",
                        store->path);
    }
    return SIL_OK;
}

static bool parse_number(uint64_t *out, const char *name)
{
    uint64_t number = 0;
    if (strlen(name) != DIGITS) {
        return false;
    }
    for (size_t i = 0; i < DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9') {
            return false;
        }
        number = 10 * number + (uint64_t)(name[i] - '0');
    }
    *out = number;
    return true;
}

struct numbers {
    const struct sil_store *store;
    enum sil_store_kind kind;
    uint64_t *number;
    size_t n;
    size_t capacity;
    struct sil_error *err;
    sil_status status;
};

static int add_number(void *context, const char *name)
{
    struct numbers *found = context;
    uint64_t number;
    /* Entries are numbered from 0, checkpoints by their size, from 1. */
    if (!parse_number(&number, name) ||
        (number == 0 && found->kind != SIL_STORE_ENTRY)) {
        found->status = sil_fail(
            found->err, SIL_ERR_INPUT, "%s/%s/%s does not belong in a ledger: refused",
            found->store->path, sil_store_folder_name((int)found->kind), name);
        return 1;
    }
    found->status = sil_grow(&found->number, &found->capacity, found->n + 1,
                             sizeof *found->number, "the numbers of files", found->err);
    if (found->status != SIL_OK) {
        return 1;
    }
    found->number[found->n++] = number;
    return 0;
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t first;
    uint64_t second;
    (void)memcpy(&first, a, sizeof first);
    (void)memcpy(&second, b, sizeof second);
    return (first > second) - (first < second);
}

sil_status sil_store_numbers(uint64_t **numbers, size_t *n, struct sil_store *store,
                             enum sil_store_kind kind, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct numbers found = {.store = store, .kind = kind, .err = err};
    *numbers = NULL;
    *n = 0;
    SIL_TRY(sil_store_check_usable(store, err));
    if (store->folder[kind] < 0) {
        return SIL_OK; /* a copy without it */
    }
    if (store->fs->list(store->fs->self, store->folder[kind], add_number, &found) !=
        0) {
        status = sil_fail_errno(err, "cannot list %s/%s", store->path,
                                sil_store_folder_name((int)kind));
        goto cleanup;
    }
    SIL_TRY(found.status);
    if (found.n > 0) {
        qsort(found.number, found.n, sizeof *found.number, compare_numbers);
    }
    *numbers = found.number;
    *n = found.n;
    found.number = NULL;

cleanup:
    free(found.number);
    return status;
}

struct other_name {
    const struct sil_store *store;
    const struct sil_fs_facts *facts;
    int folder;
    bool is_found;
};

static int compare_inode(void *context, const char *name)
{
    struct other_name *search = context;
    const struct sil_fs *fs = search->store->fs;
    struct sil_fs_facts facts;
    if (fs->facts_at(fs->self, search->folder, name, &facts) == 0 &&
        facts.device == search->facts->device && facts.inode == search->facts->inode) {
        search->is_found = true;
    }
    return search->is_found ? 1 : 0;
}

/* A file that is being published, or being moved to quarantine, has two names for a
 * moment; a crash leaves them. Any other second name is somebody's way to change what
 * must not change. None at all: it was replaced by the same bytes since it was opened. */
sil_status sil_store_check_links(const struct sil_store *store,
                                 const struct sil_fs_open *open, const char *label,
                                 struct sil_error *err)
{
    static const int OURS[] = {SIL_FOLDER_TMP, SIL_FOLDER_QUARANTINE};
    const struct sil_fs *fs = store->fs;
    if (open->facts.links <= 1) {
        return SIL_OK;
    }
    for (size_t i = 0; i < 2 && open->facts.links == 2; i++) {
        struct other_name search = {
            .store = store, .facts = &open->facts, .folder = store->folder[OURS[i]]};
        if (search.folder >= 0 &&
            fs->list(fs->self, search.folder, compare_inode, &search) != 0) {
            return sil_fail_errno(err, "cannot list %s/%s", store->path,
                                  sil_store_folder_name(OURS[i]));
        }
        if (search.is_found) {
            return SIL_OK;
        }
    }
    /* It may have been removed while we looked for it. */
    struct sil_fs_facts again;
    if (fs->facts(fs->self, open->file, &again) == 0 && again.links <= 1) {
        return SIL_OK;
    }
    return sil_fail(err, SIL_ERR_INPUT, "%s has another name (a hard link): refused",
                    label);
}

static sil_status read_checked(struct sil_bytes *out, const struct sil_store *store,
                               const struct sil_fs_name *name, mode_t mode,
                               struct sil_error *err)
{
    struct sil_fs_open open;
    *out = (struct sil_bytes){0};
    sil_status status =
        sil_fs_open_checked(&open, name, O_RDONLY, sil_store_mode(store, mode), err);
    if (status != SIL_OK) {
        return status;
    }
    status = sil_store_check_links(store, &open, name->label, err);
    if (status == SIL_OK) {
        status = sil_fs_read_all(out, name, &open, SIL_ENTRY_BYTES_MAX, err);
    }
    (void)store->fs->close(store->fs->self, open.file);
    return status;
}

sil_status sil_store_read(struct sil_bytes *out, struct sil_store *store,
                          enum sil_store_kind kind, uint64_t number,
                          struct sil_error *err)
{
    char digits[SIL_STORE_NUMBER];
    char label[SIL_STORE_LABEL];
    const struct sil_fs_name name = {store->fs, store->folder[kind], digits, label};
    *out = (struct sil_bytes){0};
    sil_status status = sil_store_check_usable(store, err);
    if (status != SIL_OK) {
        return status;
    }
    sil_store_number_name(digits, number);
    sil_store_number_label(label, store, kind, number);
    return read_checked(out, store, &name, SIL_MODE_NUMBERED, err);
}

/* Many files at once. */
struct reading {
    struct sil_store *store;
    enum sil_store_kind kind;
    const uint64_t *number;
    struct sil_bytes *out;
    size_t failed; /* the first that could not be read; SIZE_MAX: none */
    struct sil_error *err;
};

static sil_status read_one(void *context, size_t i)
{
    struct reading *reading = context;
    struct sil_error why = {""};
    sil_status status = sil_store_read(&reading->out[i], reading->store, reading->kind,
                                       reading->number[i], &why);
    if (status != SIL_OK) {
#pragma omp critical(sil_store_read_all)
        if (i < reading->failed) {
            reading->failed = i;
            *reading->err = why;
        }
    }
    return status;
}

sil_status sil_store_read_all(struct sil_bytes *out, struct sil_store *store,
                              enum sil_store_kind kind, const uint64_t *number,
                              size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    sil_status *verdict = NULL;
    struct sil_error why = {""};
    struct reading reading = {.store = store,
                              .kind = kind,
                              .number = number,
                              .out = out,
                              .failed = SIZE_MAX,
                              .err = &why};
    SIL_TRY(sil_alloc(&verdict, n, sizeof *verdict, "files", err));
    sil_judge_all(verdict, n, read_one, &reading);
    if (reading.failed < n) {
        status = sil_fail(err, verdict[reading.failed], "%s", why.text);
    }

cleanup:
    free(verdict);
    return status;
}

sil_status sil_store_head(struct sil_bytes *out, bool *present, struct sil_store *store,
                          struct sil_error *err)
{
    char label[SIL_STORE_LABEL];
    const struct sil_fs_name name = {store->fs, store->top, "checkpoint", label};
    *out = (struct sil_bytes){0};
    *present = false;
    sil_status status = sil_store_check_usable(store, err);
    if (status != SIL_OK) {
        return status;
    }
    sil_store_label(label, store, "checkpoint", "");
    status = read_checked(out, store, &name, SIL_MODE_HEAD, err);
    if (status == SIL_ERR_IO && errno == ENOENT) {
        return SIL_OK;
    }
    *present = status == SIL_OK;
    return status;
}
