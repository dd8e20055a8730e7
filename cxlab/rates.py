"""Shares, questions with several choices, NPS and its change, each with n and an interval.

The data are counted once, by any engine (`tally`), and everything here is computed from the counts. Intervals say how far a random draw of
this size would scatter; they say nothing of those who did not answer.
"""

import numpy as np
import pandas as pd

from .framework import CxError, number, say, vocabulary
from .intervals import (
    adjusted,
    bootstrap,
    by_t,
    check_choice,
    check_groups,
    check_level,
    clip,
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
    wilson,
    z_squared,
)
from .planning import sample_size  # noqa: F401  (called as cx.sample_size: how many answers the intervals below would need)
from .tally import as_list, count_cells, is_missing, name_rows

TOP = 10  # NPS scores run from 0 to 10 (Reichheld 2003)
KINDS = {"promoters": 1, "passives": 0, "detractors": -1}
UNSEEN_ZERO = 100  # so many answers and no 0 among them: worth a word

SHARE = ("value", "n", "count", "share", "ci_low", "ci_high", "note")
RESPONSE = ("value", "n", "count", "share", "ci_low", "ci_high", "share_of_answers", "note")
NPS = ("n", "promoters", "passives", "detractors", "nps", "se", "ci_low", "ci_high", "note")
CHANGE = ("n_before", "n_after", "n_both", "nps_before", "nps_after", "change", "se", "ci_low", "ci_high", "note")


def share(table, column, value=None, by=None, weights=None, cluster=None, level=0.95):
    """The share of each answer to a question, with Wilson's interval.

    table : frame of any engine, one row a respondent. column : the answers; an empty cell is no answer and is left out (`.attrs["n_missing"]`).
    value : one answer or a list of them; none: every answer that occurs, and for a categorical every category. by : column or list of
    columns to split by (an empty cell is a group of its own). weights : column of numbers ≥ 0. cluster : column of customers, shops, ...
    whose rows belong together. level : of the interval, between 0 and 1.

    Returns one row a group and value: keys of `by`, `value`, `n` (who answered, unweighted), `count` (who gave this answer, unweighted),
    `share` (0-1, weighted where weights are given), `ci_low`, `ci_high`, `note` ("hidden" under 10, "small" under 30 answers).
    Interval: Wilson (1927) on share × n_effective of n_effective, where n_effective = (Σw)²/Σw² of those who answered (Kish 1965).
    With `cluster`: se² = G/(G−1) · Σ_g(Σ_i w(y−share))² / (Σw)² over G clusters, and share ± t(G−1) · se within 0-1.
    R: `binom::binom.wilson(count, n)`; `survey::svymean(~y, svydesign(ids = ~cluster, weights = ~w))` has the same clustered se.

    >>> answers = pd.DataFrame({"recommends": ["yes"] * 15 + ["no"] * 133})
    >>> share(answers, "recommends", "yes").round(4)
      value    n  count   share  ci_low  ci_high note
    0   yes  148     15  0.1014  0.0624   0.1605
    """
    check_level(level)
    by = check_groups(by, SHARE)
    cells, groups = grouped_cells(table, by, {"cluster": cluster, "answer": column}, weights)
    _refuse_several(cells["answer"], column)
    answered = cells["answer"].notna()
    missing = int(cells["n"][~answered].sum())
    cells = cells[answered]
    values, place = _values(cells["answer"], value, column)
    n, w, w2 = group_totals(cells, len(groups))
    count, weight = (_by_value(cells["group"], place, cells[measure], len(groups), len(values)) for measure in ("n", "w"))
    p = divide(weight, w[:, None])
    remarks = [note_where((n > 0) & (w == 0), "no weight")]
    if cluster is None:
        low, high = wilson(p, divide(w * w, w2), level)
    else:
        clusters, se = cluster_errors(cells, [place == i for i in range(len(values))], p, w)
        low, high = by_t(p, se, clusters, level, 0, 1)
        remarks.insert(0, note_clusters(clusters))
    flat = (p == 0) | (p == 1) if cluster is not None else np.zeros(p.shape, dtype=bool)
    result = _long(groups, values)
    long = [np.repeat(x, len(values)) for x in (n, *remarks)]
    result = result.assign(n=long[0], count=count.ravel().astype(np.int64), share=p.ravel(), ci_low=low.ravel(), ci_high=high.ravel())
    result["note"] = notes(*long, note_where(flat.ravel(), "one category"))
    unseen = [str(v) for v, total in zip(values, count.sum(axis=0), strict=True) if value is not None and total == 0]
    unseen = say("rates.unseen", column=column, values=", ".join(unseen)) if unseen else ""
    result.attrs["n_missing"] = missing
    return remember(result, table, said_missing(missing, column), unseen, level=level, weights=weights, cluster=cluster, can_cluster=True)


def multiple_response(table, columns, by=None, base="answered", weights=None, level=0.95):
    """The share of people who chose each option of a question with several choices.

    table : frame of any engine, one row a respondent. columns : one column or a list of them, whose cells are tuples or lists of options,
    or text or codes (one option a cell, as in important_1 ... important_3), or 0/1 marks (the option is then the column's name).
    base : of whom the share is taken: "answered" (chose at least one option) or "asked" (every row). by, weights, level : as in `share`.

    Returns one row a group and option: keys of `by`, `value`, `n` (people in the base), `count` (people who chose it, each once),
    `share` (0-1), `ci_low`, `ci_high` (Wilson, as in `share`), `share_of_answers` (of all mentions; no interval, since mentions
    of one person are not independent), `note`. Options stand in order of their share over all groups; equal ones as columns or categories
    stand, or by alphabet. `.attrs` holds `n_asked`, `n_answered` (with `by`: a dictionary by group) and `base`.
    Who chose nothing at all did not answer.

    >>> answers = pd.DataFrame({"channels": [("phone", "app"), ("phone",), None]})
    >>> multiple_response(answers, "channels")[["value", "n", "count", "share", "share_of_answers"]].round(3)
       value  n  count  share  share_of_answers
    0  phone  2      2    1.0             0.667
    1    app  2      1    0.5             0.333
    """
    check_level(level)
    check_choice("base", base, ("answered", "asked"))
    by, names = check_groups(by, RESPONSE), as_list(columns)
    if not names:
        raise CxError(say("rates.no_columns"))
    roles = {f"option_{i}": name for i, name in enumerate(names)}
    cells, groups = grouped_cells(_without_lists(table, names), by, roles, weights)
    mentions, values = _mentions(cells, roles)
    answered = np.isin(np.arange(len(cells)), mentions["cell"])
    n_asked, n_answered = (group_totals(part, len(groups))[0] for part in (cells, cells[answered]))
    n, w, w2 = group_totals(cells if base == "asked" else cells[answered], len(groups))
    cell = cells.iloc[mentions["cell"]].reset_index(drop=True)
    each = ~mentions.duplicated()  # a person counts once for an option, however often it is mentioned
    size = len(groups), len(values)
    count, weight = (_by_value(cell["group"][each], mentions["value"][each], cell[x][each], *size) for x in ("n", "w"))
    said = _by_value(cell["group"], mentions["value"], cell["w"], *size)
    order = np.argsort(-weight.sum(axis=0), kind="stable")
    count, p, of_answers = count[:, order], divide(weight, w[:, None])[:, order], divide(said, said.sum(axis=1, keepdims=True))[:, order]
    low, high = wilson(p, divide(w * w, w2), level)
    result = _long(groups, pd.Series([values[i] for i in order], dtype=None if values else "str").array)
    result = result.assign(n=np.repeat(n, len(values)), count=count.ravel().astype(np.int64), share=p.ravel(), ci_low=low.ravel(),
                           ci_high=high.ravel(), share_of_answers=of_answers.ravel())
    result["note"] = notes(*(np.repeat(x, len(values)) for x in (n, note_where((n > 0) & (w == 0), "no weight"))))
    result.attrs |= {"n_asked": _per_group(n_asked, groups), "n_answered": _per_group(n_answered, groups), "base": base}
    return remember(result, table, say("rates.bases", asked=number(n_asked.sum()), answered=number(n_answered.sum())), level=level,
                    weights=weights)


def nps(table, score, by=None, weights=None, cluster=None, interval="adjusted", level=0.95, rng=None):
    """The Net Promoter Score of a 0-10 item: the share of promoters (9-10) less that of detractors (0-6), from −100 to 100.

    score : column of whole numbers 0-10; an empty cell is left out (`.attrs["n_missing"]`), anything else is refused with its rows, and so is a
    scale that shows itself to begin at 1 (`table.attrs["scale"] = {"column": (0, 10)}`, or an ordered categorical of 0-10, says that it does not).
    by, weights, cluster, level : as in `share`. interval : "adjusted", "wald" or "bootstrap" (percentile; rng : seed or Generator).

    Returns one row a group: keys of `by`, `n`, `promoters`, `passives`, `detractors` (people, unweighted), `nps`, `se`, `ci_low`, `ci_high`, `note`.
    With shares P and D: nps = 100(P − D), se = 100·sqrt((P + D − (P − D)²)/n); weighted, se² = 100²·Σw²(s − P + D)²/(Σw)² with s = 1, 0, −1. Both are
    always raw; only the limits depend on `interval`. Adjusted: the same from n (weighted: n_effective) answers and z² more, split ¼, ½, ¼ (Agresti &
    Min 2005), which also holds where all agree. Bootstrap: 10,000 multinomial draws of the counted cells (weighted: score by weight), never of rows.
    With `cluster` the se is that of whole clusters (as in `share`) and the limits are nps ± t(G−1)·se; the bootstrap draws whole clusters.

    >>> answers = pd.DataFrame({"likelihood": [10] * 50 + [8] * 30 + [3] * 20})
    >>> nps(answers, "likelihood").round(2)
         n  promoters  passives  detractors   nps    se  ci_low  ci_high note
    0  100         50        30          20  30.0  7.81   13.88     43.9
    """
    check_level(level)
    check_choice("interval", interval, ("adjusted", "wald", "bootstrap"))
    by = check_groups(by, NPS)
    weight = weights if interval == "bootstrap" and cluster is None else None  # then a person is drawn with the own weight
    cells, groups = grouped_cells(table, by, {"cluster": cluster, "answer": score, "weight": weight}, weights)
    points, remark = _points(table, cells, "answer", score)
    missing = int(cells["n"][np.isnan(points)].sum())
    cells = cells.assign(s=points)[~np.isnan(points)]
    size = len(groups)
    n, w, w2 = group_totals(cells, size)
    kinds = {name: group_sum(cells, cells["n"] * (cells["s"] == s), size).astype(np.int64) for name, s in KINDS.items()}
    mean, squares = (divide(group_sum(cells, cells["w"] * x, size), w) for x in (cells["s"], cells["s"] ** 2))
    flat = sum(count > 0 for count in kinds.values()) == 1
    remarks = [note_where(flat & (interval != "adjusted" or cluster is not None), "one category"), note_where((n > 0) & (w == 0), "no weight")]
    if cluster is None:
        se = divide(np.sqrt(group_sum(cells, cells["w2"] * (cells["s"] - mean[cells["group"]]) ** 2, size)), w)
        low, high = adjusted(mean, squares, divide(w * w, w2), level, 1) if interval == "adjusted" else clip(mean, np.sqrt(z_squared(level)) * se, 1)
    else:
        clusters, se = cluster_errors(cells, [cells["s"]], mean[:, None], w)
        se = se[:, 0]
        low, high = by_t(mean, se, clusters, level, -1, 1)
        remarks.insert(0, note_clusters(clusters))
    if interval == "bootstrap":
        drawn = bootstrap(_units(cells, cluster, weight), size, level, rng)
        low, high = np.where(np.isnan(low), np.nan, drawn)
    result = groups.assign(n=n, **kinds, nps=100 * mean, se=100 * se, ci_low=100 * low, ci_high=100 * high, note=notes(n, *remarks))
    result.attrs["n_missing"] = missing
    return remember(result, table, said_missing(missing, score), remark, level=level, weights=weights, cluster=cluster, can_cluster=True)


def nps_change(table, before, after, by=None, overlap="paired", level=0.95):
    """How the NPS moved between two waves asked of the same people, with an interval that knows they are the same.

    table : one row a person (wide). before, after : columns of 0-10 scores, as in `nps`; empty where someone did not answer.
    overlap : "paired" compares those who answered both; "all" compares everyone who answered each, and allows for the overlap.
    by, level : as in `share`.

    Returns one row a group: keys of `by`, `n_before`, `n_after` (all who answered each), `n_both`, `nps_before`, `nps_after` (of those compared),
    `change` (−200..200), `se`, `ci_low`, `ci_high`, `note`. `.attrs` counts `n_only_before`, `n_only_after`, `n_neither`.
    Paired: d = after − before of the ±1 scores, se = 100·sqrt((mean d² − (mean d)²)/n_both); limits from z² more pairs with d = −1, 0, 1 in ¼, ½, ¼.
    All: variance v₁/n₁ + v₂/n₂ − 2mc/(n₁n₂) with v = P + D − (P − D)² and c the mean over the m who answered both of (a − ā)(b − b̄), ā and b̄ the
    full-sample means; limits change ± z·se.

    >>> waves = pd.DataFrame({"y1": [10] * 40 + [5] * 20, "y2": [10] * 30 + [5] * 10 + [10] * 20})
    >>> nps_change(waves, "y1", "y2")[["n_both", "nps_before", "nps_after", "change", "se"]].round(2)
       n_both  nps_before  nps_after  change     se
    0      60       33.33      66.67   33.33  17.74
    """
    check_level(level)
    check_choice("overlap", overlap, ("paired", "all"))
    by = check_groups(by, CHANGE)
    cells, groups = grouped_cells(table, by, {"before": before, "after": after})
    a, remark_a = _points(table, cells, "before", before)
    b, remark_b = _points(table, cells, "after", after)
    in_a, in_b = ~np.isnan(a), ~np.isnan(b)
    both, size, group = in_a & in_b, len(groups), cells["group"].to_numpy()

    def total(who, x=1.0):
        return group_sum(cells, np.where(who, cells["n"] * x, 0), size)

    n_before, n_after, n_both = total(in_a), total(in_b), total(both)
    who_a, who_b = (both, both) if overlap == "paired" else (in_a, in_b)
    mean_a, mean_b = divide(total(who_a, a), total(who_a)), divide(total(who_b, b), total(who_b))
    change = mean_b - mean_a
    if overlap == "paired":
        squares = divide(total(both, (b - a) ** 2), n_both)
        se = np.sqrt(divide(np.maximum(squares - change**2, 0), n_both))
        low, high = adjusted(change, squares, n_both, level, 2)
    else:
        off_a, off_b = a - mean_a[group], b - mean_b[group]
        variance = divide(total(in_a, off_a**2), n_before**2) + divide(total(in_b, off_b**2), n_after**2)
        se = np.sqrt(np.maximum(variance - 2 * divide(total(both, off_a * off_b), n_before * n_after), 0))
        low, high = clip(change, np.sqrt(z_squared(level)) * se, 2)
    counts = {"n_before": n_before, "n_after": n_after, "n_both": n_both}
    result = groups.assign(**{name: x.astype(np.int64) for name, x in counts.items()}, nps_before=100 * mean_a, nps_after=100 * mean_b,
                           change=100 * change, se=100 * se, ci_low=100 * low, ci_high=100 * high)
    result["note"] = notes(n_both if overlap == "paired" else np.minimum(n_before, n_after))
    once = {"n_only_before": in_a & ~in_b, "n_only_after": in_b & ~in_a, "n_neither": ~in_a & ~in_b}
    result.attrs |= {name: int(cells["n"][who].sum()) for name, who in once.items()}
    told = {name: number(result.attrs[name]) for name in once}
    return remember(result, table, say(f"rates.once_{overlap}", **told), remark_a, remark_b, level=level)


def _long(groups, values):
    """A row for each group and value: the keys of the group and `value`."""
    result = groups.loc[np.repeat(groups.index, len(values))].reset_index(drop=True)
    result["value"] = values.take(np.tile(np.arange(len(values)), len(groups)))
    return result


def _by_value(group, place, x, n_groups, n_values):
    """Σx in each group (down) and value (across); a place of −1 is another value."""
    group, place, x = (np.asarray(column) for column in (group, place, x))
    known = place >= 0
    return np.bincount(group[known] * n_values + place[known], x[known], minlength=n_groups * n_values).reshape(n_groups, n_values)


def _units(cells, cluster, weight):
    """What the bootstrap draws, as it asks for it: whole clusters, or people, with their weight."""
    if cluster is not None:
        units = cells.assign(total=cells["w"] * cells["s"]).groupby(["group", "cluster"], sort=False)[["w", "total"]].sum()
        return units.reset_index("group").assign(n=1)
    each = 1.0 if weight is None else cells["weight"].astype(float)
    return cells[["group", "n"]].assign(w=each, total=each * cells["s"])


def _refuse_several(answers, column):
    if any(isinstance(cell, (tuple, list)) for cell in answers.head(1000)):
        raise CxError(say("rates.several_choices", column=column))


def _values(answers, wanted, column):
    """The values to report, and for each cell the place of its value among them (−1: another one)."""
    categories = answers.cat.categories if isinstance(answers.dtype, pd.CategoricalDtype) else None
    if wanted is None and categories is not None:
        return pd.Categorical.from_codes(np.arange(len(categories)), dtype=answers.dtype), answers.cat.codes.to_numpy()
    if wanted is None:
        (values,), _ = count_cells(answers.to_frame("answer"), ["answer"])
        return values.array, values.reset_index(drop=True).pipe(pd.Index).get_indexer(answers)
    wanted = wanted if isinstance(wanted, list) else [wanted]
    unknown = [] if categories is None else [v for v in wanted if v not in categories]
    if unknown:
        raise CxError(say("rates.unknown_value", value=unknown[0], column=column, allowed=", ".join(map(str, categories))))
    place = np.full(len(answers), -1)
    for i, v in enumerate(wanted):
        place[(answers == v).to_numpy(dtype=bool)] = i
    return pd.Series(wanted, dtype=None if categories is None else answers.dtype).array, place


def _points(table, cells, role, column):
    """1, 0, −1 for the promoter, passive or detractor of each cell (missing: NaN), and a remark on the scale, if one is due."""
    given = cells[role].notna().to_numpy()
    answers = cells[role][given].astype(object)
    if any(map(_not_a_score, answers)):
        key = "rates.score_text" if any(isinstance(cell, str) for cell in answers) else "rates.score_off"
        raise CxError(say(key, column=column, rows=name_rows(table, column, lambda cell: not is_missing(cell) and _not_a_score(cell))))
    scores = np.full(len(cells), np.nan)
    scores[given] = answers.to_numpy(dtype=float)
    remark = _look_at_scale(table, cells, role, column, np.bincount(scores[given].astype(int), cells["n"][given], minlength=TOP + 1))
    lowest = {row["key"]: row["low"] for row in vocabulary()["nps_groups"]}
    points = np.where(scores >= lowest["promoter"], 1.0, np.where(scores >= lowest["passive"], 0.0, -1.0))
    return np.where(given, points, np.nan), remark


def _not_a_score(cell):
    number_like = isinstance(cell, (int, float, np.number)) and not isinstance(cell, (bool, np.bool_))
    return not number_like or not (0 <= cell <= TOP and cell == int(cell))


def _look_at_scale(table, cells, role, column, counts):
    """Refuses a scale that is said, or plainly seen, to be no 0-10; a remark where it cannot be known.

    Plainly seen: all of several answers within 1-5 (or 1-7) with the top given; or all of 1-10 given, 1 at least five times, and never 0, which
    people who have it choose at least as often as 1: if it were only as likely, that happens once in 2⁵ such files.
    """
    declared = _declared_scale(table, cells[role].dtype, column)
    if declared:
        if declared != (0, TOP):
            raise CxError(say("rates.scale_declared", column=column, low=number(declared[0]), high=number(declared[1])))
        return ""
    n, seen = counts.sum(), np.flatnonzero(counts)
    if not n or seen[0] == 0:
        return ""
    top = seen[-1]
    on_five = top == 5 and ((n >= 5 and len(seen) >= 3) or (n >= 10 and len(seen) == 2))
    on_seven = top == 7 and n >= 30 and len(seen) >= 4
    on_ten = len(seen) == TOP and counts[1] >= 5
    if on_five or on_seven or on_ten:
        raise CxError(say("rates.scale_seen", column=column, n=number(n), low=number(1), high=number(top)))
    return say("rates.no_zero", column=column, n=number(n)) if seen[0] == 1 and top == TOP or n >= UNSEEN_ZERO else ""


def _declared_scale(table, kind, column):
    """(low, high) if the frame states it, in `.attrs["scale"]` or by an ordered categorical of all the points of a scale; else None."""
    stated = getattr(table, "attrs", {}).get("scale") if isinstance(table, pd.DataFrame) else None
    stated = stated.get(column) if isinstance(stated, dict) else stated
    if stated:
        return tuple(stated)
    if isinstance(kind, pd.CategoricalDtype) and kind.ordered and len(kind.categories) > 3:
        points = [int(c) for c in kind.categories if not _not_a_score(c)]
        if points == list(range(points[0], points[0] + len(kind.categories))) if points else False:
            return points[0], points[-1]
    return None


def _without_lists(table, names):
    """Lists in the cells of a pandas frame as tuples: only those can be counted."""
    if not isinstance(table, pd.DataFrame):
        return table
    table = table.copy(deep=False)
    for name in names:
        if list(table.columns).count(name) == 1 and table[name].dtype == object:
            table[name] = table[name].map(_as_tuple)
    return table


def _as_tuple(cell):
    return tuple(cell) if isinstance(cell, (list, np.ndarray)) else tuple(sorted(cell, key=str)) if isinstance(cell, (set, frozenset)) else cell


def _mentions(cells, roles):
    """Who said what: a frame `cell, value` (a place in the options), one row a mention; and the options, in the order they are known in."""
    given = {role: cells[role].dropna() for role in roles}
    numeric = [v for answers in given.values() for v in answers.unique() if isinstance(v, (int, float, np.number, np.bool_))]
    marks = bool(numeric) and set(numeric) <= {0, 1}
    spoken = any(not isinstance(v, (int, float, np.number, np.bool_)) for answers in given.values() for v in answers.unique())
    places, said, offered = [], [], []
    for role, column in roles.items():
        answers = given[role]
        ticks = marks and all(isinstance(v, (int, float, np.number, np.bool_)) for v in answers.unique()) and (len(answers) > 0 or not spoken)
        if ticks:
            offered.append(column)
        elif isinstance(answers.dtype, pd.CategoricalDtype):
            offered += [v for v in answers.dtype.categories if not isinstance(v, tuple)]
        for cell, answer in answers.items():
            options = ([column] if answer else []) if ticks else answer if isinstance(answer, tuple) else [answer]
            options = [v for v in options if not is_missing(v) and not (isinstance(v, str) and not v.strip())]
            places += [cell] * len(options)
            said += options
    others = pd.Series(list(set(said) - set(offered)), dtype=object)
    (ordered,), _ = count_cells(others.to_frame("said"), ["said"])
    values = [*dict.fromkeys(offered), *ordered]
    at = {value: i for i, value in enumerate(values)}
    return pd.DataFrame({"cell": np.array(places, np.int64), "value": np.array([at[v] for v in said], np.int64)}), values


def _per_group(n, groups):
    """One number, or with groups a dictionary by group (a missing key is None)."""
    if not len(groups.columns):
        return int(n[0])
    keys = [tuple(None if is_missing(key) else key for key in row) for row in groups.itertuples(index=False)]
    return {key[0] if len(key) == 1 else key: int(x) for key, x in zip(keys, n, strict=True)}


