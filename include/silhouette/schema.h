// SPDX-License-Identifier: Apache-2.0
/// The public schema: a Frictionless Table Schema v2 plus a `silhouette` object.
///
/// The schema is public by definition: everything it says is outside the guarantee and is
/// printed with the claim. docs/schema.md describes the format for people.
#ifndef SILHOUETTE_SCHEMA_H
#define SILHOUETTE_SCHEMA_H

#include "silhouette/status.h"

#include <stddef.h>
#include <stdint.h>

struct sil_schema;

/// Parse the JSON text of a schema; freed with sil_schema_free.
/// Errors   SIL_ERR_INPUT: not JSON, or contradictory: the sentence names the field and the
///          property. SIL_ERR_INTERNAL: memory. `out` is NULL.
SIL_API SIL_MUST_USE sil_status sil_schema_parse(struct sil_schema **out,
                                                 const char *json, size_t length,
                                                 struct sil_error *err);

/// Read the file at `path` ("-": standard input) and parse it. Errors as above, and
/// SIL_ERR_IO.
SIL_API SIL_MUST_USE sil_status sil_schema_read(struct sil_schema **out,
                                                const char *path,
                                                struct sil_error *err);

/// NULL is allowed.
SIL_API void sil_schema_free(struct sil_schema *schema);

/// Number of fields that a model has (columns that are recomputed from others aside), and of
/// each its name and the number of cells (its domain size, with the null cell and the
/// `other` cell where it has them). Borrowed.
SIL_API uint32_t sil_schema_n_fields(const struct sil_schema *schema);
SIL_API const char *sil_schema_field_name(const struct sil_schema *schema,
                                          uint32_t field);
SIL_API uint32_t sil_schema_field_cells(const struct sil_schema *schema,
                                        uint32_t field);

#endif
