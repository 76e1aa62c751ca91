#!/usr/bin/env python3
"""make demo: a million events of a music site in, three answers out, each compared with the truth.

Everything happens in build/demo, anew each time. Uses nothing but the program and the standard library.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "music"
TARN = ROOT / "build" / "tarn"
FOLDER = ROOT / "build" / "demo"
EVENTS = 1_000_000


def say(text):
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n{text}", flush=True)


def tarn(*arguments, capture=False):
    """Run the program in the demo's folder; a failure ends the demo."""
    shown = " ".join(f'"{a}"' if " " in a else a for a in arguments)
    if not capture:
        print(f"$ tarn {shown}", flush=True)
    done = subprocess.run([TARN, *arguments], cwd=FOLDER, stdout=subprocess.PIPE if capture else None, text=True)
    if done.returncode != 0:
        sys.exit(f"demo: tarn {shown} ended with {done.returncode}")
    return done.stdout


def answer(name, rows_of, truth):
    """Show what a query answers, and compare it with the ledger."""
    query = FOLDER / f"{name}.sql"
    say(query.read_text().splitlines()[0].removeprefix("-- "))
    tarn("sql", "-f", f"{name}.sql")
    got = [rows_of(row) for row in json.loads(tarn("sql", "--json", "-f", f"{name}.sql", capture=True))]
    if got != truth:
        sys.exit(f"demo: {name}: the lake says {got[:3]} ..., the truth is {truth[:3]} ...")
    print(f"  equal to the truth in events/ledger.json: all {len(truth)} rows")


def main():
    started = time.monotonic()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for file in EXAMPLE.iterdir():
        shutil.copy(file, FOLDER)

    say(f"{EVENTS:,} events of a music site, with repeats, late and damaged ones, and their truth")
    tarn("simulate", "eventsim", "--events", str(EVENTS), "--seed", "1", "--duplicates", "0.02", "--late", "0.005",
         "--malformed", "0.005", "--drift", "0.005", "--out", "events")
    say("Into Iceberg tables, exactly once")
    tarn("ingest")
    say("Again: nothing is taken twice")
    tarn("ingest")
    say("Does it add up?")
    tarn("audit")

    truth = json.loads((FOLDER / "events" / "ledger.json").read_text())["answers"]
    answer("locations", lambda row: [row["location"], row["events"]], truth["locations_by_events"])
    answer("songs", lambda row: [row["artist"], row["song"], row["plays"]], truth["songs"])
    answer("hours", lambda row: [row["user_id"], row["hours"]], truth["hours_by_user"])

    say("What was refused, and why")
    tarn("quarantine", "ls")
    print(f"\nDone in {time.monotonic() - started:.0f} s. The lake is in build/demo/lake; any engine that reads Iceberg reads it.")
    print('Next: cd build/demo && ../tarn sql "select page, count(*) from page_view group by 1 order by 2 desc"')


if __name__ == "__main__":
    main()
