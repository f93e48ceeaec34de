// SPDX-License-Identifier: Apache-2.0
/// A ledger on disk for tests: the keys and bodies of chain_kit, a directory of its own, a
/// clock that the test sets.
#ifndef TESTS_UNIT_LEDGER_BOOK_KIT_H
#define TESTS_UNIT_LEDGER_BOOK_KIT_H

#include "chain_kit.h"
#include "ledger/ledger.h"
#include "scratch.h"

struct book {
    struct scratch room;
    char directory[64]; ///< of the ledger
    char state[64];
    struct sil_fs fs; ///< the operating system's, with the book's clock
    struct sil_ledger_place place;
    struct sil_ledger_signers signers;
};

/// What the clock of all books says: KIT_START to begin with.
extern uint64_t book_clock;

/// Nothing on disk yet but the room.
struct book *book_new(void);
void book_free(struct book *book);

/// A path in the ledger's directory.
const char *book_path(const struct book *book, const char *name);

/// The genesis of chain_kit, changed by `change` when it is not NULL; stays open. Aborts
/// when it cannot.
struct sil_ledger *book_found(struct book *book, void (*change)(struct sil_genesis *));

/// Open, or say why not. `out` NULL: closed again at once.
sil_status book_open(struct sil_ledger **out, const struct book *book,
                     enum sil_ledger_access access, struct sil_error *err);

/// The status of opening for reading, and the id of the refusal ("" for none).
sil_status book_look(char id[16], const struct book *book);

/// An authority's approval of a body.
struct sil_approval book_approve(uint8_t seed, const struct sil_bytes *body);

/// Encode, approve by the draft's approvers, append; the draft is cleared.
sil_status book_append(struct sil_ledger *ledger, struct kit_draft draft,
                       struct sil_error *err);

/// An approved grant; aborts when it is refused.
struct sil_id book_grant(struct sil_ledger *ledger, const char *rho);

/// Spend; `token` NULL: it is freed at once.
sil_status book_spend(struct sil_token **token, struct sil_ledger *ledger,
                      const char *rho, struct sil_error *err);

/// A draft of a body for this ledger (chain_kit keeps ledgers in memory only).
struct kit_draft book_draft(const struct sil_ledger *ledger, enum sil_entry_type type);

#endif
