"""The figure of Simpson's trap: what goes together within groups, between them, and with all in one pot.

As in `charts`: a table in, the Axes with its caption out; nothing is estimated here, the slopes are handed in.
"""

import matplotlib.pyplot as plt
import numpy as np

from .charts import BLUE, ORANGE, _hidden, _is_simulated, _need
from .charts_coding import _blank, _named, _sizes
from .charts_drivers import _ticks
from .charts_scales import _marked
from .figures import INK, dots, figure, finish, level_text, sentences, settings, shorten, wrap
from .framework import CxError, number, say

# Told apart by colour, by width and by dashes; blue, orange and black differ in grey too.
LINES = {"within": {"color": BLUE, "lw": 1.6}, "between": {"color": ORANGE, "lw": 3.5, "marker": "D", "mec": INK, "mew": 1},
         "raw": {"color": INK, "lw": 2, "ls": (0, (5, 3))}}


def plot_within(table, x, y, group, slopes, labels=None, title=None, simulated=False):
    """What goes with what within groups, and what between them: points joined by the line of their group, against the line through the groups.

    table : one row a unit (an employee, a shop, ...): `group`, `x`, `y` (mean of the unit's answers), `n` (how many these are) and, optional,
    `note`; under 10 answers a unit is only counted. slopes : `line` ("within": of all groups alike; "between": of the means of the groups;
    optional "raw": of all answers in one pot), `estimate`, `ci_low`, `ci_high`, `n`. Each group's line goes through its mean weighted by n (of all
    its units), "between" through the plain mean of these, "raw" through the mean of all answers: as least squares on the answers would have it.
    labels : {column or group: name to show}, also for the column `group` itself. Returns the Axes, with `caption`.
    """
    _need(table, [group, x, y, "n"], "plot_within")
    slopes, simulated = _slopes(slopes), _is_simulated(table, simulated)
    names = dict(zip("xyg", _named([x, y, group], labels), strict=True))
    with plt.rc_context(settings()):
        whole = table.assign(group=table[group], x=table[x].astype(float), y=table[y].astype(float)).dropna(subset=["x", "y", "group"])
        rows, hidden = _marked(whole, "y")
        gone = sentences(_hidden(len(hidden)), say("charts_groups.gone", k=len(table) - len(whole)) if len(whole) < len(table) else "")
        if rows.empty:
            return _blank(sentences(say("charts.nothing"), gone), title or say("charts.nothing_title"), simulated)
        centres = _centres(whole, rows["group"])
        fig, ax = figure(23 + 1.3 * len(slopes))
        _draw_lines(ax, rows, whole, centres, slopes, names["g"])
        small = rows["small"].to_numpy()
        dots(ax, rows["x"].to_numpy(), rows["y"].to_numpy(), small, BLUE, "o")
        ax.margins(0.06)
        ax.set(xlabel=wrap(names["x"], 60, 1), ylabel=wrap(say("charts_groups.y_axis", name=names["y"]), 44, 1))
        _ticks(ax.xaxis, number)
        _ticks(ax.yaxis, number)
        ax.grid(axis="y", color="#ededed")
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False, borderaxespad=0.2, handlelength=3)
        facts = {"group": shorten(names["g"]), **{line: _plus(slopes.loc[line, "estimate"]) for line in ("within", "between")}}
        caption = sentences(_caption(rows, centres, slopes, names), say("charts.hollow") if small.any() else "", gone)
        return finish(fig, ax, title or say("charts_groups.title", **facts), caption, simulated)


def _slopes(slopes):
    """The slopes by the name of their line, in the order of LINES."""
    _need(slopes, ["line", "estimate", "ci_low", "ci_high", "n"], "plot_within")
    found = slopes["line"].astype(str).tolist()
    if len(set(found)) < len(found) or not {"within", "between"} <= set(found) <= set(LINES):
        raise CxError(say("charts_groups.lines", found=", ".join(found) or "–"))
    return slopes.assign(line=found).set_index("line").loc[[line for line in LINES if line in found]]


def _centres(whole, drawn):
    """The mean of each group that has a point in the figure, weighted by n; `small` under 30 answers in all."""
    sums = whole.assign(x=whole["x"] * whole["n"], y=whole["y"] * whole["n"]).groupby("group", observed=True)[["x", "y", "n"]].sum()
    sums = sums.loc[[name for name in sums.index if name in set(drawn)]]
    return sums.assign(x=sums["x"] / sums["n"], y=sums["y"] / sums["n"], small=sums["n"] < 30)


def _draw_lines(ax, rows, whole, centres, slopes, name):
    within, scale = slopes.loc["within", "estimate"], plt.rcParams["font.size"] / 11
    looks = {line: look | {"lw": look["lw"] * scale} for line, look in LINES.items()}
    for place, part in rows.groupby("group", observed=True):
        ends, middle = np.array([part["x"].min(), part["x"].max()]), centres.loc[place]
        foot = middle["y"] + within * (part["x"] - middle["x"])
        ax.vlines(part["x"], part["y"], foot, color="#b0b0b0", lw=0.9 * scale, zorder=1)  # of which group the point is
        ax.plot(ends, middle["y"] + within * (ends - middle["x"]), zorder=2, **looks["within"])
    through = {"between": (centres["x"].mean(), centres["y"].mean()),
               "raw": (np.average(whole["x"], weights=whole["n"]), np.average(whole["y"], weights=whole["n"]))}
    for line, (at, height) in through.items():
        if line in slopes.index:
            look = {key: value for key, value in looks[line].items() if key != "marker"}
            ends = np.array([centres["x"].min(), centres["x"].max()] if line == "between" else [rows["x"].min(), rows["x"].max()])
            ax.plot(ends, height + slopes.loc[line, "estimate"] * (ends - at), zorder=4, **look)
    for fill, here in ((ORANGE, ~centres["small"]), ("white", centres["small"])):
        ax.plot(centres["x"][here], centres["y"][here], "D", color=ORANGE, mfc=fill, mec=INK, mew=1, zorder=5)
    for line, row in slopes.iterrows():
        ax.plot([], [], label=f"{say(f'charts_groups.{line}', group=wrap(name, 18, 1))}: {_told(row)}", **looks[line])


def _caption(rows, centres, slopes, names):
    x, y, group = (shorten(names[key]) for key in "xyg")
    told = [say("charts_groups.caption", k=number(len(rows)), g=number(len(centres)), n=_sizes(rows["n"]), x=x, y=y, group=group)]
    level = level_text(slopes.attrs.get("level", 0.95))
    told += [say(f"charts_groups.caption_{line}", group=group, slope=_plus(row["estimate"]), low=number(row["ci_low"], 2),
                 high=number(row["ci_high"], 2), n=number(row["n"]), level=level) for line, row in slopes.iterrows()]
    sides = [0 if row["ci_low"] <= 0 <= row["ci_high"] else np.sign(row["estimate"]) for _, row in slopes.loc[["within", "between"]].iterrows()]
    if slopes.loc[["within", "between"], ["ci_low", "ci_high"]].notna().all(axis=None):
        told.append(say("charts_groups.unsettled" if 0 in sides else "charts_groups.same" if sides[0] == sides[1] else "charts_groups.opposite"))
    return sentences(*told)


def _told(row):
    return f"{_plus(row['estimate'])} ({number(row['ci_low'], 2)} … {number(row['ci_high'], 2)})"


def _plus(slope):
    return ("+" if slope > 0 else "") + number(slope, 2)
