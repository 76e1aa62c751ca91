"""Nothing is lost in shredding: every leaf of every event is in that event's row.

Read by PyIceberg, and once more by pyarrow from the files, which tells a list that is null from an empty one.
"""
import json

import pytest

from lib.documents import documents
from lib.leaves import Shape, check_row
from lib.records import loads

READERS = {
    "pyiceberg": lambda table: table.rows(),
    "pyarrow": lambda table: [row for _, file in table.files() for row in file.read().to_pylist()],
}


@pytest.mark.parametrize("reader", READERS)
def test_every_leaf_of_every_real_event_is_in_its_row(real, reader):
    seen = set()
    for table in real.tables.values():
        shape = Shape(table.static.schema(), is_blurred=reader == "pyiceberg")
        for row in READERS[reader](table):
            event = real.events[row["source_position"]]
            check_row(event, row, shape)
            assert row["event_time"] == real.real.time(event)
            seen.add(row["source_position"])
    assert len(seen) == real.real.rows


# --- made-up documents ---------------------------------------------------------

SEED = 20250101
COUNT = 2000
MIXED = {
    "source": {"files": ["*.ndjson"]},
    "envelope": {"id": "doc", "name": {"const": "mixed"}, "time": {"field": "at", "unit": "ms"}},
    "table": "mixed",
    "partition": "day",
}
FEW_COLUMNS = {**MIXED, "limits": {"columns": 60, "members": 3}}


@pytest.fixture(scope="module")
def made():
    print(f"seed {SEED}")
    return documents(SEED, COUNT)


def ingest_in_runs(mixed, made, runs):
    for run in range(runs):
        (mixed.folder / f"{run}.ndjson").write_text("\n".join(made[run::runs]), encoding="utf-8")
        report = mixed.ingest()
        assert report["rows"] == len(made[run::runs]), report
    mixed.audit()


@pytest.mark.parametrize("runs, pipeline", [(1, MIXED), (4, MIXED), (1, FEW_COLUMNS), (4, FEW_COLUMNS)],
                         ids=["one-run", "four-runs", "one-run-few-columns", "four-runs-few-columns"])
def test_every_leaf_of_odd_documents_is_in_its_row(project, made, runs, pipeline):
    """In several runs the table is opened again, and its columns are known by their docs alone."""
    mixed = project({"mixed": pipeline})
    ingest_in_runs(mixed, made, runs)
    events = {event["doc"]: event for event in map(loads, made)}
    table = mixed.lake.table("mixed")
    for reader, read in READERS.items():
        shape = Shape(table.static.schema(), is_blurred=reader == "pyiceberg")
        rows = {row["event_id"]: row for row in read(table)}
        assert rows.keys() == events.keys()
        for id, row in rows.items():
            check_row(events[id], row, shape)


def test_names_that_become_one_get_a_number(project):
    mixed = project({"mixed": MIXED})
    members = ["userId", "user_id", "user-id", "sourceIPAddress", "event_time", "a.b", "__proto__", "_extra", ""]
    event = {"doc": "1", "at": 1735689600000, **{key: key for key in members}, "in": {"userId": 1, "user_id": 2}}
    mixed.ingest(write(mixed.folder / "0.ndjson", event))
    schema = mixed.lake.table("mixed").static.schema()
    names = {field.doc: field.name for field in schema.fields if field.doc.startswith("/")}
    assert names == {"/doc": "event_id", "/at": "event_time", "/userId": "user_id", "/user_id": "user_id_2",
                     "/user-id": "user_id_3", "/sourceIPAddress": "source_ip_address", "/in": "in"}
    assert [field.name for field in schema.find_field("in").field_type.fields] == ["user_id", "user_id_2"]


def write(path, event):
    path.write_text(json.dumps(event) + "\n")
    return path
