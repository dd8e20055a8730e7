"""Things to move: ipywidgets, each a thin shell over a function that also stands alone.

`shares_at_sizes` and `share_sentence` are the plain twins of `explore_share`, `sampling.repeat_surveys` is that of `explore_surveys`,
`course.quiz` that of `explore_quiz`.
"""

import html

import numpy as np
import pandas as pd

from .framework import CxError, label, language, number, percent, say, vocabulary


def share_sentence(count, n, level=0.95):
    """A share of answers as a sentence that may be said aloud: with n and interval (Wilson).

    count, n : whole numbers, 0 ≤ count ≤ n, n ≥ 1. level : of the interval.
    >>> share_sentence(18, 40)
    '18 of 40 answers: 45 % (95 % interval 31 % to 60 %).'
    """
    row = _share_of(count, n, level).iloc[0]
    return say("explore.share", count=number(count), n=number(n), share=percent(row["share"]), level=percent(level),
               low=percent(row["ci_low"]), high=percent(row["ci_high"]))


def shares_at_sizes(share, sizes, level=0.95):
    """The same share found among few and among many answers: what n alone does to the interval.

    share : 0 to 1, rounded to whole people at each size. sizes : numbers of answers.
    Returns the columns of `cx.share`, one row a size, with `answers` (its name) first.
    """
    if not 0 <= share <= 1:
        raise CxError(say("explore.not_a_share", share=share))
    rows = [_share_of(round(share * n), n, level).assign(answers=say("explore.size", n=number(n))) for n in sizes]
    table = pd.concat(rows, ignore_index=True)
    return table[["answers", *table.columns.drop("answers")]]


def explore_share(share=0.45, n=40):
    """Sliders for the share who said yes and the number of answers: see the interval grow and shrink. Plain twin: `shares_at_sizes`."""
    import ipywidgets

    from .charts import plot_shares, show

    def draw(share, n):
        sizes = shares_at_sizes(share / 100, sorted({20, n, 1000}))
        show(plot_shares(sizes, title=share_sentence(round(share / 100 * n), n), simulated=True, ranked=False))

    slider = {"continuous_update": False, "style": {"description_width": "initial"}, "layout": {"width": "420px"}}
    return ipywidgets.interactive(draw, share=ipywidgets.IntSlider(round(100 * share), 0, 100, 1, description=say("explore.share_slider"), **slider),
                                  n=ipywidgets.IntSlider(n, 20, 1000, 20, description=say("explore.n_slider"), **slider))


def explore_surveys(kind="share", n=40, truth=45):
    """Choose a share or an NPS, move n and the truth, change the interval: see how many of a thousand surveys miss. Plain twin: `cx.repeat_surveys`.

    truth : in per cent for a share, in points for an NPS.
    """
    import ipywidgets

    from .charts import show
    from .charts_sampling import plot_surveys
    from .sampling import INTERVALS, repeat_surveys

    def draw(kind, n, truth, interval):
        true = {"share": truth / 100} if kind == "share" else {"nps": truth}
        show(plot_surveys(repeat_surveys(n, kind=kind, interval=INTERVALS[kind][interval], rng=1, **true)))

    def fit_range(_):
        slider.min = 0 if what.value == "share" else -100

    wide = {"style": {"description_width": "150px"}, "layout": {"width": "520px"}}
    moved = {"continuous_update": False, **wide}
    kinds, intervals = ([(say(f"explore.{name}"), value) for name, value in choices] for choices in
                        ((("kind_share", "share"), ("kind_nps", "nps")), (("interval_kit", 0), ("interval_plain", 1))))
    what = ipywidgets.Dropdown(options=kinds, value=kind, description=say("explore.kind"), **wide)
    slider = ipywidgets.IntSlider(truth, -100, 100, 1, description=say("explore.truth_slider"), **moved)
    fit_range(None)
    what.observe(fit_range, names="value")  # before `interactive` looks: no negative share is ever drawn
    return ipywidgets.interactive(draw, kind=what, n=ipywidgets.IntSlider(n, 10, 500, 10, description=say("explore.n_slider"), **moved), truth=slider,
                                  interval=ipywidgets.Dropdown(options=intervals, description=say("explore.interval"), **wide))


def explore_quiz():
    """The quiz on the glossary, one question at a time, with the reason for every choice. Plain twin: `cx.quiz`."""
    import ipywidgets

    from .course import quiz

    entries = vocabulary()["quiz"]
    wide = ipywidgets.Layout(width="95%")
    which = ipywidgets.IntSlider(1, 1, len(entries), description=say("explore.question"), continuous_update=False)
    question, verdict = ipywidgets.HTML(layout=wide), ipywidgets.HTML(layout=wide)
    choices = ipywidgets.RadioButtons(layout=ipywidgets.Layout(width="max-content"))

    def ask(_):
        entry = entries[which.value - 1]
        question.value = f"<b>{html.escape(entry[f'question_{language()}'])}</b>"
        choices.options = list(zip(entry[f"choices_{language()}"], "abcdefgh", strict=False))
        choices.value = None
        verdict.value = ""

    def judge(change):
        if change["new"]:
            verdict.value = html.escape(quiz(which.value, change["new"]).data.replace("**", ""))

    which.observe(ask, names="value")
    choices.observe(judge, names="value")
    ask(None)
    return ipywidgets.VBox([which, question, choices, verdict])


def _share_of(count, n, level):
    from .rates import share

    if n < 1 or not 0 <= count <= n or count != int(count) or n != int(n):
        raise CxError(say("explore.not_a_count", count=count, n=n))
    yes = label("yes_no", "yes")
    answers = pd.DataFrame({"answer": np.repeat([yes, label("yes_no", "no")], [int(count), int(n - count)])})
    return share(answers, "answer", yes, level=level)
