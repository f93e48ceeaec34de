// SPDX-License-Identifier: Apache-2.0
/* How a line of a transcript names its marginal: its columns, and how they are grouped. */
#include "base/fail.h"
#include "base/memory.h"
#include "synth/release.h"

#include <stdlib.h>

enum { GROUP_BYTES = 2 };

sil_status sil_put_clique(struct sil_bytes *out, const struct sil_clique *clique,
                          struct sil_error *err)
{
    sil_status status = sil_mp_put_array(out, clique->n, err);
    for (uint32_t k = 0; k < clique->n && status == SIL_OK; k++) {
        status = sil_mp_put_uint(out, clique->attr[k], err);
    }
    return status;
}

sil_status sil_next_clique(struct sil_clique *out, struct sil_mp_array *array,
                           const struct sil_domain *domain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array attrs;
    *out = (struct sil_clique){0};
    SIL_TRY(sil_mp_next_array(&attrs, array, "the columns of a marginal", err));
    if (attrs.n == 0 || attrs.n > SIL_WORKLOAD_ATTRS_MAX) {
        status = sil_fail(err, SIL_ERR_INPUT, "a marginal of %u columns", attrs.n);
        goto cleanup;
    }
    for (uint32_t k = 0; k < attrs.n; k++) {
        uint64_t attr = 0;
        SIL_TRY(sil_mp_next_uint(&attr, &attrs, domain->n_attrs - 1, "a column", err));
        if (k > 0 && attr <= out->attr[k - 1]) {
            status = sil_fail(err, SIL_ERR_INPUT,
                              "the columns of a marginal are not in ascending order");
            goto cleanup;
        }
        out->attr[out->n++] = (uint32_t)attr;
    }
cleanup:
    return status;
}

static bool is_same_grouping(const struct sil_grouping *a, const struct sil_grouping *b)
{
    bool is_same = a->n_values == b->n_values && a->n_groups == b->n_groups;
    for (uint32_t v = 0; is_same && v < a->n_values; v++) {
        is_same = sil_group_of(a, v) == sil_group_of(b, v);
    }
    return is_same;
}

bool sil_groupings_equal(const struct sil_grouping *a, const struct sil_grouping *b,
                         uint32_t n)
{
    bool are = (a == NULL) == (b == NULL);
    for (uint32_t k = 0; are && a != NULL && k < n; k++) {
        are = is_same_grouping(&a[k], &b[k]);
    }
    return are;
}

/* ---- groupings ----
 *
 * An array with a byte string for each column, empty where every value is its own group;
 * the array is empty when that is so of all columns: one encoding for each way of grouping. */

static sil_status put_grouping(struct sil_bytes *out, const struct sil_grouping *of,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t *bytes = NULL;
    size_t n = of->group == NULL ? 0 : of->n_values;
    SIL_TRY(sil_alloc(&bytes, n, GROUP_BYTES, "a transcript", err));
    for (size_t v = 0; v < n; v++) {
        bytes[GROUP_BYTES * v] = (uint8_t)of->group[v];
        bytes[GROUP_BYTES * v + 1] = (uint8_t)(of->group[v] >> 8);
    }
    SIL_TRY(sil_mp_put_bin(out, bytes, n * GROUP_BYTES, err));
cleanup:
    free(bytes);
    return status;
}

sil_status sil_put_groupings(struct sil_bytes *out, const struct sil_grouping *of,
                             uint32_t n, struct sil_error *err)
{
    sil_status status = sil_mp_put_array(out, of == NULL ? 0 : n, err);
    for (uint32_t k = 0; of != NULL && k < n && status == SIL_OK; k++) {
        status = put_grouping(out, &of[k], err);
    }
    return status;
}

static sil_status contradiction(struct sil_error *err, const char *what)
{
    return sil_fail(err, SIL_ERR_INPUT, "a release contradicts itself: %s", what);
}

/* The bytes that all groupings will take. What is allocated is in proportion to what the
 * file holds: a column whose grouping has no bytes needs none, however large it is. */
static sil_status size_groupings(size_t *size, struct sil_mp_array array,
                                 const struct sil_clique *clique,
                                 const struct sil_domain *domain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    *size = clique->n * sizeof(struct sil_grouping);
    for (uint32_t k = 0; k < clique->n; k++) {
        size_t n_values = domain->sizes[clique->attr[k]];
        const uint8_t *bytes = NULL;
        size_t length = 0;
        SIL_TRY(sil_mp_next_bin(&bytes, &length, &array, "a grouping", err));
        if (length != 0 && length != n_values * GROUP_BYTES) {
            return contradiction(err, "a grouping is not of its column's values");
        }
        *size += length / GROUP_BYTES * sizeof(uint32_t);
    }
cleanup:
    return status;
}

/* One grouping, of the size that was found right; its array is taken from `*room`. */
static sil_status next_grouping(struct sil_grouping *out, uint32_t **room,
                                uint32_t n_values, struct sil_mp_array *array,
                                struct sil_error *err)
{
    const uint8_t *bytes = NULL;
    size_t length = 0;
    uint32_t largest = 0;
    uint32_t *group = *room;
    sil_status status = sil_mp_next_bin(&bytes, &length, array, "a grouping", err);
    *out = sil_grouping_identity(n_values);
    if (status != SIL_OK || length == 0) {
        return status;
    }
    for (size_t v = 0; v < n_values; v++) {
        group[v] = bytes[GROUP_BYTES * v] | (uint32_t)bytes[GROUP_BYTES * v + 1] << 8;
        largest = group[v] > largest ? group[v] : largest;
    }
    *room += n_values;
    out->n_groups = largest + 1;
    out->group = group;
    if (!sil_grouping_is_partition(out)) {
        return contradiction(err, "a grouping has an empty group");
    }
    if (sil_grouping_is_identity(out)) {
        return contradiction(err, "a grouping of single values is spelled out");
    }
    return SIL_OK;
}

static sil_status fill_groupings(struct sil_grouping *of, struct sil_mp_array *array,
                                 const struct sil_clique *clique,
                                 const struct sil_domain *domain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *const arrays = (uint32_t *)(of + clique->n);
    uint32_t *room = arrays;
    for (uint32_t k = 0; k < clique->n; k++) {
        SIL_TRY(
            next_grouping(&of[k], &room, domain->sizes[clique->attr[k]], array, err));
    }
    if (room == arrays) {
        status = contradiction(err, "groupings that group nothing are spelled out");
    }
cleanup:
    return status;
}

sil_status sil_next_groupings(struct sil_grouping **out, struct sil_mp_array *line,
                              const struct sil_clique *clique,
                              const struct sil_domain *domain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_grouping *of = NULL;
    struct sil_mp_array array;
    size_t size = 0;
    *out = NULL;

    SIL_TRY(sil_mp_next_array(&array, line, "the groupings", err));
    if (array.n == 0) {
        goto cleanup;
    }
    if (array.n != clique->n) {
        status = contradiction(err, "not one grouping for each of its columns");
        goto cleanup;
    }
    if (clique->n > SIL_GROUPED_ATTRS_MAX) {
        status = contradiction(err, "a marginal of groups with too many columns");
        goto cleanup;
    }
    SIL_TRY(size_groupings(&size, array, clique, domain, err));
    SIL_TRY(sil_alloc(&of, 1, size, "a transcript", err));
    SIL_TRY(fill_groupings(of, &array, clique, domain, err));
    *out = of;
    of = NULL;
cleanup:
    free(of);
    return status;
}
