"""How fast a million journeys are counted: against a bincount of a ready key, a sort, and R's `etm` and `survfit` where R is installed.

Nine states (the eight stages and `left`), day grid to 365, about 4.8 spells a customer, moves back and exits, ends of observation between day 100
and 365. Run: python benchmarks/journey.py [customers]. R gets 100,000 of the customers; its time is scaled up by the number (it grows faster).
"""

import pathlib
import subprocess
import sys
import tempfile
import time
import tracemalloc

import numpy as np
import pandas as pd
from promised import tell

import cxlab as cx
from cxlab import event_log, journey

STATES = event_log.default_states()
DAYS, SIZE = 365, len(STATES)
R_SCRIPT = """
suppressPackageStartupMessages({library(survival); library(etm)})
s <- read.csv(commandArgs(TRUE)[1]); states <- scan(text = commandArgs(TRUE)[2], what = "", sep = ",", quiet = TRUE)
possible <- matrix(TRUE, 9, 9, dimnames = list(states, states)); diag(possible) <- FALSE; possible["left", ] <- FALSE
d <- data.frame(id = s$customer, from = s$state, to = ifelse(s$to == "", "cens", s$to), entry = s$start, exit = s$stop)
cat(system.time(etm(d, states, possible, "cens", s = 0, covariance = FALSE))[3], "\\n")
s$event <- factor(ifelse(s$to == "", "none", s$to), c("none", states)); s$state <- factor(s$state, states)
cat(system.time(survfit(Surv(start, stop, event) ~ 1, s, id = customer, istate = state, se.fit = FALSE))[3], "\\n")
"""


def best(work, times=5):
    """Seconds of the fastest run."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def beside(work, peer, times=15):
    """Seconds of the fastest run of each, one after the other in turn: the machine's other work disturbs both alike."""
    found = [(best(work, 1), best(peer, 1)) for _ in range(times)]
    return tuple(map(min, zip(*found, strict=True)))


def draw(n, rng):
    """A log of events and a table of customers: the stage changes every 40 days or so; forward .74, back .12, out .14."""
    last, rows = rng.integers(100, DAYS + 1, n), []
    customer, state, day = np.arange(n), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    rows.append((customer, day, state))
    while len(customer):
        day = day + 1 + np.floor(-34 * np.log1p(-rng.random(len(customer)))).astype(np.int64)
        u = rng.random(len(customer))
        state = np.where(u < 0.14, SIZE - 1, np.where((u < 0.26) & (state > 0), state - 1, np.minimum(state + 1, SIZE - 2)))
        kept = day <= last[customer]
        customer, day, state = customer[kept], day[kept], state[kept]
        rows.append((customer, day, state))
        kept = state < SIZE - 1
        customer, day, state = customer[kept], day[kept], state[kept]
    customer, day, state = (np.concatenate(part) for part in zip(*rows, strict=True))
    events = pd.DataFrame({"customer": customer, "day": day, "stage": pd.Categorical.from_codes(state, STATES, ordered=True)})
    return events, pd.DataFrame({"customer": np.arange(n), "last_day": last})


def by_r(spells):
    """Seconds of etm and survfit (point estimates only) for these spells, or None without R."""
    with tempfile.TemporaryDirectory() as folder:
        path, script = pathlib.Path(folder) / "spells.csv", pathlib.Path(folder) / "run.R"
        spells.rename(columns={"next": "to"}).to_csv(path, index=False)
        script.write_text(R_SCRIPT, encoding="utf-8")
        try:
            done = subprocess.run(["Rscript", str(script), str(path), ",".join(STATES)], capture_output=True, text=True, timeout=900)
        except FileNotFoundError:
            return None
    return [float(line) for line in done.stdout.split()] if done.returncode == 0 else None


def told(name, seconds, at_most, peer=None, of=""):
    """Prints a line and hands it over. at_most : seconds or, beside a peer, times the peer's seconds."""
    ratio = peer and seconds / peer
    beside = "" if peer is None else f" = {ratio:.2f} x its peer"
    bound = f"{at_most} x {of}" if peer else f"{at_most} s"
    print(f"{name}: {seconds:.4f} s{beside} (bound: {bound})", flush=True)
    tell(name, seconds, ratio=ratio, peer=f"× {of}", at_most=at_most)


def main(n):
    events, customers = draw(n, np.random.default_rng(1))
    events = events.sample(frac=1, random_state=2, ignore_index=True)  # a log comes in no order
    ours, sort = beside(lambda: cx.spells(events, customers), lambda: events.sort_values(["customer", "day"]), 3)
    told(f"spells from a log in no order, {n:,} customers", ours, 5, sort, "sort_values(['customer', 'day'])")
    spells = cx.spells(events, customers)
    print(f"{len(events):,} events, {len(spells):,} spells, {len(spells) / n:.2f} a customer")
    arrays = event_log.coded(spells)
    key = (arrays.stop * SIZE + arrays.state) * (SIZE + 1) + arrays.next + 1
    ready = arrays._replace(**{name: getattr(arrays, name).astype(np.uint16) for name in ("start", "stop")})
    ours, counted = beside(lambda: journey.count(ready), lambda: np.bincount(key, minlength=(DAYS + 1) * SIZE * (SIZE + 1)))
    told("counting kernel, ready codes", ours, 2.5, counted, "a bincount of the ready key")
    ours, counted = beside(lambda: cx.moves(spells), lambda: np.bincount(key, minlength=(DAYS + 1) * SIZE * (SIZE + 1)))
    told("moves(spells)", ours, 6, counted, "the same bincount")
    point = best(lambda: cx.occupancy(spells, se=None))
    print(f"occupancy, point estimate, every day: {point:.4f} s (bound: see R)", flush=True)
    few = cx.spells(spells[spells["customer"] < 100_000])
    told("occupancy with Greenwood at every day, 100,000 customers", best(lambda: cx.occupancy(few)), 0.1)
    told("robust errors, 3 days x 9 states", best(lambda: cx.occupancy(spells, days=[90, 100, 365], se="robust"), 1), 5)
    memory(events, customers, spells)
    found = by_r(few.astype({"state": str, "next": object}))
    if found is None:
        print("R with survival and etm is not there: not compared")
        tell("occupancy, point estimate, every day", point, missing="R with survival and etm", at_least=300)
    else:
        ours = best(lambda: cx.occupancy(few, se=None))
        for name, seconds in zip(("etm", "survfit"), found, strict=True):
            print(f"{name}, 100,000 customers: {seconds:.2f} s = {seconds / ours:.0f} x ours ({ours:.4f} s); bound at 1,000,000: 300 x; "
                  f"in proportion {seconds * n / 100_000 / point:.0f} x")
            peer = f"× as fast as {name} (timed at 100,000, in proportion)"
            tell("occupancy, point estimate, every day", point, ratio=seconds * n / 100_000 / point, peer=peer, at_least=300)


def memory(events, customers, spells):
    size = spells.memory_usage().sum()
    for name, work in (("spells", lambda: cx.spells(events, customers)), ("moves", lambda: cx.moves(spells)),
                       ("robust", lambda: cx.occupancy(spells, days=[100], se="robust"))):
        tracemalloc.start()
        work()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(f"memory of {name}: {peak / 2**20:.0f} MB = {peak / size:.2f} x the spells ({size / 2**20:.0f} MB; bound: 3 x)", flush=True)
        tell(f"{name}: highest memory", peak / size, "× the spells", at_most=3)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
