"""The figures of rounds and of the silent: what is drawn is the table, what lies outside stands out, no text meets another, words of strangers stay text."""

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle, StepPatch
from matplotlib.text import Text
from pictures import assert_apart, words

import cxlab as cx
from cxlab import charts_touchpoints


def bounds(**changes):
    rows = {"among": ["all", "dissatisfied"], "n": [2934, 235], "low": [0.07, 0.56], "high": [0.65, 0.98], "ci_low": [0.06, 0.51], "ci_high": [0.67, 0.99], "note": ["", ""]}
    return pd.DataFrame(rows | changes)


def told(shift=0.0, k=16, n=400, name=lambda k: k + 1, seed=5):
    """A table of rounds whose last six may be lower."""
    rng = np.random.default_rng(seed)
    rows = []
    for at in range(k):
        p = np.array([0.35, 0.35, 0.3]) + (shift if at >= k - 6 else 0) * np.array([-0.5, 0, 0.5])
        rows += [(name(at), score) for score, count in zip((10, 8, 3), rng.multinomial(n + 10 * (at % 5), p), strict=True) for _ in range(count)]
    return cx.rounds(pd.DataFrame(rows, columns=["round", "score"]))


def bars(ax):
    return [end for bar in ax.patches if isinstance(bar, Rectangle) and bar.get_height() == pytest.approx(0.42) for end in (bar.get_x(), bar.get_width())]


def test_bars_and_whiskers_are_the_table():
    ax, table = cx.plot_silent(bounds()), bounds()
    assert bars(ax) == pytest.approx([0, 0.07, 0, 0.56, 0.07, 0.58, 0.56, 0.42])
    ends = {round(float(x), 6) for lines in ax.collections for segment in lines.get_segments() for x in segment[:, 0]}
    assert ends == set(table[["low", "high", "ci_low", "ci_high"]].to_numpy().ravel())
    assert ax.get_title() == "Dissatisfied and silent: at least 7 %, at most 65 % of all"
    assert {"7 % to 65 %", "56 % to 98 %", "among all\nn = 2,934", "among the dissatisfied\nn = 235 answers"} <= set(words(ax))
    assert "Of all n = 2,934 rows at least 7 % and at most 65 %" in ax.caption and "(95 % limits 51 % and 99 %)" in ax.caption and "can say" in ax.caption
    assert "not invited" not in ax.caption and {patch.get_hatch() for patch in ax.patches} == {None, "///"}


def test_what_is_hidden_or_missing_is_counted_not_drawn():
    one = cx.plot_silent(bounds(n=[2934, 5], note=["", "hidden"]))
    assert bars(one) == pytest.approx([0, 0.07, 0.07, 0.58]) and "fewer than 10 answers: 1." in one.caption and "n = 5" not in " ".join(words(one))
    only = cx.plot_silent(bounds().tail(1))
    assert only.get_title() == "Silent among the dissatisfied: at least 56 %, at most 98 %"
    assert cx.plot_silent(bounds(n=[3, 2], note="hidden")).get_title() == "Too few answers to show"
    full = cx.plot_silent(cx.silent(pd.DataFrame({"score": [2.0] * 40 + [np.nan] * 50, "complained": "no", "invited": ["yes"] * 60 + ["no"] * 30, "answered": ["yes"] * 40 + ["no"] * 50}), 6, level=0.9)).caption
    assert "not invited 30, no answer 20, answered without a score 0" in full and "90 % limits" in full


def test_rounds_are_the_table():
    table = told(shift=0.3)
    ax = cx.plot_rounds(table)
    lines = {line.get_marker(): np.column_stack(line.get_data()) for line in ax.lines if line.get_marker() in ("o", "D") and len(line.get_xdata())}
    out = (table["outside"] != "").to_numpy()
    assert 4 <= out.sum() < 16 and len(lines) == 2
    for marker, here in (("o", ~out), ("D", out)):
        assert lines[marker] == pytest.approx(np.column_stack([np.flatnonzero(here), table["nps"][here]]))
    steps = {tuple(patch.get_data().values.round(6)) for patch in ax.patches if isinstance(patch, StepPatch)}
    assert steps == {tuple(table[end].round(6)) for end in ("lower", "upper")}
    ends = {tuple(segment[:, 1].round(6)) for each in ax.collections for segment in each.get_segments()}
    assert ends == {tuple(row) for row in table[["ci_low", "ci_high"]].round(6).to_numpy()}
    named = [row["round"] for _, row in table[out].iterrows()]
    assert ax.get_title() == f"{out.sum()} of 16 rounds lie outside the limits of chance: {', '.join(map(str, named))}"
    assert f"Below the limits: {', '.join(map(str, named))}." in ax.caption and "3 rounds in 1,000" in ax.caption and "not steady" not in ax.caption
    assert all(f"{score:.0f}".replace("-", "−") in words(ax) for score in table["nps"][out])
    level, top = ax.get_ylim()
    assert level < table[["ci_low", "lower"]].min(axis=None) and top > table[["ci_high", "upper"]].max(axis=None)


def test_steady_and_short_series_say_so():
    steady = cx.plot_rounds(told())
    assert steady.get_title() == "None of 16 rounds lies outside the limits of chance" and "No round lies outside." in steady.caption
    short = cx.plot_rounds(told(k=7))
    assert short.get_title().startswith("Fewer than 8 rounds: no limits yet") and not [patch for patch in short.patches if isinstance(patch, StepPatch)]
    assert "needs 8 rounds" in short.caption and len(short.get_legend().get_texts()) == 1
    early = told()
    early.loc[2, ["nps", "outside"]] = [95, "above"]
    caption = cx.plot_rounds(early).caption
    assert "not steady" in caption and "Above the limits: 3." in caption


def test_small_hidden_and_empty_rounds():
    table = told()
    table.loc[[3, 5, 7], "n"] = [20, 5, 0]
    table.loc[[3, 5], "note"] = ["small", "hidden"]
    table.loc[7, ["nps", "ci_low", "ci_high", "lower", "upper"]] = np.nan
    ax = cx.plot_rounds(table)
    assert "fewer than 30" in ax.caption and "fewer than 10 answers: 1." in ax.caption and "without any answer: 1." in ax.caption and "NPS of 14 rounds" in ax.caption
    hollow = [line for line in ax.lines if line.get_marker() == "o" and to_rgb(line.get_markerfacecolor()) == to_rgb("white")]
    assert any(list(line.get_xdata()) == [3] for line in hollow)
    assert cx.plot_rounds(table.assign(note="hidden")).get_title() == "Too few answers to show"


def test_many_rounds_keep_room_for_their_names():
    ax = cx.plot_rounds(told(k=60, n=100, name=lambda k: f"2018-{k + 10}", shift=0.5))
    ax.figure.draw_without_rendering()
    boxes = [tick.get_window_extent() for tick in ax.get_xticklabels() if tick.get_text()]
    assert 3 < len(boxes) < 30 and all(a.x1 < b.x0 for a, b in zip(boxes[:-1], boxes[1:], strict=True))
    assert "…" in ax.get_title() or len(ax.get_title()) < 200


@pytest.mark.parametrize("draw, said", [
    (lambda: cx.plot_silent(bounds().drop(columns="low")), "plot_silent needs .* low"), (lambda: cx.plot_silent(bounds(among=["all", "some"])), "Found: all, some"),
    (lambda: cx.plot_silent(pd.concat([bounds()] * 2)), "once"), (lambda: cx.plot_rounds(told().drop(columns="centre")), "plot_rounds needs .* centre")])
def test_what_cannot_be_drawn_is_refused(draw, said):
    with pytest.raises(cx.CxError, match=said):
        draw()


def test_turkish_and_simulated():
    table, rounds = bounds(), told(shift=0.3)
    table.attrs["simulated"] = rounds.attrs["simulated"] = True
    assert "SIMULATED" not in words(cx.plot_silent(bounds())) and "SIMULATED" in words(cx.plot_rounds(rounds))
    cx.use_language("tr")
    silent, drawn = cx.plot_silent(table), cx.plot_rounds(rounds)
    assert "UYDURMA VERİ" in words(silent) and "herkes içinde en az %7, en çok %65" in silent.get_title() and "rastlantı sınırlarının dışında" in drawn.get_title()
    assert cx.plot_rounds(rounds, title="Benim: 5 $").get_title() == "Benim: 5 $" and "UYDURMA VERİ" in words(cx.plot_silent(bounds(n=[1, 1], note="hidden"), simulated=True))


def test_input_and_global_style_are_not_changed():
    before, table, rounds = dict(plt.rcParams), bounds(), told()
    copies = table.copy(), rounds.copy()
    cx.plot_silent(table), cx.plot_rounds(rounds, labels={1: "first"})
    pd.testing.assert_frame_equal(table, copies[0])
    pd.testing.assert_frame_equal(rounds, copies[1])
    assert dict(plt.rcParams) == before


def test_inside_and_outside_are_told_apart_without_colour():
    greys = [np.dot(to_rgb(colour), (0.299, 0.587, 0.114)) for colour in (charts_touchpoints.BLUE, charts_touchpoints.ORANGE)]
    assert abs(np.diff(greys)[0]) > 0.2  # besides the shape and the number


HOSTILE = ["$a_$", "$\\frac{}{}$", "=1+1", "<script>", "\u202eabc", "😀" * 50, "x" * 5000, "%s {n} %"]


@settings(max_examples=2)
@given(st.text(min_size=1, max_size=60))
def test_text_of_strangers_comes_through_harmless(text):
    table = told(shift=0.4, k=12, n=60)
    for ax in (cx.plot_rounds(table.assign(round=["a", "b", *HOSTILE, "c", text])), cx.plot_rounds(table, labels=dict.fromkeys(range(7, 13), text), title=text)):
        ax.figure.draw_without_rendering()
        assert not any(found.get_parse_math() for found in ax.figure.findobj(Text)) and len(ax.caption) < 1500
        plt.close(ax.figure)


@pytest.mark.parametrize("language, style", [("en", "paper"), ("tr", "screen"), ("en", "projector"), ("tr", "projector")])
def test_no_text_leaves_the_picture_or_meets_another(language, style):
    cx.use_style(style)
    cx.use_language(language)
    long = {k: f"tur {k}, ağustos ayının ilk haftası" for k in range(1, 17)}
    for ax in (cx.plot_silent(bounds(), simulated=True), cx.plot_rounds(told(shift=0.3), labels=long if language == "tr" else None, simulated=True)):
        figure = ax.figure
        figure.draw_without_rendering()
        unseen = {tick for tick in ax.get_xticklabels() if not ax.get_xlim()[0] <= tick.get_position()[0] <= ax.get_xlim()[1]}
        unseen |= {tick for tick in ax.get_yticklabels() if not min(ax.get_ylim()) <= tick.get_position()[1] <= max(ax.get_ylim())}
        texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip() and text not in unseen]
        assert min(text.get_fontsize() for text in texts) >= {"paper": 8, "screen": 10, "projector": 14}[style]
        assert_apart(figure, texts)
        plt.close(figure)
