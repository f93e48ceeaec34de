#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ledgers of several people: authorities who approve and grant, lost keys, successors.

The authority signs with the stock minisign program; without it those cases are skipped."""
import json
import shlex

from harness import case, expect, main
from ledger_kit import CAP, STATE, House, fit, status

@case("several people: init, approve, grant, fit, with stock minisign")
def _(tool):
    house = House(tool)
    house.found()
    tool.refuses(77, *fit("--ledger", "l", *house.signers[:4]),
                 says=["silhouette ledger grant l"])
    tool.refuses(64, "ledger", "grant", "l", "--epsilon", "1", "--purpose", "p",
                 "--expires", "2099-12-31", *house.signers,
                 says=["--body=FILE is needed"])
    tool.refuses(64, "ledger", "close", "l", "--reason", "r", *STATE,
                 says=["--body=FILE is needed"])
    tool.refuses(64, "ledger", "close", "l", "--reason", "r", "--body", "body", *STATE,
                 says=["body is there already"])
    answer = house.propose("grant", "l", "--epsilon", "1", "--purpose", "a table",
                           "--expires", "2099-12-31")
    house.sign(answer, "alice", "bob", "carol")
    tool.refuses(1, *house.approval("alice"), says=["K2"])
    tool.refuses(1, *house.approval("alice", "alice"), says=["K4"])
    tool.refuses(65, *house.approval("alice", "carol"), says=["carol.sig"])
    house.sign(answer, "bob", comment="silhouette/v1 grant of more")
    tool.refuses(65, *house.approval("alice", "bob"), says=["trusted comment"])
    house.sign(answer, "bob")
    tool.succeeds(*house.approval("alice", "bob"))
    tool.refuses(1, *house.approval("alice", "bob"), says=["B6", "recorded already"])
    tool.succeeds(*fit("--ledger", "l", *house.signers[:4]))
    tool.refuses(77, "ledger", "grant", "l", "--epsilon", "2", "--purpose", "p",
                 "--expires", "2099-12-31", "--body", "more", *STATE)
    tool.succeeds("ledger", "grant", "l", "--rho", "rest", "--purpose", "p",
                  "--expires", "2099-12-31", "--body", "rest", *STATE)


@case("two grants with room: they are listed, and what fits is of the one that is named")
def _(tool):
    house = House(tool)
    house.found()
    for epsilon, purpose in ("1", "a table"), ("0.5", "a map"):
        house.approved("grant", "l", "--epsilon", epsilon, "--purpose", purpose,
                       "--expires", "2099-12-31")
    large, small = (grant["id"][:8] for grant in status(tool)["grants"])
    spend = ("--ledger", "l", *house.signers[:4])
    tool.refuses(64, *fit(*spend, epsilon="0.1"),
                 says=["--grant", f"{large} (for 'a table', until 2099-12-31",
                       f"{small} (for 'a map', until 2099-12-31"])
    tool.refuses(77, *fit(*spend, "--grant", small, epsilon="0.9"),
                 says=[f"--grant {small} --epsilon 0.5 fits"])
    tool.succeeds(*fit(*spend, "--grant", small, epsilon="0.5"))
    tool.refuses(77, *fit(*spend, "--grant", small, epsilon="0.9", out="b.model"),
                 says=[f"--grant {large} --epsilon 1 fits"])


def typed(answer):
    """The words of the line that approves, as the answer says it."""
    line = answer[answer.index("silhouette ledger approve"):].replace("\\\n", " ")
    return shlex.split(line.splitlines()[0])[1:]


@case("the line that approves works as it is printed, with the names of the signatures")
def _(tool):
    house = House(tool)
    house.found()

    def approve(answer, *more):
        for name, letter in zip(("alice", "bob", "carol"), "ABC"):
            house.sign(answer, name)
            tool.path(f"{name}.sig").rename(tool.path(f"{letter}.minisig"))
        expect("-x A.minisig" in answer, f"no authority overwrites another: {answer}")
        words = typed(answer)
        expect("A.minisig" in words and "B.minisig" in words, f"two are needed: {words}")
        tool.succeeds(*words, *more)

    approve(house.propose("grant", "l", "--epsilon", "1", "--purpose", "a table",
                          "--expires", "2099-12-31", *house.signers[:4]))
    tool.succeeds("key", "new", "--role", "curator", "--unencrypted", "--out", "my new")
    answer = house.propose("rotate", "l", "--role", "curator", "--add", "my new.pub",
                           "--revoke", house.key_id("curator.key")[:8],
                           *house.signers[:4])
    words = typed(answer)
    expect(words[words.index("--curator") + 1] == "my new", f"the new key: {words}")
    approve(answer)


@case("init and quickstart refuse what is no unit of privacy")
def _(tool):
    House(tool)
    for unit in "id:person", "id:person:0", "id::3", "person", "ROW":
        tool.refuses(64, "ledger", "quickstart", "l", *CAP, "--unit", unit, *STATE,
                     says=["row"])
        tool.refuses(64, "ledger", "init", "l", *CAP, "--unit", unit, "--authority",
                     "alice.pub", "--curator", "curator.key", "--log", "log.key",
                     "--data", "data.csv", "--unencrypted", "--body", "b", *STATE,
                     says=["row"])


@case("lost keys: the curator's, the log's, an authority's, as the guide says")
def _(tool):
    house = House(tool)
    house.found()
    house.grant()
    for role in "curator", "log":
        tool.succeeds("key", "new", "--role", role, "--unencrypted", "--out",
                      f"new-{role}.key")
        answer = house.propose("rotate", "l", "--role", role, "--add",
                               f"new-{role}.key.pub", "--revoke",
                               house.key_id(f"{role}.key")[:8], "--reason", "lost")
        house.sign(answer, "alice", "bob")
        tool.path(f"{role}.key").unlink()
        house.signers[house.signers.index(f"{role}.key")] = f"new-{role}.key"
        tool.succeeds(*house.approval("alice", "bob"))
    tool.succeeds(*fit("--ledger", "l", *house.signers[:4]))
    answer = house.propose("rotate", "l", "--role", "authority", "--add", "carol.pub",
                           "--name", "carol", "--revoke", house.key_id("bob"),
                           "--reason", "bob left")
    expect("of\nthe authorities after it" in answer, f"the new ones too: {answer}")
    house.sign(answer, "alice", "bob", "carol")
    # The old two of two, and the new two of two: alice counts in both.
    tool.succeeds(*house.approval("alice", "bob", "carol"))
    answer = house.propose("close", "l", "--reason", "done")
    house.sign(answer, "alice", "bob", "carol")
    tool.refuses(1, *house.approval("alice", "bob"), says=["K5", "revoked"])
    tool.succeeds(*house.approval("alice", "carol"))
    tool.succeeds("ledger", "verify", "l", *STATE)


@case("a successor cites the final checkpoint of the ledger before it")
def _(tool):
    house = House(tool)
    house.found()
    answer = json.loads(tool.succeeds("ledger", "verify", "l", "--json", *STATE).out)
    tool.succeeds("ledger", "init", "m", *CAP, "--authority", "carol.pub", "--curator",
                  "curator.key", "--log", "log.key", "--data", "data.csv",
                  "--unencrypted", "--parent", "l", "--body", "m.body", *STATE)
    expect(bytes.fromhex(answer["ledger"]) in tool.path("m.body").read_bytes(),
           "the parent's id is in the genesis")
    tool.succeeds("ledger", "quickstart", "q", *CAP, "--parent", "l", *STATE)
    for command in "status", "log":
        words = tool.succeeds("ledger", command, "q", *STATE).out
        expect(answer["ledger"] in words and "succeeds" in words, words)


@case("a grant says what of the delta for discovery may be spent")
def _(tool):
    house = House(tool)
    house.found("--discovery-delta", "1e-10")
    schema = json.loads(tool.path("schema.json").read_text())
    schema["fields"][0].update(categories=["female"], silhouette={"open": True})
    tool.write("open.json", schema)
    grant = ("grant", "l", "--epsilon", "0.5", "--purpose", "a table", "--expires", "2099-12-31")
    run = ["open.json" if word == "schema.json" else word
           for word in fit("--ledger", "l", *house.signers[:4])]
    house.approved(*grant)
    tool.refuses(77, *run, says=["delta"])
    tool.refuses(77, "ledger", *grant, "--discovery-delta", "2e-10", "--body", "b", *STATE,
                 says=["delta"])
    house.approved(*grant, "--discovery-delta", "6e-11")
    tool.refuses(77, *run, says=["delta"])
    tool.succeeds(*run, "--discovery-delta", "6e-11")
    words = tool.succeeds("ledger", "status", "l", *STATE).out
    expect("Discovery 1e-10 of that delta: granted 6e-11, spent 6e-11" in words, words)
    words = tool.succeeds("ledger", "log", "l", *STATE).out
    expect(words.count(" and delta 6e-11 for discovery") == 2 and
           "the values of 1 field looked for, 3 tables measured" in words, words)


@case("a successor protects whom the ledger before it protects, unless told otherwise")
def _(tool):
    tool.succeeds("ledger", "quickstart", "l", *CAP, "--unit", "id:who:3", "--neighbours",
                  "replace-one", *STATE)
    for name, more, unit, neighbours in (
            ("same", (), "id:who:3", "replace-one"),
            ("fewer", ("--unit", "row"), "row", "replace-one"),
            ("other", ("--neighbours", "add-remove"), "id:who:3", "add-remove")):
        tool.succeeds("ledger", "quickstart", name, *CAP, "--parent", "l", *more, *STATE)
        said = json.loads(tool.succeeds("ledger", "status", name, "--json", *STATE).out)
        expect((said["unit"], said["neighbours"]) == (unit, neighbours), f"{name}: {said}")


if __name__ == "__main__":
    main()
