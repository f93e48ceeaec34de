#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Several processes and one ledger: a race for the last eighth of a budget, with locks and
without, and processes that are stopped in the middle of a commit while others go on. 8
racers, with --long 64 in several rounds and a stopped process of which others tire."""
import json
import os
import pathlib
import re
import signal
import subprocess
import time

from campaign import (BUDGET, CAP, IO, PATIENCE, STATE, Failure, Strace, case, expect,
                      finish, fit, main)

RACERS, ROUNDS = 8, 2
RACERS_LONG, ROUNDS_LONG = 64, 5
RACERS_UNLOCKED = 4
SEVEN_EIGHTHS = "1.865"
SAYS_LOCKED = "is locked by another process"


def last_eighth(campaign):
    """(a world in which about an eighth of the budget is left, the epsilon that takes it)."""
    world = campaign.founded()
    world.succeeds(*fit(epsilon=SEVEN_EIGHTHS, out="first.model"))
    status = json.loads(world.succeeds("ledger", "status", "l", "--json", *STATE).out)
    facts = world.facts()
    left = 1 - facts.spent / facts.granted
    expect(0.11 < left < 0.14, f"{float(left)} of the budget is left")
    return world, status["next_epsilon"]


def start(world, epsilon, name, *options):
    arguments = fit(epsilon=epsilon, out=f"{name}.model")
    if options:
        return Strace.start(world, arguments, *options, log=name)
    return world.start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       text=True, errors="replace")


def results(racers):
    """name -> (exit code, messages)."""
    said = {name: "".join(finish(process)) for name, process in racers.items()}
    return {name: (racers[name].returncode, said[name]) for name in racers}


def one_winner(world, before, found):
    """Exactly one was let through; nothing is in the ledger of the others."""
    winners = [name for name, (code, _) in found.items() if code == 0]
    for name, (code, said) in found.items():
        tired = code == IO and SAYS_LOCKED in said
        expect(code in (0, BUDGET) or tired, f"{name}: exit {code}: {said}")
        expect(world.check_model(f"{name}.model") == (code == 0), f"{name}: its model")
    expect(len(winners) == 1, f"{len(winners)} won the last eighth: {winners}")
    facts = world.accepted(before)
    expect(facts.size == before.size + 2 and facts.n_reserves == before.n_reserves + 1,
           f"one reserve and one measure were expected: {before} -> {facts}")
    expect(facts.spent <= facts.granted, f"overspent: {facts}")
    expect(not world.partial_files(), f"left: {world.partial_files()}")
    return sum(code == IO for code, _ in found.values())


def race(campaign, racers, rounds, *options):
    base, epsilon = last_eighth(campaign)
    tired = 0
    for i in range(rounds):
        world = campaign.again(base)
        before = world.facts()
        running = {f"racer-{i}": start(world, epsilon, f"racer-{i}", *options)
                   for i in range(racers)}
        try:
            tired += one_winner(world, before, results(running))
        except Failure as failure:
            raise Failure(f"round {i}: {failure}") from None
        world.run(*fit(epsilon="0.01", out="clean.model"))
        world.is_clean()
    print(f"# {rounds} rounds of {racers} processes, {rounds} winners"
          + (f"; {tired} did not wait for the lock so long" if tired else ""))


@case("D, R1: of many who want the last eighth one gets it, and the others leave no entry")
def _(campaign):
    if campaign.long:
        race(campaign, RACERS_LONG, ROUNDS_LONG)
    else:
        race(campaign, RACERS, ROUNDS)


@case("R3: without any lock the links alone let one through")
def _(campaign):
    Strace.need()
    # Every fcntl answers 0 and does nothing: each process believes that it has the lock.
    race(campaign, RACERS if campaign.long else RACERS_UNLOCKED,
         ROUNDS_LONG if campaign.long else ROUNDS, "-e", "trace=fcntl", "-e",
         "inject=fcntl:retval=0")


# ---------------------------------------------------------------- stopped processes

def wait_for(path, pattern, process):
    """The first match of a pattern in what strace writes. Fails when it ended before."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        text = path.read_text(errors="replace") if path.exists() else ""
        found = re.search(pattern, text, re.MULTILINE)
        if found:
            return found
        expect(not ended, f"it ended before {pattern!r} was seen\n{text[-2000:]}")
        time.sleep(0.01)
    raise Failure(f"{pattern!r} was never seen in {path.name}")


class Stopped:
    """A fit that is stopped inside its commit, with the lock in its hands."""

    def __init__(self, world, epsilon, call, number):
        self.process = start(world, epsilon, "sleeper", "-e", f"trace={call}", "-e",
                             f"inject={call}:signal=STOP:when={number}")
        try:
            found = wait_for(pathlib.Path(f"{world.folder}.sleeper"),
                             r"^(\d+) .*stopped by SIGSTOP", self.process)
        except Failure:
            self.process.kill()
            raise
        self.pid = int(found.group(1))

    def wake(self):
        """(exit code, messages)"""
        os.kill(self.pid, signal.SIGCONT)
        said = "".join(finish(self.process))
        return self.process.returncode, said


def call_before_entry(world, epsilon):
    """The number of the fsync that makes the entry's bytes durable: the last before the
    first link."""
    log = Strace.run(world, fit(epsilon=epsilon, out="counted.model"), "-e",
                     "trace=fsync,linkat")[2]
    calls = re.findall(r"^\d+ +(fsync|linkat)\(", log, re.MULTILINE)
    return calls.index("linkat")


def replace_lock(world):
    """Somebody puts another lock file in the place of the one that is held."""
    other = world.write("lock", b"")
    other.chmod(0o600)
    other.rename(world.path("l/lock"))


def waiting(world, epsilon):
    """Another fit, seen to find the lock held."""
    other = start(world, epsilon, "other", "-e", "trace=fcntl")
    wait_for(pathlib.Path(f"{world.folder}.other"), r"= -1 EAGAIN", other)
    return other


@case("R5: while a process is stopped in its critical section others wait, nobody pays twice")
def _(campaign):
    Strace.need()
    base, epsilon = last_eighth(campaign)
    world = campaign.again(base)
    before = world.facts()
    sleeper = Stopped(world, epsilon, "linkat", 1)
    other = waiting(world, epsilon)
    code, said = sleeper.wake()
    found = {"sleeper": (code, said), **results({"other": other})}
    one_winner(world, before, found)
    expect(code == 0, f"the one that had linked its entry has it: {said}")
    expect(found["other"][0] == BUDGET, f"the other is refused: {found['other']}")


@case("R5: others tire of one that is stopped for a minute, and leave nothing",
      only_long=True)
def _(campaign):
    Strace.need()
    base, epsilon = last_eighth(campaign)
    world = campaign.again(base)
    before = world.facts()
    sleeper = Stopped(world, epsilon, "linkat", 1)
    began = time.monotonic()
    found = results({f"other-{i}": start(world, epsilon, f"other-{i}") for i in range(3)})
    expect(all(code == IO and SAYS_LOCKED in said for code, said in found.values()),
           f"{found}")
    time.sleep(max(0, 60 - (time.monotonic() - began)))
    expect(world.facts().size == before.size + 1, "the sleeper's entry and no other")
    code, said = sleeper.wake()
    one_winner(world, before, {"sleeper": (code, said), **found})


@case("R2: a lock replaced before the entry's link lets one through, and it is not the sleeper")
def _(campaign):
    Strace.need()
    base, epsilon = last_eighth(campaign)
    number = call_before_entry(campaign.again(base), epsilon)
    world = campaign.again(base)
    before = world.facts()
    sleeper = Stopped(world, epsilon, "fsync", number)
    expect(world.facts().size == before.size, "nothing is published yet")
    replace_lock(world)
    found = results({"other": start(world, epsilon, "other")})
    expect(found["other"][0] == 0, f"the other has the new lock: {found}")
    code, said = sleeper.wake()
    one_winner(world, before, {"sleeper": (code, said), **found})
    expect(code == BUDGET, f"the sleeper finds its number taken: exit {code}: {said}")


@case("R6: a commit left behind the entry's link is finished by others, and wakes up to its own")
def _(campaign):
    Strace.need()
    base = campaign.founded()
    base.succeeds(*fit(out="first.model"))
    world = campaign.again(base)
    before = world.facts()
    sleeper = Stopped(world, "0.5", "linkat", 1)
    expect(world.facts().size == world.facts().covered + 1, "an entry without a checkpoint")
    replace_lock(world)
    found = results({"other": start(world, "0.5", "other")})
    found["sleeper"] = sleeper.wake()
    for name, (code, said) in found.items():
        expect(code == 0, f"{name}: exit {code}: {said}")
        expect(world.check_model(f"{name}.model"), f"{name}: no model")
    facts = world.accepted(before)
    expect(facts.n_reserves == before.n_reserves + 2 and
           facts.n_measured == before.n_measured + 2, f"{before} -> {facts}")


main()
