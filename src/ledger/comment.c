// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "ledger/body_codec.h"
#include "ledger/refuse.h"
#include "num/rational.h"

#include <inttypes.h>
#include <string.h>

/* " rho=1/2 delta=0/1", the names given. */
static sil_status put_charge(struct sil_bytes *out, const char *rho_name,
                             const mpq_t rho, const char *delta_name, const mpq_t delta,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(out, err, " %s=", rho_name));
    SIL_TRY(sil_rational_print(out, rho, err));
    SIL_TRY(sil_bytes_printf(out, err, " %s=", delta_name));
    SIL_TRY(sil_rational_print(out, delta, err));
cleanup:
    return status;
}

static sil_status put_id_field(struct sil_bytes *out, const char *name,
                               const struct sil_id *id, struct sil_error *err)
{
    char text[SIL_ID_TEXT];
    sil_id_print(text, id);
    return sil_bytes_printf(out, err, " %s=%s", name, text);
}

/* What each type says behind its id. */
static sil_status put_details(struct sil_bytes *out, const struct sil_body *body,
                              struct sil_error *err)
{
    char hex[2 * SIL_HASH_BYTES + 1];
    switch (body->type) {
    case SIL_ENTRY_GENESIS:
        return put_charge(out, "cap_rho", body->genesis.cap_rho.v, "cap_delta",
                          body->genesis.cap_delta.v, err);
    case SIL_ENTRY_GRANT:
        return put_charge(out, "rho", body->grant.rho.v, "delta", body->grant.delta.v,
                          err);
    case SIL_ENTRY_AUDIT:
        return sil_bytes_printf(out, err, " size=%" PRIu64 " verdict=%s",
                                body->audit.size, body->audit.verdict);
    case SIL_ENTRY_RECOVER:
        return sil_bytes_printf(out, err, " kind=%s size=%" PRIu64, body->recover.kind,
                                body->recover.size);
    case SIL_ENTRY_NOTICE:
        return put_id_field(out, "release", &body->notice.release, err);
    case SIL_ENTRY_DATA:
        sil_hash_hex(hex, body->data.data_commit);
        return sil_bytes_printf(out, err, " commit=%s", hex);
    case SIL_ENTRY_KEYSET:
    case SIL_ENTRY_CLOSE: return SIL_OK;
    case SIL_ENTRY_RESERVE:
    case SIL_ENTRY_MEASURE:
    case SIL_ENTRY_RELEASE: break;
    }
    return sil_fail(err, SIL_ERR_INTERNAL, "an entry of a type that nobody approves");
}

sil_status sil_body_comment(char comment[SIL_COMMENT_MAX + 1],
                            const struct sil_body *body, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    comment[0] = '\0';
    SIL_TRY(sil_bytes_printf(&text, err, "silhouette/v1 %s",
                             sil_entry_type_name(body->type)));
    SIL_TRY(put_id_field(&text, "ledger", &body->ledger, err));
    if (body->type != SIL_ENTRY_GENESIS) {
        SIL_TRY(put_id_field(&text, "id", &body->id, err));
    }
    SIL_TRY(put_details(&text, body, err));
    if (text.length > SIL_COMMENT_MAX) {
        SIL_TRY(sil_refuse_ledger(err, "R4",
                                  "its trusted comment would have more than %d bytes",
                                  SIL_COMMENT_MAX));
    }
    (void)memcpy(comment, text.data, text.length);
    comment[text.length] = '\0';
cleanup:
    sil_bytes_clear(&text);
    return status;
}
