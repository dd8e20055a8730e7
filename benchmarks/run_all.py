"""All benchmarks, and one table of what was promised and what was measured: `python benchmarks/run_all.py [coding journey ...]` (`make benchmarks`).

The table (Markdown) goes to the output; what each benchmark prints by itself goes to the error stream, so `make benchmarks > table.md` keeps the
table alone. Nothing else should run on the machine meanwhile. A peer that is not installed is named in its row. Exit code 1 if a benchmark fails
or a bound is not kept.
"""

import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
HEAD = "| benchmark | what | measured | beside | promised | kept |\n|---|---|---:|---|---|---|"
NONE = "none"


def measure(name, folder):
    """(rows that a benchmark told, seconds that it took, whether it ended well)."""
    rows, start = pathlib.Path(folder) / f"{name}.jsonl", time.monotonic()
    print(f"--- {name}", file=sys.stderr, flush=True)
    env = dict(os.environ, CXLAB_BENCHMARK_ROWS=str(rows))
    done = subprocess.run([sys.executable, HERE / f"{name}.py"], cwd=HERE.parent, env=env, stdout=sys.stderr)
    found = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines()] if rows.exists() else []
    return found, time.monotonic() - start, done.returncode == 0


def shown(number):
    """Three digits, no powers of ten."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}" if abs(number) >= 0.001 else f"{number:.5f}"


def kept(row):
    """ "yes" or "no", or why there is neither."""
    judged = row["value"] if row["ratio"] is None else row["ratio"]
    if row["missing"]:
        return "not compared"
    held = [judged <= row["at_most"]] if row["at_most"] is not None else [judged >= row["at_least"]] if row["at_least"] is not None else []
    held += [row["held"]] if row["promised"] else []
    return "" if not held else "yes" if all(held) else "**no**"


def line(name, row):
    """One row of the table."""
    unit = row["unit"] if row["ratio"] is None and not row["missing"] else "×"
    bounds = [f"{sign} {shown(row[bound])} {unit}" for sign, bound in (("≤", "at_most"), ("≥", "at_least")) if row[bound] is not None]
    bounds += [row["promised"]] if row["promised"] else []
    measured = "" if row["value"] is None else f"{shown(row['value'])} {row['unit']}"
    beside = f"{row['missing']}: not installed" if row["missing"] else "" if row["ratio"] is None else f"{shown(row['ratio'])} {row['peer']}"
    return f"| {name} | {row['what']} | {measured} | {beside} | {bounds[0] if bounds else NONE} | {kept(row)} |"


def machine():
    """What it was measured on, and when."""
    processor = platform.processor() or platform.machine()
    if pathlib.Path("/proc/cpuinfo").exists():
        processor = next(iter(re.findall(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"))), processor)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "pandas"))
    return f"{datetime.date.today()}; {processor}, {os.cpu_count()} cores; {platform.system()}; Python {platform.python_version()}, {versions}."


def main(chosen):
    names = [path.stem for path in sorted(HERE.glob("*.py")) if path.stem not in ("run_all", "promised")]
    if unknown := set(chosen) - set(names):
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}. There are: {', '.join(names)}")
    lines, notes, fine = [], [], True
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen or names:
            rows, took, ended = measure(name, folder)
            lines += [line(name, row) for row in rows]
            notes.append(f"{name} {took:.0f} s" + ("" if ended else " (**failed**)") + ("" if rows else " (promises nothing; see what it prints)"))
            fine &= ended and "**no**" not in map(kept, rows)
    print("\n".join([HEAD, *lines, "", f"Measured on {machine()} Duration: {', '.join(notes)}."]))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
