"""Drift is found, its repair is named, and the repair holds: `tarn drift` against the ledger of truth, against the reports of
ingests, and against what outside readers find in `_extra`; then contracts made of its lines, and a new lake.
"""
import collections
import json

import pytest
from pyiceberg.types import ListType, StructType

from lib.bad import AT
from lib.documents import documents
from lib.leaves import Shape
from lib.project import Project

PIPELINE = {"source": {"files": ["in.json"]}, "partition": "month",
            "envelope": {"id": "id", "name": "name", "time": {"field": "at", "unit": "ms"}}}


def write(project, values, member="v"):
    """An event a value, in order, a second apart."""
    lines = (json.dumps({"id": str(n), "name": "thing", "at": AT + 1000 * n, member: value}) for n, value in enumerate(values))
    (project.folder / "in.json").write_text("\n".join(lines))


def ingested(tarn, folder, values, **more):
    project = Project(tarn, folder, {"p": {**PIPELINE, **more}})
    write(project, values)
    report = project.ingest()
    return project, report


def drift(project, *table):
    """Table -> (pointer, why) -> member."""
    tables = json.loads(project("drift", "--json", *table).out)["tables"]
    return {t["table"]: {(m["pointer"], m["why"]): m for m in t["members"]} for t in tables}


def drifted(report):
    return {name: table["drifted"] for name, table in report["tables"].items() if table["drifted"]}


# --- counts --------------------------------------------------------------------

KINDS = {
    "product": {"preset": "product", "source": {"files": ["events/product*.json"]}},
    "domain": {"preset": "domain", "source": {"files": ["events/domain*.json"]}},
    "csv": {"preset": "csv", "source": {"files": ["events/**/*.csv"]}},
    "eventsim": {"preset": "eventsim", "source": {"files": ["events/*_events*.json"]},
                 "envelope": {"name": {"path": "([a-z_]+)_events"}}},
}


@pytest.mark.parametrize("kind", KINDS)
def test_drift_is_that_of_the_ledger(project, kind):
    p = project({kind: KINDS[kind]})
    p("simulate", kind, "--events", 20000, "--seed", "11", "--drift", "0.02", "--malformed", "0.01", "--out", "events")
    ledger = json.loads((p.folder / "events/ledger.json").read_text())
    report = p.ingest()
    tables = p("drift", "--json").json["tables"]
    by_table = {t["table"].partition(".")[2]: t["drifted"] for t in tables if t["drifted"]}
    assert sum(by_table.values()) == ledger["drifted"] > 200
    assert by_table == drifted(report)
    for table in tables:
        assert table["drifted"] == sum(m["values"] for m in table["members"] if m["why"] == "type")
        assert all(m["contract"] == "{type: string}" and m["examples"] == ['"n/a"']
                   for m in table["members"] if m["why"] == "type")


def test_real_events_do_not_drift(real):
    assert drifted(real.report) == {}
    assert not any(t["drifted"] for t in real.project("drift", "--json").json["tables"])
    said = real.project("drift")
    assert said.out == "" and "no drift" in said.err


@pytest.mark.parametrize("seed", [4, 5])
def test_every_value_in_extra_is_counted_once(project, seed):
    """Against _extra as PyIceberg gives it."""
    p = project({"p": {"source": {"files": ["in.ndjson"]}, "partition": "month", "limits": {"columns": 5000},
                       "envelope": {"id": "doc", "name": {"const": "mixed"}, "time": {"field": "at", "unit": "ms"}}}})
    (p.folder / "in.ndjson").write_text("\n".join(documents(seed, 400)))
    p.ingest()
    table = p.lake.table("mixed")
    shape = Shape(table.static.schema(), is_blurred=True)
    lists = {pattern for field in shape.columns for pattern in lists_of(field.field_type, field.doc)}
    values = collections.Counter()
    for row in table.rows():
        for pointer in json.loads(row["_extra"] or "{}"):
            values[pattern_of(pointer, lists)] += 1
    [reply] = json.loads(p("drift", "mixed", "--json").out)["tables"]
    found = collections.Counter()
    for member in reply["members"]:
        found[member["pointer"]] += member["values"]
    assert sum(found.values()) + reply["unlisted"] == sum(values.values()) > 1000
    known = {member["pointer"] for member in reply["members"] if member["column"]}
    assert len(known) > 20
    assert all(count == values[pointer] if pointer in known else count <= values[pointer] for pointer, count in found.items())
    for member in reply["members"]:
        assert (member["column"] is not None) == (member["pointer"] in shape.patterns), member


def lists_of(kind, pattern):
    """Patterns of all lists in a column."""
    if isinstance(kind, ListType):
        yield pattern
        yield from lists_of(kind.element_type, pattern + "/*")
    elif isinstance(kind, StructType):
        for field in kind.fields:
            yield from lists_of(field.field_type, field.doc)


def pattern_of(pointer, lists):
    at = ""
    for token in pointer.split("/")[1:]:
        at += "/*" if at in lists else "/" + token
    return at


# --- what would hold it --------------------------------------------------------

# Values in order, the column that the first of them makes, and the schema that holds them all.
MIXTURES = [
    pytest.param([1, "12", "-3"], "long", "{type: integer, coerce: true}", [1, 12, -3], id="text-that-is-integers"),
    pytest.param([1, "12.5"], "long", "{type: number, coerce: true}", [1.0, 12.5], id="text-that-is-numbers"),
    pytest.param([1, "n/a"], "long", "{type: string}", ["1", "n/a"], id="integer-then-text"),
    pytest.param([1, "007"], "long", "{type: string}", ["1", "007"], id="leading-zero"),
    pytest.param(["a", 1, True, 1.5], "string", "{type: string}", ["a", "1", "true", "1.5"], id="text-then-scalars"),
    pytest.param([True, "false"], "boolean", "{type: boolean, coerce: true}", [True, False], id="text-that-is-truth"),
    pytest.param([True, 1], "boolean", "{type: string}", ["true", "1"], id="truth-then-number"),
    pytest.param([0.5, 2**53 + 1], "double", "{type: string}", ["0.5", str(2**53 + 1)], id="too-large-for-a-double"),
    pytest.param([2**53 + 1, "0.5"], "long", "{type: string}", [str(2**53 + 1), "0.5"], id="too-large-in-the-column"),
    pytest.param([1, {"a": 1}], "long", "{format: json}", ["1", '{"a": 1}'], id="number-then-object"),
    pytest.param([{"a": 1}, "x"], "struct", "{format: json}", ['{"a": 1}', '"x"'], id="object-then-text"),
    pytest.param([[1], 5], "list", "{format: json}", ["[1]", "5"], id="list-then-number"),
]


@pytest.mark.parametrize("values, column, rule, held", MIXTURES)
def test_declared_as_it_says_every_value_is_in_its_column(tarn, tmp_path, values, column, rule, held):
    first, report = ingested(tarn, tmp_path / "first", values)
    found = drift(first, "thing")["events.thing"]["/v", "type"]
    assert (found["column"], found["contract"]) == (column, rule)
    assert found["values"] == drifted(report)["thing"] == len(found["examples"])
    second = Project(tarn, tmp_path / "second", {"p": PIPELINE}, contracts=["thing.yaml"])
    (second.folder / "thing.yaml").write_text(f"thing:\n  properties:\n    v: {rule}\n")
    write(second, values)
    assert drifted(second.ingest()) == {}
    rows = sorted(second.lake.table("thing").rows(), key=lambda row: int(row["event_id"]))
    assert [row["v"] for row in rows] == held and all(row["_extra"] is None for row in rows)
    assert not drift(second)


def test_from_drift_to_a_table_that_holds_all(tarn, tmp_path, duck):
    """A number begins to arrive as text: drift lists it, infer writes it, a new lake under that contract has every value."""
    values = [10, 20, "30", 40, "none", 50]
    first, report = ingested(tarn, tmp_path / "first", values)
    assert drifted(report) == {"thing": 2}
    said = first("drift")
    assert [line for line in said.out.splitlines() if "/v" in line and "{type: string}" in line], said
    assert "tarn replay --table" in said.err
    second = Project(tarn, tmp_path / "second", {"p": PIPELINE}, contracts="contracts/*.yaml")
    (second.folder / "contracts").mkdir()
    (second.folder / "contracts/thing.yaml").write_text(first("contract", "infer", "thing").out)
    write(second, values)
    second("check")
    report = second.ingest()
    assert report["rows"] == len(values) and report["quarantined"] == 0 and drifted(report) == {}
    table = second.lake.table("thing")
    rows = duck.execute("SELECT v, _extra FROM iceberg_scan(?) ORDER BY event_id", [str(table.metadata_path)]).fetchall()
    assert rows == [(str(value), None) for value in values]
    assert sorted(row["v"] for row in table.rows()) == sorted(map(str, values))
    second.audit()


def test_replay_puts_every_value_into_its_column(tarn, tmp_path, duck):
    """The same lake: declared, the table is refused until it is built anew from the raw segments, and then holds all."""
    values = [1, 2, "none", True, 3, {"n": [None]}]
    project, _ = ingested(tarn, tmp_path, values, raw="on")
    rule = drift(project)["events.thing"]["/v", "type"]["contract"]
    config = json.loads((tmp_path / "tarn.yaml").read_text())
    (tmp_path / "tarn.yaml").write_text(json.dumps({**config, "contracts": {"thing": {"properties": {"v": {"format": "json"}}}}}))
    assert rule == "{format: json}"
    assert "tarn replay --table thing" in project("check", check=False).err
    project("replay", "--table", "thing", "--yes")
    project("check")
    assert project("contract", "check", "--json").json["ok"] and not drift(project)
    table = project.lake.table("thing")
    rows = duck.execute("SELECT v, _extra FROM iceberg_scan(?) ORDER BY event_id", [str(table.metadata_path)]).fetchall()
    assert rows == [(json.dumps(value), None) for value in values]
    assert sorted(row["v"] for row in table.rows()) == sorted(map(json.dumps, values))
    project.audit()


def test_drift_tells_where_and_when(tarn, tmp_path):
    values = [{"a": [{"b": 1}]}, {"a": [{"b": "x"}, {"b": 2}, {"b": "y"}]}, {"a": [{"b": "z"}]}, {"a": [{"b": "w"}]}]
    project, _ = ingested(tarn, tmp_path, values)
    found = drift(project)["events.thing"]["/v/a/*/b", "type"]
    assert (found["values"], found["examples"]) == (4, ['"x"', '"y"', '"z"'])
    assert (found["first"], found["last"]) == ("2025-01-01T00:00:01Z", "2025-01-01T00:00:03Z")


def test_what_is_over_the_budget_is_listed(tarn, tmp_path):
    values = [{f"k{n}": n for n in range(8)}, {"k7": 1, "k8": "x"}]
    project, report = ingested(tarn, tmp_path, values, limits={"members": 6})
    found = drift(project)["events.thing"]
    assert {key: m["values"] for key, m in found.items()} == {("/v/k6", "budget"): 1, ("/v/k7", "budget"): 2, ("/v/k8", "budget"): 1}
    assert found["/v/k7", "budget"]["contract"] == "{type: integer}"
    assert found["/v/k7", "budget"]["column"] is None
    assert report["tables"]["thing"]["over_budget"] == 4


def test_what_is_in_extra_for_other_reasons_is_told_apart(tarn, tmp_path):
    project = Project(tarn, tmp_path, {"p": {**PIPELINE, "envelope": {
        "id": {"field": "id", "type": "uuid"}, "name": "name", "time": {"field": "at", "unit": "ms"}}}})
    id = "5F0C0000-0000-4000-8000-000000000001"
    (tmp_path / "in.json").write_text(json.dumps(
        {"id": id, "name": "thing", "at": AT, "a.b": 1, "ingested_at": 2, "gone": None, "bare": {}, "none": [], "ok": {"x.y": 5}}))
    project.ingest()
    found = drift(project)["events.thing"]
    assert set(found) == {("/id", "spelling"), ("/a.b", "name"), ("/ingested_at", "name"), ("/gone", "empty"), ("/bare", "empty"),
                          ("/none", "empty"), ("/ok/x.y", "name")}
    assert all("contract" not in member for member in found.values())
    assert project("drift").out == ""


def test_record_that_stands_in_extra_whole_is_looked_through(tarn, tmp_path):
    """Pointers of hostile depth are not written out: the record is, and what its columns lack is found all the same."""
    deep = {"x.y": 0}
    for _ in range(50):
        deep = {"k" * 120: deep, "x.y": 1}
    project, report = ingested(tarn, tmp_path, [{"n": 1}, {"n": "one", "deep": deep}])
    [row] = [row for row in project.lake.table("thing").rows() if row["_extra"]]
    assert json.loads(row["_extra"])[""]["v"]["n"] == "one"
    found = drift(project)["events.thing"]
    assert found["/v/n", "type"]["values"] == 1 == drifted(report)["thing"]
    assert {why: sum(m["values"] for (_, one), m in found.items() if one == why) for _, why in found} == {"type": 1, "name": 51}


# --- where it is said ----------------------------------------------------------

def test_summary_and_status_lead_to_it(tarn, tmp_path):
    project = Project(tarn, tmp_path, {"p": PIPELINE})
    write(project, [1, "x"])
    said = project("ingest").err
    assert "1 of another type" in said and "tarn drift" in said
    assert any("tarn drift thing" in warning for warning in project("status", "--json").json["warnings"])
    assert project("drift", "thing").out == project("drift").out
    result = project("drift", "thin", check=False)
    assert result.code not in (0, 1) and "did you mean events.thing?" in result.err
    assert project("drift", "quarantine", check=False).code != 0  # there is none yet
