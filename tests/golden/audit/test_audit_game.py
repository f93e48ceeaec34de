#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the auditor says of generators that he can run: ours, ours misused, and small ones that
leak, hang, crash or write without end.

An honest generator is accused here by chance at most once in 10,000 runs of this script for each
case (the level of the program); what must be refuted lies five standard errors and more beyond
where it is.

usage: test_audit_game.py SILHOUETTE SILHOUETTE-AUDIT
The last line is "N passed, N failed, N skipped".
"""
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

from audit_kit import (AUDITOR, GENERATOR, SANITIZED, WHY_NOT_SANITIZED, Count, Failure, expect,
                       run_case)

FIT = (f"{GENERATOR} fit --data {{data}} --schema {{schema}} --epsilon {{epsilon}} --delta {{delta}} "
       "--no-ledger --mechanism mst --workload 2 --threads 1 --quiet --out {model}")
SMALL = ("--values", "40", "--table-rows", "400")


def game(command, *options, claim="10,1e-6"):
    done = subprocess.run(
        [AUDITOR, "game", "--json", "--generator", command, "--claim", claim, *options],
        capture_output=True, timeout=240)
    expect(done.returncode in (0, 1, 2), f"{done.returncode}: {done.stderr}")
    expect(b"\x1b" not in done.stdout, "an escape code came through")
    return done.returncode, json.loads(done.stdout)


def finding(result, check, number=0):
    found = [f for f in result["findings"] if f["check"] == check]
    expect(len(found) > number, f"no finding {check}: {[f['check'] for f in result['findings']]}")
    return found[number]


def script(folder, name, text):
    path = pathlib.Path(folder, name)
    path.write_text("#!/bin/sh\n" + text + "\n")
    path.chmod(0o755)
    return str(path)


def ours_is_not_refuted(folder):
    code, result = game(FIT, "--white-box", "--checks", "metadata,canaries,selection",
                        "--runs", "20", *SMALL)
    expect(code == 0, f"{result['findings']}")
    of = result["figures"]["transcripts"]
    expect(abs(of["mu"] - of["mu_implied"]) < 6 * of["mu_error"], f"{of}")
    expect(of["mu_lower"] < of["mu_implied"] and of["canaries"] == 800, f"{of}")
    expect(result["runs"] == 55 and len(result["seed"]) == 64, "runs or dice")


def rows_that_count_twice_are_seen(folder):
    twice = script(folder, "twice", "(cat data.csv; tail -n +2 data.csv) > twice.csv\n"
                   f"exec {FIT.format(data='twice.csv', schema='schema.json', epsilon=10, delta='1e-6', model='model.out')}")
    code, result = game(f"{twice} {{model}}", "--white-box", "--checks", "canaries", "--runs",
                        "10", *SMALL)
    expect(code == 1, f"{result['findings']}")
    noise = finding(result, "noise of the claimed law in every cell")
    expect(noise["verdict"] == "refuted", f"{noise}")


def a_sensitivity_of_add_remove_is_too_small_for_replace_one(folder):
    code, result = game(FIT, "--white-box", "--neighbours", "replace-one", "--checks",
                        "canaries", "--runs", "20", *SMALL)
    expect(code == 1, f"{result['findings']}")
    moved = finding(result, "canaries move what the transcript says they do")
    expect(moved["verdict"] == "refuted" and moved["id"] == "G5", f"{moved}")
    honest = FIT + " --neighbours replace-one"
    code, result = game(honest, "--white-box", "--neighbours", "replace-one", "--checks",
                        "canaries", "--runs", "20", *SMALL)
    expect(code == 0, f"{result['findings']}")


def persons_with_many_rows_are_seen(folder):
    code, result = game(FIT + " --ignore-extra-columns", "--white-box", "--person", "id:3",
                        "--checks", "canaries", "--runs", "10", *SMALL)
    expect(code == 1, f"{result['findings']}")
    moved = finding(result, "canaries move what the transcript says they do")
    expect(moved["verdict"] == "refuted" and moved["id"] == "G6", f"{moved}")
    code, result = game(FIT + " --unit id:id:3", "--white-box", "--person", "id:3",
                        "--checks", "canaries", "--runs", "10", *SMALL)
    expect(code == 0, f"{result['findings']}")


def a_copier_is_refuted_by_its_secrets_and_in_its_rows(folder):
    code, result = game("/bin/cp {data} {out}", "--checks", "metadata,canaries", "--runs", "70",
                        *SMALL, claim="1,1e-6")
    expect(code == 1, f"{result['findings']}")
    for check in ("unlisted categories stay in", "numbers beyond the bounds stay in",
                  "one row more: the number of rows", "one row more: the rows, byte for byte",
                  "the claim against canaries in rows, nothing assumed"):
        expect(finding(result, check)["verdict"] == "refuted", f"{check}: {result['findings']}")


def a_difference_that_few_runs_cannot_prove_is_inconclusive(folder):
    count = script(folder, "count", "wc -l < data.csv")
    code, result = game(f"{count} {{data}}", "--checks", "metadata", "--runs", "30")
    expect(code == 2, f"{result['findings']}")
    rows = finding(result, "one row more: the rows, byte for byte")
    expect(rows["verdict"] == "inconclusive" and "--runs" in rows["detail"], f"{rows}")


def the_same_rows_whatever_the_data_is_no_leak(folder):
    code, result = game("/usr/bin/printf 'a\\n1\\n'", "--checks", "metadata", "--runs", "30")
    expect(code == 0, f"{result['findings']}")


FLOAT = """import collections, json, random, sys
dice = random.SystemRandom()
fields = json.load(open('schema.json'))['fields']
lines = open('data.csv').read().split('\\n')[1:-1]
columns = list(zip(*[line.split(',') for line in lines]))
model = {}
for field, column in zip(fields, columns):
    count = collections.Counter(column)
    noisy = [count[v] + dice.gauss(0, 10) for v in field['categories']]
    if sys.argv[1] == 'whole':
        noisy = [round(y) for y in noisy]
    model[field['name']] = noisy if sys.argv[1] == 'list' else dict(
        zip(field['categories'], noisy))
json.dump(model, open('model.out', 'w'))
"""


def noise_of_floating_point_shows_in_its_last_digits(folder):
    path = pathlib.Path(folder, "float.py")
    path.write_text(FLOAT)
    for how, verdict in (("label", "refuted"), ("list", "refuted"), ("whole", "holds")):
        code, result = game(f"{sys.executable} -S {path} {how} {{data}} {{schema}} {{model}}",
                            "--checks", "canaries", "--runs", "6", "--values", "2000",
                            "--table-rows", "400", claim="1,1e-6")
        digits = finding(result, "the last digits of noisy counts")
        expect(digits["verdict"] == verdict, f"{how}: {digits}")


def seeds_made_of_the_time_are_seen(folder):
    clock = script(folder, "clock", "date +%s")
    code, result = game(f"{clock} {{data}}", "--checks", "randomness")
    # Processes that the system starts too late to have a twin make it less sure.
    expect(code in (1, 2) and result["findings"][0]["p"] < 0.01, f"{result['findings']}")
    fresh = script(folder, "fresh", "head -c 16 /dev/urandom | od -x")
    code, result = game(f"{fresh} {{data}}", "--checks", "randomness")
    expect(code == 0, f"{result['findings']}")


def what_misbehaves_is_a_finding(folder):
    for text, detail in (("sleep 100", "stopped"), ("kill -SEGV $$", "killed by signal 11"),
                         ("exec truncate -s 100G rows.csv", "signal 25"),
                         ("truncate -s 300M rows.csv", "larger than the limit"),
                         ("head -c 2000000 /dev/zero | tr '\\0' ',' > rows.csv", "larger"),
                         ("printf '\\033[31m\\007'; exit 3", "exit code 3")):
        code, result = game(script(folder, "bad", text) + " {data} {out}", "--checks",
                            "metadata", "--seconds", "2")
        runs = finding(result, "it runs, within limits of time, memory and output")
        expect(code == 2 and detail in runs["detail"], f"{text}: {result['findings']}")


def what_takes_too_much_is_ended(folder):
    """Many files, deep ones, many processes; and nothing of it stays in the scratch folder."""
    scratch = pathlib.Path(folder, "scratch")
    scratch.mkdir()
    many = "i=0; while [ $i -lt 100000 ]; do : > $i; i=$((i+1)); done; sleep 50"
    deep = (f"exec {sys.executable} -c \"import os, time\nfor i in range(3000):\n"
            "    os.mkdir(200 * '0')\n    os.chdir(200 * '0')\ntime.sleep(50)\"")
    crowd = "i=0; while [ $i -lt 600 ]; do sleep 30 & i=$((i+1)); done; wait"
    for text, detail in ((many, "more files in its folder"), (deep, "more files in its folder"),
                         (crowd, "more processes|exit code 2")):
        done = subprocess.run(
            [AUDITOR, "game", "--json", "--generator", script(folder, "bad", text) + " {data} {out}",
             "--claim", "1,1e-6", "--checks", "metadata", "--seconds", "40"],
            capture_output=True, timeout=240, env={**os.environ, "TMPDIR": str(scratch)})
        result = json.loads(done.stdout)
        runs = finding(result, "it runs, within limits of time, memory and output")
        expect(done.returncode == 2 and re.search(detail, runs["detail"]),
               f"{text}: {result['findings']}")
        expect(list(scratch.iterdir()) == [], f"{text}: something is left")


def what_varies_by_itself_is_no_difference(folder):
    """A stamp, a number that is another each time, what was read of the clock: none of it is
    taken for a difference between neighbours; a number of rows that is said each time is."""
    rows = "printf 'a\\n1\\n' > rows.csv; "
    for text in ("date +%s.%N >&2", "head -c 8 /dev/urandom | od -x >&2", "date +%H:%M:%S",
                 "date +%M:%S > log", "echo $$ >&2"):
        varies = script(folder, "varies", rows + text)
        code, result = game(f"{varies} {{data}} {{out}}", "--checks", "metadata", "--runs", "70",
                            claim="1,1e-6")
        expect(code == 0, f"{text}: {result['findings']}")
    counts = script(folder, "counts", rows + "wc -l < data.csv >&2")
    code, result = game(f"{counts} {{data}} {{out}}", "--checks", "metadata", "--runs", "70",
                        claim="1,1e-6")
    expect(code == 1 and "what it says" in str(result["findings"]), f"{result['findings']}")


def what_it_writes_is_read_with_care(folder):
    link = script(folder, "odd", "ln -s /etc/passwd rows.csv; mkfifo model.out")
    code, result = game(f"{link} {{out}} {{model}}", "--checks", "canaries", "--runs", "2")
    rows = finding(result, "canaries in rows")
    expect(code == 2 and rows["verdict"] == "inconclusive", f"{result['findings']}")
    code, result = game("/bin/echo a,b", "--white-box", "--checks", "canaries", "--runs", "2")
    expect(code == 2, f"{result['findings']}")
    code, result = game("/bin/cp {data} {model}", "--white-box", "--checks",
                        "canaries,selection", "--runs", "2")
    expect(code == 2 and "F1" in {f["id"] for f in result["findings"]}, f"{result['findings']}")


def what_makes_nothing_is_inconclusive(folder):
    for text in ("", "ln -s /etc/passwd rows.csv", "mkfifo rows.csv", "mkdir rows.csv",
                 "printf 'a,b\\n1\\n,,,\\n' > rows.csv", "head -n 1 data.csv > rows.csv"):
        made = script(folder, "made", text)
        code, result = game(f"{made} {{data}} {{out}}", "--checks", "metadata", "--runs", "5")
        manners = finding(result, "it runs, within limits of time, memory and output")
        expect(code == 2 and "no rows" in manners["detail"], f"{text}: {result['findings']}")
        code, result = game(f"{made} {{data}} {{out}}", "--checks", "canaries", "--runs", "5",
                            *SMALL)
        expect(code == 2, f"{text}: {result['findings']}")
    for checks in ("metadata", "randomness", "canaries"):
        if checks != "randomness":
            code, result = game("/bin/true {model}", "--checks", checks, "--runs", "5", *SMALL)
            expect(code == 2, f"{result['findings']}")
        code, result = game("/bin/true", "--checks", checks, "--runs", "5", *SMALL)
        expect(code == 2, f"{result['findings']}")


def values_that_the_schema_does_not_list_are_no_rows(folder):
    upper = script(folder, "upper", "(head -n 1 data.csv; tail -n +2 data.csv | tr a-z A-Z) > rows.csv")
    code, result = game(f"{upper} {{data}} {{out}}", "--checks", "canaries", "--runs", "30", *SMALL,
                        claim="1,1e-6")
    expect(code == 2 and "schema lists" in finding(result, "canaries")["detail"],
           f"{result['findings']}")
    blanks = script(folder, "blanks", "sed 's/,/ ,  /g' data.csv > rows.csv")
    code, result = game(f"{blanks} {{data}} {{out}}", "--checks", "canaries", "--runs", "70",
                        *SMALL, claim="1,1e-6")
    expect(code == 1, f"{result['findings']}")


def what_it_leaves_beside_its_rows_is_searched(folder):
    rows = "printf 'a\\n1\\n' > rows.csv; "
    for text in ("cp data.csv debug.log", "mkdir -p a/b; cp data.csv a/b/c", "mkdir rows; cp data.csv rows/model.out",
                 "touch \"$(grep -ohE '[a-z]{14}|[0-9]{15}' data.csv)\" || :",
                 "ln -s \"$(grep -ohE '[a-z]{14}|[0-9]{15}' data.csv)\" link || :"):
        leaks = script(folder, "leaks", rows + text)
        code, result = game(f"{leaks} {{data}} {{out}}", "--checks", "metadata", "--runs", "5",
                            claim="1,1e-6")
        for check in ("unlisted categories stay in", "numbers beyond the bounds stay in"):
            expect(code == 1 and finding(result, check)["verdict"] == "refuted",
                   f"{text}: {result['findings']}")
    for text in ("touch n$(wc -l < data.csv)", "wc -l < data.csv > log"):
        counts = script(folder, "counts", rows + text)
        code, result = game(f"{counts} {{data}} {{out}}", "--checks", "metadata", "--runs", "70",
                            claim="1,1e-6")
        expect(code == 1 and "further files" in str(result["findings"]), f"{text}: {result}")
    many = script(folder, "many", rows + "truncate -s 100M big")
    code, result = game(f"{many} {{data}} {{out}}", "--checks", "metadata", "--runs", "5")
    expect(code == 2, f"{result['findings']}")


def a_bound_above_the_claim_is_no_acquittal(folder):
    what = "the claim against canaries in rows, nothing assumed"
    copier = ("/bin/cp {data} {out}", "--checks", "canaries", *SMALL, "--runs")
    code, result = game(*copier, "40", claim="1,1e-6")
    rows = finding(result, what)
    expect(code == 2 and rows["verdict"] == "inconclusive", f"{result['findings']}")
    code, result = game(*copier, re.search("--runs ([0-9]+)", rows["detail"])[1], claim="1,1e-6")
    expect(code == 1 and finding(result, what)["verdict"] == "refuted", f"{result['findings']}")


def no_check_begins_a_run_when_time_is_over(folder):
    slow = script(folder, "slow", "sleep 2; cp data.csv rows.csv")
    code, result = game(f"{slow} {{data}} {{out}}", "--time", "1", "--checks",
                        "metadata,randomness,canaries", *SMALL)
    expect(code == 2 and result["runs"] == 1, f"{result}")
    for check in ("neighbouring tables", "runs that start at once do not repeat each other",
                  "canaries"):
        expect("no time" in finding(result, check)["detail"], f"{result['findings']}")


def a_run_that_fails_says_why(folder):
    bad = script(folder, "bad", "printf 'no \\033[1msuch thing\\nmore\\n' >&2; exit 3")
    for options in ((), ("--white-box",)):
        code, result = game(f"{bad} {{data}} {{model}}", "--checks", "canaries", "--runs", "2",
                            *SMALL, *options)
        failed = finding(result, "canaries")
        expect(code == 2 and "exit code 3, \"no ?[1msuch thing\"" in failed["detail"], f"{failed}")


def nothing_is_left_running_after_a_signal(folder):
    slow = script(folder, "slow", "sleep 300")
    scratch = pathlib.Path(folder, "scratch")
    scratch.mkdir()
    playing = subprocess.Popen(
        [AUDITOR, "game", "--generator", f"{slow} {{data}}", "--claim", "1,0", "--checks",
         "randomness"], env={**os.environ, "TMPDIR": str(scratch)}, stderr=subprocess.DEVNULL)
    def wait_until(n_folders):
        for _ in range(600):
            begun = [f for f in scratch.iterdir() if n_folders == 0 or (f / "out").exists()]
            if len(begun) == n_folders:
                return
            time.sleep(0.1)
        raise Failure(f"{len(begun)} folders, not {n_folders}")
    wait_until(32)
    time.sleep(1)  # until all of them wait for what they have started
    playing.terminate()
    expect(playing.wait(timeout=60) == -signal.SIGTERM, "it does not end")
    wait_until(0)


def wrong_usage_is_told(folder):
    for options in (("--claim", "1,1e-6"), ("--generator", "/bin/true"),
                    ("--generator", "/bin/true", "--claim", "1"),
                    ("--generator", "/bin/true", "--claim", "-1,0"),
                    ("--generator", "/bin/true {x}", "--claim", "1,0"),
                    ("--generator", "/bin/true", "--claim", "1,0", "--values", "7"),
                    ("--generator", "/bin/true", "--claim", "1,1"),
                    ("--generator", "/bin/true", "--claim", "1,0", "--level", "0"),
                    ("--generator", "/bin/true", "--claim", "1,0", "--level", "1e-300"),
                    ("--generator", "/bin/true", "--claim", "1,0", "--checks", ""),
                    ("--generator", "/bin/true", "--claim", "1,0", "--checks", "all")):
        done = subprocess.run([AUDITOR, "game", *options], capture_output=True, text=True)
        expect(done.returncode == 64 and done.stderr != "", f"{options}: {done.returncode}")
    done = subprocess.run([AUDITOR, "game", "--claim", "1,0", "--claim", "2,0"],
                          capture_output=True, text=True)
    expect(done.returncode == 64 and "--claim is given twice" in done.stderr, done.stderr)


RUNNING_OURS = (ours_is_not_refuted, rows_that_count_twice_are_seen,
                a_sensitivity_of_add_remove_is_too_small_for_replace_one,
                persons_with_many_rows_are_seen)


CASES = [ours_is_not_refuted, rows_that_count_twice_are_seen,
         a_sensitivity_of_add_remove_is_too_small_for_replace_one,
         persons_with_many_rows_are_seen,
         a_copier_is_refuted_by_its_secrets_and_in_its_rows,
         a_difference_that_few_runs_cannot_prove_is_inconclusive,
         the_same_rows_whatever_the_data_is_no_leak,
         noise_of_floating_point_shows_in_its_last_digits, seeds_made_of_the_time_are_seen,
         what_misbehaves_is_a_finding, what_takes_too_much_is_ended,
         what_varies_by_itself_is_no_difference, what_it_writes_is_read_with_care,
         what_makes_nothing_is_inconclusive, values_that_the_schema_does_not_list_are_no_rows,
         what_it_leaves_beside_its_rows_is_searched, a_bound_above_the_claim_is_no_acquittal,
         no_check_begins_a_run_when_time_is_over, a_run_that_fails_says_why,
         nothing_is_left_running_after_a_signal, wrong_usage_is_told]


def main(cases):
    count = Count()
    skipped = [case for case in cases if SANITIZED and case in RUNNING_OURS]
    for case in skipped:
        count.skip(case.__name__, WHY_NOT_SANITIZED)
    # Most of a case is waiting for programs that the auditor starts and ends.
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for case in cases:
            if case not in skipped:
                pool.submit(run_case, count, case)
    return count.end()


if __name__ == "__main__":
    sys.exit(main(CASES))
