"""What all tests share: the program, the real events, the readers that are not ours."""
import os
import pathlib

import duckdb
import pytest

from lib.command import ROOT, SHARED, Tarn
from lib.project import Project
from lib.real import REAL, ingest_real


@pytest.fixture(scope="session")
def tarn():
    path = pathlib.Path(os.environ.get("TARN", ROOT / "build/tarn")).resolve()
    if not path.exists():
        pytest.fail(f"{path} is not there: run make, or set TARN to a tarn")
    return Tarn(path)


@pytest.fixture(scope="session")
def shared():
    if not SHARED.is_dir():
        pytest.skip("the real events are not here: ../shared/data beside the project")
    return SHARED


@pytest.fixture
def project(tarn, tmp_path):
    """project(pipelines): a folder of its own with that tarn.yaml."""
    return lambda pipelines, name="project", **more: Project(tarn, tmp_path / name, pipelines, **more)


@pytest.fixture(scope="session", params=REAL, ids=lambda real: real.name)
def real(request, tarn, shared, tmp_path_factory):
    """One set of real events after the other, ingested once for all tests."""
    return ingest_real(request.param, tarn, shared, tmp_path_factory.mktemp(request.param.name))


@pytest.fixture(scope="session")
def duck():
    """DuckDB with its own Iceberg reader."""
    from duckdb_extensions import import_extension
    con = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    for name in ("avro", "iceberg"):
        import_extension(name, con=con)
        con.execute(f"LOAD {name}")
    con.execute("SET TimeZone = 'UTC'")
    return con
