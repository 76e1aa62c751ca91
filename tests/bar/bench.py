"""Runs the project's own commands for the steps of the bar, keeps what they say, and reads figures out of it."""
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess

from figure import must_be

ROOT = pathlib.Path(__file__).resolve().parents[2]
TAIL_LINES = 30
GRACE_SECONDS = 30
# Said to the make that called us; another make is to hear only what we say.
NOT_OURS = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MODE", "SEED", "SEEDS", "PAIRS", "EVERY", "MINUTES",
            "TARGETS", "JOBS", "GROWTH", "PLAIN", "SAN", "SCALE", "ONLY")


def end(process):
    """With time to clean up: the soak has file systems mounted."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Unread(Exception):
    """A command did not say what was to be read."""


class Bench:
    def __init__(self, scale, seed, jobs, limit_seconds):
        self.scale, self.seed, self.jobs, self.limit_seconds = scale, seed, jobs, limit_seconds
        self.logs = ROOT / "build/bar"
        self.logs.mkdir(parents=True, exist_ok=True)
        self.environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        self.broken = []  # (command, how it ended), of this step

    def make(self, *words):
        return self.run("make", "--no-print-directory", f"-j{self.jobs}", *words)

    def run(self, *command):
        """What it said. Where it ended badly, that is said too, and becomes a figure that fails."""
        log = self.logs / (re.sub(r"[^\w.=]+", "-", " ".join(command)).strip("-")[:100] + ".log")
        with open(log, "wb") as said:
            status = self.wait(subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                                env=self.environment, start_new_session=True))
        text = log.read_text(errors="replace")
        if status != 0:
            self.broken.append((" ".join(command), status))
            tail = "\n".join(text.splitlines()[-TAIL_LINES:])
            print(f"{tail}\n  {' '.join(command)}: ended with {status}; all it said: {log.relative_to(ROOT)}", flush=True)
        return text

    def run_all(self, commands):
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            return list(pool.map(lambda command: self.run(*command), commands))

    def wait(self, process):
        """Its exit status. Where it takes too long, or nobody wants it any more, it ends, and all that it started."""
        try:
            return process.wait(self.limit_seconds)
        except subprocess.TimeoutExpired:
            return f"no answer within {self.limit_seconds} s"
        finally:
            if process.poll() is None:
                end(process)

    def measure(self, step):
        """The figures of a step as they come."""
        self.broken = []
        try:
            yield from step(self)
        except Unread as lack:
            if not self.broken:
                yield must_be(f"figures that could not be read: {lack}", 1, 0)
        for command, status in self.broken:
            yield must_be(f"exit status of {command}", status, 0)


def read(pattern, text):
    """The groups of the last match, by name, as numbers where they are."""
    found = list(re.finditer(pattern, text, re.MULTILINE))
    if not found:
        raise Unread(pattern)
    return {name: as_number(value) for name, value in found[-1].groupdict().items()}


def total(pattern, text):
    """Each group added up over all matches."""
    found = re.findall(pattern, text, re.MULTILINE)
    if not found:
        raise Unread(pattern)
    rows = [row if isinstance(row, tuple) else (row,) for row in found]
    return [sum(int(value) for value in column) for column in zip(*rows)]


def as_number(text):
    plain = text.replace(",", "")
    if re.fullmatch(r"\d+", plain):
        return int(plain)
    return float(plain) if re.fullmatch(r"\d+\.\d+", plain) else text
