"""The silent customer: who is dissatisfied and never complained, as far as answers and the complaint log can tell (S3).

Those who did not answer may all be content or all dissatisfied: so the result is a pair of bounds, not an estimate. Nothing is assumed about them.
"""

import numpy as np
import pandas as pd

from .framework import CxError, number, say
from .intervals import check_level, note_where, notes, remember, wilson
from .joining import need_columns, yes_or_no
from .tally import is_missing, name_rows, repeats


def silent(table, threshold, level=0.95, score="score", complained="complained", invited="invited", answered="answered"):
    """How many are dissatisfied and silent: the least and the most that answers and complaints leave possible.

    table : pandas frame, one row for everybody, answered or not (each occasion, or each customer: what a row is, the result counts). threshold : a
    score up to this is dissatisfied (6 on 0-10). level : of the limits. score : column of numbers, empty where there is none. complained : yes or
    no for every row, from the complaint log (also True/False, 1/0, evet/hayır). invited, answered : optional columns of yes and no; they only sort
    those without a score.

    Returns two rows, `among` "all" and "dissatisfied": `n` (rows; dissatisfied answers), `low`, `high` (bounds, 0-1), `ci_low`, `ci_high`, `note`
    ("hidden" under 10, "small" under 30). With a, b dissatisfied answers without and with a complaint, u0, u1 rows without a score without and
    with one, and N rows: among all [a/N, (a + u0)/N]; among the dissatisfied [a/(a + b + u1), (a + u0)/(a + b + u0)]. The least: of those without
    a score only they who complained are dissatisfied; the most: only they who did not. Limits: lower Wilson limit of the lower bound, upper of the
    upper, each of its own denominator. Where everybody answered the bounds meet. A score is taken at its word, a begged one too.
    `.attrs` holds a, b, u0, u1, `satisfied`, which add up to N, and `not_invited`, `no_answer`, `no_score`, which add up to u0 + u1.
    Source: Manski (1989), bounds of worst cases; Wilson (1927). R: `binom::binom.wilson(a, N)`.

    >>> asked = pd.DataFrame({"score": [2] * 40 + [3] * 10 + [9] * 50 + [None] * 100, "complained": ["no"] * 40 + ["yes"] * 10 + ["no"] * 150})
    >>> silent(asked, threshold=6).round(3)
              among    n  low   high  ci_low  ci_high note
    0           all  200  0.2  0.700    0.15    0.759
    1  dissatisfied   50  0.8  0.933    0.67    0.963
    """
    check_level(level)
    if not isinstance(table, pd.DataFrame):
        raise CxError(say("silence.pandas", kind=type(table).__name__))
    need_columns(table, [score, complained], "table")
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float, np.number)) or np.isnan(threshold):
        raise CxError(say("silence.threshold", value=threshold))
    told = _counts(table, threshold, score, complained, invited, answered)
    a, b, u0, u1, n = (told[name] for name in ("a", "b", "u0", "u1", "n"))
    counts, of = np.array([[a, a + u0], [a, a + u0]]), np.array([[n, n], [a + b + u1, a + b + u0]])
    bounds = np.divide(counts, of, out=np.full((2, 2), np.nan), where=of > 0)
    low, _ = wilson(bounds[:, :1], of[:, 0].astype(float), level)
    _, high = wilson(bounds[:, 1:], of[:, 1].astype(float), level)
    result = pd.DataFrame({"among": pd.Series(["all", "dissatisfied"], dtype="str"), "n": [n, a + b], "low": bounds[:, 0], "high": bounds[:, 1],
                           "ci_low": low[:, 0], "ci_high": high[:, 0]})
    result["note"] = notes(result["n"], note_where((of == 0).any(axis=1), "nobody to divide by"))
    result.attrs = told | {"threshold": threshold}
    said = {name: number(told[name]) for name in ("n", "not_invited", "no_answer", "no_score")}
    occasions = say("silence.occasions") if repeats(table, "customer") else ""
    return remember(result, table, say("silence.note", **said), occasions, level=level, cluster="customer")


def _counts(table, threshold, score, complained, invited, answered):
    """Every row in one of a, b, u0, u1 and satisfied; those without a score once more by how far they got."""
    scores, complaint = _scores(table, score), yes_or_no(table, complained)
    if np.isnan(complaint).any():
        raise CxError(say("silence.no_complaint", column=complained, rows=name_rows(table, complained, lambda cell: is_missing(cell) or cell == "")))
    silent_about_score, unhappy = np.isnan(scores), scores <= threshold
    was_invited, did_answer = (yes_or_no(table, name) if name in table else np.full(len(table), 1.0) for name in (invited, answered))
    groups = {"a": unhappy & (complaint == 0), "b": unhappy & (complaint == 1), "u0": silent_about_score & (complaint == 0),
              "u1": silent_about_score & (complaint == 1), "satisfied": scores > threshold,
              "not_invited": silent_about_score & (was_invited == 0), "no_answer": silent_about_score & (was_invited != 0) & (did_answer != 1),
              "no_score": silent_about_score & (was_invited != 0) & (did_answer == 1)}
    return {name: int(mask.sum()) for name, mask in groups.items()} | {"n": len(table)}


def _scores(table, score):
    def wrong(cell):
        return not is_missing(cell) and (isinstance(cell, (bool, np.bool_)) or not isinstance(cell, (int, float, np.number)))

    if table[score].astype(object).map(wrong).any():
        raise CxError(say("silence.not_numbers", column=score, rows=name_rows(table, score, wrong)))
    return table[score].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
