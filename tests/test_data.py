"""The bundled data: as published, as drawn, as the card says; damage is named by row and column."""

import csv
import functools
import io
import re
import shutil

import numpy as np
import openpyxl
import pandas as pd
import pytest

import cxlab as cx
from cxlab import data, simulate, worlds
from cxlab.framework import LANGUAGES, CxError, vocabulary

EXPORTS = list(simulate.SAMPLES)
DELIMITED = {"google_forms_tr": ("utf-8", ","), "google_sheets_en": ("utf-8", "\t"), "surveymonkey_en": ("utf-8-sig", ","), "plain_tr": ("cp1254", ";")}
HEADER_ROWS = {"surveymonkey_en": 2, "surveymonkey_tr": 4}
OPEN = ("annoys", "organisations")
BANKS = ("sample_phrases.csv", "phrases.csv", "organisations_invented.csv", "codebook.csv")  # what the invented people write: not data to be loaded
CARD = (data.data_folder() / "README.md").read_text(encoding="utf-8")


@functools.cache
def rows_of(name):
    """All rows of a sample as text, by a route that shares nothing with the code that wrote it."""
    path = cx.sample_path(name)
    if path.suffix == ".xlsx":
        return [["" if cell is None else str(cell) for cell in row] for row in openpyxl.load_workbook(path).active.values]
    encoding, separator = DELIMITED[name]
    quoting = csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline=""), delimiter=separator, quoting=quoting))


@functools.cache
def answers_of(name):
    """The rows of people, each with the row of the spreadsheet."""
    return [(row, cells) for row, cells in enumerate(rows_of(name), start=1) if row > HEADER_ROWS.get(name, 1) and any(cells)]


def column_of(name, key):
    """Where the (first) column of a question stands: its wording, without markup, is in one of the header rows."""
    question = next(row for row in vocabulary()["questions"] if row["key"] == key)
    wanted = question[f"text_{name[-2:]}"].partition(". ")[2] if key in simulate.NOISE and "surveymonkey" in name and key != "likelihood" else ""
    wanted = wanted or question[f"text_{name[-2:]}"]
    for header in rows_of(name)[:HEADER_ROWS.get(name, 1)]:
        for place, cell in enumerate(header):
            if wanted in re.sub(r"<[^>]+>", "", cell).replace("\u00a0", " ").replace("&nbsp;", " "):
                return place
    return None


# --- the list and the tables --------------------------------------------------------------------------------------------


def test_the_list_has_every_file_and_the_first_export_is_the_google_forms_one():
    listed = cx.datasets()
    assert list(listed.columns) == ["name", "file", "kind", "language", "n", "about", "source", "licence"]
    assert listed["name"].is_unique and listed.loc[listed["kind"] == "export", "name"].iloc[0] == "google_forms_tr"
    assert [cx.sample_path(name).name for name in listed["name"]] == list(listed["file"])
    on_disk = {path.name for path in data.data_folder().iterdir()} - {"README.md", "catalogue.toml", *BANKS}
    assert on_disk == set(listed["file"])


def test_the_list_speaks_both_languages():
    english = cx.datasets()
    cx.use_language("tr")
    turkish = cx.datasets()
    assert (english["about"] != turkish["about"]).all() and (english["name"] == turkish["name"]).all()
    assert all(entry[f"{text}_{language}"] for entry in data._catalogue() for text in ("about", "source", "licence") for language in LANGUAGES)


@pytest.mark.parametrize("name", EXPORTS)
def test_n_in_the_list_is_the_number_of_answers_in_the_file(name):
    assert cx.datasets().set_index("name").loc[name, "n"] == len(answers_of(name))


def test_copenhagen_is_the_published_table():
    housing = cx.load("copenhagen_housing")
    assert len(housing) == 72 and housing["tenants"].sum() == 1681
    assert list(housing["satisfaction"].cat.categories) == list(housing["influence"].cat.categories) == ["Low", "Medium", "High"]
    assert list(housing["housing"].cat.categories) == ["Tower", "Apartment", "Atrium", "Terrace"] and not housing["housing"].cat.ordered
    assert list(housing["contact"].cat.categories) == ["Low", "High"]
    assert all(housing[column].cat.ordered for column in ("satisfaction", "influence", "contact"))
    assert housing.attrs["simulated"] is False and "Madsen" in housing.attrs["source"]


def test_copenhagen_gives_the_numbers_of_r():
    """R: MASS::polr(Sat ~ Infl + Type + Cont, weights = Freq, data = MASS::housing)."""
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    housing = cx.load("copenhagen_housing")
    people = housing.loc[housing.index.repeat(housing["tenants"])].reset_index(drop=True)
    design = pd.get_dummies(people[["influence", "housing", "contact"]], drop_first=True, dtype=float)
    found = OrderedModel(people["satisfaction"].cat.codes, design, distr="logit").fit(method="bfgs", disp=False, gtol=1e-8)
    assert found.params.iloc[:6].to_numpy() == pytest.approx([0.5663937, 1.2888191, -0.5723501, -0.3661866, -1.0910149, 0.3602841], abs=1e-5)
    assert found.llf == pytest.approx(-1739.57465, abs=1e-4)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of the data that a test may damage."""
    copy = tmp_path / "datasets"
    shutil.copytree(data.data_folder(), copy)
    for path in copy.iterdir():
        path.chmod(0o644)
    monkeypatch.setattr(data, "HERE", tmp_path)
    return copy


DAMAGE = {
    "value": (lambda t: t.replace("Medium,Low,Tower,Low,21", "Medium,Low,Towre,Low,21"), ["row 3", "column housing", "'Towre'", "Terrace"]),
    "number": (lambda t: t.replace("High,Low,Tower,Low,28", 'High,Low,Tower,Low,"28,0"'), ["row 4", "column tenants", "'28,0'", "whole number"]),
    "negative": (lambda t: t.replace("High,Low,Tower,Low,28", "High,Low,Tower,Low,-28"), ["row 4", "column tenants", "'-28'"]),
    "empty": (lambda t: t.replace("High,Low,Tower,Low,28", "High,Low,Tower,Low,"), ["row 4", "column tenants", "''"]),
    "header": (lambda t: t.replace("tenants", "freq"), ["row 1", "freq", "tenants"]),
    "separator": (lambda t: t.replace(",", ";"), ["row 1", "should be satisfaction, influence"]),
    "cells": (lambda t: t.replace("Low,Medium,Tower,Low,34", "Low,Medium,Tower,Low"), ["row 5", "4 cells instead of 5"]),
    "row lost": (lambda t: t.replace("Low,Medium,Tower,Low,34\n", ""), ["71 rows instead of 72"]),
    "twice": (lambda t: t.replace("Medium,Low,Tower,Low,21", "Low,Low,Tower,Low,21"), ["row 3", "row 2"]),
    "sum": (lambda t: t.replace("Low,Medium,Tower,Low,34", "Low,Medium,Tower,Low,35"), ["column tenants", "1,682", "1,681"]),
    "swapped": (lambda t: t.replace("Low,Tower,Low,28", "Low,Tower,Low,@").replace("Low,34", "Low,28").replace("@", "34"), ["changed places"]),
    "nothing": (lambda t: "", ["row 1", "satisfaction"]),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_table_is_refused_and_the_place_is_named(folder, damage):
    change, told = DAMAGE[damage]
    path = folder / "copenhagen_housing.csv"
    before = path.read_text()
    path.write_text(change(before))
    assert path.read_text() != before
    with pytest.raises(CxError) as error:
        cx.load("copenhagen_housing")
    assert "copenhagen_housing.csv" in str(error.value)
    assert [text for text in told if text not in str(error.value)] == []


def test_line_ends_of_another_system_are_not_damage(folder):
    path = folder / "copenhagen_housing.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert cx.load("copenhagen_housing")["tenants"].sum() == 1681


def test_a_table_saved_as_utf16_or_missing_is_refused(folder):
    path = folder / "copenhagen_housing.csv"
    path.write_bytes(path.read_text().encode("utf-16"))
    with pytest.raises(CxError, match="UTF-8"):
        cx.load("copenhagen_housing")
    path.unlink()
    with pytest.raises(CxError, match="missing"):
        cx.load("copenhagen_housing")


def test_without_its_folder_the_kit_says_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "HERE", tmp_path / "cxlab")
    with pytest.raises(CxError, match=re.escape(str(tmp_path / "datasets"))):
        cx.datasets()


def test_simulated_tables_say_so(folder):
    path = folder / "catalogue.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("simulated = false", "simulated = true"), encoding="utf-8")
    assert cx.load("copenhagen_housing").attrs["simulated"] is True


def test_the_samples_are_known_to_be_simulated(tmp_path):
    assert all(data.is_simulated(cx.sample_path(name)) for name in EXPORTS) and not data.is_simulated(cx.sample_path("copenhagen_housing"))
    assert not data.is_simulated(tmp_path / "plain_tr.csv")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_name_gets_the_list_and_an_export_the_way_to_read_it(language):
    cx.use_language(language)
    for use in (cx.load, cx.sample_path):
        with pytest.raises(CxError, match="copenhagen_housing, five_questions, .*google_forms_tr, .*plain_en"):
            use("housing")
    with pytest.raises(CxError, match=re.escape("cx.read_survey(cx.sample_path('plain_tr'))")):
        cx.load("plain_tr")


# --- the samples are what the code writes and what the card says --------------------------------------------------------


@pytest.mark.parametrize("name", EXPORTS)
def test_the_samples_are_rebuilt(name):
    path, built = cx.sample_path(name), simulate.sample_bytes(name)
    if path.suffix != ".xlsx":
        assert path.read_bytes() == built
        return
    assert built == simulate.sample_bytes(name)  # here; another version of openpyxl or zlib may pack the same cells otherwise
    rebuilt = openpyxl.load_workbook(io.BytesIO(built)).active
    assert list(rebuilt.values) == list(openpyxl.load_workbook(path).active.values)


def test_write_writes_all_and_keeps_the_words_of_the_card(tmp_path):
    card = tmp_path / "README.md"
    simulate._fill(card, [("truth of", "worlds", "<!-- end of truth -->", worlds.card_table)])
    assert not card.exists()
    old = re.sub(r"(?s)(cxlab.simulate -->\n).*(<!-- end)", r"\1old\n\2", CARD)
    card.write_text(re.sub(r"(?s)(cxlab.worlds -->\n).*(<!-- end of truth)", r"\1old\n\2", old), encoding="utf-8")
    assert card.stat().st_size < len(CARD) - 5000
    assert [path.name for path in simulate.write(tmp_path)] == [*map(simulate.file_name, EXPORTS), *worlds.files()]
    assert card.read_text(encoding="utf-8") == CARD
    card.write_text("no marks", encoding="utf-8")
    simulate._fill(card, [("truth of", "worlds", "<!-- end of truth -->", worlds.card_table)])
    assert card.read_text(encoding="utf-8") == "no marks"


def card_tables():
    found = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in CARD.partition("cxlab.simulate -->\n")[2].splitlines() if "|" in line]
    middle = next(place for place, cells in enumerate(found) if cells[0] == "file")
    return found[2:middle], found[middle + 2:]


def counted(name, column, answer):
    """"58 of 118" from the file itself: option texts in the file, looked up in the vocabulary."""
    place, language = column_of(name, column), name[-2:]
    if place is None:
        return "–"
    cells = [cells for _, cells in answers_of(name)]
    if column == "likelihood":
        low, high = map(int, answer.split("–"))
        given = [int(row[place]) for row in cells if row[place] not in ("", "11")]
        return f"{sum(low <= score <= high for score in given)} of {len(given)}"
    table = next(row["options"] for row in vocabulary()["questions"] if row["key"] == column)
    keys = [row["key"] for row in vocabulary()[table]]
    text = vocabulary()[table][keys.index(answer)][language]
    if column == "help_channels" and "surveymonkey" in name:
        return f"{sum(row[place + keys.index(answer)] not in ('', '0') for row in cells)} of {len(cells)}"
    joined = {"google_forms_tr": ";", "google_sheets_en": ", "}.get(name) if column == "help_channels" else None
    given = [lower(row[place], language) for row in cells if row[place]]
    text = lower(text, language)
    return f"{sum(text == cell or bool(joined) and text in split(cell, joined) for cell in given)} of {len(given)}"


def lower(text, language):
    return text.translate(str.maketrans("İI", "iı")).lower() if language == "tr" else text.lower()


def split(cell, joined):
    """At the separator, but not inside brackets: the comma of "reviews (shop, app or map)" is none."""
    return re.split(rf"{joined}(?![^(]*\))", cell)


def test_the_counts_of_the_card_are_those_of_the_files():
    counts, _ = card_tables()
    assert counts[0][3:] == [str(len(answers_of(name))) for name in EXPORTS] and len(counts) == 18
    for column, answer, _, *told in counts[1:]:
        assert told == [counted(name, column, answer) for name in EXPORTS], (column, answer)


def test_the_probabilities_of_the_card_come_out_of_many_people():
    people = simulate.draw_people(20_000, "tr", np.random.default_rng(5))
    for column, answer, chance, *_ in card_tables()[0][1:]:
        given = [person[column] for person in people if person[column] is not None]
        if column == "likelihood":
            low, high = map(int, answer.split("–"))
            share = np.mean([low <= score <= high for score in given])
        else:
            share = np.mean([answer in value if isinstance(value, list) else answer == value for value in given])
        assert share == pytest.approx(float(chance), abs=4 * np.sqrt(0.25 / len(given))), (column, answer)


def test_the_words_of_the_card_are_true():
    chance = {(column, answer): float(chance) for column, answer, chance, *_ in card_tables()[0][1:]}
    promoters, detractors = chance["likelihood", "9–10"], chance["likelihood", "0–6"]
    nps = f"{100 * (promoters - detractors):.1f}".replace("-", "−")
    assert f"{100 * promoters:.1f} % promoters − {100 * detractors:.1f} % detractors = {nps}" in CARD
    assert ", ".join(f"{100 * share:.0f}" for share in simulate.MOOD.values()) + " %" in CARD and f"{chance['recommends', 'yes']:.0%}".replace("%", " %") in CARD
    typed = {how: f"{100 * share:.0f} %" for how, share in simulate.TYPED.items()}
    assert f"capitals ({typed['upper']})" in CARD and f"small letters ({typed['lower']})" in re.sub(r"\s", " ", CARD)
    assert f"without Turkish letters ({typed['ascii']})" in CARD and f"blank at the end ({typed['blank']})" in CARD
    assert f"{100 * simulate.WRITES_NONE:.0f} % say only" in CARD


def test_every_planted_fault_is_in_its_row():
    _, planted = card_tables()
    assert {file.partition(".")[0] for file, *_ in planted} == set(EXPORTS) and len(planted) == 27
    for file, row, what, column, value in planted:
        name, _, ending = file.partition(".")
        cells = rows_of(name)[int(row) - 1]
        assert cx.sample_path(name).suffix == f".{ending}"
        if what == "blank row":
            assert not any(cells)
        elif what == "copy":
            first = rows_of(name)[int(value.removeprefix("row ")) - 1]
            assert [place for place, cell in enumerate(cells) if cell != first[place]] in ([], [0], [2, 3])  # all but the times of the tool
        else:
            wanted = value.strip("`").replace("⏎", " " if ending == "tsv" else "\n")
            place = column_of(name, column.partition("_")[0])
            assert cells[place] == wanted


@pytest.mark.parametrize("name", EXPORTS)
def test_each_sample_has_one_blank_row_one_copy_and_one_value_off_the_scale(name):
    body = rows_of(name)[HEADER_ROWS.get(name, 1):]
    place = column_of(name, "likelihood")
    assert sum(not any(cells) for cells in body) == 1
    assert [cells[place] for cells in body if cells[place] and not 0 <= int(cells[place]) <= 10] == ["11"]
    open_places = [column_of(name, key) for key in OPEN]
    people = [tuple(cells) for cells in body if any(cells)]
    tails = [cells[4:] for cells in people] if "surveymonkey" in name else [cells[1:] for cells in people]
    assert len(tails) - len(set(tails)) == 1
    assert all(0 < sum(not cells[place] for cells in people) < len(people) / 4 for place in open_places)


# --- the shapes ---------------------------------------------------------------------------------------------------------


def raw(name):
    return cx.sample_path(name).read_bytes()


def test_shape_of_google_forms():
    text = raw("google_forms_tr").decode("utf-8")
    assert text.startswith('"Zaman damgası","Kullanıcı Adı",') and "\r" not in text and re.match(r'("([^"]|"")*"[,\n])+$', text)
    header, *body = rows_of("google_forms_tr")
    times = [cells[0] for cells in body if any(cells)]
    assert all(re.fullmatch(r"2018/1[0-2]/[0-3]\d ([1-9]|1[0-2]):[0-5]\d:[0-5]\d (ÖÖ|ÖS) GMT\+3", time) for time in times)
    assert {time.split()[2] for time in times} == {"ÖÖ", "ÖS"} and any(re.search(r" 12:\d\d:\d\d ÖÖ", time) for time in times)
    assert sum(cell != cell.strip() for cell in header) == 3 and "KVKK" in header[2]
    assert sum("\n" in cell for cells in body for cell in cells) >= 3 and len(text.splitlines()) > len(body) + 1


def test_shape_of_google_sheets():
    text = raw("google_sheets_en").decode("utf-8")
    assert text.endswith("\r\n") and text.count("\n") == text.count("\r\n") == len(rows_of("google_sheets_en"))
    assert {len(line.split("\t")) for line in text.split("\r\n")[:-1]} == {len(rows_of("google_sheets_en")[0])}
    place = rows_of("google_sheets_en")[0].index("How do you mostly buy?")
    cells = [cells[place] for _, cells in answers_of("google_sheets_en")]
    assert np.mean(["," in cell for cell in cells]) > 0.4 and len(set(cells)) == 3


def test_shape_of_surveymonkey_with_two_header_rows():
    assert raw("surveymonkey_en").startswith(b"\xef\xbb\xbfRespondent ID,Collector ID,Start Date")
    first, second, *body = rows_of("surveymonkey_en")
    assert not any(second[:9]) and all(second[9:]) and {"Response", "Open-Ended Response", "Other (please specify)"} <= set(second)
    assert any("<em>" in cell for cell in first) and any("\u00a0" in cell for cell in first) and any("&nbsp;" in cell for cell in first)
    ticks = second.index("WhatsApp")
    assert {cells[ticks] for cells in body} == {"WhatsApp", ""}
    assert all(re.fullmatch(r"\d\d/\d\d/2018 (0[1-9]|1[0-2]):\d\d:\d\d [AP]M", cells[2]) for cells in body if any(cells))


def test_shape_of_surveymonkey_with_a_title_and_three_header_rows():
    rows = list(openpyxl.load_workbook(cx.sample_path("surveymonkey_tr")).active.values)
    assert rows[0][0] and not any(rows[0][1:]) and rows[1][0] == "Respondent ID" and all(rows[2][9:]) and not any(rows[2][:9])
    assert rows[3][9:13] == ("q1_1", "q1_2", "q1_3", "q2") and not any(rows[3][:9])
    ticks = rows[2].index("WhatsApp")
    people = [row for row in rows[4:] if any(row)]
    assert {row[ticks] for row in people} == {0, 1}
    assert all(isinstance(row[0], int) and row[0] > 10**10 and 43_390 < row[2] < row[3] < 43_500 for row in people)


def test_shape_of_the_plain_files():
    text = raw("plain_tr").decode("cp1254")
    with pytest.raises(UnicodeDecodeError):
        raw("plain_tr").decode("utf-8")
    assert {"ş", "ğ", "İ", "ı"} <= set(text) and text.count("\n") == text.count("\r\n") + text.replace("\r\n", "").count("\n")
    header = rows_of("plain_tr")[0]
    money, day = header.index("Son alışveriş tutarı (TL)"), header.index("Tarih")
    assert all(re.fullmatch(r"\d+,\d\d", cells[money]) and re.fullmatch(r"\d\d\.1[01]\.2018", cells[day]) for _, cells in answers_of("plain_tr"))
    first = list(openpyxl.load_workbook(cx.sample_path("plain_en")).active.values)[1]
    assert first[0] == 1 and first[1].year == 2018


# --- nobody is in them --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPORTS)
def test_addresses_and_numbers_belong_to_nobody(name):
    text = "\n".join("\t".join(cells) for cells in rows_of(name))
    assert all(domain in ("example.com", "example.org") for domain in re.findall(r"@([\w.]*\w)", text))
    assert all(address.startswith("192.0.2.") for address in re.findall(r"\b\d{1,3}(?:\.\d{1,3}){3}\b", text))
    phones = re.findall(r"(?:\b0|\(|\+)[\d ()-]{9,}\d", text)
    assert all(re.fullmatch(r"0500 000 \d\d \d\d|\(202\) 555-01\d\d|020 7946 0\d{3}", phone) for phone in phones)
    assert re.search(r"@example|192\.0\.2\.|0500 000|020 7946", text)


def test_phrases_are_many_and_differ():
    phrases = pd.read_csv(data.data_folder() / "sample_phrases.csv", keep_default_na=False)
    plain = phrases["text"].map(lambda text: re.sub(r"[^a-z{}]+", " ", simulate._ascii(text).lower()).strip())
    for language in LANGUAGES:
        for question in ("important", "annoys", "reason"):
            mine = plain[(phrases["language"] == language) & (phrases["question"] == question)]
            assert len(mine) >= 40
            assert question == "reason" or mine.is_unique  # "{a}, {b}" and "{a} / {b}" are two ways of writing
    reasons = phrases.loc[phrases["question"] == "reason", "text"]
    assert reasons.str.contains("{a}", regex=False).all()
    for text in reasons:
        assert text.format(a="A", b="B")


def test_turkish_capitals_are_turkish():
    rng = np.random.default_rng(1)
    typed = {simulate._typed("İyi bir ışık", "tr", rng) for _ in range(300)}
    assert typed == {"İyi bir ışık", "İYİ BİR IŞIK", "Iyi bir isik", "iyi bir ışık", "İyi bir ışık "}
    assert simulate._option("social_media", "both", "tr") == "İkisini de"


# --- the reader reads them ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPORTS)
def test_the_reader_accounts_for_every_row_of_a_sample(name):
    survey = cx.read_survey(cx.sample_path(name))
    counts = survey.counts
    assert survey.source == name.rpartition("_")[0]
    assert counts["rows_in_file"] == len(rows_of(name)) == counts[["header_rows", "blank_rows", "set_aside", "read"]].sum()
    assert (counts["header_rows"], counts["blank_rows"], counts["read"]) == (HEADER_ROWS.get(name, 1), 1, len(answers_of(name)))
    assert list(survey.answers.index) == [row for row, _ in answers_of(name)]
    (copy,) = [row for file, row, what, *_ in card_tables()[1] if what == "copy" and file.startswith(name)]
    assert int(copy) in survey.report["row"].dropna().tolist()


@pytest.mark.parametrize("name", EXPORTS)
def test_the_reader_sees_the_kind_of_every_question_of_a_sample(name):
    questions = cx.read_survey(cx.sample_path(name)).questions
    language = name[-2:]
    for question in vocabulary()["questions"]:
        if column_of(name, question["key"]) is None:
            continue
        wording = question[f"text_{language}"]
        if question["key"] in ("functional", "accessible", "emotional"):
            wording = wording.partition(". ")[2]
        kinds = set(questions.loc[questions["text"].str.contains(wording, regex=False) & ~questions["text"].str.contains("Other|Diğer"), "kind"])
        kind = "consent" if question["key"] in simulate.CONSENTS else question["kind"]
        if (name, question["key"]) == ("google_sheets_en", "help_channels"):
            kind = "single"  # joined by commas, with commas inside an option: the reader says "perhaps" and does not split
        assert kinds == {kind}, question["key"]


@pytest.mark.parametrize("name", EXPORTS)
def test_the_reader_sets_people_aside(name):
    survey = cx.read_survey(cx.sample_path(name))
    text = " ".join(map(str, survey.answers.to_numpy(dtype=object).ravel()))
    planted = {value.strip("`") for file, _, what, _, value in card_tables()[1] if file.startswith(name) and " in a text" in what}
    for kept in planted:
        text = text.replace(kept, "")
    assert not re.search(r"@example|192\.0\.2\.|0500 000", text)
    assert not any(f"{first} {last}" in text for first in ("Deniz", "Robin") for last in ("Örnek", "Example"))
    assert len(survey.personal.columns) == {"google_forms_tr": 1, "google_sheets_en": 0, "surveymonkey_en": 4, "surveymonkey_tr": 4}.get(name, 2)


@pytest.mark.parametrize("name", EXPORTS)
def test_the_five_questions_of_a_sample_are_recognised_without_help(name):
    table = cx.five_questions(cx.read_survey(cx.sample_path(name)))
    assert {"important_1", "important_2", "important_3", "annoys", "organisations", "recommends", "social_media", "likelihood"} <= set(table.columns)
    (bad,) = [int(row) for file, row, what, *_ in card_tables()[1] if what == "off the scale" and file.startswith(name)]
    assert list(table.index) == [row for row, _ in answers_of(name) if row != bad]
    for column, answer, _, *told in card_tables()[0][1:]:
        if column not in table:
            assert told[EXPORTS.index(name)] == "–"
            continue
        count, of = map(int, told[EXPORTS.index(name)].split(" of "))
        given = table[column].dropna()
        if column == "likelihood":  # the card leaves the refused value out too
            low, high = map(int, answer.split("–"))
            assert (int(given.between(low, high).sum()), len(given)) == (count, of)
        else:  # the card counts the refused row's other answers
            found = sum(answer in value if column == "help_channels" else answer == value for value in given)
            assert count - found in (0, 1) and of - len(given) in (0, 1)
    assert table["important_1"].notna().mean() > 0.9 and table["annoys"].notna().mean() > 0.8
