"""Exercises: every answer is judged, none is given away; the students' copies are what the solutions make of them."""

import ast
import builtins
import re
import string
import tomllib

import nbformat
import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from conftest import ROOT
from cxlab import exercises, framework
from make_exercises import YOURS, exercise_of, pairs

IDS = exercises.exercise_ids()
FILES = sorted(exercises.HERE.glob("lesson_*.toml"))
TEXTS = {f"{path.stem.removeprefix('lesson_')}.{k}": entry for path in FILES for k, entry in tomllib.loads(path.read_text(encoding="utf-8")).items()}
SOLUTIONS = {exercise: nbformat.read(solution, as_version=4) for solution, exercise in pairs()}
BOTH = pytest.mark.parametrize("language", ["en", "tr"])


def of(*kinds):
    return [each for each in IDS if TEXTS[each]["kind"] in kinds]


def written(value):
    """A number as it might be given away in a text: the digits that matter, in both notations."""
    forms = set()
    for digits in (1, 2, 3):
        for scale in (1, 100):
            text = f"{value * scale:.{digits}f}"
            forms |= {text, text.replace(".", ",")}
    return {form for form in forms if len(form) > 3 and float(form.replace(",", ".")) != 0}


@BOTH
@pytest.mark.parametrize("exercise", of("number", "names"))
def test_right_and_wrong_answers_are_told_apart(exercise, language):
    cx.use_language(language)
    texts, values = exercises._exercise(exercise)
    assert cx.check(exercise, values["right"]).data.startswith("✓")
    assert len(values["wrong"]) >= 3 and len(values["wrong"]) == len(texts["mistakes"])
    for wrong, mistake in zip(values["wrong"], texts["mistakes"], strict=True):
        said = cx.check(exercise, wrong).data
        assert "✓" not in said and mistake[language].format(**values) in said
        assert cx.check(exercise, wrong).data != cx.check(exercise, values["right"]).data
    for nothing in (None, "a lot" if texts["kind"] == "number" else 7):
        assert "✓" not in cx.check(exercise, nothing).data


@BOTH
@pytest.mark.parametrize("exercise", of("number"))
def test_no_answer_is_given_away(exercise, language):
    cx.use_language(language)
    right = float(exercises._exercise(exercise)[1]["right"])
    others = [*exercises._exercise(exercise)[1]["wrong"], right + 1.2345, right - 1.2345, None, "a lot", True, [1, 2], float("nan"), pd.NA]
    for answer in others:
        said = cx.check(exercise, answer).data
        assert not any(re.search(rf"(?<![\d.,]){re.escape(form)}(?!\d)", said) for form in written(right)), said
        assert "✓" not in said


@pytest.mark.parametrize("exercise", of("number"))
def test_numbers_come_in_many_kinds(exercise):
    right = float(exercises._exercise(exercise)[1]["right"])
    for answer in (right, np.float64(right), pd.Series([right]), pd.DataFrame({"share": [right]}), np.array(right)):
        assert cx.check(exercise, answer).data.startswith("✓")
    if 0.02 < right < 1:
        assert "100" in cx.check(exercise, 100 * right).data


@pytest.mark.parametrize("exercise", of("number"))
def test_wrong_answers_lie_apart(exercise):
    texts, values = exercises._exercise(exercise)
    points = sorted([float(values["right"]), *map(float, values["wrong"])])
    assert min(np.diff(points)) > 2 * texts["tolerance"]


@BOTH
@pytest.mark.parametrize("exercise", of("names"))
def test_names_may_come_in_any_order_and_case(exercise, language):
    cx.use_language(language)
    right = list(exercises._exercise(exercise)[1]["right"])
    assert cx.check(exercise, right[::-1]).data.startswith("✓")
    assert cx.check(exercise, set(map(str.upper, right))).data.startswith("✓")
    assert cx.check(exercise, ", ".join(right)).data.startswith("✓")
    assert "✓" not in cx.check(exercise, [*right, "something else"]).data
    assert "✓" not in cx.check(exercise, []).data


@BOTH
@pytest.mark.parametrize("exercise", of("explain"))
def test_one_of_four_sentences_is_right_and_each_has_its_reason(exercise, language):
    cx.use_language(language)
    choices = TEXTS[exercise]["choices"]
    assert len(choices) == 4 and sum(each.get("right", False) for each in choices) == 1
    asked = cx.check(exercise).data
    verdicts = [cx.check(exercise, letter).data for letter in "abcd"]
    assert [verdict.startswith("✓") for verdict in verdicts] == [each.get("right", False) for each in choices]
    assert len(set(verdicts)) == 4 and "✓" not in asked and asked.count("- **") == 4
    right = next(verdict for verdict in verdicts if verdict.startswith("✓"))
    assert right.count("☐") == len(exercises.CRITERIA)
    for nothing in ("z", "", 3, ["a"]):
        assert "✓" not in cx.check(exercise, nothing).data


def test_the_right_sentence_is_not_always_the_same_letter():
    if len(of("explain")) > 3:
        assert len({[bool(each.get("right")) for each in TEXTS[e]["choices"]].index(True) for e in of("explain")}) > 1


@BOTH
@pytest.mark.parametrize("exercise", of("predict"))
def test_a_guess_comes_back_beside_the_result(exercise, language, monkeypatch):
    monkeypatch.setattr(exercises, "_guesses", {})
    cx.use_language(language)
    texts, values = exercises._exercise(exercise)
    without = cx.predict(exercise).data
    for nothing in ("a lot", True, [1, 2], float("nan")):
        cx.predict(exercise, nothing)
    assert cx.predict(exercise).data == without
    guess = values["right"] * 2 + 3
    kept = cx.predict(exercise, guess).data
    assert exercises._written(texts, values["right"]) not in kept.split()
    beside = cx.predict(exercise).data
    assert exercises._written(texts, guess) in beside and exercises._written(texts, values["right"]) in beside


def test_a_guess_is_no_answer_and_an_unknown_exercise_is_named():
    with pytest.raises(cx.CxError, match="Allowed: 01.1"):
        cx.check("99.1", 1)
    with pytest.raises(cx.CxError, match="use cx.check"):
        cx.predict(of("number")[0], 1)


def test_what_somebody_types_stays_text():
    said = cx.check(of("number")[0], "<script>$a_$ **x** `y`" + "z" * 5000).data
    assert not re.search(r"(?<!\\)[<$*`]", said.split(" is not a number")[0]) and len(said) < 300
    cx.check(of("explain")[0], "|<b>")


@pytest.mark.parametrize("exercise", IDS)
def test_texts_of_an_exercise_are_whole(exercise):
    """Both languages everywhere, places that the function fills, nothing left over."""
    texts, values = exercises._exercise(exercise)
    assert texts["kind"] in ("predict", "number", "names", "explain")
    needed = {"predict": {"result"}, "number": {"right", "look"}, "names": {"right", "look"}, "explain": set()}[texts["kind"]]
    assert needed <= {key.removesuffix("_en") for key in texts if key.endswith("_en")}
    for node in [texts, *texts.get("mistakes", []), *texts.get("choices", [])]:
        for key in [key for key in node if re.fullmatch(r"(.+_)?en", key)]:
            pair = node[key], node[key[:-2] + "tr"]
            used = [{field for _, field, *_ in string.Formatter().parse(text) if field is not None} for text in pair]
            assert used[0] == used[1] <= set(values), (key, used)
            assert pair[0] != pair[1]
    for choice in texts.get("choices", []):
        assert {"en", "tr", "why_en", "why_tr"} <= set(choice)


@pytest.mark.parametrize("exercise", SOLUTIONS, ids=lambda path: path.stem)
def test_every_lesson_has_its_exercises(exercise):
    """Predict, do, explain and a question for one's own work; every exercise of the lesson stands in its notebook."""
    cells = SOLUTIONS[exercise].cells
    text = "\n".join(cell.source for cell in cells)
    lesson = exercise.stem[:2] if exercise.stem[:2].isdigit() else exercise.stem
    own = [each for each in IDS if each.rsplit(".", 1)[0] == lesson]
    kinds = [TEXTS[each]["kind"] for each in own]
    assert {"predict", "explain"} <= set(kinds) and {"number", "names"} & set(kinds) and len(kinds) >= 3
    solved = "\n".join(cell.source for cell in cells if "solution" in cell.metadata.get("tags", []))
    assert [each for each in own if f'"{each}"' not in solved] == []
    assert "at your own work" in text.lower()
    assert any("nbval-check-output" in cell.metadata.get("tags", []) and cell.outputs for cell in cells if cell.cell_type == "code")
    assert "def " not in "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    shown = "\n".join(str(output) for cell in cells if cell.cell_type == "code" for output in cell.outputs)
    assert "Not yet" not in shown and "stderr" not in shown


def test_every_lesson_but_the_first_has_a_notebook_of_exercises():
    lessons = [row["key"] for row in framework.vocabulary()["lessons"] if (ROOT / "notebooks" / "en" / f"{row['key']}.ipynb").exists()]
    made = {path.relative_to(ROOT / "notebooks" / "en" / "exercises").with_suffix("").as_posix() for path in SOLUTIONS}
    assert made == set(lessons) - {"00_start_here"}


@pytest.mark.parametrize("exercise", SOLUTIONS, ids=lambda path: path.stem)
def test_the_students_copies_are_made_from_the_solutions(exercise):
    made, there = exercise_of(SOLUTIONS[exercise]), nbformat.read(exercise, as_version=4)
    assert made == there, "run `make exercises`"
    text = "\n".join(cell.source for cell in there.cells)
    assert YOURS in text and not any({"trainer", "solution", "answer-only"} & set(cell.metadata.get("tags", [])) for cell in there.cells)
    assert not any(cell.get("outputs") for cell in there.cells)


@pytest.mark.parametrize("exercise", SOLUTIONS, ids=lambda path: path.stem)
def test_a_copy_runs_although_nobody_has_answered(exercise):
    """No cell needs a name that only an answer would have made."""
    known = set(dir(builtins)) | {"display", "get_ipython"}
    for cell in nbformat.read(exercise, as_version=4).cells:
        if cell.cell_type == "code":
            names = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, (ast.Name, ast.alias, ast.arg))]
            known |= {node.id for node in names if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
            known |= {(node.asname or node.name).split(".")[0] for node in names if isinstance(node, ast.alias)}
            known |= {node.arg for node in names if isinstance(node, ast.arg)}
            assert {node.id for node in names if isinstance(node, ast.Name)} <= known, cell.source


def test_a_copy_leaves_out_what_is_not_for_students():
    cell = nbformat.v4.new_code_cell
    solution = nbformat.v4.new_notebook(cells=[
        cell("x = 1", metadata={"tags": ["nbval-check-output"]}), cell("cx.check('01.2', x)", metadata={"tags": ["solution", "nbval-check-output"]}),
        cell("secret", metadata={"tags": ["answer-only"]}), nbformat.v4.new_markdown_cell("timing", metadata={"tags": ["trainer"]})])
    solution.cells[0].outputs = [nbformat.v4.new_output("stream", text="1")]
    copy = exercise_of(solution)
    assert [each.source for each in copy.cells] == ["x = 1", YOURS]
    assert [each.metadata.get("tags", []) for each in copy.cells] == [[], []] and copy.cells[0].outputs == []
    assert solution.cells[0].outputs  # the source is as it was
