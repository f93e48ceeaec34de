// SPDX-License-Identifier: Apache-2.0
/// The functions that all bounds rest on, in double precision: relative error about 1e-12
/// where no other is said.
#ifndef AUDIT_STATS_SPECIAL_H
#define AUDIT_STATS_SPECIAL_H

/// Phi(x) and its logarithm, which stays finite far below -38.
double aud_normal_cdf(double x);
double aud_normal_log_cdf(double x);

/// Phi^-1(p), 0 < p < 1; -infinity at 0, infinity at 1.
double aud_normal_quantile(double p);

/// The regularised incomplete beta function I_x(a, b), a > 0, b > 0, and its inverse in x:
/// the largest double x whose value is at most p.
double aud_beta_cdf(double x, double a, double b);
double aud_beta_quantile(double p, double a, double b);

/// P[X >= x] and P[X <= x] for X chi-squared with `df` > 0 degrees of freedom.
double aud_chi2_above(double x, double df);
double aud_chi2_below(double x, double df);

/// The x that a chi-squared variable is below with probability p.
double aud_chi2_quantile(double p, double df);

/// ln of the binomial coefficient, 0 <= k <= n.
double aud_log_choose(double n, double k);

#endif
