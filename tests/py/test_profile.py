"""`tarn ingest --profile`: stages that together are the run."""
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARN = pathlib.Path(os.environ.get("TARN", ROOT / "build/tarn")).resolve()
CONFIG = """\
version: 1
lake: lake
pipelines:
  product:
    preset: product
    source: {files: "events/*.json"}
"""


def run(folder, *words):
    done = subprocess.run([TARN, *map(str, words)], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done


def test_the_stages_are_the_time_of_all_threads(tmp_path):
    (tmp_path / "tarn.yaml").write_text(CONFIG)
    run(tmp_path, "simulate", "product", "--events", 20000, "--out", "events")
    workers = 2
    report = json.loads(run(tmp_path, "ingest", "--profile", "--json", "--workers", workers).stdout.splitlines()[-1])
    stages = report["profile"]["stages"]
    assert {"parse", "shred", "compress", "encode", "store", "apply", "idle"} <= stages.keys()
    assert all(stages[name]["seconds"] > 0 for name in ("parse", "shred", "compress", "encode", "store"))
    threads = workers + 1  # and the reader; some are there for a part of the run only
    assert 0 < sum(s["seconds"] for s in stages.values()) <= threads * report["profile"]["seconds"] * 1.05
    rate = stages["parse"]["cycles_per_byte"] / stages["parse"]["seconds"]
    for stage in stages.values():
        assert abs(stage["cycles_per_byte"] - rate * stage["seconds"]) < 0.01 + 0.01 * stage["cycles_per_byte"]


def test_a_table_for_people_and_nothing_where_it_was_not_asked_for(tmp_path):
    (tmp_path / "tarn.yaml").write_text(CONFIG)
    run(tmp_path, "simulate", "product", "--events", 2000, "--out", "events")
    said = run(tmp_path, "ingest", "--profile").stderr
    assert "cycles/byte" in said and "  compress " in said
    assert "cycles/byte" not in run(tmp_path, "ingest").stderr
