"""The survey tools one by one: exports of the exact shape that each vendor writes, in Turkish and English, and every trap of theirs."""

import csv
import datetime
import io
import re
import struct
import sys

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_exports import anything, kinds, quick, reported, workbook

import cxlab as cx
from cxlab import survey_tools


def text(rows, separator=",", end="\r\n", quoting=csv.QUOTE_MINIMAL):
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, lineterminator=end, quoting=quoting).writerows(rows)
    return stream.getvalue()


def question(survey, column):
    return survey.questions.set_index("column").loc[column]


def values(survey, column):
    return [None if not isinstance(value, (tuple, list)) and pd.isna(value) else value for value in survey.answers[column].tolist()]


# --- Qualtrics -------------------------------------------------------------------------------------------------------------------------

META = ("StartDate EndDate Status IPAddress Progress", "Duration (in seconds)", "Finished RecordedDate ResponseId RecipientLastName RecipientFirstName "
        "RecipientEmail ExternalReference LocationLatitude LocationLongitude DistributionChannel UserLanguage")
META = [*META[0].split(), META[1], *META[2].split()]
META_EN = ["Start Date", "End Date", "Response Type", "IP Address", "Progress", "Duration (in seconds)", "Finished", "Recorded Date", "Response ID", "Recipient Last Name",
           "Recipient First Name", "Recipient Email", "External Data Reference", "Location Latitude", "Location Longitude", "Distribution Channel", "User Language"]
META_TR = ["Başlangıç Tarihi", "Bitiş Tarihi", "Yanıt Türü", "IP Adresi", "İlerleme", "Süre (saniye)", "Tamamlandı", "Kaydedilme Tarihi", "Yanıt Kimliği", "Alıcı Soyadı",
           "Alıcı Adı", "Alıcı E-postası", "Harici Veri Referansı", "Konum Enlemi", "Konum Boylamı", "Dağıtım Kanalı", "Kullanıcı Dili"]
IMPORT = ["startDate", "endDate", "status", "ipAddress", "progress", "duration", "finished", "recordedDate", "_recordId", "recipientLastName", "recipientFirstName",
          "recipientEmail", "externalDataReference", "locationLatitude", "locationLongitude", "distributionChannel", "userLanguage"]
ASKED = [  # short, English text, Turkish text, ImportId, answers of three people and of a preview
    ("Q1", "How likely are you to\nrecommend us?", "Bizi önermeniz ne kadar\nolası?", "QID1", ["10", "0", "7", "1"]),
    ("Q1_NPS_GROUP", "How likely … - Group", "Bizi … - Grup", "QID1_NPS_GROUP", ["Promoter", "Detractor", "Passive", "Detractor"]),
    ("Q2", "Which channels? - Selected Choice", "Hangi kanallar? - Seçilen Tercih", "QID2", ["Phone,Shop, kiosk", "Phone", "Shop, kiosk", "Phone"]),
    ("Q2_4_TEXT", "Which channels? - Other (please specify) - Text", "Hangi kanallar? - Diğer - Metin", "QID2_4_TEXT", ["", "by fax", "", "x"]),
    ("Q3_1", "Please rate - Speed", "Lütfen puanlayın - Hız", "QID3_1", ["Good", "Bad", "Good", "Bad"]),
    ("Q3_2", "Please rate - Staff", "Lütfen puanlayın - Personel", "QID3_2", ["Bad", "Bad", "Good", "Bad"]),
    ("Q4", "What annoys&nbsp;<b>you</b> most?", "Sizi en çok ne\xa0rahatsız eder?", "QID4_TEXT", ["Waiting,\nand waiting", "NA", "ığüşöç", "x"]),
    ("Q2_DO", "Which channels? - Display Order", "Hangi kanallar? - Görüntüleme Sırası", "QID2_DO", ["1|2|4", "2|1|4", "4|1|2", "1|2|4"]),
    ("Q4_Page Submit", "Timing - Page Submit", "Zaman - Page Submit", "QID5_PAGE_SUBMIT", ["3.21", "4.5", "9.125", "1"]),
]


def qualtrics(turkish=False, codes=False, meta=True, third=True):
    status = ["0", "0", "0", "1"] if codes else ["IP Adresi"] * 3 + ["Anket Önizlemesi"] if turkish else ["IP Address"] * 3 + ["Survey Preview"]
    done = ["1", "1", "0", "1"] if codes else ["Doğru", "Doğru", "Yanlış", "Doğru"] if turkish else ["True", "True", "False", "True"]
    body = [["2024-03-05 14:07:09", "2024-03-05 14:11:00", status[k], f"10.0.0.{k}", "40" if k == 2 else "100", "231", done[k], "2024-03-05 14:11:02", f"R_3fXq{k}aB", "Lace", "Ada",
             "a@example.org", "", "41.0082", "28.9784", "anonymous", "TR" if turkish else "EN"] if meta else [] for k in range(4)]
    rows = [META if meta else [], (META_TR if turkish else META_EN) if meta else [], [f'{{"ImportId":"{name}"}}' for name in IMPORT] if meta else []]
    if meta:
        rows[2] = ['{"ImportId":"startDate","timeZone":"Europe/Istanbul"}', *rows[2][1:]]
    rows[0], rows[1] = rows[0] + [q[0] for q in ASKED], rows[1] + [q[2 if turkish else 1] for q in ASKED]
    rows[2] = rows[2] + [f'{{"ImportId":"{q[3]}"}}' for q in ASKED]
    coded = {"Q2": ["1,2,4", "1", "2,4", "1"], "Q3_1": ["1", "2", "1", "2"], "Q3_2": ["2", "2", "1", "2"]} if codes else {}
    return rows[:3 if third else 2] + [row + [coded.get(q[0], q[4])[k] for q in ASKED] for k, row in enumerate(body)]


@pytest.mark.parametrize("turkish", [False, True])
@pytest.mark.parametrize("shape", ["csv", "csv utf-8-sig", "csv cp1254", "tsv utf-16", "tsv utf-8", "xlsx", "two rows"])
def test_qualtrics(read, turkish, shape):
    rows = qualtrics(turkish, third=shape != "two rows")
    if shape == "xlsx":
        data = workbook([[float(c) if c.replace(".", "", 1).isdigit() else c or None for c in row] for row in rows])
    else:
        data = text(rows, "\t" if "tsv" in shape else ",").encode(shape.split()[1] if " " in shape and shape != "two rows" else "utf-8")
    survey = read(data)
    first = 3 if shape == "two rows" else 4
    assert survey.source == "qualtrics" and list(survey.answers.index) == [first, first + 1, first + 2]  # records, although headers hold line breaks
    assert survey.counts.to_dict() == {"rows_in_file": first + 3, "header_rows": first - 1, "blank_rows": 0, "set_aside": 1, "read": 3}
    assert list(survey.personal) == ["IPAddress", "RecipientLastName", "RecipientFirstName", "RecipientEmail", "LocationLatitude", "LocationLongitude"]
    assert values(survey, "Q2") == [("Phone", "Shop, kiosk"), ("Phone",), ("Shop, kiosk",)] and values(survey, "Q1") == [10, 0, 7]
    assert values(survey, "Q4") == ["Waiting,\nand waiting", "NA", "ığüşöç"] and values(survey, "Q2_4_TEXT") == [None, "by fax", None]
    assert survey.answers["StartDate"].iloc[0] == pd.Timestamp("2024-03-05 14:07:09")
    kind = kinds(survey)
    assert [kind[name] for name in ("Q1", "Q2", "Q2_4_TEXT", "Q3_1", "Q3_2", "Q4", "Q2_DO", "Q1_NPS_GROUP", "Q4_Page Submit", "ResponseId", "Finished", "Progress")] == [
        "scale", "multiple", "open", "single", "single", "open", *["meta"] * 6]
    assert question(survey, "Q1")["text"] == ("Bizi önermeniz ne kadar olası?" if turkish else "How likely are you to recommend us?")
    assert question(survey, "Q2")["text"] == ("Hangi kanallar?" if turkish else "Which channels?")
    assert question(survey, "Q3_2")["text"] == ("Lütfen puanlayın – Personel" if turkish else "Please rate – Staff")
    assert question(survey, "Q4")["text"] == ("Sizi en çok ne rahatsız eder?" if turkish else "What annoys you most?")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_qualtrics_tabs_without_quotation_marks(read, encoding):
    rows = [[cell.replace("\n", " ") for cell in row] for row in qualtrics()]
    survey = read("\r\n".join("\t".join(row) for row in rows).encode(encoding))
    assert survey.source == "qualtrics" and survey.counts["read"] == 3 and values(survey, "Q2")[0] == ("Phone", "Shop, kiosk")


@pytest.mark.parametrize("turkish", [False, True])
@pytest.mark.parametrize("codes", [False, True])
def test_qualtrics_previews_and_unfinished_answers(read, turkish, codes):
    survey = read(text(qualtrics(turkish, codes)))
    assert list(survey.set_aside.index) == [7] and reported(survey, "preview")["row"].tolist() == [7]
    unfinished = reported(survey, "unfinished")
    assert unfinished[["row", "column"]].values.tolist() == [[6, "Finished"]] and ": 1;" in unfinished["problem"].iloc[0] and 6 in survey.answers.index
    assert len(reported(survey, "codes_exported")) == codes and len(reported(survey, "times_in_zone")) == 1
    assert values(survey, "Q2") == ([("1", "2", "4"), ("1",), ("2", "4")] if codes else [("Phone", "Shop, kiosk"), ("Phone",), ("Shop, kiosk",)])
    assert len(reported(survey, "split")) == 1


def test_qualtrics_without_meta_columns(read):
    survey = read(text(qualtrics(meta=False)))
    assert survey.source == "qualtrics" and len(survey.answers) == 4 and list(survey.answers.index) == [4, 5, 6, 7] and survey.personal.empty


def test_qualtrics_only_previews_is_no_answer(read):
    with pytest.raises(cx.CxError, match="no answers"):
        read(text(qualtrics()[:3] + qualtrics()[-1:]))


def test_qualtrics_put_together_repeats_its_headers(read):
    rows = qualtrics()
    survey = read(text(rows + rows))
    assert len(survey.answers) == 6 and len(reported(survey, "repeated_header")) == 3 and survey.counts["set_aside"] == 5


SPLIT = [["ResponseId", "Status", "Q3_1", "Q3_2", "Q3_9", "Q3_9_TEXT", "Q5_1", "Q5_2"],
         ["Response ID", "Response Type", *[f"Which?{{}}{x}" for x in ("Phone", "Shop - kiosk", "Other", "Other - Text")], "Rate - Speed", "Rate - Price"]]


@pytest.mark.parametrize("joint", [" - Selected Choice - ", " - Seçilen Seçim - ", " - "])
@pytest.mark.parametrize("mark", ["text", "1"])
@pytest.mark.parametrize("choice", [True, False])
def test_qualtrics_split_over_columns(read, joint, mark, choice):
    ids = ["_recordId", "status", *["QID3"] * 3, "QID3_9_TEXT", "QID5_1", "QID5_2"]
    rows = [SPLIT[0], [cell.format(joint) for cell in SPLIT[1]],
            [f'{{"ImportId":"{name}"' + (f',"choiceId":"{SPLIT[0][i][3:]}"}}' if choice and i in (2, 3, 4) else "}") for i, name in enumerate(ids)]]
    rows += [["R_1", "IP Address", "Phone", "Shop - kiosk", "", "", "1", "2"], ["R_2", "IP Address", "Phone", "", "Other", "fax", "1", "2"], ["R_3", "IP Address", "", "Shop - kiosk", "", "", "1", "1"]]
    if mark == "1":
        rows[3:] = [[("1" if i in (2, 3, 4) and cell else cell) for i, cell in enumerate(row)] for row in rows[3:]]
    survey = read(text(rows))
    assert values(survey, "Q3") == [("Phone", "Shop - kiosk"), ("Phone", "Other"), ("Shop - kiosk",)]
    assert question(survey, "Q3")["text"] == "Which?" and kinds(survey)["Q3_9_TEXT"] == "open"
    assert kinds(survey)["Q5_1"] == kinds(survey)["Q5_2"] == "scale"  # everybody gave a 1 for speed: a grid all the same


def test_qualtrics_columns_of_ones_are_a_guess_that_is_said(read):
    rows = [["V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8", "V9", "V10", "Q3_1", "Q3_2"],
            ["ResponseID", "ResponseSet", "Name", "ExternalDataReference", "EmailAddress", "IPAddress", "Status", "StartDate", "EndDate", "Finished", "Which?-Phone", "Which?-E-mail"]]
    for k in range(3):
        rows.append([f"R_a{k}", "Default Response Set", "Ada", "", "a@example.org", "10.0.0.1", "0", "2014-03-05 14:07:09", "2014-03-05 14:08:09", "1", "1" if k else "", "" if k == 1 else "1"])
    survey = read(text(rows))
    assert values(survey, "Q3") == [("E-mail",), ("Phone",), ("Phone", "E-mail")] and len(reported(survey, "ticked_guess")) == 1
    assert survey.source == "qualtrics" and list(survey.personal) == ["V3", "V5", "V6"] and kinds(survey)["V8"] == "date" and kinds(survey)["V1"] == "meta"


@pytest.mark.parametrize("second", [
    ["Yanıt Kimliği", "Yanıt Kümesi", "Ad", "Harici Veri", "E-posta Adresi", "IP Adresi", "Durum", "Başlangıç", "Bitiş", "Tamamlandı", "Neden?"],
    ["ResponseID", "ResponseSet", "Name", "ExternalDataReference", "EmailAddress", "IPAddress", "Status", "StartDate", "EndDate", "Finished", "Neden?"], None])
@pytest.mark.parametrize("numbered", [True, False])
def test_qualtrics_legacy(read, second, numbered):
    names = ["ResponseID", "ResponseSet", "Name", "ExternalDataReference", "EmailAddress", "IPAddress", "Status", "StartDate", "EndDate", "Finished"]
    rows = [[*([f"V{k}" for k in range(1, 11)] if numbered else names), "Q1"], *([second] if second else [])]
    rows += [[f"R_a{k}", "Default Response Set", "Ada", "7", "a@example.org", "10.0.0.1", "1" if k == 2 else "0", "2014-03-05 14:07:09", "2014-03-05 14:08:09", "01"[k % 2], "çünkü öyle"] for k in range(4)]
    survey = read(text(rows))
    first = 2 + bool(second)
    assert survey.source == "qualtrics" and list(survey.answers.index) == [first, first + 1, first + 3] and list(survey.set_aside.index) == [first + 2]
    assert len(survey.personal.columns) == 3 and reported(survey, "unfinished")["row"].tolist() == [first] and values(survey, "Q1") == ["çünkü öyle"] * 3
    assert sorted(kinds(survey).values()) == sorted(["date"] * 2 + ["meta"] * 5 + ["personal"] * 3 + [kinds(survey)["Q1"]])


@pytest.mark.parametrize("cells, kind, key", [
    (["Good,but slow", "Bad", "Never,ever", "Fine"], "open", None), (["7,5", "8,25", "7", "9"], "scale", "decimal_comma"),
    (["1,2", "2,3", "1", "1,3"], "open single", "several_numbers"), (["Phone,Shop", "Phone,Web", "Phone", "Phone,Shop"] * 2, "single", "maybe_several"),
    (["Phone,Shop", "Phone", "Shop", "Phone"], "multiple", "split"), (["1,2,3", "2", "1", "3"], "multiple", "split"), (["3,2,1", "2", "1", "3"], "open single", "several_numbers"),
])
def test_qualtrics_cells_with_commas(read, cells, kind, key):
    rows = [["ResponseId", "Q1"], ["Response ID", "Q?"], ['{"ImportId":"_recordId"}', '{"ImportId":"QID1"}'], *([f"R_{i}", cell] for i, cell in enumerate(cells))]
    survey = read(text(rows))
    assert kinds(survey)["Q1"] in kind.split() and (key is None or len(reported(survey, key)) == 1)
    assert kinds(read(text(rows), options={"Q1": False}))["Q1"] == "single" and kinds(read(text(rows), options={"Q?": ","}))["Q1"] == "multiple"


def test_qualtrics_unanswered_as_minus_99_is_no_answer(read):
    rows = [["ResponseId", "Q1", "Q2_1", "Q2_2", "Q3"], ["Response ID", "Likely?", "Which? - Selected Choice - A", "Which? - Selected Choice - B", "Change?"],
            [f'{{"ImportId":"{name}"}}' for name in ("_recordId", "QID1", "QID2", "QID2", "QID3")]]
    survey = read(text([*rows, ["R_1", "9", "A", "", "-99"], ["R_2", "-99", "-99", "-99", "-5"], ["R_3", "8", "", "B", "12"]]))
    assert values(survey, "Q1") == [9, None, 8] and values(survey, "Q2") == [("A",), None, ("B",)] and values(survey, "Q3") == [-99, -5, 12]
    assert reported(survey, "tool_missing")[["row", "column", "value"]].values.tolist() == [[5, "Q1", "-99"], [5, "Q2", "-99"], [5, "Q2", "-99"]]


def test_qualtrics_whose_second_and_third_row_were_deleted(read):
    survey = read(text([qualtrics()[0], *qualtrics()[3:]]))
    assert survey.source == "qualtrics" and list(survey.answers.index) == [2, 3, 4] and question(survey, "Q3_1")["text"] == "Q3_1"


# --- Microsoft Forms ---------------------------------------------------------------------------------------------------------------------

MICROSOFT = {
    "en": ["ID", "Start time", "Completion time", "Email", "Name", "Last modified time"],
    "tr": ["Kimlik", "Başlangıç zamanı", "Tamamlama zamanı", "E-posta", "Ad", "Son değişiklik zamanı"],
    "de": ["ID", "Startzeit", "Fertigstellungszeit", "E-Mail", "Name", "Uhrzeit der letzten Änderung"],
    "fr": ["ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom", "Language"],
}


def microsoft(language, when, anonymous="anonymous"):
    head = [*MICROSOFT[language], "Hangi\xa0kanallar?\xa0", "How likely?", "Why?", "Why?2", "Sıralayın", "Hız"]
    body = [["Phone;E-mail, chat;", 9, "slow; rude", "x", "A;B;C;", "Good"], ["Phone;", 10, "None", "y", "C;B;A;", "Bad"], ["", 0, "so so;", "", "B;A;C;", "Good"]]
    return [head, *([k + 1, when(k), when(k + 1), anonymous if k else "a@example.org", None if k else "Ada Lace", None, *row] for k, row in enumerate(body))]


@pytest.mark.parametrize("language", MICROSOFT)
@pytest.mark.parametrize("times", ["datetime", "serial", "us text", "csv tr"])
def test_microsoft_forms(read, language, times):
    start = datetime.datetime(2024, 3, 25, 14, 7, 9)
    forms = {"datetime": lambda k: start + datetime.timedelta(minutes=k), "serial": lambda k: 45376.588298611 + k / 1440,
             "us text": lambda k: f"3/25/24 14:0{7 + k}:09", "csv tr": lambda k: f"25.03.2024 14:0{7 + k}:09" if k < 3 else "25.03.2024 14:10:09"}
    rows = microsoft(language, lambda k: forms[times](min(k, 2)), "anonim" if language == "tr" else "anonymous")
    survey = read(text(rows, ";").encode("cp1254") if times == "csv tr" else workbook(rows))
    head = MICROSOFT[language]
    assert survey.source == "microsoft_forms" and list(survey.personal) == head[3:5] and kinds(survey)[head[0]] == "meta"
    assert survey.answers[head[1]].iloc[0] == pd.Timestamp(start) and kinds(survey)[head[2]] == "date"
    assert values(survey, "Hangi kanallar?") == [("Phone", "E-mail, chat"), ("Phone",), None]  # no empty last choice
    assert values(survey, "How likely?") == [9, 10, 0] and values(survey, "Why?") == ["slow; rude", "None", "so so;"] and kinds(survey)["Why?"] == "open"
    assert reported(survey, "anonymous")["row"].tolist() == [3] and len(reported(survey, "maybe_ranking")) == 1 and values(survey, "Sıralayın")[1] == ("C", "B", "A")


def test_microsoft_forms_all_anonymous_is_no_personal_data(read):
    rows = [["ID", "Start time", "Completion time", "Email", "Name", "Q"], *([k, "3/25/24 14:07:09", "3/25/24 14:08:09", "anonymous", "", f"a{k}"] for k in range(3))]
    survey = read(workbook(rows))
    assert list(survey.personal) == ["Name"] and values(survey, "Email") == ["anonymous"] * 3


def test_microsoft_forms_in_a_language_of_its_own(read):
    survey = read(workbook([["ID", "Tid1", "Tid2", "Post", "Navn", "Hvilke?"], *([k, f"3/25/24 14:0{k}:09", f"3/25/24 15:0{k}:09", "a@example.org", "", "A;B;"] for k in range(3))]))
    assert survey.source == "microsoft_forms" and list(survey.personal) == ["Post"] and kinds(survey)["Tid2"] == "date" and values(survey, "Hvilke?")[0] == ("A", "B")
    bare = read(text([["ID", "Start time", "Completion time", "Why?"], ["1", "3/25/24 14:00:09", "3/25/24 14:00:09", "so"]]))
    assert bare.source == "microsoft_forms" and bare.personal.empty and values(bare, "Why?") == ["so"]


@pytest.mark.parametrize("words", [("Total points", "Quiz feedback", "Points - {}", "Feedback - {}"), ("Toplam puan", "Test geri bildirimi", "Puan - {}", "Geri bildirim - {}")])
def test_microsoft_forms_quiz_columns_are_no_questions(read, words):
    total, feedback, points, said = words
    rows = [["ID", "Start time", "Completion time", "Email", "Name", total, feedback, "Last modified time", "Best?", points.format("Best?"), said.format("Best?"), "Puan verin"]]
    rows += [[k, "3/25/24 14:07:09", "3/25/24 14:08:09", "", "", 5, "", "", "AB"[k % 2], 5, "", k] for k in range(4)]
    survey = read(workbook(rows))
    assert [kinds(survey)[name.format("Best?")] for name in words] == ["meta"] * 4 and kinds(survey)["Last modified time"] == "date" and kinds(survey)["Best?"] == "single" and kinds(survey)["Puan verin"] == "scale"


# --- LimeSurvey --------------------------------------------------------------------------------------------------------------------------

LIME = [  # code, English text, Turkish text, cells in full, cells as codes
    ("id", "Response ID", "Yanıt No", ["1", "2", "3"], None), ("submitdate", "Date submitted", "Gönderilme tarihi", ["2024-03-05 14:07:09", "2024-03-05 14:27:09", ""], None),
    ("lastpage", "Last page", "Son sayfa", ["4", "4", "2"], None), ("startlanguage", "Start language", "Başlangıç dili", ["tr", "tr", "en"], None),
    ("seed", "Seed", "Seed", ["1530287134", "153028713", "15302871"], None), ("startdate", "Date started", "Başlama tarihi", ["2024-03-05 14:01:09"] * 3, None),
    ("datestamp", "Date last action", "Son işlem tarihi", ["2024-03-05 14:07:09"] * 3, None), ("ipaddr", "IP address", "IP adresi", ["10.0.0.1", "10.0.0.2", "10.0.0.3"], None),
    ("refurl", "Referrer URL", "Yönlendiren URL", ["", "https://example.org/x", ""], None),
    ("Q1[SQ001]", "Which channels? [Phone]", "Hangi kanallar? [Telefon]", ["Yes", "", "Yes"], ["Y", "", "Y"]),
    ("Q1[SQ002]", "Which channels? [Shop, kiosk]", "Hangi kanallar? [Mağaza]", ["", "", "Yes"], ["", "", "Y"]),
    ("Q1[other]", "Which channels? [Other]", "Hangi kanallar? [Diğer]", ["", "by fax", ""], None),
    ("Q2[SQ001]", "Please rate [Speed]", "Puanlayın [Hız]", ["Good", "Bad", "Good"], ["A1", "A2", "A1"]),
    ("Q2[SQ002]", "Please rate [Staff]", "Puanlayın [Personel]", ["Bad", "Bad", "Bad"], ["A2", "A2", "A2"]),
    ("Q3", "Why?", "Neden?", ["NA", "şöyle; böyle", "x\ny"], None), ("Q4", "How often?", "Ne sıklıkla?", ["Weekly", "Daily", "Weekly"], ["A3", "A1", "A3"]),
    ("Q4[comment]", "How often? [Comment]", "Ne sıklıkla? [Yorum]", ["", "when it rains", ""], None),
    ("interviewtime", "Total time", "Toplam süre", ["360.5", "1200.25", "81"], None), ("groupTime12", "Group time: About you", "Grup süresi: Siz", ["36.5", "120", "8"], None),
    ("Q1Time", "Question time: Q1", "Soru süresi: Q1", ["3.5", "12", "8"], None),
]


def limesurvey(heading, turkish=False, codes=False):
    texts = [row[2 if turkish else 1] for row in LIME]
    head = {"code": [row[0] for row in LIME], "text": texts, "both": [f"{row[0]}. {words}" for row, words in zip(LIME, texts, strict=True)]}[heading]
    yes = {"Yes": "Evet"} if turkish else {}
    cells = [[yes.get(c, c) for c in (row[4] or row[3] if codes else row[3])] for row in LIME]
    return [head, *([column[k] for column in cells] for k in range(3))]


@pytest.mark.parametrize("heading", ["code", "text", "both"])
@pytest.mark.parametrize("turkish", [False, True])
@pytest.mark.parametrize("separator, encoding", [(",", "utf-8-sig"), (";", "utf-8-sig"), (";", "cp1254"), ("\t", "utf-8")])
@pytest.mark.parametrize("codes", [False, True])
def test_limesurvey(read, heading, turkish, separator, encoding, codes):
    survey = read(text(limesurvey(heading, turkish, codes), separator, "\n", csv.QUOTE_ALL).encode(encoding))
    head, full = limesurvey(heading, turkish, codes)[0], heading != "code"
    column = [h.split(". ")[0] if heading == "both" else h for h in head]
    q1, options = ("Hangi kanallar?", ("Telefon", "Mağaza")) if turkish else ("Which channels?", ("Phone", "Shop, kiosk"))
    name, options = ("Q1" if heading != "text" else q1), options if full else ("SQ001", "SQ002")
    assert survey.source == "limesurvey" and list(survey.personal) == [column[7]] and values(survey, name) == [options[:1], None, options]
    kind = kinds(survey)
    rename = {} if heading != "text" else dict(zip(column, [c.replace(" [", " – ").rstrip("]") for c in column], strict=True))
    names = [rename.get(c, c) for c in column]
    assert [kind[names[i]] for i in (0, 1, 2, 3, 4, 5, 6, 8, 11, 14, 16, 17, 18, 19)] == [
        "meta", "date", "meta", "meta", "meta", "date", "date", "meta", "open", "open", "open", "meta", "meta", "meta"]
    assert kind[names[12]] == kind[names[13]] == kind[names[15]] == "single" and values(survey, names[14]) == ["NA", "şöyle; böyle", "x\ny"]
    assert reported(survey, "unfinished")[["row", "column"]].values.tolist() == [[4, names[1]]] and len(survey.answers) == 3
    assert len(reported(survey, "codes_not_texts")) == 3 * codes + (not full)


def test_limesurvey_other_ways_to_write_a_header(read):
    survey = read("id. Response_ID,submitdate. Date_submitted,lastpage. Last_page,startlanguage. Start_language,seed. Seed,G02Q02_SQ001. Which? [Phone],G02Q02_SQ002. Which? [Web],G02Q03. Why?\n"
                  "1,1980-01-01 00:00:00,3,en,1,Yes,,far\n2,1980-01-01 00:00:00,3,en,2,Yes,Yes,late\n")
    assert survey.source == "limesurvey" and values(survey, "G02Q02") == [("Phone",), ("Phone", "Web")] and values(survey, "G02Q03") == ["far", "late"]
    assert reported(survey, "dummy_dates")["row"].tolist() == [2]


def test_limesurvey_empty_brackets(read):
    survey = read('"id. Response ID","submitdate. Date submitted","lastpage. Last page","startlanguage. Start language","Q1[SQ001]. Your age: []","Q2[]"\n"1","2024-03-05 14:07:09","3","tr","44","x"\n')
    assert question(survey, "Q1[SQ001]")["text"] == "Your age:" and values(survey, "Q1[SQ001]") == [44] and values(survey, "Q2[]") == ["x"]


@pytest.mark.parametrize("cells, other, kind, key", [
    (["Y", "N"], False, "single", "maybe_ticked"), (["Yes", "No"], False, "single", "maybe_ticked"), (["Yes", "No"], True, "multiple", "ticked_guess"),
    (["1", ""], False, "multiple", "ticked_guess"), (["Y", "U"], False, "single", None), (["1", "5"], False, "scale", None),
])
def test_limesurvey_ticked_or_an_array(read, cells, other, kind, key):
    extra = ',"Q1[other]"' if other else ""
    survey = read(f'"id","submitdate","lastpage","startlanguage","Q1[a]","Q1[b]"{extra},"Q2"\n' + "".join(
        f'"{k}","2024-03-05 14:07:09","3","tr","{cells[k % 2]}","{cells[(k + 1) % 2]}"' + (',"fax"' if other else "") + ',"x"\n' for k in range(6)))
    assert kinds(survey)["Q1" if kind == "multiple" else "Q1[a]"] == kind and (key is None or len(reported(survey, key)) in (1, 2))


def test_limesurvey_not_shown(read):
    survey = read('"id","submitdate","lastpage","startlanguage","Q1[a]","Q1[b]","Q2"\n"1","2024-03-05 14:07:09","3","tr","N/A","N/A","x"\n"2","2024-03-05 14:07:09","3","tr","Y","","N/A"\n')
    assert values(survey, "Q1") == [None, ("a",)] and values(survey, "Q2") == ["x", None] and reported(survey, "tool_missing")["row"].tolist() == [2, 2, 3]
    alone = read('"id","submitdate","lastpage","startlanguage","Q2"\n"1","2024-03-05 14:07:09","3","tr","N/A"\n')
    assert values(alone, "Q2") == ["N/A"]


# --- Typeform ------------------------------------------------------------------------------------------------------------------------------

TYPEFORM = [["#", "Which <strong>channels</strong> do you use most?", "Phone", "E-mail, chat", "Never used", "Shop", "Other", "Bus", "Car", "Other", "Do you recommend us?", "utm_source",
             "Response Type", "Start Date (UTC)", "Stage Date (UTC)", "Submit Date (UTC)", "Network ID", "Tags", "Ending"]]
TYPEFORM += [[f"odwdp4nzj1xg6m9l36odwdp4nzlv2gc{k}", "a\nb", *cells, str(k % 2), "mail", "completed" if k else "partial", "2024-03-05 14:07:09", "", f"2024-03-05 14:1{k}:09", "653e97acae", "", ""]
             for k, cells in enumerate([["Phone", "E-mail, chat", "", "", "", "Bus", "", ""], ["", "", "", "Shop", "fax", "", "Car", "on foot"], ["Phone", "", "", "Shop", "", "Bus", "Car", ""]])]


def test_typeform(read):
    survey = read(text(TYPEFORM))
    assert survey.source == "typeform" and values(survey, "Phone; E-mail, chat; Never used; …") == [("Phone", "E-mail, chat"), ("Shop",), ("Phone", "Shop")]
    assert values(survey, "Bus; Car") == [("Bus",), ("Car",), ("Bus", "Car")] and list(survey.answers)[3] == "Other" and values(survey, "Other") == [None, "fax", None]
    assert values(survey, "Other (2)") == [None, "on foot", None] and kinds(survey)["Other"] == kinds(survey)["Other (2)"] == "open"
    assert reported(survey, "options_as_headers")["column"].tolist() == ["Phone; E-mail, chat; Never used; …", "Bus; Car"]
    assert values(survey, "Do you recommend us?") == [0, 1, 0] and len(reported(survey, "maybe_yes_no")) == 1
    assert kinds(survey)["#"] == kinds(survey)["Network ID"] == "meta" and kinds(survey)["Submit Date (UTC)"] == "date" and reported(survey, "unfinished")["row"].tolist() == [2]
    assert "Which channels do you use most?" in survey.answers


def test_typeform_questions_can_be_named_and_taken_apart(read):
    rows = [[cell for i, cell in enumerate(row) if i != 6] for row in TYPEFORM]  # no "Other" between: two questions melt into one
    assert values(read(text(rows)), "Phone; E-mail, chat; Never used; …")[0] == ("Phone", "E-mail, chat", "Bus")
    survey = read(text(rows), options={"Channels": ["Phone", "E-mail, chat", "Never used", "Shop"], "Travel": ["Bus", "Car"]})
    assert values(survey, "Channels") == [("Phone", "E-mail, chat"), ("Shop",), ("Phone", "Shop")] and values(survey, "Travel") == [("Bus",), ("Car",), ("Bus", "Car")]
    part = read(text(rows), options={"Travel": ["Bus", "Car"]})
    assert values(part, "Travel") == values(survey, "Travel") and values(part, "Phone; E-mail, chat; Never used")[0] == ("Phone", "E-mail, chat")


@pytest.mark.parametrize("first, ids", [("#", "a1b2c3d4e5f60718293a4b5c6d7e8f90"), ("Response ID", "x1"), ("Token", "x1")])
@pytest.mark.parametrize("separator, encoding", [(",", "utf-8"), (";", "utf-8-sig"), (",", "utf-16")])
def test_typeform_newer_exports_join_in_one_cell(read, first, ids, separator, encoding):
    joined = ["Phone, Shop", "Phone", "Shop, Web", "Phone, Web"] * 3
    rows = [[first, "Hangi kanallar?", "Start Date (UTC)", "Submit Date (UTC)"], *([ids, cell, "2024-03-05 14:07:09", "2024-03-05 14:17:09"] for cell in joined)]
    survey = read(text(rows, separator).encode(encoding))
    assert survey.source == "typeform" and kinds(survey)["Hangi kanallar?"] == "single" and len(reported(survey, "maybe_several")) == 1
    assert values(read(text(rows), options={"Hangi kanallar?": ["Phone", "Shop", "Web"]}), "Hangi kanallar?")[0] == ("Phone", "Shop")


# --- SPSS ------------------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sav(tmp_path, read):
    pyreadstat = pytest.importorskip("pyreadstat")

    def write(columns, patch=None, name="x.sav", **labels):
        arguments = {key: labels.pop(key) for key in ("encoding",) if key in labels}
        pyreadstat.write_sav(pd.DataFrame(columns), str(tmp_path / "made.sav"), **labels)
        data = (tmp_path / "made.sav").read_bytes()
        return read(patch(data) if patch else data, name, **arguments)

    return write


SPSS = {"id": [1.0, 2, 3, 4], "q1": [1.0, 2, 9, 1], "q2": [0.0, 10, 7, 99], "neden": ["çünkü\nöyle", "", "NA", "ığüşöç"], "gün": [datetime.date(2024, 3, 5)] * 4,
        "when": [datetime.datetime(2024, 3, 5, 14, 7, 9)] * 4, "mail": ["a@example.org", "", "", ""], "q3": [3.0, 1, 2, None], "q4": [0.0, 10, 5, 5], "x": [1.5, 2.25, None, 3]}


def test_spss(sav):
    survey = sav(SPSS, column_labels={"q1": "Bizi&nbsp;<b>önerir</b> misiniz?", "id": "Respondent ID"}, missing_ranges={"q1": [9], "q2": [{"lo": 97, "hi": 99}]},
                 variable_value_labels={"q1": {2: "Hayır", 1: "Evet", 9: "Yanıt yok"}, "q2": {0: "hiç", 10: "kesinlikle", 99: "bilmiyor"}, "q3": {1: "az", 2: "orta", 3: "çok"},
                                        "q4": {float(k): str(k) for k in range(11)}})
    assert survey.source == "spss" and list(survey.answers.index) == [2, 3, 4, 5] and survey.counts["header_rows"] == 1  # case number + 1
    assert values(survey, "q1") == ["Evet", "Hayır", None, "Evet"] and question(survey, "q1")["text"] == "Bizi önerir misiniz?" and question(survey, "q1")["options"] in (("Evet", "Hayır"), ("Hayır", "Evet"))
    assert values(survey, "q2") == [0, 10, 7, None] and reported(survey, "partly_labelled")["column"].tolist() == ["q2"]
    missing = reported(survey, "user_missing")
    assert missing[["row", "column", "value"]].values.tolist() == [[4, "q1", "9 = Yanıt yok"], [5, "q2", "99 = bilmiyor"]] and ": 1;" in missing["problem"].iloc[0]
    assert values(survey, "q3") == ["çok", "az", "orta", None] and question(survey, "q3")["options"] == ("az", "orta", "çok") and kinds(survey)["q3"] == "single"
    assert values(survey, "q4") == [0, 10, 5, 5] and kinds(survey)["q4"] == "scale" and values(survey, "x") == [1.5, 2.25, None, 3.0]
    assert values(survey, "neden") == ["çünkü\nöyle", None, "NA", "ığüşöç"] and list(survey.personal) == ["mail"]
    assert survey.answers["gün"].iloc[0] == pd.Timestamp("2024-03-05") and survey.answers["when"].iloc[0] == pd.Timestamp("2024-03-05 14:07:09")
    assert len(reported(survey, "labels_read")) == 1 and kinds(survey)["id"] == "meta"


def test_spss_two_codes_with_one_label_stay_apart(sav):
    survey = sav({"q": [1.0, 2, 3, 3]}, variable_value_labels={"q": {1: "other", 2: "other", 3: "none"}})
    assert values(survey, "q") == ["other (1)", "other (2)", "none", "none"]


def test_spss_labelled_texts_and_mixed_labels(sav):
    survey = sav({"city": ["34", "06", "34", "06"], "mixed": ["a", "b", "zz", "a"], "all": [1.0] * 4}, variable_value_labels={"city": {"34": "İstanbul", "06": "Ankara"}, "mixed": {"a": "alpha"}})
    assert values(survey, "city") == ["İstanbul", "Ankara"] * 2 and values(survey, "mixed") == ["a", "b", "zz", "a"] and reported(survey, "partly_labelled")["value"].tolist() == ["a = alpha"]


def with_record(data, subtype, content):
    """The bytes of an SPSS file with one more extension record (type 7), before the end of its dictionary."""
    at = data.index(struct.pack("<ii", 999, 0))
    return data[:at] + struct.pack("<iiii", 7, subtype, 1, len(content)) + content + data[at:]


def test_spss_multiple_response_sets(sav):
    columns = {"ch1": [1.0, 0, 1, 0], "ch2": [0.0, 1, 1, 0], "n": [5.0, 6, 7, 8]}
    survey = sav(columns, lambda data: with_record(data, 7, b"$channels=D1 1 15 Which channels? ch1 ch2\n"), column_labels={"ch1": "Phone", "ch2": "Shop, kiosk"})
    assert values(survey, "channels") == [("Phone",), ("Shop, kiosk",), ("Phone", "Shop, kiosk"), None] and question(survey, "channels")["text"] == "Which channels?"
    labelled = sav(columns, lambda data: with_record(data, 7, b"$channels=D1 1 0  ch1 ch2\n"), variable_value_labels={name: {0.0: "no", 1.0: "yes"} for name in ("ch1", "ch2")})
    assert values(labelled, "channels")[2] == ("ch1", "ch2")


def old_code_page(data):
    """The same file as an old SPSS wrote it: no encoding record, one byte a letter."""
    at = data.index(struct.pack("<iii", 7, 20, 1))
    n = struct.unpack("<i", data[at + 12:at + 16])[0]
    return data[:at] + data[at + 16 + n:]


def test_spss_encoding_is_passed_on(sav):
    def patch(data):
        return old_code_page(data).replace("ışık".encode().ljust(8), "ışık".encode("cp1254").ljust(8))

    survey = sav({"q": ["ışık", "yok"], "n": [1.0, 2]}, patch, encoding="cp1254", row_compress=False)
    assert values(survey, "q") == ["ışık", "yok"]


def test_spss_that_cannot_be_read(read, sav, monkeypatch):
    with pytest.raises(cx.CxError, match="SPSS.*cannot be read"):
        read(b"$FL2@(#) SPSS DATA FILE")
    with pytest.raises(cx.CxError, match="SPSS.*cannot be read"):
        sav({"q": [1.0]}, encoding="nonsense")
    with pytest.raises(cx.CxError, match="source="):
        read("a,b\n1,2\n", source="spss")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(cx.CxError, match=re.escape(f'"{sys.executable}" -m pip install pyreadstat')):
        read(b"$FL2@(#) SPSS DATA FILE")


# --- all of them -----------------------------------------------------------------------------------------------------------------------------

SAMPLES = {
    "qualtrics": text(qualtrics()).encode(), "microsoft_forms": text(microsoft("tr", lambda k: f"3/25/24 14:0{k}:09")).encode(),
    "limesurvey": text(limesurvey("code"), ";", "\n", csv.QUOTE_ALL).encode("utf-8-sig"), "typeform": text(TYPEFORM).encode(),
}


@pytest.mark.parametrize("source", SAMPLES)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_encodings(read, source, encoding):
    pd.testing.assert_frame_equal(read(SAMPLES[source].decode("utf-8-sig").encode(encoding)).answers, read(SAMPLES[source]).answers)


@pytest.mark.parametrize("source", SAMPLES)
def test_a_title_line_above_and_the_file_as_a_plain_table(read, source):
    survey = read(b"Survey 2024\r\n" + SAMPLES[source].removeprefix(b"\xef\xbb\xbf"))
    assert survey.source == source and reported(survey, "title_line")["row"].tolist() == [1]
    for name in survey_tools.SOURCES:
        if source != "typeform" or survey_tools.SOURCES[name].same_names:  # a plain table may not have two columns "Other"
            assert read(SAMPLES[source], source=name).source == name


@pytest.mark.parametrize("source", SAMPLES)
def test_excel_serials(read, source):
    data, n = re.subn(rb"2024-03-05 \d\d:\d\d:\d\d|3/25/24 \d\d:\d\d:\d\d", b"45356.588298611", SAMPLES[source])
    survey = read(data)
    dates = [column for column, kind in kinds(survey).items() if kind == "date"]
    assert n and len(dates) >= 2 and len(reported(survey, "serial_dates")) >= 2 and survey.answers[dates[0]].iloc[0] == pd.Timestamp("2024-03-05 14:07:09")


@pytest.mark.parametrize("source", SAMPLES)
@pytest.mark.parametrize("time, hour", [("2024/03/05 2:07:09 ÖS GMT+3", 11), ("2024-03-05T14:07:09Z", 14), ("05.03.2024 14:07:09", 14)])
def test_the_sign_of_gmt_and_other_forms(read, source, time, hour):
    survey = read(re.sub(rb"2024-03-05 \d\d:\d\d:\d\d|3/25/24 \d\d:\d\d:\d\d", time.encode(), SAMPLES[source]))
    first = survey.answers[next(column for column, kind in kinds(survey).items() if kind == "date")].iloc[0]
    assert (first.tz_convert("UTC") if first.tzinfo else first).hour == hour and (first.month, first.day) == (3, 5)


@pytest.mark.parametrize("source, header, shown", [
    ("qualtrics", b"What annoys&nbsp;<b>you</b> most?", "Q4"), ("microsoft_forms", b"Why?,", "Why now?"), ("limesurvey", b'"Q3"', "Q3"),
    ("typeform", b"Do you recommend us?", "Why now?"),
])
def test_html_and_hard_spaces_in_headers(read, source, header, shown):
    new = {b"Why?,": b"<p>Why&nbsp;now?</p>,", b'"Q3"': b'"Q3. <p>Why\xc2\xa0<b>now</b>?</p>"'}.get(header, "<div>Why\xa0now?<br></div>".encode())
    assert header in SAMPLES[source]
    assert question(read(SAMPLES[source].replace(header, new, 1)), shown)["text"] == "Why now?"


@pytest.mark.parametrize("source", SAMPLES)
def test_spoilt_letters_are_reported_in_headers_and_cells(read, source):
    survey = read(SAMPLES[source].replace(b"Phone", "Ph\ufffdne".encode()).replace(b"Weekly", "W\ufffdekly".encode()))
    assert len(reported(survey, "lost_letter")) > 0


def test_in_turkish(read):
    cx.use_language("tr")
    survey = read(text(qualtrics(turkish=True)))
    assert "önizleme" in survey.report["problem"].str.cat() and "bitirmeyen" in survey.report["problem"].str.cat()


@quick
@given(which=st.sampled_from(sorted(SAMPLES)), at=st.floats(0, 1), patch=st.one_of(st.binary(max_size=6), st.sampled_from([b'"', b"\n", b",", b";", b"\0"])), cut=st.integers(0, 400))
def test_any_damage(tmp_path, which, at, patch, cut):
    data = SAMPLES[which]
    i = int(at * len(data))
    anything(tmp_path, data[:i] + patch + data[i + cut:])


words = st.sampled_from(["", "Q1", "Q1_1", "Q1_2", "Q1_TEXT", "Q1[SQ001]", "Q1[other]", "V1", "V2", "V3", "V4", "V5", "ResponseID", "ResponseSet", "StartDate", "RecordedDate", "Finished", "Status",
                         "ResponseId", "Progress", "submitdate", "lastpage", "startlanguage", "seed", "id", "#", "Start Date (UTC)", "Submit Date (UTC)", "Network ID", "Other", "Phone", "Kimlik",
                         "Başlangıç zamanı", "Tamamlama zamanı", "E-posta", "anonim", '{"ImportId":"QID1"}', '{"ImportId":""}', "1", "0", "1,2,3", "Phone,Shop", "Phone;", ";", "Y", "-oth-", "2024-03-05",
                         "False", "Survey Preview", "Q - Selected Choice - A", "R_1", "Points - Q1", "Total points"])


@quick
@given(rows=st.lists(st.lists(words, min_size=3, max_size=6), min_size=1, max_size=7), separator=st.sampled_from(",;\t"))
def test_any_grid_of_vendor_words(tmp_path, rows, separator):
    anything(tmp_path, text(rows, separator).encode())


def test_fifty_megabytes(tmp_path):
    file = tmp_path / "large.csv"
    head = text(qualtrics()[:3]).encode()
    block = b"".join(text([row]).encode().replace(b"R_3fXq", b"R_%d" % k) for k in range(400) for row in qualtrics()[3:])
    with open(file, "wb") as stream:
        stream.write(head)
        copies = 50_000_000 // len(block) + 1
        for _ in range(copies):
            stream.write(block)
    assert file.stat().st_size >= 50_000_000
    survey = cx.read_survey(file)
    assert survey.counts["read"] == 1200 * copies and survey.counts["set_aside"] == 400 * copies and survey.answers["Q2"].iloc[-1] == ("Shop, kiosk",)
