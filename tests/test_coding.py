"""Coding of open answers: against one regular expression a term, properties of folding, spans, codebooks read and written, new themes."""

import bisect
import itertools
import re
import unicodedata
import warnings
import xml.etree.ElementTree as ET

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

import cxlab as cx
from cxlab import codebooks, coding
from cxlab.data import data_folder

HEADER = "code;name;name_tr;kind;component;description;include;exclude;terms_tr;terms_en"
LINES = [
    "price;Price;Fiyat;need;functional;What it costs;;;fiyat* | pahalı* | çok pahalı | zam;price* | cost* | straße",
    "waiting;Waiting;Bekleme;need;accessible;Queues;;;sıra* bekle* | beklet* dur*;on hold | wait* too long | queue*",
    "other;Other;Diğer;;;None of these;;;;",
    "none;None;Yok;;;Nothing named;;;yok | hiç* | bir şey yok;none | nothing | n/a",
    "dont_know;Don't know;Bilmiyor;;;;;;bilm* | =:/;=no idea | don't know",
    "vague;Vague;Belirsiz;want;emotional;;;;=iyi hizmet* | güzel;",
]
PHRASES = pd.read_csv(data_folder() / "phrases.csv", keep_default_na=False)["text"]
WORDS = sorted({word for text in PHRASES for word in text.split()} | {"½", "straße", "’n", "I\u0307yi", "a/b", "e-posta", "çok", "pahalı", "sıra", "beklemek", "hold"})


def written(path, *lines, header=HEADER, encoding="utf-8-sig", separator=";"):
    path.write_bytes("\r\n".join([header, *lines]).replace(";", separator).encode(encoding))
    return path


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return cx.load_codebook(written(tmp_path_factory.mktemp("book") / "book.csv", *LINES))


@pytest.fixture(scope="module")
def bundled():
    return cx.load_codebook()


# ---- the slow and obvious version ---------------------------------------------------------------------------------------------------


def by_regex(texts, book):
    """One regular expression a term, on all folded texts; whole answers and answers without letters by the rules."""
    codes = [*book["code"], *({"other", "none", "dont_know"} - set(book["code"]))]
    lines = [f" {codebooks.folded(text)} " for text in texts]
    starts = [0, *itertools.accumulate(len(line) + 1 for line in lines)]
    joined, found = "\n".join(lines), [set() for _ in texts]
    for term in codebooks.terms_of(book):
        words = [re.escape(word.rstrip("*")) + ("[a-z0-9]*" if word.endswith("*") else "") for word in term.words]
        pattern = f"^ {' '.join(words)} $" if term.whole else f" {'(?: [a-z0-9]+){0,2} '.join(words)}(?= )"
        for match in re.finditer(pattern, joined, re.MULTILINE) if words else ():
            found[bisect.bisect(starts, match.start()) - 1].add(term.code)
    signs = {"".join(term.text.removeprefix("=").split()): term.code for term in reversed(codebooks.terms_of(book)) if not term.words}
    result = []
    for text, line, hits in zip(texts, lines, found, strict=True):
        seen = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cf", "Zs", "Zl", "Zp"))
        alone = [code for code in codes if code in hits & {"none", "dont_know"}]
        if not seen:
            result.append(None)
        elif alone or hits:
            result.append((alone[0],) if alone else tuple(code for code in codes if code in hits))
        elif line.strip() or (seen not in signs and any(sign.isalnum() for sign in seen.upper())):
            result.append(("other",))
        else:
            result.append((signs.get(seen, "dont_know" if "?" in seen else "none"),))
    return result


def codes(texts, book):
    return cx.code_answers(texts, book, why=False)["codes"].tolist()


@pytest.mark.parametrize("name", ["phrases", "five_questions", "five_questions_large"])
@pytest.mark.parametrize("which", ["book", "bundled"])
def test_equal_to_one_regex_a_term(name, which, request):
    table = pd.read_csv(data_folder() / f"{name}.csv", keep_default_na=False, dtype=str)
    columns = [column for column in ("text", "important_1", "important_2", "important_3", "annoys", "organisations") if column in table]
    texts = list(dict.fromkeys(table[columns].to_numpy().ravel()))
    texts = texts[::max(1, len(texts) // 800)]  # of a large set some; its answers are drawn from the same phrases
    used = request.getfixturevalue(which)
    assert codes(texts, used) == by_regex(texts, used)


ANSWERS = st.one_of(st.text(), st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=4)), max_size=9).map(" ".join), st.text(alphabet="?-.!:/…*_ \u200b\n", max_size=6))


@given(st.lists(ANSWERS, max_size=5))
@example(["\u0345", "\ud800", "\u200b", "хорошо", "½", "\x1c", "a\nfiyat", "ﬁyat", "𝐟𝐢𝐲𝐚𝐭 pahalı\u0301", "x\x00y"])
def test_any_text_is_coded_as_the_regex_does_it(book, texts):
    assert codes(texts, book) == by_regex(texts, book)


ASCII = str.maketrans("şŞğĞüÜöÖçÇıİâÂîÎûÛ", "sSgGuUoOcCiIaAiIuU")


@settings(max_examples=20)
@given(ANSWERS)
@example("straße")
@example("\u0345")
def test_capitals_diacritics_and_spaces_change_nothing(bundled, book, text):
    forms = [text, text.translate(ASCII), text.upper(), text.replace("i", "İ").replace("ı", "I").upper(), text.replace(" ", "   "),
             f"  {text} ", unicodedata.normalize("NFD", text), unicodedata.normalize("NFC", text)]
    for used in (bundled, book):
        assert len(set(codes(forms, used))) == 1


@given(ANSWERS)
def test_folding_many_at_once_is_folding_each(text):
    assert [" ".join(line.split()) for line in coding._fold_all([text, "x", text])] == [codebooks.folded(text), "x", codebooks.folded(text)]


def test_every_character_is_folded_as_its_capital():
    """The letters of all scripts, alone between others: `upper` may make two of one."""
    for number in itertools.chain(range(0xD800), range(0xE000, 0x20000)):
        sign = chr(number)
        for other in {sign.upper(), sign.lower()} - {sign}:
            assert codebooks.folded(f"a{sign}b{sign}") == codebooks.folded(f"a{other}b{other}"), hex(number)


# ---- meaning ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text, expected", [
    ("FİYATLAR", "price"), ("fıyat", "price"), ("zam", "price"), ("zaman", "other"), ("in the STRASSE", "price"),
    ("on hold", "waiting"), ("on the long hold", "waiting"), ("on a very long hold", "other"), ("hold on", "other"),
    ("waited far far too long", "waiting"), ("sırada saatlerce beklemek", "waiting"), ("queue / cost", "price waiting"),
    ("yok", "none"), ("YOK!!", "none"), ("hiçbiri", "none"), ("sorun yok", "other"), ("bir şey yok", "none"), ("n/a", "none"), ("none of it", "other"),
    ("-", "none"), ("...", "none"), ("—", "none"), ("👍", "none"), ("?", "dont_know"), (" ? ? ", "dont_know"), (":/", "dont_know"), (": /", "dont_know"),
    ("No idea.", "dont_know"), ("no idea why it costs so much", "price"), ("don’t know", "dont_know"), ("bilmem", "dont_know"),
    ("iyi hizmetler", "vague"), ("çok iyi hizmet", "other"), ("güzel fiyat", "price vague"), ("привет", "other"), ("7", "other"),
])
def test_what_is_coded(book, text, expected):
    assert codes([text], book) == [tuple(expected.split())]


def test_missing_blank_numbers_and_the_index(book):
    answers = pd.Series(["fiyat", None, np.nan, pd.NA, "", " \n", "\u200b\u00a0", 5, 4.0, True, pd.Timestamp("2018-11-12")], index=range(30, 41), dtype=object)
    before = answers.copy()
    coded = cx.code_answers(answers, book, columns=True)
    assert coded.index.equals(answers.index) and answers.equals(before)
    assert coded["codes"].tolist() == [("price",)] + [None] * 6 + [("other",)] * 4
    assert [value is None for value in coded["why"]] == [False] + [True] * 6 + [False] * 4
    assert list(coded) == ["codes", "why", *book["code"]] and set(map(str, coded.dtypes[2:])) == {"Int8"}
    assert coded["price"].tolist()[0] == 1 and coded["price"].isna().tolist() == [False] + [True] * 6 + [False] * 4
    assert coded["other"].tolist()[-1] == 1 and coded["other"].tolist()[0] == 0
    assert coded.attrs["note"].startswith("11 answers: 6 missing, 1 with a theme, 0 none or don't know, 4 other (80 %")
    assert cx.code_answers(answers.astype("category").iloc[:1], book)["codes"].tolist() == [("price",)]
    assert cx.code_answers([], book).shape == (0, 2)


def test_a_book_without_the_three_special_codes_still_gives_them(book):
    assert codes(["-", "?", "blue"], book[book["code"] == "price"]) == [("none",), ("dont_know",), ("other",)]
    both = pd.DataFrame({"code": ["dont_know", "none", "theme"], "terms_tr": ["yok artık", "yok artık | yok", "yok* | artık"], "terms_en": ""})
    assert codes(["yok", "yok artık", "yok ki"], both) == [("none",), ("dont_know",), ("theme",)]  # by itself, and only one of the two
    assert {code for *_, code in coding.spans("Yok artık!", both)} == {"dont_know"}
    many = pd.DataFrame({"code": [f"c{i}" for i in range(80)], "terms_tr": [f"word{i}" for i in range(80)], "terms_en": None})
    assert cx.code_answers(["word79 word0"], many, columns=True)[["c79", "c0", "c1"]].iloc[0].tolist() == [1, 1, 0]
    assert codes(["word79 word0"], many) == [("c0", "c79")]


def test_why_names_the_term_and_the_words_as_written(book):
    why = cx.code_answers(["PAHALIydı, Sırada hep bekledim; çok pahalı!", "-", "YOK", "mavi", None], book)["why"].tolist()
    assert why[0] == "price: pahalı* → PAHALIydı, çok pahalı → çok pahalı, pahalı* → pahalı · waiting: sıra* bekle* → Sırada hep bekledim"
    assert why[1:] == ["none: (no letters) → -", "none: yok → YOK", "", None]


def test_why_is_written_for_up_to_10000_answers(book):
    answers = ["fiyat"] * 10_001
    assert "why" in cx.code_answers(answers[1:], book) and "why" not in cx.code_answers(answers, book)
    assert "why" in cx.code_answers(answers, book, why=True) and "why" not in cx.code_answers(answers[:3], book, why=False)


@pytest.mark.parametrize("wrong", [pd.DataFrame({"a": ["x"]}), "one answer", 5, None, np.array([["a"]]), {"a": "b"}])
def test_what_is_no_column_of_answers_is_refused(book, wrong):
    with pytest.raises(cx.CxError, match="Series or a list"):
        cx.code_answers(wrong, book)


@pytest.mark.parametrize("cell", [("price", "speed"), ["price"], {"a": 1}])
def test_cells_with_several_things_are_refused(book, cell):
    with pytest.raises(cx.CxError, match="several things.*join"):
        cx.code_answers(pd.Series(["x", cell], dtype=object), book)


@given(ANSWERS)
@example("ﬁyat")
@example("pahalı\u0301, x")
@example("ẞß½ Çok I\u0307yi PAHALI\u0301YDI’n")
def test_spans_are_words_of_the_text_and_agree_with_the_codes(book, text):
    found = coding.spans(text, book)
    expected = codes([text], book)[0] or ()
    assert {code for *_, code in found} == set(expected) - {"other"} or not codebooks.folded(text)
    terms = {(term.code, term.text): term for term in codebooks.terms_of(book)}
    for start, end, term, code in found:
        words, pattern = codebooks.folded(text[start:end]).split(), terms[code, term].words
        assert coding._fits(words[0], pattern[0]) and coding._fits(words[-1], pattern[-1])
        assert not text[start].isspace() and not text[end - 1].isspace() and not (end < len(text) and unicodedata.combining(text[end]))


def test_spans_in_spite_of_letters_that_change_their_number(book):
    text = "ßßI\u0307 ½ – 'Pahalı\u0301'ydı' STRAẞE"
    assert [(text[start:end], code) for start, end, _, code in coding.spans(text, book)] == [("Pahalı\u0301'ydı", "price"), ("STRAẞE", "price")]


def test_caught_counts_answers_and_shows_words(book):
    table = cx.caught(["fiyat ve Fiyatı", "fiyat", None, "yok"], book).set_index(["code", "term"])
    assert table.loc[("price", "fiyat*")].tolist() == [2, ("fiyat", "Fiyatı")]
    assert table.loc[("none", "yok")].tolist() == [1, ("yok",)] and table.loc[("price", "zam")].tolist() == [0, ()]
    assert list(dict.fromkeys(table.index.get_level_values("code"))) == ["price", "waiting", "none", "dont_know", "vague"]


# ---- codebooks ------------------------------------------------------------------------------------------------------------------------


def test_the_bundled_book_loads_without_a_warning(bundled):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = cx.load_codebook()
    assert list(again) == list(codebooks.COLUMNS) and again.attrs["note"] == "" and again.equals(bundled)
    assert set(again["code"]) >= {"other", "none", "dont_know"} and again["code"].is_unique and len(again) == 22


@pytest.mark.parametrize("encoding, separator", [("utf-8-sig", ";"), ("utf-8", ","), ("cp1254", ";"), ("cp1254", "\t"), ("utf-16", "\t"), ("utf-8", "\t")])
def test_a_book_as_excel_saves_it(book, tmp_path, encoding, separator):
    read = cx.load_codebook(written(tmp_path / "kod kitabı.csv", *LINES, ";;;;;;;;;", encoding=encoding, separator=separator))
    assert read.equals(book)


@pytest.mark.parametrize("lines, message", [
    (["price;P;F;need;functional;;;;fi*;"], r"book.csv, row 2, column terms_tr: .*'fi\*'.*3 letters"),
    (["price;P;F;need;functional;;;;;a* b"], "row 2, column terms_en"),
    ([LINES[0], "", LINES[0]], "row 4, column code: 'price' stands already in row 2"),
    (["price;P;F;need;functional;;;;;"], "row 2, columns terms_tr and terms_en: code 'price' has no terms"),
    (["none;P;F;;;;;; | ;"], "code 'none' has no terms"),
    (["price;P;F;needs;functional;;;;fiyat;"], "row 2, column kind: 'needs'.*need, want"),
    (["price;P;F;;functional;;;;fiyat;"], "row 2, column kind: ''"),
    (["price;P;F;need;funktional;;;;fiyat;"], "row 2, column component: 'funktional'.*functional, accessible, emotional"),
    ([";P;F;need;functional;;;;fiyat;"], "row 2, column code: empty"),
    (["price;P;F;need;functional;;;;fi*yat;"], "row 2, column terms_tr.*'fi"),
    (["price;P;F;need;functional;;;;*;"], "row 2, column terms_tr"),
    (["price;P;F;need;functional;;;;цена;"], "'цена' has no letter"),
    (["price;P;F;need;functional;;;;:);"], "'[:][)]' has no letter"),
    (["price;P;F;need;functional;;;;#AD?;"], "'#AD\\?'.*formula"),
    (["price;P;F;need;functional;;;;fiyat;price;tip;x"], "row 2: 'tip' stands to the right"),
    ([], "no codes below it"),
])
def test_what_is_refused_says_where(tmp_path, lines, message):
    with pytest.raises(cx.CxError, match=f"(?s).*{message}"):
        cx.load_codebook(written(tmp_path / "book.csv", *lines))


def test_missing_and_repeated_columns_are_named(tmp_path):
    with pytest.raises(cx.CxError, match="lacks the columns kind, terms_en"):
        cx.load_codebook(written(tmp_path / "book.csv", "a;b;c", header=HEADER.replace("kind;", "").replace(";terms_en", ";terms_de")))
    with pytest.raises(cx.CxError, match="two columns are called 'code'"):
        cx.load_codebook(written(tmp_path / "book.csv", "a", header=HEADER + ";code"))
    for wrong in (tmp_path / "absent.csv", tmp_path, 5):
        with pytest.raises(cx.CxError):
            cx.load_codebook(wrong)
    with pytest.raises(cx.CxError, match="terms_tr"):
        cx.code_answers(["x"], pd.DataFrame({"code": ["a"]}))


def test_greedy_prefixes_and_shared_terms_are_shown_with_what_they_catch(tmp_path):
    path = written(tmp_path / "book.csv", "price;P;F;need;functional;;;;zam* | iade;fair", "aftersales;A;S;need;functional;;;;İADE | zam* aldı*;")
    with pytest.warns(UserWarning) as told:
        read = cx.load_codebook(path)
    note = read.attrs["note"]
    assert str(told[0].message) == note and len(note.splitlines()) == 2
    assert re.search(r"price: .*zam\*.* zam.*zaman", note) and re.search(r"iade .*price, aftersales.*catches: iade", note)
    with pytest.warns(UserWarning):
        cx.use_language("tr")
        assert "üç harfli" in cx.load_codebook(path).attrs["note"]


HOSTILE = ["=1+1", "'=1", "@x", "<script>alert(1)</script> & \"q\"", "$a_$", "\u202eabc", "x" * 5000, "a\nb;c,d|e", "-5", "ç\u0301ğ", "👍"]


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_saved_book_is_the_same_book(book, tmp_path, ending):
    hostile = pd.concat([book, book.iloc[[0] * len(HOSTILE)].assign(code=[f"c{i}" for i in range(len(HOSTILE))], description=HOSTILE, name=HOSTILE,
                                                                    terms_tr=[f"=term{i}" for i in range(len(HOSTILE))], terms_en="")], ignore_index=True)
    hostile["ours"] = "benim"
    read = cx.load_codebook(cx.save_codebook(hostile, tmp_path / f"book{ending}"))
    assert read.equals(hostile) and list(read)[-1] == "ours"
    assert codes(["term3"], read) == [("c3",)]
    if ending == ".csv":
        raw = (tmp_path / "book.csv").read_bytes()
        assert raw.startswith(b"\xef\xbb\xbfcode;name") and b";=" not in raw and b"\n=" not in raw


def test_the_workbook_is_a_template(book, tmp_path):
    workbook = openpyxl.load_workbook(cx.save_codebook(book, tmp_path / "book.XLSX"))
    sheet, columns = workbook.worksheets
    assert sheet.freeze_panes == "A2" and sheet.column_dimensions["I"].width > 30
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert sheet["I7"].value == "=iyi hizmet* | güzel" and sheet["I7"].quotePrefix and not sheet["A7"].quotePrefix
    assert [row[0].value for row in columns.iter_rows(min_row=2)] == list(codebooks.COLUMNS)
    assert "word*" in columns["B10"].value and "sözcük*" in columns["C10"].value and "need, want" in columns["C5"].value
    for path, message in ((tmp_path / "book.txt", "csv or .xlsx"), (tmp_path / "no" / "book.xlsx", "not written"), (tmp_path / "no" / "book.csv", "not written")):
        with pytest.raises(cx.CxError, match=message):
            cx.save_codebook(book, path)
    with pytest.raises(cx.CxError, match="row 2, column 'description'"):
        cx.save_codebook(book.assign(description="x" * 40_000), tmp_path / "long.xlsx")


def test_qdc_holds_every_code_and_keeps_its_ids(bundled, tmp_path):
    space = "{urn:QDA-XML:codebook:1.0}"
    root = ET.parse(cx.to_qdc(bundled, tmp_path / "a.qdc")).getroot()
    found = root.findall(f"{space}Codes/{space}Code")
    assert root.tag == f"{space}CodeBook" and [code.get("name") for code in found] == bundled["name"].tolist()
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", code.get("guid")) and code.get("isCodable") == "true" for code in found)
    assert all(code.find(f"{space}Description") is not None for code in found)
    cx.use_language("tr")
    turkish = ET.parse(cx.to_qdc(bundled, tmp_path / "b.qdc")).getroot().findall(f"{space}Codes/{space}Code")
    assert [code.get("guid") for code in turkish] == [code.get("guid") for code in found] and turkish[0].get("name") == bundled["name_tr"][0]


@given(text=st.text())
@example(text="\x00\x0b\ud800\ufffe]]>&<\"")
def test_qdc_is_valid_for_any_text(tmp_path_factory, text):
    book = pd.DataFrame({"code": ["a" + text], "name": [text], "description": [text], "terms_tr": ["x"], "terms_en": [None]})
    code = ET.parse(cx.to_qdc(book, tmp_path_factory.getbasetemp() / "any.qdc")).getroot()[0][0]
    assert code.get("isCodable") == "true"


# ---- what the codebook missed -----------------------------------------------------------------------------------------------------------


def test_keyness_is_that_of_scipy_and_a_planted_theme_comes_first(book):
    answers = ["otopark ki"] * 3 + ["Otoparkı küçük gelir", "park gelir", "otopsi ki", "fiyat", "fiyat ki otopark"] + ["gelir pahalı"] * 6 + ["-", None]
    coded = cx.code_answers(answers, book)
    before = coded.copy()
    found = cx.find_themes(answers, coded)
    assert coded.equals(before) and list(found) == ["kind", "theme", "n", "keyness", "answers"]
    first = found.iloc[0]
    table = [[4, 2], [1, 7]]  # with and without the stem: uncoded, coded
    assert first[["kind", "theme", "n", "answers"]].tolist() == ["word", "otopark", 4, ("otopark ki", "Otoparkı küçük gelir")]
    assert first["keyness"] == pytest.approx(chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic, abs=1e-9)
    assert "gelir" not in found["theme"].tolist()  # more frequent among the coded
    clusters = found[found["kind"] == "cluster"]
    assert clusters.iloc[0]["theme"] == "otopark ki" and clusters.iloc[0]["n"] >= 3 and clusters["keyness"].isna().all()
    assert found.attrs["note"] == "6 answers coded only other, compared with 8 that name a theme."


@pytest.mark.parametrize("answers", [[], [None], ["fiyat"], ["mavi"], ["mavi", "mavi"], ["привет", "привет!", "-"], ["x", "y", "z"], ["\ud800q", "1", "22"]])
def test_few_or_no_uncoded_answers(book, answers):
    found = cx.find_themes(answers, cx.code_answers(answers, book))
    assert found["n"].ge(2).all() and str(found["keyness"].dtype) == "float64" and found["n"].dtype == "int64"
    assert len(found) == (2 if answers[:1] == ["mavi"] and len(answers) == 2 else len(found[found["kind"] == "cluster"]))


def test_many_uncoded_answers_are_sampled_and_the_sample_is_seeded(book):
    rng = np.random.default_rng(1)
    words = ["".join(rng.choice(list("abcdeklmnorst"), 6)) for _ in range(3000)]
    answers = [" ".join(words[i] for i in rng.integers(0, 3000, 5)) for _ in range(5000)] + ["loyalty points please"] * 80
    coded = cx.code_answers(answers, book)
    found = cx.find_themes(answers, coded, n=3)
    assert "2,000 of the 5,001" in found.attrs["note"] and found.equals(cx.find_themes(answers, coded, n=3)) and len(found) <= 6
    assert found["n"].iloc[0] == 80 and not found.equals(cx.find_themes(answers, coded, n=3, rng=7))


@pytest.mark.parametrize("wrong", [None, pd.DataFrame({"codes": [("other",)]}), pd.DataFrame({"x": [1, 2]})])
def test_themes_need_the_coding_of_the_same_answers(wrong):
    with pytest.raises(cx.CxError, match="same answers"):
        cx.find_themes(["a", "b"], wrong)
