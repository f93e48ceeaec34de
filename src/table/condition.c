// SPDX-License-Identifier: Apache-2.0
#include "table/condition.h"

#include "base/fail.h"
#include "base/memory.h"
#include "table/condition_lexer.h"

#include <stdlib.h>
#include <string.h>

static const char *const WHAT = "a condition";

struct parser {
    struct sil_condition_lexer lexer;
    const struct sil_schema *schema;
    bool recomputed_too;
    struct sil_condition *out;
    int depth;
    size_t n_listed; ///< values that comparisons of listed values have taken in
};

static sil_status add_node(struct parser *p, struct sil_condition_node node)
{
    sil_status status = SIL_OK;
    struct sil_condition *out = p->out;
    if (out->n_nodes == SIL_CONDITION_NODES) {
        return sil_condition_refuse(&p->lexer, "too many comparisons");
    }
    SIL_TRY(sil_grow(&out->node, &out->nodes_capacity, out->n_nodes + 1,
                     sizeof *out->node, WHAT, p->lexer.err));
    out->node[out->n_nodes++] = node;

cleanup:
    return status;
}

static uint32_t last_node(const struct parser *p)
{
    return (uint32_t)p->out->n_nodes - 1;
}

static sil_status add_not(struct parser *p)
{
    uint32_t of = last_node(p);
    return add_node(
        p, (struct sil_condition_node){SIL_NODE_NOT, of, of, p->out->node[of].first});
}

static sil_status expect(struct parser *p, const char *word)
{
    if (!sil_condition_is(&p->lexer, word)) {
        char reason[32] = "expected ";
        (void)strncat(reason, word, sizeof reason - sizeof "expected ");
        return sil_condition_refuse(&p->lexer, reason);
    }
    return sil_condition_advance(&p->lexer);
}

/* ---- one comparison ---- */

static sil_status find_column(struct parser *p, struct sil_test *test)
{
    bool is_name = p->lexer.kind == SIL_WORD_NAME || p->lexer.kind == SIL_WORD_QUOTED;
    if (!is_name) {
        return sil_condition_refuse(
            &p->lexer, p->lexer.kind == SIL_WORD_END
                           ? "the condition ends where a column is expected"
                           : "expected a column, NOT or a parenthesis");
    }
    uint32_t column = sil_schema_find(p->schema, p->lexer.word, p->lexer.length);
    const char *why = sil_test_aim(test, p->schema, column, p->recomputed_too);
    return why != NULL ? sil_condition_refuse(&p->lexer, why)
                       : sil_condition_advance(&p->lexer);
}

static sil_status check_value(const struct parser *p)
{
    bool is_value =
        p->lexer.kind == SIL_WORD_NUMBER || p->lexer.kind == SIL_WORD_QUOTED;
    return is_value ? SIL_OK
                    : sil_condition_refuse(&p->lexer, "expected a value: a number, a "
                                                      "date, or a text in quotes");
}

static sil_status read_value(struct parser *p, struct sil_test *test)
{
    sil_status status = SIL_OK;
    const struct sil_field *field = sil_test_field(test, p->schema);
    SIL_TRY(check_value(p));
    status =
        sil_test_add_value(test, field, p->lexer.word, p->lexer.length, p->lexer.err);
    SIL_TRY(sil_condition_blame(&p->lexer, status, p->lexer.start));
    status = sil_condition_advance(&p->lexer);

cleanup:
    return status;
}

static sil_status read_order(struct parser *p, struct sil_test *test,
                             enum sil_comparison comparison)
{
    sil_status status = SIL_OK;
    const struct sil_field *field = sil_test_field(test, p->schema);
    SIL_TRY(check_value(p));
    status = sil_test_add_order(test, field, comparison, p->lexer.word, p->lexer.length,
                                p->lexer.err);
    SIL_TRY(sil_condition_blame(&p->lexer, status, p->lexer.start));
    p->n_listed += test->n_codes;
    if (p->n_listed > SIL_CONDITION_LISTED) {
        return sil_condition_refuse(&p->lexer, "too many listed values are compared");
    }
    status = sil_condition_advance(&p->lexer);

cleanup:
    return status;
}

static sil_status read_list(struct parser *p, struct sil_test *test)
{
    sil_status status = SIL_OK;
    SIL_TRY(expect(p, "("));
    SIL_TRY(read_value(p, test));
    while (sil_condition_is(&p->lexer, ",")) {
        SIL_TRY(sil_condition_advance(&p->lexer));
        SIL_TRY(read_value(p, test));
    }
    status = expect(p, ")");

cleanup:
    return status;
}

/* Behind NOT, only IN may follow; behind IS, NOT and NULL may. */
static sil_status read_words(struct parser *p, struct sil_test *test, bool *is_negated)
{
    sil_status status = SIL_OK;
    test->is_null_test = sil_condition_is(&p->lexer, "IS");
    if (test->is_null_test) {
        SIL_TRY(sil_condition_advance(&p->lexer));
    }
    *is_negated = sil_condition_is(&p->lexer, "NOT");
    if (*is_negated) {
        SIL_TRY(sil_condition_advance(&p->lexer));
    }
    if (test->is_null_test) {
        return expect(p, "NULL");
    }
    if (!*is_negated && !sil_condition_is(&p->lexer, "IN")) {
        return sil_condition_refuse(&p->lexer,
                                    "expected =, !=, <, <=, >, >=, IN or IS");
    }
    SIL_TRY(expect(p, "IN"));
    status = read_list(p, test);

cleanup:
    return status;
}

static sil_status read_relation(struct parser *p, struct sil_test *test,
                                bool *is_negated)
{
    static const struct {
        const char *sign;
        enum sil_comparison comparison;
    } ORDERS[] = {
        {"<",  SIL_LESS         },
        {"<=", SIL_LESS_EQUAL   },
        {">",  SIL_GREATER      },
        {">=", SIL_GREATER_EQUAL},
    };

    sil_status status = SIL_OK;
    for (size_t i = 0; i < sizeof ORDERS / sizeof ORDERS[0]; i++) {
        if (sil_condition_is(&p->lexer, ORDERS[i].sign)) {
            SIL_TRY(sil_condition_advance(&p->lexer));
            return read_order(p, test, ORDERS[i].comparison);
        }
    }
    *is_negated =
        sil_condition_is(&p->lexer, "!=") || sil_condition_is(&p->lexer, "<>");
    if (*is_negated || sil_condition_is(&p->lexer, "=") ||
        sil_condition_is(&p->lexer, "==")) {
        SIL_TRY(sil_condition_advance(&p->lexer));
        return read_value(p, test);
    }
    status = read_words(p, test, is_negated);

cleanup:
    return status;
}

static sil_status parse_test(struct parser *p)
{
    sil_status status = SIL_OK;
    struct sil_condition *out = p->out;
    bool is_negated = false;
    SIL_TRY(sil_grow(&out->test, &out->tests_capacity, out->n_tests + 1,
                     sizeof *out->test, WHAT, p->lexer.err));
    struct sil_test *test = &out->test[out->n_tests++];
    *test = (struct sil_test){0};
    SIL_TRY(find_column(p, test));
    SIL_TRY(read_relation(p, test, &is_negated));
    uint32_t at = (uint32_t)out->n_nodes;
    SIL_TRY(add_node(p, (struct sil_condition_node){
                            SIL_NODE_TEST, (uint32_t)out->n_tests - 1, 0, at}));
    if (is_negated) {
        status = add_not(p);
    }

cleanup:
    return status;
}

/* ---- what joins them ---- */

static sil_status parse_or(struct parser *p);

static sil_status parse_factor(struct parser *p)
{
    sil_status status = SIL_OK;
    bool is_not = sil_condition_is(&p->lexer, "NOT");
    if (!is_not && !sil_condition_is(&p->lexer, "(")) {
        return parse_test(p);
    }
    if (p->depth == SIL_CONDITION_DEPTH) {
        return sil_condition_refuse(&p->lexer, "nested too deeply");
    }
    p->depth++;
    SIL_TRY(sil_condition_advance(&p->lexer));
    if (is_not) {
        SIL_TRY(parse_factor(p));
        SIL_TRY(add_not(p));
    } else {
        SIL_TRY(parse_or(p));
        SIL_TRY(expect(p, ")"));
    }
    p->depth--;

cleanup:
    return status;
}

static sil_status parse_and(struct parser *p)
{
    sil_status status = SIL_OK;
    SIL_TRY(parse_factor(p));
    while (sil_condition_is(&p->lexer, "AND")) {
        uint32_t left = last_node(p);
        SIL_TRY(sil_condition_advance(&p->lexer));
        SIL_TRY(parse_factor(p));
        SIL_TRY(
            add_node(p, (struct sil_condition_node){SIL_NODE_AND, left, last_node(p),
                                                    p->out->node[left].first}));
    }

cleanup:
    return status;
}

static sil_status parse_or(struct parser *p)
{
    sil_status status = SIL_OK;
    SIL_TRY(parse_and(p));
    while (sil_condition_is(&p->lexer, "OR")) {
        uint32_t left = last_node(p);
        SIL_TRY(sil_condition_advance(&p->lexer));
        SIL_TRY(parse_and(p));
        SIL_TRY(add_node(p, (struct sil_condition_node){SIL_NODE_OR, left, last_node(p),
                                                        p->out->node[left].first}));
    }

cleanup:
    return status;
}

sil_status sil_condition_parse(struct sil_condition *out, const char *text,
                               const struct sil_schema *schema, bool recomputed_too,
                               const char *name, size_t *column, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct parser *p = NULL;
    *out = (struct sil_condition){0};
    *column = 0;

    SIL_TRY(sil_alloc(&p, 1, sizeof *p, WHAT, err));
    p->schema = schema;
    p->recomputed_too = recomputed_too;
    p->out = out;
    SIL_TRY(sil_condition_begin(&p->lexer, text, name, column, err));
    SIL_TRY(parse_or(p));
    if (p->lexer.kind != SIL_WORD_END) {
        status = sil_condition_refuse(&p->lexer, "expected AND, OR or the end");
    }

cleanup:
    free(p);
    if (status != SIL_OK) {
        sil_condition_clear(out);
    }
    return status;
}

void sil_condition_clear(struct sil_condition *condition)
{
    for (size_t i = 0; i < condition->n_tests; i++) {
        sil_test_clear(&condition->test[i]);
    }
    free(condition->test);
    free(condition->node);
    *condition = (struct sil_condition){0};
}

enum sil_truth sil_condition_holds(const struct sil_condition *condition, size_t root,
                                   const uint8_t *truth, uint8_t *work)
{
    for (size_t i = condition->node[root].first; i <= root; i++) {
        const struct sil_condition_node *node = &condition->node[i];
        uint8_t left = node->kind == SIL_NODE_TEST ? 0 : work[node->left];
        uint8_t right = node->kind == SIL_NODE_TEST ? 0 : work[node->right];
        switch (node->kind) {
        case SIL_NODE_TEST: work[i] = truth[node->left]; break;
        case SIL_NODE_AND: work[i] = left < right ? left : right; break;
        case SIL_NODE_OR: work[i] = left > right ? left : right; break;
        case SIL_NODE_NOT: work[i] = (uint8_t)(SIL_TRUE - left); break;
        }
    }
    return (enum sil_truth)work[root];
}
