// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/file.h"
#include "cli/ledger_open.h"
#include "cli/ledger_words.h"
#include "cli/options.h"
#include "cli/options_ledger.h"
#include "cli/report.h"
#include "codec/json.h"
#include "ledger/claim.h"
#include "ledger/pinned.h"
#include "ledger/refuse.h"
#include "ledger/witness.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static const struct sil_cli_option PINNED[] = {
    {.name = "pinned",
     .argument = "CHECKPOINT",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args, ledger.pinned),
     .help = "A checkpoint that you kept: the ledger must have grown from it"},
};

static const struct sil_cli_group GROUP = SIL_CLI_GROUP("Trust:", PINNED);

/* One line of the table: the check, what it proves, the result. */
struct table {
    struct sil_bytes words;
    json_t *checks;
};

static sil_status add(struct table *table, const char *id, const char *proves,
                      const char *result, struct sil_error *err)
{
    (void)json_array_append_new(
        table->checks,
        json_pack("{s:s, s:s, s:s}", "id", id, "proves", proves, "result", result));
    return sil_bytes_printf(&table->words, err, "%-10s %-58s %s\n", id, proves, result);
}

/* ---- a checkpoint that the reader kept ---- */

static sil_status check_pinned(const struct sil_chain *chain, const char *path,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    struct sil_checkpoint pinned;

    SIL_TRY(sil_file_read(&text, path, SIL_NOTE_BYTES_MAX, err));
    SIL_TRY(sil_pinned_read(&pinned, &text, path, chain, err));
    SIL_TRY(sil_pinned_check(&pinned, path, chain, err));
cleanup:
    sil_bytes_clear(&text);
    return status;
}

/* ---- witnesses ---- */

static sil_status check_witnesses(struct table *table, const struct sil_ledger *ledger,
                                  const struct sil_cli_args *args,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_policy *policy = NULL;
    struct sil_bytes note = {0};
    struct sil_policy_verdict verdict = {0};
    uint64_t size = 0;
    char result[64];

    SIL_TRY(sil_cli_policy(&policy, args->operand, args, err));
    if (policy == NULL) {
        SIL_TRY(add(table, "W1", "witnesses saw this history (--policy says which)",
                    "unwitnessed", err));
        goto cleanup;
    }
    SIL_TRY(sil_witness_newest(&note, &size, ledger, err));
    if (size > 0) {
        SIL_TRY(sil_policy_judge(&verdict, policy, (const char *)note.data, note.length,
                                 (uint64_t)time(NULL), err));
    }
    (void)snprintf(result, sizeof result, "%zu, of %" PRIu64 " entries",
                   verdict.n_witnesses, size);
    SIL_TRY(add(table, "W1", "witnesses of the policy saw this history", result, err));
    if (args->ledger.policy != NULL && !verdict.quorum) {
        status = sil_refuse_ledger(err, "W1",
                                   "the quorum of the policy is not reached: %zu "
                                   "witnesses",
                                   verdict.n_witnesses);
    }
cleanup:
    sil_bytes_clear(&note);
    sil_policy_free(policy);
    return status;
}

/* What opening has proved already, in the order of docs/ledger-format.md. */
static const struct {
    const char *id;
    const char *proves;
} OPENED[] = {
    {"F1-F7", "entries are whole, in their one form and order"       },
    {"K1-K6", "signed by keys that were valid then, approved in full"},
    {"B1-B8", "grants within the cap, spending within grants, exact" },
    {"R6",    "releases cite finished runs of this ledger"           },
    {"E",     "every checkpoint is of this one history"              },
};

static sil_status judge(struct table *table, const struct sil_ledger *ledger,
                        const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < sizeof OPENED / sizeof OPENED[0]; i++) {
        SIL_TRY(add(table, OPENED[i].id, OPENED[i].proves, "holds", err));
    }
    SIL_TRY(add(table, "K3", "one key, one role",
                sil_chain_has_invariant(sil_ledger_chain(ledger), "roles-shared")
                    ? "waived: roles shared"
                    : "holds",
                err));
    SIL_TRY(add(table, "F6", "it is the ledger that you were told of (--ledger-id)",
                args->ledger.ledger_id != NULL ? "holds" : "not asked", err));
    if (args->ledger.pinned != NULL) {
        SIL_TRY(check_pinned(sil_ledger_chain(ledger), args->ledger.pinned, err));
    }
    SIL_TRY(add(table, "W2", "it has grown from the checkpoint you kept (--pinned)",
                args->ledger.pinned != NULL ? "holds" : "not asked", err));
    SIL_TRY(check_witnesses(table, ledger, args, err));
cleanup:
    return status;
}

/* E-TAMPER and the like quote the rule that an entry breaks: the last id in brackets. */
static json_t *broken_rule(const struct sil_error *err)
{
    const char *open = strrchr(err->text, '[');
    const char *close = open == NULL ? NULL : strchr(open, ']');
    return close == NULL ? json_null()
                         : json_stringn(open + 1, (size_t)(close - open) - 1);
}

/* With --json a refusal is an answer too, with the id of the rule. */
static void answer_refusal(const struct sil_error *err)
{
    char id[16];
    struct sil_bytes text = {0};
    sil_refusal_id(id, err);
    json_t *object =
        json_pack("{s:i, s:b, s:s, s:o, s:o}", "schema", 1, "ok", 0, "id", id, "rule",
                  broken_rule(err), "message", sil_cli_report_text(err->text));
    if (object != NULL && sil_json_dump(&text, object, NULL) == SIL_OK) {
        /* The refusal itself is what is reported when this cannot be written. */
        sil_status ignored =
            sil_cli_write_text(NULL, (char *)text.data, text.length, NULL);
        (void)ignored;
    }
    json_decref(object);
    sil_bytes_clear(&text);
}

/* What policy files call the log: the key that signs checkpoints now. */
static sil_status log_key(struct sil_bytes *out, const struct sil_chain *chain,
                          const char *origin, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_note_key note;
    for (size_t i = 0; i < chain->n_keys; i++) {
        const struct sil_ledger_key *key = &chain->key[i].key;
        if (key->role == SIL_ROLE_LOG && chain->key[i].until == UINT64_MAX) {
            SIL_TRY(sil_note_key_make(&note, origin, SIL_NOTE_ED25519, key->public_key,
                                      err));
            out->length = 0;
            SIL_TRY(sil_note_key_print(out, &note, err));
        }
    }
cleanup:
    return status;
}

/* What all of it is about, as people read it. */
struct budget {
    char delta[SIL_CLI_NUMBER_BYTES];
    char cap_epsilon[SIL_CLI_NUMBER_BYTES];
    char cap_rho[SIL_CLI_NUMBER_BYTES];
    char spent_epsilon[SIL_CLI_NUMBER_BYTES];
    char spent_rho[SIL_CLI_NUMBER_BYTES];
};

static void print_budget(struct budget *out, const struct sil_cumulative *claim)
{
    sil_cli_number(out->delta, claim->delta.v, true);
    sil_cli_number(out->cap_epsilon, claim->cap.epsilon.v, true);
    sil_cli_number(out->cap_rho, claim->cap.rho.v, true);
    sil_cli_number(out->spent_epsilon, claim->reserved.epsilon.v, true);
    sil_cli_number(out->spent_rho, claim->reserved.rho.v, true);
}

/* And what makes the next look stronger. */
static sil_status say_budget(struct sil_bytes *out, const struct budget *budget,
                             const char *directory, struct sil_error *err)
{
    return sil_bytes_printf(
        out, err,
        "\nCap        epsilon %s at delta %s (rho %s)\n"
        "Spent      epsilon %s at delta %s (rho %s)\n"
        "\nKeep a copy of %s/checkpoint and give it as --pinned the next "
        "time:\nthen nobody can show you a shorter or another history.\n"
        "\nThe accounting holds. What it cannot show: that the noise was drawn as "
        "recorded\n(an auditor tests that), and tables about the same people outside "
        "this ledger.\n",
        budget->cap_epsilon, budget->delta, budget->cap_rho, budget->spent_epsilon,
        budget->delta, budget->spent_rho, directory);
}

/* Fractions are exact; epsilons are upper bounds in few digits. */
static json_t *as_json(const struct sil_chain *chain,
                       const struct sil_cumulative *claim, const char *origin,
                       const struct sil_bytes *log, json_t *checks)
{
    char lid[SIL_ID_TEXT];
    struct budget budget;
    sil_id_print(lid, &chain->ledger);
    print_budget(&budget, claim);
    return json_pack("{s:s, s:s, s:s%, s:I, s:o, s:s, s:o, s:s, s:o, s:O}", "ledger",
                     lid, "origin", origin, "log_key", log->data, log->length,
                     "entries", (json_int_t)chain->tree.size, "cap_rho",
                     sil_cli_rational_json(claim->cap.rho.v), "cap_epsilon",
                     budget.cap_epsilon, "spent_rho",
                     sil_cli_rational_json(claim->reserved.rho.v), "spent_epsilon",
                     budget.spent_epsilon, "delta",
                     sil_cli_rational_json(claim->delta.v), "checks", checks);
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    struct sil_bytes log = {0};
    struct table table = {.checks = json_array()};
    struct sil_cumulative claim;
    struct budget budget;
    char lid[SIL_ID_TEXT];
    char origin[SIL_ORIGIN_MAX + 1];

    sil_cumulative_init(&claim);

    SIL_TRY(sil_cli_ledger_read(&ledger, args->operand, args, err));
    const struct sil_chain *chain = sil_ledger_chain(ledger);
    sil_id_print(lid, &chain->ledger);
    SIL_TRY(sil_chain_origin(origin, chain, err));
    SIL_TRY(log_key(&log, chain, origin, err));
    SIL_TRY(sil_bytes_printf(&table.words, err,
                             "Ledger     %s\nLog        %.*s\nEntries    %" PRIu64
                             "\n\n%-10s %-58s %s\n",
                             lid, (int)log.length, (char *)log.data, chain->tree.size,
                             "Check", "What it proves", "Result"));
    SIL_TRY(judge(&table, ledger, args, err));
    SIL_TRY(sil_cumulative_find(&claim, chain, err));
    print_budget(&budget, &claim);
    SIL_TRY(say_budget(&table.words, &budget, args->operand, err));
    SIL_TRY(sil_cli_answer(as_json(chain, &claim, origin, &log, table.checks),
                           &table.words, err));
cleanup:
    if (status == SIL_ERR_CHECK && sil_cli_report_is_json()) {
        answer_refusal(err);
    }
    sil_cumulative_clear(&claim);
    json_decref(table.checks);
    sil_bytes_clear(&table.words);
    sil_bytes_clear(&log);
    sil_ledger_close(ledger);
    return status;
}

const struct sil_cli_command SIL_CLI_LEDGER_VERIFY = {
    .name = "ledger verify",
    .summary = "check a ledger as a stranger would",
    .about =
        "Verify every signature, every rule and every balance of a ledger from its "
        "files alone, and say what each check proves. Exits with 1 and the id of "
        "the rule when one does not hold.",
    .examples = "  silhouette ledger verify patients.ledger \\\n"
                "    --ledger-id 99ac991216020bfcca4040d04ec715d6 --pinned kept.note",
    .operand = "DIR",
    .groups = {&GROUP, &SIL_CLI_OPTIONS_POLICY, &SIL_CLI_OPTIONS_STATE},
    .run = run,
};
