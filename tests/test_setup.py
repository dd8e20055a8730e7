"""The set-up: dependencies said once and repeated rightly, pins without a host, nothing of anybody's machine in the files, a light import."""

import json
import re
import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement

import cxlab as cx
import kit
from benchmarks import run_all as benchmarks
from conftest import ROOT
from cxlab import setup_check

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA_NAMES = {"matplotlib-base": "matplotlib", "seaborn-base": "seaborn", "nbconvert-core": "nbconvert"}
FILES = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")


def spelled(requirements):
    parsed = [Requirement(each) for each in requirements]
    return {r.name: str(r.specifier) for r in parsed}


def conda():
    """The dependencies of environment.yml, in pip's names. Its few lines need no YAML library."""
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    found = spelled(line[4:] for line in lines if re.match(r"  - [a-z]", line) and not line.endswith(":") and "conda-forge" not in line and "nodefaults" not in line)
    return {CONDA_NAMES.get(name, name): floor for name, floor in found.items()}


def test_conda_has_the_same_packages():
    wanted = spelled(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["lab"])
    build = spelled(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"])
    assert conda() == wanted | build | {"python": PROJECT["requires-python"], "pip": ""}


def test_conda_forge_alone_and_the_kit_last():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert re.search(r"channels:\n  - conda-forge\n  - nodefaults\n", text) and text.endswith("  - pip:\n      - -e .\n")


@pytest.mark.parametrize("lock, extras", [(kit.LAB, ("lab", "setup")), (kit.TEST, ("lab", "setup", "test"))])
def test_locks_hold_every_declared_package(lock, extras):
    pinned = {name.lower().replace("_", "-") for name in re.findall(r"(?m)^([\w.-]+)==", lock.read_text(encoding="utf-8"))}
    wanted = spelled(PROJECT["dependencies"] + sum((PROJECT["optional-dependencies"][extra] for extra in extras), []))
    assert set(wanted) <= pinned


def test_the_test_lock_holds_the_lab_lock():
    lab, test = (dict(re.findall(r"(?m)^([\w.-]+)==([^ \\]+)", lock.read_text(encoding="utf-8"))) for lock in (kit.LAB, kit.TEST))
    assert lab.items() <= test.items()


def test_every_pin_has_a_hash_and_no_lock_names_a_host():
    for lock in (kit.LAB, kit.TEST):
        text = lock.read_text(encoding="utf-8")
        assert all("--hash=sha256:" in block for block in re.findall(r"(?m)^[\w.-]+==.*\n(?:    .*\n)*", text))
        assert not re.search(r"https?://|--index-url|--find-links", text)


def test_no_file_names_a_machine_or_a_registry():
    forbidden = re.compile("|".join((r"pypi" + r"\.org", r"files\.pythonhosted", r"conda\.anaconda", r"registry\.npmjs", r"/ro" + r"ot/", r"/wo" + r"rk/", r"/home/(?!me/)\w+/")))
    found = []
    for name in filter(None, FILES):
        content = (ROOT / name).read_bytes()
        if b"\0" not in content[:1000] and forbidden.search(content.decode("utf-8", errors="replace")):
            found.append(name)
    assert found == []


def test_everything_exported_is_there():
    assert [name for name in cx.__all__ if getattr(cx, name, None) is None] == []
    assert callable(cx.tally)


def test_import_is_light():
    heavy = "matplotlib seaborn statsmodels tornado ipywidgets scipy pandas numpy narwhals"
    code = f"import sys, cxlab; print([m for m in {heavy.split()!r} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_the_gpl_packages_are_never_imported():
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "cxlab").rglob("*.py"))
    names = [Requirement(each).name for each in PROJECT["optional-dependencies"]["dev"]]
    assert names and not re.search(rf"import ({'|'.join(names)})|from ({'|'.join(names)})", source)


@pytest.fixture
def venv(tmp_path, monkeypatch):
    """A finished environment, so far as its stamp tells."""
    monkeypatch.setattr(kit, "VENV", tmp_path)
    monkeypatch.setattr(kit, "STAMP", tmp_path / "stamp.json")
    monkeypatch.setattr(kit, "PYTHON", tmp_path / "python")
    kit.PYTHON.touch()
    kit.STAMP.write_text(json.dumps(kit.stamp(kit.LAB)), encoding="utf-8")
    return tmp_path


def test_a_finished_environment_is_used_again(venv):
    assert kit.is_ready(kit.LAB) and not kit.is_ready(kit.TEST)


def test_the_test_environment_serves_the_lab_too(venv):
    kit.STAMP.write_text(json.dumps(kit.stamp(kit.TEST)), encoding="utf-8")
    assert kit.is_ready(kit.LAB) and kit.is_ready(kit.TEST)


@pytest.mark.parametrize("part, value", [("folder", "/elsewhere"), ("python", "3.11.0"), ("base", "/another"), ("digest", "0")])
def test_a_moved_folder_another_python_or_new_pins_are_noticed(venv, part, value):
    kit.STAMP.write_text(json.dumps(kit.stamp(kit.LAB) | {part: value}), encoding="utf-8")
    assert not kit.is_ready(kit.LAB)


@pytest.mark.parametrize("change, anew", [({}, False), ({"digest": "0"}, True)])
def test_the_test_environment_grows_out_of_the_lab(venv, monkeypatch, capsys, change, anew):
    """A lab that is open must not lose its packages because somebody runs the tests; one made from other pins is built anew."""
    kit.STAMP.write_text(json.dumps(kit.stamp(kit.LAB) | change), encoding="utf-8")
    made = []
    monkeypatch.setattr(kit, "install", lambda lock: (kit.VENV.mkdir(exist_ok=True), made.append(lock)))
    monkeypatch.setattr(kit, "run", lambda *command, quiet=False: made.append(command))
    kit.set_up(kit.TEST)
    assert kit.TEST in made and any("venv" in map(str, command) for command in made if isinstance(command, tuple)) == anew
    assert kit.PYTHON.exists() != anew and json.loads(kit.STAMP.read_text(encoding="utf-8")) == kit.stamp(kit.TEST)


def test_an_interrupted_set_up_is_noticed(venv):
    kit.STAMP.write_text('{"folder": ', encoding="utf-8")
    assert not kit.is_ready(kit.LAB)
    kit.STAMP.unlink()
    assert not kit.is_ready(kit.LAB)


def test_uv_is_taken_from_the_lock_with_its_hashes():
    block = re.search(r"(?m)^uv==.*\n(?:[ \t]+.*\n)*", kit.LAB.read_text(encoding="utf-8")).group()
    assert block.count("--hash=sha256:") > 5 and block.count("==") == 1


def test_check_setup_says_ok_here():
    table = cx.check_setup()
    assert list(table["check"])[0] == "Python" and len(table) == 7
    assert set(table["status"]) <= {"OK", "optional"}


def test_check_setup_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(setup_check, "PYTHON_FLOOR", (9, 9))
    monkeypatch.setattr(setup_check, "TURKISH_LETTERS", "ş漢")
    monkeypatch.setattr(setup_check.shutil, "which", lambda name: None)
    table = cx.check_setup(tmp_path / "missing").set_index("check")
    assert table["status"].to_dict() == {"Python": "FAIL", "packages": "OK", "font with Turkish letters": "FAIL", "writable folder": "FAIL", "free port": "OK",
                                              "notebook kernel": "OK", "Chromium or Chrome": "optional"}
    assert "9.9" in table.loc["Python", "what_to_do"] and str(tmp_path) in table.loc["writable folder", "what_to_do"]


def test_check_setup_notices_old_and_missing_packages(monkeypatch):
    monkeypatch.setattr(setup_check.importlib.metadata, "requires", lambda name: ["pandas>=99.0", "no-such-package>=1", "numpy>=2.0", "polars>=99; extra == 'engines'"])
    row = cx.check_setup().set_index("check").loc["packages"]
    assert row["status"] == "FAIL" and "pandas" in row["what_to_do"] and "no-such-package" in row["what_to_do"] and "polars" not in row["what_to_do"]


NOTHING = dict.fromkeys(("value", "ratio", "at_most", "at_least", "promised", "held", "missing")) | {"what": "x", "unit": "s", "peer": "× a sort"}


@pytest.mark.parametrize("row, cells", [
    ({"value": 0.1, "at_most": 0.1}, ["0.1 s", "", "≤ 0.1 s", "yes"]), ({"value": 0.11, "at_most": 0.1}, ["0.11 s", "", "≤ 0.1 s", "**no**"]),
    ({"value": 9, "ratio": 2.6, "at_most": 2.5}, ["9 s", "2.6 × a sort", "≤ 2.5 ×", "**no**"]), ({"value": 9, "ratio": 1202, "at_least": 50}, ["9 s", "1,202 × a sort", "≥ 50 ×", "yes"]),
    ({"value": 1, "missing": "R", "at_least": 300}, ["1 s", "R: not installed", "≥ 300 ×", "not compared"]), ({"value": 1, "ratio": 2}, ["1 s", "2 × a sort", "none", ""]),
    ({"value": 1, "promised": "refused", "held": False}, ["1 s", "", "refused", "**no**"])])
def test_the_table_of_benchmarks_says_what_is_kept(row, cells):
    assert benchmarks.line("b", NOTHING | row) == f"| b | x | {' | '.join(cells)} |"
