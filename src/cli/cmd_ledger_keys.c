// SPDX-License-Identifier: Apache-2.0
/* rotate and revoke: both are a keyset entry. */
#include "base/fail.h"
#include "base/memory.h"
#include "cli/ledger_open.h"
#include "cli/options.h"
#include "cli/options_ledger.h"

#include <stdlib.h>
#include <string.h>

#define MEMBER(name) offsetof(struct sil_cli_args, name)

static const struct sil_cli_choice ROLES[] = {
    {"authority", SIL_ROLE_AUTHORITY},
    {"curator",   SIL_ROLE_CURATOR  },
    {"log",       SIL_ROLE_LOG      },
    {"release",   SIL_ROLE_RELEASE  },
    {"auditor",   SIL_ROLE_AUDITOR  },
    {NULL,        0                 },
};

static const struct sil_cli_option ROTATE[] = {
    {.name = "role",
     .argument = "ROLE",
     .kind = SIL_CLI_CHOICE,
     .member = MEMBER(ledger.role),
     .choices = ROLES,
     .help = "Whose key: authority, curator, log, release or auditor"},
    {.name = "add",
     .argument = "PUB",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.add),
     .help = "The new public key"   },
    {.name = "name",
     .argument = "NAME",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(ledger.name),
     .help = "What people call the new key (default: the role)"  },
    {.name = "revoke",
     .argument = "KEY-ID",
     .kind = SIL_CLI_LIST,
     .member = MEMBER(ledger.revoke),
     .help = "The key that it replaces, by the first digits of its id"},
};

static const struct sil_cli_option REVOKE[] = {
    {.name = "key",
     .argument = "KEY-ID",
     .kind = SIL_CLI_LIST,
     .member = MEMBER(ledger.revoke),
     .help = "The key that is no longer valid, by the first digits of its id"},
    { .name = "since",
     .argument = "N",
     .kind = SIL_CLI_COUNT,
     .member = MEMBER(ledger.entry),
     .least = 0,
     .most = INT64_MAX,
     .help = "The entry from which on it is not (default: the next one); a stolen key: "
             "the first entry that its owner did not make"},
};

static const struct sil_cli_option BOTH[] = {
    {.name = "threshold",
     .argument = "M",
     .kind = SIL_CLI_COUNT,
     .member = MEMBER(ledger.threshold),
     .least = 1,
     .most = SIL_CLI_LIST_MAX,
     .help = "How many authorities must approve from now on (default: as before)"},
    {.name = "reason",
     .argument = "TEXT",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(ledger.reason),
     .help = "Why the old key goes, in words that stay in the ledger"},
};

static const struct sil_cli_group ROTATION = SIL_CLI_GROUP("Keys:", ROTATE);
static const struct sil_cli_group REVOCATION = SIL_CLI_GROUP("Keys:", REVOKE);
static const struct sil_cli_group CHANGE = SIL_CLI_GROUP(NULL, BOTH);

static sil_status fill_revocations(struct sil_keyset *keyset,
                                   const struct sil_chain *chain,
                                   const struct sil_cli_args *args,
                                   struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_cli_list *list = &args->ledger.revoke;
    const char *reason = args->ledger.reason == NULL ? "replaced" : args->ledger.reason;
    SIL_TRY(sil_alloc(&keyset->revoke, list->n, sizeof *keyset->revoke, "keys", err));
    for (; keyset->n_revoke < list->n; keyset->n_revoke++) {
        struct sil_revocation *one = &keyset->revoke[keyset->n_revoke];
        size_t index = 0;
        SIL_TRY(sil_cli_find_key(&index, list->item[keyset->n_revoke], chain, err));
        one->key = chain->key[index].key.id;
        one->as_of_seq =
            args->ledger.entry.given ? args->ledger.entry.value : chain->tree.size;
        SIL_TRY(sil_cli_copy(&one->reason, reason, err));
    }
cleanup:
    return status;
}

static sil_status fill(struct sil_keyset *keyset, const struct sil_cli_args *args,
                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;

    SIL_TRY(sil_cli_ledger_read(&ledger, args->operand, args, err));
    const struct sil_chain *chain = sil_ledger_chain(ledger);
    if (args->ledger.add != NULL) {
        enum sil_role role = (enum sil_role)args->ledger.role;
        const char *name =
            args->ledger.name == NULL ? sil_role_name(role) : args->ledger.name;
        SIL_TRY(sil_alloc(&keyset->add, 1, sizeof *keyset->add, "keys", err));
        SIL_TRY(sil_ledger_key_read(keyset->add, role, name, args->ledger.add, err));
        keyset->n_add = 1;
    }
    SIL_TRY(fill_revocations(keyset, chain, args, err));
    keyset->has_thresholds = args->ledger.threshold.given;
    keyset->thresholds = chain->thresholds;
    if (keyset->has_thresholds) {
        keyset->thresholds.authority = args->ledger.threshold.value;
    }
cleanup:
    sil_ledger_close(ledger);
    return status;
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_body body;
    sil_body_init(&body, SIL_ENTRY_KEYSET);
    SIL_TRY(fill(&body.keyset, args, err));
    SIL_TRY(sil_cli_propose(&body, args, err));
cleanup:
    sil_body_clear(&body);
    return status;
}

const struct sil_cli_command SIL_CLI_LEDGER_ROTATE = {
    .name = "ledger rotate",
    .summary = "put a new key in the place of an old one",
    .about =
        "Propose to the authority a new key of a role and, with --revoke, the end of "
        "an old one. Entries that the old key made stay as they are. A lost "
        "curator's key is replaced in this way: the new curator signs the entry.",
    .examples =
        "  silhouette ledger rotate patients.ledger --role curator --add new.pub \\\n"
        "    --revoke cc9d04e5 --reason 'passphrase lost' --body keyset.body",
    .operand = "DIR",
    .required = {"role",                  "add"},
    .groups = { &ROTATION, &CHANGE, &SIL_CLI_OPTIONS_BODY, &SIL_CLI_OPTIONS_STATE,
                 &SIL_CLI_OPTIONS_SIGNERS},
    .run = run,
};

const struct sil_cli_command SIL_CLI_LEDGER_REVOKE = {
    .name = "ledger revoke",
    .summary = "end the validity of a key",
    .about =
        "Propose to the authority that a key is not valid from an entry on. What it "
        "signed from then on counts for nothing but its cost: debits stay spent.",
    .examples =
        "  silhouette ledger revoke patients.ledger --key cc9d04e5 --since 41 \\\n"
        "    --reason 'stolen laptop' --body revoke.body",
    .operand = "DIR",
    .required = {"key",                   "reason"},
    .groups = { &REVOCATION, &CHANGE, &SIL_CLI_OPTIONS_BODY, &SIL_CLI_OPTIONS_STATE,
                 &SIL_CLI_OPTIONS_SIGNERS},
    .run = run,
};
