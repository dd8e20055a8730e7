"""Lesson 04, what do customers want, and has it changed? All from the bundled five questions and the bundled codebook."""

from ..framework import language, number, percent

QUESTION_1 = ["important_1", "important_2", "important_3"]
MARGIN, NARROW = 0.10, 0.05


def _equivalence(name, columns, margin):
    import cxlab as cx

    answers = cx.load(name)
    return cx.equivalence(answers.assign(codes=cx.code_people(answers, columns)), "codes", "wave", margin)


def _named(code):
    import cxlab as cx

    return cx.load_codebook().set_index("code")["name_tr" if language() == "tr" else "name"][code]


def exercise_1():
    found = _equivalence("five_questions", ["annoys"], MARGIN)
    rare = found.sort_values("share_1", kind="stable").iloc[len(found) // 2]
    return {"right": int((found["p_equivalence_holm"] < 0.05).sum()), "n": number(len(found)), "share": percent(rare["share_1"]),
            "name": _named(rare["value"])}


def exercise_2():
    import cxlab as cx

    answers, book = cx.load("five_questions"), cx.load_codebook()
    answers["codes"] = cx.code_people(answers, QUESTION_1)
    component = book[book["component"] != ""].set_index("code")["component"]
    answers["component"] = cx.merge_codes(answers["codes"], component.to_dict())
    later = answers[answers["wave"] == 2018]

    def emotional(base, column="share"):
        return cx.multiple_response(later, "component", base=base).set_index("value").loc["emotional", column]

    one_by_one = cx.multiple_response(later, "codes").set_index("value")["share"]
    added = one_by_one.reindex(component.index[component == "emotional"]).sum()
    return {"right": emotional("answered"), "n": number(emotional("answered", "n")),
            "wrong": [emotional("asked"), emotional("answered", "share_of_answers"), added]}


def exercise_3():
    found = _equivalence("five_questions_large", ["annoys"], NARROW)
    groups = {verdict: [str(code) for code in found["value"][found["verdict"] == verdict]] for verdict in ("both", "different", "equivalent")}
    return {"right": groups["both"], "n_1": number(found["n_1"].max()), "n_2": number(found["n_2"].max()),
            "wrong": [groups["different"], groups["both"] + groups["different"], groups["both"] + groups["equivalent"]]}


def exercise_4():
    """The undecided theme that seems to have changed least."""
    found = _equivalence("five_questions", QUESTION_1, MARGIN)
    undecided = found[found["verdict"] == "undecided"]
    row = undecided.loc[undecided["difference"].abs().idxmin()]
    points = {name: number(100 * row[column], 1) for name, column in (("difference", "difference"), ("low", "ci_low"), ("high", "ci_high"))}
    return points | {"name": _named(row["value"]), "n_1": number(row["n_1"]), "n_2": number(row["n_2"]), "first": percent(row["share_1"]),
                     "second": percent(row["share_2"]), "p": number(row["p_difference"], 2)}
