"""What the scripts of all peers share: one job of one engine in a process of its own.

    peer_<engine>.py JOB INPUT OUT THREADS        prints {"seconds": .., "cpu": .., "version": ..}

The clock starts when the engine is loaded and stops when the job is done, so that no peer pays for Python.
"""
import json
import pathlib
import resource
import sys
import time


class Task:
    def __init__(self, folder, out, threads):
        self.folder, self.out, self.threads = pathlib.Path(folder), pathlib.Path(out), int(threads)
        self.truth = json.loads((self.folder / "truth.json").read_text())
        self.files = f"{folder}/*.ndjson"
        self.id, self.name = self.truth["id"], self.truth["name"]

    def schema(self):
        """Of all names at once."""
        merged = {}
        for schema in self.truth["schemas"].values():
            merge(merged, schema)
        for key, value in merged.items():
            if isinstance(value, str) and any(key not in schema for schema in self.truth["schemas"].values()):
                merged[key] = value.rstrip("?") + "?"
        return merged


def merge(into, schema):
    for key, value in schema.items():
        if isinstance(value, dict):
            merge(into.setdefault(key, {}), value)
        elif isinstance(value, list):
            into[key] = value
        else:
            into[key] = max(into.get(key, value), value)  # the longer: with its question mark


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def play(jobs, version):
    job, folder, out, threads = sys.argv[1:]
    task = Task(folder, out, threads)
    began, cpu = time.monotonic(), cpu_seconds()
    jobs[job](task)
    print(json.dumps({"seconds": time.monotonic() - began, "cpu": cpu_seconds() - cpu, "version": version}))
