// SPDX-License-Identifier: Apache-2.0
/// A ledger in memory whose entries a test writes, spoils and signs, with keys made from
/// seeds. A seed byte stands for a key: 0x11 the first authority, as in the test vectors.
#ifndef TESTS_LEDGER_CHAIN_KIT_H
#define TESTS_LEDGER_CHAIN_KIT_H

#include "ledger/chain.h"

enum {
    KIT_AUTHORITY = 0x11, /* 0x12, 0x13, ...: further authorities */
    KIT_RELEASE = 0x22,
    KIT_CURATOR = 0x33, /* 0x34, ...: further curators */
    KIT_LOG = 0x44,
    KIT_AUDITOR = 0x66,
    KIT_APPROVERS_MAX = 4,
    KIT_START = 1789999200, /* a whole hour */
    KIT_HOUR = 3600,
    KIT_EXPIRES = 1821538800
};

const struct sil_secret_key *kit_key(uint8_t seed);
struct sil_id kit_key_id(uint8_t seed);

/// A key as a body lists it; its name is owned by the body.
struct sil_ledger_key kit_ledger_key(uint8_t seed, enum sil_role role);

/// An id of 16 times the same byte.
struct sil_id kit_id(uint8_t byte);

char *kit_text(const char *text);              ///< on the heap
void kit_rational(mpq_t out, const char *p_q); ///< "1/3"; aborts on nonsense

/// An entry before it is signed; everything may be changed.
struct kit_draft {
    struct sil_body body;
    struct sil_entry head;
    uint8_t curator;                     ///< seed of the key that signs
    uint8_t approver[KIT_APPROVERS_MAX]; ///< seeds; 0: nobody
    const char *comment;                 ///< what approvers say; NULL: what they should
    uint8_t spoilt_approval;             ///< seed whose signature gets a wrong bit
    bool is_spoilt;                      ///< the curator's signature gets a wrong bit
};

struct kit {
    struct sil_chain chain;
    struct sil_bytes *entry; ///< those that were applied
    size_t n, capacity;
    uint64_t time; ///< of the next entry
    uint32_t next_id;
};

void kit_init(struct kit *kit);
void kit_clear(struct kit *kit);

/// A genesis by the five keys above: cap rho 2, delta 0, add-remove, unit row.
struct kit_draft kit_genesis(void);

/// The next entry of a type, empty but for a fresh id, its place, its signer, and the
/// authority's or auditor's approval where there is one.
struct kit_draft kit_draft(struct kit *kit, enum sil_entry_type type);

/// Drafts with their fields.
struct kit_draft kit_grant(struct kit *kit, const char *rho, const char *delta);
struct kit_draft kit_reserve(struct kit *kit, const struct sil_id *grant,
                             const char *rho, const char *delta);
struct kit_draft kit_measure(struct kit *kit, const struct sil_id *reserve, size_t n);
struct kit_draft kit_release(struct kit *kit, const struct sil_id *reserve);

/// A keyset that adds the keys of a role and revokes others, all seeds, as of `as_of`.
struct kit_keys {
    enum sil_role role;
    uint8_t add[KIT_APPROVERS_MAX]; ///< 0: no more
    uint8_t revoke[KIT_APPROVERS_MAX];
    uint64_t as_of;
    uint64_t threshold; ///< 0: unchanged
};
struct kit_draft kit_keyset(struct kit *kit, const struct kit_keys *keys);

/// Fill line `i` of a measure entry.
void kit_line(struct kit_draft *draft, size_t i, enum sil_ledger_mechanism mechanism,
              const char *sensitivity, const char *parameter, const char *rho);

/// Encode, approve, sign; appends to `out` and clears the draft. Aborts when it cannot.
void kit_seal(struct sil_bytes *out, struct kit_draft *draft);

/// Seal and apply; what was applied is kept in `entry`.
sil_status kit_apply(struct kit *kit, struct kit_draft draft, struct sil_error *err);

/// The same, of an entry that must be good; gives its id.
struct sil_id kit_add(struct kit *kit, struct kit_draft draft);

/// A new kit with a genesis.
void kit_found(struct kit *kit);

/// Everything that two chains may differ in but the keys' memory: sums, counts, root.
bool kit_chain_equal(const struct sil_chain *a, const struct sil_chain *b);

/// A chain from the first `n` entries of the kit, applied again.
void kit_copy(struct sil_chain *out, const struct kit *kit, size_t n);

#endif
