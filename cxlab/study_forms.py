"""Your own study: which answers may be counted, what can be counted in them, five slides, the disclosure form, the rubric.

The forms come from `framework.toml`. What is said of a file is computed from the answers that may be used, whatever survey it is: with or
without the five questions, a dozen people or a hundred thousand. Text of strangers is masked and escaped before it stands on a form.
"""

import pandas as pd

from .framework import CxError, keys, label, language, number, say, vocabulary

FLOOR, FEW = 10, 20  # people below whom nothing is shown; different answers above which a closed question is a list
OFF = 0.2  # share of answers off its scale that tells of another question
USES = ("themes", "nps", "several", "share")  # what can be counted, in the order in which it is told
LAST = ("recommends", "age_group", "recruited_via")  # a question that nearly all answer alike, and who answered: counted, but not told first
OPEN = ("annoys", "important", "important_1", "important_2", "important_3")  # open questions in the order in which they are told
WIDE, WIDER = 38, 110  # letters of a question in a table, on a slide


# ---- forms ---------------------------------------------------------------------------------------------------------------------------------


def disclosure_form(filled=None):
    """What a reader needs to judge a survey, as a form: the disclosure items of AAPOR's code (2021), filled in as far as you can.

    filled : {item: text}; items as in `cx.framework.disclosure` ("sponsor", "size", ...); `cx.known_items` gives what a file tells. Markdown.

    >>> "The town of Larkmoor" in disclosure_form({"sponsor": "The town of Larkmoor"}).data
    True
    """
    if not isinstance(filled, (dict, type(None))):
        raise CxError(say("study_forms.not_a_dict", type=type(filled).__name__, items=", ".join(keys("disclosure"))))
    unknown = [item for item in filled or {} if item not in keys("disclosure")]
    if unknown:
        raise CxError(say("study_forms.unknown_item", item=unknown[0], items=", ".join(keys("disclosure"))))
    known = {item: _shown(text) for item, text in (filled or {}).items() if not _is_empty(text)}
    blank = say("study_forms.blank")
    lines = [say("study_forms.form_row", n=n, item=row[language()], says=row[f"says_{language()}"], text=known.get(row["key"], blank))
             for n, row in enumerate(vocabulary()["disclosure"], 1)]
    own = ", ".join(str(n) for n, row in enumerate(vocabulary()["disclosure"], 1) if not row["aapor"])
    left = sum(blank in known.get(item, blank) for item in keys("disclosure"))  # a line with dots in it waits for its owner, too
    foot = say("study_forms.form_foot", left=number(left), n=number(len(lines)), own=own)
    return _markdown([say("study_forms.form_head"), "", say("study_forms.form_columns"), "|---|---|---|", *lines, "", foot])


def rubric():
    """What a partner or a jury marks in a five-minute presentation: each criterion with what earns 0, 1 and 2 points. Returns Markdown.

    >>> rubric().data.count("☐") == 3 * len(vocabulary()["rubric"])
    True
    """
    rows = vocabulary()["rubric"]
    nothing, part, whole = (f"{level}_{language()}" for level in ("nothing", "part", "whole"))
    lines = [say("study_forms.rubric_row", n=n, name=row[language()], nothing=row[nothing], part=row[part], whole=row[whole])
             for n, row in enumerate(rows, 1)]
    foot = say("study_forms.rubric_foot", most=number(2 * len(rows)))
    return _markdown([say("study_forms.rubric_head"), "", say("study_forms.rubric_columns"), "|---|---|---|---|", *lines, "", foot])


# ---- a file ----------------------------------------------------------------------------------------------------------------------------------


def usable_answers(survey, leave_out=(), simulated=False):
    """The answers of a survey file that may be counted: without rows that hold an impossible value, and without people who did not agree.

    survey : what `cx.read_survey` gave; with or without the five questions. leave_out : rows, as the spreadsheet numbers them, that you
    decided not to count (sent twice, tests). simulated : True if the answers are invented; figures then say so.
    Where the file asks for consent to the use (`consent_survey`), an empty cell is no yes.

    Returns `survey.answers` without those rows: same columns, same index. Answers to questions that the kit knows stand under their names in the
    display language. `.attrs`: `steps` (how many rows at each step), `questions` (column, text, kind), `columns` ({question: column}), `source`.

    >>> import pathlib, tempfile
    >>> from cxlab import read_survey
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "answers.csv"
    >>> _ = file.write_text("Do you agree that your answers are used for this study?;age\\nyes;31\\nno;44\\nyes;28\\n", encoding="utf-8")
    >>> len(usable_answers(read_survey(file))), len(usable_answers(read_survey(file), leave_out=[4]))
    (2, 1)
    """
    if not isinstance(getattr(survey, "answers", None), pd.DataFrame):
        raise CxError(say("study_forms.no_survey", type=type(survey).__name__))
    table, answers = _five_questions(survey), survey.answers
    decided = _rows_left_out(leave_out, answers.index)
    faulty = [row for row in table.attrs["set_aside"] if row not in decided]
    agreed = table["consent_survey"] if "consent_survey" in table else pd.Series("yes", index=table.index)
    agreed = agreed.astype("object").drop(index=[row for row in decided if row in agreed.index])
    refused, silent = int((agreed == "no").sum()), int(agreed.isna().sum())
    people = _in_words(answers.loc[agreed.index[agreed == "yes"]], table)
    counts = {"read": len(answers), "faulty": -len(faulty), "left_out": -len(decided), "refused": -refused, "silent": -silent, "used": len(people)}
    named = {"read": say("study_forms.step_read"), "faulty": say("study_forms.step_faulty"), "left_out": say("study_forms.step_left_out"),
             "refused": say("study_forms.step_refused"), "silent": say("study_forms.step_silent"), "used": say("study_forms.step_used")}
    people.attrs = {"steps": {named[step]: n for step, n in counts.items() if n or step in ("read", "used")},
                    "questions": survey.questions[["column", "text", "kind"]].astype(str).to_dict("records"),
                    "columns": table.attrs["columns"], "source": survey.source, "simulated": bool(simulated)}
    return people


def what_to_count(people):
    """Which questions of a file can be counted, and how: as a share, as shares of several answers, as themes, as an NPS.

    people : what `usable_answers` gave. Returns one row a question: `question` (shortened), `use` (themes, nps, several or share), `count_as` (the
    same in words), `n` (who answered), `columns` (tuple), `note` ("small" under 30, "hidden" under 10). Of each use the questions of the kit come
    first, then those with most answers. `.attrs["not_counted"]`: the other questions with answers (scales, names of organisations, closed ones
    with more than 20 different answers). An NPS only of the question how likely people are to recommend, and only if its answers can be of 0-10.
    """
    known, found, left = _attrs(people)["columns"], [], []
    question_of = {column: key for key, column in known.items()}
    three = [known[key] for key in OPEN[2:] if key in known]
    for each in people.attrs["questions"]:
        column = each["column"]
        if column not in people or column in three[1:] or each["kind"] not in ("single", "multiple", "scale", "open"):
            continue
        columns, question = tuple(three) if column in three else (column,), question_of.get(column)
        n, use = int(people[list(columns)].notna().any(axis=1).sum()), _use(people, column, each["kind"], question)
        if use and n:
            place = OPEN.index(question) if question in OPEN else len(OPEN)
            found.append(((USES.index(use), question in LAST, place, -n), use, columns, n, _short(each["text"], WIDE)))
        elif n:
            left.append(_short(each["text"], WIDE))
    rows = [{"question": text, "use": use, "count_as": say(f"study_forms.use_{use}"), "n": n, "columns": columns,
             "note": "hidden" if n < FLOOR else "small" if n < 30 else ""} for _, use, columns, n, text in sorted(found, key=lambda row: row[0])]
    plan = pd.DataFrame(rows, columns=["question", "use", "count_as", "n", "columns", "note"])
    plan.attrs["not_counted"] = left
    return plan


def known_items(people):
    """What a file tells of the disclosure form: {item: text} for `disclosure_form`; the rest only its owner can know.

    people : what `usable_answers` gave.
    """
    about = _attrs(people)
    read = next(iter(about["steps"].values()))
    source = label("sources", about["source"]) if about["source"] in keys("sources") else about["source"]
    closed = sum(each["kind"] in ("single", "multiple", "scale") for each in about["questions"])
    kinds = {"closed": number(closed), "open": number(sum(each["kind"] == "open" for each in about["questions"]))}
    known = {"wording": say("study_forms.known_wording", **kinds), "mode": say("study_forms.known_mode", source=source),
             "size": say("study_forms.known_size", n=number(len(people)), read=number(read), out=number(read - len(people))),
             "weighting": say("study_forms.known_weighting"), "precision": say("study_forms.known_precision"),
             "processing": f"{_not_counted(about['steps'])} {say('study_forms.known_personal')}"}
    if "themes" in set(what_to_count(people)["use"]):
        known["processing"] += " " + say("study_forms.known_coding")
    if days := _days(people):
        known["dates"] = say("study_forms.known_dates", first=days[0], last=days[1])
    consents = [label("consents", key) for key in keys("consents") if key in about["columns"]]
    if consents:
        known["consent"] = say("study_forms.known_consent", consents="; ".join(consents))
    if about["simulated"]:
        known |= {"sponsor": say("study_forms.known_invented"), "conductor": say("study_forms.known_invented")}
    return known


def five_slides(people):
    """The skeleton of a five-minute presentation, with the numbers of this file in it; what only you know stands as dots.

    people : what `usable_answers` gave. On the third slide: of each kind of question the first of `what_to_count`. Returns Markdown.
    """
    plan, n = what_to_count(people), len(people)
    slides = [_slide_question(plan, people), _slide_who(people), _findings(plan, people), _slide_limits(n), _slide_step(people)]
    lines = [say("study_forms.simulated"), ""] if people.attrs["simulated"] else []
    for title, slide in zip((say(f"study_forms.slide_{name}") for name in ("question", "who", "found", "not_said", "next")), slides, strict=True):
        lines += [f"**{title}**", "", *[f"- {each}" for each in slide], ""]
    return _markdown(lines)


# ---- parts: the rows ---------------------------------------------------------------------------------------------------------------------------


def _five_questions(survey):
    """The five-question table of any survey: what is not told by its wording counts as not asked."""
    from .questions import five_questions
    from .recognise import FIVE, choose, headers_of

    _, headers, kinds = headers_of(survey)

    columns = {}
    for key in FIVE:
        try:
            choose(headers, kinds, {other: None for other in FIVE if other != key})
        except CxError:
            columns[key] = None
    try:
        table = five_questions(survey, columns=columns)
    except CxError:  # one of them was answered with something else
        columns = dict.fromkeys(FIVE)
        table = five_questions(survey, columns=columns)
    bad = pd.Series([entry["column"] for entry in table.attrs["bad_values"]], dtype=object).value_counts()
    other = {key: None for key, column in table.attrs["columns"].items() if bad.get(column, 0) > OFF * max(1, survey.answers[column].notna().sum())}
    return five_questions(survey, columns=columns | other) if other else table


def _rows_left_out(leave_out, index):
    rows = [leave_out] if isinstance(leave_out, int) else list(leave_out)
    for row in rows:
        if row not in index:
            raise CxError(say("study_forms.no_row", row=row, first=index[0] if len(index) else "–", last=index[-1] if len(index) else "–"))
    return list(dict.fromkeys(rows))


def _in_words(answers, table):
    """Known closed questions in the words of the display language, known scales as whole numbers."""
    answers = answers.copy()
    options = {row["key"]: row["options"] for row in vocabulary()["questions"] if "options" in row}
    for key, column in table.attrs["columns"].items():
        if key not in table or column not in answers or key in ("recruited_via", "language", "wave", "respondent"):
            continue
        values = table.loc[answers.index, key]
        if key in options:
            words = {row["key"]: row[language()] for row in vocabulary()[options[key]]}
            answers[column] = [_worded(value, words) for value in values.astype(object)]
        elif pd.api.types.is_integer_dtype(values):
            answers[column] = values
    return answers


def _worded(value, words):
    if isinstance(value, (tuple, list)):
        return tuple(words.get(each, each) for each in value)
    return None if _is_empty(value) else words.get(value, value)


def _use(people, column, kind, question):
    """How a question can be counted, or None."""
    if kind == "scale" and question == "likelihood":
        return "nps" if _is_zero_to_ten(people, column) else None
    if question == "organisations":
        return None
    if kind == "open" or question in OPEN:  # a question of the five stays open, however few different answers it got
        return "themes"
    if kind == "multiple":
        return "several"
    if kind != "single":
        return None
    different, n = people[column].nunique(), people[column].notna().sum()
    if different > max(2, n / 2):  # hardly an answer comes twice: written freely, whatever the reader took it for
        return "themes"
    return "share" if different <= FEW else None


def _is_zero_to_ten(people, column):
    """Whether the answers can be of 0-10: not all low, and of no scale that `cx.nps` sees to be another."""
    from .rates import nps

    scores = pd.to_numeric(people[column], errors="coerce").dropna()
    if not len(scores) or scores.max() <= 7 and scores.min() > 0:
        return False
    try:
        nps(people, column)
    except CxError:
        return False
    return True


# ---- parts: the sentences -----------------------------------------------------------------------------------------------------------------------


def _slide_question(plan, people):
    texts = {each["column"]: each["text"] for each in people.attrs["questions"]}
    asked = [say("study_forms.asked", text=_shown(texts[columns[0]])) for columns in plan["columns"].head(1)]
    return [say("study_forms.we_ask"), say("study_forms.who_decides"), *asked]


def _slide_who(people):
    told = [say("study_forms.counted", n=number(len(people)), read=number(next(iter(people.attrs["steps"].values()))))]
    if days := _days(people):
        told.append(say("study_forms.between", first=days[0], last=days[1]))
    return [" ".join(told), _not_counted(people.attrs["steps"]), say("study_forms.not_asked")]


def _not_counted(steps):
    out = "; ".join(f"{name}: {number(-n)}" for name, n in list(steps.items())[1:-1])
    return say("study_forms.not_counted", out=out) if out else say("study_forms.all_counted")


def _findings(plan, people):
    """Of each kind of question the first, as a sentence with n and interval."""
    closed = plan[plan["use"].isin(["several", "share"])].head(1)
    rows = pd.concat([plan[plan["use"] == "themes"].head(1), closed, plan[plan["use"] == "nps"].head(1)])
    if rows.empty:
        return [say("study_forms.nothing")]
    texts = {each["column"]: each["text"] for each in people.attrs["questions"]}
    said = [say("study_forms.finding", question=_shown(texts[row.columns[0]], WIDER), found=_found(people, row)) for row in rows.itertuples()]
    return said if (rows["use"] == "nps").all() else [*said, say("study_forms.most_named")]


def _found(people, row):
    from . import rates
    from .explore import share_sentence

    if row.n < FLOOR:
        return say("study_forms.too_few", floor=FLOOR)
    if row.use == "nps":
        score = rates.nps(people, row.columns[0]).iloc[0]
        return say("study_forms.found_nps", **{name: number(score[name]) for name in ("nps", "ci_low", "ci_high", "n")})
    if row.use == "themes":
        table = _themes(people, list(row.columns))
    else:
        table = (rates.multiple_response if row.use == "several" else rates.share)(people, row.columns[0])
    if table.empty:
        return say("study_forms.no_theme")
    first = table.sort_values("share", ascending=False, kind="stable").iloc[0]
    if first["n"] < FLOOR:
        return say("study_forms.too_few", floor=FLOOR)
    share = share_sentence(int(first["count"]), int(first["n"]))
    return say("study_forms.found_share", value=_shown(first["value"]), share=share, k=number(len(table)))


def _themes(people, columns):
    """How often each theme of the codebook is named in these columns."""
    from . import rates
    from .code_tables import code_people
    from .codebooks import OTHER, WHOLE_ONLY, load_codebook

    book = load_codebook()
    names = dict(zip(book["code"], book["name" if language() == "en" else "name_tr"], strict=True))
    table = rates.multiple_response(people.assign(theme=code_people(people, columns, book))[["theme"]], "theme")
    table = table[~table["value"].isin([OTHER, *WHOLE_ONLY])]
    return table.assign(value=table["value"].map(lambda code: names.get(code, code)))


def _slide_limits(n):
    from .planning import sample_size

    half = 100 * sample_size(n=n)["half_width"].iloc[0] if n >= FLOOR else None
    width = [say("study_forms.width", n=number(n), half=number(half, int(half < 3)))] if half else []
    return [say("study_forms.noise"), *width, say("study_forms.goes_with"), say("study_forms.change_mind")]


def _slide_step(people):
    n, column = len(people), people.attrs["columns"].get("consent_contact")
    if column not in people or n < FLOOR:
        return [say("study_forms.step")]
    agreed = (people[column] == label("yes_no", "yes")).sum()
    return [say("study_forms.step"), say("study_forms.may_contact", count=number(agreed), n=number(n))]


def _days(people):
    """(first, last) day of the first column of dates, as the display language writes it, or None."""
    for column in people:
        values = people[column].dropna()
        if len(values) and pd.api.types.is_datetime64_any_dtype(values):
            form = "%Y-%m-%d" if language() == "en" else "%d.%m.%Y"
            return values.min().strftime(form), values.max().strftime(form)
    return None


def _attrs(people):
    if not isinstance(people, pd.DataFrame) or not {"steps", "questions", "columns"} <= set(people.attrs):
        raise CxError(say("study_forms.not_usable", type=type(people).__name__))
    return people.attrs


def _is_empty(value):
    return value is None or (pd.api.types.is_scalar(value) and pd.isna(value)) or not str(value).strip()


def _short(text, width):
    """A stranger's text on one line, personal data covered, not longer than this."""
    from .privacy import mask

    text = " ".join(str(mask(pd.Series([str(text)]))[0]).split())
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _shown(text, width=1000):
    """The same for Markdown: nothing in it becomes a tag or a link."""
    from .figures import escape

    return escape(_short(text, width))


def _markdown(lines):
    from IPython.display import Markdown

    return Markdown("\n".join(lines))
