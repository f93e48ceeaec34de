#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every call of the program that touches files, failing or killed, one at a time, with
`strace -e inject`: a fit that pays from a ledger, the making of a ledger, a grant. A sample
of about 40 executions, with --long all. The calls are those of a first run that is traced.

Faults: EIO; ENOSPC where something is written; EINTR; a write or read that is said to have
moved one byte and has moved none (a disk that lies: the ledger may then be refused, never
believed); SIGKILL, before the call takes place."""
import collections
import re
import shutil
import signal
import subprocess
from typing import NamedTuple

from campaign import (BAD_INPUT, BUDGET, CAP, EXPECTED_CODES, INTERNAL, MODEL, STATE,
                      USAGE, Failure, Skip, Strace, case, expect, fit, main, quickstart)

CALLS = ("openat mkdirat linkat renameat rename unlinkat unlink fsync fchmod write read "
         "close fcntl fstatfs newfstatat utimensat getdents64 access umask getrandom").split()
WRITING = ("openat", "mkdirat", "linkat", "renameat", "rename", "fsync", "fchmod", "write")
INTERRUPTIBLE = ("openat", "read", "write", "fsync", "close", "fcntl", "getrandom")
# A sample goes by kind of fault, so that none is left out.
SAMPLE_A_FAULT = {"fit": 5, "quickstart": 2, "grant": 1}
MOST_SHOWN = 20
# What the program does first, once it runs: everything before is the loader's.
BEGINNING = "SIGXFSZ"


class Fault(NamedTuple):
    name: str
    inject: str
    calls: tuple
    lies: bool = False


FAULTS = (
    Fault("EIO", "error=EIO", tuple(call for call in CALLS if call != "umask")),
    Fault("ENOSPC", "error=ENOSPC", WRITING),
    Fault("EINTR", "error=EINTR", INTERRUPTIBLE),
    Fault("one byte, untrue", "retval=1", ("read", "write"), lies=True),
    Fault("SIGKILL", "signal=KILL", tuple(CALLS)),
)


class Execution(NamedTuple):
    fault: Fault
    call: str
    number: int


def calls_of(world, arguments):
    """call -> the numbers, from 1, of those the program itself makes."""
    code, said, log = Strace.run(world, arguments, "-e",
                                 f"trace=rt_sigaction,{','.join(CALLS)}")
    expect(code == 0, f"the run that is traced fails: {code}: {said}")
    main_thread = log.split(None, 1)[0]
    seen, own, begun = collections.Counter(), collections.defaultdict(list), False
    for line in log.splitlines():
        begun = begun or BEGINNING in line
        found = re.match(rf"{main_thread} +(\w+)\(", line)
        if found and found.group(1) in CALLS:
            seen[found.group(1)] += 1
            if begun:
                own[found.group(1)].append(seen[found.group(1)])
    expect(begun and own["openat"] and own["linkat"], "the traced run shows no calls")
    return own


def executions(campaign, command, own):
    for fault in FAULTS:
        yield from campaign.sample(
            (Execution(fault, call, number)
             for call in fault.calls for number in own.get(call, ())),
            SAMPLE_A_FAULT[command])


def injected(execution, code, log):
    if execution.fault.name == "SIGKILL":
        return code == -signal.SIGKILL
    return "(INJECTED)" in log


def run_with(world, arguments, execution):
    """(exit code, whether the fault took place)"""
    code, said, log = Strace.run(
        world, arguments, "-e", f"trace={execution.call}", "-e",
        f"inject={execution.call}:{execution.fault.inject}:when={execution.number}")
    took_place = injected(execution, code, log)
    codes = (*EXPECTED_CODES, -signal.SIGKILL) if took_place else (0,)
    if execution.call == "getrandom" or execution.fault.lies:
        # No randomness: nothing can be done but to stop at once. Lies: anything but harm.
        codes += (INTERNAL, -signal.SIGABRT)
    expect(code in codes, f"exit {code}: {said}\n{log[-500:]}")
    for word in "Sanitizer", "runtime error":
        expect(word not in said, said)
    return code, took_place


def campaign_of(campaign, command, base, arguments, judge):
    """All executions of a command, judged; prints how they ended."""
    own = calls_of(campaign.again(base), arguments)
    codes = collections.defaultdict(collections.Counter)
    failures, missed = [], 0
    for execution in executions(campaign, command, own):
        world = campaign.again(base)
        try:
            code, took_place = run_with(world, arguments, execution)
            codes[execution.fault.name][code] += 1
            missed += not took_place
            judge(world, code, execution)
        except (Failure, subprocess.TimeoutExpired) as failure:
            failures.append(f"{execution.fault.name} in {execution.call} number "
                            f"{execution.number}: {failure}")
    n = sum(sum(ended.values()) for ended in codes.values())
    print(f"# {command}: {sum(map(len, own.values()))} calls, {n} executions"
          + (f", {missed} of them without their fault" if missed else ""))
    for name, ended in codes.items():
        print(f"#   {name}: " + ", ".join(f"{count} ended with {code}"
                                          for code, count in sorted(ended.items())))
    expect(not failures, f"{len(failures)} failures\n" + "\n".join(failures[:MOST_SHOWN]))
    expect(missed * 10 <= n, "faults do not take place")


# ---------------------------------------------------------------- fit

def judge_fit(world, code, execution, before):
    if execution.fault.lies:
        return judge_lie(world, before)
    facts = world.accepted(before)
    has_model = world.check_model()
    charged = facts.spent > before.spent
    expect(has_model or code != 0, "it ended well and left no model")
    expect(facts.n_reserves - before.n_reserves == charged, f"{before} -> {facts}")
    expect(not has_model or facts.n_measured > before.n_measured, "not in the ledger")
    if code != -signal.SIGKILL and execution.call != "unlink":
        expect(not world.partial_files(), f"left: {world.partial_files()}")
    done = world.run(*fit(out="next.model"))
    expect(done.code == 0, f"the next run is refused\n{done}")
    after = world.accepted(facts)
    expect(after.spent > facts.spent and world.check_model("next.model"), f"{after}")
    world.is_clean()
    return None


def judge_lie(world, before):
    """Both verifiers refuse what the disk made of it, or it did no harm."""
    done, _, facts = world.verdicts(before.checkpoint)
    if facts is not None:
        expect(facts.spent >= before.spent, f"something is forgotten: {facts}")
    model = world.path(MODEL)
    if done.code == 0 and model.exists():
        checked = world.run("inspect", MODEL, "--ledger", "l", *STATE)
        expect(checked.code != 0 or facts.n_measured > before.n_measured,
               f"a model that the ledger does not know\n{checked}")


@case("fit: whatever call fails or is killed, what it left is paid for and the next run works")
def _(campaign):
    Strace.need()
    base = campaign.founded()
    before = base.facts()
    campaign_of(campaign, "fit", base, fit(),
                lambda world, code, execution: judge_fit(world, code, execution, before))


# ---------------------------------------------------------------- quickstart

def judge_quickstart(world, code, execution):
    """Nothing, or a beginning that a second call completes, or a whole ledger."""
    done = world.run(*quickstart())
    if execution.fault.lies:
        return
    if done.code != 0:
        expect(done.code == USAGE, f"the second call\n{done}")
        facts = world.accepted()
        expect(facts.granted > 0, f"refused although it is not complete\n{done}")
    expect(code != 0 or done.code == USAGE, f"made twice\n{done}")
    world.succeeds_quietly(*fit())
    world.accepted()
    expect(world.check_model(), "no model")
    world.is_clean()


@case("quickstart: whatever call fails or is killed, a second one completes it")
def _(campaign):
    Strace.need()
    campaign_of(campaign, "quickstart", campaign.empty(), quickstart(), judge_quickstart)


# ---------------------------------------------------------------- grant

GRANT = ("ledger", "grant", "l", "--epsilon", "0.5", "--purpose", "a table", "--expires",
         "2099-12-31", *STATE)


def with_authority(campaign):
    """A ledger without a grant, and its authority's key beside it."""
    if not shutil.which("minisign"):
        raise Skip("minisign is not installed")
    world = campaign.empty()
    world.path("l.keys").mkdir(mode=0o700)
    subprocess.run(["minisign", "-G", "-W", "-p", "authority.pub", "-s",
                    "l.keys/authority.key"], cwd=world.folder, check=True,
                   capture_output=True)
    world.path("l.keys/authority.key").chmod(0o600)
    for role in "curator", "log":
        world.succeeds("key", "new", "--role", role, "--unencrypted", "--out",
                       f"l.keys/{role}.key")
    answer = world.succeeds("ledger", "init", "l", *CAP, "--authority", "authority.pub",
                            "--curator", "l.keys/curator.key", "--log", "l.keys/log.key",
                            "--data", "data.csv", "--unencrypted", "--body", "body", *STATE)
    comment = re.search(r"-t '(.*)'", answer.out).group(1)
    subprocess.run(["minisign", "-S", "-W", "-s", "l.keys/authority.key", "-m", "body",
                    "-x", "sig", "-t", comment], cwd=world.folder, check=True,
                   capture_output=True)
    world.succeeds("ledger", "approve", "l", "--body", "body", "--sig", "sig", *STATE)
    return world


def judge_grant(world, code, execution, before):
    if execution.fault.lies:
        return judge_lie(world, before)
    facts = world.accepted(before)
    granted = facts.granted > before.granted
    expect(granted or code != 0, "it ended well and granted nothing")
    expect(facts.size == before.size + granted, f"{before} -> {facts}")
    done = world.run(*fit())
    expect(done.code == (0 if granted else BUDGET), f"granted: {granted}, then\n{done}")
    if not granted:
        world.succeeds_quietly(*GRANT)
        world.succeeds_quietly(*fit())
    world.accepted(facts)
    world.is_clean()
    return None


@case("grant: whatever call fails or is killed, it is granted in full or not at all")
def _(campaign):
    Strace.need()
    base = with_authority(campaign)
    before = base.facts()
    campaign_of(campaign, "grant", base, GRANT,
                lambda world, code, execution: judge_grant(world, code, execution, before))


main()
