// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "crypto/base64.h"
#include "ledger/checkpoint.h"
#include "ledger/text_lines.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char MAGIC[] = "c2sp.org/tlog-proof@v1";

enum {
    HASHES_MAX = sizeof((struct sil_merkle_proof){0}.hash) / sizeof(struct sil_root)
};

sil_status sil_tlog_proof_print(struct sil_bytes *out,
                                const struct sil_tlog_proof *proof,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(out, err, "%s\nindex %" PRIu64 "\n", MAGIC, proof->index));
    for (size_t i = 0; i < proof->path.n; i++) {
        SIL_TRY(sil_base64_print(out, proof->path.hash[i].bytes, SIL_HASH_BYTES, err));
        SIL_TRY(sil_bytes_append(out, "\n", 1, err));
    }
    SIL_TRY(sil_bytes_append(out, "\n", 1, err));
    SIL_TRY(sil_bytes_append(out, proof->checkpoint, proof->checkpoint_length, err));
cleanup:
    return status;
}

static sil_status refuse(struct sil_error *err, const char *what)
{
    return sil_fail(err, SIL_ERR_INPUT, "not a proof of inclusion: %s", what);
}

/* What others put there is not signed: it has to be base64 and is not used. */
static sil_status skip_extra(const struct sil_text *extra, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t *bytes = NULL;
    size_t n = extra->length / 4 * 3;
    for (size_t i = 1; i <= 2 && n > 0 && extra->at[extra->length - i] == '='; i++) {
        n--;
    }
    SIL_TRY(sil_alloc(&bytes, n, 1, "the extra data of a proof", err));
    if (!sil_base64_parse(bytes, n, extra->at, extra->length)) {
        status = refuse(err, "its extra data is not base64");
    }
cleanup:
    free(bytes);
    return status;
}

/* The hashes, and the empty line behind them. */
static sil_status parse_path(struct sil_merkle_proof *out, struct sil_text *rest,
                             struct sil_error *err)
{
    struct sil_text line;
    out->n = 0;
    while (sil_text_line(&line, rest)) {
        if (line.length == 0) {
            return SIL_OK;
        }
        if (out->n == HASHES_MAX) {
            return refuse(err, "it has more hashes than any tree is high");
        }
        if (!sil_text_root(&out->hash[out->n++], &line)) {
            return refuse(err, "a line is not a hash");
        }
    }
    return refuse(err, "it has no checkpoint");
}

static sil_status parse(struct sil_tlog_proof *out, struct sil_text rest,
                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_text line;
    struct sil_note note;
    if (!sil_text_line(&line, &rest) || !sil_text_skip(&line, MAGIC) ||
        line.length != 0) {
        return refuse(err, "it does not begin with c2sp.org/tlog-proof@v1");
    }
    bool has_line = sil_text_line(&line, &rest);
    if (has_line && sil_text_skip(&line, "extra ")) {
        SIL_TRY(skip_extra(&line, err));
        has_line = sil_text_line(&line, &rest);
    }
    if (!has_line || !sil_text_skip(&line, "index ") ||
        !sil_text_number(&out->index, &line)) {
        return refuse(err, "it has no index");
    }
    SIL_TRY(parse_path(&out->path, &rest, err));
    SIL_TRY(sil_note_parse(&note, rest.at, rest.length, err));
    out->checkpoint = rest.at;
    out->checkpoint_length = rest.length;
cleanup:
    return status;
}

sil_status sil_tlog_proof_parse(struct sil_tlog_proof *out, const char *text,
                                size_t length, struct sil_error *err)
{
    *out = (struct sil_tlog_proof){0};
    sil_status status = length > SIL_NOTE_BYTES_MAX
                            ? refuse(err, "it is too long")
                            : parse(out, (struct sil_text){text, length}, err);
    if (status != SIL_OK) {
        *out = (struct sil_tlog_proof){0};
    }
    return status;
}
