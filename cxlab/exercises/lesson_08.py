"""Lesson 08, which moment decides? The seven contact factors, the lowest of them at equal averages, and the five rights; from the two worlds."""

from ..framework import keys, number, percent

FACTORS = keys("contact_factors")
RIGHTS = [f"right_{key}" for key in keys("rights")]
BAD, WIDER, SUMS = 2, 3, (29, 31)  # bad at 1 or 2, as the lesson fixes it; a wider word; sums of the seven in the band


def _complete(world="experiences"):
    import cxlab as cx

    full = cx.load(world).dropna(subset=FACTORS)
    return full.assign(total=full[FACTORS].sum(axis=1), lowest=full[FACTORS].min(axis=1), bad=(full[FACTORS] <= BAD).sum(axis=1))


def _lower(table, low=BAD):
    """By how many points satisfaction is lower where the lowest rating is `low` or less."""
    means = table.groupby(table["lowest"] <= low)["satisfaction"].mean()
    return float(means[False] - means[True])


def _at_equal_averages(table):
    """Difference, its limits and n, only between experiences with the same sum of the seven ratings: as in the lesson."""
    import statsmodels.api as sm

    table = table.assign(low=(table["lowest"] <= BAD) * 1.0)
    table = table[table.groupby("total")["low"].transform("nunique") == 2]
    pair = table[["low", "satisfaction"]]
    apart = pair - pair.groupby(table["total"]).transform("mean")
    fit = sm.OLS(apart["satisfaction"], apart["low"]).fit(cov_type="cluster", cov_kwds={"groups": table["customer"]}, use_t=True)
    return float(fit.params["low"]), *map(float, fit.conf_int().loc["low"]), len(table)


def exercise_1():
    """How many are satisfied although exactly one contact was bad."""
    import cxlab as cx

    full = _complete()
    full["satisfied"] = (full["satisfaction"] >= 5).map({True: "yes", False: "no"})
    one, none = (cx.share(full[full["bad"] == k], "satisfied", "yes", cluster="customer").iloc[0] for k in (1, 0))
    return {"right": float(one["share"]), "n": number(one["n"]), "low": percent(one["ci_low"]), "high": percent(one["ci_high"]),
            "without": percent(none["share"]), "n_without": number(none["n"])}


def exercise_2():
    """The gap in one band of averages."""
    whole = _complete()
    full, twin = (table[table["total"].between(*SUMS)] for table in (whole, _complete("experiences_twin")))
    low = full["lowest"] <= BAD
    wrong = [_lower(whole), _lower(full, WIDER), _lower(twin), float(full.loc[low, "satisfaction"].mean())]
    difference, *_ = _at_equal_averages(whole)
    return {"right": _lower(full), "wrong": wrong, "n_low": number(low.sum()), "n_other": number((~low).sum()), "pooled": number(-difference, 2)}


def exercise_3():
    """Which of the five rights may go most with the likelihood to recommend."""
    import cxlab as cx

    table = cx.load("experiences")
    found, satisfaction = (cx.importance(table, outcome, RIGHTS, cluster="customer", rng=1) for outcome in ("likelihood", "satisfaction"))
    order = found.sort_values("importance", ascending=False)["driver"].tolist()
    right, other = (rows["driver"][rows["rank_low"] == 1].tolist() for rows in (found, satisfaction))
    return {"right": right, "wrong": [order[:1], order[:2], RIGHTS, other], "n": number(found["n"].iloc[0]), "k": number(len(right))}


def exercise_4():
    """What may be said of one bad contact."""
    worlds = {"a": _complete(), "b": _complete("experiences_twin")}
    values = {"raw": number(_lower(worlds["a"]), 1)}
    for name, table in worlds.items():
        difference, low, high, n = _at_equal_averages(table)
        values |= {f"{name}_less": number(-difference, 2), f"{name}_low": number(low, 2), f"{name}_high": number(high, 2), f"{name}_n": number(n)}
    return values
