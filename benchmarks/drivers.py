"""Importance of drivers beside pingouin in the same run, and how often its intervals cover the truth: `python benchmarks/drivers.py [worlds]`.

Prints; asserts nothing. pingouin is timed where it is installed (the extra `dev`).
"""

import importlib.util
import sys
import time
import warnings

import numpy as np
import pandas as pd

import cxlab as cx
from cxlab.drivers import johnson, lmg

WORLDS = int(sys.argv[1]) if __name__ == "__main__" and len(sys.argv) > 1 else 200
SLOPES = np.array([0.5, 0.35, 0.2, 0.1])
BETWEEN = 0.4 ** np.abs(np.subtract.outer(np.arange(4), np.arange(4)))  # correlations of the drivers
NAMES = ["premises", "services", "manner", "price"]


def truth(divide=lmg):
    """Importance in the population from which `world` draws. Every driver goes with the outcome: at an importance of 0, the end of what is
    possible, resamples lie above it nearly always, and no percentile interval covers (`price` with slope 0 would show it)."""
    whole = np.block([[BETWEEN, (BETWEEN @ SLOPES)[:, None]], [SLOPES @ BETWEEN, SLOPES @ BETWEEN @ SLOPES + 1]])
    spread = np.sqrt(np.diag(whole))
    return divide(whole / np.outer(spread, spread))


def world(rng, customers=300, visits=1, alike=0.0):
    """Customers with some visits each. alike : part of the variance, in drivers and residual, that all visits of a customer have in common."""
    customer = np.repeat(np.arange(customers), visits)
    common, own = (rng.standard_normal((n, 5)) for n in (customers, len(customer)))
    z = np.sqrt(alike) * common[customer] + np.sqrt(1 - alike) * own
    x = z[:, :4] @ np.linalg.cholesky(BETWEEN).T
    return pd.DataFrame(x, columns=NAMES).assign(rating=x @ SLOPES + z[:, 4], visitor=customer)


def coverage(worlds, method="lmg", n_boot=500, cluster=None, **kind):
    """Share of the intervals that cover, and the mean estimate less the truth, by driver."""
    true, inside, off = truth({"lmg": lmg, "johnson": johnson}[method]), np.zeros(4), np.zeros(4)
    for seed in range(worlds):
        found = cx.importance(world(np.random.default_rng(seed), **kind), "rating", NAMES, method, n_boot, cluster, rng=seed)
        inside += (found["ci_low"] <= true) & (true <= found["ci_high"])
        off += found["importance"] - true
    return inside / worlds, off / worlds


def seconds(call, repeats):
    """The best of some runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def speed():
    """Ours and pingouin's, on the same table."""
    from promised import tell  # beside this file; the tests import this module as one of a package

    rng = np.random.default_rng(1)
    for p in (10, 15):
        x = rng.standard_normal((2000, p)) + rng.standard_normal((2000, 1))
        table = pd.DataFrame(x, columns=[f"x{i}" for i in range(p)])
        drivers, table["y"] = list(table), x @ np.linspace(0.1, 1, p) + 3 * rng.standard_normal(2000)
        correlations = np.corrcoef(table.to_numpy().T)
        alone = seconds(lambda r=correlations: lmg(r), 9)
        once = seconds(lambda t=table, d=drivers: cx.importance(t, "y", d, n_boot=0), 9)
        boot = seconds(lambda t=table, d=drivers: cx.importance(t, "y", d, n_boot=1000, rng=1), 3)
        print(f"{p} drivers, n = 2,000: lmg of the correlations {alone:.5f} s, cx.importance(n_boot=0) {once:.5f} s, 1,000 resamples {boot:.2f} s")
        tell(f"importance, {p} drivers, n = 2,000, 1,000 resamples", boot, at_most={10: 2, 15: 20}[p])
        least = 50 if p == 10 else None
        if importlib.util.find_spec("pingouin") is None:
            print("  pingouin is not installed")
            tell(f"importance, {p} drivers, once", alone, missing="pingouin", at_least=least)
            continue
        import pingouin

        peer = seconds(lambda t=table, d=drivers: pingouin.linear_regression(t[d], t["y"], relimp=True), 9 if p == 10 else 1)
        theirs = pingouin.linear_regression(table[drivers], table["y"], relimp=True)["relimp"].to_numpy()[1:]
        tell(f"importance, {p} drivers, once", alone, ratio=peer / alone, peer="× as fast as pingouin", at_least=least)
        gap = np.abs(theirs - lmg(correlations)).max()
        print(f"  pingouin {peer:.3f} s: ratio to lmg {peer / alone:.0f}, to cx.importance {peer / once:.0f}; largest difference {gap:.1e}")


def main():
    warnings.simplefilter("ignore")  # pingouin's own
    speed()
    print(f"truth {truth().round(4).tolist()}; {WORLDS} worlds; a nominal 95 % interval covers")
    clustered = {"customers": 100, "visits": 5, "alike": 0.5}
    for name, arguments in (("rows on their own, n = 300", {}), ("the same, Johnson", {"method": "johnson"}),
                            ("100 customers × 5 visits, row-wise", clustered), ("the same, whole customers", clustered | {"cluster": "visitor"}),
                            ("12 customers × 40 visits, whole customers", clustered | {"customers": 12, "visits": 40, "cluster": "visitor"})):
        inside, off = coverage(WORLDS, **arguments)
        print(f"  {name:44} {inside.mean():.3f}, by driver {inside.round(2).tolist()}; mean error {off.round(4).tolist()}")


if __name__ == "__main__":
    main()
