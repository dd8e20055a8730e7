"""Figures of ways through a journey: what if a move were more frequent, one customer against the crowd, the funnel beside what it should say.

As in `charts`: a table in, the Axes with its caption out. Only the crowd behind a customer is computed here where nobody hands it in.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.patheffects import withStroke

from .charts import BLUE, ORANGE, PALE, _hidden, _is_simulated, _need, _percent_axis
from .charts_coding import _blank, _named
from .charts_scales import _write_columns
from .contact_days import _zero
from .event_log import checked, whole_days
from .figures import INK, figure, finish, level_text, plain, sentences, settings, share_text, shorten, wrap
from .framework import CxError, keys, label, number, percent, say, vocabulary
from .intervals import notes
from .journey import occupancy
from .tally import check_columns
from .what_if_moves import ALL

CROWD = LinearSegmentedColormap.from_list("crowd", ["white", "#555555"])
KEY = (0, 0.05, 0.25, 0.5, 1)  # shares that the key of the crowd names
NOTHING = "0"  # a difference too small to be written
STEPS_TOLD, CHANNEL_ROWS, NAMED = 12, 6, 5  # stages of a way that a caption tells; rows of contacts; customers that an error names


def stage_labels(states, labels=None):
    """{state: its name on a figure}: those of the kit in the display language, any other as it is. labels : {state: name to show}."""
    known = {row["key"]: label(table, row["key"]) for table in ("stages", "exits") for row in vocabulary()[table]}
    return dict(zip(states, (shorten(name) for name in _named(states, known | (labels or {}))), strict=True))


# ---- what if a move were more frequent -----------------------------------------------------------------------------------------------------


def plot_what_if(table, day=None, state=None, labels=None, title=None, simulated=False):
    """Where customers would be on one day if some moves were more, or less, frequent: before (hollow) and after (filled), state by state.

    table : what `cx.what_if` gives; with `customers` and `value` the title says it in customers and in lira. day : one of its days (default: the
    last). state : the state that the title tells of (default: the last stage of the kit, else the one that changes most). labels : {state: name
    to show}. The numbers at the right are the difference with its interval. Returns the Axes, with `caption`. `cx.what_if_sentence`: in words.
    """
    rows, whole, day = _rows_of_day(table, day, "plot_what_if")
    names, texts = stage_labels(rows["state"], labels), _differences(rows)
    with plt.rc_context(settings()):
        fig, ax = figure(1.75 * len(rows) + 1.5)
        y, size = np.arange(len(rows)), plt.rcParams["lines.markersize"]
        for height, text, (before, after) in zip(y, texts, rows[["before", "after"]].to_numpy(), strict=True):
            colour = PALE if text == NOTHING else BLUE if after > before else ORANGE
            ax.plot([before, after], [height, height], color=colour, lw=0.5 * size, zorder=2, solid_capstyle="butt")
            ax.plot(before, height, "o", color="white", mec=INK, ms=1.5 * size, mew=1.4, zorder=3, clip_on=False)
            ax.plot(after, height, "o", color=colour, mec=INK, mew=0.8, zorder=4, clip_on=False)
        ax.set_yticks(y, [wrap(names[one], 22, 2) for one in rows["state"]])
        ax.set(ylim=(len(rows) - 0.4, -0.6), xlim=(0, min(1, 1.06 * max(rows[["before", "after"]].max(axis=None), 0.01))))
        ax.set_xlabel(say("charts_paths.what_if_axis", day=number(day)))
        _percent_axis(ax)
        ax.grid(axis="x", color="#ededed")
        key = "points_head" if _starters(rows) is None else "customers_head"
        _write_columns(ax, y, {say(f"charts_paths.{key}", total=number(_starters(rows) or 0), level=_level(table)): texts})
        caption = _what_if_caption(table, rows, whole, day, names, texts)
        gain = _gain(rows, whole, _headline(rows, state), day, names, labels)
        return finish(fig, ax, title or gain[:1].upper() + gain[1:], caption, _is_simulated(table, simulated))


def what_if_sentence(table, day=None, state=None, labels=None):
    """What `cx.what_if` found, as a sentence that may be said aloud: which moves, how many customers more, how many lira.

    Arguments as in `cx.plot_what_if`. What it says is arithmetic, not the effect of an action.

    >>> from cxlab.what_if_moves import what_if
    >>> counts = pd.DataFrame({"day": [1, 1, 2], "from": "trial", "to": ["buys", "gone", "buys"], "moves": [20, 10, 14], "at_risk": [100, 100, 70]})
    >>> table = what_if(counts, {("trial", "buys"): 1.5}, from_state="trial", customers=1000, n_boot=0)
    >>> what_if_sentence(table, state="buys")
    'If trial → buys happened 1.5 times as often on every day: 140 more customers in “buys” on day 2 for each 1,000 who start.'
    """
    rows, whole, day = _rows_of_day(table, day, "what_if_sentence")
    names = stage_labels(rows["state"], labels)
    moves = [say("charts_paths.move", start=names[start], to=names[to], factor=number(factor, 1 if abs(10 * factor % 1) < 1e-9 else 2))
             for start, to, factor in table.attrs.get("factors", ())]
    gain = _gain(rows, whole, _headline(rows, state), day, names, labels)
    return say("charts_paths.sentence" if moves else "charts_paths.sentence_as_it_is", moves=", ".join(moves), gain=gain)


def _rows_of_day(table, day, function):
    """(the rows of the states on that day, the row that adds up their value or None, the day)."""
    _need(table, ["day", "state", "before", "after", "difference", "ci_low", "ci_high"], function)
    days = table["day"].drop_duplicates().tolist()
    day = days[-1] if day is None and days else day
    if day not in days:
        raise CxError(say("charts_paths.no_day", day=day, allowed=", ".join(map(str, days))))
    rows = table[table["day"] == day]
    is_sum = (rows["state"] == ALL).to_numpy() & ("value" in table.columns)
    return rows[~is_sum].reset_index(drop=True), rows[is_sum].iloc[0] if is_sum.any() else None, day


def _headline(rows, state):
    states, best = rows["state"].tolist(), keys("stages")[-1]
    if state is not None and state not in states:
        raise CxError(say("charts_paths.no_state", state=state, allowed=", ".join(map(str, states))))
    return state if state is not None else best if best in states else states[int(rows["difference"].abs().argmax())]


def _starters(rows):
    """How many customers start, or None where the table does not tell of customers."""
    if "customers" not in rows.columns:
        return None
    most = rows["difference"].abs().argmax()
    return rows["customers"].iloc[most] / rows["difference"].iloc[most] if rows["difference"].iloc[most] else None


def _in_units(rows):
    """The differences with their limits in customers, or in points of a hundred."""
    if "customers" in rows.columns:
        return rows[["customers", "customers_low", "customers_high"]].to_numpy()
    return 100 * rows[["difference", "ci_low", "ci_high"]].to_numpy()


def _differences(rows):
    """What stands at the right of each row."""
    found = _in_units(rows)
    digits = _digits(np.abs(found[:, 0]).max(initial=0))
    texts = []
    for value, low, high in found:
        limits = "" if np.isnan(low) else f" ({_signed(low, digits)} … {_signed(high, digits)})"
        texts.append(_signed(value, digits) + limits if np.round(np.nan_to_num([value, low, high]), digits).any() else NOTHING)
    return texts


def _gain(rows, whole, state, day, names, labels):
    """The difference in one state, in words, and what it is worth."""
    row = rows[rows["state"] == state]
    value, low, high = _in_units(row)[0]
    digits, fewer = _digits(abs(value)), value < 0
    value, low, high = (-value, -high, -low) if fewer else (value, low, high)
    interval = "" if np.isnan(low) else say("charts_paths.interval", low=number(low, digits), high=number(high, digits))
    is_kits = state == keys("stages")[-1] and state not in (labels or {})
    who = say("charts_paths.advocates") if is_kits else say("charts_paths.in_state", state=names[state])
    keys_of = ("lower", "higher") if "customers" not in rows.columns else ("fewer", "more")
    key = "as_before" if not round(value, digits) else keys_of[0] if fewer else keys_of[1]
    told = say(f"charts_paths.{key}", who=who, amount=number(value, digits), interval=interval, day=number(day), total=number(_starters(rows) or 0))
    if whole is None:
        return told
    return f"{told}; {say('charts_paths.lira', lira=number(whole['value'], _digits(abs(whole['value']))))}"


def _what_if_caption(table, rows, whole, day, names, texts):
    parts = "; ".join(say("charts_paths.what_if_part", state=names[row["state"]], before=percent(row["before"], 1), after=percent(row["after"], 1),
                          difference=text) for (_, row), text in zip(rows.iterrows(), texts, strict=True))
    factors = "; ".join(f"{names[start]} → {names[to]} × {number(factor, 2)}" for start, to, factor in table.attrs.get("factors", ()))
    unit = say("charts_paths.unit_points") if _starters(rows) is None else say("charts_paths.unit_customers", total=number(_starters(rows)))
    told = say("charts_paths.what_if_caption", day=number(day), parts=parts, unit=unit, level=_level(table), factors=factors or "–")
    worth = "" if whole is None else _worth(whole, day)
    note = table.attrs.get("note") or say("chains.what_if")
    return sentences(told, worth, note.replace(say("chains.break_even", state=ALL), ""))


def _worth(whole, day):
    digits = _digits(abs(whole["value"]))
    amount = number(whole["value"], digits)
    low, high = (number(whole[f"value_{end}"], digits) for end in ("low", "high"))
    interval = "" if np.isnan(whole["value_low"]) else say("charts_paths.interval", low=low, high=high)
    total = say("charts_paths.total", total=number(whole["total"])) if "total" in whole else ""
    return sentences(say("charts_paths.worth", amount=amount, interval=interval, day=number(day)), total)


# ---- one customer against the crowd --------------------------------------------------------------------------------------------------------


def plot_customer(spells, customer, contacts=None, crowd=None, clock=None, day=90, labels=None, title=None, simulated=False, exit="left"):
    """One customer's way through the stages (bold line) against the crowd: in grey, the share of all customers in each stage on each day.

    spells : see `cx.spells`. customer : one of its customers. ● the journey ended there, ▷ still on the way when observation ended; a dotted line:
    out of observation. contacts : frame `day` and, optional, `channel` (a row of ticks each) and `customer` (others' are passed over). clock : see
    `cx.person_days`; None: the contacts are on the clock of the spells. crowd : `cx.occupancy(spells, se=None)`, at hand where many customers are
    looked at. day : on which the caption compares the two; the nearest day of this customer's observation. labels : {state or channel: name to
    show}. exit : the state of those who left, drawn below the others. Returns the Axes, with `caption`.
    """
    spells = checked(spells)
    steps = _steps(spells, customer)
    crowd = occupancy(spells, se=None) if crowd is None else crowd
    _need(crowd, ["day", "state", "occupancy"], "plot_customer")
    ticks = None if contacts is None else _contacts_of(contacts, customer, clock)
    seen = {*steps["state"], *steps["next"].dropna(), *crowd["state"][crowd["occupancy"] > 0]}
    order = sorted((state for state in spells.attrs["states"] if state in seen), key=lambda state: state != exit)  # the exit first: at the bottom
    shares = crowd.pivot(index="day", columns="state", values="occupancy").reindex(columns=order)
    names = stage_labels(order, labels)
    called, end = shorten(plain(customer), 30), _end_of(steps, spells)
    with plt.rc_context(settings()):
        rows = [] if ticks is None else _rows_of_contacts(ticks, labels)
        fig, ax = figure(1.8 * len(order) + 1.3 * len(rows) + 1.2)
        _draw_crowd(fig, ax, shares, exit in order)
        _draw_way(ax, steps, end, order)
        _draw_contacts(ax, rows)
        heights = [*range(len(order)), *(height for height, _, _ in rows)]
        ax.set_yticks(heights, [*(wrap(names[one], 22, 2) for one in order), *(name for _, name, _ in rows)])
        ax.set(ylim=(min(heights) - 0.6, len(order) - 0.45), xlim=(-0.5, max(shares.index.max(), end["day"]) + 3))
        ax.set_xlabel(say("charts_paths.days"))
        ax.xaxis.set_major_formatter(lambda value, _: number(value))
        told = _way_told(steps, end, order, names, called)
        behind = say("charts_paths.crowd", n=number(crowd.attrs["n"]) if "n" in crowd.attrs else "?")
        caption = sentences(told["caption"], _beside(steps, end, shares, names, day), behind, _contacts_told(ticks, rows))
        return finish(fig, ax, title or told["title"], caption, _is_simulated(spells, simulated))


def _steps(spells, customer):
    """The spells of one customer in their order."""
    own = spells[(spells["customer"] == customer).to_numpy(dtype=bool, na_value=False)].sort_values("start", kind="stable")
    if own.empty:
        some = ", ".join(map(str, spells["customer"].drop_duplicates().head(NAMED)))
        raise CxError(say("charts_paths.no_customer", customer=customer, some=some))
    return own.astype({"state": object, "next": object}).reset_index(drop=True)


def _end_of(steps, spells):
    """Where and on which day the way ends, and whether for good."""
    last = steps.iloc[-1]
    moved = not pd.isna(last["next"])
    state = last["next"] if moved else last["state"]
    return {"state": state, "day": int(last["stop"]), "final": moved and is_final(state, set(spells["state"].unique()))}


def is_final(state, stayed_in):
    """Whether a state is an end: no stage of the kit, and nobody is seen to stay in it. A stage may just have been entered on the last day."""
    return state not in keys("stages") and state not in stayed_in


def _draw_crowd(fig, ax, shares, has_exit):
    days = shares.index.to_numpy()
    edges = np.r_[days, days[-1] + 1] - 0.5
    mesh = ax.pcolormesh(edges, np.arange(shares.shape[1] + 1) - 0.5, shares.T.to_numpy(dtype=float), cmap=CROWD, norm=PowerNorm(0.5, 0, 1), zorder=0)
    size = plt.rcParams["font.size"]
    for k in range(1, shares.shape[1]):
        ax.axhline(k - 0.5, color="white", lw=size * (0.7 if k == 1 and has_exit else 0.15), zorder=1)
    bar = fig.colorbar(mesh, ax=ax, shrink=0.6, aspect=14, pad=0.02, ticks=KEY)
    bar.ax.set_yticklabels([percent(share) for share in KEY])
    bar.set_label(say("charts_paths.key"))
    bar.outline.set_edgecolor("#8a8a8a")


def _draw_way(ax, steps, end, order):
    place, size = {state: k for k, state in enumerate(order)}, plt.rcParams["font.size"]
    look = {"color": BLUE, "lw": size * 0.32, "path_effects": [withStroke(linewidth=size * 0.6, foreground="white")], "zorder": 4}
    x, y = [], []
    for k, row in steps.iterrows():
        height = place[row["state"]]
        if k and row["start"] > x[-1]:  # out of observation
            ax.plot([x[-1], row["start"]], [y[-1], height], **look | {"lw": size * 0.2, "ls": ":"})
            x, y = [*x, np.nan], [*y, np.nan]
        moved = [] if pd.isna(row["next"]) else [(row["stop"], place[row["next"]])]
        for at, up in ((row["start"], height), (row["stop"], height), *moved):
            x, y = [*x, at], [*y, up]
    ax.plot(x, y, solid_joinstyle="miter", **look)
    marker, fill = ("o", BLUE) if end["final"] else (">", "white")
    ax.plot(end["day"], place[end["state"]], marker, color=BLUE, mfc=fill, mec=INK, ms=size * 0.95, mew=1.6, zorder=6, clip_on=False)


def _way_told(steps, end, order, names, called):
    way = [(row["start"], row["state"]) for _, row in steps.iterrows()]
    if end["state"] != way[-1][1] and not end["final"]:
        way.append((end["day"], end["state"]))  # entered on the last day of observation
    parts = [say("charts_paths.way_part", day=number(at), state=names[state]) for at, state in way]
    told = ", ".join(parts[:STEPS_TOLD - 1] + (["…"] if len(parts) > STEPS_TOLD else []) + parts[STEPS_TOLD - 1:][-1:])
    back = [there for (_, here), (_, there) in zip(way, way[1:], strict=False) if order.index(there) < order.index(here)]
    moves = sum(here != there for (_, here), (_, there) in zip(way, way[1:], strict=False)) + end["final"]
    facts = {"customer": called, "moves": number(moves), "back": number(len(back)), "day": number(end["day"]), "state": names[end["state"]]}
    ending = say("charts_paths.ended" if end["final"] else "charts_paths.on_the_way", **facts)
    caption = say("charts_paths.customer_caption", way=told, ending=f"{ending} ({'●' if end['final'] else '▷'})", customer=called,
                  start=number(steps["start"].iloc[0]))
    return {"title": say("charts_paths.customer_title", ending=ending, **facts), "caption": caption}


def _beside(steps, end, shares, names, day):
    """Where the customer was on a day, and how many of all were there too."""
    day = max(day, steps["start"].iloc[0])
    day = day if end["final"] else min(day, end["day"])
    known = shares.index[shares.index <= day]
    if not len(known):
        return ""
    there = steps[(steps["start"] <= day) & (day < steps["stop"])]
    if there.empty and day < end["day"]:
        return ""  # out of observation on it
    state = end["state"] if there.empty else there["state"].iloc[0]
    share = shares.loc[known.max(), state]
    return "" if pd.isna(share) else say("charts_paths.beside", day=number(day), state=names[state], share=share_text(share))


def _contacts_of(contacts, customer, clock):
    """`day` on the customer's clock, `channel` if there is one."""
    check_columns(contacts, ["day"])
    own = contacts if "customer" not in contacts.columns else contacts[(contacts["customer"] == customer).to_numpy(dtype=bool, na_value=False)]
    own = own[own["day"].notna()]
    day = whole_days(own, "day")
    if clock is not None:
        day = day - _zero(clock, pd.Index([customer]), np.zeros(len(own), dtype=int), own)[0]
    elif pd.api.types.is_datetime64_any_dtype(own["day"]):
        raise CxError(say("contact_days.needs_clock"))
    return pd.DataFrame({"day": day, "channel": own["channel"].astype(object).to_numpy() if "channel" in own.columns else None})


def _rows_of_contacts(ticks, labels):
    """[(height, name, days)] below the stages: a row a channel, or one for all where there are many or none."""
    known = {row["key"]: label("channels", row["key"]) for row in vocabulary()["channels"]}
    found = ticks["channel"].dropna().unique().tolist()
    if not found or len(found) > CHANNEL_ROWS or ticks["channel"].isna().any():
        return [(-1.1, say("charts_paths.contacts"), ticks["day"].to_numpy())]
    found = [key for key in known if key in found] + [one for one in found if one not in known]
    names = _named(found, known | (labels or {}))
    return [(-1.1 - 0.75 * k, wrap(name, 22, 1), ticks["day"][ticks["channel"] == one].to_numpy())
            for k, (one, name) in enumerate(zip(found, names, strict=True))]


def _draw_contacts(ax, rows):
    size = plt.rcParams["font.size"]
    for height, _, days in rows:
        ax.plot(days[days >= 0], np.full((days >= 0).sum(), height), "|", color=INK, ms=size * 1.1, mew=size * 0.17, zorder=3)


def _contacts_told(ticks, rows):
    if ticks is None:
        return ""
    if ticks.empty:
        return say("charts_paths.no_contacts")
    parts = "; ".join(f"{name} {number(len(days))}" for _, name, days in rows)
    before = int((ticks["day"] < 0).sum())
    return sentences(say("charts_paths.contacts_caption", parts=parts), say("charts_paths.before_zero", n=number(before)) if before else "")


# ---- the funnel and what it should say -----------------------------------------------------------------------------------------------------


def plot_funnel(table, state=None, labels=None, title=None, simulated=False):
    """The naive funnel (pale bars) and the share who reach each stage within some days (dots with interval).

    table : what `cx.funnel` gives. state : the one that the title tells of (default: where the two are furthest apart). labels : {state: name to
    show}. Under 30 customers dots are hollow, under 10 nothing is drawn. Returns the Axes, with `caption`: the largest difference, and what each of
    the two means.
    """
    _need(table, ["state", "n", "naive", "estimate", "ci_low", "ci_high"], "plot_funnel")
    if "days" not in table.attrs:
        raise CxError(say("charts_paths.no_days"))
    names, simulated = stage_labels(table["state"], labels), _is_simulated(table, simulated)
    note = notes([int(table["n"].max()) if len(table) else 0])[0]
    with plt.rc_context(settings()):
        if note == "hidden" or table["estimate"].isna().all():
            return _blank(sentences(say("charts.nothing"), _hidden(len(table))), title or say("charts.nothing_title"), simulated)
        facts = funnel_facts(table, None, names)
        fig, ax = figure(1.9 * len(table) + 3.6)
        _draw_funnel(ax, table, names, note == "small", facts)
        hollow = say("charts.hollow") if note == "small" else ""
        caption = sentences(say("charts_paths.funnel_caption", **facts), hollow, table.attrs.get("note") or "")
        return finish(fig, ax, title or say("charts_paths.funnel_title", **funnel_facts(table, state, names)), caption, simulated)


def _draw_funnel(ax, table, names, small, facts):
    y, texts = np.arange(len(table)), table[["naive", "estimate", "ci_low", "ci_high"]]
    ax.barh(y, table["naive"], height=0.62, color="#d2d2d2", zorder=1, label=say("charts_paths.funnel_bar", **facts))
    ax.hlines(y, table["ci_low"], table["ci_high"], color=INK, lw=0.2 * plt.rcParams["font.size"], zorder=3)
    ax.plot(table["estimate"], y, "o", color=BLUE, mfc="white" if small else BLUE, mec=INK if not small else BLUE, zorder=4, clip_on=False,
            label=say("charts_paths.funnel_dot", **facts))
    ax.set_yticks(y, [wrap(names[one], 22, 2) for one in table["state"]])
    ax.set(ylim=(len(table) - 0.45, -0.6), xlim=(0, 1))
    _percent_axis(ax)
    ax.grid(axis="x", color="#ededed", zorder=0)
    dot, bar = ax.get_legend_handles_labels()[0]
    ax.legend(handles=[bar, dot], loc="lower left", bbox_to_anchor=(0, 1), frameon=False, borderaxespad=0.2, borderpad=0, handlelength=1.4)
    _write_columns(ax, y, {say("charts_paths.naive_head"): [share_text(row.naive) for row in texts.itertuples()],
                           say("charts_paths.estimate_head", **facts): [_limits(row) for row in texts.itertuples()]})


def funnel_facts(table, state, names):
    """What messages tell of one state of the funnel; without one, of that where the two shares are furthest apart."""
    apart, level, states = (table["naive"] - table["estimate"]).abs(), _level(table), table["state"].tolist()
    if state is not None and state not in states:
        raise CxError(say("charts_paths.no_state", state=state, allowed=", ".join(map(str, states))))
    at = int(apart.argmax()) if state is None else states.index(state)
    row = table.iloc[at]
    return {"state": names[row["state"]], "naive": share_text(row["naive"]), "estimate": share_text(row["estimate"]), "level": level,
            "low": number(100 * row["ci_low"]), "high": number(100 * row["ci_high"]), "n": number(row["n"]), "days": number(table.attrs["days"]),
            "points": number(100 * apart.iloc[at])}


def _limits(row):
    if np.isnan(row.estimate):
        return "–"
    return f"{share_text(row.estimate)} ({number(100 * row.ci_low)} … {number(100 * row.ci_high)})"


# ---- what the three share ------------------------------------------------------------------------------------------------------------------


def _level(table):
    return level_text(table.attrs.get("level", 0.95))


def _digits(value):
    """Decimals that leave a number about two digits to read."""
    return 0 if value >= 19.5 or value < 0.005 else 1 if value >= 0.95 else 2


def _signed(value, digits):
    text = number(value, digits)
    return f"+{text}" if round(value, digits) > 0 else text
