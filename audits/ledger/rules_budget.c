// SPDX-License-Identifier: Apache-2.0
/* Grants, debits, and what was measured with them: exact rationals throughout. */
#include "audits/ledger/rules.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const MECHANISMS[] = {"rounded-gaussian", "gaussian-threshold",
                                         "exponential"};

/* a + b <= limit? The sum stays in `a` when it is. */
static bool add_within(mpq_t a, const mpq_t b, const mpq_t limit)
{
    mpq_t sum;
    mpq_init(sum);
    mpq_add(sum, a, b);
    bool fits = mpq_cmp(sum, limit) <= 0;
    if (fits) {
        mpq_set(a, sum);
    }
    mpq_clear(sum);
    return fits;
}

/* ---- grant ---- */

static sil_status keep_grant(struct aud_ledger *ledger, const struct aud_entry *entry,
                             const struct aud_grant *grant)
{
    sil_status status = SIL_OK;
    if (!add_within(ledger->granted, grant->rho.v, ledger->cap.v) ||
        !add_within(ledger->granted_delta, grant->delta.v, ledger->cap_delta.v)) {
        return aud_refuse(entry->err, "B1", "the grants add up to more than the cap");
    }
    SIL_TRY(aud_use_id(ledger, &grant->id, AUD_ID_GRANT, ledger->n_grants, entry->err));
    SIL_TRY(sil_grow(&ledger->grant, &ledger->grant_room, ledger->n_grants + 1,
                     sizeof *ledger->grant, "grants", entry->err));
    struct aud_grant *kept = &ledger->grant[ledger->n_grants++];
    *kept = *grant; /* takes the rationals */
    mpq_inits(kept->reserved, kept->reserved_delta, (mpq_ptr)NULL);

cleanup:
    return status;
}

sil_status aud_apply_grant(struct aud_ledger *ledger, struct aud_entry *entry,
                           struct aud_list *body)
{
    sil_status status = SIL_OK;
    struct aud_grant grant = {.seq = entry->seq};
    char id[33];
    size_t n = ledger->n_grants;
    aud_rational_init(&grant.rho);
    aud_rational_init(&grant.delta);
    aud_next_bytes(grant.id.bytes, sizeof grant.id.bytes, body);
    aud_next_rational(&grant.rho, body);
    aud_next_rational(&grant.delta, body);
    grant.expires = aud_next_uint(body);
    aud_next_text(grant.purpose, body);
    aud_end(body);
    SIL_TRY(body->reading->status);
    aud_id_print(id, &grant.id);
    aud_comment(entry, "id=%s rho=%s delta=%s", id, grant.rho.text, grant.delta.text);
    SIL_TRY(aud_check_approvals(ledger, entry, AUD_BY_AUTHORITIES));
    SIL_TRY(keep_grant(ledger, entry, &grant));

cleanup:
    if (ledger->n_grants == n) {
        aud_rational_clear(&grant.rho);
        aud_rational_clear(&grant.delta);
    }
    return status;
}

/* ---- reserve ---- */

static sil_status keep_reserve(struct aud_ledger *ledger, const struct aud_entry *entry,
                               const struct aud_reserve *reserve)
{
    sil_status status = SIL_OK;
    struct aud_grant *grant = &ledger->grant[reserve->grant];
    if (!add_within(grant->reserved, reserve->rho.v, grant->rho.v) ||
        !add_within(grant->reserved_delta, reserve->delta.v, grant->delta.v)) {
        return aud_refuse(entry->err, "B2", "the grant is overdrawn");
    }
    if (entry->time > grant->expires) {
        return aud_refuse(entry->err, "B8", "its grant had expired");
    }
    mpq_add(ledger->reserved, ledger->reserved, reserve->rho.v);
    SIL_TRY(aud_use_id(ledger, &reserve->id, AUD_ID_RESERVE, ledger->n_reserves,
                       entry->err));
    SIL_TRY(sil_grow(&ledger->reserve, &ledger->reserve_room, ledger->n_reserves + 1,
                     sizeof *ledger->reserve, "reserves", entry->err));
    struct aud_reserve *kept = &ledger->reserve[ledger->n_reserves++];
    *kept = *reserve; /* takes the rationals */
    mpq_inits(kept->measured, kept->measured_delta, (mpq_ptr)NULL);

cleanup:
    return status;
}

sil_status aud_apply_reserve(struct aud_ledger *ledger, struct aud_entry *entry,
                             struct aud_list *body)
{
    sil_status status = SIL_OK;
    struct aud_reserve reserve = {.seq = entry->seq};
    struct aud_id grant;
    size_t n = ledger->n_reserves;
    aud_rational_init(&reserve.rho);
    aud_rational_init(&reserve.delta);
    aud_next_bytes(reserve.id.bytes, sizeof reserve.id.bytes, body);
    aud_next_bytes(grant.bytes, sizeof grant.bytes, body);
    aud_next_rational(&reserve.rho, body);
    aud_next_rational(&reserve.delta, body);
    aud_next_bytes(reserve.plan, sizeof reserve.plan, body);
    aud_end(body);
    SIL_TRY(body->reading->status);
    SIL_TRY(aud_check_approvals(ledger, entry, AUD_BY_NOBODY));
    reserve.grant = aud_find_id(ledger, AUD_ID_GRANT, &grant);
    aud_demand(body->reading, reserve.grant != SIZE_MAX, "B2",
               "it debits a grant that there is not");
    SIL_TRY(body->reading->status);
    SIL_TRY(keep_reserve(ledger, entry, &reserve));

cleanup:
    if (ledger->n_reserves == n) {
        aud_rational_clear(&reserve.rho);
        aud_rational_clear(&reserve.delta);
    }
    return status;
}

/* ---- measure ---- */

static void read_attrs(struct aud_line *line, struct aud_list *list)
{
    struct aud_list attrs = aud_next_list(list);
    struct aud_reading *reading = list->reading;
    if (reading->status != SIL_OK) {
        return;
    }
    reading->status = sil_alloc(&line->attr, attrs.array.n, sizeof *line->attr,
                                "columns", reading->err);
    while (aud_has_next(&attrs)) {
        uint64_t attr = aud_next_uint(&attrs);
        bool is_next = attr <= UINT32_MAX &&
                       (line->n_attrs == 0 || line->attr[line->n_attrs - 1] < attr);
        aud_demand(reading, is_next, "F1", "columns are not ascending");
        line->attr[line->n_attrs++] = (uint32_t)attr;
    }
}

/* D^2 of a marginal: K^2, and twice that where one row replaces another. */
static bool has_sensitivity(const struct aud_ledger *ledger, const mpq_t sensitivity)
{
    mpz_t square;
    mpz_init_set_ui(square, ledger->max_contrib);
    mpz_mul(square, square, square);
    mpz_mul_2exp(square, square, ledger->is_replace ? 1 : 0);
    bool is = mpz_cmp_ui(mpq_denref(sensitivity), 1) == 0 &&
              mpz_cmp(mpq_numref(sensitivity), square) == 0;
    mpz_clear(square);
    return is;
}

/* What the line must cost. Pre  its parameter is positive. */
static void expected_cost(mpq_t cost, const struct aud_line *line)
{
    if (line->mechanism == AUD_EXPONENTIAL) {
        mpq_div_2exp(cost, line->parameter, 3);
    } else {
        mpq_div(cost, line->sensitivity, line->parameter);
        mpq_div_2exp(cost, cost, 1);
    }
}

static void check_cost(const struct aud_ledger *ledger, const struct aud_line *line,
                       struct aud_reading *reading)
{
    mpq_t cost;
    mpq_init(cost);
    aud_demand(reading, mpq_sgn(line->parameter) > 0, "B3", "no noise at all");
    if (reading->status == SIL_OK) {
        expected_cost(cost, line);
    }
    aud_demand(reading, mpq_equal(cost, line->rho) != 0, "B3",
               "its rho is not that of its parameter");
    aud_demand(reading, line->mechanism == AUD_THRESHOLD || mpq_sgn(line->delta) == 0,
               "B3", "a delta where the mechanism has none");
    aud_demand(reading,
               line->mechanism == AUD_EXPONENTIAL ||
                   has_sensitivity(ledger, line->sensitivity),
               "B4", "its sensitivity is not that of unit and neighbours");
    mpq_clear(cost);
}

static void next_line(struct aud_ledger *ledger, const struct aud_reserve *reserve,
                      struct aud_list *list)
{
    struct aud_list one = aud_next_list(list);
    struct aud_reading *reading = list->reading;
    struct aud_line *line = &ledger->line[ledger->n_lines++];
    *line = (struct aud_line){.reserve = (size_t)(reserve - ledger->reserve)};
    mpq_inits(line->sensitivity, line->parameter, line->rho, line->delta,
              line->threshold, (mpq_ptr)NULL);
    line->mechanism = (enum aud_mechanism)aud_next_word(&one, MECHANISMS, 3);
    read_attrs(line, &one);
    aud_next_value(line->sensitivity, &one);
    aud_next_value(line->parameter, &one);
    aud_next_value(line->rho, &one);
    aud_next_value(line->delta, &one);
    if (line->mechanism == AUD_THRESHOLD) {
        aud_next_value(line->threshold, &one);
    }
    aud_end(&one);
    check_cost(ledger, line, reading);
}

static sil_status read_lines(struct aud_ledger *ledger, struct aud_reserve *reserve,
                             uint64_t seq, struct aud_list *body)
{
    sil_status status = SIL_OK;
    struct aud_list lines = aud_next_list(body);
    aud_end(body);
    SIL_TRY(body->reading->status);
    SIL_TRY(sil_grow(&ledger->line, &ledger->line_room, ledger->n_lines + lines.array.n,
                     sizeof *ledger->line, "lines", body->reading->err));
    while (aud_has_next(&lines)) {
        next_line(ledger, reserve, &lines);
        struct aud_line *line = &ledger->line[ledger->n_lines - 1];
        line->seq = seq;
        SIL_TRY(body->reading->status);
        bool fits = add_within(reserve->measured, line->rho, reserve->rho.v) &&
                    add_within(reserve->measured_delta, line->delta, reserve->delta.v);
        aud_demand(body->reading, fits, "B5", "the run used more than it reserved");
    }
    SIL_TRY(body->reading->status);

cleanup:
    return status;
}

sil_status aud_apply_measure(struct aud_ledger *ledger, struct aud_entry *entry,
                             struct aud_list *body)
{
    sil_status status = SIL_OK;
    struct aud_id id;
    uint8_t transcript[32];
    aud_next_bytes(id.bytes, sizeof id.bytes, body);
    aud_next_bytes(transcript, sizeof transcript, body);
    SIL_TRY(body->reading->status);
    SIL_TRY(aud_check_approvals(ledger, entry, AUD_BY_NOBODY));
    size_t at = aud_find_id(ledger, AUD_ID_RESERVE, &id);
    if (at == SIZE_MAX) {
        return aud_refuse(entry->err, "B5", "measured without a reserve");
    }
    struct aud_reserve *reserve = &ledger->reserve[at];
    if (reserve->n_measures > 0 &&
        memcmp(reserve->transcript, transcript, sizeof transcript) != 0) {
        return aud_refuse(entry->err, "B5", "one run with two transcripts");
    }
    (void)memcpy(reserve->transcript, transcript, sizeof transcript);
    SIL_TRY(read_lines(ledger, reserve, entry->seq, body));
    reserve->n_measures++;

cleanup:
    return status;
}
