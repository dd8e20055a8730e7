"""Columns of text cells: each distinct text once, and for each row which of them it holds.

A survey has many rows and few different answers, so what is done to a text (cleaning, recognising, counting) is done once for each
distinct text. `grids.py` delivers the records; everything above works on these columns.
"""

import collections
import dataclasses

import numpy as np

from .framework import say
from .spreadsheets import unguard

LISTED = 50  # lines in a report for one trouble of one column; the rest is counted
INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\u00ad"


@dataclasses.dataclass
class Cells:
    """One column: the distinct texts and, for each row, which of them it holds (-1 = empty)."""

    codes: np.ndarray
    values: list

    def counts(self):
        """How many rows hold each distinct text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))

    def first_rows(self, rows):
        """The first spreadsheet row of each distinct text."""
        first = np.zeros(len(self.values), dtype=np.int64)
        held = np.flatnonzero(self.codes >= 0)[::-1]
        first[self.codes[held]] = rows[held]
        return first


def remark(key, row=None, column=None, value=None, **values):
    """One line of a report: where, which value, what is wrong and what was done, in the display language."""
    places = {"column": column, "value": value, **values}
    return {"row": row, "column": column, "value": value, "problem": say(f"exports.{key}", **places), "action": say(f"exports.{key}_do", **places)}


def letter(position):
    """The spreadsheet's name of a column counted from 0.

    >>> letter(0), letter(26)
    ('A', 'AA')
    """
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(65 + rest) + name
    return name


def tidy(text):
    """A cell as a person sees it: spaces that do not break as plain ones, nothing invisible, no blanks around it."""
    text = text.strip()
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if text.isascii():
        return text
    text = text.replace("\xa0", " ").replace("\u202f", " ")
    return text.strip().strip(INVISIBLE).strip()


def collect(records, width, headers, refuse=None):
    """All data rows as columns of distinct texts. Rows that cannot be a respondent are counted or set aside, never lost.

    records : iterable of (spreadsheet row, cells). width : cells in a full row. headers : the header rows, to know one that is repeated.
    refuse : cells → key of a message if the row is no respondent. Returns (columns, rows, blank, aside, remarks): a `Cells` for each
    column, the spreadsheet row of each respondent, the number of blank rows, the refused rows as [(row, cells)], and what to report.
    """
    lookups, refused = [_numbering() for _ in range(width)], collections.defaultdict(list)
    parts, rows, buffer, blank, aside, remarks, short = [], [], [], 0, [], [], []
    known = [header + [""] * (width - len(header)) for header in headers]
    for row, cells in records:
        if len(cells) < width:
            short += [row] if len(cells) > 1 or tidy("".join(cells)) else []
            cells = cells + [""] * (width - len(cells))
        elif len(cells) > width:
            extra = [remark("extra_cell", row=row, column=letter(i), value=cells[i], width=width) for i in range(width, len(cells)) if tidy(cells[i])]
            if extra:
                aside.append((row, cells))
                remarks += extra
                continue
            cells = cells[:width]
        if not cells[0].strip() and not tidy("".join(cells)):
            blank += 1
        elif cells in known:
            aside.append((row, cells))
            remarks.append(remark("repeated_header", row=row))
        elif refuse and (key := refuse(cells)):
            aside.append((row, cells))
            refused[key].append(row)
        else:
            rows.append(row)
            buffer.append(cells)
            if len(buffer) == 5000:
                parts.append(_encode(buffer, lookups))
                buffer.clear()
    parts.append(_encode(buffer, lookups))
    remarks += [remark("short_rows", row=short[0], n=len(short), width=width)] if short else []
    remarks += [remark(key, row=found[0], n=len(found)) for key, found in refused.items()]
    columns = [_tidied(np.concatenate([part[i] for part in parts]), list(lookup)) for i, lookup in enumerate(lookups)]
    return columns, np.array(rows, dtype=np.int64), blank, aside, remarks


def _numbering():
    """A dictionary that gives each new text the next number."""
    numbers = collections.defaultdict()
    numbers.default_factory = numbers.__len__
    return numbers


def _encode(records, lookups):
    columns = zip(*records, strict=True) if records else [()] * len(lookups)
    return [np.fromiter(map(lookup.__getitem__, column), dtype=np.int32, count=len(records)) for lookup, column in zip(lookups, columns, strict=True)]


def _tidied(codes, texts):
    """Distinct texts after cleaning: the guard of `to_csv` undone, blanks gone; an empty cell is -1."""
    numbering = _numbering()
    clean = (tidy(unguard(text) if text.startswith("'") else text) for text in texts)
    new = np.array([numbering[text] if text else -1 for text in clean] or [-1], dtype=np.int32)
    return Cells(new[codes] if len(codes) else codes, list(numbering))


def each(key, column, cells, context, wanted):
    """A line for each row that holds one of the distinct texts `wanted`, up to a limit; the rest is counted in one line."""
    if not len(wanted):
        return []
    at = np.flatnonzero(np.isin(cells.codes, wanted))
    lines = [remark(key, row=int(context.rows[i]), column=column, value=cells.values[cells.codes[i]]) for i in at[:LISTED]]
    if len(at) > LISTED:
        lines.append(remark("more_of_these", row=int(context.rows[at[LISTED]]), column=column, n=len(at) - LISTED))
    return lines
