// SPDX-License-Identifier: Apache-2.0
#include "ledger/body.h"

#include "base/fail.h"
#include "ledger/body_codec.h"

#include <sodium.h>

#include <stdlib.h>
#include <string.h>

const char *const SIL_TYPE_NAMES[SIL_ENTRY_TYPES] = {
    "genesis", "keyset",  "grant", "reserve", "measure", "release",
    "audit",   "recover", "close", "notice",  "data"};
const char *const SIL_ROLE_NAMES[5] = {"authority", "curator", "log", "release",
                                       "auditor"};
const char *const SIL_MECHANISM_NAMES[3] = {"rounded-gaussian", "exponential",
                                            "gaussian-threshold"};
const char *const SIL_NEIGHBOUR_NAMES[2] = {"add-remove", "replace-one"};

/* ---- names ---- */

void sil_id_print(char text[SIL_ID_TEXT], const struct sil_id *id)
{
    (void)sodium_bin2hex(text, SIL_ID_TEXT, id->bytes, SIL_ID_BYTES);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool sil_id_parse(struct sil_id *out, const char *text)
{
    struct sil_id id;
    for (size_t i = 0; i < SIL_ID_BYTES; i++) {
        int high = hex_digit(text[2 * i]);
        int low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);
        if (low < 0) {
            return false;
        }
        id.bytes[i] = (uint8_t)(high << 4 | low);
    }
    if (text[SIL_ID_TEXT - 1] != '\0') {
        return false;
    }
    *out = id;
    return true;
}

bool sil_id_equal(const struct sil_id *a, const struct sil_id *b)
{
    return memcmp(a->bytes, b->bytes, SIL_ID_BYTES) == 0;
}

void sil_id_random(struct sil_id *out)
{
    randombytes_buf(out->bytes, SIL_ID_BYTES);
}

void sil_ledger_id(struct sil_id *out, const uint8_t *genesis, size_t length)
{
    static const char LABEL[] = "silhouette/id/v1\n";
    uint8_t digest[SIL_HASH_BYTES];
    const struct sil_part parts[] = {
        {LABEL,   sizeof LABEL - 1},
        {genesis, length          },
    };
    sil_sha256(digest, parts, 2);
    (void)memcpy(out->bytes, digest, SIL_ID_BYTES);
}

const char *sil_role_name(enum sil_role role)
{
    SIL_REQUIRE(role >= SIL_ROLE_AUTHORITY && role <= SIL_ROLE_AUDITOR);
    return SIL_ROLE_NAMES[role - SIL_ROLE_AUTHORITY];
}

enum sil_role sil_role_named(const char *name, size_t length)
{
    for (int i = 0; i < 5; i++) {
        if (strlen(SIL_ROLE_NAMES[i]) == length &&
            memcmp(SIL_ROLE_NAMES[i], name, length) == 0) {
            return (enum sil_role)(SIL_ROLE_AUTHORITY + i);
        }
    }
    return (enum sil_role)0;
}

const char *sil_entry_type_name(enum sil_entry_type type)
{
    SIL_REQUIRE((unsigned)type < SIL_ENTRY_TYPES);
    return SIL_TYPE_NAMES[type];
}

/* ---- memory ---- */

void sil_spending_init(struct sil_spending *spending)
{
    *spending = (struct sil_spending){.mechanism = SIL_SPENT_GAUSSIAN};
    mpq_init(spending->sensitivity);
    mpq_init(spending->parameter);
    mpq_init(spending->rho);
    mpq_init(spending->delta);
    mpq_init(spending->threshold);
}

/* A struct of zeros, which was never initialised, may be cleared too: its denominators
 * are 0, which no rational's is. */
static void clear_rational(mpq_t value)
{
    if (mpz_sgn(mpq_denref(value)) != 0) {
        mpq_clear(value);
    }
}

void sil_spending_clear(struct sil_spending *spending)
{
    free(spending->attrs);
    clear_rational(spending->sensitivity);
    clear_rational(spending->parameter);
    clear_rational(spending->rho);
    clear_rational(spending->delta);
    clear_rational(spending->threshold);
    (void)memset(spending, 0, sizeof *spending);
}

void sil_body_init(struct sil_body *body, enum sil_entry_type type)
{
    (void)memset(body, 0, sizeof *body);
    body->type = type;
    if (type == SIL_ENTRY_GENESIS) {
        sil_rho_init(&body->genesis.cap_rho);
        sil_delta_init(&body->genesis.cap_delta);
        sil_delta_init(&body->genesis.report_delta);
    } else if (type == SIL_ENTRY_GRANT) {
        sil_rho_init(&body->grant.rho);
        sil_delta_init(&body->grant.delta);
    } else if (type == SIL_ENTRY_RESERVE) {
        sil_rho_init(&body->reserve.rho);
        sil_delta_init(&body->reserve.delta);
    }
}

static void clear_keys(struct sil_ledger_key *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(keys[i].name);
    }
    free(keys);
}

static void clear_genesis(struct sil_genesis *genesis)
{
    free(genesis->prefix);
    free(genesis->data_label);
    clear_keys(genesis->keys, genesis->n_keys);
    free(genesis->unit);
    free(genesis->id_column);
    for (size_t i = 0; i < genesis->n_invariants; i++) {
        free(genesis->invariants[i]);
    }
    free(genesis->invariants);
    clear_rational(genesis->cap_rho.v);
    clear_rational(genesis->cap_delta.v);
    clear_rational(genesis->report_delta.v);
    free(genesis->tool);
    free(genesis->version);
}

static void clear_keyset(struct sil_keyset *keyset)
{
    clear_keys(keyset->add, keyset->n_add);
    for (size_t i = 0; i < keyset->n_revoke; i++) {
        free(keyset->revoke[i].reason);
    }
    free(keyset->revoke);
}

static void clear_measure(struct sil_measure *measure)
{
    for (size_t i = 0; i < measure->n_lines; i++) {
        sil_spending_clear(&measure->lines[i]);
    }
    free(measure->lines);
}

static void clear_release(struct sil_release_entry *release)
{
    free(release->reserves);
    for (size_t i = 0; i < release->n_artifacts; i++) {
        free(release->artifacts[i].name);
    }
    free(release->artifacts);
}

static void clear_recover(struct sil_recover *recover)
{
    free(recover->kind);
    free(recover->quarantine_sha256);
    free(recover->text);
}

void sil_body_clear(struct sil_body *body)
{
    switch (body->type) {
    case SIL_ENTRY_GENESIS: clear_genesis(&body->genesis); break;
    case SIL_ENTRY_KEYSET: clear_keyset(&body->keyset); break;
    case SIL_ENTRY_GRANT:
        clear_rational(body->grant.rho.v);
        clear_rational(body->grant.delta.v);
        free(body->grant.purpose);
        break;
    case SIL_ENTRY_RESERVE:
        clear_rational(body->reserve.rho.v);
        clear_rational(body->reserve.delta.v);
        break;
    case SIL_ENTRY_MEASURE: clear_measure(&body->measure); break;
    case SIL_ENTRY_RELEASE: clear_release(&body->release); break;
    case SIL_ENTRY_AUDIT: free(body->audit.verdict); break;
    case SIL_ENTRY_RECOVER: clear_recover(&body->recover); break;
    case SIL_ENTRY_CLOSE: free(body->close_reason); break;
    case SIL_ENTRY_NOTICE: free(body->notice.reason); break;
    case SIL_ENTRY_DATA: free(body->data.note); break;
    }
    (void)memset(body, 0, sizeof *body);
}

struct sil_privacy_unit sil_genesis_unit(const struct sil_genesis *genesis)
{
    bool is_row = genesis->id_column[0] == '\0';
    return (struct sil_privacy_unit){.id_column = is_row ? NULL : genesis->id_column,
                                     .rows = (uint32_t)genesis->max_contrib};
}
