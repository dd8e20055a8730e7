"""Organisations in open answers: truth of the invented world, answers as people write them, different companies, and any text at all."""

import difflib
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab as cx
from cxlab import names as module
from cxlab.data import data_folder
from cxlab.framework import CxError

INVENTED = pd.read_csv(data_folder() / "organisations_invented.csv")
LISTED = list(dict.fromkeys(INVENTED["name"]))
SURE = ("exact", "alias", "close")


def found(answer, *arguments, **named):
    """[(raw, name or None, how)] of one answer."""
    table = cx.match_names([answer], *arguments, **named)
    return [(raw, name if isinstance(name, str) else None, how) for raw, name, how in table[["raw", "name", "how"]].to_numpy()]


def named(answer, *arguments, **given):
    return [name for _, name, how in found(answer, *arguments, **given) if how in SURE]


# --- against truth --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("world", ["five_questions", "five_questions_twin"])
def test_the_organisations_of_the_invented_world_are_found(world):
    """Measured: precision 1.000, recall .977 and .978; with those to be asked .988 and .987."""
    answers = cx.load(world).set_index("respondent")["organisations"]
    codes = cx.load(f"{world}_true_codes").query("question == 'organisations'")
    truth = {(who, name) for who, several in zip(codes["respondent"], codes["codes"], strict=True) for name in several if name in LISTED}
    table = cx.match_names(answers, LISTED)
    sure = set(table.loc[table["how"].isin(SURE), ["respondent", "name"]].itertuples(index=False, name=None))
    asked = set(table.loc[table["how"] != "new", ["respondent", "name"]].itertuples(index=False, name=None))
    assert len(truth) > 1400
    assert len(sure & truth) / len(sure) >= 0.99 and len(sure & truth) / len(truth) >= 0.96
    assert len(asked & truth) / len(asked) >= 0.99 and len(asked & truth) / len(truth) >= 0.98
    aliases = dict(INVENTED.loc[INVENTED["variant"].isin(["YTB", "Marlowick"]), ["variant", "name"]].itertuples(index=False, name=None))
    told = cx.match_names(answers, LISTED, aliases)
    told = set(told.loc[told["how"].isin(SURE), ["respondent", "name"]].itertuples(index=False, name=None))
    assert told >= sure and len(told & truth) / len(truth) >= 0.995


def test_every_variant_of_the_list_leads_to_its_name_or_is_asked():
    table = cx.match_names(INVENTED["variant"], LISTED)
    right = table.set_index("respondent")["name"].reindex(INVENTED.index) == INVENTED["name"]
    assert INVENTED.loc[~right, "variant"].tolist() == ["YTB"]  # not the initials of Yediteras Bank


def test_without_a_list_the_groups_are_the_organisations():
    """Measured: 39 groups for 22 names; no group holds two of them."""
    answers = cx.load("five_questions").set_index("respondent")["organisations"]
    table = cx.match_names(answers, None)
    assert (table["how"] == "new").all() and table["name"].notna().all()
    known = cx.match_names(table["raw"], LISTED).query("how in @SURE").set_index("respondent")["name"]
    held = known.groupby(table["name"].reindex(known.index)).nunique()
    assert (held == 1).all() and 22 <= table["name"].nunique() <= 50
    assert table["name"].isin(table["raw"]).all()


def test_every_bundled_name_and_alias_leads_to_its_name():
    bundled = cx.load("organisations").fillna("")
    for name, aliases in bundled.itertuples(index=False):
        for spelling in [name, *(alias for alias in aliases.split(" | ") if alias)]:
            assert named(f"{spelling}, Kervanbahçe") == [name]


# --- answers as people write them -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer, names", [
    ("I always liked Arçelik's service", ["Arçelik"]),
    ("en iyisi THY bence", ["Türk Hava Yolları"]),
    ("thynin müşteri hizmetleri çok iyi", ["Türk Hava Yolları"]),
    ("Türk hava yollari, pegasus", ["Türk Hava Yolları", "Pegasus Hava Yolları"]),
    ("Trendyoldan memnunum", ["Trendyol"]),
    ("ARÇELİĞİ seviyorum", ["Arçelik"]),
    ("Arçelikin servisi", ["Arçelik"]),
    ("Turkcell’den çok memnunum", ["Turkcell"]),
    ("Ziraat Bankasının uygulaması", ["Ziraat Bankası"]),
    ("ZİRAAT BANKASI A.Ş.", ["Ziraat Bankası"]),
    ("Yapıkredi ve iş bankası", ["Yapı Kredi", "Türkiye İş Bankası"]),
    ("garanti bankası ile akbank", ["Garanti BBVA", "Akbank"]),
    ("trendyol.com / hepsi burada", ["Trendyol", "Hepsiburada"]),
    ("BİM, A-101 ve ŞOK market", ["BİM", "A101", "ŞOK Marketler"]),
    ("bim a101 şok", ["BİM", "A101", "ŞOK Marketler"]),
    ("Marks and Spencer", ["Marks & Spencer"]),
    ("Marks & Spencer ve Zara", ["Marks & Spencer", "Zara"]),
    ("M&S, H&M", ["Marks & Spencer", "H&M"]),
    ("mcdonalds + Burger king", ["McDonald's", "Burger King"]),
    ("1) thy\n2) migros 3. Arçelik", ["Türk Hava Yolları", "Migros", "Arçelik"]),
    ("THY-Migros - Netflix", ["Türk Hava Yolları", "Migros", "Netflix"]),
    ("Amazon.com.tr", ["Amazon"]),
    ("turkcel, Strabucks; decatlon", ["Turkcell", "Starbucks", "Decathlon"]),
    ("Akbnk", ["Akbank"]),
    ("Mercedes benz, ama eskiden toyota iyiydi", ["Mercedes-Benz", "Toyota"]),
    ("Vodafone, vodafone, VODAFONE", ["Vodafone"]),
    ("Excellent is a big word. Tesco is above average.", ["Tesco"]),
    ("Arc\u0327elik, I\u0307KEA, i\u0307kea, Ves\u200btel", ["Arçelik", "IKEA", "Vestel"]),
])
def test_real_names_in_their_many_spellings(answer, names):
    assert named(answer) == names


@pytest.mark.parametrize("answer", ["yok", "-", "none", "hiç", "Hiçbiri", "bilmiyorum", "can't think of any", "don't know", "no idea", "N/A", ".", "", " ",
                                    "aklıma bir şey gelmiyor", "nothing really", "yok bir şey", None, np.nan, pd.NA])
def test_who_names_nothing_mentions_nothing(answer):
    assert cx.match_names([answer]).empty and cx.match_names([answer], None).empty


def test_what_a_row_holds():
    answers = pd.Series(["Arcelik A.Ş. ve Aplle", None, "mahalledeki bakkal", "THY, thy"], index=["p", "q", "r", "s"])
    before = answers.copy()
    table = cx.match_names(answers)
    assert list(table.columns) == ["respondent", "raw", "name", "score", "how"]
    assert table["respondent"].tolist() == ["p", "p", "r", "s"] and table["raw"].tolist() == ["Arcelik A.Ş.", "Aplle", "mahalledeki bakkal", "THY"]
    assert table["how"].tolist() == ["exact", "ask", "new", "alias"] and table["name"].fillna("–").tolist() == ["Arçelik", "Apple", "–", "Türk Hava Yolları"]
    assert table["score"].tolist() == [1, pytest.approx(difflib.SequenceMatcher(None, "apple", "aplle").ratio()), 0, 1]
    assert table.attrs["note"].startswith("4 mentions in 3 answers") and answers.equals(before)
    assert cx.match_names([]).empty and list(cx.match_names([], None).columns) == list(table.columns)


def test_an_unlisted_neighbour_is_new_and_talk_is_not():
    assert found("Larkmoor Books and my local bakery", LISTED) == [("Larkmoor Books", "Larkmoor Books", "exact"), ("local bakery", None, "new")]
    assert found("Larkmoor, they rang me about the delay before I noticed", LISTED) == [("Larkmoor", "Larkmoor Books", "exact")]
    assert [how for *_, how in found("the man who repairs my bicycle round the corner", LISTED)] == ["new"]


def test_lists_frames_and_aliases():
    assert named("Bim", ["BİM"]) == ["BİM"] and named("bim", pd.DataFrame({"name": ["BİM"]})) == ["BİM"]
    frame = pd.DataFrame({"name": ["Kervanbahçe Kargo", "Yediteras Bank"], "aliases": [None, "YTB | Yedi"]})
    assert found("ytb'den", frame) == [("ytb'den", "Yediteras Bank", "alias")]
    for aliases in ({"KB": "Kervanbahçe Kargo"}, pd.DataFrame({"alias": ["KB"], "name": ["Kervanbahçe Kargo"]})):
        assert found("KB ve yedi", frame, aliases) == [("KB", "Kervanbahçe Kargo", "alias"), ("yedi", "Yediteras Bank", "alias")]
        assert found("kb, Acme, acme", None, aliases) == [("kb", "Kervanbahçe Kargo", "alias"), ("Acme", "Acme", "new")]
    assert found("yandex", ["Яндекс"]) == [("yandex", None, "new")] and named("«яндекс»", ["Яндекс"]) == ["Яндекс"]


def test_a_form_that_two_names_share_stands_for_neither():
    two = ["Yediteras Bank", "Yediteras Sigorta"]
    assert named("yediteras bankası, yediteras sigorta a.ş.", two) == two and named("yediteras", two) == []
    assert named("anadolu", ["Anadolu Sigorta"]) == [] and named("Türkiye'de yok", ["Türkiye İş Bankası"]) == []


def test_names_joined_by_and_survive_without_a_list():
    answers = ["Marks & Spencer", "Marks and Spencer, Zara", "Zara & Tesco", "Tesco"]
    assert cx.match_names(answers, None)["name"].tolist() == ["Marks & Spencer", "Marks & Spencer", "Zara", "Zara", "Tesco", "Tesco"]
    answers = ["Marlowick & Sole", "Marlowick", "marlowick ve sole"]
    assert cx.match_names(answers, None)["name"].tolist() == ["Marlowick & Sole", "Marlowick", "Marlowick & Sole"]


def test_the_most_frequent_spelling_is_proposed_and_another_trade_is_another_name():
    answers = ["arçelik"] * 3 + ["Arcelik'ten", "ARÇELİK", "Arçelk"] + ["Arı Kitap", "Arı Sigorta"]
    table = cx.match_names(answers, None)
    assert table["name"].tolist() == ["arçelik"] * 6 + ["Arı Kitap", "Arı Sigorta"]
    assert table["score"].iloc[5] == pytest.approx(12 / 13)


# --- different companies --------------------------------------------------------------------------------------------------------

NEAR = [pair.split("|") for pair in """Akbank|Aktif Bank;Yapı Kredi|Yapı Merkezi;Vestel|Vestas;Turkcell|Türksat;Anadolu Sigorta|Anadolu Hayat Emeklilik;
Ziraat Bankası|Ziraat Sigorta;Garanti BBVA|Garanti Koza;Vakıfbank|Aktif Bank;Halkbank|Akbank;Türk Telekom|Türk Hava Yolları;Deniz Kargo|Denizbank;Koçtaş|Koton;
Migros|Metro;Teknosa|Tekno Market;Pegasus Hava Yolları|Pegasus Otel;Şekerbank|Şeker Sigorta;Sabancı Üniversitesi|Sabancı Holding;Aras Kargo|Arçelik;
Delta Air Lines|Delta Hotels;Continental Airlines|Continental Tyres;Boyner|Bonera;Hepsiburada|Hepsijet;First Direct|First Group;Lufthansa|Luftwaffe;
American Express|American Airlines""".replace("\n", "").split(";")]


def test_different_companies_stay_apart():
    """Measured in both directions, 50 in all: one is merged, by what is left of Continental Airlines without its trade; none as close."""
    both = [*NEAR, *(pair[::-1] for pair in NEAR)]
    merged = [(listed, other, how) for listed, other in both for _, name, how in found(other, [listed]) if how in SURE]
    assert len(NEAR) == 25 and merged == [("Continental Airlines", "Continental Tyres", "exact")]
    for one, other in NEAR:  # where both are listed, each finds itself
        assert named(f"{one}, {other}", [one, other]) == [one, other]


def test_a_name_of_another_trade_is_asked():
    assert found("Yediteras Sigorta", ["Yediteras Bank"]) == [("Yediteras Sigorta", "Yediteras Bank", "ask")]
    assert found("Marlowick", LISTED) == [("Marlowick", "Marlowick & Sole", "ask")]


def test_the_short_cut_finds_what_comparing_all_finds():
    draw = random.Random(1)
    letters = "abcdefgiklmnorstuyz&я1"
    keys = sorted({"".join(draw.choices(letters, k=draw.randint(5, 14))) for _ in range(60)}) + [module._plain(name) for name in LISTED]
    words = [list(draw.choice(keys)) for _ in range(400)]
    for word in words:
        for _ in range(draw.randint(0, 4)):
            word[draw.randrange(len(word))] = draw.choice([*letters, "", "ab"])
    counts, reached = module._letters(keys), 0
    for spelling in {word for word in map("".join, words) if 4 <= len(word) <= 80}:
        ratios = [difflib.SequenceMatcher(None, key, spelling, autojunk=False).ratio() for key in keys]
        best = int(np.argmax(ratios))
        expected = (best, ratios[best]) if ratios[best] >= 0.75 else (None, 0.0)
        assert module._closest(spelling, keys, counts) == expected
        reached += expected[0] is not None
    assert reached > 100


# --- any text -------------------------------------------------------------------------------------------------------------------

HOSTILE = ["<script>alert(1)</script>", "$a_$ {x} %s", "=1+1", "\u202eknabka\u202c", "🎉" * 9, "a" * 5000, "Akbank " * 900, "a&b " * 1200, "'" * 5000, "&", "ve", "\x00"]


@settings(max_examples=40)
@given(st.lists(st.one_of(st.none(), st.text(), st.sampled_from([*HOSTILE, "thy", "Marks & Spencer", "Türk Telekom", "yok", " ve ", "A.Ş."])), max_size=5))
def test_any_text_goes_through(answers):
    for names in ("bundled", None, LISTED):
        table = cx.match_names(answers, names)
        assert table["score"].between(0, 1).all() and table["how"].isin([*SURE, "ask", "new"]).all()
        for who, raw in zip(table["respondent"], table["raw"], strict=True):
            assert raw and raw in answers[who]
        assert not table[table["name"].notna()].duplicated(["respondent", "name"]).any()


def test_hostile_text_comes_through_as_it_is():
    table = cx.match_names([f"{text}, Akbank" for text in HOSTILE])
    assert (table.loc[table["name"].notna(), "name"] == "Akbank").all() and table["name"].notna().sum() == len(HOSTILE)


@settings(max_examples=40)
@given(st.lists(st.sampled_from([*INVENTED["variant"], *cx.load("organisations")["name"]]), min_size=1, max_size=3),
       st.sampled_from([", ", " ve ", " / ", " & ", "'den, ", "\n"]))
def test_capitals_make_no_difference(names, between):
    text = between.join(names)
    everything = [*LISTED, *cx.load("organisations")["name"]]
    plain, *others = (cx.match_names([written], everything)[["name", "score", "how"]]
                      for written in (text, text.upper(), text.translate(str.maketrans("iı", "İI")).upper(), text.lower()))
    for other in others:
        pd.testing.assert_frame_equal(plain, other)


def test_the_index_of_the_answers_is_kept():
    answers = pd.Series(["thy, Beko", None, "Beko"], index=pd.Index([7, 8, 7], name="row"))
    assert cx.match_names(answers)["respondent"].tolist() == [7, 7, 7]
    several = answers.set_axis(pd.MultiIndex.from_tuples([(1, "a"), (1, "b"), (2, "a")]))
    assert cx.match_names(several)["respondent"].tolist() == [(1, "a"), (1, "a"), (2, "a")]
    assert cx.match_names(pd.Series(["Beko", None, "Beko"], dtype="category"))["respondent"].tolist() == [0, 2]


# --- what is refused ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language, answers, names, aliases, told", [
    ("en", "thy", "bundled", None, "one column of texts"), ("en", pd.DataFrame({"a": ["thy"]}), "bundled", None, "DataFrame"), ("tr", 5, "bundled", None, "tek bir metin sütunu"),
    ("en", ["thy"], "mine", None, "names = 'mine'"), ("en", ["thy"], 5, None, "names = 5"), ("en", ["thy"], pd.DataFrame({"ad": ["x"]}), None, "'name'"),
    ("en", ["thy"], ["Beko", "-"], None, r"'name': row 2 \(-\)"), ("en", ["thy"], pd.DataFrame({"name": ["Beko", None]}), None, r"row 3 \(empty\)"),
    ("tr", ["thy"], ["Akbank", "AKBANK A.Ş."], None, "'Akbank' ve 'AKBANK A.Ş.'"),
    ("en", ["thy"], ["Akbank", "Beko"], {"beko": "Akbank"}, "'beko' stands for two organisations, 'Beko' and 'Akbank'"),
    ("en", ["thy"], ["Akbank"], {"ab": "Akbnk"}, "'ab' leads to 'Akbnk'"), ("en", ["thy"], ["Akbank"], ["ab"], r"aliases = \['ab'\]"),
    ("en", ["thy"], ["Akbank"], {"": "Akbank"}, "'alias': row 1"), ("en", ["thy"], ["Akbank"], {"ab": 5}, r"'name': row 1 \(5\)"),
])
def test_what_cannot_be_used_is_refused(language, answers, names, aliases, told):
    cx.use_language(language)
    with pytest.raises(CxError, match=told):
        cx.match_names(answers, names, aliases)
