"""Lesson 01: what is right in its exercises, and what people answer instead; computed from the bundled answers."""


def exercise_1():
    """How many of a thousand intervals miss."""
    import cxlab as cx

    missed = {kind: int(cx.repeat_surveys(20, nps=90, kind="nps", interval=kind, rng=1)["misses"].sum()) for kind in ("wald", "adjusted")}
    return {"right": missed["wald"], "adjusted": missed["adjusted"], "n": 20}


def exercise_2():
    """Who ever used social media for help, in 2018."""
    import cxlab as cx

    everyone = cx.load("five_questions")
    in_2018 = everyone[everyone["wave"] == 2018]
    single = cx.share(in_2018, "social_media").set_index("value")
    used = ["twitter", "facebook", "both"]
    truth = cx.load("five_questions_truth").query("world == 'five_questions' and variable == 'social_media' and answer == 'any'")
    right = single.loc[used, "share"].sum()
    wrong = [single.loc[used, "count"].sum() / len(in_2018), single.loc[["twitter", "facebook"], "share"].sum(), single.loc["none", "share"],
             cx.share(everyone, "social_media").set_index("value").loc[used, "share"].sum()]
    return {"right": right, "wrong": wrong, "truth": cx.framework.percent(truth["population"].iloc[0]), "n": cx.framework.number(single["n"].iloc[0])}


def exercise_3():
    """How many answers an NPS needs."""
    import cxlab as cx

    def needed(*kind, **asked):
        return int(cx.sample_size(*kind, **asked)["n"].iloc[0])

    return {"right": needed("nps", half_width=8), "wrong": [needed(half_width=0.08), needed("nps", half_width=4), needed("nps", half_width=0.08)]}


def exercise_4():
    """Which networks are over-represented among the answers of 2018."""
    import cxlab as cx

    networks = ["linkedin", "facebook", "twitter"]
    came = cx.share(cx.load("five_questions").query("wave == 2018"), "recruited_via", networks).set_index("value")["share"]
    truth = cx.load("five_questions_truth").query("world == 'five_questions' and variable == 'recruited_via'").set_index("answer")["population"]
    more = [network for network in networks if came[network] > truth[network]]
    return {"right": more, "wrong": [[network for network in networks if network not in more], [came.idxmax()], networks]}


def exercise_5():
    """What the interval of question 5 allows to say."""
    import cxlab as cx

    answers = cx.load("five_questions").query("wave == 2018")
    row = cx.share(answers, "social_media", "none").iloc[0]
    share, low, high = (cx.framework.percent(1 - row[name]) for name in ("share", "ci_high", "ci_low"))  # of those who did use one
    return {"n": cx.framework.number(row["n"]), "share": share, "low": low, "high": high}
