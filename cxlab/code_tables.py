"""Codes of several answers put together: by person, by a wider definition, by pair.

Stands between `coding`, which gives each answer its codes, and the estimators, which count them.
"""

import collections
import itertools

import numpy as np
import pandas as pd

from .codebooks import OTHER, WHOLE_ONLY
from .coders import as_codes
from .framework import CxError, number, say
from .tally import as_list, check_columns, is_missing


def code_people(table, columns, book=None):
    """The codes each person names anywhere in several open answers.

    table : pandas frame, one row a person. columns : its open answers (`["important_1", "important_2", "important_3"]`). book : as in `code_answers`.
    Returns a Series of tuples with the index of the table, each code once, in the order of the codebook; missing where every answer is. `none` and
    `dont_know` stay only where nothing else is named. Shares of people: `cx.multiple_response`; two groups: `cx.equivalence`.

    >>> people = pd.DataFrame({"important_1": ["ucuz olsun", None], "important_2": ["fair price, friendly staff", None]})
    >>> code_people(people, ["important_1", "important_2"]).tolist()
    [('price', 'attitude'), None]
    """
    from .codebooks import load_codebook
    from .coding import code_answers

    columns = as_list(columns)
    check_columns(table, columns)
    book = load_codebook() if book is None else book
    place = {code: k for k, code in enumerate(dict.fromkeys([*book["code"], OTHER, *WHOLE_ONLY]))}
    coded = [code_answers(table[column], book, why=False)["codes"] for column in columns]
    people = [_together(answers, place) for answers in zip(*coded, strict=True)]
    return _remember(pd.Series(people, index=table.index, name="codes", dtype=object), table)


def _together(answers, place):
    given = {code for codes in answers if codes is not None for code in codes}
    said = given - set(WHOLE_ONLY)
    return tuple(sorted(said or given, key=place.get)) or None


def merge_codes(codes, mapping):
    """The same answers under wider definitions: each code becomes what the mapping says, each result once.

    codes : Series of tuples (missing stays missing), or a frame with `codes`. mapping : {code: wider code, component, need or want}, or a Series with
    the codes as its index (`book.set_index("code")["component"]`); a code that it does not name stays, one mapped to None or "" is left out, and an
    answer without any code left is (). Returns a Series of tuples with the same index.

    >>> merge_codes(pd.Series([("waiting", "speed"), ("price",), None]), {"waiting": "speed"}).tolist()
    [('speed',), ('price',), None]
    """
    codes = _series(codes)
    wider = [None if given is None else tuple(dict.fromkeys(new for code in given if not is_missing(new := mapping.get(code, code)) and new))
             for given in codes]
    return _remember(pd.Series(wider, index=codes.index, name=codes.name, dtype=object), codes)


def co_occurrence(codes):
    """How often two codes stand together: one row a pair.

    codes : Series of tuples, or a frame with `codes`; missing answers are left out. Returns `code_1` (the more frequent), `code_2`, `n_1`, `n_2`,
    `n_both`, `n` (answers), `expected` (n_1·n_2/n: together by chance alone), the most frequent pair first. Every pair of codes that occur is there,
    with 0 too. Of 0/1 columns: `pandas.crosstab(marks[code_1], marks[code_2])`.

    >>> co_occurrence(pd.Series([("price", "honesty"), ("price",), ("price", "honesty")]))[["code_1", "code_2", "n_both", "n"]]
      code_1   code_2  n_both  n
    0  price  honesty       2  3
    """
    codes = _series(codes)
    kinds = collections.Counter(codes[codes.notna()])
    names, n = list(dict.fromkeys(itertools.chain(*kinds))), kinds.total()
    marks = np.array([[name in given for name in names] for given in kinds], dtype=np.int64).reshape(len(kinds), len(names))
    both = marks.T @ (marks * np.array(list(kinds.values()), dtype=np.int64)[:, None])
    pairs = list(itertools.combinations(sorted(range(len(names)), key=lambda k: -both[k, k]), 2))
    rows = [(names[a], names[b], both[a, a], both[b, b], both[a, b], n, both[a, a] * both[b, b] / n) for a, b in pairs]
    table = pd.DataFrame(rows, columns=["code_1", "code_2", "n_1", "n_2", "n_both", "n", "expected"])
    table.attrs["note"] = say("code_tables.base", n=number(n))
    return _remember(table.sort_values("n_both", ascending=False, kind="stable", ignore_index=True), codes)


def _series(codes):
    """A Series of tuples, missing as None."""
    series = codes["codes"] if isinstance(codes, pd.DataFrame) and "codes" in codes else codes
    if not isinstance(series, pd.Series):
        raise CxError(say("code_tables.not_codes", kind=type(codes).__name__))
    return _remember(pd.Series([as_codes(cell) for cell in series], index=series.index, name=series.name, dtype=object), codes)


def _remember(result, source):
    """Invented answers stay marked as such."""
    if source.attrs.get("simulated"):
        result.attrs["simulated"] = True
    return result
