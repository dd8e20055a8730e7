"""What if a move were more frequent? Occupancy before and after, with the uncertainty of both, in shares, customers and money.

`prepare` does the slow part once (draw the counts again and multiply them out); `compare` answers for one set of factors in well under a tenth of a
second, which is what an explorer calls while somebody drags a slider. `what_if` is one after the other.
"""

import collections
import math
import numbers

import numpy as np
import pandas as pd

from . import journey
from .chains import _frame, check_draws, limits
from .event_log import carried
from .framework import CxError, keys, number, say
from .intervals import check_choice, check_level, notes

CELLS_AT_ONCE = 500  # rows of counts drawn at a time
ALL = "all"  # the row that adds up the value of all states
# `chances` days × resamples × from × to (the first day is day 1), `before` days from 0 × resamples × states; the first resample is the estimate.
# `at_risk` how many are observed on each day from 1, None where that is not known.
Prepared = collections.namedtuple("Prepared", "states chances before at_risk attrs")


def what_if(spells_or_moves, factors, days=None, from_state=None, customers=None, value=None, excess="refuse", n_boot=200, level=0.95, rng=None):
    """How many customers would be where if some moves were more, or less, frequent: before, after, and the difference with its interval.

    spells_or_moves : see `spells`, `moves`. factors : {(from, to): factor ≥ 0}; the factor multiplies the chance of that move on every day, other
    moves keep theirs, staying takes the rest. days : one or several, at most the last observed (the default). from_state : everybody starts there;
    without it the mix observed on day 0. customers : how many are to go that way; adds the difference in customers. value : {state: lira that a
    customer is worth who is in it on that day}, others 0; a number is that of the last stage. It counts what the state is worth on that day, once.
    excess : where the moves of a state on a day would exceed 1 (seldom, but a day with a single customer is enough) "refuse" stops and names the
    largest factor that works; "scale" makes them 1 on that day. In resamples they are always scaled; `.attrs` counts both. n_boot : resamples, 0
    for no intervals. level : of the intervals. rng : seed or Generator.

    Returns a row for each day and state: `day, state, before, after, difference` (shares 0–1 of all who start; difference = after − before), `ci_low,
    ci_high` of the difference, `before_low, before_high, after_low, after_high`; with customers `customers, customers_low, customers_high`; with
    value `value, value_low, value_high`, the lira gained for each customer who starts (with customers `total, ...`: for all of them) and a row
    "all" a day: the sum over states, and the break-even: the most that may be spent on each customer who starts for it to pay by that day.

    Occupancy as in `occupancy` (`before` is the same number); the customers of each day and state and the starting mix are drawn again (multinomial),
    and each resample is compared with itself. It is arithmetic on a Markov model, not the effect of an action: that something raises this rate, and
    that nothing else changes when it does, is assumed; the rates are those of the customers observed, on days since the start. Days at risk are
    taken as they are and the moves of one customer as independent. Intervals are too narrow where hardly anybody is: in the last days of
    observation, and for states with a handful of customers. By hand in R: `Reduce("%*%", chances, p0)` with and without the factors.

    >>> counts = pd.DataFrame({"day": [1, 1, 2], "from": "trial", "to": ["buys", "gone", "buys"], "moves": [20, 10, 14], "at_risk": [100, 100, 70]})
    >>> what_if(counts, {("trial", "buys"): 1.5}, from_state="trial", rng=1).iloc[:, :5].round(3)
       day  state  before  after  difference
    0    2  trial    0.56   0.42       -0.14
    1    2   buys    0.34   0.48        0.14
    2    2   gone    0.10   0.10        0.00
    """
    check_level(level)
    last = None if days is None else max(_days(days, None))
    prepared = prepare(spells_or_moves, last, from_state, n_boot, rng)
    return compare(prepared, factors, days, customers, value, excess, level)


def prepare(spells_or_moves, last=None, from_state=None, n_boot=200, rng=None):
    """What `compare` needs up to day `last` (default: the last observed); arguments as in `what_if`. For many factors on the same customers."""
    rng = check_draws(n_boot, rng)
    found = journey.counts(_frame(spells_or_moves))
    if from_state is not None and from_state not in found.states:
        raise CxError(say("journey.no_state", state=from_state, allowed=", ".join(map(str, found.states))))
    p, n = journey._start(found, from_state, 0)
    observed = found.first + len(found.moves) - 1
    last = observed if last is None else last
    if last > observed:
        raise CxError(say("chains.after_last_day", day=number(last), last=number(observed)))
    rows = slice(1 - found.first, 1 - found.first + last)
    chances = _draw(found.moves[rows], found.at_risk[rows], n_boot, rng)
    first = np.repeat(p[None], n_boot + 1, axis=0)
    if from_state is None:
        first[1:] = rng.multinomial(n, p, size=n_boot) / n
    at_risk = found.at_risk[rows].sum(axis=1) if found.every_day else None
    return Prepared(list(found.states), chances, _follow(first, chances, {}), at_risk, {"n": n, "n_boot": n_boot} | carried(spells_or_moves))


def _draw(moved, at_risk, n_boot, rng):
    """Chances, days × resamples × from × to: the estimate, then n_boot from a multinomial of each day's and state's customers."""
    from tqdm.auto import tqdm

    size = moved.shape[-1]
    result = np.repeat(journey.chances(moved, at_risk)[:, None], n_boot + 1, axis=1)
    day, state = np.nonzero(moved.sum(axis=2))  # where nobody moved, nobody does in a resample
    for at in tqdm(range(0, len(day) if n_boot else 0, CELLS_AT_ONCE), desc=say("chains.progress"), delay=2, leave=False):
        d, k = day[at:at + CELLS_AT_ONCE], state[at:at + CELLS_AT_ONCE]
        n = at_risk[d, k]
        shares = np.c_[moved[d, k], n - moved[d, k].sum(axis=1)] / n[:, None]
        rows = np.moveaxis(rng.multinomial(n, shares, size=(n_boot, len(k)))[..., :size], 0, 1) / n[:, None, None]
        rows[np.arange(len(k)), :, k] = 1.0 - rows.sum(axis=2)
        result[d, 1:, k] = rows
    return result


def _follow(first, chances, gains):
    """Shares of states, days from 0 × resamples × states. gains : {state: what its chances gain, days × resamples × to}."""
    path = np.empty((len(chances) + 1, *first.shape))
    path[0] = first
    for day, step in enumerate(chances):
        now = path[day]
        following = np.matmul(now[:, None, :], step)[:, 0]
        for k, gain in gains.items():
            following += now[:, k, None] * gain[day]
        path[day + 1] = following
    return path


def compare(prepared, factors, days=None, customers=None, value=None, excess="refuse", level=0.95):
    """The fast part of `what_if`: what it returns, from what `prepare` returned."""
    check_choice("excess", excess, ("refuse", "scale"))
    states, last = prepared.states, len(prepared.chances)
    days = [last] if days is None else _days(days, last)
    rows, customers = _rows(factors, states), _number_of(customers)
    worth = None if value is None else _worth(value, states)
    gains, scaled = _gains(prepared, rows, excess)
    after = _follow(prepared.before[0], prepared.chances, gains)
    result = _told(days, states, *(np.clip(path[days], 0, 1) for path in (prepared.before, after)), worth, customers, level)
    changed = [(k, to, float(row[to])) for k, row in rows.items() for to in np.flatnonzero(row != 1)]
    idle = [f"{states[k]} → {states[to]}" for k, to, _ in changed if not prepared.chances[:, 0, k, to].any()]
    said = [say("chains.what_if"), say("chains.break_even", state=ALL) if value is not None else "", _few(days, prepared.at_risk),
            say("chains.idle", moves=", ".join(idle)) if idle else "", say("chains.scaled", n=number(scaled[0])) if scaled[0] else ""]
    result.attrs = prepared.attrs | {"level": level, "factors": [[states[k], states[to], factor] for k, to, factor in changed],
                                     "scaled": scaled[0], "scaled_in_resamples": scaled[1], "note": " ".join(filter(None, said))}
    return result


def _few(days, at_risk):
    """A warning if on one of the days hardly anybody is observed any more."""
    day = max(days)
    left = None if at_risk is None or day == 0 else int(at_risk[day - 1])
    return "" if left is None or not notes([left])[0] else say("chains.few_left", day=number(day), n=number(left))


def _days(days, last):
    """Days as a list of whole numbers from 0 to `last`."""
    days = [journey._day(day) for day in (days if np.ndim(days) else [days])]
    if not days or min(days) < 0:
        raise CxError(say("chains.days", days=", ".join(map(str, days))))
    if last is not None and max(days) > last:
        raise CxError(say("chains.after_last_day", day=number(max(days)), last=number(last)))
    return days


def _rows(factors, states):
    """{state: the factor of each move out of it}."""
    if not isinstance(factors, dict) or not factors:
        raise CxError(say("chains.factors", given=repr(factors)))
    rows = {}
    for pair, factor in factors.items():
        if not isinstance(pair, tuple) or len(pair) != 2 or not set(pair) <= set(states) or pair[0] == pair[1]:
            raise CxError(say("chains.no_move", pair=repr(pair), allowed=", ".join(map(str, states))))
        if not _is_finite(factor) or factor < 0:
            raise CxError(say("chains.factor", start=pair[0], to=pair[1], factor=repr(factor)))
        k, to = (states.index(state) for state in pair)
        rows.setdefault(k, np.ones(len(states)))[to] = factor
    return rows


def _is_finite(value):
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


def _gains(prepared, rows, excess):
    """({state: what its chances gain, days × resamples × to}, [days of the estimate, days of resamples] whose moves were scaled to add up to 1)."""
    gains, scaled = {}, np.zeros(2, dtype=int)
    for k, factor in rows.items():
        row = prepared.chances[:, :, k, :].copy()
        row[:, :, k] = 0
        total = row @ factor
        over = total > 1 + 1e-9
        if excess == "refuse" and over[:, 0].any():
            _refuse(prepared.states, k, row[:, 0], factor, total[:, 0])
        gain = row * (factor - 1)
        gain[over] += row[over] * factor * (1 / total[over] - 1)[:, None]
        gain[:, :, k] = -gain.sum(axis=2)
        gains[k] = gain
        scaled += over[:, 0].sum(), over[:, 1:].sum()
    return gains, scaled.tolist()


def _refuse(states, k, row, factor, total):
    """Says by how much a row exceeds 1, and the largest factor: one for all moves that were raised, the others as they were asked for."""
    raised = factor > 1
    named = row[:, raised].sum(axis=1)
    some = named > 0
    largest = ((1 - row[some][:, ~raised] @ factor[~raised]) / named[some]).min()
    day = int(total.argmax())
    moves = ", ".join(f"{states[k]} → {states[to]}" for to in np.flatnonzero(raised))
    raise CxError(say("chains.above_one", state=states[k], day=number(day + 1), sum=number(total[day], 2), n=number((total > 1 + 1e-9).sum()),
                      moves=moves, largest=number(math.floor(100 * largest + 1e-9) / 100, 2)))


def _worth(value, states):
    """The value of each state as an array."""
    if not isinstance(value, dict):
        best = keys("stages")[-1]
        if best not in states:
            raise CxError(say("chains.value_states", state=best, allowed=", ".join(map(str, states))))
        value = {best: value}
    for state, lira in value.items():
        if state not in states:
            raise CxError(say("chains.value_states", state=state, allowed=", ".join(map(str, states))))
        if not _is_finite(lira):
            raise CxError(say("chains.value", state=state, value=repr(lira)))
    if ALL in states:
        raise CxError(say("chains.taken", state=ALL))
    return np.array([float(value.get(state, 0)) for state in states])


def _number_of(customers):
    if customers is not None and (not _is_finite(customers) or customers <= 0):
        raise CxError(say("chains.customers", value=repr(customers)))
    return customers


def _told(days, states, before, after, worth, customers, level):
    """The result as a frame; with values, a row for all states after those of each day."""
    gained = None if worth is None else (after - before) * worth + 0.0  # no −0
    if worth is not None:
        gained = np.concatenate([gained, gained.sum(axis=2, keepdims=True)], axis=2)
        whole = np.ones((*before.shape[:2], 1))
        before, after, states = np.concatenate([before, whole], axis=2), np.concatenate([after, whole], axis=2), [*states, ALL]
    difference = after - before
    result = pd.DataFrame({"day": np.repeat(days, len(states)), "state": pd.Categorical.from_codes(
        np.tile(np.arange(len(states)), len(days)), categories=states, ordered=True)})
    result["before"], result["after"], result["difference"] = (shares[:, 0].ravel() for shares in (before, after, difference))
    columns = [("ci", difference, None), ("before", before, None), ("after", after, None)]
    columns += [] if customers is None else [("customers", difference, customers)]
    columns += [] if worth is None else [("value", gained, 1)]
    columns += [] if worth is None or customers is None else [("total", gained, customers)]
    for name, draws, times in columns:
        if times is not None:
            result[name] = draws[:, 0].ravel() * times
        low, high = limits(np.moveaxis(draws[:, 1:], 1, 0), level) * (1 if times is None else times)
        result[f"{name}_low"], result[f"{name}_high"] = low.ravel(), high.ravel()
    return result
