"""An NPS round by round: limits of a case by hand and of a p-chart, false alarms as often as theory says, the shift that is there and none that is not."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import cxlab as cx

COLUMNS = ["round", "n", "nps", "se", "ci_low", "ci_high", "centre", "lower", "upper", "outside", "note"]


def answers(*kinds, name=lambda k: k + 1):
    """Rounds of so many promoters, passives and detractors."""
    rows = [(name(k), score) for k, counts in enumerate(kinds) for score, n in zip((10, 8, 3), counts, strict=True) for _ in range(n)]
    return pd.DataFrame(rows, columns=["round", "score"])


EIGHT = [(50, 30, 20)] * 4 + [(40, 30, 30)] * 4


def test_a_case_by_hand():
    """360 promoters and 200 detractors of 800: P = .45, D = .25, centre 20, v = .7 − .04 = .66."""
    found = cx.rounds(answers(*EIGHT, (10, 10, 380), (200, 0, 0), (30, 50, 20)))
    assert list(found.columns) == COLUMNS and list(found["round"]) == list(range(1, 12)) and (found["centre"] == 20).all()
    for row, n in ((0, 100), (8, 400), (9, 200), (10, 100)):
        half = 300 * np.sqrt(0.66 / n)
        assert found.loc[row, ["lower", "upper"]].tolist() == pytest.approx([20 - half, 20 + half], abs=1e-12)
    assert list(found["outside"]) == [""] * 8 + ["below", "above", ""] and found.attrs["n_baseline"] == 800
    assert found.attrs["centre_se"] == pytest.approx(100 * np.sqrt(0.66 / 800)) and list(found["note"]) == [""] * 11


def test_score_and_interval_are_those_of_nps():
    table = answers(*EIGHT, (3, 3, 3), (9, 9, 9))
    found, wanted = cx.rounds(table, level=0.9), cx.nps(table, "score", by="round", level=0.9)
    pd.testing.assert_frame_equal(found[["round", "n", "nps", "se", "ci_low", "ci_high"]], wanted[["round", "n", "nps", "se", "ci_low", "ci_high"]], check_flags=False)
    assert list(found["note"])[-2:] == ["hidden", "small"] and found.attrs["level"] == 0.9


def test_without_passives_it_is_the_p_chart():
    rng = np.random.default_rng(2)
    table = answers(*((k, 0, 150 - k) for k in rng.integers(60, 110, 12)))
    found = cx.rounds(table)
    p = (table["score"][table["round"] <= 8] == 10).mean()
    half = 3 * np.sqrt(p * (1 - p) / 150)  # Shewhart's limits of a proportion
    assert found[["lower", "centre", "upper"]].to_numpy() == pytest.approx(np.tile([200 * (p - half) - 100, 200 * p - 100, 200 * (p + half) - 100], (12, 1)))


def test_limits_end_at_the_scale_and_a_round_on_the_limit_is_inside():
    found = cx.rounds(answers(*[(9, 1, 0)] * 9))
    assert (found["upper"] == 100).all() and (found["outside"] == "").all()
    flat = cx.rounds(answers(*[(20, 0, 0)] * 9, (19, 1, 0)))
    assert flat["lower"].tolist() == flat["upper"].tolist() == [100.0] * 10 and list(flat["outside"]) == [""] * 9 + ["below"]


def test_too_few_rounds_have_no_limits():
    found = cx.rounds(answers(*EIGHT[:7]))
    assert found[["centre", "lower", "upper"]].isna().all(axis=None) and list(found["note"]) == ["no limits"] * 7 and (found["outside"] == "").all()
    assert found["nps"].notna().all() and found.attrs["centre_se"] is None
    assert cx.rounds(answers(*EIGHT[:7]), baseline=7)["centre"].notna().all()
    with_eight = cx.rounds(answers(*EIGHT))
    assert with_eight["centre"].eq(20).all() and not with_eight["note"].any()


def test_a_round_without_answers_keeps_its_row():
    table = answers(*EIGHT, (40, 30, 30))
    table["score"] = table["score"].astype("Int64").mask(table["round"] == 3)
    found = cx.rounds(pd.concat([table, pd.DataFrame({"round": [10, None], "score": [None, 3]})], ignore_index=True))
    assert list(found["n"]) == [100, 100, 0, 100, 100, 100, 100, 100, 100, 0] and found["nps"].isna().tolist() == [k in (2, 9) for k in range(10)]
    assert found.loc[[2, 9], ["lower", "upper"]].isna().all(axis=None) and found.loc[9, "outside"] == "" and found["centre"].iloc[0] == pytest.approx(100 * (310 - 180) / 700)
    assert (found.attrs["without_round"], found.attrs["n_missing"]) == (1, 101) and "without a round, left out: 1" in found.attrs["note"]


def test_rounds_stand_in_their_order():
    named = answers(*EIGHT, (0, 0, 50), (50, 0, 0), name=lambda k: f"R{k + 1}")
    assert list(cx.rounds(named.sample(frac=1, random_state=1))["round"]) == [f"R{k}" for k in range(1, 11)]
    months = answers(*EIGHT, name=lambda k: f"2018-{k + 5:02d}")
    assert list(cx.rounds(months)["round"]) == [f"2018-{k:02d}" for k in range(5, 13)]
    order = pd.CategoricalDtype(["spring", "summer", "never", "autumn"], ordered=True)
    seasons = answers(*EIGHT[:3], name=lambda k: ["spring", "summer", "autumn"][k]).astype({"round": order})
    found = cx.rounds(seasons, baseline=2)
    assert list(found["round"]) == list(order.categories) and list(found["n"]) == [100, 100, 0, 100] and found["centre"].eq(30).all()
    days = answers(*EIGHT, name=lambda k: pd.Timestamp(2026, 12 - k, 1))
    assert cx.rounds(days)["round"].is_monotonic_increasing
    assert list(cx.rounds(answers(*EIGHT).rename(columns={"round": "month"}), round="month").columns) == COLUMNS


def test_a_beginning_that_was_not_steady_is_told():
    found = cx.rounds(answers(*EIGHT[:7], (0, 0, 400)))
    assert found["outside"].iloc[7] == "below" and "not steady" in found.attrs["note"]
    assert "not steady" not in cx.rounds(answers(*EIGHT, (0, 0, 400))).attrs["note"]
    assert "more than one row" in cx.rounds(answers(*EIGHT).assign(customer=1)).attrs["note"]


@pytest.mark.parametrize("change, said", [
    ({"table": [1]}, "list"), ({"round": "rounds"}, "Nearly the same: round"), ({"score": "points"}, "'points'"), ({"baseline": 1}, "2 or more"), ({"baseline": 8.0}, "2 or more"),
    ({"baseline": True}, "2 or more"), ({"level": 1}, "level"), ({"table": answers((1, 1, 1)).assign(score="9")}, "text"), ({"table": answers((1, 1, 1)).assign(score=11)}, "0 to 10")])
def test_what_is_no_round_is_refused(change, said):
    with pytest.raises(cx.CxError, match=said):
        cx.rounds(**({"table": answers(*EIGHT)} | change))


def test_alarms_without_a_shift_are_as_rare_as_theory_says():
    """60 worlds of 8 + 60 steady rounds of 150. The centre is estimated from 8 rounds, so a round strays from it with √(1 + 1/8) of its own se."""
    rng, alarms = np.random.default_rng(12), []
    for _ in range(60):
        kinds = rng.multinomial(150, [0.45, 0.3, 0.25], size=68)
        table = pd.DataFrame({"round": np.repeat(np.arange(68), 150), "score": np.concatenate([np.repeat([10, 8, 3], each) for each in kinds])})
        alarms.append((cx.rounds(table)["outside"].iloc[8:] != "").mean())
    expected = 2 * norm.sf(3 / np.sqrt(1 + 1 / 8))  # .0047; .0027 if the centre were known
    assert abs(np.mean(alarms) - expected) < 3 * np.std(alarms) / np.sqrt(60) and np.mean(alarms) < 0.01


def test_the_shift_of_the_bundled_rounds_is_found_and_none_in_the_twin():
    found, twin = (cx.rounds(cx.load(name)) for name in ("touchpoint_nps_rounds", "touchpoint_nps_rounds_twin"))
    assert len(found) == 16 and (found["outside"].iloc[:10] == "").all() and (found["outside"].iloc[10:] == "below").sum() >= 4
    assert (twin["outside"] != "").sum() <= 1 and found.attrs["simulated"] and twin.attrs["simulated"]
