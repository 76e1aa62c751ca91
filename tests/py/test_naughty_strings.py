"""B85: the big list of naughty strings, byte-exact wherever a string may stand, by every reader.

https://github.com/minimaxir/big-list-of-naughty-strings (MIT), in ../shared/data/json/blns.json
"""
import json

import pytest

from lib.bad import AT, files_project, ingest

ENVELOPE = {"id": {"hash": "record"}, "name": {"const": "naughty"}, "time": {"field": "at", "unit": "ms"}}


def member(string):
    return {"at": AT, "top": string, "deep": {"er": {"text": string}}, "list": [string, "", string],
            "rows": [{"text": string}, {"text": None}], "no.column": string, "no.list": [{"x": string}]}


@pytest.fixture(scope="module")
def naughty(shared):
    strings = json.loads((shared / "json/blns.json").read_text(encoding="utf-8"))
    assert len(strings) == 515
    return strings


@pytest.fixture(scope="module", params=[False, True], ids=["B85-as-they-are", "B85-escaped"])
def table(request, tarn, naughty, tmp_path_factory):
    events = [{**member(string), "number": number} for number, string in enumerate(naughty)]
    data = "\n".join(json.dumps(event, ensure_ascii=request.param) for event in events)
    project = files_project(tarn, tmp_path_factory.mktemp("naughty"), {"a.ndjson": data.encode()}, envelope=ENVELOPE)
    outcome = ingest(project)
    assert outcome.report["rows"] == len(events)
    return project.lake.table("cases")


def by_pyarrow(table, duck):
    return [row for _, file in table.files() for row in file.read().to_pylist()]


def by_pyiceberg(table, duck):
    return table.rows()


def by_duckdb(table, duck):
    return duck.execute("SELECT * FROM iceberg_scan(?)", [str(table.metadata_path)]).to_arrow_table().to_pylist()


@pytest.mark.parametrize("read", [by_pyarrow, by_pyiceberg, by_duckdb], ids=lambda read: read.__name__)
def test_every_string_is_byte_exact_everywhere(table, naughty, duck, read):
    rows = sorted(read(table, duck), key=lambda row: row["number"])
    assert len(rows) == len(naughty)
    for row, string in zip(rows, naughty):
        whole = member(string)
        assert {key: row[key] for key in ("top", "deep", "list", "rows")} == {
            key: whole[key] for key in ("top", "deep", "list", "rows")}
        assert json.loads(row["_extra"]) == {"/no.column": string, "/no.list": [{"x": string}]}


def is_id(string):
    return 0 < len(string.encode()) <= 128 and not any(c < " " or c == "\x7f" for c in string)


def test_B85_as_ids_and_as_keys(tarn, naughty, tmp_path):
    """As an id it stands as it is or is refused; as a key it is found again in a column's doc or in _extra."""
    events = ({"id": string, "name": "case", "at": AT, "keys": {string: number}}
              for number, string in enumerate(naughty))
    records = [json.dumps(event, ensure_ascii=False).encode() for event in events]
    project = files_project(tarn, tmp_path, {"a.ndjson": b"\n".join(records)})
    outcome = ingest(project)
    seen, position = set(), 0
    for string, record in zip(naughty, records):
        at = f"in/a.ndjson:{position}"
        position += len(record) + 1
        if is_id(string) and string not in seen:
            outcome.check_accepted(at, record)
            assert outcome.rows[at][0]["event_id"] == string
        elif string in seen:
            outcome.check_refused(at, record, "id.conflict")
        else:
            outcome.check_refused(at, record, outcome.refused[at].reason, "/id")
            assert outcome.refused[at].reason in ("id.invalid", "value.control")
        if is_id(string):
            seen.add(string)
