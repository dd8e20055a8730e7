"""Lesson research/weighting: what is right in its exercises, and what people answer instead; computed from the bundled answers."""


def _world():
    """The answers with `used` (question 5: any of them), the margins of the population, the true share."""
    import cxlab as cx

    answers, truth = cx.load("five_questions"), cx.load("five_questions_truth").query("world == 'five_questions'")
    answers["used"] = answers["social_media"].map({"none": "no", "twitter": "yes", "facebook": "yes", "both": "yes"})
    margins = {name: truth[truth["variable"] == name].set_index("answer")["population"].to_dict() for name in ("recruited_via", "age_group")}
    return answers, margins, truth.query("variable == 'social_media' and answer == 'any'")["population"].iloc[0]


def exercise_1():
    """As how many equally weighted answers the large set tells, raked to the network alone."""
    import cxlab as cx

    large, margins = cx.load("five_questions_large"), _world()[1]
    weights = cx.rake(large, {"recruited_via": margins["recruited_via"]})
    both = cx.rake(large, margins).attrs["n_effective"]
    return {"right": weights.attrs["n_effective"], "n": cx.framework.number(len(large)), "both": cx.framework.number(both)}


def exercise_2():
    """The part of the bias that the network alone repairs."""
    import cxlab as cx

    answers, margins, truth = _world()
    shares = {}
    for names in (["recruited_via"], ["age_group"], ["recruited_via", "age_group"]):
        before, shares["+".join(names)] = cx.reweighted(answers, "used", "yes", {name: margins[name] for name in names})["share"]
    repaired = {key: (before - after) / (before - truth) for key, after in shares.items()}
    right = repaired["recruited_via"]
    wrong = [repaired["age_group"], repaired["recruited_via+age_group"], 1 - right, before - shares["recruited_via"]]
    return {"right": right, "wrong": wrong, "both": cx.framework.percent(repaired["recruited_via+age_group"])}


def exercise_3():
    """The design effect among the Turkish answers of 2013."""
    import cxlab as cx

    answers, margins, _ = _world()
    turkish = answers.query("wave == 2013 and language == 'tr'")
    effect, everyone, network = (cx.rake(table, wanted).attrs["design_effect"] for table, wanted in (
        (turkish, margins), (answers, margins), (turkish, {"recruited_via": margins["recruited_via"]})))
    found = {"n": cx.framework.number(len(turkish)), "effective": cx.framework.number(len(turkish) / effect)}
    return {"right": effect, "wrong": [everyone, network, effect - 1, effect**0.5], **found}


def exercise_4():
    """What may be said of the raked share."""
    import cxlab as cx

    answers, margins, _ = _world()
    row = cx.reweighted(answers, "used", "yes", margins).iloc[1]
    numbers = {"n": row["n"], "effective": row["n_effective"]}
    return {key: cx.framework.number(value) for key, value in numbers.items()} | {
        name: cx.framework.percent(row[column]) for name, column in (("share", "share"), ("low", "ci_low"), ("high", "ci_high"))}
