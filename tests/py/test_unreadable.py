"""Disks and shares that fail: a preloaded fault layer (tests/soak/shim.c) stands between the program and its files."""
import collections
import json
import os
import subprocess
import time

import pytest

from lib.command import ROOT
from lib.follow import Follower, wait_until

PIPELINE = {"envelope": {"id": "id", "name": "type", "time": "at"}, "source": {"files": ["in/*.json"]}}
IO = 74
CLEAR = range(64, 79)  # sysexits


@pytest.fixture(scope="session")
def shim():
    """shim(plan) -> the environment of a program whose calls fail by it."""
    subprocess.run(["make", "-s", "build/shim.so"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return lambda **plan: {**os.environ, "LD_PRELOAD": str(ROOT / "build/shim.so"),
                           **{f"SHIM_{key.upper()}": str(value) for key, value in plan.items()}}


@pytest.fixture
def shop(project):
    """Three files of a hundred sales; the second is in for trouble."""
    p = project({"shop": PIPELINE})
    (p.folder / "in").mkdir()
    for name in ("a", "bad", "c"):
        (p.folder / f"in/{name}.json").write_text(sales(name, 100))
    return p


def sales(name, count):
    return "".join(json.dumps({"id": f"{name}-{n}", "type": "sale", "at": f"2025-03-01T{n % 24:02}:00:00Z",
                               "who": f"user {n}"}) + "\n" for n in range(count))


def run(p, environment, *words):
    return subprocess.run([p.tarn.path, *words], cwd=p.folder, env=environment, text=True, capture_output=True, timeout=120)


def ids(p):
    return collections.Counter(p.lake.table("sale").ids()) if "sale" in p.lake.tables() else collections.Counter()


def expect(p, *names, count=100):
    assert ids(p) == collections.Counter(f"{name}-{n}" for name in names for n in range(count))


@pytest.mark.parametrize("calls,faults", [("open", "eacces"), ("open", "eio"), ("read", "estale"), ("stat", "eio")])
def test_ingest_takes_the_others_and_names_the_file(shop, shim, calls, faults):
    done = run(shop, shim(paths=shop.folder / "in/bad.json", calls=calls, faults=faults, one_in=1), "ingest", "--json")
    assert done.returncode == IO, done
    assert "in/bad.json" in done.stderr.splitlines()[-1]
    report = json.loads(done.stdout)
    assert (report["records"], report["files_unread"]) == (200, 1)
    expect(shop, "a", "c")
    assert shop.ingest()["records"] == 100
    expect(shop, "a", "bad", "c")
    shop.audit()


def test_ingest_of_named_files(shop, shim):
    done = run(shop, shim(paths=shop.folder / "in/bad.json", one_in=1), "ingest", "in/bad.json", "in/c.json")
    assert done.returncode == IO and "in/bad.json" in done.stderr.splitlines()[-1], done
    expect(shop, "c")


def test_a_file_that_breaks_off_is_taken_as_far_as_it_was_read(shop, shim):
    bad = shop.folder / "in/bad.json"
    bad.write_text(sales("bad", 50000))
    done = run(shop, shim(paths=bad, calls="read", one_in=10, seed=3), "ingest", "--json")
    assert done.returncode == IO and "in/bad.json" in done.stderr, done
    taken = ids(shop)
    assert 200 < len(taken) < 50200 and set(taken.values()) == {1}
    assert shop.ingest()["records"] == 50200 - len(taken)
    assert len(ids(shop)) == 50200
    shop.audit()


def test_run_goes_on_and_comes_back_to_it(shop, shim, tmp_path):
    trouble = tmp_path / "trouble"
    trouble.touch()
    config = json.loads((shop.folder / "tarn.yaml").read_text())
    config["commit"] = {"every": "100ms"}
    config["pipelines"]["shop"]["raw"] = "off"  # a file with every commit, to be counted at once
    (shop.folder / "tarn.yaml").write_text(json.dumps(config))
    environment = shim(**{"paths": shop.folder / "in/bad.json", "one_in": 1, "while": trouble})
    with Follower(shop, environment=environment) as writer:
        wait_until(lambda: len(ids(shop)) == 200, "the others are taken")
        (shop.folder / "in/d.json").write_text(sales("d", 100))
        wait_until(lambda: len(ids(shop)) == 300, "a new one is taken")
        time.sleep(1.5)  # it is tried again meanwhile, and that is not said
        trouble.unlink()
        wait_until(lambda: len(ids(shop)) == 400, "it is taken too")
    said = [line for line in writer.said.splitlines() if "bad.json" in line]
    assert len(said) == 2 and "trying again" in said[0] and "can be read again" in said[1], said
    expect(shop, "a", "bad", "c", "d")
    shop.audit()


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_committed_after_a_sync_that_failed(shop, shim, tmp_path, seed):
    log = tmp_path / "faults"
    done = run(shop, shim(paths=shop.lake.path, calls="sync", one_in=1 + 3 * seed, seed=seed, log=log), "ingest")
    lines = log.read_text().splitlines()
    failed = [line for line in lines if " sync " in line]
    assert (done.returncode == 0) == (failed == []), done
    assert done.returncode in (0, *CLEAR) and not [line for line in lines if "named" in line and "/journal/" in line]
    shop.ingest()
    expect(shop, "a", "bad", "c")
    shop.audit()


@pytest.mark.parametrize("seed", range(12))
def test_any_call_on_the_lake_may_fail(shop, shim, tmp_path, seed):
    plan = {"paths": shop.lake.path, "faults": "eio,enospc,short,lost", "one_in": 15, "log": tmp_path / "faults"}
    for attempt in range(6):
        done = run(shop, shim(seed=100 * seed + attempt, **plan), "ingest")
        assert done.returncode in (0, *CLEAR), done
        assert done.returncode == 0 or done.stderr.strip(), done
    shop.ingest()
    expect(shop, "a", "bad", "c")
    shop.audit()
