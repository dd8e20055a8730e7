"""Kano's pair of questions on the seven contact factors, answered by 300 invented people, with known truth.

Each answer pair falls into a class by chance, with the chances of CLASSES. They are made to agree with what the worlds of experiences show of the
same factors (`experience_worlds`) in part only: what people say of a thing and what goes with their satisfaction are two questions.
`python -m cxlab.simulate` writes the file. Only `rng.random` is used.
"""

import numpy as np
import pandas as pd

from .framework import keys
from .kano_model import CLASSES as NAMES
from .kano_model import TABLE

SEED, PEOPLE = 61, 300
FACTORS = keys("contact_factors")
CLASSES = {  # chance of A, O, M, I, R, Q; the rest of each row is indifferent
    "products": (0.06, 0.24, 0.52, 0.16, 0.01, 0.01), "services": (0.14, 0.50, 0.20, 0.14, 0.01, 0.01),
    "premises": (0.08, 0.16, 0.54, 0.19, 0.02, 0.01), "advertising": (0.16, 0.04, 0.04, 0.66, 0.09, 0.01),
    "staff": (0.54, 0.20, 0.08, 0.16, 0.01, 0.01), "quality_price": (0.07, 0.36, 0.36, 0.19, 0.01, 0.01),
    "aftercare": (0.10, 0.11, 0.25, 0.52, 0.01, 0.01)}
MIDDLING, SKIPPED = 0.04, 0.02  # who answers "neutral" to everything; a pair left half empty
PAIRS = {name: [(p + 1, a + 1) for p, row in enumerate(TABLE) for a, kind in enumerate(row) if kind == name] for name in NAMES}


def answers(people, rng):
    """Frame `respondent, <factor>_present, <factor>_absent`: 1 to 5, missing where a question was skipped."""
    table = {"respondent": np.arange(people) + 1}
    neutral = rng.random(people) < MIDDLING
    for factor in FACTORS:
        kind = np.searchsorted(np.cumsum(CLASSES[factor])[:-1], rng.random(people), side="right")
        place, skips = rng.random(people), rng.random(people) < SKIPPED
        pairs = [PAIRS[NAMES[k]][int(at * len(PAIRS[NAMES[k]]))] for k, at in zip(kind, place, strict=True)]
        pairs = np.where(neutral[:, None], 3, np.array(pairs))
        table[f"{factor}_present"] = pd.array(pairs[:, 0], dtype="Int64")
        table[f"{factor}_absent"] = pd.array(np.where(skips, 0, pairs[:, 1]), dtype="Int64")
    return pd.DataFrame(table).replace(0, pd.NA)


def truth():
    """(quantity, key, value): the share of each class of each factor, and better and worse, as they are expected of such answers."""
    for factor in FACTORS:
        share = {name: (1 - MIDDLING) * chance + MIDDLING * (name == "I") for name, chance in zip(NAMES, CLASSES[factor], strict=True)}
        judged = sum(share[name] for name in "AOMI")
        yield from ((f"kano_{name.lower()}", factor, value) for name, value in share.items())
        yield from (("kano_better", factor, (share["A"] + share["O"]) / judged), ("kano_worse", factor, -(share["M"] + share["O"]) / judged))
