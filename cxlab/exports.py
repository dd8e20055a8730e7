"""The front door: the file of any survey tool becomes answers, questions and a report of what was found on the way.

`read_survey` recognises a file by what is in it. The steps stand below it: `grids.py` (file → records), `survey_cells.py` (records →
columns), `survey_sources.py` (which tool, which questions), `question_kinds.py` (what the answers are). Nothing is lost: what was
refused, set aside or guessed is in the report, with the row number that a spreadsheet shows.
"""

import dataclasses
import itertools
import pathlib
import re

import numpy as np
import pandas as pd

from .framework import CxError, number, say
from .grids import HEAD, open_records
from .question_kinds import Answers, Context, consent, decide, multiple, personal, texts, ticked
from .spreadsheets import unguard
from .survey_cells import LISTED, collect, each, letter, remark, tidy
from .survey_sources import RESPONDENT, Block, Source, clean, fold, same_option
from .survey_tools import SOURCES, recognise

SAME_TIME = np.timedelta64(60, "s")  # the same answers again within this time are reported
_RESPONDENT_ID = re.compile(rf"{RESPONDENT}|#|id|respondent|(response|submission|participant|katilimci|yanit|kayit) ?(id|no|number|numarasi|kimligi)")
SPOILT = {"lost_letter": re.compile("\ufffd"), "wrong_letter": re.compile("[ÞÐýðþ]|Ã[\x80-\xbf¼½¾¶§œŸ–‡]|Ä[±°Ÿ]|Å[Ÿž]|â€")}


@dataclasses.dataclass(repr=False, eq=False)
class Survey:
    """A survey file as read: what people answered, what they were asked, and everything that was noticed.

    answers : one row a respondent; the index, named "row", is the row of the spreadsheet. questions : a row a column with `text`, `kind`
    (single, multiple, open, scale, date, meta, personal, consent), `options`, `separator`, `source_columns`. personal : the columns with
    personal data, set aside. report : `row, column, value, problem, action`. source : the survey tool. counts : rows in the file =
    header rows + blank rows + set aside + read. set_aside : the refused rows as they were read.
    """

    answers: pd.DataFrame
    questions: pd.DataFrame
    personal: pd.DataFrame
    report: pd.DataFrame
    source: str
    counts: pd.Series
    set_aside: pd.DataFrame
    file: str = ""

    def __repr__(self):
        counts = {key: number(value) for key, value in self.counts.items()}
        return say("exports.summary", file=self.file, source=self.source, columns=number(self.answers.shape[1]),
                   personal=number(self.personal.shape[1]), remarks=number(len(self.report)), **counts)


def read_survey(path, source=None, encoding=None, separator=None, options=None):
    """Read the export of a survey tool: CSV, TSV, XLSX, XLS, XLSB, ODS or SAV. The file is never changed.

    path : the file. source : "surveymonkey", "google_forms", "google_sheets", "microsoft_forms", "qualtrics", "limesurvey", "typeform"
    or "plain", if the guess is wrong (an SPSS file is always "spss"). encoding : such as "cp1254". separator : one
    character, "tab", "comma" or "semicolon". options : `{question: choices}` for questions with several answers in one cell, by column
    name or question text; choices = the list of option texts (an option may hold commas), or the separator to cut at (";"), or False (it
    is one choice, do not cut). A new name with a list of headers makes one question of columns that hold only their own header.

    Returns a `Survey`. Raises `CxError`, saying what to do, if the file cannot be read as a survey.

    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "answers.csv"
    >>> _ = file.write_text("age;recommends\\n31;yes\\n44;no\\n28;yes\\n", encoding="utf-8")
    >>> read_survey(file).questions[["column", "kind"]]
           column    kind
    0         age   scale
    1  recommends  single
    """
    records = open_records(path, encoding, separator)
    name = pathlib.Path(path).name
    first, head, rows = _beginning(name, records)
    layout = records.layout or recognise([(row, [unguard(cell) for cell in cells]) for row, cells in head], records, source)
    width = _width(name, layout, head)
    _refuse_same_names(name, layout)
    last = head[layout.last][0]
    as_read = [cells for row, cells in head if row in layout.rows]
    below = ((row, cells) for row, cells in itertools.chain(first, rows) if row > last)
    tool = SOURCES.get(layout.source, Source(None, None))
    columns, numbers, blank, aside, noticed = collect(below, width, as_read, tool.refuse(layout.headers) if tool.refuse else None)
    if not len(numbers):
        raise CxError(say("exports.only_headers", file=name, n=len(aside)))
    context = Context(layout.source, records.kind == "workbook", records.separator, numbers, turkish=_is_turkish(layout.headers))
    blocks, options = _regrouped(records.blocks or tool.blocks(layout.headers, columns), columns, layout.headers, options)
    read = _questions(blocks, columns, context, layout.headers, options)
    _refuse_unanswered(name, read)
    remarks = records.remarks + layout.remarks + noticed + _letters(read, layout, context) + [r for q in read for r in q["answers"].remarks]
    remarks += _unanswered(read, numbers) + _same_respondent(read, numbers) + _same_answers(read, numbers)
    return _survey(name, layout, read, numbers, remarks, _counts(layout.last + 1, last, blank, len(aside), len(numbers)), aside)


def _counts(headers, last, blank, aside, read):
    """Title lines are counted as headers; the rows before the last header that are neither are blank."""
    whole = last + blank + aside + read
    return {"rows_in_file": whole, "header_rows": headers, "blank_rows": last - headers + blank, "set_aside": aside, "read": read}


def _beginning(name, records):
    """(first records, those with something in them, an iterator over the rest)."""
    rows = iter(records.rows)
    first, head = [], []
    for row, cells in rows:
        first.append((row, cells))
        if tidy("".join(cells)):
            head.append((row, cells))
        if len(head) == HEAD:
            break
    if not head:
        raise CxError(say("exports.empty", file=name))
    return first, head, rows


def _survey(name, layout, read, numbers, remarks, counts, aside):
    index = pd.Index(numbers, name="row")
    frames = [pd.DataFrame({q["column"]: q["answers"].values.array for q in read if (q["kind"] == "personal") is hidden}, index=index)
              for hidden in (False, True)]
    questions = pd.DataFrame([[q["column"], q["text"], q["kind"], q["answers"].options, q["answers"].separator, q["source_columns"]] for q in read],
                             columns=["column", "text", "kind", "options", "separator", "source_columns"])
    report = pd.DataFrame(remarks, columns=["row", "column", "value", "problem", "action"])
    report = report.astype({"row": "Int64", **dict.fromkeys(["column", "value", "problem", "action"], "str")})
    widest = max((len(cells) for _, cells in aside), default=0)
    headers = [" | ".join(dict.fromkeys(parts)) for parts in _header_cells(layout.headers, max(widest, 1))]
    refused = pd.DataFrame([cells + [""] * (widest - len(cells)) for _, cells in aside], columns=_unique(headers[:widest]),
                           index=pd.Index([row for row, _ in aside], name="row", dtype="int64"), dtype="str")
    return Survey(frames[0], questions, frames[1], report, layout.source, pd.Series(counts, dtype="int64"), refused, name)


def _width(name, layout, head):
    """Cells in a full row: as many as the headers. Most rows being longer means that headers and answers do not belong together."""
    width = max(len(header) for header in layout.headers)
    below = head[layout.last + 1:]
    longer = [(row, len(cells)) for row, cells in below if any(tidy(cell) for cell in cells[width:])]
    if len(longer) > 0.5 * len(below):
        raise CxError(say("exports.longer_than_header", file=name, row=longer[0][0], cells=longer[0][1], width=width))
    return width


def _refuse_same_names(name, layout):
    if layout.source not in SOURCES or SOURCES[layout.source].same_names:
        return
    seen = {}
    for i, cell in enumerate(layout.headers[0]):
        text = clean(cell)
        if text and text in seen:
            raise CxError(say("exports.same_name", file=name, name=text[:200], first=letter(seen[text]), second=letter(i)))
        seen.setdefault(text, i)


def _is_turkish(headers):
    return any(re.search("[ğşıİĞŞçÇöÖüÜ]|zaman", cell) for row in headers for cell in row)


# --- questions -------------------------------------------------------------------------------------------------------------------


def _questions(blocks, columns, context, headers, options):
    """A dictionary for each question: column, text, kind, answers, source_columns, and which rows answered it."""
    names = _unique([block.short or block.text or say("exports.no_name", column=letter(block.columns[0])) for block in blocks])
    chosen = _chosen(options, names, blocks, headers)
    cells = _header_cells(headers, len(columns))
    found = []
    for block, name in sorted(zip(blocks, names, strict=True), key=lambda pair: pair[0].kind != "date"):  # the order of day and month first
        kind, answers = _answers(block, name, columns, context, chosen)
        if name != (block.short or block.text) and block.text:
            answers.remarks.append(remark("same_text", column=name, value=block.text))
        answers.remarks += [_note(key, name, values, context) for key, values in block.notes]
        source = tuple(" | ".join(dict.fromkeys(cells[i])) or letter(i) for i in block.columns)
        found.append({"column": name, "text": block.text or name, "kind": kind, "answers": answers, "source_columns": source, "block": block,
                      "cells": [columns[i] for i in block.columns]})
    return sorted(found, key=lambda question: question["block"].columns)


def _answers(block, name, columns, context, chosen):
    """(kind, `Answers`) of one question. `chosen` wins over every guess."""
    cells = columns[block.columns[0]]
    if block.kind == "multiple":
        agreed = consent(block, cells) if len(block.columns) == 1 else None  # one box to tick
        return ("consent", agreed) if agreed else ("multiple", ticked(block, columns))
    if name in chosen:
        answers = multiple(name, cells, context, chosen[name])
        return answers.kind, answers
    what = personal(block, cells)
    if what:
        return "personal", Answers(texts(cells), "personal", remarks=[remark("personal", column=name, what=say(f"exports.what_{what}"))])
    if block.joined:
        answers = multiple(name, cells, context, block.joined)
        if not isinstance(block.joined, str):
            answers.remarks.append(remark("split", column=name, separator=answers.separator, n=len(answers.options)))
        return answers.kind, answers
    answers = decide(name, block, cells, context)
    return answers.kind, answers


def _note(key, column, values, context):
    """A line of the report for what a source noticed of a question; `at` = the rows (positions) that it concerns."""
    at = values.get("at")
    places = {name: value for name, value in values.items() if name != "at"}
    if at is not None:
        places |= {"row": int(context.rows[at[0]]), "n": len(at)}
    return remark(key, column=column, **places)


def _regrouped(blocks, columns, headers, options):
    """(blocks, options): columns whose headers are the options of a question that `options=` names become that question."""
    if not isinstance(options, dict):
        return blocks, options
    by_header = {}
    for i, cells in enumerate(columns):
        name = clean(headers[-1][i]) if i < len(headers[-1]) else ""
        if name and all(same_option(value, name) for value in cells.values):
            by_header.setdefault(name, i)
    for key, listed in options.items():
        texts = [clean(str(text)) for text in listed] if isinstance(listed, (list, tuple)) else []
        if not texts or not set(texts) <= set(by_header) or any(key in (block.text, block.short) for block in blocks):
            continue
        chosen = tuple(by_header[text] for text in texts)
        kept = []
        for block in blocks:
            left = [k for k, i in enumerate(block.columns) if i not in chosen]
            if block.kind == "multiple" and left and len(left) < len(block.columns):
                labels = tuple(block.labels[k] for k in left)
                block = dataclasses.replace(block, text="; ".join(labels[:3]), columns=tuple(block.columns[k] for k in left), labels=labels,
                                            ticks=tuple(block.ticks[k] for k in left))
            kept += [block] if left else []
        ticks = tuple(tuple(columns[i].values) or (text,) for i, text in zip(chosen, texts, strict=True))
        blocks = [*kept, Block(str(key), chosen, kind="multiple", labels=tuple(texts), ticks=ticks)]
        options = {name: value for name, value in options.items() if name != key}
    return sorted(blocks, key=lambda block: block.columns), options


def _unique(names):
    """Names made different by " (2)", " (3)" and so on."""
    taken, out = set(names), []
    for name in names:
        use, k = name, 1
        while use in out or (k > 1 and use in taken):
            k += 1
            use = f"{name} ({k})"
        out.append(use)
    return out


def _header_cells(headers, width):
    """For each column its header cells as the file has them; a question that stands once for several columns is repeated."""
    filled = []
    for r, row in enumerate(headers):
        row = [row[i].strip() if i < len(row) else "" for i in range(width)]
        if r < len(headers) - 1:
            row = list(itertools.accumulate(row, lambda before, cell: cell or before))
        filled.append(row)
    return [[row[i] for row in filled if row[i]] or [letter(i)] for i in range(width)]


def _chosen(options, names, blocks, headers):
    """What `options=` says, by column name. A key may be the column, the question's text or the header of the spreadsheet."""
    if options is None:
        return {}
    if not isinstance(options, dict):
        raise CxError(say("exports.options_shape", given=type(options).__name__))
    chosen = {}
    for key, value in options.items():
        keys = {str(key), clean(str(key))}
        at = [name for name, block in zip(names, blocks, strict=True) if keys & {name, block.text, block.short}]
        if not at:
            raise CxError(say("exports.options_unknown", key=key, allowed="; ".join(names)[:1500]))
        if value is None or value is False:
            value = False
        elif not isinstance(value, str):
            try:
                value = [str(option) for option in value]
            except TypeError:
                value = None
        if value is None or (value is not False and (not value or not all(value))):
            raise CxError(say("exports.options_shape", given=repr(options[key])[:200]))
        chosen.update(dict.fromkeys(at, value))
    return chosen


# --- what is worth knowing about the rows ---------------------------------------------------------------------------------------------


def _asked(read):
    """The questions proper: no ids, times, personal data or consent."""
    return [question for question in read if question["kind"] not in ("meta", "date", "personal", "consent")]


def _answered(questions, n):
    answered = np.zeros(n, dtype=bool)
    for question in questions:
        for cells in question["cells"]:
            answered |= cells.codes >= 0
    return answered


def _refuse_unanswered(name, read):
    asked = _asked(read)
    n = len(read[0]["cells"][0].codes) if read else 0
    if not read or (asked and not _answered(asked, n).any() and not _answered([q for q in read if q["kind"] == "consent"], n).any()):
        raise CxError(say("exports.nothing_answered", file=name, n=n))


def _unanswered(read, numbers):
    """Respondents who opened the survey and answered nothing are kept: who was asked is part of a base."""
    asked = _asked(read)
    empty = ~_answered(asked, len(numbers)) if asked else np.zeros(len(numbers), dtype=bool)
    return [remark("no_answers", row=int(numbers[empty][0]), n=int(empty.sum()))] if empty.any() else []


def _same_respondent(read, numbers):
    """Rows with a respondent number that came before."""
    lines = []
    for question in read:
        if question["kind"] != "meta" or not any(_RESPONDENT_ID.fullmatch(fold(question[name])) for name in ("text", "column")):
            continue
        codes = pd.Series(question["cells"][0].codes)
        again = codes.duplicated() & (codes >= 0)
        first = dict(zip(codes[~codes.duplicated()], numbers[~codes.duplicated()], strict=True))
        values, name = question["cells"][0].values, question["column"]
        at = np.flatnonzero(again)
        lines += [remark("same_id", row=int(numbers[i]), column=name, value=values[codes[i]], other=int(first[codes[i]])) for i in at[:LISTED]]
        if len(at) > LISTED:
            lines.append(remark("more_of_these", column=question["column"], n=len(at) - LISTED))
    return lines


def _same_answers(read, numbers):
    """Rows with the same answers as another row less than a minute before."""
    when = next((question for question in read if question["kind"] == "date"), None)
    asked = [cells for question in _asked(read) for cells in question["cells"]]
    if when is None or not asked:
        return []
    weights = np.random.default_rng(0).integers(1, 2**63, size=len(asked), dtype=np.uint64)
    key = np.zeros(len(numbers), dtype=np.uint64)
    for cells, weight in zip(asked, weights, strict=True):
        key += (cells.codes + 1).astype(np.uint64) * weight
    time = when["answers"].values.to_numpy(dtype="datetime64[s]")
    known = np.flatnonzero(~np.isnat(time) & _answered(_asked(read), len(numbers)))
    order = known[np.lexsort((numbers[known], time[known], key[known]))]
    again = (key[order][1:] == key[order][:-1]) & (time[order][1:] - time[order][:-1] <= SAME_TIME)
    pairs = sorted((int(numbers[order[i + 1]]), int(numbers[order[i]])) for i in np.flatnonzero(again))
    lines = [remark("same_answers", row=row, column=when["column"], other=other) for row, other in pairs[:LISTED]]
    return lines + ([remark("more_of_these", n=len(pairs) - LISTED)] if len(pairs) > LISTED else [])


def _letters(read, layout, context):
    """Letters that were lost before the file came here, and letters that show a wrong code page; personal data is not quoted."""
    lines = []
    for at, row in zip(layout.rows, layout.headers, strict=True):
        for i, cell in enumerate(row):
            for key, pattern in SPOILT.items():
                if pattern.search(cell):
                    lines.append(remark(key, row=at, column=letter(i), value=tidy(cell)))
    for question in read:
        for cells in question["cells"]:
            foreign = [i for i, value in enumerate(cells.values) if not value.isascii()]
            for key, pattern in SPOILT.items():
                found = each(key, question["column"], cells, context, [i for i in foreign if pattern.search(cells.values[i])])
                lines += [{**line, "value": None} if question["kind"] == "personal" else line for line in found]
    return lines
