// SPDX-License-Identifier: Apache-2.0
#include "synth/report.h"

#include "base/fail.h"
#include "codec/json.h"
#include "num/rational.h"
#include "synth/budget.h"

#include <stdlib.h>

enum { SHOWN_DIGITS = 6 };

sil_status sil_print_epsilon(struct sil_bytes *out, const mpq_t value,
                             struct sil_error *err)
{
    return sil_rational_print_decimal(out, value, SHOWN_DIGITS, SIL_ROUND_UP, err);
}

sil_status sil_print_marginal(struct sil_bytes *out, const struct sil_schema *schema,
                              const struct sil_clique *clique, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (uint32_t k = 0; k < clique->n; k++) {
        SIL_TRY(sil_bytes_printf(out, err, "%s%s", k == 0 ? "" : " x ",
                                 sil_schema_field_name(schema, clique->attr[k])));
    }
cleanup:
    return status;
}

double sil_noise_error(const struct sil_sigma2 *sigma2, uint64_t cells, double rows)
{
    return sil_mean_noise(sigma2) * (double)cells / 2 / rows;
}

json_t *sil_json_unit(const struct sil_privacy_unit *unit)
{
    struct sil_bytes text = {0};
    json_t *json = NULL;
    if (sil_privacy_unit_print(&text, unit, NULL) == SIL_OK) {
        json = json_stringn((const char *)text.data, text.length);
    }
    sil_bytes_clear(&text);
    return json;
}

json_t *sil_json_rational(const mpq_t value)
{
    struct sil_bytes text = {0};
    json_t *json = NULL;
    if (sil_rational_print(&text, value, NULL) == SIL_OK) {
        json = json_stringn((const char *)text.data, text.length);
    }
    sil_bytes_clear(&text);
    return json;
}

json_t *sil_json_rounded(const mpq_t value)
{
    struct sil_bytes text = {0};
    json_t *json = NULL;
    if (sil_print_epsilon(&text, value, NULL) == SIL_OK) {
        json = json_stringn((const char *)text.data, text.length);
    }
    sil_bytes_clear(&text);
    return json;
}

json_t *sil_json_columns(const struct sil_schema *schema,
                         const struct sil_clique *clique)
{
    json_t *names = json_array();
    int failed = names == NULL;
    for (uint32_t k = 0; k < clique->n && failed == 0; k++) {
        const char *name = sil_schema_field_name(schema, clique->attr[k]);
        failed |= json_array_append_new(names, json_string(name));
    }
    if (failed != 0) {
        json_decref(names);
        return NULL;
    }
    return names;
}

sil_status sil_bytes_to_text(char **text, struct sil_bytes *bytes,
                             struct sil_error *err)
{
    sil_status status = sil_bytes_append(bytes, "", 1, err);
    *text = NULL;
    if (status == SIL_OK) {
        *text = (char *)bytes->data;
        *bytes = (struct sil_bytes){0};
    }
    return status;
}

sil_status sil_json_finish(char **text, json_t *value, int failed,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    *text = NULL;
    if (failed != 0 || value == NULL) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory for a report");
        goto cleanup;
    }
    SIL_TRY(sil_json_dump(&bytes, value, err));
    SIL_TRY(sil_bytes_to_text(text, &bytes, err));
cleanup:
    json_decref(value);
    sil_bytes_clear(&bytes);
    return status;
}
