#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The report over what the other commands found: what stands on the page, what a pipeline is
told, what a ledger may hold, and what strangers' texts cannot do.

usage: test_audit_report.py SILHOUETTE SILHOUETTE-AUDIT [--update]
--update writes the golden files anew.
The last line is "N passed, N failed, N skipped".
"""
import copy
import hashlib
import json
import os
import random
import re
import shutil
import sys

from audit_kit import expect, generate
from report_kit import (DATE, FINDINGS, HERE, attack, audit, check_schema, given, layers_of, main,
                        refused, report, text_of, verdicts, well_formed)


def golden(name, text):
    path = HERE / "expected" / name
    if sys.argv[3:] == ["--update"]:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    expect(path.read_text() == text, f"{name} differs: look at it, then run with --update")


# ---- what stands on the page


def both_files_are_the_golden_ones(folder):
    shutil.copytree(FINDINGS, folder / "findings")
    names = [f"findings/{path.name}" for path in sorted(FINDINGS.glob("*.json"))]
    code, page, told = report(folder, *names, "--auditor", "Ada O'Nym", "--fail-on",
                              "exposed,identical=0.2,epsilon=1,missing=game")
    expect(code == 1, f"{code}")
    well_formed(page)
    check_schema(told)
    expect("discovery of values" in page and "delta 1e-07" in page, "no stage of a discovery")
    golden("audit-report.html", page)
    golden("audit-report.json", re.sub(r'"salt": "[0-9a-f]{64}"', '"salt": "SALT"',
                                       (folder / "out.json").read_text()))


def all_layers_are_in_one_document(folder):
    code, page, told = report(folder, "leaky", "bundle", "conform.json", "game.json")
    well_formed(page)
    check_schema(told)
    expect(code == 1, f"{code}")
    expect(layers_of(told) == {"verify": "NOT REFUTED", "conform": "NOT REFUTED",
                               "game": "NOT REFUTED", "attack": "EXPOSED",
                               "selftest": "NOT EXAMINED"}, f"{layers_of(told)}")
    words = text_of(page)
    for needed in ("Confidential.", "not signed", "EXPOSED: an attack made for this test succeeded",
                   "20.0 % of the people whose data were used",
                   "0.0 % of people whose data were not", "at most 60.5 times in 100",
                   "epsilon 2 and delta 1e-6", "Scope and provenance", "Public inputs",
                   "SP 800-226", "27559", "WP216", "28/2024", "ICO", "How to do it again",
                   "--seed 1", "Who may read this", "Limits, and the risk that remains"):
        expect(needed in words, f"the page lacks {needed!r}")
    found = (folder / "leaky" / "attack.json").read_bytes()
    expect(told["inputs"][0]["findings"] == json.loads(found), "findings were changed")
    digest = hashlib.sha256(found).hexdigest()
    expect(told["inputs"][0]["sha256"] == digest and digest in page, "no hash of the findings")
    rows = hashlib.sha256((folder / "bundle" / "data.csv").read_bytes()).hexdigest()
    expect(rows in page, "no hash of the rows")


def figures_have_words_and_stand_beside_those_of_non_members(folder):
    page = report(folder, "leaky")[1]
    pictures = re.findall(r"<svg role=\"img\".*?</svg>", page, re.S)
    expect(len(pictures) >= 4, f"{len(pictures)} pictures")
    for picture in pictures:
        expect(re.search(r"<title id=[^>]*>[^<]{10,}</title>\s*<desc id=[^>]*>[^<]{20,}</desc>",
                         picture), picture[:200])
    curves = [p for p in pictures if "members found against" in p]
    expect(curves and all("of non-members are accused" in p for p in curves), "no words")
    bars = next(p for p in pictures if "How often each attack succeeds" in p)
    expect(bars.count('class="member"') == bars.count('class="other"') > 0, "bars are alone")
    spread = next(p for p in pictures if "nearest synthetic row" in p)
    expect(spread.count('class="member"') == spread.count('class="other"') == 24, "bins")
    expect("@media print" in page and 'lang="en"' in page, "no style for print, no language")
    attacks = json.loads((folder / "leaky" / "attack.json").read_text())["attacks"]
    for attack_ in [a for a in attacks if a["rates"]]:
        members, others = (f"{100 * attack_['rates'][who]:.1f}\u00a0%"
                           for who in ("members", "non_members"))
        row = re.search(rf"<tr><td>[^<]*</td><th scope=\"row\">{re.escape(attack_['name'])}</th>"
                        r".*?</tr>", page, re.S)
        expect(row, f"no row of {attack_['name']}")
        if min(attack_["rates"][who] for who in ("members", "non_members")) >= 0.01:
            expect(members in row.group() and others in row.group(), row.group())


def the_curve_is_where_the_numbers_are(folder):
    """A ROC point in the middle of the logarithmic axes is drawn in the middle."""
    found = json.loads((FINDINGS / "attack.json").read_text())
    for attack_ in found["attacks"]:
        if attack_["roc"]:
            attack_["roc"] = [[0, 0], [10 ** -1.5, 10 ** -1.5], [1, 1]]
    page = report(folder, given(folder, found))[1]
    line = re.search(r'<polyline class="curve" points="([^"]*)"', page).group(1).split()
    points = [tuple(map(float, point.split(","))) for point in line]
    for axis in (0, 1):
        middle = (points[0][axis] + points[2][axis]) / 2
        expect(abs(points[1][axis] - middle) < 0.2, f"{points}")
    expect(points[0][0] < points[2][0] and points[0][1] > points[2][1], f"{points}")


def every_verdict_is_in_words_that_promise_nothing(folder):
    codes = {"NOT REFUTED": 0, "INCONCLUSIVE": 2, "REFUTED": 1, "EXPOSED": 1}
    for name, found, sentence in verdicts(folder):
        code, page, told = report(folder, given(folder, found))
        words = text_of(page)
        expect(sentence in words, f"{name}: {sentence!r} is not there")
        expect(code == codes[found["verdict"]] == told["exit_code"], f"{name}: {code}")
        expect(not re.search(r"\b(safe|safely|anonym)", page, re.I), f"{name} promises")
        well_formed(page)


def all_answers_stand_before_any_detail(folder):
    """Whoever reads one page only has read all of them, and what they mean."""
    words = text_of(report(folder, "leaky", "bundle")[1])
    places = [words.index(text) for text in (
        "The papers that come with the rows tell the truth: NOT REFUTED",
        "hide each single person were really added: NOT EXAMINED",
        "keeps its promise when it is tested: NOT EXAMINED",
        "do not give away the people they were made from: EXPOSED", "What the answers mean", "not that anybody did",
        "What was seen", "Claim 1 of 4")]
    expect(places == sorted(places), f"{places}")


def what_accuses_most_is_told_and_held_against_the_promise(folder):
    """The attack that proves the largest epsilon, at the rate where it passes its ceiling."""
    attack(folder, "claimed", 200, "--claim", "1,1e-6")
    found = json.loads((folder / "claimed" / "attack.json").read_text())
    accusing = [a for a in found["attacks"] if a["verdict"] == "exposed"]
    worst = max(accusing, key=lambda a: a["epsilon"]["lower"])
    words = text_of(report(folder, "claimed")[1])
    expect(f"The worst result is that of the attack {worst['name']}" in words, "another attack")
    for text in "more than is promised about the people", "strong evidence, but no proof":
        expect(text in words, f"{text!r} is not there")
    scored = next(a for a in accusing if a["auc"])
    scored["epsilon"]["lower"] = worst["epsilon"]["lower"] + 1
    at = next(at for at in scored["tpr_at_fpr"] if at["interval"][0] > at["ceiling"])
    words = text_of(report(folder, given(folder, found))[1])
    expect(f"finds {100 * at['tpr']:.1f} % of those whose data were. The promise allows "
           f"{100 * at['ceiling']:.1f} %" in words, words[words.index("EXPOSED:"):][:900])
    sentence = "It saw the noisy counts of the transcript, which say more than the rows."
    expect(sentence not in words, "an attack on rows is said to have had more")
    scored["name"] = "white-box-likelihood-ratio"
    words = text_of(report(folder, given(folder, found))[1])
    expect(f"{scored['name']}: {sentence}" in words.replace("\u201c", "").replace("\u201d", ""),
           words[words.index("EXPOSED:"):][:900])


def every_file_that_was_attacked_is_named_once(folder):
    found = json.loads((folder / "leaky" / "attack.json").read_text())
    other = json.loads((folder / "fine" / "attack.json").read_text())
    words = text_of(report(folder, "leaky", given(folder, found), "fine")[1])
    for digest in (found["files"]["synthetic"], other["files"]["synthetic"]):
        expect(words.count(f"fingerprint {digest}") == 1, f"{digest} is not named once")


def a_layer_that_tested_nothing_of_its_own_does_not_claim_to_have(folder):
    found = json.loads((folder / "conform.json").read_text())
    found["findings"] = [f for f in found["findings"] if not f["id"].startswith("C")]
    words = text_of(report(folder, given(folder, found))[1])
    expect("could not be tested" in words and "as large and as random" not in words,
           "a test that was not made was told of")


def reservations_stand_on_the_first_page(folder):
    """A ledger that nobody compared with its owner's word; inputs that the promise leaves out."""
    found = json.loads((FINDINGS / "verify.json").read_text())
    words = text_of(report(folder, given(folder, found))[1])
    expect("rest on another one" in words, "the ledger is not doubted")
    expect("1 of the inputs beside the records was chosen after a look" in words, "an input that was looked at is not told")
    for finding in found["findings"]:
        finding["verdict"] = "holds"
    for one in found["inputs"]:
        one["source"] = "public"
    words = text_of(report(folder, given(folder, found))[1])
    expect("rest on another one" not in words and "after a look" not in words, "doubted for nothing")


def parts_about_different_things_are_named(folder):
    notices = report(folder, "fine", "bundle", "game.json")[2]["notices"]
    expect(len(notices) == 2 and "epsilon 1 " in notices[0] and "not the rows" in notices[1],
           f"{notices}")
    found = json.loads((folder / "fine" / "attack.json").read_text())
    found["files"]["synthetic"] = hashlib.sha256(
        (folder / "bundle" / "data.csv").read_bytes()).hexdigest()
    game = json.loads((folder / "game.json").read_text())
    game["epsilon"] = 2.0
    _, page, told = report(folder, given(folder, found), given(folder, game, "g.json"), "bundle")
    expect(told["notices"] == [] and "same thing" not in page, f"{told['notices']}")
    within = json.loads((folder / "within" / "attack.json").read_text())
    told = report(folder, "game.json", given(folder, within))[2]["notices"]
    expect(len(told) == 1 and "different promises: epsilon 2 " not in told[0] and
           "epsilon 1 and delta 1e-06, and epsilon 20 and" in told[0], f"{told}")
    past = {**within, "claim": {"epsilon": 1.0, "delta": 1e-6}}
    for attack_ in past["attacks"]:
        attack_["verdict"] = "inconclusive"
    past["conditions"][0]["holds"], past["verdict"] = False, "INCONCLUSIVE"
    expect(not report(folder, "game.json", given(folder, past))[2]["notices"], "for nothing")
    _, page, told = report(folder, given(folder, {**found, "person": "<pid>"}), "bundle")
    expect(any("about one record" in notice for notice in told["notices"]), f"{told['notices']}")
    expect("persons that the generator was given" in page and "column &lt;pid&gt;" in page, "rows")
    other = json.loads((folder / "verify.json").read_text())
    other["subject"]["release"] = "0" * 32
    told = report(folder, given(folder, other), "bundle")[2]
    expect("more than one release" in " ".join(told["notices"]), f"{told['notices']}")


# ---- strangers

EVIL = ("</td></tr></table></section><script>alert(1)</script><svg onload=alert(2)>"
        "<!--\"'&amp;&#60;script> \u202eesrever \u200b\u0007\u0085 javascript:alert(3) %s%n ")


def spoil(value, text):
    """The same with every text that may be any text replaced."""
    if isinstance(value, dict):
        fixed = ("verdict", "family", "targets", "result", "command", "layer", "sha256")
        return {key: value[key] if key in fixed else spoil(value[key], text) for key in value}
    if isinstance(value, list):
        return [spoil(item, text) for item in value]
    return text if isinstance(value, str) else value


def texts_of_strangers_are_texts(folder):
    names = []
    for path in sorted(FINDINGS.glob("*.json")):
        names.append(given(folder, spoil(json.loads(path.read_text()), EVIL), path.name))
    _, page, _ = report(folder, *names, "--auditor", EVIL[:150].replace("\u0007", ""))
    well_formed(page)
    for bad in ("<script", "onload=alert(2)>", "<!--", "\u202e", "\u200b", "\u0007", "\u0085"):
        expect(bad not in page, f"{bad!r} is on the page")
    expect("&lt;script&gt;alert(1)" in page, "the text is not there at all")


def long_texts_and_long_lists_do_not_make_a_long_page(folder):
    names = []
    for path in sorted(FINDINGS.glob("*.json")):
        names.append(given(folder, spoil(json.loads(path.read_text()), "&'" * 20000), path.name))
    found = json.loads((FINDINGS / "attack.json").read_text())
    for attack_ in found["attacks"]:
        attack_["p"] = attack_["p_adjusted"] = float(attack_["verdict"] == "not-refuted")
    found["attacks"] = (found["attacks"] * 20)[:96]
    found = spoil(found, "<\U0001f600" * 400)
    names += [given(folder, found, f"many-{i}.json") for i in range(5)]
    papers = json.loads((FINDINGS / "verify.json").read_text())
    papers["inputs"] = papers["inputs"] * 400
    papers["findings"] = (papers["findings"] * 20)[:64]
    names += [given(folder, spoil(papers, "\"x" * 150), f"wide-{i}.json") for i in range(5)]
    _, page, told = report(folder, *names)
    well_formed(page)
    expect("more are in the JSON" in page, "nothing was left out")
    expect(len(told["inputs"]) == len(names), "inputs were left out")
    expect(len(told["inputs"][-1]["findings"]["inputs"]) == len(papers["inputs"]), "of JSON, too")


def changes_of(found, dice):
    """Everywhere, one after the other: another kind of value, or none."""
    others = [None, True, -1, 0.5, 1e308, "x", [], {}, [1, 2, 3], {"a": 1}, 10**15]
    places = []

    def walk(value, path):
        items = (value.items() if isinstance(value, dict) else
                 enumerate(value[:2]) if isinstance(value, list) else ())
        for key, item in items:
            places.append(path + [key])
            walk(item, path + [key])

    walk(found, [])
    for place in dice.sample(places, len(places) // 2):
        changed = copy.deepcopy(found)
        at = changed
        for key in place[:-1]:
            at = at[key]
        if dice.random() < 0.2:
            del at[place[-1]]
        else:
            at[place[-1]] = dice.choice(others)
        yield place, changed


def no_change_of_the_findings_does_harm(folder):
    dice = random.Random(11)
    refused = told = 0
    for path in sorted(FINDINGS.glob("*.json")):
        for place, changed in changes_of(json.loads(path.read_text()), dice):
            done = audit(folder, "report", given(folder, changed), "--out", "out.html", *DATE,
                         expected=(0, 1, 2, 65))
            if done.returncode == 65 or not (folder / "out.html").exists():
                refused += 1
                expect(done.stderr.startswith("silhouette-audit: ") and
                       done.stderr.count("\n") == 1, f"{place}: {done.stderr}")
                continue
            told += 1
            well_formed((folder / "out.html").read_text())
            (folder / "out.html").unlink()
    expect(refused > 80 and told > 25, f"{refused} refused, {told} told")


def findings_that_contradict_themselves_are_refused(folder):
    for name, found, _ in verdicts(folder):
        for said in ("NOT REFUTED", "INCONCLUSIVE", "EXPOSED", "REFUTED"):
            if said != found["verdict"]:
                refused(folder, "its own findings say", given(folder, {**found, "verdict": said}))
    attack_ = json.loads((FINDINGS / "attack.json").read_text())
    refused(folder, "version", given(folder, {**attack_, "version": 2}), code=2)


def verdicts_of_attacks_follow_from_their_figures(folder):
    leaky, past, within, fine = (json.loads((folder / name / "attack.json").read_text())
                                 for name in ("leaky", "past", "within", "fine"))
    bad = copy.deepcopy(leaky)
    for attack_ in bad["attacks"]:
        attack_["verdict"] = "not-refuted"
    bad["verdict"] = "NOT REFUTED"
    refused(folder, "its own figures say", given(folder, bad))
    for attack_ in bad["attacks"]:
        attack_["p_adjusted"] = 1.0
    refused(folder, "adjusted p-values do not follow", given(folder, bad))
    for found, verdict, whole in ((fine, "exposed", "EXPOSED"), (leaky, "refuted", "REFUTED"),
                                  (within, "exposed", "EXPOSED"),
                                  (past, "not-refuted", "EXPOSED"),
                                  (fine, "not-examined", "NOT REFUTED")):
        bad = copy.deepcopy(found)
        least = min(bad["attacks"], key=lambda a: 1 if a["p"] is None else a["p"])
        least["verdict"], bad["verdict"] = verdict, whole
        refused(folder, "its own figures say", given(folder, bad))
    bad = copy.deepcopy(fine)
    bad["conditions"][0]["holds"] = False
    refused(folder, "its own figures say", given(folder, bad))
    bad = copy.deepcopy(leaky)
    next(a for a in bad["attacks"] if a["epsilon"])["epsilon"]["hits"] = 10**9
    refused(folder, "other numbers of targets", given(folder, bad))
    for found in (past, within):
        report(folder, given(folder, found))


def games_without_a_promise_are_refused(folder):
    game = json.loads((folder / "game.json").read_text())
    for key in ("epsilon", "delta", "runs", "seed"):
        refused(folder, f"{key} is missing",
                given(folder, {k: v for k, v in game.items() if k != key}))
    refused(folder, "an epsilon below 0", given(folder, {**game, "epsilon": -1.0}))
    claimed = json.loads((folder / "within" / "attack.json").read_text())
    claimed["claim"]["epsilon"] = -20.0
    refused(folder, "an epsilon below 0", given(folder, claimed))


def rows_made_to_order_are_called_so(folder):
    generate(folder, "release", "--model", "bank.model", "--ledger", "bank.csv.ledger", "--out",
             "other", "--where", "age >= 40", "--rebalance", "region=north:0.5,south:0.1", "--quiet")
    words = text_of(report(folder, "other")[1])
    for needed in ("The rows were made to order.", "age >= 40", "region=north:0.5,south:0.1",
                   "Take no share, number or average of these rows for one of real people"):
        expect(needed in words, f"the page lacks {needed!r}")
    expect("made to order" not in text_of(report(folder, "bundle")[1]), "of other rows, too")
    verified = json.loads((folder / "verify.json").read_text())
    verified["subject"]["order"] = {"where": None, "rebalance": [3], "fair": None}
    refused(folder, "shares that are no text", given(folder, verified))


def days_and_files_are_what_they_are(folder):
    for day in ("2026-99-99", "2026-02-29", "2100-02-29", "2026-04-31", "2026-00-10",
                "2026-01-00", "0000-01-01", "2026-1-01", "20261-1-1"):
        done = audit(folder, "report", "game.json", "--out", "no.html", "--date", day,
                     expected=(64,))
        expect("must be a day" in done.stderr, f"{day}: {done.stderr}")
    for day in ("2024-02-29", "2000-02-29", "2026-12-31"):
        audit(folder, "report", "game.json", "--out", "day.html", "--date", day)
    os.mkfifo(folder / "pipe")
    (folder / "piped").mkdir()
    os.mkfifo(folder / "piped" / "attack.json")
    refused(folder, "pipe is not a regular file", "game.json", "--file", "pipe")
    refused(folder, "/dev/zero is not a regular file", "game.json", "--file", "/dev/zero")
    refused(folder, "is not a regular file", "piped")


def what_is_no_findings_is_refused(folder):
    attack_ = json.loads((FINDINGS / "attack.json").read_text())
    refused(folder, "not what", given(folder, {}))
    refused(folder, "no JSON", given(folder, '{"attacks": [NaN]}'))
    refused(folder, "no JSON", given(folder, '{"verdict": "a", "verdict": "b"}'))
    refused(folder, "no JSON", given(folder, '{"a": ' + "[" * 100000))
    refused(folder, "no JSON", given(folder, "{"))
    refused(folder, "larger", given(folder, "{" + " " * (4 << 20) + "}"))
    refused(folder, "not what", given(
        folder, {"verdict": "NOT REFUTED", "findings": []}))
    falling = copy.deepcopy(attack_)
    falling["distances"]["members_to_synthetic"]["distance"][3:5] = [0.5, 0.1]
    refused(folder, "quantiles", given(folder, falling))
    many = copy.deepcopy(attack_)
    many["attacks"][0]["members"] = 2**31 + 1
    refused(folder, "more records than there can be", given(folder, many))
    refused(folder, "cannot read", "nowhere", code=74)
    (folder / "empty").mkdir()
    refused(folder, "neither a bundle nor a folder", "empty")
    os.mkfifo(folder / "pipe")
    refused(folder, "neither a file nor a folder", "pipe")
    refused(folder, "more than 24", *["game.json"] * 25)


def attacks_that_name_a_release_are_refused(folder):
    """What verify and conform know of a release, an attack on two files does not."""
    found = json.loads((folder / "fine" / "attack.json").read_text())
    found["subject"] = json.loads((folder / "verify.json").read_text())["subject"]
    refused(folder, "attacks that name a release", given(folder, found))


def findings_that_lie_in_a_bundle_are_not_believed(folder):
    planted = folder / "bundle" / "attack.json"
    shutil.copyfile(folder / "fine" / "attack.json", planted)
    refused(folder, "its maker may have written", "bundle")
    planted.unlink()
    (folder / "hollow").mkdir()
    shutil.copyfile(folder / "verify.json", folder / "hollow" / "verify.json")
    refused(folder, "neither a bundle nor a folder", "hollow")
    data = folder / "bundle" / "data.csv"
    data.write_bytes(data.read_bytes() + b"x\n")
    code, page, told = report(folder, "bundle")
    expect(code == 1 and layers_of(told)["verify"] == "REFUTED", f"{layers_of(told)}")
    expect("REFUTED: it is false" in text_of(page), "the page does not say so")


TESTS = [both_files_are_the_golden_ones, all_layers_are_in_one_document,
         figures_have_words_and_stand_beside_those_of_non_members,
         the_curve_is_where_the_numbers_are, every_verdict_is_in_words_that_promise_nothing,
         all_answers_stand_before_any_detail,
         what_accuses_most_is_told_and_held_against_the_promise,
         every_file_that_was_attacked_is_named_once,
         a_layer_that_tested_nothing_of_its_own_does_not_claim_to_have,
         reservations_stand_on_the_first_page, parts_about_different_things_are_named,
         texts_of_strangers_are_texts,
         long_texts_and_long_lists_do_not_make_a_long_page, no_change_of_the_findings_does_harm,
         findings_that_contradict_themselves_are_refused,
         verdicts_of_attacks_follow_from_their_figures, games_without_a_promise_are_refused,
         rows_made_to_order_are_called_so, days_and_files_are_what_they_are,
         what_is_no_findings_is_refused,
         attacks_that_name_a_release_are_refused,
         findings_that_lie_in_a_bundle_are_not_believed]


if __name__ == "__main__":
    sys.exit(main(TESTS))
