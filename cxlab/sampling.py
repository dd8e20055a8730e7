"""The same survey many times over, in a world whose truth is known: how often an interval misses it, and what n and its kind do to that.

The limits are those of `rates` (by way of `intervals`); a thousand surveys are drawn and computed at once, as counts.
"""

import numpy as np
import pandas as pd

from .framework import CxError, number, say
from .intervals import adjusted, check_choice, check_level, clip, wilson, z_squared

INTERVALS = {"share": ("wilson", "wald"), "nps": ("adjusted", "wald")}  # that of the kit first, then that of the textbooks
MOST = 1_000_000  # surveys, or answers in each


def repeat_surveys(n, share=None, nps=None, passives=None, kind="share", interval=None, surveys=1000, level=0.95, rng=None):
    """The same survey of n answers many times over, each a random draw from a world with known truth: what each finds, and who misses.

    n : answers in each survey. kind : "share" (give share, the true one, 0-1) or "nps" (give nps, the true one, −100 to 100).
    passives : their true share for an NPS, 0 to 1 − |nps|/100; default half of that. interval : for a share "wilson" (as `cx.share`) or "wald",
    p ± z·sqrt(p(1 − p)/n); for an NPS "adjusted" or "wald", both as in `cx.nps`; default the first.
    surveys : how many. level : of the interval. rng : seed or Generator.

    Returns a row a survey: `estimate`, `ci_low`, `ci_high` (share 0-1, NPS −100..100), `misses` (True: the truth lies outside the interval).
    `.attrs`: `truth`, `n`, `level`, `kind`, `interval`. Everybody drawn answers here: the intervals know of no other way to miss.
    How badly the plain interval keeps its promise: Brown, Cai & DasGupta 2001 (Statistical Science 16). R: `p <- rbinom(1000, n, share) / n`;
    `mean(abs(p - share) > 1.96 * sqrt(p * (1 - p) / n))` is the share of "wald" intervals that miss, but for the luck of the draw.

    >>> plain = repeat_surveys(10, nps=95, passives=0.03, kind="nps", interval="wald", rng=1)
    >>> len(plain), bool(plain["misses"].mean() > 0.6)
    (1000, True)
    """
    chances, truth = _world(kind, share, nps, passives)
    interval = INTERVALS[kind][0] if interval is None else interval
    check_choice("interval", interval, INTERVALS[kind])
    check_level(level)
    for name, value in (("n", n), ("surveys", surveys)):
        _check_range(name, value, 1, MOST, whole=True)
    try:
        rng = np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise CxError(say("rates.no_seed", value=rng)) from None
    drawn = rng.multinomial(n, chances, size=surveys)
    estimate, low, high = (_shares if kind == "share" else _scores)(drawn, n, interval, level)
    misses = (truth < low - 1e-9) | (high + 1e-9 < truth)  # rounding at the ends of the scale is no miss
    result = pd.DataFrame({"estimate": estimate, "ci_low": low, "ci_high": high, "misses": misses})
    result.attrs = {"truth": truth, "n": n, "level": level, "kind": kind, "interval": interval, "simulated": True}
    return result


def _world(kind, share, nps, passives):
    """The chances of the answers, and the truth that a survey is after."""
    check_choice("kind", kind, tuple(INTERVALS))
    given, other = (share, nps) if kind == "share" else (nps, share)
    if given is None or other is not None or (kind == "share" and passives is not None):
        raise CxError(say(f"sampling.truth_{kind}"))
    if kind == "share":
        _check_range("share", share, 0, 1)
        return [share, 1 - share], float(share)
    _check_range("nps", nps, -100, 100)
    room = round(1 - abs(nps) / 100, 12)
    passives = room / 2 if passives is None else passives
    _check_range("passives", passives, 0, room)
    groups = [(1 - passives + sign * nps / 100) / 2 for sign in (1, -1)]  # promoters, detractors
    return [*np.clip(groups, 0, 1), passives], float(nps)  # rounding may leave a little less than nothing


def _shares(drawn, n, interval, level):
    p = drawn[:, 0] / n
    if interval == "wilson":
        low, high = wilson(p[:, None], np.full(len(p), n), level)
        return p, low[:, 0], high[:, 0]
    half = np.sqrt(z_squared(level) * p * (1 - p) / n)
    return p, np.maximum(p - half, 0), np.minimum(p + half, 1)


def _scores(drawn, n, interval, level):
    mean, squares = (drawn[:, 0] - drawn[:, 1]) / n, (drawn[:, 0] + drawn[:, 1]) / n
    if interval == "adjusted":
        low, high = adjusted(mean, squares, n, level, 1)
    else:
        low, high = clip(mean, np.sqrt(z_squared(level) * np.maximum(squares - mean**2, 0) / n), 1)
    return 100 * mean, 100 * low, 100 * high


def _check_range(name, value, low, high, whole=False):
    is_number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not is_number or not low <= value <= high or (whole and value != int(value)):
        key = "sampling.not_whole" if whole else "sampling.out_of_range"
        raise CxError(say(key, name=name, value=value, low=number(low), high=number(high, 0 if high >= 1 else 2)))
