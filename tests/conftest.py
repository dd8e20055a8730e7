"""What several test files share: the display language put back after each test, no personal Jupyter settings, one browser, a reader of files."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

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
def fresh():
    """Each test begins in English, with figures as on a screen and none open."""
    framework.use_language("en")
    yield
    framework.use_language("en")
    if "cxlab.figures" in sys.modules:
        sys.modules["cxlab.figures"]._state["style"] = "screen"
        sys.modules["matplotlib.pyplot"].close("all")


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


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """JupyterLab on a copy of the lessons (a run must change nothing), with settings of its own. Yields its address and folder."""
    scratch = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", scratch / "notebooks", ignore=shutil.ignore_patterns(".*"))
    for path in (scratch / "notebooks").rglob("*.ipynb"):  # what is shown at the end must come from this run
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell |= {"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {}
        path.write_text(json.dumps(notebook), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = dict(os.environ, TQDM_DISABLE="1", **{f"JUPYTER_{kind}_DIR": str(scratch / kind) for kind in ("CONFIG", "DATA", "RUNTIME")})
    env.pop("MPLBACKEND", None)
    root = ["--allow-root"] if hasattr(os, "getuid") and os.getuid() == 0 else []
    process = subprocess.Popen([sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token=",
                                f"--ServerApp.root_dir={scratch}", "--expose-app-in-browser", *root],
                               env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/api").close()
            break
        except OSError:
            time.sleep(0.25)
    yield address, scratch
    process.terminate()
    process.wait(20)


def saved(page, path, seconds=240):
    """The code cells of the notebook as the browser saves it, once its last one has been run (a long page shows only some of its cells)."""
    for _ in range(seconds):
        time.sleep(1)
        page.keyboard.press("Control+s")
        try:
            cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
        except json.JSONDecodeError:  # it is being written this very moment
            continue
        if cells[-1]["execution_count"]:
            assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
            return cells
    pytest.fail(f"{path.name} did not run to its end in {seconds} s")


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
