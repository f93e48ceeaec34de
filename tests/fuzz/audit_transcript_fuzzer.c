// SPDX-License-Identifier: Apache-2.0
/* A transcript as the auditor reads it. Promises: it is read, or refused with a reason; what
 * was read has contrasts, or contradicts itself. */
#include "audits/claim/contrasts.h"
#include "audits/ledger/transcript.h"
#include "crypto/hash.h"
#include "fuzz/fuzz.h"

#include <string.h>

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
        status = aud_contrasts_find(&contrasts, &transcript, &err);
    }
    FUZZ_REQUIRE(status == SIL_OK || status == SIL_ERR_CHECK ||
                 status == SIL_ERR_UNSUPPORTED);
    FUZZ_REQUIRE(status == SIL_OK || strlen(err.text) > 0);
    aud_transcript_clear(&transcript);
    return 0;
}
