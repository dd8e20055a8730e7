"""What stands on each hand-out: the words of the framework, set out to be written on, cut or read at a desk.

A builder returns the sheets of one hand-out as HTML, without heading and foot, which `handouts.py` gives to all alike. Everything that is shown
passes through `text`. Nothing here is worded twice: stages, questions, codes, checks and claims come from their own files.
"""

import functools
import html
import re

import numpy as np
import pandas as pd

from . import planner
from .codebooks import load_codebook
from .data import data_folder
from .explore_planner import plan_table
from .framework import keys, label, language, number, say, vocabulary
from .ledger import claims

BOX = "☐"
EMOTION = 5  # the emotional line runs from −5 to +5
MAP_ROWS = {  # millimetres
    "map_aim": 19, "map_did": 19, "map_touchpoint": 14, "map_thought": 21, "map_worked": 20, "map_did_not": 20, "map_emotion": 48, "map_days": 10,
    "map_owner": 10, "map_evidence": 11}
GLOSSARY = {  # chosen for what the lessons marked ● need, and to fill a page each
    "field": ("experience", "service", "customer_experience", "customer_journey", "touchpoint", "moments_of_truth", "customer_focus",
              "customer_centricity", "customer_success", "happiness", "satisfaction", "customer_loyalty", "perception_management"),
    "statistics": ("n", "base", "interval", "nps", "self_selected", "driver", "confounding", "equivalence", "kappa", "censored", "simulated", "twin"),
}


# ---- pieces of a page ------------------------------------------------------------------------------------------------------------


def text(value):
    """Text as it can stand in a page: nothing in it becomes a tag."""
    return html.escape(str(value))


def paragraph(value, kind="how"):
    return f'<p class="{kind}">{text(value)}</p>'


def table(head, rows, kind="", widths=(), height=None):
    """A table of cells that are HTML already. The first cell of a row names it. widths : of the columns in mm. height : least of a row in mm."""
    columns = "".join(f'<col style="width:{width}mm">' for width in widths)
    tall = f' style="height:{height}mm"' if height else ""
    body = "\n".join(f'<tr{tall}><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>' for row in rows)
    names = "".join(f'<th scope="col">{name}</th>' for name in head)
    return f'<table class="{kind}"><colgroup>{columns}</colgroup><thead><tr>{names}</tr></thead>\n<tbody>\n{body}\n</tbody></table>'


def to_write(n=1):
    """Empty lines for a pen."""
    return '<span class="write"></span>' * n


def blank(value, extra=""):
    """A word, and room to write after it."""
    return f'<span class="blank {extra}">{text(value)}</span>'


def named(name, says):
    return f"<b>{text(name)}</b> {text(says)}"


def _in_language(row, name):
    return row[f"{name}_{language()}"]


def _options(table_name):
    """The answers to a closed question, each with a box to tick."""
    return " ".join(f'<span class="option">{BOX}\N{NO-BREAK SPACE}{text(row[language()])}</span>' for row in vocabulary()[table_name])


# ---- the five questions and the ballot ---------------------------------------------------------------------------------------------


def five_questions():
    """Both sides of one sheet, the card twice on each, to be cut: what was asked in 2013, then today's question and the consents."""
    asked = {row["key"]: f'<div class="question"><p><b>{row["number"]}</b> {text(_in_language(row, "text"))}</p>{_room(row)}</div>'
             for row in vocabulary()["questions"] if row["number"]}
    today = asked.pop("help_channels")
    front = f"<h1>{text(say('handouts.five_questions_title'))}</h1>{paragraph(say('handouts.card_notice'))}{''.join(asked.values())}"
    return [_twice(front), _twice(today + _consents() + f"<p>{blank(say('handouts.card_number'))}</p>")]


def _twice(card):
    return f'<div class="halves"><div class="half">{card}{{foot}}</div><div class="half">{card}{{foot}}</div></div>'


def _consents():
    consents = [row for row in vocabulary()["questions"] if row["key"] in keys("consents")]
    head = [text(say("handouts.card_consents")), *(text(row[language()]) for row in vocabulary()["yes_no"])]
    rows = [[text(_in_language(row, "text")), BOX, BOX] for row in consents]
    return table(head, rows, "consents") + paragraph(say("handouts.card_contact"))


def _room(row):
    """Where the answer goes: lines for an open question, boxes for a closed one."""
    if row["kind"] == "open":
        return to_write(max(len(row["columns"]), 2))
    return f'<p class="options">{_options(row["options"])}</p>'


def claims_ballot():
    options = [option.split(" ", 1) for option in say("handouts.ballot_options").split(" | ")]
    marks = [f'<span role="img" aria-label="{text(name)}">{text(mark)}</span>' for mark, name in options]
    asked = claims(ballot=True)
    rows = [[f"{n}. {text(row.says)} ({row.document})", *[BOX] * len(marks) * 2, ""] for n, row in enumerate(asked.itertuples(), 1)]
    before, after = (f'<th scope="colgroup" colspan="{len(marks)}">{text(say(f"handouts.ballot_{when}"))}</th>' for when in ("before", "after"))
    page = table([text(say("handouts.ballot_claim")), *marks * 2, text(say("handouts.ballot_why"))], rows, "ballot", (74, *[9] * 6, 56), 19)
    page = page.replace("<thead><tr>", f"<thead><tr><td></td>{before}{after}<td></td></tr><tr>")
    said = [_source(row) for row in asked.drop_duplicates("document").itertuples()]
    legend = " · ".join(" ".join(option) for option in options)
    return [paragraph(say("handouts.ballot_how", options=legend)) + page + paragraph(say("handouts.ballot_sources", sources="; ".join(said)))]


def _source(row):
    """Who says it and what they sell, said once where neither is known."""
    key = "handouts.ballot_unknown" if row.who == row.sells else "handouts.ballot_source"
    return say(key, letter=row.document, title=label("documents", row.document), who=row.who, sells=row.sells)


# ---- the journey and the plan ----------------------------------------------------------------------------------------------------


def _stage_heads():
    return [f"{n} {text(row[language()])}<small>{text(_in_language(row, 'feeling'))}</small>" for n, row in enumerate(vocabulary()["stages"], 1)]


def journey_map():
    stages = keys("stages")
    rows = []
    for name, height in MAP_ROWS.items():
        cells = f'<td colspan="{len(stages)}" class="grid">{_emotion_grid(height)}</td>' if name == "map_emotion" else "<td></td>" * len(stages)
        rows.append(f'<tr style="height:{height}mm"><th scope="row">{text(say(f"handouts.{name}"))}</th>{cells}</tr>')
    page = table(["", *_stage_heads()], [], "map", (32, *[45.5] * len(stages)))
    asked = f'<p class="blanks">{blank(say("handouts.map_whose"))}{blank(say("handouts.map_asked"))}</p>'
    return [asked + page.replace("<tbody>\n", "<tbody>\n" + "\n".join(rows)) + paragraph(say("handouts.map_how"))]


def _emotion_grid(height):
    """A small drawing of our own: eleven lines from +5 to −5, zero the thickest, a broken line between two stages."""
    wide, high, stages = 364, height - 1, len(keys("stages"))
    step = (high - 4) / (2 * EMOTION)
    lines = [f'<line x1="0" x2="{wide}" y1="{y:.2f}" y2="{y:.2f}" stroke="#000" stroke-width="{0.5 if score == 0 else 0.12}"/>'
             f'<text x="1" y="{y + 1.2:.2f}" font-size="3.6" stroke="#fff" stroke-width="1.2" paint-order="stroke">{_signed(score)}</text>'
             for k, score in enumerate(range(EMOTION, -EMOTION - 1, -1)) for y in [2 + k * step]]
    between = [f'<line x1="{x:.2f}" x2="{x:.2f}" y1="0" y2="{high}" stroke="#000" stroke-width="0.2" stroke-dasharray="1 1"/>'
               for k in range(1, stages) for x in [wide * k / stages]]
    return (f'<svg role="img" viewBox="0 0 {wide} {high}" aria-label="{text(say("handouts.map_grid"))}">{"".join(between)}{"".join(lines)}</svg>')


def _signed(score):
    return f"+{score}" if score > 0 else number(score)


def contact_plan():
    """The form of `cx.print_plan`: an empty plan, with a free seventh row."""
    plan = plan_table(planner.contact_plan(), form=True)
    return [plan.replace("<th>", '<th scope="col">', 9).replace("<tr><th>", '<tr><th scope="row">')
            + paragraph(" ".join(say(f"explore_planner.{name}") for name in ("each_can", "empty_cell")))]


# ---- codes and cards ---------------------------------------------------------------------------------------------------------------


@functools.cache
def _book():
    return load_codebook()


def codebook_card():
    """Two sheets: what each code means and where it ends."""
    head = [text(say(f"handouts.codes_{name}")) for name in ("code", "means", "boundary")]
    rows = [[f"{text(_own_name(row))}<small>{text(row['code'])}</small>", text(_half(row["description"])), text(_half(row["exclude"]))]
            for row in _book().to_dict("records")]
    cut = len(rows) // 2 - 1  # the last codes are short: room for three of one's own
    own = [[f"<small>{text(say('handouts.codes_own'))}</small>", "", ""]] * 3
    widths = (38, 59, 89)
    return [paragraph(say("handouts.codes_how")) + table(head, rows[:cut], "codes", widths), table(head, rows[cut:] + own, "codes", widths, 13)]


def _own_name(code):
    return code["name_tr" if language() == "tr" else "name"]


def _half(cell):
    """The display language's half of a cell that reads "EN: … TR: …"; the whole where there are no such marks."""
    parts = dict(re.findall(r"\b(EN|TR): (.*?)(?=\s*\b(?:EN|TR): |$)", cell, re.S))
    return parts.get(language().upper(), cell)


def cards():
    """The cards in the order in which they are numbered: frame `card, text, code, kind`; the first phrase of each need, two of each want."""
    book = _book().set_index("code")
    phrases = pd.read_csv(data_folder() / "phrases.csv", dtype=str, keep_default_na=False)
    phrases = phrases[(phrases["question"] == "important") & (phrases["language"] == language()) & phrases["text"].str.contains(" ")]
    chosen = pd.concat([found.head(2 if book.at[code, "kind"] == "want" else 1) for code, found in phrases.groupby("code", sort=False)
                        if book.at[code, "kind"] in keys("needs_wants")])
    chosen = chosen.iloc[np.argsort(np.random.default_rng(1).random(len(chosen)))].reset_index(drop=True)
    return chosen.assign(card=chosen.index + 1, kind=chosen["code"].map(book["kind"]))[["card", "text", "code", "kind"]]


def need_want_cards():
    heads = [f'<li class="head"><b>{text(row[language()])}</b><small>{text(_in_language(row, "says"))}</small></li>'
             for row in vocabulary()["needs_wants"]]
    parts = [f'<li><small>{row.card}</small><span>“{text(row.text)}”</span></li>' for row in cards().itertuples()]
    own = f'<li><small>{text(say("handouts.cards_own"))}</small></li>'
    return [paragraph(say("handouts.cards_how")) + f'<ul class="cards">{"".join([*heads, *parts, own])}</ul>']


def need_want_cards_trainer():
    names = {row["code"]: _own_name(row) for row in _book().to_dict("records")}
    head = [text(say(f"handouts.{name}")) for name in ("cards_card", "cards_answer", "codes_code", "cards_kind")]
    rows = [[row.card, f"“{text(row.text)}”", text(names[row.code]), text(label("needs_wants", row.kind))] for row in cards().itertuples()]
    return [paragraph(say("handouts.cards_key_how")) + table(head, rows, "key", (16, 90, 45, 35))]


# ---- forms -----------------------------------------------------------------------------------------------------------------------------


def _plain(markdown):
    return markdown.replace("*", "")


def form_title(name):
    """The heading of a form that a lesson shows too, without what stands in brackets after it."""
    return re.match(r"\*\*(.*?)\*\*", say(f"course.{name}_head"))[1]


def _form(name, rows, told, widths, height):
    """A form of the lessons on paper: the boxes of its third column become columns of their own."""
    how = re.sub(r"\*\*.*?\*\*\s*", "", say(f"course.{name}_head")).strip("()")
    what, says, marks, shows = [cell.strip() for cell in say(f"course.{name}_columns").strip("|").split("|")]
    marks = marks.split(" / ")
    head = [text(cell) for cell in (what, says, *marks, shows)]
    body = [[f"{n}. {text(row[language()])}", text(_in_language(row, told)), *[BOX] * len(marks), ""] for n, row in enumerate(rows, 1)]
    return [paragraph(f"{how}.", "how capital") + table(head, body, "form", widths, height) + paragraph(_plain(say(f"course.{name}_foot")))]


def observation_sheet():
    return _form("observation", vocabulary()["behaviours"], "seen", (44, 78, 14, 15, 25, 97), 16.5)


def self_assessment():
    return _form("assessment", vocabulary()["conditions"], "says", (50, 58, 20, 20, 15, 30, 80), 27)


def survey_check():
    head = [text(say("handouts.check_settle")), text(say("handouts.check_ours"))]
    rows = [[f"{BOX} {n}. {text(row[language()])}<small>{text(_in_language(row, 'why'))}</small>", ""]
            for n, row in enumerate(vocabulary()["survey_checks"], 1)]
    return [table(head, rows, "check", (132, 54)) + paragraph(_plain(say("course.checklist_foot")))]


def disclosure():
    """Two sheets to fill in."""
    head = [text(say("handouts.disclosure_item")), text(say("handouts.disclosure_entry"))]
    rows = [[f"{text(row[language()])}{_numbers(row['aapor'])}<small>{text(_in_language(row, 'says'))}</small>", ""]
            for row in vocabulary()["disclosure"]]
    cut, widths = (len(rows) + 1) // 2, (72, 114)
    return [paragraph(say("handouts.disclosure_how")) + table(head, rows[:cut], "check", widths, 31), table(head, rows[cut:], "check", widths, 42)]


def _numbers(numbers):
    return f" ({', '.join(map(str, numbers))})" if numbers else ""


def glossary():
    """Two sheets, words of the field and words for numbers; the display language on the left."""
    words = {row["key"]: row for row in vocabulary()["glossary"]}
    order = sorted(keys("languages"), key=lambda name: name != language())
    own_names = {"en": "English", "tr": "Türkçe"}
    sheets = []
    for area, chosen in GLOSSARY.items():
        head = [f'<span lang="{each}">{own_names[each]}</span>' for each in order]
        rows = [[f'<span lang="{each}">{named(words[key][each], words[key][f"meaning_{each}"])}</span>' for each in order] for key in chosen]
        sheets.append(f"<h2>{text(say(f'handouts.glossary_{area}'))}</h2>{table(head, rows, 'words', (93, 93))}")
    return sheets
