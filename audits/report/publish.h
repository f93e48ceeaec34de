// SPDX-License-Identifier: Apache-2.0
/// The files of a report: the page, the JSON, a body for the ledger, and their signatures.
#ifndef AUDIT_REPORT_PUBLISH_H
#define AUDIT_REPORT_PUBLISH_H

#include "audits/report/report.h"
#include "crypto/sign.h"

struct aud_places {
    const char *page;
    const char *json;
    const char *body;                 ///< NULL: none is asked for
    const struct sil_secret_key *key; ///< NULL: nothing is signed
};

/// Write all of them, or none but for what the system refuses at the very end; for nobody
/// else's eyes when something in them is private. The JSON and the trusted comment of the body
/// (terminated; empty without one) are left for the caller.
/// Errors   as aud_report_body; SIL_ERR_IO, SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status aud_publish(struct sil_bytes *json, struct sil_bytes *comment,
                                    const struct aud_report *report,
                                    const struct aud_places *places,
                                    struct sil_error *err);

#endif
