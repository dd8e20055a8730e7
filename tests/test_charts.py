"""Figures: what is on them and in their captions, against tables whose numbers are plain to see; nothing of strangers comes alive."""

import io
import json
import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.text import Text
from pictures import assert_apart, words
from PIL import Image

import cxlab as cx
from cxlab import charts, figures

EVIL = ["<img src=x onerror=alert(1)>", "$\\frac{}{}$ and $x_{", "[click](javascript:alert(1))", "`rm` *b* _i_ #h", "😀 日本 é\u202e\x07", "\\(x\\) \\begin{a}"]


@pytest.fixture(autouse=True)
def settings_as_before():
    before = dict(plt.rcParams)
    yield
    with matplotlib.rc_context():
        plt.rcParams.update({key: value for key, value in before.items() if not key.startswith("backend")})


def shares(values, shares, n=240, note="", **columns):
    half = 0.05
    return pd.DataFrame({**columns, "value": values, "n": n, "count": [round(n * s) for s in shares], "share": shares,
                         "ci_low": [max(0, s - half) for s in shares], "ci_high": [min(1, s + half) for s in shares], "note": note})


def score(n=240, promoters=120, passives=60, detractors=60, note="", **columns):
    nps = 100 * (promoters - detractors) / n
    return pd.DataFrame({**columns, "n": [n], "promoters": [promoters], "passives": [passives], "detractors": [detractors], "nps": [nps], "se": [5.0],
                         "ci_low": [nps - 10], "ci_high": [nps + 10], "note": [note]})


def test_shares_are_ranked_and_told():
    ax = cx.plot_shares(shares(["speed", "price", "staff"], [0.20, 0.45, 0.10]))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["price", "speed", "staff"]
    assert ax.get_title() == "Most named: price (45 %)"
    assert "price 45 % (interval 40–50); speed 20 % (interval 15–25); staff 10 % (interval 5–15)" in ax.caption
    assert "Of 240 who answered" in ax.caption and "240" in ax.get_xlabel() and "95 % interval" in ax.get_xlabel()
    assert "noise if these were a random draw; it says nothing of those who did not answer" in ax.caption
    assert "overlap" not in ax.caption


def test_what_is_drawn_is_what_is_in_the_table():
    table = shares(["b", "a"], [0.2, 0.6])
    ax = cx.plot_shares(table)
    lines = [collection for collection in ax.collections if collection.get_linewidth()[0] == 2]
    drawn = {tuple(round(float(x), 6) for x in segment[:, 0]) for lines_ in lines for segment in lines_.get_segments()}
    assert drawn == {(0.15, 0.25), (0.55, 0.65)}


def test_caption_says_when_the_order_is_open():
    assert "order is not settled" in cx.plot_shares(shares(["a", "b"], [0.40, 0.38])).caption
    assert cx.plot_shares(shares(["a", "b"], [0.4, 0.4])).get_title() == "Most named, equally: a, b (40 % each)"


def test_a_random_draw_is_told_without_the_sentence():
    ax = cx.plot_shares(shares(["a", "b"], [0.5, 0.2]), self_selected=False)
    assert "random draw" not in ax.caption and "Line: 95 % interval." in ax.caption
    table = shares(["a", "b"], [0.5, 0.2])
    table.attrs["self_selected"] = False
    assert "random draw" not in cx.plot_shares(table).caption


def test_hidden_rows_are_counted_not_drawn_and_small_ones_are_hollow():
    table = pd.concat([shares(["yes"], [0.5], group="A"), shares(["yes"], [0.4], n=5, note="hidden", group="B"),
                       shares(["yes"], [0.3], n=20, note="small", group="C")], ignore_index=True)
    ax = cx.plot_shares(table)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["A", "C"]
    assert "fewer than 10 answers: 1." in ax.caption and "Hollow marker" in ax.caption
    faces = [line.get_markerfacecolor() for line in ax.lines]
    assert "white" in faces and any(face != "white" for face in faces)


def test_nothing_but_hidden_rows():
    ax = cx.plot_shares(shares(["yes", "no"], [0.5, 0.5], n=4, note="hidden"))
    assert ax.get_title() == "Too few answers to show" and "2." in ax.caption and not ax.collections
    ax = cx.plot_nps(score(n=4, promoters=2, passives=1, detractors=1, note="hidden"))
    assert ax.get_title() == "Too few answers to show"


def test_hidden_rows_without_numbers():
    table = shares(["yes", "no"], [0.5, 0.5], n=4, note="hidden")
    table[["share", "ci_low", "ci_high"]] = np.nan
    assert "2." in cx.plot_shares(table).caption


@pytest.mark.parametrize("groups", [2, 3, 4, 7])
def test_groups_each_have_their_name_and_n(groups):
    table = pd.concat([shares(["price", "speed"], [0.4, 0.2 + k / 50], n=100 + k, group=f"G{k}") for k in range(groups)], ignore_index=True)
    ax = cx.plot_shares(table)
    shown = words(ax)
    assert all(f"G{k} (n = {100 + k})" in shown for k in range(groups))
    assert ax.get_title() == "Most named in every group: price"


def test_groups_differ_by_marker_and_in_grey():
    greys = [np.dot(matplotlib.colors.to_rgb(colour), [0.299, 0.587, 0.114]) for colour, _ in charts.GROUPS]
    assert len({marker for _, marker in charts.GROUPS}) == 4
    assert min(abs(a - b) for i, a in enumerate(greys) for b in greys[:i]) > 0.12
    greys = [np.dot(matplotlib.colors.to_rgb(colour), [0.299, 0.587, 0.114]) for colour in charts.NPS_COLOURS.values()]
    assert min(abs(a - b) for i, a in enumerate(greys) for b in greys[:i]) > 0.2


def test_twenty_rows_and_the_rest_is_counted():
    ax = cx.plot_shares(shares([f"v{k}" for k in range(26)], np.linspace(0.6, 0.1, 26)))
    assert len(ax.get_yticklabels()) == 20 and "not drawn, but are in the table: 6." in ax.caption


def test_values_that_look_the_same_stay_apart():
    ax = cx.plot_shares(shares(["日本", "中国"], [0.4, 0.2]))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["□", "□ (2)"]


def test_a_tiny_share_never_reads_zero():
    assert "0.2 %" in words(cx.plot_shares(shares(["a", "b"], [0.5, 0.002])))


def test_nps_figure():
    ax = cx.plot_nps(score())
    assert ax.get_title() == "NPS 25 (95 % interval 15 to 35)"
    assert "Of 240 answers on 0–10, 50 % are promoters (9–10), 25 % passives (7–8), 25 % detractors (0–6): NPS 25, interval 15 to 35." in ax.caption
    widths = [patch.get_width() for patch in ax.patches]
    assert widths == [0.25, 0.25, 0.5]
    assert {"25 (15 … 35)", "n = 240", "50 %"} <= set(words(ax))
    cx.use_language("tr")
    ax = cx.plot_nps(score())
    assert {"tavsiye eden", "kararsız", "kötüleyen"} <= set(words(ax)) and "%50" in words(ax)


def test_nps_labels_that_do_not_fit_are_left_to_the_caption():
    ax = cx.plot_nps(score(promoters=236, passives=2, detractors=2))
    shown = words(ax)
    assert "98 %" in shown and "1 %" not in shown and "1 % passives" in ax.caption
    for text in ax.texts:
        if text.get_visible():
            box, axes = text.get_window_extent(), ax.get_window_extent()
            assert axes.x0 <= box.x0 and box.x1 <= axes.x1


def test_nps_by_group():
    ax = cx.plot_nps(pd.concat([score(group="A"), score(promoters=60, detractors=120, group="B")], ignore_index=True))
    assert ax.get_title() == "NPS from −25 (B) to 25 (A)"
    assert ax.caption.startswith("A: Of 240 answers")


def test_distribution_shows_points_nobody_chose():
    answers = pd.Series([0] * 3 + [7] * 6 + [9] * 5 + [10] * 6, name="likelihood")
    ax = cx.plot_distribution(answers)
    assert [patch.get_height() for patch in ax.patches] == [3, 0, 0, 0, 0, 0, 0, 6, 0, 5, 6]
    assert "Nobody chose 1, 2, 3, 4, 5, 6, 8." in ax.caption
    assert "median 9" in ax.caption and f"mean {answers.mean():.1f}" in ax.caption and "n = 20" in ax.get_xlabel()


def test_distribution_mean_and_interval_against_scipy():
    from scipy import stats

    answers = np.random.default_rng(1).integers(0, 11, 57)
    mean, low, high, median = charts._middle(pd.Series(answers).value_counts().reindex(range(11), fill_value=0))
    expected = stats.t.interval(0.95, 56, answers.mean(), stats.sem(answers))
    assert np.allclose([mean, low, high, median], [answers.mean(), *expected, np.median(answers)], atol=1e-12)


def test_distribution_from_frame_series_and_counts_is_the_same():
    answers = pd.DataFrame({"likelihood": [1, 1, 2, 5, 5, 5, 9, 10, 10, 10, None]})
    counts = pd.DataFrame({"value": [1.0, 2.0, 5.0, 9.0, 10.0], "count": [2, 1, 3, 1, 3]})
    heights = [[patch.get_height() for patch in cx.plot_distribution(*given).patches] for given in
               [(answers, "likelihood"), (answers["likelihood"],), (counts,)]]
    assert heights[0] == heights[1] == heights[2] and "Left empty: 1." in cx.plot_distribution(answers, "likelihood").caption


def test_zones_only_when_asked():
    answers = pd.Series([1] * 10 + [8] * 10 + [10] * 20)
    assert not any("promoters" in word for word in words(cx.plot_distribution(answers)))
    assert {"detractors\n25 %", "passives\n25 %", "promoters\n50 %"} <= set(words(cx.plot_distribution(answers, zones=True)))


@pytest.mark.parametrize("frame, row", [(pd.DataFrame({"x": [1, 11, 5]}), 3), (pd.DataFrame({"x": [1, 11]}, index=pd.Index([7, 9], name="row")), 9)])
def test_off_the_scale_is_refused_with_its_row(frame, row):
    with pytest.raises(cx.CxError, match=rf"'x'.*0 to 10.*11 \({row}\)"):
        cx.plot_distribution(frame, "x")


def test_too_few_for_a_distribution():
    assert "Only 9 answers" in cx.plot_distribution(pd.Series([5] * 9)).caption


def test_simulated_data_say_so_in_the_corner():
    table = shares(["a", "b"], [0.5, 0.2])
    assert "SIMULATED" not in words(cx.plot_shares(table))
    assert "SIMULATED" in words(cx.plot_shares(table, simulated=True))
    table.attrs["simulated"] = True
    cx.use_language("tr")
    assert "UYDURMA VERİ" in words(cx.plot_shares(table))
    assert "UYDURMA VERİ" in words(cx.plot_nps(score(), simulated=True))
    assert "UYDURMA VERİ" in words(cx.plot_distribution(pd.Series([5] * 20), simulated=True))


def test_a_wrong_table_is_explained():
    with pytest.raises(cx.CxError, match="plot_nps needs .* promoters"):
        cx.plot_nps(shares(["a"], [0.5]))
    with pytest.raises(cx.CxError, match="plot_shares needs .* value"):
        cx.plot_shares(score())


def test_no_global_style_is_set_by_a_figure():
    before = dict(plt.rcParams)
    cx.plot_shares(shares(["a", "b"], [0.5, 0.2]))
    assert dict(plt.rcParams) == before


def test_styles():
    for name, least in (("paper", 8), ("screen", 10), ("projector", 14)):
        cx.use_style(name)
        table = pd.concat([shares(["Fiyatın açık ve anlaşılır olması, sonradan ek ücret çıkmaması", "b"], [0.5, 0.2], group=g) for g in "ABCDE"])
        for ax in (cx.plot_shares(table), cx.plot_nps(score(), simulated=True), cx.plot_distribution(pd.Series([5] * 20), zones=True)):
            assert min(text.get_fontsize() for text in ax.figure.findobj(Text) if text.get_text()) >= least
    with pytest.raises(cx.CxError, match="paper, screen, projector"):
        cx.use_style("huge")


@pytest.mark.parametrize("style", ["paper", "screen", "projector"])
@pytest.mark.parametrize("language", ["en", "tr"])
def test_no_text_leaves_the_picture_or_meets_another(style, language):
    cx.use_style(style)
    cx.use_language(language)
    long = ["Fiyatın açık ve anlaşılır olması, sonradan ek ücret çıkmaması", "Şikâyetime aynı gün içinde yanıt verilmesi", "W" * 90, "Hız"]
    many = pd.concat([shares(long, [0.5, 0.3, 0.2, 0.02], group=f"Bölge {k}") for k in range(3)], ignore_index=True)
    panels = pd.concat([shares(long, [0.5, 0.3, 0.2, 0.02], group=f"Bölge {k}") for k in range(6)], ignore_index=True)
    scores = pd.concat([score(group=f"Bölge müdürlüğü {k} İç Anadolu") for k in range(8)], ignore_index=True)
    for ax in (cx.plot_shares(shares(long, [0.5, 0.3, 0.2, 0.02]), simulated=True), cx.plot_shares(many), cx.plot_shares(panels), cx.plot_nps(scores),
               cx.plot_nps(score(), simulated=True), cx.plot_distribution(pd.Series([5, 9] * 20, name=long[0]), zones=True)):
        figure = ax.figure
        figure.draw_without_rendering()
        unseen = {label for axes in figure.axes for label in axes.get_xticklabels() if not axes.get_xlim()[0] <= label.get_position()[0] <= axes.get_xlim()[1]}
        texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip() and text not in unseen]
        assert_apart(figure, texts)
        plt.close(figure)


def test_strangers_text_is_drawn_as_it_stands():
    for ax in (cx.plot_shares(shares(EVIL, np.linspace(0.6, 0.1, len(EVIL)))), cx.plot_nps(pd.concat([score(group=e) for e in EVIL], ignore_index=True)),
               cx.plot_distribution(pd.Series([5] * 20, name=EVIL[1])), cx.plot_shares(shares(["a", "b"], [0.4, 0.1]), title=EVIL[1])):
        assert not any(text.get_parse_math() for text in ax.figure.findobj(Text))
        ax.figure.savefig("/dev/null" if sys.platform != "win32" else "NUL", format="png")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=5, unique=True))
def test_any_text_can_be_drawn(values):
    ax = cx.plot_shares(shares(values, np.linspace(0.5, 0.1, len(values))))
    ax.figure.draw_without_rendering()
    assert len(ax.get_yticklabels()) == len(values)
    plt.close(ax.figure)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_escaped_text_holds_no_markup_and_comes_back_whole(text):
    import html
    import re

    escaped = cx.charts.escape(text)
    bare = re.sub(r"</?span>", "", escaped)
    assert not re.search(r"[<>\"'`*_{}\[\]$\\!|~@]", bare)
    assert html.unescape(bare) == html.unescape(bare.replace("&#36;", "$")) and html.unescape(bare).replace("\r", "") == text.replace("\r", "")


def test_save_writes_both_files_with_caption_inside(tmp_path):
    ax = cx.plot_shares(shares(EVIL[:3], [0.5, 0.3, 0.1]))
    png, svg = cx.save(ax, tmp_path / "şekil 1.png")
    assert (png.name, svg.name) == ("şekil 1.png", "şekil 1.svg")
    assert Image.open(png).text["Description"] == ax.caption
    root = ET.parse(svg).getroot()
    space = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{space}title").text == ax.get_title() and root.find(f"{space}desc").text == ax.caption
    assert cx.save(ax, tmp_path / "v1.2")[0].name == "v1.2.png"


def test_saved_picture_of_the_same_table_is_the_same(tmp_path):
    paths = [cx.save(cx.plot_shares(shares(["a", "b"], [0.5, 0.2])), tmp_path / name)[1] for name in ("one", "two")]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_show_in_a_script_prints_the_caption_and_closes(capsys):
    ax = cx.plot_shares(shares(["a", "b"], [0.5, 0.2]))
    cx.show(ax)
    assert capsys.readouterr().out.strip() == ax.caption and not plt.get_fignums()
    cx.show(cx.plot_shares(shares(["a", "b"], [0.5, 0.2])), caption="my own\nwords")
    assert capsys.readouterr().out == "my own words\n"


def test_show_in_a_notebook_gives_picture_and_escaped_caption(monkeypatch):
    import base64
    import io

    import IPython
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: object())
    monkeypatch.setattr(IPython.display, "display", lambda data, raw, metadata: shown.append((data, metadata)))
    ax = cx.plot_shares(shares(EVIL[:3], [0.5, 0.3, 0.1]))
    cx.show(ax)
    (picture, told), (text, _) = shown
    image = Image.open(io.BytesIO(picture["image/png"]))
    assert abs(image.width / image.height - told["image/png"]["width"] / told["image/png"]["height"]) < 0.02
    assert told["image/png"]["alt"] == ax.caption and text["text/plain"] == ax.caption
    assert "<img" not in text["text/markdown"] and "](" not in text["text/markdown"] and "$" not in text["text/markdown"]
    assert len(base64.b64encode(picture["image/png"])) < 40_000 and not plt.get_fignums()
    json.dumps(told)


def test_importing_sets_no_style():
    code = "import matplotlib; a = dict(matplotlib.rcParams); import cxlab.charts; assert dict(matplotlib.rcParams) == a"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_shares_keep_the_order_of_the_table_on_request():
    table = cx.shares_at_sizes(0.45, [20, 320, 80])
    drawn = {ranked: cx.plot_shares(table, ranked=ranked) for ranked in (True, False)}
    assert drawn[False].caption.index("320 answers") < drawn[False].caption.index("80 answers")
    assert [label.get_text() for label in drawn[False].get_yticklabels()] == ["20 answers", "320 answers", "80 answers"]
    other = cx.shares_at_sizes(0.45, [20, 320, 80]).assign(share=[0.1, 0.2, 0.3])
    assert [label.get_text() for label in cx.plot_shares(other).get_yticklabels()] == ["80 answers", "320 answers", "20 answers"]
    plt.close("all")


@pytest.mark.parametrize("level, said", [(0.9, "90 %"), (0.95, "95 %")])
def test_a_table_tells_its_figure_the_level_and_that_it_is_simulated(level, said):
    answers = pd.DataFrame({"a": ["yes"] * 30 + ["no"] * 20, "likelihood": [9] * 30 + [3] * 20, "tags": [("x",)] * 50, "wave": [1, 2] * 25})
    for simulated in (False, True):
        answers.attrs["simulated"] = simulated
        drawn = [cx.plot_shares(cx.share(answers, "a", level=level)), cx.plot_shares(cx.multiple_response(answers, "tags", level=level)),
                   cx.plot_nps(cx.nps(answers, "likelihood", level=level)), cx.plot_equivalence(cx.equivalence(answers, "tags", "wave", 0.1, level=level))]
        for ax in drawn:
            assert ("SIMULATED" in [text.get_text() for text in ax.figure.texts]) == simulated
        assert all(said in f"{ax.caption} {ax.get_xlabel()} {ax.figure.axes[-1].get_xlabel()}" for ax in drawn[:3])
        plt.close("all")


def test_n_stands_on_the_figure_also_where_it_differs_from_row_to_row():
    answers = pd.DataFrame({"a": ["yes", "no"] * 40, "wave": [1] * 30 + [2] * 50})
    ax = cx.plot_shares(cx.share(answers, "a", "yes", by="wave"))
    assert "(n = 30 to 50)" in ax.get_xlabel()
    cx.use_language("tr")
    assert "(n = 30 ile 50 arası)" in cx.plot_shares(cx.share(answers, "a", "yes", by="wave")).get_xlabel()
    cx.use_language("en")
    assert "the 80 who answered" in cx.plot_shares(cx.share(answers, "a")).get_xlabel()
    assert "(n = 30)" in " ".join(text.get_text() for text in cx.plot_shares(cx.share(answers, "a", by="wave")).get_legend().get_texts())
    plt.close("all")


def test_a_shown_picture_keeps_pale_greys_and_shading():
    """A band in pale grey and a grey scale come out of the picture that a lesson keeps as they went in."""
    fig, ax = plt.subplots(figsize=(6, 3), dpi=120)
    ax.set_position([0, 0, 1, 1])
    ax.set_axis_off()
    ax.imshow(np.r_[[np.full(20, 0.94)], [np.linspace(0.5, 1, 20)]], cmap="gray", vmin=0, vmax=1, aspect="auto")
    ax.text(2, 0, "advocate", color="#0072b2")
    with Image.open(io.BytesIO(figures._png(fig)[0])) as picture:
        shown = np.asarray(picture.convert("L"), dtype=float) / 255
    height, width = shown.shape
    assert abs(shown[height // 8, width * 3 // 4] - 0.94) < 0.015
    found = shown[height * 3 // 4, ((np.arange(20) + 0.5) * width / 20).astype(int)]
    assert np.abs(found - np.linspace(0.5, 1, 20)).max() < 0.02
