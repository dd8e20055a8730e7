"""A journey as a process of many states: spells → moves → how many customers are in which stage on which day.

Customers move on, go back, leave, or are still on their way when observation ends. `moves` counts the spells once; everything here and in `chains` is
mathematics on those counts, exact and independent of the number of customers. Only robust errors and landmarks look at the spells again.
"""

import collections
import functools

import numpy as np
import pandas as pd

from .event_log import carried, checked, coded, states_in
from .framework import CxError, number, say
from .intervals import check_choice, check_level, wilson
from .tally import check_columns, is_missing, name_rows

CHUNK = 131_072  # rows counted at a time: their keys stay in the processor's cache
FEW_DAYS = 12  # days at which robust errors are computed if none were asked for
CELLS = 10**8  # day × from × to; more would not fit into the memory of a laptop
# `moves[d, k, l]` moves from k to another state l on day `first` + d, `at_risk[d, k]` customers at risk in k on it; `every_day` whether at_risk holds
# all days or only those with moves.
Counts = collections.namedtuple("Counts", "states first moves at_risk every_day")


def moves(spells):
    """All moves, by day: the counts that everything else is computed from.

    spells : frame `customer, state, start, stop, next` (see `spells`). Returns a frame `day, from, to, moves, at_risk`, one row for each day and pair
    of states with a move: `at_risk` customers were in `from` on that day (start < day ≤ stop). `.attrs["at_risk"]` holds the numbers at risk of
    every day from `.attrs["first_day"]` on, for occupancy: a frame without it (from a file, say) needs `from_state` there.

    >>> from cxlab.event_log import spells
    >>> log = pd.DataFrame({"customer": [1, 1, 2], "day": [0, 4, 0], "stage": ["admit", "affirm", "admit"]})
    >>> moves(spells(log, end=9))
       day   from      to  moves  at_risk
    0    4  admit  affirm      1        2
    """
    counted = count(coded(spells, numbered=False))
    day, k, to = np.nonzero(counted.moves)
    dtype = pd.CategoricalDtype(counted.states, ordered=True)
    result = pd.DataFrame({"day": day + counted.first, "from": pd.Categorical.from_codes(k, dtype=dtype),
                           "to": pd.Categorical.from_codes(to, dtype=dtype), "moves": counted.moves[day, k, to], "at_risk": counted.at_risk[day, k]})
    result.attrs = {"states": list(counted.states), "first_day": counted.first,
                    "at_risk": {state: counted.at_risk[:, k].tolist() for k, state in enumerate(counted.states)}} | carried(spells)
    return result


def count(spells):
    """`Counts` of coded spells: one pass, two keys a row (last day, from, to; first day, state), one bincount of each a chunk.

    Entries are counted as well, not taken from the moves: they equal the moves only where every spell starts on day 0 or where the last one stopped.
    """
    size, first = len(spells.states), int(spells.start.min(initial=0))
    days = int(spells.stop.max(initial=first)) - first + 1
    _check_size(days, size)
    short, tiny = days * size * (size + 1) < 2**16, size * (size + 1) < 2**7  # short keys are made in a quarter of the time
    kind, small = np.uint16 if short else np.int64, np.int8 if short and tiny else np.int64
    exits, entries = np.zeros(days * size * (size + 1), dtype=np.int64), np.zeros(days * size, dtype=np.int64)
    buffer = np.empty(min(CHUNK, len(spells.stop)), dtype=np.int64)
    for at in range(0, len(spells.stop), CHUNK):
        part = slice(at, at + CHUNK)
        state = spells.state[part].astype(small, copy=False)
        move = state * small(size + 1)
        move += spells.next[part].astype(small, copy=False)
        move += small(1)
        key, tiny_key = buffer[:len(state)], np.uint8 if small is np.int8 else small
        np.add(_since(spells.stop[part], first, kind) * kind(size * (size + 1)), move.view(tiny_key), out=key, casting="unsafe")
        exits += np.bincount(key, minlength=len(exits))
        np.add(_since(spells.start[part], first, kind) * kind(size), state.view(tiny_key), out=key, casting="unsafe")
        entries += np.bincount(key, minlength=len(entries))
    return counts_of(spells.states, first, exits.reshape(days, size, size + 1), entries.reshape(days, size))


def counts_of(states, first, exits, entries):
    """`Counts` from how many spells end (... × days × from × still there or next) and begin (... × days × state) on each day.

    A row that ends in its own state (a stay told in two pieces) is an end and a beginning, but no move.
    """
    at_risk, moved, each = np.zeros_like(entries), exits[..., 1:], np.arange(len(states))
    at_risk[..., 1:, :] = np.cumsum(entries - exits.sum(axis=-1), axis=-2)[..., :-1, :]
    moved[..., each, each] = 0
    return Counts(list(states), first, moved, at_risk, True)


def _check_size(days, size):
    if days * size**2 > CELLS:
        raise CxError(say("journey.too_many_days", days=number(days), states=size, most=number(CELLS // size**2)))


def _since(days, first, kind):
    return (days - first if first else days).astype(kind, copy=False)


def counts(table):
    """`Counts` of spells, or of a frame of moves."""
    if isinstance(table, pd.DataFrame) and {"from", "to", "moves", "at_risk", "day"} <= set(table.columns):
        return _counts_of_moves(table)
    return count(coded(table, numbered=False))


def _counts_of_moves(table):
    for name in ("day", "moves", "at_risk"):
        if not pd.api.types.is_integer_dtype(table[name]) or table[name].isna().any():
            raise CxError(say("journey.not_whole", column=name, rows=name_rows(table, name, lambda cell: is_missing(cell) or cell != int(cell))))
    together = table.groupby(["day", "from"], observed=True)["moves"].transform("sum")
    bad = (table["moves"] < 0) | (together > table["at_risk"])
    if bad.any():
        at = int(bad.to_numpy().argmax())
        raise CxError(say("journey.more_than_at_risk", row=at + 2, moves=together.iloc[at], at_risk=table["at_risk"].iloc[at]))
    states = table.attrs.get("states") or states_in(table, ("from", "to"))
    place, known = {state: k for k, state in enumerate(states)}, "at_risk" in table.attrs
    first = int(table.attrs.get("first_day", min(0, table["day"].min() if len(table) else 0)))
    days = len(next(iter(table.attrs["at_risk"].values()))) if known else int(table["day"].max() if len(table) else first) - first + 1
    _check_size(days, len(states))
    size = len(states)
    found, at_risk, each = np.zeros((days, size, size), dtype=np.int64), np.zeros((days, size), dtype=np.int64), np.arange(size)
    for name in ("from", "to"):
        if not table[name].isin(states).all():
            rows = name_rows(table, name, lambda cell: cell not in states)
            raise CxError(say("event_log.unknown_state", column=name, rows=rows, allowed=", ".join(map(str, states))))
    where = table["day"].to_numpy() - first, table["from"].map(place).to_numpy(dtype=int), table["to"].map(place).to_numpy(dtype=int)
    np.add.at(found, where, table["moves"].to_numpy())
    found[:, each, each] = 0
    at_risk[where[:2]] = table["at_risk"].to_numpy()
    if known:
        at_risk = np.array([table.attrs["at_risk"][state] for state in states]).T
    return Counts(list(states), first, found, at_risk, known)


def chances(moved, at_risk):
    """Chances to move, ... × from × to, from counts; staying takes the rest, also where nobody was at risk."""
    with np.errstate(divide="ignore", invalid="ignore"):
        result = np.where(at_risk[..., None] > 0, moved / at_risk[..., None], 0.0)
    stay = np.arange(moved.shape[-1])
    result[..., stay, stay] = 1.0 - result.sum(axis=-1)
    return result


def groups(table, by):
    """(name of the groups or None, {group: its rows}). by : a column, or a Series of groups with the customers as index."""
    if by is None:
        return None, {None: table}
    if "customer" not in table.columns:
        raise CxError(say("journey.by_needs_spells"))
    if isinstance(by, pd.Series):
        by = by.rename(by.name or "group")
        if by.index.has_duplicates:
            raise CxError(say("journey.by_twice"))
        name, values = by.name, table["customer"].map(by)
    else:
        check_columns(table, [by])
        name, values = by, table[by]
    found = list(values.cat.categories) if isinstance(values.dtype, pd.CategoricalDtype) else sorted(values.dropna().unique(), key=str)
    parts = {group: table[(values == group).to_numpy()] for group in found}
    return name, {group: part for group, part in parts.items() if len(part)}


def by_group(table, by, one):
    """The results of `one` on each group, one below the other, the group first; attributes are those of the last, and how many have no group."""
    name, parts = groups(table if by is None or "customer" not in table.columns else checked(table), by)
    if not parts:
        raise CxError(say("journey.no_groups", by=name))
    results = [one(part) for part in parts.values()]
    if name is None:
        return results[0]
    if name in results[0].columns:
        raise CxError(say("journey.by_name", name=name))
    for group, result in zip(parts, results, strict=True):
        result.insert(0, name, pd.Categorical([group] * len(result), categories=list(parts)))
    apart = table["customer"].nunique() - pd.concat([part["customer"] for part in parts.values()]).nunique()
    n = {str(group): result.attrs.get("n") for group, result in zip(parts, results, strict=True)}
    attrs = results[-1].attrs | {"n": n, "without_group": apart}
    for result in results:
        result.attrs = {}
    together = pd.concat(results, ignore_index=True)
    together.attrs = attrs
    return together


def occupancy(spells_or_moves, by=None, days=None, se="greenwood", start="sampled", from_state=None, from_day=0, method="markov", level=0.95):
    """The share of customers in each state on each day (Aalen-Johansen): moves back, exits and customers still on their way are all counted right.

    spells_or_moves : see `spells`, `moves`. by : column of the spells, or Series of groups with the customers as index. days : those to report
    (default all; with robust errors at most 12, evenly spaced, which `.attrs["note"]` then says). se : "greenwood"; "robust" (sums each
    customer's influence, needs spells, good also where the process has a memory); or None. start : is the mix of states at the
    beginning a sample ("sampled"), or as it is ("fixed")? from_state : everybody starts there; without it the mix is that observed on `from_day`.
    method : "markov" multiplies the chances of all customers after `from_day`; "landmark" follows only those in `from_state` on `from_day`.

    Returns `[by], day, state, n_at_risk, occupancy, se, ci_low, ci_high`: shares 0–1 after the moves of that day; missing once nobody is under
    observation any more. p(d) = p(d−1)·P(d), P(d) the moves over those at risk; Greenwood: V(d) = P'VP + Σ_k p_k²(diag P_k − P_kP_k')/Y_k; intervals
    on the logit scale, at 0 and 1 Wilson's limit. A state that nobody is at risk in keeps its share that day. It holds if who is still observed is
    like who is not (independent censoring). R: `survival::survfit(Surv(start, stop, next) ~ 1, id, istate)` (robust), `etm::etm` (Greenwood).

    >>> from cxlab.event_log import spells
    >>> log = pd.DataFrame({"customer": [1, 1, 2, 3], "day": [0, 4, 0, 0], "stage": ["admit", "affirm", "admit", "admit"]})
    >>> occupancy(spells(log, end=9), days=[5]).query("occupancy > 0")[["state", "n_at_risk", "occupancy", "ci_low", "ci_high"]].round(3)
        state  n_at_risk  occupancy  ci_low  ci_high
    1   admit          2      0.667   0.154    0.957
    2  affirm          1      0.333   0.043    0.846
    """
    check_level(level)
    check_choice("se", se, ("greenwood", "robust", None))
    check_choice("start", start, ("sampled", "fixed"))
    check_choice("method", method, ("markov", "landmark"))
    if not isinstance(spells_or_moves, pd.DataFrame):
        raise CxError(say("event_log.not_spells", columns="customer, state, start, stop, next", kind=type(spells_or_moves).__name__))
    if "customer" not in spells_or_moves.columns and (se == "robust" or method == "landmark"):
        raise CxError(say("journey.needs_spells", what='se="robust"' if se == "robust" else 'method="landmark"'))
    if method == "landmark" and from_state is None:
        raise CxError(say("journey.landmark_needs_state"))
    asked = functools.partial(_occupancy, days=days, se=se, sampled=start == "sampled", from_state=from_state, from_day=_day(from_day), method=method,
                              level=level)
    result = by_group(spells_or_moves, by, asked)
    apart = say("journey.without_group", n=number(result.attrs["without_group"])) if result.attrs.get("without_group") else None
    note = " ".join(filter(None, (result.attrs["note"], apart))) or None
    result.attrs |= {"level": level, "se": se, "method": method, "note": note} | carried(spells_or_moves)
    return result


def _day(value):
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise CxError(say("journey.day", value=value))
    return int(value)


def _occupancy(table, **how):
    if "customer" not in table.columns:
        return of_counts(counts(table), None, **how)
    spells = coded(table, numbered=how["se"] == "robust" or how["method"] == "landmark")
    return of_counts(count(spells), spells, **how)


def of_counts(found, spells, days=None, se="greenwood", sampled=True, from_state=None, from_day=0, method="markov", level=0.95):
    """`occupancy` from `Counts`; the spells are asked for robust errors and landmarks only."""
    if from_state is not None and from_state not in found.states:
        raise CxError(say("journey.no_state", state=from_state, allowed=", ".join(map(str, found.states))))
    if method == "landmark":
        spells = _landmark(spells, found.states.index(from_state), from_day)
        found = count(spells)
    last, sampled = found.first + len(found.moves) - 1, sampled and from_state is None
    if not found.first <= from_day <= last:
        raise CxError(say("journey.nobody_seen", day=number(from_day), first=number(found.first), last=number(last)))
    p, n = _start(found, from_state, from_day)
    days, note = _days(days, from_day, last, se)
    path, steps = _path(p, found, from_day, last)
    at = np.minimum(np.array(days), last) - from_day
    shares = np.clip(path[at], 0, 1)
    if se == "greenwood":
        variance = _greenwood(path, steps, found, from_day, (np.diag(p) - np.outer(p, p)) / n if sampled else None)
        spread = np.sqrt(np.maximum(np.diagonal(variance, axis1=1, axis2=2), 0))[at]
    else:
        spread = np.full(shares.shape, np.nan) if se is None else _robust(path, steps, spells, found, from_day, at, p if sampled else None)
    ended = (np.array(days) > last)[:, None] & ~_all_out(shares, found)[:, None]
    return _told(days, found, from_day, shares, spread, ended, n, note, level)


def _start(found, from_state, from_day):
    """(shares at the beginning, customers they were seen in): those observed on `from_day`, who are at risk the day after."""
    row = from_day + 1 - found.first
    there = found.at_risk[row] if found.every_day and 0 <= row < len(found.at_risk) else np.zeros(len(found.states), dtype=np.int64)
    if from_state is not None:
        p = np.zeros(len(found.states))
        p[found.states.index(from_state)] = 1.0
        return p, int(there[found.states.index(from_state)])
    if there.sum() == 0:
        raise CxError(say("journey.nobody_at_start", day=number(from_day)))
    return there / there.sum(), int(there.sum())


def _days(days, from_day, last, se):
    if days is not None:
        days = [_day(day) for day in (days if np.ndim(days) else [days])]
        if early := [day for day in days if day < from_day]:
            raise CxError(say("journey.before_start", day=early[0], first=from_day))
        return days, None
    if se == "robust" and last - from_day >= FEW_DAYS:
        days = sorted({round(day) for day in np.linspace(from_day, last, FEW_DAYS)})
        return days, say("journey.few_days", n=len(days), days=", ".join(map(str, days)))
    return list(range(from_day, last + 1)), None


def _path(p, found, from_day, last):
    """(shares of `from_day` ... `last`, the chances of the days between)."""
    rows = slice(from_day + 1 - found.first, None)
    steps = chances(found.moves[rows], found.at_risk[rows])
    path = np.empty((last - from_day + 1, len(p)))
    path[0] = p
    for day in range(1, len(path)):
        path[day] = path[day - 1] @ steps[day - 1]
    return path, steps


def _greenwood(path, steps, found, from_day, first):
    """Covariance of the shares on each day of the path."""
    size = path.shape[1]
    variance = np.zeros((len(path), size, size))
    if first is not None:
        variance[0] = first
    at_risk = found.at_risk[from_day + 1 - found.first:]
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(at_risk > 0, path[:-1] ** 2 / at_risk, 0.0)
    new = -np.einsum("dk,dki,dkj->dij", weight, steps, steps)
    each = np.arange(size)
    new[:, each, each] += np.einsum("dk,dki->di", weight, steps)
    for day in range(1, len(path)):
        variance[day] = steps[day - 1].T @ variance[day - 1] @ steps[day - 1] + new[day - 1]
    return variance


def _robust(path, steps, spells, found, from_day, at, start):
    """Robust errors, days × states: the root of the summed squares of each customer's influence.

    With v(d) = P(d+1)…P(D)e_j a customer in k on day d adds p_k(d−1)/Y_k(d) · (v_next(d) − v_k(d−1)). Over the days of a spell that is a difference
    of running sums, so that a spell costs two look-ups, however long it is. A customer in k at the beginning adds (v_k(0) − p(0)'v(0))/n.
    """
    from tqdm.auto import tqdm

    at_risk = found.at_risk[from_day + 1 - found.first:]
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(at_risk > 0, path[:-1] / at_risk, 0.0)
    if not (spells.customer[1:] >= spells.customer[:-1]).all():
        spells = _rows(spells, np.argsort(spells.customer, kind="stable"))
    parts, result = _whole_customers(spells.customer), np.zeros((len(at), path.shape[1]))
    with tqdm(total=len(at) * len(parts), desc=say("journey.progress"), delay=2, leave=False) as bar:
        for row, day in enumerate(at):
            tables = [_tables(v, weight[:day], start, at_risk[0].sum() if len(at_risk) else 1) for v in _backwards(steps[:day], path.shape[1])]
            for part in parts:
                result[row] += _squares(_rows(spells, part), tables, day, from_day)
                bar.update()
    return np.sqrt(result)


def _rows(spells, chosen):
    return spells._replace(**{name: getattr(spells, name)[chosen] for name in ("customer", "state", "start", "stop", "next")})


def _whole_customers(customer):
    """Slices of the rows, some ten thousand at a time, none of which parts a customer."""
    edges = np.flatnonzero(np.r_[True, customer[1:] != customer[:-1]]) if len(customer) else np.zeros(0, dtype=int)
    cuts = [*edges[np.unique(np.searchsorted(edges, np.arange(0, len(customer), CHUNK // 2)).clip(max=len(edges) - 1))], len(customer)]
    return [slice(first, last) for first, last in zip(cuts, cuts[1:], strict=False)]


def _backwards(steps, size):
    """For each state, v(0) ... v(D): the chance to be in it on the last day, by the day and state one is in."""
    product = np.empty((len(steps) + 1, size, size))
    product[-1] = np.eye(size)
    for day in range(len(steps) - 1, -1, -1):
        product[day] = steps[day] @ product[day + 1]
    return np.moveaxis(product, 2, 0)


def _tables(v, weight, start, n):
    """What a spell adds: by its last day, state and next (the last: none); less what had been added by its first day; by the state at the start."""
    days, size = v.shape
    running = np.zeros((days, size))
    np.cumsum(weight * (v[1:] - v[:-1]), axis=0, out=running[1:])
    until = np.repeat(running[:, :, None], size + 1, axis=2)
    until[1:, :, :size] += weight[:, :, None] * (v[1:, None, :] - v[1:, :, None])
    return until.ravel(), running.ravel(), None if start is None else np.r_[(v[0] - start @ v[0]) / n, 0.0]


def _squares(spells, tables, day, from_day):
    """The summed squares of these customers' influences, by the state that is asked for."""
    size = len(spells.states)
    state, finish = spells.state.astype(np.int64), spells.stop - from_day
    begin, last = np.clip(spells.start - from_day, 0, day) * size + state, np.clip(finish, 0, day) * size + state
    last *= size + 1
    last += np.where((finish <= day) & (spells.next >= 0), spells.next, size)
    origin = np.where((spells.start <= from_day) & (finish > 0), state, size)
    edges = np.flatnonzero(np.r_[True, spells.customer[1:] != spells.customer[:-1]])
    result = np.empty(len(tables))
    for target, (until, before, at_start) in enumerate(tables):
        influence = until.take(last)
        influence -= before.take(begin)
        if at_start is not None:
            influence += at_start.take(origin)
        influence = np.add.reduceat(influence, edges)
        result[target] = np.square(influence).sum()  # not @: threads of BLAS cost more than they save here
    return result


def _landmark(spells, state, day):
    """The spells after `day` of those who were in the state on it."""
    there = (spells.state == state) & (spells.start <= day) & (spells.stop > day)
    if not there.any():
        raise CxError(say("journey.nobody_there", state=spells.states[state], day=number(day)))
    chosen = np.zeros(len(spells.names), dtype=bool)
    chosen[spells.customer[there]] = True
    kept = chosen[spells.customer] & (spells.stop > day)
    return spells._replace(**{name: getattr(spells, name)[kept] for name in ("customer", "state", "stop", "next")},
                           start=np.maximum(spells.start[kept], day))


def _all_out(shares, found):
    """Whether all are in states that nobody moves out of, so that the shares stay as they are."""
    final = found.at_risk.sum(axis=0) == 0
    return shares[:, ~final].sum(axis=1) < 1e-12


def _told(days, found, from_day, shares, spread, ended, n, note, level):
    """The result as a frame, with intervals; nothing is said of days after the last one observed."""
    size, days = len(found.states), np.array(days)
    row = np.where(days == from_day, days + 1, days) - found.first  # who is observed on the first day is at risk on the next
    there = (row >= 0) & (row < len(found.at_risk))
    at_risk = np.where(there[:, None], found.at_risk[np.clip(row, 0, len(found.at_risk) - 1)], 0)
    low, high = _limits(shares, spread, _known(found, row, from_day, at_risk), level)
    result = pd.DataFrame({"day": np.repeat(days, size), "state": pd.Categorical.from_codes(
        np.tile(np.arange(size), len(days)), categories=found.states, ordered=True), "n_at_risk": at_risk.ravel()})
    if not found.every_day:  # nothing is known of days without moves
        result["n_at_risk"] = result["n_at_risk"].astype("Int64").mask(result["n_at_risk"] == 0)
    for name, values in (("occupancy", shares), ("se", spread), ("ci_low", low), ("ci_high", high)):
        result[name] = np.where(ended, np.nan, values).ravel()
    result.attrs = {"n": n, "last_day": found.first + len(found.moves) - 1, "note": note}
    return result


def _known(found, row, from_day, at_risk):
    """Of how many customers the state is known on each day: those at risk on it and those gone for good before it."""
    final = found.at_risk.sum(axis=0) == 0
    gone = found.moves[:, :, final].sum(axis=(1, 2))
    gone[:from_day + 1 - found.first] = 0
    return at_risk.sum(axis=1) + np.r_[0, np.cumsum(gone)][np.clip(row, 0, len(gone))]


def _limits(p, se, known, level):
    from scipy.stats import norm

    z = norm.ppf((1 + level) / 2)
    edge = (p < 1e-12) | (p > 1 - 1e-12)
    inner = np.where(edge, 0.5, p)
    logit, wide = np.log(inner / (1 - inner)), z * se / (inner * (1 - inner))
    low, high = 1 / (1 + np.exp(-(logit - wide))), 1 / (1 + np.exp(-(logit + wide)))
    none, all_ = wilson(np.where(edge, np.rint(p), 0.0), known.astype(float), level)
    missing = np.isnan(se)
    return np.where(missing, np.nan, np.where(edge, none, low)), np.where(missing, np.nan, np.where(edge, all_, high))
