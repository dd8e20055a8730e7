"""Equivalence of two groups: against statsmodels and the published formula, the interval and the test as one, exact size and power, and what is refused."""

import itertools
import pathlib
import subprocess
import sys

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.stats import binom, norm
from statsmodels.stats import proportion
from statsmodels.stats.multitest import multipletests

import cxlab as cx

RESULT = ["value", "n_1", "n_2", "share_1", "share_2", "difference", "ci_low", "ci_high", "eq_low", "eq_high", "p_equivalence", "p_difference",
          "p_equivalence_holm", "p_difference_holm", "verdict", "note"]
COUNTS = {"price": (12, 30), "speed": (0, 0), "waiting": (60, 90), "honesty": (24, 72), "speech": (120, 320), "access": (20, 56)}


def waves(n_1=240, n_2=600, **counts):
    """One row a respondent of two waves, a column of marks a theme: waves(price=(12, 30))."""
    themes = {name: [1] * a + [0] * (n_1 - a) + [1] * b + [0] * (n_2 - b) for name, (a, b) in counts.items()}
    return pd.DataFrame({"wave": [2013] * n_1 + [2018] * n_2, **themes})


def one(table):
    assert len(table) == 1
    return table.iloc[0]


def by_hand(a, n_1, b, n_2, margin, level):
    """Agresti & Caffo 2000 by the formula: limits at both levels, p of both claims."""
    p, q = (a + 1) / (n_1 + 2), (b + 1) / (n_2 + 2)
    se = np.sqrt(p * (1 - p) / (n_1 + 2) + q * (1 - q) / (n_2 + 2))
    limits = [q - p + side * z * se for z in (norm.ppf((1 + level) / 2), norm.ppf(level)) for side in (-1, 1)]
    return [*limits, max(norm.sf((q - p + margin) / se), norm.cdf((q - p - margin) / se)), 2 * norm.sf(abs(q - p) / se)]


# ---- the tests and the interval ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.95, 0.9])
def test_every_theme_is_that_of_statsmodels_and_of_the_formula(level):
    found = cx.equivalence(waves(**COUNTS), list(COUNTS), "wave", 0.06, level=level)
    assert list(found) == RESULT and found["value"].tolist() == list(COUNTS)
    options = {"method": "agresti-caffo", "compare": "diff"}
    for (_, row), (a, b) in zip(found.iterrows(), COUNTS.values(), strict=True):
        assert row[RESULT[1:6]].tolist() == pytest.approx([240, 600, a / 240, b / 600, b / 600 - a / 240])
        assert row[RESULT[6:12]].tolist() == pytest.approx(by_hand(a, 240, b, 600, 0.06, level), abs=1e-12)
        second_first = b, 600, a, 240
        with np.errstate(all="ignore"):
            theirs = [*proportion.confint_proportions_2indep(*second_first, alpha=1 - level, **options), *proportion.confint_proportions_2indep(*second_first, alpha=2 - 2 * level, **options),
                      proportion.tost_proportions_2indep(*second_first, -0.06, 0.06, **options).pvalue, proportion.test_proportions_2indep(*second_first, **options).pvalue]
        assert row[RESULT[6:12]].tolist() == pytest.approx(theirs, abs=1e-12)


def test_the_difference_is_the_second_group_less_the_first():
    row = one(cx.equivalence(waves(price=(12, 120)), ["price"], "wave", 0.05))
    assert row["difference"] == pytest.approx(0.15) and 0.05 < row["eq_low"] < 0.15 < row["eq_high"] and row["ci_low"] < row["eq_low"]
    assert row["verdict"] == "different" and row["p_equivalence"] > 0.99
    table = waves(price=(12, 120))
    table["wave"] = pd.Categorical(table["wave"], categories=[2018, 2013, 2009], ordered=True)
    turned = cx.equivalence(table, ["price"], "wave", 0.05)
    assert turned.attrs["groups"] == (2018, 2013) and "2013 minus 2018" in turned.attrs["note"]
    assert one(turned)[["n_1", "n_2", "difference", "ci_low", "ci_high"]].tolist() == pytest.approx([600, 240, -0.15, -row["ci_high"], -row["ci_low"]])


@pytest.mark.parametrize("counts, margin, verdict", [((12, 30), 0.05, "equivalent"), ((12, 30), 0.03, "undecided"), ((0, 0), 0.05, "equivalent"),
                                                     ((240, 600), 0.05, "equivalent"), ((12, 150), 0.05, "different"), ((12, 66), 0.2, "both")])
def test_verdicts(counts, margin, verdict):
    found = cx.equivalence(waves(price=counts), ["price"], "wave", margin)
    assert one(found)["verdict"] == verdict and found.attrs["all_equivalent"] == (verdict in ("equivalent", "both"))


@settings(max_examples=80, deadline=None)
@given(st.data(), st.integers(1, 60), st.integers(1, 60), st.floats(0.01, 0.95), st.sampled_from([0.6, 0.8, 0.9, 0.95, 0.99]))
def test_the_interval_inside_the_margin_and_the_verdict_are_one(data, n_1, n_2, margin, level):
    a, b = data.draw(st.integers(0, n_1)), data.draw(st.integers(0, n_2))
    row = one(cx.equivalence(waves(n_1, n_2, price=(a, b)), ["price"], "wave", margin, level=level))
    inside = -margin < row["eq_low"] and row["eq_high"] < margin
    apart = row["ci_low"] > 0 or row["ci_high"] < 0
    assert row["verdict"] == {(True, True): "both", (True, False): "equivalent", (False, True): "different", (False, False): "undecided"}[inside, apart]
    assert inside == (row["p_equivalence"] < 1 - level) and apart == (row["p_difference"] < 1 - level)


@pytest.mark.parametrize("side", [-1e-9, 1e-9])
def test_the_verdict_turns_where_the_limit_meets_the_margin(side):
    table = waves(price=(20, 64))
    row = one(cx.equivalence(table, ["price"], "wave", 0.5))
    edge = max(-row["eq_low"], row["eq_high"])
    assert one(cx.equivalence(table, ["price"], "wave", edge + side))["verdict"] == ("equivalent" if side > 0 else "undecided")


def test_single_themes_pay_for_picking_and_the_joint_claim_does_not():
    table = waves(**{f"t{i}": (12, 38) for i in range(19)})
    found = cx.equivalence(table, [f"t{i}" for i in range(19)], "wave", 0.05)
    for claim in ("equivalence", "difference"):
        np.testing.assert_allclose(found[f"p_{claim}_holm"], multipletests(found[f"p_{claim}"], method="holm")[1])
    assert (found["p_equivalence"] < 0.05).all() and found.attrs["all_equivalent"] and set(found["verdict"]) == {"undecided"}
    mixed = cx.equivalence(waves(**COUNTS), list(COUNTS), "wave", 0.09)
    order = np.argsort(mixed["p_equivalence"].to_numpy())
    steps = np.maximum.accumulate(np.minimum(mixed["p_equivalence"].to_numpy()[order] * np.arange(6, 0, -1), 1))
    np.testing.assert_allclose(mixed["p_equivalence_holm"].to_numpy()[order], steps)
    assert not mixed.attrs["all_equivalent"] and {"equivalent", "different"} <= set(mixed["verdict"]) | {"both"}


# ---- what may come in --------------------------------------------------------------------------------------------------------


def test_marks_choices_and_categories_give_the_same_numbers():
    table = waves(10, 12, b=(3, 2), a=(5, 6)).assign(nobody=0)
    table["choices"] = [tuple(name for name in ("b", "a") if row[name]) + ("any",) for _, row in table.iterrows()]
    marks = cx.equivalence(table.astype({"a": bool, "b": "Int64"}), ["a", "b"], "wave", 0.3)
    choices = cx.equivalence(table, "choices", "wave", 0.3)
    assert choices["value"].tolist() == ["a", "any", "b"] and set(marks["note"]) == {"small"}
    raw = [name for name in RESULT if not name.endswith("_holm") and name != "verdict"]
    assert_frame_equal(choices.iloc[[0, 2]][raw].reset_index(drop=True), marks[raw])
    assert_frame_equal(cx.equivalence(table.assign(choices=table["choices"].map(list)), "choices", "wave", 0.3), choices)
    assert_frame_equal(cx.equivalence(pl.DataFrame({"wave": table["wave"].tolist(), "choices": [list(c) for c in table["choices"]]}), "choices", "wave", 0.3), choices)
    frame = table[["wave", "a", "b"]]
    assert_frame_equal(cx.equivalence(duckdb.sql("select * from frame"), ["a", "b"], "wave", 0.3), marks)
    with_gaps = [(*cell, None, " ") for cell in table["choices"]]
    assert_frame_equal(cx.equivalence(table.assign(choices=with_gaps), "choices", "wave", 0.3), choices)
    for frame in (table.astype({"a": object, "b": "category"}), pl.DataFrame({"wave": table["wave"].tolist(), "a": (table["a"] == 1).tolist(), "b": table["b"].tolist()})):
        assert_frame_equal(cx.equivalence(frame, ["a", "b"], "wave", 0.3), marks)
    one_column = cx.equivalence(table, "a", "wave", 0.3)
    assert one(one_column)["value"] == "a" and one(one_column)["p_equivalence"] == marks["p_equivalence"].iloc[0]


def test_single_answers_and_categories_nobody_chose():
    table = waves(40, 50).assign(memory=pd.Categorical(["bad"] * 30 + ["good"] * 10 + ["good"] * 20 + [None] * 30, categories=["bad", "good", "nothing"], ordered=True))
    found = cx.equivalence(table, "memory", "wave", 0.1)
    assert found["value"].tolist() == ["bad", "good", "nothing"] and found["value"].dtype == table["memory"].dtype
    assert found["n_1"].tolist() == [40] * 3 and found["n_2"].tolist() == [20] * 3 and found["share_2"].tolist() == [0, 1, 0]
    assert found.attrs["n_missing"] == {"memory": 30} and "left out: 30" in found.attrs["note"]
    text = cx.equivalence(table.astype({"memory": "str"}), "memory", "wave", 0.1)
    assert text["value"].tolist() == ["bad", "good"] and text["difference"].tolist() == found["difference"].tolist()[:2]


def test_who_did_not_answer_is_left_out_of_that_theme_and_counted():
    table = waves(40, 60, a=(20, 30), b=(10, 10)).astype({"a": float})
    table.loc[[0, 1, 99], "a"] = np.nan
    table["choices"] = [()] * 5 + [("x",)] * 95
    found = cx.equivalence(table, ["a", "b"], "wave", 0.3).set_index("value")
    assert found.loc["a", ["n_1", "n_2", "share_1", "share_2"]].tolist() == pytest.approx([38, 59, 18 / 38, 30 / 59]) and found.loc["b", "n_1"] == 40
    assert found.attrs["n_missing"] == {"a": 3}
    assert cx.equivalence(table, "choices", "wave", 0.3).attrs["n_missing"] == {"choices": 5}
    table["wave"] = table["wave"].astype("Int64").mask(table.index < 2)
    nowhere = cx.equivalence(table, ["a", "b"], "wave", 0.3)
    assert nowhere.attrs["n_missing"] == {"wave": 2, "a": 1} and nowhere["n_1"].tolist() == [38, 38]


def test_marks_with_gaps_of_other_engines():
    wave, marks = [1] * 30 + [2] * 40, [True, False, None, True, False] * 14
    for frame in (pl.DataFrame({"wave": wave, "a": marks}), pd.DataFrame({"wave": wave, "a": marks}), pd.DataFrame({"wave": wave, "a": pd.array(marks, dtype="boolean")})):
        found = cx.equivalence(frame, ["a"], "wave", 0.3)
        assert one(found)[["n_1", "n_2", "share_1", "share_2"]].tolist() == [24, 32, 0.5, 0.5] and found.attrs["n_missing"] == {"a": 14}
    nobody = cx.equivalence(pd.DataFrame({"wave": wave, "a": [None] * 70}), ["a"], "wave", 0.3)
    assert one(nobody)["verdict"] == "undecided" and np.isnan(one(nobody)["p_equivalence_holm"])
    nothing = cx.equivalence(pd.DataFrame({"wave": wave, "a": [None] * 70}), "a", "wave", 0.3)
    assert len(nothing) == 0 and not nothing.attrs["all_equivalent"]


def test_a_theme_without_answers_in_a_group_has_no_verdict_and_does_not_count_for_holm():
    table = waves(40, 60, a=(20, 30), b=(10, 10)).astype({"a": float})
    table.loc[table["wave"] == 2013, "a"] = np.nan
    found = cx.equivalence(table, ["a", "b"], "wave", 0.3)
    assert found["note"].tolist() == ["hidden", ""] and found["verdict"].iloc[0] == "undecided"
    assert found.iloc[0][["share_1", "difference", "eq_low", "p_equivalence", "p_equivalence_holm"]].isna().all()
    assert found["p_equivalence_holm"].iloc[1] == found["p_equivalence"].iloc[1] and not found.attrs["all_equivalent"]


def test_weights():
    table = waves(50, 70, a=(20, 30)).assign(w=np.tile([1.0, 2, 0.5, 1.5], 30), same=3.0, zero=0.0)
    plain, same = (cx.equivalence(table, ["a"], "wave", 0.3, weights=w) for w in (None, "same"))
    assert_frame_equal(same, plain)
    row = one(cx.equivalence(table, ["a"], "wave", 0.3, weights="w"))
    shares, effective = [], []
    for wave in (2013, 2018):
        part = table[table["wave"] == wave]
        shares.append((part["a"] * part["w"]).sum() / part["w"].sum())
        effective.append(part["w"].sum() ** 2 / (part["w"] ** 2).sum())
    assert row[["n_1", "n_2", "share_1", "share_2"]].tolist() == pytest.approx([50, 70, *shares])
    expected = by_hand(shares[0] * effective[0], effective[0], shares[1] * effective[1], effective[1], 0.3, 0.95)
    assert row[RESULT[6:12]].tolist() == pytest.approx(expected, abs=1e-12)
    assert "approximate" in cx.equivalence(table, ["a"], "wave", 0.3, weights="w").attrs["note"]
    assert one(cx.equivalence(table, ["a"], "wave", 0.3, weights="zero"))["note"] == "no weight"
    raked = table.assign(r=cx.rake(table, {"a": {1: 0.5, 0: 0.5}}))
    assert one(cx.equivalence(raked, ["a"], "wave", 0.3, weights="r"))["verdict"] == "equivalent"


def test_a_repeated_customer_is_mentioned():
    assert "more than one row" in cx.equivalence(waves(a=(1, 2)).assign(customer=1), ["a"], "wave", 0.1).attrs["note"]


# ---- a coder who errs --------------------------------------------------------------------------------------------------------


def test_a_coder_shrinks_differences_and_the_margin():
    """400 and 500 people whose theme a coder finds with .8 and falsely sees with .1: expected marks are whole numbers here."""
    truth, seen = {}, {}
    for name, share in (("low", (0.1, 0.2)), ("high", (0.5, 0.4))):
        truth[name] = tuple(round(n * p) for n, p in zip((400, 500), share, strict=True))
        seen[name] = tuple(round(n * (0.8 * p + 0.1 * (1 - p))) for n, p in zip((400, 500), share, strict=True))
    coded = cx.equivalence(waves(400, 500, **seen), ["low", "high"], "wave", 0.1, sensitivity=0.8, specificity=0.9)
    real = cx.equivalence(waves(400, 500, **truth), ["low", "high"], "wave", 0.1)
    np.testing.assert_allclose(coded["difference"], 0.7 * real["difference"])
    assert (coded.attrs["margin"], real.attrs["margin_used"]) == (0.1, 0.1) and coded.attrs["margin_used"] == pytest.approx(0.07)
    assert coded["p_equivalence"].tolist() == cx.equivalence(waves(400, 500, **seen), ["low", "high"], "wave", 0.1 * (0.8 + 0.9 - 1))["p_equivalence"].tolist()
    assert "coder" in coded.attrs["note"] and "coder" not in real.attrs["note"]
    each = cx.equivalence(waves(400, 500, **seen), ["low", "high"], "wave", 0.1, sensitivity={"low": 0.8, "high": 1}, specificity=pd.Series({"low": 0.9, "high": 1}))
    assert each.attrs["margin_used"] == pytest.approx({"low": 0.07, "high": 0.1})
    assert each["p_equivalence"].iloc[0] == coded["p_equivalence"].iloc[0] and each["p_equivalence"].iloc[1] < coded["p_equivalence"].iloc[1]


@pytest.mark.parametrize("sensitivity, specificity, message", [
    (0.9, None, "both or neither"), (None, 0.9, "both or neither"), (0.5, 0.5, "exceed 1"), (1.1, 0.9, "sensitivity = 1.1"), (80, 0.9, "0 to 1"),
    ({"b": 0.9}, 0.9, "'a': sensitivity = None.*every category"), ("high", 0.9, "'high'")])
def test_coders_that_cannot_be(sensitivity, specificity, message):
    with pytest.raises(cx.CxError, match=message):
        cx.equivalence(waves(a=(3, 4)), ["a"], "wave", 0.1, sensitivity=sensitivity, specificity=specificity)


# ---- power and size, exact ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("margin, share, themes, power", [
    (0.05, 0.05, 1, 0.81), (0.05, 0.1, 1, 0.41), (0.05, 0.2, 1, 0.01), (0.1, 0.05, 1, 1), (0.1, 0.1, 1, 0.99), (0.1, 0.2, 1, 0.9), (0.1, 0.3, 1, 0.78),
    (0.05, 0.05, 19, 0.16), (0.05, 0.1, 19, 0)])
def test_power_at_the_sizes_of_2013_and_2018(margin, share, themes, power):
    found = cx.equivalence_power(240, 600, share, margin, themes=themes)
    assert list(found) == ["n_1", "n_2", "share", "margin", "power", "note"]
    assert one(found)["power"] == pytest.approx(power, abs=0.005)


@pytest.mark.parametrize("share, difference, margin", [(0.1, 0, 0.45), (0.3, 0.2, 0.45), (0, 0.1, 0.4), (1, -0.3, 0.5)])
def test_power_is_the_chance_of_the_verdict(share, difference, margin):
    outcomes = {f"{a} {b}": (a, b) for a, b in itertools.product(range(13), range(16))}
    found = cx.equivalence(waves(12, 15, **outcomes), list(outcomes), "wave", margin)
    a, b = np.array(list(outcomes.values())).T
    total = (binom.pmf(a, 12, share) * binom.pmf(b, 15, share + difference))[found["p_equivalence"] < 0.05].sum()
    assert one(cx.equivalence_power(12, 15, share, margin, difference=difference))["power"] == pytest.approx(total, abs=1e-10)


@pytest.mark.parametrize("margin, rare, common", [(0.05, 0.077, 0.054), (0.1, 0.075, 0.058)])
def test_size_at_the_margin(margin, rare, common):
    """How often two shares exactly a margin apart are called equivalent, at α = .05: somewhat too often where the smaller group has nearly none."""
    def size(shares, sign):
        return max(one(cx.equivalence_power(240, 600, share, margin, difference=sign * margin))["power"] for share in shares)

    assert size([0, 0.001, 0.005, 0.01, 0.02], 1) == pytest.approx(rare, abs=0.001)
    assert max(size(np.arange(0.05, 0.85, 0.05), 1), size(np.arange(0.05, 0.9, 0.05) + margin, -1)) <= 0.076
    assert size(np.arange(0.05, 0.85, 0.05), 1) <= common


def test_power_at_large_numbers_is_that_of_the_normal_curve():
    n, p, margin = 1_000_000, 0.3, 0.0015
    z = margin / np.sqrt(2 * p * (1 - p) / n) - norm.ppf(0.95)
    assert one(cx.equivalence_power(n, n, p, margin))["power"] == pytest.approx(2 * norm.cdf(z) - 1, abs=1e-3)


def test_power_grows_with_n_and_margin_and_falls_with_themes():
    def power(*arguments, **more):
        return one(cx.equivalence_power(*arguments, **more))["power"]

    assert power(240, 600, 0.1, 0.05) < power(480, 1200, 0.1, 0.05) < power(2400, 6000, 0.1, 0.05) > 0.99
    assert power(240, 600, 0.1, 0.05) < power(240, 600, 0.1, 0.06) and power(240, 600, 0.05, 0.05, themes=2) < power(240, 600, 0.05, 0.05)
    assert power(240, 600, 0.1, 0.05) == pytest.approx(power(600, 240, 0.1, 0.05)) == pytest.approx(power(240, 600, 0.9, 0.05))
    assert power(240, 600, 0.05, 0.05, level=0.99) == pytest.approx(power(240, 600, 0.05, 0.05, themes=5))


# ---- what is refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("margin", [0, 1, 5, -0.05, None, "small", True, np.nan])
def test_a_margin_is_chosen_by_a_person(margin):
    for call in (lambda: cx.equivalence(waves(a=(3, 4)), ["a"], "wave", margin), lambda: cx.equivalence_power(240, 600, 0.1, margin)):
        with pytest.raises(cx.CxError, match="margin = .*change nothing you do.*before looking.*equivalence_power"):
            call()


def test_the_margin_has_no_default():
    with pytest.raises(TypeError, match="margin"):
        cx.equivalence(waves(a=(3, 4)), ["a"], "wave")


@pytest.mark.parametrize("by, message", [("three", r"'three' has 3: 'x', 'y', 'z'\."), ("single", "has 1: 'x'"), ("empty", "has 0"), (["wave", "three"], "one column"),
                                         (None, "one column"), ("no", "no column 'no'")])
def test_groups_that_are_not_two(by, message):
    table = pd.DataFrame({"wave": [1, 1, 2], "three": list("xyz"), "single": "x", "empty": None, "a": [0, 1, 1]})
    with pytest.raises(cx.CxError, match=message):
        cx.equivalence(table, ["a"], by, 0.1)
    assert cx.equivalence(table, ["a"], ["wave"], 0.1).attrs["groups"] == (1, 2)


@pytest.mark.parametrize("cells, rows", [([0, 1, 2], r"row 4 \(2\)"), (["0", "1", "1"], r"row 2 \(0\), row 3 \(1\)"), ([0.5, 1, None], r"row 2 \(0.5\)"), ([("x",), ("y",), None], "row 2")])
def test_marks_that_are_none(cells, rows):
    table = pd.DataFrame({"wave": [1, 1, 2], "a": pd.Series(cells)})
    with pytest.raises(cx.CxError, match=f"'a' has others: {rows}.*columns='a'"):
        cx.equivalence(table, ["a"], "wave", 0.1)


def test_levels_and_plans_that_cannot_be():
    for level, message in ((0.5, "above 0.5"), (95, "between 0 and 1")):
        with pytest.raises(cx.CxError, match=message):
            cx.equivalence(waves(a=(3, 4)), ["a"], "wave", 0.1, level=level)
    for plan, message in (((0, 600, 0.1), "n_1 = 0"), ((240, 6.5, 0.1), "n_2 = 6.5.*whole"), ((240, 600, 1.1), "share = 1.1"), ((240, 600, 5), "from 0 to 1")):
        with pytest.raises(cx.CxError, match=message):
            cx.equivalence_power(*plan, 0.05)
    for more, message in (({"difference": -0.2}, "share . difference = -0.1"), ({"themes": 0}, "themes = 0")):
        with pytest.raises(cx.CxError, match=message):
            cx.equivalence_power(240, 600, 0.1, 0.05, **more)
    with pytest.raises(cx.CxError, match="at least one column"):
        cx.equivalence(waves(), [], "wave", 0.1)


def test_it_speaks_turkish():
    cx.use_language("tr")
    assert "2018 eksi 2013; sınır ±5,0 yüzde puanı" in cx.equivalence(waves(a=(3, 4)), ["a"], "wave", 0.05).attrs["note"]
    with pytest.raises(cx.CxError, match="en büyük farktır"):
        cx.equivalence(waves(a=(3, 4)), ["a"], "wave", 5)


def test_no_module_hides_a_function_of_its_name():
    """`import cxlab.x` puts the module x in place of a function x of the package."""
    modules = {path.stem for path in pathlib.Path(cx.__file__).parent.glob("*.py")}
    assert modules & set(cx.__all__) == {"framework", "tally"}  # tally is taken from its module at once, framework is the module
    code = "import cxlab as cx, cxlab.two_groups; cx.equivalence_power; assert callable(cx.equivalence) and callable(cx.tally)"
    subprocess.run([sys.executable, "-c", code], check=True)
