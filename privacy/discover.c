// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "privacy/cost.h"
#include "privacy/gate_internal.h"
#include "privacy/keys_internal.h"
#include "privacy/threshold.h"

#include <sodium.h>

#include <stdlib.h>
#include <string.h>

void sil_discovery_free(struct sil_discovery *discovery)
{
    if (discovery == NULL) {
        return;
    }
    sil_sigma2_clear(&discovery->sigma2);
    sil_rho_clear(&discovery->rho);
    sil_delta_clear(&discovery->delta);
    free(discovery->found);
    free(discovery->texts);
    free(discovery);
}

/* What is worked with until values are known to be released. */
struct search {
    int64_t *noisy; /* of each key */
    size_t n;
};

static void search_clear(struct search *search)
{
    if (search->noisy != NULL) {
        sodium_memzero(search->noisy, search->n * sizeof *search->noisy);
    }
    free(search->noisy);
}

/* Room for every key and its text: which of them will be released is not known before the
 * charge. The sentence tells no size, which would be the number of values. */
static sil_status make_room(struct sil_discovery *made, struct search *search,
                            const struct sil_keys *keys, struct sil_error *err)
{
    size_t bytes = 1;
    bool fits = true;
    for (size_t i = 0; i < keys->n && fits; i++) {
        fits = sil_add_size(&bytes, bytes, keys->key[i].length) &&
               sil_add_size(&bytes, bytes, 1);
    }
    search->n = keys->n;
    if (!fits || sil_alloc(&made->texts, bytes, 1, "a discovery", NULL) != SIL_OK ||
        sil_alloc(&made->found, keys->n, sizeof *made->found, "a discovery", NULL) !=
            SIL_OK ||
        sil_alloc(&search->noisy, keys->n, sizeof *search->noisy, "a discovery",
                  NULL) != SIL_OK) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a discovery");
    }
    return SIL_OK;
}

/* A discovery that is not in the gate yet, and a place for it there. */
static sil_status prepare(struct sil_discovery **out, struct sil_gate *gate,
                          const struct sil_keys *keys, const struct sil_sigma2 *sigma2,
                          const struct sil_delta *delta, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_discovery *made = NULL;
    *out = NULL;
    SIL_TRY(sil_grow(&gate->discoveries, &gate->discoveries_capacity,
                     gate->n_discoveries + 1, sizeof(void *), "the discoveries", err));
    SIL_TRY(sil_alloc(&made, 1, sizeof *made, "a discovery", err));
    sil_sigma2_init(&made->sigma2);
    sil_rho_init(&made->rho);
    sil_delta_init(&made->delta);
    made->attr = keys->attr;
    made->sensitivity = sil_gate_sensitivity_squared(gate);
    made->shift = sil_gauss_shift_of(sigma2);
    mpq_set(made->sigma2.v, sigma2->v);
    mpq_set(made->delta.v, delta->v);
    sil_cost_of_noise(&made->rho, made->sensitivity, sigma2);
    SIL_TRY(sil_threshold_of_delta(&made->threshold, sigma2, gate->rows_per_unit, delta,
                                   err));
    *out = made;
    made = NULL;

cleanup:
    sil_discovery_free(made);
    return status;
}

/* Keep what is not below the threshold; nothing of the rest is copied. */
static void keep(struct sil_discovery *made, const struct search *search,
                 const struct sil_keys *keys)
{
    char *end = made->texts;
    for (size_t i = 0; i < keys->n; i++) {
        if (search->noisy[i] < made->threshold) {
            continue;
        }
        const struct sil_key *key = &keys->key[i];
        if (key->length > 0) {
            (void)memcpy(end, key->text, key->length);
        }
        made->found[made->n++] = (struct sil_found){
            .text = end, .length = key->length, .noisy = search->noisy[i]};
        end += key->length;
        *end++ = '\0';
    }
}

sil_status sil_gate_discover(struct sil_gate *gate, const struct sil_keys *keys,
                             const struct sil_sigma2 *sigma2,
                             const struct sil_delta *delta,
                             const struct sil_discovery **discovery,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_discovery *made = NULL;
    struct sil_gauss *gauss;
    struct search search = {0};

    /* All that can fail: owner, order, ranges, memory. */
    SIL_REQUIRE(sil_keys_are_in_order(keys));
    SIL_TRY(sil_gate_check_owner(gate, err));
    if (gate->n_releases > 0) {
        status = sil_fail(err, SIL_ERR_USAGE,
                          "values are discovered before anything is measured");
        goto cleanup;
    }
    SIL_TRY(sil_gate_find_sampler(&gauss, gate, sigma2, keys->n, err));
    SIL_TRY(prepare(&made, gate, keys, sigma2, delta, err));
    SIL_TRY(make_room(made, &search, keys, err));

    /* Paid for first, both accounts; then all the noise, before a count is read. */
    SIL_TRY(sil_filter_charge_discovery(&gate->filter, &made->rho, &made->delta, err));
    sil_gauss_draw(gauss, gate->rng, search.noisy, keys->n);
    for (size_t i = 0; i < keys->n; i++) {
        search.noisy[i] =
            sil_gate_add_count(search.noisy[i], keys->key[i].count, made->shift);
    }
    keep(made, &search, keys);
    gate->discoveries[gate->n_discoveries++] = made;
    if (discovery != NULL) {
        *discovery = made;
    }
    made = NULL;

cleanup:
    search_clear(&search);
    sil_discovery_free(made);
    return status;
}

size_t sil_gate_n_discoveries(const struct sil_gate *gate)
{
    return gate->n_discoveries;
}

const struct sil_discovery *sil_gate_discovery(const struct sil_gate *gate, size_t i)
{
    SIL_REQUIRE(i < gate->n_discoveries);
    return gate->discoveries[i];
}
