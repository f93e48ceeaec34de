#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The museum as tables of docs/audit-power.md:

    silhouette-audit selftest --json | tests/zoo/table.py
"""
import json
import sys


def evidence(line):
    if "rule" not in line:
        return line["detail"]
    if "p" not in line:
        return "a rule" if not line["detail"] else line["detail"]
    return f"p = {line['p']:.1g}" if line["p"] >= 1e-300 else "p < 1e-300"


def check(line):
    return f"{line['check']} {line['rule']}: {line['finding']}" if "rule" in line else ""


def table(header, rows):
    print("| " + " | ".join(header) + " |")
    print("| " + " | ".join("---" for _ in header) + " |")
    for row in rows:
        print("| " + " | ".join(cell.replace("|", "/") for cell in row) + " |")
    print()


def main():
    lines = json.load(sys.stdin)["exhibits"]
    shown = [line for line in lines if line["result"] != "lacking"]
    table(["", "bug", "where it happened", "what caught it", "evidence"],
          [[line["id"], line["title"], line["where"], check(line),
            evidence(line) if line["result"] == "caught" else line["result"].upper()]
           for line in shown if line["broken"]])
    table(["", "right generator", "audited by", "result"],
          [[line["id"], line["title"], line["check"], line["result"]]
           for line in shown if not line["broken"]])
    table(["", "no check for it", "where it happened", "what is missing"],
          [[line["id"], line["title"], line["where"], line["detail"]]
           for line in lines if line["result"] == "lacking"])


if __name__ == "__main__":
    main()
