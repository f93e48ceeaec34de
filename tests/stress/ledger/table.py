# SPDX-License-Identifier: Apache-2.0
"""Rows of the table of faults: shown with the real program, or proven by a test that is
named and must be there."""
import re
import textwrap
from typing import NamedTuple

from campaign import TESTS, Skip, case, expect

WIDTHS = (4, 34, 34, 40)


class Row(NamedTuple):
    id: str
    fault: str
    expected: str
    observed: str
    passed: str


TABLE = []


def row(number, fault, expected):
    """The function does the fault and returns what it saw, or fails."""
    def register(function):
        def run(campaign):
            outcome = ("see above", "NO")
            try:
                outcome = (function(campaign), "yes")
            except Skip as reason:
                outcome = (f"not shown: {reason}", "-")
                raise
            finally:
                TABLE.append(Row(number, fault, expected, *outcome))
        case(f"{number} {fault}: {expected}")(run)
        return function
    return register


def is_run(folder, name):
    """Does the folder's list of tests, or the one above, name the file?"""
    lists = [folder / "CMakeLists.txt", folder.parent / "CMakeLists.txt"]
    stem = re.sub(r"^test_|\.(c|py)$", "", name)
    return any(re.search(rf"\b(test_)?{stem}\b", path.read_text())
               for path in lists if path.exists())


def proven(place):
    """A place is FILE::SUITE::CASE of Criterion, or FILE::text of a script's case."""
    path, *names = place.split("::")
    file = TESTS / path
    expect(file.is_file(), f"{path} is not there")
    expect(is_run(file.parent, file.name), f"{path} is in no list of tests")
    text = file.read_text()
    if len(names) == 2:
        found = re.search(rf"\bTest\([^)]*\b{names[0]},\s+{names[1]}\b", text)
    else:
        found = names[0] in text
    expect(found, f"{' '.join(names)!r} is not in {path}")


def cited(number, fault, expected, *places):
    """Proven elsewhere."""
    @row(number, fault, expected)
    def _(campaign):
        del campaign
        for place in places:
            proven(place)
        return "; ".join("::".join(place.split("/")[-1].split("::")) for place in places)


def cells(texts):
    """The lines of one row of the table."""
    columns = [textwrap.wrap(text, width, break_long_words=True) or [""]
               for text, width in zip(texts, WIDTHS)]
    for i in range(max(map(len, columns))):
        yield " | ".join((column[i] if i < len(column) else "").ljust(width)
                         for column, width in zip(columns, WIDTHS))


def show(texts, passed):
    first, *others = cells(texts)
    print(f"{first} | {passed}")
    for line in others:
        print(line)


def print_table():
    show(("id", "fault or threat", "expected", "observed"), "pass")
    print("-" * (sum(WIDTHS) + 16))
    for found in TABLE:
        show(found[:4], found.passed)
