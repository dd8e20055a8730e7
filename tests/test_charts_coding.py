"""Figures of coded answers: what is drawn is the table, the texts say n, interval and verdict, and everything can be read from the back row."""

import functools

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text
from pictures import assert_apart, words

import cxlab as cx
from cxlab import charts_coding, figures
from cxlab.charts_coding import VERDICTS

TURKISH = {"price": "İndirim ve ısrar", "speed": "Hız", "staff": "Çalışanların ilgisi", "access": "Ulaşılabilirlik"}


def waves(sizes=(240, 600), **counts):
    """People of two waves; counts : {theme: (how many name it in each wave)}."""
    frame = pd.DataFrame({"wave": np.repeat([2013, 2018], sizes)})
    for theme, each in counts.items():
        frame[theme] = np.concatenate([np.arange(n) < k for n, k in zip(sizes, each, strict=True)]).astype(int)
    return frame


def compared(margin=0.05, sizes=(240, 600), sensitivity=None, specificity=None, **counts):
    counts = counts or {"price": (12, 30), "speed": (60, 290), "staff": (48, 130), "access": (10, 70)}
    return cx.equivalence(waves(sizes, **counts), list(counts), "wave", margin, sensitivity=sensitivity, specificity=specificity)


def four_verdicts():
    """All four, found by the tests themselves."""
    return compared(0.04, (2000, 2000), price=(200, 200), speed=(200, 700), access=(20, 60), staff=(1000, 1040))


def coders():
    rng = np.random.default_rng(3)
    first = pd.Series([tuple(code for code, share in (("price", 0.3), ("speed", 0.2), ("staff", 0.1), ("access", 0.04)) if rng.random() < share)
                       for _ in range(200)])
    second = pd.Series([tuple(code for code in codes if rng.random() < 0.8) + (("staff",) if rng.random() < 0.1 else ()) for codes in first])
    return first, second


def segments(ax):
    """{height: (from, to, colour)} of the horizontal lines."""
    return {segment[0, 1]: (*segment[:, 0], to_hex(lines.get_color()[0])) for lines in ax.collections if isinstance(lines, LineCollection)
            for segment in lines.get_segments()}


def markers(ax):
    """[(x, y, marker, colour, fill)] of every marker that stands in the figure."""
    return [(x, y, line.get_marker(), line.get_color(), line.get_markerfacecolor()) for line in ax.lines if line.get_marker() not in ("None", None)
            for x, y in zip(*line.get_data(), strict=True)]


def grey(colour):
    return np.dot(to_rgb(colour), (0.299, 0.587, 0.114))


# --- two groups against a margin ---------------------------------------------------------------------------------------------


def test_dumbbells_and_intervals_are_those_of_the_table():
    table = compared()
    ax = cx.plot_equivalence(table)
    side, rows = ax.figure.axes[1], table.sort_values("share_1", ascending=False, kind="stable").reset_index(drop=True)
    assert [label.get_text() for label in ax.get_yticklabels()] == rows["value"].tolist()
    for column, marker in (("share_1", "s"), ("share_2", "o")):
        assert [(x, y) for x, y, shape, *_ in markers(ax) if shape == marker] == list(zip(rows[column], range(4), strict=True))
    assert {y: line[:2] for y, line in segments(ax).items()} == {y: (a, b) for y, (a, b) in enumerate(zip(rows["share_1"], rows["share_2"], strict=True))}
    drawn = segments(side)
    for y, row in rows.iterrows():
        shape, colour = VERDICTS[row["verdict"]]
        assert drawn[y] == (row["eq_low"], row["eq_high"], colour)
        assert (row["difference"], y, shape, colour, colour) in markers(side)
    assert len(markers(side)) == len(drawn) == 4


def test_each_verdict_has_its_marker_and_a_name_in_the_legend():
    table = four_verdicts()
    assert set(table["verdict"]) == set(VERDICTS)
    side = cx.plot_equivalence(table).figure.axes[1]
    assert [text.get_text() for text in side.get_legend().get_texts()] == ["equivalent", "different", "small difference", "undecided"]
    assert len({shape for _, _, shape, *_ in markers(side)}) == 4
    alone = cx.plot_equivalence(compared(price=(12, 30), speed=(12, 30))).figure.axes[1]
    assert [text.get_text() for text in alone.get_legend().get_texts()] == ["equivalent"]


def test_the_grey_band_is_the_margin():
    side = cx.plot_equivalence(compared(margin=0.05)).figure.axes[1]
    assert [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in side.patches] == [(-0.05, 0.1, 1)] * 4
    assert "±5" in side.get_xlabel() and side.get_xlim()[0] == -side.get_xlim()[1]


def test_the_band_of_each_category_shrinks_with_its_coder():
    by_code = {"price": 0.9, "speed": 0.6}
    table = compared(sensitivity=by_code, specificity=dict.fromkeys(by_code, 0.95), price=(12, 30), speed=(60, 150))
    ax = cx.plot_equivalence(table)
    side = ax.figure.axes[1]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["speed", "price"]
    assert [bar.get_width() / 2 for bar in side.patches] == pytest.approx([0.05 * (0.6 + 0.95 - 1), 0.05 * (0.9 + 0.95 - 1)])
    assert "less coding errors" in side.get_xlabel() and "±5 points" in ax.caption
    one = cx.plot_equivalence(compared(sensitivity=0.9, specificity=0.9)).figure.axes[1]
    assert [bar.get_width() / 2 for bar in one.patches] == pytest.approx([0.04] * 4) and "less coding errors" in one.get_xlabel()


def test_equivalence_says_n_interval_and_verdicts_in_both_languages():
    table = four_verdicts()
    name = table.set_index("verdict")["value"]
    ax = cx.plot_equivalence(table)
    assert ax.get_title() == "Shown to be alike within 4 points: 2 of 4 codes"  # equivalent, and different by less than the margin
    assert "2013 (n = 2,000) and 2018 (n = 2,000)" in ax.caption and "equivalence interval" in ax.caption and "±4 points" in ax.caption
    assert f"Equivalent (1): {name['equivalent']}." in ax.caption and f"Undecided (1): {name['undecided']}." in ax.caption and "Holm" in ax.caption
    assert f"Different (1): {name['different']}." in ax.caption and f"less than the margin (1): {name['both']}." in ax.caption
    assert ax.get_xlabel() == "share in each group\n2013: n = 2,000\n2018: n = 2,000"
    cx.use_language("tr")
    ax = cx.plot_equivalence(table, labels=TURKISH)
    assert "n = 2.000" in ax.caption and "eşdeğerlik aralığı" in ax.caption and f"Belirsiz (1): {TURKISH[name['undecided']]}." in ax.caption
    assert {"İndirim ve ısrar", "Çalışanların ilgisi", "Hız", "%40"} <= set(words(ax)) and "n = 2.000" in ax.get_xlabel()


def test_answers_missing_for_some_themes_are_told_as_a_range():
    frame = waves(price=(12, 30), speed=(60, 150)).astype({"speed": "Int8"})
    frame.loc[:9, "speed"] = pd.NA
    ax = cx.plot_equivalence(cx.equivalence(frame, ["price", "speed"], "wave", 0.05))
    assert "2013 (n = 230–240) and 2018 (n = 600)" in ax.caption and "2013: n = 230–240\n2018: n = 600" in ax.get_xlabel()


def test_hidden_rows_are_counted_not_drawn_and_small_ones_are_hollow():
    frame = waves((40, 600), price=(4, 30), speed=(4, 60), staff=(4, 60)).astype({"speed": "Int8", "staff": "Int8"})
    frame.loc[:34, "speed"], frame.loc[:19, "staff"] = pd.NA, pd.NA
    table = cx.equivalence(frame, ["price", "speed", "staff"], "wave", 0.05)
    assert table["note"].tolist() == ["", "hidden", "small"]
    ax = cx.plot_equivalence(table)
    assert sorted(label.get_text() for label in ax.get_yticklabels()) == ["price", "staff"] and "speed" not in ax.caption
    assert "fewer than 10 answers: 1." in ax.caption and "fewer than 30" in ax.caption
    assert sorted(fill == "white" for *_, fill in markers(ax.figure.axes[1])) == [False, True]
    ax = cx.plot_equivalence(table[table["note"] == "hidden"])
    assert ax.get_title() == "Too few answers to show" and "1." in ax.caption and not ax.collections
    assert cx.plot_equivalence(table.head(0)).caption == "Nothing is drawn."


def test_no_share_at_all_is_drawn():
    ax = cx.plot_equivalence(compared(price=(0, 0)))
    assert [(x, y) for x, y, *_ in markers(ax)] == [(0, 0), (0, 0)] and ax.get_xlim()[1] > 0


def test_a_table_without_its_groups_is_explained():
    table = compared()
    table.attrs = {}
    with pytest.raises(cx.CxError, match="cx.equivalence"):
        cx.plot_equivalence(table)
    with pytest.raises(cx.CxError, match="plot_equivalence needs .* eq_low"):
        cx.plot_equivalence(table.drop(columns="eq_low"))


# --- two coders --------------------------------------------------------------------------------------------------------------


def test_kappa_and_its_interval_are_those_of_the_table():
    table = cx.agreement(*coders())
    ax = cx.plot_agreement(table)
    rows = table[table["kappa"].notna()].sort_values("kappa", ascending=False).reset_index(drop=True)
    assert [label.get_text() for label in ax.get_yticklabels()] == rows["code"].tolist()
    assert sorted((y, x) for x, y, *_ in markers(ax)) == list(enumerate(rows["kappa"]))
    assert {y: line[:2] for y, line in segments(ax).items()} == {y: (row["ci_low"], row["ci_high"]) for y, row in rows.iterrows()}
    counted = {height: [] for height in range(len(rows))}
    for text in ax.texts:
        if text.xy[0] == 1 and text.xy[1] in counted and text.get_va() == "center":
            counted[text.xy[1]].append(int(text.get_text()))
    assert list(counted.values()) == rows[["n_first", "n_second", "n_both"]].to_numpy().tolist()
    assert {line.get_xdata()[0] for line in ax.lines if line.get_marker() == "None"} == {0, 0.667, 0.8}


def test_seldom_used_codes_are_hollow_and_those_without_kappa_are_named():
    first = pd.Series([("price",)] * 30 + [("speed",)] * 8 + [("staff",)] * 2 + [()] * 60)
    table = cx.agreement(first, first.shift(-3).map(lambda codes: codes if isinstance(codes, tuple) else ()))
    ax = cx.plot_agreement(table)
    hollow = {int(y): fill == "white" for _, y, *_, fill in markers(ax)}
    assert [hollow[y] for y, label in enumerate(ax.get_yticklabels()) if label.get_text() in ("price", "speed")].count(True) == 1
    assert "neither coder used it 10 times" in ax.caption and "Without a kappa: staff." in ax.caption and "staff" not in words(ax)
    assert "No line" not in ax.caption
    same = cx.plot_agreement(cx.agreement(first, first))
    assert "No line" in same.caption and segments(same)[0][:2] == (1, 1)


def test_agreement_says_n_interval_and_bounds_in_both_languages():
    table = cx.agreement(*coders())
    low = table.loc[table["kappa"].idxmin()]
    ax = cx.plot_agreement(table)
    assert ax.get_title() == f'The coders agree least on "{low["code"]}" (kappa {low["kappa"]:.2f})'
    assert "of 200 answers" in ax.caption and "95 % interval" in ax.caption and "0.667 (tentative) and 0.80 (reliable)" in ax.caption
    assert "95 % interval" in ax.get_xlabel() and {"1st", "2nd", "both", "0.667", "0.80", "chance"} <= set(words(ax))
    table.attrs["level"] = 0.9
    assert "90 % interval" in cx.plot_agreement(table).caption
    cx.use_language("tr")
    ax = cx.plot_agreement(table, labels=TURKISH)
    assert {"İndirim ve ısrar", "0,667", "0,80", "0,2", "ikisi"} <= set(words(ax)) and f"{low['kappa']:.2f}".replace(".", ",") in ax.get_title()
    assert "200 yanıtı" in ax.caption and "%90 aralığı" in ax.get_xlabel()


def test_nothing_to_agree_on_is_said():
    first = pd.Series([("price",), (), ()])
    ax = cx.plot_agreement(cx.agreement(first, first))
    assert ax.get_title() == ax.caption == "No code was used often enough for a kappa" and "10" not in " ".join(words(ax))
    assert cx.plot_agreement(cx.agreement(first.head(0), first.head(0))).caption == ax.caption


# --- codes named together ----------------------------------------------------------------------------------------------------


def squares(ax):
    """{(row, column): number written there}."""
    return {(text.get_position()[1], text.get_position()[0]): int(text.get_text()) for text in ax.texts}


def test_the_triangle_holds_the_pairs_of_the_table():
    codes = coders()[0]
    table = cx.co_occurrence(codes)
    ax = cx.plot_co_occurrence(table)
    order = [label.get_text() for label in ax.get_xticklabels()] + [ax.get_yticklabels()[-1].get_text().split(" (")[0]]
    sizes = {code: sum(code in given for given in codes) for code in order}
    assert list(sizes.values()) == sorted(sizes.values(), reverse=True)
    assert [label.get_text() for label in ax.get_yticklabels()] == [f"{code} ({n})" for code, n in sizes.items()]
    wanted = {(row, column): sum(order[row] in given and order[column] in given for given in codes) for row in range(4) for column in range(row)}
    assert squares(ax) == wanted
    shades = ax.images[0].get_array()
    assert all(shades[at] == n if n else np.ma.is_masked(shades[at]) or np.isnan(shades[at]) for at, n in wanted.items())
    assert ax.images[0].get_clim() == (0, 2 * max(wanted.values()))


def test_numbers_can_be_read_on_the_darkest_square():
    codes = pd.Series([("a", "b")] * 9 + [("a", "c")])
    image = cx.plot_co_occurrence(cx.co_occurrence(codes)).images[0]

    def luminance(colour):
        channels = np.array(to_rgb(colour))
        return np.dot(np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4), (0.2126, 0.7152, 0.0722))

    darkest = luminance(image.cmap(image.norm(9))[:3])
    assert (darkest + 0.05) / (luminance(figures.INK) + 0.05) > 4.5  # WCAG 2.1, AA


def test_pairs_say_n_in_both_languages_and_count_what_is_left_out():
    codes = pd.Series([("price", "speed")] * 5 + [("price", "staff")] * 2 + [("access",), None])
    table = cx.co_occurrence(codes)
    ax = cx.plot_co_occurrence(table, top=3)
    assert ax.get_title() == "Most often named together: price and speed (5 of 8)" and "n = 8" in ax.caption
    assert len(ax.get_yticklabels()) == 3 and "not drawn, but are in the table: 1." in ax.caption
    assert "not drawn" not in cx.plot_co_occurrence(table).caption
    cx.use_language("tr")
    ax = cx.plot_co_occurrence(table, labels=TURKISH)
    assert "İndirim ve ısrar ile Hız (n = 8 içinde 5)" in ax.get_title() and "İndirim ve ısrar (7)" in words(ax)


def test_no_pair_is_said():
    for codes in (pd.Series([("price",)] * 3), pd.Series([None, ()], dtype=object)):
        ax = cx.plot_co_occurrence(cx.co_occurrence(codes))
        assert ax.get_title() == "There are no two codes to be named together"
    assert squares(cx.plot_co_occurrence(cx.co_occurrence(pd.Series([("price",), ("speed",)])))) == {(1, 0): 0}


# --- all three ---------------------------------------------------------------------------------------------------------------


def drawn(labels=None, **arguments):
    first, second = coders()
    return [cx.plot_equivalence(compared(), labels=labels, **arguments), cx.plot_agreement(cx.agreement(first, second), labels=labels, **arguments),
            cx.plot_co_occurrence(cx.co_occurrence(first), labels=labels, **arguments)]


def test_simulated_data_say_so_in_the_corner():
    assert all("SIMULATED" not in words(ax) for ax in drawn())
    assert all("SIMULATED" in words(ax) for ax in drawn(simulated=True))
    tables = [compared(), cx.agreement(*coders()), cx.co_occurrence(coders()[0])]
    for table, plot in zip(tables, (cx.plot_equivalence, cx.plot_agreement, cx.plot_co_occurrence), strict=True):
        table.attrs["simulated"] = True
        assert "SIMULATED" in words(plot(table))
        nothing = table.head(0)
        assert "SIMULATED" in words(plot(nothing))
    cx.use_language("tr")
    assert all("UYDURMA VERİ" in words(ax) for ax in drawn(simulated=True))


def test_a_title_of_ones_own():
    assert all(ax.get_title() == "Mine: 5 $ and $6" for ax in drawn(title="Mine: 5 $ and $6"))


def test_no_text_is_taken_for_mathematics():
    for ax in drawn(labels={"price": "$a_$", "speed": "$\\frac{}{}$", "staff": "\\(x\\)"}):
        assert not any(text.get_parse_math() for text in ax.figure.findobj(Text))
        assert any("$a_$" in word for word in words(ax))


def test_colours_differ_in_grey_and_shapes_besides():
    greys = [grey(colour) for _, colour in VERDICTS.values()]
    assert min(abs(a - b) for i, a in enumerate(greys) for b in greys[:i]) > 0.12 and len({shape for shape, _ in VERDICTS.values()}) == 4
    (square, light), (circle, dark) = charts_coding.GROUPS
    assert square != circle and grey(light) - grey(dark) > 0.5


def test_no_global_style_is_set_by_a_figure():
    before = dict(plt.rcParams)
    drawn()
    assert dict(plt.rcParams) == before


LONG = "Verilen sözün tutulması, randevu saatine ve teslim gününe uyulması"


@functools.cache
def many():
    """25 codes with long names, in each of the three figures; all four verdicts in the first."""
    rng, names = np.random.default_rng(1), {f"c{k:02}": f"{LONG} {k}" if k % 3 else f"İç {k}" for k in range(25)}
    codes = pd.Series([tuple(code for k, code in enumerate(names) if rng.random() < 0.02 * (k + 1)) for _ in range(8000)])
    other = codes.map(lambda given: tuple(code for code in given if rng.random() < 0.8))
    wave = np.repeat(["Bahar dönemi, yüz yüze görüşme", "Güz dönemi"], 4000)
    equal = cx.equivalence(pd.DataFrame({"codes": codes, "wave": wave}), "codes", "wave", 0.02)
    equal["verdict"] = [list(VERDICTS)[k % 4] for k in range(25)]
    return names, equal, cx.agreement(codes.head(200), other.head(200)), cx.co_occurrence(codes)


@pytest.mark.parametrize("language, style", [("en", "paper"), ("tr", "screen"), ("en", "projector"), ("tr", "projector")])
def test_no_text_leaves_the_picture_or_meets_another(language, style):
    cx.use_style(style)
    cx.use_language(language)
    names, equal, agreed, pairs = many()
    for ax in (cx.plot_equivalence(equal, labels=names, simulated=True), cx.plot_equivalence(four_verdicts()), cx.plot_agreement(agreed, labels=names, simulated=True),
               cx.plot_co_occurrence(pairs, labels=names), cx.plot_agreement(cx.agreement(*coders()), labels=TURKISH)):
        figure = ax.figure
        figure.draw_without_rendering()
        unseen = {label for axes in figure.axes for label in axes.get_xticklabels() if not axes.get_xlim()[0] <= label.get_position()[0] <= axes.get_xlim()[1]}
        texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip() and text not in unseen]
        assert min(text.get_fontsize() for text in texts) >= {"paper": 8, "screen": 10, "projector": 14}[style]
        beyond = {ax.get_title(): 10}  # wrapped by `finish` to the width of the figure, which forgets the title's indent
        assert_apart(figure, [text for text in texts if not text.get_rotation()], beyond)
        slanted = [text.get_window_extent() for text in texts if text.get_rotation()]
        assert all(box.x0 >= -2 and box.y0 >= -2 for box in slanted)
        plt.close(figure)
