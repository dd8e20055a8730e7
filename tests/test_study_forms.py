"""Your own study: the forms are whole, every row of a file is accounted for, no number is shown that may not be, and the lesson takes any file."""

import ast
import functools
import json
import re

import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from conftest import ROOT
from cxlab import codebooks, framework, report
from cxlab.data import is_simulated

EXPORTS = ["google_forms_tr", "surveymonkey_en", "surveymonkey_tr", "plain_tr"]
BOTH = pytest.mark.parametrize("language", ["en", "tr"])
OWN = {row["key"]: row["text_en"] for row in framework.vocabulary()["questions"]}
HOSTILE = ["<script>window.hacked=1</script> slow", "| [x](https://x.example) | `y`", "$a_$ \\(b\\)", "call me on 0532 123 45 67", "<img src=x onerror=alert(1)>"]


@functools.cache
def survey_of(name):
    return cx.read_survey(cx.sample_path(name))


@functools.cache
def _people_of(name, language):
    return cx.usable_answers(survey_of(name), simulated=True)


def people_of(name):
    return _people_of(name, framework.language())


@pytest.fixture(autouse=True)
def one_codebook(monkeypatch):
    """The same list of words for all tests: reading and checking it takes longer than most of them."""
    for place in (cx, codebooks):
        monkeypatch.setattr(place, "load_codebook", lambda: _codebook().copy())


@functools.cache
def _codebook(load=codebooks.load_codebook):
    return load()


def read(folder, columns, name="answers.csv"):
    """A table written as a plain CSV and read as a survey."""
    pd.DataFrame(columns).to_csv(folder / name, index=False)
    return cx.read_survey(folder / name)


def lines_of(page):
    return [line for line in page.splitlines() if line.startswith("|")]


# ---- forms -----------------------------------------------------------------------------------------------------------------------------------


def test_the_items_cover_the_eleven_of_the_code():
    items = framework.vocabulary()["disclosure"]
    assert {number for row in items for number in row["aapor"]} == set(range(1, 12))
    assert [row["key"] for row in items if not row["aapor"]] == ["consent", "contact"]


@BOTH
def test_the_disclosure_form_in_both_languages(language):
    cx.use_language(language)
    rows = framework.vocabulary()["disclosure"]
    page = cx.disclosure_form().data
    places = [page.index(f"| {n}. **{row[language]}** | {row[f'says_{language}']} | …… |") for n, row in enumerate(rows, 1)]
    assert places == sorted(places) and {line.count("|") for line in lines_of(page)} == {4} and len(lines_of(page)) == len(rows) + 2
    assert "12, 13" in page.splitlines()[-1] and page.splitlines()[-1].count("13") >= 3
    filled = cx.disclosure_form({"sponsor": "Larkmoor", "size": 40, "dates": None, "mode": " "}).data
    assert filled.count("| …… |") == len(rows) - 2 and "| Larkmoor |" in filled and "| 40 |" in filled
    assert "11" in filled.splitlines()[-1]


def test_what_somebody_writes_into_the_form_stays_text():
    for text in HOSTILE:
        page = cx.disclosure_form({"sponsor": text, "contact": f"{text}\n\n# new"}).data
        assert len(lines_of(page)) == 15 and {line.count("|") for line in lines_of(page)} == {4}
        assert not re.search(r"<(?!/?span>)|\[x\]\(|(?<!\\)\$|0532", page)


@pytest.mark.parametrize("filled, said", [({"sponsors": "x"}, "'sponsors'.*sponsor, conductor"), (["sponsor"], "is list.*dictionary"), ("x", "is str")])
def test_the_form_says_what_it_cannot_take(filled, said):
    with pytest.raises(cx.CxError, match=said):
        cx.disclosure_form(filled)


@BOTH
def test_the_rubric_in_both_languages(language):
    cx.use_language(language)
    rows, page = framework.vocabulary()["rubric"], cx.rubric().data
    levels = [f"{level}_{language}" for level in ("nothing", "part", "whole")]
    places = [page.index(f"| {n}. **{row[language]}** | " + " | ".join(f"☐ {row[level]}" for level in levels) + " |") for n, row in enumerate(rows, 1)]
    assert places == sorted(places) and str(2 * len(rows)) in page.splitlines()[-1]
    assert {line.count("|") for line in lines_of(page)} == {5} and len(page.split()) < 380  # one page


def test_the_report_fills_in_the_same_items(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: shown.append(data["text/html"]))
    survey = survey_of("plain_en")
    page = report.Report({"file": "x.csv", "columns": None}, survey, survey.answers)
    for language in ("en", "tr"):
        cx.use_language(language)
        page.tables.clear()
        report.disclosure(page)
        table = page.tables["disclosure"]
        assert list(table["item"]) == [row[language] for row in framework.vocabulary()["disclosure"]]
        filled = dict(zip(framework.keys("disclosure"), table["answer"], strict=True))
        assert [item for item, text in filled.items() if text] == ["wording", "dates", "size", "weighting", "processing", "precision"]
        assert "40" in filled["size"] and table["item"].iloc[0] in shown[-1]


# ---- which answers may be counted ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPORTS)
def test_every_row_is_accounted_for(name):
    survey, people = survey_of(name), people_of(name)
    steps = list(people.attrs["steps"].values())
    assert steps[0] == len(survey.answers) and sum(steps[:-1]) == steps[-1] == len(people)
    table = cx.five_questions(survey)
    assert list(people.index) == list(table.index[table["consent_survey"] == "yes"])  # as the report counts
    assert list(people.columns) == list(survey.answers.columns) and people.attrs["simulated"]
    decided = cx.usable_answers(survey, leave_out=[people.index[0], people.index[3]])
    assert list(decided.index) == [row for row in people.index if row not in (people.index[0], people.index[3])]
    assert sum(list(decided.attrs["steps"].values())[:-1]) == len(decided)


def test_an_empty_cell_is_no_consent(tmp_path):
    survey = read(tmp_path, {OWN["consent_survey"]: ["yes"] * 12 + ["no"] * 3 + [None] * 2, "age": [30, 40] * 8 + [50]})
    people = cx.usable_answers(survey)
    assert list(people.attrs["steps"].values()) == [17, -3, -2, 12] and set(people.index) == set(range(2, 14))


@pytest.mark.parametrize("asked", [["annoys"], ["recommends", "annoys"], ["likelihood"], []])
def test_part_of_the_five_questions_is_enough(tmp_path, asked):
    given = {"annoys": ["long queues", "rude staff", "late parcels"] * 8, "recommends": ["yes", "no", "yes"] * 8, "likelihood": [0, 7, 10] * 8}
    survey = read(tmp_path, {OWN[key]: given[key] for key in asked} | {"shop": ["A", "B", "C"] * 8})
    people = cx.usable_answers(survey)
    assert set(people.attrs["columns"]) == set(asked) and len(people) == 24
    plan = cx.what_to_count(people).set_index("question")
    assert plan.loc["shop", "use"] == "share" and (plan["use"] == "nps").any() == ("likelihood" in asked)


def test_known_answers_stand_in_the_display_language():
    cx.use_language("en")
    asked = people_of("plain_tr").attrs["columns"]["recommends"]
    assert set(people_of("plain_tr")[asked].dropna()) <= {"yes", "no"}
    cx.use_language("tr")
    assert set(people_of("plain_tr")[asked].dropna()) <= {"evet", "hayır"}


@pytest.mark.parametrize("scores, is_nps", [
    ([0, 3, 9, 10] * 10, True), ([6, 7, 8, 9, 10] * 3, True), ([1, 2, 3, 4, 5] * 8, False), ([1, 3, 5, 7] * 10, False),
    ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10] * 6, False), ([10, 40, 70, 100] * 10, False), ([4, 5] * 6, False)])
def test_an_nps_only_from_zero_to_ten(tmp_path, scores, is_nps):
    survey = read(tmp_path, {"How likely are you to recommend us to a friend?": scores, "shop": ["A", "B"] * (len(scores) // 2) + ["A"] * (len(scores) % 2)})
    people = cx.usable_answers(survey)
    assert (cx.what_to_count(people)["use"] == "nps").any() == is_nps
    assert ("NPS" in cx.five_slides(people).data) == is_nps and len(people) == len(scores)  # another scale costs nobody their answers


def test_what_is_left_out_of_the_count(tmp_path):
    survey = read(tmp_path, {"colour": ["red", "blue"] * 40, "town": [f"town {k % 25}" for k in range(80)], OWN["organisations"]: ["Larkmoor"] * 80,
                             "short": ["a b c d", "e f g h", "i j k l"] * 26 + [None] * 2, OWN["annoys"]: ["queues, again"] * 9 + [None] * 71})
    people = cx.usable_answers(survey)
    kinds = {each["column"]: each["kind"] for each in people.attrs["questions"]}
    people.attrs["questions"] = [each | ({"kind": "single"} if each["column"] == "town" else {}) for each in people.attrs["questions"]]
    plan = cx.what_to_count(people)
    assert [columns[0] for columns in plan["columns"] if columns[0] != "short"] == [OWN["annoys"], "colour"], kinds
    assert any(text.startswith("town") for text in plan.attrs["not_counted"]) and len(plan.attrs["not_counted"]) == 2
    assert plan["note"].iloc[0] == "hidden" and plan["columns"].iloc[0] == (OWN["annoys"],)


def test_an_open_question_stays_open_however_often_an_answer_comes(tmp_path):
    plan = cx.what_to_count(cx.usable_answers(read(tmp_path, {OWN["annoys"]: ["queues"] * 40 + ["rude staff"] * 40, "shop": ["A", "B"] * 40})))
    assert list(plan["use"]) == ["themes", "share"]


@pytest.mark.parametrize("given, said", [("x.csv", "is str.*read_survey"), (None, "NoneType")])
def test_something_else_than_a_survey_is_refused(given, said):
    with pytest.raises(cx.CxError, match=said):
        cx.usable_answers(given)


def test_errors_say_what_to_do():
    survey = survey_of("plain_en")
    with pytest.raises(cx.CxError, match="row 999.*from 2 to"):
        cx.usable_answers(survey, leave_out=[999])
    for function in (cx.what_to_count, cx.known_items, cx.five_slides):
        with pytest.raises(cx.CxError, match="usable_answers"):
            function(survey.answers)


# ---- what is said of a file -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["surveymonkey_en", "plain_en"])
def test_the_slides_say_what_the_estimators_say(name):
    people = people_of(name)
    page, known = cx.five_slides(people).data, people.attrs["columns"]
    score = cx.nps(people, known["likelihood"]).iloc[0]
    assert f"NPS **{framework.number(score['nps'])}**" in page and f"n = {score['n']}" in page
    themes = cx.multiple_response(people.assign(theme=cx.code_people(people, [known["annoys"]])), "theme").query("value != 'other'").iloc[0]
    assert cx.share_sentence(themes["count"], themes["n"]) in page
    assert f"{(people[known['consent_contact']] == 'yes').sum()} of these {len(people)} may be contacted" in page
    assert page.count("**") == 2 * (5 + 3) and "invented" in page.splitlines()[0]


@pytest.mark.parametrize("columns, coded", [({"shop": ["A", "B"] * 20}, False), ({OWN["annoys"]: ["long queues, again", "rude staff"] * 20}, True)])
def test_the_form_claims_only_what_was_done(tmp_path, columns, coded):
    survey = read(tmp_path, columns)
    for people, out in ((cx.usable_answers(survey), "Every answer in the file is counted"), (cx.usable_answers(survey, leave_out=[5]), "our decision: 1")):
        known = cx.known_items(people)
        assert out in known["processing"] and "agree" not in known["processing"] and "consent" not in known
        assert ("coded by a list" in known["processing"]) == coded


@BOTH
@pytest.mark.parametrize("n", [0, 9, 10, 29])
def test_few_answers_show_no_more_than_they_may(tmp_path, language, n):
    cx.use_language(language)
    rng = np.random.default_rng(n)
    columns = {OWN["annoys"]: ["long queues", "rude staff"], OWN["likelihood"]: [0, 10], "Which shop?": ["A", "B"], OWN["consent_contact"]: ["yes", "no"]}
    survey = read(tmp_path, {key: [values[k] for k in rng.integers(0, 2, 30)] for key, values in columns.items()})
    people = cx.usable_answers(survey, leave_out=list(survey.answers.index[n:]))
    page = cx.five_slides(people).data
    assert len(people) == n and len(cx.disclosure_form(cx.known_items(people)).data) > 1000
    if n < 10:
        assert not re.search(r"\d ?%|%\d|NPS \*\*", page)
    else:
        assert f"n = {n})" in page and re.search(r"\d ?%|%\d", page)


@BOTH
def test_the_texts_of_strangers_stay_text(tmp_path, language):
    cx.use_language(language)
    survey = read(tmp_path, {"Which do you like? <b>": HOSTILE * 6, f"Why? {HOSTILE[1]} $x$": [f"{text} because" for text in HOSTILE] * 6})
    people = cx.usable_answers(survey)
    pages = cx.five_slides(people).data + cx.disclosure_form(cx.known_items(people)).data
    assert not re.search(r"<(?!/?span>)|\[x\]\(|(?<!\\)\$|0532", pages)


def test_a_turkish_page_has_no_english_left():
    cx.use_language("tr")
    people = people_of("surveymonkey_tr")
    plan = cx.what_to_count(people)
    pages = cx.five_slides(people).data + cx.disclosure_form(cx.known_items(people)).data + cx.rubric().data + " ".join(plan["count_as"])
    assert not re.search(r"\b(the|of|answers|and|interval|people|share)\b", pages)
    assert "%95 güven aralığı" in pages and "yanıt" in pages


# ---- the lesson takes any file ------------------------------------------------------------------------------------------------------------------


def part_two(path):
    """The code of the lesson from its restart on, with another file in the one line that changes."""
    cells = json.loads((ROOT / "notebooks/en/16_your_own_study.ipynb").read_text(encoding="utf-8"))["cells"]
    start = next(k for k, cell in enumerate(cells) if "starts here" in "".join(cell["source"]))
    code = ["".join(cell["source"]) for cell in cells[start:] if cell["cell_type"] == "code"]
    changed = [re.sub(r"(?m)^file = .*$", f"file = {str(path)!r}", source) for source in code]
    assert sum(old != new for old, new in zip(code, changed, strict=True)) == 1
    return changed


def walk(path, monkeypatch):
    """Runs these cells as a notebook would; returns all that was displayed, as text."""
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *things, **_: shown.extend(map(str, things)))
    names = {"display": lambda thing: shown.append(str(getattr(thing, "data", thing))), "print": lambda *words: shown.append(" ".join(map(str, words)))}
    for source in part_two(path):
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            shown.append("" if value is None else str(getattr(value, "data", value)))
    return "\n".join(shown)


def bare_numbers(page):
    """Lines with a percentage or an NPS but no interval; the rehearsal's truth is no estimate, and the forms speak of the 95 % itself."""
    told = page.split("Disclosure form")[0].splitlines() + page.split("jury")[-1].splitlines()
    return [line for line in told if re.search(r"\d %|NPS \W*\d", line) and not re.search(r"interval .* to .*(n = \d|%)|^Rehearsal|^drawn by lot", line)]


@pytest.mark.parametrize("name", ["google_forms_tr", "plain_tr"])
def test_the_lesson_takes_another_export(name, monkeypatch):
    page = walk(cx.sample_path(name), monkeypatch)
    assert is_simulated(cx.sample_path(name)) and "answers are invented" in page and "This file, invented:" in page
    assert f"cxlab report {cx.sample_path(name).name}" in page and "NPS" in page and page.count("interval") > 8 and not bare_numbers(page)


TURKISH = """Zaman;Şubeniz;Bizden hizmet alırken sizi en çok ne rahatsız ediyor?;Bizi arkadaşınıza tavsiye etme olasılığınız nedir? (0-10);E-posta
02.03.2025 09:15;Kadıköy;Sırada çok bekledim;{0};ali@firma.example
02.03.2025 10:05;Bornova;Personel ilgisizdi;{1};
03.03.2025 11:40;Kadıköy;Kasada uzun kuyruk vardı;{2};ayse@firma.example
""".splitlines()


def test_the_lesson_takes_twelve_answers_from_a_turkish_spreadsheet(tmp_path, monkeypatch):
    rows = [row.format(k, 10 - k, 2 * k) for k in range(1, 5) for row in TURKISH[1:]]
    (tmp_path / "cevaplar.csv").write_bytes("\r\n".join([TURKISH[0], *rows]).encode("cp1254"))
    page = walk(tmp_path / "cevaplar.csv", monkeypatch)
    assert "invented" not in page.split("Columns set aside")[1].split("Rehearsal")[0] and "firma.example" not in page
    assert "2 of 3" not in page and "Kadıköy: 8 of 12 answers" in page and "n = 12)" in page and not bare_numbers(page)
    assert page.count("not asked in this file") == 3 and "did not agree" not in page and "Waiting: 8 of 12 answers" in page


def test_the_lesson_takes_a_file_without_any_known_question(tmp_path, monkeypatch):
    pd.DataFrame({"Colour": ["red", "blue", "green"] * 4, "Coffee": [1, 2, 3] * 4}).to_csv(tmp_path / "x.csv", index=False)
    page = walk(tmp_path / "x.csv", monkeypatch)
    assert "4 of 12 answers" in page and "Not counted here: 1. Coffee" in page and not bare_numbers(page)
    assert "Questions on 0–10 that give an NPS: 0" in page and "Open questions coded here: 0" in page


def test_the_lesson_takes_a_file_with_only_open_answers(tmp_path, monkeypatch):
    said = ["the queue was far too long", "nobody answers the telephone", "I was told three different things"]
    pd.DataFrame({"What went wrong?": [f"{said[k % 3]}, {k} times" for k in range(12)]}).to_csv(tmp_path / "x.csv", index=False)
    page = walk(tmp_path / "x.csv", monkeypatch)
    assert "Closed questions that can be counted: 0" in page and "Coded by the list, checked by nobody yet: What went wrong?" in page
    assert "4 of 12 answers" in page and not bare_numbers(page)


def test_the_lesson_takes_a_file_in_which_nothing_can_be_counted(tmp_path, monkeypatch):
    pd.DataFrame({"Date": ["2024-05-01"] * 12, "Amount": np.arange(12) * 3.5}).to_csv(tmp_path / "x.csv", index=False)
    page = walk(tmp_path / "x.csv", monkeypatch)
    assert "No question here that this kit can count" in page and "Closed questions that can be counted: 0" in page and not bare_numbers(page)
