"""Lesson 14, whom to contact, when and how? From the invented journeys of both worlds, of customers seen from the day they bought."""

from ..framework import number, percent

BY, AHEAD, WEEK = 14, 30, 7  # the landmark of the exercise, the days followed, the landmark of the lesson
SHARE, EFFECT = 0.21, 0.03


def _world(log, name):
    import cxlab as cx

    events, customers, contacts = cx.load(log), cx.load(f"{name}_customers"), cx.load(f"{name}_contacts")
    bought = events[events["stage"] == "admit"].groupby("customer")["day"].min()
    spells = cx.spells(events, customers, origin="admit")
    spells = spells[spells.groupby("customer")["start"].transform("min") == 0]
    contacts["day"] -= contacts["customer"].map(bought)
    return spells, contacts[contacts["day"] >= 0], customers.set_index("customer")["last_day"] - bought


def _ends(spells):
    """For each customer the day on which they left and whether they did, until observation ended."""
    last = spells.groupby("customer").last()
    return last["stop"].where(last["next"] == "left")


def _landmark(spells, contacts, observed, day, outcome="in_affirm", known=None):
    """The comparison of those in affirm on a day; `known` is the last day on which a contact counts."""
    import cxlab as cx

    here = spells[(spells["state"] == "affirm") & (spells["start"] <= day) & (spells["stop"] > day)].set_index("customer")
    here = here[observed[here.index] >= day + AHEAD]
    left = _ends(spells)[here.index] <= day + AHEAD
    if outcome == "in_affirm":
        left &= here["next"] == "left"
    contacted = here.index.isin(contacts.loc[contacts["day"] <= (day if known is None else known), "customer"])
    return cx.gap(here.assign(left=left, contacted=contacted), "left", "contacted").iloc[0]


def exercise_1():
    """In the twin, where a contact does nothing: how many of those contacted six times or more left?"""
    spells, contacts, _ = _world("journey_twin", "journey_twin")
    left = _ends(spells).notna()
    times = contacts.groupby("customer").size().reindex(left.index, fill_value=0)
    often, never = left[times >= 6], left[times == 0]
    return {"right": 100 * often.mean(), "n": number(len(often)), "never": percent(never.mean()), "n_never": number(len(never))}


def exercise_2():
    """A landmark on day 14 after buying in the first world."""
    import cxlab as cx

    spells, contacts, observed = _world("journey_events", "journey")
    row = _landmark(spells, contacts, observed, BY)
    everybody = _ends(spells).to_frame("left")
    everybody = everybody[observed[everybody.index] >= BY + AHEAD]
    contacted = everybody.index.isin(contacts.loc[contacts["day"] <= BY, "customer"])
    loose = cx.gap(everybody.assign(left=everybody["left"] <= BY + AHEAD, contacted=contacted), "left", "contacted").iloc[0]
    wrong = [-row["difference"], _landmark(spells, contacts, observed, BY, known=10**6)["difference"], loose["difference"],
             _landmark(spells, contacts, observed, BY, outcome="anywhere")["difference"]]
    return {"right": row["difference"], "wrong": wrong, "n": number(row["n"]), "low": number(100 * row["ci_low"], 1),
            "high": number(100 * row["ci_high"], 1)}


def exercise_3():
    """How many customers an arm of a pilot needs."""
    import cxlab as cx

    def n(kind="difference", **how):
        return float(cx.sample_size(kind, share=SHARE, **how)["n"].iloc[0])

    right = n(effect=-EFFECT)
    return {"right": right, "wrong": [2 * right, n(kind="share", half_width=EFFECT), n(effect=-EFFECT * SHARE), n(effect=EFFECT)]}


def exercise_4():
    """What may be said of contact in the first week."""
    import cxlab as cx

    spells, contacts, observed = _world("journey_events", "journey")
    row = _landmark(spells, contacts, observed, WEEK)
    left = _ends(spells).notna().to_frame("left")
    naive = cx.gap(left.assign(contacted=left.index.isin(contacts["customer"])), "left", "contacted").iloc[0]
    points = {name: number(100 * row[column], 1) for name, column in (("difference", "difference"), ("low", "ci_low"), ("high", "ci_high"))}
    return points | {"size": number(-100 * row["difference"], 1), "n": number(row["n"]), "n_yes": number(row["n_2"]), "n_not": number(row["n_1"]),
                     "yes": percent(row["estimate_2"], 1), "not_yet": percent(row["estimate_1"], 1), "ever": percent(naive["estimate_2"]),
                     "never": percent(naive["estimate_1"])}
