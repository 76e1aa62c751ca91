"""The processes under test: `tarn run`, as many as a fault wants, and what they said when they ended."""
import os
import signal
import subprocess
import time

from truth import newest_epoch

ENDED_WELL = 0
FENCED = 75            # another writer has the lake
STARVED = (71, 74)     # a limit, or the disk: only after a fault that starves
CLEAR = range(64, 79)  # any of sysexits, in words: under the fault layer
GRACE_SECONDS = 30     # for anything that must end by itself, on a machine that is busy


class Writer:
    def __init__(self, tarn, folder, number, shim=None):
        self.name, self.folder, self.shim = f"run-{number}", folder, shim
        environment = {**os.environ, **shim.environment} if shim else None
        # A pipe: what it says must get out though no file may grow. Nobody reads it until it has ended.
        self.process = subprocess.Popen([tarn, "run", "--quiet"], cwd=folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, restore_signals=False,
                                        pipesize=1 << 20, env=environment)
        self.words = None
        self.is_starved = False
        self.newest_before = newest_epoch(folder / "lake")
        self.pid = self.process.pid

    def has_fenced(self):
        """Whether it, or one that came after it, has taken the lake over."""
        return newest_epoch(self.folder / "lake") > self.newest_before

    @property
    def code(self):
        return self.process.poll()

    @property
    def is_alive(self):
        return self.code is None

    def said(self):
        """What it said on stderr; empty while it is alive."""
        if self.words is None and not self.is_alive:
            self.words = self.process.stderr.read().decode(errors="replace").strip()
            self.process.stderr.close()
        return self.words or ""

    def signal(self, number):
        if self.is_alive:
            os.kill(self.pid, number)

    def wait(self, seconds):
        """Its exit code, or None where it goes on."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None


class Writers:
    """`current` is the one that should be alive; others come and go within one fault."""

    def __init__(self, tarn, folder):
        self.tarn, self.folder = tarn, folder
        self.current = None
        self.all = []

    def start(self, shim=None):
        writer = Writer(self.tarn, self.folder, len(self.all), shim)
        self.all.append(writer)
        return writer

    def ensure(self, round_):
        if self.current is not None and self.current.is_alive:
            return
        if self.current is not None:
            self.judge(round_, self.current)
        self.current = self.start()

    def judge(self, round_, writer):
        """Whether it had leave to end as it did."""
        code = writer.code
        round_.soak.exits[str(code)] += 1
        allowed = (ENDED_WELL, -signal.SIGKILL) + (STARVED if writer.is_starved else ())
        is_clear = writer.shim is not None and code in CLEAR and writer.said() != ""
        if code not in allowed and not is_clear:
            round_.problem(f"{writer.name}: ended with {code}: {writer.said()[-800:]}")

    def sigkill(self, round_, writer):
        """Counts only where it was alive to be killed."""
        if writer.is_alive:
            writer.process.kill()
            writer.process.wait()
            round_.soak.kills += writer.code == -signal.SIGKILL

    def stop(self, round_):
        if self.current is not None and self.current.is_alive:
            self.current.signal(signal.SIGTERM)
            began = time.monotonic()
            if self.current.wait(GRACE_SECONDS) is None:
                round_.problem(f"{self.current.name}: SIGTERM, and alive after {GRACE_SECONDS} s")
                self.current.process.kill()
                self.current.wait(GRACE_SECONDS)
            round_.soak.stop_seconds = max(round_.soak.stop_seconds, time.monotonic() - began)
        if self.current is not None:
            # What could not be finished in its ten seconds is abandoned with 75, in words; and a signal may come before
            # main has a handler for it.
            is_abandoned = self.current.code == FENCED and "abandoned" in self.current.said()
            is_early = self.current.code == -signal.SIGTERM and not self.current.has_fenced()
            if not is_abandoned and not is_early:
                self.judge(round_, self.current)
        self.current = None

    def kill(self):
        for writer in self.all:
            if writer.is_alive:
                writer.process.kill()
                writer.process.wait()

    def command(self, *words):
        return subprocess.run([self.tarn, *words], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=600)
