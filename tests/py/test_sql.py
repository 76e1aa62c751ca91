"""`tarn sql` as people and scripts use it, over a small lake whose every record is known."""
import csv
import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time

import pytest

from lib.project import Project

HOUR = 3600
START = 1420070400  # 2015-01-01T00:00:00Z
FOREVER = "select count(*) from range(100000000000) t(i) where sqrt(i) % 3 = 1"


def record(i):
    """Two tables, an hour between records; every third has a price, and from the tenth on there is a nested member."""
    out = {"event_uuid": f"u{i}", "event_name": "payment:order:completed" if i % 2 else "PageView",
           "created_at": START + i * HOUR, "number": 2**53 + 1 + i, "text": f'a,"{i}"\n\x1b[31mé'}
    if i % 3 == 0:
        out["price"] = i + 0.1
    if i >= 10:
        out["cart"] = {"items": [{"sku": f"s{i}", "n": i}], "note": None if i % 2 else "x"}
    return out


@pytest.fixture(scope="module")
def lake(tarn, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sql")
    product = {"preset": "product", "source": {"files": "*.ndjson"}}
    p = Project(tarn, folder, {"product": product}, lake="./a [lake] of 'odd' name?*")
    for part in range(2):  # two commits: the first knows no carts
        lines = [json.dumps(record(i)) for i in range(part * 10, part * 10 + 10)]
        (folder / f"{part}.ndjson").write_text("\n".join(lines) + "\n")
        p.ingest()
    return p


def rows(lake, sql, *options, **more):
    return json.loads(lake("sql", "--json", *options, sql, **more).out)


def fails(lake, code, *words, **more):
    done = lake("sql", *words, check=False, **more)
    assert (done.code, done.out) == (code, ""), done
    return done.err


# --- what is answered --------------------------------------------------------------------------


def test_tables_by_their_names(lake):
    assert rows(lake, "select count(*) n from page_view") == [{"n": 10}]
    assert rows(lake, "select count(*) n from events.PAYMENT_order_completed") == [{"n": 10}]
    assert rows(lake, 'select count(*) n from "page_view" p join payment_order_completed o '
                      "on o.event_time = p.event_time + interval 1 hour") == [{"n": 10}]
    assert [r["name"] for r in rows(lake, "show tables")] == ["page_view", "payment_order_completed"]


def test_values_as_they_came(lake):
    got = rows(lake, "select event_id, event_time, number, text, price, cart from page_view order by event_time")
    for i, row in zip(range(0, 20, 2), got, strict=True):
        sent = record(i)
        assert row["event_id"] == sent["event_uuid"]
        assert row["event_time"] == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(sent["created_at"]))
        assert row["number"] == sent["number"]  # over 2^53: not by way of a double
        assert row["text"] == sent["text"]
        assert row["price"] == sent.get("price")
        assert row["cart"] == sent.get("cart")


def test_docs_are_comments(lake):
    got = rows(lake, "select comment from duckdb_columns() where table_name = 'page_view' and column_name = 'price'")
    assert got == [{"comment": "/price"}]


@pytest.mark.parametrize("where, found", [
    ("true", 10),
    ("event_time >= '2015-01-01 04:00' and event_time < '2015-01-01 07:00'", 2),
    ("event_time between timestamptz '2015-01-01 04:00:00+02' and '2015-01-01 03:00'", 1),
    ("event_time > now()", 0),
    ("event_id = 'u4'", 1),
    ("number > 9007199254741009", 1),
])
def test_stats_say_which_files_were_looked_at(lake, where, found):
    done = lake("sql", "--stats", "--json", f"select event_id from page_view where {where}")
    assert re.match(rf"{found} of 10 files, [\d.]+ (Ki)?B of [\d.]+ KiB\n$", done.err), done
    assert len(json.loads(done.out)) == found  # an hour, a file, a row


def test_new_commits_are_seen(tarn, tmp_path):
    p = Project(tarn, tmp_path, {"product": {"preset": "product", "source": {"files": "*.ndjson"}}})
    for i in range(3):
        (tmp_path / f"{i}.ndjson").write_text(json.dumps(record(2 * i)) + "\n")
        p.ingest()
        assert rows(p, "select count(*) n from page_view") == [{"n": i + 1}]


# --- how it is printed -------------------------------------------------------------------------


def test_table_for_people(lake):
    done = lake("sql", "select event_id, number, text, price from page_view where event_time < '2015-01-01 03:00'")
    assert done.out.splitlines() == [
        "event_id            number  text                price",
        'u0        9007199254740993  a,"0"\\x0a\\x1b[31mé    0.1',
        'u2        9007199254740995  a,"2"\\x0a\\x1b[31mé       ',
    ]
    assert done.err == "2 rows\n"
    assert lake("sql", "--quiet", "select 1").err == ""


def test_csv_reads_back(lake):
    done = lake("sql", "--csv", "select event_id, text, price, '' as nothing, cart from page_view order by event_time")
    assert done.out.startswith("event_id,text,price,nothing,cart\n") and done.err == ""
    got = list(csv.DictReader(io.StringIO(done.out)))
    assert [r["event_id"] for r in got] == [f"u{i}" for i in range(0, 20, 2)]
    assert [r["text"] for r in got] == [record(i)["text"] for i in range(0, 20, 2)]
    assert got[0]["price"] == "0.1" and got[1]["price"] == "" and ',,"",' in done.out
    assert json.loads(got[-1]["cart"]) == record(18)["cart"]


def test_json_lines_and_empty_answers(lake):
    done = lake("sql", "--jsonl", "select event_id, event_id from page_view order by 1 limit 2")
    assert [json.loads(line) for line in done.out.splitlines()] == [
        {"event_id": "u0", "event_id_1": "u0"}, {"event_id": "u10", "event_id_1": "u10"}]
    assert lake("sql", "--json", "select 1 where false").out == "[]\n"
    assert lake("sql", "--jsonl", "select 1 where false").out == ""
    assert lake("sql", "--csv", "select 1 as a where false").out.splitlines() == ["a"]


def test_answers_of_any_length(lake):
    done = lake("sql", "--csv", "--threads", "1", "select i, repeat('x', 100) from range(200000) t(i)")
    assert sum(1 for _ in io.StringIO(done.out)) == 200001
    done = lake("sql", "select i from range(5000) t(i)")
    assert len(done.out.splitlines()) == 5001 and done.err == "5,000 rows\n"


# --- where statements come from ----------------------------------------------------------------


def test_files_and_stdin(lake):
    (lake.folder / "two.sql").write_text("-- two of them\ncreate table t as select 7 as seven; -- ;\nfrom t;\n")
    assert lake("sql", "-f", "two.sql").out == "seven\n    7\n"
    assert lake("sql", input="select ';' as a;").out == "a\n;\n"
    assert lake("sql", "-", input="select 1 as a").out == "a\n1\n"
    assert "bad.sql:2: Binder Error" in _bad_file(lake)
    assert "no SQL" in fails(lake, 64, input="-- nothing\n")


def _bad_file(lake):
    (lake.folder / "bad.sql").write_text("create table t as select 1;\nselect nothing from t;\n")
    return fails(lake, 64, "-f", "bad.sql")


@pytest.mark.parametrize("words, code, said", [
    (["select * from page_vew"], 64, 'did you mean "page_view"?'),
    (["selec 1"], 64, "syntax error"),
    (["select 1", "select 2"], 64, "in quotes"),
    (["--csv", "--jsonl", "select 1"], 64, "exclude each other"),
    (["--treads", "1", "select 1"], 64, "--threads"),
    (["--threads", "none", "select 1"], 64, "1 to 256"),
    (["-f", "missing.sql"], 66, "missing.sql"),
    (["load httpfs"], 74, "httpfs"),
    (["select 123::bignum as big"], 69, "column big"),
])
def test_errors_say_what_to_do(lake, words, code, said):
    assert said in fails(lake, code, *words)


def test_without_the_library(lake, monkeypatch):
    monkeypatch.setenv("TARN_DUCKDB", "/nowhere/libduckdb.so")
    assert "/nowhere/libduckdb.so" in fails(lake, 66, "select 1")


# --- stopping ----------------------------------------------------------------------------------


def test_interrupt(lake):
    process = subprocess.Popen([lake.tarn.path, "sql", FOREVER], cwd=lake.folder, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    time.sleep(0.7)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "") and "interrupted" in err


def test_reader_that_goes_away(lake):
    process = subprocess.Popen([lake.tarn.path, "sql", "--csv", "select i from range(100000000) t(i)"], cwd=lake.folder,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "i\n"
    process.stdout.close()
    assert process.wait(20) == 128 + signal.SIGPIPE
    assert process.stderr.read() == ""
    process.stderr.close()


# --- the prompt --------------------------------------------------------------------------------


class Prompt:
    def __init__(self, lake, home):
        env = {**os.environ, "TERM": "dumb", "XDG_STATE_HOME": str(home)}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(lake.folder)
            os.execve(lake.tarn.path, ["tarn", "sql"], env)
        self.seen = ""

    def until(self, text, seconds=20):
        """What comes up to that text."""
        end = time.time() + seconds
        while text not in self.seen:
            assert time.time() < end, f"no {text!r} in {self.seen!r}"
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self.fd, 65536).decode()
                except OSError:
                    assert text in self.seen, f"gone, with {self.seen!r}"
        before, _, self.seen = self.seen.partition(text)
        return before

    def ready(self, seconds=20):
        """Until the prompt reads key by key: what is typed while the terminal changes its mode may be lost."""
        end = time.time() + seconds
        while termios.tcgetattr(self.fd)[3] & termios.ICANON and time.time() < end:
            time.sleep(0.01)

    def type(self, line, until="tarn> "):
        if line.endswith("\n"):
            self.ready()
        os.write(self.fd, line.encode())
        return self.until(until)

    def end(self, seconds=20):
        """Control-D until it is gone: one that comes while the terminal changes its mode is lost."""
        end = time.time() + seconds
        self.ready()
        while time.time() < end:
            gone, status = os.waitpid(self.pid, os.WNOHANG)
            if gone:
                return os.waitstatus_to_exitcode(status)
            try:
                os.write(self.fd, b"\x04")
                if select.select([self.fd], [], [], 0.2)[0]:
                    os.read(self.fd, 65536)
            except OSError:
                time.sleep(0.1)  # its side of the terminal is closed: it is about to end
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        pytest.fail(f"it does not end, with {self.seen!r}")


def test_prompt(lake, tmp_path):
    p = Prompt(lake, tmp_path)
    assert ".help" in p.until("tarn> ")
    p.type("select count(*) as n\n", until="... ")
    assert re.search(r"n\s+10\s", p.type("from page_view;\n"))
    assert "events.page_view" in p.type(".tables\n")
    assert "/price" in p.type(".schema page_view\n")
    assert "did you mean" in p.type("select * from page_vew;\n")
    p.type("select 'half\n", until="... ")
    p.type("\x03")
    assert "on" in p.type("\\timing\n")
    assert re.search(r"2\s.*\d s", p.type("select 1 + 1;\n"), re.S)
    os.write(p.fd, (FOREVER + ";\n").encode())
    time.sleep(0.7)
    assert "interrupted" in p.type("\x03")
    assert re.search(r"5\s", p.type("select 5 as five;\n"))
    assert p.end() == 0
    history = tmp_path / "tarn/history"
    assert "page_view" in history.read_text() and history.stat().st_mode & 0o077 == 0
