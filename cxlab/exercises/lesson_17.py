"""Lesson 17, what may I say? The ledger's own claims and verdicts, judged from the bundled worlds once in a session."""

from ..framework import number

CHANCE = 0.025  # of a false "holds": one end of a 95 % interval


def _verdicts(*documents):
    """Verdicts of the claims of some documents: claims × worlds, missing where there is no twin."""
    import cxlab as cx

    claims = cx.claims()
    judged = cx.judge_claims(claims.loc[claims["document"].isin(documents), "claim"].tolist())
    return judged.pivot(index="claim", columns="world", values="verdict")


def exercise_1():
    import cxlab as cx

    k = int(cx.claims()["computed"].sum())
    return {"right": 1 - (1 - CHANCE) ** k, "k": number(k), "expected": number(k * CHANCE, 1)}


def exercise_2():
    verdicts = _verdicts("X", "T")
    both = verdicts.dropna()
    opposed = both.isin(["holds", "does not hold"]).all(axis=1) & (both["first"] != both["twin"])
    wrong = [int((verdicts["first"] != verdicts["twin"]).sum()), int(opposed.sum()), int((both["first"] == "holds").sum())]
    return {"right": int((both["first"] != both["twin"]).sum()), "n": number(len(both)), "opposed": number(opposed.sum()), "wrong": wrong}


def exercise_3():
    verdicts = _verdicts("H").dropna()
    holds, refused = verdicts["first"] == "holds", verdicts["twin"] == "does not hold"
    chosen = {"right": holds & refused, "holds": holds, "refused": refused, "differ": verdicts["first"] != verdicts["twin"]}
    keys = {name: sorted(verdicts.index[rows]) for name, rows in chosen.items()}
    return {"right": keys["right"], "k": number(len(keys["right"])), "of": number(len(verdicts)),
            "wrong": [keys["holds"], keys["refused"], keys["differ"]]}


def exercise_4():
    import cxlab as cx

    judged = cx.judge_claims("emotion_first").set_index("world")
    told = {f"{world}_{name}": number(judged.loc[world, column], 2) for world in ("first", "twin")
            for name, column in (("estimate", "estimate"), ("low", "ci_low"), ("high", "ci_high"))}
    return told | {"n": number(judged.loc["first", "n"])}
