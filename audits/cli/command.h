// SPDX-License-Identifier: Apache-2.0
/// The commands of silhouette-audit, one file each.
#ifndef AUDIT_CLI_COMMAND_H
#define AUDIT_CLI_COMMAND_H

#include "audits/verify/findings.h"

/// Parse the words (argv[0] is the command's whole name), run, print. Returns the exit
/// code; argp ends the program itself on --help and on wrong usage.
int aud_command_attack(int argc, char **argv);
int aud_command_split(int argc, char **argv);
int aud_command_report(int argc, char **argv);
int aud_command_verify(int argc, char **argv);
int aud_command_conform(int argc, char **argv);
int aud_command_game(int argc, char **argv);
int aud_command_selftest(int argc, char **argv);

/// How every help text ends.
#define AUD_EXIT_CODES                                                                                \
    "\vExit codes: 0 not refuted, 1 refuted or exposed, 2 inconclusive, 64 wrong usage, 65 an input " \
    "that is none, 70 internal error, 74 input/output."

/// An entry of argp's list of options.
#define AUD_OPTION(n, k, a, text)                          \
    {                                                      \
        .name = (n), .key = (k), .arg = (a), .doc = (text) \
    }

/// Write text to the standard output. Error  SIL_ERR_IO.
SIL_MUST_USE sil_status aud_command_say(const struct sil_bytes *text,
                                        struct sil_error *err);

/// Write the findings to the standard output. Errors  SIL_ERR_INTERNAL, SIL_ERR_IO.
SIL_MUST_USE sil_status aud_command_print(const struct aud_findings *findings,
                                          bool json, struct sil_error *err);

/// The end of a command: the sentence of an error on the standard error, or else the
/// verdict of the findings.
int aud_command_end(sil_status status, const struct sil_error *err,
                    const struct aud_findings *findings);

#endif
