"""Lesson research/measurement: what is right in its exercises, and what people answer instead; computed from the bundled answers."""

ITEMS = {part: [f"{part}_{k}" for k in range(1, 5)] for part in ("functional", "accessible", "emotional")}
RIGHTS = ["right_product", "right_customer", "right_time", "right_price", "right_approach"]


def _complete(world):
    """The twelve items of the rows that have them all, the reversed one turned round."""
    import cxlab as cx

    twelve = cx.load(world)[sum(ITEMS.values(), [])].astype(float).dropna()
    return twelve.assign(emotional_3=8 - twelve["emotional_3"])


def exercise_1():
    """Alpha of the five rights."""
    import cxlab as cx

    row = cx.reliability(cx.load("experiences")[RIGHTS], low=1, high=7).iloc[0]
    return {"right": row["alpha"], "n": cx.framework.number(row["n"])} | {
        name: cx.framework.number(row[f"ci_{name}"], 2) for name in ("low", "high")}


def exercise_2():
    """The correlation of two scores in the twin, noise taken out by omega."""
    import cxlab as cx

    complete = _complete("experiences_twin")
    pair = [complete[ITEMS[part]] for part in ("accessible", "emotional")]
    r = pair[0].mean(axis=1).corr(pair[1].mean(axis=1))
    alpha, omega = (cx.reliability(pair[0])[name].iloc[0] * cx.reliability(pair[1])[name].iloc[0] for name in ("alpha", "omega"))
    return {"right": r / omega**0.5, "wrong": [r, r / alpha**0.5, r / omega], "n": cx.framework.number(len(complete))}


def exercise_3():
    """How far below their prediction the twin's skippers would have to lie for a mean happiness of 5."""
    import statsmodels.formula.api as smf

    import cxlab as cx

    known = cx.load("experiences_twin")[["happiness", "satisfaction", "feeling_after", "average"]].astype(float)
    predicted = smf.ols("happiness ~ satisfaction + feeling_after + average", known).fit().predict(known)
    skipped = known["happiness"].isna()
    above = known["happiness"].fillna(predicted).mean() - 5
    wrong = [(known["happiness"].mean() - 5) / skipped.mean(), above, above / (skipped.sum() / (~skipped).sum())]
    return {"right": above / skipped.mean(), "wrong": wrong, "predicted": cx.framework.number(predicted[skipped].mean(), 1),
            "n": cx.framework.number(skipped.sum())}


def exercise_4():
    """What may be said of an alpha."""
    import cxlab as cx

    complete = _complete("experiences")
    row, everyone = cx.reliability(complete, low=1, high=7).iloc[0], len(cx.load("experiences"))
    told = {"n": row["n"], "left_out": everyone - row["n"], "all": everyone}
    return {name: cx.framework.number(value) for name, value in told.items()} | {
        name: cx.framework.number(row[column], 2) for name, column in (("alpha", "alpha"), ("low", "ci_low"), ("high", "ci_high"))}
