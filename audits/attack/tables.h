// SPDX-License-Identifier: Apache-2.0
/// Three tables of strangers in one coding: the rows that a generator was given, rows of the
/// same population that it was not given, and the rows that it made.
///
/// Without a schema the kind of a column is inferred from all three together: it is ordered
/// when more than AUD_FEW different numbers are in it and at most AUD_SPECIALS different
/// texts that are none (empty, "NA", "N"...), and otherwise a column of names. Numbers are
/// laid on a grid between the least and the largest of train and holdout. With a schema the
/// columns, their kinds and bounds are the schema's.
///
/// With an id, one row of train and of holdout stands for each person (persons.h), and all
/// others are left out. The id itself is no column.
#ifndef AUDIT_ATTACK_TABLES_H
#define AUDIT_ATTACK_TABLES_H

#include "audits/attack/persons.h"
#include "audits/table/field.h"
#include "base/bytes.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum aud_which { AUD_TRAIN, AUD_HOLDOUT, AUD_SYNTHETIC, AUD_WHICH };

enum {
    AUD_FEW = 12,
    AUD_SPECIALS = 3,
    AUD_GRID = 60000,      ///< codes 0 .. AUD_GRID of an ordered column are numbers
    AUD_CODES = 65536,     ///< of any column; names beyond them share codes
    AUD_COLUMNS_MAX = 256, ///< so that distances fit in 16 bits
    AUD_LABELS = 32        ///< names of a column that are kept as text
};

/// All three files together may be so large.
#define AUD_BYTES_MAX ((size_t)1 << 30)

struct aud_column {
    char *name;
    bool is_ordered;
    uint32_t n_codes;        ///< every code is below it
    double low, high;        ///< of an ordered column
    char *label[AUD_LABELS]; ///< of codes 0 .. of a column of names, where kept
};

/// Rows of one table, column by column.
struct aud_rows {
    size_t n;
    uint16_t **code;
    uint64_t *exact; ///< of each row: equal when all values are, as texts or as numbers
    uint64_t *every; ///< the same of each record of the file; NULL: each is a row
    size_t n_every;
};

struct aud_tables {
    struct aud_column *column;
    size_t n_columns;
    struct aud_rows rows[AUD_WHICH];
    size_t n_ignored; ///< names of columns, the id aside, that one table has at least
                      ///< and no attack looks at
    struct aud_persons persons[2]; ///< of train and holdout; `{0}` without an id
    uint8_t sha256[AUD_WHICH][32]; ///< of the files
};

struct aud_sources {
    const char *path[AUD_WHICH];
    char delimiter;
    const char *schema;    ///< a file; NULL: none
    const char *id_column; ///< says whose a real row is; NULL: each is its own person
    uint64_t seed;         ///< of which row stands for a person
    const struct sil_bytes *made; ///< the synthetic rows, where they are in no file
};

/// Read all three; cleared with aud_tables_clear whatever the outcome.
/// Errors   SIL_ERR_INPUT: a file that is no table, has no rows, lacks a column, has numbers
///          where another has text; more than AUD_BYTES_MAX. SIL_ERR_IO. SIL_ERR_INTERNAL
///          (memory).
SIL_MUST_USE sil_status aud_tables_read(struct aud_tables *out,
                                        const struct aud_sources *sources,
                                        struct sil_error *err);
void aud_tables_clear(struct aud_tables *tables);

/// The column of a name, or n_columns.
size_t aud_tables_find(const struct aud_tables *tables, const char *name);

/// How a code is called in a finding: a name, or a number.
void aud_tables_say(char *out, size_t size, const struct aud_tables *tables,
                    size_t column, uint32_t code);

const char *aud_which_name(enum aud_which which);

#endif
