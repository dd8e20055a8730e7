"""The codebook of open answers: a table that a trainer keeps in a spreadsheet, checked whenever it is read.

One row a code, with what it means and the terms that catch it in Turkish and English. `coding.py` applies it to answers. What a reader
of the table could not see (a prefix that catches half the language, a cell that the spreadsheet took for a formula) is refused or said.
"""

import collections
import pathlib
import re
import unicodedata
import uuid
import warnings

import pandas as pd

from .data import data_folder
from .framework import LANGUAGES, CxError, keys, language, say, use_language
from .grids import open_records
from .recognise import fold
from .spreadsheets import guard, to_csv, unguard, writing
from .survey_cells import tidy

COLUMNS = ("code", "name", "name_tr", "kind", "component", "description", "include", "exclude", "terms_tr", "terms_en")
OTHER, WHOLE_ONLY = "other", ("none", "dont_know")  # what is left over; what is meant only when nothing else is said
SHORTEST_PREFIX = 3
LONGEST_CELL = 32_767  # letters, in a workbook
Term = collections.namedtuple("Term", "code text words whole")  # words: folded, a prefix ends in *; none where the answer has no letters
_SPELT = str.maketrans({"ß": "ss", "ẞ": "ss", "\u0345": " "})  # as their capitals: SS, and a Greek letter of its own


def folded(text):
    """A text as it is compared: words of a-z and digits. Unchanged by capitals, Turkish or not, and by typing without diacritics.

    >>> folded("İNDİRİM  çok'tu / STRASSE") == folded("indirim coktu straße")
    True
    """
    return fold(text.translate(_SPELT))


def visible(text):
    """The text without spaces and without what no eye sees: control, direction and zero-width characters."""
    return "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cf", "Zs", "Zl", "Zp"))


def load_codebook(path=None):
    """A codebook of open answers: the bundled one, or your own as a spreadsheet program saves it.

    path : .xlsx, or text cut by ; , or tab in any encoding that Excel writes; None = the bundled `codebook.csv`. Columns needed: `code, name,
    name_tr, kind (need or want), component, description, include, exclude, terms_tr, terms_en`; others are kept. Terms are cut by " | ":
    `word`; `word*` a beginning of at least three letters; `two words` with up to two words between them (each may end in *);
    `=whole answer`. The terms of none and dont_know are whole answers always.
    Returns a frame of text, one row a code in the order of the file. What cannot be used is refused with its row and column. A `UserWarning`
    and `.attrs["note"]` tell of prefixes of three letters and of terms in two codes, with what they catch in a sample of phrases.

    >>> load_codebook()["code"].tolist()[:2]
    ['price', 'quality']
    """
    path = data_folder() / "codebook.csv" if path is None else path
    file, table = _read(path)
    book = table.reset_index(drop=True)
    book.attrs = {"file": file, "note": ""}
    _check_codes(table, file)
    note = _remarks(terms_of(book, rows=table.index), book)
    if note:
        warnings.warn(note, UserWarning, stacklevel=2)
        book.attrs["note"] = note
    return book


def terms_of(book, rows=None):
    """All terms of a codebook as a list of `Term`, each once a code; `CxError` with row and column for one that cannot be used.

    rows : the spreadsheet row of each code; None: counted from 2.
    """
    if not isinstance(book, pd.DataFrame) or not {"code", "terms_tr", "terms_en"} <= set(book):
        raise CxError(say("codebooks.not_a_codebook", type=type(book).__name__))
    found, rows = {}, range(2, len(book) + 2) if rows is None else rows
    for row, code, *cells in zip(rows, book["code"], book["terms_tr"], book["terms_en"], strict=True):
        for column, cell in zip(("terms_tr", "terms_en"), cells, strict=True):
            where = {"file": book.attrs.get("file", "codebook"), "row": row, "column": column}
            cell = cell if isinstance(cell, str) else ""
            if re.fullmatch(r"#[^\W\d_/]+[/0]*[!?]?", cell):
                raise CxError(say("codebooks.formula", value=cell, **where))
            for text in filter(None, map(str.strip, cell.split("|"))):
                found.setdefault((code, text), _term(code, text, where))
    return list(found.values())


def _term(code, text, where):
    whole, words = text.startswith("=") or code in WHOLE_ONLY, []
    for part in text.removeprefix("=").split():
        letters = folded(part).split()
        if "*" in part[:-1] or (part.endswith("*") and not letters):
            raise CxError(say("codebooks.star", term=text, **where))
        if part.endswith("*"):
            if len(letters[-1]) < SHORTEST_PREFIX:
                raise CxError(say("codebooks.short_prefix", term=text, least=SHORTEST_PREFIX, **where))
            letters[-1] += "*"
        words += letters
    if not words and (not whole or any(map(str.isalnum, text))):
        raise CxError(say("codebooks.no_letters", term=text, **where))
    return Term(code, text, tuple(words), whole)


# --- reading and checking ------------------------------------------------------------------------------------------------------


def _read(path):
    """(name of the file, frame of text cells whose index is the spreadsheet row)."""
    try:
        with pathlib.Path(path).open("rb") as file:
            first = file.readline(10_000)
    except (OSError, TypeError, ValueError):
        first = b""  # the next line says what is wrong with the path
    separator = max((";", ",", "\t"), key=lambda mark: first.count(mark.encode()))  # of the header alone: terms hold | and commas
    records = open_records(path, separator=None if first.lower().lstrip(b'\xef\xbb\xbf"').startswith(b"sep=") else separator)
    rows = [(row, [tidy(unguard(cell)) for cell in cells]) for row, cells in records.rows]
    (_, header), *rows = [(row, cells) for row, cells in rows if any(cells)]
    width = max(place for place, name in enumerate(header, 1) if name)
    names = header[:width]
    lost = [name for name in COLUMNS if name not in names]
    if lost:
        raise CxError(say("codebooks.missing_columns", file=records.file, columns=", ".join(lost), found=", ".join(names)[:500]))
    twice = [name for name, n in collections.Counter(names).items() if n > 1]
    if twice:
        raise CxError(say("codebooks.column_twice", file=records.file, column=twice[0]))
    if not rows:
        raise CxError(say("codebooks.no_codes", file=records.file))
    for row, cells in rows:
        if any(cells[width:]):
            raise CxError(say("codebooks.extra_cell", file=records.file, row=row, value=next(filter(None, cells[width:]))[:100], width=width))
    cells = [(cells + [""] * width)[:width] for _, cells in rows]
    table = pd.DataFrame(cells, columns=names, index=[row for row, _ in rows], dtype="str")
    return records.file, table[[*COLUMNS, *(name for name in names if name not in COLUMNS)]]


def _check_codes(table, file):
    """Every row has a code of its own, allowed words in kind and component, and terms."""
    first = {}
    for row, code, kind, component, turkish, english in table[["code", "kind", "component", "terms_tr", "terms_en"]].itertuples(name=None):
        if not code:
            raise CxError(say("codebooks.no_code", file=file, row=row))
        if code in first:
            raise CxError(say("codebooks.twice", file=file, row=row, code=code, first=first[code]))
        first[code] = row
        for column, value, allowed in (("kind", kind, keys("needs_wants")), ("component", component, keys("components"))):
            if value not in allowed and (value or code not in (OTHER, *WHOLE_ONLY)):
                raise CxError(say("codebooks.value", file=file, row=row, column=column, value=value, allowed=", ".join(allowed)))
        if code != OTHER and not (turkish + english).strip(" |"):
            raise CxError(say("codebooks.no_terms", file=file, row=row, code=code))


def _remarks(terms, book):
    """What a trainer should look at: greedy prefixes and terms of two codes, with what they catch; "" if there is nothing."""
    codes = collections.defaultdict(list)
    for term in terms:
        codes[term.words or visible(term.text), term.whole].append(term)
    shared = [same for same in codes.values() if len({term.code for term in same}) > 1]
    single = [term for term in terms if not term.whole and len(term.words) == 1]
    greedy = [term for term in single if term.words[0].endswith("*") and len(term.words[0]) == SHORTEST_PREFIX + 1]
    if not shared and not greedy:
        return ""
    from .coding import caught

    sample = pd.read_csv(data_folder() / "phrases.csv", keep_default_na=False)["text"]
    table = caught(sample, book).set_index(["code", "term"])["words"]

    def words(term):
        return ", ".join(table[term.code, term.text]) or "–"

    lines = [say("codebooks.greedy", code=term.code, term=term.text, words=words(term)) for term in greedy]
    for same in shared:
        lines.append(say("codebooks.shared", term=same[0].text, codes=", ".join(dict.fromkeys(term.code for term in same)), words=words(same[0])))
    return "\n".join(lines)


# --- writing -------------------------------------------------------------------------------------------------------------------


def save_codebook(book, path):
    """Write a codebook for a spreadsheet program; `load_codebook` gives the same book back.

    book : as from `load_codebook`. path : .csv (cut by ";", as a Turkish Excel expects; a text that could start a formula gets an apostrophe)
    or .xlsx, a template for trainers with a second sheet that explains the columns in both languages. Returns the Path.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load_codebook(save_codebook(load_codebook(), folder + "/ours.xlsx")).equals(load_codebook())
    True
    """
    terms_of(book)
    path = pathlib.Path(path)
    if path.suffix.lower() == ".csv":
        return to_csv(book, path, separator=";")
    if path.suffix.lower() != ".xlsx":
        raise CxError(say("codebooks.ending", path=path))
    return _written(path, _workbook(book, path).save)


def _workbook(book, path):
    from openpyxl import Workbook

    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "codebook"
    _fill(sheet, [list(book), *book.itertuples(index=False, name=None)], path, widths={"code": 16, "name": 22, "name_tr": 22, "kind": 9})
    explained = workbook.create_sheet("columns – sütunlar")
    rows = [["column", "English", "Türkçe"], *([name, *_in_both(name)] for name in COLUMNS)]
    _fill(explained, rows, path, widths={"column": 14})
    return workbook


def _in_both(column):
    """What a column holds, in every language of the kit."""
    shown, texts = language(), []
    try:
        for each in LANGUAGES:
            use_language(each)
            texts.append(say(f"codebooks.{column}_means", kinds=", ".join(keys("needs_wants")), components=", ".join(keys("components"))))
    finally:
        use_language(shown)
    return texts


def _fill(sheet, rows, path, widths):
    """Rows of text on a sheet, the header bold and frozen; nothing can become a formula."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font

    for row, values in enumerate(rows, 1):
        for column, value in enumerate(values, 1):
            text = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else ""
            if len(text) >= LONGEST_CELL:
                raise CxError(say("codebooks.too_long", path=path, row=row, column=rows[0][column - 1], limit=LONGEST_CELL))
            cell = sheet.cell(row, column)
            cell.value = guard(text) if text.startswith("'") else text
            cell.data_type, cell.quotePrefix = "s", guard(text) != text  # quotePrefix: the apostrophe that Excel keeps out of sight
            cell.alignment, cell.font = Alignment(wrap_text=True, vertical="top"), Font(bold=row == 1)
    for column, name in zip(sheet.columns, rows[0], strict=True):
        sheet.column_dimensions[column[0].column_letter].width = widths.get(name, 45)
    sheet.freeze_panes = "A2"


def to_qdc(book, path):
    """Write a codebook for programs of qualitative analysis (Taguette, ATLAS.ti, MAXQDA, NVivo): REFI-QDA codebook, .qdc.

    book : as from `load_codebook`. path : the file. Names are in the display language; each code keeps its guid from one export to the next.
    Source: REFI-QDA Standard 1.5, codebook exchange. Returns the Path.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     'name="Price"' in to_qdc(load_codebook(), folder + "/codes.qdc").read_text("utf-8")
    True
    """
    import xml.etree.ElementTree as ET

    terms_of(book)
    root = ET.Element("CodeBook", {"xmlns": "urn:QDA-XML:codebook:1.0", "origin": "cxlab"})
    codes = ET.SubElement(root, "Codes")
    named = "name_tr" if language() == "tr" else "name"
    for row in book.to_dict("records"):
        text = {column: value if isinstance(value, str) else "" for column, value in row.items()}
        name = _xml(text.get(named) or text.get("name") or text["code"])
        guid = uuid.uuid5(uuid.NAMESPACE_URL, f"cxlab/codebook/{_xml(text['code'])}")
        code = ET.SubElement(codes, "Code", {"guid": str(guid), "name": name, "isCodable": "true"})
        parts = [text.get("description"), *(say(f"codebooks.qdc_{part}", text=text[part]) for part in ("include", "exclude") if text.get(part))]
        ET.SubElement(code, "Description").text = _xml("\n".join(filter(None, parts)))
    ET.indent(root)
    return _written(pathlib.Path(path), lambda file: ET.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True))


def _xml(text):
    """Without the characters that no XML may hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def _written(path, write):
    with writing(path):
        write(path)
    return path
