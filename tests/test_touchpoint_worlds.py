"""The worlds of touchpoints: files rebuilt, tables as the card says, truth again, claims true in one world and false in the other, and how often found."""

import functools
import math
import re

import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from cxlab import data, simulate, touchpoint_worlds
from cxlab.framework import CxError, keys

FOLDER = data.data_folder()
CARD = (FOLDER / "README.md").read_text(encoding="utf-8")
WORLDS, ROUND_WORLDS = tuple(touchpoint_worlds.RULES), tuple(touchpoint_worlds.ROUND_WORLDS)
TOUCHPOINTS, SERVICE = keys("touchpoints"), "service_call"
COLUMNS = ("customer email round day touchpoint stage invited answered score followup comment language consent_contact consent_reference complained "
           "found_by_firm left").split()
TELLS = [text.lower() for texts in touchpoint_worlds.BEGGED.values() for text in texts]
REDRAWS = 60


@pytest.fixture(scope="module")
def tables():
    return {world: cx.load(world) for world in WORLDS}


@functools.cache
def stated_truth():
    return cx.load("touchpoint_truth")


def true(world, quantity, key=None):
    frame = stated_truth()
    found = frame[(frame["world"] == world) & (frame["quantity"] == quantity)].set_index("key")["value"]
    return found if key is None else found[key]


# --- the files ----------------------------------------------------------------------------------------------------------


def test_every_file_is_rebuilt():
    for name, text in touchpoint_worlds.files().items():
        assert (FOLDER / name).read_bytes() == text.encode("utf-8"), name


def test_write_touchpoints_writes_them_all_and_their_part_of_the_card(tmp_path, monkeypatch):
    monkeypatch.setattr(touchpoint_worlds, "truth_file", lambda: "as it was\n")  # some seconds otherwise; a smaller population is drawn below
    card = tmp_path / "README.md"
    card.write_text(re.sub(r"(?s)(cxlab.touchpoint_worlds -->\n).*?(<!-- end)", r"\1old\n\2", CARD), encoding="utf-8")
    assert card.stat().st_size < len(CARD) - 3000
    written = simulate.write_touchpoints(tmp_path)
    listed = cx.datasets()["file"]
    assert {path.name for path in written} == set(listed[listed.str.startswith("touchpoint_")]) | {"crm.csv"}
    assert card.read_text(encoding="utf-8") == CARD


@pytest.mark.parametrize("world", WORLDS)
def test_a_world_loads_with_its_types_and_levels(world, tables):
    table = tables[world]
    assert table.attrs["simulated"] is True and list(table.columns) == COLUMNS
    assert {str(table[column].dtype) for column in ("customer", "round", "day")} == {"int64"} and str(table["score"].dtype) == "Int64"
    for column, levels in (("touchpoint", TOUCHPOINTS), ("stage", keys("stages"))):
        assert list(table[column].cat.categories) == levels and table[column].cat.ordered and set(table[column]) == set(levels)
    assert list(table["followup"].cat.categories) == keys("followups") and set(table["language"]) == {"tr", "en"}
    yes_no = ("invited", "answered", "consent_contact", "consent_reference", "complained", "found_by_firm", "left")
    assert all(list(table[column].cat.categories) == keys("yes_no") for column in yes_no)
    assert set(range(2, 11)) <= set(table["score"].dropna()) <= set(range(11))


def test_the_other_tables_load():
    record, truth = cx.load("crm"), stated_truth()
    assert list(record.columns) == "crm_id email former_email name phone branch since do_not_contact".split()
    assert record["since"].between(2009, 2018).all() and record["phone"].str.startswith("0500 000 ").all()
    assert len(truth) <= 150 and (truth["error"] >= 0).all() and not truth.duplicated(["world", "quantity", "key"]).any()
    for world in ROUND_WORLDS:
        rounds = cx.load(world)
        assert list(rounds.columns) == ["round", "month", "score"] and rounds.attrs["simulated"] is True
        sizes = rounds.groupby(["round", "month"]).size()
        assert [place[0] for place in sizes.index] == list(range(1, 17)) and sizes.between(300, 500).all() and sizes.nunique() > 10
        assert (sizes.index[0][1], sizes.index[11][1], sizes.index[-1][1]) == ("2018-01", "2018-12", "2019-04")


@pytest.mark.parametrize("damage", [(",after_purchase,admit,", ",after_purchase,admitted,", "column stage: 'admitted'"), ("yes,yes,8,", "yes,yes,11,", "'11'"),
                                    ("yes,yes,8,", "yes,yes,7,", "changed places")])
def test_a_damaged_table_is_refused(damage, tmp_path, monkeypatch):
    before, after, told = damage
    folder = tmp_path / "datasets"
    folder.mkdir()
    (folder / "catalogue.toml").write_bytes((FOLDER / "catalogue.toml").read_bytes())
    text = (FOLDER / "touchpoint_nps.csv").read_text(encoding="utf-8")
    assert before in text
    (folder / "touchpoint_nps.csv").write_text(text.replace(before, after, 1), encoding="utf-8")
    monkeypatch.setattr(data, "HERE", tmp_path)
    with pytest.raises(CxError, match=re.escape(told)):
        cx.load("touchpoint_nps")


# --- the tables are what the card says ----------------------------------------------------------------------------------


@pytest.mark.parametrize("world", WORLDS)
def test_occasions_are_as_the_card_says(world, tables):
    table = tables[world]
    assert 2600 < len(table) < 3000 and 1150 < table["customer"].nunique() < 1300 and not table.duplicated(["customer", "round", "touchpoint"]).any()
    days = table.groupby("round")["day"].agg(["min", "max"])
    assert days.loc[1].tolist() == [0, 29] and days.loc[2].tolist() == [182, 211] and table["day"].is_monotonic_increasing
    many = table.groupby(["customer", "round"]).size()
    assert set(many) == {1, 2, 3} and (many == 1).mean() > 0.6
    assert (table.groupby("customer")["round"].nunique() == 2).mean() == pytest.approx(0.56, abs=0.04)
    assert table.groupby("customer")[["email", "language"]].nunique().eq(1).all(axis=None) and (table.groupby("email")["customer"].nunique() == 1).all()
    assert table.groupby(["customer", "round"])["left"].nunique().eq(1).all()
    gone = set(table.loc[(table["round"] == 1) & (table["left"] == "yes"), "customer"])
    assert len(gone) > 100 and not gone & set(table.loc[table["round"] == 2, "customer"])  # nobody comes back who has left


@pytest.mark.parametrize("world", WORLDS)
def test_what_is_missing_is_missing_for_the_reason_that_the_card_gives(world, tables):
    table = tables[world]
    answered = table["answered"] == "yes"
    assert not (answered & (table["invited"] == "no")).any() and (table["invited"] == "yes").mean() == pytest.approx(0.85, abs=0.04)
    for column in ("followup", "consent_contact", "consent_reference"):
        assert (table[column].notna() == answered).all(), column
    assert not (table["score"].notna() & ~answered).any() and not (table["comment"].notna() & table["score"].isna()).any()
    assert table.loc[answered, "score"].isna().mean() == pytest.approx(0.03, abs=0.015)
    told = table["found_by_firm"]
    assert (told[table["complained"] == "yes"].notna()).all() and set(told[table["complained"] == "no"].dropna()) == {"yes"}
    assert 0.3 < (table["complained"] == "no")[told.isna()].mean() == 1 and 0.03 < (told == "yes").mean() < 0.2


def test_what_is_drawn_before_the_rules_is_the_same_in_both_worlds(tables):
    first, twin = (tables[world] for world in WORLDS)
    same = ["customer", "email", "round", "day", "touchpoint", "stage", "invited", "language"]
    assert first[same].equals(twin[same])
    for column in ("answered", "score", "complained", "left", "comment"):
        assert not first[column].equals(twin[column]), column
    rounds = [cx.load(world) for world in ROUND_WORLDS]
    assert rounds[0]["round"].equals(rounds[1]["round"])
    differ = (rounds[0]["score"] != rounds[1]["score"]).groupby(rounds[0]["round"]).mean()
    assert (differ[:10] == 0).all() and (differ[10:] > 0.15).all()


@pytest.mark.parametrize("world", WORLDS)
def test_planted_comments_stand_where_the_card_says(world, tables):
    comments = tables[world]["comment"]
    block = CARD.partition("<!-- truth of cxlab.touchpoint_worlds -->\n")[2].partition("<!-- end of touchpoints -->")[0]
    place = 1 + WORLDS.index(world)
    for _, _, language, text in touchpoint_worlds.PLANTED:
        line = next(line for line in block.splitlines() if f"`{text}`" in line)
        row = int(line.split("|")[2 + place].replace(",", ""))
        assert comments.iloc[row - 2] == text and (comments == text).sum() == 1 and tables[world]["language"].iloc[row - 2] == language
    hostile = comments.dropna().str.contains(r"0500|@|^[=+@]|<|\$")
    assert hostile.sum() == len(touchpoint_worlds.PLANTED)


def folded(addresses):
    return addresses.str.strip().str.replace("İ", "i").str.lower().str.replace("ı", "i")


def test_the_record_has_what_the_card_says(tables):
    record, answers = cx.load("crm"), tables[WORLDS[0]]
    assert answers["email"].equals(tables[WORLDS[1]]["email"])
    copies = record.duplicated()
    assert copies.mean() == pytest.approx(0.02, abs=0.01) and record["crm_id"].duplicated().sum() == copies.sum()
    once = record[~copies].assign(key=folded(record["email"]))
    twice = once[once["key"].duplicated(keep=False)].sort_values("key")
    assert 15 < len(twice) / 2 < 45 and (twice.groupby("key").size() == 2).all()
    for _, pair in twice.groupby("key"):
        differ = [column for column in ("name", "phone", "branch", "since", "do_not_contact", "email") if pair[column].nunique(dropna=False) > 1]
        assert differ in (["phone"], ["do_not_contact"]) and pair["do_not_contact"].isna().sum() in (0, 2)
    assert (twice.groupby("key")["do_not_contact"].nunique() == 2).any() and (twice.groupby("key")["phone"].nunique() == 2).any()
    mine = folded(answers.drop_duplicates("customer")["email"])
    former = once["former_email"].dropna()
    by_address, by_former = mine.isin(set(once["key"])), mine.isin(set(former))
    assert 0.02 < by_former.mean() < 0.06 and not (by_address & by_former).any()
    assert (~by_address & ~by_former).mean() == pytest.approx(0.03 + 0.05 / 3, abs=0.015)  # not in the record, or changed and the former not known
    assert 140 < once.loc[~once["key"].isin(set(mine)) & ~once["former_email"].isin(set(mine)), "key"].nunique() < 190
    exact = answers.drop_duplicates("customer")["email"].isin(set(once["email"]))
    assert 0.05 < by_address.mean() - exact.mean() < 0.16  # written otherwise here or there
    assert record["email"].str.contains("İ").any() and answers["email"].str.contains("İ").any() and answers["email"].str.match(" .* $|.* $| ").any()
    assert set(record["do_not_contact"].dropna()) == {"yes", "no"} and record["do_not_contact"].isna().mean() == pytest.approx(0.10, abs=0.03)


@pytest.mark.parametrize("world", WORLDS)
def test_comments_answer_the_question_that_was_asked(world, tables):
    table = tables[world]
    given = table["comment"].dropna().str.strip().str.lower()
    bare = given.isin(["evet", "hayır", "hayir", "yes", "no"])
    assert (table.loc[bare[bare].index, "followup"] == "yes_no").all() and bare.sum() > 150
    tells = given.isin(TELLS)
    assert (set(table.loc[tells[tells].index, "touchpoint"]) == {SERVICE} and 20 < tells.sum() < 90) if world == WORLDS[0] else not tells.any()
    assert table.loc[tells[tells].index, "score"].ge(9).all()
    themes = cx.code_answers(table["comment"].dropna(), cx.load_codebook())["codes"].map(lambda codes: bool(set(codes) - {"none", "dont_know", "other"}))
    coded = themes.reindex(table.index, fill_value=False).astype(bool)[table["answered"] == "yes"].groupby(table["followup"], observed=True).mean()
    wanted = true(world, "writes_a_reason")
    assert (coded < wanted + 0.03).all() and (coded > 0.75 * wanted).all()  # not every reason is caught; see codebook.csv in the card


# --- the truth ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("world", WORLDS)
def test_a_smaller_population_says_the_same(world):
    stated = stated_truth().query("world == @world").reset_index(drop=True)
    found = pd.DataFrame(touchpoint_worlds.simulated_truth(world, 5, 12_000, 3))
    assert found[["quantity", "key"]].equals(stated[["quantity", "key"]].astype(str))
    allowed = 6 * np.hypot(stated["error"] + 0.0002, found["error"]) + 0.003  # errors out of five parts: t(4), so wide
    far = (found["value"] - stated["value"]).abs() > allowed
    assert found[far].empty, found[far].assign(stated=stated["value"])


def share_below(limit, level):
    return 0.5 * math.erfc((level - limit) / touchpoint_worlds.SPREAD / math.sqrt(2))


@pytest.mark.parametrize("world", WORLDS)
def test_the_truth_is_near_what_the_rules_give_by_hand(world):
    """Scores are nearly normal, rounded: NPS from the normal law; the rest straight from the rules."""
    rules = touchpoint_worlds.RULES[world]
    for key, levels in zip(TOUCHPOINTS, rules["level"], strict=True):
        for number, level in enumerate(levels, start=1):
            by_hand = 100 * (1 - share_below(8.5, level) - share_below(6.5, level))
            assert true(world, "nps_true", f"{key}_round_{number}") == pytest.approx(by_hand, abs=1.5)
    for key, chance in zip(("found_first", "complained", "silent", "other"), (rules["left"][k] for k in ("found", "complained", "silent", "other")), strict=True):
        assert true(world, "left_by_customer_and_round", key) == pytest.approx(chance, abs=0.008)
    assert true(world, "writes_a_reason").to_numpy() == pytest.approx(rules["reason"], abs=0.004)
    assert true(world, "found_first", "of_problems") == pytest.approx(touchpoint_worlds.FOUND, abs=0.004)
    never, told = rules["complains"]
    assert true(world, "silent", "of_dissatisfied_occasions") == pytest.approx(1 - 0.75 * never - 0.25 * told, abs=0.004)
    assert true(world, "answer_if_invited", "other") == pytest.approx(rules["answers"][1], abs=0.004)
    bounds = true(world, "silent_bounds")
    assert bounds["all_low"] < true(world, "silent", "of_all_occasions") < bounds["all_high"]
    assert bounds["dissatisfied_low"] < true(world, "silent", "of_dissatisfied_occasions") < bounds["dissatisfied_high"]


def test_the_truth_of_the_rounds_is_that_of_the_chances():
    points = np.repeat([-1, 0, 1], [7, 2, 2])
    for chances in (touchpoint_worlds.BEFORE, touchpoint_worlds.AFTER):
        assert sum(chances) == pytest.approx(1) and len(chances) == 11
    before, after = (100 * points @ np.array(chances) for chances in (touchpoint_worlds.BEFORE, touchpoint_worlds.AFTER))
    assert true(ROUND_WORLDS[0], "nps").to_dict() == pytest.approx({"first_round": before, "last_round": after, "shift": -18, "shift_from_round": 11})
    assert true(ROUND_WORLDS[1], "nps").to_dict() == pytest.approx({"first_round": before, "last_round": before, "shift": 0, "shift_from_round": 0})


def test_the_claims_hold_in_the_one_world_and_fail_in_the_other():
    first, twin = WORLDS
    by_touchpoint = {(world, kind): true(world, kind)[[f"{key}_round_1" for key in TOUCHPOINTS]].set_axis(TOUCHPOINTS)
                     for world in WORLDS for kind in ("nps_true", "nps_measured")}
    assert by_touchpoint[first, "nps_true"].idxmin() == by_touchpoint[first, "nps_measured"].idxmax() == SERVICE
    assert by_touchpoint[twin, "nps_true"].idxmax() == by_touchpoint[twin, "nps_measured"].idxmax() == SERVICE
    assert by_touchpoint[first, "nps_true"]["website_visit"] == pytest.approx(by_touchpoint[first, "nps_true"]["sales_call"], abs=0.7)
    for kind in ("nps_change_true", "nps_change_measured"):
        changes = true(first, kind)
        assert 12 < changes["website_visit"] < 16 and changes.drop("website_visit").abs().max() < 1.2 and true(twin, kind).abs().max() < 1.2
    answers = {world: true(world, "answer_if_invited") for world in WORLDS}
    assert answers[first]["dissatisfied"] < 0.34 < 0.54 < answers[first]["other"] and answers[twin]["dissatisfied"] == pytest.approx(answers[twin]["other"], abs=0.004)
    assert true(first, "silent", "of_dissatisfied_occasions") > 0.85 > 0.3 > true(twin, "silent", "of_dissatisfied_occasions")
    left = true(first, "left_by_occasion")
    assert left["silent_not_found"] > left["complained"] + 0.1 > left["other"] + 0.15 and np.ptp(true(twin, "left_by_occasion")) < 0.01
    problem = true(first, "left_after_a_problem")
    assert problem["found_first"] < problem["complained"] - 0.1 < problem["came_not_to_light"] - 0.2 and np.ptp(true(twin, "left_after_a_problem")) < 0.01
    assert np.ptp(true(first, "writes_a_reason")) > 0.55 and np.ptp(true(twin, "writes_a_reason")) < 0.01
    shares = {world: true(world, f"share_of_scores_{SERVICE}") for world in WORLDS}
    assert shares[first]["7_to_8"] < 0.3 * shares[first]["0_to_6"] and shares[twin]["7_to_8"] > 2 * shares[twin]["0_to_6"]
    for world in WORLDS:
        alike = true(world, "correlation")
        assert 0.2 < alike["other_touchpoint"] < 0.35 < alike["all"] < 0.5 < 0.8 < alike["same_touchpoint"]


# --- the files show it, and how often others would ----------------------------------------------------------------------


def difference(values, marked, customer):
    """z of the difference of two means, errors that go together within a customer."""
    values = np.asarray(values, dtype=float)
    means = values[marked].mean(), values[~marked].mean()
    share = np.where(marked, (values - means[0]) / marked.sum(), (means[1] - values) / (~marked).sum())
    return (means[0] - means[1]) / math.sqrt((np.bincount(customer, share) ** 2).sum())


def points(scores):
    return 100.0 * (scores >= 9) - 100.0 * (scores <= 6)


def paired(drawn, touchpoint, of):
    both = (drawn["met"] & drawn["scored"])[:, :, touchpoint].all(axis=1)
    change = np.diff(of(drawn["given"][both, :, touchpoint]), axis=1)[:, 0]
    return change.mean() / (change.std(ddof=1) / math.sqrt(len(change)))


def above(count, n, share):
    """Whether the lower Wilson limit of a share lies above another: the score test with the variance of that other."""
    return (count / n - share) / math.sqrt(share * (1 - share) / n) > 1.959964


def findings(drawn):
    """{what: found} in one drawing of the size of the files, at two standard errors, without a correction for looking at many things."""
    customer, number, touchpoint = at = np.nonzero(drawn["met"])
    scored, given, left, complained, first, followup, kind = (
        drawn[name][at] for name in ("scored", "given", "left", "complained", "first", "followup", "kind"))
    service, low, high = touchpoint == touchpoint_worlds.SERVICE, given <= 6, given >= 9

    def z(values, marked, among):
        return difference(values[among], marked[among], customer[among])

    counts = [np.count_nonzero(scored & service & group) for group in (low, ~low & ~high)]
    a, b, unknown = (np.count_nonzero(of) for of in (scored & low & ~complained, scored & low & complained, ~scored & complained))
    nps = [points(given[scored & (touchpoint == place)]).mean() for place in range(4)]
    light, web = first | complained, (touchpoint % 2 == 1) & (number == 0)
    return {"website: NPS changed (paired)": paired(drawn, 1, points) > 1.96,
            "website: mean score changed (paired)": paired(drawn, 1, lambda scores: scores) > 1.96,
            "one of the other three: NPS changed (paired)": max(abs(paired(drawn, place, points)) for place in (0, 2, 3)) > 1.96,
            "website and sales call differ in round 1": abs(z(points(given), touchpoint == 1, scored & web)) > 1.96,
            "service call has the highest NPS": int(np.argmax(nps)) == touchpoint_worlds.SERVICE,
            "there, fewer 7–8 than 0–6": (counts[0] - counts[1]) / math.sqrt(sum(counts)) > 1.96,
            "there, ten or more comments tell of begging": np.count_nonzero(scored & (kind == "begged")) >= 10,
            "there, promoters leave more than promoters elsewhere": z(left, service, scored & high) > 1.96,
            "there, detractors leave more than promoters": z(left, low, scored & service & (low | high)) > 1.96,
            "elsewhere, detractors leave more than promoters": z(left, low, scored & ~service & (low | high)) > 1.96,
            "more than half of the dissatisfied are silent (lower limit)": above(a, a + b + unknown, 0.5),
            "low scores without a complaint leave more than the rest": z(left, low & ~complained, scored) > 1.96,
            "found first leave less than complained": z(left, first, light) < -1.96,
            "the main reason brings more reasons": z(np.isin(kind, ("reason", "begged")), followup == 1, scored) > 1.96}


def round_findings(table):
    """The same for the rounds: NPS against the centre of the first eight and three standard errors."""
    scores = points(table["score"])
    base = scores[table["round"] <= 8]
    n = table.groupby("round").size()
    off = (scores.groupby(table["round"]).mean() - base.mean()) / (base.std(ddof=0) / np.sqrt(n))
    return {"rounds: one or more from round 11 on below the limits": bool((off[11:] < -3).any()),
            "rounds: three or more from round 11 on below the limits": bool((off[11:] < -3).sum() >= 3),
            "rounds: one or more of the first ten outside the limits": bool((off[:10].abs() > 3).any())}


def redraws(n, seed=50_000):
    """{what: share of n redraws in which it is found, in each of the two worlds}."""
    found = []
    for world, rounds in zip(WORLDS, ROUND_WORLDS, strict=True):
        drawn = [findings(touchpoint_worlds.draw(world, touchpoint_worlds.CUSTOMERS, np.random.default_rng(seed + k)))
                 | round_findings(touchpoint_worlds.rounds_table.__wrapped__(rounds, seed + k)) for k in range(n)]
        found.append(pd.DataFrame(drawn).mean())
    return pd.concat(found, axis=1, keys=WORLDS)


def bundled(world):
    drawn = touchpoint_worlds.draw(world, touchpoint_worlds.CUSTOMERS, np.random.default_rng(touchpoint_worlds.SEED))
    return findings(drawn) | round_findings(cx.load(ROUND_WORLDS[WORLDS.index(world)]))


def told_in_the_card():
    rows = re.findall(r"^\| ([^|]+) \| ([0-9.]+) \| (yes|no) \| ([0-9.]+) \| (yes|no) \|$", CARD, re.M)
    return pd.DataFrame(rows, columns=["what", WORLDS[0], "first", WORLDS[1], "twin"]).set_index("what")


def test_the_files_show_what_the_card_says_that_they_show():
    card = told_in_the_card()
    for world, column in zip(WORLDS, ("first", "twin"), strict=True):
        assert (card[column] == "yes").to_dict() == bundled(world)


def test_each_thing_is_found_as_often_as_the_card_says():
    card, found = told_in_the_card()[list(WORLDS)].astype(float), redraws(REDRAWS)
    assert list(card.index) == list(found.index)
    error = np.sqrt((card * (1 - card)).clip(lower=0.01) * (1 / REDRAWS + 1 / 200))
    assert ((found - card).abs() <= 3.5 * error).all(axis=None), found[((found - card).abs() > 3.5 * error).any(axis=1)]
    always = ["website: mean score changed (paired)", "service call has the highest NPS", "there, fewer 7–8 than 0–6", "found first leave less than complained",
              "there, ten or more comments tell of begging", "elsewhere, detractors leave more than promoters", "the main reason brings more reasons",
              "more than half of the dissatisfied are silent (lower limit)", "low scores without a complaint leave more than the rest",
              "rounds: one or more from round 11 on below the limits"]
    assert (card.loc[always, WORLDS[0]] > 0.85).all() and (card.loc[[what for what in always if what != always[1]], WORLDS[1]] < 0.09).all()


def test_the_drawing_and_the_file_are_the_same(tables):
    for world in WORLDS:
        drawn = touchpoint_worlds.draw(world, touchpoint_worlds.CUSTOMERS, np.random.default_rng(touchpoint_worlds.SEED))
        table = tables[world]
        nps = [points(drawn["given"][:, :, place][(drawn["met"] & drawn["scored"])[:, :, place]]).mean() for place in range(4)]
        scores = table.dropna(subset=["score"])
        assert points(scores["score"].astype(int)).groupby(scores["touchpoint"], observed=True).mean().to_numpy() == pytest.approx(nps)
        assert (table["left"] == "yes").sum() == np.count_nonzero(drawn["left"] & drawn["met"])


def test_the_card_holds_the_truth():
    block = CARD.partition("<!-- truth of cxlab.touchpoint_worlds -->\n")[2].partition("<!-- end of touchpoints -->")[0]
    assert block == touchpoint_worlds.card_table() + "\n" and len(re.findall(r"^\| ", block, re.M)) > 75
