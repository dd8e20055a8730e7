"""How much of an outcome goes with each of several drivers: R² divided among them, with bootstrap intervals.

Everything is computed from sums of cross products, one set for each row or cluster; a resample is those sums with multinomial counts, so
no resample touches the rows again. Such shares describe who scores alike on what. Whether a driver makes the outcome, they cannot show.
"""

import functools
import math
import numbers

import numpy as np
import pandas as pd

from .framework import CxError, number, percent, say
from .intervals import DRAWS_AT_ONCE, check_choice, check_level, remember
from .tally import as_list, check_columns, count_cells, is_missing, name_rows

MOST = 15  # drivers for LMG: 32,768 subsets
SINGULAR = 1e-10  # least eigenvalue of correlations, and least part of a variance, still taken for more than rounding
BLOCK = 2**17  # subsets × resamples computed at a time: they stay near the processor
FEW = 30  # clusters, under which the intervals are said to be too narrow


def importance(table, outcome, drivers, method="lmg", n_boot=1000, cluster=None, weights=None, level=0.95, rng=None):
    """How R² of a linear regression divides among the drivers: importance with interval, coefficient, and which ranks are possible.

    table : pandas frame, one row an answer. outcome, drivers : columns of numbers, of any unit. A row with a gap in one of them is left out, and so
    is a row of weight 0. method : "lmg", R² gained by a driver averaged over all orders of entry (to 15 drivers), or "johnson", relative weights
    (any number). n_boot : resamples; 0 gives no intervals. cluster : column of customers, shops, ...: whole clusters are resampled. weights :
    column of numbers ≥ 0, taken as fixed. level : of the intervals, and 1 − level of the tests behind the ranks. rng : seed or Generator.

    Returns one row a driver: `driver`, `importance` (≥ 0, sums to R²), `share` (of R², sums to 1), `ci_low`, `ci_high` (percentile bootstrap of
    importance), `coefficient` (units of outcome for a unit of the driver, the others held equal), `p_coefficient` (that it is 0: by HC3 and
    t(n − p − 1), with clusters by cluster-robust errors and t(G − 1)), `rank_low` (1 + the number of drivers significantly above),
    `rank_high` (p less the number significantly below; by p_holm of `importance_difference`), `first` (share of resamples in which it ranks
    first, ties split: how stable the first place is, not the probability that it is first), `n`. Importance is never negative, so its interval
    cannot show that a driver is nothing: p_coefficient answers that. `.attrs`: `n`, `r_squared`, `n_dropped`, `note`.
    LMG: Lindeman, Merenda & Gold 1980; R: `relaimpo::calc.relimp(y ~ ., data, type = "lmg")`. Johnson 2000, Multivariate Behavioral Research 35.
    R, coefficients: `lmtest::coeftest(m, sandwich::vcovHC(m, "HC3"))`; `coeftest(m, vcovCL(m, ~k, type = "HC1"), df = G - 1)`.

    >>> step = np.arange(40)
    >>> table = pd.DataFrame({"clean": step % 2, "kind": step // 2 % 2, "rating": 2 * (step % 2) + (step // 2 % 2) + (step // 4 % 2)})
    >>> importance(table, "rating", ["clean", "kind"], rng=1)[["driver", "importance", "share", "coefficient"]].round(2)
      driver  importance  share  coefficient
    0  clean        0.67    0.8          2.0
    1   kind        0.17    0.2          1.0
    """
    drivers, data, found, draws, attrs, said = _analyse(table, outcome, drivers, method, n_boot, cluster, weights, level, rng)
    r_squared, p = attrs["r_squared"], len(drivers)
    first, second = np.triu_indices(p, 1)
    pairs, above = _pairs(found, draws, level), np.zeros((p, p))
    above[first, second] = np.sign(pairs["difference"]) * (pairs["p_holm"] < 1 - level)
    above -= above.T  # 1 where the driver of the row stands significantly above that of the column, −1 where below
    low, high = _limits(draws, level)
    coefficient, p_coefficient = _coefficients(**data)
    leads = draws >= draws.max(axis=1, keepdims=True) - SINGULAR
    result = pd.DataFrame({
        "driver": drivers, "importance": found, "share": found / r_squared if r_squared > 0 else np.nan, "ci_low": low, "ci_high": high,
        "coefficient": coefficient, "p_coefficient": p_coefficient, "rank_low": 1 + (above < 0).sum(axis=1), "rank_high": p - (above > 0).sum(axis=1),
        "first": (leads / leads.sum(axis=1, keepdims=True)).mean(axis=0) if len(draws) else np.nan, "n": attrs["n"]})
    result.attrs = attrs
    leverage = say("drivers.leverage") if np.isnan(p_coefficient).any() else ""
    return remember(result, table, *said, leverage, level=level, cluster=cluster, can_cluster=True)


def importance_difference(table, outcome, drivers, method="lmg", n_boot=1000, cluster=None, weights=None, level=0.95, rng=None):
    """Whether one driver is more important than another: every pair, from the same resamples as `importance` with the same rng.

    Arguments as in `importance`. Returns one row a pair: `driver_1`, `driver_2`, `difference` (importance of driver_1 less that of driver_2, in parts
    of R²), `se` (of the resamples), `ci_low`, `ci_high` (percentile), `p` = 2Φ(−|difference|/se), `p_holm` (over all pairs), `n`; `.attrs` as there.
    In another program: `boot::boot` of the difference, `sd(b$t)` and `boot.ci(b, type = "perc")`; `p.adjust(p, "holm")`.

    >>> step = np.arange(40)
    >>> table = pd.DataFrame({"clean": step % 2, "kind": step // 2 % 2, "rating": 2 * (step % 2) + (step // 2 % 2) + (step // 4 % 2)})
    >>> importance_difference(table, "rating", ["clean", "kind"], rng=1)[["driver_1", "driver_2", "difference"]].round(2)
      driver_1 driver_2  difference
    0    clean     kind         0.5
    """
    drivers, _, found, draws, attrs, said = _analyse(table, outcome, drivers, method, n_boot, cluster, weights, level, rng)
    first, second = np.triu_indices(len(drivers), 1)
    named = {"driver_1": [drivers[i] for i in first], "driver_2": [drivers[i] for i in second]}
    result = pd.DataFrame(named | _pairs(found, draws, level) | {"n": attrs["n"]})
    result.attrs = attrs
    return remember(result, table, *said, level=level, cluster=cluster, can_cluster=True)


def lmg(correlations):
    """R² divided by LMG, from correlation matrices (..., p + 1, p + 1) with the outcome last: an array (..., p).

    At each driver the matrices double: those without it, and those from which it is swept. What is left of the outcome's variance in the end is
    1 − R² of every subset; the average over the orders is a weighted sum of these. With the correlations of a population this is the truth.

    >>> lmg([[1, 0, 0.6], [0, 1, 0.3], [0.6, 0.3, 1]]).round(2).tolist()
    [0.36, 0.09]
    """
    from tqdm.auto import tqdm

    correlations = np.asarray(correlations, dtype=float)
    p = correlations.shape[-1] - 1
    given, gain = correlations.reshape(-1, p + 1, p + 1), _gains(p)
    found, step = np.empty((len(given), p)), max(1, BLOCK >> p)
    for start in tqdm(range(0, len(given), step), delay=2, leave=False):
        a = np.moveaxis(given[start:start + step], 0, -1)[:, :, None]  # row, column, subset, matrix
        for _ in range(p):
            without, column, row = a[1:, 1:], a[1:, :1], a[:1, 1:] / a[0, 0]
            a = np.concatenate([without, without], axis=2)
            swept = a[:, :, without.shape[2]:]
            swept -= column * row
        found[start:start + step] = np.maximum(gain @ (1 - a[0, 0]), 0).T  # rounding apart, never below 0
    return found.reshape(*correlations.shape[:-2], p)


@functools.cache
def _gains(p):
    """drivers × subsets: with what weight R² of a subset (bit i: driver i is in) enters the importance of each driver."""
    inside = (np.arange(2**p) >> np.arange(p)[:, None] & 1).astype(bool)
    size = inside.sum(axis=0)
    weight = np.array([1 / (p * math.comb(p - 1, before)) for before in range(p)] + [0])  # chance of these drivers, and no others, before it
    return np.where(inside, weight[size - 1], -weight[size])


def johnson(correlations):
    """R² divided by relative weights, arguments and result as in `lmg`: by way of the uncorrelated variables nearest to the drivers.

    >>> johnson([[1, 0, 0.6], [0, 1, 0.3], [0.6, 0.3, 1]]).round(2).tolist()
    [0.36, 0.09]
    """
    correlations = np.asarray(correlations, dtype=float)
    size, axes = np.linalg.eigh(correlations[..., :-1, :-1])
    turned = np.swapaxes(axes, -1, -2)
    root = (axes * np.sqrt(size)[..., None, :]) @ turned
    slope = (axes / np.sqrt(size)[..., None, :]) @ (turned @ correlations[..., :-1, -1:])
    return (root**2 @ slope**2)[..., 0]


def _analyse(table, outcome, drivers, method, n_boot, cluster, weights, level, rng):
    """What both functions need: drivers, data, their importance, that in the resamples, `.attrs`, sentences of the note."""
    drivers = as_list(drivers.tolist() if isinstance(drivers, pd.Index) else drivers)
    check_level(level)
    check_choice("method", method, ("lmg", "johnson"))
    if isinstance(n_boot, bool) or not isinstance(n_boot, numbers.Integral) or n_boot < 0 or n_boot == 1:
        raise CxError(say("drivers.n_boot", value=n_boot))
    try:
        rng = np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise CxError(say("rates.no_seed", value=rng)) from None
    if method == "lmg" and len(drivers) > MOST:
        raise CxError(say("drivers.too_many", n=len(drivers), most=MOST))
    x, w, unit, dropped = _rows(table, outcome, drivers, cluster, weights)
    data = _standardise(x, w, unit, cluster is not None)
    if len(data["starts"]) < 2:
        raise CxError(say("asymmetry.one_cluster", column=cluster))
    divide, z = {"lmg": lmg, "johnson": johnson}[method], data["z"]
    whole = (data["w"] * z.T) @ z / data["w"].sum()
    size, axes = np.linalg.eigh(whole[:-1, :-1])
    if size[0] < SINGULAR:
        raise CxError(say("drivers.collinear", columns=", ".join(repr(d) for d, part in zip(drivers, axes[:, 0], strict=True) if abs(part) > 1e-4)))
    found = divide(whole)
    draws = divide(_correlations(_resample(data, int(n_boot), rng))) if n_boot else np.empty((0, len(drivers)))
    attrs = {"n": len(z), "r_squared": float(found.sum()), "n_dropped": len(table) - len(z)}
    said = [say("drivers.read", n=number(len(z)), r_squared=percent(attrs["r_squared"], 1)), *_said(len(table), data, dropped, cluster, weights),
            say("drivers.lost", n=number(n_boot - len(draws)), n_boot=number(n_boot)) if len(draws) < n_boot else ""]
    return drivers, data, found, draws, attrs, said


def _said(lines, data, dropped, cluster, weights):
    """Sentences on the rows left out, the clusters and the weights."""
    if dropped:
        yield say("drivers.dropped", n=number(lines - len(data["z"])), columns=", ".join(f"{column} ({number(n)})" for column, n in dropped.items()))
    if cluster is not None and len(data["starts"]) < FEW:
        yield say("drivers.few_clusters", n=number(len(data["starts"])), few=number(FEW))
    if weights is not None:
        yield say("drivers.weighted")


def _rows(table, outcome, drivers, cluster, weights):
    """The complete rows as numbers, outcome last; their weights and clusters; how many cells of which column are empty (or weigh 0)."""
    if not isinstance(table, pd.DataFrame):
        raise CxError(say("asymmetry.pandas", kind=type(table).__name__))
    if not drivers:
        raise CxError(say("rates.no_columns"))
    check_columns(table, [outcome, *drivers, *as_list(cluster)])
    if outcome in drivers:
        raise CxError(say("drivers.outcome", outcome=outcome))
    if len(set(drivers)) < len(drivers):
        raise CxError(say("tally.twice", columns=", ".join(map(repr, drivers))))
    if cluster is not None and table[cluster].isna().any():
        raise CxError(say("rates.no_cluster", column=cluster, rows=name_rows(table, cluster, is_missing)))
    names = [*drivers, outcome]
    x = np.column_stack([_numbers(table, name) for name in names])
    empty = np.isnan(x)
    dropped = {name: int(n) for name, n in zip(names, empty.sum(axis=0), strict=True) if n}
    w = np.ones(len(x))
    if weights is not None:
        count_cells(table, [], weights)  # refuses what is no weight
        w = table[weights].to_numpy(dtype=float)
        dropped |= {f"{weights} = 0": int((w == 0).sum())} if (w == 0).any() else {}
    used = np.flatnonzero(~empty.any(axis=1) & (w > 0))
    if len(used) < len(drivers) + 2:
        raise CxError(say("drivers.too_few", n=number(len(used)), p=number(len(drivers)), needed=number(len(drivers) + 2)))
    x, w = x[used], w[used]
    constant = [name for name, reach in zip(names, np.ptp(x, axis=0), strict=True) if reach == 0]
    if constant:
        raise CxError(say("drivers.constant", columns=", ".join(map(repr, constant))))
    return x, w, used if cluster is None else pd.factorize(table[cluster].iloc[used])[0], dropped


def _numbers(table, name):
    """One column as floats, empty cells as NaN; refuses cells that are no finite number."""
    column = table[name]
    if column.dtype.kind in "iufb" and not np.isinf(x := column.to_numpy(dtype=float, na_value=np.nan)).any():
        return x
    rows = name_rows(table, name, lambda cell: not is_missing(cell) and not (isinstance(cell, numbers.Real) and math.isfinite(cell)))
    if rows:
        raise CxError(say("drivers.no_number", column=name, rows=rows))
    return np.array([np.nan if is_missing(cell) else float(cell) for cell in column])


def _standardise(x, w, cluster, clustered):
    """Rows sorted by cluster, in standard units; their weights; where each cluster starts; the standard deviation of each column."""
    order = np.argsort(cluster, kind="stable")
    starts = np.flatnonzero(np.diff(cluster[order], prepend=-1))
    x, w, reach = x[order], w[order] / w.mean(), np.ptp(x, axis=0)
    x = (x - x.min(axis=0)) / reach
    x -= w @ x / w.sum()
    spread = np.sqrt(w @ x**2 / w.sum())
    return {"z": x / spread, "w": w, "starts": starts, "spread": reach * spread, "clustered": clustered}


def _resample(data, n_boot, rng):
    """Moments of n_boot resamples of the rows or clusters, (n_boot, p + 2, p + 2): Σw·(1, z)(1, z)ᵀ.

    Units are taken a block at a time: how many draws fall into each block is a multinomial, and so is how they fall within it.
    """
    from tqdm.auto import tqdm

    z, w, starts = data["z"], data["w"], data["starts"]
    a = np.column_stack([np.ones(len(z)), z])
    row, column = np.triu_indices(a.shape[1])
    ends = np.append(starts, len(z))
    step = max(1, DRAWS_AT_ONCE // n_boot)  # rows in a block
    cuts = np.unique(np.append(np.searchsorted(starts, np.arange(0, len(z), step)), len(starts)))
    falls = rng.multinomial(len(starts), np.diff(cuts) / len(starts), size=n_boot)
    totals = np.zeros((n_boot, len(row)))
    for k in tqdm(range(len(cuts) - 1), delay=2, leave=False):
        low, high = cuts[k:k + 2]
        block = slice(ends[low], ends[high])
        products = a[block][:, row] * (w[block, None] * a[block][:, column])
        if data["clustered"]:
            products = np.add.reduceat(products, starts[low:high] - starts[low], axis=0)
        drawn = rng.integers(0, high - low, falls[:, k].sum()) + np.repeat(np.arange(n_boot) * (high - low), falls[:, k])
        totals += np.bincount(drawn, minlength=n_boot * (high - low)).reshape(n_boot, -1).astype(float) @ products
    moments = np.empty((n_boot, a.shape[1], a.shape[1]))
    moments[:, row, column] = moments[:, column, row] = totals
    return moments


def _correlations(moments):
    """Correlation matrices from moments; without the resamples in which a column is constant or drivers are collinear."""
    mean = moments[:, 0, 1:] / moments[:, :1, 0]
    covariance = moments[:, 1:, 1:] / moments[:, :1, :1] - mean[:, :, None] * mean[:, None]
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    varied = (variance > SINGULAR).all(axis=1)  # the whole sample has variance 1
    spread = np.sqrt(variance[varied])
    found = covariance[varied] / (spread[:, :, None] * spread[:, None])
    return found[np.linalg.eigvalsh(found[:, :-1, :-1])[:, 0] > SINGULAR]


def _limits(draws, level):
    """Percentile limits of each column; missing without resamples."""
    return np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0) if len(draws) else np.full((2, draws.shape[1]), np.nan)


def _pairs(found, draws, level):
    """Every pair: `difference`, `se`, `ci_low`, `ci_high`, `p`, `p_holm`."""
    from scipy.stats import norm

    first, second = np.triu_indices(len(found), 1)
    difference, drawn = found[first] - found[second], draws[:, first] - draws[:, second]
    low, high = _limits(drawn, level)
    se = p = holm = np.full(len(first), np.nan)
    if len(draws) > 1:
        se = drawn.std(axis=0, ddof=1)
        p = 2 * norm.sf(np.abs(difference) / np.maximum(se, SINGULAR))
        order, holm = np.argsort(p), np.empty(len(p))
        holm[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    return {"difference": difference, "se": se, "ci_low": low, "ci_high": high, "p": p, "p_holm": holm}


def _coefficients(z, w, starts, spread, clustered):
    """Coefficients of the (weighted) regression in the units of the columns, and their p-values; missing where a row fixes a coefficient alone."""
    from scipy.stats import t

    n, k, units = len(z), z.shape[1], len(starts)  # k: the drivers and the intercept
    x, y = np.column_stack([np.ones(n), z[:, :-1]]), z[:, -1]
    pull = w[:, None] * x @ np.linalg.inv((w * x.T) @ x)  # how far a row draws each coefficient
    slope = y @ pull
    residual = y - x @ slope
    if clustered:
        moved = np.add.reduceat(pull * residual[:, None], starts, axis=0) * np.sqrt(units / (units - 1) * (n - 1) / (n - k))
    else:
        rest = 1 - (pull * x).sum(axis=1)  # of the leverage
        alone = rest < SINGULAR
        moved = pull * (residual * ~alone / np.where(alone, 1, rest))[:, None]
        moved[alone[:, None] & (np.abs(pull) > SINGULAR)] = np.nan
    se = np.sqrt((moved**2).sum(axis=0))
    p = 2 * t.sf(np.abs(slope) / np.maximum(se, 1e-300), units - 1 if clustered else n - k)
    return slope[1:] * spread[-1] / spread[:-1], p[1:]
