#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How often a lower bound of a white-box game lies above what an honest transcript implies.

Games with our own generator: each mechanism at epsilon 1, 4 and 10, delta 10^-6. The bounds on
mu are held against the mu of the measurements on the canaries' cells, those on epsilon against
the exact epsilon of that mu (Balle and Wang 2018): both below what the whole ledger entry allows,
which has choices, too.

usage: bounds_of_games.py SILHOUETTE SILHOUETTE-AUDIT [GAMES [RUNS [MECHANISM]...]]
GAMES (200) are played of each, of RUNS (20) runs. Fails when in one of them more bounds lie above
than their level allows, or more games refute than theirs, by a chance of 1 in 1,000 for all
together. The last line is "N passed, N failed, N skipped".
"""
import json
import math
import subprocess
import sys

from audit_kit import (AUDITOR, GENERATOR, SANITIZED, WHY_NOT_SANITIZED, Count, expect,
                       most_by_chance)

GAMES, RUNS = (int(n) for n in (sys.argv[3:5] + ["200", "20"][len(sys.argv[3:5]):]))
MECHANISMS = sys.argv[5:] or ["mst", "aim", "mosaic"]
EPSILONS = (1, 4, 10)
DELTA = 1e-6
LEVEL_OF_BOUNDS, LEVEL_OF_GAMES = 0.05, 1e-4
BOUNDS = ("mu_lower", "mu_one_run", "mu_independent", "epsilon_lower", "epsilon_one_run")
CHANCE = 1e-3 / (len(MECHANISMS) * len(EPSILONS) * (len(BOUNDS) + 1))


def play(mechanism, epsilon):
    command = (f"{GENERATOR} fit --data {{data}} --schema {{schema}} --epsilon {{epsilon}} "
               "--delta {delta} --no-ledger --workload 2 --threads 1 --quiet --out {model} "
               f"--mechanism {mechanism}")
    done = subprocess.run(
        [AUDITOR, "game", "--json", "--white-box", "--checks", "canaries", "--runs", str(RUNS),
         "--values", "40", "--table-rows", "400", "--claim", f"{epsilon},{DELTA}",
         "--generator", command], capture_output=True)
    expect(done.returncode in (0, 1, 2), f"{done.returncode}: {done.stderr}")
    return done.returncode == 1, json.loads(done.stdout)["figures"]["transcripts"]


def normal(x):
    return math.erfc(-x / math.sqrt(2)) / 2


def epsilon_of(mu):
    """Where the divergence of two normal laws, mu apart, is DELTA."""
    low, high = 0.0, mu * mu / 2 + 10 * mu
    for _ in range(60):
        middle = (low + high) / 2
        divergence = (normal(mu / 2 - middle / mu) -
                      math.exp(middle) * normal(-mu / 2 - middle / mu))
        low, high = (middle, high) if divergence > DELTA else (low, middle)
    return high


def campaign(mechanism, epsilon):
    above = dict.fromkeys(BOUNDS, 0)
    share = dict.fromkeys(BOUNDS, 0.0)
    refuted = 0
    for _ in range(GAMES):
        is_refuted, of = play(mechanism, epsilon)
        refuted += is_refuted
        truth = {"mu": of["mu_implied"], "epsilon": epsilon_of(of["mu_implied"])}
        for bound in BOUNDS:
            most = truth[bound.split("_")[0]]
            above[bound] += of[bound] > most
            share[bound] += of[bound] / most / GAMES
    most = most_by_chance(GAMES, LEVEL_OF_BOUNDS, CHANCE)
    counts = ", ".join(f"{bound} {above[bound]} (mean {share[bound]:.2f})" for bound in BOUNDS)
    print(f"{mechanism:<6} epsilon {epsilon:>2}: {GAMES} games of {RUNS} runs, {refuted} refuted; "
          f"above what is implied (at most {most}), and the mean of it: {counts}", flush=True)
    expect(max(above.values()) <= most, f"{above}: more than {most}")
    expect(refuted <= most_by_chance(GAMES, LEVEL_OF_GAMES, CHANCE), f"{refuted} refuted")


def main():
    count = Count()
    for mechanism in MECHANISMS:
        for epsilon in EPSILONS:
            name = f"{mechanism}, epsilon {epsilon}"
            if SANITIZED:
                count.skip(name, WHY_NOT_SANITIZED)
            else:
                count.run(name, campaign, mechanism, epsilon)
    return count.end()


if __name__ == "__main__":
    sys.exit(main())
