// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger_open.h"

#include "base/fail.h"
#include "base/file.h"
#include "cli/ledger_words.h"
#include "cli/report.h"
#include "codec/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- opening ---- */

sil_status sil_cli_ledger_id(struct sil_id *out, bool *given,
                             const struct sil_cli_args *args, struct sil_error *err)
{
    *given = args->ledger.ledger_id != NULL;
    if (*given && !sil_id_parse(out, args->ledger.ledger_id)) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--ledger-id: '%.40s' is not 32 lower-case hex digits",
                        args->ledger.ledger_id);
    }
    return SIL_OK;
}

/* Who witnessed and who holds which keys is part of every claim: no news. */
static bool is_in_claim(const char *note)
{
    return strncmp(note, "[W1]", 4) == 0 || strncmp(note, "[K3]", 4) == 0;
}

void sil_cli_warn_unlocked(bool is_locked)
{
    static bool is_said;
    if (!is_locked && !is_said) {
        is_said = true;
        sil_cli_report_warning(
            "the memory of secret keys cannot be locked, and may be written to the "
            "swap: `ulimit -l' says how much may be locked");
    }
}

void sil_cli_ledger_warn(const struct sil_ledger *ledger)
{
    const struct sil_keyring *keyring = sil_ledger_keyring(ledger);
    sil_cli_warn_unlocked(keyring == NULL || sil_keyring_is_locked(keyring));
    for (size_t i = 0; i < sil_ledger_n_notes(ledger); i++) {
        if (!is_in_claim(sil_ledger_note(ledger, i))) {
            sil_cli_report_warning(sil_ledger_note(ledger, i));
        }
    }
}

sil_status sil_cli_ledger_is_there(const char *directory, struct sil_error *err)
{
    if (access(directory, F_OK) == 0) {
        return SIL_OK;
    }
    return sil_fail(err, SIL_ERR_IO, "there is no ledger at %s", directory);
}

sil_status sil_cli_ledger_read(struct sil_ledger **out, const char *directory,
                               const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_id expected;
    bool given = false;
    char *state = NULL;
    struct sil_ledger_place place = sil_ledger_place(directory);
    *out = NULL;

    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_cli_ledger_is_there(directory, err));
    SIL_TRY(sil_cli_ledger_id(&expected, &given, args, err));
    status = sil_state_directory(&state, args->ledger.state, err);
    /* Whoever only looks may have no home: there is then nothing remembered. */
    SIL_TRY(status == SIL_ERR_USAGE ? SIL_OK : status);
    place.state = state;
    SIL_TRY(sil_ledger_open_with(out, &place, SIL_LEDGER_READ, NULL,
                                 given ? &expected : NULL, err));
    sil_cli_ledger_warn(*out);
cleanup:
    free(state);
    return status;
}

sil_status sil_cli_ledger_write(struct sil_ledger **out, const char *directory,
                                const struct sil_cli_args *args, struct sil_error *err)
{
    struct sil_ledger_options options = sil_ledger_defaults();
    options.directory = directory;
    options.state = args->ledger.state;
    options.curator = args->ledger.curator;
    options.log = args->ledger.log;
    options.vault = args->ledger.vault;
    options.passphrase_file = args->ledger.passphrase_file;
    options.accept_clock = args->ledger.accept_clock;
    sil_status status = sil_ledger_open(out, &options, err);
    if (status == SIL_OK) {
        sil_cli_ledger_warn(*out);
    }
    return status;
}

sil_status sil_cli_find_id(size_t *index, const char *digits, const void *ids, size_t n,
                           size_t stride, const char *what, struct sil_error *err)
{
    size_t n_found = 0;
    size_t length = strlen(digits);
    for (size_t i = 0; i < n; i++) {
        char text[SIL_ID_TEXT];
        sil_id_print(text, (const void *)((const char *)ids + i * stride));
        if (length > 0 && strncmp(text, digits, length) == 0) {
            *index = i;
            n_found++;
        }
    }
    if (n_found == 1) {
        return SIL_OK;
    }
    return sil_fail(err, SIL_ERR_USAGE,
                    n_found == 0 ? "there is no %s '%.40s' in this ledger: silhouette "
                                   "ledger log lists them"
                                 : "more than one %s begins with '%.40s': give more "
                                   "digits",
                    what, digits);
}

bool sil_cli_grant_is_open(const struct sil_chain *chain,
                           const struct sil_chain_grant *grant)
{
    return !chain->closed && (uint64_t)time(NULL) <= grant->expires &&
           mpq_cmp(grant->reserved.v, grant->rho.v) < 0;
}

const struct sil_chain_grant *sil_cli_roomiest(const struct sil_chain *chain)
{
    const struct sil_chain_grant *best = NULL;
    struct sil_rho left;
    struct sil_rho most;
    struct sil_delta delta;
    sil_rho_init(&left);
    sil_rho_init(&most);
    sil_delta_init(&delta);
    for (size_t i = 0; i < chain->n_grants; i++) {
        sil_chain_grant_left(&left, &delta, &chain->grant[i]);
        if (sil_cli_grant_is_open(chain, &chain->grant[i]) &&
            mpq_cmp(left.v, most.v) > 0) {
            mpq_set(most.v, left.v);
            best = &chain->grant[i];
        }
    }
    sil_rho_clear(&left);
    sil_rho_clear(&most);
    sil_delta_clear(&delta);
    return best;
}

sil_status sil_cli_find_key(size_t *index, const char *digits,
                            const struct sil_chain *chain, struct sil_error *err)
{
    size_t n_found = 0;
    size_t length = strlen(digits);
    for (size_t i = 0; i < chain->n_keys; i++) {
        char text[SIL_ID_TEXT];
        sil_id_print(text, &chain->key[i].key.id);
        if (length > 0 && strncmp(text, digits, length) == 0) {
            *index = i;
            n_found++;
        }
    }
    if (n_found == 1) {
        return SIL_OK;
    }
    return sil_fail(err, SIL_ERR_USAGE,
                    n_found == 0 ? "there is no key '%.40s' in this ledger: silhouette "
                                   "ledger log lists them"
                                 : "more than one key begins with '%.40s': give more "
                                   "digits",
                    digits);
}

sil_status sil_cli_copy(char **out, const char *text, struct sil_error *err)
{
    *out = strdup(text);
    return *out == NULL ? sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a text")
                        : SIL_OK;
}

sil_status sil_cli_policy(struct sil_policy **out, const char *directory,
                          const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    char *beside = NULL;
    const char *path = args->ledger.policy;
    *out = NULL;

    if (path == NULL) {
        SIL_TRY(sil_keys_path(&beside, directory, "policy", err));
        path = access(beside, F_OK) == 0 ? beside : NULL;
    }
    if (path != NULL) {
        SIL_TRY(sil_file_read(&text, path, SIL_POLICY_BYTES_MAX, err));
        status = sil_policy_parse(out, (const char *)text.data, text.length, err);
        SIL_TRY(status == SIL_OK ? SIL_OK : sil_fail_within(err, status, "%s", path));
    }
cleanup:
    sil_bytes_clear(&text);
    free(beside);
    return status;
}

/* ---- answering ---- */

sil_status sil_cli_answer(json_t *members, struct sil_bytes *words,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    if (!sil_cli_report_is_json()) {
        json_decref(members);
        return sil_cli_write_words(NULL, words, err);
    }
    json_t *object = json_pack("{s:i, s:b}", "schema", 1, "ok", 1);
    if (members == NULL || object == NULL || json_object_update(object, members) != 0) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: the answer");
        goto cleanup;
    }
    SIL_TRY(sil_json_dump(&text, object, err));
    SIL_TRY(sil_cli_write_text(NULL, (char *)text.data, text.length, err));
cleanup:
    json_decref(object);
    json_decref(members);
    sil_bytes_clear(&text);
    return status;
}

sil_status sil_cli_answer_file(const char *name, const struct sil_bytes *text,
                               const char *path, struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool has_path = path != NULL && strcmp(path, "-") != 0;
    if (has_path || !sil_cli_report_is_json()) {
        SIL_TRY(sil_cli_write_text(path, (char *)text->data, text->length, err));
    }
    if (sil_cli_report_is_json()) {
        json_t *value = has_path ? sil_cli_report_text(path)
                                 : json_stringn((char *)text->data, text->length);
        SIL_TRY(sil_cli_answer(json_pack("{s:o}", has_path ? "file" : name, value),
                               NULL, err));
    }
cleanup:
    return status;
}

sil_status sil_cli_say_appended(const struct sil_ledger *ledger, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes words = {0};
    struct sil_entry entry = {0};
    uint64_t seq = sil_ledger_chain(ledger)->tree.size - 1;
    const struct sil_bytes *bytes = sil_ledger_entry(ledger, seq);

    SIL_TRY(sil_entry_parse(&entry, bytes->data, bytes->length, seq, err));
    SIL_TRY(sil_bytes_printf(&words, err, "Recorded:\n"));
    SIL_TRY(sil_cli_entry_words(&words, &entry, sil_ledger_chain(ledger), err));
    SIL_TRY(sil_cli_answer(sil_cli_entry_json(&entry), &words, err));
cleanup:
    sil_entry_clear(&entry);
    sil_bytes_clear(&words);
    return status;
}
