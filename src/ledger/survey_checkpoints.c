// SPDX-License-Identifier: Apache-2.0
/* The checkpoints of a survey: read, their signatures judged on all cores. */
#include "base/fail.h"
#include "base/memory.h"
#include "ledger/refuse.h"
#include "ledger/signatures.h"
#include "ledger/survey.h"
#include "ledger/survey_internal.h"

#include <stdlib.h>
#include <string.h>

sil_status sil_checkpoint_read(struct sil_checkpoint *out, const struct sil_bytes *note,
                               const char *what, struct sil_error *err)
{
    struct sil_note parsed;
    *out = (struct sil_checkpoint){0};
    if (sil_note_parse(&parsed, (const char *)note->data, note->length, NULL) !=
            SIL_OK ||
        sil_checkpoint_parse(out, &parsed, NULL) != SIL_OK) {
        return sil_refuse_ledger(err, "E-CORRUPT", "%s is no checkpoint", what);
    }
    return SIL_OK;
}

/* Signed by a log key of the chain that was live at that size? */
static bool is_signed(const struct sil_note *note, const char *origin, uint64_t size,
                      const struct sil_chain *chain)
{
    for (size_t i = 0; i < chain->n_keys; i++) {
        const struct sil_chain_key *key = &chain->key[i];
        struct sil_note_key signer;
        if (key->key.role == SIL_ROLE_LOG && sil_chain_key_covers(key, size) &&
            sil_note_key_make(&signer, origin, SIL_NOTE_ED25519, key->key.public_key,
                              NULL) == SIL_OK &&
            sil_note_verify(note, &signer, NULL) == SIL_NOTE_GOOD) {
            return true;
        }
    }
    return false;
}

static bool is_good(struct sil_checkpoint *out, const struct sil_bytes *note,
                    size_t n_lines, uint64_t size, const struct sil_chain *chain)
{
    struct sil_note parsed;
    char origin[SIL_ORIGIN_MAX + 1];
    *out = (struct sil_checkpoint){0};
    return chain->tree.size > 0 && sil_chain_origin(origin, chain, NULL) == SIL_OK &&
           sil_note_parse(&parsed, (const char *)note->data, note->length, NULL) ==
               SIL_OK &&
           parsed.n_lines <= n_lines &&
           sil_checkpoint_parse(out, &parsed, NULL) == SIL_OK &&
           strcmp(out->origin, origin) == 0 && out->size == size &&
           is_signed(&parsed, origin, size, chain);
}

bool sil_checkpoint_is_good(struct sil_checkpoint *out, const struct sil_bytes *note,
                            uint64_t size, const struct sil_chain *chain)
{
    return is_good(out, note, 1, size, chain);
}

bool sil_cosigned_is_good(struct sil_checkpoint *out, const struct sil_bytes *note,
                          uint64_t size, const struct sil_chain *chain)
{
    return is_good(out, note, SIL_NOTE_SIGNATURES_MAX, size, chain);
}

static sil_status judge_one(void *context, size_t i)
{
    struct sil_survey *survey = context;
    struct sil_found_checkpoint *found = &survey->checkpoint[i];
    found->is_good = sil_checkpoint_is_good(&found->parsed, &found->note, found->number,
                                            &survey->chain);
    return SIL_OK;
}

static sil_status read_checkpoints(struct sil_survey *survey, struct sil_store *store,
                                   const uint64_t *number, size_t n,
                                   struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes *note = NULL;
    SIL_TRY(sil_alloc(&note, n, sizeof *note, "checkpoints", err));
    SIL_TRY(sil_alloc(&survey->checkpoint, n, sizeof *survey->checkpoint, "checkpoints",
                      err));
    status = sil_store_read_all(note, store, SIL_STORE_CHECKPOINT, number, n, err);
    for (size_t i = 0; i < n; i++) {
        survey->checkpoint[i].number = number[i];
        survey->checkpoint[i].note = note[i];
    }
    survey->n_checkpoints = n;

cleanup:
    free(note);
    return status;
}

sil_status sil_survey_checkpoints(struct sil_survey *survey, struct sil_store *store,
                                  const uint64_t *number, size_t n,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    sil_status *verdict = NULL;
    SIL_TRY(read_checkpoints(survey, store, number, n, err));
    SIL_TRY(sil_alloc(&verdict, n, sizeof *verdict, "checkpoints", err));
    sil_judge_all(verdict, n, judge_one, survey);

cleanup:
    free(verdict);
    return status;
}

/* Does a claim of this size, when there is one, have another root? */
static bool contradicts(const struct sil_checkpoint *claim, uint64_t size,
                        const struct sil_root *root)
{
    return claim != NULL && claim->size == size &&
           memcmp(&claim->root, root, sizeof *root) != 0;
}

void sil_survey_find_fork(struct sil_survey *survey,
                          const struct sil_checkpoint *observed)
{
    const struct sil_merkle *tree = &survey->chain.tree;
    size_t next = 0;
    for (uint64_t size = 1; size <= tree->size && survey->fork == 0; size++) {
        const struct sil_checkpoint *signed_one = NULL;
        struct sil_root root;
        sil_merkle_root_at(&root, tree, size);
        if (next < survey->n_checkpoints && survey->checkpoint[next].number == size) {
            const struct sil_found_checkpoint *found = &survey->checkpoint[next++];
            signed_one = found->is_good ? &found->parsed : NULL;
        }
        if (contradicts(signed_one, size, &root) ||
            contradicts(&survey->watermark, size, &root) ||
            contradicts(observed, size, &root)) {
            survey->fork = size;
        }
    }
}
