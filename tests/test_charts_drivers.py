"""Figures of drivers: what is drawn is the table, the texts claim no more than it holds, and everything can be read from the back row."""

import functools

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text
from pictures import assert_apart, words

import cxlab as cx
from cxlab import figures
from cxlab.charts_drivers import KINDS, LEADERS, ZONES
from cxlab.framework import label

FACTORS = ["products", "premises", "staff", "advertising"]


@functools.cache
def ratings(n=900):
    """staff and products matter about alike, premises less, advertising not at all; a low rating of premises costs more than a high one gains."""
    rng = np.random.default_rng(4)
    table = pd.DataFrame({name: rng.integers(1, 8, n) for name in FACTORS})
    table["satisfaction"] = (0.5 * table["staff"] + 0.5 * table["products"] - 1.5 * (table["premises"] <= 2) + 0.3 * (table["premises"] >= 6)
                             + rng.normal(0, 1.5, n))
    return table


@functools.cache
def important(**arguments):
    return cx.importance(ratings(), "satisfaction", FACTORS, rng=1, **({"n_boot": 200} | arguments))


@functools.cache
def asymmetric():
    return cx.penalty_reward(ratings(), "satisfaction", FACTORS, 2, 6)


def rated():
    """Importance beside made-up mean ratings: each driver has a whole cross on one side of both means, but the third, which touches a line."""
    return pd.DataFrame({"driver": FACTORS, "importance": [0.30, 0.28, 0.17, 0.05], "ci_low": [0.25, 0.23, 0.10, 0.02],
                         "ci_high": [0.35, 0.33, 0.25, 0.08], "performance": [5.5, 4.0, 4.1, 5.2], "performance_low": [5.3, 3.8, 3.9, 5.0],
                         "performance_high": [5.7, 4.2, 4.3, 5.4], "n": 1200})


def pairs(n=60, **classes):
    """Answers to both Kano questions; classes : {attribute: {class: how many}}, the others are indifferent."""
    answer = {"A": (1, 3), "O": (1, 5), "M": (3, 5), "I": (3, 3), "R": (5, 1), "Q": (1, 1)}
    given = {name: [answer[kind] for kind, count in counts.items() for _ in range(count)] + [(3, 3)] * (n - sum(counts.values()))
             for name, counts in classes.items()}
    return tuple(pd.DataFrame({name: [pair[place] for pair in found] for name, found in given.items()}) for place in (0, 1))


def classed(**classes):
    return cx.kano(*pairs(**classes or {"products": {"A": 40}, "premises": {"M": 45}, "staff": {"O": 22, "A": 20}, "advertising": {"R": 30}}))


def fitted(points=7, counts=None):
    """A plane, expected + 2 perceived, and its answers."""
    scale = np.linspace(1, 7, points)
    grid = pd.MultiIndex.from_product([scale, scale], names=["expected", "perceived"]).to_frame(index=False)
    counts = counts or {(2, 3): 5, (4, 4): 20, (5, 4): 80, (6, 7): 1}
    return grid.assign(predicted=grid["expected"] + 2 * grid["perceived"]), pd.DataFrame(
        [(*pair, n) for pair, n in counts.items()], columns=["expected", "perceived", "n"])


def segments(ax):
    """[(from, to, colour)] of all interval lines, ends as (x, y)."""
    return [(tuple(segment[0]), tuple(segment[-1]), to_hex(colour)) for lines in ax.collections if isinstance(lines, LineCollection)
            for segment, colour in zip(lines.get_segments(), np.resize(lines.get_colors(), (len(lines.get_segments()), 4)), strict=True)]


def markers(ax):
    """[(x, y, marker, fill)] of every marker in the figure."""
    return [(float(x), float(y), line.get_marker(), line.get_markerfacecolor()) for line in ax.lines if line.get_marker() not in ("None", None)
            for x, y in zip(*line.get_data(), strict=True)]


def beside(ax, y):
    """What is written to the right of a row, from left to right."""
    return [text.get_text() for text in sorted(ax.texts, key=lambda text: text.get_position()) if text.xy == (1, y) and text.get_va() == "center"]


def ticks(ax):
    return [text.get_text() for text in ax.get_yticklabels()]


# --- importance --------------------------------------------------------------------------------------------------------------


def test_importance_ranks_and_stability_are_those_of_the_table():
    table = important()
    ax = cx.plot_importance(table)
    rows = table.sort_values("importance", ascending=False).reset_index(drop=True)
    assert ticks(ax) == rows["driver"].tolist()
    assert sorted((y, x) for x, y, *_ in markers(ax)) == list(enumerate(rows["importance"]))
    drawn = {(a[1], a[0], b[0]) for a, b, colour in segments(ax) if colour == "#0072b2"}
    assert drawn == {(y, row["ci_low"], row["ci_high"]) for y, row in rows.iterrows()}
    for y, row in rows.iterrows():
        low, high = row["rank_low"], row["rank_high"]
        assert beside(ax, y) == [str(low) if low == high else f"{low}–{high}", figures.share_text(row["first"])]


def test_who_is_first_is_said_only_where_it_can_be_told():
    table = important()
    assert set(table["driver"][table["rank_low"] == 1]) == {"staff", "products"}  # made alike
    ax = cx.plot_importance(table)
    assert ax.get_title() == "Which of 2 drivers comes first cannot be told" and "Not told apart in first place (2): " in ax.caption
    clear = table[table["driver"] != "products"].assign(rank_low=[2, 1, 3], rank_high=[2, 1, 3])
    ax = cx.plot_importance(clear, labels={"staff": "those who serve"})
    assert ax.get_title() == "First in importance: those who serve" and "Not told apart" not in ax.caption and beside(ax, 0)[0] == "1"


def test_importance_says_n_r_squared_and_what_it_cannot_show_in_both_languages():
    table = important()
    r_squared = f"{100 * table.attrs['r_squared']:.1f}"
    ax = cx.plot_importance(table)
    assert f"n = 900: parts of R² = {r_squared} %" in ax.caption and "not the probability" in ax.caption and "importance_difference" in ax.caption
    assert "p_coefficient" in ax.caption and "95 % interval" in ax.get_xlabel()
    part = cx.plot_importance(table.iloc[:2]).caption  # R² is that of the whole regression, whatever is left out
    assert f"R² = {r_squared} %" in part
    cx.use_language("tr")
    ax = cx.plot_importance(table, labels={name: label("contact_factors", name) for name in FACTORS})
    assert f"R² = %{r_squared.replace('.', ',')}" in ax.caption and "olasılığı değil" in ax.caption and "%95 aralığı" in ax.get_xlabel()
    assert {"mekân", "ürünler", "%0", "birinciliğin\nkararlılığı"} <= set(words(ax))


def test_without_resamples_nothing_is_said_of_ranks():
    table = important(n_boot=0)
    ax = cx.plot_importance(table)
    assert "no intervals" in ax.caption and "stability" not in " ".join([ax.caption, *words(ax)]) and beside(ax, 0) == []
    assert ax.get_title() == "Which of 4 drivers comes first cannot be told"
    idle = cx.importance(pd.DataFrame({"a": [1, 2, 1, 2] * 10, "y": [1, 1, 2, 2] * 10}), "y", ["a"], n_boot=0)
    assert "R² = 0.0 %" in cx.plot_importance(idle).caption


def test_few_answers_are_hollow_and_fewer_are_not_drawn():
    table = important()
    ax = cx.plot_importance(table.assign(n=25))
    assert {fill for *_, fill in markers(ax)} == {"white"} and "fewer than 30" in ax.caption
    ax = cx.plot_importance(table.assign(n=9))
    assert ax.get_title() == "Too few answers to show" and "10 answers: 4." in ax.caption and not markers(ax)


# --- importance against performance ------------------------------------------------------------------------------------------


def test_crosses_and_mean_lines_are_those_of_the_table():
    table = rated()
    ax = cx.plot_importance_performance(table)
    assert {(x, y) for x, y, *_ in markers(ax)} == set(zip(table["importance"], table["performance"], strict=True))
    wanted = {((row["ci_low"], row["performance"]), (row["ci_high"], row["performance"])) for _, row in table.iterrows()}
    wanted |= {((row["importance"], row["performance_low"]), (row["importance"], row["performance_high"])) for _, row in table.iterrows()}
    assert {line[:2] for line in segments(ax)} == wanted
    means = [line.get_data() for line in ax.lines if line.get_marker() == "None"]
    assert list(means[0][0]) == [table["importance"].mean()] * 2 and list(means[1][1]) == [table["performance"].mean()] * 2


def test_only_drivers_clear_of_both_lines_are_placed_in_words():
    ax = cx.plot_importance_performance(rated())
    assert ax.get_title() == "Told apart from both means: 3 of 4 drivers" and "n = 1,200" in ax.caption
    for sentence in ("More important and rated higher than the mean: products.", "More important and rated lower than the mean: premises.",
                     "Less important and rated higher than the mean: advertising."):
        assert sentence in ax.caption
    assert "staff" not in ax.caption and "Less important and rated lower" not in ax.caption
    less = rated().assign(performance=lambda t: 10 - t["performance"], performance_low=rated()["performance_high"].rsub(10),
                          performance_high=rated()["performance_low"].rsub(10))
    assert "Less important and rated lower than the mean: advertising." in cx.plot_importance_performance(less).caption
    cx.use_language("tr")
    ax = cx.plot_importance_performance(rated(), labels={"premises": "mekân"})
    assert "Ortalamadan daha önemli ve daha düşük puanlı: mekân." in ax.caption and "n = 1.200" in ax.caption and "%20" in words(ax)


# --- penalties and rewards ---------------------------------------------------------------------------------------------------


def test_penalties_rewards_and_kinds_are_those_of_the_table():
    table = asymmetric()
    ax = cx.plot_penalty_reward(table)
    rows = table.sort_values("asymmetry").reset_index(drop=True)
    assert ticks(ax) == rows["attribute"].tolist() and "basic" in set(rows["kind"])
    for y, row in rows.iterrows():
        marker, colour = KINDS[row["kind"]]
        for side in ("penalty", "reward"):
            assert (row[side], y, marker, colour) in markers(ax)
            assert ((row[f"{side}_low"], y), (row[f"{side}_high"], y), colour) in segments(ax)
        assert beside(ax, y) == [str(row["n_low"]), str(row["n_high"]), row["kind"]]
    assert len(markers(ax)) == 2 * len(rows)


def every_kind():
    """Each kind once, and one attribute that is not estimated."""
    table = pd.concat([asymmetric().iloc[[0]]] * 5, ignore_index=True).assign(
        attribute=[*KINDS, "rare"], kind=[*KINDS, "not estimated"], asymmetry=[-1, 0.1, 1, 0, np.nan], n_low=[40, 40, 40, 29, 4])
    table.loc[4, [column for column in table if column.startswith(("penalty", "reward"))]] = np.nan
    return table


def test_each_kind_is_named_in_both_languages_and_none_is_called_a_kano_class():
    ax = cx.plot_penalty_reward(every_kind())
    assert ax.get_title() == "Low scores weigh more for 1 of 5 attributes, high scores for 1"
    assert "not Kano classes" in ax.caption and "n = 900" in ax.caption and "Basic (square)" in ax.caption and "Unclear (diamond): unclear." in ax.caption
    assert ticks(ax)[-1] == "rare" and beside(ax, 4) == ["4", str(asymmetric()["n_high"][0]), "not estimated"]
    assert {y for _, y, *_ in markers(ax)} == {0, 1, 2, 3} and "fewer than 10 scores" in ax.caption
    hollow = [(y, x < 0) for x, y, _, fill in markers(ax) if fill == "white"]
    assert hollow == [(ticks(ax).index("unclear"), True)] and "fewer than 30" in ax.caption  # its 29 low scores, not its high ones
    cx.use_language("tr")
    ax = cx.plot_penalty_reward(every_kind())
    assert {"temel", "performans", "heyecan", "belirsiz", "hesaplanmadı", "n\ndüşük"} <= set(words(ax)) and "Kano sınıfları değildir" in ax.caption


def test_nothing_estimated_is_said():
    table = every_kind().iloc[[4]]
    assert cx.plot_penalty_reward(table).caption.startswith("No attribute has 10 low")


# --- Kano --------------------------------------------------------------------------------------------------------------------


def test_crosses_letters_and_fill_are_those_of_the_table():
    table = classed()
    ax = cx.plot_kano(table)
    letters = {text.get_position(): text.get_text() for text in ax.texts if text.get_text() in LEADERS}
    for _, row in table.iterrows():
        place = row["better"], -row["worse"]
        assert letters[place] == row["leader"]
        assert (*place, LEADERS[row["leader"]], "white" if row["mixed"] else "#0072b2") in markers(ax)
        lines = [line[:2] for line in segments(ax)]
        assert ((row["better_low"], place[1]), (row["better_high"], place[1])) in lines
        assert ((place[0], -row["worse_high"]), (place[0], -row["worse_low"])) in lines
    assert len(markers(ax)) == 4 and table["mixed"].tolist() == [False, False, True, True]


def test_zones_bear_the_class_that_they_are_named_after():
    """Where all answers fall into one class, the point lies in the corner of that class (Berger et al. 1993)."""
    table = classed(**{kind: {kind: 60} for kind in ZONES}).set_index("attribute")
    ax = cx.plot_kano(table.reset_index())
    corners = {text.get_text()[0]: text.xy for text in ax.texts if text.get_text() in ("A attractive", "O one-dimensional", "M must-be", "I indifferent")}
    assert corners == {kind: (round(row["better"]), round(-row["worse"])) for kind, row in table.iterrows()} == ZONES


def test_kano_says_n_classes_and_what_is_mixed_in_both_languages():
    ax = cx.plot_kano(classed())
    assert ax.get_title() == "A leading class can be told for 2 of 4 attributes" and "n = 60" in ax.caption
    assert "M (must-be) is most frequent for premises." in ax.caption and "Hollow marker" in ax.caption and "50 % by custom" in ax.caption
    assert "Hollow" not in cx.plot_kano(classed(products={"A": 50})).caption
    cx.use_language("tr")
    ax = cx.plot_kano(classed(), labels={"premises": "mekân"})
    assert "M (olmazsa olmaz) en sık: mekân." in ax.caption and {"A heyecan verici", "%60", "mekân"} <= set(words(ax))


def test_attributes_that_cannot_be_placed_are_told():
    both = [frame.assign(rare=frame["few"].where(frame.index < 9), some=frame["few"].where(frame.index < 20)) for frame in pairs(few={"A": 60}, back={"R": 60})]
    ax = cx.plot_kano(cx.kano(*both))
    assert len(markers(ax)) == 2 and "nobody being in A, O, M or I: back." in ax.caption and "fewer than 10 answers: 1." in ax.caption
    assert "Fewer than 30 pairs of answers: some." in ax.caption and "n = 20–60" in ax.caption
    ax = cx.plot_kano(classed(back={"R": 60}))
    assert ax.get_title() == "Too few answers to show" and "back" in ax.caption and not markers(ax)


# --- expectation and experience ----------------------------------------------------------------------------------------------


def test_contours_bubbles_and_line_of_equality_are_those_of_the_tables():
    grid, counts = fitted()
    ax = cx.plot_surface(grid, counts)
    filled, lines = ax.collections[:2]
    for height, path in zip(lines.levels, lines.get_paths(), strict=True):
        assert len(path.vertices) and np.allclose(path.vertices @ [1, 2], height)  # the plane, expected to the right
    assert filled.levels[0] <= grid["predicted"].min() and filled.levels[-1] >= grid["predicted"].max()
    bubbles = next(cloud for cloud in ax.collections if isinstance(cloud, PathCollection) and len(cloud.get_offsets()))
    assert bubbles.get_offsets().tolist() == counts[["expected", "perceived"]].to_numpy().tolist()
    assert np.allclose(bubbles.get_sizes() / bubbles.get_sizes().max(), counts["n"] / 80)
    assert [np.array(line.get_data()).tolist() for line in ax.lines if line.get_linestyle() == "--"] == [[[1, 7], [1, 7]]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["as expected", "n = 80", "n = 20", "n = 1"]
    legend = {text.get_text(): handle.get_sizes()[0] for text, handle in zip(ax.get_legend().get_texts(), ax.get_legend().legend_handles, strict=True)
              if hasattr(handle, "get_sizes")}
    assert legend["n = 80"] == bubbles.get_sizes().max() and legend["n = 20"] == legend["n = 80"] / 4


def test_surface_counts_both_sides_of_the_line_and_speaks_of_the_answers_alone():
    ax = cx.plot_surface(*fitted())
    assert "n = 106 answers; 6 lie above" in ax.caption and "80 below it, 20 on it" in ax.caption
    assert ax.get_title() == "Predicted satisfaction, where there are answers: 8.0 to 20.0"  # 3 and 21 stand in corners nobody is in
    assert ax.get_xlabel() == "expectation" and ax.get_ylabel() == "experience"
    cx.use_language("tr")
    ax = cx.plot_surface(*fitted(), labels={"perceived": "duygusal deneyim"})
    assert "8,0 ile 20,0 arasında" in ax.get_title() and ax.get_ylabel() == "duygusal deneyim" and "beklendiği gibi" in words(ax)


def test_a_grid_with_holes_is_explained_and_a_flat_one_is_drawn():
    grid, counts = fitted()
    for broken in (grid.iloc[1:], pd.concat([grid, grid.iloc[:1]]), grid[grid["expected"] == 1], grid.assign(predicted=np.nan), grid.head(0)):
        with pytest.raises(cx.CxError, match="every pair"):
            cx.plot_surface(broken, counts)
    assert "4.0 to 4.0" in cx.plot_surface(grid.assign(predicted=4.0), counts).get_title()
    assert cx.plot_surface(grid, counts.assign(n=1)).get_title() == "Too few answers to show"
    assert "n = 86 " in cx.plot_surface(grid, counts.assign(n=[5, 0, 80, 1])).caption


def test_shades_keep_their_order_in_grey():
    greys = [np.dot(to_rgb(colour), (0.299, 0.587, 0.114)) for colour in cx.plot_surface(*fitted()).collections[0].get_facecolor()[:, :3]]
    assert len(greys) > 4 and (np.diff(greys) < -0.02).all()


# --- all five ----------------------------------------------------------------------------------------------------------------


def drawn(labels=None, **arguments):
    return [cx.plot_importance(important(), labels=labels, **arguments), cx.plot_importance_performance(rated(), labels=labels, **arguments),
            cx.plot_penalty_reward(asymmetric(), labels=labels, **arguments), cx.plot_kano(classed(), labels=labels, **arguments),
            cx.plot_surface(*fitted(), labels=labels and {"expected": labels["staff"], "predicted": labels["staff"]}, **arguments)]


def test_simulated_data_say_so_in_the_corner():
    assert all("SIMULATED" not in words(ax) for ax in drawn())
    assert all("SIMULATED" in words(ax) for ax in drawn(simulated=True))
    table, (grid, counts) = important().copy(), fitted()
    table.attrs, counts.attrs = {"simulated": True}, {"simulated": True}
    cx.use_language("tr")
    assert all("UYDURMA VERİ" in words(ax) for ax in (cx.plot_importance(table), cx.plot_importance(table.head(0)), cx.plot_surface(grid, counts)))


def test_the_level_is_that_of_the_table():
    tables = {cx.plot_importance: important(), cx.plot_importance_performance: rated(), cx.plot_penalty_reward: asymmetric(), cx.plot_kano: classed()}
    for plot, table in tables.items():
        table = table.copy()
        table.attrs["level"] = 0.9
        ax = plot(table)
        assert "90 % interval" in ax.caption and "90 % interval" in ax.get_xlabel() and "95" not in ax.caption


def test_a_title_of_ones_own():
    assert all(ax.get_title() == "Mine: 5 $ and $6" for ax in drawn(title="Mine: 5 $ and $6"))


def test_missing_columns_are_named():
    for plot, table, column in ((cx.plot_importance, important(), "rank_low"), (cx.plot_importance_performance, rated(), "performance_low"),
                                (cx.plot_penalty_reward, asymmetric(), "kind"), (cx.plot_kano, classed(), "mixed")):
        with pytest.raises(cx.CxError, match=f"{plot.__name__} needs .*{column}"):
            plot(table.drop(columns=column))
    grid, counts = fitted()
    with pytest.raises(cx.CxError, match="predicted"):
        cx.plot_surface(grid.drop(columns="predicted"), counts)
    with pytest.raises(cx.CxError, match="perceived"):
        cx.plot_surface(grid, counts.drop(columns="perceived"))


@settings(max_examples=6)
@given(st.one_of(st.text(), st.sampled_from(["$a_$", "=1+1", "<script>", "\u202eab", "\\frac{}{}", "{n}", "😀" * 50, "x" * 5000])))
def test_names_of_strangers_come_through_harmless(name):
    for ax in drawn(labels=dict.fromkeys(FACTORS, name)):
        ax.figure.draw_without_rendering()
        assert not any(text.get_parse_math() for text in ax.figure.findobj(Text))
        plt.close(ax.figure)


def test_tables_are_not_changed_and_no_global_style_is_set():
    tables, before = [important(), rated(), asymmetric(), classed(), *fitted()], dict(plt.rcParams)
    copies = [table.copy() for table in tables]
    for plot, table in zip((cx.plot_importance, cx.plot_importance_performance, cx.plot_penalty_reward, cx.plot_kano), tables, strict=False):
        plot(table)
    cx.plot_surface(*tables[4:])
    for table, copy in zip(tables, copies, strict=True):
        pd.testing.assert_frame_equal(table, copy)
    assert dict(plt.rcParams) == before


def crowd():
    """Twelve attributes with long names in three heaps, in each of the figures with names."""
    rng, names = np.random.default_rng(3), {f"c{k}": f"Verilen sözün tutulması ve randevu saatine uyulması {k}" if k % 3 else f"İç {k}" for k in range(12)}
    x, y = np.repeat([0.05, 0.10, 0.2], 4) + rng.normal(0, 0.02, 12), np.tile([3.0, 4.0, 5.5, 5.6], 3) + rng.normal(0, 0.1, 12)
    spot = pd.DataFrame({"driver": list(names), "importance": x, "ci_low": x - 0.03, "ci_high": x + 0.03, "performance": y, "performance_low": y - 0.3,
                         "performance_high": y + 0.3, "n": 1400, "share": x / x.sum(), "rank_low": 1, "rank_high": 12, "first": 1 / 12})
    counts = {name: dict(zip("AOMIR", rng.multinomial(400, rng.dirichlet([2] * 5)), strict=True)) for name in names}
    effects = pd.concat([asymmetric()] * 3, ignore_index=True).assign(attribute=list(names))
    return names, spot, cx.kano(*pairs(400, **counts)), effects


@pytest.mark.parametrize("language, style", [("en", "paper"), ("tr", "screen"), ("en", "projector"), ("tr", "projector")])
def test_no_text_leaves_the_picture_or_meets_another(language, style):
    cx.use_style(style)
    cx.use_language(language)
    names, spot, classes, effects = crowd()
    arguments = {"labels": names, "simulated": True}
    for ax in (cx.plot_importance(spot, **arguments), cx.plot_importance_performance(spot, **arguments), cx.plot_kano(classes, **arguments),
               cx.plot_penalty_reward(effects, **arguments), cx.plot_surface(*fitted(), simulated=True), cx.plot_penalty_reward(every_kind())):
        figure = ax.figure
        figure.draw_without_rendering()
        unseen = {tick for axis, (low, high) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, sorted(ax.get_ylim()))) for tick in axis.get_majorticklabels()
                  if not low <= tick.get_position()[axis is ax.yaxis] <= high}
        texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip() and text not in unseen]
        assert min(text.get_fontsize() for text in texts) >= {"paper": 8, "screen": 10, "projector": 14}[style]
        beyond = {ax.get_title(): 10}  # wrapped by `finish` to the width of the figure, which forgets the title's indent
        assert_apart(figure, [text for text in texts if not text.get_rotation() % 360], beyond, LEADERS)
        plt.close(figure)


def test_kinds_differ_in_grey_and_by_shape():
    greys = [np.dot(to_rgb(colour), (0.299, 0.587, 0.114)) for _, colour in KINDS.values()]
    assert min(abs(a - b) for i, a in enumerate(greys) for b in greys[:i]) > 0.1
    assert len({shape for shape, _ in KINDS.values()}) == len(KINDS) and len(set(LEADERS.values())) == len(LEADERS)
