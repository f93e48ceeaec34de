// SPDX-License-Identifier: Apache-2.0
#include "ledger/claim.h"

#include "base/fail.h"
#include "num/rational.h"
#include "privacy/convert.h"

#include <inttypes.h>

enum { DIGITS = 6, TYPED_DIGITS = 4, LARGEST_EPSILON = 10000 };

static void bound_init(struct sil_bound *bound)
{
    sil_rho_init(&bound->rho);
    sil_epsilon_init(&bound->epsilon);
}

static void bound_clear(struct sil_bound *bound)
{
    sil_rho_clear(&bound->rho);
    sil_epsilon_clear(&bound->epsilon);
}

void sil_cumulative_init(struct sil_cumulative *claim)
{
    *claim = (struct sil_cumulative){0};
    bound_init(&claim->reserved);
    bound_init(&claim->cap);
    sil_delta_init(&claim->delta);
    sil_delta_init(&claim->report_delta);
}

void sil_cumulative_clear(struct sil_cumulative *claim)
{
    bound_clear(&claim->reserved);
    bound_clear(&claim->cap);
    sil_delta_clear(&claim->delta);
    sil_delta_clear(&claim->report_delta);
}

sil_status sil_cumulative_convert(struct sil_cumulative *claim,
                                  const struct sil_delta *cap_delta,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_add(claim->delta.v, claim->report_delta.v, cap_delta->v);
    SIL_TRY(sil_epsilon_of_rho(&claim->reserved.epsilon, &claim->reserved.rho,
                               &claim->report_delta, err));
    if (mpq_equal(claim->cap.rho.v, claim->reserved.rho.v) != 0) {
        mpq_set(claim->cap.epsilon.v, claim->reserved.epsilon.v); /* it takes 2 ms */
        return SIL_OK;
    }
    SIL_TRY(sil_epsilon_of_rho(&claim->cap.epsilon, &claim->cap.rho,
                               &claim->report_delta, err));

cleanup:
    return status;
}

sil_status sil_cumulative_find(struct sil_cumulative *out,
                               const struct sil_chain *chain, struct sil_error *err)
{
    const struct sil_genesis *genesis = &chain->genesis.genesis;
    out->ledger = chain->ledger;
    out->data_label = genesis->data_label;
    out->size = chain->tree.size;
    out->unit = sil_genesis_unit(genesis);
    out->neighbours = genesis->neighbours;
    mpq_set(out->reserved.rho.v, chain->reserved.v);
    mpq_set(out->cap.rho.v, genesis->cap_rho.v);
    mpq_set(out->report_delta.v, genesis->report_delta.v);
    out->witnesses = 0;
    out->is_shared = sil_chain_has_invariant(chain, "roles-shared");
    out->has_parent = genesis->has_parent;
    out->parent = genesis->parent;
    return sil_cumulative_convert(out, &genesis->cap_delta, err);
}

/* "(epsilon E, delta D)", rounded up. */
static sil_status say_pair(struct sil_bytes *out, const struct sil_epsilon *epsilon,
                           const struct sil_delta *delta, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(out, err, "(epsilon "));
    SIL_TRY(sil_rational_print_decimal(out, epsilon->v, DIGITS, SIL_ROUND_UP, err));
    SIL_TRY(sil_bytes_printf(out, err, ", delta "));
    SIL_TRY(sil_rational_print_decimal(out, delta->v, DIGITS, SIL_ROUND_UP, err));
    SIL_TRY(sil_bytes_printf(out, err, ")"));

cleanup:
    return status;
}

static sil_status say_so_far(struct sil_bytes *out, const struct sil_cumulative *claim,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    char id[SIL_ID_TEXT];
    sil_id_print(id, &claim->ledger);
    SIL_TRY(say_pair(out, &claim->reserved.epsilon, &claim->delta, err));
    SIL_TRY(sil_bytes_printf(
        out, err,
        "-differentially private are, together, all runs in the first %" PRIu64
        " entries of the ledger %s (data \"%s\"); the unit is ",
        claim->size, id, claim->data_label));
    SIL_TRY(sil_privacy_unit_say(out, &claim->unit, err));
    SIL_TRY(sil_bytes_printf(
        out, err,
        ", neighbouring tables differ by %s; certified with outward rounding from "
        "rho = ",
        sil_privacy_unit_difference(&claim->unit, claim->neighbours)));
    SIL_TRY(sil_rational_print(out, claim->reserved.rho.v, err));
    SIL_TRY(sil_bytes_printf(out, err,
                             " of zero-concentrated differential privacy, the sum of "
                             "what the runs reserved"));

cleanup:
    return status;
}

/* The first statement has a condition, unless the whole cap is reserved; the cap has
 * none. */
static sil_status say_for_ever(struct sil_bytes *out,
                               const struct sil_cumulative *claim,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (mpq_equal(claim->reserved.rho.v, claim->cap.rho.v) != 0) {
        return sil_bytes_printf(out, err,
                                ", which is the whole cap, fixed before the first run");
    }
    SIL_TRY(sil_bytes_printf(out, err,
                             "; if what one run showed decided the budget of another, "
                             "and for all runs to come, "));
    SIL_TRY(say_pair(out, &claim->cap.epsilon, &claim->delta, err));
    SIL_TRY(sil_bytes_printf(out, err, " from the cap rho = "));
    SIL_TRY(sil_rational_print(out, claim->cap.rho.v, err));
    SIL_TRY(sil_bytes_printf(out, err, ", fixed before the first run"));

cleanup:
    return status;
}

sil_status sil_cumulative_say(struct sil_bytes *out, const struct sil_cumulative *claim,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(say_so_far(out, claim, err));
    SIL_TRY(say_for_ever(out, claim, err));
    if (claim->witnesses == 0) {
        SIL_TRY(sil_bytes_printf(out, err, "; unwitnessed"));
    } else {
        SIL_TRY(sil_bytes_printf(out, err, "; witnessed by %zu", claim->witnesses));
    }
    if (claim->is_shared) {
        SIL_TRY(sil_bytes_printf(out, err,
                                 "; roles-shared: one person holds the keys of "
                                 "several roles"));
    }
    if (claim->has_parent) {
        char parent[SIL_ID_TEXT];
        sil_id_print(parent, &claim->parent);
        SIL_TRY(sil_bytes_printf(out, err,
                                 "; what ledger %s, which this one succeeds, spent on "
                                 "the same people is not counted",
                                 parent));
    }
    SIL_TRY(sil_bytes_printf(out, err,
                             "; other tables about the same people are not counted"));

cleanup:
    return status;
}

/* ---- the next run ---- */

/* What is left, and at which delta it is asked. */
struct room {
    struct sil_rho left;
    const struct sil_delta *delta;
};

/* Does a run of this epsilon, as a person types it, fit what is left? It is read back
 * from the text: what is printed is what is judged. */
static sil_status fits(bool *out, const char *text, const struct room *room,
                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_epsilon epsilon;
    struct sil_rho rho;
    sil_epsilon_init(&epsilon);
    sil_rho_init(&rho);

    *out = false;
    SIL_TRY(sil_rational_parse(epsilon.v, text, 0, "epsilon", err));
    if (mpq_sgn(epsilon.v) <= 0 || mpq_cmp_ui(epsilon.v, LARGEST_EPSILON, 1) > 0) {
        goto cleanup;
    }
    status = sil_rho_of_epsilon(&rho, &epsilon, room->delta, err);
    if (status == SIL_ERR_BUDGET) { /* less than any run can cost */
        status = SIL_OK;
        goto cleanup;
    }
    *out = status == SIL_OK && mpq_cmp(rho.v, room->left.v) <= 0;

cleanup:
    sil_epsilon_clear(&epsilon);
    sil_rho_clear(&rho);
    return status;
}

static sil_status try_rounded(bool *good, struct sil_bytes *text,
                              const struct sil_epsilon *epsilon,
                              enum sil_rounding rounding, const struct room *room,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    text->length = 0;
    SIL_TRY(sil_rational_print_decimal(text, epsilon->v, TYPED_DIGITS, rounding, err));
    SIL_TRY(sil_bytes_append(text, "", 1, err));
    SIL_TRY(fits(good, (const char *)text->data, room, err));

cleanup:
    return status;
}

/* The certified epsilon of what is left is, for a budget that was granted as a round
 * epsilon, a little below it: rounding up first finds that round number again. */
sil_status sil_ledger_next_epsilon(struct sil_bytes *out, const struct sil_chain *chain,
                                   const struct sil_chain_grant *grant,
                                   struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct room room = {.delta = &chain->genesis.genesis.report_delta};
    struct sil_epsilon epsilon;
    struct sil_delta left_delta;
    struct sil_bytes text = {0};
    bool good = false;
    sil_epsilon_init(&epsilon);
    sil_rho_init(&room.left);
    sil_delta_init(&left_delta);

    sil_chain_grant_left(&room.left, &left_delta, grant);
    SIL_TRY(sil_epsilon_of_rho(&epsilon, &room.left, room.delta, err));
    if (mpq_cmp_ui(epsilon.v, LARGEST_EPSILON, 1) > 0) {
        mpq_set_ui(epsilon.v, LARGEST_EPSILON, 1);
    }
    SIL_TRY(try_rounded(&good, &text, &epsilon, SIL_ROUND_UP, &room, err));
    if (!good) {
        SIL_TRY(try_rounded(&good, &text, &epsilon, SIL_ROUND_DOWN, &room, err));
    }
    SIL_TRY(sil_bytes_printf(out, err, "%s", good ? (const char *)text.data : "0"));

cleanup:
    sil_epsilon_clear(&epsilon);
    sil_rho_clear(&room.left);
    sil_delta_clear(&left_delta);
    sil_bytes_clear(&text);
    return status;
}
