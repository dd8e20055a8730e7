"""What becomes of a visit to a stage: how long it lasts, whether it ends in a step on, a step back or a loss, and how many are lost there.

A visit is one stay of one customer in one state, with a clock of its own that starts at entry. The counts come from the spells; cumulative incidence
and Kaplan-Meier are statsmodels'. Only visits seen from their beginning have such a clock: those cut off at the left are set aside and counted.
"""

import collections
import functools

import numpy as np
import pandas as pd

from .coders import generator
from .event_log import carried, coded
from .framework import CxError, number, say
from .intervals import check_choice, check_groups, check_level, notes
from .journey import _all_out, _limits, _path, by_group, chances, count, counts_of, groups
from .tally import as_list

# One place a visit: `number` counts a customer's visits to that state, `cut`: entry was not observed, `of_row`: the visit of each row in `order`.
Visits = collections.namedtuple("Visits", "customer state start stop next number cut order of_row")
ENDS = ("on", "back", "left")  # the causes 1, 2, 3 of the cumulative incidence
SHARES = (*ENDS, "still_there", "loss_share")
STALL = ("state", "n", *(name + limit for name in SHARES for limit in ("", "_low", "_high")), "note")
TIME = ("state", "n", "ended", "still_there", "median", "ci_low", "ci_high", "total_days", "note")
CELLS_AT_ONCE = 2_000_000  # of the counts of all resamples computed together: some 50 megabytes
SAME = 1e-12  # shares that differ by less are the same
HALF = 1.5e-8  # R's tolerance for a curve that runs level at one half: the root of its smallest step


def stall(spells, within=60, visits="first", by=None, level=0.95, n_boot=200, rng=None, exit="left", days=None):
    """Of those who enter a stage, how many move on, go back, leave or are still there so many days later; and where the lost are lost.

    spells : frame `customer, state, start, stop, next` (see `cx.spells`). within : days since entry, 1 or more. visits : a customer's "first" visit
    to a state, or "all". by : column of the spells, or Series of groups with the customers as index. level : of the intervals. n_boot : resamples
    of customers (0: no intervals). rng : seed or Generator (None: 0). exit : the state of those who left, or None. days : D for
    `loss_share`, counted from day 0 (default: the last day observed; with `by` of the group observed for the shortest time; `.attrs["days"]`).

    Returns `[by], state, n` (visits), then, each with `_low` and `_high`, shares 0–1 by that day: `on` (to any later state), `back` (to an earlier
    one), `left`, `still_there` (the rest; the four sum to 1) and `loss_share`, and `note`. All but the last are conditional on entering the stage.
    The claim that journeys stall "between stages four and six" (J10) falls into three, stalled (`still_there`), returned (`back`) and left, each to
    be looked at by itself; this table puts it to the data, no more. A visit whose beginning was not observed has no clock and is left out, as
    `.attrs["note"]` says (a customer's first spell if it starts after day 0, and a spell after a gap); a customer seen late may have been in a
    state before. Missing where nobody was followed for that long. It holds if who is still observed is like who is not.

    on, back, left: Aalen-Johansen for competing ends, I(w) = Σ_{t≤w} S(t−1)·d(t)/n(t); statsmodels `CumIncidenceRight(time, status)`; R:
    `survival::survfit(Surv(time, factor(status)) ~ 1)`. loss_share = Σ_d p_k(d−1)·h_k,left(d) / Σ_k (the same) over days d = 1 … D, all customers:
    of all lost by day D, the share lost from stage k (sums to 1; the divisor is the occupancy of a final exit on day D).
    Limits: the bootstrap's standard error on the logit scale; at 0 and 1 Wilson's limit on the customers whose end is known. Those of loss_share are
    a little too narrow if hardly anybody is observed up to day D (95 % ones then covered 93 to 95 % in simulations): choose D with that in mind.

    >>> from cxlab.event_log import spells
    >>> log = pd.DataFrame({"customer": [1, 1, 2, 2, 3, 4], "day": [0, 4, 0, 8, 0, 0],
    ...                     "stage": ["admit", "affirm", "admit", "left", "admit", "admit"]})
    >>> stall(spells(log, end=90), within=30)[["state", "n", "on", "back", "left", "still_there", "loss_share"]]
        state  n    on  back  left  still_there  loss_share
    0   admit  4  0.25   0.0  0.25          0.5         1.0
    1  affirm  1  0.00   0.0  0.00          1.0         0.0
    """
    check_level(level)
    check_choice("visits", visits, ("first", "all"))
    _check_whole("within", within, 1)
    _check_whole("n_boot", n_boot, 0)
    check_groups(_name(by), STALL)
    days, told, rng = _last_day(spells, by, days), collections.Counter(), generator(rng)
    asked = functools.partial(_stall, within=int(within), visits=visits, exit=exit, days=days, level=level, n_boot=int(n_boot), rng=rng, told=told)
    result = by_group(spells, by, asked)
    return _remember(result, spells, told, level=level, within=int(within), visits=visits, days=days)


def time_in_stage(spells, by=None, visits="first", level=0.95, days=None):
    """How many days a visit to a stage lasts, those still there included, and how many days of a journey are spent in it.

    spells : frame `customer, state, start, stop, next` (see `cx.spells`). by : column of the spells, or Series of groups with the customers as index.
    visits : a customer's "first" visit to a state, or "all" (taken as independent of each other: with many returns the limits are too narrow).
    level : of the interval. days : D for `total_days`, counted from day 0 (default: the last day observed; with `by` of the group observed
    for the shortest time, so that groups can be compared; `.attrs["days"]`).

    Returns `[by], state, n` (visits) = `ended` + `still_there` (still there when last seen: they count as far as they were seen), `median` days with
    `ci_low`, `ci_high`, `total_days` (0–D), `note`. A visit ends at any move, on, back or out. Missing: a median that fewer than half reach; an upper
    limit that is not reached. Visits whose beginning was not observed are left out, as `.attrs["note"]` says; `total_days` counts all customers.
    Median: Kaplan-Meier, first day on which the curve is below one half (where it runs level at one half, the middle of that stretch); its limits are
    where the pointwise limits exp(log S ± z·se/S) cross one half. total_days = Σ p_k(d) over days d = 0 … D−1, p the `cx.occupancy`.
    statsmodels: `SurvfuncRight(time, ended)`; R: `survival::survfit(Surv(time, ended) ~ group, conf.type = "log")`, to the digit.

    >>> log = pd.DataFrame({"customer": [1, 1, 2, 2, 3], "day": [0, 4, 0, 8, 0], "stage": ["admit", "affirm", "admit", "left", "admit"]})
    >>> from cxlab.event_log import spells
    >>> time_in_stage(spells(log, end=90), days=30)[["state", "n", "ended", "still_there", "median", "total_days"]].round(1)
        state  n  ended  still_there  median  total_days
    0   admit  3      2            1     8.0        14.0
    1  affirm  1      0            1     NaN         8.7
    """
    check_level(level)
    check_choice("visits", visits, ("first", "all"))
    check_groups(_name(by), TIME)
    days, told = _last_day(spells, by, days), collections.Counter()
    result = by_group(spells, by, functools.partial(_time, visits=visits, level=level, days=days, told=told))
    return _remember(result, spells, told, level=level, days=days, visits=visits)


def _name(by):
    return as_list((by.name or "group") if isinstance(by, pd.Series) else by)


def _last_day(spells, by, days):
    """The day asked for, else the last one on which every group is still observed."""
    if days is not None:
        _check_whole("days", days, 1)
        return int(days)
    coded(spells)  # refused here if they are none, before anything is read from them
    return min((int(part["stop"].max()) for part in groups(spells, by)[1].values() if len(part)), default=0)


def _check_whole(name, value, least):
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise CxError(say("stays.not_whole", name=name, value=value, least=least))


def _remember(result, spells, told, **attrs):
    """What was left out, and of how many groups something could not be said, in `.attrs["note"]`."""
    apart = len(spells) - told["spells"]
    said = [say("stays.cut", n=number(told["cut"])) if told["cut"] else "", say("stays.no_group", n=number(apart)) if apart else "",
            say("stays.nobody_at_start") if told["no_start"] else "", say("stays.too_short", days=attrs.get("days")) if told["short"] else ""]
    result.attrs |= {"note": " ".join(filter(None, said))} | attrs | carried(spells)
    return result


# --- visits -------------------------------------------------------------------------------------------------------------------


def visits_of(spells):
    """`Visits` of coded spells, by customer and day: rows of one customer in one state that follow upon each other are one visit.

    A visit's entry was observed if the row before it stops on that day, or if it is the customer's first and starts on day 0 (or before).
    """
    if not len(spells.start):
        raise CxError(say("stays.empty"))
    order = np.lexsort((spells.start, spells.customer))
    who, state, start, stop, following = (part[order] for part in (spells.customer, spells.state, spells.start, spells.stop, spells.next))
    same = who[1:] == who[:-1]
    touching = same & (start[1:] == stop[:-1])
    stayed = touching & (state[1:] == state[:-1]) & ((following[:-1] < 0) | (following[:-1] == state[:-1]))
    opens = np.r_[True, ~stayed]
    seen = np.where(np.r_[True, ~same], start <= 0, np.r_[False, touching])
    first = np.flatnonzero(opens)
    last = np.r_[first[1:], len(who)] - 1
    following = np.where(following == state, -1, following)[last]
    who, state = who[first], state[first]
    return Visits(who, state, start[first], stop[last], following, _numbered(who, state), ~seen[first], order, np.cumsum(opens) - 1)


def _numbered(who, state):
    """1 for a customer's first visit to a state, 2 for the second, ..."""
    key = who.astype(np.int64) * (int(state.max()) + 1) + state
    order = np.argsort(key, kind="stable")
    opens = np.r_[True, key[order][1:] != key[order][:-1]]
    place = np.arange(len(key))
    result = np.empty(len(key), dtype=np.int32)
    result[order] = place - np.maximum.accumulate(np.where(opens, place, 0)) + 1
    return result


def _used(table, visits, told):
    """(coded spells, their visits, which of them are asked for and have a clock)."""
    spells = coded(table)
    found = visits_of(spells)
    told["spells"] += len(table)
    told["cut"] += int(found.cut.sum())
    return spells, found, ~found.cut & ((found.number == 1) | (visits == "all"))


# --- how visits end -----------------------------------------------------------------------------------------------------------


def _stall(table, within, visits, exit, days, level, n_boot, rng, told):
    spells, found, used = _used(table, visits, told)
    if exit is not None and exit not in spells.states:
        raise CxError(say("stays.no_exit", exit=exit, allowed=", ".join(map(str, spells.states))))
    out = -1 if exit is None else spells.states.index(exit)
    count_ends, known = _ends(found, used, within, out, len(spells.states))
    count_moves = _moves(spells)
    everybody = np.ones((1, len(spells.names)))
    counted, moved = count_ends(everybody)[0], count_moves(everybody)
    told["no_start"] += _start_mix(moved) is None
    told["short"] += days > int(spells.stop.max())
    shares = np.column_stack([by_statsmodels(counted, within), losses(moved, out, days)[0]])

    def resampled(draws):
        return np.concatenate([incidence(count_ends(draws), within), losses(count_moves(draws), out, days)[:, :, None]], axis=2)

    at_once = max(1, CELLS_AT_ONCE // (moved.moves.size + counted.size + len(spells.names)))
    se = _spread(resampled, len(spells.names), n_boot, at_once, rng)
    low, high = _stall_limits(shares, se, known, moved.moves[0, :days + 1 - moved.first, :, out].sum(), out, level)
    there = np.flatnonzero(np.bincount(spells.state, minlength=len(spells.states)) * (np.arange(len(spells.states)) != out))
    n = counted.sum(axis=(1, 2))[there].astype(np.int64)
    short = (n > 0) & np.isnan(shares[there, 0])
    columns = {name + limit: values[there, k] for k, name in enumerate(SHARES) for limit, values in (("", shares), ("_low", low), ("_high", high))}
    result = pd.DataFrame({"state": _states(there, spells.states), "n": n} | columns)
    result["note"] = notes(n, np.where(short, say("stays.not_followed", days=within), ""))
    result.attrs = {"n": len(spells.names)}
    return result


def _states(places, states):
    return pd.Categorical.from_codes(places, dtype=pd.CategoricalDtype(states, ordered=True))


def _ends(found, used, within, out, size):
    """(function from weights, draws × customers, to counts of ends, draws × states × days 0 … within+1 × still, on, back, left; how many customers'
    end is known, by state)."""
    state, following = found.state[used].astype(np.int64), found.next[used].astype(np.int64)
    time = found.stop[used] - found.start[used]
    end = np.select([following < 0, following == out, following > state], [0, 3, 1], 2)
    end, day = np.where(time > within, 0, end), np.minimum(time, within + 1)
    who, shape = found.customer[used], (size, within + 2, 4)
    key = (state * shape[1] + day) * 4 + end
    known = (end > 0) | (time >= within)
    people = np.unique(who[known] * size + state[known]) % size

    def count_ends(weights):
        return np.array([np.bincount(key, weight[who], minlength=size * shape[1] * 4) for weight in weights]).reshape(-1, *shape)

    return count_ends, np.bincount(people, minlength=size)


def incidence(counted, within):
    """Shares on, back, left and still there after `within` days, ... × states × 4, from counts of ends; missing if nobody was followed so long."""
    at_risk = counted.sum(axis=-1)[..., ::-1].cumsum(axis=-1)[..., ::-1][..., 1:within + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = np.where(at_risk[..., None] > 0, counted[..., 1:within + 1, 1:] / at_risk[..., None], 0.0)
    stayed = np.cumprod(1 - chance.sum(axis=-1), axis=-1)
    before = np.concatenate([np.ones_like(stayed[..., :1]), stayed[..., :-1]], axis=-1)
    shares = (before[..., None] * chance).sum(axis=-2)
    shares[(at_risk[..., -1] == 0) & (before[..., -1] > SAME)] = np.nan
    return np.concatenate([shares, np.maximum(1 - shares.sum(axis=-1, keepdims=True), 0)], axis=-1)


def by_statsmodels(counted, within):
    """As `incidence`, by statsmodels: the counts are its frequency weights."""
    from statsmodels.duration.survfunc import CumIncidenceRight

    shares = np.zeros((len(counted), len(ENDS)))
    for state, part in enumerate(counted):
        day, end = np.nonzero(part)
        if len(day):
            found = CumIncidenceRight(day, end, freq_weights=part[day, end])
            reached = np.searchsorted(found.times, within, side="right")
            for k, curve in enumerate(found.cinc):
                shares[state, k] = curve[reached - 1] if reached else 0.0
        if not part[within:].any() and shares[state].sum() < 1 - SAME:
            shares[state] = np.nan
    return np.column_stack([shares, np.maximum(1 - shares.sum(axis=1), 0)])


def _moves(spells):
    """Function from weights, draws × customers, to moves and numbers at risk as `journey.count` has them, draws in front."""
    size, first = len(spells.states), int(spells.start.min())
    days = int(spells.stop.max()) - first + 1
    state, who = spells.state.astype(np.int64), spells.customer
    entry = (spells.start - first) * size + state
    end = ((spells.stop - first) * size + state) * (size + 1) + spells.next + 1

    def count_moves(weights):
        exits = [np.bincount(end, weight[who], minlength=days * size * (size + 1)) for weight in weights]
        entries = [np.bincount(entry, weight[who], minlength=days * size) for weight in weights]
        return counts_of(spells.states, first, np.array(exits).reshape(-1, days, size, size + 1), np.array(entries).reshape(-1, days, size))

    return count_moves


def _start_mix(found):
    """Shares of the states on day 0, missing in a draw without anybody then; None if nobody is observed on it at all."""
    row = 1 - found.first
    there = found.at_risk[..., row, :] if 0 <= row < found.at_risk.shape[-2] else np.zeros(1)
    with np.errstate(invalid="ignore"):
        return there / there.sum(axis=-1, keepdims=True) if there.sum() > 0 else None


def losses(found, out, days):
    """Of all lost by day `days`, the share lost from each state, draws × states; missing if nobody is, or if the mix on day 0 is not known."""
    p = _start_mix(found)
    if out < 0 or p is None or days - found.first >= found.moves.shape[1]:
        return np.full(found.moves[:, 0, 0].shape, np.nan)
    steps = chances(found.moves, found.at_risk)
    lost = np.zeros(p.shape)
    for day in range(1 - found.first, days + 1 - found.first):
        lost += p * steps[:, day, :, out]
        p = (p[:, None] @ steps[:, day])[:, 0]
    lost[:, out] = 0.0
    with np.errstate(invalid="ignore"):
        return lost / lost.sum(axis=1, keepdims=True)


def _spread(compute, people, n_boot, at_once, rng):
    """Standard errors over resamples of the customers; missing where fewer than two resamples have a value."""
    from tqdm.auto import tqdm

    found = [compute(np.ones((1, people))) * np.nan]
    with tqdm(total=n_boot, desc=say("stays.progress"), delay=2, leave=False) as bar:
        for at in range(0, n_boot, at_once):
            size = min(at_once, n_boot - at)  # customers drawn and counted: a multinomial draw, and a faster one
            found.append(compute(np.array([np.bincount(rng.integers(0, people, people), minlength=people) for _ in range(size)], dtype=float)))
            bar.update(size)
    found = np.concatenate(found)
    there = np.isfinite(found)
    n, found = there.sum(axis=0), np.where(there, found, 0.0)
    mean = found.sum(axis=0) / np.maximum(n, 1)
    squares = (there * (found - mean) ** 2).sum(axis=0)
    return np.where(n > 1, np.sqrt(squares / np.maximum(n - 1, 1)), np.nan)


def _stall_limits(shares, se, known, lost, out, level):
    """Limits, states × five shares. What the order of the states rules out is 0 for certain: nobody goes on from the last or back from the first."""
    states = np.arange(len(shares))
    low, high = np.empty(shares.shape), np.empty(shares.shape)
    low[:, :4], high[:, :4] = _limits(shares[:, :4], se[:, :4], known, level)
    low[:, 4:], high[:, 4:] = _limits(shares[:, 4:], se[:, 4:], np.full(len(states), lost), level)
    ordered = states[states != out]
    for place, end in ((ordered[-1], "on"), (ordered[0], "back")):
        low[place, SHARES.index(end)] = high[place, SHARES.index(end)] = 0.0
    if out < 0:
        low[:, SHARES.index("left")] = high[:, SHARES.index("left")] = 0.0
    missing = np.isnan(shares) | np.isnan(se)
    return np.where(missing, np.nan, low), np.where(missing, np.nan, high)


# --- how long visits last -----------------------------------------------------------------------------------------------------


def _time(table, visits, level, days, told):
    spells, found, used = _used(table, visits, told)
    total = _total_days(spells, days, told)
    rows = []
    for state in np.unique(spells.state):
        chosen = used & (found.state == state)
        time, ended = (found.stop - found.start)[chosen], found.next[chosen] >= 0
        median, low, high = _median(time, ended, level)
        rows.append({"state": state, "n": len(time), "ended": int(ended.sum()), "still_there": int((~ended).sum()), "median": median, "ci_low": low,
                     "ci_high": high, "total_days": total[state]})
    result = pd.DataFrame(rows)
    result["state"] = _states(result["state"], spells.states)
    result["note"] = notes(result["n"])
    result.attrs = {"n": len(spells.names)}
    return result


def _median(time, ended, level):
    """The Kaplan-Meier median of days and its limits."""
    from scipy.stats import norm
    from statsmodels.duration.survfunc import SurvfuncRight

    if not ended.any():
        return np.nan, np.nan, np.nan
    curve = SurvfuncRight(time, ended.astype(int))
    with np.errstate(divide="ignore", invalid="ignore"):
        wide = norm.ppf((1 + level) / 2) * curve.surv_prob_se / curve.surv_prob
        logs = np.log(np.where(curve.surv_prob > 0, curve.surv_prob, np.nan))
    lines = curve.surv_prob, np.exp(logs - wide), np.minimum(np.exp(logs + wide), 1.0)
    return tuple(_crossing(curve.surv_times, line) for line in lines)


def _crossing(days, line):
    """The first day on which a falling line is at or below one half; where it runs level at one half, the middle of that stretch, as in R."""
    below = np.flatnonzero(line < 0.5 + HALF)
    if not len(below):
        return np.nan
    at, lower = below[0], below[line[below] < line[below[0]]]
    return float((days[at] + days[lower[0]]) / 2 if abs(line[at] - 0.5) < HALF and len(lower) else days[at])


def _total_days(spells, days, told):
    """Mean days in each state from day 0 to the end of day `days`: the sum of the occupancies of days 0 … days − 1."""
    found = count(spells)
    start, last = _start_mix(found), found.first + len(found.moves) - 1
    told["no_start"] += start is None
    if start is None:
        return np.full(len(found.states), np.nan)
    path, _ = _path(start, found, 0, last)
    if days > last and not _all_out(path[-1:], found)[0]:
        told["short"] += 1
        return np.full(len(found.states), np.nan)
    return path[:days].sum(axis=0) + path[-1] * max(days - len(path), 0)
