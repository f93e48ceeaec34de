// SPDX-License-Identifier: Apache-2.0
#include "ledger_kit.h"

#include "support/seeded_rng.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <unistd.h>

enum { ROWS = 300, SEED = 77 };

const uint32_t KIT_CELLS[3] = {3, 2, 4};

struct ledger_kit ledger_kit_open(enum sil_neighbours neighbours)
{
    struct ledger_kit kit = {.dir = test_dir_new()};
    struct sil_error err = {{0}};
    kit.ledger_path = test_dir_path(&kit.dir, "led");
    kit.state_path = test_dir_path(&kit.dir, "state");
    kit.schema = kit_schema(KIT_CELLS, 3);
    kit.table = kit_table(KIT_CELLS, 3, ROWS, SEED);
    kit.other = kit_table(KIT_CELLS, 3, ROWS, SEED + 1);

    struct sil_quickstart options = sil_quickstart_defaults(kit.ledger_path.text);
    options.place.state = kit.state_path.text;
    options.data_label = "claims-2026";
    options.cap_epsilon = "1";
    options.cap_delta = "1e-9";
    options.neighbours = neighbours;
    cr_assert_eq(sil_ledger_quickstart(&kit.ledger, &options, &err), SIL_OK, "%s",
                 err.text);
    return kit;
}

void ledger_kit_close(struct ledger_kit *kit)
{
    sil_ledger_close(kit->ledger);
    sil_schema_free(kit->schema);
    test_file_remove(&kit->table);
    test_file_remove(&kit->other);
    test_dir_remove(&kit->dir);
}

void ledger_kit_reopen(struct ledger_kit *kit)
{
    struct sil_ledger_options options = sil_ledger_defaults();
    struct sil_error err = {{0}};
    options.directory = kit->ledger_path.text;
    options.state = kit->state_path.text;
    sil_ledger_close(kit->ledger);
    cr_assert_eq(sil_ledger_open(&kit->ledger, &options, &err), SIL_OK, "%s", err.text);
}

struct sil_fit_options ledger_kit_options(const struct ledger_kit *kit,
                                          const char *epsilon)
{
    struct sil_fit_options options = sil_fit_defaults();
    options.mechanism = SIL_INDEPENDENT;
    options.epsilon = epsilon;
    options.ledger = kit->ledger;
    options.n_threads = 1;
    return options;
}

sil_status ledger_kit_fit(struct sil_model **out, const struct ledger_kit *kit,
                          const char *path, const struct sil_fit_options *options,
                          struct sil_error *err)
{
    return sil_model_fit_with(out, path, kit->schema, options, seeded_rng(SEED), err);
}

struct sil_model *ledger_kit_model(const struct ledger_kit *kit, const char *epsilon)
{
    struct sil_model *model = NULL;
    struct sil_error err = {{0}};
    struct sil_fit_options options = ledger_kit_options(kit, epsilon);
    cr_assert_eq(ledger_kit_fit(&model, kit, kit->table.path, &options, &err), SIL_OK,
                 "%s", err.text);
    return model;
}

uint64_t ledger_kit_entries(const struct ledger_kit *kit)
{
    char path[300];
    uint64_t n = 0;
    do {
        (void)snprintf(path, sizeof path, "%s/entries/%012u", kit->ledger_path.text,
                       (unsigned)n);
    } while (access(path, F_OK) == 0 && ++n > 0);
    return n;
}
