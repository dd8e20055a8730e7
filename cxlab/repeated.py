"""Asking again: an NPS in many rounds, and whether a round lies further from the usual than chance would put it (S5).

A Shewhart chart: centre and limits come from the first rounds, then every round is held against them. It stands on `rates`.
"""

import re

import numpy as np
import pandas as pd

from .framework import CxError, number, say
from .intervals import check_level, divide, note_where, notes, remember
from .joining import need_columns
from .rates import nps

SIGMAS = 3  # Shewhart (1931): about 3 false alarms in 1,000 rounds if the centre were known


def rounds(table, score="score", round="round", baseline=8, level=0.95):
    """A repeated NPS against its own beginning: which rounds lie outside the limits of chance.

    table : pandas frame, one row an answer. score : column of whole numbers 0-10, as in `cx.nps`; an empty cell is left out and counted. round :
    column of the rounds: numbers, dates, ordered categories or texts (numbers inside them count as numbers: "R2" before "R10"). baseline : how many
    rounds from the first make the centre. level : of the intervals.

    Returns one row a round in order, one without answers too: `round`, `n`, `nps`, `se`, `ci_low`, `ci_high` (as in `cx.nps`), `centre` (NPS of all
    answers of the first 8 rounds together), `lower`, `upper` = centre ± 3·100·sqrt(v/n) with this round's n and v = P + D − (P − D)² of the same
    answers, within ±100, `outside` (below, above or ""), `note`. With fewer rounds than that there are no limits ("no limits" in the note). Every
    round is held against them, those of the beginning too: one of them outside says that the beginning was not steady. The limits tell a round from
    chance, assuming other people each time; a slow drift and the noise of the centre (its se is in `.attrs`) they do not see.
    Source: Shewhart (1931); as a p-chart, with the three kinds of answer. R: `qcc::qcc(promoters, n, type = "p")` draws it for one share.

    >>> told = pd.DataFrame({"round": np.repeat(range(1, 11), 100), "score": [9, 9, 7, 3] * 225 + [9, 3, 7, 3] * 25})
    >>> rounds(told).iloc[[0, 9]][["round", "n", "nps", "centre", "lower", "upper", "outside"]].round(2)
       round    n   nps  centre  lower  upper outside
    0      1  100  25.0    25.0   0.13  49.87
    9     10  100 -25.0    25.0   0.13  49.87   below
    """
    check_level(level)
    if not isinstance(table, pd.DataFrame):
        raise CxError(say("repeated.pandas", kind=type(table).__name__))
    need_columns(table, [score, round], "table")
    if isinstance(baseline, bool) or not isinstance(baseline, (int, np.integer)) or baseline < 2:
        raise CxError(say("repeated.baseline", value=baseline))
    lost = int(table[round].isna().sum())
    used = table.loc[table[round].notna(), [score, round]].rename(columns={round: "round"}) if score != round else table[[score]]
    used.attrs = {name: value for name, value in table.attrs.items() if name == "scale"}
    found = _in_order(nps(used, score, by="round", level=level), table[round])
    told, result = _limits(found, int(baseline)), found.drop(columns=["promoters", "passives", "detractors", "note"])
    result = result.assign(**{name: told.pop(name) for name in ("centre", "lower", "upper", "outside")})
    result["note"] = notes(result["n"], note_where(result["centre"].isna(), "no limits"))
    attrs = found.attrs
    result.attrs = {"n_missing": attrs["n_missing"], "without_round": lost, "baseline": int(baseline), **told}
    steady = result["outside"].iloc[:baseline].eq("").all()
    return remember(result, table, attrs["note"], say("repeated.lost", n=number(lost)) if lost else "", "" if steady else say("repeated.unsteady"),
                    level=level)


def _in_order(found, column):
    """The rounds in their order, categories without any row too; texts by the numbers in them."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        counts = ["n", "promoters", "passives", "detractors"]
        every = pd.DataFrame({"round": pd.Categorical(column.cat.categories, dtype=column.dtype)}).merge(found, on="round", how="left")
        every[counts] = every[counts].fillna(0).astype(np.int64)
        every.attrs = found.attrs
        return every
    if not (pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column)):
        return found
    parts = [[(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", str(name)) if part] for name in found["round"]]
    return found.iloc[sorted(range(len(found)), key=parts.__getitem__)].reset_index(drop=True)


def _limits(found, baseline):
    """Centre, limits and what lies outside them, from the counts of the first rounds."""
    first = found[["n", "promoters", "detractors"]].head(baseline).sum()
    nothing = len(found) < baseline or not first["n"]
    promoters, detractors = (np.nan if nothing else first[name] / first["n"] for name in ("promoters", "detractors"))
    centre, v = 100 * (promoters - detractors), promoters + detractors - (promoters - detractors) ** 2
    half = SIGMAS * 100 * np.sqrt(max(v, 0) if v == v else v) * divide(1.0, np.sqrt(found["n"].to_numpy(dtype=float)))
    lower, upper = np.clip(centre - half, -100, 100), np.clip(centre + half, -100, 100)
    score, near = found["nps"].to_numpy(), 1e-9  # a round that equals the limit is not outside it
    outside = np.select([score < lower - near, score > upper + near], ["below", "above"], "")
    se = 100 * float(np.sqrt(max(v, 0) / first["n"])) if not nothing else None
    return {"centre": centre, "lower": lower, "upper": upper, "outside": pd.array(outside, dtype="str"), "n_baseline": int(first["n"]),
            "centre_se": se}
