// SPDX-License-Identifier: Apache-2.0
/// Words of the command line. A word that cannot be taken ends the program with exit code
/// 64 and a sentence that names the option.
#ifndef AUDIT_CLI_PARSE_H
#define AUDIT_CLI_PARSE_H

#include "audits/attack/attack.h"

#include <stdint.h>

struct argp_state;

/// A whole number in decimal digits, least to most; name is the option's, without hyphens.
uint64_t aud_parse_number(const char *name, const char *text, uint64_t least,
                          uint64_t most, struct argp_state *state);

/// A plain decimal from 0 to most (no blanks, words or other bases, which strtod takes).
double aud_parse_real(const char *name, const char *text, double most,
                      struct argp_state *state);

/// EPSILON,DELTA: epsilon from 0 to 500, delta from 0 to below 1.
void aud_parse_claim(struct aud_claim *out, const char *text, struct argp_state *state);

/// Is it a day that there is, YYYY-MM-DD in our calendar?
bool aud_is_day(const char *text);

/// One character, or the word tab.
char aud_parse_delimiter(const char *text, struct argp_state *state);

#endif
