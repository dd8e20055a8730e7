"""Lesson 16, your own study: how many answers it takes, what a file may be counted from, and what may be said of it."""

from ..framework import label, number, percent

MEMBERS, HALF = 300, 0.05  # the members of an association; half the width that its board can live with
PROMOTERS, DETRACTORS, POINTS = 0.5, 0.2, 10  # what a firm expects of its NPS, and how exactly it has to know
FILE, SAMPLE = "google_forms_tr", "surveymonkey_en"  # the file of exercise 3; the one the lesson runs on


def _needed(*what, **how):
    import cxlab as cx

    return float(cx.sample_size(*what, **how)["n"].iloc[0])


def _people(name):
    """(the survey of a bundled file, its answers that may be counted)."""
    import cxlab as cx

    survey = cx.read_survey(cx.sample_path(name))
    return survey, cx.usable_answers(survey, simulated=True)


def exercise_1():
    """How many of three hundred members have to answer, and what one would need of a crowd without end."""
    return {"right": _needed(half_width=HALF, population=MEMBERS), "crowd": number(_needed(half_width=HALF)), "members": number(MEMBERS),
            "points": number(100 * HALF)}


def exercise_2():
    """Answers for an NPS known to ten points; the mistakes: the worst case, a share, half the width, the difference forgotten."""
    right = _needed("nps", half_width=POINTS, promoters=PROMOTERS, detractors=DETRACTORS)
    spread, forgotten = PROMOTERS + DETRACTORS - (PROMOTERS - DETRACTORS) ** 2, PROMOTERS + DETRACTORS
    wrong = [_needed("nps", half_width=POINTS), _needed(half_width=POINTS / 100),
             _needed("nps", half_width=POINTS / 2, promoters=PROMOTERS, detractors=DETRACTORS), round(right * forgotten / spread)]
    return {"right": right, "wrong": wrong, "points": number(POINTS), "nps": number(100 * (PROMOTERS - DETRACTORS))}


def exercise_3():
    """How many answers of another file may be counted; the mistakes: all rows, all answers, one of the two steps left out."""
    survey, people = _people(FILE)
    steps = list(people.attrs["steps"].values())
    read, faulty, refused, used = steps[0], -steps[1], -steps[2], steps[-1]
    return {"right": used, "wrong": [int(survey.counts["rows_in_file"]), read, read - faulty, read - refused], "read": number(read),
            "faulty": number(faulty), "refused": number(refused), "used": number(used)}


def exercise_4():
    """What the sample of the lesson says of WhatsApp, and what it does not."""
    import cxlab as cx

    _, people = _people(SAMPLE)
    channels = people.attrs["columns"]["help_channels"]
    table = cx.multiple_response(people, channels).set_index("value").loc[label("help_channels", "whatsapp")]
    score = cx.nps(people, people.attrs["columns"]["likelihood"]).iloc[0]
    values = {"share": percent(table["share"]), "low": percent(table["ci_low"]), "high": percent(table["ci_high"])}
    return values | {"count": number(table["count"]), "n": number(table["n"]), "nps": number(score["nps"]), "n_nps": number(score["n"]),
                     "nps_low": number(score["ci_low"]), "nps_high": number(score["ci_high"])}
