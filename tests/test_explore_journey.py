"""What if, one customer, a study that ends early: the figures show their tables, the things to move what their plain twins show."""

import functools

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import QuadMesh
from test_hostile import HOSTILE, controls

import cxlab as cx
from cxlab import explore_journey, figures

MOVE = ("acclimate", "accomplish")
LOG = pd.DataFrame({"customer": ["a", "a", "a", "a", "b", "b", "c", "c", "d", "e"], "day": [0, 3, 6, 10, 2, 8, 5, 20, 1, 30],
                    "stage": ["assess", "admit", "assess", "left", "assess", "admit", "admit", "affirm", "assess", "assess"]})
PEOPLE = pd.DataFrame({"customer": list("abcde"), "last_day": [40, 22, 20, 40, 40], "first_day": [0, 2, 5, 4, 30]})


@pytest.fixture
def shown(monkeypatch):
    drawn = []
    monkeypatch.setattr(explore_journey, "show", drawn.append)
    return drawn


@functools.cache
def bundled():
    return cx.load("journey_events"), cx.load("journey_customers"), cx.load("journey_contacts")


@functools.cache
def spells():
    return cx.spells(*bundled()[:2])


@functools.cache
def what_if(**given):
    return cx.what_if(spells(), {MOVE: 1.5}, days=[30, 90], n_boot=50, rng=1, **given)


def clock():
    return bundled()[0].groupby("customer")["day"].min()


def said(ax):
    return ax.get_title().replace("\n", " ")


def same(ax, twin):
    return (said(ax), ax.caption) == (said(twin), twin.caption)


def written(ax):
    """The columns at the right: {head: texts from above}."""
    texts = [text for text in ax.texts if text.get_ha() == "right"]
    heads = [k for k, text in enumerate(texts) if text.get_va() == "bottom"]
    return {texts[k].get_text(): [text.get_text() for text in texts[k + 1:end]] for k, end in zip(heads, [*heads[1:], len(texts)], strict=True)}


# ---- what if -----------------------------------------------------------------------------------------------------------------


def test_before_and_after_are_drawn_as_the_table_has_them():
    table = what_if(customers=1000, value=2500)
    rows = table[(table["day"] == 90) & (table["state"] != "all")]
    ax = cx.plot_what_if(table)
    points = {fill: [line.get_data() for line in ax.lines if line.get_marker() == "o" and (line.get_color() == "white") == fill] for fill in (True, False)}
    assert [(x[0], y[0]) for x, y in points[True]] == list(zip(rows["before"], range(9), strict=True))
    assert [(x[0], y[0]) for x, y in points[False]] == list(zip(rows["after"], range(9), strict=True))
    gained, worth = rows.iloc[7], table[(table["day"] == 90) & (table["state"] == "all")].iloc[0]
    amount = f"{gained['customers']:.1f} more advocates on day 90 for each 1,000 who start ({gained['customers_low']:.1f} to {gained['customers_high']:.1f})"
    assert said(ax) == f"{amount}; {worth['value']:.0f} lira for each customer who starts"
    (head, texts), = written(ax).items()
    assert head == "customers of 1,000\n(95 % interval)" and texts[0] == "0" and texts[7].startswith(f"+{gained['customers']:.0f} (+")
    assert texts[4].startswith("−") and texts[4].count("−") == 3
    assert "not the effect of an action" in ax.caption and "acclimate → accomplish × 1.50" in ax.caption and "95 % interval" in ax.caption
    assert f"For all of them: {worth['total']:,.0f} lira" in ax.caption and "in row" not in ax.caption
    assert cx.what_if_sentence(table) == f"If acclimate → accomplish happened 1.5 times as often on every day: {said(ax)}."


def test_without_customers_it_speaks_of_points():
    table = what_if()
    ax = cx.plot_what_if(table, day=30, state="activate")
    row = table[(table["day"] == 30) & (table["state"] == "activate")].iloc[0]
    low, high = -100 * row["ci_high"], -100 * row["ci_low"]
    assert said(ax) == f"Customers in “activate” on day 30: share {-100 * row['difference']:.2f} points lower ({low:.2f} to {high:.2f})"
    assert list(written(ax)) == ["percentage points\n(95 % interval)"] and "lira" not in ax.caption
    bare = cx.what_if(spells(), {MOVE: 1.5}, days=30, n_boot=0, customers=100)
    assert "(" not in cx.what_if_sentence(bare) and "nan" not in cx.plot_what_if(bare).caption
    idle = cx.what_if(spells(), {MOVE: 1}, days=30, n_boot=10, customers=100, rng=1)
    assert cx.what_if_sentence(idle) == "No move was changed: as many advocates on day 30 as before."
    assert set(written(cx.plot_what_if(idle))["percentage points\n(95 % interval)"]) == {"0"}  # how many start cannot be told, nor matters
    for wrong, told in (({"day": 31}, "30, 90"), ({"state": "loved"}, "assess, admit")):
        with pytest.raises(cx.CxError, match=told):
            cx.plot_what_if(table, **wrong)


# ---- one customer ------------------------------------------------------------------------------------------------------------


def marks(ax, marker):
    return [tuple(float(end[0]) for end in line.get_data()) for line in ax.lines if line.get_marker() == marker]


def test_the_way_of_a_customer_is_drawn_and_told():
    table = cx.spells(LOG, PEOPLE)
    crowd = cx.occupancy(table, se=None)
    ax = cx.plot_customer(table, "a")
    line, = (line for line in ax.lines if line.get_linestyle() == "-" and len(line.get_xdata()) > 4)
    order = [label.get_text() for label in ax.get_yticklabels()]
    assert order == ["left", "assess", "admit", "affirm"]  # the exit below the stages
    assert list(zip(*line.get_data(), strict=True)) == [(0, 1), (3, 1), (3, 2), (3, 2), (6, 2), (6, 1), (6, 1), (10, 1), (10, 0)]
    assert marks(ax, "o") == [(10, 0)] and not marks(ax, ">")
    mesh, = (part for part in ax.collections if isinstance(part, QuadMesh))
    wide = crowd.pivot(index="day", columns="state", values="occupancy")[order]
    assert np.array_equal(mesh.get_array(), wide.to_numpy().T)
    assert said(ax) == "Customer a (moves: 3, back: 1): left on day 10"
    share = f"{100 * wide.loc[7, 'assess']:.0f} %"
    at_7 = cx.plot_customer(table, "a", day=7).caption
    assert f"On day 7 in assess, as {share} of all." in at_7
    assert "observed from day 0: day 0 assess, day 3 admit, day 6 assess; left on day 10 (●)" in at_7 and f"n = {crowd.attrs['n']}" in at_7
    assert "in left, as" in ax.caption  # on day 90 they have long gone


def test_an_open_end_a_late_entry_and_a_gap_are_told_apart():
    table = cx.spells(LOG, PEOPLE)
    ax = cx.plot_customer(table, "b")
    assert marks(ax, ">") == [(20, 2)] and not marks(ax, "o") and said(ax) == "Customer b (moves: 1, back: 0): still in admit on day 20, when observation ended"
    assert "On day 20 in admit" in ax.caption  # not on day 90, when nobody saw them
    moved_last = cx.plot_customer(table, "c")
    assert marks(moved_last, ">") == [(15, 3)] and "day 15 affirm" in moved_last.caption
    assert "observed from day 3: day 3 assess" in cx.plot_customer(table, "d").caption
    gap = pd.DataFrame({"customer": [7, 7, 8], "state": ["x", "y", "x"], "start": [0, 9, 0], "stop": [4, 12, 12], "next": ["y", None, None]})
    ax = cx.plot_customer(gap, 7, day=6)
    assert [line.get_xdata().tolist() for line in ax.lines if line.get_linestyle() == ":"] == [[4, 9]] and "On day" not in ax.caption
    with pytest.raises(cx.CxError, match=r"'7'.*7, 8.*as text"):
        cx.plot_customer(gap, "7")


def test_contacts_stand_below_on_the_clock_of_the_customer():
    contacts = pd.DataFrame({"customer": ["c", "c", "c", "b", "c"], "day": [7, 9, 3, 9, 12], "channel": ["phone", "email", "email", "phone", "pigeon"]})
    table, zero = cx.spells(LOG, PEOPLE), LOG.groupby("customer")["day"].min()
    ax = cx.plot_customer(table, "c", contacts, clock=zero)
    ticks = {line.get_ydata()[0]: line.get_xdata().tolist() for line in ax.lines if line.get_marker() == "|"}
    names = dict(zip(ax.get_yticks(), [label.get_text() for label in ax.get_yticklabels()], strict=True))
    assert {names[height]: days for height, days in ticks.items()} == {"e-mail": [4], "telephone": [2], "pigeon": [7]}
    assert "contacts (e-mail 2; telephone 1; pigeon 1). Before day 0, and not drawn: 1." in ax.caption
    own = cx.plot_customer(table, "c", contacts[["day"]].head(3))
    assert [line.get_xdata().tolist() for line in own.lines if line.get_marker() == "|"] == [[7, 9, 3]]
    assert "No contact" in cx.plot_customer(table, "a", contacts, clock=zero).caption
    with pytest.raises(cx.CxError, match="clock="):
        cx.plot_customer(table, "c", contacts.assign(day=pd.Timestamp("2024-01-01")))


# ---- the funnel --------------------------------------------------------------------------------------------------------------


def test_the_funnel_stands_beside_what_it_should_say():
    table = cx.funnel(spells(), 100)
    ax = cx.plot_funnel(table)
    assert [bar.get_width() for bar in ax.patches] == table["naive"].tolist()
    dots, = (line for line in ax.lines if line.get_marker() == "o")
    assert dots.get_xdata().tolist() == table["estimate"].tolist()
    segments = ax.collections[0].get_segments()
    assert [(part[0][0], part[1][0]) for part in segments] == list(zip(table["ci_low"], table["ci_high"], strict=True))
    worst = table.loc[(table["naive"] - table["estimate"]).abs().idxmax()]
    points = 100 * abs(worst["naive"] - worst["estimate"])
    assert said(ax).startswith(f"{worst['state']}: the funnel says {worst['naive']:.0%}".replace("%", " %"))
    assert f"furthest apart at {worst['state']}" in ax.caption and f"{points:.0f} points" in ax.caption and "n = 3,017" in ax.caption
    assert said(cx.plot_funnel(table, state="advocate")).startswith("advocate: the funnel says 25 %, but 7 %")
    few = cx.plot_funnel(cx.funnel(cx.spells(LOG, PEOPLE), 10))  # five customers
    assert not few.patches and "Nothing" in few.caption and "SIMULATED" not in [text.get_text() for text in few.figure.texts]
    with pytest.raises(cx.CxError, match="days"):
        cx.plot_funnel(pd.DataFrame(table.to_dict("list")))


# ---- a study that ends early -------------------------------------------------------------------------------------------------


def test_a_study_ended_early_is_the_study_that_would_have_been():
    log, people = cx.ended_early(LOG, PEOPLE, 6)
    assert log["customer"].tolist() == ["a", "a", "a", "b", "c", "d"] and people["customer"].tolist() == list("abcd")
    assert people["last_day"].tolist() == [6, 6, 6, 6] and log.attrs["ended_early"] == people.attrs["ended_early"] == {"events": 4, "customers": 1}
    assert cx.ended_early(LOG, PEOPLE, 3)[1]["customer"].tolist() == ["a", "b"]  # d came by then, but was seen from day 4 on
    assert LOG["day"].max() == 30 and PEOPLE["last_day"].max() == 40  # nothing is changed in place
    whole = cx.ended_early(*bundled()[:2], 365)
    assert all(cut.equals(given) for cut, given in zip(whole, bundled(), strict=False)) and whole[0].attrs["simulated"]
    dates = LOG.assign(day=pd.Timestamp("2024-01-01") + pd.to_timedelta(LOG["day"], unit="D"))
    people = PEOPLE.assign(**{name: pd.Timestamp("2024-01-01") + pd.to_timedelta(PEOPLE[name], unit="D") for name in ("last_day", "first_day")})
    cut = cx.spells(*cx.ended_early(dates, people, pd.Timestamp("2024-01-07")))
    pd.testing.assert_frame_equal(cut, cx.spells(*cx.ended_early(LOG, PEOPLE, 6)))
    with pytest.raises(cx.CxError, match="Give a day such as 30"):
        cx.ended_early(LOG, PEOPLE, pd.Timestamp("2024-01-07"))
    with pytest.raises(cx.CxError, match="first event is on day 0"):
        cx.ended_early(LOG, PEOPLE, -1)


def test_an_early_end_changes_no_earlier_day():
    events, customers, _ = bundled()
    early = cx.moves(cx.spells(*cx.ended_early(events, customers, 150)))
    assert 140 < early["day"].max() <= 150
    since = customers[customers["first_day"] <= 150].assign(last_day=lambda frame: frame["last_day"].clip(upper=150))
    twin = cx.moves(cx.spells(events[events["day"] <= 150], since))
    pd.testing.assert_frame_equal(early, twin)


def test_the_naive_funnel_falls_with_the_window_and_the_estimate_does_not():
    events, customers, _ = bundled()
    rows = [cx.funnel(cx.spells(*cx.ended_early(events, customers, day)), 100, ["advocate"]).iloc[0] for day in (365, 200, 120)]
    assert rows[0]["naive"] > 2 * rows[1]["naive"] > 4 * rows[2]["naive"]
    assert all(row["ci_low"] < rows[0]["estimate"] < row["ci_high"] for row in rows)
    assert np.all(np.diff([row["ci_high"] - row["ci_low"] for row in rows]) > 0)


# ---- the things to move ------------------------------------------------------------------------------------------------------


def test_the_move_its_factor_and_the_day_are_moved(shown):
    explorer = cx.explore_what_if(spells(), days=365, value=2500)
    move, factor, day = explorer.children[:3]
    often = cx.moves(spells()).groupby(["from", "to"], observed=True)["moves"].sum().sort_values(ascending=False)
    assert sorted(pair for _, pair in move.options) == sorted(often.index) and move.options[0] == ("assess → admit (2,554 moves)", ("assess", "admit"))
    assert (factor.min, factor.max, factor.step, day.min, day.max, day.value) == (0.5, 2, 0.05, 1, 365, 365)
    move.value, factor.value = ("admit", "affirm"), 2
    table = cx.what_if(spells(), {("admit", "affirm"): 2}, days=365, customers=1000, value=2500, excess="scale", rng=1)
    assert same(shown[-1], cx.plot_what_if(table, title=cx.what_if_sentence(table)))
    assert "2.0 times as often" in said(shown[-1]) and "scaled to 1" in shown[-1].caption and len(shown) == 3
    day.value = 30
    assert "on day 30 for each 1,000" in said(shown[-1])
    with pytest.raises(cx.CxError, match="Nobody moved"):
        cx.explore_what_if(cx.spells(LOG.iloc[[0]], PEOPLE))
    assert cx.explore_what_if(spells(), move=("acclimate", "accomplish")).children[0].value == ("acclimate", "accomplish")
    with pytest.raises(cx.CxError, match="advocate.*assess"):
        cx.explore_what_if(spells(), move=("advocate", "assess"))


def test_one_customer_after_the_other(shown):
    events, customers, contacts = bundled()
    explorer = cx.explore_customer(spells(), contacts, clock())
    which, place = explorer.children[:2]
    place.value = 12
    names = spells()["customer"].drop_duplicates().sort_values().tolist()
    assert same(shown[-1], cx.plot_customer(spells(), names[11], contacts, clock=clock())) and place.max == len(names) == 3017
    left = events[events["stage"] == "left"].merge(spells()[["customer"]].drop_duplicates())["customer"]
    expected = {"left": sorted(left), "advocates": sorted(set(spells()["customer"][(spells()["state"] == "advocate") | (spells()["next"] == "advocate")]))}
    for kind, found in expected.items():
        which.value = kind
        assert place.value == 1 and place.max == len(found)
        assert f"Customer {found[0]} " in said(shown[-1])
    by_way = explore_journey.customers_by_way(spells())
    assert sorted(by_way["left"] + by_way["on_the_way"]) == names
    drawn = len(shown)
    which.value = "went_back"
    assert len(shown) == drawn + 1 and place.value == 1 and "back: 0" not in said(shown[-1])  # drawn once, not for each widget that moves
    earlier = spells()[["state", "next"]].apply(lambda values: values.cat.codes)
    went = spells()["customer"][(earlier["next"] >= 0) & (earlier["next"] < earlier["state"])]
    assert by_way["went_back"] == sorted(set(went))
    with pytest.raises(cx.CxError, match="'customer'"):
        cx.explore_customer(spells(), contacts.drop(columns="customer"))


def test_the_study_ends_earlier_and_earlier(shown):
    events, customers, _ = bundled()
    explorer = cx.explore_window(events, customers)
    day, = explorer.children[:1]
    assert (day.min, day.max, day.value) == (60, 365, 365) and "funnel says 25 %; 7 % (6 to 8) get there within 100 days" in said(shown[-1])
    day.value = 150
    twin = cx.plot_funnel(cx.funnel(cx.spells(*cx.ended_early(events, customers, 150)), 100))
    assert shown[-1].caption == twin.caption and said(shown[-1]).startswith("Study ended on day 150 (n = 2,408). advocate: the funnel says 5 %; 6 %")
    day.value = 60
    assert "within 60 days" in said(shown[-1]) and "Nobody was observed for 100 days" in shown[-1].caption
    dates = LOG.assign(day=pd.Timestamp("2024-01-01") + pd.to_timedelta(LOG["day"], unit="D"))
    people = PEOPLE.assign(**{name: pd.Timestamp("2024-01-01") + pd.to_timedelta(PEOPLE[name], unit="D") for name in ("last_day", "first_day")})
    explorer = cx.explore_window(dates.head(1), people, days=5)  # one customer: too few to draw, and no error
    assert explorer.children[0].max == 40 and "Nothing" in shown[-1].caption


def test_the_sliders_speak_turkish(shown):
    cx.use_language("tr")
    events, customers, contacts = bundled()
    made = cx.explore_what_if(spells()), cx.explore_customer(spells(), contacts, clock()), cx.explore_window(events, customers)
    told = [part.description for explorer in made for part in explorer.children[:-1]]
    assert told == ["hangi geçiş", "kaç katı sıklıkta", "kaçıncı günde nerede olurlar", "hangi müşteriler", "müşteri (listedeki yeri)", "çalışmanın son günü"]
    assert made[0].children[0].options[0][0] == "değerlendirme → kabul etme (2.554 geçiş)"
    assert "gönüllü tavsiye eden müşteri sayısı" in said(shown[0]) and "Müşteri 1 " in said(shown[1]) and "huni %25 diyor" in said(shown[2])


# ---- whatever the names ------------------------------------------------------------------------------------------------------


def evil():
    """A walk of hostile customers through hostile states."""
    rng, states = np.random.default_rng(1), HOSTILE[:12]
    rows = [{"customer": f"{HOSTILE[k % len(HOSTILE)]}{k}", "day": day, "stage": states[(k + step) % 12 if rng.random() < 0.9 else step % 12]}
            for k in range(40) for step, day in enumerate(np.cumsum(rng.integers(1, 9, 6)) - 1)]
    return cx.spells(pd.DataFrame(rows), states=states, end=60)


FIGURES = {
    "what if, as a sentence": lambda: cx.plot_what_if(what_if(customers=1000, value=2500), title=cx.what_if_sentence(what_if(customers=1000, value=2500))),
    "what if, in points": lambda: cx.plot_what_if(what_if(), day=30, state="left"),
    "a customer": lambda: cx.plot_customer(spells(), 14, bundled()[2], clock=clock()),
    "funnel": lambda: cx.plot_funnel(cx.funnel(spells(), 100)),
}


@pytest.mark.parametrize("language, style", [("en", "paper"), ("tr", "projector")])
@pytest.mark.parametrize("name", FIGURES)
def test_nothing_is_cut_off_and_all_is_marked_as_simulated(name, style, language):
    cx.use_language(language)
    figures._state["style"] = style
    ax = FIGURES[name]()
    assert {"en": "SIMULATED", "tr": "UYDURMA VERİ"}[language] in [text.get_text() for text in ax.figure.texts]
    assert ax.get_title() and ax.caption and "…" not in ax.get_title()
    assert style != "projector" or min(text.get_fontsize() for text in ax.figure.findobj(plt.Text)) >= 14
    inside(ax)


def inside(ax):
    ax.figure.draw_without_rendering()
    renderer, (width, height) = ax.figure.canvas.get_renderer(), ax.figure.get_size_inches() * ax.figure.dpi
    ticks = {label for panel in ax.figure.axes for label in panel.get_xticklabels()}
    for text in ax.figure.findobj(plt.Text):
        if text.get_visible() and text.get_text() and text not in ticks:  # matplotlib keeps ticks beyond the ends, and does not draw them
            box = text.get_window_extent(renderer)
            assert box.x0 > -2 and box.y0 > -2 and box.x1 < width + 2 and box.y1 < height + 2, text.get_text()


def test_hostile_names_are_only_text(shown):
    table = evil()
    who, contacts = table["customer"].iloc[0], pd.DataFrame({"day": range(8), "channel": HOSTILE[4:12]})
    pair = tuple(cx.moves(table)[["from", "to"]].iloc[0])
    found = cx.what_if(table, {pair: 1.2}, days=10, customers=50, n_boot=20, excess="scale", rng=1)
    assert not controls(cx.what_if_sentence(found))
    drawn = [cx.plot_funnel(cx.funnel(table, 10)), cx.plot_customer(table, who, contacts),
             cx.plot_customer(table, table["customer"].iloc[-1], contacts.head(4), labels={HOSTILE[0]: HOSTILE[9]})]
    moves, customers = cx.explore_what_if(table), cx.explore_customer(table, contacts.assign(customer=who))
    assert customers.children[0].options[0] == ("all (40)", "all") and len(shown) == 2
    assert not any(controls(name) for name, _ in moves.children[0].options)
    for ax in [*drawn, *shown]:
        inside(ax)
        texts = [text.get_text() for text in ax.figure.findobj(plt.Text)]
        assert not any(text.get_parse_math() for text in ax.figure.findobj(plt.Text)) and not any(controls(text) for text in texts)
        assert not controls(ax.caption) and len(ax.caption) < 4000
