"""The three components in a report: how reliable their items are, their scores, and which goes with the likelihood of recommending.

The cells of `report.ipynb` call the public functions here, between those of `report.py`. Items are recognised by their header ("functional_1",
"işlevsel 2", "emotional_3 (R)"; R or T: worded the other way round) or named in the file of --columns, for example emotional = ["Q7", "Q8"] and
reversed = ["Q8"]. An item that runs against the others is never turned by guess.
"""

import dataclasses
import re

import pandas as pd

from .drivers import importance
from .framework import CxError, keys, label, number, percent, say, vocabulary
from .gaps import mean
from .recognise import fold
from .report import RANGES, _heading, _html, _keep, _likelihood, _masked_text, _table, _text
from .scales import item_table, reliability, scale_score

COMPONENTS = keys("components")
BESIDE = ("reversed", "touchpoint", "round")  # what a column map may name beside the five questions and the items; the last two: report_touchpoints
ENOUGH = 30  # complete answers, under which no importance is shown
CLUSTERS, FEW = ("customer", "musteri"), 10  # a column of this name, with at least so many values, says whose rows belong together
TURNED = re.compile(r"(r|t|rev|reversed|ters)")
RESAMPLES, SEED = 1_000, 1  # of whole clusters; so that the same page comes out again


@dataclasses.dataclass
class Components:
    """What was found: items of each component, which are turned, the ends of their scale, what goes wrong, the scores of each answer."""

    items: dict
    turned: list
    scale: tuple | None
    against: dict = dataclasses.field(default_factory=dict)
    scores: pd.DataFrame | None = None
    cluster: str | None = None
    reliability: list = dataclasses.field(default_factory=list)
    table: pd.DataFrame | None = None
    means: pd.DataFrame | None = None
    weighed: pd.DataFrame | None = None
    why: str = ""
    words: list = dataclasses.field(default_factory=list)  # items answered in words: nothing can be computed of them


def split_map(columns):
    """(the column map without these, what they name: {component: [columns], "reversed": [columns], "touchpoint": [column], "round": [column]})."""
    named = {key: value for key, value in (columns or {}).items() if key in BESIDE or (key in COMPONENTS and isinstance(value, list))}
    rest = {key: value for key, value in (columns or {}).items() if key not in named}
    return rest or None, {key: value if isinstance(value, list) else [value] for key, value in named.items()}


# ---- the cells of the notebook, in their order ---------------------------------------------------------------------------------------------


def score(report):
    """Find the items of the components, score them and weigh the scores: kept in the report for the cell that shows them."""
    found = report.components = _found(report)
    if found is None or found.scale is None:
        return
    answers, cluster = _answers(report, found), None if found.cluster is None else report.answers[found.cluster]
    scores, told, tables = {}, [], []
    for key, items in found.items.items():
        turned = [item for item in found.turned if item in items]
        if len(items) > 1:
            table = item_table(answers[items], turned, *found.scale, cluster=cluster)
            found.against[key] = table["item"][table["note"].str.contains("against the others")].tolist()
            n_boot = 0 if cluster is None else RESAMPLES
            told.append(reliability(answers[items], turned, *found.scale, n_boot=n_boot, rng=SEED, cluster=cluster).assign(component=key))
            tables.append(table)
            scores[key] = scale_score(answers[items], *found.scale, turned)
        else:
            scores[key] = found.scale[0] + found.scale[1] - answers[items[0]] if turned else answers[items[0]]
    if tables:
        joined = pd.concat(tables, ignore_index=True)
        joined.attrs = tables[0].attrs
        _keep(report, "component items", joined)
        _keep(report, "component reliability", pd.concat(told, ignore_index=True))
        found.reliability, found.table = told, joined
    found.scores = pd.DataFrame({key: values for key, values in scores.items() if not found.against.get(key)}, index=answers.index)
    _weigh(report, found, cluster)


def components(report):
    """What `score` found, as figures and tables; nothing where the file asks about no component."""
    from . import charts, charts_drivers, charts_scales

    found = report.components
    if found is None:
        return
    _html(_heading(2, say("report_components.title")), _text(say("report_components.lead")))
    _html(_text(say("report_components.words", items=_named(found.words)) if found.words else ""))
    if not found.items:
        return
    if found.scale is None:
        return _html(_text(say("report_components.no_scale", items=_named(sum(found.items.values(), [])))))
    names, (low, high) = {key: label("components", key) for key in COMPONENTS}, found.scale
    _html(_text(say("report_components.items" if found.reliability else "report_components.single", low=low, high=high, parts="; ".join(
        f"{names[key]}: {_named(items)}" for key, items in found.items.items()))),
        _text(say("report_components.turned", items=_named(found.turned)) if found.turned else ""),
        _text(say("report_components.cluster", column=_masked_text(found.cluster)) if found.cluster else ""))
    if found.reliability:
        _show_items(report, found, names)
    if found.means is not None:
        _html(_heading(3, say("report_components.scores")))
        axis = say("report_components.axis", low=low, high=high)
        charts.show(charts_scales.plot_estimates(found.means, axis=axis, labels=names, scale=found.scale, simulated=report.simulated))
    _html(_heading(3, say("report_components.importance")), _text(found.why))
    if found.weighed is not None:
        charts.show(charts_drivers.plot_importance(found.weighed, labels=names, simulated=report.simulated))
        _html(_importance_table(found.weighed, names), _text(say("report_components.read")), _text(say("report_components.same_person")))


# ---- parts of the cells --------------------------------------------------------------------------------------------------------------------


def _found(report):
    """The items of the components in this file, or None."""
    named = report.items_named
    items, turned, source = {key: named[key] for key in COMPONENTS if key in named}, list(named.get("reversed", [])), report.answers
    for column in [*sum(items.values(), []), *turned]:
        if column not in source:
            raise CxError(say("report_components.no_column", column=column, have=", ".join(map(repr, list(source)[:12]))))
    words, given = [], sum(items.values(), [])
    for column, text, kind in report.survey.questions[["column", "text", "kind"]].itertuples(index=False):
        key, reverse = next((found for name in _names(column, text) if (found := _component(name))[0]), (None, False))
        if column in source and kind == "single" and (key or column in given):
            words.append(column)
        elif column in source and kind == "scale" and key and key not in named:
            items.setdefault(key, []).append(column)
            turned += [column] if reverse else []
    items = {key: items[key] for key in COMPONENTS if key in items}
    if not items and report.five is not None and all(key in report.five and report.five[key].notna().any() for key in COMPONENTS):
        entry = next(row for row in vocabulary()["questions"] if row["key"] == COMPONENTS[0])
        return Components({key: [key] for key in COMPONENTS}, [], (entry["low"], entry["high"]))
    words = words if len(words) > 1 else []
    if words and not set(sum(items.values(), [])) - set(words):
        return Components({}, [], None, words=words)
    if not items or (len(items) < len(COMPONENTS) and all(len(found) == 1 for found in items.values())):
        return None
    return Components(items, turned, _scale(source[sum(items.values(), [])]), cluster=customers_of(source), words=words)


def customers_of(answers):
    """The column that says whose rows belong together, or None; a row without its customer would belong to no group."""
    cluster = next((column for column in answers if fold(column) in CLUSTERS and FEW <= answers[column].nunique() < len(answers)), None)
    return None if cluster is None or answers[cluster].isna().any() else cluster


def _names(column, text):
    """What an item may be called: the column, its question, and the row of a grid ("Agree? – functional 1", "Agree? [functional 1]")."""
    row = re.search(r"\[([^\[\]]+)\]\s*$", text)
    return dict.fromkeys([column, text, row[1] if row else text.rpartition(" – ")[2]])


def _component(header):
    """(the component whose item a header is, or None; whether it says that it is worded the other way round)."""
    words = fold(header).split()
    for row in vocabulary()["components"]:
        if words and words[0] in {fold(row[name]) for name in ("key", "en", "tr")}:
            rest = words[1:]
            if not rest:
                return row["key"], False
            if rest[0].isdigit() and len(rest[0]) < 3:
                return row["key"], len(rest) > 1 and bool(TURNED.fullmatch(rest[1]))
    return None, False


def _scale(items):
    """The narrowest usual scale on which all answers lie, or None."""
    numbers = items.apply(pd.to_numeric, errors="coerce").astype("Float64").stack()
    if not len(numbers) or (numbers % 1 != 0).any():
        return None
    return next(((low, high) for low, high in RANGES if numbers.between(low, high).all()), None)


def _answers(report, found):
    columns, source = sum(found.items.values(), []), report.answers
    if not set(columns) <= set(source):
        source = report.five
    return source[columns].apply(pd.to_numeric, errors="coerce").astype("Float64")


def _weigh(report, found, cluster):
    """Means of the scores, and how R² of the likelihood divides among them; or the sentence that says why not."""
    scores = found.scores if cluster is None else found.scores.assign(cluster=cluster)
    by = None if cluster is None else "cluster"
    means = [mean(scores, key, cluster=by).assign(component=key) for key in found.scores]
    if means:
        found.means = pd.concat(means, ignore_index=True)[["component", "n", "mean", "sd", "ci_low", "ci_high", "note"]]
        _keep(report, "component scores", found.means)
    likelihood, _ = _likelihood(report)
    if any(found.against.values()):
        found.why = say("report_components.why_against")
    elif likelihood is None:
        found.why = say("report_components.why_no_outcome")
    elif len(found.scores.columns) < 2:
        found.why = say("report_components.why_one")
    else:
        table = scores.assign(likelihood=likelihood.astype("Float64").reindex(scores.index))
        complete = table.dropna()
        if len(complete) < ENOUGH:
            found.why = say("report_components.why_few", n=number(len(complete)), enough=ENOUGH)
        elif (complete[[*found.scores, "likelihood"]].std() == 0).any():
            found.why = say("report_components.why_same")
        else:
            found.weighed = importance(table, "likelihood", list(found.scores), cluster=by, rng=SEED)
            _keep(report, "component importance", found.weighed)
            told = found.weighed.attrs
            found.why = say("report_components.weighed", n=number(told["n"]), r_squared=percent(told["r_squared"]), dropped=number(told["n_dropped"]))


def _show_items(report, found, names):
    from . import charts, charts_scales

    rows = [(names[row["component"]], number(row["n_items"]), number(row["n"]), _limits(row["alpha"], row["ci_low"], row["ci_high"]),
             number(row["omega"], 2) if row["omega"] == row["omega"] else "–") for row in (table.iloc[0] for table in found.reliability)]
    against = [say("report_components.against", component=names[key], items=_named(items)) for key, items in found.against.items() if items]
    _html(_heading(3, say("report_components.reliability")), _text(say("report_components.reliability_lead")),
          _table(rows, ["component", "items", "n", "alpha", "omega"], "items n alpha omega"), *map(_text, against))
    groups = {item: key for key, items in found.items.items() for item in items}
    labels = {item: _masked_text(item) for item in groups}
    charts.show(charts_scales.plot_items(found.table, groups, found.scale, labels, simulated=report.simulated))


def _importance_table(weighed, names):
    rows = [(names[row["driver"]], _limits(row["importance"], row["ci_low"], row["ci_high"]), percent(row["share"]), number(row["coefficient"], 2),
             _p(row["p_coefficient"]), f"{row['rank_low']}–{row['rank_high']}" if row["rank_low"] < row["rank_high"] else str(row["rank_low"]),
             percent(row["first"])) for _, row in weighed.sort_values("importance", ascending=False, kind="stable").iterrows()]
    columns = ["component", "importance", "share", "coefficient", "p", "ranks", "first"]
    return _table(rows, columns, "importance share coefficient p ranks first")


def _limits(value, low, high):
    return say("report_components.limits", value=number(value, 2), low=number(low, 2), high=number(high, 2))


def _p(p):
    return "–" if p != p else say("report_components.p_small", p=number(0.001, 3)) if p < 0.001 else number(p, 3)


def _named(columns):
    return ", ".join(_masked_text(column) for column in columns)
