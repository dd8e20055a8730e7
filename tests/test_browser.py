"""Every lesson in a real JupyterLab in a real browser: it runs to the end, shows no error, asks nobody outside, and its slider moves."""

import time

import pytest

from conftest import ROOT, saved
from run_all import lessons

LESSONS = [path for path in lessons() if "solutions" not in path.parts]


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
