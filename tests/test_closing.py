"""Closing the loop: nobody contacted without consent, nobody twice, nobody lost; own words masked; causes counted by customer."""

import ast
import collections
import re

import numpy as np
import openpyxl
import pandas as pd
import pytest

import cxlab as cx
from cxlab.framework import keys

COLUMNS = ["customer", "touchpoint", "score", "action", "reason"]


def one(**cells):
    """The action for a customer with one answer, or with several (lists)."""
    usual = {"customer": 1, "score": 2, "consent_contact": "yes", "consent_reference": "yes"}
    n = max((len(cell) for cell in cells.values() if isinstance(cell, list)), default=1)
    table = pd.DataFrame({name: cell if isinstance(cell, list) else [cell] * n for name, cell in (usual | cells).items()})
    found = cx.action_list(table)
    assert list(found.columns) == COLUMNS and len(found) == 1
    return found.iloc[0]


def by_hand(table):
    """{customer: action}, one person after the other, in plain Python."""
    found, table = {}, table.copy()
    table.attrs = {}  # copied with each column otherwise
    for customer, rows in table.groupby("customer"):
        scores = rows["score"].dropna()

        def allows(column, rows=rows):
            return "yes" in set(rows[column]) and "no" not in set(rows[column])

        record_open = ((rows["match"] == "contradictory") & rows["do_not_contact"].isna()).any()
        action = "none"
        if len(scores) and "yes" not in set(rows["do_not_contact"]) and "no" not in set(rows["consent_survey"]) and not record_open:
            if scores.min() <= 6:
                action = "call" if allows("consent_contact") else "none"
            elif scores.min() >= 9:
                action = "ask_reference" if allows("consent_reference") else "thank" if allows("consent_contact") else "none"
        found[customer] = action
    return found


def world(rng, n=600):
    def words(*shares):
        return rng.choice(np.array(["yes", "no", None], dtype=object), n, p=shares)

    return pd.DataFrame({"customer": rng.integers(0, 350, n), "score": pd.array(rng.integers(0, 11, n)).astype("Int64"), "round": rng.integers(1, 3, n), "touchpoint": rng.choice(
        keys("touchpoints"), n), "consent_contact": words(0.7, 0.1, 0.2), "consent_reference": words(0.6, 0.1, 0.3), "do_not_contact": words(0.05, 0.6, 0.35),
        "consent_survey": words(0.9, 0.03, 0.07), "match": rng.choice(["matched", "contradictory", "unmatched"], n, p=[0.8, 0.1, 0.1])}).assign(
            score=lambda frame: frame["score"].mask(rng.random(n) < 0.3))


def test_against_a_list_made_by_hand():
    rng = np.random.default_rng(8)
    for _ in range(3):
        table = world(rng)
        found = cx.action_list(table)
        assert found["customer"].is_unique and dict(zip(found["customer"], found["action"], strict=True)) == by_hand(table)
        assert found.attrs["counts"] == {key: int((found["action"] == key).sum()) for key in keys("actions")} and found.attrs["people"] == len(found)
        order = found["action"].map(keys("actions").index).tolist()
        assert order == sorted(order) and found["score"][found["action"] == "call"].is_monotonic_increasing
        assert sum(found.attrs["counts"].values()) == table["customer"].nunique()


def test_the_row_that_decides_is_that_of_the_lowest_and_of_equals_the_latest_score():
    table = world(np.random.default_rng(3)).assign(day=lambda frame: frame["round"] * 100 + np.arange(len(frame)) % 7)
    found = cx.action_list(table)
    for row, person in found[::3].iterrows():
        own = table[table["customer"] == person["customer"]]
        lowest = own[own["score"] == own["score"].min()] if own["score"].notna().any() else own
        assert row == lowest.reset_index().sort_values(["round", "day", "index"])["index"].iloc[-1] and person["touchpoint"] == table.loc[row, "touchpoint"]


@pytest.mark.parametrize("cells, action, said", [
    ({}, "call", "Score 2; may be contacted about the answers: yes."), ({"score": 6}, "call", ""), ({"score": 7}, "none", "no rule asks"), ({"score": 8}, "none", ""),
    ({"score": 9}, "ask_reference", "may be asked for a reference: yes"), ({"score": 10, "consent_reference": None}, "thank", "may be contacted about the answers: yes"),
    ({"score": 10, "consent_reference": "no", "consent_contact": None}, "none", "not allowed: may be asked for a reference (said no), may be contacted about the answers (no answer)"),
    ({"consent_contact": None}, "none", "may be contacted about the answers (no answer)"), ({"consent_contact": "no"}, "none", "(said no)"),
    ({"consent_contact": ["yes", "no"]}, "none", "(said no)"), ({"consent_contact": ["yes", None]}, "call", ""), ({"score": [2, 10]}, "call", "Score 2"),
    ({"score": [10, 3], "consent_contact": None}, "none", "Score 3"), ({"score": [9, 7]}, "none", "Score 7"), ({"score": [10, 9]}, "ask_reference", "Score 9"),
    ({"do_not_contact": "yes"}, "none", "do not contact"), ({"do_not_contact": [None, "yes"], "score": [2, 9]}, "none", "do not contact"), ({"do_not_contact": None}, "call", ""),
    ({"consent_survey": "no"}, "none", "may not be used"), ({"consent_survey": [None, "no"], "score": 10}, "none", "may not be used"),
    ({"score": None}, "none", "No score given"), ({"score": [None, 9]}, "ask_reference", "Score 9"), ({"match": "contradictory", "do_not_contact": None}, "none", "contradicts itself"),
    ({"match": "contradictory", "do_not_contact": "no"}, "call", ""), ({"match": "contradictory", "consent_contact_record": None}, "none", "contradicts itself"),
    ({"consent_contact_record": "no"}, "none", "(said no)"), ({"consent_contact_record": "yes", "consent_contact": None}, "none", "(no answer)"),
    ({"match": "unmatched"}, "call", "do-not-contact list first"), ({"match": ["unmatched", "matched"]}, "call", "yes."), ({"touchpoint": "service_call"}, "call", "Score 2, after a service call; may"),
    ({"touchpoint": "till 3"}, "call", "Score 2, till 3; may"), ({"customer": None, "score": 2}, "none", "nobody can be reached"),
    ({"consent_contact": True, "do_not_contact": 0}, "call", ""), ({"consent_contact": "EVET"}, "call", ""), ({"consent_contact": 1.0, "do_not_contact": "Evet"}, "none", "do not contact")])
def test_what_each_case_asks_for(cells, action, said):
    row = one(**cells)
    assert row["action"] == action and said in row["reason"]


def test_a_person_is_one_however_the_number_is_written():
    for spelled in (["A@x.com ", "a@X.com"], ["12", 12.0], ["İ1", "i1"]):
        row = one(customer=spelled, score=[2, 10], consent_contact=["yes", "no"])  # the refusal stands under the other spelling
        assert row["action"] == "none"


def test_rows_without_a_customer_are_listed_one_by_one_and_never_contacted():
    table = pd.DataFrame({"customer": [None, 5, None, None, 5], "score": [2, 3, 10, None, 9], "consent_contact": "yes", "consent_reference": "yes"})
    found = cx.action_list(table)
    assert len(found) == 4 and found["customer"].isna().sum() == 3 and sorted(found.index) == [0, 1, 2, 3] and list(found["action"]) == ["call", "none", "none", "none"]
    assert (found.attrs["people"], found.attrs["without_customer"], found.attrs["without_score"]) == (1, 3, 1) and "one by one: 3" in found.attrs["note"]
    refused = cx.action_list(table.assign(consent_survey=["no", None, None, None, None]))
    assert pd.isna(refused.loc[0, "score"]) and refused.attrs["refused"] == [0] and "2" not in refused.loc[0, "reason"]


HIDDEN = ["=1+1", "@x", "+cmd|' /C calc'!A0", "call me: 0532 123 45 67", "0532\u202a 123\x00 45 67", "ali@example.com or\n0500 000 00 01", "<b>\u202etxet</b>", "a" * 400, "x" * 295 + " 0532 123 45 67"]


def test_own_words_are_masked_on_one_line_and_short():
    table = pd.DataFrame({"customer": range(9), "score": 2, "consent_contact": "yes", "consent_reference": "no", "comment": HIDDEN})
    reasons = cx.action_list(table)["reason"]
    assert reasons.str.endswith("”").all() and not reasons.str.contains(r"0532|0500|ali@|\n|\x00|\u202a|\u202e").any()
    assert reasons[3].endswith("“call me: [phone]”") and reasons[4].endswith("“[phone]”") and reasons[5].endswith("“[e-mail] or [phone]”")
    assert all(len(re.search("“(.*)”", reason)[1]) <= 300 for reason in reasons) and reasons[7].endswith("a…”")
    quiet = cx.action_list(table.assign(consent_contact=None))["reason"]
    assert not quiet.str.contains("“").any()  # who may not be contacted is not quoted either
    assert cx.action_list(table.rename(columns={"comment": "words"}), text="words")["reason"].equals(reasons)
    assert cx.action_list(table.assign(comment=[("a", "b"), 5, None, pd.NA, "", " ", 0.5, True, "ok"]))["reason"].str.count("“").tolist() == [1, 1, 0, 0, 0, 0, 1, 1, 1]


def test_nothing_of_it_runs_in_a_spreadsheet(tmp_path):
    table = pd.DataFrame({"customer": HIDDEN, "touchpoint": HIDDEN[::-1], "score": 2, "consent_contact": "yes", "consent_reference": "no", "comment": HIDDEN})
    found = cx.action_list(table)
    assert len(found) == 9 and not found["reason"].str.contains("0532|0500|ali@").any()
    lines = pd.read_csv(cx.to_csv(found, tmp_path / "list.csv"), encoding="utf-8-sig", dtype=str)
    path = cx.to_xlsx({"actions": found, "causes: [all]": found[["reason"]], "ACTIONS": found}, tmp_path / "list.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["actions", "causes   all", "ACTIONS 2"]
    for sheet in book:
        for row in sheet.iter_rows():
            assert not any(cell.data_type == "f" or isinstance(cell.value, str) and re.match(r"[\s\x00]*[=+@\t-]", cell.value) for cell in row)
    assert not lines.map(lambda cell: bool(re.match(r"\s*[=+@-]", str(cell)))).any(axis=None) and list(lines) == COLUMNS


def test_a_workbook_keeps_kinds_and_refuses_what_it_cannot_hold(tmp_path):
    table = pd.DataFrame({"number": [1, None], "phone": ["0532", "-5"], "when": pd.to_datetime(["2026-01-02", None]), "yes": [True, False],
                          "zoned": pd.to_datetime(["2026-01-02", None]).tz_localize("Europe/Istanbul"), "bad": ["a\x00b", "\ud800"], "c": pd.Categorical(["x", None])})
    sheet = openpyxl.load_workbook(cx.to_xlsx(table, tmp_path / "one.XLSX")).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert cells[0][:2] == [1, "0532"] and cells[0][2] == pd.Timestamp("2026-01-02") and cells[0][3] is True and cells[0][4].startswith("2026-01-02T") and cells[0][5:] == ["ab", "x"]
    assert cells[1] == [None, "'-5", None, False, None, "\\ud800", None] and sheet.title == "one"
    for tables, path, said in (({"a": 5}, "a.xlsx", "int"), ({}, "a.xlsx", "no table"), (table, "a.csv", "ends in .xlsx"), (table, "no/a.xlsx", "does not exist")):
        with pytest.raises(cx.CxError, match=said):
            cx.to_xlsx(tables, tmp_path / path)
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(cx.CxError, match="folder"):
        cx.to_xlsx(table, tmp_path / "folder.xlsx")
    long = pd.DataFrame({"a": np.zeros(1_048_576, np.int8)})
    with pytest.raises(cx.CxError, match="1048575"):
        cx.to_xlsx(long, tmp_path / "long.xlsx")


RULES = [{"action": "call", "low": 0, "high": 3, "consent": "consent_contact"}, {"action": "none", "low": 4, "high": 5}, {"action": "thank", "low": 2, "high": 10, "consent": "consent_contact"}]


def test_own_rules_in_their_order():
    table = pd.DataFrame({"customer": range(6), "score": [3, 4.5, 5.5, 10, 2, 11], "consent_contact": ["yes"] * 4 + [None, "yes"]})
    for rules in (RULES, pd.DataFrame(RULES), tuple(RULES)):
        assert cx.action_list(table, rules).sort_index()["action"].tolist() == ["call", "none", "thank", "thank", "none", "none"]
    own = cx.framework.actions.rename(columns={"key": "action"})
    full = table.assign(consent_reference="yes", score=[2, 7, 9, 10, 0, 9])
    assert cx.action_list(full, own)["action"].equals(cx.action_list(full)["action"])
    angry = pd.DataFrame({"customer": 1, "score": [1, 9], "consent_contact": ["no", None]})  # in the range of a call, so not thanked either
    assert cx.action_list(angry, [RULES[0], RULES[2] | {"low": 0}])["action"].tolist() == ["none"]


@pytest.mark.parametrize("change, said", [
    ({"rules": []}, "at least one"), ({"rules": "call"}, "list of dicts"), ({"rules": [RULES[0] | {"action": "phone"}]}, "Rule 1: action 'phone'.*call, ask_reference"),
    ({"rules": [RULES[0] | {"low": 4}]}, "low not above high"), ({"rules": [RULES[0] | {"low": None}]}, "two numbers"), ({"rules": [RULES[0] | {"low": "0"}]}, "two numbers"),
    ({"rules": [RULES[0] | {"consent": None}]}, "names no consent"), ({"rules": [RULES[0] | {"consent": "consent_contcat"}]}, "Nearly the same: consent_contact"),
    ({"rules": [RULES[0], {"action": "ask_reference", "low": 9, "high": 10, "consent": "consent_contact"}]}, "two purposes"), ({"joined": 5}, "int"),
    ({"drop": "consent_reference"}, "'consent_reference' in joined"), ({"drop": "customer"}, "'customer'"), ({"score": "scores"}, "Nearly the same: score"),
    ({"text": "words"}, "'words'"), ({"touchpoint": "where"}, "'where'"), ({"cells": {"score": "9"}}, "whole numbers from 0 to 10.*row 2"), ({"cells": {"score": 11}}, "row 2"),
    ({"cells": {"score": True}}, "row 2"), ({"cells": {"consent_contact": "perhaps"}}, "yes or no.*row 2"), ({"cells": {"do_not_contact": "?"}}, "'do_not_contact'"),
    ({"cells": {"score": "9"}, "rules": RULES}, "hold numbers")])
def test_what_cannot_be_listed_is_refused(change, said):
    table = pd.DataFrame({"customer": [1], "score": [2], "consent_contact": ["yes"], "consent_reference": ["no"]}).astype(object).assign(**change.pop("cells", {}))
    given = {"joined": table.drop(columns=change.pop("drop", []))} | change
    for language in ("en", "tr"):
        cx.use_language(language)
        with pytest.raises(cx.CxError, match=said if language == "en" else "[a-z]"):
            cx.action_list(**given)


def test_in_turkish_and_without_rows():
    cx.use_language("tr")
    row = one(touchpoint="service_call", comment="Telefona 0532 123 45 67'den bakan yok")
    assert row["reason"] == "Puan 2, hizmet görüşmesi sonrası; yanıtlar hakkında iletişim kurulabilir: evet. “Telefona [telefon]'den bakan yok”"
    empty = cx.action_list(pd.DataFrame({name: pd.Series(dtype="float64") for name in ("customer", "score", "consent_contact", "consent_reference")}))
    assert empty.empty and list(empty.columns) == COLUMNS and "Kişi sayısı: 0" in empty.attrs["note"]


@pytest.fixture(scope="module")
def joined():
    return cx.join_answers(cx.load("touchpoint_nps"), cx.load("crm"), on="email")


def test_the_bundled_list_keeps_every_promise(joined):
    before = joined.copy(deep=True)
    found = cx.action_list(joined)
    pd.testing.assert_frame_equal(joined, before)
    some = joined[joined["customer"] % 3 == 0].assign(consent_survey=None)
    listed = dict(zip(found["customer"], found["action"], strict=True))
    assert {customer: listed[customer] for customer in some["customer"]} == by_hand(some) and found.attrs["simulated"]
    assert min(found.attrs["counts"].values()) > 20 and set(found["customer"]) == set(joined["customer"])
    contacted = set(found["customer"][found["action"] != "none"])
    assert not contacted & set(joined["customer"][joined["do_not_contact"] == "yes"]) and not found["reason"].str.contains(r"0500|05\d\d|@example").any()


# ---- causes --------------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def book():
    return cx.load_codebook()


def test_causes_are_counted_by_customer(joined, book):
    coded = cx.code_answers(joined["comment"], book, why=False)
    low = joined[joined["score"] <= 6]
    actions = cx.action_list(joined)
    for table, stage in ((low, low["stage"]), (actions, joined["stage"].loc[actions.index]), (actions[actions["action"] == "call"], joined["stage"])):
        behind, aside = collections.defaultdict(set), collections.Counter()
        for row, customer in zip(table.index, table["customer"], strict=True):
            codes = coded["codes"].loc[row]
            aside["missing"] += codes is None
            for code in codes or ():
                if code in ("other", "none", "dont_know"):
                    aside[code] += 1
                else:
                    behind[code, stage.loc[row]].add(customer)
        found = cx.causes(table, coded, book=book)
        assert {(code, at): n for code, at, n in found[["code", "stage", "customers"]].itertuples(index=False)} == {key: len(people) for key, people in behind.items()}
        assert found.attrs["left_out"] == {name: aside[name] for name in ("none", "dont_know", "other", "missing")} and found["customers"].is_monotonic_decreasing
        assert (found["remeasure_on"] == joined["day"].max() + 90).all() and (found["owner"] == "").all() and "not shares of customers" in found.attrs["note"]
    pd.testing.assert_frame_equal(found, cx.causes(table, coded["codes"], by=joined["stage"]))
    assert list(found.columns) == ["code", "stage", "cause", "customers", "owner", "remeasure_on"] and len(found) > 5


def angry(**columns):
    return pd.DataFrame({"customer": [1, 2, 2, 3, None], "stage": ["affirm", "affirm", "adopt", None, "affirm"]} | columns, index=[3, 5, 8, 9, 11])


CODES = pd.Series([("waiting",), ("waiting", "price"), ("waiting", "other"), ("my_own",), ("waiting",)], index=[3, 5, 8, 9, 11])


def test_stages_that_nobody_knows_stay_empty_and_other_groups_will_do(book):
    found = cx.causes(angry(), CODES, day=100, after=30, book=book)
    assert found[["code", "customers", "remeasure_on"]].to_numpy().tolist() == [["waiting", 2, 130], ["price", 1, 130], ["waiting", 1, 130], ["my_own", 1, 130]]
    assert found["cause"].tolist() == ["Waiting", "Price", "Waiting", "my_own"] and found["stage"].isna().tolist() == [False, False, False, True]
    assert found.attrs["without_customer"] == 1 and found.attrs["left_out"]["other"] == 1
    bare = angry().drop(columns="stage")
    for table, by in ((bare, "stage"), (angry(), None)):
        assert cx.causes(table, CODES, by=by, book=book)[["code", "stage", "customers"]].fillna("").to_numpy().tolist() == [["waiting", "", 2], ["price", "", 1], ["my_own", "", 1]]
    assert cx.causes(bare, CODES, book=book)["remeasure_on"].isna().all()
    shops = cx.causes(angry(shop=["a", "a", "b", "b", "a"]), CODES, by="shop", book=book)
    assert shops["stage"].tolist() == ["a", "a", "b", "b"]
    assert cx.causes(angry(), CODES.map(lambda codes: None), book=book).empty


def test_days_are_numbers_or_dates_and_names_turkish(book):
    assert cx.causes(angry(day=[1, 2, 3, 4, 5]), CODES, book=book)["remeasure_on"].iloc[0] == 95
    for day in ("2026-03-31", pd.Timestamp("2026-03-31")):
        assert cx.causes(angry(), CODES, day=day, book=book)["remeasure_on"].iloc[0] == pd.Timestamp("2026-06-29")
    assert cx.causes(angry(day=pd.date_range("2026-03-27", periods=5)), CODES, book=book)["remeasure_on"].iloc[0] == pd.Timestamp("2026-06-29")
    cx.use_language("tr")
    assert cx.causes(angry(), CODES)["cause"].iloc[0] == "Bekleme"


def test_answers_that_may_not_be_used_are_no_causes(book):
    used = cx.causes(angry(consent_survey=["yes", "no", None, "yes", "yes"]), CODES, book=book)
    assert used.attrs["refused"] == 1 and used[["code", "customers"]].to_numpy().tolist() == [["waiting", 1], ["waiting", 1], ["my_own", 1]]
    table = angry(score=[1, 2, 3, 4, 5], consent_survey=["yes", "no", None, "yes", "yes"], consent_contact="yes", consent_reference="yes", day=7)
    actions = cx.action_list(table)
    assert actions.attrs["refused"] == [5] and cx.causes(actions, CODES, book=book).attrs["refused"] == 1 and actions.attrs["last_day"] == 7
    assert set(cx.causes(actions, CODES, book=book)["code"]) == {"waiting", "my_own"}


@pytest.mark.parametrize("change, said", [
    ({"table": [1]}, "list"), ({"codes": ["price"]}, "list"), ({"codes": CODES.reset_index(drop=True)}, "codes does not belong"), ({"table": angry().head(3), "codes": CODES.rename_axis("row")}, "codes does not"),
    ({"codes": CODES.set_axis([3, 3, 8, 9, 11])}, "codes does not"), ({"by": "stge"}, "Nearly the same: stage"), ({"by": pd.Series(["a"])}, "by does not belong"),
    ({"customer": "person"}, "'person'"), ({"after": -1}, "after"), ({"after": 1.5}, "after"), ({"day": "soon"}, "soon"), ({"day": True}, "True")])
def test_what_cannot_be_counted_is_refused(change, said, book):
    with pytest.raises(cx.CxError, match=said):
        cx.causes(**({"table": angry(), "codes": CODES, "book": book} | change))


def test_without_a_consent_the_error_offers_the_rules_that_are_left():
    table = pd.DataFrame({"customer": [1, 2], "score": [2, 10], "consent_contact": ["yes", "yes"]})
    with pytest.raises(cx.CxError, match="nobody is known to have agreed to 'ask_reference'") as error:
        cx.action_list(table)
    assert "ename" not in str(error.value)  # another consent under this name would be a consent that nobody gave
    rules = ast.literal_eval(str(error.value).partition("rules=[")[2].join(["[", ""]))
    assert cx.action_list(table, rules=rules)["action"].tolist() == ["call", "thank"]
