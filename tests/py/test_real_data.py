"""Real events, through files: how many rows came of them, said by three readers that are not ours."""
import gzip
import time

import pytest

from lib import records
from lib.project import rows_of
from lib.real import BANK, REAL, ingest_real, text_time

# --- counts --------------------------------------------------------------------


def test_the_report_counts_what_is_there(real):
    report, want = real.report, real.real
    assert report["records"] == want.records == len(real.events)
    assert report["rows"] == want.rows
    assert report["duplicates"] == want.duplicates
    assert report["conflicts"] == report["quarantined"] == 0
    assert report["files"] == {"taken": len(real.files), "skipped": 0}


def test_each_table_has_its_rows(real):
    rows = rows_of(real.report)
    assert len(rows) == real.real.tables
    assert rows.items() >= real.real.some.items()
    assert rows.keys() == real.tables.keys()


def test_pyarrow_counts_the_same(real):
    counts = {name: sum(file.metadata.num_rows for _, file in table.files()) for name, table in real.tables.items()}
    assert counts == rows_of(real.report)


def test_pyiceberg_counts_the_same_and_finds_no_id_twice(real):
    ids = {name: table.ids() for name, table in real.tables.items()}
    assert {name: len(found) for name, found in ids.items()} == rows_of(real.report)
    assert len({id for found in ids.values() for id in found}) == real.real.rows


def test_duckdb_counts_the_same(real, duck):
    counts = {name: duck.execute("SELECT count(*) FROM iceberg_scan(?)", [str(table.path)]).fetchone()[0]
              for name, table in real.tables.items()}
    assert counts == rows_of(real.report)


def test_the_lake_adds_up(real):
    real.project.audit()


# --- once and only once --------------------------------------------------------


def test_the_same_files_again_give_no_row(real):
    again = real.project.ingest()
    assert again["records"] == 0
    assert again["files"] == {"taken": 0, "skipped": len(real.files)}
    assert {name: table.metadata_path for name, table in real.project.lake.tables().items()} == \
           {name: table.metadata_path for name, table in real.tables.items()}


@pytest.fixture(scope="module")
def bank_files(shared):
    return sorted(shared.glob("bank/*.json.gz"))


@pytest.fixture
def bank(project, shared):
    """Commits often, so that there is much to be killed in."""
    source = {"files": [str(shared / "bank/*.json.gz")]}
    return project({"bank": {**BANK, "source": source}}, commit={"every": "20ms"})


def test_a_repeat_is_a_repeat_though_its_hour_is_another(bank, bank_files):
    first, later_hour = {}, 0
    for path in bank_files:
        for at, line in records.lines(path):
            event = records.loads(line)
            hour = text_time(event["timestamp"]).replace(minute=0, second=0)
            position, known = first.setdefault(event["event_id"], (f"{path}:{at}", hour))
            later_hour += known != hour
    assert later_hour == 9
    bank.ingest()
    rows = all_rows(bank)
    assert {row["event_id"]: position for position, row in rows.items()} == \
           {id: position for id, (position, _) in first.items()}


def test_the_same_events_in_other_files_are_duplicates(bank, bank_files):
    bank.ingest()
    for path in bank_files:
        (bank.folder / f"copy-of-{path.name}").write_bytes(path.read_bytes())
    copies = bank.ingest(*sorted(bank.folder.glob("copy-of-*")))
    assert (copies["records"], copies["rows"], copies["duplicates"]) == (27154, 0, 27154)


# --- kill -9 -------------------------------------------------------------------


def all_rows(project):
    """Position -> row, less the time it was taken."""
    rows = {}
    for name, table in project.lake.tables().items():
        for row in table.rows():
            del row["ingested_at"]
            assert row["source_position"] not in rows
            rows[row["source_position"]] = {"table": name, **row}
    return rows


@pytest.fixture(scope="module")
def rows_in_one_go(tarn, shared, tmp_path_factory):
    bank, = (real for real in REAL if real.name == "bank")
    return all_rows(ingest_real(bank, tarn, shared, tmp_path_factory.mktemp("bank")).project)


@pytest.mark.parametrize("steps", [2, 5, 11, 23])
def test_killed_at_any_moment_the_tables_are_as_in_one_go(bank, bank_files, rows_in_one_go, steps):
    """Killed after 1, 2, 3.. of so many parts of the usual time, until the rest is taken before the kill comes."""
    began = time.monotonic()
    bank.ingest(*bank_files[:2])
    usual, kills = time.monotonic() - began, 0
    while bank.kill_ingest(after=usual * (kills + 1) / steps):
        kills += 1
    assert kills > 0
    assert bank.ingest()["rows"] == 0
    assert all_rows(bank) == rows_in_one_go
    bank.audit()


def test_a_version_hint_that_a_kill_left_behind_is_brought_up(bank, bank_files):
    """DuckDB and others go by the hint alone: killed between a table's metadata and its hint, they would never see it."""
    bank.ingest(*bank_files[:1])
    bank.ingest()
    newest = {name: table.metadata_path for name, table in bank.lake.tables().items()}
    for path in newest.values():
        version = int(path.name.removeprefix("v").removesuffix(".metadata.json"))
        (path.parent / "version-hint.text").write_text(str(version - 1))
    assert bank.ingest()["rows"] == 0
    assert {name: table.metadata_path for name, table in bank.lake.tables().items()} == newest


# --- files that change ---------------------------------------------------------


@pytest.fixture
def sparkify(project):
    return project({"sparkify": {"preset": "eventsim", "source": {"files": ["*-events.json*"]}}})


@pytest.fixture(scope="module")
def days(shared):
    """The lines of two days."""
    return [(shared / f"sparkify/2018-11-{day:02}-events.json").read_bytes().split(b"\n") for day in (2, 3)]


def plain(parts):
    return parts


def without_last_newline(parts):
    """The first part ends in the middle of nothing: its last line is whole, and no newline says so yet."""
    first, second = parts
    return first.rstrip(b"\n"), b"\n" + second


def gzip_members(parts):
    return [gzip.compress(part) for part in parts]


@pytest.mark.parametrize("growth", [plain, without_last_newline, gzip_members])
def test_a_file_that_grows_is_taken_from_where_it_stopped(sparkify, days, growth):
    lines, name = days[0], "2018-11-02-events.json" + (".gz" if growth is gzip_members else "")
    some, rest = growth([b"\n".join(lines[:50]) + b"\n", b"\n".join(lines[50:])])
    path = sparkify.folder / name
    path.write_bytes(some)
    assert sparkify.ingest()["rows"] == 50
    with path.open("ab") as file:
        file.write(rest)
    grown = sparkify.ingest()
    assert (grown["records"], grown["rows"]) == (len(lines) - 50,) * 2
    assert grown["files"] == {"taken": 1, "skipped": 0}
    assert all_rows(sparkify).keys() == {f"{name}:{at}" for at, _ in records.lines(path)}


def test_a_file_that_was_replaced_is_taken_from_its_start(sparkify, days):
    path = sparkify.folder / "latest-events.json"
    for lines in sorted(days, key=len):  # the second is longer: its size does not give it away
        path.write_bytes(b"\n".join(lines))
        assert sparkify.ingest()["rows"] == len(lines)
    path.write_bytes(b"\n".join(days[0][:5]))
    again = sparkify.ingest()
    assert (again["rows"], again["duplicates"]) == (0, 5)
    sparkify.audit()
