"""Which column of a survey is which question of the five-question table, told by its wording.

The stems stand in `recognise.toml`, the kit's own wordings in `framework.toml`. A column is a candidate for the question that it fits
best; a question with no candidate, or with two that fit about equally well, is not guessed but refused with its candidates.
"""

import collections
import functools
import pathlib
import re
import tomllib
import unicodedata

import pandas as pd

from .framework import CxError, label, number, say, vocabulary

FIVE = ("important", "annoys", "organisations", "recommends", "social_media")
IMPORTANT = ("important_1", "important_2", "important_3")
OPTIONAL = ("help_channels", "functional", "accessible", "emotional", "likelihood", "memory", "happiness", "age_group", "consent_survey",
            "consent_contact", "consent_quote")
ABOUT = ("respondent", "wave", "language", "recruited_via")
# Scores: the name of the column in the five-question table, the kit's own wording, that wording with something around it. SURE is the lead
# over the next column that makes a choice sure.
NAMED, SAME, HOLDS, SURE = 54, 52, 50, 2
_PLAIN = str.maketrans({"İ": "i", "I": "i", "ı": "i"} | dict.fromkeys("\u0307'’`´"))
_RANKS = {"1": 1, "first": 1, "1st": 1, "birinci": 1, "ilk": 1, "i": 1, "a": 1, "2": 2, "second": 2, "2nd": 2, "ikinci": 2, "ii": 2, "b": 2,
          "3": 3, "third": 3, "3rd": 3, "ucuncu": 3, "iii": 3, "c": 3, "4": 4, "5": 5}
_BESIDE_RANKS = {"si", "su", "st", "nd", "rd", "no", "thing", "sey", "answer", "yanit", "cevap", "open", "ended", "response"}


def fold(text):
    """Small plain letters for comparing texts: Turkish letters and accents as a-z, apostrophes gone, one blank for anything else.

    >>> fold("İYİ mi? Twitter'dan IŞIK")
    'iyi mi twitterdan isik'
    """
    plain = unicodedata.normalize("NFKD", str(text).translate(_PLAIN).lower())
    return " ".join(re.findall("[a-z0-9]+", "".join(sign for sign in plain if not unicodedata.combining(sign)).replace("ı", "i")))


def holds(text, stems):
    """Does a folded text hold one of the stems at the beginning of a word?

    >>> holds("what annoys you", ["annoy"]), holds("your agent", ["age "])
    (True, False)
    """
    return any(f" {stem}" in f" {text} " for stem in stems)


@functools.cache
def known():
    """All of `recognise.toml`."""
    return tomllib.loads((pathlib.Path(__file__).parent / "recognise.toml").read_text(encoding="utf-8"))


@functools.cache
def _own_wordings():
    """{question: {folded wording or label: language}} and {question: folded names of its columns}, from framework.toml."""
    asked = [row for row in vocabulary()["questions"] if row["key"] in (*FIVE, *OPTIONAL)]
    wordings = {row["key"]: {fold(row[what + language]): language for language in ("en", "tr") for what in ("text_", "")} for row in asked}
    return wordings, {row["key"]: {fold(column) for column in (row["key"], *row["columns"])} for row in asked}


def score(names, key, kind):
    """(how well a column of these folded names fits a question, 0 = not at all; language of the wording or None)."""
    if kind in ("date", "personal") or (kind == "meta" and key != "recruited_via"):
        return 0, None
    wordings, columns = (part.get(key, {}) for part in _own_wordings())
    best = 0, None
    for name in names:
        if name in columns:
            return NAMED, None
        if name in wordings:
            return SAME, wordings[name]
        if holds(name, known()["other"]["stems"]):
            continue
        around = [(HOLDS, language) for wording, language in wordings.items() if len(wording) > 24 and f" {wording} " in f" {name} "]
        best = max([best, *around, *_by_rules(name, key, kind)], key=lambda found: found[0])
    return best


def _by_rules(name, key, kind):
    """Scores by the stems. A number is no answer to one of the five questions."""
    if kind == "scale" and key in FIVE:
        return
    for rule in known()["wording"].get(key, []):
        if all(holds(name, stems) for stems in rule["all"]) and not holds(name, rule["none"]):
            yield 2 + len(rule["all"]) + sum(holds(name, [stem]) for stem in rule["more"]), rule["language"]
    if key == "likelihood" and kind == "scale" and holds(name, ["recommend", "tavsiye"]):
        yield 3, None  # "would you recommend us?", answered with numbers


def choose(headers, kinds, columns):
    """Which column each question is.

    headers : {column: its folded names}. kinds : {column: kind}. columns : what the caller named, or None.
    Returns ({question: column or None}, {question: (score, language)}, questions that are optional and unsure as {question: candidates}).
    Question 1 stands under "important" if one column holds all of it, else under its three keys. Raises CxError as the module says.
    """
    given = _given(headers, columns)
    taken = {column for value in given.values() for column in listed(value)}
    asked = [key for key in (*FIVE, *OPTIONAL, "recruited_via") if key not in given]
    scores = {column: {key: score(names, key, kinds[column]) for key in asked} for column, names in headers.items() if column not in taken}
    fits = collections.defaultdict(list)
    for column, by_key in scores.items():
        top = max((points for points, _ in by_key.values()), default=0)
        for key, (points, language) in by_key.items():
            if points and points == top:
                fits[key].append((points, column, language))
    chosen, how, unsure = dict(given), {}, {}
    for key in asked:
        best = max((points for points, *_ in fits[key]), default=0)
        close = [column for points, column, _ in fits[key] if best - points < SURE + (key == "important")]
        shared = [column for column in close if sum(scores[column][other][0] == scores[column][key][0] for other in asked) > 1]
        order = _family(close, headers) if key == "important" else close if len(close) == 1 else None
        if order and not shared:
            chosen[key], how[key] = order if key == "important" else order[0], scores[order[0]][key]
        else:
            unsure[key] = close or [column for column, by_key in scores.items() if by_key[key][0]]
    _refuse_unsure({key: unsure[key] for key in FIVE if key in unsure}, [column for column in headers if column not in taken], kinds, chosen)
    important = listed(chosen.pop("important"))
    if len(important) == 1 and "important 1" not in headers[important[0]] and not isinstance(given.get("important"), list):
        chosen["important"] = important[0]
    else:
        chosen |= dict(zip(IMPORTANT, [*important, None, None, None], strict=False))
    return chosen, how, {key: candidates for key, candidates in unsure.items() if key not in FIVE and candidates}


def listed(value):
    """A column or several as a list."""
    return [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]


def _given(headers, columns):
    """The columns that the caller named, checked: {question: column, list of columns, or None}."""
    allowed, given = (*FIVE, *OPTIONAL, *ABOUT), {}
    if not isinstance(columns or {}, dict):
        raise CxError(say("questions.columns_type", type=type(columns).__name__))
    for key, value in (columns or {}).items():
        if key not in (*allowed, *IMPORTANT):
            raise CxError(say("questions.unknown_question", question=key, allowed=", ".join(allowed)))
        several = isinstance(value, (list, tuple))
        if several and (key != "important" or not 1 <= len(value) <= 3):
            raise CxError(say("questions.column_value", question=key, value=value))
        given[key] = [_named(name, headers, key) for name in value] if several else None if value is None else _named(value, headers, key)
    numbered = [given.pop(key) for key in IMPORTANT if key in given]
    if numbered:
        given["important"] = [column for column in numbered if column is not None]
    used = collections.Counter(column for value in given.values() for column in listed(value))
    for column, times in used.items():
        if times > 1:
            raise CxError(say("questions.column_twice", column=column))
    return given


def _named(name, headers, key):
    """A column by its name, or by the only one that differs in case, accents or signs alone."""
    same = [column for column in headers if column == name] or [column for column, names in headers.items() if fold(name) in names]
    if len(same) != 1:
        raise CxError(say("questions.unknown_column", question=key, column=name, allowed=quoted(list(headers), 40)))
    return same[0]


def _family(columns, headers):
    """The columns of question 1 in order: one alone, or two or three that differ by a number; None if they are something else."""
    if len(columns) == 1:
        return columns
    for place in (0, -1) if 2 <= len(columns) <= 3 else ():  # by the name of the column, else by the text of the question
        words = [collections.Counter(headers[column][place].split()) for column in columns]
        common = functools.reduce(lambda left, right: left & right, words)
        own = [[word.removeprefix("q") for word in (one - common).elements() if word not in _BESIDE_RANKS] for one in words]
        ranks = [1 if not rest else _RANKS.get(rest[0]) if len(rest) == 1 else None for rest in own]
        if sorted(ranks, key=str) == list(range(1, len(columns) + 1)):
            return [column for _, column in sorted(zip(ranks, columns, strict=True), key=lambda pair: pair[0])]
    return None


def quoted(names, most=8):
    """Column names for a sentence, not more than `most`."""
    shown = ", ".join(repr(str(name)) for name in names[:most])
    return shown + (" " + say("questions.and_more", n=number(len(names) - most)) if len(names) > most else "")


def _refuse_unsure(unsure, free, kinds, chosen):
    """Says which of the five questions are missing or ambiguous, each with its candidates, and gives an example to copy."""
    if not unsure:
        return
    used = {column for value in chosen.values() for column in listed(value)}
    free = [column for column in free if column not in used and kinds[column] not in ("date", "meta", "personal")]
    free.sort(key=lambda column: kinds[column] == "scale")  # a number answers none of the five: such columns last
    lines, example, left = [], {}, list(free)
    for key, candidates in unsure.items():
        what = "ambiguous" if candidates else "not_found" if free else "nothing_left"
        lines.append("- " + say(f"questions.{what}", question=key, name=label("questions", key), candidates=quoted(candidates or free)))
        pick = [column for column in candidates or left if column in left] or candidates
        example[key] = pick[0] if pick else None
        left = [column for column in left if column != example[key]]
    raise CxError(say("questions.refused", questions="\n".join(lines), example=f"columns={example!r}"))


def headers_of(survey):
    """(answers, {column: its folded names}, {column: kind}) of a Survey or of a plain DataFrame."""
    answers, asked = getattr(survey, "answers", survey), getattr(survey, "questions", None)
    if not isinstance(answers, pd.DataFrame):
        raise CxError(say("questions.not_answers", type=type(survey).__name__))
    twice = answers.columns[answers.columns.duplicated()]
    if len(twice):
        raise CxError(say("questions.repeated_column", column=twice[0]))
    headers = {column: [fold(column)] for column in answers}
    kinds = {column: _kind(answers[column]) for column in answers}
    if isinstance(asked, pd.DataFrame):
        for column, text, kind in asked[["column", "text", "kind"]].itertuples(index=False):
            if column in headers:
                headers[column], kinds[column] = list(dict.fromkeys([fold(column), fold(text)])), kind
    return answers, headers, kinds


def _kind(values):
    """What a column holds when no survey tool says it; a column that nobody filled is text."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return "scale" if numeric and values.notna().any() else "text"
