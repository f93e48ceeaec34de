#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at random milliseconds of a fit that pays from a ledger: 20 times, with --long
1,000 times. One ledger lives through 20 kills, so that what recovers is killed as well."""
import collections
import signal
import subprocess
import time

from campaign import BUDGET, MODEL, STATE, Failure, case, expect, finish, fit, main

KILLS, KILLS_LONG, KILLS_A_LEDGER = 20, 1000, 20
EPSILON = "0.05"
ROOMY = ("--data-label", "patients", "--cap-epsilon", "8", "--cap-delta", "1e-9")


def usual_seconds(world):
    """How long a fit takes here: kills are spread over this. Nothing is judged by it."""
    began = time.monotonic()
    world.succeeds(*fit(epsilon=EPSILON, out="usual.model"))
    return time.monotonic() - began


def kill_once(world, seconds):
    process = world.start(*fit(epsilon=EPSILON), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    _, err = finish(process)
    expect(process.returncode in (0, -signal.SIGKILL),
           f"exit {process.returncode}: {err.decode(errors='replace')}")
    return process.returncode == 0


def outcome(world, before, done):
    """What the kill left, in words; whatever it was, it must be honest."""
    facts = world.accepted(before)
    has_model = world.check_model()
    charged = facts.spent > before.spent
    expect(facts.n_reserves - before.n_reserves == charged, f"{before} -> {facts}")
    expect(charged or not has_model, "a model that nobody paid for")
    expect(has_model or not done, "it ended well and left no model")
    finished = facts.n_measured > before.n_measured
    expect(finished or not has_model, "a model whose run is not in the ledger")
    ahead = ", uncovered" if facts.size > facts.covered else ""
    if has_model:
        return facts, "charged, a model"
    if finished:
        return facts, "charged, measured, no model" + ahead
    return facts, ("charged, no model" if charged else "not charged") + ahead


def next_run(world, before):
    done = world.run(*fit(epsilon=EPSILON, out="next.model"))
    expect(done.code in (0, BUDGET), f"the next run is refused\n{done}")
    facts = world.accepted(before)
    expect((facts.spent > before.spent) == (done.code == 0), f"{before} -> {facts}")
    world.is_clean()
    world.path("next.model").unlink(missing_ok=True)
    return facts


@case("killed at any time, a fit has paid for what it left")
def _(campaign):
    base = campaign.empty()
    base.succeeds("ledger", "quickstart", "l", *ROOMY, *STATE)
    usual = usual_seconds(base)
    found = collections.Counter()
    for i in range(KILLS_LONG if campaign.long else KILLS):
        if i % KILLS_A_LEDGER == 0:
            world = campaign.again(base)
            facts = world.facts()
        seconds = usual * 1.1 * campaign.random.random()
        try:
            done = kill_once(world, seconds)
            facts, left = outcome(world, facts, done)
            found[left] += 1
            facts = next_run(world, facts)
        except Failure as failure:
            raise Failure(f"kill {i}, after {seconds:.4f} s: {failure}") from None
        world.path(MODEL).unlink(missing_ok=True)
    print(f"# {sum(found.values())} kills, then as many runs")
    for left, n in sorted(found.items()):
        print(f"#   {n:5} {left}")


main()
