# SPDX-License-Identifier: Apache-2.0
"""C1 to C14: crashes, failing calls, full disks, in the steps of a commit."""
import collections
import re
import resource
import shutil
import signal
import subprocess

from campaign import (BAD_INPUT, INTERNAL, IO, MODEL, REFUSED, STATE, Skip, Strace,
                      expect, finish, fit)
from table import cited, row

TRACED = "linkat,fsync,unlinkat,renameat,write,getrandom"
UNIT = "unit/ledger/"
LEAST = 5  # megabytes
LOADER = 127  # what the loader of shared libraries ends with


class Steps:
    """The calls of a fit in their order, to name one by its place in a commit. The links
    are 1, 2: the reserve and its checkpoint; 3, 4: the measure entry and its."""

    def __init__(self, world):
        log = Strace.run(world, fit(out="traced.model"), "-e", f"trace={TRACED}")[2]
        self.calls = re.findall(r"^\d+ +(\w+)\(", log, re.MULTILINE)
        self.links = [i for i, call in enumerate(self.calls) if call == "linkat"]
        expect(len(self.links) == 4, f"{len(self.links)} links in a fit")

    def _numbered(self, position):
        call = self.calls[position]
        return call, self.calls[:position + 1].count(call)

    def link(self, k):
        return self._numbered(self.links[k - 1])

    def before(self, k, call):
        """The last such call before the k-th link."""
        position = self.links[k - 1] - 1
        while self.calls[position] != call:
            position -= 1
        return self._numbered(position)

    def after(self, k, call):
        """The first such call behind the k-th link."""
        return self._numbered(self.calls.index(call, self.links[k - 1]))


class Scene:
    """One fault in a fit on a ledger of five entries."""

    def __init__(self, campaign):
        Strace.need()
        base = campaign.used()
        if "steps" not in campaign.bases:
            campaign.bases["steps"] = Steps(campaign.again(base))
        self.steps = campaign.bases["steps"]
        self.world = campaign.again(base)
        self.before = self.world.facts()
        self.code = self.log = self.said = None

    def inject(self, place, what):
        call, number = place
        self.code, self.said, self.log = Strace.run(
            self.world, fit(), "-e", f"trace={call}", "-e",
            f"inject={call}:{what}:when={number}")
        return self

    def kill(self, place):
        self.inject(place, "signal=KILL")
        expect(self.code == -signal.SIGKILL, f"exit {self.code}: {self.said}")
        return self

    def left(self, entries, covered, has_model=False):
        """How many entries and checkpoints more there are; what was reserved is spent."""
        facts = self.world.accepted(self.before)
        expect((facts.size, facts.covered) ==
               (self.before.size + entries, self.before.covered + covered),
               f"{self.before} -> {facts}")
        expect((facts.spent > self.before.spent) == (entries > 0), f"spent: {facts}")
        expect(self.world.check_model() == has_model, "the model")
        return facts

    def goes_on(self):
        """The next fit works, pays for itself, and cleans up; its messages."""
        facts = self.world.accepted()
        done = self.world.run(*fit(out="next.model"))
        expect(done.code == 0 and self.world.check_model("next.model"), f"{done}")
        after = self.world.accepted(facts)
        expect(after.n_reserves == facts.n_reserves + 1, f"{facts} -> {after}")
        self.world.is_clean()
        return done.err

    def runs(self):
        """What status says, its lines joined."""
        said = self.world.succeeds_quietly("ledger", "status", "l", *STATE).out
        return re.sub(r"\s+", " ", said)


@row("C1", "SIGKILL before the entry's link", "nothing charged, tmp/ cleaned")
def _(campaign):
    scene = Scene(campaign)
    scene.kill(scene.steps.link(1)).left(0, 0)
    expect(len(list(scene.world.path("l/tmp").iterdir())) == 1, "one file in tmp/")
    scene.goes_on()
    return "nothing charged; tmp/ had one file, the next run removed it"


@row("C2", "SIGKILL between the links of entry and checkpoint",
     "charged, rolled forward, no output")
def _(campaign):
    scene = Scene(campaign)
    scene.kill(scene.steps.link(2)).left(1, 0)
    expect("rolled forward" in scene.goes_on(), "the next run says so")
    return "charged; the next run says `rolled forward'; no model"


@row("C3", "SIGKILL after the checkpoint, before the noise",
     "charged, no output, told as unfinished")
def _(campaign):
    scene = Scene(campaign)
    scene.kill(scene.steps.after(2, "renameat")).left(1, 1)
    expect("1 died or still runs" in scene.runs(), f"status says so: {scene.runs()}")
    scene.goes_on()
    return "charged; no model; status tells of the run"


@row("C4", "SIGKILL after the noise, before the measure entry",
     "charged; the next run pays anew")
def _(campaign):
    scene = Scene(campaign)
    facts = scene.kill(scene.steps.before(3, "fsync")).left(1, 1)
    scene.goes_on()
    expect(scene.world.facts().n_reserves == facts.n_reserves + 1, "a reserve of its own")
    return "charged; the next run has a reserve of its own"


def fails_once(scene, place):
    """Exit 74, and the call was not made again."""
    scene.inject(place, "error=EIO")
    expect(scene.code == IO, f"exit {scene.code}: {scene.said}")
    expect(place[0] not in scene.log.split("(INJECTED)")[1], f"again: {scene.log}")


@row("C5", "fsync of the entry's bytes: EIO", "no link, no token, no second fsync")
def _(campaign):
    scene = Scene(campaign)
    fails_once(scene, scene.steps.before(1, "fsync"))
    scene.left(0, 0)
    scene.goes_on()
    return "exit 74; no entry, no model, no fsync behind it"


@row("C6", "fsync of the folder behind the link: EIO",
     "no token; charged by the next, rewritten")
def _(campaign):
    scene = Scene(campaign)
    fails_once(scene, scene.steps.after(1, "fsync"))
    scene.left(1, 0)
    entry = scene.world.path(f"l/entries/{scene.before.size:012}")
    inode, data = entry.stat().st_ino, entry.read_bytes()
    scene.goes_on()
    expect(entry.stat().st_ino != inode and entry.read_bytes() == data, "written again")
    return "exit 74; charged; the next run wrote the same bytes anew"


@row("C7", "ENOSPC or EDQUOT at write, link, rename",
     "refused cleanly; a later run works")
def _(campaign):
    scene = Scene(campaign)
    places = [(scene.steps.before(1, "write"), 0, 0), (scene.steps.link(1), 0, 0),
              (scene.steps.before(2, "write"), 1, 0), (scene.steps.link(2), 1, 0),
              (scene.steps.after(2, "renameat"), 1, 1), (scene.steps.link(3), 1, 1),
              (scene.steps.link(4), 2, 1)]
    for place, entries, covered in places:
        for error in "ENOSPC", "EDQUOT":
            scene = Scene(campaign).inject(place, f"error={error}")
            expect(scene.code == IO, f"{place} {error}: exit {scene.code}: {scene.said}")
            scene.left(entries, covered)
            scene.goes_on()
    return f"exit 74 at {2 * len(places)} places; the ledger holds; later runs work"


@row("C7", "files that end in the middle: a limit of 100 to 700 bytes",
     "refused cleanly; a later run works")
def _(campaign):
    base = campaign.used()
    for limit in range(100, 701, 100):
        world = campaign.again(base)
        before = world.facts()
        process = world.start(*fit(), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, preexec_fn=lambda: resource.setrlimit(
                                  resource.RLIMIT_FSIZE, (limit, limit)))
        finish(process)
        expect(process.returncode == IO, f"{limit} bytes: exit {process.returncode}")
        world.accepted(before)
        expect(not world.path(MODEL).exists(), "a model")
        world.succeeds(*fit(out="next.model"))
        world.is_clean()
    return "exit 74, no model, at 7 limits"


@row("C8", "EINTR at the entry's write, and at reads", "completed; bytes exact")
def _(campaign):
    scene = Scene(campaign)
    for place in scene.steps.before(1, "write"), scene.steps.before(2, "write"):
        scene = Scene(campaign).inject(place, "error=EINTR")
        expect(scene.code == 0, f"{place}: exit {scene.code}: {scene.said}")
        scene.left(2, 2, has_model=True)
    return "exit 0; both verifiers accept every byte"


cited("C8", "short writes, short reads", "completed; bytes exact",
      UNIT + "test_store.c::store::completes_short_and_interrupted_writes_and_reads")


@row("C9", "the name of the checkpoint is not durable", "rolled forward")
def _(campaign):
    scene = Scene(campaign)
    scene.kill(scene.steps.after(2, "fsync"))
    scene.world.path(f"l/checkpoints/{scene.before.size + 1:012}").unlink()
    scene.left(1, 0)
    expect("rolled forward" in scene.goes_on(), "the next run says so")
    return "charged; the next run says `rolled forward'"


def recover(world):
    """As the guide says: propose, sign with stock minisign, approve."""
    if not shutil.which("minisign"):
        raise Skip("minisign is not installed")
    answer = world.succeeds_quietly("ledger", "recover", "l", "--reason", "power", "--body",
                                    "recover.body", *STATE)
    comment = re.search(r"-t '(.*)'", answer.out).group(1)
    subprocess.run(["minisign", "-S", "-W", "-s", "l.keys/authority.key", "-m",
                    "recover.body", "-x", "recover.sig", "-t", comment], check=True,
                   cwd=world.folder, capture_output=True)
    world.succeeds_quietly("ledger", "approve", "l", "--body", "recover.body", "--sig",
                           "recover.sig", *STATE)
    world.path("recover.body").unlink()
    world.path("recover.sig").unlink()


@row("C10", "the entry's name is durable, its bytes are not: empty, or cut",
     "not charged; refused until recover; kept")
def _(campaign):
    for cut in lambda data: b"", lambda data: data[:200]:
        scene = Scene(campaign)
        scene.kill(scene.steps.link(1))
        (whole,) = scene.world.path("l/tmp").iterdir()
        torn = scene.world.path(f"l/entries/{scene.before.size:012}")
        torn.write_bytes(cut(whole.read_bytes()))
        torn.chmod(0o444)
        done, _, facts = scene.world.verdicts()
        expect(done.code == REFUSED and facts is None, f"{done}")
        expect(scene.world.run(*fit()).code == REFUSED and torn.exists(), "kept")
        recover(scene.world)
        after = scene.world.accepted(scene.before)
        expect(after.spent == scene.before.spent, "not charged")
        expect(len(list(scene.world.path("l/quarantine").iterdir())) == 1, "kept")
        scene.goes_on()
    return "refused; after `recover' it lies in quarantine/, nothing charged"


@row("C11", "the checkpoint without its entry", "cannot come to be; E-LOST")
def _(campaign):
    world = campaign.again(campaign.used())
    world.path("l/entries/000000000004").unlink()
    for command in ("ledger", "verify", "l", *STATE), fit():
        done = world.run(*command)
        expect(done.code == REFUSED and "E-LOST" in done.err, f"{done}")
    return "exit 1, E-LOST"


def starved(campaign, megabytes):
    """A fit that is given so much address space and no more: (world, facts before,
    exit code, messages). One thread, since libgomp itself ends a program, with 1, whose
    threads it cannot start; as it does where it finds no memory at the beginning."""
    world = campaign.again(campaign.used())
    before = world.facts()
    size = int(megabytes * (1 << 20))

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (size, size))

    process = world.start(*fit("--threads", "1"), env={"OMP_NUM_THREADS": "1"}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=limit)
    said = "".join(finish(process))
    return world, before, process.returncode, said


@row("C12", "memory runs out, sooner and later", "an error; nothing changed, or as C2, C3")
def _(campaign):
    if campaign.is_sanitized:
        raise Skip("the sanitizers need the memory")
    ends = collections.Counter()
    enough = next(size for size in range(8, 4096, 8) if starved(campaign, size)[2] == 0)
    for i in range(400 if campaign.long else 20):
        # From so little that the loader of libraries fails, to what is enough.
        world, before, code, said = starved(campaign, LEAST + (enough - LEAST) *
                                      campaign.random.random())
        ends[code] += 1
        expect(code in (0, IO, INTERNAL, BAD_INPUT, LOADER, -signal.SIGABRT) or
               (code == 1 and "libgomp:" in said), f"execution {i}: exit {code}: {said}")
        facts = world.accepted(before)
        has_model = world.check_model()
        expect(has_model == (code == 0), "the model")
        expect(not has_model or facts.n_measured > before.n_measured, "unpaid")
        world.succeeds_quietly(*fit(out="next.model"))
    return "; ".join(f"{n} ended with {code}" for code, n in sorted(ends.items()))


cited("C13", "the clock jumps back", "the last entry's time; accepted",
      UNIT + "test_ledger.c::ledger::time_is_coarse_and_never_goes_back")


@row("C14", "SIGKILL between link and unlink", "as C2; one name again")
def _(campaign):
    scene = Scene(campaign)
    scene.kill(scene.steps.after(1, "unlinkat"))
    entry = scene.world.path(f"l/entries/{scene.before.size:012}")
    expect(entry.stat().st_nlink == 2, "two names")
    scene.left(1, 0)
    expect("rolled forward" in scene.goes_on(), "the next run says so")
    expect(entry.stat().st_nlink == 1, "one name")
    return "accepted with two names; rolled forward; one name"


RACES = "stress/ledger/test_races.py::"
cited("R1", "two and more want the last eighth", "one token; others: no entry, 77",
      RACES + "D, R1: of many who want the last eighth",
      UNIT + "test_ledger_races.c::ledger_races::two_processes_share_no_last_eighth")
cited("R2", "the lock file is replaced while held", "at most one token",
      RACES + "R2: a lock replaced before the entry's link",
      UNIT + "test_ledger_races.c::ledger_races::"
      "a_lock_that_was_replaced_lets_nobody_spend_twice")
cited("R3", "locks do nothing", "tokens as many as the budget holds",
      RACES + "R3: without any lock the links alone",
      UNIT + "test_ledger_races.c::ledger_races::"
      "without_any_lock_the_links_still_count_right")
cited("R4", "fork after the token", "the child is refused",
      UNIT + "test_ledger.c::ledger::"
      "token_is_worthless_in_a_forked_child_and_opens_one_gate_only")
cited("R5", "stopped for a minute in the critical section",
      "others wait or tire; nobody pays twice",
      RACES + "R5: others tire of one that is stopped",
      RACES + "R5: while a process is stopped")
cited("R6", "stopped between the links while others go on",
      "they finish it; one token an entry",
      RACES + "R6: a commit left behind the entry's link")
