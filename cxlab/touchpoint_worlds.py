"""The worlds of touchpoints: invented customers asked for a score in two rounds, and a twin in which the claims are false.

An occasion is a customer who met a touchpoint in a round. What each would answer, whether they are asked, answer, complain and leave is drawn for
all occasions at once; who the customers are and every even draw are the same in both worlds, only RULES differ. One customer record serves both.
What is true has no closed form: it is computed from a simulated population of 800,000 customers, and its Monte Carlo error stands beside it.

`python -m cxlab.simulate` writes the files. Only `rng.random` and `rng.integers` are used, sums of six even draws stand for the normal, and nothing
but sums, products and comparisons lies between a draw and a rounded answer, so the files come out byte for byte the same.
"""

import csv
import functools
import math

import numpy as np
import pandas as pd

from .data import data_folder
from .framework import keys
from .journey_worlds import _csv
from .simulate import bag_of, phrases_of, pick, typed_as

SEED, RECORD_SEED, ROUNDS_SEED, POPULATION_SEED = 2018, 2019, 2020, 700_000
CUSTOMERS, PARTS, PART = 1280, 10, 80_000
TOUCHPOINTS, STAGES, FOLLOWUPS, NO_YES = keys("touchpoints"), keys("stages"), keys("followups"), ("no", "yes")
SERVICE = TOUCHPOINTS.index("service_call")  # where scores are begged
FIRST_DAY, DAYS = (0, 182), 30  # of the two rounds

# Who meets what: a customer mostly meets the same touchpoints again. A touchpoint is met at a stage of the journey.
MET_FIRST, RETURNS, SAME_AGAIN = 0.94, 0.60, 0.95
HOW_MANY, MEETS = (0.66, 0.23, 0.11), (0.20, 0.46, 0.22, 0.12)
STAGE = ((0, 0.30, 0.35, 0.20, 0.10, 0.05, 0, 0), (0.25, 0.10, 0.15, 0.15, 0.15, 0.10, 0.05, 0.05),
         (0, 0.02, 0.08, 0.30, 0.30, 0.15, 0.10, 0.05), (0.55, 0.25, 0.05, 0, 0, 0.05, 0.05, 0.05))
# What a score is made of: the customer, the customer at this touchpoint, the occasion. The squares add up to 1.
SPREAD, PERSON, HABIT, OCCASION = 2.0, 0.548, 0.755, 0.360
DISSATISFIED = 6
INVITED, SAME_INVITED, SAME_ANSWER, NO_SCORE = 0.85, 0.95, 0.95, 0.03
OTHER_PROBLEM, FOUND = 0.06, 0.25  # problems of those who are not dissatisfied; of all problems, the share that the firm finds first
CONTACT, REFERENCE = 0.50, (0.15, 0.30, 0.55)  # consents; the second by what they gave: 0-6, 7-8, 9-10
BARE = ((0.70, 0.0), (0.25, 1.0))  # of those who write no reason, by follow-up: write a word; of these: that there is nothing to say, not yes or no
TURKISH, TOLD = 0.70, 0.45  # of the reasons of those who were begged, the share that tells of it

RULES = {
    "touchpoint_nps": {
        "level": ((7.9, 7.9), (6.9, 7.35), (5.7, 5.7), (6.9, 6.9)), "begged": 0.85, "pressed": 0.55,
        "answers": (0.28, 0.55), "complains": (0.147, 0.04), "left": {"found": 0.06, "complained": 0.22, "silent": 0.40, "other": 0.05},
        "reason": (0.20, 0.80)},
    "touchpoint_nps_twin": {
        "level": ((7.6, 7.6), (6.9, 6.9), (8.7, 8.7), (6.4, 6.4)), "begged": 0.0, "pressed": 0.45,
        "answers": (0.45, 0.45), "complains": (0.90, 0.30), "left": {"found": 0.15, "complained": 0.15, "silent": 0.15, "other": 0.15},
        "reason": (0.50, 0.50)}}
ROUNDS, SHIFT_ROUND, SIZES = 16, 11, (300, 500)
BEFORE = (0.02, 0.01, 0.02, 0.03, 0.04, 0.09, 0.09, 0.15, 0.19, 0.17, 0.19)  # NPS 36 − 30 = 6
AFTER = (0.03, 0.03, 0.03, 0.04, 0.06, 0.10, 0.10, 0.15, 0.19, 0.13, 0.14)  # NPS 27 − 39 = −12
ROUND_WORLDS = {"touchpoint_nps_rounds": AFTER, "touchpoint_nps_rounds_twin": BEFORE}

# What is written
THEMES = ({"delivery": 0.30, "quality": 0.20, "price": 0.15, "promises": 0.15, "communication": 0.10, "aftersales": 0.10},
          {"digital": 0.40, "speed": 0.20, "access": 0.15, "communication": 0.15, "price": 0.10},
          {"waiting": 0.30, "problem_solving": 0.25, "listening": 0.15, "attitude": 0.15, "competence": 0.15},
          {"honesty": 0.30, "attitude": 0.20, "competence": 0.20, "personal": 0.15, "price": 0.15})
STYLES = {"upper": 0.05, "ascii": 0.10, "lower": 0.15, "blank": 0.04, "as_is": 0.66}
WORDS = {"tr": (("hayır", "evet"), "yok"), "en": (("no", "yes"), "nothing")}
BEGGED = {
    "tr": ("10 verir misiniz dedi, verdim", "görüşmeyi yapan kişi rica etti, 10 verdim", "primi kesiliyormuş, kıyamadım 10 verdim",
           "9'un altı bize sıfır yazılıyor dediler", "10 vermem istendi", "kapatmadan önce tam puan istedi, kırmadım",
           "müşteri temsilcisi 10 vermemi rica etti", "puanı benden isteyen kişi için verdim"),
    "en": ("they asked me for a ten", "she said anything below nine counts against her", "the agent begged for a 10 so I gave one",
           "was told to press ten", "gave a ten because he asked nicely", "he said his bonus depends on it",
           "the lady asked for full marks before hanging up", "only because I was asked to")}
PLANTED = (  # instead of the next comment of somebody dissatisfied, of that language, from this number of reasons on: (number, what, language, text)
    (12, "phone in a text", "tr", "Hâlâ aranmadım, numaram 0500 000 00 41"),
    (31, "e-mail in a text", "en", "nobody answered me at deniz.ornek@example.com"),
    (58, "looks like a formula", "tr", "=1+1"), (83, "mark-up", "en", "<b>too slow</b>"),
    (104, "mathematics", "tr", "$x$ liraya alıp $y$ liraya sattılar"),
    (127, "looks like a formula", "en", "@SUM(A1:A9) nobody called back"),
    (149, "phone in a text", "en", "ring me on 0500 000 00 52, nobody did"))

# The customer record
BRANCHES = ("Merkez", "Çarşı", "İstasyon", "Sahil", "Yeni Mahalle")
NOBODY, NOT_IN_RECORD, COPIED, CONTRADICTED, CHANGED, FORMER_KNOWN = 150, 0.03, 0.02, 0.02, 0.05, 2 / 3
DO_NOT_CONTACT = {"yes": 0.06, "no": 0.84, "": 0.10}
ADDRESS = {"upper": 0.012, "upper_tr": 0.012, "lower_tr": 0.004, "title": 0.010, "before": 0.005, "after": 0.012, "as_is": 0.945}


# --- drawing ------------------------------------------------------------------------------------------------------------


def _normal(rng, *shape):
    """Near enough: the sum of six even draws, mean 0, variance 1."""
    total = rng.random(shape) - 3
    for _ in range(5):
        total += rng.random(shape)
    return total * 1.4142135623730951


def draw(world, n, rng):
    """All n × 2 × 4 occasions that could be (customer, round, touchpoint) as arrays; `met` says which were. The even draws do not know the world."""
    rules, shape = RULES[world], (n, 2, 4)
    made = PERSON * _normal(rng, n)[:, None, None] + HABIT * _normal(rng, n, 4)[:, None, :] + OCCASION * _normal(rng, *shape)
    found = {"would": np.clip(np.rint(np.array(rules["level"]).T + SPREAD * made), 0, 10).astype(np.int64)}
    leaves = rng.random((n, 2))
    found["met"] = _meetings(n, leaves, rng)
    found["stage"] = _stages(rng.random((n, 2)))
    found["day"] = np.array(FIRST_DAY)[:, None] + rng.integers(0, DAYS, shape)
    found |= _problems(rules, found, leaves, rng)
    return found | _answers(rules, found, rng)


def _meetings(n, leaves, rng):
    """Who meets what. Whether a customer of round 1 is met in round 2 is left to the draw that decides about leaving: nobody who left is, and all
    others with such a chance that coming back has nothing to do with the scores."""
    first = rng.random(n) < MET_FIRST
    present = np.stack([first, ~first | (leaves[:, 0] >= 1 - RETURNS)], axis=1)
    u, many = rng.random((n, 2, 4)) / np.array(MEETS), np.searchsorted(np.cumsum(HOW_MANY)[:-1], rng.random((n, 2)), side="right") + 1
    again = rng.random(n) < SAME_AGAIN
    u[again, 1], many[again, 1] = u[again, 0], many[again, 0]
    place = u.argsort(axis=2, kind="stable").argsort(axis=2, kind="stable")
    return present[:, :, None] & (place < many[:, :, None])


def _stages(u):
    """The stage at each touchpoint for an even draw of a customer and round."""
    upto = np.cumsum(STAGE, axis=1)[:, :-1]
    return np.stack([np.searchsorted(upto[touchpoint], u, side="right") for touchpoint in range(4)], axis=2)


def _problems(rules, found, leaves, rng):
    """Problems, whether the firm finds them first, complaints; and who leaves: it is decided once a round."""
    shape, low = found["met"].shape, found["would"] <= DISSATISFIED
    problem = low | (rng.random(shape) < OTHER_PROBLEM)
    first = problem & (rng.random(shape) < FOUND)
    complained = problem & (rng.random(shape) < np.where(first, rules["complains"][1], rules["complains"][0]))
    worst = [(found["met"] & marks).any(axis=2) for marks in (low & first, low & complained, low)]
    left = leaves < np.select(worst, [rules["left"][key] for key in ("found", "complained", "silent")], rules["left"]["other"])
    return {"problem": problem, "first": first, "complained": complained, "left": np.repeat(left[:, :, None], 4, axis=2)}


def _same(chance, rng, shape):
    """Even draws, the same on all occasions for this share of the customers."""
    own, same, alone = rng.random(shape), rng.random(shape[0]), rng.random(shape[0])
    return np.where((same < chance)[:, None, None], alone[:, None, None], own)


def _answers(rules, found, rng):
    """Asked, answered, what is given, consents and what kind of comment: "" none, reason, word, begged (a reason that tells of it)."""
    would, shape = found["would"], found["met"].shape
    service = np.arange(4) == SERVICE
    asked_for_ten = service & (rng.random(shape) < rules["begged"]) & (would >= 5) & (would <= 8)
    chance = np.where(would <= DISSATISFIED, np.where(asked_for_ten, rules["pressed"], rules["answers"][0]), rules["answers"][1])
    invited = _same(SAME_INVITED, rng, shape) < INVITED
    answered = invited & (_same(SAME_ANSWER, rng, shape) < chance)
    scored = answered & (rng.random(shape) >= NO_SCORE)
    given = np.where(asked_for_ten, np.where(rng.random(shape) < 0.25, 9, 10), would)
    followup = rng.integers(0, 2, shape)
    reason = scored & (rng.random(shape) < np.array(rules["reason"])[followup])
    told = asked_for_ten & (rng.random(shape) < TOLD)
    word = scored & (rng.random(shape) < np.array([chance for chance, _ in BARE])[followup])
    kind = np.select([reason & told, reason, word], ["begged", "reason", "word"], "")
    group = np.searchsorted((7, 9), given, side="right")
    contact = _same(0.8, rng, shape) < CONTACT
    reference = _same(0.8, rng, shape) < np.array(REFERENCE)[group]
    return {"invited": invited, "answered": answered, "scored": scored, "given": given, "followup": followup, "kind": kind, "begged": asked_for_ten,
            "contact": contact, "reference": reference}


# --- the truth ----------------------------------------------------------------------------------------------------------


@functools.cache
def truth():
    """What is true of both worlds and of the rounds: world, quantity, key, value, error (Monte Carlo standard error; 0: exact)."""
    rows = [row for world in RULES for row in simulated_truth(world, PARTS, PART, POPULATION_SEED)]
    for world in ROUND_WORLDS:
        rows += [{"world": world, "quantity": "nps", "key": key, "value": value, "error": 0} for key, value in _of_rounds(world)]
    return [row | {name: f"{round(row[name], 4) + 0.0:.4f}" for name in ("value", "error")} for row in rows]  # + 0.0: no "-0.0000"


def simulated_truth(world, parts, n, seed):
    """The rows of a world as numbers: means over `parts` populations of n customers each."""
    drawn = [list(_of_population(draw(world, n, np.random.default_rng(seed + part)))) for part in range(parts)]
    rows = []
    for same in zip(*drawn, strict=True):
        values = np.array([value for _, _, value in same], dtype=float)
        rows.append({"world": world, "quantity": same[0][0], "key": same[0][1], "value": values.mean(),
                     "error": values.std(ddof=1) / math.sqrt(parts)})
    return rows


def _of_rounds(world):
    before, after = (100 * (sum(chances[9:]) - sum(chances[:7])) for chances in (BEFORE, ROUND_WORLDS[world]))
    yield from (("first_round", before), ("last_round", after), ("shift", after - before))
    yield "shift_from_round", SHIFT_ROUND if after != before else 0


def _of_population(drawn):
    """(quantity, key, value) of customers drawn; NPS in points, all others shares."""
    low = drawn["would"] <= DISSATISFIED
    yield from _of_scores(drawn)
    for key, of in (("dissatisfied", low), ("other", ~low), ("all", True)):
        yield "answer_if_invited", key, drawn["answered"][drawn["met"] & drawn["invited"] & of].mean()
    yield from _of_silence(drawn, low)
    yield from _of_leaving(drawn, low)
    reason = np.isin(drawn["kind"], ("reason", "begged"))
    for place, key in enumerate(FOLLOWUPS):
        yield "writes_a_reason", key, reason[drawn["met"] & drawn["scored"] & (drawn["followup"] == place)].mean()
    yield from _of_customers(drawn)


def _nps(scores):
    return 100 * ((scores >= 9).mean() - (scores <= DISSATISFIED).mean())


def _of_scores(drawn):
    """NPS if everybody answered and nobody begged, as measured, the changes; the shape of the answers at the begged touchpoint and elsewhere."""
    scored = drawn["met"] & drawn["scored"]
    for name, score, of in (("nps_true", drawn["would"], drawn["met"]), ("nps_measured", drawn["given"], scored)):
        found = np.array([[_nps(score[:, k, t][of[:, k, t]]) for t in range(4)] for k in range(2)])
        yield from ((name, f"{key}_round_{k + 1}", found[k, t]) for t, key in enumerate(TOUCHPOINTS) for k in range(2))
        yield from ((name.replace("nps", "nps_change"), key, found[1, t] - found[0, t]) for t, key in enumerate(TOUCHPOINTS))
    service = np.zeros_like(scored)
    service[:, :, SERVICE] = True
    for key, at in ((TOUCHPOINTS[SERVICE], service), ("elsewhere", ~service)):
        given, left = drawn["given"][scored & at], drawn["left"][scored & at]
        groups = {"10": given == 10, "7_to_8": (given >= 7) & (given <= 8), "0_to_6": given <= DISSATISFIED}
        yield from ((f"share_of_scores_{key}", name, of.mean()) for name, of in groups.items())
        yield from ((f"left_measured_{key}", name, left[of].mean()) for name, of in (("9_to_10", given >= 9), ("0_to_6", groups["0_to_6"])))
    yield "begged", "of_scores_there", drawn["begged"][scored & service].mean()


def _of_silence(drawn, low):
    """The dissatisfied who do not complain, by occasion and by customer (ever dissatisfied, never complained); and the bounds that scores give."""
    met, told = drawn["met"], drawn["complained"]
    yield "dissatisfied", "of_occasions", low[met].mean()
    yield from (("silent", "of_all_occasions", (low & ~told)[met].mean()), ("silent", "of_dissatisfied_occasions", 1 - told[met & low].mean()))
    ever, never = (met & low).any(axis=(1, 2)), ~(met & told).any(axis=(1, 2))
    yield from (("silent", "of_all_customers", (ever & never).mean()), ("silent", "of_dissatisfied_customers", never[ever].mean()))
    scored = met & drawn["scored"]
    said = scored & (drawn["given"] <= DISSATISFIED)
    a, b, u0, u1 = (np.count_nonzero(of) for of in (said & ~told, said & told, met & ~scored & ~told, met & ~scored & told))
    total = np.count_nonzero(met)
    yield from (("silent_bounds", "all_low", a / total), ("silent_bounds", "all_high", (a + u0) / total),
                ("silent_bounds", "dissatisfied_low", a / (a + b + u1)), ("silent_bounds", "dissatisfied_high", (a + u0) / (a + b + u0)))


def _of_leaving(drawn, low):
    """Who is gone, by occasion and by customer and round; and what the firm finds first."""
    met, told, first, left = (drawn[name] for name in ("met", "complained", "first", "left"))
    kinds = {"silent": low & ~told, "silent_not_found": low & ~told & ~first, "complained": low & told & ~first,
             "found_first": low & first, "other": ~low}
    yield from (("left_by_occasion", key, left[met & of].mean()) for key, of in kinds.items())
    here, gone, rest = met.any(axis=2), left[:, :, 0], True
    for key in ("found_first", "complained", "silent", "other"):
        of = here & (met & kinds[key]).any(axis=2) & rest
        yield "left_by_customer_and_round", key, gone[of].mean()
        rest = rest & ~of
    problem, light = met & drawn["problem"], met & (first | told)
    yield from (("found_first", "of_problems", first[problem].mean()), ("found_first", "of_problems_that_came_to_light", first[light].mean()))
    for key, of in (("found_first", first), ("complained", told & ~first), ("came_not_to_light", ~told & ~first)):
        yield "left_after_a_problem", key, left[problem & of].mean()


def _of_customers(drawn):
    """Correlation of two scores of a customer, each less the mean of its touchpoint and round: any two, of the same touchpoint, of others."""
    met, would = drawn["met"], drawn["would"]
    rest = np.where(met, would - (would * met).sum(axis=0) / met.sum(axis=0), 0)
    variance = (rest * rest).sum() / met.sum()
    products, pairs = (((of.sum(axis=(1, 2)) ** 2 - (of * of).sum(axis=(1, 2))) / 2).sum() for of in (rest, met * 1))
    same, twice = (rest[:, 0] * rest[:, 1]).sum(), (met[:, 0] & met[:, 1]).sum()
    yield from (("correlation", "all", products / pairs / variance), ("correlation", "same_touchpoint", same / twice / variance),
                ("correlation", "other_touchpoint", (products - same) / (pairs - twice) / variance))


# --- files --------------------------------------------------------------------------------------------------------------


@functools.cache
def table(world):
    """The file of a world: one row an occasion, in the order of the days."""
    rng = np.random.default_rng(SEED)
    drawn = draw(world, CUSTOMERS, rng)
    at = np.nonzero(drawn["met"])
    of = {name: values[at] for name, values in drawn.items()}
    known = of["first"] | of["complained"]

    def words(values, asked=True):
        return np.where(asked, np.array(NO_YES)[values * 1], "")

    frame = pd.DataFrame({
        "customer": at[0] + 1, "email": "", "round": at[1] + 1, "day": of["day"], "touchpoint": np.array(TOUCHPOINTS)[at[2]],
        "stage": np.array(STAGES)[of["stage"]], "invited": words(of["invited"]), "answered": words(of["answered"]),
        "score": np.where(of["scored"], of["given"].astype(object), ""),
        "followup": np.where(of["answered"], np.array(FOLLOWUPS)[of["followup"]], ""), "comment": "", "language": "",
        "consent_contact": words(of["contact"], of["answered"]), "consent_reference": words(of["reference"], of["answered"]),
        "complained": words(of["complained"]), "found_by_firm": words(of["first"], known), "left": words(of["left"]),
        "kind": of["kind"], "low": of["would"] <= DISSATISFIED + (at[0] + at[1]) % 2})
    frame = frame.sort_values(["day", "customer", "touchpoint"], kind="stable", ignore_index=True)
    for column, name in (("email", "email_survey"), ("language", "language")):
        frame[column] = [identities()[number - 1][name] for number in frame["customer"]]
    frame["comment"] = _comments(frame, rng)
    return frame.drop(columns=["kind", "low"])


@functools.cache
def _phrases():
    found = {}
    with open(data_folder() / "phrases.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault((row["language"], row["question"], row["code"]), []).append(row["text"])
    return found


def _comments(frame, rng):
    """What is written: of low scores what annoys, of high ones what is important, some in capitals or without Turkish letters."""
    bags = {key: bag_of(texts, rng) for key, texts in _phrases().items()}
    begged = {language: bag_of(texts, rng) for language, texts in BEGGED.items()}
    planted, written, texts = list(PLANTED), 0, []
    for row in frame.itertuples():
        if not row.kind:
            texts.append("")
            continue
        if row.kind == "begged":
            text = next(begged[row.language])
        elif row.kind == "reason":
            code = pick(THEMES[TOUCHPOINTS.index(row.touchpoint)], rng)
            text = next(bags[row.language, "annoys" if row.low else "important", code])
        else:
            answers, nothing = WORDS[row.language]
            text = answers[bool(row.low) ^ (rng.random() < 0.2)] if row.followup == "yes_no" else nothing
        texts.append(typed_as(text, row.language, pick(STYLES, rng)))
        written += row.kind == "reason"
        if planted and row.kind == "reason" and row.low and written >= planted[0][0] and row.language == planted[0][2]:
            texts[-1] = planted.pop(0)[3]
    return texts


@functools.cache
def rounds_table(world, seed=ROUNDS_SEED):
    """An answer a row of sixteen monthly rounds of independent people; in the twin nothing happens in round 11."""
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(1, ROUNDS + 1):
        n, chances = int(rng.integers(SIZES[0], SIZES[1] + 1)), ROUND_WORLDS[world] if number >= SHIFT_ROUND else BEFORE
        score = np.searchsorted(np.cumsum(chances)[:-1], rng.random(n), side="right")
        month = f"{2018 + (number - 1) // 12}-{(number - 1) % 12 + 1:02d}"
        parts.append(pd.DataFrame({"round": number, "month": month, "score": score}))
    return pd.concat(parts, ignore_index=True)


@functools.cache
def identities():
    """Of each customer and of NOBODY more: number, language, first, last, address as it is, as the survey tool has it, telephone."""
    rng = np.random.default_rng(RECORD_SEED)
    bags = {(language, part): bag_of(phrases_of(language)[part], rng) for language in ("tr", "en") for part in ("first", "last")}
    people = []
    for number in range(1, CUSTOMERS + NOBODY + 1):
        language = "tr" if rng.random() < TURKISH else "en"
        first, last, tag = next(bags[language, "first"]), next(bags[language, "last"]), number * 7919 % 8999 + 1000  # a prime: no tag twice
        user = typed_as(f"{first}.{last}", "tr", "ascii").lower()
        email = f"{user}{tag}@example.{'org' if rng.random() < 0.3 else 'com'}"
        people.append({"number": number, "language": language, "first": first, "last": last, "tag": tag, "email": email,
                       "email_survey": _written(email, pick(ADDRESS, rng)), "phone": f"0500 000 {tag // 100:02d} {tag % 100:02d}"})
    return people


def _written(email, how):
    """An address as somebody writes it: in capitals (of Turkish software: i becomes İ, or I a dotless ı), with a capital, with a blank."""
    turkish = {"upper_tr": ("iı", "İI"), "lower_tr": ("i", "ı")}
    if how in turkish:
        email = email.translate(str.maketrans(*turkish[how]))
        return email.upper() if how == "upper_tr" else email
    return {"upper": email.upper(), "title": email.title(), "before": " " + email, "after": email + " "}.get(how, email)


@functools.cache
def record():
    """The customer record of the firm: those who were met but for a few, those who were not, copies, contradictions, changed addresses."""
    rng = np.random.default_rng(RECORD_SEED + 1)
    rows = []
    for person in identities():
        if person["number"] <= CUSTOMERS and rng.random() < NOT_IN_RECORD:
            continue
        email, former = person["email"], ""
        if rng.random() < CHANGED:
            former = email if rng.random() < FORMER_KNOWN else ""
            email = f"{typed_as(person['last'], 'tr', 'ascii').lower()}{person['tag']}@example.org"
        row = {"email": _written(email, pick(ADDRESS, rng)), "former_email": former, "name": f"{person['first']} {person['last']}",
               "phone": person["phone"], "branch": BRANCHES[int(rng.integers(len(BRANCHES)))],
               "since": 2009 + int(10 * max(rng.random(), rng.random())), "do_not_contact": pick(DO_NOT_CONTACT, rng)}
        rows.append(row)
        if rng.random() < CONTRADICTED:
            if rng.random() < 0.5:
                rows.append(row | {"phone": f"0500 000 {person['tag'] // 100 - 9:02d} {person['tag'] % 100:02d}"})
            else:
                row["do_not_contact"] = row["do_not_contact"] or "no"
                rows.append(row | {"do_not_contact": "no" if row["do_not_contact"] == "yes" else "yes"})
    order = np.argsort(rng.random(len(rows)), kind="stable")
    rows = [{"crm_id": 20_001 + place} | rows[at] for place, at in enumerate(order)]
    for row in [row for row in rows if rng.random() < COPIED]:
        rows.insert(int(rng.integers(len(rows) + 1)), row)
    return pd.DataFrame(rows)


@functools.cache
def files():
    """{file name: text} of everything this module writes but the truth, which takes longer."""
    found = {world: table(world) for world in RULES} | {world: rounds_table(world) for world in ROUND_WORLDS} | {"crm": record()}
    return {f"{name}.csv": _csv(frame) for name, frame in found.items()}


def truth_file():
    """The text of `touchpoint_truth.csv`."""
    return _csv(pd.DataFrame(truth()))


# --- the card -----------------------------------------------------------------------------------------------------------


def counts(world):
    """{what: how many} in the file of a world, for the card."""
    frame = table(world)
    once = frame.groupby("customer")["round"].nunique()
    return {"rows": len(frame), "customers": len(once), "of them in both rounds": int((once == 2).sum()),
            **{f"at {key}": int((frame["touchpoint"] == key).sum()) for key in TOUCHPOINTS},
            **{f"{name}: yes": int((frame[name] == "yes").sum()) for name in ("invited", "answered", "complained", "found_by_firm", "left")},
            "scores": int((frame["score"] != "").sum()), "comments": int((frame["comment"] != "").sum())}


def card_table():
    """The generated part of the card: what the files hold, what is planted in them and, out of `touchpoint_truth.csv`, what is true."""
    names, found = list(RULES), [counts(world) for world in RULES]
    lines = [f"| in the files | {' | '.join(f'`{name}`' for name in names)} |", "|---|---|---|"]
    lines += [f"| {what} | {' | '.join(f'{of[what]:,}' for of in found)} |" for what in found[0]]
    lines += ["", "| planted in a comment | text | row in `touchpoint_nps` | in `touchpoint_nps_twin` |", "|---|---|---|---|"]
    for _, what, _, text in PLANTED:
        rows = [table(world)["comment"].tolist().index(text) + 2 for world in names]
        lines.append(f"| {what} | `{text}` | {rows[0]:,} | {rows[1]:,} |")
    rows = list(csv.DictReader((data_folder() / "touchpoint_truth.csv").read_text(encoding="utf-8").splitlines()))
    stated = {(row["world"], row["quantity"], row["key"]): row["value"].replace("-", "−") for row in rows}
    for title, worlds in (("true: quantity", names), ("rounds, exactly: quantity", list(ROUND_WORLDS))):
        lines += ["", f"| {title} | of | {' | '.join(f'`{world}`' for world in worlds)} |", "|---|---|---|---|"]
        for quantity, key in dict.fromkeys(place[1:] for place in stated if place[0] in worlds):
            lines.append(f"| {quantity} | {key} | " + " | ".join(stated[world, quantity, key] for world in worlds) + " |")
    return "\n".join(lines)
