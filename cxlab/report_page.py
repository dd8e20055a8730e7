"""The report's notebook run and turned into files: one page that asks nothing of any network, a workbook, the executed notebook.

`cxlab report` calls `write_report`; what the page says stands in `report.py`. Here is only how it is run, put together and moved into place;
neither pandas nor matplotlib is imported on this side of the kernel.
"""

import html
import importlib
import json
import os
import pathlib
import re
import sys
import tempfile
import threading
import tomllib

from . import framework
from .framework import CxError, say

HERE = pathlib.Path(__file__).parent
SETTINGS = "CXLAB_REPORT"  # the environment variable that carries the settings into the kernel
PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
STYLE = """
:root { color-scheme: light }
body { margin: 0; background: #fff; color: #262626; font: 17px/1.55 "Segoe UI", "Helvetica Neue", "DejaVu Sans", Arial, sans-serif }
main { max-width: 50rem; margin: 0 auto; padding: 2rem 1.25rem 5rem }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem } h1 + p { color: #4d4d4d }
h2 { font-size: 1.4rem; line-height: 1.25; margin: 3.2rem 0 .6rem; padding-top: .8rem; border-top: 2px solid #0072b2 }
h3 { font-size: 1.08rem; line-height: 1.35; margin: 2.2rem 0 .5rem }
h1, h2, h3, p, li, td, th { overflow-wrap: anywhere } p, ul { max-width: 44rem } li { margin: .35rem 0 }
figure { margin: 1rem 0 1.2rem } img { max-width: 100%; height: auto } figcaption { color: #4d4d4d; font-size: .9rem; max-width: 44rem }
table { border-collapse: collapse; min-width: min(34rem, 100%); max-width: 100%; margin: .8rem 0 1.2rem; font-size: .92rem; line-height: 1.4 }
th { text-align: left; vertical-align: bottom; border-bottom: 2px solid #8a8a8a; font-weight: 600; padding: .3rem .8rem .3rem 0 }
td { vertical-align: top; border-bottom: 1px solid #e3e3e3; padding: .32rem .8rem .32rem 0 }
td:not(.number) { min-width: 6rem } .number { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: normal }
td.number { white-space: nowrap }
.sum td { font-weight: 600; border-top: 2px solid #8a8a8a }
.form { width: 100% } .form td { width: 50%; height: 2.2rem; border: 1px solid #c9c9c9; padding: .4rem .6rem }
th:last-child, td:last-child { padding-right: 0 } .form td:last-child { padding-right: .6rem }
@media print { main { max-width: none } figure, tr { break-inside: avoid } h2, h3 { break-after: avoid } }
"""


def write_report(file=None, out="report.html", language="en", columns=None, source=None, encoding=None, separator=None):
    """Write the report page, the workbook of its tables and the executed notebook: all three, or on any failure none.

    file : what `cx.read_survey` reads; None: the bundled sample. out : the page; `NAME_tables.xlsx` and `NAME.ipynb` stand beside it.
    columns : a TOML file or a dict that names columns of the file for `cx.five_questions`. source, encoding, separator : as in `cx.read_survey`.
    Returns the three paths: page, tables, notebook.
    """
    framework.use_language(language)
    page = pathlib.Path(out).absolute()
    targets = [page, page.with_name(f"{page.stem}_tables.xlsx"), page.with_suffix(".ipynb")]
    _refuse_bad_targets(page, targets, file)
    import nbformat

    settings = {"file": None if file is None else str(pathlib.Path(file).absolute()), "language": language, "columns": _column_map(columns),
                "source": source, "encoding": encoding, "separator": separator, "tables": targets[1].name, "notebook": targets[2].name}
    with tempfile.TemporaryDirectory(prefix=".cxlab-", dir=page.parent, ignore_cleanup_errors=True) as folder:
        folder = pathlib.Path(folder)
        notebook = _execute(settings | {"folder": str(folder)})
        for cell in notebook.cells:
            if cell.cell_type == "code":  # the warnings and widgets of one run belong in nobody's report
                cell["outputs"] = [output for output in cell.outputs if output.output_type == "display_data"]
        nbformat.write(notebook, folder / "notebook.ipynb")
        body = _page(_with_figures(notebook), language)
        (folder / "page.html").write_text(body, encoding="utf-8", newline="\n")
        _put([folder / "page.html", folder / "tables.xlsx", folder / "notebook.ipynb"], targets, folder)
    return targets


def _refuse_bad_targets(page, targets, file):
    if page.suffix.lower() not in (".html", ".htm"):
        raise CxError(say("report.not_html", out=page.name))
    if not page.parent.is_dir():
        raise CxError(say("report.no_folder", folder=page.parent))
    for target in targets:
        if target.is_dir():
            raise CxError(say("report.is_folder", out=target))
        if file is not None and target.exists() and pathlib.Path(file).exists() and target.samefile(file):
            raise CxError(say("report.over_input", file=file))


def _column_map(columns):
    if columns is None or isinstance(columns, dict):
        return columns
    try:
        given = tomllib.loads(pathlib.Path(columns).read_text(encoding="utf-8-sig"))
        return {key: value if value != "" else None for key, value in given.items()}  # "" says that a question was not asked
    except OSError as error:
        raise CxError(say("report.map_missing", file=columns)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CxError(say("report.map_broken", file=columns, problem=error)) from error


def _execute(settings):
    """Run `report.ipynb` with this very Python, whatever kernels are installed; a `CxError` in it comes back as a `CxError`."""
    import nbformat
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from tqdm.auto import tqdm
    from traitlets.config import Config

    class ThisPython(AsyncKernelManager):
        kernel_spec = KernelSpec(argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=ERROR"],
                                 display_name="Python 3", language="python")

    notebook = nbformat.read(HERE / "report.ipynb", as_version=4)
    searched = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, SETTINGS: json.dumps(settings), "PYTHONPATH": searched, "IPYTHONDIR": settings["folder"], "TQDM_DISABLE": "1",
                   "JUPYTER_RUNTIME_DIR": settings["folder"], "MPLBACKEND": "agg"}
    threading.Thread(target=importlib.import_module, args=("nbconvert",), daemon=True).start()  # three slow seconds, spent while the kernel works
    steps = sum(cell.cell_type == "code" for cell in notebook.cells)
    with tqdm(total=steps, desc=say("report.progress"), delay=2, leave=False, file=sys.stderr) as bar:
        own = Config({"ThisPython": {"connection_file": str(pathlib.Path(settings["folder"]) / "kernel.json")}})
        client = NotebookClient(notebook, config=own, kernel_manager_class=ThisPython, timeout=None, record_timing=False, store_widget_state=False,
                                resources={"metadata": {"path": settings["folder"]}}, on_cell_executed=lambda **_: bar.update())
        kernel_log = pathlib.Path(settings["folder"]) / "kernel.log"  # a kernel that is told to stop may grumble: no reader's business
        try:
            with open(kernel_log, "wb") as log:
                return client.execute(env=environment, stderr=log)
        except CellExecutionError as error:
            if error.ename == "CxError":
                raise CxError(error.evalue) from None
            raise
        except Exception:
            sys.stderr.write(kernel_log.read_text(encoding="utf-8", errors="replace"))  # it did not start, or died: here it says why
            raise


def _put(made, targets, folder):
    """Move all files to their places; if one cannot be moved, the places are as they were."""
    done = []
    try:
        for k, (new, target) in enumerate(zip(made, targets, strict=True)):
            if target.exists():
                os.replace(target, folder / f"old{k}")
            done.append((target, folder / f"old{k}"))
            os.replace(new, target)
    except OSError as error:
        for target, old in done:
            target.unlink(missing_ok=True)
            if old.exists():
                os.replace(old, target)
        raise CxError(say("report.cannot_write", file=error.filename2 or error.filename, problem=error.strerror)) from error


def _with_figures(notebook):
    """Of every output only what a reader sees; a picture and its caption become one <figure> whose caption is the alternative text too."""
    from nbformat.v4 import new_output

    for cell in notebook.cells:
        kept = []
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                size = output["metadata"].get("image/png", {})
                alt = html.escape(size.get("alt") or say("report.no_caption"))
                picture = f'<img src="data:image/png;base64,{"".join(data["image/png"].split())}" width="{int(size.get("width", 780))}" alt="{alt}">'
                figure = f"<figure>{picture}<figcaption>{alt}</figcaption></figure>"
                kept.append(new_output("display_data", {"text/html": figure}))
            elif "text/html" in data:
                kept.append(output)
        cell["outputs"] = kept
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.outputs]
    return notebook


def _page(notebook, language):
    """The executed notebook as one page that asks nothing of any network."""
    from nbconvert import HTMLExporter

    scripts = dict.fromkeys(("mathjax_url", "require_js_url", "jquery_url", "mermaid_js_url", "jupyter_widgets_base_url", "widget_renderer_url"), "")
    exporter = HTMLExporter(template_name="basic", exclude_input=True, exclude_input_prompt=True, exclude_output_prompt=True, language_code=language,
                            **scripts)
    body, _ = exporter.from_notebook_node(notebook)
    body = re.sub(r"</?div[^>]*>\s*", "", body)  # the exporter's wrapping; ours holds none
    title = re.sub(r"<[^>]+>", "", re.search(r"<h1>(.*?)</h1>", body, re.S)[1])
    return PAGE.format(language=language, title=title, style=STYLE, body=body)
