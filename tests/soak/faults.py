"""What is done to a writer. Each fault leaves the round with at most one writer alive, and says what it did not expect."""
import os
import resource
import shutil
import signal
import subprocess
import time

from shim import Shim
from writer import FENCED, GRACE_SECONDS


# --- killed ----------------------------------------------------------------------------------------------------------

def kill(round_):
    round_.writers.sigkill(round_, round_.writers.current)


def kill_recovery(round_):
    """Again and again while it recovers from the time before."""
    round_.writers.sigkill(round_, round_.writers.current)
    for _ in range(round_.random.randint(2, 4)):
        round_.writers.ensure(round_)
        time.sleep(round_.random.random() * round_.random.choice([0.01, 0.05, 0.2]))
        round_.writers.sigkill(round_, round_.writers.current)


def terminate(round_):
    round_.writers.stop(round_)


def look(round_):
    """What a crash leaves, or a writer is in the midst of, is no finding of the audit."""
    if round_.random.random() < 0.5:
        round_.writers.sigkill(round_, round_.writers.current)
    round_.audit()


# --- fenced ----------------------------------------------------------------------------------------------------------

def takeover(round_):
    """Stopped in the middle of its work, replaced, continued: it must say so, write nothing more and go. One that was
    stopped before it had the lake may win against the other instead."""
    old = round_.writers.current
    old.signal(signal.SIGSTOP)
    is_owner = old.has_fenced()
    new = round_.writers.current = round_.writers.start()
    until = time.monotonic() + GRACE_SECONDS
    while not new.has_fenced() and new.is_alive and time.monotonic() < until:
        time.sleep(0.01)
    if not new.has_fenced():
        round_.problem(f"{new.name}: has not taken over within {GRACE_SECONDS} s: {new.code} {new.said()[-500:]}")
    time.sleep(round_.random.random() * round_.random.choice([0.0, 0.5, 1.5]))
    if round_.random.random() < 0.2:
        round_.writers.sigkill(round_, old)
        return
    old.signal(signal.SIGCONT)
    began = time.monotonic()
    while old.is_alive and (is_owner or new.is_alive) and time.monotonic() - began < GRACE_SECONDS:
        time.sleep(0.005)
    round_.soak.fenced_seconds = max(round_.soak.fenced_seconds, time.monotonic() - began)
    loser = old if is_owner or not old.is_alive else new
    round_.writers.current = new if loser is old else old
    round_.soak.exits[str(loser.code)] += 1
    if loser.is_alive:
        round_.problem(f"{loser.name}: lost its fence, and alive after {GRACE_SECONDS} s")
        loser.process.kill()
    elif loser.code != FENCED or loser.said() == "":
        round_.problem(f"{loser.name}: lost its fence, and ended with {loser.code}: {loser.said()[-500:]}")


def stampede(round_):
    """Many starters at once: one is left."""
    starters = [round_.writers.current]
    starters += [round_.writers.start() for _ in range(round_.random.choice([2, 2, 3, 3, 5, 5, 8, 8, 12, 100]))]
    until = time.monotonic() + 3 * GRACE_SECONDS
    while sum(s.is_alive for s in starters) > 1 and time.monotonic() < until:
        time.sleep(0.02)
    alive = [s for s in starters if s.is_alive]
    for ended in starters:
        if not ended.is_alive:
            round_.soak.exits[str(ended.code)] += 1
        if not ended.is_alive and ended.code != FENCED:
            round_.problem(f"{ended.name}: one of many starters, ended with {ended.code}: {ended.said()[-500:]}")
    if len(alive) != 1:
        round_.problem(f"{len(alive)} of {len(starters)} starters are left: " + "; ".join(s.said()[-200:] for s in starters))
    for extra in alive[1:]:
        extra.process.kill()
    round_.writers.current = alive[0] if alive else None


# --- starved ---------------------------------------------------------------------------------------------------------

def starve(round_, which, soft):
    """A limit for a while, on a process that runs: it goes, or goes on once the limit is lifted."""
    writer = round_.writers.current
    writer.is_starved = True
    try:
        old = resource.prlimit(writer.pid, which)
        resource.prlimit(writer.pid, which, (soft, old[1]))
        writer.wait(round_.random.random() * 2)
        if writer.is_alive:
            resource.prlimit(writer.pid, which, old)
    except ProcessLookupError:
        pass


def no_descriptors(round_):
    starve(round_, resource.RLIMIT_NOFILE, round_.random.randint(3, 16))


def short_files(round_):
    """No file may grow over this: writes fail, or are done in part."""
    starve(round_, resource.RLIMIT_FSIZE, int(2 ** round_.random.uniform(0, 17)))


def full_disk(round_):
    writer = round_.writers.current
    writer.is_starved = True
    round_.memory.shrink(round_.random.randint(0, 200) << 10)
    writer.wait(round_.random.random() * 2)
    if round_.random.random() < 0.3:
        round_.writers.sigkill(round_, writer)
    if round_.random.random() < 0.3 and not writer.is_alive:
        round_.writers.ensure(round_)
        round_.writers.current.is_starved = True
        round_.writers.current.wait(1)
    round_.memory.grow()


# --- failing ---------------------------------------------------------------------------------------------------------

def eio(round_):
    """Writers whose file calls fail now and then: each goes on, or ends with a clear error."""
    round_.writers.sigkill(round_, round_.writers.current)
    for _ in range(round_.random.randint(1, 4)):
        shim = Shim(round_)
        writer = round_.writers.current = round_.writers.start(shim)
        writer.wait(round_.random.random() * round_.random.choice([0.5, 2, 4]))
        shim.judge(round_, writer)
        if writer.is_alive and round_.random.random() < 0.7:
            round_.writers.sigkill(round_, writer)
        round_.writers.stop(round_)
        round_.soak.count_shim(shim)


class Memory:
    """A file system in memory under the lake, to be filled; root alone may mount one."""
    SIZE = 1 << 30

    def __init__(self, path):
        self.path = str(path)

    def mount(self):
        return os.geteuid() == 0 and self.run("mount", "-t", "tmpfs", "-o", f"size={self.SIZE}", "tarn-soak", self.path)

    def unmount(self, is_kept):
        if is_kept:
            shutil.copytree(self.path, self.path + ".kept")
        self.run("umount", "-l", self.path)

    def shrink(self, spare_bytes):
        at = os.statvfs(self.path)
        used = (at.f_blocks - at.f_bfree) * at.f_frsize
        self.run("mount", "-o", f"remount,size={used + spare_bytes}", self.path)

    def grow(self):
        self.run("mount", "-o", f"remount,size={self.SIZE}", self.path)

    @staticmethod
    def run(*words):
        return subprocess.run(words, capture_output=True).returncode == 0


ALL = [(kill, 10), (kill_recovery, 4), (terminate, 1), (takeover, 3), (stampede, 1), (no_descriptors, 1), (short_files, 1),
       (full_disk, 2), (eio, 3), (look, 2)]


def choose(names):
    wanted = [name for name in names.split(",") if name]
    unknown = set(wanted) - {fault.__name__ for fault, _ in ALL}
    if unknown:
        raise SystemExit(f"there is no fault {', '.join(sorted(unknown))}")
    return [(fault, weight) for fault, weight in ALL if not wanted or fault.__name__ in wanted]
