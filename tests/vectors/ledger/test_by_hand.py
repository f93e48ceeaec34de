#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The commands of docs/ledger-format.md print what the document says they print.

usage: test_by_hand.py

Runs its blocks of `sh` in one shell, and compares with the blocks of `text` behind them.
Exit code 0 when they agree; 77 where a tool is missing."""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "docs" / "ledger-format.md"
TOOLS = ("bash", "minisign", "openssl", "xxd", "sha256sum")
BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)
MARK = "== block =="


def main():
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        print(f"not here: {', '.join(missing)}")
        return 77
    blocks = BLOCK.findall(DOCUMENT.read_text())
    script = "set -e -o pipefail\n" + f"echo '{MARK}'\n".join(block for block, _ in blocks)
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True)
    printed = done.stdout.split(f"{MARK}\n")
    failed = len(blocks) - len(printed)
    for (commands, wanted), found in zip(blocks, printed):
        if found != wanted:
            failed += 1
            print(f"FAILED\n{commands}printed\n{found}the document says\n{wanted}")
    if done.returncode != 0 or failed:
        print(done.stderr)
    failed += done.returncode != 0 and not failed
    print(f"{len(blocks) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not blocks else 0


if __name__ == "__main__":
    sys.exit(main())
