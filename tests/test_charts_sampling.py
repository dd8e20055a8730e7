"""The figure of repeated surveys: what is drawn and what its texts say, counted anew."""

import json

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb

import cxlab as cx
from cxlab import charts_sampling, figures


def lines(ax):
    """Colour of each kind of survey → its intervals as (x, low, high)."""
    return {tuple(c.get_color()[0][:3]): [(p[0, 0], p[0, 1], p[1, 1]) for p in c.get_segments()] for c in ax.collections if isinstance(c, LineCollection)}


def test_the_first_hundred_are_drawn_and_those_that_miss_stand_out():
    table = cx.repeat_surveys(10, nps=80, kind="nps", interval="wald", rng=1)
    ax = cx.plot_surveys(table)
    drawn, first = lines(ax), table.head(100)
    for colour, misses in ((charts_sampling.PALE, False), (charts_sampling.DARK, True)):
        part = first[first["misses"] == misses]
        assert sorted(row[1:] for row in drawn[to_rgb(colour)]) == sorted(map(tuple, part[["ci_low", "ci_high"]].to_numpy()))
    middle = sorted((x, y) for line in ax.lines if line.get_marker() in (".", "X") for x, y in zip(*line.get_data(), strict=True))
    assert [y for _, y in middle] == sorted(first["estimate"]) and [x for x, _ in middle] == list(range(100))
    assert [line.get_marker() for line in ax.lines if line.get_marker() in (".", "X")] == [".", "X"]  # apart by shape, too


def test_title_and_caption_count_every_survey():
    table = cx.repeat_surveys(240, share=0.95, rng=1)
    misses, seen = int(table["misses"].sum()), int(table["misses"].head(100).sum())
    ax = cx.plot_surveys(table)
    assert ax.get_title() == f"The truth is missed by {misses} of 1,000 surveys (n = 240 each)"
    assert f"misses in {misses} of 1,000" in ax.caption and "in about 50" in ax.caption and f"first 100, of which {seen} miss" in ax.caption
    assert "truth is 95 %" in ax.caption and "Wilson's" in ax.caption and ax.get_ylabel() == "share found, with its 95 % interval"
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == [f"covers the truth: {100 - seen} of 100", f"misses it: {seen} of 100"]
    assert [line.get_ydata()[0] for line in ax.lines if len(set(line.get_ydata())) == 1 and line.get_marker() == "None"] == [0.95]
    assert "SIMULATED" in [text.get_text() for text in ax.figure.texts]
    assert cx.plot_surveys(table, title="Mine").get_title() == "Mine"


def test_it_speaks_turkish():
    cx.use_language("tr")
    ax = cx.plot_surveys(cx.repeat_surveys(40, share=0.455, rng=1))
    assert "gerçek değeri ıskalıyor" in ax.get_title() and "%45,5" in ax.caption and "%95 güven aralığı" in ax.get_ylabel()
    assert "UYDURMA VERİ" in [text.get_text() for text in ax.figure.texts]


def test_the_two_kinds_differ_in_grey():
    pale, dark = (np.dot(to_rgb(colour), (0.299, 0.587, 0.114)) for colour in (charts_sampling.PALE, charts_sampling.DARK))
    assert pale - dark > 0.3


@pytest.mark.parametrize("style", ["paper", "screen", "projector"])
@pytest.mark.parametrize("world", [{"n": 10, "nps": 95, "kind": "nps", "interval": "wald"}, {"n": 500, "share": 0.5}, {"n": 1, "share": 0.0}, {"n": 20, "share": 1}])
def test_nothing_is_cut_off(style, world):
    cx.use_style(style)
    ax = cx.plot_surveys(cx.repeat_surveys(**world, rng=1))
    ax.figure.draw_without_rendering()
    renderer, (width, height) = ax.figure.canvas.get_renderer(), ax.figure.get_size_inches() * ax.figure.dpi
    axis = [*ax.get_xticklabels(), *ax.get_yticklabels()]  # matplotlib keeps labels beyond the ends, and does not draw them
    for text in ax.figure.findobj(plt.Text):
        if text.get_visible() and text.get_text() and text not in axis:
            box = text.get_window_extent(renderer)
            assert box.x0 > -2 and box.y0 > -2 and box.x1 < width + 2 and box.y1 < height + 2, text.get_text()


def test_few_surveys_and_none():
    assert len(lines(cx.plot_surveys(cx.repeat_surveys(40, share=0.45, surveys=7, rng=1)))[to_rgb(charts_sampling.PALE)]) == 7
    table = cx.repeat_surveys(40, share=0.45, surveys=7, rng=1)
    for wrong, said in ((table.head(0), "empty"), (table.drop(columns="misses"), "misses"), (cx.load("five_questions"), "estimate")):
        with pytest.raises(cx.CxError, match=said):
            cx.plot_surveys(wrong)


def test_a_lesson_stays_small():
    assert len(json.dumps(figures._png(cx.plot_surveys(cx.repeat_surveys(40, share=0.45, rng=1)).figure)[0].hex())) < 60_000
