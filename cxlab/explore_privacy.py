"""Shows how few columns it takes until people stand alone: a figure and a slider over `privacy.uniqueness`."""

import pandas as pd

from .framework import number, percent, say
from .privacy import uniqueness


def plot_uniqueness(table, title=None, simulated=False):
    """The share of people who are alone, growing with each column that is added.

    table : what `cx.uniqueness` gives (its first k rows are enough). Returns the Axes, with `caption`.
    """
    from .charts import plot_shares
    from .figures import plain, shorten

    texts, last = table["columns"].tolist(), table.iloc[-1]
    added = [shorten(plain(text[len(before):]), 300) for before, text in zip(["", *texts], texts, strict=False)]  # "age_group", "+ recruited_via"
    rows = pd.DataFrame({"value": added, "n": table["n"], "count": table["alone"], "share": table["share_alone"]})
    rows = rows.assign(ci_low=rows["share"], ci_high=rows["share"])  # a count of the whole table has no interval
    title = title or say("explore_privacy.title", k=number(len(table)), alone=number(last["alone"]), n=number(last["n"]))
    ax = plot_shares(rows, title=title, simulated=simulated, ranked=False, top=len(rows))
    parts = [say("explore_privacy.part", name=shorten(name), alone=number(alone), share=percent(share))
             for name, alone, share in zip(added, table["alone"], table["share_alone"], strict=True)]
    ax.set(xlim=(0, 1.02), xlabel=say("explore_privacy.axis", n=number(last["n"])))
    ax.caption = say("explore_privacy.caption", n=number(last["n"]), parts="; ".join(parts))
    return ax


def explore_uniqueness(table, columns, simulated=False):
    """A slider for how many of the columns, in this order, are combined: see people lose their doubles. Plain twin: `cx.uniqueness`."""
    import ipywidgets

    from .charts import show

    found = uniqueness(table, columns)

    def draw(k):
        show(plot_uniqueness(found.head(k), simulated=simulated))

    return ipywidgets.interactive(draw, k=ipywidgets.IntSlider(1, 1, len(found), description=say("explore_privacy.slider"), continuous_update=False,
                                                               style={"description_width": "initial"}, layout={"width": "420px"}))
