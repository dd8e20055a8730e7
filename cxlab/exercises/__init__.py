"""Exercises: a guess kept until the result is there, an answer judged without giving it away.

Each lesson has `lesson_NN.py` (what is right, and the wrong answers that people really give, all computed from the bundled data) and
`lesson_NN.toml` (what is said to each, in both languages). The exercises themselves are notebooks: `notebooks/en/solutions`.
"""

import functools
import importlib
import math
import pathlib
import re
import tomllib

import numpy as np

from ..framework import CxError, language, number, percent, say

HERE = pathlib.Path(__file__).parent
CRITERIA = ("said_n", "said_interval", "said_goes_with")  # what a partner marks in a written answer
_guesses = {}


def predict(exercise, guess=None):
    """Keeps a guess; later, called without one, shows it beside the result.

    exercise : for example "01.1" (lesson and number). guess : a number, as the exercise asks for it; a share may be given as 0.45.
    Returns Markdown. A guess lives as long as the notebook's kernel; nothing is written anywhere.

    >>> predict("01.1", "many").data
    "'many' is not a number. Give your guess as one, for example cx.predict('01.1', 40)."
    """
    texts, values = _exercise(exercise)
    if texts["kind"] != "predict":
        raise CxError(say("exercises.no_prediction", exercise=exercise))
    if guess is not None:
        if (given := _as_number(guess)) is None:
            return _markdown(say("exercises.guess_no_number", guess=_plain(guess), exercise=exercise))
        _guesses[exercise] = given
        return _markdown(say("exercises.kept", guess=_written(texts, _guesses[exercise]), exercise=exercise))
    result = _filled(texts[f"result_{language()}"], values | {"right": _written(texts, values["right"])})
    if exercise not in _guesses:
        return _markdown(say("exercises.no_guess", result=result, exercise=exercise))
    return _markdown(say("exercises.beside", guess=_written(texts, _guesses[exercise]), result=result))


def check(exercise, answer=None):
    """Says whether an answer is right or, if not, what is off and what to look at again; never the answer.

    exercise : for example "01.2". answer : a number; names in any order; for a choice its letter (without one, the sentences to choose from).
    Returns Markdown that begins with ✓ if the answer is right. What is right is computed from the bundled data, once in a session.

    >>> check("01.2", "a lot").data
    "'a lot' is not a number. Give one, for example cx.check('01.2', 0.5)."
    """
    texts, values = _exercise(exercise)
    if texts["kind"] == "explain":
        return _markdown(_judge_choice(exercise, texts, values, answer))
    if texts["kind"] == "predict":
        return predict(exercise, answer)
    if answer is None:
        return _markdown(say("exercises.nothing", exercise=exercise, look=_filled(texts[f"look_{language()}"], values)))
    judge = _judge_names if texts["kind"] == "names" else _judge_number
    return _markdown(judge(exercise, texts, values, answer))


def exercise_ids():
    """The ids of all exercises, in the order of the lessons."""
    return [f"{lesson}.{k}" for lesson in sorted(path.stem.removeprefix("lesson_") for path in HERE.glob("lesson_*.toml")) for k in _texts(lesson)]


def _judge_number(exercise, texts, values, answer):
    if (given := _as_number(answer)) is None:
        return say("exercises.no_number", answer=_plain(answer), exercise=exercise)
    right, near = float(values["right"]), texts["tolerance"] * (1 + 1e-9)
    if abs(given - right) <= near:
        return say("exercises.right", why=_filled(texts[f"right_{language()}"], values))
    for wrong, mistake in zip(values["wrong"], texts["mistakes"], strict=True):
        if abs(given - float(wrong)) <= near:
            return say("exercises.not_yet", what=_filled(mistake[language()], values))
    look = _filled(texts[f"look_{language()}"], values)
    if 0 < abs(right) <= 1 and abs(given / 100 - right) <= near:
        return say("exercises.per_cent", look=look)
    if abs(given + right) <= near:
        return say("exercises.sign", look=look)
    return say("exercises.too_high" if given > right else "exercises.too_low", answer=_plain(answer), look=look)


def _judge_names(exercise, texts, values, answer):
    given = answer.split(",") if isinstance(answer, str) else answer
    try:
        given = {str(name).strip().casefold() for name in given}
    except TypeError:
        return say("exercises.no_names", answer=_plain(answer), exercise=exercise)
    right = {str(name).casefold() for name in values["right"]}
    if given == right:
        return say("exercises.right", why=_filled(texts[f"right_{language()}"], values))
    for wrong, mistake in zip(values["wrong"], texts["mistakes"], strict=True):
        if given == {str(name).casefold() for name in wrong}:
            return say("exercises.not_yet", what=_filled(mistake[language()], values))
    look = _filled(texts[f"look_{language()}"], values)
    return say("exercises.names_off", hit=len(given & right), given=len(given), missing=len(right - given), look=look)


def _judge_choice(exercise, texts, values, answer):
    letters = "abcdefgh"[: len(texts["choices"])]
    if answer is None:
        sentences = "\n".join(f"- **{letter}** {_filled(each[language()], values)}" for letter, each in zip(letters, texts["choices"], strict=True))
        return say("exercises.choose", sentences=sentences, exercise=exercise)
    if not isinstance(answer, str) or answer.strip().lower() not in list(letters):
        return say("exercises.no_choice", answer=_plain(answer), allowed=", ".join(letters), exercise=exercise)
    chosen = texts["choices"][letters.index(answer.strip().lower())]
    why = _filled(chosen[f"why_{language()}"], values)
    if not chosen.get("right"):
        return say("exercises.not_yet", what=why)
    criteria = "\n".join(f"- ☐ {say(f'exercises.{criterion}')}" for criterion in CRITERIA)
    return say("exercises.right_choice", why=why, criteria=criteria)


def _exercise(exercise):
    """The texts of an exercise and its values."""
    if exercise not in exercise_ids():
        raise CxError(say("exercises.unknown", exercise=_plain(exercise), allowed=", ".join(exercise_ids())))
    lesson, k = exercise.rsplit(".", 1)
    return _texts(lesson)[k], _values(lesson, k, language())


@functools.cache
def _values(lesson, k, _language):
    """What the lesson's function computes; it may name things in the display language."""
    return getattr(importlib.import_module(f"{__name__}.lesson_{lesson}"), f"exercise_{k}")()


@functools.cache
def _texts(lesson):
    return tomllib.loads((HERE / f"lesson_{lesson}.toml").read_text(encoding="utf-8"))


def _filled(text, values):
    return text.format(**values)


def _as_number(value):
    """A number, also as a table or column of one cell; None for a text, nothing, yes or no, or what is not finite."""
    value = np.squeeze(np.asarray(value))
    if value.shape or isinstance(value.item(), (bool, np.bool_)) or not isinstance(value.item(), (int, float, np.number)):
        return None
    return float(value) if math.isfinite(value) else None


def _written(texts, value):
    return percent(value, texts.get("digits", 0)) if texts.get("unit") == "percent" else number(value, texts.get("digits", 0))


def _plain(value):
    """What somebody typed, short, and as text in Markdown."""
    text = repr(value) if isinstance(value, str) else f"{value:.6g}" if isinstance(value, float) else re.sub(r"\s+", " ", str(value))
    return re.sub(r"([\\`*_\[\]<>$|~])", r"\\\1", text if len(text) <= 60 else f"{text[:59]}…")


def _markdown(text):
    from IPython.display import Markdown

    return Markdown(text)
