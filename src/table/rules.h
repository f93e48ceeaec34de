// SPDX-License-Identifier: Apache-2.0
/// Rules between columns, as the schema declares them: docs/schema.md has them in words.
///
/// A rule is a public statement about rows, never learnt from them. Whether a row keeps it
/// has three answers, as a condition has: what a missing value is compared with is unknown,
/// and a rule is broken only where it is known to be.
#ifndef SIL_TABLE_RULES_H
#define SIL_TABLE_RULES_H

#include "codec/json.h"
#include "table/condition.h"
#include "table/pieces.h"
#include "table/problems.h"

/// Rules of a schema, columns that one of them names,
/// and combinations of parts of its bins that a rule can be asked about for one row.
enum { SIL_RULES_MAX = 256, SIL_RULE_COLUMNS_MAX = 8, SIL_RULE_PIECES_MAX = 4096 };

/// Nodes of the conditions of all rules together, and values that their tests list (a
/// comparison of a column of listed values lists all that meet it): whoever verifies a
/// release judges its rows.
enum { SIL_RULES_NODES = 4096, SIL_RULES_VALUES = 1 << 14 };

/// Cells of the columns of rules and cuts through their bins, times tests and their values.
#define SIL_RULES_WORK ((uint64_t)1 << 28)

/// What a row of the private table that breaks a rule meets.
enum sil_rule_policy { SIL_BROKEN_DROP, SIL_BROKEN_OTHER, SIL_BROKEN_NULL };

/// Where a test of a condition is: the place of its column among those of the rules, and its
/// own among the tests on that column.
struct sil_rule_test {
    size_t column;
    size_t at;
};

/// A formula, and where its tests are. Without nodes: none.
struct sil_rule_part {
    struct sil_condition condition;
    struct sil_rule_test *test;
};

/// Broken where `when` is true (or absent) and `then` is false (or absent); or, of two
/// columns, where the second has a value before that of the first.
struct sil_rule {
    char place[48]; ///< "silhouette.rules[2]"
    char *said;     ///< the rule in a line of words
    char *meets;    ///< what a private row that breaks it meets, likewise
    bool is_order;
    bool is_strict; ///< the second value is not the same either
    struct sil_rule_part when;
    struct sil_rule_part then;
    uint32_t ordered[2]; ///< the columns of an order
    enum sil_rule_policy policy;
    uint32_t blamed;    ///< the column that SIL_BROKEN_OTHER and SIL_BROKEN_NULL change
    size_t most_pieces; ///< combinations of pieces that a row's cells have at most
    size_t n_columns;
    size_t column[SIL_RULE_COLUMNS_MAX]; ///< places among those of the rules, ascending
};

/// A column that rules name.
struct sil_rule_column {
    uint32_t attr;
    const struct sil_field *field;
    struct sil_pieces pieces; ///< cut where any test of a rule changes
    bool is_ordered;          ///< some rule compares its values with another column's
};

struct sil_rules {
    const struct sil_schema *schema; ///< borrowed
    struct sil_rule *rule;
    size_t n;
    size_t capacity;
    struct sil_rule_column *column; ///< in ascending order of `attr`
    size_t n_columns;
};

/// Read the list at `silhouette.rules` over the fields of a schema; each problem is noted
/// with its place. Freed with sil_rules_free, problems or not.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_rules_declare(struct sil_rules **out, const json_t *list,
                                          const struct sil_schema *schema,
                                          struct sil_problems *problems,
                                          struct sil_error *err);

/// Put a rule that was read into words, once; for sil_rules_declare.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_rule_say(struct sil_rule *rule, const json_t *json,
                                     const struct sil_schema *schema,
                                     struct sil_error *err);

/// The rules of a schema; NULL when it has none. The fields are taken as they are: of a
/// schema that has been settled since, call again.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_rules_new(struct sil_rules **out,
                                      const struct sil_schema *schema,
                                      struct sil_error *err);
void sil_rules_free(struct sil_rules *rules);

/// Find the columns of rules that were read, and cut them; for sil_rules_declare.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_rules_cut(struct sil_rules *rules,
                                      struct sil_problems *problems,
                                      struct sil_error *err);

/// Note as problems: rules that judge a text which an open column does not list otherwise
/// once it is found; an `if` that is never true; and rules that no row, or no row of the kind
/// a rule speaks of, can keep at once, each with a smallest set of rules that clash.
/// Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_rules_find_clashes(const struct sil_rules *rules,
                                               struct sil_problems *problems,
                                               struct sil_error *err);

/// What is known of values that lie in these pieces, one for each column of the rules (only
/// those of the rule are looked at).
enum sil_rule_verdict {
    SIL_RULE_BROKEN, ///< by all such values
    SIL_RULE_OPEN,   ///< by some
    SIL_RULE_KEPT    ///< by none
};

enum sil_rule_verdict sil_rule_judge(const struct sil_rules *rules,
                                     const struct sil_rule *rule, const size_t *piece);

/// The same of all values of the cells of a row.
enum sil_rule_verdict sil_rule_judge_cells(const struct sil_rules *rules,
                                           const struct sil_rule *rule,
                                           const uint32_t *codes);

/// The map of a row by the rules' policies: whether the row stays. A row breaks a rule when
/// all values of its cells would; then its blamed cell is changed, rule by rule in their
/// order, and it is dropped where the policy says so or where a rule is broken still.
/// Row-local and total. Privacy  docs/privacy.md, theorem 1.
/// @param codes   of the row, as encoded; `other` stands for texts not listed.
bool sil_rules_map_row(const struct sil_rules *rules, uint32_t *codes);

/// Is the cell one whose values are drawn?
bool sil_rule_draws(const struct sil_rule_column *column, uint32_t code);

/// Does a row break a rule, with the values that its words stand for? words[c] of each column
/// of the rules.
bool sil_rule_breaks(const struct sil_rules *rules, const struct sil_rule *rule,
                     const uint32_t *codes, const uint64_t *words);

/// Count the rows that break a rule in the texts that are written for them, read again as
/// texts of the schema: nothing of the pieces, the model's zeros or the repair is used.
/// @param words   that the rows are written with.
/// @param[out] n_broken   rows; of each rule in `by_rule` (rules->n of them).
/// Errors   SIL_ERR_INTERNAL (memory).
struct sil_codes;
SIL_MUST_USE sil_status sil_rules_count(uint64_t *n_broken, uint64_t *by_rule,
                                        const struct sil_rules *rules,
                                        const struct sil_codes *codes,
                                        struct sil_words words, struct sil_error *err);

/// a <= b (with is_strict a < b) of scaled values with so many decimal places.
bool sil_scaled_ascend(sil_i128 a, unsigned a_places, sil_i128 b, unsigned b_places,
                       bool is_strict);

/// How many rules a schema has. Defined with the schema.
size_t sil_schema_n_rules(const struct sil_schema *schema);

#endif
