// SPDX-License-Identifier: Apache-2.0
/* Releases and what is said about the ledger itself. */
#include "audits/ledger/rules.h"
#include "base/fail.h"
#include "base/memory.h"
#include "crypto/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- release ---- */

static void read_reserves(struct aud_release *release, const struct aud_ledger *ledger,
                          struct aud_list *body)
{
    struct aud_list list = aud_next_list(body);
    struct aud_reading *reading = body->reading;
    if (reading->status != SIL_OK) {
        return;
    }
    reading->status = sil_alloc(&release->reserve, list.array.n,
                                sizeof *release->reserve, "reserves", reading->err);
    while (aud_has_next(&list)) {
        struct aud_id id;
        aud_next_bytes(id.bytes, sizeof id.bytes, &list);
        size_t at = aud_find_id(ledger, AUD_ID_RESERVE, &id);
        bool is_run = at != SIZE_MAX && ledger->reserve[at].n_measures > 0;
        aud_demand(reading, is_run, "R6",
                   "it cites a reserve that nothing was measured on");
        release->reserve[release->n_reserves++] = at;
    }
    aud_demand(reading, release->n_reserves > 0, "R6", "it cites no reserve");
}

static void read_artifacts(struct aud_release *release, struct aud_list *body)
{
    struct aud_list list = aud_next_list(body);
    struct aud_reading *reading = body->reading;
    if (reading->status != SIL_OK) {
        return;
    }
    reading->status = sil_alloc(&release->artifact, list.array.n,
                                sizeof *release->artifact, "artifacts", reading->err);
    while (aud_has_next(&list)) {
        struct aud_list one = aud_next_list(&list);
        struct aud_artifact *artifact = &release->artifact[release->n_artifacts++];
        aud_next_text(artifact->name, &one);
        aud_next_bytes(artifact->sha256, sizeof artifact->sha256, &one);
        aud_end(&one);
    }
    aud_demand(reading, release->n_artifacts > 0, "R6", "it releases nothing");
}

static void mark_released(struct aud_ledger *ledger, const struct aud_release *release)
{
    for (size_t i = 0; i < release->n_reserves; i++) {
        ledger->reserve[release->reserve[i]].is_released = true;
    }
}

sil_status aud_apply_release(struct aud_ledger *ledger, struct aud_entry *entry,
                             struct aud_list *body)
{
    sil_status status = SIL_OK;
    struct aud_release release = {.seq = entry->seq};
    aud_next_bytes(release.id.bytes, sizeof release.id.bytes, body);
    read_reserves(&release, ledger, body);
    read_artifacts(&release, body);
    aud_next_bytes(release.statement, sizeof release.statement, body);
    aud_end(body);
    SIL_TRY(body->reading->status);
    SIL_TRY(aud_check_approvals(ledger, entry, AUD_BY_NOBODY));
    SIL_TRY(aud_use_id(ledger, &release.id, AUD_ID_RELEASE, ledger->n_releases,
                       entry->err));
    SIL_TRY(sil_grow(&ledger->release, &ledger->release_room, ledger->n_releases + 1,
                     sizeof *ledger->release, "releases", entry->err));
    mark_released(ledger, &release);
    ledger->release[ledger->n_releases++] = release;
    release = (struct aud_release){0}; /* taken */

cleanup:
    free(release.reserve);
    free(release.artifact);
    return status;
}

sil_status aud_apply_notice(struct aud_ledger *ledger, struct aud_entry *entry,
                            struct aud_list *body)
{
    sil_status status = SIL_OK;
    struct aud_id id;
    struct aud_id of;
    char reason[AUD_TEXT_MAX + 1];
    char text[2][33];
    aud_next_bytes(id.bytes, sizeof id.bytes, body);
    aud_next_bytes(of.bytes, sizeof of.bytes, body);
    aud_next_text(reason, body);
    aud_end(body);
    SIL_TRY(body->reading->status);
    aud_id_print(text[0], &id);
    aud_id_print(text[1], &of);
    aud_comment(entry, "id=%s release=%s", text[0], text[1]);
    SIL_TRY(aud_check_approvals(ledger, entry, AUD_BY_AUTHORITIES));
    size_t at = aud_find_id(ledger, AUD_ID_RELEASE, &of);
    if (at == SIZE_MAX) {
        return aud_refuse(entry->err, "R6", "it withdraws what was not released");
    }
    SIL_TRY(aud_use_id(ledger, &id, AUD_ID_OTHER, 0, entry->err));
    ledger->release[at].is_withdrawn = true;

cleanup:
    return status;
}

/* ---- about the ledger ---- */

sil_status aud_apply_audit(struct aud_ledger *ledger, struct aud_entry *entry,
                           struct aud_list *body)
{
    static const char *const VERDICTS[] = {"refuted", "not-refuted", "inconclusive"};
    sil_status status = SIL_OK;
    struct aud_id id;
    struct aud_hash root;
    uint8_t report[32];
    char text[33];
    aud_next_bytes(id.bytes, sizeof id.bytes, body);
    uint64_t size = aud_next_uint(body);
    aud_next_bytes(root.bytes, sizeof root.bytes, body);
    size_t verdict = aud_next_word(body, VERDICTS, 3);
    aud_next_bytes(report, sizeof report, body);
    aud_end(body);
    bool is_past = size <= entry->seq;
    aud_demand(body->reading,
               is_past && aud_hash_equal(&root, &ledger->tree.root[is_past ? size : 0]),
               "F4", "it is about another tree");
    SIL_TRY(body->reading->status);
    aud_id_print(text, &id);
    aud_comment(entry, "id=%s size=%" PRIu64 " verdict=%s", text, size,
                VERDICTS[verdict]);
    SIL_TRY(aud_check_approvals(ledger, entry, AUD_BY_AUDITOR));
    SIL_TRY(aud_use_id(ledger, &id, AUD_ID_OTHER, 0, entry->err));

cleanup:
    return status;
}

sil_status aud_apply_recover(struct aud_ledger *ledger, struct aud_entry *entry,
                             struct aud_list *body)
{
    static const char *const KINDS[] = {"quarantine", "rebuild-checkpoint"};
    sil_status status = SIL_OK;
    struct aud_id id;
    char note[AUD_TEXT_MAX + 1];
    char text[33];
    aud_next_bytes(id.bytes, sizeof id.bytes, body);
    size_t kind = aud_next_word(body, KINDS, 2);
    uint64_t size = aud_next_uint(body);
    struct aud_list aside = aud_next_list(body);
    while (aud_has_next(&aside)) {
        uint8_t hash[32];
        aud_next_bytes(hash, sizeof hash, &aside);
    }
    aud_next_text(note, body);
    aud_end(body);
    aud_demand(body->reading, size <= entry->seq, "F5",
               "it recovers entries yet to come");
    SIL_TRY(body->reading->status);
    aud_id_print(text, &id);
    aud_comment(entry, "id=%s kind=%s size=%" PRIu64, text, KINDS[kind], size);
    SIL_TRY(aud_check_approvals(ledger, entry, AUD_BY_AUTHORITIES));
    SIL_TRY(aud_use_id(ledger, &id, AUD_ID_OTHER, 0, entry->err));

cleanup:
    return status;
}

sil_status aud_apply_close(struct aud_ledger *ledger, struct aud_entry *entry,
                           struct aud_list *body)
{
    sil_status status = SIL_OK;
    struct aud_id id;
    char reason[AUD_TEXT_MAX + 1];
    char text[33];
    aud_next_bytes(id.bytes, sizeof id.bytes, body);
    aud_next_text(reason, body);
    aud_end(body);
    SIL_TRY(body->reading->status);
    aud_id_print(text, &id);
    aud_comment(entry, "id=%s", text);
    SIL_TRY(aud_check_approvals(ledger, entry, AUD_BY_AUTHORITIES));
    SIL_TRY(aud_use_id(ledger, &id, AUD_ID_OTHER, 0, entry->err));
    ledger->is_closed = true;

cleanup:
    return status;
}

sil_status aud_apply_data(struct aud_ledger *ledger, struct aud_entry *entry,
                          struct aud_list *body)
{
    sil_status status = SIL_OK;
    struct aud_id id;
    uint8_t commit[32];
    char note[AUD_TEXT_MAX + 1];
    char text[33];
    char hex[65];
    aud_next_bytes(id.bytes, sizeof id.bytes, body);
    aud_next_bytes(commit, sizeof commit, body);
    aud_next_text(note, body);
    aud_end(body);
    SIL_TRY(body->reading->status);
    aud_id_print(text, &id);
    sil_hash_hex(hex, commit);
    aud_comment(entry, "id=%s commit=%s", text, hex);
    SIL_TRY(aud_check_approvals(ledger, entry, AUD_BY_AUTHORITIES));
    SIL_TRY(aud_use_id(ledger, &id, AUD_ID_OTHER, 0, entry->err));
    SIL_TRY(aud_note_commitment(ledger, commit, entry->err));

cleanup:
    return status;
}
