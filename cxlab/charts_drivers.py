"""Figures of drivers: importance, importance against performance, penalties and rewards, Kano's classes, expectation against experience.

As in `charts`: a table in, the Axes with its caption out; nothing is estimated here.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patheffects import withStroke

from .charts import BLUE, ORANGE, _hidden, _is_simulated, _need
from .charts_coding import _blank, _named, _sizes
from .figures import INK, dots, figure, finish, letters, level_text, sentences, settings, share_text, shorten, wrap
from .framework import CxError, number, percent, say
from .intervals import notes

LINE, QUIET = "#9a9a9a", "#5f5f5f"
KINDS = {"basic": ("s", ORANGE), "performance": ("o", "#000000"), "excitement": ("^", BLUE), "unclear": ("D", "#7d7d7d")}
LEADERS = {"A": "o", "O": "s", "M": "D", "I": "h", "R": "p"}
ZONES = {"A": (1, 0), "O": (1, 1), "M": (0, 1), "I": (0, 0)}  # the corner of each: much or little better, much or little worse
CUT = 0.5  # between the zones, by custom (Berger et al. 1993)
SIDES = ("more_higher", "more_lower", "less_higher", "less_lower")  # of the mean importance, of the mean performance


def plot_importance(table, title=None, simulated=False, labels=None):
    """Importance of each driver with its interval, in order; beside it the ranks that are possible and how stable the first place is.

    table : what `cx.importance` gives. labels : {driver: name to show}. Returns the Axes, with `caption`.
    """
    columns = ["importance", "share", "ci_low", "ci_high", "rank_low", "rank_high", "first"]
    rows, hidden = _rows(table, "driver", columns, "plot_importance", labels)
    simulated = _is_simulated(table, simulated)
    with plt.rc_context(settings()):
        if rows.empty:
            return _blank(sentences(say("charts.nothing"), hidden), title or say("charts.nothing_title"), simulated)
        rows = rows.sort_values("importance", ascending=False, kind="stable")
        y, resampled = np.arange(len(rows)), rows["first"].notna().all()
        fig, ax = _ranked(rows)
        ax.hlines(y, 0, rows["importance"], color="#e9e9e9", lw=9, zorder=1)
        ax.hlines(y, rows["ci_low"], rows["ci_high"], color=BLUE, lw=2, zorder=2)
        dots(ax, rows["importance"].to_numpy(), y, rows["small"].to_numpy(), BLUE, "o")
        ax.set_xlim(0, 1.04 * max(rows[["importance", "ci_high"]].max().max(), 0.01))
        _ticks(ax.xaxis, percent, 100)
        ax.set_xlabel(say("charts_drivers.importance_axis", level=_level(table)))
        if resampled:
            ranks = [number(low) if low == high else f"{number(low)}–{number(high)}"
                     for low, high in zip(rows["rank_low"], rows["rank_high"], strict=True)]
            _write_columns(ax, (say("charts_drivers.ranks"), ranks), (say("charts_drivers.stability"), list(map(share_text, rows["first"]))))
        leading = rows["label"][rows["rank_low"] == 1]  # nothing stands significantly above any of these
        key = "title_first" if len(leading) == 1 else "title_open"
        title = title or say(f"charts_drivers.importance_{key}", first=shorten(rows.iloc[0]["label"]), k=len(leading))
        return finish(fig, ax, title, sentences(_importance_caption(rows, leading, resampled, _level(table)), _small(rows), hidden), simulated)


def _importance_caption(rows, leading, resampled, level):
    share = rows["share"].sum()  # of the rows drawn: R² from them even where others were left out
    ends = {f"{end}{part}": text for end, row in (("high", rows.iloc[0]), ("low", rows.iloc[-1]))
            for part, text in (("", shorten(row["label"])), ("_part", percent(row["importance"], 1)))}
    told = say("charts_drivers.importance_caption", k=len(rows), n=number(rows["n"].max()), level=level, **ends,
               r_squared=percent(rows["importance"].sum() / share if share > 0 else 0, 1))
    if not resampled:
        return sentences(told, say("charts_drivers.no_resamples"))
    return sentences(told, say("charts_drivers.beside"), _listed("not_told_apart", leading) if len(leading) > 1 else "",
                     say("charts_drivers.overlap") if len(rows) > 1 else "", say("charts_drivers.never_negative"))


def plot_importance_performance(table, title=None, simulated=False, labels=None):
    """Importance of each driver against its mean rating, both with intervals; the lines are the means of what is drawn.

    table : pandas frame with `driver, importance, ci_low, ci_high` (as from `cx.importance`), `performance, performance_low, performance_high`
    (mean rating with its limits, any unit) and `n`. labels : {driver: name to show}. Returns the Axes, with `caption`.
    """
    columns = ["importance", "ci_low", "ci_high", "performance", "performance_low", "performance_high"]
    rows, hidden = _rows(table, "driver", columns, "plot_importance_performance", labels)
    simulated = _is_simulated(table, simulated)
    with plt.rc_context(settings()):
        rows = rows[rows[["importance", "performance"]].notna().all(axis=1)]
        if rows.empty:
            return _blank(sentences(say("charts.nothing"), hidden), title or say("charts.nothing_title"), simulated)
        means = rows["importance"].mean(), rows["performance"].mean()
        fig, ax = figure(21)
        for draw_line, mean in zip((ax.axvline, ax.axhline), means, strict=True):
            draw_line(mean, color=LINE, lw=1, zorder=0)
        x, y = (rows[[name, *ends]].to_numpy(dtype=float).T for name, *ends in (columns[:3], columns[3:]))
        _crosses(ax, x, y, BLUE)
        dots(ax, x[0], y[0], rows["small"].to_numpy(), BLUE, "o")
        ax.margins(0.08)
        ax.set(xlabel=say("charts_drivers.importance_axis", level=_level(table)), ylabel=say("charts_drivers.performance_axis", level=_level(table)))
        _ticks(ax.xaxis, percent, 100)
        _ticks(ax.yaxis, number)
        clear = {side: _clear(rows, means, *side.split("_")) for side in SIDES}
        title = title or say("charts_drivers.performance_title", k=sum(map(len, clear.values())), n=len(rows))
        caption = sentences(say("charts_drivers.performance_caption", k=len(rows), n=_sizes(rows["n"]), level=_level(table)),
                            *[_listed(side, names) for side, names in clear.items()],
                            say("charts_drivers.mean_lines"), _small(rows), hidden)
        return _name_points(finish(fig, ax, title, caption, simulated), x, y, rows["label"])


def _clear(rows, means, importance, performance):
    """Names of the drivers whose whole cross lies on one side of both lines."""
    right = rows["ci_low"] > means[0] if importance == "more" else rows["ci_high"] < means[0]
    above = rows["performance_low"] > means[1] if performance == "higher" else rows["performance_high"] < means[1]
    return rows["label"][right & above]


def plot_penalty_reward(table, title=None, simulated=False, labels=None):
    """What a low score on each attribute goes with, and what a high score, against a middling one; the kind by marker and by name.

    table : what `cx.penalty_reward` gives. labels : {attribute: name to show}. Rows stand from the most negative asymmetry to the most positive.
    Returns the Axes, with `caption`.
    """
    sides = [[what, f"{what}_low", f"{what}_high"] for what in ("penalty", "reward")]
    rows, hidden = _rows(table, "attribute", [*sum(sides, []), "n_low", "n_high", "asymmetry", "kind"], "plot_penalty_reward", labels)
    simulated = _is_simulated(table, simulated)
    with plt.rc_context(settings()):
        if rows["asymmetry"].isna().all():
            return _blank(say("charts_drivers.none_estimated"), title, simulated)
        rows = rows.sort_values("asymmetry", kind="stable")  # what is not estimated comes last
        fig, ax = _ranked(rows)
        y, few = np.arange(len(rows)), (rows[["n_low", "n_high"]] < 30).to_numpy()
        colours = [KINDS[kind][1] if kind in KINDS else INK for kind in rows["kind"]]
        for (what, low, high), small in zip(sides, few.T, strict=True):
            ax.barh(y, rows[what], height=0.5, color="#ededed", zorder=0)
            ax.hlines(y, rows[low], rows[high], color=colours, lw=2.2, zorder=2)
            for kind, (marker, colour) in KINDS.items():
                here = (rows["kind"] == kind).to_numpy()
                dots(ax, rows[what].to_numpy(dtype=float)[here], y[here], small[here], colour, marker)
        ax.axvline(0, color=LINE, lw=1, zorder=1)
        _ticks(ax.xaxis, number)
        ax.set_xlabel(say("charts_drivers.effects_axis", level=_level(table)))
        kinds = [say(f"charts_drivers.{kind}") if kind in KINDS else say("charts_drivers.not_estimated") for kind in rows["kind"]]
        sizes = [(say(f"charts_drivers.{side}"), [number(n) for n in rows[side]]) for side in ("n_low", "n_high")]
        _write_columns(ax, *sizes, ("", kinds))
        found = rows["kind"].value_counts()
        told = {"n": len(rows), "basic": found.get("basic", 0), "excitement": found.get("excitement", 0)}
        caption = sentences(say("charts_drivers.effects_caption", answers=number(rows["n"].max()), level=_level(table), **told),
                            *[say(f"charts_drivers.caption_{kind}", names=_join(rows["label"][rows["kind"] == kind]))
                              for kind in KINDS if kind in found],
                            say("charts_drivers.caption_not_estimated") if rows["asymmetry"].isna().any() else "",
                            say("charts_drivers.few_scores") if few[rows["asymmetry"].notna()].any() else "", hidden)
        return finish(fig, ax, title or say("charts_drivers.effects_title", **told), caption, simulated)


def plot_kano(table, title=None, simulated=False, labels=None):
    """How many an attribute would please if there, against how many it would displease if not, with intervals; the leading class as letter.

    table : what `cx.kano` gives. labels : {attribute: name to show}. Hollow: the leading class and the next do not differ. Rows with fewer than
    10 pairs, or with nobody in A, O, M or I, are only counted. Returns the Axes, with `caption`.
    """
    columns = ["better", "better_low", "better_high", "worse", "worse_low", "worse_high"]
    rows, hidden = _rows(table, "attribute", [*columns, "leader", "mixed"], "plot_kano", labels)
    simulated = _is_simulated(table, simulated)
    with plt.rc_context(settings()):
        placed = rows[rows["better"].notna()]
        left_out = sentences(_listed("unplaced", rows["label"][rows["better"].isna()]), hidden)
        if placed.empty:
            return _blank(sentences(say("charts.nothing"), left_out), title or say("charts.nothing_title"), simulated)
        fig, ax = figure(24)
        _draw_zones(ax)
        x, y = placed[columns[:3]].to_numpy().T, -placed[["worse", "worse_high", "worse_low"]].to_numpy().T
        _crosses(ax, x, y, BLUE)
        for better, worse, leader, mixed in zip(x[0], y[0], placed["leader"], placed["mixed"], strict=True):
            ax.plot(better, worse, LEADERS[leader], color=BLUE, mfc="white" if mixed else BLUE, ms=1.7 * plt.rcParams["font.size"], mew=1.6, zorder=3,
                    clip_on=False)
            ax.text(better, worse, leader, color=INK if mixed else "white", weight="bold", ha="center", va="center_baseline", zorder=4)
        ax.set(xlabel=say("charts_drivers.better_axis", level=_level(table)), ylabel=say("charts_drivers.worse_axis", level=_level(table)))
        told = {"k": int((~placed["mixed"].astype(bool)).sum()), "n": len(placed)}
        caption = sentences(say("charts_drivers.kano_caption", answers=_sizes(placed["n"]), level=_level(table), **told),
                            *[_listed("led", placed["label"][placed["leader"] == kind], letter=kind, name=say(f"charts_drivers.{kind}"))
                              for kind in LEADERS],
                            say("charts_drivers.mixed") if placed["mixed"].any() else "", say("charts_drivers.zones", cut=percent(CUT)),
                            _listed("few_pairs", placed["label"][placed["small"]]), left_out)
        return _name_points(finish(fig, ax, title or say("charts_drivers.kano_title", **told), caption, simulated), x, y, placed["label"], 0.85)


def _draw_zones(ax):
    """Four fields, lightly marked, with the class each is named after in its corner."""
    for kind, (right, up) in ZONES.items():
        ax.fill_between([CUT * right, CUT + CUT * right], CUT * up, CUT + CUT * up, color="#f5f5f5" if right == up else "white", lw=0, zorder=-1)
        ax.annotate(say("charts_drivers.zone", letter=kind, name=say(f"charts_drivers.{kind}")), (right, up), (4 - 8 * right, 4 - 8 * up),
                    textcoords="offset points", ha="right" if right else "left", va="top" if up else "bottom", color=QUIET)
    for draw_line in (ax.axvline, ax.axhline):
        draw_line(CUT, color="#d0d0d0", lw=1, zorder=-0.5)
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    for axis in (ax.xaxis, ax.yaxis):
        _ticks(axis, percent, 100)


def plot_surface(grid, counts, title=None, simulated=False, labels=None):
    """What a fitted formula predicts over expectation and experience, as contours, with the line where both are equal and a bubble a pair of answers.

    grid : pandas frame `expected, perceived, predicted`, a row for every pair of the values of both. counts : `expected, perceived, n`, how many
    gave each pair of answers. labels : {"expected": ..., "perceived": ..., "predicted": names to show}. Returns the Axes, with `caption`.
    """
    names = {column: say(f"charts_drivers.{column}") for column in ("expected", "perceived", "predicted")} | (labels or {})
    _need(counts, ["expected", "perceived", "n"], "plot_surface")
    heights, simulated = _heights(grid), _is_simulated(grid, simulated) or _is_simulated(counts, False)
    with plt.rc_context(settings()):
        cells = counts.loc[counts["n"] > 0, ["expected", "perceived", "n"]].astype(float)
        if cells["n"].sum() < 10:
            return _blank(say("charts.nothing_short"), title or say("charts.nothing_title"), simulated)
        fig, ax = figure(24)
        _draw_surface(ax, heights)
        _draw_cloud(ax, cells)
        ax.set(xlabel=wrap(names["expected"], 60, 1), ylabel=wrap(names["perceived"], 40, 1))
        beyond, short = (cells["n"][side].sum() for side in (cells["perceived"] > cells["expected"], cells["perceived"] < cells["expected"]))
        there = [heights.iloc[abs(heights.index - perceived).argmin(), abs(heights.columns - expected).argmin()]
                 for expected, perceived in zip(cells["expected"], cells["perceived"], strict=True)]
        told = {"predicted": shorten(names["predicted"]), "low": number(min(there), 1), "high": number(max(there), 1)}
        caption = say("charts_drivers.surface_caption", **told, n=number(cells["n"].sum()), beyond=number(beyond), short=number(short),
                      equal=number(cells["n"].sum() - beyond - short))
        return finish(fig, ax, title or say("charts_drivers.surface_title", **told), caption, simulated)


def _heights(grid):
    """The grid as a square: a row for each `perceived`, a column for each `expected`."""
    _need(grid, ["expected", "perceived", "predicted"], "plot_surface")
    places = grid.groupby(["perceived", "expected"])["predicted"]
    heights = places.first().unstack().astype(float)
    if places.size().max() != 1 or min(heights.shape) < 2 or heights.isna().any(axis=None):
        raise CxError(say("charts_drivers.grid", expected=heights.shape[1], perceived=heights.shape[0], n=number(len(grid))))
    return heights


def _draw_surface(ax, heights):
    """Filled contours from light to middling dark, which keep their order in grey, the height written on each line; and the line of equality."""
    low, high = heights.min(axis=None), heights.max(axis=None)
    levels = plt.MaxNLocator(8, steps=[1, 2, 5, 10]).tick_values(low, high) if high - low > 1e-9 else np.array([low - 0.5, low + 0.5])
    expected, perceived = heights.columns.to_numpy(dtype=float), heights.index.to_numpy(dtype=float)
    ax.contourf(expected, perceived, heights, levels, colors=plt.get_cmap("Blues")(np.linspace(0.02, 0.6, len(levels) - 1)), zorder=0)
    if len(levels) > 2:
        lines, digits = ax.contour(expected, perceived, heights, levels[1:-1], colors=QUIET, linewidths=0.8, zorder=1), _digits(levels[1] - levels[0])
        for text in ax.clabel(lines, fmt=lambda height: number(height, digits), fontsize=plt.rcParams["font.size"], colors=INK, zorder=5):
            text.set_path_effects([withStroke(linewidth=3, foreground="white")])
    ends = max(expected[0], perceived[0]), min(expected[-1], perceived[-1])
    if ends[0] < ends[1]:
        ax.plot(ends, ends, "--", color=INK, lw=1.8, zorder=2, label=say("charts_drivers.equal"))
    for set_limits, axis, values in ((ax.set_xlim, ax.xaxis, expected), (ax.set_ylim, ax.yaxis, perceived)):
        room = 0.04 * np.ptp(values)  # for the bubbles at the edge
        set_limits(values[0] - room, values[-1] + room)
        _ticks(axis, number)


def _draw_cloud(ax, cells):
    """A bubble a cell, its area the number of answers; sizes are explained beside the figure."""
    most = cells["n"].max()
    area = (2.2 * plt.rcParams["font.size"]) ** 2 / most
    look = {"facecolor": "white", "edgecolor": INK, "linewidth": 1, "alpha": 0.75}
    ax.scatter(cells["expected"], cells["perceived"], s=area * cells["n"], zorder=3, **look)
    for n in sorted({most, -(-most // 4), 1}, reverse=True):
        ax.scatter([], [], s=area * n, label=say("charts_drivers.answers", n=number(n)), **look)
    ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False, borderaxespad=0, labelspacing=1.1)


def _rows(table, name, columns, function, labels):
    """The rows on at least 10 answers, with `label` and `small`; and the sentence that counts the others."""
    _need(table, [name, *columns, "n"], function)
    note = np.asarray(notes(table["n"]))
    rows = table.assign(label=_named(table[name], labels), small=note == "small")[note != "hidden"]
    return rows, _hidden(len(table) - len(rows))


def _ranked(rows):
    """A figure with a line for each row, named at the left."""
    names = [wrap(label, 26, 2) for label in rows["label"]]
    fig, ax = figure(len(rows) * max(1.15 * max(name.count("\n") + 1 for name in names), 1.3) + 2.6)
    ax.set_yticks(range(len(rows)), names)
    ax.set_ylim(len(rows) - 0.45, -0.6)
    return fig, ax


def _write_columns(ax, *columns):
    """Texts of each row in columns to the right of the figure, each under its heading."""
    size, right = plt.rcParams["font.size"], 0
    for heading, texts in columns:
        right += (0.6 * max(map(letters, [*heading.split("\n"), *texts])) + 1) * size
        style = {"textcoords": "offset points", "ha": "right"}
        ax.annotate(heading, (1, 1), (right, 3), xycoords=ax.transAxes, va="bottom", color=QUIET, **style)
        for height, text in enumerate(texts):
            ax.annotate(text, (1, height), (right, 0), xycoords=ax.get_yaxis_transform(), va="center", **style)


def _crosses(ax, x, y, colour):
    """Two intervals through each point; x, y : (estimate, low, high)."""
    ax.hlines(y[0], x[1], x[2], color=colour, lw=1.6, zorder=2)
    ax.vlines(x[0], y[1], y[2], color=colour, lw=1.6, zorder=2)


def _name_points(ax, x, y, names, radius=0.5):
    """Writes each name near its point, where it meets no other text, no marker and few lines; a thin line leads to one that had to go further.

    Called when the layout is settled; radius : of the markers, in sizes of the type.
    """
    renderer, size = ax.figure.canvas.get_renderer(), plt.rcParams["font.size"] * ax.figure.dpi / 72
    at, left, right, low, high = (ax.transData.transform(np.column_stack(pair)) for pair in
                                  ((x[0], y[0]), (x[1], y[0]), (x[2], y[0]), (x[0], y[1]), (x[0], y[2])))
    lines = [line.get_window_extent(renderer).extents + np.array([-2, -2, 2, 2]) for line in ax.lines if line.get_marker() == "None"]
    arms = np.nan_to_num(np.vstack([np.hstack([left - 2, right + 2]), np.hstack([low - 2, high + 2]), *lines]))
    taken = [*np.hstack([at - radius * size, at + radius * size]), *(text.get_window_extent(renderer).extents for text in ax.texts)]
    frame = ax.get_window_extent().extents
    angles = np.arange(16) * np.pi / 8
    towards = np.column_stack([np.cos(angles), np.sin(angles)])
    for point, name, xy in zip(at, names, np.column_stack([x[0], y[0]]), strict=True):
        text = ax.annotate(wrap(name, 22, 2), xy, (0, 0), textcoords="offset points", ha="center", va="center", zorder=5, color=INK,
                           path_effects=[withStroke(linewidth=3, foreground="white")])
        half = np.array([text.get_window_extent(renderer).width, text.get_window_extent(renderer).height]) / 2 + 2
        away = np.repeat(radius + np.array([0.25, 1, 2, 3.5, 5.5, 8]), len(towards)) * size
        around = np.tile(towards, (6, 1))
        centre = point + around * away[:, None] + np.clip(2 * around, -1, 1) * half
        boxes = np.hstack([centre - half, centre + half])
        outside = np.clip(np.hstack([frame[:2] - boxes[:, :2], boxes[:, 2:] - frame[2:]]), 0, None).sum(axis=1)
        cost = 50 * _overlap(boxes, np.array(taken)) + 4 * _overlap(boxes, arms) + 1e4 * outside + away * size
        best = cost.argmin()
        text.set_position((centre[best] - point) * 72 / ax.figure.dpi)
        taken.append(boxes[best])
        if away[best] > (radius + 1) * size:
            end = np.clip(point, boxes[best][:2], boxes[best][2:])
            ax.annotate("", xy, (end - point) * 72 / ax.figure.dpi, textcoords="offset points", zorder=1,
                        arrowprops={"arrowstyle": "-", "color": LINE, "lw": 1, "shrinkA": 0, "shrinkB": 0})
    return ax


def _overlap(boxes, others):
    """The area of each box that others cover, those counted twice that lie twice on it; boxes : (left, bottom, right, top)."""
    width, height = (np.minimum(boxes[:, None, k + 2], others[None, :, k + 2]) - np.maximum(boxes[:, None, k], others[None, :, k]) for k in (0, 1))
    return (np.clip(width, 0, None) * np.clip(height, 0, None)).sum(axis=1)


def _ticks(axis, write, times=1):
    """A few round ticks, all with as many decimals as their distance needs; times : what `write` multiplies by."""
    axis.set_major_locator(plt.MaxNLocator(7, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(lambda value, _: write(value, _digits(times * np.diff(axis.get_majorticklocs())[0])))


def _digits(step):
    return max(0, int(np.ceil(-np.log10(step) - 1e-9)))


def _level(table):
    return level_text(table.attrs.get("level", 0.95))


def _listed(message, labels, **told):
    """A sentence on some of the rows by name; nothing where there are none."""
    return say(f"charts_drivers.{message}", k=len(labels), names=_join(labels), **told) if len(labels) else ""


def _join(labels):
    return "; ".join(map(shorten, labels))  # some names have commas in them


def _small(rows):
    return say("charts.hollow") if rows["small"].any() else ""
