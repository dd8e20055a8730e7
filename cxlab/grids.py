"""From a file of any kind to text cells: the lowest step of `read_survey`.

Every cell is read as text, with the row number that a spreadsheet shows beside it (records, not lines: a quoted answer may hold
line breaks). Here stands everything that can be wrong with a file before one knows which survey tool wrote it.
"""

import codecs
import collections
import contextlib
import csv
import dataclasses
import datetime
import functools
import io
import math
import os
import pathlib
import re
import struct
import zipfile

import numpy as np

from .framework import CxError, number, say
from .survey_cells import remark, tidy

SAMPLE = 1 << 18  # bytes on which the kind of file, the encoding and the separator are judged
CHUNK = 1 << 20
LONGEST_LINE = 16 << 20  # bytes without a line break: no survey answer is that long
LONGEST_CELL = 1 << 20  # characters
LONGEST_RECORD = 1000  # lines; more means that a quotation mark was not closed
LARGEST_SHEET = 200_000_000  # cells; a stray mark in the last row and column of a sheet makes more
HEAD = 300  # records on which the source and the separator are judged
SEPARATORS = (",", ";", "\t", "|")
RARE_SEPARATORS = ("^", "~", "\x1f", ":")  # never guessed, only suggested
ONE_COLUMN = "\x1e"  # cuts nothing
NAMED_SEPARATORS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
MAGIC = (
    (b"\x89PNG", "picture"), (b"\xff\xd8\xff", "picture"), (b"GIF8", "picture"), (b"II*\x00", "picture"), (b"MM\x00*", "picture"),
    (b"RIFF", "picture"), (b"%PDF", "pdf"), (b"\x1f\x8b", "archive"), (b"7z\xbc\xaf", "archive"),
    (b"Rar!", "archive"), (b"{\\rtf", "document"), (b"SQLite format 3", "database"), (b"PAR1", "database"), (b"<stata_dta>", "database"),
)
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)
OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"


@dataclasses.dataclass
class Records:
    """The records of a file: `rows` gives (spreadsheet row, cells) one by one; the rest says how it was read."""

    rows: object
    kind: str  # "text" or "workbook"
    file: str
    separator: str = ""
    encoding: str = ""
    quoted: bool = False  # the first record has every cell in quotation marks
    remarks: list = dataclasses.field(default_factory=list)
    layout: object = None  # of a file that says itself what its columns are
    blocks: list = dataclasses.field(default_factory=list)


def open_records(path, encoding=None, separator=None):
    """The records of the file at `path`, whatever kind of file it is. Raises `CxError` with what to do if it is none."""
    path = _checked(path)
    try:
        with open(path, "rb") as file:
            sample = file.read(SAMPLE)
    except OSError as error:
        raise CxError(say("exports.unreadable", file=path.name, reason=error.strerror or "")) from None
    if not sample:
        raise CxError(say("exports.empty", file=path.name))
    _refuse_other_kinds(path, sample)
    if sample.startswith((b"$FL2", b"$FL3")):
        from .spss import open_spss

        return open_spss(path, encoding)
    if sample.startswith(OLE) or sample.startswith(ZIP):
        return _workbook(path, sample)
    return _text(path, sample, encoding, separator)


def _checked(path):
    try:
        path = pathlib.Path(path)
        kind = "directory" if path.is_dir() else "file" if path.is_file() else "other" if path.exists() else "missing"
    except (TypeError, ValueError, OSError):
        raise CxError(say("exports.no_path", path=repr(path)[:200])) from None
    if kind == "directory":
        raise CxError(say("exports.directory", path=path))
    if kind == "missing":
        raise CxError(say("exports.missing", path=path, folder=path.absolute().parent))
    if kind == "other":
        raise CxError(say("exports.no_path", path=path))
    return path


def _refuse_other_kinds(path, sample):
    for start, kind in MAGIC:
        if sample.startswith(start) and (kind != "picture" or b"\x00" in sample):
            raise CxError(say(f"exports.is_{kind}", file=path.name))
    start = sample.lstrip(b"\xef\xbb\xbf \t\r\n")[:2000].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<head", b"<meta", b"<!--")):
        raise CxError(say("exports.is_page", file=path.name))
    if re.match(rb'\{\s*("|\})|\[\s*[\{\["\]]', start) and not re.match(rb'\["?[\w.]+"?\]\s*[,;\t"]', start):
        raise CxError(say("exports.is_json", file=path.name))


def _unicode_by_bytes(sample):
    """The encoding that a byte order mark names, or that zero bytes in every second place give away; None for the rest."""
    for mark, name in MARKS:
        if sample.startswith(mark):
            return name
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if len(sample) >= 8 and max(even, odd) > 0.3 * len(sample) / 2 and min(even, odd) < 0.05 * len(sample) / 2:
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _text(path, sample, encoding, separator):
    found = _unicode_by_bytes(sample)
    if encoding is None and found not in ("utf-16", "utf-32", "utf-16-le", "utf-16-be"):
        control = sum(sample.count(bytes([b])) for b in (*range(1, 9), *range(14, 32))) - sample.count(b"\x1f")
        if control > 0.02 * len(sample) + 1 or sample.count(0) > 0.2 * len(sample) + 1:
            raise CxError(say("exports.is_binary", file=path.name))
    remarks = []
    used, errors = _encoding(path, found, encoding, remarks)
    beginning = _decoded(path, sample, used, errors)
    if not re.search(r"[^\s,;|\"]", beginning) and len(sample) < SAMPLE:
        raise CxError(say("exports.empty", file=path.name))
    named = re.match(r'"?sep=(.)"?\r?\n', beginning)
    if named:
        beginning = beginning[named.end():]
    used_separator, quoting = _separator(path, beginning, separator if separator is not None or not named else named[1], remarks)
    first = re.split(r"\r\n|\n|\r", beginning, maxsplit=1)[0]
    quoted = bool(re.fullmatch(rf'(?:"(?:[^"]|"")*"{re.escape(used_separator)})*"(?:[^"]|"")*"?', first)) and first.startswith('"')
    rows = _csv_rows(path, used, errors, used_separator, quoting, bool(named), remarks)
    return Records(rows, "text", path.name, used_separator, used, quoted, remarks)


def _encoding(path, found, encoding, remarks):
    """(encoding, what to do with bytes that do not fit it). Reads the file once, in pieces."""
    if encoding is not None:
        try:
            info = codecs.lookup(encoding)
        except (LookupError, TypeError, ValueError):
            info = None
        if info is None or not getattr(info, "_is_text_encoding", True) or info.name in ("undefined", "idna", "punycode"):
            raise CxError(say("exports.unknown_encoding", encoding=encoding))
        _fits_utf8(path)
        return ("utf-8-sig" if info.name == "utf-8" else info.name), "strict"
    fits = _fits_utf8(path)
    if found in (None, "utf-8-sig") and fits:
        return "utf-8-sig", "strict"
    if found == "utf-8-sig" or (found is None and _nearly_utf8(path)):
        remarks.append(remark("encoding_damaged"))
        return "utf-8-sig", "replace"
    used = found or "cp1254"
    remarks.append(remark("encoding_used", encoding=used))
    return used, "replace"


def _fits_utf8(path):
    """Is the whole file UTF-8? Refuses a file with a line that no survey can have, without reading on."""
    decoder, fits, run = codecs.getincrementaldecoder("utf-8")(), True, 0
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
            run = len(chunk) - last - 1 if last >= 0 else run + len(chunk)
            if run > LONGEST_LINE:
                raise CxError(say("exports.one_line", file=path.name, size=number(os.path.getsize(path) / 1e6, 1), limit=LONGEST_LINE >> 20))
            if fits:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    fits = False
    return fits and not decoder.getstate()[0]


def _nearly_utf8(path):
    """A few broken bytes in a text that is otherwise clearly UTF-8: reading all of it as cp1254 would spoil every other letter."""
    with open(path, "rb") as file:
        data = file.read(4 * CHUNK)
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd") - data.count("\ufffd".encode())
    return len(re.findall("[^\x00-\x7f\ufffd]", text)) >= 5 * max(broken, 1)


def _decoded(path, sample, encoding, errors):
    try:
        text = codecs.getincrementaldecoder(encoding)(errors).decode(sample)
    except UnicodeError:
        raise CxError(say("exports.wrong_encoding", file=path.name, encoding=encoding)) from None
    except Exception:  # a codec of Python that is not meant for files
        raise CxError(say("exports.unknown_encoding", encoding=encoding)) from None
    text = text.lstrip("\ufeff").replace("\0", "")
    if len(sample) == SAMPLE and (end := max(text.rfind("\n"), text.rfind("\r"))) > 0:
        text = text[:end]
    return text


def _head(text, separator, quoting=csv.QUOTE_MINIMAL):
    """The first records of a text, those with something in them."""
    with _long_cells():
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)
        records = []
        try:
            for record in reader:
                if any(cell.strip() for cell in record):
                    records.append(record)
                if len(records) == HEAD:
                    break
        except csv.Error:
            return []
    return records


def _agreement(text, separator, quoting=csv.QUOTE_MINIMAL):
    """(share of records with the usual number of cells, that number); lower when the header is not among them."""
    records = _head(text, separator, quoting)
    widths = collections.Counter(len(record) for record in records)
    if not widths:
        return 0, 1
    width, n = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width == 1 and len(records) <= 2 and len(records[0]) > 1:
        width = len(records[0])
    share = n / len(records)
    alike = len({len(record) for record in records[1:]}) == 1 and separator != ","
    titled = (width >= 5 or alike) and any(len(record) == width for record in records[1:3])  # a line with a title above the headers
    if len(records[0]) != width and not titled:
        share /= 2
    return share, width


def _separator(path, text, given, remarks):
    """(separator, quoting): the one that cuts the records into the same number of cells, unless it was given."""
    found = {mark: _agreement(text, mark) for mark in SEPARATORS}
    cuts = {mark: (round(share, 1), width) for mark, (share, width) in found.items() if width > 1 and share > 0.5}
    best = max(cuts, key=cuts.get) if cuts else None
    if given is not None:
        used = _given_separator(given)
        share, width = _agreement(text, used)
        if best and best != used and found[best][0] >= 0.8 and (width == 1 or share < 0.8) and found[best][1] > width:
            raise CxError(say("exports.wrong_separator", file=path.name, separator=_shown(used), seems=_shown(best)))
    else:
        used = best or ","
        if best is None:
            _refuse_rare_separator(path, text)
            used = "," if any(len(record) > 1 for mark in SEPARATORS for record in _head(text, mark)[:1]) else ONE_COLUMN
    if used not in (",", ONE_COLUMN):
        remarks.append(remark("separator_used", separator=_shown(used)))
    return used, _tab_quoting(text) if used == "\t" else csv.QUOTE_MINIMAL


def _given_separator(given):
    used = NAMED_SEPARATORS.get(given.lower(), given) if isinstance(given, str) else given
    if not isinstance(used, str) or len(used) != 1 or used in '"\r\n\0\ufeff':
        raise CxError(say("exports.bad_separator", separator=repr(given)[:50]))
    return used


def _shown(separator):
    return {"\t": "\\t", "\x1f": "\\x1f"}.get(separator, separator)


def _refuse_rare_separator(path, text):
    for mark in RARE_SEPARATORS:
        share, width = _agreement(text, mark)
        if share == 1 and width >= 3 and len(_head(text, mark)) >= 3:
            raise CxError(say("exports.wrong_separator", file=path.name, separator=",", seems=_shown(mark)))


def _tab_quoting(text):
    """Google Sheets writes tabs without quotation marks, so that one in an answer is an ordinary character; Excel uses them."""
    quoted, plain = _agreement(text, "\t")[0], _agreement(text, "\t", csv.QUOTE_NONE)[0]
    swallowed = len(_head(text, "\t", csv.QUOTE_NONE)) > len(_head(text, "\t"))
    return csv.QUOTE_NONE if plain > quoted or (plain == 1 and swallowed) else csv.QUOTE_MINIMAL


@contextlib.contextmanager
def _long_cells():
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _csv_rows(path, encoding, errors, separator, quoting, skip_first, remarks):
    """Yields (spreadsheet row, cells) of a text file; what was odd about its bytes joins `remarks` at the end."""
    from tqdm.auto import tqdm

    source = _Lines()
    bar = tqdm(total=os.path.getsize(path), unit="B", unit_scale=True, delay=2, leave=False, desc=say("exports.reading", file=path.name))
    row = 0
    try:
        with open(path, encoding=encoding, errors=errors, newline="") as stream, bar, _long_cells():
            if skip_first:
                stream.readline()
            for row, record in enumerate(csv.reader(source.of(stream), delimiter=separator, quoting=quoting), 1):
                source.done = True
                if row % 1000 == 0:
                    bar.update(source.length)
                    source.length = 0
                if len(source.tail) > 1 and quoting == csv.QUOTE_MINIMAL and not _well_quoted(source.tail, separator):
                    remarks.append(remark("quote_spans", row=row, n=len(source.tail)))
                yield row, record
    except UnicodeError:
        raise CxError(say("exports.wrong_encoding", file=path.name, encoding=encoding)) from None
    except csv.Error:
        raise CxError(say("exports.open_quote", file=path.name, row=row + 1)) from None
    if source.zeros:
        remarks.append(remark("zero_bytes", n=source.zeros))
    if quoting == csv.QUOTE_MINIMAL and source.open_at_end(separator):
        if len(source.tail) > 1:
            raise CxError(say("exports.open_quote", file=path.name, row=row))
        remarks.append(remark("cut_off", row=row))


def _well_quoted(lines, separator):
    """Does a separator or the end follow on every closing mark? Not so where an answer runs on to the opening mark of a later row."""
    with _long_cells():
        try:
            return bool(list(csv.reader(lines, delimiter=separator, strict=True)))
        except csv.Error:
            return False


class _Lines:
    """Hands lines to the csv reader and remembers those of the record under way, to see whether a quotation mark stays open."""

    def __init__(self):
        self.tail, self.done, self.zeros, self.length = [], False, 0, 0

    def of(self, stream):
        first = True
        for line in stream:
            if first:
                line, first = line.lstrip("\ufeff"), False
            if "\0" in line:
                self.zeros += line.count("\0")
                line = line.replace("\0", "")
            if self.done:
                self.tail.clear()
                self.done = False
            self.tail.append(line)
            self.length += len(line)
            if len(self.tail) > LONGEST_RECORD:
                raise csv.Error
            yield line

    def open_at_end(self, separator):
        """Would a further line be swallowed by the last record?"""
        if not any('"' in line for line in self.tail):
            return False
        with _long_cells():
            return len(list(csv.reader([*self.tail[:-1], self.tail[-1].rstrip("\r\n") + "\n", "x"], delimiter=separator))) == 1


def _workbook(path, sample):
    """The records of the first sheet with something in it, by content: the ending of the name is not looked at."""
    if sample.startswith(ZIP):
        _refuse_other_zips(path)
    try:
        book, sheets = _sheets(path)
    except CxError:
        raise
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the reader is written in Rust: what it panics with is no Exception
        key = "password" if type(error).__name__ == "PasswordError" or _is_encrypted(path) else "broken_workbook"
        raise CxError(say(f"exports.{key}", file=path.name)) from None
    if not sheets:
        raise CxError(say("exports.empty", file=path.name))
    name, cells = sheets[0]
    remarks = []
    if len(book) > 1:
        others = [other for other in book if other != name]
        remarks.append(remark("sheet_used", sheet=name, others=", ".join(others)))
    texts = ((row, [cell if type(cell) is str else cell_text(cell) for cell in record]) for row, record in enumerate(cells, 1))
    return Records(texts, "workbook", path.name, remarks=remarks)


def _sheets(path):
    """(all sheet names, [(name, cells)] of the first sheet that is not empty); visible sheets come before hidden ones."""
    import python_calamine

    with open(path, "rb") as file:
        book = python_calamine.CalamineWorkbook.from_filelike(file)
        listed = sorted(book.sheets_metadata, key=lambda sheet: "Visible" not in str(sheet.visible) or "VeryHidden" in str(sheet.visible))
        for meta in listed:
            if "WorkSheet" not in str(meta.typ):
                continue
            sheet = book.get_sheet_by_name(meta.name)
            if sheet.height * sheet.width > LARGEST_SHEET:
                raise CxError(say("exports.huge_sheet", file=path.name, sheet=meta.name))
            cells = sheet.to_python(skip_empty_area=False)
            if any(cell != "" and tidy(str(cell)) for record in cells for cell in record):
                return book.sheet_names, [(meta.name, cells)]
    return [], []


def _is_encrypted(path):
    with open(path, "rb") as file:
        return "EncryptedPackage".encode("utf-16-le") in file.read(1 << 24)


def _refuse_other_zips(path):
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, UnicodeError, IndexError, struct.error):
        raise CxError(say("exports.broken_workbook", file=path.name)) from None
    if any(name.startswith("xl/") or name == "content.xml" for name in names):
        return
    if any(name.endswith(".iwa") or name.startswith("Index/") or name == "Index.zip" for name in names):
        raise CxError(say("exports.is_numbers", file=path.name))
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise CxError(say("exports.is_document", file=path.name))
    raise CxError(say("exports.is_archive", file=path.name))


@functools.lru_cache(maxsize=1 << 17, typed=True)  # typed: TRUE is not 1
def cell_text(cell):
    """A cell of a workbook as the spreadsheet shows it: 5.0 is "5", a long id keeps all its digits, a date is ISO text.

    >>> cell_text(118123456789.0), cell_text(0.1 + 0.2), cell_text(True)
    ('118123456789', '0.3', 'TRUE')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return str(cell)
        return str(int(cell)) if cell == int(cell) and abs(cell) < 1e21 else np.format_float_positional(float(f"{cell:.15g}"), trim="-")
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ")
    return "" if cell is None else str(cell)
