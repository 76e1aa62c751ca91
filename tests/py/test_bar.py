"""What the bar makes of what its commands say: a figure that does not hold fails it, and so does one that is not there."""
import json
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/bar"))

import bar  # noqa: E402
import bench  # noqa: E402
import steps  # noqa: E402
from figure import FAILED, PART, REACHED, SHOWN, UNMEASURED, amount, at_least, at_most, must_be, shown, unmeasured  # noqa: E402

SIM = """\
sim: seeds 1 to 60
sim: 60 seeds (42 object store, 18 file system), 34.9 a second; 157766 calls, 957 lives, 292 commits, 1222 faults; \
3 traces repeated, all the same; 0 violations
sim: 0.0020 simulated days; all traces 081b9fcbf66eaec3
  request lost              700
  power off before          522
"""
SOAK = {"seed": 7, "kills": 110, "events": 86777, "seconds": 66, "lost": 0, "doubled": 0, "problems": [],
        "faults": {"kill": 42}, "fenced_seconds_max": 0.64}
TORTURE = """\
torture (object store): 389 calls, 3 commits; 510 of 2041 calls x ways, recovery held in all
torture (object store): 100 pairs from seed 1, recovery held in all
torture (file system): 1131 calls, 3 commits; 1572 of 6288 calls x ways, recovery held in all
torture (file system): crash after 282 of 1131 calls, then power off, recovery held in all
torture (file system): 100 pairs from seed 1, recovery held in all
torture (object store): 403 of 1613 allocations failed, recovery held in all
torture (file system): 452 of 1808 allocations failed, recovery held in all
"""
GROWTH = "".join(f"{what} after 100: 2.1 ms, 1 ms cpu, 8.4 requests; after 1000: 1.5 ms, 1.1 ms cpu, 8.1 requests; "
                 "ratio 0.71, cpu 1.21, requests 0.97\n" for what in ("commit", "apply", "start", "ids", "window"))
FUZZ = """\
  json         1,234,567 inputs   10,780 a second    504 places   470 MiB  0 findings
fuzz: 16 targets, 7000000 inputs, 57600 seconds of CPU, 0 findings
"""


class Said(bench.Bench):
    """In place of commands: what they say, by a word of theirs."""
    def __init__(self, words, status=0):
        super().__init__(bar.SCALES["proof"], 1, 1, None)
        self.words, self.status = words, status

    def run(self, *command):
        if self.status:
            self.broken.append((" ".join(command), self.status))
        return next((text for word, text in self.words.items() if any(word in part for part in command)), "")


def verdicts(step, words, is_full=False, status=0):
    return {figure.name: figure.verdict(is_full) for figure in Said(words, status).measure(steps.ALL[step])}


def test_what_must_hold_fails_at_any_scale():
    for is_full in (False, True):
        assert must_be("lost", 0, 0).verdict(is_full) == REACHED
        assert must_be("lost", 1, 0).verdict(is_full) == FAILED
        assert at_most("ratio", 1.6, 1.5).verdict(is_full) == FAILED
        assert at_least("kills", 4, 5).verdict(is_full) == FAILED
        assert shown("faults", 4).verdict(is_full) == SHOWN
        assert unmeasured("coverage", "no build").verdict(is_full) == UNMEASURED


def test_an_amount_fails_at_full_scale_alone():
    assert amount("seeds", 999, 1000).verdict(False) == PART
    assert amount("seeds", 999, 1000).verdict(True) == FAILED
    assert amount("seeds", 1000, 1000).verdict(True) == REACHED


@pytest.mark.parametrize("step, words, count", [
    ("sim", {"sim-": SIM}, 6), ("torture", {"torture": TORTURE}, 5), ("soak", {"soak": json.dumps(SOAK)}, 9),
    ("growth", {"growth": GROWTH}, 8), ("fuzz", {"fuzz": FUZZ}, 5), ("mutants", {"mutants": "10/10 mutants killed\n"}, 1),
    ("unit", {"unit": "unit_base: 7 passed, 0 failed\nseam_store: 9 passed, 0 failed\n"}, 1)])
def test_a_good_run_reaches_its_floors(step, words, count):
    found = verdicts(step, words)
    assert len(found) == count and FAILED not in found.values() and REACHED in found.values()


@pytest.mark.parametrize("step, words, name", [
    ("sim", {"sim-": "sim: seed 3 (object store): I9: table push\n  repeat: make sim SEEDS=1 SEED=3\n"},
     "worlds with a broken invariant"),
    ("sim", {"sim-san": SIM, "sim-plain": SIM.replace("081b", "081c")}, "traces of the two builds"),
    ("sim", {"sim-": "sim: seed 3 is not the same twice: trace 1, then 2\n"}, "traces not the same when repeated"),
    ("torture", {"torture": TORTURE.replace("282 of 1131 calls, then power off, recovery held in all", "I9: broken")},
     "recoveries that did not hold"),
    ("mutants", {"mutants": "8/9 mutants killed\n"}, "simulator mutants killed"),
    ("mutants", {"mutants": "1/1 mutants killed\n"}, "simulator mutants killed"),
    ("soak", {"soak": json.dumps({**SOAK, "lost": 1})}, "events lost"),
    ("soak", {"soak": json.dumps({**SOAK, "doubled": 1})}, "events doubled"),
    ("soak", {"soak": json.dumps({**SOAK, "problems": ["audit"]})}, "other problems: audit, exits, leftovers"),
    ("soak", {"soak": json.dumps({**SOAK, "kills": 0})}, "kills, at any scale"),
    ("fuzz", {"fuzz": FUZZ.replace("CPU, 0", "CPU, 1")}, "fuzz findings"),
    ("growth", {"growth": GROWTH.replace("cpu 1.21", "cpu 3.91")}, "apply: processor time beside the hundredth"),
    ("growth", {"growth": GROWTH.replace("requests 0.97", "requests 1.97")},
     "ids of an unchanged window at a start: requests beside the hundredth"),
    ("unit", {"unit": "unit_base: 7 passed, 1 failed\n"}, "failed under address and undefined-behaviour sanitizers")])
def test_a_bad_run_fails(step, words, name):
    assert verdicts(step, words)[name] == FAILED


@pytest.mark.parametrize("step", ["unit", "sim", "torture", "mutants", "growth", "soak", "fuzz", "tsan"])
def test_a_silent_run_fails(step):
    assert FAILED in verdicts(step, {}).values()


@pytest.mark.parametrize("step, words", [("torture", {"torture": TORTURE}), ("fuzz", {"fuzz": FUZZ})])
def test_a_bad_exit_fails_whatever_was_said(step, words):
    assert FAILED in verdicts(step, words, status=1).values()


def test_shares_of_the_seeds_add_up():
    one = steps.simulate(Said({"sim-": SIM}), "plain", 1, 60)
    both = one + one
    assert (both.seeds, both.faults, both.kinds["power off before"]) == (120, 2444, 1044)
    assert both.traces == 2 * 0x081b9fcbf66eaec3 % 2**64


def test_a_command_that_does_not_end_is_ended():
    slow = bench.Bench(bar.SCALES["proof"], 1, 1, 0.2)
    figures = list(slow.measure(lambda b: iter([shown("said", b.run("sleep", "60"))])))
    assert figures[-1].verdict(False) == FAILED and "no answer" in figures[-1].value
