"""Set up .venv and start the kit: `python kit.py lab | report [FILE] | check | handouts | forget`; in a checkout also
`test | lessons | exercises | locks | pack | benchmarks`. Only the standard library.

The environment is built once from the pinned, hashed lock file. A stamp is written last and holds all that the environment
depends on: where it stands, which Python made it, which lock it was made from. If the stamp differs or is missing (an
interrupted set-up, a moved folder, another Python, new pins), the environment is built anew; else a start takes a moment.
In a students' pack (`make pack`) this file is the same: there cxlab comes as a wheel, and so does everything else if the pack
has wheels for this computer.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "cxlab-stamp.json"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LAB, TEST = ROOT / "requirements.lock", ROOT / "requirements-test.lock"  # the second holds all of the first
PROJECT, WHEELS, LISTING = ROOT / "pyproject.toml", ROOT / "wheels", ROOT / "files.txt"  # a pack has the last two instead of the first
FIRST_LESSON = "notebooks/en/00_start_here.ipynb"
SCRIPTS = {"test": "tests/run_all.py", "lessons": "tools/run_lessons.py", "exercises": "tools/make_exercises.py", "pack": "tools/make_pack.py",
           "benchmarks": "benchmarks/run_all.py"}
COMMANDS = ("lab", "report", "check", "handouts", "forget", "locks", *SCRIPTS)
USUAL = {"linux": "x86_64", "macos": "arm64", "windows": "amd64"}  # the processor that a target means where it names none
MINE = ROOT / "mine"  # a person's own work: git ignores it, no update touches it
NO_ANSWERS = {".git", ".venv", ".venv.lock", ".ci", ".hypothesis", ".pytest_cache", ".ruff_cache",
              "cxlab", "tests", "tools", "benchmarks", "wheels", "dist", "build", "__pycache__"}


def stamp(lock):
    """What the environment depends on, as text."""
    digest = hashlib.sha256(lock.read_bytes() + (PROJECT if PROJECT.exists() else own_wheel()).read_bytes()).hexdigest()
    return {"folder": str(ROOT), "python": sys.version, "base": os.path.realpath(sys.base_prefix), "lock": lock.name, "digest": digest}


def own_wheel():
    """cxlab as a students' pack brings it."""
    found = sorted(WHEELS.glob("cxlab-*.whl"))
    return found[-1] if found else stop("The wheel of cxlab is missing here. Unpack the whole zip into a new folder and start there.")


def is_ready(lock):
    """True if .venv was completed for exactly this; a test environment also serves the lab."""
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(STAMP.read_text(encoding="utf-8"))
        return PYTHON.exists() and any(found == stamp(each) for each in {lock, TEST} if each.exists())
    return False


@contextlib.contextmanager
def one_at_a_time():
    """Two set-ups at once would destroy each other's work: the second waits for the first."""
    with open(ROOT / ".venv.lock", "w") as handle:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def set_up(lock):
    """Build .venv from `lock` unless it is already there."""
    if is_ready(lock):
        return
    with one_at_a_time():
        if is_ready(lock):
            return
        started = time.monotonic()
        print(f"Setting up .venv with Python {sys.version.split()[0]} (once; about a minute) ...", flush=True)
        grows = is_ready(LAB)  # the test environment only adds to it: a lab that is open stays alive
        STAMP.unlink(missing_ok=True)
        if VENV.exists() and not grows:
            shutil.rmtree(VENV)
        if not grows:
            run(getattr(sys, "_base_executable", sys.executable), "-m", "venv", VENV)  # not the Python of the .venv just removed
        install(lock)
        run(PYTHON, "-m", "jupyterlab.labextensions", "disable", "--level=sys_prefix", "@jupyterlab/apputils-extension:announcements", quiet=True)
        STAMP.write_text(json.dumps(stamp(lock)), encoding="utf-8")
        print(f"Ready after {time.monotonic() - started:.0f} s.", flush=True)


def install(lock):
    """Everything pinned and hashed, from the pack's wheels if they are for this computer, else from the index; then cxlab itself."""
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if not any(fetch(pip, lock, source) for source in sources()):
        failed("install", lock.name)
    run(*pip, "--no-deps", "--no-index", *(["--no-build-isolation", "--editable", ROOT] if PROJECT.exists() else [own_wheel()]))


def target():
    """This computer and Python, as the folders in a pack's `wheels` are named: `linux-3.11`, `macos-x86_64-3.12`."""
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    return "-".join([system, *([machine] if machine != USUAL.get(system) else []), f"{sys.version_info[0]}.{sys.version_info[1]}"])


def sources():
    """Where packages may come from, as options of pip and uv: the pack's wheels, which need no network, and the index."""
    brought, here = sorted(folder.name for folder in WHEELS.glob("*-3.*") if folder.is_dir()), target()
    if here in brought:
        return [["--no-index", "--find-links", WHEELS / here], []]
    if brought:
        print(f"This pack brings the packages for {', '.join(brought)}; this is {here}: they must come from the package index. Without network, "
              "start with one of those Pythons.", flush=True)
    return [[]]


def fetch(pip, lock, source):
    """True if all could be installed: by uv, which is fast, or by pip where uv cannot (it ignores pip's own settings, such as a mirror)."""
    def fails(*command):
        return subprocess.run(list(map(str, command)), cwd=ROOT, env=dict(os.environ, UV_LINK_MODE="copy")).returncode

    own = VENV / "uv-pin.txt"
    own.write_text(re.search(r"(?m)^uv==.*\n(?:[ \t]+.*\n)*", lock.read_text(encoding="utf-8")).group(), encoding="utf-8")
    if fails(*pip, *source, "--require-hashes", "--no-deps", "-r", own):
        return False
    uv = [PYTHON, "-m", "uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", PYTHON]
    if not fails(*uv, *source, "--require-hashes", "-r", lock):
        return True
    print("uv could not install everything (a mirror that only pip knows?); trying pip, which takes about a minute more ...", flush=True)
    return not fails(*pip, *source, "--require-hashes", "-r", lock)


def run(*command, quiet=False):
    """Run a command of the set-up; if it fails, say which and stop."""
    done = subprocess.run(list(map(str, command)), cwd=ROOT, stdout=subprocess.DEVNULL if quiet else None, stderr=subprocess.PIPE if quiet else None)
    if done.returncode:
        failed(*command[1:4], detail=(done.stderr or b"").decode(errors="replace"))


def failed(*words, detail=""):
    stop(f"{detail}\nThe set-up stopped at: {' '.join(map(str, words))} ... (see above). Is there a connection to the package index, "
         "and room on the disk? Then run the same command again: it begins anew by itself.")


def stop(text):
    print(text, file=sys.stderr)
    raise SystemExit(1)


def start(*command):
    """Hand over to the environment's own Python, from the folder the person is in."""
    command = [str(PYTHON), *map(str, command)]
    if os.name == "nt":
        raise SystemExit(subprocess.run(command).returncode)
    sys.stdout.flush()
    os.execv(command[0], command)


def lab(more):
    root = ["--allow-root"] if hasattr(os, "getuid") and os.getuid() == 0 else []
    os.chdir(ROOT)
    MINE.mkdir(exist_ok=True)
    start("-m", "jupyterlab", "--ip=127.0.0.1", "--ServerApp.root_dir=.", f"--LabApp.default_url=/lab/tree/{FIRST_LESSON}", *root, *more)


def forget(more):
    """List what people brought or made in this folder; with --yes delete it. `mine` is only deleted where it is named."""
    named = [pathlib.Path(each).resolve() for each in more if each != "--yes"]
    found, changed = not_published()
    chosen = [path for path in found if any(path.is_relative_to(each) for each in named) or not (named or path.is_relative_to(MINE))]
    for path in chosen:
        print(path.relative_to(ROOT))
        if "--yes" in more:
            path.unlink()
    print(f"Files that are not the kit's: {len(chosen)}" + (", deleted." if "--yes" in more else "; with --yes they are deleted." if chosen else "."))
    if kept := sum(path.is_relative_to(MINE) for path in set(found) - set(chosen)):
        print(f"Kept in mine/: {kept}; `forget mine --yes` deletes them.")
    if changed:
        print(f"Changed, so answers may stand in their outputs: {', '.join(changed)}. To put them back: `git checkout -- notebooks datasets`, or "
              "unpack the zip again.")
    print("Not reached from here: the trash, backups, synchronised folders, downloads, files elsewhere, what `git stash` keeps (`git stash clear`), "
          "the cells that were typed (`python -m IPython history clear`, with the Python of .venv).")


def not_published():
    """(files here that are not the kit's, names of those of its notebooks and data that were changed): git knows it; in a pack its list."""
    try:
        ours, changed = by_git() if PROJECT.exists() else by_listing()
    except (OSError, subprocess.CalledProcessError):
        stop("Without git nobody knows here which files are the kit's: look through the folder by hand, or delete all of it.")
    inside = [path for top in ROOT.iterdir() if top.name not in NO_ANSWERS for path in (top, *top.rglob("*")) if path.is_file() or path.is_symlink()]
    return sorted(set(inside) - {ROOT / name for name in ours}), [name for name in changed if name.startswith(("notebooks/", "datasets/"))]


def by_git():
    if not (ROOT / ".git").exists():
        raise OSError  # a folder within somebody's own repository: there git knows nothing of the kit

    def ask(*words):
        return subprocess.run(["git", *words, "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")[:-1]

    return ask("ls-files"), ask("diff", "--name-only", "HEAD")


def by_listing():
    digests = {name: digest for digest, name in (line.split("  ", 1) for line in LISTING.read_text(encoding="utf-8").splitlines())}
    there = [name for name in digests if (ROOT / name).exists()]
    return [LISTING.name, *digests], [name for name in there if hashlib.sha256((ROOT / name).read_bytes()).hexdigest() != digests[name]]


def locks():
    """Write both lock files anew: no index named, so that anybody's index serves them; the second agrees with the first."""
    command = [PYTHON, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url",
               "--no-header", "--upgrade", "pyproject.toml", "--extra", "lab", "--extra", "setup"]
    run(*command, "-o", LAB.name)
    run(*command, "--extra", "test", "-c", LAB.name, "-o", TEST.name)


def main(arguments):
    if not arguments or arguments[0] not in COMMANDS:
        stop(f"Usage: python kit.py {' | '.join(COMMANDS)}\n\n{__doc__}")
    if sys.version_info < (3, 11):  # noqa: UP036  (somebody may well start it with an old one)
        stop(f"This is Python {sys.version.split()[0]}; the kit needs 3.11 or newer. Install one from python.org and run the same with it.")
    command, more = arguments[0], arguments[1:]
    if command in (*SCRIPTS, "locks") and not PROJECT.exists():
        stop(f"`{command}` is for those who change the kit; it is not part of a students' pack.")
    if command == "forget":
        return forget(more)
    set_up(TEST if command in ("test", "benchmarks") else LAB)
    if command == "lab":
        lab(more)
    elif command == "locks":
        locks()
    elif command in SCRIPTS:
        start(ROOT / SCRIPTS[command], *more)
    else:
        start("-m", "cxlab", command, *more)


if __name__ == "__main__":
    main(sys.argv[1:])
