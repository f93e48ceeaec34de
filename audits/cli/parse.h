// SPDX-License-Identifier: Apache-2.0
/// Words of the command line. A word that cannot be taken ends the program with exit code
/// 64 and a sentence that names the option.
#ifndef AUDIT_CLI_PARSE_H
#define AUDIT_CLI_PARSE_H

#include <stdbool.h>
#include <stdint.h>

struct argp_option;
struct argp_state;
struct aud_claim;

/// Note in `given` that the option of this key is there, one of those that begin at `option`;
/// other keys of argp's are left alone. Which of two values was meant cannot be known: of one
/// that was there before the program ends. A flag may be said twice.
/// Pre      a command has at most 64 keys, one after the other.
void aud_parse_once(uint64_t *given, int key, const struct argp_option *option,
                    struct argp_state *state);

/// Is the option of this key there?
bool aud_parse_has(uint64_t given, int key);

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
