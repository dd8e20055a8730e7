"""The contact plan to look at, to print and to fill in: a figure, a page for A3 paper, and an explorer over both.

Thin shells over `planner`, which holds what a plan is. What people wrote into a plan reaches a figure or a page as text and never as anything else.
"""

import functools
import pathlib

import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

from . import planner
from .charts import ORANGE
from .explore_coding import _shown
from .figures import INK, _png, escape, figure, finish, plain, sentences, settings, shorten, wrap
from .framework import CxError, keys, label, language, number, say, vocabulary
from .printed import page, write_page

WIDTH = {False: 16.5, True: 19.0}  # inches: an A3 sheet; more where the type is that of a projector
LINES = 6  # of a message in the figure
PAD = 0.1  # inches between the edge of a cell and its text
SOFT, FAINT = "#4d4d4d", "#b8b8b8"
FILE = "contact_plan.csv"
STYLE = """@page { size: A3 landscape; margin: 9mm }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 4mm; max-width: 402mm; background: #fff; color: #262626 }
body { font: 10pt/1.28 "Segoe UI", "Helvetica Neue", "DejaVu Sans", Arial, sans-serif }
h1 { font-size: 17pt; margin: 0 0 2.5mm }
footer { font-size: 8.5pt; color: #4d4d4d; margin-top: 2.5mm }
@media print { body { padding: 0; max-width: none } }
"""
TABLE = """<style>
table.plan { border-collapse: collapse; width: 100%; table-layout: fixed; line-height: 1.28 }
.plan th, .plan td { border: 1px solid #8a8a8a; padding: 1.2mm 1.5mm; text-align: left; vertical-align: top }
.plan th, .plan td { overflow-wrap: anywhere; white-space: normal }
.plan thead th { background: #eef4f8; border-bottom: 2px solid #0072b2 } .plan th:first-child { width: 8% }
.plan thead th { font-size: {head}em }
.plan th small { display: block; font-weight: normal; color: #4d4d4d } .plan tr { break-inside: avoid } .plan thead { display: table-header-group }
.plan td { height: {height} } .plan .message { white-space: pre-wrap }
.plan .people { display: block; margin-top: .8mm; color: #4d4d4d; font-size: .89em }
.plan .mark { display: block; margin-top: .8mm; font-weight: 600; font-size: .89em }
.plan .filled { background: #f4f8fb } .plan .marked { outline: 2px solid #e69f00; outline-offset: -3px }
.plan .line { display: block; color: #6a6a6a; font-size: .8em; min-height: 4.8mm } .plan .line:first-child { min-height: 15mm }
</style>"""


# ---- the figure ----------------------------------------------------------------------------------------------------------------


def plot_plan(plan, title=None, stages=None):
    """The plan as a grid: the stages as columns, six or seven channels as rows; who and when below each message, a mark where permission is open.

    plan : as from `cx.contact_plan` or `cx.load_plan`. Texts too long for their cell end in "…"; `cx.print_plan` has them whole. The figure is as
    wide as an A3 sheet, too wide to be read on a screen or from the back of a room; so stages : those drawn, by key or name, up to four are
    readable there; None: all eight. Title and caption count the whole plan and say what is left out. A cell is marked where it says something, its
    permission is missing and its channel is e-mail, telephone, video or your own, and wherever permission is "no". The mark is there to make you
    ask; it is not legal advice. Returns the Axes, with `caption`.
    """
    plan, stages = planner.in_order(plan), _drawn(stages)
    with plt.rc_context(settings()):
        size, (fig, ax) = plt.rcParams["font.size"], figure(1)
        edge = 0.095 * WIDTH[size > 14]
        width = max(edge + len(stages) * (WIDTH[size > 14] - edge) / len(keys("stages")), fig.get_size_inches()[0])
        column = (width - edge) / len(stages)
        cells = {place: _lines(row, size, column) for place, row in _cells(plan).items() if place[0] in stages}
        heads = [_head(stage, size, column) for stage in _stages() if stage["key"] in stages]
        top = _stack(ax, [(edge + k * column, head) for k, head in enumerate(heads)], 0, size)
        for channel in dict.fromkeys(plan["channel"]):
            row = [cells[stage, channel] for stage in stages]
            name = [(text, 1, "bold", INK) for text in wrap(planner.channel_name(channel), _letters(edge, size) / 1.14, 3).split("\n")]
            end = _stack(ax, [(0, name), *((edge + k * column, lines) for k, lines in enumerate(row))], top, size)
            for k, lines in enumerate(row):
                _frame(ax, edge + k * column, top, column, end - top, lines)
            top = end
        ax.set(xlim=(0, width), ylim=(top, 0))
        ax.set_axis_off()
        fig.set_size_inches(width, top)
        return finish(fig, ax, title or _title(plan), _caption(plan, cells, stages), False)


def _drawn(stages):
    """Keys of the stages to draw, in the order of the model."""
    if stages is None:
        return keys("stages")
    asked = [stages] if isinstance(stages, str) else list(stages)
    known = [planner._known_stage(str(stage)) for stage in asked]
    off = [stage for stage, key in zip(asked, known, strict=True) if key not in keys("stages")]
    if off or not asked:
        raise CxError(say("explore_planner.no_stage", asked=", ".join(map(repr, off)) or "[]", allowed=", ".join(keys("stages"))))
    return [key for key in keys("stages") if key in known]


def _cells(plan):
    """{(stage, channel): row of the plan with its mark}."""
    return {(row["stage"], row["channel"]): row for row in plan.fillna("").assign(mark=planner.marks(plan)).to_dict("records")}


def _stages():
    return vocabulary()["stages"]


def _head(stage, size, column):
    place, name = keys("stages").index(stage["key"]) + 1, wrap(stage[language()], _letters(column, size) / 1.14, 2).split("\n")
    feeling = wrap(stage[f"feeling_{language()}"], _letters(column, 0.875 * size), 3).split("\n")
    return [(str(place), 0.875, "normal", SOFT), *((text, 1, "bold", INK) for text in name), *((text, 0.875, "normal", SOFT) for text in feeling)]


def _letters(inches, size):
    """How many letters of usual width a cell of this width holds."""
    return (inches - 2 * PAD) * 72 / (0.6 * size)


def _lines(row, size, column):
    """What a cell shows: (text, size of type, weight, colour) a line."""
    small = _letters(column, 0.875 * size)
    parts = [(row["message"], LINES, 0.95, "normal", INK, _letters(column, 0.95 * size)), (_people(row), 2, 0.875, "normal", SOFT, small),
             (_mark(row), 2, 0.875, "bold", INK, small / 1.14)]
    return [(line, part, weight, colour) for text, most, part, weight, colour, width in parts for line in wrap(text, width, most).split("\n") if line]


def _people(row):
    return " · ".join(text for text in (row["who"], row["when"]) if text)


def _mark(row):
    return {"ask": say("explore_planner.ask"), "refused": say("explore_planner.refused")}.get(row["mark"], "")


def _stack(ax, columns, top, size):
    """Draw columns of lines from `top` down; returns where the row ends. All in inches: every place is known, the layout has nothing to find out."""
    ends = [top + 0.4]
    for left, lines in columns:
        y = top + 0.07
        for text, part, weight, colour in lines:
            ax.text(left + PAD, y, text, size=part * size, weight=weight, color=colour, va="top", in_layout=False)
            y += part * size * 1.24 / 72
        ends.append(y + 0.07)
    return max(ends)


def _frame(ax, left, top, width, height, lines):
    """The edge of a cell: a filled one is tinted, a marked one has an edge that is seen from afar."""
    bare = {"in_layout": False, "clip_on": False}
    colour = "#eef4f8" if lines else "white"
    ax.add_patch(Rectangle((left, top), width, height, facecolor=colour, edgecolor=FAINT, lw=0.8, zorder=0, **bare))
    if lines and lines[-1][2] == "bold":  # the mark
        inner = (left + 0.035, top + 0.035), width - 0.07, height - 0.07
        ax.add_patch(Rectangle(*inner, facecolor="none", edgecolor=ORANGE, lw=2.2, zorder=1, **bare))


def _title(plan):
    facts = _facts(plan)
    return say("explore_planner.title_ask", **facts) if facts["marked"] != "0" else say("explore_planner.title", **facts)


def _facts(plan):
    filled, marks = planner.is_filled(plan), planner.marks(plan)
    return {"filled": number(filled.sum()), "cells": number(len(plan)), "marked": number((marks != "").sum()), "ask": number((marks == "ask").sum()),
            "refused": number((marks == "refused").sum())}


def _caption(plan, cells, drawn):
    facts, filled = _facts(plan), planner.is_filled(plan).groupby(plan["stage"], sort=False).sum()
    stages = ", ".join(f"{label('stages', stage)} {number(n)}" for stage, n in filled.items())
    cut = sum(any(text.endswith(" …") for text, *_ in lines) for lines in cells.values())
    part = say("explore_planner.part", drawn=", ".join(label("stages", key) for key in drawn), left=number(filled.drop(index=drawn).sum()))
    return sentences(say("explore_planner.caption", stages=stages, **facts), part if len(drawn) < len(filled) else "", _asked(plan),
                     say("explore_planner.empty_cell"),
                     say("explore_planner.cut", n=number(cut)) if cut else "")


def _asked(plan):
    """What the marks say; nothing where there are none."""
    facts, own = _facts(plan), planner.own_channel(plan)
    channels = ", ".join([*(label("channels", key) for key in planner.ASKED), *([shorten(plain(own))] if own else [])])
    return sentences(say("explore_planner.marks_ask", channels=channels, **facts) if facts["ask"] != "0" else "",
                     say("explore_planner.marks_refused", **facts) if facts["refused"] != "0" else "",
                     say("explore_planner.not_advice") if facts["marked"] != "0" else "")


# ---- the page ------------------------------------------------------------------------------------------------------------------


def print_plan(plan, path, title=None):
    """Write the plan as a page that prints on one A3 sheet, landscape; an empty plan becomes a form to fill in by hand, with a free seventh row.

    plan : as from `cx.contact_plan`. path : .html, replaced if it is there. title : heading of the page. The page is in the display language, holds
    every text whole and asks nothing of any network: open it in a browser and print. A plan with much text goes on to further sheets, the
    stages repeated on each. Returns the Path.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print_plan(planner.contact_plan(), folder + "/plan.html").read_text("utf-8").count("<td")
    56
    """
    plan = planner.in_order(plan)
    form = not planner.is_filled(plan).any()
    title = str(title) if title else say("explore_planner.form") if form else _title(plan)
    foot = sentences(say("explore_planner.each_can"), say("explore_planner.empty_cell"), _asked(plan))
    body = f"<h1>{_text(title)}</h1>\n{plan_table(plan, form, 24)}\n<footer>{_text(foot)}</footer>"
    return write_page(page(_shown(title), STYLE, body), path)


def plan_table(plan, form=False, height=11, head=1):
    """The grid as a table of a page, everything in it escaped.

    plan : in order. form : cells to write in. height : least of a row, in mm. head : size of the type of the stages, times that of the cells.
    """
    cells, heads = _cells(plan), []
    for k, stage in enumerate(_stages(), 1):
        heads.append(f"<th>{k} {_text(stage[language()])}<small>{_text(stage[f'feeling_{language()}'])}</small></th>")
    rows = {channel: _text(planner.channel_name(channel)) for channel in plan["channel"]}
    if form and planner.own_channel(plan) is None:
        rows[None] = f"<small>{_text(say('explore_planner.own'))}:</small>"
    body = [f"<tr><th>{head}</th>{''.join(_form_cell() if form else _cell(cells[stage, channel]) for stage in keys('stages'))}</tr>"
            for channel, head in rows.items()]
    style = TABLE.replace("{height}", f"{240 // len(rows) if form else height}mm").replace("{head}", f"{head}")
    lines = "\n".join(body)
    return f'{style}\n<table class="plan"><thead><tr><th></th>{"".join(heads)}</tr></thead>\n<tbody>\n{lines}\n</tbody></table>'


def _form_cell():
    choices = " ".join(f"☐\N{NO-BREAK SPACE}{planner.permission_name(key)}" for key in planner.PERMISSIONS)
    lines = [*(say(f"planner.{name}") for name in ("message", "who", "when")), say("explore_planner.permission_line", choices=choices)]
    return f"<td>{''.join(f'<span class=line>{_text(line)}</span>' for line in lines)}</td>"


def _cell(row):
    parts = [("message", row["message"]), ("people", _people(row)), ("mark", _mark(row))]
    inside = "".join(f'<span class="{name}" dir="auto">{_text(text)}</span>' for name, text in parts if text)
    kind = "filled marked" if row["mark"] else "filled" if inside else ""
    return f'<td class="{kind}">{inside}</td>'


def _text(text):
    return escape(_shown(text))


# ---- the explorer --------------------------------------------------------------------------------------------------------------


def explore_plan(plan=None, path=None):
    """Fill in a contact plan cell by cell; see it as a table or a figure; save it, load it, write it as a page to print.

    plan : where to begin; None: the file at `path` if it is there, else an empty plan. path : file of the plan, as seen from the working folder;
    None: contact_plan.csv, read only when you press the button. What was typed is put into its cell when you go to another, and before the plan is
    saved or printed. A file that is no plan is not written over. Plain twins: `cx.contact_plan`, `cx.save_plan`, `cx.load_plan`, `cx.plot_plan`,
    `cx.print_plan`. `.plan` of what is returned is the plan as it stands.
    """
    import ipywidgets

    if plan is None:
        plan = planner.load_plan(path) if path is not None and pathlib.Path(path).exists() else planner.contact_plan()
    plan = planner.in_order(plan)
    parts = _fields(FILE if path is None else path) | _buttons() | _views()
    rows = [("stage", "channel", "own", "name_it"), ("message",), ("who", "when", "permission"), ("put", "clear"), ("path", "save", "load", "print"),
            ("told",), ("view",), ("table",), ("picture",), ("caption",)]
    wrapped = ipywidgets.Layout(flex_flow="row wrap")  # nothing is cut off where the page is narrow: large type, a projector
    box = ipywidgets.VBox([ipywidgets.HBox([parts[name] for name in row], layout=wrapped) if len(row) > 1 else parts[row[0]] for row in rows])
    box.parts, box.place, box.drawn = parts, None, None
    _show_plan(box, plan)
    for name, act in {"put": _put, "clear": _clear, "name_it": _name_it, "save": _save, "load": _load, "print": _print}.items():
        parts[name].on_click(functools.partial(_act, box, act))
    for name in ("stage", "channel"):
        parts[name].observe(lambda _: _go(box), names="value")
    parts["view"].observe(lambda _: _draw(box), names="value")
    return box


def _fields(path):
    import ipywidgets

    told, wide = {"description_width": "108px"}, ipywidgets.Layout(width="320px")
    stages = [(f"{k} {stage[language()]}", stage["key"]) for k, stage in enumerate(_stages(), 1)]
    permissions = [(say("explore_planner.unknown"), None), *((planner.permission_name(key), key) for key in planner.PERMISSIONS)]
    fields = {name: ipywidgets.Text(description=say(f"planner.{name}"), style=told, layout=wide) for name in ("who", "when")}
    return fields | {
        "stage": ipywidgets.Dropdown(options=stages, description=say("planner.stage"), style=told, layout=wide),
        "channel": ipywidgets.Dropdown(description=say("planner.channel"), style=told, layout=wide),
        "permission": ipywidgets.Dropdown(options=permissions, description=say("planner.permission"), style=told, layout=wide),
        "message": ipywidgets.Textarea(description=say("planner.message"), rows=3, style=told,
                                      layout=ipywidgets.Layout(width="970px", max_width="98%")),
        "own": ipywidgets.Text(description=say("explore_planner.own"), style=told, layout=wide),
        "path": ipywidgets.Text(str(path), description=say("explore_planner.file"), style=told, layout=wide)}


def _buttons():
    import ipywidgets

    return {name: ipywidgets.Button(description=say(f"explore_planner.{name}"), layout=ipywidgets.Layout(width="auto"))
            for name in ("put", "clear", "name_it", "save", "load", "print")}


def _views():
    import ipywidgets

    views = [(say(f"explore_planner.as_{name}"), name) for name in ("table", "figure")]
    return {"view": ipywidgets.ToggleButtons(options=views), "picture": ipywidgets.Image(format="png", layout=ipywidgets.Layout(width="98%")),
            **{name: ipywidgets.HTML(layout=ipywidgets.Layout(width="98%")) for name in ("told", "table", "caption")}}


def _act(box, act, _=None):
    """What a button does; what went wrong is told in the box and nowhere else."""
    try:
        told = act(box)
        _draw(box)
    except CxError as error:
        told = str(error)
    except OSError as error:
        told = say("spreadsheets.not_written", path=box.parts["path"].value, reason=error.strerror or "")
    _tell(box, told)


def _tell(box, told):
    box.parts["told"].value = f"<p>{_text(told)}</p>"


def _show_plan(box, plan):
    """A whole plan into the box: the list of channels, the cell under way, the table."""
    channels = [(planner.channel_name(channel), channel) for channel in dict.fromkeys(plan["channel"])]
    before, box.place, box.plan = box.parts["channel"].value, None, plan
    box.parts["channel"].options = channels
    box.parts["channel"].value = before if before in dict(map(reversed, channels)) else channels[0][1]
    box.parts["own"].value = planner.own_channel(plan) or ""
    _fill_in(box)
    _draw(box)


def _fill_in(box):
    """The cell chosen into the fields."""
    box.place = box.parts["stage"].value, box.parts["channel"].value
    cell = _cells(box.plan)[box.place]
    for name in ("message", "who", "when"):
        box.parts[name].value = cell[name]
    box.parts["permission"].value = cell["permission"] or None


def _go(box):
    """Another cell was chosen: what was typed goes into the one before; if it cannot, one stays there."""
    if box.place in (None, (box.parts["stage"].value, box.parts["channel"].value)):
        return
    try:
        told = _put(box)
    except CxError as error:
        box.parts["stage"].value, box.parts["channel"].value = box.place
        return _tell(box, str(error))
    if told:
        _tell(box, told)
        _draw(box)
    _fill_in(box)


def _put(box, given=None):
    """The fields into their cell; "" if nothing changed."""
    given = given or {name: box.parts[name].value or None for name in planner.COLUMNS[2:]}
    here = (box.plan["stage"] == box.place[0]) & (box.plan["channel"] == box.place[1])
    plan = box.plan.copy()
    for name, value in given.items():
        plan.loc[here, name] = value
    plan = planner.in_order(plan)
    if plan.equals(box.plan):
        return ""
    box.plan = plan
    return say("explore_planner.put_in", stage=label("stages", box.place[0]), channel=planner.channel_name(box.place[1]), **_facts(plan))


def _clear(box):
    told = _put(box, dict.fromkeys(planner.COLUMNS[2:]))
    _fill_in(box)
    return told


def _name_it(box):
    _put(box)
    _show_plan(box, planner.rename_own(box.plan, box.parts["own"].value.strip() or None))
    return say("explore_planner.named")


def _save(box):
    _put(box)
    path = _path(box)
    if path.exists():
        _refuse_others(path, planner.load_plan)
    return say("explore_planner.saved", path=planner.save_plan(box.plan, path).resolve(), **_facts(box.plan))


def _load(box):
    _show_plan(box, planner.load_plan(_path(box)))
    return say("explore_planner.loaded", path=_path(box).resolve(), **_facts(box.plan))


def _print(box):
    _put(box)
    path = _path(box).with_suffix(".html")
    if path.exists():
        _refuse_others(path, _read_page)
    return say("explore_planner.printed", path=print_plan(box.plan, path).resolve())


def _path(box):
    path = pathlib.Path(planner._clean(box.parts["path"].value, "path") or "")
    if not path.name:
        raise CxError(say("planner.ending", path=path, ending=".csv"))
    return path


def _refuse_others(path, read):
    """A file that is something else is somebody's work."""
    try:
        read(path)
    except CxError:
        raise CxError(say("explore_planner.not_ours", path=path)) from None


def _read_page(path):
    if not path.is_file() or b'<table class="plan">' not in path.read_bytes():
        raise CxError(say("explore_planner.not_ours", path=path))


def _draw(box):
    parts, as_figure = box.parts, box.parts["view"].value == "figure"
    if box.drawn is not None and box.drawn[0] is box.plan and box.drawn[1] == as_figure:
        return  # saved or printed, not changed
    box.drawn = box.plan, as_figure
    parts["table"].value = "" if as_figure else plan_table(box.plan, head=0.88)  # so that "accomplish" stands on one line on a projector
    parts["table"].layout.display, parts["picture"].layout.display = ("none", None) if as_figure else (None, "none")
    if as_figure:
        ax = plot_plan(box.plan)
        parts["picture"].value, parts["caption"].value = _png(ax.figure)[0], f"<p>{escape(ax.caption)}</p>"
        plt.close(ax.figure)
    else:
        told = sentences(_asked(box.plan), say("explore_planner.empty_cell"))
        parts["caption"].value = f"<p>{_text(told)}</p>"
