"""Lesson research/ordered_outcomes: what is right in its exercises, and what people answer instead; computed from the bundled data."""

import functools

import numpy as np
import pandas as pd

from ..framework import keys, number, percent

COMPONENTS = keys("components")


@functools.cache
def _tenants():
    """The ordered logit of Copenhagen: its model and fit."""
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    import cxlab as cx

    counts = cx.load("copenhagen_housing")
    rows = counts.loc[counts.index.repeat(counts["tenants"])].reset_index(drop=True)
    model = OrderedModel.from_formula("satisfaction ~ influence + housing + contact", rows, distr="logit")
    return model, model.fit(method="bfgs", disp=False)


def exercise_1():
    """The predicted share of the highly satisfied in terraced houses; the reference is the tower block."""
    model, fit = _tenants()
    tower, terrace = np.zeros((1, 6)), np.zeros((1, 6))
    terrace[0, fit.params.index.get_loc("housing[T.Terrace]")] = 1
    before, after = (model.predict(fit.params.to_numpy(), exog=each)[0, 2] for each in (tower, terrace))
    return {"right": after, "tower": percent(before), "odds": number(np.exp(fit.params["housing[T.Terrace]"]), 2), "third": percent(before / 3),
            "n": number(len(model.endog))}


def exercise_2():
    """The odds ratio of terraced houses against atrium houses."""
    model, fit = _tenants()
    terrace, atrium = (fit.params[f"housing[T.{kind}]"] for kind in ("Terrace", "Atrium"))
    wrong = [terrace - atrium, np.exp(terrace), np.exp(atrium - terrace)]
    return {"right": np.exp(terrace - atrium), "wrong": wrong, "terrace": number(np.exp(terrace), 2), "atrium": number(np.exp(atrium), 2),
            "n": number(len(model.endog))}


def exercise_3():
    """Components whose score goes with returning in the twin."""
    right, n = _returned("experiences_twin")
    return {"right": right, "wrong": [_returned("experiences")[0], [right[0]], [key for key in COMPONENTS if key not in right]], "n": number(n)}


@functools.cache
def _returned(world):
    """Components whose odds ratio of returning has a 95 % interval without 1, errors by customer; n."""
    import statsmodels.api as sm

    import cxlab as cx

    table = cx.load(world)
    scores = pd.DataFrame({key: cx.scale_score(table[[f"{key}_{k}" for k in range(1, 5)]], 1, 7, ["emotional_3"] if key == "emotional" else [])
                           for key in COMPONENTS}).astype(float)
    whole = scores.notna().all(axis=1)
    fit = sm.Logit((table["returned"] == "yes")[whole].astype(float), sm.add_constant(scores[whole])).fit(
        disp=False, cov_type="cluster", cov_kwds={"groups": table["customer"][whole].to_numpy()})
    limits = fit.conf_int().loc[COMPONENTS]
    return limits.index[(limits[0] > 0) | (limits[1] < 0)].tolist(), int(whole.sum())


def exercise_4():
    """What may be said of high influence in Copenhagen."""
    model, fit = _tenants()
    low, high = np.exp(fit.conf_int().loc["influence[T.High]"])
    odds = np.exp(fit.params["influence[T.High]"])
    return {"n": number(len(model.endog)), "odds": number(odds, 1), "low": number(low, 1), "high": number(high, 1),
            "coefficient": number(fit.params["influence[T.High]"], 1)}
