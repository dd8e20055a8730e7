"""What a column of texts holds: a date, a number, a choice, several choices, free text, a person's data.

The same for every survey tool. Each decision looks at the distinct texts, not at the rows, and is careful: what could mean two things
stays a text, and what was decided by guessing is said (`remark`). `exports.py` puts the columns together.
"""

import dataclasses
import re

import numpy as np
import pandas as pd

from .survey_cells import Cells, each, remark
from .survey_dates import MONTHS, dates
from .survey_sources import clean, fold

DECIMAL_REMARKS = {"comma": "decimal_comma", "both": "decimal_both", "thousands": "decimal_thousands"}
SURE = 0.9  # share of cells that must be numbers before the others are refused
_META_HEADER = re.compile(
    r"#|id|(respondent|response|submission|session|user|customer|record|survey|form|participant|musteri|katilimci|kayit|yanit|anket)"
    r" ?(id|no|number|numarasi|kimligi|kodu)|respondent|sira( no)?|row|token|uuid|guid"
)
_CONSENT = re.compile(
    r"\bkvkk\b|\bacik riza|\baydinlatma metni|\bonayliyorum\b|\bonay veriyorum\b|\bkabul ediyorum\b|\bizin veriyorum\b|\briza gosteriyorum\b"
    r"|\bonam(i|im|ini)?\b|\bconsent\b"
    r"|\bi (hereby |have read and )?(agree|accept)\b|\bagree to (take part|participate|the (terms|privacy|processing))"
    r"|\bagree that (your|my) (answers|responses|data)\b|\bmay we (contact|quote|use|store)\b|\briza gosteriyor|\b(onay|izin|riza) veriyor mu"
    r"|\biletisime gecebilir mi|\balintilayabilir mi"
    r"|\bgonullu olarak katil|\bgdpr\b|\bprivacy (policy|notice)\b|\bgizlilik (politikasi|bildirimi)"
)
_AGREED = re.compile(
    r"(yes|no|evet|hayir|true|false|1|0|x|y|n|ok|tamam|agree|disagree|accepted?|onay|var|yok)\b.*"
    r"|.*(onay|kabul|izin ver|riza|okudum|consent|agree|accept)\w*.*"
)
_OPEN_HEADER = re.compile(
    r"\b(why|comments?|describe|explain|suggestions?|feedback|tell us|neden|nicin|yorum\w*|acikla\w*|oneri\w*|goru\w*|anlat\w*)\b"
)
_RANGE = re.compile(r"\d+ ?[-–] ?\d+")
_DAMAGED = re.compile(r"[^\W\d_]{3,4}[-. ]\d{2}|\d{1,2}[-. ][^\W\d_]{3,4}|\d{4}-\d\d-\d\d(?: 00:00:00)?|\d{1,2}\.[^\W\d_]{3}")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?\d{1,2}", re.I)
_WORD_LABEL = re.compile(r"(\d{1,2}) ?[-–—=:.(] ?[^\d\s].*|[^\d]*[^\d\s] ?[-–—=:(] ?(\d{1,2})\)?")

# Each kind: words of which one must be there, and words that may stand beside it. Another word ("brand name") makes it a question.
PERSONAL_WORDS = {kind: (set(core.split()), set(beside.split())) for kind, core, beside in (
    ("email", "email mail eposta posta emailaddress recipientemail", "e address adres adresi adresiniz work recipient"),
    ("ip", "ip ipaddr ipaddress", "address adres adresi v4"),
    ("phone", "phone telephone telefon telefonu telefonunuz gsm cep mobile tel cellphone phonenumber",
     "cell number numara numarasi numaraniz no nosu whatsapp work home"),
    ("national_id", "kimlik tckn tcno passport pasaport ssn", "t c tc no numarasi numaraniz number numara"),
    ("location", "location latitude longitude locationlatitude locationlongitude konum konumu konumunuz enlem boylam gps coordinates koordinat "
     "koordinatlar address adres adresi adresiniz street zip postcode lat lon lng",
     "home postal code ev acik posta kodu line 1 2 mailing city town state province x y"),
    ("name", "name names surname username kullanici "
     "firstname lastname fullname ad adi adiniz soyad soyadi soyadiniz isim ismi isminiz soyisim soyismi soyisminiz "
     "adsoyad adisoyadi isimsoyisim",
     "first last full given family middle user respondent customer participant contact and of ve veya or kisi kisinin katilimci musteri recipient s"),
)}
_FILLERS = set(
    "your please enter write the optional lutfen giriniz yaziniz zorunlu degil istege bagli what is nedir bilgisi bilginiz bilgileriniz iletisim "
    "contact a my sizin belirtiniz varsa if any required details".split()
)
_EMAIL = re.compile(r"[^\s@,;]+@[^\s@,;]+\.[^\s@,;]{2,}")
_IP = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?|(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}", re.I)
_PHONE = re.compile(
    r"(?:\+|00)\d[\d ()./-]{7,16}\d|90 ?5\d{9}"
    r"|\(?0?5\d\d\)?[ -]?\d{3}[ -]?\d\d[ -]?\d\d|0\(?[2-4]\d\d\)?[ -]?\d{3}[ -]?\d\d[ -]?\d\d"
)
_POINT = re.compile(r"-?\d{1,3}[.,]\d{3,}[,;] ?-?\d{1,3}[.,]\d{3,}")
NATIONAL_ID = re.compile(r"[1-9]\d{10}")


@dataclasses.dataclass
class Context:
    """What the rest of the file says about a column: its source, its separator, and the order of day and month found so far."""

    source: str
    workbook: bool
    separator: str
    rows: np.ndarray
    month_first: bool | None = None
    turkish: bool = False


@dataclasses.dataclass
class Answers:
    """A column as it is handed over: its values, what kind of question it is, and what to report."""

    values: pd.Series
    kind: str
    options: tuple = ()
    separator: str = ""
    remarks: list = dataclasses.field(default_factory=list)


def _dates(column, block, cells, context, header):
    found = dates(column, block, cells, context, header)
    if found is None:
        return None
    series, remarks = found
    return Answers(texts(cells), "meta", remarks=remarks) if series is None else Answers(series, "date", remarks=remarks)


def decide(column, block, cells, context, chosen=None):
    """The answers of one question with one column.

    column : the name in the result. block : the `Block` of the source. cells : the texts. chosen : what `options=` says of this question:
    a list of option texts, a separator, or False for "one choice". Numbers, dates and choices are recognised by all of a column's texts.
    """
    if chosen is not None:
        return multiple(column, cells, context, chosen)
    header = fold(block.label or block.text)
    numbered = header in ("no", "nr", "sira", "row", "index") and bool(cells.values) and cells.counts().max() == 1
    if block.kind == "meta" or (block.kind is None and not block.label and (numbered or _META_HEADER.fullmatch(header))):
        return Answers(texts(cells), "meta", remarks=scientific(column, cells, context))
    agreed = consent(block, cells)
    if agreed is not None:
        return agreed
    for rule in (_dates, _forms_choices, _numbers):
        found = rule(column, block, cells, context, header)
        if found is not None:
            return found
    return _words(column, block, cells, context, header)


def texts(cells):
    """The column as text; an empty cell is missing."""
    return pd.Series(pd.array([*cells.values, None], dtype="str").take(cells.codes))


def _take(values, cells, dtype):
    return pd.Series(pd.array([*values, None], dtype=dtype).take(cells.codes))


# --- people ------------------------------------------------------------------------------------------------------------------------


def personal(block, cells):
    """Which personal data a column holds, by its values and its header: a key of `PERSONAL_WORDS`, or None."""
    if block.kind == "personal":
        return _by_header(fold(block.text)) or _by_header(fold(block.short)) or "name"
    found, header = _by_values(cells), fold(block.label or block.text)
    if block.kind == "meta" or _META_HEADER.fullmatch(header):  # a respondent's number can look like one to call
        return found if found in ("email", "ip") else None
    if found or block.kind is not None:
        return found
    header = _by_header(header)
    return header if header and _could_be(header, cells) else None


def _by_header(folded):
    words = set(folded.split())
    return next((kind for kind, (core, beside) in PERSONAL_WORDS.items() if words & core and words <= core | beside | _FILLERS), None)


def _could_be(kind, cells):
    """Do the values leave room for it? A column "Phone" of yes and no is a choice, not a number to call."""
    if not cells.values:
        return True
    if kind in ("email", "phone", "national_id"):
        signs = {"email": r"@", "phone": r"(?:\d\D{0,3}){7}", "national_id": r"(?:\d\D?){7}"}[kind]
        return any(re.search(signs, value) for value in cells.values) or (len(cells.values) > 5 and max(cells.counts()) == 1 and kind == "email")
    if kind == "ip":
        return any(re.search(r"[.:]", value) for value in cells.values)
    short = [value for value in cells.values if re.fullmatch(r"\d{1,2}|yes|no|evet|hay[ıi]r|true|false|x", value, re.I)]
    return len(short) < len(cells.values)


def _by_values(cells):
    values = cells.values[:1000]
    if not values:
        return None
    for kind, pattern in (("email", _EMAIL), ("ip", _IP), ("phone", _PHONE), ("location", _POINT)):
        if sum(bool(pattern.fullmatch(value)) for value in values) >= max(0.6 * len(values), 1):
            return kind
    ids = [value for value in values if NATIONAL_ID.fullmatch(value) and _checksum(value)]
    return "national_id" if len(ids) >= max(0.6 * len(values), 1) and (len(values) > 2 or len(ids) == len(values)) else None


def _checksum(number):
    """The two check digits of a Turkish identity number."""
    digit = [int(c) for c in number]
    return (7 * sum(digit[0:9:2]) - sum(digit[1:8:2])) % 10 == digit[9] and sum(digit[:10]) % 10 == digit[10]


# --- numbers -----------------------------------------------------------------------------------------------------------------------


def _numbers(column, block, cells, context, header):
    """A column of numbers with one decimal sign. What could also be codes, choices or thousands stays a text, and that is said."""
    values, counts = cells.values, cells.counts()
    sample = values[:200]
    if not values or sum(bool(re.match(r"[+−-]?[\d.,]*\d", value)) for value in sample) < 0.5 * len(sample):
        return None
    found, sign, trouble = _read_numbers(values, context)
    if trouble:
        return _kept_as_text(trouble, column, block, cells, context, header)
    others = [i for i, value in enumerate(found) if value is None]
    remarks = []
    if others:
        labelled = _labelled(values, found, others)
        if labelled:
            found = labelled
            remarks += [remark("labelled_number", column=column, value=values[i], number=f"{found[i]:.0f}") for i in others]
        else:
            share = 1 - counts[others].sum() / counts.sum()
            words = all(not re.search(r"\d", values[i]) for i in others)
            if share < SURE or not words or block.hint == "open":
                return _kept_as_text("mostly_numbers", column, block, cells, context, header) if share >= 0.5 else None
            remarks += each("not_a_number", column, cells, context, others)
    if sign != ".":
        remarks.append(remark(DECIMAL_REMARKS[sign], column=column, value=next(v for v in values if "," in v or "." in v)))
    whole = all(value is None or value == int(value) for value in found)
    if whole:
        return Answers(_take([None if v is None else int(v) for v in found], cells, "Int64"), "scale", remarks=remarks)
    return Answers(_take(found, cells, "Float64"), "scale", remarks=remarks)


def _read_numbers(values, context):
    """([number or None], decimal sign, trouble): the sign is "." or "comma" or "both" or "thousands"; trouble = key of a remark."""
    plain = [value.replace("−", "-") for value in values]
    if any(re.fullmatch(r"[+-]?0\d+", value) or len(re.sub(r"\D", "", value)) > 15 for value in plain):
        return [], ".", "codes"
    commas = [value for value in plain if re.fullmatch(r"[+-]?\d+,\d+", value)]
    dots = [value for value in plain if re.fullmatch(r"[+-]?\d*\.\d+", value)]
    if any(re.fullmatch(r"\d{1,2}(, ?\d{1,2}){2,}|\d+(; ?\d+)+;?|\d+(, \d+)+", value) for value in plain):
        return [], ".", "several_numbers"
    for group, mark in ((",", "."), (".", ",")):
        grouped = re.compile(rf"[+-]?\d{{1,3}}(?:{re.escape(group)}\d{{3}})*(?:{re.escape(mark)}\d+)?|[+-]?\d+(?:{re.escape(mark)}\d+)?")
        sure = [value for value in plain if grouped.fullmatch(value) and (value.count(group) > 1 or (group in value and mark in value))]
        if sure and all(grouped.fullmatch(value) for value in plain if value[-1:].isdigit()):
            return [_float(value.replace(group, "").replace(mark, ".")) for value in plain], "thousands", None
    if any(re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+[.,]\d+", value) for value in plain):
        return [], ".", "unclear_thousands"
    if commas and all(re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", value) for value in commas):
        return [], ".", "unclear_thousands"
    if dots and not commas and not context.workbook and context.separator != "," and all(re.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d{3}", v) for v in dots):
        return [], ".", "unclear_thousands"
    if commas and context.separator in (",", "") and _like_choices(commas):
        return [], ".", "several_numbers"
    sign = "both" if commas and dots else "comma" if commas else "."
    return [_float(value.replace(",", ".") if "," in value else value) for value in plain], sign, None


def _like_choices(commas):
    """Could "1,3" be the choices 1 and 3? So if the second is always the larger and not always the same."""
    pairs = {tuple(int(part) for part in value.split(",")) for value in commas if not value.startswith(("+", "-"))}
    return len(pairs) >= 3 and len({second for _, second in pairs}) > 1 and all(0 < first < second < 100 for first, second in pairs)


def _float(text):
    return float(text) if re.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)", text) else None


def _labelled(values, found, others):
    """A scale whose ends carry words, "10 - Extremely likely": the numbers, if nothing else is in the column."""
    whole = [value for value in found if value is not None]
    if not whole or len(others) > 3 or any(value != int(value) or not 0 <= value <= 100 for value in whole):
        return None
    numbers = list(found)
    for i in others:
        label = _WORD_LABEL.fullmatch(values[i])
        number = float(label[1] or label[2]) if label else None
        if number is None or number > 10 or number in whole:
            return None
        numbers[i] = number
    return numbers


def _kept_as_text(trouble, column, block, cells, context, header):
    answers = _words(column, block, cells, context, header)
    if trouble != "codes":
        value = next((v for v in cells.values if not re.fullmatch(r"\d+", v)), cells.values[0])
        answers.remarks.insert(0, remark(trouble, column=column, value=value))
    return answers


# --- choices and words -------------------------------------------------------------------------------------------------------------


def consent(block, cells):
    """A tick under a consent text is no answer to a question of the survey; None if this is not one."""
    asked = bool(_CONSENT.search(fold(block.text)))
    said = len(cells.values) == 1 and bool(_CONSENT.search(fold(cells.values[0])))
    if block.label or len(cells.values) > 3 or not (asked or said) or not all(_AGREED.fullmatch(fold(value)) for value in cells.values):
        return None
    return Answers(texts(cells), "consent", tuple(cells.values))


def _forms_choices(column, block, cells, context, header):
    """Forms tools join ticked options by ";" without a blank, as nobody writes: split where the cells agree on that."""
    joined = [i for i, value in enumerate(cells.values) if ";" in value]
    if context.source not in ("google_forms", "microsoft_forms") or not joined:
        return None
    counts = cells.counts()
    parts = [part for i in joined for part in cells.values[i].split(";")]
    alone = {value for value in cells.values if ";" not in value}
    known = [part for part in parts if part in alone or parts.count(part) > 1] if len(parts) < 2000 else parts
    often = counts[joined].sum() >= 0.3 * counts.sum() or len(known) >= 0.5 * len(parts)
    if any(part != part.strip() or len(part) > 150 for part in parts if part) or not often:
        return None
    return multiple(column, cells, context, ";")


def multiple(column, cells, context, chosen):
    """Several choices in one cell, cut at a separator or, so that commas in an option survive, by the list of known options.

    chosen : list of option texts, a separator such as ";", or False for "one choice, do not split".
    """
    if chosen is False:
        return Answers(texts(_cleaned(cells)), "single", tuple(_cleaned(cells).values))
    remarks = []
    if isinstance(chosen, str):
        split = [tuple(dict.fromkeys(p for p in (clean(part) for part in value.split(chosen.strip() or chosen)) if p)) for value in cells.values]
        options, separator = tuple(dict.fromkeys(part for parts in split for part in parts)), chosen
        remarks.append(remark("split", column=column, separator=chosen.strip() or chosen, n=len(options)))
    else:
        options = tuple(dict.fromkeys(clean(option) for option in chosen))
        ordered = sorted(options, key=len, reverse=True)
        split = [tuple(dict.fromkeys(_by_options(clean(value), ordered))) for value in cells.values]
        rest = "\n".join(cells.values)
        separator = ";" if rest.count(";") > rest.count(",") else ","
        unlisted = [i for i, parts in enumerate(split) if not set(parts) <= set(options)]
        remarks += each("unlisted_option", column, cells, context, unlisted)
    values = np.empty(len(split) + 1, dtype=object)
    values[:-1] = [parts or None for parts in split] or None
    return Answers(pd.Series(values.take(cells.codes), dtype=object), "multiple", options, separator, remarks)


_JOINT = re.compile(r"\s*[;,|\n]\s*")


def _by_options(text, options):
    """The options in a cell, longest first; what is between them is kept as it was written (the text of "Other")."""
    free, start, at = [], 0, 0
    while at < len(text):
        here = next((o for o in options if text[at:at + len(o)].casefold() == o.casefold() and _ends(text, at + len(o))), None)
        if here:
            if text[start:at].strip(" ;,|\n"):
                free.append(text[start:at].strip(" ;,|\n"))
            free.append(here)
            joint = _JOINT.match(text, at + len(here))
            start = at = joint.end() if joint else at + len(here)
        else:
            joint = _JOINT.search(text, at)
            at = joint.end() if joint else len(text)
    if text[start:].strip(" ;,|\n"):
        free.append(text[start:].strip(" ;,|\n"))
    return free


def _ends(text, at):
    return at == len(text) or bool(_JOINT.match(text, at))


def ticked(block, columns):
    """One column of tuples out of a column an option: a cell that holds its option's text (or 1) is a ticked option."""
    marks = np.zeros((len(columns[block.columns[0]].codes), len(block.columns)), dtype=bool)
    for k, (i, ticks) in enumerate(zip(block.columns, block.ticks, strict=True)):
        wanted = np.array([value in ticks for value in columns[i].values] + [False])
        marks[:, k] = wanted[columns[i].codes]
    packed = np.packbits(marks, axis=1)
    key = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1])))[:, 0] if len(packed) else np.array([], dtype="V1")
    _, first, codes = np.unique(key, return_index=True, return_inverse=True)
    values = np.empty(len(first), dtype=object)
    values[:] = [tuple(label for label, on in zip(block.labels, marks[row], strict=True) if on) or None for row in first] or None
    return Answers(pd.Series(values.take(codes) if len(values) else values, dtype=object), "multiple", block.labels)


def _words(column, block, cells, context, header):
    """Free text or one choice of a few; where commas may join several choices, that is offered, not done."""
    closed = block.hint == "closed" or (block.hint != "open" and _is_closed(cells, header))
    remarks = scientific(column, cells, context) + _excel_dates(column, cells, context)
    several = _maybe_several(column, cells, context) if block.hint != "open" else []
    remarks += several
    if not closed and not several:
        return Answers(texts(cells), "open", remarks=remarks)
    cells = _cleaned(cells)
    known = [label for label in block.labels if label in cells.values]  # in the order of the questionnaire, where the file has one
    return Answers(texts(cells), "single", tuple(dict.fromkeys([*known, *cells.values])), remarks=remarks)


def _cleaned(cells):
    """Options without HTML; two spellings that differ only in that become one."""
    numbering = {}
    new = np.array([numbering.setdefault(clean(value) or value, len(numbering)) for value in cells.values] + [-1], dtype=np.int32)
    return Cells(new[cells.codes], list(numbering))


def _is_closed(cells, header):
    """Do the same few texts come again and again?"""
    distinct, n = len(cells.values), int((cells.codes >= 0).sum())
    if not distinct:
        return False
    longest = max(map(len, cells.values))
    if all(re.fullmatch(r"yes|no|evet|hay[ıi]r|true|false|\d+ ?[-–] ?\d+|\d+ ?\+|[<>] ?\d+", value, re.I) for value in cells.values):
        return True
    if _OPEN_HEADER.search(header) and distinct > max(2, 0.3 * n):
        return False
    if distinct == 1:
        return longest <= 60
    if n <= 20:
        return distinct <= 0.75 * n and longest <= 120
    return distinct <= min(max(10, 0.2 * n), 60) or (distinct <= min(0.05 * n, 300) and longest <= 80)


def _maybe_several(column, cells, context):
    """A line in the report if the cells look like several choices joined by a separator."""
    counts = cells.counts()
    numeric = all(re.fullmatch(r"[\d,; |]+", value) for value in cells.values[:50])
    for joint in (";", ", ", "|", "\n", *([","] if numeric or context.source == "qualtrics" else [])):
        joined = [i for i, value in enumerate(cells.values[:2000]) if joint in value.strip(joint + " ")]
        if not joined or counts[joined].sum() < max(2, 0.1 * counts.sum()):
            continue
        parts = {}
        for i, value in enumerate(cells.values[:2000]):
            for part in filter(None, (piece.strip() for piece in value.split(joint))):
                parts[part] = parts.get(part, 0) + int(counts[i])
        total = sum(parts.values())
        if len(parts) <= min((0.67 if total < 40 else 0.4) * total, 60) and max(map(len, parts)) <= 100:
            usual = sorted(parts, key=parts.get, reverse=True)[:8]
            return [remark("maybe_several", column=column, value=cells.values[joined[0]], options=repr(usual), joint=joint.strip() or "\\n")]
    return []


def scientific(column, cells, context):
    """Long numbers that a spreadsheet shortened: their last digits are gone."""
    return each("scientific", column, cells, context, [i for i, value in enumerate(cells.values) if _SCIENTIFIC.fullmatch(value)])


def _excel_dates(column, cells, context):
    """ "2-50" that a spreadsheet took for February 1950."""
    if not any(_DAMAGED.fullmatch(value) for value in cells.values[:5000]):
        return []
    ranges = any(_RANGE.match(value) for value in cells.values)
    found = [i for i, value in enumerate(cells.values) if _DAMAGED.fullmatch(value) and (_names_month(value) or (ranges and value[:4].isdigit()))]
    return each("excel_date", column, cells, context, found) if found and (ranges or len(found) < len(cells.values)) else []


def _names_month(value):
    return any(word in MONTHS for word in re.findall(r"[a-z]+", fold(value)))
