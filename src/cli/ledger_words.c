// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger_words.h"

#include "base/fail.h"
#include "num/rational.h"
#include "privacy/convert.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- times, numbers, ids ---- */

static const uint64_t YEAR_10000 = 253402300800;

void sil_cli_utc(char text[SIL_CLI_UTC_BYTES], uint64_t seconds)
{
    struct tm parts;
    time_t time = (time_t)seconds;
    if (seconds >= YEAR_10000 || gmtime_r(&time, &parts) == NULL) {
        (void)snprintf(text, SIL_CLI_UTC_BYTES, "later than the year 9999");
        return;
    }
    (void)strftime(text, SIL_CLI_UTC_BYTES, "%Y-%m-%d %H:%M UTC", &parts);
}

/* `n` digits at `*text`, which moves behind them and behind `after` (0: nothing); -1 when
 * there is something else. */
static int take_digits(const char **text, int n, char after)
{
    int value = 0;
    for (int i = 0; i < n; i++, (*text)++) {
        if (**text < '0' || **text > '9') {
            return -1;
        }
        value = 10 * value + (**text - '0');
    }
    if (after != '\0' && *(*text)++ != after) {
        return -1;
    }
    return value;
}

/* The calendar does the checking: 2027-02-30 does not come back as it went in. */
static bool is_time(struct tm *parts, time_t *time)
{
    struct tm asked = *parts;
    *time = timegm(parts);
    return *time >= 0 && parts->tm_year == asked.tm_year &&
           parts->tm_mon == asked.tm_mon && parts->tm_mday == asked.tm_mday &&
           parts->tm_hour == asked.tm_hour && parts->tm_min == asked.tm_min;
}

sil_status sil_cli_utc_parse(uint64_t *seconds, const char *text, const char *option,
                             struct sil_error *err)
{
    struct tm parts = {.tm_hour = 23, .tm_min = 59, .tm_sec = 59};
    const char *at = text;
    time_t moment = 0;
    bool has_time = strlen(text) > 10;
    parts.tm_year = take_digits(&at, 4, '-') - 1900;
    parts.tm_mon = parts.tm_year < 0 ? -1 : take_digits(&at, 2, '-') - 1;
    parts.tm_mday = parts.tm_mon < 0 ? -1 : take_digits(&at, 2, has_time ? 'T' : '\0');
    if (has_time && parts.tm_mday > 0) {
        parts.tm_hour = take_digits(&at, 2, ':');
        parts.tm_min = parts.tm_hour < 0 ? -1 : take_digits(&at, 2, 'Z');
        parts.tm_sec = 0;
    }
    if (parts.tm_mday < 1 || parts.tm_min < 0 || *at != '\0' ||
        !is_time(&parts, &moment)) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--%s: '%.40s' is not a date such as 2027-01-31 (UTC, its last "
                        "second) or 2027-01-31T12:00Z",
                        option, text);
    }
    *seconds = (uint64_t)moment;
    if (moment < time(NULL)) {
        return sil_fail(err, SIL_ERR_USAGE, "--%s: %.40s is past", option, text);
    }
    return SIL_OK;
}

void sil_cli_number(char text[SIL_CLI_NUMBER_BYTES], const mpq_t value, bool up)
{
    struct sil_bytes digits = {0};
    sil_status status = sil_rational_print_decimal(
        &digits, value, 6, up ? SIL_ROUND_UP : SIL_ROUND_DOWN, NULL);
    (void)snprintf(text, SIL_CLI_NUMBER_BYTES, "%.*s",
                   status == SIL_OK ? (int)digits.length : 1,
                   status == SIL_OK ? (const char *)digits.data : "?");
    sil_bytes_clear(&digits);
}

void sil_cli_short_id(char text[9], const struct sil_id *id)
{
    char whole[SIL_ID_TEXT];
    sil_id_print(whole, id);
    (void)snprintf(text, 9, "%.8s", whole);
}

/* ---- entries in words ---- */

static sil_status genesis_words(struct sil_bytes *out,
                                const struct sil_genesis *genesis,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_epsilon epsilon;
    char cap[SIL_CLI_NUMBER_BYTES];
    char bound[SIL_CLI_NUMBER_BYTES];
    char delta[SIL_CLI_NUMBER_BYTES];
    sil_epsilon_init(&epsilon);

    SIL_TRY(
        sil_epsilon_of_rho(&epsilon, &genesis->cap_rho, &genesis->report_delta, err));
    sil_cli_number(cap, genesis->cap_rho.v, true);
    sil_cli_number(bound, epsilon.v, true);
    mpq_add(epsilon.v, genesis->report_delta.v, genesis->cap_delta.v);
    sil_cli_number(delta, epsilon.v, true);
    const struct sil_privacy_unit unit = sil_genesis_unit(genesis);
    SIL_TRY(sil_bytes_printf(
        out, err, "The ledger of \"%s\" was opened. Protected: ", genesis->data_label));
    SIL_TRY(sil_privacy_unit_say(out, &unit, err));
    SIL_TRY(sil_bytes_printf(
        out, err,
        "; neighbours: %s.\n"
        "      At most rho %s may ever be spent, epsilon %s at delta %s, for as long as "
        "the data exists.\n",
        genesis->neighbours == SIL_ADD_REMOVE ? "add or remove one" : "replace one",
        cap, bound, delta));
    SIL_TRY(sil_bytes_printf(
        out, err, "      %" PRIu64 " approval%s of an authority %s needed.\n",
        genesis->thresholds.authority, genesis->thresholds.authority == 1 ? "" : "s",
        genesis->thresholds.authority == 1 ? "is" : "are"));
    if (genesis->has_parent) {
        char parent[SIL_ID_TEXT];
        sil_id_print(parent, &genesis->parent);
        SIL_TRY(sil_bytes_printf(out, err,
                                 "      It succeeds ledger %s at %" PRIu64
                                 " entries: what that one spent on the same people "
                                 "counts on top.\n",
                                 parent, genesis->parent_size));
    }
cleanup:
    sil_epsilon_clear(&epsilon);
    return status;
}

static sil_status keyset_words(struct sil_bytes *out, const struct sil_keyset *keyset,
                               struct sil_error *err)
{
    sil_status status = sil_bytes_printf(out, err, "Keys were changed.\n");
    for (size_t i = 0; i < keyset->n_add && status == SIL_OK; i++) {
        char id[SIL_ID_TEXT];
        sil_id_print(id, &keyset->add[i].id);
        status = sil_bytes_printf(out, err, "      New %s key \"%s\" (%s).\n",
                                  sil_role_name(keyset->add[i].role),
                                  keyset->add[i].name, id);
    }
    for (size_t i = 0; i < keyset->n_revoke && status == SIL_OK; i++) {
        char id[SIL_ID_TEXT];
        sil_id_print(id, &keyset->revoke[i].key);
        status = sil_bytes_printf(
            out, err,
            "      Key %s is no longer valid from entry %" PRIu64 " on: %s.\n", id,
            keyset->revoke[i].as_of_seq, keyset->revoke[i].reason);
    }
    if (status == SIL_OK && keyset->has_thresholds) {
        status = sil_bytes_printf(out, err,
                                  "      Approvals needed from now on: %" PRIu64 ".\n",
                                  keyset->thresholds.authority);
    }
    return status;
}

/* What a grant or a run has of the delta for discovery; "" where that is nothing. */
enum { DISCOVERY_BYTES = SIL_CLI_NUMBER_BYTES + 32 };

static void say_discovery(char text[DISCOVERY_BYTES], const mpq_t delta)
{
    char number[SIL_CLI_NUMBER_BYTES];
    text[0] = '\0';
    if (mpq_sgn(delta) != 0) {
        sil_cli_number(number, delta, true);
        (void)snprintf(text, DISCOVERY_BYTES, " and delta %s for discovery", number);
    }
}

static sil_status grant_words(struct sil_bytes *out, const struct sil_body *body,
                              struct sil_error *err)
{
    char id[9];
    char rho[SIL_CLI_NUMBER_BYTES];
    char delta[DISCOVERY_BYTES];
    char until[SIL_CLI_UTC_BYTES];
    sil_cli_short_id(id, &body->id);
    sil_cli_number(rho, body->grant.rho.v, true);
    say_discovery(delta, body->grant.delta.v);
    sil_cli_utc(until, body->grant.expires);
    return sil_bytes_printf(out, err,
                            "The authority allowed spending: grant %s of rho %s%s, "
                            "until %s.\n      Purpose: %s.\n",
                            id, rho, delta, until, body->grant.purpose);
}

static sil_status reserve_words(struct sil_bytes *out, const struct sil_body *body,
                                struct sil_error *err)
{
    char id[9];
    char grant[9];
    char rho[SIL_CLI_NUMBER_BYTES];
    char delta[DISCOVERY_BYTES];
    sil_cli_short_id(id, &body->id);
    sil_cli_short_id(grant, &body->reserve.grant);
    sil_cli_number(rho, body->reserve.rho.v, true);
    say_discovery(delta, body->reserve.delta.v);
    return sil_bytes_printf(
        out, err,
        "A run was paid for before it drew noise: reserve %s of rho "
        "%s%s from grant %s.\n      It is spent whatever became of "
        "the run.\n",
        id, rho, delta, grant);
}

static sil_status measure_words(struct sil_bytes *out, const struct sil_body *body,
                                struct sil_error *err)
{
    char id[9];
    char rho[SIL_CLI_NUMBER_BYTES];
    char found[64] = "";
    size_t n_choices = 0;
    size_t n_found = 0;
    mpq_t sum;
    mpq_init(sum);
    for (size_t i = 0; i < body->measure.n_lines; i++) {
        const struct sil_spending *line = &body->measure.lines[i];
        n_choices += line->mechanism == SIL_SPENT_EXPONENTIAL ? 1 : 0;
        n_found += line->mechanism == SIL_SPENT_THRESHOLD ? 1 : 0;
        mpq_add(sum, sum, line->rho);
    }
    sil_cli_short_id(id, &body->measure.reserve);
    sil_cli_number(rho, sum, true);
    mpq_clear(sum);
    if (n_found > 0) {
        (void)snprintf(found, sizeof found, "the values of %zu field%s looked for, ",
                       n_found, n_found == 1 ? "" : "s");
    }
    return sil_bytes_printf(out, err,
                            "The run of reserve %s finished: %s%zu tables measured, "
                            "%zu choices made, for rho %s.\n",
                            id, found, body->measure.n_lines - n_choices - n_found,
                            n_choices, rho);
}

static sil_status release_words(struct sil_bytes *out, const struct sil_body *body,
                                struct sil_error *err)
{
    char id[9];
    sil_cli_short_id(id, &body->id);
    sil_status status = sil_bytes_printf(
        out, err, "Release %s was made of %zu file%s:", id, body->release.n_artifacts,
        body->release.n_artifacts == 1 ? "" : "s");
    for (size_t i = 0; i < body->release.n_artifacts && status == SIL_OK; i++) {
        status = sil_bytes_printf(out, err, "%s %s", i == 0 ? "" : ",",
                                  body->release.artifacts[i].name);
    }
    return status == SIL_OK ? sil_bytes_printf(out, err, ".\n") : status;
}

static sil_status notice_words(struct sil_bytes *out, const struct sil_notice *notice,
                               struct sil_error *err)
{
    char id[9];
    sil_cli_short_id(id, &notice->release);
    return sil_bytes_printf(out, err, "Release %s was withdrawn: %s.\n", id,
                            notice->reason);
}

sil_status sil_cli_body_words(struct sil_bytes *out, const struct sil_body *body,
                              struct sil_error *err)
{
    switch (body->type) {
    case SIL_ENTRY_GENESIS: return genesis_words(out, &body->genesis, err);
    case SIL_ENTRY_KEYSET: return keyset_words(out, &body->keyset, err);
    case SIL_ENTRY_GRANT: return grant_words(out, body, err);
    case SIL_ENTRY_RESERVE: return reserve_words(out, body, err);
    case SIL_ENTRY_MEASURE: return measure_words(out, body, err);
    case SIL_ENTRY_RELEASE: return release_words(out, body, err);
    case SIL_ENTRY_AUDIT:
        return sil_bytes_printf(out, err,
                                "An auditor looked at the first %" PRIu64
                                " entries. Verdict: %s.\n",
                                body->audit.size, body->audit.verdict);
    case SIL_ENTRY_RECOVER:
        return sil_bytes_printf(out, err,
                                "The ledger was recovered (%s) with the authority's "
                                "approval: %s.\n",
                                body->recover.kind, body->recover.text);
    case SIL_ENTRY_CLOSE:
        return sil_bytes_printf(out, err,
                                "The ledger was closed: nothing can be spent any more. "
                                "Reason: %s.\n",
                                body->close_reason);
    case SIL_ENTRY_NOTICE: return notice_words(out, &body->notice, err);
    case SIL_ENTRY_DATA:
        return sil_bytes_printf(out, err,
                                "A table of the same people was put under this budget: "
                                "%s.\n",
                                body->data.note);
    }
    return SIL_OK;
}

static const char *name_of(const struct sil_chain *chain, const struct sil_id *key)
{
    for (size_t i = 0; i < chain->n_keys; i++) {
        if (sil_id_equal(&chain->key[i].key.id, key)) {
            return chain->key[i].key.name;
        }
    }
    return "?";
}

sil_status sil_cli_entry_words(struct sil_bytes *out, const struct sil_entry *entry,
                               const struct sil_chain *chain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    char time[SIL_CLI_UTC_BYTES];
    sil_cli_utc(time, entry->time);
    SIL_TRY(sil_bytes_printf(out, err, "%4" PRIu64 "  %s  ", entry->seq, time));
    SIL_TRY(sil_cli_body_words(out, &entry->body, err));
    SIL_TRY(sil_bytes_printf(out, err, "      Signed by curator \"%s\"",
                             name_of(chain, &entry->curator)));
    for (size_t i = 0; i < entry->n_approvals; i++) {
        SIL_TRY(sil_bytes_printf(out, err, "%s \"%s\"",
                                 i == 0 ? "; approved by" : " and",
                                 name_of(chain, &entry->approvals[i].key)));
    }
    SIL_TRY(sil_bytes_printf(out, err, ".\n"));
cleanup:
    return status;
}
