// SPDX-License-Identifier: Apache-2.0
/// The values of one open column that the schema does not list, with their exact counts:
/// private, and opaque outside privacy/.
///
/// src/table fills them (through keys_internal.h, which only src/table and privacy/ may
/// include); the gate alone reads them. No function of this header tells a value, a count,
/// or how many there are.
#ifndef SIL_PRIVACY_KEYS_H
#define SIL_PRIVACY_KEYS_H

#include "silhouette/status.h"

struct sil_keys;

/// Wipe and free; NULL is allowed.
void sil_keys_free(struct sil_keys *keys);

#endif
