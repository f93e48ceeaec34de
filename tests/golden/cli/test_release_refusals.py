#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""silhouette release: what it refuses, and that nothing is left behind then."""
import json
import os
import shutil

from harness import Skip, case, expect, main, prepare
from release_kit import FIT, LEDGER, files_of, n_entries, paid_model, release


def refused(tool, code, *arguments, says, **options):
    """Refused, and the ledger has no entry more."""
    before = n_entries(tool)
    result = tool.refuses(code, *arguments, says=says, **options)
    expect(n_entries(tool) == before, f"no entry was made\n{result}")


@case("refused: a model that no ledger has charged for")
def _(tool):
    paid_model(tool)
    tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", "--epsilon", "1",
                  "--delta", "1e-9", "--mechanism", "independent", "--no-ledger", "--out",
                  "u.model")
    refused(tool, 64, *release(model="u.model"), says=["u.model", "UNLEDGERED"])


@case("refused: a model of another ledger")
def _(tool):
    paid_model(tool)
    shutil.copy(tool.path("data.csv"), tool.path("other.csv"))
    tool.succeeds(*FIT[:2], "other.csv", *FIT[3:], "--out", "other.model")
    refused(tool, 1, *release(model="other.model"), says=["ledger"])
    refused(tool, 1, *release(ledger="other.csv.ledger"), says=["ledger"])


@case("refused: a model file that its transcript does not give")
def _(tool):
    paid_model(tool)
    data = bytearray(tool.path("m.model").read_bytes())
    for place in (len(data) - 40, len(data) // 2):
        bad = bytearray(data)
        bad[place] ^= 1
        tool.write("bad.model", bytes(bad))
        refused(tool, 65, *release(model="bad.model"), says=["bad.model"])


@case("refused: an output that is there, whatever it is")
def _(tool):
    paid_model(tool)
    tool.path("folder").mkdir()
    tool.write("file", "mine\n")
    tool.path("link").symlink_to("nowhere")
    tool.path("linked").symlink_to("folder")
    for name in "folder", "folder/", "file", "link", "linked", LEDGER, ".", "..", "/":
        for more in (), ("--tar",):
            refused(tool, 64, *release(*more, out=name), says=[])
    refused(tool, 64, *release(out="file"), says=["file is there already", "another name"])
    expect(tool.path("file").read_text() == "mine\n", "kept")
    refused(tool, 64, *release(out="m.model"), says=["--model", "--out"])
    refused(tool, 64, *release(out="-"), says=["--out"])
    refused(tool, 64, *release("--tar", out="-"), says=["standard output"])
    refused(tool, 74, *release(out="none/bundle"), says=["none/bundle"])
    refused(tool, 74, *release(out="file/bundle"), says=["file/bundle"])


@case("refused: a release key of the wrong role, of no ledger, missing, no key at all")
def _(tool):
    paid_model(tool)
    for role in "curator", "log", "authority":
        refused(tool, 64, *release("--release-key", f"{LEDGER}.keys/{role}.key"),
                says=["not a live release key"])
    new_key(tool, "stranger.key")
    refused(tool, 64, *release("--release-key", "stranger.key"),
            says=["not a live release key"])
    refused(tool, 65, *release("--release-key", "data.csv"), says=["data.csv"])
    refused(tool, 74, *release("--release-key", "none.key"), says=["none.key"])
    tool.succeeds(*release("--release-key", f"{LEDGER}.keys/release.key"))


@case("refused: a release key that the ledger has revoked")
def _(tool):
    paid_model(tool)
    keys = tool.path(f"{LEDGER}.keys")
    shutil.copy(keys / "release.key", tool.path("old.key"))
    tool.path("old.key").chmod(0o600)
    new_key(tool, "new.key")
    tool.succeeds(*release(out="first"))
    envelope = json.loads(tool.path("first/statement.dsse.json").read_text())
    tool.succeeds("ledger", "rotate", LEDGER, "--role", "release", "--add",
                  "new.key.pub", "--revoke", envelope["signatures"][0]["keyid"],
                  "--reason", "tired", "--state", "state")
    refused(tool, 64, *release("--release-key", "old.key"),
            says=["not a live release key"])
    tool.succeeds(*release("--release-key", "new.key"))


def new_key(tool, name):
    tool.succeeds("key", "new", "--role", "release", "--unencrypted", "--out", name)


@case("refused: what lies in a folder of reports on private rows")
def _(tool):
    paid_model(tool)
    deep = tool.path("house/reports/deep")
    deep.mkdir(parents=True)
    tool.write("house/INTERNAL.txt", "stays\n")
    shutil.copy(tool.path("m.model"), deep / "m.model")
    refused(tool, 64, *release(model="house/reports/deep/m.model"),
            says=["the model is in", "private rows"])
    tool.path("way").symlink_to("house/reports")
    refused(tool, 64, *release(model="way/deep/m.model"), says=["the model is in"])
    refused(tool, 64, *release(out="house/reports/bundle"), says=["--out is in"])
    refused(tool, 64, *release(out="internal"), says=["internal"])
    refused(tool, 64, *release(out="internal/"), says=["internal"])
    tool.succeeds(*release(out="internal-not"))


@case("refused: counts and options out of range")
def _(tool):
    paid_model(tool)
    for text in "0", "-1", "4294967296", "x":
        refused(tool, 64, *release("--rows", text), says=["--rows"])
    refused(tool, 64, *release("--seed", "18446744073709551616"), says=["--seed"])
    refused(tool, 64, "release", "--model", "m.model", "--out", "b", says=["--ledger"])
    refused(tool, 74, *release(model="none.model"), says=["none.model"])
    refused(tool, 74, *release(ledger="none"), says=["there is no ledger none"])


@case("refused: a place that may not be written")
def _(tool):
    paid_model(tool)
    options = {}
    if os.geteuid() == 0:
        for parent in [tool.program, *tool.program.parents]:
            if not parent.stat().st_mode & 0o005:
                raise Skip(f"run as root, and nobody else may enter {parent}")
        options = {"user": 65534, "group": 65534, "extra_groups": []}
        for path in [tool.folder, *tool.folder.rglob("*")]:
            os.chown(path, 65534, 65534)
    tool.path("locked").mkdir()
    tool.path("locked").chmod(0o555)
    refused(tool, 74, *release(out="locked/bundle"),
            says=["locked/bundle", "Permission denied"], **options)


@case("release: a partial folder of a killed run is in nobody's way")
def _(tool):
    prepare(tool)
    tool.path("bundle.partial-aaaaaa/keys").mkdir(parents=True)
    tool.write("bundle.partial-aaaaaa/data.csv", "half\n")
    tool.run(*FIT, "--out", "m.model")
    result = tool.run(*release())
    expect(result.code == 0, f"{result}")
    expect(files_of(tool.path("bundle.partial-aaaaaa")) == ["data.csv"], "not touched")
    shutil.rmtree(tool.path("bundle.partial-aaaaaa"))
    expect(not [name for name in tool.files() if ".partial-" in name], "none of its own")


main()
