"""A share before and after raking: against R's survey, against the known truth of the world, and what the figure and the sliders say."""

import csv
import pathlib

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxlab as cx
from cxlab import margins as module

REFERENCE = pathlib.Path(__file__).parent / "reference" / "margins_survey.csv"  # made by margins_survey.R beside it
R = {row["name"]: float(row["value"]) for row in csv.DictReader(REFERENCE.read_text(encoding="utf-8").splitlines())}


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def truth():
    return cx.load("five_questions_truth")


@pytest.fixture(scope="module")
def known(truth):
    """The margins of the population, as the lesson takes them."""
    return {name: truth[truth["variable"] == name].set_index("answer")["population"].to_dict() for name in ("recruited_via", "age_group")}


def used(name):
    table = cx.load(name)
    table["used"] = table["social_media"].map({"none": "no", "twitter": "yes", "facebook": "yes", "both": "yes"})
    return table


@pytest.fixture(scope="module")
def answers():
    return used("five_questions")


@pytest.mark.parametrize("column, value, name", [("used", "yes", "used"), ("social_media", "facebook", "facebook")])
def test_both_shares_are_those_of_r_survey(answers, known, column, value, name):
    found = cx.reweighted(answers, column, value, known)
    assert found["share"].tolist() == pytest.approx([R[f"plain.{name}.share"], R[f"raked.{name}.share"]], abs=1e-9)
    assert found["weighting"].tolist() == ["unweighted", "raked"] and found["truth"].isna().all() and found["bias"].isna().all()


def test_the_gain_of_raking_as_the_lesson_computes_it_is_that_of_r_survey(answers, known):
    """The se of the residuals from the margins; without them, what the kit's intervals are near to."""
    import statsmodels.formula.api as smf

    weight = cx.rake(answers, known)
    yes = answers["used"].eq("yes").where(answers["used"].notna()).astype(float)
    there = weight[yes.notna()]
    answers = answers.assign(off=(yes - (weight * yes).sum() / there.sum()).fillna(0))
    rest = smf.ols("off ~ recruited_via + age_group", answers.astype({"recruited_via": str, "age_group": str})).fit().resid
    n, total = len(answers), there.sum()
    assert n**0.5 * (weight * rest).std() / total == pytest.approx(R["raked.used.se"], rel=1e-8)
    assert n**0.5 * (weight * answers["off"]).std() / total == pytest.approx(R["fixed.used.se"], rel=2e-4)  # R leaves the 22 without an answer out first


def test_intervals_are_those_of_share_with_the_weights(answers, known):
    table = answers.assign(weight=cx.rake(answers, known, trim=(0.5, 3)))
    found = cx.reweighted(answers, "used", "yes", known, trim=(0.5, 3), level=0.9)
    columns = ["value", "n", "count", "share", "ci_low", "ci_high", "note"]
    pd.testing.assert_frame_equal(found[columns].iloc[[0]], cx.share(answers, "used", "yes", level=0.9), check_like=True)
    pd.testing.assert_frame_equal(found[columns].iloc[[1]].reset_index(drop=True), cx.share(table, "used", "yes", weights="weight", level=0.9))
    mine = table.loc[table["used"].notna(), "weight"]
    assert found["n_effective"].tolist() == pytest.approx([818, mine.sum() ** 2 / (mine**2).sum()])
    assert found["weighting"].iloc[1] == "raked (at most 3)" and found.attrs["simulated"] and found.attrs["level"] == 0.9
    assert "weight" not in answers and "Trimmed" in found.attrs["note"]


def test_the_truth_of_the_world_lies_outside_of_the_raked_interval_and_more_answers_do_not_help(answers, known, truth):
    rows = truth.query("variable == 'social_media' and answer == 'any'").iloc[0]
    for table, near in ((answers, 0.05), (used("five_questions_large"), 0.016)):
        found = cx.reweighted(table, "used", "yes", known, truth=rows["population"])
        assert found["bias"].tolist() == pytest.approx([rows["unweighted"] - rows["population"], rows["raked"] - rows["population"]], abs=near)
        assert (found["ci_low"] > found["truth"]).all()


def test_nobody_answered_is_missing_and_no_warning(known, answers):
    found = cx.reweighted(answers.assign(used=pd.Series(dtype="str")), "used", "yes", known, truth=0.3)
    assert found["share"].isna().all() and found["n_effective"].iloc[1:].isna().all()
    cx.plot_bias(found)


@pytest.mark.parametrize("value", [None, ["yes", "no"], ("yes",)])
def test_one_answer_is_wanted(answers, known, value):
    with pytest.raises(cx.CxError, match="give one answer.*pd.concat"):
        cx.reweighted(answers, "used", value, known)


def test_errors_name_the_column_of_the_table(answers, known):
    with pytest.raises(cx.CxError, match="'nowhere'"):
        cx.reweighted(answers, "nowhere", "yes", known)
    with pytest.raises(cx.CxError, match="social_media.*none, twitter, facebook, both"):
        cx.reweighted(answers, "social_media", "tiktok", known)


def lines(ax):
    """Where the black lines of truth stand: {row: share}."""
    [drawn] = [part for part in ax.collections if part.get_zorder() == 4]
    return {round(float(path[:, 1].mean()), 6): float(path[0, 0]) for path in drawn.get_segments()}


def test_the_figure_shows_the_truth_across_its_rows(answers, known):
    found = cx.reweighted(answers, "used", "yes", known, truth=0.3305)
    ax = cx.plot_bias(found)
    assert lines(ax) == {0: 0.3305, 1: 0.3305} and ax.get_title() == "The truth is 33 %: unweighted 51 %, raked 41 %"
    assert "truth in the population (33.1 %). Off by: unweighted +17.7 points; raked +8.3 points." in ax.caption
    assert "black = truth" in ax.get_xlabel() and any("SIMULATED" in text.get_text() for text in ax.figure.texts)
    trimmed = pd.concat([found, cx.reweighted(answers, "used", "yes", known, truth=0.3305, trim=2)])
    assert [text.get_text() for text in cx.plot_bias(trimmed).get_yticklabels()] == ["unweighted", "raked", "raked (at most 2)"]
    beyond = cx.plot_bias(found.assign(truth=0.9))
    assert beyond.get_xlim()[1] > 0.9


def test_several_answers_have_their_own_truth(answers, known):
    both = pd.concat([cx.reweighted(answers, "social_media", value, known, truth=true) for value, true in (("none", 0.6695), ("facebook", 0.1336))])
    ax = cx.plot_bias(both)
    assert lines(ax) == {0: 0.6695, 1: 0.1336} and "none, raked −8.3 points; facebook, unweighted +0.6 points" in ax.caption


def test_without_truth_there_is_no_line(answers, known):
    ax = cx.plot_bias(cx.reweighted(answers, "used", "yes", known))
    assert not [part for part in ax.collections if part.get_zorder() == 4] and "truth" not in ax.caption + ax.get_xlabel()


def test_the_sliders_start_at_the_margins_and_move_the_estimate(answers, known, monkeypatch, capsys):
    drawn = []
    monkeypatch.setattr("cxlab.charts.show", lambda ax, caption=None: drawn.append(ax.get_title()))
    explorer = cx.explore_margins(answers, "used", "yes", known, truth=0.3305)
    network, age = explorer.children[:2]
    assert (network.description, network.value) == ("facebook in the population (%)", pytest.approx(60))
    assert (age.description, age.value) == ("65_over in the population (%)", pytest.approx(7.2))  # 11 of 840 answers
    explorer.update()
    network.value = 20
    explorer.update()
    assert drawn[0].endswith("raked 41 %") and not drawn[-1].endswith("raked 41 %") and drawn[0][:40] == drawn[-1][:40]
    assert known["recruited_via"]["facebook"] == 0.6
    with pytest.raises(cx.CxError, match="divide by 100"):
        cx.explore_margins(answers, "used", "yes", {"recruited_via": {"linkedin": 15, "facebook": 60, "twitter": 25}})


@given(st.floats(0.01, 0.95), st.lists(st.integers(1, 20), min_size=2, max_size=5))
def test_a_moved_category_leaves_the_others_in_proportion(share, parts):
    targets = {f"c{i}": part / sum(parts) for i, part in enumerate(parts)}
    moved = module._with(targets, "c0", share)
    assert moved["c0"] == share and sum(moved.values()) == pytest.approx(1)
    others = [key for key in targets if key != "c0"]
    np.testing.assert_allclose([moved[key] / targets[key] for key in others], moved[others[0]] / targets[others[0]])


@given(st.text(max_size=60))
def test_hostile_text_comes_through(text):
    text = text or "x"
    table = pd.DataFrame({"via": ["a"] * 40 + [text + "b"] * 40, "says": ([text + "!", "no"] * 40)})
    found = cx.reweighted(table, "says", text + "!", {"via": {"a": 0.3, text + "b": 0.7}}, truth=0.5)
    assert found["share"].tolist() == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "$a_$ \\frac{1}{0}", "\u202eevil", "😀" * 30, "x" * 5000, "=1+1"])
def test_hostile_text_on_the_figure(text):
    table = pd.DataFrame({"via": ["a"] * 40 + ["b"] * 40, "says": [text, "no"] * 40})
    ax = cx.plot_bias(cx.reweighted(table, "says", text, {"via": {"a": 0.3, "b": 0.7}}, truth=0.5))
    ax.figure.canvas.draw()


def test_it_speaks_turkish(answers, known):
    cx.use_language("tr")
    found = cx.reweighted(answers, "used", "yes", known, truth=0.3305, trim=2.5)
    assert found["weighting"].tolist() == ["ağırlıksız", "ağırlıklı (en çok 2,5)"]
    ax = cx.plot_bias(found)
    assert ax.get_title().startswith("Gerçek pay %33: ağırlıksız %51") and "Sapma: ağırlıksız +17,7 puan" in ax.caption and "siyah = gerçek" in ax.get_xlabel()
