// SPDX-License-Identifier: Apache-2.0
/// The whole zoo, shown once or many times, and what came of each exhibit.
///
/// Once (quick): a broken generator must be refuted by the check that its declaration names,
/// by a rule or with p at most AUD_SELFTEST_LEVEL. A right one that is refuted by a p-value,
/// or of which the auditor is not sure, is shown a second time, and that counts: it is accused
/// by chance, with conform's level of 10^-4, once in 10^8 times.
///
/// Long: a broken one must be caught all AUD_SHOWINGS_BROKEN times. A right one is shown
/// AUD_SHOWINGS_RIGHT times; it is accused when a rule refutes it, or when more of its least
/// p-values are at most 0.05, or 0.001, than those of a true hypothesis are in one of 1,000
/// such series; and the auditor must be sure of it but for as many times as the latter.
#ifndef AUDIT_SELFTEST_MUSEUM_H
#define AUDIT_SELFTEST_MUSEUM_H

#include "audits/selftest/show.h"
#include "base/bytes.h"

enum { AUD_SHOWINGS_BROKEN = 50, AUD_SHOWINGS_RIGHT = 200, AUD_N_LEVELS = 2 };

/// The levels of the gates on right ones.
extern const double AUD_GATE_LEVEL[AUD_N_LEVELS];

/// The most rejections of `n` true hypotheses at a level before the test itself is in
/// doubt: the 99.9 % quantile of Binomial(n, level).
unsigned aud_gate(unsigned n, double level);

/// What came of an exhibit.
struct aud_record {
    const struct aud_exhibit *exhibit;
    enum aud_result result;
    struct aud_showing showing; ///< the one with the weakest evidence, or the odd one
    unsigned n;                 ///< showings
    unsigned refuted;
    unsigned unshown;
    unsigned below[AUD_N_LEVELS]; ///< showings with a p at most AUD_GATE_LEVEL
};

/// Show an exhibit as often as the mode asks for. Errors  as aud_show.
SIL_MUST_USE sil_status aud_record_make(struct aud_record *out,
                                        const struct aud_zoo *zoo,
                                        const struct aud_exhibit *exhibit,
                                        const char *auditor, bool is_long,
                                        struct sil_error *err);

/// A record as lines for people; all of them as one JSON object.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_record_print(struct sil_bytes *out,
                                         const struct aud_record *record,
                                         struct sil_error *err);
SIL_MUST_USE sil_status aud_records_sum(struct sil_bytes *out,
                                        const struct aud_record *record, size_t n,
                                        struct sil_error *err);
SIL_MUST_USE sil_status aud_records_json(struct sil_bytes *out,
                                         const struct aud_record *record, size_t n,
                                         bool is_long, struct sil_error *err);

/// SIL_ERR_CHECK: a broken one was missed or a right one accused, or one could not be shown.
sil_status aud_records_status(const struct aud_record *record, size_t n);

#endif
