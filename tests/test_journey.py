"""Occupancy of states: R's numbers (tests/reference/journey.R), those of mstate, identities, a bootstrap over customers, coverage."""

import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from conftest import ROOT
from cxlab import event_log, journey

REFERENCE = ROOT / "tests/reference"
R = pd.read_csv(REFERENCE / "journey.csv").assign(place=lambda x: x["name"].str.rsplit(".", n=1).str[0]).groupby("place")["value"]
DAYS = [5, 20, 40, 55]


def r(name):
    return R.get_group(name).to_numpy()


@pytest.fixture(scope="module")
def late():
    return cx.spells(pd.read_csv(REFERENCE / "journey_spells.csv"), states=list("ABCX"))


@pytest.fixture(scope="module")
def early(late):
    return late[late["customer"] <= 120]


STEPS = np.array([[.93, .05, .00, .02], [.03, .91, .05, .01], [.00, .02, .97, .01], [0, 0, 0, 1]])


def walk(n, days, rng, censor=False, start=(0.6, 0.4, 0, 0)):
    """Spells of n customers of a Markov chain with the chances STEPS: A, B, C and the exit X."""
    state = np.searchsorted(np.cumsum(start)[:-1], rng.random(n), side="right")
    last = rng.integers(days // 3, days + 1, n) if censor else np.full(n, days)
    since, rows, chances = np.zeros(n, dtype=int), [], np.cumsum(STEPS, axis=1)[:, :-1]
    for day in range(1, days + 1):
        to = (rng.random(n)[:, None] >= chances[state]).sum(axis=1)
        moved = (to != state) & (day <= last)
        rows.append(np.column_stack([np.flatnonzero(moved), state[moved], since[moved], np.full(moved.sum(), day), to[moved]]))
        since[moved], state = day, np.where(moved, to, state)
    still = (state < 3) & (last > since)
    rows.append(np.column_stack([np.flatnonzero(still), state[still], since[still], last[still], np.full(still.sum(), -1)]))
    table, names = np.concatenate(rows), np.array([*"ABCX", None], dtype=object)
    return cx.spells(pd.DataFrame({"customer": table[:, 0], "state": names[table[:, 1]], "start": table[:, 2], "stop": table[:, 3],
                                   "next": names[table[:, 4]]}), states=list("ABCX"))


# --- other programs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, how", [("fixed", {"start": "fixed"}), ("sampled", {"start": "sampled"}), ("late", {"from_state": "A"})])
def test_robust_errors_are_those_of_survfit(name, how, early, late):
    found = cx.occupancy(late if name == "late" else early, days=DAYS, se="robust", **how)
    assert np.abs(found["occupancy"] - r(f"{name}.p")).max() < 1e-12 and np.abs(found["se"] - r(f"{name}.se")).max() < 1e-12


@pytest.mark.parametrize("name, state, day", [("etm.A", "A", 0), ("etm.B", "B", 0), ("etm.B10", "B", 10)])
def test_greenwood_is_that_of_etm(name, state, day, late):
    found = cx.occupancy(late, days=[d for d in DAYS if d > day], from_state=state, from_day=day)
    assert np.abs(found["occupancy"] - r(f"{name}.p")).max() < 1e-12 and np.abs(found["se"] - r(f"{name}.se")).max() < 1e-12


PROTHR = {"Normal": [(365, 0.6504185276, 0.1859716254, 0.1636098470), (1000, 0.4590321763, 0.1799230081, 0.3610448157),
                     (3000, 0.2464628534, 0.0449740202, 0.7085631264)],
          "Low": [(365, 0.3829924094, 0.3454566855, 0.2715509051), (3000, 0.2031086721, 0.0376030171, 0.7592883108)]}


@pytest.mark.parametrize("state", PROTHR)
def test_prothrombin_patients_as_in_mstate(state):
    """coxph(strata(trans), method = "breslow"); msfit; probtrans(predt = 0), Placebo arm of mstate::prothr, from its counts of moves alone."""
    moves = pd.read_csv(REFERENCE / "prothr_moves.csv")
    days = [row[0] for row in PROTHR[state]]
    found = cx.occupancy(moves, from_state=state, days=days).pivot(index="day", columns="state", values="occupancy")
    assert np.abs(found[["Normal", "Low", "Death"]].to_numpy() - np.array(PROTHR[state])[:, 1:]).max() < 5.1e-11


# --- counts -------------------------------------------------------------------------------------------------------------


def test_moves_and_numbers_at_risk_by_a_slow_count(late):
    moves = cx.moves(late)
    for row in moves.itertuples():
        mine = late[(late["state"] == row._2)]
        assert row.at_risk == ((mine["start"] < row.day) & (row.day <= mine["stop"])).sum()
        assert row.moves == ((mine["stop"] == row.day) & (mine["next"] == row.to)).sum()
    assert moves["moves"].sum() == late["next"].notna().sum()
    assert moves["from"].cat.ordered and list(moves["to"].cat.categories) == list("ABCX")


def test_moves_are_enough_for_occupancy(late, early):
    for how in ({}, {"from_state": "B", "from_day": 7}, {"start": "fixed", "days": [1, 30]}):
        pd.testing.assert_frame_equal(cx.occupancy(cx.moves(early), **how), cx.occupancy(early, **how))
    bare = cx.moves(late)
    bare.attrs = {}
    found, full = cx.occupancy(bare, from_state="A", days=[30]), cx.occupancy(late, from_state="A", days=[30])
    assert np.allclose(found[["occupancy", "se"]], full[["occupancy", "se"]], atol=1e-15, rtol=0) and found["n_at_risk"].isna().any()
    with pytest.raises(cx.CxError, match="from_state"):
        cx.occupancy(bare)


def test_a_stay_told_in_two_pieces_is_no_move(early):
    """A row that ends in its own state and is taken up by the next: the same counts, moves and errors as one row."""
    long = early[early["stop"] - early["start"] > 1]
    cut = long["start"] + (long["stop"] - long["start"]) // 2
    pieces = pd.concat([early.drop(long.index), long.assign(stop=cut, next=long["state"]), long.assign(start=cut)], ignore_index=True)
    pd.testing.assert_frame_equal(cx.moves(cx.spells(pieces, states=list("ABCX"))), cx.moves(early))
    for se in ("greenwood", "robust"):
        one, two = (cx.occupancy(table, days=[10, 50], se=se) for table in (early, cx.spells(pieces, states=list("ABCX"))))
        assert np.allclose(one[["occupancy", "se"]], two[["occupancy", "se"]], atol=1e-14, rtol=0)


def test_too_many_days_are_refused_before_they_fill_the_memory():
    seconds = pd.DataFrame({"customer": [1], "state": ["A"], "start": [0], "stop": [90_000_000], "next": ["B"]})
    with pytest.raises(cx.CxError, match="90,000,001 days.*coarser"):
        cx.moves(seconds)


def test_the_order_of_rows_and_the_names_of_customers_do_not_matter(late):
    mixed = late.sample(frac=1, random_state=3).assign(customer=lambda x: "c" + x["customer"].astype(str))
    for se in ("greenwood", "robust"):
        one, two = (cx.occupancy(table, days=[10, 50], from_state="A", se=se) for table in (late, mixed))
        assert np.allclose(one[["occupancy", "se"]], two[["occupancy", "se"]], atol=1e-14, rtol=0)


# --- identities and truth -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("se", ["greenwood", "robust"])
def test_before_anyone_is_censored_occupancy_is_a_plain_share(se):
    spells = walk(200, 60, np.random.default_rng(2))
    found = cx.occupancy(spells, days=[0, 10, 59], se=se)
    for day, part in found.groupby("day"):
        there = spells[(spells["start"] <= day) & (day < spells["stop"])]["state"].value_counts().reindex(list("ABC"), fill_value=0)
        share = there.to_numpy() / 200
        share = np.r_[share, 1 - share.sum()]
        assert np.allclose(part["occupancy"], share, atol=1e-14) and np.allclose(part["se"], np.sqrt(share * (1 - share) / 200), atol=1e-14)
    fixed = cx.occupancy(spells, days=[10], se=se, start="fixed")
    assert (fixed["se"] < cx.occupancy(spells, days=[10], se=se)["se"]).all()


def test_a_bootstrap_of_customers_agrees_with_the_robust_error():
    rng = np.random.default_rng(5)
    spells = walk(300, 60, rng, censor=True)
    rows, drawn = spells.groupby("customer").indices, []
    for _ in range(300):
        again = np.concatenate([rows[who] for who in rng.choice(list(rows), 300)])
        sizes = journey.count(event_log.coded(spells.take(again)))  # who is whom does not matter to the counts
        path, _ = journey._path(*journey._start(sizes, None, 0)[:1], sizes, 0, 40)
        drawn.append(path[40])
    ratio = np.std(drawn, axis=0, ddof=1) / cx.occupancy(spells, days=[40], se="robust")["se"].to_numpy()
    assert np.abs(ratio - 1).max() < 3 / np.sqrt(2 * 300)


@pytest.mark.parametrize("se", ["greenwood", "robust"])
def test_intervals_cover_the_truth_of_a_markov_chain(se):
    truth = np.array([0.6, 0.4, 0, 0]) @ np.linalg.matrix_power(STEPS, 40)
    rng, worlds, hits = np.random.default_rng(8), 300, 0
    for _ in range(worlds):
        found = cx.occupancy(walk(150, 60, rng, censor=True), days=[40], se=se)
        hits = hits + ((found["ci_low"] <= truth) & (truth <= found["ci_high"])).to_numpy()
    assert np.abs(hits / worlds - 0.95).max() < 3 * np.sqrt(0.95 * 0.05 / worlds)


def test_landmark_follows_only_those_who_are_there(late):
    there = late[(late["state"] == "B") & (late["start"] <= 10) & (late["stop"] > 10)]["customer"]
    mine = late[late["customer"].isin(there) & (late["stop"] > 10)].assign(start=lambda x: x["start"].clip(lower=10))
    by_hand = cx.occupancy(mine, from_state="B", from_day=10, days=[30])
    found = cx.occupancy(late, from_state="B", from_day=10, days=[30], method="landmark")
    pd.testing.assert_frame_equal(found, by_hand)
    assert found.attrs["n"] == len(there) and found.attrs["method"] == "landmark"


def test_a_memory_parts_landmark_from_markov():
    """Who came to B from C moves on at once, who came from A never: only those present on day 10 know it."""
    quick = pd.DataFrame({"customer": range(50), "state": "A", "start": 0, "stop": 5, "next": "B"})
    then = pd.DataFrame({"customer": range(50), "state": "B", "start": 5, "stop": 30, "next": None})
    other = pd.DataFrame({"customer": range(50, 100), "state": "A", "start": 0, "stop": 15, "next": "B"})
    after = pd.DataFrame({"customer": range(50, 100), "state": "B", "start": 15, "stop": 17, "next": "C"})
    last = pd.DataFrame({"customer": range(50, 100), "state": "C", "start": 17, "stop": 30, "next": None})
    spells = cx.spells(pd.concat([quick, then, other, after, last], ignore_index=True), states=list("ABCX"))

    def stayed(method):
        found = cx.occupancy(spells, days=[20], from_state="B", from_day=10, method=method, se=None)
        return found.set_index("state")["occupancy"]["B"]

    assert stayed("landmark") == 1.0 and stayed("markov") == pytest.approx(0.5)


# --- groups, edges, errors ----------------------------------------------------------------------------------------------


def test_groups_by_column_or_by_a_series_of_customers(early):
    group = pd.Series(np.where(np.arange(161) % 2, "odd", "even"), name="kind")
    by_series, by_column = cx.occupancy(early, by=group, days=[20]), cx.occupancy(early.assign(kind=early["customer"].map(group)), by="kind", days=[20])
    pd.testing.assert_frame_equal(by_series, by_column)
    assert list(by_series.columns) == ["kind", "day", "state", "n_at_risk", "occupancy", "se", "ci_low", "ci_high"]
    odd = cx.occupancy(early[early["customer"] % 2 == 1], days=[20])
    assert by_series[by_series["kind"] == "odd"]["occupancy"].tolist() == odd["occupancy"].tolist()
    by_hand = pd.read_csv(REFERENCE / "journey_spells.csv").assign(kind=lambda x: x["customer"] % 2)
    found = cx.occupancy(by_hand, by="kind", days=[9], from_state="A")
    assert found["state"].cat.ordered and found["state"].nunique() == 4 and list(found["kind"].cat.categories) == [0, 1]
    some = cx.occupancy(early, by=group[group.index < 50], days=[9])
    assert some.attrs["without_group"] == 71 and "71" in some.attrs["note"]
    with pytest.raises(cx.CxError, match="'day'"):
        cx.occupancy(early.assign(day=1), by="day")
    with pytest.raises(cx.CxError, match="spells"):
        cx.occupancy(cx.moves(early), by="kind")
    with pytest.raises(cx.CxError, match="no customer|No customer"):
        cx.occupancy(early, by=pd.Series(["a"], index=[9999], name="kind"))


def test_limits_at_nothing_and_all_are_wilson():
    spells = cx.spells(pd.DataFrame({"customer": range(20), "state": "A", "start": 0, "stop": 9, "next": ["X"] * 20}), states=list("AX"))
    found = cx.occupancy(spells, days=[5, 9, 12]).set_index(["day", "state"])
    assert found.loc[(5, "X"), ["occupancy", "ci_low"]].tolist() == [0, 0] and found.loc[(5, "X"), "ci_high"] == pytest.approx(0.1611251, abs=1e-7)
    assert found.loc[(9, "X"), "ci_low"] == pytest.approx(1 - 0.1611251, abs=1e-7)  # all gone: known of all twenty
    assert found.loc[(12, "X"), "occupancy"] == 1  # nobody is left to move


def test_nothing_is_said_of_days_that_nobody_saw(early):
    found = cx.occupancy(early, days=[59, 60])
    assert found[found["day"] == 60][["occupancy", "se", "ci_low"]].isna().all(axis=None) and found[found["day"] == 59]["occupancy"].notna().all()


def test_robust_errors_ask_for_spells_and_choose_few_days(early):
    found = cx.occupancy(early, se="robust")
    assert found["day"].nunique() == 12 and "12" in found.attrs["note"] and found["day"].max() == 59
    with pytest.raises(ValueError, match="spells"):
        cx.occupancy(cx.moves(early), se="robust")
    assert cx.occupancy(early, se=None)[["se", "ci_low", "ci_high"]].isna().all(axis=None)


@pytest.mark.parametrize("how, words", [
    ({"from_state": "Z"}, "'Z'.*A, B, C, X"), ({"from_day": 10, "days": [3]}, "Day 3.*day 10"), ({"days": [2.5]}, "2.5"), ({"from_day": 99}, "day 99"),
    ({"from_day": 99, "from_state": "A"}, "day 99.*day 0 to day 59"), ({"from_day": -3, "from_state": "A"}, "day -3|day −3"),
    ({"method": "landmark"}, "from_state"), ({"method": "landmark", "from_state": "X", "from_day": 3}, "'X'.*day 3"), ({"se": "aalen"}, "greenwood"),
    ({"start": "random"}, "sampled"), ({"level": 95}, "level")])
def test_wrong_questions_are_refused_with_a_way_out(how, words, early):
    with pytest.raises(cx.CxError, match=words):
        cx.occupancy(early, **how)


def test_a_broken_frame_of_moves_is_refused(early):
    moves = cx.moves(early)
    with pytest.raises(cx.CxError, match="Row 2"):
        cx.occupancy(moves.assign(moves=10_000))
    with pytest.raises(cx.CxError, match="at_risk"):
        cx.occupancy(moves.assign(at_risk=1.5), from_state="A")
    two = pd.DataFrame({"day": [3, 3], "from": ["A", "A"], "to": ["B", "C"], "moves": [6, 5], "at_risk": [10, 10]})
    with pytest.raises(cx.CxError, match="Row 2: 11 moves by 10"):
        cx.occupancy(two, from_state="A")
    two.attrs["states"] = ["A", "B"]
    with pytest.raises(cx.CxError, match=r"'to'.*row 3 \(C\)"):
        cx.occupancy(two.assign(at_risk=20), from_state="A")


def test_what_is_simulated_stays_so(early):
    marked = early.copy()
    marked.attrs["simulated"] = True
    assert cx.moves(marked).attrs["simulated"] and cx.occupancy(marked, days=[4]).attrs["simulated"]
    assert event_log.coded(marked).states == list("ABCX") and journey.counts(marked).every_day
