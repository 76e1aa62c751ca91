"""`tarn plan`: what it says of a stream is what the stream's ledger says, what it proposes is what files come out as, and what it writes
is all that changes in a file that a person wrote."""
import gzip
import json
import math
import os
import shutil
import stat

import pytest

PIPELINES = """\
# what the shop sends
version: 1
lake: ./lake      # beside this file
pipelines:
  product:
    preset: product
    source: {files: ["events/product*.json"]}   # all of it
"""
HOURS = {"hour": 1, "day": 24, "month": 730.5, "none": 730.5}
MIXED = ("--duplicates", "0.03", "--restamped", "0.02", "--late", "0.02", "--malformed", "0.01", "--drift", "0.01")


class Folder:
    """A tarn.yaml as a person writes it, and events beside it."""

    def __init__(self, tarn, path, config=PIPELINES):
        self.tarn, self.path = tarn, path
        path.mkdir(parents=True, exist_ok=True)
        self.config = path / "tarn.yaml"
        self.config.write_text(config)

    def __call__(self, *words, **options):
        return self.tarn(*words, cwd=self.path, **options)

    def simulate(self, kind, events, *options):
        self("simulate", kind, "--events", events, "--seed", 7, "--out", "events", *options)
        return json.loads((self.path / "events/ledger.json").read_text())

    def plan(self, *options):
        return self("plan", "--json", *options).json

    def written(self, *options):
        """The configuration after --write."""
        self("plan", "--write", "--quiet", *options)
        return self.config.read_text()


@pytest.fixture
def folder(tarn, tmp_path):
    return lambda config=PIPELINES: Folder(tarn, tmp_path / "project", config)


@pytest.fixture(scope="module")
def stream(tarn, tmp_path_factory):
    """A quarter of an hour of a million product events an hour: clean but for what MIXED adds."""
    folder = Folder(tarn, tmp_path_factory.mktemp("plan") / "stream")
    folder.ledger = folder.simulate("product", 250_000, *MIXED)
    folder.seen = folder.plan("--from", "events/product-0001.json")
    return folder


@pytest.fixture(scope="module")
def lake(tarn, tmp_path_factory):
    """The same, but ingested."""
    folder = Folder(tarn, tmp_path_factory.mktemp("plan") / "lake")
    folder.ledger = folder.simulate("product", 250_000, *MIXED)
    folder("ingest", "--quiet")
    folder.seen = folder.plan()
    return folder


def by_name(plan):
    return {table["table"]: table for table in plan["tables"]}


def rows_of(ledger):
    return {name: table["rows"] for name, table in ledger["tables"].items() if table["rows"]}


def within(share, value, truth):
    assert abs(value - truth) <= share * truth, (value, truth)


# --- what it says is so --------------------------------------------------------------------


@pytest.mark.parametrize("source", ["stream", "lake"])
def test_rates_are_the_ledgers(source, request):
    folder = request.getfixturevalue(source)
    plan, ledger = folder.seen, folder.ledger
    hours = ledger["records"] / 1_000_000  # the stream's pace
    assert {name: table["rows"] for name, table in by_name(plan).items()} == rows_of(ledger)
    within(0.02, plan["hours"], hours)
    within(0.02, plan["total"]["rows_an_hour"], ledger["rows"] / hours)
    for name, rows in rows_of(ledger).items():
        within(0.02, by_name(plan)[name]["rows_an_hour"], rows / hours)
    assert plan["stragglers"] and plan["scale"] == 1
    assert plan["from"].startswith("2025-06-02T00:0") and plan["to"].startswith("2025-06-02T00:1")
    if source == "stream":
        assert (plan["read"]["records"], plan["read"]["quarantined"]) == (ledger["records"], ledger["quarantined"])
        assert plan["read"]["duplicates"] == ledger["duplicates"] + ledger["conflicts"]


def test_bytes_of_records_are_the_files_own(stream):
    """Records that became rows, neither repeats nor refused: counted again from the file."""
    lines, bytes_of, seen = 0, {}, set()
    for line in (stream.path / "events/product-0001.json").read_bytes().splitlines():
        try:
            event = json.loads(line)
            name, key = event["event_name"].replace(":", "_"), event["event_uuid"]
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        if key not in seen and name in by_name(stream.seen):
            seen.add(key)
            bytes_of[name] = bytes_of.get(name, 0) + len(line)
            lines += 1
    assert lines >= stream.ledger["rows"]
    for name, table in by_name(stream.seen).items():
        within(0.02, table["json_bytes_a_row"] * table["rows"], bytes_of[name])


def test_bytes_of_history_are_the_files_own(lake):
    for name, table in by_name(lake.seen).items():
        files = list((lake.path / f"lake/events/{name}/data").rglob("*.parquet"))
        within(1e-6, table["parquet_bytes_a_row_seen"] * table["rows"], sum(f.stat().st_size for f in files))
        assert table["json_bytes_a_row"] is None and table["partition_now"] == "hour"
    assert lake.seen["read"]["files"] == len(list((lake.path / "lake/events").glob("*/data/**/*.parquet")))


def test_sample_and_history_agree(stream, lake):
    """Rows are the same, and so is what they take; memory was measured there and is estimated here."""
    sample, history = by_name(stream.seen), by_name(lake.seen)
    for name in list(sample)[:20]:
        within(0.2, history[name]["parquet_bytes_a_row"], sample[name]["parquet_bytes_a_row"])
        assert history[name]["partition"] == sample[name]["partition"]
    within(0.5, lake.seen["total"]["memory_bytes"], stream.seen["total"]["memory_bytes"])


def test_real_events(folder, shared):
    truth = json.loads((shared / "eventsim/truth.json").read_text())["lines"]
    site = folder("version: 1\nlake: ./lake\npipelines: {site: {preset: eventsim, source: {files: [none/*]}, "
                  'envelope: {name: {path: "([a-z_]+)_events"}}}}\n')
    files = sorted((shared / "eventsim").glob("*_events.json.gz"))
    plan = site.plan("--from", *files)
    assert {name: table["rows"] for name, table in by_name(plan).items()} == truth
    within(0.001, plan["hours"], 72)
    for name, rows in truth.items():
        within(0.001, by_name(plan)[name]["rows_an_hour"], rows / 72)
    peaks = {}
    with gzip.open(shared / "eventsim/page_view_events.json.gz") as file:
        for line in file:
            hour = json.loads(line)["ts"] // 3_600_000
            peaks[hour] = peaks.get(hour, 0) + 1
    assert by_name(plan)["page_view"]["rows_in_peak_hour"] == max(peaks.values())
    assert not (site.path / "lake").exists()


def test_many_names_of_very_different_rates(folder):
    domain = folder(PIPELINES.replace("product", "domain"))
    ledger = domain.simulate("domain", 60_000, "--per-hour", "20000")
    plan = domain.plan("--from", "events/domain-0001.json")
    assert {name: table["rows"] for name, table in by_name(plan).items()} == rows_of(ledger)
    within(0.01, plan["hours"], 3)
    assert [t["rows"] for t in plan["tables"]] == sorted((t["rows"] for t in plan["tables"]), reverse=True)


# --- a part for the whole ------------------------------------------------------------------


@pytest.fixture(scope="module")
def hours(tarn, tmp_path_factory):
    """Forty hours in eighty files."""
    folder = Folder(tarn, tmp_path_factory.mktemp("plan") / "hours")
    folder.ledger = folder.simulate("product", 400_000, "--per-hour", "10000", "--files", "80")
    return folder


@pytest.mark.parametrize("sample", ["1MiB", "5MiB", "20MiB"])
def test_files_in_sequence(hours, sample):
    """A file of each time: the ledger, which is no event's, is the first of them."""
    plan = hours.plan("--from", "events", "--sample", sample)
    assert plan["read"]["bytes"] < plan["read"]["bytes_total"] / 5 and plan["read"]["files_total"] == 81
    within(0.05, plan["total"]["rows_an_hour"], 10_000)
    within(0.15, plan["tables"][0]["rows_in_peak_hour"], plan["tables"][0]["rows_an_hour"])


def test_files_side_by_side(hours):
    """Eight partitions of one stream: all of the time in each."""
    apart = hours.path / "apart"
    apart.mkdir()
    files = [(apart / f"p{i}.ndjson").open("wb") for i in range(8)]
    for path in sorted((hours.path / "events").glob("product-*.json")):
        for number, line in enumerate(path.read_bytes().splitlines(keepends=True)):
            files[number % 8].write(line)
    for file in files:
        file.close()
    plan = hours.plan("--from", "apart", "--sample", "40MiB")
    assert 2 <= plan["read"]["files"] <= 4
    within(0.01, plan["scale"], 8 / plan["read"]["files"])
    within(0.03, plan["total"]["rows_an_hour"], 10_000)
    within(0.2, plan["tables"][0]["rows_in_peak_hour"], plan["tables"][0]["rows_an_hour"])


def test_stdin(hours):
    text = (hours.path / "events/product-0001.json").read_text()
    done = hours("plan", "--json", "--from", "-", input=text)
    within(0.05, done.json["total"]["rows_an_hour"], 10_000)


# --- what it proposes ----------------------------------------------------------------------


@pytest.mark.parametrize("target", [1 << 20, 4 << 20, 16 << 20, 128 << 20])
def test_shortest_partition_of_a_quarter_of_the_target(stream, target):
    words = set()
    for table in stream.plan("--from", "events/product-0001.json", "--target", target)["tables"]:
        holds = {word: table["rows_an_hour"] * table["parquet_bytes_a_row_seen"] * HOURS[word] for word in HOURS}
        word = table["partition"]
        words.add(word)
        within(0.5, table["partition_bytes"], holds[word])  # a footer is smaller in proportion
        if word != "month":
            assert table["partition_bytes"] >= target / 4
        shorter = {"day": "hour", "month": "day"}.get(word)
        if shorter:
            assert table["partition_bytes"] / HOURS[word] * HOURS[shorter] < target / 4 * 1.1
    assert words == {1 << 20: {"hour", "day"}, 4 << 20: {"hour", "day"}, 16 << 20: {"hour", "day", "month"},
                     128 << 20: {"day", "month"}}[target], words


def test_a_delay_is_the_time_in_which_a_file_fills(stream):
    plan = stream.plan("--from", "events/product-0001.json", "--target", "1MiB", "--max-delay", "1h")
    for table in plan["tables"]:
        fill = 3600 * (1 << 20) / (table["rows_an_hour"] * table["parquet_bytes_a_row_seen"])
        if fill < 1500:
            assert fill / 2.6 <= table["max_delay_seconds"] <= 1.1 * fill, table
            assert 0.35 * (1 << 20) < table["file_bytes"] < 1.05 * (1 << 20)  # an hour ends within some
        else:
            assert table["max_delay_seconds"] <= 3600
    assert len({table["max_delay_seconds"] for table in plan["tables"]}) > 3


def test_what_files_cost(stream):
    """A chance of a file each quarter of an hour, 96 times a day; with a file for each commit, as often as there is something."""
    plan = stream.plan("--from", "events/product-0001.json", "--target", "128MiB")
    for table in plan["tables"]:
        flushes = 96 * -math.expm1(-table["rows_an_hour"] / 4)
        within(0.001, table["commits_a_minute"], flushes / 1440)
        assert flushes - 1 <= table["files_a_day"] < table["files_a_day_by_commit"]
        assert table["memory_bytes"] > table["rows_an_hour"] / 4 * 50
    total = plan["total"]
    assert total["files_a_day_by_commit"] > 100 * total["files_a_day"]
    for key in ("rows_an_hour", "files_a_day", "files_a_day_by_commit", "commits_a_minute", "memory_bytes"):
        within(1e-6, sum(table[key] for table in plan["tables"]), total[key])


def test_stragglers_make_files(folder):
    """What is late lands in hours of its own: the lake of one commit shows how many."""
    project = folder()
    project.simulate("product", 100_000, "--late", "0.02")
    project("ingest", "--quiet")
    plan = project.plan("--target", "1MiB", "--max-delay", "6m")  # as long as the stream is
    files = {t["table"]: len(list((project.path / f"lake/events/{t['table']}/data").rglob("*.parquet"))) for t in plan["tables"]}
    for table in plan["tables"][:10]:
        assert table["partition"] == "hour"
        flushes = 86400 / table["max_delay_seconds"]
        within(0.5, table["files_a_day"] / flushes, files[table["table"]])


def test_predicted_files_come_out(folder):
    """An hour of the largest table, ingested under the plan: its partition's file is as large as was said."""
    project = folder()
    project.simulate("product", 150_000, "--per-hour", "120000")
    project.written("--from", "events/product-0001.json", "--target", "4MiB")
    plan = project.plan("--from", "events/product-0001.json")
    project("ingest", "--quiet")
    largest = plan["tables"][0]
    assert largest["partition"] == "hour"
    file, = (project.path / f"lake/events/{largest['table']}/data/event_time_hour=2025-06-02-00").iterdir()
    within(0.15, file.stat().st_size, largest["partition_bytes"])


# --- for people ----------------------------------------------------------------------------


def test_as_text(stream, lake):
    done = stream("plan", "--from", "events/product-0001.json")
    head, *lines, total = done.out.splitlines()
    assert head.split() == ["table", "rows/h", "peak/h", "json/row", "parquet/row", "bytes/h", "partition", "holds", "max_delay",
                            "file", "files/day", "by", "commit", "commits/min", "memory"]
    assert len(lines) == len(stream.seen["tables"]) and total.startswith("total ")
    assert lines[0].split()[:2] == ["payment_order_completed", f"{stream.seen['tables'][0]['rows_an_hour']:,.0f}"]
    assert "stragglers aside" in done.err and "250,000 records" in done.err
    done = lake("plan")
    assert "*" in done.out and "keep it: the new one holds from the next replay on" in done.err
    assert lake("plan", "--quiet").err == ""


def test_too_little_memory_is_said(stream):
    small = Folder(stream.tarn, stream.path.parent / "small", PIPELINES + "memory: 64MiB\n")
    assert "unless memory is" in small("plan", "--from", stream.path / "events/product-0001.json").err


@pytest.mark.parametrize("words, said", [
    (["plan"], "a sample will do"),
    (["plan", "events"], "--from events"),
    (["plan", "--from", "nothing"], "nothing"),
    (["plan", "--from", "events", "--target", "big"], "--target wants a size"),
    (["plan", "--from", "events", "--target", "1KiB"], "--target wants a size"),
    (["plan", "--from", "events", "--max-delay", "10"], "--max-delay wants a time"),
    (["plan", "--from", "events", "--pipeline", "shop"], 'no pipeline "shop"'),
    (["plan", "--from", "events", "--dry-run", "--json"], "one of them"),
    (["plan", "--from", "tarn.yaml"], "no record of the sample became a row"),
])
def test_what_cannot_be_planned(folder, words, said):
    project = folder()
    (project.path / "events").mkdir()
    (project.path / "events/product-1.json").write_text("")
    done = project(*words, check=False)
    assert done.code != 0 and said in done.err and done.out == "", done


def test_two_pipelines_need_a_name(folder):
    project = folder(PIPELINES + "  other:\n    preset: csv\n    source: {files: [x]}\n")
    project.simulate("product", 5_000)
    done = project("plan", "--from", "events/product-0001.json", check=False)
    assert done.code == 64 and "--pipeline" in done.err
    plan = project.plan("--from", "events/product-0001.json", "--pipeline", "product")
    assert plan["read"]["rows"] == 5_000
    # partitions of pipelines differ, so each table is written out
    text = project.written("--from", "events/product-0001.json", "--pipeline", "product")
    assert all(table["table"] in text for table in plan["tables"])


# --- what it writes ------------------------------------------------------------------------

@pytest.fixture
def events(tarn, tmp_path_factory):
    """Few events for tests that are about text."""
    folder = Folder(tarn, tmp_path_factory.mktemp("plan") / "few")
    folder.simulate("product", 20_000, "--per-hour", "1000000")
    return folder.path / "events/product-0001.json"


def is_planned(project, events, *options):
    """A plan that is written says nothing new."""
    return "says so already" in project("plan", "--from", events, "--write", *options).err


def test_the_rest_of_the_file_stays(folder, events):
    project = folder()
    text = project.written("--from", events)
    assert text.startswith(PIPELINES)
    added = text.removeprefix(PIPELINES).splitlines()
    assert added[:3] == ["", "tables:", "  overrides:"]
    assert (project.path / "tarn.yaml.bak").read_text() == PIPELINES
    assert not (project.path / "tarn.yaml.new").exists()
    project("check")
    assert is_planned(project, events)
    assert project.config.read_text() == text


def test_tables_are_made_as_written(folder, events):
    project = folder()
    plan = project.plan("--from", events, "--target", "4MiB")
    project.written("--from", events, "--target", "4MiB")
    assert "target_file: 4MiB" in project.config.read_text()
    assert len({table["partition"] for table in plan["tables"]}) > 1
    (project.path / "events").mkdir()
    shutil.copy(events, project.path / "events")
    project("ingest", "--quiet")
    for table in plan["tables"][:5] + plan["tables"][-5:]:
        described = project("table", "describe", table["table"], "--json").json
        assert [p["transform"] for p in described["partition"]] == [table["partition"]]
    assert all(t["partition_now"] == t["partition"] for t in project.plan("--from", events)["tables"])


def test_overrides_of_a_person_stay(folder, events):
    """Those by pattern, and those of tables that the plan has not seen; the plan's own are said anew."""
    own = ('tables:\n'
           '  # files for a slow reader\n'
           '  target_file: 16MiB   # not more\n'
           '  max_delay: 5m\n'
           '  overrides:\n'
           '    - match: "payment_*"   # the bank waits\n'
           '      max_delay: 2m\n'
           '    - match: [not_here,\n'
           '              cart_item_added]\n'
           '      partition: none\n'
           '    - {match: search_query_submitted, partition: month, target_file: 2MiB}\n'
           '# the end\n')
    project = folder(PIPELINES + own)
    text = project.written("--from", events)
    assert text.startswith(PIPELINES + "tables:\n  # files for a slow reader\n  target_file: 16MiB   # not more\n  max_delay: 5m\n"
                           "  overrides:\n    - match: ")
    assert text.endswith('    - match: "payment_*"   # the bank waits\n'
                         '      max_delay: 2m\n'
                         '    - match: [not_here,\n'
                         '              cart_item_added]\n'
                         '      partition: none\n'
                         '# the end\n')
    tables = by_name(project.plan("--from", events))
    assert tables["payment_order_completed"]["max_delay_seconds"] == 120
    assert tables["cart_item_added"]["max_delay_seconds"] == 300
    assert text.count("target_file: 2MiB") == 1 and text.count("search_query_submitted") == 1
    assert is_planned(project, events)
    again = project.written("--from", events, "--max-delay", "3m")
    assert "max_delay: 3m\n" in again and "target_file: 16MiB   # not more" in again


@pytest.mark.parametrize("before, after", [
    ("tables: {target_file: 16MiB, max_delay: 7m}   # both\n", "tables:   # both\n  target_file: 16MiB\n  max_delay: 7m\n  overrides:\n"),
    ("tables:\n    target_file: 16MiB # four\n", "tables:\n    target_file: 16MiB # four\n    overrides:\n      - match:"),
    ("tables:\n  overrides:\n  - match: nothing\n    partition: day\n  max_delay: 7m\n", "    - match: nothing\n      partition: day\n  max_delay: 7m\n"),
    ("tables:\n  overrides: [{match: \"x*\", partition: day}, {match: cart_item_added, partition: hour}]\n  max_delay: 7m\n",
     "    - {match: \"x*\", partition: day}\n  max_delay: 7m\n"),
    ("\"tables\":\n  \"max_delay\" : 7m\n", "\"tables\":\n  \"max_delay\" : 7m\n  overrides:\n"),
    ("tables:\n  max_delay: 7m", "tables:\n  max_delay: 7m\n  overrides:\n"),
], ids=["braces", "four", "list at the margin", "brackets", "quotes", "no line end"])
@pytest.mark.parametrize("is_first", [True, False], ids=["first", "last"])
def test_forms_of_the_section(folder, events, before, after, is_first):
    version, rest = "# naïve 日本 🎈\nversion: 1\n", PIPELINES.removeprefix("# what the shop sends\nversion: 1\n")
    config = version + (before + ("" if before.endswith("\n") else "\n") + rest if is_first else rest + before)
    project = folder(config)
    text = project.written("--from", events)
    assert after in text
    assert [line for line in rest.splitlines() if line not in text.splitlines()] == []
    assert text.startswith(version) and text.endswith(rest) == is_first
    project("check")
    assert is_planned(project, events)


def test_what_is_not_lines_is_left(project, events):
    shop = project({"product": {"preset": "product", "source": {"files": ["*.json"]}}})  # JSON
    before = (shop.folder / "tarn.yaml").read_text()
    done = shop("plan", "--from", events, "--write", check=False)
    assert done.code == 64 and "change it by hand" in done.err
    assert (shop.folder / "tarn.yaml").read_text() == before
    assert sorted(path.name for path in shop.folder.iterdir()) == ["tarn.yaml"]


def test_a_dry_run_writes_nothing(folder, events):
    project = folder()
    done = project("plan", "--from", events, "--dry-run", "--quiet")
    assert done.out.startswith("tables:\n  overrides:\n    - match: ") and done.err == ""
    assert project.config.read_text() == PIPELINES and not (project.path / "tarn.yaml.bak").exists()
    assert project.written("--from", events) == PIPELINES + "\n" + done.out


def test_links_and_modes_stay(folder, events):
    project = folder()
    kept = project.path / "kept.yaml"
    project.config.rename(kept)
    kept.chmod(0o600)
    project.config.symlink_to("kept.yaml")
    project("plan", "--from", events, "--write", "--quiet")
    assert project.config.is_symlink() and "overrides" in kept.read_text()
    for path in (kept, project.path / "kept.yaml.bak"):
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_the_change_is_shown(folder, events):
    project = folder(PIPELINES + "tables:\n  max_delay: 7m\n  overrides:\n    - match: nothing\n      partition: day\n")
    said = project("plan", "--from", events, "--write").err
    shown = said[said.index("--- tarn.yaml"):].splitlines()
    assert shown[1:3] == ["    max_delay: 7m", "    overrides:"]
    assert all(line[:2] in ("+ ", "  ") for line in shown[1:-1])
    assert "+     - match: [" in said and shown[-1] == "tarn: wrote tarn.yaml; what it was is in tarn.yaml.bak"
