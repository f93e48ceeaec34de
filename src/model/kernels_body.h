// SPDX-License-Identifier: Apache-2.0
/// The body of the kernels: included by one file for each instruction set, which defines
/// SIL_KERNELS to the name of its table and SIL_WIDTH to the doubles in one of its
/// registers. What is computed on a number does not depend on either: work on single cells
/// is the same in any width, and sums keep 8 running totals in 8 / SIL_WIDTH registers.

#include "model/kernels.h"
#include "model/kernels_search.h"
#include "model/kernels_vector.h"
#include "model/kernels_walk.h"

const struct sil_kernels SIL_KERNELS = {
    .walk = kernel_walk,
    .follow = kernel_follow,
    .exponential = kernel_exponential,
    .dot = kernel_dot,
    .sum = kernel_sum,
    .distance = kernel_distance,
    .largest = kernel_largest,
    .add = kernel_add,
    .add_scaled = kernel_add_scaled,
    .multiply = kernel_multiply,
    .scale = kernel_scale,
    .gradient = kernel_gradient,
    .locate = kernel_locate,
    .weigh = kernel_weigh,
};
