// SPDX-License-Identifier: Apache-2.0
/* close and notice: an authority's last words on a ledger, and on a release. */
#include "base/fail.h"
#include "cli/ledger_open.h"
#include "cli/options.h"
#include "cli/options_ledger.h"

#define MEMBER(name) offsetof(struct sil_cli_args, name)

static const struct sil_cli_option NOTICE[] = {
    {.name = "reason",
     .argument = "TEXT",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(ledger.reason),
     .help = "Why, in words that stay in the ledger (printable ASCII)"},
    {.name = "release",
     .argument = "ID",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(ledger.release),
     .help = "The release to withdraw, by the first digits of its id" },
};

static const struct sil_cli_group WHY = {"Reason:", &NOTICE[0], 1};
static const struct sil_cli_group WHICH = SIL_CLI_GROUP("Notice:", NOTICE);

static sil_status run_close(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_body body;
    sil_body_init(&body, SIL_ENTRY_CLOSE);
    SIL_TRY(sil_cli_copy(&body.close_reason, args->ledger.reason, err));
    SIL_TRY(sil_cli_propose(&body, args, err));
cleanup:
    sil_body_clear(&body);
    return status;
}

static sil_status find_release(struct sil_id *out, const struct sil_cli_args *args,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    size_t index = 0;
    SIL_TRY(sil_cli_ledger_read(&ledger, args->operand, args, err));
    const struct sil_chain *chain = sil_ledger_chain(ledger);
    SIL_TRY(sil_cli_find_id(&index, args->ledger.release, chain->release,
                            chain->n_releases, sizeof *chain->release, "release", err));
    *out = chain->release[index].id;
cleanup:
    sil_ledger_close(ledger);
    return status;
}

static sil_status run_notice(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_body body;
    sil_body_init(&body, SIL_ENTRY_NOTICE);
    SIL_TRY(find_release(&body.notice.release, args, err));
    SIL_TRY(sil_cli_copy(&body.notice.reason, args->ledger.reason, err));
    SIL_TRY(sil_cli_propose(&body, args, err));
cleanup:
    sil_body_clear(&body);
    return status;
}

const struct sil_cli_command SIL_CLI_LEDGER_CLOSE = {
    .name = "ledger close",
    .summary = "end a ledger: nothing more can be spent",
    .about = "Propose to the authority that nothing may be granted or spent any more. "
             "What was spent stays in every claim; releases of finished runs stay "
             "possible.",
    .examples = "  silhouette ledger close patients.ledger --reason 'study ended' \\\n"
                "    --body close.body",
    .operand = "DIR",
    .required = {"reason"                },
    .groups = { &WHY, &SIL_CLI_OPTIONS_BODY, &SIL_CLI_OPTIONS_STATE,
                 &SIL_CLI_OPTIONS_SIGNERS},
    .run = run_close,
};

const struct sil_cli_command SIL_CLI_LEDGER_NOTICE = {
    .name = "ledger notice",
    .summary = "withdraw a release",
    .about = "Propose to the authority a notice that a release is withdrawn. The files "
             "stay where they are; whoever verifies them against the ledger is told.",
    .examples = "  silhouette ledger notice patients.ledger --release b2b2b2b2 \\\n"
                "    --reason 'wrong table' --body notice.body",
    .operand = "DIR",
    .required = {"release",               "reason"},
    .groups = { &WHICH, &SIL_CLI_OPTIONS_BODY,          &SIL_CLI_OPTIONS_STATE,
                 &SIL_CLI_OPTIONS_SIGNERS},
    .run = run_notice,
};
