"""A survey file as one page: what was read, what was answered, how sure that is, and what the page cannot say.

The cells of the notebook `report.ipynb` call the public functions here, in their order; `report_page.py` runs that notebook and makes the
page of it. All text comes in the display language, all tables go into one workbook.
Text of strangers (column names, options, file names) reaches the page only through `charts.escape`.
"""

import dataclasses
import json
import os
import pathlib
import re

import pandas as pd

from . import framework
from .framework import CxError, label, number, percent, say
from .report_page import SETTINGS

BUNDLED = "google_forms_tr"  # the sample a report shows when no file is given
FLOOR, FEW, MOST_ROWS, MOST_SHEET_ROWS = 10, 20, 50, 20_000  # people in a group; answers of a closed remark; rows on the page; rows of a sheet
SOME, MOST_POINTS = 5, 101  # rows named on the page where many have the same remark; points of a scale
FIVE, ABOUT = ("recommends", "social_media", "help_channels"), ("recruited_via", "language", "consent_survey", "consent_contact", "consent_quote")
OPEN = ("important", "important_1", "important_2", "important_3", "annoys", "organisations")  # never shown as they are, however few differ
LIKELY = r"likel|recommend|tavsiye|öner|olasılı"  # words of the item that NPS is made of
ZERO_TO_TEN = r"0\s*(?:-|–|—|to|ile|'?dan|\.\.)\s*10|\b0\s*=.*\b10\s*="
MOSTLY = 0.95  # share of an item's answers that must be on the scale before the others count as slips
RANGES = ((1, 5), (1, 7), (0, 10), (1, 10))


@dataclasses.dataclass
class Report:
    """What the cells of the notebook hand on: settings, the survey, the five-question table (or why there is none), all tables."""

    settings: dict
    survey: object
    answers: pd.DataFrame
    five: object = None
    five_columns: dict = dataclasses.field(default_factory=dict)
    left_out: dict = dataclasses.field(default_factory=dict)
    tables: dict = dataclasses.field(default_factory=dict)
    results: dict = dataclasses.field(default_factory=dict)
    five_results: dict = dataclasses.field(default_factory=dict)
    coded: list = dataclasses.field(default_factory=list)
    only_counted: list = dataclasses.field(default_factory=list)
    organisations: object = None
    items_named: dict = dataclasses.field(default_factory=dict)
    components: object = None

    @property
    def simulated(self):
        from .data import is_simulated

        return is_simulated(self.settings["file"])


# ---- the cells of the notebook, in their order ---------------------------------------------------------------------------------------------


def open_report():
    """Read the file that the settings name; without settings, the bundled sample. Returns a `Report`."""
    from .data import sample_path
    from .exports import read_survey
    from .report_components import split_map

    given = json.loads(os.environ.get(SETTINGS, "{}"))
    settings = dict.fromkeys(["columns", "source", "encoding", "separator", "folder"]) | {"language": framework.language()} | given
    settings["file"] = settings.get("file") or str(sample_path(BUNDLED))
    framework.use_language(settings["language"])
    survey = read_survey(settings["file"], **{key: settings[key] for key in ("source", "encoding", "separator")})
    report = Report(settings, survey, survey.answers)
    settings["columns"], report.items_named = split_map(settings["columns"])
    _recognise(report)
    return report


def count(report):
    """Every closed question as a table of shares, kept for the cells that follow: what is asked → (kind, text, table)."""
    for entry in framework.vocabulary()["questions"]:
        key, column = entry["key"], entry["columns"][0]
        if key in FIVE and report.five is not None and column in report.five and report.five[column].notna().any():
            table = _shares(report.five, column, entry["kind"])
            known = set(framework.keys(entry["options"]))
            table["value"] = [label(entry["options"], value) if value in known else value for value in table["value"]]
            report.five_results[key] = (entry["kind"], entry[f"text_{framework.language()}"], table)
            _keep(report, f"five {key}", table)
    elsewhere = {report.five_columns.get(key) for key in (*FIVE, *ABOUT, *OPEN, "likelihood")}
    for _, question in report.survey.questions.iterrows():
        column, kind = question["column"], question["kind"]
        if kind in ("single", "multiple", "scale") and column not in elsewhere and column in report.answers and report.answers[column].notna().any():
            report.results[column] = (kind, _masked_text(question["text"]), _shares(report.answers, column, kind))
            if kind != "scale" or len(report.results[column][2]) <= MOST_POINTS:  # an amount is no scale: its single values say who it was
                _keep(report, column, report.results[column][2])


def overview(report):
    """Title, and every closed question in one line."""
    name = _masked_text(pathlib.Path(report.settings["file"]).name)
    _html(_heading(1, say("report.title", file=name)), _text(say("report.lead", n=number(len(report.answers)), source=_source(report))),
          _text(say("report.lead_simulated")) if report.simulated else "")
    rows = []
    results = [*report.five_results.values(), *report.results.values()]
    for kind, text, table in [*results, *(("open", coded.text, coded.named) for coded in report.coded)]:
        if kind == "scale" or _is_hidden(table).all():
            continue
        first = table.sort_values("share", ascending=False, kind="stable").iloc[0]
        rows.append((_shorten(text), number(first["n"]), _value(first["value"]), _share_range(first)))
    if rows:
        k = sum(len(table) for table in report.tables.values() if "ci_low" in table)
        _html(_heading(2, say("report.overview")), _table(rows, ["question", "n", "most_named", "share_interval"], "n share_interval"),
              _text(say("report.multiplicity", k=number(k))))


def what_was_read(report):
    """Rows in the file = headers + blank + set aside + read; the remarks of the reader; the personal columns, by name only."""
    counts = report.survey.counts
    parts = ["header_rows", "blank_rows", "set_aside", "read", "rows_in_file"]
    _keep(report, "rows", pd.DataFrame({"rows": parts, "count": [counts[part] for part in parts]}))
    name = _masked_text(pathlib.Path(report.settings["file"]).name)
    _html(_heading(2, say("report.read_title")), _text(say("report.read_lead", file=name, source=_source(report))),
          _table([(say(f"report.{part}"), number(counts[part])) for part in parts], ["rows", "count"], "count", last_is_sum=True),
          *(_text(say(f"report.{why}", k=number(len(rows)), rows=_list(rows))) for why, rows in report.left_out.items() if rows),
          _text(say("report.used", n=number(len(report.answers)))), _text(say("report.five_none")) if report.five is None else "")
    personal = report.survey.questions.query("kind == 'personal'")["column"]
    listed = "; ".join(_masked_text(column) for column in personal)
    _html(_text(say("report.personal", columns=listed) if listed else say("report.no_personal")), _text(say("report.masking")))
    _remarks(report)


def _remarks(report):
    columns = ["row", "column", "value", "problem", "action"]
    remarks = pd.DataFrame(report.survey.report[columns].astype(object).values.tolist() + _five_remarks(report), columns=columns, dtype=object)
    written = remarks["column"].isin(_written(report))
    remarks["value"] = remarks["value"].mask(written)
    remarks["action"] = [re.sub(r": \[.*\]\}", ": [...]}", action) if quotes else action
                         for action, quotes in zip(remarks["action"], written, strict=True)]
    remarks[columns[1:]] = remarks[columns[1:]].apply(_masked)
    _keep(report, "remarks", remarks)
    if remarks.empty:
        return _html(_text(say("report.no_remarks")))
    told = remarks.where(remarks.notna(), "").astype(str).groupby(columns[1:], sort=False)["row"]
    alike = told.agg(lambda rows: _list([*filter(None, rows)], SOME))
    shown = alike.head(MOST_ROWS)
    rows = [[where, *map(_shorten, told)] for told, where in shown.items()]
    more = say("report.more_remarks", shown=number(len(shown)), k=number(len(alike)), sheet="remarks") if len(alike) > len(shown) else ""
    _html(_heading(3, say("report.remarks_title")), _table(rows, columns, "row"), _text(more))


def _written(report):
    """The columns of open answers: what people wrote stands in no remark, the row says where it is."""
    written = report.survey.questions.query("kind == 'open'")["column"]
    return {*written, *(report.five_columns.get(key) for key in OPEN)} - {None}


def _five_remarks(report):
    """What the five-question table remarked; of people left out of this page it says just that."""
    lines = [] if report.five is None else report.five.attrs["report"]
    consent = report.five_columns.get("consent_survey")
    return [[line["row"], line["column"], line["value"], line["problem"], say("report.action_left_out") if line["row"] in report.left_out["faulty"]
             or line["row"] is None and line["column"] is not None and line["column"] == consent else line["action"]] for line in lines]


def who_answered(report):
    """When and through which doors the answers came; consents; groups under ten people are pooled."""
    _html(_heading(2, say("report.who_title")), _text(say("report.who_lead")))
    kinds = report.survey.questions.set_index("column")["kind"]
    about = {report.five_columns.get(key) for key in ABOUT}
    columns = [c for c, kind in kinds.items() if (kind in ("meta", "consent", "date") or c in about) and c in report.answers]
    columns = [column for column in columns if report.answers[column].notna().any()]
    if not columns:
        _html(_text(say("report.who_unknown")))
    for column in columns:
        values = report.answers[column].dropna()
        if pd.api.types.is_datetime64_any_dtype(values):
            _html(_text(say("report.dates", column=_masked_text(column), first=_day(values.min()), last=_day(values.max()), n=number(len(values)),
                            empty=number(len(report.answers) - len(values)))))
        elif values.nunique() <= FEW:
            _closed_remark(report, column, values)


def questions(report, *kinds):
    """Each closed question of these kinds: its figure and its table."""
    chosen = {column: result for column, result in report.results.items() if result[0] in kinds}
    if chosen:
        _html(_heading(2, say(f"report.{kinds[0]}_title")), _text(say(f"report.{kinds[0]}_lead")))
    for column, (kind, text, table) in chosen.items():
        _html(_heading(3, text))
        if kind == "scale":
            _scale(report, report.answers[column], text, table)
        else:
            _ranked(report, table)


def five_questions(report):
    """Questions 4 and 5 of the five-question survey as shares; nothing is shown when the file is not that survey."""
    if report.five is None:
        return
    _html(_heading(2, say("report.five_title")), _text(say("report.five_lead")))
    for key, (_, text, table) in report.five_results.items():
        _html(_heading(3, text), _text(say(f"report.five_{key}")))
        _ranked(report, table)


def nps(report):
    """NPS with its interval and the distribution behind it, if there is an item on 0–10 that asks how likely a recommendation is."""
    from . import charts, rates
    from .report_components import customers_of

    _html(_heading(2, say("report.nps_title")))
    scores, why = _likelihood(report)
    _html(_text(why))
    if scores is None:
        return
    customer = customers_of(report.answers)
    scores = scores.to_frame("likelihood")
    if customer is not None:
        scores["customer"] = report.answers[customer].reindex(scores.index)
    scores.attrs["scale"] = {"likelihood": (0, 10)}
    table = rates.nps(scores, "likelihood", cluster=None if customer is None else "customer")
    table.attrs["self_selected"] = True
    if customer is not None:
        _html(_text(say("report_touchpoints.cluster", column=_masked_text(customer))))
    _keep(report, "nps", table)
    charts.show(charts.plot_nps(table, simulated=report.simulated))
    if not _is_hidden(table).any():
        charts.show(charts.plot_distribution(scores["likelihood"].rename(say("report.likelihood")), zones=True, simulated=report.simulated))
        row = table.iloc[0]
        _html(_table([(number(row["n"]), *(number(row[name]) for name in ("detractors", "passives", "promoters")), _nps_range(row))],
                     ["n", "detractors", "passives", "promoters", "nps_interval"], "n detractors passives promoters nps_interval"),
              _text(say("report.nps_debate")))


def limits(report):
    """What the page cannot say."""
    names = ("self_selected", "missing", "many", "small", "measurement", "words")
    items = "".join(f"<li>{_escape(say(f'report.limit_{name}'))}</li>" for name in names)
    _html(_heading(2, say("report.limits_title")), f"<ul>{items}</ul>")


def disclosure(report):
    """The disclosure form of AAPOR's code (2021), filled in as far as the file tells, the rest left to its owner."""
    dates = [values for column in report.answers if pd.api.types.is_datetime64_any_dtype(values := report.answers[column].dropna()) and len(values)]
    known = {name: say(f"report.known_{name}") for name in ("weighting", "processing", "precision")}
    if report.coded:
        known["processing"] = f"{known['processing']} {say('report_open.known_coding')}"
    known |= {"size": say("report.known_size", n=number(len(report.answers)), set_aside=number(report.survey.counts["set_aside"])),
              "wording": say("report.known_wording", k=number(len(report.results))),
              "dates": say("report.known_dates", first=_day(dates[0].min()), last=_day(dates[0].max())) if dates else ""}
    rows = [(label("disclosure", item), known.get(item, "")) for item in framework.keys("disclosure")]
    _keep(report, "disclosure", pd.DataFrame(rows, columns=["item", "answer"]))
    _html(_heading(2, say("report.disclosure_title")), _text(say("report.disclosure_lead")), _table(rows, ["item", "to_fill"], "", css="form"))


def write_tables(report):
    """Every table of the report as a sheet of one workbook; texts of strangers cannot become formulas."""
    if report.settings["folder"] is None:
        return
    from .spreadsheets import to_xlsx

    names = _sheet_names(list(report.tables))
    contents = pd.DataFrame({"sheet": names, "table": list(report.tables), "rows": [len(t) for t in report.tables.values()]})
    sheets = {name: table.head(MOST_SHEET_ROWS) for name, table in zip(["contents", *names], [contents, *report.tables.values()], strict=True)}
    to_xlsx(sheets, pathlib.Path(report.settings["folder"]) / "tables.xlsx")
    _html(_heading(2, say("report.files_title")), _text(say("report.files", tables=report.settings["tables"], notebook=report.settings["notebook"])))


# ---- parts of the cells --------------------------------------------------------------------------------------------------------------------


def _recognise(report):
    """The five-question table if the file is that survey; who refused the use of their answers, or whose row is faulty, leaves the report."""
    from .questions import five_questions

    columns = report.settings["columns"]
    try:
        report.five = five_questions(report.survey, columns=columns)
    except CxError:
        if columns and not (set(columns) == {"likelihood"} and columns["likelihood"] in report.answers):
            raise
        return  # another survey: the page says so, and how to name the columns
    table = report.five
    report.five_columns = table.attrs["columns"]
    refused = table.index[table["consent_survey"] == "no"].tolist() if "consent_survey" in table else []
    report.left_out = {"refused": refused, "faulty": list(table.attrs["set_aside"])}
    report.five = table.drop(index=refused)
    report.five.attrs = table.attrs
    report.answers = report.answers.loc[report.five.index]


def _shares(frame, column, kind):
    from . import rates

    table = rates.multiple_response(frame, column) if kind == "multiple" else rates.share(frame, column)
    table.attrs["self_selected"] = True
    return table.assign(value=_masked(table["value"]))


def _ranked(report, table):
    from . import charts

    charts.show(charts.plot_shares(table, simulated=report.simulated))
    shown = table[~_is_hidden(table)].sort_values("share", ascending=False, kind="stable")
    rows = [(_value(r["value"]), number(r["count"]), number(r["n"]), _share_range(r)) for _, r in shown.head(FEW).iterrows()]
    if rows:
        more = say("report.more_answers", k=number(len(shown) - FEW)) if len(shown) > FEW else ""
        _html(_table(rows, ["answer", "count", "n", "share_interval"], "count n share_interval"), _text(more))


def _scale(report, answers, text, table):
    from . import charts

    values = pd.to_numeric(answers, errors="coerce").astype("Float64").dropna()
    low, high = (values.min(), values.max()) if len(values) else (0, 0)
    fitting = [(a, b) for a, b in RANGES if a <= low and high <= b]
    if len(values) >= FLOOR and fitting and (values % 1 == 0).all():
        name = pd.Series(values.astype(int), name=_shorten(text, 80))
        charts.show(charts.plot_distribution(name, scale=fitting[0], simulated=report.simulated))
        shown = table[~_is_hidden(table)].sort_values("value", key=lambda v: pd.to_numeric(v, errors="coerce"))
        _html(_table([(_value(r["value"]), number(r["count"]), number(r["n"]), _share_range(r)) for _, r in shown.iterrows()],
                     ["answer", "count", "n", "share_interval"], "count n share_interval"))
    elif len(values) >= FLOOR:
        points = zip(("low", "median", "high", "mean"), (*values.quantile([0.25, 0.5, 0.75]), values.mean()), strict=True)
        _html(_text(say("report.numbers", n=number(len(values)), **{name: number(point, int(point % 1 > 0)) for name, point in points})))
    else:
        _html(_text(say("report.too_few")))


def _closed_remark(report, column, values):
    table = _shares(values.to_frame(column), column, "single")
    big = table[table["count"] >= FLOOR].sort_values("count", ascending=False, kind="stable")
    rows = [(_value(r["value"]), number(r["count"]), percent(r["share"])) for _, r in big.iterrows()]
    rest = int(table["count"].sum() - big["count"].sum())
    if rest:
        told = (number(rest), percent(rest / len(values))) if rest >= FLOOR else (say("report.under_ten"), "")
        rows.append((say("report.pooled"), *told))
    _keep(report, column, big)
    _html(_heading(3, _masked_text(column)), _table(rows, ["answer", "count", "share"], "count share"))


def _likelihood(report):
    """The 0–10 item that asks how likely a recommendation is, as a series, or None; and a sentence that says which column and why."""
    if report.five is not None and "likelihood" in report.five and report.five["likelihood"].notna().any():
        return report.five["likelihood"].dropna(), say("report.nps_five")
    named = (report.settings["columns"] or {}).get("likelihood")
    near = []
    for column, (kind, text, _) in report.results.items():
        score = kind == "scale" and _is_touchpoint_score(report, column)
        if column != named and not score and (kind != "scale" or not re.search(LIKELY, f"{column} {text}", re.I)):
            continue
        values = pd.to_numeric(report.answers[column], errors="coerce").astype("Float64").dropna()
        fits = values.between(0, 10) & (values % 1 == 0)
        if fits.mean() >= MOSTLY and (column == named or (values == 0).any() or re.search(ZERO_TO_TEN, text, re.I)):
            off = say("report.nps_off", k=(~fits).sum(), rows=_list(values.index[~fits])) if not fits.all() else ""
            told = say("report.nps_score", column=_shorten(text)) if score and column != named else say("report.nps_column", column=_shorten(text))
            return values[fits].astype(int), f"{told} {off}".strip()
        near.append(say("report.nps_near", column=_shorten(text), low=number(values.min(), 0), high=number(values.max(), 0)))
    return None, " ".join(near) or say("report.nps_none")


def _is_touchpoint_score(report, column):
    """A column called score, in a file of touchpoints or rounds, is its NPS item."""
    from .recognise import fold
    from .report_touchpoints import SCORE, columns_of

    return fold(column) in SCORE and any(columns_of(report))


def _keep(report, name, table):
    report.tables[_masked_text(name) if name not in report.tables else f"{_masked_text(name)} ({len(report.tables)})"] = table


def _list(rows, most=FEW):
    return ", ".join(map(str, rows[:most])) + (f", … ({number(len(rows))})" if len(rows) > most else "")


def _sheet_names(names):
    """Legal and unique names for sheets: at most 31 characters, none of []:*?/\\, a number in front."""
    return [f"{k:02d} {re.sub(r'[^0-9A-Za-zÇĞİÖŞÜçğıöşü _.-]', ' ', name)[:26].strip()}".strip() for k, name in enumerate(names, 1)]


def _is_hidden(table):
    return table["note"].astype("str").str.contains("hidden").fillna(False)


def _source(report):
    return label("sources", report.survey.source) if report.survey.source in framework.keys("sources") else report.survey.source


def _share_range(row):
    return say("report.share_range", share=percent(row["share"]), low=number(100 * row["ci_low"]), high=number(100 * row["ci_high"]))


def _nps_range(row):
    return say("report.nps_range", nps=number(row["nps"]), low=number(row["ci_low"]), high=number(row["ci_high"]))


def _day(moment):
    return f"{moment:%Y-%m-%d}" if framework.language() == "en" else f"{moment:%d.%m.%Y}"


def _value(value):
    from .figures import plain

    return _shorten(plain(value), 120)


def _shorten(text, width=160):
    text = " ".join(str(text).split())
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _masked_text(text):
    return _masked(pd.Series([str(text)]))[0]


def _masked(values):
    """Personal data in texts covered; other values as they are."""
    from .privacy import mask

    return mask(values) if len(values) else values


# ---- pieces of the page --------------------------------------------------------------------------------------------------------------------


def _escape(text):
    from .figures import escape

    return escape(text)


def _html(*parts):
    import html

    from IPython.display import display

    body = "\n".join(part for part in parts if part)
    if body:
        display({"text/html": body, "text/plain": html.unescape(re.sub(r"<[^>]+>", " ", body))}, raw=True)


def _heading(level, text):
    return f"<h{level}>{_escape(_shorten(text, 300))}</h{level}>"


def _text(text):
    return f"<p>{_escape(text)}</p>" if text else ""


def _table(rows, headings, right, last_is_sum=False, css=""):
    """Rows of texts as a table; `right` names the columns that hold numbers, separated by blanks."""
    classes = [' class="number"' if name in right.split() else "" for name in headings]
    head = "".join(f'<th scope="col"{css_}>{_escape(say(f"report.col_{name}"))}</th>' for name, css_ in zip(headings, classes, strict=True))
    lines = []
    for k, row in enumerate(rows):
        cells = "".join(f"<td{css_}>{_escape(cell)}</td>" for cell, css_ in zip(row, classes, strict=True))
        lines.append(f'<tr{" class=sum" if last_is_sum and k == len(rows) - 1 else ""}>{cells}</tr>')
    return f'<table class="{css}"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'
