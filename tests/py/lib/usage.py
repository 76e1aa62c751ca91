"""What a run of the program costs: processor time, and memory at its highest."""
import dataclasses
import json
import subprocess
import sys

# A process inherits the peak of the one that started it, so a small one stands between.
BETWEEN = """
import json, resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


@dataclasses.dataclass
class Usage:
    report: dict
    cpu_seconds: float
    peak_mib: float


def measure(project, *args, input=None, timeout=120):
    """Run a command that prints a report; `input` is a file to be its stdin."""
    words = [sys.executable, "-S", "-c", BETWEEN, str(project.tarn.path), *map(str, args)]
    done = subprocess.run(words, cwd=project.folder, stdin=input, text=True, capture_output=True, timeout=timeout)
    *out, last = done.stdout.splitlines()
    code, cpu_seconds, peak_mib = json.loads(last)
    assert code == 0, done.stderr
    return Usage(json.loads(out[-1]), cpu_seconds, peak_mib)
