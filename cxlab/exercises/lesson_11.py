"""Lesson 11, what have employees to do with it? All from the bundled experiences and employees of the first world."""

from ..framework import number, percent

DISTANCE, ANSWERS = 1.2, 8  # an employee whose few answers lie so far above the shop


def _met(outcome):
    """The answers to a column of numbers, each with the own happiness of the employee met."""
    import cxlab as cx

    answers = cx.load("experiences").dropna(subset=outcome).astype({outcome: float})
    return answers.merge(cx.load("employees")[["employee", "own_happiness"]], on="employee")


def _slope(table, formula, **arguments):
    """Slope on own happiness with its 95 % interval."""
    import statsmodels.formula.api as smf

    fit = smf.ols(formula, table).fit(**arguments)
    return [fit.params["own_happiness"], *fit.conf_int().loc["own_happiness"]]


def _clusters(table):
    return {"cov_type": "cluster", "cov_kwds": {"groups": table["employee"]}, "use_t": True}


def _parts(column, table):
    """Variance of a column between shops, between the employees of a shop, and the rest."""
    import statsmodels.formula.api as smf

    model = smf.mixedlm(f"{column} ~ 1", table, groups="shop", re_formula="1", vc_formula={"employee": "0 + C(employee)"})
    fit = model.fit(method="lbfgs")
    return float(fit.cov_re.iloc[0, 0]), float(fit.vcomp[0]), float(fit.scale)


def _emotional():
    import cxlab as cx

    answers = cx.load("experiences")
    items = answers[[f"emotional_{k}" for k in range(1, 5)]]
    return answers.assign(emotional=cx.scale_score(items, 1, 7, reverse="emotional_3", min_answered=3).astype(float)).dropna(subset="emotional")


def exercise_1():
    met = _met("happiness")
    shop, employee, rest = _parts("happiness", met)
    return {"right": employee / (shop + employee + rest), "n": number(len(met)), "employees": number(met["employee"].nunique()),
            "rest": percent(rest / (shop + employee + rest))}


def exercise_2():
    met = _met("likelihood")
    shops = met.groupby("shop")[["likelihood", "own_happiness"]].mean()
    return {"right": _slope(met, "likelihood ~ own_happiness + C(shop)")[0], "employees": number(met["employee"].nunique()), "n": number(len(met)),
            "wrong": [_slope(met, "likelihood ~ own_happiness")[0], _slope(shops, "likelihood ~ own_happiness")[0],
                      _slope(met, "likelihood ~ own_happiness + C(organisation)")[0]]}


def exercise_3():
    _, employee, rest = _parts("emotional", _emotional())
    half_way = rest / employee
    kept = DISTANCE * ANSWERS / (ANSWERS + half_way)
    return {"right": kept, "answers": number(ANSWERS), "distance": number(DISTANCE, 1), "half_way": number(half_way, 1),
            "wrong": [DISTANCE, DISTANCE - kept, DISTANCE * ANSWERS / (ANSWERS + half_way**0.5)]}


def exercise_4():
    """The two slopes of the lesson, as sentences need them."""
    met = _met("happiness")
    within, raw = _slope(met, "happiness ~ own_happiness + C(shop)", **_clusters(met)), _slope(met, "happiness ~ own_happiness", **_clusters(met))
    between = _slope(met.groupby("shop")[["happiness", "own_happiness"]].mean(), "happiness ~ own_happiness")
    told = {f"{name}{end}": number(value, 2) for name, of in (("within", within), ("raw", raw), ("between", between))
            for end, value in zip(("", "_low", "_high"), of, strict=True)}
    return told | {"n": number(len(met)), "employees": number(met["employee"].nunique()), "shops": number(met["shop"].nunique())}
