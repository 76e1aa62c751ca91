"""Tables of src/iceberg as others see them.

pyarrow writes the data files here; build/debug/unit_iceberg makes metadata, manifest lists
and manifests over them; PyIceberg, DuckDB and fastavro must find every row, snapshot, bound
and count, and prune by partition and by statistics. The other way round, manifests that
PyIceberg wrote are read by unit_iceberg. Reference: the Iceberg table format, version 2.
"""
import datetime
import json
import math
import os
import pathlib
import struct
import subprocess

import duckdb
import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from duckdb_extensions import import_extension
from pyiceberg.expressions import And, GreaterThan, GreaterThanOrEqual, LessThan
from pyiceberg.expressions.visitors import inclusive_projection, manifest_evaluator
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import (DataFile, DataFileContent, FileFormat, ManifestEntry, ManifestEntryStatus,
                                read_manifest_list, write_manifest, write_manifest_list)
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import StaticTable
from pyiceberg.transforms import HourTransform
from pyiceberg.typedef import Record
from pyiceberg.types import DoubleType, NestedField, StringType, TimestamptzType

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
TABLES = ["by_hour", "by_day", "by_month", "whole"]
FIRST_SNAPSHOT = 2**63 - 1 - 1000 + 1  # does not fit a double


def field(number, name, kind, nullable=True):
    return pa.field(name, kind, nullable, metadata={"PARQUET:field_id": str(number)})


SCHEMA = pa.schema([
    field(1, "event_id", pa.string(), False),
    field(2, "event_time", pa.timestamp("us", "UTC"), False),
    field(3, "amount", pa.float64()),
    field(4, "payload", pa.struct([
        field(5, "flag", pa.bool_()),
        field(6, "commits", pa.list_(field(7, "element", pa.struct([field(8, "sha", pa.string())]), False)))])),
    field(9, "day", pa.date32()),
])
LATER = SCHEMA.append(field(10, "later", pa.int64()))

# Hours of the two snapshots' files. Some are before 1970, where division must round down.
BATCHES = [["2015-01-01T15", "2015-01-01T16", "1969-12-31T23"], ["2015-01-01T15", "2015-03-02T00", "1960-02-29T01"]]


def micros(time):
    return (time - EPOCH) // datetime.timedelta(microseconds=1)


def rows_of(hour, batch):
    start = datetime.datetime.fromisoformat(hour + ":00:00+00:00")
    for i in range(20):
        yield {
            "event_id": f"{hour}/{batch}/{i:02}" + ("-a-longer-id" if i % 2 else ""),
            "event_time": start + datetime.timedelta(minutes=2 * i, microseconds=i),
            "amount": None if i % 5 == 1 else math.nan if i % 7 == 3 else start.year + i / 8,
            "payload": None if i % 4 == 3 else {
                "flag": None if i % 3 == 0 else i % 3 == 1,
                "commits": None if i % 6 == 5 else [{"sha": f"{i}-{k}" if k else None} for k in range(i % 4)]},
            "day": None if batch else start.date(),
            **({"later": 1000 + i} if batch else {}),
        }


# --- statistics of a file, from its rows and its footer --------------------------

def truncated(text, is_upper):
    if len(text) <= 16 or not is_upper:
        return text[:16].encode()
    return (text[:15] + chr(ord(text[15]) + 1)).encode()


def bounds(values, kind):
    """Iceberg's bytes of the least and the greatest value, in hexadecimal."""
    values = [v for v in values if v is not None and not (isinstance(v, float) and math.isnan(v))]
    if not values:
        return {}
    low, high = min(values), max(values)
    one = {
        "text": lambda v, upper: truncated(v, upper),
        "time": lambda v, upper: struct.pack("<q", micros(v)),
        "double": lambda v, upper: struct.pack("<d", v),
        "bool": lambda v, upper: bytes([v]),
        "date": lambda v, upper: struct.pack("<i", (v - EPOCH.date()).days),
        "long": lambda v, upper: struct.pack("<q", v),
    }[kind]
    return {"lower": one(low, False).hex(), "upper": one(high, True).hex()}


def leaf_of(number, kind, values, chunks):
    nans = sum(isinstance(v, float) and math.isnan(v) for v in values)
    return {"id": number, "bytes": sum(c.total_compressed_size for c in chunks), "values": len(values),
            "nulls": sum(v is None for v in values), "nans": nans if kind == "double" else -1,
            **bounds(values, kind)}


def describe(path, rows, has_later, partition):
    footer = pq.ParquetFile(path).metadata
    groups = [footer.row_group(g) for g in range(footer.num_row_groups)]
    chunks = {}
    for group in groups:
        for c in range(group.num_columns):
            chunks.setdefault(group.column(c).path_in_schema, []).append(group.column(c))
    columns = [(1, "event_id", "text"), (2, "event_time", "time"), (3, "amount", "double"), (9, "day", "date")]
    columns += [(10, "later", "long")] if has_later else []
    leaves = [leaf_of(number, kind, [row[name] for row in rows], chunks[name]) for number, name, kind in columns]
    flags = [row["payload"] and row["payload"]["flag"] for row in rows]
    leaves.append(leaf_of(5, "bool", flags, chunks["payload.flag"]))
    sha = chunks["payload.commits.list.element.sha"]
    leaves.append({"id": 8, "bytes": sum(c.total_compressed_size for c in sha), "nans": -1,
                   "values": sum(c.num_values for c in sha), "nulls": 0})
    return {"path": str(path), "partition": partition, "rows": len(rows), "bytes": path.stat().st_size,
            "leaves": leaves, "splits": [first_page(group) for group in groups]}


def first_page(group):
    chunk = group.column(0)
    return chunk.dictionary_page_offset or chunk.data_page_offset


PARTITION = {
    "by_hour": lambda t: micros(t) // 3_600_000_000,
    "by_day": lambda t: micros(t) // 86_400_000_000,
    "by_month": lambda t: (t.year - 1970) * 12 + t.month - 1,
    "whole": lambda t: None,
}


def write_data(folder, name):
    """The table's data files and files.json; gives the rows of each file, by snapshot."""
    location = folder / name
    (location / "data").mkdir(parents=True)
    (location / "metadata").mkdir()
    plan, contents = [], []
    for batch, hours in enumerate(BATCHES):
        plan.append([])
        for hour in hours:
            rows = list(rows_of(hour, batch))
            path = location / "data" / f"{hour}-{batch}.parquet"
            pq.write_table(pa.Table.from_pylist(rows, LATER if batch else SCHEMA), path, row_group_size=12)
            plan[-1].append(describe(path, rows, batch > 0, PARTITION[name](rows[0]["event_time"])))
        contents.append([row for hour in hours for row in rows_of(hour, batch)])
    (location / "files.json").write_text(json.dumps(plan))
    return plan, contents


@pytest.fixture(scope="session")
def lake(tmp_path_factory):
    """The folder, and by table what was planned and what its rows are."""
    subprocess.run(["make", "-s", "MODE=debug", "build/debug/unit_iceberg"], cwd=ROOT, check=True)
    folder = tmp_path_factory.mktemp("iceberg")
    tables = {name: write_data(folder, name) for name in TABLES}
    (folder / "empty" / "metadata").mkdir(parents=True)
    (folder / "empty" / "files.json").write_text("[]")
    write_others(folder)
    subprocess.run([ROOT / "build/debug/unit_iceberg", "outside"], check=True,
                   env={**os.environ, "TARN_ICEBERG_OUT": str(folder)})
    return folder, tables


def same(rows):
    """Comparable: sorted, NaN by name, a column that a file lacks as null."""
    return sorted(repr({"later": None, **row}) for row in map(in_order, rows))


def in_order(row):
    names = ["event_id", "event_time", "amount", "payload", "day", "later"]
    row = {name: row.get(name) for name in names}
    row["event_time"] = micros(row["event_time"])
    return row


def lists_filled(rows):
    """PyIceberg gives a null list within a struct as an empty one."""
    for row in rows:
        payload = row["payload"]
        yield {**row, "payload": payload and {**payload, "commits": payload["commits"] or []}}


def all_rows(tables, name):
    return [row for batch in tables[name][1] for row in batch]


# --- PyIceberg --------------------------------------------------------------------

@pytest.mark.parametrize("name", TABLES)
def test_pyiceberg_finds_rows_snapshots_and_totals(lake, name):
    folder, tables = lake
    table = StaticTable.from_metadata(str(folder / name))  # by the version hint
    assert table.metadata.location == str(folder / name)
    assert same(table.scan().to_arrow().to_pylist()) == same(lists_filled(all_rows(tables, name)))
    first, second = table.metadata.snapshots
    assert (first.snapshot_id, second.parent_snapshot_id) == (FIRST_SNAPSHOT, FIRST_SNAPSHOT)
    assert second.summary.additional_properties["total-records"] == "120"
    assert second.summary.additional_properties["total-data-files"] == "6"
    assert int(second.summary.additional_properties["total-files-size"]) == sum(
        f["bytes"] for batch in tables[name][0] for f in batch)
    assert [s.sequence_number for s in table.metadata.snapshots] == [1, 2]
    old = table.scan(snapshot_id=FIRST_SNAPSHOT).to_arrow()
    assert "later" not in old.column_names
    assert same(old.to_pylist()) == same(lists_filled(tables[name][1][0]))


@pytest.mark.parametrize("name", TABLES)
def test_pyiceberg_prunes_by_time(lake, name):
    folder, tables = lake
    table = StaticTable.from_metadata(str(folder / name))
    scan = table.scan(And(GreaterThanOrEqual("event_time", "2015-01-01T15:00:00+00:00"),
                          LessThan("event_time", "2015-01-01T16:00:00+00:00")))
    assert len(list(scan.plan_files())) == 2  # where the partition is coarser, by the bounds of event_time
    assert same(scan.to_arrow().to_pylist()) == same(lists_filled(
        row for row in all_rows(tables, name) if row["event_id"].startswith("2015-01-01T15")))
    parts = {f["partition"] for batch in tables[name][0] for f in batch}
    assert len(parts) == {"by_hour": 5, "by_day": 4, "by_month": 4, "whole": 1}[name]


def test_pyiceberg_prunes_manifests_by_partition_bounds(lake):
    folder, _ = lake
    table = StaticTable.from_metadata(str(folder / "by_hour"))
    late = GreaterThan("event_time", "2015-02-01T00:00:00+00:00")
    by_hour = inclusive_projection(table.schema(), table.spec())(late)
    may_match = manifest_evaluator(table.spec(), table.schema(), by_hour)
    assert [may_match(m) for m in table.current_snapshot().manifests(table.io)] == [False, True]


def test_pyiceberg_prunes_by_statistics(lake):
    folder, _ = lake
    table = StaticTable.from_metadata(str(folder / "by_hour"))
    assert len(list(table.scan(GreaterThan("amount", 2010)).plan_files())) == 4
    assert len(list(table.scan(LessThan("event_id", "1965")).plan_files())) == 1


@pytest.mark.parametrize("name", TABLES)
def test_pyiceberg_sees_every_statistic(lake, name):
    folder, tables = lake
    table = StaticTable.from_metadata(str(folder / name))
    planned = {f["path"]: f for batch in tables[name][0] for f in batch}
    seen = 0
    for manifest in table.current_snapshot().manifests(table.io):
        for entry in manifest.fetch_manifest_entry(table.io):
            check_data_file(entry.data_file, planned[entry.data_file.file_path])
            assert entry.status == ManifestEntryStatus.ADDED
            assert entry.snapshot_id == manifest.added_snapshot_id
            assert entry.sequence_number == manifest.sequence_number
            seen += 1
    assert seen == 6


def check_data_file(got, want):
    outside = [leaf for leaf in want["leaves"] if leaf["id"] != 8]
    assert got.record_count == want["rows"]
    assert got.file_size_in_bytes == want["bytes"]
    assert got.split_offsets == want["splits"]
    assert got.sort_order_id == 1
    assert list(got.partition._data) == ([] if want["partition"] is None else [want["partition"]])
    assert got.column_sizes == {leaf["id"]: leaf["bytes"] for leaf in want["leaves"]}
    assert got.value_counts == {leaf["id"]: leaf["values"] for leaf in outside}
    assert got.null_value_counts == {leaf["id"]: leaf["nulls"] for leaf in outside}
    assert got.nan_value_counts == {3: next(leaf["nans"] for leaf in outside if leaf["id"] == 3)}
    assert {k: v.hex() for k, v in got.lower_bounds.items()} == {
        leaf["id"]: leaf["lower"] for leaf in outside if "lower" in leaf}
    assert {k: v.hex() for k, v in got.upper_bounds.items()} == {
        leaf["id"]: leaf["upper"] for leaf in outside if "upper" in leaf}


def test_pyiceberg_reads_a_table_without_snapshots(lake):
    folder, _ = lake
    table = StaticTable.from_metadata(str(folder / "empty"))
    assert table.current_snapshot() is None
    assert table.scan().to_arrow().num_rows == 0
    assert [f.name for f in table.schema().fields] == SCHEMA.names
    assert table.spec().fields[0].name == "event_time_hour"
    assert table.sort_order().order_id == 1


# --- DuckDB -----------------------------------------------------------------------

@pytest.fixture(scope="session")
def duck():
    for extension in ("avro", "iceberg"):
        import_extension(extension)
    con = duckdb.connect()
    con.execute("LOAD avro; LOAD iceberg; SET TimeZone = 'UTC'")
    return con


@pytest.mark.parametrize("name", TABLES)
def test_duckdb_finds_rows_by_the_version_hint(lake, duck, name):
    folder, tables = lake
    rows = duck.execute(f"FROM iceberg_scan('{folder / name}')").to_arrow_table().to_pylist()
    assert same(rows) == same(all_rows(tables, name))
    by_file = duck.execute(f"FROM iceberg_scan('{folder / name}/metadata/v2.metadata.json')").to_arrow_table()
    assert same(by_file.to_pylist()) == same(tables[name][1][0])


@pytest.mark.parametrize("name", TABLES)
def test_duckdb_filters_and_travels(lake, duck, name):
    folder, tables = lake
    count = duck.execute(f"""SELECT count(*) FROM iceberg_scan('{folder / name}')
                             WHERE event_time >= TIMESTAMPTZ '2015-01-01 15:00:00+00'
                               AND event_time < TIMESTAMPTZ '2015-01-01 16:00:00+00'""").fetchone()[0]
    assert count == 40
    early = duck.execute(f"SELECT count(*) FROM iceberg_scan('{folder / name}') WHERE event_time < '1965-01-01'")
    assert early.fetchone()[0] == 20
    old = duck.execute(f"SELECT count(*) FROM iceberg_scan('{folder / name}', snapshot_from_id = {FIRST_SNAPSHOT})")
    assert old.fetchone()[0] == 60
    snapshots = duck.execute(f"SELECT sequence_number, snapshot_id FROM iceberg_snapshots('{folder / name}') ORDER BY 1")
    assert snapshots.fetchall() == [(1, FIRST_SNAPSHOT), (2, FIRST_SNAPSHOT + 1)]
    files = duck.execute(f"""SELECT manifest_sequence_number, status, file_path, record_count
                             FROM iceberg_metadata('{folder / name}') ORDER BY 1, 3""").fetchall()
    assert files == sorted((b + 1, "ADDED", f["path"], f["rows"])
                           for b, batch in enumerate(tables[name][0]) for f in batch)


def test_duckdb_opens_only_files_of_the_hour(lake, duck):
    """The files of other hours are taken away: who prunes does not miss them."""
    folder, tables = lake
    hidden = [pathlib.Path(f["path"]) for batch in tables["by_hour"][0] for f in batch if "2015-01-01T15" not in f["path"]]
    for path in hidden:
        path.rename(path.with_suffix(".hidden"))
    try:
        count = duck.execute(f"""SELECT count(event_id) FROM iceberg_scan('{folder}/by_hour')
                                 WHERE event_time >= TIMESTAMPTZ '2015-01-01 15:00:00+00'
                                   AND event_time < TIMESTAMPTZ '2015-01-01 16:00:00+00'""").fetchone()[0]
    finally:
        for path in hidden:
            path.with_suffix(".hidden").rename(path)
    assert count == 40


def test_duckdb_reads_a_table_without_snapshots(lake, duck):
    folder, _ = lake
    assert duck.execute(f"SELECT count(*) FROM iceberg_scan('{folder}/empty')").fetchone()[0] == 0


# --- fastavro ---------------------------------------------------------------------

def every_field(schema):
    if isinstance(schema, list):
        for branch in schema:
            yield from every_field(branch)
    elif isinstance(schema, dict):
        if schema.get("type") == "array":
            assert "element-id" in schema or schema.get("logicalType") == "map"
            yield from every_field(schema["items"])
        for inner in schema.get("fields", []):
            yield inner
            yield from every_field(inner["type"])


@pytest.mark.parametrize("name", TABLES)
def test_fastavro_reads_manifests_with_ids_everywhere(lake, name):
    folder, tables = lake
    for number, batch in enumerate(tables[name][0]):
        with open(folder / name / "metadata" / f"m{number + 1}.avro", "rb") as file:
            reader = fastavro.reader(file)
            entries = list(reader)
            header = reader.metadata
        assert all("field-id" in inner for inner in every_field(reader.writer_schema))
        assert {"schema", "schema-id", "partition-spec", "partition-spec-id", "format-version", "content"} <= set(header)
        assert header["schema-id"] == str(number)
        assert json.loads(header["schema"])["schema-id"] == number
        assert (header["format-version"], header["content"], header["avro.codec"]) == ("2", "data", "deflate")
        assert [e["data_file"]["file_path"] for e in entries] == [f["path"] for f in batch]
        assert all((e["status"], e["snapshot_id"], e["sequence_number"], e["file_sequence_number"])
                   == (1, None, None, None) for e in entries)


def test_fastavro_reads_lists(lake):
    folder, tables = lake
    hours = [[f["partition"] for f in batch] for batch in tables["by_hour"][0]]
    with open(folder / "by_hour" / "metadata" / "snap-2.avro", "rb") as file:
        reader = fastavro.reader(file)
        manifests = list(reader)
    assert reader.metadata["snapshot-id"] == str(FIRST_SNAPSHOT + 1)
    assert reader.metadata["parent-snapshot-id"] == str(FIRST_SNAPSHOT)
    assert reader.metadata["sequence-number"] == "2"
    assert all("field-id" in inner for inner in every_field(reader.writer_schema))
    for number, manifest in enumerate(manifests):
        assert manifest["manifest_length"] == os.path.getsize(manifest["manifest_path"])
        assert (manifest["added_files_count"], manifest["added_rows_count"]) == (3, 60)
        assert manifest["partitions"] == [{"contains_null": False, "contains_nan": False,
                                           "lower_bound": struct.pack("<i", min(hours[number])),
                                           "upper_bound": struct.pack("<i", max(hours[number]))}]
    with open(folder / "whole" / "metadata" / "snap-1.avro", "rb") as file:
        manifests = list(fastavro.reader(file))
    assert [m["partitions"] for m in manifests] == [[]]


# --- manifests that PyIceberg wrote ------------------------------------------------

OTHERS = Schema(NestedField(1, "event_id", StringType(), required=True),
                NestedField(2, "event_time", TimestamptzType(), required=False),
                NestedField(3, "amount", DoubleType(), required=False))


def others_file(number, partition):
    return DataFile.from_args(
        content=DataFileContent.DATA, file_path=f"s3://b/t/data/{number}.parquet", file_format=FileFormat.PARQUET,
        partition=Record(partition), record_count=100 + number, file_size_in_bytes=9000 + number,
        column_sizes={1: 10, 2: 20, 3: 30}, value_counts={3: 100, 1: 101, 2: 102}, null_value_counts={1: 0, 3: 5},
        nan_value_counts={3: 4}, lower_bounds={1: b"", 3: struct.pack("<d", -1.5)}, upper_bounds={1: b"zz"},
        split_offsets=[4, 5000], sort_order_id=0, key_metadata=None, equality_ids=None, spec_id=0)


def write_others(folder):
    """A list of a plain and a packed manifest: added files, and old ones with numbers of their own."""
    spec = PartitionSpec(PartitionField(2, 1000, HourTransform(), "event_time_hour"), spec_id=0)
    (folder / "others").mkdir()
    io = PyArrowFileIO()
    manifests = []
    for number, codec in enumerate(["null", "deflate"]):
        output = io.new_output(str(folder / "others" / f"m{number}.avro"))
        with write_manifest(2, spec, OTHERS, output, 2**62, codec) as writer:
            for hour in range(3):
                writer.add(ManifestEntry.from_args(status=ManifestEntryStatus.ADDED, snapshot_id=2**62,
                                                   sequence_number=None, file_sequence_number=None,
                                                   data_file=others_file(10 * number + hour, -5 + hour)))
            for verb, place in ((writer.existing, 3), (writer.delete, 4)):
                verb(ManifestEntry.from_args(status=ManifestEntryStatus.EXISTING, snapshot_id=17, sequence_number=5,
                                             file_sequence_number=6, data_file=others_file(10 * number + place, None)))
        manifests.append(writer.to_manifest_file())
    output = io.new_output(str(folder / "others" / "list.avro"))
    with write_manifest_list(2, output, 2**62, None, 9, "deflate") as writer:
        writer.add_manifests(manifests)


def test_manifests_of_pyiceberg_are_read(lake):
    folder, _ = lake
    report = json.loads((folder / "others" / "report.json").read_text())
    assert len(report) == 2
    for number, manifest in enumerate(report):
        assert (manifest["sequence"], manifest["min_sequence"], manifest["snapshot"]) == (9, 5, 2**62)
        assert (manifest["added"], manifest["rows"]) == (3, 303 + 30 * number)
        assert (manifest["has_null"], manifest["lower"], manifest["upper"]) == (1, -5, -3)
        files = manifest["files"]
        assert [f["status"] for f in files] == [1, 1, 1, 0, 2]
        assert [(f["snapshot_id"], f["sequence"], f["file_sequence"]) for f in files] == (
            3 * [(2**62, 9, 9)] + [(17, 5, 6), (2**62, 5, 6)])
        assert [f.get("partition") for f in files] == [-5, -4, -3, None, None]
        assert files[0]["path"] == f"s3://b/t/data/{10 * number}.parquet"
        assert (files[0]["rows"], files[0]["bytes"], files[0]["splits"]) == (100 + 10 * number, 9000 + 10 * number, [4, 5000])
        assert files[0]["leaves"] == [
            {"id": 1, "bytes": 10, "values": 101, "nulls": 0, "nans": -1, "lower": "", "upper": "7a7a"},
            {"id": 2, "bytes": 20, "values": 102, "nulls": -1, "nans": -1},
            {"id": 3, "bytes": 30, "values": 100, "nulls": 5, "nans": 4, "lower": struct.pack("<d", -1.5).hex()}]


def test_a_list_of_pyiceberg_is_copied_unchanged(lake):
    folder, _ = lake
    with open(folder / "others" / "list.avro", "rb") as ours, open(folder / "others" / "copy.avro", "rb") as copy:
        assert list(fastavro.reader(ours)) == list(fastavro.reader(copy))
    copied = list(read_manifest_list(PyArrowFileIO().new_input(str(folder / "others" / "copy.avro"))))
    assert [m.added_files_count for m in copied] == [3, 3]
