// SPDX-License-Identifier: Apache-2.0
/* What a chain keeps, and the one way an entry gets in: staged, checked by every room of
 * rules, given the memory it needs, and only then committed, which cannot fail. */
#include "ledger/chain.h"

#include "base/fail.h"
#include "base/memory.h"
#include "ledger/chain_internal.h"

#include <stdlib.h>
#include <string.h>

void sil_chain_init(struct sil_chain *chain)
{
    (void)memset(chain, 0, sizeof *chain);
    sil_rho_init(&chain->granted);
    sil_rho_init(&chain->reserved);
    sil_delta_init(&chain->granted_delta);
    sil_delta_init(&chain->reserved_delta);
}

static void clear_grant(struct sil_chain_grant *grant)
{
    sil_rho_clear(&grant->rho);
    sil_delta_clear(&grant->delta);
    sil_rho_clear(&grant->reserved);
    sil_delta_clear(&grant->reserved_delta);
    free(grant->purpose);
}

static void clear_reserve(struct sil_chain_reserve *reserve)
{
    sil_rho_clear(&reserve->rho);
    sil_delta_clear(&reserve->delta);
    sil_rho_clear(&reserve->measured);
    sil_delta_clear(&reserve->measured_delta);
}

void sil_chain_clear(struct sil_chain *chain)
{
    for (size_t i = 0; i < chain->n_keys; i++) {
        free(chain->key[i].key.name);
    }
    for (size_t i = 0; i < chain->n_grants; i++) {
        clear_grant(&chain->grant[i]);
    }
    for (size_t i = 0; i < chain->n_reserves; i++) {
        clear_reserve(&chain->reserve[i]);
    }
    if (chain->tree.size > 0) {
        sil_body_clear(&chain->genesis);
    }
    sil_merkle_clear(&chain->tree);
    sil_id_index_clear(&chain->ids);
    sil_rho_clear(&chain->granted);
    sil_rho_clear(&chain->reserved);
    sil_delta_clear(&chain->granted_delta);
    sil_delta_clear(&chain->reserved_delta);
    free(chain->key);
    free(chain->maker);
    free(chain->grant);
    free(chain->reserve);
    free(chain->release);
    free(chain->data_commit);
    (void)memset(chain, 0, sizeof *chain);
}

/* ---- commit ---- */

static bool covers_something(const uint8_t data_commit[32])
{
    static const uint8_t NOTHING[32] = {0};
    return memcmp(data_commit, NOTHING, sizeof NOTHING) != 0;
}

/* Everything that a commit may need. */
static sil_status make_room(struct sil_chain *chain, size_t n_makers,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_grow(&chain->grant, &chain->grant_capacity, chain->n_grants + 1,
                     sizeof *chain->grant, "grants", err));
    SIL_TRY(sil_grow(&chain->reserve, &chain->reserve_capacity, chain->n_reserves + 1,
                     sizeof *chain->reserve, "reserves", err));
    SIL_TRY(sil_grow(&chain->release, &chain->release_capacity, chain->n_releases + 1,
                     sizeof *chain->release, "releases", err));
    SIL_TRY(sil_grow(&chain->data_commit, &chain->data_capacity, chain->n_data + 1,
                     sizeof *chain->data_commit, "data commitments", err));
    SIL_TRY(sil_grow(&chain->maker, &chain->maker_capacity, chain->n_makers + n_makers,
                     sizeof *chain->maker, "makers of grants", err));
    SIL_TRY(sil_id_index_reserve(&chain->ids, err));
cleanup:
    return status;
}

static void keep_makers(struct sil_chain *chain, const struct sil_entry *entry)
{
    struct sil_chain_maker *maker = &chain->maker[chain->n_makers];
    maker[0] = (struct sil_chain_maker){entry->curator, entry->seq, entry->type};
    for (size_t i = 0; i < entry->n_approvals; i++) {
        maker[1 + i] =
            (struct sil_chain_maker){entry->approvals[i].key, entry->seq, entry->type};
    }
    chain->n_makers += 1 + entry->n_approvals;
}

static void keep_data(struct sil_chain *chain, const uint8_t data_commit[32])
{
    if (covers_something(data_commit)) {
        (void)memcpy(chain->data_commit[chain->n_data++], data_commit, 32);
    }
}

static void commit_genesis(struct sil_chain *chain, struct sil_entry *entry)
{
    chain->genesis = entry->body;
    chain->ledger = entry->ledger;
    sil_body_init(&entry->body, SIL_ENTRY_CLOSE); /* it is the chain's now */
    keep_data(chain, chain->genesis.genesis.data_commit);
}

static void commit_grant(struct sil_chain *chain, struct sil_entry *entry)
{
    struct sil_grant *body = &entry->body.grant;
    struct sil_chain_grant *grant = &chain->grant[chain->n_grants++];

    *grant = (struct sil_chain_grant){.id = entry->body.id,
                                      .expires = body->expires,
                                      .purpose = body->purpose,
                                      .seq = entry->seq};
    body->purpose = NULL;
    sil_rho_init(&grant->rho);
    sil_delta_init(&grant->delta);
    sil_rho_init(&grant->reserved);
    sil_delta_init(&grant->reserved_delta);
    mpq_swap(grant->rho.v, body->rho.v);
    mpq_swap(grant->delta.v, body->delta.v);
    mpq_add(chain->granted.v, chain->granted.v, grant->rho.v);
    mpq_add(chain->granted_delta.v, chain->granted_delta.v, grant->delta.v);
    keep_makers(chain, entry);
}

static void commit_reserve(struct sil_chain *chain, struct sil_entry *entry)
{
    struct sil_reserve *body = &entry->body.reserve;
    struct sil_chain_reserve *reserve = &chain->reserve[chain->n_reserves++];
    const size_t index = sil_id_index_find(&chain->ids, &body->grant)->index;
    struct sil_chain_grant *grant = &chain->grant[index];

    *reserve = (struct sil_chain_reserve){
        .id = entry->body.id, .grant = index, .seq = entry->seq, .time = entry->time};
    (void)memcpy(reserve->plan_hash, body->plan_hash, sizeof reserve->plan_hash);
    sil_rho_init(&reserve->rho);
    sil_delta_init(&reserve->delta);
    sil_rho_init(&reserve->measured);
    sil_delta_init(&reserve->measured_delta);
    mpq_swap(reserve->rho.v, body->rho.v);
    mpq_swap(reserve->delta.v, body->delta.v);
    mpq_add(grant->reserved.v, grant->reserved.v, reserve->rho.v);
    mpq_add(grant->reserved_delta.v, grant->reserved_delta.v, reserve->delta.v);
    mpq_add(chain->reserved.v, chain->reserved.v, reserve->rho.v);
    mpq_add(chain->reserved_delta.v, chain->reserved_delta.v, reserve->delta.v);
}

static void commit_measure(struct sil_chain *chain, const struct sil_entry *entry)
{
    const struct sil_measure *body = &entry->body.measure;
    const size_t index = sil_id_index_find(&chain->ids, &body->reserve)->index;
    struct sil_chain_reserve *reserve = &chain->reserve[index];

    sil_measure_sum(reserve->measured.v, reserve->measured_delta.v, body);
    (void)memcpy(reserve->transcript_sha256, body->transcript_sha256,
                 sizeof reserve->transcript_sha256);
    if (reserve->n_measures++ == 0) {
        reserve->measured_at = entry->seq;
    }
}

static void commit_release(struct sil_chain *chain, const struct sil_entry *entry)
{
    const struct sil_release_entry *body = &entry->body.release;
    for (size_t i = 0; i < body->n_reserves; i++) {
        const size_t index = sil_id_index_find(&chain->ids, &body->reserves[i])->index;
        chain->reserve[index].n_releases++;
    }
    chain->release[chain->n_releases++] =
        (struct sil_chain_release){.id = entry->body.id, .seq = entry->seq};
    keep_makers(chain, entry);
}

static void commit_notice(struct sil_chain *chain, const struct sil_notice *body)
{
    const size_t index = sil_id_index_find(&chain->ids, &body->release)->index;
    chain->release[index].withdrawn = true;
}

/* Where the entry's own array has it; 0 for types without an array. */
static size_t index_of_last(const struct sil_chain *chain, enum sil_entry_type type)
{
    switch ((int)type) {
    case SIL_ENTRY_GRANT: return chain->n_grants - 1;
    case SIL_ENTRY_RESERVE: return chain->n_reserves - 1;
    case SIL_ENTRY_RELEASE: return chain->n_releases - 1;
    default: return 0;
    }
}

static void commit(struct sil_step *step)
{
    struct sil_chain *chain = step->chain;
    struct sil_entry *entry = step->entry;
    const enum sil_entry_type type = entry->type;
    const struct sil_id id = entry->body.id;

    sil_step_commit_keys(step);
    switch (type) {
    case SIL_ENTRY_GENESIS: commit_genesis(chain, entry); break;
    case SIL_ENTRY_GRANT: commit_grant(chain, entry); break;
    case SIL_ENTRY_RESERVE: commit_reserve(chain, entry); break;
    case SIL_ENTRY_MEASURE: commit_measure(chain, entry); break;
    case SIL_ENTRY_RELEASE: commit_release(chain, entry); break;
    case SIL_ENTRY_CLOSE: chain->closed = true; break;
    case SIL_ENTRY_NOTICE: commit_notice(chain, &entry->body.notice); break;
    case SIL_ENTRY_DATA: keep_data(chain, entry->body.data.data_commit); break;
    case SIL_ENTRY_KEYSET:
    case SIL_ENTRY_AUDIT:
    case SIL_ENTRY_RECOVER: break;
    }
    if (type != SIL_ENTRY_GENESIS && type != SIL_ENTRY_MEASURE) {
        const struct sil_id_slot slot = {id, type, index_of_last(chain, type)};
        sil_id_index_add(&chain->ids, &slot);
    }
    chain->last_time = entry->time;
}

/* ---- apply ---- */

sil_status sil_step_apply(struct sil_step *step, const uint8_t *data, size_t length,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_chain *chain = step->chain;
    struct sil_root leaf;

    SIL_TRY(sil_step_check_form(step, err));
    SIL_TRY(sil_step_stage_keys(step, err));
    SIL_TRY(sil_step_check_keys(step, err));
    SIL_TRY(sil_step_check_signers(step, err));
    SIL_TRY(sil_step_check_budget(step, err));

    SIL_TRY(make_room(chain, 1 + step->entry->n_approvals, err));
    if (step->leaf == NULL) {
        sil_merkle_leaf(&leaf, data, length);
    }
    SIL_TRY(
        sil_merkle_append(&chain->tree, step->leaf != NULL ? step->leaf : &leaf, err));
    /* Nothing below can fail. */
    commit(step);

cleanup:
    sil_step_unstage_keys(step);
    return status;
}

sil_status sil_chain_apply(struct sil_chain *chain, const uint8_t *data, size_t length,
                           const struct sil_id *expected, struct sil_error *err)
{
    struct sil_entry entry;
    sil_status status = sil_entry_parse(&entry, data, length, chain->tree.size, err);
    struct sil_step step = {.chain = chain, .entry = &entry, .expected = expected};
    if (status == SIL_OK) {
        status = sil_step_apply(&step, data, length, err);
    } else if (status == SIL_ERR_UNSUPPORTED && entry.body_bytes != NULL) {
        sil_status other = sil_step_check_unread(&step, err);
        status = other != SIL_OK ? other : status;
    }
    sil_entry_clear(&entry);
    return status;
}
