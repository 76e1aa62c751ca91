"""`tarn replay` beside a `tarn run`: the run waits for the switch and goes on, in the same process, under the new rules."""
import contextlib
import json
import signal
import subprocess
import threading
import time

from lib.follow import Follower, sql, wait_until
from test_held import EVENTS, append, event, parquet, take
from test_replay import LONG, reconfigure, replay, rows

WAITING = "a replay switches its tables; going on when it is done"
AGAIN = "following the sources of"


def entries(p, lane="0"):
    """Of the journal, as far as it is there."""
    found = sorted((p.lake.path / "_tarn/journal" / lane).glob("[0-9]*"))
    return [json.loads(path.read_text().splitlines()[0]) for path in found]


def fences(p):
    """For each writer so far: the replay that it was there for, or nothing."""
    return [entry.get("switches", "") for entry in entries(p) if entry["kind"] == "fence"]


def declare(p, **properties):
    path = p.folder / "tarn.yaml"
    config = {**json.loads(path.read_text()), "contracts": {"push": {"type": "object", "properties": properties}}}
    path.write_text(json.dumps(config, indent=2) + "\n")


@contextlib.contextmanager
def feeding(p, first, name="push"):
    """Events come in, one every few milliseconds. Yields how many there are so far."""
    count, over = [0], threading.Event()

    def feed():
        while not over.wait(0.005):
            append(p, event(first + count[0], name, color=f"c{first + count[0]}", a=1))
            count[0] += 1

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        yield count
    finally:
        over.set()
        thread.join()


def check_ids(p, duck, table, numbers):
    """Exactly once, to PyIceberg and DuckDB."""
    wanted = sorted(f"e{n}" for n in numbers)
    assert sorted(p.lake.table(table).ids()) == wanted
    found = duck.execute(f"select count(*), count(distinct event_id) from iceberg_scan('{p.lake.path}/events/{table}')").fetchone()
    assert found == (len(wanted), len(wanted))


def test_a_run_goes_on_through_the_switch(project, duck):
    p = project({"events": EVENTS}, commit={"every": "50ms"})
    append(p, "".join(event(i, a="text" if i % 2 else 5) for i in range(200)))
    with Follower(p) as run:
        take(p, "push", 200)
        with feeding(p, 1000) as more:
            declare(p, a={"type": "string"}, color={"type": "string"}, size={"type": "integer"})
            report = replay(p)
            assert [t["table"] for t in report["tables"]] == ["push"]
            wait_until(lambda: fences(p)[-1] == "" and len(fences(p)) == 3, "the run is back")
            before = more[0]
            wait_until(lambda: more[0] > before + 100, "more events")
        append(p, event(9000, size=44))
        take(p, "push", 201 + more[0])
        assert run.process.poll() is None
    assert run.process.returncode == 0
    assert run.said.count(WAITING) == 1 and run.said.count(AGAIN) == 2, run.said
    assert [bool(lane) for lane in fences(p)] == [False, True, False]
    check_ids(p, duck, "push", [*range(200), *range(1000, 1000 + more[0]), 9000])
    made = {row["event_id"]: row for row in rows(p, "push")}
    assert {row["a"] for row in made.values()} == {"text", "5", "1", None} and all(row["_extra"] is None for row in made.values())
    assert made["e9000"]["size"] == 44 and made["e1000"]["color"] == "c1000" and made["e0"]["color"] is None
    p("audit", "--deep")


def test_an_idle_run_finds_out_with_the_next_record(project, duck):
    """By then two replays are over; rows that waited for their file were theirs to give one."""
    p = project({"events": EVENTS}, tables=LONG)
    append(p, "".join(event(i, "push" if i % 2 else "watch") for i in range(100)))
    with Follower(p) as run:
        take(p, "push", 50)
        assert parquet(p) == []
        reconfigure(p, envelope={**EVENTS["envelope"], "enrich": ["created_datetime"]})
        replay(p, "--table", "push")
        replay(p)
        append(p, event(1001) + event(1002, "watch"))
        take(p, "push", 51)
    assert run.said.count(WAITING) == 1 and run.said.count(AGAIN) == 2, run.said
    check_ids(p, duck, "push", [*range(1, 100, 2), 1001])
    check_ids(p, duck, "watch", [*range(0, 100, 2), 1002])
    assert None not in {row["created_datetime"] for row in rows(p, "push")}
    p("audit", "--deep")


def test_several_replays_one_after_the_other(project, duck):
    p = project({"events": EVENTS}, commit={"every": "50ms"})
    append(p, "".join(event(i) for i in range(50)))
    with Follower(p) as run, feeding(p, 1000) as more:
        wait_until(lambda: (p.lake.path / "events/push").exists(), "rows")
        for number, partition in enumerate(("day", "month", "hour"), 1):
            reconfigure(p, partition=partition)
            replay(p)
            wait_until(lambda: len(fences(p)) == 2 * number + 1, "the run is back")
    assert run.said.count(WAITING) == 3
    check_ids(p, duck, "push", [*range(50), *range(1000, 1000 + len(rows(p, "push")) - 50)])
    p.ingest()
    check_ids(p, duck, "push", [*range(50), *range(1000, 1000 + more[0])])
    p("audit", "--deep")


def test_a_configuration_that_cannot_be_read_ends_it(project):
    p = project({"events": EVENTS}, commit={"every": "50ms"})
    append(p, event(1))
    with Follower(p) as run:
        take(p, "push", 1)
        reconfigure(p, partition="day")
        replay(p)
        (p.folder / "tarn.yaml").write_text("version: 1\nnonsense: 1\n")
        append(p, event(2))
        assert run.process.wait(timeout=60) == 64
        run.process.returncode = 0
    assert WAITING in run.said and "nonsense" in run.said


def test_another_run_is_there_to_stay(project):
    p = project({"events": EVENTS}, commit={"every": "50ms"})
    append(p, event(1))
    with Follower(p) as run:
        take(p, "push", 1)
        reconfigure(p, partition="day")
        replay(p)
        with Follower(p) as second:
            wait_until(lambda: len(fences(p)) == 3, "the second run")
            append(p, event(2))
            assert run.process.wait(timeout=60) == 75
            run.process.returncode = 0
            take(p, "push", 2)
        assert AGAIN in second.said and WAITING not in second.said
    assert WAITING not in run.said and "another writer has taken over" in run.said
    p("audit", "--deep")


# --- a replay that dies at its switch ------------------------------------------------------------


def killed_at_the_switch(p):
    """A replay that has put its fence, and nothing after it. It is slow enough by then to be caught."""
    for _ in range(20):
        was = len(fences(p))
        process = subprocess.Popen([p.tarn.path, "replay", "--yes", "--json"], cwd=p.folder, stdout=subprocess.DEVNULL)
        head = len(entries(p))
        while process.poll() is None:
            if len(fences(p)) > was and fences(p)[-1]:
                break
            time.sleep(0.0005)
        process.kill()
        process.wait(timeout=60)
        last = entries(p)[-1]
        if last["kind"] == "fence" and last.get("switches"):
            return last["seq"], last["switches"]
        assert head  # it was faster: once more
    raise AssertionError("no replay was caught between its fence and its switch")


PRODUCT = {"product": {"preset": "product", "source": {"files": ["in/*.json"]}, "raw": "on"}}


def many_tables(project):
    """A hundred tables: their switch takes a moment."""
    p = project(PRODUCT, commit={"every": "200ms"})
    p("simulate", "product", "--events", 3000, "--seed", 5, "--out", "made")
    (p.folder / "in").mkdir()
    (p.folder / "in/a.json").write_text("".join(path.read_text() for path in sorted((p.folder / "made").glob("product*.json"))))
    return p


def total(p):
    counts = p("status", "--json").json["pipelines"]
    return sum(pipeline["rows"] for pipeline in counts)


def test_a_replay_that_is_killed_at_its_switch_is_given_up(project):
    p = many_tables(project)
    lines = (p.folder / "in/a.json").read_text().splitlines(keepends=True)
    with Follower(p) as run:
        wait_until(lambda: (p.lake.path / "_tarn/lake.json").exists() and total(p) >= 3000, "rows")
        reconfigure(p, partition="day")
        seq, lane = killed_at_the_switch(p)
        (p.folder / "in/b.json").write_text(lines[0].replace('"event_uuid":"', '"event_uuid":"x'))
        wait_until(lambda: entries(p)[-1]["seq"] > seq and entries(p)[-1]["kind"] == "commit", "the run is back", seconds=90)
        assert total(p) == 3001
        assert (p.lake.path / "_tarn/journal" / lane).exists()
        report = replay(p)  # goes on where it was, and is not given up this time
        assert report["resumed"] and report["rows"] < 3001
        (p.folder / "in/c.json").write_text(lines[0].replace('"event_uuid":"', '"event_uuid":"y'))
        wait_until(lambda: total(p) == 3002, "rows")
    assert run.said.count(WAITING) == 2 and run.said.count("nothing was heard of the replay") == 1
    assert {t.static.spec().fields[0].name for t in p.lake.tables().values()} == {"event_time_day"}
    ids = [i for table in p.lake.tables().values() for i in table.ids()]
    assert len(ids) == len(set(ids)) == 3002
    p("audit", "--deep")


def test_a_run_that_waits_ends_at_once(project):
    p = many_tables(project)
    with Follower(p) as run:
        wait_until(lambda: (p.lake.path / "_tarn/lake.json").exists() and total(p) >= 3000, "rows")
        reconfigure(p, partition="day")
        killed_at_the_switch(p)
        said = []
        reader = threading.Thread(target=lambda: said.extend(iter(run.process.stderr.readline, "")))
        reader.start()
        (p.folder / "in/b.json").write_text((p.folder / "in/a.json").read_text().splitlines(keepends=True)[0])
        wait_until(lambda: any(WAITING in line for line in said), "it waits")
        started = time.monotonic()
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(timeout=60) == 0
        assert time.monotonic() - started < 5
        reader.join()
    assert any("taken by the next start" in line for line in said)
    replay(p)
    p("audit", "--deep")
