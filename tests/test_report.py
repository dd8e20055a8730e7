"""The report: what the page says against the tables, nothing of strangers alive on it, nothing asked of a network, all files or none."""

import html
import json
import os
import re
import subprocess
import sys

import numpy as np
import openpyxl
import pandas as pd
import pytest

import cxlab as cx
from cxlab import __main__ as command
from cxlab import figures, framework, report, report_components, report_open, report_page, report_touchpoints

ALERT = "<script>document.title='hit'</script>"
IMAGE = "<img src=x onerror=\"document.title='hit'\">"
MATHS = "$\\frac{}{}$ and \\(x\\)"
LINK = "[click](javascript:alert(1)) `code` *bold*"


def run(*arguments, cwd=None, **environment):
    return subprocess.run([sys.executable, "-m", "cxlab", *map(str, arguments)], cwd=cwd, capture_output=True, text=True, encoding="utf-8",
                          env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment})


def hostile_answers(rows=60):
    rng = np.random.default_rng(3)
    pick = rng.integers(0, 4, rows)
    return pd.DataFrame({
        f"Which one? {ALERT}": np.array([ALERT, IMAGE, MATHS, LINK])[pick],
        f"Colour {MATHS}": np.array(["red", "=1+1", "@SUM(A1)", "</style></title><h1>big</h1>"])[rng.integers(0, 4, rows)],
        "Write to ali@example.com": np.array(["yes", "no"])[rng.integers(0, 2, rows)],
        f"How likely are you to recommend us (0-10)? {IMAGE}": rng.integers(0, 11, rows),
        "What else?": [f"answer {k} {IMAGE} call 0532 123 45 67" for k in range(rows)],
        "Email": [f"person{k}@example.com" for k in range(rows)]})


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A report in Turkish of a file whose name, columns and answers attack; run from another folder, paths with blanks and ş."""
    folder = tmp_path_factory.mktemp("boş klasör ş")
    file = folder / f"anket {'<b>$x$' if os.name == 'posix' else 'x'} ş.csv"
    hostile_answers().to_csv(file, index=False)
    done = run("report", file, "--out", folder / "çıktı ş.html", "--lang", "tr", cwd=tmp_path_factory.mktemp("elsewhere"))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def bundled(tmp_path_factory):
    """The report of the bundled sample in English, without a kernel spec or settings of the person to lean on."""
    folder = tmp_path_factory.mktemp("bundled")
    nowhere = {f"JUPYTER_{kind}_DIR": str(folder / "none") for kind in ("CONFIG", "DATA", "RUNTIME")} | {"JUPYTER_PATH": str(folder / "none")}
    done = run("report", cwd=folder, **nowhere)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr and "Traceback" not in done.stderr
    return folder


def visit(browser, page):
    """Open a page with every network cut; returns it, what it asked for, what it logged, the dialogs it opened."""
    tab, asked, logged = browser.new_page(), [], []
    tab.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: logged.append(message.text))
    tab.on("pageerror", lambda error: logged.append(str(error)))
    tab.on("dialog", lambda dialog: (logged.append(f"dialog {dialog.message}"), dialog.dismiss()))
    tab.goto(page.as_uri())
    tab.wait_for_timeout(300)
    return tab, asked, logged


@pytest.mark.parametrize("which, name, language", [("bundled", "report.html", "en"), ("hostile", "çıktı ş.html", "tr")])
def test_page_in_a_browser_without_network(browser, request, which, name, language):
    page = request.getfixturevalue(which) / name
    tab, asked, logged = visit(browser, page)
    assert asked == [page.as_uri()] and logged == []
    assert tab.evaluate("document.documentElement.lang") == language
    assert tab.evaluate("document.querySelectorAll('script, iframe, object, embed, link, a[href], [onerror], [onload]').length") == 0
    pictures = tab.evaluate("[...document.images].map(i => [i.alt, i.naturalWidth, i.closest('figure').querySelector('figcaption').innerText])")
    assert len(pictures) >= 4
    assert all(alt and width > 300 and alt == " ".join(caption.split()) for alt, width, caption in pictures)
    levels = [int(h) for h in tab.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => h.tagName[1])")]
    assert levels[0] == 1 and levels.count(1) == 1 and all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))
    assert tab.title() == tab.evaluate("document.querySelector('h1').textContent")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the window"
    tab.set_viewport_size({"width": 400, "height": 800})
    assert tab.evaluate("[...document.images].every(i => i.getBoundingClientRect().right <= innerWidth)")
    tab.close()


def test_strangers_text_stands_as_it_was_written(browser, hostile):
    tab, _, _ = visit(browser, hostile / "çıktı ş.html")
    text = tab.evaluate("document.body.textContent")
    for hostile_text in (ALERT, IMAGE, MATHS, LINK, "=1+1"):
        assert hostile_text in text
    assert "hit" not in tab.title() and tab.evaluate("document.querySelectorAll('h1').length") == 1
    tab.close()


def test_personal_data_is_nowhere(hostile):
    book = openpyxl.load_workbook(hostile / "çıktı ş_tables.xlsx")
    cells = " ".join(str(cell) for sheet in book for row in sheet.values for cell in row)
    for text in ((hostile / "çıktı ş.html").read_text(encoding="utf-8"), (hostile / "çıktı ş.ipynb").read_text(encoding="utf-8"), cells):
        assert "example.com" not in text and "0532 123" not in text and "person1" not in text
    assert "answer 7" not in cells


def test_only_the_three_files_are_left(hostile, bundled):
    assert sorted(path.name for path in bundled.iterdir()) == ["report.html", "report.ipynb", "report_tables.xlsx"]
    assert {path.suffix for path in hostile.iterdir()} == {".csv", ".html", ".ipynb", ".xlsx"} and len(list(hostile.iterdir())) == 4


def test_page_says_what_the_tables_say(bundled):
    page = (bundled / "report.html").read_text(encoding="utf-8")
    survey = cx.read_survey(cx.sample_path(report.BUNDLED))
    table = cx.five_questions(survey)
    table = table[table["consent_survey"] != "no"]
    nps = cx.nps(table, "likelihood").iloc[0]
    row = cx.share(table, "recommends", "yes").iloc[0]
    plain = re.sub(r"<[^>]+>", " ", page)
    assert f"NPS {framework.number(nps['nps'])}, interval {framework.number(nps['ci_low'])} to {framework.number(nps['ci_high'])}" in plain
    assert f"{100 * row['share']:.0f} % ({100 * row['ci_low']:.0f}–{100 * row['ci_high']:.0f})" in plain
    assert "it says nothing of those who did not answer" in plain and "margin of error" not in plain
    assert "SIMULATED" in plain
    counts = survey.counts
    assert counts["rows_in_file"] == sum(counts[part] for part in ("header_rows", "blank_rows", "set_aside", "read"))
    for part in ("header_rows", "blank_rows", "set_aside", "read", "rows_in_file"):
        assert re.search(rf"{re.escape(framework.say(f'report.{part}'))}\s+{counts[part]}\s", plain)


def test_page_is_small_and_holds_no_code(bundled):
    page = (bundled / "report.html").read_text(encoding="utf-8")
    assert len(page) < 600_000 and "page.open_report" not in page and "http://" not in page and "https://" not in page


def test_turkish_page_has_no_english_left(hostile):
    plain = re.sub(r"<[^>]+>", " ", (hostile / "çıktı ş.html").read_text(encoding="utf-8"))
    for words in ("interval", "answers", "Most named", "set aside", "share", "promoters"):
        assert words not in plain.replace("answer ", "")
    assert "%95 aralığı" in plain and "yanıt vermeyenler hakkında hiçbir şey söylemez" in plain


def test_workbook(hostile):
    book = openpyxl.load_workbook(hostile / "çıktı ş_tables.xlsx")
    assert book.sheetnames[0] == "contents" and len({name.casefold() for name in book.sheetnames}) == len(book.sheetnames)
    assert {"count", "share", "ci_low", "ci_high", "n"} <= set(next(book.worksheets[1].values))
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
    assert any(cell == "'=1+1" for sheet in book for row in sheet.values for cell in row)


def test_executed_notebook_is_valid_and_clean(bundled):
    import nbformat

    notebook = nbformat.read(bundled / "report.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code") and "widgets" not in notebook.metadata
    assert not any(output.output_type in ("stream", "error") for cell in notebook.cells for output in cell.get("outputs", []))


@pytest.mark.parametrize("last, code", [("", 2), ("raise SystemExit(3)", 1)])
def test_what_the_kernel_grumbles(tmp_path, last, code):
    """A kernel may write to the error stream while it is stopped; only if it died is that for the reader."""
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nif 'ipykernel_launcher' in sys.orig_argv:\n    sys.stderr.write('grumble')\n    {last}\n",
                                               encoding="utf-8")
    (tmp_path / "empty.csv").write_bytes(b"")
    done = run("report", "empty.csv", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == code and ("grumble" in done.stderr) == (code == 1)


def test_shipped_notebook_is_thin():
    cells = [cell for cell in json.loads((report_page.HERE / "report.ipynb").read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    source = "".join("".join(cell["source"]) for cell in cells)
    assert "def " not in source and all(not cell["outputs"] and len(cell["source"]) <= 3 for cell in cells)


@pytest.mark.parametrize("language, words", [("en", "empty"), ("tr", "boş")])
def test_a_file_that_cannot_be_read(tmp_path, language, words):
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(cx.CxError) as expected:
        framework.use_language(language)
        cx.read_survey(tmp_path / "empty.csv")
    old = tmp_path / "report.html"
    old.write_text("old", encoding="utf-8")
    done = run("report", "empty.csv", "--lang", language, cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == "" and words in done.stderr.casefold()
    assert done.stderr.replace("\r", "\n").strip().endswith(str(expected.value).strip().splitlines()[-1][-60:])
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.csv", "report.html"] and old.read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("arguments, words", [
    (["--out", "nowhere/report.html"], "no folder"), (["--out", "report.pdf"], "end in .html"), (["--columns", "no.toml"], "no.toml"),
    (["--columns", "bad.toml"], "not valid TOML"), (["--out", "folder.html"], "is a folder")])
def test_what_is_refused_before_anything_runs(tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.toml").write_text("likelihood = How", encoding="utf-8")
    (tmp_path / "folder.html").mkdir()
    monkeypatch.setattr(report_page, "_execute", lambda settings: pytest.fail("ran"))
    assert command.main(["report", *arguments]) == 2
    assert words in capsys.readouterr().err and sorted(path.name for path in tmp_path.iterdir()) == ["bad.toml", "folder.html"]


def test_the_input_is_never_overwritten(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report_tables.xlsx").write_bytes(b"mine")
    assert command.main(["report", "report_tables.xlsx"]) == 2
    assert "overwrite" in capsys.readouterr().err and (tmp_path / "report_tables.xlsx").read_bytes() == b"mine"


def test_any_other_failure_is_kind_and_leaves_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(report_page, "_execute", lambda settings: 1 / 0)
    assert command.main(["report", "--lang", "tr"]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_moving_into_place_is_undone_when_it_fails(tmp_path):
    made, targets = [tmp_path / f"new{k}" for k in range(3)], [tmp_path / f"t{k}" for k in range(3)]
    for k in (0, 1):
        made[k].write_text(f"new {k}", encoding="utf-8")
        targets[k].write_text(f"old {k}", encoding="utf-8")
    with pytest.raises(cx.CxError, match="nothing was changed"):
        report_page._put(made, targets, tmp_path)
    assert [target.read_text(encoding="utf-8") if target.exists() else None for target in targets] == ["old 0", "old 1", None]


@pytest.mark.parametrize("language, words", [("en", "was not understood"), ("tr", "anlaşılmadı")])
@pytest.mark.parametrize("arguments", [["reprot"], ["report", "--ou", "x.html"], ["report", "a", "b"], ["report", "--lang"], []])
def test_commands_that_are_not_understood(capsys, language, words, arguments):
    with pytest.raises(SystemExit) as stop:
        command.main(["--lang", language, *arguments])
    told = capsys.readouterr().err
    assert stop.value.code == 2 and (words in told or arguments == ["report", "--lang"]) and ("usage:" not in told)


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["report", "--help"]])
def test_help_in_turkish_is_turkish(capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        command.main([*arguments, "--lang", "tr"])
    told = capsys.readouterr().out
    assert stop.value.code == 0 and "kullanım" in told and "seçenekler" in told and not re.search(r"usage|options:|show this", told)


def test_check_tells_what_to_do_and_fails_with_one(monkeypatch, capsys):
    import cxlab.setup_check

    table = pd.DataFrame({"check": ["Python", "fonts"], "status": ["OK", "OK"], "found": ["3.12", "DejaVu"], "what_to_do": ["", ""]})
    monkeypatch.setattr(cxlab.setup_check, "check_setup", lambda: table)
    assert command.main(["check"]) == 0
    table.loc[1, ["status", "what_to_do"]] = ["FAIL", "install it"]
    assert command.main(["check"]) == 1 and "install it" in capsys.readouterr().out


# ---- the cells of the notebook, without a kernel -------------------------------------------------------------------------------------------


@pytest.fixture
def shown(monkeypatch):
    """What the cells would show: HTML and captions, in order."""
    texts = []
    for module in (report, report_components, report_open, report_touchpoints):
        monkeypatch.setattr(module, "_html", lambda *parts: texts.extend(part for part in parts if part))
    monkeypatch.setattr(figures, "show", lambda ax, caption=None: (texts.append(ax.caption), figures.plt.close(ax.figure)))
    import cxlab.charts

    monkeypatch.setattr(cxlab.charts, "show", figures.show)
    return texts


def opened(tmp_path, monkeypatch, frame, **settings):
    file = tmp_path / "answers.csv"
    frame.to_csv(file, index=False)
    monkeypatch.setenv(report_page.SETTINGS, json.dumps({"file": str(file), "language": "en", **settings}))
    made = report.open_report()
    report.count(made)
    report_open.code(made)
    report_components.score(made)
    return made


def likely(scores, header="How likely are you to recommend us?"):
    return pd.DataFrame({header: scores, "Colour": (["red", "blue", "green"] * len(scores))[:len(scores)]})


@pytest.mark.parametrize("scores, header, words", [
    ([0, 3, 7, 8, 9, 10] * 10, "How likely are you to recommend us?", "NPS -"),
    ([1, 3, 7, 8, 9, 10] * 10, "How likely are you to recommend us?", "No NPS"),
    ([2, 3, 7, 8, 9, 10] * 10, "Bizi tavsiye etme olasılığınız nedir (0 ile 10 arası)?", "NPS"),
    ([1, 2, 3, 4, 5] * 12, "How likely are you to recommend us?", "No NPS"),
    ([0, 3, 7, 8, 9, 10] * 10, "How happy did it make you?", "no item on 0–10")])
def test_nps_only_from_an_item_that_shows_it_is_one(tmp_path, monkeypatch, shown, scores, header, words):
    made = opened(tmp_path, monkeypatch, likely(scores, header))
    report.nps(made)
    text = " ".join(shown)
    assert ("nps" in made.tables) == words.startswith("NPS")
    if words.startswith("NPS"):
        points = np.array(scores)
        assert f"NPS {framework.number(100 * ((points >= 9).mean() - (points <= 6).mean()))}" in text
    else:
        assert words in text


def test_a_named_column_is_taken_as_the_item(tmp_path, monkeypatch, shown):
    header = "How likely are you to recommend us?"
    made = opened(tmp_path, monkeypatch, likely([1, 3, 7, 8, 9, 10] * 10, header), columns={"likelihood": header})
    report.nps(made)
    assert "nps" in made.tables and made.tables["nps"]["n"].iloc[0] == 60
    with pytest.raises(cx.CxError):
        opened(tmp_path, monkeypatch, likely([1, 3, 7, 8, 9, 10] * 10, header), columns={"likelihood": "no such column"})


def test_slips_off_the_scale_are_left_out_with_their_row(tmp_path, monkeypatch, shown):
    made = opened(tmp_path, monkeypatch, likely([0, 3, 7, 8, 9, 10] * 10 + [11]))
    report.nps(made)
    assert made.tables["nps"]["n"].iloc[0] == 60 and "not on 0–10: 1 (spreadsheet row 62)" in " ".join(shown)


def test_groups_under_ten_are_pooled_and_hidden(tmp_path, monkeypatch, shown):
    frame = pd.DataFrame({"Colour": ["red", "blue"] * 4, "Size": ["small", "large"] * 4})
    made = opened(tmp_path, monkeypatch, frame)
    report.overview(made)
    report.questions(made, "single")
    assert not re.search(r"\d+ % \(\d", " ".join(shown)) and "not drawn" in " ".join(shown).casefold()
    values = pd.Series(["web"] * 20 + ["phone"] * 6 + ["post"] * 3)
    report._closed_remark(made, "door", values)
    table = shown[-1]
    assert "web" in table and "phone" not in table and "under 10" in table


def test_who_refused_is_in_no_table(monkeypatch):
    monkeypatch.setenv(report_page.SETTINGS, "{}")
    made = report.open_report()
    survey = made.survey
    table = cx.five_questions(survey)
    refused = table.index[table["consent_survey"] == "no"]
    assert len(refused) == len(made.left_out["refused"]) > 0
    assert not set(refused) & set(made.answers.index) and not set(refused) & set(made.five.index)
    assert len(made.answers) + len(made.left_out["refused"]) + len(made.left_out["faulty"]) == survey.counts["read"]


def test_sheet_names_are_legal_and_unique():
    names = report._sheet_names(["a" * 60, "a" * 59 + "b", "x/y:z*?[1]\\", "", "'", "Şube"])
    assert len({name.casefold() for name in names}) == 6
    assert all(1 <= len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) and "'" not in name for name in names)


def test_a_column_map_can_say_that_a_question_was_not_asked(tmp_path):
    (tmp_path / "map.toml").write_text('annoys = ""\nimportant = ["a", "b"]\n', encoding="utf-8")
    assert report_page._column_map(tmp_path / "map.toml") == {"annoys": None, "important": ["a", "b"]}


# ---- open questions ------------------------------------------------------------------------------------------------------------------------

QUESTIONS = {entry["key"]: entry["text_en"] for entry in framework.vocabulary()["questions"]}
CONSENT = "May we quote what you wrote, word for word but without your name?"
OPEN_CELLS = ("open_answers", "themes", "quotes", "organisations", "missed")


def five_file(n=40, consent="Yes", **given):
    """Answers of n people to the five questions; a text for all, or a list of n."""
    texts = {"important_1": "fair prices", "important_2": "friendly staff", "important_3": None, "annoys": "long queues", "organisations": "none"} | given
    table = {f"{QUESTIONS['important']} ({k})": texts[f"important_{k}"] for k in (1, 2, 3)}
    table |= {QUESTIONS[key]: texts[key] for key in ("annoys", "organisations")}
    frame = pd.DataFrame(table | {QUESTIONS["recommends"]: "Yes", QUESTIONS["social_media"]: "No"}, index=range(n))
    return frame if consent is None else frame.assign(**{CONSENT: consent})


def section(made, shown, *cells):
    """What these cells say, as text, and the rows of their tables."""
    shown.clear()
    for cell in cells:
        getattr(report_open, cell)(made)
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for part in shown for row in re.findall(r"<tr.*?</tr>", part)]
    return " ".join(shown), [row for row in rows if row]


@pytest.mark.parametrize("sample, language, name", [("google_forms_tr", "tr", "name_tr"), ("surveymonkey_en", "en", "name"), ("google_forms_tr", "en", "name")])
def test_shares_of_themes_are_those_of_the_coded_people(monkeypatch, shown, sample, language, name):
    monkeypatch.setenv(report_page.SETTINGS, json.dumps({"file": str(cx.sample_path(sample)), "language": language}))
    made = report.open_report()
    report_open.code(made)
    text, rows = section(made, shown, "themes")
    book = cx.load_codebook()
    for columns, key in ((["important_1", "important_2", "important_3"], "important"), (["annoys"], "annoys")):
        people = cx.code_people(made.five, columns, book)
        expected = cx.multiple_response(people.to_frame(), "codes")
        names = dict(zip(book["code"], book[name], strict=True))
        table = made.tables[f"{key} themes"]
        assert table["value"].tolist() == [names[code] for code in expected["value"]]
        assert table[["n", "count", "share", "ci_low"]].equals(expected[["n", "count", "share", "ci_low"]])
        first = next(row for _, row in expected.iterrows() if row["value"] not in ("other", "none", "dont_know"))
        assert [names[first["value"]], str(first["count"]), str(first["n"]), report._share_range(first)] in rows
        kinds = made.tables[f"{key} coded"]
        themed = people.dropna().map(lambda codes: bool(set(codes) - {"other", "none", "dont_know"}))
        assert kinds["count"].sum() == people.notna().sum() == kinds["n"].iloc[0] and kinds["count"].iloc[0] == themed.sum()
    assert "cx.review" in text and ("nobody has checked" in text) == (language == "en")
    report.overview(made)
    assert names[first["value"]] in shown[-2]


@pytest.mark.parametrize("sample", ["google_forms_tr", "surveymonkey_en"])
def test_quotes_are_of_people_who_allowed_it_and_hold_nothing_personal(monkeypatch, shown, sample):
    monkeypatch.setenv(report_page.SETTINGS, json.dumps({"file": str(cx.sample_path(sample))}))
    made = report.open_report()
    report_open.code(made)
    text, rows = section(made, shown, "quotes")
    allowed = made.five[made.five["consent_quote"] == "yes"]
    theirs = {" ".join(text.split()) for column in (*report_open.vocabulary()["questions"][0]["columns"], "annoys") for text in allowed[column].dropna()}
    quotes = [re.sub(r"&#39;|&#x27;", "'", re.sub(r"&quot;", '"', quote))[1:-1] for _, quote in rows]
    assert len(quotes) >= 8 and set(quotes) <= theirs and len(set(quotes)) == len(quotes)
    assert all(cx.mask(quote) == quote and len(re.findall(r"\w+", quote)) >= 3 and len(quote) <= 200 for quote in quotes)
    assert all(int(re.search(r"\d+", theme)[0]) >= 10 for theme, _ in rows if theme)
    assert not any(rows[k][0] == rows[k + 1][0] == rows[k + 2][0] == "" for k in range(len(rows) - 2)) and rows[0][0] != ""
    assert section(made, shown, "quotes") == (text, rows)
    cells = " ".join(str(cell) for table in made.tables.values() for row in table.astype(object).values for cell in row)
    assert not any(quote in cells for quote in quotes)


@pytest.mark.parametrize("consent, words", [(None, "no column in which people allow"), ("No", "nobody among the 40 people")])
def test_no_consent_no_quote(tmp_path, monkeypatch, shown, consent, words):
    made = opened(tmp_path, monkeypatch, five_file(consent=consent, annoys=[f"too expensive for {k} people" for k in range(40)]))
    text, rows = section(made, shown, "quotes")
    assert words in text and rows == []


UNQUOTABLE = ["too expensive, write to ali@example.com", "too expensive, call 0532 123 45 67", "Ahmet said too expensive today", "ahmet bey was too expensive",
              "too expensive says Mehmet again", "zeynep'in fiyatları çok pahalı", "too expensive, ask @someone there", "order 123456 was too expensive",
              "TOO EXPENSIVE SAID AYŞE", "too expensive " + "and so on " * 30, "too expensive", "محمد said too expensive here"]


def test_what_may_name_a_person_is_not_quoted(tmp_path, monkeypatch, shown):
    harmless = ["too expensive <b onclick=x> *for* $what$ it is", "far too expensive\u202e for me"]
    texts = UNQUOTABLE + harmless + ["expensive"] * (40 - len(UNQUOTABLE) - len(harmless))
    made = opened(tmp_path, monkeypatch, five_file(annoys=texts, important_1="price", important_2=None))
    text, rows = section(made, shown, "quotes")
    assert sorted(quote for _, quote in rows) == sorted(["“too expensive &lt;b onclick=x&gt; &#42;for&#42; <span>&#36;</span>what<span>&#36;</span> it is”",
                                                         "“far too expensive for me”"])
    assert "10 of the 12 different texts" in text  # the too short and the too long are not counted
    assert rows[0][0].endswith("(40 of 40 people)") and rows[1][0] == ""


def test_a_quote_needs_ten_people_with_its_theme(tmp_path, monkeypatch, shown):
    texts = ["too expensive for me"] + ["pricey and expensive"] * 8 + ["the queue was long"] * 31
    made = opened(tmp_path, monkeypatch, five_file(annoys=texts, important_1=None, important_2=None))
    text, _ = section(made, shown, "quotes")
    assert "queue" in text and "expensive" not in text


def test_organisations_of_ten_people_are_named_others_are_counted(tmp_path, monkeypatch, shown):
    named = ["thy"] * 7 + ["Türk Hava Yollari"] * 5 + ["Arçelik"] * 9 + ["Migros and THY"] + ["Bakkal Hüseyin"] * 12 + ["none"] * 6
    made = opened(tmp_path, monkeypatch, five_file(organisations=named))
    text, rows = section(made, shown, "organisations")
    assert [row[:3] for row in rows] == [["Türk Hava Yolları", "13", "40"]]
    assert "34 wrote a name" in text and "10 people named one of them" in text and "Arçelik" not in text and "Hüseyin" not in text
    table = made.tables["organisations"]
    assert table["count"].tolist() == [13, 10] and (table["n"] == 40).all()
    expected = cx.share(pd.DataFrame({"thy": ["yes"] * 13 + ["no"] * 27}), "thy", "yes")
    assert table[["share", "ci_low", "ci_high"]].iloc[0].tolist() == pytest.approx(expected[["share", "ci_low", "ci_high"]].iloc[0].tolist())


def test_no_organisation_at_all(tmp_path, monkeypatch, shown):
    made = opened(tmp_path, monkeypatch, five_file(organisations="none"))
    text, rows = section(made, shown, "organisations")
    assert "0 wrote a name" in text and "none is shown" in text and rows == []


def test_words_that_the_codebook_missed_count_people_and_hide_the_rare(tmp_path, monkeypatch, shown):
    important = ["zorblax here"] * 12 + ["quixle there"] * 5 + ["fair prices"] * 23
    frame = five_file(important_1=important, important_2=important, important_3=["more zorblax"] * 12 + [None] * 28)
    made = opened(tmp_path, monkeypatch, frame)
    text, rows = section(made, shown, "missed")
    assert ["zorblax", "12", "17"] in [row[:3] for row in rows] and "quixle" not in text and "here" not in [row[0] for row in rows if int(row[1]) < 10]
    assert made.tables["important words"]["count"].max() == 12 and made.tables["important words"]["count"].min() >= 10
    share = cx.share(pd.DataFrame({"word": ["yes"] * 12 + ["no"] * 5}), "word", "yes").iloc[0]
    assert next(row for row in rows if row[0] == "zorblax")[3] == report._share_range(share)
    cells = " ".join(str(cell) for table in made.tables.values() for row in table.astype(object).values for cell in row)
    assert "quixle" not in cells and "zorblax here" not in cells


def test_other_open_questions_are_coded_only_where_the_codebook_fits(tmp_path, monkeypatch, shown):
    places = [f"corner {chr(97 + k % 26)}{k} street" for k in range(60)]
    frame = pd.DataFrame({"What did you like?": [f"fair prices, shelf {k}" for k in range(60)], "Where was it, ali@example.com?": places,
                          "What was bad?": [f"bad queue {k}" if k < 29 else None for k in range(60)]})
    made = opened(tmp_path, monkeypatch, frame)
    assert made.five is None and {made.survey.questions.set_index("column")["kind"][column] for column in frame} == {"open"}
    text, rows = section(made, shown, *OPEN_CELLS)
    assert [coded.text for coded in made.coded] == ["What did you like?"] and made.tables["What did you like? themes"]["n"].iloc[0] == 60
    assert "Only counted, not coded: Where was it, [e-mail]?; What was bad?" in html.unescape(text) and "shelf" not in text and "corner" not in text


def test_many_answers_are_drawn_from_and_that_is_said(tmp_path, monkeypatch, shown):
    for limit in ("MOST_READ", "MOST_NAMED"):
        monkeypatch.setattr(report_open, limit, 30)
    frame = five_file(organisations=["thy", "Arçelik"] * 20, annoys="zorblax").assign(**{"What else?": [f"fair prices, shelf {k}" for k in range(40)]})
    made = opened(tmp_path, monkeypatch, frame)
    assert made.tables["What else? themes"]["n"].max() == made.tables["organisations"]["n"].max() == made.tables["annoys words"]["n"].max() == 30
    assert made.tables["annoys themes"]["n"].max() == 40
    assert all("30 of the 40 people" in section(made, shown, cell)[0] for cell in ("themes", "organisations", "missed"))


@pytest.mark.parametrize("language", ["en", "tr"])
def test_fewer_than_ten_people_show_nothing(tmp_path, monkeypatch, shown, language):
    made = opened(tmp_path, monkeypatch, five_file(8, organisations="thy"), language=language)
    text, rows = section(made, shown, "themes", "quotes", "organisations", "missed")
    assert rows == [] and "<img" not in text and not {"important themes", "annoys coded", "organisations"} & set(made.tables)
    assert html.unescape(text).count(framework.say("report.too_few")) == 3
    report.overview(made)


def test_a_file_without_open_questions_has_no_section_on_them(tmp_path, monkeypatch, shown):
    made = opened(tmp_path, monkeypatch, likely([0, 3, 7, 8, 9, 10] * 10))
    assert section(made, shown, *OPEN_CELLS) == ("", [])


def test_strange_answers_come_through(tmp_path, monkeypatch, shown):
    strange = [ALERT, IMAGE, MATHS, LINK, "=1+1", "x" * 5000, "\u202eesrever", "😀 😀 😀", "-", "?", " ", "NULL", "a\nb\nc d"]
    texts = strange * 3 + ["fair prices"] * 11
    made = opened(tmp_path, monkeypatch, five_file(50, annoys=texts, important_1=texts[::-1], organisations=texts))
    text, _ = section(made, shown, *OPEN_CELLS)
    assert "<script" not in text and "<img src=x" not in text and made.tables["annoys coded"]["count"].sum() == made.tables["annoys coded"]["n"].iloc[0]


# ---- the three components ------------------------------------------------------------------------------------------------------------------

ITEMS = {key: [f"{key}_{k}" for k in (1, 2, 3, 4)] for key in framework.keys("components")}
EVERY_ITEM = sum(ITEMS.values(), [])


@pytest.fixture(scope="module")
def experiences():
    return cx.load("experiences")[["customer", *EVERY_ITEM, "likelihood"]]


def expected_importance(table):
    """What the report has to show, put together by hand."""
    scores = {key: cx.scale_score(table[items], 1, 7, ["emotional_3"] if key == "emotional" else []) for key, items in ITEMS.items()}
    return cx.importance(pd.DataFrame(scores).assign(likelihood=table["likelihood"], customer=table["customer"]), "likelihood", list(ITEMS), cluster="customer", rng=1)


@pytest.mark.parametrize("renamed, columns", [
    ({}, {"reversed": ["emotional_3"]}), ({"emotional_3": "emotional_3 (R)"}, {}),
    ({item: f"{label} {item[-1]}{' (T)' * (item == 'emotional_3')}" for key, label in (("functional", "İşlevsel"), ("accessible", "erişilebilir"), ("emotional", "DUYGUSAL"))
      for item in ITEMS[key]}, None),
    ({item: f"Q{k}" for k, item in enumerate(EVERY_ITEM)}, {"functional": ["Q0", "Q1", "Q2", "Q3"], "accessible": ["Q4", "Q5", "Q6", "Q7"],
                                                           "emotional": ["Q8", "Q9", "Q10", "Q11"], "reversed": "Q10"})])
def test_items_are_scored_and_weighed_as_by_hand(tmp_path, monkeypatch, shown, experiences, renamed, columns):
    header = "How likely are you to recommend us (0-10)?"
    made = opened(tmp_path, monkeypatch, experiences.rename(columns=renamed | {"likelihood": header}), columns=columns)
    shown.clear()
    report_components.components(made)
    text, found = " ".join(shown), made.tables["component importance"]
    pd.testing.assert_frame_equal(found.reset_index(drop=True), expected_importance(experiences).reset_index(drop=True), check_dtype=False)
    alpha = made.tables["component reliability"].set_index("component")["alpha"]
    for key, items in ITEMS.items():
        assert alpha[key] == pytest.approx(cx.reliability(experiences[items], ["emotional_3"] * (key == "emotional"), 1, 7)["alpha"].iloc[0], abs=1e-12)
        row, name = found.set_index("driver").loc[key], framework.label("components", key)
        assert f"{framework.number(alpha[key], 2)} (" in text and f"{row['importance']:.2f} ({row['ci_low']:.2f}–{row['ci_high']:.2f})" in text and name in text
    score = cx.scale_score(experiences[ITEMS["accessible"]], 1, 7).rename("y").to_frame().assign(customer=experiences["customer"])
    by_hand = cx.mean(score, "y", cluster="customer").iloc[0]
    told = made.tables["component scores"].set_index("component").loc["accessible"]
    assert told[["n", "mean", "ci_low", "ci_high"]].tolist() == pytest.approx(by_hand[["n", "mean", "ci_low", "ci_high"]].tolist(), abs=1e-12)
    assert "drives it, these answers cannot show" in text and "&quot;customer&quot; belong together" in text and f"Of {found['n'].iloc[0]:,} answers" in text


def test_an_item_that_runs_against_the_others_is_not_turned_by_guess(tmp_path, monkeypatch, shown, experiences):
    made = opened(tmp_path, monkeypatch, experiences)
    report_components.components(made)
    text = " ".join(shown)
    assert "runs against the other items: emotional&#95;3" in text and "Not computed: an item runs against the others" in text
    assert "component importance" not in made.tables and set(made.tables["component scores"]["component"]) == {"functional", "accessible"}


def test_single_questions_of_the_five_are_scores_without_reliability(monkeypatch, shown):
    monkeypatch.setenv(report_page.SETTINGS, json.dumps({"file": str(cx.sample_path("surveymonkey_en")), "language": "en"}))
    made = report.open_report()
    report.count(made)
    report_components.score(made)
    report_components.components(made)
    text, five = " ".join(shown), made.five
    assert "nothing can be said of reliability" in text and "component reliability" not in made.tables
    by_hand = cx.importance(five[[*ITEMS, "likelihood"]], "likelihood", list(ITEMS), rng=1)
    pd.testing.assert_frame_equal(made.tables["component importance"].reset_index(drop=True), by_hand.reset_index(drop=True), check_dtype=False)
    assert made.tables["component scores"]["mean"].tolist() == pytest.approx([five[key].mean() for key in ITEMS])


@pytest.mark.parametrize("change, words", [
    (lambda t: t.head(29), "Not computed: "), (lambda t: t.drop(columns="likelihood"), "no item on 0–10"),
    (lambda t: t.assign(likelihood=7), "no item on 0–10"), (lambda t: t.replace({"functional_1": {1: 99}}), "not lie on one of the scales"),
    (lambda t: t[["customer", *ITEMS["functional"], "likelihood"]], "only one was asked about")])
def test_what_cannot_be_weighed_says_why(tmp_path, monkeypatch, shown, experiences, change, words):
    made = opened(tmp_path, monkeypatch, change(experiences.rename(columns={"emotional_3": "emotional_3 (R)"})))
    report_components.components(made)
    assert words in " ".join(shown) and "component importance" not in made.tables


@pytest.mark.parametrize("customer", [1, ["yes", "no"]])
def test_a_column_that_tells_no_customers_apart_is_no_cluster(tmp_path, monkeypatch, shown, experiences, customer):
    table = experiences.head(300).rename(columns={"emotional_3": "emotional_3 (R)"}).assign(customer=customer * 150 if isinstance(customer, list) else customer)
    made = opened(tmp_path, monkeypatch, table)
    report_components.components(made)
    assert "belong together" not in " ".join(shown) and len(made.tables["component importance"]) == 3


def test_scores_that_are_all_the_same_are_said(tmp_path, monkeypatch, shown, experiences):
    table = experiences.rename(columns={"emotional_3": "emotional_3 (R)"}).assign(**dict.fromkeys(ITEMS["functional"], 4))
    made = opened(tmp_path, monkeypatch, table)
    report_components.components(made)
    assert "the same in every complete answer" in " ".join(shown) and "component importance" not in made.tables


def test_a_file_without_components_has_no_section_on_them(tmp_path, monkeypatch, shown):
    made = opened(tmp_path, monkeypatch, likely([0, 3, 7, 8, 9, 10] * 10))
    shown.clear()
    report_components.components(made)
    assert made.components is None and not shown


def test_items_that_are_not_there_are_named(tmp_path, monkeypatch, experiences):
    with pytest.raises(cx.CxError, match="'Q99'.*'customer'"):
        opened(tmp_path, monkeypatch, experiences, columns={"functional": ["functional_1", "Q99"]})


@pytest.mark.parametrize("header, component, reverse", [
    ("functional_1", "functional", False), ("Accessible 2 (R)", "accessible", True), ("DUYGUSAL-3 ters", "emotional", True), ("işlevsel", "functional", False),
    ("İşlevsel 4: İstediğimi aldım", "functional", False), ("emotional", "emotional", False), ("emotional support", None, False), ("functional_2019x", None, False),
    ("functional 2019", None, False), ("score_functional", None, False), ("", None, False)])
def test_headers_of_items(header, component, reverse):
    assert report_components._component(header) == (component, reverse)


def test_items_in_a_grid_and_items_answered_in_words(tmp_path, monkeypatch, shown, experiences):
    grid = experiences.rename(columns={item: f"How far do you agree? [{item.replace('_', ' ')}{' (R)' * (item == 'emotional_3')}]" for item in EVERY_ITEM})
    for table in (grid, grid.rename(columns=lambda name: name.replace(" [", " – ").removesuffix("]"))):
        made = opened(tmp_path, monkeypatch, table)
        assert {key: len(found) for key, found in made.components.items.items()} == {key: len(found) for key, found in ITEMS.items()}
        pd.testing.assert_frame_equal(made.components.weighed, expected_importance(experiences))
    words = experiences.assign(**{item: experiences[item].map(dict(enumerate("abcdefg", 1))) for item in EVERY_ITEM})
    shown.clear()
    report_components.components(opened(tmp_path, monkeypatch, words))
    assert "answered in words" in " ".join(shown) and "functional_1" in html.unescape(" ".join(shown))


def test_headers_of_strangers_stay_text(tmp_path, monkeypatch, shown, experiences):
    made = opened(tmp_path, monkeypatch, experiences.rename(columns={"functional_1": f"x {ALERT} $x$ ali@example.com"}),
                  columns={"functional": [f"x {ALERT} $x$ ali@example.com", "functional_2"], "reversed": ["emotional_3"]})
    report_components.components(made)
    text = " ".join(part for part in shown if "<p>" in part or "<table" in part)
    assert "<script" not in text and "$x$" not in text and "ali@example.com" not in " ".join(shown)


# ---- NPS by touchpoint and over rounds -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def asked_twice():
    return cx.load("touchpoint_nps")[["customer", "round", "touchpoint", "score"]]


def touchpoints_of(tmp_path, monkeypatch, shown, frame, **settings):
    made = opened(tmp_path, monkeypatch, frame, **settings)
    shown.clear()
    report_touchpoints.touchpoints(made)
    return made, " ".join(shown)


@pytest.mark.parametrize("language, renamed, columns", [
    ("en", {}, None), ("tr", {"customer": "Müşteri", "round": "Tur", "touchpoint": "Temas Noktası", "score": "SKOR"}, None),
    ("en", {"round": "Q1", "touchpoint": "Q2", "score": "Q3"}, {"round": "Q1", "touchpoint": "Q2", "likelihood": "Q3"})])
def test_nps_by_touchpoint_and_round_is_that_of_the_functions(tmp_path, monkeypatch, shown, asked_twice, language, renamed, columns):
    names = {row["key"]: row[language] for row in framework.vocabulary()["touchpoints"]}
    told = asked_twice.assign(touchpoint=asked_twice["touchpoint"].astype("str").map(names)).rename(columns=renamed)
    made, text = touchpoints_of(tmp_path, monkeypatch, shown, told, columns=columns, language=language)
    by_hand = cx.nps(asked_twice, "score", by="touchpoint", cluster="customer")
    found = made.tables["nps by touchpoint"]
    assert found["touchpoint"].tolist() == list(names.values())
    numbers = ["n", "nps", "se", "ci_low", "ci_high"]
    pd.testing.assert_frame_equal(found[numbers].reset_index(drop=True), by_hand[numbers].reset_index(drop=True), check_dtype=False)
    pd.testing.assert_frame_equal(made.tables["nps by round"][numbers].reset_index(drop=True), cx.rounds(asked_twice)[numbers], check_dtype=False)
    wide = asked_twice.pivot(index=["customer", "touchpoint"], columns="round", values="score").reset_index()
    change = cx.nps_change(wide.rename(columns={1: "one", 2: "two"}), "one", "two", by="touchpoint", overlap="all")
    assert made.tables["nps change"]["change"].tolist() == pytest.approx(change["change"].tolist())
    for row in found.itertuples():
        assert f"{framework.number(row.nps)} ({framework.number(row.ci_low)}" in text and row.touchpoint in html.unescape(text)


def test_months_by_name_stand_in_the_order_of_the_calendar(tmp_path, monkeypatch, shown):
    for months in (["Ocak", "Şubat", "Mart", "Nisan", "Mayıs"], ["Nov 2025", "Dec 2025", "Jan 2026", "Feb 2026"]):
        told = pd.DataFrame({"month": months * 12, "score": ([0, 8, 9, 10] * 15)[:12 * len(months)], "customer": [n // len(months) for n in range(12 * len(months))]})
        made, _ = touchpoints_of(tmp_path, monkeypatch, shown, told)
        assert made.tables["nps by round"]["round"].astype("str").tolist() == months
    two = pd.DataFrame({"month": ["May", "April"] * 12, "score": [9, 0] * 12, "customer": [n // 2 for n in range(24)]})
    made, _ = touchpoints_of(tmp_path, monkeypatch, shown, two)
    assert made.tables["nps change"]["change"].tolist() == [200]  # from April to May


def test_a_question_can_ask_for_the_touchpoint(tmp_path, monkeypatch, shown):
    told = pd.DataFrame({"Son temas noktanız hangisiydi?": ["Şube", "Kargo"] * 30, "Bizi tavsiye etme olasılığınız nedir (0-10)?": [0, 8, 9, 10] * 15,
                         "Was the touchpoint easy?": ["yes", "no", "no"] * 20})
    made, _ = touchpoints_of(tmp_path, monkeypatch, shown, told)
    assert made.tables["nps by touchpoint"]["touchpoint"].tolist() == ["Kargo", "Şube"]


def test_the_nps_of_all_counts_whole_customers_too(tmp_path, monkeypatch, shown, asked_twice):
    made = opened(tmp_path, monkeypatch, asked_twice)
    report.nps(made)
    numbers = ["n", "nps", "se", "ci_low", "ci_high"]
    pd.testing.assert_frame_equal(made.tables["nps"][numbers], cx.nps(asked_twice, "score", cluster="customer")[numbers], check_dtype=False)
    assert 'share a value of &quot;customer&quot;' in " ".join(shown) or 'share a value of "customer"' in " ".join(shown)


def test_remarks_quote_no_open_answer_and_say_the_same_once(tmp_path, monkeypatch, shown):
    told = likely([0, 3, 7, 8, 9, 10] * 10).astype(object)
    told.iloc[::10, 0] = "prefer not to say"
    told["Why?"] = [f"Ayþe {n} waited" for n in range(60)]
    made = opened(tmp_path, monkeypatch, told)
    shown.clear()
    report._remarks(made)
    text = " ".join(shown)
    assert "Ayþe" not in text and "Ayþe" not in made.tables["remarks"].to_string() and text.count("prefer not to say") == 1 and "2, 12, 22, 32, 42, … (6)" in text
    assert len(made.tables["remarks"]) > 50  # the workbook has every row


def test_amounts_are_not_listed_one_by_one(tmp_path, monkeypatch):
    made = opened(tmp_path, monkeypatch, likely([0, 3, 7, 8, 9, 10] * 20).assign(spent=[100.5 + n for n in range(120)]))
    assert "spent" in made.results and "spent" not in made.tables and "Colour" in made.tables


def test_rounds_have_limits_from_the_eighth_on(tmp_path, monkeypatch, shown):
    monthly = cx.load("touchpoint_nps_rounds")
    for most, words in ((16, "three standard errors"), (7, "No limits are drawn")):
        made, text = touchpoints_of(tmp_path, monkeypatch, shown, monthly[monthly["round"] <= most].drop(columns="month"))
        assert words in text and len(made.tables["nps by round"]) == most and "nps change" not in made.tables
    assert "NPS by touchpoint" not in text


def test_touchpoints_of_few_people_are_counted_and_not_shown(tmp_path, monkeypatch, shown):
    told = pd.DataFrame({"touchpoint": ["till"] * 40 + ["lift"] * 9, "score": [0, 8, 9, 10] * 12 + [0]})
    made, text = touchpoints_of(tmp_path, monkeypatch, shown, told)
    assert made.tables["nps by touchpoint"]["touchpoint"].tolist() == ["till"] and "Left out: 1" in text and "lift:" not in text


@pytest.mark.parametrize("frame, words", [
    (likely([0, 3, 7, 8, 9, 10] * 10), ""), (likely([0, 3, 7, 8, 9, 10] * 10).assign(touchpoint="till"), ""),
    (pd.DataFrame({"touchpoint": ["till", "lift"] * 30, "score": [1, 2, 3, 4, 5] * 12}), "no item on 0–10")])
def test_without_touchpoints_or_scores_nothing_is_shown(tmp_path, monkeypatch, shown, frame, words):
    made, text = touchpoints_of(tmp_path, monkeypatch, shown, frame)
    assert words in text and bool(text) == bool(words) and "nps by touchpoint" not in made.tables


def test_touchpoints_of_strangers_stay_text_and_a_column_not_there_is_named(tmp_path, monkeypatch, shown):
    told = pd.DataFrame({"touchpoint": [f"{ALERT} $x$", "call ali@example.com"] * 30, "score": [0, 8, 9, 10] * 15, "round": ["=1+1", MATHS, IMAGE] * 20})
    made, text = touchpoints_of(tmp_path, monkeypatch, shown, told)
    page = " ".join(part for part in shown if "<p>" in part or "<table" in part)
    assert "<script" not in page and "<img" not in page and "$x$" not in page and "ali@example.com" not in text
    with pytest.raises(cx.CxError, match="'Q99'.*'touchpoint'"):
        touchpoints_of(tmp_path, monkeypatch, shown, told, columns={"touchpoint": "Q99"})


def test_each_distinct_value_is_looked_at_once(monkeypatch):
    """A report of 100,000 rows once took seven minutes, because every cell of every column was held against the touchpoints."""
    looked, known = [], report_touchpoints._touchpoint
    monkeypatch.setattr(report_touchpoints, "_touchpoint", lambda value: looked.append(value) or known(value))
    assert report_touchpoints._known_touchpoints(pd.Series(["after a purchase", "after a sales call"] * 500)) and len(looked) == 2
