"""The rules for lessons that a program can check, so that nobody has to remember them. `broken` proves that each rule can fail."""

import itertools
import json
import re

import pytest

from conftest import ROOT
from cxlab import framework
from run_all import lessons

LESSONS = [path for path in lessons() if "solutions" not in path.parts]
FEW_CHECKED_CELLS = {"00_start_here", "17_claims_ledger"}  # lessons about the kit itself: no estimates to check
NUMBERS = re.compile(r"(?<![\w.,/-])\d+(?:[.,]\d+)?(?= ?%)|(?<![\w.,/-])\d+\.\d+(?![\w.])")


def text(cell):
    return "".join(cell["source"])


def tags(cell):
    return cell["metadata"].get("tags", [])


def printed(cell):
    """All that a cell shows as text."""
    shown = []
    for output in cell.get("outputs", []):
        shown.append("".join(output.get("text", "")))
        shown += ["".join(output.get("data", {}).get(kind, "")) for kind in ("text/plain", "text/markdown")]
    return "\n".join(shown)


def words(cell):
    prose = re.sub(r"[^\w'’-]+", " ", text(cell))
    return len(prose.split())


def problems(notebook, name, size=0):
    """Every rule that a notebook breaks, one sentence each."""
    cells, code = notebook["cells"], [c for c in notebook["cells"] if c["cell_type"] == "code"]
    prose = [c for c in cells if c["cell_type"] == "markdown" and "trainer" not in tags(c)]
    return [*_shape(cells, code, prose, name), *_code(code), *_outputs(notebook, code, size), *_numbers(cells)]


def _shape(cells, code, prose, name):
    if not 20 <= len(cells) <= 45:
        yield f"{len(cells)} cells, not 20 to 45"
    if sum(map(words, prose)) > 1500:
        yield f"{sum(map(words, prose))} words, more than 1,500"
    for cell in prose:
        if words(cell) > 120:
            yield f"a text of {words(cell)} words (120 at most): {text(cell)[:50]!r}"
    for heading in ("## Limits", "## To talk about", "**Sources.**"):
        if not any(heading in text(c) for c in prose):
            yield f"no {heading!r}"
    if not any("starts here" in text(c) for c in prose):
        yield "no cell to start again from in the middle"
    if not any("trainer" in tags(c) for c in cells):
        yield "no notes for the trainer"
    if any("trainer" in tags(c) and not c["metadata"].get("jupyter", {}).get("source_hidden") for c in cells):
        yield "a note for the trainer that is not folded: the room would read what is to be kept back"
    if not any("nbval-ignore-output" in tags(c) for c in code):
        yield "nothing to move: no cell tagged nbval-ignore-output"
    if sum("nbval-check-output" in tags(c) for c in code) < 5 and name not in FEW_CHECKED_CELLS:
        yield "fewer than five checked cells"


def _code(code):
    for cell in code:
        source = text(cell)
        if len([line for line in source.splitlines() if line.strip()]) > 12:
            yield f"more than 12 lines of code: {source[:50]!r}"
        for pattern, why in ((r";\s*$", "a trailing ;"), (r"(?m)^\s*def ", "a def"), (r"\.style\b", "df.style"), (r"%%time", "%%time"), (r"\bpip\b", "pip"),
                             (r"https?://", "a download"), (r"""["'](/|[A-Z]:\\|~)""", "an absolute path")):
            if re.search(pattern, source):
                yield f"{why}: {source[:50]!r}"
        if "nbval-check-output" in tags(cell):
            if not printed(cell).strip():
                yield f"checked, but shows no text: {source[:50]!r}"
            if re.search(r"\.summary\(\)|\.unique\(\)\s*$|\.dtypes\s*$", source):
                yield f"prints differently elsewhere: {source[:50]!r}"
        if any("application/vnd.jupyter.widget-view+json" in o.get("data", {}) for o in cell["outputs"]) and "nbval-ignore-output" not in tags(cell):
            yield f"a widget that is not tagged nbval-ignore-output: {source[:50]!r}"


def _outputs(notebook, code, size):
    if size > 300_000:
        yield f"{size:,} bytes, more than 300,000"
    if [c["execution_count"] for c in code] != list(range(1, len(code) + 1)):
        yield "not one clean run from top to bottom"
    if "widgets" in notebook["metadata"]:
        yield "widget state is kept"
    for cell in code:
        if "execution" in cell["metadata"]:
            yield "execution times are kept"
        for output, after in itertools.pairwise([*cell["outputs"], {}]):
            if output.get("name") == "stderr" or (output["output_type"] == "error" and "raises-exception" not in tags(cell)):
                yield f"a warning or an error left on screen: {text(cell)[:50]!r}"
            if "image/png" in output.get("data", {}) and "text/markdown" not in after.get("data", {}):
                yield f"a figure without a caption: {text(cell)[:50]!r}"


def _numbers(cells):
    """A percentage or a decimal number in the prose must have been printed by a checked cell above it."""
    seen = ""
    for cell in cells:
        if cell["cell_type"] == "code" and "nbval-check-output" in tags(cell):
            seen += printed(cell)
        elif cell["cell_type"] == "markdown" and "trainer" not in tags(cell) and "**Sources.**" not in text(cell):
            for found in NUMBERS.findall(re.sub(r"`[^`]*`|T7\.\d", "", text(cell))):
                if found not in seen:
                    yield f"{found} stands in the text, but no checked cell above prints it: {text(cell)[:50]!r}"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_keeps_the_rules(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert list(problems(notebook, path.stem, path.stat().st_size)) == []


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_is_on_the_map(path):
    """Mark and minutes in its first cell are those of the vocabulary (its concept ids: test_framework.py)."""
    first = text(json.loads(path.read_text(encoding="utf-8"))["cells"][0])
    key = path.relative_to(ROOT / "notebooks" / path.relative_to(ROOT / "notebooks").parts[0]).with_suffix("").as_posix()
    [lesson] = [row for row in framework.vocabulary()["lessons"] if row["key"] == key]
    assert f"\n{lesson['mark']} " in first and f"**{lesson['minutes']} minutes**" in first


def test_the_map_that_the_first_lesson_shows_knows_every_lesson_that_is_there():
    notebook = json.loads((ROOT / "notebooks/en/00_start_here.ipynb").read_text(encoding="utf-8"))
    shown = "\n".join(printed(c) for c in notebook["cells"] if c["cell_type"] == "code")
    assert [path.stem for path in LESSONS if "research" not in path.parts and path.stem not in shown and path.stem != "00_start_here"] == []
    assert shown.count("(research/") == sum("research" in path.parts for path in LESSONS), "run `make lessons` on the first lesson"


def cell(kind, source, *tagged, outputs=(), count=None, **metadata):
    made = {"cell_type": kind, "source": source, "metadata": {"tags": list(tagged), **metadata}}
    return made | ({"outputs": list(outputs), "execution_count": count} if kind == "code" else {})


def table(shown):
    return {"output_type": "stream", "name": "stdout", "text": shown}


def sound():
    """The smallest notebook that breaks no rule."""
    checked = [cell("code", f"print({n})", "nbval-check-output", outputs=[table("45.1 %")], count=n) for n in range(1, 6)]
    prose = [cell("markdown", "Text.") for _ in range(12)]
    notes = cell("markdown", "Timing", "trainer")
    notes["metadata"]["jupyter"] = {"source_hidden": True}
    return {"metadata": {}, "cells": [
        cell("markdown", "# Title"), notes, *checked, cell("code", "cx.explore()", "nbval-ignore-output", count=6), *prose,
        cell("markdown", "## Part 2 starts here: 45.1 %"), cell("markdown", "## Limits"), cell("markdown", "## To talk about"), cell("markdown", "**Sources.**")]}


def test_a_sound_notebook_breaks_no_rule():
    assert list(problems(sound(), "01_sound")) == []


@pytest.mark.parametrize("change, said", [
    (lambda nb: nb["cells"].__delitem__(slice(8, 14)), "cells, not 20"),
    (lambda nb: nb["cells"][9].update(source="word " * 121), "121 words (120"),
    (lambda nb: [c.update(source="word " * 119) for c in nb["cells"][8:20]] and nb["cells"].extend([cell("markdown", "word " * 119)] * 2), "more than 1,500"),
    (lambda nb: nb["cells"][-3].update(source="-"), "no '## Limits'"),
    (lambda nb: nb["cells"][-4].update(source="-"), "no cell to start again"),
    (lambda nb: nb["cells"].pop(1), "no notes for the trainer"),
    (lambda nb: nb["cells"][1]["metadata"].pop("jupyter"), "not folded"),
    (lambda nb: nb["cells"][7]["metadata"].update(tags=[]), "nothing to move"),
    (lambda nb: nb["cells"][2]["metadata"].update(tags=[]), "fewer than five"),
    (lambda nb: nb["cells"][2].update(source="x = 1\n" * 13), "more than 12 lines"),
    (lambda nb: nb["cells"][2].update(source="plot();"), "a trailing ;"),
    (lambda nb: nb["cells"][2].update(source="def f(): pass"), "a def"),
    (lambda nb: nb["cells"][2].update(source="df.style.bar()"), "df.style"),
    (lambda nb: nb["cells"][2].update(source="!pip install x"), "pip"),
    (lambda nb: nb["cells"][2].update(source="read('/home/me/x.csv')"), "an absolute path"),
    (lambda nb: nb["cells"][2].update(source="read('https://x.example/y')"), "a download"),
    (lambda nb: nb["cells"][2].update(source="model.summary()"), "prints differently"),
    (lambda nb: nb["cells"][2].update(outputs=[]), "shows no text"),
    (lambda nb: nb["cells"][2].update(execution_count=9), "not one clean run"),
    (lambda nb: nb["metadata"].update(widgets={}), "widget state"),
    (lambda nb: nb["cells"][2]["metadata"].update(execution={}), "execution times"),
    (lambda nb: nb["cells"][2]["outputs"].append({"output_type": "stream", "name": "stderr", "text": "Warning"}), "a warning"),
    (lambda nb: nb["cells"][2]["outputs"].append({"output_type": "display_data", "data": {"image/png": "", "text/plain": "Figure"}}), "without a caption"),
    (lambda nb: nb["cells"][2]["outputs"].append({"output_type": "display_data", "data": {"application/vnd.jupyter.widget-view+json": {}}}), "a widget that is not"),
    (lambda nb: nb["cells"][9].update(source="It was 46.2 %."), "46.2 stands in the text"),
])
def test_each_rule_can_fail(change, said):
    notebook = sound()
    change(notebook)
    assert any(said in problem for problem in problems(notebook, "01_broken"))


def test_a_large_notebook_is_refused():
    assert any("300,000" in problem for problem in problems(sound(), "01_large", size=300_001))
