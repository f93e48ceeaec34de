// SPDX-License-Identifier: Apache-2.0
/// What an entry says: eleven kinds of body, and their one encoding.
///
/// A body is what an authority approves, so its bytes are the meaning: hashes and
/// signatures are over stored bytes, never over a body encoded again.
/// docs/ledger-format.md gives every field.
#ifndef SIL_LEDGER_BODY_H
#define SIL_LEDGER_BODY_H

#include "base/bytes.h"
#include "crypto/hash.h"
#include "crypto/minisign.h"
#include "crypto/sign.h"
#include "ledger/merkle.h"
#include "privacy/privacy_unit.h"
#include "privacy/units.h"

#include "silhouette/claim.h"
#include "silhouette/status.h"

#include <gmp.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIL_ID_BYTES         16
#define SIL_ENTRY_BYTES_MAX  65535
#define SIL_LEDGER_TEXT_MAX  512 ///< bytes of a string
#define SIL_LEDGER_ARRAY_MAX 4096

/// The id of a ledger (LID), of a key (KID), of a grant, reserve, release, ...
struct sil_id {
    uint8_t bytes[SIL_ID_BYTES];
};

/// 32 lower-case hex digits and a terminator, and back (false: not an id).
#define SIL_ID_TEXT 33
void sil_id_print(char text[SIL_ID_TEXT], const struct sil_id *id);
SIL_MUST_USE bool sil_id_parse(struct sil_id *out, const char *text);
bool sil_id_equal(const struct sil_id *a, const struct sil_id *b);
void sil_id_random(struct sil_id *out);

enum sil_role {
    SIL_ROLE_AUTHORITY = 1, ///< approves what creates or changes the budget
    SIL_ROLE_CURATOR,       ///< signs every entry; spends within grants
    SIL_ROLE_LOG,           ///< signs checkpoints
    SIL_ROLE_RELEASE,       ///< signs what leaves
    SIL_ROLE_AUDITOR        ///< signs audits
};

/// "authority", ... and back; 0 when there is no such role.
const char *sil_role_name(enum sil_role role);
enum sil_role sil_role_named(const char *name, size_t length);

struct sil_ledger_key {
    enum sil_role role;
    char *name; ///< for people; owned
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t keynum[SIL_KEYNUM_BYTES];
    struct sil_id id; ///< KID, computed
};

enum sil_entry_type {
    SIL_ENTRY_GENESIS = 0,
    SIL_ENTRY_KEYSET = 1,
    SIL_ENTRY_GRANT = 2,
    SIL_ENTRY_RESERVE = 3,
    SIL_ENTRY_MEASURE = 4,
    SIL_ENTRY_RELEASE = 5,
    SIL_ENTRY_AUDIT = 6,
    SIL_ENTRY_RECOVER = 7,
    SIL_ENTRY_CLOSE = 8,
    SIL_ENTRY_NOTICE = 9,
    SIL_ENTRY_DATA = 10
};

const char *sil_entry_type_name(enum sil_entry_type type);

struct sil_thresholds {
    uint64_t authority; ///< approvals needed
    uint64_t witness;   ///< cosignatures that a claim counts as witnessed
};

struct sil_genesis {
    uint8_t nonce[32];
    char *prefix; ///< origin = prefix "/silhouette/" LID
    char *data_label;
    struct sil_ledger_key *keys;
    size_t n_keys;
    struct sil_thresholds thresholds;
    uint64_t time_gran; ///< seconds
    char *unit;         ///< "row" or "id"
    char *id_column;    ///< "" for unit row
    enum sil_neighbours neighbours;
    uint64_t max_contrib; ///< K, at most SIL_MAX_ROWS_PER_UNIT in a chain
    char **invariants;
    size_t n_invariants;
    struct sil_rho cap_rho;
    struct sil_delta cap_delta;    ///< what discovery may add
    struct sil_delta report_delta; ///< at which rho is converted
    uint8_t data_commit[32];       ///< zeros: covers nothing
    bool has_parent;
    struct sil_id parent;
    uint64_t parent_size;
    struct sil_root parent_root;
    char *tool;
    char *version;
};

/// Whose privacy the genesis of a chain protects. Borrows the column's name.
struct sil_privacy_unit sil_genesis_unit(const struct sil_genesis *genesis);

struct sil_keyset {
    struct sil_ledger_key *add;
    size_t n_add;

    struct sil_revocation {
        struct sil_id key;
        uint64_t as_of_seq;
        char *reason;
    } * revoke;

    size_t n_revoke;
    bool has_thresholds;
    struct sil_thresholds thresholds;
};

struct sil_grant {
    struct sil_rho rho;
    struct sil_delta delta;
    uint64_t expires; ///< POSIX seconds; a reserve may carry at most this time
    char *purpose;
};

struct sil_reserve {
    struct sil_id grant;
    struct sil_rho rho;
    struct sil_delta delta;
    uint8_t plan_hash[32];
};

enum sil_ledger_mechanism {
    SIL_SPENT_GAUSSIAN = 1,    ///< "rounded-gaussian": rho = D^2 / (2 sigma^2)
    SIL_SPENT_EXPONENTIAL = 2, ///< "exponential": rho = epsilon^2 / 8
    SIL_SPENT_THRESHOLD = 3    ///< "gaussian-threshold": as the first, delta' and T
};

/// One mechanism of a run and its cost.
struct sil_spending {
    enum sil_ledger_mechanism mechanism;
    uint32_t *attrs; ///< columns of the schema, strictly ascending
    size_t n_attrs;
    mpq_t sensitivity; ///< D^2, or of the score in its own units
    mpq_t parameter;   ///< sigma^2, or epsilon^2
    mpq_t rho;
    mpq_t delta;
    mpq_t threshold; ///< SIL_SPENT_THRESHOLD only
};

void sil_spending_init(struct sil_spending *spending);
void sil_spending_clear(struct sil_spending *spending);

struct sil_measure {
    struct sil_id reserve;
    uint8_t transcript_sha256[32];
    struct sil_spending *lines;
    size_t n_lines;
};

struct sil_release_entry {
    struct sil_id *reserves;
    size_t n_reserves;

    struct sil_artifact {
        char *name;
        uint8_t sha256[32];
    } * artifacts;

    size_t n_artifacts;
    uint8_t statement_sha256[32];
};

struct sil_audit {
    uint64_t size;
    struct sil_root root;
    char *verdict; ///< "refuted", "not-refuted", "inconclusive"
    uint8_t report_sha256[32];
};

struct sil_recover {
    char *kind; ///< "quarantine", "rebuild-checkpoint"
    uint64_t size;
    uint8_t (*quarantine_sha256)[32];
    size_t n_quarantine;
    char *text;
};

struct sil_notice {
    struct sil_id release;
    char *reason;
};

struct sil_data_entry {
    uint8_t data_commit[32];
    char *note;
};

struct sil_body {
    enum sil_entry_type type;
    struct sil_id ledger; ///< LID; of a genesis: computed from its own encoding
    struct sil_id id; ///< of keyset, grant, reserve, release, audit, recover, close,
                      ///< notice, data; zeros for genesis and measure

    union {
        struct sil_genesis genesis;
        struct sil_keyset keyset;
        struct sil_grant grant;
        struct sil_reserve reserve;
        struct sil_measure measure;
        struct sil_release_entry release;
        struct sil_audit audit;
        struct sil_recover recover;
        char *close_reason;
        struct sil_notice notice;
        struct sil_data_entry data;
    };
};

/// An empty body of a type: zeros, rationals 0, to be cleared.
void sil_body_init(struct sil_body *body, enum sil_entry_type type);
/// Free what the body owns (every pointer in it came from malloc or is NULL).
void sil_body_clear(struct sil_body *body);

/// Append the one encoding. A genesis gets its LID.
/// Errors   SIL_ERR_USAGE: a field out of its range (a text that is not printable ASCII or
///          too long, a rational of more than 160 digits, more elements than an array may
///          have). SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_body_encode(struct sil_bytes *out, struct sil_body *body,
                                        struct sil_error *err);

/// Decode into an initialised-by-callee body. Checked here: the profile, its limits,
/// ranges and closed sets of every field on its own (docs/ledger-format.md); not what
/// depends on other entries.
/// Errors   SIL_ERR_CHECK with [F1] (not the one encoding) or [F2] (limits) and the place,
///          or [P1] (a row count where it is private);
///          SIL_ERR_UNSUPPORTED: an unknown type or schema. `out` is then empty (zeros,
///          which may be cleared).
SIL_MUST_USE sil_status sil_body_decode(struct sil_body *out, const uint8_t *data,
                                        size_t length, struct sil_error *err);

/// LID of an encoded genesis body.
void sil_ledger_id(struct sil_id *out, const uint8_t *genesis, size_t length);

/// The trusted comment that an approval of this body must carry, byte for byte.
/// Pre      a type that takes approvals.
/// Errors   SIL_ERR_CHECK [R4]: its rationals have so many digits that no comment can say
///          it. SIL_ERR_INTERNAL (memory; another type). `comment` is then "".
SIL_MUST_USE sil_status sil_body_comment(char comment[SIL_COMMENT_MAX + 1],
                                         const struct sil_body *body,
                                         struct sil_error *err);

#endif
