// SPDX-License-Identifier: Apache-2.0
/* Runs a fuzz target over the files of a corpus, for compilers without libFuzzer and for
 * ctest. Every file is also tried cut short, at 16 places, and with one byte changed, at 64:
 * a corpus of a few files becomes a small campaign that is the same each time. */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <string.h>

enum { PATH_BYTES = 4096, CUTS = 16, CHANGES = 64 };

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    long length;
    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (length = ftell(file)) < 0 ||
        fseek(file, 0, SEEK_SET) != 0) {
        (void)fprintf(stderr, "cannot read %s\n", path);
        exit(2);
    }
    uint8_t *data = malloc((size_t)length + 1);
    *size = data == NULL ? 0 : fread(data, 1, (size_t)length, file);
    (void)fclose(file);
    if (data == NULL || *size != (size_t)length) {
        (void)fprintf(stderr, "cannot read %s\n", path);
        exit(2);
    }
    return data;
}

/* The input in memory of exactly its size, so that a sanitizer sees reads behind it. */
static void try_exactly(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL) {
        (void)fprintf(stderr, "out of memory\n");
        exit(2);
    }
    (void)memcpy(copy, data, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void try_file(const char *path)
{
    size_t size;
    uint8_t *data = read_file(path, &size);
    uint64_t state = 1;
    try_exactly(data, size);
    for (size_t i = 0; i < CUTS; i++) {
        try_exactly(data, size * i / CUTS);
    }
    for (int i = 0; i < CHANGES && size > 0; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        size_t at = (size_t)(state >> 33) % size;
        uint8_t kept = data[at];
        data[at] = (uint8_t)(state >> 25);
        try_exactly(data, size);
        data[at] = kept;
    }
    free(data);
}

static size_t try_folder(const char *folder_path)
{
    char path[PATH_BYTES];
    size_t n = 0;
    DIR *folder = opendir(folder_path);
    if (folder == NULL) {
        (void)fprintf(stderr, "cannot open %s\n", folder_path);
        exit(2);
    }
    for (struct dirent *entry = readdir(folder); entry != NULL;
         entry = readdir(folder)) {
        if (entry->d_name[0] != '.') {
            (void)snprintf(path, sizeof path, "%s/%s", folder_path, entry->d_name);
            try_file(path);
            n++;
        }
    }
    (void)closedir(folder);
    return n;
}

int main(int argc, char **argv)
{
    size_t n = 0;
    for (int i = 1; i < argc; i++) {
        n += try_folder(argv[i]);
    }
    (void)printf("%zu files replayed\n", n);
    return n > 0 ? 0 : 2;
}
