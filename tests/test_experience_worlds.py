"""The worlds of experiences: the files are rebuilt, load with their types, hide what they say they hide, and their truth comes out a second way."""

import itertools
import re

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import cxlab as cx
from cxlab import data, experience_worlds, kano_world
from cxlab.framework import keys

FOLDER = data.data_folder()
CARD = (FOLDER / "README.md").read_text(encoding="utf-8")
WORLDS = tuple(experience_worlds.RULES)
FACTORS, COMPONENTS = keys("contact_factors"), keys("components")
SCORES = [f"score_{key}" for key in COMPONENTS]


@pytest.fixture(scope="module")
def tables():
    return {world: cx.load(world) for world in WORLDS}


@pytest.fixture(scope="module")
def population():
    return {world: experience_worlds.draw(world, 20, np.random.default_rng(77)) for world in WORLDS}


def true(world, quantity):
    frame = cx.load("experiences_truth")
    return frame[(frame["world"] == world) & (frame["quantity"] == quantity)].set_index("key")["value"]


# --- the files ----------------------------------------------------------------------------------------------------------


def test_every_file_is_rebuilt():
    for name, text in experience_worlds.files().items():
        assert (FOLDER / name).read_bytes() == text.encode("utf-8"), name


@pytest.mark.parametrize("world", WORLDS)
def test_a_world_loads_with_its_types_and_levels(world, tables):
    table = tables[world]
    assert list(table.columns) == list(data.experience_columns()) and table.attrs["simulated"] is True
    assert 1450 < len(table) < 1650 and table["experience"].is_unique and table["customer"].nunique() == 600
    assert table["employee"].nunique() == 60 and table["shop"].nunique() == 12 and table["organisation"].nunique() == 4
    items = [f"{key}_{place}" for key in COMPONENTS for place in range(1, 5)]
    assert {str(table[name].dtype) for name in (*items, *FACTORS, "happiness", "likelihood", "peak")} == {"Int64"}
    for name, low, high in (("functional_1", 1, 7), ("happiness", 0, 10), ("feeling_after", -5, 5), ("rank_among_rivals", 1, 5)):
        assert (table[name].min(), table[name].max()) == (low, high), name
    assert list(table["memory"].cat.categories) == keys("memories") and list(table["returned"].cat.categories) == keys("yes_no")
    assert table["recovery"].cat.ordered and list(table["recovery"].cat.categories) == ["none", "poor", "good", "excellent"]
    assert table["average"].between(1, 7).all() and (table["average"] * 5 % 1).round(9).isin([0, 1]).all()  # of five moments
    assert table["price"].dtype == "int64" and table["price"].min() > 0


def test_rows_are_crossed_and_an_employee_belongs_to_one_shop(tables):
    table, staff = tables["experiences"], cx.load("employees")
    assert set(table["customer"].value_counts()) == {1, 2, 3, 4, 5, 6}
    met = table.groupby("customer")["employee"].nunique()
    assert (met > 1).mean() > 0.4 and (table.groupby("employee")["customer"].nunique() > 1).all()
    assert (table.merge(staff, on="employee", suffixes=("", "_of")).eval("shop == shop_of")).all()
    assert staff.set_index("employee")["experiences"].equals(table["employee"].value_counts().sort_index().rename("experiences"))
    assert staff["experiences"].min() == 3 and (staff["experiences"] >= 30).sum() == 20 and "Forty of them have fewer than 30" in CARD


def test_the_twin_is_the_same_people_with_other_rules(tables):
    main, twin = tables["experiences"], tables["experiences_twin"]
    for name in ("customer", "employee", "organisation", "price", "incident", "complained", "functional_1", "surprise"):
        assert main[name].equals(twin[name]) or main[name].isna().equals(twin[name].isna()), name
    assert main[["customer", "employee", "price"]].equals(twin[["customer", "employee", "price"]])
    assert not main["likelihood"].equals(twin["likelihood"])


@pytest.mark.parametrize("world", WORLDS)
def test_what_is_missing_is_what_the_card_says(world, tables):
    table = tables[world]
    nothing = table["incident"] == "none"
    assert all(table[name].isna().equals(nothing) for name in ("recovery", "complained", "found_by_firm"))
    assert (table["rank_among_rivals"].isna() == (table["rivals_considered"] == 0)).all()
    known = (table["complained"] == "yes") | (table["found_by_firm"] == "yes")
    assert (table.loc[~nothing & ~known, "recovery"] == "none").all() and (table.loc[known, "recovery"] == "excellent").mean() > 0.3
    skipped = table["happiness"].isna()
    assert 0.07 < skipped.mean() < 0.16 and table.loc[skipped, "satisfaction"].mean() < table.loc[~skipped, "satisfaction"].mean() - 0.25
    never = [name for name, allowed in data.experience_columns().items() if table[name].isna().any()]
    told = {*itertools.chain(*experience_worlds.ITEMS.values()), *FACTORS, *experience_worlds.RIGHTS, "happiness", "likelihood", "rank_among_rivals"}
    assert set(never) == told | {"recovery", "complained", "found_by_firm"}


def test_one_item_is_reversed_and_one_is_weak(tables):
    table = tables["experiences"]
    for component in COMPONENTS:
        items = [f"{component}_{place}" for place in range(1, 5)]
        correlation = table[items].astype(float).corr()
        for item in items:
            others = correlation.loc[item].drop([item, *({"emotional_3", "accessible_4"} & set(items))])
            assert (others.max() < -0.5) if item == "emotional_3" else (others.max() < 0.35) if item == "accessible_4" else (others.min() > 0.5), item


def test_organisations_are_invented_and_employees_numbers(tables):
    invented = {name.split()[0] for name in pd.read_csv(FOLDER / "organisations_invented.csv")["name"]}
    assert set(tables["experiences"]["organisation"].astype(str)) == set(data.ORGANISATIONS) <= invented
    assert cx.load("employees").dtypes.map(pd.api.types.is_integer_dtype).all()


# --- the truth ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("world", WORLDS)
def test_a_smaller_population_says_the_same(world):
    stated = cx.load("experiences_truth").query("world == @world and quantity != 'employee_effect'").reset_index(drop=True)
    found = pd.DataFrame(experience_worlds.simulated_truth(world, 6, 8, 9))
    assert found[["quantity", "key"]].equals(stated[["quantity", "key"]].astype(str))
    allowed = 6 * np.hypot(stated["error"] + 0.0005, found["error"]) + 0.002  # 200 numbers, errors out of six parts: t(5), so wide
    far = (found["value"] - stated["value"]).abs() > allowed
    assert found[far].empty, found[far].assign(stated=stated["value"])


@pytest.mark.parametrize("world", WORLDS)
def test_lmg_is_the_average_over_orders_and_statsmodels_finds_the_coefficients(world, population):
    table, _ = population[world]
    fit = sm.OLS(table["likelihood"].astype(float), sm.add_constant(table[SCORES])).fit()
    found = experience_worlds._lmg(table[[*SCORES, "likelihood"]].corr().to_numpy())
    assert sum(found) == pytest.approx(fit.rsquared, abs=1e-9)
    gains = np.zeros(3)
    for order in itertools.permutations(range(3)):
        fits = [0.0] + [sm.OLS(table["likelihood"], sm.add_constant(table[[SCORES[k] for k in order[:upto]]])).fit().rsquared for upto in (1, 2, 3)]
        gains[list(order)] += np.diff(fits) / 6
    assert found == pytest.approx(gains, abs=1e-9)
    assert experience_worlds._slopes(table, "likelihood", SCORES) == pytest.approx(fit.params.iloc[1:].to_numpy(), abs=1e-9)
    assert experience_worlds._shared(table, "likelihood", *SCORES) == pytest.approx(fit.rsquared, abs=1e-9)
    assert true(world, "importance_likelihood").sum() == pytest.approx(true(world, "r_squared_likelihood")["all"], abs=0.002)


def test_the_claims_hold_in_the_one_world_and_fail_in_the_other():
    first = {world: true(world, "importance_likelihood").idxmax() for world in WORLDS}
    assert first == {"experiences": "emotional", "experiences_twin": "functional"}
    worst = {world: [true(world, f"{name}_by_memory").idxmin() for name in ("likelihood", "returned")] for world in WORLDS}
    assert worst == {"experiences": ["nothing"] * 2, "experiences_twin": ["very_bad"] * 2}
    for world, pays in zip(WORLDS, (True, False), strict=True):
        mean = {name: true(world, f"{name}_by_recovery") for name in ("satisfaction", "likelihood", "returned")}
        assert (mean["satisfaction"]["slight_excellent"] > mean["satisfaction"]["none"] + 0.5) == pays
        assert (mean["satisfaction"]["slight_excellent"] > mean["satisfaction"]["slight_none"] + 0.5) == pays
        assert mean["satisfaction"]["serious_excellent"] < mean["satisfaction"]["none"]
        assert all(mean[name]["slight_excellent"] < mean[name]["none"] for name in ("likelihood", "returned"))
        assert (true(world, "surprise")["likelihood"] > 0.9) == pays and (abs(true(world, "surprise")["likelihood"]) < 0.05) != pays
        assert (true(world, "expectation_steps")["beyond"] > 0.2) == pays and (abs(true(world, "expectation_steps")["beyond"]) < 0.06) != pays
        assert (true(world, "weakest_link")["coefficient_weakest"] > 0.2) == pays and (abs(true(world, "weakest_link")["coefficient_weakest"]) < 0.01) != pays
    assert abs(true("experiences", "coefficient_likelihood")["accessible"]) <= 0.005 and true("experiences", "importance_likelihood")["accessible"] > 0.05


def test_asymmetries_expectations_and_employees_are_as_the_card_says():
    low, high, both = (true("experiences", name) for name in ("penalty", "reward", "asymmetry"))
    assert set(both.index[both < -0.5]) == {"premises", "aftercare"} and set(both.index[both > 0.3]) == {"staff"}
    plain = ["products", "services", "quality_price"]
    assert (both[plain].abs() < 0.1).all() and (low[plain] < -0.4).all() and (high[plain] > 0.4).all()
    surface = true("experiences", "expectation_surface")
    assert surface["expected"] > 0 and surface["perceived"] > 0 and surface["perceived_squared"] < -0.04
    assert 0.25 < true("experiences", "expectation")["correlation"] < 0.4
    share, own = true("experiences", "employee_share"), true("experiences", "own_happiness")
    assert share["emotional"] > 10 * share["functional"] and own["within_shops"] > 0.3 and own["between_shops"] < -0.2 and own["raw"] < 0
    assert true("experiences", "trait_emotional").idxmax() == "empathy"
    price, fit = true("experiences", "price_per_100"), true("experiences", "happiness")
    assert price["alone"] > 0.3 and abs(price["given_scores_and_organisation"]) < 0.02
    assert 0 < fit["r_squared_average"] - fit["r_squared_peak_end"] < 0.05 and fit["mean_answered"] > fit["mean"] + 0.1


@pytest.mark.parametrize("world", WORLDS)
def test_the_file_shows_what_is_true_of_its_world(world, tables):
    """Within four standard errors of 600 customers; a mean by memory, and the difference that the claim is about."""
    table, stated = tables[world].dropna(subset=["likelihood"]), true(world, "likelihood_by_memory")
    for memory, group in table.groupby("memory", observed=True):
        wide = sm.OLS(group["likelihood"].astype(float), np.ones(len(group))).fit(cov_type="cluster", cov_kwds={"groups": group["employee"]})
        assert group["likelihood"].mean() == pytest.approx(stated[memory], abs=4 * wide.bse.iloc[0]), memory
    dull = table[table["memory"] == "nothing"]["likelihood"].mean() - table[table["memory"] == "very_bad"]["likelihood"].mean()
    assert dull < -0.5 if world == "experiences" else dull > 1
    assert table["surprise"].eq("yes").mean() == pytest.approx(0.15, abs=0.04)


def test_employee_effects_are_those_of_the_employees_in_the_file(tables):
    stated = true("experiences", "employee_effect")
    scores = tables["experiences"][["emotional_1", "emotional_2", "emotional_4"]].astype(float).mean(axis=1)
    table = tables["experiences"].assign(score=scores - scores.groupby(tables["experiences"]["shop"]).transform("mean"))
    often = table.groupby("employee")["score"].agg(["mean", "size"]).query("size >= 30")
    assert len(stated) == 60 and np.corrcoef(often["mean"], stated.loc[often.index.astype(str)])[0, 1] > 0.7


def test_a_yes_in_the_world_is_a_yes_in_the_file(population):
    table, _ = population["experiences"]
    worded = experience_worlds._unanswered(table.head(3000), np.random.default_rng(1))
    for name, words in experience_worlds.CODED.items():
        assert list(worded[name]) == [words[place] if place >= 0 else "" for place in table[name].head(3000)], name


def test_companies_are_matched_pairs_with_two_wordings():
    table = cx.load("companies")
    sizes = table.groupby(["company", "who", "wording"], observed=True).size().unstack(["who", "wording"])
    assert len(sizes) == 60 and (sizes["company"] == 1).all(axis=None) and sizes["customers"].min(axis=None) >= 2
    assert ((table["superior"] == "yes") == (table["value"] >= 6)).all()
    for wording in ("same", "leading"):
        found = cx.gap(table[table["wording"] == wording], "superior", "who", unit="company").iloc[0]
        stated = true("companies", f"superior_{wording}")
        assert found["n"] == 60 and found["ci_high"] < 0
        assert found["difference"] == pytest.approx(stated["gap"], abs=4 * (found["ci_high"] - found["ci_low"]) / 3.9)
    assert true("companies", "superior_leading")["gap"] < 2 * true("companies", "superior_same")["gap"]


def test_the_card_holds_the_truth():
    block = CARD.partition("<!-- truth of cxlab.experience_worlds -->\n")[2].partition("<!-- end of experiences -->")[0]
    assert block == experience_worlds.card_table() + "\n" and len(re.findall(r"^\| ", block, re.M)) > 200


# --- Kano's questions ---------------------------------------------------------------------------------------------------


def pair_of(table):
    return [table[[f"{factor}_{which}" for factor in FACTORS]].set_axis(FACTORS, axis=1) for which in ("present", "absent")]


def test_answers_of_many_people_have_the_stated_classes():
    n = 20_000
    found = cx.kano(*pair_of(kano_world.answers(n, np.random.default_rng(3)))).set_index("attribute")
    for name in "AOMIRQ":
        assert (found[name] / found["n"]).to_numpy() == pytest.approx(true("kano_answers", f"kano_{name.lower()}")[FACTORS].to_numpy(), abs=4 * 0.5 / n**0.5)
    for name in ("better", "worse"):
        assert found[name].to_numpy() == pytest.approx(true("kano_answers", f"kano_{name}")[FACTORS].to_numpy(), abs=0.015)


def test_the_bundled_answers_show_what_is_true_and_differ_from_penalty_reward_where_they_should():
    answers = cx.load("kano_answers")
    assert len(answers) == 300 and answers.attrs["simulated"] and 0 < answers.isna().to_numpy().mean() < 0.03
    found = cx.kano(*pair_of(answers)).set_index("attribute")
    assert found.attrs["simulated"]  # so that its figure says so
    said = {"products": "M", "services": "O", "premises": "M", "advertising": "I", "staff": "A", "aftercare": "I"}
    assert found["leader"][list(said)].to_dict() == said and not found["mixed"][list(said)].any() and found["mixed"]["quality_price"]
    kinds = cx.penalty_reward(cx.load("experiences"), "satisfaction", FACTORS, 3, 6, cluster="customer").set_index("attribute")["kind"]
    assert kinds["staff"] == "excitement" and kinds["premises"] == kinds["aftercare"] == "basic" and kinds["products"] == "performance"
