"""Means of groups, and the gap between two of them on one scale: shares or means, of people or of matched units."""

import numpy as np
import pandas as pd

from .framework import CxError, keys, number, say
from .intervals import (
    by_t,
    check_groups,
    check_level,
    cluster_errors,
    divide,
    group_sum,
    group_totals,
    grouped_cells,
    note_clusters,
    note_where,
    notes,
    remember,
    said_missing,
)
from .tally import as_list, check_columns, is_missing, name_rows

MEAN = ("n", "mean", "sd", "ci_low", "ci_high", "note")


def mean(table, column, by=None, cluster=None, level=0.95):
    """The mean of a column of numbers in each group, with an interval.

    table : pandas frame, one row an answer. column : numbers, or yes/no (also 0/1 or True/False: the mean is then a share; for one without clusters
    `cx.share` has the better interval). by : column or list of columns to split by. cluster : column of customers, shops, ... whose rows belong
    together. level : of the interval. Rows without an answer are left out and counted in the note.

    Returns one row a group: keys of `by`, `n` (answers), `mean`, `sd` (divisor n − 1), `ci_low`, `ci_high`, `note` ("hidden" under 10, "small" under
    30 answers, then the number of clusters). Interval: mean ± t(n − 1)·sd/√n; with `cluster` se² = G/(G−1) · Σ_g(Σ_i (y − mean))² / n² over the G
    clusters of the group and t(G − 1), as in `cx.share`. A share stays within 0-1. R: `t.test(y)$conf.int`;
    `survey::svymean(~y, svydesign(ids = ~cluster))`. statsmodels: `OLS(y, ones).fit(cov_type="cluster", cov_kwds={"groups": cluster})` has the se.

    >>> asked = pd.DataFrame({"memory": ["good"] * 40 + ["nothing"] * 40, "likelihood": [8, 9] * 20 + [4, 5] * 20})
    >>> mean(asked, "likelihood", by="memory").round(2)
        memory   n  mean    sd  ci_low  ci_high note
    0     good  40   8.5  0.51    8.34     8.66
    1  nothing  40   4.5  0.51    4.34     4.66
    """
    check_level(level)
    if not isinstance(table, pd.DataFrame):
        raise CxError(say("gaps.pandas", kind=type(table).__name__))
    by = check_groups(by, MEAN)
    check_columns(table, [column, *by, *as_list(cluster)])
    values, is_share = _numbers(table, column)
    counted = table.copy()
    counted[column] = values
    cells, groups = grouped_cells(counted, by, {"cluster": cluster, "answer": column})
    missing = int(cells["n"][cells["answer"].isna()].sum())
    cells = cells[cells["answer"].notna()]
    size, y = len(groups), cells["answer"].to_numpy(dtype=float)
    n, w, _ = group_totals(cells, size)
    middle = divide(group_sum(cells, cells["n"] * y, size), n)
    sd = np.sqrt(divide(group_sum(cells, cells["n"] * (y - middle[cells["group"]]) ** 2, size), n - 1))
    units, se, how = n, divide(sd, np.sqrt(n)), np.full(size, "", dtype=object)
    if cluster is not None:
        units, se = cluster_errors(cells, [y], middle[:, None], w)
        se, how = se[:, 0], note_clusters(units)
    low, high = by_t(middle, se, units, level, *((0, 1) if is_share else (-np.inf, np.inf)))
    result = groups.reset_index(drop=True).assign(n=n, mean=middle, sd=sd, ci_low=low, ci_high=high)
    result["note"] = notes(n, how, note_where((n > 1) & (sd == 0), "no variance"))
    return remember(result, table, said_missing(missing, column), level=level, cluster=cluster, can_cluster=True)


def gap(table, value, by, unit=None, level=0.95, cluster=None):
    """How far two groups lie apart: second less first, with an interval.

    table : pandas frame, one row an answer. value : column of numbers, or of yes/no (also 0/1 or True/False: then shares are compared). by : column
    with exactly two groups, in the order of a categorical, else sorted. unit : column of companies, shops, ... in which answers of both groups
    are matched: the gap is then the mean of the differences within units, and n is the number of units with both. level : of the interval.
    cluster : column of customers, shops, ... whose rows belong together, where answers are not matched (a unit is a cluster already: not both).
    Rows without a value or group are left out and counted in the note.

    Returns one row: `group_1`, `group_2`, `n_1`, `n_2` (answers), `estimate_1`, `estimate_2` (mean or share; with unit the mean over units),
    `difference` = estimate_2 − estimate_1, `ci_low`, `ci_high`, `n` (answers, or units), `method`, `note`. Two groups: Newcombe's interval for
    shares (1998, method 10), Welch's for means; units: t(n − 1) on the differences within units; cluster: the slope of a regression on the
    group with cluster-robust errors and t(G − 1), the number G of clusters in the note. R: `t.test(b, a)`, `t.test(b, a, paired = TRUE)`;
    `sandwich::vcovCL(lm(y ~ group), cluster, type = "HC1")`; Newcombe: `DescTools::BinomDiffCI(x2, n2, x1, n1, method = "score")`.
    statsmodels: `confint_proportions_2indep(x2, n2, x1, n1, method="newcomb")`.

    >>> asked = pd.DataFrame({"who": ["company"] * 70 + ["customer"] * 80, "superior": ["yes"] * 56 + ["no"] * 14 + ["yes"] * 48 + ["no"] * 32})
    >>> gap(asked, "superior", "who")[["group_1", "n_1", "estimate_1", "group_2", "difference", "ci_low", "ci_high"]].round(3)
       group_1  n_1  estimate_1   group_2  difference  ci_low  ci_high
    0  company   70         0.8  customer        -0.2  -0.334   -0.052
    """
    check_level(level)
    if not isinstance(table, pd.DataFrame):
        raise CxError(say("gaps.pandas", kind=type(table).__name__))
    if unit is not None and cluster is not None:
        raise CxError(say("gaps.both", unit=unit, cluster=cluster))
    together = unit if unit is not None else cluster
    check_columns(table, [value, by, *as_list(together)])
    if together is not None and table[together].isna().any():
        raise CxError(say("rates.no_cluster", column=together, rows=name_rows(table, together, is_missing)))
    numbers, is_share = _numbers(table, value)
    used = pd.DataFrame({"value": numbers, "by": table[by], "unit": table[together] if together is not None else np.arange(len(table))})
    used = used[used["value"].notna() & used["by"].notna()]
    groups = [group for group in _levels(table[by]) if (used["by"] == group).any()]
    if len(groups) != 2:
        raise CxError(say("gaps.two_groups", by=by, n=number(len(groups)), groups=", ".join(map(repr, groups[:10]))))
    first, second = (used[used["by"] == group] for group in groups)
    compare = _units if unit is not None else _clusters if cluster is not None else _shares if is_share else _means
    result = pd.DataFrame([{"group_1": groups[0], "group_2": groups[1], "n_1": len(first), "n_2": len(second)} | compare(first, second, 1 - level)])
    how = note_clusters([used["unit"].nunique()]) if cluster is not None else [""]
    result["note"] = notes(result["n"] if unit is not None else result[["n_1", "n_2"]].min(axis=1), how)
    alone = used["unit"].nunique() - int(result["n"].iloc[0]) if unit is not None else 0
    said = [say("gaps.missing", n=number(len(table) - len(used))) if len(used) < len(table) else "",
            say("gaps.alone", n=number(alone)) if alone else "", say("gaps.of_units", unit=unit) if unit is not None else ""]
    return remember(result, table, *said, level=level, cluster=together, can_cluster=True)


def _numbers(table, value):
    """The column as numbers (yes/no as 1/0), and whether it is a share that is asked for."""
    column = table[value]
    if not pd.api.types.is_numeric_dtype(column):
        yes, no = keys("yes_no")
        found = column.map({yes: 1.0, no: 0.0})
        bad = column.notna() & found.isna()
        if bad.any():
            rows = name_rows(table, value, lambda cell: not is_missing(cell) and cell not in (yes, no))
            raise CxError(say("gaps.not_numbers", column=value, rows=rows, yes=yes, no=no))
        return found.astype(float), True
    numbers = column.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    return pd.Series(numbers, index=table.index), bool(np.isin(numbers[~np.isnan(numbers)], (0, 1)).all())


def _levels(column):
    if isinstance(column.dtype, pd.CategoricalDtype):
        return list(column.cat.categories)
    return sorted(column.dropna().unique().tolist(), key=lambda group: (str(type(group)), group))


def _shares(first, second, alpha):
    from statsmodels.stats.proportion import confint_proportions_2indep

    counts = [(group["value"].sum(), len(group)) for group in (second, first)]
    low, high = confint_proportions_2indep(*counts[0], *counts[1], method="newcomb", alpha=alpha)
    return _row(first["value"].mean(), second["value"].mean(), low, high, len(first) + len(second), "newcombe")


def _means(first, second, alpha):
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

    low = high = np.nan
    if min(len(first), len(second)) > 1:
        low, high = CompareMeans(DescrStatsW(second["value"]), DescrStatsW(first["value"])).tconfint_diff(alpha=alpha, usevar="unequal")
    return _row(first["value"].mean(), second["value"].mean(), low, high, len(first) + len(second), "welch")


def _clusters(first, second, alpha):
    from scipy.stats import t
    from statsmodels.regression.linear_model import OLS

    both = pd.concat([first, second])
    group = np.r_[np.zeros(len(first)), np.ones(len(second))]
    clusters = both["unit"].nunique()
    half = np.nan
    if clusters > 1 and len(both) > 2:
        exog = np.column_stack([np.ones(len(group)), group])
        fit = OLS(both["value"].to_numpy(), exog).fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(both["unit"])[0]})
        half = t.isf(alpha / 2, clusters - 1) * fit.bse[1]
    difference = second["value"].mean() - first["value"].mean()
    return _row(first["value"].mean(), second["value"].mean(), difference - half, difference + half, len(both), "clusters")


def _units(first, second, alpha):
    from statsmodels.stats.weightstats import DescrStatsW

    means = pd.concat([group.groupby("unit", observed=True)["value"].mean() for group in (first, second)], axis=1, keys=["first", "second"]).dropna()
    if len(means) < 2:
        raise CxError(say("gaps.no_pairs", n=number(len(means))))
    low, high = DescrStatsW(means["second"] - means["first"]).tconfint_mean(alpha=alpha)
    return _row(means["first"].mean(), means["second"].mean(), low, high, len(means), "matched units")


def _row(first, second, low, high, n, method):
    limits = {"ci_low": float(low), "ci_high": float(high)}
    return {"estimate_1": float(first), "estimate_2": float(second), "difference": float(second - first)} | limits | {"n": n, "method": method}
