"""Dates as survey tools write them: a closed list of forms, read the same way whatever the computer's language.

Dots mean day first; ÖÖ/ÖS are Turkish for AM/PM; `GMT+3` is three hours ahead of UTC; a number of five digits under a heading that
says date is an Excel date. The order of 3/4/2024 is settled for the whole column. `question_kinds.py` asks this module first.
"""

import datetime
import re

import numpy as np
import pandas as pd

from .survey_cells import each, remark
from .survey_sources import fold

FARTHEST = 15 * 60  # minutes from UTC that no clock on Earth exceeds
EXCEL_ZERO = datetime.datetime(1899, 12, 30)
MONTHS = {name: month for month, names in enumerate((
    "jan january oca ocak", "feb february sub subat", "mar march mart", "apr april nis nisan", "may mayis", "jun june haz haziran",
    "jul july tem temmuz", "aug august agu agustos", "sep sept september eyl eylul", "oct october eki ekim", "nov november kas kasim",
    "dec december ara aralik"), 1) for name in names.split()}
_ZONES = {"z": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 60, "west": 60, "cet": 60, "cest": 120, "eet": 120, "eest": 180, "trt": 180, "msk": 180,
          "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420}
_DATE = re.compile(
    r"(?:(?P<y>\d{4})(?P<s1>[-/.])(?P<m>\d{1,2})(?P=s1)(?P<d>\d{1,2})"
    r"|(?P<a>\d{1,2})(?P<s2>[-/.])(?P<b>\d{1,2})(?P=s2)(?P<y2>\d{4}|\d{2})"
    r"|(?P<d3>\d{1,2})[ -](?P<n3>[^\W\d_]{3,9})\.?,?[ -](?P<y3>\d{4})|(?P<n4>[^\W\d_]{3,9})\.? (?P<d4>\d{1,2}),? (?P<y4>\d{4}))"
    r"(?:(?:T|,? +)(?P<p1>[öÖ][öÖsS] )?(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,]\d+)?)?"
    r" ?(?P<p2>[AaPp]\.?[Mm]\.?|[öÖ][öÖsS])?(?: ?\(?(?P<z>Z|[A-Z]{3,5})?(?P<o>[+-]\d{1,2}(?::?\d{2})?)?\)?)?)?"
)
_SERIAL = re.compile(r"[2-7]\d{4}(?:[.,]\d+)?")
_DATE_HEADER = re.compile(
    r"(.* )?(timestamp|zaman damgasi|date|date time|datetime|tarih|tarihi|start time|completion time|submit(ted)?( at| on)?|datestamp|submitdate)"
    r"( utc)?|start ?date|end ?date|(start|end|created|completed|submitted) at|baslangic zamani|bitis zamani|when"
)


def dates(column, block, cells, context, header):
    """(dates, remarks) if a column's header or nearly all of its texts say that it holds dates; (None, remarks) if only its source does.

    None for any other column. What is no date becomes missing, each with a line of its own in the remarks.
    """
    told = block.kind == "date" or (not block.label and len(header.split()) <= 6 and bool(_DATE_HEADER.fullmatch(header)))
    if not cells.values:
        return (pd.Series(pd.DatetimeIndex(np.full(len(cells.codes), "NaT", dtype="datetime64[us]"))), []) if told else None
    sample = cells.values[:200]
    if sum(_date(value, told) is not None for value in sample) < (0.5 if told else 0.8) * len(sample):
        return (None, [remark("not_dates", column=column)]) if block.kind == "date" else None
    parsed = [_date(value, True) for value in cells.values]
    remarks = []
    month_first = _order(column, parsed, cells, context, remarks)
    moments = [_moment(parts, month_first) for parts in parsed]
    offsets = np.array([parts["offset"] if parts and parts["offset"] is not None else np.nan for parts in parsed])
    series, notes = _as_dates(column, moments, offsets, cells)
    remarks += notes + each("not_a_date", column, cells, context, [i for i, moment in enumerate(moments) if moment is None])
    serial = next((value for value in cells.values if _SERIAL.fullmatch(value)), None)
    if serial is not None:
        remarks.append(remark("serial_dates", column=column, value=serial))
    zones = sorted({parts["zone"] for parts in parsed if parts and parts["zone"]})
    if zones:
        remarks.append(remark("unknown_zone", column=column, value=", ".join(zones)))
    return series, remarks


def _date(text, told):
    """The parts of a date in one of the known forms, or None. `a`, `b`: the two numbers whose order is open."""
    found = _DATE.fullmatch(text)
    if not found:
        return _serial(text) if told else None
    part = found.groupdict()
    if part["y2"] and len(part["y2"]) == 2 and not told:
        return None
    year = part["y"] or part["y2"] or part["y3"] or part["y4"]
    name = part["n3"] or part["n4"]
    month = MONTHS.get(fold(name)) if name else None
    if name and not month:
        return None
    open_order = bool(part["a"]) and part["s2"] != "."
    first, second = (part["a"], part["b"]) if part["a"] else (part["d"] or part["d3"] or part["d4"], part["m"] or month)
    hour = int(part["H"] or 0)
    half = (part["p1"] or part["p2"] or "").strip().lower().replace(".", "")
    if half and (hour > 12 or hour == 0):
        half = "" if hour > 12 or half in ("am", "öö") else half
    if half:
        hour = hour % 12 + (12 if half in ("pm", "ös") else 0)
    zone, offset = (part["z"] or "").lower(), part["o"]
    known = zone in _ZONES or not zone
    minutes = None if not known or not (zone or offset) else _ZONES.get(zone, 0) + _minutes(offset)
    if minutes is not None and abs(minutes) > FARTHEST:
        return None
    return {"year": int(year) + (2000 if len(year) == 2 else 0), "a": int(first), "b": int(second), "open": open_order, "half": bool(half),
            "padded": len(str(first)) == 2, "hour": hour, "minute": int(part["M"] or 0), "second": int(part["S"] or 0), "offset": minutes,
            "zone": "" if known else part["z"]}


def _minutes(offset):
    if not offset:
        return 0
    digits = offset[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    return (-1 if offset[0] == "-" else 1) * (60 * int(hours) + int(minutes))


def _serial(text):
    """An Excel date: days since 30 December 1899."""
    if not _SERIAL.fullmatch(text):
        return None
    moment = EXCEL_ZERO + datetime.timedelta(seconds=round(float(text.replace(",", ".")) * 86400))
    return {"year": moment.year, "a": moment.day, "b": moment.month, "open": False, "half": False, "hour": moment.hour, "padded": True,
            "minute": moment.minute, "second": moment.second, "offset": None, "zone": ""}


def _order(column, parsed, cells, context, remarks):
    """Does the month come first in 3/4/2024? By a number over 12, else by the other dates of the file, else a guess that is reported."""
    undecided = [parts for parts in parsed if parts and parts["open"]]
    if not undecided:
        return False
    day_first, month_first = sum(parts["a"] > 12 for parts in undecided), sum(parts["b"] > 12 for parts in undecided)
    if day_first != month_first:
        context.month_first = month_first > day_first
        return context.month_first
    if context.month_first is not None and not day_first:
        return context.month_first
    guess = _likely_order(undecided, parsed, cells, context)
    key = "dates_month_first" if guess else "dates_day_first"
    remarks.append(remark(key, column=column, value=cells.values[parsed.index(undecided[0])]))
    return guess


def _likely_order(undecided, parsed, cells, context):
    """Answers come in the order of time; SurveyMonkey and unpadded English dates have the month first."""
    held = cells.codes[cells.codes >= 0]
    if len(held) > 2:
        falls = []
        for month_first in (False, True):
            moments = [_moment(parts, month_first) for parts in parsed]
            times = np.array([np.datetime64(m, "s").astype(int) if m else 0 for m in moments])[held]
            falls.append(min(int((np.diff(times) < 0).sum()), int((np.diff(times) > 0).sum())))
        if min(falls) == 0 and max(falls) > 0:
            return falls.index(0) == 1
    if context.source == "surveymonkey" or any(parts["half"] for parts in undecided):
        return True
    return not context.turkish and context.source == "google_sheets" and not all(parts["padded"] for parts in undecided)


def _moment(parts, month_first):
    if parts is None:
        return None
    day, month = (parts["b"], parts["a"]) if parts["open"] and month_first else (parts["a"], parts["b"])
    try:
        moment = datetime.datetime(parts["year"], month, day, parts["hour"], parts["minute"], parts["second"])
    except ValueError:
        return None
    return moment if 1900 <= moment.year <= 2100 else None


def _as_dates(column, moments, offsets, cells):
    """One fixed offset for the column, that of most cells; without any, times as they stand."""
    values = np.array([np.datetime64(moment, "us") if moment else np.datetime64("NaT", "us") for moment in [*moments, None]])
    good = ~np.isnat(values[:-1])
    stated = np.unique(offsets[good & ~np.isnan(offsets)], return_counts=True)
    if not len(stated[0]):
        return pd.Series(pd.DatetimeIndex(values).take(cells.codes)), []
    usual = float(stated[0][stated[1].argmax()])
    shift = np.append(np.where(np.isnan(offsets), 0, usual - np.nan_to_num(offsets)), 0)
    values = values + shift.astype("timedelta64[m]")
    zone = datetime.timezone(datetime.timedelta(minutes=usual)) if usual else datetime.UTC
    mixed = len(stated[0]) > 1 or bool(np.isnan(offsets[good]).any())
    notes = [remark("mixed_offsets", column=column, zone=str(zone))] if mixed else []
    return pd.Series(pd.DatetimeIndex(values).tz_localize(zone).take(cells.codes)), notes
