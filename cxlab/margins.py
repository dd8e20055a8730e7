"""What raking moves and what it leaves: a share before and after, beside the truth where it is known.

For the lesson on weighting and for anyone who wants to see how much a result hangs on the margins it was weighted to. Stands above
`weighting`, `rates` and `charts`; `reweighted` is the plain twin of `explore_margins`.
"""

import pandas as pd

from .framework import CxError, number, percent, say
from .intervals import divide
from .rates import share
from .weighting import rake

SLIDER = (1, 95)  # per cent of the population that a category can be given


def reweighted(table, column, value, margins, truth=None, trim=None, level=0.95):
    """The share of one answer, unweighted and raked, side by side: what weights move, what they cost, what they leave.

    table : pandas frame, one row a respondent; all its rows are weighted, those without an answer are then left out. column, value : the
    question and one of its answers. margins, trim : as in `cx.rake`. truth : the share in the population (0-1), where it is known. level : of
    the intervals.

    Returns two rows: `weighting` (unweighted; raked), then the columns of `cx.share` (`value, n, count, share, ci_low, ci_high, note`), then
    `n_effective` ((Σw)²/Σw² of those who answered: Kish 1965), `truth`, `bias` (share − truth, −1 to 1: in one sample, bias and chance together).
    `.attrs["note"]`: what the weights achieve. The interval takes the weights as given; raking's own gain is ignored.
    R: `svymean(~yes, rake(design, list(~a, ~b), list(pop_a, pop_b)), na.rm = TRUE)` has the same share and, knowing of the raking, a smaller se.

    >>> table = pd.DataFrame({"via": ["a"] * 100 + ["b"] * 50, "says": ["yes"] * 60 + ["no"] * 40 + ["yes"] * 10 + ["no"] * 40})
    >>> reweighted(table, "says", "yes", {"via": {"a": 0.5, "b": 0.5}}, truth=0.4)[["weighting", "share", "n_effective", "bias"]].round(3)
        weighting  share  n_effective   bias
    0  unweighted  0.467      150.000  0.067
    1       raked  0.400      133.333  0.000
    """
    if isinstance(value, (list, tuple)) or value is None:
        raise CxError(say("margins.one_answer", value=value))
    weights = rake(table, margins, trim=trim)
    plain = share(table, column, value, level=level)
    raked = share(pd.DataFrame({column: table[column], (column, "w"): weights}), column, value, weights=(column, "w"), level=level)
    mine = weights[table[column].notna()]
    high = trim[-1] if isinstance(trim, (tuple, list)) else trim
    name = say("margins.raked") if trim is None else say("margins.trimmed", high=number(high, int(high % 1 > 0)))
    result = pd.concat([plain, raked], ignore_index=True)
    result.insert(0, "weighting", [say("margins.unweighted"), name])
    result["n_effective"] = [float(len(mine)), float(divide(mine.sum() ** 2, (mine**2).sum()))]
    result["truth"] = float("nan") if truth is None else float(truth)
    result["bias"] = result["share"] - result["truth"]
    result.attrs = {"simulated": table.attrs.get("simulated", False), "level": level, "note": weights.attrs["note"]}
    return result


def plot_bias(table, title=None, simulated=False):
    """Shares under several weightings, each with its interval, and the truth as a black line across them.

    table : what `reweighted` gives; several of them one below the other (`pd.concat`) stand in one figure. Returns the Axes, with `caption`.
    """
    from .charts import plot_shares
    from .figures import INK

    rows = table.drop_duplicates(["weighting", "value"], ignore_index=True)
    drawn = rows[~rows["note"].str.contains("hidden") & rows["share"].notna()]
    several = drawn["value"].nunique() > 1
    truths = drawn.groupby("value" if several else "weighting", sort=False, observed=True)["truth"].first()
    known = len(truths) > 0 and truths.notna().all()
    ax = plot_shares(rows, title=title or (_title(drawn, several) if known else None), simulated=simulated, ranked=False)
    if known:
        half = 0.42 if several else 0.5
        places = range(len(truths))
        ax.vlines(truths, [i - half for i in places], [i + half for i in places], color=INK, lw=3, zorder=4)
        ax.set_xlim(0, max(ax.get_xlim()[1], truths.max() * 1.04))
        ax.set_xlabel(f"{ax.get_xlabel()}; {say('margins.truth_line')}")
        ax.caption += " " + _caption(drawn, truths, several)
    return ax


def explore_margins(table, column, value, margins, truth=None):
    """A slider a margin: believe other shares of the population, and see the raked estimate move and the bias that stays.

    Arguments as in `reweighted`, the plain twin. Each slider moves the category of which the table has too few, by the given margins; the
    others keep their proportions.
    """
    import ipywidgets

    from .charts import show

    reweighted(table, column, value, margins, truth)  # what cannot be is refused here, before anything is drawn
    margins = {name: dict(targets) for name, targets in margins.items()}
    moved = {name: _too_few(table[name], targets) for name, targets in margins.items() if len(targets) > 1}

    def draw(**given):
        believed = margins | {name: _with(margins[name], moved[name], share / 100) for name, share in given.items()}
        found = reweighted(table, column, value, believed, truth)
        ax = plot_bias(found)
        show(ax, f"{ax.caption} {found.attrs['note']}")

    sliders = {name: ipywidgets.FloatSlider(100 * margins[name][category], min=SLIDER[0], max=SLIDER[1], step=0.1, readout_format=".1f",
                                            description=say("margins.slider", category=category), continuous_update=False,
                                            style={"description_width": "initial"}, layout={"width": "480px"})
               for name, category in moved.items()}
    return ipywidgets.interactive(draw, **sliders)


def _too_few(answers, targets):
    """The category with the smallest share of the table beside its share of the population."""
    found = answers.value_counts(normalize=True)
    return max(targets, key=lambda category: targets[category] / found.get(category, 1.0))


def _with(targets, category, share):
    """The targets with another share for one category, the others in proportion."""
    rest = (1 - share) / (1 - targets[category])
    return {key: share if key == category else rest * target for key, target in targets.items()}


def _title(rows, several):
    if several:
        return say("margins.title_several")
    parts = ", ".join(f"{row['weighting']} {percent(row['share'])}" for _, row in rows.iterrows())
    return say("margins.title", truth=percent(rows["truth"].iloc[0]), parts=parts)


def _caption(rows, truths, several):
    told = "; ".join(f"{value} {percent(truth, 1)}" for value, truth in truths.items()) if several else percent(truths.iloc[0], 1)
    parts = [say("margins.off_by", name=f"{row['value']}, {row['weighting']}" if several else row["weighting"],
                 bias=("+" if row["bias"] > 0 else "") + number(100 * row["bias"], 1)) for _, row in rows.iterrows()]
    return say("margins.truth_caption", truths=told, parts="; ".join(parts))
