"""One run of one program: seconds by the clock, processor seconds of it and all it started, peak memory of the largest of these."""
import dataclasses
import os
import subprocess
import time

MIB = 1024


@dataclasses.dataclass
class Run:
    seconds: float
    cpu: float
    peak_mib: float
    bytes_out: int = 0
    said: str = ""


class Failed(Exception):
    """A program ended badly, or did not do what it was to do."""


def cores(count):
    """The first so many of those we may use."""
    mine = sorted(os.sched_getaffinity(0))
    if count > len(mine):
        raise Failed(f"{count} threads were asked for, and there are {len(mine)} cores")
    return mine[:count]


def run(command, threads, folder):
    """On as many cores as it has threads."""
    os.sync()  # what others wrote is not paid for here
    allowed = cores(threads)
    began = time.monotonic()
    with open(folder / "stderr", "w") as stderr:
        process = subprocess.Popen([str(word) for word in command], cwd=folder, text=True, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=stderr, preexec_fn=lambda: os.sched_setaffinity(0, allowed))
    with process.stdout:
        said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        tail = (folder / "stderr").read_text(errors="replace")[-2000:]
        raise Failed(f"{' '.join(str(word) for word in command)}: ended with {process.returncode}\n{tail}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / MIB, said=said)
