"""Personal data in texts: each kind is found in the forms people write, and what only looks like it stays."""

import re
import sqlite3

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab as cx
from cxlab.framework import say
from cxlab.privacy import KINDS, mask

FOUND = {
    "email": ["ali@example.com", "ALİ.VELİ@FIRMA.COM.TR", "a@b.co", "ali＠example.com", "ali.veli+anket@alt.example.org", "ali_veli@gmail", "müşteri@örnek.com"],
    "phone": ["+90 532 123 45 67", "0532 123 4567", "(0212) 555 44 33", "05321234567", "+44 20 7946 0958", "+90(532)1234567", "+905321234567",
              "0 532 123 45 67", "0(532) 123 45 67", "0532-123-45-67", "0532.123.45.67", "532 123 45 67", "5321234567", "90 532 123 45 67", "905321234567",
              "0090 532 123 45 67", "0044 20 7946 0958", "+1 (202) 555-0143", "(202) 555-0143", "202-555-0143", "020 7946 0958", "07700 900123",
              "212 555 44 33", "+33 6 12 34 56 78", "+49 (0)30 1234567", "0850 222 0 600", "0532\xa0123\xa045\xa067", "0532–123–45–67",
              "٠٥٣٢ ١٢٣ ٤٥ ٦٧", "０５３２１２３４５６７"],
    "tc": ["10000000146", "100 000 001 46", "１００００００0146"],
    "iban": ["TR33 0006 1005 1978 6457 8413 26", "TR330006100519786457841326", "tr33 0006 1005 1978 6457 8413 26", "TR33-0006-1005-1978-6457-8413-26",
             "GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "FR14 2004 1010 0505 0001 3M02 606", "NO9386011117947"],
    "card": ["4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "378282246310005", "3782 822463 10005", "4222222222222",
             "6011 0000 0000 0004", "5500.0000.0000.0004", "30569309025904"],
    "plate": ["34 ABC 123", "06 A 1234", "34ABC123", "34 AB 1234", "34abc123", "34-ABC-12", "01 AB 123", "81 ZZ 9999", "35 AA 1234"],
    "url": ["http://a.b/c?x=1", "https://x.y", "www.firma.com", "instagram.com/ali", "t.me/aliveli", "wa.me/905321234567", "WWW.FİRMA.COM.TR/ali",
            "https://ali:gizli@example.com/?m=veli@example.com", "ftp://example.com/a"],
}
LEFT = ["31.10.2018", "2018-10-31", "31/10/2018 14:25", "02.05.2018 10.30", "2018/10/31 3:50:46 ÖS GMT+3", "sipariş no 123456789", "Sipariş no: 5551234567",
        "order 5321234567", "kargo takip 5321234567", "1.250,50 TL", "+1.000.000 TL", "1 000 000 TL", "5 yıldız", "2013-2018", "2015 2016 2017 2018", "10 kg 500",
        "10 KG 500", "34 ab", "12 MAY 18", "20 bin 300 lira", "10 ile 200 arası", "82 ABC 123", "00 ABC 123", "34 QWX 123", "34 ABC 1234", "444 0 332", "sahibinden.com",
        "Trendyol.com/Hepsiburada.com", "5.5/10", "ve/veya", "@hepsiburada", "10000000147", "00000000000", "TR33 0006 1005 1978 6457 8413 27",
        "4111 1111 1111 1112", "0000 0000 0000 0000", "1111111111111111", "50-100", "7/24", "0.5321234567", "3,14159265358", "100.000.000.000", "24 saat 100",
        "iPhone 12 Pro 256", "T.C. 123", "www. dedim", "http:// yok", "ali @ firma", "a@b", "15.03.2018 14:25:33", "05.10.2018 05.11.2018", "1. 2. 3. 4. 5. 6. 7. 8."]


@pytest.mark.parametrize("kind, text", [(kind, text) for kind, texts in FOUND.items() for text in texts])
@pytest.mark.parametrize("around", ["{}", "beni arayın: {}, teşekkürler", "({})", "önce {} sonra", "{}.", "x\n{}\ny"])
def test_found_in_every_form_and_place(kind, text, around):
    label = say(f"privacy.{kind}")
    assert mask(around.format(text)) == around.format(label)
    assert mask([around.format(text)]).attrs["found"] == {kind: 1}


@pytest.mark.parametrize("text", LEFT)
def test_what_only_looks_like_it_stays(text):
    for around in ("{}", "bunu {} yazdı", "({})"):
        assert mask(around.format(text)) == around.format(text)


def test_turkish_endings_stay():
    assert mask("www.firma.com'dan aldım, 0532 123 45 67'yi arayın") == "[link]'dan aldım, [phone]'yi arayın"


def test_small_plates_only_where_a_plate_is_spoken_of():
    assert mask("10 ay 300 lira") == "10 ay 300 lira" and mask("plakam 34 abc 123") == "plakam [number plate]"


def test_several_kinds_in_one_text_each_once():
    text = "Ben 10000000146, ali@example.com ya da 0532 123 45 67; IBAN TR330006100519786457841326, kart 4111 1111 1111 1111, 34 ABC 123, http://x.y/z"
    masked = mask(pd.Series([text]))
    assert masked[0] == "Ben [T.C. number], [e-mail] ya da [phone]; IBAN [IBAN], kart [card number], [number plate], [link]"
    assert masked.attrs["found"] == dict.fromkeys(KINDS, 1)


def test_checksums_by_hand():
    def tc(nine):  # the rule as the population register states it
        digits = list(map(int, nine))
        digits.append((sum(digits[0::2]) * 7 - sum(digits[1::2])) % 10)
        return "".join(map(str, [*digits, sum(digits) % 10]))

    rng = np.random.default_rng(1)
    for nine in rng.integers(100_000_000, 1_000_000_000, 200):
        good = tc(str(nine))
        assert mask(good) == "[T.C. number]"
        wrong = good[:-1] + str((int(good[-1]) + 1) % 10)
        assert mask(f"no {wrong}") == f"no {wrong}"


@given(st.integers(0, 10**16 - 1))
def test_one_wrong_digit_is_no_iban(number):
    bban = f"00061{number:017d}"
    check = 98 - int(bban + "292700") % 97  # T = 29, R = 27 (ISO 7064)
    assert mask(f"TR{check:02d}{bban}") == "[IBAN]"
    assert "[IBAN]" not in mask(f"TR{(check + 1) % 97:02d}{bban}")


@given(st.integers(10**14, 10**15 - 1))
def test_one_wrong_digit_is_no_card(number):
    digits = [int(sign) for sign in f"4{number}"[:15]]
    check = -sum(sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits)) % 10
    good = "".join(map(str, [*digits, check]))
    assert mask(good) == "[card number]"
    assert mask(good[:-1] + str((check + 1) % 10)) != "[card number]"


# ---- what goes in, what comes out ----


def test_one_text_gives_a_text_and_missing_stays():
    assert mask("a@b.co") == "[e-mail]" and mask("") == "" and mask(None) is None and pd.isna(mask(float("nan")))


def test_a_series_keeps_index_name_dtype_and_missing():
    series = pd.Series(["a@b.co", None, "x", "a@b.co"], index=[3, 5, 8, 9], name="annoys", dtype="str")
    series.attrs["kept"] = 1
    masked = mask(series)
    assert masked.dropna().tolist() == ["[e-mail]", "x", "[e-mail]"] and pd.isna(masked[5])
    assert masked.index.tolist() == [3, 5, 8, 9] and masked.name == "annoys" and masked.dtype == series.dtype
    assert masked.attrs["found"] == {"email": 2} and masked.attrs["kept"] == 1 and "found" not in series.attrs and series[3] == "a@b.co"


def test_lists_choices_numbers_and_categories():
    masked = mask(["a@b.co", ("0532 123 45 67", "x"), 5321234567, 5321234567.0, 7, None, True])
    assert masked.tolist() == ["[e-mail]", ("[phone]", "x"), "[phone]", "[phone]", 7, None, True]
    assert mask(np.array(["a@b.co"])).tolist() == ["[e-mail]"] and mask([["a@b.co", "b"]]).tolist() == [["[e-mail]", "b"]]
    assert mask(pd.Series(pd.Categorical(["a@b.co", "c@d.co", "x"]))).tolist() == ["[e-mail]", "[e-mail]", "x"]
    assert mask([]).tolist() == [] and mask(pd.Series([1.5, 2])).tolist() == [1.5, 2]
    assert mask(pd.Series([5321234567, 1])).tolist() == ["[phone]", 1]


@pytest.mark.parametrize("thing", [pd.DataFrame({"a": ["x"]}), object()])
def test_something_else_than_texts(thing):
    with pytest.raises(cx.CxError, match="Texts are needed"):
        mask(thing)


def test_the_note_says_what_was_found_and_what_is_not_in_both_languages():
    texts = ["a@b.co", "0532 123 45 67", "a@b.co"]
    assert re.search(r"e-mail address \(2\), phone number \(1\).*Names of people.*not a guarantee", mask(texts).attrs["note"])
    assert mask(["x"]).attrs["note"].startswith("Nothing was found") and mask(["x"]).attrs["found"] == {}
    cx.use_language("tr")
    masked = mask(texts)
    assert masked.tolist() == ["[e-posta]", "[telefon]", "[e-posta]"]
    assert re.search(r"e-posta adresi \(2\), telefon numarası \(1\).*Kişi adları.*güvence değildir", masked.attrs["note"])
    assert mask(["x"]).attrs["note"].startswith("Maskelenecek bir şey bulunmadı")


PIECES = st.lists(st.one_of(st.sampled_from([text for texts in FOUND.values() for text in texts] + LEFT), st.text(max_size=6)), max_size=6)


@settings(max_examples=100, deadline=None)
@given(PIECES, st.sampled_from([" ", ", ", "\n", ""]))
def test_masking_twice_finds_nothing_new_and_the_rest_is_untouched(pieces, between):
    text = between.join(pieces)
    masked = mask(text)
    labels = "|".join(re.escape(say(f"privacy.{kind}")) for kind in KINDS)
    rest = re.split(labels, masked)
    assert re.fullmatch(".+?".join(map(re.escape, rest)), text, re.S), (text, masked)
    if between:
        assert mask(masked) == masked


@given(st.text())
def test_any_text_is_read(text):
    assert isinstance(mask(text), str)


ENDLESS = ["1", "0 5", "1 ", "a@", "a", "+1(", "www.", "a.", "TR12 ", "34 A", "(", "@", "555 ", "http://", "0532 123 ", "a.com/ ", "a-", "siparis 5321234567 ", "b.",
           "4111 1111 1111 1112 ", ".1", "a.a.a.a.a/ ", "+90", "00 ", "aa11 "]


@pytest.mark.parametrize("piece", ENDLESS)
def test_a_long_text_made_to_be_slow_comes_to_an_end(piece):
    text = piece * (250_000 // len(piece))  # were it quadratic, it would take hours
    assert isinstance(mask(text + "@1"), str) and isinstance(mask("a@" + text + "/1"), str)


# ---- who can be singled out --------------------------------------------------------------------------------------------------------------

ANSWERS = st.lists(st.tuples(*[st.sampled_from([None, "", "a", "b", "$a_$", "=1+1", "\u202eab", "😀"])] * 3), max_size=25)


@given(ANSWERS)
@settings(max_examples=60)
def test_alone_as_a_database_counts_it(rows):
    people = pd.DataFrame(rows, columns=["a", "b", "c"], dtype=object)
    with sqlite3.connect(":memory:") as database:
        people.to_sql("answers", database, index=False)
        found = cx.uniqueness(people, ["a", "b", "c"])
        for row, names in zip(found.itertuples(), ["a", "a, b", "a, b, c"], strict=True):
            sizes = [n for n, in database.execute(f"select count(*) from answers group by {names}")]  # an empty cell is a value of its own there, too
            assert (row.n, row.groups, row.alone) == (len(people), len(sizes), sizes.count(1))
    database.close()
    assert (found["alone"].diff().dropna() >= 0).all() and (found["alone"] <= found["groups"]).all()
    assert found["share_alone"].isna().all() if not rows else np.allclose(found["share_alone"], found["alone"] / len(rows))


def test_alone_in_the_bundled_answers_as_pandas_counts_it():
    answers = cx.load("five_questions")
    names = ["wave", "recruited_via", "age_group", "help_channels", "likelihood"]
    before = answers.copy()
    found = cx.uniqueness(answers, names)
    sizes = [answers.groupby(names[:k], dropna=False, observed=True).size() for k in range(1, 6)]
    assert found["alone"].tolist() == [int((n == 1).sum()) for n in sizes] and found["groups"].tolist() == [len(n) for n in sizes]
    assert found["columns"].tolist()[1] == "wave + recruited_via" and found["n"].tolist() == [840] * 5
    assert found.attrs["note"].startswith("Counted in this table") and answers.equals(before)
    assert cx.uniqueness(answers, "respondent")["share_alone"].tolist() == [1]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_alone_in_other_engines(engine):
    module = pytest.importorskip(engine)
    people = pd.DataFrame({"a": ["x", "x", None, None, "y"], "b": [1, 2, 3, 3, 1]})
    frame = module.DataFrame(people.to_dict("list"), strict=False) if engine == "polars" else module.from_df(people)
    pd.testing.assert_frame_equal(cx.uniqueness(frame, ["a", "b"]), cx.uniqueness(people, ["a", "b"]))
    assert cx.uniqueness(people, ["a", "b"])["alone"].tolist() == [1, 3]


@pytest.mark.parametrize("columns, said", [([], "columns= is empty"), (["a", "a"], "a"), ("nobody", "nobody")])
def test_columns_that_cannot_be_combined(columns, said):
    with pytest.raises(cx.CxError, match=said):
        cx.uniqueness(pd.DataFrame({"a": [1]}), columns)


def test_uniqueness_as_figure_and_slider(monkeypatch):
    drawn = []
    monkeypatch.setattr("cxlab.charts.show", lambda ax, caption=None: drawn.append(ax))
    hostile = "<script>$a_$\u202e=1+1 + " + "x" * 5000
    people = pd.DataFrame({"a": [1, 1, 2, 2], hostile: ["p", "q", "r", "r"]})
    slider = cx.explore_uniqueness(people, ["a", hostile], simulated=True).children[0]
    slider.value = 2
    ax = drawn[-1]
    assert ax.get_title().startswith("2 of 4 people are alone") and (slider.min, slider.max) == (1, 2)
    assert ax.get_xlim()[1] > 1 and [label.get_text().split()[0] for label in ax.get_yticklabels()] == ["a", "+"]
    assert "a: 0 (0 %)" in ax.caption and "2 (50 %)" in ax.caption and "\u202e" not in ax.caption and len(ax.caption) < 400
    cx.use_language("tr")
    assert "4 kişi" in cx.plot_uniqueness(cx.uniqueness(people, "a")).caption
