// SPDX-License-Identifier: Apache-2.0
#include "audits/ledger/transcript.h"

#include "audits/table/table.h"
#include "base/fail.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const METHODS[] = {"aim", "mst", "independent", "mosaic"};
static const char *const NEIGHBOURS[] = {"add-remove", "replace-one"};
static const char *const ROLES[] = {"roles-separate", "roles-shared"};
static const char *const KINDS[] = {"rounded-gaussian", "exponential",
                                    "gaussian-threshold", "gaussian-tree"};

enum { SCORE_BITS = 10, SHIFT_MAX = 16, PLAN_AT = 4, THRESHOLD = 2, TREE = 3 };

const char *aud_method_name(enum aud_method method)
{
    return METHODS[method];
}

size_t aud_n_groups(struct aud_bin group)
{
    size_t most = 0;
    for (size_t i = 0; i + 1 < group.length; i += 2) {
        size_t g = (size_t)group.data[i] | (size_t)group.data[i + 1] << 8;
        most = g + 1 > most ? g + 1 : most;
    }
    return most;
}

/* ---- where the plan lies ---- */

/* The length of a head of MessagePack, of which only what DMP1 has occurs: scanned before.
 * `*inside` values follow it, `*tail` bytes belong to it. */
static size_t head(const uint8_t *p, size_t *inside, size_t *tail)
{
    *inside = 0;
    *tail = 0;
    if (p[0] <= 0x7f) {
        return 1;
    }
    if (p[0] <= 0x9f) { /* 90 to 9f: arrays; 80 to 8f do not occur */
        *inside = p[0] & 0x0f;
        return 1;
    }
    if (p[0] <= 0xbf) {
        *tail = p[0] & 0x1f;
        return 1;
    }
    size_t bytes = (size_t)1 << (p[0] & 3);
    if (p[0] >= 0xc4 && p[0] <= 0xc6) {
        bytes = (size_t)1 << (p[0] - 0xc4);
    } else if (p[0] >= 0xd9 && p[0] <= 0xdb) {
        bytes = (size_t)1 << (p[0] - 0xd9);
    } else if (p[0] >= 0xdc) {
        bytes = p[0] == 0xdc ? 2 : 4;
    }
    size_t value = 0;
    for (size_t i = 0; i < bytes; i++) {
        value = value << 8 | p[1 + i];
    }
    bool is_number = p[0] >= 0xcc && p[0] <= 0xcf;
    bool is_array = p[0] >= 0xdc;
    *inside = is_array ? value : 0;
    *tail = is_number || is_array ? 0 : value;
    return 1 + bytes;
}

static size_t skip(const uint8_t *p)
{
    size_t open = 1;
    size_t at = 0;
    while (open > 0) {
        size_t inside = 0;
        size_t tail = 0;
        at += head(p + at, &inside, &tail);
        at += tail;
        open += inside;
        open--;
    }
    return at;
}

/* Element `n` of the outermost array. */
static struct aud_bin element(struct aud_bin data, size_t n)
{
    size_t inside = 0;
    size_t tail = 0;
    size_t at = head(data.data, &inside, &tail);
    for (size_t i = 0; i < n; i++) {
        at += skip(data.data + at);
    }
    return (struct aud_bin){data.data + at, skip(data.data + at)};
}

/* ---- what was fixed before ---- */

static void read_stamp(struct aud_transcript *out, struct aud_list *list)
{
    struct sil_mp_array saved = list->array;
    const char *text = NULL;
    size_t length = 0;
    if (list->reading->status == SIL_OK &&
        sil_mp_next_str(&text, &length, &list->array, "", NULL) == SIL_OK) {
        static const char WORD[] = "UNLEDGERED";
        bool is = length == sizeof WORD - 1 && memcmp(text, WORD, length) == 0;
        aud_demand(list->reading, is, "F1", "a stamp that is none");
        return;
    }
    static const char *const LEDGERED[] = {"LEDGERED"};
    list->array = saved;
    struct aud_list stamp = aud_next_list(list);
    (void)aud_next_word(&stamp, LEDGERED, 1);
    out->is_ledgered = true;
    aud_next_bytes(out->ledger.bytes, sizeof out->ledger.bytes, &stamp);
    aud_next_bytes(out->reserve.bytes, sizeof out->reserve.bytes, &stamp);
    out->size = aud_next_uint(&stamp);
    aud_next_bytes(out->root.bytes, sizeof out->root.bytes, &stamp);
    aud_next_rational(&out->reserved, &stamp);
    aud_next_rational(&out->cap_rho, &stamp);
    aud_next_rational(&out->cap_delta, &stamp);
    aud_next_rational(&out->report_delta, &stamp);
    aud_next_text(out->label, &stamp);
    out->is_shared = aud_next_word(&stamp, ROLES, 2) == 1;
    aud_end(&stamp);
}

static void read_clique(uint32_t *attr, size_t *n,
                        const struct aud_transcript *transcript, struct aud_list *list)
{
    struct aud_list clique = aud_next_list(list);
    *n = 0;
    while (aud_has_next(&clique)) {
        uint64_t a = aud_next_uint(&clique);
        bool is_next = *n < AUD_CLIQUE_MAX && a < transcript->n_columns &&
                       (*n == 0 || attr[*n - 1] < a);
        aud_demand(list->reading, is_next, "F1",
                   "a marginal of columns that cannot be");
        if (is_next) {
            attr[(*n)++] = (uint32_t)a;
        }
    }
    aud_demand(list->reading, *n > 0, "F1", "a marginal of no columns");
}

static void read_order(struct aud_transcript *out, struct aud_list *plan)
{
    struct aud_list order = aud_next_list(plan);
    struct aud_reading *reading = plan->reading;
    if (reading->status != SIL_OK) {
        return;
    }
    reading->status = sil_alloc(&out->order, order.array.n, sizeof *out->order,
                                "columns", reading->err);
    while (aud_has_next(&order)) {
        uint64_t a = aud_next_uint(&order);
        aud_demand(reading, a < order.array.n, "F1",
                   "an order of columns that is none");
        out->order[out->n_columns++] = (uint32_t)a;
    }
    if (reading->status == SIL_OK) {
        size_t n = 0;
        reading->status = aud_count_recomputed(&n, (const char *)out->schema.data,
                                               out->schema.length, reading->err);
        aud_demand(reading, n <= out->n_columns, "F1",
                   "an order of other columns than the schema's");
        out->n_columns -= n <= out->n_columns ? n : 0;
        aud_demand(reading, out->n_columns > 0, "F1", "no column is measured");
    }
}

static void read_marginals(struct aud_transcript *out, struct aud_list *plan)
{
    struct aud_list all = aud_next_list(plan);
    struct aud_reading *reading = plan->reading;
    if (reading->status != SIL_OK) {
        return;
    }
    reading->status = sil_alloc(&out->wanted, all.array.n, sizeof *out->wanted,
                                "marginals", reading->err);
    while (aud_has_next(&all)) {
        struct aud_wanted *wanted = &out->wanted[out->n_wanted++];
        struct aud_list one = aud_next_list(&all);
        read_clique(wanted->attr, &wanted->n_attrs, out, &one);
        wanted->weight = aud_next_uint(&one);
        aud_end(&one);
    }
}

/* "row", or ["id", column, rows that count, what a missing id means, salt]. */
static void read_unit(struct aud_transcript *out, struct aud_list *plan)
{
    static const char *const ROW[] = {"row"};
    static const char *const PERSON[] = {"id"};
    static const char *const MISSING[] = {"own", "drop"};

    out->max_contrib = 1;
    out->is_people = aud_is_list(plan);
    if (!out->is_people) {
        (void)aud_next_word(plan, ROW, 1);
        return;
    }
    struct aud_list list = aud_next_list(plan);
    (void)aud_next_word(&list, PERSON, 1);
    aud_next_text(out->id_column, &list);
    out->max_contrib = aud_next_uint(&list);
    out->drops_missing = aud_next_word(&list, MISSING, 2) == 1;
    aud_next_bytes(out->salt, sizeof out->salt, &list);
    aud_end(&list);
    aud_demand(plan->reading,
               out->id_column[0] != '\0' && out->max_contrib >= 1 &&
                   out->max_contrib <= AUD_ROWS_OF_A_PERSON,
               "F1", "a unit of privacy that cannot be");
}

static void read_plan(struct aud_transcript *out, struct aud_list *list)
{
    struct aud_list plan = aud_next_list(list);
    out->schema = aud_next_bin(&plan);
    read_order(out, &plan);
    out->method = (enum aud_method)aud_next_word(&plan, METHODS, 4);
    aud_next_text(out->workload, &plan);
    read_marginals(out, &plan);
    out->max_cells = aud_next_uint(&plan);
    out->max_model_mb = aud_next_uint(&plan);
    read_unit(out, &plan);
    out->is_replace = aud_next_word(&plan, NEIGHBOURS, 2) == 1;
    aud_next_rational(&out->asked, &plan);
    out->has_discovery = aud_has_next(&plan);
    if (out->has_discovery) {
        aud_next_rational(&out->discovery, &plan);
    }
    aud_end(&plan);
}

/* ---- what left ---- */

static void read_groups(struct aud_left *left, struct aud_list *line)
{
    struct aud_list list = aud_next_list(line);
    size_t n = 0;
    while (aud_has_next(&list) && n < left->n_attrs) {
        left->group[n++] = aud_next_bin(&list);
    }
    aud_end(&list);
    left->is_grouped = n > 0;
    aud_demand(line->reading, n == 0 || n == left->n_attrs, "F1",
               "groupings of other columns than the marginal's");
}

static void read_choice(struct aud_left *left, bool is_mosaic, struct aud_list *line)
{
    left->candidates = aud_next_uint(line);
    left->chosen = aud_next_uint(line);
    aud_demand(line->reading, left->chosen < left->candidates, "F1",
               "a choice that was none of the candidates");
    if (is_mosaic) {
        left->weight = aud_next_uint(line);
        left->penalty = aud_next_uint(line);
        aud_demand(line->reading, aud_next_uint(line) == SCORE_BITS, "F1",
                   "scores of another resolution");
    }
}

/* D^2 / (2 sigma^2). */
static bool is_cost_of_noise(const mpq_t rho, const mpq_t sensitivity,
                             const mpq_t parameter)
{
    mpq_t cost;
    mpq_init(cost);
    mpq_div(cost, sensitivity, parameter);
    mpq_div_2exp(cost, cost, 1);
    bool is = mpq_equal(cost, rho) != 0;
    mpq_clear(cost);
    return is;
}

/* That, or epsilon^2 / 8. */
static bool is_cost(const struct aud_left *left)
{
    if (!left->is_choice) {
        return is_cost_of_noise(left->rho, left->sensitivity, left->parameter);
    }
    mpq_t cost;
    mpq_init(cost);
    mpq_div_2exp(cost, left->parameter, 3);
    bool is = mpq_equal(cost, left->rho) != 0;
    mpq_clear(cost);
    return is;
}

/* ---- what was discovered ---- */

static void read_values(struct aud_discovery *found, struct aud_list *line)
{
    struct aud_list values = aud_next_list(line);
    struct aud_reading *reading = line->reading;
    if (reading->status != SIL_OK) {
        return;
    }
    reading->status = sil_alloc(&found->value, values.array.n, sizeof *found->value,
                                "values", reading->err);
    while (aud_has_next(&values)) {
        found->value[found->n_values++] = aud_next_bin(&values);
    }
    aud_end(&values);
    found->noisy = aud_next_numbers(&found->n_noisy, line);
}

static void read_found(struct aud_discovery *found,
                       const struct aud_transcript *transcript, struct aud_list *lines)
{
    struct aud_list line = aud_next_list(lines);
    struct aud_reading *reading = lines->reading;
    uint32_t attr[AUD_CLIQUE_MAX] = {0};
    size_t n = 0;
    mpq_inits(found->sensitivity, found->parameter, found->rho, found->delta,
              found->threshold, (mpq_ptr)NULL);
    (void)aud_next_word(&line, KINDS, 3);
    read_clique(attr, &n, transcript, &line);
    aud_demand(reading, n == 1, "F1", "a discovery of several columns");
    found->attr = attr[0];
    aud_next_value(found->sensitivity, &line);
    aud_next_value(found->parameter, &line);
    aud_next_value(found->rho, &line);
    aud_next_value(found->delta, &line);
    aud_next_value(found->threshold, &line);
    found->shift = (unsigned)aud_next_uint(&line);
    aud_demand(reading, found->shift <= SHIFT_MAX, "F1", "a grid finer than any");
    read_values(found, &line);
    aud_end(&line);
    aud_demand(reading, mpq_sgn(found->parameter) > 0, "B3", "a line without noise");
    aud_demand(reading, mpq_sgn(found->delta) > 0, "B3",
               "a discovery without its delta");
    aud_demand(reading,
               reading->status != SIL_OK ||
                   is_cost_of_noise(found->rho, found->sensitivity, found->parameter),
               "B3", "a line's rho is not that of its parameter");
}

static void read_level(struct aud_level *level, const struct aud_transcript *transcript,
                       struct aud_list *lines)
{
    struct aud_list line = aud_next_list(lines);
    struct aud_reading *reading = lines->reading;
    uint32_t attr[AUD_CLIQUE_MAX] = {0};
    size_t n = 0;
    mpq_t delta;
    mpq_inits(level->sensitivity, level->parameter, level->rho, delta, (mpq_ptr)NULL);
    (void)aud_next_word(&line, KINDS, 4);
    read_clique(attr, &n, transcript, &line);
    aud_demand(reading, n == 1, "F1", "a tree of several columns");
    level->attr = attr[0];
    aud_next_value(level->sensitivity, &line);
    aud_next_value(level->parameter, &line);
    aud_next_value(level->rho, &line);
    aud_next_value(delta, &line);
    level->shift = (unsigned)aud_next_uint(&line);
    level->noisy = aud_next_numbers(&level->n_cells, &line);
    aud_end(&line);
    aud_demand(reading, level->shift <= SHIFT_MAX, "F1", "a grid finer than any");
    aud_demand(reading, mpq_sgn(delta) == 0, "B3", "a delta where there is none");
    mpq_clear(delta);
    aud_demand(reading, mpq_sgn(level->parameter) > 0, "B3", "a line without noise");
    aud_demand(reading,
               reading->status != SIL_OK ||
                   is_cost_of_noise(level->rho, level->sensitivity, level->parameter),
               "B3", "a line's rho is not that of its parameter");
}

/* Is the next line of this kind? */
static bool is_next(int kind, const struct aud_list *lines)
{
    struct sil_mp_array ahead = lines->array;
    struct sil_mp_array line;
    const char *word = NULL;
    size_t length = 0;
    return lines->reading->status == SIL_OK &&
           sil_mp_next_array(&line, &ahead, "", NULL) == SIL_OK &&
           sil_mp_next_str(&word, &length, &line, "", NULL) == SIL_OK &&
           length == strlen(KINDS[kind]) && memcmp(word, KINDS[kind], length) == 0;
}

static void read_line(struct aud_left *left, const struct aud_transcript *transcript,
                      struct aud_list *lines)
{
    struct aud_list line = aud_next_list(lines);
    struct aud_reading *reading = lines->reading;
    bool is_mosaic = transcript->method == AUD_MOSAIC;
    mpq_t delta;
    mpq_inits(left->sensitivity, left->parameter, left->rho, delta, (mpq_ptr)NULL);
    left->is_choice = aud_next_word(&line, KINDS, 2) == 1;
    read_clique(left->attr, &left->n_attrs, transcript, &line);
    aud_next_value(left->sensitivity, &line);
    aud_next_value(left->parameter, &line);
    aud_next_value(left->rho, &line);
    aud_next_value(delta, &line);
    if (is_mosaic) {
        read_groups(left, &line);
    }
    if (left->is_choice) {
        read_choice(left, is_mosaic, &line);
    } else {
        left->shift = (unsigned)aud_next_uint(&line);
        left->noisy = aud_next_numbers(&left->n_cells, &line);
        aud_demand(reading, left->shift <= SHIFT_MAX, "F1", "a grid finer than any");
    }
    aud_end(&line);
    aud_demand(reading, mpq_sgn(delta) == 0, "B3", "a delta where there is none");
    mpq_clear(delta);
    aud_demand(reading, mpq_sgn(left->parameter) > 0, "B3", "a line without noise");
    aud_demand(reading, reading->status != SIL_OK || is_cost(left), "B3",
               "a line's rho is not that of its parameter");
}

static void read_lines(struct aud_transcript *out, struct aud_list *list)
{
    struct aud_list lines = aud_next_list(list);
    struct aud_reading *reading = list->reading;
    if (reading->status != SIL_OK) {
        return;
    }
    reading->status =
        sil_alloc(&out->left, lines.array.n, sizeof *out->left, "lines", reading->err);
    if (reading->status == SIL_OK) {
        reading->status = sil_alloc(&out->found, out->n_columns, sizeof *out->found,
                                    "lines", reading->err);
    }
    if (reading->status == SIL_OK) {
        reading->status = sil_alloc(&out->level, lines.array.n, sizeof *out->level,
                                    "lines", reading->err);
    }
    while (aud_has_next(&lines) && out->n_found < out->n_columns &&
           is_next(THRESHOLD, &lines)) {
        read_found(&out->found[out->n_found++], out, &lines);
    }
    aud_demand(reading, out->has_discovery == (out->n_found > 0), "F1",
               "a delta for discovery without one, or one without it");
    while (aud_has_next(&lines) && is_next(TREE, &lines)) {
        read_level(&out->level[out->n_levels++], out, &lines);
    }
    while (aud_has_next(&lines)) {
        read_line(&out->left[out->n_left++], out, &lines);
    }
}

/* Costs have a few hundred bits, and so have their sums; those that somebody made up could
 * make each sum longer than the one before. */
static void add_bounded(mpq_t sum, const mpq_t cost, struct aud_reading *reading)
{
    enum { SUM_BITS = 4096 };

    mpq_add(sum, sum, cost);
    aud_demand(reading, mpz_sizeinbase(mpq_denref(sum), 2) <= SUM_BITS, "B5",
               "the lines add up to a number of too many digits");
}

/* What the discoveries leave: of the cap, and of delta. */
static void find_rest(struct aud_transcript *out, struct aud_reading *reading)
{
    mpq_sub(out->zcdp_delta, out->delta.v, out->discovery.v);
    aud_demand(reading, !out->has_discovery || mpq_sgn(out->discovery.v) > 0, "B9",
               "a discovery without its delta");
    aud_demand(reading, !out->has_discovery || mpq_sgn(out->zcdp_delta) > 0, "B9",
               "discoveries take all of delta");
    mpq_t spent;
    mpq_init(spent);
    for (size_t i = 0; i < out->n_found && reading->status == SIL_OK; i++) {
        add_bounded(spent, out->found[i].rho, reading);
    }
    for (size_t i = 0; i < out->n_levels && reading->status == SIL_OK; i++) {
        add_bounded(spent, out->level[i].rho, reading);
    }
    mpq_sub(out->rest, out->cap.v, spent);
    mpq_clear(spent);
}

static void check_sum(const struct aud_transcript *transcript,
                      struct aud_reading *reading)
{
    mpq_t sum;
    mpq_t delta;
    mpq_inits(sum, delta, (mpq_ptr)NULL);
    for (size_t i = 0; i < transcript->n_found && reading->status == SIL_OK; i++) {
        add_bounded(sum, transcript->found[i].rho, reading);
        add_bounded(delta, transcript->found[i].delta, reading);
    }
    aud_demand(reading, mpq_cmp(delta, transcript->discovery.v) <= 0, "B5",
               "discoveries add up to more than their part of delta");
    mpq_clear(delta);
    for (size_t i = 0; i < transcript->n_levels && reading->status == SIL_OK; i++) {
        add_bounded(sum, transcript->level[i].rho, reading);
    }
    for (size_t i = 0; i < transcript->n_left && reading->status == SIL_OK; i++) {
        add_bounded(sum, transcript->left[i].rho, reading);
    }
    aud_demand(reading, mpq_equal(sum, transcript->spent.v) != 0, "B5",
               "the lines do not add up to what is said to be spent");
    aud_demand(reading, mpq_cmp(sum, transcript->cap.v) <= 0, "B5",
               "the lines add up to more than the cap");
    mpq_clear(sum);
}

sil_status aud_transcript_read(struct aud_transcript *out, struct aud_bin data,
                               struct sil_error *err)
{
    static const char *const KIND[] = {"silhouette/transcript"};
    struct aud_reading reading;
    struct aud_rational *const rationals[] = {
        &out->reserved, &out->cap_rho,  &out->cap_delta, &out->report_delta,
        &out->asked,    &out->cap,      &out->delta,     &out->epsilon,
        &out->spent,    &out->discovery};
    *out = (struct aud_transcript){0};
    mpq_inits(out->rest, out->zcdp_delta, (mpq_ptr)NULL);
    for (size_t i = 0; i < sizeof rationals / sizeof rationals[0]; i++) {
        aud_rational_init(rationals[i]);
    }
    struct aud_list list = aud_reading_begin_large(&reading, data, err);
    (void)aud_next_word(&list, KIND, 1);
    uint64_t version = aud_next_uint(&list);
    if (reading.status == SIL_OK && version != 1) {
        reading.status = sil_fail(err, SIL_ERR_UNSUPPORTED,
                                  "a transcript of version %" PRIu64, version);
    }
    out->replay = aud_next_uint(&list);
    read_stamp(out, &list);
    read_plan(out, &list);
    struct aud_list claim = aud_next_list(&list);
    aud_next_rational(&out->cap, &claim);
    aud_next_rational(&out->delta, &claim);
    aud_next_rational(&out->epsilon, &claim);
    aud_end(&claim);
    aud_next_rational(&out->spent, &list);
    read_lines(out, &list);
    aud_end(&list);
    find_rest(out, &reading);
    check_sum(out, &reading);
    if (reading.status == SIL_OK) {
        out->plan = element(data, PLAN_AT);
    }
    aud_reading_clear(&reading);
    return reading.status;
}

void aud_transcript_clear(struct aud_transcript *transcript)
{
    struct aud_rational *const rationals[] = {
        &transcript->reserved,     &transcript->cap_rho, &transcript->cap_delta,
        &transcript->report_delta, &transcript->asked,   &transcript->cap,
        &transcript->delta,        &transcript->epsilon, &transcript->spent,
        &transcript->discovery};
    for (size_t i = 0; i < sizeof rationals / sizeof rationals[0]; i++) {
        aud_rational_clear(rationals[i]);
    }
    mpq_clears(transcript->rest, transcript->zcdp_delta, (mpq_ptr)NULL);
    for (size_t i = 0; i < transcript->n_found; i++) {
        struct aud_discovery *found = &transcript->found[i];
        mpq_clears(found->sensitivity, found->parameter, found->rho, found->delta,
                   found->threshold, (mpq_ptr)NULL);
        free(found->value);
        free(found->noisy);
    }
    free(transcript->found);
    for (size_t i = 0; i < transcript->n_levels; i++) {
        struct aud_level *level = &transcript->level[i];
        mpq_clears(level->sensitivity, level->parameter, level->rho, (mpq_ptr)NULL);
        free(level->noisy);
    }
    free(transcript->level);
    for (size_t i = 0; i < transcript->n_left; i++) {
        struct aud_left *left = &transcript->left[i];
        mpq_clears(left->sensitivity, left->parameter, left->rho, (mpq_ptr)NULL);
        free(left->noisy);
    }
    free(transcript->left);
    free(transcript->wanted);
    free(transcript->order);
}
