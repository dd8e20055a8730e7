"""What all figures share: how they look, how they are shown and saved, and how the text of strangers gets on them unharmed.

Stands below `charts`. Importing it or drawing a figure sets no global style; `use_style` does, when a person asks for it.
"""

import functools
import html
import io
import pathlib
import re
import unicodedata

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.font_manager import findfont, get_font
from matplotlib.text import Text

from .framework import CxError, number, percent, say

INK = "#262626"
STYLES = {  # size of text in points, width in inches, dots an inch
    "paper": {"size": 9, "width": 6.3, "dpi": 200},
    "screen": {"size": 11, "width": 8.2, "dpi": 120},
    "projector": {"size": 16, "width": 12, "dpi": 110},
}
_state = {"style": "screen"}


def use_style(name):
    """Set the look of all figures from here on, those you draw yourself included.

    name : "paper" (narrow, small type), "screen", or "projector" (no text under 14 points).
    """
    if name not in STYLES:
        raise CxError(say("charts.unknown_style", name=name, allowed=", ".join(STYLES)))
    _state["style"] = name
    plt.rcParams.update({key: value for key, value in settings().items() if key != "text.parse_math"})  # your own formulas stay formulas


def show(ax, caption=None):
    """Show a figure as a picture, its caption below it as text, and close it. In a plain script only the caption is printed.

    ax : what a `plot_` function returned. caption : text in place of the one the chart computed.
    """
    caption = one_line(caption if caption is not None else getattr(ax, "caption", ""))
    try:
        from IPython import get_ipython
        interactive = get_ipython() is not None
    except ImportError:
        interactive = False
    if interactive:
        from IPython.display import display

        picture, width, height = _png(ax.figure)
        told = {"image/png": {"alt": caption, "width": width, "height": height}}
        display({"image/png": picture, "text/plain": caption}, raw=True, metadata=told)
        display({"text/markdown": f"*{escape(caption)}*", "text/plain": caption}, raw=True, metadata={"cxlab": "caption"})
    else:
        print(caption)
    plt.close(ax.figure)


def save(ax, path):
    """Write a figure as PNG and as SVG beside each other, title and caption inside both files.

    path : where to; an ending is ignored. Returns the two paths.
    """
    path = pathlib.Path(path)
    stem = path.with_suffix("") if path.suffix.lower() in (".png", ".svg") else path
    caption = one_line(getattr(ax, "caption", ""))
    png, svg = stem.with_name(stem.name + ".png"), stem.with_name(stem.name + ".svg")
    told = {"Title": one_line(ax.get_title()), "Description": caption}
    with plt.rc_context({"svg.fonttype": "path", "svg.hashsalt": "cxlab"}):
        ax.figure.savefig(png, dpi=200, facecolor="white", bbox_inches="tight", metadata=told)
        ax.figure.savefig(svg, facecolor="white", bbox_inches="tight", metadata=told | {"Date": None})
    head, body = svg.read_text(encoding="utf-8").split("<metadata>", 1)  # readers of screens look for <title> and <desc>, not for RDF
    names = f"<title>{html.escape(told['Title'])}</title>\n <desc>{html.escape(caption)}</desc>\n <metadata>"
    head = re.sub(r"<title>.*?</title>\s*", "", head, flags=re.S)
    svg.write_text(head + names + body, encoding="utf-8", newline="\n")
    return png, svg


def escape(text):
    """Text of strangers as it can stand in HTML and in Markdown: nothing in it becomes a tag, a link, emphasis or mathematics.

    >>> escape("<b>5 $ *")
    '&lt;b&gt;5 <span>&#36;</span> &#42;'
    """
    text = re.sub(r"[&<>\"'`*_{}\[\]#!|~@]|(?<=[wW]{3})\.|:(?=//)", lambda m: html.escape(m[0]) if m[0] in "&<>\"'" else f"&#{ord(m[0])};", str(text))
    # a dollar or a backslash alone in an element: page scripts look for pairs of them, but never across a tag
    return re.sub(r"[$\\]", lambda m: f"<span>&#{ord(m[0])};</span>", text)


def settings():
    """The settings of matplotlib that make the style in force; for `with plt.rc_context(settings())`."""
    size, dpi = STYLES[_state["style"]]["size"], STYLES[_state["style"]]["dpi"]
    return {"font.family": "DejaVu Sans", "font.size": size, "axes.titlesize": size * 1.2, "axes.titleweight": "bold", "axes.labelsize": size,
            "xtick.labelsize": size, "ytick.labelsize": size, "legend.fontsize": size, "figure.titlesize": size * 1.2, "figure.dpi": dpi,
            "text.parse_math": False, "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False, "ytick.left": False,
            "axes.edgecolor": "#8a8a8a", "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
            "lines.markersize": size * 0.62, "axes.axisbelow": True, "figure.facecolor": "white", "axes.facecolor": "white"}


def figure(lines, rows=1, columns=1, **grid):
    """A figure as wide as the style says and high enough for `lines` lines of text."""
    style = STYLES[_state["style"]]
    fig, axes = plt.subplots(rows, columns, layout="constrained", squeeze=True, gridspec_kw=grid or None,
                             figsize=(style["width"], (lines + 3.2) * style["size"] * 1.35 / 72))
    return fig, axes


def finish(fig, ax, title, caption, simulated):
    """Title flush with the left edge of the figure, the corner mark, no mathematics in any text, and the caption."""
    size, (width, height) = plt.rcParams["font.size"], fig.get_size_inches()
    wrapped = wrap(title, (width - 0.16) * 72 / (size * 1.2 * 0.6 * 1.14), 3)  # bold type is wider
    head = (wrapped.count("\n") + 1) * size * 1.2 * 1.3 / 72 + 0.12
    foot = size * 1.5 / 72 if simulated else 0
    fig.set_size_inches(width, height + head + foot)
    height += head + foot
    fig.get_layout_engine().set(rect=(0, foot / height, 1, 1 - (head + foot) / height))
    if simulated:
        fig.text(1 - 0.06 / width, 0.05 / height, say("charts.simulated"), ha="right", va="bottom", color="#4d4d4d", weight="bold")
    fig.get_layout_engine().execute(fig)
    fig.set_layout_engine("none")  # the layout is settled; a title as wide as the figure would upset it
    box = ax.get_position()
    ax.set_title(wrapped, ha="left", va="top", x=(0.08 / width - box.x0) / box.width, y=(1 - 0.06 / height - box.y0) / box.height, pad=0)
    for text in fig.findobj(Text):
        text.set_parse_math(False)
    _drop_what_does_not_fit(ax)
    ax.caption = one_line(caption)
    return ax


def _drop_what_does_not_fit(ax):
    """Labels wider than their part of the bar go: the caption and the table have them."""
    width = ax.get_window_extent().width
    for text, share in getattr(ax, "labels_in_bars", []):
        if text.get_window_extent().width > share * width - 4:
            text.set_visible(False)


def nothing():
    fig, ax = figure(3)
    ax.text(0.5, 0.5, say("charts.nothing_short"), ha="center", va="center", transform=ax.transAxes)
    ax.set_axis_off()
    return fig, ax


def dots(ax, x, y, small, colour, marker):
    """Estimates as markers, hollow where they rest on few answers."""
    for fill, here in ((colour, ~small), ("white", small)):
        if here.any():
            ax.plot(x[here], y[here], marker, color=colour, mfc=fill, mew=1.6, zorder=3, clip_on=False)


def _png(figure):
    """The picture as PNG with 64 colours (a third of the size), its width and height in CSS pixels.

    The colours are those that cover most of the picture: a method that divides the cube of colours evenly made pale greys white and shading steps.
    """
    from PIL import Image

    raw, small = io.BytesIO(), io.BytesIO()
    dpi = max(figure.dpi, 120)
    figure.savefig(raw, format="png", dpi=dpi, facecolor="white", bbox_inches="tight", pil_kwargs={"compress_level": 1})
    picture = Image.open(raw).convert("RGB").quantize(64, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    picture.save(small, format="png", optimize=True)
    return small.getvalue(), round(picture.width * 96 / dpi), round(picture.height * 96 / dpi)


def share_text(share):
    """A share that is not nothing never reads "0 %"."""
    return percent(share, 1 if 0 < share < 0.005 else 0)


def level_text(level):
    """A level with a decimal where it needs one: that of an interval for several comparisons never reads "100 %"."""
    return percent(level, 0 if abs(100 * level - round(100 * level)) < 1e-9 else 1)


def sentences(*parts):
    return " ".join(part for part in parts if part)


def one_line(text):
    return " ".join(str(text).split())


def plain(value):
    """A value as text on a figure: whole numbers without .0, no control characters, a box for what the font lacks."""
    if isinstance(value, (float, np.floating)):
        value = number(value, 0 if float(value).is_integer() else 1)
    have = get_font(findfont("DejaVu Sans"))
    text = re.sub("[\ufe00-\ufe0f]", "", unicodedata.normalize("NFC", one_line(value)))
    shown = [c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs")]
    return re.sub("□+", "□", "".join(c if have.get_char_index(ord(c)) else "□" for c in shown))


def shorten(text, width=40):
    text = one_line(text)
    return text if len(text) <= width else text[:width - 1].rstrip() + "…"


def wrap(text, width, lines):
    """At most `lines` lines, each as wide as `width` letters of usual width, an ellipsis where something was cut."""
    done, line = [], ""
    for word in plain(text).split():
        while letters(f"{line} {word}".strip()) > width:
            if not line:  # one word wider than a line
                keep = next(k for k in range(1, len(word) + 1) if letters(word[:k + 1]) > width)
                line, word = word[:keep], word[keep:]
            done, line = [*done, line], ""
        line = f"{line} {word}".strip()
    done = [*done, line] if line else done
    if len(done) <= lines:
        return "\n".join(done)
    last = done[lines - 1]
    while letters(f"{last} …") > width:
        last = last[:-1].rstrip()
    return "\n".join([*done[: lines - 1], f"{last} …"])


def letters(text):
    """How wide a text is, in letters of usual width (0.6 of the size of the type)."""
    return sum(map(_advance, text)) / 0.6


@functools.cache
def _advance(letter):
    font = get_font(findfont("DejaVu Sans"))
    font.set_size(10, 72)
    return font.load_char(ord(letter)).linearHoriAdvance / 65536 / 10
