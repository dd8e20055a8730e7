"""The three things to move about the components: each shows what its plain twin says, in both languages, and nothing is cut off."""

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import pytest

import cxlab as cx
from cxlab import component_worlds as worlds
from cxlab import explore_components, figures


@pytest.fixture
def shown(monkeypatch):
    drawn = []
    monkeypatch.setattr(explore_components, "show", drawn.append)
    return drawn


def analysed(n, correlation=0.6, sample=1, weights=worlds.WEIGHTS):
    return cx.importance(cx.draw_components(weights, n, correlation, rng=sample), "outcome", worlds.COMPONENTS, rng=1)


def marks(ax, marker="o"):
    return [(x, y) for line in ax.lines if line.get_marker() == marker for x, y in zip(*line.get_data(), strict=True)]


FIGURES = {
    "one sample": lambda: cx.plot_named_first(cx.name_the_first(worlds.WEIGHTS, 120, rng=1), analysed(120)),
    "truth alone": lambda: cx.plot_named_first(cx.name_the_first((0.3, 0.3, 0.3), 40, rng=1)),
    "nothing": lambda: cx.plot_named_first(cx.name_the_first((0, 0, 0), 2000, rng=1), analysed(2000, weights=(0, 0, 0))),
    "correlated": lambda: cx.plot_correlated(cx.correlated_drivers(0.95, 20, rng=1)),
    "uncorrelated": lambda: cx.plot_correlated(cx.correlated_drivers(0, 2000, rng=1)),
    "standard": lambda: cx.plot_standard(cx.moving_standard(6, 0.1, 20)),
    "far behind": lambda: cx.plot_standard(cx.moving_standard(5, 0.5, 40, lag=6)),
    "one period": lambda: cx.plot_standard(cx.moving_standard(8, 0, 1)),
}


# ---- the figures -------------------------------------------------------------------------------------------------------------


def test_the_world_is_drawn_as_the_tables_have_it():
    table, found = cx.name_the_first(worlds.WEIGHTS, 120, rng=1), analysed(120)
    ax = cx.plot_named_first(table, found.iloc[::-1])  # whatever its order
    side = ax.figure.axes[1]
    assert marks(ax) == list(zip(found["importance"], range(3), strict=True))
    truth, interval = (c.get_segments() for c in ax.collections)
    assert [segment[0][0] for segment in truth] == table["importance"].tolist()
    assert [(segment[0][0], segment[1][0]) for segment in interval] == list(zip(found["ci_low"], found["ci_high"], strict=True))
    assert [bar.get_width() for bar in side.patches] == table["named_first"].tolist()
    share = table["named_first"].iloc[2]
    assert ax.get_title().replace("\n", " ") == f"The right component is named first in {share:.0%} of 200 samples (n = 120 each)".replace("%", " %")
    assert "n = 120 finds" in ax.caption and "correlate at 0.60, noise 1.00" in ax.caption and "95 % intervals" in ax.caption
    assert f"emotional {100 * share:.0f} %" in ax.caption


def test_coefficients_and_importance_stand_beside_each_other():
    table = cx.correlated_drivers(0.9, 200, rng=1)
    ax = cx.plot_correlated(table)
    assert marks(ax) == list(zip(table["coefficient"], range(3), strict=True))
    assert marks(ax.figure.axes[1]) == list(zip(table["importance"], range(3), strict=True))
    worst = f"{100 * table['sign_flips'].max():.0f} %"
    assert ax.get_yticklabels()[1].get_text() == f"accessible\nsign flips: {worst}" and worst in ax.get_title() and "accessible" in ax.get_title()
    assert "1,000 samples of n = 200" in ax.caption and "no proof that it is right" in ax.caption


def test_both_leads_are_drawn_against_their_standard():
    table = cx.moving_standard(6, 0.1, 20)
    ax = cx.plot_standard(table)
    for panel, (_, part) in zip(ax.figure.axes, table.groupby("lead", sort=False), strict=False):
        assert [line.get_ydata().tolist() for line in panel.lines] == [part["service"].tolist(), part["standard"].tolist()]
    judged = [line.get_ydata().tolist() for line in ax.figure.axes[2].lines[:2]]
    assert judged == [part["satisfaction"].tolist() for _, part in table.groupby("lead", sort=False)]
    ends = table.groupby("lead")["gap"].last()
    assert ax.get_title().replace("\n", " ") == (f"Both began +1.0 against the standard; after 20 periods the one-off lead stands at −{-ends['one_off']:.1f}, "
                                                 f"the one that keeps improving at +{ends['moving']:.1f}")
    assert "Computed, not sampled" in ax.caption and "does not test it" in ax.caption


@pytest.mark.parametrize("language", ["en", "tr"])
@pytest.mark.parametrize("style", ["paper", "screen", "projector"])
@pytest.mark.parametrize("name", FIGURES)
def test_nothing_is_cut_off_and_all_is_marked_as_simulated(name, style, language):
    cx.use_language(language)
    figures._state["style"] = style
    ax = FIGURES[name]()
    ax.figure.draw_without_rendering()
    renderer, (width, height) = ax.figure.canvas.get_renderer(), ax.figure.get_size_inches() * ax.figure.dpi
    assert {"en": "SIMULATED", "tr": "UYDURMA VERİ"}[language] in [text.get_text() for text in ax.figure.texts]
    ticks = {label for panel in ax.figure.axes for label in (*panel.get_xticklabels(), *panel.get_yticklabels())}
    labels = [panel.xaxis.label.get_window_extent(renderer) for panel in ax.figure.axes]
    assert all(left.x1 < right.x0 for left, right in zip(labels, labels[1:], strict=False))
    for text in ax.figure.findobj(plt.Text):
        if text.get_visible() and text.get_text() and text not in ticks:  # matplotlib keeps ticks beyond the ends, and does not draw them
            box = text.get_window_extent(renderer)
            assert box.x0 > -2 and box.y0 > -2 and box.x1 < width + 2 and box.y1 < height + 2, text.get_text()
    assert style != "projector" or min(text.get_fontsize() for text in ax.figure.findobj(plt.Text)) >= 14
    assert ax.get_title() and ax.caption and "…" not in ax.get_title()


def test_a_table_that_is_not_theirs_is_refused():
    for draw in (cx.plot_named_first, cx.plot_correlated, cx.plot_standard):
        with pytest.raises(cx.CxError, match=draw.__name__):
            draw(cx.load("five_questions"))
    with pytest.raises(cx.CxError, match="whole table"):
        cx.plot_standard(cx.moving_standard(6, 0.1, 20).query("lead == 'moving'"))


# ---- the things to move ------------------------------------------------------------------------------------------------------


def test_the_world_moves_with_its_sliders(shown):
    explorer = cx.explore_world()
    sliders = {slider.description: slider for slider in explorer.children[:-1]}
    assert list(sliders) == ["true weight: functional", "true weight: accessible", "true weight: emotional", "correlation of the components",
                             "answers (n)", "sample drawn (no.)"]
    assert [slider.value for slider in explorer.children[:-1]] == [*worlds.WEIGHTS, 0.6, 120, 1]
    for name, value in zip(sliders, (0.8, 0.1, 0.2, 0.3, 400, 7), strict=True):
        sliders[name].value = value
    explorer.update()
    weights = (0.8, 0.1, 0.2)
    twin = cx.plot_named_first(cx.name_the_first(weights, 400, 0.3, rng=1), analysed(400, 0.3, 7, weights))
    assert (shown[-1].get_title(), shown[-1].caption) == (twin.get_title(), twin.caption) and "functional" in shown[-1].caption
    sliders["sample drawn (no.)"].value = 8  # another sample, the same world
    assert shown[-1].get_title() == twin.get_title() and shown[-1].caption != twin.caption
    for name in list(sliders)[:3]:
        sliders[name].value = 0
    assert "No component is first" in shown[-1].get_title()


def test_the_correlation_moves(shown):
    explorer = cx.explore_correlation()
    correlation, n, sample = explorer.children[:3]
    explorer.update()
    correlation.value, n.value, sample.value = 0.9, 100, 3
    twin = cx.plot_correlated(cx.correlated_drivers(0.9, 100, rng=3))
    assert (shown[-1].get_title(), shown[-1].caption) == (twin.get_title(), twin.caption) and shown[0].caption != twin.caption
    for ends in ((0, 20), (0.95, 2000)):
        correlation.value, n.value = ends
    assert "n = 2,000" in shown[-1].caption and "correlation of 0.95" in shown[-1].get_title().replace("\n", " ")


def test_the_standard_moves(shown):
    explorer = cx.explore_standard()
    sliders = dict(zip(("service", "rise", "copied", "improvement", "lag"), explorer.children[:-1], strict=True))
    explorer.update()
    for name, value in (("service", 7), ("rise", 0.2), ("copied", 50), ("improvement", 0.5), ("lag", 0)):
        sliders[name].value = value
    twin = cx.plot_standard(cx.moving_standard(7, 0.2, 20, copied=0.5, improvement=0.5, lag=0))
    assert (shown[-1].get_title(), shown[-1].caption) == (twin.get_title(), twin.caption)
    for end in ("min", "max"):
        for slider in sliders.values():
            slider.value = getattr(slider, end)
    twin = cx.plot_standard(cx.moving_standard(8, 0.5, 20, copied=1, improvement=1, lag=6))
    assert (shown[-1].get_title(), shown[-1].caption) == (twin.get_title(), twin.caption)


def test_the_sliders_speak_turkish(shown):
    cx.use_language("tr")
    told = [slider.description for make in (cx.explore_world, cx.explore_correlation, cx.explore_standard) for slider in make().children[:-1]]
    assert told[:2] == ["gerçek ağırlık: işlevsel", "gerçek ağırlık: erişilebilir"] and "rakiplerin gelişmesi, dönemde puan" in told
    assert len(told) == 14
