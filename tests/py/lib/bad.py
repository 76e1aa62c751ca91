"""Records that are wrong in some way, and what became of each of them."""
import dataclasses
import functools
import json

from lib.leaves import Shape, check_row
from lib.project import Project
from lib.records import loads

AT = 1735689600000  # 2025-01-01T00:00:00Z
ENVELOPE = {"id": "id", "name": "name", "time": {"field": "at", "unit": "ms"}}
KEPT = ("source_position", "pipeline", "reason", "pointer", "record", "record_bytes", "message", "record_sha256")


def pipeline(*files, **more):
    """Into one table, whatever the events are called: few tables are fast."""
    return {"source": {"files": list(files)}, "envelope": ENVELOPE, "table": "cases", "partition": "month", **more}


def envelope(id):
    return f'"id":{json.dumps(id)},"name":"case","at":{AT}'


def event(id, more=""):
    """A good event; `more` is what it has besides, as JSON."""
    return ("{" + envelope(id) + (f",{more}" if more else "") + "}").encode()


def numbered(count):
    """So many members."""
    return ",".join(f'"k{number}":{number}' for number in range(count))


def colliding(count):
    """Members whose names have one hash where it is made blind to case by setting a bit: ^ and ~ differ in that."""
    names = (f"{number:017b}".replace("0", "^").replace("1", "~") for number in range(count))
    return ",".join(f'"{name}":0' for name in names)


@dataclasses.dataclass
class Refused:
    """A row of the quarantine."""
    position: str
    pipeline: str
    reason: str
    pointer: str | None
    record: bytes
    length: int
    message: str
    sha256: str | None


def by_position(rows):
    found = {row["source_position"]: row for row in rows}
    assert len(found) == len(rows), "one record twice"
    return found


def quarantine(lake):
    """Position -> Refused, by PyIceberg; and pyarrow gives the same from the files alone."""
    table = lake.tables("tarn").get("quarantine")
    if table is None:
        return {}
    rows = by_position(table.static.scan(selected_fields=KEPT).to_arrow().to_pylist())
    files = [row for _, file in table.files() for row in file.read(columns=list(KEPT)).to_pylist()]
    assert by_position(files) == rows
    return {position: Refused(*(row[key] for key in KEPT)) for position, row in rows.items()}


class Outcome:
    """What a project's lake has after an ingest."""

    def __init__(self, project, report):
        self.project, self.report = project, report
        self.refused = quarantine(project.lake)
        assert len(self.refused) == report["quarantined"], report

    @functools.cached_property
    def rows(self):
        """Position -> (row, shape of its table)."""
        found = {}
        for table in self.project.lake.tables().values():
            shape = Shape(table.static.schema(), is_blurred=True)
            found.update((position, (row, shape)) for position, row in by_position(table.rows()).items())
        return found

    @property
    def reasons(self):
        """Of all that was refused, in the order of their positions."""
        return [refused.reason for _, refused in sorted(self.refused.items(), key=lambda item: place(item[0]))]

    def check_accepted(self, position, record):
        assert position not in self.refused, self.refused[position]
        assert position in self.rows, "neither row nor in quarantine"
        row, shape = self.rows[position]
        check_row(loads(record), row, shape)

    def check_refused(self, position, record, reason, pointer=None, pipeline="bad"):
        assert position in self.refused, "accepted" if position in self.rows else "neither row nor in quarantine"
        refused = self.refused[position]
        assert (refused.reason, refused.pointer, refused.pipeline) == (reason, pointer, pipeline), refused
        assert refused.record == record and refused.length == len(record), refused
        assert refused.message

    def check_neither(self, position):
        assert position not in self.refused, self.refused[position]
        assert position not in self.rows, "accepted"


def place(position):
    file, _, offset = position.rpartition(":")
    return file, int(offset)


def ingest(project, *files):
    """Ingest and audit."""
    report = project.ingest(*files)
    project.audit()
    return Outcome(project, report)


def files_project(tarn, folder, files, **more):
    """A project with these files, name -> bytes, for one pipeline called bad."""
    project = Project(tarn, folder / "project", {"bad": pipeline("in/*", **more)})
    (project.folder / "in").mkdir()
    for name, data in files.items():
        (project.folder / "in" / name).write_bytes(data)
    return project


def ingest_files(tarn, folder, files, **more):
    return ingest(files_project(tarn, folder, files, **more))
