// SPDX-License-Identifier: Apache-2.0
/// Programs run as the auditor runs them, for tests.
#ifndef TESTS_AUDIT_RUNNING_H
#define TESTS_AUDIT_RUNNING_H

#include "audits/run/child.h"

enum { MEGABYTE = 1 << 20, SAID_MAX = 300 };

extern const struct aud_limits LIMITS;

/// Run a program; its folder is gone afterwards.
struct aud_outcome run_words(const char *const *words, const struct aud_limits *limits);

/// A script of the shell.
struct aud_outcome run(const char *text, const struct aud_limits *limits);
void expect_ending(const char *text, enum aud_ending ending);

/// From now on this process, and all that it starts, is refused these calls of the kernel.
void refuse_calls(const long *calls, unsigned n);

#endif
