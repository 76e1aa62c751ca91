#!/usr/bin/env python3
"""Is what a run wrote right? Rows by name, and values that are not null in all of them, from the footers of its files.

    check.py INPUT OUT        prints the bytes of the files, or ends with what is wrong

Columns that only tarn has do not count; a time that stands in event_time counts as the member it came from.
"""
import collections
import json
import pathlib
import re
import sys
import urllib.parse

import pyarrow.parquet

OURS = {"ingested_at", "source_position", "_extra"}
ADDED = {"hour"}


def plain(name):
    """PushEvent, push_event and Push%45vent are one name here."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def name_of(file, out, names):
    if len(names) == 1:
        return next(iter(names))
    parts = file.relative_to(out).parts
    for part in parts:
        if part.startswith("event_name="):
            return plain(urllib.parse.unquote(part.split("=", 1)[1]))
    if "data" in parts:
        return plain(parts[parts.index("data") - 1])
    return plain(file.stem.split("~")[0])


def column_values(group, index, file, at):
    column = group.column(index)
    statistics = column.statistics
    if statistics is not None and statistics.has_null_count:
        return column.num_values - statistics.null_count
    array = pyarrow.parquet.ParquetFile(file).read_row_group(at, columns=[column.path_in_schema])
    return leaves(array.column(0).combine_chunks())


def leaves(array):
    while hasattr(array, "flatten") and array.type.num_fields > 0:
        array = array.flatten()
        array = array[0] if isinstance(array, list) else array
    return len(array) - array.null_count


def values_of(file, meta):
    paths = [meta.schema.column(i).path.split(".")[0] for i in range(meta.num_columns)]
    count = sum(column_values(meta.row_group(at), i, file, at)
                for at in range(meta.num_row_groups) for i, path in enumerate(paths) if path not in OURS | ADDED)
    return count + (0 if {"event_name", "type"} & set(paths) else meta.num_rows)  # the folder has the name


def main():
    folder, out = map(pathlib.Path, sys.argv[1:])
    truth = json.loads((folder / "truth.json").read_text())
    names = {plain(name): rows for name, rows in truth["names"].items()}
    rows, values, size = collections.Counter(), 0, 0
    for file in out.rglob("*.parquet"):
        meta = pyarrow.parquet.read_metadata(file)
        rows[name_of(file, out, names)] += meta.num_rows
        values += values_of(file, meta) if truth["values"] is not None else 0
        size += file.stat().st_size
    if dict(rows) != names:
        wrong = {name: (rows[name], names.get(name, 0)) for name in {*rows, *names} if rows[name] != names.get(name, 0)}
        sys.exit(f"rows are wrong, as name: (written, true): {dict(list(wrong.items())[:5])}")
    if truth["values"] not in (None, values):
        sys.exit(f"{values} values were written, of {truth['values']}")
    print(size)


if __name__ == "__main__":
    main()
