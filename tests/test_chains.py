"""Chances to move, how journeys end and what-if: against markovchain in R, by hand, against simulated chains whose truth is a matrix product."""

import csv
import pathlib

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import cxlab as cx
from cxlab.what_if_moves import compare, prepare

REFERENCE = pathlib.Path(__file__).parent / "reference" / "chains.csv"  # made by chains.R beside it
R = {row["name"]: float(row["value"]) for row in csv.DictReader(REFERENCE.read_text(encoding="utf-8").splitlines())}
STAGES = cx.framework.keys("stages")
ORACLE = {  # the chain of seven stages: probability of advocate before left, and steps until either
    "assess": (0.2151474245, 4.905328597), "admit": (0.2561278863, 4.649200710), "affirm": (0.3198752714, 4.250779554),
    "activate": (0.4015832292, 3.740104817), "acclimate": (0.5044419398, 3.097237876), "accomplish": (0.6336832670, 2.289479581),
    "adopt": (0.7960419920, 1.274737550)}
CHAIN = pd.DataFrame(  # a day in a small chain: on, back, out
    [[0.80, 0.15, 0.00, 0.05], [0.04, 0.84, 0.08, 0.04], [0.00, 0.05, 0.94, 0.01], [0.0, 0.0, 0.0, 1.0]], index=list("abcx"), columns=list("abcx"))


def stage_chain():
    """Forward .72, back .12, left .16; from the first stage .84 and no way back."""
    states = [*STAGES, "left"]
    chain = pd.DataFrame(0.0, index=states, columns=states)
    for k, stage in enumerate(STAGES[:-1]):
        chain.loc[stage, STAGES[k + 1]] = 0.72 if k else 0.84
        chain.loc[stage, "left"] = 0.16
        if k:
            chain.loc[stage, STAGES[k - 1]] = 0.12
    return chain


def spells_of(sequences):
    """Spells of customers who are one day in each state of their sequence; the last is still open."""
    rows = [{"customer": i, "state": state, "start": day, "stop": day + 1, "next": sequence[day + 1] if day + 1 < len(sequence) else None}
            for i, sequence in enumerate(sequences) for day, state in enumerate(sequence)]
    return pd.DataFrame(rows)


def walks():
    """The same 40 sequences as in chains.R."""
    found, t = [], np.arange(10)
    for i in range(40):
        j = np.cumsum((i * 7 + t * (3 + i % 5) + (t**2 + i) % 7) % 3 + 1) % 4
        found.append(["abcd"[k] for k in j[np.r_[True, np.diff(j) != 0]]])
    return found


def simulated(n, days, rng, chain=CHAIN, first=(0.7, 0.3, 0.0, 0.0), shortest=5):
    """Spells of n customers of a daily chain whose last state is final, observed until a random day."""
    states, chances = list(chain.index), np.cumsum(chain.to_numpy(), axis=1)
    path = np.empty((days + 1, n), dtype=int)
    path[0] = np.searchsorted(np.cumsum(first), rng.random(n), side="right")
    for day in range(1, days + 1):
        path[day] = (rng.random(n)[:, None] > chances[path[day - 1]]).sum(axis=1)
    end = rng.integers(shortest, days + 1, n)
    change = np.ones((n, days + 1), dtype=bool)
    change[:, 1:] = (path[1:] != path[:-1]).T
    customer, start = np.nonzero(change)
    state, same = path[start, customer], np.r_[customer[1:] == customer[:-1], False]
    stop, following = np.where(same, np.r_[start[1:], 0], days), np.where(same, np.r_[state[1:], 0], -1)
    following, stop = np.where(stop > end[customer], -1, following), np.minimum(stop, end[customer])
    kept, dtype = (start < end[customer]) & (state < len(states) - 1), pd.CategoricalDtype(states, ordered=True)
    found = pd.DataFrame({"customer": customer[kept], "state": pd.Categorical.from_codes(state[kept], dtype=dtype), "start": start[kept],
                          "stop": stop[kept], "next": pd.Categorical.from_codes(following[kept], dtype=dtype)})
    found.attrs = {"report": {}, "states": states}  # as `cx.spells` leaves it: nothing is checked again
    return found


def covered(hits):
    """Whether a share of hits lies within three Monte Carlo errors of .95."""
    return abs(np.mean(hits) - 0.95) < 3 * np.sqrt(0.95 * 0.05 / len(hits))


# ---- chances to move ---------------------------------------------------------------------------------------------------


def test_chances_per_move_and_their_intervals_are_those_of_r():
    found = cx.transition_matrix(spells_of(walks()))
    assert len(found) == sum(name.startswith("fit.") for name in R)
    for row in found.itertuples():
        pair = f"{row._1}.{row.to}"
        assert [row.probability, row.ci_low, row.ci_high] == pytest.approx([R[f"{what}.{pair}"] for what in ("fit", "low", "high")], abs=1e-12)
    assert found.groupby("from", observed=True)["moves"].sum().tolist() == found.groupby("from", observed=True)["at_risk"].first().tolist()


def test_chances_per_day_are_those_of_the_days_counted_one_by_one():
    spells = simulated(60, 30, np.random.default_rng(2))
    days = [(row.state, row.next if day == row.stop and isinstance(row.next, str) else row.state)
            for row in spells.itertuples() for day in range(row.start + 1, row.stop + 1)]
    counted = pd.Series(days).value_counts()
    found = cx.transition_matrix(spells, per="day").set_index(["from", "to"])
    assert found["moves"].to_dict() == counted.to_dict()
    total = pd.Series([start for start, _ in days]).value_counts()
    assert all(found.loc[pair, "at_risk"] == total[pair[0]] and found.loc[pair, "probability"] == counted[pair] / total[pair[0]] for pair in found.index)
    low, high = stats.binomtest(int(counted["a", "b"]), int(total["a"])).proportion_ci(method="wilson")
    assert found.loc[("a", "b"), ["ci_low", "ci_high"]].tolist() == pytest.approx([low, high], abs=1e-12)


@pytest.mark.parametrize("per", ["move", "day"])
def test_spells_and_their_moves_give_the_same_chances(per):
    spells = simulated(80, 30, np.random.default_rng(3))
    pd.testing.assert_frame_equal(cx.transition_matrix(spells, per), cx.transition_matrix(cx.moves(spells), per))


def test_moves_that_no_longer_know_the_days_have_chances_per_move_only():
    spells = simulated(80, 30, np.random.default_rng(3))
    by_hand = cx.moves(spells)
    by_hand.attrs = {}
    assert cx.transition_matrix(by_hand)["moves"].tolist() == cx.transition_matrix(spells)["moves"].tolist()
    with pytest.raises(cx.CxError, match=r"numbers at risk of every day.*per='move'"):
        cx.transition_matrix(by_hand, per="day")
    twice = pd.DataFrame({"day": [3, 3], "from": "a", "to": ["b", "c"], "moves": [3, 4], "at_risk": 5})
    for use in (cx.transition_matrix, lambda table: cx.what_if(table, {("a", "b"): 1.1}, from_state="a")):
        with pytest.raises(cx.CxError, match=r"Row 2: 7 moves by 5"):
            use(twice)


def test_groups_are_as_each_alone_and_small_rows_are_marked():
    spells = simulated(120, 30, np.random.default_rng(4)).assign(kind=lambda t: np.where(t["customer"] % 3, "many", "few"))
    spells.attrs["simulated"] = True
    found = cx.transition_matrix(spells, by="kind")
    assert found.columns[0] == "kind" and found.attrs["by"] == "kind" and found.attrs["simulated"] is True
    for kind, part in found.groupby("kind", observed=True):
        alone = cx.transition_matrix(spells[spells["kind"] == kind])
        assert part["moves"].tolist() == alone["moves"].tolist() and part["ci_high"].tolist() == alone["ci_high"].tolist()
    ends = cx.absorption(found, absorbing="x", rng=1)
    assert ends.columns[0] == "kind" and len(ends) == 6 and ends.attrs["simulated"] is True
    alone = cx.absorption(cx.transition_matrix(spells[spells["kind"] == "many"]), absorbing="x", rng=1)
    assert ends[ends["kind"] == "many"]["expected_moves"].tolist() == alone["expected_moves"].tolist()
    expected = np.select([found["at_risk"] < 10, found["at_risk"] < 30], ["hidden", "small"], "")
    assert found["note"].tolist() == expected.tolist() and set(expected) > {""}
    for name in ("from", "probability"):
        with pytest.raises(cx.CxError, match="cannot be called"):
            cx.transition_matrix(spells.assign(**{name: "u"}), by=name)


def test_a_log_without_moves_has_no_chances_per_move_and_only_staying_per_day():
    still = pd.DataFrame({"customer": [1, 2], "state": "a", "start": 0, "stop": [5, 7], "next": [None, None]})
    assert len(cx.transition_matrix(still)) == 0
    assert cx.transition_matrix(still, per="day")[["from", "to", "moves", "at_risk", "probability"]].to_numpy().tolist() == [["a", "a", 12, 12, 1.0]]
    with pytest.raises(cx.CxError, match="list"):
        cx.transition_matrix([1, 2])


# ---- how it ends -------------------------------------------------------------------------------------------------------


def test_seven_stages_end_as_in_the_published_chain_and_in_r():
    chain = stage_chain()
    shuffled = chain.sample(frac=1, axis=1, random_state=1)
    for found in (cx.absorption(chain), cx.absorption(shuffled), cx.absorption(chain.to_numpy(), states=list(chain.index))):
        for row in found.itertuples():
            assert (row.probability, row.expected_moves) == pytest.approx(ORACLE[row._1], abs=1e-9)
            assert row.probability == pytest.approx(R[f"stages.probability.{row._1}"], abs=1e-12)
            assert row.expected_moves == pytest.approx(R[f"stages.steps.{row._1}"], abs=1e-12)
        missing = ["n", "ci_low", "ci_high", "expected_moves_low", "expected_days", "expected_days_high"]
        assert len(found) == 7 and found[missing].isna().all(axis=None) and "Markov" in found.attrs["note"]


def test_staying_and_three_ends_are_as_in_r():
    states = ["a", "b", "c", "won", "lost", "moved"]
    chain = pd.DataFrame([[0.90, 0.06, 0.01, 0.01, 0.01, 0.01], [0.02, 0.91, 0.04, 0, 0.02, 0.01], [0, 0.05, 0.85, 0.06, 0.03, 0.01],
                          [0.3, 0.7, 0, 0, 0, 0], [np.nan] * 6, [0] * 6], index=states, columns=states)  # the rows of ends are not used
    found = cx.absorption(chain, absorbing=("won", "lost", "moved"))
    assert found["probability"].tolist() == pytest.approx([R[f"daily.probability.{x}"] for x in "abc"], abs=1e-12)
    assert found["expected_moves"].tolist() == pytest.approx([R[f"daily.steps.{x}"] for x in "abc"], abs=1e-11)


def test_moves_and_days_tell_the_same_end_and_agree_with_the_inverse():
    spells = simulated(300, 60, np.random.default_rng(5))
    day = cx.absorption(cx.transition_matrix(spells, "day"), absorbing=("c", "x"), rng=1)
    move = cx.absorption(cx.transition_matrix(spells, "move"), absorbing=("c", "x"), rng=1)
    assert day["probability"].tolist() == pytest.approx(move["probability"].tolist(), abs=1e-12)
    assert day["expected_moves"].tolist() == pytest.approx(move["expected_moves"].tolist(), abs=1e-12)
    assert move["expected_days"].isna().all() and "go on" in day.attrs["note"] and "go on" not in move.attrs["note"]
    table = cx.transition_matrix(spells, "day").pivot(index="from", columns="to", values="probability").fillna(0)
    inverse = np.linalg.inv(np.eye(2) - table.loc[["a", "b"], ["a", "b"]].to_numpy())
    assert day["expected_days"].tolist() == pytest.approx(inverse.sum(axis=1).tolist(), rel=1e-9)
    assert day["probability"].tolist() == pytest.approx((inverse @ table.loc[["a", "b"], "c"].to_numpy()).tolist(), rel=1e-9)
    assert (day["expected_days_low"] < day["expected_days"]).all() and (day["expected_days"] < day["expected_days_high"]).all()
    counts = cx.transition_matrix(spells, "day").groupby("from", observed=True)["at_risk"].first()
    assert day["n"].tolist() == counts[["a", "b"]].tolist()


def test_the_interval_of_a_single_row_is_that_of_the_binomial():
    spells = spells_of([["a", "b"]] * 60 + [["a", "x"]] * 40).query("state == 'a'")
    found = cx.absorption(cx.transition_matrix(spells), absorbing=("b", "x"), n_boot=20_000, rng=1)
    assert found["probability"].tolist() == [0.6] and found["n"].tolist() == [100]
    assert found.loc[0, ["ci_low", "ci_high"]].tolist() == pytest.approx((stats.binom.ppf([0.025, 0.975], 100, 0.6) / 100).tolist(), abs=0.0101)
    assert found.loc[0, ["expected_moves_low", "expected_moves_high"]].tolist() == [1, 1]
    assert cx.absorption(cx.transition_matrix(spells), absorbing=("b", "x"), n_boot=0)[["ci_low", "expected_moves_high"]].isna().all(axis=None)


def test_intervals_of_the_end_cover_the_truth():
    truth = cx.absorption(CHAIN, absorbing=("c", "x")).set_index("from")
    rng, hits, long = np.random.default_rng(6), [], []
    for _ in range(150):
        found = cx.absorption(cx.transition_matrix(simulated(250, 40, rng), "day"), absorbing=("c", "x"), n_boot=300, rng=rng).set_index("from")
        row, days = found.loc["a"], truth.loc["a", "expected_moves"]  # in a bare matrix a step is a day
        hits.append(row["ci_low"] <= truth.loc["a", "probability"] <= row["ci_high"])
        long.append(row["expected_days_low"] <= days <= row["expected_days_high"])
    assert covered(hits) and covered(long)


def test_a_state_without_a_way_out_is_named():
    stuck = cx.transition_matrix(spells_of([["a", "b"], ["a", "x"], ["a", "c", "d"], ["a", "c", "d", "c"]]))  # b is open, c and d lead to each other
    with pytest.raises(cx.CxError, match=r"From b, c, d nobody was seen to reach any of 'x'"):
        cx.absorption(stuck, absorbing="x")
    found = cx.absorption(stuck, absorbing=["x", "b", "c"], rng=1).set_index("from")
    assert found.loc["a", "probability"] == 0.25 and found.index.tolist() == ["a", "d"]
    with pytest.raises(cx.CxError, match=r"From a"):
        cx.absorption(pd.DataFrame([[1.0, 0], [0, 1]], index=list("ax"), columns=list("ax")), absorbing="x")


def test_a_resample_without_a_way_out_is_counted_and_never_ends():
    rare = cx.transition_matrix(spells_of([["a", "b", "a", "b", "a", "b", "a", "x"]]))  # the only way out was gone once in four times
    found = cx.absorption(rare, absorbing="x", n_boot=2000, rng=1)
    lost = found.attrs["no_way_out"] / 2000
    assert abs(lost - 0.75**4) < 3 * np.sqrt(0.75**4 * (1 - 0.75**4) / 2000)
    assert np.isinf(found["expected_moves_high"]).all() and np.isfinite(found["expected_moves_low"]).all()
    assert found["ci_low"].tolist() == [0, 0] and found["probability"].tolist() == [1, 1] and found["note"].tolist() == ["hidden"] * 2
    trap = cx.transition_matrix(spells_of([["a", "x"]] * 20 + [["a", "b"]] * 20 + [["b", "c", "b", "c", "b", "c", "b", "x"]]))  # a ends, or comes to b
    found = cx.absorption(trap, absorbing="x", n_boot=500, rng=1).set_index("from")
    assert np.isinf(found["expected_moves_high"]).all() and 0.3 < found.loc["a", "ci_low"] < 0.6 and found.loc["b", "ci_low"] == 0


@pytest.mark.parametrize("change, said", [
    ({"absorbing": "nowhere"}, r"absorbing = 'nowhere'.*States: assess"), ({"absorbing": ()}, "one or more different states"),
    ({"absorbing": ["left", "left"]}, "different states"), ({"n_boot": 1}, "n_boot"), ({"level": 95}, "level"), ({"rng": "x"}, "rng"),
    ({"absorbing": [*STAGES, "left"]}, "no state to start from"),
    ({"matrix": stage_chain().iloc[:, 1:]}, "same states as index and as columns"), ({"matrix": np.eye(9)}, "states="),
    ({"matrix": np.eye(9), "states": ["a"]}, "9 × 9 needs"), ({"matrix": stage_chain() * 0.5}, r"'assess' must lie.*sum is 0.500000"),
    ({"matrix": "chain"}, "square of numbers"), ({"matrix": stage_chain().replace(0.16, "much")}, "square of numbers"),
    ({"matrix": stage_chain().replace(0.16, -0.16)}, r"smallest −0.16"),
])
def test_a_chain_that_is_none_is_refused(change, said):
    with pytest.raises(cx.CxError, match=said):
        cx.absorption(**({"matrix": stage_chain()} | change))


def test_rows_left_out_or_twice_are_noticed():
    full = cx.transition_matrix(simulated(80, 30, np.random.default_rng(3)))
    with pytest.raises(cx.CxError, match=r"'a' must lie.*all rows"):
        cx.absorption(full.iloc[1:], absorbing="x")
    with pytest.raises(cx.CxError, match=r"Column 'at_risk' .*2 "):
        cx.absorption(full.assign(at_risk=[np.nan] + [5.0] * (len(full) - 1)), absorbing="x")
    with pytest.raises(cx.CxError, match="Column 'to' "):
        cx.absorption(full.assign(to=full["to"].where(full["to"] != "x")), absorbing="x")
    with pytest.raises(cx.CxError, match=r"Row \d+: 'a' → 'b' is there twice"):
        cx.absorption(pd.concat([full, full]), absorbing="x")


# ---- what if -----------------------------------------------------------------------------------------------------------


def test_before_is_occupancy_and_a_factor_of_one_changes_nothing():
    spells = simulated(300, 40, np.random.default_rng(7))
    spells.attrs["simulated"] = True
    days = [0, 1, 17, 40]
    for start in (None, "b"):
        found = cx.what_if(spells, {("a", "b"): 1, ("b", "c"): 1.0}, days=days, from_state=start, excess="scale", rng=1)
        occupancy = cx.occupancy(spells, days=days, from_state=start)
        assert np.abs(found["before"].to_numpy() - occupancy["occupancy"].to_numpy()).max() < 1e-12
        assert (found[["difference", "ci_low", "ci_high"]] == 0).all(axis=None) and (found["after"] == found["before"]).all()
        assert found["state"].astype(str).tolist() == occupancy["state"].astype(str).tolist() and found.attrs["simulated"] is True
        assert found[["before_low", "before_high"]].to_numpy().tolist() == found[["after_low", "after_high"]].to_numpy().tolist()


def multiplied(chain, factors):
    result = chain.copy()
    for (start, to), factor in factors.items():
        result.loc[start, to] *= factor
    for state in result.index:
        result.loc[state, state] = 1 - result.loc[state].drop(state).sum()
    return result.to_numpy()


def test_the_difference_covers_the_truth_of_a_simulated_chain():
    factors, first = {("a", "b"): 1.3, ("b", "x"): 0.5}, np.array([0.7, 0.3, 0.0, 0.0])
    before, after = (first @ np.linalg.matrix_power(multiplied(CHAIN, change), 20) for change in ({}, factors))
    truth = np.r_[after - before, before, after]
    rng, hits, estimates = np.random.default_rng(8), [], []
    for _ in range(200):
        found = cx.what_if(simulated(400, 24, rng, first=first), factors, days=20, excess="scale", rng=rng)
        low, high = (np.r_[tuple(found[f"{name}_{end}"] for name in ("ci", "before", "after"))] for end in ("low", "high"))
        hits.append((low <= truth) & (truth <= high))
        estimates.append(np.r_[tuple(found[name] for name in ("difference", "before", "after"))])
    assert all(covered(column) for column in np.array(hits).T)
    error = np.std(estimates, axis=0) / np.sqrt(200)
    assert (np.abs(np.mean(estimates, axis=0) - truth) < 4 * error).all()


def test_customers_and_money_by_hand():
    counts = pd.DataFrame({"day": [1, 1, 3], "from": "a", "to": ["b", "x", "b"], "moves": [20, 10, 14], "at_risk": [100, 100, 70]})
    found = cx.what_if(counts, {("a", "b"): 1.5}, days=[1, 3], from_state="a", customers=2000, value={"b": 300, "x": -50, "a": 100}, rng=1)
    found = found.set_index(["day", "state"])
    # day 1: a .7 → .6, b .2 → .3, x .1; day 3: b gains .2 of a before, .3 after
    assert found["before"].tolist() == pytest.approx([0.7, 0.2, 0.1, 1, 0.56, 0.34, 0.1, 1])
    assert found["after"].tolist() == pytest.approx([0.6, 0.3, 0.1, 1, 0.42, 0.48, 0.1, 1])
    assert found["customers"].tolist() == pytest.approx([-200, 200, 0, 0, -280, 280, 0, 0], abs=1e-9)
    assert found["value"].tolist() == pytest.approx([-10, 30, 0, 20, -14, 42, 0, 28], abs=1e-9)
    assert found.loc[(3, "all"), "total"] == pytest.approx(28 * 2000) and found.loc[(3, "all"), "difference"] == 0
    both = found.loc[(3, "all")]
    assert both["value_low"] < 28 < both["value_high"] and both["total_high"] == pytest.approx(both["value_high"] * 2000)
    b = found.loc[(3, "b")]
    assert b["customers_low"] == pytest.approx(b["ci_low"] * 2000) and b["value_low"] == pytest.approx(b["ci_low"] * 300)
    assert "break-even" in found.attrs["note"] and "not the effect" in found.attrs["note"] and found.attrs["n"] == 0


def test_a_number_is_the_value_of_an_advocate():
    counts = pd.DataFrame({"day": [1], "from": ["adopt"], "to": ["advocate"], "moves": [20], "at_risk": [100]})
    found = cx.what_if(counts, {("adopt", "advocate"): 2}, from_state="adopt", value=900, rng=1).set_index("state")
    assert found.loc["all", "value"] == pytest.approx(0.2 * 900) and found.loc["adopt", "value"] == 0
    assert not np.signbit(found["value"]).any() and "all" not in cx.what_if(counts, {("adopt", "advocate"): 2}, from_state="adopt")["state"].tolist()


def test_a_row_above_one_is_refused_with_the_largest_factor_that_works():
    counts = pd.DataFrame({"day": [1, 2, 2], "from": "a", "to": ["b", "b", "x"], "moves": [20, 30, 30], "at_risk": [100, 80, 80]})
    with pytest.raises(cx.CxError, match=r"'a' add up to 1\.12 on day 2.*: 1\).*a → b is 1\.66\.") as refused:
        cx.what_if(counts, {("a", "b"): 2}, from_state="a", rng=1)
    assert "scale" in str(refused.value)
    assert cx.what_if(counts, {("a", "b"): 1.66}, from_state="a", rng=1).attrs["scaled"] == 0
    with pytest.raises(cx.CxError, match=r"a → x is 1\.33"):
        cx.what_if(counts, {("a", "b"): 1.34, ("a", "x"): 1.34}, from_state="a", rng=1)
    with pytest.raises(cx.CxError, match=r"a → x is 2\.16"):  # (1 − .5 · .375) / .375
        cx.what_if(counts, {("a", "b"): 0.5, ("a", "x"): 2.2}, from_state="a", rng=1)
    found = cx.what_if(counts, {("a", "b"): 2}, from_state="a", excess="scale", rng=1)
    day_two = 0.6 * np.array([0, 0.75, 0.375]) / 1.125  # everybody moves, two to one
    assert found["after"].tolist() == pytest.approx([0, 0.4 + day_two[1], day_two[2]], abs=1e-12)
    assert found.attrs["scaled"] == 1 and 100 < found.attrs["scaled_in_resamples"] < 200 and "scaled to 1" in found.attrs["note"]
    assert (found[["after_low", "after_high"]] >= 0).all(axis=None) and (found["after_high"] <= 1).all()


def test_a_move_switched_off_no_longer_happens_and_an_idle_factor_is_told():
    spells = simulated(300, 40, np.random.default_rng(9), first=(1.0, 0, 0, 0))
    found = cx.what_if(spells, {("a", "b"): 0, ("c", "a"): 3}, rng=1).set_index("state")
    assert found.loc[["b", "c"], ["after", "after_low", "after_high"]].eq(0).all(axis=None) and "c → a" in found.attrs["note"]
    assert found.loc["a", "after"] + found.loc["x", "after"] == pytest.approx(1) and found["difference"].sum() == pytest.approx(0, abs=1e-12)


def test_the_prepared_part_gives_the_same_and_seeds_repeat():
    spells = simulated(200, 30, np.random.default_rng(10))
    prepared = prepare(spells, rng=1)
    for factor in (0.5, 1.2):
        at_once = cx.what_if(spells, {("b", "c"): factor}, rng=1)
        pd.testing.assert_frame_equal(compare(prepared, {("b", "c"): factor}), at_once)
    assert at_once["day"].unique().tolist() == [30] and at_once.attrs["factors"] == [["b", "c", 1.2]]
    none = cx.what_if(cx.moves(spells), {("b", "c"): 1.2}, n_boot=0)
    assert none["after"].tolist() == at_once["after"].tolist() and none[["ci_low", "after_high"]].isna().all(axis=None)
    narrow = compare(prepared, {("b", "c"): 1.2}, level=0.5).set_index("state").loc["c"]
    assert at_once.set_index("state").loc["c", "ci_low"] < narrow["ci_low"] < narrow["difference"] < narrow["ci_high"]


def test_it_is_said_where_hardly_anybody_is_observed_any_more():
    spells = simulated(200, 30, np.random.default_rng(10), shortest=10)
    there = [int(((spells["start"] < day) & (spells["stop"] >= day)).sum()) for day in (10, 30)]
    assert there[1] < 30 < there[0]
    for day, n in zip((10, 30), there, strict=True):
        note = cx.what_if(spells, {("b", "c"): 1.1}, days=[2, day], excess="scale", n_boot=2, rng=1).attrs["note"]
        assert (f"On day {day} only {n} customers" in note) == (n < 30)


def test_resamples_spread_like_greenwood():
    spells = simulated(500, 30, np.random.default_rng(11))
    found = cx.what_if(spells, {("a", "b"): 1.1}, days=[0, 20], n_boot=4000, level=0.6826894921370859, rng=1)
    half = (found["before_high"] - found["before_low"]).to_numpy() / 2
    assert half == pytest.approx(cx.occupancy(spells, days=[0, 20])["se"].to_numpy(), rel=0.06)  # day 0: the starting mix alone
    fixed = cx.what_if(spells, {("a", "b"): 1.1}, days=0, from_state="a", n_boot=10, rng=1)
    assert fixed["before_low"].tolist() == fixed["before_high"].tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize("change, said", [
    ({"factors": {}}, "which moves change"), ({"factors": [("a", "b")]}, "which moves change"), ({"factors": {("a", "q"): 1}}, r"\('a', 'q'\) is no move"),
    ({"factors": {"ab": 2}}, "is no move"), ({"factors": {("a", "a"): 2}}, "staying"), ({"factors": {("a", "b"): -1}}, "a → b is -1"),
    ({"factors": {("a", "b"): np.nan}}, "at least 0"), ({"factors": {("a", "b"): True}}, "at least 0"), ({"days": 31}, "after day 30"),
    ({"days": [-1, 3]}, "from 0 on"), ({"days": 2.5}, "whole number"), ({"days": []}, "one day or several"), ({"from_state": "q"}, "'q'"),
    ({"customers": 0}, "above 0"), ({"value": 900}, "'advocate'"), ({"value": {"q": 1}}, "'q'"), ({"value": {"a": "1"}}, "in lira"),
    ({"excess": "cut"}, "excess"), ({"n_boot": -1}, "n_boot"), ({"rng": "x"}, "rng"), ({"level": 0}, "level"),
    ({"spells_or_moves": [1]}, "list"),
])
def test_a_what_if_that_cannot_be_is_refused(change, said):
    spells = simulated(100, 30, np.random.default_rng(12))
    given = {"spells_or_moves": spells, "factors": {("a", "b"): 1.1}, "excess": "scale", "n_boot": 2}
    assert len(cx.what_if(**given)) == 4
    with pytest.raises(cx.CxError, match=said):
        cx.what_if(**(given | change))


def test_a_state_of_the_name_of_the_sum_and_moves_without_a_start_are_refused():
    counts = pd.DataFrame({"day": [1], "from": ["a"], "to": ["all"], "moves": [20], "at_risk": [100]})
    with pytest.raises(cx.CxError, match="Rename the state"):
        cx.what_if(counts, {("a", "all"): 2}, from_state="a", value={"a": 1})
    with pytest.raises(cx.CxError, match="from_state"):
        cx.what_if(counts, {("a", "all"): 2})
