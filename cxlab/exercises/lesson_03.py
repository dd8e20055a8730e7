"""Lesson 03: what is right in its exercises, and what people answer instead; computed from the bundled answers and the codebook."""


def exercise_1():
    """How often a coder who never gives a code agrees with one who does."""
    import cxlab as cx

    answers = cx.load("five_questions_codes")
    first = answers["first"].map(lambda codes: ("attitude",) if "attitude" in codes else ())
    row = cx.agreement(first, first.map(lambda _: ())).set_index("code").loc["attitude"]
    return {"right": row["agreement"], "kappa": cx.framework.number(row["kappa"], 2), "n": cx.framework.number(row["n"]), "used": row["n_first"]}


def exercise_2():
    """Kappa on `empathy` once the definition is mended."""
    import cxlab as cx

    answers = cx.load("five_questions_codes")
    after, before = (cx.agreement(answers["first"], answers[second]) for second in ("second_mended", "second"))
    row = after.set_index("code").loc["empathy"]
    wrong = [row["agreement"], before.set_index("code").loc["empathy", "kappa"], row["positive_agreement"], after.attrs["overall"]["kappa"]]
    return {"right": row["kappa"], "wrong": wrong, "n": cx.framework.number(row["n"]), "low": cx.framework.number(row["ci_low"], 2),
            "high": cx.framework.number(row["ci_high"], 2)}


def exercise_3():
    """Which codes are below 0.667 once the definition is mended."""
    import cxlab as cx

    answers = cx.load("five_questions_codes")
    after, before = (cx.agreement(answers["first"], answers[second]).set_index("code") for second in ("second_mended", "second"))
    low = after.index[after["kappa"] < 0.667]
    wrong = [after.index[~(after["kappa"] >= 0.667)], before.index[before["kappa"] < 0.667], after.index[after["kappa"] < 0.8], low.drop("other")]
    return {"right": list(low), "wrong": [list(codes) for codes in wrong]}


def exercise_4():
    """How many people of 2018 name at least one want."""
    import cxlab as cx

    everyone, book, asked = cx.load("five_questions"), cx.load_codebook(), ["important_1", "important_2", "important_3"]
    kind = dict(zip(book["code"], book["kind"], strict=True))

    def nets(people, **how):
        named = cx.merge_codes(cx.code_people(people, asked, book), kind)
        return cx.multiple_response(people.assign(net=named), "net", **how).set_index("value")

    in_2018 = everyone[everyone["wave"] == 2018]
    found = nets(in_2018)
    want = found.loc["want"]
    mentions = cx.merge_codes(cx.code_people(in_2018, asked, book).dropna().explode().map(lambda code: (code,)), kind)
    mentions = mentions[mentions.map(len) > 0]
    wrong = [(mentions == ("want",)).mean(), nets(everyone[everyone["wave"] == 2013]).loc["want", "share"], found.loc["need", "share"]]
    return {"right": want["share"], "wrong": wrong, "n": cx.framework.number(want["n"]), "codes": int((book["kind"] == "want").sum())}


def exercise_5():
    """What may be reported of two coders who talked over a definition in the first hundred answers."""
    import cxlab as cx

    answers = cx.load("five_questions_codes")
    closed, opened = answers.iloc[100:], answers.iloc[:100]
    fresh = cx.agreement(closed["first"], closed["second_mended"]).attrs["overall"]
    told = {name: cx.framework.number(fresh[name], 2) for name in ("kappa", "ci_low", "ci_high")}
    mended = cx.agreement(opened["first"], opened["second_mended"]).attrs["overall"]["kappa"]
    return told | {"n": len(closed), "agreement": cx.framework.percent(fresh["agreement"]), "mended": cx.framework.number(mended, 2)}
