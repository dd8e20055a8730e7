"""All tests of the kit, as `make test` runs them: two processes side by side, then one line that counts the lessons.

One runs the unit tests, reports and exercises among them; the other the lessons, then those tests that open browsers. Arguments go to the tests (`make test` has none).

A lesson is found (a file in notebooks/), run (nbval ran every one of its code cells), and checked (a cell tagged
`nbval-check-output` was compared). The three counts must agree, else the run fails: a stripped notebook would pass unseen.
Solutions are short: they are run as one notebook, in one kernel that forgets everything between two of them.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

ROOT = pathlib.Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
NBVAL = ["-o", "addopts=-q -p no:cacheprovider", "-o", "filterwarnings=default",  # those of pyproject.toml are for the unit tests
         "--nbval-lax", "--nbval-current-env", "--nbval-sanitize-with", "tests/nbval_sanitize.cfg",
         "--nbval-cell-timeout=120", "--nbval-kernel-startup-timeout=120"]


BESIDE = [f"tests/test_{name}.py" for name in ("browser", "hostile", "handouts")]  # what the second process runs after the lessons
NOTHING_CHOSEN = 5  # pytest's exit code, where -k leaves no test to one of the two


def pytest(log, *arguments, env):
    command = [sys.executable, "-m", "pytest", "--color=no", "-rs", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)


def lessons():
    """Lessons and solutions; exercises are generated with gaps, so they cannot run to the end."""
    return sorted(p for p in NOTEBOOKS.rglob("*.ipynb") if not {"exercises", ".ipynb_checkpoints"} & set(p.parts) and not p.name.startswith("."))


def code_cells(path):
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]


def one_notebook(paths, target):
    """Write the code cells of several notebooks as one, and return for each notebook the places of its cells in it."""
    forget, cells, places = {"cell_type": "code", "metadata": {}, "source": "%reset -f", "outputs": [], "execution_count": None}, [], {}
    for path in paths:
        own = code_cells(path)
        cells.append(forget)
        places[path] = range(len(cells), len(cells) + len(own))
        cells += own
    whole = json.loads(paths[0].read_text(encoding="utf-8"))
    target.write_text(json.dumps(whole | {"cells": [cell | {"id": f"cell-{k}"} for k, cell in enumerate(cells)]}), encoding="utf-8")
    return places


def run_and_checked(junit, places):
    """The lessons of which every code cell passed, and those with a checked cell among them. places : of the cells of solutions, as they were run."""
    passed = {}
    for case in ET.parse(junit).iter("testcase"):
        number = re.search(r"Cell (\d+)$", case.get("name"))
        if number and not len(case):
            passed.setdefault(case.get("classname").replace("/", "."), set()).add(int(number.group(1)))
    run, checked = [], []
    for path in lessons():
        code = code_cells(path)
        name = path.relative_to(ROOT).as_posix().removesuffix(".ipynb").replace("/", ".")
        done = passed.get("", set()) if path in places else next((cells for key, cells in passed.items() if name in key), set())  # "": not in ROOT
        if code and done >= set(places.get(path, range(len(code)))):
            run.append(path)
            if any("nbval-check-output" in c["metadata"].get("tags", []) and c.get("outputs") for c in code):
                checked.append(path)
    return run, checked


def main():
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")  # two processes with two threads each would wait for one another
        env = dict(os.environ, MPLBACKEND="Agg", **one, **{f"JUPYTER_{kind}_DIR": str(scratch / kind) for kind in ("CONFIG", "DATA", "RUNTIME")})
        env.pop("PYTEST_ADDOPTS", None)
        kernel_env = dict(env, TQDM_DISABLE="1")  # a slow machine would show progress where a fast one shows none
        kernel_env.pop("MPLBACKEND")  # notebooks use the inline backend
        answers = [path for path in lessons() if "solutions" in path.parts]
        notebooks = [*(path for path in lessons() if path not in answers), scratch / "solutions.ipynb"]
        places = one_notebook(answers, notebooks[-1])
        with open(scratch / "second.log", "wb") as log:
            first = pytest(None, "tests", "cxlab", *(f"--ignore={path}" for path in BESIDE), *sys.argv[1:], f"--junitxml={scratch / 'unit.xml'}", env=env)
            codes = [pytest(log, *NBVAL, f"--junitxml={scratch / 'lessons.xml'}", *notebooks, env=kernel_env).wait()]
            codes.append(pytest(log, *BESIDE, *sys.argv[1:], f"--junitxml={scratch / 'beside.xml'}", env=env).wait())
            codes.append(first.wait())
        print((scratch / "second.log").read_text(encoding="utf-8", errors="replace"))
        found, (run, checked) = lessons(), run_and_checked(scratch / "lessons.xml", places)
        skipped = [case for name in ("unit", "beside") for case in ET.parse(scratch / f"{name}.xml").iter("testcase") if case.find("skipped") is not None]
    codes = [0 if code == NOTHING_CHOSEN and sys.argv[1:] else code for code in codes]
    for path in found:
        if path not in checked:
            print(f"not {'checked' if path in run else 'run to the end'}: {path.relative_to(ROOT)}")
    browser = f"; {len(skipped)} tests skipped (without Chromium the browser is not tested)" if skipped else ""
    agree = len(found) == len(run) == len(checked) > 0
    print(f"lessons: {len(found)} found, {len(run)} run, {len(checked)} checked{browser}: {'OK' if agree and not any(codes) else 'FAILED'}")
    raise SystemExit(0 if agree and not any(codes) else 1)


if __name__ == "__main__":
    main()
