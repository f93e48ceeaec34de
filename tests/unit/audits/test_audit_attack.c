// SPDX-License-Identifier: Apache-2.0
/* What the attacks are made of: distances by every route, three tables in one coding, scores
 * judged. The attacks as a whole are run in tests/golden/audit/test_audit_attack.py. */
#include "audits/attack/cliques.h"
#include "audits/attack/nearest.h"
#include "audits/attack/split.h"
#include "audits/attack/steps.h"
#include "support/property.h"
#include "support/temp_dir.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- distances ---- */

enum { PLANES = 6, ROWS = 2100, QUERIES = 70 };

static struct aud_planes random_planes(struct test_random *random, size_t n_rows)
{
    static const enum aud_plane_kind KINDS[PLANES] = {
        AUD_PLANE_NUMBERS, AUD_PLANE_NAMES, AUD_PLANE_GAPS,
        AUD_PLANE_WIDE,    AUD_PLANE_NAMES, AUD_PLANE_NUMBERS};
    struct aud_planes out = {.n_rows = n_rows, .n_planes = PLANES};
    const size_t stride = (n_rows + AUD_LANES - 1) / AUD_LANES * AUD_LANES;
    out.plane = calloc(PLANES, sizeof *out.plane);
    out.bytes = aligned_alloc(64, (2 * PLANES * stride + 63) / 64 * 64);
    for (size_t i = 0; i < 2 * PLANES * stride; i++) {
        /* Few values, so that there are ties and identical rows. */
        out.bytes[i] =
            (uint8_t)(test_word(random) % 3 * (i / stride / 2 == 5 ? 120 : 1));
    }
    for (size_t i = 0; i < PLANES; i++) {
        bool has_second = KINDS[i] == AUD_PLANE_GAPS || KINDS[i] == AUD_PLANE_WIDE;
        uint8_t *first = out.bytes + 2 * i * stride;
        out.plane[i] =
            (struct aud_plane){KINDS[i], first, has_second ? first + stride : NULL};
    }
    return out;
}

static unsigned apart(const struct aud_plane *plane, const struct aud_plane *other,
                      size_t i, size_t k)
{
    bool is_number = plane->kind == AUD_PLANE_NUMBERS || plane->kind == AUD_PLANE_GAPS;
    bool is_same = plane->first[i] == other->first[k];
    if (plane->second != NULL && plane->second[i] != other->second[k]) {
        return AUD_STEPS;
    }
    return is_number ? (unsigned)abs(plane->first[i] - other->first[k])
                     : !is_same * AUD_STEPS;
}

static struct aud_near by_definition(const struct aud_planes *queries, size_t query,
                                     const struct aud_planes *rows, bool skips_self)
{
    struct aud_near out = {.distance = AUD_FAR, .next = AUD_FAR};
    for (size_t row = 0; row < rows->n_rows; row++) {
        unsigned sum = 0;
        for (size_t i = 0; i < rows->n_planes; i++) {
            sum += apart(&queries->plane[i], &rows->plane[i], query, row);
        }
        if (skips_self && row == query) {
            continue;
        }
        if (sum < out.distance) {
            out = (struct aud_near){(uint16_t)sum, out.distance, 1, (uint32_t)row};
        } else if (sum == out.distance) {
            out.ties++;
        } else if (sum < out.next) {
            out.next = (uint16_t)sum;
        }
    }
    return out;
}

Test(audit_attack, every_route_finds_the_same_nearest_rows)
{
    struct test_random random = {1};
    const size_t sizes[] = {1, 31, 1024, 1025, ROWS};
    for (size_t s = 0; s < 5; s++) {
        struct aud_planes rows = random_planes(&random, sizes[s]);
        struct aud_planes queries = random_planes(&random, QUERIES);
        for (int how = 0; how < 6; how++) {
            struct aud_near near[QUERIES];
            struct aud_search search = {.route = (enum aud_route)(how / 2),
                                        .threads = 1 + (unsigned)how % 2,
                                        .skips_self = how % 2 == 1};
            aud_nearest(near, &queries, &rows, &search);
            for (size_t i = 0; i < QUERIES; i++) {
                struct aud_near want =
                    by_definition(&queries, i, &rows, search.skips_self);
                cr_expect(
                    near[i].distance == want.distance && near[i].next == want.next &&
                        near[i].ties == want.ties && near[i].row == want.row,
                    "route %d, %zu rows, query %zu: %u %u %u %u, not %u %u %u %u", how,
                    sizes[s], i, near[i].distance, near[i].next, near[i].ties,
                    near[i].row, want.distance, want.next, want.ties, want.row);
            }
        }
        aud_planes_clear(&rows);
        aud_planes_clear(&queries);
    }
}

Test(audit_attack, ties_and_crowds_agree_with_the_nearest)
{
    struct test_random random = {2};
    struct aud_planes rows = random_planes(&random, ROWS);
    struct aud_planes queries = random_planes(&random, QUERIES);
    const struct aud_search search = {.threads = 2};
    struct aud_near near[QUERIES];
    struct aud_ties ties[QUERIES];
    struct aud_crowd crowd[QUERIES];
    aud_nearest(near, &queries, &rows, &search);
    aud_nearest_ties(ties, &queries, &rows, &search);
    for (size_t i = 0; i < QUERIES; i++) {
        aud_nearest_crowd(crowd, &queries, &rows, near[i].distance, &search);
        cr_expect(eq(u16, ties[i].distance, near[i].distance));
        cr_expect(eq(u32, ties[i].row[0], near[i].row));
        cr_expect(eq(u32, ties[i].n,
                     near[i].ties < AUD_TIES_MAX ? near[i].ties : AUD_TIES_MAX));
        cr_expect(eq(u16, crowd[i].nearest[0], near[i].distance));
        cr_expect(eq(u16, crowd[i].nearest[1], aud_near_second(&near[i])));
        cr_expect(eq(u32, crowd[i].within, near[i].ties));
    }
    aud_planes_clear(&rows);
    aud_planes_clear(&queries);
}

/* ---- tables ---- */

struct files {
    struct test_dir dir;
    struct test_path path[AUD_WHICH];
    struct aud_sources sources;
};

static void write_files(struct files *out, const char *const text[AUD_WHICH])
{
    static const char *const NAMES[] = {"t.csv", "h.csv", "s.csv"};
    out->dir = test_dir_new();
    out->sources = (struct aud_sources){.delimiter = ','};
    for (int t = 0; t < AUD_WHICH; t++) {
        out->path[t] = test_dir_file(&out->dir, NAMES[t], text[t], strlen(text[t]));
        out->sources.path[t] = out->path[t].text;
    }
}

static const char NUMBERS[] =
    "n,name\n0,a\n1,b\n2,a\n3,b\n4,a\n5,b\n6,c\n7,a\n8,a\n9,a\n"
    "10,a\n11,a\n12,a\nNA,a\n1000,01\n";

Test(audit_attack, kinds_are_inferred_from_all_tables)
{
    const char *const text[] = {NUMBERS, NUMBERS,
                                "name,x,n\nd,1,12.0\n01,2,-7\n1,3,\n"};
    struct files files;
    struct aud_tables tables;
    struct sil_error err = {""};
    write_files(&files, text);

    sil_status status = aud_tables_read(&tables, &files.sources, &err);

    cr_assert(eq(int, status, SIL_OK), "%s", err.text);
    cr_assert(eq(sz, tables.n_columns, 2));
    cr_expect(tables.column[0].is_ordered);
    cr_expect(not(tables.column[1].is_ordered));
    cr_expect(eq(sz, tables.n_ignored, 1));
    cr_expect(eq(sz, tables.rows[AUD_SYNTHETIC].n, 3));
    const uint16_t *made = tables.rows[AUD_SYNTHETIC].code[0];
    const uint16_t *real = tables.rows[AUD_TRAIN].code[0];
    cr_expect(eq(u16, made[0], real[12]), "12.0 is 12");
    cr_expect(eq(u16, made[1], real[0]), "-7 is below all and taken for 0");
    cr_expect(ne(u16, made[2], real[13]), "an empty field is not NA");
    cr_expect(gt(u16, made[2], AUD_GRID));
    const uint16_t *name = tables.rows[AUD_SYNTHETIC].code[1];
    cr_expect(eq(u16, name[1], tables.rows[AUD_TRAIN].code[1][14]));
    cr_expect(ne(u16, name[2], name[1]), "01 is a code and no 1");
    aud_tables_clear(&tables);
    test_dir_remove(&files.dir);
}

static const struct bad {
    const char *name;
    const char *text[AUD_WHICH];
    const char *says;
} BAD[] = {
    {"no header",         {"", "a\n1\n", "a\n1\n"},                      "is empty"   },
    {"no rows",           {"a\n1\n", "a\n", "a\n1\n"},                   "no rows"    },
    {"another column",    {"a,b\n1,2\n", "a,c\n1,2\n", "a,b\n1,2\n"},    "no column b"},
    {"a column twice",    {"a,a\n1,2\n", "a\n1\n", "a\n1\n"},            "one name"   },
    {"another delimiter", {"a;b\n1;2\n", "a;b\n1;2\n", "a;b\n1;2\n"},    "--delimiter"},
    {"a short record",    {"a,b\n1,2\n1\n", "a,b\n1,2\n", "a,b\n1,2\n"}, "record 3"   },
    {"text for numbers",
     {NUMBERS, NUMBERS, "n,name\np,a\nq,a\nr,a\ns,a\n"},
     "column n has"                                                                   },
};

Test(audit_attack, what_is_no_table_is_refused_with_a_reason)
{
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct files files;
        struct aud_tables tables;
        struct sil_error err = {""};
        write_files(&files, BAD[i].text);
        sil_status status = aud_tables_read(&tables, &files.sources, &err);
        cr_expect(eq(int, status, SIL_ERR_INPUT), "%s: %s", BAD[i].name, err.text);
        cr_expect(strstr(err.text, BAD[i].says) != NULL, "%s: %s", BAD[i].name,
                  err.text);
        aud_tables_clear(&tables);
        test_dir_remove(&files.dir);
    }
}

/* ---- judging ---- */

enum { POOL = 400 };

static void begin(struct aud_attack *attack)
{
    *attack = (struct aud_attack){.n_members = POOL / 2, .n_pool = POOL, .seed = 1};
    attack->random = calloc(1, sizeof *attack->random);
    attack->vulnerable = calloc(1, sizeof *attack->vulnerable);
}

Test(audit_attack, scores_that_tell_members_are_seen_and_equal_ones_are_not)
{
    struct aud_attack attack;
    double score[POOL];
    begin(&attack);
    for (size_t i = 0; i < POOL; i++) {
        score[i] = i < POOL / 2;
    }
    cr_assert(eq(int, aud_judge_scores(&attack, "told", score, "", NULL), SIL_OK));
    for (size_t i = 0; i < POOL; i++) {
        score[i] = 7;
    }
    cr_assert(eq(int, aud_judge_scores(&attack, "equal", score, "", NULL), SIL_OK));
    aud_judge_all(&attack);

    const struct aud_result *told = &attack.result[0];
    const struct aud_result *equal = &attack.result[3];
    cr_expect(ieee_ulp_eq(dbl, told->auc.auc, 1, 2));
    cr_expect(eq(u64, told->at[0].hits, POOL / 2));
    cr_expect(eq(u64, told->at[0].alarms, 0));
    cr_expect(gt(dbl, told->epsilon, 2.5));
    cr_expect(le(dbl, told->epsilon, aud_epsilon_ceiling(POOL / 2, AUD_WITHIN)));
    cr_expect(eq(int, told->judgement, AUD_EXPOSED));
    cr_expect(ieee_ulp_eq(dbl, equal->auc.auc, 0.5, 2));
    cr_expect(eq(u64, equal->at[2].hits, 0), "ties are accused whole or not at all");
    cr_expect(eq(u64, equal->at[2].alarms, 0));
    cr_expect(ieee_ulp_eq(dbl, equal->p, 1, 2));
    cr_expect(eq(int, equal->judgement, AUD_UNSEEN));
    cr_expect(eq(int, attack.result[1].judgement, AUD_UNTRIED), "there are no targets");
    aud_attack_clear(&attack);
}

Test(audit_attack, what_the_claim_allows_is_no_accusation)
{
    struct aud_attack attack;
    double score[POOL];
    begin(&attack);
    attack.claim = (struct aud_claim){.is_given = true, .epsilon = 4, .delta = 1e-6};
    for (size_t i = 0; i < POOL; i++) {
        score[i] = (i % 10 < 7) == (i < POOL / 2); /* 70 against 30 %: epsilon 0.85 */
    }
    cr_assert(eq(int, aud_judge_scores(&attack, "some", score, "", NULL), SIL_OK));
    aud_judge_all(&attack);
    cr_expect(eq(int, attack.result[0].judgement, AUD_UNSEEN));
    attack.claim.epsilon = 0.01;
    aud_judge_all(&attack);
    cr_expect(eq(int, attack.result[0].judgement, AUD_EXPOSED));
    aud_attack_clear(&attack);
}

Test(audit_attack, only_coins_refute)
{
    struct aud_attack attack;
    double score[POOL];
    begin(&attack);
    attack.claim = (struct aud_claim){.is_given = true, .epsilon = 1, .delta = 1e-6};
    attack.has_coins = true;
    for (size_t i = 0; i < POOL; i++) {
        score[i] = i < POOL / 2;
    }
    cr_assert(eq(int, aud_judge_scores(&attack, "told", score, "", NULL), SIL_OK));
    aud_judge_all(&attack);
    cr_expect(eq(int, attack.result[0].judgement, AUD_CONTRADICT));
    cr_expect(eq(int, aud_attack_status(&attack), SIL_ERR_CHECK));
    aud_note_condition(&attack, "something", false, 0, "%s", "");
    aud_judge_all(&attack);
    cr_expect(eq(int, attack.result[0].judgement, AUD_UNDECIDED));
    cr_expect(eq(int, aud_attack_status(&attack), SIL_ERR_UNSUPPORTED));
    aud_attack_clear(&attack);
}

/* Of the randomised response, whose trade-off curve is that of (epsilon, 0) exactly. */
Test(audit_attack, ceilings)
{
    const struct aud_claim none = {.epsilon = 0, .delta = 0};
    const struct aud_claim one = {.epsilon = 1, .delta = 0};
    const struct aud_claim all = {.epsilon = 1, .delta = 1};
    const double q = exp(1) / (1 + exp(1));
    cr_expect(ieee_ulp_eq(dbl, aud_ceiling_auc(&none), 0.5, 4));
    cr_expect(epsilon_eq(dbl, aud_ceiling_auc(&one), q, 1e-12));
    cr_expect(ieee_ulp_eq(dbl, aud_ceiling_auc(&all), 1, 4));
    cr_expect(epsilon_eq(dbl, aud_ceiling_tpr(&one, 0.01), 0.01 * exp(1), 1e-12));
    cr_expect(epsilon_eq(dbl, aud_ceiling_tpr(&one, 1 - q), q, 1e-12));
    cr_expect(ieee_ulp_eq(dbl, aud_ceiling_tpr(&none, 0.3), 0.3, 4));
}

/* ---- a split ---- */

Test(audit_attack, a_split_is_by_fair_coins_and_cannot_be_altered)
{
    static const char OTHER[] = "{\"version\": 1, \"commitment\": \"00\"}";
    struct test_dir dir = test_dir_new();
    struct sil_bytes table = {0};
    struct sil_error err = {""};
    struct aud_split split;
    cr_assert(eq(int, sil_bytes_printf(&table, NULL, "a,b\r\n"), SIL_OK));
    for (int i = 0; i < 10000; i++) {
        cr_assert(
            eq(int, sil_bytes_printf(&table, NULL, "%d,\"x\ny\"\r\n", i), SIL_OK));
    }
    struct test_path data = test_dir_file(&dir, "data.csv", table.data, table.length);
    struct test_path out = test_dir_path(&dir, "out");
    struct test_path train = test_dir_path(&dir, "out/train.csv");
    struct test_path holdout = test_dir_path(&dir, "out/holdout.csv");
    sil_status status = aud_split_make(&split, data.text, NULL, ',', out.text, &err);
    cr_assert(eq(int, status, SIL_OK), "%s", err.text);

    const struct aud_split_sides sides = {train.text, holdout.text, ','};
    const struct aud_split_sides swapped = {holdout.text, train.text, ','};
    char id[AUD_ID_MAX + 1];
    cr_expect(eq(u64, split.train + split.holdout, 10000));
    /* Six standard deviations: two runs of 10^9. */
    cr_expect(lt(dbl, fabs((double)split.train - 5000), 300));
    status = aud_split_check(id, out.text, &sides, &err);
    cr_expect(eq(int, status, SIL_OK), "%s", err.text);
    status = aud_split_check(id, out.text, &swapped, &err);
    cr_expect(eq(int, status, SIL_ERR_INPUT), "the sides were swapped");
    (void)test_dir_file(&dir, "out/commitment.json", OTHER, sizeof OTHER - 1);
    status = aud_split_check(id, out.text, &sides, &err);
    cr_expect(eq(int, status, SIL_ERR_INPUT), "another commitment");
    status = aud_split_make(&split, data.text, NULL, ',', out.text, &err);
    cr_expect(eq(int, status, SIL_ERR_USAGE), "the folder exists");
    sil_bytes_clear(&table);
    test_dir_remove(&dir);
}
