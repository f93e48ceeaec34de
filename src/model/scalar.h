// SPDX-License-Identifier: Apache-2.0
/// Elementary functions of single numbers, without the mathematical library: the same bits
/// on every machine.
#ifndef SIL_MODEL_SCALAR_H
#define SIL_MODEL_SCALAR_H

/// Natural logarithm within 1 ulp; minus infinity at 0, NaN below it.
double sil_log(double x);

/// Square root, rounded correctly (one instruction, or its emulation).
double sil_sqrt(double x);

/// The hazard of the standard normal law, its density at x over its tail beyond x, within
/// 1e-10 of itself; below -8, where it is less than 1e-13, 0.
double sil_normal_hazard(double x);

#endif
