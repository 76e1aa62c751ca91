"""Contracts: what they refuse and where they put values, as outside readers see it; what infer writes and check says.

`tarn contract check` tries the rows that are there; a new lake fed with the same files under the same contract is the truth
that its counts are held against.
"""
import collections
import datetime
import json
import re
import uuid

import pytest
from pyiceberg.types import BooleanType, DateType, DoubleType, ListType, LongType, StringType, TimestamptzType, UUIDType

from lib.bad import AT, quarantine
from lib.documents import documents
from lib.project import Project
from lib.real import real_pipeline

ENVELOPE = {"id": "id", "name": "name", "time": {"field": "at", "unit": "ms"}}
UTC = datetime.timezone.utc


def pipeline(*files, **more):
    return {"source": {"files": list(files)}, "envelope": ENVELOPE, "partition": "month", **more}


def event(id, name="order", **members):
    return json.dumps({"id": id, "name": name, "at": AT, **members}).encode()


def write(project, name, *records):
    (project.folder / name).write_bytes(b"\n".join(records) + b"\n")


def make(tarn, folder, contracts, *records, **more):
    project = Project(tarn, folder, {"p": pipeline("in.json", **more)}, contracts=contracts)
    write(project, "in.json", *records)
    return project


def schema(**properties):
    return {"type": "object", "properties": properties}


# --- what is refused -----------------------------------------------------------

RULES = {
    "required": ["who"],
    "properties": {
        "who": {"type": "string", "minLength": 2, "maxLength": 5, "pattern": "^[a-z]+$"},
        "amount": {"type": "number", "minimum": 0, "exclusiveMaximum": 100},
        "status": {"enum": ["new", "paid"], "type": "string"},
        "kind": {"const": 7, "type": "integer"},
        "when": {"type": "string", "format": "date-time"},
        "lines": {"items": {"required": ["sku"], "properties": {"sku": {"type": "string"}}, "additionalProperties": False}},
        "few": {"type": "array", "maxItems": 2},
    },
}
REFUSED = [
    pytest.param({}, "contract.required", "/who", id="B66-missing"),
    pytest.param({"who": None}, "contract.required", "/who", id="B66-null"),
    pytest.param({"who": ["bob"]}, "contract.type", "/who", id="B66-type"),
    pytest.param({"who": "b"}, "contract.length", "/who", id="B66-short"),
    pytest.param({"who": "bobbob"}, "contract.length", "/who", id="B66-long"),
    pytest.param({"who": "Bob"}, "contract.pattern", "/who", id="B66-pattern"),
    pytest.param({"who": "bob", "amount": "1"}, "contract.type", "/amount", id="B66-text-for-number"),
    pytest.param({"who": "bob", "amount": -0.5}, "contract.range", "/amount", id="B66-below"),
    pytest.param({"who": "bob", "amount": 100}, "contract.range", "/amount", id="B66-above"),
    pytest.param({"who": "bob", "status": "gone"}, "contract.enum", "/status", id="B66-enum"),
    pytest.param({"who": "bob", "kind": 8}, "contract.enum", "/kind", id="B66-const"),
    pytest.param({"who": "bob", "when": "2025-02-30T00:00:00Z"}, "contract.type", "/when", id="B66-no-such-day"),
    pytest.param({"who": "bob", "lines": {}}, "contract.type", "/lines", id="B66-object-for-array"),
    pytest.param({"who": "bob", "lines": [{"sku": "a"}, {}]}, "contract.required", "/lines/1/sku", id="B66-in-array"),
    pytest.param({"who": "bob", "lines": [{"sku": "a", "q": 1}]}, "contract.extra", "/lines/0/q", id="B66-extra"),
    pytest.param({"who": "bob", "few": [1, 2, 3]}, "contract.length", "/few", id="B66-items"),
]


@pytest.mark.parametrize("members, reason, pointer", REFUSED)
def test_breach_is_quarantined_with_its_place(tarn, tmp_path, members, reason, pointer):
    bad = event("1", **members)
    project = make(tarn, tmp_path, {"order": RULES}, bad, event("1", who="bob"), event("2", "other", **members))
    report = project.ingest()
    assert (report["rows"], report["quarantined"], report["reasons"]) == (2, 1, {reason: 1})  # the id was still free
    [refused] = quarantine(project.lake).values()
    assert (refused.reason, refused.pointer, refused.record) == (reason, pointer, bad)
    assert refused.message and refused.position == "in.json:0"
    [row] = project.lake.table("quarantine", "tarn").rows()
    value = json.loads(bad)
    for token in pointer.split("/")[1:]:
        value = value[int(token) if token.isdigit() else token] if reason != "contract.required" else None
    if value is not None:  # the byte is the member's, or its name's where the name is at fault
        text = pointer.rpartition("/")[2] if reason == "contract.extra" else json.dumps(value)
        assert bad[row["byte_offset"]:].startswith(text.lstrip('"').encode()), row["byte_offset"]
    project.audit()


def test_what_holds_to_the_contract_is_taken(tarn, tmp_path):
    good = [{"who": "bob"}, {"who": "ab", "amount": 0, "status": None, "kind": 7.0}, {"who": "abcde", "amount": 99.99},
            {"who": "bob", "lines": [], "few": [1, 2]}, {"who": "bob", "lines": [{"sku": 5}, None], "extra": {"a": 1}}]
    project = make(tarn, tmp_path, {"order": RULES}, *(event(str(n), **members) for n, members in enumerate(good)))
    assert project.ingest()["rows"] == len(good)


def test_B49_name_without_a_contract_is_refused_where_that_is_said(tarn, tmp_path):
    project = make(tarn, tmp_path, {"order": {"required": []}, "pay:*": {"type": "object"}}, event("1"), event("2", "pay:card"),
                   event("3", "payment"), undeclared="quarantine")
    report = project.ingest()
    assert report["rows"] == 2 and report["reasons"] == {"type.unknown": 1}
    [refused] = quarantine(project.lake).values()
    assert refused.pointer == "/name"
    # registered, it is taken: the id was never used up
    config = json.loads((project.folder / "tarn.yaml").read_text())
    config["contracts"]["payment"] = {"type": "object"}
    (project.folder / "tarn.yaml").write_text(json.dumps(config))
    project("quarantine", "replay", "--yes")
    assert [row["event_id"] for row in project.lake.table("payment").rows()] == ["3"]
    assert project.lake.table("quarantine", "tarn").rows() == []
    project.audit()


@pytest.mark.parametrize("pattern", ["(a+)+$", "(.*)*x", "(a|b*){2,}", r"(a)\1", "a{1000}", "(x{200}){200}"])
def test_B67_pattern_that_can_take_long_is_refused_at_load(tarn, tmp_path, pattern):
    project = make(tarn, tmp_path, {"order": schema(a={"type": "string", "pattern": pattern})}, event("1", a="a" * 40))
    result = project("check", "--offline", check=False)
    assert result.code == 64 and "pattern: " in result.err, result


# --- where values go -----------------------------------------------------------

TYPES = {
    "text": {"type": "string"}, "whole": {"type": "integer"}, "real": {"type": "number"}, "truth": {"type": "boolean"},
    "texts": {"items": {"type": "string"}}, "instant": {"type": "string", "format": "date-time"},
    "epoch": {"type": "integer", "format": "date-time", "unit": "s"},
    "local": {"type": "string", "format": "date-time", "zone": "+02:00"}, "day": {"type": "string", "format": "date"},
    "ref": {"type": "string", "format": "uuid"}, "any": {"format": "json"}, "told": {"type": "integer", "coerce": True},
    "never": {"type": ["boolean", "null"]}, "deep": schema(a=schema(b={"type": "string"})),
}
COLUMNS = {
    "text": StringType(), "whole": LongType(), "real": DoubleType(), "truth": BooleanType(), "instant": TimestamptzType(),
    "epoch": TimestamptzType(), "local": TimestamptzType(), "day": DateType(), "ref": UUIDType(), "any": StringType(),
    "told": LongType(), "never": BooleanType(),
}
MIDNIGHT = datetime.datetime(2025, 1, 1, tzinfo=UTC)
FITS = [
    ("text", "12", "12"), ("text", 12, "12"), ("text", True, "true"), ("whole", 12, 12), ("whole", 12.0, 12), ("real", 7, 7.0),
    ("real", 0.1, 0.1), ("truth", False, False), ("texts", [1, "a", None, True], ["1", "a", None, "true"]),
    ("instant", "2025-01-01T00:00:00Z", MIDNIGHT), ("instant", "2025-01-01T02:00:00.000+02:00", MIDNIGHT),
    ("epoch", 1735689600, MIDNIGHT), ("epoch", "2025-01-01T00:00:00Z", MIDNIGHT), ("epoch", "1735689600", MIDNIGHT),
    ("local", "2025-01-01 02:00:00", MIDNIGHT), ("day", "2025-01-01", datetime.date(2025, 1, 1)),
    ("day", "0001-01-01", datetime.date(1, 1, 1)),
    ("ref", "5F0C0000-0000-4000-8000-000000000001", uuid.UUID("5f0c0000-0000-4000-8000-000000000001")),
    ("any", {"a": [1]}, '{"a": [1]}'), ("any", "x", '"x"'), ("any", 5, "5"), ("told", "12", 12), ("told", 12, 12),
    ("never", True, True), ("never", None, None), ("deep", {"a": {"b": 5}}, {"a": {"b": "5"}}),
]


def test_declared_columns_hold_their_values(tarn, tmp_path, duck):
    project = make(tarn, tmp_path, {"order": schema(**TYPES)}, event("none"),
                   *(event(str(n), **{name: value}) for n, (name, value, _) in enumerate(FITS)))
    assert project.ingest()["rows"] == len(FITS) + 1
    table = project.lake.table("order")
    fields = {field.name: field.field_type for field in table.static.schema().fields}
    assert {name: fields[name] for name in COLUMNS} == COLUMNS
    assert isinstance(fields["texts"], ListType) and fields["texts"].element_type == StringType()
    rows = {row["event_id"]: row for row in table.rows()}
    for number, (name, value, want) in enumerate(FITS):
        assert rows[str(number)][name] == want, (name, value)
        assert rows[str(number)]["_extra"] is None
    assert all(rows["none"][name] is None for name in TYPES)
    found = duck.execute("SELECT event_id, text, epoch_us(epoch), day, ref, told FROM iceberg_scan(?) ORDER BY event_id",
                         [str(table.metadata_path)]).fetchall()
    micros = {id: row["epoch"] and round(row["epoch"].timestamp() * 1e6) for id, row in rows.items()}
    assert found == [(id, rows[id]["text"], micros[id], rows[id]["day"], rows[id]["ref"], rows[id]["told"])
                     for id in sorted(rows)]
    project.audit()


def test_columns_are_there_before_their_values(tarn, tmp_path):
    project = make(tarn, tmp_path, {"order": schema(**TYPES)}, event("1"))
    project.ingest()
    names = {field.name for field in project.lake.table("order").static.schema().fields}
    assert set(TYPES) <= names
    write(project, "more.json", event("2", whole=1))  # in another commit, of another process
    assert project.ingest("more.json")["rows"] == 1
    assert {row["event_id"]: row["whole"] for row in project.lake.table("order").rows()} == {"1": None, "2": 1}


def test_value_finer_than_its_column_stands_in_extra_besides(tarn, tmp_path):
    project = make(tarn, tmp_path, {"order": schema(**TYPES)}, event("1", real=2**53 + 1, instant="2025-01-01T00:00:00.1234567Z"))
    assert project.ingest()["tables"]["order"]["drifted"] == 2
    [row] = project.lake.table("order").rows()
    assert row["real"] == 2.0**53 and row["instant"] == MIDNIGHT.replace(microsecond=123456)
    assert json.loads(row["_extra"]) == {"/real": 2**53 + 1, "/instant": "2025-01-01T00:00:00.1234567Z"}


def test_csv_is_text_and_typed_by_its_contract(tarn, tmp_path):
    contract = schema(zip={"type": "string"}, amount={"type": "number"}, ok={"type": "boolean"}, n={"type": "integer"})
    project = Project(tarn, tmp_path, {"p": {
        "source": {"files": ["in.csv"]}, "partition": "month",
        "envelope": {"id": "id", "name": {"const": "sale"}, "time": {"field": "at", "zone": "UTC"}}}}, contracts={"sale": contract})
    (project.folder / "in.csv").write_text("id,at,zip,amount,ok,n\n1,2025-01-01,0123,7,true,5\n2,2025-01-01,123,,,\n"
                                           "3,2025-01-01,123,7,yes,5\n4,2025-01-01,9,1.5,false,5.5\n")
    report = project.ingest()
    assert report["rows"] == 2 and report["reasons"] == {"contract.type": 2}
    rows = sorted((row["event_id"], row["zip"], row["amount"], row["ok"], row["n"]) for row in project.lake.table("sale").rows())
    assert rows == [("1", "0123", 7.0, True, 5), ("2", "123", None, None, None)]
    assert {one.pointer for one in quarantine(project.lake).values()} == {"/ok", "/n"}


def test_table_of_many_names_has_the_columns_of_all_contracts(tarn, tmp_path):
    project = make(tarn, tmp_path, {"order": schema(v={"type": "string"})}, event("1", "free", v=5), event("2", "order", v=5),
                   table="all")
    project.ingest()
    rows = {row["event_id"]: (row["v"], row["_extra"]) for row in project.lake.table("all").rows()}
    assert rows == {"1": (None, '{"/v":5}'), "2": ("5", None)}


# --- a table that is there -----------------------------------------------------

def test_column_of_another_type_is_refused_before_anything_runs(tarn, tmp_path):
    project = make(tarn, tmp_path, {}, event("1", v=5, w=1), event("2", "free", v=5))
    project.ingest()
    config = json.loads((project.folder / "tarn.yaml").read_text())
    config["contracts"] = {"order": schema(v={"type": "string"})}
    (project.folder / "tarn.yaml").write_text(json.dumps(config, indent=1))
    write(project, "more.json", event("3"))
    for words in (("check",), ("ingest", "more.json"), ("run", "--once")):
        result = project(*words, check=False)
        assert result.code == 75 or result.code == 65 or result.code == 69, result
        assert re.search(r"tarn.yaml:\d+: /v is long in table events.order, contract \"order\" says string: "
                         r"`tarn replay --table order` rebuilds the table under the contract", result.err), result
    assert project("check", "--offline").code == 0
    config["contracts"] = {"order": schema(v={"type": "integer"}, new={"type": "string"})}
    (project.folder / "tarn.yaml").write_text(json.dumps(config, indent=1))
    project("check")
    assert project.ingest("more.json")["rows"] == 1
    project.audit()


# --- the file ------------------------------------------------------------------

HEAD = "version: 1\nlake: ./lake\npipelines: {p: {source: {files: [in.json]}, envelope: {id: id, name: name, time: {field: at, unit: ms}}}}\n"
WRONG = [
    ("contracts: {a: {propertys: {}}}", "4:17: unknown key \"propertys\" in a contract's schema; did you mean \"properties\"?"),
    ("contracts: {a: {type: text}}", "4:23: type must be one of object, array, string"),
    ("contracts: {a: {type: string}}", "4:16: a contract is of an object"),
    ("contracts: {a: {properties: {b: {type: [string, integer]}}}}", "a column has one type"),
    ("contracts: {a: {properties: {b: {type: [\"null\"]}}}}", "type must be one of"),
    ("contracts: {a: {properties: {b: {type: string, format: email}}}}", "4:56: format must be one of date-time, date, uuid"),
    ("contracts: {a: {properties: {b: {type: boolean, format: date}}}}", "format date does not go with this type"),
    ("contracts: {a: {properties: {b: {type: integer, format: date-time}}}}", "needs \"unit\""),
    ("contracts: {a: {properties: {b: {type: string, minimum: 1}}}}", "\"minimum\" says nothing of this type"),
    ("contracts: {a: {properties: {b: {enum: [1]}}}}", "give its type"),
    ("contracts: {a: {properties: {b: {type: integer, enum: [x]}}}}", "4:56: a number is wanted here"),
    ("contracts: {a: {properties: {b: {type: integer, minimum: 1, exclusiveMinimum: 2}}}}", "two bounds on one side"),
    ("contracts: {a: {properties: {b: {type: string, enum: []}}}}", "enum must be a list of 1 to 1000 values"),
    ("contracts: {a: {properties: {b: {type: string, enum: [a], const: b}}}}", "exclude each other"),
    ("contracts: {a: {properties: {b.c: {}}}}", "4:30: no column can have this name"),
    ("contracts: {a: {required: [b]}}", "\"b\" is required and not among the properties"),
    ("contracts: {a: {properties: []}}", "properties must be a mapping"),
    ("contracts: {a: {additionalProperties: {}}}", "additionalProperties must be one of"),
    ("contracts: {a/../b: {type: object}}", "\"a/../b\" cannot be an event name"),
    ("contracts: [{a: {type: object}}, {a: {type: object}}]", "\"a\" has a contract already"),
    ("contracts: nowhere.yaml", "4:12: "),
    ("contracts: [{}, []]", "contracts are a mapping of event names to schemas"),
    ("undeclared: infer", "unknown key \"undeclared\""),
]


@pytest.mark.parametrize("text, words", WRONG, ids=range(len(WRONG)))
def test_errors_have_a_place_and_a_way_out(tarn, tmp_path, text, words):
    (tmp_path / "tarn.yaml").write_text(HEAD + text + "\n")
    result = tarn("check", "--offline", cwd=tmp_path, check=False)
    assert result.code == 64 and words in result.err, result
    assert re.search(r"tarn.yaml:\d+:\d+: ", result.err), result


def test_limits_must_be_wide_enough(tarn, tmp_path):
    wide = schema(**{f"k{n}": {"type": "string"} for n in range(30)})
    project = make(tarn, tmp_path, {"order": wide}, limits={"columns": 20})
    assert "declares 30 columns" in project("check", "--offline", check=False).err
    project = make(tarn, tmp_path, {"order": schema(o=wide)}, limits={"members": 20})
    assert "raise limits.columns or limits.members" in project("check", "--offline", check=False).err


def test_contracts_stand_in_files_beside_the_configuration(tarn, tmp_path):
    project = make(tarn, tmp_path, ["contracts/*.yaml", {"third": {"type": "object", "required": []}}], event("1", v=5),
                   event("2", "pay:x", v=5), event("3", "third", v=5))
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts/a.yaml").write_text("order:\n  properties: {v: {type: string}}\n")
    (tmp_path / "contracts/b.yaml").write_text("\"pay:*\":\n  properties: {v: {type: number}}\n")
    (tmp_path / "contracts/empty.yaml").write_text("\n")
    project.ingest()
    values = {name: table.rows()[0]["v"] for name, table in project.lake.tables().items()}
    assert values == {"order": "5", "pay_x": 5.0, "third": 5}
    (tmp_path / "contracts/b.yaml").write_text("order: {type: object}\n")
    result = project("check", check=False)
    assert re.search(r'contracts/b.yaml:1:1: "order" has a contract already, at .*contracts/a.yaml:1', result.err), result


# --- infer ---------------------------------------------------------------------

def names_of(project):
    """Event name -> rows."""
    counts = collections.Counter()
    for table in project.lake.tables().values():
        counts.update(table.static.scan(selected_fields=("event_name",)).to_arrow()["event_name"].to_pylist())
    return counts


def infer(project):
    """The contracts of all that is there, as the one text they make."""
    return "".join(project("contract", "infer", name).out for name in sorted(names_of(project)))


def under(tarn, folder, project, pipelines, contracts):
    """A new lake from the same sources, under these contracts."""
    folder.mkdir()
    (folder / "all.yaml").write_text(contracts)
    return Project(tarn, folder, pipelines, contracts="all.yaml")


def drifted(report):
    return sum(table["drifted"] for table in report["tables"].values())


def test_inferred_contract_refuses_nothing_of_real_events(real, tarn, shared, tmp_path):
    pipelines = real_pipeline(real.real, shared)
    second = under(tarn, tmp_path / "second", real.project, pipelines, infer(real.project))
    checked = second("check")
    assert checked.code == 0
    report = second.ingest()
    assert {k: report[k] for k in ("rows", "duplicates", "reasons")} == {k: real.report[k] for k in ("rows", "duplicates", "reasons")}
    assert drifted(report) == 0
    reviewed = second("contract", "check", "--json").json
    assert reviewed["ok"] and sum(c["rows"] for c in reviewed["contracts"]) == real.real.rows
    if real.real.rows > 10000:
        return  # the rows of the smaller sets are enough to compare
    for name, table in real.tables.items():  # the same rows, whatever order columns have
        mine = {row["source_position"]: row for row in second.lake.table(name).rows()}
        assert len(mine) == len(table.rows())
        for row in table.rows():
            known = {key for key, value in row.items() if value is not None} - {"_extra", "ingested_at"}
            assert {key: mine[row["source_position"]][key] for key in known} == {key: row[key] for key in known}


MIXED = {"source": {"files": ["../in.ndjson"]}, "partition": "month", "table": "mixed",
         "envelope": {"id": "doc", "name": {"const": "mixed"}, "time": {"field": "at", "unit": "ms"}},
         "limits": {"columns": 5000}}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_inferred_contract_refuses_nothing_of_odd_documents(tarn, tmp_path, seed):
    (tmp_path / "in.ndjson").write_text("\n".join(documents(seed, 300)))
    first = Project(tarn, tmp_path / "first", {"p": MIXED})
    rows = first.ingest()["rows"]
    second = under(tarn, tmp_path / "second", first, {"p": MIXED}, infer(first))
    report = second.ingest()
    assert (report["rows"], report["quarantined"]) == (rows, 0), report["reasons"]
    reviewed = second("contract", "check", "--json").json
    assert reviewed["contracts"][0]["refused"] == 0


def test_infer_says_what_might_be_said_besides(tarn, tmp_path):
    records = [event(str(n), status=["new", "paid"][n % 2], ref=str(uuid.UUID(int=n)), day="2025-01-01",
                     when="2025-01-01T00:00:00Z", free=f"text {n}", **({"some": 1} if n else {})) for n in range(100)]
    project = make(tarn, tmp_path, {}, *records)
    project.ingest()
    lines = [line.strip() for line in project("contract", "infer", "order").out.splitlines()]
    for line in ("status: {type: string}  # enum: [new, paid]", "ref: {type: string}  # format: uuid",
                 "day: {type: string}  # format: date", "when: {type: string}  # format: date-time", "free: {type: string}",
                 "some: {type: integer}", "required: [id, at, status, ref, day, when, free]"):
        assert line in lines, (line, lines)


def test_infer_takes_an_event_name_or_its_table(tarn, tmp_path):
    project = make(tarn, tmp_path, {}, event("1", "pay:card:done", v=1), event("2", "Pay Back", v=1))
    project.ingest()
    assert project("contract", "infer", "pay:card:done").out == project("contract", "infer", "pay_card_done").out
    assert '"Pay Back":\n' in project("contract", "infer", "pay_back").out
    result = project("contract", "infer", "pay_card_don", check=False)
    assert result.code != 0 and "did you mean events.pay_card_done?" in result.err
    shared = make(tarn, tmp_path / "shared", {}, event("1", "a", x=1), event("2", "b", y=1), table="all")
    shared.ingest()
    assert "x: {type: integer}" in shared("contract", "infer", "a").out
    assert "x:" not in shared("contract", "infer", "b").out
    assert "holds 2 event names" in shared("contract", "infer", "all", check=False).err


# --- check ---------------------------------------------------------------------

def found(reviewed):
    """(reason, pointer) -> rows."""
    return {(rule["reason"], rule["pointer"]): rule["rows"] for one in reviewed["contracts"] for rule in one["rules"]}


def stars(pointer):
    return re.sub(r"/\d+(?=/|$)", "/*", pointer)


def test_check_says_what_an_ingest_would_refuse(tarn, shared, tmp_path):
    """Rules that many of the hour's events break, on every kind of place."""
    user = schema(id={"type": "integer", "maximum": 5000000}, login={"type": "string", "pattern": "^[a-z]+$"})
    contracts = {
        "PushEvent": schema(actor=user, payload=schema(
            size={"type": "integer", "maximum": 3}, ref={"type": "string", "maxLength": 17},
            commits={"items": schema(message={"type": "string", "minLength": 5}, distinct={"type": "boolean"})})),
        "IssuesEvent": schema(payload={"required": ["action", "label"], "properties": {
            "action": {"type": "string", "enum": ["opened", "closed"]}, "label": {}}}),
        "*CommentEvent": {"additionalProperties": False, "properties": {
            name: {} for name in ("id", "type", "actor", "repo", "payload", "public", "created_at")}},
    }
    pipelines = {"github": {"source": {"files": [str(shared / "github/*.json.gz")]}, "partition": "day",
                            "envelope": {"id": "id", "name": "type", "time": "created_at"}}}
    first = Project(tarn, tmp_path / "first", pipelines)
    first.ingest()
    (first.folder / "new.yaml").write_text(json.dumps(contracts))
    result = first("contract", "check", "new.yaml", "--json", check=False)
    assert result.code == 1 and not result.json["ok"], result
    second = Project(tarn, tmp_path / "second", pipelines, contracts=contracts)
    report = second.ingest()
    truth = collections.Counter((one.reason, stars(one.pointer)) for one in quarantine(second.lake).values())
    assert len(truth) >= 8 and sum(truth.values()) == report["quarantined"]
    # In which order a record's members are looked at is its own; a row has that of its columns.
    by_contract = {one["contract"]: one for one in result.json["contracts"]}
    assert sum(one["refused"] for one in by_contract.values()) == report["quarantined"]
    assert {reason for reason, _ in found(result.json)} == {reason for reason, _ in truth}
    assert by_contract["*CommentEvent"]["refused"] == truth["contract.extra", "/org"] == found(result.json)["contract.extra", "/org"]
    assert len(by_contract["*CommentEvent"]["tables"]) == 3
    only = first("contract", "check", "new.yaml", "IssuesEvent", "--json", check=False).json
    assert [one["contract"] for one in only["contracts"]] == ["IssuesEvent"]


def test_check_says_what_would_lose_and_convert(tarn, tmp_path):
    project = make(tarn, tmp_path, {}, event("1", v=5, r=2**53 + 1), event("2", v=6, r=1))
    project.ingest()
    (tmp_path / "new.yaml").write_text(json.dumps({"order": schema(v={"type": "string"}, r={"type": "number"})}))
    result = project("contract", "check", "new.yaml", "--json", check=False)
    [one] = result.json["contracts"]
    assert (one["rows"], one["refused"], one["converted"], one["inexact"]) == (2, 0, 2, 1)
    assert len(one["conflicts"]) == 1 and "/v is long" in one["conflicts"][0]
    assert result.code == 1
    text = project("contract", "check", "new.yaml", check=False).out
    assert "2 rows: 0 refused; 2 values converted, 1 held only nearly" in text


def test_check_of_what_agrees_ends_well(tarn, tmp_path):
    project = make(tarn, tmp_path, {"order": schema(v={"type": "integer"})}, event("1", v=5))
    project.ingest()
    result = project("contract", "check", "--json")
    assert result.code == 0 and result.json["ok"]
    result = project("contract", "check", "nothing.yaml", check=False)
    assert result.code not in (0, 1) and "nothing.yaml" in result.err
