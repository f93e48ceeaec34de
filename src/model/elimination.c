// SPDX-License-Identifier: Apache-2.0
#include "model/elimination.h"

#include <string.h>

/* Filling costs the square of a degree for each vertex: too slow for wide tables, whose
 * graphs are near-trees that every order solves. */
enum { N_ORDERS = 3, FILL_MAX = 256 };

enum order { FEWEST_CELLS, FEWEST_EDGES, LIGHTEST_EDGES };

struct run {
    const struct sil_component *component;
    enum order order;
    struct sil_elimination *out;
    uint64_t *fill;    ///< primary cost of each vertex (0 under FEWEST_CELLS)
    uint64_t *cells;   ///< cells of each vertex's closure
    uint64_t *left;    ///< bit set of the vertices not yet eliminated
    uint64_t *touched; ///< bit set: whose costs are out of date
    uint32_t *open;    ///< eliminated, its parent not yet known
    uint32_t n_open;
};

static uint64_t times(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static uint64_t *row_of(const struct run *run, uint32_t v)
{
    return run->out->rows + (size_t)v * run->component->words;
}

static bool has_bit(const uint64_t *set, uint32_t v)
{
    return (set[v / 64] >> (v % 64) & 1) != 0;
}

static void set_bit(uint64_t *set, uint32_t v)
{
    set[v / 64] |= UINT64_C(1) << (v % 64);
}

static void clear_bit(uint64_t *set, uint32_t v)
{
    set[v / 64] &= ~(UINT64_C(1) << (v % 64));
}

/* Without the instruction that not every processor has, the compiler would call a
 * function for each word. */
static uint32_t count_word(uint64_t x)
{
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
    x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (uint32_t)(x * UINT64_C(0x0101010101010101) >> 56);
}

static uint32_t count_bits(const uint64_t *set, uint32_t words)
{
    uint32_t n = 0;
    for (uint32_t w = 0; w < words; w++) {
        n += count_word(set[w]);
    }
    return n;
}

/* The next member at or after `from`, or `n` when there is none. */
static uint32_t next_bit(const uint64_t *set, uint32_t from, uint32_t n)
{
    while (from < n) {
        uint64_t word = set[from / 64] >> (from % 64);
        if (word != 0) {
            return from + (uint32_t)__builtin_ctzll(word);
        }
        from = (from / 64 + 1) * 64;
    }
    return n;
}

static uint64_t product_of(const struct run *run, const uint64_t *set, uint64_t start)
{
    const struct sil_component *c = run->component;
    uint64_t product = start;
    for (uint32_t u = next_bit(set, 0, c->n); u < c->n && product != UINT64_MAX;
         u = next_bit(set, u + 1, c->n)) {
        product = times(product, c->sizes[u]);
    }
    return product;
}

/* What joining all neighbours of v pairwise would add, each new edge counted twice. */
static uint64_t fill_of(const struct run *run, uint32_t v)
{
    const struct sil_component *c = run->component;
    const uint64_t *around = row_of(run, v);
    uint64_t cost = 0;
    for (uint32_t u = next_bit(around, 0, c->n); u < c->n;
         u = next_bit(around, u + 1, c->n)) {
        const uint64_t *other = row_of(run, u);
        uint64_t missing = 0;
        for (uint32_t w = 0; w < c->words; w++) {
            uint64_t absent = around[w] & ~other[w];
            if (run->order == FEWEST_EDGES) {
                missing += count_word(absent);
                continue;
            }
            for (; absent != 0; absent &= absent - 1) {
                uint32_t t = w * 64 + (uint32_t)__builtin_ctzll(absent);
                missing = plus(missing, t == u ? 0 : c->sizes[t]);
            }
        }
        cost = plus(cost, run->order == FEWEST_EDGES ? missing - 1
                                                     : times(missing, c->sizes[u]));
    }
    return cost;
}

static void update_costs(struct run *run)
{
    const struct sil_component *c = run->component;
    for (uint32_t v = next_bit(run->touched, 0, c->n); v < c->n;
         v = next_bit(run->touched, v + 1, c->n)) {
        run->cells[v] = product_of(run, row_of(run, v), c->sizes[v]);
        run->fill[v] = run->order == FEWEST_CELLS ? 0 : fill_of(run, v);
    }
    (void)memset(run->touched, 0, c->words * sizeof *run->touched);
}

static uint32_t cheapest(const struct run *run)
{
    uint32_t n = run->component->n;
    uint32_t best = next_bit(run->left, 0, n);
    for (uint32_t v = next_bit(run->left, best + 1, n); v < n;
         v = next_bit(run->left, v + 1, n)) {
        if (run->fill[v] < run->fill[best] ||
            (run->fill[v] == run->fill[best] && run->cells[v] < run->cells[best])) {
            best = v;
        }
    }
    return best;
}

/* The closure of v is not maximal exactly when it is what some vertex eliminated before
 * left behind, and v is the first of that vertex's neighbours to go. */
static bool adopt_children(struct run *run, uint32_t v, uint32_t degree)
{
    uint32_t words = run->component->words;
    bool is_maximal = true;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < run->n_open; i++) {
        uint32_t child = run->open[i];
        if (!has_bit(row_of(run, child), v)) {
            run->open[kept++] = child;
            continue;
        }
        run->out->parent[child] = v;
        if (is_maximal && count_bits(row_of(run, child), words) == degree + 1) {
            is_maximal = false;
            run->out->holder[v] = run->out->holder[child];
        }
    }
    run->n_open = kept;
    return is_maximal;
}

static void join_neighbours(struct run *run, uint32_t v)
{
    const struct sil_component *c = run->component;
    const uint64_t *around = row_of(run, v);
    clear_bit(run->left, v);
    for (uint32_t u = next_bit(around, 0, c->n); u < c->n;
         u = next_bit(around, u + 1, c->n)) {
        uint64_t *row = row_of(run, u);
        for (uint32_t w = 0; w < c->words; w++) {
            row[w] |= around[w];
        }
        clear_bit(row, u);
        clear_bit(row, v);
        set_bit(run->touched, u);
        /* A new edge between two neighbours of t lowers the fill of t. */
        for (uint32_t w = 0; run->order != FEWEST_CELLS && w < c->words; w++) {
            run->touched[w] |= row[w];
        }
    }
}

static uint64_t run_order(struct run *run, uint64_t limit)
{
    const struct sil_component *c = run->component;
    uint64_t total = 0;
    (void)memcpy(run->out->rows, c->rows, (size_t)c->n * c->words * sizeof *c->rows);
    (void)memset(run->left, 0, c->words * sizeof *run->left);
    (void)memset(run->touched, 0, c->words * sizeof *run->touched);
    for (uint32_t v = 0; v < c->n; v++) {
        set_bit(run->left, v);
        set_bit(run->touched, v);
    }

    run->n_open = 0;
    for (uint32_t step = 0; step < c->n; step++) {
        update_costs(run);
        uint32_t v = cheapest(run);
        uint32_t degree = count_bits(row_of(run, v), c->words);
        run->out->position[v] = step;
        run->out->parent[v] = v;
        run->out->holder[v] = v;
        if (adopt_children(run, v, degree)) {
            total = plus(total, run->cells[v]);
        }
        if (degree >= SIL_CLIQUE_MAX || total > limit) {
            return UINT64_MAX;
        }
        join_neighbours(run, v);
        if (degree > 0) {
            run->open[run->n_open++] = v;
        }
    }
    return total;
}

/* Words of one result, of n vertices and rows of `words` words. */
static size_t result_words(size_t n, size_t words)
{
    return 3 * ((n + 1) / 2) + n * words;
}

size_t sil_elimination_scratch(uint32_t n)
{
    size_t words = ((size_t)n + 63) / 64;
    return 2 * result_words(n, words) + 2 * (size_t)n + 2 * words + (n + 1) / 2;
}

static uint64_t *carve_result(struct sil_elimination *out, uint64_t *scratch, size_t n,
                              size_t words)
{
    size_t half = (n + 1) / 2;
    out->position = (uint32_t *)scratch;
    out->parent = (uint32_t *)(scratch + half);
    out->holder = (uint32_t *)(scratch + 2 * half);
    out->rows = scratch + 3 * half;
    return scratch + 3 * half + n * words;
}

/* Lay out the scratch of a run after that of `best`; return how many orders to try. */
static int open_run(struct run *run, struct sil_elimination *best,
                    struct sil_elimination *trial,
                    const struct sil_component *component, uint64_t *scratch)
{
    size_t n = component->n;
    size_t words = component->words;
    *run = (struct run){.component = component, .out = trial};
    scratch = carve_result(best, scratch, n, words);
    scratch = carve_result(trial, scratch, n, words);
    run->fill = scratch;
    run->cells = run->fill + n;
    run->left = run->cells + n;
    run->touched = run->left + words;
    run->open = (uint32_t *)(run->touched + words);
    return n > FILL_MAX ? 1 : N_ORDERS;
}

void sil_eliminate(struct sil_elimination *best, const struct sil_component *component,
                   uint64_t limit, uint64_t *scratch)
{
    struct sil_elimination trial;
    struct run run;
    int n_orders = open_run(&run, best, &trial, component, scratch);
    best->cells = UINT64_MAX;
    for (int i = 0; i < n_orders; i++) {
        run.order = (enum order)i;
        /* A later order must be strictly smaller to win. */
        uint64_t bar = best->cells == UINT64_MAX ? limit : best->cells - 1;
        trial.cells = run_order(&run, bar);
        if (trial.cells < best->cells) {
            struct sil_elimination previous = *best;
            *best = trial;
            trial = previous;
        }
    }
}

bool sil_elimination_fits(const struct sil_component *component, uint64_t limit,
                          uint64_t *scratch)
{
    struct sil_elimination best;
    struct sil_elimination trial;
    struct run run;
    int n_orders = open_run(&run, &best, &trial, component, scratch);
    bool fits = false;
    for (int i = 0; i < n_orders && !fits; i++) {
        run.order = (enum order)i;
        fits = run_order(&run, limit) != UINT64_MAX;
    }
    return fits;
}
