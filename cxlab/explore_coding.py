"""Things to move about coded answers: type an answer, move a margin, widen a definition. Each a thin shell over a tested function."""

import unicodedata

from .framework import CxError, language, number, percent, say

ANSWER = '<bdi style="white-space:pre-wrap; overflow-wrap:anywhere">{}</bdi>'
WORD = '<mark style="padding:0 2px"><b>{}</b>{}</mark>'
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}  # signs that turn the direction of the text around them
TOLD = {"description_width": "initial"}


class Marked:
    """An answer with the words marked that gave it its codes: on a page as HTML, elsewhere as text with [ ]."""

    def __init__(self, page, text):
        self.page, self.text = page, text

    def _repr_html_(self):
        return self.page

    def __repr__(self):
        return self.text


def mark_answer(text, book=None, labels=True):
    """One answer with the words marked that the codebook caught, each with the names of its codes.

    text : the answer, shown as it is, but for signs that control a terminal or turn the direction of writing; nothing in it becomes part of a page.
    book : from `load_codebook`; the bundled one if none is given. labels : False leaves out the names of the codes.
    Returns something that Jupyter shows; printed, marked words stand in [brackets].

    >>> mark_answer("too expensive, friendly staff")
    too [expensive: Price], [friendly: Attitude] staff
    """
    from .coding import spans
    from .grids import cell_text
    from .tally import is_missing

    book = _book(book)
    text = "" if is_missing(text) else cell_text(text)
    return _marked(text, spans(text, book), _names(book) if labels else {})


def _marked(text, found, names):
    """found : as from `coding.spans`. names : {code: name}; none are shown if it is empty."""
    from .figures import escape

    page, plain, at = [], [], 0
    for start, end, codes in _apart(found):
        before, word = _shown(text[at:start]), _shown(text[start:end])
        named = _shown(", ".join(names.get(code, code) for code in codes)) if names else ""
        page += [escape(before), WORD.format(escape(word), f" <small><bdi>{escape(named)}</bdi></small>" if named else "")]
        plain += [before, f"[{word}: {named}]" if named else f"[{word}]"]
        at = end
    rest = _shown(text[at:])
    return Marked(ANSWER.format("".join(page) + escape(rest)), "".join(plain) + rest)


def _shown(text):
    return "".join(sign for sign in text if sign in "\t\n" or unicodedata.category(sign) != "Cc" and unicodedata.bidirectional(sign) not in TURNING)


def _apart(found):
    """Spans that do not overlap, left to right: (start, end, codes); one that begins inside another lends it its code."""
    groups = []
    for start, end, _, code in sorted(found):
        if groups and start < groups[-1][1]:
            groups[-1] = groups[-1][0], max(end, groups[-1][1]), groups[-1][2] | {code: None}
        else:
            groups.append((start, end, {code: None}))
    return [(start, end, list(codes)) for start, end, codes in groups]


def explore_codes(text="", book=None):
    """Type an answer: see its codes, and the words that gave them. Plain twins: `cx.code_answers`, `cx.mark_answer`."""
    import ipywidgets

    from . import coding
    from .figures import escape

    book = _book(book)
    index, names = coding._index(book), _names(book)  # once: it takes longer than all that a key stroke asks for
    wide = ipywidgets.Layout(width="95%")
    typed = ipywidgets.Text(text, description=say("explore_coding.answer"), layout=wide, style=TOLD)
    shown = ipywidgets.HTML(layout=wide)

    def look(_=None):
        [mask] = coding._masks([typed.value], index)
        codes = [names.get(code, code) for bit, code in enumerate(index.codes, 1) if mask >> bit & 1]
        marked = _marked(typed.value, coding._spans(coding._words(typed.value), index), names).page
        told = say("explore_coding.codes", codes=_shown(", ".join(codes))) if codes else say("explore_coding.type")
        shown.value = f"<p>{marked}</p><p>{escape(told)}</p>"

    typed.observe(look, names="value")
    look()
    return ipywidgets.VBox([typed, shown])


def margin_sentence(table, margin=None, shares=(0.05, 0.1, 0.2)):
    """What a margin can show at the sizes of a table of `cx.equivalence`: how many are equivalent, and the power if nothing had changed.

    table : from `cx.equivalence`. margin : 0-1, that of the table unless given; where a coder's errors shrink it, power is that of the (smallest)
    margin used. shares : true shares, 0-1, for which the power is told, for one theme named beforehand at level 0.95.

    >>> import pandas as pd
    >>> rows = pd.DataFrame({"n_1": [240], "n_2": [600], "verdict": ["undecided"]})
    >>> print(margin_sentence(rows, 0.05).replace(": ", ":\\n", 2))
    Margin 5 points:
    0 of 1 themes equivalent, 0 different, 1 undecided. The chance to show one theme to be alike, named beforehand, if nothing had changed:
    named by 5 %: 81 %; named by 10 %: 41 %; named by 20 %: 1 %.
    """
    from .charts_coding import _points
    from .two_groups import equivalence_power

    if table.empty:
        raise CxError(say("explore_coding.no_rows"))
    margin = table.attrs["margin"] if margin is None else margin
    used = table.attrs.get("margin_used", margin)
    used = min(used.values()) if isinstance(used, dict) else used
    power = [equivalence_power(int(table["n_1"].max()), int(table["n_2"].max()), share, used)["power"].iloc[0] for share in shares]
    told = "; ".join(say("explore_coding.power", share=percent(share), power=percent(each)) for share, each in zip(shares, power, strict=True))
    found = {verdict: int((table["verdict"] == verdict).sum()) for verdict in ("equivalent", "both", "different", "undecided")}
    found["equivalent"] += found.pop("both")
    return say("explore_coding.margin", margin=_points(margin), n=len(table), power=told, **found)


def explore_margin(table, column, by, margin=10, labels=None, simulated=False):
    """A slider for the margin: see verdicts and power change. Plain twins: `cx.equivalence`, `cx.margin_sentence`, `cx.plot_equivalence`.

    table : one row a person. column : codes of each person (tuples). by : column with two levels. margin : in points, where the slider begins.
    labels, simulated : as in `cx.plot_equivalence`.
    """
    import ipywidgets

    from .charts import _is_simulated
    from .charts_coding import plot_equivalence
    from .figures import sentences, show
    from .two_groups import equivalence

    invented = _is_simulated(table, simulated)

    def draw(points):
        found = equivalence(table, column, by, margin=points / 100)
        ax = plot_equivalence(found, labels=labels, simulated=invented)
        show(ax, sentences(margin_sentence(found), ax.caption))

    return ipywidgets.interactive(draw, points=_slider("points", margin, 1, 20, 1))


def explore_definition(first, second, book=None, simulated=False):
    """Widen a definition (one code becomes part of another) and choose how many answers are double-coded: see kappa move.

    first, second : Series of tuples, two coders of the same answers. Plain twins: `cx.merge_codes`, `cx.agreement`, `cx.plot_agreement`.
    """
    import ipywidgets

    from .charts import _is_simulated
    from .charts_coding import plot_agreement
    from .code_tables import merge_codes
    from .coders import agreement
    from .figures import show

    invented, names, least = _is_simulated(first, simulated), _names(_book(book)), min(40, len(first))
    used = agreement(first, second)["code"]
    options = sorted((names.get(code, code), code) for code in used)

    def draw(code, into, n):
        mapping = {code: into} if into else {}
        found = agreement(merge_codes(first.iloc[:n], mapping), merge_codes(second, mapping))
        overall = {name: number(found.attrs["overall"][name], 2) for name in ("kappa", "ci_low", "ci_high")}
        title = say("explore_coding.pooled", n=number(found.attrs["overall"]["n"]), **overall)
        show(plot_agreement(found, title=title, labels=names, simulated=invented))

    lists = {"code": options, "into": [(say("explore_coding.as_it_is"), ""), *options]}
    lists = {name: ipywidgets.Dropdown(options=each, description=say(f"explore_coding.{name}"), style=TOLD) for name, each in lists.items()}
    return ipywidgets.interactive(draw, **lists, n=_slider("n", max(least, len(first) // 2), least, len(first), 20))


def _slider(name, value, least, most, step):
    import ipywidgets

    return ipywidgets.IntSlider(value, least, most, step, description=say(f"explore_coding.{name}"), continuous_update=False, style=TOLD,
                                layout={"width": "420px"})


def _book(book):
    from .codebooks import load_codebook

    return load_codebook() if book is None else book


def _names(book):
    """{code: its name in the display language}."""
    return {code: name or code for code, name in zip(book["code"], book["name_tr" if language() == "tr" else "name"], strict=True)}
