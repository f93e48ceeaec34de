// SPDX-License-Identifier: Apache-2.0
/* What a ledger costs:
 *
 *     bench_ledger             ledgers of several sizes, in the current folder, removed again
 *     bench_ledger make DIR N  only make one of N entries, for other programs to verify
 *
 * One line a size: seconds to open it for reading, which verifies all of it (best of the
 * repeats, wall and processor time); milliseconds of a debit (median), and how often it asks
 * the disk to make something durable. The ledgers are those of the tests: keys from seeds,
 * one grant, then a reserve and a measure entry of 20 lines for every run. */
#include "../unit/ledger/chain_kit.h"
#include "base/bytes.h"
#include "ledger/checkpoint.h"
#include "ledger/ledger.h"
#include "ledger/store.h"
#include "support/temp_dir.h"

#include <sodium.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { REPEATS = 5, DEBITS = 10, LINES = 20, PATH_SIZE = 512 };

static const uint64_t SIZES[] = {10, 1000, 10000};
static const char A_RUN[] = "1/10000";
static const char A_LINE[] = "1/200000";

static uint64_t n_syncs;
static uint64_t n_names; ///< created, linked, renamed, removed

static void must(sil_status status, const struct sil_error *err)
{
    if (status != SIL_OK) {
        (void)fprintf(stderr, "bench_ledger: %s\n", err->text);
        exit(status);
    }
}

static double now(clockid_t clock)
{
    struct timespec time;
    (void)clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* ---- the operating system's files, counted ---- */

static int count_sync(void *self, int file)
{
    n_syncs++;
    return SIL_FS_POSIX.sync(self, file);
}

static int skip_sync(void *self, int file)
{
    (void)self;
    (void)file;
    return 0;
}

static int count_link(void *self, int from, const char *name, int to, const char *other)
{
    n_names++;
    return SIL_FS_POSIX.link(self, from, name, to, other);
}

static int count_rename(void *self, int from, const char *name, int to,
                        const char *other)
{
    n_names++;
    return SIL_FS_POSIX.rename(self, from, name, to, other);
}

static int count_unlink(void *self, int at, const char *name)
{
    n_names++;
    return SIL_FS_POSIX.unlink(self, at, name);
}

static int count_create(void *self, int at, const char *name, mode_t mode)
{
    n_names++;
    return SIL_FS_POSIX.create_file(self, at, name, mode);
}

static uint64_t kit_clock(void *self)
{
    (void)self;
    return KIT_START;
}

static struct sil_fs files(bool is_durable)
{
    struct sil_fs fs = SIL_FS_POSIX;
    fs.sync = is_durable ? count_sync : skip_sync;
    fs.link = count_link;
    fs.rename = count_rename;
    fs.unlink = count_unlink;
    fs.create_file = count_create;
    fs.now = kit_clock;
    return fs;
}

/* ---- making one ---- */

static struct kit_draft draw_id(struct kit_draft draft)
{
    randombytes_buf(draft.body.id.bytes, SIL_ID_BYTES);
    return draft;
}

static void put(struct sil_store *store, enum sil_store_kind kind, uint64_t number,
                const struct sil_bytes *data)
{
    struct sil_error err = {""};
    bool existed;
    must(sil_store_publish(&existed, store, kind, number, data, &err), &err);
}

/* The newest entry of the kit and the checkpoint over it. */
static void write_newest(struct sil_store *store, const struct kit *kit)
{
    struct sil_error err = {""};
    struct sil_bytes note = {0};
    const struct sil_merkle *tree = &kit->chain.tree;
    struct sil_checkpoint checkpoint = {.size = tree->size};
    must(sil_checkpoint_origin(checkpoint.origin, kit->chain.genesis.genesis.prefix,
                               kit->chain.ledger.bytes, &err),
         &err);
    sil_merkle_root(&checkpoint.root, tree);
    must(sil_checkpoint_sign(&note, &checkpoint, kit_key(KIT_LOG), &err), &err);
    put(store, SIL_STORE_ENTRY, tree->size - 1, &kit->entry[kit->n - 1]);
    put(store, SIL_STORE_CHECKPOINT, tree->size, &note);
    must(sil_store_set_head(store, &note, &err), &err);
    sil_bytes_clear(&note);
}

static struct kit_draft next_run(struct kit *kit, const struct sil_id *grant,
                                 struct sil_id *reserve)
{
    if (kit->n % 2 == 0) {
        struct kit_draft draft = draw_id(kit_reserve(kit, grant, A_RUN, "0/1"));
        *reserve = draft.body.id;
        return draft;
    }
    struct kit_draft draft = kit_measure(kit, reserve, LINES);
    for (size_t i = 0; i < LINES; i++) {
        kit_line(&draft, i, SIL_SPENT_GAUSSIAN, "1/1", "100000/1", A_LINE);
    }
    return draft;
}

static void make_ledger(const char *directory, uint64_t size)
{
    struct sil_error err = {""};
    struct sil_store *store;
    struct sil_fs fs = files(false);
    struct kit kit;
    struct sil_id reserve;
    must(sil_store_create(&store, &fs, directory, &err), &err);
    must(sil_store_lock(store, 0, &err), &err);
    kit_found(&kit);
    write_newest(store, &kit);
    struct sil_id grant = kit_add(&kit, draw_id(kit_grant(&kit, "1/1", "0/1")));
    write_newest(store, &kit);
    while (kit.n < size) {
        (void)kit_add(&kit, next_run(&kit, &grant, &reserve));
        write_newest(store, &kit);
    }
    kit_clear(&kit);
    sil_store_unlock(store);
    sil_store_close(store);
}

/* ---- measuring ---- */

struct cost {
    double wall;
    double processor;
};

static struct cost verify_once(const struct sil_ledger_place *place)
{
    struct sil_error err = {""};
    struct sil_ledger *ledger;
    double wall = now(CLOCK_MONOTONIC);
    double processor = now(CLOCK_PROCESS_CPUTIME_ID);
    must(sil_ledger_open_with(&ledger, place, SIL_LEDGER_READ, NULL, NULL, &err), &err);
    struct cost cost = {now(CLOCK_MONOTONIC) - wall,
                        now(CLOCK_PROCESS_CPUTIME_ID) - processor};
    sil_ledger_close(ledger);
    return cost;
}

static struct cost debit_once(struct sil_ledger *ledger)
{
    struct sil_error err = {""};
    struct sil_token *token;
    struct sil_id reserve;
    struct sil_rho rho;
    const uint8_t plan[SIL_HASH_BYTES] = {1};
    sil_rho_init(&rho);
    kit_rational(rho.v, A_RUN);
    double wall = now(CLOCK_MONOTONIC);
    double processor = now(CLOCK_PROCESS_CPUTIME_ID);
    must(sil_ledger_reserve(&token, &reserve, ledger, NULL,
                            &(struct sil_debit){.rho = &rho, .plan_hash = plan}, &err),
         &err);
    struct cost cost = {now(CLOCK_MONOTONIC) - wall,
                        now(CLOCK_PROCESS_CPUTIME_ID) - processor};
    sil_token_free(token);
    sil_rho_clear(&rho);
    return cost;
}

static int by_wall(const void *a, const void *b)
{
    double x = ((const struct cost *)a)->wall;
    double y = ((const struct cost *)b)->wall;
    return (x > y) - (x < y);
}

static void measure_debits(const struct sil_ledger_place *place)
{
    struct sil_error err = {""};
    struct sil_ledger *ledger;
    struct cost cost[DEBITS];
    const struct sil_ledger_signers signers = {.curator = kit_key(KIT_CURATOR),
                                               .log = kit_key(KIT_LOG)};
    must(sil_ledger_open_with(&ledger, place, SIL_LEDGER_WRITE, &signers, NULL, &err),
         &err);
    (void)debit_once(ledger); /* makes the folder of the watermark */
    n_syncs = 0;
    n_names = 0;
    for (int i = 0; i < DEBITS; i++) {
        cost[i] = debit_once(ledger);
    }
    sil_ledger_close(ledger);
    qsort(cost, DEBITS, sizeof *cost, by_wall);
    (void)printf("debit %8.1f ms  %7.1f ms CPU  %4.1f fsyncs %4.1f names\n",
                 1e3 * cost[DEBITS / 2].wall, 1e3 * cost[DEBITS / 2].processor,
                 (double)n_syncs / DEBITS, (double)n_names / DEBITS);
}

static void measure(const char *folder, uint64_t size)
{
    char directory[PATH_SIZE];
    char state[PATH_SIZE];
    struct sil_fs fs = files(true);
    (void)snprintf(directory, sizeof directory, "%s/%" PRIu64, folder, size);
    (void)snprintf(state, sizeof state, "%s/state-%" PRIu64, folder, size);
    make_ledger(directory, size);
    struct sil_ledger_place place = sil_ledger_place(directory);
    place.state = state;
    place.fs = &fs;
    struct cost best = verify_once(&place);
    for (int i = 1; i < REPEATS; i++) {
        struct cost cost = verify_once(&place);
        best = cost.wall < best.wall ? cost : best;
    }
    (void)printf("%6" PRIu64 " entries  verify %7.3f s  %7.3f s CPU  ", size, best.wall,
                 best.processor);
    measure_debits(&place);
    (void)fflush(stdout);
}

int main(int argc, char *argv[])
{
    char folder[] = "bench_ledger-XXXXXX";
    if (sodium_init() < 0) {
        return SIL_ERR_INTERNAL;
    }
    if (argc == 4 && strcmp(argv[1], "make") == 0) {
        make_ledger(argv[2], strtoull(argv[3], NULL, 10));
        return SIL_OK;
    }
    if (argc != 1) {
        (void)fprintf(stderr, "usage: bench_ledger [make DIR N]\n");
        return SIL_ERR_USAGE;
    }
    if (mkdtemp(folder) == NULL) {
        (void)fprintf(stderr, "bench_ledger: no folder can be made here\n");
        return SIL_ERR_IO;
    }
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        measure(folder, SIZES[i]);
    }
    test_tree_remove(folder);
    return SIL_OK;
}
