"""Things to move about a journey: make a move more frequent, follow one customer, end the study early.

Each is a thin shell over functions that also stand alone; what is slow is done once, before the first slider moves.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from .charts import _is_simulated
from .charts_coding import _blank
from .charts_paths import funnel_facts, is_final, plot_customer, plot_funnel, plot_what_if, stage_labels, what_if_sentence
from .event_log import checked, coded
from .event_log import spells as spells_of
from .explore_components import _slider
from .figures import settings, show
from .framework import CxError, keys, number, say
from .funnels import funnel
from .journey import counts, occupancy
from .study_window import ended_early
from .what_if_moves import compare, prepare

FIRST_DAYS = 60  # the shortest study that the slider offers
HUNDRED = 100  # days that one looks at first (J12: the first hundred days)


# ---- what if a move were more frequent -----------------------------------------------------------------------------------------------------


def explore_what_if(spells, days=None, customers=1000, value=None, from_state=None, labels=None, rng=1, move=None):
    """Choose a move, how many times as often it happens, and a day: see how many customers would be where, and what that is worth.

    spells, customers, value, from_state : as in `cx.what_if`. days : the day shown first (default: 100, or the last observed). labels : {state: name
    to show}. rng : seed of the resamples, drawn once. move : (from, to) shown first (default: the most frequent). On days on which the moves of a
    state would exceed everybody, they are scaled, and it is said. Plain twins: `cx.what_if` with excess="scale", `cx.plot_what_if`,
    `cx.what_if_sentence`.
    """
    import ipywidgets

    prepared = prepare(spells, from_state=from_state, rng=rng)
    last = len(prepared.chances)
    names, moves = stage_labels(prepared.states, labels), _moves(spells)
    options = [(say("explore_journey.move", start=names[start], to=names[to], n=number(n)), (start, to)) for start, to, n in moves]

    if move is not None and move not in [pair for _, pair in options]:
        raise CxError(say("explore_journey.no_such_move", move=move, allowed=", ".join(f"{start} → {to}" for start, to, _ in moves[:5])))

    def draw(move, factor, day):
        table = compare(prepared, {move: round(factor, 2)}, [day], customers, value, "scale")
        show(plot_what_if(table, labels=labels, title=what_if_sentence(table, labels=labels)))

    return ipywidgets.interactive(draw, move=_dropdown(options, say("explore_journey.which_move"), move),
                                  factor=_slider(1.2, 0.5, 2, 0.05, say("explore_journey.factor")),
                                  day=_slider(min(HUNDRED, last) if days is None else int(days), 1, last, 1, say("explore_journey.day")))


def _moves(spells):
    """(from, to, how often) of the moves that occur, the most frequent first."""
    found = counts(spells)
    often = found.moves.sum(axis=0)
    pairs = list(zip(*np.nonzero(often), strict=True))
    if not pairs:
        raise CxError(say("explore_journey.no_moves"))
    pairs.sort(key=lambda pair: -often[pair])
    return [(found.states[k], found.states[to], int(often[k, to])) for k, to in pairs]


# ---- follow one customer -------------------------------------------------------------------------------------------------------------------


def explore_customer(spells, contacts=None, clock=None, labels=None, exit="left"):
    """Go through the customers one by one: the way of each against the crowd. The filter chooses whose.

    spells : see `cx.spells`. contacts, clock, labels, exit : as in `cx.plot_customer`, the plain twin; contacts need a column `customer`.
    """
    import ipywidgets

    spells = checked(spells)
    if contacts is not None and "customer" not in contacts.columns:
        raise CxError(say("explore_journey.whose_contacts", columns=", ".join(map(str, contacts.columns))))
    crowd, kinds = occupancy(spells, se=None), customers_by_way(spells, exit)
    options = [(say(f"explore_journey.{kind}", n=number(len(found))), kind) for kind, found in kinds.items() if len(found)]
    which = _dropdown(options, say("explore_journey.which_customers"))
    slider = _slider(1, 1, len(kinds["all"]), 1, say("explore_journey.customer"))

    fitting = []

    def fit_range(_):
        fitting.append(True)
        slider.value, slider.max = 1, len(kinds[which.value])
        fitting.clear()

    def draw(kind, place):
        if not fitting:  # the filter draws by itself in a moment: once is enough
            show(plot_customer(spells, kinds[kind][place - 1], contacts, crowd, clock, labels=labels, exit=exit))

    which.observe(fit_range, names="value")  # before `interactive` looks: no customer beyond the end is ever asked for
    return ipywidgets.interactive(draw, kind=which, place=slider)


def customers_by_way(spells, exit="left"):
    """{"all", "left", "advocates", "went_back", "on_the_way": their customers, in order}; one customer may be in several.

    spells : see `cx.spells`. exit : the state of those who left. "advocates" were ever in the last stage of the kit, "went_back" ever moved to an
    earlier state, "on_the_way" had not left when observation ended.
    """
    arrays = coded(spells)
    states, moved = arrays.states, arrays.next >= 0
    stayed_in = {states[k] for k in np.unique(arrays.state)}
    final = [k for k, state in enumerate(states) if is_final(state, stayed_in)]
    order = np.lexsort((arrays.start, arrays.customer))
    last = order[np.r_[np.diff(arrays.customer[order]) != 0, True]]
    out = states.index(exit) if exit in states else -2
    best = states.index(keys("stages")[-1]) if keys("stages")[-1] in states else -2
    places = {"all": arrays.customer, "left": arrays.customer[last][arrays.next[last] == out],
              "advocates": arrays.customer[(arrays.state == best) | (arrays.next == best)],
              "went_back": arrays.customer[moved & (arrays.next < arrays.state) & (arrays.next != out)],
              "on_the_way": arrays.customer[last][~np.isin(arrays.next[last], final)]}
    return {kind: arrays.names[np.unique(place)].tolist() for kind, place in places.items()}


# ---- end the study early -------------------------------------------------------------------------------------------------------------------


def explore_window(events, customers, days=HUNDRED, state=None, labels=None, end="last_day", **how):
    """End the study early: as the window shrinks the naive funnel falls; the share who get there stays, and its interval widens.

    events, customers, end : as in `cx.ended_early`. days : within how many days of the start a stage is to be reached; where nobody was observed
    that long, as long as anybody was, and it is said. state : the one the title tells of (default: the last stage of the kit). labels : {state: name
    to show}. how : further arguments of `cx.spells`, such as origin="admit". The slider is the last day of the study, counted from its first event.
    Plain twins: `cx.ended_early`, `cx.funnel`, `cx.plot_funnel`.
    """
    import ipywidgets

    ended_early(events, customers, events["day"].max(), end)  # whatever is wrong with the tables is said now
    first, step = events["day"].min(), pd.Timedelta(days=1) if pd.api.types.is_datetime64_any_dtype(events["day"]) else 1
    length = int((customers[end].max() - first) / step)

    def draw(day):
        show(_draw_window(*ended_early(events, customers, first + day * step, end), day, days, state, labels, {"end": end} | how))

    return ipywidgets.interactive(draw, day=_slider(length, min(FIRST_DAYS, length), length, 1, say("explore_journey.last_day")))


def _draw_window(events, customers, day, days, state, labels, how):
    """The funnel of a study that ended after so many days; an early one may have nothing to say, which is then said."""
    try:
        found = spells_of(events, customers, **how)
        longest = int(found["stop"].max()) if len(found) else 0
        table = funnel(found, min(days, longest))
    except CxError as error:
        with plt.rc_context(settings()):
            return _blank(str(error), say("explore_journey.too_early", day=number(day)), _is_simulated(events, False))
    if longest < days:
        table.attrs["note"] = say("explore_journey.longest", days=number(days), longest=number(longest))
    best, there = keys("stages")[-1], set(table["state"])
    state = best if state is None and best in there else state if state in there else None
    facts = funnel_facts(table, state, stage_labels(table["state"], labels))
    return plot_funnel(table, labels=labels, title=say("explore_journey.window_title", day=number(day), **facts))


# ---- what the three share ------------------------------------------------------------------------------------------------------------------


def _dropdown(options, description, value=None):
    import ipywidgets

    chosen = {} if value is None else {"value": value}
    return ipywidgets.Dropdown(options=options, **chosen, description=description, style={"description_width": "260px"}, layout={"width": "600px"})
