"""Hostile text as answers, as names of groups and of codes: every figure, table and explorer shows it as text, and nothing in it comes alive."""

import html
import json
import re
import time
import unicodedata

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

import cxlab as cx
from conftest import saved
from cxlab import charts
from cxlab.figures import escape, wrap

HOSTILE = ["ucuz <script>window.hacked=1</script>", "<img src=x onerror=\"window.hacked=1\"> cheap", "$a_$ and $\\frac{", "\\(x\\) \\[y\\] \\begin{z}", "$$x^2$$",
           "\u202eucuz\u202c \u2067x", "\u2069\u2069 pahalı \u202e", "👩‍👧 😀 日本 سعر", "e\u0301" + "\u0336" * 40, "fiyat " * 833 + "x", "=1+1", "two\nlines", "nul\x00\x1b[31m",
           "](javascript:window.hacked=1)", "`rm` *b* _i_ # | ~~s~~ ![i](x)", "&lt;b&gt; &#36;", "-", "http://example.com/x", "{n} {0} %s \\N"]
WORD = "fiyat" * 1000  # without a blank
PAIRS = [HOSTILE[:2], HOSTILE[2:6:3], HOSTILE[12:6:-4]]  # as names of two groups
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def controls(text):
    return [sign for sign in text if unicodedata.category(sign) == "Cc" and sign not in "\t\n" or unicodedata.bidirectional(sign) in TURNING]


def evil_book():
    book = cx.load_codebook().head(3)
    return book.assign(name=HOSTILE[:3], name_tr=HOSTILE[1:4])


def codes():
    """300 answers whose codes are hostile texts."""
    rng = np.random.default_rng(1)
    return pd.Series([tuple(code for k, code in enumerate(HOSTILE) if rng.random() < 0.1 + 0.02 * k) for _ in range(300)])


def figures():
    """Every figure that takes text, of tables that the estimators made of it."""
    answers = pd.DataFrame({"answer": np.resize(HOSTILE, 380), "score": np.resize(range(11), 380), HOSTILE[0]: np.resize([0, 1], 380)})
    for pair in PAIRS:
        grouped = answers.assign(group=np.resize(pair, 380))
        yield cx.plot_shares(cx.share(grouped, "answer", by="group"))
    answers["codes"] = np.resize(np.array([*codes(), None], object)[:300], 380)
    yield cx.plot_shares(cx.share(answers, "answer"), title=HOSTILE[2])
    yield cx.plot_shares(cx.multiple_response(answers, "codes"))
    yield cx.plot_nps(cx.nps(answers, "score", by="answer"))
    for text in HOSTILE[2:14:3]:
        yield cx.plot_distribution(answers["score"].rename(text), title=text)
    for pair in PAIRS:
        grouped = answers.assign(group=np.resize(pair, 380))
        yield cx.plot_equivalence(cx.equivalence(grouped, "codes", "group", 0.1), labels=dict(zip(HOSTILE, HOSTILE[1:], strict=False)))
    agreed = cx.agreement(codes(), codes().sample(frac=1, random_state=1).sort_index())
    yield cx.plot_agreement(agreed, labels={HOSTILE[3]: HOSTILE[9]})
    yield cx.plot_agreement(agreed, title=HOSTILE[9])
    yield cx.plot_co_occurrence(cx.co_occurrence(codes()), top=20)
    yield cx.plot_co_occurrence(cx.co_occurrence(codes()), labels=dict(zip(HOSTILE, reversed(HOSTILE), strict=True)), title=HOSTILE[12])
    named = pd.DataFrame({text: np.resize(range(k + 2), 40) for k, text in enumerate(HOSTILE)})
    yield cx.plot_uniqueness(cx.uniqueness(named, list(named)[:6]), title=HOSTILE[5])


def test_every_figure_shows_text_as_text(tmp_path):
    for k, ax in enumerate(figures()):
        ax.figure.draw_without_rendering()  # a sign that the font lacks, or half a formula, would be an error here
        texts = [text for text in ax.figure.findobj(Text) if text.get_text()]
        assert texts and not any(text.get_parse_math() for text in texts)
        assert not any(controls(text.get_text()) for text in texts) and not controls(ax.caption)
        assert max(len(text.get_text()) for text in texts) < 400 and len(ax.caption) < 4000 and "\n" not in ax.caption
        shown = re.sub("</?span>", "", escape(ax.caption))  # as `show` has it
        assert not re.search(r"[<>$\\`*_\[\]|~]|:(?=//)", shown)
        if k % 9 == 0:
            cx.save(ax, tmp_path / "figure")
        plt.close(ax.figure)


def test_a_word_of_5000_letters_is_cut_and_soon(monkeypatch):
    asked, letters = [], charts.letters
    monkeypatch.setattr("cxlab.figures.letters", lambda text: asked.append(len(text)) or letters(text))
    wrap("x" * 500, 34, 2)
    assert sum(asked) < 500 * 500  # not the cube of the length: a figure with such a word took minutes
    answers = pd.DataFrame({"answer": [WORD, "b"] * 40, "codes": [(WORD,), ("b", WORD)] * 40, "group": np.repeat([WORD, "b"], 40)})
    for ax in (cx.plot_shares(cx.share(answers, "answer", by="group"), title=WORD), cx.plot_equivalence(cx.equivalence(answers, "codes", "group", 0.1)),
               cx.plot_co_occurrence(cx.co_occurrence(answers)), cx.plot_agreement(cx.agreement(answers, answers)), cx.plot_nps(
                   cx.nps(answers.assign(score=9), "score", by="answer"))):
        assert max(len(text.get_text()) for text in ax.figure.findobj(Text)) < 400 and len(ax.caption) < 1500
    assert "".join(re.findall("(?:fiyat)+", repr(cx.mark_answer(WORD)))) == WORD


def test_tables_keep_hostile_text_as_it_was():
    answers = pd.Series(HOSTILE)
    before = answers.copy()
    coded = cx.code_answers(answers, cx.load_codebook())
    assert len(coded) == len(HOSTILE) and "price" in coded["codes"].iloc[0] and coded["codes"].iloc[16] == ("none",)
    assert set(cx.find_themes(answers, coded)["answers"].explode().dropna()) <= set(HOSTILE)
    table = pd.DataFrame({"answer": answers, "codes": [(text,) for text in HOSTILE]}).loc[np.repeat(range(len(HOSTILE)), 40)].reset_index(drop=True)
    assert set(cx.share(table, "answer")["value"]) == set(HOSTILE) == set(cx.multiple_response(table, "codes")["value"])
    table["group"] = np.resize(HOSTILE[:2], len(table))
    found = cx.equivalence(table, "codes", "group", 0.1)
    assert set(found["value"]) == set(HOSTILE) and set(found.attrs["groups"]) == set(HOSTILE[:2])
    pairs = cx.co_occurrence(codes())
    assert set(pairs["code_1"]) | set(pairs["code_2"]) == set(HOSTILE)
    assert set(cx.merge_codes(codes(), dict(zip(HOSTILE, reversed(HOSTILE), strict=True))).explode().dropna()) == set(HOSTILE)
    assert set(cx.agreement(codes(), codes())["code"]) == {text.strip() for text in HOSTILE}
    people = cx.code_people(pd.DataFrame({HOSTILE[0]: answers, HOSTILE[2]: answers}), [HOSTILE[0], HOSTILE[2]])
    assert len(people) == len(HOSTILE) and cx.match_names(HOSTILE)["respondent"].isin(range(len(HOSTILE))).all()
    pd.testing.assert_series_equal(answers, before)


def test_pages_hold_no_markup_of_an_answer():
    book = evil_book()
    typed, shown = cx.explore_codes(book=book).children
    for text in [*HOSTILE, WORD]:
        typed.value, marked = text, cx.mark_answer(text, book)
        for page in (marked._repr_html_(), shown.value):
            tags = re.findall(r"<[^<>]*>", page)
            assert {re.match(r"</?(\w+)", tag)[1] for tag in tags} <= {"bdi", "mark", "b", "small", "span", "p"}
            assert not any(" on" in tag or "href" in tag or "src" in tag for tag in tags) and not re.search(r"[$\\]", page) and not controls(page)
        seen = html.unescape(re.sub(r"<[^<>]*>", "", re.sub(" <small>.*?</small>", "", marked._repr_html_())))
        assert seen == "".join(sign for sign in text if not controls(sign)) and not controls(repr(marked))


NOTEBOOK = [
    "import numpy as np, pandas as pd, cxlab as cx\nfrom IPython.display import Markdown\nHOSTILE = {hostile!r}",
    "display(Markdown('a formula of our own: $x^2$'))  # shows that formulas are set on this page at all",
    "for text in HOSTILE: display(cx.mark_answer(text))",
    "book = cx.load_codebook().head(3)\nbook = book.assign(name=HOSTILE[:3], name_tr=HOSTILE[1:4])\ncx.explore_codes(HOSTILE[0] + HOSTILE[2] + HOSTILE[3], book)",
    "rng = np.random.default_rng(1)\ncodes = pd.Series([tuple(text for text in HOSTILE if rng.random() < .2) for _ in range(60)])\ncx.explore_definition(codes, codes, book)",
    "table = pd.DataFrame({{'codes': codes, 'group': np.resize(HOSTILE[1:3], 60)}})\ncx.show(cx.plot_equivalence(cx.equivalence(table, 'codes', 'group', .1)))",
    "cx.code_answers(HOSTILE, cx.load_codebook(), why=False).assign(text=HOSTILE)",
    "cx.show(cx.plot_agreement(cx.agreement(codes, codes), title=HOSTILE[2]))",
    "cx.show(cx.plot_co_occurrence(cx.co_occurrence(codes)))",
    "cx.show(cx.plot_shares(cx.share(pd.DataFrame({{'a': np.resize(HOSTILE, 400)}}), 'a')))",
]


def test_in_a_real_browser_nothing_of_it_comes_alive(server, browser):
    address, folder = server
    path = folder / "hostile.ipynb"
    cells = [nbformat.v4.new_code_cell(cell.format(hostile=HOSTILE)) for cell in NOTEBOOK]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    path.write_text(json.dumps(nbformat.v4.new_notebook(cells=cells, metadata=kernel)), encoding="utf-8")
    page, outside, alarms = browser.new_page(viewport={"width": 1280, "height": 9000}), [], []
    page.on("request", lambda request: outside.append(request.url) if request.url.startswith("http") and not request.url.startswith(address) else None)
    page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))
    page.goto(f"{address}/doc/tree/hostile.ipynb?reset")
    page.wait_for_selector("text=/Idle/", timeout=90_000, state="attached")
    time.sleep(2)
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
    shown = [output for cell in saved(page, path) for output in cell["outputs"]]
    assert not any(output["output_type"] == "error" or output.get("name") == "stderr" for output in shown)
    page.wait_for_selector("mjx-container", timeout=20_000)
    time.sleep(1)  # what else would become a formula has become one
    assert page.locator("mjx-container").count() == 1
    assert page.evaluate("window.hacked") is None and alarms == [] and outside == []
    outputs = page.locator(".jp-OutputArea-output")
    assert outputs.locator("script, a, img:not([src^='data:']), img[src='x']").count() == 0
    text = " ".join(outputs.all_inner_texts())
    for wanted in ("<script>window.hacked=1</script>", '<img src=x onerror="window.hacked=1">', "$a_$ and $\\frac{", "\\(x\\) \\[y\\]", "](javascript:window.hacked=1)",
                   "&lt;b&gt;", "👩‍👧 😀 日本 سعر", "=1+1", "`rm` *b* _i_"):
        assert wanted in text, wanted
    assert text.count("$a_$ and $\\frac{") >= 4  # as an answer, as the name of a code, in captions
    page.close()
