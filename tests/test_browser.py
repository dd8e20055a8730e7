"""Every lesson in a real JupyterLab in a real browser: it runs to the end, shows no error, asks nobody outside, and its slider moves."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from conftest import ROOT
from run_all import lessons

LESSONS = [path for path in lessons() if "solutions" not in path.parts]


@pytest.fixture(scope="module")
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
    env = dict(os.environ, **{f"JUPYTER_{kind}_DIR": str(scratch / kind) for kind in ("CONFIG", "DATA", "RUNTIME")})
    env.pop("MPLBACKEND", None)
    root = ["--allow-root"] if hasattr(os, "getuid") and os.getuid() == 0 else []
    process = subprocess.Popen([sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token=",
                                f"--ServerApp.root_dir={scratch}", *root], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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


def saved(page, path, seconds=90):
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


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_runs_in_the_browser(path, server, browser):
    address, folder = server
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    outside = []
    page.on("request", lambda request: outside.append(request.url) if request.url.startswith("http") and not request.url.startswith(address) else None)
    page.goto(f"{address}/doc/tree/{path.relative_to(ROOT).as_posix()}?reset")
    page.wait_for_selector("text=/Idle/", timeout=90_000, state="attached")
    time.sleep(2)  # "idle" is said a moment before a kernel can be asked for anything
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
    cells = saved(page, folder / path.relative_to(ROOT))
    wanted = sum("raises-exception" in cell["metadata"].get("tags", []) for cell in cells)
    shown = [output for cell in cells for output in cell["outputs"]]
    assert sum(output["output_type"] == "error" for output in shown) == wanted  # those that the lesson shows on purpose
    assert [output["text"] for output in shown if output.get("name") == "stderr"] == []
    slider = page.locator(".widget-slider .noUi-handle").first
    slider.scroll_into_view_if_needed(timeout=30_000)
    readout = page.locator(".widget-readout").first
    before = readout.inner_text()
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("before => document.querySelector('.widget-readout').innerText !== before", arg=before, timeout=30_000)
    assert outside == []
    page.close()
