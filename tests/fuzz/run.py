#!/usr/bin/env python3
"""Run each libFuzzer program of build/fuzz for its share of the time, and list what was found.

    tests/fuzz/run.py --minutes 30 [--jobs 2] json frame ...

Starts from tests/fuzz/seeds/<target>, from the published JSON sets beside the project where they are, and from what
earlier runs kept in build/fuzz/corpus/<target>. Findings stay in build/fuzz/findings; exit 1 where there is one.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUZZ = ROOT / "build/fuzz"
JSON = ROOT.parent / "shared/data/json"
TAKES_JSON = ("json", "frame", "shred")
LONGEST = {"inflate": 65536, "json": 16384, "shred": 8192, "entry": 8192, "checkpoint": 8192, "frame": 3000}


def published(target):
    """The folders of published texts that this target can take."""
    if target not in TAKES_JSON or not JSON.is_dir():
        return []
    texts = FUZZ / "published"
    texts.mkdir(exist_ok=True)
    for path in JSON.glob("*"):
        if path.is_file():
            for number, line in enumerate(path.read_bytes().split(b"\n")):
                (texts / f"{path.name}-{number}").write_bytes(line)
    return [str(JSON / "JSONTestSuite"), str(texts)]


def run(target, seconds):
    """(target, figures by name, the findings' paths)"""
    corpus, findings = FUZZ / "corpus" / target, FUZZ / "findings"
    corpus.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    log = FUZZ / f"{target}.log"
    folders = [str(corpus), str(ROOT / "tests/fuzz/seeds" / target), *published(target)]
    options = [f"-max_total_time={seconds}", f"-max_len={LONGEST.get(target, 4096)}", "-timeout=20",
               "-rss_limit_mb=2048", f"-artifact_prefix={findings}/{target}-", "-print_final_stats=1"]
    with open(log, "wb") as said:
        done = subprocess.run([str(FUZZ / f"fuzz_{target}"), *options, *folders], cwd=ROOT, stdout=said, stderr=said)
    text = log.read_text(errors="replace")
    figures = dict(re.findall(r"stat::(\w+):\s+(\d+)", text))
    figures["covered"] = (re.findall(r" cov: (\d+)", text) or ["0"])[-1]
    found = sorted(findings.glob(f"{target}-*"))
    if done.returncode != 0 and not found:
        found = [log]
    return target, figures, found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5, help="of the whole run")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("targets", nargs="+")
    options = parser.parse_args()
    jobs = max(1, min(options.jobs, len(options.targets)))
    seconds = max(1, int(options.minutes * 60 * jobs / len(options.targets)))
    print(f"fuzz: {len(options.targets)} targets, {seconds} s each, {jobs} at a time", flush=True)
    findings, inputs = [], 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for target, figures, found in pool.map(run, options.targets, [seconds] * len(options.targets)):
            inputs += int(figures.get("number_of_executed_units", 0))
            findings += found
            print(f"  {target:10} {int(figures.get('number_of_executed_units', 0)):>12,} inputs "
                  f"{int(figures.get('average_exec_per_sec', 0)):>8,} a second {int(figures['covered']):>6,} places "
                  f"{figures.get('peak_rss_mb', '0'):>5} MiB  {len(found)} findings", flush=True)
    for path in findings:
        print(f"  found: {path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}")
    print(f"fuzz: {len(options.targets)} targets, {inputs} inputs, {seconds * len(options.targets)} seconds of CPU, "
          f"{len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
