// SPDX-License-Identifier: Apache-2.0
/* A signature file of minisign. Promises: reading it succeeds or gives a reason; what was
 * read is written again to the same lines, but for the comment that nobody signs; looking
 * for its truth is safe. */
#include "crypto/minisign.h"
#include "fuzz/fuzz.h"

#include <string.h>

static const char UNTRUSTED[] = "untrusted comment: x\n";

/* The key that made a signature of the corpus, over other data than what is asked here. */
static const char KEY[] = "RWQBAgMEBQYHCKCapfR6Z1mAL/lV+NwtKhSlyZ0jvpf4ZBJ/+Tg0VaTw";

static void check(const struct sil_minisig *signature, const char *text, size_t size)
{
    struct sil_bytes again = {0};
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t keynum[SIL_KEYNUM_BYTES];
    const char *second = memchr(text, '\n', size);
    FUZZ_REQUIRE(strlen(signature->comment) <= SIL_COMMENT_MAX);
    FUZZ_REQUIRE(sil_minisig_print(&again, signature, "x", NULL) == SIL_OK);
    size_t rest = size - (size_t)(second + 1 - text);
    FUZZ_REQUIRE(again.length == sizeof UNTRUSTED - 1 + rest);
    FUZZ_REQUIRE(memcmp(again.data, UNTRUSTED, sizeof UNTRUSTED - 1) == 0);
    FUZZ_REQUIRE(memcmp(again.data + sizeof UNTRUSTED - 1, second + 1, rest) == 0);
    sil_bytes_clear(&again);

    FUZZ_REQUIRE(sil_minisign_parse_public(public_key, keynum, KEY, sizeof KEY - 1,
                                           NULL) == SIL_OK);
    FUZZ_REQUIRE(!sil_minisig_verify(signature, public_key, "a,b\n", 4));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sil_error err = {{0}};
    struct sil_minisig signature;
    const char *text = (const char *)data;
    sil_status status = sil_minisig_parse(&signature, text, size, &err);
    if (status == SIL_OK) {
        check(&signature, text, size);
    } else {
        FUZZ_REQUIRE(status == SIL_ERR_INPUT && strlen(err.text) > 0);
    }
    return 0;
}
