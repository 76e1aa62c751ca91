"""The rows of the catalogue that need a pipeline, a table or a lake of their own."""
import datetime
import json
import time

import pytest

from lib.bad import AT, ENVELOPE, event, files_project, ingest, ingest_files, pipeline
from lib.project import Project
from lib.records import loads


def lines(*records):
    return b"\n".join(records)


def write(project, name, *records):
    (project.folder / "in" / name).write_bytes(lines(*records))


# --- values of another type (B31, B32, B65, B70) -------------------------------

@pytest.mark.parametrize("first, then, fits", [
    pytest.param("7", "1.0", True, id="B31-1.0"),
    pytest.param("7", "1e3", True, id="B31-1e3"),
    pytest.param("7", "-0", False, id="B31-minus-0"),
    pytest.param("7", "1.5", False, id="B31-1.5"),
    pytest.param("7", "1e300", False, id="B31-1e300"),
    pytest.param("7", '"12"', False, id="B32-text"),
    pytest.param("7", "true", False, id="B32-bool"),
    pytest.param("true", "1", False, id="B32-number-for-bool"),
    pytest.param("1.5", "2", True, id="B32-integer-for-double"),
    pytest.param("1.5", "9007199254740993", False, id="B32-integer-no-double-holds"),
    pytest.param("7", '"seven"', False, id="B65-int-to-string"),
    pytest.param('"seven"', "7", False, id="B65-string-to-int"),
    pytest.param("7", '{"a": 7}', False, id="B65-int-to-object"),
    pytest.param('{"a": 7}', "7", False, id="B65-object-to-int"),
    pytest.param("[7]", "7", False, id="B65-array-to-int"),
    pytest.param('{"a": 7}', '{"a": "x"}', False, id="B65-nested"),
    pytest.param("[1]", '[2, "three", 4]', False, id="B70-mixed"),
    pytest.param("7", "null", True, id="B31-null"),
])
def test_a_value_of_another_type_goes_to_extra_and_the_drift_report(tarn, tmp_path, first, then, fits):
    project = files_project(tarn, tmp_path, {"1.json": event("first", f'"v": {first}')})
    ingest(project)
    before = project.lake.table("cases").static.schema()
    then = event("then", f'"v": {then}')
    write(project, "2.json", then)
    outcome = ingest(project)
    outcome.check_accepted("in/2.json:0", then)
    assert project.lake.table("cases").static.schema().as_struct() == before.as_struct()
    assert outcome.report["tables"]["cases"]["drifted"] == (not fits)
    assert (outcome.rows["in/2.json:0"][0]["_extra"] is None) == fits


# --- repeats over time (B35, B36, B39) -----------------------------------------

def test_B35_the_same_after_a_restart_and_from_another_file(tarn, tmp_path):
    project = files_project(tarn, tmp_path, {"1.json": event("x", '"v": 1')})
    assert ingest(project).report["rows"] == 1
    write(project, "2.json", event("x", '"v": 1'), event("x", '"v": 2'))
    outcome = ingest(project)
    assert (outcome.report["duplicates"], outcome.reasons) == (1, ["id.conflict"])


def test_B36_keep_first_counts_it_and_keeps_the_first(tarn, tmp_path):
    two = lines(event("x", '"v": 1'), event("x", '"v": 2'))
    outcome = ingest_files(tarn, tmp_path, {"1.json": two}, dedupe={"on_conflict": "keep_first"})
    assert (outcome.report["conflicts"], outcome.refused) == (1, {})
    assert [row["v"] for row, _ in outcome.rows.values()] == [1]


def test_B39_the_same_after_the_window_is_found_by_its_hour(tarn, tmp_path):
    project = files_project(tarn, tmp_path, {"1.json": event("x", '"v": 1')}, dedupe={"window": "1s"})
    assert ingest(project).report["rows"] == 1
    time.sleep(1.5)
    write(project, "2.json", event("x", '"v": 1'))
    assert ingest(project).report["duplicates"] == 1


def test_B33_an_id_made_from_declared_members(tarn, tmp_path):
    envelope = {**ENVELOPE, "id": {"hash": ["user", "at"]}}
    one, other = (f'{{"name": "case", "at": {AT}, "user": "{user}"}}'.encode() for user in "ab")
    neither = b'{"name": "case", "user": null}'
    outcome = ingest_files(tarn, tmp_path, {"1.json": lines(one, other, one, neither)}, envelope=envelope)
    assert {key: outcome.report[key] for key in ("rows", "duplicates")} == {"rows": 2, "duplicates": 1}
    assert outcome.reasons == ["time.missing"]


# --- event names and tables (B41 to B48, B50) ----------------------------------

NAMES = {"a/b": "a_b", "select": "select", "table": "table", "user": "user", "PageView": "page_view", "a:b": "a_b_2",
         "a b": "a_b_3", "con.txt": "con_txt", "9lives": "_9lives", "#x": "_x", "metadata": "metadata",
         "n" * 128: "n" * 128}
NO_NAMES = ["../../etc/passwd", "..", "a\\b", "%2e%2e%2f", "a*", "[x]", 'x"; DROP TABLE y;--', "a`b", "a\r\nb",
            "p\u0430ge", "\U0001f388"]


def test_B41_to_B48_no_path_is_formed_from_a_raw_name(tarn, tmp_path, duck):
    def named(name, number):
        return json.dumps({"id": f"{number}", "name": name, "at": AT, "v": number}).encode()
    records = [named(name, number) for number, name in enumerate([*NAMES, *NO_NAMES])]
    outcome = ingest_files(tarn, tmp_path, {"1.json": lines(*records)}, table="{event_name}")
    assert set(outcome.reasons) == {"type.name"} and len(outcome.reasons) == len(NO_NAMES)
    tables = outcome.project.lake.tables()
    assert set(tables) == set(NAMES.values())
    for number, (name, table) in enumerate(NAMES.items()):
        assert [(row["event_name"], row["v"]) for row in tables[table].rows()] == [(name, number)]
        found = duck.execute("SELECT v FROM iceberg_scan(?)", [str(tables[table].metadata_path)])
        assert found.fetchall() == [(number,)]
    assert {path.name for path in outcome.project.folder.iterdir()} == {"in", "lake", "tarn.yaml"}
    assert {path.name for path in outcome.project.lake.path.iterdir()} - {".tmp"} == {"_tarn", "events", "tarn"}


def test_B50_200000_names_make_a_bounded_number_of_tables(tarn, tmp_path):
    records = (f'{{"id":"{n}","name":"n{n}","at":{AT}}}'.encode() for n in range(200000))
    project = files_project(tarn, tmp_path, {"1.json": lines(*records)}, table="{event_name}", limits={"names": 20})
    report = project.ingest()
    assert report["rows"] == 20 and report["reasons"] == {"type.unknown": 199980}
    assert len(report["tables"]) == len(project.lake.tables()) == 20
    write(project, "2.json", event("late").replace(b'"case"', b'"n19"'), event("new").replace(b'"case"', b'"n200000"'))
    again = project.ingest()  # the bound is the lake's, not the run's
    assert again["rows"] == 1 and again["reasons"] == {"type.unknown": 1}
    project.audit()


# --- times (B55, B57, B58) -----------------------------------------------------

INSTANT = "2025-01-01T00:00:00.000000+00:00"
DIGITS = {"s": 1735689600, "ms": 1735689600000, "us": 1735689600000000, "ns": 1735689600000000000}


def test_B55_a_number_is_read_in_the_configured_unit_or_not_at_all(tarn, tmp_path):
    units = {**{unit: {"field": "at", "unit": unit} for unit in DIGITS}, "none": "at"}
    project = Project(tarn, tmp_path / "project", {
        name: pipeline(f"{name}.json", envelope={**ENVELOPE, "time": rule}) for name, rule in units.items()})
    numbers = [*DIGITS.values(), *(f"{number}.0" for number in DIGITS.values())]
    record = '{{"id": "{}", "name": "case", "at": {}}}'
    for name in units:
        text = "\n".join(record.format(f"{name}-{index}", number) for index, number in enumerate(numbers))
        (project.folder / f"{name}.json").write_text(text)
    outcome = ingest(project)
    assert sorted((row["event_id"], row["event_time"].isoformat(timespec="microseconds"))
                  for row, _ in outcome.rows.values()) == sorted(
        (f"{unit}-{index}", INSTANT) for place, unit in enumerate(DIGITS) for index in (place, place + 4))
    assert {(one.reason, one.pointer) for one in outcome.refused.values()} == {("time.unit", "/at")}
    assert len(outcome.refused) == len(units) * len(numbers) - 8


def test_B58_late_events_stand_in_their_own_hour(tarn, tmp_path):
    now = datetime.datetime.now(datetime.timezone.utc).replace(minute=30, second=0, microsecond=0)
    times = [now - datetime.timedelta(hours=hours) for hours in (1, 25, 400 * 24)]
    records = [f'{{"id": "{n}", "name": "case", "at": "{at.isoformat()}"}}'.encode() for n, at in enumerate(times)]
    outcome = ingest_files(tarn, tmp_path, {"1.json": lines(*records)}, partition="hour")
    assert sorted(row["event_time"] for row, _ in outcome.rows.values()) == sorted(times)
    hours = {entry.data_file.partition[0] for entry in outcome.project.lake.table("cases").entries}
    assert hours == {int(at.timestamp()) // 3600 for at in times}


# --- required members (B63) ----------------------------------------------------

DOMAIN = '{{"data": {{{}}}, "meta": {{{}}}}}'
REQUIRED = ("schema.required", "/data/attributes")
DATA = ['"id": "{}"', '"type": "order.placed"', '"attributes": {{"total": 5}}']
META = f'"created_at": {AT}'


@pytest.mark.parametrize("data, meta, expected", [
    pytest.param(DATA, META, None, id="B63-whole"),
    pytest.param(DATA[:2] + ['"attributes": {{}}'], META, None, id="B63-empty-attributes"),
    pytest.param(DATA[:2], META, REQUIRED, id="B63-no-attributes"),
    pytest.param(DATA[:2] + ['"attributes": null'], META, REQUIRED, id="B63-null-attributes"),
    pytest.param(DATA[:2] + ['"attributes": [1]'], META, REQUIRED, id="B63-array-attributes"),
    pytest.param(DATA[:2] + ['"attributes": "x"'], META, REQUIRED, id="B63-text-attributes"),
    pytest.param(DATA[1:], META, ("id.missing", "/data/id"), id="B63-no-id"),
    pytest.param(['"id": 5', *DATA[1:]], META, ("id.invalid", "/data/id"), id="B63-number-id"),
    pytest.param([DATA[0], DATA[2]], META, ("type.missing", "/data/type"), id="B63-no-type"),
    pytest.param([DATA[0], '"type": ["x"]', DATA[2]], META, ("type.missing", "/data/type"), id="B63-array-type"),
    pytest.param(DATA, "", ("time.missing", "/meta/created_at"), id="B63-no-time"),
    pytest.param(DATA, '"created_at": "yesterday"', ("time.syntax", "/meta/created_at"), id="B63-text-time"),
    pytest.param(DATA, '"created_at": 1735689600', ("time.unit", "/meta/created_at"), id="B63-seconds"),
])
def test_what_the_domain_preset_requires(tarn, tmp_path, data, meta, expected):
    project = Project(tarn, tmp_path / "project", {"bad": {"preset": "domain", "source": {"files": ["in/*"]}}})
    (project.folder / "in").mkdir()
    record = DOMAIN.format(", ".join(data).replace("{{", "{").replace("}}", "}"), meta).encode()
    write(project, "1.json", record)
    outcome = ingest(project)
    if expected is None:
        outcome.check_accepted("in/1.json:0", record)
    else:
        outcome.check_refused("in/1.json:0", record, *expected)


@pytest.mark.parametrize("data", ["null", "[]", '"x"', "5"], ids=["null", "array", "text", "number"])
def test_B63_data_that_is_no_object(tarn, tmp_path, data):
    project = Project(tarn, tmp_path / "project", {"bad": {"preset": "domain", "source": {"files": ["in/*"]}}})
    (project.folder / "in").mkdir()
    record = f'{{"data": {data}, "meta": {{{META}}}}}'.encode()
    write(project, "1.json", record)
    ingest(project).check_refused("in/1.json:0", record, "id.missing", "/data/id")


# --- wide events (B64) ---------------------------------------------------------

def fields(start, end):
    return ",".join(f'"f{number}": {number}' for number in range(start, end))


def test_B64_extra_fields_become_columns_within_the_budget(tarn, tmp_path):
    """And 5,000 of them, over several events, stop at it: the rest is in _extra, and nothing is refused."""
    project = files_project(tarn, tmp_path, {"1.json": event("first", '"v": 1')})
    ingest(project)
    records = [event("one-more", '"v": 2, "w": 3'), event("wide", fields(0, 3000)), event("wider", fields(2000, 5000))]
    write(project, "2.json", *records)
    outcome = ingest(project)
    position = 0
    for record in records:
        outcome.check_accepted(f"in/2.json:{position}", record)
        position += len(record) + 1
    table = project.lake.table("cases")
    assert len(table.static.schema().fields) == 2000
    assert outcome.report["tables"]["cases"]["over_budget"] > 0
    assert [loads(row["_extra"] or "{}") == {} for row in table.rows()].count(False) == 2


def test_B64_5000_fields_in_one_event_are_too_many_names(tarn, tmp_path):
    record = event("wide", fields(0, 5000))
    outcome = ingest_files(tarn, tmp_path, {"1.json": lines(event("good"), record)})
    outcome.check_refused(f"in/1.json:{len(event('good')) + 1}", record, "json.too_many_keys")
    assert "f0" not in outcome.project.lake.table("cases").static.schema().column_names
