// SPDX-License-Identifier: Apache-2.0
#include "sheet_kit.h"

#include "base/memory.h"
#include "num/rational.h"
#include "support/property.h"
#include "support/seeded_rng.h"
#include "support/temp_file.h"
#include "synth/model_object.h"
#include "synth/sample.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 200, SEED = 4711, ID = 0xab };

const char SHEET_SCHEMA[] =
    "{\"fields\": [{\"name\": \"age\", \"type\": \"integer\", \"constraints\": "
    "{\"required\": true, \"minimum\": 0, \"maximum\": 99}, \"silhouette\": {\"bins\": "
    "10}}, {\"name\": \"town\", \"type\": \"string\", \"categories\": "
    "[\"north\", \"south\", \"east\", \"west\"]}, {\"name\": \"ill\", \"type\": "
    "\"boolean\", \"constraints\": {\"required\": true}, \"silhouette\": {\"origin\": "
    "\"looked\"}}]}";

static char TABLE[ROWS * 24];

struct sheet_setup sheet_setup(void)
{
    static const char *const TOWNS[] = {"north", "south", "east", "west", ""};
    struct test_random random = {.state = SEED};
    size_t at = (size_t)snprintf(TABLE, sizeof TABLE, "age,town,ill\n");
    for (size_t i = 0; i < ROWS; i++) {
        unsigned age = (unsigned)test_below(&random, 100);
        unsigned town = (unsigned)test_below(&random, 5);
        bool is_ill = test_below(&random, 100) < age;
        at += (size_t)snprintf(&TABLE[at], sizeof TABLE - at, "%u,%s,%s\n", age,
                               TOWNS[town], is_ill ? "true" : "false");
    }
    return (struct sheet_setup){.schema = SHEET_SCHEMA,
                                .table = TABLE,
                                .mechanism = SIL_AIM,
                                .neighbours = SIL_ADD_REMOVE,
                                .n_threads = 1};
}

static struct sil_model *fit(const struct sheet_setup *setup)
{
    struct sil_model *model = NULL;
    struct sil_schema *schema = NULL;
    struct sil_error err = {{0}};
    struct sil_fit_options options = sil_fit_defaults();
    struct test_file table = test_file_text(setup->table);
    options.epsilon = "4";
    options.delta = "1e-9";
    options.mechanism = setup->mechanism;
    options.neighbours = setup->neighbours;
    options.n_threads = setup->n_threads;
    options.unledgered = true;
    cr_assert_eq(sil_schema_parse(&schema, setup->schema, strlen(setup->schema), &err),
                 SIL_OK, "%s", err.text);
    cr_assert_eq(sil_model_fit_with(&model, table.path, schema, &options,
                                    seeded_rng(SEED), &err),
                 SIL_OK, "%s", err.text);
    sil_schema_free(schema);
    test_file_remove(&table);
    return model;
}

static void found(struct kit *kit, const struct sheet_setup *setup)
{
    struct kit_draft genesis = kit_genesis();
    genesis.body.genesis.neighbours = setup->neighbours;
    if (setup->cap_delta != NULL) {
        kit_rational(genesis.body.genesis.cap_delta.v, setup->cap_delta);
    }
    if (setup->is_shared) {
        cr_assert_eq(sil_alloc(&genesis.body.genesis.invariants, 1,
                               sizeof *genesis.body.genesis.invariants, "", NULL),
                     SIL_OK);
        genesis.body.genesis.invariants[0] = kit_text("roles-shared");
        genesis.body.genesis.n_invariants = 1;
    }
    kit_init(kit);
    (void)kit_add(kit, genesis);
}

static struct sil_id grant(struct kit *kit, const struct sheet_setup *setup)
{
    struct kit_draft draft = kit_grant(kit, "2/1", "0/1");
    if (setup->purpose != NULL) {
        free(draft.body.grant.purpose);
        draft.body.grant.purpose = kit_text(setup->purpose);
    }
    return kit_add(kit, draft);
}

/* The entries of the run; gives the id of its reserve. */
static struct sil_id charge(struct kit *kit, const struct sheet_setup *setup,
                            const struct sil_model *model)
{
    struct sil_bytes rho = {0};
    struct sil_id budget = grant(kit, setup);
    for (size_t i = 0; i < setup->n_runs_before; i++) {
        (void)kit_add(kit, kit_reserve(kit, &budget, "1/1000", "0/1"));
    }
    cr_assert_eq(sil_rational_print(&rho, model->transcript.terms.cap.v, NULL), SIL_OK);
    cr_assert_eq(sil_bytes_append(&rho, "", 1, NULL), SIL_OK);
    struct sil_id reserve =
        kit_add(kit, kit_reserve(kit, &budget, (const char *)rho.data, "0/1"));
    sil_bytes_clear(&rho);
    return reserve;
}

/* The model as if it had been charged to the ledger: its transcript, stamped so. */
static struct sil_model *stamp(struct sil_model *model, const struct kit *kit,
                               const struct sil_id *reserve, unsigned n_threads)
{
    struct sil_model *stamped = NULL;
    struct sil_bytes bytes = {0};
    struct sil_error err = {{0}};
    struct sil_stamp *out = &model->transcript.stamp;
    const struct sil_genesis *genesis = &kit->chain.genesis.genesis;
    model->transcript.is_ledgered = true;
    out->ledger = kit->chain.ledger;
    out->reserve = *reserve;
    out->size = kit->chain.tree.size;
    sil_merkle_root(&out->root, &kit->chain.tree);
    mpq_set(out->reserved.v, kit->chain.reserved.v);
    mpq_set(out->cap.v, genesis->cap_rho.v);
    mpq_set(out->cap_delta.v, genesis->cap_delta.v);
    mpq_set(out->report_delta.v, genesis->report_delta.v);
    out->data_label = kit_text(genesis->data_label);
    out->is_shared = genesis->n_invariants > 0;
    cr_assert_eq(sil_transcript_encode(&bytes, &model->transcript, &err), SIL_OK);
    cr_assert_eq(
        sil_model_of_transcript(&stamped, bytes.data, bytes.length, n_threads, &err),
        SIL_OK, "%s", err.text);
    sil_bytes_clear(&bytes);
    sil_model_free(model);
    return stamped;
}

static void measure(struct kit *kit, const struct sil_id *reserve)
{
    struct kit_draft draft = kit_measure(kit, reserve, 1);
    kit_line(&draft, 0, SIL_SPENT_GAUSSIAN,
             kit->chain.genesis.genesis.neighbours == SIL_ADD_REMOVE ? "1/1" : "2/1",
             "1000/1",
             kit->chain.genesis.genesis.neighbours == SIL_ADD_REMOVE ? "1/2000"
                                                                     : "1/1000");
    (void)kit_add(kit, draft);
}

struct sheet_kit *sheet_kit_new(const struct sheet_setup *setup)
{
    struct sheet_kit *kit = calloc(1, sizeof *kit);
    struct sil_error err = {{0}};
    struct sil_choices choices = setup->choices;
    struct sil_id id;
    cr_assert(kit != NULL);
    struct sil_model *model = fit(setup);
    found(&kit->ledger, setup);
    struct sil_id reserve = charge(&kit->ledger, setup, model);
    kit->model = stamp(model, &kit->ledger, &reserve, setup->n_threads);
    measure(&kit->ledger, &reserve);

    choices.n_rows = choices.has_rows ? choices.n_rows : sil_model_rows(kit->model);
    struct sil_sample_options options = sil_choices_options(&choices);
    struct sil_sample_report drawn = {0};
    options.n_threads = setup->n_threads;
    options.report = &drawn;
    cr_assert_eq(sil_rows_draw(&kit->rows, NULL, kit->model, &options, &err), SIL_OK,
                 "%s", err.text);
    memset(&id, ID, sizeof id);
    cr_assert_eq(sil_record_make(&kit->record, kit->model, &kit->rows,
                                 &kit->ledger.chain, &id, &choices, &drawn, &err),
                 SIL_OK, "%s", err.text);
    return kit;
}

void sheet_kit_free(struct sheet_kit *kit)
{
    sil_record_clear(&kit->record);
    sil_codes_clear(&kit->rows);
    sil_model_free(kit->model);
    kit_clear(&kit->ledger);
    free(kit);
}
