// SPDX-License-Identifier: Apache-2.0
/* A transcript as the auditor reads it. Promises: it is read, or refused with a reason; what
 * was read has contrasts, or contradicts itself, and is or is not the run of a mechanism. */
#include "audits/claim/contrasts.h"
#include "audits/claim/discovery.h"
#include "audits/claim/learnt.h"
#include "audits/claim/schedule.h"
#include "audits/ledger/transcript.h"
#include "crypto/hash.h"
#include "fuzz/fuzz.h"

#include <string.h>

static void require_said(sil_status status, const struct sil_error *err)
{
    FUZZ_REQUIRE(status == SIL_OK || status == SIL_ERR_CHECK ||
                 status == SIL_ERR_UNSUPPORTED);
    FUZZ_REQUIRE(status == SIL_OK || strlen(err->text) > 0);
}

static void check_run(const struct aud_transcript *transcript)
{
    static sil_status (*const CHECKS[])(
        const struct aud_transcript *, const struct aud_workload *,
        struct sil_error *) = {aud_schedule_check, aud_lines_check, aud_groups_check,
                               aud_discovery_check, aud_learnt_check};
    struct aud_workload workload;
    struct sil_error err = {{0}};
    sil_status status = aud_workload_find(&workload, transcript, &err);
    require_said(status, &err);
    for (size_t i = 0; status == SIL_OK && i < sizeof CHECKS / sizeof CHECKS[0]; i++) {
        err.text[0] = '\0';
        require_said(CHECKS[i](transcript, &workload, &err), &err);
    }
    aud_workload_clear(&workload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aud_transcript transcript;
    struct aud_contrasts contrasts;
    struct sil_error err = {{0}};
    FUZZ_REQUIRE(sil_crypto_start(NULL) == SIL_OK);
    sil_status status =
        aud_transcript_read(&transcript, (struct aud_bin){data, size}, &err);
    if (status == SIL_OK) {
        FUZZ_REQUIRE(transcript.plan.data > data &&
                     transcript.plan.data + transcript.plan.length < data + size);
        check_run(&transcript);
        status = aud_contrasts_find(&contrasts, &transcript, &err);
    }
    require_said(status, &err);
    aud_transcript_clear(&transcript);
    return 0;
}
