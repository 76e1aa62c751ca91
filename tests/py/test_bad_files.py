"""Files that are odd as files: their ends, their encoding, their kind, their names (B1, B16, B17, B78, B82, B83)."""
import json
import os

import pytest

from lib.bad import event, files_project, ingest, ingest_files

E1, E2 = event("e1"), event("e2")


@pytest.mark.parametrize("data, rows", [
    pytest.param(b"", 0, id="B82-empty"),
    pytest.param(b"\n\n \r\n", 0, id="B1-blank"),
    pytest.param(E1, 1, id="B1-no-newline"),
    pytest.param(E1 + b"\n" + E2, 2, id="B1-no-last-newline"),
    pytest.param(E1 + b"\r\n" + E2 + b"\r\n", 2, id="B1-cr-lf"),
    pytest.param(b"\n\n" + E1 + b"\n\n" + E2 + b"\n\n", 2, id="B1-blank-lines"),
    pytest.param(b"\xef\xbb\xbf" + E1 + b"\n" + E2, 2, id="B16-mark-before-lines"),
    pytest.param(b"\xef\xbb\xbf[" + E1 + b"," + E2 + b"]", 2, id="B16-mark-before-an-array"),
    pytest.param(b"\xef\xbb\xbf" + E1 + E2, 2, id="B16-mark-before-values"),
    pytest.param(b"\xef\xbb\xbf", 0, id="B16-mark-alone"),
    pytest.param(json.dumps(json.loads(E1), indent=2).encode() + b"\n" + E2, 2, id="B1-over-many-lines"),
])
def test_a_file_whose_events_are_all_good(tarn, tmp_path, data, rows):
    outcome = ingest_files(tarn, tmp_path, {"a.json": data})
    assert outcome.report["rows"] == outcome.report["records"] == rows


@pytest.mark.parametrize("cut", [b'{"id": "cut", "name":', b'{"id": "cut', b'{"id": "cut", "v": [1'],
                         ids=["in-an-object", "in-a-string", "in-an-array"])
@pytest.mark.parametrize("good", [1, 2, 9], ids=lambda good: f"B3-before-{good}")
def test_a_first_line_that_is_cut_costs_itself_only(tarn, tmp_path, cut, good):
    lines = [cut] + [event(f"e{number}") for number in range(good)]
    outcome = ingest_files(tarn, tmp_path, {"a.ndjson": b"\n".join(lines) + b"\n"})
    assert outcome.report["rows"] == good
    outcome.check_refused("in/a.ndjson:0", cut, "json.syntax")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32-le", "utf-32-be", "utf-32"])
@pytest.mark.parametrize("text", [E1, E1 + b"\n", E1 + b"\n" + E2 + b"\n", b"[" + E1 + b"]"],
                         ids=["B17-line", "B17-line-end", "B17-lines", "B17-array"])
def test_a_file_in_another_encoding(tarn, tmp_path, encoding, text):
    data = text.decode().encode(encoding)
    outcome = ingest_files(tarn, tmp_path, {"a.json": data, "b.json": event("good")})
    assert outcome.report["rows"] == 1
    assert outcome.reasons[0] == "json.encoding"
    assert all(refused.record in data for refused in outcome.refused.values())


BATCH = [event(f"e{number}") for number in range(1000)]


@pytest.mark.parametrize("bad, reason", [
    (b'{"id": "bad", "name": "case"}', "time.missing"), (b'{"id": "bad",}', "json.syntax"),
    (b'{"id": "bad" x}', "json.syntax"), (b"null", "envelope.not_object"), (b'{"id": "\xff"}', "json.utf8"),
    (b'{"id": "a", "id": "b"}', "json.duplicate_key"),
])
@pytest.mark.parametrize("before, between, after", [
    pytest.param(b"", b"\n", b"\n", id="B78-lines"),
    pytest.param(b"[", b",", b"]", id="B78-array"),
    pytest.param(b"[\n", b",\r\n", b"\n]\n", id="B78-array-over-lines"),
])
def test_one_bad_record_in_a_batch(tarn, tmp_path, bad, reason, before, between, after):
    records = BATCH[:500] + [bad] + BATCH[501:]
    outcome = ingest_files(tarn, tmp_path, {"batch.json": before + between.join(records) + after})
    assert (outcome.report["rows"], outcome.report["quarantined"]) == (999, 1)
    offset = len(before) + sum(len(record) + len(between) for record in records[:500])
    assert {position: (one.reason, one.record) for position, one in outcome.refused.items()} == {
        f"in/batch.json:{offset}": (reason, bad)}


@pytest.mark.parametrize("other, rows", [
    pytest.param(b"\n".join(event(f"n{i}") for i in range(9)), 9, id="B82-longer"),
    pytest.param(b"\n".join(event(f"n{i}") for i in range(2)), 2, id="B82-of-the-same-size"),
    pytest.param(event("n"), 1, id="B82-shorter"),
    pytest.param(b"", 0, id="B82-empty"),
])
def test_a_file_replaced_by_another_is_taken_from_its_start(tarn, tmp_path, other, rows):
    project = files_project(tarn, tmp_path, {"a.json": E1 + b"\n" + E2})
    ingest(project)
    (project.folder / "in/a.json").write_bytes(other)
    again = project.ingest()
    assert (again["rows"], again["records"]) == (rows, rows)
    project.audit()


# --- what is no file, and names ------------------------------------------------

@pytest.mark.parametrize("make", [
    pytest.param(os.mkfifo, id="B83-fifo"),
    pytest.param(os.mkdir, id="B83-folder"),
    pytest.param(lambda path: path.symlink_to("/dev/zero"), id="B83-device"),
    pytest.param(lambda path: path.symlink_to("missing"), id="B83-link-to-nothing"),
    pytest.param(lambda path: path.symlink_to(path.name), id="B83-link-to-itself"),
])
def test_what_is_no_file_is_not_opened(tarn, tmp_path, make):
    project = files_project(tarn, tmp_path, {"good.json": E1})
    make(project.folder / "in/odd.json")
    assert ingest(project).report["rows"] == 1


def test_B83_a_fifo_by_name_is_an_error_not_a_wait(tarn, tmp_path):
    project = files_project(tarn, tmp_path, {})
    os.mkfifo(project.folder / "pipe.json")
    result = project("ingest", "pipe.json", check=False, timeout=10)
    assert result.code != 0 and "pipe.json is not a regular file" in result.err


def test_B83_one_file_by_two_links_is_taken_once(tarn, tmp_path):
    project = files_project(tarn, tmp_path, {"a.json": E1})
    folder = project.folder / "in"
    (folder / "b.json").symlink_to("a.json")
    (folder / "c.json").symlink_to(folder / "a.json")
    report = ingest(project).report
    assert (report["rows"], report["files"]["taken"]) == (1, 1)


def test_B83_a_link_out_of_the_folder_is_not_followed(tarn, tmp_path):
    project = files_project(tarn, tmp_path, {"good.json": E1})
    (tmp_path / "secret.json").write_bytes(E2)
    (project.folder / "in/out.json").symlink_to(tmp_path / "secret.json")
    assert ingest(project).report["rows"] == 1


def test_B83_an_unfinished_upload_is_not_opened(tarn, tmp_path):
    assert ingest_files(tarn, tmp_path, {"good.json": E1, "more.json.part": E2}).report["rows"] == 1


@pytest.mark.parametrize("name", [
    "with blank.json", "with:colon:17.json", "it's.json", 'say "so".json', 
    "-rf.json", "%s%n.json", "\u202egnp.json", "naïve.json", "\U0001f388.json", "[a].json", "*.json", "{a,b}.json",
    "back\\slash.json", "~.json", "$(a).json", "n" * 250 + ".json",
], ids=lambda name: f"B83-{name[:20]!r}")
def test_a_file_with_an_odd_name(tarn, tmp_path, name):
    project = files_project(tarn, tmp_path, {name: E1 + b"\n" + b"{}"})
    outcome = ingest(project)
    outcome.check_accepted(f"in/{name}:0", E1)
    outcome.check_refused(f"in/{name}:{len(E1) + 1}", b"{}", "envelope.missing")
    assert project.ingest()["records"] == 0  # its position is known by that name
    project.audit()


@pytest.mark.parametrize("name", [b"with\nnewline.json", b"with\ttab.json", b"\x1b[31m.json", b"caf\xe9.json"],
                         ids=lambda name: f"B83-{name!r}")
def test_a_file_whose_name_is_not_text_is_passed_over(tarn, tmp_path, name):
    outcome = ingest_files(tarn, tmp_path, {"good.json": E1, os.fsdecode(name): E2})
    assert (outcome.report["rows"], outcome.report["files_passed_over"]) == (1, 1)
