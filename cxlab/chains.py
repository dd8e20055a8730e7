"""Chains: who goes where from a stage, how a journey ends in the long run, and what if a move were more frequent.

It takes the counts of `journey` and multiplies matrices. Everything here is Markov: where a customer goes depends on the stage alone, not on the
way there or on the days spent in it; the moves of one customer are taken as independent. What `occupancy` says needs none of that.
"""

import collections
import functools
import numbers

import numpy as np
import pandas as pd

from .event_log import carried, states_in
from .framework import CxError, number, say
from .intervals import check_choice, check_level, notes, wilson
from .journey import by_group, counts
from .tally import as_list, check_columns, is_missing, name_rows

MATRIX = ("from", "to", "moves", "at_risk", "probability", "ci_low", "ci_high", "note")
# `chances` from × to; `n` moves or days behind each row (None: not known), `there` whether a state occurs, `per` "move", "day" or None.
Chain = collections.namedtuple("Chain", "states chances n there per")
ROUNDING = 1e-6  # by which the chances of a row may miss 1


def transition_matrix(spells_or_moves, per="move", by=None, level=0.95):
    """The chances to go from each state to each other, of all moves or of all days.

    spells_or_moves : see `spells`, `moves`. per : "move": of the moves out of `from`, the share that went to `to`. Spells still open do not count,
    so there is no time in it, and it is no forecast: who has moved so far is not who will. "day": of the days at risk in `from`, the share on
    which that move happened; days of staying are the row from → from. It needs the numbers at risk of every day: spells, or what `moves` returns.
    by : column of the spells, or Series of groups with the customers as index. level : of the intervals.

    Returns long rows `[by], from, to, moves, at_risk, probability, ci_low, ci_high, note`: `at_risk` all moves out of `from`, or days at risk in it
    (days, not customers); the probabilities of a state add up to 1; `note` "hidden" under 10, "small" under 30 at risk. Pairs that nobody went are
    not listed: they are 0 of `at_risk`. Wilson's interval for each probability by itself, the moves of one customer taken as independent.
    R: `markovchain::markovchainFit(sequences)$estimate` (per move); `prop.test(moves, at_risk, correct = FALSE)$conf.int`.

    >>> from cxlab.event_log import spells
    >>> log = pd.DataFrame({"customer": [1, 1, 2, 2, 3], "day": [0, 4, 0, 6, 0], "stage": ["admit", "affirm", "admit", "left", "admit"]})
    >>> transition_matrix(spells(log, end=10), per="day").iloc[:3, :6].round(3)
        from      to  moves  at_risk  probability  ci_low
    0  admit   admit     18       20         0.90   0.699
    1  admit  affirm      1       20         0.05   0.009
    2  admit    left      1       20         0.05   0.009
    """
    check_level(level)
    check_choice("per", per, ("move", "day"))
    name = by.name if isinstance(by, pd.Series) else by
    if name in MATRIX:
        raise CxError(say("journey.by_name", name=name))
    if by is None:
        result = _matrix(spells_or_moves, per, level)
    else:
        result = by_group(_frame(spells_or_moves), by, functools.partial(_matrix, per=per, level=level))
    result.attrs |= {"per": per, "by": None if by is None else result.columns[0], "level": level} | carried(spells_or_moves)
    return result


def _frame(table):
    if not isinstance(table, pd.DataFrame):
        raise CxError(say("event_log.not_spells", columns="customer, state, start, stop, next", kind=type(table).__name__))
    return table


def _matrix(table, per, level):
    found = counts(_frame(table))
    if per == "day" and not found.every_day:
        raise CxError(say("chains.days_unknown"))
    moved, each = found.moves.sum(axis=0), np.arange(len(found.states))
    at_risk = moved.sum(axis=1) if per == "move" else found.at_risk.sum(axis=0)
    if per == "day":
        moved[each, each] = at_risk - moved.sum(axis=1)
    listed = moved > 0
    listed[each, each] = (per == "day") & (at_risk > 0)
    k, to = np.nonzero(listed)
    dtype, n, share = pd.CategoricalDtype(found.states, ordered=True), at_risk[k], moved[k, to] / at_risk[k]
    low, high = wilson(share[:, None], n, level) if len(k) else (np.empty((0, 1)), np.empty((0, 1)))
    result = pd.DataFrame({"from": pd.Categorical.from_codes(k, dtype=dtype), "to": pd.Categorical.from_codes(to, dtype=dtype), "moves": moved[k, to],
                           "at_risk": n, "probability": share, "ci_low": low[:, 0], "ci_high": high[:, 0], "note": notes(n)})
    result.attrs = {"n": int(at_risk.sum()), "note": say("chains.per_move") if per == "move" else say("chains.per_day")}
    return result


# --- how it ends --------------------------------------------------------------------------------------------------------------


def absorption(matrix, absorbing=("advocate", "left"), states=None, level=0.95, n_boot=1000, rng=None):
    """From each state: the probability of reaching one end before the others, and how many moves and days it takes to reach any.

    matrix : what `transition_matrix` returns (with groups: each by itself), or a bare square matrix of chances with rows that sum to 1: a frame with
    states as index and columns, or an array with `states`. absorbing : where a journey counts as over, the one asked for first; what happens after
    is left out (a row of such a state is replaced by staying there). level, n_boot : of the intervals: each row of counts is drawn again n_boot
    times (multinomial); 0 for none. rng : seed or Generator.

    Returns one row for each other state, `[by], from, n, probability, ci_low, ci_high, expected_moves, expected_days`, the latter two with `_low` and
    `_high`, `note`. `n` : moves or days seen in the state. `probability` (0-1) : to reach the first of `absorbing` before the others.
    `expected_moves` : moves until any of them; in a bare matrix each step counts, staying too. `expected_days` : of a matrix per day
    only, if today's rates go on. Missing where it does not apply; a bare matrix has no intervals. An upper limit is infinite where some state
    had no way out in a resample (`.attrs["no_way_out"]` of them). Moves that nobody made stay impossible in each resample: with few of them the
    intervals are too narrow. Probability and moves are the same numbers from a matrix per move and one per day. Markov throughout: a customer who
    sits in a stall for a month counts like one who has just come.

    With Q the chances among the other states and R those to the ends: (I − Q)⁻¹R and (I − Q)⁻¹1 (Kemeny & Snell 1960, Finite Markov chains, ch. 3).
    R: `markovchain::absorptionProbabilities`, `markovchain::meanAbsorptionTime`.

    >>> chain = pd.DataFrame([[0.2, 0.5, 0.3], [0, 1, 0], [0, 0, 1]], index=["trial", "buys", "gone"], columns=["trial", "buys", "gone"])
    >>> absorption(chain, absorbing=["buys", "gone"])[["from", "probability", "expected_moves"]]
        from  probability  expected_moves
    0  trial        0.625            1.25
    """
    check_level(level)
    rng, ends = check_draws(n_boot, rng), as_list(absorbing)
    one = functools.partial(_absorption, ends=ends, states=states, level=level, n_boot=n_boot, rng=rng)
    by = matrix.attrs.get("by") if _is_long(matrix) else None
    result = one(matrix) if by is None or by not in matrix.columns else _each_group(matrix, by, one)
    said = [say("chains.markov"), say("chains.rates_go_on") if result["expected_days"].notna().any() else ""]
    result.attrs |= {"absorbing": ends, "level": level, "n_boot": n_boot if _is_long(matrix) else 0, "note": " ".join(filter(None, said))}
    result.attrs |= carried(matrix) if isinstance(matrix, pd.DataFrame) else {}
    return result


def check_draws(n_boot, rng):
    """The generator to draw with; CxError unless the number of resamples and the seed are possible."""
    if isinstance(n_boot, bool) or not isinstance(n_boot, numbers.Integral) or n_boot < 0 or n_boot == 1:
        raise CxError(say("drivers.n_boot", value=n_boot))
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise CxError(say("rates.no_seed", value=rng)) from None


def _is_long(matrix):
    return isinstance(matrix, pd.DataFrame) and {"from", "to"} <= set(matrix.columns)


def _each_group(matrix, by, one):
    parts = {group: one(part) for group, part in matrix.groupby(by, observed=True, sort=False)}
    lost = {str(group): part.attrs["no_way_out"] for group, part in parts.items()}
    for group, part in parts.items():
        part.insert(0, by, pd.Categorical([group] * len(part), categories=list(parts)))
        part.attrs = {}
    result = pd.concat(parts.values(), ignore_index=True)
    result.attrs["no_way_out"] = lost
    return result


def _absorption(matrix, ends, states, level, n_boot, rng):
    chain = _read_long(matrix) if _is_long(matrix) else _read_bare(matrix, states, ends)
    if not ends or len(set(ends)) < len(ends) or not set(ends) <= set(chain.states):
        raise CxError(say("chains.absorbing", absorbing=", ".join(map(repr, ends)), allowed=", ".join(map(str, chain.states))))
    end = np.array([chain.states.index(state) for state in ends])
    inner = np.array([k for k in range(len(chain.states)) if chain.there[k] and k not in end], dtype=int)
    if len(inner) == 0:
        raise CxError(say("chains.no_start", absorbing=", ".join(map(repr, ends))))
    _check_sums(chain, inner)
    drawn = chain.chances[None] if chain.n is None else _draw_rows(chain, n_boot, rng)
    probability, moves, days, stuck = _solved(drawn, inner, end)
    if stuck[0].any():
        raise CxError(say("chains.no_way_out", states=", ".join(str(chain.states[k]) for k in inner[stuck[0]]), absorbing=", ".join(map(repr, ends))))
    n = np.full(len(inner), -1) if chain.n is None else chain.n[inner]
    dtype = pd.CategoricalDtype(chain.states, ordered=True)
    result = pd.DataFrame({"from": pd.Categorical.from_codes(inner, dtype=dtype), "n": pd.array(np.where(n < 0, 0, n), dtype="Int64")})
    result.loc[n < 0, "n"] = pd.NA
    every_step = days if chain.per is None else moves
    for name, low, high, values in (("probability", "ci_low", "ci_high", probability),
                                    ("expected_moves", "expected_moves_low", "expected_moves_high", every_step),
                                    ("expected_days", "expected_days_low", "expected_days_high", days if chain.per == "day" else days * np.nan)):
        result[name] = values[0]
        result[low], result[high] = limits(values[1:], level)
    result["note"] = notes(np.where(n < 0, np.inf, n))
    result.attrs = {"no_way_out": int(stuck[1:].any(axis=1).sum())}
    return result


def limits(draws, level):
    """Percentile limits over the first axis, missing without draws; infinite where so many of them are."""
    if len(draws) == 0:
        return np.full((2, *draws.shape[1:]), np.nan)
    ends = [(1 - level) / 2, (1 + level) / 2]
    with np.errstate(invalid="ignore"):
        result = np.quantile(draws, ends, axis=0)
    endless = np.isinf(draws)
    return np.where(np.isnan(result) & endless.any(axis=0), np.inf, result)


def _read_long(matrix):
    """A chain from long rows: the chances, and of how many moves or days each row is made."""
    needed = ["from", "to", "at_risk", "probability"]
    check_columns(matrix, needed)
    for name in needed:
        is_number = pd.api.types.is_numeric_dtype(matrix[name]) or name in ("from", "to")
        if not is_number or matrix[name].isna().any():
            raise CxError(say("chains.cells", column=name, rows=name_rows(matrix, name, lambda cell: is_missing(cell) or isinstance(cell, str))))
    if matrix.duplicated(["from", "to"]).any():
        at = int(matrix.duplicated(["from", "to"]).to_numpy().argmax())
        raise CxError(say("chains.pair_twice", row=at + 2, start=matrix["from"].iloc[at], to=matrix["to"].iloc[at]))
    states = states_in(matrix, ("from", "to"))
    k, to = (pd.Index(states).get_indexer(matrix[name]) for name in ("from", "to"))
    chances, n, there = np.zeros((len(states), len(states))), np.zeros(len(states), dtype=np.int64), np.zeros(len(states), dtype=bool)
    chances[k, to], n[k] = matrix["probability"], matrix["at_risk"]
    there[k] = there[to] = True
    return Chain(states, chances, n, there, "day" if (k == to).any() else "move")


def _read_bare(matrix, states, ends):
    """A chain from a square of chances. Rows of `ends` may hold anything: they are not used."""
    if isinstance(matrix, pd.DataFrame):
        states = list(matrix.index)
        if len(set(states)) < len(states) or set(states) != set(matrix.columns) or len(states) != matrix.shape[1]:
            raise CxError(say("chains.not_square"))
        matrix = matrix[states]
    try:
        chances = np.array(matrix, dtype=float)
    except (TypeError, ValueError):
        raise CxError(say("chains.not_numbers")) from None
    states = None if states is None else list(states)
    if states is None or chances.shape != (len(states), len(states)) or len(set(states)) < len(states):
        raise CxError(say("chains.needs_states", shape=" × ".join(map(str, chances.shape)), n=0 if states is None else len(set(states))))
    chances[[k for k, state in enumerate(states) if state in ends]] = 0
    return Chain(states, chances, None, np.ones(len(states), dtype=bool), None)


def _check_sums(chain, inner):
    rows = chain.chances[inner]
    empty = (rows == 0).all(axis=1) & (chain.n is not None)  # a state that nobody has left yet has no rows: told as one without a way out
    bad = ~empty & ~((rows >= 0).all(axis=1) & (np.abs(rows.sum(axis=1) - 1) <= ROUNDING))
    if bad.any():
        at = int(bad.argmax())
        raise CxError(say("chains.row_sum", state=chain.states[inner[at]], sum=number(rows[at].sum(), 6), low=number(rows[at].min(), 6)))


def _draw_rows(chain, n_boot, rng):
    """The chances, and n_boot more of them drawn from a multinomial of each row: resamples × from × to."""
    result = np.repeat(chain.chances[None], n_boot + 1, axis=0)
    for k in np.flatnonzero((chain.n > 0) & (chain.chances.sum(axis=1) > 0)):
        to = np.flatnonzero(chain.chances[k])
        share = chain.chances[k, to] / chain.chances[k, to].sum()
        result[1:, k, to] = rng.multinomial(chain.n[k], share, size=n_boot) / chain.n[k]
    return result


def _solved(chances, inner, end):
    """For each resample and inner state: probability of the first end, moves and steps until any, and whether there is no way to any.

    The diagonal of I − Q is the sum of the chances to move, which loses nothing where staying is nearly certain. A state without a way out gets a
    row of its own that leads nowhere; it, and all who may come to it, never end.
    """
    size = np.arange(len(inner))
    q, out = chances[:, inner[:, None], inner], chances[:, inner[:, None], end]
    q[:, size, size] = 0
    leaving = q.sum(axis=2) + out.sum(axis=2)
    ways = (q > 0) & (leaving > 0)[:, :, None]
    stuck = ~_reaches(ways, out.sum(axis=2) > 0)
    endless = _reaches(ways, stuck)
    q[stuck], out[stuck] = 0, 0
    system = -q
    system[:, size, size] = np.where(stuck, 1.0, leaving)
    right = np.stack([out[:, :, 0], leaving, np.ones_like(leaving)], axis=2)
    found = np.linalg.solve(system, right)
    moves, steps = (np.where(endless, np.inf, found[:, :, j]) for j in (1, 2))
    return np.clip(found[:, :, 0], 0, 1), moves, steps, stuck


def _reaches(ways, target):
    """Whether a state is in the target or can come there, resamples × states."""
    for _ in range(target.shape[1]):
        target = target | (ways & target[:, None, :]).any(axis=2)
    return target
