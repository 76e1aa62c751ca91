"""Held rows: a commit makes them true and `tarn sql` shows them; a file comes when it is worth one, crash or no crash."""
import json
import time

import pytest

from lib.follow import Follower, sql, wait_until
from test_simulated import check_against, nonzero  # noqa: F401

LONG = {"target_file": "128MiB", "max_delay": "1h"}
EVENTS = {
    "source": {"files": ["in/*.json"]},
    "envelope": {"id": "id", "name": "type", "time": {"field": "time", "unit": "s"}},
}
TIME = 1_700_000_000


def event(number, name="push", **more):
    return json.dumps({"id": f"e{number}", "type": name, "time": TIME + number, "n": number, **more}) + "\n"


def append(p, text, name="a.json"):
    path = p.folder / "in" / name
    path.parent.mkdir(exist_ok=True)
    with open(path, "a") as out:
        out.write(text)


def count(p, table="push"):
    if not (p.lake.path / "events" / table).exists():
        return 0
    return sql(p, f"select count(*) as n from {table}")[0]["n"]


def parquet(p):
    return list(p.lake.path.glob("*/*/data/**/*.parquet"))


def take(p, table, rows):
    wait_until(lambda: count(p, table) == rows, f"{rows} rows of {table}")


def test_rows_are_seen_before_any_file(project, duck):
    p = project({"events": EVENTS}, tables=LONG)
    append(p, "".join(event(i) for i in range(500)) + "nonsense\n")
    with Follower(p):
        take(p, "push", 500)
        append(p, "".join(event(i, extra=[i, {"deep": "x"}]) for i in range(500, 700)))
        take(p, "push", 700)
        assert parquet(p) == []
        assert p.lake.table("push").static.current_snapshot() is None  # readers see whole files only
        row, = sql(p, "select n, extra, source_position from push where event_id = 'e600'")
        assert row["n"] == 600 and row["source_position"].startswith("in/a.json:")
        assert len(row["extra"]) > 0
        assert sql(p, "select reason from tarn.quarantine") == [{"reason": "json.syntax"}]
    assert count(p) == 700
    assert len(parquet(p)) == 2
    for table, rows in (("events/push", 700), ("tarn/quarantine", 1)):
        found = duck.execute(f"select count(*) from iceberg_scan('{p.lake.path}/{table}')").fetchone()
        assert found == (rows,)
    p("audit", "--deep")


def test_a_kill_loses_no_held_row_and_doubles_none(project):
    p = project({"events": EVENTS}, tables=LONG)
    total = 0
    for life in range(4):
        # the repeat of an event whose first copy is held, and of one of this life
        lines = [event(i) for i in range(total, total + 100)] + [event(0), event(total)]
        append(p, "".join(lines) + "[broken\n")
        total += 100
        with Follower(p) as follower:
            take(p, "push", total)
            follower.kill()
        assert parquet(p) == []
        assert count(p) == total
    assert p.ingest()["records"] == 0  # the first commit that holds nothing gives every row its file
    push = p.lake.table("push")
    assert sorted(push.ids()) == sorted(f"e{i}" for i in range(total))
    assert [row["reason"] for row in p.lake.table("quarantine", "tarn").rows()] == ["json.syntax"] * 4
    said = p("audit", "--deep").err
    assert "412 records = 400 rows + 8 duplicates + 0 conflicts + 4 quarantined" in said


def test_another_segment_in_the_place_of_one_is_refused(project):
    p = project({"events": EVENTS}, tables=LONG)
    for number in range(2):  # a segment each, of the same shape
        append(p, event(number))
        with Follower(p) as follower:
            take(p, "push", number + 1)
            follower.kill()
    first, second = sorted((p.lake.path / "_tarn/raw/0").iterdir())
    whole = second.read_bytes()
    second.write_bytes(first.read_bytes())
    refused = p("ingest", check=False)
    assert refused.code == 65 and f"_tarn/raw/0/{second.name}" in refused.err
    assert "checksum" in refused.err and "put it back as it was, from a backup" in refused.err
    second.unlink()
    refused = p("ingest", check=False)
    assert refused.code != 0 and f"{second.name} holds rows that have no file yet, and is gone" in refused.err
    second.write_bytes(whole)
    p.ingest()
    assert sorted(p.lake.table("push").ids()) == ["e0", "e1"]
    p.audit()


def test_columns_and_types_come_back_as_they_were(project):
    p = project({"events": EVENTS}, tables=LONG)
    append(p, event(0, a=1, b="x") + event(1, a=2.5, c={"d": [1, 2]}))
    with Follower(p) as follower:
        take(p, "push", 2)
        before = sql(p, "select * from push order by event_id")
        follower.kill()
    append(p, event(2, a="drifted", e=True))
    with Follower(p) as follower:
        take(p, "push", 3)
        assert sql(p, "select * exclude (e) from push where event_id < 'e2' order by event_id") == before
        follower.kill()
    after = sql(p, "select * from push order by event_id")
    p.ingest()
    assert sql(p, "select * from push order by event_id") == after
    rows = sorted(p.lake.table("push").rows(), key=lambda row: row["event_id"])
    assert [row["a"] for row in rows] == [1.0, 2.5, None]
    assert json.loads(rows[2]["_extra"]) == {"/a": "drifted"} and rows[2]["e"] is True
    assert rows[1]["c"] == {"d": [1, 2]}


def test_csv_rows_are_held_too(project):
    p = project({"users": {**EVENTS, "source": {"files": ["in/*.csv"]}}}, tables=LONG)
    head = "id,type,time,city,n\n"
    append(p, head + "".join(f"e{i},push,{TIME + i},\"Paris, {i}\",{i}\n" for i in range(50)), "a.csv")
    with Follower(p) as follower:
        take(p, "push", 50)
        follower.kill()
    append(p, "e50,push,short\n", "a.csv")
    p.ingest()
    rows = sorted(p.lake.table("push").rows(), key=lambda row: row["n"])
    assert [(row["n"], row["city"]) for row in rows] == [(i, f"Paris, {i}") for i in range(50)]
    refused, = p.lake.table("quarantine", "tarn").rows()
    assert refused["record"] == b"e50,push,short"


def test_a_table_of_its_own_rule_does_not_wait(project):
    p = project({"events": EVENTS}, tables={**LONG, "overrides": [{"match": "watch*", "max_delay": "0s"}]})
    append(p, event(1) + event(2, "watch"))
    with Follower(p):
        take(p, "push", 1)
        wait_until(lambda: len(parquet(p)) == 1, "a file of watch")
        assert parquet(p)[0].parts[-4] == "watch"


def test_an_hour_of_delay_is_not_waited_for_without_raw(project):
    p = project({"events": {**EVENTS, "raw": "off"}}, tables=LONG)
    append(p, event(1))
    with Follower(p):
        wait_until(lambda: len(parquet(p)) == 1, "a file")
    assert not (p.lake.path / "_tarn" / "raw").exists()


def test_a_changed_configuration_decides_nothing_twice(project):
    p = project({"events": EVENTS}, tables=LONG)
    append(p, event(1) + event(2))
    with Follower(p) as follower:
        take(p, "push", 2)
        follower.kill()
    good = (p.folder / "tarn.yaml").read_text()
    (p.folder / "tarn.yaml").write_text(good.replace('"field": "time"', '"field": "when"'))
    refused = p("ingest", check=False)
    assert refused.code == 65 or refused.code == 78 or refused.code == 64, refused
    assert "the configuration has changed while rows were waiting" in refused.err
    (p.folder / "tarn.yaml").write_text(good)
    p.ingest()
    assert sorted(p.lake.table("push").ids()) == ["e1", "e2"]
    p.audit()


@pytest.mark.parametrize("kind", ["product", "domain"])
def test_a_stream_that_is_killed_now_and_then_equals_its_ledger(project, kind):
    p = project({kind: {"preset": kind, "source": {"files": [f"events/{kind}*.json"]}}}, commit={"every": "100ms"},
                tables={"max_delay": "2s"})
    p("simulate", kind, "--events", 20_000, "--seed", 3, "--duplicates", 0.05, "--malformed", 0.02, "--drift", 0.02,
      "--out", "made")
    ledger = json.loads((p.folder / "made/ledger.json").read_text())
    whole = (p.folder / "made" / ledger["files"][0]).read_bytes()
    (p.folder / "events").mkdir()
    source = p.folder / "events" / ledger["files"][0]
    for life in range(1, 5):
        source.write_bytes(whole[:len(whole) * life // 5])
        with Follower(p, "--quiet") as follower:
            journal = p.lake.path / "_tarn/journal/0"
            had = len(list(journal.glob("*"))) if journal.exists() else 0
            wait_until(lambda: journal.exists() and len(list(journal.glob("*"))) > had + 2, "two commits")
            follower.kill()
    source.write_bytes(whole)
    p.ingest()
    for name, table in p.lake.tables().items():
        ids = table.ids()
        assert len(ids) == len(set(ids)) == ledger["tables"][name]["rows"]
    reasons = [row["reason"] for row in p.lake.table("quarantine", "tarn").rows()]
    assert {r: reasons.count(r) for r in set(reasons)} == nonzero(ledger["reasons"])
    p("audit", "--deep")


def test_raw_is_what_came_in_with_what_became_of_it(project):
    p = project({"events": EVENTS}, tables=LONG)
    lines = [event(1), event(2, "watch"), event(1), event(1, n=7), "\xe9 nonsense\n", event(3)]
    with open(p.folder / "in.json", "w", encoding="latin-1") as out:
        out.write("".join(lines))
    (p.folder / "in").mkdir()
    (p.folder / "in.json").rename(p.folder / "in" / "a.json")
    with Follower(p):
        take(p, "push", 2)
    raw = (p.folder / "in" / "a.json").read_bytes()
    listed = p("raw", "ls", "--json").json
    assert listed["records"] == 6 and all(s["is_there"] for s in listed["segments"])
    cat = p.tarn.bytes("raw", "cat", cwd=p.folder)
    assert cat == raw
    records = [json.loads(line) for line in p("raw", "cat", "--json").out.splitlines()]
    assert [(r["verdict"], r.get("table") or r.get("reason")) for r in records] == [
        ("row", "push"), ("row", "watch"), ("duplicate", None), ("quarantined", "id.conflict"),
        ("quarantined", "json.utf8"), ("row", "push")]
    assert [r["source_position"] for r in records][:2] == ["in/a.json:0", f"in/a.json:{len(lines[0])}"]
    assert "record_base64" in records[4]
    assert p("raw", "cat", "--verdict", "row", "--limit", 1).out == lines[0]
    assert p("raw", "cat", "--verdict", "rows", check=False).code != 0


def test_raw_goes_when_it_is_old_and_nothing_needs_it(project):
    p = project({"events": {**EVENTS, "raw": {"keep": "1s"}}}, tables=LONG)
    segments = p.lake.path / "_tarn" / "raw" / "0"
    for i in range(3):
        append(p, event(i))
        with Follower(p) as follower:
            take(p, "push", i + 1)
            follower.kill()
    time.sleep(1.1)
    assert len(list(segments.glob("*"))) == 3  # they hold rows, however old they are
    p.ingest()
    for i in range(3, 6):  # what is no longer needed goes with the commits that follow
        append(p, event(i))
        p.ingest()
        time.sleep(1.1)
    assert len(list(segments.glob("*"))) < 3
    gone = [s for s in p("raw", "ls", "--json").json["segments"] if not s["is_there"]]
    assert gone and gone[0]["entry"] == min(s["entry"] for s in p("raw", "ls", "--json").json["segments"])
    p("audit", "--deep")


@pytest.mark.parametrize("damage", ["missing", "size", "checksum"])
def test_damage_to_raw_is_found_and_named(project, damage):
    p = project({"events": EVENTS}, tables=LONG)
    append(p, "".join(event(i) for i in range(100)))
    with Follower(p) as follower:
        take(p, "push", 100)
        follower.kill()
    segment = sorted((p.lake.path / "_tarn/raw/0").glob("*"))[-1]
    body = segment.read_bytes()
    if damage == "missing":
        segment.unlink()
    elif damage == "size":
        segment.write_bytes(body[:-1])
    else:
        segment.write_bytes(body[:50] + bytes([body[50] ^ 1]) + body[51:])
    found = p("audit", "--deep", check=False)
    assert found.code == 1 and f"raw: {damage}: " in found.out + found.err and segment.name in found.out + found.err
    stopped = p("ingest", check=False)  # rows that cannot be made again are not passed over
    assert stopped.code not in (0, 1) and segment.name in stopped.err
    segment.unlink(missing_ok=True)
    segment.write_bytes(body)
    p.ingest()
    assert len(p.lake.table("push").ids()) == 100


@pytest.mark.parametrize("more, words", [
    ({"tables": {"target_file": "1KB"}}, "target_file must be at least 1MiB"),
    ({"tables": {"max_delays": "1m"}}, "did you mean \"max_delay\""),
    ({"tables": {"overrides": [{"partition": "day"}]}}, "an override needs \"match\""),
    ({"tables": {"overrides": [{"match": "a", "partition": "week"}]}}, "partition must be one of"),
    ({"tables": {"max_delay": "soon"}}, "max_delay"),
    ({"pipelines": {"events": {**EVENTS, "raw": "maybe"}}}, "raw must be one of"),
    ({"pipelines": {"events": {**EVENTS, "raw": {"keep": "long"}}}}, "keep"),
])
def test_what_the_configuration_cannot_mean_is_said(project, more, words):
    p = project({"events": EVENTS}, **{key: value for key, value in more.items() if key != "pipelines"})
    if "pipelines" in more:
        p = project(more["pipelines"])
    refused = p("check", check=False)
    assert refused.code != 0 and words in refused.err and "tarn.yaml:" in refused.err, refused


def test_a_segment_that_proves_itself_and_is_not_the_one_committed_is_found(project):
    p = project({"events": EVENTS}, tables=LONG)
    append(p, event(1))
    with Follower(p):
        take(p, "push", 1)
    segment, = (p.lake.path / "_tarn/raw/0").glob("*")
    body = segment.read_bytes()
    segment.write_bytes(b"t" + body[1:])  # no checksum of the segment's own covers its first bytes
    found = p("audit", "--deep", check=False)
    assert found.code == 1 and "raw: checksum: " in found.out + found.err
