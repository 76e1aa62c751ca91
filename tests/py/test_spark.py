"""Apache Spark opens the lake as it lies there: a file-system catalog of Iceberg tables.

Needs the jar of iceberg-spark-runtime in build/spark (`make test-spark` brings it) and Java 17.
"""
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
