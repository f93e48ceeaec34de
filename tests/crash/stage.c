// SPDX-License-Identifier: Apache-2.0
#include "stage.h"

#include "ledger/refuse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEW_LOG = KIT_LOG + 1 };

static void must(bool holds, const char *what, const struct sil_error *err)
{
    if (!holds) {
        (void)fprintf(stderr, "the test's own ledger: %s: %s\n", what, err->text);
        abort();
    }
}

/* ---- a process ---- */

struct stage stage_on(struct sim_disk *disk)
{
    struct stage stage = {.disk = disk};
    struct book *book = &stage.book;
    book->place = sil_ledger_place("/book");
    book->place.state = "/state";
    book->place.fs = sim_disk_fs(disk);
    book->place.lock_seconds = 0;
    book->signers = (struct sil_ledger_signers){.curator = kit_key(KIT_CURATOR),
                                                .log = kit_key(KIT_LOG)};
    return stage;
}

void stage_clear(struct stage *stage)
{
    sil_ledger_close(stage->ledger);
    stage->ledger = NULL;
}

struct promise stage_says(const struct sil_ledger *ledger)
{
    const struct sil_chain *chain = sil_ledger_chain(ledger);
    struct promise says = {.entries = chain->tree.size};
    mpq_t eighths;
    mpq_init(eighths);
    mpq_mul_2exp(eighths, chain->reserved.v, 3);
    says.eighths = mpz_get_ui(mpq_numref(eighths));
    must(mpz_cmp_ui(mpq_denref(eighths), 1) == 0, "eighths", &(struct sil_error){{0}});
    mpq_clear(eighths);
    return says;
}

/* What a call says that returned well. */
static sil_status told(struct stage *stage, sil_status status)
{
    if (status == SIL_OK) {
        stage->told = stage_says(stage->ledger);
    }
    return status;
}

/* ---- steps ---- */

static void encode_genesis(struct sil_bytes *body)
{
    struct sil_error err = {{0}};
    struct kit_draft draft = kit_genesis();
    must(sil_body_encode(body, &draft.body, &err) == SIL_OK, "a genesis", &err);
    sil_body_clear(&draft.body);
}

const struct sil_id *stage_ledger_id(void)
{
    static struct sil_id id;
    struct sil_bytes body = {0};
    encode_genesis(&body);
    sil_ledger_id(&id, body.data, body.length);
    sil_bytes_clear(&body);
    return &id;
}

sil_status stage_found(struct stage *stage, struct sil_error *err)
{
    struct sil_bytes body = {0};
    encode_genesis(&body);
    struct sil_approval approval = book_approve(KIT_AUTHORITY, &body);
    stage_clear(stage);
    sil_status status = sil_ledger_found(&stage->ledger, &stage->book.place, &body,
                                         &approval, 1, &stage->book.signers, err);
    sil_bytes_clear(&body);
    return told(stage, status);
}

sil_status stage_open(struct stage *stage, struct sil_error *err)
{
    stage_clear(stage);
    return told(stage, book_open(&stage->ledger, &stage->book, SIL_LEDGER_WRITE, err));
}

sil_status stage_grant(struct stage *stage, struct sil_error *err)
{
    struct kit_draft draft = book_draft(stage->ledger, SIL_ENTRY_GRANT);
    kit_rational(draft.body.grant.rho.v, "1/2");
    draft.body.grant.expires = KIT_EXPIRES;
    return told(stage, book_append(stage->ledger, draft, err));
}

sil_status stage_reserve(struct stage *stage, struct sil_error *err)
{
    struct sil_token *token = NULL;
    sil_status status = book_spend(&token, stage->ledger, "1/8", err);
    must((status == SIL_OK) == (token != NULL), "a token if and only if all is well",
         err);
    sil_token_free(token);
    return told(stage, status);
}

sil_status stage_data(struct stage *stage, struct sil_error *err)
{
    struct kit_draft draft = book_draft(stage->ledger, SIL_ENTRY_DATA);
    draft.body.data.data_commit[0] = 8;
    return told(stage, book_append(stage->ledger, draft, err));
}

/* A draft of chain_kit, which knows ledgers in memory, for one on disk. */
static struct kit_draft moved(struct kit_draft draft, const struct sil_ledger *ledger)
{
    draft.body.ledger = sil_ledger_chain(ledger)->ledger;
    sil_id_random(&draft.body.id);
    return draft;
}

sil_status stage_replace_log(struct stage *stage, struct sil_error *err)
{
    struct kit empty;
    struct kit_keys keys = {
        .role = SIL_ROLE_LOG, .add = {NEW_LOG}, .revoke = {KIT_LOG}};
    stage->book.signers.log = kit_key(NEW_LOG);
    stage->book.signers.are_new = true;
    sil_status status = stage_open(stage, err);
    if (status != SIL_OK) {
        return status;
    }
    kit_init(&empty);
    keys.as_of = sil_ledger_chain(stage->ledger)->tree.size;
    struct kit_draft draft = moved(kit_keyset(&empty, &keys), stage->ledger);
    kit_clear(&empty);
    return told(stage, book_append(stage->ledger, draft, err));
}

static const struct sil_id *last_reserve(const struct stage *stage)
{
    const struct sil_chain *chain = sil_ledger_chain(stage->ledger);
    return &chain->reserve[chain->n_reserves - 1].id;
}

sil_status stage_measure(struct stage *stage, struct sil_error *err)
{
    struct sil_measure measure = {.n_lines = 1, .reserve = *last_reserve(stage)};
    struct sil_spending line;
    sil_spending_init(&line);
    line.mechanism = SIL_SPENT_GAUSSIAN;
    kit_rational(line.sensitivity, "1/1");
    kit_rational(line.parameter, "4/1");
    kit_rational(line.rho, "1/8");
    measure.transcript_sha256[0] = 9;
    measure.lines = &line;
    sil_status status = sil_ledger_measure(stage->ledger, &measure, err);
    sil_spending_clear(&line);
    return told(stage, status);
}

sil_status stage_release(struct stage *stage, struct sil_error *err)
{
    struct kit empty;
    kit_init(&empty);
    struct kit_draft draft =
        moved(kit_release(&empty, last_reserve(stage)), stage->ledger);
    kit_clear(&empty);
    return told(stage, book_append(stage->ledger, draft, err));
}

sil_status stage_recover(struct stage *stage, struct sil_error *err)
{
    struct sil_approval approval = book_approve(KIT_AUTHORITY, &stage->recovery);
    stage_clear(stage);
    return told(stage,
                sil_ledger_recover(&stage->ledger, &stage->book.place, &stage->recovery,
                                   &approval, 1, &stage->book.signers, err));
}

sil_status stage_enter(struct sil_ledger **out, struct sim_disk *disk,
                       struct sil_error *err)
{
    struct stage stage = stage_on(disk);
    sil_status status = book_open(out, &stage.book, SIL_LEDGER_WRITE, err);
    if (status == SIL_ERR_USAGE) {
        stage.book.signers.log = kit_key(NEW_LOG);
        status = book_open(out, &stage.book, SIL_LEDGER_WRITE, err);
    }
    return status;
}
