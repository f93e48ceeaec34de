// SPDX-License-Identifier: Apache-2.0
/// All exhibits, several at a time: as many processes as there are processors, each taking
/// the next exhibit that nobody has taken.
#ifndef AUDIT_SELFTEST_CREW_H
#define AUDIT_SELFTEST_CREW_H

#include "audits/selftest/museum.h"

/// Told of every record, in the order of the exhibits, as soon as all before it are there.
/// Anything but SIL_OK ends the whole.
typedef sil_status aud_seen_fn(void *context, const struct aud_record *record,
                               struct sil_error *err);

struct aud_crew {
    const struct aud_zoo *zoo;
    const char *auditor; ///< path of silhouette-audit
    bool is_long;
    aud_seen_fn *seen;
    void *context;
};

/// Fill in `record`, one an exhibit. Errors  as aud_record_make; those of `seen`.
SIL_MUST_USE sil_status aud_crew_show(struct aud_record *record,
                                      const struct aud_crew *crew,
                                      struct sil_error *err);

#endif
