"""`tarn replay`: tables made again from raw, beside the old ones, and switched in one entry."""
import json

import pytest

from lib.follow import Follower, sql, wait_until
from test_held import EVENTS, TIME, append, event, parquet, take

RAW = {**EVENTS, "raw": "on"}


def rows(p, name, space="events"):
    return sorted(p.lake.table(name, space).rows(), key=lambda row: (row["source_position"], row.get("event_id", "")))


def ids(p, name):
    table = p.lake.table(name).static
    return [(f.field_id, f.name, str(f.field_type)) for f in table.schema().fields]


def reconfigure(p, **changes):
    """Other keys of the one pipeline."""
    path = p.folder / "tarn.yaml"
    config = json.loads(path.read_text())
    pipeline, = config["pipelines"].values()
    pipeline.update(changes)
    path.write_text(json.dumps(config, indent=2) + "\n")


def replay(p, *args):
    return json.loads(p("replay", "--yes", "--json", *args).out)


def fill(p, lives=3):
    for life in range(lives):
        first = life * 100
        append(p, "".join(event(i, "push" if i % 3 else "watch", a=i, extra={"deep": [str(i)]}) for i in range(first, first + 100)))
        append(p, event(first) + "[broken\n" + event(first + 1, "push", a="drifted"))
        p.ingest()


def test_the_same_configuration_changes_nothing(project, duck):
    p = project({"events": RAW})
    fill(p)
    before = {name: (rows(p, name), ids(p, name)) for name in ("push", "watch")}
    old = p.lake.table("push").static.current_snapshot().snapshot_id
    report = replay(p)
    assert {t["table"]: (t["rows_before"], t["rows_after"], t["columns"]) for t in report["tables"]} == {
        name: (len(was[0]), len(was[0]), []) for name, was in before.items()}
    assert report["refused"] == report["moved"] == 0
    for name, was in before.items():
        assert (rows(p, name), ids(p, name)) == was
        assert duck.execute(f"select count(*) from iceberg_scan('{p.lake.path}/events/{name}')").fetchone() == (len(was[0]),)
    then = p.lake.table("push").static.scan(snapshot_id=old).to_arrow()
    assert then.num_rows == len(before["push"][0])
    p("audit", "--deep")
    assert not [f for f in (p.lake.path / "_tarn/journal").glob("r*/*")]
    replay(p)  # the files of a replay are replaced as others are
    assert {name: (rows(p, name), ids(p, name)) for name in before} == before
    p("audit", "--deep")
    append(p, event(9000, "push", a=1))
    assert p.ingest()["rows"] == 1
    p("audit", "--deep")


def test_it_needs_no_landing_files(project):
    p = project({"events": RAW})
    fill(p)
    before = rows(p, "push")
    for path in (p.folder / "in").iterdir():
        path.unlink()
    replay(p)
    assert rows(p, "push") == before
    p("audit", "--deep")


def test_a_new_envelope_makes_new_columns(project):
    p = project({"events": RAW})
    append(p, "".join(event(i, "page:view", data={"x": i}) for i in range(10)))
    p.ingest()
    old = {row["event_id"]: row for row in rows(p, "page_view")}
    reconfigure(p, envelope={**EVENTS["envelope"], "attributes": "data", "enrich": ["event_type", "created_datetime"]})
    table, = json.loads(p("replay", "--dry-run", "--json").out)["tables"]
    wanted = {"event_type": (None, "string"), "created_datetime": (None, "string"), "x": (None, "long"), "data": ("struct", None)}
    assert wanted.items() <= {c["column"]: (c["before"], c["after"]) for c in table["columns"]}.items()
    assert {row["event_id"]: row for row in rows(p, "page_view")} == old  # it only looked
    replay(p)
    for row in rows(p, "page_view"):
        assert "data" not in row and row["event_type"] == "page" and row["x"] == old[row["event_id"]]["data"]["x"]
        assert row["ingested_at"] == old[row["event_id"]]["ingested_at"]
    p("audit", "--deep")
    append(p, event(100, "page:view", data={"x": 1}))
    p.ingest()
    assert rows(p, "page_view")[-1]["event_type"] == "page"


def test_many_tables_become_one(project, duck):
    p = project({"events": RAW})
    fill(p)
    counts = {name: len(rows(p, name)) for name in ("push", "watch")}
    reconfigure(p, table="everything", partition="day")
    report = replay(p)
    assert report["moved"] == sum(counts.values())
    assert rows(p, "push") == rows(p, "watch") == []
    made = rows(p, "everything")
    assert {name: sum(row["event_name"] == name for row in made) for name in counts} == counts
    assert p.lake.table("everything").static.spec().fields[0].name == "event_time_day"
    append(p, event(7000) + event(7001, "watch"))
    assert p.ingest()["rows"] == 2
    assert len(rows(p, "everything")) == len(made) + 2
    p("audit", "--deep")
    refused = p("replay", "--yes", "--table", "everything", check=False)
    assert "Replay all of them" in refused.err
    reconfigure(p, table="{event_name}", partition="hour")
    replay(p)
    assert len(rows(p, "push")) == counts["push"] + 1 and rows(p, "everything") == []
    p("audit", "--deep")


def test_a_pattern_contract_of_other_names_gives_a_shared_table_its_columns(project):
    """The first row of the table is of a name without a contract, and would make `a` a whole number."""
    p = project({"events": {**RAW, "table": "{event_subtype}"}})
    append(p, event(0, "cart:order", a=5) + event(1, "payment:order", a="7.50") + event(2, "payment:order", a="x") + event(3, "cart:view", a=1))
    p.ingest()
    config = json.loads((p.folder / "tarn.yaml").read_text())
    config["contracts"] = {"pay*:*": {"type": "object", "properties": {"a": {"type": "string"}}}}
    (p.folder / "tarn.yaml").write_text(json.dumps(config))
    replay(p)
    assert {row["event_id"]: (row["a"], row["_extra"]) for row in rows(p, "order")} == {
        "e0": (None, '{"/a":5}'), "e1": ("7.50", None), "e2": ("x", None)}
    assert [row["a"] for row in rows(p, "view")] == [1]  # none of its names has the contract
    p("audit", "--deep")


def test_another_partition(project, duck):
    p = project({"events": {**RAW, "partition": "day"}})
    append(p, "".join(event(i * 600) for i in range(300)))
    p.ingest()
    before, old = rows(p, "push"), p.lake.table("push").static.current_snapshot().snapshot_id
    for number, partition in enumerate(("hour", "none", "month", "day")):
        reconfigure(p, partition=partition)
        table, = replay(p)["tables"]
        assert table["partition_after"] == partition.replace("none", "void")
        static = p.lake.table("push").static
        assert [f.name for f in static.spec().fields] == ([f"event_time_{partition}"] if partition != "none" else [])
        assert len(static.specs()) == min(number + 2, 4)  # back to day: the old one again
        assert rows(p, "push") == before
        assert static.scan(snapshot_id=old).to_arrow().num_rows == 300
        assert duck.execute(f"select count(*) from iceberg_scan('{p.lake.path}/events/push')").fetchone() == (len(before),)
        wanted = f"event_time >= '2023-11-15T00:00:00+00:00' and event_time < '2023-11-16T00:00:00+00:00'"
        found = static.scan(row_filter=wanted).to_arrow().num_rows
        assert found == sum(row["event_time"].strftime("%F") == "2023-11-15" for row in before) > 0
        assert sql(p, "select count(*) as n from push where event_time < '2023-11-15'")[0]["n"] == sum(
            row["event_time"].strftime("%F") < "2023-11-15" for row in before)
        append(p, event(200_000 + number))
        p.ingest()
        before = rows(p, "push")
        p("audit", "--deep")


def test_rows_that_are_refused_now_go_to_quarantine_and_come_back(project):
    p = project({"events": RAW})
    append(p, "".join(event(i, shoe=i) if i % 4 else event(i) for i in range(100)) + "[broken\n")
    p.ingest()
    before = rows(p, "push")
    good = json.loads((p.folder / "tarn.yaml").read_text())["pipelines"]["events"]["envelope"]
    reconfigure(p, envelope={**good, "require": ["shoe"]})
    for _ in range(2):
        dry = json.loads(p("replay", "--dry-run", "--json").out)
        report = replay(p)
        assert report["reasons"] == dry["reasons"] and report["refused"] == dry["refused"] == 25
        assert len(rows(p, "push")) == 75
        refused = [row for row in rows(p, "quarantine", "tarn") if row["reason"] != "json.syntax"]
        assert sorted(r["source_position"] for r in refused) == sorted(
            row["source_position"] for row in before if row["n"] % 4 == 0)
        assert len(rows(p, "quarantine", "tarn")) == 26
        said = p("audit", "--deep").err
        assert "101 records = 75 rows + 0 duplicates + 0 conflicts + 26 quarantined" in said
    reconfigure(p, envelope=good)
    replay(p)
    assert rows(p, "push") == before
    assert [row["reason"] for row in rows(p, "quarantine", "tarn")] == ["json.syntax"]
    assert "101 records = 100 rows" in p("audit", "--deep").err


def refuse_some(project):
    """35 rows of a hundred are refused by a replay; the rules are as they were again."""
    p = project({"events": RAW})
    append(p, "".join(event(i, shoe=i) if i % 4 else event(i) for i in range(80)) + "[broken\n")
    append(p, "".join(event(i, shoe=i, **({"time": 1_000_000_000} if i % 4 else {})) for i in range(80, 100)))
    p.ingest()
    reconfigure(p, envelope={**EVENTS["envelope"], "require": ["shoe"]}, limits={"floor": "2010-01-01"})
    assert replay(p)["reasons"] == {"schema.required": 20, "time.range": 15}
    reconfigure(p, envelope=EVENTS["envelope"], limits={"floor": "2000-01-01"})
    return p


def test_refused_rows_that_left_quarantine_are_not_guessed(project):
    p = refuse_some(project)
    p("quarantine", "drop", "--yes")
    refused = p("replay", "--yes", check=False)
    assert refused.code and "dropped or replayed out of quarantine" in refused.err
    assert len(rows(p, "push")) == 65
    p("audit", "--deep")


def test_refused_rows_leave_quarantine_by_a_replay_alone(project):
    """To dedupe they would be repeats of themselves."""
    p = refuse_some(project)
    done = json.loads(p("quarantine", "replay", "--yes", "--json").out)
    assert done["leaving"] == 0 and {g["reason"]: g["cannot"] for g in done["groups"]} == {
        "schema.required": {"replay": 20}, "time.range": {"replay": 15}, "json.syntax": {}}
    refused = p("quarantine", "drop", "--yes", "--reason", "time.range", check=False)
    assert refused.code and "of 35 records that a `tarn replay` refused at once 15 would leave" in refused.err
    p("quarantine", "drop", "--yes", "--reason", "json.*")
    assert replay(p)["refused"] == 0
    assert len(rows(p, "push")) == 100
    p("audit", "--deep")


def test_only_some_tables(project):
    p = project({"events": RAW})
    fill(p)
    before = {name: p.lake.table(name).metadata_path for name in ("push", "watch")}
    was = rows(p, "push")
    report = replay(p, "--table", "pu*")
    assert [t["table"] for t in report["tables"]] == ["push"]
    assert p.lake.table("watch").metadata_path == before["watch"] and p.lake.table("push").metadata_path != before["push"]
    assert rows(p, "push") == was
    p("audit", "--deep")
    assert replay(p, "--table", "nothing")["entry"] is None


def test_rows_without_raw_are_not_lost(project):
    p = project({"events": {**RAW, "raw": "off"}})
    append(p, event(1) + event(2, "watch"))
    p.ingest()
    reconfigure(p, raw="on")
    append(p, event(3) + event(4, "fork"))
    p.ingest()
    for args in (["--yes"], ["--dry-run"], ["--yes", "--table", "watch"]):
        refused = p("replay", *args, check=False)
        assert refused.code and "in no raw segment" in refused.err
    assert len(rows(p, "push")) == 2
    assert replay(p, "--table", "fork")["rows"] == 1
    p("audit", "--deep")


def test_rows_that_left_quarantine_without_raw_are_not_lost(project):
    p = project({"events": {**RAW, "envelope": {**EVENTS["envelope"], "require": ["n", "shoe"]}}})
    append(p, event(1) + event(2, shoe=1))
    p.ingest()
    reconfigure(p, envelope=EVENTS["envelope"], raw="off")
    p("quarantine", "replay", "--yes")
    reconfigure(p, raw="on")
    assert len(rows(p, "push")) == 2
    refused = p("replay", "--yes", check=False)
    assert refused.code and "out of quarantine" in refused.err
    assert len(rows(p, "push")) == 2


def test_a_pipeline_that_is_gone_is_named(project):
    p = project({"events": RAW})
    fill(p, 1)
    config = json.loads((p.folder / "tarn.yaml").read_text())
    config["pipelines"] = {"other": config["pipelines"]["events"]}
    (p.folder / "tarn.yaml").write_text(json.dumps(config))
    refused = p("replay", "--yes", check=False)
    assert refused.code and "pipeline events, which is not in the configuration" in refused.err


def test_it_asks_before_it_does(project):
    p = project({"events": RAW})
    fill(p, 1)
    entries = sorted((p.lake.path / "_tarn/journal/0").iterdir())
    refused = p("replay", check=False)
    assert refused.code == 64 and "--dry-run" in refused.err
    shown = p("replay", "--dry-run")
    assert "push" in shown.out and "rows before" in shown.out
    assert sorted((p.lake.path / "_tarn/journal/0").iterdir()) == entries
    assert not list((p.lake.path / "_tarn/journal").glob("r*"))


LONG = {"target_file": "128MiB", "max_delay": "1h"}


def test_ingest_goes_on_meanwhile(project):
    p = project({"events": EVENTS}, tables=LONG)
    append(p, "".join(event(i, "push" if i % 2 else "watch") for i in range(500)) + "[broken\n")
    with Follower(p) as follower:
        wait_until(lambda: (p.lake.path / "events/push").exists() and
                   sql(p, "select count(*) as n from push")[0]["n"] == 250, "rows")
        assert parquet(p) == []  # they wait for their file
        config = json.loads((p.folder / "tarn.yaml").read_text())
        config["pipelines"]["events"]["envelope"]["enrich"] = ["created_datetime"]
        config["pipelines"]["events"]["envelope"]["require"] = ["n"]
        (p.folder / "tarn.yaml").write_text(json.dumps(config))
        report = replay(p, "--table", "push")
        assert [(t["table"], t["rows_after"]) for t in report["tables"]] == [("push", 250)]
        append(p, event(1000))
        take(p, "push", 251)
    assert "a replay switches its tables" in follower.said
    assert {row["created_datetime"] is None for row in rows(p, "push")} == {False}
    assert p("audit", check=False).code == 0
    assert len(rows(p, "push")) + len(rows(p, "watch")) == 501
    assert len(rows(p, "quarantine", "tarn")) == 1
    p("audit", "--deep")


def test_rows_that_wait_and_are_refused(project):
    p = project({"events": EVENTS}, tables=LONG)
    append(p, "".join(event(i, shoe=1) if i % 2 else event(i) for i in range(100)) + "[broken\n")
    with Follower(p) as follower:
        wait_until(lambda: (p.lake.path / "events/push").exists() and
                   sql(p, "select count(*) as n from push")[0]["n"] == 100, "rows")
        follower.kill()
    reconfigure(p, envelope={**EVENTS["envelope"], "require": ["shoe"]})
    replay(p)
    assert len(rows(p, "push")) == 50 and len(rows(p, "quarantine", "tarn")) == 51
    p("audit", "--deep")
    p.ingest()
    p("audit", "--deep")


def test_a_killed_replay_goes_on(project):
    p = project({"product": {"preset": "product", "source": {"files": ["made/product*.json"]}, "raw": "on"}}, memory="64MiB")
    p("simulate", "product", "--events", 20_000, "--seed", 5, "--duplicates", 0.05, "--malformed", 0.02, "--drift", 0.02,
      "--out", "made")
    p.ingest()
    before = {name: rows(p, name) for name in p.lake.tables()}
    reconfigure(p, partition="day")
    kills = 0
    for life in range(12):
        kills += p.tarn.killed("replay", "--yes", "--json", cwd=p.folder, after=0.05 + 0.12 * life)
        if p.lake.table(next(iter(before))).static.spec().fields[0].name.endswith("day"):
            break
    p("audit")
    assert kills > 1
    replay(p)
    assert {name: rows(p, name) for name in p.lake.tables()} == before
    assert {t.static.spec().fields[0].name for t in p.lake.tables().values()} == {"event_time_day"}
    p("audit", "--deep")
    named = set()
    for entry in (p.lake.path / "_tarn/journal/0").iterdir():
        for table in json.loads(entry.read_text().splitlines()[0])["tables"]:
            named |= {file["key"] for file in table["files"]}
    lying = {str(path.relative_to(p.lake.path)) for path in parquet(p)}
    assert {key for key in lying if key.rsplit("/", 1)[1].startswith("Lr")} <= named  # nothing is left of lives that were killed


def test_a_replay_that_is_not_cleared_up_is_not_made_again(project):
    p = project({"events": RAW})
    fill(p, lives=1)
    report = replay(p)
    journal = p.lake.path / "_tarn/journal"
    switched = json.loads((journal / f"0/{report['entry']:020}").read_text().splitlines()[0])
    lane, = [position["key"] for position in switched["positions"] if position["pipeline"] == "tarn:replay"]
    (journal / lane).mkdir(exist_ok=True)
    (journal / lane / f"{1:020}").write_text("what is removed last\n")
    before = rows(p, "push")
    would = json.loads(p("replay", "--dry-run", "--json").out)
    assert would["was_switched"] and would["entry"] == report["entry"] and would["tables"] == []
    assert list((journal / lane).iterdir())
    assert "would be cleared up" in p("replay", "--dry-run").err
    again = replay(p)
    assert again["was_switched"] and again["entry"] == report["entry"]
    assert not list(journal.glob("r*/*")) and rows(p, "push") == before
    assert not replay(p)["was_switched"]  # one that is asked for anew
    p("audit", "--deep")
