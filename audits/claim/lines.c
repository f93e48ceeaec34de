// SPDX-License-Identifier: Apache-2.0
/* What every line must be by itself, and the groupings of all of them together. */
#include "audits/claim/schedule.h"
#include "audits/claim/walk.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCORE_BITS = 10, LEVELS_MAX = 16 };

static sil_status refuse(struct sil_error *err, const char *rule, size_t line,
                         const char *what)
{
    return aud_refuse(err, rule, "line %zu: %s", line + 1, what);
}

/* ---- one line ---- */

/* How many groups, or values, column k of the marginal has. */
static uint64_t parts_of(const struct aud_left *left, size_t k,
                         const struct aud_workload *workload)
{
    const struct aud_bin *group = &left->group[k];
    return group->length == 0 ? workload->cells[left->attr[k]] : aud_n_groups(*group);
}

static bool has_cells(const struct aud_left *left, const struct aud_workload *workload)
{
    uint64_t cells = 1;
    for (size_t k = 0; k < left->n_attrs; k++) {
        if (__builtin_mul_overflow(cells, parts_of(left, k, workload), &cells)) {
            return false;
        }
    }
    return cells == left->n_cells;
}

/* D1, by which the counts of a marginal move: K rows, or K that go and K that come. */
static uint64_t moved_by(const struct aud_transcript *transcript)
{
    return transcript->max_contrib * (transcript->is_replace ? 2 : 1);
}

/* D^2: all of them in one cell. */
static uint64_t squared_of(const struct aud_transcript *transcript)
{
    return transcript->max_contrib * moved_by(transcript);
}

static sil_status check_noise(const struct aud_left *left, size_t line,
                              const struct aud_transcript *transcript,
                              const struct aud_workload *workload,
                              struct sil_error *err)
{
    if (mpq_cmp_ui(left->sensitivity, squared_of(transcript), 1) != 0) {
        return refuse(err, "M2", line, "a marginal moves by another distance");
    }
    if (left->shift != aud_shift_of(left->parameter)) {
        return refuse(err, "M2", line, "noise of this size is drawn on another grid");
    }
    return has_cells(left, workload)
               ? SIL_OK
               : refuse(err, "M2", line, "the marginal has another number of cells");
}

/* A score moves by at most the weight times the counts that one person moves, in units of
 * 2^-10; the sensitivity is that of the heaviest that could be chosen. */
static sil_status check_choice(const struct aud_left *left, size_t line,
                               const struct aud_transcript *transcript,
                               const struct aud_workload *workload,
                               struct sil_error *err)
{
    bool is_mst = transcript->method == AUD_MST;
    uint64_t weight = is_mst ? 1 : aud_weight(workload, left->attr, left->n_attrs);
    uint64_t most = is_mst ? 1 : workload->largest;
    uint64_t unit = moved_by(transcript) << SCORE_BITS;
    mpq_t weights;
    mpq_init(weights);
    mpq_set_ui(weights, 1, unit);
    mpq_mul(weights, weights, left->sensitivity);
    bool is_whole = mpz_cmp_ui(mpq_denref(weights), 1) == 0;
    bool covers = mpq_cmp_ui(weights, weight, 1) >= 0;
    bool is_of_one = mpq_cmp_ui(weights, most, 1) <= 0;
    mpq_clear(weights);
    if (!is_whole || !covers || !is_of_one) {
        return refuse(err, "M2", line,
                      "the sensitivity of the choice is not that of its candidates");
    }
    return transcript->method != AUD_MOSAIC || left->weight == weight
               ? SIL_OK
               : refuse(err, "M2", line, "the one chosen has another weight");
}

sil_status aud_lines_check(const struct aud_transcript *transcript,
                           const struct aud_workload *workload, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < transcript->n_left && status == SIL_OK; i++) {
        const struct aud_left *left = &transcript->left[i];
        status = left->is_choice ? check_choice(left, i, transcript, workload, err)
                                 : check_noise(left, i, transcript, workload, err);
    }
    return status;
}

/* ---- groupings ---- */

static size_t group_of(struct aud_bin group, size_t value)
{
    return (size_t)group.data[2 * value] | (size_t)group.data[2 * value + 1] << 8;
}

/* Every value has a group, every number up to the last is used, and not each value has
 * its own in order (which is written as none). `seen` has room for the cells. */
static bool is_partition(struct aud_bin group, uint64_t cells, size_t *seen)
{
    bool is_own = true;
    size_t n = aud_n_groups(group);
    if (group.length != 2 * cells || n > cells) {
        return false;
    }
    (void)memset(seen, 0, cells * sizeof *seen);
    for (size_t v = 0; v < cells; v++) {
        seen[group_of(group, v)]++;
        is_own = is_own && group_of(group, v) == v;
    }
    for (size_t g = 0; g < n; g++) {
        if (seen[g] == 0) {
            return false;
        }
    }
    return !is_own;
}

/* Does each group of `fine` lie in one of `coarse`? */
static bool refines(struct aud_bin fine, struct aud_bin coarse, uint64_t cells,
                    size_t *holder)
{
    (void)memset(holder, 0xff, cells * sizeof *holder);
    for (size_t v = 0; v < cells; v++) {
        size_t *at = &holder[group_of(fine, v)];
        size_t g = group_of(coarse, v);
        if (*at != SIZE_MAX && *at != g) {
            return false;
        }
        *at = g;
    }
    return true;
}

/* The groupings of a column that have been met. */
struct levels {
    struct aud_bin level[LEVELS_MAX];
    size_t n;
};

/* NULL: it fits in with those before. */
static const char *fault_of_level(struct levels *levels, struct aud_bin group,
                                  uint64_t cells, size_t *room)
{
    for (size_t i = 0; i < levels->n; i++) {
        struct aud_bin other = levels->level[i];
        if (memcmp(other.data, group.data, group.length) == 0) {
            return NULL;
        }
        bool is_nested = aud_n_groups(other) >= aud_n_groups(group)
                             ? refines(other, group, cells, room)
                             : refines(group, other, cells, room);
        if (!is_nested) {
            return "two groupings of a column are not one within the other";
        }
    }
    if (levels->n == LEVELS_MAX) {
        return "a column has more levels than there are";
    }
    levels->level[levels->n++] = group;
    return NULL;
}

static const char *fault_of_groups(struct levels *levels, const struct aud_left *left,
                                   const struct aud_workload *workload, size_t *room)
{
    const char *fault = NULL;
    bool is_any = false;
    for (size_t k = 0; k < left->n_attrs && fault == NULL; k++) {
        uint64_t cells = workload->cells[left->attr[k]];
        struct aud_bin group = left->group[k];
        if (group.length == 0) {
            continue;
        }
        is_any = true;
        fault = is_partition(group, cells, room)
                    ? fault_of_level(&levels[left->attr[k]], group, cells, room)
                    : "groups that are no partition of a column's values";
    }
    return fault == NULL && !is_any && left->is_grouped
               ? "a grouping that groups nothing"
               : fault;
}

sil_status aud_groups_check(const struct aud_transcript *transcript,
                            const struct aud_workload *workload, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct levels *levels = NULL;
    size_t *room = NULL;
    uint64_t most = 1;
    for (size_t a = 0; a < workload->n; a++) {
        most = workload->cells[a] > most ? workload->cells[a] : most;
    }
    SIL_TRY(sil_alloc(&levels, workload->n, sizeof *levels, "levels", err));
    SIL_TRY(sil_alloc(&room, most, sizeof *room, "levels", err));
    for (size_t i = 0; i < transcript->n_left; i++) {
        const char *fault =
            fault_of_groups(levels, &transcript->left[i], workload, room);
        if (fault != NULL) {
            status = refuse(err, "M3", i, fault);
            break;
        }
    }

cleanup:
    free(levels);
    free(room);
    return status;
}
