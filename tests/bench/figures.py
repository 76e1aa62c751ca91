"""Figures that no pair of engines gives: the roofline, cores, growth, memory, dedupe. Each is a function of the Bench that yields
(name, value), by which targets.py knows them."""
import json
import statistics

import contest
import inputs
import measure

GROWTH = 10
SMALL = 4          # growth begins with so small a part of the size
GROWTH_ROUNDS = 3  # of ten times the input
MEMORY_ROUNDS = 2  # peaks hardly differ


def roofline(bench):
    """One core end to end, as a share of simdjson's speed over the same bytes."""
    for name in ("one", "mixed"):
        input = inputs.ALL[name]
        folder, truth = inputs.make(input, bench.size)
        shares = []
        for number in range(bench.rounds):
            bench.tell(f"roofline, {name}: round {number + 1} of {bench.rounds}")
            at = contest.fresh("roofline")
            roof = json.loads(measure.run([bench.programs / "bench_roofline", *sorted(folder.glob("*.ndjson"))], 1, at).said)
            if roof["bytes"] != truth["bytes"]:
                raise measure.Failed(f"the roofline read {roof['bytes']} bytes of {truth['bytes']}")
            shares.append(roof["seconds"] / contest.ingest(input, folder, truth, 1).seconds)
            bench.note(f"simdjson {roof['kernel']}, {name}", f"{roof['bytes'] / roof['seconds'] / 1e6:.0f} MB/s")
        yield f"roofline.{name}", statistics.median(shares)


def cores(bench):
    input = inputs.ALL["mixed"]
    folder, truth = inputs.make(input, bench.size)
    ratios = []
    for number in range(bench.rounds):
        bench.tell(f"cores: round {number + 1} of {bench.rounds}")
        one, two = (contest.ingest(input, folder, truth, threads).seconds for threads in (1, 2))
        ratios.append(one / two)
    yield "cores", statistics.median(ratios)


def growth(bench):
    """Processor seconds of an event at ten times the input, over those at once."""
    input = inputs.ALL["many"]
    sizes = (bench.size // SMALL, bench.size // SMALL * GROWTH)
    ratios, peaks = [], []
    for number in range(min(bench.rounds, GROWTH_ROUNDS)):
        bench.tell(f"growth: round {number + 1}")
        costs = []
        for size in sizes:
            folder, truth = inputs.make(input, size)
            run = contest.ingest(input, folder, truth, bench.threads)
            costs.append(run.cpu / truth["records"])
            peaks.append(run.peak_mib)
        ratios.append(costs[1] / costs[0])
    yield "growth", statistics.median(ratios)
    yield "growth.peak", max(peaks)


def memory(bench):
    """Peaks with 300 names of 50 columns each: ours, and as a share of DuckDB's."""
    pairs, = bench.compete("many", bench.threads, min(bench.rounds, MEMORY_ROUNDS))
    yield "memory", max(run.peak_mib for run in pairs.ours)
    yield "memory.share", contest.median(pairs.ours, "peak_mib") / contest.median(pairs.theirs, "peak_mib")


def dedupe(bench):
    """Keys a second on one core with very many known, and what one costs in memory."""
    bench.tell(f"dedupe: {bench.keys:,} keys")
    at = contest.fresh("dedupe")
    said = json.loads(measure.run([bench.programs / "bench_dedupe", bench.keys, at / "lake"], 1, at).said)
    bench.note("dedupe", ", ".join(f"{name} {value}" for name, value in said.items()))
    yield "dedupe", said["new_mkeys"]
    yield "dedupe.bytes", said["resident_bytes_a_key"]


ALL = {"roofline": roofline, "cores": cores, "growth": growth, "memory": memory, "dedupe": dedupe}
