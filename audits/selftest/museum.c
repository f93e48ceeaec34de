// SPDX-License-Identifier: Apache-2.0
#include "audits/selftest/museum.h"

#include "audits/stats/special.h"
#include "base/fail.h"
#include "codec/json.h"

static const double QUANTILE = 0.999;

/* Below it nothing is told apart. */
static const double LEAST_P = 1e-300;

const double AUD_GATE_LEVEL[AUD_N_LEVELS] = {0.05, 0.001};

static const char *const WORDS[AUD_N_RESULTS] = {"caught",  "MISSED",    "cleared",
                                                 "ACCUSED", "NOT SHOWN", "no check"};
static const char *const KEYS[AUD_N_RESULTS] = {"caught",  "missed",  "cleared",
                                                "accused", "unshown", "lacking"};

unsigned aud_gate(unsigned n, double level)
{
    unsigned most = 0;
    while (most < n &&
           1 - aud_beta_cdf(level, (double)most + 1, (double)(n - most)) < QUANTILE) {
        most++;
    }
    return most;
}

/* ---- showing ---- */

static bool is_refuted(const struct aud_showing *showing)
{
    return showing->result == AUD_CAUGHT || showing->result == AUD_ACCUSED;
}

static int badness(const struct aud_showing *showing)
{
    switch (showing->result) {
    case AUD_ACCUSED: return showing->is_rule ? 3 : 2;
    case AUD_MISSED: return 2;
    case AUD_UNSHOWN: return 1;
    case AUD_CAUGHT:
    case AUD_CLEARED:
    case AUD_LACKING:
    case AUD_N_RESULTS: return 0;
    }
    return 0;
}

/* Is the new one to be shown in place of the old: because it went worse, or of two that were
 * caught because its evidence is weaker? */
static bool is_worse(const struct aud_showing *new, const struct aud_showing *old)
{
    const int apart = badness(new) - badness(old);
    return apart > 0 || (apart == 0 && new->p > old->p);
}

static sil_status show_again(struct aud_record *record, const struct aud_zoo *zoo,
                             const char *auditor, struct sil_error *err)
{
    struct aud_showing showing;
    sil_status status = aud_show(&showing, zoo, record->exhibit, auditor, err);
    if (status != SIL_OK) {
        return status;
    }
    if (record->n == 0 || is_worse(&showing, &record->showing)) {
        record->showing = showing;
    }
    record->n++;
    record->refuted += is_refuted(&showing);
    record->unshown += showing.result == AUD_UNSHOWN;
    for (int i = 0; i < AUD_N_LEVELS; i++) {
        record->below[i] += showing.least_p <= AUD_GATE_LEVEL[i];
    }
    return SIL_OK;
}

/* Of a right one, shown once or twice: the last showing counts, unless a rule has spoken. */
static enum aud_result conclude_quick(const struct aud_record *record)
{
    const bool is_rule = record->showing.is_rule && badness(&record->showing) == 3;
    const bool is_odd = record->refuted + record->unshown == record->n;
    return is_rule || is_odd ? record->showing.result : AUD_CLEARED;
}

/* Of a right one, shown many times. */
static enum aud_result conclude_long(const struct aud_record *record)
{
    bool is_accused = badness(&record->showing) == 3;
    for (int i = 0; i < AUD_N_LEVELS; i++) {
        is_accused =
            is_accused || record->below[i] > aud_gate(record->n, AUD_GATE_LEVEL[i]);
    }
    const unsigned most = aud_gate(record->n, AUD_GATE_LEVEL[AUD_N_LEVELS - 1]);
    return is_accused               ? AUD_ACCUSED
           : record->unshown > most ? AUD_UNSHOWN
                                    : AUD_CLEARED;
}

static sil_status show_right(struct aud_record *record, const struct aud_zoo *zoo,
                             const char *auditor, bool is_long, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(show_again(record, zoo, auditor, err));
    if (!is_long && badness(&record->showing) > 0 && badness(&record->showing) < 3) {
        SIL_TRY(show_again(record, zoo, auditor, err));
    }
    while (is_long && record->n < AUD_SHOWINGS_RIGHT) {
        SIL_TRY(show_again(record, zoo, auditor, err));
    }
    record->result = is_long ? conclude_long(record) : conclude_quick(record);

cleanup:
    return status;
}

static sil_status show_broken(struct aud_record *record, const struct aud_zoo *zoo,
                              const char *auditor, bool is_long, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const unsigned times = is_long ? AUD_SHOWINGS_BROKEN : 1;
    while (status == SIL_OK && record->n < times) {
        status = show_again(record, zoo, auditor, err);
    }
    record->result = record->showing.result;
    return status;
}

sil_status aud_record_make(struct aud_record *out, const struct aud_zoo *zoo,
                           const struct aud_exhibit *exhibit, const char *auditor,
                           bool is_long, struct sil_error *err)
{
    *out = (struct aud_record){.exhibit = exhibit};
    if (exhibit->lacks != NULL) {
        out->result = AUD_LACKING;
        return aud_show(&out->showing, zoo, exhibit, auditor, err);
    }
    return aud_exhibit_is_broken(exhibit) ? show_broken(out, zoo, auditor, is_long, err)
                                          : show_right(out, zoo, auditor, is_long, err);
}

sil_status aud_records_status(const struct aud_record *record, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (record[i].result == AUD_MISSED || record[i].result == AUD_ACCUSED ||
            record[i].result == AUD_UNSHOWN) {
            return SIL_ERR_CHECK;
        }
    }
    return SIL_OK;
}

/* ---- for people ---- */

static sil_status print_evidence(struct sil_bytes *out, const struct aud_record *record,
                                 struct sil_error *err)
{
    const struct aud_showing *showing = &record->showing;
    sil_status status = SIL_OK;
    if (showing->rule[0] != '\0') {
        SIL_TRY(sil_bytes_printf(out, err, "                %s %s: %s\n",
                                 record->exhibit->check, showing->rule, showing->says));
    }
    if (showing->rule[0] != '\0' && !showing->is_rule) {
        SIL_TRY(
            showing->p < LEAST_P
                ? sil_bytes_printf(out, err, "                p < %g\n", LEAST_P)
                : sil_bytes_printf(out, err, "                p = %.2g\n", showing->p));
    } else if (showing->detail[0] != '\0') {
        SIL_TRY(sil_bytes_printf(out, err, "                %s\n", showing->detail));
    }

cleanup:
    return status;
}

sil_status aud_record_print(struct sil_bytes *out, const struct aud_record *record,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(out, err, "%-5s %-9s %s\n", record->exhibit->id,
                             WORDS[record->result], record->exhibit->title));
    if (record->exhibit->where[0] != '\0') {
        SIL_TRY(sil_bytes_printf(out, err, "                where: %s\n",
                                 record->exhibit->where));
    }
    SIL_TRY(print_evidence(out, record, err));
    if (record->n > 1) {
        SIL_TRY(sil_bytes_printf(
            out, err,
            "                refuted %u times of %u; p at most %g: %u, at most %g: "
            "%u\n",
            record->refuted, record->n, AUD_GATE_LEVEL[0], record->below[0],
            AUD_GATE_LEVEL[1], record->below[1]));
    }

cleanup:
    return status;
}

static size_t count(const struct aud_record *record, size_t n, enum aud_result result)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        found += record[i].result == result;
    }
    return found;
}

sil_status aud_records_sum(struct sil_bytes *out, const struct aud_record *record,
                           size_t n, struct sil_error *err)
{
    return sil_bytes_printf(
        out, err,
        "\nbroken: %zu caught, %zu missed; right: %zu cleared, %zu accused; %zu could "
        "not be shown; %zu have no check\n",
        count(record, n, AUD_CAUGHT), count(record, n, AUD_MISSED),
        count(record, n, AUD_CLEARED), count(record, n, AUD_ACCUSED),
        count(record, n, AUD_UNSHOWN), count(record, n, AUD_LACKING));
}

/* ---- for programs ---- */

static json_t *json_of(const struct aud_record *record)
{
    const struct aud_exhibit *exhibit = record->exhibit;
    const struct aud_showing *showing = &record->showing;
    json_t *line =
        json_pack("{s:s, s:s, s:s, s:s, s:b}", "id", exhibit->id, "result",
                  KEYS[record->result], "title", exhibit->title, "where",
                  exhibit->where, "broken", (int)aud_exhibit_is_broken(exhibit));
    if (exhibit->lacks == NULL) {
        (void)json_object_set_new(line, "check", json_string(exhibit->check));
        (void)json_object_set_new(line, "showings", json_integer(record->n));
        (void)json_object_set_new(line, "refuted", json_integer(record->refuted));
    }
    if (showing->rule[0] != '\0') {
        (void)json_object_set_new(line, "rule", json_string(showing->rule));
        (void)json_object_set_new(line, "finding", json_string(showing->says));
    }
    if (showing->rule[0] != '\0' && !showing->is_rule) {
        (void)json_object_set_new(line, "p", json_real(showing->p));
    }
    (void)json_object_set_new(line, "detail", json_string(showing->detail));
    for (int i = 0; i < AUD_N_LEVELS && record->n > 1; i++) {
        static const char *const LEVEL_KEYS[] = {"p_below_0.05", "p_below_0.001"};
        (void)json_object_set_new(line, LEVEL_KEYS[i], json_integer(record->below[i]));
    }
    return line;
}

sil_status aud_records_json(struct sil_bytes *out, const struct aud_record *record,
                            size_t n, bool is_long, struct sil_error *err)
{
    json_t *list = json_array();
    json_t *counts = json_object();
    for (size_t i = 0; i < n; i++) {
        (void)json_array_append_new(list, json_of(&record[i]));
    }
    for (int i = 0; i < AUD_N_RESULTS; i++) {
        (void)json_object_set_new(
            counts, KEYS[i],
            json_integer((json_int_t)count(record, n, (enum aud_result)i)));
    }
    json_t *all = json_pack("{s:s, s:o, s:o}", "mode", is_long ? "long" : "quick",
                            "counts", counts, "exhibits", list);
    sil_status status = all != NULL
                            ? sil_json_dump(out, all, err)
                            : sil_fail(err, SIL_ERR_INTERNAL, "out of memory: records");
    json_decref(all);
    return status;
}
