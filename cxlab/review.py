"""People correct the machine's coding: sheets for them to fill in, and what comes back.

The blind sheet holds a random sample without the machine's codes: it alone tells how reliable the coding is. The review sheet shows what is
worth a look. Neither changes the codebook: terms are offered, with what each would catch, and a person decides (accepting them unseen made the
coding worse). An answer that helped to mend the codebook can no longer judge it.
"""

import collections
import pathlib
import re
import typing

import numpy as np
import pandas as pd

from .codebooks import OTHER, WHOLE_ONLY, folded, load_codebook, visible
from .coders import agreement, codes_of, generator
from .coding import code_answers
from .framework import CxError, number, say
from .grids import cell_text, open_records
from .privacy import mask
from .spreadsheets import guard, unguard

SHEETS = ("blind", "review")
ENDINGS = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv", ".txt")
FIXED = ("answer", "machine_codes", "second_codes", "why", "codes", "used_for_editing")
WIDTHS = {"answer": 70, "why": 40, "codes": 30, "name": 30}
MOST_REVIEWED = 1000  # answers: more than a person looks through
OFFERED = 10  # terms a code
LONGEST_CELL = 32_000  # letters; Excel cuts at 32,767
LONGEST_WHOLE_NUMBER = 11  # digits; a longer one Excel shows, and saves as CSV, as 1.2E+11
_NO = {"no", "n", "0", "false", "hayir", "h", "yanlis"}


class Review(typing.NamedTuple):
    """What `read_review` found, a frame each."""

    coded: pd.DataFrame
    reliability: pd.DataFrame
    overall: pd.DataFrame
    candidates: pd.DataFrame
    problems: pd.DataFrame


def review_sheets(answers, coded, folder, n=150, rng=None, book=None, second=None):
    """Write two workbooks in which people code answers themselves: `blind.xlsx`, to be filled in first, and `review.xlsx`.

    answers : Series of text. coded : from `code_answers` for these answers. folder : made if it is not there; sheets that are there are never
    replaced. n : answers in the blind sheet, a random draw of those coded, in random order. rng : seed or Generator (None: 0). book : the codebook,
    for the list of allowed codes on the second sheet; None: the bundled one, or the codes in use if they are not its own. second : another coding
    of the answers; where it differs from `coded` is reviewed.
    Both sheets keep the index of the answers and have empty columns `codes` (to be filled in, separated by ";") and `used_for_editing` (to be
    marked with an x if the answer led to a change of the codebook). The review sheet has the answers coded other or not at all and those in
    dispute, with the machine's codes and why, but none of the blind sheet, which it would give away; at most 1,000, a random draw.
    Answers stand there as they were written: cover personal data with `mask` before, if others are to read them.
    Returns a frame `sheet, file, n, of` (of: how many could have stood there); `.attrs["note"]` says what to do next.

    >>> import tempfile
    >>> answers = pd.Series(["çok pahalı", "uzun kuyruk", "lorem ipsum"])
    >>> review_sheets(answers, code_answers(answers, load_codebook()), tempfile.mkdtemp(), n=1, rng=1)
        sheet         file  n  of
    0   blind   blind.xlsx  1   3
    1  review  review.xlsx  1   1
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise CxError(say("review.n", n=n))
    rng, codes = generator(rng), _matched(answers, coded)
    second = None if second is None else codes_of(second).reindex(answers.index)
    there = np.flatnonzero(codes.notna() & answers.map(lambda text: isinstance(text, str) and bool(visible(text))))
    blind = rng.permutation(there)[:n]
    asked = [at for at in np.setdiff1d(there, blind) if _worth_a_look(codes.iloc[at], None if second is None else second.iloc[at])]
    shown = asked if len(asked) <= MOST_REVIEWED else np.sort(rng.choice(asked, MOST_REVIEWED, replace=False))
    extra = {"machine_codes": codes.map(";".join, na_action="ignore")}
    extra |= {} if second is None else {"second_codes": second.map(";".join, na_action="ignore")}
    extra |= {"why": coded["why"]} if isinstance(coded, pd.DataFrame) and "why" in coded else {}
    listed = _code_list(codes, book)
    folder = _empty_folder(folder)
    _write(folder / "blind.xlsx", _sheet(answers, blind, {}), listed)
    _write(folder / "review.xlsx", _sheet(answers, shown, extra), listed)
    result = pd.DataFrame({"sheet": SHEETS, "file": ["blind.xlsx", "review.xlsx"], "n": [len(blind), len(shown)], "of": [len(there), len(asked)]})
    result.attrs["note"] = say("review.next")
    return result


def read_review(folder, answers, coded, book=None):
    """What people wrote into the sheets of `review_sheets`: the corrected coding, how reliable the machine is, and terms it may lack.

    folder : with the sheets; every file in it whose name begins with blind or review is read, workbook or CSV as Excel saves it, and a
    half-filled sheet is fine. answers, coded : as given to `review_sheets`. book : the codebook; None: the codes listed in the workbooks.
    Codes may be separated by ; or , and written with capitals, spaces or by their name. Never changes the codebook. Returns a `Review`:
    coded : as given, with people's codes in place of the machine's, and `by_hand` (true/false); `why` is missing where the codes changed.
    reliability, overall : `agreement` of the person (first) and the machine (second) on the blind sheet alone, without answers marked
    `used_for_editing` in any sheet and without rows that hold an unknown code.
    candidates : `code, term, n_missed, n_right, n_wrong, n_new, examples, rows, blind_rows`: words and pairs of words of answers to which a person
    gave a code that the machine missed (n_missed of them, `rows`); how many of the answers coded by hand have the term and the code
    (n_right) or the term alone (n_wrong); how many answers it would newly give the code (n_new, masked examples of those nobody coded). At most 10
    a code. Who takes a term over marks its `blind_rows` as used_for_editing.
    problems : `sheet, row, value, problem`: what could not be used, with the row of the spreadsheet.

    >>> import tempfile
    >>> answers, folder = pd.Series(["çok pahalı", "uzun kuyruk"]), tempfile.mkdtemp()
    >>> coded = code_answers(answers, load_codebook())
    >>> _ = review_sheets(answers, coded, folder)
    >>> read_review(folder, answers, coded).overall[["n", "note"]]
       n      note
    0  0  not used
    """
    codes = _matched(answers, coded)
    files = _files(folder)
    listed = _listed_in(files) if book is None else {}
    allowed = listed or dict(_code_list(codes, book))
    found, problems = _coded_by_hand(files, answers, allowed)
    by_sheet = {sheet: found[found["sheet"] == sheet].set_index("place") for sheet in SHEETS}
    hand = {place: given for sheet in SHEETS for place, given in by_sheet[sheet]["codes"].items() if given}
    used = set(found.loc[found["used"], "place"])
    reliability = _reliability(by_sheet["blind"], codes, used)
    candidates = _candidates(answers, codes, hand, set(by_sheet["blind"].index))
    overall = pd.DataFrame([reliability.attrs["overall"]])
    overall.attrs["note"] = reliability.attrs["note"]
    return Review(_corrected(coded, codes, hand), reliability, overall, candidates, problems)


def _matched(answers, coded):
    """The machine's codes in the order of the answers; CxError unless both have the same index."""
    if not isinstance(answers, pd.Series):
        raise CxError(say("review.answers", kind=type(answers).__name__))
    codes = codes_of(coded)  # refuses an index with repeats
    if len(answers) != len(codes) or not answers.index.is_unique or not answers.index.isin(codes.index).all():
        raise CxError(say("review.other_answers", answers=number(len(answers)), coded=number(len(codes))))
    return codes.reindex(answers.index)


# ---- writing -----------------------------------------------------------------------------------------------------------------------------


def _worth_a_look(codes, second):
    return not codes or OTHER in codes or second is not None and set(second) != set(codes)


def _code_list(codes, book):
    """[(code, its names)] that people may use, in order."""
    used = {code for given in set(codes.dropna()) for code in given}
    book = load_codebook() if book is None else book
    known = {row["code"]: [row[name] for name in ("name", "name_tr") if isinstance(row.get(name), str)] for row in book.to_dict("records")}
    known |= {code: [] for code in (OTHER, *WHOLE_ONLY) if code not in known}
    special = [OTHER, *WHOLE_ONLY]
    return list(known.items()) if used <= set(known) else [(code, known.get(code, [])) for code in [*sorted(used - set(special)), *special]]


def _empty_folder(folder):
    """The folder as a Path, made if need be; CxError if sheets are there already."""
    folder = pathlib.Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CxError(say("review.no_folder", folder=folder, reason=error.strerror or error)) from error
    there = [path.name for path in _sheet_files(folder)]
    if there:
        raise CxError(say("review.there", folder=folder, files=", ".join(there)))
    return folder


def _sheet(answers, places, extra):
    """The rows of a sheet, its header first."""
    labels = answers.index.to_frame(index=False).iloc[places]
    names = [str(name) if name is not None and str(name).lower() not in FIXED else "row" for name in answers.index.names]
    columns = [answers, *extra.values()]
    cells = zip(*(column.iloc[places] for column in columns), strict=True)
    rows = [[*map(_label_cell, label), *row, None, None] for label, row in zip(labels.itertuples(index=False, name=None), cells, strict=True)]
    return [[*names, "answer", *extra, "codes", "used_for_editing"], *rows]


def _label_cell(label):
    text = _label(label)
    return int(text) if not isinstance(label, str) and re.fullmatch(rf"-?\d{{1,{LONGEST_WHOLE_NUMBER}}}", text) else text


def _label(label):
    return cell_text(label).strip()


def _write(path, rows, listed):
    """A workbook of the sheet and the list of codes; texts cannot become formulas."""
    from openpyxl import Workbook

    book = Workbook()
    _fill(book.active, path.stem, rows)
    _fill(book.create_sheet(), "codes", [["code", "name", "name_tr"], *([code, *names] for code, names in listed)])
    try:
        book.save(path)
    except OSError as error:
        raise CxError(say("spreadsheets.not_written", path=path, reason=error.strerror or error)) from error


def _fill(sheet, title, rows):
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font

    sheet.title, sheet.freeze_panes = title, "A2"
    wrapped, plain, bold = Alignment(wrap_text=True, vertical="top"), Font(), Font(bold=True)
    for i, row in enumerate(rows, 1):
        for j, value in enumerate(row, 1):
            cell = sheet.cell(i, j)
            cell.alignment, cell.font = wrapped, bold if i == 1 else plain
            if isinstance(value, str):
                text = ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST_CELL].encode("utf-8", "backslashreplace").decode()
                cell.value, cell.data_type = guard(text), "s"
            elif isinstance(value, int):
                cell.value = value
    for column, name in zip(sheet.columns, rows[0], strict=False):
        sheet.column_dimensions[column[0].column_letter].width = WIDTHS.get(name, 20)


# ---- reading -----------------------------------------------------------------------------------------------------------------------------


def _sheet_files(folder):
    """The files in a folder that are sheets, blind before review."""
    files = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in ENDINGS and path.is_file()]
    return [path for sheet in SHEETS for path in files if path.name.lower().startswith(sheet)]


def _files(folder):
    folder = pathlib.Path(folder)
    files = _sheet_files(folder) if folder.is_dir() else []
    if not files:
        raise CxError(say("review.no_sheets", folder=folder))
    return files


def _listed_in(files):
    """{code: its names} as on the second sheets of the workbooks; empty if there are none."""
    listed = {}
    for path in files:
        if path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".ods"):
            open_records(path)  # says what is wrong with a file that cannot be read
            sheets = pd.read_excel(path, sheet_name=None, dtype=str, engine="calamine", keep_default_na=False)
            table = sheets.get("codes", pd.DataFrame())
            for code, *names in table.itertuples(index=False, name=None):
                listed.setdefault(unguard(code).strip(), [unguard(name) for name in names if name])
    return {code: names for code, names in listed.items() if code}


def _coded_by_hand(files, answers, allowed):
    """What people filled in, `sheet, place, codes, used, certain`, a row an answer and sheet; and the frame of problems.

    place : of the answer. codes : None where only used_for_editing is marked. certain : every code was known.
    """
    levels = [answers.index.get_level_values(level) for level in range(answers.index.nlevels)]
    places = {key: place for place, key in enumerate(zip(*([_label(label) for label in level] for level in levels), strict=True))}
    known = _spellings(allowed)
    filled, problems = {}, []
    for path in files:
        sheet = next(sheet for sheet in SHEETS if path.name.lower().startswith(sheet))
        for row, key, answer, typed, mark in _rows(path):
            def problem(name, value=typed, path=path, row=row, **values):
                problems.append((path.name, row, value, say(f"review.{name}", **values)))

            used = bool(visible(mark)) and mark.strip() not in ("-", "–") and folded(mark) not in _NO
            place = places.get(key)
            if place is None or not _same_text(answers.iloc[place], answer):
                if typed or used:
                    problem("no_answer" if place is None else "other_text", answer=" / ".join(key))
                continue
            codes, unknown = _parse(typed, known, list(allowed))
            for code in unknown:
                problem("unknown_code", code, allowed=", ".join(allowed))
            before = filled.setdefault((sheet, place), {"codes": None, "used": False, "certain": True})
            before["used"] |= used
            before["certain"] &= not unknown
            if codes and before["codes"] not in (None, codes):
                problem("twice", kept=";".join(before["codes"]))
            before["codes"] = before["codes"] or codes or None
    rows = [(sheet, place, *entry.values()) for (sheet, place), entry in filled.items()]
    found = pd.DataFrame(rows, columns=["sheet", "place", "codes", "used", "certain"]).astype({"place": int, "used": bool, "certain": bool})
    problems = pd.DataFrame(problems, columns=["sheet", "row", "value", "problem"])
    return found, problems.astype({"sheet": "str", "row": int, "value": "str", "problem": "str"})


def _rows(path):
    """(spreadsheet row, key, answer, codes typed, mark) of the rows of a sheet with something in them."""
    at = None
    for row, cells in open_records(path).rows:
        cells = [unguard(cell).strip() for cell in cells]
        if at is None:
            names = [cell.lower() for cell in cells]
            if {"answer", "codes"} <= set(names):
                at = {name: names.index(name) for name in FIXED if name in names}
        elif any(cells):
            cells += [""] * (max(at.values()) + 1 - len(cells))
            mark = cells[at["used_for_editing"]] if "used_for_editing" in at else ""
            yield row, tuple(cells[:at["answer"]]), cells[at["answer"]], cells[at["codes"]], mark
    if at is None:
        raise CxError(say("review.no_header", file=path.name))


def _same_text(answer, cell):
    """Is a cell the text of an answer? A typing error mended by hand, or letters that the encoding of a CSV lacks, make no other answer."""
    words, seen = (set(folded(text[:LONGEST_CELL]).split()) for text in (answer if isinstance(answer, str) else "", cell))
    return 2 * len(words & seen) >= min(len(words), len(seen))


def _spellings(allowed):
    """{a spelling: the code}: codes as they are, folded, and their names."""
    known = {code: code for code in allowed}
    for code, names in [*((code, [code]) for code in allowed), *allowed.items()]:
        for name in filter(None, map(folded, names)):
            known.setdefault(name, code)
    return known


def _parse(typed, known, order):
    """(codes in the order of the codebook, what is no code) of a cell that a person filled in."""
    codes, unknown = set(), []
    for part in filter(None, map(str.strip, re.split(r"[;|\n]", typed))):
        whole = known.get(part) or known.get(folded(part))
        for piece in [part] if whole else filter(None, map(str.strip, re.split(r"[,/]", part))):
            code = known.get(piece) or known.get(folded(piece))
            if code:
                codes.add(code)
            else:
                unknown.append(piece)
    return tuple(code for code in order if code in codes), unknown


# ---- what follows from it ----------------------------------------------------------------------------------------------------------------


def _reliability(blind, codes, used):
    """Agreement of person and machine on the blind sheet, without what was used for editing."""
    filled = blind[blind["codes"].notna()]
    editing = filled.index.isin(list(used))
    kept = filled[~editing & filled["certain"]]
    machine = codes.iloc[kept.index]
    person = pd.Series(kept["codes"].tolist(), index=machine.index, dtype=object)
    result = agreement(person, machine)
    told = say("review.reliability", n=number(len(kept)), editing=number(editing.sum()), unknown=number((~filled["certain"] & ~editing).sum()))
    result.attrs["note"] = told
    return result


def _corrected(coded, codes, hand):
    """The machine's coding with people's codes in place of its own."""
    result = coded.copy() if isinstance(coded, pd.DataFrame) else pd.DataFrame(index=codes.index)
    result = result.reindex(codes.index)
    places, new = np.array(list(hand), dtype=int), codes.to_list()
    for place, given in hand.items():
        new[place] = given
    changed = np.array([place for place, given in hand.items() if set(given) != set(codes.iloc[place])], dtype=int)
    result["codes"] = pd.Series(new, index=codes.index, dtype=object)
    if "why" in result:
        result.iloc[changed, result.columns.get_loc("why")] = None
    for code in {code for given in [*hand.values(), *codes.iloc[places]] for code in given} & set(result.columns):  # 0/1 columns
        result.iloc[places, result.columns.get_loc(code)] = [int(code in given) for given in hand.values()]
    result["by_hand"] = np.isin(np.arange(len(result)), places)
    result.attrs = {"note": say("review.corrected", n=number(len(places)), changed=number(len(changed)))}
    return result


def _candidates(answers, codes, hand, blind):
    """The terms offered; see `read_review`."""
    columns = ["code", "term", "n_missed", "n_right", "n_wrong", "n_new", "examples", "rows", "blind_rows"]
    codes, missed = codes.tolist(), collections.defaultdict(dict)  # code → place → terms
    for place, given in hand.items():
        for code in set(given) - set(codes[place]) - {OTHER, *WHOLE_ONLY}:
            missed[code][place] = _terms(answers.iloc[place])
    offers = _offers(answers, hand, missed)
    where = _where(answers, range(len(answers)), {offer[1] for offer in offers})
    rows = []
    for code, term, places, right, wrong in offers:
        new = [place for place in where[term] if codes[place] is not None and code not in codes[place]]
        texts = list(dict.fromkeys(answers.iloc[[place for place in new if place not in hand]]))[:3]
        labels = [tuple(answers.index[place] for place in some) for some in (places, [place for place in places if place in blind])]
        rows.append((code, term, len(places), right, wrong, len(new), tuple(mask(texts)), *labels))
    return pd.DataFrame(rows, columns=columns).astype({"code": "str", "term": "str"})


def _offers(answers, hand, missed):
    """[(code, term, places missed, n_right, n_wrong)], the best of each code, judged on the answers coded by hand."""
    where = _where(answers, list(hand), {term for places in missed.values() for terms in places.values() for term in terms})
    offers = []
    for code, terms_at in sorted(missed.items()):
        found = []
        for term in {term for terms in terms_at.values() for term in terms}:
            places = [place for place in where[term] if place in terms_at]
            right = sum(code in hand[place] for place in where[term])
            wrong = len(where[term]) - right
            adds = " " not in term or len(places) > 1 and all(where.get(word) != where[term] for word in term.split())  # a pair more than its words
            if adds and right > wrong:
                found.append((code, term, places, right, wrong))
        offers += sorted(found, key=lambda offer: (-len(offer[2]), offer[4], offer[1]))[:OFFERED]
    return offers


def _terms(answer):
    """Words and pairs of neighbours of an answer, folded, as a codebook writes them."""
    words = folded(answer).split()
    fit = [len(word) > 2 and not word.isdigit() for word in words]
    single = [word for word, good in zip(words, fit, strict=True) if good]
    return {*single, *(f"{words[i]} {words[i + 1]}" for i in range(len(words) - 1) if fit[i] or fit[i + 1])}


def _where(answers, places, terms):
    """{term: those of the places whose answers it catches}, found as the codebook would: each term is tried as a code of its own."""
    where = {term: [] for term in sorted(terms)}
    book = pd.DataFrame({"code": [f"term:{term}" for term in where], "terms_tr": list(where), "terms_en": ""}, dtype="str")
    caught = code_answers(answers.iloc[list(places)], book, why=False)["codes"] if where else ()
    for place, given in zip(places, caught, strict=False):
        for code in given or ():
            if code.startswith("term:"):
                where[code.removeprefix("term:")].append(place)
    return where
