"""What `tarn table`, `tarn status` and `tarn quarantine` say of a small lake whose every record is known."""
import base64
import datetime
import json
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARN = pathlib.Path(os.environ.get("TARN", ROOT / "build/tarn")).resolve()

CONFIG = """\
version: 1
lake: lake
pipelines:
  product:
    preset: product
    source: {files: "*.ndjson"}
"""
IDENTITY = '{"format":1,"id":"0b9fbf67-6a4c-4b5e-9e0f-5a2b6f0c8a11","secret":"00112233445566ff"}'
CUT = b'{"event_uuid":"u6","event_name":'
NOT_UTF8 = b'{"event_uuid":"u7\xff\x1b[31m","event_name":"page_view"}'
NO_TIME = '{"event_uuid":"u8","event_name":"page_view","path":"/é\u009b"}'.encode()
RECORDS = [
    b'{"event_uuid":"u1","event_name":"payment:order:completed","created_at":1420124401,"amount":12.5,'
    b'"cart":{"items":[{"sku":"a","n":1}]}}',
    b'{"event_uuid":"u2","event_name":"payment:order:completed","created_at":1420128001,"amount":"12.5"}',
    b'{"event_uuid":"u3","event_name":"PushEvent","created_at":1420128002,"size":3}',
    b'{"event_uuid":"u3","event_name":"PushEvent","created_at":1420128002,"size":3}',
    b'{"event_uuid":"u4","event_name":"page_view","created_at":1420128003,"path":"/"}',
    CUT, NOT_UTF8, NO_TIME,
]
OFFSETS = [sum(len(r) + 1 for r in RECORDS[:i]) for i in range(len(RECORDS))]
EVENTS = {"events.page_view", "events.payment_order_completed", "events.push_event"}
PAYMENTS = "payment_order_completed"


class Folder:
    def __init__(self, path):
        self.path = path
        (path / "tarn.yaml").write_text(CONFIG)

    def run(self, *words):
        return subprocess.run([TARN, *words], cwd=self.path, capture_output=True, encoding="utf-8", timeout=60)

    def text(self, *words):
        done = self.run(*words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def json(self, *words):
        return json.loads(self.text(*words, "--json"))

    def fails(self, code, *words):
        """With this exit code, nothing on stdout, and a sentence that is given back."""
        done = self.run(*words)
        assert (done.returncode, done.stdout) == (code, ""), (words, done)
        return done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = Folder(tmp_path_factory.mktemp("commands"))
    (folder.path / "a.ndjson").write_bytes(b"\n".join(RECORDS) + b"\n")
    folder.text("ingest", "--quiet")
    (folder.path / "b.ndjson").write_text('{"event_uuid":"u9","event_name":"page_view","created_at":1420131604}\n')
    folder.text("ingest", "--quiet")
    return folder


@pytest.fixture
def copy(folder, tmp_path):
    """A lake to be damaged. What it says of itself still names the place of the first: it is put back there."""
    kept = tmp_path / "kept"
    shutil.copytree(folder.path, kept)
    yield folder
    shutil.rmtree(folder.path)
    shutil.copytree(kept, folder.path)


@pytest.fixture
def empty(tmp_path):
    return Folder(tmp_path)


def rows_of(text):
    """The cells of an aligned table, where no cell holds two blanks."""
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in text.splitlines()]


def when(text):
    return datetime.datetime.fromisoformat(text)


# --- table ---------------------------------------------------------------------------------


def test_ls_counts_each_table(folder):
    tables = {t["table"]: t for t in folder.json("table", "ls")["tables"]}
    assert list(tables) == sorted(EVENTS) + ["tarn.quarantine"]
    assert {name: t["rows"] for name, t in tables.items()} == {
        "events.page_view": 2, f"events.{PAYMENTS}": 2, "events.push_event": 1, "tarn.quarantine": 3}
    payments = tables[f"events.{PAYMENTS}"]
    assert payments["partitions"] == ["2015-01-01-15", "2015-01-01-16"]
    assert (payments["oldest"], payments["newest"]) == ("2015-01-01T15:00:01Z", "2015-01-01T16:00:01Z")
    assert (payments["files"], payments["snapshots"], payments["extra"]) == (2, 1, 1)
    files = list((folder.path / f"lake/events/{PAYMENTS}/data").rglob("*.parquet"))
    assert payments["bytes"] == sum(f.stat().st_size for f in files)
    assert tables["events.page_view"]["snapshots"] == 2
    assert tables["events.page_view"]["applied"] > payments["applied"] > 0


def test_ls_as_text(folder):
    head, *lines = folder.text("table", "ls").splitlines()
    assert head.split("  ")[0] == "table"
    line, = (line for line in lines if PAYMENTS in line)
    assert line.split()[:3] == [f"events.{PAYMENTS}", "2", "2"]
    assert "2015-01-01-15 2015-01-01-16" in " ".join(line.split())
    assert len(lines) == 4


@pytest.mark.parametrize("name", [PAYMENTS, f"events.{PAYMENTS}"])
def test_describe_tells_columns_and_layout(folder, name):
    table = folder.json("table", "describe", name)
    assert table["table"] == f"events.{PAYMENTS}"
    columns = {c["name"]: c for c in table["columns"]}
    assert columns["event_id"] == {
        "id": columns["event_id"]["id"], "name": "event_id", "type": "string", "required": True, "doc": "/event_uuid"}
    items, = columns["cart"]["fields"]
    element, = items["fields"]
    assert (items["type"], items["doc"], element["type"]) == ("list", "/cart/items", "struct")
    assert [(f["name"], f["doc"]) for f in element["fields"]] == [
        ("sku", "/cart/items/*/sku"), ("n", "/cart/items/*/n")]
    assert table["partition"] == [{"name": "event_time_hour", "transform": "hour", "source": "event_time"}]
    assert [(s["source"], s["direction"]) for s in table["sort"]] == [("event_time", "asc")]
    assert table["properties"]["tarn.applied.0"] == str(table["applied"])
    assert pathlib.Path(table["location"]) == folder.path / f"lake/events/{PAYMENTS}"
    assert json.loads(pathlib.Path(table["metadata"]).read_text())["table-uuid"] == table["uuid"]


def test_describe_as_text_indents_what_is_nested(folder):
    text = folder.text("table", "describe", PAYMENTS)
    lines = {line.split()[1]: line for line in text.splitlines() if line[:2].strip().isdigit()}
    indents = [lines[name].index(name) - lines["cart"].index("cart") for name in ("cart", "items", "element", "sku")]
    assert indents == [0, 2, 4, 6]
    assert lines["sku"].split()[1:] == ["sku", "string", "/cart/items/*/sku"]
    assert "hour(event_time) as event_time_hour" in text
    assert "tarn.applied.0 = " in text


def test_describe_takes_the_quarantine_too(folder):
    for name in ("quarantine", "tarn.quarantine"):
        table = folder.json("table", "describe", name)
        assert {c["name"]: c["type"] for c in table["columns"]}["record"] == "binary"
        assert table["partition"][0]["transform"] == "day"


def test_files_are_those_on_disk(folder):
    files = folder.json("table", "files", PAYMENTS)["files"]
    assert [(f["partition"], f["rows"], f["first"], f["last"]) for f in files] == [
        ("2015-01-01-15", 1, "2015-01-01T15:00:01Z", "2015-01-01T15:00:01Z"),
        ("2015-01-01-16", 1, "2015-01-01T16:00:01Z", "2015-01-01T16:00:01Z")]
    for file in files:
        assert (folder.path / "lake" / file["path"]).stat().st_size == file["bytes"]
    head, *lines = rows_of(folder.text("table", "files", PAYMENTS))
    assert head[0] == "file"
    assert [line[0] for line in lines] == [f["path"] for f in files]


def test_history_is_newest_first(folder):
    snapshots = folder.json("table", "history", "page_view")["snapshots"]
    assert [(s["operation"], s["added_rows"], s["added_files"], s["is_current"]) for s in snapshots] == [
        ("append", 1, 1, True), ("append", 1, 1, False)]
    assert when(snapshots[0]["time"]) >= when(snapshots[1]["time"])
    assert snapshots[1]["entries"].startswith("1..")
    head, first, second = rows_of(folder.text("table", "history", "page_view"))
    assert (first[1], second[1]) == tuple(str(s["id"]) for s in snapshots)
    assert first[-1] == "current"


@pytest.mark.parametrize("typed, meant", [
    ("page_veiw", "events.page_view"), ("PushEvent", "events.push_event"),
    ("payment:order:completed", f"events.{PAYMENTS}"), ("tarn.quarantin", "tarn.quarantine")])
def test_a_missing_table_brings_the_nearest_name(folder, typed, meant):
    for verb in ("describe", "files", "history"):
        said = folder.fails(66, "table", verb, typed)
        assert typed in said and f"did you mean {meant}?" in said


def test_a_table_like_no_other_points_to_the_list(folder):
    assert "tarn table ls" in folder.fails(66, "table", "describe", "zebra_crossing_closed")


@pytest.mark.parametrize("words", [
    ["table"], ["table", "drop"], ["table", "ls", "page_view"], ["table", "files"], ["table", "files", "a", "b"],
    ["status", "page_view"], ["quarantine"], ["quarantine", "sell"], ["quarantine", "ls", "page_view"],
    ["quarantine", "show", "--limit", "none"], ["quarantine", "show", "--limit", "0"]])
def test_words_that_make_no_sense_are_refused(folder, words):
    assert "tarn" in folder.fails(64, *words)


def test_a_table_that_cannot_be_read_does_not_hide_the_others(copy):
    table, = (copy.path / "lake/events/push_event/metadata").glob("v2.metadata.json")
    table.write_text("{}")
    done = copy.run("table", "ls", "--json")
    assert done.returncode == 1 and "push_event" in done.stderr
    tables = {t["table"]: t for t in json.loads(done.stdout)["tables"]}
    assert "error" in tables["events.push_event"]
    assert tables["events.page_view"]["rows"] == 2
    warnings = copy.json("status")["warnings"]
    assert any("push_event cannot be read" in w for w in warnings)


# --- status --------------------------------------------------------------------------------


def test_status_adds_up(folder):
    status = folder.json("status")
    assert status["lake"]["path"] == str(folder.path / "lake")
    assert status["lake"]["id"] == json.loads((folder.path / "lake/_tarn/lake.json").read_text())["id"]
    pipeline, = status["pipelines"]
    assert pipeline == {"pipeline": "product", "records": 9, "rows": 5, "duplicates": 1, "conflicts": 0,
                        "quarantined": 3, "dropped": 0, "is_balanced": True, "parts": 2}
    assert (status["tables"]["count"], status["tables"]["rows"], status["tables"]["behind"]) == (3, 5, [])
    assert status["journal"]["head"] == len(list((folder.path / "lake/_tarn/journal/0").iterdir()))
    age = datetime.datetime.now(datetime.timezone.utc) - when(status["journal"]["last_commit"])
    assert 0 <= status["journal"]["age_seconds"] <= age.total_seconds() + 1


def test_status_warns_of_quarantine_and_drift(folder):
    status = folder.json("status")
    assert status["tables"]["extra"] == 1
    quarantine, drift = status["warnings"]
    assert "3 records in quarantine" in quarantine and "product" in quarantine
    assert f"events.{PAYMENTS}: 1 rows with values in _extra" in drift
    text = folder.text("status")
    for warning in status["warnings"]:
        assert f"warning: {warning}\n" in text
    assert "adds up" in text and status["lake"]["id"] in text
    assert " ago" in text


def test_status_names_tables_behind_the_journal(copy):
    """As after a crash between the commit and its snapshot."""
    metadata = copy.path / "lake/events/page_view/metadata"
    (metadata / "v3.metadata.json").unlink()
    (metadata / "version-hint.text").write_text("2")
    status = copy.json("status")
    assert status["tables"]["behind"] == ["events.page_view"]
    assert any("events.page_view stands at entry" in w for w in status["warnings"])
    copy.text("ingest", "--quiet")
    assert copy.json("status")["tables"]["behind"] == []


def test_status_of_a_lake_without_commits(empty):
    (empty.path / "lake/_tarn").mkdir(parents=True)
    (empty.path / "lake/_tarn/lake.json").write_text(IDENTITY)
    status = empty.json("status")
    assert (status["journal"]["last_commit"], status["pipelines"], status["warnings"]) == (None, [], [])
    assert "nothing committed yet" in empty.text("status")
    assert empty.json("table", "ls") == {"tables": []}
    assert empty.text("table", "ls") == ""
    assert empty.json("quarantine", "ls") == {"groups": []}
    assert empty.json("quarantine", "show") == {"records": [], "total": 0}
    assert "nothing is in quarantine" in empty.run("quarantine", "ls").stderr


@pytest.mark.parametrize("words", [["status"], ["table", "ls"], ["table", "describe", "page_view"],
                                   ["quarantine", "ls"], ["quarantine", "show"]])
def test_without_a_lake_the_next_step_is_said(empty, words):
    for flags in ([], ["--json"]):
        said = empty.fails(66, *words, *flags)
        assert "no lake at" in said and "tarn ingest" in said
    assert not (empty.path / "lake").exists()


# --- quarantine ----------------------------------------------------------------------------


def test_quarantine_ls_groups_by_pipeline_and_reason(folder):
    groups = {g["reason"]: g for g in folder.json("quarantine", "ls")["groups"]}
    assert set(groups) == {"json.syntax", "json.utf8", "time.missing"}
    for reason, index in (("json.syntax", 5), ("json.utf8", 6), ("time.missing", 7)):
        group = groups[reason]
        assert (group["pipeline"], group["count"]) == ("product", 1)
        assert group["example"].endswith(f"a.ndjson:{OFFSETS[index]}")
        assert group["first"] == group["last"]
    head, *lines = rows_of(folder.text("quarantine", "ls"))
    assert head[:2] == ["pipeline", "reason"]
    assert {(line[0], line[1], line[2]) for line in lines} == {
        ("product", reason, "1") for reason in groups}


def test_quarantine_show_gives_the_bytes_back(folder):
    shown = folder.json("quarantine", "show")
    assert shown["total"] == 3
    records = {r["reason"]: r for r in shown["records"]}
    assert records["json.syntax"]["record"].encode() == CUT
    assert base64.b64decode(records["json.utf8"]["record_base64"], validate=True) == NOT_UTF8
    assert "record" not in records["json.utf8"]
    assert records["time.missing"]["record"].encode() == NO_TIME
    assert records["time.missing"]["pointer"] == "/created_at"
    for reason, index in (("json.syntax", 5), ("json.utf8", 6), ("time.missing", 7)):
        record = records[reason]
        assert record["position"].endswith(f"a.ndjson:{OFFSETS[index]}")
        assert record["record_bytes"] == len(RECORDS[index])
        assert record["message"] and record["pipeline"] == "product"
    assert records["json.utf8"]["byte_offset"] == NOT_UTF8.index(b"\xff")
    assert records["time.missing"]["byte_offset"] is None


def test_quarantine_show_as_text_is_safe_on_a_terminal(folder):
    text = folder.text("quarantine", "show")
    assert not any(c < " " and c != "\n" or "\x7f" <= c < "\xa0" for c in text)
    assert '{"event_uuid":"u7\\xff\\x1b[31m","event_name":"page_view"}' in text
    assert '"path":"/é\\xc2\\x9b"}' in text
    assert CUT.decode() in text
    assert "time.missing  the event time is missing or null: /created_at" in text


def test_quarantine_is_chosen_from(folder):
    def reasons(*words):
        return [r["reason"] for r in folder.json("quarantine", "show", *words)["records"]]

    assert reasons("--reason", "time.missing") == ["time.missing"]
    assert reasons("--reason", "it's not") == []
    assert len(reasons("--pipeline", "product")) == 3
    assert reasons("--pipeline", "other") == []
    limited = folder.json("quarantine", "show", "--limit", "2")
    assert [r["reason"] for r in limited["records"]] == ["json.syntax", "json.utf8"]  # as they stood in the file
    assert limited["total"] == 3
    assert "2 of 3 records" in folder.run("quarantine", "show", "--limit", "2").stderr
    groups = folder.json("quarantine", "ls", "--reason", "json.utf8")["groups"]
    assert [g["reason"] for g in groups] == ["json.utf8"]
    assert "nothing of that kind" in folder.run("quarantine", "show", "--reason", "x").stderr


def test_a_long_record_comes_back_whole(empty):
    record = b'{"event_uuid":"' + bytes(range(128, 256)) * 4000 + b'"'
    (empty.path / "long.ndjson").write_bytes(record + b"\n")
    empty.text("ingest", "--quiet")
    shown, = empty.json("quarantine", "show")["records"]
    assert base64.b64decode(shown["record_base64"], validate=True) == record
