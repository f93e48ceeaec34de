// SPDX-License-Identifier: Apache-2.0
#include "model/query_plan.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>

enum { INDEX_SIZE = 1 << 12 };

sil_status sil_query_plan_init(struct sil_query_plan *plan,
                               const struct sil_oracle *oracle, struct sil_error *err)
{
    *plan = (struct sil_query_plan){.oracle = oracle};
    sil_status status = sil_alloc(&plan->index, INDEX_SIZE, sizeof *plan->index,
                                  "the plan of the marginals", err);
    for (size_t i = 0; status == SIL_OK && i < INDEX_SIZE; i++) {
        plan->index[i] = SIZE_MAX;
    }
    return status;
}

void sil_query_plan_clear(struct sil_query_plan *plan, struct sil_tables *tables)
{
    for (size_t i = 0; i < plan->n_tasks; i++) {
        sil_tables_give(tables, plan->tasks[i].table);
    }
    free(plan->tasks);
    free(plan->children);
    free(plan->hubs);
    free(plan->index);
    *plan = (struct sil_query_plan){0};
}

static size_t hash(uint32_t node, uint32_t toward, const struct sil_clique *asked)
{
    uint64_t h = ((uint64_t)node << 32 | toward) * UINT64_C(0x9e3779b97f4a7c15);
    for (uint32_t i = 0; i < asked->n; i++) {
        h = (h ^ h >> 29 ^ asked->attr[i]) * UINT64_C(0xbf58476d1ce4e5b9);
    }
    return (size_t)(h >> 32) % INDEX_SIZE;
}

static size_t find(const struct sil_query_plan *plan, uint32_t node, uint32_t toward,
                   const struct sil_clique *asked)
{
    size_t i = plan->index[hash(node, toward, asked)];
    while (i != SIZE_MAX &&
           (plan->tasks[i].node != node || plan->tasks[i].toward != toward ||
            sil_clique_compare(&plan->tasks[i].asked, asked) != 0)) {
        i = plan->tasks[i].next;
    }
    return i;
}

/* Append a task whose table's clique is set; its children are planned. */
static sil_status append(struct sil_query_plan *plan, const struct sil_task *task,
                         struct sil_error *err)
{
    sil_status status = sil_grow(&plan->tasks, &plan->tasks_capacity, plan->n_tasks + 1,
                                 sizeof *plan->tasks, "the plan of the marginals", err);
    if (status == SIL_OK) {
        size_t *chain = &plan->index[hash(task->node, task->toward, &task->asked)];
        plan->tasks[plan->n_tasks] = *task;
        plan->tasks[plan->n_tasks].next = *chain;
        *chain = plan->n_tasks++;
        plan->cells += sil_clique_cells(&plan->oracle->axes->inner, &task->clique);
    }
    return status;
}

/* The neighbour of node j on the way to the nodes that hold attribute r, which j does not.
 * These are connected, and the first of them is nearest to the root. */
static uint32_t next_toward(const struct sil_tree *tree, uint32_t j, uint32_t r)
{
    uint32_t at = tree->nodes_of[tree->first_of[r]];
    while (at > j && tree->nodes[at].parent != j) {
        at = tree->nodes[at].parent;
    }
    return at > j && tree->nodes[at].parent == j ? at : tree->nodes[j].parent;
}

/* The separator between neighbours, and its marginal. */
static uint32_t lower_of(const struct sil_tree *tree, uint32_t j, uint32_t k)
{
    return tree->nodes[j].parent == k ? j : k;
}

static sil_status plan_slice(size_t *out, struct sil_query_plan *plan, uint32_t node,
                             const struct sil_clique *clique, struct sil_error *err)
{
    *out = find(plan, node, SIL_SLICE, clique);
    if (*out != SIZE_MAX) {
        return SIL_OK;
    }
    struct sil_task task = {.node = node, .toward = SIL_SLICE, .asked = *clique};
    task.clique = *clique;
    *out = plan->n_tasks;
    return append(plan, &task, err);
}

/* A table that waits for its children, the next of which may have to be planned first. */
struct pending {
    struct sil_task task;
    struct sil_clique rest;  ///< asked for, and not yet with a child
    struct sil_clique slice; ///< what it takes from its node
    size_t children[SIL_CLIQUE_MAX];
};

static struct pending open(const struct sil_query_plan *plan, uint32_t node,
                           uint32_t toward, const struct sil_clique *asked)
{
    const struct sil_oracle *o = plan->oracle;
    struct pending p = {
        .task = {.node = node, .toward = toward, .asked = *asked}
    };
    if (toward != SIL_NO_NODE) {
        uint32_t lower = lower_of(&o->tree, node, toward);
        p.task.separator = o->tree.nodes[lower].separator;
        p.task.mass = o->mass[lower];
    }
    const struct sil_clique *own = &o->tree.nodes[node].clique;
    struct sil_clique here = sil_clique_intersect(asked, own);
    p.rest = sil_clique_subtract(asked, own);
    /* Both are attributes of one node: they always fit in one clique. */
    (void)sil_clique_unite(&p.slice, &p.task.separator, &here);
    return p;
}

/* Split off what lies behind one neighbour: give it and the neighbour. */
static struct sil_clique split(struct pending *p, const struct sil_tree *tree,
                               uint32_t *neighbour)
{
    struct sil_clique behind = {0};
    *neighbour = next_toward(tree, p->task.node, p->rest.attr[0]);
    for (uint32_t i = 0; i < p->rest.n; i++) {
        if (next_toward(tree, p->task.node, p->rest.attr[i]) == *neighbour) {
            behind.attr[behind.n++] = p->rest.attr[i];
        }
    }
    return behind;
}

static void take_child(struct pending *p, const struct sil_query_plan *plan,
                       size_t child)
{
    const struct sil_task *c = &plan->tasks[child];
    p->rest = sil_clique_subtract(&p->rest, &c->asked);
    (void)sil_clique_unite(&p->slice, &p->slice, &c->separator);
    p->task.level = c->level > p->task.level ? c->level : p->task.level;
    p->children[p->task.n_children++] = child;
}

static sil_status close(struct sil_query_plan *plan, struct pending *p,
                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_task *task = &p->task;
    SIL_TRY(plan_slice(&task->slice, plan, task->node, &p->slice, err));
    SIL_TRY(sil_grow(&plan->children, &plan->children_capacity,
                     plan->n_children + task->n_children, sizeof *plan->children,
                     "the plan of the marginals", err));
    task->first_child = plan->n_children;
    for (size_t i = 0; i < task->n_children; i++) {
        plan->children[plan->n_children++] = p->children[i];
    }
    task->level++;
    if (!sil_clique_unite(&task->clique, &task->asked, &task->separator)) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "a marginal of too many columns");
        goto cleanup;
    }
    SIL_TRY(append(plan, task, err));

cleanup:
    return status;
}

/* Plan a hub and all that flows into it. The tree may be deep: a stack of our own. */
static sil_status plan_hub(struct sil_query_plan *plan, uint32_t hub,
                           const struct sil_clique *asked, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct pending *stack = NULL;
    size_t capacity = 0;
    size_t depth = 1;
    SIL_TRY(sil_grow(&stack, &capacity, 1, sizeof *stack, "a plan", err));
    stack[0] = open(plan, hub, SIL_NO_NODE, asked);
    while (depth > 0) {
        struct pending *top = &stack[depth - 1];
        if (top->rest.n == 0) {
            SIL_TRY(close(plan, top, err));
            depth--;
            continue;
        }
        uint32_t neighbour;
        struct sil_clique behind = split(top, &plan->oracle->tree, &neighbour);
        size_t known = find(plan, neighbour, top->task.node, &behind);
        if (known != SIZE_MAX) {
            take_child(top, plan, known);
            continue;
        }
        uint32_t from = top->task.node;
        SIL_TRY(sil_grow(&stack, &capacity, depth + 1, sizeof *stack, "a plan", err));
        stack[depth++] = open(plan, neighbour, from, &behind);
    }

cleanup:
    free(stack);
    return status;
}

static uint32_t n_common(const struct sil_clique *a, const struct sil_clique *b)
{
    struct sil_clique common = sil_clique_intersect(a, b);
    return common.n;
}

/* The node with most of the attributes, the smallest of several. */
static uint32_t choose_hub(const struct sil_tree *tree, const struct sil_clique *asked)
{
    uint32_t best = sil_tree_home(tree, asked);
    uint32_t most = best == SIL_NO_NODE ? 0 : asked->n;
    for (uint32_t i = 0; i < asked->n && most < asked->n; i++) {
        uint32_t r = asked->attr[i];
        for (uint32_t k = tree->first_of[r]; k < tree->first_of[r + 1]; k++) {
            uint32_t j = tree->nodes_of[k];
            uint32_t n = n_common(&tree->nodes[j].clique, asked);
            if (n > most ||
                (n == most && tree->nodes[j].cells < tree->nodes[best].cells)) {
                best = j;
                most = n;
            }
        }
    }
    return best;
}

static uint32_t root_of(const struct sil_tree *tree, uint32_t r)
{
    uint32_t j = tree->nodes_of[tree->first_of[r]];
    while (tree->nodes[j].parent != SIL_NO_NODE) {
        j = tree->nodes[j].parent;
    }
    return j;
}

/* Take out of `rest` the attributes that share a component with its first. */
static struct sil_clique take_component(struct sil_clique *rest,
                                        const struct sil_tree *tree)
{
    struct sil_clique part = {0};
    uint32_t root = root_of(tree, rest->attr[0]);
    for (uint32_t i = 0; i < rest->n; i++) {
        if (root_of(tree, rest->attr[i]) == root) {
            part.attr[part.n++] = rest->attr[i];
        }
    }
    *rest = sil_clique_subtract(rest, &part);
    return part;
}

sil_status sil_query_plan_add(struct sil_query_plan *plan,
                              const struct sil_clique *clique, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_tree *tree = &plan->oracle->tree;
    struct sil_clique rest = *clique;
    while (rest.n > 0) {
        struct sil_clique part = take_component(&rest, tree);
        uint32_t hub = choose_hub(tree, &part);
        size_t known = find(plan, hub, SIL_NO_NODE, &part);
        if (known == SIZE_MAX) {
            SIL_TRY(plan_hub(plan, hub, &part, err));
            known = plan->n_tasks - 1;
        }
        SIL_TRY(sil_grow(&plan->hubs, &plan->hubs_capacity, plan->n_hubs + 1,
                         sizeof *plan->hubs, "the plan of the marginals", err));
        plan->hubs[plan->n_hubs++] = known;
    }

cleanup:
    return status;
}
