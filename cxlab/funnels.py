"""The funnel as dashboards draw it, beside what it should have been: the share who reached each stage, among customers still on their way.

A funnel divides those who were seen to get somewhere by all who came in. Who came in last week had no time to get anywhere, and who had left before
observation began is not in the file: the first makes it too low, the second too high. Aalen-Johansen counts each day only those who were observed.
"""

import numpy as np
import pandas as pd

from .event_log import carried, checked, coded, up_to
from .framework import CxError, keys, say
from .intervals import check_level, notes, wilson
from .journey import _day, count, of_counts


def funnel(spells, days, states=None, level=0.95):
    """The naive funnel and the share who reach each stage within some days, with its interval.

    spells : see `spells`. days : within how many days of clock zero (at most the last day observed). states : the stages asked for (default: all
    that somebody moves to or begins in, but the exit). level : of the intervals.

    Returns one row a stage: `state`, `n` (customers), `reached` (customers seen in it, whenever, however long they were observed), `naive` =
    reached / n with Wilson's `naive_low, naive_high`, and `estimate` = the chance to have been in it by then: cumulative incidence of the first
    entry (see `until`) against leaving, late entry counted right, with `ci_low`, `ci_high` (Greenwood), `note`. The two answer different questions
    on purpose: dashboards show the first and mean the second. statsmodels: `CumIncidenceRight`; R: `survival::survfit(Surv(time, event) ~ 1)`.

    >>> from cxlab.event_log import spells
    >>> log = pd.DataFrame({"customer": [1, 1, 2, 3], "day": [0, 4, 0, 0], "stage": ["admit", "affirm", "admit", "admit"]})
    >>> came = pd.DataFrame({"customer": [1, 2, 3], "last_day": [9, 2, 9]})
    >>> funnel(spells(log, came), days=9)[["state", "reached", "naive", "estimate"]].round(2)
        state  reached  naive  estimate
    0   admit        3   1.00       1.0
    1  affirm        1   0.33       0.5
    """
    check_level(level)
    given, day = checked(spells), _day(days)
    arrays = coded(given)
    named, n = arrays.states, len(arrays.names)
    reached = dict(zip(named, _customers_in(arrays), strict=True))
    if states is None:
        states = [state for state in named if reached[state] and state not in keys("exits")]
    if unknown := [state for state in states if state not in named]:
        raise CxError(say("journey.no_state", state=unknown[0], allowed=", ".join(map(str, named))))
    rows = [{"state": state, "n": n, "reached": reached[state], "naive": reached[state] / n, **_ever(arrays, state, day, level)}
            for state in states]
    result = pd.DataFrame(rows)
    low, high = wilson(result["naive"].to_numpy()[:, None], result["n"].to_numpy(dtype=float), level)
    result.insert(4, "naive_low", low[:, 0])
    result.insert(5, "naive_high", high[:, 0])
    result["note"] = notes(result["n"].to_numpy())
    result["state"] = pd.Categorical(result["state"], categories=named, ordered=True)
    result.attrs = {"level": level, "days": day} | carried(given)
    return result


def _customers_in(arrays):
    """How many customers were ever seen in each state, or moved to it."""
    size, moved = len(arrays.states), arrays.next >= 0
    pairs = np.r_[arrays.customer * size + arrays.state, arrays.customer[moved] * size + arrays.next[moved]]
    return np.bincount(np.unique(pairs) % size, minlength=size).tolist()


def _ever(arrays, state, day, level):
    """The share who ever were in the state by that day: first entry against all ways out, whatever stages lie before."""
    place, rows = arrays.states.index(state), up_to(arrays, state)
    final = np.bincount(arrays.state, minlength=len(arrays.states)) == 0
    meaning = np.where(final, 2, 0)  # 0 not yet, 1 reached, 2 gone without it
    meaning[place] = 1
    rows = rows._replace(state=meaning[rows.state], next=np.where(rows.next < 0, -1, meaning[rows.next]), states=[0, 1, 2])
    found = of_counts(count(rows), None, [day], level=level).iloc[1]
    return {"estimate": found["occupancy"], "ci_low": found["ci_low"], "ci_high": found["ci_high"]}
