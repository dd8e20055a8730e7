"""Figures of journeys: who is in which stage on which day, who moves where, what becomes of those who enter a stage, and how each stage feels.

As in `charts`: a table in, the Axes with its caption out; nothing is estimated here. What matters is told apart by place, line style or hatching as
well as by colour, so that a grey print and a colour-blind reader have it too. Intervals are called by `table.attrs["level"]`, else 0.95.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.patheffects import withStroke

from .charts import BLUE, ORANGE, PALE, _is_simulated, _percent_axis
from .charts_coding import ABOVE, _blank, _named, _sizes
from .charts_drivers import _level, _ticks
from .charts_scales import _marked
from .event_log import states_in
from .figures import INK, dots, figure, finish, letters, sentences, settings, share_text, shorten, wrap
from .framework import CxError, keys, label, language, number, percent, say, vocabulary
from .intervals import check_choice
from .tally import as_list

STEPS = LinearSegmentedColormap.from_list("steps", ["#e4eff9", "#6baed6", "#08306b"])  # stages in order, light to dark, in grey too
GREY, MIDDLE, DARK = "#d9d9d9", "#8a8a8a", "#4d4d4d"
LINES = [(BLUE, "-"), (ORANGE, (0, (4, 1.5))), ("#000000", (0, (1, 1))), ("#7d7d7d", (0, (5, 1.5, 1, 1.5)))]
FLOWS = {"on": (BLUE, "-"), "back": ("#d55e00", (0, (1.6, 0.8))), "out": (DARK, (0, (0.7, 0.7)))}
ENDS = {"on": (BLUE, ""), "back": (ORANGE, "//"), "still_there": (PALE, ""), "left": (DARK, "xx")}
WRITTEN = 0.01  # of the most frequent move: flows with fewer carry no number
ABOVE_LEFT = {key: value for key, value in ABOVE.items() if key != "ncols"} | {"loc": "lower left", "bbox_to_anchor": (0, 1), "handletextpad": 0.5}
TOP = 32  # bars that a figure holds


def plot_occupancy(table, kind="stacked", states=None, mark=None, labels=None, title=None, simulated=False, exit="left"):
    """The share of customers in each stage by day: as areas that fill the figure, or as lines with their intervals.

    table : what `cx.occupancy` gives, with `kind="lines"` also by groups. kind : "stacked" (stages from light to dark, "advocate" apart, those who
    left hatched on top) or "lines": of up to four `states`, or of one state in up to four groups. states : their keys; default for lines: the
    largest four. mark : days to mark, such as [90, 100]; the caption tells of the last of them, else of the last day. labels : {state, group or
    "day": name to show}; "day" names the axis and with it the clock. exit : the state of those who left. Where the table skips days, those it has
    are joined straight. Groups under 10 customers are only counted. Returns the Axes, with `caption`.
    """
    _need(table, ["day", "state", "n_at_risk", "occupancy", "ci_low", "ci_high"], "plot_occupancy", "cx.occupancy")
    check_choice("kind", kind, ("stacked", "lines"))
    by, chosen, order, simulated = _group_column(table, "day"), as_list(states), states_in(table, ("state",)), _is_simulated(table, simulated)
    if kind == "stacked" and (by or chosen):
        raise CxError(say("charts_journey.stacked_whole"))
    if by and len(chosen) != 1:
        raise CxError(say("charts_journey.one_state", by=by))
    _known(chosen, order)
    rows, sizes, hidden = _seen(table, by)
    with plt.rc_context(settings()):
        gone = _left_out("charts_journey.hidden_groups", hidden if by else [])
        if rows.empty:
            return _blank(sentences(say("charts_journey.nothing"), gone), title or say("charts_journey.nothing_title"), simulated)
        marks, day = _marked_days(rows, by, mark)
        names = dict(zip([*order, *sizes], _named([*order, *sizes], _names() | (labels or {})), strict=True))
        if kind == "lines":
            largest = rows[rows["day"] == day].sort_values("occupancy", ascending=False, kind="stable")["state"].tolist()[:len(LINES)]
            chosen = chosen or [state for state in order if state in largest]
            rows = rows[rows["state"].isin(chosen)]
            if max(len(chosen), rows["group"].nunique()) > len(LINES):
                raise CxError(say("charts_journey.too_many_lines", most=len(LINES)))
        draw = _draw_stacked if kind == "stacked" else _draw_lines
        fig, ax = draw(rows, order if kind == "stacked" else chosen, by, names, exit, _level(table))
        ax.set_xlabel(wrap((labels or {}).get("day", say("charts_journey.days")), 60, 1))
        _mark_days(fig, ax, marks)
        head, told = _occupancy_told(rows[rows["day"] == day], kind, by, names, sizes, exit, _level(table))
        observed = say("charts_journey.observed", k=number(table["n_at_risk"][table["day"] == day].sum()))
        return finish(fig, ax, title or head, sentences(told, observed, gone), simulated)


def _seen(table, by):
    """(rows to draw, {group: its customers}, groups that have fewer than 10); days on which nobody was observed any more are not in it."""
    rows = table[table["occupancy"].notna()].assign(state=table["state"].astype(object), group=table[by].astype(object) if by else "")
    told, sizes, hidden = table.attrs.get("n"), {}, []
    for group, part in rows.groupby("group", sort=False):
        observed, n = part.groupby("day")["n_at_risk"].sum(), told.get(str(group)) if isinstance(told, dict) else told
        sizes[group] = int(n or observed.iloc[0])
        if max(sizes[group], observed.max()) < 10:
            hidden.append(group)
    return rows[~rows["group"].isin(hidden)], {group: n for group, n in sizes.items() if group not in hidden}, hidden


def _marked_days(rows, by, mark):
    """(the days to mark, the day to tell of): the last marked one, else the last that all groups have."""
    common = set.intersection(*(set(part["day"]) for _, part in rows.groupby("group")))
    if not common:
        raise CxError(say("charts_journey.no_common_day", by=by))
    marks = sorted(set(as_list(mark)))
    if missing := [day for day in marks if day not in common]:
        raise CxError(say("charts_journey.mark", day=missing[0], first=min(common), last=max(common)))
    return marks, marks[-1] if marks else max(common)


def _draw_stacked(rows, states, by, names, exit, level):
    wide = rows.pivot(index="day", columns="state", values="occupancy").reindex(columns=states).fillna(0)
    stages = [state for state in states if state != exit]
    stack = [state for state in (*reversed(stages), exit) if state in wide and (wide[state] > 0).any()]
    days, tops = wide.index.to_numpy(), wide[stack].cumsum(axis=1).to_numpy()
    bottoms, edge, last = tops - wide[stack].to_numpy(), [], keys("stages")[-1]
    shades = {stage: STEPS(k / max(len(stages) - 1, 1)) for k, stage in enumerate(stages)} | {last: ORANGE}
    fig, ax = figure(19)
    ax.set(ylim=(0, 1), xlim=(days[0], max(days[-1], days[0] + 1)), ylabel=say("charts_journey.shares_axis"))
    for state, low, high in zip(stack, bottoms.T, tops.T, strict=True):
        look = {"facecolor": shades.get(state, GREY), "edgecolor": MIDDLE if state == exit else "white", "hatch": {last: "..", exit: "//"}.get(state)}
        ax.fill_between(days, low, high, step=_step(days), lw=0.5, **look)
        point = (days[-1], (low[-1] + high[-1]) / 2) if high[-1] > low[-1] else None
        edge.append({"from": point, "text": f"{wrap(names[state], 24, 1)} {share_text(wide[state].iloc[-1])}", "look": look})
    _write_right(ax, edge, 19)
    ax.text(1.05, 1.03, say("charts_journey.day", day=number(days[-1])), transform=ax.transAxes, va="bottom", color=DARK)
    _ticks(ax.yaxis, percent, 100)
    return fig, ax


def _draw_lines(rows, states, by, names, exit, level):
    fig, ax = figure(17)
    ax.set(xlim=(rows["day"].min(), max(rows["day"].max(), rows["day"].min() + 1)), ylabel=say("charts_journey.shares_axis_lines", level=level),
           ylim=(0, min(1, 1.05 * np.nanmax([rows["ci_high"].max(), rows["occupancy"].max(), 0.01]))))
    column, ends = "group" if by else "state", []
    for key, (colour, dash) in zip(dict.fromkeys(rows[column]) if by else states, LINES, strict=False):
        part = rows[rows[column] == key].sort_values("day")
        look, step = {"color": colour, "ls": dash, "lw": plt.rcParams["font.size"] * 0.2}, _step(part["day"].to_numpy())
        ax.fill_between(part["day"], part["ci_low"], part["ci_high"], step=step, color=colour, alpha=0.18, lw=0, zorder=1)
        ax.plot(part["day"], part["occupancy"], drawstyle="steps-post" if step else "default", zorder=2, **look)
        ends.append({"from": (part["day"].iloc[-1], part["occupancy"].iloc[-1]), "line": look, "text": wrap(names[key], 22, 1)})
    _write_right(ax, ends, 17)
    _ticks(ax.yaxis, percent, 100)
    ax.grid(axis="y", color="#ededed")
    return fig, ax


def _step(days):
    """"post" where the table has every day: a share holds until the next one."""
    return "post" if len(days) < 2 or np.diff(days).max() == 1 else None


def _write_right(ax, ends, lines):
    """Names at the right edge, at the height of what they name or as near as their neighbours allow; a line leads there."""
    (low, high), (first, last) = ax.get_ylim(), ax.get_xlim()
    span, room, x = last - first, 1.3 * (high - low) / lines, last + 0.05 * (last - first)
    heights = pd.Series([end["from"][1] if end["from"] else np.nan for end in ends], dtype=float).interpolate(limit_direction="both")
    for end, y in zip(ends, _spread(heights.to_numpy(), room, low + room / 2, high), strict=True):
        if end["from"]:
            ax.plot([end["from"][0], x], [end["from"][1], y], clip_on=False, zorder=4, **end.get("line", {"color": MIDDLE, "lw": 0.8}))
        if "look" in end:
            ax.add_patch(Rectangle((x, y - 0.3 * room), 0.03 * span, 0.6 * room, clip_on=False, zorder=5, **end["look"] | {"edgecolor": MIDDLE}))
        ax.text(x + (0.04 if "look" in end else 0.01) * span, y, end["text"], va="center")
    ax.set(xlim=(first, last), ylim=(low, high))


def _mark_days(fig, ax, marks):
    """Dashed lines at the days, each named above; names that would meet are moved apart."""
    first, last = ax.get_xlim()
    texts = [say("charts_journey.day", day=number(day)) for day in marks]
    width = (max(map(letters, texts), default=0) * 0.6 + 0.8) * plt.rcParams["font.size"]
    room = width / (fig.get_size_inches()[0] * 72 * 0.66) * (last - first)
    for day, x, text in zip(marks, _spread(np.array(marks, dtype=float), room, first + room / 2, last - room / 2), texts, strict=True):
        ax.plot([day, day, x], [0, 1, 1.025], transform=ax.get_xaxis_transform(), color=INK, ls=(0, (4, 2.5)), lw=1.3, clip_on=False, zorder=6)
        ax.text(x, 1.03, text, transform=ax.get_xaxis_transform(), ha="center", va="bottom")
    ax.set_xlim(first, last)


def _occupancy_told(here, kind, by, names, sizes, exit, level):
    """(title, sentence) on one day; of a stacked figure the largest stage and those who left."""
    if kind == "stacked":
        here = here.sort_values("occupancy", ascending=False, kind="stable")
        here = pd.concat([here[here["state"] != exit].head(1), here[here["state"] == exit]])
        kind = kind if exit in set(here["state"]) else "whole"
    day, key = number(here["day"].iloc[0]), here["group" if by else "state"]
    called = [say("charts.group_n", group=shorten(names[one]), n=number(sizes[one])) if by else shorten(names[one]) for one in key]
    shares = [_share(*row) for row in here[["occupancy", "ci_low", "ci_high"]].itertuples(index=False)]
    short = ", ".join(f"{shorten(names[one])} {share_text(share)}" for one, share in zip(key, here["occupancy"], strict=True))
    facts = {"day": day, "level": level, "n": number(sum(sizes.values())), "state": shorten(names[here["state"].iloc[0]]), "short": short,
             "parts": "; ".join(f"{name}: {share}" for name, share in zip(called, shares, strict=True))}
    head = say("charts_journey.groups_title" if by else "charts_journey.day_title", **facts)
    return head, say(f"charts_journey.{'groups' if by else kind}_caption", **facts)


def plot_flows(matrix, labels=None, title=None, simulated=False, exit="left"):
    """Moves between the stages: on as arcs above, back as broken arcs below, out as dotted arrows down; the wider, the more moves.

    matrix : what `cx.transition_matrix` gives, per move or per day (days of staying are not drawn), of one group. labels : {state: name to show}.
    exit : the state of those who left. Moves out of stages with fewer than 10 at risk are only counted. Returns the Axes, with `caption`.
    """
    _need(matrix, ["from", "to", "moves", "at_risk"], "plot_flows", "cx.transition_matrix")
    if matrix.duplicated(["from", "to"]).any():
        raise CxError(say("charts_journey.one_group", column=matrix.columns[0]))
    simulated, (rows, stages) = _is_simulated(matrix, simulated), _flows(matrix, exit)
    with plt.rc_context(settings()):
        drawn, hidden = _marked(rows[rows["kind"] != "again"], "moves")
        notes = sentences(say("charts_journey.again", k=number(again)) if (again := rows["moves"][rows["kind"] == "again"].sum()) else "",
                          say("charts_journey.few_moves") if drawn["small"].any() else "", _left_out("charts_journey.hidden_flows", hidden))
        if drawn.empty:
            return _blank(sentences(say("charts_journey.no_moves"), notes), title or say("charts_journey.no_moves"), simulated)
        names = dict(zip([*stages, exit], _named([*stages, exit], _names() | (labels or {})), strict=True))
        moves = {kind: rows["moves"][rows["kind"] == kind].sum() for kind in FLOWS}
        fig, ax = _draw_flows(drawn, stages, names, exit, moves)
        facts = {kind: number(n) for kind, n in moves.items()} | {f"{kind}_share": share_text(n / sum(moves.values())) for kind, n in moves.items()}
        facts |= {"n": number(sum(moves.values())), "skipped": number(rows["moves"][(rows["kind"] == "on") & (rows["l"] > rows["k"] + 1)].sum())}
        most = drawn[drawn["kind"] != "on"].sort_values("moves", ascending=False, kind="stable").drop_duplicates("kind").sort_values("kind")
        told = [say(f"charts_journey.most_{kind}", start=shorten(names[start]), to=shorten(names[to]), n=number(n))
                for kind, start, to, n in most[["kind", "from", "to", "moves"]].itertuples(index=False)]
        caption = sentences(say("charts_journey.flows_caption", **facts), *told, notes)
        return finish(fig, ax, title or say("charts_journey.flows_title", **facts), caption, simulated)


def _flows(matrix, exit):
    """(moves with the places `k`, `l` of their stages and their `kind`, the stages in order); the exit has no place, −1."""
    rows = matrix.assign(**{name: matrix[name].astype(object) for name in ("from", "to")}, n=matrix["at_risk"])
    rows = rows[(rows["from"] != rows["to"]) & (rows["moves"] > 0)]
    there = {*rows["from"], *rows["to"]}
    stages = [state for state in states_in(matrix, ("from", "to")) if state in there and state != exit]
    place = {state: k for k, state in enumerate(stages)} | {exit: -1}
    rows = rows.assign(k=rows["from"].map(place).astype(int), l=rows["to"].map(place).astype(int))
    rows["kind"] = np.select([rows["k"] < 0, rows["l"] < 0, rows["l"] > rows["k"]], ["again", "out", "on"], "back")
    return rows, stages


def _draw_flows(rows, stages, names, exit, moves):
    """One unit across is a stage, one unit upward a line of text."""
    size, texts = plt.rcParams["font.size"], [_narrow(names[state], 100 / len(stages)) for state in stages]
    half = 0.6 * max(1 + text.count("\n") for text in texts) + 0.3
    spans = [(rows["l"] - rows["k"]).abs()[rows["kind"] == kind].max() for kind in ("on", "back")]
    above, below = (3 * span**0.75 + 1.2 if span > 0 else 0.6 for span in spans)
    floor = -half - below - 2.2
    fig, ax = figure(half + above - floor + 0.4)
    ax.set(xlim=(-0.6, len(stages) - 0.4), ylim=(floor - 1.4, half + above))
    ax.set_axis_off()
    for k, text in enumerate(texts):
        ax.add_patch(FancyBboxPatch((k - 0.42, 0.15 - half), 0.84, 2 * half - 0.3, boxstyle="round,pad=0,rounding_size=0.1", fc="#efefef", ec="none"))
        ax.text(k, 0, text, ha="center", va="center", size=0.9 * size, linespacing=1.1)
    if moves["out"]:
        ax.add_patch(Rectangle((-0.45, floor - 1.4), len(stages) - 0.1, 1.4, facecolor=GREY, hatch="//", edgecolor=MIDDLE, lw=0.5))
        ax.text((len(stages) - 1) / 2, floor - 0.7, wrap(names[exit], 30, 1), ha="center", va="center", weight="bold",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 2})
    for _, row in rows.sort_values("moves").iterrows():
        _draw_flow(ax, row, rows["moves"].max(), half, floor)
    for kind, (colour, dash) in FLOWS.items():
        text = say(f"charts_journey.{kind}_of", n=number(moves[kind]), share=share_text(moves[kind] / sum(moves.values())))
        ax.plot([], [], color=colour, ls=dash, lw=0.28 * size, label=text)
    ax.legend(**ABOVE_LEFT, ncols=3)
    return fig, ax


def _draw_flow(ax, row, most, half, floor):
    """One arc or arrow, its head, and how many moves it is if they are not few."""
    size, (colour, dash) = plt.rcParams["font.size"], FLOWS[row["kind"]]
    lw = size * (0.12 + 0.6 * row["moves"] / most)
    head = max(0.5 * size, 1.5 * lw)
    reach, up = head / (size * 1.35), {"on": 1, "back": -1, "out": 0}[row["kind"]]  # of the head, in lines of text
    if up:
        ends, span = (row["k"] + 0.13 * up, row["l"] - 0.13 * up), abs(row["l"] - row["k"])
        turn, centre, rise = np.linspace(np.pi, 0, 60), sum(ends) / 2, 3 * span**0.75
        x, y = centre + (ends[1] - ends[0]) / 2 * np.cos(turn), up * (half + rise * np.sin(turn))
        kept, foot = (np.abs(y) > half + 0.8 * reach) | (np.arange(60) < 30), up * (half + reach / 2)
        shift = 0.25 if up < 0 and span % 2 == 0 else 0  # beside the arrow out that crosses there
        at = centre + shift, up * (half + (0.55 * rise if span == 1 else rise + 0.3 + lw / size / 2.7))  # longer arcs pass above
        place = {"ha": "center", "va": "center" if span == 1 else "bottom" if up > 0 else "top"}
    else:
        x, y, kept, foot = np.full(2, float(row["k"])), np.array([-half, floor + 0.8 * reach]), [True, True], floor + reach / 2
        at, place = (row["k"] + 0.06 + lw / size * 0.08, floor + 0.75), {"ha": "left", "va": "center"}
    ax.plot(x[kept], y[kept], color=colour, ls=dash, lw=lw, solid_capstyle="butt", dash_capstyle="butt", zorder=2)
    ax.plot(x[-1], foot, "^" if up < 0 else "v", color=colour, ms=head, mew=0, zorder=3)
    if row["moves"] >= WRITTEN * most:
        place |= {"size": 0.9 * size, "zorder": 5, "path_effects": [withStroke(linewidth=3, foreground="white")]}
        ax.text(*at, number(row["moves"]) + "*" * bool(row["small"]), **place)


def plot_stall(table, labels=None, title=None, simulated=False):
    """What became of those who entered each stage, as bars; beside them, of all who were lost, the share lost from that stage.

    table : what `cx.stall` gives, also by groups (they stand under their stage). labels : {stage or group: name to show}. Stages with fewer than 10
    visits are only counted. The caption names the stage with the most still there, "advocate" aside, since nobody can move on from it.
    Returns the Axes of the bars, with `caption`.
    """
    limits = [name + end for name in ("still_there", "loss_share") for end in ("", "_low", "_high")]
    _need(table, ["state", "n", "on", "back", "left", *limits], "plot_stall", "cx.stall")
    by, simulated, within = _group_column(table, "state"), _is_simulated(table, simulated), table.attrs.get("within")
    if within is None:
        raise CxError(say("charts_journey.no_within"))
    with plt.rc_context(settings()):
        rows, hidden = _marked(table.assign(state=table["state"].astype(object)), "n")
        gone = _left_out("charts_journey.hidden_visits", hidden)
        if rows.empty:
            return _blank(sentences(say("charts_journey.no_visits"), gone), title or say("charts_journey.no_visits"), simulated)
        if len(rows) > TOP:
            raise CxError(say("charts_journey.too_many_bars", n=len(rows), most=TOP))
        rows = rows.sort_values("state", key=lambda states: states.map(states_in(table, ("state",)).index), kind="stable").reset_index(drop=True)
        rows["stage"], rows["group"] = _named(rows["state"], _names() | (labels or {})), _named(rows[by], _names() | (labels or {})) if by else ""
        fig, ax = _draw_stall(rows, within, _level(table))
        facts = {"within": number(within), "n": _sizes(rows["n"]), "level": _level(table)} | _stall_facts(rows, "loss_share")
        facts |= _stall_facts(rows[rows["state"] != keys("stages")[-1]], "still_there")
        unseen = rows["on"].isna().sum()
        caption = sentences(say("charts_journey.stall_caption", **facts), say("charts_journey.few_visits") if rows["small"].any() else "",
                            say("charts_journey.unseen", k=unseen, within=number(within)) if unseen else "", gone)
        return finish(fig, ax, title or say("charts_journey.stall_title", **facts), caption, simulated)


def _stall_facts(rows, name):
    """The row with the largest share of this name, as facts for a sentence."""
    if rows[name].isna().all():
        return dict.fromkeys((name, f"{name}_stage", f"{name}_told", f"{name}_n"), "–")
    row = rows.loc[rows[name].idxmax()]
    return {name: share_text(row[name]), f"{name}_stage": ", ".join(shorten(part) for part in (row["stage"], row["group"]) if part),
            f"{name}_told": _share(*row[[name, f"{name}_low", f"{name}_high"]]), f"{name}_n": number(row["n"])}


def _draw_stall(rows, within, level):
    grouped = (rows["group"] != "").any()
    first = (rows["state"] != rows["state"].shift()).to_numpy() & grouped  # a heading stands above it
    counts = [number(n) + "*" * small for n, small in zip(rows["n"], rows["small"], strict=True)]
    texts = [say("charts.group_n" if grouped else "charts.nps_row", group=wrap(name, 22, 2), n=n)
             for name, n in zip(rows["group" if grouped else "stage"], counts, strict=True)]
    lines = np.array([1.25 * (1 + text.count("\n")) + 0.35 for text in texts])
    y = (lines + 1.5 * first).cumsum() - lines / 2
    fig, (ax, side) = figure(y[-1] + lines[-1] / 2 + 2.4, 1, 2, width_ratios=(1.9, 1))
    start, ax.labels_in_bars = np.zeros(len(rows)), []
    for name, (colour, hatch) in ENDS.items():
        share, ink = rows[name].fillna(0).to_numpy(), "white" if np.dot(to_rgb(colour), (0.299, 0.587, 0.114)) < 0.5 else INK
        ax.barh(y, share, left=start, height=0.62 * lines, color=colour, hatch=hatch, edgecolor="white", lw=1, label=say(f"charts_journey.{name}"))
        look = {"bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1.2}} if hatch else {"color": ink}
        ax.labels_in_bars += [(ax.text(x + part / 2, at, percent(part), ha="center", va="center", **look), (0.85 if hatch else 0.94) * part)
                              for at, x, part in zip(y, start, share, strict=True) if part >= 0.005]
        start = start + share
    for at in y[rows["on"].isna()]:
        ax.text(0.02, at, say("charts_journey.not_followed", within=number(within)), va="center", color=DARK)
    ax.set(xlim=(0, 1), xlabel=wrap(say("charts_journey.ends_axis", within=number(within)), 44, 2))
    ax.legend(**ABOVE_LEFT, ncols=2 if grouped else 4)  # wider than the bars, it would push the other axes away
    ax.set_yticks([*y, *(y - lines / 2 - 0.75)[first]], [*texts, *(wrap(name, 24, 1) for name in rows["stage"][first])])
    for text in ax.get_yticklabels()[len(rows):]:
        text.set_weight("bold")
    side.hlines(y, rows["loss_share_low"], rows["loss_share_high"], color=INK, lw=2)
    dots(side, rows["loss_share"].to_numpy(), y, rows["small"].to_numpy(), INK, "D")
    reached = rows[["loss_share", "loss_share_low", "loss_share_high"]].max().max()
    side.set(yticks=[], xlim=(0, np.clip(1.08 * np.nan_to_num(reached, nan=1), 0.02, 1)))
    side.set_xlabel("\n".join(wrap(part, 15 if grouped else 20, 3) for part in say("charts_journey.loss_axis", level=level).split("\n")), loc="right")
    for each, ticks in ((ax, 4), (side, 2)):
        _percent_axis(each, ticks)
        each.set_ylim(y[-1] + lines[-1] / 2, 0)
    return fig, ax


def plot_journey_map(table, before=None, moments=None, scale=(-5, 5), labels=None, title=None, simulated=False):
    """The journey map: the mean feeling in each stage with its interval and n, and what the source claims is felt there.

    table : `stage, n, mean, ci_low, ci_high` and, optional, `note`, such as `cx.mean(emotions, "after", by="stage")`. before : such a table of the
    feeling before, drawn broken. moments : stages to mark as moments of truth. scale : ends of the scale. labels : {stage, "after" or "before": name
    to show}. Stages stand in their order; where fewer than 10 answered none is drawn and the line has a gap. Returns the Axes, with `caption`.
    """
    for part in (table, *([] if before is None else [before])):
        _need(part, ["stage", "n", "mean", "ci_low", "ci_high"], "plot_journey_map", "cx.mean(..., by=\"stage\")")
        if part["stage"].duplicated().any():
            raise CxError(say("charts_journey.stage_twice", stage=part["stage"][part["stage"].duplicated()].iloc[0]))
    there, moments, simulated = set(table["stage"]), as_list(moments), _is_simulated(table, simulated)
    stages = [stage for stage in states_in(table, ("stage",)) if stage in there]
    _known(moments, stages)
    with plt.rc_context(settings()):
        places = {stage: place for place, stage in enumerate(stages)}
        (rows, hidden), (first, _) = (_marked(part[part["stage"].isin(stages)].assign(place=part["stage"].astype(object).map(places)), "mean")
                                      for part in (table, table.head(0) if before is None else before))
        rows, first = rows.sort_values("place"), first.sort_values("place")
        gone = _left_out("charts_journey.hidden_answers", hidden)
        if rows.empty:
            return _blank(sentences(say("charts_journey.no_answers"), gone), title or say("charts_journey.no_answers"), simulated)
        names = _named(stages, _names() | (labels or {}))
        series = {key: (labels or {}).get(key, say(f"charts_journey.{key}")) for key in ("after", "before")}
        feelings = [{row["key"]: row[f"feeling_{language()}"] for row in vocabulary()["stages"]}.get(stage, "") for stage in stages]
        fig, ax = _draw_map(rows, first, len(names), series, [places[stage] for stage in moments], scale, _level(table))
        _write_below(fig, ax, table.set_index("stage")["n"].loc[stages], rows, names, feelings)
        head, told = _map_told(rows, first, names, series, scale, _level(table))
        marked = ", ".join(shorten(names[places[stage]]) for stage in moments)
        caption = sentences(told, say("charts_journey.map_moments", names=marked) if marked else "",
                            say("charts_journey.claimed_note") if any(feelings) else "", say("charts.hollow") if rows["small"].any() else "", gone)
        return finish(fig, ax, title or head, caption, simulated)


def _draw_map(rows, first, k, series, moments, scale, level):
    size, (fig, ax) = plt.rcParams["font.size"], figure(23)
    ax.axhline(0, color=MIDDLE, lw=1.4, zorder=1)
    ax.set(xlim=(-0.5, k - 0.5), ylim=scale, xticks=[],
           ylabel=say("charts_journey.map_axis", low=_signed(scale[0], 0), high=_signed(scale[1], 0), level=level))
    drawn = [("after", rows, BLUE, "-", "o", 0)] + [("before", first, "#000000", (0, (3, 2)), "s", -0.12)] * (not first.empty)
    for key, part, colour, dash, marker, shift in drawn:
        x, mean = part["place"].to_numpy() + shift, part["mean"].to_numpy()
        for run in np.split(np.arange(len(part)), np.flatnonzero(np.diff(part["place"]) > 1) + 1):
            ax.plot(x[run], mean[run], color=colour, ls=dash, lw=size * 0.16, zorder=2)
        ax.vlines(x, part["ci_low"], part["ci_high"], color=colour, lw=size * 0.2, zorder=2)
        dots(ax, x, mean, part["small"].to_numpy(), colour, marker)
        ax.plot([], [], color=colour, ls=dash, marker=marker, lw=size * 0.16, label=wrap(series[key], 24, 1))
    if len(drawn) > 1:
        ax.legend(**ABOVE_LEFT, ncols=2)
    for place in moments:
        here = rows[rows["place"] == place]
        ax.axvspan(place - 0.45, place + 0.45, color="#f1f1f1", lw=0, zorder=0)
        ax.plot(here["place"], here["mean"], "*", ms=1.7 * size, color=ORANGE, mec=INK, zorder=4, clip_on=False)
        up = here.empty or here["mean"].iloc[0] < sum(scale) / 2
        ax.text(place, scale[1] - 0.15 if up else scale[0] + 0.15, _narrow(say("charts_journey.moment"), 12), size=0.9 * size, linespacing=1.1,
                ha="center", va="top" if up else "bottom")
    _ticks(ax.yaxis, _signed)
    ax.grid(axis="y", color="#ededed")
    ax.spines["bottom"].set_visible(False)
    return fig, ax


def _write_below(fig, ax, n, rows, names, feelings):
    """Under each stage its name, mean and n; below, in two rows in turn so that each has room, what is claimed to be felt."""
    size = 0.9 * plt.rcParams["font.size"]
    room = (fig.get_size_inches()[0] * 72 / size - 7.5) / len(names) / 0.6  # letters in a column
    line, y = 1.3 * size, -0.5 * size
    means, texts = dict(zip(rows["place"], rows["mean"], strict=True)), [_narrow(name, 1.25 * room) for name in names]

    def row(place, text, y, **look):
        ax.annotate(text, (place, 0), (0, y), xycoords=ax.get_xaxis_transform(), textcoords="offset points", ha="center", va="top", size=size,
                    linespacing=1.1, annotation_clip=False, **look)

    below = y - line * max(1 + text.count("\n") for text in texts)
    for place, (text, answers) in enumerate(zip(texts, n, strict=True)):
        row(place, text, y)
        row(place, _signed(means[place], 1) if place in means else "–", below, weight="bold")
        row(place, say("charts_journey.n", n=number(answers)), below - line, color=DARK)
    if any(feelings):
        row((len(names) - 1) / 2, say("charts_journey.claimed"), below - 2.5 * line, weight="bold")
        texts = [wrap(text, 2 * room - 1.5, 3) for text in feelings]
        upper = below - 3.6 * line
        lower = upper - line * (0.35 + max(1 + text.count("\n") for text in texts[::2]))
        for place, text in enumerate(texts):
            row(place, text, lower if place % 2 else upper)


def _map_told(rows, first, names, series, scale, level):
    """(title, sentences) on the best and the worst stage, those below 0, and the feeling before."""
    facts = {"low_end": _signed(scale[0], 0), "high_end": _signed(scale[1], 0), "n": _sizes(rows["n"]), "level": level}
    for end, row in (("best", rows.loc[rows["mean"].idxmax()]), ("worst", rows.loc[rows["mean"].idxmin()])):
        facts |= {end: shorten(names[row["place"]]), f"{end}_n": number(row["n"])}
        facts |= {f"{end}_{name}": _signed(row[column], 1) for name, column in (("mean", "mean"), ("low", "ci_low"), ("high", "ci_high"))}
    told = [say("charts_journey.map_caption", **facts)]
    if below := ", ".join(shorten(names[place]) for place in rows["place"][rows["ci_high"] < 0]):
        told.append(say("charts_journey.below_zero", level=level, names=below))
    if not first.empty:
        low, high = first.loc[first["mean"].idxmin()], first.loc[first["mean"].idxmax()]
        told.append(say("charts_journey.map_before", name=shorten(series["before"]), low=_signed(low["mean"], 1), high=_signed(high["mean"], 1),
                        least=shorten(names[low["place"]]), most=shorten(names[high["place"]]), n=_sizes(first["n"])))
    return say("charts_journey.map_title", **facts), sentences(*told)


def _need(table, columns, function, maker):
    if missing := [column for column in columns if column not in table]:
        have = ", ".join(map(str, table.columns))
        raise CxError(say("charts_journey.missing_columns", function=function, missing=", ".join(missing), have=have, maker=maker))


def _left_out(message, hidden):
    return say(message, k=number(len(hidden))) if len(hidden) else ""


def _known(chosen, states):
    if unknown := [state for state in chosen if state not in states]:
        raise CxError(say("charts_journey.no_state", state=unknown[0], allowed=", ".join(map(str, states))))


def _group_column(table, first):
    """The column of groups before the first column of the result, or None; CxError unless each row stands there once."""
    named = list(table.columns[:list(table.columns).index(first)])
    unique = [*named, *dict.fromkeys([first, "state"])]
    if len(named) > 1 or table.duplicated(unique).any():
        raise CxError(say("charts_journey.unlike_rows", columns=", ".join(map(str, unique))))
    return named[0] if named else None


def _names():
    """{key: name in the display language} of stages, exits and the industries of the bundled data."""
    return {row["key"]: label(table, row["key"]) for table in ("stages", "exits", "industries") for row in vocabulary()[table]}


def _narrow(name, most):
    """A name broken at its spaces, as narrow as its longest word, in up to three lines of at most `most` letters."""
    return wrap(name, min(most, max([8, *map(letters, name.split())])), 3)


def _share(share, low, high):
    return share_text(share) if np.isnan(low) else say("charts.range", share=share_text(share), low=number(100 * low), high=number(100 * high))


def _signed(value, digits):
    return "+" * bool(round(value, digits) > 0) + number(value, digits)


def _spread(wanted, room, low, high):
    """Places as near as possible to the wanted ones, in the same order, at least `room` apart and between low and high."""
    order, blocks = np.argsort(wanted, kind="stable"), []
    for value in wanted[order] - room * np.arange(len(order)):
        blocks.append([value, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (first, n), (second, m) = blocks[-2:]
            blocks[-2:] = [[(first * n + second * m) / (n + m), n + m]]
    result = np.empty(len(order))
    places = np.repeat([value for value, _ in blocks], [n for _, n in blocks]) if blocks else result
    result[order] = np.clip(places, low, max(low, high - room * (len(order) - 1))) + room * np.arange(len(order))
    return result
