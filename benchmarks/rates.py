"""NPS and its bootstrap beside the ready ways, in the same run: `python benchmarks/rates.py [rows]`. Prints a table; asserts nothing."""

import importlib.util
import sys
import time

import numpy as np
import pandas as pd
from promised import tell
from scipy.stats import bootstrap

import cxlab as cx

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
SAMPLE = 10_000  # scipy holds resamples × answers numbers, in batches


def seconds(call, repeats=3):
    """The best of some runs, after one to warm up where it is quick."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def by_pandas(frame):
    points = (frame["score"] >= 9).astype(np.int8) - (frame["score"] <= 6).astype(np.int8)
    return points.groupby(frame["group"], observed=True).agg(["size", "mean"])


def by_counts(frame):
    return frame.groupby(["group", "score"], observed=True).size()


def by_polars(frame):
    return frame.lazy().group_by("group", "score").len().collect()


def beside_polars(frame):
    """The line of a polars frame, if polars is installed."""
    if importlib.util.find_spec("polars") is None:
        print("polars is not installed")
        tell("NPS by 8 groups, polars frame", missing="polars")
        return []
    import polars as pl

    table = pl.DataFrame({"group": pl.Series(frame["group"].tolist(), dtype=pl.Enum(list("abcdefgh"))), "score": frame["score"].to_numpy()})
    return [("  polars frame", "polars: group_by and len", seconds(lambda: by_polars(table)), seconds(lambda: cx.nps(table, "score", by="group")))]


def by_scipy(points, rng):
    return bootstrap((points,), np.mean, n_resamples=10_000, batch=200, method="percentile", rng=rng)


def main():
    rng = np.random.default_rng(1)
    codes, score = rng.integers(0, 8, ROWS, dtype=np.int8), rng.integers(0, 11, ROWS)
    frame = pd.DataFrame({"group": pd.Categorical.from_codes(codes, list("abcdefgh")), "score": score})
    slim = frame.assign(score=score.astype("int8"), weight=rng.integers(1, 5, ROWS) / 2)
    small = frame.head(SAMPLE)
    points = (100.0 * ((small["score"] >= 9).astype(int) - (small["score"] <= 6).astype(int))).to_numpy()
    ours, ours_slim = seconds(lambda: cx.nps(frame, "score", by="group")), seconds(lambda: cx.nps(slim, "score", by="group"))
    lines = [
        (f"NPS by 8 groups, {ROWS:,} rows", "pandas: score to −1, 0, 1, groupby mean", seconds(lambda: by_pandas(frame)), ours),
        ("", "pandas: groupby group and score, size", seconds(lambda: by_counts(frame)), ours),
        ("  scores as int8", "pandas: groupby group and score, size", seconds(lambda: by_counts(slim)), ours_slim),
        ("  weighted", "pandas: groupby sum of weights", seconds(lambda: slim.groupby(["group", "score"], observed=True)["weight"].sum()),
         seconds(lambda: cx.nps(slim, "score", by="group", weights="weight"))),
        *beside_polars(frame),
        (f"bootstrap, 10,000 resamples, n = {SAMPLE:,}", "scipy.stats.bootstrap", seconds(lambda: by_scipy(points, np.random.default_rng(1)), 1),
         seconds(lambda: cx.nps(small, "score", interval="bootstrap", rng=1))),
    ]
    print(f"{'work':46} {'peer':42} {'peer s':>9} {'cxlab s':>9} {'ratio':>8}")
    for work, peer, theirs, mine in lines:
        print(f"{work:46} {peer:42} {theirs:9.4f} {mine:9.4f} {theirs / mine:8.1f}")
        tell(f"{lines[0][0]}, {work.strip()}".rstrip(", ") if work[:1] in ("", " ") else work, mine, ratio=theirs / mine, peer=f"× as fast as {peer}")


if __name__ == "__main__":
    main()
