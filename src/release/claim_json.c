// SPDX-License-Identifier: Apache-2.0
#include "release/claim_sheet.h"
#include "synth/model_object.h"
#include "synth/report.h"

static json_t *json_bound(const struct sil_sheet_bound *bound)
{
    char guess[SIL_PERCENT_BYTES];
    sil_percent_up(guess, bound->guess.v);
    return json_pack("{s:o, s:o, s:o, s:s}", "rho", sil_json_rational(bound->rho.v),
                     "epsilon", sil_json_rounded(bound->epsilon.v), "delta",
                     sil_json_rounded(bound->delta.v), "guess_percent", guess);
}

static json_t *json_use(const char *mechanism, const struct sil_sheet_use *use,
                        const char *parameter)
{
    return json_pack("{s:s, s:I, s:[I, I], s:s, s:[o, o], s:o}", "mechanism", mechanism,
                     "count", (json_int_t)use->n, "sensitivity",
                     (json_int_t)use->least_sensitivity,
                     (json_int_t)use->most_sensitivity, "parameter", parameter, "range",
                     sil_json_rational(use->least), sil_json_rational(use->most), "rho",
                     sil_json_rational(use->rho.v));
}

static json_t *json_mechanisms(const struct sil_claim_sheet *sheet)
{
    json_t *list = json_array();
    int failed = json_array_append_new(
        list, json_use("rounded-gaussian", &sheet->noise, "sigma_squared"));
    if (sheet->choice.n > 0) {
        failed |= json_array_append_new(
            list, json_use("exponential", &sheet->choice, "epsilon_squared"));
    }
    if (failed != 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *json_citations(const struct sil_sheet_line *line)
{
    json_t *list = json_array();
    int failed = list == NULL;
    for (size_t i = 0; i < line->n_citations; i++) {
        failed |= json_array_append_new(
            list,
            json_pack("{s:s, s:I}", "type", sil_entry_type_name(line->citation[i].type),
                      "number", (json_int_t)line->citation[i].number));
    }
    if (failed != 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *json_lines(const struct sil_claim_sheet *sheet)
{
    json_t *list = json_array();
    int failed = list == NULL;
    for (size_t i = 0; i < sheet->n_lines; i++) {
        const struct sil_sheet_line *line = &sheet->line[i];
        failed |= json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "id",
                                                        line->id, "title", line->title,
                                                        "text", line->text, "entries",
                                                        json_citations(line)));
    }
    if (failed != 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

json_t *sil_claim_sheet_json(const struct sil_claim_sheet *sheet)
{
    const struct sil_terms *terms = &sheet->source.model->transcript.terms;
    json_t *json = json_pack("{s:s, s:s, s:o, s:s, s:o, s:o, s:o}", "transcript_says",
                             sil_model_claim(sheet->source.model), "definition", "zCDP",
                             "unit", sil_json_unit(&terms->unit), "neighbours",
                             sil_neighbours_name(terms->neighbours), "run",
                             json_bound(&sheet->run), "mechanisms",
                             json_mechanisms(sheet), "lines", json_lines(sheet));
    if (json != NULL && sheet->is_ledgered) {
        int failed =
            json_object_set_new(json, "so_far", json_bound(&sheet->so_far)) |
            json_object_set_new(json, "for_ever", json_bound(&sheet->for_ever));
        if (failed != 0) {
            json_decref(json);
            json = NULL;
        }
    }
    return json;
}
