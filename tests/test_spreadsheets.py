"""Texts in spreadsheets: no formula ever, and every text comes back exactly."""

import csv
import datetime
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import cxlab as cx
from cxlab.spreadsheets import guard, guard_frame, to_csv, unguard

TRIGGERS = "=+-@\t\r\n'＝＋－＠"
UNSEEN = [" ", "\xa0", "\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u3000", "\x0b", "\x00", "\xad", "\u2028"]
DANGEROUS = ["=1+1", "+90 532", "-5 TL", "@SUM(A1)", "\t=1", "\r\n=1", "'quoted'", "＝1+1", "  =1", "\ufeff=1", "\u200b\u200b@x", "\xa0-x", "-", "'"]


def first_visible(text):
    """The first character that is seen or starts a formula: written apart from the package's own pattern, by Unicode category."""
    for sign in text:
        if sign in "\t\r\n" or not (unicodedata.category(sign) in ("Cc", "Cf", "Zs", "Zl", "Zp") or sign in "\u034f\u115f\u1160\u3164\ufe0f"):
            return sign
    return ""


@pytest.mark.parametrize("text", DANGEROUS)
def test_dangerous_texts_get_one_apostrophe(text):
    assert guard(text) == "'" + text and unguard(guard(text)) == text


@pytest.mark.parametrize("text", ["5 - 4", "a=b", "", " ", "(+90)", "çok iyi", "1+1", "e-posta", "90's", "“=1”", "\u200b", "\xa0\xa0"])
def test_harmless_texts_stay(text):
    assert guard(text) == text and unguard(text) == text


def test_an_apostrophe_of_somebody_else_stays():
    assert unguard("'90s music") == "'90s music" and unguard("'hello'") == "'hello'" and unguard("'") == "'"


@pytest.mark.parametrize("sign", TRIGGERS)
@pytest.mark.parametrize("before", UNSEEN)
def test_every_trigger_behind_everything_unseen(before, sign):
    text = f"{before}{before}{sign}x"
    assert guard(text) == "'" + text and unguard(guard(text)) == text


MIXED = st.text(st.one_of(st.characters(), st.sampled_from(TRIGGERS), st.sampled_from(UNSEEN)), max_size=12)


@given(MIXED)
@example("''=")
@example("\u200b'=")
def test_the_guard_is_exactly_reversible(text):
    assert unguard(guard(text)) == text
    assert unguard(guard(guard(text))) == guard(text)


@given(MIXED)
def test_nothing_guarded_begins_with_a_trigger_but_the_apostrophe(text):
    guarded = guard(text)
    assert first_visible(guarded) not in tuple(TRIGGERS.replace("'", ""))
    assert guarded in (text, "'" + text)


def test_no_text_is_guarded_as_it_came():
    for value in (None, 5, -5.5, float("nan"), True, ("=a",), datetime.date(2018, 10, 31)):
        assert guard(value) is value and unguard(value) is value


def test_a_series_keeps_index_dtype_and_missing():
    series = pd.Series(["=1", None, "x"], index=[7, 9, 11], name="q", dtype="str")
    guarded = guard(series)
    assert guarded.tolist()[::2] == ["'=1", "x"] and pd.isna(guarded[9]) and guarded.index.tolist() == [7, 9, 11] and guarded.dtype == series.dtype
    pd.testing.assert_series_equal(unguard(guarded), series)
    pd.testing.assert_series_equal(guard(pd.Series([-5, 3])), pd.Series([-5, 3]))
    category = pd.Series(pd.Categorical(["-a", "b"], ordered=True))
    assert guard(category).tolist() == ["'-a", "b"] and guard(category).cat.ordered


# ---- to_csv ----


def cells(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def everything():
    frame = pd.DataFrame({
        "=header": ["=1+1", "x", None], "number": [-5, 2.5, np.nan], "whole": pd.array([-1, None, 3], dtype="Int64"),
        "choices": [("a", "b"), ("c",), None], "category": pd.Categorical(["-q", None, "r"], categories=["r", "-q"], ordered=True),
        "when": pd.to_datetime(["2018-10-31 03:50", "2018-11-01 00:00", None]), "mixed": [-3, "-3", datetime.date(2020, 1, 2)],
        "fine": pd.array([True, None, False], dtype="boolean")})
    return frame.set_axis(pd.Index([3, 4, 9], name="row"))


def test_numbers_and_dates_are_untouched_and_texts_and_names_guarded(tmp_path):
    assert cells(to_csv(everything(), tmp_path / "t.csv")) == [
        ["'=header", "number", "whole", "choices", "category", "when", "mixed", "fine"],
        ["'=1+1", "-5.0", "-1", "a;b", "'-q", "2018-10-31 03:50:00", "-3", "True"],
        ["x", "2.5", "", "c", "", "2018-11-01 00:00:00", "'-3", ""],
        ["", "", "3", "", "r", "", "2020-01-02", "False"]]


def test_the_form_that_a_spreadsheet_expects(tmp_path):
    path = to_csv(pd.DataFrame({"a": ['say "no", then', "two\nlines", "ş"]}), str(tmp_path / "t.csv"))
    assert path == tmp_path / "t.csv"
    assert path.read_bytes() == '\ufeffa\r\n"say ""no"", then"\r\n"two\nlines"\r\nş\r\n'.encode()


def test_a_turkish_excel_can_have_its_separator(tmp_path):
    path = to_csv(pd.DataFrame({"a": ["x;y"], "b": ["=1"]}), tmp_path / "t.csv", separator=";")
    assert path.read_text("utf-8-sig").splitlines() == ["a;b", "\"x;y\";'=1"]


def test_the_index_is_written_only_if_it_has_a_name_of_its_own(tmp_path):
    frame = pd.DataFrame({"n": [1, 2]}, index=pd.Index(["=a", "b"], name="group"))
    assert cells(to_csv(frame, tmp_path / "t.csv")) == [["group", "n"], ["'=a", "1"], ["b", "2"]]
    assert cells(to_csv(frame.rename_axis("row"), tmp_path / "t.csv")) == [["n"], ["1"], ["2"]]
    assert cells(to_csv(frame.rename_axis(None), tmp_path / "t.csv")) == [["n"], ["1"], ["2"]]
    two = pd.DataFrame({"n": [1]}, index=pd.MultiIndex.from_tuples([("-a", 2018)], names=["group", "wave"]))
    assert cells(to_csv(two, tmp_path / "t.csv")) == [["group", "wave", "n"], ["'-a", "2018", "1"]]
    assert cells(to_csv(frame["n"], tmp_path / "t.csv")) == [["group", "n"], ["'=a", "1"], ["b", "2"]]


def test_two_columns_of_one_name_and_names_that_are_no_texts(tmp_path):
    frame = pd.DataFrame([["=1", 2, 3]], columns=["a", "a", -1])
    assert cells(to_csv(frame, tmp_path / "t.csv")) == [["a", "a", "'-1"], ["'=1", "2", "3"]]


@pytest.mark.parametrize("choices, joined", [((("a", "b"), ("c",)), ["a;b", "c"]), ((("a;b", "c"), ("d", "e")), ["a;b|c", "d|e"]),
                                             ((("a;b", "c|d"), ("e",)), ["a;b\nc|d", "e"]), ((("-a", "b"), ()), ["'-a;b", ""])])
def test_choices_are_joined_by_what_none_of_them_holds(choices, joined):
    assert guard_frame(pd.DataFrame({"q": list(choices)}))["q"].fillna("").tolist() == joined


def test_the_frame_given_is_not_changed(tmp_path):
    frame = everything()
    before = frame.copy(deep=True)
    to_csv(frame, tmp_path / "t.csv")
    pd.testing.assert_frame_equal(frame, before)


def test_an_empty_table_keeps_its_names(tmp_path):
    assert cells(to_csv(everything().iloc[:0], tmp_path / "t.csv"))[0][0] == "'=header"


def test_an_unpaired_surrogate_is_written_visibly(tmp_path):
    assert cells(to_csv(pd.DataFrame({"a": ["x\ud800"]}), tmp_path / "t.csv"))[1] == ["x\\ud800"]


def test_no_compression_is_guessed_from_the_name(tmp_path):
    assert to_csv(pd.DataFrame({"a": [1]}), tmp_path / "t.csv.gz").read_bytes().startswith(b"\xef\xbb\xbfa")


@pytest.mark.parametrize("language, told", [("en", ["is a folder", "does not exist", "needed", "Allowed"]),
                                            ("tr", ["bir klasör", "klasörü yok", "gerekiyor", "İzin verilenler"])])
def test_errors_say_what_to_do(tmp_path, language, told):
    cx.use_language(language)
    frame = pd.DataFrame({"a": [1]})
    for call, text in zip([lambda: to_csv(frame, tmp_path), lambda: to_csv(frame, tmp_path / "no" / "t.csv"), lambda: to_csv([1, 2], tmp_path / "t.csv"),
                           lambda: to_csv(frame, tmp_path / "t.csv", separator="\t")], told, strict=True):
        with pytest.raises(cx.CxError, match=text):
            call()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(cx.CxError, match="was not written"):
        to_csv(pd.DataFrame({"a": [1]}), tmp_path / ("x" * 300 + ".csv"))


# ---- and back ----


def test_read_survey_gives_the_texts_back(tmp_path):
    texts = ["=1+1", "'quoted'", "-5 TL, üç", "two\nlines", "+90", "plain", "@you", "''="]
    path = to_csv(pd.DataFrame({"=What?": texts, "n": range(8), "Why?": [f"because {n}" for n in range(8)]}), tmp_path / "t.csv")
    survey = cx.read_survey(path)
    assert list(survey.answers)[0] == "=What?" and survey.answers["=What?"].tolist() == texts


def test_read_survey_gives_choices_back_when_told_the_options(tmp_path):
    told = [("-5 TL", "b; and c"), ("d",), ("-5 TL", "d")] * 4
    path = to_csv(pd.DataFrame({"Which?": told, "n": range(12)}), tmp_path / "t.csv")
    survey = cx.read_survey(path, options={"Which?": ["-5 TL", "b; and c", "d"]})
    assert survey.answers["Which?"].tolist() == told
