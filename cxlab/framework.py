"""The vocabulary of the kit and the language it speaks.

Everything that has a name (questions, components, stages, concepts, ...) stands once, in `framework.toml`, in English and
Turkish; every sentence that `cxlab` itself puts on a screen stands once, in `messages/MODULE.toml`. This module hands both
out in the display language. It stands at the bottom: it imports nothing of `cxlab`, and pandas only when a frame is asked for.
"""

import functools
import pathlib
import re
import tomllib

HERE = pathlib.Path(__file__).parent
LANGUAGES = ("en", "tr")
_state = {"language": "en"}


class CxError(ValueError):
    """What a person did or gave cannot be used; the text says where, what, what is allowed and what to do.

    In a notebook only that text is shown, without the trail of calls that led to it.
    """

    def _render_traceback_(self):  # IPython asks an exception for this before it draws a traceback
        return [f"{type(self).__name__}: {self}"]


def use_language(language):
    """Choose the language of everything `cxlab` shows: labels, messages, figures, reports.

    language : "en" or "tr".
    >>> use_language("tr"); label("stages", "advocate")
    'savunuculuk'
    >>> use_language("en")
    """
    if language not in LANGUAGES:
        raise CxError(say("framework.unknown_language", language=language, allowed=", ".join(LANGUAGES)))
    _state["language"] = language


def language():
    """The display language, "en" or "tr"."""
    return _state["language"]


@functools.cache
def _messages(module):
    return tomllib.loads((HERE / "messages" / f"{module}.toml").read_text(encoding="utf-8"))


def say(key, /, **values):
    """The message `module.name` in the display language, its {places} filled in.

    >>> say("framework.unknown_language", language="de", allowed="en, tr")
    "Language 'de' is not known. Allowed: en, tr. For example: cx.use_language('tr')"
    """
    module, name = key.split(".", 1)
    return _messages(module)[name][language()].format(**values)


def number(value, digits=0):
    """A number as people write it in the display language: decimal comma in Turkish, a real minus sign in both.

    >>> number(-7.81, 1)
    '−7.8'
    """
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    if language() == "tr":
        text = text.translate(str.maketrans(",.", ".,"))
    return text.replace("-", "−")


def percent(share, digits=0):
    """A share (0-1) as a percentage in the display language: "45 %" or "%45".

    >>> percent(0.4512, 1)
    '45.1 %'
    """
    text = number(100 * share, digits)
    return f"%{text}" if language() == "tr" else f"{text} %"


@functools.cache
def vocabulary():
    """All of `framework.toml` as plain dictionaries, in its order."""
    return tomllib.loads((HERE / "framework.toml").read_text(encoding="utf-8"))


def tables():
    """Names of the tables of the vocabulary: `cx.framework.stages`, `cx.framework.concepts`, ..."""
    return list(vocabulary())


def keys(table):
    """The keys of a table of the vocabulary, in order.

    >>> keys("components")
    ['functional', 'accessible', 'emotional']
    """
    return [row["key"] for row in vocabulary()[table]]


def label(table, key):
    """The name of one entry in the display language.

    >>> label("components", "accessible")
    'accessible'
    """
    for row in vocabulary()[table]:
        if row["key"] == key:
            return row[language()]
    raise CxError(say("framework.unknown_key", key=key, table=table, allowed=", ".join(keys(table))))


def _frame(table):
    """One table as a frame: key, order (from 1), name (display language), en, tr, then what else the table has.

    Further texts that come in two languages (`feeling_en`, `feeling_tr`) get a column in the display language too (`feeling`).
    """
    import pandas as pd

    frame = pd.DataFrame(vocabulary()[table])
    frame.insert(1, "order", range(1, len(frame) + 1))
    frame.insert(2, "name", frame[language()])
    for column in [c for c in frame if re.fullmatch(r".+_en", c)]:
        stem = column.removesuffix("_en")
        frame.insert(frame.columns.get_loc(column), stem, frame[f"{stem}_{language()}"])
    return frame


def __getattr__(name):
    if not name.startswith("_") and name in vocabulary():
        return _frame(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *vocabulary()])
