"""Days at risk with contacts: against R's tmerge, coxph and glm, against a count by hand, and against a truth that was simulated."""


import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.hazard_regression import PHReg
from test_stays import draws, reference

import cxlab as cx
from cxlab import framework

STATES = ["a", "b", "c"]


def of_r():
    """The 240 visits of stays.R, of which a move to b counts and all else is censored, and two contacts of each."""
    n, end = 240, np.array([0, 1, 1, 1, 2, 3, 0, 1])[draws(240, 11) // 8192]
    table = pd.DataFrame({"customer": np.arange(n), "state": "a", "start": 0, "stop": 1 + draws(n, 7) % 97, "next": np.where(end == 1, "b", np.where(end > 1, "c", None))})
    contacts = pd.DataFrame({"customer": np.tile(np.arange(n), 2), "day": np.r_[draws(n, 23) % 80, draws(n, 29) % 160]})
    return cx.spells(table, states=STATES), contacts


def seen(rows):
    return rows.assign(seen=(rows["contacts"] > 0).astype(float), moved=(rows["next"] == "b").astype(int))


# ---- against R -----------------------------------------------------------------------------------------------------------------


def test_rows_split_at_contacts_are_those_of_tmerge():
    rows = seen(cx.person_days(*of_r(), split="contact"))
    n, contacts, days = reference("rows")
    assert (rows["seen"] * (rows["stop"] - rows["start"])).sum() == days
    # tmerge makes a new row at the second of two contacts on one day as well as at the first, and none of no length
    assert (len(rows), rows["contacts"].sum()) == (n, contacts)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_cox_with_contacts_as_they_happen_is_that_of_coxph(ties):
    rows = seen(cx.person_days(*of_r(), split="contact"))
    fit = PHReg(rows["day_in_stage"].to_numpy(dtype=float), rows[["seen"]].to_numpy(), status=rows["moved"].to_numpy(), entry=rows["entered"].to_numpy(), ties=ties).fit()
    coefficient, se, likelihood = reference(f"cox.{ties}")
    assert (fit.params[0], fit.bse[0], fit.llf) == pytest.approx((coefficient, se, likelihood), abs=1e-6, rel=1e-9)
    whole = PHReg(rows["day_in_stage"].to_numpy(dtype=float), rows[["seen"]].to_numpy(), status=rows["moved"].to_numpy(), entry=rows["start"].to_numpy(), ties=ties).fit()
    assert abs(whole.params[0] - coefficient) > 1e-4  # without the half day statsmodels counts who enters on a day as at risk on it


def test_the_logit_of_days_is_that_of_glm():
    rows = seen(cx.person_days(*of_r()))
    assert len(rows) == reference("days")[0] and (rows["day"] == rows["day_in_stage"]).all()
    fit = smf.logit("moved ~ day_in_stage + seen", rows).fit(disp=0, tol=1e-12)
    coefficients, errors = reference("logit")[:3], reference("logit")[3:]
    assert fit.params.to_numpy() == pytest.approx(coefficients, abs=1e-8)
    assert fit.bse.to_numpy() == pytest.approx(errors, abs=1e-7)  # R takes them from the step before its last
    clustered = smf.logit("moved ~ day_in_stage + seen", rows).fit(disp=0, cov_type="cluster", cov_kwds={"groups": rows["customer"]})
    assert clustered.bse.to_numpy() == pytest.approx(reference("logit.clustered"), rel=1e-3)  # R counts the parameters in its small-sample factor


# ---- by hand -------------------------------------------------------------------------------------------------------------------


def by_hand(spells, contacts, lag):
    """The columns of every day, one customer and one day after the other."""
    found = []
    for customer, part in spells.sort_values(["customer", "start"]).groupby("customer"):
        mine, visits, before = contacts[contacts["customer"] == customer], {}, None
        for row in part.itertuples():
            visits[row.state] = visits.get(row.state, 0) + 1
            known = row.start <= 0 if before is None else row.start == before
            before = row.stop
            for day in range(row.start + 1, row.stop + 1):
                old = mine[mine["day"] <= day - lag]
                found.append({"customer": customer, "state": row.state, "day": day, "day_in_stage": day - row.start if known else np.nan,
                              "visit": visits[row.state], "next": row.next if day == row.stop else None, "contacts": len(old),
                              "contacts_in_stage": (old["day"] >= row.start).sum() if known else np.nan,
                              "days_since_contact": day - old["day"].max() if len(old) else np.nan,
                              "contacts_email": (old["channel"] == "email").sum(), "contacts_phone": (old["channel"] == "phone").sum()})
    return pd.DataFrame(found)


@st.composite
def journeys(draw):
    rows = []
    for customer in range(draw(st.integers(1, 4))):
        day, state = draw(st.sampled_from([0, 0, 3])), draw(st.integers(0, 2))
        for _ in range(draw(st.integers(1, 4))):
            stop, following = day + draw(st.integers(1, 6)), (state + draw(st.integers(1, 2))) % 3
            gap = draw(st.sampled_from([0, 0, 0, 2]))
            rows.append((customer, STATES[state], day, stop, None if gap else STATES[following]))
            day, state = stop + gap, following
    contact = st.tuples(st.integers(0, 5), st.integers(-3, 30), st.sampled_from(["email", "phone"]))
    contacts = pd.DataFrame([(0, -9, "email"), (0, 40, "phone"), *draw(st.lists(contact, max_size=12))], columns=["customer", "day", "channel"])
    return pd.DataFrame(rows, columns=["customer", "state", "start", "stop", "next"]), contacts, draw(st.integers(1, 3))


@settings(max_examples=40)
@given(journeys())
def test_every_day_is_as_counted_by_hand(journey):
    table, contacts, lag = journey
    table = cx.spells(table.sample(frac=1, random_state=1), states=STATES)
    rows = cx.person_days(table, contacts.sample(frac=1, random_state=2), lag=lag)
    expected = by_hand(table, contacts, lag)
    assert list(rows.columns) == list(expected.columns)
    found = rows.assign(state=rows["state"].astype(object), next=rows["next"].astype(object))
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_categorical=False)


@settings(max_examples=40)
@given(journeys())
def test_split_rows_are_the_days_put_together(journey):
    table, contacts, lag = journey
    days = cx.person_days(table, contacts, lag=lag)
    rows = cx.person_days(table, contacts, lag=lag, split="contact")
    assert (rows["stop"] > rows["start"]).all() and (rows["stop"] - rows["start"]).sum() == len(days)
    each = rows.loc[rows.index.repeat(rows["stop"] - rows["start"])].reset_index(drop=True)
    for name in ("customer", "state", "visit", "contacts", "contacts_in_stage", "contacts_email"):
        pd.testing.assert_series_equal(each[name], days[name], check_dtype=False)
    assert (days.groupby("customer")["day"].diff().dropna() >= 1).all()
    last = np.cumsum(rows["stop"] - rows["start"]) - 1
    pd.testing.assert_series_equal(rows["next"], days["next"].iloc[last].reset_index(drop=True))
    pd.testing.assert_series_equal(rows["day_in_stage"], days["day_in_stage"].iloc[last].reset_index(drop=True), check_dtype=False)
    assert days["next"].notna().sum() == rows["next"].notna().sum() == table["next"].notna().sum()
    lengths = (rows["day_in_stage"] - rows["entered"]).dropna()
    assert (lengths == (rows["stop"] - rows["start"] - 0.5)[lengths.index]).all()
    opens = pd.MultiIndex.from_frame(days[["customer", "day"]]).isin([(row.customer, row.start + 1) for row in table.itertuples()])
    changes = (days["contacts"] != days["contacts"].shift()) & ~opens
    assert len(rows) == len(table) + changes.sum()  # no row more than needed


def test_visits_are_numbered_and_split_rows_stay_one_visit():
    table = pd.DataFrame({"customer": 1, "state": ["a", "a", "b", "a"], "start": [0, 2, 4, 6], "stop": [2, 4, 6, 9], "next": [None, "b", "a", None]})
    rows = cx.person_days(table, pd.DataFrame({"customer": [1], "day": [4]}))
    assert rows["visit"].tolist() == [1, 1, 1, 1, 1, 1, 2, 2, 2] and rows["day_in_stage"].tolist() == [1, 2, 3, 4, 1, 2, 1, 2, 3]
    assert rows["contacts"].tolist() == [0] * 4 + [1] * 5 and rows["contacts_in_stage"].tolist() == [0] * 4 + [1, 1] + [0] * 3


def test_the_clock_puts_calendar_days_on_the_clock_of_the_spells():
    log = pd.DataFrame({"customer": [7, 7, 8], "day": pd.to_datetime(["2024-05-01", "2024-05-06", "2024-06-01"]), "stage": ["admit", "affirm", "admit"]})
    table = cx.spells(log, end=pd.Timestamp("2024-06-05"))
    contacts = pd.DataFrame({"customer": [7, 8, 8], "day": pd.to_datetime(["2024-05-02 18:30", "2024-05-20 09:00", "2024-06-02 00:00"])})
    clock = log.groupby("customer")["day"].min()
    rows = cx.person_days(table, contacts, clock=clock)
    numbered = cx.person_days(table, pd.DataFrame({"customer": [7, 8, 8], "day": [1, -12, 1]}))
    pd.testing.assert_frame_equal(rows, numbered)
    assert rows[rows["customer"] == 8]["contacts"].tolist() == [1, 2, 2, 2] and rows[rows["customer"] == 7]["contacts"].tolist()[:3] == [0, 1, 1]
    with pytest.raises(cx.CxError, match="clock="):
        cx.person_days(table, contacts)
    with pytest.raises(cx.CxError, match="differently"):
        cx.person_days(table, contacts, clock=pd.Series([1, 2], index=[7, 8]))
    with pytest.raises(cx.CxError, match="1 customers with contacts: 8"):
        cx.person_days(table, contacts, clock=clock[[7]])


# ---- truth ---------------------------------------------------------------------------------------------------------------------


def world(n, effect, seed, days=60):
    """Customers in a, contacted on any day with chance .03, who move to b with a daily chance whose logit is −3.5, and `effect` more once contacted."""
    rng = np.random.default_rng(seed)
    contact = np.where(rng.random((n, days)) < 0.03, np.arange(1, days + 1), 999).min(axis=1)
    reached = np.arange(1, days + 1) > contact[:, None]
    moved = rng.random((n, days)) < 1 / (1 + np.exp(3.5 - effect * reached))
    end = np.where(moved.any(axis=1), moved.argmax(axis=1) + 1, days)
    table = pd.DataFrame({"customer": np.arange(n), "state": "a", "start": 0, "stop": end, "next": np.where(moved.any(axis=1), "b", None)})
    happened = contact <= end  # nobody is contacted about a after leaving it
    return cx.spells(table, states=STATES), pd.DataFrame({"customer": np.flatnonzero(happened), "day": contact[happened]})


def test_an_effect_is_found():
    table, contacts = world(3000, 0.8, seed=1)
    fit = smf.logit("moved ~ seen", seen(cx.person_days(table, contacts))).fit(disp=0)
    assert fit.params.to_numpy() == pytest.approx([-3.5, 0.8], abs=3 * fit.bse["seen"]) and fit.bse["seen"] < 0.06


def test_where_contact_does_nothing_days_say_so_and_ever_or_never_does_not():
    table, contacts = world(3000, 0, seed=2)
    days = seen(cx.person_days(table, contacts))
    fit = smf.logit("moved ~ seen", days).fit(disp=0, cov_type="cluster", cov_kwds={"groups": days["customer"]})
    rows = seen(cx.person_days(table, contacts, split="contact"))
    cox = PHReg(rows["day_in_stage"].to_numpy(dtype=float), rows[["seen"]].to_numpy(), status=rows["moved"].to_numpy(), entry=rows["entered"].to_numpy(), ties="efron").fit()
    assert abs(fit.tvalues["seen"]) < 3 and abs(cox.tvalues[0]) < 3
    ever = days["customer"].isin(contacts["customer"]).astype(float)
    naive = smf.logit("moved ~ ever", days.assign(ever=ever)).fit(disp=0, cov_type="cluster", cov_kwds={"groups": days["customer"]})
    assert naive.params["ever"] < -0.5 and naive.tvalues["ever"] < -10  # contact seems to keep customers back: they had to stay to get one


def test_a_contact_on_the_day_of_the_move_does_not_count():
    """Every move is answered by a welcome on the same day: a table that let it count would find a perfect predictor."""
    table, _ = world(300, 0, seed=3)
    moved = table[table["next"].notna()]
    days = cx.person_days(table, pd.DataFrame({"customer": moved["customer"], "day": moved["stop"]}))
    assert (days["contacts"] == 0).all() and days["days_since_contact"].isna().all()


# ---- what is said, and what is refused -------------------------------------------------------------------------------------------


def test_what_is_left_out_is_counted():
    table = pd.DataFrame({"customer": ["x", "y"], "state": "a", "start": [0, 2], "stop": 5, "next": None})
    contacts = pd.DataFrame({"customer": ["x", "z", None, "y"], "day": [1, 1, 2, None], "channel": ["email", "email", "email", "post"]})
    table.attrs["simulated"] = True
    before = contacts.copy()
    rows = cx.person_days(table, contacts)
    assert ": 3." in rows.attrs["note"] and "day_in_stage" in rows.attrs["note"] and rows.attrs["simulated"] is True
    assert rows["day_in_stage"].tolist()[:5] == [1, 2, 3, 4, 5] and rows[rows["customer"] == "y"][["day_in_stage", "contacts_in_stage"]].isna().all().all()
    assert [name for name in rows if name.startswith("contacts_")] == ["contacts_in_stage", "contacts_email"]
    pd.testing.assert_frame_equal(contacts, before)
    framework.use_language("tr")
    assert "temas sayısı: 3" in cx.person_days(table, contacts).attrs["note"]


def test_without_contacts_all_is_nought():
    table = pd.DataFrame({"customer": [1], "state": "a", "start": [0], "stop": [3], "next": "b"})
    none = pd.DataFrame({"customer": pd.Series(dtype=int), "day": pd.Series(dtype=int), "channel": pd.Series(dtype=str)})
    for split, n in (("day", 3), ("contact", 1)):
        rows = cx.person_days(table, none, split=split)
        assert len(rows) == n and (rows["contacts"] == 0).all() and rows["next"].tolist()[-1] == "b"


@pytest.mark.parametrize("change, said", [
    ({"lag": 0}, "lag"), ({"lag": 1.5}, "lag"), ({"lag": True}, "lag"), ({"split": "week"}, "split"), ({"contacts": pd.DataFrame({"customer": [1]})}, "day"),
    ({"contacts": pd.DataFrame({"customer": [1], "day": [0.5]})}, "0.5"), ({"clock": {1: 0}}, "Series"), ({"clock": pd.Series([0, 0], index=[1, 1])}, "one row"),
    ({"contacts": pd.DataFrame({"customer": [1], "day": [1], "channel": ["in_stage"]})}, "contacts_in_stage"), ({"spells": pd.DataFrame({"day": [1]})}, "customer, state")])
def test_what_cannot_be_joined_is_refused(change, said):
    given = {"spells": pd.DataFrame({"customer": [1], "state": "a", "start": [0], "stop": [3], "next": "b"}), "contacts": pd.DataFrame({"customer": [1], "day": [1]})}
    with pytest.raises(cx.CxError, match=said):
        cx.person_days(**(given | change))
