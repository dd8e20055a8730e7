"""The data that comes with the kit: tables for the lessons and sample exports to practise reading files on.

What there is stands in `datasets/catalogue.toml`. A table is checked against it each time it is loaded, so that a lesson never
runs on a file that a spreadsheet has quietly changed.
"""

import csv
import functools
import hashlib
import pathlib
import tomllib

import pandas as pd

from .framework import CxError, keys, language, number, say, vocabulary

HERE = pathlib.Path(__file__).parent
CONSENTS = ("consent_survey", "consent_contact", "consent_quote")
FIVE_QUESTIONS = ("respondent", "wave", "language", "recruited_via", "important_1", "important_2", "important_3", "annoys", "organisations",
                  "recommends", "social_media", "help_channels", "functional", "accessible", "emotional", "likelihood", "memory", "happiness",
                  "age_group", *CONSENTS)  # the columns of the bundled five-question tables
ORGANISATIONS = ("Papatyahan", "Kuzgunayı", "Çınarlıtepe", "Turnakova")  # of the tables of experiences; invented, the first is the low-price chain


def data_folder():
    """The folder of the bundled data: inside the package when installed from a wheel, beside it in a checkout."""
    for folder in (HERE / "datasets", HERE.parent / "datasets"):
        if (folder / "catalogue.toml").is_file():
            return folder
    raise CxError(say("data.no_folder", folder=HERE.parent / "datasets"))


def datasets():
    """The bundled data, one row a file, the tables first.

    Returns a frame `name, file, kind, language, n, about, source, licence`: kind is "table" (open it with `load`), "export" (a file as a
    survey tool writes it: `read_survey(sample_path(name))`) or "log" (as a customer record system writes it: `pd.read_csv(sample_path(name), ...)`),
    n the answers or rows it holds, the texts in the display language.

    >>> datasets().query("kind == 'export'")["name"].iloc[0]
    'google_forms_tr'
    """
    fixed, told = ["name", "file", "kind", "language", "n"], ["about", "source", "licence"]
    return pd.DataFrame([{key: entry[key] for key in fixed} | {key: entry[f"{key}_{language()}"] for key in told} for entry in _catalogue()])


def sample_path(name):
    """The path of a bundled file, to be given to `read_survey`.

    name : as in `datasets()`.

    >>> sample_path("plain_tr").name
    'plain_tr.csv'
    """
    path = data_folder() / _entry(name)["file"]
    if not path.is_file():
        raise CxError(say("data.file_missing", file=path))
    return path


def is_simulated(path):
    """True if `path` is a bundled file of invented answers (figures of it say so in their corner)."""
    path = pathlib.Path(path)
    return any(entry["simulated"] and path.name == entry["file"] for entry in _catalogue()) and path.resolve().parent == data_folder().resolve()


def load(name):
    """A bundled table as a frame, its categories in their order, checked on load.

    name : of a table in `datasets()`. Returns a frame; `.attrs` holds `simulated` (True: invented, its truth known), `about`, `source`, `licence`.
    In a five-question table an empty cell is missing, a scale is Int64, several answers are a tuple, texts stand as they were written.
    A file that is not as published is refused with its row and column. A sample export is not a table: read it with `read_survey`.

    >>> housing = load("copenhagen_housing")
    >>> int(housing["tenants"].sum()), list(housing["satisfaction"].cat.categories)
    (1681, ['Low', 'Medium', 'High'])
    """
    entry = _entry(name)
    if entry["kind"] != "table":
        raise CxError(say("data.is_export" if entry["kind"] == "export" else "data.is_log", name=name))
    rows = _read(sample_path(name), entry)
    cells = pd.DataFrame(rows, columns=list(entry["columns"]), dtype="str")
    frame = pd.DataFrame({column: _typed(cells[column], column, allowed, entry["file"]) for column, allowed in entry["columns"].items()})
    _check_rows(frame, entry)
    frame.attrs = {"simulated": entry["simulated"]} | {told: entry[f"{told}_{language()}"] for told in ("about", "source", "licence")}
    return frame


def _read(path, entry):
    """The cells of a table as text, after a look at the header and at the number of cells a row."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CxError(say("data.not_utf8", file=entry["file"])) from None
    header, *rows = list(csv.reader(text.splitlines())) or [[]]
    if header != list(entry["columns"]):
        raise CxError(say("data.header", file=entry["file"], found=", ".join(header), expected=", ".join(entry["columns"])))
    for row, cells in enumerate(rows, start=2):
        if len(cells) != len(header):
            raise CxError(say("data.cells", file=entry["file"], row=row, found=len(cells), expected=len(header)))
    return rows


def _typed(values, column, allowed, file):
    """Text to the dtype of the column: see `catalogue.toml`; the first cell that is not allowed is named."""
    given = values != "" if allowed.get("missing") else pd.Series(True, index=values.index)
    if "values" in allowed and allowed.get("several"):
        good, told = values.map(lambda cell: set(cell.split(";")) <= set(allowed["values"])), ", ".join(allowed["values"])
    elif "values" in allowed:
        good, told = values.isin(allowed["values"]), ", ".join(allowed["values"])
    elif "pattern" in allowed:
        good, told = values.str.fullmatch(allowed["pattern"]), allowed["pattern"]
    else:
        good, told = values.str.fullmatch("[0-9]{1,9}"), say("data.whole_number")
    if not (good | ~given).all():
        at = int((~good & given).to_numpy().argmax())
        raise CxError(say("data.value", file=file, row=at + 2, column=column, value=values.iloc[at], allowed=told))
    return _in_dtype(values.where(given), allowed)


def _in_dtype(values, allowed):
    if allowed.get("several"):
        return pd.Series([tuple(cell.split(";")) if isinstance(cell, str) else None for cell in values], index=values.index, dtype=object)
    if "number" in allowed:
        return values.astype(allowed["number"])
    if "values" in allowed:
        return pd.Series(pd.Categorical(values, categories=allowed["values"], ordered=allowed["ordered"]), index=values.index)
    return values if "pattern" in allowed else values.astype("int64")


def _five_questions():
    """What the columns of a five-question table may hold, from the vocabulary: {column: allowed}, as in `catalogue.toml`."""
    scales = {row["key"]: [str(score) for score in range(row["low"], row["high"] + 1)] for row in vocabulary()["questions"] if row["kind"] == "scale"}
    closed = {"language": "languages", "recruited_via": "recruited_via", "recommends": "yes_no", "social_media": "social_media", "memory": "memories",
              "help_channels": "help_channels", "age_group": "age_groups"} | dict.fromkeys(CONSENTS, "yes_no")
    columns = {}
    for column in FIVE_QUESTIONS:
        if column in scales:
            columns[column] = {"values": scales[column], "number": "Int64", "missing": True}
        elif column in closed:
            columns[column] = {"values": keys(closed[column]), "ordered": column == "age_group", "missing": True} | (
                {"several": True} if column == "help_channels" else {})
        else:
            columns[column] = {} if column in ("respondent", "wave") else {"pattern": ".+", "missing": True}
    return columns


def experience_columns():
    """What the columns of a table of experiences may hold, in their order: {column: allowed}, as in `catalogue.toml`."""
    def scale(low=1, high=7):
        return {"values": [str(score) for score in range(low, high + 1)], "number": "Int64", "missing": True}

    def words(values, ordered=False, missing=False):
        return {"values": list(values), "ordered": ordered, "missing": missing}

    columns = dict.fromkeys(("experience", "customer", "employee", "shop"), {}) | {"organisation": words(ORGANISATIONS)}
    columns |= {f"{key}_{place}": scale() for key in keys("components") for place in range(1, 5)}
    columns |= {f"{kind}_{key}": scale() for key in keys("components") for kind in ("expected", "perceived")}
    columns |= {"feeling_before": scale(-5, 5), "worked": words(keys("yes_no")), "feeling_after": scale(-5, 5)}
    columns |= {key: scale() for key in (*keys("contact_factors"), *(f"right_{key}" for key in keys("rights")), "peak", "end")}
    columns |= {"average": {"pattern": r"[1-7]\.[0-9]", "number": "float64"}, "memory": words(keys("memories")), "surprise": words(keys("yes_no"))}
    columns |= {"happiness": scale(0, 10), "satisfaction": scale(), "likelihood": scale(0, 10), "returned": words(keys("yes_no"))}
    columns |= {"rivals_considered": scale(0, 5), "rank_among_rivals": scale(1, 5), "price": {}, "incident": words(keys("incidents"), ordered=True)}
    return columns | {"complained": words(keys("yes_no"), missing=True), "found_by_firm": words(keys("yes_no"), missing=True),
                      "recovery": words(keys("recoveries"), ordered=True, missing=True)}


def _kano_answers():
    """Kano's pair of questions on each contact factor, 1-5."""
    answer = {"values": [str(score) for score in range(1, 6)], "number": "Int64", "missing": True}
    return {"respondent": {}} | {f"{factor}_{which}": answer for factor in keys("contact_factors") for which in ("present", "absent")}


def _journey(kind):
    """What the columns of a table of journeys may hold; days are whole numbers from the first day of the study."""
    scale = {low: {"values": [str(score) for score in range(low, high + 1)], "number": "Int64"} for low, high in ((-5, 5), (0, 10))}
    whole = {"pattern": "[0-9]{1,6}", "number": "Int64", "missing": True}
    stages = {"values": [*keys("stages"), *keys("exits")], "ordered": True}
    return {"events": {"customer": {}, "day": {}, "stage": stages},
            "customers": {"customer": {}, "industry": {"values": keys("industries"), "ordered": False}, "arrival": {},
                          "happiness": scale[0] | {"missing": True}, "happiness_day": whole, "margin": {}, "first_day": {}, "last_day": {}},
            "contacts": {"customer": {}, "day": {}, "channel": {"values": keys("channels"), "ordered": False}, "response_minutes": whole,
                         "gift": {"values": ["personal", "mass", "coupon"], "ordered": False, "missing": True}},
            "emotions": {"customer": {}, "stage": {"values": keys("stages"), "ordered": True}, "before": scale[-5], "after": scale[-5]}}[kind]


def _touchpoint_nps():
    """What the columns of a table of occasions may hold: a customer met a touchpoint in a round."""
    def words(values, ordered=False, missing=False):
        return {"values": keys(values), "ordered": ordered, "missing": missing}

    text = {"pattern": ".+", "missing": True}
    columns = {"customer": {}, "email": {"pattern": ".+@.+"}, "round": {}, "day": {}, "touchpoint": words("touchpoints", ordered=True),
               "stage": words("stages", ordered=True), "invited": words("yes_no"), "answered": words("yes_no"),
               "score": {"values": [str(score) for score in range(11)], "number": "Int64", "missing": True},
               "followup": words("followups", missing=True), "comment": text, "language": words("languages")}
    columns |= dict.fromkeys(("consent_contact", "consent_reference"), words("yes_no", missing=True))
    return columns | {"complained": words("yes_no"), "found_by_firm": words("yes_no", missing=True), "left": words("yes_no")}


SCHEMAS = {"five_questions": _five_questions, "experiences": experience_columns, "kano_answers": _kano_answers, "touchpoint_nps": _touchpoint_nps} | {
    f"journey_{kind}": functools.partial(_journey, kind) for kind in ("events", "customers", "contacts", "emotions")}


def _check_rows(frame, entry):
    """Every row once, all of them, the known total, and at last the fingerprint of the published content."""
    file, sides = entry["file"], [column for column, allowed in entry["columns"].items() if "values" in allowed]
    if entry["cross_table"] and (twice := frame.duplicated(sides)).any():
        at = int(twice.to_numpy().argmax())
        first = int((frame[sides] == frame[sides].iloc[at]).all(axis=1).to_numpy().argmax())
        raise CxError(say("data.twice", file=file, row=at + 2, first=first + 2))
    if len(frame) != entry["n"]:
        raise CxError(say("data.rows", file=file, found=number(len(frame)), expected=number(entry["n"])))
    for column, allowed in entry["columns"].items():
        if "total" in allowed and frame[column].sum() != allowed["total"]:
            raise CxError(say("data.total", file=file, column=column, found=number(frame[column].sum()), expected=number(allowed["total"])))
    if fingerprint(frame) != entry["fingerprint"]:
        raise CxError(say("data.changed", file=file))


def fingerprint(frame):
    """SHA-256 of the content of a table, whatever its line ends: what `catalogue.toml` holds for it."""
    return hashlib.sha256(frame.to_csv(index=False, lineterminator="\n").encode("utf-8")).hexdigest()


@functools.lru_cache(maxsize=2)
def _parsed(text):
    return tomllib.loads(text)["datasets"]


def _catalogue():
    entries = _parsed((data_folder() / "catalogue.toml").read_text(encoding="utf-8"))
    return [entry | ({"columns": SCHEMAS[entry["schema"]]()} if "schema" in entry else {}) for entry in entries]


def _entry(name):
    entries = {entry["name"]: entry for entry in _catalogue()}
    if name not in entries:
        raise CxError(say("data.unknown", name=name, allowed=", ".join(entries)))
    return entries[name]
