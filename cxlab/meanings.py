"""What an answer means: the text a person ticked or typed → the value of the five-question table.

The texts stand in `recognise.toml` and `framework.toml`. An answer that is not clearly one of the values is `BAD`: "maybe" is no yes,
and "yes" does not say which network.
"""

import functools
import re

import pandas as pd

from .framework import keys, label, say, vocabulary
from .recognise import OPTIONAL, fold, holds, known

TABLES = {"language": "languages", "recruited_via": "recruited_via", "recommends": "yes_no", "social_media": "social_media", "memory": "memories",
          "consent_survey": "yes_no", "consent_contact": "yes_no", "consent_quote": "yes_no"}  # column: its categories in framework.toml
BAD, OTHER = object(), object()  # an answer that cannot be read; a way of recruiting that has no name of its own
_AGES = (0, 25, 35, 45, 55, 65)  # where the kit's age groups begin


@functools.cache
def scales():
    """{question: (low, high)} of the scales of the table."""
    return {row["key"]: (row["low"], row["high"]) for row in vocabulary()["questions"] if row["kind"] == "scale" and row["key"] in OPTIONAL}


def missing(value):
    """Is this cell no answer? (None, not a number, a blank text, no choice ticked.)"""
    if isinstance(value, (str, tuple, list)):
        return not (value.strip() if isinstance(value, str) else value)
    return bool(pd.isna(value))


def each(values, function):
    """The function on each distinct answer once; None for a missing one."""
    done, results = {}, []
    for value in values:
        if missing(value):
            results.append(None)
            continue
        key = (type(value), tuple(value) if isinstance(value, list) else value)
        if key not in done:
            done[key] = function(value)
        results.append(done[key])
    return results


def meaning(key, value):
    """One answer to a question as the table's value, or BAD (for the way of recruiting: or OTHER)."""
    if key in scales():
        point = _number(value, key)
        return int(point) if point is not None and _on_scale(key, point) else BAD
    if key == "help_channels":
        return channels(value)[0]
    if key == "social_media":
        return _social_media(value)
    text = fold(" ".join(map(str, value)) if isinstance(value, (tuple, list)) else value)
    if key == "age_group":
        return _age_group(text)
    if TABLES[key] == "yes_no":
        return _yes_no(text)
    if key == "recruited_via":
        found = {way for way, stems in known()["answers"][key].items() if holds(text, stems) or fold(label(key, way)) == text}
        return found.pop() if len(found) == 1 else OTHER
    found = {way for way, names in _names(key).items() if text in names or any(text.startswith(f"{name} ") for name in names if len(name) > 6)}
    return found.pop() if len(found) == 1 else BAD


@functools.cache
def _names(key):
    """{category: its folded texts}, from both files."""
    answers, table = known()["answers"][key], vocabulary()[TABLES.get(key, key)]
    return {row["key"]: [fold(row["key"]), fold(row["en"]), fold(row["tr"]), *answers.get(row["key"], [])] for row in table}


def _yes_no(text):
    """yes or no by the first or last word of the answer, BAD if it says neither or both."""
    texts = known()["answers"]["yes_no"]
    for word in sorted(texts["before"], key=len, reverse=True):
        text = text.removeprefix(f"{word} ")
    if any(f"{text} ".startswith(f"{phrase} ") for phrase in texts["unclear"]):
        return BAD
    for side in ("yes", "no"):
        if text in texts[f"{side}_alone"]:
            return side
    padded = f" {text} "
    for mark, side in (("-", "no"), ("+", "yes")):  # the longer "i do not agree" goes before the "agree" inside it
        for phrase in sorted(texts[side], key=len, reverse=True):
            padded = padded.replace(f" {phrase} ", f" {mark} ")
    words = padded.split()
    marks = {"+", "-"} & set(words)
    if len(marks) != 1 or not marks & {words[0], words[-1]} or (marks == {"+"} and {"not", "degil"} & set(words)):
        return BAD
    return "yes" if marks == {"+"} else "no"


def _social_media(value):
    """none, twitter, facebook or both; BAD where it does not say which, or says two things."""
    texts = known()["answers"]["social_media"]
    parts = [fold(part) for part in value] if isinstance(value, (tuple, list)) else [fold(value)]
    text = " ".join(parts)
    networks = [network for network in ("twitter", "facebook") if holds(text, texts[network])]
    both, doubt = holds(text, texts["both"]), holds(text, texts["doubt"])
    if any(f"{part} ".startswith(phrase) for part in parts for phrase in texts["none"]):
        unclear = len(parts) > 1 or holds(text, texts["doubt_none"]) or (networks and not doubt)
        return BAD if unclear else "none"
    if doubt or not (networks or both):
        return BAD
    return "both" if both or len(networks) == 2 else networks[0]


def channels(value):
    """(tuple of channels, None if there is none, BAD if "none" stands beside others; the rest of the text, which is no channel of the kit)."""
    names = sorted(((name, way) for way, names in _names("help_channels").items() for name in names), key=lambda pair: -len(pair[0]))
    found, rest = set(), []
    for part in value if isinstance(value, (tuple, list)) else re.split(r"[;|\n]", str(value)):
        text = f" {fold(part)} "
        for name, way in names:
            if f" {name} " in text:
                text = text.replace(f" {name} ", "  ")
                found.add(way)
        rest += [" ".join(text.split())] if text.strip() else []
    if "none" in found and len(found) > 1:
        return BAD, ""
    return tuple(way for way in keys("help_channels") if way in found) or None, "; ".join(rest)


def _age_group(text):
    """The kit's group of an age, or of a band with the same ends; else BAD."""
    groups, ages = keys("age_groups"), [int(age) for age in re.findall(r"\d+", text)]
    names = {fold(row[name]): row["key"] for row in vocabulary()["age_groups"] for name in ("key", "en", "tr")}
    if text in names:
        return names[text]
    below = holds(text, ["under", "below", "younger", "alti", "kucuk"])
    above = holds(text, ["over", "above", "older", "more", "ustu", "uzeri", "buyuk", "and up"])
    if len(ages) == 1 and (below or above):
        return groups[0] if below and ages[0] == 25 else groups[-1] if above and ages[0] == 65 else BAD
    if len(ages) == 1:
        return groups[sum(ages[0] >= low for low in _AGES) - 1] if text.startswith(str(ages[0])) and 5 <= ages[0] <= 110 else BAD
    bands = {(low, high - 1): group for low, high, group in zip(_AGES[1:-1], _AGES[2:], groups[1:-1], strict=True)}
    return bands.get(tuple(ages), groups[0] if len(ages) == 2 and ages[0] < 25 and ages[1] == 24 else BAD)


def _number(value, key):
    """The number an answer is or begins with ("10 - Very likely", "7/10"), or the end of the scale that it names; None if there is none."""
    if isinstance(value, (tuple, list)):
        value = value[0] if len(value) == 1 else ""
    if not isinstance(value, str):
        return float(value) if pd.api.types.is_number(value) and not isinstance(value, bool) else None
    low, high = scales()[key]
    match = re.fullmatch(rf"([-−]?[0-9]{{1,9}}(?:[.,][0-9]{{1,9}})?)(?:\s*/\s*{high})?(?:[\s)(:=.–—-][^0-9]*)?", value.strip())
    if match:
        return float(match[1].replace(",", ".").replace("−", "-"))
    row = next(row for row in vocabulary()["questions"] if row["key"] == key)
    ends = {fold(row[f"{end}_label_{language}"]): float(point) for end, point in (("low", low), ("high", high)) for language in ("en", "tr")}
    return ends.get(fold(value))


def _on_scale(key, point):
    low, high = scales()[key]
    return low <= point <= high and point % 1 == 0


def fits(column, value):
    """Is a value of a finished five-question table allowed?"""
    if column in scales():
        if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", value.strip()):
            return False
        point = _number(value, column)
        return point is not None and _on_scale(column, point)
    if column == "help_channels":
        parts = [part.strip() for part in value.split(";")] if isinstance(value, str) else value if isinstance(value, (tuple, list)) else [value]
        return set(map(str, parts)) <= set(keys(column)) and ("none" not in parts or len(parts) == 1)
    return isinstance(value, str) and value in keys(TABLES[column])


def allowed(key):
    """What a question's value may be, for a sentence."""
    if key in scales():
        return say("questions.allowed_scale", low=scales()[key][0], high=scales()[key][1])
    return ", ".join(keys(TABLES.get(key, key)))


def problem(key, value):
    """What is wrong with a value, and what is allowed."""
    if key in scales():
        point = _number(value, key)
        what = "no_number" if point is None else "off_scale" if point % 1 == 0 else "not_whole"
    else:
        what = "contradiction" if key == "help_channels" and channels(value)[0] is BAD else "category"
    return say(f"questions.{what}", question=key, allowed=allowed(key))
