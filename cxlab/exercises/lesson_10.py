"""Lesson 10, does a good recovery pay? All from the two bundled worlds of experiences."""

import functools
import math

from ..framework import number

COST, MARGIN = 20, 0.25  # lira for a recovery, and what a lira of sales leaves: both assumed in the exercises
LESSON_MARGIN = 0.30


@functools.cache
def _table(name):
    import cxlab as cx

    return cx.load(name)


def _after(name, incident, recovery=None):
    """The experiences with an incident of this kind and, where one is named, this recovery."""
    table = _table(name)
    chosen = table["incident"].eq(incident)
    return table[chosen & table["recovery"].eq(recovery)] if recovery else table[chosen]


def _satisfied(*group):
    return float(_after(*group)["satisfaction"].mean())


def _returns(*group):
    return float(_after(*group)["returned"].eq("yes").mean())


def _price():
    table = _table("experiences")
    return float(table.loc[table["incident"] != "none", "price"].mean())


def _extra(name, incident):
    """Extra returns of excellent recovery against none, with the interval of whole customers."""
    import statsmodels.formula.api as smf

    part = _after(name, incident)
    part = part[part["recovery"].isin(["none", "excellent"])]
    part = part.assign(again=1.0 * part["returned"].eq("yes"), right=1.0 * part["recovery"].eq("excellent"))
    fit = smf.ols("again ~ right", part).fit(cov_type="cluster", cov_kwds={"groups": part["customer"]}, use_t=True)
    counts = part["recovery"].value_counts()
    return fit.params["right"], *fit.conf_int().loc["right"], counts["excellent"], counts["none"]


def exercise_1():
    """How many of a hundred recoveries must bring somebody back who would not have come anyway."""
    price = _price()
    return {"right": math.ceil(100 * COST / (price * MARGIN)), "price": number(price), "left": number(price * MARGIN), "cost": number(COST)}


def exercise_2():
    """Satisfaction after a serious incident excellently put right, less that without an incident."""
    excellent, without = _after("experiences", "serious", "excellent"), _satisfied("experiences", "none")
    mean = _satisfied("experiences", "serious", "excellent")
    wrong = [mean - _satisfied("experiences", "serious", "none"), _satisfied("experiences", "slight", "excellent") - without, mean]
    return {"right": mean - without, "wrong": wrong, "n": number(len(excellent)), "customers": number(excellent["customer"].nunique())}


def exercise_3():
    """What a *good* recovery of a slight incident may cost at most."""
    good, worth = _returns("experiences", "slight", "good"), _price() * MARGIN
    extra = good - _returns("experiences", "slight", "none")
    wrong = [extra * _price(), (_returns("experiences", "slight", "excellent") - _returns("experiences", "slight", "none")) * worth,
             (good - _returns("experiences", "none")) * worth, good * worth]
    return {"right": extra * worth, "wrong": wrong, "n": number(len(_after("experiences", "slight", "good"))),
            "n_none": number(len(_after("experiences", "slight", "none")))}


def exercise_4():
    """What may be said of the money: slight and serious incidents, excellent recovery against none."""
    worth, told = _price() * LESSON_MARGIN, {"margin": number(100 * LESSON_MARGIN)}
    for kind in ("slight", "serious"):
        extra, low, high, excellent, none = _extra("experiences", kind)
        told |= {f"{kind}_n": number(excellent), f"{kind}_none": number(none), f"{kind}_extra": number(100 * extra), f"{kind}_low": number(100 * low),
                 f"{kind}_high": number(100 * high), f"{kind}_lira": number(extra * worth, 1), f"{kind}_lira_low": number(low * worth, 1),
                 f"{kind}_lira_high": number(high * worth, 1)}
    points = _satisfied("experiences", "slight", "excellent") - _satisfied("experiences", "none")
    return told | {"points": number(points, 1)}
