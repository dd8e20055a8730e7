"""Reliability, items and scores: against R's psych and lavaan, against truth, identities, and what is refused."""

import csv
import pathlib
import re
import tomllib

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal
from scipy import stats

import cxlab as cx
from cxlab import framework, scales

REFERENCE = pathlib.Path(__file__).parent / "reference" / "scales.csv"  # made by scales.R beside it
R = {row["name"]: float(row["value"]) for row in csv.DictReader(REFERENCE.read_text(encoding="utf-8").splitlines())}
ESTIMATE, FITTED = 1e-9, 1e-8  # lavaan stops a little before the maximum
SCALE = {"reverse": ["q2"], "low": 1, "high": 7}


def respondents():
    """The same 240 people as in scales.R: five items 1-7, q2 worded the other way round, 8 cells empty."""
    i = np.arange(240)
    mood = (i * 37 + (i * i) % 23) % 11 - 5
    table = pd.DataFrame(index=i)
    for j in range(1, 6):
        noise = (i * (13 + 2 * j) + i * i * (j + 3)) % (5 + 2 * j) - (2 + j)
        answer = np.clip(4 + (mood * (7 - j) + 3 * noise) // 8, 1, 7)
        table[f"q{j}"] = (8 - answer if j == 2 else answer).astype(float)
    for row in i[(i * 7) % 31 == 0]:
        table.iloc[row, row % 5] = np.nan
    return table


def one(frame):
    assert len(frame) == 1
    return frame.iloc[0]


def symmetric(k, name):
    return np.array([[R[f"{name}.{max(a, b)}.{min(a, b)}"] for a in range(1, k + 1)] for b in range(1, k + 1)])


def exactly(covariance, n=200, names=None):
    """n rows with exactly this covariance matrix."""
    x = np.random.default_rng(5).normal(size=(n, len(covariance)))
    x -= x.mean(axis=0)
    x = x @ np.linalg.inv(np.linalg.cholesky(x.T @ x / (n - 1))).T @ np.linalg.cholesky(covariance).T
    return pd.DataFrame(x, columns=names or [f"h{i}" for i in range(1, len(covariance) + 1)])


# ---- somebody else's numbers ------------------------------------------------------------------------------------------------


def test_agreeableness_is_that_of_psych_and_lavaan():
    """psych::alpha, alpha.ci; lavaan::cfa(f =~ A1 + ... + A5, std.lv = TRUE) on the covariances of psych's bfi, A1 reversed, 2,709 complete rows."""
    covariance, n = symmetric(5, "bfi.covariance"), R["bfi.n"]
    alpha = scales._alpha(covariance)
    assert n == 2709 and alpha == pytest.approx(0.7037558944, abs=1e-10) and alpha == pytest.approx(R["bfi.alpha"], abs=ESTIMATE)
    low, high = scales._feldt(alpha, n, 5, 0.95)
    assert [low, high] == pytest.approx([0.6857446350, 0.7210359628], abs=1e-10) and [low, high] == pytest.approx([R["bfi.low"], R["bfi.high"]], abs=ESTIMATE)
    assert scales._feldt(alpha, n, 5, 0.8) == pytest.approx([R["bfi.low80"], R["bfi.high80"]], abs=ESTIMATE)
    sd = np.sqrt(np.diag(covariance))
    for matrix, stated, lavaan in ((covariance, 0.7121292908, "omega"), (covariance / np.outer(sd, sd), 0.7240213279, "omega_standard")):
        omega = scales._omega(*scales._one_factor(matrix))
        assert omega == pytest.approx(stated, abs=1e-10) and omega == pytest.approx(R[f"bfi.{lavaan}"], abs=FITTED)


@pytest.mark.parametrize("missing", ["listwise", "pairwise"])
def test_reliability_is_that_of_psych_and_lavaan(missing):
    found = cx.reliability(respondents(), **SCALE, missing=missing)
    row = one(found)
    columns = ["alpha", "ci_low", "ci_high", "omega", "omega_low", "omega_high", "n", "n_items", "n_dropped", "note"]
    assert list(found) == columns
    assert row[["alpha", "ci_low", "ci_high"]].tolist() == pytest.approx([R[f"{missing}.{x}"] for x in ("alpha", "low", "high")], abs=ESTIMATE)
    assert row["omega"] == pytest.approx(R[f"{missing}.omega"], abs=FITTED)
    assert np.isnan(row["omega_low"]) and np.isnan(row["omega_high"])
    narrow = one(cx.reliability(respondents(), **SCALE, missing=missing, level=0.8))
    assert narrow[["ci_low", "ci_high"]].tolist() == pytest.approx([R[f"{missing}.low80"], R[f"{missing}.high80"]], abs=ESTIMATE)
    if missing == "listwise":
        assert row[["n", "n_items", "n_dropped", "note"]].tolist() == [232, 5, 8, ""] and "left out because an answer is missing: 8" in found.attrs["note"]
    else:
        assert row[["n", "n_items", "n_dropped", "note"]].tolist() == [240, 5, 0, "approximate interval"]
        assert "236.8" in found.attrs["note"] and "approximate" in found.attrs["note"]


def test_items_are_those_of_psych():
    found = cx.item_table(respondents(), **SCALE)
    names = ["item", "n", "n_missing", "mean", "sd", "ci_low", "ci_high", "item_rest", "alpha_without", "share_low", "share_high", "note"]
    assert list(found) == names and found["item"].tolist() == [f"q{j}" for j in range(1, 6)]
    for name in ("n", "mean", "sd", "item_rest", "alpha_without", "share_low", "share_high"):
        assert found[name].tolist() == pytest.approx([R[f"item.q{j}.{name}"] for j in range(1, 6)], abs=ESTIMATE), name
    assert (found["n"] + found["n_missing"] == 240).all() and found["note"].tolist() == ["", "reversed", "", "", ""] and found.attrs["n"] == 232


def test_the_interval_of_a_mean_is_that_of_scipy_and_of_statsmodels_by_clusters():
    """scipy.stats.ttest_1samp(x, 0).confidence_interval(level); sm.OLS(x, 1).fit(cov_type="cluster", use_t=True)."""
    table = respondents()
    found = cx.item_table(table, **SCALE, level=0.9)
    assert {name: found.attrs[name] for name in ("low", "high", "level")} == {"low": 1, "high": 7, "level": 0.9}
    customers = np.arange(240) // 3
    clustered = cx.item_table(table, **SCALE, level=0.9, cluster=customers)
    assert clustered["note"].tolist() == ["clusters: 80", "clusters: 80; reversed"] + ["clusters: 80"] * 3
    for j, name in enumerate(table):
        x = (8 - table[name] if name == "q2" else table[name]).dropna()
        wanted = stats.ttest_1samp(x, 0).confidence_interval(0.9)
        assert found.loc[j, ["ci_low", "ci_high"]].tolist() == pytest.approx(list(wanted), abs=ESTIMATE)
        # statsmodels multiplies by (n − 1)/(n − k) besides: 1 for a mean
        fit = sm.OLS(x, np.ones(len(x))).fit(cov_type="cluster", cov_kwds={"groups": customers[x.index], "df_correction": True}, use_t=True)
        assert clustered.loc[j, ["ci_low", "ci_high"]].tolist() == pytest.approx(fit.conf_int(0.1).iloc[0].tolist(), abs=ESTIMATE)


def test_the_interval_of_a_mean_stays_on_the_scale_and_needs_two_clusters():
    table = pd.DataFrame({"a": [7, 7, 6, 7], "b": [1, 2, 1, 1], "c": [5.3] * 4})
    assert cx.item_table(table)["ci_high"][0] > 7 and cx.item_table(table)["ci_low"][1] < 1
    found = cx.item_table(table, low=1, high=7)
    assert found["ci_high"][0] == 7 and found["ci_low"][1] == 1 and found.loc[2, ["ci_low", "ci_high"]].tolist() == [5.3, 5.3]
    found = cx.item_table(table, cluster=["one"] * 4)
    assert found[["ci_low", "ci_high"]].isna().all(axis=None) and found["note"].str.contains("clusters: 1; no interval").all()
    with pytest.raises(cx.CxError, match="level is a number between 0 and 1"):
        cx.item_table(table, level=95)


def test_a_negative_uniqueness_is_that_of_lavaan_and_gives_no_omega():
    s = np.eye(4)
    s[np.triu_indices(4, 1)] = [0.8, 0.7, 0.75, 0.45, 0.5, 0.45]
    s = np.triu(s, 1) + np.triu(s).T
    loading, unique = scales._one_factor(s)
    lavaan = np.array([R[f"heywood.{i}"] for i in range(1, 9)])
    assert np.abs(loading) == pytest.approx(lavaan[:4], abs=FITTED) and unique == pytest.approx(lavaan[4:], abs=FITTED)
    found = cx.reliability(exactly(s), n_boot=200, rng=1)
    row = one(found)
    assert row["note"] == "negative uniqueness" and "'h1' (−0.205)" in found.attrs["note"]
    assert row[["omega", "omega_low", "omega_high"]].isna().all() and row["alpha"] == pytest.approx(scales._alpha(s))


# ---- identities ----------------------------------------------------------------------------------------------------------------


def test_items_made_of_one_factor_give_back_its_loadings():
    loading, unique = np.array([0.9, 1.4, 0.3, 2.0]), np.array([1.0, 0.5, 2.0, 3.0])
    s = np.outer(loading, loading) + np.diag(unique)
    found = scales._one_factor(s)
    assert np.abs(found[0]) == pytest.approx(loading, abs=1e-9) and found[1] == pytest.approx(unique, abs=1e-9)
    assert one(cx.reliability(exactly(s)))["omega"] == pytest.approx(4.6**2 / (4.6**2 + 6.5), abs=1e-9)
    alike = exactly(np.full((5, 5), 0.4) + 0.6 * np.eye(5))  # Spearman and Brown: 5·0.4 / (1 + 4·0.4)
    assert one(cx.reliability(alike))[["alpha", "omega"]].tolist() == pytest.approx([2 / 2.6] * 2)


def test_many_matrices_at_once_are_fitted_as_each_alone():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(30, 60, 1)) + rng.normal(size=(30, 60, 4)) * rng.random((30, 1, 4)) * 4
    x -= x.mean(axis=1, keepdims=True)
    matrices = np.swapaxes(x, 1, 2) @ x / 59
    loading, unique = scales._one_factor(matrices)
    for i, matrix in enumerate(matrices):
        alone = scales._one_factor(matrix)
        assert np.abs(loading[i]) == pytest.approx(np.abs(alone[0]), abs=1e-8, nan_ok=True) and unique[i] == pytest.approx(alone[1], abs=1e-8, nan_ok=True)
    assert np.isfinite(loading).all(axis=1).mean() > 0.5


def test_no_point_near_a_fit_is_better():
    rng = np.random.default_rng(4)
    for _ in range(20):
        a = rng.normal(size=(7, 40)) + 1.5 * rng.normal(size=40)
        s = np.corrcoef(a)
        loading, unique = scales._one_factor(s)
        at = np.concatenate([loading, unique])[None]
        near = at + 1e-3 * rng.normal(size=(200, 14))
        assert (scales._misfit(np.broadcast_to(s, (200, 7, 7)), near)[0] > scales._misfit(s[None], at)[0]).all()


def test_reversing_is_low_plus_high_less_x():
    table = respondents()
    by_hand = table.assign(q2=8 - table["q2"])
    assert_frame_equal(cx.reliability(table, **SCALE), cx.reliability(by_hand))
    assert_frame_equal(cx.reliability(table, reverse=["q2", "q2"], low=1, high=7), cx.reliability(by_hand))
    assert_frame_equal(cx.item_table(table, **SCALE).drop(columns="note"), cx.item_table(by_hand, low=1, high=7).drop(columns="note"))
    assert cx.item_table(by_hand)[["share_low", "share_high"]].isna().all(axis=None)
    assert_series_equal(cx.scale_score(table, 1, 7, reverse="q2"), cx.scale_score(by_hand, 1, 7))


def test_the_kind_of_cells_does_not_matter():
    table = respondents()
    wanted = cx.reliability(table, **SCALE)
    whole = table.astype("Int64")
    for same in (whole, whole.astype(object).where(whole.notna(), None), table.astype("category"), table.astype("Float32")):
        assert_frame_equal(cx.reliability(same, **SCALE), wanted)


def test_input_is_not_changed():
    table = respondents()
    copy = table.copy()
    cx.reliability(table, **SCALE, n_boot=10, rng=1)
    cx.item_table(table, **SCALE)
    cx.scale_score(table, 1, 7, reverse="q2", min_answered=2)
    assert_frame_equal(table, copy)


@settings(max_examples=30)
@given(st.lists(st.lists(st.integers(1, 7) | st.none(), min_size=3, max_size=3), max_size=25), st.sampled_from(["listwise", "pairwise"]))
def test_any_answers_give_one_row(rows, missing):
    table = pd.DataFrame(rows, columns=["a", "b", "c"], dtype="Float64")
    row = one(cx.reliability(table, missing=missing, n_boot=20, rng=1, low=1, high=7))
    assert row["n"] + row["n_dropped"] == len(table) and not row["alpha"] > 1 + 1e-12
    assert not (row["ci_low"] > row["alpha"] + 1e-12 or row["alpha"] > row["ci_high"] + 1e-12) and not (row["omega"] < 0 or row["omega"] > 1 or row["omega_high"] > 1)
    items = cx.item_table(table, low=1, high=7)
    assert (items["n"] + items["n_missing"] == len(table)).all() and not (items["item_rest"].abs() > 1 + 1e-12).any()
    full = table.dropna().astype(float)
    if len(full) > 1 and (full.var() > 0).all():
        rest = [full[name].corr(full.drop(columns=name).sum(axis=1)) if full.drop(columns=name).sum(axis=1).var() > 0 else np.nan for name in full]
        assert items["item_rest"].tolist() == pytest.approx(rest, abs=1e-7, nan_ok=True)


# ---- resamples, clusters, truth --------------------------------------------------------------------------------------------------


def test_whole_clusters_are_resampled():
    """Everybody three times over, as a cluster of three, tells no more than everybody once: the same draws give the same limits."""
    table = respondents().dropna().reset_index(drop=True)
    once = cx.reliability(table, **SCALE, n_boot=300, rng=7, cluster=table.index)
    thrice = pd.concat([table] * 3, ignore_index=True)
    found = cx.reliability(thrice, **SCALE, n_boot=300, rng=7, cluster=pd.Series(np.tile(np.arange(len(table)), 3)))
    limits = ["alpha", "ci_low", "ci_high", "omega", "omega_low", "omega_high"]
    assert one(found)[limits].tolist() == pytest.approx(one(once)[limits].tolist(), abs=1e-9) and one(found)["note"] == f"clusters: {len(table)}"
    rowwise = one(cx.reliability(thrice, **SCALE, n_boot=300, rng=7, cluster=thrice.index))
    for low, high in (("ci_low", "ci_high"), ("omega_low", "omega_high")):
        assert (one(found)[high] - one(found)[low]) / (rowwise[high] - rowwise[low]) == pytest.approx(3**0.5, rel=0.2)
    plain = one(cx.reliability(table, **SCALE, n_boot=300, rng=7))
    assert plain[limits[3:]].tolist() == pytest.approx(one(once)[limits[3:]].tolist()) and plain["ci_low"] == one(cx.reliability(table, **SCALE))["ci_low"]


def test_clusters_without_resamples_have_no_interval():
    table = respondents()
    found = cx.reliability(table, **SCALE, cluster=table.index // 4)
    assert one(found)[["ci_low", "ci_high", "omega_low"]].isna().all() and one(found)["note"] == "clusters: 60" and "n_boot=1000" in found.attrs["note"]
    alone = cx.reliability(table, **SCALE, cluster=[1] * 240, n_boot=50, rng=1)
    assert one(alone)[["ci_low", "omega_low"]].isna().all() and one(alone)["note"] == "clusters: 1; no interval"


def test_a_cluster_loses_only_the_rows_left_out():
    table, shop = respondents(), np.arange(240) % 20
    found = cx.reliability(table, **SCALE, cluster=shop, n_boot=100, rng=2)
    full = table.notna().all(axis=1)
    assert_frame_equal(found.drop(columns="n_dropped"), cx.reliability(table[full], **SCALE, cluster=shop[full], n_boot=100, rng=2).drop(columns="n_dropped"))
    assert_frame_equal(found, cx.reliability(table, **SCALE, cluster=shop, n_boot=100, rng=np.random.default_rng(2)))


LOADING, UNIQUE = np.array([0.9, 0.8, 1.2, 0.6, 0.5]), np.array([0.6, 0.7, 1.5, 0.8, 1.0])
TRUTH = {"omega": LOADING.sum() ** 2 / (LOADING.sum() ** 2 + UNIQUE.sum()),
         "alpha": 5 / 4 * (1 - (LOADING**2 + UNIQUE).sum() / (LOADING.sum() ** 2 + UNIQUE.sum()))}


def test_recovery_and_coverage_in_worlds_of_one_factor(worlds=20, n=200):
    rng = np.random.default_rng(11)
    found = []
    for _ in range(worlds):
        table = pd.DataFrame(rng.normal(size=(n, 1)) * LOADING + rng.normal(size=(n, 5)) * np.sqrt(UNIQUE)).add_prefix("q")
        found.append(one(cx.reliability(table, n_boot=200, rng=rng)))
    found = pd.DataFrame(found)
    for name, low, high in (("alpha", "ci_low", "ci_high"), ("omega", "omega_low", "omega_high")):
        covered = ((found[low] <= TRUTH[name]) & (TRUTH[name] <= found[high])).mean()
        assert covered >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / worlds), name
        assert found[name].astype(float).mean() == pytest.approx(TRUTH[name], abs=3 * found[name].astype(float).std() / worlds**0.5 + 0.005)


def test_the_interval_says_when_resamples_have_no_factor():
    rng = np.random.default_rng(1)
    weak = pd.DataFrame(0.5 * rng.normal(size=(40, 1)) + rng.normal(size=(40, 3))).add_prefix("q")
    found = cx.reliability(weak, n_boot=200, rng=1)
    assert np.isfinite(one(found)["omega"]) and np.isnan(one(found)["omega_low"]) and "of the resamples one factor" in found.attrs["note"]


# ---- scales that are none ---------------------------------------------------------------------------------------------------------


def steps(**columns):
    return pd.DataFrame({"a": range(12), "b": [1, 2, 3, 2, 3, 4, 2, 3, 5, 4, 6, 5]} | columns)


@pytest.mark.parametrize("table, note, says", [
    (steps(), "small; two items", "Two items"),
    (steps(c=5.3), "small; no factor", "Every answer is the same in 'c'"),
    (steps(c=range(12), d=[i * i % 7 for i in range(12)]), "small; no factor", "the same answers as another"),
    (steps(c=range(12)).assign(b=range(12)), "small; no factor", "cannot be fitted"),
    (steps(c=[3, 1, 2] * 4).head(3), "hidden; no factor", "too few rows"),
    (steps(c=None), "hidden; no factor", "left out because an answer is missing: 12"),
    (steps(c=range(12, 0, -1)), "small; no factor", "Going against the other items: 'a', 'c'"),
])
def test_without_a_factor_there_is_no_omega_and_it_is_said_why(table, note, says):
    found = cx.reliability(table.astype(float), n_boot=50, rng=1)
    assert one(found)["note"] == note and says in found.attrs["note"] and one(found)[["omega", "omega_low"]].isna().all()


def test_an_item_that_goes_against_the_others_is_named():
    found = cx.item_table(respondents())
    assert found["note"].tolist() == ["", "against the others", "", "", ""] and found["item_rest"][1] < 0 and "'q2'" in found.attrs["note"]
    assert "'q2'" in cx.reliability(respondents()).attrs["note"] and "'q2'" not in cx.reliability(respondents(), **SCALE).attrs["note"]
    flat = cx.item_table(steps(c=5.3))
    assert flat["note"].tolist() == ["small", "small", "small; no variance"] and flat["sd"][2] == 0 and "'c'" in flat.attrs["note"]
    assert cx.item_table(steps())["alpha_without"].isna().all()


# ---- scores -----------------------------------------------------------------------------------------------------------------------


def test_scores_are_means_of_what_is_answered():
    table = pd.DataFrame({"a": [1, 7, None, None], "b": [2, 7, 4, None], "c": [7, 1, 6, None]}, index=list("wxyz"))
    strict = cx.scale_score(table, 1, 7, reverse="c")
    assert_series_equal(strict, pd.Series([4 / 3, 7, np.nan, np.nan], index=list("wxyz"), name="score"))
    assert {k: strict.attrs[k] for k in ("n", "n_missing", "n_partial", "min_answered", "n_items")} == {
        "n": 2, "n_missing": 2, "n_partial": 0, "min_answered": 3, "n_items": 3}
    two = cx.scale_score(table, 1, 7, reverse=["c"], min_answered=2)
    assert two.tolist() == pytest.approx([4 / 3, 7, 3, np.nan], nan_ok=True) and (two.attrs["n"], two.attrs["n_partial"]) == (3, 1)
    assert "Scores: 3, of which 1 from some of the 3 items" in two.attrs["note"]
    scores = cx.scale_score(respondents(), 1, 7, reverse="q2", min_answered=1).dropna()
    assert scores.between(1, 7).all() and len(scores) == 240


# ---- what is refused ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call, says", [
    (lambda t: cx.reliability(t.to_numpy()), "columns of a pandas frame.*ndarray"),
    (lambda t: cx.reliability(t[["q1"]]), "at least two items.*came: 1"),
    (lambda t: cx.reliability(t.iloc[:, [0, 1, 1]]), "q2"),
    (lambda t: cx.reliability(t, reverse="q9", low=1, high=7), "no column 'q9'"),
    (lambda t: cx.reliability(t, reverse="q2"), "low = None, high = None.*low \\+ high − x"),
    (lambda t: cx.reliability(t, low=1), "low = 1, high = None"),
    (lambda t: cx.item_table(t, low=7, high=1), "low = 7, high = 1"),
    (lambda t: cx.scale_score(t, "1", 7), "low = '1'"),
    (lambda t: cx.scale_score(t, None, None), "low = None"),
    (lambda t: cx.reliability(t.assign(q3=t["q3"].where(t.index != 9, 99)), low=1, high=7), "'q3'.*from 1 to 7: row 11 \\(99\\)"),
    (lambda t: cx.scale_score(t.assign(q3=t["q3"].where(t.index != 9, 0)), 1, 7), "'q3'.*row 11 \\(0\\)"),
    (lambda t: cx.reliability(t.assign(q3=t["q3"].astype(object).where(t.index != 9, "often"))), "'q3'.*not numbers: row 11 \\(often\\)"),
    (lambda t: cx.item_table(t.assign(q3=t["q3"].where(t.index != 9, np.inf))), "'q3'.*row 11 \\(inf\\)"),
    (lambda t: cx.item_table(t.assign(q3=True)), "'q3'.*not numbers"),
    (lambda t: cx.item_table(t.assign(q3=pd.Timestamp(0))), "'q3'.*not numbers"),
    (lambda t: cx.reliability(t, missing="drop"), "'listwise', 'pairwise'"),
    (lambda t: cx.reliability(t, level=95), "level is a number between 0 and 1"),
    (lambda t: cx.reliability(t, n_boot=-1), "n_boot = -1.*at least 0"),
    (lambda t: cx.reliability(t, n_boot="many"), "n_boot = 'many'"),
    (lambda t: cx.reliability(t, n_boot=2.5), "n_boot = 2.5 is not a whole"),
    (lambda t: cx.reliability(t, n_boot=np.inf), "n_boot = inf is not a whole"),
    (lambda t: cx.reliability(t, rng="seed"), "rng = 'seed'"),
    (lambda t: cx.reliability(t, cluster="customer"), "one value for each of the 240 rows"),
    (lambda t: cx.reliability(t, cluster=[1, 2]), "one value for each of the 240 rows"),
    (lambda t: cx.reliability(t, cluster=pd.Series(range(240), index=range(1, 241))), "one value for each"),
    (lambda t: cx.reliability(t, cluster=t["q1"]), "cluster is empty in row"),
    (lambda t: cx.scale_score(t, 1, 7, min_answered=6), "min_answered = 6.*from 1 to 5"),
    (lambda t: cx.scale_score(t, 1, 7, min_answered=0), "min_answered = 0"),
    (lambda t: cx.scale_score(t, 1, 7, min_answered=1.5), "min_answered = 1.5 is not a whole"),
])
def test_a_wrong_argument_is_explained(call, says):
    with pytest.raises(cx.CxError, match=says):
        call(respondents())


@settings(max_examples=40)
@given(st.lists(st.text() | st.sampled_from(["{x}", "<script>", "$a_$", "=1+1", "\u202eabc", "😀", "q" * 5000]), min_size=3, max_size=3, unique=True))
def test_any_name_of_an_item_comes_through(names):
    table = respondents().iloc[:, :3].set_axis(names, axis=1)
    found = cx.item_table(table, reverse=names[:1], low=1, high=7)
    assert found["item"].tolist() == names and cx.reliability(table, reverse=names[:1], low=1, high=7)["n_items"].tolist() == [3]
    with pytest.raises(cx.CxError) as error:
        cx.scale_score(table, 3, 7)
    assert repr(names[0]) in str(error.value)


def test_every_message_is_in_both_languages_with_the_same_places():
    for name, message in tomllib.loads((framework.HERE / "messages" / "scales.toml").read_text(encoding="utf-8")).items():
        places = [sorted(set(re.findall(r"(?<!\{)\{(\w+)", message[language]))) for language in ("en", "tr")]
        assert places[0] == places[1], name


def test_refusals_and_remarks_speak_turkish():
    framework.use_language("tr")
    with pytest.raises(cx.CxError, match="en az iki madde"):
        cx.reliability(respondents()[["q1"]])
    found = cx.reliability(respondents(), **SCALE, missing="pairwise")
    assert "236,8" in found.attrs["note"] and one(found)["note"] == "approximate interval"  # codes stay
