"""Coding of open answers with a codebook: which themes an answer names, and which words say so.

Answers are compared in folded form (see `codebooks.folded`): small letters without diacritics, because half of them are typed so. Each
distinct answer is looked at once, each distinct word is looked up once; phrases are tried only where their first word stands.
"""

import codecs
import collections
import functools
import itertools
import operator
import re
import unicodedata

import numpy as np
import pandas as pd

from .codebooks import OTHER, SHORTEST_PREFIX, WHOLE_ONLY, folded, terms_of, visible
from .framework import CxError, number, percent, say
from .grids import cell_text

GAP = 2  # words that may stand between two neighbours of a phrase
WHY_UP_TO = 10_000  # answers for which the reasons are written out unless asked otherwise
STEM, EXAMPLES = 5, 5  # letters of a stem; answers shown with a theme
MOST_CLUSTERED, FARTHEST = 2000, 0.7  # distinct answers in one clustering (its cost is quadratic); mean distance at which groups stay apart
STEP = 20_000  # distinct answers between two moves of the progress bar
CACHED = 1 << 17  # words whose terms are remembered
Index = collections.namedtuple("Index", "codes bits terms begins ends mask longer symbols")


def code_answers(answers, book, why=None, columns=False):
    """The codes of open answers, every theme that an answer names, and the words that say so.

    answers : Series or list of text; other cells are taken as text. book : from `load_codebook`. why : write the reasons; None = up to
    10,000 answers. columns : add a column 0/1 for each code (Int8, missing where the answer is).
    Returns a frame with the index of the answers: `codes`, a tuple in the order of the codebook (None where the answer is missing or blank),
    and `why`, such as "price: pahalı* → pahalıydı". No term found: ("other",). none and dont_know are given alone, to a whole answer: one of
    their terms, or one without letters and digits ("-" is none, "?" dont_know). The terms of both languages are tried on every answer; a
    negation does not change the theme. `.attrs["note"]` counts missing, coded and other.

    >>> from cxlab import load_codebook
    >>> code_answers(["Fiyatlar çok yüksek", "-", None], load_codebook())["codes"].tolist()
    [('price',), ('none',), None]
    """
    index, (place, texts, rows) = _index(book), _distinct(answers)
    steps = _steps(texts, say("coding.progress"))
    masks = [mask for step in steps for mask in _masks(step, index)]
    numbers = {mask: at for at, mask in enumerate(dict.fromkeys([*masks, 0]))}  # 0: missing
    kind = np.array([numbers[mask] for mask in [*masks, 0]], np.int64)[place]  # place −1 is the last: missing
    tuples = np.empty(len(numbers), object)
    for at, mask in enumerate(numbers):
        tuples[at] = tuple(code for bit, code in enumerate(index.codes, 1) if mask >> bit & 1) or None
    coded = pd.DataFrame({"codes": pd.Series(tuples[kind], index=rows, dtype=object)})
    if why or (why is None and len(place) <= WHY_UP_TO):
        silent = 0 if OTHER in {term.code for term in index.terms} else index.bits[OTHER]  # no term, no reason
        again = itertools.chain.from_iterable(_steps(texts, say("coding.progress_why")))
        reasons = ["" if mask == silent else _why(text, index) for text, mask in zip(again, masks, strict=True)]
        coded["why"] = pd.Series(np.array([*reasons, None], object)[place], index=rows, dtype=object)
        coded.loc[coded["codes"].isna().to_numpy(), "why"] = None
    if columns:
        for bit, code in enumerate(index.codes, 1):
            values = np.array([mask >> bit & 1 for mask in numbers], np.int8)[kind]
            coded[code] = pd.arrays.IntegerArray(values, kind == numbers[0])
    coded.attrs["note"] = _note(np.bincount(kind, minlength=len(numbers)), tuples)
    return coded


def caught(answers, book):
    """What each term of a codebook catches: the look at a short prefix before it is trusted.

    answers, book : as for `code_answers`. Returns a frame in the order of the codebook: `code`, `term` as written, `n` (answers in which it was
    found, 0 for a term that catches nothing), `words` (tuple of what it caught as people wrote it, the most frequent first, at most 20).

    >>> from cxlab import load_codebook
    >>> table = caught(["Çok pahalı", "pahalıydı"], load_codebook())
    >>> table.query("n > 0 and code == 'price'")["words"].tolist()[0]
    ('pahalı', 'pahalıydı')
    """
    index, (place, texts, _) = _index(book), _distinct(answers)
    n, words = collections.Counter(), collections.defaultdict(collections.Counter)
    times = np.bincount(place[place >= 0], minlength=len(texts)).tolist()
    steps = itertools.chain.from_iterable(_steps(texts, say("coding.progress_why")))
    for text, count in zip(steps, times, strict=True):
        found = _spans(_words(text), index)
        n.update(dict.fromkeys({(code, term) for _, _, term, code in found}, count))
        for start, end, term, code in found:
            words[code, term][text[start:end]] += count
    rows = [(term.code, term.text, n[term.code, term.text], tuple(word for word, _ in words[term.code, term.text].most_common(20)))
            for term in terms_of(book)]
    return pd.DataFrame(rows, columns=["code", "term", "n", "words"])


def spans(text, book):
    """Where the terms of a codebook stand in one answer: list of (start, end, term, code), `text[start:end]` as the person wrote it.

    book : from `load_codebook`. The list is in the order of the text; an answer that is none or dont_know as a whole has the spans of that alone.
    """
    return _spans(_words(text), _index(book))


def find_themes(answers, coded, n=10, rng=0):
    """What the codebook missed: words that mark the answers coded only "other", and groups of such answers, both with the answers.

    answers : as given to `code_answers`; coded : its result, or any frame of the same rows with `codes`. n : at most so many words and so many
    clusters. rng : seed or Generator for the sample of 2,000 different answers on which clusters are found when there are more.
    Returns a frame, words first: `kind` (word, cluster), `theme` (the most frequent word of a stem of five letters; the central answer),
    `n` (answers), `keyness` (missing for clusters), `answers` (tuple of examples as written, the most frequent first).
    Keyness is the log-likelihood ratio G² of answers with and without the stem among uncoded and coded ones (Dunning 1993), for stems more
    frequent among the uncoded: `scipy.stats.chi2_contingency([[a, A - a], [b, B - b]], correction=False, lambda_="log-likelihood")`. Clusters:
    average link on the cosine of character 3-grams. Both suggest; a person reads the answers and decides.

    >>> texts = ["free parking please", "parking", "more parking", "too expensive"]
    >>> coded = pd.DataFrame({"codes": [("other",)] * 3 + [("price",)]})
    >>> find_themes(texts, coded, n=1)[["kind", "theme", "n"]].values.tolist()
    [['word', 'parking', 3], ['cluster', 'parking', 3]]
    """
    place, texts, _ = _distinct(answers)
    if not isinstance(coded, pd.DataFrame) or "codes" not in coded or len(coded) != len(place):
        raise CxError(say("coding.not_coded", answers=number(len(place)), rows=number(len(coded)) if hasattr(coded, "__len__") else "0"))
    given = [codes if isinstance(codes, tuple) and codes and at >= 0 else None for codes, at in zip(coded["codes"], place, strict=True)]
    uncoded = np.array([codes == (OTHER,) for codes in given], bool)
    themed = np.array([codes is not None and codes[0] not in WHOLE_ONLY for codes in given], bool) & ~uncoded
    times = [np.bincount(place[rows], minlength=len(texts)) for rows in (uncoded, themed)]
    lines = _fold_all(texts) if texts else []
    words = _key_words(texts, lines, *times, n)
    clusters, told = _clusters(texts, lines, times[0], n, np.random.default_rng(rng))
    found = pd.DataFrame([*words, *clusters], columns=["kind", "theme", "n", "keyness", "answers"]).astype({"n": "int64", "keyness": "float64"})
    note = say("coding.themes_note", uncoded=number(uncoded.sum()), themed=number(themed.sum()))
    found.attrs["note"] = f"{note} {told}".strip()
    return found


# --- folding ---------------------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=1 << 16)
def _letters(sign):
    """What one character is folded to: letters and digits, " " (it parts words) or "" (it is passed over)."""
    return folded(f"a{sign}a")[1:-1]


codecs.register_error("cxlab.fold", lambda error: ("".join(map(_letters, error.object[error.start:error.end])), error.end))
_SIGNS = [bytes([byte]).decode("cp1254", "replace") for byte in range(256)]
_TABLE = bytearray(ord(_letters(sign)) if len(_letters(sign)) == 1 else ord(" ") for sign in _SIGNS)
_TABLE[ord("\n")] = ord("\n")  # parts the answers
_PASSED = bytes(byte for byte, sign in enumerate(_SIGNS) if _letters(sign) == "")
_LONG = [sign for sign in _SIGNS if len(_letters(sign)) > 1]
_UNEVEN = _PASSED + "".join(_LONG).encode("cp1254")
_WORD = re.compile("[a-z0-9]+")


def _fold_all(texts):
    """`folded` of many texts at once: one byte a character where the Turkish code page has it. Spaces are not put in order."""
    joined = "\n".join([text.replace("\n", " ") for text in texts])
    for sign in _LONG:
        joined = joined.replace(sign, _letters(sign))
    return joined.encode("cp1254", "cxlab.fold").translate(_TABLE, _PASSED).decode("ascii").split("\n")


def _words(text):
    """[(folded word, start, end in the text as written)]."""
    coded = text.encode("cp1254", "replace")
    if len(coded.translate(None, _UNEVEN)) == len(coded) and b"?" not in coded:  # one letter for each character
        return [(found[0], *found.span()) for found in _WORD.finditer(coded.translate(_TABLE).decode("ascii"))]
    letters = list(map(_letters, text))
    places, words = [at for at, new in enumerate(letters) for _ in new], []
    for found in _WORD.finditer("".join(letters)):
        end = places[found.end() - 1] + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        words.append((found[0], places[found.start()], end))
    return words


# --- matching --------------------------------------------------------------------------------------------------------------------


def _index(book):
    """The terms of a codebook as `_build` makes them, kept for the book used last: that takes longer than a thousand answers."""
    columns = ["code", "terms_tr", "terms_en"]
    key = book[columns].values.tolist() if isinstance(book, pd.DataFrame) and set(columns) <= set(book) else None
    if key is None or _kept.get("key") != key:
        _kept.update(index=_build(book), key=key)
    return _kept["index"]


_kept = {}


def _build(book):
    """The terms of a codebook, to be found by the words they begin and end with.

    codes : in order, with other, none and dont_know even if the book lacks them; bits : code → its bit, from bit 1. terms : in order; begins, ends :
    word → terms that it may begin or end, the bit is the place in `terms`. mask : word → bits of the codes that it has by itself; bit 0: a longer
    term may begin here (longer : all of these). symbols : answers without letters.
    """
    terms = terms_of(book)
    codes = list(dict.fromkeys([*book["code"], OTHER, *WHOLE_ONLY]))
    bits = {code: 1 << bit for bit, code in enumerate(codes, 1)}
    begins, ends = _fitting([term.words[:1] for term in terms]), _fitting([term.words[-1:] for term in terms])
    longer = sum(1 << at for at, term in enumerate(terms) if term.whole or len(term.words) > 1)

    @functools.lru_cache(maxsize=CACHED)
    def mask(word):
        found = begins(word)
        return functools.reduce(operator.or_, (bits[terms[at].code] for at in _places_of(found & ~longer)), int(found & longer > 0))

    symbols = {visible(term.text.removeprefix("=")): term for term in reversed(terms) if not term.words}
    return Index(codes, bits, terms, begins, ends, mask, longer, symbols)


def _fitting(patterns):
    """A function: word → the patterns that it fits, as bits; each pattern is () or one folded word, a prefix ending in *."""
    exact, beginning = collections.defaultdict(int), collections.defaultdict(int)
    for at, pattern in enumerate(patterns):
        for word in pattern:
            (beginning if word.endswith("*") else exact)[word.rstrip("*")] |= 1 << at
    longest = max(map(len, beginning), default=0)

    @functools.lru_cache(maxsize=CACHED)
    def fitting(word):
        found = exact.get(word, 0)
        for length in range(SHORTEST_PREFIX, min(len(word), longest) + 1):
            found |= beginning.get(word[:length], 0)
        return found

    return fitting


def _places_of(bits):
    """Which bits are set, from the lowest."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _hits(words, index, only=-1):
    """(place of the first word, of the last word, term) of each term found in a list of folded words; only : terms to try, as bits."""
    begun = list(map(index.begins, words))
    candidates = functools.reduce(operator.or_, begun, 0) & functools.reduce(operator.or_, map(index.ends, words), 0) & only
    for first, bits in enumerate(begun if candidates else ()):
        for at in _places_of(bits & candidates):  # few are left
            term = index.terms[at]
            if not term.whole:
                last = _last(words, first, term.words)
                if last is not None:
                    yield first, last, term
            elif first == 0 and len(words) == len(term.words) and all(map(_fits, words, term.words)):
                yield 0, len(words) - 1, term


def _spans(words, index):
    """As `spans`, of a text already cut into `_words`."""
    hits = _hits([word for word, _, _ in words], index)
    found = [(words[first][1], words[last][2], term.text, term.code) for first, last, term in hits]
    alone = min({code for *_, code in found}.intersection(WHOLE_ONLY), key=index.bits.get, default=None)
    return [span for span in found if span[3] == alone] if alone else found


def _last(words, at, phrase):
    """Place of the last word of a phrase whose first stands at `at`, or None; up to GAP words may stand between neighbours."""
    if len(phrase) == 1:
        return at
    for following in range(at + 1, min(at + 2 + GAP, len(words))):
        if _fits(words[following], phrase[1]):
            last = _last(words, following, phrase[1:])
            if last is not None:
                return last
    return None


def _fits(word, pattern):
    return word.startswith(pattern[:-1]) if pattern[-1] == "*" else word == pattern


def _masks(texts, index):
    """The codes of each text as bits from 1 (bit of `index.codes[0]`); 0 for a text with nothing to see."""
    found, alone, other = [], functools.reduce(operator.or_, (index.bits[code] for code in WHOLE_ONLY)), index.bits[OTHER]
    for text, line in zip(texts, _fold_all(texts), strict=True):
        words = line.split()
        mask = functools.reduce(operator.or_, map(index.mask, words), 0)
        if mask & 1:
            for _, _, term in _hits(words, index, index.longer):
                mask |= index.bits[term.code]
            mask &= ~1
            if mask & alone:
                mask = mask & alone & -(mask & alone)  # the first of them, by itself
        found.append(mask or (other if words else _without_letters(text, index)[0]))
    return found


def _without_letters(text, index):
    """(codes as bits, term) of a text in which folding left nothing: signs, another script, or nothing to see at all."""
    seen = visible(text)
    if not seen:
        return 0, None
    if seen in index.symbols:
        return index.bits[index.symbols[seen].code], index.symbols[seen].text
    if any(map(str.isalnum, seen.upper())):
        return index.bits[OTHER], None
    return index.bits["dont_know" if "?" in seen else "none"], say("coding.signs")


def _why(text, index):
    """The terms found and the words they caught, by code; "" if there are none."""
    reasons, words = collections.defaultdict(list), _words(text)
    for start, end, term, code in _spans(words, index):
        reasons[code].append(f"{term} → {text[start:end]}")
    if not words:
        bits, term = _without_letters(text, index)
        reasons |= {code: [f"{term} → {visible(text)}"] for code in index.codes if term and index.bits[code] == bits}
    return " · ".join(f"{code}: {', '.join(dict.fromkeys(reasons[code]))}" for code in sorted(reasons, key=index.bits.get))


# --- answers in, counts out ------------------------------------------------------------------------------------------------------


def _distinct(answers):
    """(for each answer the place of its text, −1 = missing; the distinct texts; the index of the rows)."""
    if isinstance(answers, (str, bytes, dict)) or getattr(answers, "ndim", 1) != 1 or not hasattr(answers, "__len__"):
        raise CxError(say("coding.not_answers", type=type(answers).__name__))
    series = answers if isinstance(answers, pd.Series) else pd.Series(list(answers), dtype=object)
    try:
        place, values = pd.factorize(series)
    except TypeError:  # lists
        place, values = None, series.dropna()
    values = np.asarray(values, dtype=object).tolist() if place is not None else values
    several = [value for value in values if isinstance(value, (tuple, list, dict, set, np.ndarray))]
    if several or place is None:
        raise CxError(say("coding.several", value=str(several[0] if several else "")[:100]))
    return place, [value if isinstance(value, str) else cell_text(value) for value in values], series.index


def _steps(texts, told):
    """The texts in portions, with a progress bar if it takes long."""
    from tqdm.auto import tqdm

    with tqdm(total=len(texts), delay=2, leave=False, desc=told) as bar:
        for start in range(0, len(texts), STEP):
            yield texts[start:start + STEP]
            bar.update(min(STEP, len(texts) - start))


def _note(n, codes):
    """How many answers were missing, coded and other, in a sentence; n : answers for each tuple of codes."""
    def of(wanted):
        return int(sum(count for count, given in zip(n, codes, strict=True) if wanted(given)))

    missing, other, empty = of(lambda given: given is None), of(lambda given: given == (OTHER,)), of(lambda given: given and given[0] in WHOLE_ONLY)
    answered = int(n.sum()) - missing
    return say("coding.note", n=number(answered + missing), missing=number(missing), coded=number(answered - other - empty), empty=number(empty),
               other=number(other), share=percent(other / max(answered, 1)))


# --- what the codebook missed ----------------------------------------------------------------------------------------------------


def _key_words(texts, lines, uncoded, themed, n):
    """Rows of the stems by which uncoded answers differ most from coded ones; uncoded, themed : how often each text is of that kind."""
    from scipy.special import xlogy

    counts, stems = collections.defaultdict(lambda: [0, 0]), []
    for line, *times in zip(lines, uncoded.tolist(), themed.tolist(), strict=True):
        stems.append({word[:STEM] for word in line.split() if len(word) >= SHORTEST_PREFIX and not word.isdigit()} if any(times) else set())
        for stem in stems[-1]:
            counts[stem][0] += times[0]
            counts[stem][1] += times[1]
    a, b = np.array([*counts.values()] or np.zeros((0, 2)), float).T
    total = np.array([[uncoded.sum()], [themed.sum()]], float)
    cells = np.stack([[a, b], total - [a, b]])  # with and without the stem, uncoded and coded
    expected = cells.sum(axis=1, keepdims=True) * cells.sum(axis=0) / max(total.sum(), 1)
    keyness = 2 * (xlogy(cells, cells) - xlogy(cells, expected)).sum(axis=(0, 1)).clip(0)
    wanted = np.flatnonzero((a >= 2) & (a * total[1, 0] >= b * total[0, 0]))
    order, names = wanted[np.lexsort((-a[wanted], -keyness[wanted]))][:n], list(counts)
    return [_word_row(names[at], texts, stems, uncoded, keyness[at]) for at in order]


def _word_row(stem, texts, stems, times, keyness):
    holding = _frequent([at for at in range(len(texts)) if times[at] and stem in stems[at]], times)
    examples = {folded(texts[at]): texts[at] for at in reversed(holding[:50])}  # once each, whatever the capitals
    written = collections.Counter()
    for at in holding[:50]:
        for word, start, end in _words(texts[at]):
            if word[:STEM] == stem:
                written[texts[at][start:end]] += int(times[at])
    return "word", written.most_common(1)[0][0], int(times[holding].sum()), keyness, tuple(examples.values())[::-1][:EXAMPLES]


def _frequent(places, times):
    return sorted(places, key=lambda at: -times[at])


def _clusters(texts, lines, times, n, rng):
    """(rows of the largest groups of uncoded answers that look alike, a remark if only a sample was looked at)."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    same = collections.defaultdict(list)  # texts that differ in capitals, diacritics and spaces only
    for at in np.flatnonzero(times):
        same[" ".join(lines[at].split()) or visible(texts[at]).casefold()].append(at)
    keys, told = list(same), ""
    if not keys:
        return [], told
    if len(keys) > MOST_CLUSTERED:
        told = say("coding.sampled", sample=number(MOST_CLUSTERED), distinct=number(len(keys)))
        keys = [keys[at] for at in np.sort(rng.choice(len(keys), MOST_CLUSTERED, replace=False))]
    alike = _alike(keys)
    groups = fcluster(linkage(squareform(1 - alike, checks=False), "average"), FARTHEST, "distance") if len(keys) > 1 else np.arange(len(keys))
    rows = []
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        weight = np.array([times[same[keys[at]]].sum() for at in members])
        if weight.sum() < 2:
            continue
        central = members[np.argmax(alike[np.ix_(members, members)] @ weight)]
        shown = [_frequent(same[keys[at]], times)[0] for at in [central, *members[np.argsort(-weight, kind="stable")]]]
        examples = tuple(dict.fromkeys(texts[at] for at in shown))
        rows.append(("cluster", examples[0], int(weight.sum()), np.nan, examples[:EXAMPLES]))
    return sorted(rows, key=lambda row: -row[2])[:n], told


def _alike(lines):
    """Cosine between texts (0-1), by their character 3-grams, rare ones counting more."""
    from scipy import sparse

    numbers = collections.defaultdict(itertools.count().__next__)
    grams = [[numbers[f" {line} "[at:at + 3]] for at in range(min(len(line), 300))] for line in lines]
    row = np.repeat(np.arange(len(lines)), list(map(len, grams)))
    table = sparse.csr_array((np.ones(len(row)), (row, np.array([*itertools.chain(*grams)], np.int64))), shape=(len(lines), len(numbers)))
    table.data = np.ones(len(table.data))  # named or not, however often
    table.data *= np.log1p(len(lines) / np.bincount(table.indices, minlength=table.shape[1]))[table.indices]
    table = sparse.diags_array(1 / np.sqrt(np.maximum(table.power(2).sum(axis=1), 1e-12))) @ table
    alike = np.clip((table @ table.T).toarray(), 0, 1)
    np.fill_diagonal(alike, 1)
    return alike
