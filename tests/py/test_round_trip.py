"""Nothing is lost in shredding: every leaf of every event is in that event's row.

Read by PyIceberg, and once more by pyarrow from the files, which tells a list that is null from an empty one.
"""
import pytest

from lib.leaves import Shape, check_row

READERS = {
    "pyiceberg": lambda table: table.rows(),
    "pyarrow": lambda table: [row for file in table.parquet for row in file.read().to_pylist()],
}


@pytest.mark.parametrize("reader", READERS)
def test_every_leaf_of_every_real_event_is_in_its_row(real, reader):
    seen = set()
    for table in real.tables.values():
        shape = Shape(table.static.schema(), is_blurred=reader == "pyiceberg")
        for row in READERS[reader](table):
            event = real.events[row["source_position"]]
            check_row(event, row, shape)
            assert row["event_time"] == real.real.time(event)
            seen.add(row["source_position"])
    assert len(seen) == real.real.rows
