"""Pairs and figures as text for people and as JSON for those who compare."""
import dataclasses
import json
import os
import pathlib
import platform
import subprocess
import time

import contest
import inputs


def machine():
    info = pathlib.Path("/proc/cpuinfo").read_text()
    model = next((line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name")), platform.machine())
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)), "memory_gib": round(pages / 2**30, 1), "kernel": platform.release(),
            "load": os.getloadavg()[0]}


def commit():
    def git(*words):
        return subprocess.run(["git", *words], cwd=inputs.ROOT, capture_output=True, text=True).stdout.strip()
    return git("rev-parse", "--short=12", "HEAD") + ("+" if git("status", "--porcelain") else "")


def row(name, runs, size, ratios=""):
    seconds, cpu, peak, out = (contest.median(runs, what) for what in ("seconds", "cpu", "peak_mib", "bytes_out"))
    return (f"  {name:16} {seconds:8.2f} {size / seconds / 1e6:7.0f} {cpu:8.2f} {size / cpu / 1e6:8.0f} {peak:8.0f} {out / 1e6:8.1f}"
            f"  {ratios}")


def group(all_pairs):
    """A table for the pairs of one input and one number of threads."""
    first = all_pairs[0]
    plural = "s" * (first.threads > 1)
    lines = [f"{first.input}, {first.threads} thread{plural}: {first.bytes / 1e6:.0f} MB, {first.records:,} records, "
             f"median of {len(first.ours)} pairs each",
             f"  {'':16} {'seconds':>8} {'MB/s':>7} {'CPU s':>8} {'MB/CPU s':>8} {'peak MiB':>8} {'MB out':>8}  "
             "tarn is faster; its files of theirs",
             row("tarn", [run for pairs in all_pairs for run in pairs.ours], first.bytes)]
    for pairs in all_pairs:
        spread = sorted(theirs.seconds / ours.seconds for ours, theirs in zip(pairs.ours, pairs.theirs))
        ratios = (f"{pairs.ratio():5.2f}x ({spread[0]:.2f} to {spread[-1]:.2f}), per CPU second {pairs.ratio('cpu'):.2f}x, "
                  f"files {1 / pairs.ratio('bytes_out'):.2f}")
        lines.append(row(pairs.script, pairs.theirs, pairs.bytes, ratios))
    return "\n".join(lines)


def table(targets):
    lines = [f"  {'':70} {'reached':>9} {'floor':>7} {'goal':>7}"]
    for t in targets:
        lines.append(f"  {t.text:70} {t.value:9.2f} {t.floor:7g} {t.goal:7g}  {t.unit:8} {t.verdict}")
    return "\n".join(lines)


def write(bench, targets):
    """build/bench/<time>-<commit>.json"""
    name = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{commit() or 'nogit'}.json"
    runs = [{**dataclasses.asdict(pairs), "ratio": pairs.ratio(), "cpu_ratio": pairs.ratio("cpu")} for pairs in bench.pairs]
    for pairs in runs:
        for run in pairs["ours"] + pairs["theirs"]:
            del run["said"]
    text = json.dumps({"commit": commit(), "machine": machine(), "versions": bench.versions, "size": bench.size, "rounds": bench.rounds,
                       "pairs": runs, "figures": bench.figures, "notes": bench.notes,
                       "targets": [{**dataclasses.asdict(t), "verdict": t.verdict} for t in targets]}, indent=1)
    (inputs.WORK / name).write_text(text + "\n")
    return inputs.WORK / name
