"""Apache Spark opens the lake as it lies there: a file-system catalog of Iceberg tables.

Needs the jar of iceberg-spark-runtime in build/spark (`make test-spark` brings it) and Java 17.
"""
import json

import pyarrow.parquet as pq
import pytest

from lib.command import ROOT

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def open_lake(tmp_path_factory):
    """open_lake(lake) -> the name of a catalog over it."""
    sql = pytest.importorskip("pyspark.sql")
    jars = sorted((ROOT / "build/spark").glob("iceberg-spark-runtime-3.5_2.12-*.jar"))
    assert jars, "no iceberg-spark-runtime in build/spark: run make test-spark"
    spark = (sql.SparkSession.builder.master("local[2]").appName("tarn")
             .config("spark.jars", str(jars[-1]))
             .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
             .config("spark.ui.enabled", "false")
             .config("spark.sql.session.timeZone", "UTC")
             .config("spark.sql.shuffle.partitions", "2")
             .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
             .getOrCreate())
    yield lambda name, lake: Catalog(spark, name, lake)
    spark.stop()


class Catalog:
    def __init__(self, spark, name, lake):
        self.spark, self.name = spark, name
        spark.conf.set(f"spark.sql.catalog.{name}", "org.apache.iceberg.spark.SparkCatalog")
        spark.conf.set(f"spark.sql.catalog.{name}.type", "hadoop")
        spark.conf.set(f"spark.sql.catalog.{name}.warehouse", str(lake.path))

    def rows(self, query):
        """`query` names tables as {lake}.events.x."""
        return self.spark.sql(query.format(lake=self.name)).collect()


@pytest.fixture
def catalog(open_lake, real):
    return open_lake(f"lake_{real.real.name}", real.project.lake)


def test_spark_lists_the_tables(catalog, real):
    assert {row["tableName"] for row in catalog.rows("SHOW TABLES IN {lake}.events")} == set(real.tables)


def test_spark_counts_rows_and_files(catalog, real):
    for name, table in real.tables.items():
        found = catalog.rows(f"SELECT count(*), count(DISTINCT event_id), min(unix_micros(event_time)), "
                             f"max(unix_micros(event_time)) FROM {{lake}}.events.{name}")
        files = catalog.rows(f"SELECT count(*), sum(record_count) FROM {{lake}}.events.{name}.files")
        times = table.arrow["event_time"].cast("int64").to_pylist()
        assert tuple(found[0]) == (len(times), len(times), min(times), max(times))
        assert tuple(files[0]) == (len(table.paths), len(times))


def test_spark_reads_the_same_values(catalog, real):
    """Of the rows of each table's first file, in all columns but the times."""
    for name, table in real.tables.items():
        want = {row["event_id"]: without_times(row) for row in pq.ParquetFile(table.paths[0]).read().to_pylist()}
        catalog.spark.createDataFrame([(id,) for id in want], "id string").createOrReplaceTempView("wanted")
        found = catalog.rows(f"SELECT * FROM {{lake}}.events.{name} WHERE event_id IN (SELECT id FROM wanted)")
        assert {row["event_id"]: without_times(row.asDict(recursive=True)) for row in found} == want


def without_times(row):
    return {name: value for name, value in row.items() if name not in ("event_time", "ingested_at")}


def test_spark_follows_files_that_leave(open_lake, project):
    """Rows taken out of quarantine are gone from it, and there again in its past; a writer of Spark's own can go on from there."""
    lines = [json.dumps({"id": f"e{n}", "type": "sale", "at": 1735689600000 + n, "n": n}) for n in range(40)]
    envelope = {"id": "id", "name": "type", "time": {"field": "at", "unit": "s"}}
    p = project({"shop": {"envelope": envelope, "source": {"files": ["in/*"]}}})
    (p.folder / "in").mkdir()
    for part, bad in enumerate((["broken"], ["broken", "[1]"])):
        (p.folder / f"in/{part}.json").write_text("\n".join(lines[part * 20:part * 20 + 20] + bad) + "\n")
        p.ingest()
    lake = open_lake("lake_leaving", p.lake)
    first, second = (row["snapshot_id"] for row in lake.rows("SELECT snapshot_id FROM {lake}.tarn.quarantine.snapshots ORDER BY committed_at"))
    config = (p.folder / "tarn.yaml").read_text()
    (p.folder / "tarn.yaml").write_text(config.replace('"unit": "s"', '"unit": "ms"'))
    p("quarantine", "replay", "--yes")
    p("quarantine", "drop", "--yes", "--reason", "envelope.*")
    lake.spark.catalog.clearCache()
    lake.rows("REFRESH TABLE {lake}.tarn.quarantine")

    def count(of):
        return lake.rows(f"SELECT count(*) FROM {{lake}}.{of}")[0][0]

    assert count("events.sale") == 40 and count("tarn.quarantine") == 2
    assert count(f"tarn.quarantine VERSION AS OF {first}") == 21 and count(f"tarn.quarantine VERSION AS OF {second}") == 43
    operations = [row[0] for row in lake.rows("SELECT operation FROM {lake}.tarn.quarantine.snapshots ORDER BY committed_at")]
    assert operations == ["append", "append", "overwrite", "overwrite"]
    deleted = lake.rows("SELECT sum(deleted_data_files_count) FROM {lake}.tarn.quarantine.manifests")[0][0]
    assert deleted == 1  # by the newest snapshot; what older ones let go is said no more
    lake.rows("DELETE FROM {lake}.tarn.quarantine WHERE reason = 'json.syntax'")
    assert count("tarn.quarantine") == 0
