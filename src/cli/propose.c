// SPDX-License-Identifier: Apache-2.0
/* How a body comes before the authority, and what is typed to bring it back. */
#include "base/fail.h"
#include "cli/ledger_open.h"
#include "cli/ledger_words.h"
#include "cli/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the lines to type ---- */

/* A word of a command line, quoted when the shell would read more than a name. */
static sil_status add_word(struct sil_bytes *out, const char *word,
                           struct sil_error *err)
{
    static const char PLAIN[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=@%+";
    sil_status status = SIL_OK;
    if (strspn(word, PLAIN) == strlen(word)) {
        return sil_bytes_printf(out, err, "%s", word);
    }
    SIL_TRY(sil_bytes_printf(out, err, "'"));
    for (const char *c = word; *c != '\0'; c++) {
        SIL_TRY(*c == '\'' ? sil_bytes_printf(out, err, "'\\''")
                           : sil_bytes_append(out, c, 1, err));
    }
    SIL_TRY(sil_bytes_printf(out, err, "'"));
cleanup:
    return status;
}

static sil_status add_option(struct sil_bytes *out, const char *name, const char *value,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (value != NULL) {
        SIL_TRY(sil_bytes_printf(out, err, " \\\n    --%s ", name));
        SIL_TRY(add_word(out, value, err));
    }
cleanup:
    return status;
}

/* Who signs the entry that brings a new key of `role`: that key. Its file is the one of
 * the public key without .pub, where `key new' put it. */
static sil_status add_signer(struct sil_bytes *out, enum sil_role role,
                             const struct sil_body *body,
                             const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    char *secret = NULL;
    const char *name = sil_role_name(role);
    const char *given =
        role == SIL_ROLE_CURATOR ? args->ledger.curator : args->ledger.log;
    bool is_new = body->type == SIL_ENTRY_KEYSET && body->keyset.n_add == 1 &&
                  body->keyset.add[0].role == role && args->ledger.add != NULL;

    if (!is_new) {
        return add_option(out, name, given, err);
    }
    SIL_TRY(sil_cli_copy(&secret, args->ledger.add, err));
    size_t length = strlen(secret);
    if (length > 4 && strcmp(secret + length - 4, ".pub") == 0) {
        secret[length - 4] = '\0';
    }
    bool is_there = strcmp(secret, args->ledger.add) != 0 && access(secret, F_OK) == 0;
    SIL_TRY(add_option(out, name, is_there ? secret : "NEW.key", err));
cleanup:
    free(secret);
    return status;
}

static sil_status add_approval(struct sil_bytes *out, const struct sil_body *body,
                               uint64_t n_needed, const struct sil_cli_args *args,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(out, err,
                             "\nThen, back here:\n"
                             "  silhouette ledger approve "));
    SIL_TRY(add_word(out, args->operand, err));
    SIL_TRY(sil_bytes_printf(out, err, " --body "));
    SIL_TRY(add_word(out, args->ledger.body, err));
    SIL_TRY(sil_bytes_printf(out, err, " \\\n    --sig"));
    for (uint64_t i = 0; i < n_needed && i < SIL_CLI_LIST_MAX; i++) {
        SIL_TRY(sil_bytes_printf(out, err, " %c.minisig", (char)('A' + (int)i)));
    }
    SIL_TRY(add_signer(out, SIL_ROLE_CURATOR, body, args, err));
    SIL_TRY(add_signer(out, SIL_ROLE_LOG, body, args, err));
    SIL_TRY(add_option(out, "passphrase-file", args->ledger.passphrase_file, err));
    SIL_TRY(add_option(out, "state", args->ledger.state, err));
    SIL_TRY(sil_bytes_printf(out, err, "\n"));
cleanup:
    return status;
}

static sil_status add_signing(struct sil_bytes *out, const char *path,
                              const char *comment, uint64_t n_needed,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(n_needed == 1
                ? sil_bytes_printf(out, err,
                                   "\nOn the authority's own machine, with its own "
                                   "key, A standing for its name:\n")
                : sil_bytes_printf(out, err,
                                   "\nEach of %" PRIu64
                                   " authorities, on its own machine and "
                                   "with its own key,\nits name in the place of A:\n",
                                   n_needed));
    SIL_TRY(sil_bytes_printf(out, err, "  minisign -S -s A.key -m "));
    SIL_TRY(add_word(out, path, err));
    SIL_TRY(sil_bytes_printf(out, err, " -x A.minisig \\\n    -t '%s'\n", comment));
cleanup:
    return status;
}

static bool changes_authorities(const struct sil_body *body)
{
    if (body->type != SIL_ENTRY_KEYSET) {
        return false;
    }
    bool adds = false;
    for (size_t i = 0; i < body->keyset.n_add; i++) {
        adds |= body->keyset.add[i].role == SIL_ROLE_AUTHORITY;
    }
    return adds || body->keyset.has_thresholds;
}

/* ---- writing a body ---- */

static sil_status write_body(const struct sil_bytes *encoded,
                             const struct sil_body *body, uint64_t n_needed,
                             const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes words = {0};
    char comment[SIL_COMMENT_MAX + 1];
    const char *path = args->ledger.body;

    SIL_TRY(sil_body_comment(comment, body, err));
    SIL_TRY(
        sil_cli_write_text(path, (const char *)encoded->data, encoded->length, err));
    SIL_TRY(sil_bytes_printf(
        &words, err, "To be approved, in %s (no more than these bytes):\n      ",
        path));
    SIL_TRY(sil_cli_body_words(&words, body, err));
    SIL_TRY(add_signing(&words, path, comment, n_needed, err));
    if (changes_authorities(body)) {
        SIL_TRY(sil_bytes_printf(
            &words, err,
            "\nAs many must approve as the ledger asks for before this entry, and as "
            "many of\nthe authorities after it: name all their signatures.\n"));
    }
    SIL_TRY(add_approval(&words, body, n_needed, args, err));
    SIL_TRY(sil_cli_answer(
        json_pack("{s:s, s:o, s:s, s:o}", "type", sil_entry_type_name(body->type),
                  "body", sil_cli_report_text(path), "trusted_comment", comment,
                  "ledger", sil_cli_report_text(args->operand)),
        &words, err));
cleanup:
    sil_bytes_clear(&words);
    return status;
}

sil_status sil_cli_body_is_new(const char *path, struct sil_error *err)
{
    struct stat found;
    if (stat(path, &found) == 0 && S_ISREG(found.st_mode)) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "%s is there already: a body that was sent for signing would "
                        "be lost; name another file with --body",
                        path);
    }
    return SIL_OK;
}

sil_status sil_cli_write_proposal(const struct sil_bytes *encoded,
                                  const struct sil_body *body, uint64_t n_needed,
                                  const struct sil_cli_args *args,
                                  struct sil_error *err)
{
    sil_status status = sil_cli_body_is_new(args->ledger.body, err);
    return status == SIL_OK ? write_body(encoded, body, n_needed, args, err) : status;
}

static sil_status write_proposal(struct sil_body *body, uint64_t n_needed,
                                 const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes encoded = {0};
    SIL_TRY(sil_body_encode(&encoded, body, err));
    SIL_TRY(sil_cli_write_proposal(&encoded, body, n_needed, args, err));
cleanup:
    sil_bytes_clear(&encoded);
    return status;
}

/* ---- one person ---- */

static sil_status has_authority(bool *out, const char *directory, struct sil_error *err)
{
    sil_status status = SIL_OK;
    char *path = NULL;
    SIL_TRY(sil_keys_path(&path, directory, "authority.key", err));
    *out = access(path, F_OK) == 0;
cleanup:
    free(path);
    return status;
}

/* One person who is authority and curator at once has nobody to send a body to. */
static sil_status approve_at_once(struct sil_body *body,
                                  const struct sil_cli_args *args,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    const struct sil_secret_key *authority = NULL;

    SIL_TRY(sil_cli_ledger_write(&ledger, args->operand, args, err));
    SIL_TRY(sil_keyring_key(&authority, sil_ledger_keyring(ledger), SIL_ROLE_AUTHORITY,
                            err));
    SIL_TRY(sil_ledger_append_approved(ledger, body, authority, err));
    SIL_TRY(sil_cli_say_appended(ledger, err));
cleanup:
    sil_ledger_close(ledger);
    return status;
}

/* A keyset that changes the threshold must reach both. */
static uint64_t approvals_needed(const struct sil_chain *chain,
                                 const struct sil_body *body)
{
    uint64_t now = chain->thresholds.authority;
    bool is_raised = body->type == SIL_ENTRY_KEYSET && body->keyset.has_thresholds &&
                     body->keyset.thresholds.authority > now;
    return is_raised ? body->keyset.thresholds.authority : now;
}

sil_status sil_cli_propose(struct sil_body *body, const struct sil_cli_args *args,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    bool is_alone = false;

    SIL_TRY(sil_cli_ledger_read(&ledger, args->operand, args, err));
    body->ledger = sil_ledger_chain(ledger)->ledger;
    uint64_t n_needed = approvals_needed(sil_ledger_chain(ledger), body);
    sil_id_random(&body->id);
    sil_ledger_close(ledger);
    ledger = NULL;
    if (args->ledger.body != NULL) {
        SIL_TRY(write_proposal(body, n_needed, args, err));
        goto cleanup;
    }
    SIL_TRY(has_authority(&is_alone, args->operand, err));
    if (!is_alone || n_needed != 1) {
        status = sil_fail(
            err, SIL_ERR_USAGE,
            "--body=FILE is needed: it writes what the authority must approve");
        goto cleanup;
    }
    SIL_TRY(approve_at_once(body, args, err));
cleanup:
    sil_ledger_close(ledger);
    return status;
}
