// SPDX-License-Identifier: Apache-2.0
/// One entry on its way into a ledger: what was read of it, and the rules by kind.
#ifndef AUDIT_LEDGER_RULES_H
#define AUDIT_LEDGER_RULES_H

#include "audits/ledger/ledger.h"

enum { AUD_N_TYPES = 11, AUD_APPROVALS_MAX = 4096 };

enum aud_type {
    AUD_TYPE_GENESIS,
    AUD_TYPE_KEYSET,
    AUD_TYPE_GRANT,
    AUD_TYPE_RESERVE,
    AUD_TYPE_MEASURE,
    AUD_TYPE_RELEASE,
    AUD_TYPE_AUDIT,
    AUD_TYPE_RECOVER,
    AUD_TYPE_CLOSE,
    AUD_TYPE_NOTICE,
    AUD_TYPE_DATA
};

extern const char *const AUD_TYPE_NAMES[AUD_N_TYPES];

struct aud_approval {
    struct aud_id key;
    struct sil_minisig signature;
};

struct aud_entry {
    uint64_t seq;      ///< that it must have
    uint64_t at_fault; ///< the entry to name when it is refused
    struct aud_id ledger;
    uint64_t time;
    uint64_t type;
    struct aud_id curator;
    struct aud_bin payload;
    uint8_t signature[SIL_SIGNATURE_BYTES];
    struct aud_bin body;
    struct aud_approval *approval; ///< owned
    size_t n_approvals;
    char comment[SIL_COMMENT_MAX + 1]; ///< that its approvals must carry
    struct sil_error *err;
};

/// Check that approvals are by whom they must be, and say what they must.
///  AUD_BY_AUTHORITIES: enough of those live now (K2); AUD_BY_AUDITOR: one (K2);
///  AUD_BY_NOBODY: none (K2).
enum aud_approvers { AUD_BY_NOBODY, AUD_BY_AUTHORITIES, AUD_BY_AUDITOR };

SIL_MUST_USE sil_status aud_check_approvals(const struct aud_ledger *ledger,
                                            const struct aud_entry *entry,
                                            enum aud_approvers approvers);

/// Does approval `i` verify [K2] and carry the entry's comment [R4]?
SIL_MUST_USE sil_status aud_check_approval(const struct aud_entry *entry, size_t i,
                                           const struct aud_key *key);

/// SIG, by a curator who counts now [K1], not one revoked before [K5].
SIL_MUST_USE sil_status aud_check_signature(const struct aud_ledger *ledger,
                                            const struct aud_entry *entry);

/// Use up an id [B6], of what will stand at `at` in the list of its kind.
SIL_MUST_USE sil_status aud_use_id(struct aud_ledger *ledger, const struct aud_id *id,
                                   enum aud_kind kind, size_t at,
                                   struct sil_error *err);

/// `silhouette/v1 WORD ledger=LID` and what follows.
void aud_comment(struct aud_entry *entry, const char *format, ...) SIL_PRINTF(2, 3);

/// The rules of each type: read the body behind its first two elements (and, but for the
/// genesis, its LID), check and keep. Signature and time have been checked, except of
/// genesis and keyset, which check signatures themselves.
typedef sil_status aud_rule(struct aud_ledger *ledger, struct aud_entry *entry,
                            struct aud_list *body);
aud_rule aud_apply_genesis, aud_apply_keyset, aud_apply_grant, aud_apply_reserve,
    aud_apply_measure, aud_apply_release, aud_apply_audit, aud_apply_recover,
    aud_apply_close, aud_apply_notice, aud_apply_data;

#endif
