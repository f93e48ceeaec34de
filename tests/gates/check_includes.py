#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The law of layers: what each layer may include and link, and who may see the insides of
the trusted core. CMake checks the order of the layers; this checks the #include lines, and
that nobody widened the law in a CMakeLists.txt."""
import re

import tree

# Layer: the layers it may use directly; what those may use, it may use as well.
LAW = {
    "base": [],
    "crypto": ["base"],
    "codec": ["base"],
    "num": ["base"],
    "privacy": ["base", "crypto", "num"],
    "table": ["base", "codec", "num", "privacy"],
    "ledger": ["base", "crypto", "codec", "num", "privacy"],
    "model": ["base"],
    "synth": ["base", "crypto", "codec", "num", "privacy", "table", "ledger", "model"],
    "release": ["base", "crypto", "codec", "num", "privacy", "table", "ledger", "model",
                "synth"],
    # The report on raw rows: beside the release, not below it, so that nothing which
    # writes to the outward channel can see it.
    "internal": ["base", "crypto", "codec", "num", "privacy", "table", "ledger", "model",
                 "synth"],
    "cli": ["base", "crypto", "codec", "num", "privacy", "table", "ledger", "model",
            "synth", "release", "internal"],
    "audits": ["base", "codec", "crypto"],
}

# Headers that show the inside of something, and the layers that may look.
INSIDES = {
    "privacy/counts_internal.h": {"privacy", "table"},
    "privacy/keys_internal.h": {"privacy", "table"},
    "privacy/gate_internal.h": {"privacy"},
    "privacy/threshold_internal.h": {"privacy"},
    "privacy/token_internal.h": {"privacy", "ledger"},
    "privacy/rng_internal.h": {"privacy"},
}

# The headers of src/table for others. All the rest show rows, or the inside of fields, and
# are for src/table alone: a new one is closed until it is written down here.
TABLE_OPEN = {"table/table.h", "table/schema.h", "table/calendar.h", "table/decimal.h",
              "table/value_test.h", "table/pieces.h", "table/condition.h",
              "table/condition_lexer.h", "table/recomputed.h", "table/rules.h"}

# What src/table shows to one layer more. The operator's report reads the true table record
# by record, to say what the policies did and how far off the synthetic rows are; it keeps
# codes of its own, and has no business with the inside of struct sil_table or of a field.
TABLE_SHOWN = {"table/columns.h": {"table", "internal"}}

# What reads or writes raw rows for the operator: the layers that may name it. The synthesis
# holds a table to have it counted, and has no business with its rows.
RAW_ROWS = {
    "sil_table_write_codes": {"table", "cli"},
    "sil_schema_check_data": {"table", "cli"},
    "sil_schema_draft": {"table", "cli"},
}

# System headers that have no place in a layer: binary floating point on the private path,
# libm where rows must come out the same on every machine.
BANNED_SYSTEM = {
    "privacy": {"math.h", "float.h", "fenv.h", "tgmath.h", "complex.h"},
    "num": {"math.h", "float.h", "fenv.h", "tgmath.h", "complex.h"},
    "table": {"math.h", "float.h", "fenv.h", "tgmath.h", "complex.h"},
    "model": {"math.h", "tgmath.h", "complex.h"},
    "release": {"math.h", "tgmath.h", "complex.h"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
LAYER = re.compile(r"\bsil_layer\(\s*(\w+)(.*?)\)", re.DOTALL)


def layer_of(path):
    """The layer a source file belongs to, or None."""
    if path.parts[0] in ("privacy", "audits"):
        return path.parts[0]
    if path.parts[0] == "src" and len(path.parts) > 2:
        return path.parts[1]
    return None


def may_look(name):
    """The layers that may include a header; None when all that are above it may."""
    if name.startswith("table/") and name not in TABLE_OPEN:
        return TABLE_SHOWN.get(name, {"table"})
    return INSIDES.get(name)


def check_include(path, number, mark, name):
    layer = layer_of(path)
    where = f"{path}:{number}"
    allowed = may_look(name)
    if allowed is not None and layer not in allowed and path.parts[0] != "tests":
        yield f"{where}: {name} is for {', '.join(sorted(allowed))} only"
    if layer is None:
        return
    if mark == "<":
        if name in BANNED_SYSTEM.get(layer, ()):
            yield f"{where}: <{name}> has no place in {layer}"
        return
    top = name.split("/")[0]
    if top == "silhouette":
        return
    if top not in LAW:
        yield f"{where}: \"{name}\" does not name a layer"
    elif top != layer and top not in closure(layer):
        yield f"{where}: {layer} may not include {name}"


def check_names(path, number, line):
    if path.parts[0] == "tests":
        return
    for name, allowed in RAW_ROWS.items():
        if layer_of(path) not in allowed and re.search(rf"\b{name}\b", line):
            yield f"{path}:{number}: {name} reads raw rows: for {', '.join(sorted(allowed))}"


def closure(layer):
    reached = set()
    for lower in LAW[layer]:
        reached |= {lower} | closure(lower)
    return reached


def check_public_header(path):
    for number, line in enumerate(tree.text(path).splitlines(), 1):
        match = INCLUDE.match(line)
        if match and match.group(1) == '"' and not match.group(2).startswith("silhouette/"):
            yield f"{path}:{number}: a public header includes {match.group(2)}"


def check_cmake(path):
    for name, body in LAYER.findall(tree.text(path)):
        needs = re.search(r"\bNEEDS\b([\w\s]*?)(?:\bLINK\b|\bSOURCES\b|$)", body)
        named = set(needs.group(1).split()) if needs else set()
        if name not in LAW:
            yield f"{path}: layer {name} is not in the law"
        elif not named <= set(LAW[name]):
            extra = ", ".join(sorted(named - set(LAW[name])))
            yield f"{path}: {name} may not need {extra}"


def main():
    findings = []
    sources = tree.files(".c", ".h")
    for path in sources:
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            match = INCLUDE.match(line)
            if match:
                findings += check_include(path, number, match.group(1), match.group(2))
        for number, line in tree.code_lines(path):
            findings += check_names(path, number, line)
        if path.parts[0] == "include":
            findings += check_public_header(path)
    for path in tree.files("CMakeLists.txt"):
        if path.parts[0] != "cmake":
            findings += check_cmake(path)
    tree.finish("includes", findings, len(sources))


if __name__ == "__main__":
    main()
