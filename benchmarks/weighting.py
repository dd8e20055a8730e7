"""Raking beside R's `survey` and a plain loop over rows in numpy, in the same run: `python benchmarks/weighting.py [rows]`. Prints; asserts nothing.

Three margins of 3, 4 and 6 categories. Rscript with the package `survey` is timed where there is one (its start and reading not counted).
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np
import pandas as pd
from promised import tell

import cxlab as cx

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
SIZES, TOLERANCE = {"via": 3, "age": 4, "region": 6}, 1e-10
SCRIPT = """
suppressPackageStartupMessages(library(survey))
d <- read.csv("rows.csv", colClasses = "character"); p <- read.csv("targets.csv", colClasses = c("character", "character", "numeric"))
s <- svydesign(ids = ~1, weights = ~1, data = d); names <- unique(p$margin)
t <- lapply(names, function(v) setNames(data.frame(p$category[p$margin == v], nrow(d) * p$share[p$margin == v]), c(v, "Freq")))
f <- lapply(names, function(v) as.formula(paste0("~", v)))
took <- system.time(r <- rake(s, f, t, control = list(epsilon = 1e-10, maxit = 1000)))
cat(took[["elapsed"]], max(weights(r)))
"""


def seconds(call, repeats=3):
    """The best of some runs, and what the last one gave."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - start)
    return min(times), result


def by_rows(table, margins):
    """What one would write at first: every iteration goes through all rows."""
    codes = [pd.Categorical(table[name], categories=list(targets)).codes for name, targets in margins.items()]
    w = np.ones(len(table))
    for _ in range(1000):
        for code, targets in zip(codes, margins.values(), strict=True):
            w *= (np.array(list(targets.values())) * len(w) / np.bincount(code, w))[code]
        off = [np.abs(np.bincount(code, w) / len(w) - list(targets.values())) for code, targets in zip(codes, margins.values(), strict=True)]
        if max(map(np.max, off)) <= TOLERANCE:
            return w


def by_survey(table, margins):
    """Seconds of survey::rake and its greatest weight, or None."""
    if not shutil.which("Rscript"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        table.to_csv(pathlib.Path(folder, "rows.csv"), index=False)
        rows = [(name, category, share) for name, targets in margins.items() for category, share in targets.items()]
        pd.DataFrame(rows, columns=["margin", "category", "share"]).to_csv(pathlib.Path(folder, "targets.csv"), index=False)
        done = subprocess.run(["Rscript", "-e", SCRIPT], cwd=folder, capture_output=True, text=True)
        return tuple(map(float, done.stdout.split())) if done.returncode == 0 else None


def main():
    rng = np.random.default_rng(1)
    common, letters = rng.random(ROWS), np.array(list("abcdef"))  # margins that go together take more iterations
    drawn = {name: np.minimum(((rng.random(ROWS) + common) / 2 * size).astype(int), size - 1) for name, size in SIZES.items()}
    table = pd.DataFrame({name: letters[codes] for name, codes in drawn.items()})
    margins = {name: {str(letters[i]): 2 * (i + 1) / size / (size + 1) for i in range(size)} for name, size in SIZES.items()}
    coded = table.astype("category")
    text, weights = seconds(lambda: cx.rake(table, margins, tolerance=TOLERANCE))
    codes, _ = seconds(lambda: cx.rake(coded, margins, tolerance=TOLERANCE))
    rows, plain = seconds(lambda: by_rows(coded, margins))
    print(f"{ROWS:,} rows, {weights.attrs['iterations']} iterations, greatest weight {weights.max():.6f}")
    print(f"cxlab {text:.3f} s (text), {codes:.3f} s (categories)")
    print(f"loop over rows {rows:.3f} s (categories), ratio {rows / codes:.1f}; largest difference {np.abs(plain - weights).max():.1e}")
    tell(f"weights by raking, {ROWS:,} rows", codes, ratio=rows / codes, peer="× as fast as a loop over rows in numpy")
    found = by_survey(table, margins)
    if not found:
        print("R with survey is not installed: not compared")
        tell(f"weights by raking, {ROWS:,} rows", codes, missing="R with survey")
    else:
        ratios = f"ratio to text {found[0] / text:.0f}, to categories {found[0] / codes:.0f}"
        print(f"survey::rake {found[0]:.1f} s, {ratios}; greatest weight {found[1]:.6f}")
        tell(f"weights by raking, {ROWS:,} rows", codes, ratio=found[0] / codes, peer="× as fast as survey::rake")


if __name__ == "__main__":
    main()
