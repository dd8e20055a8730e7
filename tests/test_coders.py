"""Agreement of coders: against statsmodels, the published example, the definition by pairs, truth, and what is refused."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

import cxlab as cx
from cxlab import coders

CODES = np.array(["price", "quality", "speed", "waiting", "empathy", "premises"])
SHARES = np.array([0.35, 0.25, 0.2, 0.1, 0.05, 0.01])
METRICS = ("nominal", "ordinal", "interval", "ratio")
# Krippendorff 2011, "Computing Krippendorff's alpha-reliability", 4 observers × 12 units
PUBLISHED = pd.DataFrame([[1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None], [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
                          [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None], [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None]])
ALPHA = {"nominal": 0.7434210526, "ordinal": 0.8153875038, "interval": 0.8491071429, "ratio": 0.7974027748}


def as_cells(table, index=None):
    return pd.Series([tuple(CODES[row]) for row in table], index=index, dtype=object)


def two_coders(n, seed, miss=0.15, add=0.03):
    """Two coders of the same truth who each miss and add codes by chance."""
    rng = np.random.default_rng(seed)
    truth = rng.random((n, len(CODES))) < SHARES
    return [as_cells(truth & (rng.random(truth.shape) > miss) | (rng.random(truth.shape) < add)) for _ in range(2)]


def square(row):
    """The 2×2 of a row of the table."""
    only_first, only_second = row.n_first - row.n_both, row.n_second - row.n_both
    return [[row.n_both, only_first], [only_second, row.n - row.n_both - only_first - only_second]]


@pytest.mark.parametrize("n, seed, level", [(150, 1, 0.95), (400, 2, 0.9), (5000, 3, 0.99)])
def test_kappa_and_its_interval_are_those_of_statsmodels(n, seed, level):
    first, second = two_coders(n, seed)
    table = cx.agreement(first, second, level=level)
    assert list(table.columns) == ["code", "n", "n_first", "n_second", "n_both", "agreement", "kappa", "ci_low", "ci_high", "positive_agreement", "note"]
    assert table["code"].tolist() == sorted(CODES)
    for row in table.itertuples():
        has = [[row.code in codes for codes in coder] for coder in (first, second)]
        assert square(row) == pd.crosstab(*map(pd.Series, has)).reindex(index=[True, False], columns=[True, False]).to_numpy().tolist()
        result = cohens_kappa(square(row))
        result["alpha"] = (1 - level) / 2
        result._initialize()
        assert row.n == n and row.agreement == pytest.approx(np.trace(square(row)) / n)
        assert [row.kappa, row.ci_low, row.ci_high] == pytest.approx([result.kappa, result.kappa_low, result.kappa_upp], abs=1e-12)
        assert row.positive_agreement == pytest.approx(2 * row.n_both / (row.n_first + row.n_second))


def test_a_2x2_worked_by_hand():
    # 20 both, 5 only the first, 10 only the second, 15 neither: Po = .7, Pe = .5, kappa = .4 (the example of Wikipedia, "Cohen's kappa")
    first = pd.Series([("a",)] * 25 + [()] * 25, dtype=object)
    second = pd.Series([("a",)] * 20 + [()] * 5 + [("a",)] * 10 + [()] * 15, dtype=object)
    row = cx.agreement(first, second).iloc[0]
    assert (row["n"], row["n_first"], row["n_second"], row["n_both"], row["agreement"]) == (50, 25, 30, 20, 0.7)
    assert row["kappa"] == pytest.approx(0.4, abs=1e-15)
    overall = cx.agreement(first, second, by="overall").iloc[0]  # of a single code: the same
    assert overall["kappa"] == pytest.approx(0.4, abs=1e-15) and overall["micro_f1"] == pytest.approx(40 / 55)


def test_percent_agreement_misleads_and_kappa_does_not():
    first = pd.Series([("a",)] * 6 + [()] * 94, dtype=object)
    second = pd.Series([("a",)] * 3 + [()] * 92 + [("a",)] * 5, dtype=object)
    row = cx.agreement(first, second).iloc[0]
    assert row["agreement"] == 0.92 and row["kappa"] == pytest.approx(0.3865, abs=1e-4)


def test_interval_covers_the_true_kappa():
    # both coders see a truth of share .3 with errors: P(both), P(first), P(second) follow, and so does kappa; 400 samples of 150 answers
    miss, add, share = 0.15, 0.05, 0.3
    yes = share * (1 - miss) + (1 - share) * add
    both = share * (1 - miss) ** 2 + (1 - share) * add**2
    truth = 2 * (both - yes * yes) / (2 * yes * (1 - yes))
    rng, covered = np.random.default_rng(5), 0
    for counts in rng.multinomial(150, [both, yes - both, yes - both, 1 - 2 * yes + both], size=400):
        kappa, se = coders._kappa(150, counts[[0]] + counts[[1]], counts[[0]] + counts[[2]], counts[[0]])
        covered += abs(kappa[0] - truth) <= 1.96 * se[0]
    assert covered / 400 == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 400))


def test_overall_intervals_cover():
    large = cx.agreement(*two_coders(200_000, 0), by="overall").iloc[0]  # stands for the truth
    assert large["ci_high"] - large["ci_low"] < 0.006
    hits = np.zeros(2)
    for seed in range(60):
        row = cx.agreement(*two_coders(150, 100 + seed), by="overall", rng=seed).iloc[0]
        hits += [row["ci_low"] <= large["kappa"] <= row["ci_high"], row["f1_low"] <= large["micro_f1"] <= row["f1_high"]]
    assert (hits / 60 >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 60)).all()


def test_pooled_kappa_and_micro_f1_by_their_definition():
    first, second = two_coders(300, 4)
    table, overall = cx.agreement(first, second), cx.agreement(first, second, by="overall").iloc[0]
    a, b = table["n_first"] / 300, table["n_second"] / 300
    expected = (a * b + (1 - a) * (1 - b)).mean()
    assert overall["kappa"] == pytest.approx((table["agreement"].mean() - expected) / (1 - expected), abs=1e-14)
    assert overall["agreement"] == pytest.approx(table["agreement"].mean(), abs=1e-14)
    assert overall["micro_f1"] == pytest.approx(2 * table["n_both"].sum() / (table["n_first"] + table["n_second"]).sum(), abs=1e-14)
    assert (overall["n"], overall["n_codes"]) == (300, 6)
    assert table.attrs["overall"] == overall.to_dict()
    assert all(type(value) in (int, float, str) for value in table.attrs["overall"].values())
    pd.concat([table, table])  # attrs hold plain values


def test_a_code_used_only_in_answers_left_out_changes_nothing():
    first, second = two_coders(300, 4)
    first[1000] = ("never",)
    table = cx.agreement(first, second)
    row = table.set_index("code").loc["never"]
    assert (row["n"], row["n_first"], row["n_second"], row["note"]) == (300, 0, 0, "not used") and np.isnan(row["kappa"])
    assert table.attrs["overall"] == cx.agreement(first.drop(1000), second).attrs["overall"]


def test_bootstrap_is_that_of_the_rows():
    # drawn by kinds of answers or one by one: the limits of 4,000 plain resamples of rows, within the noise of 1,000
    for first, second in (two_coders(150, 7), [coder.str[:1] for coder in two_coders(1500, 7)]):
        n = len(first)
        row = cx.agreement(first, second, by="overall", rng=1).iloc[0]
        has = [np.array([[code in codes for code in CODES] for codes in coder], float) for coder in (first, second)]
        rng, f1 = np.random.default_rng(2), []
        for _ in range(4000):
            draw = rng.integers(0, n, n)
            a, b = has[0][draw], has[1][draw]
            f1.append(2 * (a * b).sum() / (a.sum() + b.sum()))
        width = row["f1_high"] - row["f1_low"]
        assert [row["f1_low"], row["f1_high"]] == pytest.approx(np.quantile(f1, [0.025, 0.975]), abs=0.1 * width)


def test_the_same_seed_gives_the_same_interval():
    first, second = two_coders(200, 8)
    default = cx.agreement(first, second, by="overall")
    pd.testing.assert_frame_equal(default, cx.agreement(first, second, by="overall", rng=0))
    pd.testing.assert_frame_equal(default, cx.agreement(first, second, by="overall", rng=np.random.default_rng(0)))
    assert default["ci_low"][0] != cx.agreement(first, second, by="overall", rng=1)["ci_low"][0]
    alphas = [cx.krippendorff(PUBLISHED, rng=rng)["ci_low"][0] for rng in (None, 0, 1)]
    assert alphas[0] == alphas[1] != alphas[2]


@pytest.mark.parametrize("form", [list, set, frozenset, lambda codes: ";".join(codes), lambda codes: " ; ".join(codes) + ";", np.array])
def test_every_form_of_codes_is_understood(form):
    first, second = (coder[coder.map(bool)] for coder in two_coders(120, 9))
    expected = cx.agreement(first, second)
    pd.testing.assert_frame_equal(cx.agreement(first.map(form), second.to_frame("codes").assign(why="")), expected)


def test_what_is_left_out_is_counted():
    first = pd.Series({"a": ("x",), "b": None, "c": (), "d": "", "e": np.nan, "f": ("x", None, " "), "only": ("x",)}, dtype=object)
    second = pd.Series({"f": "x", "e": ("x",), "d": None, "c": (), "b": ("x",), "a": ("y",)}, dtype=object)
    table = cx.agreement(first, second)
    assert table["n"].tolist() == [3, 3] and table["n_first"].tolist() == [2, 0] and table["n_both"].tolist() == [1, 0]
    assert table.attrs["note"] == "Answers compared: 3. Left out: 3 that a coder left empty, 1 that only one coder has."
    cx.use_language("tr")
    assert "bırakılan" in cx.agreement(first, second).attrs["note"]


def test_answers_on_which_they_differ():
    index = pd.MultiIndex.from_tuples([(1, "annoys"), (2, "annoys"), (2, "important"), (3, "annoys")], names=["respondent", "question"])
    first = pd.Series([("price", "speed"), ("speed", "price"), (), None], index=index, dtype=object)
    second = pd.Series([("price", "waiting"), ("price", "speed"), ("empathy",), ("price",)], index=index, dtype=object)
    table = cx.agreement(first, second, by="answer")
    assert list(table.columns) == ["first", "second", "only_first", "only_second"] and table.index.names == index.names
    assert table.index.tolist() == [(1, "annoys"), (2, "important")]
    assert table.loc[(1, "annoys")].tolist() == [("price", "speed"), ("price", "waiting"), ("speed",), ("waiting",)]
    assert table.loc[(2, "important")].tolist() == [(), ("empathy",), (), ("empathy",)]
    same = cx.agreement(first, first, by="answer")
    assert len(same) == 0 and list(same.columns) == list(table.columns)


@pytest.mark.parametrize("first, second, note, kappa", [
    (40 * [("a",)], 40 * [("a",)], "no variation", None), (4 * [("a",)] + 36 * [()], 3 * [("a",)] + 37 * [()], "too few", None),
    (20 * [("a",)] + 20 * [()], 20 * [("a",)] + 20 * [()], "no width", 1), (20 * [("a",)] + 20 * [()], 40 * [()], "no width", 0),
    (40 * [("a",)], 20 * [("a",)] + 20 * [()], "no width", 0), (5 * [("a",)] + 35 * [()], 4 * [("a",)] + 36 * [()], "", 0.875),
])
def test_notes_stand_where_kappa_says_little(first, second, note, kappa):
    row = cx.agreement(first, second).iloc[0]
    assert row["note"] == note
    assert np.isnan([row["kappa"], row["ci_low"], row["ci_high"]]).all() if kappa is None else row["kappa"] == pytest.approx(kappa, abs=1e-3)
    assert not np.isnan(row["agreement"])
    if note == "no width":
        assert row["ci_low"] == row["ci_high"] == row["kappa"]


@pytest.mark.parametrize("first, second, note", [([()] * 9, [()] * 9, "not used"), ([None] * 9, [()] * 9, "not used"), ([], [], "not used"),
                                                 ([("a",)] * 9, [("a",)] * 9, "no variation"), ([("a",), ()] * 9, [("a",), ()] * 9, "no width")])
def test_overall_where_there_is_little_to_say(first, second, note):
    assert cx.agreement(first, second, by="overall")["note"].tolist() == [note]
    assert len(cx.agreement(first, second, by="answer")) == 0


@pytest.mark.parametrize("arguments, told", [
    (lambda a: (a, a, "codes"), "by = 'codes'"), (lambda a: (a, a, "code", 95), "level"), (lambda a: (a, a, "code", 0.9, "x"), "rng = 'x'"),
    (lambda a: (a.to_frame("code"), a), "Columns there: code"), (lambda a: (5, a), "int"), (lambda a: ("price", a), "str"),
    (lambda a: (pd.concat([a, a]), a), "The answer 0 stands twice"), (lambda a: (a, a.set_axis([f"r{i}" for i in a.index])), "'r0'"),
])
def test_what_agreement_refuses(arguments, told):
    answers = two_coders(20, 1)[0]
    with pytest.raises(cx.CxError, match=told):
        cx.agreement(*arguments(answers))


@settings(max_examples=60)
@given(st.lists(st.tuples(*[st.none() | st.lists(st.text(), max_size=3)] * 2), min_size=1))
def test_any_text_is_a_code_and_the_table_adds_up(rows):
    first, second = (pd.Series([row[i] if row[i] is None else tuple(row[i]) for row in rows], dtype=object) for i in (0, 1))
    before = first.copy()
    table = cx.agreement(first, second)
    assert first.equals(before)
    for row in table.itertuples():
        assert all(cell >= 0 for cell in np.ravel(square(row))) and (np.isnan(row.kappa) or -1 <= row.kappa <= 1)
    turned = cx.agreement(second, first)
    np.testing.assert_allclose(turned["kappa"], table["kappa"])
    differ = cx.agreement(first, second, by="answer")
    assert len(differ) == sum(len(only) > 0 for only in differ["only_first"] + differ["only_second"])


# ---- Krippendorff's alpha ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("form", [lambda table: table, lambda table: table.to_numpy(), lambda table: table.to_numpy().tolist(),
                                  lambda table: table.astype(object).where(table.notna(), None)])
def test_published_example(metric, form):
    row = cx.krippendorff(form(PUBLISHED), metric).iloc[0]
    assert (row["n_coders"], row["n_units"], row["n_pairable"], row["note"]) == (4, 12, 40, "units left out: 1")
    assert row["alpha"] == pytest.approx(ALPHA[metric], abs=1e-9)
    assert row["ci_low"] < row["alpha"] < row["ci_high"] <= 1


def by_pairs(ratings, metric):
    """Alpha by its definition: all pairs within units against all pairs of pairable values."""
    units = [unit[~np.isnan(unit)] for unit in ratings.T]
    units = [unit for unit in units if len(unit) > 1]
    values = np.concatenate(units)

    def apart(c, k):
        if metric == "nominal":
            return float(c != k)
        if metric == "interval":
            return (c - k) ** 2
        if metric == "ratio":
            return ((c - k) / (c + k)) ** 2 if c + k else 0.0
        low, high = min(c, k), max(c, k)
        return (((values >= low) & (values <= high)).sum() - ((values == c).sum() + (values == k).sum()) / 2) ** 2

    observed = sum(apart(c, k) / (len(unit) - 1) for unit in units for c, k in itertools.permutations(unit, 2)) / len(values)
    expected = sum(apart(c, k) for c, k in itertools.permutations(values, 2)) / (len(values) * (len(values) - 1))
    return 1 - observed / expected


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("seed", range(4))
def test_alpha_is_that_of_all_pairs(metric, seed):
    rng = np.random.default_rng(seed)
    ratings = np.clip(rng.integers(0, 6, 15) + rng.integers(-1, 2, (5, 15)), 0, 7).astype(float)
    ratings[rng.random(ratings.shape) < 0.3] = np.nan
    assert cx.krippendorff(ratings, metric)["alpha"][0] == pytest.approx(by_pairs(ratings, metric), abs=1e-12)
    drawn = ratings[:, rng.integers(0, 15, 15)]  # and of a bootstrap sample, mid-ranks included
    values, place = coders._rated(pd.DataFrame(drawn), metric)
    counts, kinds = coders._unit_counts(place, len(values))
    alpha = coders._alpha(counts[None].astype(float), kinds, values, metric)[0]
    assert alpha == pytest.approx(by_pairs(drawn, metric), abs=1e-12)


def test_alpha_of_two_coders_without_gaps_is_nearly_kappa():
    rng = np.random.default_rng(3)
    first = rng.integers(0, 3, 4000)
    second = np.where(rng.random(4000) < 0.7, first, rng.integers(0, 3, 4000))
    assert cx.krippendorff([first, second])["alpha"][0] == pytest.approx(cohens_kappa(pd.crosstab(first, second)).kappa, abs=1e-3)


def test_texts_and_ordered_categories():
    words = np.array(["", "low", "fair", "good", "high", "top"], dtype=object)
    texts = pd.DataFrame(words[PUBLISHED.fillna(0).astype(int)])
    assert cx.krippendorff(texts)["alpha"][0] == pytest.approx(ALPHA["nominal"], abs=1e-9)
    ordered = texts.replace("", None).astype(pd.CategoricalDtype(list(words[1:]), ordered=True))
    assert cx.krippendorff(ordered, "ordinal")["alpha"][0] == pytest.approx(ALPHA["ordinal"], abs=1e-9)
    with_more = texts.replace("", None).astype(pd.CategoricalDtype(["least", *words[1:], "most"], ordered=True))  # categories nobody used
    assert cx.krippendorff(with_more, "ordinal")["alpha"][0] == pytest.approx(ALPHA["ordinal"], abs=1e-9)


def test_interval_of_alpha_covers():
    def ratings(n, seed):
        rng = np.random.default_rng(seed)
        truth = rng.integers(0, 3, n)
        return np.where(rng.random((3, n)) < 0.75, truth, rng.integers(0, 3, (3, n)))

    truth = 0.75**2  # a pair agrees beyond chance only if both saw the truth; the values are equally frequent
    assert cx.krippendorff(ratings(200_000, 0))["alpha"][0] == pytest.approx(truth, abs=0.005)
    ends = [cx.krippendorff(ratings(80, 50 + seed), rng=seed)[["ci_low", "ci_high"]].iloc[0] for seed in range(100)]
    assert np.mean([low <= truth <= high for low, high in ends]) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 100)


@pytest.mark.parametrize("ratings, note", [([[1, 1, 1], [1, 1, 1]], "no variation"), ([[1, 2, 3], [1, 2, 3]], "no width"),
                                           ([[1, 1, 2], [1, 1, None]], "units left out: 1; no variation")])
def test_without_variation_alpha_is_missing(ratings, note):
    for metric in METRICS:
        row = cx.krippendorff(ratings, metric).iloc[0]
        assert row["note"] == note and np.isnan(row["alpha"]) == ("variation" in note)


@pytest.mark.parametrize("ratings, metric, told", [
    ([[1, 2]], "nominal", "1 rows"), (5, "nominal", "0 rows"), ([[1, None], [None, 2]], "nominal", "table.T"), ([[1, 2], [1, -2]], "ratio", "Coder 2, unit 1: -2"),
    ([["a", "b"], ["a", "b"]], "ordinal", "Coder 1, unit 0: 'a'"), ([["a", "b"], ["a", "b"]], "interval", "Coder 1, unit 0: 'a'"),
    ([[1, float("inf")], [1, 2]], "interval", "inf"), ([[1, 2], [1, 2]], "linear", "metric = 'linear'"),
    (np.arange(16_000.0).reshape(2, 8000), "interval", "Round the values"),
])
def test_what_krippendorff_refuses(ratings, metric, told):
    with pytest.raises(cx.CxError, match=told):
        cx.krippendorff(ratings, metric)
