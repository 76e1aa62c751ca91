"""Logs that are rotated while they are followed: each line is a row once (reliability F58)."""
import json

import pytest

from lib.follow import Follower, wait_until


@pytest.fixture
def shop(project):
    """Every line has a file of its own soon, to be counted at once."""
    p = project({"shop": {"envelope": {"id": "id", "name": "type", "time": "at"}, "source": {"files": ["logs/app.log*"]}, "raw": "off"}},
                commit={"every": "100ms"})
    (p.folder / "logs").mkdir()
    (p.folder / "logs/app.log").touch()
    return p


class Log:
    """Somebody who writes lines, by a handle of his own."""

    def __init__(self, path):
        self.path, self.count = path, 0
        self.file = path.open("a")

    def write(self, lines):
        for _ in range(lines):
            self.file.write(json.dumps({"id": f"e{self.count}", "type": "sale", "at": f"2025-03-01T{self.count % 24:02}:00:00Z"}) + "\n")
            self.count += 1
        self.file.flush()

    def rename(self, number):
        """As logrotate does: the writer goes on in the old file for a while."""
        self.path.rename(self.path.with_name(f"app.log.{number}"))
        self.write(10)
        self.file.close()
        self.file = self.path.open("a")


def rows(p):
    return p.lake.table("sale").ids() if "sale" in p.lake.tables() else []


def take(p, log):
    wait_until(lambda: len(rows(p)) >= log.count, f"{log.count} lines are rows")


def check(p, log):
    assert sorted(rows(p)) == sorted(f"e{n}" for n in range(log.count))
    p.audit()


def test_rotated_by_rename(shop):
    log = Log(shop.folder / "logs/app.log")
    with Follower(shop):
        for number in range(12):
            log.write(200)
            log.rename(number)
        take(shop, log)
    check(shop, log)


def test_cut_in_place(shop):
    """What was there when it was last looked at is taken, and what comes after the cut, be it less or more than before."""
    log = Log(shop.folder / "logs/app.log")
    with Follower(shop):
        for lines in (100, 10, 300, 1, 50, 50):
            log.write(lines)
            take(shop, log)
            log.file.truncate(0)
        log.write(100)
        take(shop, log)
    check(shop, log)


def test_another_file_under_a_number_that_is_free_again(shop):
    """Inodes are given out again at once: a file is known by its path and how it begins, never by its number."""
    log = Log(shop.folder / "logs/app.log")
    with Follower(shop):
        for _ in range(8):
            log.write(20)
            take(shop, log)
            log.file.close()
            log.path.unlink()
            log.file = log.path.open("a")
    check(shop, log)
