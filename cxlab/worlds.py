"""The five-question world: invented respondents of two waves, drawn from a population whose truth is known.

A population is a table of shares: the network a person uses most, the age group, and whether a person is keen on everything digital,
which no question asks. Respondents select themselves out of it, with chances that depend on all three. So raking to the known shares
of network and age repairs what these carry and leaves what keenness carries. Everything stated as truth is computed from the same
tables that are drawn from, and is that of the variable as measured (rounded, cut off, among those who answer).

`python -m cxlab.simulate` writes the files. Only `rng.random` and `rng.integers` are used, so they come out byte for byte the same.
"""

import csv
import functools
import io
import itertools
import re

import numpy as np

from .data import FIVE_QUESTIONS, data_folder
from .framework import keys
from .simulate import CHANNELS, MEMORY, NOISE, TYPED, bag_of, phrases_of, pick, typed_as

WAVES = (2013, 2018)
NETWORKS = ("linkedin", "facebook", "twitter")
SETS = {  # name: (world, answers a wave, seed); the first seed: of eighteen tried, the one whose sample is most like its world
    "five_questions": ("five_questions", (240, 600), 2018), "five_questions_large": ("five_questions", (2400, 6000), 2013),
    "five_questions_twin": ("five_questions_twin", (240, 600), 2024)}
OPEN = FIVE_QUESTIONS[4:9]

# The population: shares of the networks, of the age groups in each, of the keen in each age group (added to for some networks) ...
NETWORK = {"linkedin": 0.15, "facebook": 0.60, "twitter": 0.25}
AGES = {"linkedin": (0.10, 0.30, 0.28, 0.19, 0.10, 0.03),
        "facebook": (0.12, 0.22, 0.22, 0.19, 0.15, 0.10),
        "twitter": (0.25, 0.33, 0.21, 0.12, 0.06, 0.03)}
KEEN, KEENER = (0.40, 0.35, 0.27, 0.20, 0.14, 0.08), {"linkedin": 0.05, "facebook": 0.0, "twitter": 0.15}
# ... and how many times likelier each is to answer: a survey passed on by people on LinkedIn and Twitter.
ANSWERS_NETWORK, ANSWERS_AGE, ANSWERS_KEEN = {"linkedin": 4.0, "facebook": 1.0, "twitter": 4.0}, (0.8, 1.3, 1.4, 1.2, 0.8, 0.4), (1.0, 3.0)

# Question 5 by network, more often by the keen, less often with age; a person may use both.
TWITTER, FACEBOOK = {"linkedin": 0.10, "facebook": 0.06, "twitter": 0.30}, {"linkedin": 0.08, "facebook": 0.14, "twitter": 0.10}
KEEN_USE, AGE_USE = 0.22, (1.2, 1.15, 1.0, 0.85, 0.6, 0.4)
KEEN_HELP = {"instagram": 0.10, "x": 0.12, "complaint_site": 0.04, "reviews": 0.08, "in_app": 0.10}  # 5b, on top of the common shares
EVER = 0.95  # "ever" makes nearly everybody say yes
MOOD = ({1: 0.09, 2: 0.15, 3: 0.26, 4: 0.32, 5: 0.18}, {1: 0.05, 2: 0.09, 3: 0.21, 4: 0.38, 5: 0.27})  # the latest experience; keen: the second
NO_THEME = {"important": {"none": 0.02, "dont_know": 0.01, "": 0.02}, "annoys": {"none": 0.03, "dont_know": 0.02, "": 0.03},
            "organisations": {"none": 0.05, "": 0.09}}
UNANSWERED = {"social_media": 0.02, "recommends": 0.01, "likelihood": 0.04, "happiness": 0.04, "memory": 0.03, "functional": 0.03, "accessible": 0.03,
              "emotional": 0.03, "help_channels": 0.04}
CONSENTS = {"consent_survey": 0.97, "consent_contact": 0.35, "consent_quote": 0.60}
STYLES = TYPED | {"upper": 0.05, "upper_ascii": 0.03}  # of a person, not of an answer; the last: capitals without the dot of İ
TURKISH, JOINED, TYPO = 0.70, 0.15, 0.05

# Chance that a person who names themes names this one (not keen); the 2018 column only where it differs. The twin: most differ, and by much.
CODES = ("price", "quality", "speed", "access", "attitude", "empathy", "competence", "listening", "promises", "honesty", "problem_solving", "waiting",
         "personal", "communication", "digital", "delivery", "aftersales", "premises", "consistency", "other")
_IMPORTANT = (0.30, 0.34, 0.17, 0.16, 0.42, 0.13, 0.20, 0.12, 0.16, 0.26, 0.20, 0.08, 0.09, 0.20, 0.06, 0.10, 0.14, 0.06, 0.06, 0.06)
_ANNOYS = (0.09, 0.06, 0.06, 0.12, 0.17, 0.07, 0.09, 0.05, 0.10, 0.07, 0.13, 0.14, 0.02, 0.09, 0.03, 0.06, 0.06, 0.03, 0.02, 0.05)
CHANGES = {"important": {"digital": 0.21, "attitude": 0.28, "delivery": 0.15, "price": 0.34, "communication": 0.16, "waiting": 0.05},
           "annoys": {"digital": 0.08, "waiting": 0.10, "price": 0.12, "delivery": 0.09, "attitude": 0.13}}
KEEN_THEMES = {"important": {"digital": 0.12, "speed": 0.04, "attitude": -0.08, "access": -0.06, "premises": -0.02},
               "annoys": {"digital": 0.05, "waiting": -0.05}}
_TWIN = {"important": {2013: (0.28, 0.06) * 8 + (0.17,) * 4, 2018: (0.06, 0.28) * 8 + (0.17,) * 4},
         "annoys": {2013: (0.15, 0.02) * 8 + (0.08,) * 4, 2018: (0.02, 0.15) * 8 + (0.08,) * 4}}
JOINS = {"tr": (" ve ", ", ", " bir de ", " + ", " ayrıca ", " / "), "en": (" and ", ", ", " + ", ", also ", " plus ", " / ")}


# --- the population and who answers -------------------------------------------------------------------------------------


@functools.cache
def population():
    """{(network, age group, keen 0 or 1): share}; the shares sum to 1."""
    cells = {}
    for network, share in NETWORK.items():
        for place, age in enumerate(keys("age_groups")):
            keen = KEEN[place] + KEENER[network]
            cells[network, age, 0], cells[network, age, 1] = share * AGES[network][place] * (1 - keen), share * AGES[network][place] * keen
    return cells


@functools.cache
def respondents():
    """The same cells as they select themselves: what an unweighted sample shows on average."""
    chance = {(network, age, keen): share * ANSWERS_NETWORK[network] * ANSWERS_AGE[keys("age_groups").index(age)] * ANSWERS_KEEN[keen]
              for (network, age, keen), share in population().items()}
    return _to_one(chance)


@functools.cache
def raked():
    """The respondents after raking to the population's shares of network and of age group: what weighting can reach."""
    cells = respondents()
    for _ in range(200):
        for side in (0, 1):
            wanted, found = _margin(population(), side), _margin(cells, side)
            cells = {cell: share * wanted[cell[side]] / found[cell[side]] for cell, share in cells.items()}
    return _to_one(cells)


KINDS = {"population": population, "unweighted": respondents, "raked": raked}


def _to_one(cells):
    total = sum(cells.values())
    return {cell: share / total for cell, share in cells.items()}


def _margin(cells, side):
    sums = {}
    for cell, share in cells.items():
        sums[cell[side]] = sums.get(cell[side], 0) + share
    return sums


# --- what a person of a cell answers ------------------------------------------------------------------------------------


def themes(world, question, wave, keen):
    """{code: chance that somebody who names themes names it}; the chances are exact, also when several are named."""
    if world == "five_questions_twin":
        return dict(zip(CODES, _TWIN[question][wave], strict=True))
    base = dict(zip(CODES, _IMPORTANT if question == "important" else _ANNOYS, strict=True)) | (CHANGES[question] if wave == 2018 else {})
    return {code: chance + keen * KEEN_THEMES[question].get(code, 0) for code, chance in base.items()}


def social_media(cell):
    """Question 5: {none, twitter, facebook, both: chance}."""
    network, age, keen = cell
    twitter, facebook = ((use[network] + keen * KEEN_USE) * AGE_USE[keys("age_groups").index(age)] for use in (TWITTER, FACEBOOK))
    both = twitter * facebook
    return {"none": 1 - twitter - facebook + both, "twitter": twitter - both, "facebook": facebook - both, "both": both}


def helped(keen):
    """Question 5b: {channel: chance}, each by itself; "none" where there is none."""
    chances = {key: chance + keen * KEEN_HELP.get(key, 0) for key, chance in CHANNELS.items()}
    return chances | {"none": float(np.prod([1 - chance for chance in chances.values()]))}


def scores(mood, noise):
    """The scales of somebody with this mood: how it felt counts twice in the likelihood to recommend."""
    three = {item: min(5, max(1, mood + noise[item])) for item in ("functional", "accessible", "emotional")}
    likelihood = (three["functional"] + three["accessible"] + 2 * three["emotional"]) // 2 + noise["likelihood"]
    happiness = 2 * three["emotional"] + noise["happiness"]
    return three | {"likelihood": min(10, max(0, likelihood)), "happiness": min(10, max(0, happiness))}


@functools.cache
def _all_scores(keen):
    """Every combination of mood and noise with its chance."""
    noises = [dict(zip(NOISE, values, strict=True)) for values in itertools.product(*NOISE.values())]
    return [(chance / len(noises), scores(mood, noise)) for mood, chance in MOOD[keen].items() for noise in noises]


# --- the truth ----------------------------------------------------------------------------------------------------------


def truth():
    """What is true, one row a number: world, variable, answer, wave ("" = both), population, unweighted, raked.

    A share among those who answer the question; of themes, none and dont_know: among all respondents. `answer` is "mean" or "nps" (−100 to 100) for
    a scale. population: the truth; unweighted: what respondents show on average; raked: the same after raking to network and age group.
    """
    return [{"world": world, "variable": variable, "answer": answer, "wave": wave}
            | {name: f"{sum(share * value(cell) for cell, share in cells().items()):.4f}" for name, cells in KINDS.items()}
            for world, variable, answer, wave, value in _values()]


def _values():
    """(world, variable, answer, wave, value of a person of a cell)."""
    main = "five_questions"
    for world, question, wave in itertools.product((main, "five_questions_twin"), ("important", "annoys"), WAVES):
        answered = 1 - sum(NO_THEME[question].values())
        for code in CODES:
            yield world, question, code, wave, lambda c, w=world, q=question, y=wave, k=code, a=answered: a * themes(w, q, y, c[2])[k]
        for code in ("none", "dont_know"):
            yield world, question, code, wave, lambda c, q=question, k=code: NO_THEME[q][k]
    yield main, "recommends", "yes", "", lambda c: EVER
    for key in keys("social_media"):
        yield main, "social_media", key, "", lambda c, k=key: social_media(c)[k]
    yield main, "social_media", "any", "", lambda c: 1 - social_media(c)["none"]
    for key in keys("help_channels"):
        yield main, "help_channels", key, 2018, lambda c, k=key: helped(c[2])[k]
    for item in ("functional", "accessible", "emotional", "likelihood", "happiness"):
        yield main, item, "mean", "", lambda c, i=item: sum(p * s[i] for p, s in _all_scores(c[2]))
    for score in range(11):
        yield main, "likelihood", str(score), "", lambda c, at=score: sum(p for p, s in _all_scores(c[2]) if s["likelihood"] == at)
    yield main, "likelihood", "nps", "", lambda c: 100 * sum(p * ((s["likelihood"] >= 9) - (s["likelihood"] <= 6)) for p, s in _all_scores(c[2]))
    for key in keys("memories"):
        yield main, "memory", key, "", lambda c, k=key: sum(chance * MEMORY[mood][k] for mood, chance in MOOD[c[2]].items())
    for key in NETWORKS:
        yield main, "recruited_via", key, "", lambda c, k=key: c[0] == k
    for key in keys("age_groups"):
        yield main, "age_group", key, "", lambda c, k=key: c[1] == k


# --- drawing ------------------------------------------------------------------------------------------------------------


def named(chances, rng):
    """Things drawn with exactly these chances (systematic sampling in random order): as many as the chances sum to, rounded up or down."""
    order = list(chances)
    for place in range(len(order) - 1, 0, -1):
        other = int(rng.integers(place + 1))
        order[place], order[other] = order[other], order[place]
    at, upto, drawn = rng.random(), 0.0, []
    for key in order:
        upto += chances[key]
        if upto > at:
            drawn.append(key)
            at += 1
    return drawn


@functools.cache
def draw(name):
    """The people of a set, not to be changed: dictionaries with the columns of the table and `codes`, {question: true codes or names}."""
    world, sizes, seed = SETS[name]
    rng = np.random.default_rng(seed)
    bags = {key: bag_of(texts, rng) for key, texts in _banks().items()}
    people = []
    for wave, n in zip(WAVES, sizes, strict=True):
        people += [_person(len(people) + place, world, wave, bags, rng) for place in range(1, n + 1)]
    return people


def _person(number, world, wave, bags, rng):
    network, age, keen = cell = pick(respondents(), rng)
    language = "tr" if rng.random() < TURKISH else "en"
    mood = pick(MOOD[keen], rng)
    person = {"respondent": number, "wave": wave, "language": language, "recruited_via": network, "age_group": age, "codes": {}}
    _open_answers(person, world, keen, bags, rng)
    person |= {"recommends": "yes" if rng.random() < EVER else "no", "social_media": pick(social_media(cell), rng), "memory": pick(MEMORY[mood], rng)}
    person |= scores(mood, {item: noise[int(rng.integers(len(noise)))] for item, noise in NOISE.items()})
    channels = ";".join(key for key, chance in helped(keen).items() if key != "none" and rng.random() < chance) or "none"
    person["help_channels"] = channels if wave == 2018 else None  # today's channels were not asked about in 2013
    for key, chance in UNANSWERED.items():
        person[key] = None if rng.random() < chance else person[key]
    return person | {key: "yes" if rng.random() < chance else "no" for key, chance in CONSENTS.items()}


def _open_answers(person, world, keen, bags, rng):
    language, style = person["language"], pick(STYLES | {"as_is": 1 - sum(STYLES.values())}, rng)
    for question, columns in (("important", OPEN[:3]), ("annoys", OPEN[3:4]), ("organisations", OPEN[4:])):
        without = pick(NO_THEME[question] | {"named": 1 - sum(NO_THEME[question].values())}, rng)
        if without == "named" and question == "organisations":
            parts = [[next(bags[language, "name"]) for _ in range(int(rng.integers(1, 4)))]]
            parts[0] = list(dict.fromkeys(parts[0]))
        elif without == "named":
            parts = _parts(named(themes(world, question, person["wave"], keen), rng), len(columns), rng)
        else:
            parts = [[without]] if without else []
        for column, part in itertools.zip_longest(columns, parts):
            write = _names if question == "organisations" else _themes
            person[column] = part and _slip(_styled(write(part, question, language, bags, rng), language, style), rng)
            person["codes"] |= {column: part} if part else {}


def _parts(codes, n, rng):
    """The codes in up to n answers: one each; two share one where there are too many, and now and then anyway."""
    parts = [[code] for code in codes]
    while len(parts) > n or (len(parts) == n > 1 and rng.random() < JOINED):
        parts[-2:] = [parts[-2] + parts[-1]]
    return parts


def _themes(part, question, language, bags, rng):
    texts = [next(bags[language, question, code]) for code in part]
    for place in range(1, len(texts)):
        if not re.match(r"I\b|\W|.[A-ZÇĞİÖŞÜ]", texts[place]):
            first = texts[place][0].translate(str.maketrans("İI", "iı") if language == "tr" else {}).lower()
            texts[place] = first + texts[place][1:]
    joined = texts[0]
    for text in texts[1:]:
        joined += JOINS[language][int(rng.integers(len(JOINS[language])))] + text
    return joined


def _names(part, question, language, bags, rng):
    if part == ["none"]:
        return next(bags[language, "annoys", "none"])
    texts = [next(bags[language, "variant", name]) for name in part]
    if len(texts) == 2 and rng.random() < 0.6:
        return next(bags[language, "reason"]).format(a=texts[0], b=texts[1])
    return ", ".join(texts)


def _styled(text, language, style):
    return typed_as(typed_as(text, language, "ascii"), "en", "upper") if style == "upper_ascii" else typed_as(text, language, style)


def _slip(text, rng):
    """A slip of the finger now and then, inside a word of five letters or more: a letter lost, doubled, or swapped with the next."""
    if rng.random() >= TYPO:
        return text
    words = [found for found in re.finditer(r"[^\W\d_]{5,}", text)]
    if not words:
        return text
    word = words[int(rng.integers(len(words)))]
    at, how = word.start() + 1 + int(rng.integers(len(word[0]) - 2)), int(rng.integers(3))
    return text[:at] + ("", text[at] * 2, text[at + 1] + text[at])[how] + text[at + (2 if how == 2 else 1):]


@functools.cache
def _banks():
    """What is written: {(language, question, code): phrases, (language, "variant", name): spellings, (language, "name"), (language, "reason")}."""
    banks = {}
    for row in _read("phrases"):
        banks.setdefault((row["language"], row["question"], row["code"]), []).append(row["text"])
    for row in _read("organisations_invented"):
        banks.setdefault((row["language"], "variant", row["name"]), []).append(row["variant"])
    for language in ("tr", "en"):
        banks[language, "name"] = [key[2] for key in banks if key[:2] == (language, "variant")]
        banks[language, "reason"] = [text for text in phrases_of(language)["reason"] if "{b}" in text]
    return banks


def _read(name):
    with open(data_folder() / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- files and card -----------------------------------------------------------------------------------------------------


@functools.cache
def files():
    """{file name: text} of everything this module, `double_coding` and `experience_worlds` write."""
    from . import experience_worlds
    from .double_coding import double_coded  # which draws from what stands here

    found = {}
    for name in SETS:
        people = draw(name)
        found[f"{name}.csv"] = _csv(FIVE_QUESTIONS, ([person[key] for key in FIVE_QUESTIONS] for person in people))
        if name != "five_questions_large":  # its codes would be as large as a third set: draw("five_questions_large") has them
            found[f"{name}_true_codes.csv"] = _csv(("respondent", "question", "codes"), (
                (person["respondent"], question, ";".join(part)) for person in people for question, part in person["codes"].items()))
    for name, rows in (("truth", truth()), ("codes", double_coded())):
        found[f"five_questions_{name}.csv"] = _csv(rows[0], ((";".join(x) if isinstance(x, tuple) else x for x in row.values()) for row in rows))
    return found | experience_worlds.files()


def _csv(header, rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def card_table():
    """The generated part of the card: themes by wave, then what selection does and what raking repairs."""
    rows = truth()
    find = {(row["world"], row["variable"], row["answer"], row["wave"]): row for row in rows}
    lines = ["| theme | important 2013 | 2018 | annoys 2013 | 2018 | twin: important 2013 | 2018 | annoys 2013 | 2018 |", "|---" * 9 + "|"]
    for code in (*CODES, "none", "dont_know"):
        cells = [f"{float(find[world, question, code, wave]['unweighted']):.3f}"
                 for world in ("five_questions", "five_questions_twin") for question in ("important", "annoys") for wave in WAVES]
        lines.append(f"| {code} | " + " | ".join(cells) + " |")
    lines += ["", "| variable | answer | population | unweighted | raked | bias repaired |", "|---|---|---|---|---|---|"]
    shown = {(2018, "digital"), (2018, "attitude")}  # of the themes: one that goes with keenness, one that goes against it
    for row in rows:
        if row["world"] != "five_questions" or (row["variable"] in NO_THEME and (row["wave"], row["answer"]) not in shown):
            continue
        true, unweighted, weighted = (float(row[name]) for name in KINDS)
        repaired = f"{100 * (unweighted - weighted) / (unweighted - true):.0f} %" if abs(unweighted - true) >= 0.01 else "–"
        cells = [row[name] for name in ("variable", "answer", *KINDS)]
        lines.append(f"| {' | '.join(cells)} | {repaired} |".replace("-", "−"))
    return "\n".join(lines)
