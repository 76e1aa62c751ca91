#!/usr/bin/env python3
"""Soak: the real binary under load, killed and starved at random moments, and counted by readers that are not ours.

    tests/soak/soak.py --minutes 10 [--seed N] [--rate N] [--faults kill,takeover,...] [--kills N]

A round has a lake of its own and one to three simulated streams (repeats, late and malformed records in them) that
grow while `tarn run` follows them. Some fifty faults later the streams end, the lake is drained, and what it holds is
held against the ledgers of the streams: by DuckDB, by PyIceberg, by `tarn audit`. Time decides where a fault strikes,
so a seed repeats the choices, not the moment. A round that shows a difference is kept in build/soak.

Ends with one line of figures and one of JSON. Exit 1 on any difference, 0 else.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import signal
import sys
import time

import faults
import shim
from truth import Streams, compare
from writer import Writers

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Round:
    """A lake, its streams, and whoever writes to it."""

    def __init__(self, soak, number):
        self.soak, self.number = soak, number
        self.random = random.Random(f"{soak.seed}-{number}")
        self.folder = soak.folder / f"round-{number}"
        self.problems = []
        shutil.rmtree(self.folder, ignore_errors=True)
        self.lake = self.folder / "lake"
        self.lake.mkdir(parents=True)
        self.memory = faults.Memory(self.lake) if self.random.random() < 0.5 else None
        self.is_memory = self.memory is not None and self.memory.mount()
        self.streams = Streams(soak.tarn, self.folder, self.random, soak.rate)
        self.writers = Writers(soak.tarn, self.folder)
        self.write_config()

    def write_config(self):
        every = self.random.choice(["200ms", "300ms", "500ms"])
        config = {"version": 1, "lake": "./lake", "commit": {"every": every}, "pipelines": self.streams.pipelines}
        (self.folder / "tarn.yaml").write_text(json.dumps(config, indent=1) + "\n")
        where = "memory" if self.is_memory else "disk"
        print(f"round {self.number}: {', '.join(self.streams.labels)}; commit every {every}; lake in {where}", flush=True)

    def problem(self, text):
        self.problems.append(text)
        print(f"  PROBLEM {text}", flush=True)

    def run(self, until):
        """Faults until their number or the time is up; then the count. True where all is well."""
        count = self.random.randint(35, 65)
        try:
            self.streams.start()
            for _ in range(count):
                if time.monotonic() > until or self.soak.is_enough() or self.problems:
                    break
                self.writers.ensure(self)
                time.sleep(self.random.choice([0.02, 0.1, 0.3, 0.6, 1.2]) * self.random.random() * 2)
                fault = self.soak.pick(self)
                self.soak.counts[fault.__name__] += 1
                fault(self)
            self.streams.stop(self)
            self.writers.stop(self)
            self.drain()
        finally:
            self.streams.kill()
            self.writers.kill()
            if self.is_memory:
                self.memory.unmount(is_kept=bool(self.problems))
        return not self.problems

    def audit(self, *options):
        done = self.writers.command("audit", *options)
        if done.returncode != 0:
            self.problem(f"audit ended with {done.returncode}: {done.stdout[:1000]}{done.stderr[:1000]}")

    def drain(self):
        done = self.writers.command("ingest", "--json")
        if done.returncode != 0:
            self.problem(f"the draining ingest ended with {done.returncode}: {done.stderr.strip()[-500:]}")
            return
        again = self.writers.command("ingest", "--json")
        if again.returncode != 0 or json.loads(again.stdout.splitlines()[-1])["records"] != 0:
            self.problem(f"a second ingest was to find nothing: {again.returncode} {again.stdout[-300:]}{again.stderr[-300:]}")
        self.audit(*(["--deep"] if self.number % 3 == 0 else []))
        self.soak.events += self.streams.records
        difference = compare(self)
        self.soak.lost += difference.lost
        self.soak.doubled += difference.doubled


class Soak:
    def __init__(self, options):
        self.tarn = pathlib.Path(os.environ.get("TARN", ROOT / "build/tarn")).resolve()
        self.folder = pathlib.Path(options.folder or ROOT / "build/soak").resolve()
        self.seed, self.rate, self.kill_target = options.seed, options.rate, options.kills
        self.chosen = faults.choose(options.faults)
        self.counts = collections.Counter()
        self.exits = collections.Counter()
        self.kills = self.events = self.lost = self.doubled = 0
        self.shim_writers = self.shim_failed = 0
        self.fenced_seconds = self.stop_seconds = 0.0

    def pick(self, round_):
        fitting = [(f, w) for f, w in self.chosen if f is not faults.full_disk or round_.is_memory]
        return round_.random.choices(*zip(*fitting))[0]

    def count_shim(self, one):
        self.shim_writers += 1
        self.shim_failed += one.failed()

    def is_enough(self):
        return self.kill_target and self.kills >= self.kill_target

    def run(self, minutes):
        started = time.monotonic()
        until = started + minutes * 60
        number, bad = 0, []
        while time.monotonic() < until and not self.is_enough() and len(bad) < 3:
            number += 1
            one = Round(self, number)
            if one.run(until):
                shutil.rmtree(one.folder, ignore_errors=True)
            else:
                bad.append(one)
            print(f"  so far: {self.kills} kills, {self.events} events, {self.lost} lost, {self.doubled} doubled, "
                  f"{len(bad)} bad rounds", flush=True)
        self.report(number, bad, time.monotonic() - started)
        return 1 if bad or self.lost or self.doubled else 0

    def report(self, rounds, bad, seconds):
        figures = {
            "seed": self.seed, "rounds": rounds, "kills": self.kills, "events": self.events, "seconds": round(seconds),
            "lost": self.lost, "doubled": self.doubled, "fenced_seconds_max": round(self.fenced_seconds, 2),
            "stop_seconds_max": round(self.stop_seconds, 2), "faults": dict(self.counts), "exits": dict(self.exits),
            "problems": [f"round {one.number} ({one.folder}): {text}" for one in bad for text in one.problems],
            "eio": {"writers": self.shim_writers, "failed_calls": self.shim_failed},
        }
        for text in figures["problems"]:
            print(text)
        print(json.dumps(figures))
        print(f"soak: {self.kills} kills, {self.events} events, {round(seconds)} seconds, {self.lost} lost, "
              f"{self.doubled} doubled, {len(figures['problems'])} problems, seed {self.seed}, eio {self.shim_writers} writers with "
              f"{self.shim_failed} failed calls", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--rate", type=int, default=1500, help="records a second, of all streams together")
    parser.add_argument("--kills", type=int, default=0, help="end once there were so many")
    parser.add_argument("--faults", default="", help="only these: " + ",".join(f.__name__ for f, _ in faults.ALL))
    parser.add_argument("--folder", default="")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))  # what was started is ended, what was mounted unmounted
    if not shim.LIBRARY.exists():
        parser.error(f"{shim.LIBRARY} is not there: make build/shim.so")
    print(f"soak: seed {options.seed}", flush=True)
    return Soak(options).run(options.minutes)


if __name__ == "__main__":
    sys.exit(main())
