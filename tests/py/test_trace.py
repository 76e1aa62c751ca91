"""`tarn trace`: where an event is, by its id; held against what pyarrow and the sources say."""
import base64
import json
import os
import subprocess
import uuid

import pyarrow.parquet as pq
import pytest

from lib.engine import restore
from lib.follow import Follower, sql, wait_until

TIME = 1_700_000_000
ENVELOPE = {"id": "id", "name": "type", "time": {"field": "time", "unit": "s"}}
EVENTS = {"source": {"files": ["in/*.json"]}, "envelope": ENVELOPE}
LONG = {"target_file": "128MiB", "max_delay": "1h"}
ODD = ["a b", "O'Brien", 'say "so"', "back\\slash", "slash/and~", "日本語", "🎈", "%s%n", "*?[x]", "x" * 128, "null", "1", "$(id)"]


def event(id, name="push", at=0, **more):
    return json.dumps({"id": id, "type": name, "time": TIME + at, **more}) + "\n"


def put(p, text, name="a.json"):
    path = p.folder / "in" / name
    path.parent.mkdir(exist_ok=True)
    with open(path, "ab") as out:
        out.write(text if isinstance(text, bytes) else text.encode())


def trace(p, id, *options, code=0):
    done = p("trace", id, "--json", *options, check=False)
    assert done.code == code, done
    return done.json


def never(p, id, *options):
    found = trace(p, id, *options, code=1)
    assert found["outcome"] == "never" and found["copies"] == []
    return found


def check_row(p, found, id):
    """What is said of a row is what pyarrow finds there, and what PyIceberg knows of the file."""
    assert found["outcome"] == "row", found
    space, name = found["table"].split(".")
    with pq.ParquetFile(p.lake.path / found["file"]) as file:
        before = sum(file.metadata.row_group(i).num_rows for i in range(found["row_group"]))
        assert before <= found["row"] < before + file.metadata.row_group(found["row_group"]).num_rows
        row = file.read(columns=["event_id", "source_position", "event_time", "ingested_at"]).slice(found["row"], 1).to_pylist()[0]
    assert str(uuid.UUID(bytes=row["event_id"]) if isinstance(row["event_id"], bytes) else row["event_id"]) == id
    assert row["source_position"] == found["source_position"]
    for column in ("event_time", "ingested_at"):
        assert row[column].isoformat()[:19] == found[column][:19]
    entry, = [e for e in p.lake.table(name, space).entries if e.data_file.file_path.endswith(found["file"])]
    assert entry.snapshot_id == found["snapshot"]
    return row


def positions(text, file="in/a.json"):
    at = 0
    for line in text.splitlines(keepends=True):
        yield f"{file}:{at}"
        at += len(line.encode())


def test_rows_are_found_whatever_their_ids_hold(project):
    p = project({"events": EVENTS})
    text = "".join(event(id, at=i * 1800, n=i) for i, id in enumerate(ODD))
    put(p, text)
    p.ingest()
    for id, position in zip(ODD, positions(text)):
        found = trace(p, id)
        check_row(p, found, id)
        assert found["id"] == id and found["pipeline"] == "events" and found["source_position"] == position
        assert found["entry"] == 2 and found["copies"] == []
    for id in ["a", "a b ", "A B", "x" * 127, "x" * 129, "日本", "never'; --"]:
        never(p, id)
    said = p("trace", "say \"so\"")
    assert said.out.startswith('say "so": a row of events.push\n') and "in/a.json:" in said.out
    assert "never seen" in p("trace", "nobody", check=False).out


def test_uuids_in_any_case(project):
    p = project({"web": {**EVENTS, "envelope": {**ENVELOPE, "id": {"field": "id", "type": "uuid"}}}})
    ids = [str(uuid.UUID(int=i * 7919 + 1 << 40)) for i in range(200)]
    put(p, "".join(event(id.upper() if i % 2 else id, "a" if i % 3 else "b", at=i * 600) for i, id in enumerate(ids)))
    p.ingest()
    for id in ids[::17] + ids[1::31]:
        for typed in (id, id.upper()):
            check_row(p, trace(p, typed), id)
    never(p, str(uuid.UUID(int=5)))
    never(p, "not-a-uuid")


def test_made_ids(project):
    p = project({"logs": {**EVENTS, "envelope": {**ENVELOPE, "id": {"hash": ["user", "time"]}}}})
    lines = [json.dumps({"user": i, "type": "song", "time": TIME + i * 977}) + "\n" for i in range(60)]
    put(p, "".join(lines + lines[:1]))
    p.ingest()
    for row in p.lake.table("song").rows()[::7]:
        found = trace(p, row["event_id"])
        check_row(p, found, row["event_id"])
        assert found["source_position"] == row["source_position"]
        assert trace(p, row["event_id"].upper())["file"] == found["file"]
    never(p, "0" * 32)
    never(p, "0" * 31)


@pytest.mark.parametrize("preset", ["product", "eventsim", "domain", "csv"])
def test_rows_of_made_up_streams(project, preset):
    p = project({preset: {"preset": preset, "source": {"files": ["made/**"]}}})
    p("simulate", preset, "--events", 4000, "--seed", 5, "--duplicates", 0.02, "--malformed", 0.02, "--out", "made")
    (p.folder / "made/ledger.json").unlink()
    p.ingest()
    for name, table in list(p.lake.tables().items())[:6]:
        rows = table.rows()
        for row in (rows[0], rows[len(rows) // 2], rows[-1]):
            found = trace(p, row["event_id"])
            assert found["table"] == f"events.{name}" and found["source_position"] == row["source_position"]
            check_row(p, found, str(row["event_id"]))


def test_held_rows_are_said_to_be_held_until_they_have_a_file(project):
    p = project({"events": EVENTS}, tables=LONG)
    text = "".join(event(f"e{i}", at=i) for i in range(300)) + '{"id": "bad", "type": "push"}\n'
    put(p, text)
    with Follower(p) as follower:
        wait_until(lambda: (p.lake.path / "events/push").exists() and sql(p, "select count(*) as n from push")[0]["n"] == 300,
                   "300 rows")
        follower.kill()
    found = trace(p, "e123")
    assert found["outcome"] == "held" and found["table"] == "events.push" and found["file"] is None
    assert found["source_position"] == list(positions(text))[123] and found["record"] == text.splitlines()[123]
    assert found["entry"] >= 2
    refused = trace(p, "bad")
    assert refused["outcome"] == "quarantined" and refused["reason"] == "time.missing" and refused["file"] is None
    never(p, "e300")
    p.ingest()
    after = trace(p, "e123")
    check_row(p, after, "e123")
    assert after["source_position"] == found["source_position"] and after["entry"] > found["entry"]
    assert trace(p, "bad")["file"].startswith("tarn/quarantine/data/")


def test_repeats_and_conflicts(project):
    p = project({"events": {**EVENTS, "raw": "on"}})
    first = event("e1") + event("e2") + event("e1") + event("e1", n=7) + event("e3")
    put(p, first)
    p.ingest()
    second = event("e3") + event("e1") + event("e4")
    put(p, second, "b.json")
    p.ingest()
    one, later = list(positions(first)), list(positions(second, "in/b.json"))

    found = trace(p, "e1")
    assert found["source_position"] == one[0] and found["copies"] == [] and not found["deep"]
    assert "copies that came later are not looked for: --deep" in p("trace", "e1").err
    deep = trace(p, "e1", "--deep")
    check_row(p, deep, "e1")
    assert deep["record"] == first.splitlines()[0] and deep["segments_read"] == 2 and deep["segments_gone"] == 0
    copies = [(c["outcome"], c["source_position"]) for c in deep["copies"]]
    assert sorted(copies) == sorted([("duplicate", one[2]), ("quarantined", one[3]), ("duplicate", later[1])])
    conflict, = [c for c in deep["copies"] if c["outcome"] == "quarantined"]
    assert conflict["reason"] == "id.conflict" and conflict["record"] == first.splitlines()[3]
    assert [c["source_position"] for c in trace(p, "e3", "--deep")["copies"]] == [later[0]]
    assert trace(p, "e4", "--deep")["segments_read"] == 1  # what came before cannot be a copy
    never(p, "e5", "--deep")
    for segment in (p.lake.path / "_tarn/raw/0").glob("*"):
        segment.unlink()
    gone = trace(p, "e1", "--deep")
    assert gone["segments_gone"] == 2 and [c["outcome"] for c in gone["copies"]] == ["quarantined"]


REFUSED = {
    "time.missing": '{"id": "%s", "type": "push"}',
    "time.syntax": '{"id": "%s", "type": "push", "time": "soon"}',
    "time.future": '{"id": "%s", "type": "push", "time": 7900000000}',
    "type.missing": '{"id": "%s", "time": 1700000000}',
    "type.name": '{"id": "%s", "type": "../up", "time": 1700000000}',
    "json.syntax": '{"id": "%s", "type": "push", "time": }',
    "json.trailing": '{"id": "%s", "type": "push", "time": 1700000000} more',
    "json.duplicate_key": '{"id": "%s", "a": 1, "a": 2, "type": "push", "time": 1700000000}',
    "envelope.not_object": '["%s"]',
}


def test_refused_records_say_why(project):
    p = project({"events": EVENTS})
    text = "".join(line % reason + "\n" for reason, line in REFUSED.items())
    text += '{"id": "time.missing-not", "type": "push"}\n' + event("other", text="type.missing")
    put(p, text)
    p.ingest()
    where = dict(zip(REFUSED, positions(text)))
    for reason, line in REFUSED.items():
        found = trace(p, reason)
        assert found["outcome"] == "quarantined" and found["reason"] == reason and found["copies"] == []
        assert found["source_position"] == where[reason] and found["record"] == line % reason
        assert found["table"] == "tarn.quarantine" and found["pipeline"] == "events"
        with pq.ParquetFile(p.lake.path / found["file"]) as file:
            assert file.read(columns=["source_position"])[0][found["row"]].as_py() == where[reason]
        # a record that was read as far as its id has that id and no other: no part of one, and no text elsewhere
        assert found["is_id_read"] == (not reason.startswith(("json.", "envelope.")))
    assert "a refused record that holds this text" in p("trace", "json.syntax").out
    never(p, "time.missing-")
    assert trace(p, "push")["is_id_read"] is False  # stands in one of those that are no JSON
    never(p, "pus")


def test_a_refused_escape_is_the_id_that_it_means(project):
    p = project({"events": EVENTS})
    put(p, '{"id": "sn\\u00f6w\\/1", "type": "push"}\n')
    p.ingest()
    assert trace(p, "snöw/1")["reason"] == "time.missing"
    never(p, "u00f6")


def test_without_dedupe_every_row_is_shown(project):
    p = project({"events": {**EVENTS, "dedupe": "off"}, "more": {**EVENTS, "source": {"files": ["more/*.json"]}, "table": "all"}})
    text = event("e1") + event("e2", at=86400) + event("e1", "watch", at=7200) + event("e1", at=86400 * 3)
    put(p, text)
    (p.folder / "more").mkdir()
    (p.folder / "more/a.json").write_text(event("e1") + event("m1"))
    p.ingest()
    where = list(positions(text))
    found = trace(p, "e1", "--pipeline", "events")
    check_row(p, found, "e1")
    rows = [found, *found["copies"]]
    assert sorted(row["source_position"] for row in rows) == sorted([where[0], where[2], where[3]])
    assert {row["table"] for row in rows} == {"events.push", "events.watch"}
    both = trace(p, "e1")
    assert len(both["copies"]) == 3 and {r["pipeline"] for r in [both, *both["copies"]]} == {"events", "more"}
    assert trace(p, "m1")["table"] == "events.all"
    never(p, "m1", "--pipeline", "events")
    assert p("trace", "m1", "--pipeline", "nope", check=False).code == 64


def test_ids_that_are_gone_and_lakes_that_are_not_there(project):
    p = project({"events": EVENTS})
    assert p("trace", check=False).code == 64
    assert p("trace", "e1", check=False).code not in (0, 1)
    put(p, event("e1") + "nonsense\n")
    p.ingest()
    file, = p.lake.path.glob("events/push/data/**/*.parquet")
    file.write_bytes(file.read_bytes()[:-4] + b"XXXX")
    damaged = p("trace", "e1", check=False)
    assert damaged.code == 65 and file.name in damaged.err


def test_a_record_that_was_replayed_is_one(project):
    p = project({"events": {**EVENTS, "raw": "on", "envelope": {**ENVELOPE, "time": {"field": "when", "unit": "s"}}}})
    put(p, event("e1") + event("e2"))
    p.ingest()
    assert trace(p, "e1")["outcome"] == "quarantined"
    config = p.folder / "tarn.yaml"
    config.write_text(config.read_text().replace('"when"', '"time"'))
    p("quarantine", "replay", "--yes")
    for options in ([], ["--deep"]):
        found = trace(p, "e2", *options)
        check_row(p, found, "e2")
        assert found["copies"] == [] and found["source_position"] == f"in/a.json:{len(event('e1'))}"


def test_a_row_that_its_table_lost_is_gone(project):
    p = project({"events": {**EVENTS, "raw": "on"}})
    put(p, event("e1") + event("e2"))
    p.ingest()
    restore(p.lake.path / "events/push", 1)
    found = trace(p, "e2")
    assert found["outcome"] == "gone" and found["entry"] == 2 and found["file"] is None
    deep = trace(p, "e2", "--deep")
    assert deep["outcome"] == "gone" and deep["source_position"] == f"in/a.json:{len(event('e1'))}" and deep["copies"] == []
    assert "no longer in a file" in p("trace", "e2").out


def bytes_by_kernel(p, id):
    """What the whole process read, DuckDB and all, as the kernel counted it: a parent's count has its children's."""
    command = f'"{p.tarn.path}" trace {id} --json; cat /proc/$$/io'
    said = subprocess.run(["sh", "-c", command], cwd=p.folder, capture_output=True, text=True).stdout.splitlines()
    return json.loads(said[0]), int(said[1].removeprefix("rchar: "))


def test_a_large_lake_is_not_read(project):
    """10,000 files: 100 tables, 100 hours. Each is some 30 KB, mostly text that does not compress."""
    p = project({"events": EVENTS})
    tables, hours, rows = 100, 100, 16
    noise = base64.b64encode(os.urandom(3 << 20)).decode()
    ids = []
    (p.folder / "in").mkdir()
    with open(p.folder / "in/a.json", "w") as out:
        for n in range(tables * hours * rows):
            ids.append(f"{n * 2654435761 % 2**32:08x}-{n}")
            at = n * 1237 % (len(noise) - 2400)
            out.write('{"id":"%s","type":"kind %d","time":%d,"n":%d,"text":"%s"}\n' % (
                ids[-1], n % tables, TIME // 3600 * 3600 + n // (tables * rows) * 3600, n, noise[at:at + 2400]))
    p.ingest()
    (p.folder / "in/a.json").unlink()
    for id in (ids[0], ids[len(ids) // 3], ids[-1]):
        found = trace(p, id)
        check_row(p, found, id)
        assert found["lake_files"] >= tables * hours
        assert found["lake_bytes"] == sum(f.stat().st_size for f in p.lake.path.glob("events/*/data/**/*.parquet"))
        assert found["bytes_read"] * 100 < found["lake_bytes"] and found["files_looked_at"] <= 2 * tables
        assert found["as_of_entry"] is None  # the journal names 10,000 files, and was not read
        same, by_kernel = bytes_by_kernel(p, id)
        assert same == found and by_kernel - 64 * 1024 < found["bytes_read"]  # the program, its libraries and tarn.yaml
    absent = never(p, "nobody")
    assert absent["bytes_read"] * 100 < absent["lake_bytes"] and absent["files_looked_at"] == 0
