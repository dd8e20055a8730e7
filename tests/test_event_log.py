"""Events become spells: against a slow walk through each customer's log, on logs with every fault; and each fault is told."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab as cx
from cxlab.framework import keys

STAGES = keys("stages")


def log(*rows, columns=("customer", "day", "stage")):
    return pd.DataFrame(rows, columns=columns)


def rows(spells):
    return [tuple(None if value != value else value for value in row) for row in spells.astype({"state": object, "next": object}).itertuples(index=False)]


# --- names of stages ----------------------------------------------------------------------------------------------------


def test_stages_under_any_of_their_names():
    for key, en, tr in ((row["key"], row["en"], row["tr"]) for row in cx.framework.vocabulary()["stages"]):
        upper = tr.replace("i", "İ").upper()
        assert cx.stage_names([key, en.upper(), tr, upper, f" {tr} "]).tolist() == [key] * 5
    assert cx.stage_names(["SONUÇLANDIRMA", "ortama alisma", "ORTAMA ALIŞMA", "Ayrıldı"]).tolist() == ["accomplish", "acclimate", "acclimate", "left"]
    found = cx.stage_names(pd.Series(["activate", None, "?"], index=[5, 6, 7], name="Aşama"), mapping={"?": None})
    assert found.isna().tolist() == [False, True, True] and found.index.tolist() == [5, 6, 7] and found.name == "Aşama"
    assert list(found.cat.categories) == [*STAGES, "left"] and found.cat.ordered


def test_unknown_names_are_listed_with_their_rows():
    with pytest.raises(cx.CxError, match=r"\(2\): 'Bilinmiyor' \(rows: 2, first 3\), 'test' \(rows: 7, first 4\)") as error:
        cx.stage_names(["activate", "Bilinmiyor", *["test"] * 7, "Bilinmiyor", None])  # however many rows: each name once, none left out
    assert "mapping" in str(error.value) and "acclimate" in str(error.value)
    with pytest.raises(cx.CxError, match="'started'"):
        cx.stage_names(["x"], mapping={"x": "started"})


# --- the log ------------------------------------------------------------------------------------------------------------


def test_a_plain_log():
    events = log((1, 3, "admit"), (1, 10, "affirm"), (1, 12, "left"), (2, 7, "assess"))
    customers = pd.DataFrame({"customer": [1, 2, 3], "last_day": [30, 20, 9]})
    found = cx.spells(events, customers)
    assert rows(found) == [(1, "admit", 0, 7, "affirm"), (1, "affirm", 7, 9, "left"), (2, "assess", 0, 13, None)]
    assert list(found.columns) == ["customer", "state", "start", "stop", "next"] and list(found["state"].cat.categories) == [*STAGES, "left"]
    report = found.attrs["report"]
    assert (report["events"], report["spells"], report["customers"], report["customers_without_events"]) == (4, 3, 2, 1)
    assert report["set_aside"] == [] and report["folded"] == report["repeats"] == report["end_assumed"] == 0


def test_within_a_day_time_decides_else_the_order_of_the_rows():
    events = log((1, 0, "affirm", "14:00"), (1, 0, "admit", "09:00"), (1, 5, "activate", "08:00"), columns=("customer", "day", "stage", "time"))
    assert rows(cx.spells(events, end=9))[0][1] == "affirm"
    assert rows(cx.spells(events.drop(columns="time"), end=9))[0][1] == "admit"
    assert cx.spells(events, end=9).attrs["report"]["folded"] == 1


def test_repeats_late_events_and_events_after_leaving_are_told():
    events = log((1, 0, "admit"), (1, 2, "admit"), (1, 4, "left"), (1, 6, "admit"), (2, 0, "admit"), (2, 30, "affirm"), (2, 31, "activate"),
                 (3, 0, "admit"), (None, 0, "admit"), (4, None, "admit"), (4, 0, None))
    customers = pd.DataFrame({"customer": [1, 2], "last_day": [30, 30]})
    found = cx.spells(events, customers)
    assert rows(found) == [(1, "admit", 0, 4, "left"), (2, "admit", 0, 30, "affirm")]  # a move on the last day counts
    report = found.attrs["report"]
    assert {name: report[name] for name in ("repeats", "after_exit", "after_end", "no_end", "missing", "no_length")} == {
        "repeats": 1, "after_exit": 1, "after_end": 1, "no_end": 1, "missing": 3, "no_length": 1}
    assert [(row["row"], row["reason"]) for row in report["set_aside"]] == [
        (10, "missing"), (11, "missing"), (12, "missing"), (9, "no_end"), (8, "after_end"), (5, "after_exit")]
    back = cx.spells(events, customers, exit_final=False)
    assert rows(back)[:3] == [(1, "admit", 0, 4, "left"), (1, "left", 4, 6, "admit"), (1, "admit", 6, 30, None)]


def test_clock_zero_and_late_entry():
    events = log((1, 2, "assess"), (1, 5, "admit"), (1, 9, "affirm"), (2, 3, "assess"), (3, 4, "admit"), (3, 4, "affirm"))
    customers = pd.DataFrame({"customer": [1, 2, 3], "last_day": [20, 20, 20], "first_day": [7, 3, 4]})
    assert rows(cx.spells(events, customers)) == [(1, "admit", 5, 7, "affirm"), (1, "affirm", 7, 18, None), (2, "assess", 0, 17, None),
                                                  (3, "affirm", 0, 16, None)]
    from_admit = cx.spells(events, customers, origin="admit")
    assert rows(from_admit) == [(1, "admit", 2, 4, "affirm"), (1, "affirm", 4, 15, None), (3, "affirm", 0, 16, None)]  # admit folded away, but entered
    assert from_admit.attrs["report"]["customers_never_at_origin"] == 1 and from_admit.attrs["origin"] == "admit"
    zero = customers.assign(origin_day=[0, np.nan, 0], first_day=[0, 0, 0])
    assert [row[2:4] for row in rows(cx.spells(events, zero))] == [(2, 5), (5, 9), (9, 20), (0, 17), (4, 20)]


def test_dates_are_days():
    events = log((1, "2026-01-30", "admit"), (1, "2026-02-02", "affirm")).assign(day=lambda x: pd.to_datetime(x["day"]) + pd.Timedelta("9h"))
    customers = pd.DataFrame({"customer": [1], "last_day": [pd.Timestamp("2026-03-01")]})
    assert rows(cx.spells(events, customers)) == [(1, "admit", 0, 3, "affirm"), (1, "affirm", 3, 30, None)]
    assert rows(cx.spells(events, end=pd.Timestamp("2026-03-01"))) == rows(cx.spells(events, customers))
    with pytest.raises(cx.CxError, match="'last_day'.*dates"):
        cx.spells(events, customers.assign(last_day=60))
    same_day = log((1, "2026-01-30 12:00", "affirm"), (1, "2026-01-30 09:00", "admit")).assign(day=lambda x: pd.to_datetime(x["day"]))
    assert rows(cx.spells(same_day, end=pd.Timestamp("2026-02-01"))) == [(1, "affirm", 0, 2, None)]  # the clock time orders a day


def test_without_customers_the_end_is_assumed_and_said():
    found = cx.spells(log((1, 0, "admit"), (2, 9, "admit")))
    assert rows(found) == [(1, "admit", 0, 9, None)] and found.attrs["report"]["end_assumed"] == 1 and found.attrs["report"]["no_length"] == 1


@pytest.mark.parametrize("change, words", [
    ({"stage": ["admit", "started"]}, r"'stage'.*row 3 \(started\).*advocate"), ({"day": [0, 1.5]}, r"'day'.*row 3|row 3 \(1\.5\)"),
    ({"day": [0, "later"]}, r"3 \(later\)")])
def test_faults_of_a_log_are_named(change, words):
    with pytest.raises(cx.CxError, match=words):
        cx.spells(log((1, 0, "admit"), (1, 1, "affirm")).assign(**change), end=9)


def test_days_that_are_no_days_are_refused():
    """Milliseconds since 1970, and an end in another calendar than the log's."""
    with pytest.raises(cx.CxError, match=r"'day'.*row 2 \(1790000000000\)"):
        cx.spells(log((1, 1_790_000_000_000, "admit")))
    with pytest.raises(cx.CxError, match="end=.*one is a date"):
        cx.spells(log((1, 0, "admit")), end=pd.Timestamp("2026-03-01"))


def test_other_faults_are_named():
    events = log((1, 0, "admit"))
    with pytest.raises(cx.CxError, match="Row 3.*1 stands there twice"):
        cx.spells(events, pd.DataFrame({"customer": [1, 1], "last_day": [4, 5]}))
    with pytest.raises(cx.CxError, match="'till'"):
        cx.spells(events, pd.DataFrame({"customer": [1], "last_day": [4]}), end="till")
    with pytest.raises(cx.CxError, match="'shop'"):
        cx.spells(events, end=4, origin="shop")
    with pytest.raises(cx.CxError, match="twice"):
        cx.spells(events, end=4, states=["admit", "admit"])
    with pytest.raises(cx.CxError, match="'stage'"):
        cx.spells(events.drop(columns="stage"))


def slow_spells(events, last, first, exit_final):
    """One customer after the other, one event after the other."""
    found = []
    for customer, mine in events.groupby("customer", sort=True):
        by_day = {}
        for row in mine.sort_values("day", kind="stable").itertuples():
            if row.day <= last[customer]:
                by_day[row.day] = row.stage
        path = []
        for day, stage in sorted(by_day.items()):
            if path and path[-1][1] == "X" and exit_final:
                break
            if not path or path[-1][1] != stage:
                path.append((day, stage))
        for k, (day, stage) in enumerate(path):
            stop, following = path[k + 1] if k + 1 < len(path) else (last[customer], None)
            begin = max(day, first[customer])
            if stop > begin and not (stage == "X" and exit_final):
                found.append((customer, stage, begin - path[0][0], stop - path[0][0], following))
    return found


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 12), st.sampled_from("ABCX")), min_size=1, max_size=25), st.randoms(use_true_random=False),
       st.booleans())
def test_any_log_gives_the_spells_of_a_slow_walk(events, random, final):
    last, first = ({c: random.randint(low, high) for c in range(1, 5)} for low, high in ((6, 14), (0, 5)))
    customers = pd.DataFrame({"customer": list(last), "last_day": list(last.values()), "first_day": list(first.values())})
    table = log(*events)
    found = cx.spells(table, customers, states=list("ABC"), exit="X", exit_final=final)
    assert rows(found) == slow_spells(table, last, first, final)
    report = found.attrs["report"]
    told = len(report["set_aside"]) + report["folded"] + report["repeats"] + report["before_observation"] + report["no_length"] + len(found)
    exits = 0 if not final else sum(row[4] == "X" for row in slow_spells(table, last, {c: -1 for c in last}, True))
    lost = [c for c, path in table[table["day"] <= table["customer"].map(last)].groupby("customer") if path.sort_values("day", kind="stable")
            .drop_duplicates("day", keep="last")["stage"].iloc[0] == "X"] if final else []
    assert told + exits + len(lost) == len(table)  # every event is a spell, an exit, or told
    again = cx.spells(found)
    assert rows(again) == rows(found) and again.attrs["report"]["no_length"] == 0


# --- spells that are there already --------------------------------------------------------------------------------------


def test_spells_are_taken_as_they_are():
    given_ = pd.DataFrame({"customer": [7, 7, 7, 8], "state": ["in", "in", "out", "in"], "start": [0, 4, 4, 2], "stop": [4, 4, 9, 5],
                           "next": ["in", "out", None, "gone"], "shop": [1, 1, 1, 2]})
    found = cx.spells(given_, states=["in", "out", "gone"])
    assert rows(found.drop(columns="shop")) == [(7, "in", 0, 4, "in"), (7, "out", 4, 9, None), (8, "in", 2, 5, "gone")] and found["shop"].tolist() == [1, 1, 2]
    assert found.attrs["report"]["no_length"] == 1 and found.attrs["report"]["rows_without_length"] == [3]
    gap = given_.assign(start=[0, 4, 6, 2])
    assert cx.spells(gap, states=["in", "out", "gone"]).attrs["report"]["gaps"] == 1
    with pytest.raises(cx.CxError, match="Rows 2 and 4: customer 7"):
        cx.spells(given_.assign(start=[0, 4, 3, 2]))
    with pytest.raises(cx.CxError, match="Row 5.*day 1"):
        cx.spells(given_.assign(stop=[4, 4, 9, 1]))
    with pytest.raises(cx.CxError, match="'state'.*row 2"):
        cx.spells(given_.assign(state=[None, "in", "out", "in"]))
    with pytest.raises(cx.CxError, match=r"customer, state, start, stop, next"):
        cx.moves(given_.drop(columns="next"))


def test_an_empty_log_gives_no_spells():
    assert len(cx.spells(log((1, 0, "admit")).iloc[:0], end=9)) == 0


# --- the textbook order -------------------------------------------------------------------------------------------------


def test_order_violations_by_hand():
    events = log((1, 0, "assess"), (1, 1, "admit"), (1, 1, "affirm"), (1, 5, "left"), (1, 6, "admit"),  # in order; what follows `left` is passed over
                 (2, 0, "admit"), (2, 3, "activate"), (2, 4, "activate"), (2, 9, "affirm"),  # a skip and a return
                 (3, 0, "admit"), (4, 0, "assess"), (4, 2, "affirm"))
    found = cx.order_violations(events).set_index("kind")
    assert found["moves"].to_dict() == {"skip": 2, "back": 1, "textbook": 2} and set(found["n"]) == {3}
    assert found["customers"].to_dict() == {"skip": 2, "back": 1, "textbook": 1}
    assert found.loc["back", ["ci_low", "ci_high"]].tolist() == pytest.approx([0.0614919, 0.7923404], abs=1e-7)  # binom::binom.wilson(1, 3)
