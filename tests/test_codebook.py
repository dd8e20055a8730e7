"""The bundled codebook: its form, its own examples, the boundary rules, and how well it codes answers, also those that nobody tuned it to."""

import pathlib
import re
import warnings

import pandas as pd
import pytest

import cxlab as cx
from cxlab.codebooks import terms_of
from cxlab.data import data_folder
from cxlab.framework import keys

CODES = """price quality speed access attitude empathy competence listening promises honesty problem_solving waiting personal communication digital
    delivery aftersales premises consistency other none dont_know""".split()
THEMES = CODES[:19]
REFERENCE = pathlib.Path(__file__).parent / "reference"


@pytest.fixture(scope="module")
def book():
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no greedy prefix, no term in two codes
        return cx.load_codebook()


def codes_of(text, book):
    return set(cx.code_answers([text], book, why=False)["codes"].iloc[0])


def micro_f1(true, given):
    """2 tp / (2 tp + fp + fn) over all codes of all answers; sklearn.metrics.f1_score(..., average="micro") of the 0/1 tables."""
    pairs = list(zip(map(set, true), map(set, given), strict=True))
    return 2 * sum(len(a & b) for a, b in pairs) / sum(len(a) + len(b) for a, b in pairs)


def scores(table, book):
    """Micro F1 of all answers and of each language; table : language, text, codes (joined by ;)."""
    given = cx.code_answers(table["text"], book, why=False)["codes"]
    true = table["codes"].str.split(";")
    return {"all": micro_f1(true, given)} | {name: micro_f1(true[rows], given[rows]) for name in ("tr", "en") for rows in [table["language"].eq(name)]}


# ---- form -----------------------------------------------------------------------------------------------------------------------


def test_one_row_a_code_in_order(book):
    assert book["code"].tolist() == CODES
    assert book["name"].is_unique and book["name_tr"].is_unique
    assert book.attrs["note"] == ""


def test_kinds_and_components_are_those_of_the_framework(book):
    themes, rest = book[book["code"].isin(THEMES)], book[~book["code"].isin(THEMES)]
    assert set(themes["kind"]) == set(keys("needs_wants")) and set(themes["component"]) == set(keys("components"))
    assert (rest[["kind", "component"]] == "").all(axis=None)


def test_every_text_stands_in_both_languages(book):
    for row in book.to_dict("records"):
        assert row["name"] and row["name_tr"]
        for column in ("description", "include", "exclude"):
            assert re.fullmatch(r"EN: \S.+ TR: \S.+", row[column]), (row["code"], column)
        for part in re.split(" TR: ", row["include"]):
            assert "“" in part, (row["code"], "an example in each language")
        assert row["code"] == "other" or (row["terms_tr"] and row["terms_en"])


def test_terms_are_many_and_none_is_idle(book):
    """A term that another of its code always catches first only makes the cell longer."""
    for code in THEMES:
        terms = [term for term in terms_of(book) if term.code == code]
        short = [term.words[0].rstrip("*") for term in terms if len(term.words) == 1 and not term.whole and term.words[0].endswith("*")]
        idle = [term.text for term in terms for word in term.words for stem in short if word.startswith(stem) and (len(term.words) > 1 or word != f"{stem}*")]
        assert not idle and len(terms) >= 80, code


def test_the_file_is_plain_utf8():
    raw = (data_folder() / "codebook.csv").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf") and raw.decode("utf-8").startswith("code;name;name_tr;")


# ---- its own examples, and the boundary rules ---------------------------------------------------------------------------------------


def test_each_example_of_a_definition_gets_its_code(book):
    for code, include in book[["code", "include"]].itertuples(index=False):
        examples = re.findall("“([^”]+)”", include)
        assert len(examples) >= 4
        assert [text for text in examples if code not in codes_of(text, book)] == [], code


def test_each_example_of_what_to_leave_out_gets_the_other_code(book):
    for code, exclude in book[["code", "exclude"]].itertuples(index=False):
        for text, named in re.findall(r"“([^”]+)” → (\w+)", exclude):
            assert named in codes_of(text, book) and code not in codes_of(text, book), (code, text)


@pytest.mark.parametrize("text, codes", [
    ("hidden fees", {"price", "honesty"}),
    ("gizli ücret", {"price", "honesty"}),
    ("not expensive", {"price"}),
    ("pahalı olmaması", {"price"}),
    ("they never call back", {"promises"}),
    ("geri aramıyorlar", {"promises"}),
    ("the promised delivery date was missed", {"promises", "delivery"}),
    ("söz verilen teslimat gününe uymadılar", {"promises", "delivery"}),
    ("yok", {"none"}),
    ("YOK.", {"none"}),
    ("Nothing", {"none"}),
    ("otopark yok", {"premises"}),
    ("telefona bakan yok", {"access"}),
    ("nothing is cheap", {"price"}),
    ("bilmiyorum", {"dont_know"}),
    ("ürünü bilmiyorlar", {"competence"}),
    ("slow service", {"speed"}),
    ("uzun kuyruklar", {"waiting"}),
    ("on hold for an hour", {"waiting"}),
    ("nobody answers the phone", {"access"}),
    ("no reply to emails", {"communication"}),
    ("dinlemiyorlar", {"listening"}),
    ("değer görmek", {"empathy"}),
    ("ismimi bilmeleri", {"personal"}),
    ("oradan oraya gönderildim", {"problem_solving"}),
    ("para iadesi", {"aftersales"}),
    ("chatbot", {"digital"}),
    ("taze sebze", {"quality"}),
    ("good service", {"other"}),
    ("iyi hizmet", {"other"}),
    ("sadakat", {"other"}),
])
def test_boundary_rules(text, codes, book):
    assert codes_of(text, book) == codes


@pytest.mark.parametrize("text, code", [("açılış günü", "speed"), ("suratsız", "speed"), ("arabam bozuk döndü", "digital"), ("genuine care", "problem_solving")])
def test_words_that_are_alike_once_folded_are_kept_apart(text, code, book):
    """acil and açıl, sürat and surat, dondu and döndü, çare and care."""
    assert code not in codes_of(text, book)


# ---- how well it codes ----------------------------------------------------------------------------------------------------------------


def test_the_score_is_that_of_scikit_learn():
    """f1_score([[1, 1, 0], [0, 1, 0], [0, 0, 1]], [[1, 0, 0], [0, 1, 1], [1, 0, 0]], average="micro") = 0.5"""
    assert micro_f1([("a", "b"), ("b",), ("c",)], [("a",), ("b", "c"), ("a",)]) == 0.5


def test_it_codes_the_invented_answers(book):
    """True codes of `five_questions`; its phrases were looked at when the terms were written, so this height says little about other answers."""
    survey, true = cx.load("five_questions"), cx.load("five_questions_true_codes")
    questions = ["important_1", "important_2", "important_3", "annoys"]
    texts = survey.melt(["respondent", "language"], questions, "question", "text").dropna(subset="text").astype({"question": str, "text": str})
    table = texts.merge(true.astype({"question": str}), on=["respondent", "question"], validate="one_to_one")
    table["codes"] = table["codes"].map(";".join)
    assert len(table) > 2500
    assert min(scores(table, book).values()) >= 0.93


def test_it_codes_answers_that_nobody_tuned_it_to(book):
    """Answers in both languages by another author, coded by hand; nobody who wrote terms has seen them or the errors made on them."""
    table = pd.read_csv(REFERENCE / "untouched_answers.csv", keep_default_na=False)
    found = scores(table, book)
    assert found["all"] >= 0.75, found
    assert min(found["tr"], found["en"]) >= 0.70, found
