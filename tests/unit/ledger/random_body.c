// SPDX-License-Identifier: Apache-2.0
#include "random_body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 5, PREFIX_MAX = 211, DIGITS_160_BITS = 531 };

/* ---- making ---- */

static void fill(void *out, size_t n, struct test_random *random)
{
    uint8_t *bytes = out;
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (uint8_t)test_word(random);
    }
}

static uint64_t number(struct test_random *random)
{
    return test_edge_word(random) >> 1;
}

static uint64_t count(struct test_random *random)
{
    uint64_t n = number(random);
    return n == 0 ? 1 : n;
}

/* Of 0 bytes, of up to `max`, or next to where the form of a string changes. */
static char *text(struct test_random *random, size_t max)
{
    static const size_t EDGES[] = {0, 1, 31, 32, 255, 256, 512};
    size_t edge = EDGES[test_below(random, 7)];
    size_t n = test_below(random, 2) == 0 ? test_below(random, 20) : edge;
    n = n > max ? max : n;
    char *out = calloc(n + 1, 1);
    for (size_t i = 0; i < n; i++) {
        out[i] = (char)(0x20 + test_below(random, 0x5f));
    }
    return out;
}

static char *word(const char *const *words, size_t n, struct test_random *random)
{
    return strdup(words[test_below(random, n)]);
}

static void delta(mpq_t out, struct test_random *random)
{
    test_rational(out, random, 60);
    if (mpq_cmp_ui(out, 1, 1) >= 0) {
        mpq_inv(out, out);
    }
    if (mpq_cmp_ui(out, 1, 1) == 0) {
        mpq_set_ui(out, 1, 3);
    }
}

static void rational(mpq_t out, struct test_random *random)
{
    test_rational(out, random, DIGITS_160_BITS);
}

static struct sil_ledger_key *keys(size_t *n, struct test_random *random)
{
    *n = test_below(random, LIST_MAX);
    struct sil_ledger_key *out = calloc(*n + 1, sizeof *out);
    for (size_t i = 0; i < *n; i++) {
        out[i].role = (enum sil_role)(SIL_ROLE_AUTHORITY + test_below(random, 5));
        out[i].name = text(random, 512);
        fill(out[i].public_key, sizeof out[i].public_key, random);
        fill(out[i].keynum, sizeof out[i].keynum, random);
    }
    return out;
}

static void invariants(struct sil_genesis *genesis, struct test_random *random)
{
    char row_count[24];
    bool has_count = genesis->neighbours == SIL_REPLACE_ONE &&
                     strcmp(genesis->unit, "row") == 0 && test_below(random, 2) == 0;
    genesis->invariants = calloc(3, sizeof *genesis->invariants);
    if (has_count) {
        (void)snprintf(row_count, sizeof row_count, "n=%u",
                       (unsigned)test_below(random, 1000000) + 1);
        genesis->invariants[genesis->n_invariants++] = strdup(row_count);
    }
    if (test_below(random, 2) == 0) {
        genesis->invariants[genesis->n_invariants++] = strdup("roles-shared");
    }
    if (test_below(random, 2) == 0) {
        genesis->invariants[genesis->n_invariants++] = strdup("witness-before-noise");
    }
}

static void genesis(struct sil_genesis *out, struct test_random *random)
{
    bool is_row = test_below(random, 2) == 0;
    fill(out->nonce, sizeof out->nonce, random);
    out->prefix = text(random, PREFIX_MAX);
    for (char *at = out->prefix; *at != '\0'; at++) {
        *at = *at == ' ' || *at == '+' ? '.' : *at;
    }
    if (out->prefix[0] == '\0') {
        free(out->prefix);
        out->prefix = strdup("a");
    }
    out->data_label = text(random, 512);
    out->keys = keys(&out->n_keys, random);
    out->thresholds = (struct sil_thresholds){number(random), number(random)};
    out->time_gran = count(random);
    out->unit = strdup(is_row ? "row" : "id");
    out->id_column = strdup(is_row ? "" : "person");
    out->neighbours = test_below(random, 2) == 0 ? SIL_ADD_REMOVE : SIL_REPLACE_ONE;
    out->max_contrib = is_row ? 1 : count(random);
    invariants(out, random);
    rational(out->cap_rho.v, random);
    delta(out->cap_delta.v, random);
    do {
        delta(out->report_delta.v, random);
    } while (mpq_sgn(out->report_delta.v) == 0);
    fill(out->data_commit, sizeof out->data_commit, random);
    out->has_parent = test_below(random, 2) == 0;
    if (out->has_parent) {
        fill(&out->parent, sizeof out->parent, random);
        out->parent_size = count(random);
        fill(&out->parent_root, sizeof out->parent_root, random);
    }
    out->tool = text(random, 512);
    out->version = text(random, 512);
}

static void keyset(struct sil_keyset *out, struct test_random *random)
{
    out->add = keys(&out->n_add, random);
    out->n_revoke = test_below(random, LIST_MAX);
    out->revoke = calloc(out->n_revoke + 1, sizeof *out->revoke);
    for (size_t i = 0; i < out->n_revoke; i++) {
        fill(&out->revoke[i].key, SIL_ID_BYTES, random);
        out->revoke[i].as_of_seq = number(random);
        out->revoke[i].reason = text(random, 512);
    }
    out->has_thresholds = test_below(random, 2) == 0;
    if (out->has_thresholds) {
        out->thresholds = (struct sil_thresholds){number(random), number(random)};
    }
}

static void spending(struct sil_spending *out, struct test_random *random)
{
    uint32_t column = (uint32_t)test_below(random, 300);
    sil_spending_init(out);
    out->mechanism =
        (enum sil_ledger_mechanism)(SIL_SPENT_GAUSSIAN + test_below(random, 3));
    out->n_attrs = test_below(random, 20);
    out->attrs = calloc(out->n_attrs + 1, sizeof *out->attrs);
    for (size_t i = 0; i < out->n_attrs; i++) {
        out->attrs[i] = column;
        column += 1 + (uint32_t)test_below(random, 70000);
    }
    rational(out->sensitivity, random);
    rational(out->parameter, random);
    rational(out->rho, random);
    delta(out->delta, random);
    if (out->mechanism == SIL_SPENT_THRESHOLD) {
        rational(out->threshold, random);
    }
}

static void measure(struct sil_measure *out, struct test_random *random)
{
    fill(&out->reserve, SIL_ID_BYTES, random);
    fill(out->transcript_sha256, SIL_HASH_BYTES, random);
    out->n_lines = test_below(random, 20);
    out->lines = calloc(out->n_lines + 1, sizeof *out->lines);
    for (size_t i = 0; i < out->n_lines; i++) {
        spending(&out->lines[i], random);
    }
}

static void release(struct sil_release_entry *out, struct test_random *random)
{
    out->n_reserves = test_below(random, 20);
    out->reserves = calloc(out->n_reserves + 1, sizeof *out->reserves);
    fill(out->reserves, out->n_reserves * sizeof *out->reserves, random);
    out->n_artifacts = test_below(random, 20);
    out->artifacts = calloc(out->n_artifacts + 1, sizeof *out->artifacts);
    for (size_t i = 0; i < out->n_artifacts; i++) {
        out->artifacts[i].name = text(random, 512);
        fill(out->artifacts[i].sha256, SIL_HASH_BYTES, random);
    }
    fill(out->statement_sha256, SIL_HASH_BYTES, random);
}

static void grant(struct sil_grant *out, struct test_random *random)
{
    rational(out->rho.v, random);
    delta(out->delta.v, random);
    out->expires = number(random);
    out->purpose = text(random, 512);
}

static void reserve(struct sil_reserve *out, struct test_random *random)
{
    fill(&out->grant, SIL_ID_BYTES, random);
    rational(out->rho.v, random);
    delta(out->delta.v, random);
    fill(out->plan_hash, SIL_HASH_BYTES, random);
}

static void audit(struct sil_audit *out, struct test_random *random)
{
    static const char *const VERDICTS[] = {"refuted", "not-refuted", "inconclusive"};
    out->size = number(random);
    fill(&out->root, SIL_HASH_BYTES, random);
    out->verdict = word(VERDICTS, 3, random);
    fill(out->report_sha256, SIL_HASH_BYTES, random);
}

static void recover(struct sil_recover *out, struct test_random *random)
{
    static const char *const KINDS[] = {"quarantine", "rebuild-checkpoint"};
    out->kind = word(KINDS, 2, random);
    out->size = number(random);
    out->n_quarantine = test_below(random, 40);
    out->quarantine_sha256 = calloc(out->n_quarantine + 1, SIL_HASH_BYTES);
    fill(out->quarantine_sha256, out->n_quarantine * SIL_HASH_BYTES, random);
    out->text = text(random, 512);
}

void random_body(struct sil_body *out, struct test_random *random)
{
    sil_body_init(out, (enum sil_entry_type)test_below(random, 11));
    if (out->type != SIL_ENTRY_GENESIS) {
        fill(&out->ledger, SIL_ID_BYTES, random);
    }
    if (out->type != SIL_ENTRY_GENESIS && out->type != SIL_ENTRY_MEASURE) {
        fill(&out->id, SIL_ID_BYTES, random);
    }
    switch (out->type) {
    case SIL_ENTRY_GENESIS: genesis(&out->genesis, random); break;
    case SIL_ENTRY_KEYSET: keyset(&out->keyset, random); break;
    case SIL_ENTRY_GRANT: grant(&out->grant, random); break;
    case SIL_ENTRY_RESERVE: reserve(&out->reserve, random); break;
    case SIL_ENTRY_MEASURE: measure(&out->measure, random); break;
    case SIL_ENTRY_RELEASE: release(&out->release, random); break;
    case SIL_ENTRY_AUDIT: audit(&out->audit, random); break;
    case SIL_ENTRY_RECOVER: recover(&out->recover, random); break;
    case SIL_ENTRY_CLOSE: out->close_reason = text(random, 512); break;
    case SIL_ENTRY_NOTICE:
        fill(&out->notice.release, SIL_ID_BYTES, random);
        out->notice.reason = text(random, 512);
        break;
    case SIL_ENTRY_DATA:
        fill(out->data.data_commit, SIL_HASH_BYTES, random);
        out->data.note = text(random, 512);
        break;
    }
}

/* ---- comparing ---- */

#define SAME(a, b) (memcmp(&(a), &(b), sizeof(a)) == 0)

static bool same_text(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool same_keys(const struct sil_ledger_key *a, size_t n_a,
                      const struct sil_ledger_key *b, size_t n_b)
{
    bool same = n_a == n_b;
    for (size_t i = 0; same && i < n_a; i++) {
        same = a[i].role == b[i].role && same_text(a[i].name, b[i].name) &&
               SAME(a[i].public_key, b[i].public_key) && SAME(a[i].keynum, b[i].keynum);
    }
    return same;
}

static bool same_genesis(const struct sil_genesis *a, const struct sil_genesis *b)
{
    bool same = a->n_invariants == b->n_invariants && a->has_parent == b->has_parent;
    for (size_t i = 0; same && i < a->n_invariants; i++) {
        same = same_text(a->invariants[i], b->invariants[i]);
    }
    return same && SAME(a->nonce, b->nonce) && same_text(a->prefix, b->prefix) &&
           same_text(a->data_label, b->data_label) &&
           same_keys(a->keys, a->n_keys, b->keys, b->n_keys) &&
           SAME(a->thresholds, b->thresholds) && a->time_gran == b->time_gran &&
           same_text(a->unit, b->unit) && same_text(a->id_column, b->id_column) &&
           a->neighbours == b->neighbours && a->max_contrib == b->max_contrib &&
           mpq_equal(a->cap_rho.v, b->cap_rho.v) &&
           mpq_equal(a->cap_delta.v, b->cap_delta.v) &&
           mpq_equal(a->report_delta.v, b->report_delta.v) &&
           SAME(a->data_commit, b->data_commit) && SAME(a->parent, b->parent) &&
           a->parent_size == b->parent_size && SAME(a->parent_root, b->parent_root) &&
           same_text(a->tool, b->tool) && same_text(a->version, b->version);
}

static bool same_keyset(const struct sil_keyset *a, const struct sil_keyset *b)
{
    bool same = a->n_revoke == b->n_revoke && a->has_thresholds == b->has_thresholds;
    for (size_t i = 0; same && i < a->n_revoke; i++) {
        same = SAME(a->revoke[i].key, b->revoke[i].key) &&
               a->revoke[i].as_of_seq == b->revoke[i].as_of_seq &&
               same_text(a->revoke[i].reason, b->revoke[i].reason);
    }
    return same && same_keys(a->add, a->n_add, b->add, b->n_add) &&
           SAME(a->thresholds, b->thresholds);
}

static bool same_spending(const struct sil_spending *a, const struct sil_spending *b)
{
    return a->mechanism == b->mechanism && a->n_attrs == b->n_attrs &&
           (a->n_attrs == 0 ||
            memcmp(a->attrs, b->attrs, a->n_attrs * sizeof *a->attrs) == 0) &&
           mpq_equal(a->sensitivity, b->sensitivity) &&
           mpq_equal(a->parameter, b->parameter) && mpq_equal(a->rho, b->rho) &&
           mpq_equal(a->delta, b->delta) && mpq_equal(a->threshold, b->threshold);
}

static bool same_measure(const struct sil_measure *a, const struct sil_measure *b)
{
    bool same = a->n_lines == b->n_lines && SAME(a->reserve, b->reserve) &&
                SAME(a->transcript_sha256, b->transcript_sha256);
    for (size_t i = 0; same && i < a->n_lines; i++) {
        same = same_spending(&a->lines[i], &b->lines[i]);
    }
    return same;
}

static bool same_release(const struct sil_release_entry *a,
                         const struct sil_release_entry *b)
{
    bool same = a->n_reserves == b->n_reserves && a->n_artifacts == b->n_artifacts &&
                SAME(a->statement_sha256, b->statement_sha256);
    for (size_t i = 0; same && i < a->n_reserves; i++) {
        same = SAME(a->reserves[i], b->reserves[i]);
    }
    for (size_t i = 0; same && i < a->n_artifacts; i++) {
        same = same_text(a->artifacts[i].name, b->artifacts[i].name) &&
               SAME(a->artifacts[i].sha256, b->artifacts[i].sha256);
    }
    return same;
}

static bool same_recover(const struct sil_recover *a, const struct sil_recover *b)
{
    bool same = same_text(a->kind, b->kind) && a->size == b->size &&
                a->n_quarantine == b->n_quarantine && same_text(a->text, b->text);
    for (size_t i = 0; same && i < a->n_quarantine; i++) {
        same = SAME(a->quarantine_sha256[i], b->quarantine_sha256[i]);
    }
    return same;
}

static bool same_rest(const struct sil_body *a, const struct sil_body *b)
{
    switch (a->type) {
    case SIL_ENTRY_GENESIS: return same_genesis(&a->genesis, &b->genesis);
    case SIL_ENTRY_KEYSET: return same_keyset(&a->keyset, &b->keyset);
    case SIL_ENTRY_GRANT:
        return mpq_equal(a->grant.rho.v, b->grant.rho.v) &&
               mpq_equal(a->grant.delta.v, b->grant.delta.v) &&
               a->grant.expires == b->grant.expires &&
               same_text(a->grant.purpose, b->grant.purpose);
    case SIL_ENTRY_RESERVE:
        return SAME(a->reserve.grant, b->reserve.grant) &&
               mpq_equal(a->reserve.rho.v, b->reserve.rho.v) &&
               mpq_equal(a->reserve.delta.v, b->reserve.delta.v) &&
               SAME(a->reserve.plan_hash, b->reserve.plan_hash);
    case SIL_ENTRY_MEASURE: return same_measure(&a->measure, &b->measure);
    case SIL_ENTRY_RELEASE: return same_release(&a->release, &b->release);
    case SIL_ENTRY_AUDIT:
        return a->audit.size == b->audit.size && SAME(a->audit.root, b->audit.root) &&
               same_text(a->audit.verdict, b->audit.verdict) &&
               SAME(a->audit.report_sha256, b->audit.report_sha256);
    case SIL_ENTRY_RECOVER: return same_recover(&a->recover, &b->recover);
    case SIL_ENTRY_CLOSE: return same_text(a->close_reason, b->close_reason);
    case SIL_ENTRY_NOTICE:
        return SAME(a->notice.release, b->notice.release) &&
               same_text(a->notice.reason, b->notice.reason);
    case SIL_ENTRY_DATA:
        return SAME(a->data.data_commit, b->data.data_commit) &&
               same_text(a->data.note, b->data.note);
    }
    return false;
}

bool same_body(const struct sil_body *a, const struct sil_body *b)
{
    return a->type == b->type && SAME(a->ledger, b->ledger) && SAME(a->id, b->id) &&
           same_rest(a, b);
}
