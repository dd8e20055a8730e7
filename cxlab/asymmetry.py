"""What a low score costs and what a high score gains: penalty-reward analysis.

One regression for all attributes at once; statsmodels fits it. It speaks of asymmetric effects, not of Kano's classes (`kano_model`).
"""

import numpy as np
import pandas as pd

from .framework import CxError, number, say
from .intervals import check_level, remember
from .tally import as_list, check_columns, is_missing, name_rows

FLOOR = 10  # people in the low, the high or the middle group, below which nothing is estimated


def penalty_reward(table, outcome, attributes, low, high, cluster=None, level=0.95):
    """What a low and a high score on each attribute go with, against a middling one, all attributes in one regression.

    table : pandas frame, one row an experience. outcome : column of numbers, such as satisfaction. attributes : columns of scores on one scale.
    low, high : a score ≤ low is low, ≥ high is high; the middle between them is the reference, so low + 1 < high for whole scores. cluster :
    column of customers, shops, ... whose rows belong together. level : of the intervals. Rows with a gap in any of these are left out
    (`.attrs["n_missing"]`).

    Returns one row an attribute: `attribute`, `n`, `n_low`, `n_high`, `penalty` (outcome at a low score less that at a middling one), `reward` (high
    less middling), `asymmetry` = reward + penalty, each with `_low`, `_high`, and `kind`: "basic" (asymmetry interval below 0: a low score costs more
    than a high one gains), "excitement" (above 0), "performance" (spans 0 and both effects differ from 0), else "unclear"; "not estimated" where
    fewer than 10 are low, high or middling. `.attrs`: `n`, `n_missing`, `r_squared`. Least squares with dummies; errors HC3 and t(n−k) without
    clusters, robust (G/(G−1)·(n−1)/(n−k)) and t(G−1) with them. Asymmetry: se² = var(penalty) + var(reward) + 2·cov.
    Source: Brandt 1987; sound for asymmetric effects, doubtful for classes of attributes (Mikulić & Prebežac 2011, Managing Service Quality 21).
    R: `m <- lm(y ~ a_low + a_high + b_low + b_high)`; `sandwich::vcovHC(m, "HC3")`, `sandwich::vcovCL(m, ~customer)`.

    >>> score = np.tile([1, 4, 7], 40)
    >>> table = pd.DataFrame({"clean": score, "satisfaction": 5 - 2 * (score == 1) + 0.5 * (score == 7) + np.tile([0.1, -0.1], 60)})
    >>> penalty_reward(table, "satisfaction", ["clean"], low=2, high=6)[["attribute", "n_low", "penalty", "reward", "kind"]].round(2)
      attribute  n_low  penalty  reward   kind
    0     clean     40     -2.0     0.5  basic
    """
    import statsmodels.api as sm

    check_level(level)
    used, scores = _numbers(table, outcome, as_list(attributes), cluster, low, high)
    groups = {name: (int((scores[name] <= low).sum()), int((scores[name] >= high).sum())) for name in scores}
    dummies = {(name, side): marks.astype(float) for name in scores
               for side, marks in (("penalty", scores[name] <= low), ("reward", scores[name] >= high)) if 0 < marks.sum() < len(marks)}
    design = sm.add_constant(pd.DataFrame(dummies, index=scores.index).to_numpy(), has_constant="add")
    if len(used) <= design.shape[1] + 1:
        raise CxError(say("asymmetry.too_few", n=number(len(used)), needed=number(design.shape[1] + 2)))
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise CxError(say("asymmetry.collinear", attributes=", ".join(scores)))
    by_cluster = {} if cluster is None else {"groups": pd.factorize(used[cluster])[0]}
    if cluster is not None and by_cluster["groups"].max() < 1:
        raise CxError(say("asymmetry.one_cluster", column=cluster))
    fit = sm.OLS(used[outcome].to_numpy(dtype=float), design).fit(cov_type="HC3" if cluster is None else "cluster", cov_kwds=by_cluster or None,
                                                                 use_t=True)
    place = {key: k for k, key in enumerate(dummies, start=1)}
    rows = [_row(name, len(used), *groups[name], fit, place, 1 - level) for name in scores]
    result = pd.DataFrame(rows)
    result.attrs = {"n": len(used), "n_missing": len(table) - len(used), "r_squared": float(fit.rsquared)}
    missing = say("asymmetry.missing", n=number(len(table) - len(used))) if len(used) < len(table) else ""
    return remember(result, table, say("asymmetry.read"), missing, level=level, cluster=cluster, can_cluster=True)


def _numbers(table, outcome, attributes, cluster, low, high):
    """The rows without a gap, and their scores as numbers; refuses what is not one, and limits without a middle."""
    if not isinstance(table, pd.DataFrame):
        raise CxError(say("asymmetry.pandas", kind=type(table).__name__))
    if not attributes or outcome in attributes or len(set(attributes)) < len(attributes):
        raise CxError(say("asymmetry.attributes", outcome=outcome))
    check_columns(table, [outcome, *attributes, *as_list(cluster)])
    if not low < high:
        raise CxError(say("asymmetry.limits", low=low, high=high))
    for name in (outcome, *attributes):
        if not pd.api.types.is_numeric_dtype(table[name]) or pd.api.types.is_bool_dtype(table[name]):
            raise CxError(say("asymmetry.not_numbers", column=name, dtype=table[name].dtype))
    if cluster is not None and table[cluster].isna().any():
        raise CxError(say("rates.no_cluster", column=cluster, rows=name_rows(table, cluster, is_missing)))
    used = table.dropna(subset=[outcome, *attributes])
    return used, used[attributes].astype(float)


def _row(name, n, n_low, n_high, fit, place, alpha):
    """One attribute: its two coefficients, their sum, and what they make of it."""
    row = {"attribute": name, "n": n, "n_low": n_low, "n_high": n_high}
    if min(n_low, n_high, n - n_low - n_high) < FLOOR:
        gaps = {f"{what}{end}": np.nan for what in ("penalty", "reward", "asymmetry") for end in ("", "_low", "_high")}
        return row | gaps | {"kind": "not estimated"}
    for what, sides in (("penalty", ["penalty"]), ("reward", ["reward"]), ("asymmetry", ["penalty", "reward"])):
        contrast = np.zeros(len(fit.params))
        contrast[[place[name, side] for side in sides]] = 1
        test = fit.t_test(contrast)
        (low, high), = test.conf_int(alpha=alpha)
        row |= {what: float(np.squeeze(test.effect)), f"{what}_low": float(low), f"{what}_high": float(high)}
    both = all(row[f"{what}_low"] > 0 or row[f"{what}_high"] < 0 for what in ("penalty", "reward"))
    kinds = [(row["asymmetry_high"] < 0, "basic"), (row["asymmetry_low"] > 0, "excitement"), (both, "performance"), (True, "unclear")]
    return row | {"kind": next(kind for holds, kind in kinds if holds)}
