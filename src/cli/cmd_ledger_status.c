// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/ledger_open.h"
#include "cli/ledger_words.h"
#include "cli/options.h"
#include "cli/options_ledger.h"
#include "cli/report.h"
#include "cli/words.h"
#include "ledger/claim.h"
#include "ledger/witness.h"
#include "privacy/convert.h"
#include "synth/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What is looked up once and told in both forms. */
struct status {
    const char *directory;
    const struct sil_chain *chain;
    struct sil_cumulative claim;
    struct sil_bytes sentence;     ///< the claim
    struct sil_bytes next_epsilon; ///< that fits the grant with most room; "0": none
    const struct sil_chain_grant *next_grant;
    struct sil_rho cap_left;
    struct sil_epsilon granted; ///< of all grants, at the delta of the claim's rho
    size_t n_dead;              ///< reserves that nothing came of
};

/* Witnesses count only by a policy, and only under the newest checkpoint. */
static sil_status count_witnesses(struct status *out, const struct sil_ledger *ledger,
                                  const struct sil_cli_args *args, uint64_t now,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_policy *policy = NULL;
    struct sil_bytes note = {0};
    struct sil_policy_verdict verdict = {0};
    uint64_t size = 0;

    SIL_TRY(sil_cli_policy(&policy, args->operand, args, err));
    SIL_TRY(sil_witness_newest(&note, &size, ledger, err));
    if (policy != NULL && size == out->chain->tree.size) {
        SIL_TRY(sil_policy_judge(&verdict, policy, (const char *)note.data, note.length,
                                 now, err));
    }
    out->claim.witnesses = verdict.n_witnesses;
cleanup:
    sil_bytes_clear(&note);
    sil_policy_free(policy);
    return status;
}

static sil_status look(struct status *out, const struct sil_ledger *ledger,
                       const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_delta delta;
    uint64_t now = (uint64_t)time(NULL);
    sil_delta_init(&delta);

    out->directory = args->operand;
    out->chain = sil_ledger_chain(ledger);
    SIL_TRY(sil_cumulative_find(&out->claim, out->chain, err));
    SIL_TRY(count_witnesses(out, ledger, args, now, err));
    SIL_TRY(sil_cumulative_say(&out->sentence, &out->claim, err));
    sil_chain_cap_left(&out->cap_left, &delta, out->chain);
    SIL_TRY(sil_epsilon_of_rho(&out->granted, &out->chain->granted,
                               &out->claim.report_delta, err));
    out->next_grant = sil_cli_roomiest(out->chain);
    if (out->next_grant != NULL) {
        SIL_TRY(sil_ledger_next_epsilon(&out->next_epsilon, out->chain, out->next_grant,
                                        err));
    }
    for (size_t i = 0; i < out->chain->n_reserves; i++) {
        out->n_dead += out->chain->reserve[i].n_measures == 0 ? 1 : 0;
    }
cleanup:
    sil_delta_clear(&delta);
    return status;
}

/* ---- words ---- */

static sil_status grants_words(struct sil_bytes *out, const struct sil_chain *chain,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t now = (uint64_t)time(NULL);
    struct sil_rho left;
    struct sil_delta delta;
    sil_rho_init(&left);
    sil_delta_init(&delta);
    for (size_t i = 0; i < chain->n_grants; i++) {
        const struct sil_chain_grant *grant = &chain->grant[i];
        char id[9];
        char whole[SIL_CLI_NUMBER_BYTES];
        char rest[SIL_CLI_NUMBER_BYTES];
        char until[SIL_CLI_UTC_BYTES];
        sil_chain_grant_left(&left, &delta, grant);
        sil_cli_short_id(id, &grant->id);
        sil_cli_number(whole, grant->rho.v, true);
        bool is_over = chain->closed || now > grant->expires;
        sil_cli_number(rest, is_over ? grant->reserved.v : left.v, is_over);
        sil_cli_utc(until, grant->expires);
        SIL_TRY(sil_bytes_printf(out, err,
                                 "Grant     %s: rho %s, of which %s %s, %s %s, "
                                 "for: %s\n",
                                 id, whole, rest, is_over ? "was spent" : "is left",
                                 now > grant->expires ? "expired" : "until", until,
                                 grant->purpose));
    }
cleanup:
    sil_rho_clear(&left);
    sil_delta_clear(&delta);
    return status;
}

static sil_status next_words(struct sil_bytes *out, const struct status *status,
                             struct sil_error *err)
{
    const char *epsilon = (const char *)status->next_epsilon.data;
    int length = (int)status->next_epsilon.length;
    bool fits = length > 0 && !(length == 1 && epsilon[0] == '0');
    if (status->chain->closed) {
        return sil_bytes_printf(
            out, err, "Next      the ledger is closed: nothing can be spent\n");
    }
    if (fits) {
        return sil_bytes_printf(
            out, err,
            "Next      a next run of at most epsilon %.*s fits:\n"
            "          silhouette synth --data CSV --schema JSON --ledger %s \\\n"
            "            --epsilon %.*s --out synthetic.csv\n",
            length, epsilon, status->directory, length, epsilon);
    }
    if (mpq_sgn(status->cap_left.v) > 0) {
        return sil_bytes_printf(
            out, err,
            "Next      no grant has room; a grant of what is left of the cap:\n"
            "          silhouette ledger grant %s --rho rest --purpose TEXT \\\n"
            "            --expires DATE --body grant.body\n",
            status->directory);
    }
    return sil_bytes_printf(
        out, err, "Next      the cap is spent for good: no run is possible any more\n");
}

/* "Granted   epsilon 1 at delta 1e-09 (rho 0.0149731)" */
static sil_status bound_words(struct sil_bytes *out, const char *name,
                              const struct sil_epsilon *epsilon,
                              const struct sil_rho *rho, const struct sil_delta *delta,
                              struct sil_error *err)
{
    char text[3][SIL_CLI_NUMBER_BYTES];
    sil_cli_number(text[0], epsilon->v, true);
    sil_cli_number(text[1], delta->v, true);
    sil_cli_number(text[2], rho->v, true);
    return sil_bytes_printf(out, err, "%-9s epsilon %s at delta %s (rho %s)", name,
                            text[0], text[1], text[2]);
}

/* The part of delta that learning unknown values may add, where the ledger keeps one. */
static sil_status discovery_words(struct sil_bytes *out, const struct sil_chain *chain,
                                  struct sil_error *err)
{
    char text[3][SIL_CLI_NUMBER_BYTES];
    if (mpq_sgn(chain->genesis.genesis.cap_delta.v) == 0) {
        return SIL_OK;
    }
    sil_cli_number(text[0], chain->genesis.genesis.cap_delta.v, true);
    sil_cli_number(text[1], chain->granted_delta.v, true);
    sil_cli_number(text[2], chain->reserved_delta.v, true);
    return sil_bytes_printf(out, err,
                            "Discovery %s of that delta: granted %s, spent %s\n",
                            text[0], text[1], text[2]);
}

static sil_status budget_words(struct sil_bytes *out, const struct status *of,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_chain *chain = of->chain;
    const struct sil_cumulative *claim = &of->claim;
    char left[SIL_CLI_NUMBER_BYTES];

    sil_cli_number(left, of->cap_left.v, false);
    SIL_TRY(bound_words(out, "Cap", &claim->cap.epsilon, &claim->cap.rho, &claim->delta,
                        err));
    SIL_TRY(chain->closed
                ? sil_bytes_printf(out, err, "\n")
                : sil_bytes_printf(out, err, ", not granted yet: rho %s\n", left));
    SIL_TRY(
        bound_words(out, "Granted", &of->granted, &chain->granted, &claim->delta, err));
    SIL_TRY(sil_bytes_printf(out, err, " in %zu grant%s\n", chain->n_grants,
                             chain->n_grants == 1 ? "" : "s"));
    SIL_TRY(bound_words(out, "Spent", &claim->reserved.epsilon, &claim->reserved.rho,
                        &claim->delta, err));
    SIL_TRY(sil_bytes_printf(out, err, " in %zu run%s", chain->n_reserves,
                             chain->n_reserves == 1 ? "" : "s"));
    SIL_TRY(of->n_dead == 0
                ? sil_bytes_printf(out, err, "\n")
                : sil_bytes_printf(out, err,
                                   ", of which %zu died or still run%s: spent all the "
                                   "same\n",
                                   of->n_dead, of->n_dead == 1 ? "s" : ""));
    SIL_TRY(sil_bytes_printf(out, err, "          epsilons do not add up; rho does\n"));
    SIL_TRY(discovery_words(out, chain, err));
cleanup:
    return status;
}

static sil_status words(struct sil_bytes *out, const struct status *status_of,
                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_chain *chain = status_of->chain;
    char lid[SIL_ID_TEXT];
    char time[SIL_CLI_UTC_BYTES];

    sil_id_print(lid, &chain->ledger);
    sil_cli_utc(time, chain->last_time);
    SIL_TRY(sil_bytes_printf(out, err,
                             "Ledger    %s\n"
                             "About     %s\n"
                             "Entries   %" PRIu64 ", the last of %s%s\n",
                             lid, chain->genesis.genesis.data_label, chain->tree.size,
                             time, chain->closed ? "; CLOSED" : ""));
    SIL_TRY(budget_words(out, status_of, err));
    SIL_TRY(grants_words(out, chain, err));
    SIL_TRY(sil_bytes_printf(out, err, "Claim     %.*s\n",
                             (int)status_of->sentence.length,
                             status_of->sentence.data));
    SIL_TRY(next_words(out, status_of, err));
cleanup:
    return status;
}

/* ---- JSON ---- */

static json_t *id_json(const struct sil_id *id)
{
    char text[SIL_ID_TEXT];
    sil_id_print(text, id);
    return json_string(text);
}

static json_t *grants_json(const struct sil_chain *chain)
{
    json_t *list = json_array();
    for (size_t i = 0; i < chain->n_grants; i++) {
        const struct sil_chain_grant *grant = &chain->grant[i];
        (void)json_array_append_new(
            list,
            json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:s}", "id", id_json(&grant->id),
                      "rho", sil_cli_rational_json(grant->rho.v), "spent_rho",
                      sil_cli_rational_json(grant->reserved.v), "discovery_delta",
                      sil_cli_rational_json(grant->delta.v), "spent_discovery_delta",
                      sil_cli_rational_json(grant->reserved_delta.v), "expires",
                      (json_int_t)grant->expires, "purpose", grant->purpose));
    }
    return list;
}

static json_t *reserves_json(const struct sil_chain *chain)
{
    json_t *list = json_array();
    for (size_t i = 0; i < chain->n_reserves; i++) {
        const struct sil_chain_reserve *reserve = &chain->reserve[i];
        (void)json_array_append_new(
            list,
            json_pack("{s:o, s:o, s:b, s:I}", "id", id_json(&reserve->id), "rho",
                      sil_cli_rational_json(reserve->rho.v), "finished",
                      reserve->n_measures > 0, "entry", (json_int_t)reserve->seq));
    }
    return list;
}

static json_t *as_json(const struct status *status)
{
    const struct sil_chain *chain = status->chain;
    char cap[SIL_CLI_NUMBER_BYTES];
    char granted[SIL_CLI_NUMBER_BYTES];
    char spent[SIL_CLI_NUMBER_BYTES];
    sil_cli_number(cap, status->claim.cap.epsilon.v, true);
    sil_cli_number(granted, status->granted.v, true);
    sil_cli_number(spent, status->claim.reserved.epsilon.v, true);
    json_t *next = status->next_epsilon.length == 0
                       ? json_null()
                       : json_stringn((char *)status->next_epsilon.data,
                                      status->next_epsilon.length);
    return json_pack(
        "{s:o, s:s, s:I, s:b, s:o, s:s, s:o, s:s, s:o, s:s, s:o, s:s, s:o, s:o, s:o, "
        "s:o, s:I, s:s%, s:o, s:o, s:o}",
        "ledger", id_json(&chain->ledger), "data_label",
        chain->genesis.genesis.data_label, "entries", (json_int_t)chain->tree.size,
        "closed", chain->closed, "unit", sil_json_unit(&status->claim.unit),
        "neighbours",
        status->claim.neighbours == SIL_ADD_REMOVE ? "add-remove" : "replace-one",
        "cap_rho", sil_cli_rational_json(chain->genesis.genesis.cap_rho.v),
        "cap_epsilon", cap, "granted_rho", sil_cli_rational_json(chain->granted.v),
        "granted_epsilon", granted, "spent_rho",
        sil_cli_rational_json(chain->reserved.v), "spent_epsilon", spent, "delta",
        sil_cli_rational_json(status->claim.delta.v), "cap_discovery_delta",
        sil_cli_rational_json(chain->genesis.genesis.cap_delta.v),
        "granted_discovery_delta", sil_cli_rational_json(chain->granted_delta.v),
        "spent_discovery_delta", sil_cli_rational_json(chain->reserved_delta.v),
        "witnesses", (json_int_t)status->claim.witnesses, "claim",
        status->sentence.data, status->sentence.length, "next_epsilon", next, "grants",
        grants_json(chain), "runs", reserves_json(chain));
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    struct sil_bytes text = {0};
    struct sil_bytes folded = {0};
    struct status found = {0};
    sil_cumulative_init(&found.claim);
    sil_rho_init(&found.cap_left);
    sil_epsilon_init(&found.granted);

    SIL_TRY(sil_cli_ledger_read(&ledger, args->operand, args, err));
    SIL_TRY(look(&found, ledger, args, err));
    SIL_TRY(words(&text, &found, err));
    SIL_TRY(sil_cli_wrap(&folded, (char *)text.data, text.length, err));
    SIL_TRY(sil_cli_answer(as_json(&found), &folded, err));
cleanup:
    sil_cumulative_clear(&found.claim);
    sil_rho_clear(&found.cap_left);
    sil_epsilon_clear(&found.granted);
    sil_bytes_clear(&found.sentence);
    sil_bytes_clear(&found.next_epsilon);
    sil_bytes_clear(&text);
    sil_bytes_clear(&folded);
    sil_ledger_close(ledger);
    return status;
}

const struct sil_cli_command SIL_CLI_LEDGER_STATUS = {
    .name = "ledger status",
    .summary = "what is granted, spent and left, and the claim",
    .about =
        "Verify the ledger and say what may still be spent, what everything released "
        "so far claims together, and what to type next.",
    .examples = "  silhouette ledger status patients.ledger",
    .operand = "DIR",
    .groups = {&SIL_CLI_OPTIONS_STATE, &SIL_CLI_OPTIONS_POLICY},
    .run = run,
};
