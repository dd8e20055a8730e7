"""From counted cells to limits: what shares, NPS and its change have in common.

It stands between `tally` (counts) and `rates` (what a person calls). Everything works on all groups at once: arrays have one place a group.
"""

import numpy as np
import pandas as pd

from .framework import CxError, number, say, vocabulary
from .tally import as_list, count_cells, is_missing, name_rows, repeats

RESAMPLES = 10_000  # bootstrap; the end of an interval then moves by about a hundredth of its width between seeds
DRAWS_AT_ONCE = 4_000_000


def check_level(level, name="level"):
    """CxError unless the level (or power) lies between 0 and 1."""
    if isinstance(level, bool) or not isinstance(level, (int, float, np.number)) or not 0 < level < 1:
        raise CxError(say("rates.not_between", name=name, value=level))


def check_choice(name, value, allowed):
    """CxError unless the value is one of those allowed."""
    if value not in allowed:
        raise CxError(say("rates.not_a_choice", name=name, value=value, allowed=", ".join(map(repr, allowed))))


def check_groups(by, result_columns):
    """`by` as a list of names that no result column has."""
    by = as_list(by)
    taken = [name for name in by if name in result_columns]
    if taken:
        raise CxError(say("rates.taken", column=taken[0], columns=", ".join(result_columns)))
    return by


def grouped_cells(table, by, roles, weights=None):
    """Counted cells as a frame `group` (0, 1, ...), a column for each role, `n, w, w2`; and the frame of the groups' keys (one row without `by`).

    roles : {"answer": a column of the table, ...}; "cluster" and "weight" may be None. Clusters are numbered across groups;
    a row without one is refused.
    """
    roles = {role: column for role, column in roles.items() if column is not None or role not in ("cluster", "weight")}
    keys, cells = count_cells(table, [*by, *roles.values()], weights)
    for role, key in zip(roles, keys[len(by):], strict=True):
        cells[role] = key
    if by:
        groups = pd.DataFrame(dict(zip(by, keys, strict=False)))
        first = ~groups.duplicated()  # cells are sorted by group first
        cells["group"] = np.cumsum(first) - 1
        groups = groups[first].reset_index(drop=True)
    else:
        cells["group"] = 0
        groups = pd.DataFrame(index=[0])
    if "cluster" in roles:
        if cells["cluster"].isna().any():
            raise CxError(say("rates.no_cluster", column=roles["cluster"], rows=name_rows(table, roles["cluster"], is_missing)))
        cells["cluster"] = np.cumsum(~cells.duplicated(["group", "cluster"])) - 1
    return cells, groups


def group_sum(cells, x, size):
    """Σx over the cells of each group."""
    return np.bincount(cells["group"], x, minlength=size)


def group_totals(cells, size):
    """n (whole), Σw and Σw² of each group."""
    n, w, w2 = (group_sum(cells, cells[name], size) for name in ("n", "w", "w2"))
    return n.astype(np.int64), w, w2


def divide(a, b):
    """a / b, missing where nobody answered or nobody has weight."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(b > 0, a / b, np.nan)


def z_squared(level):
    """The square of the normal quantile of a two-sided interval."""
    from scipy.stats import norm

    return norm.isf((1 - level) / 2) ** 2


def wilson(p, effective, level):
    """Wilson limits of shares, groups × values, by the effective n of each group; missing where nobody answered."""
    from statsmodels.stats.proportion import proportion_confint

    n = np.broadcast_to(effective[:, None], p.shape)
    low, high = np.full(p.shape, np.nan), np.full(p.shape, np.nan)
    some = n > 0
    low[some], high[some] = proportion_confint(p[some] * n[some], n[some], alpha=1 - level, method="wilson")
    return low, high


def clip(middle, half, bound):
    """middle ± half, within ± bound."""
    return np.clip(middle - half, -bound, bound), np.clip(middle + half, -bound, bound)


def adjusted(mean, squares, n, level, bound):
    """Limits of a mean of −1, 0, 1 from n observations and z² more, split ¼, ½, ¼. squares : the mean of the squares."""
    extra = z_squared(level)
    total = n + extra
    mean, squares = mean * n / total, (squares * n + extra / 2) / total
    return clip(mean, np.sqrt(extra * np.maximum(squares - mean**2, 0) / total), bound)


def by_t(mean, se, clusters, level, lowest, highest):
    """mean ± t·se with clusters − 1 degrees of freedom; missing for a single cluster."""
    from scipy.stats import t

    factor = t.isf((1 - level) / 2, np.where(clusters > 1, clusters - 1, np.nan))
    half = factor.reshape(-1, *[1] * (se.ndim - 1)) * se
    return np.clip(mean - half, lowest, highest), np.clip(mean + half, lowest, highest)


def cluster_errors(cells, scores, mean, w):
    """How many clusters each group has, and the cluster-robust se of weighted means, groups × scores.

    scores : one array a mean, a value for each cell. se² = G/(G−1) · Σ_g(Σ_i w(y − mean))² / (Σw)².
    """
    group_of = cells["group"].groupby(cells["cluster"]).first().to_numpy()
    unit = pd.factorize(cells["cluster"], sort=True)[0]
    clusters = np.bincount(group_of, minlength=len(w))
    se = np.full(mean.shape, np.nan)
    for i, score in enumerate(scores):
        off = np.bincount(unit, cells["w"] * (np.asarray(score, dtype=float) - mean[cells["group"], i]))
        squares = np.bincount(group_of, off**2, minlength=len(w))
        se[:, i] = divide(np.sqrt(squares * divide(clusters, clusters - 1)), w)
    return clusters, se


def bootstrap(units, size, level, rng):
    """Percentile limits of Σtotal/Σw in each group when its units are drawn with replacement, by a multinomial of their counts.

    units : frame `group, n, w, total`: n units alike, each with weight w and weighted score total. A unit is what is drawn: a person, a cluster.
    The work grows with the kinds of units, not with their number: three without weights; as many as there are different weights and scores with them.
    """
    from tqdm.auto import tqdm

    try:
        rng = np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise CxError(say("rates.no_seed", value=rng)) from None
    units = units.groupby(["group", "w", "total"])["n"].sum().reset_index()  # 0-10 becomes three kinds: fewer to draw
    limits = np.full((2, size), np.nan)
    for group, part in units.groupby("group"):
        n, w, total = (part[name].to_numpy() for name in ("n", "w", "total"))
        step = max(1, DRAWS_AT_ONCE // len(part))
        means = []
        for start in tqdm(range(0, RESAMPLES, step), delay=2, leave=False):
            draws = rng.multinomial(n.sum(), n / n.sum(), size=min(step, RESAMPLES - start))
            means.append(divide(draws @ total, draws @ w))
        means = np.concatenate(means)
        if not np.isnan(means).all():  # a draw of people without weight has no score
            limits[:, group] = np.nanquantile(means, [(1 - level) / 2, (1 + level) / 2])
    return limits


def notes(n, *remarks):
    """"hidden" (n under 10) or "small" (under 30), then the remarks there are, joined by "; "."""
    rules = vocabulary()["notes"]  # the strictest first
    size = np.select([np.asarray(n) < rule["below"] for rule in rules], [rule["key"] for rule in rules], "")
    return pd.array(["; ".join(filter(None, parts)) for parts in zip(size, *remarks, strict=True)], dtype="str")


def note_clusters(clusters):
    """What the note of each group says of its clusters."""
    return np.array([f"clusters: {g}" + ("; no interval" if g < 2 else "") for g in clusters], dtype=object)


def note_where(mask, remark):
    """The remark where the mask holds."""
    return np.where(mask, remark, "")


def remember(result, table, *sentences, level=None, weights=None, cluster=None, can_cluster=False):
    """Puts into `.attrs["note"]` what a reader of the table has to know (empty sentences are left out), and what a figure asks for."""
    result.attrs |= {"level": level} if level is not None else {}
    result.attrs |= {"simulated": True} if getattr(table, "attrs", {}).get("simulated") else {}
    said = [*sentences, say("rates.weighted") if weights is not None else ""]
    if cluster is None and repeats(table, "customer"):
        said.append(say("rates.customer_repeats" if can_cluster else "rates.customer_counted"))
    result.attrs["note"] = " ".join(filter(None, said))
    return result


def said_missing(missing, column):
    """The sentence on rows without an answer."""
    return say("rates.missing", n=number(missing), column=column) if missing else ""
