"""The ledger of claims: what the sources assert, who says it, what our worlds show, what the literature says, what one may say. And pages of it.

The claims stand in `claims.toml`, the documents in `framework.toml`, the computations in `claim_results`; here they are judged, shown and printed.
"""

import functools
import html
import math
import pathlib
import re
import tomllib

import pandas as pd

from . import claim_results
from .framework import CxError, keys, label, language, number, say, vocabulary
from .printed import page, write_page

FILE = pathlib.Path(__file__).parent / "claims.toml"
VERDICTS = {"holds": ("✓", "holds"), "does not hold": ("✗", "does_not_hold"), "cannot tell": ("?", "cannot_tell")}  # sign and message
COLUMNS = ["claim", "world", "estimate", "ci_low", "ci_high", "n", "unit", "verdict", "truth"]
STYLE = """@page { size: A4 landscape; margin: 7mm 9mm }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 4mm; max-width: 287mm; background: #fff; color: #262626 }
body { font: $SIZE/1.17 "Segoe UI", "Helvetica Neue", "DejaVu Sans Condensed", "DejaVu Sans", Arial, sans-serif }
h1 { font-size: 13pt; line-height: 1.1; margin: 0 0 .5mm } p { margin: 0 0 1mm }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th, td { border-bottom: .25mm solid #b8b8b8; padding: .4mm 2mm .4mm 0; text-align: left; vertical-align: top; overflow-wrap: break-word }
thead { display: table-header-group } thead th { border-bottom: .5mm solid #262626 } tr { break-inside: avoid }
tbody th { font-weight: 600 } small { font-weight: normal; font-size: 1em } .group th { background: #eef4f8; break-after: avoid }
.mark { font-weight: 600; white-space: nowrap } .world { display: block } footer { margin-top: 1.5mm }
@media print { body { padding: 0; max-width: none } }
"""
BALLOT = "10pt", (23, 12.5, 30.5, 20, 14)  # size of the type, widths of the columns in percent
WHOLE = "9pt", (22, 13, 13, 19, 18, 15)


@functools.cache
def _book():
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def _entries():
    return {entry["key"]: entry for entry in _book()["claims"]}


def _units():
    return {unit["key"]: unit for unit in _book()["units"]}


def _text(entry, name=""):
    """A text of an entry in the display language; `name` ends in "_" or is empty."""
    return entry.get(f"{name}{language()}", "")


def _chosen(chosen):
    """The entries asked for, by key; refuses what is no claim."""
    chosen = list(_entries()) if chosen is None else [chosen] if isinstance(chosen, str) else list(chosen)
    if wrong := [key for key in chosen if key not in _entries()]:
        raise CxError(say("ledger.unknown", key=wrong[0], allowed=", ".join(_entries())))
    return [_entries()[key] for key in chosen]


def _of_document(document):
    if document is not None and document not in keys("documents"):
        raise CxError(say("ledger.no_document", document=document, allowed=", ".join(keys("documents"))))
    return [entry for entry in _entries().values() if document in (None, entry["source"])]


def _documents():
    return {row["key"]: row for row in vocabulary()["documents"]}


# ---- the claims and the verdicts --------------------------------------------------------------------------------------------------


def claims(document=None, ballot=False):
    """Every claim of the sources, one row each, in the display language: who says it, what they sell, what the literature says, what one may say.

    document : "H", "X", "T", "S" or "J", only that document. ballot : True: the ten of the ballot, in its order.

    Returns `claim` (key), `name`, `says`, `concepts` (ids), `document`, `who`, `sells`, `literature`, `research` (seen: on this very claim; vendor:
    only a vendor's own; none that we saw), `say`, `not`, `computed` (is there a number), `measure` (which number is read and when the claim holds,
    or why there is none), `lesson`. The texts stand in `claims.toml`.

    >>> claims("S")[["claim", "concepts", "sells"]].head(2)
                  claim concepts            sells
    0        disconnect       S1  survey software
    1  before_and_after       S2  survey software
    """
    entries = _of_document(document)
    if ballot:
        entries = sorted((entry for entry in entries if "ballot" in entry), key=lambda entry: entry["ballot"])
    return pd.DataFrame([_row(entry) for entry in entries])


def _row(entry):
    source = _documents()[entry["source"]]
    return {"claim": entry["key"], "name": _text(entry, "name_"), "says": _text(entry), "concepts": ", ".join(entry["concepts"]),
            "document": entry["source"], "who": _text(source, "who_"), "sells": _text(source, "sells_"), "literature": _text(entry, "literature_"),
            "research": entry.get("research", "none"), "say": _text(entry, "say_"), "not": _text(entry, "not_"), "computed": bool(entry["result"]),
            "measure": _text(entry, "measure_") or _text(entry, "no_result_"), "lesson": entry["lesson"]}


def judge_claims(chosen=None):
    """What the bundled worlds show of each claim: one estimate with its 95 % interval in the first world and in the twin, and what follows from it.

    chosen : keys of claims (see `cx.claims`), one or several; None: all that have a result. Computed on the first call, kept for the session.

    Returns one row a claim and world: `claim`, `world` (first, twin), `estimate`, `ci_low`, `ci_high`, `n` (answers, customers, employees, pairs),
    `unit`, `verdict` (holds: the whole interval lies where the claim says, see `cx.claims()["measure"]`; does not hold: all of it lies elsewhere;
    cannot tell), `truth` (true value of the world where a truth table states it). A claim without a second world has one row. `.attrs`: `claims`,
    `intervals`, of these `with_truth` and `missed`, verdicts that are `wrong`, and a `note`. No allowance is made for many claims; the note counts.
    For `silent_customers` and `same_as_2013` the limits are bounds: what is shown at least and at most.

    >>> judge_claims("delivery_gap")[["claim", "world", "n", "verdict"]]
              claim  world   n verdict
    0  delivery_gap  first  60   holds
    """
    rows = [_judged(entry["key"], world) for entry in _chosen(chosen) if entry["result"] for world in _worlds(entry)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    known = table["truth"].notna()
    missed = int((known & ~table["truth"].between(table["ci_low"], table["ci_high"])).sum())
    right = [verdict(_entries()[row.claim], row.truth, row.truth) for row in table.itertuples()]
    wrong = int((known & (table["verdict"] != right) & (table["verdict"] != "cannot tell")).sum())
    counts = {"claims": table["claim"].nunique(), "intervals": len(table), "with_truth": int(known.sum()), "missed": missed, "wrong": wrong}
    table.attrs = counts | {"simulated": True, "level": 0.95, "note": say("ledger.note", **{name: number(n) for name, n in counts.items()})}
    return table


def _worlds(entry):
    return claim_results.WORLDS[:1] if entry["twin"] == "none" else claim_results.WORLDS


@functools.cache
def _judged(key, world):
    entry = _entries()[key]
    estimate, low, high, n, truth = getattr(claim_results, entry["result"])(world)
    values = [key, world, float(estimate), float(low), float(high), int(n), entry["unit"], verdict(entry, low, high), float(truth)]
    return dict(zip(COLUMNS, values, strict=True))


def verdict(entry, low, high):
    """What an interval says of a claim: it holds if the whole interval lies above `above` and below `below` of the entry.

    >>> [verdict({"above": 0}, *limits) for limits in ((0.1, 0.3), (-0.3, -0.1), (-0.1, 0.1))]
    ['holds', 'does not hold', 'cannot tell']
    """
    above, below = entry.get("above", -math.inf), entry.get("below", math.inf)
    if low > above and high < below:
        return "holds"
    return "does not hold" if high <= above or low >= below else "cannot tell"


# ---- tables for the room ----------------------------------------------------------------------------------------------------------


def ledger_table(document=None, show="results"):
    """The ledger of one document as a table for the projector. Returns Markdown.

    document : "H", "X", "T", "S" or "J"; None: all. show : "results", what the worlds show and how it is read; "words", what the literature says,
    what you may say and what not.

    >>> ledger_table("X", "words").data.count("\\n")
    9
    """
    if show not in ("results", "words"):
        raise CxError(say("ledger.show", show=show))
    entries = _of_document(document)
    lines = [say(f"ledger.head_{show}"), "|---" * (say(f"ledger.head_{show}").count("|") - 1) + "|"]
    for entry in entries:
        row = {name: _plain(text) for name, text in _row(entry).items()}
        what = f"**{row['name']}** ({row['concepts']})"
        cells = [what, *(_plain(_found(entry, world)) for world in claim_results.WORLDS), row["measure"]] if show == "results" else [
            what, row["literature"], row["say"], row["not"]]
        lines.append(f"| {' | '.join(cells)} |")
    return _markdown("\n".join(lines))


def claim_card(key):
    """Everything the ledger says of one claim. key : see `cx.claims`. Returns Markdown.

    >>> "vendor" in claim_card("disconnect").data
    True
    """
    [entry] = _chosen(key)
    row = {name: _plain(text) for name, text in _row(entry).items()}
    results = [say("ledger.in_world", world=say(f"ledger.{world}"), found=_plain(_found(entry, world, True)))
               for world in claim_results.WORLDS] if entry["result"] else [_plain(say("ledger.nothing", why=_text(entry, "no_result_")))]
    reading = [say("ledger.card_reading", reading=row["measure"])] if entry["result"] else []
    lines = [say("ledger.card_claim", **row), say("ledger.card_who", document=row["document"], who=_who(row)), *results, *reading,
             say("ledger.card_literature", **row), say("ledger.card_say", **row), say("ledger.card_not", **row)]
    return _markdown("\n\n".join(lines))


def ballot_sheet(before=None, after=None, verdicts=False):
    """The ten claims of the ballot, with the hands counted before and after. Returns Markdown.

    before, after : hands for each of the ten claims, in their order; None: left open. verdicts : True: beside them what the two worlds show.

    >>> ballot_sheet(before=[12] * 10).data.count("| 12 |")
    10
    """
    table = claims(ballot=True)
    hands = {name: [""] * len(table) if given is None else list(given) for name, given in (("before", before), ("after", after))}
    if wrong := [name for name, given in hands.items() if len(given) != len(table)]:
        raise CxError(say("ledger.hands", n=len(table), found=len(hands[wrong[0]])))
    head = say("ledger.head_ballot") + (f" {say('ledger.first')} | {say('ledger.twin')} |" if verdicts else "")
    lines = [head, "|---" * (head.count("|") - 1) + "|"]
    for k, row in enumerate(table.itertuples()):
        cells = [str(k + 1), f"{_plain(row.says)} ({row.concepts})", *(_plain(str(given[k])) for given in hands.values())]
        cells += [_mark(row.claim, world) for world in claim_results.WORLDS] if verdicts else []
        lines.append(f"| {' | '.join(cells)} |")
    return _markdown("\n".join(lines))


def sources_argue():
    """Where the sources argue with one another: both sides, and what our data say. Returns Markdown.

    >>> sources_argue().data.count("\\n")
    6
    """
    lines = [say("ledger.head_argue"), "|---|---|---|"]
    for row in _book()["arguments"]:
        sides = [f"{_plain(_text(row, f'side_{k}_'))} ({', '.join(row[f'concepts_{k}'])})" for k in (1, 2)]
        lines.append(f"| {' | '.join(sides)} | {_plain(_text(row, 'data_'))} |")
    return _markdown("\n".join(lines))


def _mark(key, world):
    """The verdict of one claim in one world, with a sign that can be told apart without colour."""
    entry = _entries()[key]
    if not entry["result"]:
        return "–"
    if world not in _worlds(entry):
        return say("ledger.no_twin")
    sign, name = VERDICTS[_judged(key, world)["verdict"]]
    return f"{sign}\u00a0{say(f'ledger.{name}')}"


def _found(entry, world, whole=False):
    """Verdict and estimate with interval as one line; whole : with n and the truth."""
    if not entry["result"]:
        return "–"
    if world not in _worlds(entry):
        return say("ledger.no_twin")
    row = _judged(entry["key"], world)
    unit = _units()[entry["unit"]]
    digits = unit["digits"]
    told = {name: number(row[name], digits) for name in ("estimate", "ci_low", "ci_high")}
    line = f"{_mark(entry['key'], world)}: {say('ledger.interval', unit=_text(unit, 'short_'), **told)}"
    if world == "twin" and entry["twin"] == "same":
        line += f" {say('ledger.same_rule')}"
    if whole:
        line += say("ledger.n", n=number(row["n"]))
        line += "" if math.isnan(row["truth"]) else say("ledger.truth", truth=number(row["truth"], digits))
    return line


def _who(row):
    """Who says it and what they sell; that neither is known is said once."""
    return row["who"] if row["who"] == row["sells"] else say("ledger.who_sells", who=row["who"], sells=row["sells"])


def _plain(text):
    """A text in a table of Markdown: no sign of it does anything."""
    return re.sub(r"([\\`*_\[\]|$~])", r"\\\1", html.escape(str(text), quote=False))


def _markdown(text):
    from IPython.display import Markdown

    return Markdown(text)


# ---- the page ---------------------------------------------------------------------------------------------------------------------


def print_ledger(path, ballot=False):
    """Write the ledger as a page to print on A4, landscape: to take away.

    path : .html, replaced if it is there. ballot : True: the ten claims of the ballot on one side, in letters of 10 points: who says it, what the two
    worlds show, what you may say and what not. False: every claim with its literature, in letters of 9 points, on as many sides as that takes
    (four). The page is in the display language and asks nothing of any network: open it in a browser and print. Computes the claims it shows
    (see `cx.judge_claims`). Returns the Path.
    """
    size, widths = BALLOT if ballot else WHOLE
    title, head, rows = (say("ledger.title_ballot"), say("ledger.head_page_ballot"), _ballot_rows()) if ballot else (
        say("ledger.title"), say("ledger.head_page"), _page_rows())
    foot = say("ledger.page_foot_ballot") if ballot else f"{judge_claims().attrs['note']} {say('ledger.page_foot')}"
    first, own, title_, foot = (html.escape(text) for text in (say("ledger.world_shows"), say("ledger.your_own"), title, foot))
    body = f"<h1>{title_}</h1>\n<p><b>{first}</b> {own}</p>\n{_page_table(head, widths, rows)}\n<footer>{foot}</footer>"
    return write_page(page(title, STYLE.replace("$SIZE", size), body), path)


def _page_table(head, widths, rows):
    columns = "".join(f'<col style="width:{width}%">' for width in widths)
    heads = "".join(f"<th scope=col>{html.escape(name)}</th>" for name in head.strip("| ").split(" | "))
    return "\n".join([f"<table><colgroup>{columns}</colgroup><thead><tr>{heads}</tr></thead>", *rows, "</table>"])


def _ballot_rows():
    rows = ["<tbody>"]
    for k, row in enumerate(claims(ballot=True).to_dict("records"), 1):
        entry, told = _entries()[row["claim"]], {name: html.escape(str(text)) for name, text in row.items()}
        worlds = "".join(f'<span class="world">{html.escape(say(f"ledger.{world}"))}: {_page_found(entry, world)}</span>'
                         for world in claim_results.WORLDS)
        cells = [f"{row['document']}: {html.escape(_who(row))}", worlds, told["say"], told["not"]]
        rows.append(f'<tr><th scope="row">{k}. {told["says"]} <small>({told["concepts"]}; {_n(entry)})</small></th>'
                    f"{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    return [*rows, "</tbody>"]


def _page_rows():
    rows = []
    for key, source in _documents().items():
        who = _who({name: _text(source, f"{name}_") for name in ("who", "sells")})
        told = say("ledger.group", document=key, name=label("documents", key), who=who)
        rows.append(f'<tbody><tr class="group"><th colspan="6" scope="rowgroup">{html.escape(told)}</th></tr>')
        rows += [*map(_page_row, _of_document(key)), "</tbody>"]
    return rows


def _page_row(entry):
    row = {name: html.escape(str(text)) for name, text in _row(entry).items()}
    cells = [f'<th scope="row">{row["says"]} <small>({_short(entry["concepts"])}{"; " * bool(entry["result"])}{_n(entry)})</small></th>']
    if entry["result"]:
        cells += [f"<td>{_page_found(entry, world)}</td>" for world in claim_results.WORLDS]
    else:
        cells.append(f'<td colspan="2">{html.escape(say("ledger.nothing", why=_text(entry, "no_result_")))}</td>')
    return f"<tr>{''.join(cells)}{''.join(f'<td>{row[name]}</td>' for name in ('literature', 'say', 'not'))}</tr>"


def _page_found(entry, world):
    mark, _, rest = _found(entry, world).partition(": ")
    return f'<span class="mark">{html.escape(mark)}</span> {html.escape(rest)}'


def _n(entry):
    return say("ledger.n_first", n=number(_judged(entry["key"], "first")["n"])) if entry["result"] else ""


def _short(concepts):
    """Ids side by side; more than three as the first and the last."""
    return ", ".join(concepts) if len(concepts) <= 3 else f"{concepts[0]}–{concepts[-1]}"
