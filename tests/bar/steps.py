"""The steps of the bar. Each runs commands that anyone can type, and yields the figures that they print."""
import json
import re
import xml.etree.ElementTree

from bench import ROOT, Unread, read, total
from figure import amount, at_least, at_most, must_be, shown, unmeasured
from worlds import simulate

PASSED = r": (\d+) passed, (\d+) failed$"
FUZZ_HOURS = 24           # a target
GONE_SECONDS = 30         # a writer that lost its fence
# What the ten thousandth commit may cost beside the hundredth. Requests are counted; time is measured, maybe on a busy machine.
REQUESTS_MOST, TIME_MOST = 1.5, 2.5
MUTANTS_LEAST = 9
KILLS_A_MINUTE = 5        # fewer, and the soak has not tried


def unit(bench):
    passed, failed = total(PASSED, bench.make("unit"))
    yield must_be("failed under address and undefined-behaviour sanitizers", failed, 0, f"{passed} unit tests passed")


def tsan(bench):
    passed, failed = total(PASSED, bench.make("tsan"))
    yield must_be("failed under the thread sanitizer", failed, 0, f"{passed} unit tests passed")


# --- bad input -------------------------------------------------------------------------------------------------------

def bad_input(bench):
    report = bench.logs / "bad.xml"
    report.unlink(missing_ok=True)
    bench.make("build/.setup-test", "build/tarn")
    files = [*sorted((ROOT / "tests/py").glob("test_bad_*.py")), ROOT / "tests/py/test_naughty_strings.py"]
    bench.run("build/venv/bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}",
              *(str(path.relative_to(ROOT)) for path in files))
    if not report.exists():
        raise Unread(str(report))
    passed, failed, skipped = [], [], []
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        ends = {child.tag for child in case}
        (failed if ends & {"failure", "error"} else skipped if "skipped" in ends else passed).append(case.get("name"))
    yield must_be("bad-input tests failed", len(failed), 0, f"{len(passed)} passed, {len(skipped)} skipped")
    yield amount("rows of the bad-input catalogue passed", len(rows(passed) - rows(failed)), 85)
    yield from json_suite(passed)


def rows(names):
    return {row for name in names for row in re.findall(r"\bB\d+|(?<=_)B\d+", name)}


def json_suite(passed):
    names = {"".join(found) for name in passed for found in re.findall(r"\[B[678]-([yni])(_[^\]]*)\]", name)}
    for kind, words, count in (("y", "taken", 95), ("n", "refused", 188), ("i", "as declared", 35)):
        files = sum(name.startswith(f"{kind}_") for name in names)
        if names:
            yield must_be(f"JSONTestSuite {kind}_ files {words}", files, count)
        else:
            yield unmeasured(f"JSONTestSuite {kind}_ files {words}", "the suite is not beside the project")


# --- worlds ----------------------------------------------------------------------------------------------------------

def sim(bench):
    """The sanitized build and the plain one must make the same calls in the same worlds."""
    bench.make("build/sim/sim-san", "build/sim/sim-plain")
    if bench.broken:
        return
    first, seeds, checked = bench.seed, bench.scale.seeds, bench.scale.sanitized_seeds
    with_checks = simulate(bench, "san", first, checked)
    the_same = simulate(bench, "plain", first, checked)
    worlds = the_same + simulate(bench, "plain", first + checked, seeds - checked)
    yield must_be("worlds with a broken invariant", worlds.violations + with_checks.violations, 0,
                  f"seeds {first} to {first + seeds - 1}, the first {checked} under sanitizers too")
    yield must_be("traces not the same when repeated", worlds.unlike + with_checks.unlike, 0,
                  f"{worlds.repeats + with_checks.repeats} repeated in the same process")
    yield must_be("traces of the two builds", "the same" if is_same(with_checks, the_same) else "differ", "the same",
                  f"{checked} seeds")
    yield amount("seeds", worlds.seeds, 100_000, f"{worlds.lives} lives of writers, {worlds.commits} commits")
    yield amount("simulated days", worlds.days, 1000)
    yield amount("faults injected", worlds.faults, 1_000_000,
                 ", ".join(f"{kind} {count}" for kind, count in worlds.kinds.most_common()))


def is_same(one, other):
    return one.seeds == other.seeds > 0 and one.traces == other.traces


def torture(bench):
    text = bench.make("torture", f"SEED={bench.seed}", f"PAIRS={bench.scale.pairs}", f"EVERY={bench.scale.every}")
    bad = len(re.findall(r"^torture \(", text, re.MULTILINE)) - len(re.findall(r"recovery held in all$", text, re.MULTILINE))
    yield must_be("recoveries that did not hold", bad, 0)
    tried, there = total(r"; (\d+) of (\d+) calls x ways", text)
    yield amount("calls failed in each way", tried, there)
    tried, there = total(r"crash after (\d+) of (\d+) calls, then power off", text)
    yield amount("calls followed by a crash, then power off", tried, there)
    yield amount("pairs of faults", total(r"(\d+) pairs from seed", text)[0], 100_000)
    tried, there = total(r"(\d+) of (\d+) allocations failed", text)
    yield amount("allocations failed", tried, there)


def mutants(bench):
    text = bench.make("mutants", f"SEEDS={bench.scale.mutant_seeds}", f"SEED={bench.seed}")
    found = read(r"^(?P<killed>\d+)/(?P<made>\d+) mutants killed$", text)
    yield must_be("simulator mutants killed", found["killed"], max(found["made"], MUTANTS_LEAST))


# --- the real binary -------------------------------------------------------------------------------------------------

def soak(bench):
    minutes = bench.scale.soak_minutes
    text = bench.make("soak", f"MINUTES={minutes}", f"SEED={bench.seed}")
    documents = [line for line in text.splitlines() if line.startswith("{")]
    if not documents:
        raise Unread("the soak's line of JSON")
    found = json.loads(documents[-1])
    yield must_be("events lost", found["lost"], 0, f"seed {found['seed']}")
    yield must_be("events doubled", found["doubled"], 0)
    yield must_be("other problems: audit, exits, leftovers", len(found["problems"]), 0)
    yield at_least("kills, at any scale", found["kills"], KILLS_A_MINUTE * minutes)
    yield amount("kills", found["kills"], 1000)
    yield amount("events", found["events"], 1_000_000_000)
    yield amount("hours", found["seconds"] / 3600, 8)
    yield shown("faults", sum(found["faults"].values()), ", ".join(f"{k} {n}" for k, n in sorted(found["faults"].items())))
    yield at_most("seconds until a writer without its fence was gone", found["fenced_seconds_max"], GONE_SECONDS)


def fuzz(bench):
    jobs, targets = bench.jobs, len(list((ROOT / "tests/fuzz").glob("*_fuzz.c")))
    minutes = bench.scale.fuzz_minutes or FUZZ_HOURS * 60 * targets / jobs
    text = bench.make("fuzz", f"MINUTES={minutes}", f"JOBS={jobs}")
    found = read(r"^fuzz: (?P<targets>\d+) targets, (?P<inputs>\d+) inputs, (?P<seconds>\d+) seconds of CPU, "
                 r"(?P<findings>\d+) findings$", text)
    yield must_be("fuzz findings", found["findings"], 0)
    yield at_least("fuzz targets", found["targets"], 12)
    yield amount("fuzz inputs", found["inputs"], 1_000_000_000)
    yield amount("CPU hours a target", found["seconds"] / found["targets"] / 3600, FUZZ_HOURS)
    yield amount("JSON texts beside another parser, no difference", read(r"^  json +(?P<n>[\d,]+) inputs", text)["n"],
                 100_000_000)


def growth(bench):
    commits = bench.scale.commits
    text = bench.make("bench-growth", f"GROWTH={commits}")
    yield amount("commits of the growing lake", commits, 10_000)
    for what in ("commit", "apply", "start"):
        found = read(rf"^{what} .*; ratio (?P<wall>[\d.]+), cpu (?P<cpu>[\d.]+), requests (?P<requests>[\d.]+)$", text)
        yield at_most(f"{what}: processor time beside the hundredth", found["cpu"], TIME_MOST,
                      f"wall time {found['wall']}")
        yield at_most(f"{what}: requests beside the hundredth", found["requests"], REQUESTS_MOST)
    found = read(r"^window .*; ratio [\d.]+, cpu (?P<cpu>[\d.]+), requests (?P<requests>[\d.]+)$", text)
    yield at_most("ids of an unchanged window at a start: requests beside the hundredth", found["requests"], REQUESTS_MOST,
                  f"processor time {found['cpu']}")


# --- the rest of the list --------------------------------------------------------------------------------------------

def not_yet(bench):
    for name, why in (
            ("model: states, mutants killed", "the model is not part of the project yet"),
            ("fault matrix against MinIO, Kafka, Kinesis", "no such source or store yet"),
            ("failover: stop to first new commit", "the soak does not time it"),
            ("recovery: time and memory a GB of backlog", "no benchmark yet"),
            ("own Parquet beside two readers, 10^7", "in make test, uncounted"),
            ("HTTP beside two parsers", "nothing serves HTTP yet"),
            ("memory sanitizer, Valgrind", "no build yet"),
            ("line and branch coverage, MC/DC", "no build yet"),
            ("security rows H and L, erasure", "nothing serves or erases yet"),
            ("store probe verdicts", "no object store yet")):
        yield unmeasured(name, why)


ALL = {step.__name__.replace("_", "-"): step
       for step in (unit, bad_input, sim, torture, mutants, growth, soak, fuzz, tsan, not_yet)}
PROOF = ("sim", "torture", "mutants", "soak")
