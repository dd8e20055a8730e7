"""Lesson 02, what is in my file? All from the bundled exports and the bundled five questions."""

from ..framework import number, percent

COLUMNS = ["wave", "language", "recruited_via", "age_group", "social_media"]  # what somebody could know of a person in the bundled answers


def exercise_1():
    import cxlab as cx

    found = cx.uniqueness(cx.load("five_questions"), COLUMNS)
    return {"right": found["share_alone"].iloc[-1], "n": number(found["n"].iloc[-1]), "alone": number(found["alone"].iloc[-1]),
            "before": number(found["alone"].iloc[-2])}


def exercise_2():
    import cxlab as cx

    survey = cx.read_survey(cx.sample_path("google_forms_tr"))
    table = cx.five_questions(survey)
    [copy] = survey.report["row"].dropna()
    agreed = table["consent_survey"] == "yes"
    used = len(table[agreed].drop(index=copy))
    wrong = [survey.counts["rows_in_file"], survey.counts["read"], len(table), int(agreed.sum())]
    return {"right": used, "wrong": wrong, "n": number(survey.counts["read"])}


def exercise_3():
    import cxlab as cx

    answers = cx.load("five_questions")
    asked = answers[answers["wave"] == 2018]

    def shares(table, base, column="share"):
        return cx.multiple_response(table, "help_channels", base=base).set_index("value").loc["complaint_site", column]

    return {"right": shares(asked, "answered"), "n": number(shares(asked, "answered", "n")),
            "wrong": [shares(asked, "asked"), shares(answers, "asked"), shares(asked, "answered", "share_of_answers")]}


def exercise_4():
    import cxlab as cx

    found = cx.uniqueness(cx.load("five_questions"), COLUMNS)
    return {"n": number(found["n"].iloc[-1]), "alone": number(found["alone"].iloc[-1]), "share": percent(found["share_alone"].iloc[-1])}
