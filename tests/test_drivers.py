"""Importance of drivers: against R, every order by brute force, a plain bootstrap, the truth of simulated worlds; and what is refused."""

import csv
import itertools
import pathlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

import cxlab as cx
from benchmarks.drivers import NAMES, coverage, truth, world
from cxlab import drivers as module
from cxlab.drivers import johnson, lmg

REFERENCE = pathlib.Path(__file__).parent / "reference" / "drivers_r.csv"  # made by drivers_r.R beside it
R = {row["name"]: float(row["value"]) for row in csv.DictReader(REFERENCE.read_text(encoding="utf-8").splitlines())}
SWISS = ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"]
RELAIMPO = [0.05709122077, 0.17117302890, 0.26013467862, 0.10557015037, 0.11276592293]  # calc.relimp(lm(Fertility ~ ., swiss), type = "lmg")
COLUMNS = "driver importance share ci_low ci_high coefficient p_coefficient rank_low rank_high first n".split()


def r(name, n):
    return [R[f"{name}.{k}"] for k in range(n)]


def swiss():
    """47 rows with exactly the covariances of R's `swiss`, which is all that importance and coefficients know of it."""
    covariance = np.array(r("swiss", 36)).reshape(6, 6)
    x = np.random.default_rng(1).standard_normal((47, 6))
    q = np.linalg.qr(x - x.mean(axis=0))[0]
    return pd.DataFrame(q @ np.linalg.cholesky(covariance).T * np.sqrt(46), columns=["Fertility", *SWISS]) + 50


def made():
    """The same 200 rows as in drivers_r.R."""
    i = np.arange(200)
    table = pd.DataFrame({"a": (i * 7 + (i * i) % 13) % 7 + 1, "b": (i * i * 3 + i) % 11, "c": (i * 5 + (i * i) % 17) % 23 / 10,
                          "k": i // 7, "w": 1 + (i * 11) % 5})
    return table.assign(y=2 * table["a"] + table["b"] - 3 * table["c"] + (i * 37 + (i * i * i) % 29) % 19 + (table["k"] * 5) % 9)


def correlated(seed, p, n=60):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, p)) @ rng.uniform(-1, 1, (p, p)) + rng.standard_normal((n, p)) / 2
    table = pd.DataFrame(x, columns=[f"x{k}" for k in range(p)])
    return table.assign(y=x @ rng.uniform(-1, 1, p) + rng.standard_normal(n))


# ---- against other programs ------------------------------------------------------------------------------------------------------


def test_lmg_is_that_of_relaimpo_on_swiss():
    found = cx.importance(swiss(), "Fertility", SWISS, n_boot=0)
    assert np.abs(found["importance"] - RELAIMPO).max() < 1e-10 and found.attrs["r_squared"] == pytest.approx(0.7067350016, abs=1e-10)


def test_johnson_is_that_of_an_eigen_decomposition_in_r():
    assert np.abs(cx.importance(swiss(), "Fertility", SWISS, "johnson", n_boot=0)["importance"] - r("swiss.johnson", 5)).max() < 1e-9
    assert np.abs(cx.importance(made(), "y", ["a", "b", "c"], "johnson", n_boot=0)["importance"] - r("johnson", 3)).max() < 1e-9


@pytest.mark.parametrize("ending, arguments", [
    ("", {}), ("w", {"weights": "w"}), ("k", {"cluster": "k"}), ("wk", {"weights": "w", "cluster": "k"})])
def test_importance_coefficients_and_p_are_those_of_r(ending, arguments):
    weighted = ".w" if "w" in ending else ""
    table = made().sample(frac=1, random_state=1)  # no order of rows or clusters is needed
    found = cx.importance(table, "y", ["a", "b", "c"], n_boot=0, **arguments)
    assert np.abs(found["importance"] - r(f"lmg{weighted}", 3)).max() < 1e-9
    assert found.attrs["r_squared"] == pytest.approx(R[f"r2.{len(weighted) // 2}"], abs=1e-9)
    assert np.abs(found["coefficient"] - r(f"coefficient{weighted}", 3)).max() < 1e-9
    np.testing.assert_allclose(found["p_coefficient"], r(f"p.{ending}" if ending else "p", 3), rtol=1e-8)


# ---- against identities ----------------------------------------------------------------------------------------------------------


def explained(table, names):
    x = np.column_stack([np.ones(len(table)), *(table[name] for name in names)])
    residual = table["y"] - x @ np.linalg.lstsq(x, table["y"], rcond=None)[0]
    return 1 - residual.var() / table["y"].var()


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_lmg_is_the_average_over_all_orders(seed, p):
    table = correlated(seed, p)
    gains = {f"x{k}": [] for k in range(p)}
    for order in itertools.permutations(gains):
        for k, name in enumerate(order):
            gains[name].append(explained(table, order[:k + 1]) - explained(table, order[:k]))
    found = cx.importance(table, "y", list(gains), n_boot=0)
    assert np.abs(found["importance"] - [np.mean(gain) for gain in gains.values()]).max() < 1e-10


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 8), st.sampled_from(["lmg", "johnson"]), st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.booleans())
def test_importance_sums_to_r_squared_whatever_the_units_and_the_order(seed, p, method, shift, scale, turn):
    table = correlated(seed, p)
    names = [f"x{k}" for k in range(p)]
    found = cx.importance(table, "y", names, method, n_boot=0).set_index("driver")
    assert found["importance"].sum() == pytest.approx(explained(table, names), abs=1e-10) and (found["importance"] >= 0).all()
    assert found["share"].sum() == pytest.approx(1)
    other = table.assign(x0=(-scale if turn else scale) * (table["x0"] + shift))
    again = cx.importance(other, "y", names[::-1], method, n_boot=0).set_index("driver").loc[names]
    rounding = 1e-15 * (1 + abs(shift)) + 1e-10
    np.testing.assert_allclose(again["importance"], found["importance"], atol=10 * rounding)
    np.testing.assert_allclose(again["p_coefficient"], found["p_coefficient"], rtol=1e-4, atol=1e-10)
    assert again["coefficient"].iloc[0] * (-scale if turn else scale) == pytest.approx(found["coefficient"].iloc[0], rel=1e-5, abs=1e-7)


def test_uncorrelated_drivers_keep_their_squared_correlations():
    assert lmg([[1, 0, 0.6], [0, 1, -0.3], [0.6, -0.3, 1]]).tolist() == pytest.approx([0.36, 0.09])
    many = np.array([[[1, 0.5, 0.6], [0.5, 1, 0.3], [0.6, 0.3, 1]], [[1, 0, 0.6], [0, 1, 0], [0.6, 0, 1]]])
    for divide in (lmg, johnson):
        assert divide(many)[1].tolist() == pytest.approx([0.36, 0]) and divide(many)[0].tolist() == pytest.approx(divide(many[0]).tolist())


# ---- resamples -------------------------------------------------------------------------------------------------------------------


def resampled(table, by=None):
    x = table[[*NAMES, "rating"]].to_numpy()
    code = np.arange(len(x)) if by is None else table[by].to_numpy()
    return module._standardise(x, np.ones(len(x)), code, by is not None)


@pytest.mark.parametrize("by", [None, "visitor"])
def test_resamples_have_the_moments_of_a_multinomial_however_many_blocks(by, monkeypatch):
    data = resampled(world(np.random.default_rng(3), 60, 4, 0.5).sample(frac=1, random_state=1), by)
    units = np.add.reduceat(data["z"], data["starts"], axis=0)
    for at_once in (4_000_000, 2000 * 17):  # the second: 17 rows in a block, in which a visitor is never cut in two
        monkeypatch.setattr(module, "DRAWS_AT_ONCE", at_once)
        moments = module._resample(data, 2000, np.random.default_rng(1))
        assert (moments[:, 0, 0] == len(data["z"])).all() and np.array_equal(moments, moments.swapaxes(1, 2))
        sums = moments[:, 0, 1:]
        spread = np.sqrt((units**2).sum(axis=0))
        assert (np.abs(sums.mean(axis=0)) < 3.5 * spread / np.sqrt(2000)).all()
        assert (np.abs(sums.std(axis=0) / spread - 1) < 3.5 / np.sqrt(2 * 2000)).all()
        products = np.diagonal(moments, axis1=1, axis2=2)[:, 1:]
        assert (np.abs(products.mean(axis=0) / len(data["z"]) - 1) < 0.02).all()


@pytest.mark.parametrize("by", [None, "visitor"])
def test_intervals_are_those_of_a_plain_bootstrap(by):
    table, rng = world(np.random.default_rng(5), 80, 3, 0.5), np.random.default_rng(2)
    rows = [np.flatnonzero(table["visitor"] == k) for k in range(80)] if by else [[i] for i in range(240)]
    drawn = []
    x = table[[*NAMES, "rating"]].to_numpy()
    for _ in range(2000):
        drawn.append(np.corrcoef(x[np.concatenate([rows[k] for k in rng.integers(0, len(rows), len(rows))])].T))
    drawn = lmg(drawn)
    found = cx.importance(table, "rating", NAMES, n_boot=2000, cluster=by, rng=1)
    assert np.abs(found[["ci_low", "ci_high"]].to_numpy() - np.quantile(drawn, [0.025, 0.975], axis=0).T).max() < 0.012
    assert np.abs(found["first"] - np.bincount(drawn.argmax(axis=1), minlength=4) / 2000).max() < 0.05
    pairs = cx.importance_difference(table, "rating", NAMES, n_boot=2000, cluster=by, rng=1)
    difference = (drawn[:, :1] - drawn[:, 1:])[:, 0]
    assert pairs["se"][0] == pytest.approx(difference.std(), rel=0.08)
    assert pairs.loc[0, ["ci_low", "ci_high"]].tolist() == pytest.approx(np.quantile(difference, [0.025, 0.975]), abs=0.015)


def test_ranks_come_from_the_differences():
    from scipy.stats import norm

    table = world(np.random.default_rng(8), 400)
    found, pairs = (f(table, "rating", NAMES, level=0.9, rng=4) for f in (cx.importance, cx.importance_difference))
    assert list(found) == COLUMNS and list(pairs) == "driver_1 driver_2 difference se ci_low ci_high p p_holm n".split()
    assert list(zip(pairs["driver_1"], pairs["driver_2"], strict=True)) == list(itertools.combinations(NAMES, 2))
    value = found.set_index("driver")["importance"]
    assert pairs["difference"].tolist() == pytest.approx([value[a] - value[b] for a, b in itertools.combinations(NAMES, 2)])
    np.testing.assert_allclose(pairs["p"], 2 * norm.cdf(-pairs["difference"].abs() / pairs["se"]))
    np.testing.assert_allclose(pairs["p_holm"], multipletests(pairs["p"], method="holm")[1])
    sure = pairs[pairs["p_holm"] < 0.1]
    winners, losers = sure["driver_1"].where(sure["difference"] > 0, sure["driver_2"]), sure["driver_2"].where(sure["difference"] > 0, sure["driver_1"])
    assert 0 < len(sure) < 6
    for row in found.itertuples():
        assert (row.rank_low, row.rank_high) == (1 + (losers == row.driver).sum(), 4 - (winners == row.driver).sum())
    assert found["first"].sum() == pytest.approx(1) and (found["ci_low"] < found["importance"]).all() and (found["importance"] < found["ci_high"]).all()


def test_the_same_seed_gives_the_same_and_no_resamples_tell_nothing_apart():
    table = world(np.random.default_rng(8), 50)
    pd.testing.assert_frame_equal(cx.importance(table, "rating", NAMES, rng=4), cx.importance(table, "rating", NAMES, rng=np.random.default_rng(4)))
    found = cx.importance(table, "rating", pd.Index(NAMES), n_boot=0)
    assert found[["ci_low", "ci_high", "first"]].isna().all(axis=None) and set(found["rank_low"]) == {1} and set(found["rank_high"]) == {4}
    assert cx.importance_difference(table, "rating", NAMES, n_boot=0)[["se", "ci_low", "p", "p_holm"]].isna().all(axis=None)
    one = cx.importance(table, "rating", "manner", n_boot=100)
    assert one["importance"][0] == pytest.approx(table["manner"].corr(table["rating"]) ** 2) and one["first"][0] == 1
    assert cx.importance_difference(table, "rating", ["manner"]).empty


def test_ties_for_the_first_place_are_split():
    mirrored = pd.DataFrame({"a": [0, 0, 1, 1] * 30, "b": [0, 1, 0, 1] * 30})  # each quarter of the rows is one customer: no resample breaks the tie
    table = mirrored.assign(y=mirrored["a"] + mirrored["b"] + np.tile([0.5, -0.5, -0.5, 0.5], 30), k=np.arange(120) // 4)
    found = cx.importance(table, "y", ["a", "b"], cluster="k", rng=1)
    assert found["first"].tolist() == [0.5, 0.5] and found["rank_high"].tolist() == [2, 2]


# ---- truth -----------------------------------------------------------------------------------------------------------------------


def test_recovers_the_population_and_covers_it():
    """20 worlds, 4 drivers (the benchmark has 200). No driver is a null: see `truth` in the benchmark."""
    large = cx.importance(world(np.random.default_rng(1), 200_000), "rating", NAMES, n_boot=0)
    assert np.abs(large["importance"] - truth()).max() < 0.006
    assert np.abs(large["coefficient"] - [0.5, 0.35, 0.2, 0.1]).max() < 0.01
    inside, off = coverage(20, n_boot=300)
    assert inside.mean() > 0.85 and np.abs(off).max() < 0.02


def test_whole_customers_cover_where_rows_do_not():
    kind = {"customers": 100, "visits": 5, "alike": 0.5, "n_boot": 300}
    rows, whole = (coverage(20, cluster=cluster, **kind)[0].mean() for cluster in (None, "visitor"))
    assert whole > rows + 0.05 and whole > 0.85


# ---- what is told and what is refused ---------------------------------------------------------------------------------------------


def test_gaps_are_left_out_and_said():
    table = made().astype({"a": "Int64", "b": float})
    table.loc[3, "a"], table.loc[[3, 9], "b"], table.loc[20, "w"] = pd.NA, np.nan, 0
    before = table.copy()
    found = cx.importance(table, "y", ["a", "b"], weights="w", rng=1)
    assert found.attrs["n"] == 197 and set(found["n"]) == {197} and found.attrs["n_dropped"] == 3
    assert "Rows left out because of a gap: 3. Empty cells by column: a (1), b (2), w = 0 (1)." in found.attrs["note"] and "weights as fixed" in found.attrs["note"]
    whole = cx.importance(table.drop([3, 9, 20]), "y", ["a", "b"], weights="w", rng=1)
    np.testing.assert_array_equal(found[COLUMNS[1:]], whole[COLUMNS[1:]])
    pd.testing.assert_frame_equal(table, before)


def test_weights_are_copies_of_rows():
    table = made()
    copies = table.loc[table.index.repeat(table["w"])]
    a, b = cx.importance(table, "y", ["a", "b", "c"], weights="w", n_boot=0), cx.importance(copies, "y", ["a", "b", "c"], n_boot=0)
    np.testing.assert_allclose(a[["importance", "coefficient"]], b[["importance", "coefficient"]])
    a, b = (cx.importance(t.assign(person=t.index), "y", ["a", "b", "c"], cluster="person", weights=w, rng=1) for t, w in ((table, "w"), (copies, None)))
    np.testing.assert_allclose(a[["ci_low", "ci_high", "first"]], b[["ci_low", "ci_high", "first"]])


def test_repeated_customers_and_few_clusters_are_said():
    table = made().rename(columns={"k": "customer"})
    assert "cluster='customer'" in cx.importance(table, "y", ["a"], n_boot=0).attrs["note"]
    note = cx.importance_difference(table, "y", ["a", "b"], n_boot=20, cluster="customer").attrs["note"]
    assert "cluster='customer'" not in note and "Only 29 clusters: under 30" in note


def test_numbers_of_every_kind_are_taken():
    table = made()
    other = table.assign(a=pd.Categorical(table["a"], ordered=True), b=table["b"].astype(object), c=table["c"].astype("Float32"), y=table["y"].astype("Float64"))
    flag = table["a"] > 3
    np.testing.assert_allclose(cx.importance(other, "y", ["a", "b", "c"], n_boot=0)["importance"], r("lmg", 3), rtol=1e-5)
    assert cx.importance(table.assign(a=flag), "y", ["a"], n_boot=0)["importance"][0] == pytest.approx(flag.astype(int).corr(table["y"]) ** 2)


def test_resamples_without_the_one_mark_are_left_out_and_its_p_is_missing():
    table = made().assign(mark=0)
    table.loc[17, "mark"] = 1
    found = cx.importance(table, "y", ["a", "b", "mark"], n_boot=300, rng=1)
    lost = int(found.attrs["note"].split("300 resamples ")[1].split()[0])
    assert 70 < lost < 150  # (1 − 1/200)²⁰⁰ = .367 of them
    assert found["p_coefficient"].isna().tolist() == [False, False, True] and "only one with a mark" in found.attrs["note"]
    without = cx.importance(table.drop(17), "y", ["a", "b"], n_boot=0)  # the row says nothing of the others
    np.testing.assert_allclose(found["coefficient"][:2], without["coefficient"], rtol=1e-9)
    np.testing.assert_allclose(found["p_coefficient"][:2], without["p_coefficient"], rtol=1e-8)


@pytest.mark.parametrize("change, arguments, message", [
    ({}, {"drivers": ["a", "y"]}, "'y' stands among the drivers"), ({}, {"drivers": ["a", "a"]}, "used once.*'a', 'a'"), ({}, {"drivers": []}, "at least one"),
    ({}, {"drivers": ["a", "d"]}, "no column 'd'"), ({"a": 1}, {}, "complete row of 'a'"), ({"y": 1.5, "b": 0}, {}, "of 'b', 'y'"),
    ({"b": lambda t: 3 - 2 * t["a"]}, {}, r"'a', 'b'\. What.*leave one"), ({"c": lambda t: t["a"] + t["b"]}, {"drivers": ["a", "b", "c", "w"]}, r"sum\): 'a', 'b', 'c'\."),
    ({"a": "5"}, {}, r"'a' this is not so: row 2 \(5\).*and 195 more.*to_numeric"), ({"a": lambda t: t["a"].where(t["a"] < 6, np.inf)}, {}, r"row \d+ \(inf\)"),
    ({"a": pd.Timestamp("2024-01-01")}, {}, "finite numbers"), ({"a": 1j}, {}, "finite numbers"), ({}, {"method": "shap"}, "method = 'shap'.*'lmg', 'johnson'"), ({}, {"level": 95}, "level is"),
    ({}, {"n_boot": 1}, "n_boot = 1 is"), ({}, {"n_boot": 2.5}, "n_boot = 2.5"), ({}, {"n_boot": True}, "n_boot = True"), ({}, {"rng": "seed"}, "rng = 'seed'"),
    ({"w": -1}, {"weights": "w"}, "finite numbers of 0 or more"), ({"w": 0}, {"weights": "w"}, "Complete rows: 0"), ({"a": np.nan}, {}, "Complete rows: 0. With 3 drivers at least 5"),
    ({"k": lambda t: t["k"].where(t["k"] > 0)}, {"cluster": "k"}, r"'k' is empty in row 2 \(empty\)"), ({"k": 1}, {"cluster": "k"}, "'k' holds a single cluster"),
])
def test_what_cannot_be(change, arguments, message):
    with pytest.raises(cx.CxError, match=message):
        cx.importance(made().assign(**change), **({"outcome": "y", "drivers": ["a", "b", "c"]} | arguments))


def test_what_is_no_table_and_too_few_rows():
    with pytest.raises(cx.CxError, match="pandas"):
        cx.importance([1, 2], "y", ["a"])
    with pytest.raises(cx.CxError, match="Complete rows: 4. With 3 drivers at least 5"):
        cx.importance(made().head(4), "y", ["a", "b", "c"])
    assert len(cx.importance(made().head(6), "y", ["a", "b", "c"], rng=1)) == 3  # few resamples are left, and it says so


def test_a_driver_that_goes_with_nothing_is_never_below_nothing():
    grid = np.array(list(itertools.product([0.1, 0.7], repeat=6)))  # every product moment of different columns is 0, rounding apart
    table = pd.DataFrame(grid, columns=[*"abcdef"]).assign(y=grid[:, 0] / 3)
    for method in ("lmg", "johnson"):
        found = cx.importance(table, "y", [*"abcdef"], method, n_boot=0)
        assert (found["importance"] >= 0).all() and found["importance"].tolist() == pytest.approx([1, 0, 0, 0, 0, 0])


def test_more_than_fifteen_drivers_need_johnson():
    table = correlated(1, 16, 200)
    names = list(table)[:-1]
    with pytest.raises(cx.CxError, match="16 drivers: LMG is exact up to 15.*method='johnson'"):
        cx.importance(table, "y", names)
    found = cx.importance(table, "y", names, method="johnson", n_boot=50, rng=1)
    assert found["importance"].sum() == pytest.approx(explained(table, names)) and found["ci_low"].notna().all()
    assert cx.importance(table, "y", names[:15], n_boot=5, rng=1)["importance"].sum() == pytest.approx(explained(table, names[:15]))


def test_hostile_names_of_columns_come_through():
    names = ["<script>alert(1)</script>", "$a_$ {0} {x}", "=1+1\u202e"]
    table = made().rename(columns=dict(zip("abc", names, strict=True)))
    assert cx.importance(table, "y", names, n_boot=0)["driver"].tolist() == names
    table.loc[0, names[1]] = np.nan
    assert "$a_$ {0} {x} (1)" in cx.importance(table, "y", names, n_boot=0).attrs["note"]
    with pytest.raises(cx.CxError, match="=1"):
        cx.importance(table.assign(**{names[2]: "=1+1"}), "y", names)


def test_drivers_speak_turkish():
    cx.use_language("tr")
    with pytest.raises(cx.CxError, match="'y' belirleyiciler arasında"):
        cx.importance(made(), "y", ["y"])
    assert "200 eksiksiz satırdan" in cx.importance(made(), "y", ["a", "b", "c"], n_boot=0).attrs["note"]
    assert "%43,3" in cx.importance(made(), "y", ["a", "b", "c"], n_boot=0).attrs["note"]
