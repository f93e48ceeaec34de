// SPDX-License-Identifier: Apache-2.0
#include "synth/stamp.h"

#include "base/fail.h"
#include "synth/release.h"

#include <stdlib.h>
#include <string.h>

static const char LEDGERED[] = "LEDGERED";
static const char UNLEDGERED[] = "UNLEDGERED";
static const char SHARED[] = "roles-shared";
static const char SEPARATE[] = "roles-separate";

/* The reserve stands behind a genesis and a grant at least. */
enum { STAMP_VALUES = 11, LEAST_SIZE = 3 };

void sil_stamp_init(struct sil_stamp *stamp)
{
    *stamp = (struct sil_stamp){0};
    sil_rho_init(&stamp->reserved);
    sil_rho_init(&stamp->cap);
    sil_delta_init(&stamp->cap_delta);
    sil_delta_init(&stamp->report_delta);
}

void sil_stamp_clear(struct sil_stamp *stamp)
{
    sil_rho_clear(&stamp->reserved);
    sil_rho_clear(&stamp->cap);
    sil_delta_clear(&stamp->cap_delta);
    sil_delta_clear(&stamp->report_delta);
    free(stamp->data_label);
}

sil_status sil_stamp_take(struct sil_stamp *out, const struct sil_ledger *ledger,
                          const struct sil_id *reserve, struct sil_error *err)
{
    const struct sil_chain *chain = sil_ledger_chain(ledger);
    const struct sil_genesis *genesis = &chain->genesis.genesis;
    const struct sil_chain_reserve *found = sil_chain_find_reserve(chain, reserve);
    if (found == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "the reserve is not in its ledger");
    }
    out->ledger = chain->ledger;
    out->reserve = *reserve;
    out->size = found->seq + 1;
    sil_merkle_root_at(&out->root, &chain->tree, out->size);
    mpq_set(out->reserved.v, chain->reserved.v);
    mpq_set(out->cap.v, genesis->cap_rho.v);
    mpq_set(out->cap_delta.v, genesis->cap_delta.v);
    mpq_set(out->report_delta.v, genesis->report_delta.v);
    out->is_shared = sil_chain_has_invariant(chain, SHARED);
    out->data_label = strdup(genesis->data_label);
    return out->data_label != NULL
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a stamp");
}

sil_status sil_put_stamp(struct sil_bytes *out, const struct sil_stamp *stamp,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_mp_put_array(out, STAMP_VALUES, err));
    SIL_TRY(sil_mp_put_str(out, LEDGERED, err));
    SIL_TRY(sil_mp_put_bin(out, stamp->ledger.bytes, SIL_ID_BYTES, err));
    SIL_TRY(sil_mp_put_bin(out, stamp->reserve.bytes, SIL_ID_BYTES, err));
    SIL_TRY(sil_mp_put_uint(out, stamp->size, err));
    SIL_TRY(sil_mp_put_bin(out, stamp->root.bytes, SIL_HASH_BYTES, err));
    SIL_TRY(sil_put_rational(out, stamp->reserved.v, err));
    SIL_TRY(sil_put_rational(out, stamp->cap.v, err));
    SIL_TRY(sil_put_rational(out, stamp->cap_delta.v, err));
    SIL_TRY(sil_put_rational(out, stamp->report_delta.v, err));
    SIL_TRY(sil_mp_put_str(out, stamp->data_label, err));
    SIL_TRY(sil_mp_put_str(out, stamp->is_shared ? SHARED : SEPARATE, err));

cleanup:
    return status;
}

/* ---- reading ---- */

static sil_status next_bytes(uint8_t *out, size_t n, struct sil_mp_array *array,
                             const char *what, struct sil_error *err)
{
    const uint8_t *data = NULL;
    size_t length = 0;
    sil_status status = sil_mp_next_bin(&data, &length, array, what, err);
    if (status != SIL_OK) {
        return status;
    }
    if (length != n) {
        return sil_fail(err, SIL_ERR_INPUT, "the stamp: %s has not %zu bytes", what, n);
    }
    memcpy(out, data, n);
    return SIL_OK;
}

static sil_status next_label(struct sil_stamp *out, struct sil_mp_array *array,
                             struct sil_error *err)
{
    const char *text = NULL;
    size_t length = 0;
    sil_status status = sil_mp_next_str(&text, &length, array, "the data label", err);
    if (status != SIL_OK) {
        return status;
    }
    if (length == 0 || length > SIL_LEDGER_TEXT_MAX) {
        return sil_fail(err, SIL_ERR_INPUT, "the stamp: no ledger has this data label");
    }
    out->data_label = strndup(text, length);
    return out->data_label != NULL
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a stamp");
}

static sil_status next_roles(struct sil_stamp *out, struct sil_mp_array *array,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool is_separate = false;
    SIL_TRY(sil_next_word(&out->is_shared, array, SHARED, "the roles", err));
    array->next--;
    SIL_TRY(sil_next_word(&is_separate, array, SEPARATE, "the roles", err));
    if (!out->is_shared && !is_separate) {
        status = sil_fail(err, SIL_ERR_INPUT, "the stamp does not tell who holds keys");
    }

cleanup:
    return status;
}

/* What the stamp cannot say of any ledger. */
static sil_status check_ranges(const struct sil_stamp *stamp, struct sil_error *err)
{
    mpq_t delta;
    mpq_init(delta);
    mpq_add(delta, stamp->report_delta.v, stamp->cap_delta.v);
    bool good = stamp->size >= LEAST_SIZE && mpq_sgn(stamp->reserved.v) > 0 &&
                mpq_cmp(stamp->reserved.v, stamp->cap.v) <= 0 &&
                mpq_sgn(stamp->report_delta.v) > 0 &&
                mpq_sgn(stamp->cap_delta.v) >= 0 && mpq_cmp_ui(delta, 1, 1) < 0;
    mpq_clear(delta);
    return good ? SIL_OK
                : sil_fail(err, SIL_ERR_INPUT,
                           "the stamp contradicts itself: no ledger stands so");
}

static sil_status next_ledgered(struct sil_stamp *out, struct sil_mp_array *stamp,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool is_ledgered = false;
    SIL_TRY(sil_next_word(&is_ledgered, stamp, LEDGERED, "the stamp", err));
    if (!is_ledgered) {
        return sil_fail(err, SIL_ERR_UNSUPPORTED, "a stamp of an unknown kind");
    }
    SIL_TRY(next_bytes(out->ledger.bytes, SIL_ID_BYTES, stamp, "the ledger", err));
    SIL_TRY(next_bytes(out->reserve.bytes, SIL_ID_BYTES, stamp, "the reserve", err));
    SIL_TRY(sil_mp_next_uint(&out->size, stamp, INT64_MAX, "the size", err));
    SIL_TRY(next_bytes(out->root.bytes, SIL_HASH_BYTES, stamp, "the root", err));
    SIL_TRY(sil_next_rational(out->reserved.v, stamp, "what is reserved", err));
    SIL_TRY(sil_next_rational(out->cap.v, stamp, "the ledger's cap", err));
    SIL_TRY(sil_next_rational(out->cap_delta.v, stamp, "the cap of delta", err));
    SIL_TRY(sil_next_rational(out->report_delta.v, stamp, "the delta reported", err));
    SIL_TRY(next_label(out, stamp, err));
    SIL_TRY(next_roles(out, stamp, err));
    SIL_TRY(sil_mp_end(stamp, err));
    SIL_TRY(check_ranges(out, err));

cleanup:
    return status;
}

sil_status sil_next_stamp(struct sil_stamp *out, bool *is_ledgered,
                          struct sil_mp_array *array, struct sil_error *err)
{
    struct sil_mp_array stamp;
    struct sil_mp_array ahead = *array;
    bool is_unledgered = false;

    *is_ledgered = sil_mp_next_array(&stamp, &ahead, "the stamp", NULL) == SIL_OK;
    if (*is_ledgered) {
        *array = ahead;
        return next_ledgered(out, &stamp, err);
    }
    sil_status status =
        sil_next_word(&is_unledgered, array, UNLEDGERED, "the stamp", err);
    if (status == SIL_OK && !is_unledgered) {
        status = sil_fail(err, SIL_ERR_UNSUPPORTED,
                          "the transcript is neither stamped UNLEDGERED nor with a "
                          "reserve in a ledger");
    }
    return status;
}

sil_status sil_stamp_claim(struct sil_cumulative *out, const struct sil_stamp *stamp,
                           const struct sil_privacy_unit *unit,
                           enum sil_neighbours neighbours, struct sil_error *err)
{
    out->ledger = stamp->ledger;
    out->data_label = stamp->data_label;
    out->size = stamp->size;
    out->unit = *unit;
    out->neighbours = neighbours;
    out->is_shared = stamp->is_shared;
    mpq_set(out->reserved.rho.v, stamp->reserved.v);
    mpq_set(out->cap.rho.v, stamp->cap.v);
    mpq_set(out->report_delta.v, stamp->report_delta.v);
    return sil_cumulative_convert(out, &stamp->cap_delta, err);
}
