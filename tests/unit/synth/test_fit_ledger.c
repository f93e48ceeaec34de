// SPDX-License-Identifier: Apache-2.0
/* A fit that spends from a ledger: what is charged, when, and what is refused. */
#define _GNU_SOURCE
#include "ledger_kit.h"
#include "num/rational.h"
#include "privacy/convert.h"
#include "support/seeded_rng.h"
#include "synth/debit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void expect_part(const char *text, const char *part)
{
    cr_expect(ne(ptr, (void *)strstr(text, part), NULL), "no '%s' in: %s", part, text);
}

/* The rho of an epsilon at the kit's delta. */
static void rho_of(struct sil_rho *rho, const char *epsilon_text)
{
    struct sil_epsilon epsilon;
    struct sil_delta delta;
    sil_epsilon_init(&epsilon);
    sil_delta_init(&delta);
    cr_assert(
        eq(int, sil_rational_parse(epsilon.v, epsilon_text, 0, "", NULL), SIL_OK));
    cr_assert(eq(int, sil_rational_parse(delta.v, "1e-9", 0, "", NULL), SIL_OK));
    cr_assert(eq(int, sil_rho_of_epsilon(rho, &epsilon, &delta, NULL), SIL_OK));
    sil_epsilon_clear(&epsilon);
    sil_delta_clear(&delta);
}

/* ---- what a fit leaves behind ---- */

Test(fit_ledger, charges_its_whole_budget_and_enters_what_it_measured)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_rho asked;
    uint8_t hash[SIL_HASH_BYTES];
    sil_rho_init(&asked);
    rho_of(&asked, "0.5");

    struct sil_model *model = ledger_kit_model(&kit, "0.5");

    const struct sil_chain *chain = sil_ledger_chain(kit.ledger);
    cr_assert(eq(sz, chain->n_reserves, 1));
    const struct sil_chain_reserve *reserve = &chain->reserve[0];
    cr_expect(ne(int, mpq_equal(reserve->rho.v, asked.v), 0));
    cr_expect(ne(int, mpq_equal(chain->reserved.v, asked.v), 0));
    cr_expect(ne(int, mpq_equal(chain->grant[0].reserved.v, asked.v), 0));
    cr_expect(eq(sz, reserve->n_measures, 1));
    cr_expect(ne(int, mpq_equal(reserve->measured.v, model->transcript.spent.v), 0));
    cr_expect(le(int, mpq_cmp(reserve->measured.v, reserve->rho.v), 0));
    sil_sha256(hash, &(struct sil_part){model->encoding.data, model->encoding.length},
               1);
    cr_expect(zero(int, memcmp(hash, reserve->transcript_sha256, sizeof hash)));
    /* genesis, grant, data, reserve, measure */
    cr_expect(eq(u64, ledger_kit_entries(&kit), 5));
    sil_model_free(model);
    sil_rho_clear(&asked);
    ledger_kit_close(&kit);
}

Test(fit_ledger, fixes_its_plan_by_the_hash_of_the_bytes_in_the_transcript)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *model = ledger_kit_model(&kit, "0.5");
    struct sil_bytes plan = {0};
    uint8_t hash[SIL_HASH_BYTES];
    cr_assert(
        eq(int, sil_transcript_encode_plan(&plan, &model->transcript, NULL), SIL_OK));

    const uint8_t *in_place =
        memmem(model->encoding.data, model->encoding.length, plan.data, plan.length);

    cr_assert(in_place != NULL);
    sil_sha256(hash, &(struct sil_part){in_place, plan.length}, 1);
    const struct sil_chain *chain = sil_ledger_chain(kit.ledger);
    cr_expect(zero(int, memcmp(hash, chain->reserve[0].plan_hash, sizeof hash)));
    sil_bytes_clear(&plan);
    sil_model_free(model);
    ledger_kit_close(&kit);
}

/* Bookkeeping does not change what is measured. */
Test(fit_ledger, measures_what_a_fit_without_a_ledger_measures)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *ledgered = ledger_kit_model(&kit, "0.5");
    struct sil_model *plain = NULL;
    struct sil_fit_options options = ledger_kit_options(&kit, "0.5");
    options.ledger = NULL;
    options.unledgered = true;
    options.delta = "1e-9";

    cr_assert(
        eq(int, ledger_kit_fit(&plain, &kit, kit.table.path, &options, NULL), SIL_OK));

    cr_expect(ledgered->transcript.is_ledgered);
    cr_expect(not(plain->transcript.is_ledgered));
    cr_assert(eq(sz, ledgered->transcript.n_lines, plain->transcript.n_lines));
    for (size_t i = 0; i < plain->transcript.n_lines; i++) {
        const struct sil_release *a = &ledgered->transcript.line[i];
        const struct sil_release *b = &plain->transcript.line[i];
        cr_assert(eq(sz, a->n_cells, b->n_cells));
        cr_expect(zero(int, memcmp(a->noisy, b->noisy, a->n_cells * sizeof *a->noisy)));
    }
    sil_model_free(ledgered);
    sil_model_free(plain);
    ledger_kit_close(&kit);
}

Test(fit_ledger, takes_the_delta_at_which_the_ledger_reports)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *model = ledger_kit_model(&kit, "0.5");

    cr_expect(zero(int, mpq_cmp_ui(model->transcript.terms.delta.v, 1, 1000000000)));

    sil_model_free(model);
    struct sil_fit_options options = ledger_kit_options(&kit, "0.1");
    options.delta = "1e-6";
    cr_assert(
        eq(int, ledger_kit_fit(&model, &kit, kit.table.path, &options, NULL), SIL_OK));
    cr_expect(zero(int, mpq_cmp_ui(model->transcript.terms.delta.v, 1, 1000000)));
    sil_model_free(model);
    ledger_kit_close(&kit);
}

Test(fit_ledger, enters_the_lines_of_every_mechanism)
{
    static const enum sil_mechanism MECHANISMS[] = {SIL_AIM, SIL_MST, SIL_INDEPENDENT};
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    for (size_t i = 0; i < 3; i++) {
        struct sil_model *model = NULL;
        struct sil_error err = {{0}};
        struct sil_fit_options options = ledger_kit_options(&kit, "0.4");
        options.mechanism = MECHANISMS[i];

        cr_assert(eq(int, ledger_kit_fit(&model, &kit, kit.table.path, &options, &err),
                     SIL_OK),
                  "%s", err.text);

        const struct sil_chain_reserve *reserve =
            &sil_ledger_chain(kit.ledger)->reserve[i];
        cr_expect(
            ne(int, mpq_equal(reserve->measured.v, model->transcript.spent.v), 0));
        cr_expect(eq(int, sil_model_check_ledger(model, kit.ledger, &err), SIL_OK),
                  "%s", err.text);
        sil_model_free(model);
    }
    ledger_kit_close(&kit);
}

/* More lines than an entry can hold go into several, in order. */
Test(fit_ledger, enters_more_lines_than_an_entry_holds)
{
    enum { COLUMNS = 1000 };

    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    static uint32_t cells[COLUMNS];
    struct sil_model *model = NULL;
    struct sil_error err = {{0}};
    struct sil_fit_options options = ledger_kit_options(&kit, "1");
    for (size_t i = 0; i < COLUMNS; i++) {
        cells[i] = 2;
    }
    struct sil_schema *schema = kit_schema(cells, COLUMNS);
    struct test_file table = kit_table(cells, COLUMNS, 20, 5);

    cr_assert(eq(int,
                 sil_model_fit_with(&model, table.path, schema, &options, seeded_rng(5),
                                    &err),
                 SIL_OK),
              "%s", err.text);

    cr_expect(gt(sz, sil_ledger_chain(kit.ledger)->reserve[0].n_measures, 1));
    cr_expect(eq(int, sil_model_check_ledger(model, kit.ledger, &err), SIL_OK), "%s",
              err.text);
    sil_model_free(model);
    sil_schema_free(schema);
    test_file_remove(&table);
    ledger_kit_close(&kit);
}

/* ---- the order of things ---- */

struct watcher {
    const struct ledger_kit *kit;
    uint64_t entries_at_first_spending;
    bool saw_spending;
    void (*then)(const struct ledger_kit *kit);
};

/* The run reports what it spent of its budget: noise exists by then. */
static void watch(void *context, const char *stage, uint64_t done, uint64_t total)
{
    struct watcher *watcher = context;
    (void)done;
    (void)total;
    if (strcmp(stage, "spending the budget") == 0 && !watcher->saw_spending) {
        watcher->saw_spending = true;
        watcher->entries_at_first_spending = ledger_kit_entries(watcher->kit);
        if (watcher->then != NULL) {
            watcher->then(watcher->kit);
        }
    }
}

Test(fit_ledger, the_debit_is_on_disk_before_the_noise)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *model = NULL;
    struct watcher watcher = {.kit = &kit};
    struct sil_fit_options options = ledger_kit_options(&kit, "0.5");
    options.progress = (struct sil_progress){watch, &watcher};

    cr_assert(
        eq(int, ledger_kit_fit(&model, &kit, kit.table.path, &options, NULL), SIL_OK));

    cr_assert(watcher.saw_spending);
    cr_expect(
        eq(u64, watcher.entries_at_first_spending, 4)); /* the last: the reserve */
    sil_model_free(model);
    ledger_kit_close(&kit);
}

/* A refused run has drawn nothing: its generator stands where a fresh one stands. */
Test(fit_ledger, a_refused_run_draws_no_noise)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *model = NULL;
    struct watcher watcher = {.kit = &kit};
    struct sil_fit_options options = ledger_kit_options(&kit, "1.5");
    options.progress = (struct sil_progress){watch, &watcher};

    cr_expect(eq(int, ledger_kit_fit(&model, &kit, kit.table.path, &options, NULL),
                 SIL_ERR_BUDGET));

    cr_expect(not(watcher.saw_spending));
    ledger_kit_close(&kit);
}

/* What is no entry stands among the entries: the ledger cannot be written to. */
static void spoil_ledger(const struct ledger_kit *kit)
{
    (void)test_dir_file(&kit->dir, "led/entries/foreign", "x", 1);
}

Test(fit_ledger, a_failure_after_the_debit_says_that_the_budget_is_spent)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *model = NULL;
    struct sil_error err = {{0}};
    struct watcher watcher = {.kit = &kit, .then = spoil_ledger};
    struct sil_fit_options options = ledger_kit_options(&kit, "0.5");
    options.progress = (struct sil_progress){watch, &watcher};

    sil_status status = ledger_kit_fit(&model, &kit, kit.table.path, &options, &err);

    cr_expect(ne(int, status, SIL_OK));
    cr_expect(eq(ptr, model, NULL));
    expect_part(err.text, "the budget of this run is spent");
    ledger_kit_close(&kit);
}

/* ---- how much ---- */

Test(fit_ledger, a_second_run_that_does_not_fit_is_refused_and_nothing_changes)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *model = ledger_kit_model(&kit, "0.8");
    struct sil_error err = {{0}};
    sil_model_free(model);
    uint64_t entries = ledger_kit_entries(&kit);

    struct sil_fit_options options = ledger_kit_options(&kit, "0.8");
    cr_expect(eq(int, ledger_kit_fit(&model, &kit, kit.table.path, &options, &err),
                 SIL_ERR_BUDGET));

    cr_expect(eq(ptr, model, NULL));
    cr_expect(eq(ptr, (void *)strstr(err.text, "is spent, and nothing"), NULL), "%s",
              err.text);
    cr_expect(eq(u64, ledger_kit_entries(&kit), entries));
    ledger_kit_reopen(&kit);
    cr_expect(eq(sz, sil_ledger_chain(kit.ledger)->n_reserves, 1));
    ledger_kit_close(&kit);
}

Test(fit_ledger, the_whole_grant_can_be_spent_to_the_last_digit)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_rho left;
    struct sil_delta left_delta;
    sil_rho_init(&left);
    sil_delta_init(&left_delta);

    struct sil_model *model = ledger_kit_model(&kit, "1");

    sil_chain_grant_left(&left, &left_delta, &sil_ledger_chain(kit.ledger)->grant[0]);
    cr_expect(zero(int, mpq_sgn(left.v)));
    sil_model_free(model);
    sil_rho_clear(&left);
    sil_delta_clear(&left_delta);
    ledger_kit_close(&kit);
}

Test(fit_ledger, a_grant_may_be_named)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *model = NULL;
    struct sil_error err = {{0}};
    char id[SIL_ID_TEXT];
    struct sil_fit_options options = ledger_kit_options(&kit, "0.1");
    sil_id_print(id, &sil_ledger_chain(kit.ledger)->grant[0].id);

    options.grant = id;
    cr_expect(
        eq(int, ledger_kit_fit(&model, &kit, kit.table.path, &options, &err), SIL_OK),
        "%s", err.text);
    sil_model_free(model);
    options.grant = "the first";
    cr_expect(eq(int, ledger_kit_fit(&model, &kit, kit.table.path, &options, &err),
                 SIL_ERR_USAGE));
    options.grant = "00000000000000000000000000000000";
    cr_expect(eq(int, ledger_kit_fit(&model, &kit, kit.table.path, &options, &err),
                 SIL_ERR_USAGE));
    ledger_kit_close(&kit);
}

/* ---- of which data ---- */

Test(fit_ledger, the_first_run_says_which_table_and_no_other_is_taken)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *model = ledger_kit_model(&kit, "0.3");
    struct sil_fit_options options = ledger_kit_options(&kit, "0.3");
    struct sil_error err = {{0}};
    sil_model_free(model);
    cr_expect(eq(sz, sil_ledger_chain(kit.ledger)->n_data, 1));
    uint64_t entries = ledger_kit_entries(&kit);

    cr_expect(eq(int, ledger_kit_fit(&model, &kit, kit.other.path, &options, &err),
                 SIL_ERR_INPUT));

    cr_expect(eq(ptr, model, NULL));
    expect_part(err.text, "silhouette ledger data ");
    expect_part(err.text, "--add CSV");
    cr_expect(eq(u64, ledger_kit_entries(&kit), entries));
    model = ledger_kit_model(&kit, "0.3");
    cr_expect(eq(sz, sil_ledger_chain(kit.ledger)->n_data, 1), "once is enough");
    sil_model_free(model);
    ledger_kit_close(&kit);
}

Test(fit_ledger, without_the_authoritys_key_no_table_is_taken_up)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *model = NULL;
    struct sil_error err = {{0}};
    cr_assert(
        zero(int, unlink(test_dir_path(&kit.dir, "led.keys/authority.key").text)));
    ledger_kit_reopen(&kit);
    struct sil_fit_options options = ledger_kit_options(&kit, "0.3");

    cr_expect(eq(int, ledger_kit_fit(&model, &kit, kit.table.path, &options, &err),
                 SIL_ERR_INPUT));

    expect_part(err.text, "--add CSV");
    cr_expect(eq(u64, ledger_kit_entries(&kit), 2));
    ledger_kit_close(&kit);
}

/* A stream can be read once: what is digested is what became the table. */
struct feeder {
    const char *from;
    const char *to;
};

static void *feed(void *context)
{
    const struct feeder *feeder = context;
    char buffer[4096];
    int in = open(feeder->from, O_RDONLY);
    int out = open(feeder->to, O_WRONLY);
    ssize_t n;
    while ((n = read(in, buffer, sizeof buffer)) > 0) {
        cr_assert(eq(i64, write(out, buffer, (size_t)n), n));
    }
    close(in);
    close(out);
    return NULL;
}

Test(fit_ledger, digests_the_bytes_that_it_parses_in_the_same_pass)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct test_path fifo = test_dir_path(&kit.dir, "fifo");
    struct sil_fit_options options = ledger_kit_options(&kit, "0.3");
    struct sil_model *model = ledger_kit_model(&kit, "0.3");
    struct sil_error err = {{0}};
    pthread_t thread;
    sil_model_free(model);
    cr_assert(zero(int, mkfifo(fifo.text, 0600)));
    struct feeder feeder = {kit.table.path, fifo.text};
    cr_assert(zero(int, pthread_create(&thread, NULL, feed, &feeder)));

    sil_status status = ledger_kit_fit(&model, &kit, fifo.text, &options, &err);

    cr_assert(zero(int, pthread_join(thread, NULL)));
    cr_expect(eq(int, status, SIL_OK), "%s", err.text);
    sil_model_free(model);
    ledger_kit_close(&kit);
}

/* A column that the schema does not know is part of the table all the same. */
Test(fit_ledger, columns_that_are_ignored_count_as_data)
{
    static const char *const TABLES[] = {"c0,c1,c2,note\n0,1,2,x\n1,0,3,y\n",
                                         "c0,c1,c2,note\n0,1,2,x\n1,0,3,z\n"};
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_fit_options options = ledger_kit_options(&kit, "0.3");
    options.ignore_extra_columns = true;
    for (size_t i = 0; i < 2; i++) {
        struct test_file table = test_file_text(TABLES[i]);
        struct sil_model *model = NULL;
        cr_expect(eq(int, ledger_kit_fit(&model, &kit, table.path, &options, NULL),
                     i == 0 ? SIL_OK : SIL_ERR_INPUT));
        sil_model_free(model);
        test_file_remove(&table);
    }
    ledger_kit_close(&kit);
}

Test(fit_ledger, a_table_that_does_not_parse_costs_nothing)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct test_file table = test_file_text("c0,c1,c2\n0,1,2\n0,1\n");
    struct sil_fit_options options = ledger_kit_options(&kit, "0.3");
    struct sil_model *model = NULL;

    cr_expect(eq(int, ledger_kit_fit(&model, &kit, table.path, &options, NULL),
                 SIL_ERR_INPUT));

    cr_expect(eq(u64, ledger_kit_entries(&kit), 2));
    test_file_remove(&table);
    ledger_kit_close(&kit);
}

/* ---- the promise ---- */

Test(fit_ledger, neighbours_are_the_ledgers)
{
    struct ledger_kit kit = ledger_kit_open(SIL_REPLACE_ONE);
    struct sil_error err = {{0}};

    struct sil_model *model = ledger_kit_model(&kit, "0.3");

    cr_expect(eq(int, model->transcript.terms.neighbours, SIL_REPLACE_ONE));
    cr_expect(eq(u64, model->transcript.line[0].sensitivity, 2));
    expect_part(sil_model_claim(model), "replacing one row");
    sil_model_free(model);
    uint64_t entries = ledger_kit_entries(&kit);
    struct sil_fit_options options = ledger_kit_options(&kit, "0.3");
    options.neighbours = SIL_ADD_REMOVE;
    cr_expect(eq(int, ledger_kit_fit(&model, &kit, kit.table.path, &options, &err),
                 SIL_ERR_USAGE));
    expect_part(err.text, "replace-one");
    cr_expect(eq(u64, ledger_kit_entries(&kit), entries));
    options.neighbours = SIL_REPLACE_ONE;
    cr_expect(
        eq(int, ledger_kit_fit(&model, &kit, kit.table.path, &options, &err), SIL_OK));
    sil_model_free(model);
    ledger_kit_close(&kit);
}

Test(fit_ledger, either_a_ledger_or_the_word_that_there_is_none)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);

    const struct {
        struct sil_ledger *ledger;
        bool unledgered;
        const char *grant;
        const char *says;
    } cases[] = {
        {kit.ledger, true,  NULL, "exclude each other"},
        {NULL,       false, NULL, "--no-ledger"       },
        {NULL,       true,  "ab", "--grant"           },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sil_fit_options options = ledger_kit_options(&kit, "0.3");
        struct sil_model *model = NULL;
        struct sil_error err = {{0}};
        options.ledger = cases[i].ledger;
        options.unledgered = cases[i].unledgered;
        options.grant = cases[i].grant;
        options.delta = "1e-9";

        /* The file does not exist: nothing private was looked for. */
        cr_expect(eq(int,
                     ledger_kit_fit(&model, &kit, "/nowhere/data.csv", &options, &err),
                     SIL_ERR_USAGE),
                  "case %zu", i);

        expect_part(err.text, cases[i].says);
    }
    ledger_kit_close(&kit);
}

/* ---- the token ---- */

static int open_in_child(struct sil_token *token)
{
    int result = 0;
    pid_t child = fork();
    if (child == 0) {
        struct sil_gate *gate = NULL;
        _exit(sil_gate_open(&gate, token, seeded_rng(1), NULL));
    }
    cr_assert(eq(int, waitpid(child, &result, 0), child));
    return WIFEXITED(result) ? WEXITSTATUS(result) : -1;
}

Test(fit_ledger, a_debit_opens_one_gate_in_one_process)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_token *token = NULL;
    struct sil_gate *gate = NULL;
    struct sil_gate *second = NULL;
    struct sil_id reserve;
    struct sil_rho rho;
    const uint8_t plan_hash[32] = {1};
    sil_rho_init(&rho);
    mpq_set_ui(rho.v, 1, 1000000);
    cr_assert(eq(int,
                 sil_ledger_reserve(
                     &token, &reserve, kit.ledger, NULL,
                     &(struct sil_debit){.rho = &rho, .plan_hash = plan_hash}, NULL),
                 SIL_OK));

    cr_expect(eq(int, open_in_child(token), SIL_ERR_BUDGET));
    cr_assert(eq(int, sil_gate_open(&gate, token, seeded_rng(1), NULL), SIL_OK));

    cr_expect(sil_gate_is_ledgered(gate));
    cr_expect(
        eq(int, sil_gate_open(&second, token, seeded_rng(1), NULL), SIL_ERR_BUDGET));
    cr_expect(eq(ptr, second, NULL));
    sil_gate_close(gate);
    sil_rho_clear(&rho);
    ledger_kit_close(&kit);
}
