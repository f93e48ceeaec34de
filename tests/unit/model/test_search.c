// SPDX-License-Identifier: Apache-2.0
// The search against a slow one that reckons the whole objective anew for every proposal.
#include "model/isa.h"
#include "model/search.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>

enum { MOST_TARGETS = 16, MOST_ROWS = 400, RUN = 512, FLAT = 11 };

static const uint64_t KEY = 31;

struct problem {
    const char *name;
    const char *cliques;
    uint32_t n_attrs;
    uint32_t sizes[5];
    uint32_t n_rows;
    uint32_t n_zeros; ///< in ten cells, how many are structural zeros; or FLAT
    uint32_t weight[3];
};

static const struct problem PROBLEMS[] = {
    {"triple",              "0,1,2",                   3, {3, 4, 5},    50,  0,    {1, 1, 1}  },
    {"all of three",        "0;1;2;0,1;0,2;1,2;0,1,2", 3, {4, 3, 4},    90,  0,    {100, 5, 1}},
    {"with zeros",          "0;0,1;1,2;0,1,2",         3, {3, 3, 4},    60,  4,    {100, 5, 1}},
    {"some zeros",          "0,1;1,2;2,3;0,1,3",       4, {2, 3, 4, 2}, 120, 1,    {1, 7, 3}  },
    {"a column left out",   "0,1;0,3",                 4, {3, 4, 5, 2}, 40,  0,    {1, 1, 1}  },
    {"a column of a value", "0;1;0,2",                 3, {3, 1, 4},    40,  0,    {9, 2, 1}  },
    {"singles alone",       "0;1",                     2, {6, 7},       70,  0,    {1, 1, 1}  },
    {"one column",          "0",                       1, {5},          30,  2,    {100, 1, 1}},
    {"two rows",            "0,1;1,2",                 3, {3, 3, 3},    2,   0,    {1, 1, 1}  },
    {"one row",             "0,1",                     2, {3, 3},       1,   0,    {1, 1, 1}  },
    {"a clique twice",      "0,1;0,1;1,2",             3, {3, 4, 2},    60,  0,    {1, 2, 1}  },
    {"five columns",
     "0,1,2;1,2,3;2,3,4;0,4;1;3,4",                    5,
     {2, 3, 2, 4, 3},
     100,                                                                    0,
     {50, 5, 1}                                                                               },
    {"single and pairs",    "0;1,2;2,3",               4, {4, 3, 3, 2}, 50,  0,    {3, 2, 1}  },
    {"flat tables",         "0,1;1,2;0",               3, {2, 4, 3},    36,  FLAT, {1, 1, 1}  },
};

enum { N_PROBLEMS = sizeof PROBLEMS / sizeof PROBLEMS[0] };

struct instance {
    struct sil_domain domain;
    struct sil_target targets[MOST_TARGETS];
    double *tables[MOST_TARGETS];
    size_t n;
    struct sil_codes rows;
};

static void random_rows(struct sil_codes *rows, const struct sil_domain *domain,
                        size_t n, struct random *r)
{
    cr_assert_eq(sil_codes_init(rows, domain, n, NULL), SIL_OK);
    for (size_t row = 0; row < n; row++) {
        for (uint32_t a = 0; a < domain->n_attrs; a++) {
            sil_codes_set(rows, a, row, (uint32_t)random_below(r, domain->sizes[a]));
        }
    }
}

static struct instance instance_of(const struct problem *p, struct random *r)
{
    struct instance out = {
        .domain = {p->n_attrs, p->sizes, NULL}
    };
    struct sil_clique cliques[MOST_TARGETS];
    out.n = parse_cliques(cliques, p->cliques);
    for (size_t t = 0; t < out.n; t++) {
        size_t cells = sil_clique_cells(&out.domain, &cliques[t]);
        out.tables[t] = calloc(cells, sizeof(double));
        for (size_t i = 0; i < cells; i++) {
            bool is_zero = i > 0 && random_below(r, 10) < p->n_zeros;
            double u = random_unit(r);
            out.tables[t][i] = is_zero ? 0 : 0.01 + 20 * u * u * u;
            out.tables[t][i] = p->n_zeros == FLAT ? 1 : out.tables[t][i];
        }
        out.targets[t] =
            (struct sil_target){cliques[t], out.tables[t], p->weight[cliques[t].n - 1]};
    }
    random_rows(&out.rows, &out.domain, p->n_rows, r);
    return out;
}

static void clear(struct instance *i)
{
    for (size_t t = 0; t < i->n; t++) {
        free(i->tables[t]);
    }
    sil_codes_clear(&i->rows);
}

static void copy_of(struct sil_codes *out, const struct instance *i)
{
    cr_assert_eq(sil_codes_init(out, &i->domain, i->rows.n_rows, NULL), SIL_OK);
    for (uint32_t a = 0; a < i->domain.n_attrs; a++) {
        (void)memcpy(out->column[a], i->rows.column[a],
                     i->rows.n_rows * i->rows.width[a]);
    }
}

static void search_with(struct sil_codes *rows, const struct instance *i,
                        const struct sil_search_effort *effort, unsigned n_threads)
{
    struct sil_words words = {test_words, &KEY};
    struct sil_error err = {""};
    cr_assert_eq(sil_search(rows, &i->domain, i->targets, i->n, effort, words,
                            n_threads, NULL, &err),
                 SIL_OK, "%s", err.text);
}

static void search(struct sil_codes *rows, const struct instance *i, uint64_t n_moves,
                   uint64_t n_swaps, unsigned n_threads)
{
    const struct sil_search_effort effort = {n_moves, n_swaps, n_moves / 10};
    search_with(rows, i, &effort, n_threads);
}

static void check_same_rows(const struct sil_codes *a, const struct sil_codes *b,
                            const char *what)
{
    cr_assert_eq(a->n_rows, b->n_rows);
    for (uint32_t attr = 0; attr < a->n_attrs; attr++) {
        cr_assert_arr_eq(a->column[attr], b->column[attr], a->n_rows * a->width[attr],
                         "%s: column %u", what, attr);
    }
}

static void count(uint32_t *h, const struct sil_codes *rows,
                  const struct sil_domain *domain, const struct sil_clique *c)
{
    (void)memset(h, 0, sil_clique_cells(domain, c) * sizeof *h);
    for (size_t row = 0; row < rows->n_rows; row++) {
        size_t cell = 0;
        for (uint32_t i = 0; i < c->n; i++) {
            cell =
                cell * domain->sizes[c->attr[i]] + sil_codes_get(rows, c->attr[i], row);
        }
        h[cell]++;
    }
}

/* The sum of weight diff^2 in the integers of the contract, and how many rows are where a
 * table is 0, target by target and cell by cell. */
struct state {
    sil_u128 objective;
    uint32_t forbidden[MOST_TARGETS][256];
};

static void reckon(struct state *out, const struct instance *problem,
                   const struct sil_codes *rows)
{
    uint32_t h[256];
    (void)memset(out, 0, sizeof *out);
    for (size_t t = 0; t < problem->n; t++) {
        const struct sil_target *target = &problem->targets[t];
        size_t cells = sil_clique_cells(&problem->domain, &target->clique);
        double total = 0;
        count(h, rows, &problem->domain, &target->clique);
        for (size_t i = 0; i < cells; i++) {
            total += target->table[i];
        }
        for (size_t i = 0; i < cells; i++) {
            double scaled = target->table[i] / total * (double)rows->n_rows;
            int64_t diff = 256 * (int64_t)h[i] - (int64_t)floor(256 * scaled + 0.5);
            uint64_t weight =
                (uint64_t)floor(0x1p20 * target->weight / (scaled + 1) + 0.5);
            out->objective += (sil_u128)weight * (sil_u128)(diff * diff);
            out->forbidden[t][i] = target->table[i] > 0 ? 0 : h[i];
        }
    }
}

static bool is_allowed(const struct state *before, const struct state *after)
{
    for (size_t t = 0; t < MOST_TARGETS; t++) {
        for (size_t i = 0; i < 256; i++) {
            if (after->forbidden[t][i] > before->forbidden[t][i]) {
                return false;
            }
        }
    }
    return after->objective < before->objective;
}

/* The columns that proposals are about: those of two values or more in a target of at least
 * `n_together` attributes. */
static uint32_t list_columns(uint32_t *out, const struct instance *problem,
                             uint32_t n_together)
{
    uint32_t n = 0;
    for (uint32_t a = 0; a < problem->domain.n_attrs; a++) {
        bool is_in = false;
        for (size_t t = 0; t < problem->n; t++) {
            const struct sil_clique *c = &problem->targets[t].clique;
            is_in = is_in || (c->n >= n_together && sil_clique_has(c, a));
        }
        if (is_in && problem->domain.sizes[a] > 1) {
            out[n++] = a;
        }
    }
    return n;
}

struct proposal {
    uint32_t column;
    size_t to;
    size_t from;
};

/* Make a proposal; what `to` had before is where it says. Returns false if it is none. */
static bool make(struct sil_codes *rows, const struct proposal *p, bool is_swap,
                 uint32_t *before)
{
    uint32_t after = sil_codes_get(rows, p->column, p->from);
    *before = sil_codes_get(rows, p->column, p->to);
    sil_codes_set(rows, p->column, p->to, after);
    sil_codes_set(rows, p->column, p->from, is_swap ? *before : after);
    return *before != after;
}

static void undo(struct sil_codes *rows, const struct proposal *p, uint32_t before)
{
    uint32_t after = sil_codes_get(rows, p->column, p->to);
    sil_codes_set(rows, p->column, p->from, after);
    sil_codes_set(rows, p->column, p->to, before);
}

/* One run: what does not lower the objective at its start is not tried again. Returns how
 * many proposals were made. */
static size_t try_run(struct sil_codes *rows, const struct instance *problem,
                      const struct proposal *run, size_t n, bool is_swap)
{
    bool is_promising[RUN];
    size_t made = 0;
    uint32_t code;
    struct state now;
    struct state next;
    reckon(&now, problem, rows);
    for (size_t k = 0; k < n; k++) {
        (void)make(rows, &run[k], is_swap, &code);
        reckon(&next, problem, rows);
        is_promising[k] = next.objective < now.objective;
        undo(rows, &run[k], code);
    }
    for (size_t k = 0; k < n; k++) {
        bool is_change = is_promising[k] && make(rows, &run[k], is_swap, &code);
        reckon(&next, problem, rows);
        if (is_change && is_allowed(&now, &next)) {
            now = next;
            made++;
        } else if (is_change) {
            undo(rows, &run[k], code);
        }
    }
    return made;
}

static struct sil_word_reader stream(uint64_t number)
{
    return sil_word_reader((struct sil_words){test_words, &KEY},
                           SIL_STREAM(SIL_STREAM_SEARCH, number));
}

static void draw_rows(size_t *to, size_t *from, size_t n_rows,
                      struct sil_word_reader *reader)
{
    sil_u128 first = (sil_u128)sil_word(reader) * n_rows;
    sil_u128 second = (sil_u128)(uint64_t)first * n_rows;
    *to = (size_t)(first >> 64);
    *from = (size_t)(second >> 64);
}

/* The next `n` proposals of a stream of moves or swaps. */
static size_t try_all(struct sil_codes *rows, const struct instance *problem,
                      uint64_t n, bool is_swap, struct sil_word_reader *reader)
{
    uint32_t columns[8];
    uint32_t n_columns = list_columns(columns, problem, is_swap ? 2 : 1);
    size_t made = 0;
    for (uint64_t done = 0; done < n && n_columns > 0; done += RUN) {
        struct proposal run[RUN];
        size_t length = n - done < RUN ? n - done : RUN;
        uint32_t column = columns[sil_word_below(reader, n_columns)];
        for (size_t k = 0; k < length; k++) {
            run[k].column = column;
            draw_rows(&run[k].to, &run[k].from, rows->n_rows, reader);
        }
        made += try_run(rows, problem, run, length, is_swap);
    }
    return made;
}

static bool is_held(const struct instance *problem, uint32_t attr)
{
    bool is_in = false;
    for (size_t t = 0; t < problem->n; t++) {
        is_in = is_in || sil_clique_has(&problem->targets[t].clique, attr);
    }
    return is_in;
}

static size_t try_copies(struct sil_codes *rows, const struct instance *problem,
                         uint64_t n)
{
    struct sil_word_reader reader = stream(2);
    size_t made = 0;
    for (uint64_t i = 0; i < n; i++) {
        size_t to;
        size_t from;
        uint32_t before[8];
        struct state now;
        struct state next;
        draw_rows(&to, &from, rows->n_rows, &reader);
        reckon(&now, problem, rows);
        for (uint32_t a = 0; a < problem->domain.n_attrs; a++) {
            before[a] = sil_codes_get(rows, a, to);
            if (is_held(problem, a)) {
                sil_codes_set(rows, a, to, sil_codes_get(rows, a, from));
            }
        }
        reckon(&next, problem, rows);
        bool is_made = is_allowed(&now, &next);
        made += is_made;
        for (uint32_t a = 0; a < problem->domain.n_attrs && !is_made; a++) {
            sil_codes_set(rows, a, to, before[a]);
        }
    }
    return made;
}

/* The whole search: half of the moves (whole runs of them), copies, the others, swaps. */
static size_t try_effort(struct sil_codes *rows, const struct instance *problem,
                         const struct sil_search_effort *effort)
{
    struct sil_word_reader moves = stream(0);
    struct sil_word_reader swaps = stream(1);
    uint64_t half = effort->n_moves / 2 / RUN * RUN;
    size_t made = try_all(rows, problem, half, false, &moves);
    made += try_copies(rows, problem, effort->n_copies);
    made += try_all(rows, problem, effort->n_moves - half, false, &moves);
    return made + try_all(rows, problem, effort->n_swaps, true, &swaps);
}

Test(model_search, makes_the_proposals_that_lower_the_objective, .timeout = 120)
{
    static const struct sil_search_effort EFFORTS[] = {
        {1500, 0,    0  },
        {0,    1500, 0  },
        {0,    0,    900},
        {1100, 300,  200}
    };
    struct random r = random_start("slow search", 81);
    for (size_t k = 0; k < N_PROBLEMS; k++) {
        struct instance problem = instance_of(&PROBLEMS[k], &r);
        for (size_t e = 0; e < 4; e++) {
            struct sil_codes fast;
            struct sil_codes slow;
            copy_of(&fast, &problem);
            copy_of(&slow, &problem);

            search_with(&fast, &problem, &EFFORTS[e], 1);
            size_t made = try_effort(&slow, &problem, &EFFORTS[e]);

            check_same_rows(&fast, &slow, PROBLEMS[k].name);
            cr_expect(made > 0 || EFFORTS[e].n_moves == 0 || PROBLEMS[k].n_rows < 3,
                      "%s: nothing to do", PROBLEMS[k].name);
            sil_codes_clear(&fast);
            sil_codes_clear(&slow);
        }
        clear(&problem);
    }
}

/* A problem of its own for each of the tests below. */
static struct instance larger(struct random *r, uint32_t n_rows, uint32_t n_zeros)
{
    static struct problem p = {
        "larger",   "0;1;2;3;0,1;0,2;1,2;1,3;2,3;0,1,2;1,2,3", 4, {7, 5,  6, 3},
             0, 0,
        {100, 5, 1}
    };
    p.n_rows = n_rows;
    p.n_zeros = n_zeros;
    return instance_of(&p, r);
}

Test(model_search, exchanges_values_without_touching_single_columns)
{
    struct random r = random_start("exchanges", 82);
    struct instance problem = larger(&r, MOST_ROWS, 1);
    struct sil_codes rows;
    copy_of(&rows, &problem);

    search(&rows, &problem, 0, 20000, 1);

    bool is_changed = false;
    for (uint32_t a = 0; a < problem.domain.n_attrs; a++) {
        uint32_t before[8];
        uint32_t after[8];
        struct sil_clique single = sil_clique_single(a);
        count(before, &problem.rows, &problem.domain, &single);
        count(after, &rows, &problem.domain, &single);
        cr_expect_arr_eq(before, after, problem.domain.sizes[a] * sizeof *before);
        is_changed = is_changed || memcmp(rows.column[a], problem.rows.column[a],
                                          rows.n_rows * rows.width[a]) != 0;
    }
    cr_expect(is_changed);
    sil_codes_clear(&rows);
    clear(&problem);
}

/* Rows that start in cells of structural zeros leave them or stay; none enters. */
Test(model_search, never_puts_a_row_where_a_table_is_0)
{
    struct random r = random_start("zeros", 83);
    struct instance problem = larger(&r, MOST_ROWS, 2);
    struct sil_codes rows;
    size_t n_left = 0;
    copy_of(&rows, &problem);

    search(&rows, &problem, 20000, 5000, 1);

    for (size_t t = 0; t < problem.n; t++) {
        uint32_t before[256];
        uint32_t after[256];
        const struct sil_clique *c = &problem.targets[t].clique;
        count(before, &problem.rows, &problem.domain, c);
        count(after, &rows, &problem.domain, c);
        for (size_t i = 0; i < sil_clique_cells(&problem.domain, c); i++) {
            bool is_zero = problem.targets[t].table[i] <= 0;
            cr_expect(!is_zero || after[i] <= before[i], "target %zu, cell %zu", t, i);
            n_left += is_zero ? before[i] - after[i] : 0;
        }
    }
    cr_expect_gt(n_left, 0);
    sil_codes_clear(&rows);
    clear(&problem);
}

Test(model_search, is_the_same_for_any_number_of_threads)
{
    struct random r = random_start("threads", 84);
    struct instance problem = larger(&r, MOST_ROWS, 1);
    struct sil_codes one;
    copy_of(&one, &problem);
    search(&one, &problem, 10000, 3000, 1);
    for (unsigned n = 2; n <= 4; n++) {
        struct sil_codes more;
        copy_of(&more, &problem);

        search(&more, &problem, 10000, 3000, n);

        check_same_rows(&one, &more, "threads");
        sil_codes_clear(&more);
    }
    sil_codes_clear(&one);
    clear(&problem);
}

Test(model_search, is_the_same_for_every_instruction_set)
{
    static const char *const NAMES[] = {"avx2", "avx512"};
    struct random r = random_start("instruction sets", 88);
    struct instance problem = larger(&r, MOST_ROWS, 1);
    struct sil_codes plain;
    copy_of(&plain, &problem);
    cr_assert_eq(sil_isa_select("scalar", NULL), SIL_OK);
    search(&plain, &problem, 10000, 3000, 1);
    for (size_t i = 0; i < 2; i++) {
        struct sil_codes other;
        if (sil_isa_select(NAMES[i], NULL) != SIL_OK) {
            (void)fprintf(stderr, "skipped: this machine has no %s\n", NAMES[i]);
            continue;
        }
        copy_of(&other, &problem);

        search(&other, &problem, 10000, 3000, 1);

        check_same_rows(&plain, &other, NAMES[i]);
        sil_codes_clear(&other);
    }
    sil_codes_clear(&plain);
    clear(&problem);
}

static uint64_t hash_after(const struct sil_search_effort *effort)
{
    struct random r = {85};
    struct instance problem = larger(&r, 300, 1);
    uint64_t hash = 0;

    search_with(&problem.rows, &problem, effort, 2);

    for (size_t row = 0; row < problem.rows.n_rows; row++) {
        for (uint32_t a = 0; a < problem.domain.n_attrs; a++) {
            hash = mix(hash + sil_codes_get(&problem.rows, a, row) + 1);
        }
    }
    clear(&problem);
    return hash;
}

/* Part of what a replay number promises. */
Test(model_search, gives_the_rows_it_always_gave)
{
    uint64_t without = hash_after(&(struct sil_search_effort){10000, 3000, 0});
    uint64_t with = hash_after(&(struct sil_search_effort){10000, 3000, 1000});
    cr_expect_eq(without, UINT64_C(0x5bb602462932a4da), "%llx",
                 (unsigned long long)without);
    cr_expect_eq(with, UINT64_C(0x28ef278b47aa879e), "%llx", (unsigned long long)with);
}

static double distance(const struct instance *problem, const struct sil_codes *rows)
{
    double sum = 0;
    for (size_t t = 0; t < problem->n; t++) {
        uint32_t h[256];
        const struct sil_clique *c = &problem->targets[t].clique;
        count(h, rows, &problem->domain, c);
        for (size_t i = 0; i < sil_clique_cells(&problem->domain, c); i++) {
            sum += fabs(h[i] - problem->targets[t].table[i]);
        }
    }
    return sum / (double)(problem->n * rows->n_rows);
}

/* From rows with shuffled columns back to tables that some rows have exactly. */
Test(model_search, finds_rows_with_given_tables)
{
    struct problem p = {
        "given tables", "0;1;2;0,1;0,2;1,2;0,1,2", 3, {5,   4, 6},
           300, 0, {100, 5, 1}
    };
    struct random r = random_start("given tables", 86);
    struct instance problem = instance_of(&p, &r);
    for (size_t row = 0; row < p.n_rows; row++) {
        uint32_t a = sil_codes_get(&problem.rows, 0, row);
        if (random_below(&r, 4) != 0) {
            sil_codes_set(&problem.rows, 1, row, a % 4);
            sil_codes_set(&problem.rows, 2, row, a + row % 2);
        }
    }
    for (size_t t = 0; t < problem.n; t++) {
        uint32_t h[256];
        count(h, &problem.rows, &problem.domain, &problem.targets[t].clique);
        for (size_t i = 0;
             i < sil_clique_cells(&problem.domain, &problem.targets[t].clique); i++) {
            problem.tables[t][i] = h[i];
        }
    }
    for (size_t i = p.n_rows; i > 1; i--) {
        for (uint32_t a = 0; a < 3; a++) {
            size_t k = random_below(&r, i);
            uint32_t swap = sil_codes_get(&problem.rows, a, k);
            sil_codes_set(&problem.rows, a, k, sil_codes_get(&problem.rows, a, i - 1));
            sil_codes_set(&problem.rows, a, i - 1, swap);
        }
    }
    double before = distance(&problem, &problem.rows);

    search(&problem.rows, &problem, 60000, 20000, 1);

    double after = distance(&problem, &problem.rows);
    cr_expect_gt(before, 0.3);
    cr_expect_lt(after, 0.03, "%g, then %g", before, after);
    clear(&problem);
}

Test(model_search, leaves_alone_what_it_cannot_change)
{
    struct random r = random_start("nothing", 87);
    struct instance problem = larger(&r, MOST_ROWS, 0);
    struct sil_codes rows;

    copy_of(&rows, &problem);
    search(&rows, &problem, 0, 0, 1);
    check_same_rows(&rows, &problem.rows, "no proposals");
    size_t n = problem.n;
    problem.n = 0;
    search(&rows, &problem, 1000, 1000, 1);
    check_same_rows(&rows, &problem.rows, "no targets");
    problem.n = 1;
    search(&rows, &problem, 0, 1000, 1);
    check_same_rows(&rows, &problem.rows, "swaps in single columns");
    problem.n = n;
    sil_codes_clear(&rows);

    cr_assert_eq(sil_codes_init(&rows, &problem.domain, 0, NULL), SIL_OK);
    search(&rows, &problem, 1000, 1000, 2);
    cr_expect_eq(rows.n_rows, 0);
    sil_codes_clear(&rows);
    clear(&problem);
}
