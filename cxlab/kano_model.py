"""Kano's questionnaire: how people feel if a thing is there, and how if it is not.

The pair of answers puts each person into a class (Kano, Seraku, Takahashi & Tsuji 1984); the classes are counted, and no more.
"""

import numpy as np
import pandas as pd

from .framework import CxError, number, say
from .intervals import check_level, divide, notes, remember, wilson

CLASSES = ("A", "O", "M", "I", "R", "Q")  # attractive, one-dimensional, must-be, indifferent, reverse, questionable
TABLE = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")  # rows: answer if present, 1 like ... 5 dislike; places: answer if absent (Berger et al. 1993)


def kano(present, absent, level=0.95):
    """Kano's classes of one attribute or several, counted from the pair of questions.

    present, absent : how people feel if the attribute is there, and if it is not: 1 like it, 2 expect it, 3 neutral, 4 can live with it,
    5 dislike it. Series for one attribute, or frames with the same columns, one attribute a column. A pair with a gap is left out.
    level : of the intervals.

    Returns one row an attribute: `attribute`, `n` (pairs), the counts `A` (attractive), `O` (one-dimensional), `M` (must-be), `I` (indifferent),
    `R` (reverse), `Q` (questionable), `better` = (A+O)/(A+O+M+I) and `worse` = −(M+O)/(A+O+M+I) with `_low`, `_high` (Wilson), `leader` (most
    frequent class but Q; the first of equals in the order A O M I R), `share` of the leader with `ci_low`, `ci_high` (Wilson, of n), `runner_up`,
    `p` (exact binomial test of leader against runner-up, of those in either), `mixed` (True: p > 1 − level, so the two do not differ), `note`.
    Source: Berger et al. 1993 (Center for Quality Management Journal 2); the evaluation table is theirs.
    R: `binom.test(leader, leader + runner_up)$p.value`.

    >>> kano(pd.Series([1] * 30 + [3] * 10), pd.Series([3] * 30 + [3] * 10))[["n", "A", "I", "better", "leader", "mixed"]]
        n   A   I  better leader  mixed
    0  40  30  10    0.75      A  False
    """
    from scipy.stats import binomtest

    check_level(level)
    if isinstance(present, pd.Series) and isinstance(absent, pd.Series):
        present, absent = present.to_frame(present.name or "attribute"), absent.to_frame(present.name or "attribute")
    frames = isinstance(present, pd.DataFrame) and isinstance(absent, pd.DataFrame)
    if not frames or list(present) != list(absent) or not present.index.equals(absent.index):
        raise CxError(say("kano_model.pairs"))
    rows = []
    for name in present:
        pairs = pd.DataFrame({"present": _answers(present[name], "present"), "absent": _answers(absent[name], "absent")}).dropna().astype(int)
        given = [TABLE[there - 1][gone - 1] for there, gone in zip(pairs["present"], pairs["absent"], strict=True)]
        count = {kind: given.count(kind) for kind in CLASSES}
        ranked = sorted(CLASSES[:5], key=lambda kind: -count[kind])
        leader, runner = ranked[:2]
        either = count[leader] + count[runner]
        p = binomtest(count[leader], either).pvalue if either else np.nan
        ahead = {"leader": leader if count[leader] else None, "runner_up": runner if count[runner] else None}
        rows.append({"attribute": name, "n": len(given)} | count | ahead | {"p": p, "mixed": bool(not p <= 1 - level)})
    result = _with_shares(pd.DataFrame(rows), level)
    return remember(result, present, say("kano_model.read", missing=number(len(present) * len(result) - result["n"].sum())), level=level)


def _with_shares(result, level):
    """`better`, `worse` and the leader's share, with Wilson's limits; columns in the order of the docstring."""
    judged = result[["A", "O", "M", "I"]].sum(axis=1).to_numpy(dtype=float)
    n = result["n"].to_numpy(dtype=float)
    lead = np.array([row[row["leader"]] if isinstance(row["leader"], str) else 0 for _, row in result.iterrows()], dtype=float)
    better, worse = result["A"] + result["O"], result["M"] + result["O"]
    for name, hits, base, sign in (("better", better, judged, 1), ("worse", worse, judged, -1), ("share", lead, n, 1)):
        share = divide(np.asarray(hits, dtype=float), base)
        low, high = (limit[:, 0] for limit in wilson(share[:, None], base, level))
        low, high = (low, high) if sign > 0 else (-high, -low)
        ends = ("ci_low", "ci_high") if name == "share" else (f"{name}_low", f"{name}_high")
        result = result.assign(**{name: sign * share, ends[0]: low, ends[1]: high})
    result["note"] = notes(result["n"])
    return result[["attribute", "n", *CLASSES, "better", "better_low", "better_high", "worse", "worse_low", "worse_high", "leader", "share",
                   "ci_low", "ci_high", "runner_up", "p", "mixed", "note"]]


def _answers(column, which):
    """Whole answers from 1 to 5, missing as missing; the first that is not one is named with its row."""
    values = pd.to_numeric(column, errors="coerce")
    bad = column.notna() & ~values.isin(range(1, 6))
    if bad.any():
        at = int(bad.to_numpy().argmax())
        row = column.index[at] if column.index.name == "row" else at + 2
        raise CxError(say("kano_model.answer", column=column.name, which=which, row=row, value=column.iloc[at]))
    return values
