"""Compressed input that is damaged, strange or hostile (B72, B73), and names that lie about it (B82)."""
import gzip
import struct
import zlib

import pytest
import zstandard

from lib.bad import event, files_project, ingest, ingest_files
from lib.usage import measure

MIB = 1 << 20
EVENTS = [event(f"e{number}", f'"n": {number}, "text": "{"x" * (number % 50)}"') for number in range(2000)]
LINES = b"\n".join(EVENTS) + b"\n"


def zst(data, **options):
    return zstandard.ZstdCompressor(level=1, write_checksum=True, **options).compress(data)


def zst_frame(header, data):
    """A frame made by hand, of one raw block."""
    return b"\x28\xb5\x2f\xfd" + header + struct.pack("<I", len(data) << 3 | 1)[:3] + data


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1:]


HALF = len(LINES) // 2
GZ, ZST = gzip.compress(LINES), zst(LINES)
NO_DICTIONARY = zstandard.ZstdCompressionDict(b"tarn" * 100, dict_type=zstandard.DICT_TYPE_RAWCONTENT)

# What is whole, however it is packed: all of it is taken.
WHOLE = {
    "B73-gzip": GZ,
    "B73-zstd": ZST,
    "B73-gzip-members": gzip.compress(LINES[:HALF]) + gzip.compress(b"") + gzip.compress(LINES[HALF:]),
    "B73-gzip-members-a-byte": b"".join(gzip.compress(LINES[at:at + 1]) for at in range(300))
                               + gzip.compress(LINES[300:]),
    "B73-gzip-zeros-behind": GZ + bytes(1000),
    "B73-zstd-frames": zst(LINES[:HALF]) + zst(LINES[HALF:]),
    "B73-zstd-skippable-frames": b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc" + ZST + b"\x5f\x2a\x4d\x18\x00\x00\x00\x00",
    "B73-zstd-window-128-mib": zst_frame(b"\x00" + bytes([17 << 3]), LINES[:60000]) + zst(LINES[60000:]),
    "B82-plain": LINES,
}

# What is not: what comes before the damage is taken, the rest is one row of the quarantine.
DAMAGED = {
    "B73-gzip-cut": GZ[:len(GZ) // 2],
    "B73-gzip-cut-in-header": GZ[:5],
    "B73-gzip-cut-in-trailer": GZ[:-3],
    "B73-gzip-bad-crc": flipped(GZ, len(GZ) - 8),
    "B73-gzip-bad-length": flipped(GZ, len(GZ) - 4),
    "B73-gzip-bad-method": flipped(GZ, 2),
    "B73-gzip-garbage-behind": GZ + b"garbage",
    "B73-gzip-second-member-cut": gzip.compress(LINES[:HALF]) + gzip.compress(LINES[HALF:])[:1000],
    "B73-zstd-cut": ZST[:len(ZST) // 2],
    "B73-zstd-bad-checksum": flipped(ZST, len(ZST) - 1),
    "B73-zstd-bad-middle": flipped(ZST, len(ZST) // 2),
    "B73-zstd-garbage-behind": ZST + b"garbage",
    "B73-zstd-window-2-gib": zst_frame(b"\x00" + bytes([21 << 3]), LINES[:60000]),
    "B73-zstd-window-of-all": zst_frame(b"\x00\xff", LINES[:60000]),
    "B73-zstd-unknown-dictionary": zst_frame(b"\x21\x07" + bytes([60000 >> 8]), LINES[:60000]),
    "B73-zstd-claims-16-eib": zst_frame(b"\xe0" + b"\xff" * 8, LINES[:60000]),
}

DAMAGED_BEHIND = ["B73-gzip-cut-in-trailer", "B73-gzip-bad-crc", "B73-gzip-bad-length", "B73-gzip-garbage-behind",
                  "B73-zstd-garbage-behind"]


@pytest.mark.parametrize("name, called", [(name, "events.json") for name in WHOLE] + [
    ("B82-plain", "events.json.gz"), ("B82-plain", "events.zst"), ("B73-gzip", "events.zst"),
    ("B73-zstd", "events.gz")])
def test_what_is_whole_is_taken_whatever_its_name(tarn, tmp_path, name, called):
    outcome = ingest_files(tarn, tmp_path, {called: WHOLE[name]})
    assert outcome.report["rows"] == outcome.report["records"] == len(EVENTS)
    assert sorted(row["n"] for row, _ in outcome.rows.values()) == list(range(len(EVENTS)))


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_damaged_is_taken_up_to_there(tarn, tmp_path, name):
    outcome = ingest_files(tarn, tmp_path, {"events.json": DAMAGED[name], "good.json": event("good")})
    refused, = outcome.refused.values()
    numbers = sorted(row["n"] for row, _ in outcome.rows.values() if row["event_id"] != "good")
    taken = sum(len(record) + 1 for record in EVENTS[:len(numbers)])
    outcome.check_refused(f"in/events.json:{taken}", b"", "frame.compression")
    assert numbers == list(range(len(numbers)))
    assert outcome.report["rows"] == len(numbers) + 1
    assert len(numbers) == len(EVENTS) or name not in DAMAGED_BEHIND


def test_B73_gzip_bad_middle_is_known_by_its_checksum_at_the_end(tarn, tmp_path):
    """So records behind the damage may be read before it is known; each is judged by what it then is."""
    outcome = ingest_files(tarn, tmp_path, {"events.json": flipped(GZ, len(GZ) // 2)})
    assert outcome.reasons[-1] == "frame.compression"
    assert all(reason.startswith("json.") for reason in outcome.reasons[:-1])


def test_B73_damage_is_met_once(tarn, tmp_path):
    project = files_project(tarn, tmp_path, {"events.json": DAMAGED["B73-gzip-cut"]})
    first = ingest(project).report
    again = project.ingest()
    assert first["quarantined"] == 1 and again["records"] == 0
    project.audit()


def test_B73_a_file_that_was_cut_is_taken_on_when_it_is_whole(tarn, tmp_path):
    project = files_project(tarn, tmp_path, {"events.json": DAMAGED["B73-gzip-cut"]})
    first = ingest(project).report
    (project.folder / "in/events.json").write_bytes(GZ)
    rest = project.ingest()
    assert first["rows"] > 0 and rest["records"] == rest["rows"] == len(EVENTS) - first["rows"]
    project.audit()


@pytest.mark.parametrize("outer, inner", [(gzip.compress, GZ), (zst, GZ), (gzip.compress, ZST), (zst, ZST)],
                         ids=["B73-gzip-in-gzip", "B73-gzip-in-zstd", "B73-zstd-in-gzip", "B73-zstd-in-zstd"])
def test_one_layer_is_taken_off_and_no_more(tarn, tmp_path, outer, inner):
    outcome = ingest_files(tarn, tmp_path, {"events.json.gz": outer(inner)})
    assert outcome.report["rows"] == 0 and outcome.report["quarantined"] > 0
    kept = sorted((int(position.rpartition(":")[2]), refused.record) for position, refused in outcome.refused.items())
    assert all(inner[at:at + len(record)] == record for at, record in kept)


# --- bombs ---------------------------------------------------------------------

SIZE = 128 * MIB


class Gzip:
    def __init__(self):
        self.stream = zlib.compressobj(9, zlib.DEFLATED, 31)

    def add(self, data):
        return self.stream.compress(data)

    def end(self):
        return self.stream.flush()


class Zstd:
    def __init__(self):
        self.stream = zstandard.ZstdCompressor(level=3).compressobj()

    def add(self, data):
        return self.stream.compress(data)

    def end(self):
        return self.stream.flush()


def bomb(packer, step, count, head=b""):
    packer = packer()
    return packer.add(head) + b"".join(packer.add(step) for _ in range(count)) + packer.end()


@pytest.mark.parametrize("packer", [Gzip, Zstd], ids=["gzip", "zstd"])
@pytest.mark.parametrize("step, head, expected", [
    (b"x" * MIB, b'{"id": "', {"records": 1, "quarantined": 1}),
    (b"[" * MIB, b"", {"records": 1, "quarantined": 1}),
    (b"\n" * MIB, b"", {"records": 0, "blank_lines": SIZE}),
    (event("x", f'"pad": "{"x" * 4000}"').ljust(4095) + b"\n", b"", {"records": 32768, "rows": 1, "duplicates": 32767}),
    (b"0" * MIB, b"[", {"records": 1, "quarantined": 1}),
], ids=["B72-one-record", "B72-brackets", "B72-blank-lines", "B72-repeats", "B72-one-number-in-an-array"])
def test_a_bomb_takes_no_memory(tarn, tmp_path, packer, step, head, expected):
    data = bomb(packer, step, SIZE // len(step), head)
    assert len(data) * 500 < SIZE
    project = files_project(tarn, tmp_path, {"bomb.json": data})
    usage = measure(project, "ingest", "--json")
    assert {key: usage.report[key] for key in expected} == expected
    assert usage.peak_mib < 96
    project.audit()
