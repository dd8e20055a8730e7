"""Tables of codes against pandas' own cross table and against loops that anybody can read."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxlab as cx
from cxlab import worlds
from cxlab.codebooks import WHOLE_ONLY

QUESTIONS = ["important_1", "important_2", "important_3"]
CODES = st.lists(st.one_of(st.none(), st.lists(st.sampled_from("abcde"), unique=True, max_size=4).map(tuple)), max_size=30)


def series(codes):
    return pd.Series(codes, index=[f"r{k}" for k in range(len(codes))], dtype=object, name="codes")


# --- people ------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def survey():
    return cx.load("five_questions")


def test_people_have_the_codes_of_all_their_answers(survey):
    book = cx.load_codebook()
    people = cx.code_people(survey, QUESTIONS, book)
    order = [*book["code"]]
    each = [cx.code_answers(survey[question], book)["codes"].tolist() for question in QUESTIONS]
    for found, *answers in zip(people, *each, strict=True):
        named = {code for codes in answers for code in codes or ()}
        themes = named - {"none", "dont_know"} or named
        assert found == (tuple(code for code in order if code in themes) or None)
    assert people.index.equals(survey.index) and people.name == "codes" and people.dtype == object and people.attrs["simulated"]
    assert people.isna().tolist() == survey[QUESTIONS].isna().all(axis=1).tolist()
    said = people.dropna().map(set)
    assert not any(codes & set(WHOLE_ONLY) and codes - set(WHOLE_ONLY) for codes in said)
    shares = cx.multiple_response(survey.assign(codes=people), "codes")
    assert shares.set_index("value").loc["price", "count"] == sum("price" in codes for codes in said)


def test_one_column_may_be_given_by_its_name(survey):
    one = cx.code_people(survey.head(50), "annoys")
    assert one.tolist() == cx.code_people(survey.head(50), ["annoys"]).tolist()
    with pytest.raises(cx.CxError, match="annoyed"):
        cx.code_people(survey, ["annoyed"])


def test_none_counts_only_where_a_person_names_nothing_else():
    table = pd.DataFrame({"first": ["yok", "-", None, "ucuz", "zzz"], "second": ["ucuz", "?", " ", None, "-"]}, index=[7, 7, 8, 9, 10])
    people = cx.code_people(table, ["first", "second"])
    assert people.tolist() == [("price",), ("none", "dont_know"), None, ("price",), ("other",)] and people.index.tolist() == [7, 7, 8, 9, 10]


def test_a_codebook_without_other_and_none():
    book = cx.load_codebook()
    small = book[book["code"].isin(["price", "speed"])]
    assert cx.code_people(pd.DataFrame({"a": ["zzz", "-", "zzz"], "b": ["ucuz", "?", None]}), ["a", "b"], small).tolist() == \
        [("price", "other"), ("none", "dont_know"), ("other",)]


# --- wider definitions -------------------------------------------------------------------------------------------------------


def test_codes_become_components_by_the_codebook():
    book = cx.load_codebook().set_index("code")
    codes = series([("price", "quality"), ("speed", "price"), ("none",), (), None])
    merged = cx.merge_codes(codes, book["component"])
    component = book["component"].to_dict()
    assert merged.tolist() == [("functional",), ("accessible", "functional"), (), (), None] and merged.index.equals(codes.index)
    assert merged.tolist() == cx.merge_codes(codes, component).tolist() and component["none"] == ""
    assert cx.merge_codes(codes, book["kind"]).tolist()[0] == tuple(dict.fromkeys(book.loc[["price", "quality"], "kind"]))
    truth = series([tuple(person["codes"]["annoys"]) for person in worlds.draw("five_questions") if "annoys" in person["codes"]])
    assert set(itertools.chain(*cx.merge_codes(truth, component))) == set(cx.framework.keys("components"))


@given(CODES, st.dictionaries(st.sampled_from("abcde"), st.sampled_from(["a", "x", "y", None, "", float("nan"), pd.NA]), max_size=5))
def test_merging_is_a_loop_over_the_answers(codes, mapping):
    merged = cx.merge_codes(series(codes), mapping)
    for before, after in zip(codes, merged, strict=True):
        if before is None:
            assert after is None
            continue
        expected = []
        for code in before:
            new = mapping[code] if code in mapping else code
            if isinstance(new, str) and new and new not in expected:
                expected.append(new)
        assert after == tuple(expected)
    assert merged.tolist() == cx.merge_codes(merged, {}).tolist()  # nothing to merge: nothing changes


def test_input_stays_as_it_was():
    codes = series([("a", "b"), None])
    codes.attrs["simulated"] = True
    before = codes.copy()
    merged = cx.merge_codes(codes.to_frame(), {"a": "b"})
    assert merged.tolist() == [("b",), None] and merged.attrs["simulated"] and cx.co_occurrence(codes).attrs["simulated"]
    pd.testing.assert_series_equal(codes, before)


# --- pairs -------------------------------------------------------------------------------------------------------------------


@given(CODES)
def test_pairs_are_those_of_the_cross_table(codes):
    table = cx.co_occurrence(series(codes))
    answered = [given for given in codes if given is not None]
    names = {code for given in answered for code in given}
    marks = pd.DataFrame({name: [name in given for given in answered] for name in sorted(names)}, index=range(len(answered)))
    assert {frozenset(pair) for pair in table[["code_1", "code_2"]].to_numpy().tolist()} == {frozenset(pair) for pair in itertools.combinations(names, 2)}
    for row in table.to_dict("records"):
        cross = pd.crosstab(marks[row["code_1"]], marks[row["code_2"]]).reindex(index=[False, True], columns=[False, True], fill_value=0).to_numpy()
        assert (row["n_both"], row["n_1"], row["n_2"], row["n"]) == (cross[1, 1], cross[1].sum(), cross[:, 1].sum(), cross.sum())
        assert row["expected"] == pytest.approx(cross[1].sum() * cross[:, 1].sum() / cross.sum(), rel=1e-12)
        assert row["n_1"] >= row["n_2"]
    assert table["n_both"].is_monotonic_decreasing and f"Counted in {len(answered)} answers" in table.attrs["note"]


def test_expected_is_that_of_scipy():
    from scipy.stats.contingency import expected_freq

    rng = np.random.default_rng(1)
    codes = series([tuple(code for code in "abc" if rng.random() < 0.4) for _ in range(300)])
    for row in cx.co_occurrence(codes).to_dict("records"):
        cross = pd.crosstab(*(codes.map(lambda given, at=row[code]: at in given) for code in ("code_1", "code_2")))
        assert row["expected"] == pytest.approx(expected_freq(cross)[1, 1], rel=1e-12)


def test_no_codes_no_pairs():
    for codes in ([], [None, None], [(), ("a",), None]):
        assert cx.co_occurrence(series(codes)).empty
    assert list(cx.co_occurrence(series([]))) == ["code_1", "code_2", "n_1", "n_2", "n_both", "n", "expected"]


def test_what_is_not_codes_is_refused():
    for wrong in ([("a",)], pd.DataFrame({"answer": ["a"]}), "a"):
        with pytest.raises(cx.CxError, match="cx.code_answers"):
            cx.co_occurrence(wrong)
    cx.use_language("tr")
    with pytest.raises(cx.CxError, match="çoklu"):
        cx.merge_codes([("a",)], {})
