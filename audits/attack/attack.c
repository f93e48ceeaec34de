// SPDX-License-Identifier: Apache-2.0
#include "audits/attack/attack.h"

#include "audits/attack/cliques.h"
#include "audits/attack/split.h"
#include "audits/attack/steps.h"
#include "base/fail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In this order: closeness leaves distances that others use. A new attack is a line here. */
static sil_status (*const STEPS[])(struct aud_attack *, struct sil_error *) = {
    aud_step_targets, aud_step_closeness, aud_step_cliques,
    aud_step_counts,  aud_step_shadows,   aud_step_singling,
    aud_step_links,   aud_step_guesses,   aud_step_distances,
};

static sil_status read_split(struct aud_attack *attack, struct sil_error *err)
{
    const struct aud_split_sides sides = {.train = attack->sources.path[AUD_TRAIN],
                                          .holdout = attack->sources.path[AUD_HOLDOUT],
                                          .delimiter = attack->sources.delimiter};
    attack->has_coins = true;
    return aud_split_check(attack->id_column, attack->split, &sides, err);
}

/* All records of a person move more than one, or than those of other persons: what is claimed
 * of these would be refuted by a run that keeps it. */
static sil_status check_unit(const struct aud_attack *attack,
                             const struct aud_transcript *transcript,
                             struct sil_error *err)
{
    const char *id = attack->sources.id_column;
    bool is_it =
        transcript->is_people && id != NULL && strcmp(id, transcript->id_column) == 0;
    return id == NULL || is_it || !attack->claim.is_given
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INPUT,
                          "%s is a promise about %s%s, and persons by column %.64s are "
                          "attacked: leave --claim out",
                          attack->transcript,
                          transcript->is_people ? "persons by column " : "rows",
                          transcript->is_people ? transcript->id_column : "", id);
}

static sil_status read_unit(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    struct aud_transcript transcript = {0};
    SIL_TRY(aud_attack_transcript(&transcript, &bytes, attack, err));
    /* By coins of records every record counts, whosever it is. */
    if (transcript.is_people && attack->split == NULL &&
        attack->sources.id_column == NULL) {
        (void)snprintf(attack->id_column, sizeof attack->id_column, "%s",
                       transcript.id_column);
        attack->sources.id_column = attack->id_column;
    }
    SIL_TRY(check_unit(attack, &transcript, err));

cleanup:
    aud_transcript_clear(&transcript);
    sil_bytes_clear(&bytes);
    return status;
}

static sil_status find_whose(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    attack->sources.seed = attack->seed;
    if (attack->split != NULL) {
        SIL_TRY(read_split(attack, err));
    }
    if (attack->id_column[0] != '\0') {
        attack->sources.id_column = attack->id_column;
    }
    if (attack->transcript != NULL) {
        SIL_TRY(read_unit(attack, err));
    }

cleanup:
    return status;
}

sil_status aud_attack_run(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(find_whose(attack, err));
    SIL_TRY(aud_tables_read(&attack->tables, &attack->sources, err));
    attack->n_members = attack->tables.rows[AUD_TRAIN].n;
    attack->n_pool = attack->n_members + attack->tables.rows[AUD_HOLDOUT].n;
    for (uint32_t i = 0; i < attack->tables.n_columns; i++) {
        attack->columns[i] = i;
    }
    SIL_TRY(aud_step_conditions(attack, err));
    bool is_enough = attack->condition[0].holds;
    for (size_t i = 0; is_enough && i < sizeof STEPS / sizeof STEPS[0]; i++) {
        SIL_TRY(STEPS[i](attack, err));
    }
    aud_judge_all(attack);

cleanup:
    return status;
}

void aud_attack_clear(struct aud_attack *attack)
{
    aud_tables_clear(&attack->tables);
    free(attack->near);
    free(attack->vulnerable);
    free(attack->random);
    json_decref(attack->distances);
}
