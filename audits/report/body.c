// SPDX-License-Identifier: Apache-2.0
/* What a ledger may hold of a report: docs/ledger-format.md, entry 6. The ledger leaves with
 * every release, so the verdict is that of verify and game alone, which read no private row;
 * of conform and attack there is the hash of report.json, in which a random salt makes
 * guessing them from the hash hopeless. */
#include "audits/report/report.h"
#include "base/fail.h"
#include "codec/msgpack.h"
#include "crypto/hash.h"

#include <sodium.h>

#include <inttypes.h>
#include <string.h>

enum { ID_BYTES = 16, BODY_ELEMENTS = 8, BODY_SCHEMA = 1 };

struct about {
    uint8_t ledger[ID_BYTES];
    uint8_t root[SIL_HASH_BYTES];
    uint64_t size;
};

static bool parse_hex(uint8_t *out, size_t n, const char *text)
{
    size_t length = 0;
    return sodium_hex2bin(out, n, text, strlen(text), NULL, &length, NULL) == 0 &&
           length == n && strlen(text) == 2 * n;
}

/* All that has a ledger is about one; of its states the latest that was audited. */
static sil_status find_about(struct about *out, const struct aud_report *report,
                             struct sil_error *err)
{
    const char *id = NULL;
    for (size_t i = 0; i < report->inputs.n; i++) {
        const json_t *ledger = json_object_get(
            json_object_get(report->inputs.item[i].content, "subject"), "ledger");
        uint64_t size = (uint64_t)json_integer_value(json_object_get(ledger, "size"));
        if (!json_is_object(ledger)) {
            continue;
        }
        if (id != NULL && strcmp(id, aud_text(ledger, "id")) != 0) {
            return sil_fail(err, SIL_ERR_USAGE,
                            "--ledger-body: the report is about more than one ledger");
        }
        bool is_latest = id == NULL || size > out->size;
        id = aud_text(ledger, "id");
        if (is_latest &&
            (!parse_hex(out->ledger, sizeof out->ledger, id) ||
             !parse_hex(out->root, sizeof out->root, aud_text(ledger, "root")))) {
            return sil_fail(err, SIL_ERR_INPUT, "a ledger without id or root");
        }
        out->size = is_latest ? size : out->size;
    }
    return id != NULL
               ? SIL_OK
               : sil_fail(err, SIL_ERR_USAGE,
                          "--ledger-body needs a bundle, or what verify found of "
                          "one: an entry names the ledger that was audited");
}

static sil_status find_verdict(const char **out, const struct aud_report *report,
                               struct sil_error *err)
{
    enum aud_word papers = aud_report_word(report, AUD_PAPERS);
    enum aud_word game = aud_report_word(report, AUD_GAME_LAYER);
    enum aud_word worst = papers > game ? papers : game;
    *out = worst == AUD_W_REFUTED        ? "refuted"
           : worst == AUD_W_INCONCLUSIVE ? "inconclusive"
                                         : "not-refuted";
    return worst != AUD_W_NOT_EXAMINED
               ? SIL_OK
               : sil_fail(err, SIL_ERR_USAGE,
                          "--ledger-body needs what verify or game found: the other "
                          "verdicts rest on private records and enter no ledger");
}

sil_status aud_report_body(struct sil_bytes *body, struct sil_bytes *comment,
                           const struct aud_report *report,
                           const struct sil_bytes *json, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct about about = {.size = 0};
    const char *verdict = NULL;
    uint8_t id[ID_BYTES];
    uint8_t hash[SIL_HASH_BYTES];
    char ledger_text[2 * ID_BYTES + 1];
    char id_text[2 * ID_BYTES + 1];
    SIL_TRY(find_verdict(&verdict, report, err));
    SIL_TRY(find_about(&about, report, err));
    randombytes_buf(id, sizeof id);
    sil_sha256(hash, &(struct sil_part){.data = json->data, .length = json->length}, 1);
    SIL_TRY(sil_mp_put_array(body, BODY_ELEMENTS, err));
    SIL_TRY(sil_mp_put_uint(body, BODY_SCHEMA, err));
    SIL_TRY(sil_mp_put_str(body, "audit", err));
    SIL_TRY(sil_mp_put_bin(body, about.ledger, sizeof about.ledger, err));
    SIL_TRY(sil_mp_put_bin(body, id, sizeof id, err));
    SIL_TRY(sil_mp_put_uint(body, about.size, err));
    SIL_TRY(sil_mp_put_bin(body, about.root, sizeof about.root, err));
    SIL_TRY(sil_mp_put_str(body, verdict, err));
    SIL_TRY(sil_mp_put_bin(body, hash, sizeof hash, err));
    (void)sodium_bin2hex(ledger_text, sizeof ledger_text, about.ledger,
                         sizeof about.ledger);
    (void)sodium_bin2hex(id_text, sizeof id_text, id, sizeof id);
    SIL_TRY(sil_bytes_printf(
        comment, err, "silhouette/v1 audit ledger=%s id=%s size=%" PRIu64 " verdict=%s",
        ledger_text, id_text, about.size, verdict));
    SIL_TRY(sil_bytes_append(comment, "", 1, err));

cleanup:
    return status;
}
