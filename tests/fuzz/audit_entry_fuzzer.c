// SPDX-License-Identifier: Apache-2.0
/* Entries of a ledger as the auditor reads them: each behind its length in two bytes, as in a
 * tile. Promises: each is applied, or refused with its number and a rule. */
#include "audits/ledger/ledger.h"
#include "crypto/hash.h"
#include "fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aud_ledger ledger;
    struct sil_error err = {{0}};
    sil_status status = SIL_OK;
    FUZZ_REQUIRE(sil_crypto_start(NULL) == SIL_OK);
    FUZZ_REQUIRE(aud_ledger_begin(&ledger, NULL) == SIL_OK);
    while (size >= 2 && status == SIL_OK) {
        size_t length = (size_t)data[0] << 8 | data[1];
        length = length < size - 2 ? length : size - 2;
        status = aud_ledger_apply(&ledger, data + 2, length, &err);
        data += 2 + length;
        size -= 2 + length;
    }
    FUZZ_REQUIRE(status == SIL_OK || status == SIL_ERR_CHECK ||
                 status == SIL_ERR_UNSUPPORTED);
    FUZZ_REQUIRE(status == SIL_OK || strncmp(err.text, "entry ", 6) == 0);
    aud_ledger_clear(&ledger);
    return 0;
}
