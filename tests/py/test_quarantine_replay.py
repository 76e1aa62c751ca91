"""Refused records taken through their pipeline once more, or dropped: rows leave tarn.quarantine in one commit, and
readers that are not ours see the right ones before and after."""
import datetime
import json
import random
import subprocess
import time

import pytest

from lib.follow import Follower, sql, wait_until

START = 1735689600  # 2025-01-01T00:00:00Z
ENVELOPE = {"id": "id", "name": "type", "time": {"field": "at", "unit": "s"}}
FIXED = {**ENVELOPE, "time": {"field": "at", "unit": "ms"}}


def event(n, at=None, **more):
    return json.dumps({"id": f"e{n}", "type": "sale", "at": (START + n * 60) * 1000 if at is None else at, "amount": n, **more})


def shop(envelope=ENVELOPE, **more):
    return {"envelope": envelope, "source": {"files": ["in/*"]}, **more}


@pytest.fixture
def make(project):
    """make({"a.json": [lines]}, **pipeline): a project that has ingested them, file by file, a commit each."""
    def made(files, name="project", **more):
        p = project({"shop": shop(**more)}, name=name)
        (p.folder / "in").mkdir(exist_ok=True)
        for file, lines in files.items():
            (p.folder / "in" / file).write_text("\n".join(lines) + "\n")
            p.ingest()
        return p
    return made


def configure(p, **pipeline):
    path = p.folder / "tarn.yaml"
    config = json.loads(path.read_text())
    config["pipelines"] = {"shop": shop(**pipeline)} if pipeline else {}
    path.write_text(json.dumps(config) + "\n")


def replay(p, *options, verb="replay"):
    return p("quarantine", verb, "--json", *options).json


def group(report, reason):
    return next(g for g in report["groups"] if g["reason"] == reason)


def refused(p):
    return p.lake.table("quarantine", "tarn").rows()


def check(p, duck, rows, quarantined, **counts):
    """PyIceberg, DuckDB and the audit agree."""
    if rows:
        table = p.lake.table("sale")
        assert len(table.ids()) == len(set(table.ids())) == rows
        assert duck.execute("SELECT count(*), count(DISTINCT event_id) FROM iceberg_scan(?)", [str(table.path)]).fetchone() == (rows, rows)
    quarantine = p.lake.table("quarantine", "tarn")
    assert len(quarantine.rows()) == quarantined
    assert duck.execute("SELECT count(*) FROM iceberg_scan(?)", [str(quarantine.path)]).fetchone() == (quarantined,)
    for options in ([], ["--deep"]):
        found = p("audit", "--json", *options).json
        assert found["findings"] == [] and found["rows"] == rows and found["quarantined"] == quarantined
        assert {name: found[name] for name in counts} == counts


def test_a_wrong_unit_is_set_right(make, duck):
    lines = [event(n) for n in range(300)]
    p = make({"a.json": lines + [lines[7], "{broken", event(301, at="soon")]})
    check(p, duck, 0, 303)
    configure(p, envelope=FIXED)

    dry = replay(p, "--dry-run")
    assert dry["dry_run"] and dry["entry"] is None and dry["leaving"] == 301
    assert group(dry, "time.unit") == {"pipeline": "shop", "reason": "time.unit", "records": 301, "rows": 300,
                                       "duplicates": 1, "conflicts": 0, "refused": {}, "cannot": {}}
    assert group(dry, "json.syntax")["refused"] == {"json.syntax": 1}
    check(p, duck, 0, 303)  # nothing has happened

    before = p.lake.table("quarantine", "tarn").static.current_snapshot()
    done = replay(p, "--yes")
    assert not done["dry_run"] and done["entry"] and done["groups"] == dry["groups"]
    check(p, duck, 300, 2, records=303, duplicates=1, conflicts=0, dropped=0)
    assert {row["reason"] for row in refused(p)} == {"json.syntax", "time.syntax"}

    table = p.lake.table("sale")
    at = {line: offset for line, offset in zip(lines, offsets(lines))}
    for row in table.rows():
        assert row["source_position"] == f"in/a.json:{at[lines[row['amount']]]}"  # where it had come from
        assert row["event_time"].timestamp() == START + row["amount"] * 60
    then = table_at(p, "quarantine", before.snapshot_id)
    assert len(then) == 303  # the past is still there


def offsets(lines):
    at = 0
    for line in lines:
        yield at
        at += len(line.encode()) + 1


def table_at(p, name, snapshot):
    return p.lake.table(name, "tarn").static.scan(snapshot_id=snapshot).to_arrow()


def test_a_second_replay_changes_nothing(make):
    p = make({"a.json": [event(n) for n in range(20)] + ["{broken"]})
    configure(p, envelope=FIXED)
    assert replay(p, "--yes")["leaving"] == 20
    entries = sorted((p.lake.path / "_tarn/journal/0").iterdir())
    again = replay(p, "--yes")
    assert again["leaving"] == 0 and again["entry"] is None
    assert sorted((p.lake.path / "_tarn/journal/0").iterdir()) == entries  # not even a fence
    assert p.ingest()["records"] == 0  # and sources go on where they stood
    p.audit()


def test_ids_are_remembered(make, duck):
    """A record that passes on replay is known from then on, to ingest too; one that was known before is a repeat."""
    p = make({"a.json": [event(n) for n in range(10)]})
    configure(p, envelope=FIXED)
    (p.folder / "in/b.json").write_text("\n".join(event(n) for n in range(5)) + "\n")
    assert p.ingest()["rows"] == 5
    done = group(replay(p, "--yes"), "time.unit")
    assert (done["rows"], done["duplicates"]) == (5, 5)
    (p.folder / "in/c.json").write_text("\n".join(event(n) for n in range(12)) + "\n")
    assert {**p.ingest(), "reasons": 0}["duplicates"] == 10
    check(p, duck, 12, 0, records=27, duplicates=15)


def test_conflicts_follow_the_configuration(make, duck):
    p = make({"a.json": [event(1), event(1, color="red"), event(2)]}, envelope=FIXED)
    assert [row["reason"] for row in refused(p)] == ["id.conflict"]
    assert replay(p, "--yes")["leaving"] == 0
    configure(p, envelope=FIXED, dedupe={"on_conflict": "keep_first"})
    assert group(replay(p, "--yes"), "id.conflict")["conflicts"] == 1
    check(p, duck, 2, 0, records=3, conflicts=1)


def test_a_rule_is_taken_back(make, duck):
    lines = [event(n, **({"who": "x"} if n % 3 else {})) for n in range(30)]
    p = make({"a.json": lines}, envelope={**FIXED, "require": ["who"]})
    assert len(refused(p)) == 10
    configure(p, envelope=FIXED)
    assert group(replay(p, "--yes"), "schema.required")["rows"] == 10
    check(p, duck, 30, 0, records=30)


def test_what_fails_otherwise_is_said(make):
    p = make({"a.json": [event(1), event(2, at=10 ** 15), json.dumps({"id": "e3", "type": "sale"})]})
    configure(p, envelope=FIXED)
    dry = replay(p, "--dry-run")
    assert group(dry, "time.unit")["refused"] == {"time.unit": 1}
    configure(p, envelope={**ENVELOPE, "time": {"field": "at", "unit": "us"}, "id": "amount"})
    assert group(replay(p, "--dry-run"), "time.unit")["refused"] == {"id.invalid": 2}
    text = p("quarantine", "replay", "--dry-run")
    assert "id.invalid 2" in text.out and "would pass" in text.out


def test_mixed_files_lose_only_what_leaves(make, duck):
    """Four commits, a file of quarantine each: one keeps all, one loses all, two are written again."""
    bad = [f"broken {n}" for n in range(3)]
    p = make({"a.json": bad, "b.json": [event(n) for n in range(5)], "c.json": [event(10), *bad, event(11)],
              "d.json": [*bad, event(12)]})
    before = {row["source_position"]: row for row in refused(p)}
    files = {path.name for path in (p.lake.path / "tarn/quarantine/data").glob("**/*.parquet")}
    configure(p, envelope=FIXED)
    assert replay(p, "--yes")["leaving"] == 8
    check(p, duck, 8, 9, records=17)
    left = {row["source_position"]: row for row in refused(p)}
    assert left == {position: row for position, row in before.items() if row["reason"] == "json.syntax"}  # to the last column
    live = {entry.data_file.file_path.rsplit("/", 1)[1] for entry in p.lake.table("quarantine", "tarn").entries}
    assert len(live & files) == 1 and len(live) == 2
    history = p("table", "history", "tarn.quarantine", "--json").json["snapshots"]
    assert (history[0]["operation"], history[0]["added_rows"], history[0]["removed_rows"]) == ("overwrite", 6, 14)


def test_only_what_is_asked_for(project, duck):
    p = project({"shop": shop(), "other": {"envelope": ENVELOPE, "source": {"files": ["other/*"]}}})
    for folder, n in (("in", 0), ("other", 100)):
        (p.folder / folder).mkdir()
        (p.folder / folder / "a.json").write_text("\n".join([event(n), event(n + 1), "{broken"]) + "\n")
    p.ingest()
    time.sleep(0.01)
    middle = datetime.datetime.now(datetime.timezone.utc).isoformat()
    (p.folder / "in/b.json").write_text(event(50) + "\n")
    time.sleep(0.01)
    p.ingest()
    config = json.loads((p.folder / "tarn.yaml").read_text())
    for pipeline in config["pipelines"].values():
        pipeline["envelope"] = FIXED
    (p.folder / "tarn.yaml").write_text(json.dumps(config))

    def leaving(*options):
        return replay(p, "--dry-run", *options)["leaving"]

    assert leaving() == 5
    assert leaving("--reason", "json.*") == 0
    assert leaving("--reason", "t*.unit") == 5
    assert leaving("--pipeline", "other") == 2
    assert leaving("--until", "2020-01-01") == 0
    assert leaving("--since", "2020-01-01") == 5
    assert leaving("--since", middle) == 1 and leaving("--until", middle) == 4
    assert replay(p, "--yes", "--pipeline", "shop")["leaving"] == 3
    check(p, duck, 3, 4)
    assert replay(p, "--yes")["leaving"] == 2
    check(p, duck, 5, 2)


def test_what_cannot_be_replayed_stays_and_is_counted(make, duck):
    p = make({"a.json": [event(1), event(2, text="x" * 5000), event(3)]}, limits={"record": 1000})
    (p.folder / "in/b.csv").write_text("id,type,at,amount\n" + "\n".join(f"c{n},sale,{(START + n) * 1000},{n}" for n in range(4)) + "\n")
    p.ingest()
    configure(p, envelope=FIXED, limits={"record": 100})
    assert group(replay(p, "--dry-run"), "time.unit")["refused"] == {}
    configure(p, envelope=FIXED, limits={"record": 20})
    assert group(replay(p, "--dry-run"), "time.unit")["refused"] == {"size.record": 2}
    configure(p, envelope=FIXED)
    done = replay(p, "--yes")
    assert group(done, "size.record")["cannot"] == {"cut": 1}
    assert group(done, "time.unit") == {"pipeline": "shop", "reason": "time.unit", "records": 6, "rows": 2, "duplicates": 0,
                                        "conflicts": 0, "refused": {}, "cannot": {"csv": 4}}
    check(p, duck, 2, 5, records=7)
    said = p("quarantine", "replay", "--dry-run").err
    assert "1 cannot be replayed: only the head of the record was kept" in said and "4 cannot be replayed: the names" in said
    config = json.loads((p.folder / "tarn.yaml").read_text())
    config["pipelines"] = {"fresh": config["pipelines"]["shop"]}
    (p.folder / "tarn.yaml").write_text(json.dumps(config))
    assert group(replay(p, "--dry-run"), "time.unit")["cannot"] == {"pipeline": 4}


def test_fluentd_lines_are_records_again(make, duck):
    lines = [f"2025-01-01T00:00:00Z\tapp.sale\t{event(n)}" for n in range(6)]
    p = make({"a.log": lines})
    assert len(refused(p)) == 6
    configure(p, envelope=FIXED)
    assert replay(p, "--yes")["leaving"] == 6
    check(p, duck, 6, 0)


def test_names_from_files(project, duck):
    """A name that the part's path gives is given on replay too."""
    envelope = {"id": "id", "name": {"path": "kind=([a-z]+)"}, "time": {"field": "at", "unit": "s"}}
    p = project({"shop": {"envelope": envelope, "source": {"files": ["in/*/*"]}}})
    (p.folder / "in/kind=sale").mkdir(parents=True)
    (p.folder / "in/kind=sale/a.json").write_text("\n".join(event(n) for n in range(5)) + "\n")
    p.ingest()
    config = json.loads((p.folder / "tarn.yaml").read_text())
    config["pipelines"]["shop"]["envelope"]["time"]["unit"] = "ms"
    (p.folder / "tarn.yaml").write_text(json.dumps(config))
    assert replay(p, "--yes")["leaving"] == 5
    check(p, duck, 5, 0)


# --- where raw is kept ---------------------------------------------------------------------------


def raw(p, *options):
    """What it holds: an object a record."""
    return [json.loads(line) for line in p("raw", "cat", "--json", *options).out.splitlines()]


def remake(p, **properties):
    """The table once more from raw, under another contract."""
    path = p.folder / "tarn.yaml"
    path.write_text(json.dumps({**json.loads(path.read_text()), "contracts": {"sale": {"properties": properties}}}) + "\n")
    return p("replay", "--yes", "--json").json


def test_what_leaves_is_in_raw(make, duck):
    """So its table can be made again, as often as wanted, and each row is there once."""
    lines = [event(n) for n in range(40)]
    p = make({"a.json": [event(n, who="x") for n in range(100, 110)] + lines + [lines[7], "{broken"]},
             envelope={**FIXED, "require": ["who"]}, raw="on")
    check(p, duck, 10, 42)
    configure(p, envelope=FIXED, raw="on")
    assert replay(p, "--yes")["leaving"] == 41
    entry, = {record["entry"] for record in raw(p, "--verdict", "row")} - {2}
    moved = raw(p, "--entry", str(entry))
    assert sorted(record["record"] for record in moved) == sorted(lines)
    assert {(record["verdict"], record["table"]) for record in moved} == {("row", "sale")}
    check(p, duck, 50, 1, records=52, duplicates=1)
    before = {row["event_id"]: row for row in p.lake.table("sale").rows()}
    assert remake(p)["rows"] == 50
    assert {row["event_id"]: row for row in p.lake.table("sale").rows()} == before
    assert remake(p, amount={"type": "string"})["rows"] == 50
    check(p, duck, 50, 1, records=52, duplicates=1)
    assert {row["amount"] for row in p.lake.table("sale").rows()} == {str(n) for n in [*range(40), *range(100, 110)]}
    (p.folder / "in/b.json").write_text("\n".join([lines[3], event(500)]) + "\n")
    taken = p.ingest()
    assert (taken["rows"], taken["duplicates"]) == (1, 1)
    assert remake(p, amount={"type": "integer"})["rows"] == 51
    check(p, duck, 51, 1, records=54, duplicates=2)


def test_a_pipeline_goes_on_as_it_has_done(make, duck):
    """Raw that nobody asked for: on after a `tarn run`, off where there was none but `tarn ingest`."""
    p = make({"a.json": [event(1)]}, name="by hand")
    configure(p, envelope=FIXED)
    replay(p, "--yes")
    assert raw(p) == []
    p = make({}, name="followed")
    (p.folder / "in/a.json").write_text(event(1) + "\n")
    with Follower(p):
        wait_until(lambda: (p.lake.path / "tarn/quarantine").exists() and len(raw(p)) == 1, "the record")
    configure(p, envelope=FIXED)
    replay(p, "--yes")
    assert [record["verdict"] for record in raw(p)] == ["quarantined", "row"]
    assert remake(p, amount={"type": "string"})["rows"] == 1
    check(p, duck, 1, 0)


def test_more_raw_than_memory_holds(make, duck):
    """Several segments of one entry."""
    random.seed(3)
    lines = [event(n, text=random.randbytes(200).hex()) for n in range(40000)]
    p = make({"a.json": lines}, raw="on")
    config = json.loads((p.folder / "tarn.yaml").read_text())
    config["pipelines"]["shop"]["envelope"] = FIXED
    config["memory"] = "64MiB"
    (p.folder / "tarn.yaml").write_text(json.dumps(config))
    entry = replay(p, "--yes")["entry"]
    segments = [s for s in p("raw", "ls", "--json").json["segments"] if s["entry"] == entry]
    assert len(segments) > 1 and sum(s["records"] for s in segments) == 40000
    check(p, duck, 40000, 0)
    assert remake(p, amount={"type": "string"})["rows"] == 40000
    check(p, duck, 40000, 0)


def csv_of(numbers, **changed):
    head = "id,type,at,amount,note"
    return [head, *(changed.get(f"c{n}", f'c{n},sale,{(START + n) * 1000},{n},"a, ""b"" {n}"') for n in numbers)]


@pytest.mark.parametrize("file", ["a.csv", "a.txt"])
def test_csv_rows_are_judged_anew(make, duck, file):
    """Raw has the JSON that was made of each, beside the row."""
    p = make({file: csv_of(range(30), c7="c7,sale,1,2"), "b.json": [event(n) for n in range(100, 110)],
              "c.csv": csv_of(range(25, 35), c25="c25,sale,soon,25,x")}, raw="on")
    check(p, duck, 0, 50)
    configure(p, envelope=FIXED, raw="on")
    dry = replay(p, "--dry-run")
    done = replay(p, "--yes")
    assert done["groups"] == dry["groups"]
    assert group(done, "time.unit") == {"pipeline": "shop", "reason": "time.unit", "records": 48, "rows": 44, "duplicates": 4,
                                        "conflicts": 0, "refused": {}, "cannot": {}}
    assert group(done, "csv.fields")["refused"] == {"csv.fields": 1} and group(done, "time.syntax")["refused"] == {"time.syntax": 1}
    check(p, duck, 44, 2, records=50, duplicates=4)
    made = {row["event_id"]: row for row in p.lake.table("sale").rows()}
    assert made["c3"]["amount"] == 3 and made["c3"]["note"] == 'a, "b" 3'  # a number, as in any CSV
    assert sql(p, "select typeof(amount) as t from sale limit 1") == [{"t": "BIGINT"}]
    assert remake(p, amount={"type": "string"})["rows"] == 44
    check(p, duck, 44, 2, records=50, duplicates=4)
    again = {row["event_id"]: row for row in p.lake.table("sale").rows()}
    assert again == {name: {**row, "amount": str(row["amount"])} for name, row in made.items()}


def test_csv_rows_of_many_commits(make, duck):
    """In whatever order they lie in the table, and over blocks of a megabyte."""
    files = {f"f{n}.csv": csv_of(range(n * 7000, n * 7000 + 7000)) for n in range(3)}
    p = make({**files, "g.csv": csv_of([50000])}, raw="on")
    configure(p, envelope=FIXED, raw="on")
    assert replay(p, "--yes", "--reason", "time.*")["leaving"] == 21001
    check(p, duck, 21001, 0)


def test_csv_rows_whose_raw_is_gone(make, duck):
    p = make({"a.csv": csv_of(range(5))}, raw={"keep": "1s"})
    time.sleep(1.1)
    (p.folder / "in/b.csv").write_text("\n".join(csv_of(range(5, 8))) + "\n")
    p.ingest()
    configure(p, envelope=FIXED, raw={"keep": "1s"})
    done = group(replay(p, "--yes"), "time.unit")
    assert (done["rows"], done["cannot"]) == (3, {"csv": 5})
    check(p, duck, 3, 5)
    (p.folder / "in/c.csv").write_text("\n".join(csv_of([50])) + "\n")
    time.sleep(1.1)
    p.ingest()  # the raw of those that left is as old as any other
    (p.folder / "in/d.csv").write_text("\n".join(csv_of([51])) + "\n")
    time.sleep(1.1)
    p.ingest()
    assert "raw segments have been let go" in p("replay", "--yes", check=False).err
    check(p, duck, 5, 5)


def test_drop(make, duck):
    p = make({"a.json": [event(1), "{broken", "[1]"], "b.json": ["broken", "broken"]})
    dry = replay(p, "--dry-run", "--reason", "json.*", verb="drop")
    assert dry["leaving"] == 3 and group(dry, "json.syntax")["dropped"] == 3
    check(p, duck, 0, 5, dropped=0)
    refusing = p("quarantine", "drop", "--reason", "json.*", check=False)
    assert refusing.code == 64 and "--yes" in refusing.err and "json.syntax" in refusing.out
    check(p, duck, 0, 5, dropped=0)
    assert replay(p, "--yes", "--reason", "json.*", verb="drop")["leaving"] == 3
    check(p, duck, 0, 2, records=5, dropped=3)
    status = p("status", "--json").json["pipelines"][0]
    assert status["dropped"] == 3 and status["is_balanced"]
    assert replay(p, "--yes", verb="drop")["leaving"] == 2  # and the rest
    check(p, duck, 0, 0, dropped=5)
    (p.folder / "in/c.json").write_text("{broken\n")
    p.ingest()  # the table goes on
    check(p, duck, 0, 1, dropped=5)
    assert "entry" in p("quarantine", "drop", "--yes").err


def test_nothing_to_do(make, project):
    p = make({"a.json": [event(1)]}, envelope=FIXED)
    for verb in ("replay", "drop"):
        assert replay(p, "--yes", verb=verb) == {"dry_run": True, "leaving": 0, "entry": None, "groups": []}
    for wrong in (["--since", "someday"], ["--limit", "0"]):
        assert p("quarantine", "replay", *wrong, check=False).code == 64


@pytest.mark.parametrize("after", [0.02, 0.05, 0.08, 0.12, 0.2])
def test_a_replay_that_dies_has_done_nothing_or_all(make, duck, after):
    p = make({"a.json": [event(n) for n in range(20000)] + ["{broken"]})
    configure(p, envelope=FIXED)
    p.tarn.killed("quarantine", "replay", "--yes", cwd=p.folder, after=after)
    p.audit()
    p("quarantine", "replay", "--yes")
    check(p, duck, 20000, 1, records=20001)


def test_more_than_memory_holds(make, duck):
    """Columns go to files before the entry names them."""
    lines = [event(n, text=f"{n:0400}") for n in range(40000)]
    p = make({"a.json": lines})
    config = json.loads((p.folder / "tarn.yaml").read_text())
    config["pipelines"]["shop"]["envelope"] = FIXED
    config["memory"] = "64MiB"
    (p.folder / "tarn.yaml").write_text(json.dumps(config))
    assert replay(p, "--yes")["leaving"] == 40000
    check(p, duck, 40000, 0)


def test_another_writer_is_fenced_off(make):
    """A `tarn run` that holds rows keeps the lane; one that holds none is taken over and says so."""
    p = make({"a.json": [event(n) for n in range(5)]})
    configure(p, envelope=FIXED)
    with subprocess.Popen([str(p.tarn.path), "run"], cwd=p.folder, stderr=subprocess.PIPE, text=True) as run:
        try:
            time.sleep(1)
            assert replay(p, "--yes")["leaving"] == 5
            (p.folder / "in/b.json").write_text(event(77) + "\n")
            _, said = run.communicate(timeout=60)
        finally:
            run.kill()
    assert run.returncode == 75 and "another writer" in said
    assert p.ingest()["rows"] == 1
    p.audit()
