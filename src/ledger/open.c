// SPDX-License-Identifier: Apache-2.0
/* What the public header promises: a ledger opened with its keys, which it then owns. */
#include "base/fail.h"
#include "ledger/claim.h"
#include "ledger/found.h"
#include "ledger/ledger_internal.h"
#include "ledger/refuse.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sil_ledger_options sil_ledger_defaults(void)
{
    return (struct sil_ledger_options){.struct_size = sizeof(struct sil_ledger_options),
                                       .lock_seconds =
                                           sil_ledger_place(NULL).lock_seconds};
}

static sil_status open_keyring(struct sil_keyring **out,
                               const struct sil_ledger_options *options,
                               struct sil_error *err)
{
    struct sil_keyring_options files = {.directory = options->directory,
                                        .vault = options->vault,
                                        .passphrase_file = options->passphrase_file};
    files.key[SIL_ROLE_CURATOR] = options->curator;
    files.key[SIL_ROLE_LOG] = options->log;
    return sil_keyring_new(out, &files, err);
}

static void free_keyring(void *keyring)
{
    sil_keyring_free(keyring);
}

void sil_ledger_own_keyring(struct sil_ledger *ledger, struct sil_keyring *keyring)
{
    sil_ledger_own(ledger, keyring, free_keyring);
}

struct sil_keyring *sil_ledger_keyring(const struct sil_ledger *ledger)
{
    return sil_ledger_owned(ledger);
}

sil_status sil_ledger_open(struct sil_ledger **out,
                           const struct sil_ledger_options *options,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_keyring *keyring = NULL;
    struct sil_ledger_signers signers = {0};
    char *state = NULL;

    *out = NULL;
    if (options->struct_size != sizeof *options || options->directory == NULL) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the options are not those of this version; start from "
                        "sil_ledger_defaults(), and name a directory");
    }
    struct sil_ledger_place place = sil_ledger_place(options->directory);
    place.lock_seconds = options->lock_seconds;
    place.accept_clock = options->accept_clock;
    if (access(options->directory, F_OK) != 0) { /* before a key is missed */
        return sil_fail(err, SIL_ERR_IO,
                        "there is no ledger %s: silhouette ledger quickstart makes one "
                        "(--help says how)",
                        options->directory);
    }
    SIL_TRY(sil_state_directory(&state, options->state, err));
    place.state = state;
    SIL_TRY(open_keyring(&keyring, options, err));
    SIL_TRY(sil_keyring_key(&signers.curator, keyring, SIL_ROLE_CURATOR, err));
    SIL_TRY(sil_keyring_key(&signers.log, keyring, SIL_ROLE_LOG, err));
    SIL_TRY(sil_ledger_open_with(out, &place, SIL_LEDGER_WRITE, &signers, NULL, err));
    sil_ledger_own_keyring(*out, keyring);
    keyring = NULL;

cleanup:
    sil_keyring_free(keyring);
    free(state);
    return status;
}

sil_status sil_ledger_claim(char **text, const struct sil_ledger *ledger,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_cumulative claim;
    struct sil_bytes out = {0};

    *text = NULL;
    sil_cumulative_init(&claim);
    SIL_TRY(sil_cumulative_find(&claim, sil_ledger_chain(ledger), err));
    SIL_TRY(sil_cumulative_say(&out, &claim, err));
    SIL_TRY(sil_bytes_append(&out, "", 1, err));
    *text = (char *)out.data;
    out = (struct sil_bytes){0};

cleanup:
    sil_cumulative_clear(&claim);
    sil_bytes_clear(&out);
    return status;
}

sil_status sil_ledger_check_unseen(const struct sil_ledger_place *place,
                                   const struct sil_bytes *genesis,
                                   struct sil_error *err)
{
    const struct sil_fs *fs = place->fs != NULL ? place->fs : &SIL_FS_POSIX;
    struct sil_bytes watermark = {0};
    struct sil_id id;
    bool present = false;
    if (place->state == NULL) {
        return SIL_OK;
    }
    sil_ledger_id(&id, genesis->data, genesis->length);
    sil_status status =
        sil_watermark_read(&watermark, &present, fs, place->state, id.bytes, err);
    sil_bytes_clear(&watermark);
    if (status != SIL_OK || !present) {
        return status;
    }
    return sil_refuse_ledger(err, "E-ROLLBACK",
                             "%s was a ledger already, and is not there: put its "
                             "folder back; a new one needs a new genesis",
                             place->directory);
}

/* ---- which table ---- */

sil_status sil_ledger_append_approved(struct sil_ledger *ledger, struct sil_body *body,
                                      const struct sil_secret_key *authority,
                                      struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes encoded = {0};
    struct sil_approval approval;

    SIL_TRY(sil_body_encode(&encoded, body, err));
    SIL_TRY(sil_ledger_approve_with(&approval, authority, &encoded, err));
    SIL_TRY(sil_ledger_append(ledger, &encoded, &approval, 1, NULL, err));

cleanup:
    sil_bytes_clear(&encoded);
    return status;
}

/* A ledger of one person that covers nothing yet: its first fit says what it is about. */
static bool waits_for_data(const struct sil_ledger *ledger)
{
    const struct sil_chain *chain = sil_ledger_chain(ledger);
    const struct sil_keyring *keyring = sil_ledger_keyring(ledger);
    return chain->n_data == 0 && chain->n_reserves == 0 &&
           chain->thresholds.authority == 1 &&
           sil_chain_has_invariant(chain, "roles-shared") && keyring != NULL &&
           sil_keyring_has(keyring, SIL_ROLE_AUTHORITY);
}

/* The first run's word, given under the lock: only there is it known to be the first. */
struct first_word {
    const struct sil_draft *given;
    bool *is_late;
};

static sil_status be_first(struct sil_bytes *body, const void *context,
                           const struct sil_ledger *ledger, uint64_t time,
                           struct sil_error *err)
{
    const struct first_word *word = context;
    *word->is_late = !waits_for_data(ledger);
    if (*word->is_late) {
        return sil_fail(err, SIL_ERR_INPUT, "another run was faster");
    }
    return word->given->fill(body, word->given->context, ledger, time, err);
}

static sil_status append_first(struct sil_ledger *ledger, bool *is_late,
                               const struct sil_bytes *encoded, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_secret_key *authority = NULL;
    struct sil_approval approval;

    SIL_TRY(sil_keyring_key(&authority, sil_ledger_keyring(ledger), SIL_ROLE_AUTHORITY,
                            err));
    SIL_TRY(sil_ledger_approve_with(&approval, authority, encoded, err));
    const struct sil_draft given = sil_ledger_draft(encoded, &approval, 1);
    const struct first_word word = {.given = &given, .is_late = is_late};
    struct sil_draft draft = given;
    draft.fill = be_first;
    draft.context = &word;
    SIL_TRY(sil_ledger_commit(ledger, &draft, NULL, err));

cleanup:
    return status;
}

static sil_status add_data(struct sil_ledger *ledger, bool *is_late,
                           const uint8_t commit[SIL_DATA_COMMIT_BYTES],
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes encoded = {0};
    struct sil_body body;

    sil_body_init(&body, SIL_ENTRY_DATA);
    body.ledger = sil_ledger_chain(ledger)->ledger;
    sil_id_random(&body.id);
    memcpy(body.data.data_commit, commit, SIL_DATA_COMMIT_BYTES);
    body.data.note = strdup("the table of the first run");
    if (body.data.note == NULL) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a data entry");
        goto cleanup;
    }
    SIL_TRY(sil_body_encode(&encoded, &body, err));
    SIL_TRY(append_first(ledger, is_late, &encoded, err));

cleanup:
    sil_bytes_clear(&encoded);
    sil_body_clear(&body);
    return status;
}

sil_status sil_ledger_admit(struct sil_ledger *ledger,
                            const uint8_t commit[SIL_DATA_COMMIT_BYTES],
                            struct sil_error *err)
{
    const char *directory = sil_ledger_where(ledger)->directory;
    bool is_late = false;
    if (sil_chain_covers(sil_ledger_chain(ledger), commit)) {
        return SIL_OK;
    }
    if (waits_for_data(ledger)) {
        sil_status status = add_data(ledger, &is_late, commit, err);
        if (!is_late || sil_chain_covers(sil_ledger_chain(ledger), commit)) {
            return is_late ? SIL_OK : status;
        }
    }
    return sil_fail(err, SIL_ERR_INPUT,
                    "the ledger %s is not about this table (every field counts, as the "
                    "file has it); if it is more data about the same people, the "
                    "authority approves: silhouette ledger data %s --add CSV",
                    directory, directory);
}
