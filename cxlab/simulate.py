"""Writes the bundled invented data: small, messy sample exports, shaped as the survey tools write them, and the sets of `worlds.py`.

`python -m cxlab.simulate` writes them into the folder of the bundled data, byte for byte the same every time: draws come from `rng.random` and
`rng.integers` alone, whose streams numpy keeps. Wordings come from `framework.toml`, what people write from `datasets/sample_phrases.csv`.
Every fault that a lesson needs (a blank row, a copy, ...) is planted on purpose and listed in the card, `datasets/README.md`.
"""

import csv
import datetime
import functools
import io
import itertools
import pathlib
import re
import sys
import zipfile

import numpy as np

from .data import CONSENTS, data_folder
from .framework import say, vocabulary

OPEN = ("important_1", "important_2", "important_3", "annoys", "organisations")

# The truth: what is drawn, and how often. Invented throughout, the same for every file.
CHANCES = {
    "recommends": {"yes": 0.94, "no": 0.06},  # "ever" makes nearly everybody say yes
    "social_media": {"none": 0.56, "twitter": 0.17, "facebook": 0.17, "both": 0.10},
    "age_group": {"under_25": 0.16, "25_34": 0.30, "35_44": 0.26, "45_54": 0.16, "55_64": 0.08, "65_over": 0.04},
    "recruited_via": {"linkedin": 0.48, "facebook": 0.27, "twitter": 0.20, "other": 0.05},
    "buys": {"Online, delivered to me": 0.45, "Online, picked up in the shop": 0.15, "In the shop": 0.40},
    "consent_survey": {"yes": 0.97, "no": 0.03},
    "consent_contact": {"yes": 0.35, "no": 0.65},
    "consent_quote": {"yes": 0.60, "no": 0.40},
}
CHANNELS = {"whatsapp": 0.50, "instagram": 0.28, "x": 0.16, "facebook": 0.10, "complaint_site": 0.24, "reviews": 0.14, "in_app": 0.34}
MOOD = {1: 0.07, 2: 0.13, 3: 0.24, 4: 0.34, 5: 0.22}  # how the latest experience went; every scale leans on it
MEMORY = {1: {"very_good": 0.02, "very_bad": 0.73, "nothing": 0.25}, 2: {"very_good": 0.05, "very_bad": 0.45, "nothing": 0.50},
          3: {"very_good": 0.15, "very_bad": 0.15, "nothing": 0.70}, 4: {"very_good": 0.45, "very_bad": 0.05, "nothing": 0.50},
          5: {"very_good": 0.75, "very_bad": 0.02, "nothing": 0.23}}
NOISE = {"likelihood": (-2, -1, 0, 1), "happiness": (-2, -1, 0), "functional": (-1, 0, 1), "accessible": (-1, 0, 0, 1),
         "emotional": (-1, 0, 0, 1)}
UNANSWERED = {"important_1": 0.03, "important_2": 0.08, "important_3": 0.15, "annoys": 0.06, "organisations": 0.08, "likelihood": 0.04,
              "happiness": 0.04, "social_media": 0.02, "age_group": 0.03}
TYPED = {"upper": 0.06, "ascii": 0.10, "lower": 0.12, "blank": 0.04}  # how an open answer is typed; "ascii": without Turkish letters
WRITES_NONE, TWO_LINES = 0.04, 0.05

# --- people -------------------------------------------------------------------------------------------------------------


def pick(chances, rng):
    """One key of {key: probability}."""
    at = rng.random() * sum(chances.values())
    for key, chance in chances.items():
        at -= chance
        if at < 0:
            return key
    return key


def score(item, mood, noise):
    """The answer on a scale: 1-5 lies around the mood, 0-10 around twice the mood, cut off at the ends of the scale."""
    low, high = _question(item)["low"], _question(item)["high"]
    return min(high, max(low, (2 * mood if high == 10 else mood) + noise))


def draw_people(n, language, rng):
    """n people as dictionaries: option keys, whole numbers and texts; None = not answered. They write what `sample_phrases.csv` holds."""
    bags = {question: bag_of(phrases, rng) for question, phrases in phrases_of(language).items()}
    time = datetime.datetime(2018, 10, 29, 9, 0, 0)
    people = []
    for number in range(1, n + 1):
        time += datetime.timedelta(seconds=int(rng.integers(300, 14_400)))
        mood = pick(MOOD, rng)
        person = {key: pick(chances, rng) for key, chances in CHANCES.items()} | {"memory": pick(MEMORY[mood], rng)}
        person |= {item: score(item, mood, noise[int(rng.integers(len(noise)))]) for item, noise in NOISE.items()}
        person["help_channels"] = [key for key, chance in CHANNELS.items() if rng.random() < chance] or ["none"]
        person |= {key: _open_answer(key, bags, language, rng) for key in OPEN}
        for key, chance in UNANSWERED.items():
            person[key] = None if rng.random() < chance else person[key]
        people.append(person | _identity(number, bags, language, rng) | {"time": time, "language": language})
    return people


def _open_answer(key, bags, language, rng):
    if rng.random() < WRITES_NONE:
        return next(bags["none"])
    if key == "organisations":
        text = next(bags["reason"]).format(a=_organisation(bags, rng), b=_organisation(bags, rng))
    else:
        text = next(bags[key.rstrip("_123")])
    if key == "annoys" and rng.random() < TWO_LINES:
        text += "\n" + next(bags["annoys"])
    return _typed(text, language, rng)


def _organisation(bags, rng):
    name = next(bags["name"])
    return name.split()[0] if rng.random() < 0.4 else name


def _typed(text, language, rng):
    return typed_as(text, language, pick(TYPED | {"as_is": 1 - sum(TYPED.values())}, rng))


def typed_as(text, language, how):
    """A text as somebody types it who writes in capitals, without Turkish letters, in small letters, or leaves a blank: the keys of `TYPED`."""
    turkish = language == "tr"
    if how == "upper":
        return text.translate(str.maketrans("iı", "İI")).upper() if turkish else text.upper()
    if how == "ascii" and turkish:
        return _ascii(text)
    if how == "lower":
        return text.translate(str.maketrans("İI", "iı")).lower() if turkish else text.lower()
    return text + " " if how == "blank" else text


def _identity(number, bags, language, rng):
    first, last = next(bags["first"]), next(bags["last"])
    user = f"{_ascii(first)}.{_ascii(last)}{number}".lower()
    phone = f"0500 000 {number // 100:02d} {number % 100:02d}" if language == "tr" else f"(202) 555-01{number % 100:02d}"
    return {"number": number, "first": first, "last": last, "email": f"{user}@example.{'org' if rng.random() < 0.3 else 'com'}", "phone": phone,
            "ip": f"192.0.2.{int(rng.integers(1, 255))}", "spent": int(rng.integers(1_500, 250_000)) / 100}


def _ascii(text):
    return text.translate(str.maketrans("ÇĞİÖŞÜçğıöşüâîû", "CGIOSUcgiosuaiu"))


def bag_of(phrases, rng):
    """Phrases for ever, drawn without putting back until the bag is empty, then from a full bag again."""
    while True:
        left = list(phrases)
        while left:
            yield left.pop(int(rng.integers(len(left))))


@functools.cache
def phrases_of(language):
    """What `sample_phrases.csv` holds in a language: {question: texts}."""
    found = {}
    with open(data_folder() / "sample_phrases.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["language"], {}).setdefault(row["question"], []).append(row["text"])
    return found[language]


# --- wording ------------------------------------------------------------------------------------------------------------


def _question(key):
    return next(row for row in vocabulary()["questions"] if row["key"] == key)


def _text(key, language):
    return _question(key)[f"text_{language}"]


def _option(table, key, language):
    """An option as it stands on the form: with a capital (i becomes İ in Turkish)."""
    text = next(row[language] for row in vocabulary()[table] if row["key"] == key)
    return ("İ" if language == "tr" and text[0] == "i" else text[0].upper()) + text[1:]


def _channels(language):
    return {key: _option("help_channels", key, language) for key in [*CHANNELS, "none"]}


def answer(key, joined=None):
    """A function that gives a person's answer to a question as the form stores it: number, text, or the options `joined` in one cell."""
    def cell(person):
        value, language = person[key], person["language"]
        if value is None or isinstance(value, int) or key in OPEN:
            return "" if value is None else value
        if key == "help_channels":
            return joined.join(_channels(language)[one] for one in value)
        return _option("recruited_via" if key == "recruited_via" else _question(key)["options"], value, language)
    return cell


def _important(language, form):
    """Question 1 as three columns; `form` says how the tool numbers them: "{text} ({number})"."""
    return [(form.format(text=_text("important", language), number=number), answer(f"important_{number}")) for number in (1, 2, 3)]


def _asked(language, *keys):
    return [(_text(key, language), answer(key)) for key in keys]


# --- the shapes of the tools --------------------------------------------------------------------------------------------


def google_forms_tr(people):
    """CSV with every cell quoted; time as `2018/10/31 3:50:46 ÖS GMT+3`; checkboxes joined by `;`; e-mail in a column; blanks after headers."""
    columns = [
        ("Zaman damgası", lambda p: f"{p['time']:%Y/%m/%d} {_hour(p['time'], 'ÖÖ', 'ÖS')} GMT+3"),
        ("Kullanıcı Adı", lambda p: p["email"]),
        ("KVKK aydınlatma metnini okudum, yanıtlarımın işlenmesini kabul ediyorum.", lambda p: "Evet, okudum ve kabul ediyorum"),
        *_important("tr", "{text} ({number})"),
        *[(header + " ", cell) for header, cell in _asked("tr", "annoys", "organisations")],
        *_asked("tr", "recommends", "social_media"),
        (_text("help_channels", "tr") + " ", answer("help_channels", ";")),
        *_asked("tr", "likelihood", "happiness", "memory", "age_group"),
        ("Bu ankete nereden ulaştınız?", answer("recruited_via")),
        *_asked("tr", *CONSENTS),
    ]
    return _delimited(_table(columns, people), ",", "\n", csv.QUOTE_ALL).encode("utf-8")


def google_sheets_en(people):
    """TSV as Sheets writes it: nothing quoted, breaks become blanks, checkboxes joined by `, ` though options hold commas."""
    columns = [
        ("Timestamp", lambda p: f"{p['time'].month}/{p['time'].day}/{p['time']:%Y} {p['time'].hour}:{p['time']:%M:%S}"),
        *_important("en", "{text} [{number}]"),
        *_asked("en", "annoys", "organisations", "recommends", "social_media"),
        (_text("help_channels", "en"), answer("help_channels", ", ")),
        ("How do you mostly buy?", lambda p: p["buys"]),
        *_asked("en", "likelihood", "happiness", "age_group", *CONSENTS),
    ]
    rows = [[re.sub(r"[\t\n]+", " ", str(cell)) for cell in row] for row in _table(columns, people)]
    return "".join("\t".join(row) + "\r\n" for row in rows).encode("utf-8")


def surveymonkey_en(people):
    """CSV with two header rows (question, then option or kind of answer), blanks under a question's first column, HTML and hard blanks."""
    marked_up = {
        "important": "<strong>What are the three most important things</strong> to you as a\u00a0customer?",
        "recommends": "Do you <em>ever</em> recommend organisations you buy from to your friends, family or\u00a0acquaintances?",
        "social_media": "Have you <em>ever</em> used social media (Twitter or Facebook) to reach an organisation for service&nbsp;or help?",
    }
    blocks = [*_monkey_meta("%m/%d/%Y"), *_monkey_questions("en", "Other (please specify)", lambda ticked, text: text if ticked else "", marked_up)]
    questions, options, cells = zip(*blocks, strict=True)
    return "\ufeff".encode() + _delimited([questions, *_table(list(zip(options, cells, strict=True)), people)], ",", "\n",
                                          csv.QUOTE_MINIMAL).encode("utf-8")


def surveymonkey_tr(people):
    """Workbook with a title line and three header rows (question, option, code); ticks coded 1/0; ids and dates are numbers."""
    blocks = [*_monkey_meta(None), *_monkey_questions("tr", "Diğer (lütfen belirtin)", lambda ticked, text: int(ticked), {})]
    questions, options, cells = zip(*blocks, strict=True)
    rows = _table(list(zip(_codes(questions, options), cells, strict=True)), people)
    return _workbook([["Müşteri anketi 2018 – tüm yanıtlar"], questions, options, *rows], "Sheet")


def plain_tr(people):
    """CSV of a Turkish Excel: code page 1254, `;`, decimal comma, dd.mm.yyyy."""
    columns = [
        ("Sıra", lambda p: p["number"]), ("Tarih", lambda p: f"{p['time']:%d.%m.%Y}"),
        ("Ad Soyad", lambda p: f"{p['first']} {p['last']}"), ("Telefon", lambda p: p["phone"]),
        *_important("tr", "{text} - {number}"),
        *_asked("tr", "annoys", "organisations", "recommends", "social_media"),
        ("Son alışveriş tutarı (TL)", lambda p: f"{p['spent']:.2f}".replace(".", ",")),
        *_asked("tr", "likelihood", "functional", "accessible", "emotional", "age_group", *CONSENTS),
    ]
    return _delimited(_table(columns, people), ";", "\r\n", csv.QUOTE_MINIMAL).encode("cp1254")


def plain_en(people):
    """Workbook with one header row; dates are real dates, numbers are numbers."""
    columns = [
        ("No", lambda p: p["number"]), ("Date", lambda p: p["time"].replace(hour=0, minute=0, second=0)),
        ("Full name", lambda p: f"{p['first']} {p['last']}"), ("E-mail", lambda p: p["email"]),
        *_important("en", "{number}. {text}"),
        *_asked("en", "annoys", "organisations", "recommends", "social_media", "likelihood"),
        *_asked("en", "functional", "accessible", "emotional", "age_group", *CONSENTS),
    ]
    return _workbook(_table(columns, people), "Answers")


def _monkey_meta(day):
    """The columns that SurveyMonkey adds: (question, option, function). day : how dates are written; None = as Excel's day numbers."""
    def moment(person, minutes=0):
        time = person["time"] + datetime.timedelta(minutes=minutes)
        if day:
            return f"{time:{day}} {_hour(time, 'AM', 'PM', 2)}"
        return round((time - datetime.datetime(1899, 12, 30)).total_seconds() / 86_400, 5)

    cells = {"Respondent ID": lambda p: 10_311_842_000 + 37 * p["number"], "Collector ID": lambda p: 218_540_011, "Start Date": moment,
             "End Date": lambda p: moment(p, 4 + p["number"] % 6), "IP Address": lambda p: p["ip"], "Email Address": lambda p: p["email"],
             "First Name": lambda p: p["first"], "Last Name": lambda p: p["last"], "Custom Data 1": lambda p: p["recruited_via"]}
    return [(name, "", cell) for name, cell in cells.items()]


def _codes(questions, options):
    """The third header row: q1_1, q1_2, ..., q2, ...; nothing above the columns of the tool."""
    starts = [place for place, question in enumerate(questions) if question and options[place]]
    found = [""] * len(questions)
    for number, (start, end) in enumerate(itertools.pairwise([*starts, len(questions)]), start=1):
        found[start:end] = [f"q{number}_{part}" for part in range(1, end - start + 1)] if end - start > 1 else [f"q{number}"]
    return found


def _monkey_questions(language, other, tick, wording):
    """The questions: (question, option, function), the question only on the first column of its block."""
    def ask(key, *columns):
        return [(wording.get(key, _text(key, language)) if place == 0 else "", *column) for place, column in enumerate(columns)]

    def ticked(key, text):
        return lambda p: tick(key in p["help_channels"], text)

    told = phrases_of(language)["other"]
    matrix, rows = _split(["functional", "accessible", "emotional"], language)
    blocks = ask("important", *[(f"{number}.", answer(f"important_{number}")) for number in (1, 2, 3)])
    for key in ("annoys", "organisations", "recommends", "social_media"):
        blocks += ask(key, ("Open-Ended Response" if key in OPEN else "Response", answer(key)))
    blocks += ask("help_channels", *[(text, ticked(key, text)) for key, text in _channels(language).items()],
                  (other, lambda p: told[p["number"] // 13 % len(told)] if p["number"] % 13 == 4 else ""))
    blocks += [(matrix if place == 0 else "", row, answer(key)) for place, (key, row) in enumerate(rows.items())]
    for key in ("likelihood", "age_group", *CONSENTS):
        blocks += ask(key, ("Response", answer(key)))
    return blocks


def _split(keys, language):
    """What a matrix question has in common (its first sentence) and the rows: {key: rest of the wording}."""
    parts = {key: _text(key, language).partition(". ") for key in keys}
    return parts[keys[0]][0] + ".", {key: rest for key, (_, _, rest) in parts.items()}


def _hour(time, before, after, width=1):
    return f"{(time.hour + 11) % 12 + 1:0{width}d}:{time:%M:%S} {after if time.hour >= 12 else before}"


def _table(columns, people):
    """Header and rows; a person who is None is a blank row."""
    return [[header for header, _ in columns], *[["" if p is None else cell(p) for _, cell in columns] for p in people]]


def _delimited(rows, separator, end, quoting):
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting).writerows(rows)
    return text.getvalue()


def _workbook(rows, title):
    """The bytes of a workbook, with the hour of writing taken out, so that the same rows give the same file."""
    import openpyxl

    book, made, raw = openpyxl.Workbook(), datetime.datetime(2018, 11, 12), io.BytesIO()
    book.properties.created = made
    book.active.title = title
    for row in rows:
        book.active.append([None if cell == "" else cell for cell in row])
    book.save(raw)
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2018-11-12T00:00:00Z", content)
            after.writestr(zipfile.ZipInfo(name, made.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


# --- the samples and what is planted in them ----------------------------------------------------------------------------

# The place of a person counts from 0 before the blank row and the copy are put in. planted: place: (what, column, value).
SAMPLES = {
    "google_forms_tr": {"shape": google_forms_tr, "ending": "csv", "people": 119, "seed": 31, "header_rows": 1, "blank": 57, "copy": 83, "planted": {
        12: ("e-mail in a text", "annoys", "Faturam hâlâ gelmedi, deniz.ornek@example.com adresine üç kere yazdım."),
        40: ("phone in a text", "annoys", "İki haftadır aranmayı bekliyorum, numaram 0500 000 00 41"),
        66: ("looks like a formula", "annoys", '=HYPERLINK("http://example.com/kampanya";"tıklayın")'),
        71: ("off the scale", "likelihood", 11),
        90: ("break in the text", "annoys", "1) Telefonda bekletilmek\n2) sonra \"hatlar yoğun\" denip kapatılması")}},
    "google_sheets_en": {"shape": google_sheets_en, "ending": "tsv", "people": 59, "seed": 32, "header_rows": 1, "blank": 33, "copy": 20, "planted": {
        45: ("off the scale", "likelihood", 11),
        51: ("phone in a text", "annoys", "Ring me on 020 7946 0123 they said, and then nobody picks up")}},
    "surveymonkey_en": {"shape": surveymonkey_en, "ending": "csv", "people": 79, "seed": 33, "header_rows": 2, "blank": 41, "copy": 62, "planted": {
        9: ("break in the text", "annoys", "Queues.\nAnd \"please hold\" again and again"),
        28: ("off the scale", "likelihood", 11),
        50: ("e-mail in a text", "annoys", "I wrote to help@example.org five times about one refund")}},
    "surveymonkey_tr": {"shape": surveymonkey_tr, "ending": "xlsx", "people": 49, "seed": 34, "header_rows": 4, "blank": 17, "copy": 30, "planted": {
        38: ("off the scale", "likelihood", 11),
        44: ("looks like a formula", "important_1", "-fiyat")}},
    "plain_tr": {"shape": plain_tr, "ending": "csv", "people": 39, "seed": 35, "header_rows": 1, "blank": 12, "copy": 24, "planted": {
        31: ("off the scale", "likelihood", 11),
        35: ("separator in a text", "annoys", "bekletilmek; ilgisizlik; \"sistem gitti\" lafı")}},
    "plain_en": {"shape": plain_en, "ending": "xlsx", "people": 39, "seed": 36, "header_rows": 1, "blank": 25, "copy": 8, "planted": {
        19: ("off the scale", "likelihood", 11)}},
}


def people_in(name):
    """The people of a sample in the order of the file, faults planted; None is the blank row."""
    sample = SAMPLES[name]
    people = draw_people(sample["people"], name[-2:], np.random.default_rng(sample["seed"]))
    for place, (_, column, value) in sample["planted"].items():
        people[place][column] = value
    first = people[sample["copy"]]
    after = {sample["copy"]: [first | {"time": first["time"] + datetime.timedelta(seconds=20)}], sample["blank"]: [None]}
    return [one for place, person in enumerate(people) for one in [person, *after.get(place, [])]]


def planted_in(name):
    """What was planted in a sample: (spreadsheet row, what, column or "", value or the other row)."""
    sample, rows = SAMPLES[name], {}
    for row, person in enumerate(people_in(name), start=sample["header_rows"] + 1):
        rows.setdefault(person and person["number"], []).append(row)
    first, second = rows[sample["copy"] + 1]
    faults = [(rows[place + 1][0], what, column, str(value)) for place, (what, column, value) in sample["planted"].items()]
    return sorted([*faults, (rows[None][0], "blank row", "", ""), (second, "copy", "", f"row {first}")])


def file_name(name):
    """The file of a sample.

    >>> file_name("google_sheets_en")
    'google_sheets_en.tsv'
    """
    return f"{name}.{SAMPLES[name]['ending']}"


def sample_bytes(name):
    """The content of the file of a sample, as bytes."""
    return SAMPLES[name]["shape"](people_in(name))


# --- the card -----------------------------------------------------------------------------------------------------------


def _shares():
    """(column, answer, probability as measured, test for a person): what the card compares with the counts of the files."""
    rows = [(column, key, chance, functools.partial(lambda p, c, k: p[c] == k, c=column, k=key))
            for column in ("recommends", "social_media") for key, chance in CHANCES[column].items()]
    rows += [("help_channels", key, chance, functools.partial(lambda p, k: k in p["help_channels"], k=key))
             for key, chance in (CHANNELS | {"none": np.prod([1 - chance for chance in CHANNELS.values()])}).items()]
    noises = NOISE["likelihood"]
    for group in vocabulary()["nps_groups"]:
        low, high = group["low"], group["high"]
        chance = sum(share / len(noises) for mood, share in MOOD.items() for noise in noises if low <= score("likelihood", mood, noise) <= high)
        rows.append(("likelihood", f"{low}–{high}", chance, functools.partial(lambda p, a, b: a <= p["likelihood"] <= b, a=low, b=high)))
    return rows


def card_table():
    """The generated part of `datasets/README.md`: what was drawn and what came out, and what was planted where."""
    everyone = {name: [p for p in people_in(name) if p] for name in SAMPLES}
    lines = ["| question | answer | probability | " + " | ".join(f"`{name}`" for name in SAMPLES) + " |", "|---|---|---|" + "---|" * len(SAMPLES),
             "| | people, the copy included | | " + " | ".join(str(len(people)) for people in everyone.values()) + " |"]
    for column, key, chance, fits in _shares():
        asked = [[p for p in people if p[column] is not None and p[column] != 11] for people in everyone.values()]
        counts = [f"{sum(map(fits, people))} of {len(people)}" for people in asked]
        if column == "help_channels":
            counts = ["–" if "plain" in name else count for name, count in zip(SAMPLES, counts, strict=True)]  # not asked there
        lines.append(f"| {column} | {key} | {chance:.4f} | " + " | ".join(counts) + " |")
    lines += ["", "| file | row | planted | column | value |", "|---|---|---|---|---|"]
    for name in SAMPLES:
        for row, what, column, value in planted_in(name):
            shown = value.replace("\n", "⏎")
            lines.append(f"| {file_name(name)} | {row} | {what} | {column} | {f'`{shown}`' if column else shown} |")
    return "\n".join(lines)


def write(folder):
    """Writes every sample and the sets of the worlds into `folder` and, if its README.md has the marks, the tables of the card; gives the paths."""
    from . import experience_worlds, worlds  # which draws with what stands here

    return _put(folder, {file_name(name): sample_bytes(name) for name in SAMPLES} | worlds.files(),
                ("counted by", "simulate", "<!-- end -->", card_table), ("truth of", "worlds", "<!-- end of truth -->", worlds.card_table),
                ("truth of", "experience_worlds", "<!-- end of experiences -->", experience_worlds.card_table))


def _put(folder, contents, *marked):
    (folder := pathlib.Path(folder)).mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    _fill(folder / "README.md", marked)
    return [folder / name for name in contents]


def _fill(card, marked):
    """Writes the tables of the card anew, each between its two marks, if the card and the marks are there."""
    for what, module, end, table in marked if card.exists() else ():
        before, found, rest = card.read_bytes().decode("utf-8").partition(f"<!-- {what} {__package__}.{module} -->\n")
        _, closed, after = rest.partition(end)
        if found and closed:
            card.write_bytes((before + found + table() + "\n" + closed + after).encode("utf-8"))


def write_journeys(folder):
    """The same for the journeys, their export and their truth, which takes about half a minute: so they are apart."""
    from . import journey_export, journey_worlds

    return _put(folder, journey_worlds.files() | journey_export.files() | {"journey_truth.csv": journey_worlds.truth_file()},
                ("counted by", "journey_export", "<!-- end of the export -->", journey_export.card_table),
                ("truth of", "journey_worlds", "<!-- end of journeys -->", journey_worlds.card_table))


def write_touchpoints(folder):
    """The same for the touchpoints, the rounds, the customer record and their truth."""
    from . import touchpoint_worlds

    return _put(folder, touchpoint_worlds.files() | {"touchpoint_truth.csv": touchpoint_worlds.truth_file()},
                ("truth of", "touchpoint_worlds", "<!-- end of touchpoints -->", touchpoint_worlds.card_table))


if __name__ == "__main__":
    target = sys.argv[1] if len(sys.argv) > 1 else data_folder()
    for written in (*write(target), *write_journeys(target), *write_touchpoints(target)):
        print(say("simulate.written", file=written.name, size=written.stat().st_size))
