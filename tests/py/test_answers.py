"""The three questions of the music site, by the SQL of examples/music, against truths that tarn had no part in."""
import json

import pytest

from lib.command import ROOT
from lib.project import Project
from lib.real import EVENTSIM

EXAMPLE = ROOT / "examples" / "music"


def ask(p, name):
    return p("sql", "--json", "-f", str(EXAMPLE / f"{name}.sql")).out


def rows(p, name):
    return json.loads(ask(p, name))


@pytest.fixture(scope="module")
def real_music(tarn, shared, tmp_path_factory):
    files = {"source": {"files": [str(shared / "eventsim/*_events.json.gz")]}}
    p = Project(tarn, tmp_path_factory.mktemp("music"), {"music": {**EVENTSIM, **files}})
    p.ingest()
    return p, json.loads((shared / "eventsim/truth.json").read_text())


def test_locations_of_the_real_generator(real_music):
    p, truth = real_music
    assert [[r["location"], r["events"]] for r in rows(p, "locations")] == truth["locations_by_events"]


def test_songs_of_the_real_generator(real_music):
    p, truth = real_music
    assert [[f"{r['artist']} - {r['song']}", r["plays"]] for r in rows(p, "songs")] == truth["songs_by_listens"]


def test_hours_of_the_real_generator(real_music):
    p, truth = real_music
    assert [[r["user_id"], r["hours"]] for r in rows(p, "hours")] == truth["hours_by_user"]


def test_answers_of_a_simulated_site_equal_its_ledger(project):
    source = {"source": {"files": ["events/*_events*.json"]}}
    p = project({"music": {**EVENTSIM, **source}})
    p("simulate", "eventsim", "--events", "100000", "--seed", "5", "--duplicates", "0.02", "--late", "0.01",
      "--malformed", "0.01", "--drift", "0.01", "--out", "events")
    p.ingest()
    truth = json.loads((p.folder / "events/ledger.json").read_text())["answers"]
    assert [[r["location"], r["events"]] for r in rows(p, "locations")] == truth["locations_by_events"]
    assert [[r["artist"], r["song"], r["plays"]] for r in rows(p, "songs")] == truth["songs"]
    assert [[r["user_id"], r["hours"]] for r in rows(p, "hours")] == truth["hours_by_user"]
