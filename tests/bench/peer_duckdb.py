"""DuckDB's scripts: <input>.best is the fastest we know, <input>.user what a user would write; flat100.given the fastest
of one statement, mixed.infer and github.best the fastest where no schema is given. Corrections are welcome: a peer that
gets faster here is a better measure."""
import json
import queue
import threading

import duckdb
from peer import play

CURSORS = 4  # at once: one COPY of a small table does not keep two cores busy
SQL = {"int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN", "str": "VARCHAR"}
REPEATS = "rowid in (select unnest(list(rowid)[2:]) from stage group by {id} having count(*) > 1)"


def connect(task, **more):
    return duckdb.connect(config={"threads": task.threads, **more})


def structure(schema):
    """As json_transform wants it."""
    if isinstance(schema, dict):
        return {key: structure(value) for key, value in schema.items()}
    return [structure(schema[0])] if isinstance(schema, list) else SQL[schema.rstrip("?")]


def sql_type(schema):
    if isinstance(schema, dict):
        return "STRUCT(" + ", ".join(f'"{key}" {sql_type(value)}' for key, value in schema.items()) + ")"
    return sql_type(schema[0]) + "[]" if isinstance(schema, list) else SQL[schema.rstrip("?")]


def read_given(task, types):
    columns = ", ".join(f"'{key}': '{word}'" for key, word in types.items())
    return f"read_json('{task.files}', format = 'newline_delimited', columns = {{{columns}}})"


def read_all_given(task):
    return read_given(task, {key: sql_type(value) for key, value in task.schema().items()})


def read_inferred(task):
    return f"read_json('{task.files}', format = 'newline_delimited', union_by_name = true, maximum_object_size = 16777216)"


def to_file(path):
    return f"to '{path}' (format parquet, compression zstd)"


# --- one file ------------------------------------------------------------------------------------------------------------

def one_best(task):
    connect(task, preserve_insertion_order=False).execute(f"copy (from {read_all_given(task)}) {to_file(task.out / 'one.parquet')}")


def one_user(task):
    connect(task).execute(f"copy (from {read_inferred(task)}) {to_file(task.out / 'one.parquet')}")


def wide_best(task):
    """As text until the repeats are gone: a row of two thousand columns is dear to keep."""
    con = connect(task, preserve_insertion_order=False)
    con.execute(f"create table stage as select json->>'{task.id}' as id, json from read_ndjson_objects('{task.files}')")
    con.execute(f"delete from stage where {REPEATS.format(id='id')}")
    con.execute(f"copy (select unnest(json_transform(json, '{json.dumps(structure(task.schema()))}')) from stage) "
                f"{to_file(task.out / 'wide.parquet')}")


def wide_user(task):
    """Told only not to make one map of the many keys."""
    source = read_inferred(task).replace("union_by_name = true", "union_by_name = true, map_inference_threshold = -1")
    connect(task).execute(f"copy (from {source} qualify row_number() over (partition by {task.id}) = 1) "
                          f"{to_file(task.out / 'wide.parquet')}")


# --- many files --------------------------------------------------------------------------------------------------------

def copy_each(con, jobs, statement):
    """One COPY a job from several cursors at once."""
    left = queue.SimpleQueue()
    for job in jobs:
        left.put(job)

    def work(cursor):
        while not left.empty():
            try:
                job = left.get_nowait()
            except queue.Empty:
                return
            cursor.execute(statement(job))

    failed = []
    threading.excepthook = lambda what: failed.append(what.exc_value)
    threads = [threading.Thread(target=work, args=(con.cursor(),)) for _ in range(CURSORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


# --- a file a name and hour ----------------------------------------------------------------------------------------------

def flat_statement(task, source):
    return f"""copy (select *, strftime(to_timestamp(created_at), '%Y-%m-%d-%H') as hour from {source}
                     qualify row_number() over (partition by {task.id}) = 1)
               to '{task.out}/flat' (format parquet, compression zstd, partition_by ({task.name}, hour))"""


def flat_given(task):
    connect(task, preserve_insertion_order=False).execute(flat_statement(task, read_all_given(task)))


def flat_best(task):
    """Schemas given: the columns that a name has, one COPY a name and hour."""
    con = connect(task, preserve_insertion_order=False)
    con.execute(f"create table stage as select *, created_at // 3600 as hour from {read_all_given(task)} order by {task.name}")
    con.execute(f"delete from stage where {REPEATS.format(id=task.id)}")
    pairs = con.execute(f"select distinct {task.name}, hour from stage").fetchall()
    copy_each(con, pairs, lambda pair: f"""
        copy (select {", ".join(task.truth["schemas"][pair[0]])} from stage where {task.name} = '{pair[0]}' and hour = {pair[1]})
        {to_file(task.out / f"{pair[0]}~{pair[1]}.parquet")}""")


def flat_user(task):
    connect(task).execute(flat_statement(task, read_inferred(task)))


# --- a file a name -------------------------------------------------------------------------------------------------------

def mixed_best(task):
    """Schemas given: stage ordered by name, repeats deleted by key, one json_transform COPY a name."""
    con = connect(task, preserve_insertion_order=False)
    types = {key: "JSON" if isinstance(value, dict) else sql_type(value) for key, value in task.schema().items()}
    con.execute(f"create table stage as from {read_given(task, types)} order by {task.name}")
    con.execute(f"delete from stage where {REPEATS.format(id=task.id)}")
    inner = {name: json.dumps(structure(schema["properties"])) for name, schema in task.truth["schemas"].items()}
    copy_each(con, inner, lambda name: f"""
        copy (select * replace (json_transform(properties, '{inner[name]}') as properties)
              from stage where {task.name} = '{name}') {to_file(task.out / (name + '.parquet'))}""")


def infer_best(task):
    """Nothing given: as above, with the structure of each name found by the engine."""
    con = connect(task, preserve_insertion_order=False)
    con.execute(f"""create table stage as select json->>'{task.id}' as id, json->>'{task.name}' as name, json
                    from read_ndjson_objects('{task.files}') order by name""")
    con.execute(f"delete from stage where {REPEATS.format(id='id')}")
    found = dict(con.execute("select name, json_group_structure(json) from stage group by name").fetchall())
    copy_each(con, found, lambda name: f"""
        copy (select unnest(json_transform(json, '{found[name]}')) from stage where name = '{name}')
        {to_file(task.out / (name + '.parquet'))}""")


def infer_user(task):
    con = connect(task)
    con.execute(f"""create table stage as select distinct on (json->>'{task.id}') json->>'{task.name}' as name, json
                    from read_ndjson_objects('{task.files}')""")
    for name, found in con.execute("select name, json_group_structure(json) from stage group by name").fetchall():
        con.execute(f"copy (select unnest(json_transform(json, '{found}')) from stage where name = '{name}') "
                    f"{to_file(task.out / (name + '.parquet'))}")


play({
    "one.best": one_best, "one.user": one_user,
    "wide.best": wide_best, "wide.user": wide_user,
    "flat100.best": flat_best, "flat100.given": flat_given, "flat100.user": flat_user,
    "mixed.best": mixed_best, "mixed.infer": infer_best, "mixed.user": infer_user,
    "many.best": mixed_best,
    "github.best": infer_best, "github.user": infer_user,
}, duckdb.__version__)
