"""Figures of scales: what is drawn is the table, n and interval are told, employees are neither named nor ranked, and the back row can read it."""

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from pictures import assert_apart, words

import cxlab as cx
from cxlab import charts_scales

ITEMS = [f"q{k}" for k in range(1, 7)]
GROUPS = dict(zip(ITEMS, ["emotional", "functional", "emotional", "functional", "accessible", "accessible"], strict=True))
LEVELS = list(range(1, 8))


def answers(n=120, seed=2):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({item: rng.integers(1, 8, n) for item in ITEMS}).astype("Int64")
    table.loc[: n // 2, "q2"] = pd.NA
    return table


def item_table(n=120, **arguments):
    return cx.item_table(answers(n), reverse=["q3"], low=1, high=7, **arguments)


def shares(table=None, levels=LEVELS, items=ITEMS):
    table = answers() if table is None else table
    return pd.concat([cx.share(table, item, levels).assign(item=item) for item in items])


def unsure(n=120):
    """Some say that they do not know; nobody answers 1 or 7 in q1."""
    table = answers(n).astype(object)
    table["q1"] = table["q1"].replace({1: 2, 7: 6})
    table.loc[table.index % 5 == 0, "q2"] = 9
    return shares(table, [*LEVELS, 9])


def gap_table(outcome="rating", n=200):
    rng = np.random.default_rng(4)
    asked = pd.DataFrame({"who": np.repeat(["company", "customers"], n // 2), "rating": rng.integers(1, 8, n), "superior": np.arange(n) % 7 < 3})
    asked.loc[asked["who"] == "company", "superior"] |= np.arange(n // 2) % 3 == 0
    parts = {"price": asked, "service": asked.iloc[n // 4:].reset_index(drop=True), "staff": asked.iloc[::-1].iloc[: int(n * 0.6)]}
    return pd.concat([cx.gap(part, outcome, "who").assign(theme=theme) for theme, part in parts.items()])


def employees(sizes=(86, 60, 45, 30, 29, 20, 15, 10, 9)):
    n, k = np.array(sizes), np.arange(len(sizes))
    raw = 5 + (k % 3 - 1) * 1.2 + 0.07 * k
    shrunken = 5 + (raw - 5) * n / (n + 20)
    table = pd.DataFrame({"unit": 100 + k, "n": n, "raw": raw, "shrunken": shrunken, "ci_low": shrunken - 2 / np.sqrt(n), "ci_high": shrunken + 2 / np.sqrt(n)})
    return table.sample(frac=1, random_state=3)


def ticks(ax):
    """{text: height} of the labels at the left."""
    return {label.get_text(): height for label, height in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True)}


def segments(ax):
    """{height: (from, to)} of the horizontal lines."""
    return {segment[0, 1]: tuple(segment[:, 0]) for lines in ax.collections if isinstance(lines, LineCollection) for segment in lines.get_segments()}


def markers(ax):
    """{height: [(x, marker, fill)]} of the markers that stand in the figure."""
    found = {}
    for line in ax.lines:
        if line.get_marker() not in ("None", None):
            for x, y in zip(*line.get_data(), strict=True):
                found.setdefault(y, []).append((x, line.get_marker(), line.get_markerfacecolor()))
    return found


def beside(ax, height):
    """What is written right of the figure at this height."""
    return [text.get_text() for text in ax.texts if getattr(text, "xy", None) == (1, height) and text.get_va() == "center"]


# ---- items of a scale ------------------------------------------------------------------------------------------------------------


def test_items_are_those_of_the_table():
    table = item_table()
    ax = cx.plot_items(table)
    assert list(ticks(ax)) == ["q1", "q2", "q3 (R)", "q4", "q5", "q6"] and list(ticks(ax).values()) == sorted(ticks(ax).values())
    for height, (_, row) in zip(ticks(ax).values(), table.iterrows(), strict=True):
        shape = "D" if row["item"] == "q3" else "o"
        assert markers(ax)[height] == [(row["mean"], shape, charts_scales.BLUE)] and segments(ax)[height] == (row["ci_low"], row["ci_high"])
        assert beside(ax, height) == [f"{row['mean']:.2f} ({row['ci_low']:.2f} … {row['ci_high']:.2f})", str(row["n"])]
    assert ax.get_xlim() == (1, 7) and "turned, so that it runs as the others do: q3." in ax.caption
    assert "n = 59–120" in ax.caption and "scale from 1 to 7" in ax.caption and "95 % interval" in ax.caption


def test_items_stand_under_their_component():
    ax = cx.plot_items(item_table(), {item: key for item, key in GROUPS.items() if item != "q4"})
    by_height = sorted(ticks(ax), key=ticks(ax).get)
    assert by_height == ["functional", "q2", "accessible", "q5", "q6", "emotional", "q1", "q3 (R)", "q4"]
    assert [text.get_text() for text in ax.get_yticklabels() if text.get_weight() == "bold"] == ["functional", "accessible", "emotional"]
    cx.use_language("tr")
    ax = cx.plot_items(item_table(), GROUPS, labels={"q2": "İşimi gördü", "q3": "İlgisizdiler"})
    assert {"işlevsel", "erişilebilir", "duygusal", "İşimi gördü", "İlgisizdiler (T)"} <= set(ticks(ax))
    assert any("," in word and "…" in word for word in words(ax)) and "%95 aralığı" in ax.caption and "ters yönde yazılmış" in ax.caption
    with pytest.raises(cx.CxError, match="functional, accessible, emotional"):
        cx.use_language("en")
        cx.plot_items(item_table(), {"q1": "friendly"})


def test_the_scale_of_joined_tables_is_named():
    joined = pd.concat([item_table(), item_table(60)])  # which drops what stands in attrs and differs
    assert cx.plot_items(joined, scale=(1, 7)).get_xlim() == (1, 7)
    low, high = cx.plot_items(joined).get_xlim()
    assert 1 < low < joined["ci_low"].min() and joined["ci_high"].max() < high < 7
    assert "90 % interval" in cx.plot_items(item_table(level=0.9)).caption


# ---- a battery of items ----------------------------------------------------------------------------------------------------------


def bars(ax):
    """[level][item]: (from, to)."""
    return [[(bar.get_x(), bar.get_x() + bar.get_width()) for bar in level] for level in ax.containers]


def test_bars_are_the_shares_and_the_middle_of_the_scale_is_zero():
    table = shares()
    ax = cx.plot_likert(table)
    drawn = np.array(bars(ax))
    assert drawn.shape == (7, 6, 2) and list(ticks(ax)) == ITEMS
    for j, item in enumerate(ITEMS):
        own = table[table["item"] == item]["share"].to_numpy()
        assert np.diff(drawn[:, j]).ravel() == pytest.approx(own)
        assert drawn[1:, j, 0] == pytest.approx(drawn[:-1, j, 1])  # one after the other
        assert drawn[3, j].sum() == pytest.approx(0)  # the middle answer lies on both sides alike
    assert [beside(ax, y) for y in range(6)] == [["120"], ["59"], *[["120"]] * 4]


def test_a_scale_without_a_middle_answer_is_parted_between_two():
    even = shares(answers().clip(1, 4), [1, 2, 3, 4])
    drawn = np.array(bars(cx.plot_likert(even, scale=(1, 4))))
    assert drawn[1, :, 1] == pytest.approx(0) and drawn[2, :, 0] == pytest.approx(0)


def test_dont_know_stands_apart_and_empty_levels_are_kept():
    table = unsure()
    ax = cx.plot_likert(table, dont_know=9)
    drawn, legend = np.array(bars(ax)), {text.get_text() for text in ax.get_legend().get_texts()}
    assert drawn.shape == (8, 6, 2) and legend == {*map(str, LEVELS), "don't know"}
    assert (drawn[7, :, 0] > drawn[:7, :, 1].max()).all()
    assert drawn[7, :, 1] - drawn[7, :, 0] == pytest.approx(table[table["value"] == 9]["share"].tolist())
    assert np.diff(drawn[[0, 6], 0]).ravel() == pytest.approx([0, 0])  # nobody, yet in the legend
    assert drawn[:, 1, 1].sum() - drawn[:, 1, 0].sum() == pytest.approx(1)  # all who answered, with or without knowing
    told = table[(table["value"] == 9) & (table["item"] == "q2")]["share"].iloc[0]
    assert f"{100 * told:.0f} %" in words(ax) and "Apart, hatched: don't know" in ax.caption and "Apart" not in cx.plot_likert(shares()).caption
    left_out = table[table["count"] > 0]  # as cx.share gives it without a list of values
    assert np.array(bars(cx.plot_likert(left_out, dont_know=9))) == pytest.approx(drawn)


def test_shares_stand_in_the_bars_where_they_fit():
    ax = cx.plot_likert(shares(answers().clip(1, 3), [1, 2, 3], ["q1", "q3"]), scale=(1, 3))
    written = [word for word in words(ax) if word.endswith("%") and word not in {tick.get_text() for tick in ax.get_xticklabels()}]
    visible = [share for text, share in ax.labels_in_bars if text.get_visible()]
    assert visible and len(written) >= len(visible)
    for text, _ in cx.plot_likert(unsure(), dont_know=9).labels_in_bars:
        bar = next(bar for level in text.axes.containers for bar in level if bar.get_x() <= text.get_position()[0] <= bar.get_x() + bar.get_width()
                   and abs(bar.get_y() + bar.get_height() / 2 - text.get_position()[1]) < 0.1)
        if text.get_visible():
            assert text.get_window_extent().width < bar.get_window_extent().width


def test_shares_above_the_middle_are_told():
    table = shares()
    above = table[table["value"] > 4].groupby("item")["share"].sum()
    ax = cx.plot_likert(table, labels={above.idxmin(): "Least", above.idxmax(): "Most", 7: "7 fully"})
    assert ax.get_title() == f"Above the middle: from {100 * above.min():.0f} % (Least) to {100 * above.max():.0f} % (Most)"
    assert "7 fully" in words(ax) and "no intervals" in ax.caption
    assert cx.plot_likert(table[table["item"] == "q1"]).get_title() == f"q1: {100 * above['q1']:.0f} % above the middle"
    cx.use_language("tr")
    ax = cx.plot_likert(unsure(), dont_know=9)
    assert "Ortanın üstü" in ax.get_title() and "bilmiyorum" in words(ax) and "%25" in words(ax)
    assert "hiç fikrim yok" in words(cx.plot_likert(unsure(), dont_know=9, labels={9: "hiç fikrim yok"}))


def test_what_cannot_be_a_battery_is_refused():
    with pytest.raises(cx.CxError, match="from 1 to 5.*: 6, 7"):
        cx.plot_likert(shares(), scale=(1, 5))
    with pytest.raises(cx.CxError, match="dont_know=9"):
        cx.plot_likert(unsure())
    with pytest.raises(cx.CxError, match="more than once"):
        cx.plot_likert(pd.concat([shares(), shares()]))
    with pytest.raises(cx.CxError, match="plot_likert needs .* item"):
        cx.plot_likert(cx.share(answers(), "q1"))


# ---- estimates by group ----------------------------------------------------------------------------------------------------------


def means(n=900, by=("memory", "surprise")):
    rng = np.random.default_rng(8)
    table = pd.DataFrame({"memory": rng.choice(["good", "nothing", "bad"], n, p=[0.5, 0.4, 0.1]), "surprise": rng.choice(["yes", "no"], n),
                          "rating": rng.integers(1, 8, n)})
    return cx.mean(table, "rating", by=list(by))


def test_estimates_are_those_of_the_table_and_groups_differ_by_marker():
    table = means()
    ax = cx.plot_estimates(table, axis="rating, 1–7", scale=(1, 7), reference=4)
    drawn_at = sorted((round(x, 9), shape) for found in markers(ax).values() for x, shape, _ in found if x != 4)
    shapes = {"no": "o", "yes": "s"}
    assert drawn_at == sorted((round(row["mean"], 9), shapes[row["surprise"]]) for _, row in table.iterrows())
    assert sorted(segments(ax).values()) == sorted(zip(table["ci_low"], table["ci_high"], strict=True))
    assert list(ticks(ax)) == ["bad", "good", "nothing"] and ax.get_xlim() == (1, 7) and "Broken line: 4.00." in ax.caption
    for _, row in table.iterrows():
        told = [f"{row[name]:.2f}" for name in ("mean", "ci_low", "ci_high")]
        assert f"{row['memory']}, {row['surprise']} (n = {row['n']}): {told[0]} (interval {told[1]} to {told[2]})" in ax.caption
        assert f"{told[0]} ({told[1]} … {told[2]})" in words(ax) and str(row["n"]) in words(ax)
    top = table.loc[table["mean"].idxmax()]
    assert f"to {top['mean']:.2f} ({top['memory']}, {top['surprise']})" in ax.get_title() and "rating, 1–7; line = 95 % interval" in words(ax)


def test_shares_are_written_as_shares_and_each_group_may_have_its_line():
    table = cx.mean(pd.DataFrame({"who": ["a", "b"] * 60, "back": [True, False, True] * 40}), "back", by="who")
    ax = cx.plot_estimates(table, scale=(0, 1), labels={"a": "new", "b": "old"})
    assert list(ticks(ax)) == ["new", "old"] and "67 %" in ax.caption and ax.get_xlim() == (0, 1)
    assert cx.plot_estimates(table.rename(columns={"mean": "slope"}), "slope").get_title().startswith("From 0.")  # no mean, so no "Means"
    assert cx.plot_estimates(table.head(1)).get_title() == "a: 0.67"
    ax = cx.plot_estimates(means(), reference={"yes": 3.5, "no": 4.5})
    lines = {round(line.get_xdata()[0], 2): line.get_color() for line in ax.lines if line.get_linestyle() == "--"}
    assert set(lines) == {3.5, 4.5} and len(set(lines.values())) == 2 and "yes 3.50; no 4.50" in ax.caption


def test_what_is_no_sample_of_answers_is_not_called_one():
    table = means(by=["memory"])
    assert cx.plot_estimates(table).caption.endswith("it says nothing of those who did not answer.")
    assert cx.plot_estimates(table, self_selected=False).caption.endswith("Line: 95 % interval.")
    table.attrs["self_selected"] = False
    assert cx.plot_estimates(table).caption.endswith("Line: 95 % interval.")
    assert "did not answer" in cx.plot_estimates(table, self_selected=True).caption


@pytest.mark.parametrize("style", ["screen", "projector", "paper"])
def test_a_long_name_of_the_axis_is_shown_whole_and_takes_no_room_from_the_rows(style):
    cx.use_style(style)
    long = "chance to move on in the week after a contact, against all the other days of the same customer there"
    for table in (means(), means(by=["memory"]).head(1)):
        ax, short = cx.plot_estimates(table, axis=long), cx.plot_estimates(table, axis="chance")
        assert " ".join(ax.get_xlabel().split()) == f"{long}; line = 95 % interval" and ax.get_xlabel().count("\n") == 2
        assert ax.get_window_extent().height == pytest.approx(short.get_window_extent().height, rel=0.1)
        inside, page = ax.xaxis.label.get_window_extent(), ax.figure.bbox
        assert page.x0 <= inside.x0 and inside.x1 <= page.x1 and inside.y0 >= page.y0
    assert cx.plot_estimates(means(), axis="satisfaction, " * 20).get_xlabel().endswith("…;\nline = 95 % interval")


def test_a_narrow_axis_names_each_tick_once():
    narrow = cx.plot_estimates(means(by=["memory"]).assign(mean=0.72, ci_low=0.70, ci_high=0.74))
    narrow.figure.draw_without_rendering()
    shown = [label.get_text() for label in narrow.get_xticklabels()]
    assert len(shown) > 2 and len(set(shown)) == len(shown)


def test_estimates_that_cannot_stand_together_are_refused():
    with pytest.raises(cx.CxError, match="at most 4 values.*a, b, c"):
        cx.plot_estimates(means().assign(a=1, b=2, c=3)[["a", "b", "c", "n", "mean", "ci_low", "ci_high"]])
    with pytest.raises(cx.CxError, match="each combination once"):
        cx.plot_estimates(pd.concat([means(), means()]))
    with pytest.raises(cx.CxError, match="Found: –"):
        cx.plot_estimates(means().drop(columns=["memory", "surprise"]))
    with pytest.raises(cx.CxError, match="plot_estimates needs .* share"):
        cx.plot_estimates(means(), "share")


# ---- gaps ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["rating", "superior"])
def test_gaps_are_those_of_the_table(outcome):
    table = gap_table(outcome).reset_index(drop=True)
    ax = cx.plot_gaps(table)
    factor, digits = (100, 0) if outcome == "superior" else (1, 2)
    for y, row in table.iterrows():
        assert sorted((x, shape) for x, shape, _ in markers(ax)[y]) == sorted([(row["estimate_1"], "s"), (row["estimate_2"], "o")])
        assert segments(ax)[y] == (row["estimate_1"], row["estimate_2"])
        told = "{}{} ({} … {})".format("+" * (row["difference"] > 0), *(f"{factor * row[name]:.{digits}f}".replace("-", "−")
                                                                       for name in ("difference", "ci_low", "ci_high")))
        assert beside(ax, y) == [told]
    assert list(ticks(ax)) == [f"{row['theme']}\nn = {row['n_1']} and {row['n_2']}" for _, row in table.iterrows()]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["company", "customers"]
    assert ("points" in " ".join(words(ax))) == (outcome == "superior")
    widest = table.loc[table["difference"].abs().idxmax(), "theme"]
    assert ax.get_title().startswith(f"Widest gap: {widest}, ") and "company" in ax.caption and "Differences are customers less company" in ax.caption
    clear = ((table["ci_low"] > 0) | (table["ci_high"] < 0)).sum()
    assert f"Intervals without 0: {clear} of 3;" in ax.caption


def test_one_gap_of_matched_units_counts_the_units():
    rows = [{"company": k, "who": who, "superior": "yes" if (k + shift) % 5 < most else "no"} for k in range(40)
            for who, most, shift in (("company", 4, 0), ("customers", 1, 0), ("customers", 1, 2))]
    table = cx.gap(pd.DataFrame(rows), "superior", "who", unit="company")
    ax = cx.plot_gaps(table)
    assert list(ticks(ax)) == ["n = 40 pairs"] and ax.get_title().startswith("customers less company: −60 points (") and "80 %" in ax.caption
    cx.use_language("tr")
    ax = cx.plot_gaps(table, labels={"company": "İşletme", "customers": "müşteriler"})
    assert "n = 40 çift" in ax.caption and "İşletme %80" in ax.caption and "puan" in ax.get_title()


def test_the_scale_of_gaps_may_be_given():
    low = gap_table().assign(estimate_1=0.4, estimate_2=0.9, difference=0.5)
    assert "points" in cx.plot_gaps(low).get_title() and "points" not in cx.plot_gaps(low, scale=(0, 10)).get_title()
    assert cx.plot_gaps(low, scale=(0, 10)).get_xlim() == (0, 10) and cx.plot_gaps(low, scale=(0, 1)).get_xlim() == (0, 1)
    assert cx.plot_gaps(low).get_xlim()[0] == 0


def test_gaps_that_cannot_stand_together_are_refused():
    with pytest.raises(cx.CxError, match="same two groups"):
        cx.plot_gaps(pd.concat([gap_table(), gap_table().assign(group_2="staff")]))
    with pytest.raises(cx.CxError, match="what each gap is of"):
        cx.plot_gaps(gap_table().drop(columns="theme"))
    with pytest.raises(cx.CxError, match="plot_gaps needs .* ci_low"):
        cx.plot_gaps(gap_table().drop(columns="ci_low"))


# ---- employees -------------------------------------------------------------------------------------------------------------------


def test_arrows_lead_from_the_mean_to_the_estimate_in_the_order_of_answers():
    table = employees()
    ax = cx.plot_shrinkage(table, average=5)
    rows = table[table["n"] >= 10].sort_values("n", ascending=False)
    arrows = sorted((text.xy[1], text.xyann[0], text.xy[0]) for text in ax.texts if getattr(text, "arrow_patch", None))
    assert [arrow[1:] for arrow in arrows] == list(zip(rows["raw"], rows["shrunken"], strict=True))
    heights = [arrow[0] for arrow in arrows]
    assert [segments(ax)[y] for y in heights] == list(zip(rows["ci_low"], rows["ci_high"], strict=True))
    circles, = (lines for lines in ax.collections if isinstance(lines, PathCollection))
    assert circles.get_offsets()[:, 0].tolist() == rows["shrunken"].tolist()
    assert circles.get_sizes() / circles.get_sizes()[0] == pytest.approx(rows["n"] / 86)
    assert [tuple(face[:3]) == to_rgb("white") for face in circles.get_facecolors()] == (rows["n"] < 30).tolist()
    assert [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "None"] == [5]


def test_under_30_answers_nobody_is_numbered_and_under_10_nobody_is_drawn():
    ax = cx.plot_shrinkage(employees())
    assert list(ticks(ax)) == ["100", "101", "102", "103", "4 without\na number\n(n = 10–29)"]
    assert not {"104", "105", "106", "107", "108"} & set(words(ax)) and "fewer than 10 answers: 1." in ax.caption
    assert [beside(ax, height)[0] for height in list(ticks(ax).values())[:4]] == ["86", "60", "45", "30"]
    assert "not for discipline" in ax.caption and "not of their score" in ax.caption and not any(str(k) in ax.caption.split() for k in range(100, 109))
    enough = cx.plot_shrinkage(employees((40, 35, 30)))
    assert list(ticks(enough)) == ["100", "101", "102"] and "Hollow" not in enough.caption
    assert [text for text in ticks(cx.plot_shrinkage(employees((29, 10))))] == ["2 without\na number\n(n = 10–29)"]
    cx.use_language("tr")
    ax = cx.plot_shrinkage(employees())
    assert "disiplin işlemi için kullanılamaz" in ax.caption and "puana göre değil" in ax.caption and "numarasız\n4 çalışan\n(n = 10–29)" in ticks(ax)


def test_the_score_changes_no_place():
    table = employees()
    turned = table.assign(raw=10 - table["raw"], shrunken=10 - table["shrunken"])
    assert ticks(cx.plot_shrinkage(table)) == ticks(cx.plot_shrinkage(turned))


def test_names_of_employees_are_refused_and_not_repeated():
    for bad in ("Ayşe Yılmaz", "17a", None, -3, 2.5):
        with pytest.raises(cx.CxError, match="never names") as error:
            cx.plot_shrinkage(employees().assign(unit=[bad, *range(8)]))
        assert str(bad) not in str(error.value)
    assert list(ticks(cx.plot_shrinkage(employees((40, 35)).assign(unit=[1234.0, 17.0]))))[:2] in (["1234", "17"], ["17", "1234"])
    for good in (employees().astype({"unit": float}), employees().astype({"unit": str}), employees().astype({"unit": "Int64"})):
        assert list(ticks(cx.plot_shrinkage(good)))[:4] == ["100", "101", "102", "103"]


def test_no_more_than_sixty_employees_are_drawn():
    ax = cx.plot_shrinkage(employees(tuple(range(100, 30, -1))))
    assert len(ticks(ax)) == 60 and "not drawn, but are in the table: 10." in ax.caption and "Means of 60 employees" in ax.get_title()


# ---- all four --------------------------------------------------------------------------------------------------------------------


def drawn(**arguments):
    labels = arguments.pop("labels", None)
    return [cx.plot_items(item_table(), GROUPS, labels=labels, **arguments), cx.plot_likert(unsure(), dont_know=9, labels=labels, **arguments),
            cx.plot_gaps(gap_table(), labels=labels, **arguments), cx.plot_shrinkage(employees(), **arguments)]


def test_hidden_rows_are_counted_not_drawn_and_small_ones_are_marked():
    table = item_table()
    table["note"] = ["", "hidden", "small; reversed", "", "", ""]
    ax = cx.plot_items(table)
    assert "q2" not in " ".join(words(ax)) and "fewer than 10 answers: 1." in ax.caption and "fewer than 30" in ax.caption
    assert [fill for found in markers(ax).values() for _, _, fill in found].count("white") == 1
    battery = shares().drop(columns="note")  # a table without notes is judged by its n
    battery.loc[battery["item"] == "q2", "n"], battery.loc[battery["item"] == "q4", "n"] = 9, 29
    ax = cx.plot_likert(battery)
    assert "q2" not in ticks(ax) and "fewer than 10 answers: 1." in ax.caption and "29*" in words(ax) and "*: fewer than 30" in ax.caption
    gaps = gap_table()
    gaps["note"] = ["hidden", "small", ""]
    ax = cx.plot_gaps(gaps)
    assert len(ticks(ax)) == 2 and [[fill for *_, fill in markers(ax)[y]].count("white") for y in (0, 1)] == [2, 0]
    assert "price" not in ax.caption and "fewer than 30" in ax.caption and "fewer than 10 answers: 1." in ax.caption


def test_nothing_to_draw_is_said():
    few = [cx.plot_items(item_table(8)), cx.plot_likert(shares(answers(8))), cx.plot_gaps(gap_table(n=24).assign(note="hidden")),
           cx.plot_shrinkage(employees((9, 4)))]
    few.append(cx.plot_estimates(means(90, ["memory"]).assign(note="hidden")))
    for ax, k in zip(few, (6, 6, 3, 2, 3), strict=True):
        assert ax.get_title() == "Too few answers to show" and f"fewer than 10 answers: {k}." in ax.caption and not ax.containers and not ax.collections
    tables = [(cx.plot_items, item_table()), (cx.plot_likert, shares()), (cx.plot_gaps, gap_table()), (cx.plot_shrinkage, employees()),
              (cx.plot_estimates, means())]
    assert all(plot(table.head(0)).caption == "Nothing is drawn." for plot, table in tables)


def test_simulated_data_say_so_and_titles_may_be_ones_own():
    bundled = cx.load("experiences")[["products", "services"]]
    assert "SIMULATED" in words(cx.plot_items(cx.item_table(bundled)))
    assert all("SIMULATED" not in words(ax) for ax in drawn())
    assert all("SIMULATED" in words(ax) and ax.get_title() == "Mine: 5 $ and $6" for ax in drawn(simulated=True, title="Mine: 5 $ and $6"))
    plt.close("all")
    tables = [(cx.plot_items, item_table()), (cx.plot_likert, shares()), (cx.plot_gaps, gap_table()), (cx.plot_shrinkage, employees())]
    cx.use_language("tr")
    for plot, table in tables:
        table.attrs["simulated"] = True
        assert "UYDURMA VERİ" in words(plot(table)) and "UYDURMA VERİ" in words(plot(table.head(0)))


def test_input_and_global_style_are_not_changed():
    before, tables = dict(plt.rcParams), [item_table(), unsure(), gap_table(), employees()]
    copies = [table.copy() for table in tables]
    cx.plot_items(tables[0], GROUPS), cx.plot_likert(tables[1], dont_know=9), cx.plot_gaps(tables[2]), cx.plot_shrinkage(tables[3])
    for table, copy in zip(tables, copies, strict=True):
        pd.testing.assert_frame_equal(table, copy)
    assert dict(plt.rcParams) == before


def test_levels_differ_in_grey_and_both_ends_are_dark():
    for k in (5, 7):
        greys = [np.dot(charts_scales.ENDS(j / (k - 1))[:3], (0.299, 0.587, 0.114)) for j in range(k)]
        middle = k // 2
        assert all(a < b for a, b in zip(greys[:middle], greys[1:middle + 1], strict=True)) and greys[middle] > 0.9
        assert all(a > b for a, b in zip(greys[middle:], greys[middle + 1:], strict=False)) and min(np.abs(np.diff(greys))) > 0.1


@settings(max_examples=8)
@given(st.text(min_size=1, max_size=60) | st.sampled_from(["$a_$", "$\\frac{}{}$", "=1+1", "<script>", "\u202eabc", "😀" * 50, "x" * 5000, "%s {n} %"]))
def test_text_of_strangers_comes_through_harmless(text):
    table, gaps = item_table().assign(item=[text, *ITEMS[1:]]), gap_table().assign(theme=[text, "b", "c"], group_1=text)
    battery = shares(items=["q1"]).assign(item=text)
    groups = means(by=["memory"]).assign(memory=[text, "b", "c"])
    for ax in (cx.plot_items(table, {text: "emotional"}), cx.plot_gaps(gaps), cx.plot_likert(battery), cx.plot_estimates(groups, axis=text)):
        ax.figure.draw_without_rendering()
        assert not any(found.get_parse_math() for found in ax.figure.findobj(Text)) and len(ax.caption) < 1500
        plt.close(ax.figure)


LONG = "Verilen sözün tutulması, randevu saatine ve teslim gününe uyulması"


@pytest.mark.parametrize("language, style", [("en", "paper"), ("tr", "screen"), ("en", "projector"), ("tr", "projector")])
def test_no_text_leaves_the_picture_or_meets_another(language, style):
    cx.use_style(style)
    cx.use_language(language)
    labels = {"q1": LONG, "q3": f"İç {LONG}", "price": LONG, "good": LONG, "yes": f"Evet, {LONG}", 1: "1 kesinlikle hayır", 7: "7 kesinlikle evet", "company": "Şirketin kendi görüşü"}
    many = employees((*range(90, 30, -4), *range(29, 9, -1), 5))
    estimates = cx.plot_estimates(means(), labels=labels, axis="memnuniyet, 1–7", scale=(1, 7), reference=4, simulated=True)
    for ax in (*drawn(labels=labels, simulated=True), estimates, cx.plot_shrinkage(many), cx.plot_gaps(gap_table("superior").head(1), labels=labels)):
        figure = ax.figure
        figure.draw_without_rendering()
        unseen = {label for label in ax.get_xticklabels() if not ax.get_xlim()[0] <= label.get_position()[0] <= ax.get_xlim()[1]}
        texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip() and text not in unseen]
        assert min(text.get_fontsize() for text in texts) >= {"paper": 8, "screen": 10, "projector": 14}[style]
        assert_apart(figure, [text for text in texts if not text.get_rotation()])
        plt.close(figure)
