"""The journey worlds: invented customers on their way through the eight stages, and a twin in which the claims are false.

Every customer is drawn day by day, all at once: on each day in a stage there is a chance to move on, to skip one, to go back one and to leave. It
depends on the stage, the days already spent in it, the industry, contacts of the firm, happiness, and an eagerness that no column shows. Who the
customers are and every even draw are the same in both worlds; only RULES differ. What is true has no closed form: it is computed from a simulated
population of 300,000 customers whom nobody stops observing before day 365, and its Monte Carlo error stands beside it.

`python -m cxlab.simulate` writes the files. Only `rng.random` is used, and nothing but sums, products and comparisons lies between a
draw and what is written, so the files come out byte for byte the same.
"""

import csv
import functools
import io
import math

import numpy as np
import pandas as pd

from .data import data_folder
from .framework import keys

SEED, POPULATION_SEED = 10, 500_000  # the first was chosen by what came out: see the card
CUSTOMERS, PARTS, PART = 3050, 10, 30_000
DAYS, SHORTEST = 365, 100  # the study lasts from day 0 to day 365; nobody is observed for less than 100 days unless they leave
STAGES, LEFT = keys("stages"), len(keys("stages"))
STATES = [*STAGES, *keys("exits")]
ASSESS, ADMIT, AFFIRM, ACTIVATE, ACCLIMATE, ACCOMPLISH, ADOPT, ADVOCATE = range(LEFT)
INDUSTRIES, CHANNELS, GIFTS = keys("industries"), keys("channels"), ("personal", "mass", "coupon")
LONGEST = 60  # days in a stage after which chances no longer change

# Who the customers are
INDUSTRY, EAGER = (0.30, 0.25, 0.25, 0.20), (0.30, 0.40, 0.30)  # eagerness: below, middle, above
BOUGHT_AT_ONCE, LATE, DROPPED = 0.06, 0.09, 0.10  # first seen buying; taken over with an old list; lost from sight early
MARGIN = (900, 1400, 2100, 3000)  # lira a year, by industry
EAGER_MARGIN = np.array((0.75, 1.0, 1.3))
EAGER_ON, EAGER_LEFT, EAGER_CONTACT = np.array((0.75, 1.0, 1.3)), np.array((1.25, 1.0, 0.8)), np.array((0.6, 1.0, 1.5))
HAPPINESS = (0.02, 0.03, 0.05, 0.08, 0.11, 0.15, 0.18, 0.17, 0.12, 0.06, 0.03)  # 0 to 10, hidden
ASKED, ASKED_AFTER, SILENT = 0.90, (21, 49), (0.35, 0.20, 0.08)  # weeks after buying; not answered by those at 0-3, 4-6, 7-10

# What the firm does: contacts a day by stage, channels, what an answer takes
CONTACT = (0.030, 0.060, 0.060, 0.025, 0.020, 0.015, 0.010, 0.008, 0.0)
CHANNEL = (0.08, 0.38, 0.08, 0.26, 0.06, 0.14)
USELESS = 0.10  # of the contacts: mass gifts and coupons, which do nothing anywhere
ANSWERS = {"email": 0.45, "post": 0.12, "phone": 0.62, "video": 0.50, "gift": 0.20}
QUANTILES = (0.0, 0.10, 0.25, 0.50, 0.75, 0.90, 1.0)
MINUTES = {"email": (4, 25, 75, 210, 620, 1500, 5800), "post": (2900, 4300, 5800, 8600, 12_000, 16_000, 26_000), "phone": (0, 0, 0, 1, 14, 95, 700),
           "video": (0, 0, 1, 6, 45, 200, 1400), "gift": (30, 120, 420, 1300, 2900, 5200, 11_000)}

# What a day in a stage brings. Steps: (up to that day in the stage, factor), the last for all later days.
SKIP = 0.09  # of the moves on from admit to accomplish
ASKED_WITHIN = 14  # days after entering a stage, or on leaving it, people are asked how they felt
RELIEVED = 14  # days for which a contact after buying relieves remorse
RULES = {
    "journey": {
        "pace": (0.6, 0.9, 1.2, 1.8),  # by industry: moving on and going back take that many times as long
        "on": (0.034, 0.150, 0.052, 0.020, 0.017, 0.033, 0.020, 0.0),
        "back": (0.0, 0.0, 0.0010, 0.0010, 0.0060, 0.0130, 0.0020, 0.0015),
        "left": (0.0012, 0.0010, 0.0095, 0.0040, 0.0045, 0.0010, 0.0005, 0.0003),
        "on_steps": {ACTIVATE: ((10, 1.0), (25, 0.55), (99, 0.35)), ACCLIMATE: ((10, 1.0), (25, 0.55), (99, 0.35))},
        "left_steps": {AFFIRM: ((14, 1.0), (99, 0.3)), ACTIVATE: ((40, 1.0), (99, 0.2)), ACCLIMATE: ((40, 1.0), (99, 0.2))},
        "relief": 0.5, "happy": 0.9, "middling": 1.8,  # a happiness of about six changes nothing
        "before": (0.5, 2.0, -1.0, 1.5, -0.3, 0.5, 2.0, 2.8), "after": (1.0, 3.3, -2.0, 0.6, -1.8, 3.2, 2.9, 3.4), "angry": (0.20, 0.65)},
    "journey_twin": {
        "pace": (1.0, 1.0, 1.0, 1.0),
        "on": (0.034, 0.150, 0.0130, 0.038, 0.036, 0.037, 0.0090, 0.0),
        "back": (0.0, 0.0, 0.0012, 0.0030, 0.0040, 0.0045, 0.0045, 0.0015),
        "left": (0.0012, 0.0010, 0.0025, 0.0005, 0.0005, 0.0005, 0.0033, 0.0005),
        "on_steps": {AFFIRM: ((10, 1.0), (25, 0.7), (99, 0.5)), ADOPT: ((10, 1.0), (25, 0.7), (99, 0.5))},
        "left_steps": {AFFIRM: ((21, 0.5), (99, 1.0))},
        "relief": 1.0, "happy": 1.0, "middling": 1.0,
        "before": (0.8,) * 8, "after": (1.0,) * 8, "angry": (0.0, 0.0)}}


# --- drawing ------------------------------------------------------------------------------------------------------------


def _pick(chances, u):
    """Places of `chances` for even draws u."""
    return np.searchsorted(np.cumsum(chances)[:-1], u, side="right")


def _normal(rng, *shape):
    """Near enough: the sum of six even draws, mean 0, variance 1."""
    total = rng.random(shape) - 3
    for _ in range(5):
        total += rng.random(shape)
    return total * 1.4142135623730951


def people(n, rng):
    """What is drawn of n customers before anything happens, as arrays: the same in both worlds."""
    drawn = rng.random((16, n))
    who = {"industry": _pick(INDUSTRY, drawn[0]), "eager": _pick(EAGER, drawn[1]), "happy": _pick(HAPPINESS, drawn[2])}
    who["first"] = np.where(drawn[3] < BOUGHT_AT_ONCE, ADMIT, ASSESS)
    who["arrival"] = ((DAYS - SHORTEST + 1) * np.minimum(drawn[4], drawn[5])).astype(np.int64)  # more at the start
    who["end"] = DAYS - who["arrival"]
    lost = SHORTEST + ((who["end"] - SHORTEST + 1) * drawn[6]).astype(np.int64)
    who["end"] = np.where(drawn[7] < DROPPED, lost, who["end"])  # last day on the customer's own clock
    who["entry"] = np.where(drawn[8] < LATE, 15 + (61 * drawn[9]).astype(np.int64), 0)
    who["margin"] = np.rint(np.array(MARGIN)[who["industry"]] * EAGER_MARGIN[who["eager"]] * (0.8 + 0.4 * drawn[10])).astype(np.int64)
    low, high = ASKED_AFTER
    who["asked"] = np.where(drawn[11] < ASKED, low + ((high - low + 1) * drawn[12]).astype(np.int64), -1)  # days after buying
    said = np.clip(who["happy"] + _pick((0.25, 0.5, 0.25), drawn[13]) - 1, 0, 10)
    return who | {"said": said, "silent": drawn[14] < np.select([said <= 3, said <= 6], SILENT[:2], SILENT[2])}


def _tables(rules):
    """Chance to go on, go back and leave, by stage and day in it; flat: place = stage × (LONGEST + 1) + day."""
    found = {}
    for name in ("on", "back", "left"):
        table = np.repeat(np.array([*rules[name], 0.0])[:, None], LONGEST + 1, axis=1)
        for stage, steps in rules.get(f"{name}_steps", {}).items():
            upto, factors = zip(*steps, strict=True)
            table[stage] *= np.array(factors)[np.searchsorted(upto, np.arange(LONGEST + 1), side="left")]
        found[name] = table.ravel()
    return found


def live(world, who, rng, days=DAYS, plan=None):
    """(states, contacts), each (days + 1) × n: where everybody is after each day of their clock; 0 none, 1 a contact, 2 one that does nothing.

    plan : None, or what an experiment does to everybody: "contact" (one contact on the second day after buying) or "none"; no others in that week.
    """
    rules, n = RULES[world], len(who["first"])
    chances, often = np.array(CONTACT), EAGER_CONTACT[who["eager"]]
    step_of = _stepper(rules, who)
    states, contacts = np.zeros((days + 1, n), dtype=np.int8), np.zeros((days + 1, n), dtype=np.int8)
    state, since = who["first"].astype(np.int64), np.zeros(n, dtype=np.int64)
    last, bought = np.full(n, -99), np.where(state == ADMIT, 0, 9999)
    states[0] = state
    for day in range(1, days + 1):
        since += 1
        step = step_of(state, since, day - last <= RELIEVED, rng.random(n))
        state += step
        since[step != 0] = 0
        entered = (step != 0) & (state == ADMIT)
        last[entered] = -99  # what was said before the purchase does not count after it
        bought[entered & (bought > day)] = day
        u, rate = rng.random(n), chances[state] * often
        kind = np.where(u < rate, np.where(u < USELESS * rate, 2, 1), 0)
        if plan:
            week = (day - bought >= 0) & (day - bought <= 7)
            kind = np.where(week, ((day - bought == 2) & (plan == "contact") & (state != LEFT)) * 1, kind)
        last[kind == 1] = day
        states[day], contacts[day] = state, kind
    return states, contacts


def _stepper(rules, who):
    """The function that says how many stages each goes on a day, for an even draw u: up to LEFT, one or two on, −1 back, 0 stay."""
    tables = _tables(rules)
    pace = 1 / np.array(rules["pace"])[who["industry"]]
    on = pace * EAGER_ON[who["eager"]]
    loyal = EAGER_LEFT[who["eager"]] * np.cumprod([1.0] + [rules["happy"]] * 10)[who["happy"]] * rules["middling"]

    def step(state, since, fresh, u):
        place = state * (LONGEST + 1) + np.minimum(since, LONGEST)
        leave = tables["left"][place] * loyal * np.where((state == AFFIRM) & fresh, rules["relief"], 1.0)
        forward = tables["on"][place] * on
        gone, went = u < leave, u < leave + forward
        back = ~went & (u < leave + forward + tables["back"][place] * pace)
        skip = (u < leave + SKIP * forward) & (state > ASSESS) & (state < ADOPT)
        return np.where(gone, LEFT - state, went * (1 + skip) - back * 1)

    return step


def visits(states):
    """A row a visit to a stage: customer (place), state, start, stop, next (−1: still there on the last day), number of the visit."""
    change = np.ones(states.shape[::-1], dtype=bool)
    change[:, 1:] = (states[1:] != states[:-1]).T
    customer, start = np.nonzero(change)
    state = states[start, customer].astype(np.int64)
    same = np.r_[customer[1:] == customer[:-1], False]
    stop, following = np.r_[start[1:], 0], np.r_[state[1:], 0]
    table = pd.DataFrame({"customer": customer, "state": state, "start": start, "stop": np.where(same, stop, len(states) - 1),
                          "next": np.where(same, following, -1)})
    return table.assign(first=~table.duplicated(["customer", "state"]))


# --- what is asked and what a contact is ---------------------------------------------------------------------------------


def emotions(world, who, table, rng):
    """A row a first visit to a stage: customer, stage, before and after (−5 to +5), answered, for all whose visits are in `table`."""
    rules, n = RULES[world], len(who["first"])
    mood, noise, u = _normal(rng, n), _normal(rng, 2, n, LEFT), rng.random((2, n, LEFT))
    seen = table[table["first"] & (table["state"] < LEFT)]
    at, stage = seen["customer"].to_numpy(), seen["state"].to_numpy()
    turned = ((seen["next"] < stage) & (seen["next"] >= 0)) | (seen["next"] == LEFT)
    after = np.array(rules["after"])[stage]
    angry = (stage == ACCOMPLISH) & (u[0, at, stage] < np.where(turned, rules["angry"][1], rules["angry"][0]))
    after = np.where(angry, -3.4, after) + 0.8 * mood[at] + 1.3 * noise[1, at, stage]
    before = np.array(rules["before"])[stage] + 0.8 * mood[at] + 1.3 * noise[0, at, stage]
    before, after = (np.clip(np.rint(value), -5, 5).astype(np.int64) for value in (before, after))
    answered = u[1, at, stage] < np.where(after <= -3, 0.45, 0.75)
    asked = np.minimum(seen["stop"], seen["start"] + ASKED_WITHIN).to_numpy()
    return pd.DataFrame({"customer": at, "stage": stage, "before": before, "after": after, "answered": answered, "asked": asked})


def _happiness(who, states):
    """Clock day on which each was asked (−1: not asked, for example because they had left), among those whom nobody stops observing."""
    bought = np.where((states == ADMIT).any(axis=0), (states == ADMIT).argmax(axis=0), 9999)
    day = np.where(who["asked"] >= 0, bought + who["asked"], 9999)
    there = (day < len(states)) & (states[np.minimum(day, len(states) - 1), np.arange(len(day))] != LEFT)
    return np.where(there, day, -1)


def _contact_rows(who, contacts, rng):
    """Customer, clock day, channel, response_minutes, gift of every contact; minutes and gift as text, "" where there is nothing to say."""
    at, day = np.nonzero(contacts.T)
    useless = contacts[day, at] == 2
    u = rng.random((4, len(at)))
    usual = np.array(CHANNEL) / (1 - USELESS) - np.array([0] * 5 + [USELESS]) / (1 - USELESS)
    channel = np.where(useless, CHANNELS.index("gift"), _pick(usual, u[0]))
    gift = np.where(useless, np.where(u[1] < 0.5, "mass", "coupon"), np.where(channel == CHANNELS.index("gift"), "personal", ""))
    minutes = np.full(len(at), "", dtype=object)
    for name, chance in ANSWERS.items():
        answered = (channel == CHANNELS.index(name)) & (u[2] < chance)
        minutes[answered] = np.rint(np.interp(u[3][answered], QUANTILES, MINUTES[name])).astype(np.int64)
    return pd.DataFrame({"customer": at, "day": day, "channel": np.array(CHANNELS)[channel], "response_minutes": minutes, "gift": gift})


# --- files --------------------------------------------------------------------------------------------------------------


@functools.cache
def tables(world):
    """{kind: frame} of the four files of a world: events, customers, contacts, emotions."""
    rng = np.random.default_rng(SEED)
    who = people(CUSTOMERS, rng)
    states, contacts = live(world, who, rng)
    asked = emotions(world, who, visits(states), rng)
    there = states[who["entry"], np.arange(CUSTOMERS)] != LEFT  # who had left before their observation began is in no record
    arrival, entry, end = who["arrival"], who["entry"], who["end"]

    def known(table, column, least=0):
        at, day = table["customer"].to_numpy(), table[column].to_numpy()
        return table[there[at] & (day >= np.where(entry[at] > 0, entry[at] * least, 0)) & (day <= end[at])]

    seen = known(visits(states), "start")
    stage = np.array(STATES)[seen["state"]]
    events = pd.DataFrame({"customer": seen["customer"] + 1, "day": seen["start"] + arrival[seen["customer"]], "stage": stage})
    rows = known(_contact_rows(who, contacts, rng), "day", 1)
    rows = rows.assign(customer=rows["customer"] + 1, day=rows["day"] + arrival[rows["customer"]])
    answers = known(asked[asked["answered"]], "asked", 1)
    answers = answers.assign(customer=answers["customer"] + 1, stage=np.array(STAGES)[answers["stage"]])
    return {"events": events, "customers": _customers(who, states, there), "contacts": rows,
            "emotions": answers[["customer", "stage", "before", "after"]]}


def _customers(who, states, there):
    day = _happiness(who, states)
    day = np.where((day >= who["entry"]) & (day <= who["end"]), day, -1)
    said = np.where((day >= 0) & ~who["silent"], who["said"].astype(object), "")
    table = pd.DataFrame({"customer": np.arange(len(day)) + 1, "industry": np.array(INDUSTRIES)[who["industry"]], "arrival": who["arrival"],
                          "happiness": said, "happiness_day": np.where(day >= 0, (day + who["arrival"]).astype(object), ""),
                          "margin": who["margin"], "first_day": who["arrival"] + who["entry"], "last_day": who["arrival"] + who["end"]})
    return table[there]


# --- the truth ----------------------------------------------------------------------------------------------------------


@functools.cache
def truth():
    """What is true of both worlds: world, quantity, key, value, error (Monte Carlo standard error). Takes about half a minute."""
    rows = [row for world in RULES for row in simulated_truth(world, PARTS, PART, POPULATION_SEED)]
    return [row | {name: f"{round(row[name], 4) + 0.0:.4f}" for name in ("value", "error")} for row in rows]  # + 0.0: no "-0.0000"


def simulated_truth(world, parts, n, seed):
    """The rows of a world as numbers: means over `parts` populations of n customers each."""
    drawn = [list(_of_population(world, n, seed + part)) for part in range(parts)]
    rows = []
    for same in zip(*drawn, strict=True):
        values = np.array([value for _, _, value in same], dtype=float)
        rows.append({"world": world, "quantity": same[0][0], "key": same[0][1], "value": values.mean(),
                     "error": values.std(ddof=1) / math.sqrt(parts)})
    return rows


def _of_population(world, n, seed):
    """(quantity, key, value) of n customers observed to day 365."""
    rng = np.random.default_rng(seed)
    who = people(n, rng)
    states, contacts = live(world, who, rng)
    table = visits(states)
    bought = _first_day(states == ADMIT)
    yield from _of_occupancy(states, bought)
    yield from _of_stalls(world, who, table)
    yield from _of_moves(table, bought)
    yield from _of_emotions(emotions(world, who, table, rng))
    yield from _of_happiness(who, states)
    yield from _of_contacts(who, states, contacts)
    yield from _of_pilot(world, n, seed)
    yield from _put_in(RULES[world])


def _put_in(rules):
    """What the days in a stage, happiness and contact multiply the chances by: stated, not simulated."""
    steps = dict(enumerate(factor for _, factor in rules["on_steps"].get(ACTIVATE, ((99, 1.0),) * 3)))
    yield from (("put_in", key, steps[k]) for k, key in enumerate(("move_on_to_day_10", "move_on_day_11_to_25", "move_on_later")))
    yield from (("put_in", key, rules[name]) for key, name in (("leave_per_point_of_happiness", "happy"), ("leave_affirm_after_contact", "relief")))


def _first_day(true):
    """The first day on which it is true, for each customer; 9999: never."""
    return np.where(true.any(axis=0), true.argmax(axis=0), 9999)


def _of_occupancy(states, bought):
    """By the two clocks; day d of the second only for those who bought early enough to be seen to that day. Near days: only left and advocate."""
    for clock, since, full, short in (("arrival", np.zeros_like(bought), (30, 90, 180, 365), (100,)), ("admit", bought, (90, 180), (30, 100))):
        for day in sorted((*full, *short)):
            at = np.flatnonzero(since + day <= DAYS if clock == "arrival" else since <= DAYS - 180)
            shares = np.bincount(states[since[at] + day, at], minlength=LEFT + 1) / len(at)
            for state in range(clock == "admit", LEFT + 1):
                if day in full or state >= ADVOCATE:
                    yield f"occupancy_{clock}_{day}", STATES[state], shares[state]


def _of_stalls(world, who, table):
    """First visits that began by day 265: gone back, left or still there within 60 days (else: gone on); the median of the time to any move."""
    first = table[table["first"] & (table["start"] <= DAYS - SHORTEST) & (table["state"] < ADVOCATE)]
    days, within = first["stop"] - first["start"], first["next"] >= 0
    within &= days <= 60
    outcomes = {"back_within": within & (first["next"] < first["state"]), "left_within": within & (first["next"] == LEFT),
                "still_there_after": ~within}
    for name, true in outcomes.items():
        shares = true.groupby(first["state"]).mean()
        yield from ((f"{name}_60", STAGES[stage], share) for stage, share in shares.items() if name != "back_within" or stage > ADMIT)
    for stage, of in days.groupby(first["state"]):
        if len(set(RULES[world]["pace"])) == 1:
            yield f"median_days_{STAGES[stage]}", "all", of.median()
        else:
            medians = of.groupby(who["industry"][first.loc[of.index, "customer"]]).median()
            yield from ((f"median_days_{STAGES[stage]}", INDUSTRIES[place], value) for place, value in medians.items())


def _of_moves(table, bought):
    moved = table[table["next"] >= 0]
    lost = moved[moved["next"] == LEFT]
    yield from (("loss_share", STAGES[stage], (lost["state"] == stage).mean()) for stage in range(LEFT))
    days = lost["stop"].to_numpy() - bought[lost["customer"]]
    yield "loss", "within_100_days_of_admit", ((days >= 0) & (days <= 100)).mean()
    yield "loss", "risk_second_hundred_to_first", _second_hundred(lost, bought)
    step = moved.loc[moved["next"] != LEFT].eval("next - state")
    yield from (("moves", "back", (step < 0).mean()), ("moves", "skip", (step > 1).mean()))
    yield "ever_advocate", "by_day_365", table.loc[table["state"] == ADVOCATE, "customer"].nunique() / len(bought)


def _second_hundred(lost, bought):
    """Daily risk of leaving on days 101 to 200 after buying, as a multiple of that on days 1 to 100; of those who bought by day 165."""
    gone = np.full(len(bought), 9999)
    gone[lost["customer"]] = lost["stop"]
    days = (gone - bought)[bought <= DAYS - 200]
    risks = [((days > start) & (days <= start + 100)).sum() / np.clip(days - start, 0, 100).sum() for start in (0, 100)]
    return risks[1] / risks[0]


def _of_emotions(asked):
    yield from (("emotion_after", STAGES[stage], mean) for stage, mean in asked.groupby("stage")["after"].mean().items())
    yield "emotion_after_answered", STAGES[ACCOMPLISH], asked.loc[asked["answered"] & (asked["stage"] == ACCOMPLISH), "after"].mean()


def _of_happiness(who, states):
    """Of those asked: the mean, the mean of those who answer, and how much one point adds to the share still there 100 days later."""
    day = _happiness(who, states)
    asked = np.flatnonzero(day >= 0)
    said = who["said"][asked]
    yield from (("happiness", "mean", said.mean()), ("happiness", "mean_answered", said[~who["silent"][asked]].mean()))
    asked = np.flatnonzero((day >= 0) & (day <= DAYS - 100))
    said, stays = who["said"][asked], states[day[asked] + 100, asked] != LEFT
    yield "happiness", "stays_100_days_per_point", np.cov(said, stays)[0, 1] / said.var(ddof=1)


def _of_contacts(who, states, contacts):
    """Daily risk of leaving in affirm, a fortnight after a contact against other days: as seen, and at equal eagerness and day in the stage."""
    last, since = np.full(states.shape[1], -99), np.zeros(states.shape[1], dtype=np.int64)
    counts = np.zeros(2 * 2 * 3 * 16)
    for day in range(1, len(states)):
        since += 1
        at = np.flatnonzero(states[day - 1] == AFFIRM)
        cell = ((states[day, at] == LEFT) * 2 + (day - last[at] <= RELIEVED)) * 3 + who["eager"][at]
        counts += np.bincount(cell * 16 + np.minimum(since[at], 15), minlength=len(counts))
        moved = states[day] != states[day - 1]
        since[moved] = 0
        last[moved & (states[day] == ADMIT)] = -99
        last[contacts[day] > 0] = day
    (stayed_without, stayed_with), (left_without, left_with) = counts.reshape(2, 2, -1)
    days_with, days_without = stayed_with + left_with, stayed_without + left_without
    yield "contact_risk_ratio", "seen", left_with.sum() / days_with.sum() / (left_without.sum() / days_without.sum())
    weight = np.maximum(days_with + days_without, 1)
    pooled = (left_with * days_without / weight).sum() / (left_without * days_with / weight).sum()
    yield "contact_risk_ratio", "at_equal_eagerness", pooled


def _of_pilot(world, n, seed):
    """One contact on the second day after buying against none in the first week, for everybody: left within 60 days of buying."""
    share = {}
    for plan in ("contact", "none"):
        rng = np.random.default_rng(seed)
        states, _ = live(world, people(n, rng), rng, days=180, plan=plan)
        bought = _first_day(states == ADMIT)
        at = np.flatnonzero(bought <= 120)
        share[plan] = (states[bought[at] + 60, at] == LEFT).mean()
    yield from (("pilot_left_60", "no_contact", share["none"]), ("pilot_left_60", "difference", share["contact"] - share["none"]))


# --- files and card -----------------------------------------------------------------------------------------------------


NAMES = {"journey": {"events": "journey_events", "customers": "journey_customers", "contacts": "journey_contacts", "emotions": "journey_emotions"},
         "journey_twin": {"events": "journey_twin", "customers": "journey_twin_customers", "contacts": "journey_twin_contacts",
                          "emotions": "journey_twin_emotions"}}


@functools.cache
def files():
    """{file name: text} of everything this module writes but the truth, which takes longer."""
    return {f"{name}.csv": _csv(tables(world)[kind]) for world, names in NAMES.items() for kind, name in names.items()}


def _csv(table):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([list(table.columns), *table.itertuples(index=False)])
    return text.getvalue()


def truth_file():
    """The text of `journey_truth.csv`."""
    return _csv(pd.DataFrame(truth()))


def counts():
    """(what, in each of the two worlds) of the bundled files, for the card."""
    told = []
    for world in RULES:
        found = tables(world)
        events, people, n = found["events"], found["customers"], len(found["customers"])
        last, stage = events.groupby("customer")["stage"].last(), events.groupby("stage")["customer"].nunique()
        told.append({
            "customers": n, "of them late entries": int((people["first_day"] > people["arrival"]).sum()), "never in the records": CUSTOMERS - n,
            "lost from sight before the study ended": int((people["last_day"] < DAYS).sum()),
            "events": len(events), "events a customer": f"{len(events) / n:.2f}",
            "left while observed": f"{stage['left'] / n:.3f}", "ever advocate while observed (the naive funnel)": f"{stage['advocate'] / n:.3f}",
            "neither left nor advocate when observation ended": f"{(~last.isin(['left', 'advocate'])).mean():.3f}",
            "contacts": len(found["contacts"]), "answers on emotions": len(found["emotions"]),
            "asked for their happiness": int((people["happiness_day"] != "").sum()), "of them answered": int((people["happiness"] != "").sum())})
    return [(what, *(f"{of[what]:,}" if isinstance(of[what], int) else of[what] for of in told)) for what in told[0]]


def card_table():
    """The generated part of the card: what the files hold and, out of `journey_truth.csv`, what is true of the two worlds."""
    rows = list(csv.DictReader((data_folder() / "journey_truth.csv").read_text(encoding="utf-8").splitlines()))
    found = {(row["world"], row["quantity"], row["key"]): row["value"].replace("-", "−") for row in rows}
    lines = ["| in the files | `journey` | `journey_twin` |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in counts())]
    lines += ["", "| true: quantity | of | `journey` | `journey_twin` |", "|---|---|---|---|"]
    for quantity, key in dict.fromkeys(place[1:] for place in found):
        lines.append(f"| {quantity} | {key} | " + " | ".join(found.get((world, quantity, key), "") for world in RULES) + " |")
    return "\n".join(lines)
