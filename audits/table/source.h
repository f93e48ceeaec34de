// SPDX-License-Identifier: Apache-2.0
/// Files that somebody names. An auditor's work ends, whatever stands behind a name.
#ifndef AUDIT_TABLE_SOURCE_H
#define AUDIT_TABLE_SOURCE_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <stddef.h>

/// Read a whole file of at most `limit` bytes, or for "-" the standard input. The pipe that a
/// shell makes for a command's output ends with that command and is read, too. A pipe with a
/// name in a folder is not: nobody may ever write to it, and that cannot be known without
/// waiting. Nor are sockets and devices.
/// Errors   SIL_ERR_IO: cannot be opened or read. SIL_ERR_INPUT: larger than `limit`, a
///          folder, or none of what is read. SIL_ERR_INTERNAL: memory. `out` is then empty.
SIL_MUST_USE sil_status aud_source_read(struct sil_bytes *out, const char *path,
                                        size_t limit, struct sil_error *err);

#endif
