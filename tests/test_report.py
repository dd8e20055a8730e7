"""The report: what the page says against the tables, nothing of strangers alive on it, nothing asked of a network, all files or none."""

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
from cxlab import figures, framework, report, report_page

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
    monkeypatch.setattr(report, "_html", lambda *parts: texts.extend(part for part in parts if part))
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
