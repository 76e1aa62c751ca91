"""The fault layer of one writer (shim.c): what it is asked to do, and what the writer did then."""
import pathlib
import re

from writer import GRACE_SECONDS

LIBRARY = pathlib.Path(__file__).resolve().parents[2] / "build/shim.so"

# What fails together, and how. Syncs fail alone too: nobody may go on after that.
LAKE = [("write", "eio,enospc,short"), ("sync", "eio"), ("open,read,stat,list", "eio,short"),
        ("link,rename,unlink,mkdir", "eio,enospc,lost"),
        ("open,read,write,sync,link,rename,unlink,mkdir,stat,list", "eio,enospc,short,lost")]
SOURCES = [("open,read,stat,list", "eio,eacces,estale,short")]

ENTRY = re.compile(r"named .*/_tarn/journal/[^/]+/\d+")


class Shim:
    def __init__(self, round_):
        self.log = round_.folder / f"shim-{len(round_.writers.all)}.log"
        is_lake = round_.random.random() < 0.75
        calls, faults = round_.random.choice(LAKE if is_lake else SOURCES)
        below = [round_.lake] if is_lake else [stream.folder for stream in round_.streams.all]
        self.environment = {
            "LD_PRELOAD": str(LIBRARY), "SHIM_PATHS": ":".join(map(str, below)), "SHIM_LOG": str(self.log),
            "SHIM_SEED": str(round_.random.randrange(1 << 31)), "SHIM_CALLS": calls, "SHIM_FAULTS": faults,
            "SHIM_ONE_IN": str(round_.random.choice([5, 20, 60, 200, 1000])),
        }

    def lines(self):
        return self.log.read_text(errors="replace").splitlines() if self.log.exists() else []

    def failed(self):
        """Calls that it had fail."""
        return sum(not line.startswith("named ") for line in self.lines())

    def judge(self, round_, writer):
        """After a sync that failed the process ends, and commits nothing before it does (reliability F13)."""
        if not any(line.split(" ", 2)[1] == "sync" for line in self.lines() if not line.startswith("named ")):
            return
        if writer.wait(GRACE_SECONDS) is None:
            round_.problem(f"{writer.name}: a sync failed, and alive after {GRACE_SECONDS} s")
        for line in self.lines():
            if ENTRY.fullmatch(line):
                round_.problem(f"{writer.name}: a sync failed, and it committed: {line}")
