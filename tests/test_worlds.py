"""The five-question world: the phrases are natural and differ, the files are rebuilt, and what comes out is what the card says is true."""

import collections
import csv
import itertools
import re

import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from cxlab import data, simulate, worlds
from cxlab.framework import LANGUAGES, CxError, keys

FOLDER = data.data_folder()
CARD = (FOLDER / "README.md").read_text(encoding="utf-8")
FOLD = str.maketrans("İIıŞĞÜÖÇşğüöçâîû", "iiisguocsguocaiu")
SMALL = {"five_questions": (240, 600), "five_questions_twin": (240, 600)}


def bank():
    return pd.read_csv(FOLDER / "phrases.csv", keep_default_na=False)


def words(text):
    return tuple(re.findall(r"[a-z0-9]+", text.translate(FOLD).lower()))


def truth(world="five_questions"):
    frame = cx.load("five_questions_truth")
    return frame[frame["world"] == world].set_index(["variable", "answer", "wave"]).sort_index()


@pytest.fixture(scope="module")
def large():
    return cx.load("five_questions_large")


# --- the phrases --------------------------------------------------------------------------------------------------------


def test_the_bank_has_twenty_phrases_a_code_and_language():
    phrases = bank()
    assert list(phrases.columns) == ["code", "language", "question", "text"] and (phrases["text"].str.strip() == phrases["text"]).all()
    assert set(phrases["code"]) == {*worlds.CODES, "none", "dont_know"} and len(worlds.CODES) == 20
    themes = phrases[phrases["code"].isin(worlds.CODES[:19])]
    different = themes.assign(words=themes["text"].map(words)).groupby(["code", "language"])["words"].nunique()
    assert len(different) == 38 and different.min() >= 20
    assert themes.groupby(["code", "language", "question"]).size().min() >= 8  # both wishes and complaints
    assert themes["text"].str.split().str.len().between(1, 10).all() and (themes["text"].str.split().str.len() <= 8).mean() > 0.97


def too_alike(first, second):
    """Word sets of five-letter stems that overlap by more than half, or texts that are the same once one word is left out of each."""
    stems = [{word[:5] for word in text} for text in (first, second)]
    shorter = [{text[:at] + text[at + 1:] for at in range(len(text))} | {text} for text in (first, second)]
    return len(stems[0] & stems[1]) / len(stems[0] | stems[1]) > 0.5 or bool((shorter[0] & shorter[1]) - {()})


def test_too_alike_finds_what_it_is_for():
    pairs = [("Fair prices!", "fair prices"), ("long queues", "queues"), ("clean shop", "clean branch"), ("İYİ FİYAT", "iyi fiyat"),
             ("the staff is rude", "the waiter is rude"), ("dinlenmek", "dinlenmemek")]
    assert all(too_alike(words(first), words(second)) for first, second in pairs)
    assert not too_alike(words("long queues"), words("forty minutes on hold"))


def test_no_two_phrases_of_a_code_differ_only_by_punctuation_case_or_a_word():
    themes = bank()
    themes = themes[themes["code"].isin(worlds.CODES[:19])]
    for key, group in themes.groupby(["code", "language"]):
        alike = [pair for pair in itertools.combinations(group["text"], 2) if too_alike(*map(words, pair))]
        assert alike == [], key


def test_no_phrase_stands_under_two_codes():
    phrases = bank()
    phrases = phrases[phrases["code"].isin(worlds.CODES)].assign(words=lambda frame: frame["text"].map(words))
    assert (phrases.groupby(["language", "words"])["code"].nunique() == 1).all()


def test_turkish_phrases_have_turkish_letters_and_english_ones_none():
    phrases = bank()
    joined = {language: "".join(phrases.loc[phrases["language"] == language, "text"]) for language in LANGUAGES}
    assert set("çğıöşüİ") <= set(joined["tr"]) and not set("çğışüİöâ") & set(joined["en"])
    assert not phrases["text"].str.contains("\u0307").any()
    assert {"yok", "-", "hiç", "nothing"} <= set(phrases.loc[phrases["code"] == "none", "text"])


def test_organisations_have_their_own_name_among_several_spellings():
    names = pd.read_csv(FOLDER / "organisations_invented.csv", keep_default_na=False)
    assert list(names.columns) == ["language", "name", "variant"] and set(names["language"]) == set(LANGUAGES)
    for name, group in names.groupby("name"):
        assert name in set(group["variant"]) and len(group) >= 3 and group["variant"].is_unique
    assert names.groupby("variant")["name"].nunique().max() == 1
    assert names["variant"].str.contains(r"A\.Ş\.|LTD|Ltd|plc|PLC|Inc").sum() >= 8


# --- the files ----------------------------------------------------------------------------------------------------------


def test_every_file_is_rebuilt_and_all_are_small():
    for name, text in worlds.files().items():
        assert (FOLDER / name).read_bytes() == text.encode("utf-8"), name
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 7_000_000


@pytest.mark.parametrize("name", worlds.SETS)
def test_a_set_loads_with_its_types_and_has_no_bad_value(name):
    table = cx.load(name)
    assert tuple(table.columns) == data.FIVE_QUESTIONS and table.attrs["simulated"] is True and table.attrs["about"]
    assert tuple(table["wave"].value_counts().sort_index()) == worlds.SETS[name][1] and table["respondent"].is_unique
    found = cx.validate(table)
    assert found.empty and found.attrs["n_valid"] == len(table)
    same = cx.five_questions(table)
    for column in table:
        wanted = "int64" if column in ("respondent", "wave") else same[column].dtype
        assert table[column].dtype == wanted, column
    assert table["age_group"].cat.ordered and list(table["age_group"].cat.categories) == keys("age_groups")
    assert list(table["memory"].cat.categories) == keys("memories")
    asked = table["help_channels"].notna()
    assert not asked[table["wave"] == 2013].any() and asked[table["wave"] == 2018].mean() > 0.9
    assert all(isinstance(cell, tuple) and set(cell) <= set(keys("help_channels")) and ("none" not in cell or len(cell) == 1)
               for cell in table.loc[asked, "help_channels"])


def test_the_texts_have_what_real_texts_have():
    table = cx.load("five_questions")
    texts = pd.concat([table[column] for column in worlds.OPEN]).dropna()
    turkish = pd.concat([table.loc[table["language"] == "tr", column] for column in worlds.OPEN]).dropna()
    assert turkish.str.fullmatch(r"[A-ZÇĞİÖŞÜ ]{6,}").sum() > 20 and turkish.str.contains("İ").sum() > 20  # capitals, with their dot
    assert turkish.str.contains(r"\bI[A-Z]+ ").any()  # and without: IYI
    assert turkish.str.isascii().mean() > 0.12 and {"yok", "-", "hiç"} <= set(turkish.str.strip())
    known = {words(text) for text in bank()["text"]}
    single = pd.concat([table[column] for column in worlds.OPEN[:3]]).dropna()
    slips = single[~single.map(words).isin(known) & ~single.str.contains(r",| ve | and |\+|/| bir de | plus | ayr[ıi]ca ", case=False)]
    assert 0.02 < len(slips) / len(single) < 0.10
    assert texts.str.strip().str.len().between(1, 220).all()


@pytest.mark.parametrize("name", SMALL)
def test_every_answer_has_its_codes_and_nothing_else_has(name):
    table, codes = cx.load(name), cx.load(f"{name}_true_codes")
    texts = table.melt("respondent", worlds.OPEN, "question", "text").dropna()
    both = texts.merge(codes.astype({"question": "str"}), on=["respondent", "question"], how="outer", validate="one_to_one", indicator=True)
    assert (both["_merge"] == "both").all()
    themes = both[both["question"] != "organisations"]
    assert set(itertools.chain(*themes["codes"])) <= {*worlds.CODES, "none", "dont_know"}
    phrases = collections.defaultdict(set)
    for row in bank().itertuples():
        phrases[row.code].add(words(row.text))
    alone = themes[themes["codes"].str.len() == 1]
    right = [words(text) in phrases[code[0]] for text, code in zip(alone["text"], alone["codes"], strict=True)]
    assert np.mean(right) > 0.94  # all but the slips of the finger
    named = set(itertools.chain(*both.loc[both["question"] == "organisations", "codes"])) - {"none"}
    assert named == set(pd.read_csv(FOLDER / "organisations_invented.csv")["name"])
    assert (themes["codes"].str.len() > 1).mean() > 0.08


DAMAGE = {"scale": (",5,5,4,9,very_good,", ",5,5,4,19,very_good,", "column likelihood: '19'"),
          "category": (",yes,none,", ",yes,myspace,", "column social_media: 'myspace'"),
          "several": (",whatsapp;", ",whatsap;", "column help_channels: 'whatsap;"), "text": (",nezaket,", ",nazaket,", "changed places")}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_set_is_refused(damage, tmp_path, monkeypatch):
    before, after, told = DAMAGE[damage]
    (tmp_path / "datasets").mkdir()
    for name in ("catalogue.toml", "five_questions.csv"):
        (tmp_path / "datasets" / name).write_bytes((FOLDER / name).read_bytes())
    monkeypatch.setattr(data, "HERE", tmp_path)
    path = tmp_path / "datasets" / "five_questions.csv"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(CxError, match=re.escape(told)):
        cx.load("five_questions")


# --- the world ----------------------------------------------------------------------------------------------------------


def test_shares_are_shares():
    for cells in (worlds.population(), worlds.respondents(), worlds.raked()):
        assert sum(cells.values()) == pytest.approx(1) and min(cells.values()) > 0 and len(cells) == 3 * 6 * 2
    for world, question, wave, keen in itertools.product(("five_questions", "five_questions_twin"), ("important", "annoys"), worlds.WAVES, (0, 1)):
        chances = worlds.themes(world, question, wave, keen)
        assert set(chances) == set(worlds.CODES) and 0 < min(chances.values()) and max(chances.values()) < 1
        assert (3 < sum(chances.values()) < 4) if question == "important" else (1 < sum(chances.values()) < 2)


def test_things_are_named_with_exactly_the_chances_given():
    chances, n, rng = worlds.themes("five_questions", "important", 2013, 0), 20_000, np.random.default_rng(3)
    drawn = [worlds.named(chances, rng) for _ in range(n)]
    assert {len(set(one)) for one in drawn} == {len(one) for one in drawn} == {3, 4}
    found = collections.Counter(itertools.chain(*drawn))
    for code, chance in chances.items():
        assert found[code] / n == pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / n)), code


@pytest.mark.parametrize("world", ["five_questions", "five_questions_twin"])
def test_how_many_themes_changed_by_more_than_ten_points(world):
    for question in ("important", "annoys"):
        shares = truth(world).loc[question]["unweighted"].unstack("wave").loc[list(worlds.CODES)]
        change = (shares[2018] - shares[2013]).abs()
        if world == "five_questions_twin":
            assert (change > 0.10).sum() == 16
        else:
            assert set(change.index[change > 0.10]) == ({"attitude", "digital"} if question == "important" else set())
            assert ((change > 0.001) & (change < 0.10)).sum() == (4 if question == "important" else 5) and (change < 0.001).sum() >= 14


def population_draw(n, seed):
    """n people of the population, and who of them answers: a second way to the same truth, without the tables of `worlds.respondents`."""
    rng, ages = np.random.default_rng(seed), keys("age_groups")
    network = rng.choice(3, n, p=list(worlds.NETWORK.values()))
    age = (rng.random(n)[:, None] > np.cumsum([worlds.AGES[key] for key in worlds.NETWORKS], axis=1)[network][:, :5]).sum(axis=1)
    keen = rng.random(n) < np.array(worlds.KEEN)[age] + np.array([worlds.KEENER[key] for key in worlds.NETWORKS])[network]
    ready = (np.array([worlds.ANSWERS_NETWORK[key] for key in worlds.NETWORKS])[network] * np.array(worlds.ANSWERS_AGE)[age]
             * np.array(worlds.ANSWERS_KEEN)[keen.astype(int)])
    used = np.zeros((2, n), dtype=bool)
    for row, table in enumerate((worlds.TWITTER, worlds.FACEBOOK)):
        chance = (np.array([table[key] for key in worlds.NETWORKS])[network] + worlds.KEEN_USE * keen) * np.array(worlds.AGE_USE)[age]
        used[row] = rng.random(n) < chance
    return pd.DataFrame({"recruited_via": np.array(worlds.NETWORKS)[network], "age_group": np.array(ages)[age], "keen": keen,
                         "any": used.any(axis=0), "both": used.all(axis=0), "answers": rng.random(n) < ready / ready.max()})


def rake(table, margins, rounds=200):
    """Weights with mean 1 that give the margins of two columns: iterative proportional fitting on their cross table."""
    (first, rows), (second, columns) = margins.items()
    counts = pd.crosstab(table[first].astype(str), table[second].astype(str))
    fitted = counts / counts.to_numpy().sum()
    for _ in range(rounds):
        fitted = fitted.mul(rows / fitted.sum(axis=1), axis=0)
        fitted = fitted.mul(columns / fitted.sum(axis=0), axis=1)
    weights = (fitted / counts * len(table)).stack()
    return pd.Series(weights.loc[pd.MultiIndex.from_frame(table[[first, second]].astype(str))].to_numpy(), index=table.index)


def margins():
    shares = truth()["population"]
    return {column: shares.loc[column].droplevel("wave") for column in ("recruited_via", "age_group")}


def test_the_stated_truth_is_that_of_a_million_people():
    people, stated = population_draw(1_000_000, 7), truth().droplevel("wave").loc["social_media"]
    answer = people[people["answers"]]
    weights = rake(answer, margins())
    for key in ("any", "both"):
        assert people[key].mean() == pytest.approx(stated.loc[key, "population"], abs=0.002)
        assert answer[key].mean() == pytest.approx(stated.loc[key, "unweighted"], abs=0.006)
        assert np.average(answer[key], weights=weights) == pytest.approx(stated.loc[key, "raked"], abs=0.008)


def test_raking_repairs_a_visible_part_and_not_all():
    stated = truth().droplevel("wave")
    for variable, answer, least in (("social_media", "any", 0.45), ("likelihood", "mean", 0.2), ("likelihood", "nps", 0.2), ("help_channels", "x", 0.2)):
        row = stated.loc[(variable, answer)]
        repaired = (row["unweighted"] - row["raked"]) / (row["unweighted"] - row["population"])
        assert least < repaired < 0.65, (variable, answer)
    row = stated.loc[("social_media", "facebook")]
    assert abs(row["raked"] - row["population"]) > abs(row["unweighted"] - row["population"])  # as the card says: raking can make it worse


def test_raking_the_large_set_gives_what_the_truth_says(large):
    stated, weights = truth().droplevel("wave"), rake(large, margins())
    n_effective = weights.sum() ** 2 / (weights ** 2).sum()
    given = large["social_media"].notna()
    used = (large["social_media"] != "none").astype(float)[given]
    row = stated.loc[("social_media", "any")]
    assert used.mean() == pytest.approx(row["unweighted"], abs=4 * np.sqrt(0.25 / given.sum()))
    assert np.average(used, weights=weights[given]) == pytest.approx(row["raked"], abs=4 * np.sqrt(0.25 / n_effective))
    assert abs(np.average(used, weights=weights[given]) - row["population"]) > 4 * np.sqrt(0.25 / n_effective)  # what weighting cannot repair


# --- what comes out is what is stated -----------------------------------------------------------------------------------


def theme_z(world, codes, waves, sizes):
    """z of each theme share against the truth; codes: a frame respondent, question, codes."""
    codes = codes[codes["question"] != "organisations"].assign(question=lambda frame: frame["question"].astype(str).str.partition("_")[0])
    mentions = codes.explode("codes").drop_duplicates(["respondent", "question", "codes"])
    found = mentions.groupby(["question", "codes", mentions["respondent"].map(waves)]).size()
    scores = []
    for (question, code, wave), share in truth(world).loc[["important", "annoys"], "unweighted"].items():
        n = sizes[wave]
        scores.append((found.get((question, code, wave), 0) / n - share) / np.sqrt(share * (1 - share) / n))
    return np.array(scores)


@pytest.mark.parametrize("name", worlds.SETS)
def test_theme_shares_are_the_stated_ones_within_chance(name):
    if name in SMALL:
        codes = cx.load(f"{name}_true_codes")
    else:
        codes = pd.DataFrame([(person["respondent"], question, part) for person in worlds.draw(name) for question, part in person["codes"].items()],
                             columns=["respondent", "question", "codes"])
    waves = cx.load(name).set_index("respondent")["wave"]
    scores = theme_z(worlds.SETS[name][0], codes, waves, waves.value_counts())
    assert len(scores) == 88 and np.abs(scores).max() < 4 and 0.6 < np.mean(scores ** 2) < 1.5


def test_closed_answers_are_the_stated_ones_within_chance(large):
    stated = truth().droplevel("wave")["unweighted"]
    for variable in ("recommends", "social_media", "memory", "recruited_via", "age_group"):
        given = large[variable].dropna()
        for answer, share in stated.loc[variable].items():
            if answer != "any":
                assert (given == answer).mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / len(given))), (variable, answer)
    given = large["help_channels"].dropna()
    for answer, share in stated.loc["help_channels"].items():
        assert given.map(lambda cell, key=answer: key in cell).mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / len(given))), answer
    assert stated.loc["recommends"].item() == 0.95  # question 4 is near its ceiling


def test_scales_are_the_stated_ones_within_chance(large):
    stated = truth().droplevel("wave")["unweighted"]
    for item in ("functional", "accessible", "emotional", "likelihood", "happiness"):
        given = large[item].dropna().astype(float)
        assert given.mean() == pytest.approx(stated.loc[item, "mean"], abs=4 * given.std() / np.sqrt(len(given))), item
    given = large["likelihood"].dropna().astype(int)
    for score in range(11):
        share = stated.loc["likelihood", str(score)]
        assert (given == score).mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / len(given))), score
    result = cx.nps(large, "likelihood").iloc[0]
    assert result["nps"] == pytest.approx(stated.loc["likelihood", "nps"], abs=4 * result["se"])


def test_the_waves_differ_in_nothing_but_themes(large):
    from scipy.stats import chi2_contingency

    for column in ("recommends", "social_media", "memory", "likelihood", "recruited_via", "age_group", "language"):
        assert chi2_contingency(pd.crosstab(large[column], large["wave"])).pvalue > 0.001, column


# --- the card -----------------------------------------------------------------------------------------------------------


def test_the_card_holds_the_truth_of_the_world():
    block = CARD.partition("<!-- truth of cxlab.worlds -->\n")[2].partition("<!-- end of truth -->")[0]
    assert block == worlds.card_table() + "\n" and block.count("\n| ") == 70
    assert list(worlds.ANSWERS_NETWORK.values()) == [4, 1, 4] and worlds.ANSWERS_KEEN == (1, 3)  # "four times", "three times"
    assert "95 % say yes" in CARD and f"{worlds.EVER:.2f}" == "0.95"
    with (FOLDER / "five_questions_truth.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == [{key: str(value) for key, value in row.items()} for row in worlds.truth()]


def test_capitals_follow_the_language():
    assert simulate.typed_as("ilk ışık", "tr", "upper") == "İLK IŞIK" and simulate.typed_as("in line", "en", "upper") == "IN LINE"


def test_a_slip_changes_one_word_by_one_letter():
    rng, text = np.random.default_rng(4), "sözünde durmaları ve güler yüz"
    slips = {worlds._slip(text, rng) for _ in range(2000)} - {text}
    assert len(slips) > 20 and all(abs(len(slip) - len(text)) <= 1 and len(slip.split()) == 5 for slip in slips)
    assert worlds._slip("yok -", np.random.default_rng(1)) == "yok -"
