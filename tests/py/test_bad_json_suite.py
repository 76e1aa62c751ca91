"""JSONTestSuite (B6, B7, B8): each file as a field's value, as a record among good ones, and as a file."""
import pytest

from lib.bad import event, files_project, ingest_files, place
from lib.command import SHARED
from lib.usage import measure

SUITE = {path.stem: path.read_bytes() for path in sorted((SHARED / "json/JSONTestSuite").glob("*.json"))}
WANTED = [name for name in SUITE if name.startswith("y_")]
UNWANTED = [name for name in SUITE if name.startswith("n_")]

# A blank line or file is counted, no more; an array without any element in it has no record to refuse.
BLANK = ["n_structure_no_data", "n_single_space"]
NO_RECORDS = BLANK + ["n_structure_UTF8_BOM_no_data", "n_array_just_comma", "n_structure_double_array",
                      "n_structure_lone-open-bracket", "n_structure_open_array_comma"]

# Stricter than the suite: two readers could differ on such an object.
DUPLICATE_KEYS = ["y_object_duplicated_key", "y_object_duplicated_key_and_value"]

# Looked at, and found right: what is JSON and can be held exactly is accepted, and nothing is guessed or repaired.
EITHER = {
    "i_number_double_huge_neg_exp": "A",  # the nearest double is 0
    "i_number_huge_exp": "value.float_range",
    "i_number_neg_int_huge_exp": "value.float_range",
    "i_number_pos_double_huge_exp": "value.float_range",
    "i_number_real_neg_overflow": "value.float_range",
    "i_number_real_pos_overflow": "value.float_range",
    "i_number_real_underflow": "A",  # as above
    "i_number_too_big_neg_int": "value.int_range",
    "i_number_too_big_pos_int": "value.int_range",
    "i_number_very_big_negative_int": "value.int_range",
    "i_object_key_lone_2nd_surrogate": "json.surrogate",
    "i_string_1st_surrogate_but_2nd_missing": "json.surrogate",
    "i_string_1st_valid_surrogate_2nd_invalid": "json.surrogate",
    "i_string_UTF-16LE_with_BOM": "json.utf8",
    "i_string_UTF-8_invalid_sequence": "json.utf8",
    "i_string_UTF8_surrogate_U+D800": "json.utf8",
    "i_string_incomplete_surrogate_and_escape_valid": "json.surrogate",
    "i_string_incomplete_surrogate_pair": "json.surrogate",
    "i_string_incomplete_surrogates_escape_valid": "json.surrogate",
    "i_string_invalid_lonely_surrogate": "json.surrogate",
    "i_string_invalid_surrogate": "json.surrogate",
    "i_string_invalid_utf-8": "json.utf8",
    "i_string_inverted_surrogates_U+1D11E": "json.surrogate",
    "i_string_iso_latin_1": "json.utf8",
    "i_string_lone_second_surrogate": "json.surrogate",
    "i_string_lone_utf8_continuation_byte": "json.utf8",
    "i_string_not_in_unicode_range": "json.utf8",
    "i_string_overlong_sequence_2_bytes": "json.utf8",
    "i_string_overlong_sequence_6_bytes": "json.utf8",
    "i_string_overlong_sequence_6_bytes_null": "json.utf8",
    "i_string_truncated-utf-8": "json.utf8",
    "i_string_utf16BE_no_BOM": "json.syntax",  # NULs, inside a document that is not UTF-16
    "i_string_utf16LE_no_BOM": "json.syntax",
    "i_structure_500_nested_arrays": "json.depth",
    "i_structure_UTF-8_BOM_empty_object": "json.syntax",
}

# The same as files of their own: what is UTF-16 as a whole is told apart, a mark at the beginning is no fault.
EITHER_AS_FILE = {
    "i_string_UTF-16LE_with_BOM": "json.encoding",
    "i_string_utf16BE_no_BOM": "json.encoding",
    "i_string_utf16LE_no_BOM": "json.encoding",
    "i_structure_UTF-8_BOM_empty_object": "envelope.missing",
}


def with_value(name):
    return event(name).removesuffix(b"}") + b', "value": ' + SUITE[name] + b"}"


@pytest.fixture(scope="module")
def suite(tarn, tmp_path_factory, shared):
    """Good events are the lines before and after each record under test."""
    either = [line for name in EITHER for line in (event(f"before {name}"), with_value(name))]
    unwanted = [name for name in UNWANTED if b"\n" not in SUITE[name]]
    among = [line for name in unwanted for line in (event(f"beside {name}"), SUITE[name])]
    files = {
        "values.json": b"[" + b",\n".join(map(with_value, WANTED)) + b"]",
        "either.ndjson": b"\n".join(either + [event("last")]),
        "among.ndjson": b"\n".join(among + [event("last of all")]),
        **{f"{name}.json": SUITE[name] for name in UNWANTED + list(EITHER)},
    }
    outcome = ingest_files(tarn, tmp_path_factory.mktemp("suite"), files)
    outcome.by_file = {}
    for position in sorted(outcome.refused, key=place):
        file, _ = place(position)
        outcome.by_file.setdefault(file.removeprefix("in/"), []).append(outcome.refused[position])
    outcome.among = dict(zip(unwanted, positions("in/among.ndjson", among)[1::2]))
    outcome.either = dict(zip(EITHER, positions("in/either.ndjson", either)[1::2]))
    outcome.values = dict(zip(WANTED, positions("in/values.json", list(map(with_value, WANTED)), first=1, between=2)))
    return outcome


def positions(file, records, first=0, between=1):
    found = []
    for record in records:
        found.append(f"{file}:{first}")
        first += len(record) + between
    return found


def test_the_suite_is_whole():
    assert (len(WANTED), len(UNWANTED), len(EITHER), len(SUITE)) == (95, 188, 35, 318)


@pytest.mark.parametrize("name", WANTED, ids=lambda name: f"B7-{name}")
def test_what_must_be_taken_is_taken_as_a_value(suite, name):
    if name in DUPLICATE_KEYS:
        suite.check_refused(suite.values[name], with_value(name), "json.duplicate_key")
    else:
        suite.check_accepted(suite.values[name], with_value(name))


@pytest.mark.parametrize("name", UNWANTED, ids=lambda name: f"B6-{name}")
def test_what_must_be_refused_is_refused_as_a_file(suite, name):
    """All of its records are, with their bytes; how many they are is the framing's business."""
    refused = suite.by_file.get(f"{name}.json", [])
    assert bool(refused) == (name not in NO_RECORDS)
    assert all(one.record in SUITE[name] for one in refused)


@pytest.mark.parametrize("name", [name for name in UNWANTED if b"\n" not in SUITE[name] and name not in BLANK],
                         ids=lambda name: f"B6-{name}")
def test_what_must_be_refused_is_refused_as_a_line(suite, name):
    position = suite.among[name]
    assert suite.refused[position].reason.startswith("json.")
    suite.check_refused(position, SUITE[name], suite.refused[position].reason)


def test_B6_takes_no_time(tarn, tmp_path, suite):
    assert suite.report["blank_lines"] == 2 + 1  # two among the lines; a file without a byte has no line
    project = files_project(tarn, tmp_path, {name: SUITE[name] for name in UNWANTED})
    assert measure(project, "ingest", "--json").cpu_seconds < 0.005 * len(UNWANTED)


@pytest.mark.parametrize("name", EITHER, ids=lambda name: f"B8-{name}")
def test_what_may_be_either_is_as_the_table_says(suite, name):
    if EITHER[name] == "A":
        suite.check_accepted(suite.either[name], with_value(name))
    else:
        suite.check_refused(suite.either[name], with_value(name), EITHER[name])


@pytest.mark.parametrize("name", EITHER_AS_FILE, ids=lambda name: f"B8-{name}")
def test_what_may_be_either_as_a_file(suite, name):
    assert [one.reason for one in suite.by_file[f"{name}.json"]] == [EITHER_AS_FILE[name]]


def test_good_events_beside_are_taken(suite):
    taken = [row["event_id"] for row, _ in suite.rows.values()]
    assert sum(id.startswith("beside ") for id in taken) == len(suite.among)
    assert sum(id.startswith("before ") for id in taken) == len(EITHER)
    assert "last" in taken and "last of all" in taken
