"""What is to be reached, `floor` at the least and `goal` in the end, and whether it was."""
import dataclasses


@dataclasses.dataclass
class Target:
    text: str
    unit: str
    floor: float
    goal: float
    value: float
    is_most: bool = False  # the less the better

    def is_met(self, bound):
        return self.value <= bound if self.is_most else self.value >= bound

    @property
    def verdict(self):
        return "goal" if self.is_met(self.goal) else "ok" if self.is_met(self.floor) else "MISS"


# Of the scripts named, tarn is held against the fastest.
RATIOS = (
    ("mixed", ("duckdb.infer", "duckdb.user"), "mixed, repeats removed, a table a name; DuckDB inferring", 12, 15),
    ("mixed", ("duckdb.best",), "same; DuckDB given all schemas and its best script", 4, 6),
    ("flat100", ("duckdb.given", "duckdb.user"), "flat100, repeats removed, by name and hour; DuckDB's one statement", 5, 8),
    ("one", ("duckdb.best", "duckdb.user"), "one; DuckDB", 3, 4),
    ("one", ("clickhouse.best", "clickhouse.user"), "one; ClickHouse", 4.5, 6),
    ("one", ("polars.best", "polars.user"), "one; Polars", 4.5, 6),
    ("github", ("duckdb.best", "duckdb.user"), "GitHub's hour repeated; DuckDB inferring", 8, 12),
)
LEAST = {
    "roofline.one": ("one core end to end, of simdjson's full walk, one", "of it", 0.25, 0.4),
    "roofline.mixed": ("same, mixed", "of it", 0.25, 0.4),
    "dedupe": ("dedupe, very many keys known, one core", "M keys/s", 15, 20),
    "cores": ("two cores over one, mixed", "x", 1.75, 1.9),
}
MOST = {
    "memory": ("peak memory, 300 names of 50 columns", "MiB", 512, 512),
    "memory.share": ("same, of DuckDB's", "of it", 0.3, 0.15),
    "growth.peak": ("peak memory, a larger input of the same", "MiB", 512, 512),
    "growth": ("cost of an event at ten times the input", "of it", 1.05, 1.02),
    "dedupe.bytes": ("same, memory", "B a key", 24, 24),
}


def of_pairs(all_pairs):
    """The targets that these pairs answer; of several numbers of threads, the most."""
    most = max((pairs.threads for pairs in all_pairs), default=0)
    for input, scripts, text, floor, goal in RATIOS:
        ratios = [pairs.ratio() for pairs in all_pairs if (pairs.input, pairs.threads) == (input, most) and pairs.script in scripts]
        if ratios:
            yield Target(text, "x", floor, goal, min(ratios))
    for pairs in all_pairs:
        if (pairs.input, pairs.threads, pairs.script) == ("one", most, "duckdb.user"):
            yield Target("one, bytes of the files; DuckDB's default", "of it", 1, 1, 1 / pairs.ratio("bytes_out"), True)


def of_figures(figures):
    for name, value in figures.items():
        yield Target(*LEAST[name], value) if name in LEAST else Target(*MOST[name], value, is_most=True)
