"""Tables for spreadsheet programs: a stranger's answer must stay a text and never become a formula.

A spreadsheet that opens a file runs a cell that begins with `=`, `+`, `-` or `@`. So a leading apostrophe is put before such a
text when it is written (`guard`), and taken away when it is read back (`unguard`); the pair is exact, nothing is changed for good.
`exports.py` reads with it, `report.py` writes with it.
"""

import contextlib
import pathlib
import re

import pandas as pd

from .framework import CxError, say

# Not seen on a screen: spaces of all kinds, control characters but tab CR LF, soft hyphen, zero-width and direction marks, byte order mark.
_UNSEEN = (r"\x00-\x08\x0b\x0c\x0e-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u180b-\u180f\u2000-\u200f\u2028-\u202f"
           r"\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\ufff9-\ufffb")
_NEEDS_GUARD = re.compile(rf"[{_UNSEEN}]*[=+\-@\t\r\n'＝＋－＠]")
MOST_ROWS, LONGEST_TEXT = 1_048_576, 32_000  # of a sheet and of a cell, in a workbook
_JOINERS = (";", "|", "\n")  # between the choices of one cell: the first that none of the column's choices holds


def guard(text):
    """A text that a spreadsheet shows as it is: a leading apostrophe where its first visible character could start a formula.

    text : a text, or a Series of texts (each distinct text is looked at once). What is not a text is returned as it came.
    The first visible character is looked for behind spaces, non-breaking and zero-width characters and a byte order mark; one of
    `= + - @` (or its full-width form), tab, CR, LF or an apostrophe asks for the guard. `unguard` gives the text back exactly.
    Source: OWASP, "CSV Injection".

    >>> guard("=1+1"), guard("  -5 TL"), guard("5 - 4")
    ("'=1+1", "'  -5 TL", '5 - 4')
    """
    if isinstance(text, pd.Series):
        return _each_distinct(guard, text)
    return f"'{text}" if isinstance(text, str) and _NEEDS_GUARD.match(text) else text


def unguard(text):
    """The text as it was before `guard`; a text that `guard` cannot have written is left alone.

    text : a text, or a Series of texts. `unguard(guard(x)) == x` for every text.

    >>> unguard("'=1+1"), unguard("'90s music")
    ('=1+1', "'90s music")
    """
    if isinstance(text, pd.Series):
        return _each_distinct(unguard, text)
    return text[1:] if isinstance(text, str) and text.startswith("'") and _NEEDS_GUARD.match(text, 1) else text


def guard_frame(table):
    """The table as `to_csv` writes it: only plain cells, every text and column name guarded, several choices joined in one text.

    table : a DataFrame or Series. Numbers, dates and true/false keep their dtype (a number -5 stays -5); ordered categories become texts.
    The choices of a cell (tuple or list) are joined by ";", in a column where a choice itself holds ";" by "|", else by a line break.
    The index becomes the first columns if it has a name other than "row" (the spreadsheet row: the order of rows keeps that).
    """
    table = table.to_frame() if isinstance(table, pd.Series) else table
    if not isinstance(table, pd.DataFrame):
        raise CxError(say("spreadsheets.not_a_table", type=type(table).__name__))
    parts = [table.iloc[:, place] for place in range(table.shape[1])]  # by place: two columns may share a name
    if any(name not in (None, "row") for name in table.index.names):
        parts = [table.index.get_level_values(level).to_series(index=table.index) for level in range(table.index.nlevels)] + parts
        names = [*table.index.names, *table.columns]
    else:
        names = list(table.columns)
    plain = pd.DataFrame({place: _plain(part).reset_index(drop=True) for place, part in enumerate(parts)}, index=range(len(table)))
    plain.columns = pd.Index([guard(_name(name)) for name in names], dtype=object)
    return plain


def to_csv(table, path, separator=","):
    """Write a table for spreadsheet programs, so that nothing in it runs and `cx.read_survey` gives every text back exactly.

    table : a DataFrame (see `guard_frame`). path : the file, replaced if it is there. separator : "," or ";" (what a Turkish Excel
    expects on a double click).
    UTF-8 with a byte order mark and CR LF line ends, as Excel writes it; cells are quoted where they need it. Missing is an empty
    cell, and so is an empty text: the two cannot be told apart afterwards. Cells with several choices come back as such if
    `read_survey` is told their `options`. Returns the Path.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     to_csv(pd.DataFrame({"annoys": ["=1+1"], "likelihood": [-5]}), folder + "/answers.csv").read_text("utf-8-sig").splitlines()
    ['annoys,likelihood', "'=1+1,-5"]
    """
    if separator not in (",", ";"):
        raise CxError(say("spreadsheets.separator", separator=separator))
    path, plain = pathlib.Path(path), guard_frame(table)
    with writing(path):
        # an unpaired surrogate has no UTF-8 form: it is written as \udXXX, visibly, instead of stopping the export
        with path.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as file:
            plain.to_csv(file, index=False, sep=separator, lineterminator="\r\n")
    return path


def to_xlsx(tables, path):
    """Write tables as the sheets of one workbook, so that nothing in it runs.

    tables : {name of the sheet: DataFrame or Series}, or one table. Of a name only what a sheet can be called is kept (31 letters, none of
    []:*?/\\), and a number tells apart what is then alike. path : .xlsx, replaced if it is there.
    Cells as in `to_csv`: a text that could start a formula gets an apostrophe; texts are texts (0532 keeps its 0), numbers numbers, dates dates.
    Control characters, which a workbook cannot hold, are left out; a text ends after 32,000 letters. Returns the Path.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = to_xlsx({"actions": pd.DataFrame({"reason": ["=1+1"], "score": [2]})}, folder + "/actions.xlsx")
    ...     pd.read_excel(path, sheet_name="actions", engine="calamine").to_csv(index=False).splitlines()
    ['reason,score', "'=1+1,2"]
    """
    from openpyxl import Workbook

    path, tables = pathlib.Path(path), tables if isinstance(tables, dict) else {pathlib.Path(path).stem: tables}
    if path.suffix.lower() != ".xlsx":
        raise CxError(say("spreadsheets.ending", path=path))
    if not tables:
        raise CxError(say("spreadsheets.no_tables"))
    sheets = dict(zip(_sheet_names(tables), map(guard_frame, tables.values()), strict=True))
    for name, plain in sheets.items():
        if len(plain) >= MOST_ROWS:
            raise CxError(say("spreadsheets.too_long", sheet=name, n=len(plain), most=MOST_ROWS - 1))
    with writing(path):
        book = Workbook(write_only=True)
        for name, plain in sheets.items():
            sheet = book.create_sheet(name)
            sheet.append(list(map(_in_workbook, plain.columns)))
            for row in plain.astype(object).where(plain.notna(), None).itertuples(index=False, name=None):
                sheet.append(list(map(_in_workbook, row)))
        book.save(path)
    return path


@contextlib.contextmanager
def writing(path):
    """`CxError` where the file cannot be written."""
    try:
        if path.is_dir():
            raise CxError(say("spreadsheets.directory", path=path))
        if not path.parent.is_dir():
            raise CxError(say("spreadsheets.no_folder", path=path, folder=path.parent))
        yield
    except OSError as error:
        raise CxError(say("spreadsheets.not_written", path=path, reason=error.strerror or error)) from error


def _sheet_names(names):
    """What the sheets can be called: legal, and no two alike, in capitals or not."""
    legal = [re.sub(r"[\x00-\x1f\[\]:*?/\\]", " ", str(name)).strip(" '")[:31].strip() or "sheet" for name in names]
    found = []
    for name in legal:
        same, k = name, 1
        while same.casefold() in (other.casefold() for other in found):
            k += 1
            same = f"{name[:31 - len(str(k)) - 1]} {k}"
        found.append(same)
    return found


def _in_workbook(cell):
    """A cell as a workbook can hold it."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(cell, str):
        return ILLEGAL_CHARACTERS_RE.sub("", cell)[:LONGEST_TEXT].encode("utf-8", "backslashreplace").decode()
    return cell.isoformat() if getattr(cell, "tzinfo", None) is not None else cell


def _each_distinct(function, series):
    """The function on each distinct value once; missing and what is not a text stay."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        return series.cat.rename_categories([function(value) for value in series.cat.categories])
    if not (pd.api.types.is_object_dtype(series) or pd.api.types.is_string_dtype(series)):
        return series
    changed = {text: new for text in series[series.map(lambda value: isinstance(value, str))].unique() if (new := function(text)) != text}
    return series.map(lambda value: changed.get(value, value) if isinstance(value, str) else value) if changed else series


def _plain(column):
    """One column as numbers, dates or guarded texts."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object if pd.api.types.is_object_dtype(column.cat.categories) else column.cat.categories.dtype)
    if isinstance(column.dtype, (pd.PeriodDtype, pd.IntervalDtype)):
        column = column.astype(str).where(column.notna())
    if pd.api.types.is_object_dtype(column) and len(column):
        choices = {str(choice) for cell in column if isinstance(cell, (tuple, list)) for choice in cell}
        joiner = next((sign for sign in _JOINERS if not any(sign in choice for choice in choices)), _JOINERS[-1])
        column = column.map(lambda cell: _cell(cell, joiner))
    return guard(column)


def _cell(cell, joiner):
    if isinstance(cell, (tuple, list)):
        return joiner.join(str(choice) for choice in cell if not pd.isna(choice)) or None
    if isinstance(cell, str) or pd.api.types.is_number(cell) or pd.isna(cell) or hasattr(cell, "isoformat"):
        return cell
    return str(cell)


def _name(name):
    return " ".join(str(part) for part in name) if isinstance(name, tuple) else "" if name is None else str(name)
