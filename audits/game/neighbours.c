// SPDX-License-Identifier: Apache-2.0
#include "audits/game/neighbours.h"

#include "base/fail.h"

#include <stdio.h>

enum { ROWS_LEAST = 180, ROWS_MORE = 200 };

static void draw_word(char *out, struct aud_dice *dice, unsigned letters)
{
    for (unsigned i = 0; i < letters; i++) {
        out[i] = (char)('a' + aud_dice_below(dice, 26));
    }
    out[letters] = '\0';
}

void aud_neighbours_draw(struct aud_neighbours *out, struct aud_dice *dice)
{
    *out = (struct aud_neighbours){.n_rows = 0};
    for (int i = 0; i < AUD_EXTRA_VALUES; i++) {
        draw_word(out->label[i], dice, 6);
        out->label[i][0] = (char)('a' + i); /* no two are the same */
    }
    out->n_rows = ROWS_LEAST + aud_dice_below(dice, ROWS_MORE);
    out->place = aud_dice_below(dice, out->n_rows);
    draw_word(out->category, dice, 14);
    for (size_t i = 0; i < sizeof out->seed; i++) {
        out->seed[i] = (uint8_t)aud_dice_below(dice, 256);
    }
    const uint32_t first = 1 + aud_dice_below(dice, 9);
    const uint32_t second = aud_dice_below(dice, 10000000);
    const uint32_t third = aud_dice_below(dice, 10000000);
    (void)snprintf(out->number, sizeof out->number, "%u%07u%07u", first, second, third);
}

sil_status aud_neighbours_schema(struct sil_bytes *out,
                                 const struct aud_neighbours *table,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(out, err, "{\"fields\": [\n"));
    for (int c = 0; c < 2; c++) {
        SIL_TRY(sil_bytes_printf(
            out, err, "  {\"name\": \"%s\", \"type\": \"string\", \"categories\": [",
            c == 0 ? "ward" : "cause"));
        for (int i = 0; i < AUD_EXTRA_VALUES; i++) {
            SIL_TRY(sil_bytes_printf(out, err, "%s\"%s\"", i == 0 ? "" : ", ",
                                     table->label[i]));
        }
        SIL_TRY(sil_bytes_printf(out, err, "]},\n"));
    }
    SIL_TRY(sil_bytes_printf(out, err,
                             "  {\"name\": \"days\", \"type\": \"integer\",\n"
                             "   \"constraints\": {\"minimum\": 0, \"maximum\": 99}, "
                             "\"silhouette\": {\"bins\": 10}}\n]}\n"));

cleanup:
    return status;
}

/* The number of the person, where the claim is about persons: each has one row here. */
static sil_status end_record(struct sil_bytes *out, const struct aud_neighbours *table,
                             uint32_t person, struct sil_error *err)
{
    return table->person == NULL ? sil_bytes_printf(out, err, "\n")
                                 : sil_bytes_printf(out, err, ",%u\n", person);
}

static sil_status print_record(struct sil_bytes *out,
                               const struct aud_neighbours *table, enum aud_extra extra,
                               struct sil_error *err)
{
    const char *first = extra == AUD_CATEGORY ? table->category : table->label[0];
    const char *second = extra == AUD_MISSING ? "" : table->label[0];
    const char *third = extra == AUD_MISSING ? ""
                        : extra == AUD_LARGE ? table->number
                                             : "50";
    sil_status status = sil_bytes_printf(out, err, "%s,%s,%s", first, second, third);
    return status == SIL_OK ? end_record(out, table, table->n_rows, err) : status;
}

/* The table without the record, or with it; where the number of rows is public, with an
 * ordinary one in its place. */
sil_status aud_neighbours_table(struct sil_bytes *out,
                                const struct aud_neighbours *table,
                                enum aud_extra extra, bool is_with,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_dice rows;
    aud_dice_begin(&rows, table->seed);
    SIL_TRY(sil_bytes_printf(out, err, "ward,cause,days%s%s\n",
                             table->person == NULL ? "" : ",",
                             table->person == NULL ? "" : table->person));
    for (uint32_t i = 0; i < table->n_rows; i++) {
        if (i == table->place && (is_with || table->is_replace)) {
            SIL_TRY(print_record(out, table, is_with ? extra : AUD_ORDINARY, err));
        }
        uint32_t first = aud_dice_below(&rows, AUD_EXTRA_VALUES);
        uint32_t second = (first + aud_dice_below(&rows, 5)) % AUD_EXTRA_VALUES;
        SIL_TRY(sil_bytes_printf(out, err, "%s,%s,%u", table->label[first],
                                 table->label[second], 20 + aud_dice_below(&rows, 60)));
        SIL_TRY(end_record(out, table, i, err));
    }

cleanup:
    return status;
}
