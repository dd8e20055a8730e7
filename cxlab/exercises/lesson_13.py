"""Lesson 13, where do customers stall? All from the two bundled worlds of journeys."""

import functools

from ..framework import number, percent

WITHIN, DAYS, ASKED_BY, LOST_BY = 60, 100, 50, 300
MUCH = 0.25


@functools.cache
def _spells(name, **options):
    import cxlab as cx

    return cx.spells(cx.load(name), cx.load("journey_customers" if name == "journey_events" else "journey_twin_customers"), **options)


def _by_industry(n_boot):
    import cxlab as cx

    industry = cx.load("journey_customers").set_index("customer")["industry"]
    found = cx.stall(_spells("journey_events"), within=WITHIN, by=industry, n_boot=n_boot, rng=1)
    return found[found["state"] == "activate"].set_index("industry")


def exercise_1():
    """Still in activate after 60 days: the industry with the longest stages beside that with the shortest."""
    found = _by_industry(n_boot=0)
    return {"right": 100 * found.loc["clinic", "still_there"], "telecom": percent(found.loc["telecom", "still_there"]),
            "n": number(found.loc["clinic", "n"]), "n_telecom": number(found.loc["telecom", "n"])}


def _people():
    """One row a customer seen from the purchase on: the last day in sight, whether it was that of leaving, and whether they were ever asked."""
    import cxlab as cx

    spells = _spells("journey_events", origin="admit")
    people = spells.groupby("customer").agg(entry=("start", "min"), stop=("stop", "max"))
    people["left"] = spells.drop_duplicates("customer", keep="last").set_index("customer")["next"] == "left"
    people["asked"] = cx.load("journey_customers").set_index("customer")["happiness_day"].notna()
    return people[people["entry"] == 0]


def _here(people, day):
    """Share still here so many days after their day zero (Kaplan-Meier)."""
    from statsmodels.api import SurvfuncRight

    curve = SurvfuncRight(people["stop"].astype(float), people["left"])
    return curve.surv_prob[curve.surv_times <= day][-1]


def exercise_2():
    """The never asked, with a clock that starts when the last question had been put."""
    people = _people()
    there = people[people["stop"] > ASKED_BY]
    later = there.assign(stop=there["stop"] - ASKED_BY)
    never, asked = later[~later["asked"]], later[later["asked"]]
    return {"right": _here(never, DAYS), "n": number(len(never)), "n_asked": number(len(asked)), "asked": percent(_here(asked, DAYS)),
            "wrong": [_here(people[~people["asked"]], DAYS), 1 - never["left"].mean(), _here(never, DAYS - ASKED_BY)]}


def exercise_3():
    import cxlab as cx

    found = cx.stall(_spells("journey_twin"), within=WITHIN, n_boot=50, rng=1).set_index("state")
    first = cx.stall(_spells("journey_events"), within=WITHIN, n_boot=50, rng=1).set_index("state")
    many, many_first = (table.index[table["still_there_low"] > MUCH].tolist() for table in (found, first))
    stalled, stalled_first = ([state for state in states if state != "advocate"] for states in (many, many_first))
    back = [state for state in found.index[found["back_low"] > found.loc["affirm", "back"]] if state != "advocate"]
    return {"right": stalled, "n": ", ".join(number(found.loc[state, "n"]) for state in stalled), "wrong": [many, stalled_first, back]}


def exercise_4():
    import cxlab as cx

    spells = _spells("journey_twin")
    n, left = spells["customer"].nunique(), int((spells["next"] == "left").sum())
    row = cx.occupancy(spells, days=[LOST_BY]).set_index("state").loc["left"]
    found = cx.stall(spells, within=WITHIN, n_boot=50, rng=1).set_index("state").loc["affirm"]
    return {"n": number(n), "left": percent(left / n), "stay": percent(1 - left / n), "lost": percent(row["occupancy"]),
            "low": percent(row["ci_low"]), "high": percent(row["ci_high"]), "stalled": percent(found["still_there"]), "n_affirm": number(found["n"]),
            "stalled_low": percent(found["still_there_low"]), "stalled_high": percent(found["still_there_high"])}
