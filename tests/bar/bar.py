#!/usr/bin/env python3
"""The figures that a release prints, each with its floor and whether it is reached.

    tests/bar/bar.py [--scale small|bar|full] [--seed N] [--only "sim soak"]      make bar
    tests/bar/bar.py --scale proof                                               make proof

Runs the project's own commands, and reads what they print: tests/bar/steps.py. A figure that must hold at any scale and does
not, or at full scale is below its floor, is a failure: exit 1. All of it is written to build/bar.json too. The proof is
the fixed share of it that runs in every `make test`; it ends with the line "proof: N passed, N failed" that counts steps.
"""
import argparse
import collections
import dataclasses
import datetime
import json
import os
import platform
import subprocess
import sys
import time

import steps
from bench import ROOT, Bench
from figure import FAILED, PART, REACHED, UNMEASURED


@dataclasses.dataclass(frozen=True)
class Scale:
    seeds: int
    sanitized_seeds: int  # of them
    every: int            # one in so many calls and allocations
    pairs: int            # on each kind of store
    mutant_seeds: int     # the shyest mutant is noticed in one world of some two hundred
    soak_minutes: float
    fuzz_minutes: float   # of the whole run; 0: what the floor asks for
    commits: int
    limit_seconds: int    # for one command; 0: none
    left_out: tuple = ()
    is_full: bool = False


SCALES = {
    "proof": Scale(400, 400, 4, 100, 3000, 1, 1, 1000, 900),
    "small": Scale(1000, 200, 8, 100, 3000, 0.5, 0.5, 1000, 900, left_out=("tsan",)),
    "bar": Scale(10_000, 1000, 1, 5000, 10_000, 6, 8, 10_000, 3600),
    "full": Scale(100_000, 10_000, 1, 50_000, 10_000, 480, 0, 10_000, 0, is_full=True),
}
PROOF_SEED = 1


def git(*words):
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def about(options):
    """What the figures are of: enough to have them again."""
    commit = git("rev-parse", "HEAD")
    seed = options.seed
    if seed is None:  # another part of the worlds with each commit, the same for the same one
        seed = PROOF_SEED if options.scale == "proof" or not commit else int(commit[:6], 16) + 1
    return {
        "scale": options.scale, "seed": seed, "commit": commit or "unknown",
        "is_changed": bool(git("status", "--porcelain", "--untracked-files=no")),
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": {"cores": len(os.sched_getaffinity(0)), "kernel": f"{platform.system()} {platform.release()}",
                    "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")},
    }


def head(name, document):
    machine = document["machine"]
    return (f"{name}: scale {document['scale']}, seed {document['seed']}, commit {document['commit'][:12]}"
            f"{' with changes' if document['is_changed'] else ''}, {machine['cores']} cores, "
            f"{machine['memory_bytes'] / 2**30:.0f} GiB, {machine['kernel']}, {document['date']}")


def wanted(options, scale):
    names = options.only.split() or (steps.PROOF if options.scale == "proof" else list(steps.ALL))
    unknown = set(names) - set(steps.ALL)
    if unknown:
        raise SystemExit(f"there is no step {', '.join(sorted(unknown))}; there are {', '.join(steps.ALL)}")
    return [name for name in names if options.only or name not in scale.left_out]


def run_steps(names, bench, is_full):
    """(figures, seconds by step)"""
    figures, seconds = [], {}
    for name in names:
        started = time.monotonic()
        print(f"{name}", flush=True)
        for figure in bench.measure(steps.ALL[name]):
            figure.step = name
            figures.append(figure)
            print(figure.line(is_full), flush=True)
        seconds[name] = round(time.monotonic() - started, 1)
        print(f"  {seconds[name]} s", flush=True)
    return figures, seconds


def finish(name, document, names, figures, is_full):
    counts = collections.Counter(figure.verdict(is_full) for figure in figures)
    bad = sorted({figure.step for figure in figures if figure.verdict(is_full) == FAILED})
    (ROOT / f"build/{name}.json").write_text(json.dumps(document, indent=1) + "\n")
    for figure in figures:
        if figure.verdict(is_full) == FAILED:
            print(figure.line(is_full))
    if bad:
        print(f"repeat: make {name} ONLY=\"{' '.join(bad)}\" SEED={document['seed']}"
              f"{'' if name == 'proof' else ' SCALE=' + document['scale']}")
    print(f"{name}: {counts[REACHED]} floors reached, {counts[PART]} in part, {counts[FAILED]} FAILED, "
          f"{counts[UNMEASURED]} not measured; {document['seconds']} s; build/{name}.json")
    if name == "proof":
        print(f"proof: {len(names) - len(bad)} passed, {len(bad)} failed", flush=True)
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", choices=SCALES, default="bar")
    parser.add_argument("--seed", type=int, help="the first of the worlds; by the commit where it is not given")
    parser.add_argument("--only", default="", help="steps: " + " ".join(steps.ALL))
    options = parser.parse_args()
    name = "proof" if options.scale == "proof" else "bar"
    scale = SCALES[options.scale]
    names = wanted(options, scale)
    document = about(options)
    print(head(name, document), flush=True)
    bench = Bench(scale, document["seed"], document["machine"]["cores"], scale.limit_seconds or None)
    started = time.monotonic()
    figures, seconds = run_steps(names, bench, scale.is_full)
    document.update(seconds=round(time.monotonic() - started), seconds_by_step=seconds,
                    figures=[figure.document(scale.is_full) for figure in figures])
    return finish(name, document, names, figures, scale.is_full)


if __name__ == "__main__":
    sys.exit(main())
