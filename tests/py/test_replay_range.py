"""`tarn replay --from --to`: the files that hold rows of a range are made again, and all others stay as they are."""
import datetime
import json

from lib.follow import Follower, sql, wait_until
from test_held import append, event as event_at, parquet, take
from test_replay import RAW, ids, reconfigure, replay, rows

HOUR = 3600
NOON = 1_700_049_600 - 1_700_000_000  # 2023-11-15T12:00:00Z, as test_held counts
LONG = {"target_file": "128MiB", "max_delay": "1h"}


def event(hour, minute, name="push", **more):
    """One of its own for each minute; hour 0 is noon."""
    return event_at(NOON + hour * HOUR + minute * 60, name, **more)


def time(hour):
    return (datetime.datetime(2023, 11, 15, 12) + datetime.timedelta(hours=hour)).strftime("%FT%TZ")


def spread(p, hours=4, names=("push", "watch"), **more):
    """Each name in each hour, twice: every hour's partition has two files."""
    for half in (0, 30):
        append(p, "".join(event(hour, half + minute, names[minute % len(names)], amount=minute + 0.5, **more)
                          for hour in range(hours) for minute in range(30)))
        p.ingest()


def files(p, name="push"):
    """path -> hours since noon, of the first row in it."""
    table = p.lake.table(name)
    field = table.static.schema().find_field("event_time").field_id
    first = {e.data_file.file_path: int.from_bytes(e.data_file.lower_bounds[field], "little", signed=True)
             for e in table.entries if e.status != 2}
    return {path: (us // 1_000_000 - NOON - 1_700_000_000) // HOUR for path, us in first.items()}


def contract(p, **properties):
    (p.folder / "push.yaml").write_text(json.dumps({"push": {"type": "object", "properties": properties}}))
    path = p.folder / "tarn.yaml"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "contracts": ["push.yaml"]}))


def of_hour(rows, hour):
    at = datetime.datetime(2023, 11, 15, 12 + hour, tzinfo=datetime.timezone.utc)
    return [row for row in rows if at <= row["event_time"] < at + datetime.timedelta(hours=1)]


def count_by_duck(p, duck, name="push"):
    return duck.execute(f"select count(*) from iceberg_scan('{p.lake.path}/events/{name}')").fetchone()[0]


def test_one_hour_gets_a_new_column(project, duck):
    p = project({"events": RAW})
    spread(p, tip={"cents": "7"})
    before, was, watch = rows(p, "push"), files(p), p.lake.table("watch").metadata_path
    old = p.lake.table("push").static.current_snapshot().snapshot_id
    reconfigure(p, envelope={**RAW["envelope"], "enrich": ["created_datetime"]})
    span = ("--table", "push", "--from", time(1), "--to", time(2))
    dry = json.loads(p("replay", "--dry-run", "--json", *span).out)
    assert files(p) == was
    report = replay(p, *span)
    for said in (dry, report):
        table, = said["tables"]
        assert said["range"] == {"from": time(1), "to": time(2)}
        assert (table["rows_before"], table["rows_after"], said["records"]) == (30, 30, 30)
        assert (table["files"], table["files_staying"]) == (2, 6)
        assert time(1) <= table["first_time"] < table["last_time"] < time(2)
        assert table["columns"] == [{"column": "created_datetime", "before": None, "after": "string"}]
    now = files(p)
    assert {path for path, hour in was.items() if hour != 1} == {path for path, hour in now.items() if hour != 1}
    assert not set(path for path, hour in was.items() if hour == 1) & set(now)
    after = rows(p, "push")
    for row in after:
        assert (row.pop("created_datetime") is not None) == (row in of_hour(before, 1))
    assert after == before
    assert p.lake.table("watch").metadata_path == watch
    assert p.lake.table("push").static.scan(snapshot_id=old).to_arrow().num_rows == len(before)
    assert p.lake.table("push").static.current_snapshot().summary.operation.value == "overwrite"
    assert count_by_duck(p, duck) == len(before)
    assert not list((p.lake.path / "_tarn/journal").glob("r*/*"))
    p("audit", "--deep")
    append(p, event(1, 15) + event(9, 1))
    p.ingest()
    assert all(row["created_datetime"] for row in rows(p, "push") if row["event_time"].hour == 21)
    p("audit", "--deep")


def test_the_same_configuration_changes_nothing(project, duck):
    p = project({"events": {**RAW, "partition": "day"}})
    spread(p, 40)
    append(p, event(1, 3, odd=[1]) + "[broken\n" + event(30, 7, amount="drifted"))
    p.ingest()
    before = {name: (rows(p, name), ids(p, name)) for name in ("push", "watch")}
    was = files(p)
    report = replay(p, "--from", "2023-11-16", "--to", "2023-11-17")
    assert report["refused"] == report["moved"] == 0
    assert {t["table"]: (t["rows_after"] - t["rows_before"], t["columns"]) for t in report["tables"]} == {
        "push": (0, []), "watch": (0, [])}
    assert {name: (rows(p, name), ids(p, name)) for name in before} == before
    assert {path for path, hour in was.items() if not 12 <= hour < 36} < set(files(p))
    p("audit", "--deep")
    for span in (("--from", time(20)), ("--to", time(14)), (), ("--from", time(14), "--to", time(15)), ("--from", "0001-01-01")):
        replay(p, *span)  # files of replays are replaced as others are
        assert {name: (rows(p, name), ids(p, name)) for name in before} == before
        p("audit", "--deep")
    assert count_by_duck(p, duck) == len(before["push"][0])


def test_whole_files_are_taken(project):
    p = project({"events": {**RAW, "partition": "none"}})
    append(p, event(0, 0) + event(5, 0))
    p.ingest()
    append(p, event(8, 0) + event(9, 0))
    p.ingest()
    report = replay(p, "--from", time(2), "--to", time(9))
    table, = report["tables"]
    assert (table["files"], table["rows_before"], table["first_time"], table["last_time"]) == (2, 4, time(0), time(9))
    shown = p("replay", "--dry-run", "--from", time(6), "--to", time(7)).out  # one file now, and its bounds meet it
    assert "2023-11-15T12:00:00Z" in shown and "files that stay" in shown
    nothing = replay(p, "--from", time(20))
    assert nothing["tables"] == [] and nothing["entry"] is None
    p("audit", "--deep")


def test_another_partition(project, duck):
    p = project({"events": RAW})
    spread(p)
    before = rows(p, "push")
    reconfigure(p, partition="day")
    table = next(t for t in replay(p, "--from", time(1), "--to", time(3))["tables"] if t["table"] == "push")
    assert (table["partition_before"], table["partition_after"]) == ("hour", "day")
    static = p.lake.table("push").static
    assert len(static.specs()) == 2 and static.spec().fields[0].name == "event_time_day"
    assert rows(p, "push") == before and count_by_duck(p, duck) == len(before)
    wanted = f"event_time >= '{time(1)[:-1]}+00:00' and event_time < '{time(2)[:-1]}+00:00'"
    assert static.scan(row_filter=wanted).to_arrow().num_rows == len(of_hour(before, 1)) == 30
    p("audit", "--deep")
    reconfigure(p, partition="hour")
    replay(p, "--from", time(0), "--to", time(1))
    replay(p, "--table", "push")
    assert rows(p, "push") == before
    p("audit", "--deep")


def test_a_column_of_another_type_needs_the_whole_table(project):
    p = project({"events": RAW})
    spread(p)
    before = rows(p, "push")
    contract(p, amount={"type": "string"}, tip={"type": "integer"})
    for args in (["--dry-run"], ["--yes"]):
        refused = p("replay", *args, "--from", time(1), "--to", time(2), check=False)
        assert refused.code
        for word in ("events.push", "amount", "double", "string", "whole table, without --from and --to"):
            assert word in refused.err
    assert rows(p, "push") == before
    replay(p, "--table", "push")
    assert {type(row["amount"]) for row in rows(p, "push")} == {str}
    p("audit", "--deep")


def test_declared_columns_come_and_none_go(project):
    p = project({"events": RAW})
    append(p, "".join(event(hour, minute, data={"x": minute}) for hour in range(3) for minute in range(9)))
    p.ingest()
    contract(p, tip={"type": "integer"}, data={"type": "object", "properties": {"y": {"type": "boolean"}}})
    table, = replay(p, "--from", time(1), "--to", time(2))["tables"]
    assert {c["column"]: (c["before"], c["after"]) for c in table["columns"]} == {"tip": (None, "long"), "data.y": (None, "boolean")}
    append(p, event(1, 40, tip=5, data={"x": 1, "y": True}))
    p.ingest()
    assert [(row["tip"], row["data"]["y"]) for row in rows(p, "push") if row["tip"]] == [(5, True)]
    p("audit", "--deep")
    reconfigure(p, envelope={**RAW["envelope"], "attributes": "data"})
    refused = p("replay", "--yes", "--from", time(1), "--to", time(2), check=False)
    assert refused.code and "column data (struct) would be gone" in refused.err
    p("audit", "--deep")


def test_rows_go_elsewhere_and_some_are_refused(project):
    p = project({"events": RAW})
    append(p, "".join(event(hour, minute, **({"shoe": 1} if minute % 4 else {})) for hour in range(4) for minute in range(20)))
    p.ingest()
    before = rows(p, "push")
    reconfigure(p, table="all", envelope={**RAW["envelope"], "require": ["shoe"]})
    span = ("--from", time(1), "--to", time(2))
    dry = json.loads(p("replay", "--dry-run", "--json", *span).out)
    report = replay(p, *span)
    for said in (dry, report):
        assert (said["moved"], said["refused"], said["reasons"]) == (15, 5, {"schema.required": 5})
        assert {t["table"]: (t["replaced"], t["rows_before"], t["rows_after"], t["came"], t["left"]) for t in said["tables"]} == {
            "push": (True, 20, 0, 0, 15), "all": (False, 0, 15, 15, 0)}
    assert rows(p, "push") == [row for row in before if row not in of_hour(before, 1)]
    assert len(rows(p, "all")) == 15 and len(rows(p, "quarantine", "tarn")) == 5
    assert "80 records = 75 rows + 0 duplicates + 0 conflicts + 5 quarantined" in p("audit", "--deep").err
    replay(p, "--table", "all", "--from", time(0))  # its files say which records it has
    assert len(rows(p, "all")) == 15
    replay(p, "--from", time(2), "--to", time(3))
    assert len(rows(p, "push")) == 40 and len(rows(p, "all")) == 30 and len(rows(p, "quarantine", "tarn")) == 10
    p("audit", "--deep")
    replay(p)  # all of it, from raw alone
    assert len(rows(p, "all")) == 60 and rows(p, "push") == [] and len(rows(p, "quarantine", "tarn")) == 20
    p("audit", "--deep")
    reconfigure(p, table="{event_name}", envelope=RAW["envelope"])
    replay(p)
    strip = [{key: value for key, value in row.items() if key != "_extra"} for row in before]
    assert [{key: row[key] for key in strip[0]} for row in rows(p, "push")] == strip
    assert "80 records = 80 rows" in p("audit", "--deep").err


def test_rows_that_raw_has_not(project):
    p = project({"events": {**RAW, "raw": "off"}})
    append(p, event(0, 1) + event(1, 1))
    p.ingest()
    reconfigure(p, raw="on")
    append(p, event(1, 2) + event(2, 2))
    p.ingest()
    before = rows(p, "push")
    refused = p("replay", "--yes", "--from", time(1), check=False)
    assert refused.code and "in no raw segment" in refused.err and "range" in refused.err
    assert "in no raw segment" in p("replay", "--yes", check=False).err
    assert replay(p, "--from", time(2))["rows"] == 1  # what the whole table cannot, a range can
    assert rows(p, "push") == before
    p("audit", "--deep")


def test_a_file_read_twice_at_one_position(project):
    """Another file under the same name, with records at the same offsets."""
    p = project({"events": RAW})
    append(p, event(0, 0) + event(0, 1))
    p.ingest()
    (p.folder / "in/a.json").unlink()
    append(p, event(3, 0) + event(3, 1))
    p.ingest()
    before = rows(p, "push")
    assert len(before) == 4
    replay(p, "--from", time(3))
    assert rows(p, "push") == before
    p("audit", "--deep")


def test_what_is_asked_for_is_read_strictly(project):
    p = project({"events": RAW})
    append(p, event(0, 0))
    p.ingest()
    refused = p("replay", "--dry-run", "--from", "yesterday", check=False)
    assert refused.code == 64 and "2026-11-20T15:00:00Z" in refused.err
    for to in (time(1), time(0)):
        refused = p("replay", "--dry-run", "--from", time(1), "--to", to, check=False)
        assert refused.code == 64 and "not before" in refused.err
    assert replay(p, "--from", "2023-11-15", "--to", "2023-11-15T14:00:00+01:00")["rows"] == 1


def test_rows_that_wait_and_what_comes_meanwhile(project):
    p = project({"events": RAW}, tables=LONG)
    append(p, "".join(event(hour, 0) for hour in range(5)))
    p.ingest()
    was = files(p)
    append(p, "".join(event(hour, 1) for hour in range(5)) + event(0, 2, "watch"))
    with Follower(p):
        wait_until(lambda: (p.lake.path / "events/watch").exists() and
                   sql(p, "select count(*) as n from push")[0]["n"] == 10, "rows")
        assert len(parquet(p)) == 5  # the others wait for their file
        reconfigure(p, envelope={**RAW["envelope"], "enrich": ["created_datetime"]})
        table, = replay(p, "--table", "push", "--from", time(1), "--to", time(2))["tables"]
        assert (table["files"], table["rows_before"], table["rows_after"]) == (1, 6, 6)  # five that waited
        assert {path for path, hour in was.items() if hour != 1} < set(files(p))
        append(p, event(2, 3))
        take(p, "push", 11)
    assert len(rows(p, "push")) == 11 and len(rows(p, "watch")) == 1
    p("audit", "--deep")


def test_a_killed_replay_goes_on(project):
    p = project({"product": {"preset": "product", "source": {"files": ["made/product*.json"]}, "raw": "on"}}, memory="64MiB")
    p("simulate", "product", "--events", 20_000, "--seed", 6, "--duplicates", 0.05, "--malformed", 0.02, "--drift", 0.02,
      "--out", "made")
    p.ingest()
    before = {name: rows(p, name) for name in p.lake.tables()}
    times = sorted(row["event_time"] for table in before.values() for row in table)
    span = [t.strftime("%FT%TZ") for t in (times[len(times) // 4], times[len(times) * 3 // 4])]
    reconfigure(p, partition="day")
    kills = 0
    for life in range(12):
        kills += p.tarn.killed("replay", "--yes", "--json", "--from", span[0], "--to", span[1], cwd=p.folder, after=0.05 + 0.12 * life)
        if p.lake.table(next(iter(before))).static.spec().fields[0].name.endswith("day"):
            break
    p("audit")
    assert kills > 1
    replay(p, "--from", span[0], "--to", span[1])
    assert {name: rows(p, name) for name in p.lake.tables()} == before
    p("audit", "--deep")
    assert not list((p.lake.path / "_tarn/journal").glob("r*/*"))
    replay(p)
    assert {name: rows(p, name) for name in p.lake.tables()} == before
    p("audit", "--deep")


def test_a_table_that_lost_its_rows_takes_other_columns(project):
    p = project({"events": RAW})
    spread(p, 2, ("push",))
    reconfigure(p, table="all")
    replay(p)
    assert rows(p, "push") == []
    contract(p, amount={"type": "string"})
    reconfigure(p, table="{event_name}")
    refused = p("replay", "--yes", "--from", time(0), check=False)
    assert refused.code and "amount" in refused.err
    replay(p)
    assert {type(row["amount"]) for row in rows(p, "push")} == {str}
    p("audit", "--deep")
