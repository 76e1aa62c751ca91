#!/usr/bin/env python3
"""A file includes its own folder and lower floors: never sideways, never up.

The floors are read from the Makefile, their one home. Prints each breach as
file:line: and exits 1 where there is one.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def floors():
    line = re.search(r"^FLOORS\s*=\s*(.+)$", (ROOT / "Makefile").read_text(), re.M).group(1)
    return {folder: height for height, floor in enumerate(line.split()) for folder in floor.split("/")}


def breaches():
    height = floors()
    for path in sorted((ROOT / "src").rglob("*.[ch]")):
        folder = path.relative_to(ROOT / "src").parts[0]
        for number, text in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(text)
            if not match:
                continue
            target = match.group(1)
            other = target.split("/")[0]
            where = f"{path.relative_to(ROOT)}:{number}"
            if folder not in height:
                yield f"{where}: folder {folder} has no floor in the Makefile"
            elif other not in height or not (ROOT / "src" / target).exists():
                yield f'{where}: "{target}" is not a header of the house'
            elif other != folder and height[other] >= height[folder]:
                yield f'{where}: {folder} (floor {height[folder]}) may not see {other} (floor {height[other]})'
            elif other != folder and target.endswith("_int.h"):
                yield f'{where}: "{target}" is private to {other}'


if __name__ == "__main__":
    found = list(breaches())
    print("\n".join(found) if found else "floors: every include points down")
    sys.exit(1 if found else 0)
