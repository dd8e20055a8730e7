"""Figures of scales: means and other estimates by group, the items of a scale, a battery of items, gaps between two groups, and means of employees
pulled toward the average.

As in `charts`: a table in, the Axes with its caption out; nothing is estimated here. Intervals are called by `table.attrs["level"]`, else 0.95.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from .charts import BLUE, ORANGE, _hidden, _is_simulated, _need, _notes, _percent_axis
from .charts import GROUPS as SERIES
from .charts_coding import ABOVE, GROUPS, _blank, _named, _sizes
from .figures import INK, dots, figure, finish, letters, level_text, plain, sentences, settings, share_text, shorten, wrap
from .framework import CxError, keys, label, number, percent, say
from .intervals import notes

MIDDLE, GREY = "#9a9a9a", "#c4c4c4"
# From one end of a scale to the other: the two ends are dark, the middle is light, in grey too.
ENDS = LinearSegmentedColormap.from_list("ends", ["#6b3600", ORANGE, "#f2f2f2", "#56a9d8", "#003a63"])
GAP = ("group_1", "group_2", "n_1", "n_2", "estimate_1", "estimate_2", "difference", "ci_low", "ci_high", "n", "method", "note")
ROOM = 0.14  # for a share written beside the bar of "don't know"
EMPLOYEES = 60  # rows of a figure of employees
AXIS = 60  # letters in a line below the axis: what is measured may take two


# ---- estimates by group ---------------------------------------------------------------------------------------------------------


def plot_estimates(table, estimate="mean", axis=None, labels=None, scale=None, reference=None, digits=2, title=None, simulated=False,
                   self_selected=None):
    """Estimates of groups, each with its interval: means, differences, coefficients.

    table : columns that name the groups first (one: a row each; two: the second, of up to four values, by colour and marker), then `n`, the
    estimate, `ci_low`, `ci_high` and, optional, `note`: what `cx.mean` gives. estimate : name of its column. axis : what is measured and its unit,
    for the axis. labels : {value: name to show}. scale : ends of the scale drawn; (0, 1) writes shares. reference : a number to draw as a line,
    or {value of the second column: number} for one each. digits : decimals. self_selected : False where the rows are no answers of a sample that
    selected itself (a log of events, all customers): the caption then says nothing of those who did not answer; default: `table.attrs`, else True.
    Rows keep the order of the table. Returns the Axes, with `caption`.
    """
    _need(table, ["n", estimate, "ci_low", "ci_high"], "plot_estimates")
    named, simulated = list(table.columns[:list(table.columns).index("n")]), _is_simulated(table, simulated)
    if len(named) not in (1, 2) or (len(named) == 2 and table[named[1]].nunique() > len(SERIES)) or table.duplicated(named).any():
        raise CxError(say("charts_scales.unlike_groups", columns=", ".join(map(str, named)) or "–", most=len(SERIES)))
    write = (lambda value: percent(value, max(digits - 2, 0))) if scale == (0, 1) else (lambda value: number(value, digits))
    with plt.rc_context(settings()):
        rows, hidden = _marked(table, estimate)
        if rows.empty:
            return _blank(sentences(say("charts.nothing"), _hidden(len(hidden))), title or say("charts.nothing_title"), simulated)
        series = _named(rows[named[1]], labels) if len(named) == 2 else ""
        rows = rows.assign(label=_named(rows[named[0]], labels), series=series, value=rows[estimate])
        lines = dict(zip(_named(reference, labels), reference.values(), strict=True)) if isinstance(reference, dict) else {"": reference}
        lines = {name: line for name, line in lines.items() if line is not None}
        fig, ax = _draw_estimates(rows, scale, lines, write)
        line_is = say("charts_scales.line_is", level=level_text(table.attrs.get("level", 0.95)))
        _name_axis(ax, axis, line_is)
        full = rows["label"] + np.where(rows["series"] == "", "", ", " + rows["series"])
        several = "charts_scales.items_title" if estimate == "mean" else "charts_scales.estimates_title"
        kind = several if len(rows) > 1 else "charts_scales.estimate_title"
        caption = sentences(_estimates_caption(rows, full, lines, write), _notes(rows, len(hidden), table, self_selected))
        return finish(fig, ax, title or say(kind, **_ends(full.tolist(), rows["value"], write)), caption, simulated)


def _draw_estimates(rows, scale, lines, write):
    names, series = list(dict.fromkeys(rows["label"])), list(dict.fromkeys(rows["series"]))
    wrapped = [wrap(name, 30, 2) for name in names]
    each = max(len(series) * 1.25 + 0.4 * (len(series) > 1), *(1.15 * name.count("\n") + 1.6 for name in wrapped))
    fig, ax = figure(len(names) * each + 1 + 1.6 * (len(series) > 1))
    y = rows["label"].map(names.index).to_numpy() + (rows["series"].map(series.index).to_numpy() - (len(series) - 1) / 2) * 1.25 / each
    for place, name in enumerate(series):
        here, (colour, marker) = (rows["series"] == name).to_numpy(), SERIES[place]
        ax.hlines(y[here], rows["ci_low"][here], rows["ci_high"][here], color=colour, lw=2)
        dots(ax, rows["value"].to_numpy()[here], y[here], rows["small"].to_numpy()[here], colour, marker)
        if name:
            ax.plot([], [], marker, color=colour, label=wrap(name, 24, 1))
    for name, line in lines.items():
        ax.axvline(line, color=SERIES[series.index(name)][0] if name in series and name else MIDDLE, lw=1.4, ls=(0, (5, 3)), zorder=0)
    ax.set_yticks(range(len(names)), wrapped)
    ax.set_ylim(len(names) - 0.45, -0.6)
    reached = rows[["ci_low", "ci_high", "value"]].assign(**{f"line {k}": line for k, line in enumerate(lines.values())})
    _scale_axis(ax, scale or (None, None), reached)
    if scale == (0, 1):
        _percent_axis(ax)
    if len(series) > 1:
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(series), frameon=False, borderaxespad=0.2, handletextpad=0.2)
    texts = [_with_limits(*row, write) for row in rows[["value", "ci_low", "ci_high"]].itertuples(index=False)]
    _write_columns(ax, y, {"": texts, "n": [number(n) for n in rows["n"]]})
    return fig, ax


def _name_axis(ax, axis, line_is):
    """What is measured, then what the line is; what is measured may take two lines of its own, and the figure grows by what is added."""
    measured = plain(axis) if axis else ""
    name = f"{wrap(measured, AXIS, 2)};\n{line_is}" if len(measured) > AXIS else f"{measured}; {line_is}" if measured else line_is
    width, height = ax.figure.get_size_inches()
    ax.figure.set_size_inches(width, height + name.count("\n") * plt.rcParams["font.size"] * 1.35 / 72)
    ax.set_xlabel(name)


def _estimates_caption(rows, full, lines, write):
    parts = [say("charts_scales.estimate_part", name=shorten(name), n=number(row["n"]), value=write(row["value"]), low=write(row["ci_low"]),
                 high=write(row["ci_high"])) for name, (_, row) in zip(full, rows.iterrows(), strict=True)]
    drawn = "; ".join(sentences(shorten(name), write(line)) for name, line in lines.items())
    return sentences("; ".join(parts[:12]) + ("; …" if len(parts) > 12 else "."), say("charts_scales.reference", lines=drawn) if drawn else "")


# ---- items of a scale ------------------------------------------------------------------------------------------------------------


def plot_items(table, groups=None, scale=None, labels=None, title=None, simulated=False):
    """The mean of each item with its interval on the answer scale, item by item under its component.

    table : what `cx.item_table` gives, also several of them joined. groups : {item: component}, a key of the vocabulary ("functional", ...); items
    without one stand last. scale : lowest and highest answer; default: those the table was made with. labels : {item: name to show}.
    Items keep the order of the table; reversed ones are marked. Returns the Axes, with `caption`.
    """
    _need(table, ["item", "n", "mean", "ci_low", "ci_high", "note"], "plot_items")
    simulated, scale = _is_simulated(table, simulated), scale or (table.attrs.get("low"), table.attrs.get("high"))
    groups = {item: label("components", key) for item, key in (groups or {}).items()}
    order = [label("components", key) for key in keys("components")]
    with plt.rc_context(settings()):
        rows, hidden = _marked(table, "mean")
        if rows.empty:
            return _blank(sentences(say("charts.nothing"), _hidden(len(hidden))), title or say("charts.nothing_title"), simulated)
        rows = rows.assign(label=_named(rows["item"], labels), group=[groups.get(item, "") for item in rows["item"]])
        rows = rows.sort_values("group", key=lambda names: names.map(lambda name: order.index(name) if name else len(order)), kind="stable")
        fig, ax = _draw_items(rows, scale, level_text(table.attrs.get("level", 0.95)))
        ends = _ends(rows["label"].tolist(), rows["mean"], lambda mean: number(mean, 1))
        title = title or say("charts_scales.items_title" if len(rows) > 1 else "charts_scales.item_title", **ends)
        caption = sentences(_items_caption(rows, scale, ends), _notes(rows, len(hidden), table, None))
        return finish(fig, ax, title, caption, simulated)


def _draw_items(rows, scale, level):
    names = [wrap(name, 34, 2) for name in rows["label"]]
    first = (rows["group"] != rows["group"].shift()) & (rows["group"] != "")  # a heading stands above it
    lines = np.array([1.15 * name.count("\n") + 1.4 for name in names])
    y = (lines + 1.5 * first).cumsum().to_numpy() - lines / 2
    fig, ax = figure(y[-1] + lines[-1] / 2 + 1)
    turned = rows["note"].str.contains("reversed").to_numpy(dtype=bool)
    ax.hlines(y, rows["ci_low"], rows["ci_high"], color=BLUE, lw=2)
    for here, marker in ((~turned, "o"), (turned, "D")):
        dots(ax, rows["mean"].to_numpy()[here], y[here], rows["small"].to_numpy()[here], BLUE, marker)
    names = [say("charts_scales.reversed_item", item=name) if reverse else name for name, reverse in zip(names, turned, strict=True)]
    ax.set_yticks([*y, *(y - lines / 2 - 0.7)[first]], [*names, *rows["group"][first]])
    for text in ax.get_yticklabels()[len(rows):]:
        text.set_weight("bold")
    ax.set_ylim(y[-1] + lines[-1] / 2, 0)
    _scale_axis(ax, scale, rows[["ci_low", "ci_high", "mean"]])
    ax.set_xlabel(say("charts_scales.items_axis"))
    means = [_with_limits(*row, lambda value: number(value, 2)) for row in rows[["mean", "ci_low", "ci_high"]].itertuples(index=False)]
    _write_columns(ax, y, {say("charts_scales.mean", level=level): means, "n": [number(n) for n in rows["n"]]})
    return fig, ax


def _items_caption(rows, scale, ends):
    key = "charts_scales.items_caption_free" if scale[0] is None else "charts_scales.items_caption"
    reverse = rows["label"][rows["note"].str.contains("reversed")]
    told = {"low": scale[0], "high": scale[1], "k": number(len(rows)), "n": _sizes(rows["n"])}
    return sentences(say(key, **told), say("charts_scales.items_ends", **ends) if len(rows) > 1 else "",
                     say("charts_scales.reversed", items=", ".join(map(shorten, reverse))) if len(reverse) else "")


# ---- a battery of items ----------------------------------------------------------------------------------------------------------


def plot_likert(table, scale=(1, 7), dont_know=None, labels=None, title=None, simulated=False):
    """What each item of a battery was answered, as bars around the middle of the scale; "don't know" stands apart.

    table : `item, value, n, count, share`, for example `pd.concat([cx.share(answers, item, list(range(1, 8))).assign(item=item) for item in items])`.
    scale : lowest and highest answer; answers nobody gave keep their place in the legend. dont_know : the value that means "don't know".
    labels : {item or value: name to show}. Items keep the order of the table. Returns the Axes, with `caption`.
    """
    _need(table, ["item", "value", "n", "count", "share"], "plot_likert")
    levels, simulated = list(range(scale[0], scale[1] + 1)), _is_simulated(table, simulated)
    off = [value for value in table["value"].astype(object).unique() if value not in [*levels, dont_know]]
    if off:
        raise CxError(say("charts_scales.off_scale", low=scale[0], high=scale[1], values=", ".join(map(str, off[:10]))))
    if table.duplicated(["item", "value"]).any():
        raise CxError(say("charts_scales.twice"))
    with plt.rc_context(settings()):
        rows, hidden = _marked(table, "share")
        further = _hidden(hidden["item"].nunique())
        if rows.empty:
            return _blank(sentences(say("charts.nothing"), further), title or say("charts.nothing_title"), simulated)
        items = rows.drop_duplicates("item").set_index("item")
        shares = rows.assign(value=rows["value"].astype(object)).pivot(index="item", columns="value", values="share").loc[items.index]
        apart = shares[dont_know].fillna(0).to_numpy() if dont_know in shares else None
        shares = shares.reindex(columns=levels).fillna(0)
        items["label"] = _named(items.index, labels)
        fig, ax = _draw_battery(items, shares.to_numpy(), apart, _named(levels, labels), _dont_know(dont_know, labels))
        ends = _ends(items["label"].tolist(), shares[[level for level in levels if level > sum(scale) / 2]].sum(axis=1), share_text)
        title = title or say("charts_scales.likert_title" if len(items) > 1 else "charts_scales.likert_title_one", **ends)
        caption = sentences(say("charts_scales.likert_caption", low=scale[0], high=scale[1], n=_sizes(items["n"])),
                            say("charts_scales.likert_ends", **ends) if len(items) > 1 else "",
                            say("charts_scales.apart", name=_dont_know(dont_know, labels)) if apart is not None else "",
                            say("charts_scales.few") if items["small"].any() else "", say("charts_scales.no_interval"), further)
        return finish(fig, ax, title, caption, simulated)


def _dont_know(value, labels):
    return _named([value], labels)[0] if value in (labels or {}) else say("charts_scales.dont_know")


def _draw_battery(items, shares, apart, levels, unknown):
    names = [wrap(name, 30, 2) for name in items["label"]]
    each = 1.2 * max(1 + name.count("\n") for name in names) + 0.5
    fig, ax = figure(len(items) * each + 2.5)
    k, y = len(levels), np.arange(len(items))
    below = np.select([np.arange(k) < (k - 1) / 2, np.arange(k) == (k - 1) / 2], [1, 0.5], 0)  # half of the middle lies to the left
    starts = shares.cumsum(axis=1) - shares - (shares @ below)[:, None]
    left, right = starts.min(), (starts + shares).max()
    end = right if apart is None else right + 0.06 + apart.max() + ROOM
    ax.axvline(0, color=MIDDLE, lw=1, zorder=0)
    ax.labels_in_bars = []
    for j, name in enumerate(levels):
        colour = ENDS(j / (k - 1))
        ax.barh(y, shares[:, j], left=starts[:, j], height=0.66, color=colour, edgecolor="white", lw=1, label=name)
        ink = "white" if np.dot(colour[:3], (0.299, 0.587, 0.114)) < 0.5 else INK
        ax.labels_in_bars += [(ax.text(x + part / 2, height, percent(part), ha="center", va="center", color=ink), part / (end - left + 0.02))
                              for height, x, part in zip(y, starts[:, j], shares[:, j], strict=True) if part > 0]
    if apart is not None:
        ax.barh(y, apart, left=right + 0.06, height=0.66, color=GREY, edgecolor="white", lw=1, hatch="//", label=unknown)
        for height, share in zip(y, apart, strict=True):
            ax.annotate(share_text(share), (right + 0.06 + share, height), (3, 0), textcoords="offset points", va="center")
    ax.set(xlim=(left - 0.02, end), ylim=(len(items) - 0.5, -0.6), xlabel=say("charts_scales.likert_axis"))
    ax.set_yticks(y, names)
    ticks = [tick for tick in np.arange(-1, 1.01, 0.25) if left - 0.01 <= tick <= right + 0.01]
    ax.set_xticks(ticks, [percent(abs(tick)) for tick in ticks])
    _legend_by_rows(ax, fig)
    _write_columns(ax, y, {"n": [number(n) + "*" * small for n, small in zip(items["n"], items["small"], strict=True)]})
    return fig, ax


def _legend_by_rows(ax, fig):
    """The levels in reading order, in as many columns as there is room for (matplotlib fills column by column)."""
    handles, names = ax.get_legend_handles_labels()
    names = [wrap(name, 24, 1) for name in names]
    room = 0.62 * fig.get_size_inches()[0] * 72 / (plt.rcParams["font.size"] * 0.6)
    columns = min(len(names), max(1, int(room / (max(map(letters, names)) + 4))))
    order = [place for column in range(columns) for place in range(column, len(names), columns)]
    ax.legend([handles[place] for place in order], [names[place] for place in order], loc="lower left", bbox_to_anchor=(0, 1), ncols=columns,
              frameon=False, borderaxespad=0.2, handlelength=1, handletextpad=0.4, columnspacing=1)


# ---- gaps ------------------------------------------------------------------------------------------------------------------------


def plot_gaps(table, scale=None, labels=None, title=None, simulated=False):
    """Two groups on one scale, joined, and the difference with its interval beside them.

    table : rows of `cx.gap`, each with the same two groups; what they are of stands in one more column (or several), for example
    `pd.concat([cx.gap(answers, item, "who").assign(item=item) for item in items])`. scale : ends of the scale drawn; (0, 1) means shares, as does
    a table without an estimate outside 0-1 unless a scale is given. labels : {item or group: name to show}. Returns the Axes, with `caption`.
    """
    _need(table, GAP, "plot_gaps")
    named = [column for column in table if column not in GAP]
    if len(table[["group_1", "group_2"]].drop_duplicates()) > 1 or (len(table) > 1 and not named):
        raise CxError(say("charts_scales.unlike_gaps"))
    simulated = _is_simulated(table, simulated)
    with plt.rc_context(settings()):
        rows, hidden = _marked(table, "difference")
        if rows.empty:
            return _blank(sentences(say("charts.nothing"), _hidden(len(hidden))), title or say("charts.nothing_title"), simulated)
        parts = [_named(rows[column], labels) for column in named]
        rows = rows.assign(label=[" · ".join(part) for part in zip(*parts, strict=True)] if parts else "")
        estimates = rows[["estimate_1", "estimate_2"]]
        shares = tuple(scale) == (0, 1) if scale else bool(estimates.ge(0).all(axis=None) and estimates.le(1).all(axis=None))
        groups = _named(rows[["group_1", "group_2"]].iloc[0], labels)
        write = (lambda share: number(100 * share)) if shares else lambda mean: number(mean, 2)
        rows["told"] = [_with_limits(*row, write, "+") for row in rows[["difference", "ci_low", "ci_high"]].itertuples(index=False)]
        rows["sizes"] = [_gap_sizes(row) for _, row in rows.iterrows()]
        fig, ax = _draw_gaps(rows, groups, scale, shares)
        widest = rows.loc[rows["difference"].abs().idxmax()]
        difference, limits = widest["told"].split(" ", 1)
        facts = {"label": shorten(widest["label"]), "first": groups[0], "second": groups[1], "n": widest["sizes"],
                 "difference": say("charts_scales.points", difference=difference, limits=limits) if shares else widest["told"]}
        facts |= {name: percent(widest[name]) if shares else number(widest[name], 2) for name in ("estimate_1", "estimate_2")}
        one = "_one" if len(rows) == 1 and not named else ""
        clear = int(((rows["ci_low"] > 0) | (rows["ci_high"] < 0)).sum())
        caption = sentences(say(f"charts_scales.gaps_caption{one}", **facts),
                            say("charts_scales.clear", k=len(rows), clear=clear) if len(rows) > 1 else "",
                            say("charts.hollow") if rows["small"].any() else "", _hidden(len(hidden)))
        return finish(fig, ax, title or say(f"charts_scales.gaps_title{one}", **facts), caption, simulated)


def _draw_gaps(rows, groups, scale, shares):
    y, small = np.arange(len(rows)), rows["small"].to_numpy()
    names = [f"{wrap(name, 28, 2)}\n{sizes}".strip() for name, sizes in zip(rows["label"], rows["sizes"], strict=True)]
    fig, ax = figure(len(rows) * (1.3 * max(1 + name.count("\n") for name in names) + 0.3) + 2.5)
    ax.hlines(y, rows["estimate_1"], rows["estimate_2"], color=MIDDLE, lw=2, zorder=1)
    for column, (marker, fill), group in zip(("estimate_1", "estimate_2"), GROUPS, groups, strict=True):
        for here, inside in ((~small, fill), (small, "white")):
            ax.plot(rows[column][here], y[here], marker, color=INK, mfc=inside, mew=1.2, zorder=2, clip_on=False)
        ax.plot([], [], marker, color=INK, mfc=fill, mew=1.2, label=wrap(group, 18, 1))
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks(y, names)
    _scale_axis(ax, scale or (None, None), rows[["estimate_1", "estimate_2"]])
    if shares:
        ax.set_xlim(0, 1 if scale else min(1, max(1.08 * rows[["estimate_1", "estimate_2"]].max().max(), 0.05)))
        ax.xaxis.set_major_formatter(lambda value, _: percent(value, int(abs(100 * value - round(100 * value)) > 1e-6)))
    ax.set_xlabel(say("charts_scales.gaps_axis_shares" if shares else "charts_scales.gaps_axis"))
    ax.legend(**ABOVE | {"loc": "lower left", "bbox_to_anchor": (0, 1)})
    head = say("charts_scales.difference_points" if shares else "charts_scales.difference", level=level_text(rows.attrs.get("level", 0.95)))
    _write_columns(ax, y, {head: rows["told"].tolist()})
    return fig, ax


def _gap_sizes(row):
    if row["method"] == "matched units":
        return say("charts_scales.units", n=number(row["n"]))
    return say("charts_scales.sizes", n_1=number(row["n_1"]), n_2=number(row["n_2"]))


# ---- employees -------------------------------------------------------------------------------------------------------------------


def plot_shrinkage(table, average=None, title=None, simulated=False):
    """How far the mean of each employee is pulled toward the average: little where there are many answers, much where there are few.

    table : `unit` (number of the employee), `n` (answers), `raw` (mean), `shrunken` (estimate of a multilevel model), `ci_low`, `ci_high` (of
    the estimate). average : what they are pulled to, drawn as a line. Employees stand in the order of their answers, never of their score;
    under 30 answers none is numbered, under 10 none is drawn; at most 60 are. Returns the Axes, with `caption`.
    """
    _need(table, ["unit", "n", "raw", "shrunken", "ci_low", "ci_high"], "plot_shrinkage")
    if not all(str(unit).removesuffix(".0").isdecimal() for unit in table["unit"]):
        raise CxError(say("charts_scales.names"))
    simulated = _is_simulated(table, simulated)
    with plt.rc_context(settings()):
        rows, hidden = _marked(table, "shrunken")
        if rows.empty:
            return _blank(sentences(say("charts.nothing"), _hidden(len(hidden))), title or say("charts.nothing_title"), simulated)
        rows = rows.sort_values("n", ascending=False, kind="stable")
        further, rows = max(0, len(rows) - EMPLOYEES), rows.head(EMPLOYEES)
        fig, ax = _draw_shrinkage(rows, average)
        facts = {f"{name}_{end}": number(getattr(rows[name], end)(), 1) for name in ("raw", "shrunken") for end in ("min", "max")}
        facts |= {"k": len(rows), "n": _sizes(rows["n"]), "level": level_text(table.attrs.get("level", 0.95))}
        caption = sentences(say("charts_scales.shrinkage_caption", **facts),
                            say("charts_scales.unnumbered") if rows["small"].any() else "", say("charts_scales.not_for_discipline"),
                            say("charts_scales.further", k=further) if further else "", _hidden(len(hidden)))
        return finish(fig, ax, title or say("charts_scales.shrinkage_title", **facts), caption, simulated)


def _draw_shrinkage(rows, average):
    size, small = plt.rcParams["font.size"], rows["small"].to_numpy()
    step = np.where(small, max(0.55, 3 / max(small.sum(), 1)), 1.0)  # those without a number need no line of text each
    y = step.cumsum() - step / 2
    fig, ax = figure(1.15 * step.sum() + 1.5)
    if average is not None:
        ax.axvline(average, color=MIDDLE, lw=1.2, zorder=0)
    ax.hlines(y, rows["ci_low"], rows["ci_high"], color=GREY, lw=2.5, zorder=1)
    ax.plot(rows["raw"], y, "s", color=INK, ms=size * 0.33, zorder=3)
    diameter = size * np.sqrt(rows["n"].to_numpy() / rows["n"].max())
    ax.scatter(rows["shrunken"], y, diameter**2, np.where(small, "white", BLUE), edgecolors=BLUE, linewidths=1.2, zorder=2)
    for height, raw, estimate in zip(y, rows["raw"], rows["shrunken"], strict=True):
        ax.annotate("", (estimate, height), (raw, height), zorder=3,
                    arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1, "shrinkA": 0, "shrinkB": 0, "mutation_scale": size * 0.6})
    ends = rows[["raw", "shrunken", "ci_low", "ci_high"]]
    _scale_axis(ax, (None, None), ends)
    numbers = [str(unit).removesuffix(".0") for unit in rows["unit"][~small]]
    together = [(y[small].mean(), say("charts_scales.together", k=small.sum(), n=_sizes(rows["n"][small])))] if small.any() else []
    ax.set_yticks([*y[~small], *(height for height, _ in together)], [*numbers, *(text for _, text in together)])
    ax.set(ylim=(step.sum() + 0.1, -0.1), ylabel=say("charts_scales.employees_axis"), xlabel=say("charts_scales.shrinkage_axis"))
    _write_columns(ax, y[~small], {"n": [number(n) for n in rows["n"][~small]]})
    return fig, ax


# ---- what the four share ---------------------------------------------------------------------------------------------------------


def _marked(table, estimate):
    """Rows to draw, with `small`, and those not to be shown; a table without notes is judged by its n."""
    rows = table.reset_index(drop=True)
    rows["note"] = rows["note"].astype("str").fillna("") if "note" in rows else notes(rows["n"])
    keep = ~rows["note"].str.contains("hidden") & rows[estimate].notna()
    return rows[keep].assign(small=rows["note"][keep].str.contains("small").astype(bool)), rows[~keep]


def _ends(names, values, write):
    """The least and the most, as facts for a sentence."""
    values = np.asarray(values)
    least, most = int(values.argmin()), int(values.argmax())
    return {"least": shorten(names[least]), "low": write(values[least]), "most": shorten(names[most]), "high": write(values[most])}


def _with_limits(estimate, low, high, write, plus=""):
    return f"{plus * (estimate > 0)}{write(estimate)} ({write(low)} … {write(high)})"


def _scale_axis(ax, scale, values):
    """From end to end of the scale; where it is not known, as far as the values go."""
    low, high = scale
    if low is None:
        room = 0.05 * (values.max().max() - values.min().min()) or 0.5
        low, high = values.min().min() - room, values.max().max() + room
    ax.set_xlim(low, high)
    ax.xaxis.set_major_locator(plt.MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_major_formatter(lambda value, _: number(value, next((k for k in (0, 1) if abs(value - round(value, k)) < 1e-6), 2)))


def _write_columns(ax, y, columns):
    """Text to the right of a figure, in columns flush right. columns : {head: text of each row}."""
    size, x, style = plt.rcParams["font.size"], 0, {"textcoords": "offset points", "ha": "right"}
    for head, texts in columns.items():
        x += (0.6 * max(map(letters, [*texts, *head.split("\n")])) + 1.2) * size
        ax.annotate(head, (1, 1), (x, 3), xycoords=ax.transAxes, va="bottom", color="#4d4d4d", **style)
        for height, text in zip(y, texts, strict=True):
            ax.annotate(text, (1, height), (x, 0), xycoords=ax.get_yaxis_transform(), va="center", **style)
