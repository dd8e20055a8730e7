"""Weights that bring the make-up of a sample to known margins of its population (raking).

Everyone with the same answers to the margins gets the same weight, so the weights of the few combinations that occur are found from
their counts and then handed to the rows. What the margins do not know, weights cannot repair.
"""

import math

import numpy as np
import pandas as pd

from .framework import CxError, number, percent, say
from .tally import check_columns, is_missing, name_rows

REACHED = 1e-6  # margins this close to 1, and targets this close to what is achieved, count as met
TINY = 1e-100  # where limits put margins out of reach, factors run away no further than this and its inverse
NAMED = 20  # categories named in a message


def rake(table, margins, max_iterations=1000, tolerance=1e-10, trim=None):
    """Weights with which the table has the margins of the population: raking, or iterative proportional fitting.

    table : pandas frame, one row a respondent. margins : {column: {category: its share of the population}}; the shares of a column sum to 1.
    Every category in the data needs a target, every target respondents; an empty cell is refused with its row. max_iterations : rounds over
    all margins. tolerance : raking ends when no share is further than this from its target. trim : (low, high), the least and greatest
    weight as multiples of the mean (0 ≤ low < 1 < high), or the greatest alone. Weights are trimmed in every step and the factors behind them
    raked on: the limits always hold; margins may be missed, where they are out of reach or raking ended at max_iterations.

    Returns a Series `weight` with mean 1 and the index of the table. `.attrs`: `design_effect` = n·Σw²/(Σw)² (Kish 1965), `n_effective` =
    n / design_effect, `achieved` {column: {category: weighted share}}, `worst` (the category furthest from its target or, with all reached,
    that of the greatest mean weight: margin, category, target, achieved, n, largest_weight), `smallest_n`, `largest_weight`, `iterations`, `note`.
    Source: Deming & Stephan 1940; trimmed: Deville & Särndal 1992 (truncated raking). R: `survey::rake(design, list(~a, ~b), list(pop_a, pop_b),
    control = list(epsilon = 1e-10, maxit = 1000))`; `survey::calibrate(design, ~a + b, totals, calfun = "raking", bounds = c(low, high))`.

    >>> answers = pd.DataFrame({"recruited_via": ["linkedin"] * 3 + ["facebook"]})
    >>> weights = rake(answers, {"recruited_via": {"linkedin": 0.5, "facebook": 0.5}})
    >>> weights.round(3).tolist(), round(weights.attrs["n_effective"], 3)
    ([0.667, 0.667, 0.667, 2.0], 3.0)
    """
    margins, limits = _targets(margins), _limits(trim)
    if not isinstance(table, pd.DataFrame):
        raise CxError(say("weighting.pandas", kind=type(table).__name__))
    check_columns(table, list(margins))
    places = [_places(table, name, list(targets)) for name, targets in margins.items()]
    cell = np.zeros(len(table), np.int64)
    for name, place in zip(margins, places, strict=True):
        cell = pd.factorize(cell * len(margins[name]) + place)[0]
    n = np.bincount(cell)
    codes = np.zeros((len(margins), len(n)), np.int64)
    codes[:, cell] = places  # every row of a cell writes the same
    weight, iterations = _fit(n, codes, margins, max_iterations, tolerance, limits)
    result = pd.Series(weight[cell], index=table.index, name="weight")
    result.attrs = _describe(n, codes, margins, weight) | {"iterations": iterations}
    result.attrs["note"] = _note(len(table), weight, result.attrs)
    return result


def _targets(margins):
    """{column: {category: share}}, each summing to exactly 1; without the categories of share 0."""
    if not isinstance(margins, dict) or not margins or not all(hasattr(given, "items") for given in margins.values()):
        raise CxError(say("weighting.margins"))
    targets = {}
    for name, given in margins.items():
        for category, share in given.items():
            if isinstance(share, bool) or not isinstance(share, (int, float, np.number)) or not 0 <= share < math.inf:
                raise CxError(say("weighting.target", column=name, category=category, value=share))
        total = sum(given.values() if isinstance(given, dict) else given)
        if abs(total - 1) > REACHED:
            raise CxError(say("weighting.total", column=name, total=number(total, 6)))
        targets[name] = {category: float(share / total) for category, share in given.items() if share > 0}
    return targets


def _limits(trim):
    """(low, high) of the trimmed weights, or None."""
    if trim is None:
        return None
    low, high = trim if isinstance(trim, (tuple, list)) and len(trim) == 2 else (0, trim)
    if not all(isinstance(x, (int, float, np.number)) for x in (low, high)) or not 0 <= low < 1 < high < math.inf:
        raise CxError(say("weighting.trim", value=trim))
    return low, high


def _places(table, name, categories):
    """The place of each row's category among those with a target; CxError for a row or a category that has no counterpart."""
    try:
        code, values = pd.factorize(table[name])
    except TypeError:  # lists
        raise CxError(say("tally.no_key", column=name)) from None
    if (code < 0).any():
        raise CxError(say("weighting.missing", column=name, rows=name_rows(table, name, is_missing)))
    there, at = values.tolist(), {category: i for i, category in enumerate(categories)}
    named = {"column": name, "there": _listed(map(repr, there)), "targets": _listed(map(repr, categories))}
    lost = [f"{value!r} (n = {number(n)})" for value, n in zip(there, np.bincount(code), strict=True) if value not in at]
    if lost:
        raise CxError(say("weighting.no_target", categories=_listed(lost), **named))
    empty = [repr(category) for category in categories if category not in there]
    if empty:
        raise CxError(say("weighting.empty", categories=_listed(empty), **named))
    return np.array([at[value] for value in there], np.int64)[code]


def _listed(values):
    values = list(values)
    return ", ".join(values[:NAMED]) + (", …" if len(values) > NAMED else "")


def _fit(n, codes, margins, max_iterations, tolerance, limits):
    """The weight of each cell of n respondents, and the rounds it took."""
    share, factor, weight = n / n.sum(), np.ones(len(n)), np.ones(len(n))
    targets = [np.array(list(given.values())) for given in margins.values()]
    for iteration in range(1, max_iterations + 1):
        before = weight
        for code, target in zip(codes, targets, strict=True):
            factor = np.clip(factor * (target / np.bincount(code, share * weight))[code], TINY, 1 / TINY)
            weight = factor if limits is None else np.clip(factor, *limits)
        off = max(np.abs(np.bincount(code, share * weight) - target).max() for code, target in zip(codes, targets, strict=True))
        settled = limits and (np.abs(weight - before).max() <= tolerance or iteration == max_iterations)
        if off <= tolerance or settled:
            return _trimmed(factor, share, *limits) if limits else weight, iteration
    worst = _describe(n, codes, margins, weight)["worst"]
    shares = {name: percent(worst[name], 2) for name in ("target", "achieved")}
    raise CxError(say("weighting.no_convergence", iterations=number(max_iterations), margin=worst["margin"], category=worst["category"], **shares))


def _trimmed(weight, share, low, high):
    """The multiple of the weights that, cut at the limits, has mean 1."""
    from scipy.optimize import brentq

    ends = np.log([(1 + low) / 2 / weight.max(), (1 + high) / 2 / weight.min()])  # with these all are below, all above 1
    scale = np.exp(brentq(lambda log: share @ np.clip(np.exp(log) * weight, low, high) - 1, *ends, xtol=1e-15, maxiter=1000))
    return np.clip(scale * weight, low, high)


def _describe(n, codes, margins, weight):
    """What the weights achieve and what they cost, from cells and their n."""
    rows, total = [], n.sum()
    for code, (name, given) in zip(codes, margins.items(), strict=True):
        achieved, size = np.bincount(code, n * weight) / (n @ weight), np.bincount(code, n)
        for i, (category, target) in enumerate(given.items()):
            rows.append({"margin": name, "category": category, "target": target, "achieved": float(achieved[i]), "n": int(size[i]),
                         "largest_weight": float(weight[code == i].max())})
    miss = max(rows, key=lambda row: abs(row["achieved"] - row["target"]))
    heavy = max(rows, key=lambda row: row["achieved"] / row["n"])
    effect = float(total * (n @ weight**2) / (n @ weight) ** 2)
    achieved = {name: {row["category"]: row["achieved"] for row in rows if row["margin"] == name} for name in margins}
    return {"design_effect": effect, "n_effective": float(total / effect), "achieved": achieved,
            "worst": miss if abs(miss["achieved"] - miss["target"]) > REACHED else heavy,
            "smallest_n": min(row["n"] for row in rows), "largest_weight": float(weight.max())}


def _note(n, weight, found):
    """What a reader of the weights has to know."""
    worst = found["worst"]
    said = say("weighting.note", n=number(n), effective=number(found["n_effective"]), effect=number(found["design_effect"], 2),
               low=number(weight.min(), 2), high=number(weight.max(), 2))
    if abs(worst["achieved"] - worst["target"]) <= REACHED:
        return said
    shares = {name: percent(worst[name], 2) for name in ("target", "achieved")}
    return f"{said} {say('weighting.missed', margin=worst['margin'], category=worst['category'], **shares)}"
