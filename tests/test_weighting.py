"""Raking: against R's survey, identities, trimming, and what is refused."""

import csv
import pathlib

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab as cx

REFERENCE = pathlib.Path(__file__).parent / "reference" / "rake_survey.csv"  # made by rake_survey.R beside it
R = {row["name"]: float(row["value"]) for row in csv.DictReader(REFERENCE.read_text(encoding="utf-8").splitlines())}
POPULATION = {"via": {"linkedin": 0.2, "facebook": 0.45, "twitter": 0.35}, "age": {"young": 0.4, "middle": 0.3, "old": 0.2, "oldest": 0.1},
              "language": {"tr": 0.85, "en": 0.15}}
NOWHERE = pd.DataFrame({"a": ["x", "x", "y"], "b": ["u", "v", "v"]})  # nobody is y and u: a share of x below that of u cannot be had


def respondents():
    """The same 240 people as in rake_survey.R."""
    i = np.arange(240)
    return pd.DataFrame({"via": np.array(list(POPULATION["via"]))[(i * i + 3 * i) % 17 % 3],
                         "age": np.array(list(POPULATION["age"]))[(i * 13 + (i * i) % 7) % 11 % 4],
                         "language": np.where((i * 37 + (i * i) % 23) % 11 < 7, "tr", "en")})


def margins(*names):
    return {name: POPULATION[name] for name in names or POPULATION}


@pytest.mark.parametrize("names", [["via"], ["via", "age"], ["via", "age", "language"]])
def test_weights_are_those_of_r_survey(names):
    weights = cx.rake(respondents(), margins(*names))
    assert np.abs(weights - [R[f"{len(names)}.{i}"] for i in range(240)]).max() < 1e-8


@pytest.mark.parametrize("limits", [(0, 2.6), (0.15, 3)])
def test_trimmed_weights_are_those_of_r_calibrate(limits):
    weights = cx.rake(respondents(), margins(), trim=limits)
    assert np.abs(weights - [R[f"{limits[0]:g}.{limits[1]:g}.{i}"] for i in range(240)]).max() < 1e-8
    assert (weights.min(), weights.max()) == (pytest.approx(max(limits[0], weights.min())), limits[1])


def test_what_is_told_of_the_weights():
    table = respondents().assign(score=range(240))
    weights = cx.rake(table, margins())
    assert weights.name == "weight" and weights.mean() == pytest.approx(1, abs=1e-12)
    for name, targets in POPULATION.items():
        assert weights.attrs["achieved"][name] == pytest.approx(targets, abs=1e-8)
        shares = cx.share(table.assign(w=weights), name, list(targets), weights="w")["share"]
        assert shares.tolist() == pytest.approx(list(targets.values()), abs=1e-8)
    kish = 240 * (weights**2).sum() / weights.sum() ** 2
    assert weights.attrs["design_effect"] == pytest.approx(kish) and weights.attrs["n_effective"] == pytest.approx(240 / kish)
    assert weights.attrs["largest_weight"] == weights.max() and weights.attrs["smallest_n"] == min(table[name].value_counts().min() for name in POPULATION)
    means = {(name, key): mean for name in POPULATION for key, mean in weights.groupby(table[name]).mean().items()}
    worst = weights.attrs["worst"]
    assert (worst["margin"], worst["category"]) == max(means, key=means.get)
    there = weights[table[worst["margin"]] == worst["category"]]
    assert (worst["n"], worst["largest_weight"]) == (len(there), there.max())
    assert "144 equally weighted" in weights.attrs["note"]


def test_one_margin_is_post_stratification():
    table = respondents()
    weights = cx.rake(table, margins("age"))
    assert weights.attrs["iterations"] == 1
    expected = table["age"].map(POPULATION["age"]) / table["age"].map(table["age"].value_counts(normalize=True))
    np.testing.assert_allclose(weights, expected, rtol=1e-14)


def test_people_with_the_same_margins_weigh_the_same_wherever_they_stand():
    table = respondents().set_index(pd.Index(range(2, 242), name="row"))
    weights = cx.rake(table, margins())
    assert weights.index.equals(table.index) and (weights.groupby([table[name] for name in POPULATION]).nunique() == 1).all()
    mixed = pd.concat([table] * 3).sample(frac=1, random_state=1).astype("category")  # an index with repeats, other codes
    again = cx.rake(mixed, margins())
    np.testing.assert_allclose(again.to_numpy(), weights.loc[mixed.index], rtol=1e-12)


def test_a_margin_repairs_a_selection_by_it_and_no_other():
    """Of 200 people half came by b, and of those only 50 answered: known to the margin, and so put right."""
    cells = [("a", "yes", 60), ("a", "no", 40), ("b", "yes", 10), ("b", "no", 40)]
    table = pd.DataFrame([(via, says) for via, says, n in cells for _ in range(n)], columns=["via", "says"])
    table["w"] = cx.rake(table, {"via": {"a": 0.5, "b": 0.5}})
    plain, weighted = (cx.share(table, "says", "yes", weights=w)["share"].iloc[0] for w in (None, "w"))
    assert plain == pytest.approx(70 / 150) and weighted == pytest.approx(0.5 * 0.6 + 0.5 * 0.2)


@st.composite
def worlds(draw):
    """A table in which every pair of categories occurs, and targets for both margins."""
    rows, columns = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    n = draw(st.lists(st.integers(1, 9), min_size=rows * columns, max_size=rows * columns))
    table = pd.DataFrame([(i, "abcd"[j]) for i in range(rows) for j in range(columns) for _ in range(n[i * columns + j])], columns=["one", "two"])
    targets = {}
    for name, keys in (("one", list(range(rows))), ("two", list("abcd"[:columns]))):
        parts = [draw(st.integers(1, 20)) for _ in keys]
        targets[name] = {key: part / sum(parts) for key, part in zip(keys, parts, strict=True)}
    return table, targets


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_identities(world):
    table, targets = world
    weights = cx.rake(table, targets)
    assert weights.mean() == pytest.approx(1, abs=1e-12) and (weights > 0).all()
    for name in targets:
        assert weights.attrs["achieved"][name] == pytest.approx(targets[name], abs=1e-8)
    log = np.log(weights.groupby([table["one"], table["two"]]).first().unstack().to_numpy())
    np.testing.assert_allclose(log - log[:, :1] - log[:1] + log[0, 0], 0, atol=1e-7)  # weights are a product of one factor a margin: no odds ratio moves
    turned = cx.rake(table, dict(reversed(targets.items())))
    np.testing.assert_allclose(turned, weights, rtol=1e-6)
    same = cx.rake(table, {name: dict(table[name].value_counts(normalize=True)) for name in targets})
    np.testing.assert_allclose(same, 1, rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(worlds(), st.floats(0, 0.9), st.floats(1.1, 4))
def test_trimmed_weights_keep_their_limits(world, low, high):
    table, targets = world
    weights = cx.rake(table, targets, trim=(low, high), max_iterations=200)
    assert weights.min() >= low and weights.max() <= high and weights.mean() == pytest.approx(1, abs=1e-9)
    worst = weights.attrs["worst"]
    assert ("Trimmed" in weights.attrs["note"]) == (abs(worst["achieved"] - worst["target"]) > 1e-6)
    free = cx.rake(table, targets)
    if low < free.min() and free.max() < high:  # on the way a weight may lie outside; in the end none has to
        np.testing.assert_allclose(weights, free, rtol=1e-6)


def test_limits_that_need_not_bind_change_nothing():
    free = cx.rake(respondents(), margins())
    np.testing.assert_allclose(cx.rake(respondents(), margins(), trim=(free.min() - 0.01, free.max() + 0.01)), free, rtol=1e-8)


def test_trimming_within_reach_keeps_the_margins_and_beyond_reach_says_what_is_missed():
    free, mild, hard = (cx.rake(respondents(), margins(), trim=trim) for trim in (None, 2.6, (0.5, 1.8)))
    assert free.max() > 3 and mild.max() == pytest.approx(2.6)
    for name, targets in POPULATION.items():
        assert mild.attrs["achieved"][name] == pytest.approx(targets, abs=1e-8)
    worst = hard.attrs["worst"]  # 113 of 240 came by linkedin: at 0.5 each they are 23.5 %, not 20
    assert worst["category"] == "linkedin" and worst["achieved"] > 113 / 240 / 2 and "'linkedin' of 'via', target 20.00 %" in hard.attrs["note"]
    assert hard.attrs["design_effect"] < free.attrs["design_effect"]


def test_no_convergence_names_the_worst_margin_and_what_to_do():
    with pytest.raises(cx.CxError, match="in 50 iterations.*'.' of 'a', target 50.00 %, achieved [46]0.00 %.*join small.*trim.*max_iterations"):
        cx.rake(NOWHERE, {"a": {"x": 0.5, "y": 0.5}, "b": {"u": 0.6, "v": 0.4}}, max_iterations=50)
    trimmed = cx.rake(NOWHERE, {"a": {"x": 0.5, "y": 0.5}, "b": {"u": 0.6, "v": 0.4}}, trim=(0.2, 5), max_iterations=50)
    assert "Trimmed" in trimmed.attrs["note"]
    reached = cx.rake(NOWHERE, {"a": {"x": 0.7, "y": 0.3}, "b": {"u": 0.6, "v": 0.4}})
    np.testing.assert_allclose(reached, [1.8, 0.3, 0.9], rtol=1e-8)  # one solution, by hand


def test_categories_that_nobody_has_need_no_target_and_may_have_target_zero():
    table = pd.DataFrame({"a": pd.Categorical(["x", "y"], categories=["x", "y", "z"]), "b": [1, 2]})
    weights = cx.rake(table, {"a": {"x": 0.25, "y": 0.75, "q": 0.0}, "b": pd.Series({1: 0.25, 2: 0.75})})
    assert weights.tolist() == pytest.approx([0.5, 1.5]) and set(weights.attrs["achieved"]["a"]) == {"x", "y"}


@pytest.mark.parametrize("targets, message", [
    ({"x": 0.5, "y": 0.4}, "'a' sum to 0.900000"), ({"x": 50, "y": 50}, "divide by 100"), ({"x": 1.2, "y": -0.2}, "'y' in margin 'a' is -0.2"),
    ({"x": "half", "y": 0.5}, "'half'"), ({"x": True, "y": 0}, "True"), ({"x": np.nan, "y": 1}, "nan"), ({"x": 1.0}, r"without a target.*'y' \(n = 1\).*: 'x'\."),
    ({"x": 1.0, "y": 0.0}, r"without a target above 0: 'y' \(n = 1\)"), ({"x": 0.5, "y": 0.3, "z": 0.2}, "'a' has targets.*nobody answered: 'z'.*'x', 'y'"),
    ({}, "sum to 0.000000"), (0.5, "dictionary of columns"),
])
def test_margins_that_cannot_be(targets, message):
    with pytest.raises(cx.CxError, match=message):
        cx.rake(NOWHERE, {"a": targets})


def test_margins_nearly_one_are_made_one():
    weights = cx.rake(NOWHERE, {"a": {"x": 0.3333333, "y": 0.6666666}})
    assert weights.attrs["achieved"]["a"] == pytest.approx({"x": 1 / 3, "y": 2 / 3}, abs=1e-7) and weights.mean() == pytest.approx(1, abs=1e-12)


def test_missing_and_unknown_cells_are_named():
    table = pd.DataFrame({"a": ["x", None, "y", None]})
    with pytest.raises(cx.CxError, match=r"'a' is empty in row 3 \(empty\), row 5 \(empty\)\..*leave out this margin"):
        cx.rake(table, {"a": {"x": 0.5, "y": 0.5}})
    with pytest.raises(cx.CxError, match="row 70"):
        cx.rake(table.set_index(pd.Index([60, 70, 80, 90], name="row")), {"a": {"x": 0.5, "y": 0.5}})
    many = pd.DataFrame({"a": [f"person {i}" for i in range(500)]})
    with pytest.raises(cx.CxError, match="…") as refused:
        cx.rake(many, {"a": {"x": 1}})
    assert len(str(refused.value)) < 900
    with pytest.raises(cx.CxError, match="no column 'b'"):
        cx.rake(table, {"b": {"x": 1}})
    with pytest.raises(cx.CxError, match="lists"):
        cx.rake(pd.DataFrame({"a": [["x"], ["y"]]}), {"a": {"x": 1}})
    with pytest.raises(cx.CxError, match="nobody answered: 'x'"):
        cx.rake(table.head(0), {"a": {"x": 1}})


@pytest.mark.parametrize("trim", [1, 0.5, (1, 2), (0.5, 1), (-0.1, 2), (0.5, 2, 3), "two", np.inf, np.nan, (0.5, None)])
def test_trims_that_cannot_be(trim):
    with pytest.raises(cx.CxError, match="trim = .*0 ≤ low < 1 < high"):
        cx.rake(NOWHERE, {"a": {"x": 0.5, "y": 0.5}}, trim=trim)


def test_what_is_no_table_or_no_margins():
    with pytest.raises(cx.CxError, match="to_pandas"):
        cx.rake(pl.DataFrame({"a": ["x"]}), {"a": {"x": 1}})
    for wrong in ({}, None, ["a"], {"a": [0.5, 0.5]}):
        with pytest.raises(cx.CxError, match="margins is a dictionary"):
            cx.rake(NOWHERE, wrong)


def test_weights_speak_turkish():
    cx.use_language("tr")
    assert "tasarım etkisi 1,67" in cx.rake(respondents(), margins()).attrs["note"]
    assert "hedef %20,00" in cx.rake(respondents(), margins(), trim=(0.5, 1.8)).attrs["note"]
    with pytest.raises(cx.CxError, match="hiç yanıtlayanı olmayan"):
        cx.rake(NOWHERE, {"a": {"x": 0.5, "y": 0.3, "z": 0.2}})
