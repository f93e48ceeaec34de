// SPDX-License-Identifier: Apache-2.0
/* A vault. Promises: opening it succeeds or gives a reason, and only the passphrase that
 * sealed it opens it. Inputs that would ask for more than the least of costs, and be tried,
 * are passed over: a gigabyte an input finds nothing. */
#include "crypto/vault.h"
#include "fuzz/fuzz.h"

#include <stdbool.h>
#include <string.h>

enum { COST_AT = 19, COST_END = 35 };

/* Operations 1, and memory below 64 KiB; or a cost that no reader accepts. */
static bool is_cheap(const uint8_t *data, size_t size)
{
    if (size < COST_END) {
        return true;
    }
    for (size_t i = COST_AT + 4; i < COST_AT + 8; i++) {
        if (data[i] != 0 || data[i + 8] != 0) {
            return true;
        }
    }
    return data[COST_AT] <= 1 && data[COST_AT + 1] == 0 && data[COST_AT + 10] == 0 &&
           data[COST_AT + 11] == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sil_error err = {{0}};
    struct sil_bytes out = {0};
    if (!is_cheap(data, size)) {
        return 0;
    }
    sil_status status = sil_vault_open(&out, data, size, "correct horse", &err);
    if (status == SIL_OK) {
        FUZZ_REQUIRE(out.length < size);
        sil_bytes_clear(&out);
        FUZZ_REQUIRE(sil_vault_open(&out, data, size, "another", &err) ==
                     SIL_ERR_INPUT);
    }
    FUZZ_REQUIRE(out.length == 0);
    FUZZ_REQUIRE(status == SIL_OK || (status == SIL_ERR_INPUT && strlen(err.text) > 0));
    return 0;
}
