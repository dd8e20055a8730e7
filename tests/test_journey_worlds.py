"""The journey worlds: files rebuilt, tables as the card says, truth again from a smaller population, claims true in one world and false in the other, the messy export."""

import csv
import datetime
import functools
import re

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.duration.survfunc import SurvfuncRight

import cxlab as cx
from cxlab import data, journey_export, journey_worlds, simulate
from cxlab.framework import CxError, keys

FOLDER = data.data_folder()
CARD = (FOLDER / "README.md").read_text(encoding="utf-8")
WORLDS = tuple(journey_worlds.RULES)
STAGES, STATES = keys("stages"), [*keys("stages"), *keys("exits")]
KINDS = ("events", "customers", "contacts", "emotions")


@pytest.fixture(scope="module")
def tables():
    return {world: {kind: cx.load(journey_worlds.NAMES[world][kind]) for kind in KINDS} for world in WORLDS}


@pytest.fixture(scope="module")
def stays(tables):
    """Visits on each customer's own clock (day 0: first event), cut at the end of observation; those of late entries begin when they are observed."""
    return {world: visits_of(tables[world]) for world in WORLDS}


def visits_of(tables):
    table = tables["events"].merge(tables["customers"], on="customer")
    table["code"] = table["stage"].cat.codes.astype(int)
    table["start"], table["end"] = table["day"] - table["arrival"], table["last_day"] - table["arrival"]
    table["entry"] = table["first_day"] - table["arrival"]
    following = table.groupby("customer")
    table["next"] = following["code"].shift(-1).fillna(-1).astype(int)
    table["stop"] = following["start"].shift(-1).fillna(table["end"]).astype(int)
    table["first_visit"] = ~table.duplicated(["customer", "code"])
    return table


@functools.cache
def stated_truth():
    return cx.load("journey_truth")


def true(world, quantity):
    frame = stated_truth()
    return frame[(frame["world"] == world) & (frame["quantity"] == quantity)].set_index("key")["value"]


# --- the files ----------------------------------------------------------------------------------------------------------


def test_every_file_is_rebuilt():
    for name, text in (journey_worlds.files() | journey_export.files()).items():
        assert (FOLDER / name).read_bytes() == text.encode("utf-8"), name
    assert (FOLDER / "journey_export.csv").stat().st_size < 500_000


def test_write_journeys_writes_them_all_and_their_part_of_the_card(tmp_path, monkeypatch):
    monkeypatch.setattr(journey_worlds, "truth_file", lambda: "as it was\n")  # half a minute otherwise; a smaller population is drawn below
    card = tmp_path / "README.md"
    card.write_text(re.sub(r"(?s)(cxlab.journey_\w+ -->\n).*?(<!-- end)", r"\1old\n\2", CARD), encoding="utf-8")
    assert card.stat().st_size < len(CARD) - 5000
    written = simulate.write_journeys(tmp_path)
    listed = cx.datasets()["file"]
    assert {path.name for path in written} == set(listed[listed.str.startswith("journey_")])
    assert card.read_text(encoding="utf-8") == CARD


@pytest.mark.parametrize("world", WORLDS)
def test_a_world_loads_with_its_types_and_levels(world, tables):
    events, customers, contacts, emotions = (tables[world][kind] for kind in KINDS)
    assert all(table.attrs["simulated"] for table in tables[world].values())
    assert list(events.columns) == ["customer", "day", "stage"] and list(contacts.columns) == ["customer", "day", "channel", "response_minutes", "gift"]
    assert list(customers.columns) == ["customer", "industry", "arrival", "happiness", "happiness_day", "margin", "first_day", "last_day"]
    assert list(emotions.columns) == ["customer", "stage", "before", "after"]
    assert list(events["stage"].cat.categories) == STATES and events["stage"].cat.ordered
    assert list(emotions["stage"].cat.categories) == STAGES and list(contacts["channel"].cat.categories) == keys("channels")
    assert list(customers["industry"].cat.categories) == keys("industries")
    whole = (events["day"], customers["arrival"], customers["margin"], customers["first_day"], customers["last_day"], contacts["day"])
    assert {str(column.dtype) for column in whole} == {"int64"}
    some = (customers["happiness"], customers["happiness_day"], contacts["response_minutes"], emotions["before"], emotions["after"])
    assert {str(column.dtype) for column in some} == {"Int64"}
    assert 2950 < len(customers) < 3060 and customers["customer"].is_unique and set(customers["industry"]) == set(keys("industries"))
    assert (customers["happiness"].min(), customers["happiness"].max()) == (0, 10)
    assert (emotions[["before", "after"]] <= 5).all(axis=None) and (emotions[["before", "after"]] >= -5).all(axis=None) and emotions["after"].max() == 5


@pytest.mark.parametrize("damage", [("1,54,assess", "1,54,asses", "column stage: 'asses'"), ("1,54,assess", "1,-4,assess", "column day: '-4'"),
                                    ("1,54,assess", "1,53,assess", "changed places")])
def test_a_damaged_table_is_refused(damage, tmp_path, monkeypatch):
    before, after, told = damage
    folder = tmp_path / "datasets"
    folder.mkdir()
    (folder / "catalogue.toml").write_bytes((FOLDER / "catalogue.toml").read_bytes())
    text = (FOLDER / "journey_events.csv").read_text(encoding="utf-8")
    assert before in text
    (folder / "journey_events.csv").write_text(text.replace(before, after, 1), encoding="utf-8")
    monkeypatch.setattr(data, "HERE", tmp_path)
    with pytest.raises(CxError, match=re.escape(told)):
        cx.load("journey_events")


# --- the tables are what the card says ----------------------------------------------------------------------------------


@pytest.mark.parametrize("world", WORLDS)
def test_events_are_a_clean_log(world, tables, stays):
    events, table = tables[world]["events"], stays[world]
    assert not events.duplicated(["customer", "day"]).any() and events.equals(events.sort_values(["customer", "day"], ignore_index=True))
    assert set(events["customer"]) == set(tables[world]["customers"]["customer"])
    begins = events.groupby("customer").head(1)
    assert set(begins["stage"]) == {"assess", "admit"} and (begins["stage"] == "admit").mean() == pytest.approx(journey_worlds.BOUGHT_AT_ONCE, abs=0.015)
    assert (begins["day"].to_numpy() == tables[world]["customers"]["arrival"]).all() and (table["start"] <= table["end"]).all()
    gone, step = table["code"] == 8, table["next"] - table["code"]
    assert (table.loc[gone, "next"] == -1).all() and set(step[(table["next"] >= 0) & (table["next"] < 8)]) == {-1, 1, 2}
    assert (step[(table["code"] == 0) & (table["next"].between(0, 7))] == 1).all()  # nobody doubts a purchase that is not there
    assert ((table["code"] == 7) & (table["next"] == 6)).any() and ((table["code"] == 7) & (table["next"] == 8)).any()  # advocate is not final


@pytest.mark.parametrize("world", WORLDS)
def test_observation_is_as_the_card_says(world, tables, stays):
    people = tables[world]["customers"]
    days = people["last_day"] - people["arrival"]
    assert days.between(100, 365).all() and (people["last_day"] <= 365).all() and (people["last_day"] < 365).mean() == pytest.approx(0.10, abs=0.03)
    late = people["first_day"] - people["arrival"]
    assert set(late[late > 0]) <= set(range(15, 76)) and (late > 0).mean() == pytest.approx(0.09, abs=0.02)
    left = stays[world].query("code == 8")
    assert (left["start"] > left["entry"]).all() and (left["entry"] > 0).any()  # in the file only because they had not left
    asked = people["happiness_day"].dropna()
    assert asked.index.isin(people.index[people["happiness"].notna()]).mean() < 0.9 and people.loc[people["happiness_day"].isna(), "happiness"].isna().all()
    bought = stays[world].query("stage == 'admit'").groupby("customer")["day"].first()
    table = people.loc[asked.index].set_index("customer")
    wait = table["happiness_day"].astype(int) - bought.reindex(table.index)
    assert wait.between(21, 49).all() and (table["happiness_day"] <= table["last_day"]).all() and (table["happiness_day"] >= table["first_day"]).all()
    gone = left.set_index("customer")["day"].reindex(table.index)
    assert not (gone <= table["happiness_day"].astype(int)).any()


@pytest.mark.parametrize("world", WORLDS)
def test_contacts_are_of_customers_who_are_there(world, tables, stays):
    contacts = tables[world]["contacts"].merge(tables[world]["customers"], on="customer")
    assert contacts["day"].between(contacts["first_day"], contacts["last_day"]).all()
    left = stays[world].query("code == 8").set_index("customer")["day"]
    assert not (contacts["day"] >= contacts["customer"].map(left)).any()
    assert (contacts["gift"].notna() == (contacts["channel"] == "gift")).all()
    assert contacts["gift"].isin(["mass", "coupon"]).mean() == pytest.approx(journey_worlds.USELESS, abs=0.01)
    answered = contacts["response_minutes"].notna().groupby(contacts["channel"], observed=True).mean()
    for channel in keys("channels"):
        assert answered[channel] == pytest.approx(journey_worlds.ANSWERS.get(channel, 0), abs=0.12 if channel == "gift" else 0.04), channel
    minutes = contacts.groupby("channel", observed=True)["response_minutes"].median()
    assert minutes["phone"] <= 2 and minutes["video"] < 15 and 150 < minutes["email"] < 300 and minutes["post"] > 5000
    email = contacts.loc[contacts["channel"] == "email", "response_minutes"].dropna().astype(float)
    assert email.mean() > 2 * email.median()


def test_the_twin_is_the_same_people(tables):
    main, twin = (tables[world]["customers"].set_index("customer") for world in WORLDS)
    both = main.index.intersection(twin.index)
    same = ["industry", "arrival", "margin", "first_day", "last_day"]
    assert len(both) > 2990 and main.loc[both, same].equals(twin.loc[both, same])
    assert not tables["journey"]["events"].equals(tables["journey_twin"]["events"])


def test_those_who_answer_are_the_happier_and_calmer():
    for world in WORLDS:
        assert true(world, "happiness")["mean_answered"] > true(world, "happiness")["mean"] + 0.2
    who = journey_worlds.people(50_000, np.random.default_rng(3))
    for low, high, share in ((0, 3, 0.35), (4, 6, 0.20), (7, 10, 0.08)):
        assert who["silent"][(who["said"] >= low) & (who["said"] <= high)].mean() == pytest.approx(share, abs=0.02)
    assert true("journey", "emotion_after_answered")["accomplish"] > true("journey", "emotion_after")["accomplish"] + 0.3


# --- the chances of a day -----------------------------------------------------------------------------------------------


def alike(n, **fixed):
    who = journey_worlds.people(n, np.random.default_rng(1))
    return who | {name: np.full(n, value) for name, value in fixed.items()}


def test_a_day_has_the_chances_that_the_card_names():
    n, rules = 200_000, journey_worlds.RULES["journey"]
    who = alike(n, industry=3, eager=2, happy=8, first=journey_worlds.ACCLIMATE)
    states, contacts = journey_worlds.live("journey", who, np.random.default_rng(2), days=26)
    left, on, back = (rules[name][journey_worlds.ACCLIMATE] for name in ("left", "on", "back"))
    stay = 1.0
    for day, slower in ((1, 1.0), (10, 1.0), (11, 0.55), (25, 0.55), (26, 0.35)):
        there = (states[:day] == journey_worlds.ACCLIMATE).all(axis=0)
        found = np.bincount(states[day][there], minlength=9) / there.sum()
        forward = on * slower / 1.8 * 1.3
        wanted = {8: left * 0.8 * 0.9**8 * 1.8, 5: 0.91 * forward, 6: 0.09 * forward, 3: back / 1.8}
        for state, chance in wanted.items():
            assert found[state] == pytest.approx(chance, abs=4 * np.sqrt(chance / there.sum())), (day, state)
        stay *= found[journey_worlds.ACCLIMATE]
    assert contacts[1].astype(bool).mean() == pytest.approx(np.dot(np.bincount(states[1], minlength=9) / n, journey_worlds.CONTACT) * 1.5, abs=0.002)


@pytest.mark.parametrize("useless", [0.0, 1.0])
def test_contacts_relieve_remorse_but_mass_gifts_and_coupons_do_not(useless, monkeypatch):
    monkeypatch.setattr(journey_worlds, "USELESS", useless)
    who = journey_worlds.people(40_000, np.random.default_rng(4))
    states, contacts = journey_worlds.live("journey", who, np.random.default_rng(5), days=180)
    found = dict((key, value) for _, key, value in journey_worlds._of_contacts(who, states, contacts))
    assert found["at_equal_eagerness"] == pytest.approx(1 if useless else journey_worlds.RULES["journey"]["relief"], abs=0.1)
    assert found["seen"] < found["at_equal_eagerness"] - 0.02


def test_a_contact_changes_nothing_in_the_twin_and_the_day_of_the_pilot_is_the_second():
    n = 3000
    who = alike(n, first=journey_worlds.ADMIT)
    with_contact, without = (journey_worlds.live("journey_twin", who, np.random.default_rng(6), days=60, plan=plan) for plan in ("contact", "none"))
    assert (with_contact[0] == without[0]).all()
    assert not without[1][:8].any() and not with_contact[1][[0, 1, 3, 4, 5, 6, 7]].any() and (with_contact[1][2] == (with_contact[0][2] != 8)).all()
    assert true("journey_twin", "pilot_left_60")["difference"] == 0 and true("journey", "pilot_left_60")["difference"] < -0.015


# --- the truth ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("world", WORLDS)
def test_a_smaller_population_says_the_same(world):
    stated = cx.load("journey_truth").query("world == @world").reset_index(drop=True)
    found = pd.DataFrame(journey_worlds.simulated_truth(world, 5, 4000, 9))
    assert found[["quantity", "key"]].equals(stated[["quantity", "key"]].astype(str))
    whole = np.where(found["quantity"].str.startswith("median_days"), 1.5, 0)  # a median of days is a whole number
    ratio = np.where(found["quantity"] == "contact_risk_ratio", 0.05, 0)
    allowed = 6 * np.hypot(stated["error"] + 0.0002, found["error"]) + 0.002 + whole + ratio  # 120 numbers, errors out of five parts: t(4), so wide
    far = (found["value"] - stated["value"]).abs() > allowed
    assert found[far].empty, found[far].assign(stated=stated["value"])


def test_the_truth_is_short_and_its_shares_add_up():
    frame = cx.load("journey_truth")
    assert len(frame) <= 260 and (frame["error"] >= 0).all()
    for world in WORLDS:
        for clock, day in (("arrival", 30), ("arrival", 90), ("arrival", 180), ("arrival", 365), ("admit", 90), ("admit", 180)):
            assert true(world, f"occupancy_{clock}_{day}").sum() == pytest.approx(1, abs=0.001)
        assert true(world, "loss_share").sum() == pytest.approx(1, abs=0.001)


def test_the_claims_hold_in_the_one_world_and_fail_in_the_other():
    between, elsewhere = ["activate", "acclimate"], ["affirm", "adopt"]
    for world, stalled in (("journey", between), ("journey_twin", elsewhere)):
        for quantity in ("still_there_after_60", "left_within_60"):
            found = true(world, quantity)
            assert found[stalled].min() > 1.2 * found.drop(stalled).max(), (world, quantity)
        assert true(world, "loss_share")[stalled].sum() > 0.6
    back = true("journey", "back_within_60")
    assert back[["acclimate", "accomplish"]].min() > 3 * back.drop(["acclimate", "accomplish"]).max() and true("journey_twin", "back_within_60").idxmax() == "adopt"
    for stage in STAGES[:7]:
        days = true("journey", f"median_days_{stage}")
        assert list(days.index) == keys("industries") and days.is_monotonic_increasing and 2.2 < days["clinic"] / days["telecom"] < 4
    loss = {world: true(world, "loss") for world in WORLDS}
    assert loss["journey"]["within_100_days_of_admit"] > 0.5 and loss["journey"]["risk_second_hundred_to_first"] < 0.5
    assert loss["journey_twin"]["within_100_days_of_admit"] < 0.35 and loss["journey_twin"]["risk_second_hundred_to_first"] > 1
    line, flat = (true(world, "emotion_after") for world in WORLDS)
    assert flat.max() - flat.min() < 0.03 and line["admit"] > 3 > 0 > line["acclimate"] > line["affirm"] and line[["adopt", "advocate"]].min() > 2.5
    assert [true(world, "happiness")["stays_100_days_per_point"].round(3) for world in WORLDS] == [pytest.approx(0.016, abs=0.003), pytest.approx(0, abs=0.002)]


# --- the files show it --------------------------------------------------------------------------------------------------


def aalen_johansen(table, days):
    """{day: occupancy after it}; those observed from day 0 on are the starting mix, late entries join later."""
    p = np.bincount(table.loc[(table["start"] == 0) & (table["entry"] == 0), "code"], minlength=9).astype(float)
    p /= p.sum()
    start, stop, code, following = np.maximum(table["start"], table["entry"]).to_numpy(), *table[["stop", "code", "next"]].to_numpy().T
    found = {}
    for day in range(1, max(days) + 1):
        here = (start < day) & (stop >= day)
        moving = here & (stop == day) & (following >= 0)
        moves = np.bincount(code[moving] * 9 + following[moving], minlength=81).reshape(9, 9)
        flow = p[:, None] * moves / np.maximum(np.bincount(code[here], minlength=9), 1)[:, None]
        p = p - flow.sum(axis=1) + flow.sum(axis=0)
        found[day] = pd.Series(p, STATES)
    return found


@pytest.mark.parametrize("world", WORLDS)
def test_occupancy_is_found_and_the_naive_funnel_is_too_low(world, stays):
    table = stays[world]
    found = aalen_johansen(table, (30, 90, 100, 180))
    for day in (30, 90, 100, 180):
        stated = true(world, f"occupancy_arrival_{day}")
        assert found[day][stated.index].to_numpy() == pytest.approx(stated.to_numpy(), abs=4 * np.sqrt(0.2 / 2700)), day
    naive = table.loc[table["code"] == 7, "customer"].nunique() / table["customer"].nunique()
    assert naive < true(world, "ever_advocate")["by_day_365"] - 0.05
    ends = table.groupby("customer")["code"].last()
    assert 0.3 < (ends == 8).mean() < 0.45 and 0.15 < naive < 0.26 and 0.35 < (ends < 7).mean() < 0.47 and 5.5 < len(table) / len(ends) < 6.6


@pytest.mark.parametrize("world", WORLDS)
def test_the_stall_is_where_it_is_true(world, stays):
    table = stays[world].query("first_visit and entry == 0 and code < 7")
    still = {}
    for code, of in table.groupby("code"):
        curve = SurvfuncRight((of["stop"] - of["start"]).clip(lower=0.5), (of["next"] >= 0).astype(int))
        still[STAGES[code]] = curve.surv_prob[curve.surv_times <= 60][-1]
    assert pd.Series(still).to_numpy() == pytest.approx(true(world, "still_there_after_60")[list(still)].to_numpy(), abs=0.06)
    stalled = {"journey": {"activate", "acclimate"}, "journey_twin": {"affirm", "adopt"}}[world]
    assert set(pd.Series(still).nlargest(2).index) == stalled
    lost = stays[world].query("next == 8")["code"].map(dict(enumerate(STATES))).value_counts(normalize=True)
    assert lost[list(stalled)].sum() > 0.55


def test_durations_differ_by_industry_in_one_world_only(stays):
    for world in WORLDS:
        table = stays[world].query("first_visit and entry == 0 and stage in ['assess', 'affirm', 'accomplish']")
        for stage, of in table.groupby("stage", observed=True):
            medians = {industry: SurvfuncRight((x["stop"] - x["start"]).clip(lower=0.5), (x["next"] >= 0).astype(int)).quantile(0.5)
                       for industry, x in of.groupby("industry", observed=True)}
            ratio = medians["clinic"] / medians["telecom"]
            assert (ratio > 2) if world == "journey" else (0.7 < ratio < 1.45), (world, stage)
        share = stays[world].query("code > 0 and code < 6 and next > code and next < 8").eval("next > code + 1").groupby(stays[world]["industry"], observed=True).mean()
        assert share.between(0.06, 0.12).all()


def affirm_days(tables, stays):
    """One row a customer and day at risk in affirm: left that day, contacted on the fourteen days before (since buying), day in the stage, margin."""
    visits = stays[stays["code"] == 2]
    begins = np.maximum(visits["start"], visits["entry"])
    table = visits.loc[visits.index.repeat((visits["stop"] - begins).clip(lower=0))].copy()
    table["at"] = np.maximum(table["start"], table["entry"]) + table.groupby(level=0).cumcount() + 1
    table["left"] = (table["at"] == table["stop"]) & (table["next"] == 8)
    contacts = tables["contacts"].merge(tables["customers"][["customer", "arrival"]], on="customer")
    contacts = contacts.assign(at=contacts["day"] - contacts["arrival"])[["customer", "at"]].assign(last=lambda t: t["at"])
    bought = stays[stays["code"] == 1].groupby("customer")["start"].first()
    found = pd.merge_asof(table.sort_values("at"), contacts.sort_values("at"), on="at", by="customer", allow_exact_matches=False)
    fresh = (found["at"] - found["last"] <= 14) & (found["last"] >= found["customer"].map(bought))
    usual = found.groupby("industry", observed=True)["margin"].transform("mean")
    return found.assign(fresh=fresh, early=found["at"] - found["start"] <= 14, relative=found["margin"] / usual)


@pytest.mark.parametrize("world", WORLDS)
def test_contact_by_day_shows_what_is_true_and_the_naive_split_always_shows_much(world, tables, stays):
    rows = affirm_days(tables[world], stays[world])
    design = sm.add_constant(rows[["fresh", "early", "relative"]].astype(float))
    fit = sm.Logit(rows["left"].astype(float), design).fit(disp=0)
    if world == "journey":
        assert fit.tvalues["fresh"] < -3 and np.exp(fit.params["fresh"]) == pytest.approx(true(world, "contact_risk_ratio")["at_equal_eagerness"], abs=0.2)
    else:
        assert abs(fit.tvalues["fresh"]) < 1.96
    bought = stays[world].query("code == 1").groupby("customer")["day"].first()
    contacts = tables[world]["contacts"]
    ever = set(contacts.loc[contacts["day"] >= contacts["customer"].map(bought), "customer"])
    left = stays[world].groupby("customer")["code"].last().loc[bought.index] == 8
    split = left.groupby(left.index.isin(list(ever))).mean()
    assert split[True] < 0.6 * split[False]


@pytest.mark.parametrize("world", WORLDS)
def test_happiness_goes_with_staying_in_one_world_only(world, tables, stays):
    people = tables[world]["customers"].dropna(subset=["happiness"])
    people = people[people["happiness_day"] + 100 <= people["last_day"]]
    gone = people["customer"].map(stays[world].query("code == 8").set_index("customer")["day"])
    left = (gone <= people["happiness_day"].astype(int) + 100).astype(float)
    fit = sm.Logit(left, sm.add_constant(people["happiness"].astype(float))).fit(disp=0)
    assert (fit.tvalues["happiness"] < -3 and fit.params["happiness"] < -0.07) if world == "journey" else abs(fit.tvalues["happiness"]) < 1.96


def test_the_emotional_line_is_there_and_flat_in_the_twin(tables):
    line, flat = (tables[world]["emotions"].groupby("stage", observed=True)[["before", "after"]].mean().astype(float) for world in WORLDS)
    assert flat["after"].max() - flat["after"].min() < 0.35 and line["after"].max() - line["after"].min() > 4
    assert set(line["after"].nsmallest(2).index) == {"affirm", "acclimate"} and (line["after"] - line["before"]).loc["acclimate"] < -0.7
    result = tables["journey"]["emotions"].query("stage == 'accomplish'")["after"]
    assert (result >= 2).mean() > 0.5 and (result <= -2).mean() > 0.12 and result.between(-1, 1).mean() < 0.25  # happy, or angry


# --- the messy export ---------------------------------------------------------------------------------------------------


def plain(name):
    """A name without case, accents and blanks around it."""
    folded = name.strip().translate(str.maketrans("İIıŞşĞğÜüÖöÇç", "iiissgguuoocc")).lower()
    return folded.replace("\u0307", "")


def cleaned(rows):
    """The export by hand: names mapped, unknown dropped, by time, the last of a day, no repeats, nothing after `left`."""
    names = {plain(row[name]): row["key"] for table in ("stages", "exits") for row in getattr(cx.framework, table).to_dict("records") for name in ("en", "tr")}
    names |= {plain("sonuçlandırma"): "accomplish", plain("müşteri ayrıldı"): "left"}
    found = {}
    for number, time, stage, _ in rows:
        if plain(stage) in names:
            moment = datetime.datetime.fromisoformat(time) if "T" in time else datetime.datetime.strptime(time, "%d.%m.%Y %H:%M")
            found.setdefault(int(number), []).append((moment, names[plain(stage)]))
    events = []
    for number in sorted(found):
        by_day = {(moment.date() - journey_export.FIRST_DAY).days: stage for moment, stage in sorted(found[number])}
        now = None
        for day, stage in by_day.items():
            if now != "left" and stage != now:
                events.append((number, day, stage))
                now = stage
    return events


@pytest.fixture(scope="module")
def export():
    return list(csv.reader((FOLDER / "journey_export.csv").read_text(encoding="utf-8").splitlines(), delimiter=";"))


def test_the_cleaned_export_is_the_events_of_the_first_customers(export, tables):
    assert export[0] == ["Müşteri No", "Tarih", "Aşama", "Not"]
    events = tables["journey"]["events"]
    wanted = events[events["customer"].isin(tables["journey"]["customers"]["customer"].head(1000))]
    assert cleaned(export[1:]) == list(wanted.astype({"stage": str}).itertuples(index=False, name=None))


def test_the_export_is_as_messy_as_the_card_says(export):
    rows = export[1:]
    block = CARD.partition("<!-- counted by cxlab.journey_export -->\n")[2].partition("<!-- end of the export -->")[0]
    assert block == journey_export.card_table() + "\n"
    told = {what: int(count.replace(",", "")) for what, count in re.findall(r"^\| ([^|`]+) \| ([0-9,]+) \|", block, re.M)}
    assert len(rows) == sum(told.values()) - told["time as 2018-03-15T14:05"] == cx.datasets().set_index("name").loc["journey_export", "n"]
    assert sum(count - 1 for count in pd.Series(map(tuple, rows)).value_counts()) == told["copy"] > 100
    assert sum(row[1][4] == "-" for row in rows) == told["time as 2018-03-15T14:05"] > 500
    unknown = [row for row in rows if row[2] in journey_export.UNKNOWN]
    assert told["unknown stage"] <= len(unknown) < told["unknown stage"] + 10 and {row[2] for row in unknown} == set(journey_export.UNKNOWN)
    written = {row[2] for row in rows}
    assert {"ORTAMA ALIŞMA", "ortama alisma", "ETKİNLEŞTİRME", "ETKINLEŞTIRME", "Etkinleştirme", "sonuçlandırma", "müşteri ayrıldı", "Acclimate"} <= written
    assert told["two in a day"] > 200 and told["repeat of the stage"] > 200 and 3 <= told["after leaving"] <= 15
    at = [datetime.datetime.fromisoformat(row[1]) if "T" in row[1] else datetime.datetime.strptime(row[1], "%d.%m.%Y %H:%M") for row in rows]
    assert np.mean([later < earlier for earlier, later in zip(at[:-1], at[1:], strict=True)]) > 0.4  # in no order


def test_the_card_holds_the_truth():
    block = CARD.partition("<!-- truth of cxlab.journey_worlds -->\n")[2].partition("<!-- end of journeys -->")[0]
    assert block == journey_worlds.card_table() + "\n" and len(re.findall(r"^\| ", block, re.M)) > 130
