// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/ledger_open.h"
#include "cli/ledger_words.h"
#include "cli/options.h"
#include "cli/options_ledger.h"
#include "num/rational.h"
#include "privacy/convert.h"

#include <string.h>

#define MEMBER(name) offsetof(struct sil_cli_args, name)

static const struct sil_cli_option GRANT[] = {
    {.name = "epsilon",
     .argument = "E",
     .kind = SIL_CLI_DECIMAL,
     .member = MEMBER(epsilon),
     .help = "What may be spent, as the epsilon of one run at the ledger's delta"},
    {.name = "rho",
     .argument = "P/Q",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(ledger.rho),
     .help = "The same, exactly, as rho of zero-concentrated differential privacy; or "
             "the word rest: all that is left of the cap"                        },
    {.name = "discovery-delta",
     .argument = "D2",
     .kind = SIL_CLI_DECIMAL,
     .member = MEMBER(ledger.discovery_delta),
     .help = "What of the ledger's delta for learning unknown categories may be spent "
             "(default: none; with --rho=rest all that is left)"                 },
    {.name = "purpose",
     .argument = "TEXT",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(ledger.purpose),
     .help = "What for, in words that stay in the ledger (printable ASCII)"      },
    {.name = "expires",
     .argument = "DATE",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(ledger.expires),
     .help = "The last day on which it may be spent, UTC: 2027-01-31"            },
};

static const struct sil_cli_group GROUP = SIL_CLI_GROUP("Grant:", GRANT);

/* Of a run at the ledger's whole delta that uses for discovery what the grant has. */
static sil_status rho_of_epsilon(struct sil_grant *grant,
                                 const struct sil_genesis *genesis, const char *text,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_epsilon epsilon;
    struct sil_delta delta;
    sil_epsilon_init(&epsilon);
    sil_delta_init(&delta);
    SIL_TRY(sil_rational_parse(epsilon.v, text, 0, "--epsilon", err));
    mpq_sub(delta.v, genesis->cap_delta.v, grant->delta.v);
    if (mpq_sgn(delta.v) < 0) {
        mpq_set_ui(delta.v, 0, 1); /* more than there is: refused with the grant */
    }
    mpq_add(delta.v, delta.v, genesis->report_delta.v);
    SIL_TRY(sil_rho_of_epsilon(&grant->rho, &epsilon, &delta, err));
cleanup:
    sil_epsilon_clear(&epsilon);
    sil_delta_clear(&delta);
    return status;
}

/* The rest is that of both accounts. */
static sil_status find_cost(struct sil_grant *grant, const struct sil_chain *chain,
                            const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho *rho = &grant->rho;
    const char *discovery = args->ledger.discovery_delta;

    if (args->epsilon == NULL && strcmp(args->ledger.rho, "rest") == 0) {
        sil_chain_cap_left(rho, &grant->delta, chain);
    }
    if (discovery != NULL) {
        SIL_TRY(
            sil_rational_parse(grant->delta.v, discovery, 0, "--discovery-delta", err));
    }
    if (args->epsilon != NULL) {
        SIL_TRY(rho_of_epsilon(grant, &chain->genesis.genesis, args->epsilon, err));
    } else if (strcmp(args->ledger.rho, "rest") != 0) {
        SIL_TRY(sil_rational_parse(rho->v, args->ledger.rho, 1, "--rho", err));
    }
    if (mpq_sgn(rho->v) <= 0) {
        status = sil_fail(err, SIL_ERR_BUDGET, "there is nothing to grant: rho is 0");
    }
cleanup:
    return status;
}

/* Refused before anybody is asked to sign it. */
static sil_status check(struct sil_body *body, const struct sil_cli_args *args,
                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    SIL_TRY(sil_cli_ledger_read(&ledger, args->operand, args, err));
    const struct sil_chain *chain = sil_ledger_chain(ledger);
    SIL_TRY(find_cost(&body->grant, chain, args, err));
    SIL_TRY(sil_chain_allows_grant(chain, &body->grant.rho, &body->grant.delta, err));
cleanup:
    sil_ledger_close(ledger);
    return status;
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_body body;
    sil_body_init(&body, SIL_ENTRY_GRANT);

    if ((args->epsilon != NULL) == (args->ledger.rho != NULL)) {
        status = sil_fail(err, SIL_ERR_USAGE, "give either --epsilon or --rho");
        goto cleanup;
    }
    SIL_TRY(
        sil_cli_utc_parse(&body.grant.expires, args->ledger.expires, "expires", err));
    SIL_TRY(sil_cli_copy(&body.grant.purpose, args->ledger.purpose, err));
    SIL_TRY(check(&body, args, err));
    SIL_TRY(sil_cli_propose(&body, args, err));
cleanup:
    sil_body_clear(&body);
    return status;
}

const struct sil_cli_command SIL_CLI_LEDGER_GRANT = {
    .name = "ledger grant",
    .summary = "let the curator spend a part of the cap",
    .about =
        "Propose to the authority that a part of the cap may be spent, for one "
        "purpose, until a date. Runs spend from one grant; all grants together stay "
        "within the cap.",
    .examples =
        "  silhouette ledger grant patients.ledger --epsilon 0.5 \\\n"
        "    --purpose 'quarterly table' --expires 2027-03-31 --body grant.body",
    .operand = "DIR",
    .required = {"purpose",               "expires"},
    .groups = { &GROUP, &SIL_CLI_OPTIONS_BODY,           &SIL_CLI_OPTIONS_STATE,
                 &SIL_CLI_OPTIONS_SIGNERS},
    .run = run,
};
