"""The experience worlds: invented experiences of customers with employees in shops, and a twin in which the claims are false.

Customers have several experiences each and mostly return to one shop; there they meet one of five employees. Who meets whom, the employees and
everything else that is drawn first is the same in both worlds; only the rules of RULES differ. Outcomes are made from the answers as given (scores on
1-7, rounded and cut off), so that a coefficient meant to be zero is zero in the data too. Most of what is stated as truth has no closed form:
it is computed from a simulated population of a little over 400,000 experiences, and its Monte Carlo error stands beside it.

`python -m cxlab.simulate` writes the files. Only `rng.random` is used, sums of six of it stand for the normal, and nothing but sums, products and
comparisons lies between a draw and a rounded answer, so the files come out byte for byte the same.
"""

import csv
import functools
import io
import itertools
import math

import numpy as np
import pandas as pd

from . import kano_world
from .data import ORGANISATIONS, experience_columns
from .framework import keys

SEED, COMPANY_SEED, POPULATION_SEED = 27, 81, 400_000  # the first was chosen by what came out: see the card
CUSTOMERS, SHOPS, EMPLOYEES = 600, 12, 60
PARTS, BLOCKS = 10, 27  # the population: ten parts, each of 27 times 600 customers
COMPONENTS, FACTORS, TRAITS = keys("components"), keys("contact_factors"), keys("employee_properties")
RIGHTS = [f"right_{key}" for key in keys("rights")]
ITEMS = {component: [f"{component}_{place}" for place in range(1, 5)] for component in COMPONENTS}
REVERSED, WEAK = "emotional_3", "accessible_4"
NO_YES, MEMORIES, INCIDENTS, RECOVERIES = ("no", "yes"), keys("memories"), keys("incidents"), keys("recoveries")
CODED = {"organisation": ORGANISATIONS, "incident": INCIDENTS, "recovery": RECOVERIES, "memory": MEMORIES} | dict.fromkeys(
    ("complained", "found_by_firm", "surprise", "worked", "returned"), NO_YES)  # drawn as places in these, −1 where there is nothing to say
LOW, HIGH = 3, 6  # a contact factor is low at ≤ 3, high at ≥ 6

# Who is where: experiences a customer (1 to 6), who goes to which organisation, who is met; what organisations and their three shops do to it.
EXPERIENCES = (0.30, 0.27, 0.18, 0.12, 0.08, 0.05)
CUSTOM, SAME_SHOP, MET = (0.40, 0.25, 0.20, 0.15), 0.85, (0.38, 0.28, 0.18, 0.10, 0.06)
LEVEL, LADDER = np.array((-0.40, 0.0, 0.40, 0.15)), np.array((-0.30, 0.0, 0.30))
PRICE, RIVALS = np.array((90, 210, 230, 390)), np.array((-0.6, 0.0, 0.3, 0.5))  # of an organisation: what it costs in lira, how good its rivals are
# What makes the three components and the ratings: of an employee, of an incident (slight, serious), of the experience alone.
EMPLOYEE = {"functional": 0.10, "accessible": 0.10, "emotional": 0.50}
HURT = {"functional": (0.0, 0.35, 1.0), "accessible": (0.0, 0.35, 0.8), "emotional": (0.0, 0.25, 1.0)}
ALONE = {"functional": 0.60, "accessible": 0.60, "emotional": 0.50}
RATED = {"products": (0.6, 0.0, 0.1), "services": (0.4, 0.1, 0.2), "premises": (0.1, 0.4, 0.1), "advertising": (0.2, 0.2, 0.2),
         "staff": (0.0, 0.1, 0.6), "quality_price": (0.5, 0.1, 0.0), "aftercare": (0.3, 0.3, 0.1),
         "right_product": (0.6, 0.0, 0.1), "right_customer": (0.2, 0.2, 0.3), "right_time": (0.1, 0.6, 0.0),
         "right_price": (0.4, 0.1, 0.1), "right_approach": (0.0, 0.1, 0.7)}
EFFECTS = {"products": (-0.30, 0.45), "services": (-0.25, 0.38), "premises": (-0.55, 0.0), "advertising": (0.0, 0.0), "staff": (0.0, 0.70),
           "quality_price": (-0.27, 0.42), "aftercare": (-0.70, 0.0)}  # on satisfaction, of a low and of a high rating against a middling one

RULES = {
    "experiences": {
        "likelihood": {"functional": 0.35, "accessible": 0.0, "emotional": 0.80},
        "likelihood_memory": {"very_good": 0.9, "very_bad": 0.7, "nothing": -1.3},
        "returned": {"functional": 0.02, "accessible": 0.05, "emotional": 0.03},
        "returned_memory": {"very_good": 0.14, "very_bad": 0.10, "nothing": -0.16},
        "surprise": (1.0, 0.10), "expected": 0.28, "perceived": 0.50, "curved": -0.12, "short": -0.15, "beyond": 0.55, "weakest": 0.26,
        "felt": (0.0, 0.0, 0.15, 0.25), "paid": {"slight": (-0.10, -0.10, 0.45, 1.10), "serious": (-0.60, -0.60, -0.10, 0.50)}},
    "experiences_twin": {
        "likelihood": {"functional": 0.85, "accessible": 0.15, "emotional": 0.15},
        "likelihood_memory": {"very_good": 0.5, "very_bad": -1.2, "nothing": 0.2},
        "returned": {"functional": 0.06, "accessible": 0.02, "emotional": 0.01},
        "returned_memory": {"very_good": 0.04, "very_bad": -0.18, "nothing": 0.02},
        "surprise": (0.0, 0.0), "expected": 0.35, "perceived": 0.40, "curved": 0.0, "short": -0.40, "beyond": 0.0, "weakest": 0.0,
        "felt": (0.0,) * 4, "paid": {"slight": (-0.10,) * 4, "serious": (-0.60,) * 4}}}
SKIPPED = {"rating": 0.015, "likelihood": 0.03, "returned": 0.0, "happiness": (0.20, 0.06, 0.02)}  # happiness: at 0-4, 5-7, 8-10
SCALES = {"happiness": (0, 10), "likelihood": (0, 10), "feeling_before": (-5, 5), "feeling_after": (-5, 5), "rivals_considered": (0, 5),
          "rank_among_rivals": (1, 5)}  # all others 1-7


# --- drawing ------------------------------------------------------------------------------------------------------------


def _normal(rng, *shape):
    """Near enough: the sum of six even draws, mean 0, variance 1, never beyond ±4.25."""
    total = rng.random(shape) - 3
    for _ in range(5):
        total += rng.random(shape)
    return total * 1.4142135623730951


def _pick(chances, rng, n):
    """Places of `chances`, drawn with them."""
    return np.searchsorted(np.cumsum(chances)[:-1], rng.random(n), side="right")


def _answer(value, name=None):
    low, high = SCALES.get(name, (1, 7))
    return np.clip(np.rint(value), low, high).astype(np.int64)


def draw(world, blocks, rng):
    """(experiences, employees) of `blocks` × 600 customers, every question answered, the columns of CODED as places.

    `score_functional`, ... are the component scores as answered; `customer_effect`, `employee_effect` and `shop_effect` no question asks.
    """
    rules = RULES[world]
    staff = _employees(blocks, rng)
    table = _who_meets_whom(blocks, rng)
    table |= {"employee_effect": staff["effect"][table["employee"]], "shop_effect": staff["shop_effect"][table["employee"]]}
    latent = _components(table, staff, rules, rng)
    _component_answers(table, latent, rng)
    _ratings(table, latent, rng)
    _before_and_after(table, latent, rng)
    _satisfaction(table, rules, rng)
    _outcomes(table, rules, rng)
    staff["experiences"] = np.bincount(table["employee"], minlength=len(staff["effect"]))
    for name, start in (("customer", 1), ("employee", 1), ("shop", 1)):
        table[name] = table[name] + start
    people = pd.DataFrame({"employee": np.arange(len(staff["effect"])) + 1, "shop": staff["shop"] + 1}
                          | {key: staff[key] for key in (*TRAITS, "own_happiness", "experiences")})
    return pd.DataFrame(table), people


def _employees(blocks, rng):
    """Five a shop. The happier ones of a shop have happier customers; but in the better shops employees are less happy themselves."""
    n = blocks * EMPLOYEES
    shop = np.arange(n) // 5
    shop_effect = LEVEL[shop % SHOPS // 3] + LADDER[shop % 3]
    shared = _normal(rng, n)
    traits = {key: _answer(4.3 + 0.7 * shared + 1.1 * _normal(rng, n)) for key in TRAITS}
    effect = 0.4 * _normal(rng, n)
    for key, weight in (("empathy", 0.35), ("involvement", 0.25), ("authority", 0.15), ("training", 0.05)):
        effect += weight * (traits[key] - 4.3)
    own = np.clip(np.rint(5.6 - 4.0 * shop_effect + 1.2 * effect + 0.7 * _normal(rng, n)), 0, 10).astype(np.int64)
    return traits | {"shop": shop, "shop_effect": shop_effect, "effect": effect, "own_happiness": own}


def _who_meets_whom(blocks, rng):
    people = blocks * CUSTOMERS
    customer = np.repeat(np.arange(people), 1 + _pick(EXPERIENCES, rng, people))
    n = len(customer)
    first = customer // CUSTOMERS * SHOPS  # of the block
    home = 3 * _pick(CUSTOM, rng, people) + _pick((1 / 3,) * 3, rng, people)
    other = 3 * _pick(CUSTOM, rng, n) + _pick((1 / 3,) * 3, rng, n)
    shop = np.where(rng.random(n) < SAME_SHOP, home[customer], other)
    employee = (first + shop) * 5 + _pick(MET, rng, n)
    return {"experience": np.arange(n) + 1, "customer": customer, "employee": employee, "shop": first + shop, "organisation": shop // 3,
            "customer_effect": _normal(rng, people)[customer]}


def _components(table, staff, rules, rng):
    """What really happened: incident and recovery, then the three components, correlated; columns of what is asked about incidents."""
    n = len(table["customer"])
    incident, found, known = _pick((0.70, 0.20, 0.10), rng, n), rng.random(n) < 0.30, rng.random(n)
    complained = known < np.where(found, 0.10, np.where(incident == 2, 0.60, 0.40))
    help_level = rng.random(n) + 0.05 * (staff["authority"][table["employee"]] - 4.3)
    recovery = np.where(found | complained, np.searchsorted((0.15, 0.35, 0.60), help_level, side="right"), 0)
    had = incident > 0
    table |= {"incident": incident, "surprise": (rng.random(n) < 0.15).astype(int)}
    table |= {name: np.where(had, given, -1) for name, given in (("recovery", recovery), ("complained", complained), ("found_by_firm", found))}
    shared = 0.45 * table["customer_effect"] + table["shop_effect"] + 0.55 * _normal(rng, n)
    latent = {key: shared + EMPLOYEE[key] * table["employee_effect"] - np.array(HURT[key])[incident] + ALONE[key] * _normal(rng, n)
              for key in COMPONENTS}
    latent["emotional"] = latent["emotional"] + np.where(had, np.array(rules["felt"])[recovery], 0)
    return latent | {"shared": shared}


def _component_answers(table, latent, rng):
    """Twelve items, the scores they give, what was expected (out of the customer, the organisation and the last time) and what was perceived."""
    n = len(table["customer"])
    again = np.r_[False, table["customer"][1:] == table["customer"][:-1]]
    mood = 4.8 + 0.45 * table["customer_effect"] + 0.5 * LEVEL[table["organisation"]] + 0.35 * _normal(rng, n)
    for key, items in ITEMS.items():
        for item in items:
            loading, noise = (0.3, 1.3) if item == WEAK else (1.1, 0.8)
            value = _answer(4.7 + loading * latent[key] + noise * _normal(rng, n))
            table[item] = 8 - value if item == REVERSED else value
        table[f"score_{key}"] = sum(8 - table[item] if item == REVERSED else table[item] for item in items) / 4
        table[f"perceived_{key}"] = _answer(table[f"score_{key}"] + 0.7 * _normal(rng, n))
        before = np.r_[0, table[f"perceived_{key}"][:-1]]
        table[f"expected_{key}"] = _answer(mood + np.where(again, 0.25 * (before - 4.6), 0) + 0.6 * _normal(rng, n))


def _ratings(table, latent, rng):
    n = len(table["customer"])
    for name, weights in RATED.items():
        made = sum(weight * latent[key] for weight, key in zip(weights, COMPONENTS, strict=True))
        table[name] = _answer(4.7 + 0.9 * made + 1.1 * _normal(rng, n))


def _before_and_after(table, latent, rng):
    """Feeling before, whether it worked, feeling after; of five moments the peak (the furthest from 4), the end and the average; the price."""
    n = len(table["customer"])
    table["feeling_before"] = _answer(0.5 + 0.9 * table["customer_effect"] + 1.5 * _normal(rng, n), "feeling_before")
    worked = latent["functional"] + 0.5 * _normal(rng, n) > -0.8
    table["worked"] = worked.astype(int)
    after = -0.4 + 0.3 * table["feeling_before"] + 1.4 * latent["emotional"] + 1.2 * worked
    table["feeling_after"] = _answer(after + 1.0 * _normal(rng, n), "feeling_after")
    moments = _answer(4.6 + 0.95 * latent["emotional"] + 0.2 * latent["functional"] + 1.0 * _normal(rng, 5, n))
    table["peak"] = moments[np.abs(moments - 4).argmax(axis=0), np.arange(n)]
    table["end"], table["average"] = moments[4], moments.sum(axis=0) / 5
    base = PRICE[table["organisation"]]
    table["price"] = np.rint(base * np.maximum(0.4, 1 + 0.08 * latent["shared"] + 0.15 * _normal(rng, n))).astype(np.int64)


def _satisfaction(table, rules, rng):
    """Out of the contact factors (and the weakest of them), the rights, expectation and what was perceived, and how an incident was dealt with."""
    value = 4.55 + 0.75 * _normal(rng, len(table["customer"]))
    for name, (penalty, reward) in EFFECTS.items():
        value += np.where(table[name] <= LOW, penalty, 0) + np.where(table[name] >= HIGH, reward, 0)
    value += rules["weakest"] * (np.min([table[name] for name in FACTORS], axis=0) - 2.8)
    value += sum(weight * (table[name] - 4.7) for name, weight in zip(RIGHTS, (0.06, 0.0, 0.08, 0.04, 0.12), strict=True))
    expected, perceived = (sum(table[f"{kind}_{key}"] for key in COMPONENTS) / 3 for kind in ("expected", "perceived"))
    beyond = perceived - expected
    value += rules["expected"] * (expected - 4.7) + rules["perceived"] * (perceived - 4.6) + rules["curved"] * (perceived - 4.6) * (perceived - 4.6)
    value += np.where(beyond < -0.5, rules["short"], 0) + np.where(beyond > 0.5, rules["beyond"], 0)
    for severity, steps in rules["paid"].items():
        value += np.where(table["incident"] == INCIDENTS.index(severity), np.array(steps)[table["recovery"]], 0)
    table["satisfaction"] = _answer(value)


def _outcomes(table, rules, rng):
    """Memory, likelihood, return, rivals and happiness: out of the component scores as answered, so that a weight of zero stays zero."""
    n = len(table["customer"])
    score = {key: table[f"score_{key}"] - 4.6 for key in COMPONENTS}
    good = score["emotional"] + 0.3 * score["functional"] + 0.9 * _normal(rng, n)
    nothing = rng.random(n) < 0.36 - 0.04 * score["emotional"]
    places = {key: MEMORIES.index(key) for key in MEMORIES}
    table["memory"] = memory = np.where(nothing, places["nothing"], np.where(good > -0.7, places["very_good"], places["very_bad"]))
    level = (score["functional"] + score["emotional"]) / 2
    rivals = 2.0 - 0.5 * score["emotional"] - 0.2 * score["functional"] + 0.5 * nothing
    table["rivals_considered"] = _answer(rivals + 1.0 * _normal(rng, n), "rivals_considered")
    table["rank_among_rivals"] = _answer(2.7 - 0.8 * (level - RIVALS[table["organisation"]]) + 0.7 * _normal(rng, n), "rank_among_rivals")

    def made(name):
        steps, surprise = np.array([rules[f"{name}_memory"][key] for key in MEMORIES]), rules["surprise"][name == "returned"]
        return sum(weight * score[key] for key, weight in rules[name].items()) + steps[memory] + surprise * table["surprise"]

    table["likelihood"] = _answer(5.9 + made("likelihood") + 1.3 * _normal(rng, n), "likelihood")
    chance = 0.56 + made("returned") - 0.05 * (table["rank_among_rivals"] - 2.7) - 0.0006 * (table["price"] - 200)
    table["returned"] = (rng.random(n) < chance).astype(int)
    lived = 0.35 * (table["average"] - 4.6) + 0.2 * (table["peak"] - 4.6) + 0.15 * (table["end"] - 4.6)
    table["happiness"] = _answer(5.2 + 0.75 * score["emotional"] + lived + 1.2 * _normal(rng, n), "happiness")


def _unanswered(table, rng):
    """The same in words, with answers missing: a few anywhere, happiness mostly among the unhappy; no rank where no rival was considered."""
    n, gone = len(table), table.astype(object)
    for name, words in CODED.items():
        gone[name] = np.array([*words, ""], dtype=object)[table[name]]  # place −1 is the last: nothing to say
    for name in (*itertools.chain(*ITEMS.values()), *FACTORS, *RIGHTS):
        gone.loc[rng.random(n) < SKIPPED["rating"], name] = ""
    gone.loc[rng.random(n) < SKIPPED["likelihood"], "likelihood"] = ""
    gone.loc[rng.random(n) < _skips_happiness(table["happiness"].to_numpy()), "happiness"] = ""
    gone.loc[table["rivals_considered"] == 0, "rank_among_rivals"] = ""
    return gone


def _skips_happiness(happiness):
    return np.select([happiness <= 4, happiness <= 7], SKIPPED["happiness"][:2], SKIPPED["happiness"][2])


# --- companies ----------------------------------------------------------------------------------------------------------


def companies(n, rng):
    """One row an answer: a company's manager answers both wordings, its 4 to 12 customers one each; the worse companies have more customers asked."""
    quality, humour = _normal(rng, n), _normal(rng, n)
    asked = 2 * np.clip(np.rint(4 - 1.0 * quality + 0.8 * _normal(rng, n)), 2, 6).astype(int)
    company = np.concatenate([np.repeat(np.arange(n), 2), np.repeat(np.arange(n), asked)])
    customer = np.arange(len(company)) >= 2 * n
    leading = np.arange(len(company)) % 2 == 1  # both numbers are even in each company, so this alternates within each
    level = np.where(customer, 3.7 + 0.6 * quality[company], 5.0 + 0.2 * quality[company] + 0.7 * humour[company])
    value = _answer(level + np.where(leading, np.where(customer, 0.2, 1.1), 0) + np.where(customer, 1.2, 0.5) * _normal(rng, len(company)))
    first = np.where(leading, np.where(customer, 0.19, 0.76), np.where(customer, 0.34, 0.58)) + 0.06 * quality[company]
    table = pd.DataFrame({"company": company + 1, "who": np.where(customer, "customers", "company"), "wording": np.where(leading, "leading", "same"),
                          "value": value, "superior": np.where(value >= HIGH, "yes", "no"),
                          "customers_first": np.where(rng.random(len(company)) < first, "yes", "no")})
    return table.sort_values("company", kind="stable", ignore_index=True)


# --- the truth ----------------------------------------------------------------------------------------------------------


@functools.cache
def truth():
    """What is true of both worlds, of Kano's questions and of the companies: world, quantity, key, value, error (Monte Carlo standard error)."""
    rows = []
    for world in RULES:
        rows += simulated_truth(world, PARTS, BLOCKS, POPULATION_SEED)
        slope = next(row for row in rows if row["world"] == world and row["quantity"] == "employee_slope")
        effects = _employees(1, np.random.default_rng(SEED))["effect"]
        rows += [slope | {"quantity": "employee_effect", "key": str(k), "value": slope["value"] * effect, "error": slope["error"] * abs(effect)}
                 for k, effect in enumerate(effects, start=1)]
    rows += [{"world": "kano_answers", "quantity": name, "key": key, "value": value, "error": 0} for name, key, value in kano_world.truth()]
    rows += _averaged("companies", [list(_of_companies(companies(8000, np.random.default_rng(POPULATION_SEED + part)))) for part in range(PARTS)])
    return [row | {name: f"{round(row[name], 3) + 0.0:.3f}" for name in ("value", "error")} for row in rows]  # + 0.0: no "-0.000"


def simulated_truth(world, parts, blocks, seed):
    """The rows of a world but for the single employees, as numbers: means over `parts` populations of `blocks` × 600 customers each."""
    return _averaged(world, [list(_of_experiences(*draw(world, blocks, np.random.default_rng(seed + part)))) for part in range(parts)])


def _averaged(world, parts):
    rows = []
    for same in zip(*parts, strict=True):
        values = np.array([value for _, _, value in same], dtype=float)
        error = values.std(ddof=1) / math.sqrt(len(values))
        rows.append({"world": world, "quantity": same[0][0], "key": same[0][1], "value": values.mean(), "error": error})
    return rows


def _of_experiences(table, staff):
    """(quantity, key, value) of a population; yes counts as 1, no as 0."""
    scores = {f"score_{key}": key for key in COMPONENTS}
    factors, rights = ({name: name for name in names} for names in (FACTORS, RIGHTS))
    drivers = {"likelihood": scores, "returned": scores, "satisfaction": factors, "satisfaction_rights": rights}
    for name, columns in drivers.items():
        outcome, labels = name.removesuffix("_rights"), list(columns.values())
        found = _lmg(_correlations(table, [*columns, outcome]))
        yield from ((f"importance_{name}", label, value) for label, value in zip(labels, found, strict=True))
        yield f"r_squared_{name}", "all", sum(found)
        yield from ((f"coefficient_{name}", label, value) for label, value in zip(labels, _slopes(table, outcome, columns), strict=True))
    for part in (_of_items, _of_factors, _of_memory_and_recovery, _of_expectation, _of_the_step, _of_organisations):
        yield from part(table)
    yield from _of_employees(table, staff)


def _lmg(correlation):
    """The variance of the last variable that each other one explains, averaged over the orders of entry (Lindeman, Merenda & Gold 1980)."""
    p = len(correlation) - 1
    fit = {chosen: _r_squared(correlation, chosen) for size in range(p + 1) for chosen in itertools.combinations(range(p), size)}
    shares = np.zeros(p)
    for chosen, before in fit.items():
        weight = math.factorial(len(chosen)) * math.factorial(p - 1 - len(chosen)) / math.factorial(p) if len(chosen) < p else 0
        for one in set(range(p)) - set(chosen):
            shares[one] += weight * (fit[tuple(sorted((*chosen, one)))] - before)
    return shares.tolist()


def _r_squared(correlation, chosen):
    chosen = list(chosen)
    return float(correlation[-1, chosen] @ np.linalg.solve(correlation[np.ix_(chosen, chosen)], correlation[chosen, -1])) if chosen else 0.0


def _slopes(table, outcome, columns):
    cov = np.cov(table[[*columns, outcome]].to_numpy(dtype=float).T)
    return np.linalg.solve(cov[:-1, :-1], cov[:-1, -1]).tolist()


def _shared(table, outcome, *columns):
    return _r_squared(_correlations(table, [*columns, outcome]), range(len(columns)))


def _correlations(table, columns):
    return np.corrcoef(table[columns].to_numpy(dtype=float).T)


def _means(table, outcomes, by, name, labels):
    groups = table.groupby(by)
    for outcome in outcomes:
        yield from ((f"{outcome}_by_{name}", key, value) for key, value in zip(labels, groups[outcome].mean(), strict=True))
    yield from ((f"share_{name}", key, value / len(table)) for key, value in zip(labels, groups.size(), strict=True))


def _of_items(table):
    for component, items in ITEMS.items():
        cov = table[items].assign(**{item: 8 - table[item] for item in items if item == REVERSED}).cov().to_numpy()
        yield "alpha", component, len(items) / (len(items) - 1) * (1 - np.trace(cov) / cov.sum())
        for place, item in enumerate(items):  # corrected: the item against the sum of the others
            rest = cov.sum(axis=0)[place] - cov[place, place]
            others = cov.sum() - 2 * cov.sum(axis=0)[place] + cov[place, place]
            yield "item_rest", item, rest / math.sqrt(cov[place, place] * others)


def _of_factors(table):
    dummies = {(name, side): marks.astype(float) for name in FACTORS for side, marks in (("low", table[name] <= LOW), ("high", table[name] >= HIGH))}
    steps = _slopes(pd.DataFrame(dummies | {"satisfaction": table["satisfaction"]}), "satisfaction", list(dummies))
    for name, penalty, reward in zip(FACTORS, steps[::2], steps[1::2], strict=True):
        yield from (("penalty", name, penalty), ("reward", name, reward), ("asymmetry", name, penalty + reward))
    table = table.assign(mean=table[FACTORS].mean(axis=1), weakest=table[FACTORS].min(axis=1))
    alone = _shared(table, "satisfaction", "mean")
    yield from (("weakest_link", "r_squared_mean", alone),
                ("weakest_link", "r_squared_gain", _shared(table, "satisfaction", "mean", "weakest") - alone),
                ("weakest_link", "coefficient_weakest", _slopes(table, "satisfaction", ["mean", "weakest"])[1]))


def _of_memory_and_recovery(table):
    yield from _means(table, ("likelihood", "returned", "satisfaction", "happiness"), "memory", "memory", MEMORIES)
    cases = ["none", *(f"{severity}_{recovery}" for severity in INCIDENTS[1:] for recovery in RECOVERIES)]
    yield from _means(table, ("satisfaction", "likelihood", "returned"), 4 * table["incident"] + table["recovery"], "recovery", cases)
    had = table[table["incident"] > 0]
    yield from (("incidents", "complained", had["complained"].mean()), ("incidents", "found_by_firm", had["found_by_firm"].mean()),
                ("incidents", "dissatisfied_and_silent", 1 - had.loc[had["satisfaction"] <= LOW, "complained"].mean()))
    yield from (("surprise", name, table.groupby("surprise")[name].mean().diff().iloc[1]) for name in ("likelihood", "returned"))


def _of_expectation(table):
    x, p = (table[[f"{kind}_{key}" for key in COMPONENTS]].mean(axis=1) - 4 for kind in ("expected", "perceived"))
    both = pd.DataFrame({"expected": x, "perceived": p, "expected_squared": x * x, "product": x * p, "perceived_squared": p * p,
                         "short": (p - x < -0.5).astype(float), "beyond": (p - x > 0.5).astype(float), "satisfaction": table["satisfaction"]})
    curve, steps = list(both.columns[:5]), ["expected", "perceived", "short", "beyond"]
    yield "expectation", "correlation", np.corrcoef(both["expected"], both["satisfaction"])[0, 1]
    yield from (("expectation_surface", name, value) for name, value in zip(curve, _slopes(both, "satisfaction", curve), strict=True))
    yield from (("expectation_steps", name, value) for name, value in zip(steps, _slopes(both, "satisfaction", steps), strict=True))
    yield from _means(both, ("satisfaction",), both["beyond"] - both["short"], "expectation", ("short", "met", "beyond"))


def _of_the_step(table):
    skips = _skips_happiness(table["happiness"].to_numpy())
    yield from (("happiness", "mean", table["happiness"].mean()), ("happiness", "mean_answered", np.average(table["happiness"], weights=1 - skips)),
                ("happiness", "answered", 1 - skips.mean()), ("happiness", "r_squared_average", _shared(table, "happiness", "average")),
                ("happiness", "r_squared_peak_end", _shared(table, "happiness", "peak", "end")))
    asked = ("likelihood", "satisfaction", "returned", "rivals_considered", "feeling_before", "feeling_after")
    yield from (("mean", name, table[name].mean()) for name in asked)
    change = (table["feeling_after"] - table["feeling_before"]).groupby(table["worked"]).mean()
    yield from (("feeling_change", name, change[code]) for name, code in (("worked", 1), ("did_not", 0)))


def _of_organisations(table):
    outcomes = ("price", "likelihood", "returned", "satisfaction", "rivals_considered", "rank_among_rivals")
    yield from _means(table, outcomes, "organisation", "organisation", ORGANISATIONS)
    dummies = {name: (table["organisation"] == place).astype(float) for place, name in enumerate(ORGANISATIONS) if place}
    columns = ["price", *(f"score_{key}" for key in COMPONENTS), *dummies]
    yield from (("price_per_100", "alone", 100 * _slopes(table, "likelihood", ["price"])[0]),
                ("price_per_100", "given_scores_and_organisation", 100 * _slopes(table.assign(**dummies), "likelihood", columns)[0]))


def _of_employees(table, staff):
    for name in (*(f"score_{key}" for key in COMPONENTS), "happiness"):
        yield "employee_share", name.removeprefix("score_"), _shared(table, name, "employee_effect")
    yield "employee_slope", "emotional", _slopes(table, "score_emotional", ["employee_effect"])[0]
    table = table.merge(staff.drop(columns="shop"), on="employee")
    yield from (("trait_emotional", name, value) for name, value in zip(TRAITS, _slopes(table, "score_emotional", TRAITS), strict=True))
    shops = table.groupby("shop")[["own_happiness", "happiness"]].mean()
    within = table[["own_happiness", "happiness"]] - shops.loc[table["shop"]].to_numpy()
    for name, of in (("raw", table), ("within_shops", within), ("between_shops", shops)):
        yield "own_happiness", name, _slopes(of, "happiness", ["own_happiness"])[0]


def _of_companies(table):
    """Means over companies, of each company's answers."""
    for column in ("value", "superior", "customers_first"):
        of = (table[column] == "yes").astype(float) if column != "value" else table[column]
        units = of.groupby([table["wording"], table["who"], table["company"]]).mean().groupby(level=[0, 1]).mean()
        for (wording, who), value in units.items():
            yield f"{column}_{wording}", who, value
        for wording in ("same", "leading"):
            yield f"{column}_{wording}", "gap", units[wording, "customers"] - units[wording, "company"]


# --- files and card -----------------------------------------------------------------------------------------------------


@functools.cache
def files():
    """{file name: text} of everything this module writes."""
    found = {}
    for world in RULES:
        rng = np.random.default_rng(SEED)
        table, staff = draw(world, 1, rng)
        answers = _unanswered(table, rng).assign(average=[f"{value:.1f}" for value in table["average"]])
        found[f"{world}.csv"] = _csv(answers[list(experience_columns())])
    kano = kano_world.answers(kano_world.PEOPLE, np.random.default_rng(kano_world.SEED)).astype(object).fillna("")
    found |= {"employees.csv": _csv(staff), "companies.csv": _csv(companies(60, np.random.default_rng(COMPANY_SEED)))}
    return found | {"kano_answers.csv": _csv(kano), "experiences_truth.csv": _csv(pd.DataFrame(truth()))}


def _csv(table):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([list(table.columns), *table.itertuples(index=False)])
    return text.getvalue()


def card_table():
    """The generated part of the card: what is true of the two worlds, side by side, and of the companies; the rest is in the file."""
    find = {(row["world"], row["quantity"], row["key"]): row["value"].replace("-", "−") for row in truth()}
    lines = ["| quantity | of | `experiences` | `experiences_twin` |", "|---|---|---|---|"]
    for world, quantity, key in find:
        if world == "experiences" and quantity not in ("employee_effect", "item_rest"):
            lines.append(f"| {quantity} | {key} | {find[world, quantity, key]} | {find['experiences_twin', quantity, key]} |")
    told = (*kano_world.NAMES, "better", "worse")
    lines += ["", f"| Kano: attribute | {' | '.join(told)} |", "|---" * (len(told) + 1) + "|"]
    lines += [f"| {factor} | {' | '.join(find['kano_answers', f'kano_{name.lower()}', factor] for name in told)} |" for factor in FACTORS]
    lines += ["", "| companies: quantity | company | customers | gap |", "|---|---|---|---|"]
    for quantity in dict.fromkeys(quantity for world, quantity, _ in find if world == "companies"):
        lines.append(f"| {quantity} | " + " | ".join(find["companies", quantity, key] for key in ("company", "customers", "gap")) + " |")
    return "\n".join(lines)
