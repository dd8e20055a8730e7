"""How long a report of a large file takes, as a multiple of merely reading the file: `python benchmarks/report.py [rows] [columns]`.

Makes a file of 100,000 rows and 60 columns (single choice, several choices, scales, open), measures a plain `pandas.read_csv` of it, then the
whole command as a person calls it, start of Python and of the kernel included. Aim: under 30 s.
"""

import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import pandas as pd
from promised import tell

ROWS, COLUMNS = (int(x) for x in [*sys.argv[1:3], *["100000", "60"][len(sys.argv) - 1:]])
WORDS = np.array(["quick", "friendly", "dear", "waited", "phone", "nobody", "answered", "clean", "open", "honest", "twice", "again"])


def survey(rows, columns, seed=1):
    """Answers in columns of four kinds in turn."""
    rng = np.random.default_rng(seed)
    options = np.array(["price", "speed", "staff", "opening hours", "none of these"])
    table = {"Timestamp": pd.Timestamp("2024-03-04 09:00:00") + pd.to_timedelta(np.sort(rng.integers(0, 30 * 86_400, rows)), unit="s")}
    for k in range(columns - 1):
        kind = k % 6
        if kind in (0, 1, 2):
            values = options[rng.integers(0, len(options), rows)]
        elif kind == 3:
            pairs = rng.integers(0, len(options), (rows, 2))
            first, second = options[pairs[:, 0]], options[pairs[:, 1]]
            values = np.where(first == second, first, np.char.add(np.char.add(first, ";"), second))
        elif kind == 4:
            values = rng.integers(0, 11, rows).astype(str)
        else:
            values = np.array([" ".join(line) for line in WORDS[rng.integers(0, len(WORDS), (rows, 6))]])
        name = "How likely are you to recommend us (0-10)?" if k == 4 else f"Question {k + 1}"
        table[name] = np.where(rng.random(rows) < 0.05, "", values)
    return pd.DataFrame(table)


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


with tempfile.TemporaryDirectory() as folder:
    file, page = pathlib.Path(folder, "answers.csv"), pathlib.Path(folder, "page.html")
    survey(ROWS, COLUMNS).to_csv(file, index=False)
    plain = min(seconds(lambda: pd.read_csv(file)) for _ in range(3))
    command = [sys.executable, "-m", "cxlab", "report", str(file), "--out", str(page)]
    whole = seconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
    sizes = ", ".join(f"{path.name} {path.stat().st_size / 1e3:.0f} kB" for path in sorted(pathlib.Path(folder).iterdir()))
    print(f"{ROWS:,} rows x {COLUMNS} columns: report {whole:.1f} s, pandas.read_csv {plain:.2f} s, ratio {whole / plain:.0f}; {sizes}")
    tell(f"report of {ROWS:,} rows × {COLUMNS} columns", whole, at_most=30)
