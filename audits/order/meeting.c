// SPDX-License-Identifier: Apache-2.0
#include "audits/order/meeting.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Fields of a rule, each once, or questions about a field. */
struct aud_named {
    size_t *field;
    size_t n, room;
    const struct aud_asked **asked;
    size_t n_asked, asked_room;
};

/* ---- opening and closing ---- */

static sil_status name_field(struct aud_named *named, size_t field,
                             struct sil_error *err)
{
    for (size_t i = 0; i < named->n; i++) {
        if (named->field[i] == field) {
            return SIL_OK;
        }
    }
    sil_status status = sil_grow(&named->field, &named->room, named->n + 1,
                                 sizeof *named->field, "the rules", err);
    if (status == SIL_OK) {
        named->field[named->n++] = field;
    }
    return status;
}

static sil_status name_asked(struct aud_meeting *m, struct aud_named *named,
                             const struct aud_condition *condition,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < condition->n_asked; i++) {
        const struct aud_asked *asked = &condition->asked[i];
        struct aud_named *of = &m->asked[asked->field];
        SIL_TRY(name_field(named, asked->field, err));
        SIL_TRY(sil_grow((void *)&of->asked, &of->asked_room, of->n_asked + 1,
                         sizeof *of->asked, "the rules", err));
        of->asked[of->n_asked++] = asked;
    }

cleanup:
    return status;
}

static sil_status name_all(struct aud_meeting *m, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < m->rules.n; i++) {
        const struct aud_rule *rule = &m->rules.rule[i];
        SIL_TRY(name_asked(m, &m->named[i], &rule->when, err));
        SIL_TRY(name_asked(m, &m->named[i], &rule->then, err));
        for (size_t k = 0; k < 2 && rule->is_order; k++) {
            SIL_TRY(name_field(&m->named[i], rule->field[k], err));
        }
        for (size_t k = 0; k < m->named[i].n; k++) {
            const struct aud_field *field = &m->table->field[m->named[i].field[k]];
            if (field->has_leaves) {
                return sil_fail(err, SIL_ERR_CHECK,
                                "rule %zu of the schema names a field whose bins are "
                                "learnt",
                                i);
            }
        }
    }

cleanup:
    return status;
}

sil_status aud_meeting_begin(struct aud_meeting *out, const char *schema, size_t length,
                             const struct aud_table *table, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const size_t n = table->n_fields;
    *out = (struct aud_meeting){.table = table};
    SIL_TRY(aud_rules_read(&out->rules, schema, length, table, err));
    SIL_TRY(sil_alloc(&out->named, out->rules.n, sizeof *out->named, "the rules", err));
    SIL_TRY(sil_alloc(&out->asked, n, sizeof *out->asked, "the rules", err));
    SIL_TRY(sil_alloc((void *)&out->value, n, sizeof *out->value, "the rules", err));
    SIL_TRY(sil_alloc(&out->shown, n, sizeof *out->shown, "the rules", err));
    SIL_TRY(sil_alloc(&out->place, n, sizeof *out->place, "the rules", err));
    SIL_TRY(sil_alloc(&out->work, out->rules.most_steps, 1, "the rules", err));
    status = name_all(out, err);

cleanup:
    return status;
}

static void clear_named(struct aud_named *named, size_t n)
{
    for (size_t i = 0; named != NULL && i < n; i++) {
        free(named[i].field);
        free((void *)named[i].asked);
    }
    free(named);
}

void aud_meeting_clear(struct aud_meeting *m)
{
    const size_t n = m->table == NULL ? 0 : m->table->n_fields;
    for (size_t i = 0; m->value != NULL && i < n; i++) {
        const uint32_t n_cells = m->table->field[i].n_cells;
        for (uint32_t c = 0; m->value[i] != NULL && c < n_cells; c++) {
            aud_values_clear(&m->value[i][c]);
        }
        free(m->value[i]);
    }
    clear_named(m->named, m->rules.n);
    clear_named(m->asked, n);
    aud_rules_clear(&m->rules);
    free((void *)m->value);
    free(m->shown);
    free(m->place);
    free(m->work);
    *m = (struct aud_meeting){.table = NULL};
}

/* ---- a row ---- */

/* Of an unlisted text it is not told here what it is. */
static uint32_t cell_of(const struct aud_field *field, uint32_t cell)
{
    return cell < field->n_cells ? cell : field->n_plain;
}

static sil_status take_values(const struct aud_values **out, struct aud_meeting *m,
                              size_t at, uint32_t cell, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_field *field = &m->table->field[at];
    const struct aud_named *asked = &m->asked[at];
    if (m->value[at] == NULL) {
        SIL_TRY(sil_alloc(&m->value[at], field->n_cells, sizeof *m->value[at],
                          "the rules", err));
    }
    struct aud_values *values = &m->value[at][cell_of(field, cell)];
    if (values->n == 0) {
        SIL_TRY(aud_values_find(values, field, cell_of(field, cell), asked->asked,
                                asked->n_asked, &m->steps, err));
    }
    *out = values;

cleanup:
    return status;
}

/* The next combination of values; false: all were tried. */
static bool next(struct aud_meeting *m, const struct aud_named *named,
                 const uint32_t *cells)
{
    for (size_t k = 0; k < named->n; k++) {
        size_t at = named->field[k];
        uint32_t cell = cell_of(&m->table->field[at], cells[at]);
        const struct aud_values *values = &m->value[at][cell];
        m->place[at]++;
        bool is_there = m->place[at] < values->n;
        m->place[at] = is_there ? m->place[at] : 0;
        m->shown[at] = values->item[m->place[at]];
        if (is_there) {
            return true;
        }
    }
    return false;
}

static double steps_of(const struct aud_rule *rule)
{
    double steps = 1 + (double)(rule->when.n_steps + rule->then.n_steps);
    for (size_t i = 0; i < rule->when.n_asked; i++) {
        steps += (double)rule->when.asked[i].n_values;
    }
    for (size_t i = 0; i < rule->then.n_asked; i++) {
        steps += (double)rule->then.asked[i].n_values;
    }
    return steps;
}

/* Does a row of these cells break the rule whatever its values are? */
static sil_status find_whether(bool *breaks, struct aud_meeting *m, size_t i,
                               const uint32_t *cells, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_rule *rule = &m->rules.rule[i];
    const struct aud_named *named = &m->named[i];
    const double steps = steps_of(rule);
    for (size_t k = 0; k < named->n; k++) {
        size_t at = named->field[k];
        const struct aud_values *values = NULL;
        SIL_TRY(take_values(&values, m, at, cells[at], err));
        m->place[at] = 0;
        m->shown[at] = values->item[0];
    }
    do {
        m->steps += steps;
        if (m->steps > AUD_MEETING_STEPS_MAX) {
            return sil_fail(err, SIL_ERR_UNSUPPORTED,
                            "the data are too large to be held against the rules of "
                            "the schema here");
        }
        *breaks = aud_rule_breaks(rule, m->shown, m->work);
    } while (*breaks && next(m, named, cells));

cleanup:
    return status;
}

static void change(bool *is_row, uint32_t *cells, const struct aud_rule *rule,
                   const struct aud_table *table)
{
    const struct aud_field *field = &table->field[rule->blamed];
    switch (rule->broken) {
    case AUD_BROKEN_DROP: *is_row = false; break;
    case AUD_BROKEN_OTHER: cells[rule->blamed] = field->n_plain; break;
    case AUD_BROKEN_NULL: cells[rule->blamed] = field->n_cells - 1; break;
    }
}

sil_status aud_meeting_row(bool *is_row, uint32_t *cells, void *context,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_meeting *m = context;
    bool breaks = false;
    bool is_changed = false;
    for (size_t i = 0; i < m->rules.n && *is_row; i++) {
        SIL_TRY(find_whether(&breaks, m, i, cells, err));
        if (breaks) {
            is_changed = true;
            change(is_row, cells, &m->rules.rule[i], m->table);
        }
    }
    for (size_t i = 0; i < m->rules.n && *is_row && is_changed; i++) {
        SIL_TRY(find_whether(&breaks, m, i, cells, err));
        *is_row = !breaks;
    }
    m->n_rows++;
    m->n_dropped += !*is_row;
    m->n_changed += *is_row && is_changed;

cleanup:
    return status;
}
