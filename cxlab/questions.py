"""From any survey to the five-question table: one schema for the bundled set, an imported file and a live class.

Which column is which question is told by `recognise.py`, what an answer means by `meanings.py`; here the table is put together and
checked. Nothing is guessed silently: an unsure question is refused with its candidates, an answer that cannot be read sets its row
aside, and everything that was decided is in the table's `.attrs`.
"""

import collections
import re

import pandas as pd

from .framework import CxError, keys, number, say
from .meanings import BAD, OTHER, TABLES, allowed, channels, each, fits, meaning, missing, problem, scales
from .privacy import mask
from .recognise import ABOUT, FIVE, HOLDS, IMPORTANT, NAMED, OPTIONAL, choose, fold, headers_of, holds, known, listed, quoted

BASE = (*ABOUT, *IMPORTANT, "annoys", "organisations", "recommends", "social_media")  # the columns that every table has, in order
OPEN = (*IMPORTANT, "annoys", "organisations")
CLOSED = (*TABLES, "help_channels", "functional", "accessible", "emotional", "likelihood", "happiness", "age_group")
REPORT = ["row", "column", "value", "problem", "action"]
FEW_FIT = 0.2  # a column of which fewer answers can be read was asked something else


def five_questions(survey, columns=None):
    """The five-question table of a survey: one row a respondent, the same columns and categories whatever tool asked the questions.

    survey : what `read_survey` gave, or a DataFrame of answers. columns : {question: column}, where recognition by wording is unsure, for
    example {"annoys": "Q7"}; "important" takes one column or a list of up to three; None says that it was not asked (then all missing).
    Questions: important, annoys, organisations, recommends, social_media (each must be found, given or None), the optional ones
    of `OPTIONAL`, and respondent, wave, language, recruited_via. Turkish and English; rewording, case and missing accents are fine.
    One column for question 1 is cut at line breaks, ";" and numbering, never at commas.

    Returns the table, index "row" = row of the spreadsheet. Open answers stay as written. Rows with an answer that cannot be read are
    set aside: rows of the table + `.attrs["set_aside"]` (their row numbers) = rows of answers. `.attrs["report"]`: what was refused or
    decided, a list of {row, column, value, problem, action}; `.attrs["columns"]`: which column each question was taken from.
    Raises CxError with the candidates if one of the five questions is missing or two columns fit.

    >>> answers = pd.DataFrame({"Most important": ["price; speed"], "What annoys you?": ["queues"], "Which companies are excellent?": ["Larkmoor"],
    ...                         "Do you recommend companies?": ["Yes, always"], "Used Twitter or Facebook for help?": ["No"]})
    >>> five_questions(answers)[["important_1", "important_2", "annoys", "recommends", "social_media"]].iloc[0].tolist()
    ['price', 'speed', 'queues', 'yes', 'none']
    """
    answers, headers, kinds = headers_of(survey)
    rows = _rows(answers)
    chosen, how, unsure = choose(headers, kinds, columns)
    remarks = [_entry(None, None, None, say("questions.unsure_optional", question=key, candidates=quoted(names)), "unsure_optional_do", question=key)
               for key, names in unsure.items()]
    result, bad = {}, []
    for key in [key for key in CLOSED if chosen.get(key) is not None]:
        certain = key in (columns or {}) or how[key][0] == NAMED
        values, told = _converted(key, answers[chosen[key]], rows, 99 if certain else how[key][0])
        remarks += told
        if values is None:
            del chosen[key]
            continue
        result[key] = values
        bad += [(place, _entry(rows[place], chosen[key], raw, problem(key, raw), "row_set_aside"))
                for place, (raw, value) in enumerate(zip(answers[chosen[key]], values, strict=True)) if value is BAD]
    result |= _open_answers(answers, chosen, rows, remarks)
    result |= _about(answers, headers, kinds, chosen, how, result, rows, remarks)
    return _table(result, rows, chosen, bad, remarks)


def validate(table):
    """Every bad value of a five-question table, by the row of the spreadsheet and the column.

    table : as `five_questions` returns it, or one of your own with the same columns (without an index named "row", the first row is
    row 2). Missing answers are fine. Looked at: categories, scales (whole and within their ends), a respondent twice in one wave or
    without a name, columns that are missing. Values for which `five_questions` set a row aside are listed too.

    Returns a frame `row, column, value, problem, action` (row missing for a whole column); `.attrs["set_aside"]` holds the row numbers of
    bad rows, `.attrs["n_valid"]` how many rows of the table are good.

    >>> found = validate(pd.DataFrame({"respondent": [1, 2], "recommends": ["yes", "maybe"], "likelihood": [11, 9]}))
    >>> found.dropna(subset="row")[["row", "column", "value"]].values.tolist(), found.attrs["n_valid"]
    ([[3, 'recommends', 'maybe'], [2, 'likelihood', 11]], 0)
    """
    if not isinstance(table, pd.DataFrame):
        raise CxError(say("questions.not_answers", type=type(table).__name__))
    headers_of(table)  # refuses two columns of one name
    rows, bad = _rows(table), []
    absent = [_entry(None, column, None, say("questions.no_column", column=column), "no_column_do") for column in BASE if column not in table]
    for column in [column for column in (*BASE, *OPTIONAL) if column in table and column in CLOSED and column != "age_group"]:
        good = each(table[column], lambda value, column=column: fits(column, value))
        bad += [(place, _entry(rows[place], column, value, problem(column, value), "bad_value_do"))
                for place, (value, fine) in enumerate(zip(table[column], good, strict=True)) if fine is False]
    bad += _bad_respondents(table, rows)
    before = [entry for entry in table.attrs.get("bad_values", []) if entry["row"] not in set(rows)]
    frame = pd.DataFrame(absent + before + [entry for _, entry in bad], columns=REPORT).astype({"row": "Int64", "value": object})
    places = {place for place, _ in bad}
    frame.attrs = {"set_aside": sorted({entry["row"] for entry in before} | {rows[place] for place in places}), "n_valid": len(table) - len(places)}
    return frame


def things(text):
    """The things named in one answer: cut at line breaks, at ";" and at a numbering 1. 2. 3.; never at commas.

    >>> things("1. price 2. service 3. speed"), things("price, service")
    (['price', 'service', 'speed'], ['price, service'])
    """
    numbered = re.split(r"(?:^|\s)[(]?([1-9])[.):-]\s*(?=[^\s\d])", text)
    if len(numbered) > 3 and not numbered[0].strip() and [int(sign) for sign in numbered[1::2]] == list(range(1, len(numbered) // 2 + 1)):
        parts = [part.strip().rstrip(",;").rstrip() for part in numbered[2::2]]
    else:
        parts = [re.sub(r"^(?:[-–•*·]\s+|[(]?[1-9][.)-]\s*(?=[^\s\d]))", "", part.strip()).strip() for part in re.split(r"[;\r\n]", text)]
    parts = [part for part in parts if part]
    return parts if len(parts) > 1 else [text]


def _rows(table):
    """The row of the spreadsheet for each row of a table."""
    return [int(row) for row in table.index] if table.index.name == "row" else list(range(2, len(table) + 2))


def _entry(row, column, value, told, action, **values):
    return {"row": row, "column": column, "value": value, "problem": told, "action": say(f"questions.{action}", **values)}


def _converted(key, series, rows, points):
    """The answers to a closed question: (values with BAD where one cannot be read, remarks); values None if it was asked something else.

    points : how sure the column is (as `recognise.score`); 99 for a column that was named.
    """
    series, remarks = _without_declined(key, series)
    given = [value for value in series if not missing(value)]
    coded = key in TABLES and TABLES[key] == "yes_no" and {str(value).removesuffix(".0") for value in given} <= {"0", "1"}
    values = each(series, lambda value: ("no", "yes")[int(float(value))] if coded else meaning(key, value))
    if key == "age_group" and any(value is BAD for value in values):  # other bands than the kit's: they stay as written
        as_written = [None if missing(value) else str(value) for value in series]
        return as_written, [*remarks, _entry(None, series.name, None, say("questions.own_bands"), "own_bands_do")]
    good = sum(value is not None and value is not BAD for value in values)
    if good < FEW_FIT * len(given):
        first = next(value for value, read in zip(series, values, strict=True) if read in (None, BAD) and not missing(value))
        told = say("questions.other_answers", column=series.name, question=key, n=number(len(given)), good=number(good), value=mask(str(first)),
                   allowed=allowed(key))
        if points < HOLDS or (points < 99 and len(given) >= 10):
            if key in FIVE:
                raise CxError(told + " " + say("questions.other_answers_do", question=key))
            return None, [_entry(None, series.name, None, told, "unsure_optional_do", question=key)]
        remarks.append(_entry(None, series.name, None, told, "few_fit_do"))
    return (_recruited if key == "recruited_via" else _remarked)(key, series, values, rows, remarks)


def _without_declined(key, series):
    """(the answers, "prefer not to say" as a missing one; what to report). Who does not say whether he consents has not consented."""
    texts = known()["answers"]["declined"]
    if key.startswith("consent_"):
        return series, []
    declined = [found is True for found in each(series, lambda value: isinstance(value, str) and _says(fold(value), **texts))]
    if not any(declined):
        return series, []
    told = say("questions.declined", n=number(sum(declined)), value=next(value for value, found in zip(series, declined, strict=True) if found))
    return series.astype(object).mask(declined), [_entry(None, series.name, None, told, "declined_do")]


def _says(text, texts, before):
    return text in texts or any(text.removeprefix(f"{word} ") in texts for word in before)


def _remarked(key, series, values, rows, remarks):
    """Says which part of an answer has no place in the table."""
    if key == "help_channels":
        for row, value, rest in zip(rows, series, each(series, lambda value: channels(value)[1]), strict=True):
            if rest:
                remarks.append(_entry(row, series.name, value, say("questions.other_channel", rest=rest), "other_channel_do"))
    if key == "social_media":
        stems = known()["answers"][key]["others"]
        other = each(series, lambda value: holds(fold(value), stems))
        left = [row for row, named, read in zip(rows, other, values, strict=True) if named and read not in (None, BAD)]
        if left:
            remarks.append(_entry(None, series.name, None, say("questions.other_network", n=number(len(left)), row=left[0]), "other_network_do"))
    return values, remarks


def _recruited(key, series, values, rows, remarks):
    """Ways without a name of their own, and missing ones, become "other"; that is said."""
    unknown = list(dict.fromkeys(str(raw) for raw, value in zip(series, values, strict=True) if value is OTHER))
    empty, n = sum(value is None for value in values), sum(value is OTHER for value in values)
    if n or empty:
        remarks.append(_entry(None, series.name, None, say("questions.other_way", n=number(n), empty=number(empty), values=quoted(unknown, 3)),
                              "other_way_do"))
    return ["other" if value in (None, OTHER) else value for value in values], remarks


def _open_answers(answers, chosen, rows, remarks):
    """The free texts, exactly as written; one column for question 1 is cut into three."""
    result = {}
    for key in OPEN:
        values = answers[chosen[key]] if chosen.get(key) is not None else [None] * len(answers)
        result[key] = ["; ".join(map(str, value)) if isinstance(value, (tuple, list)) else value for value in values]
    if chosen.get("important") is None:
        return result
    column, cells, commas = chosen["important"], [], []
    for row, value in zip(rows, answers[column], strict=True):
        if isinstance(value, (tuple, list)):
            parts = list(map(str, value))
        else:
            parts = things(value) if isinstance(value, str) else [value]
        if len(parts) == 1 and "," in str(parts[0]):
            commas.append(row)
        if len(parts) > 3:
            remarks.append(_entry(row, column, value, say("questions.more_than_three", n=number(len(parts))), "more_than_three_do"))
            parts = [*parts[:2], "; ".join(parts[2:])]
        cells.append([*parts, None, None, None][:3])
    if commas:
        remarks.append(_entry(None, column, None, say("questions.commas", n=number(len(commas)), row=commas[0]), "commas_do"))
    return result | {key: [cell[place] for cell in cells] for place, key in enumerate(IMPORTANT)}


def _about(answers, headers, kinds, chosen, how, result, rows, remarks):
    """Who answered, when, in which language and recruited how: from the survey tool's columns, else what can be said."""
    found = {key: chosen[key] if key in chosen else _by_name(headers, chosen, key) for key in ABOUT}
    if found["respondent"] is not None and not _one_each(answers[found["respondent"]]):
        remarks.append(_entry(None, found["respondent"], None, say("questions.ids_not_unique"), "ids_not_unique_do"))
        found["respondent"] = chosen["respondent"] = None
    about = {"respondent": rows if found["respondent"] is None else answers[found["respondent"]].tolist()}
    about["wave"] = [None] * len(rows) if "wave" in chosen and found["wave"] is None else _wave(answers, headers, kinds, found["wave"], remarks)
    for key in ("language", "recruited_via"):
        column = found[key]
        values = result.get(key) or (None if column is None else each(answers[column], lambda value, key=key: meaning(key, value)))
        told = [value for value in values or [] if value is not None]
        named = sum(value is not OTHER for value in told)  # a column that only its name speaks for must hold what its name says
        if key not in result and values is not None and (BAD in told or 2 * named <= len(told)):
            values = None
        if key not in result and values is not None:
            values, more = _converted(key, answers[column], rows, 99)
            remarks += more
        about[key] = values if values is not None else _language(how, rows, remarks) if key == "language" else _recruited_unknown(rows, remarks)
        found[key] = column if values is not None else None
    chosen |= {key: column for key, column in found.items() if column is not None}
    return about


def _by_name(headers, chosen, key):
    """The column that the survey tool named so, the most telling name first."""
    used, order = {column for value in chosen.values() for column in listed(value)}, known()["names"][key]
    return min((column for column, names in headers.items() if names[0] in order and column not in used),
               key=lambda column: order.index(headers[column][0]), default=None)


def _language(how, rows, remarks):
    heard = collections.Counter(language for _, language in how.values() if language).most_common(2)
    sure = bool(heard) and (len(heard) == 1 or heard[0][1] > heard[1][1])
    remarks.append(_entry(None, None, None, say("questions.language_of_wording" if sure else "questions.language_unknown"), "language_do"))
    return [heard[0][0] if sure else None] * len(rows)


def _recruited_unknown(rows, remarks):
    remarks.append(_entry(None, None, None, say("questions.no_recruiting"), "no_recruiting_do"))
    return ["other"] * len(rows)


def _one_each(ids):
    """Has everyone an id of his own?"""
    return not any(map(missing, ids)) and ids.is_unique


def _wave(answers, headers, kinds, column, remarks):
    """A column of waves, else the year of the date column, else missing."""
    if column is not None:
        return [value.year if not missing(value) and hasattr(value, "year") else value for value in answers[column]]
    dates, order = [column for column in answers if pd.api.types.is_datetime64_any_dtype(answers[column])], known()["names"]["date"]
    if not dates:
        remarks.append(_entry(None, None, None, say("questions.no_wave"), "no_wave_do"))
        return [None] * len(answers)
    column = min(dates, key=lambda column: min([order.index(name) for name in headers[column] if name in order], default=len(order)))
    remarks.append(_entry(None, column, None, say("questions.wave_of_date"), "wave_do"))
    return answers[column].dt.year.tolist()


def _table(result, rows, chosen, bad, remarks):
    """The table without the rows that are set aside, and in its `.attrs` what was found on the way."""
    absent = {key: [None] * len(rows) for key in BASE if key not in result}
    table = pd.DataFrame({key: _typed(key, (result | absent)[key]) for key in (*BASE, *OPTIONAL) if key in result or key in absent},
                         index=range(len(rows)))
    aside = {place for place, _ in bad}
    table.index = pd.Index(rows, name="row", dtype="int64")
    table = table.iloc[[place for place in range(len(rows)) if place not in aside]]
    if "consent_survey" in table and (refused := int((table["consent_survey"] == "no").sum())):
        remarks.append(_entry(None, chosen["consent_survey"], None, say("questions.refused_use", n=number(refused)), "refused_use_do"))
    entries = [entry for _, entry in bad]
    table.attrs = {"report": entries + remarks, "bad_values": entries, "set_aside": [rows[place] for place in sorted(aside)],
                   "columns": {key: column for key, column in chosen.items() if column is not None},
                   "scale": {key: ends for key, ends in scales().items() if key in table}}
    return table


def _typed(key, values):
    """The column in its dtype: categories in the order of framework.toml, whole numbers, texts as written."""
    if key in OPEN:
        return pd.Series([None if not isinstance(value, str) and missing(value) else str(value) for value in values], dtype="str")
    values = [None if value is BAD or missing(value) else value for value in values]
    if key in TABLES:
        return pd.Series(pd.Categorical(values, categories=keys(TABLES[key])))
    if key == "help_channels":
        return pd.Series(values, dtype=object)
    if key == "age_group" and set(values) - {None} <= set(keys("age_groups")):
        return pd.Series(pd.Categorical(values, categories=keys("age_groups"), ordered=True))
    if key in scales() or (key in ABOUT and all(re.fullmatch(r"0|[1-9]\d{0,17}(\.0)?", str(value)) for value in values if value is not None)):
        return pd.Series([None if value is None else int(str(value).removesuffix(".0")) for value in values], dtype="Int64")
    return pd.Series([None if value is None else str(value) for value in values], dtype="str")


def _bad_respondents(table, rows):
    """[(place, entry)] of respondents without an id, or with one that stands in the same wave already."""
    if "respondent" not in table:
        return []
    first, found = {}, []
    waves = table["wave"].tolist() if "wave" in table else [None] * len(table)
    for place, (who, wave) in enumerate(zip(table["respondent"].tolist(), waves, strict=True)):
        person = str(who), None if missing(wave) else str(wave)
        if missing(who):
            found.append((place, _entry(rows[place], "respondent", None, say("questions.no_respondent"), "bad_value_do")))
        elif person in first:
            found.append((place, _entry(rows[place], "respondent", who, say("questions.same_respondent", first=first[person]), "bad_value_do")))
        first.setdefault(person, rows[place])
    return found
