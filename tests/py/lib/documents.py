"""Made-up events of hundreds of differing nested shapes: what real producers do in years, in 2,000 documents.

Nearly all of what is here was a bug somewhere: names that clash or mean something to somebody, values of another type
than yesterday's at any depth, numbers at the edges of their types, containers with nothing in them.
"""
import json
import random

from lib.records import Number

START_MS = 1735689600000  # 2025-01-01

KEYS = [
    "userId", "user_id", "user-id", "UserID", "user.id", "user id", "sourceIPAddress", "a", "b", "c", "items", "tags",
    "geo", "value", "", " ", "*", "0", "1", "-", "~", "~1", "/", "a/b", "m~n", "it's", 'say "so"', "`tick`", "back\\slash",
    "select", "table", "naïve", "日本語", "🎈", "x" * 128, "y" * 200, "tab\there", "__proto__", "constructor", "_extra",
    "event_id", "event_name", "event_time", "ingested_at", "source_position", "eventTime", "event_type", "element", "list",
    "key_value", "$schema", "%s", "9lives", "ÀÉ", "\u200b", "null", "true",
]
NUMBERS = [
    "0", "-0", "-0.0", "0.0", "1", "1.0", "1.50", "-1", "9223372036854775807", "-9223372036854775808", "9007199254740993",
    "-9007199254740993", "9007199254740992", "1e22", "1E22", "1e3", "1e-7", "0.1", "0.30000000000000004",
    "1.7976931348623157e308", "2.2250738585072014e-308", "5e-324", "3.141592653589793", "-271.8281828459045e-2",
    "123456789012345680", "1.0000000000000002", "4503599627370497.5",
]
TEXTS = [
    "", " ", "plain", "12", "true", "null", "naïve", "日本語", "🎈👩‍👩‍👧", "a\u0000b", "\u0000", "\u0001\u001f\u007f", '"quoted"',
    "back\\slash", "new\nline\r\n", "\u2028\u2029", "\ufeffbom", "\u202eright", "x" * 3000, "</script>", "{}", "[1]",
    "2025-01-01T00:00:00Z", "\U0010ffff",
]


class Maker:
    """Each place in the documents has a kind, which 9 of 10 values there are of."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.kinds = {}

    def chance(self, share):
        return self.random.random() < share

    def keys(self, most):
        return self.random.sample(KEYS, self.random.randint(1, most))

    def kind(self, place):
        """Of a place not seen before: the keys of an object, or the word for another kind."""
        if place not in self.kinds:
            words = ["number", "number", "text", "text", "bool"]
            containers = [self.keys(8), self.keys(4), "list", "list"]
            self.kinds[place] = self.random.choice(words + containers if len(place) < 7 else words)
        return self.kinds[place]

    def scalar(self, kind):
        if kind == "number":
            return Number(self.random.choice(NUMBERS))
        if kind == "bool":
            return self.chance(0.5)
        return self.random.choice(TEXTS)

    def anything(self, depth=0):
        """A value that nobody expects here."""
        kind = self.random.random()
        if depth < 4 and kind < 0.15:
            return self.object(self.keys(3), lambda key: self.anything(depth + 1))
        if depth < 4 and kind < 0.35:
            return [self.anything(depth + 1) for _ in range(self.random.randint(0, 4))]
        odd = [None, {}, [], [[]], [{}], [None], {"a": {}}, {"a": None}, {"a": []}]
        return self.random.choice(odd) if kind < 0.6 else self.scalar(self.random.choice(["number", "text", "bool"]))

    def value(self, place):
        kind = self.kind(place)
        if self.chance(0.1):
            return self.anything()
        if kind == "list":
            return [self.value((*place, "*")) for _ in range(self.random.choice([0, 1, 1, 2, 3, 5]))]
        if isinstance(kind, list):
            return self.object(kind, lambda key: self.value((*place, key)))
        return self.scalar(kind)

    def object(self, keys, value):
        """Some of the keys; no two that differ only in their case: such a record is refused (schema.name_clash)."""
        chosen = {key.lower(): key for key in self.random.sample(keys, self.random.randint(1, min(len(keys), 12)))}
        return {key: value(key) for key in chosen.values()}

    def document(self, number):
        """An event with the id and time that the envelope wants, among its other members."""
        members = self.object(KEYS, lambda key: self.value((key,)))
        members |= {"doc": f"doc-{number:05}", "at": Number(START_MS + number * 60000)}
        if self.chance(0.02):
            members["byId"] = {f"{number}-{i}": self.anything(3) for i in range(1000)}
        order = list(members)
        self.random.shuffle(order)
        return {key: members[key] for key in order}

    def text(self, value):
        """As JSON, with numbers as they were made and escapes now and then."""
        if isinstance(value, Number):
            return str(value)
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.text(key)}:{self.text(member)}" for key, member in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ",".join(map(self.text, value)) + "]"
        return json.dumps(value, ensure_ascii=self.chance(0.5))


def documents(seed, count):
    """Lines of JSON."""
    maker = Maker(seed)
    return [maker.text(maker.document(number)) for number in range(count)]
