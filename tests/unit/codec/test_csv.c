// SPDX-License-Identifier: Apache-2.0
#include "codec/csv.h"
#include "support/temp_file.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a file was read as: fields in brackets, one record a line; then the error without
 * the name of the file. */
static void dump(struct sil_bytes *out, const void *data, size_t length, char delimiter)
{
    struct test_file file = test_file_new(data, length);
    struct sil_csv_options options = {.delimiter = delimiter};
    struct sil_csv_reader *reader;
    struct sil_error err;
    const struct sil_csv_field *fields;
    size_t n;

    cr_assert(zero(int, sil_csv_open(&reader, file.path, &options, &err)));
    sil_status status = sil_csv_next(reader, &fields, &n, &err);
    while (status == SIL_OK && n > 0) {
        for (size_t i = 0; i < n; i++) {
            cr_assert(
                zero(int, sil_bytes_printf(out, NULL, "[%.*s]", (int)fields[i].length,
                                           fields[i].text)));
        }
        cr_assert(zero(int, sil_bytes_append(out, "\n", 1, NULL)));
        status = sil_csv_next(reader, &fields, &n, &err);
    }
    if (status != SIL_OK) {
        cr_expect(eq(int, status, SIL_ERR_INPUT));
        cr_assert(zero(int, strncmp(err.text, file.path, strlen(file.path))));
        cr_assert(zero(
            int, sil_bytes_printf(out, NULL, "%s", err.text + strlen(file.path) + 2)));
    }
    cr_assert(zero(int, sil_bytes_append(out, "", 1, NULL)));
    sil_csv_close(reader);
    test_file_remove(&file);
}

#define TEXT(literal) literal, sizeof(literal) - 1

/* One row per rule of the format; the row's name is what a failure prints. */
static const struct csv_case {
    const char *name;
    const char *text;
    size_t length;
    char delimiter;
    const char *want;
} CASES[] = {
    {"an empty file has no record",             TEXT(""),                            0,    ""                  },
    {"a lone mark has no record",               TEXT("\xEF\xBB\xBF"),                0,    ""                  },
    {"the last line needs no end",              TEXT("a,b\n1,2"),                    0,    "[a][b]\n[1][2]\n"  },
    {"the last line may have one",              TEXT("a,b\n1,2\n"),                  0,    "[a][b]\n[1][2]\n"  },
    {"CRLF ends lines",                         TEXT("a,b\r\n1,2\r\n"),              0,    "[a][b]\n[1][2]\n"  },
    {"line ends may be mixed",                  TEXT("a\r\nb\nc"),                   0,    "[a]\n[b]\n[c]\n"   },
    {"a byte order mark is skipped",
     TEXT("\xEF\xBB\xBF"
          "a,b\n"),
     0,                                                                                    "[a][b]\n"          },
    {"a mark elsewhere is text",
     TEXT("a\n\xEF\xBB\xBF"
          "b\n"),
     0,                                                                                    "[a]\n[\xEF\xBB\xBF"
     "b]\n"                                                                                             },
    {"a quoted first field after the mark",     TEXT("\xEF\xBB\xBF\"a\"\n"),         0,    "[a]\n"             },
    {"blank lines are records",                 TEXT("a\n\n\r\nb\n"),                0,    "[a]\n[]\n[]\n[b]\n"},
    {"a file of one line end",                  TEXT("\n"),                          0,    "[]\n"              },
    {"empty fields",                            TEXT(",\n,,"),                       0,    "[][]\n[][][]\n"    },
    {"blanks are kept",                         TEXT(" a ,\tb\n"),                   0,    "[ a ][\tb]\n"      },
    {"quotes are taken off",                    TEXT("\"a\",\"b c\"\n"),             0,    "[a][b c]\n"        },
    {"a quoted empty field",                    TEXT("\"\"\n"),                      0,    "[]\n"              },
    {"a doubled quote is one",                  TEXT("\"a\"\"b\",\"\"\"\"\n"),       0,    "[a\"b][\"]\n"      },
    {"delimiters and line ends between quotes", TEXT("\"a,\r\nb\",c\n"),             0,
     "[a,\r\nb][c]\n"                                                                                          },
    {"a lone CR between quotes is text",        TEXT("\"a\rb\"\n"),                  0,    "[a\rb]\n"          },
    {"a quoted field ends the file",            TEXT("a,\"b\""),                     0,    "[a][b]\n"          },
    {"a chosen delimiter",                      TEXT("a;b,c\n"),                     ';',  "[a][b,c]\n"        },
    {"a tab as delimiter",                      TEXT("a\t\tb\n"),                    '\t', "[a][][b]\n"        },
    {"a blank as delimiter",                    TEXT("a b\n"),                       ' ',  "[a][b]\n"          },
    {"bytes above 127 are text",                TEXT("\xC3\xA9,\xFF\n"),             0,    "[\xC3\xA9][\xFF]\n"},
    {"a NUL byte",                              TEXT("a,b\n1,\0002\n"),              0,
     "[a][b]\nrecord 2 (line 2), field 2: a NUL byte (is this a text file?)"                                   },
    {"a NUL at once",                           TEXT("\0"),                          0,
     "record 1 (line 1), field 1: a NUL byte (is this a text file?)"                                           },
    {"a NUL between quotes",                    TEXT("a,\"\0\"\n"),                  0,
     "record 1 (line 1), field 2: a NUL byte (is this a text file?)"                                           },
    {"a NUL behind a closing quote",            TEXT("a,\"b\"\0\n"),                 0,
     "record 1 (line 1), field 2: a NUL byte (is this a text file?)"                                           },
    {"a quote inside an unquoted field",        TEXT("a\nb,c\"d\n"),                 0,
     "[a]\nrecord 2 (line 2), field 2: a quote inside an unquoted field"                                       },
    {"a blank before a quote",                  TEXT(" \"a\"\n"),                    0,
     "record 1 (line 1), field 1: a quote inside an unquoted field"                                            },
    {"text after a closing quote",              TEXT("\"a\"b\n"),                    0,
     "record 1 (line 1), field 1: text after a closing quote"                                                  },
    {"a blank after a closing quote",           TEXT("\"a\" ,b\n"),                  0,
     "record 1 (line 1), field 1: text after a closing quote"                                                  },
    {"a quote never closed",                    TEXT("a\n\"b\nc\n"),                 0,
     "[a]\nrecord 2 (line 2), field 1: a quote is never closed"                                                },
    {"a doubled quote does not close",          TEXT("\"a\"\""),                     0,
     "record 1 (line 1), field 1: a quote is never closed"                                                     },
    {"a lone CR",                               TEXT("a,b\rc,d\r"),                  0,
     "record 1 (line 1), field 2: a carriage return without a line feed"                                       },
    {"a CR at the end of the file",             TEXT("a,b\r"),                       0,
     "record 1 (line 1), field 2: a carriage return without a line feed"                                       },
    {"a lone CR behind a closing quote",        TEXT("\"a\"\rb"),                    0,
     "record 1 (line 1), field 1: a carriage return without a line feed"                                       },
    {"lines between quotes count as lines",     TEXT("\"a\n\nb\"\n\"c\nd\"\ne\"\n"), 0,
     "[a\n\nb]\n[c\nd]\nrecord 3 (line 6), field 1: a quote inside an unquoted field"                          },
};

ParameterizedTestParameters(csv, reads_by_the_rules)
{
    static size_t indices[sizeof CASES / sizeof CASES[0]];
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        indices[i] = i;
    }
    return cr_make_param_array(size_t, indices, sizeof CASES / sizeof CASES[0]);
}

ParameterizedTest(size_t *index, csv, reads_by_the_rules)
{
    const struct csv_case *c = &CASES[*index];
    struct sil_bytes got = {0};

    dump(&got, c->text, c->length, c->delimiter);

    cr_expect_str_eq((const char *)got.data, c->want, "%s", c->name);
    sil_bytes_clear(&got);
}

/* Records that straddle every kind of border of the reader's buffer: fields of all lengths
 * around its first size, quoted and not, with doubled quotes. */
Test(csv, records_may_cross_the_end_of_the_buffer)
{
    enum { BUFFER = 1 << 18, AROUND = 6 };

    for (size_t length = BUFFER - AROUND; length <= BUFFER + AROUND; length++) {
        for (int quoted = 0; quoted < 2; quoted++) {
            struct sil_bytes text = {0};
            struct sil_bytes got = {0};
            const char *edge = quoted != 0 ? "\"" : "";
            const char *inner = quoted != 0 ? "\"\"\n" : "yz";
            char *filler = calloc(1, length + 1);
            (void)memset(filler, 'x', length - 8);
            cr_assert(zero(
                int, sil_bytes_printf(&text, NULL, "%s%s%s%s,b\r\n%s%s%s\r\n", edge,
                                      filler, inner, edge, edge, inner, edge)));

            dump(&got, text.data, text.length, 0);

            const char *read = quoted != 0 ? "\"\n" : "yz";
            struct sil_bytes want = {0};
            cr_assert(zero(int, sil_bytes_printf(&want, NULL, "[%s%s][b]\n[%s]\n",
                                                 filler, read, read)));
            cr_assert(eq(sz, got.length, want.length + 1));
            cr_expect(zero(int, memcmp(got.data, want.data, want.length)));
            free(filler);
            sil_bytes_clear(&text);
            sil_bytes_clear(&got);
            sil_bytes_clear(&want);
        }
    }
}

/* A file of one record of `n` fields, each of `length` bytes. */
static sil_status read_wide(size_t n, size_t length, struct sil_error *err)
{
    struct sil_bytes text = {0};
    char *field = calloc(1, length + 1);
    (void)memset(field, 'x', length);
    for (size_t i = 0; i < n; i++) {
        cr_assert(
            zero(int, sil_bytes_printf(&text, NULL, "%s%s", i > 0 ? "," : "", field)));
    }
    struct test_file file = test_file_new(text.data, text.length);
    struct sil_csv_options options = {0};
    struct sil_csv_reader *reader;
    const struct sil_csv_field *fields;
    size_t n_fields;
    cr_assert(zero(int, sil_csv_open(&reader, file.path, &options, NULL)));

    sil_status status = sil_csv_next(reader, &fields, &n_fields, err);

    if (status == SIL_OK) {
        cr_expect(eq(sz, n_fields, n));
        cr_expect(eq(sz, fields[n - 1].length, length));
    }
    sil_csv_close(reader);
    test_file_remove(&file);
    sil_bytes_clear(&text);
    free(field);
    return status;
}

Test(csv, a_field_has_a_limit)
{
    struct sil_error err;

    cr_expect(zero(int, read_wide(3, SIL_CSV_FIELD_MAX, &err)));
    cr_expect(eq(int, read_wide(1, SIL_CSV_FIELD_MAX + 1, &err), SIL_ERR_INPUT));
    cr_expect(ne(ptr, strstr(err.text, "record 1 (line 1), field 1: the field is too"),
                 NULL));
}

Test(csv, a_record_has_limits)
{
    struct sil_error err;

    cr_expect(zero(int, read_wide(SIL_CSV_FIELDS_MAX, 1, &err)));
    cr_expect(eq(int, read_wide(SIL_CSV_FIELDS_MAX + 1, 1, &err), SIL_ERR_INPUT));
    cr_expect(ne(ptr, strstr(err.text, "field 131073: too many fields"), NULL));
    cr_expect(eq(int, read_wide(65, SIL_CSV_FIELD_MAX, &err), SIL_ERR_INPUT));
    cr_expect(ne(ptr, strstr(err.text, "the record is too long"), NULL));
}

/* Ten gigabytes of zeros: refused by the first byte, not after reading them. */
Test(csv, a_sparse_file_is_refused_by_its_first_byte)
{
    struct test_file file = test_file_text("");
    struct sil_csv_options options = {0};
    struct sil_csv_reader *reader;
    const struct sil_csv_field *fields;
    size_t n;
    struct sil_error err;
    cr_assert(zero(int, truncate(file.path, (off_t)10 << 30)));
    cr_assert(zero(int, sil_csv_open(&reader, file.path, &options, &err)));

    cr_expect(eq(int, sil_csv_next(reader, &fields, &n, &err), SIL_ERR_INPUT));

    cr_expect(lt(u64, sil_csv_bytes(reader), (uint64_t)1 << 20));
    cr_expect(eq(u64, sil_csv_size(reader), (uint64_t)10 << 30));
    sil_csv_close(reader);
    test_file_remove(&file);
}

Test(csv, reads_the_standard_input)
{
    struct sil_csv_options options = {0};
    struct sil_csv_reader *reader;
    const struct sil_csv_field *fields;
    size_t n;
    int ends[2];
    cr_assert(zero(int, pipe(ends)));
    cr_assert(eq(int, (int)write(ends[1], "a,b\n", 4), 4));
    (void)close(ends[1]);
    (void)dup2(ends[0], STDIN_FILENO);

    cr_assert(zero(int, sil_csv_open(&reader, "-", &options, NULL)));
    cr_assert(zero(int, sil_csv_next(reader, &fields, &n, NULL)));

    cr_expect(eq(sz, n, 2));
    cr_expect(zero(u64, sil_csv_size(reader)));
    sil_csv_close(reader);
    (void)close(ends[0]);
}

struct witness {
    size_t n_records;
    size_t n_fields;
    size_t last; ///< the record that is not to be read; 0: none
};

static sil_status see(void *context, const struct sil_csv_field *fields, size_t n,
                      struct sil_error *err)
{
    struct witness *witness = context;
    (void)err;
    cr_expect(fields != NULL);
    witness->n_records++;
    witness->n_fields += n;
    return witness->n_records == witness->last ? SIL_ERR_CHECK : SIL_OK;
}

Test(csv, an_observer_sees_each_record_before_its_reader_does)
{
    struct test_file file = test_file_text("a,b\n1,2\n\"x\ny\",3,4\n");
    struct witness witness = {0};
    struct sil_csv_options options = {
        .observer = {see, &witness}
    };
    struct sil_csv_reader *reader;
    const struct sil_csv_field *fields;
    size_t n = 0;
    cr_assert(eq(int, sil_csv_open(&reader, file.path, &options, NULL), SIL_OK));
    cr_expect(eq(sz, witness.n_records, 0));

    for (size_t record = 1; record <= 3; record++) {
        cr_assert(eq(int, sil_csv_next(reader, &fields, &n, NULL), SIL_OK));
        cr_expect(eq(sz, witness.n_records, record));
    }
    cr_assert(eq(int, sil_csv_next(reader, &fields, &n, NULL), SIL_OK));

    cr_expect(eq(sz, n, 0));
    cr_expect(eq(sz, witness.n_records, 3), "the end is no record");
    cr_expect(eq(sz, witness.n_fields, 7));
    sil_csv_close(reader);
    test_file_remove(&file);
}

Test(csv, an_observer_can_end_the_reading)
{
    struct test_file file = test_file_text("a\n1\n2\n");
    struct witness witness = {.last = 2};
    struct sil_csv_options options = {
        .observer = {see, &witness}
    };
    struct sil_csv_reader *reader;
    const struct sil_csv_field *fields;
    size_t n = 0;
    cr_assert(eq(int, sil_csv_open(&reader, file.path, &options, NULL), SIL_OK));

    cr_expect(eq(int, sil_csv_next(reader, &fields, &n, NULL), SIL_OK));
    cr_expect(eq(int, sil_csv_next(reader, &fields, &n, NULL), SIL_ERR_CHECK));

    cr_expect(eq(sz, n, 0), "nothing is given that was objected to");
    sil_csv_close(reader);
    test_file_remove(&file);
}

Test(csv, refuses_what_cannot_be_opened)
{
    struct sil_csv_options options = {0};
    struct sil_csv_reader *reader;

    cr_expect(
        eq(int, sil_csv_open(&reader, "/nowhere/x.csv", &options, NULL), SIL_ERR_IO));
    cr_expect(eq(int, sil_csv_open(&reader, "/tmp", &options, NULL), SIL_ERR_INPUT));
    cr_expect(eq(ptr, reader, NULL));
}

Test(csv, refuses_delimiters_that_cannot_be_one)
{
    static const char BAD[] = {'"', '\n', '\r', (char)0xE9};
    struct sil_csv_reader *reader;

    for (size_t i = 0; i < sizeof BAD; i++) {
        struct sil_csv_options options = {.delimiter = BAD[i]};
        cr_expect(
            eq(int, sil_csv_open(&reader, "/dev/null", &options, NULL), SIL_ERR_USAGE));
    }
}

static const struct append_case {
    const char *name;
    const char *text;
    const char *want;
} APPENDED[] = {
    {"plain text stays",   "abc",  "abc"       },
    {"empty text stays",   "",     ""          },
    {"inner blanks stay",  "a b",  "a b"       },
    {"the delimiter",      "a,b",  "\"a,b\""   },
    {"a quote is doubled", "a\"b", "\"a\"\"b\""},
    {"a quote alone",      "\"",   "\"\"\"\""  },
    {"LF",                 "a\nb", "\"a\nb\""  },
    {"CR",                 "a\r",  "\"a\r\""   },
    {"a leading blank",    " a",   "\" a\""    },
    {"a trailing tab",     "a\t",  "\"a\t\""   },
    {"a leading mark",
     "\xEF\xBB\xBF"
     "a",                          "\"\xEF\xBB\xBF"
     "a\""                            },
};

Test(csv, quotes_when_it_has_to)
{
    for (size_t i = 0; i < sizeof APPENDED / sizeof APPENDED[0]; i++) {
        const struct append_case *c = &APPENDED[i];
        struct sil_bytes line = {0};

        cr_assert(
            zero(int, sil_csv_append(&line, c->text, strlen(c->text), ',', NULL)));

        cr_expect(eq(sz, line.length, strlen(c->want)), "%s", c->name);
        cr_expect(
            zero(int, line.length == 0 ? 0 : memcmp(line.data, c->want, line.length)),
            "%s", c->name);
        sil_bytes_clear(&line);
    }
}
