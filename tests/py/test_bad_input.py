"""The catalogue of bad input, B1 to B85: what becomes of each record, one line each.

All of it goes through one ingest. Rows of the catalogue that stand elsewhere, or nowhere yet:

    B6 B7 B8            test_bad_json_suite.py
    B1 B16 B17 B19 B25 B26 B78 B82 B83      whole files and large ones: test_bad_files.py, test_bad_sizes.py
    B31 B32 B39 B50 B55 B63 B64 B65         tables and lakes of their own: test_bad_tables.py
    B72 B73             test_bad_compression.py
    B85                 test_naughty_strings.py
    B74-B77 B79-B81     HTTP, forward, Kafka and Kinesis; of B33, B35 what is theirs: files have none of it
    B49 B66 B67         declared contracts: test_contracts.py
    B71                 needs enrichment from outside
    B84                 needs Parquet as input
"""
import datetime
import json
import re
import time

import pytest

from lib.bad import AT, colliding, envelope, ingest, numbered, pipeline
from lib.project import Project

NOW = int(time.time() * 1000)
HOUR = 3600 * 1000
BLANKS = [b"", b" ", b"\t\t", b"\r", b""]


def nested(depth):
    return "[" * depth + "]" * depth


# (row and what it is, outcome, record). A: a row that has every leaf. D: a duplicate. Else the reason code, and the
# JSON Pointer where one member is at fault. ALL stands for an id of its own, a name and a time; ID, NAME, AT for one.
CASES = [
    ("B1-cr-lf", "A", "{ALL}\r"),
    ("B1-blanks-around", "A", " \t{ALL} \t"),
    ("B1-no-blanks-inside", "A", '{"id":"b1a","name":"case","at":1735689600000}'),
    ("B1-blanks-inside", "A", '{ "id" : "b1b" , "name" :\t"case",  "at": 1735689600000 }'),
    ("B1-no-blanks-again", "A", '{"id":"b1c","name":"case","at":1735689600000}'),
    ("B2-empty-object", "envelope.missing", "{}"),
    ("B2-foreign-object", "envelope.missing", '{"level": "info"}'),
    ("B2-array", "envelope.not_object", "[{ALL}]"),
    ("B2-string", "envelope.not_object", '"x"'),
    ("B2-number", "envelope.not_object", "17"),
    ("B2-null", "envelope.not_object", "null"),
    ("B3-cut-after-value", "json.syntax", '{ALL, "v": 1'),
    ("B3-cut-in-string", "json.syntax", '{ALL, "v": "x'),
    ("B3-cut-in-key", "json.syntax", '{ALL, "v'),
    ("B3-cut-in-escape", "json.syntax", '{ALL, "v": "\\u00'),
    ("B3-trailing-garbage", "json.trailing", "{ALL} x"),
    ("B3-trailing-bracket", "json.trailing", "{ALL}}"),
    ("B3-two-documents", "json.trailing", "{ALL}{ALL}"),
    ("B4-comma-in-array", "json.syntax", '{ALL, "v": [1,]}'),
    ("B4-comma-in-object", "json.syntax", "{ALL,}"),
    ("B4-comment", "json.syntax", "{ALL /* a comment */}"),
    ("B4-single-quotes", "json.syntax", "{ALL, 'v': 1}"),
    ("B4-bare-key", "json.syntax", "{ALL, v: 1}"),
    ("B4-missing-colon", "json.syntax", '{ALL, "v" 1}'),
    ("B4-missing-comma", "json.syntax", '{ALL "v": 1}'),
    ("B4-wrong-bracket", "json.syntax", '{ALL, "v": [1}]'),
    *((f"B5-{text}", "json.syntax", f'{{ALL, "v": {text}}}')
      for text in ("NaN", "Infinity", "-Infinity", "0x1F", "012", "-012", "+1", ".5", "-.5", "1.", "1.e3", "1e", "1e+",
                   "-", "--1", "1_000", "True", "nul", "undefined", "１")),
    ("B9-control", "json.syntax", '{ALL, "v": "a\x01b"}'),
    ("B9-tab", "json.syntax", '{ALL, "v": "a\tb"}'),
    ("B9-nul", "json.syntax", '{ALL, "v": "a\x00b"}'),
    ("B9-in-key", "json.syntax", '{ALL, "a\x1fb": 1}'),
    ("B9-delete-is-none", "A", '{ALL, "v": "a\x7fb"}'),
    *((f"B10-{what}", "json.utf8", b'{ALL, "v": "caf' + bytes + b'"}') for what, bytes in (
        ("lone-continuation", b"\x80"), ("cut-in-two", b"\xc3"), ("cut-in-three", b"\xe2\x82"),
        ("cut-in-four", b"\xf0\x9f\x8e"), ("ff", b"\xff"), ("latin-1", b"\xe9 au lait"))),
    ("B10-in-key", "json.utf8", b'{ALL, "caf\xe9": 1}'),
    ("B10-outside-strings", "json.syntax", b'{ALL, \xc3\xa9: 1}'),
    *((f"B11-{what}", "json.utf8", b'{ALL, "v": "' + bytes + b'"}') for what, bytes in (
        ("two", b"\xc0\xaf"), ("three", b"\xe0\x80\xaf"), ("four", b"\xf0\x80\x80\xaf"),
        ("six", b"\xfc\x83\xbf\xbf\xbf\xbf"), ("nul-in-two", b"\xc0\x80"),
        ("nul-in-six", b"\xfc\x80\x80\x80\x80\x80"))),
    *((f"B12-{what}", "json.utf8", b'{ALL, "v": "' + bytes + b'"}') for what, bytes in (
        ("surrogate", b"\xed\xa0\x80"), ("surrogate-pair", b"\xed\xa0\xbd\xed\xb8\x80"),
        ("above-10ffff", b"\xf4\x90\x80\x80"), ("f5", b"\xf5\x80\x80\x80"))),
    ("B13-lone-high", "json.surrogate", '{ALL, "v": "\\ud800"}'),
    ("B13-lone-low", "json.surrogate", '{ALL, "v": "\\udfaa"}'),
    ("B13-inverted", "json.surrogate", '{ALL, "v": "\\udd1e\\ud834"}'),
    ("B13-high-then-other", "json.surrogate", '{ALL, "v": "\\ud800\\n"}'),
    ("B13-high-twice", "json.surrogate", '{ALL, "v": "\\ud834\\ud834\\udd1e"}'),
    ("B13-in-key", "json.surrogate", '{ALL, "\\ud800": 1}'),
    ("B14-escaped-pair", "A", '{ALL, "v": "\\ud834\\udd1e"}'),
    ("B14-noncharacter", "A", '{ALL, "v": "\uffff\ufffe\U0010ffff"}'),
    ("B14-line-separator", "A", '{ALL, "v": "a\u2028b\u2029c\x85"}'),
    ("B14-right-to-left", "A", '{ALL, "v": "\u202egnp.exe \u200f\u2066"}'),
    ("B14-every-escape", "A", '{ALL, "v": "\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u0041"}'),
    ("B15-nul-in-data", "A", '{ALL, "user": "a\\u0000b"}'),
    ("B15-nul-in-id", "value.control /id", '{"id": "a\\u0000b", NAME, AT}'),
    ("B15-newline-in-id", "value.control /id", '{"id": "a\\nb", NAME, AT}'),
    ("B15-nul-in-type", "value.control /name", '{ID, "name": "a\\u0000b", AT}'),
    ("B16-before-a-later-record", "json.syntax", b"\xef\xbb\xbf{ALL}"),
    ("B16-between-tokens", "json.syntax", b'{ALL, \xef\xbb\xbf"v": 1}'),
    ("B16-in-a-string", "A", '{ALL, "v": "\ufeffx"}'),
    ("B17-utf-16-le", "json.encoding", "{ALL}".encode("utf-16-le")),
    ("B17-utf-16-be", "json.encoding", "{ALL}".encode("utf-16-be")),
    ("B17-utf-16-marked", "json.encoding", "\ufeff{ALL}".encode("utf-16-le")),
    ("B17-utf-32-le", "json.encoding", "{ALL}".encode("utf-32-le")),
    ("B17-utf-32-be", "json.encoding", "{ALL}".encode("utf-32-be")),
    ("B18-depth-64", "A", f'{{ALL, "deep": {nested(63)}}}'),
    ("B18-depth-64-of-objects", "A", '{ALL, "deep": ' + '{"a":' * 62 + "{}" + "}" * 63),
    ("B18-depth-65", "json.depth", f'{{ALL, "deep": {nested(64)}}}'),
    ("B18-500-arrays", "json.depth", f'{{ALL, "deep": {nested(500)}}}'),
    ("B19-100000-arrays", "json.depth", "[" * 100000),
    ("B19-100000-objects", "json.depth", '{"a":' * 100000),
    ("B20-same-value", "json.duplicate_key", '{ALL, "v": 1, "v": 1}'),
    ("B20-other-value", "json.duplicate_key", '{ALL, "v": 1, "w": 2, "v": 3}'),
    ("B20-the-id", "json.duplicate_key", '{ID, ID, NAME, AT}'),
    ("B20-nested", "json.duplicate_key", '{ALL, "v": [{"a": 1, "a": 2}]}'),
    ("B20-in-other-objects", "A", '{ALL, "b20": [{"a": 1}, {"a": 2}], "a": 3}'),
    ("B20-after-many", "json.duplicate_key", f'{{ALL, "v": {{{numbered(1000)}, "k500": 1}}}}'),
    ("B21-escaped", "json.duplicate_key", '{ALL, "a": 1, "\\u0061": 2}'),
    ("B21-escaped-both", "json.duplicate_key", '{ALL, "\\u0061b": 1, "a\\u0062": 2}'),
    ("B22-normal-forms", "A", '{ALL, "b22\u00e9": 1, "b22e\u0301": 2}'),
    ("B23-empty-key", "A", '{ALL, "": "b23"}'),
    ("B23-dot", "A", '{ALL, "b23.dot": 1}'),
    ("B23-quotes", "A", '{ALL, "b23\\"": 1, "b23\'": 2, "b23`": 3}'),
    ("B23-proto", "A", '{ALL, "__proto__": {"b23": 1}}'),
    ("B23-nested", "A", '{ALL, "b23": {"": 1, "a.b": 2, "__proto__": 3, "fine": 4}}'),
    ("B24-4096-keys", "A", f'{{ALL, "b24": {{{numbered(4096)}}}}}'),
    ("B24-4097-keys", "json.too_many_keys", f'{{ALL, "b24": {{{numbered(4097)}}}}}'),
    ("B24-4096-that-collide", "A", f'{{ALL, "b24c": {{{colliding(4096)}}}}}'),
    ("B24-100000-that-collide", "json.too_many_keys", f'{{ALL, "b24c": {{{colliding(100000)}}}}}'),
    ("B24-key-of-4096", "A", f'{{ALL, "{"k" * 4096}": 1}}'),
    ("B24-key-of-4097", "json.key_length", f'{{ALL, "{"k" * 4097}": 1}}'),
    ("B24-key-of-1-mib", "json.key_length", f'{{ALL, "{"k" * 2**20}": 1}}'),
    ("B27-1e400", "value.float_range", '{ALL, "v": 1e400}'),
    ("B27-minus-1e400", "value.float_range", '{ALL, "v": [-1e400]}'),
    ("B27-1e-400", "A", '{ALL, "b27": 1e-400}'),
    ("B27-minus-0", "A", '{ALL, "b27": -0}'),
    ("B28-edges", "A", '{ALL, "b28": [9223372036854775807, -9223372036854775808]}'),
    ("B28-over", "value.int_range", '{ALL, "v": 9223372036854775808}'),
    ("B28-under", "value.int_range", '{ALL, "v": -9223372036854775809}'),
    ("B28-2-to-64", "value.int_range", '{ALL, "v": 18446744073709551615}'),
    ("B29-10000-digits", "value.int_range", f'{{ALL, "v": {"7" * 10000}}}'),
    ("B29-10000-digits-fraction", "A", f'{{ALL, "b29": 0.{"7" * 10000}}}'),
    *((f"B30-{text}", "A", f'{{ALL, "b30": {text}}}') for text in (
        "0.1", "0.30000000000000004", "3.141592653589793", "1.7976931348623157e308", "2.2250738585072011e-308",
        "5e-324", "9007199254740993.0", "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126",
        "2.4703282292062327208e-324", "2.4703282292062328e-324", "123456789012345.675", "8.5e22", "1e23")),
    ("B33-missing", "id.missing /id", "{NAME, AT}"),
    ("B33-null", "id.missing /id", '{"id": null, NAME, AT}'),
    ("B34-empty", "id.invalid /id", '{"id": "", NAME, AT}'),
    ("B34-number", "id.invalid /id", '{"id": 17, NAME, AT}'),
    ("B34-bool", "id.invalid /id", '{"id": true, NAME, AT}'),
    ("B34-object", "id.invalid /id", '{"id": {"id": "x"}, NAME, AT}'),
    ("B34-array", "id.invalid /id", '{"id": ["x"], NAME, AT}'),
    ("B34-128-bytes", "A", f'{{"id": "{"é" * 64}", NAME, AT}}'),
    ("B34-129-bytes", "id.invalid /id", f'{{"id": "{"é" * 64}x", NAME, AT}}'),
    ("B35-first", "A", '{"id": "b35", NAME, AT, "b35": {"x": "A", "y": [1, 2.5]}}'),
    ("B35-again", "D", '{"id": "b35", NAME, AT, "b35": {"x": "A", "y": [1, 2.5]}}'),
    ("B35-in-other-words", "D", '{"b35" :{ "y":[1,25e-1],"x":"\\u0041"}, AT, NAME, "id":"b3\\u0035"}'),
    ("B36-first", "A", '{"id": "b36", NAME, AT, "b36": 1, "b36a": [1, 2]}'),
    ("B36-other-value", "id.conflict", '{"id": "b36", NAME, AT, "b36": 2, "b36a": [1, 2]}'),
    ("B36-other-order", "id.conflict", '{"id": "b36", NAME, AT, "b36": 1, "b36a": [2, 1]}'),
    ("B36-member-more", "id.conflict", '{"id": "b36", NAME, AT, "b36": 1, "b36a": [1, 2], "b36b": null}'),
    ("B36-member-less", "id.conflict", '{"id": "b36", NAME, AT, "b36": 1}'),
    ("B36-other-key", "id.conflict", '{"id": "b36", NAME, AT, "c36": 1, "b36a": [1, 2]}'),
    ("B36-other-key-by-case", "id.conflict", '{"id": "b36", NAME, AT, "B36": 1, "b36a": [1, 2]}'),
    ("B36-other-name", "id.conflict", '{"id": "b36", "name": "other", AT, "b36": 1, "b36a": [1, 2]}'),
    ("B37-first", "A", '{"id": "b37", NAME, AT, "sent_at": 1}'),
    ("B37-sent-again", "D", '{"id": "b37", NAME, AT, "sent_at": 2}'),
    ("B37-without", "D", '{"id": "b37", NAME, AT}'),
    ("B37-nested-is-not-it", "id.conflict", '{"id": "b37", NAME, AT, "v": {"sent_at": 2}}'),
    *((f"B38-{id!r}", "A", f'{{"id": "{id}", NAME, AT}}') for id in (
        "b38", "B38", "b38 ", " b38", "b 38", "b38\u00a0")),
    ("B40-missing", "type.missing /name", "{ID, AT}"),
    ("B40-null", "type.missing /name", '{ID, "name": null, AT}'),
    ("B40-number", "type.missing /name", '{ID, "name": 17, AT}'),
    ("B40-object", "type.missing /name", '{ID, "name": {"name": "x"}, AT}'),
    ("B40-empty", "type.missing /name", '{ID, "name": "", AT}'),
    *((f"B41-{name}", "type.name /name", f'{{ID, "name": "{name}", AT}}') for name in (
        "../../etc/passwd", "..", ".", "a/../b", "a/..", "./a", "/a", "a/", "a\\\\b", "%2e%2e%2f", "a/./b", "C:\\\\a")),
    ("B41-a/b", "A", '{ID, "name": "a/b", AT}'),  # real names have it; test_bad_tables.py sees that no path comes of it
    *((f"B42-{name}", "type.name /name", f'{{ID, "name": "{name}", AT}}') for name in (
        "a*", "a?b", "[a]", "{a}", "**")),
    *((f"B43-{name}", "type.name /name", f'{{ID, "name": "{name}", AT}}') for name in (
        'x\\"; DROP TABLE y;--', "it's", "a`b", "a;b", "a$b", "$(a)", "a&b", "a|b", "a<b>", "a=b", "a,b",
        "a+b", "a@b")),
    ("B44-cr-lf", "type.name /name", '{ID, "name": "a\\r\\nX-Header: b", AT}'),
    ("B44-escape", "type.name /name", '{ID, "name": "a\\u001b[31mb", AT}'),
    ("B44-tab", "type.name /name", '{ID, "name": "a\\tb", AT}'),
    ("B44-nul", "value.control /name", '{ID, "name": "\\u0000", AT}'),  # as B15 says
    ("B45-cyrillic", "type.name /name", '{ID, "name": "p\u0430ge_view", AT}'),
    ("B45-right-to-left", "type.name /name", '{ID, "name": "a\u202eb", AT}'),
    ("B45-emoji", "type.name /name", '{ID, "name": "a\U0001f388", AT}'),
    ("B45-no-break-space", "type.name /name", '{ID, "name": "a\u00a0b", AT}'),
    ("B46-first", "A", '{ID, "name": "PageView", AT}'),
    ("B46-other-case", "type.case", '{ID, "name": "pageview", AT}'),
    ("B46-first-again", "A", '{ID, "name": "PageView", AT}'),
    *((f"B47-{name}", "A", f'{{ID, "name": "{name}", AT}}') for name in (
        "select", "table", "user", "null", "con", "order by")),
    ("B48-128-bytes", "A", f'{{ID, "name": "{"n" * 128}", AT}}'),
    ("B48-129-bytes", "type.name /name", f'{{ID, "name": "{"n" * 129}", AT}}'),
    ("B48-blank-first", "type.name /name", '{ID, "name": " a", AT}'),
    ("B48-blank-last", "type.name /name", '{ID, "name": "a ", AT}'),
    ("B48-all-that-is-fine", "A", '{ID, "name": "Az 09_-.:/#", AT}'),
    *((f"B51-{what}", "A", f'{{ALL, "user_id": "{text}"}}') for what, text in (
        ("script", "<script>alert(1)</script>"), ("formula", "=HYPERLINK(0)"), ("jndi", "${jndi:ldap://x/a}"))),
    ("B52-missing", "time.missing /at", "{ID, NAME}"),
    ("B52-null", "time.missing /at", '{ID, NAME, "at": null}'),
    *((f"B53-{text}", "time.range /at", f'{{ID, NAME, "at": {text}}}') for text in (
        "0", "-1", "-1735689600000", '"1970-01-01T00:00:00Z"', '"1969-12-31T23:59:59Z"',
        '"1999-12-31T23:59:59.999999Z"')),
    ("B53-the-floor", "A", '{ID, NAME, "at": "2000-01-01T00:00:00Z"}'),
    *((f"B54-{text}", "time.range /at", f'{{ID, NAME, "at": {text}}}') for text in (
        '"292277026596-12-04T15:30:08Z"', "9223372036854775807", "-9223372036854775808", "1e300", "-1e300")),
    *((f"B56-{year}", "time.range /at", f'{{ID, NAME, "at": "{year}-01-01T00:00:00Z"}}')
      for year in ("9999", "10000", "+10000", "0000", "-0001")),
    ("B57-in-5-minutes", "A", f'{{ID, NAME, "at": {NOW + HOUR // 12}}}'),
    ("B57-in-25-hours", "time.future /at", f'{{ID, NAME, "at": {NOW + 25 * HOUR}}}'),
    ("B58-25-hours-late", "A", f'{{ID, NAME, "at": {NOW - 25 * HOUR}}}'),
    ("B58-400-days-late", "A", f'{{ID, NAME, "at": {NOW - 400 * 24 * HOUR}}}'),
    *((f"B59-{text}", "time.syntax /at", f'{{ID, NAME, "at": "{text}"}}') for text in (
        "2025-02-30T00:00:00Z", "2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-00-01T00:00:00Z",
        "2025-01-00T00:00:00Z", "2025-01-01T25:61:00Z", "2025-01-01T24:00:00Z", "2025-01-01T10:60:00Z",
        "2025-01-01T10:00:61Z", "2025-1-1T10:00:00Z", "2025-01-01T10:00:00Zx", "01/02/2025", "yesterday", "", " ")),
    *((f"B59-{text}", "time.syntax /at", f'{{ID, NAME, "at": {text}}}') for text in ("true", "{}", "[1735689600000]")),
    ("B60-leap-second", "A", '{ID, NAME, "at": "2016-12-31T23:59:60Z"}'),
    ("B61-no-zone", "time.zone /at", '{ID, NAME, "at": "2025-01-01T12:00:00"}'),
    ("B61-plus-14", "A", '{ID, NAME, "at": "2025-01-01T12:00:00+14:00"}'),
    ("B61-plus-25", "time.zone /at", '{ID, NAME, "at": "2025-01-01T12:00:00+25:00"}'),
    ("B62-seventh-nine", "A", '{ID, NAME, "at": "2025-01-01T09:59:59.9999999Z"}'),
    ("B68-names-by-case", "schema.name_clash", '{ALL, "userId": 1, "userid": 2}'),
    ("B68-nested", "schema.name_clash", '{ALL, "v": [{"a": 1, "A": 2}]}'),
    ("B68-with-the-id", "schema.name_clash", '{ALL, "Id": "x"}'),
    *((f"B69-{key}", "A", f'{{ALL, "{key}": "b69"}}') for key in (
        "event_id", "event_name", "event_time", "ingested_at", "source_position", "_extra", "eventId", "Event Time")),
    ("B70-100000-elements", "A", f'{{ALL, "b70": [{"1," * 99999}1]}}'),
    ("B70-100001-elements", "size.array", f'{{ALL, "b70": [{"1," * 100000}1]}}'),
    ("B70-1000000-elements", "size.array", f'{{ALL, "b70": [{"1," * 999999}1]}}'),
    ("B70-mixed-elements", "A", '{ALL, "b70": [1, "two", 3.5, null, true, [4], {"five": 5}, 6]}'),
]


def filled(label, text):
    """The record of a case as bytes."""
    data = text.encode() if isinstance(text, str) else text
    words = {b"ALL": envelope(label), b"ID": f'"id": {json.dumps(label)}', b"NAME": '"name": "case"',
             b"AT": f'"at": {AT}'}
    return re.sub(rb"\b(ALL|ID|NAME|AT)\b", lambda word: words[word[0]].encode(), data)


@pytest.fixture(scope="module")
def cases(tarn, tmp_path_factory):
    """All cases ingested; `at` of each is where its record begins."""
    dedupe = {"window": "7d", "ignore": ["sent_at"]}
    project = Project(tarn, tmp_path_factory.mktemp("bad"), {"bad": pipeline("cases.ndjson", dedupe=dedupe)})
    lines = BLANKS + [filled(label, text) for label, _, text in CASES]
    (project.folder / "cases.ndjson").write_bytes(b"\n".join(lines))
    outcome = ingest(project)
    outcome.at, offset = {}, sum(len(blank) + 1 for blank in BLANKS)
    for (label, _, _), line in zip(CASES, lines[len(BLANKS):]):
        outcome.at[label] = f"cases.ndjson:{offset}"
        offset += len(line) + 1
    return outcome


@pytest.mark.parametrize("label, expected, text", CASES, ids=[label for label, _, _ in CASES])
def test_a_record(cases, label, expected, text):
    record = filled(label, text).removesuffix(b"\r")
    if expected == "A":
        cases.check_accepted(cases.at[label], record)
    elif expected == "D":
        cases.check_neither(cases.at[label])
    else:
        cases.check_refused(cases.at[label], record, *expected.split())


def test_B1_blank_lines_are_counted_and_all_else_adds_up(cases):
    expected = [expected for _, expected, _ in CASES]
    assert len(cases.at) == len(CASES)
    assert {key: cases.report[key] for key in ("records", "rows", "duplicates", "conflicts", "blank_lines")} == {
        "records": len(CASES), "rows": expected.count("A"), "duplicates": expected.count("D"), "conflicts": 0,
        "blank_lines": len(BLANKS)}


@pytest.mark.parametrize("label, time", [
    ("B53-the-floor", "2000-01-01T00:00:00"),
    ("B60-leap-second", "2016-12-31T23:59:59.999999"),
    ("B61-plus-14", "2024-12-31T22:00:00"),
    ("B62-seventh-nine", "2025-01-01T09:59:59.999999"),
])
def test_the_time_of_an_odd_text(cases, label, time):
    row, _ = cases.rows[cases.at[label]]
    assert row["event_time"] == datetime.datetime.fromisoformat(time + "+00:00")


@pytest.mark.parametrize("key", ["", "b23.dot", 'b23"', "b23'", "b23`", "__proto__"])
def test_B23_no_column_is_called_so(cases, key):
    names = cases.project.lake.table("cases").static.schema().column_names
    assert not [name for name in names if key in name.split(".")]


def test_B69_standard_columns_are_not_overwritten(cases):
    for position, (row, _) in cases.rows.items():
        assert row["source_position"] == position
        assert "b69" not in (row["event_id"], row["event_name"])
