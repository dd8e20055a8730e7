"""How visits end and how long they last: against R's survival, against worlds whose truth is a formula, and against identities."""

import pathlib

import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from cxlab import framework, journey, stays
from cxlab.event_log import coded

REFERENCE = pd.read_csv(pathlib.Path(__file__).parent / "reference" / "stays.csv").set_index("name")["value"]
STATES = ["a", "b", "c", "gone"]
# A day's chances in a, b, c: to a, b, c, gone. Nothing else matters, so every answer has a formula.
DAY = np.array([[0, 0.05, 0.01, 0.01], [0.02, 0, 0.04, 0.02], [0, 0.01, 0, 0.005], [0, 0, 0, 0]])


def reference(name):
    found = REFERENCE[REFERENCE.index.str.fullmatch(name.replace(".", r"\.") + r"\.\d+")]
    return found.to_numpy()


def draws(n, seed):
    """The whole numbers of tests/reference/stays.R."""
    found = []
    for _ in range(n):
        seed = (seed * 4093 + 18257) % 65536
        found.append(seed)
    return np.array(found)


def visits_of_r():
    """The 240 visits of stays.R, to state b: they end with a move on to c, back to a, or out."""
    n = 240
    end = np.array([0, 1, 1, 1, 2, 3, 0, 1])[draws(n, 11) // 8192]
    following = np.array([None, "c", "a", "gone"], dtype=object)[end]
    table = pd.DataFrame({"customer": np.arange(n), "state": "b", "start": 0, "stop": 1 + draws(n, 7) % 97, "next": following, "group": np.arange(n) % 3})
    return cx.spells(table, states=STATES)


def chain(n, rng, days=120, end=None):
    """Spells of n customers who start in a and live by DAY. end : last day observed, for each customer or for all."""
    here, following = np.zeros(n, dtype=int), np.cumsum(DAY, axis=1)
    events = [(np.arange(n), np.zeros(n, dtype=int), here)]
    for day in range(1, days + 1):
        to = (rng.random(n)[:, None] >= following[here]).sum(axis=1)
        moved = to < len(STATES)
        events.append((np.flatnonzero(moved), np.full(moved.sum(), day), to[moved]))
        here = np.where(moved, to, here)
    customer, day, state = (np.concatenate(part) for part in zip(*events, strict=True))
    last = np.broadcast_to(days if end is None else end, n)
    log = pd.DataFrame({"customer": customer, "day": day, "stage": np.array(STATES)[state]})[day <= last[customer]]
    people = pd.DataFrame({"customer": np.arange(n), "last_day": last})
    return cx.spells(log, people, states=STATES, end="last_day", exit="gone")


def truth(within):
    """On, back, gone, still there by that day, of those who enter a, b, c."""
    on, back, gone = np.triu(DAY[:3, :3]).sum(axis=1), np.tril(DAY[:3, :3]).sum(axis=1), DAY[:3, 3]
    stay = (1 - DAY[:3].sum(axis=1)) ** within
    return np.column_stack([(1 - stay) * part / DAY[:3].sum(axis=1) for part in (on, back, gone)] + [stay])


def true_losses(days):
    p, lost = np.array([1.0, 0, 0]), np.zeros(3)
    step = DAY[:3, :3] + np.diag(1 - DAY[:3].sum(axis=1))
    for _ in range(days):
        lost, p = lost + p * DAY[:3, 3], p @ step
    return lost / lost.sum()


SHARES = ["on", "back", "left", "still_there"]


# ---- against R -----------------------------------------------------------------------------------------------------------------


def test_medians_and_limits_are_those_of_survfit():
    table = visits_of_r()
    found = cx.time_in_stage(table).iloc[0]
    assert tuple(found[["median", "ci_low", "ci_high"]]) == tuple(reference("median"))
    assert (found["n"], found["ended"] + found["still_there"]) == (240, 240) and found["still_there"] == table["next"].isna().sum()
    by_group = cx.time_in_stage(table, by="group")
    assert by_group[["median", "ci_low", "ci_high"]].to_numpy().ravel().tolist() == reference("median.group").tolist()
    found = cx.time_in_stage(table, level=0.8).iloc[0]
    assert tuple(found[["median", "ci_low", "ci_high"]]) == tuple(reference("median.80"))


@pytest.mark.parametrize("name, time, ended", [("level", [2, 4, 6, 9], [1, 1, 1, 1]), ("late", [3, 5, 8, 8, 9, 12, 12, 15], [1, 0, 1, 0, 1, 0, 0, 0])])
def test_medians_at_the_edge_are_those_of_survfit(name, time, ended):
    table = pd.DataFrame({"customer": range(len(time)), "state": "b", "start": 0, "stop": time, "next": [("c" if e else None) for e in ended]})
    found = cx.time_in_stage(cx.spells(table, states=STATES)).iloc[0]
    np.testing.assert_array_equal(found[["median", "ci_low", "ci_high"]].to_numpy(dtype=float), reference(f"median.{name}"))


def test_how_visits_end_is_that_of_survfit():
    table = visits_of_r()
    found = cx.stall(table, within=40, n_boot=0, exit="gone")
    assert found.loc[0, SHARES].to_numpy(dtype=float) == pytest.approx(reference("incidence.40"), abs=1e-12)
    by_group = cx.stall(table, within=40, n_boot=0, by="group", exit="gone")
    for group, row in by_group.set_index("group").iterrows():
        assert row[SHARES].to_numpy(dtype=float) == pytest.approx(reference(f"incidence.40.{group}"), abs=1e-12)


def test_the_shares_of_a_resample_are_those_of_statsmodels():
    """The bootstrap has its own, faster way: with any weights it must agree."""
    rng = np.random.default_rng(3)
    spells = coded(chain(80, rng, end=rng.integers(20, 120, 80)))
    found = stays.visits_of(spells)
    count, _ = stays._ends(found, ~found.cut, 30, 3, 4)
    counted = count(np.vstack([np.ones(80), rng.integers(0, 4, (3, 80))]))
    for one, shares in zip(counted, stays.incidence(counted, 30), strict=True):
        np.testing.assert_allclose(shares, stays.by_statsmodels(one, 30), rtol=0, atol=1e-12)


# ---- identities ----------------------------------------------------------------------------------------------------------------


def test_without_censoring_all_is_counting():
    table = chain(400, np.random.default_rng(4), days=200)
    seen = table[(table["start"] <= 140) & ~table.duplicated(["customer", "state"])]  # entered early enough to be followed for 60 days
    kept = table[table["customer"].isin(seen["customer"])]
    early = kept[kept["start"] <= 140]
    found = cx.stall(early, n_boot=0, exit="gone").set_index("state")
    for state, part in seen.groupby("state", observed=True):
        quick = part[(part["stop"] - part["start"] <= 60) & part["next"].notna()]
        codes = quick["next"].cat.codes - STATES.index(state)
        gone = quick["next"] == "gone"
        shares = [((codes > 0) & ~gone).sum() / len(part), (codes < 0).sum() / len(part), gone.sum() / len(part)]
        assert found.loc[state, "n"] == len(part)
        assert found.loc[state, SHARES].to_numpy(dtype=float) == pytest.approx([*shares, 1 - sum(shares)], abs=1e-12)


def test_loss_shares_sum_to_one_and_rest_on_the_occupancy_of_the_exit():
    rng = np.random.default_rng(5)
    table = chain(300, rng, end=rng.integers(30, 121, 300))
    found = cx.stall(table, n_boot=0, exit="gone").set_index("state")
    assert found["loss_share"].sum() == pytest.approx(1, abs=1e-12)
    day = cx.occupancy(table, se=None).set_index(["state", "day"])["occupancy"]
    counted = journey.counts(table)
    steps = journey.chances(counted.moves, counted.at_risk)
    early = cx.stall(table, n_boot=0, exit="gone", days=30).set_index("state")
    for last, part in ((120, found), (30, early)):
        for k, state in enumerate(STATES[:3]):
            lost = sum(day[state, d - 1] * steps[d, k, 3] for d in range(1, last + 1))
            assert part.loc[state, "loss_share"] == pytest.approx(lost / day["gone", last], abs=1e-12)
    pd.testing.assert_frame_equal(found[SHARES], early[SHARES])


def test_without_censoring_the_lost_are_counted():
    table = chain(300, np.random.default_rng(6))
    lost = table.loc[table["next"] == "gone", "state"].value_counts(normalize=True)
    found = cx.stall(table, n_boot=0, exit="gone").set_index("state")["loss_share"]
    assert found.to_dict() == pytest.approx(lost[found.index].to_dict(), abs=1e-12)


def test_total_days_are_the_days_spent():
    table = chain(200, np.random.default_rng(7), days=100)
    within = table.assign(days=table["stop"].clip(upper=60) - table["start"].clip(upper=60)).groupby("state", observed=True)["days"].sum() / 200
    found = cx.time_in_stage(table, days=60).set_index("state")["total_days"]
    assert found.to_dict() == pytest.approx(within.to_dict(), abs=1e-10)
    day = cx.occupancy(table, se=None, days=range(100)).groupby("state", observed=True)["occupancy"].sum()
    whole = cx.time_in_stage(table)
    assert whole.attrs["days"] == 100 and whole.set_index("state")["total_days"].to_dict() == pytest.approx(day[found.index].to_dict(), abs=1e-10)


def test_groups_are_compared_over_the_same_days():
    table = chain(60, np.random.default_rng(8), days=100, end=np.repeat([50, 100], 30))
    group = pd.Series(np.repeat(["short", "long"], 30), name="plan")
    found = cx.time_in_stage(table, by=group)
    assert found.attrs["days"] == 50 and found.attrs["note"] == ""
    alone = cx.time_in_stage(table[table["customer"] >= 30], days=50)
    pd.testing.assert_series_equal(found[found["plan"] == "long"]["total_days"].reset_index(drop=True), alone["total_days"])
    longer = cx.time_in_stage(table, by=group, days=80)
    assert longer[longer["plan"] == "short"]["total_days"].isna().all() and longer[longer["plan"] == "long"]["total_days"].notna().all()
    assert "80" in longer.attrs["note"]
    lost = cx.stall(table, by=group, within=20, n_boot=0, exit="gone")
    assert lost.attrs["days"] == 50
    lost = cx.stall(table, by=group, within=20, n_boot=0, exit="gone", days=80)
    assert lost[lost["plan"] == "short"]["loss_share"].isna().all() and lost[lost["plan"] == "long"]["loss_share"].notna().all() and "80" in lost.attrs["note"]


def test_all_visits_count_returns_and_first_visits_do_not():
    log = pd.DataFrame({"customer": 1, "day": [0, 5, 8, 20], "stage": ["a", "b", "a", "b"]})
    table = cx.spells(log, states=STATES, end=60)
    first, every = (cx.time_in_stage(table, visits=visits).set_index("state") for visits in ("first", "all"))
    assert first["n"].tolist() == [1, 1] and every["n"].tolist() == [2, 2] and every.loc["b", "still_there"] == 1
    assert first.loc["a", "median"] == 5 and every.loc["a", "median"] == 8.5
    found = cx.stall(table, within=10, visits="all", n_boot=0, exit="gone").set_index("state")
    assert found.loc["a", "on"] == 0.5 and found.loc["b", "back"] == 0.5 and found["n"].tolist() == [2, 2]


def test_rows_split_within_a_visit_are_one_visit():
    whole = chain(50, np.random.default_rng(9))
    split = []
    for row in whole.itertuples():
        middle = row.start + (row.stop - row.start) // 2
        pieces = [(row.start, middle, None), (middle, row.stop, row.next)] if middle > row.start else [(row.start, row.stop, row.next)]
        split += [(row.customer, row.state, *piece) for piece in pieces]
    split = cx.spells(pd.DataFrame(split, columns=["customer", "state", "start", "stop", "next"]).sample(frac=1, random_state=1), states=STATES)
    assert len(split) > len(whole)
    pd.testing.assert_frame_equal(cx.time_in_stage(split, visits="all"), cx.time_in_stage(whole, visits="all"))
    pd.testing.assert_frame_equal(cx.stall(split, rng=1, exit="gone"), cx.stall(whole, rng=1, exit="gone"))


def test_visits_cut_at_the_left_are_set_aside_and_counted():
    table = pd.DataFrame({"customer": [1, 1, 2, 3, 3], "state": ["a", "b", "a", "a", "b"], "start": [10, 15, 0, 0, 30], "stop": [15, 40, 40, 12, 40],
                          "next": ["b", None, None, "b", None]})  # customer 1 is seen from day 10; 3 is out of sight from day 12 to 30
    table = cx.spells(table, states=STATES)
    for found in (cx.time_in_stage(table), cx.stall(table, n_boot=0, exit="gone")):
        assert found["n"].tolist() == [2, 1] and found.attrs["note"].endswith("not observed: 2.")
    assert cx.time_in_stage(table)["median"].iloc[0] == 12


# ---- truth ---------------------------------------------------------------------------------------------------------------------


def test_what_is_true_is_found():
    rng = np.random.default_rng(10)
    table = chain(20_000, rng, end=rng.integers(40, 121, 20_000))
    for visits in ("first", "all"):
        found = cx.stall(table, within=30, visits=visits, n_boot=40, rng=1, exit="gone")
        half = (found[[f"{name}_high" for name in SHARES]].to_numpy() - found[[f"{name}_low" for name in SHARES]].to_numpy()) / 2
        assert (np.abs(found[SHARES].to_numpy() - truth(30)) <= 1.75 * half + 1e-12).all()  # 3.4 standard errors
        assert found["loss_share"].to_numpy() == pytest.approx(true_losses(120), abs=0.02)


def test_intervals_cover():
    """80 customers, half of them censored before day 60; 120 worlds: three Monte Carlo errors are .060. On, left and still there of b, and two loss shares."""
    rng, worlds, n = np.random.default_rng(11), 120, 80
    table = chain(worlds * n, rng, days=60, end=np.minimum(60, rng.integers(25, 90, worlds * n)))
    world = pd.Series(np.repeat(np.arange(worlds), n), name="world")
    found = cx.stall(table, within=20, by=world, n_boot=50, rng=rng, exit="gone")
    true = pd.DataFrame(np.column_stack([truth(20), true_losses(60)]), index=STATES[:3], columns=stays.SHARES)
    for state, name in [("b", "on"), ("b", "left"), ("b", "still_there"), ("a", "loss_share"), ("b", "loss_share")]:
        part = found[found["state"] == state]
        covered = ((part[f"{name}_low"] <= true.loc[state, name]) & (true.loc[state, name] <= part[f"{name}_high"])).mean()
        assert covered == pytest.approx(0.95, abs=0.060), (state, name)


def test_customers_are_resampled_not_visits():
    """200 customers with ten visits each that all end alike: what is known is 200 things, not 2,000."""
    quick, visit = np.repeat(np.arange(200) % 2, 20), np.tile(np.arange(20), 200)
    start = visit // 2 * 80 + (visit % 2) * np.where(quick, 10, 70)
    table = pd.DataFrame({"customer": np.repeat(np.arange(200), 20), "state": np.where(visit % 2, "b", "a"), "start": start,
                          "stop": np.where(visit % 2, (visit // 2 + 1) * 80, start + np.where(quick, 10, 70)), "next": np.where(visit % 2, "a", "b")})
    found = cx.stall(cx.spells(table, states=STATES), visits="all", n_boot=400, exit="gone").iloc[0]
    assert found["n"] == 2000 and found["on"] == 0.5
    assert (found["on_high"] - found["on_low"]) / 2 == pytest.approx(1.96 * np.sqrt(0.25 / 200), rel=0.12)


# ---- what is said, and what is refused -------------------------------------------------------------------------------------------


def test_what_cannot_happen_has_no_interval_and_what_did_not_has_wilsons():
    table = pd.DataFrame({"customer": range(40), "state": "b", "start": 0, "stop": [20] * 20 + [90] * 20, "next": ["c"] * 20 + [None] * 20})
    row = cx.stall(cx.spells(table, states=STATES), exit="gone").iloc[0]
    assert row["left"] == 0 and (row["left_low"], row["left_high"]) == pytest.approx((0, 0.0876), abs=1e-4)  # Wilson, 0 of 40
    assert row["on_low"] < row["on"] == 0.5 < row["on_high"] and np.isnan(row["loss_share"])
    found = cx.stall(chain(60, np.random.default_rng(13)), rng=1, exit="gone").set_index("state")
    assert (found.loc["a", "back"], found.loc["a", "back_high"]) == (0, 0) and (found.loc["c", "on"], found.loc["c", "on_high"]) == (0, 0)
    stays_on = cx.stall(chain(60, np.random.default_rng(13)), rng=1, exit=None)
    assert (stays_on["left_high"] == 0).all() and stays_on["loss_share"].isna().all() and "gone" not in list(stays_on["state"])


def test_small_numbers_and_short_follow_up_are_said():
    table = pd.DataFrame({"customer": range(49), "state": ["a"] * 9 + ["b"] * 40, "start": 0, "stop": [70] * 9 + [30] * 40, "next": [None] * 9 + ["c"] + [None] * 39})
    found = cx.stall(cx.spells(table, states=STATES), exit="gone")
    assert found["note"].tolist() == ["hidden", "nobody followed for 60 days"] and found.loc[1, [*SHARES, "on_low", "left_high"]].isna().all()
    assert found.loc[0, "still_there"] == 1 and cx.stall(cx.spells(table, states=STATES), within=30, exit="gone")["note"].iloc[1] == ""
    timed = cx.time_in_stage(cx.spells(table, states=STATES))
    assert timed["note"].tolist() == ["hidden", ""] and timed["median"].isna().all()


def test_the_input_is_left_alone_and_its_marks_are_kept():
    table = chain(40, np.random.default_rng(14))
    table.attrs["simulated"] = True
    before = table.copy()
    for found in (cx.stall(table, rng=1, level=0.9, exit="gone"), cx.time_in_stage(table, level=0.9)):
        assert found.attrs["simulated"] is True and found.attrs["level"] == 0.9
    pd.testing.assert_frame_equal(table, before)
    pd.testing.assert_frame_equal(cx.stall(table, rng=1, exit="gone"), cx.stall(table, rng=np.random.default_rng(1), exit="gone"))


def test_customers_without_a_group_and_a_late_start_are_said():
    table = chain(40, np.random.default_rng(15))
    group = pd.Series(["x"] * 30, name="plan")
    apart = int((table["customer"] >= 30).sum())
    assert f": {apart}." in cx.time_in_stage(table, by=group).attrs["note"]
    late = table[table["start"] > 0]
    for found in (cx.time_in_stage(late), cx.stall(late, rng=1, exit="gone")):
        assert "day 0" in found.attrs["note"] and found[["total_days" if "total_days" in found else "loss_share"]].isna().all().all()


@pytest.mark.parametrize("change, said", [
    ({"within": 0}, "within"), ({"within": 2.5}, "within"), ({"n_boot": -1}, "n_boot"), ({"visits": "last"}, "visits"), ({"level": 95}, "level"),
    ({"exit": "left"}, "left"), ({"days": 0}, "days"), ({"by": "price"}, "price"), ({"by": pd.Series(["x"] * 9, name="on")}, "on"), ({"rng": "x"}, "rng"),
    ({"spells": pd.DataFrame({"day": [1]})}, "customer, state"), ({"spells": "none"}, "no spell")])
def test_what_cannot_be_is_refused(change, said):
    table = chain(9, np.random.default_rng(16))
    given = {"spells": table, "exit": "gone"} | change
    given["spells"] = table[:0] if isinstance(given["spells"], str) else given["spells"]
    with pytest.raises(cx.CxError, match=said):
        cx.stall(**given)


@pytest.mark.parametrize("change, said", [({"days": 0}, "days"), ({"days": True}, "days"), ({"visits": "last"}, "visits"), ({"by": pd.Series(["x"] * 9, name="median")}, "median")])
def test_what_cannot_be_timed_is_refused(change, said):
    with pytest.raises(cx.CxError, match=said):
        cx.time_in_stage(chain(9, np.random.default_rng(17)), **change)


def test_notes_speak_turkish():
    framework.use_language("tr")
    table = pd.DataFrame({"customer": [1, 2], "state": "a", "start": [0, 4], "stop": 9, "next": None})
    assert "gözlenmediği" in cx.time_in_stage(cx.spells(table, states=STATES)).attrs["note"]
