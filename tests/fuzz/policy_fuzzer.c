// SPDX-License-Identifier: Apache-2.0
/* A policy of witnesses, and a note behind it after a zero byte. Promises: parsing succeeds
 * or names a line; judging any note ends with a verdict or a reason, and no more witnesses
 * are counted than there are. */
#include "crypto/hash.h"
#include "fuzz/fuzz.h"
#include "ledger/policy.h"

#include <string.h>

static void judge(const struct sil_policy *policy, const char *note, size_t length)
{
    struct sil_policy_verdict verdict = {0};
    struct sil_error err = {{0}};
    sil_status status =
        sil_policy_judge(&verdict, policy, note, length, 1790010060, &err);
    FUZZ_REQUIRE(status == SIL_OK || strlen(err.text) > 0);
    FUZZ_REQUIRE(verdict.n_witnesses <= sil_policy_n_witnesses(policy));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *end = size == 0 ? NULL : memchr(data, '\0', size);
    size_t length = end == NULL ? size : (size_t)(end - text);
    struct sil_policy *policy = NULL;
    struct sil_error err = {{0}};

    FUZZ_REQUIRE(sil_crypto_start(NULL) == SIL_OK);
    sil_status status = sil_policy_parse(&policy, text, length, &err);
    FUZZ_REQUIRE((status == SIL_OK) == (policy != NULL));
    FUZZ_REQUIRE(status == SIL_OK || strlen(err.text) > 0);
    if (policy != NULL && end != NULL) {
        judge(policy, end + 1, size - length - 1);
    }
    sil_policy_free(policy);
    return 0;
}
