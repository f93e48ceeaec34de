// SPDX-License-Identifier: Apache-2.0
#include "table/room.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64 };

sil_status sil_room_make(struct sil_room *room, size_t more, size_t size,
                         const char *what, struct sil_error *err)
{
    void *larger = NULL;
    size_t need = 0;
    if (!sil_add_size(&need, room->n, more)) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: %s", what);
    }
    if (need <= room->capacity) {
        return SIL_OK;
    }
    size_t capacity = room->capacity == 0 ? FIRST_ROOM : room->capacity;
    while (capacity < need) {
        capacity = capacity > SIZE_MAX / 2 ? need : 2 * capacity;
    }
    if (sil_alloc(&larger, capacity, size, what, NULL) != SIL_OK) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: %s", what);
    }
    if (room->data != NULL) {
        (void)memcpy(larger, room->data, room->n * size);
        explicit_bzero(room->data, room->n * size);
        free(room->data);
    }
    room->data = larger;
    room->capacity = capacity;
    return SIL_OK;
}

void sil_room_wipe(struct sil_room *room, size_t size)
{
    if (room->data != NULL) {
        explicit_bzero(room->data, room->capacity * size);
    }
    free(room->data);
    *room = (struct sil_room){0};
}
