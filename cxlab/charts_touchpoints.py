"""Figures of asking again and of those who say nothing: rounds of an NPS against their limits, and the bounds of the silent dissatisfied.

As in `charts`: a table in, the Axes with its caption out; nothing is estimated here.
"""

import matplotlib.pyplot as plt
import numpy as np

from .charts import BLUE, ORANGE, _hidden, _is_simulated, _need, _percent_axis
from .charts_coding import _blank, _sizes
from .charts_scales import _marked, _write_columns
from .figures import INK, dots, figure, finish, letters, level_text, plain, sentences, settings, shorten, wrap
from .framework import CxError, number, percent, say

SILENT = ("all", "dissatisfied")
NAMED = 24  # rounds of a figure in which each one outside still has room for its number


# ---- the silent dissatisfied -----------------------------------------------------------------------------------------------------


def plot_silent(table, title=None, simulated=False):
    """What is known of the silent dissatisfied, and what cannot be known: a bar up to the least, an empty one up to the most.

    table : what `cx.silent` gives (`among, n, low, high, ci_low, ci_high, note`, shares 0-1). Lines lead from the bounds to their limits.
    Returns the Axes, with `caption`.
    """
    _need(table, ["among", "n", "low", "high", "ci_low", "ci_high"], "plot_silent")
    unknown = [str(name) for name in table["among"] if name not in SILENT]
    if unknown or table["among"].duplicated().any():
        raise CxError(say("charts_touchpoints.among", allowed=", ".join(SILENT), found=", ".join(map(str, table["among"]))[:200]))
    simulated = _is_simulated(table, simulated)
    with plt.rc_context(settings()):
        rows = _marked(table, "low")[0]
        rows = rows[rows["high"].notna()]
        gone = _hidden(len(table) - len(rows))
        if rows.empty:
            return _blank(sentences(say("charts.nothing"), gone), title or say("charts.nothing_title"), simulated)
        fig, ax = figure(3.4 * len(rows) + 3)
        _draw_bounds(ax, rows, level_text(table.attrs.get("level", 0.95)))
        caption = sentences(_silent_caption(rows, table), say("charts_scales.few") if rows["small"].any() else "", gone)
        first = rows.iloc[0]
        facts = {"low": _share(first["low"]), "high": _share(first["high"])}
        return finish(fig, ax, title or say(f"charts_touchpoints.silent_title_{first['among']}", **facts), caption, simulated)


def _draw_bounds(ax, rows, level):
    y = np.arange(len(rows))
    ax.barh(y, rows["low"], height=0.42, color=BLUE, label=say("charts_touchpoints.known"))
    ax.barh(y, rows["high"] - rows["low"], left=rows["low"], height=0.42, fc="white", ec=BLUE, hatch="///", lw=1.4,
            label=say("charts_touchpoints.not_known"))
    for bound, limit in (("low", "ci_low"), ("high", "ci_high")):
        for colour, lw in (("white", 6), (INK, 2.4)):  # a white seam: black alone is lost in the dark bar
            ax.hlines(y, rows[bound], rows[limit], color=colour, lw=lw, zorder=4)
            ax.vlines(rows[limit], y - 0.13, y + 0.13, color=colour, lw=lw, zorder=4)
    ax.set_yticks(y, [say(f"charts_touchpoints.among_{row['among']}", n=number(row["n"])) for _, row in rows.iterrows()])
    ax.set(xlim=(0, 1), ylim=(len(rows) - 0.5, -0.5), xlabel=say("charts_touchpoints.silent_axis", level=level))
    _percent_axis(ax)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False, borderaxespad=0.3, handlelength=1.6)
    _write_columns(ax, y, {"": [say("charts_touchpoints.bounds", low=_share(row["low"]), high=_share(row["high"])) for _, row in rows.iterrows()]})


def _silent_caption(rows, table):
    told = [say(f"charts_touchpoints.caption_{row['among']}", n=number(row["n"]), low=_share(row["low"]), high=_share(row["high"]),
                ci_low=_share(row["ci_low"]), ci_high=_share(row["ci_high"]), level=level_text(table.attrs.get("level", 0.95)))
            for _, row in rows.iterrows()]
    sorts = [name for name in ("not_invited", "no_answer", "no_score") if name in table.attrs]
    if len(sorts) == 3:
        told.append(say("charts_touchpoints.between", **{name: number(table.attrs[name]) for name in sorts}))
    return sentences(*told, say("charts_touchpoints.no_guess"))


def _share(share):
    """A share with a decimal where a whole number would say nothing or everything."""
    return percent(share, 1 if 0 < share < 0.005 or 0.995 < share < 1 else 0)


# ---- rounds ----------------------------------------------------------------------------------------------------------------------


def plot_rounds(table, labels=None, title=None, simulated=False):
    """An NPS from round to round against the centre and the limits of its beginning; rounds outside stand out by shape and number.

    table : what `cx.rounds` gives (`round, n, nps, ci_low, ci_high, centre, lower, upper, outside, note`). labels : {round: name to show}.
    Limits are steps because each round has its own n. Returns the Axes, with `caption`.
    """
    _need(table, ["round", "n", "nps", "ci_low", "ci_high", "centre", "lower", "upper", "outside"], "plot_rounds")
    simulated = _is_simulated(table, simulated)
    with plt.rc_context(settings()):
        whole = table.reset_index(drop=True)
        whole["place"], whole["name"] = np.arange(len(whole)), [shorten(plain((labels or {}).get(name, name)), 24) for name in whole["round"]]
        rows, _ = _marked(whole, "nps")
        empty = int((whole["n"] == 0).sum())
        gone = sentences(_hidden(len(whole) - len(rows) - empty), say("charts_touchpoints.empty", k=number(empty)) if empty else "")
        if rows.empty:
            return _blank(sentences(say("charts.nothing"), gone), title or say("charts.nothing_title"), simulated)
        baseline, limits = int(table.attrs.get("baseline", 8)), bool(whole["centre"].notna().any())
        fig, ax = figure(17)
        _draw_rounds(fig, ax, rows, whole, baseline, limits, level_text(table.attrs.get("level", 0.95)))
        caption = sentences(_rounds_caption(rows, whole, table, baseline, limits), say("charts.hollow") if rows["small"].any() else "", gone)
        return finish(fig, ax, title or _rounds_title(rows, baseline, limits), caption, simulated)


def _draw_rounds(fig, ax, rows, whole, baseline, limits, level):
    if limits:
        ax.axvspan(-0.5, baseline - 0.5, color="#ededed", lw=0, zorder=0, label=say("charts_touchpoints.first", k=number(baseline)))
        ax.axhline(whole["centre"].dropna().iloc[0], color=INK, lw=1.6, zorder=1, label=say("charts_touchpoints.centre"))
        edges = np.append(whole["place"] - 0.5, whole["place"].iloc[-1] + 0.5)
        for end in ("lower", "upper"):
            name = say("charts_touchpoints.limits") if end == "lower" else None
            ax.stairs(whole[end].to_numpy(dtype=float), edges, baseline=None, color=INK, lw=1.4, ls=(0, (4, 2)), zorder=1, label=name)
    small, x, score = rows["small"].to_numpy(), rows["place"].to_numpy(), rows["nps"].to_numpy(dtype=float)
    out = (rows["outside"].astype("str").fillna("") != "").to_numpy()
    for here, colour, marker, name in ((~out, BLUE, "o", "round"), (out, ORANGE, "D", "outside")):
        if here.any():
            ax.vlines(x[here], rows["ci_low"][here], rows["ci_high"][here], color=colour, lw=2.2, zorder=2)
            dots(ax, x[here], score[here], small[here], colour, marker)
            edge = INK if marker == "D" else colour
            ax.plot(x[here], score[here], marker, color="none", mec=edge, mew=1.4, zorder=4, clip_on=False)
            ax.plot([], [], marker, color=colour, mec=edge, mew=1.4, label=say(f"charts_touchpoints.{name}", level=level))
    _name_outside(ax, rows[out] if len(whole) <= NAMED else rows[:0])
    ax.set(xlim=(-0.5, len(whole) - 0.5), xlabel=say("charts_touchpoints.rounds_axis"), ylabel=say("charts_touchpoints.nps_axis"))
    ax.set_ylim(*_room(rows, whole))
    ax.yaxis.set_major_locator(plt.MaxNLocator(7, steps=[1, 2, 5, 10], integer=True))
    ax.yaxis.set_major_formatter(lambda value, _: number(value))
    _name_rounds(fig, ax, whole)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0.3, handlelength=1.8, columnspacing=1.2)


def _room(rows, whole):
    """The ends of the axis: all intervals and limits, and the numbers beyond them."""
    reached = np.r_[rows[["ci_low", "ci_high", "nps"]].to_numpy(dtype=float).ravel(), whole[["lower", "upper"]].to_numpy(dtype=float).ravel()]
    low, high = np.nanmin(reached), np.nanmax(reached)
    room = max(0.14 * (high - low), 2)
    return low - room, high + room


def _name_outside(ax, rows):
    """The score of each round outside, beyond the end of its interval."""
    for _, row in rows.iterrows():
        below = row["outside"] == "below"
        end = np.nanmin([row["ci_low"], row["nps"]]) if below else np.nanmax([row["ci_high"], row["nps"]])
        ax.annotate(number(row["nps"]), (row["place"], end), (0, -3 if below else 3), textcoords="offset points", ha="center",
                    va="top" if below else "bottom", weight="bold")


def _name_rounds(fig, ax, whole):
    """As many names of rounds as have room beside one another."""
    size = plt.rcParams["font.size"]
    names = [wrap(name, 12, 1) for name in whole["name"]]
    space = 0.78 * fig.get_size_inches()[0] * 72 / len(whole)
    step = max(1, int(np.ceil((max(map(letters, names)) * 0.6 + 0.8) * size / space)))
    ax.set_xticks(whole["place"][::step], names[::step])


def _rounds_title(rows, baseline, limits):
    if not limits:
        return say("charts_touchpoints.title_no_limits", k=number(baseline))
    out = rows[rows["outside"].astype("str").fillna("") != ""]
    if out.empty:
        return say("charts_touchpoints.title_inside", n=number(len(rows)))
    return say("charts_touchpoints.title_outside", k=number(len(out)), n=number(len(rows)), rounds=_listed(out["name"]))


def _rounds_caption(rows, whole, table, baseline, limits):
    told = say("charts_touchpoints.rounds_caption", k=number(len(rows)), n=_sizes(rows["n"]), level=level_text(table.attrs.get("level", 0.95)))
    if not limits:
        return sentences(told, say("charts_touchpoints.no_limits", k=number(baseline)))
    facts = {"centre": number(whole["centre"].dropna().iloc[0], 1), "k": number(baseline), "narrow": number(whole["lower"].max()),
             "narrow_top": number(whole["upper"].min()), "wide": number(whole["lower"].min()), "wide_top": number(whole["upper"].max())}
    found = [say(f"charts_touchpoints.{end}", rounds=_listed(rows["name"][rows["outside"] == end])) for end in ("below", "above")
             if (rows["outside"] == end).any()]
    early = rows["outside"][rows["place"] < baseline].isin(["below", "above"]).any()
    return sentences(told, say("charts_touchpoints.limits_caption", **facts), *(found or [say("charts_touchpoints.none_outside")]),
                     say("charts_touchpoints.chance"), say("repeated.unsteady") if early else "")


def _listed(names):
    names = list(names)
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
