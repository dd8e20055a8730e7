"""One figure a function: a table of counts or estimates in, a matplotlib Axes with its caption out.

Stands above the estimators (`rates`) and below the report and the explorers. A chart never computes an estimate: it draws the columns
it is given, obeys their `note` (hidden rows are counted, not drawn; small ones are hollow) and says in `ax.caption`, in words, what is seen.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from .figures import (  # show, save, use_style, escape: part of what this module offers
    INK,
    dots,
    escape,  # noqa: F401
    figure,
    finish,
    letters,
    level_text,
    nothing,
    one_line,
    plain,
    save,  # noqa: F401
    sentences,
    settings,
    share_text,
    shorten,
    show,  # noqa: F401
    use_style,  # noqa: F401
    wrap,
)
from .framework import CxError, number, percent, say

# Okabe & Ito's palette for colour-blind readers; within each chart the chosen ones also differ in grey, and markers differ besides.
BLUE, ORANGE, PALE = "#0072b2", "#e69f00", "#e3e3e3"
GROUPS = [(BLUE, "o"), (ORANGE, "s"), ("#000000", "^"), ("#7d7d7d", "D")]
NPS_COLOURS = {"detractors": ORANGE, "passives": PALE, "promoters": BLUE}
TOP = 20  # rows a figure holds before it stops being readable


# ---- ranked shares -------------------------------------------------------------------------------------------------------------------------


def plot_shares(table, title=None, simulated=False, top=TOP, self_selected=None, ranked=True):
    """Shares ranked from the most to the least named, each with its interval.

    table : what `cx.share` or `cx.multiple_response` gives (`[by], value, n, count, share, ci_low, ci_high, note`). With groups, up to four
    stand together in one figure, told apart by colour and marker; more get a panel each. top : rows drawn, the rest is counted in the caption.
    self_selected : True adds to the caption what the interval says of a sample that selected itself; default: `table.attrs`, else True.
    ranked : False keeps the order of the table. Returns the Axes, with `caption`.
    """
    _need(table, ["value", "n", "share", "ci_low", "ci_high"], "plot_shares")
    rows, by, hidden = _drawable(table, "value")
    simulated = _is_simulated(table, simulated)
    with plt.rc_context(settings()):
        if rows.empty:
            return finish(*nothing(), title or say("charts.nothing_title"), sentences(say("charts.nothing"), _hidden(hidden)), simulated)
        if by and rows["value"].nunique() == 1:  # one answer, many groups: the groups are the rows
            rows, by = rows.assign(answer=rows["group"]), []
        order = rows.groupby("answer", sort=False)["share"].mean()
        order = (order.sort_values(ascending=False, kind="stable") if ranked else order).index
        drawn = rows[rows["answer"].isin(order[:top])]
        groups = list(dict.fromkeys(drawn["group"]))
        fig, ax = (_panels if by and len(groups) > len(GROUPS) else _one_panel)(drawn, list(order[:top]), groups if by else None)
        told = rows.sort_values("share", ascending=False, kind="stable") if ranked and not by else rows
        caption = sentences(_shares_caption(told, by), say("charts.further", k=len(order) - top) if len(order) > top else "",
                            _notes(drawn, hidden, table, self_selected))
        return finish(fig, ax, title or _shares_title(rows, by), caption, simulated)


def _one_panel(rows, order, groups):
    labels = [wrap(label, 34, 2) for label in order]
    each = max(len(groups or [1]) * 1.1 + 0.4 * bool(groups), *(1.15 * (label.count("\n") + 1) for label in labels), 1.3)
    fig, ax = figure(len(order) * each + (1.8 if groups else 0))
    _draw_shares(ax, rows, order, groups)
    ax.set_yticks(range(len(order)), labels)
    ax.set_xlabel(_shares_axis(rows, groups))
    if groups:
        sizes = [rows.loc[rows["group"] == group, "n"].iloc[0] for group in groups]
        names = [say("charts.group_n", group=wrap(group, 24, 1), n=number(n)) for group, n in zip(groups, sizes, strict=True)]
        for (colour, marker), name in zip(GROUPS, names, strict=False):
            ax.plot([], [], marker, color=colour, label=name)
        room = 0.55 * fig.get_size_inches()[0] * 72 / (plt.rcParams["font.size"] * 0.6)
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=max(1, int(room / (max(map(letters, names)) + 5))), frameon=False,
                  borderaxespad=0.2, handletextpad=0.2)
    return fig, ax


def _panels(rows, order, groups):
    """A panel a group, the same order of answers in each."""
    columns = 3
    lines = -(-len(groups) // columns)
    labels = [wrap(label, 22, 2) for label in order]
    each = 1.3 * max(label.count("\n") + 1 for label in labels)
    fig, axes = figure(lines * (len(order) * each + 3), lines, columns)
    for k, ax in enumerate(axes.flat):
        if k >= len(groups):
            ax.remove()
            continue
        part = rows[rows["group"] == groups[k]]
        _draw_shares(ax, part, order, None, small_panel=True)
        ax.set_yticks(range(len(order)), labels if k % columns == 0 else [""] * len(order))
        ax.set_xlim(0, min(1, rows["ci_high"].max()) * 1.02)
        ax.annotate(say("charts.group_n", group=wrap(groups[k], 18, 1), n=number(part["n"].iloc[0])), (0, 1), (0, 4), xycoords="axes fraction",
                    textcoords="offset points", weight="bold")
    fig.supxlabel(_shares_axis(rows, groups), size=plt.rcParams["axes.labelsize"])
    return fig, axes.flat[0]


def _draw_shares(ax, rows, order, groups, small_panel=False):
    place = {label: k for k, label in enumerate(order)}
    step = 0.8 / len(groups) if groups else 0
    texts = []
    for k, group in enumerate(groups or [None]):
        part = rows if group is None else rows[rows["group"] == group]
        colour, marker = GROUPS[k] if groups else (BLUE, "o")
        y = part["answer"].map(place).to_numpy() + (k - (len(groups or [1]) - 1) / 2) * step
        ax.hlines(y, 0, part["share"], color="#e9e9e9", lw=5 if groups else 9, zorder=1)
        ax.hlines(y, part["ci_low"], part["ci_high"], color=colour, lw=2, zorder=2)
        dots(ax, part["share"].to_numpy(), y, part["small"].to_numpy(), colour, marker)
        texts += [(height, share) for height, share in zip(y, part["share"], strict=True)]
    top = min(1.0, rows["ci_high"].max())
    ax.set(xlim=(0, max(top, 0.05) * 1.02), ylim=(len(order) - 0.45, -0.6))
    for height, share in texts:  # in a column at the right edge, so that no label can meet another
        ax.annotate(share_text(share), (1, height), (6, 0), xycoords=ax.get_yaxis_transform(), textcoords="offset points", va="center")
    _percent_axis(ax, 3 if small_panel else 5)


def _shares_axis(rows, groups):
    sizes = rows["n"].unique()
    level = level_text(rows.attrs.get("level", 0.95))
    asked = "_asked" if rows.attrs.get("base") == "asked" else ""
    if groups:
        return say(f"charts.shares_axis_groups{asked}", level=level)  # n stands beside each group
    if len(sizes) > 1:
        return say(f"charts.shares_axis_range{asked}", least=number(min(sizes)), most=number(max(sizes)), level=level)
    return say(f"charts.shares_axis{asked}", n=number(sizes[0]), level=level)


def _shares_title(rows, by):
    ranked = rows.sort_values("share", ascending=False, kind="stable")
    first = ranked.iloc[0]
    if by:
        best = ranked.drop_duplicates("group")["answer"]
        named = {shorten(answer) for answer in best}
        return say("charts.title_same", value=named.pop()) if len(named) == 1 else say("charts.title_differs")
    if len(ranked) == 1:
        return say("charts.title_single", value=shorten(first["answer"]), share=percent(first["share"]))
    if first["group"]:
        value = shorten(first["value"])
        last = ranked.iloc[-1]
        return say("charts.title_groups", value=value, high=percent(first["share"]), most=shorten(first["group"]), low=percent(last["share"]),
                   least=shorten(last["group"]))
    tied = ranked[np.isclose(ranked["share"], first["share"])]
    share = percent(first["share"])
    if len(tied) > 1:
        return say("charts.title_tied", k=len(tied), first=shorten(first["answer"]), second=shorten(tied.iloc[1]["answer"]), share=share)
    return say("charts.title_top", value=shorten(first["answer"]), share=share)


def _shares_caption(rows, by):
    ranked = rows.sort_values("share", ascending=False, kind="stable")
    if by:
        parts = [say("charts.caption_group", group=shorten(group), n=number(part["n"].iloc[0]), what=_estimate(part.iloc[0]))
                 for group, part in ((group, ranked[ranked["group"] == group]) for group in dict.fromkeys(rows["group"]))]
        return say("charts.caption_groups", parts="; ".join(parts[:8]) + ("; …" if len(parts) > 8 else ""))
    if ranked.iloc[0]["group"]:
        parts = [say("charts.caption_group", group=shorten(row["group"]), n=number(row["n"]), what=_range(row)) for _, row in rows.iterrows()]
        return say("charts.caption_one_value", value=shorten(ranked.iloc[0]["value"]), parts="; ".join(parts))
    key = "charts.caption_shares_asked" if rows.attrs.get("base") == "asked" else "charts.caption_shares"
    text = say(key, n=number(ranked["n"].max()), parts="; ".join(_estimate(row) for _, row in ranked.head(3).iterrows()))
    if len(ranked) > 1 and ranked.iloc[1]["ci_high"] >= ranked.iloc[0]["ci_low"]:
        text = sentences(text, say("charts.order_open"))
    return text


# ---- NPS -----------------------------------------------------------------------------------------------------------------------------------


def plot_nps(table, title=None, simulated=False, self_selected=None):
    """Detractors, passives and promoters as one bar a group, the score with its interval beside it.

    table : what `cx.nps` gives (`[by], n, promoters, passives, detractors, nps, ci_low, ci_high, note`), NPS on −100..100.
    Returns the Axes of the bars, with `caption`.
    """
    _need(table, ["n", *NPS_COLOURS, "nps", "ci_low", "ci_high"], "plot_nps")
    rows, by, hidden = _drawable(table, "n")
    simulated = _is_simulated(table, simulated)
    with plt.rc_context(settings()):
        if rows.empty:
            return finish(*nothing(), title or say("charts.nothing_title"), sentences(say("charts.nothing"), _hidden(hidden)), simulated)
        labels = [wrap(group, 22, 2) for group in rows["group"]] if by else [""] * len(rows)
        each = 1.8 + 1.1 * max(label.count("\n") + bool(label) for label in labels)
        fig, (ax, side) = figure(len(rows) * each + 2.2, 1, 2, width_ratios=(1.5, 1))
        _draw_nps_bars(ax, rows)
        _draw_nps_scores(side, rows)
        ax.set_yticks(range(len(rows)), [say("charts.nps_row", group=label, n=number(n)).strip() for label, n in zip(labels, rows["n"], strict=True)])
        caption = sentences(_nps_caption(rows), _notes(rows, hidden, table, self_selected))
        return finish(fig, ax, title or _nps_title(rows), caption, simulated)


def _draw_nps_bars(ax, rows):
    parts = rows[list(NPS_COLOURS)].to_numpy(dtype=float)
    shares = parts / parts.sum(axis=1, keepdims=True)
    y = np.arange(len(rows))
    starts = shares.cumsum(axis=1) - shares
    labels = []  # with the share of the bar each has room in
    for k, (name, colour) in enumerate(NPS_COLOURS.items()):
        ax.barh(y, shares[:, k], left=starts[:, k], height=0.62, color=colour, edgecolor="white", lw=1.2, label=say(f"charts.{name}"))
        labels += [(ax.text(start + share / 2, height, percent(share), ha="center", va="center", color="white" if k == 2 else INK), share)
                   for height, start, share in zip(y, starts[:, k], shares[:, k], strict=True) if share > 0]
    ax.set(xlim=(0, 1), ylim=(len(rows) - 0.5, -0.6), xlabel=say("charts.nps_axis"))
    ax.set_xticks([0, 0.5, 1], [percent(x) for x in (0, 0.5, 1)])
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, borderaxespad=0.1, handlelength=1, columnspacing=1.2)
    ax.labels_in_bars = labels


def _draw_nps_scores(ax, rows):
    y = np.arange(len(rows))
    ax.axvline(0, color="#9a9a9a", lw=1, zorder=0)
    ax.hlines(y, rows["ci_low"], rows["ci_high"], color=INK, lw=2)
    dots(ax, rows["nps"].to_numpy(), y, rows["small"].to_numpy(), INK, "o")
    for height, (_, row) in zip(y, rows.iterrows(), strict=True):
        ax.text(1.04, height, say("charts.nps_label", nps=number(row["nps"]), low=number(row["ci_low"]), high=number(row["ci_high"])),
                transform=ax.get_yaxis_transform(), va="center", ha="left")
    axis = say("charts.score_axis", level=level_text(rows.attrs.get("level", 0.95)))
    ax.set(xlim=(-105, 105), ylim=(len(rows) - 0.5, -0.6), yticks=[], xlabel=axis)
    ax.set_xticks([-100, 0, 100], [number(x) for x in (-100, 0, 100)])


def _nps_title(rows):
    if len(rows) == 1:
        row = rows.iloc[0]
        return say("charts.nps_title", nps=number(row["nps"]), low=number(row["ci_low"]), high=number(row["ci_high"]),
                   level=level_text(rows.attrs.get("level", 0.95)))
    ranked = rows.sort_values("nps")
    first, last = ranked.iloc[0], ranked.iloc[-1]
    return say("charts.nps_title_groups", low=number(first["nps"]), least=shorten(first["group"]), high=number(last["nps"]),
               most=shorten(last["group"]))


def _nps_caption(rows):
    texts = []
    for _, row in rows.iterrows():
        total = sum(row[name] for name in NPS_COLOURS)
        texts.append(say("charts.nps_caption", group=f"{shorten(row['group'])}: " if row["group"] else "", n=number(row["n"]), nps=number(row["nps"]),
                         low=number(row["ci_low"]), high=number(row["ci_high"]), **{name: percent(row[name] / total) for name in NPS_COLOURS}))
    return " ".join(texts)


# ---- distribution --------------------------------------------------------------------------------------------------------------------------


def plot_distribution(table, column=None, scale=(0, 10), zones=False, title=None, simulated=False, self_selected=None):
    """How often each point of a scale was chosen, points nobody chose included.

    table : answers with `column`, a series of answers, or a table `value, count` (what `cx.share` gives). scale : lowest and highest point.
    zones : True marks detractors (0–6), passives (7–8) and promoters (9–10) of a 0–10 item. Returns the Axes, with `caption`.
    """
    answers, left_out = _scale_counts(table, column, scale)
    n, simulated = int(answers.sum()), _is_simulated(table, simulated)
    name = one_line(column if column is not None else getattr(table, "name", None) or "")
    with plt.rc_context(settings()):
        if n < 10:
            return finish(*nothing(), title or say("charts.nothing_title"), say("charts.distribution_hidden", n=n), simulated)
        fig, ax = figure(9)
        _draw_points(ax, answers, zones)
        ax.set_xlabel(say("charts.distribution_axis", name=wrap(name, 60, 2) or say("charts.answer"), n=number(n)))
        mean, low, high, median = _middle(answers)
        facts = {"n": number(n), "mean": number(mean, 1), "low": number(low, 1), "high": number(high, 1),
                 "median": number(median, int(median % 1 > 0)), "mode": number(answers.idxmax()), "share": percent(answers.max() / n)}
        empty = [number(x) for x in answers.index[answers == 0]]
        caption = sentences(say("charts.distribution_caption", **facts), say("charts.distribution_empty", points=", ".join(empty)) if empty else "",
                            say("charts.left_out", k=number(left_out)) if left_out else "",
                            say("charts.interval_means") if _is_self_selected(table, self_selected) else "")
        return finish(fig, ax, title or say("charts.distribution_title", **facts), caption, simulated)


def _draw_points(ax, counts, zones):
    colours = [NPS_COLOURS["detractors" if x <= 6 else "passives" if x <= 8 else "promoters"] for x in counts.index] if zones else BLUE
    ax.bar(counts.index, counts, color=colours, width=0.78, edgecolor="#8a8a8a" if zones else "none", lw=0.8)
    for x, count in counts.items():
        ax.annotate(number(count), (x, count), (0, 2), textcoords="offset points", ha="center", va="bottom")
    ax.set(xlim=(counts.index[0] - 0.6, counts.index[-1] + 0.6), ylim=(0, counts.max() * (1.48 if zones else 1.15)))
    ax.set_ylabel(say("charts.count_axis"))
    ax.set_xticks(list(counts.index), [number(x) for x in counts.index])
    ax.yaxis.set_major_formatter(lambda value, _: number(value) if float(value).is_integer() else "")
    if zones:
        _mark_zones(ax, counts)


def _scale_counts(table, column, scale):
    """Counts at every point of the scale, and how many answers were empty; refuses what is not on the scale, with its rows."""
    points = pd.RangeIndex(scale[0], scale[1] + 1)
    if isinstance(table, pd.DataFrame) and column is None:
        _need(table, ["value", "count"], "plot_distribution")
        counts = table.dropna(subset=["value"]).set_index("value")["count"]
        off, left_out = [x for x in counts.index if x not in points], 0
        counts = counts.groupby(level=0).sum()
    else:
        if isinstance(table, pd.DataFrame):
            _need(table, [column], "plot_distribution")
        answers = pd.to_numeric(table if column is None else table[column], errors="coerce")
        given = answers.dropna()
        bad = given[~given.isin(points)]
        rows = bad.index if bad.index.name == "row" else answers.reset_index(drop=True)[lambda s: s.notna() & ~s.isin(points)].index + 2
        off, left_out = [f"{value:g} ({row})" for value, row in zip(bad, rows, strict=True)], int(answers.isna().sum())
        counts = given.value_counts()
    if len(off):
        raise CxError(say("charts.off_scale", column=column or "", low=scale[0], high=scale[1], values=", ".join(map(str, off[:10]))))
    return counts.reindex(points).fillna(0).astype(int), left_out


def _middle(counts):
    """Mean with its 95 % t interval, and median, out of counts."""
    from scipy.special import stdtrit

    x, n = counts.index.to_numpy(dtype=float), counts.sum()
    mean = (counts * x).sum() / n
    half = stdtrit(n - 1, 0.975) * np.sqrt((counts * (x - mean) ** 2).sum() / (n - 1) / n)
    below = counts.cumsum().to_numpy()
    median = (x[np.searchsorted(below, (n + 1) // 2)] + x[np.searchsorted(below, n // 2 + 1)]) / 2
    return mean, mean - half, mean + half, median


def _mark_zones(ax, counts):
    for name, low, high, side in (("detractors", 0, 6, "left"), ("passives", 7, 8, "center"), ("promoters", 9, 10, "right")):
        share = counts[low:high + 1].sum() / counts.sum()
        ax.plot([low - 0.4, high + 0.4], [counts.max() * 1.22] * 2, color=INK, lw=1.2)
        x = {"left": low - 0.4, "center": (low + high) / 2, "right": high + 0.4}[side]
        ax.text(x, counts.max() * 1.24, say("charts.zone", name=say(f"charts.{name}"), share=percent(share)), ha=side, va="bottom")


# ---- what the three share ------------------------------------------------------------------------------------------------------------------


def _drawable(table, first_result):
    """Rows to draw with `group`, `answer`, `small`; the columns that group; how many rows are hidden."""
    by = list(table.columns[:list(table.columns).index(first_result)])
    note = table["note"].astype("str").fillna("") if "note" in table else pd.Series("", index=table.index)
    keep = ~note.str.contains("hidden") & table["share" if "share" in table else "nps"].notna()
    rows = table[keep].copy()
    rows["group"] = [" · ".join(plain(value) for value in row) for row in rows[by].itertuples(index=False)] if by else ""
    rows["answer"] = _labels(rows["value"]) if "value" in rows else rows["group"]
    rows["small"] = note[keep].str.contains("small").astype(bool)
    hidden = len(table[~keep].drop_duplicates(by)) if by else int((~keep).sum())
    return rows, by, hidden


def _labels(values):
    """Each value as text; values that look the same on a figure stay apart by a number."""
    names, seen = {}, {}
    for value in values.unique():
        text = plain(value)
        seen[text] = seen.get(text, 0) + 1
        names[value] = text if seen[text] == 1 else f"{text} ({seen[text]})"
    return values.map(names)


def _need(table, columns, function):
    missing = [column for column in columns if column not in table]
    if missing:
        raise CxError(say("charts.missing_columns", function=function, missing=", ".join(map(str, missing)), have=", ".join(map(str, table.columns))))


def _notes(rows, hidden, table, self_selected):
    key = "charts.interval_self_selected" if _is_self_selected(table, self_selected) else "charts.interval"
    return sentences(say(key, level=level_text(table.attrs.get("level", 0.95))), say("charts.hollow") if rows["small"].any() else "", _hidden(hidden))


def _hidden(k):
    return say("charts.hidden", k=k) if k else ""


def _is_simulated(table, simulated):
    return bool(simulated or getattr(table, "attrs", {}).get("simulated"))


def _is_self_selected(table, self_selected):
    return getattr(table, "attrs", {}).get("self_selected", True) if self_selected is None else self_selected


def _estimate(row):
    return say("charts.estimate", value=shorten(row["answer"]), what=_range(row))


def _range(row):
    return say("charts.range", share=share_text(row["share"]), low=number(100 * row["ci_low"]), high=number(100 * row["ci_high"]))


def _percent_axis(ax, most=5):
    ax.xaxis.set_major_locator(plt.MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_major_formatter(lambda value, _: percent(value, 0 if abs(value * 100 - round(value * 100)) < 1e-6 else 1))
