// SPDX-License-Identifier: Apache-2.0
/// Is the noise fresh every time? Programs that are started at the same moment, or again, must
/// not repeat themselves more often than at any other time.
#include "audits/game/game.h"
#include "audits/game/judge.h"
#include "base/fail.h"
#include "crypto/hash.h"
#include "crypto/le64.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AT_ONCE = 32, APART_MAX = 16, LATE = 4, VALUES = 16, ROWS = 300 };

/* More than the resolution of the clocks that seeds are made of. */
static const struct timespec BETWEEN = {.tv_sec = 1, .tv_nsec = 100000000};

struct input {
    struct aud_game *game;
    struct sil_bytes data, schema;
};

static sil_status make_input(struct input *out, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_world world = {0};
    const uint8_t coin[VALUES] = {0};
    const struct aud_shape shape = {.columns = 3,
                                    .values = VALUES,
                                    .rows = ROWS,
                                    .copies = 1,
                                    .person = out->game->shape.person};
    SIL_TRY(aud_world_make(&world, &shape, &out->game->dice, err));
    SIL_TRY(aud_world_schema(&out->schema, &world, err));
    SIL_TRY(aud_world_table(&out->data, &world, coin, &out->game->dice, err));

cleanup:
    aud_world_clear(&world);
    return status;
}

/* Run, and a digest of all that was made; 0: it failed, or made nothing. */
static uint64_t digest_of_run(const struct input *input, struct sil_error *err)
{
    struct aud_output output = {0};
    uint8_t hash[SIL_HASH_BYTES] = {0};
    if (aud_generate(&output, &input->game->generator, &input->data, &input->schema,
                     ROWS, err) != SIL_OK) {
        return 0;
    }
    const uint64_t length = output.rows.length;
    const struct sil_part parts[] = {
        {&length,           sizeof length      },
        {output.rows.data,  output.rows.length },
        {output.model.data, output.model.length},
    };
    sil_hash(hash, parts, 3);
    bool is_good =
        aud_output_is_good(&output) && output.rows.length + output.model.length > 0;
    aud_output_clear(&output);
    return is_good ? sil_load_le64(hash) | 1 : 0;
}

static void start_one(pid_t *child, int *answer, const struct input *input)
{
    int ends[2];
    *child = -1;
    if (pipe(ends) != 0) {
        return;
    }
    const pid_t parent = getpid();
    *child = fork();
    if (*child == 0) {
        /* When this program is ended, so is the run, and its folder is removed. */
        if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent) {
            _exit(1);
        }
        uint64_t digest = digest_of_run(input, NULL);
        _exit(write(ends[1], &digest, sizeof digest) == (ssize_t)sizeof digest ? 0 : 1);
    }
    (void)close(ends[1]);
    *answer = ends[0];
}

static uint64_t hear(pid_t child, int answer)
{
    uint64_t digest = 0;
    ssize_t n = -1;
    if (child < 0) {
        return 0;
    }
    do {
        n = read(answer, &digest, sizeof digest);
    } while (n < 0 && errno == EINTR);
    (void)close(answer);
    (void)waitpid(child, NULL, 0);
    return n == (ssize_t)sizeof digest ? digest : 0;
}

static void run_at_once(uint64_t *digest, const struct input *input)
{
    pid_t child[AT_ONCE];
    int answer[AT_ONCE] = {0};
    for (int i = 0; i < AT_ONCE; i++) {
        start_one(&child[i], &answer[i], input);
    }
    for (int i = 0; i < AT_ONCE; i++) {
        digest[i] = hear(child[i], answer[i]);
    }
    input->game->n_runs += AT_ONCE;
}

static size_t count_twins(const uint64_t *digest, size_t from, size_t to, size_t n)
{
    size_t twins = 0;
    for (size_t i = from; i < to; i++) {
        bool has_twin = false;
        for (size_t k = 0; k < n; k++) {
            has_twin = has_twin || (k != i && digest[k] == digest[i]);
        }
        twins += has_twin ? 1 : 0;
    }
    return twins;
}

/* If when a run starts has nothing to do with its noise, all orders of the runs are equally
 * likely: how likely is it that all twins are among those that started at once? */
static double chance(size_t twins, size_t n)
{
    double p = 1;
    for (size_t i = 0; i < twins; i++) {
        p *= (double)(AT_ONCE - i) / (double)(n - i);
    }
    return p;
}

static void judge(struct aud_game *game, const uint64_t *digest, size_t n)
{
    size_t together = count_twins(digest, 0, AT_ONCE, n);
    size_t apart = count_twins(digest, AT_ONCE, n, n);
    double p = apart == 0 ? chance(together, n) : 1;
    bool is_odd = p <= aud_check_level(game);
    aud_find(&game->findings, "G2", "runs that start at once do not repeat each other",
             is_odd     ? AUD_REFUTED
             : p < 0.01 ? AUD_INCONCLUSIVE
                        : AUD_HOLDS,
             "%zu of %d at once are twins, %zu of %zu apart: p = %.3g%s", together,
             AT_ONCE, apart, n - AT_ONCE, p,
             apart > 0 ? "; a generator that always says the same is examined in G1"
                       : "");
    aud_find_p(&game->findings, p);
}

/* So many apart that twins among those at once could refute, even if a few of them started too
 * late to have one. */
static size_t how_many_apart(const struct aud_game *game)
{
    size_t n = 1;
    while (n < APART_MAX &&
           chance(AT_ONCE - LATE, AT_ONCE + n) > aud_check_level(game)) {
        n++;
    }
    return n;
}

sil_status aud_game_randomness(struct aud_game *game, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct input input = {.game = game};
    uint64_t digest[AT_ONCE + APART_MAX];
    const size_t n = AT_ONCE + how_many_apart(game);
    bool has_failed = false;
    bool has_time = aud_game_has_time(game);
    SIL_TRY(make_input(&input, err));
    if (has_time) {
        run_at_once(digest, &input);
    }
    for (size_t i = AT_ONCE; i < n && has_time; i++) {
        (void)nanosleep(&BETWEEN, NULL);
        has_time = aud_game_has_time(game);
        if (!has_time) {
            break;
        }
        digest[i] = digest_of_run(&input, err);
        game->n_runs++;
    }
    for (size_t i = 0; i < n && has_time; i++) {
        has_failed = has_failed || digest[i] == 0;
    }
    if (!has_time) {
        aud_find(&game->findings, "G2",
                 "runs that start at once do not repeat each other", AUD_INCONCLUSIVE,
                 "there was no time for %zu runs", n);
    } else if (has_failed) {
        aud_find(&game->findings, "G2",
                 "runs that start at once do not repeat each other", AUD_INCONCLUSIVE,
                 "some of %zu runs failed, or made nothing", n);
    } else {
        judge(game, digest, n);
    }

cleanup:
    sil_bytes_clear(&input.data);
    sil_bytes_clear(&input.schema);
    return status;
}
