// SPDX-License-Identifier: Apache-2.0
/* Every byte of every entry and every checkpoint of the published ledger of five entries,
 * changed to other values on disk and opened as `silhouette ledger verify` does: refused.
 * SIL_TEST_FLIPS other values a byte, 3 by default, 255 for all. */
#include "ledger/ledger.h"
#include "support/property.h"
#include "support/temp_dir.h"
#include "unit/ledger/format_kit.h"
#include "unit/ledger/scratch.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include <fcntl.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N_ENTRIES = 5, N_FILES = 2 * N_ENTRIES, OTHER_VALUES = 255, FEW = 3 };

static const char *const FOLDERS[] = {"entries", "checkpoints"};

static struct test_dir room;

static struct test_path within(const char *name)
{
    return test_dir_path(&room, name);
}

static struct test_path numbered(int file)
{
    char name[64];
    int folder = file / N_ENTRIES;
    (void)snprintf(name, sizeof name, "ledger/%s/%012d", FOLDERS[folder],
                   file % N_ENTRIES + folder);
    return within(name);
}

static void put(struct test_path path, const char *vector, mode_t mode)
{
    struct sil_bytes data = kit_file(vector);
    scratch_write(path.text, data.data, data.length, mode);
    sil_bytes_clear(&data);
}

static void lay_out(void)
{
    static const char *const made[] = {"ledger",          "ledger/entries",
                                       "ledger/cosigned", "ledger/checkpoints",
                                       "ledger/tmp",      "ledger/quarantine"};
    static const char format[] = "silhouette-ledger 1\n";
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        cr_assert_eq(mkdir(within(made[i]).text, 0700), 0);
    }
    scratch_write(within("ledger/format").text, format, sizeof format - 1, 0444);
    scratch_write(within("ledger/lock").text, "", 0, 0600);
    put(within("ledger/checkpoint"), "five/C5.note", 0644);
    for (int file = 0; file < N_FILES; file++) {
        char vector[32];
        bool is_entry = file < N_ENTRIES;
        (void)snprintf(vector, sizeof vector,
                       is_entry ? "five/E%d.bin" : "five/C%d.note",
                       is_entry ? file : file - N_ENTRIES + 1);
        put(numbered(file), vector, 0444);
    }
}

static void start(void)
{
    /* The files are the threads: each has a process of its own. */
    omp_set_num_threads(1);
    MUST(sil_crypto_start(NULL));
    room = test_dir_new();
    lay_out();
}

static void stop(void)
{
    test_dir_remove(&room);
}

TestSuite(byte_flips, .init = start, .fini = stop);

static sil_status verify(struct sil_error *err)
{
    struct sil_ledger *ledger = NULL;
    struct test_path at = within("ledger");
    struct sil_ledger_place place = sil_ledger_place(at.text);
    sil_status status =
        sil_ledger_open_with(&ledger, &place, SIL_LEDGER_READ, NULL, NULL, err);
    sil_ledger_close(ledger);
    return status;
}

static int n_values(void)
{
    const char *text = getenv("SIL_TEST_FLIPS");
    int n = text == NULL ? FEW : (int)strtol(text, NULL, 10);
    return n < 1 || n > OTHER_VALUES ? FEW : n;
}

/* What to xor a byte with: all that changes it; or, of few, its lowest bit, its highest bit
 * and others at random. */
static uint8_t difference(int i, int n, struct test_random *random)
{
    if (n == OTHER_VALUES || i == 0) {
        return (uint8_t)(i + 1);
    }
    return i == 1 ? 0x80 : (uint8_t)(2 + test_below(random, 0x7e));
}

static void write_byte(int file, off_t at, uint8_t byte)
{
    cr_assert_eq(pwrite(file, &byte, 1, at), 1);
}

static size_t flip_all_of(int number, struct test_random *random)
{
    size_t tried = 0;
    size_t length;
    struct test_path path = numbered(number);
    unsigned char *data = scratch_read(path.text, &length);
    cr_assert(length > 200, "%s: %zu bytes", path.text, length);
    cr_assert_eq(chmod(path.text, 0644), 0);
    int file = open(path.text, O_WRONLY | O_CLOEXEC);
    cr_assert(file >= 0);
    cr_assert_eq(chmod(path.text, 0444), 0);
    for (size_t at = 0; at < length; at++) {
        for (int i = 0; i < n_values(); i++) {
            struct sil_error err = {{0}};
            uint8_t byte = data[at] ^ difference(i, n_values(), random);
            write_byte(file, (off_t)at, byte);
            sil_status status = verify(&err);
            cr_assert(status == SIL_ERR_CHECK || status == SIL_ERR_UNSUPPORTED,
                      "byte %zu of %s as 0x%02x: status %d: %s", at, path.text, byte,
                      (int)status, err.text);
            tried++;
        }
        write_byte(file, (off_t)at, data[at]);
    }
    (void)close(file);
    free(data);
    return tried;
}

static int files[N_FILES];

ParameterizedTestParameters(byte_flips, of_a_ledger_are_refused)
{
    for (int i = 0; i < N_FILES; i++) {
        files[i] = i;
    }
    return cr_make_param_array(int, files, N_FILES);
}

/* T3 */
ParameterizedTest(int *file, byte_flips, of_a_ledger_are_refused)
{
    struct sil_error err = {{0}};
    struct test_random random = {test_seed(20260918) + (uint64_t)*file};
    cr_assert_eq(verify(&err), SIL_OK, "%s", err.text);

    size_t tried = flip_all_of(*file, &random);

    cr_expect_eq(verify(&err), SIL_OK, "what was put back is refused: %s", err.text);
    cr_log_info("%zu changes of %s", tried, numbered(*file).text);
}
