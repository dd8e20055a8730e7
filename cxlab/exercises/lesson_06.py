"""Lesson 06, what matters most? All from the two bundled worlds of experiences; customers are redrawn, seed 1."""

from ..framework import keys, label, number, percent

COMPONENTS, FACTORS = keys("components"), keys("contact_factors")
STABLE = 0.05  # "leads in some redraws", for a wrong answer


def _scored(name, turned=("emotional_3",)):
    import cxlab as cx

    table = cx.load(name)
    for component in COMPONENTS:
        items = [f"{component}_{place}" for place in range(1, 5)]
        table[component] = cx.scale_score(table[items], 1, 7, reverse=[item for item in items if item in turned])
    return table


def _importance(table, outcome="likelihood", drivers=COMPONENTS):
    import cxlab as cx

    return cx.importance(table, outcome, list(drivers), cluster="customer", rng=1).set_index("driver")


def exercise_1():
    import cxlab as cx

    pairs = cx.importance_difference(cx.load("experiences_twin"), "satisfaction", list(FACTORS), cluster="customer", rng=1)
    apart = pairs[pairs["p_holm"] < 0.05]
    often = apart[["driver_1", "driver_2"]].stack().mode().iloc[0]
    with_it = int((apart[["driver_1", "driver_2"]] == often).any(axis=1).sum())
    return {"right": len(apart), "pairs": number(len(pairs)), "n": number(pairs["n"].iloc[0]), "name": label("contact_factors", often),
            "with_it": number(with_it), "plain": number((pairs["p"] < 0.05).sum())}


def exercise_2():
    found, first = _importance(_scored("experiences_twin")).loc["emotional"], _importance(_scored("experiences")).loc["emotional"]
    not_turned = _importance(_scored("experiences_twin", turned=())).loc["emotional"]
    return {"right": found["share"], "n": number(found["n"]), "wrong": [found["importance"], first["share"], not_turned["share"]]}


def exercise_3():
    import cxlab as cx

    found = _importance(cx.load("experiences_twin"), "satisfaction", FACTORS)
    named = {"right": found["rank_low"] == 1, "largest": found["importance"] == found["importance"].max(), "stable": found["first"] >= STABLE,
             "significant": found["p_coefficient"] < 0.05}
    groups = {name: list(found.index[chosen]) for name, chosen in named.items()}
    return {"right": groups["right"], "n": number(found["n"].iloc[0]), "k": number(len(groups["right"])), "of": number(len(found)),
            "wrong": [groups["largest"], groups["stable"], groups["significant"]]}


def exercise_4():
    table = _scored("experiences")
    found = _importance(table)
    row, other = found.loc["emotional"], found.loc["accessible"]
    told = {name: number(row[column], 2) for name, column in (("importance", "importance"), ("low", "ci_low"), ("high", "ci_high"))}
    return told | {"n": number(row["n"]), "customers": number(table.dropna(subset=[*COMPONENTS, "likelihood"])["customer"].nunique()),
                   "share": percent(row["share"]), "first": percent(row["first"]), "r_squared": number(row["importance"] / row["share"], 2),
                   "p": number(other["p_coefficient"], 2)}
