#!/usr/bin/env python3
"""make bench: tarn beside the newest peers on the same inputs, and the figures that stand for themselves.

    bench.py [--only "one mixed"] [--size 512MB] [--runs 5] [--threads "1 2"] [--scripts "duckdb clickhouse.best"] [--keys N]

Steps: one mixed flat100 wide github (pairs with peers), roofline cores growth memory dedupe (figures). Exit 1 where a floor is missed.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys

import contest
import figures
import inputs
import measure
import report
import targets

STEPS = (*(name for name in contest.SCRIPTS if name != "many"), *figures.ALL)
UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}


class Bench:
    def __init__(self, options):
        self.size, self.rounds = options.size, options.runs
        self.keys = options.keys
        self.all_threads = options.threads
        self.threads = max(options.threads)
        self.programs = pathlib.Path(options.programs).resolve()
        self.pairs, self.figures, self.notes, self.versions = [], {}, {}, {}

    def tell(self, text):
        if sys.stderr.isatty():
            print(f"\r\033[K{text} ", end="", file=sys.stderr, flush=True)

    def note(self, name, text):
        self.notes[name] = text

    def compete(self, name, threads, rounds, wanted=()):
        """Pairs on an input, shown."""
        scripts = [script for script in contest.SCRIPTS[name] if not wanted or script.startswith(wanted)]
        if not scripts:
            return []
        pairs = contest.compete(inputs.ALL[name], self.size, threads, rounds, scripts, self.versions, self.tell)
        self.pairs += pairs
        self.tell("")
        print(report.group(pairs), end="\n\n", flush=True)
        return pairs

    def step(self, name, wanted):
        if name in figures.ALL:
            self.figures.update(figures.ALL[name](self))
            return
        for threads in self.all_threads:
            self.compete(name, threads, self.rounds, wanted)


def size_of(text):
    match = re.fullmatch(r"(\d+)(KB|MB|GB|)", text)
    if not match:
        raise argparse.ArgumentTypeError("a size is such as 512MB")
    return int(match[1]) * UNITS[match[2]]


def words_of(text):
    return text.replace(",", " ").split()


def threads_of(text):
    return [int(word) for word in words_of(text)]


def parse():
    most = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", type=words_of, default=STEPS, help="steps")
    parser.add_argument("--size", type=size_of, default=size_of("512MB"), help="of each input")
    parser.add_argument("--runs", type=int, default=5, help="pairs")
    parser.add_argument("--threads", type=threads_of, default=sorted({1, min(2, most)}))
    parser.add_argument("--keys", type=int, default=100_000_000, help="known, for the step dedupe")
    parser.add_argument("--scripts", type=words_of, default=(), help="beginnings of the names of scripts")
    parser.add_argument("--programs", default=inputs.ROOT / "build/release", help="where the C programs are")
    options = parser.parse_args()
    unknown = set(options.only) - set(STEPS)
    if unknown:
        parser.error(f"no such step: {', '.join(unknown)}; there are {', '.join(STEPS)}")
    return options


def main():
    options = parse()
    bench = Bench(options)
    bench.versions["tarn"] = subprocess.run([inputs.TARN, "--version"], capture_output=True, text=True).stdout.split()[-1]
    failed = []
    for name in options.only:
        try:
            bench.step(name, tuple(options.scripts))
        except inputs.Absent as lack:
            print(f"{name}: left out, {lack}\n", flush=True)
        except measure.Failed as failure:
            failed.append(name)
            bench.tell("")
            print(f"{name}: {failure}\n", flush=True)
    reached = [*targets.of_pairs(bench.pairs), *targets.of_figures(bench.figures)]
    bench.tell("")
    print(report.table(reached))
    for name, text in bench.notes.items():
        print(f"  {name}: {text}")
    print(f"  versions: {', '.join(f'{name} {version}' for name, version in bench.versions.items())}")
    print(f"  all of it: {report.write(bench, reached).relative_to(inputs.ROOT)}")
    return 1 if failed or any(target.verdict == "MISS" for target in reached) else 0


if __name__ == "__main__":
    sys.exit(main())
