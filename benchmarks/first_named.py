"""How often an analysis names the component that is truly first: `python benchmarks/first_named.py [redraws]`. Prints; asserts nothing.

Redraws of both worlds of experiences (`cxlab.experience_worlds.draw`: other customers, other employees, every question answered), cut down to the
first whole customers that give about n experiences; `cx.importance` with `cluster="customer"`. named: the largest importance is that of the truly
first (`experiences_truth`). alone: the truly first stands significantly above both others (`rank_high` is 1: pairs, Holm). wrong: another one
does. Beside `likelihood`, what the customer says, also `returned`, what the till says.
"""

import sys
import time

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

import cxlab as cx
from cxlab.experience_worlds import COMPONENTS, EXPERIENCES, RULES, draw

REDRAWS = int(sys.argv[1]) if __name__ == "__main__" and len(sys.argv) > 1 else 200
SIZES, OUTCOMES, RESAMPLES = (100, 400, 1500), ("likelihood", "returned"), 300
A_CUSTOMER = np.arange(1, len(EXPERIENCES) + 1) @ np.array(EXPERIENCES)  # experiences on average


def truly_first(world, outcome):
    """The component of the largest importance in the population, and how far it is ahead of the next, in parts of R²."""
    truth = cx.load("experiences_truth").query("world == @world and quantity == 'importance_' + @outcome")
    values = truth.set_index("key")["value"].astype(float).sort_values()
    return values.index[-1], values.iloc[-1] - values.iloc[-2]


def redraw(world, n, rng):
    """About n experiences of whole customers, out of a newly drawn world of 600 customers."""
    table, _ = draw(world, 1, rng)
    customers = round(n / A_CUSTOMER)
    return table[table["customer"] <= customers].rename(columns={f"score_{key}": key for key in COMPONENTS})


def analyse(world, outcome, n):
    """One row: shares of the redraws with their Wilson intervals."""
    truth, ahead = truly_first(world, outcome)
    sizes, counts = [], np.zeros(3)
    for seed in range(REDRAWS):
        table = redraw(world, n, np.random.default_rng([seed, n]))
        found = cx.importance(table, outcome, list(COMPONENTS), n_boot=RESAMPLES, cluster="customer", rng=seed).set_index("driver")
        alone = found.index[found["rank_high"] == 1]
        counts += found["importance"].idxmax() == truth, truth in alone, len(alone) > 0 and truth not in alone
        sizes.append(len(table))
    told = zip(("named", "alone", "wrong"), counts / REDRAWS, *proportion_confint(counts, REDRAWS, method="wilson"), strict=True)
    cells = {name: f"{share:.3f} ({low:.2f}–{high:.2f})" for name, share, low, high in told}
    return {"world": world, "outcome": outcome, "first": truth, "ahead by": round(ahead, 3), "n": round(np.mean(sizes))} | cells


def main():
    start = time.perf_counter()
    rows = [analyse(world, outcome, n) for outcome in OUTCOMES for world in RULES for n in SIZES]
    print(f"{REDRAWS} redraws each, {RESAMPLES} resamples; shares with 95 % Wilson intervals; n: experiences, {A_CUSTOMER:.2f} a customer")
    print(pd.DataFrame(rows).to_string(index=False))
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
