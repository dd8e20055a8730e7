"""SPSS files (.sav, .zsav): their labels become the answers, and what SPSS was told to leave out is left out and reported.

Needs `pyreadstat` (the extra `spss`), which runs in a process of its own: a damaged file can make it crash, and a notebook must survive
that. Delivers the same records as `grids.py`, with names in row 1, so that case k stands in row k + 1, and says itself which columns
make which question: an SPSS file knows that.
"""

import datetime
import importlib.util
import math
import pickle
import subprocess
import sys
import types

from .framework import CxError, say
from .grids import Records, cell_text
from .survey_cells import remark
from .survey_sources import Block, Layout, clean

EPOCH = datetime.datetime(1582, 10, 14)  # SPSS counts seconds from the first day of the Gregorian calendar
_READER = """
import pickle, sys, pyreadstat
how = dict(user_missing=True, output_format="dict", disable_datetime_conversion=True, encoding=sys.argv[2] or None)
table, meta = pyreadstat.read_sav(sys.argv[1], **how)
names = ("column_names_to_labels", "variable_value_labels", "missing_ranges", "original_variable_types", "mr_sets")
sys.stdout.buffer.write(pickle.dumps((dict(table), {name: getattr(meta, name) for name in names})))
"""
_DATES = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "DATETIME", "YMDHMS")


def open_spss(path, encoding=None):
    """The records of an SPSS file: a value with a label as its label, a date as ISO text, missing and user-missing values empty."""
    if importlib.util.find_spec("pyreadstat") is None:
        raise CxError(say("exports.spss_extra", file=path.name, python=sys.executable))
    done = subprocess.run([sys.executable, "-c", _READER, str(path), str(encoding or "")], capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        reason = (done.stderr.decode(errors="replace").strip().splitlines() or [""])[-1]
        raise CxError(say("exports.broken_spss", file=path.name, reason=reason[:200] or done.returncode))
    table, meta = pickle.loads(done.stdout)
    meta, names = types.SimpleNamespace(**meta), list(table)
    if not all(names) or not any(table.values()):
        raise CxError(say("exports.only_headers" if all(names) else "exports.broken_spss", file=path.name, n=0, reason=str(names[:3])))
    read = {name: _column(name, list(table[name]), meta) for name in names}
    rows = ((row, list(cells)) for row, cells in enumerate([names, *zip(*(texts for texts, _ in read.values()), strict=True)], 1))
    labelled = sum(bool(block.hint) for _, block in read.values())
    remarks = [remark("labels_read", n=labelled)] if labelled else []
    blocks = _together(names, [block for _, block in read.values()], meta)
    return Records(rows, "spss", path.name, remarks=remarks, layout=Layout("spss", [names], 0, [1]), blocks=blocks)


def _column(name, values, meta):
    """(texts, `Block`) of one variable."""
    labels = {code: str(label).strip() for code, label in meta.variable_value_labels.get(name, {}).items() if str(label).strip()}
    ranges = meta.missing_ranges.get(name, [])
    distinct = dict.fromkeys(value for value in values if not _empty(value))
    missing = [value for value in distinct if any(_within(value, limits) for limits in ranges)]
    kept = [value for value in distinct if value not in missing]
    known = [value for value in kept if value in labels]
    full = bool(known) and len(known) == len(kept)
    notes = [_missing_note(value, labels.get(value, ""), values) for value in missing]
    kind = "date" if str(meta.original_variable_types.get(name, "")).rstrip("0123456789.") in _DATES else None
    shown = {value: _moment(value) if kind else _text(value) for value in kept}
    if full:
        twice = {label for label in labels.values() if list(labels.values()).count(label) > 1}
        shown = {value: f"{labels[value]} ({_text(value)})" if labels[value] in twice else labels[value] for value in kept}
    elif any(code not in missing for code in labels) and kept:
        told = "; ".join(f"{_text(code)} = {label}" for code, label in labels.items())
        notes.append(("partly_labelled", {"value": told[:300]}))
    order = tuple(clean(shown[code]) for code in labels if code in shown) if full else ()
    numbers = full and all(label.isdigit() for label in order)  # 0 to 10 with a label each is a scale
    block = Block(clean(meta.column_names_to_labels.get(name) or name), (), kind=kind, short=name, hint="closed" if full and not numbers else "",
                  labels=order, notes=tuple(notes))
    shown |= dict.fromkeys([*missing, None], "")
    return ["" if _empty(value) else shown[value] for value in values], block


def _empty(value):
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _within(value, limits):
    try:
        return limits["lo"] <= value <= limits["hi"]
    except TypeError:
        return False


def _missing_note(value, label, values):
    at = [i for i, other in enumerate(values) if other == value]
    return "user_missing", {"row": at[0] + 2, "value": _text(value) + (f" = {label}" if label else ""), "n": len(at)}


def _text(value):
    return cell_text(float(value)) if isinstance(value, (int, float)) else str(value)


def _moment(value):
    """A date as ISO text; what is beyond the calendar stays the number it is."""
    try:
        return (EPOCH + datetime.timedelta(seconds=value)).isoformat(sep=" ", timespec="seconds").removesuffix(" 00:00:00")
    except (OverflowError, TypeError):
        return _text(value)


def _together(names, blocks, meta):
    """The variables of a dichotomous multiple response set as one question."""
    place = {name.casefold(): i for i, name in enumerate(names)}
    for i, block in enumerate(blocks):
        block.columns = (i,)
    taken, sets = set(), []
    for name, found in meta.mr_sets.items():
        at = tuple(place[variable.casefold()] for variable in found["variable_list"] if variable.casefold() in place)
        if not found["is_dichotomy"] or len(at) < 2 or taken & set(at):
            continue
        ticks = tuple(_ticks(found["counted_value"], meta.variable_value_labels.get(names[i], {})) for i in at)
        notes = tuple(note for i in at for note in blocks[i].notes)
        sets.append(Block(clean(found["label"] or name.lstrip("$")), at, kind="multiple", labels=tuple(blocks[i].text for i in at), ticks=ticks,
                          short=name.lstrip("$"), notes=notes))
        taken |= set(at)
    return sorted([*sets, *(block for i, block in enumerate(blocks) if i not in taken)], key=lambda block: block.columns)


def _ticks(counted, labels):
    """The texts of a cell that mean ticked: the counted value or its label."""
    text = _text(counted)
    return text, *(label.strip() for code, label in labels.items() if _text(code) == text)
