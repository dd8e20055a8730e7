"""How far coders agree: two of them on answers that may carry several codes, or several with gaps on one value a unit.

Agreement by chance is taken out (kappa, alpha), because two coders who seldom use a code agree on most answers without looking. Both
intervals come from counts: answers coded alike are drawn together.
"""

import statistics

import numpy as np
import pandas as pd

from .framework import CxError, number, say
from .grids import cell_text
from .intervals import DRAWS_AT_ONCE, check_choice, check_level, divide
from .tally import is_missing

RESAMPLES = 1000  # the end of an interval then moves by about a thirtieth of its width between seeds
FEW = 5  # answers: with fewer the kappa of a code is chance
METRICS = ("nominal", "ordinal", "interval", "ratio")
_LARGEST = 20_000_000  # cells of the table kinds of units × different values


def agreement(first, second, by="code", level=0.95, rng=None):
    """How far two coders agree on the same answers, code by code, over all codes, or answer by answer.

    first, second : Series of tuples of codes (also lists, sets or texts such as "price;quality"), or frames with such a column `codes`, as
    `code_answers` gives. An empty tuple means "no code fits"; None, NaN and empty texts are missing. Answers are matched by index; those
    that a coder left missing or does not have are left out and counted in `.attrs["note"]`. rng : seed or Generator of the bootstrap (None: 0).

    by="code": a row a code, alphabetically: `code, n, n_first, n_second, n_both, agreement, kappa, ci_low, ci_high, positive_agreement, note`,
    the counts being answers. Cohen's kappa = (Po − Pe)/(1 − Pe), −1 to 1; interval kappa ± z·se, whose ends may pass 1 (Fleiss, Cohen &
    Everitt 1969; `statsmodels.stats.inter_rater.cohens_kappa`, R `psych::cohen.kappa`). positive_agreement = 2·n_both/(n_first + n_second).
    note : "not used"; "too few" (fewer than 5 answers got the code from either coder: kappa is missing); "no variation" (both gave it always:
    kappa is missing); "no width" (they never differ, or one coder never or always gave it: the formula fails to see the uncertainty there is).
    `.attrs["overall"]` holds the row of by="overall" as a dict.

    by="overall": `n, n_codes, agreement, kappa, ci_low, ci_high, micro_f1, f1_low, f1_high, note`. kappa is pooled, (mean Po − mean Pe)/(1 − mean Pe)
    over the codes used (De Vries et al. 2008); micro_f1 = 2·Σn_both/Σ(n_first + n_second), the same whichever coder is taken as right.
    Intervals: percentiles of 1,000 bootstrap samples of answers.

    by="answer": the answers on which the two differ, under their index: `first, second, only_first, only_second` (tuples).

    >>> person = pd.Series([("price",), ("price", "quality"), (), ("quality",)] * 3)
    >>> machine = pd.Series([("price",), ("quality",), (), ("quality",)] * 3)
    >>> agreement(person, machine)[["code", "n", "n_first", "n_second", "n_both", "kappa", "ci_low"]].round(3)
          code   n  n_first  n_second  n_both  kappa  ci_low
    0    price  12        6         3       3    0.5   0.076
    1  quality  12        6         6       6    1.0   1.000
    """
    check_choice("by", by, ("code", "overall", "answer"))
    check_level(level)
    rng = generator(rng)
    first, second = codes_of(first), codes_of(second)
    common = first.index.intersection(second.index, sort=False)
    if not len(common) and len(first) and len(second):
        raise CxError(say("coders.nothing_common", first=first.index.tolist()[0], second=second.index.tolist()[0]))
    names = sorted({code for coder in (first, second) for codes in set(coder.dropna()) for code in codes})
    alone = len(first) + len(second) - 2 * len(common)
    first, second = first.loc[common], second.loc[common]
    both = (first.notna() & second.notna()).to_numpy()
    first, second = first[both], second[both]
    if by == "answer":
        result = _differences(first, second)
    else:
        given, counts = _patterns(first, second, names)
        overall = _overall(given, counts, level, rng)
        result = pd.DataFrame([overall]) if by == "overall" else _by_code(names, given, counts, level)
        if by == "code":
            result.attrs["overall"] = overall
    result.attrs["level"] = level
    result.attrs["note"] = say("coders.compared", n=number(len(first)), missing=number((~both).sum()), alone=number(alone))
    return result


def generator(rng):
    """A numpy Generator from a seed or Generator; None is seed 0, so that a lesson shows the same numbers twice."""
    try:
        return np.random.default_rng(0 if rng is None else rng)
    except (TypeError, ValueError):
        raise CxError(say("rates.no_seed", value=rng)) from None


def codes_of(coder):
    """A coder's answers as a Series of tuples, None where missing."""
    if isinstance(coder, pd.DataFrame):
        if "codes" not in coder:
            raise CxError(say("coders.no_codes", columns=", ".join(map(str, coder.columns))))
        coder = coder["codes"]
    if not isinstance(coder, (pd.Series, list, tuple)):
        raise CxError(say("coders.no_coder", kind=type(coder).__name__))
    coder = pd.Series(coder, dtype=object)
    if not coder.index.is_unique:
        raise CxError(say("coders.repeated", label=coder.index[coder.index.duplicated()].tolist()[0]))
    return pd.Series([as_codes(cell) for cell in coder], index=coder.index, dtype=object)


def as_codes(cell):
    """The codes of one cell as a tuple without repeats, None where it is missing."""
    if isinstance(cell, str):
        cell = cell.split(";") if cell.strip() else None
    elif isinstance(cell, (set, frozenset)):
        cell = sorted(cell, key=str)
    if is_missing(cell):
        return None
    codes = cell if isinstance(cell, (tuple, list, np.ndarray)) else (cell,)
    return tuple(dict.fromkeys(text for code in codes if not is_missing(code) and (text := cell_text(code).strip())))


def _differences(first, second):
    differ = np.array([set(a) != set(b) for a, b in zip(first, second, strict=True)], dtype=bool)
    table = pd.DataFrame({"first": first[differ], "second": second[differ]}, dtype=object)
    for name, own, other in (("only_first", "first", "second"), ("only_second", "second", "first")):
        only = [tuple(code for code in a if code not in b) for a, b in zip(table[own], table[other], strict=True)]
        table[name] = pd.Series(only, index=table.index, dtype=object)
    return table


def _patterns(first, second, names):
    """Who gave what, (2 × patterns × codes), and how many answers have each pattern."""
    place = {name: i for i, name in enumerate(names)}
    numbers, given = [], []
    for coder in (first, second):
        number_of, distinct = pd.factorize(coder)
        table = np.zeros((len(distinct), len(names)))
        for i, codes in enumerate(distinct):
            table[i, [place[code] for code in codes]] = 1
        numbers.append(number_of)
        given.append(table)
    kinds = max(1, len(given[1]))
    pairs, counts = np.unique(numbers[0] * kinds + numbers[1], return_counts=True)
    return np.stack([given[0][pairs // kinds], given[1][pairs % kinds]]), counts


def _by_code(names, given, counts, level):
    """The table of by="code"."""
    n = int(counts.sum())
    n_first, n_second, n_both = counts @ given[0], counts @ given[1], counts @ (given[0] * given[1])
    kappa, se = _kappa(n, n_first, n_second, n_both)
    z = statistics.NormalDist().inv_cdf((1 + level) / 2)
    either = n_first + n_second - n_both
    notes = np.select([either == 0, either < FEW, n_both == n, se == 0], ["not used", "too few", "no variation", "no width"], "")
    kappa = np.where(either < FEW, np.nan, kappa)
    counted = {"n_first": n_first, "n_second": n_second, "n_both": n_both}
    table = {"code": pd.array(names, dtype="str"), "n": n, **{name: count.astype(int) for name, count in counted.items()},
             "agreement": divide(n - n_first - n_second + 2 * n_both, n), "kappa": kappa, "ci_low": kappa - z * se, "ci_high": kappa + z * se,
             "positive_agreement": divide(2 * n_both, n_first + n_second), "note": pd.array(notes, dtype="str")}
    return pd.DataFrame(table, index=range(len(names)))


def _kappa(n, n_first, n_second, n_both):
    """Cohen's kappa of each 2×2 table and its standard error, 0 where an interval would have no width."""
    a, b, both = n_first / max(n, 1), n_second / max(n, 1), n_both / max(n, 1)
    expected = a * b + (1 - a) * (1 - b)
    kappa = divide(2 * (n * n_both - n_first * n_second), n_first * (n - n_second) + n_second * (n - n_first))  # (Po − Pe)/(1 − Pe) in whole numbers
    off = 1 - kappa
    agreed = both * (1 - (a + b) * off) ** 2 + (1 - a - b + both) * (1 - (2 - a - b) * off) ** 2
    split = off**2 * ((a - both) * (b + 1 - a) ** 2 + (b - both) * (a + 1 - b) ** 2)
    variance = agreed + split - (kappa - expected * off) ** 2
    constant = (n_first % max(n, 1) == 0) | (n_second % max(n, 1) == 0)
    se = np.sqrt(np.where(constant | (kappa == 1), 0, np.maximum(variance, 0))) / np.sqrt(max(n, 1))
    return kappa, np.where(se > 0, divide(se, 1 - expected), 0)


def _overall(given, counts, level, rng):
    """The row of by="overall" as a dict."""
    n, codes = int(counts.sum()), given.shape[2]
    sums = np.column_stack([*given, (given[0] * given[1]).sum(1)])  # a pattern's share in n_first and n_second of each code, and in Σn_both

    def pooled(counted):
        """Pooled kappa and micro F1 of counted patterns, a row a sample."""
        total = counted @ sums
        a, b, both = total[:, :codes], total[:, codes:-1], total[:, -1]
        kappa = divide(2 * (n * both - (a * b).sum(1)), (a * (n - b) + b * (n - a)).sum(1))
        return np.column_stack([kappa, divide(2 * both, (a + b).sum(1))])

    used = int(((counts @ given[0] + counts @ given[1]) > 0).sum())
    kappa, f1 = pooled(counts[None].astype(float))[0]
    ends = _percentiles(counts, pooled, level, rng)
    differ = float((counts @ np.abs(given[0] - given[1])).sum())
    note = "not used" if not used else "no variation" if np.isnan(kappa) else "no width" if ends[0, 0] == ends[1, 0] else ""
    agreed = 1 - differ / (n * used) if used else np.nan
    return {"n": n, "n_codes": used, "agreement": agreed, "kappa": float(kappa), "ci_low": float(ends[0, 0]), "ci_high": float(ends[1, 0]),
            "micro_f1": float(f1), "f1_low": float(ends[0, 1]), "f1_high": float(ends[1, 1]), "note": note}


def _percentiles(counts, statistic, level, rng):
    """Percentile limits (2 × statistics) when what was counted is drawn anew. statistic : samples × kinds → samples × statistics."""
    from tqdm.auto import tqdm

    n, kinds, found = int(counts.sum()), len(counts), []
    step = max(1, DRAWS_AT_ONCE // max(kinds, 1))
    for start in tqdm(range(0, RESAMPLES, step), delay=2, leave=False):
        size = min(step, RESAMPLES - start)
        if kinds < 2:
            draws = np.full((size, kinds), n)
        elif n > 20 * kinds:
            draws = rng.multinomial(n, counts / n, size=size)
        else:  # nearly every one a kind of its own: drawing them one by one is faster
            row = np.repeat(np.arange(kinds), counts)
            draws = np.array([np.bincount(row[rng.integers(0, n, n)], minlength=kinds) for _ in range(size)])
        found.append(statistic(draws.astype(float)))
    found = np.concatenate(found)
    limits = np.full((2, found.shape[1]), np.nan)
    known = ~np.isnan(found).all(0)  # a sample without variation has no kappa
    limits[:, known] = np.nanquantile(found[:, known], [(1 - level) / 2, (1 + level) / 2], axis=0)
    return limits


# ---- several coders, one value a unit, gaps ------------------------------------------------------------------------------------------


def krippendorff(ratings, metric="nominal", level=0.95, rng=None):
    """Krippendorff's alpha: how far several coders, who need not all have rated everything, agree beyond chance.

    ratings : coders × units (a row a coder), frame or 2-D array; None, NaN and empty texts are gaps. metric : what a difference is,
    "nominal" (numbers or texts), "ordinal" (numbers or ordered categories), "interval" or "ratio" (numbers, for ratio 0 or more). rng : seed or
    Generator; None is seed 0. Units with fewer than two values cannot be compared: they are left out and counted.

    Returns one row `n_coders, n_units, n_pairable, alpha, ci_low, ci_high, note`: coders and units as given, the values in units with two
    or more, and alpha = 1 − observed/expected disagreement: 1 = perfect, 0 = as by chance, below 0 = worse. Interval: percentiles of 1,000
    samples of whole units, drawn with replacement; Krippendorff's own bootstrap draws pairs of values and holds the expected disagreement
    fixed. note : "units left out: 1"; "no variation" (one value only: alpha is missing); "no width" (all samples have the same alpha).
    Source: Krippendorff 2011, "Computing Krippendorff's alpha-reliability". R: `irr::kripp.alpha(ratings, "ordinal")`, without an interval.

    >>> krippendorff([[1, 2, 3, 3, None], [1, 2, 3, 4, 4]], "interval")[["n_coders", "n_units", "n_pairable", "alpha", "note"]].round(3)
       n_coders  n_units  n_pairable  alpha               note
    0         2        5           8  0.889  units left out: 1
    """
    check_choice("metric", metric, METRICS)
    check_level(level)
    rng = generator(rng)
    table = _rating_table(ratings)
    values, numbers = _rated(table, metric)
    counts, kinds = _unit_counts(numbers, len(values))

    def alpha(drawn):
        return _alpha(drawn, kinds, values, metric)[:, None]

    estimate = alpha(counts[None].astype(float))[0, 0]
    ends = _percentiles(counts, alpha, level, rng)[:, 0] if not np.isnan(estimate) else (np.nan, np.nan)
    single = table.shape[1] - int(counts.sum())
    told = [f"units left out: {single}" if single else "", "no variation" if np.isnan(estimate) else "no width" if ends[0] == ends[1] else ""]
    result = pd.DataFrame({"n_coders": table.shape[0], "n_units": table.shape[1], "n_pairable": int(counts @ kinds.sum(1)), "alpha": estimate,
                           "ci_low": ends[0], "ci_high": ends[1], "note": pd.array(["; ".join(filter(None, told))], dtype="str")}, index=[0])
    result.attrs["note"] = say("coders.units", used=number(counts.sum()), single=number(single))
    return result


def _rating_table(ratings):
    """The ratings as a frame of at least two coders; ordered categories become their places, from 1."""
    try:
        table = pd.DataFrame(ratings)
    except (TypeError, ValueError):
        table = pd.DataFrame()
    if len(table) < 2 or not table.shape[1]:
        raise CxError(say("coders.shape", rows=table.shape[0], columns=table.shape[1]))
    return table.reset_index(drop=True)


def _rated(table, metric):
    """The different values in order, and the place of each cell's value among them, −1 for a gap."""
    kinds = set(table.dtypes)
    kind = kinds.pop()
    if metric == "ordinal" and not kinds and isinstance(kind, pd.CategoricalDtype) and kind.ordered:
        place = np.column_stack([table[name].cat.codes for name in table]).astype(np.int64)
        return np.arange(len(kind.categories), dtype=float), place
    cells = table.to_numpy(dtype=object)
    gap = np.array([[is_missing(cell) or isinstance(cell, str) and not cell.strip() for cell in row] for row in cells], dtype=bool)
    if metric != "nominal":
        for coder, unit in np.argwhere(~gap):
            value = cells[coder, unit]
            if isinstance(value, str) or not pd.api.types.is_number(value) or not np.isfinite(value) or metric == "ratio" and value < 0:
                raise CxError(say(f"coders.{metric}", value=value, coder=coder + 1, unit=table.columns.tolist()[unit]))
        cells = np.where(gap, np.nan, cells).astype(float)
    place = np.full(cells.shape, -1)
    place[~gap], values = pd.factorize(cells[~gap], sort=metric != "nominal")
    return values, place


def _unit_counts(place, size):
    """Units alike, of those with two or more values: how many there are, and how often each has each value (kinds × values)."""
    units = place.shape[1]
    if units * size > _LARGEST:
        raise CxError(say("coders.many_values", values=number(size), units=number(units)))
    there = place >= 0
    cell = (np.broadcast_to(np.arange(units), place.shape) * size + place)[there]
    table = np.bincount(cell, minlength=units * size).reshape(units, size)
    table = table[table.sum(1) >= 2]
    if not len(table):
        raise CxError(say("coders.no_pairs"))
    kinds, counts = np.unique(table, axis=0, return_counts=True)
    return counts, kinds.astype(float)


def _alpha(drawn, kinds, values, metric):
    """Alpha of each sample. drawn : samples × kinds, how often each kind of unit was drawn.

    An ordinal difference is the distance of two values' mid-ranks, which follow from the sample itself: it is taken by moments, as
    Σ_ij (x_i − x_j)² = 2·(m·Σx² − (Σx)²). The other differences stand in one table values × values.
    """
    total, size = drawn @ kinds, kinds.sum(1)
    n = total.sum(1)
    if metric == "ordinal":
        ranks = total.cumsum(1) - total / 2 - n[:, None] / 2
        within = 2 * (size * (ranks**2 @ kinds.T) - (ranks @ kinds.T) ** 2)
        observed = (drawn * within / (size - 1)).sum(1)
        expected = 2 * (n * (total * ranks**2).sum(1) - (total * ranks).sum(1) ** 2)
    else:
        x = np.arange(len(values)) if metric == "nominal" else values
        off = x[:, None] - x
        apart = off != 0 if metric == "nominal" else off**2 if metric == "interval" else divide(off, x[:, None] + x) ** 2
        apart = np.nan_to_num(apart.astype(float))  # 0 against 0, by ratio
        observed = drawn @ (((kinds @ apart) * kinds).sum(1) / (size - 1))
        expected = ((total @ apart) * total).sum(1)
    return np.where((total > 0).sum(1) > 1, 1 - divide(observed * (n - 1), expected), np.nan)
