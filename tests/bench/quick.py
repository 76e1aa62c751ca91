#!/usr/bin/env python3
"""make bench-quick: tarn beside DuckDB on one and the same file of product events, in alternation.

tarn: exact dedupe, a table per event name, hourly partitions, statistics, bloom filters, Iceberg commit, fsync. DuckDB: the one
statement a user would write: read_json, first row of each id, COPY partitioned by name and hour, no table format, no fsync. Both with
all cores. Prints the median of five alternated pairs; machines are noisy, so only the ratio means anything.
"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "bench"
TARN = ROOT / "build" / "tarn"
EVENTS = int(os.environ.get("EVENTS", 1_000_000))
PAIRS = int(os.environ.get("PAIRS", 5))

CONFIG = """version: 1
lake: ./lake
pipelines:
  product: {preset: product, source: {files: ["events/product-*.json"]}}
"""
PEER = """
import duckdb, sys
con = duckdb.connect()
con.execute('''
  copy (select *, strftime(to_timestamp(created_at), '%Y-%m-%d-%H') as hour
        from read_json('events/product-*.json', format='newline_delimited', union_by_name=true, maximum_object_size=16777216)
        qualify row_number() over (partition by event_uuid) = 1)
  to 'peer' (format parquet, compression zstd, partition_by (event_name, hour))''')
"""


def measured(command):
    """Seconds by the clock, seconds of CPU, peak MiB of one run."""
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=WORK, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"bench: {command[0]} failed: {said}")
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def row(name, runs, size):
    wall, cpu, peak = (statistics.median(run[i] for run in runs) for i in range(3))
    print(f"{name:8} {wall:7.2f} s {size / wall / 1e6:7.0f} MB/s {cpu:7.2f} CPU s {size / cpu / 1e6:7.0f} MB/CPU s {peak:6.0f} MiB")
    return wall


def main():
    import duckdb
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    (WORK / "tarn.yaml").write_text(CONFIG)
    subprocess.run([TARN, "simulate", "product", "--events", str(EVENTS), "--duplicates", "0.03", "--out", "events", "-q"],
                   cwd=WORK, check=True)
    size = sum(file.stat().st_size for file in WORK.glob("events/product-*"))
    rows = json.loads((WORK / "events/ledger.json").read_text())["rows"]
    print(f"{EVENTS:,} product events of 100 names, {size / 1e6:.0f} MB, 3 % repeats; DuckDB {duckdb.__version__}; "
          f"{os.cpu_count()} cores; median of {PAIRS} pairs")
    ours, theirs = [], []
    for _ in range(PAIRS):
        shutil.rmtree(WORK / "lake", ignore_errors=True)
        ours.append(measured([TARN, "ingest", "-q"]))
        shutil.rmtree(WORK / "peer", ignore_errors=True)
        theirs.append(measured([sys.executable, "-c", PEER]))
    got = duckdb.sql(f"select count(*) from read_parquet('{WORK}/lake/events/*/data/**/*.parquet', union_by_name=true)").fetchone()[0]
    assert got == rows, f"the lake holds {got} rows, the truth is {rows}"
    print(f"ratio by the clock: {row('DuckDB', theirs, size) / row('tarn', ours, size):.1f}x")


if __name__ == "__main__":
    main()
