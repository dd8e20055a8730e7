"""Lesson research/hazards: what is right in its exercises, and what people answer instead; computed from the bundled data."""

import functools

import numpy as np
import pandas as pd

from ..framework import keys, number, percent

STAGES = ["affirm", "activate", "acclimate", "accomplish", "adopt"]
FILES = {"journey": ("journey_events", "journey_customers"), "journey_twin": ("journey_twin", "journey_twin_customers")}
FORTNIGHT, TEN = 14, 10  # days after a contact; days in a stage


@functools.cache
def _world(world):
    """Customers, events and spells of a world, the clock at the first event."""
    import cxlab as cx

    events, customers = map(cx.load, FILES[world])
    customers = customers.rename(columns={"arrival": "origin_day"})
    return customers.set_index("customer"), events, cx.spells(events, customers)


def exercise_1():
    """Of clinic customers in acclimate, the share that leaves from there within 90 days; the hazard ratio would say nearly that of telecom."""
    import cxlab as cx

    customers, _, spells = _world("journey")
    seen = spells.loc[spells["start"] == 0, "customer"]
    first = spells[(spells["state"] == "acclimate") & spells["customer"].isin(seen)].drop_duplicates("customer")
    stays = first.assign(stop=first["stop"] - first["start"], start=0, industry=first["customer"].map(customers["industry"]).astype(str))
    stays = stays[stays["industry"].isin(["telecom", "clinic"])]
    at = cx.occupancy(stays, by=stays.set_index("customer")["industry"], days=[90], se=None)
    share = at[at["state"] == "left"].set_index("industry")["occupancy"]
    clinic = (stays["industry"] == "clinic").astype(float)
    ratio = np.exp(_cox(stays["stop"], clinic, stays["next"] == "left").params[0])
    n = stays["industry"].value_counts()
    return {"right": share["clinic"], "telecom": percent(share["telecom"]), "ratio": number(ratio, 2), "naive": percent(ratio * share["telecom"]),
            "n": number(n["clinic"]), "n_telecom": number(n["telecom"])}


def exercise_2():
    """The hazard ratio of leaving per point of happiness in the first hundred days after the question."""
    early, n, left = _happiness("journey", 100)
    wrong = [_happiness("journey", 9999)[0], _happiness("journey_twin", 100)[0], early]
    return {"right": np.exp(early), "wrong": [np.exp(wrong[0]), np.exp(wrong[1]), wrong[2]], "n": number(n), "left": number(left)}


def exercise_3():
    """Stages of the twin in which moving on gets rarer after ten days."""
    right = _slower("journey_twin")
    return {"right": right, "wrong": [_slower("journey"), STAGES, [stage for stage in STAGES if stage not in right]],
            "n": number(_world("journey_twin")[2]["customer"].nunique())}


def exercise_4():
    """What may be said of contact and leaving in affirm."""
    first, twin = _contact("journey"), _contact("journey_twin")
    found = {"n": number(first[0]), "left": number(first[1]), "n_twin": number(twin[0])}
    for name, values in (("", first[2]), ("_twin", twin[2])):
        found |= {f"{key}{name}": number(value, 2) for key, value in zip(("ratio", "low", "high"), values, strict=True)}
    return found | {"less": percent(1 - first[2][0])}


def _cox(days, column, ended, entry=None):
    from statsmodels.duration.hazard_regression import PHReg

    return PHReg(days.astype(float), column.astype(float).to_frame(), status=ended.astype(int), entry=entry, ties="efron").fit()


@functools.cache
def _happiness(world, within):
    """Log hazard ratio per point, customers, and how many left within so many days."""
    customers, events, _ = _world(world)
    gone = events[events["stage"] == "left"].set_index("customer")["day"].rename("gone")
    asked = customers.dropna(subset="happiness").join(gone)
    days = asked["gone"].fillna(asked["last_day"]).astype(float) - asked["happiness_day"].astype(float)
    left = asked["gone"].notna() & (days <= within)
    return _cox(days.clip(upper=within), asked["happiness"], left).params[0], len(asked), int(left.sum())


@functools.cache
def _slower(world):
    """Stages in which the odds of moving on after day 10 of a first stay have an interval wholly below those before; industry equal."""
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    customers, _, spells = _world(world)
    first = spells.drop_duplicates(["customer", "state"]).drop(spells.index[~spells.duplicated("customer")], errors="ignore")  # entry observed
    days = first["stop"] - first["start"]
    industry, soon = first["customer"].map(customers["industry"]).astype(str), days.clip(upper=TEN)
    stays = first.assign(industry=industry, soon=soon, late=days - soon)
    order, found = keys("stages"), []
    for stage in STAGES:
        here = stays[stays["state"] == stage]
        on = here["next"].isin(order[order.index(stage) + 1:])
        parts = [pd.DataFrame({"late": late, "industry": here["industry"], "yes": (on & ((here["late"] > 0) == late)) * 1, "n": here[column]})
                 for late, column in ((False, "soon"), (True, "late"))]
        count = pd.concat(parts).astype({"late": int}).groupby(["late", "industry"])[["yes", "n"]].sum().eval("no = n - yes").reset_index()
        fit = smf.glm("yes + no ~ late + industry", count, family=sm.families.Binomial()).fit()
        found += [stage] if fit.conf_int().loc["late", 1] < 0 else []
    return found


@functools.cache
def _contact(world):
    """Customers, leavers, and the hazard ratio of leaving in affirm in the fortnight after a contact, with its interval: as in the lesson."""
    import cxlab as cx

    _, events, _ = _world(world)
    customers = _world(world)[0].reset_index().rename(columns={"origin_day": "arrival"})
    contacts = cx.load({"journey": "journey_contacts", "journey_twin": "journey_twin_contacts"}[world])
    bought = events[events["stage"] == "admit"].groupby("customer")["day"].min()
    spells = cx.spells(events, customers, origin="admit")
    seen = spells[(spells.groupby("customer")["start"].transform("min") == 0) & spells["state"].isin(["admit", "affirm"])]
    rows = cx.person_days(seen, contacts[contacts["day"] >= contacts["customer"].map(bought).fillna(9999)], clock=bought)
    rows = rows[(rows["state"] == "affirm") & (rows["visit"] == 1)].dropna(subset="day_in_stage")
    rows = rows.assign(recent=(rows["days_since_contact"] <= FORTNIGHT) * 1, left=(rows["next"] == "left") * 1)
    piece = (rows["recent"] != rows.groupby("customer")["recent"].shift()).cumsum().rename("piece")
    cut = rows.groupby(["customer", piece]).agg(entered=("day_in_stage", "min"), stop=("day_in_stage", "max"), recent=("recent", "first"),
                                                left=("left", "max"))
    fit = _cox(cut["stop"], cut["recent"], cut["left"], cut["entered"] - 0.5)
    return rows["customer"].nunique(), int(cut["left"].sum()), np.exp([fit.params[0], *fit.conf_int()[0]])
