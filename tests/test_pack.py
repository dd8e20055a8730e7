"""The students' pack: nothing for trainers in it, every notebook opens, nothing dangles, the wheel works alone; and what `kit.py` does there."""

import io
import json
import pathlib
import posixpath
import re
import shutil
import stat
import subprocess
import sys
import zipfile

import make_pack
import nbformat
import pytest
from packaging.requirements import Requirement

import kit
from conftest import ROOT

TOP = "kit"


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """{path in the pack: bytes}, with a wheel built once."""
    return make_pack.content(make_pack.build_wheel(tmp_path_factory.mktemp("wheel")))


@pytest.fixture(scope="module")
def pack(found, tmp_path_factory):
    """The zip, opened."""
    path = tmp_path_factory.mktemp("pack") / "kit.zip"
    make_pack.write(found, path, TOP)
    return zipfile.ZipFile(path)


@pytest.fixture
def unpacked(found, tmp_path, monkeypatch):
    """`kit` as it finds itself in a pack, here with one lesson."""
    few = {name: data for name, data in found.items() if not name.startswith(("datasets/", "notebooks/")) or name == kit.FIRST_LESSON}
    make_pack.write(few, tmp_path / "kit.zip", TOP)
    zipfile.ZipFile(tmp_path / "kit.zip").extractall(tmp_path)
    root = tmp_path / TOP
    for name, inside in (("ROOT", "."), ("PROJECT", "pyproject.toml"), ("WHEELS", "wheels"), ("LISTING", "files.txt"), ("MINE", "mine"),
                         ("LAB", "requirements.lock"), ("TEST", "requirements-test.lock"), ("VENV", ".venv"), ("STAMP", ".venv/stamp.json")):
        monkeypatch.setattr(kit, name, root / inside)
    return root


@pytest.fixture(scope="module")
def notebooks(found):
    return {name: nbformat.reads(data.decode(), as_version=4) for name, data in found.items() if name.endswith(".ipynb")}


def test_every_lesson_and_exercise_is_there_and_opens(notebooks):
    for notebook in notebooks.values():
        nbformat.validate(notebook)
    ours = {path.relative_to(ROOT).as_posix() for path in make_pack.kept(ROOT / "notebooks") if path.suffix == ".ipynb"}
    wanted = {name.replace("/solutions/", "/exercises/") for name in ours if "/exercises/" not in name}
    assert set(notebooks) == wanted and sum("/exercises/" in name for name in wanted) > 15 and len(wanted) > 30


def test_nothing_for_trainers(found, notebooks):
    assert not [name for name in found if "solution" in name or re.match(r"(tests|tools|benchmarks|cxlab)/", name)]
    tags = {tag for notebook in notebooks.values() for cell in notebook.cells for tag in cell.metadata.get("tags", [])}
    assert not tags & {"trainer", "solution", "answer-only"}
    for name, notebook in notebooks.items():
        if "/exercises/" in name:
            code = [cell for cell in notebook.cells if cell.cell_type == "code"]
            assert "# your answer" in {cell.source for cell in code} and not any(cell.outputs for cell in code)


def test_a_lesson_loses_its_trainers_cells_and_nothing_else():
    cells = [nbformat.v4.new_markdown_cell("for all"), nbformat.v4.new_markdown_cell("for the trainer", metadata={"tags": ["trainer"]})]
    assert [cell.source for cell in make_pack.for_students(nbformat.v4.new_notebook(cells=cells)).cells] == ["for all"]


def test_no_link_dangles(found, notebooks):
    """In cells, in what they show (the map of lesson 00), and in the texts beside them."""
    texts = {name: data.decode() for name, data in found.items() if name.endswith((".md", ".txt"))}
    for name, notebook in notebooks.items():
        shown = [output.get("data", {}).get("text/markdown", "") for cell in notebook.cells for output in cell.get("outputs", [])]
        texts[name] = "\n".join([cell.source for cell in notebook.cells if cell.cell_type == "markdown"] + ["".join(text) for text in shown])
    links = [(name, link) for name, text in texts.items() for link in re.findall(r"\]\(([^)#]+)", text) if not re.match(r"https?:|mailto:|data:", link)]
    assert len(links) > 15
    assert [(name, link) for name, link in links if posixpath.normpath(posixpath.join(posixpath.dirname(name), link)) not in found] == []


def test_texts_name_only_what_is_there(found):
    for name in ("README.txt", "start.sh", "start.bat", "start.command"):
        named = set(re.findall(r"(?<![\w./-])((?:notebooks|datasets)(?:/\w+)*|start\.\w+|kit\.py|LICENSE[\w.-]*)", found[name].decode()))
        assert [each for each in named if not any(path == each.rstrip(".") or path.startswith(f"{each}/") for path in found)] == []


def test_scripts_can_be_started(found, pack):
    modes = {entry.filename: entry.external_attr >> 16 for entry in pack.infolist()}
    assert {name for name, mode in modes.items() if mode & stat.S_IXUSR} == {f"{TOP}/start.sh", f"{TOP}/start.command"}
    assert b"\r" not in found["start.sh"] + found["start.command"] and found["start.bat"].count(b"\r\n") == found["start.bat"].count(b"\n")


def test_the_same_content_gives_the_same_bytes(found, tmp_path):
    few = {name: found[name] for name in ("kit.py", "start.sh", kit.FIRST_LESSON)}
    make_pack.write(few, tmp_path / "a.zip", TOP)
    make_pack.write(dict(reversed(few.items())), tmp_path / "b.zip", TOP)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_no_machine_in_the_pack(found):
    path = re.compile(rb"/ro" + rb"ot/|/wo" + rb"rk/|/home/(?!me/)\w+/|/tmp/\w|site-packages|dist-packages")
    assert [name for name, data in found.items() if not name.endswith((".whl", ".xlsx")) and path.search(data)] == []


def test_the_wheel_works_alone(found, tmp_path):
    name = next(name for name in found if name.endswith(".whl"))
    wheel = zipfile.ZipFile(io.BytesIO(found[name]))
    inside = {path for path in wheel.namelist() if path.startswith("cxlab/")}
    assert {path.relative_to(ROOT).as_posix() for path in make_pack.kept(ROOT / "cxlab")} <= inside
    assert {f"cxlab/{path.relative_to(ROOT).as_posix()}" for path in make_pack.kept(ROOT / "datasets")} <= inside
    wheel.extractall(tmp_path)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import cxlab as cx; print(cx.__file__, len(cx.load('copenhagen_housing')))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(str(tmp_path)) and done.stdout.split()[-1] == "72"


@pytest.mark.skipif(sys.platform == "win32", reason="start.bat is for Windows")
def test_without_python_the_start_script_says_what_to_do(unpacked, tmp_path):
    for tool in ("dirname", "cat"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    done = subprocess.run(["/bin/sh", unpacked / "start.sh"], env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == ""
    assert "python.org" in done.stderr and "Kurun" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="start.bat is for Windows")
def test_the_start_script_tells_its_own_commands(unpacked):
    told = subprocess.run(["/bin/sh", unpacked / "start.sh", "--help"], capture_output=True, text=True, check=True).stdout
    named = set(re.findall(r"start\.sh ([a-z]+)\b", told))
    assert {"check", "report", "forget"} <= named <= set(kit.COMMANDS) - set(kit.SCRIPTS) - {"locks"} and "dersleri" in told


@pytest.mark.parametrize("platform, machine, name", [("linux", "x86_64", "linux"), ("linux", "aarch64", "linux-aarch64"), ("darwin", "arm64", "macos"),
                                                     ("darwin", "x86_64", "macos-x86_64"), ("win32", "AMD64", "windows")])
def test_pack_and_computer_name_the_target_alike(monkeypatch, platform, machine, name):
    monkeypatch.setattr(kit.sys, "platform", platform)
    monkeypatch.setattr(kit.platform, "machine", lambda: machine)
    target = kit.target()
    assert target == f"{name}-{sys.version_info[0]}.{sys.version_info[1]}" and make_pack.target(target) == target
    assert make_pack.environments(target)[0]["sys_platform"] == platform and make_pack.environments(target)[0]["platform_machine"] == machine


@pytest.mark.parametrize("wrong", ["linux", "linux-2.7", "beos-3.12", "linux-3.x", ""])
def test_an_unknown_target_is_refused(wrong):
    with pytest.raises(make_pack.argparse.ArgumentTypeError, match="linux-3.12"):
        make_pack.target(wrong)


def test_pins_for_a_target_follow_its_markers():
    lock = ('a==1 \\\n    --hash=sha256:11 \\\n    --hash=sha256:22\n    # via b\nb==2 ; sys_platform == "win32" \\\n    --hash=sha256:33\n'
            "c==3 ; python_full_version < '3.11.5' \\\n    --hash=sha256:44\nc==4 ; python_full_version >= '3.11.5' \\\n    --hash=sha256:55\n")
    early, late = (list(make_pack.pins(lock, environment)) for environment in make_pack.environments("linux-3.11"))
    assert early == ["a==1 --hash=sha256:11 --hash=sha256:22", "c==3 --hash=sha256:44"] and late == [early[0], "c==4 --hash=sha256:55"]
    assert "b==2 --hash=sha256:33" in list(make_pack.pins(lock, make_pack.environments("windows-3.12")[0]))


@pytest.mark.parametrize("target", ["linux-3.11", "windows-3.12", "macos-3.13"])
def test_a_target_gets_every_direct_dependency_once(target):
    pins = [list(make_pack.pins(kit.LAB.read_text(encoding="utf-8"), environment)) for environment in make_pack.environments(target)]
    project = make_pack.tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {Requirement(each).name for each in project["dependencies"] + project["optional-dependencies"]["lab"]}
    for lines in pins:
        names = [line.split("==")[0] for line in lines]
        assert wanted <= set(names) and len(names) == len(set(names)) and all("--hash=sha256:" in line for line in lines)
    assert any(line.startswith("pywinpty==") for line in pins[0]) == target.startswith("windows")


def test_a_missing_wheel_is_told_by_name(tmp_path, monkeypatch):
    """pip stops at the first; it is asked again without it until all that is missing is known."""
    asked = []

    def pip(command, **_):
        asked.append(pathlib.Path(command[-1]).read_text(encoding="utf-8"))
        name = next((name for name in ("tqdm", "pandas") if f"{name}==" in asked[-1]), None)
        version = re.search(rf"{name}==\S+", asked[-1]).group() if name else ""
        return subprocess.CompletedProcess(command, int(name is not None), "", f"ERROR: No matching distribution found for {version}\n")

    monkeypatch.setattr(make_pack.subprocess, "run", pip)
    with pytest.raises(SystemExit, match=r"(?s)linux-3.12: no wheel of tqdm==.*linux-3.12: no wheel of pandas==.*package index"):
        make_pack.wheels(["linux-3.12"], tmp_path)
    assert len(asked) == 3


def test_the_stamp_of_a_pack_holds_its_lock_and_its_wheel(unpacked):
    before = kit.stamp(kit.LAB)
    assert not kit.is_ready(kit.LAB)
    wheel = kit.own_wheel()
    wheel.write_bytes(wheel.read_bytes() + b" ")
    assert kit.stamp(kit.LAB)["digest"] != before["digest"]
    wheel.unlink()
    with pytest.raises(SystemExit):
        kit.stamp(kit.LAB)


def test_wheels_for_this_computer_come_first(unpacked, capsys):
    assert kit.sources() == [[]] and capsys.readouterr().out == ""
    (kit.WHEELS / "beos-3.11").mkdir()
    assert kit.sources() == [[]] and "beos-3.11" in capsys.readouterr().out
    (kit.WHEELS / kit.target()).mkdir()
    assert kit.sources() == [["--no-index", "--find-links", kit.WHEELS / kit.target()], []]


@pytest.mark.parametrize("command", [*kit.SCRIPTS, "locks"])
def test_a_pack_refuses_what_needs_a_checkout(unpacked, command, capsys):
    with pytest.raises(SystemExit):
        kit.main([command])
    assert command in capsys.readouterr().err


def test_forget_lists_then_deletes_and_keeps_mine(unpacked, capsys):
    brought = ["class-data/answers.csv", "notebooks/en/.ipynb_checkpoints/01-checkpoint.ipynb", "report.html"]
    for name in [*brought, "mine/notes.ipynb", ".venv/lib/answers.py"]:
        (unpacked / name).parent.mkdir(parents=True, exist_ok=True)
        (unpacked / name).write_text("an answer", encoding="utf-8")
    lesson = unpacked / kit.FIRST_LESSON
    lesson.write_text(lesson.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    kit.main(["forget"])
    told = capsys.readouterr().out
    assert told.splitlines()[:4] == [*brought, "Files that are not the kit's: 3; with --yes they are deleted."]
    assert "Kept in mine/: 1" in told and kit.FIRST_LESSON in told and (unpacked / "report.html").exists()
    kit.main(["forget", "--yes"])
    assert not any((unpacked / name).exists() for name in brought) and (unpacked / "mine/notes.ipynb").exists()
    kit.main(["forget", str(unpacked / "mine"), "--yes"])
    assert not (unpacked / "mine/notes.ipynb").exists() and (unpacked / ".venv/lib/answers.py").exists()
    assert all((unpacked / name).exists() for name in kit.by_listing()[0])


def test_forget_knows_by_git_what_is_the_kits(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(kit, "ROOT", tmp_path)
    monkeypatch.setattr(kit, "MINE", tmp_path / "mine")
    with pytest.raises(SystemExit):  # no git here: nothing is listed, nothing deleted
        kit.main(["forget", "--yes"])
    (tmp_path / "notebooks").mkdir()
    for name in ("ours.txt", "notebooks/şubat.ipynb"):
        (tmp_path / name).write_text("published", encoding="utf-8")
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    (tmp_path / "notebooks/şubat.ipynb").write_text(json.dumps("an answer"), encoding="utf-8")
    (tmp_path / "theirs.csv").write_text("an answer", encoding="utf-8")
    kit.main(["forget", "--yes"])
    told = capsys.readouterr().out
    assert told.startswith("theirs.csv\n") and "notebooks/şubat.ipynb" in told
    assert not (tmp_path / "theirs.csv").exists() and (tmp_path / "notebooks/şubat.ipynb").exists()
