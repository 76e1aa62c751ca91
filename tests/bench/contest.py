"""tarn beside a peer's script on one input: pairs in alternation, each run's result checked.

tarn is the whole of `tarn ingest` on a fresh lake: start, schema found, repeats removed, statistics, bloom filters, sync to
disk, commit. A script is its engine's time for one job, the engine's start not counted, no sync.
"""
import dataclasses
import json
import pathlib
import shutil
import statistics
import subprocess
import sys

import inputs
import measure

HERE = pathlib.Path(__file__).parent
RAW = "tarn.raw"  # tarn once more, keeping the records as received
SCRIPTS = {
    "one": ("duckdb.best", "duckdb.user", "clickhouse.best", "clickhouse.user", "polars.best", "polars.user", RAW),
    "mixed": ("duckdb.best", "duckdb.infer", "duckdb.user", RAW),
    "flat100": ("duckdb.best", "duckdb.given", "duckdb.user", "clickhouse.best", "clickhouse.user", "polars.best", "polars.user", RAW),
    "wide": ("duckdb.best", "duckdb.user", RAW),
    "github": ("duckdb.best", "duckdb.user", RAW),
    "many": ("duckdb.best",),
}


@dataclasses.dataclass
class Pairs:
    """What came of the pairs of one script, in order."""
    input: str
    threads: int
    script: str
    bytes: int
    records: int
    ours: list = dataclasses.field(default_factory=list)
    theirs: list = dataclasses.field(default_factory=list)

    def ratio(self, what="seconds"):
        """How many times ours is theirs; the median over pairs."""
        return statistics.median(getattr(theirs, what) / getattr(ours, what) for ours, theirs in zip(self.ours, self.theirs))


def median(runs, what):
    return statistics.median(getattr(run, what) for run in runs)


def fresh(name):
    folder = inputs.WORK / "run" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def check(folder, out):
    """Bytes of the files, where they hold what they should."""
    done = subprocess.run([sys.executable, HERE / "check.py", folder, out], capture_output=True, text=True)
    if done.returncode != 0:
        raise measure.Failed(f"{out}: {done.stderr.strip()}")
    return int(done.stdout)


def ingest(input, folder, truth, threads, raw="off"):
    at = fresh("tarn")
    config = {"version": 1, "lake": "./lake", "pipelines": {"bench": input.pipeline(folder, raw)}}
    (at / "tarn.yaml").write_text(json.dumps(config))  # YAML takes JSON
    run = measure.run([inputs.TARN, "ingest", "--json", "--workers", threads], threads, at)
    report = json.loads(run.said.splitlines()[-1])
    said = {what: report[what] for what in ("records", "rows", "duplicates", "quarantined", "conflicts")}
    true = {"records": truth["records"], "rows": truth["rows"], "duplicates": truth["records"] - truth["rows"],
            "quarantined": 0, "conflicts": 0}
    if said != true:
        raise measure.Failed(f"tarn says {said}, and true is {true}")
    run.bytes_out = check(folder, at / "lake/events")
    return run


def play(input, folder, truth, threads, script, versions):
    if script == RAW:
        return ingest(input, folder, truth, threads, "on")
    engine, job = script.split(".")
    at = fresh("peer")
    (at / "out").mkdir()
    run = measure.run([sys.executable, HERE / f"peer_{engine}.py", f"{input.name}.{job}", folder, at / "out", threads], threads, at)
    said = json.loads(run.said.splitlines()[-1])
    run.seconds, run.cpu, versions[engine] = said["seconds"], said["cpu"], said["version"]
    run.bytes_out = check(folder, at / "out")
    return run


def compete(input, size, threads, rounds, scripts, versions, tell):
    """Pairs of each script, round by round; who goes first changes with the round."""
    folder, truth = inputs.make(input, size)
    all_pairs = [Pairs(input.name, threads, script, truth["bytes"], truth["records"]) for script in scripts]
    for number in range(rounds):
        for pairs in all_pairs:
            tell(f"{input.name}, {threads} thread{'s' * (threads > 1)}: round {number + 1} of {rounds}, {pairs.script}")
            for is_ours in (True, False) if number % 2 == 0 else (False, True):
                if is_ours:
                    pairs.ours.append(ingest(input, folder, truth, threads))
                else:
                    pairs.theirs.append(play(input, folder, truth, threads, pairs.script, versions))
    return all_pairs
