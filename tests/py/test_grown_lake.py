"""A lake after a thousand commits as others read it.

build/debug/unit_lake makes the commits, one small file each; manifests are merged, snapshots and old
metadata expire on the way, and PyIceberg and DuckDB must still give back each row once: of the present, and of every
snapshot that the metadata still holds.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest
from pyiceberg.table import StaticTable

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
COMMITS = 1000
ROWS = 3 * COMMITS


@pytest.fixture(scope="session")
def lake():
    subprocess.run(["make", "-s", "MODE=debug", "build/debug/unit_lake"], cwd=ROOT, check=True)
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None  # each commit syncs some ten files
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tarn-grown-", dir=memory))
    out = folder / "lake"
    subprocess.run([ROOT / "build/debug/unit_lake", "lake_grown_in_a_folder_holds_its_rows"], check=True,
                   env={**os.environ, "TARN_GROWN_OUT": str(out), "TARN_GROWN_COMMITS": str(COMMITS)})
    yield out
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def table(lake):
    return lake / "events/push"


@pytest.fixture(scope="session")
def newest(table):
    version = (table / "metadata/version-hint.text").read_text()
    return table / f"metadata/v{version}.metadata.json"


@pytest.fixture(scope="session")
def static(newest):
    return StaticTable.from_metadata(str(newest))


@pytest.fixture(scope="session")
def duck():
    import duckdb
    from duckdb_extensions import import_extension
    con = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    for name in ("avro", "iceberg"):
        import_extension(name, con=con)
        con.execute(f"LOAD {name}")
    return con


def test_pyiceberg_gives_each_row_once(static):
    ids = static.scan(selected_fields=("event_id",)).to_arrow()["event_id"].to_pylist()
    assert sorted(ids) == sorted(f"e{i}" for i in range(ROWS))


def test_duckdb_gives_each_row_once(table, newest, duck):
    for path in (table, newest):
        counted = duck.execute("SELECT count(*), count(DISTINCT event_id), min(event_time) IS NOT NULL "
                               "FROM iceberg_scan(?)", [str(path)]).fetchone()
        assert counted == (ROWS, ROWS, True)


def test_a_filter_on_time_finds_its_files_in_merged_manifests(static):
    scan = static.scan(row_filter="event_time >= '2015-01-01T03:00:00+00:00' and event_time < '2015-01-01T04:00:00+00:00'")
    assert len(list(scan.plan_files())) == 50
    assert len(scan.to_arrow()) == 150


def test_manifests_are_few_and_say_what_they_hold(static):
    manifests = static.current_snapshot().manifests(static.io)
    assert len(manifests) < 200
    assert any(m.existing_files_count and m.existing_files_count >= 100 for m in manifests)
    for manifest in manifests:
        entries = manifest.fetch_manifest_entry(static.io)
        assert len(entries) == manifest.added_files_count + manifest.existing_files_count
        assert sum(e.data_file.record_count for e in entries) == manifest.added_rows_count + manifest.existing_rows_count
        assert min(e.sequence_number for e in entries) == manifest.min_sequence_number


def test_each_entry_keeps_the_snapshot_and_the_number_it_came_with(static):
    numbers = set()
    for manifest in static.current_snapshot().manifests(static.io):
        for entry in manifest.fetch_manifest_entry(static.io):
            numbers.add(entry.sequence_number)
            assert entry.snapshot_id > 0
    assert numbers == set(range(1, COMMITS + 1))


def test_every_snapshot_held_can_be_read(static):
    snapshots = static.metadata.snapshots
    assert len(snapshots) == 100
    assert [entry.snapshot_id for entry in static.metadata.snapshot_log] == [s.snapshot_id for s in snapshots]
    for snapshot in snapshots[::9] + snapshots[-1:]:
        files = list(static.scan(snapshot_id=snapshot.snapshot_id).plan_files())
        assert len(files) == int(snapshot.summary["total-data-files"])
    assert len(static.scan(snapshot_id=snapshots[0].snapshot_id).to_arrow()) == 3 * (COMMITS - 99)


def test_metadata_is_bounded_and_its_log_leads_somewhere(static, table):
    assert len(static.metadata.metadata_log) == 100
    assert all(pathlib.Path(entry.metadata_file).exists() for entry in static.metadata.metadata_log)
    assert len(list((table / "metadata").glob("v*.metadata.json"))) < 101 + 32
    assert len(list((table / "metadata").iterdir())) < 600


def test_no_data_was_removed(table):
    assert len(list((table / "data").rglob("*.parquet"))) == COMMITS


def test_checkpoints_are_few(lake):
    assert len(list((lake / "_tarn/journal/0").iterdir())) == COMMITS + 1
    assert 1 <= len(list((lake / "_tarn/checkpoints/0").iterdir())) <= 2


def test_status_is_the_same_from_a_checkpoint_and_from_the_first_entry(lake, project, tmp_path):
    p = project({"p": {"envelope": {"id": "id", "name": "type", "time": "at"}, "source": {"files": ["in/*"]}}}, lake=str(lake))
    checkpoints, second = lake / "_tarn/checkpoints", lake / f"_tarn/journal/0/{2:020}"
    assert any(checkpoints.glob("0/*"))

    def status():
        told = p("status", "--json").json
        told["journal"].pop("age_seconds")
        return told

    told = status()
    assert told["journal"]["head"] > COMMITS and told["journal"]["last_commit"] and told["tables"]["rows"] == ROWS
    for part in (checkpoints, second):  # the one is not needed, the other not asked for any more
        shutil.move(part, tmp_path / "away")
        assert status() == told
        shutil.move(tmp_path / "away", part)
