// SPDX-License-Identifier: Apache-2.0
/* A bundle, verified: the groups of checks one after the other, and the verdict. */
#include "release/verify.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { MEMORY_MB = 1024, MEMORY_MB_MIN = 64, MEMORY_MB_MAX = 1 << 20 };

struct sil_verify_options sil_verify_defaults(void)
{
    return (struct sil_verify_options){.struct_size = sizeof(struct sil_verify_options),
                                       .memory_mb = MEMORY_MB};
}

static sil_status check_options(const struct sil_verify_options *options,
                                struct sil_error *err)
{
    struct sil_id id;
    if (options->struct_size != sizeof *options) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the options are not those of this version; start from "
                        "sil_verify_defaults()");
    }
    if (options->ledger_id != NULL && !sil_id_parse(&id, options->ledger_id)) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "'%.80s' is not the id of a ledger: 32 digits of 0-9a-f",
                        options->ledger_id);
    }
    if (options->memory_mb < MEMORY_MB_MIN || options->memory_mb > MEMORY_MB_MAX) {
        return sil_fail(err, SIL_ERR_USAGE, "the memory must be from %d to %d MB",
                        MEMORY_MB_MIN, MEMORY_MB_MAX);
    }
    return SIL_OK;
}

static sil_status verification_new(struct sil_verification **out, const char *bundle,
                                   const struct sil_verify_options *options,
                                   struct sil_error *err)
{
    sil_status status = sil_alloc(out, 1, sizeof **out, "a table", err);
    if (status != SIL_OK) {
        return status;
    }
    (*out)->memory_mb = options->memory_mb;
    (*out)->told_id = options->ledger_id != NULL;
    (*out)->told_size = options->pinned != NULL;
    (*out)->bundle = strdup(bundle);
    return (*out)->bundle != NULL
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INTERNAL, "out of memory for a table");
}

void sil_verification_free(struct sil_verification *verification)
{
    if (verification == NULL) {
        return;
    }
    for (int step = 0; step < SIL_N_STEPS; step++) {
        free(verification->line[step].detail);
    }
    free(verification->bundle);
    free(verification->withdrawn);
    free(verification->data_label);
    free(verification);
}

/* What a check rests on; of two, the first that does not hold is the reason. */
static const enum sil_verify_step BASIS[SIL_N_STEPS][2] = {
    [SIL_STEP_FILES] = {SIL_STEP_FILES,      SIL_STEP_FILES     },
    [SIL_STEP_SUMS] = {SIL_STEP_FILES,      SIL_STEP_FILES     },
    [SIL_STEP_RULES] = {SIL_STEP_FILES,      SIL_STEP_FILES     },
    [SIL_STEP_CHECKPOINT] = {SIL_STEP_FILES,      SIL_STEP_RULES     },
    [SIL_STEP_EXPORT] = {SIL_STEP_RULES,      SIL_STEP_ENTRY     },
    [SIL_STEP_LEDGER_ID] = {SIL_STEP_FILES,      SIL_STEP_RULES     },
    [SIL_STEP_PINNED] = {SIL_STEP_FILES,      SIL_STEP_RULES     },
    [SIL_STEP_ENTRY] = {SIL_STEP_FILES,      SIL_STEP_RULES     },
    [SIL_STEP_WITHDRAWN] = {SIL_STEP_RULES,      SIL_STEP_ENTRY     },
    [SIL_STEP_ARTIFACTS] = {SIL_STEP_RULES,      SIL_STEP_ENTRY     },
    [SIL_STEP_STATEMENT] = {SIL_STEP_RULES,      SIL_STEP_ENTRY     },
    [SIL_STEP_ENVELOPE] = {SIL_STEP_RULES,      SIL_STEP_ENTRY     },
    [SIL_STEP_SIGNATURES] = {SIL_STEP_RULES,      SIL_STEP_ENTRY     },
    [SIL_STEP_PROOF] = {SIL_STEP_RULES,      SIL_STEP_ENTRY     },
    [SIL_STEP_TRANSCRIPT] = {SIL_STEP_FILES,      SIL_STEP_FILES     },
    [SIL_STEP_RUN] = {SIL_STEP_TRANSCRIPT, SIL_STEP_ENTRY     },
    [SIL_STEP_REPLAY] = {SIL_STEP_FILES,      SIL_STEP_TRANSCRIPT},
    [SIL_STEP_SCHEMA] = {SIL_STEP_FILES,      SIL_STEP_TRANSCRIPT},
    [SIL_STEP_SHEET_JSON] = {SIL_STEP_RULES,      SIL_STEP_REPLAY    },
    [SIL_STEP_SHEET_HTML] = {SIL_STEP_RULES,      SIL_STEP_REPLAY    },
    [SIL_STEP_PACKAGE] = {SIL_STEP_RULES,      SIL_STEP_REPLAY    },
    [SIL_STEP_INSTRUCTIONS] = {SIL_STEP_RULES,      SIL_STEP_REPLAY    },
    [SIL_STEP_WORDS] = {SIL_STEP_RULES,      SIL_STEP_REPLAY    },
};

static sil_status enter_skipped(struct sil_verification *out, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (int step = 0; step < SIL_N_STEPS && status == SIL_OK; step++) {
        const enum sil_verify_step *basis = BASIS[step];
        enum sil_verify_step first =
            sil_verify_holds(out, SIL_STEP_FILES)
                ? basis[sil_verify_holds(out, basis[0]) ? 1 : 0]
                : SIL_STEP_FILES;
        status = sil_verify_skip(out, (enum sil_verify_step)step, first, err);
    }
    return status;
}

static void verify_clear(struct sil_verify *verify)
{
    for (size_t i = 0; i < verify->n_files; i++) {
        sil_bytes_clear(&verify->file[i].bytes);
    }
    free(verify->file);
    sil_reader_close(verify->reader);
    sil_transcript_clear(&verify->transcript);
    sil_statement_clear(&verify->statement);
    sil_entry_clear(&verify->entry);
    sil_chain_clear(&verify->chain);
    sil_export_clear(&verify->exported);
}

static sil_status make_checks(struct sil_verify *verify, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_verify_files(verify, err));
    if (sil_verify_holds(verify->out, SIL_STEP_FILES)) {
        sil_progress(&verify->options->progress, "verifying", 0, 0);
        SIL_TRY(sil_verify_ledger(verify, err));
        SIL_TRY(sil_verify_entry(verify, err));
        SIL_TRY(sil_verify_signatures(verify, err));
        SIL_TRY(sil_verify_replay(verify, err));
    }
    SIL_TRY(enter_skipped(verify->out, err));
cleanup:
    return status;
}

sil_status sil_release_verify(struct sil_verification **out, const char *bundle,
                              const struct sil_verify_options *options,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_verification *verification = NULL;
    struct sil_error why = {{0}}; /* details come from it: it has to be there */
    struct sil_verify verify = {.options = options};
    sil_chain_init(&verify.chain);
    sil_transcript_init(&verify.transcript);

    *out = NULL;
    SIL_TRY(check_options(options, &why));
    SIL_TRY(sil_crypto_start(&why));
    SIL_TRY(verification_new(&verification, bundle, options, &why));
    verify.out = verification;
    SIL_TRY(make_checks(&verify, &why));
    *out = verification;
    verification = NULL;
cleanup:
    verify_clear(&verify);
    sil_verification_free(verification);
    return status == SIL_OK ? SIL_OK : sil_fail(err, status, "%s", why.text);
}

/* ---- what came out ---- */

size_t sil_verification_n_checks(const struct sil_verification *verification)
{
    (void)verification;
    return SIL_N_STEPS;
}

struct sil_verify_check sil_verification_check(
    const struct sil_verification *verification, size_t i)
{
    const struct sil_verify_line *line = &verification->line[i];
    enum sil_verify_step step = (enum sil_verify_step)i;
    return (struct sil_verify_check){sil_verify_id(step), sil_verify_proves(step),
                                     line->result, line->detail};
}

static bool is_open(enum sil_verify_result result)
{
    return result == SIL_VERIFY_UNSUPPORTED || result == SIL_VERIFY_INCONCLUSIVE;
}

sil_status sil_verification_verdict(const struct sil_verification *verification,
                                    struct sil_error *err)
{
    int open = SIL_N_STEPS;
    for (int step = SIL_N_STEPS - 1; step >= 0; step--) {
        open = is_open(verification->line[step].result) ? step : open;
    }
    for (int step = 0; step < SIL_N_STEPS; step++) {
        const struct sil_verify_line *line = &verification->line[step];
        if (line->result == SIL_VERIFY_FAILED) {
            return sil_fail(err, SIL_ERR_CHECK, "%s: check %s failed: %s",
                            verification->bundle,
                            sil_verify_id((enum sil_verify_step)step), line->detail);
        }
    }
    return open == SIL_N_STEPS
               ? SIL_OK
               : sil_fail(err, SIL_ERR_UNSUPPORTED, "%s: check %s has no result: %s",
                          verification->bundle,
                          sil_verify_id((enum sil_verify_step)open),
                          verification->line[open].detail);
}
