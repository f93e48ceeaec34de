// SPDX-License-Identifier: Apache-2.0
/// Distances of one row to a block of rows.
#ifndef AUDIT_ATTACK_KERNEL_H
#define AUDIT_ATTACK_KERNEL_H

#include "audits/attack/nearest.h"

enum { AUD_BLOCK = 1024 };

/// A row of `queries` to rows first .. first + AUD_BLOCK - 1 of `rows`, of which those
/// behind the last are AUD_FAR. `first` is a multiple of AUD_BLOCK.
/// @param[out] out   aligned to AUD_LANES bytes.
/// @return   a number that none of them is below, nor far above the least of them.
typedef uint16_t aud_kernel(uint16_t out[AUD_BLOCK], const struct aud_planes *queries,
                            size_t query, const struct aud_planes *rows, size_t first);

/// By route; that of the best for AUD_ROUTE_BEST.
aud_kernel *aud_kernel_of(enum aud_route route);

#endif
