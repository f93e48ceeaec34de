#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What can be seen in the text of a file: its licence line, its length, binary floating
point on the private path, unfinished work, links that lead nowhere, traces of the machine
it was written on."""
import re

import tree

SOURCE_SUFFIXES = (".c", ".h", ".py", ".sh", ".cmake", "CMakeLists.txt")
LINES_MAX = {".c": 600, ".h": 600, ".py": 600}
FUNCTION_LINES_MAX = 60
FLOAT_FREE = ("privacy", "src/num", "src/table")
# Types, literals (decimal, hexadecimal), and functions that take or give such numbers.
FLOAT = re.compile(r"\b(float|double|_(Float|Decimal)\d+x?|__float128|(float|double)_t)\b|"
                   r"(?<![\w.])(\d+\.\d*|\.\d+|\d+(?=[eE]))([eE][+-]?\d+)?[fFlL]?(?!\w)|"
                   r"(?<![\w.])0[xX][\da-fA-F.]+[pP][+-]?\d|"
                   r"\bmp[zqf]r?_(\w+_)?(d|d_2exp|flt|ld|float128)\b|"
                   r"\bmpfr_d_\w+|\b(strto(f|d|ld)|atof)\b")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|for now)\b")
# Whose folder a tree lies in is nobody's business; what it installs from is the business of
# the distribution. The only addresses named are those of standards.
PEOPLES_FOLDERS = ("home", "root", "Users")
FOLDER = re.compile(f"/(?:{'|'.join(PEOPLES_FOLDERS)})/"
                    r"|(?<![\w})>.*])" + re.escape(f"{tree.ROOT}/"))
ADDRESS = re.compile(r"\bhttps?://([\w.-]+)|\b((?:deb|archive|security|registry)"
                     r"\.\w+\.(?:com|net|org))\b")
# Homes of standards, and the name that is reserved for examples (RFC 2606).
STANDARDS = ("datapackage.org", "example.org", "in-toto.io", "json-schema.org",
             "www.apache.org")
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
LICENCE = "SPDX-License-Identifier: Apache-2.0"
# Files that name what is looked for.
SPEAKS_OF_WORDS = ("LICENSE", "tests/gates/check_gates.py")


def check_licence(path, content):
    if LICENCE not in "\n".join(content.splitlines()[:3]):
        yield f"{path}:1: no line with {LICENCE}"


def check_length(path, content):
    limit = LINES_MAX.get(path.suffix)
    lines = content.count("\n")
    if limit and lines > limit:
        yield f"{path}: {lines} lines, more than {limit}: split it by idea"


def check_functions(path, content):
    """As the code is formatted, a function's braces are alone in the first column."""
    began = 0
    for number, line in enumerate(content.splitlines(), 1):
        if line == "{":
            began = number
        elif line == "}" and began:
            if number - began + 1 > FUNCTION_LINES_MAX and path.parts[0] != "tests":
                yield (f"{path}:{began}: a function of {number - began + 1} lines, more "
                       f"than {FUNCTION_LINES_MAX}")
            began = 0


def has_float(line):
    return FLOAT.search(line) is not None


def check_floats(path):
    if not str(path).startswith(tuple(f"{folder}/" for folder in FLOAT_FREE)):
        return
    for number, line in tree.code_lines(path):
        if has_float(line):
            yield f"{path}:{number}: binary floating point on the private path"


def traces(line):
    """Folders of a machine and addresses in a line."""
    found = [match.group(0) for match in FOLDER.finditer(line)]
    hosts = [match.group(1) or match.group(2) for match in ADDRESS.finditer(line)]
    return found + [host for host in hosts if host not in STANDARDS]


def check_words(path, content):
    for number, line in enumerate(content.splitlines(), 1):
        if path.suffix in (".c", ".h") and UNFINISHED.search(line):
            yield f"{path}:{number}: unfinished by its own words"
        for trace in traces(line):
            yield f"{path}:{number}: \"{trace}\" does not belong to the project"


def check_links(path, content):
    for number, line in enumerate(content.splitlines(), 1):
        for target in LINK.findall(line):
            if not (tree.ROOT / path.parent / target).exists():
                yield f"{path}:{number}: {target} does not exist"


def main():
    findings = []
    paths = tree.files()
    for path in paths:
        content = tree.text(path)
        is_script = content.startswith("#!")
        if str(path).endswith(SOURCE_SUFFIXES) or is_script:
            findings += check_licence(path, content)
            findings += check_length(path, content)
        if path.suffix in (".c", ".h"):
            findings += check_functions(path, content)
            findings += check_floats(path)
        if path.suffix == ".md":
            findings += check_links(path, content)
        if str(path) not in SPEAKS_OF_WORDS:
            findings += check_words(path, content)
    tree.finish("text", findings, len(paths))


if __name__ == "__main__":
    main()
