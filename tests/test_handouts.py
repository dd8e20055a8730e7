"""The hand-outs: every page is there in both languages, well-formed and harmless, says what the framework says, and fits its paper."""

import copy
import html
import html.parser
import os
import re
import tomllib
import unicodedata

import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint
from test_framework import forbidden, lower_turkish, pairs, places

import cxlab as cx
from conftest import ROOT
from cxlab import __main__ as command
from cxlab import explore_planner, framework, handout_cases, handout_pages, handouts

LANGUAGES = framework.LANGUAGES
VOID = {"meta", "col", "br", "line", "input"}
KEYS = [handout.key for handout in handouts.HANDOUTS]
PAGES = {"five_questions": 2, "codebook_card": 2, "disclosure": 2, "glossary": 2, "index": 2}  # all others: one
CASES, CLAIMS = (tomllib.loads((ROOT / "cxlab" / f"{name}.toml").read_text(encoding="utf-8"))[name] for name in ("cases", "claims"))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """{language: {name: page}}, written once."""
    pages = {}
    for language in LANGUAGES:
        paths = cx.write_handouts(tmp_path_factory.mktemp("handouts") / language / "deep", language)
        pages[language] = {path.stem: path.read_text(encoding="utf-8") for path in paths}
        assert sorted(paths[0].parent.iterdir()) == sorted(paths)  # and nothing else is left there
    return pages


class Reader(html.parser.HTMLParser):
    """Sees that every element is closed in its turn, and keeps tables, texts and links."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.links, self.said, self.parts = [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.links += [value for name, value in attributes if name in ("href", "src", "action", "data", "srcset", "poster")]
        self.open += [] if tag in VOID else [tag]

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        if "style" not in self.open:
            self.said.append(data)


def read(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def shown(page):
    """What a page says, blanks and invisible joiners aside."""
    return " ".join("".join(" " + part for part in read(page).said).replace("\N{WORD JOINER}", "").replace("\N{NO-BREAK SPACE}", " ").split())


def words(text):
    return " ".join(str(text).split())


# ---- what is written ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_written_and_well_formed(written, language):
    assert list(written[language]) == ["index", *KEYS] and len(set(KEYS)) == len(KEYS) == 18
    for name, page in written[language].items():
        reader = read(page)
        assert page.startswith("<!DOCTYPE html>") and ("html", {"lang": language}) in reader.tags and page.count("<h1>") in (1, 2), name
        title = html.unescape(re.search("<title>(.*?)</title>", page)[1])
        assert shown(page).count(title) == 1 + page.count("<h1>"), name
        assert page.count("<footer>") == page.count('<section class="sheet">') * page.count("<h1>"), name  # both halves of a card have a foot
        assert all(re.fullmatch(r"[a-z_]+\.html", link) for link in reader.links) and (name == "index") == bool(reader.links), name
        assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|https?:|\son\w+=|javascript", page), name
        assert "default-src 'none'" in page and not re.search(r"[{}]", "".join(reader.said)), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_have_heads_with_scope_and_equal_rows(written, language):
    for name, page in written[language].items():
        for table in re.findall(r"<table.*?</table>", page, re.S):
            assert re.search(r'<th scope="col"', table) and re.search(r'<th scope="row"', table), name
            widths = {sum(int(span or 1) for span in re.findall(r'<t[hd](?:[^>]*?colspan="(\d+)")?[^>]*>', row)) for row in re.findall(r"<tr.*?</tr>", table, re.S)}
            assert len(widths) == 1, (name, widths)


def test_the_two_languages_are_two(written):
    cx.use_language("tr")
    for name in KEYS:
        english, turkish = (shown(written[language][name]) for language in LANGUAGES)
        assert english != turkish and re.search("[şğıİçöü]", turkish), name
    for name in set(KEYS) - {"glossary"}:
        assert forbidden(shown(written["tr"][name]).replace(framework.label("stages", "adopt"), "")) == [], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_foot_names_kit_licence_and_what_must_be_said(written, language):
    cx.use_language(language)
    for handout in handouts.HANDOUTS:
        feet = re.findall(r"<footer>.*?</footer>", written[language][handout.key], re.S)
        for foot in feet:
            assert "CC BY 4.0" in foot and framework.say("handouts.kit") in foot
            assert (framework.say("handouts.not_advice") in foot) == ("privacy" in handout.flags)
            assert (framework.say("charts.simulated") in foot) == ("simulated" in handout.flags)
    flags = {handout.key: handout.flags for handout in handouts.HANDOUTS}
    assert all("simulated" in flags[key] for key in KEYS if key.startswith(("case_", "need_want")))
    assert all("privacy" in flags[key] for key in ("five_questions", "survey_check", "observation_sheet", "contact_plan", "disclosure"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_names_every_page_its_paper_and_how_many(written, language):
    page = written[language]["index"]
    assert re.findall(r'href="(.*?)\.html"', page) == KEYS
    copies = dict(zip(KEYS, map(int, re.findall(r"<b>(\d+)</b>", page)), strict=True))
    assert copies["five_questions"] == 20 and copies["journey_map"] == copies["contact_plan"] == 10 and copies["glossary"] == 40
    assert all(copies[key] == 1 for key in KEYS if key.endswith("_trainer"))
    assert page.count("A3") == 2


# ---- what the pages say: the framework, the whole of it -------------------------------------------------------------------------------


def rows(table):
    return framework.vocabulary()[table]


def has_all(page, texts):
    said = shown(page)
    missing = [text for text in texts if words(text) not in said]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_say_what_the_framework_says(written, language):
    pages, other = written[language], {"en": "tr", "tr": "en"}[language]
    asked = [row for row in rows("questions") if row["number"] or row["key"] in framework.keys("consents")]
    assert [row["key"] for row in asked if row["number"]] == ["important", "annoys", "organisations", "recommends", "social_media", "help_channels"]
    has_all(pages["five_questions"], [row[f"text_{language}"] for row in asked])
    has_all(pages["five_questions"], [f"☐ {row[language]}" for row in rows("help_channels") + rows("social_media") + rows("yes_no")])
    for name in ("journey_map", "contact_plan"):
        has_all(pages[name], [f"{n} {row[language]} {row[f'feeling_{language}']}" for n, row in enumerate(rows("stages"), 1)])
    has_all(pages["contact_plan"], [row[language] for row in rows("channels")])
    has_all(pages["observation_sheet"], [part for row in rows("behaviours") for part in (row[language], row[f"seen_{language}"])])
    has_all(pages["self_assessment"], [part for row in rows("conditions") for part in (row[language], row[f"says_{language}"])])
    has_all(pages["survey_check"], [part for row in rows("survey_checks") for part in (row[language], row[f"why_{language}"])])
    has_all(pages["disclosure"], [part for row in rows("disclosure") for part in (row[language], row[f"says_{language}"])])
    chosen = [row for row in rows("glossary") if row["key"] in sum(handout_pages.GLOSSARY.values(), ())]
    assert len(chosen) == sum(map(len, handout_pages.GLOSSARY.values())) == 25
    has_all(pages["glossary"], [f"{row[each]} {row[f'meaning_{each}']}" for row in chosen for each in (language, other)])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ballot_has_the_ten_claims_in_their_order(written, language):
    chosen = sorted((claim["ballot"], claim[language]) for claim in CLAIMS if "ballot" in claim)
    said = shown(written[language]["claims_ballot"])
    found = [said.index(f"{n}. {words(text)}") for n, text in chosen]
    assert [n for n, _ in chosen] == list(range(1, 11)) and found == sorted(found)
    assert said.count("☐") == 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_forms_leave_room_for_each_answer(written, language):
    pages = written[language]
    assert shown(pages["observation_sheet"]).count("☐") == 3 * len(rows("behaviours"))
    assert shown(pages["self_assessment"]).count("☐") == 4 * len(rows("conditions"))
    assert pages["journey_map"].count("<td></td>") == 9 * len(rows("stages")) and pages["journey_map"].count("<tr ") == 10
    scores = re.findall(r"<text[^>]*>(.*?)</text>", pages["journey_map"])
    assert scores == ["+5", "+4", "+3", "+2", "+1", "0", "−1", "−2", "−3", "−4", "−5"]
    cells = pages["contact_plan"].count("<td class") + pages["contact_plan"].count("<td>")
    assert cells == len(rows("stages")) * (len(rows("channels")) + 1)  # and a free seventh row
    cx.use_language(language)
    assert framework.say("explore_planner.empty_cell") in shown(pages["contact_plan"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_codebook_card_has_every_code_and_one_language(written, language):
    book = cx.load_codebook()
    said = shown(written[language]["codebook_card"])
    other = {"en": "TR", "tr": "EN"}[language]
    for row in book.itertuples():
        assert f"{row.name_tr if language == 'tr' else row.name} {row.code}" in said
        for cell in (row.description, row.exclude):
            own = re.search(rf"{language.upper()}: (.*?)(?: {other}: |$)", cell, re.S)[1]
            assert words(own) in said
    assert not re.search(r"\b(EN|TR): ", said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cards_and_their_key_agree(written, language):
    cx.use_language(language)
    cards, book = handout_pages.cards(), cx.load_codebook().set_index("code")
    phrases = pd.read_csv(ROOT / "datasets" / "phrases.csv")
    own = phrases[(phrases["language"] == language) & (phrases["question"] == "important")]
    assert cards.merge(own, on=["text", "code"]).shape[0] == len(cards) == 21 and list(cards["card"]) == list(range(1, 22))
    assert (cards["kind"] == cards["code"].map(book["kind"])).all() and set(cards["code"]) == set(book.index[book["kind"] != ""])
    assert cards["kind"].value_counts().to_dict() == {"need": 17, "want": 4} and cards["kind"].tolist() != sorted(cards["kind"])
    has_all(written[language]["need_want_cards"], [f"{row.card} “{row.text}”" for row in cards.itertuples()])
    key = [f"{row.card} “{row.text}” {book.at[row.code, 'name_tr' if language == 'tr' else 'name']} {framework.label('needs_wants', row.kind)}"
           for row in cards.itertuples()]
    has_all(written[language]["need_want_cards_trainer"], key)
    assert framework.label("needs_wants", "want") not in shown(written[language]["need_want_cards"]).split("1 “")[1]


def test_a_half_of_a_cell():
    cx.use_language("tr")
    assert handout_pages._half("EN: a. TR: b.") == "b." and handout_pages._half("mine alone") == "mine alone"
    cx.use_language("en")
    assert handout_pages._half("EN: a. TR: b.") == "a."


# ---- nothing comes alive ----------------------------------------------------------------------------------------------------------------


HOSTILE = "<script>window.hacked=1</script><img src=x onerror=\"window.hacked=1\"> & {foot} ' 😀"


def poisoned(node):
    """The vocabulary with a hostile text at the end of every text that is shown."""
    if isinstance(node, dict):
        return {key: value + HOSTILE if isinstance(value, str) and re.fullmatch(r"(|.+_)(en|tr)", key) else poisoned(value) for key, value in node.items()}
    return [poisoned(each) for each in node] if isinstance(node, list) else node


def test_hostile_text_in_the_framework_stays_text(tmp_path, monkeypatch):
    evil, book, claims = poisoned(copy.deepcopy(framework.vocabulary())), cx.load_codebook(), cx.claims(ballot=True)
    for module in (framework, handout_pages, handout_cases, explore_planner):
        monkeypatch.setattr(module, "vocabulary", lambda: evil)
    monkeypatch.setattr(handout_pages, "_book", lambda: book.assign(name=book["name"] + HOSTILE, description=HOSTILE))
    monkeypatch.setattr(handout_pages, "claims", lambda ballot: claims.assign(says=claims["says"] + HOSTILE))
    for path in cx.write_handouts(tmp_path):
        page = path.read_text(encoding="utf-8")
        tags = {tag for tag, _ in read(page).tags}
        assert not tags & {"script", "img"} and not re.search(r"<[^>]*\sonerror", page), path.name
        assert path.stem in ("index", "need_want_cards_trainer") or path.stem.startswith("case_") or "window.hacked=1" in html.unescape(page), path.name


# ---- the cases ----------------------------------------------------------------------------------------------------------------------------


def test_texts_of_the_cases_come_in_both_languages():
    for where, english, turkish in pairs(CASES):
        assert english and turkish and isinstance(english, list) == isinstance(turkish, list), where
        for one, other in zip(*(each if isinstance(each, list) else [each] for each in (english, turkish)), strict=True):
            assert places(one) == places(other) and unicodedata.normalize("NFC", other) == other, where
            assert one != other or where.endswith("firm_en/tr"), where
            assert forbidden(other) == [] and not re.search("[\ufffdÞÐÝþðý]", other), where
    assert len(CASES) == 3
    for case in CASES:
        assert all(len(case[f"{part}_{language}"]) == 4 for part in ("questions", "good") for language in LANGUAGES)
        assert set(case["concepts"]) <= set(framework.keys("concepts")) and case["lines"] in (2, 3)


def test_firms_are_invented():
    invented = pd.read_csv(ROOT / "datasets" / "organisations_invented.csv")
    known = {*invented["name"], *cx.load("experiences")["organisation"].unique()}
    real = " | ".join(pd.read_csv(ROOT / "datasets" / "organisations.csv").fillna("").astype(str).agg(" | ".join, axis=1))
    for case in CASES:
        for language in LANGUAGES:
            assert case[f"firm_{language}"] in known
            stories = " ".join([case[f"story_{language}"], *case[f"questions_{language}"], *case[f"good_{language}"]])
            named = [name for name in real.split(" | ") if len(name) > 3 and re.search(rf"\b{re.escape(name)}\b", stories)]
            assert named == [], case["key"]


@pytest.mark.parametrize("twin", [False, True])
def test_the_slice_of_the_broken_promise_equals_a_count_by_hand(twin):
    table = cx.load("experiences_twin" if twin else "experiences")
    table = table.assign(again=(table["returned"] == "yes").astype(float), recovery=table["recovery"].astype(object).fillna("–"))
    found = handout_cases.case_slice("broken_promise", twin)
    for row in found.astype({"recovery": object}).fillna({"recovery": "–"}).itertuples():
        own = table[(table["incident"] == row.incident) & (table["recovery"] == row.recovery)]
        assert (row.n, row.satisfaction, row.again) == pytest.approx((len(own), own["satisfaction"].mean(), own["again"].mean()), abs=1e-12)
        assert row.satisfaction_low < row.satisfaction < row.satisfaction_high and row.again_low < row.again < row.again_high
    assert found["n"].sum() == len(table) and len(found) == 9


@pytest.mark.parametrize("twin", [False, True])
def test_the_slice_of_the_silent_customer_equals_a_count_by_hand(twin):
    table = cx.load("touchpoint_nps_twin" if twin else "touchpoint_nps")
    found = handout_cases.case_slice("silent_customer", twin).set_index("group")
    score, complained, left = table["score"].astype(float), table["complained"] == "yes", table["left"] == "yes"
    masks = {"content": score > 6, "complained": (score <= 6) & complained, "silent": (score <= 6) & ~complained,
             "no_score_complained": score.isna() & complained, "no_score": score.isna() & ~complained}
    assert list(found.index) == list(masks) and found["n"].sum() == len(table)
    for name, mask in masks.items():
        assert found.loc[name, "n"] == mask.sum() and found.loc[name, "left"] == pytest.approx(left[mask].mean(), abs=1e-12)
        assert found.loc[name, "left_low"] <= found.loc[name, "left"] <= found.loc[name, "left_high"]


@pytest.mark.parametrize("twin", [False, True])
def test_the_slice_of_the_stuck_patient_equals_another_road(twin):
    """Aalen-Johansen by hand over the days since entry, for the stage of the story."""
    events = cx.load("journey_twin" if twin else "journey_events")
    people = cx.load("journey_twin_customers" if twin else "journey_customers")
    people = people[people["industry"] == "clinic"]
    stays = cx.spells(events[events["customer"].isin(people["customer"])], people)
    first = stays[stays["state"] == "acclimate"].groupby("customer").head(1)
    began = stays.groupby("customer")["start"].min()
    first = first[(first["start"] > first["customer"].map(began)) | (first["start"] == 0)]  # seen from its beginning
    days, order = first["stop"] - first["start"], {stage: k for k, stage in enumerate([*framework.keys("stages"), "left"])}
    ends = first["next"].astype(object).map(lambda to: None if pd.isna(to) else "left" if to == "left" else "on" if order[to] > order["acclimate"] else "back")
    there, found = 1.0, dict.fromkeys(("on", "back", "left"), 0.0)
    for day in range(1, handout_cases.WITHIN + 1):
        at_risk, gone = (days >= day).sum(), 0
        for name in found:
            n = ((days == day) & (ends == name)).sum()
            found[name] += there * n / at_risk
            gone += n
        there *= 1 - gone / at_risk
    row = handout_cases.case_slice("stuck_patient", twin).set_index(["industry", "state"]).loc[("clinic", "acclimate")]
    assert row["n"] == len(first)
    assert [row["on"], row["back"], row["left"], row["still_there"]] == pytest.approx([*found.values(), there], abs=1e-12)


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_on_the_pages_of_the_cases_are_those_of_the_slices(written, language):
    cx.use_language(language)
    for case in CASES:
        for end, twin in (("", False), ("_trainer", True)):
            said = shown(written[language][f"case_{case['key']}{end}"])
            for row in handout_cases.case_slice(case["key"], twin).to_dict("records"):
                for name in (name for name in row if f"{name}_low" in row):
                    assert handout_cases._estimate(row, name, 1 if name == "satisfaction" else 100, int(name == "satisfaction")) in said
    pages = {case["key"]: shown(written[language][f"case_{case['key']}_trainer"]) for case in CASES}
    table = cx.load("touchpoint_nps")
    a, u = ((table["score"] <= 6).fillna(False) & (table["complained"] == "no")).sum(), (table["score"].isna() & (table["complained"] == "no")).sum()
    limits = [proportion_confint(n, len(table), method="wilson")[k] for n, k in ((a, 0), (a + u, 1))]
    for share in (a / len(table), (a + u) / len(table), *limits):
        assert framework.percent(share) in pages["silent_customer"]
    asked = cx.load("experiences").query("incident == 'none' or (incident == 'slight' and recovery == 'excellent')")
    gain = asked.loc[asked["incident"] == "slight", "satisfaction"].mean() - asked.loc[asked["incident"] == "none", "satisfaction"].mean()
    assert framework.number(gain, 2) in pages["broken_promise"]


def test_few_answers_are_marked_and_fewer_hidden(monkeypatch):
    found = handout_cases.case_slice("silent_customer")
    found.loc[0, "n"], found.loc[1, "n"] = 9, 29
    monkeypatch.setattr(handout_cases, "case_slice", lambda key, twin=False: found)
    page = handout_cases._data("silent_customer")
    assert "<td>9*</td><td>–</td>" in page and re.search(r"<td>29\*</td><td>\d+ \(", page) and framework.label("notes", "small") in page


# ---- the command --------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def light(monkeypatch):
    """Pages without their content: what is tested here is where they go."""
    monkeypatch.setattr(handouts, "_sheets", lambda handout: ["–"])


def test_the_command_writes_and_tells_where(light, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    (tmp_path / "out" / "glossary.html").write_text("old")
    assert command.main(["handouts", "--lang", "tr", "--out", "out"]) == 0
    assert os.path.join("out", "index.html") in capsys.readouterr().out and (tmp_path / "out" / "mine.txt").read_text() == "mine"
    assert 'lang="tr"' in (tmp_path / "out" / "glossary.html").read_text(encoding="utf-8")
    assert command.main(["handouts"]) == 0 and (tmp_path / "handouts" / "index.html").exists()


@pytest.mark.parametrize("language, word", [("en", "is a file"), ("tr", "bir dosya")])
def test_a_folder_that_is_a_file_is_refused_kindly(light, tmp_path, capsys, language, word):
    (tmp_path / "file").write_text("mine")
    for out in ("file", "file/deeper"):
        assert command.main(["handouts", "--lang", language, "--out", str(tmp_path / out)]) == 2
        assert word in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine" and list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_page_that_cannot_be_put_leaves_nothing_behind(light, tmp_path, monkeypatch):
    (tmp_path / "out" / "glossary.html").mkdir(parents=True)
    with pytest.raises(cx.CxError, match="glossary.html is a folder"):
        cx.write_handouts(tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["glossary.html"]

    def refuse(*_arguments, **_words):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.write_text", refuse)
    with pytest.raises(cx.CxError, match="Nothing could be written to .*new: Permission denied"):
        cx.write_handouts(tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_an_unknown_language_is_refused_and_the_language_comes_back(light, tmp_path, capsys):
    with pytest.raises(cx.CxError, match="'de' is not known"):
        cx.write_handouts(tmp_path, "de")
    assert list(tmp_path.iterdir()) == [] and framework.language() == "en"
    cx.write_handouts(tmp_path, "tr")
    assert framework.language() == "en"
    with pytest.raises(SystemExit) as stop:
        command.main(["handouts", "--lang", "de"])
    assert stop.value.code == 2 and "cxlab handouts --help" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        command.main(["handouts", "--help", "--lang", "tr"])
    assert stop.value.code == 0 and "klasör" in lower_turkish(capsys.readouterr().out)


# ---- on paper ------------------------------------------------------------------------------------------------------------------------------


FITS = """() => {
  const wrong = [];
  for (const sheet of document.querySelectorAll('.sheet')) {
    const edge = sheet.getBoundingClientRect();
    if (edge.height > parseFloat(getComputedStyle(sheet).minHeight) + 1) wrong.push('too high');
    for (const part of sheet.querySelectorAll('*')) {
      const box = part.getBoundingClientRect(), type = parseFloat(getComputedStyle(part).fontSize);
      if (box.width && (box.right > edge.right + 1 || box.left < edge.left - 1)) wrong.push('too wide: ' + part.textContent.slice(0, 40));
      if (part.clientWidth && part.scrollWidth > part.clientWidth + 1 && !part.closest('svg')) wrong.push('cut: ' + part.textContent.slice(0, 40));
      if (type < 14.6 && !part.closest('svg') && part.textContent.trim()) wrong.push('small type: ' + part.textContent.slice(0, 40));
    }
    for (const line of sheet.querySelectorAll('.write')) if (line.getBoundingClientRect().height < 30) wrong.push('no room for a pen');
  }
  return wrong;
}"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sheet_fits_its_paper(written, browser, language):
    page = browser.new_page()
    page.emulate_media(media="print")
    for name, text in written[language].items():
        page.set_content(text)
        assert page.evaluate(FITS) == [], name
        paper = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == PAGES.get(name, 1), name
    page.close()
