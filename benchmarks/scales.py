"""How often intervals of alpha and omega cover the truth, and how long they take: `python benchmarks/scales.py [worlds]`. Prints; asserts nothing.

Worlds of one factor: normal answers, the same rounded to 1-7 (also bunched at the top), and visits of customers who come five times. The truth of
rounded answers is that of the variables as measured, from a million draws. Last, one factor beside R's lavaan where there is one.
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
from cxlab import scales

WORLDS = int(sys.argv[1]) if len(sys.argv) > 1 else 200
RESAMPLES, TRUTH_DRAWS, VISITS = 300, 1_000_000, 5
LOADING, NOISE = np.array([0.9, 0.8, 1.2, 0.6, 0.5]), np.sqrt([0.6, 0.7, 1.5, 0.8, 1.0])
SCRIPT = """
suppressPackageStartupMessages(library(lavaan)); d <- read.csv("rows.csv")
m <- paste("f =~", paste(names(d), collapse = " + "))
took <- system.time(for (i in 1:10) fit <- cfa(m, d, std.lv = TRUE, se = "none", test = "none"))
e <- lavInspect(fit, "est"); l <- sum(e$lambda)^2; cat(took[["elapsed"]] / 10, l / (l + sum(diag(e$theta))))
"""


def normal(n, rng, same=None):
    """n answers to five items of one factor. same : the customer of each row; half of the factor and of the noise is the customer's."""
    factor, noise = rng.normal(size=(n, 1)), rng.normal(size=(n, 5))
    if same is not None:
        factor, noise = (np.sqrt(0.5) * (part + rng.normal(size=(same.max() + 1, part.shape[1]))[same]) for part in (factor, noise))
    return factor * LOADING + noise * NOISE


def rounded(middle):
    return lambda n, rng, same=None: np.clip(np.round(middle + normal(n, rng, same)), 1, 7)


def truth(draw):
    covariance = np.cov(draw(TRUTH_DRAWS, np.random.default_rng(0)), rowvar=False)
    return scales._alpha(covariance), scales._omega(*scales._one_factor(covariance))


def cover(draw, n, rng, visits=1, named=True):
    """Shares of the worlds whose intervals hold the truth, and how often there was no omega."""
    alpha, omega = truth(draw)
    same = np.arange(n) // visits
    found = []
    for _ in range(WORLDS):
        table = pd.DataFrame(draw(n, rng, same if visits > 1 else None)).add_prefix("q")
        found.append(cx.reliability(table, n_boot=RESAMPLES, rng=rng, cluster=same if visits > 1 and named else None))
    found = pd.concat(found)
    some = found.dropna(subset="omega_low")
    hit_alpha = ((found["ci_low"] <= alpha) & (alpha <= found["ci_high"])).mean()
    hit_omega = ((some["omega_low"] <= omega) & (omega <= some["omega_high"])).mean()
    return f"alpha {alpha:.4f} covered {hit_alpha:.3f}; omega {omega:.4f} covered {hit_omega:.3f} (no interval: {len(found) - len(some)} worlds)"


def beside_lavaan(table):
    """Seconds of one factor by lavaan and its omega, or None."""
    if not shutil.which("Rscript"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        table.to_csv(pathlib.Path(folder, "rows.csv"), index=False)
        done = subprocess.run(["Rscript", "-e", SCRIPT], cwd=folder, capture_output=True, text=True)
        return tuple(map(float, done.stdout.split())) if done.returncode == 0 else None


def main():
    rng = np.random.default_rng(1)
    print(f"{WORLDS} worlds, {RESAMPLES} resamples each; nominal 0.95")
    cells = [("normal", normal, 60, {}), ("normal", normal, 300, {}), ("1-7", rounded(4), 300, {}), ("1-7, bunched high", rounded(6), 300, {}),
             ("60 customers, named", normal, 300, {"visits": VISITS}), ("60 customers, not named", normal, 300, {"visits": VISITS, "named": False}),
             ("12 shops, named", normal, 300, {"visits": 25})]
    for name, draw, n, extra in cells:
        print(f"{name}, n = {n}: {cover(draw, n, rng, **extra)}")
    for n, items in ((1500, 4), (1500, 12), (20_000, 12)):
        table = pd.DataFrame(np.clip(np.round(4 + rng.normal(size=(n, 1)) + rng.normal(size=(n, items))), 1, 7)).add_prefix("q")
        times = {}
        for n_boot in (0, 1000):
            start = time.perf_counter()
            found = cx.reliability(table, n_boot=n_boot, rng=1)
            times[n_boot] = time.perf_counter() - start
        lavaan = beside_lavaan(table)
        there = f"; lavaan, one fit {lavaan[0]:.4f} s, difference of omega {abs(lavaan[1] - found['omega'][0]):.1e}" if lavaan else ""
        beside = {"ratio": lavaan[0] / times[0], "peer": "× as fast as one fit by lavaan"} if lavaan else {"missing": "R with lavaan"}
        tell(f"alpha and omega, {n:,} rows, {items} items", times[0], **beside)
        print(f"{n:,} rows, {items} items: {times[0]:.4f} s, with 1,000 resamples {times[1000]:.2f} s{there}")


if __name__ == "__main__":
    main()
