"""The journeys of `journey_worlds` as the customer system of a firm exports them: with everything that real exports have wrong.

Whoever maps the names of the stages, drops unknown ones, sorts by time, takes the last of a day and ignores what comes after `left` has exactly
the events of the first customers of `journey_events` again. What was done to the file is counted by `faults` for the card. Only `rng.random` is used.
"""

import datetime
import functools

import numpy as np

from .framework import keys, vocabulary
from .journey_worlds import STATES, tables
from .simulate import typed_as

SEED, CUSTOMERS = 15, 1000
FIRST_DAY = datetime.date(2018, 1, 1)  # day 0 of the study
HEADER = ("Müşteri No", "Tarih", "Aşama", "Not")
OTHER_NAMES = {"accomplish": "sonuçlandırma", "left": "müşteri ayrıldı"}  # the older name of the stage; how the system words the exit
UNKNOWN = ("test", "Bilinmiyor", "-", "Diğer", "deneme kaydı")
NOTES = ("", "", "", "", "arandı", "e-posta gönderildi", "kendisi yazdı", "şubede görüşüldü", "yönlendirildi", "aktarım")
SPELLED = {"as_is": 0.30, "first": 0.30, "upper": 0.12, "ascii": 0.10, "wrong_upper": 0.06, "blank": 0.05, "english": 0.04, "other": 0.03}
ISO, TWO_IN_A_DAY, REPEATED, COPIED, STRAY, RETURNED, TESTERS = 0.15, 0.06, 0.08, 0.03, 0.015, 0.01, 3


def _spelled(state, u):
    """A stage as somebody typed it."""
    entry = next(row for row in (*vocabulary()["stages"], *vocabulary()["exits"]) if row["key"] == state)
    how = list(SPELLED)[int(np.searchsorted(np.cumsum([*SPELLED.values()])[:-1], u, side="right"))]
    name = entry["tr"]
    if how == "first":
        return name[0].translate(str.maketrans("iı", "İI")).upper() + name[1:]
    if how == "wrong_upper":  # by a system that does not know Turkish: i becomes I
        return name.upper()
    if how == "english":
        return entry["en"].capitalize()
    return OTHER_NAMES.get(state, name) if how == "other" else typed_as(name, "tr", how)


def _when(day, minute, u):
    moment = datetime.datetime.combine(FIRST_DAY, datetime.time()) + datetime.timedelta(days=int(day), minutes=int(minute))
    return moment.strftime("%Y-%m-%dT%H:%M" if u < ISO else "%d.%m.%Y %H:%M")


def _entry(kind, customer, day, hours, state, rng):
    """(kind, row): between two hours of that day; a state of the framework is typed, anything else stands as it is."""
    u = rng.random(4)
    minute = 60 * hours[0] + int(60 * (hours[1] - hours[0]) * u[0])
    stage = _spelled(state, u[1]) if state in STATES else state
    return kind, (str(customer), _when(day, minute, u[2]), stage, NOTES[int(len(NOTES) * u[3])])


def _of_event(customer, day, state, until, end, rng):
    """The rows that one event leaves behind; `until`: the day of the customer's next event or of the last day there can be one."""
    yield _entry("event", customer, day, (11, 18), state, rng)
    u = rng.random(6)
    if u[0] < TWO_IN_A_DAY and state != "left":  # on the way, on the same day: the later time counts
        yield _entry("two in a day", customer, day, (8, 11), keys("stages")[max(STATES.index(state) - 1, 0)], rng)
    if u[1] < REPEATED and state != "left" and until - day > 1:
        yield _entry("repeat of the stage", customer, day + 1 + int((until - day - 1) * u[2]), (8, 18), state, rng)
    if u[3] < STRAY:
        yield _entry("unknown stage", customer, day + int((until - day) * u[4]), (8, 20), UNKNOWN[int(len(UNKNOWN) * u[5])], rng)
    if state == "left" and u[4] < RETURNED and end > day:
        yield _entry("after leaving", customer, day + 1 + int((end - day) * u[2]), (9, 18), "admit", rng)


@functools.cache
def rows():
    """((kind, cells), ...) of the export in the order of the file; a copy is marked as such."""
    rng = np.random.default_rng(SEED)
    people = tables("journey")["customers"].head(CUSTOMERS)
    last = dict(zip(people["customer"], people["last_day"], strict=True))
    events = tables("journey")["events"]
    found = []
    kept = list(events[events["customer"].isin(last)].itertuples(index=False))
    for event, following in zip(kept, [*kept[1:], None], strict=True):
        same = following is not None and following.customer == event.customer
        found += _of_event(event.customer, event.day, event.stage, following.day if same else last[event.customer] + 1, last[event.customer], rng)
    for tester in range(TESTERS):
        found.append(_entry("unknown stage", 900_001 + tester, 20 + 100 * tester, (9, 18), UNKNOWN[0], rng))
    u = rng.random(len(found))
    found += [("copy", cells) for (_, cells), chance in zip(found, u, strict=True) if chance < COPIED]
    return tuple(found[place] for place in np.argsort(rng.random(len(found)), kind="stable"))


def files():
    """{file name: text} of the export."""
    return {"journey_export.csv": "".join(";".join(cells) + "\n" for cells in (HEADER, *(cells for _, cells in rows())))}


def faults():
    """(what, how often) in the export, for the card."""
    kinds = [kind for kind, _ in rows()]
    told = [(kind, kinds.count(kind)) for kind in ("event", "two in a day", "repeat of the stage", "unknown stage", "after leaving", "copy")]
    return [*told, ("time as 2018-03-15T14:05", sum("T" in cells[1] for _, cells in rows()))]


def card_table():
    """The generated part of the card: what the export holds."""
    return "\n".join(["| rows of `journey_export.csv` | how many |", "|---|---|", *(f"| {what} | {count:,} |" for what, count in faults())])
