"""How many answers an interval or a comparison needs, and what a given number of answers can show."""

import math

import numpy as np
import pandas as pd

from .framework import CxError, number, percent, say
from .intervals import check_choice, check_level, z_squared

WORST = 0.5  # the share, and the halves of promoters and detractors, at which an interval is widest


def sample_size(kind="share", half_width=None, n=None, share=0.5, promoters=None, detractors=None, effect=None, power=0.8, level=0.95,
                icc=0, cluster_size=1, population=None):
    """How many answers are needed for an interval or a comparison; or, given n, how wide the interval and how sure the comparison.

    kind : "share", "nps" or "difference" (of two shares). Give half_width (share and difference: 0-1, NPS: points, 0-100), or n to get it.
    share : the share expected, 0-1; for a difference that of the first group. promoters, detractors : shares expected; none: ½ each, the worst case.
    effect : for a difference, how far the second share lies from the first (−1 to 1): with it n follows from power, or power from n (n is per group).
    level : of the interval; 1 − level is the two-sided error of the comparison. icc, cluster_size : answers come in clusters (shops) of
    m, alike by icc (0-1): n grows by the design effect 1 + (m − 1)·icc (Kish 1965). population : people n are drawn from (not for a difference).

    Returns one row: `n` (rounded up), `half_width`, `power` (missing where nothing is compared), `note` (what was assumed).
    Share: n = z²p(1−p)/h²; NPS: p(1−p) becomes P + D − (P − D)², h the half width / 100; finite population N: n / (1 + (n − 1)/N) (Cochran 1977).
    Difference with an effect: R's `power.prop.test(p1 = share, p2 = share + effect, power = power)`.

    >>> int(sample_size(half_width=0.05)["n"].iloc[0]), int(sample_size(half_width=0.05, population=1000)["n"].iloc[0])
    (385, 278)
    """
    check_choice("kind", kind, ("share", "nps", "difference"))
    check_level(level)
    check_level(power, "power")
    _check_numbers(kind, half_width, n, share, effect, icc, cluster_size, population)
    z2, design, said = z_squared(level), 1 + (cluster_size - 1) * icc, []
    if kind == "nps":
        variance, scale = _nps_variance(promoters, detractors, said), 100
    else:
        variance, scale = share * (1 - share), 1
        said.append(say("rates.plan_share", share=percent(share)))
    if kind == "difference":
        second = share + (effect or 0)
        variance += second * (1 - second)
        said.append(say("rates.plan_groups", second=percent(second)) if effect else say("rates.plan_groups_alike"))
    if n is None:
        needed = _n_for_power(share, effect, power, level) if effect else z2 * variance / (half_width / scale) ** 2
        needed *= design
        needed = math.ceil(round(needed if population is None else needed / (1 + (needed - 1) / population), 9))
    else:
        needed, power = n, _power(share, effect, n / design, level) if effect else np.nan
    if half_width is None:
        drawn = 1 if population is None else (population - needed) / (population - 1) if population > 1 else 0
        half_width = scale * math.sqrt(z2 * variance * design / needed * drawn)
    if design > 1:
        said.append(say("rates.plan_design", design=number(design, 2)))
    if population is not None:
        said.append(say("rates.plan_population", population=number(population)))
    said.append(say("rates.plan_random"))
    power = float(power) if effect else np.nan
    return pd.DataFrame({"n": [int(needed)], "half_width": [float(half_width)], "power": [power], "note": [" ".join(said)]})


def _check_numbers(kind, half_width, n, share, effect, icc, cluster_size, population):
    """CxError for what is out of range, and for too little or too much to go by."""
    widest = 100 if kind == "nps" else 1
    _check_range("half_width", half_width, 0, widest, open_low=True)
    _check_range("share", share, 0, 1)
    _check_range("icc", icc, 0, 1)
    _check_range("cluster_size", cluster_size, 1, math.inf)
    for name, value in (("n", n), ("population", population)):
        _check_range(name, value, 1, math.inf)
        if value is not None and value != int(value):
            raise CxError(say("rates.plan_whole", name=name, value=value))
    if kind != "difference" and effect is not None:
        raise CxError(say("rates.plan_no_effect", kind=kind))
    if kind == "difference" and population is not None:
        raise CxError(say("rates.plan_no_population"))
    _check_range("effect", effect, -1, 1)
    if effect is not None:
        if effect == 0:
            raise CxError(say("rates.plan_zero_effect"))
        _check_range("share + effect", share + effect, 0, 1)
        if half_width is not None:
            raise CxError(say("rates.plan_both", first="effect", second="half_width"))
    elif (half_width is None) == (n is None):
        raise CxError(say("rates.plan_neither") if n is None else say("rates.plan_both", first="half_width", second="n"))
    if n is not None and population is not None and n > population:
        raise CxError(say("rates.plan_too_many", n=number(n), population=number(population)))


def _check_range(name, value, low, high, open_low=False):
    if value is None:
        return
    is_number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not is_number or not low <= value <= high or (open_low and value == low) or math.isinf(value):
        ends = say("rates.at_least", low=low) if math.isinf(high) else say("rates.above_to" if open_low else "rates.from_to", low=low, high=high)
        raise CxError(say("rates.out_of_range", name=name, value=value, ends=ends))


def _nps_variance(promoters, detractors, said):
    """P + D − (P − D)²; says what was taken for P and D."""
    if (promoters is None) != (detractors is None):
        raise CxError(say("rates.plan_pair"))
    if promoters is None:
        promoters = detractors = WORST
        said.append(say("rates.plan_worst"))
    else:
        _check_range("promoters", promoters, 0, 1)
        _check_range("detractors", detractors, 0, 1)
        _check_range("promoters + detractors", round(promoters + detractors, 12), 0, 1)
        said.append(say("rates.plan_nps", promoters=percent(promoters), detractors=percent(detractors)))
    return promoters + detractors - (promoters - detractors) ** 2


def _n_for_power(share, effect, power, level):
    from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

    lower = min(share, share + effect)
    return samplesize_proportions_2indep_onetail(abs(effect), lower, power, ratio=1, alpha=1 - level, alternative="two-sided")


def _power(share, effect, n, level):
    """The far tail, which would call the smaller share the larger, is left out, as in R."""
    from statsmodels.stats.proportion import power_proportions_2indep

    lower = min(share, share + effect)
    return power_proportions_2indep(abs(effect), lower, n, alpha=(1 - level) / 2, alternative="larger", return_results=False)
