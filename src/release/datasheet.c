// SPDX-License-Identifier: Apache-2.0
#include "release/datasheet.h"

#include "base/fail.h"
#include "base/memory.h"
#include "synth/model_object.h"
#include "table/calendar.h"

#include <stdio.h>
#include <stdlib.h>

sil_status sil_datasheet_make(struct sil_datasheet *out,
                              const struct sil_record *record, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_sheet_source source = {record->model, record->chain, record};
    *out = (struct sil_datasheet){.record = record};
    SIL_TRY(sil_claim_sheet_make(&out->claim, &source, err));
    SIL_TRY(sil_alloc(&out->picture, record->rows->n_attrs, sizeof *out->picture,
                      "pictures", err));
    for (uint32_t a = 0; a < record->rows->n_attrs; a++) {
        out->n_columns = a + 1;
        SIL_TRY(sil_picture_make(&out->picture[a], record, a, err));
    }
    SIL_TRY(sil_association_find(&out->association, record, out->picture, err));
cleanup:
    return status;
}

void sil_datasheet_clear(struct sil_datasheet *sheet)
{
    for (uint32_t a = 0; a < sheet->n_columns; a++) {
        sil_picture_clear(&sheet->picture[a]);
    }
    free(sheet->picture);
    sil_claim_sheet_clear(&sheet->claim);
}

const char *sil_datasheet_column(const struct sil_datasheet *sheet, uint32_t attr)
{
    return sil_schema_field_name(sheet->record->model->transcript.schema, attr);
}

const struct sil_error_bound *sil_datasheet_bound(const struct sil_datasheet *sheet,
                                                  uint32_t attr)
{
    for (size_t i = 0; i < sheet->record->bounds.n; i++) {
        const struct sil_error_bound *bound = &sheet->record->bounds.item[i];
        if (bound->clique.n > 1) {
            break; /* the columns stand first */
        }
        if (bound->clique.attr[0] == attr) {
            return bound;
        }
    }
    return NULL;
}

const char *sil_bound_name(enum sil_bound_kind kind)
{
    switch (kind) {
    case SIL_BOUND_SUPPORTED: return "measured";
    case SIL_BOUND_GROUPED: return "groups";
    case SIL_BOUND_THEOREM: return "theorem";
    case SIL_BOUND_NONE: break;
    }
    return "none";
}

void sil_time_text(char out[SIL_TIME_BYTES], uint64_t seconds)
{
    const uint64_t end = 253402300800; /* of the year 9999 */
    if (seconds < end) {
        *sil_datetime_put(out, (int64_t)seconds, true) = '\0';
    } else {
        (void)snprintf(out, SIL_TIME_BYTES, "%lu", (unsigned long)seconds);
    }
}

sil_status sil_print_deviation(struct sil_bytes *out, const struct sil_sigma2 *sigma2,
                               struct sil_error *err)
{
    /* ceil(sqrt(v 10^4)) is floor(sqrt(ceil(v 10^4) - 1)) + 1, for integers. */
    mpz_t hundredths;
    mpz_init(hundredths);
    mpz_mul_ui(hundredths, mpq_numref(sigma2->v), 10000);
    mpz_cdiv_q(hundredths, hundredths, mpq_denref(sigma2->v));
    if (mpz_sgn(hundredths) > 0) {
        mpz_sub_ui(hundredths, hundredths, 1);
        mpz_sqrt(hundredths, hundredths);
        mpz_add_ui(hundredths, hundredths, 1);
    }
    /* The gate's largest sigma^2 is 10^12: a hundredth of sigma fits. */
    uint64_t n = mpz_get_ui(hundredths);
    mpz_clear(hundredths);
    return sil_bytes_printf(out, err, "%lu.%02lu", (unsigned long)(n / 100),
                            (unsigned long)(n % 100));
}
