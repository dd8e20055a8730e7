"""Closing the loop: whom to call, whom to ask for a reference, whom to thank, and which causes to remove (S6, S8).

Stands on `joining`. Consent is asked for each purpose and is a yes that somebody gave; what is not known is no. Nothing here contacts anybody: it
makes a list that a person reads first.
"""

import datetime
import unicodedata

import numpy as np
import pandas as pd

from .code_tables import _series
from .codebooks import OTHER, WHOLE_ONLY
from .framework import CxError, keys, label, language, number, say, vocabulary
from .grids import cell_text
from .intervals import remember
from .joining import need_columns, same_person, yes_or_no
from .privacy import mask
from .rates import _not_a_score
from .tally import _coded, is_missing, name_rows

LONGEST = 300  # letters of a person's own words in a reason
CONTACTS = ("call", "ask_reference", "thank")
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}  # signs that turn the direction of what follows them


# ---- the list of actions -----------------------------------------------------------------------------------------------------------


def action_list(joined, rules=None, customer="customer", touchpoint="touchpoint", score="score", text="comment"):
    """What to do about each person's answer, at most one thing, and nothing without their consent to that very thing.

    joined : pandas frame, one row an occasion, as from `cx.join_answers`: `customer`, `score` (0-10; with own rules any numbers), the columns of
    consent that the rules name, and if there `touchpoint`, `comment`, `round`, `day`, `match`, `do_not_contact`, `consent_survey`. rules : None
    (`cx.framework.actions`: call at 0-6, ask for a reference at 9-10, thank at 9-10, where `consent_contact`, `consent_reference` and
    `consent_contact` say yes), or a list of dicts or a frame `action, low, high, consent`, tried in order, the first that fits counts.

    Returns one row a person: `customer`, `touchpoint`, `score`, `action` (call, ask_reference, thank, none) and `reason` (a sentence, and for a
    contact the person's own words, masked as in `cx.mask`, at most 300 letters), calls first, lowest score first. The row is that of the lowest
    score (of equals the latest), and the index says which: codes of the same answers align with it (see `cx.causes`). Who gave a score in the
    range of a call anywhere is called or left alone. Consent is a yes on one of the person's rows and a no on none (nor in `consent_..._record`).
    `do_not_contact` yes, `consent_survey` no, or a record that contradicts itself and leaves `do_not_contact` open stop everything. A row without a
    customer stands for itself, with action none. `.attrs` holds `counts` by action, `people`, `without_customer`, `without_score`,
    `without_consent`, `stopped`, `unclear`, `refused` (rows of people whose answers may not be used; their score is left out), for `causes` also
    `stages` and `last_day`, and `note`.

    >>> answers = pd.DataFrame({"customer": [7, 7, 8], "score": [9, 2, 10], "comment": ["ok", "nobody calls 0500 000 00 00", "great"],
    ...                         "consent_contact": ["yes", "yes", None], "consent_reference": ["yes", "yes", "no"]})
    >>> action_list(answers)[["customer", "score", "action"]]
       customer  score action
    1         7      2   call
    2         8     10   none
    """
    if not isinstance(joined, pd.DataFrame):
        raise CxError(say("closing.pandas", kind=type(joined).__name__))
    need_columns(joined, [customer, score, *(name for name, usual in ((touchpoint, "touchpoint"), (text, "comment")) if name != usual)], "joined")
    own, rules = rules is not None, _rules(rules, joined)
    scores, person = _scores(joined, score, own), _people(joined[customer])
    row = _deciding(joined, person, scores)
    known = {rule["consent"]: _consent(joined, person, rule["consent"]) for rule in rules if rule["action"] in CONTACTS}
    people = _stops(joined, person, known).assign(score=scores[row], nobody=joined[customer].isna().to_numpy()[row])
    people = _decided(people, rules, known, _in_reach_of_a_call(rules, scores, person))
    people["score"] = people["score"].mask(people["refused"])
    places = joined[touchpoint].iloc[row] if touchpoint in joined else pd.Series(pd.NA, index=joined.index[row], dtype="str")
    words = joined[text].iloc[row].to_numpy(dtype=object) if text in joined else np.full(len(row), None)
    result = pd.DataFrame({"customer": joined[customer].iloc[row], "touchpoint": places, "score": _whole(people["score"]).set_axis(places.index),
                           "action": people["action"].to_numpy(), "reason": _with_words(_reasons(people, places), words, people["action"])})
    result = result.astype({"action": "str", "reason": "str"}).iloc[_by_urgency(people, row)]
    told = _told(people, joined, row)
    result.attrs = {name: value for name, value in told.items() if name != "note"}
    return remember(result, joined, told["note"], cluster=customer)


def _rules(rules, joined):
    """The rules as a list of dicts, checked; their consents are columns of the table."""
    own = rules is not None
    if not own:
        rules = [row | {"action": row["key"]} for row in vocabulary()["actions"] if "low" in row]
    given = rules.to_dict("records") if isinstance(rules, pd.DataFrame) else rules
    if not isinstance(given, (list, tuple)) or not given or not all(isinstance(rule, dict) for rule in given):
        raise CxError(say("closing.rules", value=str(rules)[:100]))
    checked, purposes = [], {}
    for place, rule in enumerate(given, 1):
        rule = {name: None if is_missing(rule.get(name)) else rule.get(name) for name in ("action", "low", "high", "consent")}
        if rule["action"] not in keys("actions"):
            raise CxError(say("closing.unknown_action", place=place, value=rule["action"], allowed=", ".join(keys("actions"))))
        ends = [rule["low"], rule["high"]]
        if rule["action"] == "none" and ends == [None, None]:
            continue  # as in the framework's table: what is left over
        if any(isinstance(end, bool) or not isinstance(end, (int, float, np.number)) for end in ends) or ends[0] > ends[1]:
            raise CxError(say("closing.ends", place=place, action=rule["action"], low=ends[0], high=ends[1]))
        if rule["action"] in CONTACTS:
            if rule["consent"] is None:
                raise CxError(say("closing.no_consent", place=place, action=rule["action"]))
            if own:
                need_columns(joined, [rule["consent"]], "joined")
            _need_consent(joined, rule, given)
            purpose = "ask_reference" if rule["action"] == "ask_reference" else "contact"
            if purposes.setdefault(rule["consent"], purpose) != purpose:
                raise CxError(say("closing.one_consent", place=place, consent=rule["consent"]))
        checked.append(rule)
    return checked


def _need_consent(joined, rule, given):
    """Refuses a contact of which no column says that people agreed to it; the way out keeps those rules whose consent is there."""
    if rule["consent"] in joined:
        return
    names = ("action", "low", "high", "consent")
    left = [{name: other[name] for name in names} for other in given if other.get("action") in CONTACTS and other.get("consent") in joined]
    told = say("closing.rules_left", rules=repr(left)) if left else ""
    columns = ", ".join(map(str, joined.columns))[:500]
    raise CxError(say("closing.consent_missing", consent=rule["consent"], action=rule["action"], columns=columns, left=told).strip())


def _scores(joined, score, own):
    """The scores as floats; refused with their rows where they are none."""
    def wrong(cell):
        number_like = isinstance(cell, (int, float, np.number)) and not isinstance(cell, (bool, np.bool_))
        return not is_missing(cell) and not (number_like and np.isfinite(cell) if own else not _not_a_score(cell))

    column = joined[score]
    if column.astype(object).map(wrong).any():
        allowed = say(f"closing.{'any' if own else 'points'}")
        raise CxError(say("closing.not_scores", column=score, rows=name_rows(joined, score, wrong), kind=allowed))
    return column.astype("Float64").to_numpy(dtype=float, na_value=np.nan)


def _people(column):
    """For each row the number of its person, 0, 1, ... without gaps; a row without a customer is a person of its own."""
    person = same_person(column)
    alone = person < 0
    person[alone] = person.max(initial=-1) + 1 + np.arange(alone.sum())
    return person


def _anywhere(person, mask):
    """For each person whether the mask holds in one of their rows."""
    return np.bincount(person, mask, minlength=person.max(initial=-1) + 1) > 0


def _consent(joined, person, column):
    """For each person "yes", "no" (a refusal anywhere) or "open" to one purpose."""
    said = [yes_or_no(joined, name) for name in (column, f"{column}_record") if name in joined]
    no = _anywhere(person, np.any([each == 0 for each in said], axis=0))
    return np.select([no, _anywhere(person, said[0] == 1)], ["no", "yes"], "open")


def _stops(joined, person, known):
    """A row a person: what forbids any contact with them (`stopped`, `refused`, `unclear`); `no_record` asks for a look first."""
    names = [name for stem in ("do_not_contact", "consent_survey", *known) for name in (stem, f"{stem}_record") if name in joined]
    said = {name: yes_or_no(joined, name) for name in names}
    nothing = np.zeros(len(joined), dtype=bool)
    stopped = np.any([nothing, *(values == 1 for name, values in said.items() if name.startswith("do_not_contact"))], axis=0)
    refused = np.any([nothing, *(values == 0 for name, values in said.items() if name.startswith("consent_survey"))], axis=0)
    # copies of a record that say yes and no leave the cell empty: the no must not be lost with it
    of_record = [np.isnan(values) for name, values in said.items() if name == "do_not_contact" or name.endswith("_record")]
    match = joined["match"].astype(object).to_numpy() if "match" in joined else np.full(len(joined), "matched", dtype=object)
    unclear = (match == "contradictory") & np.any([nothing, *of_record], axis=0)
    lost, there = np.isin(match, ["unmatched", "no_key"]), np.isin(match, ["matched", "contradictory"])
    return pd.DataFrame({"stopped": _anywhere(person, stopped), "refused": _anywhere(person, refused), "unclear": _anywhere(person, unclear),
                         "no_record": _anywhere(person, lost) & ~_anywhere(person, there)})


def _deciding(joined, person, scores):
    """The row of each person that decides: the lowest score, of equals the latest round, then day, then place in the file."""
    later = [_coded(joined[name]) for name in ("day", "round") if name in joined]
    order = np.lexsort([-np.arange(len(joined)), *(low - data.astype(np.int64) for data, low, _ in later), scores, person])
    return order[np.diff(person[order], prepend=-1) > 0]


def _in_reach_of_a_call(rules, scores, person):
    """For each person whether one of their scores, whichever, asks for a call."""
    calls = [(rule["low"] <= scores) & (scores <= rule["high"]) for rule in rules if rule["action"] == "call"]
    return _anywhere(person, np.any([np.zeros(len(scores), dtype=bool), *calls], axis=0))


def _decided(people, rules, known, angry):
    """People with their `action`, the `consent` it rests on, and the consents that were `lacking` (a dict: no or open)."""
    n, score = len(people), people["score"].to_numpy()
    may = ~people[["stopped", "refused", "unclear", "nobody"]].any(axis=1).to_numpy()
    action, consent, done, lacking = np.full(n, "none", dtype=object), np.full(n, None), np.zeros(n, dtype=bool), [{} for _ in range(n)]
    for rule in rules:
        fits = (rule["low"] <= score) & (score <= rule["high"]) & ~done & (~angry | np.isin(rule["action"], ["call", "none"]))
        free = known[rule["consent"]] == "yes" if rule["action"] in CONTACTS else np.ones(n, dtype=bool)
        taken = fits & free & may
        action[taken], consent[taken] = rule["action"], rule["consent"]
        for k in np.flatnonzero(fits & ~free):
            lacking[k][rule["consent"]] = known[rule["consent"]][k]
        done |= fits & free
    return people.assign(action=action, consent=consent, lacking=pd.Series(lacking, index=people.index, dtype=object))


def _by_urgency(people, row):
    """The order of the list: calls, references, thanks, the rest; the angriest first, and among the happy the happiest."""
    kind = people["action"].map(keys("actions").index).to_numpy(dtype=int)
    score = people["score"].to_numpy()
    return np.lexsort([row, np.where(people["action"].isin(["call", "none"]), score, -score), kind])


def _reasons(people, places):
    """Why each person has the action they have, in a sentence."""
    return [_reason(person, _occasion(person.score, place)) for person, place in zip(people.itertuples(), places, strict=True)]


def _reason(person, occasion):
    if person.refused:
        return say("closing.refused")
    if person.nobody or person.stopped or person.unclear:
        return say(f"closing.{'nobody' if person.nobody else 'stopped' if person.stopped else 'unclear'}", occasion=occasion)
    if person.action in CONTACTS:
        done = say("closing.granted", occasion=occasion, consent=_consent_name(person.consent))
        return f"{done} {say('closing.no_record')}" if person.no_record else done
    if person.lacking:
        told = [say(f"closing.{known}", consent=_consent_name(column)) for column, known in person.lacking.items()]
        return say("closing.lacking", occasion=occasion, consents=", ".join(told))
    return say("closing.no_rule", occasion=occasion) if person.score == person.score else occasion


def _occasion(score, place):
    """Which answer it was: "Score 2, after a service call"."""
    said = say("closing.no_score") if np.isnan(score) else say("closing.score", score=number(score, 0 if float(score).is_integer() else 1))
    if is_missing(place):
        return said
    return f"{said}, {label('touchpoints', place) if place in keys('touchpoints') else mask(_cleaned(place))}"


def _consent_name(column):
    """What a consent is to."""
    if column in keys("consents"):
        return label("consents", column)
    return say("closing.consent_reference") if column == "consent_reference" else column


def _with_words(reasons, words, actions):
    """The reasons of contacts, each with the person's own words behind it, personal data covered before anything is cut."""
    wanted = [k for k, (cell, action) in enumerate(zip(words, actions, strict=True)) if action in CONTACTS and not is_missing(cell)]
    texts = mask([_cleaned(words[k]) for k in wanted]) if wanted else []
    for k, text in zip(wanted, texts, strict=True):
        if text:
            reasons[k] += f" “{text if len(text) <= LONGEST else text[:LONGEST - 1].rstrip() + '…'}”"
    return reasons


def _cleaned(cell):
    """A cell as one line of text, without signs that nobody sees and that could hide a number from the mask."""
    text = "; ".join(map(str, cell)) if isinstance(cell, (tuple, list)) else cell_text(cell)
    hidden = {ord(sign): None for sign in set(text) if unicodedata.bidirectional(sign) in TURNING
              or unicodedata.category(sign) in ("Cc", "Cs") and not sign.isspace()}
    return " ".join(text.translate(hidden).split())


def _whole(scores):
    """Whole scores as Int64, others as they are."""
    return scores.astype("Int64") if (scores.dropna() % 1 == 0).all() else scores


def _told(people, joined, row):
    """What a reader of the list has to know, and what `causes` asks for."""
    counts, refused = people["action"].value_counts(), joined.index[row][people["refused"].to_numpy()].tolist()
    told = {"counts": {key: int(counts.get(key, 0)) for key in keys("actions")}, "people": int((~people["nobody"]).sum()),
            "without_customer": int(people["nobody"].sum()), "without_score": int((people["score"].isna() & ~people["refused"]).sum()),
            "without_consent": int(((people["action"] == "none") & people["lacking"].map(bool)).sum()), "stopped": int(people["stopped"].sum()),
            "unclear": int(people["unclear"].sum()), "refused": refused}
    if "stage" in joined and joined.index.is_unique:
        told["stages"] = {str(stage): rows.index.tolist() for stage, rows in joined[["stage"]].iloc[row].groupby("stage", observed=True)}
    if "day" in joined and joined["day"].notna().any():
        last = joined["day"].max()
        told["last_day"] = int(last) if isinstance(last, (int, float, np.number)) else last
    actions = ", ".join(say("closing.count", action=label("actions", key), n=number(n)) for key, n in told["counts"].items())
    also = {name: number(told[name]) for name in ("people", "without_customer", "without_score", "without_consent", "stopped", "unclear")}
    return told | {"note": say("closing.note", actions=actions, **also)}


# ---- from people to causes -----------------------------------------------------------------------------------------------------------


def causes(table, codes, by="stage", day=None, after=90, customer="customer", book=None):
    """What the answers name as the cause, at which stage, for how many customers: the list to give an owner and a day to measure again.

    table : what `cx.action_list` gives, whole or in part (`actions[actions["action"] == "call"]`), or answers with `customer` (then choose the low
    scores first: praise has codes too). codes : Series of tuples with the index of the answers, or the frame that `cx.code_answers` gives; the row
    that decided on a person lends its codes. by : a column of the table, or a Series with the index of the answers; "stage" of an action list is
    that of the answers; where there is none, or with None, `stage` is empty. day : day of the action, a whole number or a date; None: the last `day`
    of the answers. after : whole days until it is measured again. book : from `cx.load_codebook`; None: the bundled one.

    Returns one row a code and stage, most customers first: `code`, `stage`, `cause` (the name of the code in the display language), `customers`
    (different ones, each counted once a row), `owner` (empty, to fill in), `remeasure_on` (day + after; empty without a day). A customer may stand
    behind several rows, so they do not add up to people, and they are no shares of anything. `.attrs["left_out"]` counts answers coded none,
    dont_know, other, missing; `without_customer` those coded whose customer is missing; `refused` those whose answer may not be used.

    >>> angry = pd.DataFrame({"customer": [1, 2, 2], "stage": ["affirm", "affirm", "adopt"], "day": [3, 9, 12]})
    >>> causes(angry, pd.Series([("waiting",), ("waiting", "price"), ("other",)]))[["code", "stage", "cause", "customers", "remeasure_on"]]
          code   stage    cause  customers  remeasure_on
    0  waiting  affirm  Waiting          2           102
    1    price  affirm    Price          1           102
    """
    from .codebooks import load_codebook

    if not isinstance(table, pd.DataFrame):
        raise CxError(say("closing.pandas", kind=type(table).__name__))
    need_columns(table, [customer], "table")
    book = load_codebook() if book is None else book
    codes, stages = _aligned(_series(codes), table, "codes"), _stages(table, by)
    refused = table.index.isin(table.attrs.get("refused", []))
    if "consent_survey" in table:
        refused |= yes_or_no(table, "consent_survey") == 0
    places, names = _coded(stages)[0] - _coded(stages)[1], _coded(stages)[2]
    rows = pd.DataFrame({"code": codes.to_numpy(), "stage": places, "person": same_person(table[customer])})[~refused]
    left_out = {"missing": int(rows["code"].isna().sum())}
    rows = rows.explode("code").dropna(subset="code")
    aside = rows["code"].isin([OTHER, *WHOLE_ONLY])
    left_out = {code: int((rows["code"] == code).sum()) for code in (*WHOLE_ONLY, OTHER)} | left_out
    without = int((~aside & (rows["person"] < 0)).sum())
    counted = rows[~aside & (rows["person"] >= 0)].drop_duplicates().groupby(["code", "stage"]).size().rename("customers").reset_index()
    result = _ranked(counted, book, names, _remeasure(table, day, after))
    result.attrs = {"left_out": left_out, "without_customer": without, "refused": int(refused.sum()), "after": after}
    told = {"left_out": number(sum(left_out.values())), "without": number(without), "refused": number(int(refused.sum()))}
    return remember(result, table, say("closing.causes_note", **told), cluster=customer)


def _aligned(values, table, name):
    """Values of the answers for the rows of the table, by the index that both share."""
    if values.index.equals(table.index):
        return values
    if values.index.name != table.index.name or not values.index.is_unique or not table.index.isin(values.index).all():
        raise CxError(say("closing.not_aligned", name=name))
    return values.loc[table.index]


def _stages(table, by):
    """The stage of each row, or of whatever `by` says."""
    nothing = pd.Series(None, index=table.index, dtype="str", name="stage")
    if isinstance(by, pd.Series):
        return _aligned(by, table, "by")
    if by is None or by in table:
        return nothing if by is None else table[by]
    if by != "stage":
        need_columns(table, [by], "table")
    of_row = {row: stage for stage, rows in table.attrs.get("stages", {}).items() for row in rows}
    known = [stage for stage in keys("stages") if stage in of_row.values()]
    found = pd.Series([of_row.get(row) for row in table.index], index=table.index, dtype="str", name="stage")
    in_order = set(of_row.values()) == set(known) and bool(known)
    return found.astype(pd.CategoricalDtype(keys("stages"), ordered=True)) if in_order else found


def _ranked(counted, book, names, remeasure_on):
    """One row a code and stage, the most customers first, of equals in the order of the codebook and of the stages."""
    order = {code: k for k, code in enumerate(book["code"])}
    shown = dict(zip(book["code"], book["name_tr" if language() == "tr" else "name"], strict=True))
    counted = counted.assign(place=counted["code"].map(lambda code: order.get(code, len(order))), last=counted["stage"] < 0)
    counted = counted.sort_values(["customers", "place", "code", "last", "stage"], ascending=[False, True, True, True, True], ignore_index=True)
    at = counted["stage"].to_numpy(dtype=int)
    stage = pd.Series(pd.array(names).take(at, allow_fill=True) if len(names) else [None] * len(at), dtype=None if len(names) else "str")
    names = pd.Series([shown.get(code, code) for code in counted["code"]], dtype="str")
    day = pd.Series([remeasure_on] * len(at), dtype="str" if remeasure_on is None or not len(at) else None)
    return pd.DataFrame({"code": counted["code"].astype("str"), "stage": stage, "cause": names, "customers": counted["customers"].astype(np.int64),
                         "owner": pd.Series([""] * len(at), dtype="str"), "remeasure_on": day})


def _remeasure(table, day, after):
    """The day to measure again: a number, a date, or None where no day is known."""
    if isinstance(after, bool) or not isinstance(after, (int, np.integer)) or after < 0:
        raise CxError(say("closing.after", value=after))
    if day is None:
        day = table["day"].max() if "day" in table else table.attrs.get("last_day")
    if is_missing(day):
        return None
    if isinstance(day, (int, float, np.number)) and not isinstance(day, bool):
        return int(day) + int(after)
    try:
        return pd.Timestamp(day) + datetime.timedelta(days=int(after))
    except (TypeError, ValueError):
        raise CxError(say("closing.day", value=str(day)[:40])) from None
