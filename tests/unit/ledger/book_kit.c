// SPDX-License-Identifier: Apache-2.0
#include "book_kit.h"

#include "base/fail.h"
#include "ledger/refuse.h"

#include <sodium.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t book_clock = KIT_START;

static void must(bool holds, const char *what, const struct sil_error *err)
{
    if (!holds) {
        (void)fprintf(stderr, "the test's own ledger: %s: %s\n", what, err->text);
        abort();
    }
}

static uint64_t read_clock(void *self)
{
    (void)self;
    return book_clock;
}

struct book *book_new(void)
{
    struct book *book = calloc(1, sizeof *book);
    must(book != NULL, "memory", &(struct sil_error){{0}});
    book->room = scratch_new();
    (void)snprintf(book->directory, sizeof book->directory, "%s/book", book->room.path);
    (void)snprintf(book->state, sizeof book->state, "%s/state", book->room.path);
    book->fs = SIL_FS_POSIX;
    book->fs.now = read_clock;
    book->place = sil_ledger_place(book->directory);
    book->place.state = book->state;
    book->place.fs = &book->fs;
    book->place.lock_seconds = 5;
    book->signers = (struct sil_ledger_signers){.curator = kit_key(KIT_CURATOR),
                                                .log = kit_key(KIT_LOG)};
    book_clock = KIT_START;
    return book;
}

void book_free(struct book *book)
{
    scratch_remove(&book->room);
    free(book);
}

const char *book_path(const struct book *book, const char *name)
{
    char inside[128];
    (void)snprintf(inside, sizeof inside, "book/%s", name);
    return scratch_path(&book->room, inside);
}

struct sil_approval book_approve(uint8_t seed, const struct sil_bytes *body)
{
    struct sil_error err = {{0}};
    struct sil_approval approval = {.key = kit_key_id(seed)};
    struct sil_body decoded;
    char comment[SIL_COMMENT_MAX + 1];
    must(sil_body_decode(&decoded, body->data, body->length, &err) == SIL_OK, "a body",
         &err);
    must(sil_body_comment(comment, &decoded, &err) == SIL_OK, "a comment", &err);
    sil_minisign(&approval.signature, kit_key(seed), body->data, body->length, comment);
    sil_body_clear(&decoded);
    return approval;
}

struct sil_ledger *book_found(struct book *book, void (*change)(struct sil_genesis *))
{
    struct sil_error err = {{0}};
    struct sil_bytes body = {0};
    struct sil_ledger *ledger = NULL;
    struct kit_draft draft = kit_genesis();
    randombytes_buf(draft.body.genesis.nonce, sizeof draft.body.genesis.nonce);
    if (change != NULL) {
        change(&draft.body.genesis);
    }
    must(sil_body_encode(&body, &draft.body, &err) == SIL_OK, "a genesis", &err);
    struct sil_approval approval = book_approve(KIT_AUTHORITY, &body);
    must(sil_ledger_found(&ledger, &book->place, &body, &approval, 1, &book->signers,
                          &err) == SIL_OK,
         "founding", &err);
    sil_bytes_clear(&body);
    sil_body_clear(&draft.body);
    return ledger;
}

sil_status book_open(struct sil_ledger **out, const struct book *book,
                     enum sil_ledger_access access, struct sil_error *err)
{
    struct sil_ledger *ledger = NULL;
    sil_status status =
        sil_ledger_open_with(&ledger, &book->place, access, &book->signers, NULL, err);
    if (out != NULL) {
        *out = ledger;
    } else {
        sil_ledger_close(ledger);
    }
    return status;
}

sil_status book_look(char id[16], const struct book *book)
{
    struct sil_error err = {{0}};
    sil_status status = book_open(NULL, book, SIL_LEDGER_READ, &err);
    sil_refusal_id(id, &err);
    return status;
}

struct kit_draft book_draft(const struct sil_ledger *ledger, enum sil_entry_type type)
{
    struct kit empty;
    kit_init(&empty);
    struct kit_draft draft = kit_draft(&empty, type);
    kit_clear(&empty);
    draft.body.ledger = sil_ledger_chain(ledger)->ledger;
    sil_id_random(&draft.body.id);
    return draft;
}

sil_status book_append(struct sil_ledger *ledger, struct kit_draft draft,
                       struct sil_error *err)
{
    struct sil_approval approvals[KIT_APPROVERS_MAX];
    struct sil_bytes body = {0};
    size_t n = 0;
    sil_status status = sil_body_encode(&body, &draft.body, err);
    for (size_t i = 0; i < KIT_APPROVERS_MAX && draft.approver[i] != 0; i++) {
        approvals[n++] = book_approve(draft.approver[i], &body);
    }
    if (status == SIL_OK) {
        status = sil_ledger_append(ledger, &body, approvals, n, NULL, err);
    }
    sil_bytes_clear(&body);
    sil_body_clear(&draft.body);
    return status;
}

struct sil_id book_grant(struct sil_ledger *ledger, const char *rho)
{
    struct sil_error err = {{0}};
    struct kit_draft draft = book_draft(ledger, SIL_ENTRY_GRANT);
    struct sil_id id = draft.body.id;
    kit_rational(draft.body.grant.rho.v, rho);
    draft.body.grant.expires = KIT_EXPIRES;
    must(book_append(ledger, draft, &err) == SIL_OK, "a grant", &err);
    return id;
}

sil_status book_spend(struct sil_token **token, struct sil_ledger *ledger,
                      const char *rho, struct sil_error *err)
{
    static const uint8_t PLAN[32] = {1, 2, 3};
    struct sil_token *made = NULL;
    struct sil_id reserve;
    struct sil_rho amount;
    sil_rho_init(&amount);
    kit_rational(amount.v, rho);
    sil_status status =
        sil_ledger_reserve(&made, &reserve, ledger, NULL,
                           &(struct sil_debit){.rho = &amount, .plan_hash = PLAN}, err);
    sil_rho_clear(&amount);
    if (token != NULL) {
        *token = made;
    } else {
        sil_token_free(made);
    }
    return status;
}
