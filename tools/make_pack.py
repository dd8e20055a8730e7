"""Build the students' zip: `python tools/make_pack.py [--wheels linux-3.11 windows-3.12 ...] [--out FILE]` (`make pack WHEELS="linux-3.11"`).

In it: lessons without trainer's cells, exercises (from the solutions, which stay here), data, the lock file, cxlab's own wheel with the data inside,
`kit.py` and a start script a platform (`tools/pack/`). With `--wheels` also every package of the lock as a wheel for a system and a Python, for rooms
without network. The same content gives the same bytes. `files.txt` lists what the pack holds, so that `kit.py forget` can tell what came later.
"""

import argparse
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile

import nbformat
from packaging.requirements import Requirement

from make_exercises import exercise_of, pairs

ROOT = pathlib.Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
COPIED = ("kit.py", "requirements.lock", "LICENSE", "LICENSE-CC-BY-4.0.txt", "CITATION.cff", "CHANGELOG.md")
GLIBC = (*(f"manylinux_2_{minor}" for minor in range(28, 4, -1)), "manylinux2014", "manylinux2010", "manylinux1")  # 2.28: every Linux since 2019
LINUX = {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"}
MACOS = {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"}
WINDOWS = {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"}
SYSTEMS = {  # as `target` in kit.py names them: what the markers of the lock see, and the tags a wheel may have
    "linux": (LINUX | {"platform_machine": "x86_64"}, [f"{tag}_x86_64" for tag in GLIBC]),
    "linux-aarch64": (LINUX | {"platform_machine": "aarch64"}, [f"{tag}_aarch64" for tag in GLIBC]),
    "macos": (MACOS | {"platform_machine": "arm64"}, ["macosx_12_0_arm64"]),
    "macos-x86_64": (MACOS | {"platform_machine": "x86_64"}, ["macosx_12_0_x86_64"]),
    "windows": (WINDOWS | {"platform_machine": "AMD64"}, ["win_amd64"]),
}


def kept(folder):
    """The files of a folder, without what editors, Jupyter and Python leave there."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file()
            and not any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts)]


def for_students(lesson):
    """A lesson without its trainer's cells."""
    lesson.cells = [cell for cell in lesson.cells if "trainer" not in cell.metadata.get("tags", [])]
    return lesson


def notebooks():
    """{path in the pack: bytes} of every lesson and exercise."""
    found = {exercise: exercise_of(nbformat.read(solution, as_version=4)) for solution, exercise in pairs()}
    for path in kept(ROOT / "notebooks"):
        if path.suffix == ".ipynb" and not {"solutions", "exercises"} & set(path.parts):
            found[path] = for_students(nbformat.read(path, as_version=4))
    return {path.relative_to(ROOT).as_posix(): (nbformat.writes(notebook) + "\n").encode() for path, notebook in found.items()}


def build_wheel(folder):
    """cxlab's wheel with the data inside, built in `folder` from a clean copy: nothing that was left lying in the checkout gets in."""
    copy = folder / "source"
    for name in ("cxlab", "datasets"):
        for path in kept(ROOT / name):
            (copy / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy / path.relative_to(ROOT))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    done = subprocess.run([sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder.resolve()], cwd=copy,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return next(folder.glob("cxlab-*.whl"), None) or sys.exit(f"{done.stderr}\nThe wheel of cxlab could not be built (see above).")


def environments(target):
    """What the markers of the lock see on a target. The last digit of its Python is not known: the first release and a late one."""
    system, python = target.rsplit("-", 1)
    python_is = {"python_version": python, "implementation_name": "cpython", "platform_python_implementation": "CPython"}
    return [SYSTEMS[system][0] | python_is | {"python_full_version": f"{python}.{last}"} for last in (0, 99)]


def pins(lock, environment):
    """The pins of a lock (its text) that an environment needs, each in one line with its hashes and without its marker."""
    for block in re.findall(r"(?m)^[\w.-]+==.*\n(?:[ \t]+.*\n)*", lock):
        requirement = Requirement(block.splitlines()[0].rstrip(" \\"))
        if requirement.marker is None or requirement.marker.evaluate(environment):
            yield " ".join([f"{requirement.name}{requirement.specifier}", *re.findall(r"--hash=\w+:\w+", block)])


def download(target, folder):
    """Every package of the lock as a wheel for a target; pip checks the hashes. Returns the pins for which there is no wheel."""
    tags = SYSTEMS[target.rsplit("-", 1)[0]][1]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps", "--require-hashes",
               "--only-binary=:all:", "--implementation=cp", *(f"--platform={tag}" for tag in tags), "--dest", folder]
    done, missing, wanted = set(), [], folder.parent / f"{target}.txt"
    for environment in environments(target):
        lines = set(pins(LOCK.read_text(encoding="utf-8"), environment)) - done
        done |= lines
        while lines:
            wanted.write_text("\n".join(sorted(lines)), encoding="utf-8")
            there = f"--python-version={environment['python_full_version']}"
            ended = subprocess.run(list(map(str, [*command, there, "-r", wanted])), capture_output=True, text=True)
            if not ended.returncode:
                break
            without = re.search(r"No matching distribution found for (\S+)", ended.stderr)
            if not without:
                raise SystemExit(f"{ended.stderr}\nThe wheels for {target} could not be fetched (see above).")
            missing.append(without.group(1))
            lines = {line for line in lines if not line.startswith(f"{without.group(1)} ")}
    return missing


def wheels(targets, folder):
    """{path in the pack: file} of the wheels for all targets; stops if one has gaps, because a room without network would find out too late."""
    found, gaps = {}, []
    for target in targets:
        (folder / target).mkdir()
        missing = download(target, folder / target)
        files = sorted((folder / target).iterdir())
        found |= {f"wheels/{target}/{path.name}": path for path in files}
        gaps += [f"{target}: no wheel of {name}" for name in missing]
        print(f"wheels for {target}: {len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.0f} MB", flush=True)
    if gaps:
        raise SystemExit("\n".join([*gaps, "A wheel built here would have no hash in the lock, so none is made. Choose another Python or leave that "
                                    "target out: there the packages come from the package index."]))
    return found


def content(wheel):
    """{path in the pack: bytes} without the wheels of others."""
    found = notebooks() | {f"wheels/{wheel.name}": wheel.read_bytes()}
    found |= {name: (ROOT / name).read_bytes() for name in COPIED}
    found |= {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in kept(ROOT / "datasets")}
    for path in kept(ROOT / "tools" / "pack"):
        data = path.read_bytes().replace(b"\r\n", b"\n")
        found[path.name] = data.replace(b"\n", b"\r\n") if path.suffix in (".bat", ".txt") else data  # Windows shows and runs these
    return found


def write(found, path, top):
    """The zip: sorted names, one date, scripts that may be executed. found : {path in the pack: bytes or a file}."""
    path.parent.mkdir(parents=True, exist_ok=True)
    listing = []
    with zipfile.ZipFile(path, "w") as zipped:
        for name in [*sorted(found), "files.txt"]:
            data = "".join(listing).encode() if name == "files.txt" else found[name]
            data = data.read_bytes() if isinstance(data, pathlib.Path) else data
            listing.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
            entry = zipfile.ZipInfo(f"{top}/{name}", (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, (0o100755 if name.endswith((".sh", ".command")) else 0o100644) << 16
            zipped.writestr(entry, data, zipfile.ZIP_STORED if name.endswith(".whl") else zipfile.ZIP_DEFLATED)


def uncommitted():
    """Files of the kit that are not as git has them: they go into the pack as they stand, so whoever makes it should know."""
    try:
        done = subprocess.run(["git", "status", "--porcelain", "--", "notebooks", "datasets", "cxlab"], cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        return []
    return [line[3:] for line in done.stdout.splitlines()]


def target(text):
    if text.rpartition("-")[0] not in SYSTEMS or not re.fullmatch(r"3\.\d+", text.rpartition("-")[2]):
        raise argparse.ArgumentTypeError(f"'{text}' is none of {', '.join(f'{system}-3.12' for system in SYSTEMS)} (or another Python from 3.11 on)")
    return text


def main():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    parser = argparse.ArgumentParser(prog="kit.py pack", description="Build the students' zip.")
    parser.add_argument("--wheels", nargs="*", default=[], type=target, metavar="TARGET", help="for rooms without network: linux-3.11 ...")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "dist" / f"cxlab-kit-{version}.zip", metavar="FILE.zip", help="or a folder")
    chosen = parser.parse_args()
    if changed := uncommitted():
        print(f"Not as committed, packed as they stand: {', '.join(changed)}")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        found = content(build_wheel(folder)) | wheels(sorted(set(chosen.wheels)), folder)
        chosen.out = chosen.out if chosen.out.suffix == ".zip" else chosen.out / f"cxlab-kit-{version}.zip"
        write(found, chosen.out, f"cxlab-kit-{version}")
    print(f"{chosen.out}: {len(found) + 1} files, {chosen.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
