"""Damage a lake as the world does, and see the audit name it: by the file, without write rights, exit code 1."""
import hashlib
import json
import os
import pathlib
import shutil
import threading
import time

import pytest

from lib.engine import Folder, entries_of, open_table, restore, surgery, version_of
from lib.follow import Follower, wait_until

PIPELINE = {"envelope": {"id": "id", "name": "type", "time": "at"}, "source": {"files": ["in/*.json"]}}


def make(p):
    """Three commits, two tables, repeats and a refused record."""
    (p.folder / "in").mkdir()
    for part in range(3):
        lines = [json.dumps({"id": f"{part}-{n}", "type": ("sale", "visit")[n % 2], "at": f"2025-03-0{part + 1}T{n % 24:02}:00:00Z",
                             "amount": n, "who": f"user {n}"}) for n in range(200)]
        lines += [lines[0], "{broken"]
        (p.folder / f"in/{part}.json").write_text("\n".join(lines) + "\n")
        p.ingest()
    p.audit()
    return p


@pytest.fixture
def lake(project):
    return make(project({"shop": PIPELINE}))


@pytest.fixture
def flat_lake(project):
    """Without partitions: PyIceberg alone writes no others."""
    return make(project({"shop": {**PIPELINE, "partition": "none"}}))


def some_file(p, pattern, index=0):
    return sorted(p.lake.path.glob(pattern))[index]


def findings(p, *options, words):
    """The audit finds something, says each of the words and what to do, and does so again in JSON."""
    done = p("audit", *options, check=False)
    assert done.code == 1, done
    for word in words:
        assert word in done.out, done
    told = p("audit", "--json", *options, check=False).json
    assert told["findings"] == done.out.splitlines()
    kinds = {":".join(line.split(":")[:2]) for line in told["findings"]}
    assert kinds == {remedy["finding"] for remedy in told["remedies"]} and all(remedy["remedy"] in done.err for remedy in told["remedies"])
    return done.out.splitlines()


def test_data_file_deleted(lake):
    file = some_file(lake, "events/sale/data/**/*.parquet")
    file.unlink()
    findings(lake, words=["file: missing", file.name])


def test_data_file_of_another_table(lake):
    file, other = (some_file(lake, f"events/{t}/data/**/*.parquet") for t in ("sale", "visit"))
    shutil.copy(other, file)
    findings(lake, words=[file.name])


def test_data_file_swapped_with_one_of_its_own_table(lake):
    first, second = (some_file(lake, "events/sale/data/**/*.parquet", i) for i in (0, 1))
    a, b = first.read_bytes(), second.read_bytes()
    first.write_bytes(b), second.write_bytes(a)
    findings(lake, words=[first.name, second.name])


@pytest.mark.parametrize("left", [0, 7, 100, -1])
def test_data_file_truncated(lake, left):
    file = some_file(lake, "events/visit/data/**/*.parquet", 1)
    file.write_bytes(file.read_bytes()[:left])
    findings(lake, words=["file: size", file.name])


def test_one_bit_flipped_is_found_by_reading_all(lake):
    file = some_file(lake, "events/visit/data/**/*.parquet", 2)
    damaged = bytearray(file.read_bytes())
    damaged[40] ^= 1
    file.write_bytes(damaged)
    findings(lake, "--deep", words=["file: checksum", file.name])


@pytest.mark.parametrize("which", [1, 2, -1])
def test_journal_entry_lost(lake, which):
    entries = sorted((lake.lake.path / "_tarn/journal/0").iterdir())
    entries[which].unlink()
    findings(lake, words=["journal:"] if which > 0 else ["table: mark"])


def test_journal_entry_altered(lake):
    entry = sorted((lake.lake.path / "_tarn/journal/0").iterdir())[1]
    entry.write_text(entry.read_text().replace('"rows":', '"rows": ', 1))
    findings(lake, words=["journal: hash", entry.name])


def test_journal_entries_swapped(lake):
    one, two = sorted((lake.lake.path / "_tarn/journal/0").iterdir())[1:3]
    a, b = one.read_bytes(), two.read_bytes()
    one.write_bytes(b), two.write_bytes(a)
    findings(lake, words=["journal:"])


def entries(p):
    return sorted((p.lake.path / "_tarn/journal/0").iterdir())


def rewrite_from(p, number, change):
    """Entry `number` changed, and the chain made to hold again from there on."""
    above = None
    for path in entries(p)[number - 1:]:
        entry = json.loads(path.read_text().splitlines()[0])
        if above is None:
            change(entry)
        else:
            entry["previous"] = above
        line = json.dumps(entry, separators=(",", ":"), ensure_ascii=False)
        above = hashlib.sha256(line.encode()).hexdigest()
        path.write_text(f"{line}\nsha256:{above}\n")


def newest_commit(p):
    return max(n for n, path in enumerate(entries(p), 1) if json.loads(path.read_text().splitlines()[0])["kind"] == "commit")


def test_position_gap(lake):
    """An entry that begins where none ended: hashes and chain are right, records are missing."""
    number = newest_commit(lake)

    def gap(entry):
        entry["positions"][0]["from"] = "v1 1 1 0 0000000000000000 open lines"

    rewrite_from(lake, number, lambda entry: None)
    lake.audit()  # the chain made again is a chain
    rewrite_from(lake, number, gap)
    findings(lake, words=[f"journal: position: entry {number} takes", "in/2.json"])


def test_journal_entry_with_other_counts(lake):
    number = newest_commit(lake)

    def count(entry):
        entry["counts"][0]["rows"] += 1

    rewrite_from(lake, number, count)
    findings(lake, words=[f"journal: balance: entry {number}"])


# --- other engines ---------------------------------------------------------------------------------------------------

def sale(lake):
    return lake.lake.path / "events/sale"


def test_table_appended_to_by_another_engine(flat_lake):
    table = open_table(sale(flat_lake))
    table.append(table.scan().to_arrow().slice(0, 5))
    assert flat_lake.lake.table("sale").arrow.num_rows == 305
    found = findings(flat_lake, words=["snapshot: file not of the journal: table events.sale"])
    assert len(found) == 1 and "00000-" in found[0]  # PyIceberg's file


def test_rows_deleted_by_another_engine(flat_lake):
    open_table(sale(flat_lake)).delete("amount < 10")
    assert flat_lake.lake.table("sale").arrow.num_rows == 285
    findings(flat_lake, words=["snapshot: file of the journal not listed: table events.sale", "snapshot: file not of the journal"])


def test_table_rolled_back_by_another_engine(lake):
    table = open_table(sale(lake))
    older, newer = table.metadata.snapshots[-2:]
    table.manage_snapshots().rollback_to_snapshot(older.snapshot_id).commit()
    assert lake.lake.table("sale").arrow.num_rows == 200
    found = findings(lake, words=["table: rolled back: table events.sale", str(older.snapshot_id), str(newer.snapshot_id)])
    assert len(found) == 1
    refused = lake("ingest", check=False)  # never applied again in silence
    assert refused.code == 65 and "rolled back" in refused.err
    open_table(sale(lake)).manage_snapshots().set_current_snapshot(newer.snapshot_id).commit()
    lake.audit()
    lake.ingest()


def test_table_rolled_back_and_its_mark_with_it_is_applied_again(lake):
    """What the audit says to do where the rows of the older snapshot are wanted, and those of the journal on top."""
    table = open_table(sale(lake))
    older = table.metadata.snapshots[-2]
    table.manage_snapshots().rollback_to_snapshot(older.snapshot_id).commit()
    shown = older.summary["tarn.entries"].split("..")[1]
    with open_table(sale(lake)).transaction() as change:
        change.set_properties({"tarn.applied.0": shown})
    findings(lake, words=["table: rolled back: table events.sale"])
    lake.ingest()
    lake.audit()
    assert sorted(lake.lake.table("sale").ids()) == sorted(set(lake.lake.table("sale").ids()))
    assert lake.lake.table("sale").arrow.num_rows == 300


def test_older_metadata_put_back(lake):
    metadata = sale(lake) / "metadata"
    newest = Folder(sale(lake)).newest()
    restore(sale(lake), version_of(newest) - 1)
    found = findings(lake, words=["table: rolled back: table events.sale", newest.name])
    assert len(found) == 1
    lake.ingest()  # safe: what is missing is added again
    lake.audit()
    assert lake.lake.table("sale").arrow.num_rows == 300 and len(list(metadata.glob("v*.metadata.json"))) > 1


def lose_metadata(lake, count):
    for _ in range(count):
        newest = Folder(sale(lake)).newest()
        newest.unlink()
        (newest.parent / "version-hint.text").write_text(str(version_of(newest) - 1))


def test_newest_metadata_lost(lake):
    lose_metadata(lake, 2)
    findings(lake, words=["table: rolled back: table events.sale", "was only committed once"])
    lake.ingest()
    lake.audit()
    assert lake.lake.table("sale").arrow.num_rows == 300


def test_what_it_cannot_tell_it_says(lake):
    """A table that lacks the last commit alone: as a crash leaves it, too."""
    lose_metadata(lake, 1)
    done = lake("audit")
    assert "table events.sale stands at entry" in done.err and "cannot be told apart" in done.err
    assert "--deep" in done.err
    assert len(lake("audit", "--json").json["notes"]) == 1
    lake.ingest()
    assert lake("audit", "--json").json["notes"] == []


def test_manifest_entry_doubled(lake):
    def double(manifests, rewrite):
        entries = entries_of(sale(lake), manifests[0])
        return [rewrite("doubled", manifests[0], entries + entries[:1]), *manifests[1:]]

    surgery(sale(lake), double)
    assert lake.lake.table("sale").arrow.num_rows > 300
    findings(lake, words=["snapshot: file listed twice: table events.sale"])


def test_manifest_doubled(lake):
    surgery(sale(lake), lambda manifests, rewrite: [*manifests, manifests[0]])
    assert lake.lake.table("sale").arrow.num_rows > 300
    findings(lake, words=["snapshot: file listed twice: table events.sale"])


def test_manifest_entry_missing(lake):
    def less(manifests, rewrite):
        entries = entries_of(sale(lake), manifests[0])
        return [rewrite("less", manifests[0], entries[1:]), *manifests[1:]]

    gone = []
    surgery(sale(lake), lambda manifests, rewrite: gone.extend(entries_of(sale(lake), manifests[0])[:1]) or less(manifests, rewrite))
    assert lake.lake.table("sale").arrow.num_rows < 300
    found = findings(lake, words=["snapshot: file of the journal not listed: table events.sale"])
    assert len(found) == 1 and pathlib.Path(gone[0].data_file.file_path).name in found[0]


def test_manifest_missing_from_the_list(lake):
    surgery(sale(lake), lambda manifests, rewrite: manifests[1:])
    findings(lake, words=["snapshot: file of the journal not listed: table events.sale"])


def test_manifest_lost(lake):
    manifest = open_table(sale(lake)).current_snapshot().manifests(open_table(sale(lake)).io)[0]
    pathlib.Path(manifest.manifest_path).unlink()
    findings(lake, words=["snapshot: cannot be read: table events.sale", "file: missing", pathlib.Path(manifest.manifest_path).name])


def test_rows_of_a_file_altered_in_its_manifest(lake):
    def more(manifests, rewrite):
        entries = entries_of(sale(lake), manifests[0])
        entries[0].data_file._data[5] += 1  # record_count
        return [rewrite("more", manifests[0], entries), *manifests[1:]]

    surgery(sale(lake), more)
    findings(lake, words=["snapshot: rows differ: table events.sale"])


# --- beside a writer -------------------------------------------------------------------------------------------------

def test_beside_a_writer(project):
    """Whatever the moment: no false alarm."""
    p = project({"shop": PIPELINE}, commit={"every": "20ms"})
    (p.folder / "in").mkdir()
    growing = p.folder / "in/all.json"
    growing.write_text("")
    is_over = threading.Event()

    def grow():
        for n in range(1000000):
            if is_over.wait(0.001):
                return
            with growing.open("a") as file:
                file.write(json.dumps({"id": str(n), "type": ("sale", "visit")[n % 2], "at": f"2025-03-01T{n % 24:02}:00:00Z"}) + "\n")

    source = threading.Thread(target=grow)
    source.start()
    try:
        with Follower(p, "-q"):
            wait_until(lambda: (p.lake.path / "_tarn/lake.json").exists(), "there is a lake")
            until = time.monotonic() + 8
            while time.monotonic() < until:
                done = p("audit", *(["--deep"] if time.monotonic_ns() % 2 else []), check=False)
                assert done.code == 0, done
    finally:
        is_over.set()
        source.join()
    p.audit()


def test_table_gone(lake):
    shutil.rmtree(lake.lake.path / "events/visit/metadata")
    findings(lake, words=["table: missing", "visit"])


def test_ids_lost(lake):
    run = some_file(lake, "_tarn/ids/0/*.ids")
    run.unlink()
    findings(lake, words=["ids: missing", run.name])


def test_ids_altered(lake):
    run = some_file(lake, "_tarn/ids/0/*.ids")
    damaged = bytearray(run.read_bytes())
    damaged[-1] ^= 1
    run.write_bytes(damaged)
    findings(lake, "--deep", words=["ids: checksum", run.name])


@pytest.mark.parametrize("temp", ["kept", "gone"])
def test_it_needs_no_right_to_write(lake, tarn, temp):
    """As a user who may only read; root may always write, so root becomes nobody."""
    if temp == "gone":  # a copy need not have it
        (lake.lake.path / ".tmp").rmdir()
    for path in [lake.lake.path, *lake.lake.path.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = {path: path.stat().st_mtime_ns for path in lake.lake.path.rglob("*")}
    if os.getuid() != 0:
        assert lake("audit", "--deep", check=False).code == 0
    else:
        pid = os.fork()
        if pid == 0:
            for folder in [lake.folder, *pathlib.Path(lake.folder).parents][:-1]:
                folder.chmod(folder.stat().st_mode | 0o055)
            os.setgid(65534)
            os.setuid(65534)
            os.chdir(lake.folder)
            os.execv(tarn.path, [str(tarn.path), "audit", "--deep", "-q"])
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert {path: path.stat().st_mtime_ns for path in lake.lake.path.rglob("*")} == before
