"""NPS by touchpoint and over rounds in a report: whose score it is, when it was asked again, and what a difference between groups is worth.

The cell of `report.ipynb` calls `touchpoints`. The columns are recognised by their header ("touchpoint", "temas noktası"; "round", "dalga"), the
first also by its question ("Which touchpoint was it?") or its values, or named in the file of --columns: touchpoint = "Q7", round = "Q8".
"""

import re

import pandas as pd

from .framework import CxError, label, number, say, vocabulary
from .rates import nps, nps_change
from .recognise import fold, holds
from .repeated import rounds
from .report import FLOOR, _heading, _html, _keep, _likelihood, _masked_text, _nps_range, _shorten, _table, _text
from .report_components import customers_of
from .survey_dates import MONTHS

TOUCHPOINT = {"touchpoint", "touch point", "temas noktasi", "temas"}
ROUND = {"round", "wave", "dalga", "tur", "donem", "period", "month", "ay", "quarter", "ceyrek", "week", "hafta"}
SCORE = {"score", "skor", "puan", "nps", "nps score", "nps skoru", "nps puani"}
MOST_TOUCHPOINTS, MOST_ROUNDS = 12, 60  # values of a column that may still be one
ASKED = (["touchpoint", "touch point", "temas nokta"], ["which ", "what ", "hangi", "neresi"])  # a question that holds one of each asks for it
KNOWN = 0.95  # share of the values that are touchpoints of the model, where the header does not say so


def touchpoints(report):
    """NPS by touchpoint, over rounds, and its change where the same customers were asked again; nothing where the file has neither column."""
    answers, (point, turn) = report.answers, columns_of(report)
    if point is None and turn is None:
        return
    scores, _ = _likelihood(report)
    if scores is None or not len(scores):
        _html(_heading(2, say("report_touchpoints.title")), _text(say("report_touchpoints.no_score")))
        return
    table, customer = scores.astype("Int64").to_frame("score"), customers_of(answers)
    for key, column in (("touchpoint", point), ("round", turn), ("customer", customer)):
        if column is not None:
            table[key] = answers[column].reindex(table.index)
    table.attrs = {"scale": {"score": (0, 10)}, "simulated": report.simulated}
    if point is not None:
        table["touchpoint"] = _in_order(table["touchpoint"])
        _by_touchpoint(report, table, point, customer)
    if turn is not None:
        table["round"] = _in_calendar(table["round"])
        _by_round(report, table, turn)
        _asked_again(report, table)


def columns_of(report):
    """The columns that hold the touchpoint and the round, each None where there is none."""
    named, asked = report.items_named, report.survey.questions
    closed = asked[(asked["kind"] == "single") & asked["column"].isin(report.answers.columns)]
    point = _called(asked, TOUCHPOINT) | {question.column for question in closed.itertuples()
                                          if all(holds(fold(question.text), stems) for stems in ASKED) or
                                          _known_touchpoints(report.answers[question.column])}
    return (_column(report.answers, named, "touchpoint", point, MOST_TOUCHPOINTS),
            _column(report.answers, named, "round", _called(asked, ROUND), MOST_ROUNDS))


# ---- parts of the cell ---------------------------------------------------------------------------------------------------------------------


def _by_touchpoint(report, table, column, customer):
    from . import charts

    found = nps(table.dropna(subset="touchpoint"), "score", by="touchpoint", cluster=customer and "customer")
    _html(_heading(2, say("report_touchpoints.title")), _text(say("report_touchpoints.lead", column=_masked_text(column))),
          _text(say("report_touchpoints.cluster", column=_masked_text(customer)) if customer else ""))
    _show(report, found, "touchpoint", "nps by touchpoint")
    charts.show(charts.plot_nps(found, simulated=report.simulated, self_selected=True))
    _html(_text(say("report_touchpoints.compare", k=number(len(found) * (len(found) - 1) / 2))), _text(say("report_touchpoints.begging")))


def _by_round(report, table, column):
    from . import charts, charts_touchpoints

    found = rounds(table.dropna(subset="round"), "score", "round")
    _html(_heading(2, say("report_touchpoints.rounds_title")), _text(say("report_touchpoints.rounds_lead", column=_masked_text(column))))
    _show(report, found, "round", "nps by round")
    if len(found) > 1:
        charts.show(charts_touchpoints.plot_rounds(found.assign(round=found["round"].astype("str")), simulated=report.simulated))
    _html(_text(say("report_touchpoints.limits" if found["centre"].notna().any() else "report_touchpoints.no_limits")))


def _asked_again(report, table):
    """The change between two rounds, where a customer's answers can be told apart: one a round (and touchpoint)."""
    keys = [key for key in ("customer", "touchpoint") if key in table]
    asked = table.dropna(subset=[*keys, "round"])
    ordered = isinstance(asked["round"].dtype, pd.CategoricalDtype)
    turns = (list(asked["round"].cat.categories) if ordered else sorted(asked["round"].unique())) if "customer" in keys else []
    asked = asked.assign(round=asked["round"].astype(object)) if ordered else asked
    if len(turns) != 2 or asked.duplicated([*keys, "round"]).any():
        return
    wide = asked.pivot(index=keys, columns="round", values="score").astype("Int64").reset_index()
    before, after = (say(f"report_touchpoints.{name}", round=turn) for name, turn in zip(("before", "after"), turns, strict=True))
    wide = wide.rename(columns=dict(zip(turns, (before, after), strict=True)))
    wide.attrs = {"scale": dict.fromkeys((before, after), (0, 10))}
    by = "touchpoint" if "touchpoint" in keys else None
    found = nps_change(wide, before, after, by=by, overlap="all")
    found = found[found[["n_before", "n_after"]].min(axis=1) >= FLOOR]
    if not len(found):
        return
    _keep(report, "nps change", found)
    rows = [(_group(row["touchpoint"]) if by else say("report_touchpoints.all"), *(number(row[name]) for name in ("n_before", "n_after", "n_both")),
             say("report.nps_range", nps=number(row["change"]), low=number(row["ci_low"]), high=number(row["ci_high"])))
            for _, row in found.iterrows()]
    _html(_heading(3, say("report_touchpoints.again_title")), _text(say("report_touchpoints.again")),
          _table(rows, ["touchpoint", "n_before", "n_after", "n_both", "change"], "n_before n_after n_both change"))


def _show(report, found, key, name):
    """The table of a split, without groups of too few people: they are counted, not shown."""
    shown = found[~found["note"].astype("str").str.contains("hidden")]
    _keep(report, name, shown)
    rows = [(_group(row[key]), number(row["n"]), _nps_range(row)) for _, row in shown.iterrows()]
    _html(_table(rows, [key, "n", "nps_interval"], "n nps_interval") if rows else "",
          _text(say("report_touchpoints.hidden", k=number(len(found) - len(shown)), floor=FLOOR) if len(shown) < len(found) else ""))


def _called(asked, headers):
    """The columns of which the header or the question is one of these words."""
    return {question.column for question in asked.itertuples() if {fold(question.column), fold(question.text)} & headers}


def _column(answers, named, key, called, most):
    """The column that was named, or the only one that is called so and has few values; else None."""
    if key in named:
        column = named[key][0]
        if column not in answers:
            raise CxError(say("report_components.no_column", column=column, have=", ".join(map(repr, list(answers)[:12]))))
        return column
    fits = [column for column in answers if column in called and 2 <= answers[column].nunique() <= most]
    return fits[0] if len(fits) == 1 else None


def _in_calendar(values):
    """Months written by their names ("Nisan", "Apr 2026") in the order of the calendar, not of the alphabet; other rounds as they are."""
    found = {value: _month(value) for value in values.dropna().unique()}
    if not found or None in found.values() or len({year == 0 for year, _ in found.values()}) > 1:
        return values
    return pd.Series(pd.Categorical(values, categories=sorted(found, key=found.get)), index=values.index)


def _month(value):
    """(year or 0, month) of a month written by its name, else None."""
    words = fold(value).split() if isinstance(value, str) else []
    months, years = [MONTHS[word] for word in words if word in MONTHS], [int(word) for word in words if re.fullmatch(r"\d{2}|\d{4}", word)]
    return ((years or [0])[0], months[0]) if len(months) == 1 and len(words) == 1 + len(years) <= 2 else None


def _known_touchpoints(values):
    counts = values.value_counts()  # each distinct value is looked at once, however many rows there are
    known = [isinstance(value, str) and _touchpoint(value) is not None for value in counts.index]
    return counts[known].sum() >= KNOWN * counts.sum()


def _touchpoint(value):
    """The key of a touchpoint of the model, written as its key or its name in either language; else None."""
    known = {fold(row[name]): row["key"] for row in vocabulary()["touchpoints"] for name in ("key", "en", "tr")}
    return known.get(fold(value))


def _in_order(values):
    """Touchpoints in the display language, those of the model first and in its order; others under their own words."""
    known = {value: _touchpoint(value) for value in values.dropna().unique()}
    names = {value: label("touchpoints", key) if key else _masked_text(value) for value, key in known.items()}
    order = [row["key"] for row in vocabulary()["touchpoints"]]
    ranked = sorted(names, key=lambda value: (order.index(known[value]) if known[value] else len(order), str(value)))
    return pd.Categorical(values.map(names), categories=list(dict.fromkeys(names[value] for value in ranked)))


def _group(value):
    return _shorten(_masked_text(value), 60)
