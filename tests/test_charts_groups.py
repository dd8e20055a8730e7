"""The figure of Simpson's trap: points, means and lines are those of least squares on the answers; slopes, n and the verdict are told."""

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from pictures import assert_apart, words

import cxlab as cx
from cxlab import charts_groups

LABELS = {"own": "own happiness (0–10)", "customers": "happiness of the customers (0–10)", "shop": "store"}


def answers(shops=6, seed=3):
    """One row an answer: within a shop upward, from shop to shop downward."""
    rng = np.random.default_rng(seed)
    people = pd.DataFrame({"shop": np.repeat(np.arange(shops), 4), "own": np.tile([0.0, 1, 2, 3], shops), "n": np.tile([40, 30, 12, 9], shops)})
    people["own"] += people["shop"]
    rows = people.loc[people.index.repeat(people["n"])].rename_axis("unit").reset_index()
    rows["customers"] = 6 - 1.2 * rows["shop"] + 0.5 * rows["own"] + rng.normal(0, 1, len(rows))
    return rows


def units(rows):
    return rows.groupby("unit").agg(shop=("shop", "first"), own=("own", "first"), customers=("customers", "mean"), n=("customers", "size"))


def slope_table(**changes):
    """Slopes of least squares on the answers, with limits made up for the test."""
    rows = answers()
    means = rows.groupby("shop")[["own", "customers"]].mean()
    within = rows[["own", "customers"]] - means.loc[rows["shop"]].to_numpy()
    estimates = {line: np.polyfit(of["own"], of["customers"], 1)[0] for line, of in (("raw", rows), ("within", within), ("between", means))} | changes
    n = {"raw": len(rows), "within": rows["unit"].nunique(), "between": len(means)}
    return pd.DataFrame([{"line": line, "estimate": b, "ci_low": b - 0.1, "ci_high": b + 0.1, "n": n[line]} for line, b in estimates.items()])


def draw(table=None, slopes=None, **arguments):
    return cx.plot_within(units(answers()) if table is None else table, "own", "customers", "shop", slope_table() if slopes is None else slopes, **arguments)


def lines(ax, line):
    """The lines of a kind that stand in the figure, each as [(x, y), (x, y)]."""
    colour = charts_groups.LINES[line]["color"]
    return [np.column_stack(each.get_data()) for each in ax.lines
            if each.get_linestyle() != "None" and to_rgb(each.get_color()) == to_rgb(colour) and len(each.get_xdata())]


def markers(ax, marker):
    """{fill: sorted points} of the markers that stand in the figure."""
    found = {}
    for each in ax.lines:
        if each.get_marker() == marker and each.get_linestyle() == "None" and len(each.get_xdata()):
            found[to_rgb(each.get_markerfacecolor())] = sorted(zip(*each.get_data(), strict=True))
    return found


def test_lines_are_those_of_least_squares_on_the_answers():
    rows, ax = answers(), draw()
    means = rows.groupby("shop")[["own", "customers"]].mean()
    slopes = slope_table().set_index("line")["estimate"]
    for of, x_y in (("raw", rows[["own", "customers"]]), ("between", means)):
        [drawn] = lines(ax, of)
        assert np.polyval(np.polyfit(x_y["own"], x_y["customers"], 1), drawn[:, 0]) == pytest.approx(drawn[:, 1])
    within = lines(ax, "within")
    assert len(within) == 6
    for drawn, (_, mean) in zip(within, means.iterrows(), strict=True):
        assert drawn[:, 1] == pytest.approx(mean["customers"] + slopes["within"] * (drawn[:, 0] - mean["own"]))
    [diamonds] = markers(ax, "D").values()
    assert np.array(diamonds) == pytest.approx(np.array(sorted(means.itertuples(index=False, name=None))))
    assert [lines(ax, "between")[0][k, 0] for k in (0, 1)] == pytest.approx([means["own"].min(), means["own"].max()])


def test_points_are_the_units_and_each_is_joined_to_its_line():
    table, ax = units(answers()), draw()
    shown = table[table["n"] >= 10]
    found = markers(ax, "o")
    assert found[to_rgb(charts_groups.BLUE)] == sorted(zip(shown["own"][shown["n"] >= 30], shown["customers"][shown["n"] >= 30], strict=True))
    assert found[to_rgb("white")] == sorted(zip(shown["own"][shown["n"] < 30], shown["customers"][shown["n"] < 30], strict=True))
    stems = [segment for each in ax.collections if isinstance(each, LineCollection) for segment in each.get_segments()]
    assert sorted(tuple(segment[0]) for segment in stems) == sorted(zip(shown["own"], shown["customers"], strict=True))
    ends = {tuple(point) for drawn in lines(ax, "within") for point in drawn.round(9)}
    assert {tuple(segment[1].round(9)) for segment in stems} >= ends  # the foot of the outermost points is the end of the line
    assert "Not drawn because they rest on fewer than 10 answers: 6." in ax.caption and "fewer than 30 answers" in ax.caption
    assert not {str(unit) for unit in table.index} & set(words(ax)) - {tick.get_text() for tick in (*ax.get_xticklabels(), *ax.get_yticklabels())}


def test_slopes_and_n_are_told():
    ax, slopes = draw(labels=LABELS), slope_table().set_index("line")
    plus = {line: f"{row['estimate']:+.2f}".replace("-", "−") for line, row in slopes.iterrows()}
    assert plus["within"].startswith("+") and plus["between"].startswith("−")
    assert ax.get_title() == f"Within one store: {plus['within']}. From store to store: {plus['between']}"
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    for text, line in zip(legend, ("within", "between", "raw"), strict=True):
        low, high = (f"{slopes.loc[line, end]:.2f}".replace("-", "−") for end in ("ci_low", "ci_high"))
        assert text.endswith(f": {plus[line]} ({low} … {high})")
        assert f"{plus[line]} (95 % interval {low} to {high}), n = {slopes.loc[line, 'n']}." in ax.caption
    assert "Points: 18; groups (store): 6; n = 12–40 behind each point" in ax.caption
    assert ax.get_xlabel() == LABELS["own"] and ax.get_ylabel() == f"{LABELS['customers']}, mean"
    level = slope_table()
    level.attrs["level"] = 0.9
    assert "90 % interval" in draw(slopes=level).caption


@pytest.mark.parametrize("changes, told", [
    ({}, "opposite directions: one line"), ({"between": 0.4}, "the same direction"), ({"between": -0.05}, "holds 0"), ({"within": 0.05}, "holds 0"),
    ({"within": -0.5}, "the same direction"),
])
def test_the_verdict_is_that_of_the_intervals(changes, told):
    said = [part for part in ("opposite directions: one line", "the same direction", "holds 0") if part in draw(slopes=slope_table(**changes)).caption]
    assert said == [told]


def test_the_line_of_all_is_optional_and_limits_may_be_missing():
    slopes = slope_table()
    ax = draw(slopes=slopes[slopes["line"] != "raw"].iloc[::-1])
    assert len(ax.get_legend().get_texts()) == 2 and not lines(ax, "raw") and "one pot" not in ax.caption
    ax = draw(slopes=slopes.assign(ci_low=np.nan, ci_high=np.nan))
    assert not any(part in ax.caption for part in ("opposite", "same direction", "holds 0"))


def test_notes_of_the_table_are_obeyed_and_gaps_counted():
    table = units(answers()).assign(note="")
    ax = draw(table)
    assert to_rgb("white") not in markers(ax, "o") and "fewer than" not in ax.caption and "Points: 24" in ax.caption
    table["customers"] = table["customers"].where(table.index != 2)
    assert "a value or the group is missing: 1." in draw(table).caption
    few = table.assign(n=4).drop(columns="note")
    assert draw(few).get_title() == "Too few answers to show" and "fewer than 10 answers: 23." in draw(few).caption
    assert draw(table.head(0)).caption == "Nothing is drawn."
    one = units(answers()).query("shop == 0")
    assert "Points: 3; groups (shop): 1;" in draw(one).caption and len(lines(draw(one), "within")) == 1


def test_groups_may_be_a_categorical_with_unused_levels():
    table = units(answers())
    table["shop"] = pd.Categorical([f"s{shop}" for shop in table["shop"]], [f"s{k}" for k in range(9)])
    assert "groups (shop): 6;" in draw(table).caption


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(cx.CxError, match="plot_within needs .* own"):
        draw(units(answers()).drop(columns="own"))
    with pytest.raises(cx.CxError, match="plot_within needs .* ci_low"):
        draw(slopes=slope_table().drop(columns="ci_low"))
    for bad in (slope_table().query("line != 'within'"), pd.concat([slope_table()] * 2), slope_table().assign(line=["raw", "within", "among"])):
        with pytest.raises(cx.CxError, match='"within" and "between"'):
            draw(slopes=bad)


def test_turkish_and_simulated():
    assert "SIMULATED" not in words(draw())
    table = units(answers())
    table.attrs["simulated"] = True
    cx.use_language("tr")
    ax = draw(table, labels={"shop": "mağaza", "own": "kendi mutluluğu (0–10)", "customers": "müşterilerinin mutluluğu (0–10)"})
    assert "UYDURMA VERİ" in words(ax) and "ters yönlerde" in ax.caption and "%95 aralığı" in ax.caption and "Aynı grup (mağaza) içinde: +0," in ax.get_title()
    assert "UYDURMA VERİ" in words(draw(table.head(0))) and draw(title="Benim: 5 $").get_title() == "Benim: 5 $"


def test_input_and_global_style_are_not_changed():
    before, table, slopes = dict(plt.rcParams), units(answers()), slope_table()
    copies = table.copy(), slopes.copy()
    draw(table, slopes)
    pd.testing.assert_frame_equal(table, copies[0])
    pd.testing.assert_frame_equal(slopes, copies[1])
    assert dict(plt.rcParams) == before


def test_lines_are_told_apart_without_colour():
    looks = list(charts_groups.LINES.values())
    greys = sorted(np.dot(to_rgb(look["color"]), (0.299, 0.587, 0.114)) for look in looks)
    assert min(np.diff(greys)) > 0.15 and len({(look["lw"], str(look.get("ls")), look.get("marker")) for look in looks}) == 3


@settings(max_examples=8)
@given(st.text(min_size=1, max_size=60) | st.sampled_from(["$a_$", "$\\frac{}{}$", "=1+1", "<script>", "\u202eabc", "😀" * 50, "x" * 5000, "%s {n} %"]))
def test_text_of_strangers_comes_through_harmless(text):
    table = units(answers())
    table["shop"] = [text if shop == 0 else f"{shop}" for shop in table["shop"]]
    for ax in (draw(table), draw(table, labels=dict.fromkeys(("own", "customers", "shop"), text))):
        ax.figure.draw_without_rendering()
        assert not any(found.get_parse_math() for found in ax.figure.findobj(Text)) and len(ax.caption) < 1500
        plt.close(ax.figure)


@pytest.mark.parametrize("language, style", [("en", "paper"), ("tr", "screen"), ("en", "projector"), ("tr", "projector")])
def test_no_text_leaves_the_picture_or_meets_another(language, style):
    cx.use_style(style)
    cx.use_language(language)
    long = {"own": "Çalışanın kendi mutluluğu, 0 ile 10 arasında, yıllık ankette verilen yanıt", "customers": "Müşterilerinin mutluluğu, 0 ile 10 arasında",
            "shop": "Mağaza ya da şube"}
    for ax in (draw(simulated=True), draw(simulated=True, labels=long)):
        figure = ax.figure
        figure.draw_without_rendering()
        unseen = {tick for tick in ax.get_xticklabels() if not ax.get_xlim()[0] <= tick.get_position()[0] <= ax.get_xlim()[1]}
        unseen |= {tick for tick in ax.get_yticklabels() if not ax.get_ylim()[0] <= tick.get_position()[1] <= ax.get_ylim()[1]}
        texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip() and text not in unseen]
        assert min(text.get_fontsize() for text in texts) >= {"paper": 8, "screen": 10, "projector": 14}[style]
        assert_apart(figure, texts)
        plt.close(figure)
