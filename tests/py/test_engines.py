"""Engines that are not ours read every table: by field id, pruning by time, with the bounds and indexes they trust."""
import datetime
import json
import os
import uuid

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyiceberg.conversions import from_bytes
from pyiceberg.table import StaticTable
from pyiceberg.types import PrimitiveType, StringType, StructType

HOUR = datetime.timedelta(hours=1)
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def times(table):
    """Of every row, from the files alone."""
    return [t for _, file in table.files() for t in file.read(["event_time"])["event_time"].to_pylist()]


def micros(time):
    return (time - EPOCH) // datetime.timedelta(microseconds=1)


# --- reading -------------------------------------------------------------------


def test_pyiceberg_reads_by_field_id(real, tmp_path):
    """With every column called otherwise in the metadata, the same values come: names in the files do not matter."""
    for table in real.tables.values():
        text = table.metadata_path.read_text()
        metadata = json.loads(text)
        for schema in metadata["schemas"]:
            for field in schema["fields"]:
                field["name"] = f"renamed_{field['id']}"
        for spec in metadata["partition-specs"]:
            for part in spec["fields"]:
                part["name"] = f"part_{part['source-id']}"
        path = tmp_path / f"{table.name}.metadata.json"
        path.write_text(json.dumps(metadata))
        renamed = StaticTable.from_metadata(str(path)).scan(selected_fields=("renamed_1", "renamed_3")).to_arrow()
        known = table.static.scan(selected_fields=("event_id", "event_time")).to_arrow()
        assert renamed.rename_columns(known.column_names).sort_by("event_id") == known.sort_by("event_id")


def test_a_filter_on_time_reads_fewer_files_and_the_right_rows(real):
    for table in real.tables.values():
        all_times = times(table)
        first = min(all_times).replace(minute=0, second=0, microsecond=0)
        in_hour = sum(first <= t < first + HOUR for t in all_times)
        some = table.static.scan(row_filter=f"event_time < '{(first + HOUR).isoformat()}'")
        none = table.static.scan(row_filter=f"event_time < '{first.isoformat()}'")
        assert len(some.to_arrow()) == in_hour > 0
        assert len(list(none.plan_files())) == 0
        assert len(list(some.plan_files())) < len(table.paths) or in_hour == len(all_times) or len(table.paths) == 1


def test_duckdb_sees_the_same_rows(real, duck):
    for table in real.tables.values():
        count, ids, first, last = duck.execute(
            "SELECT count(*), count(DISTINCT event_id), epoch_us(min(event_time)), epoch_us(max(event_time)) FROM iceberg_scan(?)",
            [str(table.path)]).fetchone()
        all_times = times(table)
        assert (count, ids) == (len(all_times), len(all_times))
        assert (first, last) == (micros(min(all_times)), micros(max(all_times)))


# --- what metadata says of the files -------------------------------------------


def test_manifests_name_exactly_the_files_that_are_there(real):
    for table in real.tables.values():
        named = {entry.data_file.file_path: entry.data_file for entry in table.entries}
        found = {str(path): path.stat().st_size for path in table.path.glob("data/**/*.parquet")}
        assert {path: file.file_size_in_bytes for path, file in named.items()} == found
        for path, file in table.files():
            assert named[path].record_count == file.metadata.num_rows


def test_summaries_add_up(real):
    for table in real.tables.values():
        total = {"records": 0, "data-files": 0, "files-size": 0}
        for snapshot in table.static.metadata.snapshots:
            summary = snapshot.summary.additional_properties
            for what in total:
                total[what] += int(summary[f"added-{what}"])
                assert int(summary[f"total-{what}"]) == total[what]
        files = [entry.data_file for entry in table.entries]
        assert total == {"records": sum(file.record_count for file in files), "data-files": len(files),
                         "files-size": sum(file.file_size_in_bytes for file in files)}


def test_partitions_are_what_their_folders_and_rows_say(real):
    hours = 24 if real.real.pipeline.get("preset") == "eventsim" else 1
    name = "event_time_day" if hours == 24 else "event_time_hour"
    for table in real.tables.values():
        by_path = {entry.data_file.file_path: entry.data_file for entry in table.entries}
        for path, file in table.files():
            number, = by_path[path].partition
            start = EPOCH + number * hours * HOUR
            folder = start.strftime("%Y-%m-%d" if hours == 24 else "%Y-%m-%d-%H")
            assert os.path.dirname(path).endswith(f"/data/{name}={folder}")
            column = file.read(["event_time"])["event_time"].to_pylist()
            assert start <= min(column) and max(column) < start + hours * HOUR


def leaves(fields, names=()):
    """(names, field) of each leaf that stands in no list."""
    for field in fields:
        if isinstance(field.field_type, StructType):
            yield from leaves(field.field_type.fields, (*names, field.name))
        elif isinstance(field.field_type, PrimitiveType):
            yield (*names, field.name), field


def values_at(file, names):
    column = file.read([".".join(names)])[names[0]].combine_chunks()
    for name in names[1:]:
        column = pc.struct_field(column, name)  # null where what it stands in is null
    return column


def bound(file, side, field):
    data = getattr(file, f"{side}_bounds").get(field.field_id)
    return None if data is None else from_bytes(field.field_type, data)


def in_order(value):
    """As Iceberg's bounds and the column's values compare."""
    return value.encode() if isinstance(value, str) else micros(value) if isinstance(value, datetime.datetime) else value


def check_bounds(file, entry, names, field):
    column = values_at(file, names)
    values = [in_order(value) for value in column.drop_null().to_pylist()]
    assert entry.value_counts[field.field_id] == len(column)
    assert entry.null_value_counts[field.field_id] == column.null_count
    low, high = bound(entry, "lower", field), bound(entry, "upper", field)
    if not values:
        assert low is None and high is None
        return
    assert in_order(low) <= min(values)
    assert high is None or max(values) <= in_order(high)
    if not isinstance(field.field_type, StringType):
        assert (low, high) == (min(values), max(values))


def test_bounds_and_counts_contain_the_data(real):
    for table in real.tables.values():
        by_path = {entry.data_file.file_path: entry.data_file for entry in table.entries}
        for path, file in table.files(every=7):
            present = set(file.schema_arrow.names)
            for names, field in leaves(table.static.schema().fields):
                if names[0] in present and has_path(file.schema_arrow, names):
                    check_bounds(file, by_path[path], names, field)


def has_path(schema, names):
    kind = schema.field(names[0]).type
    for name in names[1:]:
        if kind.get_field_index(name) < 0:
            return False
        kind = kind.field(name).type
    return True


# --- the files themselves ------------------------------------------------------


def test_rows_are_sorted_by_time_within_a_file(real):
    for table in real.tables.values():
        for _, file in table.files():
            column = file.read(["event_time"])["event_time"].to_pylist()
            assert column == sorted(column)
            for group in range(file.num_row_groups):
                sorting, = file.metadata.row_group(group).sorting_columns
                assert file.schema.column(sorting.column_index).name == "event_time"
                assert not sorting.descending


def test_each_chunk_has_page_indexes_and_is_zstd_where_that_helps(real):
    for table in real.tables.values():
        for path, file in table.files(every=5):
            for group in range(file.num_row_groups):
                for chunk in map(file.metadata.row_group(group).column, range(file.metadata.num_columns)):
                    assert chunk.has_offset_index and chunk.has_column_index
                    assert chunk.compression == "ZSTD" or is_dense(path, chunk)


def is_dense(path, chunk):
    """Stored plain, and rightly: a few bytes, or bytes that zstd makes hardly fewer."""
    with open(path, "rb") as file:
        file.seek(chunk.data_page_offset)
        data = file.read(chunk.total_compressed_size)
    return chunk.compression == "UNCOMPRESSED" and (
        len(data) < 1000 or len(pa.compress(data, codec="zstd", asbytes=True)) > 0.9 * len(data))


def test_the_bloom_filter_on_event_id_knows_what_is_in_the_file(real, duck):
    for table in real.tables.values():
        path = table.paths[0]
        ids = pq.ParquetFile(path).read(["event_id"])["event_id"].to_pylist()
        for id in ids[:3]:
            assert not all(excludes(duck, path, id)), "the filter denies an id that is there"
        strangers = [f"stranger-{i}" for i in range(40)]
        assert sum(all(excludes(duck, path, id)) for id in strangers) > 30


def excludes(duck, path, id):
    """Of each row group: does its filter say that the id is not there?"""
    return [row[0] for row in duck.execute(
        "SELECT bloom_filter_excludes FROM parquet_bloom_probe(?, 'event_id', ?)", [path, id]).fetchall()]


# --- schemas in time -----------------------------------------------------------

GROWING = {"g": {"source": {"files": ["*.ndjson"]}, "table": "grown",
                 "envelope": {"id": "id", "name": {"const": "grown"}, "time": "at"}}}


def all_ids(schema):
    """Field id -> (full name, type of a leaf), nested ones too."""
    found = {}
    for number in schema.field_ids:
        field = schema.find_field(number)
        found[number] = (schema.find_column_name(number), str(field.field_type) if field.field_type.is_primitive else "")
    return found


def test_field_ids_stay_while_fields_are_added(project):
    grown = project(GROWING)
    first = {"id": "1", "at": "2025-01-01T00:00:00Z", "a": 1, "s": {"x": "one"}, "l": [{"p": 1}]}
    second = {"id": "2", "at": "2025-01-01T00:00:00Z", "new": True, "s": {"y": 2, "x": "two"}, "l": [{"q": [2], "p": 3}]}
    schemas = []
    for event in (first, second):
        (grown.folder / f"{event['id']}.ndjson").write_text(json.dumps(event))
        grown.ingest()
        table = grown.lake.table("grown")
        schemas.append(all_ids(table.static.schema()))
    assert schemas[0].items() <= schemas[1].items()
    assert {name for name, _ in schemas[1].values()} - {name for name, _ in schemas[0].values()} == \
           {"new", "s.y", "l.element.q", "l.element.q.element"}
    rows = {row["event_id"]: row for row in table.rows()}
    assert (rows["1"]["a"], rows["1"]["s"], rows["1"]["l"]) == (1, {"x": "one", "y": None}, [{"p": 1, "q": None}])
    assert (rows["2"]["a"], rows["2"]["s"], rows["2"]["l"]) == (None, {"x": "two", "y": 2}, [{"p": 3, "q": [2]}])
    assert rows["2"]["new"] is True


def test_ids_declared_so_are_uuids_to_every_reader(project, duck):
    envelope = {"id": {"field": "id", "type": "uuid"}, "name": {"const": "grown"}, "time": "at"}
    grown = project({"g": {**GROWING["g"], "envelope": envelope}})
    ids = [str(uuid.UUID(int=number)) for number in (0, 1, 2**127, 2**128 - 1)]
    events = [json.dumps({"id": id, "at": "2025-01-01T00:00:00Z"}) for id in ids]
    (grown.folder / "events.ndjson").write_text("\n".join(events))
    grown.ingest()
    table = grown.lake.table("grown")
    assert str(table.static.schema().find_field("event_id").field_type) == "uuid"
    assert sorted(map(as_uuid, table.ids())) == ids
    found = duck.execute("SELECT typeof(event_id), event_id::VARCHAR FROM iceberg_scan(?)", [str(table.path)]).fetchall()
    assert sorted(found) == [("UUID", id) for id in ids]


def as_uuid(value):
    return str(uuid.UUID(bytes=value) if isinstance(value, bytes) else value)
