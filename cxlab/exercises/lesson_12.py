"""Lesson 12, the eight stages: all from the bundled journeys and their twin."""

from ..framework import number, percent

EARLY, LATER, HALF_YEAR = 150, 300, 180  # a study ended early; within how many days of coming in (on day 365 only 13 are still seen)


def _world(events="journey_events", customers="journey_customers"):
    import cxlab as cx

    return cx.load(events), cx.load(customers)


def _advocates(spells, days):
    import cxlab as cx

    return cx.funnel(spells, days).set_index("state").loc["advocate"]


def _twin():
    import cxlab as cx

    return cx.spells(*_world("journey_twin", "journey_twin_customers"))


def exercise_1():
    """What the funnel would say if the study had ended on an early day."""
    import cxlab as cx

    events, customers = _world()
    early = _advocates(cx.spells(*cx.ended_early(events, customers, EARLY)), 100)
    full = _advocates(cx.spells(events, customers), 100)
    return {"right": early["naive"], "n": number(early["n"]), "full": percent(full["naive"]), "all": number(full["n"]),
            "inside": percent(early["estimate"], 1), "low": percent(early["ci_low"], 1), "high": percent(early["ci_high"], 1),
            "inside_full": percent(full["estimate"], 1)}


def exercise_2():
    """The twin: who has been an advocate within half a year of coming in."""
    import cxlab as cx

    spells = _twin()
    row = _advocates(spells, HALF_YEAR)
    reached = set(spells.loc[spells["state"] == "advocate", "customer"])
    gone = set(spells.loc[spells["next"] == "left", "customer"])
    there = cx.occupancy(spells, days=[HALF_YEAR], se=None).set_index("state").loc["advocate", "occupancy"]
    return {"right": row["estimate"], "wrong": [row["naive"], len(reached) / len(reached | gone), there, _advocates(spells, LATER)["estimate"]],
            "n": number(row["n"]), "low": percent(row["ci_low"]), "high": percent(row["ci_high"])}


def exercise_3():
    """Median days of first visits to `adopt` in the furniture trade, those still there counted as far as they were seen."""
    import cxlab as cx

    events, customers = _world()
    spells, industry = cx.spells(events, customers), customers.set_index("customer")["industry"]
    found = cx.time_in_stage(spells, by=industry).set_index(["industry", "state"]).loc[("furniture", "adopt")]
    stays = spells[(spells["state"] == "adopt") & (spells["customer"].map(industry) == "furniture")].drop_duplicates("customer")
    days, ended = stays["stop"] - stays["start"], stays["next"].notna()
    return {"right": found["median"], "wrong": [days[ended].median(), days.median(), days[ended].mean()], "n": number(found["n"]),
            "still": number(found["still_there"]), "low": number(found["ci_low"]), "high": number(found["ci_high"])}


def exercise_4():
    """What may be said of the advocates of the twin."""
    spells = _twin()
    row = _advocates(spells, LATER)
    reached = set(spells.loc[spells["state"] == "advocate", "customer"])
    finished = reached | set(spells.loc[spells["next"] == "left", "customer"])
    return {"n": number(row["n"]), "naive": percent(row["naive"]), "finished": number(len(finished)),
            "of_finished": percent(len(reached) / len(finished)), "share": percent(row["estimate"]),
            "low": percent(row["ci_low"]), "high": percent(row["ci_high"]), "rest": percent(1 - row["estimate"])}
