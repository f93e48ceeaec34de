// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "synth/discovery.h"
#include "synth/release.h"

#include <stdlib.h>
#include <string.h>

static const char THRESHOLD[] = "gaussian-threshold";

enum { LINE_VALUES = 10, LARGEST_SHIFT = 16 };

void sil_threshold_value(mpq_t out, const struct sil_discovery *discovery)
{
    mpq_set_si(out, discovery->threshold, 1);
    mpq_div_2exp(out, out, discovery->shift);
}

static sil_status put_values(struct sil_bytes *out,
                             const struct sil_discovery *discovery,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    int64_t *noisy = NULL;
    SIL_TRY(sil_mp_put_array(out, discovery->n, err));
    for (size_t i = 0; i < discovery->n; i++) {
        SIL_TRY(sil_mp_put_bin(out, discovery->found[i].text,
                               discovery->found[i].length, err));
    }
    SIL_TRY(sil_alloc(&noisy, discovery->n, sizeof *noisy, "a transcript", err));
    for (size_t i = 0; i < discovery->n; i++) {
        noisy[i] = discovery->found[i].noisy;
    }
    SIL_TRY(sil_mp_put_i64s(out, noisy, discovery->n, err));
cleanup:
    free(noisy);
    return status;
}

sil_status sil_put_discovery(struct sil_bytes *out,
                             const struct sil_discovery *discovery,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_clique column = sil_clique_single(discovery->attr);
    mpq_t value;
    mpq_init(value);
    SIL_TRY(sil_mp_put_array(out, LINE_VALUES, err));
    SIL_TRY(sil_mp_put_str(out, THRESHOLD, err));
    SIL_TRY(sil_put_clique(out, &column, err));
    mpq_set_ui(value, discovery->sensitivity, 1);
    SIL_TRY(sil_put_rational(out, value, err));
    SIL_TRY(sil_put_rational(out, discovery->sigma2.v, err));
    SIL_TRY(sil_put_rational(out, discovery->rho.v, err));
    SIL_TRY(sil_put_rational(out, discovery->delta.v, err));
    sil_threshold_value(value, discovery);
    SIL_TRY(sil_put_rational(out, value, err));
    SIL_TRY(sil_mp_put_uint(out, discovery->shift, err));
    SIL_TRY(put_values(out, discovery, err));
cleanup:
    mpq_clear(value);
    return status;
}

/* ---- reading ---- */

static sil_status contradiction(struct sil_error *err, const char *what)
{
    return sil_fail(err, SIL_ERR_INPUT, "a discovery contradicts itself: %s", what);
}

static sil_status next_head(struct sil_mp_array *line, uint32_t attr,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool is_threshold = false;
    struct sil_mp_array columns;
    uint64_t column = 0;
    SIL_TRY(sil_next_word(&is_threshold, line, THRESHOLD, "the mechanism", err));
    if (!is_threshold) {
        return contradiction(err, "an open field's values were not discovered first");
    }
    SIL_TRY(sil_mp_next_array(&columns, line, "the column", err));
    SIL_TRY(sil_mp_next_uint(&column, &columns, UINT32_MAX, "the column", err));
    SIL_TRY(sil_mp_end(&columns, err));
    if (column != attr) {
        status = contradiction(err, "it is not of the next open field");
    }
cleanup:
    return status;
}

/* Costs and threshold follow from the terms, to the last digit. */
static sil_status next_costs(struct sil_discovery *out, struct sil_mp_array *line,
                             const struct sil_discovery_plan *plan,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t value;
    mpq_init(value);
    SIL_TRY(sil_next_rational(value, line, "the sensitivity", err));
    bool agrees = mpq_cmp_ui(value, out->sensitivity, 1) == 0;
    SIL_TRY(sil_next_rational(value, line, "the variance", err));
    agrees = agrees && mpq_equal(value, plan->sigma2.v) != 0;
    SIL_TRY(sil_next_rational(value, line, "the cost", err));
    agrees = agrees && mpq_equal(value, plan->cost.v) != 0;
    SIL_TRY(sil_next_rational(value, line, "delta", err));
    agrees = agrees && mpq_equal(value, plan->delta.v) != 0;
    if (!agrees) {
        status = contradiction(err, "its cost is not what the plan gives");
        goto cleanup;
    }
    uint64_t shift = 0;
    mpq_set(out->sigma2.v, plan->sigma2.v);
    mpq_set(out->rho.v, plan->cost.v);
    mpq_set(out->delta.v, plan->delta.v);
    out->threshold = plan->threshold;
    out->shift = plan->shift;
    SIL_TRY(sil_next_rational(value, line, "the threshold", err));
    SIL_TRY(sil_mp_next_uint(&shift, line, LARGEST_SHIFT, "the shift", err));
    mpq_mul_2exp(value, value, plan->shift);
    if (shift != plan->shift || mpq_cmp_si(value, plan->threshold, 1) != 0) {
        status = contradiction(err, "its threshold does not follow from its delta");
    }
cleanup:
    mpq_clear(value);
    return status;
}

static sil_status next_texts(struct sil_discovery *out, struct sil_mp_array *line,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array values;
    struct sil_mp_array again;
    size_t bytes = 1;
    SIL_TRY(sil_mp_next_array(&values, line, "the values found", err));
    again = values;
    for (uint32_t i = 0; i < values.n; i++) {
        const uint8_t *text = NULL;
        size_t length = 0;
        SIL_TRY(sil_mp_next_bin(&text, &length, &values, "a value", err));
        bytes += length + 1; /* no more than the transcript has */
    }
    SIL_TRY(sil_alloc(&out->texts, bytes, 1, "a transcript", err));
    SIL_TRY(sil_alloc(&out->found, values.n, sizeof *out->found, "a transcript", err));
    out->n = values.n;
    char *end = out->texts;
    for (uint32_t i = 0; i < values.n; i++) {
        const uint8_t *text = NULL;
        size_t length = 0;
        SIL_TRY(sil_mp_next_bin(&text, &length, &again, "a value", err));
        if (length > 0) {
            (void)memcpy(end, text, length);
        }
        out->found[i] = (struct sil_found){.text = end, .length = length};
        end += length + 1;
    }
cleanup:
    return status;
}

static sil_status next_noisy(struct sil_discovery *out, struct sil_mp_array *line,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    int64_t *noisy = NULL;
    SIL_TRY(sil_alloc(&noisy, out->n, sizeof *noisy, "a transcript", err));
    SIL_TRY(sil_mp_next_i64s(noisy, out->n, line, "the noisy counts", err));
    for (size_t i = 0; i < out->n; i++) {
        out->found[i].noisy = noisy[i];
        if (noisy[i] < out->threshold) {
            status = contradiction(err, "a value below its threshold");
            goto cleanup;
        }
    }
cleanup:
    free(noisy);
    return status;
}

sil_status sil_next_discovery(struct sil_discovery *out, struct sil_mp_array *array,
                              uint32_t attr, const struct sil_terms *terms,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array line;
    struct sil_discovery_plan plan;
    sil_discovery_plan_init(&plan);
    out->attr = attr;
    out->sensitivity = sil_terms_sensitivity_squared(terms);
    status = sil_discovery_plan_find(&plan, terms, err);
    if (status == SIL_ERR_USAGE || status == SIL_ERR_BUDGET) {
        status = sil_fail_within(err, SIL_ERR_INPUT, "a plan that cannot be");
    }
    SIL_TRY(status);
    SIL_TRY(sil_mp_next_array(&line, array, "a discovery", err));
    SIL_TRY(next_head(&line, attr, err));
    SIL_TRY(next_costs(out, &line, &plan, err));
    SIL_TRY(next_texts(out, &line, err));
    SIL_TRY(next_noisy(out, &line, err));
    SIL_TRY(sil_mp_end(&line, err));
cleanup:
    sil_discovery_plan_clear(&plan);
    return status;
}
