#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Faults and threats by their numbers, in one table: what was done, what must happen, what
happened. docs/ledger-tests.md says what the numbers are."""
from campaign import main
from table import print_table

import crash_rows  # noqa: F401
import tamper_rows  # noqa: F401
import canary_rows  # noqa: F401

main(print_table)
