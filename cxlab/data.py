"""The data that comes with the kit: tables for the lessons and sample exports to practise reading files on.

What there is stands in `datasets/catalogue.toml`. A table is checked against it each time it is loaded, so that a lesson never
runs on a file that a spreadsheet has quietly changed.
"""

import csv
import hashlib
import pathlib
import tomllib

import pandas as pd

from .framework import CxError, language, number, say

HERE = pathlib.Path(__file__).parent


def data_folder():
    """The folder of the bundled data: inside the package when installed from a wheel, beside it in a checkout."""
    for folder in (HERE / "datasets", HERE.parent / "datasets"):
        if (folder / "catalogue.toml").is_file():
            return folder
    raise CxError(say("data.no_folder", folder=HERE.parent / "datasets"))


def datasets():
    """The bundled data, one row a file, the tables first.

    Returns a frame `name, file, kind, language, n, about, source, licence`: kind is "table" (open it with `load`) or "export" (a file as a
    survey tool writes it: `read_survey(sample_path(name))`), n the answers or rows it holds, the texts in the display language.

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

    name : of a table in `datasets()`. Returns a frame; `.attrs` holds `simulated` (True: invented data with known truth), `source`, `licence`.
    A file that is not as published is refused with its row and column. A sample export is not a table: read it with `read_survey`.

    >>> housing = load("copenhagen_housing")
    >>> int(housing["tenants"].sum()), list(housing["satisfaction"].cat.categories)
    (1681, ['Low', 'Medium', 'High'])
    """
    entry = _entry(name)
    if entry["kind"] != "table":
        raise CxError(say("data.is_export", name=name))
    rows = _read(sample_path(name), entry)
    frame = pd.DataFrame(rows, columns=list(entry["columns"]))
    for column, allowed in entry["columns"].items():
        frame[column] = _typed(frame[column], column, allowed, entry["file"])
    _check_rows(frame, entry)
    frame.attrs = {"simulated": entry["simulated"], "source": entry[f"source_{language()}"], "licence": entry[f"licence_{language()}"]}
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
    """Text to ordered categories or whole numbers; the first cell that is not allowed is named."""
    if "values" in allowed:
        good, told = values.isin(allowed["values"]), ", ".join(allowed["values"])
    else:
        good, told = values.str.fullmatch("[0-9]{1,9}"), say("data.whole_number")
    if not good.all():
        at = int((~good).to_numpy().argmax())
        raise CxError(say("data.value", file=file, row=at + 2, column=column, value=values.iloc[at], allowed=told))
    return pd.Categorical(values, categories=allowed["values"], ordered=allowed["ordered"]) if "values" in allowed else values.astype("int64")


def _check_rows(frame, entry):
    """Every row once, all of them, the known total, and at last the fingerprint of the published content."""
    file, keys = entry["file"], [column for column, allowed in entry["columns"].items() if "values" in allowed]
    twice = frame.duplicated(keys)
    if entry["cross_table"] and twice.any():
        at = int(twice.to_numpy().argmax())
        first = int((frame[keys] == frame[keys].iloc[at]).all(axis=1).to_numpy().argmax())
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


def _catalogue():
    return tomllib.loads((data_folder() / "catalogue.toml").read_text(encoding="utf-8"))["datasets"]


def _entry(name):
    entries = {entry["name"]: entry for entry in _catalogue()}
    if name not in entries:
        raise CxError(say("data.unknown", name=name, allowed=", ".join(entries)))
    return entries[name]
