"""Set up .venv and start the kit: `python kit.py lab | test | report [FILE] | check | lessons | exercises | locks`. Only the standard library.

The environment is built once from the pinned, hashed lock file. A stamp is written last and holds all that the environment
depends on: where it stands, which Python made it, which lock it was made from. If the stamp differs or is missing (an
interrupted set-up, a moved folder, another Python, new pins), the environment is built anew; else a start takes a moment.
"""

import contextlib
import hashlib
import json
import os
import pathlib
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
FIRST_LESSON = "notebooks/en/00_start_here.ipynb"
COMMANDS = ("lab", "test", "report", "check", "lessons", "exercises", "locks")


def stamp(lock):
    """What the environment depends on, as text."""
    digest = hashlib.sha256(lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    return {"folder": str(ROOT), "python": sys.version, "base": os.path.realpath(sys.base_prefix), "lock": lock.name, "digest": digest}


def is_ready(lock):
    """True if .venv was completed for exactly this; a test environment also serves the lab."""
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(STAMP.read_text(encoding="utf-8"))
        return PYTHON.exists() and any(found == stamp(each) for each in {lock, TEST})
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
        print(f"Setting up .venv with Python {sys.version.split()[0]} (once; under a minute) ...", flush=True)
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
    """Everything pinned and hashed: by uv, which is fast; by pip where uv cannot (it ignores pip's own settings, such as a mirror)."""
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    own = VENV / "uv-pin.txt"
    own.write_text(re.search(r"(?m)^uv==.*\n(?:[ \t]+.*\n)*", lock.read_text(encoding="utf-8")).group(), encoding="utf-8")
    run(*pip, "--require-hashes", "--no-deps", "-r", own)
    uv = [PYTHON, "-m", "uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", PYTHON, "--require-hashes", "-r", lock]
    if subprocess.run(list(map(str, uv)), cwd=ROOT, env=dict(os.environ, UV_LINK_MODE="copy")).returncode:
        print("uv could not install everything (a mirror that only pip knows?); trying pip, which takes about a minute more ...", flush=True)
        run(*pip, "--require-hashes", "-r", lock)
    run(*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT)


def run(*command, quiet=False):
    """Run a command of the set-up; if it fails, say which and stop."""
    done = subprocess.run(list(map(str, command)), cwd=ROOT, stdout=subprocess.DEVNULL if quiet else None, stderr=subprocess.PIPE if quiet else None)
    if done.returncode:
        detail = (done.stderr or b"").decode(errors="replace")
        stop(f"{detail}\nThe set-up stopped at: {' '.join(map(str, command[1:4]))} ... (see above). Is there a connection to the package index, "
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
    start("-m", "jupyterlab", "--ip=127.0.0.1", "--ServerApp.root_dir=.", f"--LabApp.default_url=/lab/tree/{FIRST_LESSON}", *root, *more)


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
    set_up(TEST if command == "test" else LAB)
    if command == "lab":
        lab(more)
    elif command == "test":
        start(ROOT / "tests" / "run_all.py", *more)
    elif command == "locks":
        locks()
    elif command in ("lessons", "exercises"):
        start(ROOT / "tools" / {"lessons": "run_lessons.py", "exercises": "make_exercises.py"}[command], *more)
    else:
        start("-m", "cxlab", command, *more)


if __name__ == "__main__":
    main(sys.argv[1:])
