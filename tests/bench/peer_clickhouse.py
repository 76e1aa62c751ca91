"""ClickHouse's scripts, in process (chdb): best with the schema given, user without."""
import chdb
from peer import play

TYPES = {"int": "Int64", "float": "Float64", "bool": "Bool", "str": "String"}
HOUR = "toString(intDiv(created_at, 3600))"


def type_of(schema):
    if isinstance(schema, dict):
        return "Tuple(" + ", ".join(f"`{key}` {type_of(value)}" for key, value in schema.items()) + ")"
    if isinstance(schema, list):
        return f"Array({type_of(schema[0])})"
    return f"Nullable({TYPES[schema[:-1]]})" if schema.endswith("?") else TYPES[schema]


def read_given(task):
    columns = ", ".join(f"`{key}` {type_of(value)}" for key, value in task.schema().items())
    return f"file('{task.files}', JSONEachRow, '{columns}')"


def read_inferred(task):
    return f"file('{task.files}', JSONEachRow)"


def run(task, statement):
    chdb.query(f"""{statement} settings max_threads = {task.threads}, output_format_parquet_compression_method = 'zstd',
                   max_partitions_per_insert_block = 10000""")


def one(read):
    return lambda task: run(task, f"insert into function file('{task.out}/one.parquet', Parquet) select * from {read(task)}")


def flat(read):
    return lambda task: run(task, f"""insert into function file('{task.out}/{{_partition_id}}.parquet', Parquet)
                                      partition by concat({task.name}, '~', {HOUR})
                                      select * from {read(task)} limit 1 by {task.id}""")


play({"one.best": one(read_given), "one.user": one(read_inferred),
      "flat100.best": flat(read_given), "flat100.user": flat(read_inferred)}, chdb.__version__)
