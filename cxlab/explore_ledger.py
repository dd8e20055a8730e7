"""The ledger to look at: claims of one unit in one figure, both worlds side by side; and one claim at a time, on a slider."""

from . import ledger
from .framework import CxError, language, number, say


def plot_claims(results, unit, title=None):
    """The claims that are measured in one unit, turned so that right of the line is what the claim says: interval in the first world and in the twin.

    results : as from `cx.judge_claims`. unit : a value of its column `unit`; only claims of one unit can be compared by eye. title : of the figure.
    Drawn is the distance from where the claim begins to hold (see `measure` of `cx.claims`), so 0 is the line. A claim that holds between two values
    has no such side and is left out; the caption counts. Returns the Axes, with `caption`.
    """
    from .charts_scales import plot_estimates
    from .figures import sentences

    entries, units, rows = ledger._entries(), ledger._units(), results[results["unit"] == unit]
    if rows.empty:
        raise CxError(say("ledger.no_unit", unit=unit, allowed=", ".join(key for key in units if key in set(results["unit"]))))
    between = rows["claim"].map(lambda key: {"above", "below"} <= set(entries[key]))
    rows = rows[~between]
    if rows.empty:
        raise CxError(say("ledger.no_side", unit=unit))
    names = {key: entries[key][f"name_{language()}"] for key in rows["claim"]}
    worlds = {world: say(f"ledger.{world}") for world in rows["world"]}
    ax = plot_estimates(_toward(rows, entries), "estimate", axis=say("ledger.axis", unit=units[unit][language()]), labels=names | worlds, reference=0,
                        digits=units[unit]["digits"], title=title or say("ledger.figure_title"), simulated=True)
    seen = [_seen(rows[rows["world"] == world], names, told) for world, told in worlds.items()]
    ax.caption = sentences(say("ledger.turned"), *seen, say("ledger.seen_n", low=number(rows["n"].min()), high=number(rows["n"].max())),
                           say("ledger.left_out", n=number(between.sum())) if between.any() else "")
    return ax


def _seen(rows, names, world):
    """Which claims lie where in one world, in words."""
    places = {"right": "holds", "left": "does not hold", "across": "cannot tell"}
    lists = {place: ", ".join(names[key] for key in rows.loc[rows["verdict"] == found, "claim"]) for place, found in places.items()}
    return say("ledger.seen", world=world, **{place: text or say("ledger.none") for place, text in lists.items()})


def _toward(rows, entries):
    """Estimates and limits as distances from where each claim begins to hold, positive if they lie on its side."""
    begins = rows["claim"].map(lambda key: float(entries[key].get("above", entries[key].get("below"))))
    side = rows["claim"].map(lambda key: 1.0 if "above" in entries[key] else -1.0)
    moved = {name: side * (rows[name] - begins) for name in ("estimate", "ci_low", "ci_high")}
    low, high = (moved["ci_low"].where(side > 0, moved["ci_high"]), moved["ci_high"].where(side > 0, moved["ci_low"]))
    return rows[["claim", "world", "n"]].assign(estimate=moved["estimate"], ci_low=low, ci_high=high)


def explore_claims(claim="emotion_first"):
    """Move through the claims and see the row of the ledger of each. claim : the first one shown. Plain twin: `cx.claim_card`."""
    import ipywidgets
    from IPython.display import display

    table = ledger.claims()
    ledger._chosen(claim)
    options = [(f"{k} / {len(table)}", key) for k, key in enumerate(table["claim"], 1)]  # the card says which it is
    choice = ipywidgets.SelectionSlider(options=options, value=claim, description=say("ledger.choose"), continuous_update=False,
                                        layout=ipywidgets.Layout(width="600px"))
    return ipywidgets.interactive(lambda claim: display(ledger.claim_card(claim)), claim=choice)
