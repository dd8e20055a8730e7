"""What a lesson shows of the vocabulary: the map of the course, the ways through it, the glossary, the quiz. All in the display language.

Texts come from `framework.toml`; each function returns something that Jupyter shows as text, so that it can also be printed and checked.
"""

import pathlib

from .framework import CxError, language, number, say, vocabulary


def course_map(folder="."):
    """Every lesson of the course with minutes and mark, as a table; a lesson that is there is a link.

    folder : where the lessons are, seen from where you are. Returns Markdown.
    """
    rows = []
    for part in vocabulary()["parts"]:
        for lesson in (each for each in vocabulary()["lessons"] if each["part"] == part["key"]):
            title = f"{pathlib.PurePath(lesson['key']).name[:2]} {lesson[language()]}" if lesson["key"][0].isdigit() else lesson[language()]
            file = f"{lesson['key']}.ipynb"
            title = f"[{title}]({file})" if (pathlib.Path(folder) / file).exists() else say("course.to_come", title=title)
            rows.append(f"| {part[language()]} | {title} | {lesson['mark']} | {lesson['minutes']} |")
    head = say("course.map_head")
    return _markdown("\n".join([head, "|---|---|---|---:|", *rows]))


def paths():
    """The ways through the course for different people: what for, which lessons, how long. Returns Markdown."""
    minutes = {lesson["key"]: lesson["minutes"] for lesson in vocabulary()["lessons"]}
    lines = []
    for path in vocabulary()["paths"]:
        hours = number(sum(minutes[key] for key in path["lessons"]) / 60, 1)
        lessons = ", ".join(key.split("/")[-1][:2] if key[0].isdigit() else key.split("/")[-1] for key in path["lessons"])
        lines.append(say("course.path", name=path[language()], says=path[f"says_{language()}"], lessons=lessons, hours=hours))
    return _markdown("\n".join(lines))


def glossary(*concepts, area=None):
    """Words and their meaning, each with its other-language form.

    concepts : ids such as "T1" (all words if none are given). area : "field" or "statistics". Returns Markdown.
    >>> "gerçeklik anı" in glossary("T1").data
    True
    """
    other = "tr" if language() == "en" else "en"
    rows = [row for row in vocabulary()["glossary"]
            if (not concepts or set(concepts) & set(row.get("concepts", []))) and (area is None or row["area"] == area)]
    if not rows:
        raise CxError(say("course.no_words", asked=", ".join(concepts) or area))
    lines = []
    for row in rows:
        leads_to = row.get(f"leads_to_{language()}")
        tail = " " + say("course.leads_to", where=leads_to) if leads_to else ""
        lines.append(f"- **{row[language()]}** ({row[other]}): {row[f'meaning_{language()}']}{tail}")
    return _markdown("\n".join(lines))


def competences():
    """The six areas of competence of 2013 beside the five of today, with their weight in the examination (T7). Returns Markdown."""
    old, new = vocabulary()["competences"], vocabulary()["competences_today"]
    today = [say("course.weighted", name=row[language()], percent=round(100 * row["weight"])) for row in new]
    lines = [f"| {row['key']} {row[language()]} | {now} |" for row, now in zip(old, today + [""] * (len(old) - len(today)), strict=True)]
    return _markdown("\n".join([say("course.competences_head"), "|---|---|", *lines]))


def survey_checklist():
    """The one-page check before a survey: what to settle about personal data, each point with its reason. Not legal advice. Returns Markdown."""
    lines = [say("course.check", n=n, asks=row[language()], why=row[f"why_{language()}"]) for n, row in enumerate(vocabulary()["survey_checks"], 1)]
    return _markdown("\n".join([say("course.checklist_head"), "", *lines, "", say("course.checklist_foot")]))


def observation_sheet():
    """A sheet for listening to calls in pairs: the eight behaviours of service, what of each can be seen or heard, and room to count (T8).

    Returns Markdown.

    >>> observation_sheet().data.count("☐") == 3 * len(vocabulary()["behaviours"])
    True
    """
    return _form("observation", vocabulary()["behaviours"], "seen")


def self_assessment():
    """The five conditions for lasting happiness as a form: for each a mark, and the evidence for it (H11). Returns Markdown.

    >>> self_assessment().data.count("☐") == 4 * len(vocabulary()["conditions"])
    True
    """
    return _form("assessment", vocabulary()["conditions"], "says")


def _form(name, rows, told):
    """A table to fill in by hand: a row an entry, with what it says."""
    lines = [say(f"course.{name}_row", n=n, name=row[language()], says=row[f"{told}_{language()}"]) for n, row in enumerate(rows, 1)]
    head, columns, foot = (say(f"course.{name}_{part}") for part in ("head", "columns", "foot"))
    return _markdown("\n".join([head, "", columns, "|---|---|---|---|", *lines, "", foot]))


def quiz(question=None, choice=None):
    """The quiz on the glossary: all questions, or the answer to one choice with its reason.

    question : its number from 1. choice : "a" to "d". Returns Markdown.
    >>> print(quiz(1, "z").data)
    Traceback (most recent call last):
    ...
    cxlab.framework.CxError: There is no choice 'z'. Allowed: a, b, c, d. For example: cx.quiz(1, 'a')
    """
    entries = vocabulary()["quiz"]
    if question is None:
        return _markdown("\n\n".join(_question(n, entry) for n, entry in enumerate(entries, 1)))
    if question not in range(1, len(entries) + 1):
        raise CxError(say("course.no_question", question=repr(question), n=len(entries)))
    entry = entries[question - 1]
    letters = "abcdefgh"[: len(entry[f"choices_{language()}"])]
    if choice is None:
        return _markdown(_question(question, entry))
    if choice not in list(letters):
        raise CxError(say("course.no_choice", choice=repr(choice), allowed=", ".join(letters)))
    index = letters.index(choice)
    verdict = "course.right" if index == entry["answer"] else "course.not_quite"
    return _markdown(say(verdict, why=entry[f"why_{language()}"][index]))


def _question(n, entry):
    choices = "\n".join(f"- **{letter}** {text}" for letter, text in zip("abcdefgh", entry[f"choices_{language()}"], strict=False))
    return f"**{n}. {entry[f'question_{language()}']}**\n\n{choices}"


def _markdown(text):
    from IPython.display import Markdown

    return Markdown(text)
