"""Input that is too much of something (B19, B24 to B26): refused in a straight line, with flat memory."""
import hashlib

import pytest

from lib.bad import Outcome, colliding, event, files_project, ingest_files, numbered, quarantine
from lib.usage import measure

MIB = 1 << 20
LIMIT = 8 * MIB
HEAD = 4096  # bytes kept of a record over the limit


def sized(id, size):
    whole = event(id, '"text": "X"')
    return whole.replace(b"X", b"x" * (size - len(whole) + 1))


@pytest.mark.parametrize("limit", [None, 100, 64 << 10], ids=["B25-default", "B25-100", "B25-64-kib"])
def test_a_record_of_exactly_the_limit_and_a_byte_more(tarn, tmp_path, limit):
    more = {"limits": {"record": limit}} if limit else {}
    limit = limit or LIMIT
    fits, over = sized("fits", limit), sized("over", limit + 1)
    records = [event("1"), fits, event("2"), over, event("3"), fits + b"\r", event("4"), over]
    outcome = ingest_files(tarn, tmp_path, {"a.ndjson": b"\n".join(records)}, **more)
    assert outcome.report["rows"] == 5 and outcome.report["duplicates"] == 1
    at = [sum(len(record) + 1 for record in records[:index]) for index in (3, 7)]
    assert {position: (refused.reason, refused.record) for position, refused in outcome.refused.items()} == {
        f"in/a.ndjson:{offset}": ("size.record", over[:HEAD]) for offset in at}


@pytest.mark.parametrize("limit, size", [(None, LIMIT + 1), (100, 101), (100, 5 * MIB)],
                         ids=["B25-a-byte-more", "B25-small", "B25-let-go-piece-by-piece"])
def test_B25_length_and_hash_of_what_was_cut_are_kept(tarn, tmp_path, limit, size):
    whole = sized("over", size)
    refused, = ingest_files(tarn, tmp_path, {"a.ndjson": whole}, **({"limits": {"record": limit}} if limit else {})).refused.values()
    assert refused.record == whole[:HEAD] and refused.length == size
    assert refused.sha256 == hashlib.sha256(whole).hexdigest()


@pytest.mark.parametrize("opening, mib", [
    pytest.param(b'{"id": "', 1024, id="B26-object"),
    pytest.param(b"[", 256, id="B26-array"),
    pytest.param(b'[{"id": "', 256, id="B26-object-in-an-array"),
    pytest.param(b'"', 256, id="B26-string"),
    pytest.param(b"x", 256, id="B26-word"),
    pytest.param(b"\x00", 256, id="B26-nul"),
])
def test_1_gib_without_a_newline(tarn, tmp_path, opening, mib):
    """A file with a hole: what is not written reads as zeros."""
    project = files_project(tarn, tmp_path, {"hole.json": opening})
    with open(project.folder / "in/hole.json", "r+b") as file:
        file.truncate(mib * MIB)
    usage = measure(project, "ingest", "--json")
    assert usage.report["records"] == usage.report["quarantined"] == 1
    refused, = quarantine(project.lake).values()
    assert refused.reason == "size.record" and len(refused.record) == HEAD
    assert usage.peak_mib < 96
    project.audit()


def test_B26_from_a_pipe(tarn, tmp_path):
    project = files_project(tarn, tmp_path, {"hole.json": b'{"id": "'})
    with open(project.folder / "in/hole.json", "r+b") as file:
        file.truncate(256 * MIB)
        usage = measure(project, "ingest", "--json", "-", input=file)
    assert usage.report["reasons"] == {"size.record": 1}
    assert usage.peak_mib < 96


@pytest.mark.parametrize("opening", [b"[", b'{"a":'], ids=["B19-arrays", "B19-objects"])
def test_10_million_openings(tarn, tmp_path, opening):
    project = files_project(tarn, tmp_path, {"a.ndjson": event("good") + b"\n" + opening * 10**7},
                            limits={"record": "64MiB"})
    usage = measure(project, "ingest", "--json")
    assert usage.report["reasons"] == {"json.depth": 1} and usage.report["rows"] == 1
    assert usage.cpu_seconds < 3


@pytest.mark.parametrize("names", [numbered(100000), colliding(100000)], ids=["B24-plain", "B24-colliding"])
def test_100000_names_take_linear_time(tarn, tmp_path, names):
    """Even where the limit lets them in."""
    record = event("many", f'"wide": {{{names}}}')
    project = files_project(tarn, tmp_path, {"a.ndjson": record}, limits={"keys": 100000})
    usage = measure(project, "ingest", "--json")
    assert usage.report["rows"] == 1
    assert usage.cpu_seconds < 2
    Outcome(project, usage.report).check_accepted("in/a.ndjson:0", record)


@pytest.mark.parametrize("digits", ["7" * 10**6, "0." + "7" * 10**6, "7" * 10**6 + "e-1000000"],
                         ids=["B29-integer", "B29-fraction", "B29-exponent"])
def test_a_million_digits_take_linear_time(tarn, tmp_path, digits):
    project = files_project(tarn, tmp_path, {"a.ndjson": event("long", f'"v": {digits}')})
    usage = measure(project, "ingest", "--json")
    assert usage.report["reasons"] == ({} if "." in digits or "e" in digits else {"value.int_range": 1})
    assert usage.cpu_seconds < 1


def test_B27_what_is_too_small_for_a_double_is_counted(tarn, tmp_path):
    outcome = ingest_files(tarn, tmp_path, {"a.ndjson": event("1", '"tiny": 1e-400') + b"\n" + event("2", '"tiny": 0.0')})
    table, = outcome.report["tables"].values()
    assert (table["rows"], table["lossy"]) == (2, 1)
