"""The simulator's figures, out of as many processes as there are cores: each has a share of the seeds."""
import collections
import dataclasses
import re

from bench import Unread, read

LINE = (r"^sim: (?P<seeds>\d+) seeds .*; (?P<calls>\d+) calls, (?P<lives>\d+) lives, (?P<commits>\d+) commits, "
        r"(?P<faults>\d+) faults; (?P<repeats>\d+) traces repeated, all the same; 0 violations$")
TIME = r"^sim: (?P<days>[\d.]+) simulated days; all traces (?P<traces>[0-9a-f]{16})$"
KIND = r"^  (\w[\w ]*?) {2,}(\d+)$"


@dataclasses.dataclass
class Worlds:
    seeds: int = 0
    lives: int = 0
    commits: int = 0
    faults: int = 0
    repeats: int = 0
    days: float = 0.0
    traces: int = 0       # one number for the traces of all seeds
    unlike: int = 0       # seeds that were not the same twice
    violations: int = 0
    kinds: collections.Counter = dataclasses.field(default_factory=collections.Counter)

    def __add__(self, other):
        sums = {field.name: getattr(self, field.name) + getattr(other, field.name) for field in dataclasses.fields(self)}
        return Worlds(**{**sums, "traces": sums["traces"] % 2**64})


def read_worlds(text):
    if "is not the same twice" in text:
        return Worlds(unlike=1)
    try:
        line, time = read(LINE, text), read(TIME, text)
    except Unread:
        return Worlds(violations=1)  # it stops at the first one
    kinds = collections.Counter({kind: int(count) for kind, count in re.findall(KIND, text, re.MULTILINE)})
    return Worlds(line["seeds"], line["lives"], line["commits"], line["faults"], line["repeats"], float(time["days"]),
                  int(str(time["traces"]), 16), kinds=kinds)


def simulate(bench, build, first, seeds):
    """Worlds first..first + seeds - 1, by the build of that kind (sim.mk)."""
    bounds = [first + seeds * i // bench.jobs for i in range(bench.jobs + 1)]
    commands = [(f"build/sim/sim-{build}", "--seed", str(start), "--seeds", str(end - start))
                for start, end in zip(bounds, bounds[1:]) if end > start]
    return sum(map(read_worlds, bench.run_all(commands)), Worlds())
