"""What several test files share: the display language put back after each test, no personal Jupyter settings, one browser, a reader of files."""

import os
import pathlib

import pytest
from hypothesis import settings

import cxlab as cx
from cxlab import framework

ROOT = pathlib.Path(__file__).parents[1]
# No test asserts a time; and where a change is judged, the same examples are drawn each time (elsewhere new ones, to find more).
settings.register_profile("kit", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("kit")
CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(autouse=True)
def english():
    framework.use_language("en")
    yield
    framework.use_language("en")


@pytest.fixture
def jupyter_dirs(tmp_path, monkeypatch):
    """Nothing of the person's own Jupyter is read or written."""
    for kind in ("CONFIG", "DATA", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{kind}_DIR", str(tmp_path / kind.lower()))
    return tmp_path


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium. Without it the test is skipped, and the last line of `make test` says so; CXLAB_BROWSER=required forbids that."""
    if not os.path.exists(CHROMIUM):
        if os.environ.get("CXLAB_BROWSER") == "required":
            pytest.fail(f"CXLAB_BROWSER=required, but there is no {CHROMIUM}")
        pytest.skip("no browser")
    from playwright.sync_api import sync_playwright

    root = ["--no-sandbox"] if hasattr(os, "getuid") and os.getuid() == 0 else []
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=root + quiet)
        yield chromium
        chromium.close()


def adds_up(survey):
    """What must hold for every survey, whatever the file was."""
    counts = survey.counts
    assert counts["rows_in_file"] == counts["header_rows"] + counts["blank_rows"] + counts["set_aside"] + counts["read"]
    assert counts["read"] == len(survey.answers) == len(survey.personal) and counts["set_aside"] == len(survey.set_aside)
    assert survey.answers.index.name == "row" and survey.answers.index.equals(survey.personal.index)
    assert not set(survey.answers.index) & set(survey.set_aside.index)
    hidden = survey.questions["kind"] == "personal"
    assert list(survey.questions.loc[~hidden, "column"]) == list(survey.answers)
    assert list(survey.questions.loc[hidden, "column"]) == list(survey.personal)
    assert set(survey.questions["kind"]) <= {"single", "multiple", "open", "scale", "date", "meta", "personal", "consent"}
    assert list(survey.report) == ["row", "column", "value", "problem", "action"] and survey.report["row"].dtype == "Int64"
    assert survey.report[["problem", "action"]].notna().all(axis=None)


@pytest.fixture
def read(tmp_path):
    """Writes the bytes or the text of a file, reads it as a survey, and sees that no row was lost."""

    def write_and_read(data, name="yanıtlar şubat.csv", **arguments):
        file = tmp_path / name
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
        survey = cx.read_survey(file, **arguments)
        adds_up(survey)
        return survey

    return write_and_read
