"""What our invented worlds show of each claim: one estimate with its interval in the first world and in its twin, computed from the bundled data.

A function a claim, named as `result` in `claims.toml`, takes "first" or "twin" and returns `(estimate, ci_low, ci_high, n, truth)`; truth is missing
where the truth tables do not state it. The estimates are those of the lessons, with cheap intervals (t, counts, 200 redraws), but for one, which is
estimated in a quicker way (`emotion_from_employees`). Each file is read once. `ledger` reads the results.
"""

import functools

import numpy as np
import pandas as pd

from .asymmetry import penalty_reward
from .code_tables import code_people
from .codebooks import load_codebook
from .coding import code_answers
from .contact_days import person_days
from .data import load
from .drivers import importance_difference
from .event_log import order_violations, spells
from .framework import keys
from .gaps import gap, mean
from .rates import nps, nps_change, share
from .scales import scale_score
from .silence import silent
from .stays import time_in_stage
from .two_groups import equivalence

COMPONENTS, FACTORS = keys("components"), keys("contact_factors")
RIGHTS = [f"right_{key}" for key in keys("rights")]
REDRAWS = 200  # of whole customers, where an interval is redrawn
WORLDS = ("first", "twin")
UNKNOWN = float("nan")


# ---- the worlds, loaded and prepared once; nobody changes them -------------------------------------------------------------------


def _named(name, world):
    return name if world == "first" else f"{name}_twin"


_table = functools.cache(load)  # for those that more than one claim needs as they stand


@functools.cache
def _experiences(world):
    """The experiences of a world, with a score for each component (the third emotional item turned round) and shares of 100 for who came back."""
    table = load(_named("experiences", world))
    for component in COMPONENTS:
        items = [f"{component}_{place}" for place in range(1, 5)]
        table[component] = scale_score(table[items], 1, 7, reverse=[item for item in items if item == "emotional_3"])
    return table.assign(again=100.0 * (table["returned"] == "yes"))


@functools.cache
def _journey(world):
    """(events, customers, contacts, emotions) of a world."""
    name = _named("journey", world)
    return load("journey_events" if world == "first" else name), *(load(f"{name}_{part}") for part in ("customers", "contacts", "emotions"))


@functools.cache
def _spells(world, origin=None):
    events, customers, *_ = _journey(world)
    return spells(events, customers, origin=origin) if origin else spells(events, customers)


@functools.cache
def _since_buying(world):
    """(spells of those seen from the day they bought, contacts on that clock, customers, day of buying): the clock of lesson 14."""
    events, customers, contacts, _ = _journey(world)
    bought = events[events["stage"] == "admit"].groupby("customer")["day"].min()
    found = _spells(world, "admit")
    found = found[found.groupby("customer")["start"].transform("min") == 0]
    contacts = contacts.assign(day=contacts["day"] - contacts["customer"].map(bought))
    return found, contacts[contacts["day"] >= 0].astype({"day": "int64"}), customers.set_index("customer"), bought


@functools.cache
def _touchpoints(world):
    table = _table(_named("touchpoint_nps", world))
    score = table["score"].astype(float)
    return table.assign(points=100.0 * ((score >= 9) * 1 - (score <= 6) * 1).where(score.notna()), gone=100.0 * (table["left"] == "yes"))


@functools.cache
def _codebook():
    return load_codebook()


@functools.cache
def _truths(file):
    table = load(file).astype({"world": str})
    return table.set_index(["world", "quantity", "key"])["value"].to_dict()


def _truth(file, world, quantity, key):
    """A true value of the world; missing where the table has none."""
    name = {"experiences_truth": "experiences", "journey_truth": "journey", "touchpoint_truth": "touchpoint_nps"}[file]
    return _truths(file).get((_named(name, world), quantity, key), UNKNOWN)


def _of(row, name="difference", truth=UNKNOWN, n=None):
    """A row of a result of the kit as the five numbers."""
    return float(row[name]), float(row["ci_low"]), float(row["ci_high"]), int(row["n"] if n is None else n), truth


def _yes_less_no(table, value, by, truth=UNKNOWN, cluster="customer"):
    """The mean of those with a yes less that of those with a no."""
    order = pd.Categorical(table[by].astype(object), ["no", "yes"])
    return _of(gap(table.assign(**{by: order}), value, by=by, cluster=cluster).iloc[0], truth=truth)


def _line(outcome, columns, groups):
    """{column: (slope, its limits, n)} of a straight line through all columns, with errors by group; complete rows only."""
    import statsmodels.api as sm

    rows = pd.concat([outcome, columns], axis=1).astype(float).dropna()
    fit = sm.OLS(rows.iloc[:, 0], sm.add_constant(rows.iloc[:, 1:])).fit(cov_type="cluster", cov_kwds={"groups": groups[rows.index]}, use_t=True)
    limits = fit.conf_int()
    return {column: (fit.params[column], *limits.loc[column], len(rows)) for column in columns}


def _rate(days, stages=(), also=()):
    """How many times as often it happens on the days after a contact, from counts by customer: Poisson with errors by customer."""
    import statsmodels.api as sm

    design = sm.add_constant(pd.get_dummies(days[["after", *stages, *also]], columns=list(stages), drop_first=True).astype(float))
    fit = sm.GLM(days["moved"], design, family=sm.families.Poisson(), exposure=days["days"]).fit(
        cov_type="cluster", cov_kwds={"groups": days["customer"].to_numpy()})
    return *np.exp([fit.params["after"], *fit.conf_int().loc["after"]]), days["customer"].nunique(), UNKNOWN


# ---- customer happiness -----------------------------------------------------------------------------------------------------------


def below_content(world):
    told = _experiences(world)["happiness"].astype(float)
    table = _experiences(world).assign(below=(told < 5).where(told.notna()))
    return _of(share(table, "below", True, cluster="employee").iloc[0], "share")


def emotion_first(world):
    """The emotional component against the stronger of the other two, which is known only after looking: the claim needs both beaten."""
    pairs = importance_difference(_experiences(world), "likelihood", COMPONENTS, n_boot=REDRAWS, cluster="customer", rng=1)
    pairs = pairs[pairs["driver_2"] == "emotional"]
    least = pairs.loc[pairs["difference"].idxmax()]
    true = [_truth("experiences_truth", world, "importance_likelihood", key) for key in COMPONENTS]
    return -least["difference"], -least["ci_high"], -least["ci_low"], int(least["n"]), true[2] - max(true[:2])


def nothing_is_worst(world):
    table = _experiences(world)
    true = [_truth("experiences_truth", world, "returned_by_memory", key) for key in ("nothing", "very_bad")]
    row = gap(table[table["memory"] != "very_good"], "again", by="memory", cluster="employee").iloc[0]
    return _of(row, truth=100 * (true[0] - true[1]))


def basics_count(world):
    found = penalty_reward(_experiences(world), "satisfaction", FACTORS, low=3, high=6, cluster="customer")
    row = found.rename(columns={"asymmetry_low": "ci_low", "asymmetry_high": "ci_high"}).set_index("attribute").loc["premises"]
    return _of(row, "asymmetry", _truth("experiences_truth", world, "asymmetry", "premises"), found.attrs["n"])


def channel_selects(world):
    table = _table(_named("five_questions", world))
    came = (table["recruited_via"] != "linkedin").map({True: "b_network", False: "a_linkedin"})
    used = (100.0 * (table["social_media"] != "none")).where(table["social_media"].notna()).astype(float)
    return _of(gap(pd.DataFrame({"used": used, "came": came}), "used", by="came").iloc[0])


def same_as_2013(world):
    """No interval of chance: from the themes shown to be alike to those not shown to differ, the family of tests each time held to 5 of 100."""
    codes = code_people(_table(_named("five_questions", world)), ["important_1", "important_2", "important_3"], _codebook())
    answers = _table(_named("five_questions", world)).assign(codes=codes)
    found = equivalence(answers, "codes", "wave", margin=0.10)
    alike, differ = ((found[f"p_{kind}_holm"] < 0.05).mean() for kind in ("equivalence", "difference"))
    true = _table("five_questions_truth").query("variable == 'important'")
    true = true[true["world"] == _named("five_questions", world)].pivot(index="answer", columns="wave", values="population")
    return alike, alike, 1 - differ, int(answers["codes"].notna().sum()), float((true[2018] - true[2013]).abs().lt(0.10).mean())


def employee_happiness(world):
    """Customers' on employees' happiness, both less the mean of their shop: the line through all shops with a level for each."""
    met = _experiences(world).dropna(subset="happiness").merge(_table("employees")[["employee", "own_happiness"]], on="employee")
    shops = met.astype({"happiness": float, "own_happiness": float}).groupby("shop")[["happiness", "own_happiness"]]
    inside = met.assign(**(met[["happiness", "own_happiness"]].astype(float) - shops.transform("mean")))
    found = _line(inside["happiness"], inside[["own_happiness"]], inside["employee"])["own_happiness"]
    return *found[:3], inside["employee"].nunique(), _truth("experiences_truth", world, "own_happiness", "within_shops")


def emotion_from_employees(world):
    """Variance between employees of one shop as a part of all: analysis of variance and limits of F, quicker than lesson 11's mixed model."""
    from scipy.stats import f

    table = _experiences(world).dropna(subset="emotional")
    n, shop = table.groupby("employee").size(), table.groupby("employee")["shop"].first()
    by_shop, by_employee = (table.groupby(who)["emotional"].transform("mean") for who in ("shop", "employee"))
    free = len(n) - shop.nunique(), len(table) - len(n)
    between, inside = ((by_employee - by_shop) ** 2).sum() / free[0], ((table["emotional"] - by_employee) ** 2).sum() / free[1]
    size = (len(table) - (n**2).groupby(shop).sum().div(n.groupby(shop).sum()).sum()) / free[0]
    scale = inside / size / table["emotional"].var()
    limits = [(between / inside / f.ppf(p, *free) - 1) * scale for p in (0.975, 0.025)]
    return (between / inside - 1) * scale, *limits, len(n), _truth("experiences_truth", world, "employee_share", "emotional")


# ---- excellent service and expectations -------------------------------------------------------------------------------------------


def _company(column, key):
    row = gap(_table("companies").query("wording == 'same'"), column, by="who", unit="company").iloc[0]
    truth = _truths("experiences_truth").get(("companies", f"{key}_same", "gap"), UNKNOWN)
    return *(100 * float(row[name]) for name in ("difference", "ci_low", "ci_high")), int(row["n"]), 100 * truth


def delivery_gap(_):
    return _company("superior", "superior")


def disconnect(_):
    return _company("customers_first", "customers_first")


def superior_buys(world):
    """The outermost of the four steps of lesson 06."""
    table = _experiences(world)
    level = pd.cut(table[COMPONENTS].mean(axis=1, skipna=False), [1, 4, 6, 8], right=False, labels=["low", "middle", "high"])
    table = table.assign(level=level.cat.remove_categories("middle"))
    return _of(gap(table, "again", by="level", cluster="customer").iloc[0])


def weakest_contact(world):
    """Experiences with exactly the same average are compared with each other: one with a 1 or 2 among the seven, one without."""
    table = _experiences(world).dropna(subset=FACTORS)
    average = table[FACTORS].astype(float).sum(axis=1)
    bad = (table[FACTORS].min(axis=1) <= 2).astype(float)
    mixed = bad.groupby(average).transform("nunique") > 1
    pair = pd.DataFrame({"bad": bad, "satisfaction": table["satisfaction"].astype(float)})[mixed]
    pair -= pair.groupby(average[mixed]).transform("mean")
    return *_line(pair["satisfaction"], pair[["bad"]], table["customer"])["bad"], UNKNOWN


def against_expectations(world):
    table = _experiences(world)
    sides = {side: table[[f"{side}_{key}" for key in COMPONENTS]].astype(float).mean(axis=1) for side in ("expected", "perceived")}
    return *_line(table["satisfaction"], pd.DataFrame(sides), table["customer"])["expected"], UNKNOWN


def four_properties(world):
    """The weakest of the four: the claim says all are needed, so each has to be shown."""
    properties = keys("employee_properties")
    table = _experiences(world).merge(_table("employees")[["employee", *properties]], on="employee")
    found = _line(table["emotional"], table[properties], table["employee"])
    weakest = min(found, key=lambda key: found[key][1])
    return *found[weakest][:3], table["employee"].nunique(), _truth("experiences_truth", world, "trait_emotional", weakest)


def other_hiker(world):
    """A better score and a worse place: the pair was picked from twelve comparisons after looking, so the interval allows for twelve."""
    two, file = ["Papatyahan", "Turnakova"], "experiences_truth"
    table = _experiences(world)
    table = table[table["organisation"].isin(two)]
    cheap, dear = (_truth(file, world, "rank_among_rivals_by_organisation", name) for name in two)
    return _of(gap(table, "rank_among_rivals", by="organisation", cluster="customer", level=1 - 0.05 / 12).iloc[0], truth=dear - cheap)


# ---- where experience is going ----------------------------------------------------------------------------------------------------


def moments_of_truth(world):
    pairs = importance_difference(_experiences(world), "satisfaction", FACTORS, n_boot=REDRAWS, cluster="customer", rng=1)
    row = pairs.set_index(["driver_1", "driver_2"]).loc[("advertising", "aftercare")]
    true = [_truth("experiences_truth", world, "importance_satisfaction", key) for key in ("aftercare", "advertising")]
    return -row["difference"], -row["ci_high"], -row["ci_low"], int(row["n"]), true[0] - true[1]


def meeting_is_not_enough(world):
    return _yes_less_no(_experiences(world), "likelihood", "surprise", _truth("experiences_truth", world, "surprise", "likelihood"))


def five_rights(world):
    """R² of the five together, whole customers redrawn; from their sums of squares, so that no row is touched twice."""
    table = _experiences(world).dropna(subset=RIGHTS)
    rows = np.column_stack([np.ones(len(table)), table[[*RIGHTS, "satisfaction"]].astype(float)])
    who = table["customer"].astype("category").cat.codes.to_numpy()
    sums = np.zeros((who.max() + 1, rows.shape[1], rows.shape[1]))
    np.add.at(sums, who, rows[:, :, None] * rows[:, None, :])
    rng = np.random.default_rng(1)
    drawn = [_r_squared(np.tensordot(np.bincount(rng.integers(0, len(sums), len(sums)), minlength=len(sums)), sums, 1)) for _ in range(REDRAWS)]
    truth = _truth("experiences_truth", world, "r_squared_satisfaction_rights", "all")
    return _r_squared(sums.sum(axis=0)), *np.quantile(drawn, [0.025, 0.975]), len(table), truth


def _r_squared(squares):
    """R² of the last column on the others but the first, which is 1, from sums of squares and products."""
    centred = squares[1:, 1:] - np.outer(squares[0, 1:], squares[0, 1:]) / squares[0, 0]
    side = centred[:-1, -1]
    return float(side @ np.linalg.solve(centred[:-1, :-1], side) / centred[-1, -1])


def _recovery(world, outcome):
    table = _experiences(world)
    case = pd.Series(pd.NA, index=table.index, dtype=object)
    case[table["incident"] == "none"] = "a_none"
    case[(table["incident"] == "slight") & (table["recovery"] == "excellent")] = "b_excellent"
    row = gap(table.assign(case=case), outcome, by="case", cluster="customer").iloc[0]
    true = [_truth("experiences_truth", world, f"{outcome}_by_recovery", key) for key in ("slight_excellent", "none")]
    return _of(row, truth=true[0] - true[1])


def recovery_satisfies(world):
    return _recovery(world, "satisfaction")


def recovery_brings_friends(world):
    return _recovery(world, "likelihood")


def happier_stay(world):
    """Two Kaplan-Meier curves a hundred days after the question, those out of sight counted for as long as seen; who did not answer is not in it."""
    import statsmodels.api as sm

    _, customers, *_ = _journey(world)
    said = customers.dropna(subset="happiness").merge(_spells(world)).drop_duplicates("customer", keep="last")
    low, high = (_still_here(sm, said[chosen]) for chosen in (said["happiness"] <= 3, said["happiness"] >= 7))
    more, se = high[0] - low[0], (high[1] ** 2 + low[1] ** 2) ** 0.5
    return 100 * more, 100 * (more - 1.96 * se), 100 * (more + 1.96 * se), high[2] + low[2], UNKNOWN


def _still_here(sm, group):
    days = group.eval("arrival + stop - happiness_day").astype(float)
    curve = sm.SurvfuncRight(days, group["next"] == "left")
    chance, se = ([*values[curve.surv_times <= 100]][-1] for values in (curve.surv_prob, curve.surv_prob_se))
    return chance, se, len(group)


# ---- customer success -------------------------------------------------------------------------------------------------------------


def before_and_after(world):
    table = _experiences(world)
    change = (table["feeling_after"] - table["feeling_before"]).astype(float)
    true = [_truth("experiences_truth", world, "feeling_change", key) for key in ("worked", "did_not")]
    return _yes_less_no(table.assign(change=change), "change", "worked", true[0] - true[1], cluster="employee")


def silent_customers(world):
    """Bounds, whatever those think who did not answer; the estimate is the share among those who did."""
    found = silent(_table(_named("touchpoint_nps", world)), threshold=6).set_index("among").loc["dissatisfied"]
    told = _touchpoints(world).query("score <= 6")["complained"]
    return float((told == "no").mean()), float(found["ci_low"]), float(found["ci_high"]), int(found["n"]), _truth(
        "touchpoint_truth", world, "silent", "of_dissatisfied_occasions")


def score_at_touchpoints(world):
    """How far the score of the service call is off what it would be if all answered and nobody asked for a ten: only a built world can say that."""
    table = _touchpoints(world)
    row = nps(table[table["touchpoint"] == "service_call"], "score", cluster="customer", rng=1).iloc[0]
    true = np.mean([_truth("touchpoint_truth", world, "nps_true", f"service_call_round_{k}") for k in (1, 2)])
    return *(float(row[name]) - true for name in ("nps", "ci_low", "ci_high")), int(row["n"]), UNKNOWN


def follow_up_tells_why(world):
    table = _touchpoints(world)
    asked = table[table["followup"] == "yes_no"]
    codes = code_answers(asked["comment"], _codebook(), why=False)["codes"]
    reason = [codes is not None and not set(codes) <= {"none", "dont_know", "other"} for codes in codes]
    return _of(share(asked.assign(reason=reason), "reason", True, cluster="customer").iloc[0], "share")


def ask_again(world):
    """The same customers, twice. The truth tables know the change of all who answer, not of those who answer twice."""
    table = _touchpoints(world)
    wide = table[table["touchpoint"] == "website_visit"].pivot(index="customer", columns="round", values="score")
    row = nps_change(wide.set_axis(["before", "after"], axis=1), "before", "after").iloc[0]
    return _of(row, "change", n=row["n_both"])


def found_first(world):
    true = [_truth("touchpoint_truth", world, "left_after_a_problem", key) for key in ("found_first", "complained")]
    return _yes_less_no(_touchpoints(world), "gone", "found_by_firm", 100 * (true[0] - true[1]))


# ---- the eight stages -------------------------------------------------------------------------------------------------------------


def remorse(world):
    row = mean(_journey(world)[3], "after", by="stage").astype({"stage": str}).set_index("stage").loc["affirm"]
    return _of(row, "mean", _truth("journey_truth", world, "emotion_after", "affirm"))


def same_order(world):
    return _of(order_violations(_journey(world)[0]).set_index("kind").loc["textbook"], "share")


def stuck_back_out(world):
    return _of(order_violations(_journey(world)[0]).set_index("kind").loc["back"], "share")


def other_durations(world):
    """A ratio of two medians: its limits from theirs, on the scale of logarithms, as if they were independent (they are: other customers)."""
    industry = _journey(world)[1].set_index("customer")["industry"]
    industry, stays = industry[industry.isin(["telecom", "clinic"])].cat.remove_unused_categories(), _spells(world)
    found = time_in_stage(stays[stays["customer"].isin(industry.index)], by=industry)
    found = found[found["state"] == "activate"].set_index("industry")
    short, long = found.loc["telecom"], found.loc["clinic"]
    ratio, logs = long["median"] / short["median"], np.log(found[["median", "ci_low", "ci_high"]].astype(float))
    down = np.hypot(logs.loc["clinic", "median"] - logs.loc["clinic", "ci_low"], logs.loc["telecom", "ci_high"] - logs.loc["telecom", "median"])
    up = np.hypot(logs.loc["clinic", "ci_high"] - logs.loc["clinic", "median"], logs.loc["telecom", "median"] - logs.loc["telecom", "ci_low"])
    true = [_truth("journey_truth", world, "median_days_activate", key) for key in ("clinic", "telecom")]
    truth = true[0] / true[1] if world == "first" else 1.0  # the twin's industries do not differ
    return ratio, ratio * np.exp(-down), ratio * np.exp(up), int(short["n"] + long["n"]), truth


def stall_four_to_six(world):
    """First visits that could be followed for sixty days: still there, or out of 4 and 5 as against 3, 6 and 7; errors by customer."""
    stages = keys("stages")
    _, customers, *_ = _journey(world)
    seen = customers.query("first_day == arrival").assign(seen=lambda who: who["last_day"] - who["arrival"])[["customer", "seen"]]
    first = _spells(world).drop_duplicates(["customer", "state"]).merge(seen, on="customer").astype({"state": object, "next": object})
    first = first[first["state"].isin(stages[2:7]) & (first["seen"] - first["start"] >= 60)]
    stalled = 100.0 * ((first["stop"] - first["start"] > 60) | first["next"].isna())
    between = first["state"].isin(["activate", "acclimate"]).astype(float)
    return *_line(stalled, between.to_frame("between"), first["customer"])["between"], UNKNOWN


def first_hundred_days(world):
    from statsmodels.stats.rates import confint_poisson_2indep

    watch = _spells(world, "admit").drop_duplicates("customer").set_index("customer")[["start"]]
    last = _spells(world, "admit").drop_duplicates("customer", keep="last").set_index("customer")
    stop, left = last["stop"], last["next"] == "left"
    risk = [(stop.clip(a, a + 100) - watch["start"].clip(a, a + 100)).sum() for a in (0, 100)]
    gone = [(left & stop.between(a + 1, a + 100)).sum() for a in (0, 100)]
    limits = confint_poisson_2indep(gone[1], risk[1], gone[0], risk[0], method="score-log")
    truth = _truth("journey_truth", world, "loss", "risk_second_hundred_to_first")
    return gone[1] / risk[1] / (gone[0] / risk[0]), *limits, len(last), truth


def emotional_line(world):
    felt = _journey(world)[3]
    felt = felt[felt["stage"].isin(["admit", "affirm"])]
    true = [_truth("journey_truth", world, "emotion_after", key) for key in ("affirm", "admit")]
    return _of(gap(felt, "after", by="stage", cluster="customer").iloc[0], truth=true[0] - true[1])


def contact_moves(world):
    """At an equal margin, as in lesson 14: it betrays a part of the eagerness of those who are contacted more and move faster."""
    found, contacts, customers, _ = _since_buying(world)
    days = person_days(found[found["state"].isin(["affirm", "activate", "acclimate", "accomplish"])], contacts)
    place = {stage: k for k, stage in enumerate(keys("stages"))}
    here, there = (days[column].cat.rename_categories(lambda stage: place.get(stage, -1)).astype(float) for column in ("state", "next"))
    days = pd.DataFrame({"state": here, "customer": days["customer"], "after": (days["days_since_contact"] <= 7) * 1, "moved": (there > here) * 1})
    counted = days.groupby(["state", "customer", "after"])["moved"].agg(moved="sum", days="size").reset_index()
    usual = customers.groupby("industry", observed=True)["margin"].transform("median")
    counted["worth"] = np.log(counted["customer"].map(customers["margin"] / usual))
    return _rate(counted, ["state"], ["worth"])


def ninety_minutes(world):
    from scipy.stats import quantile_test

    first = _journey(world)[2].drop_duplicates(["customer", "channel"])
    minutes = first.loc[first["channel"] == "email", "response_minutes"].dropna().to_numpy(float)
    limits = quantile_test(minutes, p=0.5).confidence_interval(0.95)
    return float(np.median(minutes)), limits.low, limits.high, len(minutes), UNKNOWN


def mass_gift(world):
    found, contacts, *_ = _since_buying(world)
    days = person_days(found[found["state"] == "affirm"], contacts[contacts["gift"].isin(["mass", "coupon"])])
    days = days.assign(after=(days["days_since_contact"] <= 14) * 1, moved=(days["next"] == "left") * 1)
    return _rate(days.groupby(["customer", "after"])["moved"].agg(moved="sum", days="size").reset_index())


def answer_at_once(world):
    """The landmark of lesson 14: those in affirm on day 7, contacted by then or not, and who left it within the next thirty days."""
    found, contacts, customers, bought = _since_buying(world)
    here = found.query("state == 'affirm' and start <= 7 < stop").set_index("customer")
    here = here[(customers["last_day"] - bought)[here.index] >= 37]
    left = (here["next"] == "left") & (here["stop"] <= 37)
    early = here.index.isin(contacts.loc[contacts["day"] <= 7, "customer"])
    row = gap(pd.DataFrame({"left": left, "contacted": early}), "left", "contacted").iloc[0]
    return *(100 * float(row[name]) for name in ("difference", "ci_low", "ci_high")), int(row[["n_1", "n_2"]].sum()), UNKNOWN
