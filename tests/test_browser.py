"""Every lesson but the four for researchers in a real JupyterLab in a real browser: no error, nobody outside is asked, its slider moves."""

import json

import pytest

from conftest import ROOT
from run_all import lessons

LESSONS = [path for path in lessons() if not {"solutions", "research"} & set(path.parts)]
OPEN_AND_RUN = """async path => {
  const {commands} = window.jupyterapp;
  const panel = await commands.execute('docmanager:open', {path, factory: 'Notebook'});
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;  // "ready" is said a moment before a kernel can be asked for anything
  await commands.execute('notebook:run-all-cells');
  const code = Array.from(panel.model.cells).filter(cell => cell.type === 'code');
  for (let waited = 0; !code[code.length - 1].executionCount; waited += 1) {  // after an error shown on purpose the command is done too soon
    if (waited > 2400) throw new Error('not run to its end in 240 s');
    await new Promise(later => setTimeout(later, 100));
  }
  await panel.context.save();
}"""
CLOSE = """async () => {
  const panel = window.jupyterapp.shell.currentWidget;
  await panel.sessionContext.shutdown();
  panel.dispose();
}"""


@pytest.fixture(scope="module")
def lab(server, browser):
    """One page of JupyterLab for all lessons (loading it takes longer than many a lesson), and what it asked of others."""
    address, folder = server
    page, outside = browser.new_page(viewport={"width": 1280, "height": 900}), []
    page.on("request", lambda request: outside.append(request.url) if request.url.startswith("http") and not request.url.startswith(address) else None)
    page.set_default_timeout(240_000)
    page.goto(f"{address}/lab?reset")
    page.wait_for_function("window.jupyterapp && window.jupyterapp.commands.hasCommand('notebook:run-all-cells')")
    yield page, folder, outside
    page.close()


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_runs_in_the_browser(path, lab):
    page, folder, outside = lab
    name = path.relative_to(ROOT).as_posix()
    page.evaluate(OPEN_AND_RUN, name)
    cells = [cell for cell in json.loads((folder / name).read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    wanted = sum("raises-exception" in cell["metadata"].get("tags", []) for cell in cells)
    shown = [output for cell in cells for output in cell["outputs"]]
    assert sum(output["output_type"] == "error" for output in shown) == wanted  # those that the lesson shows on purpose
    assert [output["text"] for output in shown if output.get("name") == "stderr"] == []
    notebook = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    slider = notebook.locator(".widget-slider .noUi-handle").first
    slider.scroll_into_view_if_needed(timeout=60_000)
    readout = notebook.locator(".widget-readout").first
    before = readout.inner_text()
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("before => document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .widget-readout').innerText !== before", arg=before)
    assert outside == []
    page.evaluate(CLOSE)
