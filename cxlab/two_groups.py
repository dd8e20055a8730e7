"""Are two groups alike? Shares of two groups compared with a margin within which a difference does not matter.

That a test finds no difference does not show that there is none. Here both claims are put to the data: the shares differ at all, and they
differ by less than a margin named beforehand. Counted once (`tally`); test and interval are statsmodels', on the counts.
"""

import numpy as np
import pandas as pd

from .framework import CxError, number, percent, say
from .intervals import check_level, divide, group_sum, group_totals, grouped_cells, note_where, notes, remember, said_missing
from .tally import as_list, is_missing, name_rows

METHOD = {"method": "agresti-caffo", "compare": "diff"}  # works at 0/240 against 0/600, where "wald" breaks and "score" has no interval
TAIL, BLOCK = 1e-13, 1_000_000  # of the outcomes enumerated: chance left out at each end; how many at a time


def equivalence(table, columns, by, margin, weights=None, level=0.95, sensitivity=None, specificity=None):
    """Whether shares in two groups are equal but for a margin, and whether they differ: one row a category, with both tests.

    table : frame of any engine, one row a respondent. columns : a list of columns of 0/1 marks (one a theme; an empty cell leaves the row out
    of that theme), or the name of one column of answers, single or several (a tuple each; who chose nothing is left out), each option then a
    category. by : column with two levels; difference = share_2 − share_1 in their order (of the categorical, else sorted). margin : the largest
    difference without practical meaning, 0-1, chosen before looking. weights : column of numbers ≥ 0. level : above 0.5; α = 1 − level.
    sensitivity, specificity : of the coder who made the marks, 0-1 (or {category: value}), the same in both groups and taken as known: such errors
    shrink a difference by sensitivity + specificity − 1, and the margin is shrunk likewise; shares stay as coded.

    Returns `value`, `n_1`, `n_2` (unweighted), `share_1`, `share_2`, `difference`, `ci_low`, `ci_high` (of this level), `eq_low`, `eq_high` (level
    1 − 2α, drawn against ± margin), `p_equivalence` (two one-sided tests; < α exactly if that interval lies inside the margin), `p_difference`, both
    with `_holm` (over the categories), `verdict` ("equivalent", "different", "both", "undecided"; by the Holm columns, for picking single
    themes), `note`. `.attrs`: `all_equivalent` (every raw p_equivalence < α: a joint claim needs no Holm, Berger 1982), `margin`, `margin_used`,
    `groups` (first, second), `n_missing`, `note`. Limits are those of Agresti & Caffo 2000: one yes and one no more in each group. statsmodels:
    `tost_proportions_2indep(count_2, n_2, count_1, n_1, -margin, margin, method="agresti-caffo")`; weighted with n_effective
    and share × n_effective as counts, which is approximate. Exact size at α = .05, 240 and 600 answers: up to .06; up to .08 where the
    smaller group has next to none of a theme (`equivalence_power` gives it).

    >>> waves = pd.DataFrame({"wave": [2013] * 240 + [2018] * 600, "price": [1] * 12 + [0] * 228 + [1] * 30 + [0] * 570})
    >>> equivalence(waves, ["price"], "wave", margin=0.05)[["share_1", "share_2", "eq_low", "eq_high", "verdict"]].round(3)
       share_1  share_2  eq_low  eq_high     verdict
    0     0.05     0.05   -0.03    0.026  equivalent
    """
    _check(margin, level)
    values, groups, (n, w, w2, yes), missing = _count(table, columns, by, weights)
    shrink = _shrink(sensitivity, specificity, list(values))
    share, effective = divide(yes, w), divide(w * w, w2)
    result = pd.DataFrame({"value": values, "n_1": n[0], "n_2": n[1], "share_1": share[0], "share_2": share[1], "difference": share[1] - share[0]})
    result = result.assign(**_tests(share * effective, effective, margin * shrink, 1 - level))
    equal, unequal = (result[f"p_{claim}_holm"] < 1 - level for claim in ("equivalence", "difference"))
    result["verdict"] = pd.array(np.select([equal & unequal, equal, unequal], ["both", "equivalent", "different"], "undecided"), dtype="str")
    result["note"] = notes(n.min(axis=0), note_where(((n > 0) & (w == 0)).any(axis=0), "no weight"))
    by_value = any(hasattr(given, "get") for given in (sensitivity, specificity))
    used = dict(zip(values, (margin * shrink).tolist(), strict=True)) if by_value else float(margin * shrink[0]) if len(shrink) else margin
    together = bool(len(result) and (result["p_equivalence"] < 1 - level).all())
    result.attrs = {"all_equivalent": together, "margin": margin, "margin_used": used, "groups": groups, "n_missing": missing}
    told = say("two_groups.read", first=groups[0], second=groups[1], margin=number(100 * margin, 1))
    return remember(result, table, told, say("two_groups.shrunk") if sensitivity is not None else "",
                    *(said_missing(left_out, column) for column, left_out in missing.items()), level=level, weights=weights)


def equivalence_power(n_1, n_2, share, margin, level=0.95, themes=1, difference=0):
    """The chance that `equivalence` finds two groups of this size equivalent, exact over all outcomes of two random draws.

    n_1, n_2 : answers in each group. share : true share in the first, 0-1. margin, level : as in `equivalence` (margin as shrunk for a coder).
    themes : how many are tested and picked singly: the level is that of Holm's first step, (1 − level) / themes (a lower bound of Holm's power).
    difference : true share of the second group less that of the first; at ± margin the "power" is the size of the test.

    Returns one row: `n_1`, `n_2`, `share`, `margin`, `power` (0-1), `note` (what was assumed). Σ P(x₁)·P(x₂) over the binomial outcomes
    whose interval of level 1 − 2α lies inside the margin.

    >>> equivalence_power(240, 600, 0.05, 0.05)["power"].round(2).tolist()
    [0.81]
    """
    _check(margin, level)
    for name, value, low, high in (("n_1", n_1, 1, None), ("n_2", n_2, 1, None), ("themes", themes, 1, None), ("share", share, 0, 1),
                                   ("difference", difference, -1, 1), ("share + difference", share + difference, 0, 1)):
        if isinstance(value, bool) or not low <= value <= (np.inf if high is None else high):
            ends = say("rates.at_least", low=low) if high is None else say("rates.from_to", low=low, high=high)
            raise CxError(say("rates.out_of_range", name=name, value=value, ends=ends))
        if high is None and value != int(value):
            raise CxError(say("rates.plan_whole", name=name, value=value))
    power = _chance(n_1, n_2, share, share + difference, margin, (1 - level) / themes)
    said = say("two_groups.plan", first=percent(share, 1), second=percent(share + difference, 1), alpha=number((1 - level) / themes, 4))
    return pd.DataFrame({"n_1": [n_1], "n_2": [n_2], "share": [share], "margin": [margin], "power": [power], "note": [said]})


def _check(margin, level):
    check_level(level)
    if level <= 0.5:
        raise CxError(say("two_groups.level", value=level))
    if isinstance(margin, bool) or not isinstance(margin, (int, float, np.number)) or not 0 < margin < 1:
        raise CxError(say("two_groups.margin", value=margin))


def _count(table, columns, by, weights):
    """Categories; the two levels; n, Σw, Σw² of those who answered and Σw of those who said it, each groups × categories; rows left out."""
    missing, counts, values, single = {}, [], [], not isinstance(columns, (list, tuple))
    if not as_list(columns):
        raise CxError(say("rates.no_columns"))
    for column in as_list(columns):
        cells, groups = grouped_cells(_hashable(table, column) if single else table, as_list(by), {"answer": column}, weights)
        levels = groups.iloc[:, 0].dropna().tolist() if len(as_list(by)) == 1 else []
        if len(levels) != 2:
            raise CxError(say("two_groups.two_levels", by=by, n=number(len(levels)), levels=", ".join(map(repr, levels[:20]))))
        known = cells["group"] < 2  # an empty cell comes last
        if not known.all():
            missing[as_list(by)[0]] = int(cells["n"][~known].sum())
        cells, answered = cells[known], [bool(_options(answer)) for answer in cells["answer"][known]]
        if not all(answered):
            missing[column] = int(cells["n"].sum() - cells["n"][answered].sum())
        cells = cells[answered]
        totals = group_totals(cells, 2)
        found, said = _themes(table, column, cells["answer"], single)
        values.append(pd.Series(found))
        counts += [(*totals, group_sum(cells, cells["w"] * yes, 2)) for yes in said]
    values = pd.concat(values, ignore_index=True) if len(values) > 1 else values[0]
    return values, tuple(levels), [np.array([count[i] for count in counts]).reshape(-1, 2).T for i in range(4)], missing


def _hashable(table, column):
    """Lists in the cells of a pandas column as tuples: only those can be counted."""
    if not isinstance(table, pd.DataFrame) or list(table.columns).count(column) != 1 or table[column].dtype != object:
        return table
    return table.assign(**{column: table[column].map(lambda cell: tuple(cell) if isinstance(cell, (list, set)) else cell)})


def _options(answer):
    """What a cell says: several choices, one, or none."""
    return {option for option in (answer if isinstance(answer, tuple) else (answer,)) if not is_missing(option) and str(option).strip()}


def _themes(table, column, answers, single):
    """The categories in a column, and for each which cells say it: a column of marks is one category with its name."""
    marks = answers.isin([0, 1])
    if marks.all() and (len(answers) or not single):
        return [column], [(answers == 1).to_numpy(dtype=float)]
    if not single:
        rows = name_rows(table, column, lambda cell: _options(cell) and cell not in (0, 1))
        raise CxError(say("two_groups.no_marks", column=column, rows=rows))
    said = [_options(answer) for answer in answers]
    categories = answers.cat.categories if isinstance(answers.dtype, pd.CategoricalDtype) else pd.Index([])
    if any(isinstance(answer, tuple) for answer in answers) or not len(categories):
        found = sorted(set().union(*said), key=lambda option: (str(type(option)), option))
    else:
        found = pd.Categorical(categories, dtype=answers.dtype)
    return found, [np.array([option in options for options in said], dtype=float) for option in found]


def _shrink(sensitivity, specificity, values):
    """sensitivity + specificity − 1 for each category; 1 without a coder."""
    if (sensitivity is None) != (specificity is None):
        raise CxError(say("two_groups.pair"))
    if sensitivity is None:
        return np.ones(len(values))
    pairs = [[given.get(value) if hasattr(given, "get") else given for given in (sensitivity, specificity)] for value in values]
    for value, pair in zip(values, pairs, strict=True):
        if not all(isinstance(x, (int, float, np.number)) and 0 <= x <= 1 for x in pair) or sum(pair) <= 1:
            raise CxError(say("two_groups.coder", value=value, sensitivity=pair[0], specificity=pair[1]))
    return np.array(pairs).reshape(-1, 2).sum(axis=1) - 1


def _tests(count, n, margin, alpha):
    """Limits and p-values, an array each with a place a category. count, n : first and second group."""
    from statsmodels.stats.proportion import confint_proportions_2indep, test_proportions_2indep, tost_proportions_2indep

    second_less_first = count[1], n[1], count[0], n[0]
    with np.errstate(all="ignore"):  # statsmodels also works out ratios, which a group without anyone does not have
        limits = [confint_proportions_2indep(*second_less_first, alpha=a, **METHOD) for a in (alpha, 2 * alpha)]
        p = {"equivalence": tost_proportions_2indep(*second_less_first, -margin, margin, **METHOD).pvalue,
             "difference": test_proportions_2indep(*second_less_first, **METHOD).pvalue}
    found = dict(zip(("ci_low", "ci_high", "eq_low", "eq_high"), np.clip([*limits[0], *limits[1]], -1, 1), strict=True))
    found |= {f"p_{claim}": values for claim, values in p.items()}
    return found | {f"p_{claim}_holm": _holm(values) for claim, values in p.items()}


def _holm(p):
    """Holm's adjusted p-values; a missing one stays so and does not count. (statsmodels' own collects garbage twice: a slider would stutter.)"""
    adjusted, order = np.full(len(p), np.nan), np.argsort(p)[: np.count_nonzero(~np.isnan(p))]  # missing ones come last
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1)
    return adjusted


def _chance(n_1, n_2, share_1, share_2, margin, alpha):
    """The chance that the interval of level 1 − 2α lies inside the margin (the same as p_equivalence < α)."""
    from scipy.stats import binom
    from statsmodels.stats.proportion import confint_proportions_2indep

    first, second = (np.arange(*np.clip(binom.ppf([TAIL, 1 - TAIL], n, p), 0, n) + [0, 1]) for n, p in ((n_1, share_1), (n_2, share_2)))
    power = 0.0
    for part in np.array_split(first, -(-len(first) * len(second) // BLOCK)):
        low, high = confint_proportions_2indep(second, n_2, part[:, None], n_1, alpha=2 * alpha, **METHOD)
        power += binom.pmf(part, n_1, share_1) @ ((low > -margin) & (high < margin)) @ binom.pmf(second, n_2, share_2)
    return float(power)
