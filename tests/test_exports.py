"""`read_survey`: every trap of real survey files, each on a small file of the exact shape, written byte by byte."""

import codecs
import datetime
import io
import re
import tomllib
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cxlab as cx
from conftest import adds_up
from cxlab import framework, grids, question_kinds, survey_cells, survey_sources

META = "Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,Custom Data 1"
SURVEYMONKEY = (
    META + ",<b>How likely</b>&nbsp;are you to recommend us?,Which channels did you use?,,,,What annoys you most?,Please rate,,How often?,\r\n"
    ",,,,,,,,,Response,Phone,E-mail &amp; chat,\"Shop, kiosk\",Other (please specify),Open-Ended Response,Speed,Staff,Response,Other (please specify)\r\n"
    '114000000001,90001,10/31/2018 03:50:46 PM,10/31/2018 03:55:00 PM,1.2.3.4,a@example.org,Ada,Lace,x,10,Phone,,"Shop, kiosk",,"Waiting,\n'
    'and waiting",Good,Bad,Weekly,\r\n'
    "114000000002,90001,11/01/2018 03:50:46 AM,11/01/2018 03:55:00 AM,1.2.3.5,,,,,0,,E-mail &amp; chat,,by fax,None,Bad,Bad,Monthly,when it rains\r\n"
    "114000000003,90001,11/02/2018 03:50:46 AM,11/02/2018 03:55:00 AM,1.2.3.6,,,,,7,Phone,E-mail &amp; chat,,,NA,Bad,Good,Weekly,\r\n"
)
FORMS = (
    '"Zaman damgası","Kullanıcı Adı","Hangi kanalları kullandınız? ","Sizi en çok ne rahatsız eder?","Puan [Hız]","KVKK metnini okudum, onaylıyorum"\r\n'
    '"2018/10/31 3:50:46 ÖS GMT+3","a@example.org","WhatsApp;Telefon","Bekleme","5","Evet"\r\n'
    '"2018/10/31 11:50:46 ÖÖ GMT+3","b@example.org","Telefon","None","4","Evet"\r\n'
    '"2018/11/01 12:05:00 ÖÖ GMT+3","c@example.org","E-posta;Telefon","Kaba; ilgisiz personel","5","Evet"\r\n'
)
SHEETS = (
    "Zaman damgası\tHangi kanallar?\tYaş\tPuan\r\n31.10.2018 15:50:46\tTelefon, E-posta\t23\t7,5\r\n01.11.2018 15:50:46\tTelefon\t25\t8\r\n"
    "01.11.2018 15:51:46\tTelefon, E-posta, Mağaza\t25\t8,25\r\n02.11.2018 9:51:46\tE-posta, Mağaza\t26\t8,25\r\n"
)
PLAIN = (
    'Ad Soyad;Yaş;Puan;Tarih;Görüş;Kurum adı\r\nAyşe;31;7,5;05.03.2024;"çok ""iyi"";\r\nevet";Örnek Kargo\r\n;;;;;\r\n'
    "Şule;28;8,25;06.03.2024;ığüşöç;Deneme Banka\r\nAli;40;9;07.03.2024;null;Örnek Kargo\r\n"
)
SAMPLES = {
    "surveymonkey": SURVEYMONKEY.encode(), "google_forms": FORMS.encode(), "google_sheets": SHEETS.encode(), "plain": PLAIN.encode("cp1254"),
}


@pytest.fixture
def refused(read):
    def message(data, name="answers.csv", **arguments):
        with pytest.raises(cx.CxError) as error:
            read(data, name, **arguments)
        assert "\n" not in str(error.value)
        return str(error.value)

    return message


def kinds(survey):
    return survey.questions.set_index("column")["kind"].to_dict()


def reported(survey, key, **values):
    """The lines of the report that say `key`; the sentence is compared up to its first number or name."""
    pattern = re.sub(r"\\\{.*?\\\}|\{.*?\}", ".*", re.escape(framework._messages("exports")[key]["en"]).replace(r"\{", "{").replace(r"\}", "}"))
    return survey.report[survey.report["problem"].str.fullmatch(pattern)]


def workbook(rows, sheets=None):
    book = openpyxl.Workbook()
    for title, cells in {"Sheet": rows, **(sheets or {})}.items():
        sheet = book.active if title == "Sheet" else book.create_sheet(title)
        for row in cells:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


# --- every source ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SAMPLES)
def test_a_source_is_recognised_by_content_and_the_rows_add_up(read, source):
    assert read(SAMPLES[source], "x.txt").source == source


@pytest.mark.parametrize("source", SAMPLES)
def test_the_file_is_never_changed(tmp_path, source):
    file = tmp_path / "a.csv"
    file.write_bytes(SAMPLES[source])
    cx.read_survey(str(file))
    assert file.read_bytes() == SAMPLES[source]


@pytest.mark.parametrize("source", SAMPLES)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_encodings_with_and_without_mark(read, source, encoding):
    text = SAMPLES[source].decode("cp1254" if source == "plain" else "utf-8")
    survey = read(text.encode(encoding))
    assert survey.source == source and survey.answers.equals(read(SAMPLES[source]).answers)


def test_the_same_answers_from_a_workbook(read):
    import csv

    rows = list(csv.reader(io.StringIO(SURVEYMONKEY, newline="")))
    rows = [[int(c) if re.fullmatch(r"\d+", c) else c or None for c in row] for row in rows]
    from_book, from_text = read(workbook(rows), "export.xlsx"), read(SURVEYMONKEY)
    pd.testing.assert_frame_equal(from_book.answers, from_text.answers)
    assert kinds(from_book) == kinds(from_text)


# --- SurveyMonkey ----------------------------------------------------------------------------------------------------------------------


def test_surveymonkey_two_header_rows(read):
    survey = read(SURVEYMONKEY)
    answers = survey.answers
    assert survey.counts.to_dict() == {"rows_in_file": 5, "header_rows": 2, "blank_rows": 0, "set_aside": 0, "read": 3}
    assert list(answers.index) == [3, 4, 5]  # records, although an answer holds a line break
    assert answers["Respondent ID"].tolist() == ["114000000001", "114000000002", "114000000003"]
    assert answers["Which channels did you use?"].tolist() == [("Phone", "Shop, kiosk"), ("E-mail & chat",), ("Phone", "E-mail & chat")]
    assert answers["Which channels did you use? – Other (please specify)"].dropna().to_dict() == {4: "by fax"}
    assert answers["What annoys you most?"].tolist() == ["Waiting,\nand waiting", "None", "NA"]
    assert answers["How likely are you to recommend us?"].tolist() == [10, 0, 7]
    assert answers["Start Date"].tolist()[0] == pd.Timestamp("2018-10-31 15:50:46")
    assert kinds(survey) == {
        "Respondent ID": "meta", "Collector ID": "meta", "Start Date": "date", "End Date": "date", "IP Address": "personal",
        "Email Address": "personal", "First Name": "personal", "Last Name": "personal", "Custom Data 1": "meta",
        "How likely are you to recommend us?": "scale", "Which channels did you use?": "multiple",
        "Which channels did you use? – Other (please specify)": "open", "What annoys you most?": "open", "Please rate – Speed": "single",
        "Please rate – Staff": "single", "How often?": "single", "How often? – Other (please specify)": "open",
    }
    row = survey.questions.set_index("column").loc["Which channels did you use?"]
    assert row["options"] == ("Phone", "E-mail & chat", "Shop, kiosk") and len(row["source_columns"]) == 3
    assert "<b>How likely</b>&nbsp;are" in survey.questions.set_index("column").loc["How likely are you to recommend us?", "source_columns"][0]


def variant(*changes):
    text = SURVEYMONKEY
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text


def test_surveymonkey_title_line_above(read):
    survey = read("Customer survey 2018\r\n" + SURVEYMONKEY)
    assert survey.source == "surveymonkey" and survey.counts["header_rows"] == 3 and list(survey.answers.index) == [4, 5, 6]
    assert reported(survey, "title_line")["row"].tolist() == [1]
    pd.testing.assert_frame_equal(survey.answers.reset_index(drop=True), read(SURVEYMONKEY).answers.reset_index(drop=True))


def test_surveymonkey_repeated_parents(read):
    text = variant(("Which channels did you use?,,,,", "Which channels did you use?," * 4), ("Please rate,,How often?,", "Please rate,Please rate,How often?,How often?"))
    pd.testing.assert_frame_equal(read(text).answers, read(SURVEYMONKEY).answers)


CODED = (
    "Respondent ID,Collector ID,Start Date,Which channels?,,,Age group\r\n,,,Phone,Chat,Shop,Response\r\n,,,1,2,3,\r\n"
    "114000000001,9,43290.53487,1,0,1,2\r\n114000000002,9,43291.5,0,1,0,1\r\n114000000003,9,43291.25,0,0,0,1\r\n"
)


@pytest.mark.parametrize("third", [",,,1,2,3,", ",,,Q1_1,Q1_2,Q1_3,Q2", ",,,1,1,1,1"])
def test_surveymonkey_three_header_rows_coded(read, third):
    survey = read(CODED.replace(",,,1,2,3,", third, 1))
    column = "Q1" if "Q1" in third else "Which channels?"
    assert survey.source == "surveymonkey" and survey.counts["header_rows"] == 3 and list(survey.answers.index) == [4, 5, 6]
    assert survey.answers[column].tolist()[:2] == [("Phone", "Shop"), ("Chat",)] and pd.isna(survey.answers[column].iloc[2])
    assert survey.answers["Start Date"].iloc[0] == pd.Timestamp("2018-07-09 12:50:13")


def test_surveymonkey_codes_above_the_questions(read):
    survey = read("Q0,,,Q1,Q1,Q1,Q2\r\n" + CODED.replace(",,,1,2,3,\r\n", "", 1))
    assert survey.source == "surveymonkey" and survey.counts["header_rows"] == 3 and survey.answers["Q1"].iloc[0] == ("Phone", "Shop")


@pytest.mark.parametrize("head", [
    "Respondent ID,Collector ID,Rate us,,,Why?\r\n,,Shop,Shop,Web,Open-Ended Response\r\n,,Speed,Price,Speed,\r\n",
    "Respondent ID,Collector ID,Page 1,,,\r\n,,Rate us,,,Why?\r\n,,Shop – Speed,Shop – Price,Web – Speed,Open-Ended Response\r\n",
])
def test_surveymonkey_three_header_rows_of_text(read, head):
    survey = read(head + "114000000001,9,5,4,3,so\r\n114000000002,9,1,1,2,why not\r\n")
    assert survey.counts["header_rows"] == 3 and survey.answers["Rate us – Web – Speed"].tolist() == [3, 2] and kinds(survey)["Why?"] == "open"


def test_surveymonkey_ids_stay_text_in_a_workbook(read):
    rows = [["Respondent ID", "Collector ID", "Start Date", "How often?"], [None, None, None, "Response"],
            [114123456789.0, 90001.0, datetime.datetime(2018, 10, 31, 15, 50, 46), "Weekly"], [114123456790.0, 90001.0, 43290.53487, "Monthly"]]
    survey = read(workbook(rows), "export.xlsx")
    assert survey.answers["Respondent ID"].tolist() == ["114123456789", "114123456790"]
    assert survey.answers["Start Date"].tolist() == [pd.Timestamp("2018-10-31 15:50:46"), pd.Timestamp("2018-07-09 12:50:13")]


def test_surveymonkey_bytes_that_are_not_utf8(read):
    survey = read(variant(("by fax", "çağrı şikâyeti")).encode("cp1254"))
    assert "çağrı şikâyeti" in survey.answers["Which channels did you use? – Other (please specify)"].tolist()
    assert len(reported(survey, "encoding_used")) == 1


def test_surveymonkey_in_turkish(read):
    survey = read(
        "Katılımcı Kimliği,Toplayıcı Kimliği,Başlangıç Tarihi,Bitiş Tarihi,IP Adresi,E-posta Adresi,Ad,Soyadı,Özel Veri 1,Sizi ne rahatsız eder?,"
        "Hangi kanallar?,,\r\n,,,,,,,,,Açık Uçlu Yanıt,Telefon,E-posta,Diğer (lütfen belirtin)\r\n"
        "114000000001,9,31.10.2018 15:50:46,31.10.2018 15:55:46,1.2.3.4,,,,,Bekleme,Telefon,,\r\n"
        "114000000002,9,01.11.2018 15:50:46,01.11.2018 15:55:46,1.2.3.4,,,,,Yok,Telefon,E-posta,faks\r\n"
    )
    assert survey.source == "surveymonkey"
    assert set(survey.personal) == {"IP Adresi", "E-posta Adresi", "Ad", "Soyadı"}
    assert survey.answers["Hangi kanallar?"].tolist() == [("Telefon",), ("Telefon", "E-posta")]
    assert survey.answers["Hangi kanallar? – Diğer (lütfen belirtin)"].tolist()[1] == "faks"
    assert kinds(survey)["Sizi ne rahatsız eder?"] == "open" and survey.answers["Bitiş Tarihi"].iloc[1] == pd.Timestamp("2018-11-01 15:55:46")


def test_surveymonkey_grid_is_not_a_multiple_choice(read):
    survey = read(
        "Respondent ID,Collector ID,Rate,,,Name three brands,,\r\n,,Price,Speed,Staff,First,Second,Third\r\n"
        "114000000001,9,1,5,2,Alfa,Beta,Gama\r\n114000000002,9,1,4,3,Beta,,\r\n114000000003,9,1,3,3,Delta,Zeta,\r\n"
    )
    assert [kinds(survey)[f"Rate – {item}"] for item in ("Price", "Speed", "Staff")] == ["scale"] * 3
    assert survey.answers["Name three brands – First"].tolist() == ["Alfa", "Beta", "Delta"] and "multiple" not in kinds(survey).values()


def test_surveymonkey_one_box_to_agree_is_consent(read):
    survey = read('Respondent ID,Collector ID,I agree to the terms,Why?\r\n,,I agree,Open-Ended Response\r\n5321234567,9,I agree,so\r\n5321234568,9,,so\r\n')
    assert kinds(survey)["I agree to the terms"] == "consent" and kinds(survey)["Respondent ID"] == "meta"  # ten digits, but no telephone


def test_surveymonkey_contact_boxes_are_personal(read):
    survey = read(
        "Respondent ID,Collector ID,Contact information,,,\r\n,,Name,Company,Email Address,Phone Number\r\n"
        "114000000001,9,Ada Lace,Example Ltd,a@example.org,+90 532 000 00 00\r\n114000000002,9,,Sample Ltd,,\r\n"
    )
    assert list(survey.personal) == [f"Contact information – {x}" for x in ("Name", "Email Address", "Phone Number")]
    assert "Contact information – Company" in survey.answers


def test_surveymonkey_without_meta_columns(read):
    survey = read("Which?,,Why?,How often?\r\nA,B,Open-Ended Response,Response\r\nA,,because it is near,Daily\r\nA,B,,Weekly\r\n")
    assert survey.source == "surveymonkey" and survey.answers["Which?"].tolist() == [("A",), ("A", "B")] and list(survey.answers.index) == [3, 4]


def test_surveymonkey_who_answered_nothing_is_kept_and_reported(read):
    survey = read(SURVEYMONKEY + "114000000003,90001,11/02/2018 03:50:46 AM,,,,,,,,,,,,,,,,\r\n")
    assert len(survey.answers) == 4 and reported(survey, "no_answers")["row"].tolist() == [6] and reported(survey, "same_id")["row"].tolist() == [6]


# --- Google ----------------------------------------------------------------------------------------------------------------------------


def test_google_forms(read):
    survey = read(FORMS)
    zone = datetime.timezone(datetime.timedelta(hours=3))
    assert survey.answers["Zaman damgası"].tolist() == [
        pd.Timestamp("2018-10-31 15:50:46", tz=zone), pd.Timestamp("2018-10-31 11:50:46", tz=zone), pd.Timestamp("2018-11-01 00:05:00", tz=zone)]
    assert survey.answers["Zaman damgası"].dt.tz_convert("UTC").iloc[0].hour == 12  # three hours ahead of UTC, not behind
    assert survey.answers["Hangi kanalları kullandınız?"].tolist() == [("WhatsApp", "Telefon"), ("Telefon",), ("E-posta", "Telefon")]
    assert kinds(survey) == {"Zaman damgası": "date", "Kullanıcı Adı": "personal", "Hangi kanalları kullandınız?": "multiple",
                             "Sizi en çok ne rahatsız eder?": "open", "Puan [Hız]": "scale", "KVKK metnini okudum, onaylıyorum": "consent"}
    assert survey.answers["Sizi en çok ne rahatsız eder?"].tolist() == ["Bekleme", "None", "Kaba; ilgisiz personel"]
    assert survey.questions["separator"].tolist()[2] == ";" and len(reported(survey, "split")) == 1
    assert survey.questions["source_columns"].tolist()[2] == ("Hangi kanalları kullandınız?",)


@pytest.mark.parametrize("header", ["Timestamp", "Zaman damgası", "Zaman Damgası", "ZAMAN DAMGASI"])
@pytest.mark.parametrize("time", ["2018/10/31 3:50:46 PM GMT+3", "2018/10/31 3:50:46 ÖS GMT+3", "2018/10/31 03:50:46 ös GMT+03:00"])
def test_google_forms_headers_and_times(read, header, time):
    survey = read(f'"{header}","Do you recommend us?"\n"{time}","Yes"\n')
    assert survey.source == "google_forms" and str(survey.answers.iloc[0, 0]) == "2018-10-31 15:50:46+03:00"


def test_google_forms_several_offsets_become_one(read):
    survey = read('"Timestamp","Q"\n"2018/10/27 3:50:46 PM GMT+2","a"\n"2018/10/31 3:50:46 PM GMT+1","b"\n"2018/10/31 4:50:46 PM GMT+1","c"\n')
    assert survey.answers["Timestamp"].dt.tz_convert("UTC").dt.hour.tolist() == [13, 14, 15] and len(reported(survey, "mixed_offsets")) == 1


def test_google_forms_may_repeat_a_question(read):
    survey = read('"Timestamp","Why?","Why?"\n"2018/10/31 3:50:46 PM GMT+3","far","late"\n')
    assert list(survey.answers)[1:] == ["Why?", "Why? (2)"] and len(reported(survey, "same_text")) == 1


def test_google_forms_prose_with_semicolons_is_not_split(read):
    prose = ["Slow; nobody came", "They were rude; I left", "Price", "Fine; really", "The shop was far;too far"]
    rows = "".join(f'"2018/10/31 3:5{i}:46 PM GMT+3","{text}"\n' for i, text in enumerate(prose))
    assert kinds(read('"Timestamp","Why?"\n' + rows))["Why?"] == "open"


def test_google_sheets_commas_are_offered_not_split(read):
    survey = read(SHEETS)
    assert kinds(survey)["Hangi kanallar?"] == "single" and survey.answers["Hangi kanallar?"].iloc[0] == "Telefon, E-posta"
    line = reported(survey, "maybe_several")
    assert line["column"].tolist() == ["Hangi kanallar?"] and "options=" in line["action"].iloc[0]
    assert survey.answers["Puan"].tolist() == [7.5, 8.0, 8.25, 8.25] and len(reported(survey, "decimal_comma")) == 1
    assert survey.answers["Zaman damgası"].iloc[1] == pd.Timestamp("2018-11-01 15:50:46")


def test_options_that_contain_commas(read):
    text = 'Timestamp,Where?\n1/31/2020 10:00:00,"Shop, kiosk, Phone"\n1/31/2020 11:00:00,"phone, my aunt, and uncle"\n1/31/2020 12:00:00,"E-mail, Shop, kiosk"\n'
    survey = read(text, options={"Where?": ["Shop, kiosk", "Phone", "E-mail"]})
    assert survey.answers["Where?"].tolist() == [("Shop, kiosk", "Phone"), ("Phone", "my aunt, and uncle"), ("E-mail", "Shop, kiosk")]
    assert kinds(survey)["Where?"] == "multiple" and reported(survey, "unlisted_option")["row"].tolist() == [3]
    assert survey.questions["options"].iloc[1] == ("Shop, kiosk", "Phone", "E-mail")


def test_single_choice_that_looks_like_several(read):
    options = ["Yes, always", "Yes, sometimes", "No, never"]
    rows = "".join(f'1/31/2020 10:{i:02}:00,"{options[i % 3]}"\n' for i in range(30))
    survey = read("Timestamp,Do you?\n" + rows)
    assert kinds(survey)["Do you?"] == "single" and set(survey.answers["Do you?"]) == set(options)


@pytest.mark.parametrize("choices, kind", [(";", "multiple"), (False, "single"), (None, "single"), (("WhatsApp", "Telefon"), "multiple")])
def test_options_override_every_guess(read, choices, kind):
    survey = read(FORMS, options={"Hangi kanalları kullandınız? ": choices})
    assert kinds(survey)["Hangi kanalları kullandınız?"] == kind


def test_options_that_cannot_be_used(refused):
    assert "Nope" in refused(FORMS, options={"Nope": ["a"]}) and "dictionary" in refused(FORMS, options=["a"])
    assert "options=" in refused(FORMS, options={"Puan [Hız]": 3}) and "options=" in refused(FORMS, options={"Puan [Hız]": []})


def test_tabs_without_quotation_rules(read):
    survey = read('Timestamp\tWhy?\n1/31/2020 10:00:00\t"Good" they said\n1/31/2020 10:00:01\t"never closed\n1/31/2020 10:09:00\tfine\n')
    assert survey.answers["Why?"].tolist() == ['"Good" they said', '"never closed', "fine"]


# --- plain, encodings, separators ---------------------------------------------------------------------------------------------------------


def test_turkish_excel(read):
    survey = read(PLAIN.encode("cp1254"))
    assert survey.answers["Puan"].tolist() == [7.5, 8.25, 9.0] and survey.answers["Görüş"].tolist() == ['çok "iyi";\nevet', "ığüşöç", "null"]
    assert survey.answers["Tarih"].iloc[0] == pd.Timestamp("2024-03-05") and list(survey.answers.index) == [2, 4, 5]
    assert list(survey.personal) == ["Ad Soyad"] and "Kurum adı" in survey.answers
    for key in ("encoding_used", "separator_used", "decimal_comma", "personal"):
        assert len(reported(survey, key)) == 1, key


@pytest.mark.parametrize("mark, name", [(",", ","), (";", ";"), ("\t", "tab"), ("|", "|")])
def test_separators(read, mark, name):
    rows = [["age", "score", "why"], ["31", "7", "slow; rude, loud | late"], ["28", "8", "none"], ["40", "9", "x"]]
    text = "\n".join(mark.join(f'"{cell}"' for cell in row) for row in rows)
    assert read(text).answers["score"].tolist() == [7, 8, 9] == read(text, separator=name).answers["score"].tolist()
    assert len(reported(read(text), "separator_used")) == (mark != ",")


def test_the_line_that_excel_puts_above(read):
    survey = read("sep=;\r\nage;score\r\n31;7\r\n28;8\r\n")
    assert survey.answers["score"].tolist() == [7, 8] and list(survey.answers.index) == [2, 3]


def test_one_column(read):
    survey = read("What are the three most important things?\nspeed, price, staff\nprice, speed, staff\nstaff, price, speed\n")
    assert survey.answers.shape == (3, 1) and survey.answers.iloc[0, 0] == "speed, price, staff"


def test_letters_lost_or_from_a_wrong_code_page(read):
    survey = read("Why?,Where?\nyava\ufffd,Ýstanbul þehri\nfine,Ä°zmir\nfine,Ankara\n")
    assert reported(survey, "lost_letter")[["row", "column", "value"]].values.tolist() == [[2, "Why?", "yava\ufffd"]]
    assert reported(survey, "wrong_letter")["row"].tolist() == [2, 3]


def test_a_few_broken_bytes_do_not_spoil_the_rest(read):
    survey = read("Neden?,n\nçok yavaş ve ilgisiz şube,1\n".encode() + b"sch\xf6n,2\n" + "ığüşöç,3\n".encode())
    assert survey.answers["Neden?"].tolist() == ["çok yavaş ve ilgisiz şube", "sch\ufffdn", "ığüşöç"]
    assert reported(survey, "lost_letter")["row"].tolist() == [3] and len(reported(survey, "encoding_damaged")) == 1


def test_encoding_can_be_given(read, refused):
    assert read("Where?\nÅland\n".encode("cp1252"), encoding="cp1252").answers.iloc[0, 0] == "Åland"
    assert "cp1254" in refused("Where?\nışık\n".encode("cp1254"), encoding="utf-8") and "nonsense" in refused("a\n1\n", encoding="nonsense")
    assert "base64" in refused("a\n1\n", encoding="base64")


def test_none_na_and_null_are_answers(read):
    survey = read("Why?,Who?\nNone,n/a\nNA,null\nnan, \nNULL,#N/A\n")
    assert survey.answers["Why?"].tolist() == ["None", "NA", "nan", "NULL"] and survey.answers["Who?"].isna().tolist() == [False, False, True, False]


def test_the_formula_guard_is_undone(read, tmp_path):
    survey = read("Why?,Change\n'=1+1,'-5\n'@home,'+3\n'90s music,4\n")
    assert survey.answers["Why?"].tolist() == ["=1+1", "@home", "'90s music"] and survey.answers["Change"].tolist() == [-5, 3, 4]
    table = pd.DataFrame({"=Why?": ["=SUM(A1)", "＝x", "'quoted'", "plain", "-5 TL"], "n": [1, 2, 3, 4, 5]})
    cx.to_csv(table, tmp_path / "guarded.csv")
    assert cx.read_survey(tmp_path / "guarded.csv").answers["=Why?"].tolist() == table["=Why?"].tolist()


def test_zero_bytes(read):
    survey = read(b"Why?,n\nso\x00on,1\nlater on in the day,2\nsometimes or never,3\n")
    assert survey.answers["Why?"].iloc[0] == "soon" and len(reported(survey, "zero_bytes")) == 1


# --- dates and numbers ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text, expected", [
    ("2024-03-05 14:07:09", "2024-03-05 14:07:09"), ("2024-03-05T14:07:09Z", "2024-03-05 14:07:09+00:00"), ("2024/03/05", "2024-03-05"),
    ("05.03.2024", "2024-03-05"), ("5.3.2024 14:07", "2024-03-05 14:07"), ("31/12/2024 1:05 PM", "2024-12-31 13:05"),
    ("12/31/2024 12:05:00 AM", "2024-12-31 00:05"), ("5 Mart 2024 14:07", "2024-03-05 14:07"), ("Mar 5, 2024", "2024-03-05"),
    ("2024-03-05T14:07:09.123+03:00", "2024-03-05 14:07:09+03:00"), ("2018/10/31 12:50:46 ÖS GMT-5", "2018-10-31 12:50:46-05:00"),
    ("43290.53487", "2018-07-09 12:50:13"), ("45356", "2024-03-05"), ("2024/03/05 2:07:09 PM EST", "2024-03-05 14:07:09-05:00"),
])
def test_a_closed_list_of_dates(read, text, expected):
    survey = read(f'"Date","Why?"\n"{text}","x"\n')
    assert survey.answers["Date"].iloc[0] == pd.Timestamp(expected) and kinds(survey)["Date"] == "date"


def test_day_or_month_first_is_settled_for_the_column(read):
    assert read("Date,Q\n03/04/2024,a\n03/25/2024,b\n").answers["Date"].dt.month.tolist() == [3, 3]
    assert read("Date,Q\n03/04/2024,a\n25/04/2024,b\n").answers["Date"].dt.month.tolist() == [4, 4]
    unclear = read("Date,Q\n03/04/2024,a\n05/04/2024,b\n")
    assert unclear.answers["Date"].dt.month.tolist() == [4, 4] and len(reported(unclear, "dates_day_first")) == 1
    american = read(variant(("10/31/2018", "10/03/2018"), ("11/01/2018", "10/04/2018"), ("11/02/2018", "10/05/2018")))
    assert american.answers["Start Date"].dt.month.tolist() == [10, 10, 10] and len(reported(american, "dates_month_first")) == 2


def test_what_is_no_date_is_left_empty_and_reported(read):
    survey = read("Date,Q\n05.03.2024,a\n31.02.2024,b\nyesterday,c\n06.03.2024,d\n")
    assert survey.answers["Date"].isna().tolist() == [False, True, True, False]
    assert reported(survey, "not_a_date")[["row", "value"]].values.tolist() == [[3, "31.02.2024"], [4, "yesterday"]]


def test_a_time_zone_that_does_not_exist_is_no_date(read):
    survey = read('"Timestamp","Q"\n"2018/10/31 3:50:46 PM GMT+3","a"\n"2018/10/31 3:50:46 PM GMT+31","b"\n"2018/10/31 4:50:46 PM GMT+3","c"\n')
    assert reported(survey, "not_a_date")["row"].tolist() == [3]


def test_serials_only_where_the_column_says_date(read):
    survey = read("Salary,Date\n43290,43290\n51000,43291\n38000,43292\n")
    assert kinds(survey) == {"Salary": "scale", "Date": "date"}
    assert reported(survey, "serial_dates")[["column", "value"]].values.tolist() == [["Date", "43290"]]


@pytest.mark.parametrize("cells, expected", [
    (["2.5", "7", "8.25"], [2.5, 7, 8.25]), (["2,5", "7", "8,25"], [2.5, 7, 8.25]), (["1,5", "2,5", "3,5", "1"], [1.5, 2.5, 3.5, 1]),
    (["1.234,50", "20,00", "7"], [1234.5, 20, 7]), (["1,234,567", "1,000", "7"], [1234567, 1000, 7]), (["-3", "+4", "−5"], [-3, 4, -5]),
])
def test_numbers(read, cells, expected):
    survey = read("n;why\n" + "".join(f'"{cell}";x\n' for cell in cells))
    assert survey.answers["n"].tolist() == expected and kinds(survey)["n"] == "scale"


@pytest.mark.parametrize("cells, key", [
    (["1,2,3", "2,4", "1"], "several_numbers"), (["1,2", "1,3", "2,3", "1"], "several_numbers"), (["1,234", "2,500", "7"], "unclear_thousands"),
    (["1;2", "2", "1"], "several_numbers"),
])
def test_what_could_mean_two_things_stays_text(read, cells, key):
    survey = read("n,why\n" + "".join(f'"{cell}",x\n' for cell in cells))
    assert survey.answers["n"].tolist() == cells and len(reported(survey, key)) == 1


def test_leading_zeros_and_long_ids_stay_text(read):
    survey = read("code,long\n007,12345678901234567890\n010,12345678901234567891\n")
    assert survey.answers["code"].tolist() == ["007", "010"] and survey.answers["long"].iloc[0] == "12345678901234567890"


def test_labelled_ends_of_a_scale(read):
    cells = ["10 - Extremely likely", "9", "8", "0 - Not at all likely", "7", "9"]
    survey = read("likely,why\n" + "".join(f"{cell},x\n" for cell in cells))
    assert survey.answers["likely"].tolist() == [10, 9, 8, 0, 7, 9] and len(reported(survey, "labelled_number")) == 2


def test_a_word_among_many_numbers_is_refused_with_its_row(read):
    survey = read("score,why\n" + "".join(f"{i % 11},x\n" for i in range(30)) + "ten,x\n")
    assert pd.isna(survey.answers["score"].iloc[30]) and reported(survey, "not_a_number")[["row", "value"]].values.tolist() == [[32, "ten"]]
    few = read("score,why\n9,x\nten,x\n7,x\n")
    assert few.answers["score"].tolist() == ["9", "ten", "7"] and len(reported(few, "mostly_numbers")) == 1


def test_what_excel_damaged(read):
    survey = read("Employees,Order number\n51-200,1.23E+11\nFeb-50,\"1,23E+11\"\n51-200,x\nŞub.50,y\n10-Ara,z\n")
    assert reported(survey, "excel_date")[["row", "value"]].values.tolist() == [[3, "Feb-50"], [5, "Şub.50"], [6, "10-Ara"]]
    assert reported(survey, "scientific")["row"].tolist() == [2, 3]


# --- personal data --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [
    "Name", "First name", "Your full name", "Kullanıcı Adı", "Username", "Adınız", "Adı Soyadı", "Ad-Soyad", "İsim Soyisim", "E-posta", "Email Address", "E-mail", "e-posta adresiniz",
    "Telefon numaranız", "Cep telefonu", "Phone number", "GSM", "IP Address", "Location", "LocationLatitude", "Longitude", "Adres", "T.C. Kimlik No",
])
def test_personal_headers(read, header):
    values = {"p": "0532 000 00 00", "m": "a@example.org", "i": "10.0.0.1", "t": "10000000146"}
    key = {"GSM": "p", "Phone number": "p", "Cep telefonu": "p", "Telefon numaranız": "p", "IP Address": "i", "T.C. Kimlik No": "t"}.get(header)
    value = values[key or ("m" if re.search("mail|posta", header) else "")] if key or re.search("mail|posta", header) else "41.0082 x"
    survey = read(f'"{header}","Why?"\n"{value}","so"\n"","so"\n')
    assert list(survey.personal) == [header] and survey.personal.iloc[0, 0] == value and len(reported(survey, "personal")) == 1


@pytest.mark.parametrize("header, cells", [
    ("Name an organisation that gives excellent experiences", ["Alfa", "Beta"]), ("Kurum adı", ["Alfa", "Beta"]), ("Brand name", ["Alfa", "Beta"]),
    ("Phone", ["yes", "no"]), ("E-mail", ["weekly", "never"]), ("How do you like our location?", ["good", "bad"]), ("Location", ["4", "5"]),
    ("Respond by phone?", ["yes", "no"]), ("Name", ["1", "2"]), ("Adil mi?", ["evet", "hayır"]),
])
def test_not_personal(read, header, cells):
    assert read(f'"{header}","Why?"\n' + "".join(f'"{cell}","so"\n' for cell in cells)).personal.empty


@pytest.mark.parametrize("cells", [["a@example.org", "b@example.org"], ["10.0.0.1", "10.0.0.2"], ["+90 532 000 00 00", "0532 000 00 01"], ["10000000146"] * 3])
def test_personal_by_values(read, cells):
    assert list(read('"Q7","Why?"\n' + "".join(f'"{cell}","so"\n' for cell in cells)).personal) == ["Q7"]


def test_personal_values_are_not_quoted_in_the_report(read):
    survey = read("E-mail,Why?\nþ@example.org,so\nb@example.org,so\n")
    assert survey.report["value"].isna().all() and len(reported(survey, "wrong_letter")) == 1


@pytest.mark.parametrize("header, cells, kind", [
    ("I agree to take part", ["Yes", "Yes"], "consent"), ("consent_survey", ["yes", "no"], "consent"), ("Açık rıza", ["Onaylıyorum", ""], "consent"),
    ("Katılım", ["Okudum, kabul ediyorum.", "Okudum, kabul ediyorum."], "consent"),
    ("May we contact you about what you answered here?", ["Yes", "No"], "consent"), ("Yanıtlarınızın kullanılmasına rıza gösteriyor musunuz?", ["Evet", ""], "consent"),
    ("Do you agree that your answers are used?", ["Yes", "No"], "consent"), ("Do you agree that prices are fair?", ["Yes", "No"], "single"),
    ("I agree that the staff is friendly", ["Strongly agree", "Disagree", "Neutral", "Agree"], "single"),
])
def test_consent(read, header, cells, kind):
    assert kinds(read(f'"{header}","n"\n' + "".join(f'"{cell}","1"\n' for cell in cells * 2)))[header] == kind


# --- rows -------------------------------------------------------------------------------------------------------------------------------------


def test_a_missing_quotation_mark_that_a_later_one_closes_is_told(read):
    survey = read('n,shop,why\n1,east,fine\n2,west,"slow\n3,east,good\n4,east,"rude, too"\n5,west,ok\n')
    assert reported(survey, "quote_spans")["row"].tolist() == [3] and "3 lines" in reported(survey, "quote_spans")["problem"].iloc[0]
    whole = read('n,shop,why\n1,east,"slow,\n""very"" slow\n\nand rude"\n2,west,ok\n3,"we\nst","a\nb"\n')
    assert reported(whole, "quote_spans").empty and len(whole.answers) == 3


def test_rows_that_are_no_respondents(read):
    survey = read("\nage,why\n31,slow\n\nage,why\n ,\n28,rude,extra\n44\n50,fine\n\n")
    assert survey.counts.to_dict() == {"rows_in_file": 10, "header_rows": 1, "blank_rows": 4, "set_aside": 2, "read": 3}
    assert list(survey.answers.index) == [3, 8, 9] and list(survey.set_aside.index) == [5, 7]
    assert survey.set_aside.loc[7].tolist() == ["28", "rude", "extra"]
    assert reported(survey, "extra_cell")[["row", "column", "value"]].values.tolist() == [[7, "C", "extra"]]
    assert reported(survey, "repeated_header")["row"].tolist() == [5] and reported(survey, "short_rows")["row"].tolist() == [8]


def test_blank_cells_beyond_the_headers_are_no_trouble(read):
    survey = read("age,why\n31,slow,,\n28,rude,,\n")
    assert survey.answers.shape == (2, 2) and survey.counts["set_aside"] == 0


def test_the_same_answers_within_a_minute(read):
    survey = read("Timestamp,Why?,Score\n2024-03-05 10:00:00,slow,3\n2024-03-05 10:00:40,slow,3\n2024-03-05 10:02:00,slow,3\n2024-03-05 10:02:01,slow,4\n")
    assert reported(survey, "same_answers")["row"].tolist() == [3] and len(survey.answers) == 4


def test_a_column_without_a_name(read):
    survey = read("age,,why\n31,x,slow\n28,y,rude\n")
    assert list(survey.answers) == ["age", "(no name, column B)", "why"]


def test_ticked_columns_of_one_header_row_are_one_question(read):
    survey = read("Channels - Phone,Channels - Chat,Rate - Speed,Rate - Price\nPhone,,1,2\nPhone,Chat,3,4\n,,5,5\n")
    assert survey.answers["Channels"].tolist()[:2] == [("Phone",), ("Phone", "Chat")] and list(survey.answers) == ["Channels", "Rate - Speed", "Rate - Price"]


def test_headers_far_down_and_headers_that_are_numbers(read):
    assert list(read("\n" * 400 + "age,why\n31,slow\n").answers.index) == [402]
    assert reported(read("1,2\n3,4\n"), "header_numbers")["row"].tolist() == [1]


# --- workbooks --------------------------------------------------------------------------------------------------------------------------------


def test_cells_of_a_workbook_are_what_the_spreadsheet_shows(read):
    rows = [[None], [None, "id", "score", "share", "when", "open", "yes"], [None, 118123456789012.0, 5.0, 0.1 + 0.2, datetime.datetime(2024, 3, 5, 12, 30), "NA", True],
            [None, 7.0, 6.0, 0.45, datetime.date(2024, 3, 6), "x", False]]
    survey = read(workbook(rows), "book.csv")  # whatever its name says
    assert list(survey.answers.index) == [3, 4] and survey.answers["id"].tolist() == ["118123456789012", "7"]
    assert survey.answers["score"].tolist() == [5, 6] and survey.answers["share"].tolist() == [0.3, 0.45]
    assert survey.answers["when"].tolist() == [pd.Timestamp("2024-03-05 12:30"), pd.Timestamp("2024-03-06")]
    assert survey.answers["yes"].tolist() == ["TRUE", "FALSE"] and survey.answers["open"].iloc[0] == "NA"


def test_the_first_sheet_that_is_not_empty(read):
    survey = read(workbook([], {"Answers": [["age"], [31]], "Notes": [["x"]]}), "book.xlsx")
    assert survey.answers["age"].tolist() == [31] and "Notes" in reported(survey, "sheet_used")["problem"].iloc[0]


# --- what cannot be read -------------------------------------------------------------------------------------------------------------------------


def test_no_file(tmp_path):
    for path in (tmp_path / "no.csv", tmp_path, "a\0b", 3, None):
        with pytest.raises(cx.CxError):
            cx.read_survey(path)


@pytest.mark.parametrize("data", [b"", b"\n\n \n", codecs.BOM_UTF8, b",,,\n,,\n", b";;\n", workbook([]), workbook([["", " "]])])
def test_empty(refused, data):
    assert "is empty" in refused(data)


@pytest.mark.parametrize("data", [b"age,why", b"age,why\n\n,\n", "\n".join(SURVEYMONKEY.split("\r\n")[:2]), workbook([["age", "why"]])])
def test_only_headers(refused, data):
    assert "no answers" in refused(data)


def test_nobody_finished(refused):
    head = "\r\n".join(SURVEYMONKEY.split("\r\n")[:2])
    assert "nobody has finished" in refused(head + "\r\n114000000001,90001,10/31/2018 03:50:46 PM,,1.2.3.4,,,,,,,,,,,,,,\r\n")


def test_wrong_separator(refused):
    assert "separator=';'" in refused("a;b;c\n1;2;3\n4;5;6\n", separator=",") and "separator=':'" in refused("a:b:c\n1:2:3\n4:5:6\n")
    for bad in ("ab", "", 3, '"', "\n"):
        assert "separator=" in refused("a;b\n1;2\n", separator=bad)


def test_two_columns_with_one_name(refused):
    message = refused("age,why,Age ,why \n1,2,3,4\n")
    assert "'why'" in message and "column B" in message and "column D" in message


@pytest.mark.parametrize("data, said", [
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(50), "picture"), (b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(50), "picture"), (b"GIF89a\x01\0" + bytes(20), "picture"),
    (b"%PDF-1.7\n" + bytes(range(256)), "PDF"), (b"<!DOCTYPE html><html><body>log in</body></html>", "web page"), (b"\n<html>", "web page"),
    (b'[{"a": 1}]', "JSON"), (b'{"answers": []}', "JSON"), (b"$FL2@(#) SPSS DATA FILE", "SPSS"), (bytes(range(256)) * 40, "neither"),
    (b"PK\x03\x04" + b"x" * 200, "broken"), (workbook([["a"], [1]])[:2000], "broken"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "broken"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000) + "EncryptedPackage".encode("utf-16-le") + bytes(2000), "password"), (b"\x1f\x8b\x08" + bytes(9), "archive"),
    (b'a,b\n1,"open\n2,3\n4,5\n', "quotation mark"), (b"a,b\n1,2,3\n4,5,6\n7,8,9\n", "more cells than the headers"),
])
@pytest.mark.parametrize("name", ["answers.csv", "answers.xlsx"])
def test_other_kinds_of_file(refused, data, said, name):
    message = refused(data, name)
    assert said in message and name in message


@pytest.mark.parametrize("inside, said", [("Index/Document.iwa", "Numbers"), ("answers.csv", "Unpack"), ("word/document.xml", "text document")])
def test_other_zips(refused, inside, said):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(inside, "x")
    assert said in refused(stream.getvalue())


def test_one_endless_line(tmp_path):
    file = tmp_path / "huge.csv"
    with open(file, "wb") as stream:
        stream.write(b"a,b\n" + b"x" * 300_000)
        stream.truncate(2_000_000_000)  # sparse: 2 GB that take no room
    with pytest.raises(cx.CxError, match="without a break|neither a text"):
        cx.read_survey(file)
    file.write_bytes(b"a,b\n" + b"x" * (grids.LONGEST_LINE + grids.CHUNK))
    with pytest.raises(cx.CxError, match="without a break"):
        cx.read_survey(file)


def test_unknown_source(refused, read):
    assert "google_forms" in refused(FORMS, source="googel")
    assert read(FORMS, source="plain").source == "plain"
    for source in survey_sources.SOURCES:
        adds_up(read(PLAIN, source=source))


# --- everything ---------------------------------------------------------------------------------------------------------------------------------


def test_every_message_of_a_report_has_its_action():
    messages = tomllib.loads((framework.HERE / "messages" / "exports.toml").read_text(encoding="utf-8"))
    for key, texts in messages.items():
        assert set(texts) == {"en", "tr"}
        assert set(re.findall(r"(?<!\{)\{(\w+)", texts["en"])) == set(re.findall(r"(?<!\{)\{(\w+)", texts["tr"])), key
        assert not key.endswith("_do") or key.removesuffix("_do") in messages


def test_turkish_speaks_turkish(read):
    cx.use_language("tr")
    try:
        survey = read(PLAIN.encode("cp1254"))
        assert "kişisel veri" in survey.report["problem"].str.cat() and repr(survey).startswith("Anket")
    finally:
        cx.use_language("en")


def anything(tmp_path_factory, data, name="x.csv"):
    file = tmp_path_factory / name
    file.write_bytes(data)
    try:
        survey = cx.read_survey(file)
    except cx.CxError:
        return
    adds_up(survey)
    repr(survey)


quick = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
cell = st.one_of(st.sampled_from(["", " ", "1", "7,5", "2.5", "1,2,3", "NA", "31.02.2024", "3/4/2024", "43290.5", "a;b", "a, b", "'=1", "Feb-50", "Response",
                                  "Respondent ID", "Timestamp", "E-mail", "a@b.co", "Evet", "\ufffd", "<b>x</b>", "{x}", "$", "1.234.567", "10 - x"]),
                 st.text(max_size=8))


@quick
@given(data=st.binary(max_size=300))
def test_any_bytes(tmp_path, data):
    anything(tmp_path, data)


@quick
@given(text=st.text(alphabet=st.sampled_from('ab1,;\t|"\n\r\'=.:/\ufeff\0ığ '), max_size=200))
def test_any_text(tmp_path, text):
    anything(tmp_path, text.encode())


@quick
@given(rows=st.lists(st.lists(cell, min_size=1, max_size=5), min_size=1, max_size=8), separator=st.sampled_from(",;\t"))
def test_any_grid(tmp_path, rows, separator):
    text = "\n".join(separator.join('"' + c.replace('"', '""') + '"' for c in row) for row in rows)
    anything(tmp_path, text.encode("utf-8", "replace"))


@quick
@given(which=st.sampled_from(sorted(SAMPLES)), at=st.floats(0, 1), patch=st.one_of(st.binary(max_size=6), st.sampled_from([b'"', b"\n", b",", b";", b"\0"])),
       cut=st.integers(0, 40))
def test_any_damage(tmp_path, which, at, patch, cut):
    data = SAMPLES[which]
    i = int(at * len(data))
    anything(tmp_path, data[:i] + patch + data[i + cut:])


@settings(quick, max_examples=60)
@given(at=st.floats(0, 1), patch=st.binary(min_size=1, max_size=8))
def test_any_damaged_workbook(tmp_path, at, patch):
    data = workbook([["age", "why"], [31, "slow"], [28, "rude"]])
    i = int(at * len(data))
    anything(tmp_path, data[:i] + patch + data[i + len(patch):], "x.xlsx")


@given(st.text(max_size=30))
def test_a_clean_text_stays_clean(text):
    assert survey_cells.tidy(survey_cells.tidy(text)) == survey_cells.tidy(text)


def test_columns_come_back_as_they_were():
    texts = np.array(["b", "", " a ", "b", "\xa0a"])
    columns, rows, blank, aside, remarks = survey_cells.collect(((i, [text, "x"]) for i, text in enumerate(texts)), 2, [["h", "k"]])
    assert question_kinds.texts(columns[0]).fillna("").tolist() == ["b", "", "a", "b", "a"] and rows.tolist() == list(range(5)) and not aside
