// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "ledger/refuse.h"
#include "release/reader_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* No file of a folder keeps its reader waiting (a FIFO), and no link leads elsewhere. */
enum {
    OPEN_FILE = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
    OPEN_FOLDER = O_RDONLY | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC,
    FOLDERS_MAX = 8 /* one in another */
};

struct walk {
    struct sil_reader *reader;
    char path[SIL_BUNDLE_NAME_MAX + 1]; ///< of what is looked at
    size_t length;
    unsigned depth;
    struct sil_error *err;
};

static sil_status refuse(const struct walk *walk, const char *what)
{
    return sil_refuse_ledger(walk->err, "S1", "%s %s", walk->path, what);
}

static sil_status refuse_foreign(const struct walk *walk, const char *name)
{
    return sil_refuse_ledger(walk->err, "S1", "%.*s%.*s does not belong in a bundle",
                             (int)walk->length, walk->path, SIL_BUNDLE_NAME_MAX, name);
}

static sil_status cannot(const struct walk *walk, const char *what)
{
    return sil_fail_errno(walk->err, "cannot %s %s/%s", what, walk->reader->path,
                          walk->path);
}

/* A folder belongs when something that belongs could be in it. */
static bool allows_folder(const char *path)
{
    char name[SIL_BUNDLE_NAME_MAX + 1];
    uint64_t limit;
    size_t length = strlen(path);
    if (strcmp(path, "ledger") == 0 || strcmp(path, "ledger/tile") == 0) {
        return true;
    }
    if (length + 2 > SIL_BUNDLE_NAME_MAX) {
        return false;
    }
    (void)memcpy(name, path, length);
    (void)memcpy(name + length, "/0", 3);
    return sil_bundle_allows(name, &limit);
}

static sil_status list(struct walk *walk, int folder);

static sil_status enter(struct walk *walk, int folder, const char *name)
{
    int inner = openat(folder, name, OPEN_FOLDER);
    if (inner < 0) {
        return errno == ELOOP || errno == ENOTDIR
                   ? refuse(walk, "has been changed while it was read")
                   : cannot(walk, "open");
    }
    size_t n = walk->reader->n;
    walk->path[walk->length++] = '/';
    walk->path[walk->length] = '\0';
    walk->depth++;
    sil_status status = list(walk, inner);
    walk->depth--;
    return status == SIL_OK && walk->reader->n == n
               ? refuse(walk, "is an empty folder: it does not belong in a bundle")
               : status;
}

static sil_status take(struct walk *walk, int folder, const char *name)
{
    struct stat facts;
    struct sil_bundle_file file = {.offset = 0};
    uint64_t limit;
    const size_t length = strlen(walk->path);
    if (fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        return cannot(walk, "look at");
    }
    if (S_ISDIR(facts.st_mode) && allows_folder(walk->path) &&
        walk->depth < FOLDERS_MAX) {
        walk->length = length;
        return enter(walk, folder, name);
    }
    if (!sil_bundle_allows(walk->path, &limit)) {
        return refuse(walk, "does not belong in a bundle");
    }
    if (!S_ISREG(facts.st_mode)) {
        return refuse(walk, "is not a regular file (a link, a folder or a device)");
    }
    (void)memcpy(file.name, walk->path, length + 1);
    file.size = (uint64_t)facts.st_size;
    return sil_reader_add(walk->reader, &file, walk->err);
}

static sil_status take_entry(struct walk *walk, int folder, const char *name)
{
    const size_t base = walk->length;
    const size_t length = strlen(name);
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return SIL_OK;
    }
    if (base + length > SIL_BUNDLE_NAME_MAX) {
        return refuse_foreign(walk, name);
    }
    (void)memcpy(walk->path + base, name, length + 1);
    sil_status status = take(walk, folder, name);
    walk->length = base;
    walk->path[base] = '\0';
    return status;
}

/* Takes `folder`. */
static sil_status list(struct walk *walk, int folder)
{
    sil_status status = SIL_OK;
    const struct dirent *entry = NULL;
    DIR *stream = fdopendir(folder);
    if (stream == NULL) {
        status = cannot(walk, "read");
        (void)close(folder);
        return status;
    }
    do {
        errno = 0;
        entry = readdir(stream); // NOLINT(concurrency-mt-unsafe): its own stream
        if (entry != NULL) {
            status = take_entry(walk, dirfd(stream), entry->d_name);
        } else if (errno != 0) {
            status = cannot(walk, "read");
        }
    } while (entry != NULL && status == SIL_OK);
    (void)closedir(stream);
    return status;
}

sil_status sil_reader_list_folder(struct sil_reader *reader, struct sil_error *err)
{
    struct walk walk = {.reader = reader, .err = err};
    int folder = openat(reader->file, ".", OPEN_FOLDER);
    return folder < 0 ? cannot(&walk, "open") : list(&walk, folder);
}

static sil_status changed(const struct sil_bundle_file *file, struct sil_error *err)
{
    return sil_refuse_ledger(err, "S1", "%s has been changed while it was read",
                             file->name);
}

/* openat, for the folders on the way and the file at its end. */
static int step(int from, const char *name, size_t length, int flags)
{
    char component[SIL_BUNDLE_NAME_MAX + 1];
    (void)memcpy(component, name, length);
    component[length] = '\0';
    return openat(from, component, flags);
}

sil_status sil_reader_open_listed(int *out, const struct sil_reader *reader,
                                  const struct sil_bundle_file *file,
                                  struct sil_error *err)
{
    struct stat facts;
    const char *name = file->name;
    int at = reader->file;
    for (const char *slash = strchr(name, '/'); slash != NULL && at >= 0;
         slash = strchr(name, '/')) {
        int next = step(at, name, (size_t)(slash - name), OPEN_FOLDER);
        if (at != reader->file) {
            (void)close(at);
        }
        at = next;
        name = slash + 1;
    }
    int opened = at < 0 ? -1 : step(at, name, strlen(name), OPEN_FILE);
    int error = errno;
    if (at >= 0 && at != reader->file) {
        (void)close(at);
    }
    if (opened < 0) {
        errno = error;
        return error == ELOOP || error == ENOTDIR || error == ENOENT
                   ? changed(file, err)
                   : sil_fail_errno(err, "cannot open %s/%s", reader->path, file->name);
    }
    if (fstat(opened, &facts) != 0 || !S_ISREG(facts.st_mode) ||
        (uint64_t)facts.st_size != file->size) {
        (void)close(opened);
        return changed(file, err);
    }
    *out = opened;
    return SIL_OK;
}
