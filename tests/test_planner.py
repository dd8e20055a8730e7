"""The contact plan: files give back what was put in, what is wrong is said with its place, and figure, page and explorer show text as text."""

import csv
import html
import os
import pathlib
import re
import subprocess
import sys
import unicodedata

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from matplotlib.text import Text

import cxlab as cx
from cxlab import explore_planner, figures, planner
from cxlab.framework import keys

HOSTILE = ["<script>window.hacked=1</script>", "<img src=x onerror=\"window.hacked=1\">", "$a_$ and $\\frac{", "\\(x\\) \\[y\\]", "\u202eucuz\u202c", "👩‍👧 😀 日本 سعر",
           "fiyat" * 200, "fiyat " * 160 + "x", "=1+1", "two\nlines", "</table></style>", "](javascript:window.hacked=1)", "&lt;b&gt;", "{n} {0} %s \\N", "'", '"a"; b, c']
TEXT = st.text(st.one_of(st.characters(exclude_categories=["Cc", "Cs"]), st.sampled_from('=+-@\'";,\t\n|<$\\😀ğİ')), max_size=30)
PERMISSIONS = [None, "yes", "no", "not_needed"]


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def fill(plan, stage, channel, message, who=None, when=None, permission=None):
    plan.loc[(plan["stage"] == stage) & (plan["channel"] == channel), ["message", "who", "when", "permission"]] = [message, who, when, permission]
    return plan


def some_plan():
    plan = cx.contact_plan("WhatsApp")
    fill(plan, "admit", "email", "Thank you. What happens now, in three steps.", "the office", "same day", "yes")
    fill(plan, "affirm", "phone", "You chose well.", "the seller", "within 24 hours")
    fill(plan, "affirm", "gift", "A card with a name on it.", "Ayşe", "day 2")
    fill(plan, "adopt", "post", "What should we change?", permission="no")
    fill(plan, "advocate", "WhatsApp", "Who else would be glad of this?", permission="not_needed")
    return fill(plan, "accomplish", "WhatsApp", "Did it work?", when="day 60")


def hostile_plan():
    plan = cx.contact_plan("<b>$x$</b>")
    for k, text in enumerate(HOSTILE):
        plan.loc[3 * k, ["message", "who", "when"]] = text, text[:200], HOSTILE[-k][:200]
    return plan


# ---- the plan ------------------------------------------------------------------------------------------------------------------


def test_an_empty_plan_has_every_cell_once():
    plan = cx.contact_plan()
    assert list(plan) == ["stage", "channel", "message", "who", "when", "permission"] and plan.iloc[:, 2:].isna().all(axis=None)
    assert list(zip(plan["stage"], plan["channel"], strict=True)) == [(stage, channel) for stage in keys("stages") for channel in keys("channels")]
    own = cx.contact_plan(" WhatsApp ")
    assert len(own) == 56 and own["channel"].tolist()[6::7] == ["WhatsApp"] * 8


@pytest.mark.parametrize("name", ["e-mail", "E-POSTA", "eposta", "telefon", "in_person", "phon", "mail", "Yüzyüze", "", "  ", "\u200b", "x" * 41, np.nan])
def test_an_own_channel_needs_a_name_of_its_own(name):
    with pytest.raises(cx.CxError, match="own.*in_person, email.*contact_plan"):
        cx.contact_plan(name)


@pytest.mark.parametrize("name", ["SMS", "Instagram", "video call", "日本", "C++", "<b>$x$</b>", "x" * 40])
def test_any_other_name_will_do(name):
    assert planner.own_channel(cx.contact_plan(name)) == name


def test_marks_stand_where_permission_is_open():
    plan = cx.contact_plan("SMS")
    for channel in plan["channel"].unique():
        for stage, permission in zip(keys("stages"), PERMISSIONS, strict=False):
            fill(plan, stage, channel, "x", permission=permission)
    fill(plan, "advocate", "email", None, permission="no")  # nothing is said there
    found = planner.marks(plan).groupby([plan["channel"], plan["stage"]]).first().unstack()[keys("stages")]
    for channel, row in found.iterrows():
        assert row.tolist() == ["" if channel in ("in_person", "post", "gift") else "ask", "", "refused", *[""] * 5], channel


def test_a_plan_is_put_in_order_or_refused():
    plan = some_plan()
    mixed = plan.sample(frac=1, random_state=1).replace({"affirm": "ONAYLAMA", "email": "E-Posta", "yes": "Evet", "not_needed": "Gerekmiyor"})
    pd.testing.assert_frame_equal(planner.in_order(mixed), plan)
    few = pd.DataFrame({"channel": ["phone"], "stage": ["affirm"], "message": [" a\r\nb\x00 "], "when": [3]}).astype({"when": object})
    assert planner.in_order(few).dropna(subset="message").iloc[0, 2:5].tolist() == ["a\nb", np.nan, "3"] and len(planner.in_order(few)) == 48
    for wrong in (None, "plan.csv", [1]):
        with pytest.raises(cx.CxError, match="contact plan is a table.*cx.load_plan"):
            cx.save_plan(wrong, "plan.csv")


def test_the_seventh_row_is_named_renamed_and_taken_away():
    plan = some_plan()
    renamed = planner.rename_own(plan, "SMS")
    pd.testing.assert_frame_equal(renamed, plan.replace({"channel": {"WhatsApp": "SMS"}}))
    with pytest.raises(cx.CxError, match="'WhatsApp' holds 2 filled cells"):
        planner.rename_own(plan, None)
    plan.loc[plan["channel"] == "WhatsApp", ["message", "when"]] = None
    less = planner.rename_own(plan, None)
    assert len(less) == 48 and less["message"].notna().sum() == 4
    assert planner.own_channel(planner.rename_own(less, "SMS")) == "SMS" and planner.rename_own(less, None).equals(less)


# ---- files ---------------------------------------------------------------------------------------------------------------------


def clean(text, one_line):
    """As the docstring says it: no blanks around, who and when on a line."""
    text = " ".join(text.split()) if one_line else text.strip()
    return text if any(unicodedata.category(sign) not in ("Cc", "Cf", "Zs", "Zl", "Zp") for sign in text) else None


@hypothesis_settings(max_examples=20)
@given(st.dictionaries(st.integers(0, 55), st.tuples(TEXT, TEXT, TEXT, st.sampled_from(PERMISSIONS)), max_size=6), st.sampled_from(["en", "tr"]))
def test_any_plan_comes_back(tmp_path_factory, cells, language):
    cx.use_language(language)
    plan = cx.contact_plan("=kanal; \"x\"")
    for row, (message, who, when, permission) in cells.items():
        plan.loc[row, planner.COLUMNS[2:]] = [clean(message, False), clean(who, True), clean(when, True), permission]
    back = cx.load_plan(cx.save_plan(plan, tmp_path_factory.getbasetemp() / "any.csv"))
    pd.testing.assert_frame_equal(back, plan)


@pytest.mark.parametrize("language", ["en", "tr"])
def test_hostile_plans_come_back_whatever_the_language(language):
    plan = hostile_plan()
    plan[["who", "when"]] = plan[["who", "when"]].map(lambda text: clean(text, True), na_action="ignore")
    cx.use_language(language)
    path = cx.save_plan(plan, "plan.csv")
    cx.use_language({"en": "tr", "tr": "en"}[language])
    pd.testing.assert_frame_equal(cx.load_plan(path), plan)
    longest = fill(cx.contact_plan(), "affirm", "post", ("a\n" * 500).strip())
    pd.testing.assert_frame_equal(cx.load_plan(cx.save_plan(longest, "plan.csv")), longest)


def test_the_file_is_for_people_and_nothing_in_it_runs():
    plan = fill(cx.contact_plan("+90"), "assess", "in_person", "=1+1", "@SUM(A1)", "-5", "not_needed")
    cx.use_language("tr")
    with cx.save_plan(plan, "plan.csv").open(encoding="utf-8-sig", newline="") as file:
        header, first, *rest = csv.reader(file, delimiter=";")
    assert header == ["aşama", "kanal", "mesaj", "kim", "ne zaman", "izin"]
    assert first == ["değerlendirme", "yüz yüze", "'=1+1", "'@SUM(A1)", "'-5", "gerekmiyor"] and rest[5][1] == "'+90" and len(rest) == 55


ROWS = "aşama;kanal;mesaj;kim;ne zaman;izin\r\nonaylama;telefon;İyi ki seçtiniz, ıĞşÇ;satıcı;ertesi gün;evet\r\n;;;;;\r\n"


@pytest.mark.parametrize("data", [ROWS.encode("cp1254"), ROWS.encode("utf-8-sig"), ROWS.encode(), ROWS.replace(";", "\t").encode("utf-16"), ("sep=;\r\n" + ROWS).encode("cp1254"),
                                  ROWS.replace("aşama", "Stage").replace("izin", "PERMISSION").replace("telefon", "Telephone").encode("cp1254"),
                                  ROWS.replace("\r\n", ";;\r\n").encode()])
def test_what_excel_makes_of_it_is_read(tmp_path, data):
    (tmp_path / "plan.csv").write_bytes(data)
    plan = cx.load_plan("plan.csv")
    pd.testing.assert_frame_equal(plan, fill(cx.contact_plan(), "affirm", "phone", "İyi ki seçtiniz, ıĞşÇ", "satıcı", "ertesi gün", "yes"))


def test_a_workbook_is_read_too(tmp_path):
    some_plan().to_excel(tmp_path / "plan.xlsx", index=False)
    pd.testing.assert_frame_equal(cx.load_plan(tmp_path / "plan.xlsx"), some_plan())


HEAD = "stage,channel,message,who,when,permission\n"
WRONG = {
    "no such stage": (HEAD + "\naffirm,post,a,,,\nsell,post,b,,,\n", "row 4, column stage: 'sell' is not allowed.*assess, admit.*advocate"),
    "nobody is there": (HEAD + "left,post,a,,,\n", "row 2, column stage: 'left'"),
    "no stage": (HEAD + ",post,a,,,\n", r"row 2, column stage: '\(empty\)'"),
    "no channel": (HEAD + "affirm,,a,,,\n", r"row 2, column channel: '\(empty\)'.*in_person, email"),
    "a slip": (HEAD + "affirm,telephon,a,,,\n", "row 2, column channel: 'telephon' is nearly 'telephone'"),
    "two own": (HEAD + "affirm,SMS,a,,,\nadmit,WhatsApp,b,,,\n", "row 3, column channel: 'WhatsApp' is a second channel.*'SMS'.*in_person"),
    "permission": (HEAD + "affirm,post,a,,,maybe\n", "row 2, column permission: 'maybe'.*yes, no, not_needed"),
    "twice": (HEAD + "affirm,post,a,,,\nonaylama,posta,b,,,\n", "row 3, columns stage and channel: affirm by post stands already in row 2"),
    "too long": (HEAD + f"affirm,post,{'ab' * 501},,,\n", "row 2, column message.*1002 letters; at most 1000"),
    "who too long": (HEAD + f"affirm,post,a,{'ab' * 101},,\n", "row 2, column who.*202 letters; at most 200"),
    "own too long": (HEAD + f"affirm,{'ab' * 21},a,,,\n", "row 2, column channel.*42 letters; at most 40"),
    "no message": ("stage,channel,who\naffirm,post,a\n", "needs the columns message. Found: stage, channel, who"),
    "strange column": (HEAD.replace("who", "cost") + "affirm,post,a,5,,\n", "column 'cost': a plan has no such column"),
    "column twice": (HEAD.replace("who", "mesaj") + "affirm,post,a,5,,\n", "two columns are called 'message'"),
    "extra cell": (HEAD + "affirm,post,a,,,yes,b\n", "row 2: 'b' stands to the right of the last of 6"),
    "nothing": ("\u200b,\u200b\n", "needs the columns stage, channel, message"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_with_its_place(tmp_path, case):
    data, told = WRONG[case]
    (tmp_path / "plan.csv").write_text(data, encoding="utf-8")
    with pytest.raises(cx.CxError, match=rf"plan\.csv.*{told}"):
        cx.load_plan("plan.csv")
    cx.use_language("tr")
    with pytest.raises(cx.CxError, match=r"plan\.csv") as error:
        cx.load_plan("plan.csv")
    assert not re.search(r"\b(row|column|allowed|the)\b", str(error.value).replace("contact_plan", ""))


def test_files_that_are_none(tmp_path):
    for path in ("none.csv", tmp_path, None):
        with pytest.raises(cx.CxError):
            cx.load_plan(path)
    for path in ("plan.xlsx", "plan", "no folder/plan.csv"):
        with pytest.raises(cx.CxError, match="was not written"):
            cx.save_plan(cx.contact_plan(), path)
        with pytest.raises(cx.CxError, match="was not written"):
            cx.print_plan(cx.contact_plan(), path)
    assert not list(tmp_path.iterdir())


# ---- the figure ----------------------------------------------------------------------------------------------------------------


def in_cells(ax):
    """{(row, column): texts} of the grid, read from where the texts stand: row and column of the cell that holds them."""
    frames = [patch.get_bbox() for patch in ax.patches if patch.get_facecolor()[3]]
    lefts, tops = sorted({round(box.x0, 6) for box in frames}), sorted({round(box.y0, 6) for box in frames})
    found = {}
    for text in ax.texts:
        x, y = text.get_position()
        place = next(((tops.index(round(box.y0, 6)), lefts.index(round(box.x0, 6))) for box in frames if box.x0 < x < box.x1 and box.y0 < y < box.y1), None)
        found.setdefault(place, []).append(text.get_text())
    return found, (len(tops), len(lefts))


def test_the_grid_has_every_cell_where_it_belongs():
    plan = some_plan()
    found, shape = in_cells(cx.plot_plan(plan))
    outside = found.pop(None)
    assert shape == (7, 8) and [text for text in outside if text in plan["stage"].tolist()] == keys("stages")
    assert [text for text in outside if text in ("in person", "e-mail", "post", "telephone", "video", "gift", "WhatsApp")] == [
        planner.channel_name(channel) for channel in plan["channel"][:7]]
    filled = plan[planner.is_filled(plan)]
    channels = plan["channel"][:7].tolist()
    assert set(found) == {(channels.index(channel), keys("stages").index(stage)) for stage, channel in zip(filled["stage"], filled["channel"], strict=True)}
    assert " ".join(found[1, 1]) == "Thank you. What happens now, in three steps. the office · same day"
    assert found[3, 2][-1] == found[6, 5][-1] == "⚠ ask permission" and found[2, 6][-1] == "✗ no permission" and found[5, 2][-1] == "Ayşe · day 2"
    assert in_cells(cx.plot_plan(cx.contact_plan()))[1] == (6, 8) and set(in_cells(cx.plot_plan(cx.contact_plan()))[0]) == {None}


def test_the_caption_counts_the_cells_by_stage():
    ax = cx.plot_plan(some_plan())
    assert ax.get_title() == "The contact plan: 6 of 56 cells filled; permission to be settled in 3 of them"
    assert "By stage: assess 0, admit 1, affirm 2, activate 0, acclimate 0, accomplish 1, adopt 1, advocate 1." in ax.caption
    assert "⚠ (2)" in ax.caption and "✗ (1)" in ax.caption and "not legal advice" in ax.caption and "An empty cell is no mistake." in ax.caption
    assert "(e-mail, telephone, video, WhatsApp)" in ax.caption and "…" not in ax.caption
    empty = cx.plot_plan(cx.contact_plan())
    assert empty.get_title() == "The contact plan: 0 of 48 cells filled" and "⚠" not in empty.caption and "advice" not in empty.caption
    cx.use_language("tr")
    ax = cx.plot_plan(some_plan(), title="Bizim plan")
    assert ax.get_title() == "Bizim plan" and "onaylama 2" in ax.caption and "Boş hücre eksiklik değildir." in ax.caption and "hukuki görüş değildir" in ax.caption


def test_a_part_of_the_plan_is_as_wide_as_a_screen_and_says_what_is_left_out():
    plan = some_plan()
    ax = cx.plot_plan(plan, stages=["sonuca ulaşma", "affirm", "affirm", "Admit"])  # keys or names, in any order
    found, shape = in_cells(ax)
    assert shape == (7, 3) and [text for text in found[None] if text in keys("stages")] == ["admit", "affirm", "accomplish"]
    assert ax.get_title() == cx.plot_plan(plan).get_title() and "By stage: assess 0, admit 1," in ax.caption
    assert "Drawn here: admit, affirm, accomplish; filled cells of the stages left out: 2." in ax.caption and "Drawn" not in cx.plot_plan(plan).caption
    assert cx.plot_plan(plan, stages="affirm").caption.count("affirm") == 2 and in_cells(cx.plot_plan(plan, stages="affirm"))[1] == (7, 1)
    for stages in ([], ["affirm", "buy"], "left", [None], [3]):
        with pytest.raises(cx.CxError, match="cannot be drawn.*assess, admit, affirm"):
            cx.plot_plan(plan, stages=stages)


@pytest.mark.parametrize("style", ["paper", "screen", "projector"])
def test_three_stages_are_no_wider_than_any_other_figure(style):
    figures._state["style"] = style
    parts = [cx.plot_plan(some_plan(), stages=keys("stages")[:k]).figure.get_size_inches()[0] for k in (1, 3, 8)]
    assert parts[0] == figures.STYLES[style]["width"] and parts[1] < 1.2 * parts[0] and parts[2] == explore_planner.WIDTH[style == "projector"]


@pytest.mark.parametrize("style, language", [("paper", "tr"), ("screen", "en"), ("projector", "en"), ("projector", "tr")])
def test_every_text_stays_in_its_cell(style, language):
    cx.use_language(language)
    figures._state["style"] = style
    for plan, stages in ((some_plan(), None), (hostile_plan(), None), (hostile_plan(), keys("stages")[1:4])):
        ax = cx.plot_plan(plan, stages=stages)
        ax.figure.draw_without_rendering()
        renderer = ax.figure.canvas.get_renderer()
        frames = [patch.get_window_extent() for patch in ax.patches]
        for text in ax.texts:
            box = text.get_window_extent(renderer)
            holding = [frame for frame in frames if frame.x0 < box.x0 < frame.x1 and frame.y0 < box.y1 < frame.y1]
            assert not text.get_parse_math() and box.x1 < ax.figure.bbox.x1 and all(box.x1 < frame.x1 and box.y0 > frame.y0 for frame in holding), text.get_text()
        assert style != "projector" or min(text.get_fontsize() for text in ax.figure.findobj(Text) if text.get_text()) >= 14
        plt.close(ax.figure)


def test_hostile_text_in_the_figure_is_text():
    ax = cx.plot_plan(hostile_plan())
    ax.figure.draw_without_rendering()
    texts = [text.get_text() for text in ax.figure.findobj(Text)]
    assert not any(unicodedata.category(sign) in ("Cc", "Cf") for text in texts for sign in text) and "…" in " ".join(texts)
    assert re.search(r"\d+ cells hold more text than is shown", ax.caption) and len(ax.caption) < 1500 and "\n" not in ax.caption
    assert any(text.startswith("<script>") for text in texts)


# ---- the page ------------------------------------------------------------------------------------------------------------------


def in_page(plan):
    """The cells in the order of the page: channel by channel."""
    return plan.assign(place=pd.Categorical(plan["channel"], plan["channel"].unique())).sort_values("place", kind="stable")


def bare(page):
    return html.unescape(re.sub(r"<[^<>]*>", "", page))


@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_page_holds_every_text_whole_and_no_markup_of_anybody(language):
    cx.use_language(language)
    plan = hostile_plan()
    page = cx.print_plan(plan, "plan.html", title=HOSTILE[0]).read_text("utf-8")
    body = page.split("</head>")[1]
    tags = {re.match(r"</?(\w+)", tag)[1] for tag in re.findall(r"<[^<>]*>", body)}
    assert tags == {"body", "h1", "style", "table", "thead", "tbody", "tr", "th", "td", "small", "span", "footer", "html"}
    assert not re.search(r"<[^<>]*\b(on\w+|src|href)=", page) and not re.search(r"https?:|url\(|@import", page) and f'<html lang="{language}">' in page
    shown = [bare(text) for text in re.findall(r'<span class="message" dir="auto">(.*?)</span><span class="people"', body, re.S)]
    assert shown == [text.replace("\u202e", "").replace("\u202c", "") for text in in_page(plan)["message"].dropna()]
    assert [bare(text) for text in re.findall(r"<th>(.*?)</th>", body)][-1] == "<b>$x$</b>"
    assert {"en": "not legal advice", "tr": "hukuki görüş değildir"}[language] in page and not re.search(r"[$\\](?!</)", bare(body.split("<tbody>")[0]))


def test_an_empty_plan_is_a_form_with_a_free_row():
    page = cx.print_plan(cx.contact_plan(), "form.htm").read_text("utf-8")
    assert page.count("<td") == 56 and page.count("☐") == 3 * 56 and "own channel:" in page and "An empty cell is no mistake." in page
    own = cx.print_plan(cx.contact_plan("SMS"), "form.htm").read_text("utf-8")
    assert own.count("<td") == 56 and "own channel" not in own
    cx.use_language("tr")
    page = cx.print_plan(some_plan(), "plan.html").read_text("utf-8")
    assert page.count("☐") == 0 and page.count('class="mark"') == 3 and page.count("⚠ izin sorulacak") == 2 and "5 ortama alışma" in page


def test_the_page_prints_on_one_sheet_and_nothing_in_it_runs(browser, tmp_path):
    page = browser.new_page(viewport={"width": 1587, "height": 1123})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for plan, sheets in ((hostile_plan(), None), (some_plan(), 1), (cx.contact_plan("SMS"), 1), (cx.contact_plan(), 1)):
        path = cx.print_plan(plan, tmp_path / "plan.html")
        page.goto(path.as_uri())
        assert page.evaluate("window.hacked === undefined && document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate("[...document.querySelectorAll('td, th')].every(cell => cell.scrollWidth <= cell.clientWidth + 1)")
        pdf = page.pdf(prefer_css_page_size=True)
        found = [float(side) for side in re.search(rb"MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups()]
        assert found == pytest.approx([420 / 25.4 * 72, 297 / 25.4 * 72], abs=2) and (sheets is None or f"/Count {sheets}\n".encode() in pdf)
    page.close()
    assert all(url.startswith("file:") for url in asked)


# ---- the explorer --------------------------------------------------------------------------------------------------------------


def press(box, name):
    box.parts[name].click()
    return bare(box.parts["told"].value)


def choose(box, stage, channel, **values):
    box.parts["stage"].value, box.parts["channel"].value = stage, channel
    for name, value in values.items():
        box.parts[name].value = value


def cell(box, stage, channel):
    return box.plan[(box.plan["stage"] == stage) & (box.plan["channel"] == channel)].iloc[0]


def test_a_plan_is_filled_in_saved_loaded_and_printed(tmp_path):
    box = cx.explore_plan()
    assert [text for text, _ in box.parts["stage"].options][:2] == ["1 assess", "2 admit"] and box.plan.equals(cx.contact_plan())
    choose(box, "affirm", "phone", message="You chose well.", who="the seller", when="day 1", permission="yes")
    assert press(box, "put") == "Put in: affirm, telephone. 1 of 48 cells are filled."
    assert cell(box, "affirm", "phone").tolist()[2:] == ["You chose well.", "the seller", "day 1", "yes"] and "You chose well." in box.parts["table"].value
    choose(box, "admit", "email", message="Thank you.")
    assert "Saved" in press(box, "save") and str(tmp_path / "contact_plan.csv") in bare(box.parts["told"].value)  # what was typed is in it
    pd.testing.assert_frame_equal(cx.load_plan("contact_plan.csv"), box.plan)
    assert box.plan["message"].notna().sum() == 2 and "⚠ (1)" in bare(box.parts["caption"].value)
    assert "contact_plan.html" in press(box, "print") and (tmp_path / "contact_plan.html").read_text("utf-8") == cx.print_plan(box.plan, "b.html").read_text("utf-8")
    press(box, "print"), press(box, "save")  # its own files may be written over
    press(box, "clear")
    assert box.plan["message"].notna().sum() == 1 and box.parts["message"].value == ""
    assert "Loaded" in press(box, "load") and box.plan["message"].notna().sum() == 2 and box.parts["message"].value == "Thank you."
    again = cx.explore_plan(path="contact_plan.csv")
    assert again.plan.equals(box.plan) and cx.explore_plan(some_plan(), "contact_plan.csv").plan.equals(some_plan())


def test_going_to_another_cell_keeps_what_was_typed():
    box = cx.explore_plan(some_plan())
    choose(box, "affirm", "phone")
    assert [box.parts[name].value for name in ("message", "who", "when", "permission")] == ["You chose well.", "the seller", "within 24 hours", None]
    box.parts["message"].value = "New"
    choose(box, "assess", "video")
    assert cell(box, "affirm", "phone")["message"] == "New" and box.parts["message"].value == "" and "Put in" in box.parts["told"].value
    box.parts["message"].value = "x" * 1001  # cannot be put in: one stays, and loses nothing
    box.parts["stage"].value = "adopt"
    assert (box.parts["stage"].value, len(box.parts["message"].value)) == ("assess", 1001) and "1001 letters; at most 1000" in bare(box.parts["told"].value)


def test_the_own_row_in_the_explorer():
    box = cx.explore_plan()
    box.parts["own"].value = "SMS"
    press(box, "name_it")
    assert len(box.plan) == 56 and box.parts["channel"].options[-1] == ("SMS", "SMS")
    choose(box, "assess", "SMS", message="Hello")
    box.parts["own"].value = "Signal"
    press(box, "name_it")
    assert cell(box, "assess", "Signal")["message"] == "Hello"
    box.parts["own"].value = ""
    assert "holds 1 filled cells" in press(box, "name_it") and len(box.plan) == 56
    choose(box, "assess", "Signal")
    press(box, "clear")
    box.parts["own"].value = ""
    press(box, "name_it")
    assert len(box.plan) == 48 and box.parts["channel"].value == "in_person"
    box.parts["own"].value = "e-posta"
    assert "cannot be the name of a channel" in press(box, "name_it")


def test_errors_are_told_in_the_box_and_no_other_file_is_written_over(tmp_path):
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    (tmp_path / "thesis.html").write_text("<p>mine</p>")
    (tmp_path / "page.csv").mkdir()
    box = cx.explore_plan(some_plan())
    for path, name, told in (("notes.csv", "save", "is no contact plan"), ("thesis.csv", "print", "is no contact plan"), ("notes.csv", "load", "needs the columns"),
                             ("none.csv", "load", "none.csv"), ("plan.txt", "save", "must end in .csv"), ("", "save", "must end in .csv"), ("page.csv", "save", "page.csv"),
                             ("no folder/plan.csv", "save", "does not exist"), ("<b>x</b>", "load", "<b>x"), ("x" * 300 + ".csv", "save", "was not written"), ("\x00", "print", ".csv")):
        box.parts["path"].value = path
        assert told in press(box, name), (path, name)
        assert "<b>" not in box.parts["told"].value and box.plan.equals(some_plan())
    assert (tmp_path / "notes.csv").read_text() == "a,b\n1,2\n" and (tmp_path / "thesis.html").read_text() == "<p>mine</p>" and len(list(tmp_path.iterdir())) == 3


def test_the_explorer_shows_text_as_text():
    plan = hostile_plan()
    box = cx.explore_plan(plan)
    for view in ("figure", "table"):
        for name in ("table", "caption", "told"):
            page = re.sub("<style>.*?</style>", "", box.parts[name].value, flags=re.S)
            tags = {re.match(r"</?(\w+)", tag)[1] for tag in re.findall(r"<[^<>]*>", page)}
            assert tags <= {"p", "table", "thead", "tbody", "tr", "th", "td", "small", "span"} and not re.search(r"<[^<>]*\b(on\w+|src|href)=", page)
            assert not re.search(r"[$\\]", page) and not re.search("[\u202a-\u202e\u2066-\u2069]", page)
        box.parts["view"].value = view
        if view == "figure":
            assert bytes(box.parts["picture"].value).startswith(b"\x89PNG") and box.parts["table"].value == "" and plt.get_fignums() == []
            assert bare(box.parts["caption"].value) == cx.plot_plan(plan).caption and [box.parts[name].layout.display for name in ("table", "told", "caption", "picture")] == ["none", None, None, None]
    assert box.parts["picture"].layout.display == "none" and len(box.parts["table"].value) > 1000


def test_the_explorer_speaks_turkish():
    cx.use_language("tr")
    box = cx.explore_plan(some_plan())
    told = [part.description for part in box.parts.values() if hasattr(part, "description")]
    assert {"aşama", "kanal", "mesaj", "kim", "ne zaman", "izin", "plana yaz", "kaydet"} <= set(told) and not {"stage", "message", "put in", "save"} & set(told)
    assert ("hediye", "gift") in box.parts["channel"].options and ("4 etkinleştirme", "activate") in box.parts["stage"].options
    choose(box, "activate", "gift", message="Bir kart")
    assert press(box, "save").startswith("Kaydedildi") and cx.load_plan("contact_plan.csv").equals(box.plan)


def test_nothing_heavy_is_loaded_for_a_plan_alone(tmp_path):
    code = "import cxlab as cx, sys; cx.load_plan(cx.save_plan(cx.contact_plan(), 'a.csv')); print({'matplotlib', 'ipywidgets', 'statsmodels'} & set(sys.modules))"
    root = pathlib.Path(planner.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(root)})
    assert done.stdout.strip() == "set()", done.stderr
