// SPDX-License-Identifier: Apache-2.0
/* What a ledgered transcript says of its ledger: read back, contradicted, checked. */
#include "ledger_kit.h"
#include "num/rational.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void expect_part(const char *text, const char *part)
{
    cr_expect(ne(ptr, (void *)strstr(text, part), NULL), "no '%s' in: %s", part, text);
}

/* The model as a file that says what its transcript now says; the ledger has other words. */
static struct sil_bytes encode_anew(struct sil_model *model)
{
    struct sil_bytes bytes = {0};
    sil_bytes_clear(&model->encoding);
    cr_assert(eq(int, sil_transcript_encode(&model->encoding, &model->transcript, NULL),
                 SIL_OK));
    cr_assert(eq(int, sil_model_encode(&bytes, model, NULL), SIL_OK));
    return bytes;
}

Test(stamp, is_read_back_to_the_same_bytes_and_claim)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *model = ledger_kit_model(&kit, "0.5");
    struct sil_model *again = NULL;
    struct sil_bytes bytes = encode_anew(model);
    struct sil_error err = {{0}};

    cr_assert(
        eq(int, sil_model_decode(&again, bytes.data, bytes.length, 1, &err), SIL_OK),
        "%s", err.text);
    struct sil_bytes bytes_again = encode_anew(again);

    cr_assert(eq(sz, bytes_again.length, bytes.length));
    cr_expect(zero(int, memcmp(bytes_again.data, bytes.data, bytes.length)));
    cr_expect(zero(int, strcmp(sil_model_claim(again), sil_model_claim(model))));
    cr_expect(eq(int, sil_model_check_ledger(again, kit.ledger, &err), SIL_OK), "%s",
              err.text);
    sil_bytes_clear(&bytes);
    sil_bytes_clear(&bytes_again);
    sil_model_free(again);
    sil_model_free(model);
    ledger_kit_close(&kit);
}

Test(stamp, makes_the_ledgers_claim_the_headline)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    sil_model_free(ledger_kit_model(&kit, "0.5"));
    struct sil_model *model = ledger_kit_model(&kit, "0.25");
    const char *claim = sil_model_claim(model);
    const struct sil_chain *chain = sil_ledger_chain(kit.ledger);
    char id[SIL_ID_TEXT];
    struct sil_bytes sum = {0};
    sil_id_print(id, &chain->ledger);
    cr_assert(eq(int, sil_bytes_printf(&sum, NULL, "rho = "), SIL_OK));
    cr_assert(eq(int, sil_rational_print(&sum, chain->reserved.v, NULL), SIL_OK));
    cr_assert(eq(int, sil_bytes_append(&sum, " ", 2, NULL), SIL_OK));

    expect_part(claim, id);
    expect_part(claim, "\"claims-2026\"");
    expect_part(claim, (const char *)sum.data);
    expect_part(claim, "the share of this run: (epsilon 0.25, delta 1e-9)");
    expect_part(claim, "unwitnessed");
    expect_part(claim, "roles-shared");
    expect_part(claim, "other tables about the same people are not counted");
    expect_part(claim, "as the transcript says");
    expect_part(claim, "silhouette ledger verify DIR");
    cr_expect(eq(ptr, (void *)strstr(claim, "UNLEDGERED"), NULL));
    cr_expect(
        lt(ptr, (void *)strstr(claim, "all runs"), (void *)strstr(claim, "share")));
    sil_bytes_clear(&sum);
    sil_model_free(model);
    ledger_kit_close(&kit);
}

Test(stamp, stands_in_the_json_of_inspect)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *model = ledger_kit_model(&kit, "0.5");
    char *text = NULL;
    char id[SIL_ID_TEXT];
    sil_id_print(id, &sil_ledger_chain(kit.ledger)->ledger);

    cr_assert(eq(int, sil_model_inspect(&text, model, true, NULL), SIL_OK));

    json_t *root = json_loads(text, 0, NULL);
    json_t *claim = json_object_get(root, "claim");
    json_t *ledger = json_object_get(claim, "ledger");
    cr_expect(ne(int, json_is_true(json_object_get(claim, "ledgered")), 0));
    cr_expect(zero(int, strcmp(json_string_value(json_object_get(ledger, "id")), id)));
    cr_expect(eq(i64, json_integer_value(json_object_get(ledger, "size")), 4));
    cr_expect(ne(int, json_is_true(json_object_get(ledger, "roles_shared")), 0));
    cr_expect(zero(int, strcmp(json_string_value(json_object_get(
                                   json_object_get(ledger, "cap"), "epsilon")),
                               "1")));
    json_decref(root);
    free(text);
    sil_model_free(model);
    ledger_kit_close(&kit);
}

Test(stamp, warns_of_what_all_runs_together_expose)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *model = ledger_kit_model(&kit, "0.5");
    struct sil_model *again = NULL;
    mpq_set_ui(model->transcript.stamp.reserved.v, 5, 1);
    mpq_set_ui(model->transcript.stamp.cap.v, 5, 1);
    struct sil_bytes bytes = encode_anew(model);

    cr_assert(
        eq(int, sil_model_decode(&again, bytes.data, bytes.length, 1, NULL), SIL_OK));

    bool warned = false;
    for (size_t i = 0; i < sil_model_n_warnings(again); i++) {
        warned |= strstr(sil_model_warning(again, i), "epsilon above 20") != NULL;
    }
    cr_expect(warned);
    sil_bytes_clear(&bytes);
    sil_model_free(again);
    sil_model_free(model);
    ledger_kit_close(&kit);
}

/* ---- what contradicts itself ---- */

static void more_than_the_cap(struct sil_stamp *stamp)
{
    mpq_add(stamp->reserved.v, stamp->cap.v, stamp->reserved.v);
}

static void less_than_the_run(struct sil_stamp *stamp)
{
    mpq_div_2exp(stamp->reserved.v, stamp->reserved.v, 1);
}

static void too_small(struct sil_stamp *stamp)
{
    stamp->size = 2;
}

static void beyond_63_bits(struct sil_stamp *stamp)
{
    stamp->size = UINT64_MAX;
}

static void no_delta(struct sil_stamp *stamp)
{
    mpq_set_ui(stamp->report_delta.v, 0, 1);
}

static void deltas_of_one(struct sil_stamp *stamp)
{
    mpq_set_ui(stamp->cap_delta.v, 1, 1);
}

static void no_label(struct sil_stamp *stamp)
{
    stamp->data_label[0] = '\0';
}

static void long_label(struct sil_stamp *stamp)
{
    free(stamp->data_label);
    stamp->data_label = calloc(1, SIL_LEDGER_TEXT_MAX + 2);
    memset(stamp->data_label, 'x', SIL_LEDGER_TEXT_MAX + 1);
}

static const struct impossible_case {
    const char *name;
    void (*spoil)(struct sil_stamp *stamp);
} IMPOSSIBLE[] = {
    {"more than the cap", more_than_the_cap},
    {"less than the run", less_than_the_run},
    {"too small",         too_small        },
    {"beyond 63 bits",    beyond_63_bits   },
    {"no delta",          no_delta         },
    {"deltas of one",     deltas_of_one    },
    {"no label",          no_label         },
    {"a long label",      long_label       },
};

Test(stamp, that_no_ledger_can_have_is_refused)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    for (size_t i = 0; i < sizeof IMPOSSIBLE / sizeof IMPOSSIBLE[0]; i++) {
        struct sil_model *model = ledger_kit_model(&kit, "0.2");
        struct sil_model *again = NULL;
        /* As though it were the first run, so that half of its budget is too little. */
        mpq_set(model->transcript.stamp.reserved.v, model->transcript.terms.cap.v);
        IMPOSSIBLE[i].spoil(&model->transcript.stamp);
        struct sil_bytes bytes = encode_anew(model);

        cr_expect(eq(int, sil_model_decode(&again, bytes.data, bytes.length, 1, NULL),
                     SIL_ERR_INPUT),
                  "%s", IMPOSSIBLE[i].name);

        cr_expect(eq(ptr, again, NULL));
        sil_bytes_clear(&bytes);
        sil_model_free(model);
    }
    ledger_kit_close(&kit);
}

/* Stamps of other kinds, with everything behind them as it was. */
static const struct foreign_case {
    const char *name;
    const char *stamp; ///< bytes of MessagePack
    size_t length;
    sil_status status;
} FOREIGN[] = {
    {"the bare word",  "\xa8LEDGERED",      9,  SIL_ERR_UNSUPPORTED},
    {"another word",   "\xa9WITNESSED",     10, SIL_ERR_UNSUPPORTED},
    {"an empty array", "\x90",              1,  SIL_ERR_INPUT      },
    {"another array",  "\x91\xa9WITNESSED", 11, SIL_ERR_UNSUPPORTED},
    {"a number",       "\x07",              1,  SIL_ERR_INPUT      },
    {"the word alone", "\x91\xa8LEDGERED",  10, SIL_ERR_INPUT      },
};

Test(stamp, of_another_kind_is_not_believed)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *model = ledger_kit_model(&kit, "0.5");
    struct sil_bytes stamp = {0};
    cr_assert(eq(int, sil_put_stamp(&stamp, &model->transcript.stamp, NULL), SIL_OK));
    /* [ name, version, replay, stamp, ... */
    const size_t at = 1 + 1 + strlen("silhouette/transcript") + 2;
    for (size_t i = 0; i < sizeof FOREIGN / sizeof FOREIGN[0]; i++) {
        struct sil_bytes bytes = {0};
        struct sil_transcript again;
        sil_transcript_init(&again);
        cr_assert(
            eq(int, sil_bytes_append(&bytes, model->encoding.data, at, NULL), SIL_OK));
        cr_assert(
            eq(int, sil_bytes_append(&bytes, FOREIGN[i].stamp, FOREIGN[i].length, NULL),
               SIL_OK));
        cr_assert(eq(int,
                     sil_bytes_append(&bytes, model->encoding.data + at + stamp.length,
                                      model->encoding.length - at - stamp.length, NULL),
                     SIL_OK));

        cr_expect(eq(int, sil_transcript_decode(&again, bytes.data, bytes.length, NULL),
                     FOREIGN[i].status),
                  "%s", FOREIGN[i].name);

        sil_transcript_clear(&again);
        sil_bytes_clear(&bytes);
    }
    sil_bytes_clear(&stamp);
    sil_model_free(model);
    ledger_kit_close(&kit);
}

/* ---- what the ledger does not bear out ---- */

static void another_ledger(struct sil_model *model)
{
    model->transcript.stamp.ledger.bytes[0] ^= 1;
}

static void another_reserve(struct sil_model *model)
{
    model->transcript.stamp.reserve.bytes[0] ^= 1;
}

static void another_size(struct sil_model *model)
{
    model->transcript.stamp.size = 3;
}

static void another_root(struct sil_model *model)
{
    model->transcript.stamp.root.bytes[31] ^= 1;
}

static void another_sum(struct sil_model *model)
{
    mpq_set(model->transcript.stamp.reserved.v, model->transcript.stamp.cap.v);
}

static void another_cap(struct sil_model *model)
{
    mpq_mul_2exp(model->transcript.stamp.cap.v, model->transcript.stamp.cap.v, 1);
}

static void another_cap_delta(struct sil_model *model)
{
    mpq_set_ui(model->transcript.stamp.cap_delta.v, 1, 2000);
}

static void another_report_delta(struct sil_model *model)
{
    mpq_set_ui(model->transcript.stamp.report_delta.v, 1, 2000000000);
}

static void another_label(struct sil_model *model)
{
    model->transcript.stamp.data_label[0] = 'x';
}

static void other_roles(struct sil_model *model)
{
    model->transcript.stamp.is_shared = false;
}

static void other_neighbours(struct sil_model *model)
{
    model->transcript.terms.neighbours = SIL_REPLACE_ONE;
}

static void another_budget(struct sil_model *model)
{
    mpq_div_2exp(model->transcript.terms.cap.v, model->transcript.terms.cap.v, 1);
}

static void another_plan(struct sil_model *model)
{
    model->transcript.terms.max_cells++;
}

static void another_count(struct sil_model *model)
{
    model->transcript.line[0].noisy[0]++;
    sil_bytes_clear(&model->encoding);
    cr_assert(eq(int, sil_transcript_encode(&model->encoding, &model->transcript, NULL),
                 SIL_OK));
}

/* The lines are compared one by one as well: a curator who holds the keys may have entered
 * the transcript's true hash beside costs that are not its own. */
static void another_noise(struct sil_model *model)
{
    mpq_mul_2exp(model->transcript.line[0].sigma2.v, model->transcript.line[0].sigma2.v,
                 1);
}

static void another_column(struct sil_model *model)
{
    model->transcript.line[0].clique.attr[0] = 2;
}

static void another_sensitivity(struct sil_model *model)
{
    model->transcript.line[0].sensitivity = 4;
}

static void another_cost(struct sil_model *model)
{
    mpq_div_2exp(model->transcript.line[0].rho.v, model->transcript.line[0].rho.v, 1);
}

static void another_mechanism(struct sil_model *model)
{
    model->transcript.line[0].kind = SIL_RELEASE_SELECT;
}

static void a_line_fewer(struct sil_model *model)
{
    model->transcript.n_lines--;
}

static void unledgered(struct sil_model *model)
{
    model->transcript.is_ledgered = false;
}

static const struct lie_case {
    const char *name;
    void (*lie)(struct sil_model *model);
    const char *says;
} LIES[] = {
    {"ledger",       another_ledger,       "another ledger"     },
    {"reserve",      another_reserve,      "no such reserve"    },
    {"size",         another_size,         "another place"      },
    {"root",         another_root,         "another root"       },
    {"sum",          another_sum,          "sum of what"        },
    {"cap",          another_cap,          "its cap"            },
    {"cap of delta", another_cap_delta,    "its cap"            },
    {"delta",        another_report_delta, "its cap"            },
    {"label",        another_label,        "its cap"            },
    {"roles",        other_roles,          "its cap"            },
    {"neighbours",   other_neighbours,     "its neighbours"     },
    {"budget",       another_budget,       "another budget"     },
    {"plan",         another_plan,         "another plan"       },
    {"count",        another_count,        "another transcript" },
    {"noise",        another_noise,        "a mechanism"        },
    {"column",       another_column,       "a mechanism"        },
    {"sensitivity",  another_sensitivity,  "a mechanism"        },
    {"cost",         another_cost,         "a mechanism"        },
    {"mechanism",    another_mechanism,    "a mechanism"        },
    {"lines",        a_line_fewer,         "mechanisms that the"},
};

Test(stamp, that_the_ledger_does_not_bear_out_is_found)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    for (size_t i = 0; i < sizeof LIES / sizeof LIES[0]; i++) {
        struct sil_model *model = ledger_kit_model(&kit, "0.05");
        struct sil_error err = {{0}};
        size_t n_lines = model->transcript.n_lines;
        cr_assert(eq(int, sil_model_check_ledger(model, kit.ledger, NULL), SIL_OK));

        LIES[i].lie(model);

        cr_expect(
            eq(int, sil_model_check_ledger(model, kit.ledger, &err), SIL_ERR_CHECK),
            "%s", LIES[i].name);
        expect_part(err.text, LIES[i].says);
        model->transcript.n_lines = n_lines;
        sil_model_free(model);
    }
    ledger_kit_close(&kit);
}

Test(stamp, of_a_model_without_a_ledger_has_nothing_to_be_checked)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *model = ledger_kit_model(&kit, "0.5");
    unledgered(model);

    cr_expect(eq(int, sil_model_check_ledger(model, kit.ledger, NULL), SIL_ERR_USAGE));

    sil_model_free(model);
    ledger_kit_close(&kit);
}

Test(stamp, holds_when_the_ledger_has_grown)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *first = ledger_kit_model(&kit, "0.3");
    struct sil_model *second = ledger_kit_model(&kit, "0.3");
    struct sil_error err = {{0}};
    ledger_kit_reopen(&kit);

    cr_expect(eq(int, sil_model_check_ledger(first, kit.ledger, &err), SIL_OK), "%s",
              err.text);
    cr_expect(eq(int, sil_model_check_ledger(second, kit.ledger, &err), SIL_OK), "%s",
              err.text);

    sil_model_free(first);
    sil_model_free(second);
    ledger_kit_close(&kit);
}
