// SPDX-License-Identifier: Apache-2.0
/* A proof of inclusion, and the same bytes as a checkpoint. Promises: parsing succeeds or
 * gives a reason; what was parsed is written again to the same bytes, extra data apart;
 * verifiers come to an end with any proof, index and sizes. */
#include "fuzz/fuzz.h"
#include "ledger/checkpoint.h"

#include <string.h>

static void check_verifiers(const struct sil_tlog_proof *proof, uint64_t size,
                            const struct sil_root *root)
{
    struct sil_root leaf;
    sil_merkle_leaf(&leaf, "", 0);
    bool is_in =
        sil_merkle_verify_inclusion(&proof->path, &leaf, proof->index, size, root);
    FUZZ_REQUIRE(!is_in || proof->index < size);
    bool is_grown =
        sil_merkle_verify_consistency(&proof->path, proof->index, &leaf, size, root);
    FUZZ_REQUIRE(!is_grown || proof->index <= size);
}

static void check_checkpoint(const struct sil_tlog_proof *proof, const char *text,
                             size_t size)
{
    struct sil_note note;
    struct sil_checkpoint checkpoint;
    struct sil_error err = {{0}};
    struct sil_bytes again = {0};
    sil_status status = sil_note_parse(&note, text, size, &err);
    if (status == SIL_OK) {
        status = sil_checkpoint_parse(&checkpoint, &note, &err);
    }
    if (status != SIL_OK) {
        FUZZ_REQUIRE(status == SIL_ERR_INPUT || status == SIL_ERR_CHECK);
        FUZZ_REQUIRE(strlen(err.text) > 0);
        return;
    }
    FUZZ_REQUIRE(sil_checkpoint_text(&again, &checkpoint, NULL) == SIL_OK);
    FUZZ_REQUIRE(again.length == note.length &&
                 memcmp(again.data, note.text, note.length) == 0);
    sil_bytes_clear(&again);
    check_verifiers(proof, checkpoint.size, &checkpoint.root);
    check_verifiers(proof, proof->index + 1, &checkpoint.root);
}

static bool has_extra(const char *text, size_t size)
{
    const char *line = memchr(text, '\n', size);
    return line != NULL && size - (size_t)(line - text) > 6 &&
           memcmp(line + 1, "extra", 5) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct sil_tlog_proof proof;
    struct sil_error err = {{0}};
    struct sil_bytes again = {0};

    FUZZ_REQUIRE(sil_crypto_start(NULL) == SIL_OK);
    sil_status status = sil_tlog_proof_parse(&proof, text, size, &err);
    if (status == SIL_OK) {
        FUZZ_REQUIRE(sil_tlog_proof_print(&again, &proof, NULL) == SIL_OK);
        FUZZ_REQUIRE(has_extra(text, size) ||
                     (again.length == size && memcmp(again.data, data, size) == 0));
        check_checkpoint(&proof, proof.checkpoint, proof.checkpoint_length);
    } else {
        FUZZ_REQUIRE(status == SIL_ERR_INPUT && strlen(err.text) > 0);
        FUZZ_REQUIRE(proof.checkpoint == NULL && proof.path.n == 0);
        check_checkpoint(&proof, text, size);
    }
    sil_bytes_clear(&again);
    return 0;
}
