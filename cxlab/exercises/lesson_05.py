"""Lesson 05, what is an experience made of? All from the bundled worlds of experiences."""

import itertools

from ..framework import keys, number, percent

LOW, HIGH, REVERSED, TOP = 1, 7, "emotional_3", 10  # ends of the items, the item worded the other way round, top of happiness
EMOTIONAL = [f"emotional_{k}" for k in range(1, 5)]


def _experiences():
    import cxlab as cx

    return cx.load("experiences")


def exercise_1():
    """Alpha of all twelve items, as if they were one scale, and how far the scores of the components really correlate."""
    import cxlab as cx

    answers = _experiences()
    items = {part: [f"{part}_{k}" for k in range(1, 5)] for part in keys("components")}
    twelve = [item for names in items.values() for item in names]
    found = cx.reliability(answers[twelve], REVERSED, LOW, HIGH).iloc[0]
    scores = {part: cx.scale_score(answers[names], LOW, HIGH, REVERSED if REVERSED in names else ()) for part, names in items.items()}
    alone = [cx.reliability(answers[names], REVERSED if REVERSED in names else (), LOW, HIGH)["alpha"].iloc[0] for names in items.values()]
    between = [scores[first].corr(scores[second]) for first, second in itertools.combinations(items, 2)]
    return {"right": found["alpha"], "low": number(found["ci_low"], 2), "high": number(found["ci_high"], 2), "n": number(found["n"]),
            "four": number(max(alone), 2), "least": number(min(between), 2), "most": number(max(between), 2)}


def exercise_2():
    """Mean emotional score where the step did not work."""
    import cxlab as cx

    answers = _experiences()

    def means(reverse):
        score = cx.scale_score(answers[EMOTIONAL], LOW, HIGH, reverse, min_answered=len(EMOTIONAL) - 1)
        return score.groupby(answers["worked"], observed=True).mean(), score.mean()

    by_worked, everybody = means(REVERSED)
    failed = answers["worked"] == "no"
    return {"right": by_worked["no"], "wrong": [means(())[0]["no"], by_worked["yes"], everybody], "n": number(failed.sum())}


def exercise_3():
    """The lower bound of mean happiness where the step did not work."""
    answers = _experiences()
    known = answers["happiness"].astype(float)
    failed = known[answers["worked"] == "no"]
    return {"right": failed.fillna(0).mean(), "wrong": [failed.mean(), failed.fillna(TOP).mean(), known.fillna(0).mean()],
            "n": number(len(failed)), "empty": number(failed.isna().sum()), "share": percent(failed.isna().mean()),
            "others": percent(known[answers["worked"] == "yes"].isna().mean())}


def exercise_4():
    """After "nothing" against after something very bad: likelihood, return, happiness, with whole employees."""
    from statsmodels.api import OLS, add_constant

    answers = _experiences()
    two = answers[answers["memory"] != "very_good"]
    two = two.assign(nothing=two["memory"].eq("nothing"), returned=two["returned"].eq("yes"))

    def difference(outcome, points, digits):
        rows = two[[outcome, "nothing", "employee"]].dropna().astype(float)
        fit = OLS(rows[outcome], add_constant(rows["nothing"])).fit(cov_type="cluster", cov_kwds={"groups": rows["employee"]}, use_t=True)
        values = [fit.params["nothing"], *fit.conf_int().loc["nothing"]]
        return dict(zip((outcome, f"{outcome}_low", f"{outcome}_high"), (number(points * value, digits) for value in values), strict=True))

    told = difference("likelihood", 1, 1) | difference("returned", 100, 0) | difference("happiness", 1, 1)
    n = two["memory"].value_counts()
    return told | {"lost": told["returned"].lstrip("−"), "n": number(n["nothing"]), "n_bad": number(n["very_bad"])}
