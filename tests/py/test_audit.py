"""Damage a lake as the world does, and see the audit name it: by the file, without write rights, exit code 1."""
import json
import os
import pathlib
import shutil

import pytest

PIPELINE = {"envelope": {"id": "id", "name": "type", "time": "at"}, "source": {"files": ["in/*.json"]}}


@pytest.fixture
def lake(project):
    """Three commits, two tables, repeats and a refused record."""
    p = project({"shop": PIPELINE})
    (p.folder / "in").mkdir()
    for part in range(3):
        lines = [json.dumps({"id": f"{part}-{n}", "type": ("sale", "visit")[n % 2], "at": f"2025-03-0{part + 1}T{n % 24:02}:00:00Z",
                             "amount": n, "who": f"user {n}"}) for n in range(200)]
        lines += [lines[0], "{broken"]
        (p.folder / f"in/{part}.json").write_text("\n".join(lines) + "\n")
        p.ingest()
    p.audit()
    return p


def some_file(p, pattern, index=0):
    return sorted(p.lake.path.glob(pattern))[index]


def findings(p, *options, words):
    """The audit finds something, says each of the words, and does so again in JSON."""
    done = p("audit", *options, check=False)
    assert done.code == 1, done
    for word in words:
        assert word in done.out, done
    assert p("audit", "--json", *options, check=False).json["findings"]
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


def test_table_rolled_back_is_brought_up_again(lake):
    metadata = lake.lake.path / "events/sale/metadata"
    newest = max(metadata.glob("v*.metadata.json"), key=lambda path: int(path.name[1:].split(".")[0]))
    version = int(newest.name[1:].split(".")[0])
    newest.unlink()
    (metadata / "version-hint.text").write_text(str(version - 1))
    lake.ingest()  # a table behind the journal is no damage: the next start brings it up again
    lake.audit()
    assert lake.lake.table("sale").arrow.num_rows == 300


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


def test_it_needs_no_right_to_write(lake, tarn):
    """As a user who may only read; root may always write, so root becomes nobody."""
    if os.getuid() != 0:
        for path in [lake.lake.path, *lake.lake.path.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        lake.audit()
        return
    pid = os.fork()
    if pid == 0:
        for folder in [lake.folder, *pathlib.Path(lake.folder).parents][:-1]:
            folder.chmod(folder.stat().st_mode | 0o055)
        os.setgid(65534)
        os.setuid(65534)
        os.chdir(lake.folder)
        os.execv(tarn.path, [str(tarn.path), "audit", "--deep", "-q"])
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
