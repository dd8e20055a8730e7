"""What lesson 00 lets people move: the widgets call the plain functions, and those say what they should."""

import ipywidgets
import pytest

import cxlab as cx
from cxlab import framework


def test_a_share_as_a_sentence():
    assert cx.share_sentence(81, 263) == "81 of 263 answers: 31 % (95 % interval 26 % to 37 %)."  # Wilson: .2553 to .3662 (Newcombe 1998)
    cx.use_language("tr")
    assert cx.share_sentence(81, 263) == "263 yanıttan 81 tanesi: %31 (%95 güven aralığı %26 ile %37 arası)."


@pytest.mark.parametrize("count, n", [(180, 40), (-1, 40), (1.5, 40), (0, 0)])
def test_what_is_no_count_is_refused(count, n):
    with pytest.raises(cx.CxError, match="whole numbers"):
        cx.share_sentence(count, n)


def test_four_times_the_answers_half_the_interval():
    table = cx.shares_at_sizes(0.45, [80, 320, 1280])
    assert table["n"].tolist() == [80, 320, 1280] and table["share"].tolist() == [0.45] * 3
    width = (table["ci_high"] - table["ci_low"]).to_numpy()
    assert width[:-1] / width[1:] == pytest.approx([2, 2], rel=0.03)  # exactly 2 only without Wilson's z² in the denominator
    with pytest.raises(cx.CxError, match="between 0 and 1"):
        cx.shares_at_sizes(45, [10])


def test_the_sliders_draw(monkeypatch):
    drawn = []
    monkeypatch.setattr("cxlab.charts.show", lambda ax, caption=None: drawn.append(ax.get_title(loc="left") or ax.get_title()))
    explorer = cx.explore_share(share=0.45, n=40)
    share, n = explorer.children[:2]
    assert isinstance(share, ipywidgets.IntSlider) and (share.value, n.value) == (45, 40)
    explorer.update()
    n.value = 400
    explorer.update()
    assert drawn[0] != drawn[-1] and "180 of 400" in drawn[-1]


def test_the_surveys_are_drawn_as_the_plain_twin_has_them(monkeypatch):
    drawn = []
    monkeypatch.setattr("cxlab.charts.show", lambda ax, caption=None: drawn.append((ax.get_title(), ax.caption)))
    explorer = cx.explore_surveys(n=10)
    kind, n, truth, interval = explorer.children[:4]
    explorer.update()
    assert (truth.min, truth.max, truth.value) == (0, 100, 45)
    kind.value, truth.value, interval.value = "nps", 80, 1
    twin = cx.repeat_surveys(10, nps=80, kind="nps", interval="wald", rng=1)
    assert drawn[-1][0] == f"The truth is missed by {twin['misses'].sum()} of 1,000 surveys (n = 10 each)" and truth.min == -100
    truth.value, n.value = -60, 200
    kind.value = "share"  # there is no share of −60 %
    assert truth.value == 0 and "truth is 0 %" in drawn[-1][1] and "n = 200" in drawn[-1][0] and "plain" in drawn[-1][1]
    assert not explorer.out.outputs  # no error was written


def test_every_question_of_the_quiz_has_one_right_choice():
    for number, entry in enumerate(framework.vocabulary()["quiz"], 1):
        verdicts = [cx.quiz(number, letter).data for letter in "abcd"]
        assert [verdict.startswith("✓") for verdict in verdicts].index(True) == entry["answer"]
        assert sum(verdict.startswith("✓") for verdict in verdicts) == 1 and len(set(verdicts)) == 4
    with pytest.raises(cx.CxError, match="1 to 12"):
        cx.quiz(99)


def test_the_quiz_widget_answers():
    which, question, choices, verdict = cx.explore_quiz().children
    assert choices.value is None and verdict.value == ""
    choices.value = "a"
    assert "Not quite" in verdict.value
    which.value = 2
    assert verdict.value == "" and choices.value is None and len(choices.options) == 4


def test_the_glossary_speaks_both_languages():
    assert "**moment of truth** (gerçeklik anı)" in cx.glossary("T1").data
    cx.use_language("tr")
    assert "**gerçeklik anı** (moment of truth)" in cx.glossary("T1").data
    with pytest.raises(cx.CxError, match="Q9"):
        cx.glossary("Q9")


def test_the_map_links_what_is_there(tmp_path):
    (tmp_path / "00_start_here.ipynb").touch()
    assert "[00 Where do I start?](00_start_here.ipynb)" in cx.course_map(tmp_path).data
    assert "01 What do five questions tell, and who answers them? (to come)" in cx.course_map(tmp_path).data
    assert cx.course_map(tmp_path).data.count("\n") == 1 + len(framework.keys("lessons"))


def test_the_paths_add_up_their_minutes():
    minutes = {row["key"]: row["minutes"] for row in framework.vocabulary()["lessons"]}
    [student] = [row for row in framework.vocabulary()["paths"] if row["key"] == "student"]
    assert f"({sum(minutes[key] for key in student['lessons']) / 60:.1f} hours)" in cx.paths().data.splitlines()[0]


def test_both_lists_of_competences():
    lines = cx.competences().data.splitlines()
    assert len(lines) == 2 + 6 and "T7.1" in lines[2] and "(22 %)" in lines[2]
