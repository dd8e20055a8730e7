"""Finds personal data in what people wrote and covers it, before a text is shown or leaves the computer.

Seven kinds are found by their form, most of them with a checksum. A text is searched for one kind after the other, in the order
of `_FINDERS`; what one kind has taken is out of reach for the next. Every pattern is bounded or possessive: the time grows with the
length of the text and not faster. Names of people are not found: masking is a help, not a guarantee.
"""

import collections
import re

from .framework import CxError, number, say
from .tally import as_list, count_cells

KINDS = ("email", "phone", "tc", "iban", "card", "plate", "url")
_TAKEN = "\ufdd0"  # stands for a character that a kind has taken; no text may hold it (a Unicode noncharacter)

# Seen through, one character for one: full-width forms, digits of other scripts, all dashes and spaces that do not look different.
_SAME = {0xFF01 + i: 0x21 + i for i in range(94)}
_SAME |= {zero + i: 48 + i for zero in (0x660, 0x6F0, 0x966, 0x9E6, 0xE50, *range(0x1D7CE, 0x1D800, 10)) for i in range(10)}
_SAME |= dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE63], "-") | dict.fromkeys([0xA0, 0x3000, 0x202F, *range(0x2000, 0x200B)], " ")

_MAYBE = re.compile(r"[\d@/＠／]|www\.", re.I)
_DOMAIN_END = (r"(?:com|net|org|edu|gov|info|biz|co|io|me|ly|gl|be|tv|app|link|page|site|online|xyz|dev|tr|uk|de|fr|nl|at|ch|eu|az|us|it|es|ru|gg|to)"
               r"(?![\w.-])")
_DOMAIN = rf"(?:[\w-]{{1,63}}\.){{1,5}}{_DOMAIN_END}"
_URL = re.compile(r"(?:(?:https?|ftp)://|(?<![\w@.])www\d?\.(?=\w))[^\s<>\"'’“”\ufdd0]++", re.I)
_PATH = re.compile(rf"(?<![\w@.-]){_DOMAIN}/(?!{_DOMAIN})[^\s<>\"'’“”\ufdd0]++", re.I)  # a bare domain is a brand's name: it stays
_LOCAL = r"[\w.!#$%&*+=?^{|}~-]"
_PROVIDER = r"(?:gmail|hotmail|outlook|yahoo|icloud|yandex|mynet)\b"  # ali@gmail, as people write it
_EMAIL = re.compile(rf"(?<!{_LOCAL}){_LOCAL}++@(?:(?:[\w-]{{1,63}}\.){{1,8}}[^\W\d_]{{2,24}}|{_PROVIDER})", re.I)

_IBAN = re.compile(r"(?<![^\W_])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}")
_IBAN_LENGTHS = {country: int(length) for country, length in re.findall(r"([A-Z]{2})(\d\d)", (  # SWIFT, IBAN Registry
    "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28"
    "IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33"
    "SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30"))}

_CARD = re.compile(r"(?<![\d+])(?:[2-69]\d{12,18}|[2-69]\d{3}(?:[ .-]{0,2}\d{4}){3}|3\d{3}[ .-]{1,2}\d{6}[ .-]{1,2}\d{4,5})(?!\d)")
_TC = re.compile(r"(?<![\d+])[1-9]\d{2} ?\d{3} ?\d{3} ?\d{2}(?!\d)")

_GAP = r"[ ./-]{0,3}"
_SEVEN = rf"\)?(?:{_GAP}\d){{7}}(?!\d)"
_PHONE = re.compile("|".join((
    rf"\+[ (]{{0,2}}90[ )(.-]{{0,3}}(?:\(?0[ )]{{0,2}})?[2-58]\d\d{_SEVEN}",  # +90 532 123 45 67
    r"\+[ (]{0,2}[1-9](?:[ ().\-/]{0,3}\d){5,11}\d(?!\d)",  # +44 20 7946 0958
    r"(?<!\d)00[1-9](?:[ ().\-/]{0,3}\d){6,11}\d(?!\d)",  # 0044 20 7946 0958
    rf"(?<!\d)(?:\(0[ -]?[2-58]\d\d(?=\))|0[ (-]{{0,2}}[2-58]\d\d){_SEVEN}",  # 0532 123 4567, (0212) 555 44 33
    rf"(?<!\d)90[ (-]{{0,2}}[2-58]\d\d{_SEVEN}",  # 90 532 123 45 67
    r"(?<!\w)(?:\(5[0-6]\d\)|5[0-6]\d)[ .-]?\d{3}[ .-]?\d{2}[ .-]?\d{2}(?!\d)",  # 532 123 45 67
    r"(?<!\w)(?:\([2-9]\d\d\) ?|[2-9]\d\d[.-])\d{3}[ .-]\d{4}(?!\d)",  # (202) 555-0143
    r"(?<!\w)(?:\([2-9]\d\d\)|[2-9]\d\d) \d{3} \d{2} \d{2}(?!\d)",  # 212 555 44 33
    r"(?<!\w)0[1-9]\d{1,3}[ -]\d{3,4}[ -]?\d{3,4}(?!\d)",  # 020 7946 0958
)))
_MONEY_AFTER = re.compile(r"\s?(?:TL|₺|\$|€|£|lira|usd|eur)", re.I)
_THOUSANDS = re.compile(r"\+\d{1,3}(?:\.\d{3})+")
_ORDER_BEFORE = re.compile(r"(?:sipari[sş]|order|fatura|invoice|takip|tracking|kargo|ref|fi[sş]|bilet|ticket)\w*[^\n]{0,14}\Z", re.I)

_PLATE = re.compile(r"(?<!\w)(?:0[1-9]|[1-7]\d|8[01])([ -]?)(?:([A-PR-VYZ]|[a-pr-vyz])([ -]?)\d{4,5}"
                    r"|([A-PR-VYZ]{2}|[a-pr-vyz]{2})([ -]?)\d{3,4}|([A-PR-VYZ]{3}|[a-pr-vyz]{3})([ -]?)\d{2,3})(?!\w|\.\d)")
_PLATE_WORD = re.compile(r"(?<!\w)(?:plaka|(?:number )?plate)(?!\])", re.I)  # not the label that stands for one
_INSIDE = re.compile(r"\d[.,]\Z")  # what stands before the rest of a longer number
_NOT_PLATE = frozenset(  # units, months and short words that stand between two numbers
    "KG GR MG ML CL LT CM MM KM TL USD EUR DK SN AY YIL GUN BIN VE YA DA DE TA TE YE NE ILE ILA KEZ KAT HER SON ON BU AT IN TO OF OR AND FOR PER VS "
    "MB GB TB HZ "
    "OCA SUB MAR NIS MAY HAZ TEM AGU EYL EKI KAS ARA JAN FEB APR JUN JUL AUG SEP OCT NOV DEC DAY HRS MIN SEC AM PM NO NR".split())


def mask(texts):
    """The texts with personal data covered: e-mail, phone, T.C. number, IBAN, card, plate and web address become e.g. "[e-mail]".

    texts : one text, or a Series or list of texts. Missing stays missing, numbers stay numbers unless they are such data (a phone stored
    as a number), choices of one cell are masked one by one. Returns a text for a text, else a Series with the same index, whose `.attrs`
    hold `found` ({kind: how often}, kinds as in `KINDS`) and `note` (a sentence that says so, in the display language).
    T.C. numbers, IBANs and cards count only with a right checksum (the weights of the population register; ISO 7064 mod 97-10; Luhn).
    Names, user names (@...) and postal addresses are not found; a bare domain (a shop's name) stays. A help, not a guarantee.

    >>> mask("Write to ali@example.com or call 0532 123 45 67.")
    'Write to [e-mail] or call [phone].'
    >>> mask(["fine", "ali@example.com"]).attrs["found"]["email"]
    1
    """
    if isinstance(texts, str):
        return _masked(texts)[0]
    import pandas as pd

    if not isinstance(texts, pd.Series):
        if texts is None or pd.api.types.is_scalar(texts):
            return _masked(texts)[0]
        if hasattr(texts, "columns") or not pd.api.types.is_list_like(texts):
            raise CxError(say("privacy.not_texts", type=type(texts).__name__))
        texts = pd.Series(list(texts), dtype=None if len(texts) else "str")
    return _masked_series(texts)


def uniqueness(table, columns):
    """How many people can be singled out: those who are the only one with their combination of answers, for more and more columns.

    table : frame of any engine, one row a person. columns : names, combined one after the other in this order: what somebody else could know
    of a person. An empty cell is a value of its own: having left a question empty can give a person away, too.

    Returns a row for the first column, one for the first two, and so on: `columns` (the names, joined by " + "), `n` (people), `groups`
    (combinations that occur), `alone` (people who share theirs with nobody), `share_alone` (0-1). It counts this table and estimates
    nothing: who is alone here may have doubles among those who did not answer, and who is not alone is not yet anonymous (`.attrs["note"]`).
    Formula: combinations with one row / n; with none left, a table is k-anonymous with k of at least 2 (Sweeney 2002). SQL, for two columns:
    `select count(*) from (select a, b from answers group by a, b having count(*) = 1)`.

    >>> people = __import__("pandas").DataFrame({"branch": ["A", "A", "B", "B"], "day": ["Mon", "Tue", "Mon", None]})
    >>> uniqueness(people, ["branch", "day"]).drop(columns="n")
            columns  groups  alone  share_alone
    0        branch       2      0          0.0
    1  branch + day       4      4          1.0
    """
    import pandas as pd

    names = as_list(columns)
    if not names:
        raise CxError(say("privacy.no_columns"))
    keys, counts = count_cells(table, names)
    n, rows = int(counts["n"].sum()), []
    for k in range(1, len(names) + 1):
        sizes = counts["n"].groupby(keys[:k], dropna=False, observed=True, sort=False).sum()
        alone = int((sizes == 1).sum())
        rows.append((" + ".join(map(str, names[:k])), n, len(sizes), alone, alone / n if n else float("nan")))
    result = pd.DataFrame(rows, columns=["columns", "n", "groups", "alone", "share_alone"])
    result.attrs["note"] = say("privacy.alone")
    return result


def _masked_series(texts):
    import pandas as pd

    if isinstance(texts.dtype, pd.CategoricalDtype):
        texts = texts.astype(texts.cat.categories.dtype)
    counts = texts.map(lambda value: tuple(value) if isinstance(value, list) else value).value_counts()
    found, changed = collections.Counter(), {}
    for value, n in counts.items():  # each distinct text once
        text, kinds = _masked(value)
        if kinds:
            changed[value] = text
            found.update({kind: n * int(times) for kind, times in kinds.items()})
    result = texts
    if changed:
        new = [list(changed.get(tuple(value), value)) if isinstance(value, list) else changed.get(value, value) for value in texts]
        result = pd.Series(new, index=texts.index, name=texts.name, dtype=texts.dtype if pd.api.types.is_string_dtype(texts.dtype) else object)
    result = result.copy()
    found = collections.Counter({kind: int(found[kind]) for kind in KINDS if found[kind]})
    result.attrs = {**texts.attrs, "found": found, "note": _note(found)}
    return result


def _note(found):
    told = ", ".join(say("privacy.count", kind=say(f"privacy.name_{kind}"), n=number(n)) for kind, n in found.items())
    return say("privacy.found", found=told) if found else say("privacy.nothing")


def _masked(value):
    """One cell: (what may be shown, {kind: how often})."""
    if isinstance(value, (tuple, list)):
        parts = [_masked(part) for part in value]
        return type(value)(part for part, _ in parts), sum((kinds for _, kinds in parts), collections.Counter())
    text = value if isinstance(value, str) else "" if value is None else f"{value:.0f}" if isinstance(value, float) and value % 1 == 0 else str(value)
    spans = _personal(text) if _MAYBE.search(text) else []
    if not spans:
        return value, collections.Counter()
    pieces, done = [], 0
    for start, end, kind in sorted(spans):
        pieces += [text[done:start], say(f"privacy.{kind}")]
        done = end
    return "".join(pieces) + text[done:], collections.Counter(kind for *_, kind in spans)


def _personal(text):
    """The personal data in one text: [(start, end, kind)], none overlapping."""
    seen, spans = text.translate(_SAME), []
    digits, signs = sum(map(str.isdigit, seen)), {"": True, "@": "@" in seen, "/": "/" in seen, "/ or www": "/" in seen or "www" in seen.lower()}
    for kind, least, sign, pattern, end_of in _FINDERS:
        if digits < least or not signs[sign]:
            continue
        place, parts, done = 0, [], 0
        while match := pattern.search(seen, place):
            # the decimals of a number are no beginning, but a number after one that was just taken is
            inside = kind in ("tc", "phone", "plate") and _INSIDE.match(seen[max(done, match.start() - 2):match.start()])
            end = None if inside else end_of(match)
            if end:
                spans.append((match.start(), end, kind))
                parts += [seen[done:match.start()], _TAKEN * (end - match.start())]
                done = end
            place = end or match.start() + 1
        seen = "".join(parts) + seen[done:]
    return spans


# Each of these says where the match really ends, or None if it is not what it looks like.


def _whole(match):
    return match.end()


def _without_stop(match):
    """A web address without the punctuation that ends the sentence."""
    return match.start() + len(match[0].rstrip(".,;:!?)]}*…»"))


def _iban_end(match):
    """The end of the IBAN by its country's length, if ISO 7064 mod 97-10 gives 1."""
    length, taken = _IBAN_LENGTHS.get(match[0][:2].upper()), 0
    for place, sign in enumerate(match[0]):
        taken += sign.isalnum()
        if taken == length:
            code = "".join(filter(str.isalnum, match[0][:place + 1])).upper()
            end = match.start() + place + 1
            right = int("".join(str(int(sign, 36)) for sign in code[4:] + code[:4])) % 97 == 1
            return end if right and not match.string[end:end + 1].isalnum() else None
    return None


def _card_end(match):
    """Luhn; a row of years and one digit repeated are no card."""
    groups = re.findall(r"\d+", match[0])
    digits = [int(sign) for sign in "".join(groups)]
    if len(set(digits)) == 1 or all(len(group) == 4 and group[:2] in ("19", "20") for group in groups):
        return None
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return match.end() if (sum(digits[-1::-2]) + doubled) % 10 == 0 else None


def _tc_end(match):
    """The two check digits of a T.C. identity number."""
    digits = [int(sign) for sign in match[0] if sign != " "]
    tenth = (7 * sum(digits[0:9:2]) - sum(digits[1:8:2])) % 10
    return match.end() if digits[9] == tenth and digits[10] == sum(digits[:10]) % 10 else None


def _phone_end(match):
    """Not a sum of money, not the number of an order."""
    before = match.string[max(0, match.start() - 30):match.start()]
    bare = match[0][0] in "23456789"
    if _THOUSANDS.fullmatch(match[0]) or _MONEY_AFTER.match(match.string, match.end()) or (bare and _ORDER_BEFORE.search(before)):
        return None
    return match.end()


def _plate_end(match):
    """Capitals, or small letters written as one word or in a text about a plate; no unit or short word between two numbers."""
    letters = next(group for group in match.groups()[1::2] if group)
    gaps = "".join(group for group in match.groups()[::2] if group)
    told = _PLATE_WORD.search(match.string[max(0, match.start() - 40):match.end() + 40])
    small = letters.islower() and (gaps or len(letters) == 1)
    if letters.upper() in _NOT_PLATE:
        return match.end() if told and letters.isupper() else None
    return match.end() if told or not small else None


_FINDERS = [  # kind, what a text must hold to be searched at all (digits, a sign), pattern, check
    ("url", 0, "/ or www", _URL, _without_stop), ("email", 0, "@", _EMAIL, _whole), ("url", 0, "/", _PATH, _without_stop),
    ("iban", 8, "", _IBAN, _iban_end), ("card", 13, "", _CARD, _card_end), ("tc", 11, "", _TC, _tc_end),
    ("phone", 8, "", _PHONE, _phone_end), ("plate", 4, "", _PLATE, _plate_end),
]
