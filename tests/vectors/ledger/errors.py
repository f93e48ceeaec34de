# SPDX-License-Identifier: Apache-2.0
"""The two ways in which a ledger is not accepted."""


class Refused(Exception):
    """A rule is broken. `check` is the rule's stable id, `entry` the entry's number or
    None where the rule speaks of no single entry."""

    def __init__(self, check, reason, entry=None):
        super().__init__(f"{check}: {reason}")
        self.check = check
        self.reason = reason
        self.entry = entry


class Unsupported(Exception):
    """A version or type that this verifier does not know: never skipped, never guessed."""

    def __init__(self, reason, entry=None):
        super().__init__(reason)
        self.reason = reason
        self.entry = entry


def require(condition, check, reason):
    """Raise Refused(check, reason) unless the condition holds."""
    if not condition:
        raise Refused(check, reason)
