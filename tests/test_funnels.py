"""The naive funnel against the share who reach a stage: by hand, against statsmodels' cumulative incidence, and against a simulated truth."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight
from test_journey import STEPS, walk

import cxlab as cx


def test_reaching_is_the_cumulative_incidence_of_statsmodels():
    spells = walk(400, 60, np.random.default_rng(4), censor=True, start=(1, 0, 0, 0))
    cut = cx.until(spells, "C")
    assert not (cut["state"] == "C").any() and cut.attrs["report"]["already_there"] == 0
    path = cut.loc[cut.groupby("customer")["stop"].idxmax()]
    status = path["next"].astype(object).map({"C": 1, "X": 2}).fillna(0).to_numpy(dtype=int)
    incidence = CumIncidenceRight(path["stop"].to_numpy(), status)
    found = cx.funnel(spells, days=40).set_index("state")
    at = np.searchsorted(incidence.times, 40, side="right") - 1
    assert found.loc["C", "estimate"] == pytest.approx(incidence.cinc[0][at], abs=1e-12)
    assert found.loc["A", ["naive", "estimate"]].tolist() == [1, 1]
    assert found.loc["C", "reached"] == (spells["next"] == "C").groupby(spells["customer"]).any().sum()


def test_the_naive_funnel_misses_the_truth_and_the_estimate_covers_it():
    final = STEPS.copy()
    final[2] = [0, 0, 1, 0]
    truth, rng, inside = (np.linalg.matrix_power(final, 30)[0, 2]), np.random.default_rng(1), 0
    for _ in range(200):
        row = cx.funnel(walk(300, 60, rng, censor=True, start=(1, 0, 0, 0)), days=30, states=["C"]).iloc[0]
        inside += row["ci_low"] <= truth <= row["ci_high"]
    assert abs(inside / 200 - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 200)
    customers = cx.load("journey_customers")
    spells = cx.spells(cx.load("journey_events"), customers)
    row = cx.funnel(spells, days=364, states=["advocate"]).iloc[0]
    told = cx.load("journey_truth").query("world == 'journey' and quantity == 'ever_advocate'")["value"].iloc[0]
    assert row["naive_high"] < told and row["ci_low"] < told < row["ci_high"]


def test_who_begins_in_a_stage_has_reached_it_and_who_is_found_in_it_later_is_left_out():
    given = pd.DataFrame({"customer": [1, 1, 2, 3, 4], "state": ["B", "C", "A", "B", "A"], "start": [0, 3, 0, 5, 0], "stop": [3, 9, 4, 9, 9],
                          "next": ["C", None, "B", None, None]})
    spells = cx.spells(given, states=list("ABC"))
    cut = cx.until(spells, "B")
    assert cut.astype(object).where(cut.notna(), None).values.tolist() == [[1, "B", 0, 9, None], [2, "A", 0, 4, "B"], [4, "A", 0, 9, None]]
    assert cut.attrs["report"] == {"customers": 3, "spells": 3, "already_there": 1}
    found = cx.funnel(spells, days=8, states=["B"]).iloc[0]
    assert (found["n"], found["reached"], found["naive"], found["note"]) == (4, 3, 0.75, "hidden") and found["estimate"] == pytest.approx(1 / 3 + 2 / 3 / 2)


def test_wrong_stages_are_named():
    spells = walk(20, 10, np.random.default_rng(4))
    for call in (lambda: cx.until(spells, "Z"), lambda: cx.funnel(spells, 5, ["Z"])):
        with pytest.raises(cx.CxError, match="'Z'.*A, B, C, X"):
            call()
    with pytest.raises(cx.CxError, match="whole number"):
        cx.funnel(spells, 5.5)
