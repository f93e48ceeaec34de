// SPDX-License-Identifier: Apache-2.0
#include "cli/spending.h"

#include "base/fail.h"
#include "base/memory.h"
#include "cli/ledger_open.h"
#include "cli/ledger_words.h"
#include "cli/report.h"
#include "crypto/hash.h"
#include "ledger/claim.h"
#include "num/rational.h"
#include "synth/terms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char SUFFIX[] = ".ledger";

sil_status sil_cli_spending_check(const struct sil_cli_args *args,
                                  struct sil_error *err)
{
    if (args->no_ledger && args->ledger.directory != NULL) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--ledger and --no-ledger exclude each other");
    }
    if (args->no_ledger && args->ledger.grant != NULL) {
        return sil_fail(err, SIL_ERR_USAGE, "--grant belongs to a ledger");
    }
    if (args->delta == NULL && args->no_ledger) {
        return sil_fail(err, SIL_ERR_USAGE, "--delta is missing: give --delta=D");
    }
    if (!args->no_ledger && args->ledger.directory == NULL &&
        strcmp(args->data, "-") == 0) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "a table from the standard input has no ledger beside it: name "
                        "one with --ledger=DIR, or say --no-ledger");
    }
    return SIL_OK;
}

enum { LABEL_DIGITS = 8 };

/* What the data are called is in everything that is released, and the name of a file may
 * be nobody's business: nobody has given them a name, so they get one that means nothing
 * and that no other ledger has. */
static void make_label(char label[32])
{
    struct sil_id id;
    char digits[SIL_ID_TEXT];
    sil_id_random(&id);
    sil_id_print(digits, &id);
    (void)snprintf(label, 32, "unnamed-%.*s", LABEL_DIGITS, digits);
}

/* What the first run must say, since there is no ledger that would know it. */
static sil_status check_first(const struct sil_cli_spending *spending,
                              const struct sil_cli_args *args, struct sil_error *err)
{
    if (args->delta == NULL) {
        return sil_fail(
            err, SIL_ERR_USAGE,
            "--delta is missing: the first run opens the ledger %s with its "
            "own budget; give --delta=D",
            spending->directory);
    }
    if (args->ledger.grant != NULL) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--grant names a grant of a ledger, and %s is not there yet",
                        spending->directory);
    }
    return SIL_OK;
}

enum { DECIMAL_BYTES = 600 };

/* A decimal over ten, to the last digit: a parser has found it good. */
static void a_tenth(char out[DECIMAL_BYTES], const char *decimal)
{
    size_t length = strcspn(decimal, "eE");
    long exponent =
        decimal[length] == '\0' ? 0 : strtol(decimal + length + 1, NULL, 10);
    (void)snprintf(out, DECIMAL_BYTES, "%.*se%ld", (int)length, decimal, exponent - 1);
}

/* What sil_ledger_maker asks for. */
static sil_status make_beside(struct sil_ledger **out, void *context,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_cli_spending *spending = context;
    const struct sil_cli_args *args = spending->args;
    char label[32];
    char text[sizeof err->text];
    char *state = NULL;
    char tenth[DECIMAL_BYTES];
    struct sil_quickstart options = sil_quickstart_defaults(spending->directory);

    SIL_TRY(sil_crypto_start(err));
    make_label(label);
    options.data_label = label;
    options.cap_epsilon = args->epsilon;
    options.cap_delta = args->delta;
    options.discovery_delta = args->ledger.discovery_delta;
    if (options.discovery_delta == NULL && spending->has_open) {
        a_tenth(tenth, args->delta);
        options.discovery_delta = tenth;
    }
    options.unit = args->ledger.unit;
    options.place.accept_clock = args->ledger.accept_clock;
    if (args->neighbours != 0) {
        options.neighbours = (enum sil_neighbours)(args->neighbours - 1);
    }
    SIL_TRY(sil_state_directory(&state, args->ledger.state, err));
    options.place.state = state;
    SIL_TRY(sil_ledger_quickstart(&spending->ledger, &options, err));
    *out = spending->ledger;
    sil_cli_ledger_warn(spending->ledger);
    (void)snprintf(text, sizeof text,
                   "%s was opened with the budget of this run, and its keys, not "
                   "encrypted, lie in %s.keys; releases will call the data %s: for "
                   "another name, more than one run, or more than one person, see "
                   "silhouette ledger quickstart --help",
                   spending->directory, spending->directory, label);
    if (!args->quiet) {
        sil_cli_report_warning(text);
    }
cleanup:
    free(state);
    return status;
}

static sil_status find_grant(struct sil_cli_spending *out,
                             const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t index = 0;
    const struct sil_chain *chain = sil_ledger_chain(out->ledger);
    if (args->ledger.grant == NULL) {
        return SIL_OK;
    }
    SIL_TRY(sil_cli_find_id(&index, args->ledger.grant, chain->grant, chain->n_grants,
                            sizeof *chain->grant, "grant", err));
    sil_id_print(out->grant, &chain->grant[index].id);
cleanup:
    return status;
}

/* A budget at another delta is a good one; but the ledger has its own, and says of all runs
 * together what they cost there. */
static void warn_of_delta(const struct sil_cli_spending *spending,
                          const struct sil_cli_args *args)
{
    const struct sil_genesis *genesis =
        &sil_ledger_chain(spending->ledger)->genesis.genesis;
    char own[SIL_CLI_NUMBER_BYTES];
    char text[sizeof((struct sil_error *)0)->text];
    mpq_t given;
    mpq_t whole; /* what a run with a discovery means by delta */
    mpq_inits(given, whole, NULL);
    mpq_add(whole, genesis->report_delta.v, genesis->cap_delta.v);
    if (args->delta != NULL &&
        sil_rational_parse(given, args->delta, 0, "delta", NULL) == SIL_OK &&
        mpq_equal(given, genesis->report_delta.v) == 0 &&
        mpq_equal(given, whole) == 0) {
        sil_cli_number(own, genesis->report_delta.v, true);
        (void)snprintf(
            text, sizeof text,
            "--delta %.40s is not the delta of the ledger, %s: this run pays "
            "for its epsilon at delta %.40s, and what the ledger claims of "
            "all runs is at delta %s; without --delta the ledger's is meant",
            args->delta, own, args->delta, own);
        sil_cli_report_warning(text);
    }
    mpq_clears(given, whole, NULL);
}

/* With the command for a ledger that this run would be paid from. */
static sil_status refuse_missing(const struct sil_cli_spending *spending,
                                 struct sil_error *err)
{
    const struct sil_cli_args *args = spending->args;
    const char *neighbours =
        args->neighbours == 0
            ? NULL
            : sil_neighbours_name((enum sil_neighbours)(args->neighbours - 1));
    const char *discovery = args->ledger.discovery_delta;
    char tenth[DECIMAL_BYTES] = "D2";
    if (discovery == NULL && spending->has_open) {
        if (args->delta != NULL) {
            a_tenth(tenth, args->delta);
        }
        discovery = tenth;
    }
    return sil_fail(
        err, SIL_ERR_IO,
        "there is no ledger %s; if the name is right: "
        "silhouette ledger quickstart %s --data-label LABEL --cap-epsilon %s --cap-delta %s%s%s%s%s%s%s",
        spending->directory, spending->directory, args->epsilon,
        args->delta != NULL ? args->delta : "D",
        discovery != NULL ? " --discovery-delta " : "",
        discovery != NULL ? discovery : "", args->ledger.unit != NULL ? " --unit " : "",
        args->ledger.unit != NULL ? args->ledger.unit : "",
        neighbours != NULL ? " --neighbours " : "",
        neighbours != NULL ? neighbours : "");
}

sil_status sil_cli_spending_open(struct sil_cli_spending *out,
                                 const struct sil_cli_args *args, bool has_open,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    *out = (struct sil_cli_spending){.args = args, .has_open = has_open};
    if (args->no_ledger) {
        return SIL_OK;
    }
    const char *stem =
        args->ledger.directory != NULL ? args->ledger.directory : args->data;
    const char *suffix = args->ledger.directory != NULL ? "" : SUFFIX;
    size_t bytes = strlen(stem) + sizeof SUFFIX;
    SIL_TRY(sil_alloc(&out->directory, bytes, 1, "a name", err));
    (void)snprintf(out->directory, bytes, "%s%s", stem, suffix);
    bool is_there = args->ledger.directory != NULL || access(out->directory, F_OK) == 0;
    if (is_there && access(out->directory, F_OK) != 0) {
        status = refuse_missing(out, err);
        goto cleanup;
    }
    if (is_there) {
        SIL_TRY(sil_cli_ledger_write(&out->ledger, out->directory, args, err));
        SIL_TRY(find_grant(out, args, err));
        warn_of_delta(out, args);
    } else {
        SIL_TRY(check_first(out, args, err));
    }
cleanup:
    if (status != SIL_OK) {
        sil_cli_spending_close(out);
    }
    return status;
}

void sil_cli_spending_tell(struct sil_fit_options *options,
                           struct sil_cli_spending *spending)
{
    options->ledger = spending->ledger;
    options->grant = spending->grant[0] == '\0' ? NULL : spending->grant;
    if (spending->ledger == NULL && !options->unledgered) {
        options->new_ledger =
            (struct sil_ledger_maker){.make = make_beside, .context = spending};
    }
}

/* ---- advice ---- */

/* What a refused run could ask for instead. */
struct fitting {
    const struct sil_chain_grant *grant;
    char epsilon[32]; ///< as text to type; "" or "0": none
};

static void fit_into(struct fitting *out, const struct sil_chain *chain,
                     const struct sil_chain_grant *grant)
{
    struct sil_bytes text = {0};
    *out = (struct fitting){.grant = grant};
    if (grant != NULL && sil_cli_grant_is_open(chain, grant) &&
        sil_ledger_next_epsilon(&text, chain, grant, NULL) == SIL_OK) {
        (void)snprintf(out->epsilon, sizeof out->epsilon, "%.*s", (int)text.length,
                       (char *)text.data);
    }
    sil_bytes_clear(&text);
}

static bool fits(const struct fitting *fitting)
{
    return fitting->epsilon[0] != '\0' && strcmp(fitting->epsilon, "0") != 0;
}

/* The grant that was named comes first, another one only when that one is empty. */
static void find_fitting(struct fitting *out, const struct sil_chain *chain,
                         const char *named)
{
    struct sil_id id;
    *out = (struct fitting){0};
    if (sil_id_parse(&id, named)) {
        fit_into(out, chain, sil_chain_find_grant(chain, &id));
    }
    if (!fits(out)) {
        fit_into(out, chain, sil_cli_roomiest(chain));
    }
}

static void list_grants(const struct sil_cli_spending *spending, struct sil_error *err)
{
    enum { LISTED = 4 };
    const struct sil_chain *chain = sil_ledger_chain(spending->ledger);
    char text[sizeof err->text];
    size_t n_open = 0;
    (void)snprintf(text, sizeof text, "%.120s:", err->text);
    for (size_t i = 0; i < chain->n_grants; i++) {
        const struct sil_chain_grant *grant = &chain->grant[i];
        size_t used = strlen(text);
        char id[9];
        char until[SIL_CLI_UTC_BYTES];
        if (!sil_cli_grant_is_open(chain, grant) || n_open++ >= LISTED) {
            continue;
        }
        sil_cli_short_id(id, &grant->id);
        sil_cli_utc(until, grant->expires);
        (void)snprintf(text + used, sizeof text - used, "%s %s (for '%.30s', until %s)",
                       n_open == 1 ? "" : ",", id, grant->purpose, until);
    }
    size_t used = strlen(text);
    if (n_open > LISTED) {
        (void)snprintf(text + used, sizeof text - used,
                       ", and more: silhouette ledger status %.60s",
                       spending->directory);
    }
    (void)sil_fail(err, SIL_ERR_USAGE, "%s", text);
}

/* Nothing is left, and nothing can be granted: what is possible all the same. */
static void say_spent(const struct sil_cli_spending *spending, struct sil_error *err)
{
    const struct sil_chain *chain = sil_ledger_chain(spending->ledger);
    const char *directory = spending->directory;
    struct sil_cumulative claim;
    char epsilon[SIL_CLI_NUMBER_BYTES];
    char delta[SIL_CLI_NUMBER_BYTES];
    bool has_expired = false;

    sil_cumulative_init(&claim);
    if (sil_cumulative_find(&claim, chain, NULL) == SIL_OK) {
        for (size_t i = 0; i < chain->n_grants; i++) {
            has_expired |=
                (uint64_t)time(NULL) > chain->grant[i].expires &&
                mpq_cmp(chain->grant[i].reserved.v, chain->grant[i].rho.v) < 0;
        }
        sil_cli_number(epsilon, claim.cap.epsilon.v, true);
        sil_cli_number(delta, claim.delta.v, true);
        (void)sil_fail(err, SIL_ERR_BUDGET,
                       "%s allows epsilon %s at delta %s in all, and that is spent%s: "
                       "silhouette ledger grant %s would be refused. Rows from a kept "
                       "model are free: silhouette sample --model M. More budget is a "
                       "new promise about the same people: silhouette ledger "
                       "quickstart NEW --parent %s ..., then --ledger NEW",
                       directory, epsilon, delta, has_expired ? " or has expired" : "",
                       directory, directory);
    }
    sil_cumulative_clear(&claim);
}

static void advise_budget(const struct sil_cli_spending *spending,
                          struct sil_error *err)
{
    char cause[sizeof err->text];
    char which[32] = "";
    struct fitting fitting;
    const struct sil_chain *chain = sil_ledger_chain(spending->ledger);
    bool has_room = mpq_cmp(chain->granted.v, chain->genesis.genesis.cap_rho.v) < 0;
    (void)snprintf(cause, sizeof cause, "%.220s", err->text);
    find_fitting(&fitting, chain, spending->grant);
    if (fits(&fitting)) {
        if (chain->n_grants > 1) {
            char id[9];
            sil_cli_short_id(id, &fitting.grant->id);
            (void)snprintf(which, sizeof which, "--grant %s ", id);
        }
        (void)sil_fail(err, SIL_ERR_BUDGET,
                       "%s; %s--epsilon %s fits, and %s: silhouette ledger status %s",
                       cause, which, fitting.epsilon,
                       has_room ? "the authority can grant more of the cap"
                                : "the whole cap is granted",
                       spending->directory);
    } else if (has_room) {
        (void)sil_fail(
            err, SIL_ERR_BUDGET,
            "%s; the authority can grant what is left of the cap: silhouette "
            "ledger grant %s --rho rest --purpose TEXT --expires DATE --body "
            "grant.body",
            cause, spending->directory);
    } else {
        say_spent(spending, err);
    }
}

/* A new ledger keeps the unit and the neighbours of the one that it succeeds. */
static void cite_parent(const struct sil_cli_spending *spending, const char *rest,
                        struct sil_error *err)
{
    char cause[sizeof err->text];
    size_t length = (size_t)(rest - err->text);
    (void)snprintf(cause, sizeof cause, "%s", err->text);
    (void)sil_fail(err, SIL_ERR_BUDGET, "%.*s --parent %s%s", (int)length, cause,
                   spending->directory, cause + length);
}

void sil_cli_spending_advise(const struct sil_cli_spending *spending, sil_status status,
                             struct sil_error *err)
{
    if (spending->ledger == NULL) {
        return;
    }
    const char *command = strstr(err->text, SIL_NEW_LEDGER);
    if (command != NULL) {
        cite_parent(spending, command + strlen(SIL_NEW_LEDGER), err);
        return;
    }
    if (status == SIL_ERR_BUDGET && !sil_ledger_chain(spending->ledger)->closed) {
        advise_budget(spending, err);
    }
    if (status == SIL_ERR_USAGE && sil_ledger_wants_grant(spending->ledger)) {
        list_grants(spending, err);
    }
}

void sil_cli_spending_close(struct sil_cli_spending *spending)
{
    sil_ledger_close(spending->ledger);
    free(spending->directory);
    *spending = (struct sil_cli_spending){0};
}
