"""A lake in a folder as others read it.

build/debug/unit_lake writes a lake and, beside it, the rows it put in; PyIceberg and
DuckDB, given nothing but the table's metadata, must give back each row once.
"""
import json
import os
import pathlib
import subprocess

import duckdb
import pytest
from pyiceberg.table import StaticTable

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def lake(tmp_path_factory):
    subprocess.run(["make", "-s", "MODE=debug", "build/debug/unit_lake"], cwd=ROOT, check=True)
    out = tmp_path_factory.mktemp("lake") / "lake"
    subprocess.run([ROOT / "build/debug/unit_lake", "lake_in_a_folder_holds_its_rows"], check=True,
                   env={**os.environ, "TARN_LAKE_OUT": str(out)})
    return out


@pytest.fixture(scope="session")
def truth(lake):
    rows = [json.loads(line) for line in pathlib.Path(f"{lake}.rows").read_text().splitlines()]
    assert len(rows) == 1200
    return sorted(map(as_tuple, rows))


def as_tuple(row):
    amount = row["amount"]
    return row["event_id"], row["event_time"], -1 if amount is None else amount, tuple(row["tags"])


def tables(lake):
    return sorted(path.parent.parent for path in lake.glob("*/*/metadata/version-hint.text"))


def newest(table):
    version = (table / "metadata/version-hint.text").read_text()
    return table / f"metadata/v{version}.metadata.json"


@pytest.fixture(scope="session")
def static(lake):
    table, = tables(lake)
    return StaticTable.from_metadata(str(newest(table)))


@pytest.fixture(scope="session")
def duck():
    from duckdb_extensions import import_extension
    con = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    for name in ("avro", "iceberg"):
        import_extension(name, con=con)
        con.execute(f"LOAD {name}")
    con.execute("SET TimeZone = 'UTC'")
    return con


def test_pyiceberg_gives_each_row_once(static, truth):
    rows = static.scan().to_arrow().to_pydict()
    times = static.scan().to_arrow()["event_time"].cast("int64").to_pylist()
    found = [as_tuple({**{name: rows[name][i] for name in ("event_id", "amount", "tags")}, "event_time": times[i]})
             for i in range(len(times))]
    assert sorted(found) == truth


def test_duckdb_gives_each_row_once(lake, duck, truth):
    table, = tables(lake)
    found = duck.execute("SELECT event_id, epoch_us(event_time), coalesce(amount, -1), tags FROM iceberg_scan(?)",
                         [str(newest(table))]).fetchall()
    assert sorted((id, time, amount, tuple(tags)) for id, time, amount, tags in found) == truth


def test_duckdb_finds_the_table_by_its_folder(lake, duck, truth):
    table, = tables(lake)
    count, = duck.execute("SELECT count(*) FROM iceberg_scan(?)", [str(table)]).fetchone()
    assert count == len(truth)


def test_a_filter_on_time_leaves_files_out(static, truth):
    low, high = "2015-01-01T01:00:00+00:00", "2015-01-01T02:00:00+00:00"
    filtered = static.scan(row_filter=f"event_time >= '{low}' and event_time < '{high}'")
    hour = 1420074000000000
    assert len(filtered.to_arrow()) == sum(hour <= row[1] < hour + 3600000000 for row in truth) > 0
    assert len(list(filtered.plan_files())) < len(list(static.scan().plan_files()))


def test_snapshots_say_what_they_hold(static):
    snapshots = static.metadata.snapshots
    assert [s.summary["tarn.entries"] for s in snapshots] == ["1..2", "3..4", "5..5"]
    assert [s.summary["total-records"] for s in snapshots] == ["300", "900", "1200"]
    assert static.properties["tarn.applied.0"] == "5"
    assert static.properties["write.parquet.compression-codec"] == "zstd"
    for older, newer in zip(snapshots, snapshots[1:]):
        assert newer.parent_snapshot_id == older.snapshot_id


def test_old_snapshots_can_still_be_read(static):
    assert len(static.scan(snapshot_id=static.metadata.snapshots[0].snapshot_id).to_arrow()) == 300


def test_manifests_count_what_the_files_hold(static):
    for manifest in static.current_snapshot().manifests(static.io):
        entries = manifest.fetch_manifest_entry(static.io)
        assert manifest.added_files_count == len(entries)
        assert manifest.added_rows_count == sum(entry.data_file.record_count for entry in entries)
        assert all(entry.data_file.file_size_in_bytes ==
                   os.path.getsize(entry.data_file.file_path) for entry in entries)
