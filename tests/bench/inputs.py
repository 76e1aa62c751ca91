"""The inputs: made once for a size, kept in build/bench/inputs, each with what is true of it (truth.py).

one has no repeats: its peers convert and do nothing else, while tarn looks for repeats all the same. The others have one in
a hundred, and everybody removes them.
"""
import dataclasses
import gzip
import json
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build/bench"
TARN = ROOT / "build/tarn"
GITHUB = ROOT.parent / "shared/data/github/2015-01-01-0.json.gz"
FILES = 4
HOURS = 4  # of event time that flat100 spans
PARTS_A_REPEAT = 100


class Absent(Exception):
    """What an input is made of is not on this machine."""


@dataclasses.dataclass(frozen=True)
class Input:
    name: str
    kind: str             # of tarn simulate; "" where it is not simulated
    bytes_each: int       # of a record, about
    words: tuple          # more words for tarn simulate
    id: str
    event_name: str
    time: dict            # as tarn.yaml has it
    partition: str = "none"
    most: int = 10**12    # bytes, whatever size is asked for
    limits: dict = dataclasses.field(default_factory=dict)

    def pipeline(self, folder, raw):
        return {"source": {"files": [str(folder / "*.ndjson")]}, "raw": raw, "partition": self.partition, "limits": self.limits,
                "envelope": {"id": self.id, "name": self.event_name, "time": self.time}}


MS = {"field": "created_at", "unit": "ms"}
REPEATS = ("--duplicates", "0.01")
ALL = {
    input.name: input for input in (
        Input("one", "one", 1412, (), "event_id", "event_name", MS),
        Input("mixed", "mixed", 1387, REPEATS, "event_id", "event_name", MS),
        Input("many", "mixed", 1387, (*REPEATS, "--names", "300"), "event_id", "event_name", MS),
        Input("flat100", "flat100", 354, REPEATS, "event_uuid", "event_name", {"field": "created_at", "unit": "s"}, "hour"),
        # Peers hold gigabytes of two thousand columns for it.
        Input("wide", "wide", 1192, REPEATS, "event_id", "event_name", MS, most=100_000_000, limits={"columns": 4096}),
        Input("github", "", 2311, (), "id", "type", {"field": "created_at"}, limits={"columns": 4096, "members": 2000}),
    )
}


def simulate(input, size, folder):
    events = max(size // input.bytes_each, 1000)
    words = [*input.words, *(("--per-hour", str(events // HOURS)) if input.partition == "hour" else ())]
    subprocess.run([TARN, "simulate", input.kind, "--events", str(events), "--files", str(FILES), "--seed", "1", *words,
                    "--out", str(folder), "-q"], check=True)
    for file in folder.glob(f"{input.kind}-*.json"):
        file.rename(file.with_suffix(".ndjson"))


def repeat_github(size, folder):
    """The hour of GitHub again and again, each time with new ids, one record in a hundred twice."""
    if not GITHUB.exists():
        raise Absent(f"{GITHUB} is not there")
    with gzip.open(GITHUB, "rb") as file:
        lines = file.read().splitlines(keepends=True)
    folder.mkdir(parents=True)
    written = round = 0
    while written < size:
        with open(folder / f"github-{round + 1:04}.ndjson", "wb") as out:
            for number, line in enumerate(lines):
                assert line.startswith(b'{"id":"')
                line = b'{"id":"%d-' % round + line[7:]
                written += out.write(line) + (out.write(line) if number % PARTS_A_REPEAT == 0 else 0)
        round += 1


def make(input, size):
    """Folder of an input of about `size` bytes, with its truth."""
    size = min(size, input.most)
    folder = WORK / "inputs" / f"{input.name}-{size // 1_000_000}MB"
    if not (folder / "truth.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        if input.kind:
            simulate(input, size, folder)
        else:
            repeat_github(size, folder)
        # In a process of its own: what this one has held counts as the peak of those it starts.
        finder = pathlib.Path(__file__).with_name("truth.py")
        subprocess.run([sys.executable, finder, folder, input.id, input.event_name], check=True)
    return folder, json.loads((folder / "truth.json").read_text())
