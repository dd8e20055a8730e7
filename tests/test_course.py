"""The forms to take home: complete, in their order, never to be mistaken for legal advice nor used against a person."""

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


@pytest.mark.parametrize("language, warned", [("en", ("not for discipline", "customers and employees both")), ("tr", ("disiplin aracı yapılmaz", "Hem müşterilere hem çalışanlara"))])
def test_the_forms_name_every_entry_in_its_order(language, warned):
    cx.use_language(language)
    for form, table, told, foot in ((cx.observation_sheet, "behaviours", "seen", warned[0]), (cx.self_assessment, "conditions", "says", warned[1])):
        page, rows = form().data, framework.vocabulary()[table]
        places = [page.index(f"| {n}. **{row[language]}** | {row[f'{told}_{language}']} |") for n, row in enumerate(rows, 1)]
        assert places == sorted(places) and foot in page.splitlines()[-1]
        table_lines = [line for line in page.splitlines() if line.startswith("|")]
        assert len(table_lines) == len(rows) + 2 and {line.count("|") for line in table_lines} == {5}
