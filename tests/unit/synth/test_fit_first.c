// SPDX-License-Identifier: Apache-2.0
/* The first run on a table: its ledger is made by the run, as late as can be. */
#include "base/fail.h"
#include "ledger_kit.h"
#include "synth/debit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

/* Hands over a ledger that was opened elsewhere, as if it had just been made. */
struct maker {
    struct sil_ledger *ledger;
    unsigned n_calls;
    sil_status status;
};

static sil_status make_ledger(struct sil_ledger **out, void *context,
                              struct sil_error *err)
{
    struct maker *maker = context;
    maker->n_calls++;
    if (maker->status != SIL_OK) {
        return sil_fail(err, maker->status, "the maker's own word");
    }
    *out = maker->ledger;
    return SIL_OK;
}

static struct sil_fit_options first_run_options(const struct ledger_kit *kit,
                                                struct maker *maker)
{
    struct sil_fit_options options = ledger_kit_options(kit, "0.5");
    *maker = (struct maker){.ledger = kit->ledger};
    options.ledger = NULL;
    options.delta = "1e-9";
    options.new_ledger =
        (struct sil_ledger_maker){.make = make_ledger, .context = maker};
    return options;
}

Test(fit_first, makes_a_ledger_once_and_spends_from_it)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *model = NULL;
    struct maker maker;
    struct sil_fit_options options = first_run_options(&kit, &maker);

    cr_assert(
        eq(int, ledger_kit_fit(&model, &kit, kit.table.path, &options, NULL), SIL_OK));

    cr_expect(eq(u32, maker.n_calls, 1));
    cr_expect(model->transcript.is_ledgered);
    cr_expect(eq(int, sil_model_check_ledger(model, kit.ledger, NULL), SIL_OK));
    cr_expect(zero(ptr, (void *)options.ledger));
    sil_model_free(model);
    ledger_kit_close(&kit);
}

/* What needs memory and no noise has been done when there is a ledger to pay from. */
struct stages {
    const struct maker *maker;
    unsigned n_before; /* counting told while no ledger had been made */
    unsigned n_after;
};

static void see_stage(void *context, const char *what, uint64_t done, uint64_t total)
{
    struct stages *stages = context;
    (void)done;
    (void)total;
    if (strcmp(what, "counting") == 0) {
        stages->n_before += stages->maker->n_calls == 0 ? 1 : 0;
        stages->n_after += stages->maker->n_calls == 0 ? 0 : 1;
    }
}

Test(fit_first, counts_the_table_before_it_makes_a_ledger)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *model = NULL;
    struct maker maker;
    struct sil_fit_options options = first_run_options(&kit, &maker);
    struct stages stages = {.maker = &maker};
    options.progress = (struct sil_progress){.report = see_stage, .payload = &stages};

    cr_assert(
        eq(int, ledger_kit_fit(&model, &kit, kit.table.path, &options, NULL), SIL_OK));

    cr_expect(ne(u32, stages.n_before, 0));
    cr_expect(zero(u32, stages.n_after));
    sil_model_free(model);
    ledger_kit_close(&kit);
}

Test(fit_first, makes_no_ledger_for_a_run_that_is_refused)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct test_file ragged = test_file_text("c0,c1,c2\n0,0,0\n0,0\n");
    struct maker maker;

    const struct {
        const char *path;
        const char *epsilon;
        const char *delta;
        const char *workload;
        sil_status status;
    } cases[] = {
        {"/nowhere/a.csv", "0.5",   "1e-9", "3", SIL_ERR_IO    },
        {ragged.path,      "0.5",   "1e-9", "3", SIL_ERR_INPUT },
        {kit.table.path,   "0",     "1e-9", "3", SIL_ERR_USAGE },
        {kit.table.path,   "1e-40", "1e-9", "3", SIL_ERR_BUDGET},
        {kit.table.path,   "0.5",   NULL,   "3", SIL_ERR_USAGE },
        {kit.table.path,   "0.5",   "1e-9", "9", SIL_ERR_USAGE },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sil_fit_options options = first_run_options(&kit, &maker);
        struct sil_model *model = NULL;
        options.epsilon = cases[i].epsilon;
        options.delta = cases[i].delta;
        options.workload = cases[i].workload;

        cr_expect(eq(int, ledger_kit_fit(&model, &kit, cases[i].path, &options, NULL),
                     cases[i].status),
                  "case %zu", i);

        cr_expect(eq(u32, maker.n_calls, 0), "case %zu", i);
    }
    test_file_remove(&ragged);
    ledger_kit_close(&kit);
}

Test(fit_first, spends_nothing_when_its_ledger_cannot_be_made)
{
    struct ledger_kit kit = ledger_kit_open(SIL_REPLACE_ONE);
    struct sil_model *model = NULL;
    struct sil_error err = {{0}};
    struct maker maker;
    struct sil_fit_options options = first_run_options(&kit, &maker);

    maker.status = SIL_ERR_IO;
    cr_expect(eq(int, ledger_kit_fit(&model, &kit, kit.table.path, &options, &err),
                 SIL_ERR_IO));
    cr_expect(eq(str, err.text, "the maker's own word"));

    maker.status = SIL_OK; /* add-remove is what the run means, and not the ledger */
    cr_expect(eq(int, ledger_kit_fit(&model, &kit, kit.table.path, &options, &err),
                 SIL_ERR_USAGE));
    cr_expect(ne(ptr, strstr(err.text, "other neighbours"), NULL), "%s", err.text);

    cr_expect(eq(u64, ledger_kit_entries(&kit), 2)); /* genesis, grant */
    ledger_kit_close(&kit);
}

Test(fit_first, is_made_or_is_there_or_there_is_none)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);

    for (int both = 0; both < 2; both++) {
        struct maker maker;
        struct sil_fit_options options = first_run_options(&kit, &maker);
        struct sil_model *model = NULL;
        options.ledger = both == 1 ? kit.ledger : NULL;
        options.unledgered = both == 0;

        cr_expect(eq(int, ledger_kit_fit(&model, &kit, kit.table.path, &options, NULL),
                     SIL_ERR_USAGE),
                  "%d", both);

        cr_expect(eq(u32, maker.n_calls, 0), "%d", both);
    }
    ledger_kit_close(&kit);
}
