// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/folder.h"
#include "cli/ledger_open.h"
#include "cli/options.h"
#include "cli/options_ledger.h"
#include "cli/places.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "cli/summary.h"
#include "cli/terminal.h"
#include "cli/words.h"
#include "ledger/keyring.h"
#include "release/bundle.h"
#include "release/guard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER(name) offsetof(struct sil_cli_args, name)

static const struct sil_cli_option IN[] = {
    {.name = "model",
     .letter = 'm',
     .argument = "MODEL",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(model),
     .help = "A model that fit or synth has kept; - reads the standard input"},
};

static const struct sil_cli_option FROM[] = {
    {.name = "ledger",
     .argument = "DIR",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.directory),
     .help = "The ledger that was charged for the model; the release is entered there"},
    {.name = "release-key",
     .argument = "KEY",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.key),
     .help = "The secret key that signs what is released (default: release.key in "
             "DIR.keys)"                                                              },
};

static const struct sil_cli_option OUT[] = {
    {.name = "out",
     .letter = 'o',
     .argument = "BUNDLE",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(out),
     .help = "The folder to make; nothing is replaced"},
    {.name = "tar",
     .kind = SIL_CLI_FLAG,
     .member = MEMBER(tar),
     .help = "Make one file, a plain tar file, with the files of the bundle"},
};

static const struct sil_cli_group INPUT = SIL_CLI_GROUP("Input:", IN);
static const struct sil_cli_group LEDGER = SIL_CLI_GROUP("Ledger:", FROM);
static const struct sil_cli_group OUTPUT = SIL_CLI_GROUP("Output:", OUT);

/* Found out before anything takes time: a place that takes no folder. */
static sil_status try_place(const char *path, struct sil_error *err)
{
    struct sil_folder *folder = NULL;
    sil_status status = sil_folder_open(&folder, path, err);
    sil_folder_abandon(folder);
    return status;
}

static sil_status check_places(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_cli_place inputs[] = {
        {"--model",  args->model           },
        {"--ledger", args->ledger.directory}
    };
    const struct sil_cli_place output = {"--out", args->out};
    if (strcmp(args->out, "-") == 0) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--out names a folder, or with --tar a file: a release does "
                        "not go to the standard output");
    }
    SIL_TRY(sil_cli_places_differ(inputs, 2, &output, 1, err));
    SIL_TRY(sil_release_guard(args->model, args->out, err));
    SIL_TRY(try_place(args->out, err));

cleanup:
    return status;
}

/* `*owned` is freed by the caller; without --release-key the key is the ledger's. */
static sil_status find_key(const struct sil_secret_key **out,
                           struct sil_secret_key **owned,
                           const struct sil_ledger *ledger,
                           const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_keyring *keyring = sil_ledger_keyring(ledger);
    if (args->ledger.key == NULL) {
        return sil_keyring_key(out, keyring, SIL_ROLE_RELEASE, err);
    }
    SIL_TRY(
        sil_key_read(owned, args->ledger.key, sil_keyring_passphrase(keyring), err));
    sil_cli_warn_unlocked(sil_secret_key_is_locked(*owned));
    *out = *owned;

cleanup:
    return status;
}

/* ---- the summary ---- */

static const char *by_operator(bool is_chosen, const char *otherwise)
{
    return is_chosen ? "your choice, and the bundle says so" : otherwise;
}

/* The ledger's claim as it stands now, which is what the bundle says: the model's own is
 * that of the day when it was fitted. Freed by the caller; NULL: no memory. */
static char *claim_now(const struct sil_bundle *bundle)
{
    char *text = NULL;
    return sil_ledger_claim(&text, bundle->ledger, NULL) == SIL_OK ? text : NULL;
}

static struct sil_cli_order order_of(const struct sil_bundle *bundle)
{
    const struct sil_choices *choices = &bundle->choices;
    return (struct sil_cli_order){
        choices->where, choices->rebalance,         choices->n_rebalance,
        choices->fair,  bundle->report.probability, bundle->report.fair_moved};
}

static void print_words(const struct sil_bundle *bundle)
{
    char *claim = claim_now(bundle);
    const struct sil_choices *choices = &bundle->choices;
    const struct sil_cli_order order = order_of(bundle);
    char release[SIL_ID_TEXT];
    char ledger[SIL_ID_TEXT];
    sil_id_print(release, &bundle->id);
    sil_id_print(ledger, &sil_ledger_chain(bundle->ledger)->ledger);
    sil_cli_say_wrapped("Claim     %s",
                        claim != NULL ? claim : sil_model_claim(bundle->model));
    free(claim);
    sil_cli_say("Rows      %" PRIu64 " (%s)", choices->n_rows,
                by_operator(choices->has_rows, "the private estimate"));
    sil_cli_say_rules(&bundle->report);
    sil_cli_say_order(&order);
    if (choices->has_seed) {
        sil_cli_say("Seed      %" PRIu64 " (%s)", choices->seed, by_operator(true, ""));
    } else {
        sil_cli_say("Seed      follows from the transcript");
    }
    sil_cli_say("Release   %s, entry %" PRIu64 " of ledger %s", release, bundle->seq,
                ledger);
    sil_cli_say("Bundle    %s (%" PRIu64 " files, %.2f MB)", bundle->path,
                bundle->n_files, (double)bundle->n_bytes / (1 << 20));
    sil_cli_say("Spent     nothing: the model was paid for when it was fitted");
    sil_cli_say("Next      silhouette verify %s", bundle->path);
    sil_cli_say_wrapped(
        "          tell those who will verify it the ledger's id by another way than "
        "the bundle; without this program they follow VERIFY.txt");
}

static void print_json(const struct sil_bundle *bundle)
{
    char *claim = claim_now(bundle);
    const struct sil_choices *choices = &bundle->choices;
    const struct sil_cli_order order = order_of(bundle);
    char release[SIL_ID_TEXT];
    char ledger[SIL_ID_TEXT];
    char seed[24];
    sil_id_print(release, &bundle->id);
    sil_id_print(ledger, &sil_ledger_chain(bundle->ledger)->ledger);
    (void)snprintf(seed, sizeof seed, "%" PRIu64, choices->seed);
    sil_cli_report_object(json_pack(
        "{s:o, s:I, s:b, s:s?, s:o, s:s, s:I, s:s, s:o, s:I, s:I, s:o*}", "claim",
        sil_cli_report_text(claim != NULL ? claim : sil_model_claim(bundle->model)),
        "rows", (json_int_t)choices->n_rows, "rows_chosen", choices->has_rows, "seed",
        choices->has_seed ? seed : NULL, "made_to_order", sil_cli_json_order(&order),
        "release", release, "entry", (json_int_t)bundle->seq, "ledger", ledger,
        "bundle", sil_cli_report_text(bundle->path), "files",
        (json_int_t)bundle->n_files, "bytes", (json_int_t)bundle->n_bytes, "rules",
        sil_cli_json_rules(&bundle->report)));
    free(claim);
}

static void summarise(const struct sil_bundle *bundle, bool quiet)
{
    sil_cli_progress_clear();
    for (size_t i = 0; i < sil_model_n_warnings(bundle->model); i++) {
        sil_cli_report_warning(sil_model_warning(bundle->model, i));
    }
    sil_cli_warn_rows(&bundle->report);
    if (quiet) {
        return;
    }
    if (sil_cli_report_is_json()) {
        print_json(bundle);
    } else {
        print_words(bundle);
    }
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_model *model = NULL;
    struct sil_ledger *ledger = NULL;
    struct sil_secret_key *owned = NULL;
    unsigned n_threads = (unsigned)args->threads.value;
    struct sil_sample_fault fault = {0};

    SIL_TRY(check_places(args, err));
    SIL_TRY(sil_cli_try_threads(n_threads, err));
    SIL_TRY(sil_release_model(&model, args->model, n_threads, err));
    SIL_TRY(sil_cli_ledger_write(&ledger, args->ledger.directory, args, err));
    struct sil_bundle bundle = {
        .ledger = ledger,
        .model = model,
        .choices = {.has_rows = args->rows.given,
                    .n_rows = args->rows.value,
                    .has_seed = args->seed.given,
                    .seed = args->seed.value,
                    .where = args->where,
                    .rebalance = args->rebalance.item,
                    .n_rebalance = args->rebalance.n,
                    .fair = args->fair},
        .fault = &fault,
        .path = args->out,
        .is_tar = args->tar,
        .n_threads = n_threads,
        .progress = sil_cli_progress(args->quiet),
    };
    SIL_TRY(find_key(&bundle.key, &owned, ledger, args, err));
    status = sil_bundle_write(&bundle, err);
    sil_cli_report_place(fault.text, fault.column);
    SIL_TRY(status);
    summarise(&bundle, args->quiet);

cleanup:
    sil_secret_key_free(owned);
    sil_ledger_close(ledger);
    sil_model_free(model);
    return status;
}

const struct sil_cli_command SIL_CLI_RELEASE = {
    .name = "release",
    .summary = "pack what may leave the house, signed and entered in the ledger",
    .about =
        "Draw the rows of a model and pack them with everything that a stranger needs to "
        "verify them: schema, transcript, claim, signatures, proof that the ledger was "
        "charged. The release becomes an entry of the ledger. It costs no privacy; the "
        "bundle appears whole or not at all.",
    .examples =
        "  silhouette release --model patients.model --ledger patients.csv.ledger \\\n"
        "    --out patients-release\n"
        "  silhouette verify patients-release",
    .required = {"model",                   "ledger",              "out"},
    .groups = { &INPUT, &LEDGER, &SIL_CLI_OPTIONS_STATE_ALONE, &SIL_CLI_OPTIONS_SIGNERS,
                 &SIL_CLI_OPTIONS_ROWS, &SIL_CLI_OPTIONS_THREADS, &SIL_CLI_OPTIONS_MADE,
                 &OUTPUT},
    .run = run,
};
