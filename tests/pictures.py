"""What the tests of figures share: the texts of a figure, and that none leaves it or meets another."""

from matplotlib.text import Text


def words(ax):
    ax.figure.draw_without_rendering()
    return [text.get_text() for text in ax.figure.findobj(Text) if text.get_visible() and text.get_text()]


def assert_apart(figure, texts, beyond=None, may_meet=()):
    """No text leaves the figure by more than 2 pixels, no two overlap by more than 3.

    beyond : {text: pixels by which it may leave at the right}. may_meet : texts that stand where the data put them.
    """
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    for k, (name, a) in enumerate(boxes):
        right = (beyond or {}).get(name, 2)
        assert a.x0 >= -2 and a.x1 <= figure.bbox.x1 + right and a.y0 >= -2 and a.y1 <= figure.bbox.y1 + 2, name
        for other, b in boxes[:k]:
            if not {name, other} <= set(may_meet):
                overlap = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
                assert min(overlap) <= 3, (name, other)
