#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the auditor's selftest says of zoos: of the project's, and of some that do not behave.

usage: test_audit_selftest.py SILHOUETTE SILHOUETTE-AUDIT [--whole]
With --whole, every exhibit of the project's zoo is shown; else a few. The chance that a right
one is accused is about 1 in 10^8 an exhibit.
The last line is "N passed, N failed, N skipped".
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

from audit_kit import AUDITOR, SANITIZED, WHY_NOT_SANITIZED, expect, main

ZOO = pathlib.Path(AUDITOR).parent / "zoo"
FEW = ("b02c-noise-2", "b03-one-way", "b09-empty", "b15-logarithm", "g01a-mst")


def selftest(zoo, *options, timeout=900):
    done = subprocess.run([AUDITOR, "selftest", "--zoo", str(zoo), *options],
                          capture_output=True, text=True, timeout=timeout)
    return done.returncode, done.stdout, done.stderr


def shown(zoo):
    code, out, err = selftest(zoo, "--json")
    expect(code in (0, 1), f"{code}: {err}")
    found = json.loads(out)
    return code, {line["id"]: line for line in found["exhibits"]}, found


def zoo_of(folder, exhibits, scenes=None):
    """A zoo with the project's programs and these declarations."""
    zoo = folder / "zoo"
    (zoo / "exhibits").mkdir(parents=True)
    (zoo / "scenes").mkdir()
    for part in ("silhouette", "silhouette-zoo", "data", "examples"):
        (zoo / part).symlink_to(ZOO / part)
    for scene in (ZOO / "scenes").iterdir():
        (zoo / "scenes" / scene.name).symlink_to(scene)
    for name, text in exhibits.items():
        (zoo / "exhibits" / f"{name}.json").write_text(
            text if isinstance(text, str) else json.dumps(text))
    for name, scene in (scenes or {}).items():
        (zoo / "scenes" / f"{name}.json").write_text(json.dumps(scene))
    return zoo


def declared(name):
    return json.loads((ZOO / "exhibits" / f"{name}.json").read_text())


def the_broken_are_caught_and_the_right_cleared(folder):
    code, lines, found = shown(zoo_of(folder, {name: declared(name) for name in FEW}))
    expect(code == 0, json.dumps(found, indent=1))
    for line in lines.values():
        expect(line["result"] == ("caught" if line["broken"] else "cleared"), str(line))
        expect(not line["broken"] or line.get("p", 0) <= 1e-6, str(line))
    expect(found["counts"]["caught"] == 4 and found["counts"]["cleared"] == 1,
           str(found["counts"]))


def a_right_one_called_broken_is_missed_and_a_broken_one_called_right_accused(folder):
    mislabelled = declared("g01a-mst") | {
        "id": "M", "refuted_by": {"id": "C1", "check": "The noise is as large as claimed"}}
    unlabelled = declared("b02c-noise-2") | {"id": "A"}
    del unlabelled["refuted_by"]
    elsewhere = declared("b15-logarithm") | {"id": "E", "refuted_by": {"id": "S1"}}
    unsure = declared("g01a-mst") | {"id": "U", "answer": "INCONCLUSIVE"}
    code, lines, found = shown(zoo_of(folder, {
        "mislabelled": mislabelled, "unlabelled": unlabelled, "elsewhere": elsewhere,
        "unsure": unsure}))
    expect(code == 1, json.dumps(found, indent=1))
    expect(lines["M"]["result"] == "missed", str(lines["M"]))
    expect(lines["A"]["result"] == "accused" and lines["A"]["showings"] == 2,
           str(lines["A"]))
    expect(lines["U"]["result"] == "unshown" and lines["U"]["showings"] == 2 and
           "NOT REFUTED, not INCONCLUSIVE" in lines["U"]["detail"], str(lines["U"]))
    expect(lines["E"]["result"] == "missed" and lines["E"]["rule"] == "B9",
           str(lines["E"]))


def programs_that_misbehave_end_one_showing(folder):
    scenes = {"fails": {"make": [["/bin/sh", "-c", "printf '\\033[31mred' >&2; exit 3"]],
                        "verify": ["bundle"]},
              "dies": {"make": [["/bin/sh", "-c", "kill -SEGV $$"]], "verify": ["bundle"]},
              "makes-nothing": {"make": [["/bin/true"]], "verify": ["bundle"]}}
    one = {"title": "odd", "generator": ["unused"], "check": "verify"}
    lacking = {"id": "lacking", "title": "odd", "lacks": "a check that nobody has written"}
    code, lines, found = shown(zoo_of(
        folder, {name: one | {"id": name, "scene": name} for name in scenes} |
        {"lacking": lacking}, scenes))
    expect(code == 1 and found["counts"]["unshown"] == 3, json.dumps(found, indent=1))
    expect(lines["fails"]["detail"] == "the generator ended with 3: ?[31mred",
           str(lines["fails"]))
    expect("signal 11" in lines["dies"]["detail"], str(lines["dies"]))
    expect("the auditor ended with" in lines["makes-nothing"]["detail"],
           str(lines["makes-nothing"]))
    expect(lines["lacking"]["result"] == "lacking", str(lines["lacking"]))


def nothing_is_left_after_a_signal(folder):
    scenes = {"slow": {"make": [["/bin/sh", "-c", "sleep 300"]], "verify": ["bundle"]}}
    slow = {"title": "slow", "generator": ["unused"], "check": "verify", "scene": "slow"}
    zoo = zoo_of(folder, {name: slow | {"id": name} for name in ("one", "two")}, scenes)
    scratch = folder / "scratch"
    scratch.mkdir()
    showing = subprocess.Popen([AUDITOR, "selftest", "--zoo", str(zoo)],
                               env={**os.environ, "TMPDIR": str(scratch)},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    expect(eventually(lambda: any(scratch.iterdir())), "nothing is shown")
    showing.terminate()
    expect(showing.wait(timeout=60) == -signal.SIGTERM, "it does not end")
    expect(eventually(lambda: not any(scratch.iterdir())), "folders are left")


def eventually(holds):
    for _ in range(600):
        if holds():
            return True
        time.sleep(0.1)
    return False


def declarations_that_are_none_are_refused(folder):
    good = declared("g01a-mst")
    for name, text, word in (
            ("syntax", "{", "line"),
            ("key", good | {"scnee": "x"}, "scnee"),
            ("text", {"id": "x"}, "id and a title"),
            ("check", {"id": "x", "title": "y", "scene": "release"}, "lacks"),
            ("rule", good | {"refuted_by": {"check": "z"}}, "refuted_by"),
            ("path", good | {"scene": "../exhibits/path"}, "no path"),
            ("scene", good | {"scene": "nowhere"}, "nowhere")):
        inner = folder / name
        inner.mkdir()
        code, _, err = selftest(zoo_of(inner, {name: text}))
        expect(code in (65, 74) and word in err, f"{name}: {code} {err}")
    (folder / "empty").mkdir()
    code, _, err = selftest(folder / "empty")
    expect(code == 65 and "no zoo" in err, f"{code} {err}")


def the_whole_zoo_is_as_declared(folder):
    del folder
    code, lines, found = shown(ZOO)
    expect(code == 0, json.dumps(found, indent=1))
    for line in lines.values():
        expect(not line["broken"] or line.get("p", 0) <= 1e-6, str(line))


CASES = [the_broken_are_caught_and_the_right_cleared,
         a_right_one_called_broken_is_missed_and_a_broken_one_called_right_accused,
         programs_that_misbehave_end_one_showing, nothing_is_left_after_a_signal,
         declarations_that_are_none_are_refused]
WHOLE = [the_whole_zoo_is_as_declared]
WITHOUT_GENERATORS = [declarations_that_are_none_are_refused]


if __name__ == "__main__":
    cases = WHOLE if "--whole" in sys.argv else CASES
    skipped = [case for case in cases if SANITIZED and case not in WITHOUT_GENERATORS]
    sys.exit(main(cases, skipped, WHY_NOT_SANITIZED))
