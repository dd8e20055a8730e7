"""Means of groups: against scipy and statsmodels, by clusters where rows belong together, and against a truth that was simulated."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

import cxlab as cx


@pytest.fixture(scope="module")
def experiences():
    return cx.load("experiences")


def test_without_clusters_it_is_the_interval_of_t(experiences):
    found = cx.mean(experiences, "likelihood", by="memory", level=0.9).set_index("memory")
    for memory, part in experiences.groupby("memory", observed=True):
        y = part["likelihood"].dropna().astype(float)
        low, high = stats.t.interval(0.9, len(y) - 1, y.mean(), stats.sem(y))
        assert tuple(found.loc[memory, ["n", "mean", "sd", "ci_low", "ci_high"]]) == pytest.approx((len(y), y.mean(), y.std(), low, high), abs=1e-10)


@pytest.mark.parametrize("column", ["satisfaction", "returned"])
def test_with_clusters_it_is_that_of_statsmodels(experiences, column):
    found = cx.mean(experiences, column, by=["incident", "recovery"], cluster="customer")
    for _, row in found.iterrows():
        recovery = experiences["recovery"].isna() if pd.isna(row["recovery"]) else experiences["recovery"] == row["recovery"]
        part = experiences[(experiences["incident"] == row["incident"]) & recovery]
        y = part[column].map({"yes": 1, "no": 0}) if column == "returned" else part[column]
        fit = sm.OLS(y.to_numpy(dtype=float), np.ones(len(part))).fit(cov_type="cluster", cov_kwds={"groups": part["customer"]}, use_t=True)
        low, high = fit.conf_int()[0]
        if column == "returned":
            low, high = max(low, 0), min(high, 1)
        assert (row["n"], row["mean"], row["ci_low"], row["ci_high"]) == pytest.approx((len(part), fit.params[0], low, high), abs=1e-10)
        assert f"clusters: {part['customer'].nunique()}" in row["note"]
    assert found["n"].sum() == len(experiences)


def test_groups_stand_in_the_order_of_their_categories(experiences):
    assert list(cx.mean(experiences, "price", by="memory")["memory"]) == list(experiences["memory"].cat.categories)


def test_yes_and_no_are_the_share(experiences):
    share = cx.share(experiences, "returned", "yes", by="memory", cluster="customer")
    found = cx.mean(experiences, "returned", by="memory", cluster="customer")
    assert found["mean"].to_numpy() == pytest.approx(share["share"].to_numpy(), abs=1e-12)
    assert found[["ci_low", "ci_high"]].to_numpy() == pytest.approx(share[["ci_low", "ci_high"]].to_numpy(), abs=1e-12)


def test_what_is_left_out_is_said_and_nothing_is_changed(experiences):
    before = experiences.copy()
    found = cx.mean(experiences, "happiness", cluster="customer")
    missing = int(experiences["happiness"].isna().sum())
    assert missing > 0 and f": {missing}." in found.attrs["note"] and found["n"].iloc[0] == len(experiences) - missing
    assert found.attrs["simulated"] and found.attrs["level"] == 0.95
    assert "customer" in cx.mean(experiences, "happiness").attrs["note"]  # customers repeat and no cluster was named
    pd.testing.assert_frame_equal(experiences, before)


def test_small_groups_say_so():
    table = pd.DataFrame({"group": ["a"] * 9 + ["b"] * 29 + ["c"] * 30 + ["d"], "y": [1.0, 2.0] * 34 + [5.0]})
    found = cx.mean(table, "y", by="group")
    assert list(found["note"]) == ["hidden", "small", "", "hidden"] and found.iloc[3][["ci_low", "ci_high"]].isna().all()
    one = cx.mean(table.assign(shop=1), "y", cluster="shop").iloc[0]
    assert np.isnan(one["ci_low"]) and "no interval" in one["note"]
    assert "no variance" in cx.mean(pd.DataFrame({"y": [4] * 40}), "y").iloc[0]["note"]


@pytest.mark.parametrize("change, said", [
    ({"table": [1, 2]}, "list"), ({"column": "grade"}, "grade"), ({"by": "grade"}, "grade"), ({"cluster": "grade"}, "grade"), ({"level": 1}, "level"),
    ({"column": "word"}, "word"), ({"table": pd.DataFrame({"y": [1], "mean": [1]}), "by": "mean"}, "mean"),
    ({"table": pd.DataFrame({"y": [1.0, 2.0], "shop": [1, None]}), "cluster": "shop"}, "3")])
def test_what_cannot_be_averaged_is_refused(change, said):
    given = {"table": pd.DataFrame({"y": [1.0, 2.0], "word": ["good", "bad"]}), "column": "y"} | change
    with pytest.raises(cx.CxError, match=said):
        cx.mean(**given)


def test_clustered_intervals_cover_and_those_of_rows_do_not():
    """60 customers with four answers each, half of the variance between customers; 400 worlds; three Monte Carlo errors are .033."""
    rng, hits = np.random.default_rng(5), np.zeros(2)
    for _ in range(400):
        customer = np.repeat(np.arange(60), 4)
        table = pd.DataFrame({"customer": customer, "y": 5 + rng.normal(size=60)[customer] + rng.normal(size=240)})
        for k, cluster in enumerate((None, "customer")):
            row = cx.mean(table, "y", cluster=cluster).iloc[0]
            hits[k] += row["ci_low"] <= 5 <= row["ci_high"]
    rows, clustered = hits / 400
    assert abs(clustered - 0.95) < 0.033 and rows < 0.88
