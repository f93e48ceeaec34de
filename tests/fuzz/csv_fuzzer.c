// SPDX-License-Identifier: Apache-2.0
/* A delimiter in the first byte, then a file. Promises: it is read or refused as bad input,
 * with a place; every field of a record that was read is text without a NUL; and what was
 * read, written again, is read as the same fields. */
#define _GNU_SOURCE /* memfd_create: a file that is never on a disk */
#include "codec/csv.h"
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct memory_file {
    int fd;
    char path[32];
};

static struct memory_file new_file(const uint8_t *data, size_t size)
{
    struct memory_file file = {.fd = memfd_create("csv", MFD_CLOEXEC)};
    FUZZ_REQUIRE(file.fd >= 0);
    FUZZ_REQUIRE(write(file.fd, data, size) == (ssize_t)size);
    (void)snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.fd);
    return file;
}

/* Every field as its length and bytes, a full stop behind each record; and the records as
 * CSV. */
static sil_status read_all(struct sil_bytes *fields_out, struct sil_bytes *csv,
                           const uint8_t *data, size_t size,
                           const struct sil_csv_options *options)
{
    struct memory_file file = new_file(data, size);
    struct sil_csv_reader *reader;
    const struct sil_csv_field *field;
    struct sil_error err = {0};
    size_t n;
    sil_status status = sil_csv_open(&reader, file.path, options, &err);
    FUZZ_REQUIRE(status == SIL_OK);

    status = sil_csv_next(reader, &field, &n, &err);
    while (status == SIL_OK && n > 0) {
        for (size_t i = 0; i < n; i++) {
            FUZZ_REQUIRE(memchr(field[i].text, '\0', field[i].length) == NULL);
            FUZZ_REQUIRE(sil_bytes_printf(fields_out, NULL, "%zu:", field[i].length) ==
                         SIL_OK);
            FUZZ_REQUIRE(sil_bytes_append(fields_out, field[i].text, field[i].length,
                                          NULL) == SIL_OK);
            FUZZ_REQUIRE(sil_csv_append(csv, field[i].text, field[i].length,
                                        options->delimiter, NULL) == SIL_OK);
            FUZZ_REQUIRE(sil_bytes_append(csv, i + 1 < n ? &options->delimiter : "\n",
                                          1, NULL) == SIL_OK);
        }
        FUZZ_REQUIRE(sil_bytes_append(fields_out, ".", 1, NULL) == SIL_OK);
        status = sil_csv_next(reader, &field, &n, &err);
    }
    FUZZ_REQUIRE(status == SIL_OK || status == SIL_ERR_INPUT);
    FUZZ_REQUIRE(status == SIL_OK || strstr(err.text, "record ") != NULL);
    sil_csv_close(reader);
    (void)close(file.fd);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char DELIMITERS[] = {',', ';', '\t', '|', ' ', 'a'};
    struct sil_bytes fields = {0};
    struct sil_bytes csv = {0};
    struct sil_bytes fields_again = {0};
    struct sil_bytes csv_again = {0};
    if (size == 0) {
        return 0;
    }

    struct sil_csv_options options = {.delimiter =
                                          DELIMITERS[data[0] % sizeof DELIMITERS]};
    if (read_all(&fields, &csv, data + 1, size - 1, &options) == SIL_OK &&
        csv.length > 0) {
        FUZZ_REQUIRE(read_all(&fields_again, &csv_again, csv.data, csv.length,
                              &options) == SIL_OK);
        FUZZ_REQUIRE(fields.length == fields_again.length);
        FUZZ_REQUIRE(memcmp(fields.data, fields_again.data, fields.length) == 0);
    }
    sil_bytes_clear(&fields);
    sil_bytes_clear(&csv);
    sil_bytes_clear(&fields_again);
    sil_bytes_clear(&csv_again);
    return 0;
}
