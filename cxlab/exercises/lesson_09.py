"""Lesson 09, how wide is the gap, and against which expectation? All from the bundled companies and the two worlds of experiences."""

from ..framework import number, percent

COMPONENT = "emotional"  # the exercises take one component; the lesson takes the mean of the three


def _sides(wording, value="value"):
    """A row a company: what its manager says and what its customers say on average."""
    import cxlab as cx

    answers = cx.load("companies")
    asked = answers[answers["wording"] == wording].copy()
    asked[value] = asked[value].map({"yes": 1, "no": 0}).astype(float) if value != "value" else asked[value].astype(float)
    return asked.groupby(["company", "who"], observed=True)[value].mean().unstack("who")


def _slopes(world, formula):
    """The model of satisfaction on what was expected and perceived of one component, errors by customer."""
    import statsmodels.formula.api as smf

    import cxlab as cx

    table = cx.load(world).rename(columns={f"{side}_{COMPONENT}": side for side in ("expected", "perceived")})
    table = table[["satisfaction", "expected", "perceived", "customer"]].astype(float)
    return smf.ols(f"satisfaction ~ {formula}", table).fit(cov_type="cluster", cov_kwds={"groups": table["customer"]})


def exercise_1():
    """How many managers see no more than their own customers do."""
    sides = _sides("same")
    modest = sides["company"] <= sides["customers"]
    gap = (sides["customers"] - sides["company"]).mean()
    return {"right": int(modest.sum()), "n": number(len(sides)), "share": percent(modest.mean()), "gap": number(gap, 2)}


def exercise_2():
    """How many points of the gap on `customers_first` the leading wording adds."""
    same, leading = (_sides(wording, "customers_first") for wording in ("same", "leading"))
    gaps = [(sides["customers"] - sides["company"]).mean() for sides in (same, leading)]
    moved = (leading - same).mean()
    return {"right": gaps[1] - gaps[0], "n": number(len(same)), "wrong": [gaps[1], gaps[0], moved["customers"], moved["company"]]}


def exercise_3():
    """What one point more expected goes with in the twin, at equal experience: the emotional component."""
    both, other = (_slopes(world, "expected + perceived") for world in ("experiences_twin", "experiences"))
    alone, bare = (_slopes("experiences_twin", formula) for formula in ("expected", "I(perceived - expected)"))
    low, high = both.conf_int().loc["expected"]
    wrong = [other.params["expected"], alone.params["expected"], both.params["perceived"], bare.params.iloc[1]]
    return {"right": both.params["expected"], "wrong": wrong, "n": number(both.nobs), "low": number(low, 2), "high": number(high, 2)}


def exercise_4():
    """What may be reported of expectation, in the first world."""
    import cxlab as cx

    both, bare = (_slopes("experiences", formula) for formula in ("expected + perceived", "I(perceived - expected)"))
    low, high = both.conf_int().loc["expected"]
    told = {"points": number(both.params["expected"], 2), "low": number(low, 2), "high": number(high, 2), "bare": number(bare.params.iloc[1], 2)}
    return told | {"n": number(both.nobs), "customers": number(cx.load("experiences")["customer"].nunique())}
