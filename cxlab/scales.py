"""Several items as one scale: how reliable it is, what each item does in it, and its score.

Alpha and omega are computed from the covariances of the items alone, so the resamples of a bootstrap never look at a row twice: each is a count
of how often a row (or a whole cluster) was drawn, hence a covariance matrix, and one-factor models are fitted to many such matrices at a time.
"""

import numpy as np
import pandas as pd

from .framework import CxError, number, percent, say
from .intervals import by_t, check_choice, check_level, note_clusters, note_where, notes, remember
from .tally import as_list, check_columns, is_missing, name_rows

STEP, ROUNDS, HALVINGS = 1e-10, 100, 30  # a factor is found when no correlation-scale parameter would move further than STEP
SINGULAR = 1e6  # variance inflation: items that predict each other so well are alike, and the likelihood grows without end
AT_ONCE = 100  # resamples fitted at a time
LOST = 0.05  # with a larger part of the resamples without a solution there is no interval
RELIABILITY = ("alpha", "ci_low", "ci_high", "omega", "omega_low", "omega_high", "n", "n_items", "n_dropped")


def reliability(items, reverse=(), low=None, high=None, missing="listwise", level=0.95, n_boot=0, rng=None, cluster=None):
    """How reliable the sum (or mean) of some items is: Cronbach's alpha and McDonald's omega total, each with an interval.

    items : pandas frame of numbers, a column an item, a row a respondent. reverse : columns worded the other way round, scored low + high − x.
    low, high : ends of the answer scale; given, every answer is checked against them. missing : "listwise" uses rows without an empty cell,
    "pairwise" for each covariance the rows that have both answers. level : of the intervals. n_boot : resamples of rows for the interval of omega,
    for example 1,000 (0: none); rng : seed or Generator. cluster : Series (index of the items) or array with the customer, employee, shop, ... of
    each row: whole clusters are then resampled, for alpha too. With few clusters the percentiles are too narrow: nominal 0.95
    covered about 0.90 of 200 simulated worlds with 60 clusters, 0.87 with 12 (benchmarks/scales.py).

    Returns one row: `alpha`, `ci_low`, `ci_high`, `omega`, `omega_low`, `omega_high` (at most 1; missing where there is none), `n` (rows used),
    `n_items`, `n_dropped` (rows not used), `note`; remarks in `.attrs["note"]`. alpha = k/(k−1)·(1 − Σ variances / variance of sum); its interval,
    1 − (1 − alpha)·F with n−1 and (n−1)(k−1) degrees of freedom, is Feldt's (1965; Feldt, Woodruff & Salih 1987), pairwise with the mean number of
    pairs for n: approximate. omega = (Σλ)²/((Σλ)² + Σθ) with loadings λ and uniquenesses θ of one factor by maximum likelihood on the covariances
    (McDonald 1999): it needs three items, more rows than items, and no θ below 0. Percentile bootstrap.
    R: `psych::alpha(items)`, `psych::alpha.ci(alpha, n, k)`; `lavaan::cfa("f =~ a + b + c", items, std.lv = TRUE)` and the formula.

    >>> answers = pd.DataFrame({"kind": [1, 2, 4, 5, 3, 5], "quick": [2, 2, 5, 4, 3, 4], "rude": [5, 5, 2, 1, 4, 3]})
    >>> reliability(answers, reverse="rude", low=1, high=5)[["alpha", "ci_low", "ci_high", "omega", "n", "note"]].round(3)
       alpha  ci_low  ci_high  omega  n    note
    0  0.942   0.753    0.991  0.951  6  hidden
    """
    check_level(level)
    check_choice("missing", missing, ("listwise", "pairwise"))
    rng = _checked(n_boot, rng)
    scored = _scored(items, reverse, low, high)
    answered = scored.notna()
    used = (answered.all(axis=1) if missing == "listwise" else answered.any(axis=1)).to_numpy()
    x, clusters = _centred(scored[used]).to_numpy(), None if cluster is None else pd.factorize(_clusters(items, cluster)[used])[0]
    covariance, pairs = _covariance(x)
    k, beside = len(pairs), pairs[~np.eye(len(pairs), dtype=bool)]
    alpha, (loading, unique) = _alpha(covariance), _one_factor(covariance)
    trouble = _no_omega(covariance, beside.mean(), unique)
    alphas, omegas = _resampled(x, clusters, n_boot, rng)
    low_high = _feldt(alpha, beside.mean(), k, level) if clusters is None else _percentiles(alphas, level)
    omega = [np.nan] * 3 if trouble else [_omega(loading, unique), *np.minimum(_percentiles(omegas, level), 1)]  # a resample may have θ < 0
    numbers = [alpha, *low_high, *omega, len(x), k, len(scored) - len(x)]
    result = pd.DataFrame([dict(zip(RELIABILITY, numbers, strict=True))])
    how = ("approximate interval" if missing == "pairwise" else "") if clusters is None else note_clusters([len(set(clusters))])[0]
    result["note"] = notes([beside.mean()], [how], [trouble.replace("_", " ")])
    said = [_said_rows(len(scored) - len(x), beside if missing == "pairwise" else None), _said_items(scored, covariance),
            _said_omega(trouble, scored, unique / np.diag(covariance)), _said_resamples(n_boot, clusters, omegas, trouble)]
    result.attrs["note"] = " ".join(filter(None, said))
    return result


def item_table(items, reverse=(), low=None, high=None, level=0.95, cluster=None):
    """What each item of a scale does: its answers, how it goes with the others, and the scale without it.

    items, reverse, low, high, cluster : as in `reliability`; reversed items are shown as scored. level : of the intervals of the means.

    Returns one row an item: `item`, `n` (answers), `n_missing`, `mean`, `sd` (divisor n − 1), `ci_low`, `ci_high` (of the mean, within low and high:
    mean ± t(n − 1)·sd/√n; with cluster by whole clusters, as in `cx.share`), `item_rest` (correlation with the sum of the other items, −1 to 1),
    `alpha_without` (alpha of the others), `share_low`, `share_high` (answers at the ends of the scale, 0-1; missing without low and high), `note`
    ("small", "hidden" by n; "reversed"; "against the others" where item_rest is below 0; "no variance"). `item_rest` and `alpha_without` come from
    the rows without an empty cell (`.attrs["n"]`). R: `t.test(item)`; `psych::alpha(items)` on these rows: r.drop, raw_alpha of alpha.drop.

    >>> answers = pd.DataFrame({"kind": [1, 2, 4, 5, 3, 5], "quick": [2, 2, 5, 4, 3, 4], "rude": [5, 5, 2, 1, 4, 3]})
    >>> item_table(answers, reverse="rude", low=1, high=5)[["item", "mean", "item_rest", "alpha_without", "share_high", "note"]].round(3)
        item   mean  item_rest  alpha_without  share_high              note
    0   kind  3.333      0.889          0.912       0.333            hidden
    1  quick  3.333      0.888          0.933       0.167            hidden
    2   rude  2.667      0.911          0.893       0.167  hidden; reversed
    """
    check_level(level)
    scored = _scored(items, reverse, low, high)
    limits, how = _mean_limits(scored, low, high, level, None if cluster is None else _clusters(items, cluster))
    whole = scored.dropna()
    covariance, _ = _covariance(_centred(whole).to_numpy())
    k, variance = len(covariance), np.diag(covariance)
    rest = covariance.sum() - 2 * covariance.sum(axis=1) + variance
    with np.errstate(invalid="ignore", divide="ignore"):
        with_rest = (covariance.sum(axis=1) - variance) / np.sqrt(variance * rest)
        without = (k - 1) / (k - 2) * (1 - (variance.sum() - variance) / rest) if k > 2 else np.full(k, np.nan)
    n = scored.count().to_numpy()
    result = pd.DataFrame({"item": scored.columns, "n": n, "n_missing": len(scored) - n, "mean": scored.mean().to_numpy(),
                           "sd": _centred(scored).std().to_numpy(), "ci_low": limits[0], "ci_high": limits[1],
                           "item_rest": with_rest, "alpha_without": without})
    for name, end in (("share_low", low), ("share_high", high)):
        at_end = np.nan if end is None else (scored == end).sum().to_numpy()
        result[name] = np.where(n > 0, at_end / np.maximum(n, 1), np.nan)
    remarks = {"reversed": scored.columns.isin(as_list(reverse)), "against the others": with_rest < 0, "no variance": variance == 0}
    result["note"] = notes(n, how, *(note_where(mask, remark) for remark, mask in remarks.items()))
    said = [_said_rows(len(scored) - len(whole)), _said_items(scored, covariance)]
    result.attrs |= {"n": len(whole), "low": low, "high": high}
    return remember(result, items, *said, level=level, cluster=cluster)


def scale_score(items, low, high, reverse=(), min_answered=None):
    """The score of each respondent on a scale: the mean of the items answered, from low to high.

    items, low, high, reverse : as in `reliability`. min_answered : items that must be answered, 1 to all; default all of them. With fewer
    the mean of those answered stands for the rest, as if the items were equally hard: say so, and compare with the default.

    Returns a Series `score` with the index of the items, missing where too few are answered. `.attrs`: `n` (scores), `n_missing` (rows without
    one), `n_partial` (scores from some of the items), `min_answered`, `n_items`, `note`.
    R: `rowMeans(items)`; with fewer items `rowMeans(items, na.rm = TRUE)` where `rowSums(!is.na(items)) >= min_answered`.

    >>> answers = pd.DataFrame({"kind": [1, 4, None], "rude": [5, 1, 2]})
    >>> scale_score(answers, 1, 5, reverse="rude").tolist()
    [1.0, 4.5, nan]
    """
    scored = _scored(items, reverse, low, high)
    if low is None or high is None:
        raise CxError(say("scales.ends", low=low, high=high))
    k = scored.shape[1]
    least = k if min_answered is None else min_answered
    _check_whole("min_answered", least, 1, k)
    answered = scored.notna().sum(axis=1)
    score = scored.mean(axis=1).where(answered >= least).rename("score")
    n, partial = int(score.notna().sum()), int(((answered >= least) & (answered < k)).sum())
    score.attrs = {"n": n, "n_missing": len(score) - n, "n_partial": partial, "min_answered": int(least), "n_items": k}
    score.attrs["note"] = say("scales.scores", n=number(n), missing=number(len(score) - n), partial=number(partial), least=least, items=k)
    return score


# --- what is given --------------------------------------------------------------------------------------------------------------


def _checked(n_boot, rng):
    _check_whole("n_boot", n_boot, 0, None)
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise CxError(say("rates.no_seed", value=rng)) from None


def _check_whole(name, value, low, high):
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or value != value or not low <= value <= (high or np.inf):
        ends = say("rates.at_least", low=low) if high is None else say("rates.from_to", low=low, high=high)
        raise CxError(say("rates.out_of_range", name=name, value=value, ends=ends))
    if value == np.inf or value != int(value):
        raise CxError(say("rates.plan_whole", name=name, value=value))


def _scored(items, reverse, low, high):
    """The items as a frame of floats, reversed ones turned; CxError for whatever is no answer."""
    if not isinstance(items, pd.DataFrame):
        raise CxError(say("scales.pandas", kind=type(items).__name__))
    names, reverse = list(items.columns), as_list(reverse)
    check_columns(items, names)
    check_columns(items, reverse)
    if len(names) < 2:
        raise CxError(say("scales.one_item", n=len(names)))
    if (low is None) != (high is None) or (reverse and low is None) or (low is not None and not _is_scale(low, high)):
        raise CxError(say("scales.ends", low=low, high=high))
    scored = pd.DataFrame({name: _numbers(items, name) for name in names}, index=items.index)
    for name in names if low is not None else ():
        if (scored[name].lt(low) | scored[name].gt(high)).any():
            rows = name_rows(items, name, lambda cell: not is_missing(cell) and not low <= cell <= high)
            raise CxError(say("scales.off_scale", column=name, rows=rows, low=low, high=high))
    for name in dict.fromkeys(reverse):
        scored[name] = low + high - scored[name]
    return scored


def _is_scale(low, high):
    return not any(_no_number(end) for end in (low, high)) and low < high


def _no_number(cell):
    return isinstance(cell, (bool, np.bool_)) or not isinstance(cell, (int, float, np.number)) or not np.isfinite(cell)


def _numbers(items, name):
    """One item as an array of floats."""
    column = items[name]
    plain = column.dtype.kind in "iuf"  # other cells may still be numbers, in a column that has text elsewhere or in categories
    if (not plain and any(_no_number(cell) for cell in column if not is_missing(cell))) or (plain and column.isin([np.inf, -np.inf]).any()):
        raise CxError(say("scales.no_number", column=name, rows=name_rows(items, name, lambda cell: not is_missing(cell) and _no_number(cell))))
    return (column if plain else column.astype(object)).to_numpy(dtype=float, na_value=np.nan)


def _clusters(items, cluster):
    """The cluster of each row, as an array without empty cells."""
    one_each = isinstance(cluster, (pd.Series, pd.Index, np.ndarray, list, tuple)) and getattr(cluster, "ndim", 1) == 1 and len(cluster) == len(items)
    if not one_each or (isinstance(cluster, pd.Series) and not cluster.index.equals(items.index)):
        raise CxError(say("scales.cluster", n=number(len(items))))
    table = pd.DataFrame({"cluster": pd.Series(cluster).array}, index=items.index)
    if table["cluster"].isna().any():
        raise CxError(say("scales.no_cluster", rows=name_rows(table, "cluster", is_missing)))
    return table["cluster"].to_numpy()


# --- alpha and omega from covariances; the leading dimensions are resamples -------------------------------------------------------------


def _centred(scored):
    """Around the medians: exact zeros where an item never differs, and no digits lost."""
    return scored - scored.median()


def _mean_limits(scored, low, high, level, clusters):
    """Limits of the mean of each item, and what its note says of the clusters. A row without a cluster is one."""
    x = _centred(scored)
    off = (x - x.mean()).groupby(np.arange(len(x)) if clusters is None else clusters)
    groups = (off.count() > 0).sum().to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.sqrt(groups / (groups - 1) * (off.sum() ** 2).sum().to_numpy()) / scored.count().to_numpy()
    ends = (-np.inf, np.inf) if low is None else (low, high)
    return by_t(scored.mean().to_numpy(), se, groups, level, *ends), [""] * len(groups) if clusters is None else note_clusters(groups)


def _covariance(x, times=None):
    """Covariances of the columns, each from the rows that have both, and the number of these rows. times : how often a row counts."""
    times = np.ones(len(x)) if times is None else times
    there = ~np.isnan(x)
    filled = np.where(there, x, 0)
    pairs = (there * times[:, None]).T @ there
    sums, products = (filled * times[:, None]).T @ there, (filled * times[:, None]).T @ filled
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(pairs > 1, (products - sums * sums.T / pairs) / (pairs - 1), np.nan), pairs


def _alpha(covariance):
    k, total = covariance.shape[-1], covariance.sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, k / (k - 1) * (1 - np.trace(covariance, axis1=-2, axis2=-1) / total), np.nan)[()]


def _feldt(alpha, n, k, level):
    from scipy.stats import f

    if not n > 1:
        return np.nan, np.nan
    return [1 - (1 - alpha) * f.ppf(p, n - 1, (n - 1) * (k - 1)) for p in ((1 + level) / 2, (1 - level) / 2)]


def _omega(loading, unique):
    common = loading.sum(axis=-1) ** 2
    return common / (common + unique.sum(axis=-1))


def _one_factor(covariance):
    """Loadings and uniquenesses of one factor by maximum likelihood, uniquenesses below 0 allowed; missing where there is no solution.

    Minimises log|Σ| + tr(SΣ⁻¹) by Newton steps, halved where too long, on correlations, since maximum likelihood does not depend on the scale.
    """
    k = covariance.shape[-1]
    matrices = covariance.reshape(-1, k, k)
    variance = np.diagonal(matrices, axis1=1, axis2=2)
    found = np.full((len(matrices), 2 * k), np.nan)
    good = np.flatnonzero((variance > 0).all(axis=1) & np.isfinite(matrices).all(axis=(1, 2))) if k > 2 else np.array([], int)
    sd = np.sqrt(variance[good])
    s = matrices[good] / (sd[:, :, None] * sd[:, None, :])
    at = _first_guess(s)
    misfit, inverse = _misfit(s, at)
    for _ in range(ROUNDS):
        step = _step(s, at, inverse)
        done = np.abs(step).max(axis=1, initial=0) < STEP
        found[good[done]] = at[done]
        good, s, at, step, misfit, inverse = (part[~done] for part in (good, s, at, step, misfit, inverse))
        for _ in range(HALVINGS):
            new, new_inverse = _misfit(s, at + step)
            worse = ~(new <= misfit + 1e-12)
            if not worse.any():
                break
            step[worse] /= 2
        at, misfit, inverse = at + step, new, new_inverse
        good, s, at, misfit, inverse = (part[~worse] for part in (good, s, at, misfit, inverse))
        if not len(good):
            break
    scale = np.sqrt(variance)
    return (found[:, :k] * scale).reshape(covariance.shape[:-1]), (found[:, k:] * scale**2).reshape(covariance.shape[:-1])


def _implied(at):
    """Σ = λλ' + Θ from loadings and uniquenesses side by side."""
    loading, unique = np.split(at, 2, axis=-1)
    return loading[:, :, None] * loading[:, None, :] + unique[:, :, None] * np.eye(loading.shape[-1])


def _first_guess(s):
    """Uniquenesses from the inverse (Jöreskog 1967), or a half where there is none, and loadings from the first axis of what remains."""
    k = s.shape[-1]
    regular = np.linalg.eigvalsh(s)[:, 0] > 1e-8 if len(s) else np.ones(0, bool)
    unique = np.full(s.shape[:2], 0.5)
    unique[regular] = (1 - 0.5 / k) / np.diagonal(np.linalg.inv(s[regular]), axis1=1, axis2=2)
    size, axes = np.linalg.eigh(s - unique[:, :, None] * np.eye(k))
    return np.concatenate([axes[:, :, -1] * np.sqrt(np.maximum(size[:, -1:], 0.01)), unique], axis=1)


def _misfit(s, at):
    """log|Σ| + tr(SΣ⁻¹), infinite where Σ is no covariance matrix, and Σ⁻¹."""
    k = s.shape[-1]
    implied = _implied(at)
    sign, log_size = np.linalg.slogdet(implied)
    proper = (sign > 0) & ((at[:, k:] < 0).sum(axis=1) < 2)  # Σ is positive definite: λλ' lifts one negative uniqueness at most
    inverse = np.linalg.inv(np.where(proper[:, None, None], implied, np.eye(k)))
    proper &= np.abs(inverse).max(axis=(1, 2), initial=0) < SINGULAR
    return np.where(proper, log_size + (inverse * s).sum(axis=(1, 2)), np.inf), inverse


def _step(s, at, inverse):
    """−(second derivatives)⁻¹ · gradient (Newton) or, where these are not those of a minimum, with their expected values (Fisher scoring)."""
    k = s.shape[-1]
    loading = at[:, :k]
    slope = inverse @ (_implied(at) - s) @ inverse
    gradient = np.concatenate([2 * (slope @ loading[:, :, None])[:, :, 0], np.diagonal(slope, axis1=1, axis2=2)], axis=1)
    expected = _curvature(loading, inverse, inverse)
    observed = _curvature(loading, inverse, inverse - 2 * slope)
    observed[:, :k, :k] += 2 * slope
    size = np.sqrt(np.diagonal(expected, axis1=1, axis2=2))
    both = np.stack([expected, observed]) / (size[:, :, None] * size[:, None, :])
    minimum = np.linalg.eigvalsh(both[1])[:, 0] > 1e-6
    curve = np.where(minimum[:, None, None], both[1], both[0]) + 1e-12 * np.eye(2 * k)  # invertible where loadings are 0; the end stays the same
    return -np.linalg.solve(curve, (gradient / size)[:, :, None])[:, :, 0] / size


def _curvature(loading, inverse, weight):
    """tr(∂Σ Σ⁻¹ ∂Σ weight) for each pair of parameters: expected second derivatives with weight Σ⁻¹, observed with 2Σ⁻¹SΣ⁻¹ − Σ⁻¹ (less 2·slope)."""
    pulled, weighed = ((matrix @ loading[:, :, None])[:, :, 0] for matrix in (inverse, weight))
    crossed = pulled[:, :, None] * weighed[:, None, :]
    among = (loading * pulled).sum(axis=1)[:, None, None] * weight + (loading * weighed).sum(axis=1)[:, None, None] * inverse
    beside = weight * pulled[:, None, :] + inverse * weighed[:, None, :]
    return np.block([[among + crossed + np.swapaxes(crossed, 1, 2), beside], [np.swapaxes(beside, 1, 2), inverse * weight]])


def _resampled(x, clusters, n_boot, rng):
    """Alpha and omega of each resample of rows or, if given, of clusters."""
    from tqdm.auto import tqdm

    unit = np.arange(len(x)) if clusters is None else clusters
    size = unit.max(initial=-1) + 1
    if size < 2:
        n_boot = 0
    alphas, omegas = [np.empty(0)], [np.empty(0)]
    for start in tqdm(range(0, n_boot, AT_ONCE), delay=2, leave=False):
        draws = [np.bincount(rng.integers(size, size=size), minlength=size)[unit] for _ in range(min(AT_ONCE, n_boot - start))]
        covariances = np.array([_covariance(x, times.astype(float))[0] for times in draws])
        alphas.append(_alpha(covariances))
        omegas.append(_omega(*_one_factor(covariances)))
    return np.concatenate(alphas), np.concatenate(omegas)


def _percentiles(values, level):
    if not len(values) or np.isnan(values).mean() > LOST:
        return [np.nan, np.nan]
    return np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2]).tolist()


# --- what a reader has to know ------------------------------------------------------------------------------------------------------


def _no_omega(covariance, n, unique):
    """Why there is no omega, or an empty text."""
    if len(covariance) < 3:
        return "two_items"
    if not n > len(covariance) or np.isnan(unique).any():
        return "no_factor"
    return "negative_uniqueness" if (unique < 0).any() else ""


def _said_rows(dropped, pairs=None):
    """The sentence on rows left out. pairs : numbers of rows that have both of two items, if those are used."""
    if pairs is None:
        return say("scales.listwise", n=number(dropped)) if dropped else ""
    said = say("scales.pairwise", least=number(pairs.min()), most=number(pairs.max()), mean=number(pairs.mean(), 1))
    return said + (" " + say("scales.empty", n=number(dropped)) if dropped else "")


def _said_items(scored, covariance):
    """Items that never differ, and items that go against the sum of the others."""
    found = {"flat": np.diag(covariance) == 0, "against": covariance.sum(axis=1) < np.diag(covariance)}
    return " ".join(say(f"scales.{key}", items=", ".join(map(repr, scored.columns[mask]))) for key, mask in found.items() if mask.any())


def _said_omega(trouble, scored, shares):
    below = ", ".join(f"{name!r} ({number(share, 3)})" for name, share in zip(scored, shares, strict=True) if share < 0)
    return say(f"scales.{trouble}", items=below) if trouble else ""


def _said_resamples(n_boot, clusters, omegas, trouble):
    if clusters is not None and not n_boot:
        return say("scales.clustered")
    lost = np.isnan(omegas).mean() if len(omegas) and not trouble else 0
    return say("scales.lost", share=percent(lost, 1), limit=percent(LOST)) if lost else ""
