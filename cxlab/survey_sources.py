"""How survey tools lay out their header rows and their columns; here SurveyMonkey, Google and plain tables, the others in `survey_tools.py`.

A source is two small functions. `find` looks at the first records and says where the header rows are (None: not mine); `blocks`
turns the headers and the columns below them into questions (`Block`). What the answers mean is decided later, in
`question_kinds.py`, the same for every source. A new tool is one more line in `SOURCES`; the first that recognises the file has it.
"""

import dataclasses
import html
import re
from collections.abc import Callable

from .framework import say
from .survey_cells import letter, tidy

_TAG = re.compile(r"</?(?:a|b|i|u|s|p|br|hr|em|strong|span|div|font|sup|sub|small|big|ul|ol|li|h[1-6]|img|table|tr|td|center|label)\b[^<>]*>", re.I)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}\d?);", re.I)
_ASCII = str.maketrans("ıİşŞğĞüÜöÖçÇâÂîÎûÛéÉèêàáäÄóôíúñ", "iissgguuooccaaiiuueeeeaaaaooiun")

_ID = r"(id|kimligi|no|numarasi|kimlik no|kimlik numarasi)"
RESPONDENT = rf"respondent ?id|(katilimci|yanitlayan|yanitlayici|yanitlayanin|cevaplayan|cevaplayici) ?{_ID}"
COLLECTOR = rf"collector ?id|(toplayici|yanit toplayici) ?{_ID}"
SURVEYMONKEY_META = {
    RESPONDENT: "meta", COLLECTOR: "meta", r"custom (data|value|variable)( ?\d+)?|ozel (veri|veriler|deger)( ?\d+)?": "meta",
    r"collector name|toplayici adi|language|dil|response status|yanit durumu": "meta",
    r"start date|end date|date created|date modified|baslangic tarihi|bitis tarihi|baslama tarihi|olusturma tarihi|degistirilme tarihi": "date",
    r"ip address|ip adresi|email address|e ?mail address|e ?posta adresi|e ?posta|first name|last name|ad|adi|soyad|soyadi|isim": "personal",
}
CLOSED_MARKS = {"response", "responses", "yanit", "cevap"}
OPEN_MARKS = {"open ended response", "acik uclu yanit", "acik uclu cevap", "ucu acik yanit", "acik uclu yanitlar"}
OTHER = re.compile(r"(other|diger|baska)\b.*(specify|explain|describe|belirt|yaz|acikla)|other|diger|(please specify|lutfen belirt\w*)")
TIMESTAMP = re.compile(r"timestamp|zaman damgasi")
_CODE = re.compile(r"-?\d+|[A-Za-z]{1,4}\d+(?:[._-]?\w{1,6})*")


@dataclasses.dataclass
class Block:
    """One question: its text and the columns (from 0) that hold its answers.

    kind : None = by its values; "multiple" = one column an option, `labels` the options; else fixed. label : the part of a question
    that has several columns (a row of a grid, a text box). hint : "open" or "closed", what the file says of a question's form.
    ticks : for "multiple", the texts in each column that mean ticked. joined : for several choices in one cell, the separator or the
    options to cut at. notes : what to report, as (key of a message, its values).
    """

    text: str
    columns: tuple
    kind: str | None = None
    label: str = ""
    labels: tuple = ()
    ticks: tuple = ()
    hint: str = ""
    short: str = ""
    joined: str | tuple = ()
    notes: tuple = ()


@dataclasses.dataclass
class Layout:
    """Where the headers of a file are: their cells as read, their spreadsheet rows, and the position of the last in the first records."""

    source: str
    headers: list
    last: int
    rows: list
    remarks: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Source:
    """A survey tool: `find(head, records, forced)` → positions of its header rows or None; `blocks(headers, columns)` → list of `Block`.

    refuse : `refuse(headers)` → a function of the cells of a row that gives the key of a message if the row is no respondent.
    """

    find: Callable
    blocks: Callable
    same_names: bool = False  # may two questions have one text?
    refuse: Callable | None = None


def clean(text):
    """A question or option without HTML, entities, non-breaking spaces and line breaks.

    >>> clean("<b>What&nbsp;annoys</b> you<br>most?")
    'What annoys you most?'
    """
    text = _TAG.sub(lambda tag: " " if re.match(r"</?(?:br|p|div|li|td|tr|h\d)\b", tag[0], re.I) else "", text)
    text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return " ".join(tidy(text).split())


def fold(text):
    """Small Latin letters, digits and single spaces only: for comparing words across languages and spellings.

    >>> fold("Zaman Damgası "), fold("IP-Adresi")
    ('zaman damgasi', 'ip adresi')
    """
    return re.sub(r"[^a-z0-9#]+", " ", clean(text).translate(_ASCII).lower()).strip()


def same_option(cell, option):
    """Is a cell the text of an option, whatever its case, blanks and HTML?"""
    return cell == option or clean(cell).casefold() == clean(option).casefold()


# --- SurveyMonkey: one to three header rows -------------------------------------------------------------------------------------


def _surveymonkey_kind(header):
    folded = fold(header)
    return next((kind for pattern, kind in SURVEYMONKEY_META.items() if re.fullmatch(pattern, folded)), None)


def _marks(cells):
    """How many cells are what SurveyMonkey writes in its second header row."""
    folded = [fold(cell) for cell in cells if len(cell) < 60]
    return sum(cell in CLOSED_MARKS | OPEN_MARKS or bool(re.match(r"(other|diger) .*(specify|belirt)", cell)) for cell in folded)


def _find_surveymonkey(head, records, forced):
    for position, (_, cells) in enumerate(head[:5]):
        ids = [i for i, cell in enumerate(cells) if re.fullmatch(RESPONDENT, fold(cell))]
        below = head[position + 1][1] if position + 1 < len(head) else []
        if ids:
            collectors = any(re.fullmatch(COLLECTOR, fold(cell)) for cell in cells)
            second = not cell_at(below, ids[0]) and _marks(below)
            if not (forced or collectors or second or _has_second_row(head, position, ids[0])):
                continue
        elif not (_marks(below) >= 2 and _tops_blocks(cells, below)):
            continue
        return _surveymonkey_rows(head, position, ids)
    return [0] if forced and head else None


def cell_at(cells, i):
    return tidy(cells[i]) if i < len(cells) else ""


def _has_second_row(head, position, at):
    rows = [cells for _, cells in head[position + 1:position + 3]]
    return len(rows) == 2 and not cell_at(rows[0], at) and bool(re.search(r"\d", cell_at(rows[1], at))) and _has_gaps(head[position][1])


def _has_gaps(cells):
    filled = [bool(tidy(cell)) for cell in cells]
    return not all(filled)


def _tops_blocks(above, below):
    """Does every mark of the second row stand under a question, or to the right of one?"""
    return bool(cell_at(above, 0)) and _marks(above) == 0 and sum(bool(tidy(cell)) for cell in above) >= 0.3 * sum(bool(tidy(cell)) for cell in below)


def _surveymonkey_rows(head, anchor, ids):
    """The positions of all header rows around the one that names the meta columns."""
    cells = head[anchor][1]
    meta = [i for i, cell in enumerate(cells) if _surveymonkey_kind(cell)]
    first = next((p for p in range(anchor) if sum(bool(tidy(cell)) for cell in head[p][1]) > 1), anchor)
    rows = list(range(first, anchor + 1))
    while len(rows) < 3 and rows[-1] + 1 < len(head):
        row = head[rows[-1] + 1][1]
        after = [cells for _, cells in head[rows[-1] + 2:rows[-1] + 5 - len(rows)]]
        told = any(cell_at(cells, i) for cells in after for i in meta)
        if any(re.search(r"\d", cell_at(row, i)) for i in meta) or any(cell_at(row, i) and cell_at(row, i) != cell_at(cells, i) for i in ids):
            break
        filled = [tidy(cell) for i, cell in enumerate(row) if i not in meta and tidy(cell)]
        coded = bool(filled) and all(_CODE.fullmatch(cell) for cell in filled)
        second = len(rows) == 1 and (_marks(row) or (meta and (told or not after)))
        third = len(rows) == 2 and ((_marks(row) and not _marks(head[rows[-1]][1])) or (told and (coded or len(meta) > 1)))
        if not (second or third):
            break
        rows.append(rows[-1] + 1)
    return rows


def _surveymonkey_blocks(headers, columns):
    width = len(columns)
    rows = [[cell_at(row, i) for i in range(width)] for row in headers]
    if len(rows) == 1:
        return _one_row_blocks(rows, columns, _surveymonkey_kind)
    named = next((row for row in rows if any(re.fullmatch(RESPONDENT, fold(cell)) for cell in row)), rows[0])
    meta = {i: kind for i in range(width) if (kind := _surveymonkey_kind(named[i])) and all(
        not row[i] or row[i] == named[i] or _CODE.fullmatch(row[i]) for row in rows)}
    question, option, code = _roles(rows, [i for i in range(width) if i not in meta])
    blocks = [Block(clean(named[i]), (i,), kind=kind) for i, kind in meta.items()]
    for group in _groups(question, option, [i for i in range(width) if i not in meta and (question[i] or option[i] or columns[i].values)]):
        blocks += _block(question, option, code, group, columns)
    return sorted(blocks, key=lambda block: block.columns)


def _roles(rows, body):
    """Which header row holds the questions, which the options, and which (if there are three) only codes."""
    blank = [""] * len(rows[0])
    if len(rows) == 2:
        return rows[0], rows[1], blank
    coded = [r for r, row in enumerate(rows) if all(_CODE.fullmatch(row[i]) for i in body if row[i])]
    code = coded[-1] if coded else None
    texts = [r for r in range(3) if r != code]
    if code is not None:
        return rows[texts[0]], rows[texts[1]], rows[code]
    if _marks(rows[2]) and all(rows[1][i] for i in body if _marks([rows[2][i]]) and rows[0][i]):  # page title, question, option
        return rows[1], rows[2], blank
    return rows[0], [" – ".join(filter(None, pair)) for pair in zip(rows[1], rows[2], strict=True)], blank  # question, row, column


def _groups(question, option, body):
    """Columns of one question: its text stands on the first of them, or on each."""
    groups, text = [], None
    for i in body:
        whole = fold(option[i]) in CLOSED_MARKS | OPEN_MARKS
        new = bool(question[i]) and (clean(question[i]) != text or whole) or not groups or i != groups[-1][-1] + 1 and bool(question[i])
        if new:
            groups.append([i])
            text = clean(question[i])
        else:
            groups[-1].append(i)
    return groups


def _block(question, option, code, group, columns):
    """The questions that one group of columns holds: a choice, ticked options, a grid, text boxes, a further open field."""
    text = clean(question[group[0]]) or clean(option[group[0]])
    short = {i: "" if re.fullmatch(r"-?\d*", code[i]) else code[i] for i in group}
    folded = {i: fold(option[i]) for i in group}
    ticks = {i: _ticks(columns[i], option[i], code[i]) for i in group}
    ticked = [i for i in group if ticks[i] and folded[i] not in CLOSED_MARKS | OPEN_MARKS]
    free = [i for i in group if i not in ticked and columns[i].values]
    free = [i for i in free if not OTHER.fullmatch(folded[i])] if len(group) > 1 else free
    sure = [i for i in ticked if columns[i].values] or (ticked if len(ticked) > 1 and not any(columns[i].values for i in group) else [])
    if sure and (not free or (free == group[-1:] and len(sure) > 1 and not _only_numbers(columns[free[0]]))):
        chosen = [i for i in group if i in ticked or (not columns[i].values and not OTHER.fullmatch(folded[i]))]
        labels = tuple(clean(option[i]) for i in chosen)
        stems = {re.sub(r"[._-]\w+$", "", short[i]) for i in chosen}
        whole = Block(text, tuple(chosen), kind="multiple", labels=labels, ticks=tuple(ticks[i] for i in chosen),
                      short=stems.pop() if len(stems) == 1 else short[chosen[0]])
        return [whole, *(_part(text, option[i], i, "open", short[i]) for i in group if i not in chosen)]
    blocks = []
    for i in group:
        if folded[i] in CLOSED_MARKS or not folded[i]:
            blocks.append(Block(text, (i,), hint="closed" if folded[i] else "", short=short[i]))
        elif folded[i] in OPEN_MARKS:
            blocks.append(Block(text, (i,), hint="open", short=short[i]))
        else:
            blocks.append(_part(text, option[i], i, "open" if OTHER.fullmatch(folded[i]) and len(group) > 1 else "", short[i]))
    return blocks


def _part(text, label, i, hint, short):
    label = clean(label)
    return Block(text if not label or label == text else f"{text} – {label}", (i,), label=label, hint=hint, short=short)


def _ticks(cells, option, code):
    """The texts of a column if they can only mean ticked or not; () if they mean more."""
    if len(cells.values) > 6:
        return ()
    zero = {"0"} if code != "0" else set()
    ticks = tuple(v for v in cells.values if v not in zero)
    meant = all((option and same_option(v, option)) or v == "1" or (code and v == code) for v in ticks)
    return (ticks or ("1",)) if meant and tidy(option) else ()


def _only_numbers(cells):
    return all(re.fullmatch(r"\d{1,3}", value) for value in cells.values)


# --- One header row: Google, plain -----------------------------------------------------------------------------------------------


def _one_row_blocks(headers, columns, kind_of=lambda header: None):
    """One question a column; neighbours such as "Channels - Phone", "Channels - E-mail" whose cells hold only their own option are one."""
    names = [cell_at(headers[0], i) for i in range(len(columns))]
    blocks, i = [], 0
    while i < len(names):
        group = _ticked_neighbours(names, columns, i)
        if len(group) > 1:
            labels = tuple(clean(_split_option(names[j])[1]) for j in group)
            ticks = tuple(tuple(columns[j].values) for j in group)
            blocks.append(Block(clean(_split_option(names[i])[0]), tuple(group), kind="multiple", labels=labels, ticks=ticks))
        elif names[i] or columns[i].values:
            grid = "closed" if re.fullmatch(r"(?s).+\[.+\]", names[i]) and max(map(len, columns[i].values), default=99) <= 40 else ""
            blocks.append(Block(clean(names[i]) or say("exports.no_name", column=letter(i)), (i,), kind=kind_of(names[i]), hint=grid))
        i += max(len(group), 1)
    return blocks


def _split_option(name):
    found = re.fullmatch(r"(?s)(.+?)\s*(?: - | – |: )\s*(.+)|(.+?)\s*\[(.+)\]", name)
    return (found[1] or found[3], found[2] or found[4]) if found else (name, "")


def _ticked_neighbours(names, columns, start):
    question, group = _split_option(names[start])[0], []
    for i in range(start, len(names)):
        text, option = _split_option(names[i])
        if not option or text != question or any(not same_option(value, option) for value in columns[i].values):
            break
        group.append(i)
    return group if any(columns[i].values for i in group) else []


def _find_google(head, records, forced):
    if not head or not (forced or any(TIMESTAMP.fullmatch(fold(cell)) for cell in head[0][1][:3])):
        return None
    return [0]


def _find_forms(head, records, forced):
    """Google Forms quotes every cell and writes 2018/10/31 3:50:46 PM GMT+3; a sheet does neither."""
    found = _find_google(head, records, forced)
    if not found or forced:
        return found
    at = next(i for i, cell in enumerate(head[0][1][:3]) if TIMESTAMP.fullmatch(fold(cell)))
    times = [cell_at(cells, at) for _, cells in head[1:] if cell_at(cells, at)]
    written = sum(bool(re.match(r"\d{4}/\d\d?/\d\d? \d\d?:\d\d(:\d\d)? ?([AP]M|[öÖ][öÖsS]|.*(GMT|UTC|[A-Z]{3,4}))", time)) for time in times)
    quoted = records.quoted and all(re.match(r"\d{4}/", time) for time in times)
    return found if records.kind == "text" and (quoted or written > len(times) / 2) else None


def _find_plain(head, records, forced):
    """The first record with something in it, past a title line above a wider table."""
    filled = [sum(bool(tidy(cell)) for cell in cells) for _, cells in head[:5]]
    first = 0
    while first + 1 < len(filled) and filled[first] == 1 and filled[first + 1] >= 3 and tidy(head[first][1][0]):
        first += 1
    return [first]


SOURCES = {
    "surveymonkey": Source(_find_surveymonkey, _surveymonkey_blocks, same_names=True),
    "google_forms": Source(_find_forms, _one_row_blocks, same_names=True),
    "google_sheets": Source(_find_google, _one_row_blocks, same_names=True),
    "plain": Source(_find_plain, _one_row_blocks),
}
