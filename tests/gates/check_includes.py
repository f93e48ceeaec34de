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
    "cli": ["base", "crypto", "codec", "num", "privacy", "table", "ledger", "model",
            "synth"],
    "audits": ["base", "codec", "crypto"],
}

# Headers that show the inside of something, and the layers that may look.
INSIDES = {
    "privacy/counts_internal.h": {"privacy", "table"},
    "privacy/token_internal.h": {"privacy", "ledger"},
    "privacy/rng_internal.h": {"privacy"},
}

# System headers that have no place in a layer: binary floating point on the private path,
# libm where rows must come out the same on every machine.
BANNED_SYSTEM = {
    "privacy": {"math.h", "float.h", "fenv.h", "tgmath.h", "complex.h"},
    "num": {"math.h", "float.h", "fenv.h", "tgmath.h", "complex.h"},
    "table": {"math.h", "float.h", "fenv.h", "tgmath.h", "complex.h"},
    "model": {"math.h", "tgmath.h", "complex.h"},
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


def check_include(path, number, mark, name):
    layer = layer_of(path)
    where = f"{path}:{number}"
    if name in INSIDES and layer not in INSIDES[name] and path.parts[0] != "tests":
        yield f"{where}: {name} is for {', '.join(sorted(INSIDES[name]))} only"
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
        if path.parts[0] == "include":
            findings += check_public_header(path)
    for path in tree.files("CMakeLists.txt"):
        if path.parts[0] != "cmake":
            findings += check_cmake(path)
    tree.finish("includes", findings, len(sources))


if __name__ == "__main__":
    main()
