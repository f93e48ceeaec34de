// SPDX-License-Identifier: Apache-2.0
/* Reading a file through its schema, and writing rows:
 *
 *     bench_table read DATA.csv SCHEMA.json
 *     bench_table write ROWS [threads]      81 columns of all kinds, to the current folder
 *
 * Prints seconds, megabytes a second and, for reading, the rate of the CSV reader alone. */
#include "base/file.h"
#include "codec/csv.h"
#include "crypto/row_words.h"
#include "table/table_store.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(clockid_t clock)
{
    struct timespec time;
    (void)clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void must(sil_status status, const struct sil_error *err)
{
    if (status != SIL_OK) {
        (void)fprintf(stderr, "bench_table: %s\n", err->text);
        exit(status);
    }
}

struct stopwatch {
    double wall;
    double cpu;
};

static struct stopwatch start(void)
{
    return (struct stopwatch){now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID)};
}

static void print(const char *what, struct stopwatch from, uint64_t bytes)
{
    double wall = now(CLOCK_MONOTONIC) - from.wall;
    double cpu = now(CLOCK_PROCESS_CPUTIME_ID) - from.cpu;
    (void)printf("%-24s %8.3f s %8.3f CPU s %8.1f MB %7.0f MB/CPU s\n", what, wall, cpu,
                 1e-6 * (double)bytes, 1e-6 * (double)bytes / cpu);
}

static void read_file(const char *csv_path, const char *schema_path)
{
    struct sil_csv_options options = {0};
    struct sil_csv_reader *reader;
    const struct sil_csv_field *fields;
    struct sil_schema *schema;
    struct sil_table *table;
    struct sil_error err;
    size_t n;
    must(sil_schema_read(&schema, schema_path, &err), &err);

    struct stopwatch from = start();
    must(sil_csv_open(&reader, csv_path, &options, &err), &err);
    do {
        must(sil_csv_next(reader, &fields, &n, &err), &err);
    } while (n > 0);
    uint64_t bytes = sil_csv_bytes(reader);
    sil_csv_close(reader);
    print("CSV alone", from, bytes);

    from = start();
    must(sil_table_read(&table, csv_path, schema, NULL, &options, NULL, &err), &err);
    print("CSV and codes", from, bytes);
    sil_table_free(table);
    sil_schema_free(schema);
}

static struct sil_schema *make_schema(void)
{
    enum { COLUMNS = 81 };

    static const char *const KINDS[] = {
        "\"integer\", \"constraints\": {\"minimum\": 0, \"maximum\": 99},"
        " \"silhouette\": {\"bins\": \"integers\"}",
        "\"string\", \"categories\": [\"alpha\", \"beta\", \"gamma\", \"delta\"]",
        "\"number\", \"constraints\": {\"minimum\": 0, \"maximum\": 1000},"
        " \"silhouette\": {\"bins\": 20, \"granularity\": \"0.01\"}",
        "\"boolean\"",
        "\"date\", \"constraints\": {\"minimum\": \"2000-01-01\","
        " \"maximum\": \"2019-12-31\"}, \"silhouette\": {\"bins\": 20}",
    };
    struct sil_bytes json = {0};
    struct sil_schema *schema;
    struct sil_error err;
    must(sil_bytes_printf(&json, &err, "{\"fields\": ["), &err);
    for (int i = 0; i < COLUMNS; i++) {
        must(sil_bytes_printf(&json, &err, "%s{\"name\": \"c%d\", \"type\": %s}",
                              i > 0 ? ", " : "", i, KINDS[i % 5]),
             &err);
    }
    must(sil_bytes_printf(&json, &err, "]}"), &err);
    must(sil_schema_parse(&schema, (const char *)json.data, json.length, &err), &err);
    sil_bytes_clear(&json);
    return schema;
}

static void write_file(size_t n_rows, unsigned n_threads)
{
    static const char PATH[] = "bench_table.csv";
    static const uint8_t SEED[SIL_SEED_BYTES] = {1};
    struct sil_words words = {.draw = sil_row_words, .key = SEED};
    struct sil_csv_options options = {0};
    struct sil_schema *schema = make_schema();
    struct sil_domain domain = sil_schema_domain(schema);
    struct sil_output *output;
    struct sil_codes codes;
    struct sil_error err;
    must(sil_codes_init(&codes, &domain, n_rows, &err), &err);
    for (uint32_t a = 0; a < codes.n_attrs; a++) {
        for (size_t r = 0; r < n_rows; r++) {
            sil_codes_set(&codes, a, r,
                          (uint32_t)((r * 2654435761U >> 7) % domain.sizes[a]));
        }
    }

    struct stopwatch from = start();
    must(sil_output_open(&output, PATH, 0600, &err), &err);
    must(sil_codes_write_csv(output, &codes, schema, NULL, words, &options, NULL,
                             n_threads, &err),
         &err);
    must(sil_output_commit(output, &err), &err);
    FILE *stream = fopen(PATH, "rb");
    (void)fseek(stream, 0, SEEK_END);
    print("writing 81 columns", from, (uint64_t)ftell(stream));
    (void)fclose(stream);
    (void)unlink(PATH);
    sil_codes_clear(&codes);
    sil_schema_free(schema);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "read") == 0) {
        read_file(argv[2], argv[3]);
        return 0;
    }
    if (argc >= 3 && strcmp(argv[1], "write") == 0) {
        long n_threads = argc > 3 ? strtol(argv[3], NULL, 10) : omp_get_max_threads();
        write_file(strtoul(argv[2], NULL, 10), (unsigned)n_threads);
        return 0;
    }
    (void)fprintf(stderr, "usage: bench_table read DATA.csv SCHEMA.json | "
                          "bench_table write ROWS [threads]\n");
    return SIL_ERR_USAGE;
}
