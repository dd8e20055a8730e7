"""From a log of events to spells: who was in which stage from when to when, and where they went next.

A spell is one stay of one customer in one state, at risk on the days start < d ≤ stop. Everything in `journey` counts spells, so whatever is odd
in a log (several events a day, events after the end, copies) is settled here once, and told in `.attrs["report"]`. Any states will do.
"""

import collections

import numpy as np
import pandas as pd

from .framework import CxError, keys, number, say, vocabulary
from .intervals import check_level, notes, wilson
from .recognise import fold
from .tally import as_list, check_columns, is_missing, name_rows

SPELLS = ("customer", "state", "start", "stop", "next")
NAMED = 30  # names that an error lists
UNKNOWN = np.iinfo(np.int32).min  # a day that is not known; days themselves lie within ±10⁹
# Spells as arrays: `customer` numbered, `state` and `next` as places in `states` (−1: still there), `names` of the customers. To count them is all
# that needs no numbered customers: then `customer` may be as given, and `names` None.
Coded = collections.namedtuple("Coded", "customer state start stop next states names")


class Listed(list):
    """Rows in a report. pandas copies all attributes at every step; a hundred thousand rows set aside are not to be copied each time."""

    def __deepcopy__(self, memo):
        return self



def stage_names(values, mapping=None):
    """Stages under any of their names (English, Turkish, the key itself, your own) as the stages of the kit.

    values : column of names; case, accents and İ/ı do not matter. mapping : {your name: stage, "left", or None to set such rows aside}.
    Returns a categorical Series of the stages and "left" with the index of `values`; missing where the cell was empty or set aside.
    A name that nobody knows is an error that lists them all, with their rows.

    >>> stage_names(["ORTAMA ALIŞMA", "activate", "gone"], mapping={"gone": "left"}).tolist()
    ['acclimate', 'activate', 'left']
    """
    values = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)
    states = default_states()
    known = _known_names()
    for name, stage in (mapping or {}).items():
        if stage is not None and stage not in states:
            raise CxError(say("event_log.mapping", name=name, stage=stage, allowed=", ".join(states)))
        known[fold(str(name))] = stage
    distinct = pd.unique(values.dropna())
    unknown = [name for name in distinct if str(name).strip() and fold(str(name)) not in known]
    if unknown:
        raise CxError(say("event_log.unknown_names", n=number(len(unknown)), names=_where(values, unknown), allowed=", ".join(states)))
    meant = values.map({name: known.get(fold(str(name))) for name in distinct})
    return pd.Series(pd.Categorical(meant, categories=states, ordered=True), index=values.index, name=values.name)


def _where(values, names):
    """Each name once, with how many rows hold it and the first of them: what one needs to write a mapping."""
    rows = values.index if values.index.name == "row" else np.arange(len(values)) + 2
    places = {name: np.flatnonzero((values == name).to_numpy(dtype=bool, na_value=False)) for name in names[:NAMED]}
    told = [say("event_log.unknown_one", name=name, n=number(len(at)), row=rows[at[0]]) for name, at in places.items()]
    return ", ".join(told) + ("" if len(names) <= NAMED else " …")


def default_states():
    return [*keys("stages"), *keys("exits")]


def _known_names():
    rows = [*vocabulary()["stages"], *vocabulary()["exits"]]
    return {fold(name): row["key"] for row in rows for name in (row["key"], row["en"], row["tr"], *row.get("also", ()))}


def spells(events, customers=None, states=None, origin=None, end="last_day", exit="left", exit_final=True):
    """Events as spells: one row for each stay of a customer in a state.

    events : frame `customer, day, stage` and, optional, `time` (order within a day; else that of the rows). Days are whole numbers or dates.
    customers : frame with one row a customer: `customer`, the end of observation, and, optional, `origin_day` (clock zero; else the customer's first
    event) and `first_day` (observation begins: late entry). Without it observation ends for all on the last day of the log, which is then reported.
    states : their keys in order (default: the eight stages, then `exit`). origin : a state; the clock then starts at the first entry to it, and who
    never entered it is left out. end : name of the column with the last day of observation, or one day for all. exit : the state of those who
    left, or None. exit_final : with True events after it are set aside; with False it is a state that one can come back from.

    Returns a frame `customer, state, start, stop, next`: days since clock zero, at risk on start < d ≤ stop; next is missing where the customer was
    still there when observation ended. The last event of a day counts; repeats of the current state are passed over; an event after the last
    day is set aside, a move on it counts. `.attrs["report"]` counts all of it, and lists the rows set aside with their row in the spreadsheet.
    A frame that has these five columns already is taken as it is: rows of no length are dropped, gaps are time out of observation, both
    reported; overlaps are refused. R: `survival::Surv(start, stop, next)` with `id` and `istate`.

    >>> log = pd.DataFrame({"customer": [1, 1, 1, 2], "day": [3, 8, 8, 5], "stage": ["admit", "affirm", "activate", "admit"]})
    >>> spells(log, end=20).astype({"next": object})
       customer     state  start  stop      next
    0         1     admit      0     5  activate
    1         1  activate      5    17       NaN
    2         2     admit      0    15       NaN
    """
    if set(SPELLS) <= set(events.columns):
        return _as_they_are(events, states)
    check_columns(events, ["customer", "day", "stage"])
    states = _check_states(states, exit, origin)
    report = collections.Counter(events=len(events), end_assumed=0)
    log, aside = _read(events, states)
    people = _people(log, customers, end, report, pd.api.types.is_datetime64_any_dtype(events["day"]))
    log, late = _within_observation(log, people)
    aside += late
    entered = _first_entry(log, people, origin, states)
    log = _last_of_day(log, report)
    log, after = _after_exit(log, states, exit if exit_final else None)
    log = _without_repeats(log, report)
    log = _stays(log, people, entered, states, exit if exit_final else None, report)  # under one name, so that a million customers need little memory
    result = _frame(*log, states)
    report["customers"], report["spells"] = int(result["customer"].nunique()), len(result)
    told = {name: int(count) for name, count in report.items()} | _set_aside(events, aside + after)
    result.attrs = {"report": told, "states": states, "origin": origin} | carried(events)
    return result


def carried(frame):
    return {"simulated": frame.attrs["simulated"]} if "simulated" in frame.attrs else {}


def _check_states(states, exit, origin):
    states = [*keys("stages"), *as_list(exit)] if states is None else [*states, *(state for state in as_list(exit) if state not in states)]
    if len(set(states)) < len(states):
        raise CxError(say("event_log.states_twice", states=", ".join(map(str, states))))
    if origin is not None and origin not in states:
        raise CxError(say("event_log.origin", origin=origin, allowed=", ".join(map(str, states))))
    return states


# --- reading a log ------------------------------------------------------------------------------------------------------------

# An event log as arrays: customer and state as places, whole days, order within a day, place of the row in the frame.
_Log = collections.namedtuple("_Log", "customer day state row names")


def _take(log, chosen):
    return _Log(log.customer[chosen], log.day[chosen], log.state[chosen], log.row[chosen], log.names)


def _read(events, states):
    """(the log in order of customer, day and time, the rows set aside because a cell is missing)."""
    state, day = _places(events, "stage", states), events["day"]
    empty = events["customer"].isna().to_numpy() | day.isna().to_numpy() | (state < 0)
    aside = [(row, "missing") for row in np.flatnonzero(empty)]
    row = np.flatnonzero(~empty).astype(np.int32)
    given = events["customer"].iloc[row] if aside else events["customer"]
    customer, names = pd.factorize(given, sort=True)
    log = _Log(customer.astype(np.int32), whole_days(events, "day").astype(np.int32)[row], state[row], row, pd.Index(names))
    time = events["time"] if "time" in events.columns else day if pd.api.types.is_datetime64_any_dtype(day) else None
    return _take(log, _order(log, None if time is None else time.iloc[row])), aside


def _order(log, time):
    """Places in order of customer, day and time; where times are equal or there are none, the order of the rows stands."""
    if time is not None:
        return np.lexsort((pd.factorize(time, sort=True)[0], log.day, log.customer))
    if not len(log.day):
        return slice(None)
    key = log.customer.astype(np.int64)
    key *= int(log.day.max()) - int(log.day.min()) + 1
    key += log.day
    return slice(None) if (key[1:] >= key[:-1]).all() else np.argsort(key, kind="stable")


def _places(frame, column, states):
    """A column of states as places in `states`, −1 where it is missing; any other value is an error with its rows."""
    values = frame[column]
    if not isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype("category")
    there = values.cat.categories
    place = {state: k for k, state in enumerate(states)}
    code = values.cat.codes.to_numpy()
    if list(there) == states:
        return code
    unknown = [name for k, name in enumerate(there) if name not in place and (code == k).any()]
    if unknown:
        rows = name_rows(frame, column, lambda cell: not is_missing(cell) and cell in unknown)
        raise CxError(say("event_log.unknown_state", column=column, rows=rows, allowed=", ".join(map(str, states))))
    where = np.array([place.get(name, -1) for name in there] + [-1], dtype=np.int8 if len(states) < 128 else np.int16)
    return where[code]


def whole_days(frame, column):
    """Whole days of a column, dates as days since 1970, 0 where it is missing; anything else is an error with its rows."""
    values = frame[column]
    if pd.api.types.is_datetime64_any_dtype(values):
        values = values.dt.tz_localize(None) if getattr(values.dt, "tz", None) is not None else values
        return values.to_numpy().astype("datetime64[D]").astype(np.int64) * values.notna().to_numpy()
    if pd.api.types.is_integer_dtype(values.dtype) and not isinstance(values.dtype, pd.api.extensions.ExtensionDtype):
        whole = values.to_numpy().astype(np.int64, copy=False)
        if len(whole) == 0 or -1e9 < whole.min() and whole.max() < 1e9:
            return whole
    numeric = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    bad = values.notna().to_numpy() & ~((numeric == np.rint(numeric)) & (np.abs(numeric) < 1e9))
    if bad.any():
        rows = {frame.index[i] if frame.index.name == "row" else i + 2: values.iloc[i] for i in np.flatnonzero(bad)[:5]}
        raise CxError(say("event_log.not_days", column=column, rows=", ".join(f"{row} ({value})" for row, value in rows.items())))
    return np.where(np.isfinite(numeric), numeric, 0).astype(np.int64)


def _people(log, customers, end, report, dates):
    """`first`, `last`, `zero` of each customer of the log, in its unit of days; last is missing (a smallest number) where there is no row for one."""
    if customers is None:
        last = _one_day(end, dates) if not isinstance(end, str) else int(log.day.max()) if len(log.day) else 0
        report["end_assumed"] = int(isinstance(end, str))
        return {"last": np.full(len(log.names), last, dtype=np.int32), "first": None, "zero": None}
    check_columns(customers, ["customer", *as_list(end if isinstance(end, str) else None)])
    if (twice := customers["customer"].duplicated() & customers["customer"].notna()).any():
        at = int(twice.to_numpy().argmax())
        raise CxError(say("event_log.customer_twice", row=at + 2, customer=customers["customer"].iloc[at]))
    at = pd.Index(customers["customer"]).get_indexer(log.names)
    report["customers_without_events"] = len(customers) - int((at >= 0).sum())
    report["customers_without_row"] = int((at < 0).sum())

    def days(column):
        if customers[column].notna().any() and pd.api.types.is_datetime64_any_dtype(customers[column]) != dates:
            raise CxError(say("event_log.two_calendars", column=column))
        given = np.where(customers[column].notna().to_numpy(), whole_days(customers, column), UNKNOWN).astype(np.int32)
        return np.where(at >= 0, given[at], np.int32(UNKNOWN)) if len(given) else np.full(len(at), UNKNOWN, dtype=np.int32)

    last = days(end) if isinstance(end, str) else np.where(at >= 0, _one_day(end, dates), UNKNOWN).astype(np.int32)
    first, zero = (days(column) if column in customers.columns else None for column in ("first_day", "origin_day"))
    return {"last": last, "first": first, "zero": zero}


def _one_day(end, dates):
    given = pd.DataFrame({"end": [end]})
    if pd.api.types.is_datetime64_any_dtype(given["end"]) != dates:
        raise CxError(say("event_log.end_calendar", end=end))
    return int(whole_days(given, "end")[0])


def _within_observation(log, people):
    """The log without events of customers whose end is not known, and without those after it."""
    last = people["last"][log.customer]
    unknown, late = last == UNKNOWN, log.day > last
    aside = [(row, "no_end") for row in log.row[unknown]] + [(row, "after_end") for row in log.row[late & ~unknown]]
    return (_take(log, ~late), aside) if late.any() else (log, aside)


def _first_entry(log, people, origin, states):
    """The day of each customer's clock zero, or None where it is the first event. A state folded away within its day was entered all the same."""
    if origin is None:
        return people["zero"]
    there = log.state == states.index(origin)
    first, never = np.full(len(log.names), np.iinfo(np.int32).max, dtype=np.int32), np.iinfo(np.int32).max
    np.minimum.at(first, log.customer[there], log.day[there])
    return np.where(first == never, np.int32(UNKNOWN), first)


def _last_of_day(log, report):
    last = np.ones(len(log.day), dtype=bool)
    last[:-1] = (log.customer[1:] != log.customer[:-1]) | (log.day[1:] != log.day[:-1])
    report["folded"] = int((~last).sum())
    return _take(log, last) if report["folded"] else log


def _after_exit(log, states, exit):
    if exit is None or exit not in states or not (gone := log.state == states.index(exit)).any():
        return log, []
    place = np.arange(len(log.day))
    first = np.full(len(log.names), len(place))
    np.minimum.at(first, log.customer[gone], place[gone])
    after = place > first[log.customer]
    return (_take(log, ~after), [(row, "after_exit") for row in log.row[after]]) if after.any() else (log, [])


def _without_repeats(log, report):
    again = np.zeros(len(log.day), dtype=bool)
    again[1:] = (log.customer[1:] == log.customer[:-1]) & (log.state[1:] == log.state[:-1])
    report["repeats"] = int(again.sum())
    return _take(log, ~again) if again.any() else log


def _stays(log, people, zero, states, exit, report):
    """The spells of a clean log, on each customer's clock, within their observation: names and columns."""
    n, nobody = len(log.day), len(log.names)
    opens = np.ones(n, dtype=bool)  # the first row of a customer
    opens[1:] = log.customer[1:] != log.customer[:-1]
    goes_on = np.append(~opens[1:], np.zeros(min(n, 1), dtype=bool))
    first = np.full(nobody, UNKNOWN, dtype=np.int32)
    first[log.customer[opens]] = log.day[opens]
    zero = first if zero is None else np.where((zero == UNKNOWN) & (people["zero"] is zero), first, zero)
    start, clock = log.day, zero[log.customer]
    started = clock != UNKNOWN
    begins = clock if people["first"] is None else np.maximum(people["first"], zero)[log.customer]
    before = started & (start < begins)
    start = np.where(before, begins, start)
    stop, following = people["last"][log.customer], np.full(n, -1, dtype=log.state.dtype)
    stop[:-1][goes_on[:-1]], following[:-1][goes_on[:-1]] = log.day[1:][goes_on[:-1]], log.state[1:][goes_on[:-1]]
    final = np.zeros(n, dtype=bool) if exit is None else log.state == states.index(exit)
    kept = started & ~final & (stop > start)
    report["customers_never_at_origin"] = int((zero[log.customer[opens]] == UNKNOWN).sum())
    report["before_observation"] = int((before & ~final & (stop <= start)).sum())
    report["no_length"] = int((started & ~final & ~before & (stop <= start)).sum())
    clock = clock[kept]
    return log.names, log.customer[kept], log.state[kept], start[kept] - clock, stop[kept] - clock, following[kept]


def _frame(names, customer, state, start, stop, following, states):
    dtype = pd.CategoricalDtype(states, ordered=True)
    columns = {"customer": names.take(customer), "state": pd.Categorical.from_codes(state, dtype=dtype), "start": start.astype(np.int64),
               "stop": stop.astype(np.int64), "next": pd.Categorical.from_codes(following, dtype=dtype)}
    return pd.DataFrame(columns, copy=False)


def _set_aside(events, aside):
    """Counts by reason, and the rows themselves: row of the spreadsheet, customer, day, stage, reason."""
    counts = {reason: 0 for reason in ("missing", "no_end", "after_end", "after_exit")} | collections.Counter(reason for _, reason in aside)
    numbered = events.index.name == "row"
    cells = events[["customer", "day", "stage"]]
    cells = cells.iloc[[row for row, _ in aside]].to_dict("records")
    rows = [{"row": int(events.index[row]) if numbered else int(row) + 2} | cell | {"reason": reason}
            for (row, reason), cell in zip(aside, cells, strict=True)]
    return counts | {"set_aside": Listed(rows)}


# --- spells that are there already --------------------------------------------------------------------------------------------


def _as_they_are(given, states):
    """A frame of spells, checked: rows without length dropped, gaps counted, overlaps refused."""
    coded = _code(given, states)
    length = coded.stop - coded.start
    if (backwards := length < 0).any():
        at = int(backwards.argmax())
        raise CxError(say("event_log.backwards", row=at + 2, start=coded.start[at], stop=coded.stop[at]))
    kept = np.flatnonzero(length > 0)
    order = kept[np.lexsort((coded.start[kept], coded.customer[kept]))]
    same = coded.customer[order][1:] == coded.customer[order][:-1]
    between = coded.start[order][1:] - coded.stop[order][:-1]
    if (overlap := same & (between < 0)).any():
        at = int(overlap.argmax())
        raise CxError(say("event_log.overlap", row=order[at] + 2, other=order[at + 1] + 2, customer=given["customer"].iloc[order[at]]))
    result = _frame(coded.names, coded.customer[kept], coded.state[kept], coded.start[kept], coded.stop[kept], coded.next[kept], coded.states)
    result = pd.concat([result, given[[name for name in given.columns if name not in SPELLS]].iloc[kept].reset_index(drop=True)], axis=1)
    report = {"no_length": len(given) - len(kept), "gaps": int((same & (between > 0)).sum()), "customers": len(np.unique(coded.customer[kept])),
              "spells": len(kept), "rows_without_length": Listed((np.flatnonzero(length == 0) + 2).tolist())}
    result.attrs = {"report": report, "states": list(coded.states), "origin": given.attrs.get("origin")} | carried(given)
    return result


def _code(given, states=None, numbered=True):
    """Spells as arrays. states : their order; else that of the categories, of the kit, or of their names."""
    for name in ("customer", "state", "start", "stop"):
        if given[name].isna().any():
            raise CxError(say("event_log.empty_cell", column=name, rows=name_rows(given, name, is_missing)))
    states = _states_of(given) if states is None else list(states)
    state, following = _places(given, "state", states), _places(given, "next", states)
    if not numbered and isinstance(given["customer"].dtype, np.dtype) and given["customer"].dtype.kind in "iu":
        customer, names = given["customer"].to_numpy(), None
    else:
        customer, names = pd.factorize(given["customer"], sort=True)
    names = None if names is None else pd.Index(names)
    return Coded(customer, state, whole_days(given, "start"), whole_days(given, "stop"), following, states, names)


def _states_of(given):
    if given.attrs.get("states"):
        return list(given.attrs["states"])
    return states_in(given, ("state", "next"))


def states_in(table, columns):
    """The states named in columns: in the order of the kit if they are its own, else of the categories, else of their names."""
    there = []
    for values in (table[name] for name in columns):
        there += list(values.cat.categories) if isinstance(values.dtype, pd.CategoricalDtype) else sorted(values.dropna().unique(), key=str)
    both = list(dict.fromkeys(there))
    return default_states() if set(both) <= set(default_states()) else both


def checked(given):
    """Spells as they come from `spells`; any other frame with these columns is checked as it would be there."""
    if not isinstance(given, pd.DataFrame) or not set(SPELLS) <= set(given.columns):
        raise CxError(say("event_log.not_spells", columns=", ".join(SPELLS), kind=type(given).__name__))
    return given if "report" in given.attrs and given.attrs.get("states") is not None else _as_they_are(given, None)


def coded(given, numbered=True):
    """Spells as `Coded` arrays, checked unless they come from `spells`. numbered : False where customers only need to be told apart (quicker)."""
    given = checked(given)
    arrays = _code(given, given.attrs["states"], numbered)
    if not (arrays.stop > arrays.start).all():
        return _code(_as_they_are(given, given.attrs["states"]), given.attrs["states"], numbered)
    return arrays


def until(spells, state):
    """The spells up to each customer's first entry into a state: its occupancy is then the share who ever reached it.

    spells : as `spells` returns them. state : one of its states; nobody leaves it in the result. Who is in it on day 0 is there from the beginning;
    who is in it when a later observation begins is left out, since the others who got there and left before are not known. Returns a frame of
    spells; `.attrs["report"]` counts customers, spells, and those left out (`already_there`).

    >>> log = pd.DataFrame({"customer": [1, 1, 1], "day": [0, 4, 6], "stage": ["admit", "affirm", "admit"]})
    >>> until(spells(log, end=9), "affirm")[["state", "start", "stop", "next"]].values.tolist()
    [['admit', 0, 4, 'affirm']]
    """
    arrays = coded(spells)
    if state not in arrays.states:
        raise CxError(say("event_log.until", state=state, allowed=", ".join(map(str, arrays.states))))
    cut = up_to(arrays, state)
    result = _frame(arrays.names, *cut[:5], arrays.states)
    customers = int(result["customer"].nunique())
    report = {"customers": customers, "spells": len(result), "already_there": len(arrays.names) - customers}
    result.attrs = {"report": report, "states": arrays.states, "origin": spells.attrs.get("origin")} | carried(spells)
    return result


def up_to(arrays, state):
    """`until`, arrays to arrays."""
    place, never = arrays.states.index(state), np.iinfo(np.int64).max
    first, opened, closed = (np.full(len(arrays.names), value, dtype=np.int64) for value in (never, never, -never))
    into, there = arrays.next == place, arrays.state == place
    np.minimum.at(first, arrays.customer[into], arrays.stop[into])
    np.minimum.at(first, arrays.customer[there], arrays.start[there])
    np.minimum.at(opened, arrays.customer, arrays.start)
    np.maximum.at(closed, arrays.customer, arrays.stop)
    begins_there = first <= opened
    at_zero = begins_there[arrays.customer] & there & (arrays.start == first[arrays.customer]) & (arrays.start <= 0)
    kept = (arrays.start < first[arrays.customer]) | at_zero
    stop, following = np.where(at_zero, closed[arrays.customer], arrays.stop), np.where(at_zero, -1, arrays.next)
    return Coded(*(values[kept] for values in (arrays.customer, arrays.state, arrays.start, stop, following)), arrays.states, arrays.names)


# --- the order of a log -------------------------------------------------------------------------------------------------------


def order_violations(events, stages=None, exit="left", level=0.95):
    """How often customers skip a stage or go back, and how many keep to the textbook order.

    events : a log as for `spells`, not folded: every event counts, in the order of day and time (else of the rows). stages : their textbook order
    (default: the eight). exit : one may leave from anywhere; what follows is passed over. Where a log begins is no violation: it may begin late.

    Returns three rows, `kind` = "skip", "back", "textbook": `moves` (moves of that kind; textbook: to the very next stage), `n` (customers with two
    stages or more), `customers` of them (at least one skip, at least one return, no violation), `share` with Wilson's `ci_low`, `ci_high`.

    >>> log = pd.DataFrame({"customer": [1, 1, 1, 2, 2], "day": [0, 1, 2, 0, 4], "stage": ["admit", "affirm", "admit", "admit", "affirm"]})
    >>> order_violations(log)[["kind", "moves", "n", "customers", "share"]]
           kind  moves  n  customers  share
    0      skip      0  2          0    0.0
    1      back      1  2          1    0.5
    2  textbook      2  2          1    0.5
    """
    check_level(level)
    check_columns(events, ["customer", "day", "stage"])
    stages = keys("stages") if stages is None else list(stages)
    log, aside = _read(events, _check_states([*stages], exit, None))
    log, after = _after_exit(log, [*stages, *as_list(exit)], exit)
    log = _take(log, log.state < len(stages))
    log = _without_repeats(log, collections.Counter())
    same = log.customer[1:] == log.customer[:-1]
    who, step = log.customer[1:][same], np.diff(log.state.astype(int))[same]
    moved = np.bincount(who, minlength=len(log.names)) > 0
    n, rows = int(moved.sum()), []
    for kind, which in (("skip", step > 1), ("back", step < 0), ("textbook", step == 1)):
        has = np.bincount(who[which] if kind != "textbook" else who[step != 1], minlength=len(log.names)) > 0
        people = int(has.sum()) if kind != "textbook" else n - int(has.sum())
        rows.append({"kind": kind, "moves": int(which.sum()), "n": n, "customers": people, "share": people / n if n else np.nan})
    result = pd.DataFrame(rows)
    low, high = wilson(result["share"].to_numpy()[None], np.array([n]), level)
    result = result.assign(ci_low=low[0], ci_high=high[0], note=notes(result["n"].to_numpy()))
    result.attrs = {"level": level, "set_aside": len(aside), "after_exit": len(after)} | carried(events)
    return result
