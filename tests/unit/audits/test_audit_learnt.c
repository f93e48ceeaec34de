// SPDX-License-Identifier: Apache-2.0
/* Bins that were learnt before the auditor: those of an honest run hold and have the cells of
 * its marginals, and what costs less, counts other intervals or was left out is refused. The run
 * (replace-one, one row a person) is kept: tests/vectors/audit. */
#include "audits/claim/learnt.h"
#include "audits/claim/schedule.h"
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

TestSuite(audit_learnt, .fini = free_mpfr_caches);

static const char PATH[] = SIL_SOURCE_DIR "/tests/vectors/audit/bins-1.model";

enum fault {
    HONEST,
    FEWER_LEVELS,
    CHEAPER,
    ADD_REMOVE_ONLY,
    FINER_GRID,
    NOTHING_THERE,
    LOST_CELLS,
    OF_THE_OTHER_FIELD,
    ONE_MORE,
    N_FAULTS
};

static const char *const SENTENCES[N_FAULTS] = {
    "",
    "too few levels",
    "not its share of a twentieth",
    "move by another distance",
    "on another grid",
    "other intervals",
    "other intervals",
    "too few levels",
    "without private bins",
};

/* A level too many stands behind the tree, of a field that has none. */
static void add_level(struct aud_transcript *transcript)
{
    static int64_t nothing;
    transcript->level[transcript->n_levels].attr = 1;
    transcript->level[transcript->n_levels].noisy = &nothing;
    transcript->n_levels++;
}

static void commit(struct aud_transcript *transcript, enum fault fault)
{
    struct aud_level *level = transcript->level;
    switch (fault) {
    case FEWER_LEVELS: transcript->n_levels--; break;
    case CHEAPER: mpq_div_2exp(level[1].rho, level[1].rho, 1); break;
    case ADD_REMOVE_ONLY: mpq_set_ui(level[2].sensitivity, 1, 1); break;
    case FINER_GRID: level[0].shift++; break;
    case NOTHING_THERE:
        memset(level[0].noisy, 0, level[0].n_cells * sizeof *level[0].noisy);
        break;
    case LOST_CELLS: level[2].n_cells--; break;
    case OF_THE_OTHER_FIELD: level[1].attr = 1; break;
    case ONE_MORE: add_level(transcript); break;
    case HONEST:
    case N_FAULTS: break;
    }
}

static sil_status examine(enum fault fault, struct sil_error *err)
{
    struct aud_transcript read;
    struct sil_bytes model = {0};
    struct aud_workload workload = {0};
    cr_assert(zero(int, sil_file_read(&model, PATH, 1 << 20, NULL)));
    cr_assert(zero(int, aud_transcript_read(&read, golden_transcript(&model), err)));
    cr_assert(eq(sz, read.n_levels, 3));
    size_t n = read.n_levels;
    commit(&read, fault);
    sil_status status = aud_learnt_check(&read, &workload, err);
    read.n_levels = n;
    aud_transcript_clear(&read);
    sil_bytes_clear(&model);
    return status;
}

Test(audit_learnt, of_an_honest_run_hold_and_others_are_refused)
{
    for (int fault = 0; fault < N_FAULTS; fault++) {
        struct sil_error err = {""};
        sil_status status = examine((enum fault)fault, &err);
        cr_expect(eq(int, status, fault == HONEST ? SIL_OK : SIL_ERR_CHECK),
                  "fault %d: %s", fault, err.text);
        cr_expect(ne(ptr, (void *)strstr(err.text, SENTENCES[fault]), NULL),
                  "fault %d: %s", fault, err.text);
    }
}

Test(audit_learnt, are_as_many_as_the_marginals_have_cells)
{
    struct aud_transcript read;
    struct sil_bytes model = {0};
    struct aud_workload workload = {0};
    struct sil_error err = {""};
    cr_assert(zero(int, sil_file_read(&model, PATH, 1 << 20, NULL)));
    cr_assert(zero(int, aud_transcript_read(&read, golden_transcript(&model), &err)));
    cr_assert(zero(int, aud_workload_find(&workload, &read, &err)), "%s", err.text);
    cr_expect(zero(int, aud_schedule_check(&read, &workload, &err)), "%s", err.text);
    cr_expect(zero(int, aud_lines_check(&read, &workload, &err)), "%s", err.text);
    cr_expect(eq(u64, workload.cells[0], read.left[0].n_cells));
    aud_workload_clear(&workload);
    aud_transcript_clear(&read);
    sil_bytes_clear(&model);
}
