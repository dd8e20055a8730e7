"""Answers and the customer record: nothing lost, counts that add up, keys compared as a person would, contradictions never filled in."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab as cx
from cxlab.joining import key_text, yes_or_no


def answers(**columns):
    return pd.DataFrame({"email": ["Ali@Example.com ", "x@example.com", None, "İPEK@example.com", "  "], "score": [2, 9, 10, 3, 4]} | columns)


def record(*rows, columns=("email", "name", "phone", "consent_contact")):
    return pd.DataFrame(list(rows), columns=columns, dtype=object)


def adds_up(report):
    """Whether the counts of a report account for every row of both tables."""
    return (report["answers"] == sum(report[name] for name in ("matched", "contradictory", "unmatched", "no_key")) and report["customers"] == sum(
        report[name] for name in ("with_answers", "without_answers", "copies", "completing", "contradicting", "customers_no_key")))


def test_where_keys_are_clean_and_unique_it_is_the_left_join_of_pandas():
    rng = np.random.default_rng(4)
    left = pd.DataFrame({"key": rng.integers(0, 300, 500), "score": rng.integers(0, 11, 500), "phone": "a"}, index=rng.permutation(500))
    right = pd.DataFrame({"key": rng.permutation(300)[:200], "phone": [f"0500 {k}" for k in range(200)], "since": 2000 + rng.integers(0, 20, 200)})
    found = cx.join_answers(left, right, on="key")
    wanted = left.merge(right, on="key", how="left", suffixes=("", "_record"))
    assert found.index.equals(left.index) and list(found.columns) == ["key", "score", "phone", "key_record", "phone_record", "since", "match"]
    assert (found["phone_record"].fillna("").to_numpy() == wanted["phone_record"].fillna("").to_numpy()).all()
    assert (found["since"].fillna(0).to_numpy(dtype=float) == wanted["since"].fillna(0).to_numpy()).all() and found["since"].dtype == "Int64"
    assert ((found["match"] == "matched") == wanted["since"].notna().to_numpy()).all()
    pd.testing.assert_frame_equal(found[["key", "score", "phone"]], left)


@pytest.mark.parametrize("one, other, same", [
    (" a@b.com\u00a0", "a@b.com", True), ("A@B.COM", "a@b.com", True), ("İPEK@X.COM", "ipek@x.com", True), ("IRMAK@x.com", "ırmak@x.com", True),
    ("i\u0307pek@x.com", "İpek@x.com", True), ("ipek@x.com", "\ufeffipek@x.com\u200b", True), ("şule@x.com", "sule@x.com", False),
    ("çan@x.com", "can@x.com", False), ("ş", "s\u0327", True), (12, "12", True), (12, 12.0, True), ("12.0", 12, True), (12.5, "12.5", True), ("012", 12, False),
    ("a b", "ab", False), ("12.0.1", "12", False), (True, "true", True), (pd.Timestamp("2026-03-01"), "2026-03-01 00:00:00", True)])
def test_keys_are_compared_as_a_person_would(one, other, same):
    assert (key_text(one) == key_text(other)) is same
    joined = cx.join_answers(pd.DataFrame({"key": [one]}), pd.DataFrame({"key": [other], "name": ["found"]}), on="key")
    assert (joined["match"].iloc[0] == "matched") is same


@pytest.mark.parametrize("empty", [None, np.nan, pd.NA, "", "   ", "\u00a0", "\ufeff"])
def test_an_empty_key_matches_nothing_not_even_another(empty):
    joined = cx.join_answers(pd.DataFrame({"key": pd.Series([empty, "a"], dtype=object)}), pd.DataFrame({"key": pd.Series([empty, "b"], dtype=object), "name": "x"}), on="key")
    assert list(joined["match"]) == ["no_key", "unmatched"] and joined["name"].isna().all()
    assert joined.attrs["report"]["customers_no_key"] == 1 and adds_up(joined.attrs["report"])


def test_copies_are_folded_gaps_filled_and_contradictions_left_open():
    people = record(("ali@example.com", "Ali", "0500", "yes"), ("ALI@example.com", "Ali", "0500", "yes"),  # a copy
                    ("ipek@example.com", "İpek", None, None), ("ipek@example.com", "İpek", "0501", "yes"),  # one completes the other
                    ("x@example.com", "X", "0502", "yes"), ("x@example.com", "X", "0503", "no"), ("x@example.com", "X", None, "yes"))
    joined = cx.join_answers(answers(), people, on="email")
    assert list(joined["match"]) == ["matched", "contradictory", "no_key", "matched", "no_key"]
    assert joined.loc[[0, 3], ["name", "phone", "consent_contact"]].to_numpy().tolist() == [["Ali", "0500", "yes"], ["İpek", "0501", "yes"]]
    assert joined.loc[1, "name"] == "X" and joined.loc[1, ["phone", "consent_contact"]].isna().all()
    report = joined.attrs["report"]
    assert adds_up(report) and {name: report[name] for name in ("copies", "completing", "contradicting", "duplicate_keys", "contradictory_keys", "only_folded")} == {
        "copies": 1, "completing": 1, "contradicting": 2, "duplicate_keys": 3, "contradictory_keys": 1, "only_folded": 2}
    assert report["contradictions"] == [{"rows": [6, 7, 8], "columns": ["phone", "consent_contact"]}] and report["duplicates"] == [[2, 3], [4, 5], [6, 7, 8]]
    assert report["unmatched_rows"] == [] and report["no_key_rows"] == [4, 6]


def test_what_only_some_of_contradicting_copies_say_is_not_taken():
    people = record(("x@example.com", "Ayşe", "0500", "yes"), ("x@example.com", "Fatma", None, None))  # perhaps two people with one address
    row = cx.join_answers(answers(), people, on="email").loc[1]
    assert row["match"] == "contradictory" and row[["name", "phone", "consent_contact"]].isna().all()


def test_keys_of_several_columns():
    left = pd.DataFrame({"branch": ["A", "a ", "B", None], "number": [1, 2, 1, 1], "score": 5})
    right = pd.DataFrame({"number": ["1", "2", "1"], "branch": ["a", "A", "b"], "name": ["one", "two", "three"]})
    joined = cx.join_answers(left, right, on=["branch", "number"])
    assert joined["name"].tolist()[:3] == ["one", "two", "three"] and list(joined["match"]) == ["matched"] * 3 + ["no_key"]


def test_with_all_the_customers_without_an_answer_follow():
    people = record(("z@example.com", "Z", "1", "yes"), ("ali@example.com", "Ali", "0", "yes"), (None, "no key", "2", None), ("Z@example.com", "Z", "1", "yes"))
    few, every = (cx.join_answers(answers().set_axis(range(10, 15)), people, on="email", keep=keep) for keep in ("answers", "all"))
    assert list(every["match"]) == [*few["match"], "no_answer", "no_answer"] and list(every.index) == [10, 11, 12, 13, 14, 15, 16]
    assert every["name"].tolist()[-2:] == ["Z", "no key"] and every["score"].isna().tolist() == [False] * 5 + [True] * 2
    assert key_text(every["email"].iloc[-2]) == "z@example.com" and pd.isna(every["email"].iloc[-1])
    assert every["score"].dtype == "Int64" and few["score"].dtype == "int64" and every.attrs["report"] == few.attrs["report"]
    report = every.attrs["report"]
    assert (every["match"] == "no_answer").sum() == report["without_answers"] + report["customers_no_key"]


def test_kinds_of_columns_survive():
    kinds = {"i": "int32", "f": "float64", "b": "bool", "c": pd.CategoricalDtype(["no", "yes"], ordered=True), "s": "str", "I": "Int64", "t": "datetime64[ns]"}
    values = {"i": [1, 2], "f": [0.5, 1], "b": [True, False], "c": ["no", "yes"], "s": ["a", "b"], "I": [3, None], "t": pd.to_datetime(["2026-01-01", "2026-01-02"])}
    right = pd.DataFrame({"key": [1, 2]} | {name: pd.Series(cells).astype(kinds[name]) for name, cells in values.items()})
    found = cx.join_answers(right.rename(columns=lambda name: name if name == "key" else f"own_{name}"), right, on="key")
    for name in kinds:
        assert found[name].dtype == right[name].dtype == found[f"own_{name}"].dtype
    gone = cx.join_answers(pd.DataFrame({"key": [1, 9]}), right, on="key")
    assert {name: str(gone[name].dtype) for name in ("i", "b", "f")} == {"i": "Int32", "b": "boolean", "f": "float64"} and gone["c"].dtype == right["c"].dtype


def test_rows_of_the_spreadsheet_are_named_at_most_a_hundred_and_repeats_counted():
    left = pd.DataFrame({"key": [1, 1, 2] + list(range(100, 400)), "why": [["a"], ["a"], ["b"]] + [None] * 300}, index=pd.Index(range(5, 308), name="row"))
    joined = cx.join_answers(left, pd.DataFrame({"key": [1]}), on="key")
    report = joined.attrs["report"]
    assert report["unmatched"] == 301 and report["unmatched_rows"] == list(range(7, 107)) and report["repeated_answers"] == 1 and len(joined) == 303
    assert joined.attrs["note"] == "Of 303 answers 2 found their customer record, 0 found one that contradicts itself (only what agrees is joined), 301 found none and 0 have no key."
    assert list(joined.columns) == ["key", "why", "key_record", "match"]


@pytest.mark.parametrize("change, said", [
    ({"on": "e-mail"}, r"'e-mail' in answers\. Nearly the same: email"), ({"on": []}, "on names the column"), ({"on": ["email", "email"]}, "on names"),
    ({"customers": record().rename(columns={"email": "E-Mail"})}, "'email' in customers. Nearly the same: E-Mail"), ({"answers": [1]}, "answers is a list"),
    ({"customers": None}, "customers is a NoneType"), ({"keep": "both"}, "keep"), ({"answers": answers(match="x")}, "two columns 'match'"),
    ({"answers": answers(phone=1, phone_record=2)}, "two columns 'phone_record'"), ({"answers": answers(email=[["a"]] * 5)}, "'email' hold lists"),
    ({"answers": pd.DataFrame([[1, 2]], columns=["email", "email"])}, "More than one column")])
def test_what_cannot_be_joined_is_refused(change, said):
    with pytest.raises(cx.CxError, match=said):
        cx.join_answers(**({"answers": answers(), "customers": record(), "on": "email"} | change))
    cx.use_language("tr")
    with pytest.raises(cx.CxError):
        cx.join_answers(**({"answers": answers(), "customers": record(), "on": "email"} | change))


def test_yes_and_no_in_words_and_numbers():
    table = pd.DataFrame({"a": ["yes", "EVET", "hayır", "HAYIR", "No", True, 0, 1.0, "false", None, " "]})
    assert np.array_equal(yes_or_no(table, "a"), [1, 1, 0, 0, 0, 1, 0, 1, 0, np.nan, np.nan], equal_nan=True)
    for bad in ("maybe", 2, -1, 0.5):
        with pytest.raises(cx.CxError, match="row 3"):
            yes_or_no(pd.DataFrame({"a": pd.Series(["yes", bad], dtype=object)}), "a")


def test_nothing_given_is_changed_and_the_mark_of_invented_data_stays():
    left, right = answers(), record(("ali@example.com", "Ali", "0500", "yes"))
    left.attrs["scale"], right.attrs["simulated"] = {"score": (0, 10)}, True
    before = left.copy(deep=True), right.copy(deep=True)
    joined = cx.join_answers(left, right, on="email", keep="all")
    for table, copy in zip((left, right), before, strict=True):
        pd.testing.assert_frame_equal(table, copy)
    assert joined.attrs["simulated"] and joined.attrs["scale"] == {"score": (0, 10)} and "report" not in left.attrs
    empty = cx.join_answers(left.head(0), right.head(0), on="email", keep="all")
    assert empty.empty and adds_up(empty.attrs["report"])


CELLS = st.sampled_from(["a", "A ", "b", "c", None, " "])
PEOPLE = st.lists(st.tuples(CELLS, st.sampled_from(["x", "y", None]), st.sampled_from([1, 2, None])), max_size=8)


@settings(max_examples=30)
@given(st.lists(st.tuples(CELLS, st.integers(0, 3)), max_size=8), PEOPLE, st.randoms(use_true_random=False), st.sampled_from(["answers", "all"]))
def test_no_row_is_lost_and_the_order_of_the_customers_changes_nothing(left, right, random, keep):
    left, right = pd.DataFrame(left, columns=["key", "score"], dtype=object), pd.DataFrame(right, columns=["key", "name", "phone"], dtype=object)
    found = cx.join_answers(left, right, on="key", keep=keep)
    report, n = found.attrs["report"], len(left)
    assert found["score"].tolist()[:n] == left["score"].tolist() and adds_up(report)
    assert len(found) == n + (report["without_answers"] + report["customers_no_key"]) * (keep == "all")
    for k, key in enumerate(map(key_text, left["key"])):  # one answer at a time, as one would by hand
        rows = right[np.array([key is not None and key_text(other) == key for other in right["key"]], dtype=bool)]
        many = {column: set(rows[column].dropna()) for column in ("name", "phone")}
        open_ = any(len(values) > 1 for values in many.values())
        assert found["match"].iloc[k] == ("no_key" if key is None else "unmatched" if rows.empty else "contradictory" if open_ else "matched")
        for column, values in many.items():
            whole = len(values) == 1 and (rows[column].notna().all() or not open_)
            assert (found[column].iloc[k] == next(iter(values))) if whole else pd.isna(found[column].iloc[k])
    places = list(range(len(right)))
    random.shuffle(places)
    again = cx.join_answers(left, right.iloc[places], on="key", keep=keep)
    assert {name: value for name, value in again.attrs["report"].items() if not isinstance(value, list)} == {
        name: value for name, value in report.items() if not isinstance(value, list)}
    pd.testing.assert_frame_equal(again.head(n), found.head(n), check_dtype=False)
    assert sorted(map(repr, again.iloc[n:, 1:].to_numpy().tolist())) == sorted(map(repr, found.iloc[n:, 1:].to_numpy().tolist()))


def test_the_bundled_record_joins_without_loss():
    left, right = cx.load("touchpoint_nps"), cx.load("crm")
    joined = cx.join_answers(left, right, on="email")
    report = joined.attrs["report"]
    assert adds_up(report) and joined["score"].equals(left["score"]) and report["contradictory"] > 0 and report["unmatched"] > 0 and report["without_answers"] > 100
    keys = {key_text(email) for email in right["email"]}
    assert (joined["match"] == "unmatched").tolist() == [key_text(email) not in keys for email in left["email"]]
    phones = right.groupby(right["email"].map(key_text))["phone"].agg(lambda cells: set(cells.dropna()))
    for email, phone in itertools.islice(zip(left["email"], joined["phone"], strict=True), 800):
        assert pd.isna(phone) or phones[key_text(email)] == {phone}
    old = right.drop(columns="email").rename(columns={"former_email": "email"})
    found = cx.join_answers(left[joined["match"] == "unmatched"], old[old["email"].notna()], on="email")
    assert (found["match"] == "matched").sum() > 20  # addresses that changed since
