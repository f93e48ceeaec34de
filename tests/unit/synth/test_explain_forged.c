// SPDX-License-Identifier: Apache-2.0
/* Transcripts with a single decision that is not the mechanism's: their sums are right, a
 * model follows from them, and the run told again refuses them with the line. */
#include "privacy/cost.h"
#include "privacy/gauss.h"
#include "replay_kit.h"
#include "synth/release.h"
#include "synth/replay.h"

#include <criterion/criterion.h>

#include <string.h>

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

static struct sil_error error;

/* ---- forgeries ---- */

static struct sil_release *line_at(struct sil_transcript *t, size_t i)
{
    cr_assert_lt(i, t->n_lines);
    return &t->line[i];
}

static void swap_lines(struct sil_transcript *t, size_t i, size_t k)
{
    struct sil_release kept = *line_at(t, i);
    *line_at(t, i) = *line_at(t, k);
    *line_at(t, k) = kept;
}

/* The cost of a line's parameter, and the sum with it. */
static void set_cost(struct sil_transcript *t, struct sil_release *line)
{
    mpq_sub(t->spent.v, t->spent.v, line->rho.v);
    if (line->kind == SIL_RELEASE_MEASURE) {
        sil_cost_of_noise(&line->rho, line->sensitivity, &line->sigma2);
        line->shift = sil_gauss_shift_of(&line->sigma2);
    } else {
        sil_cost_of_choice(&line->rho, &line->epsilon);
    }
    mpq_add(t->spent.v, t->spent.v, line->rho.v);
}

static void set_cap(struct sil_transcript *t)
{
    struct sil_terms *terms = &t->terms;
    cr_assert_eq(sil_certify(&terms->certified, &terms->cap, &terms->delta,
                             &terms->epsilon, &error),
                 SIL_OK);
}

/* Lines 1 to 5 are the columns, 6 and 7 the first round. */
enum { CHOICE = 5, MEASURED = 6 };

static void columns_out_of_order(struct sil_transcript *t)
{
    swap_lines(t, 0, 1);
}

static void a_column_with_more_noise(struct sil_transcript *t)
{
    mpq_mul_2exp(line_at(t, 1)->sigma2.v, line_at(t, 1)->sigma2.v, 1);
    set_cost(t, line_at(t, 1));
}

static void a_choice_with_less_epsilon(struct sil_transcript *t)
{
    mpq_div_2exp(line_at(t, CHOICE)->epsilon.v, line_at(t, CHOICE)->epsilon.v, 1);
    set_cost(t, line_at(t, CHOICE));
}

static void one_candidate_more(struct sil_transcript *t)
{
    line_at(t, CHOICE)->n_candidates++;
}

static void a_score_that_moves_less(struct sil_transcript *t)
{
    line_at(t, CHOICE)->sensitivity /= 3;
    line_at(t, CHOICE)->weight = 1;
}

static void another_place_chosen(struct sil_transcript *t)
{
    struct sil_release *line = line_at(t, CHOICE);
    line->chosen = line->chosen == 0 ? line->n_candidates - 1 : 0;
}

static void a_choice_before_the_last_column(struct sil_transcript *t)
{
    swap_lines(t, CHOICE - 1, CHOICE);
}

static void a_measurement_before_its_choice(struct sil_transcript *t)
{
    swap_lines(t, CHOICE, MEASURED);
}

static void leave_out_last(struct sil_transcript *t, size_t n)
{
    for (; n > 0; n--) {
        struct sil_release *line = line_at(t, t->n_lines - 1);
        mpq_sub(t->spent.v, t->spent.v, line->rho.v);
        sil_release_clear(line);
        t->n_lines--;
    }
}

static void no_last_round(struct sil_transcript *t)
{
    leave_out_last(t, 2);
}

static void a_larger_cap(struct sil_transcript *t)
{
    mpq_mul_2exp(t->terms.cap.v, t->terms.cap.v, 1);
    set_cap(t);
}

static void another_epsilon_asked_for(struct sil_transcript *t)
{
    mpq_set_ui(t->terms.epsilon.v, 5, 2);
    set_cap(t);
}

static void fewer_cells_in_the_plan(struct sil_transcript *t)
{
    t->terms.max_cells = 100;
}

static void edges_in_another_order(struct sil_transcript *t)
{
    swap_lines(t, CHOICE, CHOICE + 1);
}

static void pairs_in_another_order(struct sil_transcript *t)
{
    swap_lines(t, t->n_lines - 4, t->n_lines - 3);
}

static void the_last_column_with_more_noise(struct sil_transcript *t)
{
    struct sil_release *line = line_at(t, t->n_lines - 1);
    mpq_mul_2exp(line->sigma2.v, line->sigma2.v, 1);
    set_cost(t, line);
}

/* A choice of a marginal of groups, whose place is not the first of its marginal's. */
static struct sil_release *a_grouped_choice(struct sil_transcript *t)
{
    size_t i = 0;
    while (line_at(t, i)->kind != SIL_RELEASE_SELECT || line_at(t, i)->of == NULL) {
        i++;
    }
    return line_at(t, i);
}

static void other_groups_chosen(struct sil_transcript *t)
{
    a_grouped_choice(t)->chosen--;
}

static void another_weight(struct sil_transcript *t)
{
    struct sil_release *line = line_at(t, CHOICE);
    line->weight = line->weight == 1 ? 2 : 1;
}

static void a_penalty_of_one_more(struct sil_transcript *t)
{
    line_at(t, CHOICE)->penalty++;
}

static bool cost_the_same(struct sil_transcript *t, size_t i, size_t k)
{
    return mpq_equal(line_at(t, i)->rho.v, line_at(t, k)->rho.v) &&
           mpq_equal(line_at(t, i + 1)->rho.v, line_at(t, k + 1)->rho.v);
}

/* Does a table learn from both? Else their order makes no difference. */
static bool share_a_pair(const struct sil_clique *a, const struct sil_clique *b)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < a->n; k++) {
        n += sil_clique_has(b, a->attr[k]);
    }
    return n >= 2;
}

/* Two rounds past the tree whose costs are alike to the last digit. */
static void late_rounds_in_another_order(struct sil_transcript *t)
{
    size_t i = t->n_lines - 4;
    while (!cost_the_same(t, i, i + 2) ||
           line_at(t, i)->penalty == line_at(t, i + 2)->penalty ||
           !share_a_pair(&line_at(t, i)->clique, &line_at(t, i + 2)->clique)) {
        cr_assert_geq(i, 2);
        i -= 2;
    }
    swap_lines(t, i, i + 2);
    swap_lines(t, i + 1, i + 3);
}

static const struct forgery {
    enum sil_mechanism mechanism;
    void (*forge)(struct sil_transcript *transcript);
    const char *part; ///< of the reason
} FORGERIES[] = {
    {SIL_AIM,         columns_out_of_order,            "line 1: not the marginal"                 },
    {SIL_AIM,         a_column_with_more_noise,        "line 2: sigma squared is "                },
    {SIL_AIM,         a_choice_with_less_epsilon,      "line 6: the epsilon of the choice is "    },
    {SIL_AIM,         one_candidate_more,              "line 6: the number of candidates is "     },
    {SIL_AIM,         a_score_that_moves_less,
     "line 6: the sensitivity of the score is 1024, and the mechanism has 3072 here"              },
    {SIL_AIM,         another_place_chosen,            "line 6: not the marginal"                 },
    {SIL_AIM,         a_choice_before_the_last_column,
     "line 5: a choice, where the mechanism measures"                                             },
    {SIL_AIM,         a_measurement_before_its_choice,
     "line 6: a measurement, where the mechanism chooses"                                         },
    {SIL_AIM,         no_last_round,                   "there is none, and the mechanism goes on" },
    {SIL_AIM,         a_larger_cap,                    "the plan: its cap"                        },
    {SIL_AIM,         another_epsilon_asked_for,       "the plan: its cap"                        },
    {SIL_AIM,         fewer_cells_in_the_plan,         "line 6: the number of candidates is "     },
    {SIL_MST,         edges_in_another_order,          "line 6: "                                 },
    {SIL_MST,         pairs_in_another_order,          "line 10: not the marginal"                },
    {SIL_INDEPENDENT, the_last_column_with_more_noise, "line 5: sigma squared is "                },
    {SIL_MOSAIC,      one_candidate_more,              "line 6: the number of candidates is "     },
    {SIL_MOSAIC,      another_place_chosen,            "line 6: not the marginal"                 },
    {SIL_MOSAIC,      other_groups_chosen,             ": not the groups"                         },
    {SIL_MOSAIC,      another_weight,                  "line 6: the weight of the one chosen is " },
    {SIL_MOSAIC,      a_penalty_of_one_more,           "line 6: the penalty of the one chosen is "},
    {SIL_MOSAIC,      a_score_that_moves_less,         "line 6: the sensitivity of the score is " },
    {SIL_MOSAIC,      late_rounds_in_another_order,    "line "                                    },
};

/* The forged transcript is read, and has a model; only the mechanism itself can tell. */
static void expect_refused(const struct forgery *forgery, size_t i,
                           const struct sil_bytes *bytes)
{
    struct sil_bytes forged = {0};
    struct sil_transcript transcript;
    char *text = NULL;
    sil_transcript_init(&transcript);
    cr_assert_eq(sil_transcript_decode(&transcript, bytes->data, bytes->length, &error),
                 SIL_OK);
    forgery->forge(&transcript);
    cr_assert_eq(sil_transcript_encode(&forged, &transcript, &error), SIL_OK);
    struct sil_model *model = replay_model(&forged, 1);
    error.text[0] = '\0';
    cr_expect_eq(sil_model_explain(&text, model, &error), SIL_ERR_CHECK, "%zu", i);
    cr_expect_null(text);
    cr_expect_not_null(strstr(error.text, forgery->part), "%zu: %s", i, error.text);
    cr_expect_not_null(strstr(error.text, "not that of an honest run: "), "%s",
                       error.text);
    sil_model_free(model);
    sil_transcript_clear(&transcript);
    sil_bytes_clear(&forged);
}

Test(explain_forged, refuses_one_decision_that_is_not_the_mechanisms)
{
    for (int m = SIL_AIM; m <= SIL_MOSAIC; m++) {
        struct sil_bytes bytes = replay_usual((enum sil_mechanism)m);
        for (size_t i = 0; i < N_OF(FORGERIES); i++) {
            if (FORGERIES[i].mechanism == (enum sil_mechanism)m) {
                expect_refused(&FORGERIES[i], i, &bytes);
            }
        }
        sil_bytes_clear(&bytes);
    }
}

/* No line can follow a run that has spent its cap; the source says so of any that does. */
Test(explain_forged, lines_behind_the_end_are_refused)
{
    struct sil_bytes bytes = replay_usual(SIL_INDEPENDENT);
    struct sil_transcript transcript;
    struct sil_replay replay;
    sil_transcript_init(&transcript);
    cr_assert_eq(sil_transcript_decode(&transcript, bytes.data, bytes.length, &error),
                 SIL_OK);
    sil_replay_init(&replay, &transcript, NULL);
    replay.next = transcript.n_lines - 1;
    cr_expect_eq(sil_replay_end(&replay, &error), SIL_ERR_CHECK);
    cr_expect_str_eq(error.text, "line 5: the mechanism has ended before it");
    replay.next++;
    cr_expect_eq(sil_replay_end(&replay, &error), SIL_OK);
    sil_replay_clear(&replay);
    sil_transcript_clear(&transcript);
    sil_bytes_clear(&bytes);
}
