"""Run lessons from top to bottom and keep their outputs, without widget state and execution times: `python tools/run_lessons.py [FILE ...]`.

Without a file, every lesson. What a lesson shows is part of the lesson, so run this after every change to it or to what it calls.
"""

import pathlib
import sys

import nbformat
from nbclient import NotebookClient

ROOT = pathlib.Path(__file__).resolve().parents[1]


def run(path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}, record_timing=False,
                   coalesce_streams=True).execute()
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    nbformat.write(notebook, path)
    print(f"{path.name}: {len(notebook.cells)} cells, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    everything = sorted(p for p in (ROOT / "notebooks").rglob("*.ipynb")
                        if not {"exercises", ".ipynb_checkpoints"} & set(p.parts) and not p.name.startswith("."))
    for path in [pathlib.Path(name).resolve() for name in sys.argv[1:]] or everything:
        run(path)
