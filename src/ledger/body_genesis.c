// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "ledger/body_codec.h"

#include <string.h>

/* Genesis and keyset: who may sign, what is counted, and how much of it. */

static sil_status next_key(struct sil_ledger_key *key, struct sil_mp_array *keys,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array tuple;
    size_t role = 0;
    SIL_TRY(sil_next_tuple(&tuple, 4, keys, "a key", err));
    SIL_TRY(sil_next_name(&role, SIL_ROLE_NAMES, 5, &tuple, "the role", err));
    key->role = (enum sil_role)(SIL_ROLE_AUTHORITY + role);
    SIL_TRY(sil_next_text(&key->name, &tuple, "the name", err));
    SIL_TRY(sil_next_bytes(key->public_key, sizeof key->public_key, &tuple,
                           "the public key", err));
    SIL_TRY(
        sil_next_bytes(key->keynum, sizeof key->keynum, &tuple, "the key number", err));
    sil_key_id(key->id.bytes, key->public_key);
cleanup:
    return status;
}

static sil_status next_keys(struct sil_ledger_key **keys, size_t *n,
                            struct sil_mp_array *array, const char *what,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array list;
    SIL_TRY(sil_next_list(&list, keys, sizeof **keys, array, what, err));
    *n = list.n;
    for (size_t i = 0; i < *n; i++) {
        SIL_TRY(next_key(&(*keys)[i], &list, err));
    }
cleanup:
    return status;
}

static sil_status next_thresholds(struct sil_thresholds *out,
                                  struct sil_mp_array *tuple, struct sil_error *err)
{
    sil_status status =
        sil_next_number(&out->authority, tuple, "the threshold of authorities", err);
    return status != SIL_OK ? status
                            : sil_next_number(&out->witness, tuple,
                                              "the threshold of witnesses", err);
}

static sil_status next_people(struct sil_genesis *genesis, struct sil_mp_array *array,
                              struct sil_error *err)
{
    static const char *const UNITS[] = {"row", "id"};
    sil_status status = SIL_OK;
    struct sil_mp_array tuple;
    size_t unit = 0;
    size_t neighbours = 0;
    SIL_TRY(sil_next_tuple(&tuple, 4, array, "the unit of privacy", err));
    SIL_TRY(sil_next_name(&unit, UNITS, 2, &tuple, "the unit", err));
    SIL_TRY(sil_alloc(&genesis->unit, strlen(UNITS[unit]) + 1, 1, "a unit", err));
    (void)memcpy(genesis->unit, UNITS[unit], strlen(UNITS[unit]));
    SIL_TRY(sil_next_text(&genesis->id_column, &tuple, "the id column", err));
    SIL_TRY(
        sil_next_name(&neighbours, SIL_NEIGHBOUR_NAMES, 2, &tuple, "neighbours", err));
    genesis->neighbours = (enum sil_neighbours)neighbours;
    SIL_TRY(sil_next_count(&genesis->max_contrib, &tuple, "rows per person", err));
    if ((unit == 0) != (genesis->id_column[0] == '\0')) {
        SIL_TRY(sil_fail(err, SIL_ERR_INPUT, "the unit and the id column disagree"));
    }
    if (unit == 0 && genesis->max_contrib != 1) {
        SIL_TRY(sil_fail(err, SIL_ERR_INPUT, "a row is more than one row"));
    }
cleanup:
    return status;
}

/* "n=" and a number of 1 to 18 digits that does not begin with 0. */
static bool is_public_count(const char *text)
{
    size_t digits = strspn(text + 2, "0123456789");
    return text[2] != '0' && digits >= 1 && digits <= 18 && text[2 + digits] == '\0';
}

static sil_status check_invariant(const struct sil_genesis *genesis, size_t i,
                                  struct sil_error *err)
{
    const char *text = genesis->invariants[i];
    const char *before = i == 0 ? "" : genesis->invariants[i - 1];
    if (i > 0 && strcmp(before, text) >= 0) {
        return sil_fail(err, SIL_ERR_INPUT, "invariants are not ascending");
    }
    if (strcmp(text, "roles-shared") == 0 ||
        strcmp(text, "witness-before-noise") == 0) {
        return SIL_OK;
    }
    if (strncmp(text, "n=", 2) != 0 || !is_public_count(text)) {
        return sil_fail(err, SIL_ERR_INPUT, "an invariant is none of those known");
    }
    if (strncmp(before, "n=", 2) == 0) {
        return sil_fail(err, SIL_ERR_INPUT, "two row counts");
    }
    return SIL_OK;
}

/* Where neighbours replace one row they have the same number of rows, and only there. */
bool sil_body_is_public(const struct sil_body *body)
{
    const struct sil_genesis *genesis = &body->genesis;
    if (body->type != SIL_ENTRY_GENESIS ||
        (genesis->neighbours == SIL_REPLACE_ONE && strcmp(genesis->unit, "row") == 0)) {
        return true;
    }
    for (size_t i = 0; i < genesis->n_invariants; i++) {
        if (strncmp(genesis->invariants[i], "n=", 2) == 0) {
            return false;
        }
    }
    return true;
}

static sil_status next_invariants(struct sil_genesis *genesis,
                                  struct sil_mp_array *array, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array list;
    SIL_TRY(sil_next_list(&list, &genesis->invariants, sizeof *genesis->invariants,
                          array, "invariants", err));
    genesis->n_invariants = list.n;
    for (size_t i = 0; i < genesis->n_invariants; i++) {
        SIL_TRY(sil_next_text(&genesis->invariants[i], &list, "an invariant", err));
        SIL_TRY(check_invariant(genesis, i, err));
    }
cleanup:
    return status;
}

static sil_status next_cap(struct sil_genesis *genesis, struct sil_mp_array *array,
                           struct sil_error *err)
{
    static const char *const ACCOUNTING[] = {"zcdp"};
    sil_status status = SIL_OK;
    struct sil_mp_array tuple;
    size_t which = 0;
    SIL_TRY(sil_next_tuple(&tuple, 4, array, "the cap", err));
    SIL_TRY(sil_next_name(&which, ACCOUNTING, 1, &tuple, "accounting", err));
    SIL_TRY(sil_next_fraction(genesis->cap_rho.v, &tuple, "rho", err));
    SIL_TRY(sil_next_fraction(genesis->cap_delta.v, &tuple, "delta", err));
    SIL_TRY(sil_next_fraction(genesis->report_delta.v, &tuple, "the delta of reports",
                              err));
    if (mpq_sgn(genesis->report_delta.v) == 0) {
        SIL_TRY(sil_fail(err, SIL_ERR_INPUT, "the cap: the delta of reports is 0"));
    }
cleanup:
    return status;
}

static sil_status next_parent(struct sil_genesis *genesis, struct sil_mp_array *array,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array tuple;
    SIL_TRY(sil_mp_next_array(&tuple, array, "the parent", err));
    genesis->has_parent = tuple.n > 0;
    if (genesis->has_parent) {
        SIL_TRY(sil_next_id(&genesis->parent, &tuple, "the ledger", err));
        SIL_TRY(sil_next_count(&genesis->parent_size, &tuple, "the size", err));
        SIL_TRY(sil_next_hash(genesis->parent_root.bytes, &tuple, "the root", err));
        SIL_TRY(sil_mp_end(&tuple, err));
    }
cleanup:
    return status;
}

/* The name of a note, which the prefix begins, has no blank and no plus, and 255 bytes. */
static sil_status check_prefix(const char *prefix, struct sil_error *err)
{
    static const char REST[] = "/silhouette/0123456789abcdef0123456789abcdef";
    size_t length = strlen(prefix);
    if (length == 0 || strcspn(prefix, " +") != length) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "the prefix is empty, or has a blank or a plus");
    }
    if (length + sizeof REST - 1 > 255) {
        return sil_fail(err, SIL_ERR_CHECK, "the prefix is too long");
    }
    return SIL_OK;
}

sil_status sil_next_genesis(struct sil_genesis *genesis, struct sil_mp_array *body,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array tuple;
    SIL_TRY(sil_next_hash(genesis->nonce, body, "the nonce", err));
    SIL_TRY(sil_next_text(&genesis->prefix, body, "the prefix", err));
    SIL_TRY(check_prefix(genesis->prefix, err));
    SIL_TRY(sil_next_text(&genesis->data_label, body, "the data label", err));
    SIL_TRY(next_keys(&genesis->keys, &genesis->n_keys, body, "keys", err));
    SIL_TRY(sil_next_tuple(&tuple, 3, body, "thresholds", err));
    SIL_TRY(next_thresholds(&genesis->thresholds, &tuple, err));
    SIL_TRY(
        sil_next_count(&genesis->time_gran, &tuple, "the granularity of times", err));
    SIL_TRY(next_people(genesis, body, err));
    SIL_TRY(next_invariants(genesis, body, err));
    SIL_TRY(next_cap(genesis, body, err));
    SIL_TRY(sil_next_hash(genesis->data_commit, body, "the data commitment", err));
    SIL_TRY(next_parent(genesis, body, err));
    SIL_TRY(sil_next_tuple(&tuple, 2, body, "the program", err));
    SIL_TRY(sil_next_text(&genesis->tool, &tuple, "the name", err));
    SIL_TRY(sil_next_text(&genesis->version, &tuple, "the version", err));
cleanup:
    return status;
}

static sil_status next_revocation(struct sil_revocation *out, struct sil_mp_array *list,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array tuple;
    SIL_TRY(sil_next_tuple(&tuple, 3, list, "a revocation", err));
    SIL_TRY(sil_next_id(&out->key, &tuple, "the key", err));
    SIL_TRY(sil_next_number(&out->as_of_seq, &tuple, "the first entry", err));
    SIL_TRY(sil_next_text(&out->reason, &tuple, "the reason", err));
cleanup:
    return status;
}

sil_status sil_next_keyset(struct sil_keyset *keyset, struct sil_mp_array *body,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array inner;
    SIL_TRY(next_keys(&keyset->add, &keyset->n_add, body, "keys", err));
    SIL_TRY(sil_next_list(&inner, &keyset->revoke, sizeof *keyset->revoke, body,
                          "revocations", err));
    keyset->n_revoke = inner.n;
    for (size_t i = 0; i < keyset->n_revoke; i++) {
        SIL_TRY(next_revocation(&keyset->revoke[i], &inner, err));
    }
    SIL_TRY(sil_mp_next_array(&inner, body, "thresholds", err));
    keyset->has_thresholds = inner.n > 0;
    if (keyset->has_thresholds) {
        SIL_TRY(next_thresholds(&keyset->thresholds, &inner, err));
        SIL_TRY(sil_mp_end(&inner, err));
    }
cleanup:
    return status;
}
