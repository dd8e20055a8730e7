"""Small worlds of the three components: who is named first, what correlation does to coefficients, a service against a standard that moves.

Components are normal scores (mean 0, standard deviation 1), any two correlated alike; the outcome is their weighted sum and noise. So the
truth is exact, and the covariances of a whole sample are drawn at once (Bartlett 1933), however large n is. Nothing here is about real customers.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .drivers import lmg
from .framework import CxError, keys, label, number, percent, say
from .intervals import check_level, wilson
from .sampling import MOST, _check_range

COMPONENTS = keys("components")
WEIGHTS = (0.35, 0.15, 0.5)  # a world in which the emotional component comes first, and the accessible one is weak
LEAST = len(COMPONENTS) + 2  # answers from which a regression has an error
NEUTRAL, SCALE = 4, (1, 7)  # satisfaction: as expected is the middle of 1-7, and a point of difference moves it by one
LEADS = ("one_off", "moving")


def draw_components(weights, n, correlation=0.6, noise=1.0, rng=None):
    """One sample of n answers out of a world whose weights are known: what an analysis gets to see.

    weights, correlation, noise : as in `name_the_first`. n : answers, 5 to 1,000,000. rng : seed or Generator.
    Returns a row an answer: a column a component and `outcome` = Σ weight·component + noise·e, e normal; all unrounded. R:
    `MASS::mvrnorm(n, rep(0, 3), R) %*% weights + noise * rnorm(n)`.

    >>> draw_components((0.3, 0.1, 0.6), 40, rng=1).shape
    (40, 4)
    """
    _, factor, rng = _world(weights, n, correlation, noise, 1, rng)
    table = pd.DataFrame(rng.standard_normal((int(n), len(factor))) @ factor.T, columns=[*COMPONENTS, "outcome"])
    table.attrs["simulated"] = True
    return table


def name_the_first(weights, n, correlation=0.6, noise=1.0, samples=200, level=0.95, rng=None):
    """How often an analysis of n answers names the right component first, in a world whose weights are known.

    weights : of the components in their order (functional, accessible, emotional), or by name, each 0 to 10: how far the outcome moves with
    a component that moves by one standard deviation. n : answers in each sample, 5 to 1,000,000. correlation : between any two components,
    0-0.99. noise : standard deviation of what else moves the outcome, 0-100. samples : how many are drawn and analysed. level : of the intervals.
    rng : seed or Generator.

    Returns a row a component: `component, weight`, `importance` (LMG of the population, sums to R²), `named_first` (share of samples in which
    its LMG is the largest), `ci_low, ci_high` (Wilson; it tells how far `samples` samples can miss the share). `.attrs`: `truth` (the component
    first in the population; None if several are), `n, samples, correlation, noise, level, note`. R, for each sample:
    `which.max(relaimpo::calc.relimp(outcome ~ ., data, type = "lmg")@lmg)`.

    >>> found = name_the_first((0.3, 0.1, 0.6), n=2000, rng=1)
    >>> found.attrs["truth"], found["named_first"].tolist()
    ('emotional', [0.0, 0.0, 1.0])
    """
    check_level(level)
    weights, factor, rng = _world(weights, n, correlation, noise, samples, rng)
    true = lmg(_correlations(factor @ factor.T))
    leaders = np.flatnonzero(np.isclose(true, true.max()))
    first = np.bincount(lmg(_correlations(_covariances(factor, n, samples, rng))).argmax(axis=1), minlength=len(true)) / samples
    low, high = wilson(first[:, None], np.full(len(first), samples), level)
    result = pd.DataFrame({"component": COMPONENTS, "weight": weights, "importance": true, "named_first": first, "ci_low": low[:, 0],
                           "ci_high": high[:, 0]})
    truth = COMPONENTS[leaders[0]] if len(leaders) == 1 else None
    said = say("component_worlds.first", component=label("components", truth), share=percent(first[leaders[0]]), samples=number(samples),
               n=number(n)) if truth else say("component_worlds.no_first")
    result.attrs = {"truth": truth, "n": int(n), "samples": int(samples), "correlation": correlation, "noise": noise, "level": level,
                    "simulated": True, "note": said}
    return result


def correlated_drivers(correlation, n, weights=WEIGHTS, noise=1.0, samples=1000, level=0.95, rng=None):
    """What correlation does to an analysis: coefficients turn negative from sample to sample, LMG cannot.

    correlation, n, weights, noise, level, rng : as in `name_the_first`. samples : how many are drawn; the first of them is the one analysed.

    Returns a row a driver (the components): `driver`, `weight` (the true coefficient), `coefficient, ci_low, ci_high` (of the sample analysed:
    least squares, t(n − 4)), `importance` (its LMG there), `sign_flips` (share of samples in which its coefficient is negative though its simple
    correlation is positive), `importance_true`; then `coefficient_low, coefficient_high, importance_low, importance_high`: between them lie
    `level` of all samples. `.attrs`: `n, samples, correlation, noise, level, note`. R: `confint(lm(outcome ~ ., data))`.
    LMG is an average of gains in R², so it has no sign to lose: that it stays is no proof that it is right. The stronger the correlation, the
    more it gives to a driver of weight 0.

    >>> [correlated_drivers(r, n=200, rng=1)["sign_flips"].round(2).tolist() for r in (0, 0.9)]
    [[0.0, 0.01, 0.0], [0.03, 0.24, 0.01]]
    """
    check_level(level)
    weights, factor, rng = _world(weights, n, correlation, noise, samples, rng)
    covariances = _covariances(factor, n, samples, rng)
    slope, half = _regressions(covariances, n, level)
    drawn, ends = lmg(_correlations(covariances)), [(1 - level) / 2, (1 + level) / 2]
    spread = {f"{name}_{end}": limit for name, values in (("coefficient", slope), ("importance", drawn))
              for end, limit in zip(("low", "high"), np.quantile(values, ends, axis=0), strict=True)}
    result = pd.DataFrame({
        "driver": COMPONENTS, "weight": weights, "coefficient": slope[0], "ci_low": slope[0] - half[0], "ci_high": slope[0] + half[0],
        "importance": drawn[0], "sign_flips": ((slope < 0) & (covariances[:, :-1, -1] > 0)).mean(axis=0),
        "importance_true": lmg(_correlations(factor @ factor.T))} | spread)
    result.attrs = {"n": int(n), "samples": int(samples), "correlation": correlation, "noise": noise, "level": level, "simulated": True,
                    "note": say("component_worlds.no_sign")}
    return result


def moving_standard(service, rise, periods, standard=5.0, improvement=None, copied=0.3, lag=2):
    """The same service against a standard that moves: a lead won once, and a lead that keeps improving from the same start.

    service : where both begin, and standard : what rivals then offer and customers expect; in points, 0-100. rise : points by which rivals improve
    each period by themselves. periods : how many, 1-1000, the first is the start. improvement : points a period by which the moving lead improves;
    default rise + copied·(service − standard), just what keeps it as far ahead of its rivals as it was. copied : the part of a lead, 0-1, that
    rivals take over each period. lag : periods, 0-100, after which customers expect what the market offers.

    Returns a row a lead and period: `lead` (one_off, moving), `period` (from 1), `service` S, `market` M (what rivals offer), `standard` E (what
    customers expect), `gap` = S − E, `satisfaction` = 4 + gap, within 1-7. No chance is in it:
    S(t + 1) = S(t) + improvement (one-off: 0); M(t + 1) = M(t) + rise + copied·max(S(t) − M(t), 0); E(t) = M(t − lag), before the start M(1).
    This computes a claim, it does not test it: in studies, those who expected more are a little more satisfied, not less (Schiebler, Lee &
    Brodbeck, JAMS).

    >>> moving_standard(6, 0.1, 20).pivot(index="period", columns="lead", values="gap").loc[[1, 5, 20], list(LEADS)].round(1)
    lead    one_off  moving
    period
    1           1.0     1.0
    5           0.3     1.8
    20         -1.3     1.8
    """
    for name, value, high in (("service", service, 100), ("standard", standard, 100), ("rise", rise, 100), ("copied", copied, 1)):
        _check_range(name, value, 0, high)
    _check_range("periods", periods, 1, 1000, whole=True)
    _check_range("lag", lag, 0, 100, whole=True)
    improvement = rise + copied * max(service - standard, 0) if improvement is None else improvement
    _check_range("improvement", improvement, 0, 200)
    parts = []
    for lead, step in zip(LEADS, (0, improvement), strict=True):
        own = service + step * np.arange(periods)
        market = _market(own, standard, rise, copied)
        parts.append(pd.DataFrame({"lead": lead, "period": np.arange(1, periods + 1), "service": own, "market": market,
                                   "standard": market[np.maximum(np.arange(int(periods)) - int(lag), 0)]}))
    result = pd.concat(parts, ignore_index=True)
    result["gap"] = result["service"] - result["standard"]
    result["satisfaction"] = (NEUTRAL + result["gap"]).clip(*SCALE)
    result.attrs = {"rise": rise, "improvement": improvement, "copied": copied, "lag": int(lag), "simulated": True,
                    "note": say("component_worlds.a_claim")}
    return result


def _market(own, start, rise, copied):
    """What rivals offer in each period: they improve by themselves, and copy a part of any lead over them."""
    market = np.full(len(own), float(start))
    for t in range(1, len(own)):
        market[t] = market[t - 1] + rise + copied * max(own[t - 1] - market[t - 1], 0)
    return market


def _world(weights, n, correlation, noise, samples, rng):
    """The weights in order; the matrix that makes components and outcome out of independent normals; the generator."""
    weights = _in_order(weights)
    for name, value, low, high, whole in (("n", n, LEAST, MOST, True), ("samples", samples, 1, 100_000, True),
                                          ("correlation", correlation, 0, 0.99, False), ("noise", noise, 0, 100, False)):
        _check_range(name, value, low, high, whole)
    p = len(COMPONENTS)
    root = np.linalg.cholesky(np.full((p, p), float(correlation)) + (1 - correlation) * np.eye(p))
    factor = np.block([[root, np.zeros((p, 1))], [weights @ root, np.array([[float(noise)]])]])
    if not factor[-1].any():
        raise CxError(say("component_worlds.no_variance"))
    try:
        return weights, factor, np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise CxError(say("rates.no_seed", value=rng)) from None


def _in_order(weights):
    given = dict(weights) if isinstance(weights, (Mapping, pd.Series)) else None
    if given is None and np.ndim(weights) == 1 and len(weights) == len(COMPONENTS):
        given = dict(zip(COMPONENTS, weights, strict=True))
    if given is None or set(given) != set(COMPONENTS):
        raise CxError(say("component_worlds.weights", weights=weights, components=", ".join(COMPONENTS)))
    for component in COMPONENTS:
        _check_range(component, given[component], 0, 10)
    return np.array([float(given[component]) for component in COMPONENTS])


def _covariances(factor, n, samples, rng):
    """Covariance matrices of samples of n, drawn as such: Bartlett's decomposition of Wishart's distribution with n − 1 degrees of freedom."""
    k = np.arange(len(factor))
    a = np.tril(rng.standard_normal((int(samples), len(k), len(k))), -1)
    a[:, k, k] = np.sqrt(rng.chisquare(n - 1 - k, (int(samples), len(k))))
    half = factor @ a / np.sqrt(n - 1)
    return half @ np.swapaxes(half, -1, -2)


def _correlations(covariances):
    spread = np.sqrt(np.diagonal(covariances, axis1=-2, axis2=-1))
    return covariances / (spread[..., :, None] * spread[..., None, :])


def _regressions(covariances, n, level):
    """Least-squares coefficients of the last variable on the others, and half the width of their t intervals; samples × drivers."""
    from scipy.stats import t

    p = covariances.shape[-1] - 1
    inverse, shared = np.linalg.inv(covariances[:, :p, :p]), covariances[:, :p, p]
    slope = (inverse @ shared[:, :, None])[:, :, 0]
    left = np.maximum(covariances[:, p, p] - (slope * shared).sum(axis=1), 0)  # rounding apart, never below 0
    se = np.sqrt(left[:, None] * np.diagonal(inverse, axis1=1, axis2=2) / (n - p - 1))
    return slope, t.ppf((1 + level) / 2, n - p - 1) * se
