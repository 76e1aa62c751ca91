"""The matcher of the round trip must be able to say no: each fault planted in a good row is found."""
import pytest
from pyiceberg.schema import Schema
from pyiceberg.types import DoubleType, ListType, LongType, NestedField, StringType, StructType

from lib.leaves import Shape, check_row, faults
from lib.records import loads

EVENT = loads('{"id": "e", "n": 1.50, "s": {"a": null, "b": 7}, "l": [1, null, "x"], "none": [], "o": {}}')


def column(number, name, kind, doc):
    return NestedField(number, name, kind, required=False, doc=doc)


SHAPE = Shape(Schema(
    column(1, "event_id", StringType(), "/id"),
    column(2, "n", DoubleType(), "/n"),
    column(3, "s", StructType(column(4, "a", StringType(), "/s/a"), column(5, "b", LongType(), "/s/b")), "/s"),
    column(6, "l", ListType(7, LongType(), element_required=False), "/l"),
    column(8, "none", ListType(9, LongType(), element_required=False), "/none"),
    column(10, "_extra", StringType(), "what no column holds")), is_blurred=False)

GOOD = {"event_id": "e", "n": 1.5, "s": {"a": None, "b": 7}, "l": [1, None, None], "none": [],
        "_extra": '{"/l/2": "x", "/o": {}}'}

BAD = {
    "another value": {"n": 1.25},
    "a value of another type": {"event_id": 7},
    "a boolean for a number": {"s": {"a": None, "b": True}},
    "a value that is not there": {"s": None},
    "a value that came from nowhere": {"s": {"a": "new", "b": 7}},
    "a list that lost a null": {"l": [1, None]},
    "a list that is null instead of empty": {"none": None},
    "a leaf missing in _extra": {"_extra": '{"/l/2": "x"}'},
    "a leaf of another type in _extra": {"_extra": '{"/l/2": 1, "/o": {}}'},
    "a leaf too many in _extra": {"_extra": '{"/l/2": "x", "/o": {}, "/p": 1}'},
    "a leaf in _extra and in a column": {"_extra": '{"/l/2": "x", "/o": {}, "/s/b": 7}'},
}


def test_a_good_row_is_good():
    check_row(EVENT, GOOD, SHAPE)


@pytest.mark.parametrize("fault", BAD)
def test_a_planted_fault_is_found(fault):
    assert len(list(faults(EVENT, {**GOOD, **BAD[fault]}, SHAPE))) >= 1


@pytest.mark.parametrize("extra", ['{"/l/2": "x", "/o": {}, "/o": {}}', '{"/l/2": "x", "/o": {}, "/l": [0, 0, "x"]}'])
def test_a_member_twice_in_extra_is_found(extra):
    with pytest.raises(AssertionError, match="twice"):
        check_row(EVENT, {**GOOD, "_extra": extra}, SHAPE)
