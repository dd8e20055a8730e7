"""Two invented coders of the same 200 answers: their disagreements are planted, so that a lesson can find them.

The first lumps: two themes that are close become one, and of a long answer only the first two things are coded. The second splits, adding
a neighbouring theme, and has misunderstood one definition: `personal` (known by name, tailored) is taken for "personnel", so that answers
on how staff behave land there. `second_mended` is the same coder, with the same slips, once that definition was talked over.
Like `worlds`, it draws with `rng.random` and `rng.integers` only.
"""

import numpy as np

from .worlds import CODES, draw

SEED, ANSWERS = 150, 200
QUESTIONS = ("important_1", "important_2", "important_3", "annoys")
MISSED, STRAY = 0.05, 0.02  # both coders: a theme overlooked; a theme that is not there
LUMPS = {"waiting": ("speed", 0.6), "listening": ("empathy", 0.7), "aftersales": ("problem_solving", 0.5), "consistency": ("quality", 0.6)}
SPLITS = {"problem_solving": ("listening", 0.35), "delivery": ("promises", 0.35), "competence": ("communication", 0.25), "honesty": ("price", 0.2)}
MISREAD = {"attitude": ("personal", 0.65), "personal": ("empathy", 0.5)}


def double_coded():
    """The 200 answers as rows: answer, respondent, question, language, text, truth, first, second, second_mended (tuples of codes)."""
    rng = np.random.default_rng(SEED)
    written = [(person, question) for person in draw("five_questions") for question in QUESTIONS if person[question]]
    rows = []
    for k in range(1, ANSWERS + 1):
        person, question = written.pop(int(rng.integers(len(written))))
        true = tuple(person["codes"][question])
        row = {"answer": k, "respondent": person["respondent"], "question": question, "language": person["language"], "text": person[question]}
        rows.append(row | {"truth": true} | dict(zip(("first", "second", "second_mended"), _coded(true, rng), strict=True)))
    return rows


def _coded(true, rng):
    """What the first coder, the second, and the second with the definition mended give to an answer with these true codes."""
    chance = {code: rng.random(4) for code in true}  # missed by each, lumped or split, misread: the same slips before and after mending
    stray = [CODES[int(rng.integers(len(CODES)))] if rng.random() < STRAY else None for _ in range(2)]
    if not set(true) <= set(CODES):  # a whole answer that says nothing
        return true, true, true
    first = [_changed(LUMPS, code, chance[code][2]) or code for code in true[:2] if chance[code][0] >= MISSED]
    seen = [code for code in true if chance[code][1] >= MISSED]
    split = [_changed(SPLITS, code, chance[code][2]) for code in seen]
    misread = [_changed(MISREAD, code, chance[code][3]) or code for code in seen]
    return _in_order(first, stray[0]), _in_order(misread, *split, stray[1]), _in_order(seen, *split, stray[1])


def _changed(rule, code, chance):
    other, often = rule.get(code, (None, 0))
    return other if chance < often else None


def _in_order(codes, *more):
    """Each code once, in the order of the codebook; `other` only by itself, and where nothing else was given."""
    given = {*codes, *more} - {None, "other"}
    return tuple(code for code in CODES if code in given) or ("other",)
