"""What the streams held, by their own ledgers, against what the lake holds, by readers that are not ours."""
import collections
import json
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "py"))

from lib.lake import Lake  # noqa: E402

# The three kinds, and layouts to choose from: a table a name, a table a group of names, or one table for all.
KINDS = {
    "product": {"files": "product*.json", "tables": ["{event_name}", "{event_type}", "all_product"]},
    "eventsim": {"files": "*_events*.json", "tables": ["{event_name}", "{event_name}", "all_eventsim"]},
    "domain": {"files": "domain*.json", "tables": ["{event_name}", "all_domain", "all_domain"]},
}
FOR_EVER = 100_000_000


class Stream:
    def __init__(self, tarn, folder, kind, rng, rate):
        self.kind, self.folder = kind, folder / f"events-{kind}"
        self.table = rng.choice(KINDS[kind]["tables"])
        shares = ["--duplicates", "0.05", "--late", "0.02", "--malformed", "0.02", "--drift", "0.01"]
        if kind != "eventsim":
            shares += ["--restamped", "0.03"]
        self.words = [tarn, "simulate", kind, "--events", str(FOR_EVER), "--seed", str(rng.randrange(1 << 31)),
                      "--rate", f"{rate}/s", "--quiet", "--out", str(self.folder), *shares]
        self.process = None

    def pipeline(self):
        out = {"preset": self.kind, "source": {"files": [f"events-{self.kind}/{KINDS[self.kind]['files']}"]},
               "table": self.table}
        if self.table != "{event_name}":
            out["limits"] = {"columns": 20000}
        if self.kind == "eventsim":
            out["envelope"] = {"name": {"path": "([a-z_]+)_events"}}
        return out

    def table_of(self, name):
        """Where rows are that the ledger counts under this table of the preset."""
        return self.table.format(event_name=name, event_type=name.split("_")[0])

    def ledger(self):
        return json.loads((self.folder / "ledger.json").read_text())


class Streams:
    def __init__(self, tarn, folder, rng, rate):
        kinds = rng.sample(sorted(KINDS), rng.choice([1, 1, 2, 3]))
        self.all = [Stream(tarn, folder, kind, rng, rate // len(kinds)) for kind in kinds]
        self.pipelines = {stream.kind: stream.pipeline() for stream in self.all}
        self.labels = [f"{stream.kind} to {stream.table}" for stream in self.all]
        self.records = 0

    def start(self):
        for stream in self.all:
            stream.process = subprocess.Popen(stream.words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for stream in self.all:  # tarn run wants a file to follow
            while not any(stream.folder.glob(KINDS[stream.kind]["files"])) and stream.process.poll() is None:
                pass

    def stop(self, round_):
        """The streams end well, which is when their ledgers are written."""
        for stream in self.all:
            stream.process.send_signal(signal.SIGTERM)
        for stream in self.all:
            if stream.process.wait(60) != 0:
                round_.problem(f"simulate {stream.kind} ended with {stream.process.returncode}")
        self.records = sum(stream.ledger()["records"] for stream in self.all)

    def kill(self):
        for stream in self.all:
            if stream.process is not None and stream.process.poll() is None:
                stream.process.kill()
                stream.process.wait()

    def expected(self):
        """Rows by table, and quarantined records by reason."""
        tables, reasons = collections.Counter(), collections.Counter()
        for stream in self.all:
            ledger = stream.ledger()
            reasons.update({reason: count for reason, count in ledger["reasons"].items() if count})
            for name, table in ledger["tables"].items():
                tables[stream.table_of(name)] += table["rows"]
        tables = collections.Counter({name: rows for name, rows in tables.items() if rows})
        return tables, reasons


class Difference:
    def __init__(self):
        self.lost = self.doubled = 0

    def add(self, round_, what, want, got, distinct=None):
        distinct = got if distinct is None else distinct
        if (got, distinct) == (want, want):
            return
        self.lost += max(0, want - distinct)
        self.doubled += got - distinct + max(0, distinct - want)
        round_.problem(f"{what}: {want} expected, {got} there, {distinct} of them different")


def duckdb_reader():
    import duckdb
    from duckdb_extensions import import_extension
    con = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    for name in ("avro", "iceberg"):
        import_extension(name, con=con)
        con.execute(f"LOAD {name}")
    return con


def entries(lake, newest=None):
    """(name, entry) of the journal in its order, or of its newest few; the second line of an entry is its hash."""
    paths = sorted(path for path in (lake / "_tarn/journal/0").glob("[0-9]*") if path.name.isdigit())
    for path in paths[-newest:] if newest else paths:
        yield path.name, json.loads(path.read_text().splitlines()[0])


def newest_epoch(lake):
    return max((entry["epoch"] for _, entry in entries(lake, newest=3)), default=0)


def check_epochs(round_):
    """A commit stands under the newest fence before it: nobody writes once another took over."""
    epoch = 0
    for name, entry in entries(round_.lake):
        if entry["kind"] == "fence":
            if entry["epoch"] <= epoch:
                round_.problem(f"entry {name}: fence {entry['epoch']} after {epoch}")
            epoch = entry["epoch"]
        elif entry["epoch"] != epoch:
            round_.problem(f"entry {name}: written under fence {entry['epoch']} while {epoch} is in force")


def compare(round_):
    difference = Difference()
    lake, duck = Lake(round_.lake), duckdb_reader()
    tables, reasons = round_.streams.expected()
    there = lake.tables()
    for name in sorted(set(tables) | set(there)):
        got = distinct = 0
        if name in there:
            got, distinct = duck.execute(
                f"select count(*), count(distinct event_id) from iceberg_scan('{there[name].path}')").fetchone()
            snapshot = there[name].static.current_snapshot()
            total = int(snapshot.summary["total-records"]) if snapshot else 0
            if total != got:
                round_.problem(f"table {name}: DuckDB counts {got} rows, PyIceberg's snapshot says {total}")
        difference.add(round_, f"table {name}", tables[name], got, distinct)
    refused = {}
    if "quarantine" in lake.tables("tarn"):
        path = lake.table("quarantine", "tarn").path
        refused = dict(duck.execute(f"select reason, count(*) from iceberg_scan('{path}') group by 1").fetchall())
    for reason in sorted(set(reasons) | set(refused)):
        difference.add(round_, f"quarantine, {reason}", reasons[reason], refused.get(reason, 0))
    check_epochs(round_)
    return difference
