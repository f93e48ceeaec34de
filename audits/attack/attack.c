// SPDX-License-Identifier: Apache-2.0
#include "audits/attack/attack.h"

#include "audits/attack/split.h"
#include "audits/attack/steps.h"
#include "base/fail.h"

#include <stdlib.h>

/* In this order: closeness leaves distances that others use. A new attack is a line here. */
static sil_status (*const STEPS[])(struct aud_attack *, struct sil_error *) = {
    aud_step_targets, aud_step_closeness, aud_step_cliques,
    aud_step_counts,  aud_step_shadows,   aud_step_singling,
    aud_step_links,   aud_step_guesses,   aud_step_distances,
};

sil_status aud_attack_run(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (attack->split != NULL) {
        SIL_TRY(aud_split_check(attack->split, attack->sources.path[AUD_TRAIN],
                                attack->sources.path[AUD_HOLDOUT],
                                attack->sources.delimiter, err));
        attack->has_coins = true;
    }
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
