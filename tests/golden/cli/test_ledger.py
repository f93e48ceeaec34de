#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ledgers as one person uses them, with witnesses, and keys."""
import json
import os
import re
import resource
import shutil

from harness import Skip, case, expect, main, prepare
from ledger_kit import CAP, STATE, fit, fraction, n_entries, quickstart, status

# ---------------------------------------------------------------- one person

@case("quickstart: a ledger, its keys, one grant of the whole cap")
def _(tool):
    answer = quickstart(tool).out
    for text in "NOT encrypted", "l.keys", "silhouette synth", "tell this id":
        expect(text in answer, f"{text!r} is not said: {answer}")
    modes = {path.name: path.stat().st_mode & 0o777
             for path in tool.path("l.keys").iterdir()}
    expect(tool.path("l.keys").stat().st_mode & 0o777 == 0o700, "the folder of the keys")
    expect(tool.path("l").stat().st_mode & 0o777 == 0o700, "the folder of the ledger")
    for name, mode in modes.items():
        expect(mode == (0o644 if name.endswith(".pub") else 0o600), f"{name}: {mode:o}")
    found = status(tool)
    expect(found["cap_rho"] == found["granted_rho"], "the whole cap is granted")
    expect("roles-shared" in found["claim"] and "unwitnessed" in found["claim"], "claim")
    tool.refuses(64, "ledger", "quickstart", "l", *CAP, *STATE)


@case("fit: debits, measures, and is refused when the grant is short")
def _(tool):
    quickstart(tool)
    tool.succeeds(*fit("--ledger", "l", epsilon="1.5"))
    found = status(tool)
    expect(len(found["runs"]) == 1 and found["runs"][0]["finished"], f"{found['runs']}")
    expect(n_entries(tool) == 5, "genesis, grant, data, reserve, measure")
    expect(float(found["next_epsilon"]) > 0.5, "room for half an epsilon and more")
    tool.refuses(77, *fit("--ledger", "l", epsilon="1.5", out="second.model"),
                 says=["left", "too much", f"--epsilon {found['next_epsilon']}"])
    expect(n_entries(tool) == 5, "a refused run leaves no entry")
    tool.succeeds(*fit("--ledger", "l", epsilon=found["next_epsilon"], out="b.model"))
    text = tool.succeeds("inspect", "out.model", "--ledger", "l", *STATE).out
    expect("checked: l" in text and "LEDGERED" not in text.upper().split("LEDGER ")[0],
           f"inspect checks the ledger: {text}")
    answer = json.loads(tool.succeeds("inspect", "out.model", "--json", "--ledger", "l",
                                      *STATE).out)
    expect(answer["ledger_checked"] is True and answer["claim"]["ledgered"], f"{answer}")


@case("status and log: words, and JSON that programs can read")
def _(tool):
    quickstart(tool)
    tool.succeeds(*fit("--ledger", "l"))
    words = tool.succeeds("ledger", "status", "l", *STATE).out
    for text in ("Cap ", "Granted ", "Spent ", "Grant ", "Claim ", "Next ", "p/q"[:0],
                 "a next run of at most epsilon",
                 "Cap epsilon 2 at delta 1e-9 (rho 0.", "Spent epsilon 0.5 at delta 1e-9",
                 "epsilons do not add up; rho does", "one row", "other tables about the "
                 "same people are not counted"):
        expect(text in re.sub(r"\s+", " ", words) + " ", f"{text!r}: {words}")
    expect(all(len(line) < 80 for line in words.splitlines()), "fits 79 columns")
    log = tool.succeeds("ledger", "log", "l", *STATE).out
    for text in ("was opened", "allowed spending", "paid for before it drew noise",
                 "finished", "Signed by curator", "approved by"):
        expect(text in log, f"{text!r}: {log}")
    found = status(tool)
    expect([found[f"{name}_epsilon"] for name in ("cap", "granted", "spent")] ==
           ["2", "2", "0.5"], f"as the words say: {found}")
    entries = json.loads(tool.succeeds("ledger", "log", "l", "--json", *STATE).out)
    expect([entry["type"] for entry in entries["entries"]] ==
           ["genesis", "grant", "data", "reserve", "measure"], f"{entries}")


@case("without --ledger: a ledger beside the table, with the budget of the first run")
def _(tool):
    prepare(tool)
    budget = ("--delta", "1e-9")
    tool.succeeds(*fit(*budget))
    expect(tool.path("data.csv.ledger/entries").is_dir(), "data.csv.ledger")
    tool.refuses(77, *fit(out="again.model"),
                 says=["data.csv.ledger allows epsilon 0.5 at delta 1e-9 in all",
                       "silhouette ledger grant data.csv.ledger", "silhouette sample",
                       "quickstart NEW --parent data.csv.ledger"])
    tool.refuses(77, *fit(*budget, epsilon="0.01", out="again.model"),
                 says=["silhouette ledger grant data.csv.ledger"])
    tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", "--epsilon",
                  "1", *budget, "--no-ledger", "--mechanism", "independent", "--out",
                  "free.model")
    text = tool.succeeds("inspect", "free.model").out
    expect("UNLEDGERED" in text, "the result without a ledger says so")
    tool.refuses(64, "inspect", "free.model", "--ledger", "data.csv.ledger", *STATE,
                 says=["UNLEDGERED"])


@case("a delta of one's own: what it means beside that of the ledger is said")
def _(tool):
    quickstart(tool)
    said = "--delta 1e-6 is not the delta of the ledger, 1e-9"
    for delta, expected in (("1e-6", True), ("1e-9", False), ("0.000000001", False),
                            (None, False)):
        words = ("--delta", delta) if delta else ()
        err = tool.succeeds(*fit("--ledger", "l", *words, epsilon="0.1",
                                 out=f"{delta}.model")).err
        expect((said in err) == expected, f"{delta}: {err}")
    runs = status(tool)["runs"]
    expect(fraction(runs[0]["rho"]) > fraction(runs[1]["rho"]) == fraction(runs[3]["rho"]),
           f"the same epsilon costs more at a larger delta: {runs}")


@case("a mistyped name makes no ledger, and one that is not there is said to be missing")
def _(tool):
    prepare(tool)
    tool.refuses(74, *fit("--delta", "1e-9", data="datta.csv"), says=["datta.csv"])
    expect(not list(tool.path(".").glob("datta.csv.*")), "nothing beside no table")
    tool.refuses(74, *fit("--ledger", "none"),
                 says=["no ledger none", "silhouette ledger quickstart none --data-label"])
    for words in (["status"], ["log"], ["verify"], ["close", "--reason", "r"],
                  ["grant", "--rho", "rest", "--purpose", "p", "--expires", "2099-01-01"]):
        tool.refuses(74, "ledger", words[0], "none", *words[1:], *STATE,
                     says=["there is no ledger at none"])
    expect(not tool.path("none").exists(), "looking makes nothing")


@case("a folder that was deleted is missed, and no second history is begun")
def _(tool):
    quickstart(tool)
    tool.succeeds(*fit("--ledger", "l"))
    shutil.rmtree(tool.path("l"))
    tool.refuses(1, "ledger", "quickstart", "l", *CAP, *STATE,
                 says=["E-ROLLBACK", "put its folder back"])
    expect(not tool.path("l").exists(), "nothing was founded")


@case("a ledger is found under every name of its folder")
def _(tool):
    quickstart(tool)
    for name in "l/", "./l", "l/.", "l//":
        tool.succeeds(*fit("--ledger", name, epsilon="0.01", out=f"{len(name)}.model"))


@case("unit, neighbours and data are the ledger's")
def _(tool):
    quickstart(tool, "--data", "data.csv", "--neighbours", "replace-one")
    tool.refuses(64, *fit("--ledger", "l", "--neighbours", "add-remove"),
                 says=["replace-one"])
    tool.succeeds(*fit("--ledger", "l", "--neighbours", "replace-one"))
    tool.write("other.csv", tool.path("data.csv").read_text() + "male,3,true\n")
    tool.refuses(65, *fit("--ledger", "l", data="other.csv", out="o.model"),
                 says=["silhouette ledger data l --add CSV"])
    before = n_entries(tool)
    tool.succeeds("ledger", "data", "l", "--add", "other.csv", "--note", "more", *STATE)
    expect(n_entries(tool) == before + 1, "one entry")
    tool.succeeds(*fit("--ledger", "l", data="other.csv", out="o.model"))
    tool.refuses(64, "ledger", "data", "l", "--add", "other.csv", *STATE)


@case("verify: a table of checks, and the id of what does not hold")
def _(tool):
    quickstart(tool)
    tool.write("kept.note", tool.path("l/checkpoint").read_bytes().decode())
    tool.succeeds(*fit("--ledger", "l"))
    answer = json.loads(tool.succeeds("ledger", "verify", "l", "--json", "--pinned",
                                      "kept.note", *STATE).out)
    words = tool.succeeds("ledger", "verify", "l", *STATE).out
    for text in ("Cap        epsilon 2 at delta 1e-9 (rho ", "Spent      epsilon 0.5 at ",
                 "Keep a copy of l/checkpoint", "--pinned"):
        expect(text in words, f"{text!r}: {words}")
    tool.refuses(65, "ledger", "verify", "l", "--pinned", "data.csv", *STATE,
                 says=["--pinned data.csv: "])
    expect((answer["cap_epsilon"], answer["spent_epsilon"], answer["delta"]) ==
           ("2", "0.5", "1/1000000000"), f"as the words say: {answer}")
    found = status(tool)
    for member in "cap_rho", "cap_epsilon", "spent_rho", "spent_epsilon", "delta":
        expect(answer[member] == found[member], f"{member}: {answer} and {found}")
    checks = {check["id"]: check["result"] for check in answer["checks"]}
    expect(checks["W2"] == "holds" and checks["W1"] == "unwitnessed", f"{checks}")
    tool.succeeds("ledger", "verify", "l", "--ledger-id", answer["ledger"], *STATE)
    tool.refuses(1, "ledger", "verify", "l", "--ledger-id", "0" * 32, *STATE, says=["F6"])
    shutil.copytree(tool.path("l"), tool.path("copy"))
    for copied in tool.path("copy").rglob("*"):
        copied.chmod(0o755 if copied.is_dir() else 0o644)
    tool.succeeds("ledger", "verify", "copy", "--state", "elsewhere")
    tool.path("copy/entries/000000000002").chmod(0o664)
    tool.refuses(65, "ledger", "verify", "copy", "--state", "elsewhere", says=["go-w"])
    path = tool.path("l/entries/000000000001")
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(0o444)
    refusal = tool.run("ledger", "verify", "l", "--json", *STATE)
    expect(refusal.code == 1 and json.loads(refusal.out)["ok"] is False, f"{refusal}")
    tool.refuses(1, *fit("--ledger", "l", out="n.model"), says=["entry 1"])


@case("a rollback of the folder is noticed by what this machine remembers")
def _(tool):
    quickstart(tool)
    shutil.copytree(tool.path("l"), tool.path("backup"))
    tool.succeeds(*fit("--ledger", "l"))
    shutil.rmtree(tool.path("l"))
    shutil.copytree(tool.path("backup"), tool.path("l"))
    tool.refuses(1, *fit("--ledger", "l", out="n.model"), says=["E-ROLLBACK"])
    tool.refuses(1, "ledger", "status", "l", *STATE, says=["E-ROLLBACK"])


@case("close ends a ledger; disclose writes the key for an auditor, for its owner's eyes")
def _(tool):
    quickstart(tool)
    tool.succeeds(*fit("--ledger", "l"))
    tool.succeeds("ledger", "disclose", "l", "--out", "disclosure.json", *STATE)
    disclosure = json.loads(tool.path("disclosure.json").read_text())
    expect(len(disclosure["data_key"]) == 64, f"{disclosure}")
    expect(tool.path("disclosure.json").stat().st_mode & 0o777 == 0o600, "its mode")
    tool.refuses(64, "ledger", "notice", "l", "--release", "ab", "--reason", "r", *STATE,
                 says=["no release"])
    tool.succeeds("ledger", "close", "l", "--reason", "study ended", *STATE)
    refusal = tool.refuses(77, *fit("--ledger", "l", out="n.model"), says=["closed"])
    expect("cap" not in refusal.err and "grant" not in refusal.err, f"all: {refusal}")
    expect(status(tool)["closed"], "status says so")
    words = tool.succeeds("ledger", "status", "l", *STATE).out
    expect("left" not in words and "not granted yet" not in words, f"over: {words}")
    tool.refuses(77, "ledger", "grant", "l", "--rho", "1/1000000", "--purpose", "p",
                 "--expires", "2099-01-01", *STATE)


# ---------------------------------------------------------------- witnesses

@case("a witness by files: asks, cosigns, keeps, and refuses what is wrong")
def _(tool):
    quickstart(tool)
    answer = tool.succeeds("key", "new", "--role", "witness", "--name", "w.example",
                           "--unencrypted", "--out", "w.key").out
    witness = re.search(r"witness w.example (\S+)", answer).group(1)
    log = json.loads(tool.succeeds("ledger", "verify", "l", "--json", *STATE).out)
    tool.write("logs", f"log {log['log_key']}\nquorum none\n")
    tool.write("policy", f"log {log['log_key']}\nwitness w w.example"
               f"{witness[len('w.example'):]}\nquorum w\n")

    def ask(old):
        tool.succeeds("ledger", "cosign", "l", "--old", str(old), "--out", "request",
                      *STATE)

    def cosign(policy="logs"):
        return ("ledger", "cosign", "--request", "request", "--key", "w.key", "--name",
                "w.example", "--policy", policy, "--out", "line", "--state", "mine")

    verify = ("ledger", "verify", "l", "--policy", "policy", *STATE)
    tool.refuses(1, *verify, says=["W1", "quorum"])
    ask(0)
    tool.succeeds(*cosign())
    tool.succeeds("ledger", "cosign", "l", "--add", "line", "--policy", "policy", *STATE)
    tool.succeeds(*verify)
    expect(status(tool, "--policy", "policy")["witnesses"] == 1, "witnessed by one")
    tool.succeeds(*fit("--ledger", "l"))
    expect(status(tool, "--policy", "policy")["witnesses"] == 0, "not what came after")
    ask(0)
    tool.path("line").unlink()
    tool.refuses(1, *cosign(), says=["409", "--old=2"])
    ask(2)
    request = tool.path("request").read_text()
    tool.write("request", request.replace(request.splitlines()[1], "A" * 43 + "="))
    tool.refuses(1, *cosign(), says=["422"])
    tool.write("request", request)
    tool.write("strangers", "quorum none\n")
    tool.refuses(1, *cosign("strangers"), says=["404"])
    tool.write("request", request.replace("\n5\n", "\n6\n"))
    tool.refuses(1, *cosign(), says=["403"])
    tool.write("request", request)
    tool.succeeds(*cosign())
    tool.succeeds("ledger", "cosign", "l", "--add", "line", "--policy", "policy", *STATE)
    expect(status(tool, "--policy", "policy")["witnesses"] == 1, "witnessed again")
    tool.succeeds(*fit("--ledger", "l", epsilon="0.01", out="b.model"))
    ask(5)
    tool.succeeds(*cosign())
    tool.succeeds(*fit("--ledger", "l", epsilon="0.01", out="c.model"))
    kept = tool.succeeds("ledger", "cosign", "l", "--add", "line", "--policy", "policy",
                         *STATE).out
    expect("at 7 entries" in kept, f"kept where it belongs, not at 9: {kept}")
    tool.succeeds("ledger", "verify", "l", "--policy", "policy", *STATE)
    tool.write("line", "\u2014 w.example AAAA\n")
    tool.refuses(65, "ledger", "cosign", "l", "--add", "line", "--policy", "policy",
                 *STATE, says=["signature"])
    tool.write("line", "\u2014 x.example " + "A" * 100 + "\n")
    tool.refuses(1, "ledger", "cosign", "l", "--add", "line", "--policy", "policy",
                 *STATE, says=["W1"])


@case("prove: the file of an inclusion proof, for an entry that exists")
def _(tool):
    quickstart(tool)
    text = tool.succeeds("ledger", "prove", "l", "--entry", "1", *STATE).out
    expect(text.startswith("c2sp.org/tlog-proof@v1\nindex 1\n"), text)
    tool.refuses(64, "ledger", "prove", "l", "--entry", "2", *STATE, says=["0 to 1"])
    answer = json.loads(tool.succeeds("ledger", "prove", "l", "--entry", "1", "--json",
                                      *STATE).out)
    expect(answer["proof"] == text, f"{answer}")
    answer = json.loads(tool.succeeds("ledger", "prove", "l", "--entry", "1", "--json",
                                      "--out", "proof", *STATE).out)
    expect(answer["file"] == "proof" and tool.path("proof").read_text() == text, "file")


# ---------------------------------------------------------------- keys

def without_locked_memory():
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))


@case("keys: memory that cannot be locked is said, once")
def _(tool):
    quickstart(tool)
    if b"__asan_init" in tool.program.read_bytes():
        raise Skip("the sanitizer answers for mlock")
    said = "the memory of secret keys cannot be locked"
    options = {"preexec_fn": without_locked_memory}
    if os.geteuid() == 0:  # whom no limit binds
        for parent in [tool.program, *tool.program.parents]:
            if not parent.stat().st_mode & 0o005:
                raise Skip(f"run as root, and nobody else may enter {parent}")
        for path in [tool.folder, *tool.folder.rglob("*")]:
            os.chown(path, 65534, 65534)
        options.update(user=65534, group=65534, extra_groups=[])
    answer = tool.run(*fit("--ledger", "l"), **options)
    expect(answer.code == 0 and answer.err.count(said) == 1, f"{answer}")
    answer = tool.run("key", "new", "--role", "log", "--unencrypted", "--out", "k", **options)
    expect(answer.code == 0 and answer.err.count(said) == 1, f"{answer}")
    answer = tool.run("ledger", "status", "l", *STATE, **options)
    expect(answer.code == 0 and said not in answer.err, f"no key was read\n{answer}")


@case("keys: never overwritten, refused when others may read them")
def _(tool):
    quickstart(tool)
    tool.succeeds("key", "new", "--role", "log", "--unencrypted", "--out", "k")
    tool.refuses(64, "key", "new", "--role", "log", "--unencrypted", "--out", "k")
    tool.refuses(64, "key", "new", "--role", "log", "--unencrypted", "--out", "-")
    tool.refuses(65, "key", "new", "--role", "log", "--out", "locked",
                 says=["--passphrase-file"])
    tool.path("l.keys/curator.key").chmod(0o644)
    tool.refuses(65, *fit("--ledger", "l"), says=["chmod 600", "curator.key"])


if __name__ == "__main__":
    main()
