"""The one-page check before a survey: complete, in its order, and never to be mistaken for legal advice."""

import pytest

import cxlab as cx
from cxlab import framework

ORDER = "purpose need notice consent access abroad employees special retention contact quotes smallest_group".split()


@pytest.mark.parametrize("language, not_advice", [("en", "not legal advice"), ("tr", "Hukuki görüş değildir")])
def test_the_check_before_a_survey(language, not_advice):
    cx.use_language(language)
    page = cx.survey_checklist().data
    assert framework.keys("survey_checks") == ORDER
    places = [page.index(f"{n}. ☐ **{row[language]}** {row[f'why_{language}']}") for n, row in enumerate(framework.vocabulary()["survey_checks"], 1)]
    assert places == sorted(places) and page.count("☐") == len(ORDER)
    assert not_advice in page.splitlines()[-1]
    assert len(page.split()) < 400  # it has to fit on one page


def test_what_the_check_must_not_leave_out():
    says = {row["key"]: row["en"] + row["why_en"] for row in framework.vocabulary()["survey_checks"]}
    for key, words in {"notice": "duty of its own", "consent": "specific, informed and free", "abroad": "transferred abroad", "employees": "data subjects",
                       "special": "special-category", "contact": "İYS", "quotes": "even by matching"}.items():
        assert words in says[key]
