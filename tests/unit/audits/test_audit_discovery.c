// SPDX-License-Identifier: Apache-2.0
/* Discoveries before the auditor: those of an honest run hold, and what would let more of one
 * person pass, or claims to cost less, is refused. The run is kept: tests/vectors/audit. */
#include "audits/claim/discovery.h"
#include "base/file.h"
#include "unit/audits/golden.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <mpfr.h>
#include <string.h>

static void free_mpfr_caches(void)
{
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE | MPFR_FREE_GLOBAL_CACHE);
}

TestSuite(audit_discovery, .fini = free_mpfr_caches);

static const char PATH[] = SIL_SOURCE_DIR "/tests/vectors/audit/open-1.model";

/* Read and check; the sentence in `err`. */
static sil_status examine(struct aud_bin transcript, struct sil_error *err)
{
    struct aud_transcript read;
    struct aud_workload workload = {0};
    sil_status status = aud_transcript_read(&read, transcript, err);
    if (status == SIL_OK) {
        status = aud_workload_find(&workload, &read, err);
    }
    if (status == SIL_OK) {
        status = aud_discovery_check(&read, &workload, err);
    }
    aud_workload_clear(&workload);
    aud_transcript_clear(&read);
    return status;
}

/* The `which`-th place of a text of the transcript, to be written over. */
static void overwrite(struct aud_bin transcript, const char *from, int which,
                      const char *to)
{
    size_t length = strlen(from);
    cr_assert(eq(sz, length, strlen(to)));
    for (size_t at = 0; at + length <= transcript.length; at++) {
        if (memcmp(transcript.data + at, from, length) == 0 && which-- == 0) {
            (void)memcpy((uint8_t *)(uintptr_t)transcript.data + at, to, length);
            return;
        }
    }
    cr_fatal("the text is not there: %s", from);
}

Test(audit_discovery, of_an_honest_run_holds)
{
    struct sil_bytes model = {0};
    struct sil_error err = {""};
    cr_assert(zero(int, sil_file_read(&model, PATH, 1 << 20, NULL)));
    cr_expect(zero(int, examine(golden_transcript(&model), &err)), "%s", err.text);
    sil_bytes_clear(&model);
}

static const struct {
    const char *from;
    int which;
    const char *to;
    const char *sentence;
} FAULTS[] = {
    {"76/1",       0, "75/1",          "more often than its delta pays for"},
    {"76/1",       0, "77/1",          "not the smallest"                  },
    {"1/10000000", 1, "1/20000000",    "its delta is not its share"        },
    {"1/10000000", 0, "1/20000000",    "more than their part of delta"     },
    {"Kiel",       0, "Bern",          "not looked for"                    },
    {"Kiel",       0, "Ki\x1bl",       "not looked for"                    },
    {"Kiel",       0, "K\xe2\x80\xae", "not looked for"                    },
    {"Ulm",        0, "Aaa",           "order"                             },
    {"Zug",        0, "Ulm",           "order"                             },
    {"Kiel",       0, "Kiem",          ""                                  },
};

Test(audit_discovery, of_every_open_field_is_there)
{
    struct aud_transcript read;
    struct sil_bytes model = {0};
    struct aud_workload workload = {0};
    struct sil_error err = {""};
    cr_assert(zero(int, sil_file_read(&model, PATH, 1 << 20, NULL)));
    cr_assert(zero(int, aud_transcript_read(&read, golden_transcript(&model), &err)));
    size_t n = read.n_found;
    read.n_found = 0;
    cr_expect(eq(int, aud_discovery_check(&read, &workload, &err), SIL_ERR_CHECK));
    cr_expect(zero(int, strstr(err.text, "missing") == NULL), "%s", err.text);
    read.n_found = n;
    aud_transcript_clear(&read);
    sil_bytes_clear(&model);
}

Test(audit_discovery, that_lets_more_pass_or_says_it_costs_less_is_refused)
{
    for (size_t i = 0; i < sizeof FAULTS / sizeof FAULTS[0]; i++) {
        struct sil_bytes model = {0};
        struct sil_error err = {""};
        cr_assert(zero(int, sil_file_read(&model, PATH, 1 << 20, NULL)));
        struct aud_bin transcript = golden_transcript(&model);
        overwrite(transcript, FAULTS[i].from, FAULTS[i].which, FAULTS[i].to);
        bool is_fault = FAULTS[i].sentence[0] != '\0';
        cr_expect(eq(int, examine(transcript, &err), is_fault ? SIL_ERR_CHECK : SIL_OK),
                  "case %zu: %s", i, err.text);
        cr_expect(zero(int, strstr(err.text, FAULTS[i].sentence) == NULL),
                  "case %zu: %s", i, err.text);
        sil_bytes_clear(&model);
    }
}
