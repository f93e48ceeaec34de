// SPDX-License-Identifier: Apache-2.0
#include "silhouette/simulate.h"

#include "base/fail.h"
#include "base/file.h"
#include "base/memory.h"
#include "codec/csv.h"
#include "crypto/hash.h"
#include "crypto/row_words.h"
#include "synth/simulate_fixed.h"
#include "synth/simulate_spec.h"
#include "table/calendar.h"
#include "table/decimal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS_MAX = 1000, PROGRESS_ROWS = 8192 };

/* A run: the values of one row at a time, in the slots that expressions read. */
struct run {
    struct sil_sim_spec spec;
    int64_t *slots;
    struct sil_word_reader reader;
    uint8_t seed[SIL_SEED_BYTES];
    struct sil_output *output;
    struct sil_bytes line;
    struct sil_error *err;
};

static int64_t *special(struct run *run, size_t which)
{
    return &run->slots[2 * run->spec.n_fields + which];
}

static sil_status draw_field(struct run *run, size_t i)
{
    sil_status status = SIL_OK;
    const struct sil_sim_field *field = &run->spec.field[i];
    int64_t *value = &run->slots[i];
    SIL_TRY(sil_sim_draw_value(value, &field->draw, &field->target, run->slots,
                               &run->reader, run->err));
    if (field->minimum.n > 0) {
        int64_t low = sil_sim_eval(&field->minimum, run->slots);
        *value = *value < low ? sil_sim_to_target(low, &field->target) : *value;
    }
    if (field->maximum.n > 0) {
        int64_t high = sil_sim_eval(&field->maximum, run->slots);
        *value = *value > high ? sil_sim_to_target(high, &field->target) : *value;
    }

cleanup:
    if (status != SIL_OK) {
        return sil_fail_within(run->err, status, "field %.60s, row %" PRId64,
                               field->name, *special(run, SIL_SIM_ROW) / SIL_MICRO);
    }
    return status;
}

static void repair(struct run *run, const struct sil_sim_rule *rule)
{
    for (size_t i = 0; i < rule->n_repairs; i++) {
        const struct sil_sim_repair *repair = &rule->repair[i];
        run->slots[repair->field] =
            sil_sim_to_target(sil_sim_eval(&repair->value, run->slots),
                              &run->spec.field[repair->field].target);
    }
}

/* Repair what can be repaired, in the order of the rules; then the number of the first
 * rule that does not hold, or n_rules. */
static size_t first_broken_rule(struct run *run)
{
    const struct sil_sim_spec *spec = &run->spec;
    for (size_t i = 0; i < spec->n_rules; i++) {
        if (sil_sim_eval(&spec->rule[i].require, run->slots) == 0) {
            repair(run, &spec->rule[i]);
        }
    }
    for (size_t i = 0; i < spec->n_rules; i++) {
        if (sil_sim_eval(&spec->rule[i].require, run->slots) == 0) {
            return i;
        }
    }
    return spec->n_rules;
}

static sil_status draw_row(struct run *run)
{
    sil_status status = SIL_OK;
    const struct sil_sim_spec *spec = &run->spec;
    bool is_first = *special(run, SIL_SIM_EVENT) == SIL_MICRO;
    size_t broken = 0;
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        for (size_t i = 0; i < spec->n_fields; i++) {
            if (is_first || !spec->field[i].is_once) {
                SIL_TRY(draw_field(run, i));
            }
        }
        broken = first_broken_rule(run);
        if (broken == spec->n_rules) {
            return SIL_OK;
        }
    }
    status =
        sil_fail(run->err, SIL_ERR_INPUT,
                 "rules[%zu] was broken by each of %d rows drawn in turn: the rule "
                 "and the distributions do not go together",
                 broken, ATTEMPTS_MAX);

cleanup:
    return status;
}

/* ---- Writing ---- */

static sil_status append_value(struct run *run, const struct sil_sim_field *field,
                               int64_t value)
{
    const char *text = NULL;
    switch (field->target.type) {
    case SIL_SIM_NUMBER:
        return sil_scaled_print(&run->line, value, 6, field->decimals, '.', run->err);
    case SIL_SIM_DATE: return sil_date_print(&run->line, value / SIL_MICRO, run->err);
    case SIL_SIM_TEXT:
    case SIL_SIM_TRUTH: break;
    }
    text = run->spec.texts.text[value];
    return sil_csv_append(&run->line, text, strlen(text), ',', run->err);
}

static sil_status append_cell(struct run *run, size_t i)
{
    sil_status status = SIL_OK;
    const struct sil_sim_field *field = &run->spec.field[i];
    const char *text = run->spec.missing_text;
    bool is_missing = false;
    if (field->can_miss) {
        SIL_TRY(sil_sim_chance(&is_missing, &field->missing, run->slots, &run->reader,
                               run->err));
    }
    status = is_missing ? sil_csv_append(&run->line, text, strlen(text), ',', run->err)
                        : append_value(run, field, run->slots[i]);

cleanup:
    if (status == SIL_ERR_INPUT) {
        return sil_fail_within(run->err, status, "field %.60s.missing", field->name);
    }
    return status;
}

/* A line of the fields that are written: their names when `is_header`, else this row. */
static sil_status write_line(struct run *run, bool is_header)
{
    sil_status status = SIL_OK;
    const struct sil_sim_spec *spec = &run->spec;
    bool is_behind = false;
    run->line.length = 0;
    for (size_t i = 0; i < spec->n_fields; i++) {
        const char *name = spec->field[i].name;
        if (spec->field[i].is_hidden) {
            continue;
        }
        if (is_behind) {
            SIL_TRY(sil_bytes_append(&run->line, ",", 1, run->err));
        }
        is_behind = true;
        SIL_TRY(is_header
                    ? sil_csv_append(&run->line, name, strlen(name), ',', run->err)
                    : append_cell(run, i));
    }
    SIL_TRY(sil_bytes_append(&run->line, "\n", 1, run->err));
    SIL_TRY(sil_output_write(run->output, run->line.data, run->line.length, run->err));

cleanup:
    return status;
}

/* ---- The process ---- */

/* Does the entity come back after the row in the slots? */
static sil_status comes_back(bool *again, struct run *run)
{
    sil_status status = SIL_OK;
    uint64_t event = (uint64_t)(*special(run, SIL_SIM_EVENT) / SIL_MICRO);
    *again = false;
    if (run->spec.has_process && event < run->spec.at_most) {
        SIL_TRY(sil_sim_chance(again, &run->spec.again, run->slots, &run->reader,
                               run->err));
    }

cleanup:
    if (status != SIL_OK) {
        return sil_fail_within(run->err, status, "process.again");
    }
    return status;
}

static void next_event(struct run *run, bool again)
{
    size_t n = run->spec.n_fields;
    if (again) {
        (void)memcpy(run->slots + n, run->slots, n * sizeof *run->slots);
        *special(run, SIL_SIM_EVENT) += SIL_MICRO;
    } else {
        (void)memset(run->slots, 0, 2 * n * sizeof *run->slots);
        *special(run, SIL_SIM_EVENT) = SIL_MICRO;
        *special(run, SIL_SIM_ENTITY) += SIL_MICRO;
    }
    *special(run, SIL_SIM_ROW) += SIL_MICRO;
}

static sil_status write_rows(struct run *run, uint64_t n_rows,
                             const struct sil_progress *progress)
{
    sil_status status = SIL_OK;
    bool again = false;
    for (uint64_t row = 0; row < n_rows; row++) {
        next_event(run, again);
        SIL_TRY(draw_row(run));
        SIL_TRY(write_line(run, false));
        SIL_TRY(comes_back(&again, run));
        if ((row + 1) % PROGRESS_ROWS == 0) {
            sil_progress(progress, "drawing", row + 1, n_rows);
        }
    }
    sil_progress(progress, "drawing", n_rows, n_rows);

cleanup:
    return status;
}

sil_status sil_simulate(const char *spec_json, size_t length, uint64_t n_rows,
                        uint64_t seed, const char *path,
                        const struct sil_progress *progress, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct run run = {.err = err};
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_sim_spec_parse(&run.spec, spec_json, length, err));
    SIL_TRY(sil_alloc(&run.slots, 2 * run.spec.n_fields + SIL_SIM_SPECIALS,
                      sizeof *run.slots, "a row", err));
    sil_seed_of_integer(run.seed, seed);
    run.reader =
        sil_word_reader((struct sil_words){.draw = sil_row_words, .key = run.seed},
                        SIL_STREAM(SIL_STREAM_SIMULATE, 0));

    SIL_TRY(sil_output_open(&run.output, path, 0644, err));
    SIL_TRY(write_line(&run, true));
    SIL_TRY(write_rows(&run, n_rows, progress));
    struct sil_output *output = run.output;
    run.output = NULL;
    status = sil_output_commit(output, err);

cleanup:
    sil_output_abandon(run.output);
    sil_bytes_clear(&run.line);
    free(run.slots);
    sil_sim_spec_clear(&run.spec);
    return status;
}
