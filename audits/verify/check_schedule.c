// SPDX-License-Identifier: Apache-2.0
/* The run's public decisions, told again here. */
#include "audits/claim/discovery.h"
#include "audits/claim/learnt.h"
#include "audits/claim/schedule.h"
#include "audits/verify/evidence.h"

typedef sil_status check_function(const struct aud_transcript *transcript,
                                  const struct aud_workload *workload,
                                  struct sil_error *err);

static const struct {
    const char *id;
    const char *what;
    check_function *check;
} CHECKS[] = {
    {"M1", "The budget was shared out by the mechanism's rules",  aud_schedule_check },
    {"M2", "Noise and choices are of the plan's marginals",       aud_lines_check    },
    {"M3", "Groups of values are partitions, one in the other",   aud_groups_check   },
    {"M4", "Values were found by thresholds that delta pays for", aud_discovery_check},
    {"M5", "Bins were learnt from counts that were paid for",     aud_learnt_check   },
};

enum { N_CHECKS = sizeof CHECKS / sizeof CHECKS[0] };

sil_status aud_check_schedule(struct aud_case *item, struct sil_error *err)
{
    struct aud_workload workload;
    if (!item->has_transcript) {
        return SIL_OK;
    }
    sil_status status = aud_workload_find(&workload, &item->transcript, err);
    if (status != SIL_OK && !aud_is_fault(status)) {
        aud_find_status(&item->findings, "M1", CHECKS[0].what, status, err);
        aud_workload_clear(&workload);
        return SIL_OK;
    }
    for (size_t i = 0; i < N_CHECKS && !aud_is_fault(status); i++) {
        status = CHECKS[i].check(&item->transcript, &workload, err);
        /* Of tables without open fields or private bins there is nothing to say. */
        bool is_none =
            (CHECKS[i].check == aud_discovery_check &&
             !item->transcript.has_discovery) ||
            (CHECKS[i].check == aud_learnt_check && item->transcript.n_levels == 0);
        bool is_told = !is_none || status != SIL_OK;
        if (is_told && !aud_is_fault(status)) {
            aud_find_status(&item->findings, CHECKS[i].id, CHECKS[i].what, status, err);
        }
    }
    aud_workload_clear(&workload);
    return aud_is_fault(status) ? status : SIL_OK;
}
