"""Write the students' exercises out of the solutions: `python tools/make_exercises.py` (`make exercises`).

Every notebook of `notebooks/LANGUAGE/solutions` becomes one of the same name in `notebooks/LANGUAGE/exercises`: a cell tagged `solution` says
"# your answer", one tagged `answer-only` or `trainer` is left out, outputs are empty. The copies are never edited by hand.
"""

import pathlib

import nbformat

ROOT = pathlib.Path(__file__).resolve().parents[1]
YOURS = "# your answer"
LEFT_OUT = {"answer-only", "trainer"}
OF_TESTS = ("nbval-", "solution")  # tags that mean nothing to a student


def exercise_of(solution):
    """The students' copy of a notebook with solutions (a nbformat notebook; the one given is not changed)."""
    cells = []
    for cell in solution.cells:
        tags = cell.metadata.get("tags", [])
        if LEFT_OUT & set(tags):
            continue
        kept = [tag for tag in tags if not tag.startswith(OF_TESTS)]
        metadata = {key: value for key, value in cell.metadata.items() if key != "tags"} | ({"tags": kept} if kept else {})
        source = YOURS if "solution" in tags else cell.source
        new = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
        cells.append(new(source, metadata=metadata, id=cell.id))
    metadata = {key: value for key, value in solution.metadata.items() if key != "widgets"}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def pairs():
    """Every notebook with solutions and where its exercise belongs."""
    for solution in sorted((ROOT / "notebooks").glob("*/solutions/**/*.ipynb")):
        parts = solution.relative_to(ROOT / "notebooks").parts
        if not {".ipynb_checkpoints"} & set(parts):
            yield solution, ROOT / "notebooks" / parts[0] / "exercises" / pathlib.Path(*parts[2:])


def main():
    made = set()
    for solution, exercise in pairs():
        exercise.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(exercise_of(nbformat.read(solution, as_version=4)), exercise)
        made.add(exercise)
        print(exercise.relative_to(ROOT))
    for old in set((ROOT / "notebooks").glob("*/exercises/**/*.ipynb")) - made:
        if ".ipynb_checkpoints" not in old.parts:
            old.unlink()  # its solution is gone
            print(f"removed: {old.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
