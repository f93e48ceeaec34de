// SPDX-License-Identifier: Apache-2.0
/// The parts of report.html that have a file of their own.
#ifndef SIL_INTERNAL_HTML_H
#define SIL_INTERNAL_HTML_H

#include "internal/page.h"

/// Sections.
void sil_report_html_score(struct sil_page *page,
                           const struct sil_comparison *comparison);
void sil_report_html_columns(struct sil_page *page,
                             const struct sil_comparison *comparison);
void sil_report_html_worst(struct sil_page *page,
                           const struct sil_comparison *comparison);
void sil_report_html_groups(struct sil_page *page,
                            const struct sil_comparison *comparison);

/// Pictures.
void sil_report_html_score_chart(struct sil_page *page, const struct sil_score *score);
void sil_report_html_column_chart(struct sil_page *page,
                                  const struct sil_comparison *comparison,
                                  const uint32_t *column, size_t n);

#endif
