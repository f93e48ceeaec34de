// SPDX-License-Identifier: Apache-2.0
/// An array of something private: it is wiped where it grows away from, and when it ends.
#ifndef SIL_TABLE_ROOM_H
#define SIL_TABLE_ROOM_H

#include "silhouette/status.h"

#include <stddef.h>

struct sil_room {
    void *data;
    size_t n; ///< elements in use, the caller's to count
    size_t capacity;
};

/// Room for `more` elements of `size` bytes beyond those in use.
/// Errors   SIL_ERR_INTERNAL (memory of `what`), in words that tell no size: how many there
///          are is private. The room is unchanged.
SIL_MUST_USE sil_status sil_room_make(struct sil_room *room, size_t more, size_t size,
                                      const char *what, struct sil_error *err);

/// Wipe and free; empty afterwards.
void sil_room_wipe(struct sil_room *room, size_t size);

#endif
