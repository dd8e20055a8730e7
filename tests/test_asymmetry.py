"""Penalty-reward analysis, Kano's classes and gaps: against R, against explicit counts, against worlds whose truth is known."""

import csv
import itertools
import pathlib

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab as cx
from cxlab.kano_model import CLASSES

REFERENCE = pathlib.Path(__file__).parent / "reference" / "asymmetry.csv"  # made by asymmetry.R beside it
R = {row["name"]: float(row["value"]) for row in csv.DictReader(REFERENCE.read_text(encoding="utf-8").splitlines())}


def answers():
    """The same 400 answers as in asymmetry.R."""
    i = np.arange(400)
    a, b = 1 + (i * 7 + (i * i) % 11) % 7, 1 + (i * 5 + (i * i) % 13) % 7
    y = 4 - 1.5 * (a <= 2) + 0.5 * (b >= 6) - 0.3 * (b <= 2) + ((i * 37) % 19 - 9) / 10 + (i // 5 * 29 % 17 - 8) / 8
    return pd.DataFrame({"y": y, "a": a, "b": b, "customer": i // 5, "who": np.where(i % 3 == 0, "company", "customer")})


# ---- penalty and reward ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind, cluster", [("HC3", None), ("cluster", "customer")])
def test_effects_and_intervals_are_those_of_r(kind, cluster):
    found = cx.penalty_reward(answers(), "y", ["a", "b"], low=2, high=6, cluster=cluster).set_index("attribute")
    for name, what in itertools.product("ab", ("penalty", "reward", "asymmetry")):
        for end in ("", "low", "high"):
            key = ".".join(filter(None, (kind, name, what, end)))
            assert found.loc[name, "_".join(filter(None, (what, end)))] == pytest.approx(R[key], rel=1e-9, abs=1e-9), key
    assert found["n_low"].tolist() == [(answers()[x] <= 2).sum() for x in "ab"] and (found["n"] == 400).all()


def test_r_squared_and_bases_are_told():
    table = answers().astype({"a": "Float64"})
    table.loc[[3, 5], "a"] = pd.NA
    found = cx.penalty_reward(table, "y", ["a", "b"], 2, 6)
    dummies = table.dropna().assign(**{f"{x}_{side}": lambda t, x=x, side=side: ((t[x] <= 2) if side == "low" else (t[x] >= 6)).astype(int)
                                       for x in "ab" for side in ("low", "high")})
    assert found.attrs["r_squared"] == pytest.approx(smf.ols("y ~ a_low + a_high + b_low + b_high", dummies).fit().rsquared)
    assert (found.attrs["n"], found.attrs["n_missing"]) == (398, 2) and "2" in found.attrs["note"] and "Kano" in found.attrs["note"]
    assert "customer" in found.attrs["note"]  # repeats, and no cluster was named
    assert "customer" not in cx.penalty_reward(table, "y", ["a", "b"], 2, 6, cluster="customer").attrs["note"].replace("Kano", "")


def world(n, rng):
    """basic, excitement, performance and idle attributes, with noise shared by customers."""
    scores = {name: rng.integers(1, 8, n) for name in ("basic", "excitement", "performance", "idle")}
    low, high = ({name: score <= 2 for name, score in scores.items()}, {name: score >= 6 for name, score in scores.items()})
    y = 4 - low["basic"] + high["excitement"] - 0.8 * low["performance"] + 0.8 * high["performance"] + rng.normal(0, 0.7, n)
    customer = np.arange(n) // 3
    return pd.DataFrame(scores | {"y": y + rng.normal(0, 0.5, n // 3 + 1)[customer], "customer": customer})


def test_kinds_are_recovered_and_intervals_cover():
    rng, hits = np.random.default_rng(5), []
    truth = {"basic": -1.0, "excitement": 1.0, "performance": 0.0, "idle": 0.0}
    for _ in range(20):
        found = cx.penalty_reward(world(900, rng), "y", list(truth), 2, 6, cluster="customer").set_index("attribute")
        assert found.loc[["basic", "excitement"], "kind"].tolist() == ["basic", "excitement"]
        hits += [row["asymmetry_low"] <= truth[name] <= row["asymmetry_high"] for name, row in found.iterrows()]
    assert abs(np.mean(hits) - 0.95) < 3 * np.sqrt(0.95 * 0.05 / len(hits))


def test_kinds_follow_the_intervals():
    table = world(3000, np.random.default_rng(1))
    found = cx.penalty_reward(table, "y", ["basic", "excitement", "performance", "idle"], 2, 6).set_index("attribute")
    assert found["kind"].tolist()[:3] == ["basic", "excitement", "performance"]
    for _, row in found.iterrows():
        both = all(row[f"{x}_low"] > 0 or row[f"{x}_high"] < 0 for x in ("penalty", "reward"))
        spans = row["asymmetry_low"] <= 0 <= row["asymmetry_high"]
        assert row["kind"] == ("basic" if row["asymmetry_high"] < 0 else "excitement" if row["asymmetry_low"] > 0
                               else "performance" if spans and both else "unclear")


@pytest.mark.parametrize("few", ["low", "high", "middle"])
def test_too_few_are_not_estimated_and_the_others_are(few):
    table = world(300, np.random.default_rng(2))
    scores = {"low": 1, "middle": 4, "high": 7}
    table["rare"] = np.resize([value for name, value in scores.items() if name != few], 300)
    table.loc[:8, "rare"] = scores[few]
    found = cx.penalty_reward(table, "y", ["rare", "basic"], 2, 6).set_index("attribute")
    assert found.loc["rare", "kind"] == "not estimated" and found.loc["rare", ["penalty", "reward_low", "asymmetry"]].isna().all()
    assert found.loc["basic", "kind"] == "basic"
    none = cx.penalty_reward(table.assign(rare=4), "y", ["rare", "basic"], 2, 6).set_index("attribute")
    assert none.loc["rare", "kind"] == "not estimated" and none.loc["basic", "penalty"] == pytest.approx(-1, abs=0.4)


@pytest.mark.parametrize("change, error", [
    (lambda t: {"attributes": []}, "at least one attribute"), (lambda t: {"attributes": ["a", "y"]}, "not the outcome"),
    (lambda t: {"attributes": ["a", "a"]}, "each once"), (lambda t: {"low": 6, "high": 2}, "low must lie under high"),
    (lambda t: {"attributes": ["who"]}, "holds no numbers"), (lambda t: {"table": t.head(5)}, "Only 5 complete rows"),
    (lambda t: {"table": t.assign(b=t["a"])}, "same for everybody"), (lambda t: {"attributes": ["gone"]}, "gone"),
    (lambda t: {"table": t.assign(customer=1), "cluster": "customer"}, "single cluster"), (lambda t: {"table": t.to_dict()}, "pandas frame"),
    (lambda t: {"table": t.assign(customer=t["customer"].where(t.index != 4)), "cluster": "customer"}, "6"),
])
def test_what_cannot_be_used_is_refused(change, error):
    given = {"table": answers(), "outcome": "y", "attributes": ["a", "b"], "low": 2, "high": 6} | change(answers())
    with pytest.raises(cx.CxError, match=error):
        cx.penalty_reward(**given)


# ---- Kano's classes ----------------------------------------------------------------------------------------------------


def by_hand(present, absent):
    """Berger et al. 1993, as a rule."""
    if present == absent and present in (1, 5):
        return "Q"
    if present == 1:
        return "O" if absent == 5 else "A"
    if absent == 1 or present == 5:
        return "R"
    return "M" if absent == 5 else "I"


def test_every_pair_has_its_class():
    pairs = list(itertools.product(range(1, 6), repeat=2))
    for pair in pairs:
        row = cx.kano(pd.Series([pair[0]]), pd.Series([pair[1]])).iloc[0]
        assert [kind for kind in CLASSES if row[kind]] == [by_hand(*pair)], pair


def test_the_counts_lead_to_the_coefficients_and_the_test_of_r():
    counts = {"A": 34, "O": 21, "M": 15, "I": 20, "R": 5, "Q": 5}
    answer = {"A": (1, 3), "O": (1, 5), "M": (3, 5), "I": (3, 3), "R": (3, 1), "Q": (1, 1)}
    pairs = [answer[kind] for kind, n in counts.items() for _ in range(n)]
    present, absent = (pd.Series(side) for side in zip(*pairs, strict=True))
    row = cx.kano(present, absent).iloc[0]
    assert row[list(CLASSES)].to_dict() == counts and row["n"] == 100
    assert (row["better"], row["worse"]) == (pytest.approx(55 / 90), pytest.approx(-36 / 90))
    assert (row["leader"], row["runner_up"], row["mixed"], row["p"]) == ("A", "O", True, pytest.approx(R["kano.p"], rel=1e-10))
    share = cx.share(pd.DataFrame({"x": ["A"] * 34 + ["B"] * 66}), "x", "A").iloc[0]
    assert row["share"] == 0.34 and (row["ci_low"], row["ci_high"]) == (pytest.approx(share["ci_low"]), pytest.approx(share["ci_high"]))
    assert row["worse_low"] < row["worse"] < row["worse_high"] < 0 < row["better_low"] < row["better"] < row["better_high"]


def test_an_attribute_without_a_judgement_stands_beside_others():
    present, absent = pd.DataFrame({"a": [1] * 40, "odd": [1] * 40, "empty": [None] * 40}), pd.DataFrame({"a": [3] * 40, "odd": [1] * 40, "empty": [3] * 40})
    found = cx.kano(present, absent).set_index("attribute")
    assert found["leader"].isna().tolist() == [False, True, True] and found.loc["a", "leader"] == "A"
    assert found["n"].tolist() == [40, 40, 0] and found["Q"].tolist() == [0, 40, 0] and np.isnan(found.loc["empty", "better"])


def test_a_clear_leader_is_not_mixed_and_gaps_leave():
    present, absent = pd.DataFrame({"a": [1] * 40 + [None], "b": [3] * 41}), pd.DataFrame({"a": [3] * 41, "b": [5] * 40 + [None]})
    table = cx.kano(present, absent).set_index("attribute")
    assert table["leader"].tolist() == ["A", "M"] and not table["mixed"].any() and table["n"].tolist() == [40, 40]
    assert "left out: 2." in table.attrs["note"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=0, max_size=30))
def test_any_pairs_are_counted_once(pairs):
    present, absent = (pd.Series([pair[side] for pair in pairs], dtype="Int64") for side in (0, 1))
    row = cx.kano(present, absent).iloc[0]
    assert row[list(CLASSES)].sum() == row["n"] == len(pairs)


@pytest.mark.parametrize("present, absent, error", [
    (pd.Series([1, 6]), pd.Series([1, 2]), "row 3: 6"), (pd.Series([1, 2]), pd.Series([1, 2.5]), "2.5"), (pd.Series(["like"]), pd.Series([1]), "like"),
    (pd.Series([1]), pd.Series([1, 2]), "same people"), ([1], [2], "same people")])
def test_answers_off_the_scale_are_refused_with_their_row(present, absent, error):
    with pytest.raises(cx.CxError, match=error):
        cx.kano(present, absent)


# ---- gaps --------------------------------------------------------------------------------------------------------------


def test_the_gap_of_shares_is_newcombes():
    asked = pd.DataFrame({"who": ["b"] * 70 + ["a"] * 80, "superior": [1] * 56 + [0] * 14 + [1] * 48 + [0] * 32})
    row = cx.gap(asked, "superior", "who").iloc[0]
    assert (row["group_1"], row["n_1"], row["n_2"], row["method"]) == ("a", 80, 70, "newcombe")
    assert row[["ci_low", "ci_high"]].tolist() == pytest.approx([0.0524315, 0.3338727], abs=5e-8)  # Newcombe 1998: 56/70 against 48/80
    words = asked.assign(superior=asked["superior"].map({1: "yes", 0: "no"}))
    pd.testing.assert_frame_equal(cx.gap(words, "superior", "who"), cx.gap(asked, "superior", "who"))


def test_the_gap_of_means_is_that_of_r():
    row = cx.gap(answers(), "y", "who").iloc[0]
    assert row["method"] == "welch" and row[["ci_low", "ci_high"]].tolist() == pytest.approx([R["welch.low"], R["welch.high"]], rel=1e-9)


def test_the_gap_of_units_counts_units():
    row = cx.gap(answers(), "y", "who", unit="customer").iloc[0]
    assert (row["n"], row["method"]) == (R["units.n"], "matched units")
    assert row[["difference", "ci_low", "ci_high"]].tolist() == pytest.approx([R[f"units.{x}"] for x in ("estimate", "low", "high")], rel=1e-9)
    repeated = pd.concat([answers()] * 50)
    again = cx.gap(repeated, "y", "who", unit="customer").iloc[0]
    assert again[["difference", "ci_low", "ci_high", "n"]].tolist() == pytest.approx(row[["difference", "ci_low", "ci_high", "n"]].tolist())


def test_the_gap_of_unmatched_groups_with_clusters_is_that_of_r():
    row = cx.gap(answers(), "y", "who", cluster="customer").iloc[0]
    assert (row["n"], row["method"], row["note"]) == (400, "clusters", "clusters: 80")
    assert row[["ci_low", "ci_high"]].tolist() == pytest.approx([R["clustered.low"], R["clustered.high"]], rel=1e-9)
    assert row["difference"] == pytest.approx(cx.gap(answers(), "y", "who").iloc[0]["difference"], abs=1e-12)
    apart = [cx.gap(answers().assign(row=np.arange(400)), "y", "who", cluster=cluster).iloc[0] for cluster in (None, "row")]
    assert apart[0]["ci_low"] == pytest.approx(apart[1]["ci_low"], abs=0.01)  # every row its own cluster: nearly Welch's
    assert "customer" in cx.gap(answers(), "y", "who").attrs["note"] and "customer" not in cx.gap(answers(), "y", "who", cluster="customer").attrs["note"]
    one = cx.gap(answers().assign(shop=1), "y", "who", cluster="shop").iloc[0]
    assert np.isnan(one["ci_low"]) and "no interval" in one["note"]


def test_units_with_one_group_only_are_told():
    table = answers()
    table = table[(table["customer"] > 2) | (table["who"] == "company")]
    found = cx.gap(table, "y", "who", unit="customer")
    assert found["n"].iloc[0] == R["units.n"] - 3 and "3" in found.attrs["note"]
    assert cx.gap(table.assign(y=table["y"].where(table["customer"] > 5)), "y", "who").attrs["note"] != ""


def test_the_order_is_that_of_the_categorical():
    table = answers().assign(who=lambda t: pd.Categorical(t["who"], ["customer", "company"]))
    assert cx.gap(table, "y", "who").iloc[0]["difference"] == -cx.gap(answers(), "y", "who").iloc[0]["difference"]


@pytest.mark.parametrize("change, error", [
    (lambda t: {"table": t[t["who"] == "company"]}, "exactly two groups"), (lambda t: {"value": "who"}, "neither numbers nor yes/no"),
    (lambda t: {"by": "b"}, "it holds 7"), (lambda t: {"unit": "customer", "cluster": "a"}, "either unit='customer'"), (lambda t: {"table": t.assign(unit=np.arange(400)), "unit": "unit"}, "Only 0 units"),
    (lambda t: {"table": t.assign(customer=t["customer"].where(t.index != 4)), "unit": "customer"}, "6"), (lambda t: {"level": 2}, "level"),
    (lambda t: {"table": [1]}, "pandas frame")])
def test_gaps_that_cannot_be_had_are_refused(change, error):
    with pytest.raises(cx.CxError, match=error):
        cx.gap(**({"table": answers(), "value": "y", "by": "who"} | change(answers())))
