"""Three one-page cases with a slice of data: the table, the numbers that the trainer's page names, and the pages themselves.

Stories and questions stand in `cases.toml`; a place such as {median} in them is filled from the bundled worlds when the page is written, so no number
can differ from the data. A slice has whole numbers n and, for each measure, an estimate with its interval.
"""

import functools
import pathlib
import re
import tomllib

import numpy as np
import pandas as pd

from .data import load
from .event_log import spells
from .framework import keys, label, language, number, percent, say, vocabulary
from .gaps import gap, mean
from .handout_pages import paragraph, table, text, to_write
from .rates import share
from .silence import silent
from .stays import ENDS, stall, time_in_stage

HERE = pathlib.Path(__file__).parent
THRESHOLD = 6  # a score up to this is dissatisfied
GROUPS = ("content", "complained", "silent", "no_score_complained", "no_score")
WITHIN = 60  # days, of the case of the clinic
STUCK_STAGES = ("activate", "acclimate", "accomplish")
LIMITS = ("", "_low", "_high")


@functools.cache
def cases():
    """{key: case}, as in cases.toml."""
    return {row["key"]: row for row in tomllib.loads((HERE / "cases.toml").read_text(encoding="utf-8"))["cases"]}


def case_title(key):
    return cases()[key][language()]


def case_slice(key, twin=False):
    """The data of a case as a frame, one row a line of its table: names, `n`, then each measure with `_low` and `_high`. twin : of the twin."""
    return {"silent_customer": _answers, "broken_promise": _recoveries, "stuck_patient": _stuck}[key](twin).copy()


# ---- the customer who said nothing ---------------------------------------------------------------------------------------------------


@functools.cache
def _occasions(twin):
    """Each occasion with its group: score and complaint log."""
    found = load("touchpoint_nps_twin" if twin else "touchpoint_nps")
    complained = found["complained"] == "yes"
    kinds = [found["score"] > THRESHOLD, found["score"].notna() & complained, found["score"].notna(), complained]
    return found.assign(group=np.select([kind.to_numpy(dtype=bool, na_value=False) for kind in kinds], GROUPS[:4], GROUPS[4]))


@functools.cache
def _answers(twin):
    """Who left, by score and complaint; customers as clusters."""
    found = share(_occasions(twin), "left", "yes", by="group", cluster="customer").set_index("group").loc[list(GROUPS)].reset_index()
    return found.rename(columns={"share": "left", "ci_low": "left_low", "ci_high": "left_high"})[["group", "n", "left", "left_low", "left_high"]]


def _answer_lines(found):
    head = [say(f"handouts.case_{name}") for name in ("score", "n", "left")]
    return head, [[say(f"handouts.case_{row['group']}"), _n(row), _estimate(row, "left", 100, 0)] for row in found.to_dict("records")], (106, 20, 60)


def _silent_facts():
    asked, found = _occasions(False), _answers(False).set_index("group")
    facts = {"occasions": number(len(asked)), "customers": number(asked["customer"].nunique())}
    for twin in (False, True):
        bounds = silent(_occasions(twin), THRESHOLD)
        facts |= {f"{name}{'_twin' * twin}": percent(bounds.at[0, name]) for name in ("low", "high", "ci_low", "ci_high")}
        facts |= {} if twin else {name: number(bounds.attrs[name]) for name in ("a", "u0")}
    for name in ("silent", "complained", "content"):
        facts |= {f"n_{name}": number(found.loc[name, "n"]), f"left_{name}": _estimate(found.loc[name], "left", 100, 0)}
    for other in ("complained", "content"):
        pair = asked[asked["group"].isin(["silent", other])]
        facts[f"gap_{other}"] = _difference(pair.assign(left=100.0 * (pair["left"] == "yes"), case=pair["group"] == "silent"), "left", 0)
    truth = load("touchpoint_truth").set_index(["world", "quantity", "key"])["value"]
    return facts | {"truth": percent(truth["touchpoint_nps", "silent", "of_all_occasions"])}


# ---- the promise that was not kept ---------------------------------------------------------------------------------------------------


@functools.cache
def _experiences(twin):
    return load("experiences_twin" if twin else "experiences")


@functools.cache
def _recoveries(twin):
    """Satisfaction (1–7) and share who bought again, by incident and recovery; customers as clusters."""
    asked, by = _experiences(twin), ["incident", "recovery"]
    satisfied = mean(asked, "satisfaction", by=by, cluster="customer")
    again = share(asked, "returned", "yes", by=by, cluster="customer")
    columns = {"mean": "satisfaction", "ci_low": "satisfaction_low", "ci_high": "satisfaction_high"}
    found = satisfied[[*by, "n", *columns]].rename(columns=columns)
    return found.assign(again=again["share"], again_low=again["ci_low"], again_high=again["ci_high"])


def _recovery_lines(found):
    head = [say(f"handouts.case_{name}") for name in ("incident", "n", "satisfaction", "again")]
    rows = []
    for row in found.to_dict("records"):
        name = label("incidents", row["incident"])
        if row["incident"] != "none":
            name = say("handouts.case_after", incident=name, recovery=label("recoveries", row["recovery"]))
        rows.append([name, _n(row), _estimate(row, "satisfaction", 1, 1), _estimate(row, "again", 100, 0)])
    return head, rows, (84, 18, 42, 42)


def _promise_facts():
    found = _recoveries(False).astype({"incident": str, "recovery": object}).fillna({"recovery": "none"}).set_index(["incident", "recovery"])
    facts = {"experiences": number(len(_experiences(False)))}
    for name, place in {"none": ("none", "none"), "slight": ("slight", "excellent"), "serious": ("serious", "excellent")}.items():
        row = found.loc[place]
        facts |= {f"n_{name}": number(row["n"]), f"satisfied_{name}": _estimate(row, "satisfaction", 1, 1)}
        facts[f"again_{name}"] = _estimate(row, "again", 100, 0)
    for twin in (False, True):
        facts |= {f"gain_{outcome}{'_twin' * twin}": _gain(outcome, twin) for outcome in ("satisfaction", "again")}
    return facts


def _gain(outcome, twin):
    """What an excellent recovery of a slight incident has more than no incident, as text with its interval."""
    asked = _experiences(twin)
    asked = asked.assign(again=100.0 * (asked["returned"] == "yes"), case=asked["incident"] == "slight")
    asked = asked[(asked["incident"] == "none") | asked["case"] & (asked["recovery"] == "excellent")]
    return _difference(asked, outcome, 2 if outcome == "satisfaction" else 0)


# ---- the patient who got stuck --------------------------------------------------------------------------------------------------------


@functools.cache
def _stays(industry, twin):
    """The spells of the customers of one industry."""
    name = "journey_twin" if twin else "journey_events"
    people = load("journey_twin_customers" if twin else "journey_customers")
    people = people[people["industry"] == industry]
    events = load(name)
    return spells(events[events["customer"].isin(people["customer"])], people)


@functools.cache
def _stuck(twin):
    """What became of first visits within 60 days: three stages of the clinic, and `acclimate` in telecom beside them."""
    parts = []
    for industry, stages in (("clinic", STUCK_STAGES), ("telecom", STUCK_STAGES[1:2])):
        found = stall(_stays(industry, twin), within=WITHIN, rng=1)
        parts.append(found[found["state"].isin(stages)].assign(industry=industry))
    columns = [name + limit for name in (*ENDS, "still_there") for limit in LIMITS]
    return pd.concat(parts, ignore_index=True)[["industry", "state", "n", *columns]]


def _stuck_lines(found):
    measures = (*ENDS, "still_there")
    head = [say("handouts.case_stage"), say("handouts.case_n"), *(_in_percent(say(f"charts_journey.{name}")) for name in measures)]
    rows = [[f"{label('stages', row['state'])}, {label('industries', row['industry'])}", _n(row),
             *(_estimate(row, name, 100, 0) for name in measures)] for row in found.to_dict("records")]
    return head, rows, (54, 12, 30, 30, 30, 30)


def _stuck_facts():
    found = _stuck(False).set_index(["industry", "state"])
    facts = {"within": number(WITHIN)}
    for industry in ("clinic", "telecom"):
        row = found.loc[industry, "acclimate"]
        middle = time_in_stage(_stays(industry, False)).set_index("state").loc["acclimate"]
        facts |= {f"{name}_{industry}": _estimate(row, name, 100, 0) for name in (*ENDS, "still_there")}
        days = {"n": middle["n"], "days": middle["median"], "days_low": middle["ci_low"], "days_high": middle["ci_high"]}
        facts |= {f"n_{industry}": number(row["n"]), f"median_{industry}": _estimate(days, "days", 1, 0)}
    return facts


# ---- the pages ----------------------------------------------------------------------------------------------------------------------------


def _estimate(row, name, times, digits):
    """An estimate with its interval, as in a cell: 4.3 (4.0–4.6); a dash where it rests on too few."""
    if row["n"] < _below("hidden"):
        return "–"
    value, low, high = (number(times * row[name + limit], digits) for limit in LIMITS)
    return f"{value} ({low}–{high})"


def _in_percent(name):
    return f"{name} (%)"


def _n(row):
    return number(row["n"]) + ("*" if row["n"] < _below("small") else "")


def _below(note):
    return next(row["below"] for row in vocabulary()["notes"] if row["key"] == note)


def _difference(asked, outcome, digits):
    """The rows whose `case` is True less the others, as text with its interval; customers as clusters."""
    row = gap(asked, outcome, by="case", cluster="customer").iloc[0]
    shown = {name: number(row[column], digits) for name, column in {"value": "difference", "low": "ci_low", "high": "ci_high"}.items()}
    return say("handouts.case_difference", **shown)


LINES = {"silent_customer": _answer_lines, "broken_promise": _recovery_lines, "stuck_patient": _stuck_lines}
FACTS = {"silent_customer": _silent_facts, "broken_promise": _promise_facts, "stuck_patient": _stuck_facts}


@functools.cache
def _facts(key, _language):
    return FACTS[key]()


def _told(key, name):
    """A text of a case, or a list of them, with its places filled in."""
    case = cases()[key]
    words = {"firm": case[f"firm_{language()}"], **_facts(key, language())}
    words |= {stage: label("stages", stage) for stage in keys("stages")}
    given = case[f"{name}_{language()}"]
    return [_filled(each, words) for each in given] if isinstance(given, list) else _filled(given, words)


def _filled(given, words):
    """With its places filled in; no line ends between the two numbers of a range."""
    return re.sub(r"(?<=\d)–(?=\d)", "–\N{WORD JOINER}", given.format(**words))


def _data(key, twin=False):
    found = case_slice(key, twin)
    head, rows, widths = LINES[key](found)
    few = paragraph(f"* {label('notes', 'small')}") if (found["n"] < _below("small")).any() else ""
    return table([text(cell) for cell in head], [[text(cell) for cell in row] for row in rows], "data", widths) + few


def case(key):
    """One sheet: the story, the data, four questions with room to write."""
    asked = "".join(f"<li>{text(question)}{to_write(cases()[key]['lines'])}</li>" for question in _told(key, "questions"))
    return [f"{paragraph(_told(key, 'story'), 'story')}<h2>{text(say('handouts.case_data'))}</h2>{paragraph(_told(key, 'data'))}{_data(key)}"
            f"<h2>{text(say('handouts.case_questions'))}</h2><ol>{asked}</ol>"]


def case_trainer(key):
    """One sheet: what a good answer to each question holds, and the table of the twin world."""
    pairs = zip(_told(key, "questions"), _told(key, "good"), strict=True)
    good = "".join(f"<li><b>{text(question)}</b><br>{text(answer)}</li>" for question, answer in pairs)
    return [f"<h2>{text(say('handouts.case_good'))}</h2><ol>{good}</ol>"
            f"<h2>{text(say('handouts.case_twin'))}</h2>{_data(key, True)}{paragraph(_told(key, 'twin'))}"]
