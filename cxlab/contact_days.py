"""Days at risk with the contacts that came before them: the table from which one asks whether a contact goes with moving on.

Whoever is still in a stage has had more time to be contacted, so "ever contacted" compares long stays with short ones (immortal time). Here a contact
counts only from the day after it, and until then its customer stands among those without one.
"""

import numpy as np
import pandas as pd

from .event_log import carried, coded, whole_days
from .framework import CxError, number, say
from .intervals import check_choice
from .stays import _check_whole, _states, visits_of
from .tally import check_columns

NAMED = 5  # customers that an error names


def person_days(spells, contacts, lag=1, clock=None, split="day"):
    """One row for every day a customer was at risk of moving, with the contacts of earlier days.

    spells : frame `customer, state, start, stop, next` (see `cx.spells`). contacts : frame `customer, day` and, optional, `channel`, one row a
    contact; whole days or dates. lag : a contact counts from that many days after it, 1 or more: one of the same day may be the answer to the move.
    clock : Series of the day on which each customer's clock is zero, customers as index, in the calendar of the contacts:
    `events.groupby("customer")["day"].min()` where clock zero is the first event, `customers.set_index("customer")["origin_day"]` where it is given;
    None: the contacts are on the clock of the spells already. split : "day", or "contact": rows as long as nothing changes, for Cox.

    Returns, in order of customer and day: `customer, state, day` (at risk on it), `day_in_stage` (1: the first after entry), `visit` (1: the
    customer's first to the state), `next` (state moved to on that day; missing: stayed), `contacts` (so far, those before clock zero included),
    `contacts_in_stage` (since entry, its day included), `days_since_contact` (lag or more; missing: none yet) and, with channels, `contacts_email`,
    ... so far. Where entry was not observed, `day_in_stage` and `contacts_in_stage` are missing. split="contact" has `start, stop` (at risk on
    start < day ≤ stop) for `day`, `entered` and `day_in_stage` (days in the stage at both ends) and no `days_since_contact`. `entered` ends in .5:
    who enters on a day is at risk on that day for statsmodels, from the next day for us and for R; half a day makes both the same. Contacts without
    customer or day, or of customers without spells, are left out; `.attrs["note"]` counts them.

    Logit of one move, the other moves being censored (rows of no move), errors clustered by customer:
    `smf.logit("moved ~ day_in_stage + seen", rows.assign(moved=(rows["next"] == "affirm") * 1, seen=(rows["contacts_in_stage"] > 0) * 1))`
    `.fit(cov_type="cluster", cov_kwds={"groups": rows["customer"]})`; R: `glm(moved ~ ..., binomial)`. Cox on split="contact", days since entry:
    `PHReg(rows["day_in_stage"], rows[["seen"]], status=moved, entry=rows["entered"], ties="efron")`; R: `coxph(Surv(entered, day_in_stage,
    moved) ~ seen)`. That a contact goes with moving on is no proof that it makes customers move: the eager may be contacted more.

    >>> spells = pd.DataFrame({"customer": [1], "state": ["admit"], "start": [0], "stop": [4], "next": ["affirm"]})
    >>> contacts = pd.DataFrame({"customer": [1, 1], "day": ["2024-05-03", "2024-05-05"]}).astype({"day": "datetime64[s]"})
    >>> clock = pd.Series(pd.to_datetime(["2024-05-01"]), index=[1])
    >>> person_days(spells, contacts, clock=clock)[["day", "day_in_stage", "next", "contacts", "days_since_contact"]].astype({"next": object})
       day  day_in_stage    next  contacts  days_since_contact
    0    1             1     NaN         0                 NaN
    1    2             2     NaN         0                 NaN
    2    3             3     NaN         1                 1.0
    3    4             4  affirm         1                 2.0
    """
    _check_whole("lag", lag, 1)
    check_choice("split", split, ("day", "contact"))
    arrays = coded(spells)
    check_columns(contacts, ["customer", "day"])
    visits = visits_of(arrays)
    log, left_out = _on_the_clock(contacts, arrays.names, clock)
    spell, start, stop = (_each_day if split == "day" else _each_change)(arrays, visits, log, int(lag))
    result = _rows(arrays, visits, spell, start, stop, split)
    result = result.assign(**_before(arrays, visits, log, spell, start, int(lag), split))
    cut = int(visits.cut.sum())
    said = [say("contact_days.left_out", n=number(left_out)) if left_out else "", say("contact_days.cut", n=number(cut)) if cut else ""]
    result.attrs = {"note": " ".join(filter(None, said)), "lag": int(lag), "split": split, "states": list(arrays.states)} | carried(spells)
    return result


# --- contacts ----------------------------------------------------------------------------------------------------------------


def _on_the_clock(contacts, names, clock):
    """({`customer`, `day`, `key` in order of both, `first` place of each customer, `channels` counted up}, contacts left out)."""
    place = names.get_indexer(contacts["customer"])
    used = np.flatnonzero((place >= 0) & contacts["day"].notna().to_numpy())
    day, customer = whole_days(contacts, "day")[used], place[used]
    if clock is not None:
        day = day - _zero(clock, names, customer, contacts)[customer]
    elif pd.api.types.is_datetime64_any_dtype(contacts["day"]):
        raise CxError(say("contact_days.needs_clock"))
    order = np.lexsort((day, customer))
    customer, day = customer[order], day[order]
    low = int(day.min(initial=0))
    span = int(day.max(initial=0)) - low + 2  # one place more: before the first day
    channels = {} if "channel" not in contacts.columns else _counted_up(contacts["channel"].iloc[used[order]])
    return {"customer": customer, "day": day, "key": customer * span + day - low + 1, "low": low, "span": span, "channels": channels,
            "first": np.searchsorted(customer, np.arange(len(names)))}, len(contacts) - len(used)


def _zero(clock, names, customer, contacts):
    """The day of clock zero of each customer, 0 for those without contacts."""
    if not isinstance(clock, pd.Series) or clock.index.has_duplicates:
        raise CxError(say("contact_days.clock"))
    if pd.api.types.is_datetime64_any_dtype(clock) != pd.api.types.is_datetime64_any_dtype(contacts["day"]):
        raise CxError(say("contact_days.two_calendars"))
    given = clock.reindex(names)
    missing = np.unique(customer[given.isna().to_numpy()[customer]])
    if len(missing):
        raise CxError(say("contact_days.no_clock", n=number(len(missing)), customers=", ".join(map(str, names[missing[:NAMED]]))))
    return whole_days(pd.DataFrame({"clock": given}), "clock")


def _counted_up(channel):
    """{channel: how many of the contacts up to each place came by it, 0 in front}."""
    channel = channel.astype("category").cat.remove_unused_categories()
    code = channel.cat.codes.to_numpy()
    return {name: np.r_[0, np.cumsum(code == k)].astype(np.int32) for k, name in enumerate(channel.cat.categories)}


def _so_far(log, customer, day):
    """Place after the last contact of each customer up to that day."""
    within = np.clip(day - log["low"] + 1, 0, log["span"] - 1)
    return np.searchsorted(log["key"], customer * log["span"] + within, side="right")


# --- rows --------------------------------------------------------------------------------------------------------------------


def _each_day(arrays, visits, log, lag):
    """(spell, start, stop) of rows of one day. Spells are places in the order of customer and day."""
    begin, end = arrays.start[visits.order], arrays.stop[visits.order]
    length = end - begin
    spell = np.repeat(np.arange(len(begin)), length)
    start = np.arange(len(spell)) - np.repeat(np.cumsum(length) - length - begin, length)
    return spell, start, start + 1


def _each_change(arrays, visits, log, lag):
    """As `_each_day`, with a new row only where a contact begins to count."""
    customer, begin, end = (part[visits.order] for part in (arrays.customer, arrays.start, arrays.stop))
    fresh = np.r_[True, np.diff(log["key"]) > 0][:len(log["key"])]
    days, distinct = log["day"][fresh] + lag - 1, log | {"key": log["key"][fresh]}
    low, high = _so_far(distinct, customer, begin - lag + 1), _so_far(distinct, customer, end - lag)
    cuts = np.maximum(high - low, 0)
    spell = np.repeat(np.arange(len(begin)), cuts + 1)
    opens = np.cumsum(cuts + 1) - cuts - 1
    start = begin[spell]
    later = np.arange(len(spell)) > opens[spell]
    start[later] = days[(low[spell] + np.arange(len(spell)) - opens[spell] - 1)[later]]
    stop = np.r_[start[1:], 0]
    stop[opens + cuts] = end
    return spell, start, stop


def _rows(arrays, visits, spell, start, stop, split):
    customer, state, following, end = (part[visits.order] for part in (arrays.customer, arrays.state, arrays.next, arrays.stop))
    of_row = visits.of_row[spell]
    entry = visits.start[of_row]
    unknown = visits.cut[of_row] if visits.cut.any() else None
    known = (lambda days: days) if unknown is None else (lambda days: np.where(unknown, np.nan, days))
    following = np.where(following == state, -1, following)  # a row that goes from a state to itself is no move
    moved = np.where(stop == end[spell], following[spell], -1)
    result = {"customer": arrays.names.take(customer[spell]), "state": _states(state[spell], arrays.states)}
    result |= {"day": stop} if split == "day" else {"start": start, "stop": stop, "entered": known(start - entry + 0.5)}
    return pd.DataFrame(result | {"day_in_stage": known(stop - entry), "visit": visits.number[of_row], "next": _states(moved, arrays.states)})


def _before(arrays, visits, log, spell, start, lag, split):
    """The columns of contacts: what counts on the first day of each row counts on all of its days."""
    customer, entry = arrays.customer[visits.order][spell], visits.start
    first, place = log["first"][customer], _so_far(log, customer, start + 1 - lag)
    at_entry = _so_far(log, visits.customer, entry - 1)[visits.of_row][spell]
    in_stage = np.maximum(place - at_entry, 0)
    if visits.cut.any():
        in_stage = np.where(visits.cut[visits.of_row][spell], np.nan, in_stage)
    result = {"contacts": (place - first).astype(np.int32), "contacts_in_stage": in_stage}
    if split == "day":
        last = np.r_[0, log["day"]][place]
        result["days_since_contact"] = np.where(place > first, start + 1 - last, np.nan)  # a float: regressions cannot read Int64 with gaps
    for name, counted in log["channels"].items():
        if (column := f"contacts_{name}") in result:
            raise CxError(say("contact_days.taken", column=column))
        result[column] = counted[place] - counted[first]
    return result
