"""The five-question table: columns recognised in two languages, answers read, bad rows set aside and counted, nothing lost."""

import ast
import dataclasses

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxlab as cx
from cxlab import framework, meanings
from cxlab.questions import BASE, REPORT, five_questions, things, validate
from cxlab.recognise import FIVE, OPTIONAL, fold, known, score

# Headers as people write them, each to be told as its question and in its language.
ENGLISH = {
    "important": ["What are the 3 most important things to you as a customer?", "WHAT ARE THE THREE MOST IMPORTANT THINGS FOR YOU AS A CUSTOMER",
                  "Q1. Please name three things that matter most to you as a customer", "As a customer, what matters most to you?",
                  "Top 3 things you value most as a customer", "What three things are most important when you deal with a company?",
                  "Most important things", "Name your three priorities as a customer"],
    "annoys": ["What annoys you most?", "What annoys you the most as a customer (from recent experience)?", "What makes you mad as a customer?",
               "Thinking of recent experiences, what frustrates you most?", "2) What irritates you most as a customer?",
               "What do you dislike most when dealing with companies?", "What bothers you most about customer service?",
               "Your biggest annoyance as a customer", "Tell us about something that upset you recently"],
    "organisations": ["Which companies give you excellent experiences?", "Which organizations do you deal with that give excellent experiences?",
                      "Name any organisations that provide an excellent customer experience", "Which brands give you great service?",
                      "What companies have given you an outstanding experience?", "Who gives you the best experience? (company names)",
                      "Please list businesses you deal, or dealt, with that offer excellent experiences", "Organisations with excellent experience"],
    "recommends": ["Do you ever recommend organisations you buy from to friends, family or acquaintances?", "4. Do you ever recommend brands?",
                   "Do you recommend companies you buy from to friends?", "Have you ever recommended a company to your family or friends?",
                   "Do you ever tell friends about companies you like? (Recommend)", "Would you recommend companies you buy from to your friends?",
                   "Do you ever recommend?", "DO YOU RECOMMEND ORGANIZATIONS YOU BUY FROM"],
    "social_media": ["Have you ever used social media to contact a company for help?", "Social media used for service or help",
                     "Have you used Twitter or Facebook to get service from a company?", "Have you ever used Twitter or Facebook?",
                     "Did you ever use social media (Facebook / Twitter) for customer service?", "Do you use social media to contact companies for support?",
                     "5. Ever used Twitter/Facebook to reach an organization for help?",
                     "Have you ever turned to social media (X (Twitter), Facebook) for help from an organisation?",
                     "Which social media have you used to contact an organisation: Twitter, Facebook, both or none?"],
}
TURKISH = {
    "important": ["Müşteri olarak sizin için en önemli üç şey nedir?", "MÜŞTERİ OLARAK SİZİN İÇİN EN ÖNEMLİ 3 ŞEY", "En önemli üç şey",
                  "musteri olarak sizin icin en onemli uc sey nedir", "1. Bir müşteri olarak en çok neye önem verirsiniz?",
                  "Alışverişte öncelikleriniz nelerdir? (üç tane yazınız)", "Sizin için en önemli 3 konu nedir?",
                  "Bir müşteri olarak en çok önemsediğiniz üç şey"],
    "annoys": ["Sizi en çok ne rahatsız ediyor?", "SİZİ EN ÇOK NE RAHATSIZ EDER?", "Sizi çileden çıkaran nedir?",
               "Son deneyimlerinizden yola çıkarak sizi en çok rahatsız eden şey nedir?", "muşteri olarak sizi en cok ne rahatsiz ediyor",
               "Müşteri olarak sizi en çok ne sinirlendirir?", "Sizi en çok kızdıran şey nedir?", "Bir müşteri olarak canınızı en çok ne sıkıyor?",
               "2- Yakın zamandaki deneyimlerinize göre en rahatsız edici şey"],
    "organisations": ["Hangi kurumlar size mükemmel deneyimler yaşatıyor?", "HANGİ ŞİRKETLER SİZE MÜKEMMEL DENEYİM YAŞATIYOR",
                      "Size harika hizmet veren firmalar hangileri?", "Mükemmel müşteri deneyimi sunan markaların adlarını yazınız",
                      "hangi kurumlar size mukemmel deneyim sunuyor", "En iyi deneyimi yaşadığınız kuruluşlar", "3) Çok iyi hizmet aldığınız şirketler",
                      "Müşterisi olduğunuz ya da olmuş olduğunuz, size mükemmel deneyimler sunan kuruluşlar hangileridir?"],
    "recommends": ["Ürün aldığınız kurumları hiç arkadaşlarınıza, ailenize veya tanıdıklarınıza tavsiye eder misiniz?", "hic tavsiye eder misiniz",
                   "ALIŞVERİŞ YAPTIĞINIZ FİRMALARI TAVSİYE EDER MİSİNİZ?", "Satın aldığınız kurumları çevrenize önerir misiniz?",
                   "Alışveriş yaptığınız markaları arkadaşlarınıza tavsiye ediyor musunuz?", "4. Hiç bir şirketi tanıdıklarınıza tavsiye ettiniz mi?",
                   "Memnun kaldığınız kurumları tavsiye eder misiniz?", "Kurumları başkalarına önerdiğiniz olur mu?"],
    "social_media": ["Yardım almak için hiç sosyal medyayı kullandınız mı?", "Bir kuruma ulaşmak için Twitter veya Facebook kullandınız mı?",
                     "BİR KURUMA ULAŞMAK İÇİN SOSYAL MEDYAYI (TWITTER VEYA FACEBOOK) HİÇ KULLANDINIZ MI?",
                     "hic sosyal medyadan bir kuruma ulastiniz mi", "Destek için Twitter/Facebook üzerinden bir firmayla iletişim kurdunuz mu?",
                     "5- Hizmet almak için sosyal medya kullanımı", "Müşteri hizmetlerine Facebook veya Twitter'dan başvurdunuz mu?",
                     "Sosyal medya üzerinden bir şirkete şikayet ilettiniz mi?"],
}
OPTIONALS = {
    "likelihood": ["How likely are you to recommend us to a friend? (0-10)", "On a scale of 0 to 10, would you recommend us?", "NPS", "Net Promoter Score",
                   "Bizi arkadaşınıza tavsiye etme olasılığınız nedir? (0-10)", "0-10 arası bizi ne kadar tavsiye edersiniz?",
                   "Bizi bir arkadaşınıza önerme ihtimaliniz nedir?"],
    "help_channels": ["Which channels did you use in the last 12 months to contact a company for help?", "Which of these have you used for support?",
                      "Son 12 ayda bir kurumdan yardım almak için hangi kanalları kullandınız?"],
    "functional": ["Did you get what you wanted?", "İstediğinizi aldınız mı?"],
    "accessible": ["How easy was it to deal with them?", "NE KADAR KOLAY OLDU?"],
    "emotional": ["How did they make you feel?", "Size nasıl hissettirdiler?"],
    "memory": ["What do you remember?", "Aklınızda ne kaldı?"],
    "happiness": ["How happy are you (0-10)?", "Ne kadar mutlusunuz?"],
    "age_group": ["Age", "Your age group", "Yaşınız", "Yaş grubunuz"],
    "consent_survey": ["I consent to my data being processed for this study", "Verilerimin işlenmesini kabul ediyorum"],
    "consent_contact": ["Can we contact you about your answers?", "Sizinle iletişime geçebilir miyiz?"],
    "consent_quote": ["May we quote you?", "Sizden alıntı yapabilir miyiz?"],
    "recruited_via": ["How did you hear about this survey?", "Where did you find this questionnaire?", "Bu anketi nereden duydunuz?",
                      "Ankete nasıl ulaştınız?"],
}
NO_QUESTION_OF_OURS = [
    "How important is price to you?", "How satisfied are you overall?", "Why did you give this score?", "Any other comments?", "Görüş ve önerileriniz",
    "How often do you use social media?", "Which social networks do you use?", "Gender", "Cinsiyet", "City", "Puanınızın en önemli nedeni nedir?",
    "Is this the reason you recommend us? Why?", "Neden tavsiye ediyorsunuz?", "Diğer (lütfen belirtiniz)", "How do you mostly buy?",
    "Son alışveriş tutarı (TL)", "Fiyat sizin için ne kadar önemli?", "Which store did you visit?", "Kaç kez alışveriş yaptınız?",
    "Twitter kullanıcı adınız", "Which of our agents helped you?"]
PLAIN = {"important": ["Most important things", "En önemli üç şey"], "annoys": ["What annoys you?", "Sizi ne rahatsız eder?"],
         "organisations": ["Which companies are excellent?", "Hangi kurumlar mükemmel?"], "recommends": ["Do you recommend companies?", "Tavsiye eder misiniz?"],
         "social_media": ["Used Twitter or Facebook for help?", "Yardım için Twitter kullandınız mı?"]}
CELLS = {"important": "price\nspeed\nrespect", "annoys": "queues", "organisations": "Larkmoor", "recommends": "Yes", "social_media": "No"}


def asked(language=0, rows=1, **cells):
    """A frame of the five questions, every cell as in CELLS or as given; a list = one value a row."""
    values = CELLS | cells
    return pd.DataFrame({PLAIN[key][language] if key in PLAIN else key: value if isinstance(value, list) else [value] * rows
                         for key, value in values.items()})


def survey_of(answers, kinds=None):
    """The part of a Survey that is looked at, for a frame of answers."""
    questions = pd.DataFrame({"column": list(answers), "text": list(answers), "kind": [(kinds or {}).get(column, "open") for column in answers]})
    return dataclasses.make_dataclass("Survey", ["answers", "questions"])(answers, questions)


# ---- recognition ----


def best(header, kind="text"):
    scores = {key: score([fold(header)], key, kind) for key in (*FIVE, *OPTIONAL, "recruited_via")}
    top = max(points for points, _ in scores.values())
    return [key for key, (points, _) in scores.items() if points == top and points], {language for points, language in scores.values() if points == top}


@pytest.mark.parametrize("language, headers", [("en", ENGLISH), ("tr", TURKISH)])
def test_rewordings_are_told_with_their_language(language, headers):
    assert sum(map(len, headers.values())) >= 40
    for key, texts in headers.items():
        for text in texts:
            assert best(text) == ([key], {language}), text


def test_optional_questions_are_told():
    for key, texts in OPTIONALS.items():
        for text in texts:
            assert best(text)[0] == [key], text


def test_other_questions_are_left_alone():
    for text in NO_QUESTION_OF_OURS:
        assert best(text)[0] == [], text


@pytest.mark.parametrize("kind", ["en", "tr"])
def test_every_wording_and_name_of_the_framework_is_its_own_column(kind):
    for row in framework.vocabulary()["questions"]:
        if row["key"] in (*FIVE, *OPTIONAL):
            for text in (row[f"text_{kind}"], row[kind], row["columns"][0], row[f"text_{kind}"].upper(), f"7. {row[f'text_{kind}']} (1)"):
                assert best(text)[0] == [row["key"]], text


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("headers, language", [(ENGLISH, "en"), (TURKISH, "tr")])
def test_a_whole_survey_among_other_questions(headers, language, number):
    named = {headers[key][number]: CELLS[key] for key in FIVE}
    answers = pd.DataFrame({column: [value] for column, value in (dict.fromkeys(NO_QUESTION_OF_OURS, "x") | named).items()})
    table = five_questions(survey_of(answers))
    assert table.loc[2, [column for column in BASE if column != "wave"]].tolist() == [
        2, language, "other", "price", "speed", "respect", "queues", "Larkmoor", "yes", "none"]
    assert table["wave"].isna().all()
    assert {key: table.attrs["columns"][key] for key in FIVE} == {key: headers[key][number] for key in FIVE}


def test_folding_of_turkish_letters():
    assert fold("İSTANBUL ISPARTA ılık Iğdır") == "istanbul isparta ilik igdir"
    assert fold("ŞĞÜÖÇ şğüöç âîû ÂÎÛ") == "sguoc sguoc aiu aiu"
    assert fold("i\u0307yi") == fold("İyi") == fold("IYI") == "iyi"
    assert fold("Facebook’u, don't") == "facebooku dont"


def test_stems_in_the_file_are_folded():
    for rules in known()["wording"].values():
        for rule in rules:
            for stem in [stem for group in [*rule["all"], rule["more"], rule["none"]] for stem in group]:
                assert fold(stem) == stem.rstrip(" ") and not stem.startswith(" "), stem
    for texts in known()["answers"].values():
        for text in [text for group in texts.values() for text in group]:
            assert fold(text) == text.rstrip(" "), text


FORMS = {
    "google": ["Q1 most important [1]", "Q1 most important [2]", "Q1 most important [3]"],
    "brackets": ["En önemli üç şey (1)", "En önemli üç şey (2)", "En önemli üç şey (3)"],
    "surveymonkey": ["What are the three most important things? – 1.", "What are the three most important things? – 2.",
                     "What are the three most important things? – 3."],
    "numbered": ["Most important thing 1", "Most important thing 2", "Most important thing 3"],
    "ordinals": ["Most important thing", "Second most important thing", "Third most important thing"],
    "turkish ordinals": ["Birinci en önemli şey", "İkinci en önemli şey", "Üçüncü en önemli şey"],
    "three in all": ["En önemli 3 şey - 1", "En önemli 3 şey - 2", "En önemli 3 şey - 3"],
    "made unique": ["Most important", "Most important (2)", "Most important (3)"],
    "names": ["important_1", "important_2", "important_3"],
    "numbers before": ["1. Most important thing", "2. Most important thing", "3. Most important thing"],
    "letters": ["What matters most to you as a customer? a)", "What matters most to you as a customer? b)", "What matters most to you as a customer? c)"],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1]])
def test_question_1_in_three_columns_in_their_order(form, order):
    columns = [FORMS[form][place] for place in order]
    answers = asked().drop(columns=PLAIN["important"][0]).assign(**{column: [f"thing {FORMS[form].index(column) + 1}; still it"] for column in columns})
    table = five_questions(answers)
    assert table.loc[2, ["important_1", "important_2", "important_3"]].tolist() == [f"thing {n}; still it" for n in (1, 2, 3)]


def test_q_codes_with_the_wording_as_text():
    answers = pd.DataFrame({"q1": ["a"], "q2": ["b"], "q3": ["c"], "q4": ["Hayır"], "q5": ["Evet, Twitter"]})
    survey = survey_of(answers)
    survey.questions["text"] = [PLAIN[key][1] for key in FIVE]
    table = five_questions(survey)
    assert table.loc[2, ["annoys", "organisations", "recommends", "social_media", "language"]].tolist() == ["b", "c", "no", "twitter", "tr"]


# ---- unsure: refused ----


def test_missing_questions_are_refused_with_the_columns_left_and_an_example():
    answers = asked().drop(columns=[PLAIN["annoys"][0]]).assign(Unrelated=["x"])
    with pytest.raises(cx.CxError) as error:
        five_questions(answers)
    assert "annoys" in str(error.value) and "'Unrelated'" in str(error.value) and "columns={'annoys': 'Unrelated'}" in str(error.value)
    assert "recommends" not in str(error.value)


def test_the_example_of_the_refusal_can_be_copied():
    answers = asked().rename(columns={PLAIN["annoys"][0]: "F1", PLAIN["recommends"][0]: "F2"})
    with pytest.raises(cx.CxError) as error:
        five_questions(answers)
    example = str(error.value).split("five_questions(survey, columns=")[1].split(")\n")[0]
    example = ast.literal_eval(example)
    assert set(example) == {"annoys", "recommends"} and set(example.values()) == {"F1", "F2"}
    assert five_questions(answers, columns={"annoys": "F1", "recommends": "F2"}).loc[2, "annoys"] == "queues"


def test_two_columns_that_fit_are_refused_both_named():
    answers = asked().assign(**{"What annoys your family?": ["x"]})
    with pytest.raises(cx.CxError) as error:
        five_questions(answers)
    assert "'What annoys you?'" in str(error.value) and "'What annoys your family?'" in str(error.value)
    assert five_questions(answers, columns={"annoys": "What annoys you?"}).loc[2, "annoys"] == "queues"


def test_four_most_important_things_are_refused():
    answers = asked().drop(columns=PLAIN["important"][0]).assign(**{f"Most important thing {n}": ["x"] for n in range(1, 5)})
    with pytest.raises(cx.CxError, match="important"):
        five_questions(answers)


def test_a_column_of_other_answers_is_refused_by_its_content():
    answers = asked(rows=20, recommends=[f"because of {n}" for n in range(20)])
    with pytest.raises(cx.CxError, match="only 0 of 20"):
        five_questions(answers)


def test_the_refusal_shows_no_personal_data():
    with pytest.raises(cx.CxError) as error:
        five_questions(asked(rows=20, recommends=["call me, 0532 123 45 67"] * 20))
    assert "[phone]" in str(error.value) and "0532" not in str(error.value)


def test_two_optional_columns_are_left_out_and_said():
    answers = asked(rows=2).assign(**{"How likely are you to recommend us?": [9, 8], "How likely are you to recommend the shop?": [1, 2]})
    table = five_questions(answers)
    assert "likelihood" not in table
    assert any("likelihood" in entry["problem"] and "the shop" in entry["problem"] for entry in table.attrs["report"])


@pytest.mark.parametrize("columns, told", [
    ({"annoy": "x"}, "annoy"), ({"annoys": "no such"}, "no such"), ({"annoys": ["What annoys you?"]}, "annoys"), ({"annoys": 5}, "5"),
    ({"important": []}, "important"), ({"important": ["a", "b", "c", "d"]}, "important"), ("annoys", "str"), (["annoys"], "list"),
    ({"annoys": "What annoys you?", "organisations": "What annoys you?"}, "What annoys you?")])
def test_wrong_columns_are_refused_with_what_there_is(columns, told):
    with pytest.raises(cx.CxError, match=told):
        five_questions(asked(), columns=columns)


@pytest.mark.parametrize("thing", [None, 5, "answers.csv", [1, 2]])
def test_something_else_than_answers(thing):
    with pytest.raises(cx.CxError, match="read_survey"):
        five_questions(thing)
    with pytest.raises(cx.CxError, match="read_survey"):
        validate(thing)


def test_two_columns_of_one_name():
    answers = pd.concat([asked(), asked()], axis=1)
    for function in (five_questions, validate):
        with pytest.raises(cx.CxError, match="Most important things"):
            function(answers)


# ---- columns= ----


def test_not_asked_is_a_missing_column():
    table = five_questions(asked().drop(columns=PLAIN["social_media"][0]), columns={"social_media": None})
    assert table["social_media"].isna().all() and list(table["social_media"].cat.categories) == ["none", "twitter", "facebook", "both"]


def test_every_question_can_be_given():
    answers = pd.DataFrame({"a": ["x"], "b": ["y"], "c": ["1. p 2. q"], "d": ["Yes"], "e": ["both"], "f": ["7"], "g": ["en"], "h": ["R9"], "i": [2013],
                            "j": ["in class"]})
    table = five_questions(answers, columns={"annoys": "a", "organisations": "b", "important": "c", "recommends": "d", "social_media": "e",
                                             "likelihood": "f", "language": "g", "respondent": "h", "wave": "i", "recruited_via": "j"})
    assert table.iloc[0].tolist() == ["R9", 2013, "en", "class", "p", "q", *[table.loc[2, "important_3"]], "x", "y", "yes", "both", 7]
    assert table["important_3"].isna().all()


def test_a_list_of_columns_is_not_cut():
    answers = asked(important="a; b").assign(other=["c; d"])
    table = five_questions(answers, columns={"important": ["Most important things", "other"]})
    assert table.loc[2, ["important_1", "important_2"]].tolist() == ["a; b", "c; d"]


def test_a_column_name_may_differ_in_case_and_blanks():
    assert five_questions(asked(), columns={"annoys": " what annoys you"}).loc[2, "annoys"] == "queues"


# ---- answers ----


@pytest.mark.parametrize("text, read", [
    ("Yes", "yes"), ("yes, always", "yes"), ("YES!", "yes"), ("Evet, her zaman", "yes"), ("EVET", "yes"), ("Kesinlikle evet", "yes"), ("Her zaman", "yes"),
    ("Hayır", "no"), ("HAYIR", "no"), ("hayir", "no"), ("No, never", "no"), ("Hiç", "no"), ("Definitely not, no", "no"), ("Y", "yes"), ("H", "no"),
    (True, "yes"), (False, "no"), (("Evet",), "yes"), ("maybe", None), ("bazen", None), ("Sometimes", None), ("Yes and no", None), ("evet ve hayır", None),
    ("No idea", None), ("Tavsiye ederim", None), ("not yes", None), ("5", None), ("Norway", None), ("Evetlemek", None)])
def test_yes_and_no(text, read):
    found = meanings.meaning("recommends", text)
    assert found == read if read else found is meanings.BAD


@pytest.mark.parametrize("value, read", [
    ("No", "none"), ("Hayır", "none"), ("None", "none"), ("Neither", "none"), ("Hiçbirini", "none"), ("Hiç kullanmadım", "none"), ("Kullanmadım", "none"),
    ("No, I have never used Twitter or Facebook", "none"), ("ne Twitter ne Facebook", "none"), ("Twitter", "twitter"), ("X (Twitter)", "twitter"),
    ("x", "twitter"), ("Evet, Twitter'dan", "twitter"), ("Twitter only", "twitter"), ("FACEBOOK", "facebook"), ("Yes, Facebook", "facebook"),
    ("Both", "both"), ("İkisini de", "both"), ("Her ikisi", "both"), ("Twitter and Facebook", "both"), ("Facebook, Twitter", "both"),
    (("Twitter", "Facebook"), "both"), (("Facebook",), "facebook"), (("None of these",), "none"), (("Twitter", "Instagram"), "twitter"),
    ("Yes", None), ("Evet", None), ("Yes (Twitter or Facebook)", None), ("Instagram", None), ("Twitter but not Facebook", None), ("No, only Facebook", None),
    (("Twitter", "None"), None), ("maybe", None), ("", None), ("No, Twitter", None), ("No idea", None)])
def test_social_media(value, read):
    found = meanings.meaning("social_media", value)
    assert found == read if read else found is meanings.BAD


@pytest.mark.parametrize("key, value, read", [
    ("likelihood", "10 - Very likely", 10), ("likelihood", "0 = hiç olası değil", 0), ("likelihood", "7/10", 7), ("likelihood", "7,0", 7),
    ("likelihood", 9.0, 9), ("likelihood", "Extremely likely", 10), ("likelihood", "hiç olası değil", 0), ("functional", "5 (çok iyi)", 5),
    ("happiness", " 3 ", 3), ("likelihood", "11", None), ("likelihood", "-1", None), ("likelihood", "7.5", None), ("likelihood", 7.5, None),
    ("functional", 0, None), ("functional", 6, None), ("likelihood", "7-8", None), ("likelihood", "10/10/2018", None), ("likelihood", "many", None),
    ("functional", "4/10", None), ("likelihood", float("inf"), None), ("likelihood", "1e1", None), ("likelihood", True, None),
    ("memory", "Something very good", "very_good"), ("memory", "Çok kötü bir şey", "very_bad"), ("memory", "HİÇBİR ŞEY", "nothing"), ("memory", "good", None),
    ("language", "tr-TR", "tr"), ("language", "İngilizce", "en"), ("language", "de", None), ("age_group", "34", "25_34"), ("age_group", "25-34", "25_34"),
    ("age_group", "65+", "65_over"), ("age_group", "18-24", "under_25"), ("age_group", "25 yaş altı", "under_25"), ("age_group", "65 and over", "65_over"),
    ("age_group", "30-39", None), ("consent_survey", "Okudum, kabul ediyorum", "yes"), ("consent_survey", "Kabul etmiyorum", "no"),
    ("consent_survey", "I do not agree", "no"), ("consent_survey", ("I agree",), "yes"), ("consent_survey", "Okudum", None)])
def test_other_answers(key, value, read):
    found = meanings.meaning(key, value)
    assert found is meanings.BAD if read is None else found == read


def test_sixty_five_plus_is_no_age_of_sixty_five_only():
    assert meanings.meaning("age_group", "65+") == "65_over" and meanings.meaning("age_group", "64") == "55_64"


@pytest.mark.parametrize("value, read", [
    (("WhatsApp", "X (Twitter)"), ("whatsapp", "x")), ("WhatsApp, Reviews (shop, app or map)", ("whatsapp", "reviews")), ("Hiçbiri", ("none",)),
    ("WhatsApp;Facebook;", ("whatsapp", "facebook")), (("None of these", "WhatsApp"), None),
    (("Değerlendirme ve yorumlar (mağaza, uygulama, harita)",), ("reviews",))])
def test_channels(value, read):
    found = meanings.channels(value)[0]
    assert found is meanings.BAD if read is None else found == read


def test_a_channel_that_is_not_in_the_table_is_left_out_and_said():
    answers = asked(rows=2).assign(help_channels=[("WhatsApp", "Telefon"), ("Facebook",)])
    table = five_questions(answers)
    assert table["help_channels"].tolist() == [("whatsapp",), ("facebook",)]
    assert [(entry["row"], "telefon" in entry["problem"]) for entry in table.attrs["report"] if entry["column"] == "help_channels"] == [(2, True)]


def test_codes_0_and_1_are_no_and_yes_but_2_is_not_guessed():
    coded = five_questions(asked(recommends=["1", "0"], rows=2))
    assert coded["recommends"].tolist() == ["yes", "no"]
    with pytest.raises(cx.CxError, match="recommends"):  # 1 = yes, 2 = no would lose every "no"
        five_questions(asked(recommends=["1", "2"], rows=2))


@pytest.mark.parametrize("text, parts", [
    ("price\nspeed\nrespect", ["price", "speed", "respect"]), ("price; speed", ["price", "speed"]), ("1. price 2. speed 3. respect", ["price", "speed", "respect"]),
    ("1) fiyat\r\n2) hız", ["fiyat", "hız"]), ("- a\n- b\n• c", ["a", "b", "c"]), ("price, speed, respect", ["price, speed, respect"]),
    (" as written ", [" as written "]), ("3.5 stars are not enough", ["3.5 stars are not enough"]), ("24/7; fast", ["24/7", "fast"]), ("1. only one", ["1. only one"]),
    ("in 2. hand shops", ["in 2. hand shops"]), ("", [""]), (";;", [";;"])])
def test_things_in_one_answer(text, parts):
    assert things(text) == parts


def test_who_prefers_not_to_say_left_one_question_out():
    told = ["Belirtmek istemiyorum", "I'd rather not say", "Prefer not to answer.", "Söylemek istemiyorum", "Yes"]
    table = five_questions(asked(rows=5, recommends=told, social_media=told[:4] + ["No"], consent_survey=["Yes"] * 4 + ["Belirtmek istemiyorum"]))
    assert table["recommends"].isna().tolist() == [True] * 4 + [False] and table["social_media"].isna().sum() == 4 and not table.attrs["set_aside"]
    assert table["consent_survey"].tolist() == ["yes"] * 4 + ["no"]  # what is not said is no consent
    assert [line["problem"] for line in table.attrs["report"] if "preferred not to say" in line["problem"]] == [
        "People who preferred not to say ('Belirtmek istemiyorum'): 4."] * 2


@pytest.mark.parametrize("answer", ["1- price 2- speed 3- respect", "1-price\n2-speed\n3-respect"])
def test_a_numbering_with_dashes(answer):
    assert things(answer) == ["price", "speed", "respect"] and things("1-2 days late") == ["1-2 days late"]


def test_commas_and_a_fourth_thing_are_kept_and_reported():
    table = five_questions(asked(important=["a, b", "a\nb\nc\nd"], rows=2))
    assert table["important_1"].tolist() == ["a, b", "a"] and table["important_3"].tolist()[1] == "c; d"
    told = [entry for entry in table.attrs["report"] if entry["column"] == PLAIN["important"][0]]
    assert [entry["row"] for entry in told] == [3, None] and "row 2" in told[1]["problem"]


def test_open_answers_stay_exactly_as_written():
    texts = ["  two blanks ", "N/A", "=1+1", "çok\nkötü", "   ", "null"]
    table = five_questions(asked(rows=6, annoys=texts))
    assert table["annoys"].tolist() == texts


# ---- who, when, how ----


def test_ids_waves_languages_and_ways_come_from_the_tools_columns():
    answers = asked(rows=3).assign(**{"Respondent ID": ["10", "11", "12"], "Start Date": pd.to_datetime(["2013-01-01"] * 3),
                                      "End Date": pd.to_datetime(["2018-01-01", "2018-01-02", None]), "Language": ["tr", "EN", None],
                                      "Collector": ["LinkedIn ad", "Facebook", "Newsletter"]})
    table = five_questions(answers)
    assert table["respondent"].tolist() == [10, 11, 12] and table["wave"].tolist() == [2018, 2018, pd.NA]
    assert table["language"].tolist()[:2] == ["tr", "en"] and table["recruited_via"].tolist() == ["linkedin", "facebook", "other"]


def test_ids_that_stand_twice_are_not_ids():
    table = five_questions(asked(rows=2).assign(ID=[7, 7]))
    assert table["respondent"].tolist() == [2, 3] and "respondent" not in table.attrs["columns"]
    assert any(entry["column"] == "ID" for entry in table.attrs["report"])


def test_leading_zeros_of_ids_are_kept():
    assert five_questions(asked(rows=2).assign(ID=["007", "008"]))["respondent"].tolist() == ["007", "008"]


def test_a_source_column_that_is_no_way_of_recruiting_is_left_alone():
    table = five_questions(asked(rows=2).assign(Source=["12", "13"]))
    assert table["recruited_via"].tolist() == ["other", "other"] and "recruited_via" not in table.attrs["columns"]


def test_languages_that_cannot_be_told_are_missing():
    both = asked().rename(columns=lambda column: {PLAIN[key][0]: key if key != "important" else "important_1" for key in PLAIN}[column])
    table = five_questions(both)
    assert table["language"].isna().all() and any("language" in entry["problem"] for entry in table.attrs["report"])


def test_categories_stand_in_the_order_of_the_framework():
    table = five_questions(asked().assign(memory=["nothing"], age_group=["34"]))
    for column, name in meanings.TABLES.items():
        if column in table:
            assert list(table[column].cat.categories) == framework.keys(name)
    assert table["age_group"].cat.ordered and list(table["age_group"].cat.categories) == framework.keys("age_groups")


def test_other_age_bands_stay_as_written():
    table = five_questions(asked(rows=2).assign(age_group=["30-39", "40-49"]))
    assert table["age_group"].tolist() == ["30-39", "40-49"] and any("age_group" in entry["problem"] for entry in table.attrs["report"])


def test_rows_of_the_spreadsheet_are_kept():
    answers = asked(rows=3, recommends=["Yes", "maybe", "No"]).set_axis(pd.Index([3, 7, 9], name="row"))
    table = five_questions(answers)
    assert table.index.tolist() == [3, 9] and table.index.name == "row" and table.attrs["set_aside"] == [7]
    assert table.attrs["report"][0]["row"] == 7 and table.attrs["report"][0]["value"] == "maybe"
    assert table.attrs["report"][0]["column"] == PLAIN["recommends"][0]


def test_a_question_that_nobody_answered_is_still_that_question():
    table = five_questions(asked(rows=2, annoys=[float("nan")] * 2, recommends=[None, None]))
    assert table["annoys"].isna().all() and table["recommends"].isna().all() and len(table) == 2


def test_no_row_at_all():
    table = five_questions(asked(rows=0))
    assert len(table) == 0 and [column for column in BASE if column not in table] == [] and validate(table).empty


def test_the_answers_are_not_touched():
    answers = asked(rows=2, recommends=["Yes", "maybe"])
    before = answers.copy(deep=True)
    five_questions(answers)
    pd.testing.assert_frame_equal(answers, before)


@pytest.mark.parametrize("name", cx.datasets().query("kind == 'export'")["name"].tolist())
def test_every_bundled_export_is_recognised_without_help(name):
    survey = cx.read_survey(cx.sample_path(name))
    table = five_questions(survey)
    assert len(table) + len(table.attrs["set_aside"]) == len(survey.answers)
    assert set(BASE) <= set(table) and table["recommends"].notna().mean() > 0.9 and table["important_1"].notna().mean() > 0.8
    assert table["likelihood"].dropna().between(0, 10).all() and (table["language"] == name[-2:]).all()
    assert len(table.attrs["bad_values"]) == len(validate(table))  # nothing bad is left in it


def test_the_table_makes_the_round_trip_through_a_file(tmp_path):
    table = five_questions(cx.read_survey(cx.sample_path("surveymonkey_tr")))
    again = five_questions(cx.read_survey(cx.to_csv(table, tmp_path / "table.csv")))
    for column in BASE[:1] + BASE[2:]:
        assert again[column].astype(object).where(again[column].notna(), None).tolist() == [
            None if pd.isna(value) else value.strip() if isinstance(value, str) else value for value in table[column]], column


# ---- validate ----


def good(rows=2):
    return pd.DataFrame({"respondent": range(1, rows + 1), "wave": 2018, "language": "tr", "recruited_via": "class", "important_1": "a", "important_2": None,
                         "important_3": "c", "annoys": "x", "organisations": "y", "recommends": "yes", "social_media": "both"})


BAD_VALUES = {"language": "de", "recruited_via": "Facebook", "recommends": "Yes", "social_media": "x", "functional": 6, "accessible": 0, "emotional": 2.5,
              "likelihood": "ten", "memory": "good", "happiness": -1, "consent_survey": "maybe", "consent_contact": 1, "consent_quote": "evet",
              "help_channels": ("fax",)}


@pytest.mark.parametrize("column", BAD_VALUES)
def test_every_kind_of_bad_value_is_listed_by_row_and_column(column):
    table = good(3)
    table[column] = pd.Series([None, BAD_VALUES[column], None], dtype=object)
    found = validate(table)
    assert list(found) == REPORT and found[["row", "column", "value"]].values.tolist() == [[3, column, BAD_VALUES[column]]]
    assert found.attrs == {"set_aside": [3], "n_valid": 2}


def test_a_good_table_has_nothing_to_list():
    table = good().assign(likelihood=["0", 10], functional=[1.0, None], help_channels=[("whatsapp", "x"), "none"], memory=["nothing", None])
    found = validate(table)
    assert found.empty and found.attrs == {"set_aside": [], "n_valid": 2}


def test_two_faults_in_one_row_are_two_lines_and_one_row():
    found = validate(good(1).assign(recommends="maybe", likelihood=99))
    assert len(found) == 2 and found.attrs == {"set_aside": [2], "n_valid": 0}


def test_respondents_twice_and_without_a_name():
    found = validate(good(4).assign(respondent=["a", "b", "a", None], wave=[2018, 2018, 2018, 2018]))
    assert found["row"].tolist() == [4, 5] and "row 2" in found["problem"].iloc[0]
    assert validate(good(2).assign(respondent=["a", "a"], wave=[2013, 2018])).empty  # asked again five years later


def test_missing_columns_are_listed_without_a_row():
    found = validate(good().drop(columns=["annoys", "wave"]))
    assert found["row"].isna().all() and found["column"].tolist() == ["wave", "annoys"] and found.attrs["n_valid"] == 2


def test_none_beside_a_channel_is_a_contradiction():
    found = validate(good(1).assign(help_channels=[("none", "x")]))
    assert "none" in found["problem"].iloc[0] and found.attrs["n_valid"] == 0


def test_rows_are_the_spreadsheets():
    table = good(2).assign(recommends=["yes", "?"]).set_axis(pd.Index([5, 12], name="row"))
    assert validate(table)["row"].tolist() == [12]


def test_what_five_questions_set_aside_is_listed_too():
    table = five_questions(asked(rows=3, recommends=["Yes", "maybe", "No"]))
    found = validate(table)
    assert found[["row", "value"]].values.tolist() == [[3, "maybe"]] and found.attrs == {"set_aside": [3], "n_valid": 2}


# ---- whatever people write ----

TEXTS = st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["Yes", "No", "evet", "Hayır", "maybe", "Twitter", "both", "7", "11", "x", " ", "nan"]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[TEXTS] * 7), max_size=8))
def test_kept_and_set_aside_make_all_rows_whatever_they_hold(rows):
    names = ["important_1", "annoys", "organisations", "recommends", "social_media", "likelihood", "memory"]
    answers = pd.DataFrame(rows, columns=names, dtype=object)
    table = five_questions(answers)
    assert len(table) + len(table.attrs["set_aside"]) == len(answers)
    assert sorted([*table.index, *table.attrs["set_aside"]]) == list(range(2, len(answers) + 2))
    assert {entry["row"] for entry in table.attrs["bad_values"]} == set(table.attrs["set_aside"])
    for row, text in table["annoys"].items():
        original = answers["annoys"].iloc[row - 2]
        assert text == original if isinstance(original, str) else pd.isna(text)
    found = validate(table)
    assert found.attrs["n_valid"] == len(table) and len(found) == len(table.attrs["bad_values"])


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_an_answer(text):
    for key in (*meanings.TABLES, *meanings.scales(), "help_channels", "age_group"):
        read = meanings.meaning(key, text)
        assert read is None or read is meanings.BAD or read is meanings.OTHER or key == "age_group" or meanings.fits(key, read)
    assert list(filter(str.isalpha, "".join(things(text)))) == list(filter(str.isalpha, text))  # no letter of an answer is lost by cutting it


@pytest.mark.parametrize("language", ["en", "tr"])
def test_every_message_can_be_said_in_both_languages(language):
    cx.use_language(language)
    answers = asked(rows=3, recommends=["Yes", "maybe", "No"], social_media=["Twitter, Instagram", "No", "Yes"], important="a, b")
    answers = answers.assign(help_channels=[("WhatsApp", "fax"), ("None", "x"), None], likelihood=[11, 7.5, "x"], ID=[1, 1, 2], age_group=["30-39"] * 3)
    table = five_questions(answers)
    for entry in table.attrs["report"]:
        assert entry["problem"] and entry["action"] and "{" not in entry["problem"].replace("{'", "")
    with pytest.raises(cx.CxError) as error:
        five_questions(answers[["ID"]])
    assert ("hepsi" if language == "tr" else "could not all") in str(error.value)
