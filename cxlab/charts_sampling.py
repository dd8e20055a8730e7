"""The figure of a survey repeated many times: a hundred of its intervals against the truth.

Stands beside `charts`, on the same `figures`; like there, nothing is estimated here.
"""

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter

from .figures import INK, figure, finish, settings
from .framework import CxError, number, percent, say

DRAWN = 100  # intervals that still stand apart on a page
PALE, DARK = "#b3b3b3", "#a03000"  # apart in grey too; those that miss also have a cross and end caps
COLUMNS = ("estimate", "ci_low", "ci_high", "misses")
TOLD = ("truth", "n", "level", "kind", "interval")  # in .attrs


def plot_surveys(table, title=None):
    """The first hundred of many surveys, sorted by what they found: the intervals that miss the truth stand out.

    table : what `cx.repeat_surveys` gives (`estimate, ci_low, ci_high, misses`, with `.attrs`). Title and caption count all surveys of the
    table, drawn or not. Returns the Axes, with `caption`.
    """
    missing = [name for names, have in ((COLUMNS, table), (TOLD, table.attrs)) for name in names if name not in have]
    if missing or table.empty:
        raise CxError(say("charts_sampling.not_surveys", missing=", ".join(missing)))
    rows = table.head(DRAWN).sort_values(["estimate", "ci_low"], kind="stable", ignore_index=True)
    facts = _facts(table, rows)
    with plt.rc_context(settings()):
        fig, ax = figure(15)
        _draw(ax, rows, table.attrs)
        ax.set_xlabel(say("charts_sampling.across", **facts))
        ax.set_ylabel(say(f"charts_sampling.up_{table.attrs['kind']}", **facts))
        ax.annotate(say("charts_sampling.truth", **facts), (1, table.attrs["truth"]), (5, 0), xycoords=ax.get_yaxis_transform(),
                    textcoords="offset points", va="center", weight="bold")
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0.2)
        caption = say("charts_sampling.caption", **facts)
        return finish(fig, ax, title or say("charts_sampling.title", **facts), caption, True)


def _draw(ax, rows, told):
    for misses, colour, width, mark, name in ((False, PALE, 1.6, ".", "covers"), (True, DARK, 2.4, "X", "misses")):
        part = rows[rows["misses"] == misses]
        label = say(f"charts_sampling.{name}", k=number(len(part)), drawn=number(len(rows)))
        ax.vlines(part.index, part["ci_low"], part["ci_high"], color=colour, lw=width, zorder=2 + misses)
        ax.plot(part.index, part["estimate"], mark, color=colour, zorder=3 + misses, label=label)
        if misses:
            for end in ("ci_low", "ci_high"):
                ax.plot(part.index, part[end], "_", color=colour, mew=2, zorder=3)
    ax.axhline(told["truth"], color=INK, lw=1.6, zorder=5)
    ax.set(xticks=[], xlim=(-1, len(rows)))
    ax.yaxis.set_major_locator(plt.MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _written(value, told["kind"])))


def _facts(table, rows):
    told = table.attrs
    return {"n": number(told["n"]), "surveys": number(len(table)), "misses": number(table["misses"].sum()), "level": percent(told["level"]),
            "expected": number((1 - told["level"]) * len(table)), "truth": _written(told["truth"], told["kind"]), "drawn": number(len(rows)),
            "drawn_misses": number(rows["misses"].sum()), "interval": say(f"charts_sampling.{told['interval']}")}


def _written(value, kind):
    """A share as per cent, an NPS as a number, each with a decimal only where it needs one."""
    scale = 100 if kind == "share" else 1
    digits = 0 if abs(value * scale - round(value * scale)) < 1e-6 else 1
    return percent(value, digits) if kind == "share" else number(value, digits)
