// SPDX-License-Identifier: Apache-2.0
/* Ledgers that another program made from the description of the format alone, good ones
 * and such that break one rule: both ways in accept and refuse them as that program says,
 * with the id of the rule and the number of the entry. */
#include "format_kit.h"
#include "ledger/chain.h"
#include "ledger/refuse.h"

#include <criterion/criterion.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ledger {
    struct sil_bytes *entry;
    size_t n;
    struct sil_id lid;
    bool has_lid;
};

static struct ledger read_ledger(const json_t *vector)
{
    struct ledger out = {0};
    const json_t *names = json_object_get(vector, "entries");
    const json_t *lid = json_object_get(vector, "lid");

    out.n = json_array_size(names);
    out.entry = calloc(out.n, sizeof *out.entry);
    for (size_t i = 0; i < out.n; i++) {
        out.entry[i] = kit_file(json_string_value(json_array_get(names, i)));
    }
    out.has_lid = lid != NULL;
    if (out.has_lid) {
        cr_assert(sil_id_parse(&out.lid, json_string_value(lid)));
    }
    return out;
}

static void ledger_clear(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->n; i++) {
        sil_bytes_clear(&ledger->entry[i]);
    }
    free(ledger->entry);
}

/* Faults of directories and checkpoints lie beyond the entries. */
static bool is_about_entries(const json_t *vector)
{
    return strcmp(json_string_value(json_object_get(vector, "kind")), "ledger") == 0 &&
           strncmp(json_string_value(json_object_get(vector, "name")), "directory-",
                   10) != 0;
}

static sil_status apply_each(const struct ledger *ledger, size_t *applied,
                             struct sil_error *err)
{
    struct sil_chain chain;
    sil_status status = SIL_OK;
    sil_chain_init(&chain);
    for (*applied = 0; *applied < ledger->n && status == SIL_OK;) {
        const struct sil_bytes *entry = &ledger->entry[*applied];
        status = sil_chain_apply(&chain, entry->data, entry->length,
                                 ledger->has_lid ? &ledger->lid : NULL, err);
        *applied += status == SIL_OK;
    }
    cr_expect_eq(chain.tree.size, *applied);
    sil_chain_clear(&chain);
    return status;
}

static sil_status load_all(const struct ledger *ledger, size_t *applied,
                           struct sil_error *err)
{
    struct sil_chain chain;
    sil_chain_init(&chain);
    sil_status status =
        sil_chain_load(&chain, ledger->entry, ledger->n,
                       ledger->has_lid ? &ledger->lid : NULL, applied, err);
    cr_expect_eq(chain.tree.size, *applied);
    sil_chain_clear(&chain);
    return status;
}

static void check_refusal(const json_t *vector, const struct sil_error *err)
{
    const char *name = json_string_value(json_object_get(vector, "name"));
    char wanted[64];
    (void)snprintf(wanted, sizeof wanted, "[%s] entry %" PRIu64 ":",
                   json_string_value(json_object_get(vector, "id")),
                   (uint64_t)json_integer_value(json_object_get(vector, "entry")));
    cr_expect(strncmp(err->text, wanted, strlen(wanted)) == 0, "%s: %s, not %s", name,
              wanted, err->text);
}

static void check_vector(const json_t *vector)
{
    const char *name = json_string_value(json_object_get(vector, "name"));
    const char *expected = json_string_value(json_object_get(vector, "expected"));
    struct ledger ledger = read_ledger(vector);
    struct sil_error one = {""};
    struct sil_error all = {""};
    size_t n_one;
    size_t n_all;

    sil_status status = apply_each(&ledger, &n_one, &one);
    cr_expect_eq(load_all(&ledger, &n_all, &all), status, "%s", name);
    cr_expect_eq(n_one, n_all, "%s", name);
    cr_expect_str_eq(one.text, all.text, "%s", name);

    if (strcmp(expected, "accept") == 0) {
        cr_expect_eq(status, SIL_OK, "%s: %s", name, one.text);
    } else if (strcmp(expected, "unsupported") == 0) {
        cr_expect_eq(status, SIL_ERR_UNSUPPORTED, "%s: %s", name, one.text);
    } else {
        cr_expect_eq(status, SIL_ERR_CHECK, "%s: %s", name, one.text);
        check_refusal(vector, &one);
    }
    ledger_clear(&ledger);
}

Test(chain_vectors, accepts_and_refuses_what_a_second_program_does)
{
    json_t *vectors = kit_vectors();
    size_t n = 0;
    size_t i;
    json_t *vector;

    json_array_foreach(vectors, i, vector)
    {
        if (is_about_entries(vector)) {
            check_vector(vector);
            n++;
        }
    }

    cr_expect_geq(n, 120);
    json_decref(vectors);
}
