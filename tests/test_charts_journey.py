"""Figures of journeys: what is drawn and told equals the table, in both languages; places and line styles, not colour alone, tell kinds apart."""

import itertools

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text
from pictures import assert_apart, words

import cxlab as cx
from cxlab import charts_journey, figures, framework

STAGES = framework.keys("stages")
HOSTILE = ["$a_$", "$\\frac{}{}$", "=1+1", "<script>", "\u202eabc", "😀" * 50, "x" * 3000, "%s {n} %"]


def journeys(customers=250, seed=1):
    """Events in which people go on, skip a stage, go back and leave."""
    rng, rows = np.random.default_rng(seed), []
    for customer in range(customers):
        day, stage = 0, 0
        while day <= 120 and stage < 9:
            rows.append((customer, day, [*STAGES, "left"][stage]))
            day += 1 + int(rng.integers(1, 30))
            move = rng.random()
            stage = 8 if move < 0.08 else max(stage - 1, 0) if move < 0.22 else min(stage + (2 if move < 0.3 else 1), 7)
            stage = 9 if rows[-1][2] == "left" else stage
    return pd.DataFrame(rows, columns=["customer", "day", "stage"])


@pytest.fixture(scope="module")
def spells():
    return cx.spells(journeys(), end=120)


@pytest.fixture(scope="module")
def tables(spells):
    groups = pd.Series(["clinic", "telecom"] * 125, name="industry")
    feelings = pd.DataFrame({"stage": pd.Categorical(STAGES * 40, STAGES, ordered=True), "after": np.tile([1, 4, -2, 0, -1, 2, 3, 4], 40)})
    feelings["after"] += np.repeat([-1, 1], 160)
    feelings["before"] = feelings["after"] - 0.5
    return {"occupancy": cx.occupancy(spells), "by": cx.occupancy(spells, by=groups), "flows": cx.transition_matrix(spells),
            "per day": cx.transition_matrix(spells, per="day"), "stall": cx.stall(spells, within=20, n_boot=20, rng=1),
            "stall by": cx.stall(spells, within=20, n_boot=20, rng=1, by=groups),
            "after": cx.mean(feelings, "after", by="stage"), "before": cx.mean(feelings, "before", by="stage")}


def all_figures(tables, **arguments):
    """Every kind of figure, one at a time."""
    yield cx.plot_occupancy(tables["occupancy"], mark=[90, 100], **arguments)
    yield cx.plot_occupancy(tables["occupancy"], "lines", states=["activate", "acclimate", "accomplish", "left"], mark=[90, 100], **arguments)
    yield cx.plot_occupancy(tables["by"], "lines", states="advocate", **arguments)
    yield cx.plot_flows(tables["flows"], **arguments)
    yield cx.plot_stall(tables["stall"], **arguments)
    yield cx.plot_stall(tables["stall by"].query("state in ['affirm', 'activate', 'advocate']"), **arguments)
    yield cx.plot_journey_map(tables["after"], before=tables["before"], moments=["affirm", "activate", "advocate"], **arguments)


def told(share, low, high):
    return f"{100 * share:.0f} % (interval {100 * low:.0f}–{100 * high:.0f})"


# ---- who is where on which day ----------------------------------------------------------------------------------------------------


def test_areas_fill_the_figure_and_the_caption_tells_of_the_last_marked_day(tables):
    table = tables["occupancy"]
    ax = cx.plot_occupancy(table, mark=[90, 100])
    here = table[table["day"] == 100].set_index("state")
    most, left = here.drop(index="left")["occupancy"].idxmax(), here.loc["left"]
    for state, row in ((most, here.loc[most]), ("left", left)):
        assert f"{state}: {told(row['occupancy'], row['ci_low'], row['ci_high'])}" in ax.caption
    assert ax.get_title() == f"Day 100: {most} {100 * here.loc[most, 'occupancy']:.0f} %, left {100 * left['occupancy']:.0f} %"
    assert f"Share of {table.attrs['n']} customers" in ax.caption and f"under observation then: {here['n_at_risk'].sum()}." in ax.caption
    assert {"day 90", "day 100"} <= set(words(ax))
    marks = [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 3]
    assert marks == [90, 100]
    last = table[table["day"] == table["day"].max()].set_index("state")["occupancy"]
    for state in STAGES:
        assert any(text.startswith(f"{state} ") and text.split()[1] == figures.share_text(last[state]).split()[0] for text in words(ax)), state


def test_areas_have_the_heights_of_the_table_stages_in_order_the_exit_on_top(tables):
    table = tables["occupancy"]
    ax = cx.plot_occupancy(table)
    heights = []
    for area in ax.collections:
        points = area.get_paths()[0].vertices
        on_day = points[(points[:, 0] > 60) & (points[:, 0] < 60.999)]
        inside = points[points[:, 0] == 60]
        assert not len(on_day)
        heights.append((inside[:, 1].min(), inside[:, 1].max()))
    shares = table[table["day"] == 60].set_index("state")["occupancy"]
    tops = np.cumsum(shares[[*reversed(STAGES), "left"]])
    for (low, high), top in zip(heights, tops, strict=True):
        assert low <= top + 1e-9 and high >= top - 1e-9
    assert [area.get_hatch() for area in ax.collections] == ["..", *[None] * 7, "//"]  # advocate and left stand apart in grey too
    greys = [np.dot(to_rgb(area.get_facecolor()[0]), (0.299, 0.587, 0.114)) for area in ax.collections[1:-1]]
    assert min(np.diff(greys)) > 0.05  # from the stage before advocate to the first one, ever lighter


def test_lines_and_bands_are_those_of_the_table(tables):
    table = tables["occupancy"]
    ax = cx.plot_occupancy(table, "lines", states=["activate", "left"], mark=50)
    for state in ("activate", "left"):
        rows = table[table["state"] == state]
        [line] = [line for line in ax.lines if len(line.get_xdata()) == len(rows) and np.allclose(line.get_ydata(), rows["occupancy"])]
        assert line.get_drawstyle() == "steps-post"
        here = rows[rows["day"] == 50].iloc[0]
        assert f"{state}: {told(here['occupancy'], here['ci_low'], here['ci_high'])}" in ax.caption
    lows = [area.get_paths()[0].vertices[:, 1].max() for area in ax.collections]
    assert lows == pytest.approx([table[table["state"] == state]["ci_high"].max() for state in ("activate", "left")])
    assert len({str(look[1]) for look in charts_journey.LINES}) == len(charts_journey.LINES)
    four = cx.plot_occupancy(table, "lines")
    last = table[table["day"] == 120].set_index("state")["occupancy"].nlargest(4).index
    assert all(f"{state}: " in four.caption for state in last) and four.caption.count("(interval") == 4


def test_groups_are_lines_of_one_state(tables):
    table = tables["by"]
    ax = cx.plot_occupancy(table, "lines", states="advocate", mark=[100])
    for group, row in table[(table["day"] == 100) & (table["state"] == "advocate")].set_index("industry").iterrows():
        name = framework.label("industries", group)
        assert f"{name} (n = {table.attrs['n'][group]}): {told(row['occupancy'], row['ci_low'], row['ci_high'])}" in ax.caption
        assert name in words(ax)
    assert ax.get_title().startswith("Day 100, advocate: ") and "n = 250 in all" in ax.caption


def test_small_groups_are_only_counted_and_days_without_anybody_are_left_out(spells):
    few = pd.Series(["one"] * 5 + ["many"] * 245, name="shop")
    table = cx.occupancy(spells, by=few, days=[0, 50, 400])
    ax = cx.plot_occupancy(table, "lines", states="activate")
    assert "fewer than 10 customers: 1." in ax.caption and "one" not in words(ax) and "Day 50" in ax.caption
    alone = cx.plot_occupancy(cx.occupancy(spells[spells["customer"] < 5]))
    assert "fewer than 10 customers" in alone.caption and alone.get_title() == "Too few customers to show"
    assert "Nothing is drawn" in cx.plot_occupancy(table.drop(columns="shop").head(0)).caption


def test_days_between_those_of_the_table_are_joined_straight_and_errors_may_be_missing(spells):
    table = cx.occupancy(spells, days=[0, 40, 100], se=None)
    ax = cx.plot_occupancy(table, "lines", states=["left"])
    assert ax.lines[0].get_drawstyle() == "default" and "interval" not in ax.caption.split("Day 100")[1]
    share = table[(table["day"] == 100) & (table["state"] == "left")]["occupancy"].item()
    assert f"left: {100 * share:.0f} %." in ax.caption
    assert "nan" not in cx.plot_occupancy(table).caption


def test_what_cannot_be_drawn_is_refused(tables):
    table, by = tables["occupancy"], tables["by"]
    cases = [((table.drop(columns="occupancy"),), {}, "needs a table .* occupancy"), ((table, "pie"), {}, "kind"),
             ((by,), {}, "Stacked areas"), ((table,), {"states": "left"}, "Stacked areas"), ((by, "lines"), {}, "choose it"),
             ((by, "lines"), {"states": ["left", "adopt"]}, "choose it"), ((table, "lines"), {"states": ["gone"]}, "no 'gone'"),
             ((table, "lines"), {"states": STAGES}, "More than 4 lines"), ((table,), {"mark": 400}, "Day 400 cannot be marked.* 0 to 120"),
             ((pd.concat([table, table]),), {}, "once"), ((by.assign(more=1)[["more", *by.columns]], "lines"), {"states": "left"}, "once")]
    for given_, named, message in cases:
        with pytest.raises(cx.CxError, match=message):
            cx.plot_occupancy(*given_, **named)
    apart = by[(by["industry"] == "clinic") == (by["day"] < 50)]
    with pytest.raises(cx.CxError, match="no day in common"):
        cx.plot_occupancy(apart, "lines", states="left")


def test_own_states_and_the_name_of_the_clock():
    log = pd.DataFrame({"customer": np.repeat(np.arange(40), 2), "day": [0, 5] * 40, "stage": ["trial", "buys"] * 30 + ["trial", "gone"] * 10})
    table = cx.occupancy(cx.spells(log, states=["trial", "buys"], exit="gone", end=20))
    ax = cx.plot_occupancy(table, exit="gone", labels={"buys": "alır", "day": "days since the trial began"}, mark=10)
    assert ax.get_title() == "Day 10: alır 75 %, gone 25 %" and ax.get_xlabel() == "days since the trial began"
    assert [bool(area.get_hatch()) for area in ax.collections] == [False, False, True]
    assert "left" not in cx.plot_occupancy(table, labels={"gone": "elsewhere"}).caption  # where no state is the exit none is spoken of
    flows = cx.plot_flows(cx.transition_matrix(cx.spells(log, states=["trial", "buys"], exit="gone", end=20)), exit="gone")
    assert flows.get_title() == "Of 40 moves 0 % go back and 25 % lead out"


# ---- who moves where --------------------------------------------------------------------------------------------------------------


def paths(ax, kind):
    """Lines of a kind of move: {(first x, last x): width}."""
    colour = to_hex(charts_journey.FLOWS[kind][0])
    return {(round(line.get_xdata()[0]), round(line.get_xdata()[-1])): line for line in ax.lines
            if to_hex(line.get_color()) == colour and len(line.get_xdata()) > 1}


def test_the_caption_counts_moves_on_back_and_out(tables):
    table = tables["flows"]
    order = [*STAGES, "left"]
    start, to = (table[name].astype(str).map(order.index) for name in ("from", "to"))
    kinds = np.select([to == 8, to > start], ["out", "on"], "back")
    moves, total = table["moves"].groupby(kinds).sum(), table["moves"].sum()
    for ax in (cx.plot_flows(table), cx.plot_flows(tables["per day"])):
        for kind in ("on", "back", "out"):
            assert f"{kind} {moves[kind]:,} ({100 * moves[kind] / total:.0f} %" in ax.caption
        assert f"n = {total:,} moves" in ax.caption and f"{table['moves'][(kinds == 'on') & (to > start + 1)].sum()} of these past a stage" in ax.caption
        back = table[kinds == "back"].sort_values("moves", kind="stable").iloc[-1]
        assert f"way back: {back['from']} → {back['to']} ({back['moves']})." in ax.caption
        out = table[kinds == "out"].sort_values("moves", kind="stable").iloc[-1]
        assert f"Most leave from {out['from']} ({out['moves']})." in ax.caption
        assert ax.get_title() == f"Of {total:,} moves {100 * moves['back'] / total:.0f} % go back and {100 * moves['out'] / total:.0f} % lead out"


def test_kinds_of_moves_differ_in_place_and_line_and_width_is_their_number(tables):
    table = tables["flows"]
    ax = cx.plot_flows(table)
    assert len({look[1] for look in charts_journey.FLOWS.values()}) == 3
    on, back, out = (paths(ax, kind) for kind in ("on", "back", "out"))
    shown = table[~table["note"].str.contains("hidden")]
    assert len(on) + len(back) + len(out) == len(shown)
    assert all(line.get_ydata().min() >= 0 for line in on.values()) and all(line.get_ydata().max() <= 0 for line in back.values())
    assert all(np.ptp(line.get_xdata()) == 0 and line.get_ydata()[-1] < line.get_ydata()[0] for line in out.values())
    place = {state: k for k, state in enumerate(STAGES)}
    widths = [(row["moves"], (on if place[row["to"]] > place[row["from"]] else back)[place[row["from"]], place[row["to"]]].get_linewidth())
              for _, row in shown[shown["to"] != "left"].iterrows()]
    moves, widths = np.array(widths).T
    assert np.corrcoef(moves, widths)[0, 1] > 1 - 1e-9 and np.ptp(widths) > 3
    assert {str(row["moves"]) for _, row in shown.iterrows() if row["moves"] > 0.3 * shown["moves"].max()} <= {word.rstrip("*") for word in words(ax)}


def test_few_at_risk_and_moves_after_leaving_are_told():
    table = pd.DataFrame({"from": ["admit", "admit", "affirm", "activate", "left"], "to": ["affirm", "left", "activate", "affirm", "admit"],
                          "moves": [60, 40, 20, 4, 3], "at_risk": [100, 100, 20, 4, 3], "note": ["", "", "small", "hidden", "hidden"]})
    ax = cx.plot_flows(table)
    assert "20*" in words(ax) and "fewer than 30 at risk" in ax.caption
    assert "Ways not drawn because fewer than 10 were at risk in the stage they leave: 1." in ax.caption and not paths(ax, "back")
    assert "Moves back in after leaving, not drawn: 3." in ax.caption and "n = 124 moves" in ax.caption
    assert cx.plot_flows(table.drop(columns="note")).caption == ax.caption
    nothing = cx.plot_flows(table.tail(2))
    assert nothing.get_title() == "No moves to show" and "fewer than 10" in nothing.caption
    with pytest.raises(cx.CxError, match="more than once"):
        cx.plot_flows(pd.concat([table, table]))
    with pytest.raises(cx.CxError, match="needs a table .* at_risk"):
        cx.plot_flows(table.drop(columns="at_risk"))


# ---- what becomes of those who enter ----------------------------------------------------------------------------------------------


def test_bars_and_dots_are_the_shares_of_the_table(tables):
    table = tables["stall"]
    ax = cx.plot_stall(table)
    bars = ax.containers
    for name, container in zip(charts_journey.ENDS, bars, strict=True):
        assert [bar.get_width() for bar in container] == pytest.approx(table[name].tolist())
    assert len({container[0].get_hatch() for container in bars}) == 3  # the two without hatching are the darkest and the lightest
    assert [bar.get_x() + bar.get_width() for bar in bars[-1]] == pytest.approx([1] * len(table))
    side = next(each for each in ax.figure.axes if each is not ax)
    assert sorted(x for line in side.lines for x in line.get_xdata()) == pytest.approx(sorted(table["loss_share"]))
    segments = [segment[:, 0] for segment in side.collections[0].get_segments()]
    assert np.array(segments) == pytest.approx(table[["loss_share_low", "loss_share_high"]].to_numpy())
    assert {f"{state}\nn = {n}" for state, n in zip(table["state"], table["n"], strict=True)} <= set(words(ax))


def test_the_caption_names_where_most_wait_and_where_most_are_lost(tables):
    table = tables["stall"]
    ax = cx.plot_stall(table)
    wait = table[table["state"] != "advocate"].set_index("state").sort_values("still_there").iloc[-1]
    assert table.set_index("state")["still_there"].idxmax() == "advocate"  # who has arrived is not stuck
    assert f"the last stage aside: {wait.name}, {told(*wait[['still_there', 'still_there_low', 'still_there_high']])}, n = {wait['n']}." in ax.caption
    lost = table.set_index("state").sort_values("loss_share").iloc[-1]
    assert f"from one stage: {lost.name}, {told(*lost[['loss_share', 'loss_share_low', 'loss_share_high']])}." in ax.caption
    assert "within 20 days" in ax.caption and "Intervals: 95 %" in ax.caption
    assert f"{wait.name} ({100 * wait['still_there']:.0f} %)" in ax.get_title()


def test_small_hidden_and_unseen_stages(tables):
    table = tables["stall"].copy()
    table["note"] = ["hidden", "small", *[""] * 6]
    table.loc[3, ["on", "back", "left", "still_there"]] = np.nan
    ax = cx.plot_stall(table)
    assert "assess" not in " ".join(words(ax)) and f"admit\nn = {table['n'][1]}*" in words(ax)
    for sentence in ("*, hollow marker: fewer than 30 visits.", "fewer than 10 visits began there: 1.", "nobody was followed for 20 days: 1."):
        assert sentence in ax.caption
    assert "nobody was followed for 20 days" in words(ax) and "nan" not in ax.caption
    side = next(each for each in ax.figure.axes if each is not ax)
    assert [len(line.get_xdata()) for line in side.lines if line.get_markerfacecolor() == "white"] == [1]
    assert cx.plot_stall(table.head(1)).get_title() == "Too few visits to show"
    empty = table.assign(**dict.fromkeys(("still_there", "loss_share"), np.nan))
    assert "nan" not in cx.plot_stall(empty).caption


def test_groups_stand_under_their_stage(tables):
    table = tables["stall by"]
    ax = cx.plot_stall(table)
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names[len(table):] == STAGES
    first = table[table["state"] == "assess"].set_index("industry")["n"]
    assert names[:2] == [f"{framework.label('industries', group)} (n = {n})" for group, n in first.items()]
    best = table[table["state"] != "advocate"].sort_values("still_there").iloc[-1]
    assert f"{best['state']}, {framework.label('industries', best['industry'])}, {told(*best[['still_there', 'still_there_low', 'still_there_high']])}" in ax.caption
    many = pd.concat([table.assign(industry=f"{k}") for k in range(3)], ignore_index=True).drop_duplicates(["industry", "state"])
    many = pd.concat([many, many.assign(industry=many["industry"] + "b")], ignore_index=True)
    many.attrs = table.attrs
    with pytest.raises(cx.CxError, match="48 bars are too many"):
        cx.plot_stall(many)
    with pytest.raises(cx.CxError, match="within"):
        cx.plot_stall(pd.DataFrame(table.to_dict("list")))


# ---- how it feels -----------------------------------------------------------------------------------------------------------------


def test_the_map_draws_means_intervals_and_n(tables):
    table = tables["after"]
    ax = cx.plot_journey_map(table, moments=["affirm"])
    dots = next(line for line in ax.lines if line.get_marker() == "o" and line.get_linestyle() == "None")
    assert list(dots.get_ydata()) == pytest.approx(table["mean"].tolist())
    assert np.array([segment[:, 1] for segment in ax.collections[0].get_segments()]) == pytest.approx(table[["ci_low", "ci_high"]].to_numpy())
    best, worst = table.loc[table["mean"].idxmax()], table.loc[table["mean"].idxmin()]
    plus = [f"{value:+.1f}".replace("-", "−") for row in (best, worst) for value in row[["mean", "ci_low", "ci_high"]]]
    assert f"Best: {best['stage']}, {plus[0]} (95 % interval {plus[1]} to {plus[2]}), n = 40" in ax.caption
    assert f"worst: {worst['stage']}, {plus[3]} ({plus[4]} to {plus[5]}), n = 40." in ax.caption
    below = ", ".join(table["stage"][table["ci_high"] < 0])
    assert below == "affirm, acclimate" and f"Below 0 with the whole 95 % interval: {below}." in ax.caption
    [star] = [line for line in ax.lines if line.get_marker() == "*"]
    assert (star.get_xdata()[0], star.get_ydata()[0]) == (2, table["mean"][2]) and "moments of truth, as marked by whoever drew this: affirm." in ax.caption
    assert words(ax).count("n = 40") == 8 and {f"{value:+.1f}".replace("-", "−").replace("+0.0", "0.0") for value in table["mean"]} <= set(words(ax))
    seen = " ".join(" ".join(words(ax)).split())
    assert all(feeling in seen for feeling in framework.stages["feeling"]) and "a claim and not a result" in ax.caption
    assert ax.get_ylim() == (-5, 5)


def test_before_is_a_broken_line_of_squares(tables):
    ax = cx.plot_journey_map(tables["after"], before=tables["before"].iloc[::-1], labels={"before": "prior"})
    squares = next(line for line in ax.lines if line.get_marker() == "s" and line.get_linestyle() == "None")
    assert list(squares.get_ydata()) == pytest.approx(tables["before"]["mean"].tolist())
    assert {text.get_text() for text in ax.get_legend().get_texts()} == {"after", "prior"} and "Broken line, squares (prior)" in ax.caption


def test_stages_with_few_answers_leave_a_gap(tables):
    table = tables["after"].copy()
    table.loc[3, ["n", "note"]] = [7, "hidden"]
    table.loc[5, ["n", "note"]] = [20, "small"]
    ax = cx.plot_journey_map(table)
    runs = [len(line.get_xdata()) for line in ax.lines if line.get_linestyle() == "-" and to_hex(line.get_color()) == to_hex(charts_journey.BLUE) and len(line.get_xdata())]
    assert runs == [3, 4] and "n = 7" in words(ax) and "–" in words(ax)
    assert "fewer than 10 answered: 1." in ax.caption and "Hollow marker" in ax.caption
    assert cx.plot_journey_map(table.iloc[[3]]).get_title() == "Too few answers to show"
    own = pd.DataFrame({"stage": ["first", "second"], "n": 40, "mean": [0.5, 1.0], "ci_low": [0.0, 0.5], "ci_high": [1.0, 1.5]})
    assert "claims" not in cx.plot_journey_map(own).caption
    with pytest.raises(cx.CxError, match="no 'birth'"):
        cx.plot_journey_map(table, moments="birth")
    with pytest.raises(cx.CxError, match="more than once"):
        cx.plot_journey_map(pd.concat([table, table]))


# ---- all of them ------------------------------------------------------------------------------------------------------------------


def test_turkish_and_simulated(tables):
    assert "SIMULATED" not in words(cx.plot_flows(tables["flows"]))
    cx.use_language("tr")
    row = tables["occupancy"].query("day == 100 and state == 'left'").iloc[0]
    marked = tables["occupancy"].copy()
    marked.attrs["simulated"] = True
    ax = cx.plot_occupancy(marked, "lines", states="left", mark=100)
    assert f"ayrıldı: %{100 * row['occupancy']:.0f} (aralık {100 * row['ci_low']:.0f}–{100 * row['ci_high']:.0f})" in ax.caption and "UYDURMA VERİ" in words(ax)
    assert "UYDURMA VERİ" in words(cx.plot_stall(tables["stall"].head(0), simulated=True))


def test_hostile_names_are_harmless_and_nothing_else_is_changed(tables):
    before, copies = dict(plt.rcParams), {name: table.copy() for name, table in tables.items()}
    labels = dict(zip([*STAGES, "left", "day", "clinic", "after", "before"], itertools.cycle(HOSTILE), strict=False))
    for ax in all_figures(tables, labels=labels, title="Mine: 5 $"):
        ax.figure.draw_without_rendering()
        assert not any(found.get_parse_math() for found in ax.figure.findobj(Text)) and len(ax.caption) < 2500 and ax.get_title() == "Mine: 5 $"
        plt.close(ax.figure)
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, copies[name])
    assert dict(plt.rcParams) == before


@settings(max_examples=3)
@given(st.text(min_size=1, max_size=40))
def test_text_of_strangers_comes_through(tables, text):
    for ax in (cx.plot_flows(tables["flows"], labels={"admit": text, "left": text}), cx.plot_journey_map(tables["after"], labels={"admit": text})):
        ax.figure.draw_without_rendering()
        assert not any(found.get_parse_math() for found in ax.figure.findobj(Text))
        plt.close(ax.figure)


@pytest.mark.parametrize("language, style", [("tr", "paper"), ("en", "projector")])
def test_no_text_leaves_the_picture_or_meets_another(tables, language, style):
    cx.use_style(style)
    cx.use_language(language)
    for ax in all_figures(tables, simulated=True):
        figure = ax.figure
        seen = set(" ".join([ax.caption, *words(ax)]).split())
        assert not ({"day", "moves", "interval", "share", "left", "advocate", "activate", "moment"} & seen and language == "tr") and "{" not in ax.caption
        unseen = set()
        for each in figure.axes:
            for axis, (low, high) in ((each.xaxis, sorted(each.get_xlim())), (each.yaxis, sorted(each.get_ylim()))):
                unseen |= {tick.label1 for tick in axis.get_major_ticks() if not low - 1e-9 <= tick.get_loc() <= high + 1e-9} if each.axison else set(axis.get_ticklabels())
            unseen |= {each.xaxis.label, each.yaxis.label} if not each.axison else set()
        texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip() and text not in unseen]
        assert min(text.get_fontsize() for text in texts) >= {"paper": 8, "screen": 9.5, "projector": 14}[style]
        assert_apart(figure, texts)
        plt.close(figure)


def test_names_are_spread_in_order_and_stay_inside():
    at = np.array([0.5, 0.1, 0.5, 0.52, 0.99])
    found = charts_journey._spread(at, 0.1, 0.05, 1.0)
    assert np.diff(np.sort(found)).min() >= 0.1 - 1e-9 and found.min() >= 0.05 and found.max() <= 1 + 1e-9
    assert found[1] == 0.1 and found[4] == 0.99 and found[[0, 2, 3]].mean() == pytest.approx(at[[0, 2, 3]].mean())
    assert list(np.argsort(found, kind="stable")) == list(np.argsort(at, kind="stable"))


def test_an_interval_for_several_comparisons_is_not_called_one_of_100_per_cent():
    assert figures.level_text(0.95) == "95 %" and figures.level_text(1 - 0.05 / 24) == "99.8 %" and figures.level_text(0.9) == "90 %"
