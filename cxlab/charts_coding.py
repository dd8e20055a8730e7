"""Figures of coded answers: two waves against a margin, agreement of two coders, codes named together.

As in `charts`: a table in, the Axes with its caption out; nothing is estimated here.
"""

import matplotlib.pyplot as plt
import numpy as np

from .charts import BLUE, ORANGE, PALE, _hidden, _is_simulated, _need
from .figures import INK, dots, figure, finish, level_text, nothing, plain, sentences, settings, shorten, wrap
from .framework import CxError, number, percent, say

# Colour is kept for verdicts; the two groups are told apart by light and dark, and by shape.
GROUPS = [("s", PALE), ("o", INK)]
VERDICTS = {"equivalent": ("o", BLUE), "different": ("X", ORANGE), "both": ("P", "#000000"), "undecided": ("D", "#7d7d7d")}
TENTATIVE, RELIABLE = 0.667, 0.80  # Krippendorff (2004) on his alpha, by custom also read against kappa
FEW_USES = 10
ABOVE = {"loc": "lower right", "bbox_to_anchor": (1, 1), "ncols": 2, "frameon": False, "borderaxespad": 0.2, "handletextpad": 0.2, "columnspacing": 1}


def plot_equivalence(table, title=None, simulated=False, labels=None):
    """Shares of two groups as dumbbells and, beside them, the equivalence interval of each difference against the margin.

    table : what `cx.equivalence` gives. labels : {value: name to show}. Rows stand by the first share; hidden ones are only counted.
    Returns the Axes of the dumbbells, with `caption`.
    """
    _need(table, ["value", "n_1", "n_2", "share_1", "share_2", "difference", "eq_low", "eq_high", "verdict", "note"], "plot_equivalence")
    if "groups" not in table.attrs:
        raise CxError(say("charts_coding.no_groups"))
    simulated = _is_simulated(table, simulated)
    with plt.rc_context(settings()):
        note = table["note"].astype("str")
        rows = table.assign(label=_named(table["value"], labels), small=note.str.contains("small"))
        rows = rows[~note.str.contains("hidden") & rows["difference"].notna()].sort_values("share_1", ascending=False, kind="stable")
        if rows.empty:
            return _blank(sentences(say("charts.nothing"), _hidden(len(table))), title or say("charts.nothing_title"), simulated)
        groups = [wrap(group, 18, 1) for group in _named(table.attrs["groups"], None)]
        fig, (ax, side) = figure(len(rows) * 1.3 + 2.6, 1, 2, width_ratios=(1, 1.1))
        _draw_groups(ax, rows, groups)
        _draw_differences(side, rows, table.attrs)
        found = rows["verdict"].value_counts()
        title = title or say("charts_coding.equivalence_title", n=len(rows), equivalent=found.get("equivalent", 0) + found.get("both", 0),
                             margin=_points(table.attrs["margin"]))
        caption = sentences(_equivalence_caption(rows, groups, table.attrs), say("charts.hollow") if rows["small"].any() else "",
                            _hidden(len(table) - len(rows)))
        return finish(fig, ax, title, caption, simulated)


def _draw_groups(ax, rows, groups):
    y = np.arange(len(rows))
    ax.hlines(y, rows["share_1"], rows["share_2"], color="#9a9a9a", lw=2, zorder=1)
    for share, (marker, fill), group in zip(("share_1", "share_2"), GROUPS, groups, strict=True):
        ax.plot(rows[share], y, marker, color=INK, mfc=fill, mew=1.2, label=group, zorder=2, clip_on=False)
    ax.set(ylim=(len(rows) - 0.4, -0.6), xlim=(0, max(rows[["share_1", "share_2"]].max().max(), 0.01) * 1.08))
    ax.set_yticks(y, [wrap(label, 24, 1) for label in rows["label"]])
    ax.xaxis.set_major_locator(plt.MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_major_formatter(lambda value, _: percent(value, int(abs(100 * value - round(100 * value)) > 1e-6)))
    ax.set_xlabel(say("charts_coding.shares_axis", first=groups[0], second=groups[1], n_1=_sizes(rows["n_1"]), n_2=_sizes(rows["n_2"])))
    ax.legend(**ABOVE)


def _draw_differences(ax, rows, attrs):
    used = attrs["margin_used"]  # differs from the margin where a coder's errors shrink it, by category if these differ
    margin = rows["value"].map(used).to_numpy(dtype=float) if isinstance(used, dict) else np.full(len(rows), float(used))
    y = np.arange(len(rows))
    ax.barh(y, 2 * margin, left=-margin, height=1, color="#ededed", zorder=0)
    ax.axvline(0, color="#9a9a9a", lw=1, zorder=1)
    for verdict, (marker, colour) in VERDICTS.items():
        here = (rows["verdict"] == verdict).to_numpy()
        if here.any():
            ax.hlines(y[here], rows["eq_low"][here], rows["eq_high"][here], color=colour, lw=2.2, zorder=2)
            dots(ax, rows["difference"].to_numpy()[here], y[here], rows["small"].to_numpy()[here], colour, marker)
            ax.plot([], [], marker, color=colour, label=say(f"charts_coding.{verdict}"))
    widest = 1.06 * max(*abs(rows[["eq_low", "eq_high"]]).max(), margin.max())
    ax.set(ylim=(len(rows) - 0.4, -0.6), xlim=(-widest, widest), yticks=[])
    ax.xaxis.set_major_locator(plt.MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_major_formatter(lambda value, _: _points(value))
    shrunk = "" if (margin == attrs["margin"]).all() else "_shrunk"
    ax.set_xlabel(say(f"charts_coding.difference_axis{shrunk}", margin=_points(attrs["margin"])))
    ax.legend(**ABOVE)


def _equivalence_caption(rows, groups, attrs):
    margin, verdicts = _points(attrs["margin"]), []
    for verdict in VERDICTS:
        names = [shorten(label) for label in rows["label"][rows["verdict"] == verdict]]
        if names:
            verdicts.append(say(f"charts_coding.caption_{verdict}", k=len(names), names=", ".join(names)))
    return sentences(say("charts_coding.equivalence_caption", first=groups[0], second=groups[1], n_1=_sizes(rows["n_1"]), n_2=_sizes(rows["n_2"]),
                         margin=margin), *verdicts, say("charts_coding.holm") if len(rows) > 1 else "")


def plot_agreement(table, title=None, simulated=False, labels=None):
    """Kappa of two coders for each code, with its interval and how often each used the code; codes without a kappa are named in the caption.

    table : what `cx.agreement` gives, code by code. labels : {code: name to show}. Returns the Axes, with `caption`.
    """
    _need(table, ["code", "n", "n_first", "n_second", "n_both", "kappa", "ci_low", "ci_high"], "plot_agreement")
    simulated = _is_simulated(table, simulated)
    with plt.rc_context(settings()):
        table = table.assign(label=_named(table["code"], labels))
        known = table[table["kappa"].notna()].sort_values("kappa", ascending=False, kind="stable")
        if known.empty:
            return _blank(say("charts_coding.no_kappa"), title, simulated)
        fig, ax = figure(len(known) * 1.3 + 1.5)
        _draw_kappa(ax, known)
        _write_counts(ax, known)
        low = known.iloc[-1]
        title = title or say("charts_coding.agreement_title", low=shorten(low["label"], 30), kappa=number(low["kappa"], 2))
        return finish(fig, ax, title, _agreement_caption(known, table[table["kappa"].isna()], table.attrs), simulated)


def _draw_kappa(ax, rows):
    y = np.arange(len(rows))
    ax.hlines(y, rows["ci_low"], rows["ci_high"], color=BLUE, lw=2)
    dots(ax, rows["kappa"].to_numpy(), y, _seldom(rows), BLUE, "o")
    for at, text in ((0, say("charts_coding.chance")), (TENTATIVE, number(TENTATIVE, 3)), (RELIABLE, number(RELIABLE, 2))):
        ax.axvline(at, color="#7d7d7d", lw=1, ls=":" if at else "-", zorder=0)
        ax.annotate(text, (at, 1), (0, 3), xycoords=ax.get_xaxis_transform(), textcoords="offset points", ha="center", va="bottom", color="#4d4d4d")
    ax.set(xlim=(min(0, rows["ci_low"].min()) - 0.02, 1.0), ylim=(len(rows) - 0.5, -0.7))  # no kappa is above 1, though an interval's end may be
    ax.set_yticks(y, [wrap(label, 28, 1) for label in rows["label"]])
    ax.xaxis.set_major_formatter(lambda value, _: number(value, 1))
    ax.set_xlabel(say("charts_coding.kappa_axis", level=level_text(rows.attrs.get("level", 0.95))))


def _write_counts(ax, rows):
    """How often each coder, and both, used a code: three columns to the right."""
    size, style = plt.rcParams["font.size"], {"textcoords": "offset points", "ha": "right"}
    for place, name in enumerate(("n_first", "n_second", "n_both"), 1):
        column = place * 3.6 * size, 0
        ax.annotate(say(f"charts_coding.{name}"), (1, 1), (column[0], 3), xycoords=ax.transAxes, va="bottom", color="#4d4d4d", **style)
        for height, n in enumerate(rows[name]):
            ax.annotate(number(n), (1, height), column, xycoords=ax.get_yaxis_transform(), va="center", **style)


def _agreement_caption(known, unknown, attrs):
    ends = {f"{end}{part}": text for end, row in (("high", known.iloc[0]), ("low", known.iloc[-1]))
            for part, text in (("", shorten(row["label"])), ("_kappa", number(row["kappa"], 2)))}
    told = {"level": level_text(attrs.get("level", 0.95)), "tentative": number(TENTATIVE, 3), "reliable": number(RELIABLE, 2)}
    names = ", ".join(shorten(label) for label in unknown["label"])
    return sentences(say("charts_coding.agreement_caption", n=number(known["n"].max()), k=len(known), **ends, **told),
                     say("charts_coding.no_line") if (known["ci_low"] == known["ci_high"]).any() else "",
                     say("charts_coding.seldom", few=FEW_USES) if _seldom(known).any() else "",
                     say("charts_coding.left_out", names=names) if names else "")


def _seldom(rows):
    return (rows[["n_first", "n_second"]].max(axis=1) < FEW_USES).to_numpy()


def plot_co_occurrence(table, title=None, simulated=False, labels=None, top=12):
    """How often two codes are named together: a triangle of squares, the number in each, darker where the pair is more frequent.

    table : what `cx.co_occurrence` gives. labels : {code: name to show}. top : codes drawn, the most frequent ones. Returns the Axes, with `caption`.
    """
    _need(table, ["code_1", "code_2", "n_1", "n_2", "n_both", "n"], "plot_co_occurrence")
    simulated = _is_simulated(table, simulated)
    with plt.rc_context(settings()):
        if table.empty:
            return _blank(say("charts_coding.no_pairs"), title, simulated)
        sizes = dict(zip(table["code_1"], table["n_1"], strict=True)) | dict(zip(table["code_2"], table["n_2"], strict=True))
        codes = sorted(sizes, key=sizes.get, reverse=True)[:max(top, 2)]
        names = [wrap(name, 20, 1) for name in _named(codes, labels)]
        fig, ax = figure(len(codes) * 1.9)
        _draw_pairs(ax, table, codes)
        counted = [say("charts_coding.code_n", code=name, n=number(sizes[code])) for code, name in zip(codes, names, strict=True)]
        ax.set_yticks(range(len(codes)), counted)
        ax.set_xticks(range(len(codes) - 1), names[:-1], rotation=35, ha="right", rotation_mode="anchor")
        best, further = table.loc[table["n_both"].idxmax()], len(sizes) - len(codes)
        first, second = map(shorten, _named([best["code_1"], best["code_2"]], labels))
        facts = {"first": first, "second": second, "n_both": number(best["n_both"]), "n": number(best["n"])}
        caption = sentences(say("charts_coding.pairs_caption", **facts), say("charts_coding.further", k=further) if further else "")
        return finish(fig, ax, title or say("charts_coding.pairs_title", **facts), caption, simulated)


def _draw_pairs(ax, table, codes):
    place, both = {code: k for k, code in enumerate(codes)}, np.full((len(codes), len(codes)), np.nan)
    for first, second, n in zip(table["code_1"], table["code_2"], table["n_both"], strict=True):
        if first in place and second in place:
            both[max(place[first], place[second]), min(place[first], place[second])] = n
    # twice the most: the darkest square is light enough for dark numbers
    ax.imshow(np.where(both > 0, both, np.nan), cmap="Greys", vmin=0, vmax=2 * max(np.nanmax(both), 1), aspect="auto")
    for row, column in np.argwhere(~np.isnan(both)):
        ax.text(column, row, number(both[row, column]), ha="center", va="center")
    ax.set(xlim=(-0.5, len(codes) - 1.5), ylim=(len(codes) - 0.5, -0.5))
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(length=0)


def _blank(reason, title, simulated):
    """A figure without anything to draw, which says why."""
    fig, ax = nothing()
    ax.texts[0].set_text(wrap(reason, 50, 2))
    return finish(fig, ax, title or reason, reason, simulated)


def _points(share):
    return number(100 * share, int(abs(100 * share - round(100 * share)) > 1e-6))


def _sizes(n):
    """"237", or "180–237" where not every category has the same number of answers."""
    return "–".join(number(end) for end in sorted({n.min(), n.max()}))


def _named(values, labels):
    return [shorten(plain((labels or {}).get(value, value)), 100) for value in values]
