// SPDX-License-Identifier: Apache-2.0
#include "ledger/found.h"
#include "support/temp_dir.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct kit {
    struct test_dir dir;
    struct test_path ledger_path;
    struct test_path state_path;
    struct sil_quickstart options;
};

static void kit_open(struct kit *kit)
{
    kit->dir = test_dir_new();
    kit->ledger_path = test_dir_path(&kit->dir, "led");
    kit->state_path = test_dir_path(&kit->dir, "state");
    kit->options = sil_quickstart_defaults(kit->ledger_path.text);
    kit->options.place.state = kit->state_path.text;
    kit->options.data_label = "claims-2026";
    kit->options.cap_epsilon = "1";
    kit->options.cap_delta = "1e-9";
}

static void kit_close(struct kit *kit)
{
    test_dir_remove(&kit->dir);
}

static struct sil_ledger *start(struct kit *kit)
{
    struct sil_ledger *ledger = NULL;
    struct sil_error err = {{0}};
    cr_assert(eq(int, sil_ledger_quickstart(&ledger, &kit->options, &err), SIL_OK),
              "%s", err.text);
    return ledger;
}

static sil_status start_again(struct kit *kit, struct sil_error *err)
{
    struct sil_ledger *ledger = NULL;
    sil_status status = sil_ledger_quickstart(&ledger, &kit->options, err);
    cr_expect(status == SIL_OK || ledger == NULL);
    sil_ledger_close(ledger);
    return status;
}

static bool exists(const struct kit *kit, const char *name)
{
    return access(test_dir_path(&kit->dir, name).text, F_OK) == 0;
}

static void expect_part(const char *text, const char *part)
{
    cr_expect(ne(ptr, (void *)strstr(text, part), NULL), "no '%s' in: %s", part, text);
}

/* ---- what it makes ---- */

Test(quickstart, makes_keys_a_ledger_and_one_grant_of_the_whole_cap)
{
    struct kit kit;
    kit_open(&kit);

    struct sil_ledger *ledger = start(&kit);

    const struct sil_chain *chain = sil_ledger_chain(ledger);
    const struct sil_genesis *genesis = &chain->genesis.genesis;
    cr_expect(eq(u64, chain->tree.size, 2));
    cr_expect(sil_chain_has_invariant(chain, "roles-shared"));
    cr_expect(sil_data_commit_is_nothing(genesis->data_commit));
    cr_assert(eq(sz, chain->n_grants, 1));
    const struct sil_chain_grant *grant = &chain->grant[0];
    cr_expect(ne(int, mpq_equal(grant->rho.v, genesis->cap_rho.v), 0));
    cr_expect(ne(int, mpq_equal(grant->delta.v, genesis->cap_delta.v), 0));
    cr_expect(eq(str, grant->purpose, "quickstart"));
    uint64_t now = SIL_FS_POSIX.now(SIL_FS_POSIX.self);
    cr_expect(le(u64, grant->expires, now + SIL_QUICKSTART_SECONDS));
    cr_expect(ge(u64, grant->expires, now + SIL_QUICKSTART_SECONDS - 3600));
    cr_expect(zero(u64, grant->expires % genesis->time_gran), "no time is finer");
    sil_ledger_close(ledger);
    kit_close(&kit);
}

Test(quickstart, keys_are_files_of_minisign_for_their_owner_only)
{
    static const char *const NAMES[] = {"authority.key", "curator.key", "log.key",
                                        "release.key"};
    struct kit kit;
    struct stat facts;
    kit_open(&kit);
    sil_ledger_close(start(&kit));

    cr_assert(zero(int, stat(test_dir_path(&kit.dir, "led.keys").text, &facts)));
    cr_expect(eq(int, facts.st_mode & 07777, 0700));
    for (size_t i = 0; i < 4; i++) {
        char name[64];
        struct sil_secret_key *key = NULL;
        (void)snprintf(name, sizeof name, "led.keys/%s", NAMES[i]);
        struct test_path path = test_dir_path(&kit.dir, name);
        cr_assert(zero(int, stat(path.text, &facts)));
        cr_expect(eq(int, facts.st_mode & 07777, 0600));
        cr_expect(eq(int, sil_key_read(&key, path.text, NULL, NULL), SIL_OK));
        sil_secret_key_free(key);
        strcat(name, ".pub");
        cr_expect(exists(&kit, name));
    }
    kit_close(&kit);
}

/* Both handles were opened while the ledger covered nothing. */
Test(quickstart, of_two_first_runs_at_once_one_says_which_table)
{
    static const uint8_t MINE[SIL_DATA_COMMIT_BYTES] = {1};
    static const uint8_t THEIRS[SIL_DATA_COMMIT_BYTES] = {2};
    struct kit kit;
    struct sil_ledger *late = NULL;
    struct sil_error err = {{0}};
    struct sil_ledger_options options = sil_ledger_defaults();
    kit_open(&kit);
    struct sil_ledger *ledger = start(&kit);
    options.directory = kit.ledger_path.text;
    options.state = kit.state_path.text;
    cr_assert(eq(int, sil_ledger_open(&late, &options, &err), SIL_OK), "%s", err.text);
    cr_assert(eq(int, sil_ledger_admit(ledger, MINE, &err), SIL_OK), "%s", err.text);

    cr_expect(eq(int, sil_ledger_admit(late, THEIRS, &err), SIL_ERR_INPUT));

    expect_part(err.text, "--add CSV");
    cr_expect(eq(int, sil_ledger_admit(late, MINE, &err), SIL_OK));
    sil_ledger_close(late);
    cr_assert(eq(int, sil_ledger_open(&late, &options, &err), SIL_OK), "%s", err.text);
    cr_expect(eq(sz, sil_ledger_chain(late)->n_data, 1));
    sil_ledger_close(late);
    sil_ledger_close(ledger);
    kit_close(&kit);
}

Test(quickstart, of_two_first_runs_of_one_table_both_go_on)
{
    static const uint8_t COMMIT[SIL_DATA_COMMIT_BYTES] = {1};
    struct kit kit;
    struct sil_ledger *late = NULL;
    struct sil_error err = {{0}};
    struct sil_ledger_options options = sil_ledger_defaults();
    kit_open(&kit);
    struct sil_ledger *ledger = start(&kit);
    options.directory = kit.ledger_path.text;
    options.state = kit.state_path.text;
    cr_assert(eq(int, sil_ledger_open(&late, &options, &err), SIL_OK), "%s", err.text);

    cr_expect(eq(int, sil_ledger_admit(ledger, COMMIT, &err), SIL_OK));
    cr_expect(eq(int, sil_ledger_admit(late, COMMIT, &err), SIL_OK), "%s", err.text);

    cr_expect(eq(sz, sil_ledger_chain(late)->n_data, 1));
    sil_ledger_close(late);
    sil_ledger_close(ledger);
    kit_close(&kit);
}

Test(quickstart, ledger_opens_with_the_keys_beside_it)
{
    struct kit kit;
    struct sil_ledger *ledger = NULL;
    struct sil_error err = {{0}};
    const struct sil_data_key *data_key = NULL;
    char *claim = NULL;
    struct sil_ledger_options options = sil_ledger_defaults();
    kit_open(&kit);
    sil_ledger_close(start(&kit));
    options.directory = kit.ledger_path.text;
    options.state = kit.state_path.text;

    cr_assert(eq(int, sil_ledger_open(&ledger, &options, &err), SIL_OK), "%s",
              err.text);

    cr_expect(eq(int, sil_ledger_neighbours(ledger), SIL_ADD_REMOVE));
    cr_expect(eq(int,
                 sil_keyring_data_key(&data_key, sil_ledger_keyring(ledger),
                                      &sil_ledger_chain(ledger)->ledger, NULL),
                 SIL_OK));
    cr_assert(eq(int, sil_ledger_claim(&claim, ledger, NULL), SIL_OK));
    expect_part(claim, "(epsilon 0, delta 1e-9)");
    expect_part(claim, "(epsilon 1, delta 1e-9)");
    expect_part(claim, "roles-shared");
    free(claim);
    sil_ledger_close(ledger);
    options.struct_size = 1;
    cr_expect(eq(int, sil_ledger_open(&ledger, &options, &err), SIL_ERR_USAGE));
    kit_close(&kit);
}

Test(quickstart, with_data_covers_them_from_the_start)
{
    struct kit kit;
    uint8_t commit[SIL_DATA_COMMIT_BYTES];
    const struct sil_data_key *data_key = NULL;
    kit_open(&kit);
    struct test_path data = test_dir_file(&kit.dir, "d.csv", "a;b\n1;2\n", 8);
    kit.options.data = data.text;
    kit.options.delimiter = ';';

    struct sil_ledger *ledger = start(&kit);

    const struct sil_chain *chain = sil_ledger_chain(ledger);
    cr_assert(eq(int,
                 sil_keyring_data_key(&data_key, sil_ledger_keyring(ledger),
                                      &chain->ledger, NULL),
                 SIL_OK));
    cr_assert(
        eq(int, sil_data_commit_file(commit, data.text, ';', data_key, NULL), SIL_OK));
    cr_expect(sil_chain_covers(chain, commit));
    cr_expect(
        zero(int, memcmp(commit, chain->genesis.genesis.data_commit, sizeof commit)));
    cr_expect(eq(int, sil_ledger_admit(ledger, commit, NULL), SIL_OK));
    cr_expect(eq(u64, chain->tree.size, 2));
    commit[0] ^= 1;
    cr_expect(eq(int, sil_ledger_admit(ledger, commit, NULL), SIL_ERR_INPUT));
    sil_ledger_close(ledger);
    kit_close(&kit);
}

/* ---- what it refuses ---- */

Test(quickstart, refuses_what_is_no_unit)
{
    static const char *const UNITS[] = {"id:PATIENT:0", "id:PATIENT", "id::8",
                                        "id",           "rows",       ""};
    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++) {
        struct kit kit;
        struct sil_error err = {{0}};
        kit_open(&kit);
        kit.options.unit = UNITS[i];

        cr_expect(eq(int, start_again(&kit, &err), SIL_ERR_USAGE), "%s", UNITS[i]);

        cr_expect(not(exists(&kit, "led")));
        cr_expect(not(exists(&kit, "led.keys")));
        kit_close(&kit);
    }
}

Test(quickstart, leaves_nothing_behind_when_it_is_refused)
{
    struct kit kit;
    kit_open(&kit);
    kit.options.cap_epsilon = "none";

    cr_expect(eq(int, start_again(&kit, NULL), SIL_ERR_INPUT));

    cr_expect(zero(int, rmdir(kit.dir.path)), "the directory is not empty");
    kit_close(&kit);
}

Test(quickstart, does_not_touch_what_is_there)
{
    struct kit kit;
    struct sil_error err = {{0}};
    kit_open(&kit);
    cr_assert(zero(int, mkdir(test_dir_path(&kit.dir, "led.keys").text, 0700)));
    (void)test_dir_file(&kit.dir, "led.keys/curator.key", "mine", 4);

    cr_expect(eq(int, start_again(&kit, &err), SIL_ERR_USAGE));

    expect_part(err.text, "led.keys");
    cr_expect(exists(&kit, "led.keys/curator.key"));
    cr_expect(not(exists(&kit, "led")));
    kit_close(&kit);
}

Test(quickstart, twice_is_once)
{
    struct kit kit;
    struct sil_error err = {{0}};
    kit_open(&kit);
    sil_ledger_close(start(&kit));

    cr_expect(eq(int, start_again(&kit, &err), SIL_ERR_USAGE));

    expect_part(err.text, "silhouette ledger status");
    struct sil_ledger *ledger = NULL;
    struct sil_ledger_options options = sil_ledger_defaults();
    options.directory = kit.ledger_path.text;
    options.state = kit.state_path.text;
    cr_assert(eq(int, sil_ledger_open(&ledger, &options, &err), SIL_OK));
    cr_expect(eq(sz, sil_ledger_chain(ledger)->n_grants, 1));
    sil_ledger_close(ledger);
    kit_close(&kit);
}

/* ---- killed on the way ---- */

/* As after a kill behind the genesis: the grant and its checkpoint were never written. The
 * watermark of the later state has to go too: it would tell of the cut. */
static void cut_back_to_genesis(const struct kit *kit)
{
    static const char *const LATER[] = {"led/entries/000000000001",
                                        "led/checkpoints/000000000002"};
    for (size_t i = 0; i < 2; i++) {
        cr_assert(zero(int, unlink(test_dir_path(&kit->dir, LATER[i]).text)));
    }
    test_tree_remove(kit->state_path.text);
}

static void expect_whole(struct kit *kit)
{
    struct sil_ledger *ledger = start(kit);
    cr_expect(eq(u64, sil_ledger_chain(ledger)->tree.size, 2));
    cr_expect(eq(sz, sil_ledger_chain(ledger)->n_grants, 1));
    sil_ledger_close(ledger);
}

Test(quickstart, goes_on_behind_the_keys)
{
    struct kit kit;
    kit_open(&kit);
    sil_ledger_close(start(&kit));
    test_tree_remove(kit.ledger_path.text);
    test_tree_remove(kit.state_path.text);

    expect_whole(&kit);

    kit_close(&kit);
}

Test(quickstart, goes_on_behind_the_genesis)
{
    struct kit kit;
    kit_open(&kit);
    sil_ledger_close(start(&kit));
    cut_back_to_genesis(&kit);

    expect_whole(&kit);

    kit_close(&kit);
}

Test(quickstart, with_other_words_does_not_go_on)
{
    static const struct {
        const char *name;
        const char *label;
        const char *epsilon;
        const char *delta;
        const char *discovery;
        enum sil_neighbours neighbours;
    } CASES[] = {
        {"label",      "other",       "1", "1e-9", NULL,    SIL_ADD_REMOVE },
        {"epsilon",    "claims-2026", "2", "1e-9", NULL,    SIL_ADD_REMOVE },
        {"delta",      "claims-2026", "1", "1e-8", NULL,    SIL_ADD_REMOVE },
        {"discovery",  "claims-2026", "1", "1e-9", "1e-10", SIL_ADD_REMOVE },
        {"neighbours", "claims-2026", "1", "1e-9", NULL,    SIL_REPLACE_ONE},
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct kit kit;
        struct sil_error err = {{0}};
        kit_open(&kit);
        sil_ledger_close(start(&kit));
        cut_back_to_genesis(&kit);
        kit.options.data_label = CASES[i].label;
        kit.options.cap_epsilon = CASES[i].epsilon;
        kit.options.cap_delta = CASES[i].delta;
        kit.options.discovery_delta = CASES[i].discovery;
        kit.options.neighbours = CASES[i].neighbours;

        cr_expect(eq(int, start_again(&kit, &err), SIL_ERR_USAGE), "%s", CASES[i].name);

        expect_part(err.text, "led.keys");
        kit_close(&kit);
    }
}

Test(quickstart, with_another_table_does_not_go_on)
{
    struct kit kit;
    struct sil_error err = {{0}};
    kit_open(&kit);
    struct test_path data = test_dir_file(&kit.dir, "d.csv", "a\n1\n", 4);
    kit.options.data = data.text;
    sil_ledger_close(start(&kit));
    cut_back_to_genesis(&kit);
    (void)test_dir_file(&kit.dir, "d.csv", "a\n2\n", 4);

    cr_expect(eq(int, start_again(&kit, &err), SIL_ERR_USAGE));

    expect_part(err.text, "another label, unit, cap or table");
    kit_close(&kit);
}
