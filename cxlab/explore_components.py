"""Things to move about the three components, and their figures: draw a world, correlate the drivers, raise the standard.

Each is a thin shell over a function of `component_worlds` that also stands alone. The figures draw the columns of these tables.
"""

import matplotlib.pyplot as plt
import numpy as np

from . import component_worlds as worlds
from .charts import BLUE, ORANGE, PALE, _need
from .figures import INK, figure, finish, sentences, settings, share_text, show
from .framework import CxError, label, number, percent, say

COLOURS = dict(zip(worlds.LEADS, ((BLUE, "o"), (ORANGE, "s")), strict=True))


# ---- draw the world ------------------------------------------------------------------------------------------------------------------------


def plot_named_first(table, analysed=None, title=None):
    """True importance and how often each component is named first; with `analysed`, also what one sample says.

    table : from `cx.name_the_first`. analysed : from `cx.importance` on one sample of the same world (`cx.draw_components`).
    Returns the Axes of importance, with `caption`.
    """
    _need(table, ["component", "importance", "named_first", "ci_low", "ci_high"], "plot_named_first")
    if analysed is not None:
        _need(analysed, ["driver", "importance", "ci_low", "ci_high"], "plot_named_first")
        analysed = analysed.set_index("driver").loc[table["component"]]
    told, names = table.attrs, [label("components", key) for key in table["component"]]
    facts = _facts(told)
    with plt.rc_context(settings()):
        fig, (ax, side) = figure(7.5, 1, 2, width_ratios=(1.25, 1))
        y = np.arange(len(table))
        ax.vlines(table["importance"], y - 0.33, y + 0.33, color=INK, lw=3, zorder=3)
        if analysed is not None:
            _intervals(ax, y, analysed, "importance", BLUE)
        _rows(ax, names)
        ax.set_xlim(0, ax.get_xlim()[1])
        ax.set_xlabel(say("explore_components.importance_axis" if analysed is None else "explore_components.analysed_axis", **facts))
        side.barh(y, table["named_first"], height=0.5, color=[BLUE if key == told["truth"] else PALE for key in table["component"]])
        side.hlines(y, table["ci_low"], table["ci_high"], color=INK, lw=2)
        for height, share in zip(y, table["named_first"], strict=True):
            side.annotate(share_text(share), (1, height), (6, 0), xycoords=side.get_yaxis_transform(), textcoords="offset points", va="center")
        _rows(side, [""] * len(y))
        side.set(xlim=(0, 1), xlabel=say("explore_components.first_axis", **facts))
        side.set_xticks([0, 0.5, 1], [percent(x) for x in (0, 0.5, 1)])
        return finish(fig, ax, title or _first_title(table, facts), _first_caption(table, analysed, names, facts), True)


def _first_title(table, facts):
    if table.attrs["truth"] is None:
        return say("explore_components.title_no_first", **facts)
    right = table.set_index("component")["named_first"][table.attrs["truth"]]
    return say("explore_components.title_first", share=share_text(right), **facts)


def _first_caption(table, analysed, names, facts):
    world = "; ".join(say("explore_components.true_part", name=name, weight=number(row["weight"], 2), importance=number(row["importance"], 2))
                      for name, (_, row) in zip(names, table.iterrows(), strict=True))
    first = "; ".join(f"{name} {share_text(row['named_first'])} ({_range(100 * row['ci_low'], 100 * row['ci_high'], 0)})"
                      for name, (_, row) in zip(names, table.iterrows(), strict=True))
    found = "" if analysed is None else say("explore_components.found", **facts, parts="; ".join(
        f"{name} {number(row['importance'], 2)} ({_range(row['ci_low'], row['ci_high'], 2)})"
        for name, (_, row) in zip(names, analysed.iterrows(), strict=True)))
    return sentences(say("explore_components.world", parts=world, **facts), found, say("explore_components.first", parts=first, **facts),
                     table.attrs["note"] if table.attrs["truth"] is None else "")


def explore_world(weights=worlds.WEIGHTS, n=120, correlation=0.6):
    """Set the true weights, their correlation and n: see what one sample says, and how often the right component is named first.

    Arguments as in `cx.name_the_first`. Plain twins: `cx.name_the_first`, `cx.draw_components` with `cx.importance`, `cx.plot_named_first`.
    """
    import ipywidgets

    from .drivers import importance

    def draw(**given):
        sample, world = given.pop("sample"), {name: given.pop(name) for name in ("n", "correlation")}
        world["weights"] = given
        seen = worlds.draw_components(**world, rng=sample)
        analysed = importance(seen, "outcome", worlds.COMPONENTS, rng=1)
        show(plot_named_first(worlds.name_the_first(**world, rng=1), analysed))

    start = dict(zip(worlds.COMPONENTS, worlds._in_order(weights), strict=True))
    sliders = {key: _slider(value, 0, 1, 0.05, say("explore_components.weight", component=label("components", key))) for key, value in start.items()}
    return ipywidgets.interactive(draw, **sliders, correlation=_slider(correlation, 0, 0.95, 0.05, say("explore_components.correlation")),
                                  n=_slider(n, 20, 2000, 20, say("explore_components.n")),
                                  sample=_slider(1, 1, 50, 1, say("explore_components.sample")))


# ---- correlate the drivers -----------------------------------------------------------------------------------------------------------------


def plot_correlated(table, title=None):
    """Coefficients and importance of the same drivers: of one sample, of most samples, and the truth.

    table : from `cx.correlated_drivers`. Returns the Axes of the coefficients, with `caption`.
    """
    _need(table, ["driver", "coefficient", "ci_low", "ci_high", "importance", "sign_flips", "coefficient_low", "importance_low"], "plot_correlated")
    names, y, facts = [label("components", key) for key in table["driver"]], np.arange(len(table)), _facts(table.attrs)
    with plt.rc_context(settings()):
        fig, (ax, side) = figure(8.5, 1, 2, width_ratios=(1.25, 1))
        for panel, name, truth in ((ax, "coefficient", "weight"), (side, "importance", "importance_true")):
            panel.barh(y, table[f"{name}_high"] - table[f"{name}_low"], left=table[f"{name}_low"], height=0.5, color=PALE)
            panel.vlines(table[truth], y - 0.33, y + 0.33, color=INK, lw=3, zorder=3)
            panel.use_sticky_edges = False  # no bar ends at the edge
            panel.set_xlabel(say(f"explore_components.{name}_spread", **facts))
        _intervals(ax, y, table, "coefficient", BLUE)
        side.plot(table["importance"], y, "o", color=BLUE, zorder=4)
        ax.axvline(0, color="#6a6a6a", lw=1)
        _rows(ax, [f"{name}\n{say('explore_components.flip', share=share_text(share))}"
                   for name, share in zip(names, table["sign_flips"], strict=True)])
        _rows(side, [""] * len(y))
        side.set_xlim(0, 1.04 * max(table["importance_high"].max(), table["importance"].max(), 0.05))
        worst = table["sign_flips"].argmax()
        title = title or say("explore_components.title_flips", name=names[worst], share=share_text(table["sign_flips"].iloc[worst]), **facts)
        return finish(fig, ax, title, _flips_caption(table, names, facts), True)


def _flips_caption(table, names, facts):
    parts = "; ".join(say("explore_components.driver_part", name=name, weight=number(row["weight"], 2), coefficient=number(row["coefficient"], 2),
                          interval=_range(row["ci_low"], row["ci_high"], 2), share=share_text(row["sign_flips"]),
                          importance=number(row["importance"], 2), level=facts["level"],
                          low_high=_range(row["importance_low"], row["importance_high"], 2))
                      for name, (_, row) in zip(names, table.iterrows(), strict=True))
    return sentences(say("explore_components.flips", parts=parts, **facts), table.attrs["note"])


def explore_correlation(correlation=0.6, n=200, weights=worlds.WEIGHTS):
    """Raise the correlation of the drivers: see coefficients turn negative from sample to sample, while LMG cannot.

    Arguments as in `cx.correlated_drivers`. Plain twins: `cx.correlated_drivers`, `cx.plot_correlated`.
    """
    import ipywidgets

    def draw(correlation, n, sample):
        show(plot_correlated(worlds.correlated_drivers(correlation, n, weights, rng=sample)))

    return ipywidgets.interactive(draw, correlation=_slider(correlation, 0, 0.95, 0.05, say("explore_components.correlation")),
                                  n=_slider(n, 20, 2000, 20, say("explore_components.n")),
                                  sample=_slider(1, 1, 50, 1, say("explore_components.sample")))


# ---- raise the standard --------------------------------------------------------------------------------------------------------------------


def plot_standard(table, title=None):
    """A lead won once and one that keeps improving, each against the standard it meets; and the satisfaction that follows.

    table : from `cx.moving_standard`. Returns the Axes of the one-off lead, with `caption`.
    """
    _need(table, ["lead", "period", "service", "standard", "gap", "satisfaction"], "plot_standard")
    parts = {lead: table[table["lead"] == lead] for lead in worlds.LEADS}
    if any(part.empty for part in parts.values()):
        raise CxError(say("explore_components.two_leads"))
    with plt.rc_context(settings()):
        fig, axes = figure(11, 1, 3)
        for ax, (lead, part) in zip(axes, parts.items(), strict=False):
            colour, marker = COLOURS[lead]
            every = max(1, len(part) // 5)
            ax.fill_between(part["period"], part["service"], part["standard"], color=colour, alpha=0.18, lw=0)
            ax.plot(part["period"], part["service"], color=colour, lw=2.4, marker=marker, markevery=every, label=say("explore_components.service"))
            ax.plot(part["period"], part["standard"], "--", color=INK, lw=1.8, label=say("explore_components.standard"))
            axes[2].plot(part["period"], part["satisfaction"], color=colour, lw=2.4, marker=marker, markevery=every)
        _frame(axes, table)
        told = _lead_facts(parts, table.attrs)
        caption = sentences(say("explore_components.leads", **told), table.attrs["note"])
        return finish(fig, axes[0], title or say("explore_components.title_leads", **told), caption, True)


def _frame(axes, table):
    """What the three panels say at their edges; the levels of the first two on one scale, with room for the legend."""
    levels = table[["service", "standard"]]
    low, high = levels.min(axis=None), levels.max(axis=None)
    reach = max(high - low, 1)
    for ax, head in zip(axes, ("one_off", "moving", "satisfaction"), strict=True):
        ax.annotate(say(f"explore_components.{head}"), (0, 1), (0, 4), xycoords="axes fraction", textcoords="offset points", weight="bold")
        ax.set_xlabel(say("explore_components.period"))
        ax.xaxis.set_major_locator(plt.MaxNLocator(4, integer=True))
        ax.yaxis.set_major_locator(plt.MaxNLocator(5, integer=True))
        ax.yaxis.set_major_formatter(lambda value, _: number(value))
    for ax in axes[:2]:
        ax.set_ylim(low - 0.08 * reach, high + 0.5 * reach)
        ax.legend(loc="upper left", frameon=False, borderaxespad=0.1, handlelength=1.6)
    axes[2].axhline(worlds.NEUTRAL, color="#8a8a8a", lw=1, zorder=0)
    axes[2].set(ylim=(worlds.SCALE[0] - 0.2, worlds.SCALE[1] + 0.2), yticks=range(worlds.SCALE[0], worlds.SCALE[1] + 1))
    axes[0].set_ylabel(say("explore_components.points"))


def _lead_facts(parts, told):
    first, end = parts["one_off"].iloc[0], {lead: part.iloc[-1] for lead, part in parts.items()}
    return {"periods": number(len(parts["one_off"])), "start": _signed(first["gap"]), "one_off": _signed(end["one_off"]["gap"]),
            "moving": _signed(end["moving"]["gap"]), "begin": number(first["satisfaction"], 1), "kept": number(end["moving"]["satisfaction"], 1),
            "lost": number(end["one_off"]["satisfaction"], 1), "rise": number(told["rise"], 2), "copied": percent(told["copied"]),
            "improvement": number(told["improvement"], 2), "lag": number(told["lag"])}


def explore_standard(service=6.0, rise=0.1, periods=20):
    """Raise the standard: see a lead that is not renewed become the minimum, and what it takes to stay ahead.

    Arguments as in `cx.moving_standard`, the plain twin; with `cx.plot_standard`.
    """
    import ipywidgets

    def draw(**given):
        show(plot_standard(worlds.moving_standard(periods=periods, **given | {"copied": given["copied"] / 100})))

    moved = {"service": (service, 5, 8, 0.25), "rise": (rise, 0, 0.5, 0.05), "copied": (30, 0, 100, 5), "improvement": (0.4, 0, 1, 0.05),
             "lag": (2, 0, 6, 1)}
    return ipywidgets.interactive(draw, **{name: _slider(*given, say(f"explore_components.{name}_slider")) for name, given in moved.items()})


# ---- what the three share ------------------------------------------------------------------------------------------------------------------


def _slider(value, least, most, step, description):
    import ipywidgets

    whole = all(isinstance(part, int) for part in (least, most, step))
    kind, form = (ipywidgets.IntSlider, "d") if whole else (ipywidgets.FloatSlider, ".2f")
    return kind(value, min=least, max=most, step=step, description=description, readout_format=form, continuous_update=False,
                style={"description_width": "260px"}, layout={"width": "600px"})


def _intervals(ax, y, rows, name, colour):
    ax.hlines(y, rows["ci_low"], rows["ci_high"], color=colour, lw=2, zorder=4)
    ax.plot(rows[name], y, "o", color=colour, zorder=5)


def _rows(ax, names):
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.45, -0.55)
    ax.xaxis.set_major_locator(plt.MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(lambda value, _: number(value, 2 if abs(value * 10 % 1) > 1e-6 else 1))


def _facts(told):
    return {"n": number(told["n"]), "samples": number(told["samples"]), "correlation": number(told["correlation"], 2),
            "noise": number(told["noise"], 2), "level": percent(told["level"])}


def _range(low, high, digits):
    return say("explore_components.range", low=number(low, digits), high=number(high, digits))


def _signed(value):
    text = number(value + 1e-9 * np.sign(value), 1)  # 1.25 becomes 1.3, as people round
    return f"+{text}" if round(value, 1) > 0 else text
