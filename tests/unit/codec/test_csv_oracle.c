// SPDX-License-Identifier: Apache-2.0
/* Random files read by our reader and by libcsv, an implementation that shares nothing
 * with it. Where libcsv is laxer by design (a lone CR ends a line, blank lines vanish) the
 * random files do not go: those rules are in test_csv.c. */
#include "codec/csv.h"
#include "support/property.h"
#include "support/temp_file.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <csv.h>
#include <stdio.h>
#include <string.h>

static void put(struct sil_bytes *out, const void *data, size_t length)
{
    cr_assert(zero(int, sil_bytes_append(out, data, length, NULL)));
}

/* Mostly well-formed text, so that accepted and refused files both occur often. */
static void random_field(struct sil_bytes *out, struct test_random *random)
{
    static const char PLAIN[] = "ab ;\t\xC3\xA9";
    static const char *const QUOTED[] = {"a", ",", "\"\"", "\n", "\r\n", " ", "\r"};

    size_t length = 1 + test_below(random, 6);
    uint64_t kind = test_below(random, 20);
    if (kind < 10) {
        while (length-- > 0) {
            put(out, &PLAIN[test_below(random, sizeof PLAIN - 1)], 1);
        }
    } else if (kind < 19) {
        put(out, "\"", 1);
        while (length-- > 0) {
            const char *piece = QUOTED[test_below(random, 7)];
            put(out, piece, strlen(piece));
        }
        put(out, "\"", 1);
    } else {
        static const char *const BROKEN[] = {"a\"", "\"a\"b", "\"a\" ", " \"a\""};
        const char *piece = BROKEN[test_below(random, 4)];
        put(out, piece, strlen(piece));
    }
}

static void random_file(struct sil_bytes *out, struct test_random *random)
{
    size_t rows = test_below(random, 6);
    for (size_t r = 0; r < rows; r++) {
        size_t n = 1 + test_below(random, 4);
        for (size_t i = 0; i < n; i++) {
            put(out, ",", i > 0);
            if (n == 1 || test_below(random, 5) > 0) {
                random_field(out, random);
            }
        }
        bool open_end = r + 1 == rows && test_below(random, 2) == 0;
        const char *end = open_end ? "" : test_below(random, 2) == 0 ? "\n" : "\r\n";
        put(out, end, strlen(end));
    }
    /* A quote that is never closed stands last: what follows one would be read with
     * inside and outside exchanged, and a CR of a field would end a line. */
    if (test_below(random, 20) == 0) {
        put(out, ",\"a", 3);
    }
}

static int never(unsigned char byte)
{
    (void)byte;
    return 0;
}

static void their_field(void *text, size_t length, void *out)
{
    put(out, "[", 1);
    put(out, text != NULL ? text : "", text != NULL ? length : 0);
    put(out, "]", 1);
}

static void their_record(int end, void *out)
{
    (void)end;
    put(out, "\n", 1);
}

static bool read_theirs(struct sil_bytes *out, const struct sil_bytes *text)
{
    struct csv_parser parser;
    cr_assert(zero(int, csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI)));
    csv_set_space_func(&parser, never);
    bool good = csv_parse(&parser, text->data, text->length, their_field, their_record,
                          out) == text->length &&
                csv_fini(&parser, their_field, their_record, out) == 0;
    csv_free(&parser);
    return good;
}

static bool read_ours(struct sil_bytes *out, const struct sil_bytes *text)
{
    struct test_file file = test_file_new(text->data, text->length);
    struct sil_csv_options options = {0};
    struct sil_csv_reader *reader;
    const struct sil_csv_field *fields;
    size_t n;
    cr_assert(zero(int, sil_csv_open(&reader, file.path, &options, NULL)));

    sil_status status = sil_csv_next(reader, &fields, &n, NULL);
    while (status == SIL_OK && n > 0) {
        for (size_t i = 0; i < n; i++) {
            their_field((void *)(uintptr_t)fields[i].text, fields[i].length, out);
        }
        put(out, "\n", 1);
        status = sil_csv_next(reader, &fields, &n, NULL);
    }
    sil_csv_close(reader);
    test_file_remove(&file);
    return status == SIL_OK;
}

struct tally {
    size_t accepted;
    size_t refused;
};

static bool both_read_alike(struct test_random *random, void *context)
{
    struct tally *tally = context;
    struct sil_bytes text = {0};
    struct sil_bytes ours = {0};
    struct sil_bytes theirs = {0};
    random_file(&text, random);

    bool accepted = read_ours(&ours, &text);
    bool alike = accepted == read_theirs(&theirs, &text);
    if (accepted && alike) {
        alike = ours.length == theirs.length &&
                (ours.length == 0 || memcmp(ours.data, theirs.data, ours.length) == 0);
    }
    tally->accepted += accepted;
    tally->refused += !accepted;
    if (!alike) {
        (void)fprintf(stderr, "file:\n%.*s\n", (int)text.length, text.data);
    }
    sil_bytes_clear(&text);
    sil_bytes_clear(&ours);
    sil_bytes_clear(&theirs);
    return alike;
}

Test(csv_oracle, reads_random_files_as_libcsv_does)
{
    struct tally tally = {0};

    cr_assert(test_forall("csv", test_cases(4000), both_read_alike, &tally));

    /* The comparison says something only when both outcomes occur. */
    cr_expect(gt(sz, tally.accepted, tally.refused / 10));
    cr_expect(gt(sz, tally.refused, tally.accepted / 10));
}
