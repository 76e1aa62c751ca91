"""The sets of real events, the pipeline each goes through, and what must come of it.

Who made them and what is odd about each: ../shared/data/README.md.
"""
import dataclasses
import datetime
import functools

from lib.project import Project
from lib.records import events

BANK = {
    "envelope": {
        "id": "event_id",
        "name": "{domain}:{event_type}",
        "time": {"field": "timestamp", "zone": "UTC"},
        "attributes": "data",
    },
    "dedupe": {"window": "7d", "ignore": ["timestamp"], "on_conflict": "keep_first"},
    "table": "{event_name}",
    "partition": "hour",
}
EVENTSIM = {"preset": "eventsim", "envelope": {"name": {"path": "([a-z_]+)_events"}}}
FLUENTD = {"preset": "eventsim", "envelope": {"name": {"const": "listen"}}}
GITHUB = {"envelope": {"id": "id", "name": "type", "time": "created_at"}}
WIKIMEDIA = {"envelope": {"id": "meta.id", "name": "type", "time": "meta.dt"}}


def text_time(text):
    time = datetime.datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)


def epoch_ms(number):
    return datetime.datetime.fromtimestamp(0, datetime.timezone.utc) + datetime.timedelta(milliseconds=int(number))


@dataclasses.dataclass(frozen=True)
class Real:
    name: str
    glob: str
    pipeline: dict
    time: callable         # of an event
    records: int
    rows: int
    tables: int
    some: dict             # rows of tables worth naming
    duplicates: int = 0


REAL = [
    Real("bank", "bank/*.json.gz", BANK, lambda event: text_time(event["timestamp"]), 27154, 21748, 3,
         {"account_creation": 5332, "account_status_change": 4787, "transaction_creation": 11629}, 5406),
    Real("sparkify", "sparkify/*.json", {"preset": "eventsim"}, lambda event: epoch_ms(event["ts"]), 1882, 1882, 12,
         {"next_song": 1594}),
    Real("eventsim", "eventsim/*_events.json.gz", EVENTSIM, lambda event: epoch_ms(event["ts"]), 124399, 124399, 4,
         {"page_view": 67256, "listen": 56153, "auth": 926, "status_change": 64}),
    Real("fluentd", "eventsim/fluentd-chunk.json", FLUENTD, lambda event: epoch_ms(event["ts"]), 867, 867, 1,
         {"listen": 867}),
    Real("github", "github/*.json.gz", GITHUB, lambda event: text_time(event["created_at"]), 7702, 7702, 14,
         {"push_event": 4280}),
    Real("wikimedia", "wikimedia/*.ndjson", WIKIMEDIA, lambda event: text_time(event["meta"]["dt"]), 100, 100, 1,
         {"edit": 100}),
]


class Ingested:
    """A set in its lake, for many tests: none may change it."""

    def __init__(self, real, project, files):
        self.real, self.project, self.files = real, project, files
        self.report = project.ingest()
        self.tables = project.lake.tables()

    @functools.cached_property
    def events(self):
        return events(self.files)


def real_pipeline(real, shared):
    return {real.name: {**real.pipeline, "source": {"files": [str(shared / real.glob)]}}}


def ingest_real(real, tarn, shared, folder):
    return Ingested(real, Project(tarn, folder, real_pipeline(real, shared)), sorted(shared.glob(real.glob)))
