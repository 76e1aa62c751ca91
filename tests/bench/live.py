#!/usr/bin/env python3
"""A stream followed live: how many files it leaves, how soon its rows are seen, what memory it takes.

    tests/bench/live.py [--minutes 62] [--rate 278] [--lake FOLDER]

A million product events an hour over a hundred names go into a growing file; `tarn run` follows it with its defaults, a
commit a second. Every few seconds an event of its own is written and asked for until `tarn sql` shows it; PyIceberg reads
one table again and again meanwhile. Files of the hundred names are counted: those that came from minute 1 to minute 61,
which is any hour in the middle of a stream, or all of a run that is shorter. Exit 1 where a bar is missed.
"""
import argparse
import json
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARN = ROOT / "build/tarn"
PROBE_S, PROBE_BAR_S = 15, 2
NAMES = 100
FIRST_S, HOUR_S = 60, 3600
PROBES = "probe_live_seen"


def start(words, folder, **more):
    return subprocess.Popen([str(TARN), *words], cwd=folder, stdout=subprocess.DEVNULL, **more)


def make(folder):
    (folder / "tarn.yaml").write_text(json.dumps({
        "version": 1, "lake": "./lake",
        "pipelines": {"product": {"preset": "product", "source": {"files": ["events/product*.json", "probes.json"]}}},
    }))


def peak_mib(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def probe(folder, number):
    """Seconds from the write of an event until SQL shows it."""
    mark = str(uuid.uuid4())
    event = {"event_uuid": mark, "event_name": "probe:live:seen", "created_at": int(time.time()), "number": number}
    with open(folder / "probes.json", "a") as out:
        out.write(json.dumps(event) + "\n")
    written = time.monotonic()
    while time.monotonic() - written < 60:
        asked = time.monotonic()
        done = subprocess.run([str(TARN), "sql", "--csv", f"select number from {PROBES} where event_id = '{mark}'"],
                              cwd=folder, capture_output=True, text=True)
        if done.returncode == 0 and str(number) in done.stdout.split():
            return asked - written  # what it shows was there when it was asked
        time.sleep(0.05)
    return float("inf")


def read_by_others(folder):
    """Rows of the largest table as PyIceberg has them; every one of its files is whole."""
    from pyiceberg.table import StaticTable
    hint = folder / "lake/events/payment_order_completed/metadata/version-hint.text"
    if not hint.exists():
        return 0
    table = StaticTable.from_metadata(str(hint.parent / f"v{hint.read_text().strip()}.metadata.json"))
    return table.scan(selected_fields=("event_id",)).to_arrow().num_rows if table.current_snapshot() else 0


def listing(folder):
    """Data files of the hundred names."""
    return {path for path in folder.glob("lake/events/*/data/**/*.parquet") if path.relative_to(folder).parts[2] != PROBES}


def list_later(folder, seconds, into):
    """Be it in the midst of a probe: an hour is an hour."""
    timer = threading.Timer(seconds, lambda: into.append(listing(folder)))
    timer.daemon = True
    timer.start()
    return timer


def follow(folder, minutes, rate):
    """Delays of the probes, peak memory; ends with a clean stop."""
    make(folder)
    (folder / "events").mkdir()
    (folder / "probes.json").write_text("")
    events = int(minutes * 60 * rate)
    words = ("simulate", "product", "--events", events, "--rate", f"{rate}/s", "--per-hour", rate * 3600, "--seed", 11, "--start", "now",
             "--out", "events")
    writer = start(map(str, words), folder, stderr=subprocess.DEVNULL)
    time.sleep(1)
    tarn = start(["run", "--quiet"], folder)
    at_first, at_last = [], []
    timers = [list_later(folder, FIRST_S, at_first), list_later(folder, FIRST_S + HOUR_S, at_last)]
    delays, peak, number = [], 0, 0
    while writer.poll() is None and tarn.poll() is None:
        time.sleep(PROBE_S)
        number += 1
        delays.append(probe(folder, number))
        peak = max(peak, peak_mib(tarn))
        read_by_others(folder)
    for timer in timers:
        timer.cancel()
    files = len(at_last[0] - at_first[0]) if at_last else len(listing(folder))
    tarn.send_signal(signal.SIGINT)
    code = tarn.wait(timeout=60)
    return {"delays": delays, "peak_mib": peak, "files": files, "is_full_hour": bool(at_last), "exit": code}


def report(folder, minutes, seen):
    ledger = json.loads((folder / "events/ledger.json").read_text())
    audit = subprocess.run([str(TARN), "audit", "--deep"], cwd=folder, capture_output=True, text=True)
    files, each_minute = seen["files"], NAMES * (HOUR_S / 60 if seen["is_full_hour"] else minutes)
    span = "from minute 1 to minute 61" if seen["is_full_hour"] else f"in all {minutes:g} minutes"
    slow = sum(delay > PROBE_BAR_S for delay in seen["delays"])
    rows = subprocess.run([str(TARN), "status", "--json"], cwd=folder, capture_output=True, text=True)
    taken = json.loads(rows.stdout.splitlines()[-1])["pipelines"][0]["rows"] - len(seen["delays"])
    bars = {
        f"files {span} {files}, a file a name and minute {each_minute:.0f}: {files / each_minute:.3f} (bar 0.1)":
            files <= each_minute / 10,
        f"rows seen after {statistics.median(seen['delays']):.2f} s, at most {max(seen['delays']):.2f} s (bar {PROBE_BAR_S} s); "
        f"{slow} of {len(seen['delays'])} probes took longer than {PROBE_BAR_S} s": slow == 0,
        f"memory {seen['peak_mib']:.0f} MiB (bar 512)": seen["peak_mib"] <= 512,
        f"rows {taken} of {ledger['rows']}": taken == ledger["rows"],
        f"run ended with {seen['exit']}, audit --deep with {audit.returncode}": seen["exit"] == audit.returncode == 0,
    }
    for text, is_met in bars.items():
        print(f"  {'ok  ' if is_met else 'MISS'} {text}")
    return all(bars.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=62)
    parser.add_argument("--rate", type=int, default=278, help="events a second")
    parser.add_argument("--lake", help="work in this folder, which must not be there, and keep it")
    options = parser.parse_args()
    folder = pathlib.Path(options.lake or tempfile.mkdtemp(prefix="tarn-live-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"live: {options.rate} events a second over {NAMES} names for {options.minutes:g} minutes", flush=True)
    seen = follow(folder, options.minutes, options.rate)
    is_good = report(folder, options.minutes, seen)
    if not options.lake:
        shutil.rmtree(folder)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
