"""Repeated surveys: row by row what cx.share, cx.nps and statsmodels give, and missing as often as theory and published tables say."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.proportion import proportion_confint

import cxlab as cx

LIMITS = ["estimate", "ci_low", "ci_high"]


def people(counts, values):
    """One row an answer, for surveys given as counts of each kind of answer."""
    rows = [(survey, value) for survey, row in enumerate(counts) for value, k in zip(values, row, strict=True) for _ in range(k)]
    return pd.DataFrame(rows, columns=["survey", "answer"])


@pytest.mark.parametrize("n, share, level", [(12, 0.45, 0.95), (40, 0.95, 0.9), (3, 0.05, 0.99)])
def test_each_row_is_what_cx_share_gives(n, share, level):
    table = cx.repeat_surveys(n, share=share, surveys=60, level=level, rng=5)
    yes = np.rint(table["estimate"] * n).astype(int)
    own = cx.share(people(np.column_stack([yes, n - yes]), ["yes", "no"]), "answer", "yes", by="survey", level=level)
    assert np.abs(table[LIMITS].to_numpy() - own[["share", "ci_low", "ci_high"]].to_numpy()).max() < 1e-12
    assert len(set(yes)) > 2


@pytest.mark.parametrize("interval, theirs", [("adjusted", "adjusted"), ("wald", "wald")])
@pytest.mark.parametrize("n, nps", [(10, 80), (35, -30)])
def test_each_row_is_what_cx_nps_gives(interval, theirs, n, nps):
    table = cx.repeat_surveys(n, nps=nps, kind="nps", interval=interval, surveys=60, rng=5)
    room = 1 - abs(nps) / 100
    chances = [(1 - room / 2 + nps / 100) / 2, (1 - room / 2 - nps / 100) / 2, room / 2]
    counts = np.random.default_rng(5).multinomial(n, chances, size=60)
    own = cx.nps(people(counts, [10, 3, 8]), "answer", by="survey", interval=theirs)
    assert np.abs(table[LIMITS].to_numpy() - own[["nps", "ci_low", "ci_high"]].to_numpy()).max() < 1e-10


def test_wald_is_that_of_statsmodels():
    table = cx.repeat_surveys(25, share=0.1, interval="wald", surveys=200, rng=1)
    low, high = proportion_confint(np.rint(25 * table["estimate"]), 25, method="normal")
    assert np.abs(table["ci_low"] - low).max() < 1e-12 and np.abs(table["ci_high"] - high).max() < 1e-12


@pytest.mark.parametrize("nps, passives, n, plain, adjusted", [  # 200,000 draws a cell
    (30, 0.30, 10, 0.896, 0.940), (80, 0.14, 10, 0.839, 0.913), (80, 0.14, 30, 0.919, 0.939),
    (95, 0.03, 10, 0.336, 0.942), (95, 0.03, 30, 0.705, 0.956), (95, 0.03, 100, 0.845, 0.951)])
def test_nps_covers_as_published(nps, passives, n, plain, adjusted):
    for interval, stated in (("wald", plain), ("adjusted", adjusted)):
        table = cx.repeat_surveys(n, nps=nps, passives=passives, kind="nps", interval=interval, surveys=200_000, rng=7)
        assert abs(1 - table["misses"].mean() - stated) < 3 * np.sqrt(2 * stated * (1 - stated) / 200_000) + 0.0005  # both are draws; three decimals


@pytest.mark.parametrize("interval, method", [("wald", "normal"), ("wilson", "wilson")])
@pytest.mark.parametrize("n, share", [(98, 0.2), (30, 0.2), (20, 0.95), (40, 0.45)])
def test_a_share_misses_as_often_as_the_binomial_says(interval, method, n, share):
    counts = np.arange(n + 1)
    low, high = proportion_confint(counts, n, method=method)
    exact = binom.pmf(counts, n, share)[(share < low) | (high < share)].sum()
    table = cx.repeat_surveys(n, share=share, interval=interval, surveys=200_000, rng=3)
    assert abs(table["misses"].mean() - exact) < 4 * np.sqrt(exact * (1 - exact) / 200_000)


def test_the_estimates_scatter_around_the_truth():
    for table, deviation in ((cx.repeat_surveys(50, share=0.2, surveys=100_000, rng=1), np.sqrt(0.16 / 50)),
                             (cx.repeat_surveys(50, nps=-40, passives=0.4, kind="nps", surveys=100_000, rng=1), np.sqrt((0.6 - 0.16) / 50) * 100)):
        assert abs(table["estimate"].mean() - table.attrs["truth"]) < 4 * deviation / np.sqrt(100_000)
        assert table["estimate"].std() == pytest.approx(deviation, rel=0.01)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 300), st.floats(-100, 100), st.floats(0, 1), st.sampled_from(["adjusted", "wald"]), st.floats(0.5, 0.999))
def test_any_world_gives_limits_in_order(n, nps, part, interval, level):
    passives = part * round(1 - abs(nps) / 100, 12)
    table = cx.repeat_surveys(n, nps=nps, passives=passives, kind="nps", interval=interval, surveys=40, level=level, rng=0)
    assert table[LIMITS].notna().all(axis=None) and table[LIMITS].abs().max(axis=None) <= 100
    assert (table["ci_low"] <= table["ci_high"]).all()
    hit = (table["ci_low"] <= nps) & (nps <= table["ci_high"])
    assert (table["misses"] & hit).sum() == 0


@pytest.mark.parametrize("world", [{"share": 0}, {"share": 1}, {"nps": 100, "kind": "nps"}, {"nps": -100, "kind": "nps"}])
def test_where_all_agree_nobody_misses(world):
    """Wilson's limit at 0 of 30 comes out as 6e-18: no miss."""
    kind = world.get("kind", "share")
    for interval in {"share": ("wilson", "wald"), "nps": ("adjusted", "wald")}[kind]:
        assert not cx.repeat_surveys(30, **world, interval=interval, surveys=50, rng=1)["misses"].any()


def test_what_is_told_and_the_same_seed_again():
    table = cx.repeat_surveys(40, share=0.45, rng=1)
    assert table.columns.tolist() == [*LIMITS, "misses"] and len(table) == 1000 and table["misses"].dtype == bool
    assert table.attrs == {"truth": 0.45, "n": 40, "level": 0.95, "kind": "share", "interval": "wilson", "simulated": True}
    pd.testing.assert_frame_equal(table, cx.repeat_surveys(40, share=0.45, rng=np.random.default_rng(1)))
    assert not table.equals(cx.repeat_surveys(40, share=0.45, rng=2))


@pytest.mark.parametrize("given, said", [
    ({"n": 40}, "needs the true share"), ({"n": 40, "share": 0.4, "nps": 30}, "needs the true share"), ({"n": 40, "share": 0.4, "passives": 0.1}, "needs the"),
    ({"n": 40, "share": 0.4, "kind": "nps"}, "needs the true NPS"), ({"n": 40, "kind": "nps"}, "needs the true NPS"),
    ({"n": 40, "share": 45}, "from 0 to 1"), ({"n": 40, "nps": 101, "kind": "nps"}, "from −100 to 100"),
    ({"n": 40, "nps": 80, "passives": 0.3, "kind": "nps"}, "from 0 to 0.20"), ({"n": 40, "share": "many"}, "share = many"),
    ({"n": 0, "share": 0.4}, "whole number from 1"), ({"n": 4.5, "share": 0.4}, "whole number"), ({"n": 40, "share": 0.4, "surveys": -1}, "surveys = -1"),
    ({"n": 40, "share": float("nan")}, "share = nan"), ({"n": True, "share": 0.4}, "n = True"),
    ({"n": 40, "share": 0.4, "interval": "adjusted"}, "'wilson', 'wald'"), ({"n": 40, "nps": 4, "kind": "nps", "interval": "wilson"}, "'adjusted', 'wald'"),
    ({"n": 40, "share": 0.4, "kind": "mean"}, "'share', 'nps'"), ({"n": 40, "share": 0.4, "level": 95}, "level"),
    ({"n": 40, "share": 0.4, "rng": "seed"}, "seed")])
def test_what_is_refused(given, said):
    with pytest.raises(cx.CxError) as refused:
        cx.repeat_surveys(**given)
    assert said in str(refused.value)
