// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "cli/terminal.h"

#include "silhouette/release.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MEMORY_MB_MIN = 64, MEMORY_MB_MAX = 1 << 20, STACK_MB = 16 };

static const struct sil_cli_option TRUST[] = {
    {.name = "ledger-id",
     .argument = "ID",
     .kind = SIL_CLI_TEXT,
     .member = offsetof(struct sil_cli_args, ledger.ledger_id),
     .help = "The ledger's id as its publisher announced it: 32 digits"      },
    {.name = "pinned",
     .argument = "CHECKPOINT",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args, ledger.pinned),
     .help = "A checkpoint that you kept: the ledger must have grown from it"},
};

static const struct sil_cli_option LIMITS[] = {
    {.name = "memory-mb",
     .argument = "M",
     .kind = SIL_CLI_COUNT,
     .member = offsetof(struct sil_cli_args, memory_mb),
     .least = MEMORY_MB_MIN,
     .most = MEMORY_MB_MAX,
     .help =
         "The most memory to use, in units of 2^20 bytes (default: 1024); what needs "
         "more is inconclusive"},
};

static const struct sil_cli_group TRUSTED = SIL_CLI_GROUP("Trust:", TRUST);
static const struct sil_cli_group LIMITED = SIL_CLI_GROUP("Limits:", LIMITS);

/* The sanitizers map terabytes that they never touch. */
#if defined(__SANITIZE_ADDRESS__)
#    define SIL_CLI_SANITIZED 1
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define SIL_CLI_SANITIZED 1
#    endif
#endif
#ifndef SIL_CLI_SANITIZED
#    define SIL_CLI_SANITIZED 0
#endif

static uint64_t n_processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (uint64_t)n : 1;
}

/* Behind all checks of what a bundle declares: what the process may take at all. Private
 * memory that can be written counts, not the addresses that libraries set aside; so do the
 * stacks of threads, of which hardly anything is touched. */
static sil_status limit_memory(uint64_t memory_mb, uint64_t n_threads,
                               struct sil_error *err)
{
    struct rlimit limit;
    uint64_t stacks = STACK_MB * (n_threads > 0 ? n_threads : n_processors());
    if (SIL_CLI_SANITIZED) {
        return SIL_OK;
    }
    if (getrlimit(RLIMIT_DATA, &limit) != 0) {
        return sil_fail_errno(err, "cannot find out how much memory is allowed");
    }
    rlim_t bytes = (rlim_t)(memory_mb + stacks) << 20;
    if (limit.rlim_cur == RLIM_INFINITY || bytes < limit.rlim_cur) {
        limit.rlim_cur = bytes;
        if (setrlimit(RLIMIT_DATA, &limit) != 0) {
            return sil_fail_errno(err, "cannot limit the memory");
        }
    }
    return SIL_OK;
}

static sil_status answer(const struct sil_verification *verification, bool as_json,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes words = {0};
    char *text = NULL;
    SIL_TRY(sil_verification_report(&text, verification, as_json, err));
    SIL_TRY(sil_bytes_append(&words, text, strlen(text), err));
    sil_cli_progress_clear();
    SIL_TRY(as_json ? sil_cli_write_text(NULL, text, words.length, err)
                    : sil_cli_write_words(NULL, &words, err));
    status = sil_verification_verdict(verification, err);
cleanup:
    sil_bytes_clear(&words);
    free(text);
    return status;
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_verification *verification = NULL;
    struct sil_verify_options options = sil_verify_defaults();

    options.ledger_id = args->ledger.ledger_id;
    options.pinned = args->ledger.pinned;
    options.n_threads = (unsigned)args->threads.value;
    options.progress = sil_cli_progress(args->quiet);
    if (args->memory_mb.given) {
        options.memory_mb = args->memory_mb.value;
    }
    SIL_TRY(limit_memory(options.memory_mb, options.n_threads, err));
    SIL_TRY(sil_cli_try_threads(options.n_threads, err));
    SIL_TRY(sil_release_verify(&verification, args->operand, &options, err));
    if (args->quiet && !args->json) {
        sil_cli_progress_clear();
        status = sil_verification_verdict(verification, err);
        goto cleanup; /* the exit code says it, and the first failure */
    }
    SIL_TRY(answer(verification, args->json, err));
cleanup:
    sil_verification_free(verification);
    return status;
}

const struct sil_cli_command SIL_CLI_VERIFY = {
    .name = "verify",
    .summary = "check a release as a stranger would, and replay it",
    .about =
        "Check the bundle of a release, a folder or a tar file, from its files alone: "
        "hashes, signatures, the ledger and its proof, and that data.csv and every "
        "document follow byte for byte from the transcript. Prints a table of what each "
        "check proves. Nothing is unpacked or written. Exits with 1 when a check fails, "
        "with 2 when one could not be made.",
    .examples = "  silhouette verify release/ \\\n"
                "    --ledger-id 99ac991216020bfcca4040d04ec715d6 --pinned kept.note",
    .operand = "BUNDLE",
    .groups = {&TRUSTED, &LIMITED, &SIL_CLI_OPTIONS_THREADS},
    .run = run,
};
