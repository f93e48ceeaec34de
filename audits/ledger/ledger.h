// SPDX-License-Identifier: Apache-2.0
/// A ledger by the rules of docs/ledger-format.md, read a second time.
///
/// Nothing here comes from src/ledger: an auditor that shares a defect with the program
/// would find nothing. Entries are applied one after the other; the first that breaks a
/// rule is refused as "entry N: [RULE] sentence".
#ifndef AUDIT_LEDGER_LEDGER_H
#define AUDIT_LEDGER_LEDGER_H

#include "audits/ledger/ids.h"
#include "audits/ledger/reading.h"
#include "audits/ledger/tree.h"
#include "crypto/minisign.h"
#include "crypto/sign.h"

/// Bits, so that one key may have several under roles-shared.
enum aud_role {
    AUD_AUTHORITY = 1,
    AUD_CURATOR = 2,
    AUD_LOG = 4,
    AUD_RELEASE = 8,
    AUD_AUDITOR = 16
};

/// A key, all its roles, and the entries in which it counts: from <= seq < until.
struct aud_key {
    struct aud_id id;
    uint64_t last_grave; ///< the last grant or release that it made; 0: none
    unsigned roles;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t keynum[SIL_KEYNUM_BYTES];
    uint64_t from;
    uint64_t until; ///< UINT64_MAX: not revoked
    uint64_t
        as_of; ///< what it signed from this entry on is not believed; else UINT64_MAX
};

struct aud_grant {
    struct aud_id id;
    struct aud_rational rho, delta;
    mpq_t reserved, reserved_delta;
    uint64_t expires;
    char purpose[AUD_TEXT_MAX + 1];
    uint64_t seq;
};

struct aud_reserve {
    struct aud_id id;
    size_t grant;
    struct aud_rational rho, delta;
    mpq_t measured, measured_delta;
    uint8_t plan[32];
    uint8_t transcript[32]; ///< when it has measures
    uint64_t n_measures;
    uint64_t seq;
    bool is_released;
};

struct aud_artifact {
    char name[AUD_TEXT_MAX + 1];
    uint8_t sha256[32];
};

struct aud_release {
    struct aud_id id;
    size_t *reserve; ///< owned
    size_t n_reserves;
    struct aud_artifact *artifact; ///< owned
    size_t n_artifacts;
    uint8_t statement[32];
    uint64_t seq;
    bool is_withdrawn;
};

/// A line of a measure entry.
struct aud_line {
    enum aud_mechanism { AUD_GAUSSIAN, AUD_THRESHOLD, AUD_EXPONENTIAL } mechanism;

    size_t reserve;
    uint64_t seq;
    mpq_t sensitivity, parameter, rho, delta, threshold;
    uint32_t *attr; ///< owned
    size_t n_attrs;
};

/// Who made a grant or a release, which a stolen key must not have made (K5).
struct aud_maker {
    struct aud_id key;
    uint64_t seq;
};

/// To a table, by the entry of that number.
struct aud_commitment {
    uint8_t hash[32];
    uint64_t seq;
};

/// The most rows of a person that may count.
enum { AUD_ROWS_OF_A_PERSON = 1 << 20 };

struct aud_ledger {
    struct aud_tree tree;
    struct aud_id id;
    char prefix[AUD_TEXT_MAX + 1];
    char label[AUD_TEXT_MAX + 1];
    char id_column[AUD_TEXT_MAX + 1];
    bool is_replace; ///< replace-one
    bool is_people;  ///< the unit is a person of at most max_contrib rows
    uint64_t max_contrib;
    bool is_shared; ///< roles-shared
    bool has_count;
    uint64_t count; ///< n=
    uint64_t granularity;
    uint64_t authorities_needed;
    uint64_t witnesses_needed;
    struct aud_rational cap, cap_delta, report_delta;
    struct aud_commitment
        *commitment; ///< of the genesis, when not zeros, and of data entries
    size_t n_commitments, commitment_room;
    bool has_parent;
    uint64_t last_time;
    bool is_closed;
    mpq_t granted, granted_delta, reserved;

    struct aud_key *key;
    struct aud_grant *grant;
    struct aud_reserve *reserve;
    struct aud_release *release;
    struct aud_line *line;
    struct aud_maker *maker;
    struct aud_ids ids;     ///< of entries, every one so far
    struct aud_ids key_ids; ///< of keys
    uint64_t n_authorities; ///< that are not revoked
    size_t n_keys, n_grants, n_reserves, n_releases, n_lines, n_makers;
    size_t key_room, grant_room, reserve_room, release_room, line_room, maker_room;
};

/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_ledger_begin(struct aud_ledger *ledger,
                                         struct sil_error *err);
void aud_ledger_clear(struct aud_ledger *ledger);

/// Apply the next entry.
/// Errors   SIL_ERR_CHECK: refused, with the rule. SIL_ERR_UNSUPPORTED: a version, schema
///          or type that this program lacks. SIL_ERR_INTERNAL (memory). After any of them
///          the ledger is of no more use.
SIL_MUST_USE sil_status aud_ledger_apply(struct aud_ledger *ledger, const void *data,
                                         size_t length, struct sil_error *err);

/// Note a commitment to a table. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_note_commitment(struct aud_ledger *ledger,
                                            const uint8_t commitment[32],
                                            struct sil_error *err);

/// Where the grant, reserve or release of an id stands in its list; SIZE_MAX: there is none.
enum aud_kind { AUD_ID_OTHER = 1, AUD_ID_GRANT, AUD_ID_RESERVE, AUD_ID_RELEASE };

size_t aud_find_id(const struct aud_ledger *ledger, enum aud_kind kind,
                   const struct aud_id *id);

/// NULL: there never was such a key.
struct aud_key *aud_find_key(const struct aud_ledger *ledger, const struct aud_id *id);

/// The key of an id that has the role and counts at entry `seq`; NULL: none.
const struct aud_key *aud_live_key(const struct aud_ledger *ledger,
                                   const struct aud_id *id, enum aud_role role,
                                   uint64_t seq);

#endif
