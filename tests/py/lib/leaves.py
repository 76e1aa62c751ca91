"""Is every leaf of an event in its row, and nothing else? Written from the promise alone:

    A member stands in a column whose `doc` is its JSON Pointer (`*` for a list element), or in `_extra`, a JSON
    object from JSON Pointer (with real indexes) to the value as it came.

A leaf is a scalar, a null, an empty object or an empty array.
"""
import datetime
import json
from decimal import Decimal

from pyiceberg.types import ListType, StructType

from lib.records import Number

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
STANDARD = ("event_id", "event_name", "event_time")


def token(key):
    return "/" + key.replace("~", "~0").replace("/", "~1")


# --- the event -----------------------------------------------------------------

def walk(value, pointer="", pattern=""):
    """(pointer, pattern, value) of everything in a JSON value, containers before what they hold."""
    yield pointer, pattern, value
    if isinstance(value, dict):
        for key, member in value.items():
            yield from walk(member, pointer + token(key), pattern + token(key))
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from walk(element, f"{pointer}/{index}", pattern + "/*")


def is_leaf(value):
    return not isinstance(value, (dict, list)) or not value


# --- the row -------------------------------------------------------------------

class Length(int):
    """Of a list."""


NO_LIST_OR_EMPTY = object()


class Shape:
    """What a table's schema says of where members are.

    is_blurred: the reader gives a list of structs that is null as an empty one, as PyIceberg 0.12 does
    (LargeListArray.from_arrays without a mask); which of the two it was is then for another reader to say.
    """

    def __init__(self, schema, is_blurred):
        self.is_blurred = is_blurred
        self.columns = [field for field in schema.fields if (field.doc or "").startswith("/")]
        self.standard = {field.doc for field in self.columns if field.name in STANDARD}
        self.patterns = set()
        for field in self.columns:
            self.learn(field.field_type, field.doc)

    def learn(self, kind, pattern):
        assert pattern not in self.patterns, f"two columns for {pattern}"
        self.patterns.add(pattern)
        if isinstance(kind, StructType):
            for field in kind.fields:
                assert field.doc.rpartition("/")[0] == pattern, f"{field.doc} is not in {pattern}"
                self.learn(field.field_type, field.doc)
        elif isinstance(kind, ListType):
            self.learn(kind.element_type, pattern + "/*")

    def held(self, row):
        """Pointer -> what the row's columns hold there: a scalar, None, or the length of a list."""
        found = {}
        for field in self.columns:
            self.hold(field.field_type, field.doc, row.get(field.name), found)
        return found

    def hold(self, kind, pointer, value, found):
        if value is None or not isinstance(kind, (StructType, ListType)):
            found[pointer] = value
        elif isinstance(kind, StructType):
            for field in kind.fields:
                self.hold(field.field_type, pointer + "/" + field.doc.rpartition("/")[2], value.get(field.name), found)
        elif not value and self.is_blurred and isinstance(kind.element_type, StructType):
            found[pointer] = NO_LIST_OR_EMPTY
        else:
            found[pointer] = Length(len(value))
            for index, element in enumerate(value):
                self.hold(kind.element_type, f"{pointer}/{index}", element, found)


def unique(pairs):
    members = dict(pairs)
    assert len(members) == len(pairs), "a key twice in one object"
    return members


def extra_leaves(text):
    """Pointer -> leaf, of all that `_extra` holds."""
    found = {}
    whole = json.loads(text or "{}", parse_int=Number, parse_float=Number, object_pairs_hook=unique)
    for start, value in whole.items():
        for pointer, _, leaf in walk(value, start):
            if is_leaf(leaf):
                assert pointer not in found, f"{pointer} twice in _extra"
                found[pointer] = leaf
    return found


# --- one held against the other ------------------------------------------------

def is_same_number(number, value):
    """An integer to its last digit; what has a fraction or an exponent is the double nearest to it, -0.0 too."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    if number.startswith("-") and value == 0:
        return float(number) == 0 and repr(value) == "-0.0"
    if number.lstrip("-").isdigit():
        return int(number) == value
    return float(number) == value


def is_same(leaf, value):
    """Is the column's value this leaf?"""
    if isinstance(value, datetime.datetime):  # event_time, of a number of milliseconds
        return isinstance(leaf, Number) and Decimal(leaf) * 1000 == (value - EPOCH) // datetime.timedelta(microseconds=1)
    if isinstance(leaf, Number):
        return is_same_number(leaf, value)
    if isinstance(leaf, list):
        return value is NO_LIST_OR_EMPTY or (isinstance(value, Length) and value == 0)
    return type(leaf) is type(value) and leaf == value


def is_nothing(value):
    return value is None or value is NO_LIST_OR_EMPTY


def is_null_there(pointer, pattern, shape, held):
    """Is there a column for it, and is that null, or member of a struct that is?"""
    if pattern not in shape.patterns:
        return False
    while pointer not in held:
        (pointer, _, last), (pattern, _, last_pattern) = pointer.rpartition("/"), pattern.rpartition("/")
        if not pointer or last != last_pattern:  # a list has its elements, null ones too
            return False
    return is_nothing(held[pointer])


def leaf_fault(pointer, pattern, leaf, shape, held, extra):
    value = held.get(pointer)
    if pointer in extra:
        if type(extra[pointer]) is not type(leaf) or extra[pointer] != leaf:
            return f"is {extra[pointer]!r} in _extra"
        if not is_nothing(value) and pattern not in shape.standard:
            return f"is in _extra, and {value!r} in a column"
    elif leaf is None:
        return None if is_null_there(pointer, pattern, shape, held) else "is nowhere"
    elif not is_same(leaf, value):
        return f"is {value!r} in its column"
    return None


def faults(event, row, shape):
    """What of the event is not in the row, or of the row not in the event: sentences, none if all is well."""
    held, extra = shape.held(row), extra_leaves(row["_extra"])
    lengths, leaves = {}, set()
    for pointer, pattern, value in walk(event):
        if isinstance(value, list):
            lengths[pointer] = len(value)
        if is_leaf(value):
            leaves.add(pointer)
            fault = leaf_fault(pointer, pattern, value, shape, held, extra)
            if fault:
                yield f"{pointer}: {value!r} {fault}"
    for pointer, value in held.items():
        if isinstance(value, Length):
            if lengths.get(pointer) != value:
                yield f"{pointer}: a list of {value} in the row, of {lengths.get(pointer)} in the event"
        elif not is_nothing(value) and pointer not in leaves and pointer not in shape.standard:
            yield f"{pointer}: {value!r} in the row is not in the event"
    for pointer in extra.keys() - leaves:
        yield f"{pointer}: {extra[pointer]!r} in _extra is not in the event"


def check_row(event, row, shape):
    found = list(faults(event, row, shape))
    assert not found, "\n".join([f"event {row['event_id']}:", *found[:10]])


