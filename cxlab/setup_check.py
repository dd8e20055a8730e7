"""Is this computer ready for the lessons? One row a check, with what to do where it is not.

`cx.check_setup()` in a notebook and `cxlab check` in a terminal show the same table.
"""

import importlib.metadata
import os
import pathlib
import re
import shutil
import socket
import sys
import tempfile

from .framework import say

PYTHON_FLOOR = (3, 11)
TURKISH_LETTERS = "ÇĞİıÖŞÜçğöşü"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")


def check_setup(folder="."):
    """Check Python, packages, fonts, folder, port, kernel and browser.

    folder : where lessons and reports are to be written. Returns a frame `check, status, found, what_to_do`, one row a check;
    status is "OK", "FAIL", or "optional" for what only some uses need. `what_to_do` is empty where nothing is to be done.
    >>> set(check_setup()["status"]) <= {"OK", "FAIL", "optional"}
    True
    """
    import pandas as pd

    rows = [_python(), _packages(), _fonts(), _folder(pathlib.Path(folder)), _port(), _kernel(), _browser()]
    return pd.DataFrame(rows, columns=["check", "status", "found", "what_to_do"])


def _row(check, fine, found, otherwise="FAIL", **values):
    name = say(f"setup_check.{check}")
    return (name, "OK" if fine else otherwise, found, "" if fine else say(f"setup_check.{check}_to_do", **values))


def _python():
    return _row("python", sys.version_info >= PYTHON_FLOOR, sys.version.split()[0], floor=".".join(map(str, PYTHON_FLOOR)))


def _number(version):
    return [int(part) for part in re.findall(r"\d+", version)[:3]]


def _packages():
    """Every package that `cxlab` declares, with its floor; the declaration is read from the installed package itself."""
    missing, checked = [], 0
    for requirement in importlib.metadata.requires("cxlab") or []:
        name, _, floor = re.match(r"([\w.-]+)(.*?>=([\d.]+))?", requirement).groups()
        if "extra ==" in requirement and not re.search(r"extra == .lab.", requirement):
            continue
        checked += 1
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
            continue
        if floor and _number(version) < _number(floor):
            missing.append(f"{name} {version} < {floor}")
    return _row("packages", not missing, say("setup_check.packages_found", n=checked - len(missing), of=checked), missing=", ".join(missing))


def _fonts():
    """Can the font of the figures draw every Turkish letter?"""
    from matplotlib import font_manager, ft2font, rcParams

    path = font_manager.findfont(font_manager.FontProperties(family=rcParams["font.family"]))
    font = ft2font.FT2Font(path)
    lacking = [letter for letter in TURKISH_LETTERS if not font.get_char_index(ord(letter))]
    return _row("fonts", not lacking, font.family_name, lacking=" ".join(lacking))


def _folder(folder):
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
        fine = True
    except OSError:
        fine = False
    return _row("folder", fine, str(folder.resolve()), folder=folder.resolve())


def _port():
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return _row("port", True, f"127.0.0.1:{probe.getsockname()[1]}")
    except OSError as problem:
        return _row("port", False, str(problem))


def _kernel():
    """Is there a kernel, and is it this Python? One of another environment would not find `cxlab`."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        command = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        return _row("kernel", False, "")
    here = os.path.isabs(command) is False or os.path.realpath(os.path.dirname(command)) == os.path.realpath(os.path.dirname(sys.executable))
    return _row("kernel", here, "python3" if here else command)


def _browser():
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), "")
    return _row("browser", bool(found), pathlib.Path(found).name, otherwise="optional")
