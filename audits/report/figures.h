// SPDX-License-Identifier: Apache-2.0
/// Drawings of what attack found, each with a title, a description in words, and members
/// beside non-members. `number` makes their names on the page.
#ifndef AUDIT_REPORT_FIGURES_H
#define AUDIT_REPORT_FIGURES_H

#include "audits/report/page.h"

#include <jansson.h>

/// Bars of successes, of members and of non-members, with Clopper-Pearson intervals.
void aud_figure_rates(struct aud_page *page, const json_t *attacks, size_t number);

/// AUC of every membership attack with its interval, beside a coin and the ceiling.
void aud_figure_auc(struct aud_page *page, const json_t *attacks, size_t number);

/// ROC curves on logarithmic axes, of all and of the vulnerable records, beside chance and
/// the ceiling.
void aud_figure_curves(struct aud_page *page, const json_t *content, size_t number);

/// Histograms of the distance to the nearest synthetic row, of members and of non-members.
void aud_figure_distances(struct aud_page *page, const json_t *content, size_t number);

#endif
