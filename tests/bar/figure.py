"""A figure of the bar: what was counted, what it must be, and whether it is.

Some must hold at any scale (nothing lost, nothing doubled): a smaller scale only looks less long. Others are amounts, and a
smaller scale cannot reach them: they are shown as a part of their floor, and count as failed at full scale alone.
"""
import dataclasses
import operator

REACHED, PART, FAILED, SHOWN, UNMEASURED = "reached", "part", "FAILED", "shown", "not measured"

HOLDS = {"must be": operator.eq, "at most": operator.le, "at least": operator.ge, "of": operator.ge}


@dataclasses.dataclass
class Figure:
    name: str
    value: object = None
    rule: str = ""       # of HOLDS; empty: there is no floor
    floor: object = None
    note: str = ""
    step: str = ""       # set by whoever runs the steps

    def verdict(self, is_full):
        if self.value is None:
            return UNMEASURED
        if not self.rule:
            return SHOWN
        if HOLDS[self.rule](self.value, self.floor):
            return REACHED
        return PART if self.rule == "of" and not is_full else FAILED

    def line(self, is_full):
        words = f"{self.rule} {number(self.floor)}" if self.rule else ""
        value = "" if self.value is None else number(self.value)
        return f"  {self.verdict(is_full):12} {self.name:50} {value:>14} {words:20} {self.note}".rstrip()

    def document(self, is_full):
        return {**dataclasses.asdict(self), "verdict": self.verdict(is_full)}


def number(value):
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)


def must_be(name, value, wanted, note=""):
    return Figure(name, value, "must be", wanted, note)


def at_most(name, value, most, note=""):
    return Figure(name, value, "at most", most, note)


def at_least(name, value, least, note=""):
    return Figure(name, value, "at least", least, note)


def amount(name, value, floor, note=""):
    """What only a full run reaches."""
    return Figure(name, value, "of", floor, note)


def shown(name, value, note=""):
    return Figure(name, value, note=note)


def unmeasured(name, why):
    return Figure(name, note=why)
