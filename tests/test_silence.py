"""The silent dissatisfied: bounds against every way the unknown could be filled in, limits against Wilson, cover against a simulated truth."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

import cxlab as cx

NAMES = ("a", "b", "u0", "u1", "satisfied")


def table(a=0, b=0, u0=0, u1=0, satisfied=0):
    """A frame with so many of each kind."""
    score = [3.0] * (a + b) + [np.nan] * (u0 + u1) + [8.0] * satisfied
    complained = ["no"] * a + ["yes"] * b + ["no"] * u0 + ["yes"] * u1 + ["no"] * satisfied
    return pd.DataFrame({"score": score, "complained": pd.Series(complained, dtype="str")})


def test_the_formula_of_a_case_by_hand():
    found = cx.silent(table(a=30, b=20, u0=100, u1=10, satisfied=40), threshold=6, level=0.9)
    assert list(found["among"]) == ["all", "dissatisfied"] and list(found["n"]) == [200, 50] and list(found.columns) == ["among", "n", "low", "high", "ci_low", "ci_high", "note"]
    assert found[["low", "high"]].to_numpy() == pytest.approx(np.array([[30 / 200, 130 / 200], [30 / 60, 130 / 150]]), abs=1e-15)
    for row, (low, of_low, high, of_high) in enumerate([(30, 200, 130, 200), (30, 60, 130, 150)]):
        ends = proportion_confint(low, of_low, 0.1, "wilson")[0], proportion_confint(high, of_high, 0.1, "wilson")[1]
        assert found.loc[row, ["ci_low", "ci_high"]].tolist() == pytest.approx(ends, abs=1e-12)
    assert {name: found.attrs[name] for name in NAMES} == {"a": 30, "b": 20, "u0": 100, "u1": 10, "satisfied": 40} and found.attrs["level"] == 0.9


@settings(max_examples=25)
@given(*[st.integers(0, 6)] * 5)
def test_bounds_are_the_least_and_the_most_of_all_that_could_be(a, b, u0, u1, satisfied):
    found = cx.silent(table(a, b, u0, u1, satisfied), threshold=6)
    could = [(a + x, a + b + x + y) for x, y in itertools.product(range(u0 + 1), range(u1 + 1))]  # so many of the unknown are dissatisfied
    n = a + b + u0 + u1 + satisfied
    if n:
        shares = [silent / n for silent, _ in could]
        assert found.loc[0, ["low", "high"]].tolist() == pytest.approx([min(shares), max(shares)])
    else:
        assert found[["low", "high", "ci_low", "ci_high"]].isna().all(axis=None)
    low, high = found.loc[1, ["low", "high"]]
    among = [silent / unhappy for silent, unhappy in could if unhappy]
    assert np.isnan(low) == (a + b + u1 == 0) and np.isnan(high) == (a + b + u0 == 0)
    assert np.isnan(low) or low == pytest.approx(min(among))
    assert np.isnan(high) or high == pytest.approx(max(among))
    known = found.dropna()
    assert (known["ci_low"] <= known["low"] + 1e-12).all() and (known["low"] <= known["high"] + 1e-12).all() and (known["high"] <= known["ci_high"] + 1e-12).all()
    assert ("nobody to divide by" in found.loc[1, "note"]) == bool(found.loc[1, ["low", "high"]].isna().any())


def test_where_everybody_answered_the_bounds_meet():
    found = cx.silent(table(a=30, b=20, satisfied=150), threshold=6)
    assert found["low"].equals(found["high"]) and found["low"].tolist() == [0.15, 0.6]
    share = cx.share(pd.DataFrame({"silent": ["yes"] * 30 + ["no"] * 170}), "silent", "yes").iloc[0]
    assert found.loc[0, ["ci_low", "ci_high"]].tolist() == pytest.approx(share[["ci_low", "ci_high"]].tolist(), abs=1e-12)
    assert list(cx.silent(table(a=5, satisfied=20), 6)["note"]) == ["small", "hidden"]


def test_a_complaint_may_be_written_in_many_ways_and_the_kinds_of_silence_are_counted_apart():
    counted = table(a=30, b=20, u0=100, u1=10, satisfied=40)
    for yes, no in ((True, False), (1, 0), (1.0, 0.0), ("evet", "hayır"), ("YES", "No")):
        said = counted.assign(complained=counted["complained"].map({"yes": yes, "no": no}))
        pd.testing.assert_frame_equal(cx.silent(said, 6), cx.silent(counted, 6))
    asked = counted.assign(invited=["yes"] * 50 + ["no"] * 60 + ["yes"] * 90, answered=["yes"] * 50 + ["no"] * 100 + ["yes"] * 10 + ["yes"] * 40)
    told = cx.silent(asked, 6).attrs
    assert (told["not_invited"], told["no_answer"], told["no_score"]) == (60, 40, 10) and told["u0"] + told["u1"] == 110
    assert "not invited 60, no answer 40, answered without a score 10" in told["note"]
    pd.testing.assert_frame_equal(cx.silent(asked, 6), cx.silent(counted, 6), check_flags=False)
    whole = cx.silent(asked.assign(score=asked["score"].astype("Int64")), 6)
    pd.testing.assert_frame_equal(whole, cx.silent(asked, 6))
    repeated = cx.silent(counted.assign(customer=range(200)), 6).attrs["note"], cx.silent(counted.assign(customer=1), 6).attrs["note"]
    assert "occasions" not in repeated[0] and "occasions, not people" in repeated[1]


@pytest.mark.parametrize("change, said", [
    ({"table": [1]}, "list"), ({"threshold": "6"}, "threshold"), ({"threshold": True}, "threshold"), ({"threshold": np.nan}, "threshold"), ({"level": 95}, "level"),
    ({"score": "scores"}, "Nearly the same: score"), ({"complained": "complaint"}, "Nearly the same: complained"), ({"cells": {"complained": None}}, "must be known.*row 3"),
    ({"cells": {"complained": "maybe"}}, "yes or no.*row 3"), ({"cells": {"score": "six"}}, "hold numbers.*row 3"), ({"cells": {"score": False}}, "row 3"),
    ({"cells": {"invited": "perhaps"}}, "'invited'")])
def test_what_cannot_be_bounded_is_refused(change, said):
    told = table(a=3, b=2).assign(invited="yes").astype(object)
    for column, cell in change.pop("cells", {}).items():
        told.loc[1, column] = cell
    for language in ("en", "tr"):
        cx.use_language(language)
        with pytest.raises(cx.CxError, match=said if language == "en" else "[a-z]"):
            cx.silent(**({"table": told, "threshold": 6} | change))


@pytest.mark.parametrize("happy, unhappy", [(1, 1), (0.6, 0.2), (0.2, 0.6)])
def test_the_truth_lies_within_the_limits_whoever_stays_away(happy, unhappy):
    """100 worlds of 500 people; who answers depends on the very thing asked. Three Monte Carlo errors of 0.95 are .065."""
    rng, hits = np.random.default_rng(17), np.zeros(2)
    for _ in range(100):
        dissatisfied = rng.random(500) < 0.3
        complained = rng.random(500) < np.where(dissatisfied, 0.2, 0.03)
        answers = rng.random(500) < np.where(dissatisfied, unhappy, happy)
        world = pd.DataFrame({"score": np.where(answers, np.where(dissatisfied, 3.0, 9.0), np.nan), "complained": complained})
        found = cx.silent(world, threshold=6)
        hits += [row["ci_low"] <= truth <= row["ci_high"] for truth, (_, row) in zip((0.3 * 0.8, 0.8), found.iterrows(), strict=True)]
    assert (hits / 100 > 0.95 - 0.065).all()
    if happy == unhappy == 1:
        assert (hits / 100 < 1).all()  # nobody stays away: then they are Wilson's and miss now and then


def test_in_the_bundled_worlds_the_bounds_hold_the_truth():
    truth = cx.load("touchpoint_truth").set_index(["world", "quantity", "key"])["value"]
    bounds = {world: cx.silent(cx.load(world), threshold=6).set_index("among") for world in ("touchpoint_nps", "touchpoint_nps_twin")}
    for world, found in bounds.items():
        assert found.attrs["simulated"] and "occasions" in found.attrs["note"] and sum(found.attrs[name] for name in NAMES) == found.loc["all", "n"]
        for among in ("all", "dissatisfied"):
            assert found.loc[among, "ci_low"] <= truth[world, "silent", f"of_{among}_occasions"] <= found.loc[among, "ci_high"]
    real, twin = bounds.values()
    assert real.loc["dissatisfied", "ci_low"] > twin.loc["dissatisfied", "ci_low"] + 0.3  # there nearly everybody complains
