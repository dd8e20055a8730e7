"""End a study early: the log as it would have been, had nobody looked after a certain day.

It shows what a funnel owes to the length of the study: `spells` and `funnel` of the cut log, beside those of the whole one.
"""

import numpy as np
import pandas as pd

from .event_log import _one_day, carried, whole_days
from .framework import CxError, say
from .tally import check_columns


def ended_early(events, customers, last_day, end="last_day"):
    """The log and its customers as they would have been if the study had ended on an earlier day.

    events : frame `customer, day, stage`, as for `cx.spells`. customers : frame with one row a customer: `customer`, the end of observation and,
    optional, `first_day`. last_day : the last day of the study, in the calendar of the events: a whole number or a date; an event on it counts.
    end : the column of customers with the last day of observation.

    Returns (events, customers), columns and order of rows as they were. Events after the day are cut, and nobody is observed beyond it. Who arrives
    after it (first event) or whose `first_day` lies after it is left out, with all their events. Other columns stay as they are, even where they tell
    of later days (an answer, a margin). `.attrs["ended_early"]` of both counts the events and the customers left out.

    >>> log = pd.DataFrame({"customer": [1, 1, 2, 3], "day": [0, 40, 10, 90], "stage": ["admit", "affirm", "admit", "admit"]})
    >>> cut, people = ended_early(log, pd.DataFrame({"customer": [1, 2, 3], "last_day": [120, 30, 120]}), last_day=50)
    >>> people
       customer  last_day
    0         1        50
    1         2        30
    >>> len(cut), cut.attrs["ended_early"]
    (3, {'events': 1, 'customers': 1})
    """
    check_columns(events, ["customer", "day", "stage"])
    check_columns(customers, ["customer", end])
    _same_calendar(events, customers, last_day, end)
    stop = _one_day(last_day, pd.api.types.is_datetime64_any_dtype(events["day"]))
    day = np.where(events["day"].notna(), whole_days(events, "day"), np.inf)
    if not (day <= stop).any():
        raise CxError(say("study_window.nobody", day=last_day, first=events["day"].min()))
    arrival = pd.Series(day, index=events["customer"]).groupby(level=0).min().reindex(customers["customer"]).to_numpy()
    gone = np.isfinite(arrival) & (arrival > stop)
    if "first_day" in customers.columns:
        gone |= customers["first_day"].notna().to_numpy() & (whole_days(customers, "first_day") > stop)
    people = customers[~gone].reset_index(drop=True)
    beyond = people[end].notna() & (whole_days(people, end) > stop)
    people[end] = people[end].mask(beyond, last_day if pd.api.types.is_datetime64_any_dtype(people[end]) else stop)
    # events without a day or of customers without a row stay: `spells` sets them aside and says so
    kept = ((day <= stop) | events["day"].isna().to_numpy()) & ~events["customer"].isin(customers["customer"][gone]).to_numpy()
    cut = events[kept].reset_index(drop=True)
    left_out = {"events": len(events) - len(cut), "customers": int(gone.sum())}
    cut.attrs, people.attrs = ({"ended_early": dict(left_out)} | carried(frame) for frame in (events, customers))
    return cut, people


def _same_calendar(events, customers, last_day, end):
    dates = pd.api.types.is_datetime64_any_dtype(events["day"])
    for column in (end, "first_day"):
        if column in customers.columns and pd.api.types.is_datetime64_any_dtype(customers[column]) != dates:
            raise CxError(say("event_log.two_calendars", column=column))
    if pd.isna(last_day) or pd.api.types.is_datetime64_any_dtype(pd.Series([last_day])) != dates:
        raise CxError(say("study_window.calendar", day=last_day, example=events["day"].max()))
