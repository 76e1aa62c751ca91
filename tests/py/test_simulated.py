"""Streams whose truth is known: what the lake holds must equal the ledger beside them.

The default size keeps the suite short. `make test-large` runs the ten million product events that bound memory and speed
(marker `large`).
"""
import json

import pytest

from lib.usage import measure

SHARES = ("--duplicates", "0.03", "--restamped", "0.02", "--late", "0.01", "--malformed", "0.01", "--drift", "0.01")
TRACKED = {"id": "event_id", "name": "event_name", "time": {"field": "created_at", "unit": "ms"}}
PIPELINES = {
    "eventsim": {"preset": "eventsim", "source": {"files": ["events/*_events*.json"]},
                 "envelope": {"name": {"path": "([a-z_]+)_events"}}},
    "product": {"preset": "product", "source": {"files": ["events/product*.json"]}},
    "domain": {"preset": "domain", "source": {"files": ["events/domain*.json"]}},
    "csv": {"preset": "csv", "source": {"files": ["events/**/*.csv"]}},
    "one": {"envelope": TRACKED, "dedupe": {"ignore": ["created_at"]}, "source": {"files": ["events/one*.json"]}},
    "mixed": {"envelope": TRACKED, "dedupe": {"ignore": ["created_at"]}, "source": {"files": ["events/mixed*.json"]}},
    "flat100": {"preset": "product", "source": {"files": ["events/flat100*.json"]}},
    "wide": {"envelope": TRACKED, "dedupe": {"ignore": ["created_at"]}, "source": {"files": ["events/wide*.json"]},
             "limits": {"columns": 4096}},
}
MEMORY_MIB = 512


def simulate(project, kind, events, *options, shares=SHARES):
    project("simulate", kind, "--events", events, "--seed", "7", *shares, "--out", "events", *options)
    return json.loads((project.folder / "events" / "ledger.json").read_text())


def nonzero(counts):
    return {name: count for name, count in counts.items() if count}


def check_against(ledger, report, one_table=None):
    assert {k: report[k] for k in ("records", "rows", "duplicates", "conflicts", "quarantined")} == \
           {k: ledger[k] for k in ("records", "rows", "duplicates", "conflicts", "quarantined")}
    assert nonzero(report["reasons"]) == nonzero(ledger["reasons"])
    tables = {name: table["rows"] for name, table in ledger["tables"].items() if table["rows"]}
    assert {n: t["rows"] for n, t in report["tables"].items() if t["rows"]} == (one_table or tables)


@pytest.mark.parametrize("kind", PIPELINES)
def test_ledger(project, duck, kind):
    p = project({kind: PIPELINES[kind]})
    ledger = simulate(p, kind, 60_000)
    check_against(ledger, p.ingest())
    p.audit()
    for name, table in p.lake.tables().items():
        rows = duck.execute(f"select count(*), count(distinct event_id) from iceberg_scan('{table.path}')").fetchone()
        assert rows == (ledger["tables"][name]["rows"],) * 2
    refused = duck.execute(f"select reason, count(*) from iceberg_scan('{p.lake.table('quarantine', 'tarn').path}') group by 1")
    assert dict(refused.fetchall()) == nonzero(ledger["reasons"])
    assert p.ingest()["records"] == 0


def test_names_are_as_many_as_asked_for(project):
    p = project({"mixed": PIPELINES["mixed"]})
    ledger = simulate(p, "mixed", 2_000, "--names", "3")
    assert len(ledger["tables"]) == 3
    check_against(ledger, p.ingest())


def test_seven_hundred_small_files(project):
    p = project({"product": PIPELINES["product"]})
    ledger = simulate(p, "product", 70_000, "--files", "700")
    assert len(ledger["files"]) == 700
    report = p.ingest()
    check_against(ledger, report)
    assert report["files"]["taken"] == 700 and report["commits"] == 1


def test_three_hundred_names_in_one_table(project, duck):
    p = project({"domain": {**PIPELINES["domain"], "table": "everything", "limits": {"columns": 20000}}})
    ledger = simulate(p, "domain", 60_000)
    report = p.ingest()
    check_against(ledger, report, {"everything": ledger["rows"]})
    names = duck.execute(f"select count(distinct event_name) from iceberg_scan('{p.lake.table('everything').path}')").fetchone()
    assert names[0] == len([t for t in ledger["tables"].values() if t["rows"]]) > 290


def test_memory_is_bounded(project):
    p = project({"product": PIPELINES["product"]})
    ledger = simulate(p, "product", 1_000_000, shares=("--duplicates", "0.03", "--malformed", "0.01"))
    used = measure(p, "ingest", "--json")
    check_against(ledger, used.report)
    assert used.peak_mib < MEMORY_MIB


@pytest.mark.large
def test_ten_million(project):
    p = project({"product": PIPELINES["product"]})
    ledger = simulate(p, "product", 10_000_000, "--files", "2", shares=("--duplicates", "0.03", "--malformed", "0.01"))
    first, second = (str(p.folder / "events" / name) for name in ledger["files"])
    one, two = (measure(p, "ingest", "--json", file, timeout=1200) for file in (first, second))
    total = {k: one.report[k] + two.report[k] for k in ("records", "rows", "duplicates", "conflicts", "quarantined")}
    assert total == {k: ledger[k] for k in total}
    assert max(one.peak_mib, two.peak_mib) < MEMORY_MIB
    # A ratio in one run: growth would show.
    assert two.cpu_seconds / two.report["records"] < 1.3 * one.cpu_seconds / one.report["records"]
    print(f"\n10 M events: {one.cpu_seconds:.1f} s and {two.cpu_seconds:.1f} s of CPU, "
          f"peaks {one.peak_mib:.0f} and {two.peak_mib:.0f} MiB")
