#!/usr/bin/env python3
"""What is true of an input, found by reading it: rows by name without repeats, values in them, and the schema of each name.

    truth.py FOLDER ID NAME        ID and NAME: the members that hold them; writes FOLDER/truth.json

A schema is a tree: {"user_id": "int", "note": "str?", "tags": ["str"], "cart": {...}}; a question mark where it may be absent.
"""
import collections
import json
import pathlib
import sys

WORDS = {bool: "bool", int: "int", float: "float", str: "str"}


class Name:
    def __init__(self):
        self.rows = 0
        self.types, self.counts = {}, collections.Counter()  # by path, a tuple of members; "*" for elements


def note(name, path, value):
    """Notes the types of all values below; returns how many there are that are not null."""
    if isinstance(value, dict):
        return sum(note(name, (*path, key), member) for key, member in value.items())
    if isinstance(value, list):
        name.counts[path] += 1
        name.types[path] = "list"
        return sum(note(name, (*path, "*"), element) for element in value)
    if value is None:
        return 0
    name.counts[path] += 1
    word = WORDS[type(value)]
    name.types[path] = word if name.types.get(path, word) == word else {"int", "float"} == {word, name.types[path]} and "float" or "str"
    return 1


def tree(name):
    out = {}
    for path, word in name.types.items():
        if "*" in path or word == "list" and (*path, "*") not in name.types:
            continue
        at = out
        for step in path[:-1]:
            at = at.setdefault(step, {})
        at[path[-1]] = [name.types[(*path, "*")]] if word == "list" else word + "?" * (name.counts[path] < name.rows)
    return out


def main():
    folder, id_key, name_key = pathlib.Path(sys.argv[1]), *sys.argv[2:]
    names, seen = collections.defaultdict(Name), set()
    size = records = values = 0
    files = sorted(folder.glob("*.ndjson"))
    for line in (line for file in files for line in open(file, "rb")):
        record = json.loads(line)
        size += len(line)
        records += 1
        if record[id_key] in seen:
            continue
        seen.add(record[id_key])
        name = names[record[name_key]]
        name.rows += 1
        values += note(name, (), record)
    is_deep = any(path.count("*") > 1 or "*" in path[:-1] for name in names.values() for path in name.types)
    truth = {"id": id_key, "name": name_key, "bytes": size, "records": records, "rows": len(seen),
             "values": None if is_deep else values, "names": {word: name.rows for word, name in names.items()},
             "schemas": {word: {} if is_deep else tree(name) for word, name in names.items()}}
    (folder / "truth.json").write_text(json.dumps(truth))


if __name__ == "__main__":
    main()
