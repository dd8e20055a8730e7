"""The small worlds of the components: their truth in closed form, their samples against rows and against statsmodels, the moving standard by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

import cxlab as cx
from cxlab import component_worlds as worlds
from cxlab.drivers import lmg

KEYS = ["functional", "accessible", "emotional"]
NORMAL_95 = 1.959963984540054


def off(share, n):
    """Three Monte Carlo errors of a share."""
    return 3 * np.sqrt(share * (1 - share) / n)


# ---- draw the world ----------------------------------------------------------------------------------------------------------


def test_uncorrelated_components_have_their_importance_in_closed_form():
    found = cx.name_the_first((0.3, 0.1, 0.6), 100, correlation=0, noise=0.8, rng=1)
    weights = np.array([0.3, 0.1, 0.6])
    assert found["importance"].to_numpy() == pytest.approx(weights**2 / (weights @ weights + 0.8**2), abs=1e-12)
    assert found["component"].tolist() == KEYS and found["weight"].tolist() == weights.tolist() and found.attrs["truth"] == "emotional"


def test_importance_of_the_population_sums_to_its_r_squared():
    for correlation in (0, 0.3, 0.95):
        found = cx.name_the_first((0.35, 0.15, 0.5), 100, correlation=correlation, rng=1)
        weights = found["weight"].to_numpy()
        explained = weights @ (correlation + (1 - correlation) * np.eye(3)) @ weights
        assert found["importance"].sum() == pytest.approx(explained / (explained + 1), abs=1e-12)


def test_a_large_sample_shows_the_population_to_importance():
    world = {"weights": (0.35, 0.15, 0.5), "n": 200_000, "correlation": 0.7}
    seen = cx.importance(cx.draw_components(**world, rng=5), "outcome", KEYS, n_boot=0)
    assert seen["importance"].to_numpy() == pytest.approx(cx.name_the_first(**world, rng=1)["importance"].to_numpy(), abs=0.005)
    assert seen["coefficient"].to_numpy() == pytest.approx([0.35, 0.15, 0.5], abs=0.02)


def test_covariances_drawn_at_once_are_those_of_rows():
    _, factor, rng = worlds._world((0.3, 0.1, 0.6), 12, 0.6, 1.0, 4000, 3)
    drawn = worlds._covariances(factor, 12, 4000, rng)
    rows = rng.standard_normal((4000, 12, 4)) @ factor.T
    rows -= rows.mean(axis=1, keepdims=True)
    counted = np.swapaxes(rows, 1, 2) @ rows / 11
    for i, j in ((0, 0), (0, 1), (2, 3), (3, 3)):
        assert ks_2samp(drawn[:, i, j], counted[:, i, j]).pvalue > 0.001
    assert ks_2samp(*(lmg(worlds._correlations(each))[:, 2] for each in (drawn, counted))).pvalue > 0.001
    assert drawn.mean(axis=0) == pytest.approx(factor @ factor.T, abs=0.06)


def test_how_often_the_first_is_named_agrees_with_samples_of_rows():
    found = cx.name_the_first((0.35, 0.15, 0.5), 80, samples=20_000, rng=1)["named_first"].to_numpy()
    rows = np.stack([np.corrcoef(cx.draw_components((0.35, 0.15, 0.5), 80, rng=seed), rowvar=False) for seed in range(1500)])
    counted = np.bincount(lmg(rows).argmax(axis=1), minlength=3) / 1500
    assert (np.abs(found - counted) < off(found, 1500) + off(found, 20_000)).all()


def test_named_first_is_a_share_of_samples_with_wilsons_interval():
    found = cx.name_the_first((0.35, 0.15, 0.5), 80, samples=200, rng=1)
    assert found["named_first"].sum() == pytest.approx(1, abs=1e-12)
    p, z2 = found["named_first"], NORMAL_95**2
    middle, half = (p + z2 / 400) / (1 + z2 / 200), np.sqrt(z2 * (p * (1 - p) / 200 + z2 / 160_000)) / (1 + z2 / 200)  # Wilson 1927
    assert found["ci_low"].to_numpy() == pytest.approx(middle - half, abs=1e-12) and found["ci_high"].to_numpy() == pytest.approx(middle + half, abs=1e-12)
    assert "emotional component is first" in found.attrs["note"] and found.attrs["n"] == 80 and found.attrs["samples"] == 200


def test_more_answers_name_the_right_one_more_often_and_correlation_less():
    by_n = [cx.name_the_first(worlds.WEIGHTS, n, samples=4000, rng=1)["named_first"].iloc[2] for n in (40, 200, 1000)]
    by_correlation = [cx.name_the_first(worlds.WEIGHTS, 200, r, samples=4000, rng=1)["named_first"].iloc[2] for r in (0, 0.6, 0.9)]
    assert by_n == sorted(by_n) and by_correlation == sorted(by_correlation, reverse=True) and by_n[2] > 0.95 > 0.7 > by_n[0]


def test_where_no_component_is_first_none_is_the_truth():
    found = cx.name_the_first((0.4, 0.4, 0.4), 50, samples=3000, rng=2)
    assert found.attrs["truth"] is None and "No component is first" in found.attrs["note"]
    assert (np.abs(found["named_first"] - 1 / 3) < off(1 / 3, 3000)).all()
    nothing = cx.name_the_first((0, 0, 0), 50, rng=2)
    assert nothing.attrs["truth"] is None and nothing["importance"].tolist() == [0, 0, 0]


def test_weights_by_name_and_in_order_are_the_same_and_a_seed_repeats():
    named = {"emotional": 0.5, "functional": 0.35, "accessible": 0.15}
    first = cx.name_the_first((0.35, 0.15, 0.5), 60, rng=7)
    for weights in (named, pd.Series(named), np.array([0.35, 0.15, 0.5])):
        pd.testing.assert_frame_equal(cx.name_the_first(weights, 60, rng=np.random.default_rng(7)), first)
    assert list(named) == ["emotional", "functional", "accessible"]


@pytest.mark.parametrize("wrong, said", [
    ({"weights": (1, 2)}, "functional, accessible, emotional"), ({"weights": {"functional": 1, "accessible": 1, "joy": 1}}, "joy"),
    ({"weights": 3}, "one number a component"), ({"weights": "abc"}, "one number a component"), ({"weights": (1, -1, 1)}, "accessible = -1"),
    ({"weights": (1, float("nan"), 1)}, "accessible = nan"), ({"weights": (1, "2", 1)}, "accessible = 2"), ({"n": 4}, "5 to 1,000,000"),
    ({"n": 40.5}, "whole number"), ({"correlation": 1}, "correlation = 1"), ({"correlation": -0.1}, "0 to 0.99"), ({"noise": -1}, "noise"),
    ({"samples": 0}, "samples"), ({"level": 95}, "level"), ({"rng": "x"}, "rng"), ({"weights": (0, 0, 0), "noise": 0}, "nothing to explain")])
def test_what_is_no_world_is_refused(wrong, said):
    with pytest.raises(cx.CxError, match=said):
        cx.name_the_first(**{"weights": (0.3, 0.1, 0.6), "n": 50} | wrong)


# ---- correlate the drivers ---------------------------------------------------------------------------------------------------


def test_coefficients_and_intervals_are_those_of_statsmodels():
    import statsmodels.api as sm

    table = cx.draw_components((0.35, 0.15, 0.5), 30, correlation=0.8, rng=4)
    slope, half = worlds._regressions(np.cov(table, rowvar=False)[None], 30, 0.9)
    fit = sm.OLS(table["outcome"], sm.add_constant(table[KEYS])).fit()  # R: confint(lm(outcome ~ ., table), level = 0.9)
    assert slope[0] == pytest.approx(fit.params[KEYS].to_numpy(), rel=1e-9)
    assert np.column_stack([slope[0] - half[0], slope[0] + half[0]]) == pytest.approx(fit.conf_int(0.1).loc[KEYS].to_numpy(), rel=1e-8)


def test_intervals_of_the_sample_cover_the_truth():
    weights, factor, rng = worlds._world((0.35, 0.15, 0.5), 25, 0.8, 1.0, 6000, 1)
    slope, half = worlds._regressions(worlds._covariances(factor, 25, 6000, rng), 25, 0.95)
    assert np.abs((np.abs(slope - weights) <= half).mean(axis=0) - 0.95).max() < off(0.95, 6000)


@pytest.mark.parametrize("correlation", [0, 0.6, 0.95])
def test_signs_flip_as_often_as_the_t_distribution_says(correlation):
    from scipy.stats import norm

    found = cx.correlated_drivers(correlation, 400, samples=8000, rng=1).set_index("driver")
    own = (1 - correlation) * (1 + 2 * correlation) / (1 + correlation)  # variance of a component given the other two
    expected = norm.cdf(-found["weight"] * np.sqrt(400 * own))  # near enough at n = 400; there no simple correlation is negative
    assert (np.abs(found["sign_flips"] - expected) < off(expected, 8000) + 0.005).all()


def test_a_sign_flips_only_where_the_simple_correlation_is_positive():
    found = cx.correlated_drivers(0, 5000, weights=(0, 0.3, 0.3), samples=20_000, rng=1)
    expected = np.arctan(np.sqrt(0.3**2 + 0.3**2)) / (2 * np.pi)  # negative in half of the samples, but mostly its correlation is negative then too
    assert abs(found["sign_flips"].iloc[0] - expected) < off(expected, 20_000)
    together = cx.correlated_drivers(0.6, 5000, weights=(0, 0.3, 0.3), samples=2000, rng=1)
    assert abs(together["sign_flips"].iloc[0] - 0.5) < off(0.5, 2000)


def test_importance_keeps_its_sign_and_gives_a_part_to_a_driver_without_weight():
    found = {r: cx.correlated_drivers(r, 200, weights=(0.35, 0, 0.5), rng=1).set_index("driver") for r in (0, 0.5, 0.9)}
    assert all((each[["importance", "importance_low", "importance_true"]] >= 0).all(axis=None) for each in found.values())
    parts = [each.loc["accessible", "importance_true"] for each in found.values()]
    assert parts[0] == pytest.approx(0, abs=1e-12) and parts == sorted(parts) and parts[2] > 0.1
    assert "no proof" in found[0].attrs["note"]


def test_most_samples_lie_where_the_table_says():
    wide, narrow = (cx.correlated_drivers(0.6, 200, level=level, samples=4000, rng=1) for level in (0.95, 0.5))
    assert (wide["coefficient_low"] < narrow["coefficient_low"]).all() and (wide["importance_high"] > narrow["importance_high"]).all()
    error = np.sqrt(1 / (196 * 0.4 * 2.2 / 1.6))  # of a coefficient, noise 1
    assert (wide["coefficient_high"] - wide["coefficient_low"]).to_numpy() == pytest.approx(2 * NORMAL_95 * error, rel=0.06)
    assert (wide["importance_true"] > wide["importance_low"]).all() and (wide["importance_true"] < wide["importance_high"]).all()


# ---- raise the standard ------------------------------------------------------------------------------------------------------


def parts(*given, **more):
    return [part.reset_index(drop=True) for _, part in cx.moving_standard(*given, **more).groupby("lead", sort=False)]


def test_a_few_periods_by_hand():
    one_off, moving = parts(6, 0.5, 4, standard=5, improvement=1, copied=0.5, lag=1)
    assert one_off["service"].tolist() == [6, 6, 6, 6] and moving["service"].tolist() == [6, 7, 8, 9]
    assert one_off["market"].tolist() == [5, 6, 6.5, 7] and moving["market"].tolist() == [5, 6, 7, 8]  # 5 + 0.5 + half of 1; then nothing to copy
    assert one_off["standard"].tolist() == [5, 5, 6, 6.5] and moving["standard"].tolist() == [5, 5, 6, 7]
    assert one_off["gap"].tolist() == [1, 1, 0, -0.5] and one_off["satisfaction"].tolist() == [5, 5, 4, 3.5]
    assert one_off["period"].tolist() == [1, 2, 3, 4] and [one_off["lead"][0], moving["lead"][0]] == ["one_off", "moving"]


def test_a_lead_on_the_market_has_its_closed_form():
    _, moving = parts(7, 0.1, 30, standard=5, improvement=0.4, copied=0.2, lag=3)
    t, rest = np.arange(30), (0.4 - 0.1) / 0.2  # the lead where copying and improving are in balance
    assert (moving["service"] - moving["market"]).to_numpy() == pytest.approx(rest + (2 - rest) * 0.8**t, abs=1e-9)


def test_a_one_off_lead_vanishes_and_a_moving_one_stays():
    one_off, moving = parts(6, 0, 60)  # nobody improves but by copying
    assert one_off["gap"].is_monotonic_decreasing and one_off["gap"].iloc[-1] == pytest.approx(0, abs=1e-6) and one_off["gap"].iloc[-1] >= 0
    assert (moving["service"] - moving["market"]).to_numpy() == pytest.approx(1, abs=1e-9) and moving["gap"].min() >= 1  # by default it keeps its lead
    assert one_off.loc[0, "service":].equals(moving.loc[0, "service":])
    risen, _ = parts(6, 0.2, 60)
    assert risen["satisfaction"].iloc[-1] == 1 and (risen["service"] == 6).all()  # the same service, now far below what is expected


def test_without_a_lead_and_without_copying():
    one_off, moving = parts(5, 0.25, 5, copied=0, lag=0)
    assert one_off["gap"].tolist() == [0, -0.25, -0.5, -0.75, -1] and moving["gap"].tolist() == [0] * 5
    behind, following = parts(4.5, 0.25, 3, lag=0)  # rivals have nothing to copy from the worse, and by default it keeps up with them
    assert behind["market"].tolist() == [5, 5.25, 5.5] and following["gap"].tolist() == [-0.5] * 3


@pytest.mark.parametrize("wrong, said", [({"service": -1}, "service = -1"), ({"rise": float("inf")}, "rise"), ({"periods": 0}, "1 to 1,000"),
                                         ({"periods": 2.5}, "whole"), ({"copied": 30}, "copied = 30"), ({"lag": -1}, "lag"), ({"improvement": "1"}, "improvement")])
def test_what_is_no_market_is_refused(wrong, said):
    with pytest.raises(cx.CxError, match=said):
        cx.moving_standard(**{"service": 6, "rise": 0.1, "periods": 10} | wrong)


def test_they_speak_turkish():
    cx.use_language("tr")
    assert "duygusal bileşen birinci" in cx.name_the_first(worlds.WEIGHTS, 50, rng=1).attrs["note"]
    with pytest.raises(cx.CxError, match="her bileşen için bir sayı"):
        cx.name_the_first((1, 2), 50)
