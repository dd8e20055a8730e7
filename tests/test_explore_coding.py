"""What can be moved about coded answers: each shows what its plain twin says, and nothing in an answer becomes part of the page."""

import html
import re

import matplotlib

matplotlib.use("agg")
import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxlab as cx
from cxlab import coding, double_coding, explore_coding


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def book():
    return cx.load_codebook()


def texts():
    return pd.read_csv(cx.data.data_folder() / "phrases.csv", keep_default_na=False)["text"].tolist()


def bare(page):
    """What a reader sees of a page."""
    return html.unescape(re.sub(r"<[^<>]*>", "", page))


# --- an answer with its words marked -----------------------------------------------------------------------------------------


def test_marked_words_are_those_that_the_codebook_caught(book):
    for text in ["Fiyatlar çok yüksek, personel ilgisiz", "TOO EXPENSIVE", "yok", "zzz", "-", ""]:
        marked = cx.mark_answer(text, book)
        names = dict(zip(book["code"], book["name"], strict=True))
        assert re.findall(r"<b>(.*?)</b>", marked._repr_html_()) == [text[start:end] for start, end, *_ in coding.spans(text, book)]
        assert bare(re.sub(" <small>.*?</small>", "", marked._repr_html_())) == text
        assert [name for _, name in re.findall(r"\[(.*?): (.*?)\]", repr(marked))] == [names[code] for *_, code in coding.spans(text, book)]
    assert repr(cx.mark_answer("ucuz ve pahalı", book, labels=False)) == "[ucuz] ve [pahalı]"
    assert "<small>" not in cx.mark_answer("ucuz", book, labels=False)._repr_html_()


def test_names_are_those_of_the_language(book):
    cx.use_language("tr")
    assert repr(cx.mark_answer("pahalı", book)) == "[pahalı: Fiyat]"


def test_spans_that_overlap_are_one_mark_with_both_codes():
    found = [(4, 9, "b*", "speed"), (0, 6, "a", "price"), (8, 11, "c", "price"), (12, 14, "d", "staff"), (12, 13, "e", "staff")]
    assert explore_coding._apart(found) == [(0, 11, ["price", "speed"]), (12, 14, ["staff"])]
    assert explore_coding._apart([]) == []


@given(st.text("ab cd", min_size=12, max_size=12), st.lists(st.tuples(st.integers(0, 5), st.integers(1, 6), st.sampled_from(["price", "speed"])), max_size=5))
def test_any_spans_leave_the_answer_whole(text, drawn):
    found = [(start, start + length, "term", code) for start, length, code in drawn]
    groups = explore_coding._apart(found)
    assert all(before[1] <= after[0] for before, after in zip(groups, groups[1:], strict=False))
    covered = {place for start, end, *_ in found for place in range(start, end)}
    assert covered == {place for start, end, _ in groups for place in range(start, end)}
    assert bare(explore_coding._marked(text, found, {}).page) == text


def test_a_codebook_without_names_and_a_missing_answer(book):
    nameless = book.assign(name="", name_tr="").query("code == 'price'")
    assert repr(cx.mark_answer("ucuz", nameless)) == "[ucuz: price]"
    assert [repr(cx.mark_answer(missing, book)) for missing in (None, np.nan, pd.NA)] == ["", "", ""] and repr(cx.mark_answer(12, book)) == "12"
    shown = cx.explore_codes("zzz", nameless).children[1]  # "other" is not in that book
    assert "Codes: other" in shown.value


def test_nothing_of_an_answer_becomes_part_of_the_page(book):
    text = 'ucuz <script>hacked=1</script> & <img src=x onerror="hacked=1"> $a_$ \\(x\\) [l](javascript:1)'
    page = cx.mark_answer(text, book)._repr_html_()
    assert set(re.findall(r"</?(\w+)", page)) == {"bdi", "mark", "b", "small", "span"} and "$" not in page and "\\" not in page
    assert bare(re.sub(" <small>.*?</small>", "", page)) == text
    evil = book.assign(name='<img src=x onerror="hacked=1">$x$')
    assert "<img" not in cx.mark_answer("ucuz", evil)._repr_html_() and "<img" not in cx.explore_codes("ucuz", evil).children[1].value


def test_signs_that_turn_the_text_around_or_control_a_terminal_are_left_out(book):
    for sign in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00\x07\x1b\x9b":
        marked = cx.mark_answer(f"{sign}pahalı{sign} ve", book)
        assert sign not in marked._repr_html_() and repr(marked) == "[pahalı: Price] ve"
    kept = "سعر 👩‍👧 é\n\tx"  # another script, a family joined by invisible signs, a combining accent, a new line
    assert repr(cx.mark_answer(kept, book)) == kept and bare(cx.mark_answer(kept, book)._repr_html_()) == kept
    assert cx.mark_answer("x", book)._repr_html_().startswith("<bdi") and "<small><bdi>Price</bdi>" in cx.mark_answer("ucuz", book)._repr_html_()


# --- type an answer ----------------------------------------------------------------------------------------------------------


def test_what_is_typed_is_coded_as_by_code_answers(book):
    answers = [*texts()[::60], "-", "?", "yok", "bilmem", "zzz", "ucuz", "çok pahalı ama hızlı"]
    names = dict(zip(book["code"], book["name"], strict=True))
    typed, shown = cx.explore_codes(book=book).children
    assert isinstance(typed, ipywidgets.Text) and "in a hurry" in shown.value
    for answer, codes in zip(answers, cx.code_answers(answers, book)["codes"], strict=True):
        typed.value = answer
        assert bare(shown.value).endswith("Codes: " + ", ".join(names[code] for code in codes))
        assert cx.mark_answer(answer, book)._repr_html_() in shown.value
    for nothing in ("", "  ", "\u200b"):
        typed.value = nothing
        assert "in a hurry" in shown.value
    cx.use_language("tr")
    assert "Kodlar: Fiyat" in cx.explore_codes("ucuz", book).children[1].value


def test_a_key_stroke_does_not_read_the_codebook_again(book, monkeypatch):
    typed, shown = cx.explore_codes(book=book).children
    for name in ("_index", "terms_of", "load_codebook"):
        monkeypatch.setattr(coding, name, None, raising=False)
    typed.value = "ucuz"
    assert "Codes: Price" in shown.value


# --- move a margin -----------------------------------------------------------------------------------------------------------


def people():
    """Codes of each person, as they truly are."""
    rng = np.random.default_rng(5)
    shares = {"price": (0.05, 0.05), "speed": (0.1, 0.2), "staff": (0.2, 0.21), "none": (0.02, 0.02)}
    rows = [(wave, tuple(code for code, each in shares.items() if rng.random() < each[wave > 2013])) for wave in [2013] * 240 + [2018] * 600]
    return pd.DataFrame(rows, columns=["wave", "codes"])


@pytest.mark.parametrize("margin", [0.025, 0.07, 0.2])
def test_the_sentence_is_that_of_equivalence_and_its_power(margin):
    table = cx.equivalence(people(), "codes", "wave", margin)
    n = table["verdict"].value_counts()
    power = [cx.equivalence_power(int(table["n_1"].iloc[0]), int(table["n_2"].iloc[0]), share, margin)["power"].iloc[0] for share in (0.05, 0.1, 0.2)]
    told = "; ".join(f"named by {share} %: {100 * each:.0f} %" for share, each in zip((5, 10, 20), power, strict=True))
    assert cx.margin_sentence(table) == (
        f"Margin {100 * margin:g} points: {n.get('equivalent', 0) + n.get('both', 0)} of {len(table)} themes equivalent, {n.get('different', 0)} different, "
        f"{n.get('undecided', 0)} undecided. The chance to show one theme to be alike, named beforehand, if nothing had changed: {told}.")
    assert cx.margin_sentence(table) == cx.margin_sentence(table, margin)


def test_power_is_that_of_the_margin_that_coding_errors_leave():
    sure = cx.equivalence(people(), "codes", "wave", 0.05)
    one = cx.equivalence(people(), "codes", "wave", 0.05, sensitivity=0.9, specificity=0.9)
    power = cx.equivalence_power(int(one["n_1"].max()), int(one["n_2"].max()), 0.05, 0.05 * 0.8)["power"].iloc[0]
    assert f"named by 5 %: {100 * power:.0f} %." in cx.margin_sentence(one, shares=[0.05]) != cx.margin_sentence(sure, shares=[0.05])
    each = cx.equivalence(people(), "codes", "wave", 0.05, sensitivity=dict.fromkeys(one["value"], 0.95) | {"price": 0.9}, specificity=dict.fromkeys(one["value"], 0.9))
    assert cx.margin_sentence(each, shares=[0.05]).split("undecided")[1] == cx.margin_sentence(one, shares=[0.05]).split("undecided")[1]


def test_the_sentence_in_turkish_and_without_rows():
    table = cx.equivalence(people(), "codes", "wave", 0.05)
    with pytest.raises(cx.CxError, match="cx.equivalence"):
        cx.margin_sentence(table.head(0))
    cx.use_language("tr")
    assert cx.margin_sentence(table).startswith("Sınır 5 puan: 4 temadan") and "%5" in cx.margin_sentence(table)


def shown(monkeypatch):
    told = []
    monkeypatch.setattr("cxlab.figures.show", lambda ax, caption=None: told.append((ax, caption if caption is not None else ax.caption)))
    return told


def test_the_margin_moves_verdicts_band_and_sentence(monkeypatch):
    told, table = shown(monkeypatch), people()
    explorer = cx.explore_margin(table, "codes", "wave", margin=5, labels={"price": "İndirim"})
    explorer.update()
    slider = explorer.children[0]
    assert (slider.min, slider.value, slider.max) == (1, 5, 20)
    slider.value = 12
    twin = cx.equivalence(table, "codes", "wave", 0.12)
    ax, caption = told[-1]
    assert caption == f"{cx.margin_sentence(twin)} {cx.plot_equivalence(twin, labels={'price': 'İndirim'}).caption}" and "İndirim" in caption
    assert ax.figure.axes[1].patches[0].get_width() == pytest.approx(0.24) and told[0][1] != caption
    assert not explorer.out.outputs  # no error was written
    assert "SIMULATED" not in [text.get_text() for text in ax.figure.texts]
    table.attrs["simulated"] = True
    cx.explore_margin(table, "codes", "wave").update()
    assert "SIMULATED" in [text.get_text() for text in told[-1][0].figure.texts]


# --- widen a definition ------------------------------------------------------------------------------------------------------


def test_a_wider_definition_moves_kappa(monkeypatch, book):
    told, rows = shown(monkeypatch), pd.DataFrame(double_coding.double_coded())
    first, second = rows["first"], rows["second"].sample(frac=1, random_state=1)  # answers are matched, whatever their order
    explorer = cx.explore_definition(first, second, book, simulated=True)
    explorer.update()
    code, into, n = explorer.children[:3]
    assert ("Price", "price") in code.options and into.value == "" and (n.min, n.value, n.max) == (40, 100, 200)
    n.value = 200
    plain = cx.agreement(first, second).attrs["overall"]
    assert told[-1][0].get_title() == f"Over all codes: kappa {plain['kappa']:.2f} ({plain['ci_low']:.2f} to {plain['ci_high']:.2f}), 200 answers"
    code.value = "waiting"
    into.value = "speed"
    mapping = {"waiting": "speed"}
    twin = cx.agreement(cx.merge_codes(first, mapping), cx.merge_codes(second, mapping)).attrs["overall"]
    assert twin["kappa"] > plain["kappa"] and f"kappa {twin['kappa']:.2f} " in told[-1][0].get_title()
    assert "Waiting" not in [label.get_text() for label in told[-1][0].get_yticklabels()]
    n.value = 80
    twin = cx.agreement(cx.merge_codes(first.head(80), mapping), cx.merge_codes(second, mapping)).attrs["overall"]
    assert told[-1][0].get_title().endswith(f"({twin['ci_low']:.2f} to {twin['ci_high']:.2f}), 80 answers")
    assert "SIMULATED" in [text.get_text() for text in told[-1][0].figure.texts] and not explorer.out.outputs


def test_few_answers_and_codes_unknown_to_the_book(monkeypatch, book):
    told = shown(monkeypatch)
    explorer = cx.explore_definition(pd.Series([("ours",), ("price",)] * 10), pd.Series([("ours",), ("ours", "price")] * 10), book)
    explorer.update()
    assert explorer.children[0].options == (("Price", "price"), ("ours", "ours")) and explorer.children[2].value == 20
    assert "SIMULATED" not in [text.get_text() for text in told[-1][0].figure.texts]
    cx.use_language("tr")
    assert explorer.children[0].description == "this code" and cx.explore_definition(pd.Series([("price",)] * 9), pd.Series([("price",)] * 9), book).children[0].description == "bu kod"
