"""Polars' scripts: best with the schema given and no order kept, user without."""
import os
import sys

os.environ["POLARS_MAX_THREADS"] = sys.argv[4]
import polars as pl  # noqa: E402
from peer import play  # noqa: E402

TYPES = {"int": pl.Int64, "float": pl.Float64, "bool": pl.Boolean, "str": pl.String}


def type_of(schema):
    if isinstance(schema, dict):
        return pl.Struct({key: type_of(value) for key, value in schema.items()})
    return pl.List(type_of(schema[0])) if isinstance(schema, list) else TYPES[schema.rstrip("?")]


def read_given(task):
    return pl.scan_ndjson(task.files, schema={key: type_of(value) for key, value in task.schema().items()})


def read_inferred(task):
    return pl.scan_ndjson(task.files, infer_schema_length=None)


def one_best(task):
    read_given(task).sink_parquet(task.out / "one.parquet", compression="zstd", maintain_order=False)


def one_user(task):
    pl.scan_ndjson(task.files).sink_parquet(task.out / "one.parquet", compression="zstd")


def flat(task, events, **more):
    hour = pl.from_epoch("created_at").dt.strftime("%Y-%m-%d-%H").alias("hour")
    events.unique(subset=[task.id], keep="any").with_columns(hour).sink_parquet(
        pl.PartitionBy(task.out / "flat", key=[task.name, "hour"]), compression="zstd", mkdir=True, **more)


def flat_best(task):
    flat(task, read_given(task), maintain_order=False)


def flat_user(task):
    flat(task, read_inferred(task))


play({"one.best": one_best, "one.user": one_user, "flat100.best": flat_best, "flat100.user": flat_user}, pl.__version__)
