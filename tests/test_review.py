"""Sheets for people: what is written, what comes back however Excel saved it, and that nothing typed is lost."""

import re

import numpy as np
import openpyxl
import pandas as pd
import pytest

import cxlab as cx
from cxlab import review
from cxlab.codebooks import folded
from cxlab.spreadsheets import unguard

BOOK = pd.DataFrame({"code": ["price", "waiting", "problem_solving", "other", "none", "dont_know"],
                     "name": ["Price", "Waiting", "Problem solving", "Other", "None", "Don't know"],
                     "name_tr": ["Fiyat", "Bekleme", "Sorun çözme", "Diğer", "Yok", "Bilmiyorum"],
                     "terms_tr": ["pahali* | fiyat*", "kuyruk*", "sorun*", "", "=yok", "=bilmem"], "terms_en": ["expensive", "queue*", "problem*", "", "=none", ""]})
HOSTILE = ["=1+1", "@SUM(A1)", "+90 fiyat", "-5 tl", "<script>alert(1)</script> fiyat", "$a_$ fiyat", "\u202efiyat", "🙂 fiyat 🙂", "fiyat " * 8000, "'90lar fiyat", "bir\x07zil fiyat",
           "satır\nsonu; fiyat", "#rezalet", "#N/A", "\ud800 fiyat"]
TEXTS = ["çok pahalı", "uzun kuyruk", "sırada bekledim", "saatlerce bekledim sırada", "mavi", "sorun çözülmedi", "sırada kaldık", "fiyatlar", "yok", "telefonda bekledim", "güzel"]


def asked(texts=tuple(TEXTS * 8), first=1001):
    """(answers, coded), the index a respondent number."""
    answers = pd.Series(texts, index=pd.RangeIndex(first, first + len(texts), name="respondent"), dtype=object)
    return answers, cx.code_answers(answers, BOOK)


def table_of(path, sheet=0):
    return pd.read_excel(path, sheet_name=sheet, engine="openpyxl", keep_default_na=False, dtype=object)


def fill_in(path, codes=None, used=None):
    """Writes codes and marks, {index: text}, into a workbook as a person would."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    at = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        key = sheet.cell(row, 1).value
        for column, values in (("codes", codes), ("used_for_editing", used)):
            if values and key in values:
                sheet.cell(row, at[column]).value = values[key]
    book.save(path)


@pytest.fixture
def sheets(tmp_path):
    """(folder, answers, coded, the blind sheet, the review sheet) of freshly written sheets."""
    answers, coded = asked()
    cx.review_sheets(answers, coded, tmp_path, n=40, book=BOOK)
    return tmp_path, answers, coded, table_of(tmp_path / "blind.xlsx"), table_of(tmp_path / "review.xlsx")


# ---- what is written -----------------------------------------------------------------------------------------------------------------


def test_the_blind_sheet_shows_no_codes(sheets):
    folder, answers, coded, blind, shown = sheets
    assert list(blind) == ["respondent", "answer", "codes", "used_for_editing"] and len(blind) == 40
    assert answers[blind["respondent"]].tolist() == blind["answer"].tolist()
    assert (blind[["codes", "used_for_editing"]] == "").all(axis=None)
    assert blind["respondent"].is_unique and not blind["respondent"].is_monotonic_increasing
    codes = table_of(folder / "blind.xlsx", "codes")
    assert codes["code"].tolist() == BOOK["code"].tolist() and codes["name_tr"][0] == "Fiyat"
    assert len(openpyxl.load_workbook(folder / "blind.xlsx").sheetnames) == 2


def test_the_review_sheet_has_other_and_nothing_of_the_blind_one(sheets):
    _, answers, coded, blind, shown = sheets
    assert list(shown) == ["respondent", "answer", "machine_codes", "why", "codes", "used_for_editing"]
    other = coded.index[coded["codes"].map(lambda codes: "other" in codes)]
    assert shown["respondent"].tolist() == other.difference(blind["respondent"]).tolist()
    assert (shown["machine_codes"] == "other").all() and len(shown) > 5


def test_a_second_coding_brings_the_answers_in_dispute(tmp_path):
    answers, coded = asked()
    second = coded["codes"].copy()
    second[[1001, 1006]] = [("waiting",), None]
    result = cx.review_sheets(answers, coded, tmp_path, n=1, rng=4, book=BOOK, second=second)
    shown = table_of(tmp_path / "review.xlsx").set_index("respondent")
    assert shown.loc[1001, ["machine_codes", "second_codes"]].tolist() == ["price", "waiting"] and "pahali*" in shown.loc[1001, "why"]
    assert 1006 not in shown.index  # not coded a second time: no dispute
    assert result[["sheet", "file", "n"]].to_numpy().tolist() == [["blind", "blind.xlsx", 1], ["review", "review.xlsx", len(shown)]]
    assert "blind.xlsx" in result.attrs["note"]


def test_the_draw_is_seeded_and_leaves_out_what_is_empty(tmp_path):
    answers, coded = asked([*TEXTS, None, " ", "\u200b"] * 4)
    drawn = []
    for i, rng in enumerate((None, 0, np.random.default_rng(0), 1)):
        cx.review_sheets(answers, coded, tmp_path / str(i), n=20, rng=rng, book=BOOK)
        drawn.append(table_of(tmp_path / str(i) / "blind.xlsx")["respondent"].tolist())
    assert drawn[0] == drawn[1] == drawn[2] != drawn[3]
    result = cx.review_sheets(answers, coded, tmp_path / "all", n=500, book=BOOK)
    assert result["n"].tolist() == [len(TEXTS) * 4, 0] and result["of"].tolist() == [len(TEXTS) * 4, 0]


def test_sheets_that_are_there_are_never_replaced(sheets):
    folder, answers, coded, *_ = sheets
    (folder / "blind.xlsx").unlink()
    (folder / "Review (1).csv").write_text("answer;codes\n")
    before = (folder / "review.xlsx").read_bytes()
    with pytest.raises(cx.CxError, match=r"Review \(1\)\.csv, review\.xlsx"):
        cx.review_sheets(answers, coded, folder, n=40, book=BOOK)
    assert (folder / "review.xlsx").read_bytes() == before and not (folder / "blind.xlsx").exists()


def test_hostile_texts_come_through_harmless(tmp_path):
    answers, coded = asked(HOSTILE)
    answers.index = pd.Index([f"=cmd|{i}" for i in range(len(HOSTILE))], name="=respondent")
    coded.index = answers.index
    before = answers.copy()
    cx.review_sheets(answers, coded, tmp_path / "new" / "folder", book=BOOK)
    cx.review_sheets(answers, coded, tmp_path / "reviewed", n=1, book=BOOK)
    for path in tmp_path.rglob("*.xlsx"):
        for sheet in openpyxl.load_workbook(path):
            for cell in (cell for row in sheet for cell in row if cell.value is not None):
                assert cell.data_type == "s" and (cell.row == 1 or cell.value[0] not in "=@+-"), cell.value
    assert answers.equals(before)
    folder = tmp_path / "new" / "folder"
    blind = table_of(folder / "blind.xlsx")
    fill_in(folder / "blind.xlsx", codes=dict.fromkeys(blind.iloc[:, 0], "price"))
    found = cx.read_review(folder, answers, coded, book=BOOK)
    assert len(found.problems) == 0 and found.coded["by_hand"].sum() == len(blind) == len(HOSTILE)


@pytest.mark.parametrize("change, told", [
    (dict(n=0), "n = 0"), (dict(n=2.5), "n = 2.5"), (dict(n=True), "n = True"), (dict(rng="x"), "rng = 'x'"), (dict(answers=["a"]), "list"),
    (dict(answers=asked(first=1)[0]), "does not belong"), (dict(answers=asked()[0][:5]), "does not belong"), (dict(coded=asked()[1][["why"]]), "Columns there: why"),
])
def test_what_the_sheets_refuse(tmp_path, change, told):
    answers, coded = asked()
    with pytest.raises(cx.CxError, match=told):
        cx.review_sheets(**{"answers": answers, "coded": coded, "folder": tmp_path / "new", "book": BOOK} | change)
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").touch()
    with pytest.raises(cx.CxError, match="cannot be made"):
        cx.review_sheets(answers, coded, tmp_path / "file", book=BOOK)


# ---- what is read --------------------------------------------------------------------------------------------------------------------


def truth(text):
    """What a careful person codes: as the book, but waiting in line and on the phone as well."""
    return {"çok pahalı": "price", "uzun kuyruk": "waiting", "sorun çözülmedi": "problem_solving", "fiyatlar": "price", "yok": "none",
            "mavi": "other", "güzel": "other"}.get(text, "waiting")


def test_half_filled_sheets_correct_the_coding(sheets):
    folder, answers, coded, blind, shown = sheets
    before = coded.copy()
    done = [*blind["respondent"][:20], *shown["respondent"][:5]]
    typed = {key: truth(answers[key]) for key in done}
    fill_in(folder / "blind.xlsx", typed)
    fill_in(folder / "review.xlsx", typed)
    found = cx.read_review(folder, answers, coded, book=BOOK)
    assert isinstance(found, review.Review) and len(found.problems) == 0
    assert found.coded.index.equals(answers.index) and found.coded.index[found.coded["by_hand"]].tolist() == sorted(done)
    assert found.coded["codes"].tolist() == [(typed[key],) if key in typed else codes for key, codes in coded["codes"].items()]
    changed = [key for key in done if (typed[key],) != coded["codes"][key]]
    assert changed and found.coded.loc[changed, "why"].isna().all() and found.coded["why"].drop(changed).equals(coded["why"].drop(changed))
    pd.testing.assert_frame_equal(coded, before)
    expected = cx.agreement(pd.Series({key: (typed[key],) for key in blind["respondent"][:20]}), coded.loc[blind["respondent"][:20]])
    pd.testing.assert_frame_equal(found.reliability, expected, check_exact=True)
    assert found.overall.iloc[0].to_dict() == expected.attrs["overall"] and found.overall["n"][0] == 20
    assert "on 20 answers" in found.reliability.attrs["note"]
    again = cx.read_review(folder, answers, coded)  # the codes from the second sheet of the workbooks
    for one, other in zip(found, again, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_columns_of_codes_follow(tmp_path):
    answers, _ = asked()
    coded = cx.code_answers(answers, BOOK, columns=True)
    cx.review_sheets(answers, coded, tmp_path, n=3, book=BOOK)
    key = table_of(tmp_path / "blind.xlsx")["respondent"][0]
    fill_in(tmp_path / "blind.xlsx", {key: "price;waiting"})
    result = cx.read_review(tmp_path, answers, coded).coded
    assert result.loc[key, BOOK["code"].tolist()].tolist() == [1, 1, 0, 0, 0, 0] and result["price"].dtype == coded["price"].dtype
    pd.testing.assert_frame_equal(result.drop(key)[coded.columns], coded.drop(key))


def test_what_was_used_for_editing_does_not_judge(sheets):
    folder, answers, coded, blind, shown = sheets
    keys = blind["respondent"].tolist()
    fill_in(folder / "blind.xlsx", {key: truth(answers[key]) for key in keys},
            used=dict(zip(keys, ["x", "X ", "evet", 1, True, "✓", "no", "Hayır", 0, False, "-", " ", "HAYIR"], strict=False)))
    found = cx.read_review(folder, answers, coded, book=BOOK)
    assert found.overall["n"][0] == 40 - 6 and "6 used for editing" in found.reliability.attrs["note"]
    expected = cx.agreement(pd.Series({key: (truth(answers[key]),) for key in keys[6:]}), coded.loc[keys[6:]])
    pd.testing.assert_frame_equal(found.reliability, expected)
    assert found.coded["by_hand"].sum() == 40


@pytest.mark.parametrize("typed, expected", [
    ("price;waiting", ("price", "waiting")), (" waiting ; price ", ("price", "waiting")), ("WAITING, PRICE", ("price", "waiting")), ("WAİTİNG;PRİCE", ("price", "waiting")),
    ("Fiyat", ("price",)), ("FİYAT, bekleme", ("price", "waiting")), ("problem solving", ("problem_solving",)), ("Problem-Solving;", ("problem_solving",)),
    ("sorun cozme\nprice", ("price", "problem_solving")), ("Don't know", ("dont_know",)), ("dont_know", ("dont_know",)), ("price;price", ("price",)), ("price / waiting|", ("price", "waiting")),
])
def test_codes_as_people_type_them(sheets, typed, expected):
    folder, answers, coded, blind, _ = sheets
    key = blind["respondent"][0]
    fill_in(folder / "blind.xlsx", {key: typed})
    found = cx.read_review(folder, answers, coded)
    assert found.coded["codes"][key] == expected and len(found.problems) == 0


def test_unknown_codes_are_listed_and_the_rest_is_kept(sheets):
    folder, answers, coded, blind, _ = sheets
    one, two, three = blind["respondent"][:3]
    fill_in(folder / "blind.xlsx", {one: "price; qualty", two: "loyalty, trust", three: "waiting"})
    found = cx.read_review(folder, answers, coded)
    assert found.problems[["sheet", "row", "value"]].to_numpy().tolist() == [["blind.xlsx", 2, "qualty"], ["blind.xlsx", 3, "loyalty"], ["blind.xlsx", 3, "trust"]]
    assert "problem_solving" in found.problems["problem"][0]
    assert found.coded.loc[[one, two, three], "codes"].tolist() == [("price",), coded["codes"][two], ("waiting",)]
    assert found.overall["n"][0] == 1 and "1 with an unknown code" in found.reliability.attrs["note"]  # what the person meant is not known
    cx.use_language("tr")
    assert "kod kitabına" in cx.read_review(folder, answers, coded).problems["problem"][0]


def test_rows_of_other_answers_are_not_used(sheets):
    folder, answers, coded, blind, _ = sheets
    one, two, three = blind["respondent"][:3]
    fill_in(folder / "blind.xlsx", {one: "price", two: "price", three: "price"})
    changed = answers.rename({one: 7}).copy()
    changed[two], changed[three] = "bambaşka şeyler yazılmış", answers[three].upper() + "!"
    found = cx.read_review(folder, changed, coded.rename({one: 7}))
    assert found.problems["row"].tolist() == [2, 3] and found.problems["value"].tolist() == ["price", "price"]
    assert str(one) in found.problems["problem"][0] and "another text" in found.problems["problem"][1]
    assert found.coded.index[found.coded["by_hand"]].tolist() == [three]


@pytest.mark.parametrize("separator, encoding", [(";", "utf-8-sig"), (";", "cp1254"), (",", "utf-8-sig"), ("\t", "utf-16")])
def test_sheets_saved_as_csv(sheets, separator, encoding):
    folder, answers, coded, blind, shown = sheets
    blind["codes"] = [f"{truth(answers[key])};price" for key in blind["respondent"]]
    text = blind.to_csv(index=False, sep=separator, lineterminator="\r\n")
    (folder / "blind.csv").write_bytes(text.encode(encoding))
    found = cx.read_review(folder, answers, coded)  # the workbook, still empty, lies beside it
    assert len(found.problems) == 0 and found.overall["n"][0] == 40
    assert all("price" in codes for codes in found.coded["codes"][found.coded["by_hand"]])
    (folder / "blind.xlsx").unlink(), (folder / "review.xlsx").unlink()
    alone = cx.read_review(folder, answers, coded, book=BOOK)
    assert alone.coded.equals(found.coded)


def test_two_files_that_disagree(sheets):
    folder, answers, coded, blind, _ = sheets
    one, two, three = blind["respondent"][:3]
    fill_in(folder / "blind.xlsx", {one: "price", two: "price"})
    copy = table_of(folder / "blind.xlsx")
    copy["codes"] = copy["respondent"].map({one: "price", two: "waiting", three: "waiting"})
    copy.to_csv(folder / "blind (2).csv", sep=";", index=False)
    (folder / "~$blind.xlsx").write_bytes(b"a lock of Excel")
    found = cx.read_review(folder, answers, coded)
    assert found.problems[["sheet", "row", "value"]].to_numpy().tolist() == [["blind.xlsx", 3, "price"]]
    assert found.coded.loc[[one, two, three], "codes"].tolist() == [("price",), ("waiting",), ("waiting",)]


@pytest.mark.parametrize("index", [
    pd.Index([f"R_{i:03}" for i in range(88)], name="id"), pd.Index([f"{i:05}" for i in range(88)]), pd.Index(np.arange(88) + 118_123_456_789_012_345),
    pd.MultiIndex.from_product([range(44), ["annoys", "important_1"]], names=["respondent", "question"]), pd.date_range("2024-01-01", periods=88, freq="h"),
    pd.Index(np.arange(88) / 2, name="codes"), pd.Index([f"-{i}" for i in range(88)], name="answer"),
])
def test_any_index_comes_back(tmp_path, index):
    answers, coded = asked()
    answers.index, coded.index = index, index
    cx.review_sheets(answers, coded, tmp_path, n=30, book=BOOK)
    blind = table_of(tmp_path / "blind.xlsx")
    assert len(blind.columns) == 3 + index.nlevels
    fill_in(tmp_path / "blind.xlsx", dict.fromkeys(blind.iloc[:, 0], "price"))
    found = cx.read_review(tmp_path, answers, coded)
    assert found.coded["by_hand"].sum() == 30 and len(found.problems) == 0
    texts = sorted(answers[found.coded["by_hand"]])
    assert texts == sorted(map(unguard, blind["answer"]))


def test_candidates_say_what_they_would_catch(sheets):
    folder, answers, coded, blind, shown = sheets
    fill_in(folder / "blind.xlsx", {key: truth(answers[key]) for key in blind["respondent"]})
    fill_in(folder / "review.xlsx", {key: truth(answers[key]) for key in shown["respondent"][:6]})
    book, found = BOOK.copy(), cx.read_review(folder, answers, coded, book=BOOK)
    assert list(found.candidates) == ["code", "term", "n_missed", "n_right", "n_wrong", "n_new", "examples", "rows", "blind_rows"]
    assert set(found.candidates["code"]) == {"waiting"} and {"bekledim", "sirada"} <= set(found.candidates["term"])
    hand = [*blind["respondent"], *shown["respondent"][:6]]
    for row in found.candidates.itertuples():
        caught = answers[[re.search(rf"\b{row.term.replace(' ', '( .*)? ')}\b", folded(text)) is not None for text in answers]]
        missed = [key for key in caught.index if key in hand and truth(answers[key]) == "waiting" and "waiting" not in coded["codes"][key]]
        assert sorted(row.rows) == missed and len(missed) == row.n_missed and sorted(row.blind_rows) == sorted(set(missed) & set(blind["respondent"]))
        by_hand = [truth(answers[key]) for key in caught.index if key in hand]
        assert (row.n_right, row.n_wrong) == (by_hand.count("waiting"), len(by_hand) - by_hand.count("waiting"))
        assert row.n_new == sum("waiting" not in codes for codes in coded["codes"][caught.index])
        assert set(row.examples) <= set(caught.drop(hand, errors="ignore")) and len(row.examples) <= 3
        better = book.assign(terms_tr=book["terms_tr"].where(book["code"] != "waiting", book["terms_tr"] + f" | {row.term}"))
        gained = cx.code_answers(answers, better)["codes"].map(lambda codes: "waiting" in codes).sum() - coded["codes"].map(lambda codes: "waiting" in codes).sum()
        assert gained == row.n_new  # taking the term over gives just that
    pd.testing.assert_frame_equal(book, BOOK)


def test_a_word_that_is_wrong_as_often_as_right_is_not_offered(tmp_path):
    answers, coded = asked(["mavi kutu", "mavi defter", "mavi araba bekledi", "mail ali@example.com bekledi"])
    cx.review_sheets(answers, coded, tmp_path, n=3, rng=1, book=BOOK)
    typed = {1001: "other", 1002: "other", 1003: "waiting", 1004: "waiting"}
    fill_in(tmp_path / "blind.xlsx", typed)
    offered = cx.read_review(tmp_path, answers, coded).candidates.set_index("term")
    assert "bekledi" in offered.index and "mavi" not in offered.index
    assert not any("@" in text for examples in offered["examples"] for text in examples)


def test_personal_data_is_masked_in_examples(tmp_path):
    answers, coded = asked(["çok bekledi", "ali@example.com bekledi"])
    cx.review_sheets(answers, coded, tmp_path, n=2, book=BOOK)
    fill_in(tmp_path / "blind.xlsx", {1001: "waiting"})
    table = cx.read_review(tmp_path, answers, coded).candidates.set_index("term")
    assert table.loc["bekledi", "examples"] == ("[e-mail] bekledi",) and table.loc["bekledi", "n_new"] == 2


def test_nothing_filled_in_is_no_error(sheets):
    folder, answers, coded, *_ = sheets
    found = cx.read_review(folder, answers, coded["codes"])
    assert found.coded["codes"].tolist() == coded["codes"].tolist() and not found.coded["by_hand"].any()
    assert found.overall["n"].tolist() == [0] and len(found.candidates) == len(found.problems) == len(found.reliability[found.reliability["n"] > 0]) == 0


def test_what_read_review_refuses(sheets, tmp_path_factory):
    folder, answers, coded, *_ = sheets
    with pytest.raises(cx.CxError, match="no sheet in"):
        cx.read_review(folder / "not there", answers, coded)
    with pytest.raises(cx.CxError, match="no sheet in"):
        cx.read_review(tmp_path_factory.mktemp("empty"), answers, coded)
    with pytest.raises(cx.CxError, match="does not belong"):
        cx.read_review(folder, answers[:-1], coded)
    (folder / "blind2.csv").write_text("1;çok pahalı;price\n2;uzun kuyruk;waiting\n", encoding="utf-8")
    with pytest.raises(cx.CxError, match="blind2.csv no row has the headers"):
        cx.read_review(folder, answers, coded)
    (folder / "blind2.csv").unlink()
    (folder / "review.xlsx").write_bytes((folder / "review.xlsx").read_bytes()[:2000])
    with pytest.raises(cx.CxError, match="review.xlsx"):
        cx.read_review(folder, answers, coded)


def test_the_bundled_book_is_the_default_and_other_codes_are_listed_as_used(tmp_path):
    answers = pd.Series(["çok pahalı", "uzun kuyruk"])
    cx.review_sheets(answers, cx.code_answers(answers, cx.load_codebook()), tmp_path / "a")
    assert table_of(tmp_path / "a" / "blind.xlsx", "codes")["code"].tolist() == cx.load_codebook()["code"].tolist()
    cx.review_sheets(answers, pd.Series([("renk", "boy"), ()]), tmp_path / "b")
    assert table_of(tmp_path / "b" / "blind.xlsx", "codes")["code"].tolist() == ["boy", "renk", "other", "none", "dont_know"]
