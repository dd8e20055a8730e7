"""The open questions of a report: which themes people name, in whose words, which organisations, and what the codebook missed.

The cells of `report.ipynb` call the public functions here between those of `report.py`. What one person wrote is shown only as a quote, and
only if that person allowed it, the theme is shared by ten people and nothing in the text can be a name.
"""

import collections
import re
import unicodedata

import numpy as np
import pandas as pd

from . import rates
from .code_tables import code_people
from .codebooks import OTHER, WHOLE_ONLY, folded, load_codebook
from .coding import code_answers, find_themes
from .framework import language, number, say, vocabulary
from .intervals import wilson
from .names import match_names
from .privacy import mask
from .report import FLOOR, _heading, _html, _is_hidden, _keep, _masked, _masked_text, _ranked, _share_range, _shares, _shorten, _table, _text, _value

CODED = ("important", "annoys")  # the open questions of the five that the codebook is made for
ENOUGH, MOSTLY = 30, 0.5  # any other open question: answers that say something, and the share of them in which the codebook finds a theme
MOST_NAMED, MOST_READ = 5_000, 20_000  # people whose answers are searched for names; for words or in other questions; of more, these are drawn
WORDS = 30  # words looked at that mark the answers without a theme
QUOTES, SHORTEST, LONGEST, SEED = 2, 3, 200, 0  # quotes a theme; words and letters of a quote; so that the same page comes out again
KINDS = ("theme", "other", "empty")
Coded = collections.namedtuple("Coded", "key text cells table named kinds words told")
Organisations = collections.namedtuple("Organisations", "table others any ask new told")

_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r"[.!?…]+\s+")
_PERSON = re.compile(r"@|\d{4}|\b(?:mr|mrs|ms|miss|dr|bay|bayan|sayın|(?:bey|hanım|hanim)(?:efendi\w*|[iı]n|[ieaı]|den|dan|le|la)?)\b"
                     r"|['’`´](?!(?:t|s|m|re|ve|ll|d)\b)(?=\w)", re.I)  # titles, long numbers, and the apostrophe that Turkish sets after names


# ---- the cells of the notebook, in their order ---------------------------------------------------------------------------------------------


def code(report):
    """Code the open questions and look for organisations: kept in the report for the cells that follow, the tables in the workbook."""
    book = load_codebook()
    for key, text, cells in _open_questions(report):
        coded = _coded(key, text, cells, book)
        themed, other, _ = coded.kinds["count"]
        if key is None and (themed + other < ENOUGH or themed < MOSTLY * (themed + other)):
            report.only_counted.append(text)
            continue
        report.coded.append(coded)
        name = key or text
        for told, table in ((f"{name} themes", coded.table), (f"{name} coded", coded.kinds), (f"{name} words", coded.words)):
            if table is not None and len(table) and not _is_hidden(coded.kinds).all():
                _keep(report, told, table)
    if report.five is not None and report.five["organisations"].notna().any():
        report.organisations = _organisations(report.five["organisations"].dropna(), None if report.simulated else "bundled")
        if not _is_hidden(report.organisations.any).all():
            _keep(report, "organisations", report.organisations.table)


def open_answers(report):
    """How many answered each open question; the answers themselves are not shown."""
    columns = report.survey.questions.query("kind == 'open'")["column"]
    rows = []
    for column in [c for c in columns if c in report.answers]:
        given = report.answers[column].dropna().astype("str")
        letters = float(given.str.len().median()) if len(given) else 0
        rows.append((_masked_text(column), len(given), len(report.answers) - len(given), letters))
    if rows:
        names = ["question", "n", "empty", "median_letters"]
        _keep(report, "open answers", pd.DataFrame(rows, columns=names))
        _html(_heading(2, say("report_open.title")), _text(say("report_open.lead")),
              _table([(_shorten(question), *map(number, numbers)) for question, *numbers in rows], names, "n empty median_letters"))


def themes(report):
    """Each coded question: how many people named a theme, and the share of people who name each, as a figure and as a table."""
    if report.coded:
        _html(_heading(2, say("report_open.themes_title")), _text(say("report_open.themes_lead")), _text(say("report_open.review")))
    if report.only_counted:
        listed = "; ".join(_shorten(text) for text in report.only_counted)
        _html(_text(say("report_open.only_counted", columns=listed, enough=ENOUGH)))
    for coded in report.coded:
        _html(_heading(3, coded.text))
        if _is_hidden(coded.kinds).all():
            _html(_text(say("report.too_few")))
            continue
        _html(_text(coded.told), _shares_table([say(f"report_open.kind_{kind}") for kind in coded.kinds["value"]], coded.kinds, "people"))
        if len(coded.named):
            _ranked(report, coded.named)


def quotes(report):
    """At most two quotes a theme, each of a person who allowed it; which, a fixed seed decides."""
    asked = [coded for coded in report.coded if coded.key and not _is_hidden(coded.kinds).all()]
    if not asked:
        return
    _html(_heading(2, say("report_open.quotes_title")))
    if "consent_quote" not in report.five:
        return _html(_text(say("report_open.no_consent")))
    allowed = report.five["consent_quote"] == "yes"
    if not allowed.any():
        return _html(_text(say("report_open.nobody", n=number(len(allowed)))))
    book, small = load_codebook(), _small_words(asked)
    texts = [_quotable(coded.cells[allowed]) for coded in asked]
    kept = [[text for text in each if not _may_name(text, small)] for each in texts]
    count, left = sum(map(len, texts)), sum(map(len, kept))
    _html(_text(say("report_open.quotes_lead", most=QUOTES, floor=FLOOR, allowed=number(allowed.sum()), n=number(len(allowed)))),
          _text(say("report_open.quotes_left_out", k=number(count - left), texts=number(count))))
    for coded, each in zip(asked, kept, strict=True):
        rows = _chosen(each, coded.named, book)
        _html(_heading(3, coded.text), _table(rows, ["theme", "quote"], "") if rows else _text(say("report_open.no_quote")))


def organisations(report):
    """Question 3: how many people named an organisation, and which are named by ten people or more."""
    found = report.organisations
    if found is None:
        return
    _html(_heading(2, say("report_open.organisations_title")))
    row = found.any.iloc[0]
    if _is_hidden(found.any).all():
        return _html(_text(say("report.too_few")))
    _html(_text(say("report_open.named_any", count=number(row["count"]), n=number(row["n"]), share=_share_range(row))),
          _text(found.told),
          _text(say("report_open.grouped") if report.simulated else say("report_open.listed", new=number(found.new), ask=number(found.ask))))
    rest = found.table[found.table["value"] == found.others]
    if len(rest) < len(found.table):
        _ranked(report, found.table[found.table["value"] != found.others])
    else:
        _html(_text(say("report_open.no_name", floor=FLOOR)))
    if len(rest):
        _html(_text(say("report_open.rest", floor=FLOOR, count=number(rest["count"].iloc[0]), share=_share_range(rest.iloc[0]))))


def missed(report):
    """Words that mark the answers in which the codebook found no theme, if ten people wrote them; never the answers."""
    asked = [coded for coded in report.coded if coded.words is not None]
    if not asked:
        return
    _html(_heading(2, say("report_open.missed_title")), _text(say("report_open.missed_lead", floor=FLOOR)))
    for coded in asked:
        few = say("report_open.fewer", n=number(coded.words.attrs["n"]), k=number(coded.words.attrs["fewer"]), most=WORDS, floor=FLOOR)
        _html(_heading(3, coded.text), _shares_table(map(_value, coded.words["value"]), coded.words, "word") if len(coded.words) else "",
              _text(f"{coded.words.attrs['told']} {few}".strip()))


def _shares_table(names, table, heading):
    rows = [(name, number(row["count"]), number(row["n"]), _share_range(row)) for name, (_, row) in zip(names, table.iterrows(), strict=True)]
    return _table(rows, [heading, "count", "n", "share_interval"], "count n share_interval")


# ---- coding --------------------------------------------------------------------------------------------------------------------------------


def _open_questions(report):
    """(key or None, text, its columns) of the two open questions of the five that name themes, then of every other open question."""
    if report.five is not None:
        for entry in vocabulary()["questions"]:
            if entry["key"] in CODED and report.five[entry["columns"]].notna().any(axis=None):
                yield entry["key"], entry[f"text_{language()}"], report.five[entry["columns"]]
    taken = set(report.five_columns.values())
    for column in report.survey.questions.query("kind == 'open'")["column"]:
        if column in report.answers and column not in taken and report.answers[column].notna().any():
            yield None, _masked_text(column), report.answers[column].dropna().astype("str").to_frame()


def _coded(key, text, cells, book):
    """A question with its themes (shares of people), how much of it was coded, and the words of what was not."""
    cells, told = (cells, "") if key else _drawn(cells, MOST_READ)
    people = code_people(cells, list(cells), book)
    table = _shares(people.to_frame(), "codes", "multiple")
    names = dict(zip(book["code"], book["name_tr" if language() == "tr" else "name"], strict=True))
    table = table.assign(code=table["value"], value=table["value"].map(names))
    kinds = pd.Categorical(people.map(_kind, na_action="ignore"), categories=KINDS)
    words = _words(cells, book) if key and people.notna().sum() >= FLOOR else None
    named = table[~table["code"].isin((OTHER, *WHOLE_ONLY))]
    return Coded(key, text, cells, table, named, _shares(pd.DataFrame({"kind": kinds}), "kind", "single"), words, told)


def _kind(codes):
    return "theme" if set(codes) - {OTHER, *WHOLE_ONLY} else "other" if OTHER in codes else "empty"


def _words(cells, book):
    """Words by which people's answers without a theme differ from those with one: as a table of shares, the rare ones only counted."""
    cells, told = _drawn(cells.dropna(how="all"), MOST_READ)
    codes = [code_answers(cells[column], book, why=False)["codes"].map(_kind, na_action="ignore") for column in cells]
    texts, marks = [], []
    for kind in ("other", "theme"):  # all that a person wrote of a kind is one text: people are counted, not answers
        for written, kinds in zip(cells.itertuples(index=False), zip(*codes, strict=True), strict=True):
            if kind in kinds:
                texts.append(" / ".join(text for text, given in zip(written, kinds, strict=True) if given == kind))
                marks.append((kind,))
    found = find_themes(texts, pd.DataFrame({"codes": pd.Series(marks, dtype=object)}), n=WORDS).query("kind == 'word'")
    n, big = marks.count((OTHER,)), found[found["n"] >= FLOOR]
    low, high = wilson(big[["n"]].to_numpy() / max(n, 1), np.full(len(big), n), 0.95)
    table = pd.DataFrame({"value": big["theme"], "n": n, "count": big["n"], "share": big["n"] / max(n, 1), "ci_low": low.ravel(),
                          "ci_high": high.ravel()}).sort_values("count", ascending=False, kind="stable", ignore_index=True)
    table.attrs |= {"n": n, "fewer": len(found) - len(big), "told": told}
    return table


def _drawn(answers, most):
    """(the answers, or so many drawn from them, in their order; a sentence that says so)."""
    if len(answers) <= most:
        return answers, ""
    drawn = answers.iloc[np.sort(np.random.default_rng(SEED).permutation(len(answers))[:most])]
    return drawn, say("report_open.sampled", n=number(most), asked=number(len(answers)))


# ---- quotes --------------------------------------------------------------------------------------------------------------------------------


def _small_words(asked):
    """Folded words that at least two texts begin with a small letter: with a capital at the beginning of a sentence they are hardly names."""
    texts = {text for coded in asked for column in coded.cells for text in coded.cells[column].dropna().unique()}
    words = collections.Counter(word for text in texts if not _PERSON.search(text) for word in set(_WORD.findall(text)) if word[0].islower())
    return {folded(word) for word, n in words.items() if n > 1} - {""}  # nothing is left of letters that are neither Turkish nor English


def _quotable(cells):
    """Texts of these people that are neither too short nor too long, on one line, without characters that cannot be seen."""
    lines = dict.fromkeys(_line(text) for column in cells for text in cells[column].dropna().unique())
    return [line for line in lines if len(line) <= LONGEST and len(_WORD.findall(line)) >= SHORTEST]


def _line(text):
    return "".join(c for c in " ".join(text.split()) if unicodedata.category(c)[0] != "C")


def _may_name(text, small):
    """Whether a text holds personal data or a word that may be a name: better a harmless text left out than a person shown."""
    if mask(text) != text or _PERSON.search(text):
        return True
    for sentence in _SENTENCE.split(text):
        for place, word in enumerate(_WORD.findall(sentence)):
            if not word[0].islower() and len(word) > 1 and (place or folded(word) not in small):
                return True
    return False


def _chosen(texts, themes, book):
    """Rows of theme and quote: the most named themes first, no text twice, whatever its capitals and accents."""
    texts = [texts[at] for at in np.random.default_rng(SEED).permutation(len(texts))]
    codes, rows, used = code_answers(texts, book, why=False)["codes"].tolist(), [], set()
    for _, theme in themes[themes["count"] >= FLOOR].iterrows():
        name, k = say("report_open.theme_n", theme=theme["value"], count=number(theme["count"]), n=number(theme["n"])), 0
        for text, given in zip(texts, codes, strict=True):
            if k < QUOTES and theme["code"] in given and folded(text) not in used:
                rows.append(("" if k else name, say("report_open.quote", text=text)))
                used.add(folded(text))
                k += 1
    return rows


# ---- organisations -------------------------------------------------------------------------------------------------------------------------


def _organisations(answers, names):
    """Shares of the people who answered: of each organisation that ten of them name, of all others together, of any mention at all."""
    answers, told = _drawn(answers, MOST_NAMED)
    found = match_names(answers, names=names)
    sure = found[found["name"].notna() & (found["how"] != "ask")].drop_duplicates(["respondent", "name"])
    sizes = sure["name"].value_counts()
    big, others = list(sizes.index[sizes >= FLOOR]), say("report_open.others")
    named = sure["name"].where(sure["name"].isin(big), others).groupby(sure["respondent"]).agg(tuple)
    table = rates.multiple_response(named.reindex(answers.index).to_frame("name"), "name", base="asked")
    table = table[table["count"] >= FLOOR].assign(value=_masked(table["value"]))
    any_name = pd.Series(np.where(answers.index.isin(found["respondent"]), "yes", "no"))
    table.attrs |= {"self_selected": True, "base": "answered"}
    anybody = rates.share(any_name.to_frame("any"), "any", "yes")
    return Organisations(table, others, anybody, (found["how"] == "ask").sum(), found["name"].isna().sum(), told)
