"""The contact plan as data: which message goes to a customer at which stage, by which of six ways or one way of your own (J14).

A plan is a frame, one row a cell of the grid of eight stages and six or seven channels. `explore_planner.py` draws, prints and edits it. Whatever a
spreadsheet program or a person did to a plan, every function here first puts it in order or says in which row it cannot.
"""

import difflib
import functools
import pathlib
import unicodedata

import pandas as pd

from .codebooks import visible
from .event_log import stage_names
from .framework import LANGUAGES, CxError, keys, label, language, say, vocabulary
from .framework import _messages as messages_of
from .grids import cell_text, open_records
from .recognise import fold
from .spreadsheets import to_csv, unguard
from .tally import is_missing

COLUMNS = ("stage", "channel", "message", "who", "when", "permission")
LONGEST = {"message": 1000, "who": 200, "when": 200, "channel": 40}  # letters; `grids` takes a record of up to 1,000 lines, a message among them
PERMISSIONS = ("yes", "no", "not_needed")
ASKED = ("email", "phone", "video")  # a message here is to be asked for first; so is one by a channel of your own
ALIKE = 0.85  # an own channel as near as this to one of the six is a slip of the pen


# ---- the plan ------------------------------------------------------------------------------------------------------------------


def contact_plan(own=None):
    """An empty contact plan: a row for each stage and channel, to be filled in where you have something to say.

    own : name of one channel of your own, such as "WhatsApp", at most 40 letters: the free seventh row of the grid; None: the six of the model.
    Returns a frame of texts, 48 rows (56 with an own channel) in the order of the stages, then of the channels: `stage` (key of
    `cx.framework.stages`), `channel` (key of `cx.framework.channels`, or `own`), and `message` (at most 1,000 letters), `who`, `when` (a line each,
    at most 200) and `permission` (yes, no or not_needed), all missing. A cell left empty is no mistake: each channel can serve each stage, none must.
    Source: the six ways to communicate of the eight-stage model (J14).

    >>> plan = contact_plan("WhatsApp")
    >>> plan.loc[(plan["stage"] == "affirm") & (plan["channel"] == "phone"), ["message", "who"]] = "You chose well.", "the seller"
    >>> len(plan), int(plan["message"].notna().sum())
    (56, 1)
    """
    channels = keys("channels")
    if own is not None:
        name = _clean(own, "channel")
        if name is None or len(name) > LONGEST["channel"] or _known_channel(name) or _near(name):
            raise CxError(say("planner.own", value=str(own)[:100], allowed=_channels_allowed(), most=LONGEST["channel"]))
        channels = [*channels, name]
    cells = [(stage, channel) for stage in keys("stages") for channel in channels]
    plan = pd.DataFrame(cells, columns=COLUMNS[:2], dtype="str")
    return plan.assign(**{column: pd.Series([None] * len(plan), dtype="str") for column in COLUMNS[2:]})


def in_order(plan, file=None):
    """The plan as `contact_plan` has it: every cell once, keys for names, texts without blanks around them; `CxError` where that cannot be.

    plan : frame with `stage`, `channel` and `message`; `who`, `when`, `permission` are missing where there is no such column. Cells that are not
    there are empty. Stages, channels and permissions under their English or Turkish name or their key. file : named in errors.
    """
    where = {"file": file or say("planner.this_plan")}
    if not isinstance(plan, pd.DataFrame):
        raise CxError(say("planner.not_a_plan", type=type(plan).__name__))
    _check_columns(plan, where)
    filled, first, own = {}, {}, None
    for row, cells in zip(_rows_of(plan), plan[[column for column in COLUMNS if column in plan]].to_dict("records"), strict=True):
        cells = {column: _clean(cells.get(column), column) for column in COLUMNS}
        if not any(cells.values()):
            continue
        there = where | {"row": row}
        stage, channel = _stage(cells["stage"], there), _channel(cells["channel"], there)
        if channel not in keys("channels"):
            if own is not None and channel != own:
                raise CxError(say("planner.two_own", column="channel", value=channel, own=own, allowed=_channels_allowed(), **there))
            own = channel
        if (stage, channel) in first:
            raise CxError(say("planner.twice", stage=label("stages", stage), channel=channel_name(channel), first=first[stage, channel], **there))
        first[stage, channel] = row
        filled[stage, channel] = [*(_text(cells[column], column, there) for column in ("message", "who", "when")),
                                  _permission(cells["permission"], there)]
    blank = contact_plan(own)
    cells = [filled.get(cell, [None] * 4) for cell in zip(blank["stage"], blank["channel"], strict=True)]
    return pd.concat([blank[list(COLUMNS[:2])], pd.DataFrame(cells, columns=COLUMNS[2:], dtype="str")], axis=1)


def rename_own(plan, own):
    """The plan with another name for its own channel; where it has none, one is added; own=None takes it away if all of its cells are empty."""
    plan = in_order(plan)
    before = own_channel(plan)
    if own is None:
        used = is_filled(plan[plan["channel"] == before])
        if used.any():
            raise CxError(say("planner.own_is_used", own=before, n=int(used.sum())))
        return plan[plan["channel"] != before].reset_index(drop=True)
    row = contact_plan(own).groupby("stage", sort=False).tail(1)
    if before is None:
        return in_order(pd.concat([plan, row], ignore_index=True))
    return plan.assign(channel=plan["channel"].replace(before, row["channel"].iloc[0]))


def own_channel(plan):
    """The name of the seventh row, or None."""
    return next((channel for channel in plan["channel"] if channel not in keys("channels")), None)


def is_filled(plan):
    """Whether each cell says anything: message, who or when."""
    return plan[["message", "who", "when"]].notna().any(axis=1)


def marks(plan):
    """What is to be seen to in each cell: "ask" (a filled cell by e-mail, phone, video or an own channel, permission unknown), "refused", or "".

    A permission of "no" counts in every channel. A prompt to think, not a judgement of the law.
    """
    to_ask = is_filled(plan) & (plan["channel"].isin(ASKED) | ~plan["channel"].isin(keys("channels"))) & plan["permission"].isna()
    refused = is_filled(plan) & (plan["permission"] == "no")
    return pd.Series("", index=plan.index).mask(to_ask, "ask").mask(refused, "refused")


def channel_name(channel):
    """The name of a channel in the display language; an own one is called what it is called."""
    return label("channels", channel) if channel in keys("channels") else channel


def permission_name(permission):
    return say("planner.not_needed") if permission == "not_needed" else label("yes_no", permission)


# ---- files ---------------------------------------------------------------------------------------------------------------------


def load_plan(path):
    """A contact plan from a file, as `cx.save_plan` or a spreadsheet program writes it.

    path : text cut by ; , or tab in any encoding that Excel writes (UTF-8, Unicode, Turkish 1254), or .xlsx. First row: the names of the columns,
    `stage, channel, message` and, optional, `who, when, permission`; names of columns, stages, channels and permissions in English or Turkish.
    Stages as `cx.stage_names` knows them. One channel may have a name of its own. Cells that are not in the file are empty, wholly empty rows are
    passed over. Returns the plan (see `cx.contact_plan`). What cannot be used is refused with its row and column; nothing is left out.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "plan.csv")
    ...     _ = file.write_text("aşama;kanal;mesaj;izin\\nonaylama;e-posta;İyi ki seçtiniz;evet\\n", encoding="cp1254")
    ...     load_plan(file).dropna(subset="message").iloc[0].tolist()
    ['affirm', 'email', 'İyi ki seçtiniz', nan, nan, 'yes']
    """
    try:
        with pathlib.Path(path).open("rb") as file:
            first = file.readline(10_000)
    except (OSError, TypeError, ValueError):
        first = b""  # the next line says what is wrong with the path
    separator = max((";", ",", "\t"), key=lambda mark: first.count(mark.encode()))  # of the header alone: messages hold commas
    records = open_records(path, separator=None if first.lower().lstrip(b'\xef\xbb\xbf"').startswith(b"sep=") else separator)
    rows = [(row, [unguard(cell) for cell in cells]) for row, cells in records.rows]
    rows = [(row, cells) for row, cells in rows if any(map(visible, cells))]
    (_, header), *rows = rows or [(1, [])]
    width = max((place for place, name in enumerate(header, 1) if visible(name)), default=0)
    for row, cells in rows:
        if any(map(visible, cells[width:])):
            value = next(filter(visible, cells[width:]))[:100]
            raise CxError(say("planner.extra_cell", file=records.file, row=row, value=value, width=width))
    cells = [(cells + [""] * width)[:width] for _, cells in rows]
    table = pd.DataFrame(cells, columns=[_column(name) for name in header[:width]], dtype="str", index=pd.Index([row for row, _ in rows], name="row"))
    return in_order(table, records.file)


def save_plan(plan, path):
    """Write a contact plan as CSV for a spreadsheet program; `cx.load_plan` gives the same plan back.

    plan : as from `cx.contact_plan`. path : .csv, replaced if it is there. Every cell of the grid is written, names in the display language; cut by
    "," in English and by ";" in Turkish, as Excel expects it on a double click. A text that could start a formula gets an apostrophe (see
    `cx.to_csv`). Blanks around a text and control characters are not kept. Returns the Path.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load_plan(save_plan(contact_plan("WhatsApp"), folder + "/plan.csv")).equals(contact_plan("WhatsApp"))
    True
    """
    plan, path = in_order(plan), pathlib.Path(path)
    if path.suffix.lower() != ".csv":
        raise CxError(say("planner.ending", path=path, ending=".csv"))
    shown = plan.assign(stage=plan["stage"].map(lambda key: label("stages", key)), channel=plan["channel"].map(channel_name),
                        permission=plan["permission"].map(permission_name, na_action="ignore"))
    return to_csv(shown.set_axis([say(f"planner.{column}") for column in COLUMNS], axis=1), path, separator=";" if language() == "tr" else ",")


# ---- what is in a cell -----------------------------------------------------------------------------------------------------------


def _check_columns(plan, where):
    found = ", ".join(map(str, plan.columns))[:500]
    lost = [column for column in COLUMNS[:3] if column not in plan]
    if lost:
        raise CxError(say("planner.missing_columns", columns=", ".join(lost), found=found, **where))
    twice = plan.columns[plan.columns.duplicated()]
    if len(twice):
        raise CxError(say("planner.column_twice", column=twice[0], **where))
    strange = [column for column in plan if column not in COLUMNS]
    if strange:
        raise CxError(say("planner.strange_column", column=str(strange[0])[:100], allowed=", ".join(COLUMNS), **where))


def _rows_of(plan):
    """The spreadsheet row of each row."""
    return plan.index.tolist() if plan.index.name == "row" else range(2, len(plan) + 2)


def _clean(value, column):
    """A cell as text: no control characters, no blanks around, one line but for a message; None where nothing is to be seen."""
    text = "" if is_missing(value) else cell_text(value).replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(sign for sign in text if sign in "\t\n" or unicodedata.category(sign) not in ("Cc", "Cs"))
    text = text.strip() if column == "message" else " ".join(text.split())
    return text if visible(text) else None


def _text(text, column, there):
    if text is not None and len(text) > LONGEST[column]:
        raise CxError(say("planner.too_long", column=column, value=text[:40], n=len(text), most=LONGEST[column], **there))
    return text


def _stage(text, there):
    stage = _known_stage(text)
    if stage not in keys("stages"):  # "left" is no stage: nobody is there
        raise CxError(say("planner.value", column="stage", value=_shown(text), allowed=", ".join(keys("stages")), **there))
    return stage


@functools.lru_cache(1000)
def _known_stage(text):
    try:
        return None if text is None else stage_names([text])[0]
    except CxError:
        return None


def _channel(text, there):
    """The key of a channel, or a name of one's own."""
    if text is None:
        raise CxError(say("planner.value", column="channel", value=_shown(text), allowed=_channels_allowed(), **there))
    near = _near(text)
    if near:
        raise CxError(say("planner.near", column="channel", value=text, near=channel_name(near), **there))
    return _known_channel(text) or _text(text, "channel", there)


def _permission(text, there):
    known = _by_name({key: [key, *_both(key)] if key == "not_needed" else [key, *_row("yes_no", key)] for key in PERMISSIONS})
    if text is not None and _squeezed(text) not in known:
        raise CxError(say("planner.value", column="permission", value=text[:100], allowed=", ".join(PERMISSIONS), **there))
    return None if text is None else known[_squeezed(text)]


def _known_channel(text):
    return _channel_names().get(_squeezed(text))


@functools.lru_cache(1000)
def _near(text):
    """The key of the channel that a name nearly is, or None."""
    names = _channel_names()
    near = difflib.get_close_matches(_squeezed(text), names, 1, ALIKE)
    return names[near[0]] if near and _squeezed(text) not in names else None


@functools.cache
def _channel_names():
    return _by_name({key: [key, *_row("channels", key)] for key in keys("channels")})


def _column(name):
    """The column that a header means; itself where it means none."""
    return _by_name({column: [column, *_both(column)] for column in COLUMNS}).get(_squeezed(name), " ".join(name.split()))


def _by_name(names):
    return {_squeezed(name): key for key, several in names.items() for name in several}


def _squeezed(text):
    """As names are compared: "E-posta", "eposta" and "E POSTA" are the same."""
    return fold(text).replace(" ", "")


def _row(table, key):
    return next([row[each] for each in LANGUAGES] for row in vocabulary()[table] if row["key"] == key)


def _both(name):
    """A message of this module in every language."""
    return [messages_of("planner")[name][each] for each in LANGUAGES]


def _channels_allowed():
    return ", ".join(keys("channels"))


def _shown(text):
    return say("planner.empty") if text is None else text[:100]
