"""Files of src/parquet as others see them.

build/debug/unit_parquet writes random tables with the text of their rows; pyarrow
and DuckDB must give back every value, and the statistics, page indexes, checksums
and bloom filters must be what the rows say. Reference: Parquet's format, Iceberg's
column metrics.
"""
import datetime
import json
import math
import os
import pathlib
import struct
import subprocess
import uuid
import zlib

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    subprocess.run(["make", "-s", "MODE=debug", "build/debug/unit_parquet"], cwd=ROOT, check=True)
    out = tmp_path_factory.mktemp("parquet")
    subprocess.run([ROOT / "build/debug/unit_parquet", "parquet_writes"], check=True,
                   env={**os.environ, "TARN_PARQUET_OUT": str(out)})
    return out


@pytest.fixture(scope="session")
def files(folder):
    found = []
    for path in sorted(folder.glob("*.parquet")):
        head, *rows = path.with_suffix(".json").read_text().splitlines()
        found.append(File(path, json.loads(head), [json.loads(row) for row in rows]))
    assert len(found) > 50
    return found


class File:
    def __init__(self, path, head, rows):
        self.path, self.head, self.rows = path, head, rows
        self.leaves = list(leaves(head["schema"]))


def leaves(field, path=(), in_list=False):
    """(path as names, field, whether in a list), in the order of the file."""
    if not field["fields"]:
        yield path, field, in_list
    for child in field["fields"]:
        yield from leaves(child, path + (child["name"],), in_list or field["type"] == "list")


# --- one value, as the text of the rows has it ---------------------------------

def plain(value, field):
    """What a reader returned, as JSON has it."""
    if value is None:
        return None
    kind = field["type"]
    if kind == "struct":
        return {f["name"]: plain(value[f["name"]], f) for f in field["fields"]}
    if kind == "list":
        return [plain(v, field["fields"][0]) for v in value]
    if kind == "timestamptz":
        return (value - EPOCH) // datetime.timedelta(microseconds=1)
    if kind == "date":
        return value if isinstance(value, int) else (value - datetime.date(1970, 1, 1)).days
    if kind == "binary":
        return bytes(value).hex()
    if kind == "uuid":
        return bytes(value).hex() if isinstance(value, bytes) else uuid.UUID(str(value)).hex
    if kind == "double":
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
    return value


def row_equal(got, want):
    """Equal, where 1 and True are not."""
    if isinstance(want, dict):
        return isinstance(got, dict) and got.keys() == want.keys() and all(row_equal(got[k], want[k]) for k in want)
    if isinstance(want, list):
        return isinstance(got, list) and len(got) == len(want) and all(map(row_equal, got, want))
    if isinstance(want, bool) or isinstance(got, bool):
        return got is want
    return got == want


def check_rows(file, got, reader):
    assert len(got) == len(file.rows), f"{reader}: {file.path}"
    for number, (row, want) in enumerate(zip(got, file.rows)):
        row = plain(row, file.head["schema"])
        assert row_equal(row, want), f"{reader}: {file.path}: row {number}:\n{row}\nis not\n{want}"


def test_pyarrow_reads_every_row(files):
    for file in files:
        table = pq.ParquetFile(file.path, page_checksum_verification=True).read()
        check_rows(file, table.to_pylist(), "pyarrow")


def test_duckdb_reads_every_row(files):
    db = duckdb.connect()
    db.execute("set timezone = 'UTC'")
    for file in files:
        table = db.execute(f"select * from read_parquet('{file.path}')").to_arrow_table()
        check_rows(file, table.to_pylist(), "duckdb")


def test_pyarrow_reads_single_columns_and_row_groups(files):
    for file in files[::5]:
        reader = pq.ParquetFile(file.path)
        assert reader.metadata.num_row_groups == file.head["groups"]
        at = 0
        for group in range(reader.metadata.num_row_groups):
            for field in file.head["schema"]["fields"]:
                column = reader.read_row_group(group, columns=[field["name"]]).to_pylist()
                want = file.rows[at:at + len(column)]
                for got, row in zip(column, want):
                    assert row_equal(plain(got[field["name"]], field), row[field["name"]])
            at += len(column)
        assert at == len(file.rows)


# --- schema --------------------------------------------------------------------

ARROW = {"boolean": pa.bool_(), "long": pa.int64(), "double": pa.float64(), "string": pa.string(), "binary": pa.binary(),
         "timestamptz": pa.timestamp("us", tz="UTC"), "int": pa.int32(), "date": pa.date32()}


def check_field(arrow, field):
    assert arrow.metadata[b"PARQUET:field_id"] == str(field["id"]).encode()
    assert arrow.nullable == (not field["required"])
    if field["type"] == "struct":
        check_fields(arrow.type, field["fields"])
    elif field["type"] == "list":
        assert arrow.type.value_field.name == "element"
        check_field(arrow.type.value_field, field["fields"][0])
    elif field["type"] == "uuid":
        assert arrow.type in (pa.uuid(), pa.binary(16))
    else:
        assert arrow.type == ARROW[field["type"]]


def check_fields(arrow, fields):
    for i, field in enumerate(fields):
        assert arrow.field(i).name == field["name"]
        check_field(arrow.field(i), field)


def test_schema_has_types_nullability_and_field_ids(files):
    for file in files:
        check_fields(pq.ParquetFile(file.path).schema_arrow, file.head["schema"]["fields"])


def test_key_value_and_created_by(files):
    meta = pq.ParquetFile(files[0].path).metadata
    assert meta.metadata[b"tarn.origin"] == b"lane-0/17"
    assert meta.created_by.startswith("tarn version ")


# --- what the file says of its columns -------------------------------------------

def values_at(value, path):
    """All values at a leaf, one for each entry; None where there is none."""
    if value is None or not path:
        return [value]
    if isinstance(value, list):
        return [v for item in value for v in values_at(item, path[1:])] or [None]
    return values_at(value[path[0]], path[1:])


def number(v):
    return float(v.replace("Infinity", "inf")) if isinstance(v, str) else v


def ordered(values, kind):
    """Values as things that order as Parquet says: text by bytes, NaN left out."""
    values = [v for v in values if v is not None]
    if kind == "string":
        return [v.encode() for v in values]
    if kind in ("binary", "uuid"):
        return [bytes.fromhex(v) for v in values]
    if kind == "double":
        return [v for v in map(number, values) if not math.isnan(v)]
    return values


def decoded(data, kind):
    """PLAIN bytes of one value without a length: also Iceberg's single values."""
    if kind in ("string", "binary", "uuid"):
        return data
    if kind == "boolean":
        assert data in (b"\0", b"\1")
        return data == b"\1"
    return struct.unpack({"int": "<i", "date": "<i", "double": "<d"}.get(kind, "<q"), data)[0]


def check_cut(low, high, values, kind, limit, unit):
    """Bounds hold the values; text is cut to `limit` and then as near as that allows."""
    least, most = min(values), max(values)
    if kind not in ("string", "binary"):
        assert (low, high) == (least, most)
        return
    assert low == unit(least)[:limit].encode() if kind == "string" else low == least[:limit]
    if high is None:
        top = unit(most)[:limit] if kind == "string" else most[:limit]
        assert all(c in ("\U0010ffff", 0xFF) for c in top)
    elif len(unit(most) if kind == "string" else most) <= limit:
        assert high == most
    else:
        assert high > most


def test_iceberg_stats_are_those_of_the_rows(files):
    for file in files:
        stats = {s["id"]: s for s in file.head["stats"]}
        assert [s["id"] for s in file.head["stats"]] == [field["id"] for _, field, _ in file.leaves]
        for path, field, in_list in file.leaves:
            entries = [v for row in file.rows for v in values_at(row, path)]
            values, stat, kind = ordered(entries, field["type"]), stats[field["id"]], field["type"]
            assert stat["values"] == len(entries)
            assert stat["nulls"] == entries.count(None)
            assert stat["nans"] == (entries.count("NaN") if kind == "double" else -1)
            if in_list or not values:
                assert stat["lower"] is None and stat["upper"] is None
                continue
            low, high = (decoded(bytes.fromhex(stat[side]), kind) if stat[side] is not None else None
                         for side in ("lower", "upper"))
            check_cut(low, high, values, kind, 16, bytes.decode)


def column_groups(file, meta):
    """For each row group: its rows and its metadata."""
    at = 0
    for group in range(meta.num_row_groups):
        count = meta.row_group(group).num_rows
        yield file.rows[at:at + count], meta.row_group(group)
        at += count


def test_parquet_statistics_are_those_of_the_rows(files):
    for file in files:
        meta = pq.ParquetFile(file.path).metadata
        for rows, group in column_groups(file, meta):
            for leaf, (path, field, _) in enumerate(file.leaves):
                column, kind = group.column(leaf), field["type"]
                entries = [v for row in rows for v in values_at(row, path)]
                values = ordered(entries, kind)
                assert column.num_values == len(entries)
                assert column.statistics.null_count == entries.count(None)
                assert column.has_offset_index
                if kind in ("long", "boolean", "int") and values:
                    assert (column.statistics.min, column.statistics.max) == (min(values), max(values))
                if kind == "double" and values and column.statistics.has_min_max:
                    assert (column.statistics.min, column.statistics.max) == (min(values), max(values))
                if not values:
                    assert not column.statistics.has_min_max


# --- page heads and indexes, read by hand ---------------------------------------

class Thrift:
    """Just enough of the compact protocol to read any struct as {id: value}."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def zigzag(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def value(self, kind, in_list=False):
        if kind in (1, 2):
            return self.byte() == 1 if in_list else kind == 1
        if kind == 3:
            return self.byte()
        if kind in (4, 5, 6):
            return self.zigzag()
        if kind == 8:
            size = self.varint()
            self.at += size
            return self.data[self.at - size:self.at]
        if kind == 9:
            head = self.byte()
            count = head >> 4 if head >> 4 < 15 else self.varint()
            return [self.value(head & 15, True) for _ in range(count)]
        assert kind == 12, kind
        return self.struct()

    def struct(self):
        fields, last = {}, 0
        while head := self.byte():
            last = last + (head >> 4) if head >> 4 else self.zigzag()
            fields[last] = self.value(head & 15)
        return fields


def footer(data):
    size = struct.unpack("<I", data[-8:-4])[0]
    return Thrift(data[-8 - size:-8]).struct()


def check_pages(data, column, group_rows):
    """Pages stand where the offset index says, with true sizes, counts and checksums. Returns the rows of each."""
    locations = Thrift(data, column[4]).struct()[1]
    meta = column[3]
    end = meta[9]
    count = 0
    for location in locations:
        assert location[1] == end
        reader = Thrift(data, location[1])
        head = reader.struct()
        body = data[reader.at:reader.at + head[3]]
        assert location[2] == reader.at - location[1] + head[3]
        assert zlib.crc32(body) == head[4] & 0xFFFFFFFF
        count += head[5][1]
        end = location[1] + location[2]
    assert count == meta[5]
    assert end == meta.get(11, meta[9]) + meta[7]
    starts = [location[3] for location in locations] + [group_rows]
    assert starts[0] == 0 and starts == sorted(set(starts))
    return list(zip(starts, starts[1:]))


def check_index(index, pages, rows, path, kind):
    last = None
    for i, (start, end) in enumerate(pages):
        entries = [v for row in rows[start:end] for v in values_at(row, path)]
        values = ordered(entries, kind)
        assert index[5][i] == entries.count(None)
        assert index[1][i] == (not values)
        if not values:
            assert index[2][i] == index[3][i] == b""
            continue
        low, high = decoded(index[2][i], kind), decoded(index[3][i], kind)
        assert low <= min(values) and high >= max(values)
        if kind not in ("string", "binary"):
            assert (low, high) == (min(values), max(values))
        else:
            assert len(low) <= 64 and min(values).startswith(low)
        if last is not None and index[4] == 1:
            assert last[0] <= low and last[1] <= high
        if last is not None and index[4] == 2:
            assert last[0] >= low and last[1] >= high
        last = low, high


def test_page_indexes_are_those_of_the_rows(files):
    for file in files:
        data = file.path.read_bytes()
        meta = footer(data)
        assert meta[7] == [{1: {}}] * len(file.leaves)
        at = 0
        for group in meta[4]:
            rows = file.rows[at:at + group[3]]
            at += group[3]
            for column, (path, field, _) in zip(group[1], file.leaves):
                pages = check_pages(data, column, group[3])
                encodings = {(e[1], e[2]): e[3] for e in column[3][13]}
                assert sum(n for (kind, _), n in encodings.items() if kind == 0) == len(pages)
                if 6 in column:
                    check_index(Thrift(data, column[6]).struct(), pages, rows, path, field["type"])
                else:
                    assert field["type"] == "double"
                if file.head["page_rows"] and column[3][12][3] < column[3][5]:
                    assert max(end - start for start, end in pages) <= file.head["page_rows"]


def test_sorted_files_say_so(files):
    for file in files:
        meta = pq.ParquetFile(file.path).metadata
        for group in range(meta.num_row_groups):
            said = [(s.column_index, s.descending, s.nulls_first) for s in meta.row_group(group).sorting_columns]
            assert said == ([(1, False, True)] if file.head["sorted_by"] else [])
    assert any(file.head["sorted_by"] for file in files)


def test_files_use_dictionaries_plain_and_both_codecs(files):
    seen = set()
    for file in files:
        for group in footer(file.path.read_bytes())[4]:
            seen |= {(c[3][4], 11 in c[3]) for c in group[1]}
    assert seen == {(0, False), (6, False), (6, True)}


def test_bounds_in_the_footer_say_whether_they_are_exact(files):
    for file in files:
        meta = footer(file.path.read_bytes())
        at = 0
        for group in meta[4]:
            rows = file.rows[at:at + group[3]]
            at += group[3]
            for column, (path, field, _) in zip(group[1], file.leaves):
                values, said = ordered([v for row in rows for v in values_at(row, path)], field["type"]), column[3][12]
                for value, flag, truth in ((6, 8, min), (5, 7, max)):
                    if value in said:
                        assert said[flag] == (decoded(said[value], field["type"]) == truth(values))


# --- bloom filters ---------------------------------------------------------------

def bloom_literal(value, kind):
    if kind == "string":
        return "'" + value.replace("'", "''") + "'"
    if kind == "uuid":
        return f"uuid '{uuid.UUID(value)}'"
    return str(value)


def check_bloom_head(data, column):
    reader = Thrift(data, column[14])
    head = reader.struct()
    assert head[2] == head[3] == head[4] == {1: {}}
    assert column[15] == reader.at - column[14] + head[1]
    assert head[1] >= 32 and head[1] & (head[1] - 1) == 0
    assert head[1] * 8 >= 10 * (column[5] - column[12][3])


def probe(db, file, name, literal, fold):
    return db.execute(f"select {fold}(bloom_filter_excludes) from parquet_bloom_probe('{file.path}', '{name}', {literal})").fetchone()[0]


def test_duckdb_finds_every_value_in_the_bloom_filters(files):
    db = duckdb.connect()
    probed = excluded = 0
    for file in files:
        data = file.path.read_bytes()
        meta = footer(data)
        for leaf, (path, field, _) in enumerate(file.leaves):
            column, kind = meta[4][0][1][leaf][3], field["type"]
            wanted = field["id"] in file.head["blooms"] and kind != "boolean"
            assert (14 in column) == (wanted and 11 not in column and column[12][3] < column[5])
            if 14 not in column:
                continue
            check_bloom_head(data, column)
            # DuckDB 1.5.5's probe takes the number of a column for that of a leaf: ask only where they are the same.
            if file.head["schema"]["fields"][leaf:leaf + 1] != [field] or kind not in ("long", "string", "uuid", "int"):
                continue
            for value in [row[path[0]] for row in file.rows if row[path[0]] is not None][:10]:
                assert not probe(db, file, path[0], bloom_literal(value, kind), "bool_and"), (file.path, path, value)
                probed += 1
            if kind == "long":
                excluded += sum(probe(db, file, path[0], other, "bool_and") for other in range(10**15, 10**15 + 20))
    assert probed > 100 and excluded > 100


def test_duckdb_filters_find_every_value(files):
    """Whatever a reader skips by statistics and filters, no row is lost."""
    db = duckdb.connect()
    asked = 0
    for file in files:
        for field in file.head["schema"]["fields"]:
            if field["type"] not in ("long", "string", "uuid", "int"):
                continue
            values = [row[field["name"]] for row in file.rows if row[field["name"]] is not None]
            for value in sorted(set(values))[:3] + sorted(set(values))[-3:]:
                where = f"{field['name']} = {bloom_literal(value, field['type'])}"
                got = db.execute(f"select count(*) from read_parquet('{file.path}') where {where}").fetchone()[0]
                assert got == values.count(value), (file.path, where)
                asked += 1
    assert asked > 300
