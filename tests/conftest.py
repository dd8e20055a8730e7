"""What several test files share: the display language put back after each test, no personal Jupyter settings, one browser."""

import os
import pathlib

import pytest
from hypothesis import settings

from cxlab import framework

ROOT = pathlib.Path(__file__).parents[1]
# No test asserts a time; and where a change is judged, the same examples are drawn each time (elsewhere new ones, to find more).
settings.register_profile("kit", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("kit")
CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(autouse=True)
def english():
    framework.use_language("en")
    yield
    framework.use_language("en")


@pytest.fixture
def jupyter_dirs(tmp_path, monkeypatch):
    """Nothing of the person's own Jupyter is read or written."""
    for kind in ("CONFIG", "DATA", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{kind}_DIR", str(tmp_path / kind.lower()))
    return tmp_path


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium. Without it the test is skipped, and the last line of `make test` says so; CXLAB_BROWSER=required forbids that."""
    if not os.path.exists(CHROMIUM):
        if os.environ.get("CXLAB_BROWSER") == "required":
            pytest.fail(f"CXLAB_BROWSER=required, but there is no {CHROMIUM}")
        pytest.skip("no browser")
    from playwright.sync_api import sync_playwright

    root = ["--no-sandbox"] if hasattr(os, "getuid") and os.getuid() == 0 else []
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=root + quiet)
        yield chromium
        chromium.close()
