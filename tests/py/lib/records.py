"""Input files read without tarn: JSON lines, plain or gzip, and where each record begins."""
import gzip
import json


class Number(str):
    """A number as it was written."""


def loads(text):
    return json.loads(text, parse_int=Number, parse_float=Number)


def lines(path):
    """(offset in the decoded file, bytes) of each line that is not blank."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    at = 0
    for line in data.split(b"\n"):
        if line.strip():
            yield at, line
        at += len(line) + 1


def events(paths):
    """Position as `source_position` has it -> the event."""
    return {f"{path}:{at}": loads(line) for path in paths for at, line in lines(path)}
