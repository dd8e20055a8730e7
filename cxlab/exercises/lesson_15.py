"""Lesson 15, the score at touchpoints: all from the bundled touchpoints and their twin."""

from ..framework import number, percent

MONTHS, ANSWERS, YEARS, DISSATISFIED = 12, 50, 500, 6


def _scores(world, round_):
    """A row a customer, a column a touchpoint."""
    import cxlab as cx

    occasions = cx.load(world)
    return occasions[occasions["round"] == round_].pivot(index="customer", columns="touchpoint", values="score")


def _limits(row, digits=0):
    return {"low": number(row["ci_low"], digits), "high": number(row["ci_high"], digits)}


def exercise_1():
    """How far best and worst of twelve months lie apart when nothing changes: the mean of many such years."""
    import cxlab as cx

    occasions = cx.load("touchpoint_nps")
    row = cx.nps(occasions[occasions["touchpoint"] == "website_visit"], "score").iloc[0]
    found = cx.repeat_surveys(ANSWERS, nps=row["nps"], passives=row["passives"] / row["n"], kind="nps", surveys=MONTHS * YEARS, rng=1)
    by_year = found["estimate"].to_numpy().reshape(YEARS, MONTHS)
    apart = by_year.max(axis=1) - by_year.min(axis=1)
    nine_of_ten = sorted(apart)[YEARS // 10]
    return {"right": apart.mean(), "n": number(ANSWERS), "years": number(YEARS), "true": number(row["nps"]), "tenth": number(nine_of_ten)}


def exercise_2():
    """Service call less purchase, in round 2 of the twin, knowing who answered both."""
    import cxlab as cx

    pair = "after_purchase", "service_call"
    second, other_round, other_world = _scores("touchpoint_nps_twin", 2), _scores("touchpoint_nps_twin", 1), _scores("touchpoint_nps", 2)
    row = cx.nps_change(second, *pair, overlap="all").iloc[0]
    wrong = [*(cx.nps_change(scores, *pair, overlap="all") for scores in (other_round, other_world)), cx.nps_change(second, *pair)]
    told = {name: number(row[name]) for name in ("n_before", "n_after", "n_both")}
    return {"right": row["change"], "wrong": [each["change"].iloc[0] for each in wrong]} | told | _limits(row)


def exercise_3():
    """At most how many occasions after a sales call are dissatisfied and silent."""
    import cxlab as cx

    occasions = cx.load("touchpoint_nps")
    part = occasions[occasions["touchpoint"] == "sales_call"]
    found = cx.silent(part, DISSATISFIED)
    among_all, among_low = found.to_dict("records")
    counts = found.attrs
    scored = counts["n"] - counts["u0"] - counts["u1"]
    return {"right": among_all["high"], "wrong": [among_all["low"], among_all["ci_high"], counts["a"] / scored, among_low["high"]],
            "n": number(counts["n"]), "without": number(counts["u0"]), "limit": percent(among_all["ci_high"]), "least": percent(among_all["low"])}


def exercise_4():
    """What may be said of the website's score in the two rounds."""
    import cxlab as cx

    occasions = cx.load("touchpoint_nps")
    web = occasions[occasions["touchpoint"] == "website_visit"]
    scores = web.pivot(index="customer", columns="round", values="score")
    row = cx.nps_change(scores, 1, 2).iloc[0]
    one, two = cx.nps(web, "score", by="round").to_dict("records")
    told = {f"{name}_{k}": number(each[name]) for k, each in ((1, one), (2, two)) for name in ("nps", "n", "ci_low", "ci_high")}
    return told | {"both": number(row["n_both"]), "change": number(row["change"])} | _limits(row)
