"""Qualtrics, Microsoft Forms, LimeSurvey and Typeform: what tells their files and how their columns make questions.

The same two small functions a source as in `survey_sources.py`. Everything that a file does not say for sure (which columns are one
question, whether 1 means yes) is guessed carefully and said: `Block.notes` goes into the report.
"""

import functools
import os
import re

import numpy as np

from .framework import CxError, say
from .survey_cells import Cells, letter, remark, tidy
from .survey_sources import SOURCES as FIRST_SOURCES
from .survey_sources import Block, Layout, Source, cell_at, clean, fold, same_option


def recognise(head, records, source=None):
    """The layout of a file, from its first records [(row, cells)] that are not blank."""
    if source == "spss":
        raise CxError(say("exports.not_spss", file=records.file))
    for name, tool in SOURCES.items():
        if source in (None, name):
            found = tool.find(head, records, source is not None)
            if found:
                titles = [position for position in range(max(found)) if position not in found]
                remarks = [remark("title_line", row=head[position][0], value=tidy(" ".join(head[position][1]))[:200]) for position in titles]
                headers = [cell for position in found for cell in head[position][1] if tidy(cell)]
                if all(re.fullmatch(r"[\d.,]+", tidy(cell)) for cell in headers):
                    remarks.append(remark("header_numbers", row=head[found[0]][0]))
                return Layout(name, [head[position][1] for position in found], max(found), [head[position][0] for position in found], remarks)
    raise CxError(say("exports.unknown_source", source=source, allowed=", ".join([*SOURCES, "spss"])))  # unnamed, a plain table takes every file


def _table(headers, width):
    return [[tidy(row[i]) if i < len(row) else "" for i in range(width)] for row in headers]


def _kind(patterns, name):
    return next((kind for pattern, kind in patterns.items() if re.fullmatch(pattern, name)), None)


def _rows_with(cells, wanted):
    """Which rows (positions) hold a text for which `wanted` is true; an empty cell is ""."""
    return np.flatnonzero(np.array([wanted(value) for value in [*cells.values, ""]], dtype=bool)[cells.codes])


def _unfinished(at):
    return (("unfinished", {"at": at}),) if len(at) else ()


def _emptied(columns, i, code):
    """Empties the cells that hold only what the tool writes where nothing was answered; what to report of them."""
    cells = columns[i]
    if code not in cells.values:
        return ()
    k = cells.values.index(code)
    at = np.flatnonzero(cells.codes == k)
    codes = np.where(cells.codes == k, -1, cells.codes - (cells.codes > k)).astype(cells.codes.dtype)
    columns[i] = Cells(codes, cells.values[:k] + cells.values[k + 1:])
    return (("tool_missing", {"at": at, "value": code}),)


# --- Qualtrics: three header rows (short name, text, ImportId), in old exports two -----------------------------------------------------

QUALTRICS_META = {
    r"(start|end|recorded) ?date": "date",
    r"status|progress|duration( in seconds)?|finished|response ?id|recordid|response ?set|external ?(data ?)?(reference)?|distribution ?channel"
    r"|user ?language|response type": "meta",
    r"ip ?address|recipient ?(last ?name|first ?name|email)|location ?(latitude|longitude|accuracy)|email ?address": "personal",
}
LEGACY = "responseid responseset name externaldatareference emailaddress ipaddress status startdate enddate finished".split()
_SIGNATURE = {"duration in seconds", *("startdate enddate recordeddate responseid distributionchannel userlanguage locationlatitude ipaddress "
                                       "progress finished externalreference recipientemail").split()}
_ONLY_QUALTRICS = {"recordeddate", "responseid", "distributionchannel", "userlanguage"}
_PAPER_WORK = re.compile(r".+_DO(_\w+)?|.+_(First Click|Last Click|Page Submit|Click Count|Browser|Version|Operating System|Resolution)"
                         r"|.+_NPS_GROUP|Q_[A-Z][A-Za-z]\w+|.+ - (Parent Topics|Topics|Topic Hierarchy.*|Sentiment.*)")
_PREVIEW = re.compile(r"1|2|9|17|.*\b(preview|onizleme\w*|vorschau|apercu|vista previa|anteprima)\b.*|.*\b(survey|anket|umfrage)\w* test\w*|test\w*")
_SELECTED = re.compile(r"\s+-\s+(selected choice|se[cç]i(len|li) (se[cç]im|se[cç]enek|tercih|yan[ıi]t)\w*|ausgewählte.*|choix sélectionné"
                       r"|opción seleccionada)\s*$", re.I)
_NOT = {"0", "false", "yanlis", "no", "hayir", "falsch", "faux", "falso"}


def _import_id(cell):
    """(id, choice, time zone) of a cell {"ImportId":"QID3","choiceId":"1"}; None for any other."""
    if "ImportId" not in cell:
        return None
    found = dict(re.findall(r'"+(ImportId|choiceId|timeZone)"+\s*:\s*"*([^",}]*)', cell))
    return (found["ImportId"], found.get("choiceId", ""), found.get("timeZone", "")) if found.get("ImportId") else None


def _find_qualtrics(head, records, forced):
    for position, (_, cells) in enumerate(head[:6]):
        if sum(bool(_import_id(cell)) for cell in cells) > 0.3 * sum(bool(tidy(cell)) for cell in cells):
            return list(range(max(position - 2, 0), position + 1))
    for position, (_, cells) in enumerate(head[:3]):
        names = [fold(cell) for cell in cells]
        numbered = names[:1] == ["v1"] and sum(bool(re.fullmatch(r"v\d+", name)) for name in names) >= 5
        modern = len(_SIGNATURE & set(names)) >= 4 and _ONLY_QUALTRICS & set(names)
        if numbered or modern or {"responseid", "responseset"} <= set(names):
            below = head[position + 1][1] if position + 1 < len(head) else []
            told = [cell_at(below, i) for i, name in enumerate(names) if name in LEGACY or name in _SIGNATURE or re.fullmatch(r"v\d+", name)]
            texts = bool(told) and not any(re.search(r"\d{2}|^R_\w+$|^\d$", cell) for cell in told) and sum(map(bool, told)) > 0.5 * len(told)
            return [position, position + 1] if texts else [position]
    return [0] if forced and head else None


def _qualtrics_names(headers, width):
    """(short names, texts, ImportIds, what each meta column is by its English name) of all columns."""
    rows = _table(headers, width)
    ids = next(([_import_id(cell) for cell in row] for row in rows if any(map(_import_id, row))), [None] * width)
    rows = [row for row in rows if not any(map(_import_id, row))] or rows
    short, texts = rows[0], rows[1] if len(rows) > 1 else rows[0]
    names = []
    for i in range(width):
        numbered = re.fullmatch(r"V(\d+)", short[i])
        by_text = fold(texts[i]) if numbered and _kind(QUALTRICS_META, fold(texts[i])) else ""
        legacy = by_text or (LEGACY[int(numbered[1]) - 1] if numbered and 0 < int(numbered[1]) <= 10 and short[0] == "V1" else "")
        names.append(legacy or (fold(ids[i][0]) if ids[i] else fold(short[i])))
    return short, texts, ids, names


def _refuse_preview(headers):
    """Answers that somebody gave to see the survey are no respondents."""
    names = _qualtrics_names(headers, max(map(len, headers)))[3]
    if "status" not in names:
        return lambda cells: None
    at = names.index("status")
    shown = functools.lru_cache(maxsize=1000)(lambda status: bool(_PREVIEW.fullmatch(fold(status))))
    return lambda cells: "preview" if at < len(cells) and shown(cells[at]) else None


def _qualtrics_blocks(headers, columns):
    short, texts, ids, names = _qualtrics_names(headers, len(columns))
    old = "responseset" in names
    blocks, questions, emptied = [], {}, {}
    for i, name in enumerate(names):
        kind = "personal" if old and name == "name" else _kind(QUALTRICS_META, name) or ("meta" if _PAPER_WORK.fullmatch(short[i]) else None)
        if kind:
            blocks.append(Block(clean(texts[i]), (i,), kind=kind, short=clean(short[i]), notes=_qualtrics_notes(name, names, ids[i], i, columns)))
        elif short[i] or texts[i] or columns[i].values:
            if not any(re.fullmatch(r"-\d+", value) and value != "-99" for value in columns[i].values):
                emptied[i] = _emptied(columns, i, "-99")
            part = None if _is_text(short[i], ids[i]) else re.fullmatch(r"(.+)_\d+", short[i])
            questions.setdefault(part[1] if part else ("", i), []).append(i)
    for stem, group in questions.items():
        if len(group) > 1:
            blocks += _qualtrics_group(stem, group, short, texts, ids, columns)
            continue
        i, free = group[0], _is_text(short[group[0]], ids[group[0]])
        blocks.append(Block(clean(_SELECTED.sub("", texts[i])), (i,), short=clean(short[i]), hint="open" if free else "",
                            joined=() if free else _joined(columns[i])))
    for block in blocks:
        block.notes += tuple(note for i in block.columns for note in emptied.get(i, ()))
    return sorted(blocks, key=lambda block: block.columns)


def _is_text(short, found):
    return bool(re.search(r"_TEXT(_\d+)?$", short) or (found and found[0].endswith("_TEXT")))


def _qualtrics_notes(name, names, found, i, columns):
    notes = ()
    if name == "finished" or (name == "progress" and "finished" not in names):
        at = _rows_with(columns[i], lambda value: fold(value) in _NOT if name == "finished" else bool(re.fullmatch(r"\d\d?", value)))
        if "progress" in names and name == "finished":
            at = np.union1d(at, _rows_with(columns[names.index("progress")], lambda value: bool(re.fullmatch(r"\d\d?", value))))
        notes += _unfinished(at)
        if name == "finished" and columns[i].values and set(columns[i].values) <= {"0", "1"}:
            notes += (("codes_exported", {}),)
    if found and found[2] and name == "startdate":
        notes += (("times_in_zone", {"zone": found[2]}),)
    return notes


def _qualtrics_group(stem, group, short, texts, ids, columns):
    """Columns Q3_1, Q3_2, …: the ticked options of one question, or the rows of a grid."""
    question, options = _common_text([texts[i] for i in group])
    selected = bool(_SELECTED.search(question))
    question = clean(_SELECTED.sub("", question))
    options = [clean(option) for option in options]
    values = [columns[i].values for i in group]
    number = [{"1", short[i].rpartition("_")[2], *([ids[i][1]] if ids[i] else [])} for i in group]
    if any(values) and max(map(len, values)) <= 1:
        own = all(same_option(v, option) for value, option in zip(values, options, strict=True) for v in value)
        coded = all(v in numbers for value, numbers in zip(values, number, strict=True) for v in value)
        told = selected or all(ids[i] and ids[i][1] for i in group)
        ones = all(v == "1" for value in values for v in value) and sum(map(bool, values)) > 1 and all((columns[i].codes < 0).any() for i in group)
        if own or (coded and told) or ones:
            notes = () if own or told else (("ticked_guess", {"n": len(group)}),)
            ticks = tuple(tuple(value) or ("1",) for value in values)
            return [Block(question or stem, tuple(group), kind="multiple", labels=tuple(options), ticks=ticks, short=clean(stem), notes=notes)]
    return [Block(f"{question} – {option}" if question else option, (i,), label=option if question else "", short=clean(short[i]))
            for i, option in zip(group, options, strict=True)]


def _common_text(texts):
    """("Question", ["Option", …]) of texts "Question - Option"; without a common beginning the whole texts are the options."""
    start = os.path.commonprefix(texts)
    for joint in (" - ", " – ", "-", ": "):
        cut = start.rfind(joint)
        if cut > 0 and all(text[cut + len(joint):].strip() for text in texts):
            return start[:cut].strip(), [text[cut + len(joint):].strip() for text in texts]
    return "", texts


def _joined(cells):
    """The options of cells such as "1,2,3" or "Phone,Shop, kiosk", if they are sure; () otherwise."""
    split = {value: re.split(r",(?! )", value) for value in cells.values}
    several, alone = [parts for parts in split.values() if len(parts) > 1], [value for value, parts in split.items() if len(parts) == 1]
    if not several:
        return ()
    if all(re.fullmatch(r"\d{1,2}", part) for parts in split.values() for part in parts):
        rising = all(int(a) < int(b) for parts in several for a, b in zip(parts, parts[1:], strict=False))
        codes = {part for parts in split.values() for part in parts}
        return tuple(sorted(codes, key=int)) if rising and max(map(len, several)) >= 3 else ()
    return tuple(alone) if len(alone) > 1 and {part for parts in several for part in parts} <= set(alone) else ()


# --- Microsoft Forms: ID, Start time, Completion time, Email, Name ---------------------------------------------------------------------

MICROSOFT_META = {
    r"id|kimlik|no|identifiant": "meta", r"language|dil|sprache|langue|idioma": "meta",
    r"start time|(baslangic|baslama) (zamani|saati)|startzeit|heure de debut|hora de inicio|begintijd|ora di inizio": "date",
    r"completion time|(tamamlama|tamamlanma|bitis) (zamani|saati)|fertigstellungszeit|heure de fin|hora de finalizacion|tijd van voltooien"
    r"|ora di completamento": "date",
    r"last modified time|son (degisiklik|degistirme|degistirilme|duzenleme|guncelleme) (zamani|saati)|uhrzeit der letzten anderung": "date",
    r"e ?mail( address)?|e ?posta( adresi)?|adresse de messagerie|correo electronico|posta elettronica": "personal",
    r"name|ad|adi|ad soyad|isim|nom|nombre|naam|nome": "personal",
}
_ID, _START, _END = list(MICROSOFT_META)[0], list(MICROSOFT_META)[2], list(MICROSOFT_META)[3]
_MARKING = re.compile(r"(?:points|feedback|puan|puanlar|geri ?bildirim|punkte)\s*[-–]\s*(.+)", re.I | re.S)
_TOTAL = re.compile(r"total points|toplam puan\w*|quiz feedback|(test|sinav) geri ?bildirimi")
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d|\d{1,2}[./]\d{1,2}[./]\d{2,4} \d|[45]\d{4}\.\d")
_ANONYMOUS = {"anonymous", "anonim", "anonym", "anonyme", "anonimo"}


def _find_microsoft(head, records, forced):
    for position, (_, cells) in enumerate(head[:3]):
        names = [fold(cell) for cell in cells[:4]]
        if len(names) > 3 and re.fullmatch(_ID, names[0]):
            below = [row for _, row in head[position + 1:position + 21]]
            timed = bool(below) and all(_TIME.match(cell_at(row, 1)) and _TIME.match(cell_at(row, 2)) for row in below)
            mailed = bool(below) and all(_is_address(cell_at(row, 3)) for row in below)
            if (re.fullmatch(_START, names[1]) and re.fullmatch(_END, names[2])) or (timed and mailed):  # in whatever language
                return [position]
    return [0] if forced and head else None


def _is_address(value):
    return bool(re.fullmatch(r"\S+@\S+", value)) or value.casefold() in _ANONYMOUS


def _microsoft_blocks(headers, columns):
    names = [row for row in _table(headers, len(columns))][0]
    total = any(_TOTAL.fullmatch(fold(name)) for name in names)
    blocks, leading = [], True
    for i, name in enumerate(names):
        cells, kind, notes, joined = columns[i], _kind(MICROSOFT_META, fold(name)) if leading else None, (), ()
        if leading and not kind and i in (1, 2, 3):  # a language that is not listed above
            kind = "date" if i < 3 else "personal" if any(_is_address(value) for value in cells.values) else None
        marked = _MARKING.fullmatch(name)
        if _TOTAL.fullmatch(fold(name)) or (marked and (total or marked[1].strip() in names)):
            kind = "meta"
        elif kind == "personal":
            nobody = _rows_with(cells, lambda value: value.casefold() in _ANONYMOUS)
            kind = "meta" if len(nobody) and len(nobody) == (cells.codes >= 0).sum() else kind
            notes = (("anonymous", {"at": nobody}),) if len(nobody) else ()
        elif kind is None and cells.values and all(value.endswith(";") for value in cells.values):
            joined, notes = ";", _ranking(cells)
        leading = leading and kind is not None
        if name or cells.values:
            blocks.append(Block(clean(name) or say("exports.no_name", column=letter(i)), (i,), kind=kind, joined=joined, notes=notes))
    return blocks


def _ranking(cells):
    """A question that asks for an order has every option in every cell."""
    options = {frozenset(value.strip(";").split(";")) for value in cells.values}
    return (("maybe_ranking", {}),) if len(options) == 1 and len(cells.values) > 1 and len(next(iter(options))) > 2 else ()


# --- LimeSurvey: headers as code, "code. text" or text ---------------------------------------------------------------------------------

LIMESURVEY_META = {
    r"id|response id|yanit (id|no|kimligi|numarasi)|last ?page|son sayfa|start ?language|baslangic dili|seed|tohum|ref ?url|referrer url"
    r"|(yonlendiren|basvuran|referans|kaynak) (url|adres)\w*|token|access code|erisim kodu": "meta",
    r"submit ?date|date submitted|(gonderilme|gonderim|gonderilen|teslim) (tarihi|zamani)|tarih gonderildi": "date",
    r"start ?date|date started|(baslama|baslangic) tarihi|datestamp|date last action|son (islem|eylem|hareket) tarihi": "date",
    r"ip ?addr(ess)?|ip adresi|first ?name|last ?name|e ?mail( address)?|e ?posta( adresi)?": "personal",
    r"(interview|group|question) ?time.*|\w*\dtime|total time|(group|question) time.*|toplam sure|(grup|soru) suresi.*": "meta",
}
_SUBMITTED = list(LIMESURVEY_META)[1]
_LIME_CODES = {"id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp", "ipaddr", "refurl"}
_LIME_TEXTS = re.compile(r"last page|son sayfa|start language|baslangic dili|date last action|referrer url|" + _SUBMITTED)
_YES, _NO = {"Y", "Yes", "Evet", "Ja", "Oui", "X"}, {"N", "No", "Hayır", "Nein", "Non"}
_LIME_CODE = re.compile(r"A\d{1,3}|AO\d{1,3}|L\d{1,3}|SQ\d{1,3}|-oth-")


def _lime_parts(cell):
    """(code, text) of a header: `Q1[SQ001]`, `Q1[SQ001]. Text [Option]` or `Text [Option]`."""
    found = re.fullmatch(r"([A-Za-z]\w*(?:\[[^\[\]]*\])*)(?:\.\s+(.*)|\.)?", tidy(cell), re.S)
    return (found[1], tidy(found[2] or "")) if found else ("", tidy(cell))


def _find_limesurvey(head, records, forced):
    for position, (_, cells) in enumerate(head[:3]):
        codes = {_lime_parts(cell)[0] for cell in cells}
        if len(codes & _LIME_CODES) >= 3 and codes & {"lastpage", "startlanguage", "submitdate", "datestamp"}:
            return [position]
        if sum(bool(_LIME_TEXTS.fullmatch(fold(cell))) for cell in cells[:14]) >= 3:
            return [position]
    return [0] if forced and head else None


def _limesurvey_blocks(headers, columns):
    cells = _table(headers, len(columns))[0]
    coded = any(_lime_parts(cell)[0] in _LIME_CODES for cell in cells)
    blocks, groups, emptied = [], [], {}
    shown = sum("N/A" in column.values for column in columns) < 2  # in several columns it is the tool that wrote it: a question not shown
    for i, cell in enumerate(cells):
        code, text = _lime_parts(cell) if coded else ("", cell)
        kind = _kind(LIMESURVEY_META, fold(code if code else text)) if i < 20 or re.search("time|süre", cell, re.I) else None
        if kind:
            notes = _dummy_dates(columns[i]) if kind == "date" else ()
            if kind == "date" and re.fullmatch(_SUBMITTED, fold(code or text)):
                notes += _unfinished(_rows_with(columns[i], lambda value: not value))
            blocks.append(Block(clean(text or code), (i,), kind=kind, short=code, notes=notes))
        elif cell or columns[i].values:
            emptied[i] = () if shown else _emptied(columns, i, "N/A")
            stem, label = _lime_split(code, text)
            if not (groups and label and groups[-1][0] == stem):
                groups.append((stem, []))
            groups[-1][1].append((i, code, text, label))
    for stem, parts in groups:
        blocks += _lime_group(stem, parts, columns)
    for block in blocks:
        block.notes += tuple(note for i in block.columns for note in emptied.get(i, ()))
    return sorted(blocks, key=lambda block: block.columns)


def _lime_split(code, text):
    """(what the columns of one question share, the part that is this column's own or "")."""
    found = re.fullmatch(r"(?s)(.*\S)\s*\[(.*)\]", text)
    if code:
        bare = re.fullmatch(r"(.+)\[([^\[\]]*)\]|(.+)_([A-Za-z]*\d+|other|comment)", code)
        return (bare[1] or bare[3], found[2] if found else bare[2] or bare[4] or "") if bare else (code, "")
    return (found[1], found[2]) if found else (text, "")


def _lime_group(stem, parts, columns):
    boxes = [part for part in parts if part[3] and not _lime_free(part)]
    values = {value for i, *_ in boxes for value in columns[i].values}
    other = len(boxes) < len(parts)
    only_yes = len(values) == 1 and values <= _YES
    ones = values == {"1"} and all((columns[i].codes < 0).any() for i, *_ in boxes)
    blocks = []
    if boxes and (len(boxes) > 1 or other) and (only_yes or ones or (values and values <= _YES | _NO and other)):
        question = clean(_lime_split("", boxes[0][2])[0]) if boxes[0][2] else stem
        notes = (("ticked_guess", {"n": len(boxes)}),) if not only_yes else ()
        notes += (("codes_not_texts", {}),) if not boxes[0][2] else ()
        ticks = tuple(tuple(v for v in columns[i].values if v not in _NO) or ("Y",) for i, *_ in boxes)
        blocks.append(Block(question, tuple(i for i, *_ in boxes), kind="multiple", labels=tuple(clean(part[3]) for part in boxes), ticks=ticks,
                            short=stem if boxes[0][1] else "", notes=notes))
        parts = [part for part in parts if part not in boxes]
        values = set()
    for part in parts:
        i, code, text, label = part
        question = clean(_lime_split("", text)[0] if label else text) or stem
        free = _lime_free(part)
        known = [value for value in columns[i].values if _LIME_CODE.fullmatch(value)]
        codes = bool(known) and len(known) >= 0.6 * len(columns[i].values)
        perhaps = values and values <= _YES | _NO and len(boxes) > 1 and not free
        notes = (("codes_not_texts", {}),) if codes else (("maybe_ticked", {}),) if perhaps else ()
        whole = f"{question} – {clean(label)}" if label and text else clean(text.removesuffix("[]")) or code
        hint = "open" if free else "closed" if codes else ""
        blocks.append(Block(whole, (i,), label=clean(label) if text else "", short=code, hint=hint, notes=notes))
    return blocks


def _lime_free(part):
    """The text that goes with "Other", or a comment."""
    i, code, text, label = part
    return bool(re.search(r"(?:\[|_)(?:\w*comment|other)\]?$", code)) or fold(label) in ("other", "diger", "comment", "yorum", "aciklama")


def _dummy_dates(cells):
    """Where no times are kept, LimeSurvey writes 1 January 1980."""
    at = _rows_with(cells, lambda value: bool(re.match(r"1980-01-01|0?1[./]0?1[./]1980", value)))
    return (("dummy_dates", {"at": at}),) if len(at) else ()


# --- Typeform: "#", questions, Start Date (UTC), Submit Date (UTC), Network ID -----------------------------------------------------------

TYPEFORM_META = {
    r"#|response id|token|response type|network id|tags|ending|utm \w+": "meta", r"(start|stage|submit) date( utc)?": "date",
}


def _find_typeform(head, records, forced):
    for position, (_, cells) in enumerate(head[:3]):
        names = [fold(cell) for cell in cells]
        below = [tidy(row[0]) for _, row in head[position + 1:position + 21] if row]
        hashed = names[:1] == ["#"] and bool(below) and all(re.fullmatch(r"[0-9a-z]{20,40}", cell) for cell in below if cell)
        if "submit date utc" in names and ("start date utc" in names or "network id" in names or hashed) or (hashed and "network id" in names):
            return [position]
    return [0] if forced and head else None


def _typeform_blocks(headers, columns):
    names = _table(headers, len(columns))[0]
    kinds = [_kind(TYPEFORM_META, fold(name)) for name in names]
    blocks, i = [], 0
    while i < len(names):
        group = _own_headers(names, kinds, columns, i)
        if len(group) > 1:
            labels = tuple(clean(names[j]) for j in group)
            text = "; ".join(labels[:3]) + ("; …" if len(labels) > 3 else "")
            ticks = tuple(tuple(columns[j].values) or (names[j],) for j in group)
            told = {"value": "; ".join(labels), "first": letter(group[0]), "last": letter(group[-1]), "options": repr(list(labels))}
            blocks.append(Block(text, tuple(group), kind="multiple", labels=labels, ticks=ticks, notes=(("options_as_headers", told),)))
        elif names[i] or columns[i].values:
            notes = ()
            if fold(names[i]) == "response type":
                notes = _unfinished(_rows_with(columns[i], lambda value: value not in ("", "completed")))
            elif kinds[i] is None and columns[i].values and set(columns[i].values) <= {"0", "1"}:
                notes = (("maybe_yes_no", {}),)
            free = "open" if fold(names[i]) in ("other", "diger", "baska") else ""
            blocks.append(Block(clean(names[i]) or say("exports.no_name", column=letter(i)), (i,), kind=kinds[i], hint=free, notes=notes))
        i += max(len(group), 1)
    return blocks


def _own_headers(names, kinds, columns, start):
    """Neighbours whose cells are empty or repeat the header; an option that nobody chose stands between two that somebody did."""
    group = []
    for i in range(start, len(names)):
        if kinds[i] or not names[i] or any(not same_option(value, names[i]) for value in columns[i].values) or (i == start and not columns[i].values):
            break
        group.append(i)
    while group and not columns[group[-1]].values:
        group.pop()
    return group


SOURCES = {
    "qualtrics": Source(_find_qualtrics, _qualtrics_blocks, same_names=True, refuse=_refuse_preview),
    "microsoft_forms": Source(_find_microsoft, _microsoft_blocks, same_names=True),
    "limesurvey": Source(_find_limesurvey, _limesurvey_blocks, same_names=True),
    "typeform": Source(_find_typeform, _typeform_blocks, same_names=True),
    **FIRST_SOURCES,
}
