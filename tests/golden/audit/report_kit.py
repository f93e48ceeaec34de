# SPDX-License-Identifier: Apache-2.0
"""What the scripts about the report share: findings to report on, and reading a report."""
import copy
import html.parser
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile

from audit_kit import AUDITOR, EXAMPLES, SOURCE, Count, expect, generate

HERE = pathlib.Path(__file__).resolve().parent
FINDINGS = HERE / "findings"
HEADER = "kind,age,town,sex,job"
DATE = ("--date", "2026-11-22")


def write_tables(folder, copied):
    """300 members, 300 non-members, and rows of which so many are members'."""
    dice = random.Random(7)

    def person():
        return (f"k{dice.randrange(5)},{dice.randrange(90)},t{dice.randrange(30)},"
                f"{'FM'[dice.random() < 0.5]},j{dice.randrange(9)}")

    train, holdout = ([person() for _ in range(300)] for _ in "12")
    made = dice.sample(train, copied) + [person() for _ in range(300 - copied)]
    for name, rows in (("t.csv", train), ("h.csv", holdout), ("s.csv", made)):
        (folder / name).write_text("\n".join([HEADER, *rows]) + "\n")


def audit(folder, *words, expected=(0, 1, 2), **more):
    done = subprocess.run([AUDITOR, *words], cwd=folder, capture_output=True, text=True,
                          timeout=240, **more)
    expect(done.returncode in expected,
           f"{words}: {done.returncode}, not {expected}\n{done.stdout}{done.stderr}")
    return done


def attack(folder, out, copied, *options):
    write_tables(folder, copied)
    audit(folder, "attack", "--train", "t.csv", "--holdout", "h.csv", "--synthetic", "s.csv",
          "--seed", "1", "--out", out, *options)


def prepare(folder):
    """Findings of every kind: made once, by the programs themselves."""
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    generate(folder, "simulate", str(EXAMPLES / "bank.json"), "--rows", "300", "--seed", "5",
             "--out", "bank.csv")
    generate(folder, "fit", "--data", "bank.csv", "--schema",
             str(EXAMPLES / "bank.schema.json"), "--epsilon", "2", "--delta", "1e-6",
             "--mechanism", "mst", "--out", "bank.model", "--quiet")
    generate(folder, "release", "--model", "bank.model", "--ledger", "bank.csv.ledger", "--out",
             "bundle", "--quiet")
    for name, command in (("verify", ("verify", "bundle")),
                          ("conform", ("conform", "bundle", "--data", "bank.csv"))):
        (folder / f"{name}.json").write_text(audit(folder, *command, "--json").stdout)
    attack(folder, "fine", 0)
    attack(folder, "leaky", 60)
    for name, claim in (("past", "0.1,1e-6"), ("within", "20,1e-6")):
        attack(folder, name, 60, "--claim", claim)
    game = {"command": "game", "verdict": "NOT REFUTED", "findings": [
        {"id": "G1", "check": "one row more", "verdict": "holds", "detail": "", "p": 0.5}],
        "epsilon": 1.0, "delta": 1e-6, "level": 1e-4, "runs": 12, "seed": "00" * 32,
        "figures": {"rows": {"epsilon_lower": 0.25}}}
    (folder / "game.json").write_text(json.dumps(game))


def report(folder, *words, expected=(0, 1, 2), out="out.html"):
    """The exit code, the page and the JSON of a report."""
    done = audit(folder, "report", *words, "--out", out, *DATE, expected=expected)
    page = (folder / out).read_text()
    told = json.loads((folder / out.replace(".html", ".json")).read_text())
    return done.returncode, page, told


def text_of(page):
    """What a reader sees, blanks made even."""
    class Reader(html.parser.HTMLParser):
        words = ""
        hidden = 0

        def handle_starttag(self, tag, attributes):
            self.hidden += tag == "style"

        def handle_endtag(self, tag):
            self.hidden -= tag == "style"

        def handle_data(self, data):
            self.words += "" if self.hidden else data

    reader = Reader()
    reader.feed(page)
    return re.sub(r"\s+", " ", reader.words)


def layers_of(told):
    return {layer["layer"]: layer["verdict"] for layer in told["layers"]}


def well_formed(page):
    """No script, nothing from elsewhere, tags in pairs, names used once, references kept."""
    void = {"meta"}
    open_tags, ids, wanted = [], [], []

    class Checker(html.parser.HTMLParser):
        def handle_starttag(self, tag, attributes):
            attributes = dict(attributes)
            expect(tag not in ("script", "iframe", "img", "link", "object", "embed", "form"),
                   f"a {tag}")
            expect(not [a for a in attributes if a.startswith("on") or a == "src"],
                   f"{tag} {attributes}")
            href = attributes.get("href", "#")
            expect(href.startswith("#"), f"a link to {href}")
            wanted.extend(attributes.get("aria-labelledby", "").split())
            wanted.extend([href[1:]] if href != "#" else [])
            ids.extend([attributes["id"]] if "id" in attributes else [])
            if tag not in void:
                open_tags.append(tag)

        def handle_startendtag(self, tag, attributes):
            self.handle_starttag(tag, attributes)
            if tag not in void:
                open_tags.pop()

        def handle_endtag(self, tag):
            expect(open_tags and open_tags[-1] == tag, f"</{tag}> in {open_tags[-3:]}")
            open_tags.pop()

    checker = Checker()
    checker.feed(page)
    checker.close()
    expect(not open_tags, f"left open: {open_tags}")
    expect(len(ids) == len(set(ids)), f"twice: {[i for i in ids if ids.count(i) > 1][:5]}")
    expect(not set(wanted) - set(ids), f"nowhere: {set(wanted) - set(ids)}")
    expect("http:" not in page and "https:" not in page, "an address")
    expect(len(page.encode()) < 10**6, f"{len(page.encode())} bytes")


def check_schema(told):
    try:
        import jsonschema
    except ImportError:
        return
    schema = json.loads((SOURCE / "docs" / "audit-report.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(told)


def given(folder, findings, name="given.json"):
    (folder / name).write_text(findings if isinstance(findings, str) else json.dumps(findings))
    return name


def verdicts(folder):
    """Findings for each verdict of each layer."""
    fine = json.loads((folder / "fine" / "attack.json").read_text())
    refuted = json.loads((folder / "past" / "attack.json").read_text())
    refuted.update(verdict="REFUTED", inclusion="coins")
    worst = next(a for a in refuted["attacks"] if a["verdict"] == "exposed")
    worst["verdict"] = "refuted"
    worst["epsilon"]["by_coins"] = 0.5
    unfair = copy.deepcopy(fine)
    unfair["verdict"] = "INCONCLUSIVE"
    unfair["conditions"][0]["holds"] = False
    for attack_ in unfair["attacks"]:
        attack_["verdict"] = "inconclusive"
    allowed = json.loads((folder / "within" / "attack.json").read_text())
    yield "attack-fine", fine, "None of"
    yield "attack-refuted", refuted, "more than the promise allows"
    yield "attack-unfair", unfair, "could not be compared fairly"
    yield "attack-allowed", allowed, "NOT REFUTED: attacks succeed, within what is promised"
    for layer, sentence in (("verify", "says about itself is not so"),
                            ("conform", "not the noise that is claimed"),
                            ("game", "does not keep the promise")):
        found = json.loads((folder / f"{layer}.json").read_text())
        own = next(f for f in found["findings"] if f["verdict"] == "holds" and
                   (layer != "conform" or f["id"].startswith("C")))
        own["verdict"] = "refuted"
        found["verdict"] = "REFUTED"
        yield f"{layer}-refuted", copy.deepcopy(found), sentence
        own["verdict"] = "inconclusive"
        found["verdict"] = "INCONCLUSIVE"
        yield f"{layer}-open", found, "neither for nor against"


def refused(folder, word, *inputs, code=65):
    done = audit(folder, "report", *inputs, "--out", "no.html", *DATE, expected=(code,))
    expect(word in done.stderr, f"{word!r}: {done.stderr}")
    left = list(folder.glob("no.*"))
    expect(not left, f"{inputs} left {left}")


def main(tests):
    """Each test in a copy of the same folder."""
    count = Count()
    with tempfile.TemporaryDirectory() as base:
        made = pathlib.Path(base) / "made"
        made.mkdir()
        prepare(made)
        for number, test in enumerate(tests):
            folder = pathlib.Path(base) / str(number)
            shutil.copytree(made, folder)
            count.run(test.__name__, test, folder)
    return count.end()
