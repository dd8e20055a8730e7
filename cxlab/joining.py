"""Answers and the customer record side by side, nothing lost on either side: what closing the loop begins with (S6).

Keys are compared as a person would compare them, a record that stands twice is taken once, and one that contradicts itself gives only what its
copies agree on: a wrong telephone number is worse than none. `closing.py` makes the list of actions of it.
"""

import difflib
import re
import unicodedata

import numpy as np
import pandas as pd

from .framework import LANGUAGES, CxError, keys, number, say, vocabulary
from .grids import cell_text
from .intervals import check_choice
from .survey_cells import tidy
from .tally import as_list, check_columns, is_missing, name_rows

MATCH = ("matched", "contradictory", "unmatched", "no_key")  # what `match` says of an answer; of a customer without one: no_answer
LISTED = 100  # rows named in a report; the rest is counted
NEAR = 0.6  # a column name as like as this is offered when one is not there
_CASE = str.maketrans({"İ": "i", "I": "i", "ı": "i"})  # three letters that lower() takes apart; ş, ç, ğ stay: two addresses that differ are two


def join_answers(answers, customers, on, keep="answers"):
    """The answers with the customer record beside each, and a report whose counts add up.

    answers : pandas frame, one row an answer. customers : pandas frame, the customer record. on : the column that both have, or a list of them
    whose cells make the key together; where the two call it differently, rename first: `customers.rename(columns={"former_email": "email"})`. keep :
    "answers", or "all": customers without an answer follow at the end (for `cx.silent`), numbered on from the index of the answers.
    Keys are the same whatever blanks stand around them, in capitals or not (İ, I, ı and i are one letter; ş and s are two), and 12, 12.0 and "12"
    are one. A key with an empty part matches nothing.

    Returns every row of `answers` exactly once, in its order and with its index, the columns of `customers` after its own (a name that both have,
    the key too, gets the ending `_record`), and `match`: matched, contradictory, unmatched or no_key (with keep="all" also no_answer). Rows of
    `customers` under one key: exact copies are folded; copies that only fill in one another's empty cells are put together; where copies contradict
    one another the match is contradictory, and only cells alike in all of them are joined: contradicting consents are none. Kinds of columns
    stay as they are; where cells become empty, whole numbers become Int64 and true/false boolean.

    `.attrs["report"]` counts `answers` = `matched` + `contradictory` + `unmatched` + `no_key`; `customers` = `with_answers` + `without_answers` +
    `copies` + `completing` + `contradicting` (rows beyond the first of a key) + `customers_no_key`; `only_folded` (answers that matched, but not
    as written), `repeated_answers` (rows that copy an earlier one whole; they are kept), `duplicate_keys`, `contradictory_keys`; and lists at most
    100 spreadsheet rows each: `unmatched_rows`, `no_key_rows`, `duplicates` and `contradictions` (of customers, with the columns). `.attrs["note"]`
    says it in a sentence. SQL, of keys that are clean and unique: `answers left join customers using (key)`.

    >>> answers = pd.DataFrame({"email": ["Ali@Example.com ", "x@example.com", None], "score": [2, 9, 10]})
    >>> record = pd.DataFrame({"email": ["ali@example.com", "ali@example.com"], "name": ["Ali", "Ali"], "phone": ["0500", "0501"]})
    >>> join_answers(answers, record, on="email")[["score", "name", "phone", "match"]]
       score name phone          match
    0      2  Ali   NaN  contradictory
    1      9  NaN   NaN      unmatched
    2     10  NaN   NaN         no_key
    """
    check_choice("keep", keep, ("answers", "all"))
    on, named = _checked(answers, customers, on)
    of_answer, of_record, n_keys = _numbered(answers, customers, on)
    sources, folded = _one_record_a_key(customers, of_record, n_keys, on)
    found = np.where(of_answer >= 0, folded["first"][of_answer] >= 0, False)
    match = np.select([of_answer < 0, ~found, folded["contradictory"][of_answer]], ["no_key", "unmatched", "contradictory"], "matched")
    asked = np.unique(of_answer[found])
    silent = np.flatnonzero((folded["first"] >= 0) & ~np.isin(np.arange(n_keys), asked))
    report = _report(answers, customers, on, match, folded, of_answer, of_record, len(asked), len(silent))
    keyless, more = np.flatnonzero(of_record < 0), 0
    if keep == "all":
        more = len(silent) + len(keyless)
        match = np.r_[match, np.repeat("no_answer", more)]
    result = _with_rows_below(answers, more) if more else answers.copy()
    for column in customers.columns:
        place = np.where(found, sources[column][of_answer], -1)
        if more:
            place = np.r_[place, _in_order(np.r_[sources[column][silent], keyless], np.r_[folded["first"][silent], keyless])]
        cells = _taken(customers[column], place)
        result[named[column]] = cells.set_axis(result.index)
        if more and column in on:  # the key of those without an answer is that of their record
            result[column] = pd.concat([result[column][:len(answers)], cells[len(answers):]])
    result["match"] = pd.Series(match, index=result.index, dtype="str")
    result.index = _index(answers.index, more)
    result.attrs = dict(answers.attrs) | ({"simulated": True} if customers.attrs.get("simulated") else {})
    result.attrs |= {"report": report, "note": say("joining.note", **{name: number(report[name]) for name in ("answers", *MATCH)})}
    return result


# ---- what a person would read as the same ------------------------------------------------------------------------------------------


def key_text(cell):
    """A cell as keys are compared; None where it is empty.

    >>> key_text(" Işık@EXAMPLE.com"), key_text(12.0), key_text("12")
    ('işik@example.com', '12', '12')
    """
    if is_missing(cell):
        return None
    text = tidy(cell_text(cell))
    if text.isascii() and not text.endswith("0"):  # nearly all: the rest of this changes nothing in them
        return text.lower() or None
    text = unicodedata.normalize("NFC", text)
    if re.fullmatch(r"-?\d+\.0+", text):
        text = text.partition(".")[0]  # what a spreadsheet makes of a whole number in a column with gaps
    return text.translate(_CASE).lower().replace("i\u0307", "i") or None


def same_person(column):
    """For each cell the number of the person it names, from 0; −1 where it is empty."""
    return pd.factorize(_key_texts(column))[0]


def yes_or_no(table, column):
    """A column of yes and no as 1.0, 0.0 and NaN; `CxError` with rows for a cell that is neither.

    Read are the words of the vocabulary in both languages, true and false, 1 and 0, in capitals or not.
    """
    words = {"true": 1.0, "1": 1.0, "false": 0.0, "0": 0.0}
    for key, value in zip(keys("yes_no"), (1.0, 0.0), strict=True):
        row = next(row for row in vocabulary()["yes_no"] if row["key"] == key)
        words |= {key_text(row[language]): value for language in ("key", *LANGUAGES)}
    found = _key_texts(table[column])
    values = found.map(words).astype(float)
    if (found.notna() & values.isna()).any():
        raise CxError(say("joining.not_yes_no", column=column, rows=name_rows(table, column, lambda cell: (key_text(cell) or "1") not in words)))
    return values.to_numpy()


def need_columns(table, columns, name):
    """`CxError` with what is near unless every column is there; name : what the table is called."""
    for column in columns:
        if column not in table:
            there = {key_text(str(other)) or "": str(other) for other in table.columns}
            near = [there[text] for text in difflib.get_close_matches(key_text(str(column)) or "", there, 3, NEAR)]
            raise CxError(say("joining.no_column", column=column, name=name, columns=", ".join(map(str, table.columns))[:500],
                              near=" " + say("joining.near", near=", ".join(near)) if near else ""))


def spreadsheet_rows(frame, places):
    """Where rows stand in the spreadsheet (the first below the header is 2), at most 100 of them."""
    places = np.asarray(places)[:LISTED].tolist()
    return frame.index[places].tolist() if frame.index.name == "row" else [place + 2 for place in places]


# ---- parts -------------------------------------------------------------------------------------------------------------------------


def _checked(answers, customers, on):
    """The columns of the key, and what each column of the customers is called in the result."""
    for table, name in ((answers, "answers"), (customers, "customers")):
        if not isinstance(table, pd.DataFrame):
            raise CxError(say("joining.pandas", name=name, kind=type(table).__name__))
        check_columns(table, list(table.columns))  # no name twice
    on = as_list(on)
    if not on or len(set(on)) < len(on):
        raise CxError(say("joining.on", on=on))
    for table, name in ((answers, "answers"), (customers, "customers")):
        need_columns(table, on, name)
    taken = {*answers.columns, "match"}
    named = {column: f"{column}_record" if column in taken else column for column in customers.columns}
    twice = [name for name in named.values() if name in answers or list(named.values()).count(name) > 1]
    if twice or "match" in answers:
        raise CxError(say("joining.taken", column=twice[0] if twice else "match"))
    return on, named


def _key_texts(column):
    """Each distinct cell as keys are compared, put in its place again."""
    try:
        codes, values = pd.factorize(column.astype(object))
    except TypeError:
        raise CxError(say("joining.lists", column=column.name)) from None
    texts = np.array([*map(key_text, values), None], dtype=object)
    return pd.Series(texts[codes], index=column.index, dtype=object)


def _numbered(answers, customers, on):
    """The number of each row's key on both sides, −1 where a part of it is empty; and how many keys there are."""
    code = np.zeros(len(answers) + len(customers), np.int64)
    for column in on:
        part = pd.factorize(pd.concat([_key_texts(answers[column]), _key_texts(customers[column])], ignore_index=True))[0]
        gone = (code < 0) | (part < 0)
        code = pd.factorize(code * (part.max(initial=0) + 1) + part)[0]
        code[gone] = -1
    code, values = pd.factorize(np.where(code < 0, np.nan, code))
    return code[:len(answers)], code[len(answers):], len(values)


def _one_record_a_key(customers, of_record, n_keys, on):
    """For each column the row of the customers from which each key takes its cell (−1: from none); and what was folded.

    Only the rows of keys that stand more than once are compared, all columns but the key.
    """
    n_keys = max(n_keys, 1)
    first, size = np.full(n_keys, -1), np.bincount(of_record[of_record >= 0], minlength=n_keys)
    given = np.flatnonzero(of_record >= 0)
    first[of_record[given[::-1]]] = given[::-1]  # written last: the first row of each key
    rows = given[size[of_record[given]] > 1]
    key, sources = of_record[rows], {column: first.copy() for column in customers.columns}
    copies = pd.DataFrame({column: _codes(customers[column].iloc[rows]) for column in customers.columns if column not in on}, index=rows)
    differ = {column: _kinds(key, cells.to_numpy(), n_keys) > 1 for column, cells in copies.items()}
    contradictory = np.logical_or.reduce([np.zeros(n_keys, bool), *differ.values()])
    for column, cells in copies.items():
        cells, whole = cells.to_numpy(), np.full(n_keys, True)
        whole[key[cells < 0]] = False
        filled = np.full(n_keys, -1)
        filled[key[cells >= 0][::-1]] = rows[cells >= 0][::-1]
        keep = ~differ[column] & (whole | ~contradictory)
        sources[column] = np.where(size > 1, np.where(keep, filled, -1), first)
    for column in on:  # of spellings of one key always the same, whatever the order of the copies
        spelled = np.array([str(cell) for cell in customers[column].iloc[rows]], dtype=str)
        last = np.lexsort([spelled, key])[::-1]
        sources[column][key[last]] = rows[last]
    exact = copies.assign(key=key).duplicated().to_numpy()
    beyond = ~exact & (first[key] != rows)
    return sources, {"first": first, "contradictory": contradictory, "differ": differ, "rows": rows, "copies": int(exact.sum()),
                     "contradicting": int((beyond & contradictory[key]).sum()), "completing": int((beyond & ~contradictory[key]).sum())}


def _codes(column):
    """Whole numbers that are equal where the cells are; −1 where they are empty."""
    try:
        return pd.factorize(column)[0]
    except TypeError:  # lists
        return pd.factorize(column.map(repr, na_action="ignore"))[0]


def _kinds(key, cells, n_keys):
    """How many different cells that are not empty each key has."""
    pairs = np.unique(np.column_stack([key, cells])[cells >= 0], axis=0)
    return np.bincount(pairs[:, 0], minlength=n_keys)


def _taken(column, place):
    """The cells at these places, empty where the place is −1; the kind of the column stays if it can."""
    if (place < 0).any():
        column = _can_be_empty(column)
    return pd.Series(column.array.take(place, allow_fill=True) if (place < 0).any() else column.array.take(place))


def _can_be_empty(column):
    """Whole numbers as Int64 and true/false as boolean: kinds that know an empty cell."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu":
        return column.astype(f"{'U' * (column.dtype.kind == 'u')}Int{column.dtype.itemsize * 8}")
    return column.astype("boolean") if isinstance(column.dtype, np.dtype) and column.dtype.kind == "b" else column


def _with_rows_below(answers, more):
    """The answers with empty rows below, in kinds of columns that do not turn 12 into 12.0."""
    place = np.r_[np.arange(len(answers)), np.repeat(-1, more)]
    return pd.DataFrame({column: _taken(answers[column], place) for column in answers.columns})


def _in_order(values, rows):
    return values[np.argsort(rows, kind="stable")]


def _index(index, more):
    """The index of the answers, numbered on for the customers that follow."""
    if not more:
        return index
    if not pd.api.types.is_integer_dtype(index.dtype):
        return pd.RangeIndex(len(index) + more)
    last = int(index.max()) if len(index) else -1
    return pd.Index([*index, *range(last + 1, last + 1 + more)], name=index.name, dtype="int64")


def _report(answers, customers, on, match, folded, of_answer, of_record, with_answers, without_answers):
    """What was joined and what was not, as plain numbers and lists."""
    there = set(zip(*[customers[column].astype(object) for column in on], strict=True))
    as_written = np.array([key in there for key in zip(*[answers[column].astype(object) for column in on], strict=True)], dtype=bool)
    joined = np.isin(match[:len(answers)], MATCH[:2])
    report = {"answers": len(answers), **{name: int((match == name).sum()) for name in MATCH}, "customers": len(customers),
              "with_answers": with_answers, "without_answers": without_answers}
    report |= {name: folded[name] for name in ("copies", "completing", "contradicting")}
    report |= {"customers_no_key": int((of_record < 0).sum()), "only_folded": int((joined & ~as_written).sum()),
               "repeated_answers": int(pd.DataFrame({k: _codes(answers[column]) for k, column in enumerate(answers)}).duplicated().sum())}
    groups = {}
    for row in folded["rows"].tolist():
        groups.setdefault(int(of_record[row]), []).append(row)
    wrong = [key for key in groups if folded["contradictory"][key]]
    report |= {"duplicate_keys": len(groups), "contradictory_keys": len(wrong),
               "unmatched_rows": spreadsheet_rows(answers, np.flatnonzero(match == "unmatched")),
               "no_key_rows": spreadsheet_rows(answers, np.flatnonzero(match == "no_key")),
               "duplicates": [spreadsheet_rows(customers, rows) for rows in list(groups.values())[:LISTED]],
               "contradictions": [{"rows": spreadsheet_rows(customers, groups[key]), "columns": _differing(folded, key)} for key in wrong[:LISTED]]}
    return report


def _differing(folded, key):
    return [str(column) for column, differs in folded["differ"].items() if differs[key]]
