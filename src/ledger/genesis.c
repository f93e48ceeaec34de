// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "ledger/found.h"
#include "num/rational.h"
#include "privacy/convert.h"

#include "silhouette/version.h"

#include <sodium.h>

#include <inttypes.h>
#include <string.h>

enum { LARGEST_EPSILON = 10000, HOUR = 3600 };

struct sil_founding sil_founding_defaults(void)
{
    return (struct sil_founding){.prefix = "local",
                                 .neighbours = SIL_NEIGHBOURS_UNSAID,
                                 .thresholds = {.authority = 1},
                                 .time_gran = HOUR};
}

static sil_status check_words(const struct sil_founding *founding,
                              struct sil_error *err)
{
    if (founding->data_label == NULL || founding->data_label[0] == '\0') {
        return sil_fail(err, SIL_ERR_USAGE,
                        "a ledger needs the label of its data (--data-label): the same "
                        "in two ledgers tells that a budget was granted twice");
    }
    if (founding->cap_epsilon == NULL || founding->cap_delta == NULL) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "a ledger needs its cap: --cap-epsilon and --cap-delta");
    }
    if (founding->neighbours != SIL_NEIGHBOURS_UNSAID &&
        founding->neighbours != SIL_ADD_REMOVE &&
        founding->neighbours != SIL_REPLACE_ONE) {
        return sil_fail(err, SIL_ERR_USAGE, "there are no such neighbours");
    }
    return SIL_OK;
}

/* What the chain's rules K3 and K4 would refuse, before anybody is asked to approve it. */
static sil_status check_different(const struct sil_founding *founding,
                                  struct sil_error *err)
{
    for (size_t j = 1; j < founding->n_keys; j++) {
        for (size_t i = 0; i < j; i++) {
            const struct sil_ledger_key *a = &founding->keys[i];
            const struct sil_ledger_key *b = &founding->keys[j];
            if (!sil_id_equal(&a->id, &b->id) ||
                (founding->roles_shared && a->role != b->role)) {
                continue;
            }
            return sil_fail(err, SIL_ERR_USAGE,
                            "%s and %s have the same key: each needs a key of its own",
                            a->name, b->name);
        }
    }
    return SIL_OK;
}

static sil_status check_keys(const struct sil_founding *founding, struct sil_error *err)
{
    uint64_t n_authorities = 0;
    bool has_curator = false;
    bool has_log = false;
    for (size_t i = 0; i < founding->n_keys; i++) {
        n_authorities += founding->keys[i].role == SIL_ROLE_AUTHORITY;
        has_curator = has_curator || founding->keys[i].role == SIL_ROLE_CURATOR;
        has_log = has_log || founding->keys[i].role == SIL_ROLE_LOG;
    }
    if (!has_curator || !has_log) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "a ledger needs the key of a curator, who signs its entries, "
                        "and of a log, which signs its checkpoints");
    }
    uint64_t threshold = founding->thresholds.authority;
    if (threshold < 1 || threshold > n_authorities) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "%" PRIu64 " approvals are asked for, of %" PRIu64
                        " authorities: the threshold must be 1 to their number",
                        threshold, n_authorities);
    }
    return SIL_OK;
}

static sil_status copy_text(char **out, const char *text, struct sil_error *err)
{
    *out = strdup(text);
    return *out != NULL ? SIL_OK
                        : sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a genesis");
}

/* report_delta = D - D2, cap_delta = D2, cap_rho = rho(E, D - D2). */
static sil_status fill_cap(struct sil_genesis *genesis,
                           const struct sil_founding *founding, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const char *discovery =
        founding->discovery_delta != NULL ? founding->discovery_delta : "0";
    struct sil_epsilon epsilon;
    mpq_t delta;
    sil_epsilon_init(&epsilon);
    mpq_init(delta);

    SIL_TRY(
        sil_rational_parse(epsilon.v, founding->cap_epsilon, 0, "cap-epsilon", err));
    SIL_TRY(sil_rational_parse(delta, founding->cap_delta, 0, "cap-delta", err));
    SIL_TRY(
        sil_rational_parse(genesis->cap_delta.v, discovery, 0, "discovery-delta", err));
    if (mpq_sgn(epsilon.v) <= 0 || mpq_cmp_ui(epsilon.v, LARGEST_EPSILON, 1) > 0) {
        status =
            sil_fail(err, SIL_ERR_USAGE, "cap-epsilon must be above 0 and at most %d",
                     LARGEST_EPSILON);
        goto cleanup;
    }
    if (mpq_sgn(delta) <= 0 || mpq_cmp_ui(delta, 1, 1) >= 0) {
        status = sil_fail(err, SIL_ERR_USAGE, "cap-delta must be above 0 and below 1");
        goto cleanup;
    }
    if (mpq_sgn(genesis->cap_delta.v) < 0 ||
        mpq_cmp(genesis->cap_delta.v, delta) >= 0) {
        status = sil_fail(err, SIL_ERR_USAGE,
                          "discovery-delta is a part of cap-delta: it must be at least "
                          "0 and below it");
        goto cleanup;
    }
    mpq_sub(genesis->report_delta.v, delta, genesis->cap_delta.v);
    SIL_TRY(
        sil_rho_of_epsilon(&genesis->cap_rho, &epsilon, &genesis->report_delta, err));

cleanup:
    sil_epsilon_clear(&epsilon);
    mpq_clear(delta);
    return status;
}

static sil_status fill_keys(struct sil_genesis *genesis,
                            const struct sil_founding *founding, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_alloc(&genesis->keys, founding->n_keys, sizeof *genesis->keys,
                      "the keys of a genesis", err));
    for (size_t i = 0; i < founding->n_keys; i++) {
        genesis->keys[i] = founding->keys[i];
        genesis->keys[i].name = NULL;
        genesis->n_keys = i + 1;
        SIL_TRY(copy_text(&genesis->keys[i].name, founding->keys[i].name, err));
    }

cleanup:
    return status;
}

/* In ascending order, as the format wants them. */
static sil_status fill_invariants(struct sil_genesis *genesis,
                                  const struct sil_founding *founding,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;

    const struct {
        bool holds;
        const char *name;
    } invariant[] = {
        {founding->roles_shared,         "roles-shared"        },
        {founding->witness_before_noise, "witness-before-noise"},
    };

    size_t n = sizeof invariant / sizeof invariant[0];

    SIL_TRY(sil_alloc(&genesis->invariants, n, sizeof *genesis->invariants,
                      "the invariants of a genesis", err));
    for (size_t i = 0; i < n; i++) {
        if (invariant[i].holds) {
            SIL_TRY(copy_text(&genesis->invariants[genesis->n_invariants],
                              invariant[i].name, err));
            genesis->n_invariants++;
        }
    }

cleanup:
    return status;
}

static sil_status fill_texts(struct sil_genesis *genesis,
                             const struct sil_founding *founding, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(copy_text(&genesis->prefix, founding->prefix, err));
    SIL_TRY(copy_text(&genesis->data_label, founding->data_label, err));
    SIL_TRY(copy_text(&genesis->tool, "silhouette", err));
    SIL_TRY(copy_text(&genesis->version, sil_version(), err));

cleanup:
    return status;
}

/* Whose privacy, and which tables are neighbours: as is said, else as in the ledger that this
 * one succeeds. */
static sil_status fill_people(struct sil_genesis *genesis,
                              const struct sil_founding *founding,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_genesis *parent =
        founding->parent == NULL ? NULL : &founding->parent->genesis.genesis;
    struct sil_privacy_unit unit;
    sil_privacy_unit_init(&unit);
    if (founding->unit != NULL || parent == NULL) {
        SIL_TRY(sil_privacy_unit_parse(
            &unit, founding->unit == NULL ? "row" : founding->unit, err));
    } else {
        SIL_TRY(
            sil_privacy_unit_set(&unit, parent->id_column, parent->max_contrib, err));
    }
    bool is_row = unit.id_column == NULL;
    SIL_TRY(copy_text(&genesis->unit, is_row ? "row" : "id", err));
    SIL_TRY(copy_text(&genesis->id_column, is_row ? "" : unit.id_column, err));
    genesis->max_contrib = unit.rows;
    genesis->neighbours = founding->neighbours != SIL_NEIGHBOURS_UNSAID
                              ? founding->neighbours
                          : parent == NULL ? SIL_ADD_REMOVE
                                           : parent->neighbours;

cleanup:
    sil_privacy_unit_clear(&unit);
    return status;
}

static void cite_parent(struct sil_genesis *genesis, const struct sil_chain *parent)
{
    if (parent == NULL) {
        return;
    }
    genesis->has_parent = true;
    genesis->parent = parent->ledger;
    genesis->parent_size = parent->tree.size;
    sil_merkle_root(&genesis->parent_root, &parent->tree);
}

sil_status sil_ledger_genesis_build(struct sil_body *out,
                                    const struct sil_founding *founding,
                                    struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_genesis *genesis = &out->genesis;

    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(check_words(founding, err));
    SIL_TRY(check_keys(founding, err));
    SIL_TRY(check_different(founding, err));
    SIL_TRY(fill_cap(genesis, founding, err));
    SIL_TRY(fill_texts(genesis, founding, err));
    SIL_TRY(fill_people(genesis, founding, err));
    cite_parent(genesis, founding->parent);
    SIL_TRY(fill_keys(genesis, founding, err));
    SIL_TRY(fill_invariants(genesis, founding, err));
    randombytes_buf(genesis->nonce, sizeof genesis->nonce);
    genesis->thresholds = founding->thresholds;
    genesis->time_gran = founding->time_gran;
    memcpy(genesis->data_commit, founding->data_commit, sizeof genesis->data_commit);

cleanup:
    return status;
}
