"""The hand-outs of the course: pages that print on A4 or A3, each a file, and a list of them all.

`cxlab handouts` calls `write_handouts`. What stands on a sheet is built in `handout_pages` and `handout_cases`; here are the paper, the style that
all share, the foot of every sheet and the writing. A page asks nothing of any network. No type is smaller than 11 points. Every sheet has a height of
its own, so that the foot stands at the bottom in every browser.
"""

import collections
import os
import pathlib
import tempfile

from . import framework, handout_cases, handout_pages
from .framework import CxError, number, say
from .handout_pages import form_title, paragraph, table, text
from .printed import page

PEOPLE = 40  # a class
ONE_FOR = {"each": 1, "halves": 2, "group": 4, "trainer": PEOPLE}  # how many people one copy serves
PAPERS = {  # width and height, as the browser calls it, margins at the sides and above and below; millimetres
    "a4_upright": (210, 297, "A4 portrait", 12, 11),
    "a4_across": (297, 210, "A4 landscape", 12, 10),
    "a3_across": (420, 297, "A3 landscape", 12, 10),
}
Handout = collections.namedtuple("Handout", "key paper share flags")  # flags: "privacy", "simulated"
HANDOUTS = [Handout(*row) for row in (
    ("five_questions", "a4_across", "halves", ("privacy",)),
    ("claims_ballot", "a4_upright", "each", ()),
    ("journey_map", "a3_across", "group", ()),
    ("contact_plan", "a3_across", "group", ("privacy",)),
    ("codebook_card", "a4_upright", "each", ()),
    ("need_want_cards", "a4_upright", "group", ("simulated",)),
    ("need_want_cards_trainer", "a4_upright", "trainer", ("simulated",)),
    ("observation_sheet", "a4_across", "each", ("privacy",)),
    ("self_assessment", "a4_across", "each", ()),
    ("survey_check", "a4_upright", "each", ("privacy",)),
    ("disclosure", "a4_upright", "each", ("privacy",)),
    ("glossary", "a4_upright", "each", ()),
)] + [Handout(f"case_{key}{end}", "a4_upright", share, ("privacy", "simulated"))
      for key in handout_cases.cases() for end, share in (("", "each"), ("_trainer", "trainer"))]
FORMS = {"observation_sheet": "observation", "self_assessment": "assessment", "survey_check": "checklist"}  # their titles are those of the lessons
SIZES = """@page {{ size: {size}; margin: {down}mm {across}mm }}
.sheet {{ width: {wide}mm; min-height: {high}mm }}
"""
STYLE = """* { box-sizing: border-box }
body { margin: 0; background: #fff; color: #000; font: 11pt/1.27 "Segoe UI", "Helvetica Neue", "DejaVu Sans", Arial, sans-serif;
  font-variant-ligatures: no-common-ligatures }
.sheet { display: flex; flex-direction: column; margin: 0 auto; break-after: page } .sheet:last-child { break-after: auto }
@media screen { .sheet { margin: 8mm auto; outline: 1px solid #999; outline-offset: 8mm; padding-bottom: 1mm }
.sheet + .sheet { margin-top: 24mm } }
h1 { font-size: 16pt; line-height: 1.15; margin: 0 0 2mm } h2 { font-size: 12.5pt; margin: 2mm 0 1mm } p { margin: 0 0 2mm }
small { font-size: 11pt }
.capital::first-letter { text-transform: uppercase }
footer { display: flex; justify-content: space-between; gap: 6mm; margin-top: auto; padding-top: 1.5mm; font-size: 11pt }
.flags { font-weight: bold }
table { border-collapse: collapse; width: 100%; table-layout: fixed; margin: 0 0 2mm } tr { break-inside: avoid }
th, td { border: .6pt solid #000; padding: .8mm 1.4mm; text-align: left; vertical-align: top }
thead th { border-bottom: 1.5pt solid #000 }
tbody th { font-weight: normal } th small { display: block; font-weight: normal }
.write { display: block; height: 8mm; border-bottom: .6pt solid #000 } .option { white-space: nowrap; margin-right: 3mm; display: inline-block }
.blanks { display: flex; gap: 8mm; margin-bottom: 2mm } .blank { flex: 1; border-bottom: .6pt solid #000 }
ol { margin: 0; padding-left: 7mm } li { margin-bottom: 2mm }
.data td { white-space: nowrap } .key th, .codes th, .check th, .form th { font-weight: bold } .key tbody th { text-align: right }
.check th small, .codes th small { font-weight: normal } .form td:nth-child(n+3):not(:last-child), .consents td { text-align: center;
  font-size: 14pt; line-height: 1 }
.ballot td:nth-child(n+2):not(:last-child) { text-align: center; font-size: 14pt; vertical-align: middle }
.ballot thead tr:first-child td { border: 0 }
.ballot thead th:not(:first-child):not(:last-child) { text-align: center; padding: .6mm 0 }
.question { margin-bottom: 3mm } .half .blank { display: block; margin-top: 3mm }
.sheet + .sheet .options .option { display: block; margin: 1.5mm 0 }
.question p { margin: 0 } .halves { display: flex; flex: 1; gap: 18mm; position: relative }
.half { flex: 1; display: flex; flex-direction: column; min-width: 0 }
.halves::after { content: ""; position: absolute; left: 50%; top: 0; bottom: 0; border-left: 1px dashed #000 }
.five_questions .write { height: 10.5mm }
.consents col:first-child { width: auto } .consents col { width: 14mm } .consents tbody th { font-weight: normal }
.consents th:not(:first-child) { width: 16mm }
.a3_across { font-size: 12pt } .a3_across small { font-size: 11pt } .map tbody th { font-weight: bold } .map .grid { padding: 0 }
.grid svg { display: block; width: 100% }
.contact_plan .plan th, .contact_plan .plan td { border: .6pt solid #000; padding: .6mm 1.2mm }
.contact_plan .plan thead th { border-bottom: 1.5pt solid #000 }
.contact_plan .plan th small, .contact_plan .plan .line { color: #000; font-size: 11pt; line-height: 1.2 }
.contact_plan .plan .line { min-height: 4.5mm }
.contact_plan .plan td { height: 31mm } .contact_plan .plan .line:first-child { min-height: 12.5mm }
.cards { display: grid; grid-template-columns: repeat(3, 1fr); list-style: none; margin: 0; padding: 0; border-left: 1px dashed #000;
  border-top: 1px dashed #000 }
.cards li { height: 29mm; margin: 0; padding: 1.5mm 2.5mm; border-right: 1px dashed #000; border-bottom: 1px dashed #000; display: flex;
  flex-direction: column }
.cards span { margin: auto 0; font-size: 14pt; line-height: 1.2 } .cards .head b { font-size: 18pt; text-transform: uppercase }
.cards small { display: block }
.words td, .words th { padding: .6mm 1.4mm; line-height: 1.2 }
"""


def write_handouts(folder, language=None):
    """Write every hand-out of the course as a page to print, and `index.html`, which says what each is for and how many a class of forty needs.

    folder : where to; made if it is not there. Files of the same name are replaced, others left alone. language : "en" or "tr"; None: the display
    language. Pages for the trainer, with answers, are files of their own. The data of the cases are computed from the bundled worlds when the pages
    are written. Open a page in a browser and print it at 100 %. Returns the Paths, the index first.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_handouts(folder)][:3]
    ['index.html', 'five_questions.html', 'claims_ballot.html']
    """
    before = framework.language()
    framework.use_language(before if language is None else language)
    try:
        folder = pathlib.Path(folder)
        _refuse_bad_targets(folder)
        sheets = {handout: _sheets(handout) for handout in HANDOUTS}
        pages = {"index": _index(sheets), **{handout.key: _page(handout, parts) for handout, parts in sheets.items()}}
        return _write(folder, pages)
    finally:
        framework.use_language(before)


def _refuse_bad_targets(folder):
    """Before any work: a file where a folder must be, a folder where a page must be."""
    for place in (folder, *folder.parents):
        if place.exists() and not place.is_dir():
            raise CxError(say("handouts.is_file", folder=place))
    for name in ("index", *(handout.key for handout in HANDOUTS)):
        if (folder / f"{name}.html").is_dir():
            raise CxError(say("handouts.is_folder", path=folder / f"{name}.html"))


def _write(folder, pages):
    """All pages, or on any failure none: they are moved to their places when every one is there."""
    targets = [folder / f"{name}.html" for name in pages]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".cxlab-", dir=folder, ignore_cleanup_errors=True) as scratch:
            made = [pathlib.Path(scratch) / target.name for target in targets]
            for path, page in zip(made, pages.values(), strict=True):
                path.write_text(page, encoding="utf-8", newline="\n")
            for path, target in zip(made, targets, strict=True):
                os.replace(path, target)
    except OSError as error:
        raise CxError(say("handouts.not_written", path=folder, reason=error.strerror or error)) from error
    return targets


def _case_of(key):
    """(key of a case, is it the trainer's page) of the key of a hand-out, or None."""
    return (key.removeprefix("case_").removesuffix("_trainer"), key.endswith("_trainer")) if key.startswith("case_") else None


def _sheets(handout):
    case = _case_of(handout.key)
    if case:
        return (handout_cases.case_trainer if case[1] else handout_cases.case)(case[0])
    return getattr(handout_pages, handout.key)()


def _title(key):
    case = _case_of(key)
    if key.endswith("_trainer"):
        return say("handouts.trainer", title=_title(key.removesuffix("_trainer")))
    if case:
        return handout_cases.case_title(case[0])
    if key == "contact_plan":
        return say("explore_planner.form")
    return form_title(FORMS[key]) if key in FORMS else say(f"handouts.{key}_title")


def _what_for(key):
    case = _case_of(key)
    if not case:
        return say(f"handouts.{key}_for")
    return say("handouts.case_trainer_for") if case[1] else say("handouts.case_for", ids=", ".join(handout_cases.cases()[case[0]]["concepts"]))


def _page(handout, sheets):
    """The sheets of a hand-out as one page: the title on the first, a foot on each."""
    wide, high, size, across, down = PAPERS[handout.paper]
    title, foots = _title(handout.key), [_foot(handout.flags, k, len(sheets)) for k in range(1, len(sheets) + 1)]
    parts = []
    for k, (sheet, foot) in enumerate(zip(sheets, foots, strict=True)):
        heading = f"<h1>{text(title)}</h1>\n" if k == 0 and "{foot}" not in sheet else ""  # a card that is cut has both on each half
        inside = sheet.replace("{foot}", foot) if "{foot}" in sheet else f"{sheet}\n{foot}"
        parts.append(f'<section class="sheet">\n{heading}{inside}\n</section>')
    sizes = SIZES.format(size=size, across=across, down=down, wide=wide - 2 * across, high=high - 2 * down - 1)
    return page(title, sizes + STYLE, "\n".join(parts), f"{handout.paper} {handout.key}")


def _foot(flags, k=1, n=1):
    said = {"privacy": "handouts.not_advice", "simulated": "charts.simulated"}
    marks = " · ".join(say(said[flag]) for flag in flags)
    place = f"<span>{text(say('handouts.page', k=k, n=n))}</span>" if n > 1 else ""
    return (f"<footer><span>{text(say('handouts.kit'))} · {text(say('handouts.licence'))}</span>"
            f'<span class="flags">{text(marks)}</span>{place}</footer>')


def _index(sheets):
    people = number(PEOPLE)
    head = [say("handouts.index_handout"), say("handouts.index_what_for"), say("handouts.index_paper"), say("handouts.index_print", people=people)]
    rows = []
    for handout, parts in sheets.items():
        paper, n = say(f"handouts.{handout.paper}"), len(parts)
        copies = f"<b>{number(PEOPLE // ONE_FOR[handout.share])}</b> {text(say(f'handouts.share_{handout.share}'))}"
        rows.append([f'<a href="{handout.key}.html">{text(_title(handout.key))}</a>', text(_what_for(handout.key)),
                     text(say("handouts.sheets", paper=paper, n=n) if n > 1 else paper), copies])
    half, widths = (len(rows) + 1) // 2, (92, 92, 36, 53)
    tables = [table([text(cell) for cell in head], part, "list", widths) for part in (rows[:half], rows[half:])]
    return _page(Handout("index", "a4_across", "trainer", ()), [paragraph(say("handouts.index_how", people=people)) + tables[0], tables[1]])
