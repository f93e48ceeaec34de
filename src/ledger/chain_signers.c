// SPDX-License-Identifier: Apache-2.0
/* K1, K2, K4 to K6: who signed an entry, who approved it, and whether that is enough. */
#include "base/fail.h"
#include "ledger/chain_internal.h"
#include "ledger/refuse.h"

#include <inttypes.h>
#include <string.h>

/* A key of the chain or one that the entry brings, live or not. */
static const struct sil_chain_key *find_key(const struct sil_step *step,
                                            const struct sil_id *id, enum sil_role role)
{
    const struct sil_chain *chain = step->chain;
    for (size_t i = 0; i < chain->n_keys + step->n_added; i++) {
        const struct sil_chain_key *key = &chain->key[i];
        if (key->key.role == role && sil_id_equal(&key->key.id, id)) {
            return key;
        }
    }
    return NULL;
}

/* The key, when it may speak at this entry; NULL when it is refused: K1 or K2 for a
 * stranger, K5 for one that was revoked. By number, not by time: a backdated entry is as
 * late as its place says. */
static const struct sil_chain_key *live_key(const struct sil_step *step,
                                            const struct sil_id *id, enum sil_role role,
                                            struct sil_error *err)
{
    const uint64_t seq = step->chain->tree.size;
    const struct sil_chain_key *key = find_key(step, id, role);
    if (key == NULL) {
        char text[SIL_ID_TEXT];
        sil_id_print(text, id);
        (void)sil_refuse(err, role == SIL_ROLE_CURATOR ? "K1" : "K2", seq,
                         "key %s is not a key of the role '%s' in this ledger", text,
                         sil_role_name(role));
        return NULL;
    }
    if (seq >= key->until) {
        (void)sil_refuse(err, "K5", seq,
                         "the key of %s was revoked as of entry %" PRIu64,
                         key->key.name, key->until);
        return NULL;
    }
    return key;
}

/* Has signature `i` of the entry been found good, with this very key? */
static bool is_known_good(const struct sil_step *step, size_t i,
                          const struct sil_chain_key *key)
{
    const struct sil_known_signature *known = step->known;
    return known != NULL && known[i].is_good &&
           memcmp(known[i].key, key->key.public_key, SIL_PUBLIC_KEY_BYTES) == 0;
}

sil_status sil_judge_curator(const struct sil_entry *entry,
                             const uint8_t key[SIL_PUBLIC_KEY_BYTES],
                             struct sil_error *err)
{
    struct sil_bytes message = {0};
    sil_status status =
        sil_entry_message(&message, entry->payload, entry->payload_length, err);
    if (status == SIL_OK &&
        !sil_verify(entry->signature, key, message.data, message.length)) {
        status = sil_refuse(err, "K1", entry->seq, "the curator's signature is wrong");
    }
    sil_bytes_clear(&message);
    return status;
}

sil_status sil_judge_approval(const struct sil_entry *entry, size_t i,
                              const uint8_t key[SIL_PUBLIC_KEY_BYTES],
                              struct sil_error *err)
{
    return sil_minisig_verify(&entry->approvals[i].signature, key, entry->body_bytes,
                              entry->body_length)
               ? SIL_OK
               : sil_refuse(err, "K2", entry->seq,
                            "a signature of approval %zu is wrong", i);
}

sil_status sil_step_check_curator(const struct sil_step *step, struct sil_error *err)
{
    const struct sil_chain_key *key =
        live_key(step, &step->entry->curator, SIL_ROLE_CURATOR, err);
    if (key == NULL) {
        return SIL_ERR_CHECK;
    }
    return is_known_good(step, 0, key)
               ? SIL_OK
               : sil_judge_curator(step->entry, key->key.public_key, err);
}

static sil_status check_approval(const struct sil_step *step, size_t i,
                                 enum sil_role role, const char *comment,
                                 struct sil_error *err)
{
    const struct sil_approval *approval = &step->entry->approvals[i];
    sil_status status = SIL_OK;

    if (i > 0 && sil_id_equal(&approval[-1].key, &approval->key)) {
        return sil_refuse(err, "K4", step->chain->tree.size,
                          "one key approves twice and counts once");
    }
    const struct sil_chain_key *key = live_key(step, &approval->key, role, err);
    if (key == NULL) {
        return SIL_ERR_CHECK;
    }
    if (!is_known_good(step, 1 + i, key)) {
        status = sil_judge_approval(step->entry, i, key->key.public_key, err);
    }
    if (status == SIL_OK && strcmp(approval->signature.comment, comment) != 0) {
        status =
            sil_refuse(err, "R4", step->chain->tree.size,
                       "the comment that %s signed does not say what the body says",
                       key->key.name);
    }
    return status;
}

/* Who approves entries of a type; 0: nobody. */
static enum sil_role approving_role(enum sil_entry_type type)
{
    switch ((int)type) {
    case SIL_ENTRY_RESERVE:
    case SIL_ENTRY_MEASURE:
    case SIL_ENTRY_RELEASE: return (enum sil_role)0;
    case SIL_ENTRY_AUDIT: return SIL_ROLE_AUDITOR;
    default: return SIL_ROLE_AUTHORITY;
    }
}

/* K6: the authorities that were decide who the authorities are, and those must agree. One
 * approval may count on both sides. */
static sil_status check_both_sides(const struct sil_step *step, struct sil_error *err)
{
    const struct sil_chain *chain = step->chain;
    uint64_t n_old = 0;
    uint64_t n_new = 0;
    for (size_t i = 0; i < step->entry->n_approvals; i++) {
        const struct sil_id *id = &step->entry->approvals[i].key;
        n_old += find_key(step, id, SIL_ROLE_AUTHORITY)->from < chain->tree.size;
        n_new += !sil_step_revokes(step, id);
    }
    if (n_old < chain->thresholds.authority) {
        return sil_refuse(err, "K6", chain->tree.size,
                          "%" PRIu64 " of the %" PRIu64
                          " approvals needed are by authorities of before",
                          n_old, chain->thresholds.authority);
    }
    if (n_new < sil_step_thresholds(step)->authority) {
        return sil_refuse(err, "K6", chain->tree.size,
                          "%" PRIu64 " of the %" PRIu64
                          " approvals needed are by authorities from now on",
                          n_new, sil_step_thresholds(step)->authority);
    }
    return SIL_OK;
}

static sil_status check_enough(const struct sil_step *step, enum sil_role role,
                               struct sil_error *err)
{
    const uint64_t n = step->entry->n_approvals;
    const uint64_t seq = step->chain->tree.size;
    const uint64_t needed =
        role == SIL_ROLE_AUDITOR ? 1 : sil_step_thresholds(step)->authority;

    if (step->entry->type == SIL_ENTRY_KEYSET) {
        return check_both_sides(step, err);
    }
    if (role == SIL_ROLE_AUDITOR && n > 1) {
        return sil_refuse(err, "K2", seq, "an audit is signed by one auditor");
    }
    return n >= needed
               ? SIL_OK
               : sil_refuse(err, "K2", seq,
                            "it has %" PRIu64 " of the %" PRIu64 " approvals needed", n,
                            needed);
}

static sil_status check_approvals(const struct sil_step *step, struct sil_error *err)
{
    const struct sil_entry *entry = step->entry;
    const enum sil_role role = approving_role(entry->type);
    char comment[SIL_COMMENT_MAX + 1];

    if (role == 0) {
        return entry->n_approvals == 0 ? SIL_OK
                                       : sil_refuse(err, "K2", step->chain->tree.size,
                                                    "nobody approves a %s entry",
                                                    sil_entry_type_name(entry->type));
    }
    sil_status status = sil_body_comment(comment, &entry->body, err);
    for (size_t i = 0; i < entry->n_approvals && status == SIL_OK; i++) {
        status = check_approval(step, i, role, comment, err);
    }
    return status == SIL_OK ? check_enough(step, role, err) : status;
}

sil_status sil_step_check_signers(const struct sil_step *step, struct sil_error *err)
{
    sil_status status = sil_step_check_curator(step, err);
    return status == SIL_OK ? check_approvals(step, err) : status;
}
