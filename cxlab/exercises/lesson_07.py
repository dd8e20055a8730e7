"""Lesson 07, what always, and what now and then? All from the worlds of experiences and the answers to Kano's questions."""

from ..framework import keys, number, percent

LOW, HIGH, BASICS, VISITS = 3, 6, ["premises", "aftercare"], 3


def _effects(world, outcome, level=0.95):
    import cxlab as cx

    table = cx.load(world).dropna(subset=outcome)
    return cx.penalty_reward(table, outcome, keys("contact_factors"), low=LOW, high=HIGH, cluster="customer", level=level).set_index("attribute")


def exercise_1():
    """How many of those with three experiences met a failure of one of the basics."""
    import cxlab as cx

    seen = cx.load("experiences").dropna(subset=BASICS)
    failed = (seen[BASICS] <= LOW).any(axis=1)
    by_customer = failed.groupby(seen["customer"]).agg(["size", "max"])
    chosen = by_customer[by_customer["size"] == VISITS]
    row = cx.share(chosen, "max", True).iloc[0]
    return {"right": row["share"], "n": number(row["n"]), "low": percent(row["ci_low"]), "high": percent(row["ci_high"]),
            "each": percent(failed.mean()), "rows": number(len(seen))}


def exercise_2():
    """What a surprise adds to likelihood where neither of the basics failed."""
    import cxlab as cx

    def added(world, part):
        seen = cx.load(world).dropna(subset=[*BASICS, "likelihood"]).astype({"likelihood": float})
        failed = (seen[BASICS] <= LOW).any(axis=1)
        seen = seen[{"met": ~failed, "failed": failed, "all": failed | ~failed}[part]]
        mean = seen.groupby("surprise", observed=True)["likelihood"].mean()
        return mean["yes"] - mean["no"], len(seen)

    right, n = added("experiences", "met")
    wrong = [added("experiences", "all")[0], added("experiences", "failed")[0], added("experiences_twin", "met")[0]]
    return {"right": right, "wrong": wrong, "n": number(n)}


def exercise_3():
    """Which factors look lopsided for likelihood, in whose recipe no factor has a step."""
    kinds = _effects("experiences", "likelihood")["kind"]
    strict = _effects("experiences", "likelihood", 1 - 0.05 / (2 * len(kinds)))["kind"]
    lopsided = {"likelihood": kinds, "satisfaction": _effects("experiences", "satisfaction")["kind"], "strict": strict}
    lopsided = {name: list(found.index[found.isin(["basic", "excitement"])]) for name, found in lopsided.items()}
    wrong = [lopsided["satisfaction"], list(kinds.index[kinds == "excitement"]), list(kinds.index[kinds != "unclear"])]
    return {"right": lopsided["likelihood"], "wrong": wrong, "tests": 2 * len(kinds), "left": len(lopsided["strict"])}


def exercise_4():
    """What may be said of aftercare."""
    import cxlab as cx

    row, asked = _effects("experiences", "satisfaction").loc["aftercare"], cx.load("kano_answers")
    kano = cx.kano(asked["aftercare_present"], asked["aftercare_absent"]).iloc[0]
    told = {name: row[name] for name in ("reward", "reward_low", "reward_high")}
    told |= {"penalty": -row["penalty"], "penalty_low": -row["penalty_high"], "penalty_high": -row["penalty_low"]}
    counts = {"n": number(row["n"]), "asked": number(kano["n"]), "share": percent(kano["share"])}
    return counts | {name: number(value, 2) for name, value in told.items()}
