"""Which organisations open answers name, whatever the spelling: "thy", "Türk Hava Yollari A.S." and "THY'den" are one.

Equality comes first: folded letters without blanks, legal forms, words of the trade (bank, kargo) and Turkish endings. Only then likeness:
difflib's ratio, sure from 0.85, asked from 0.75. Scores that compare sets of words or beginnings merge different companies.
"""

import collections
import difflib
import functools
import pathlib
import re
import tomllib

import numpy as np
import pandas as pd

from .codebooks import folded
from .data import load
from .framework import CxError, number, say
from .tally import check_columns, name_rows

SURE, ASK = 0.85, 0.75  # difflib ratios: the same name; a person decides
SHORT = 5  # names of fewer letters have too many neighbours: they are found by equality alone, and never in two words that only join to them
LEAST = 4  # letters that a short form of a name must have, common words apart
LONG = 80  # a longer spelling is no name: it is not compared for likeness
WORDS = 4  # more words than this beside a name are talk
COLUMNS = ["respondent", "raw", "name", "score", "how"]

# "A.Ş." is one word, "n11.com" two; signs that cannot be seen are passed over.
_WORD = re.compile(r"[^\W\d_](?:\.[^\W\d_])+(?!\w)\.?|[^\W_](?:[^\W_]|[\u0300-\u036f\u200b-\u200f\u2060]|['’`´](?=[^\W_]))*")
_BREAK = re.compile(r"[,;:/|!?()\[\]{}\"“”„«»•·…=<>\r\n\t]|\.{2}|\s[-–—*]+\s")
_AND = re.compile("[&+]")
_ANDS = set("ve and ile veya or ya".split())
_TOLD = tomllib.loads((pathlib.Path(__file__).parent / "names.toml").read_text(encoding="utf-8"))
_TRADES = {word: "" if trade == "any" else trade for trade, words in _TOLD.pop("trades").items() for word in words.split()}
_ENDINGS, _LEGAL, _COMMON = (set(_TOLD[key].split()) for key in ("endings", "legal", "common"))
_BEFORE, _AFTER, _NOTHING = (set(_TOLD[key].split()) for key in ("before", "after", "nothing"))
_TALK = _BEFORE | _AFTER | _NOTHING | set(_TRADES)
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"

Index = collections.namedtuple("Index", "keys spellings letters owners trades beginnings longest joined")
Word = collections.namedtuple("Word", "text stem start end")  # folded; the same without what follows an apostrophe; where it stands
Mention = collections.namedtuple("Mention", "start end name score how key")


def match_names(answers, names="bundled", aliases=None):
    """The organisations that open answers name, each mention under one name.

    answers : Series or list of texts; missing ones give no rows, neither do "yok", "-", "can't think of any". An answer may name several, with
    words around. names : "bundled" (`datasets/organisations.csv`: some 80 known in Turkey; no use for the invented answers of the kit), a list of
    names, a frame `name` and, optionally, `aliases` divided by " | "; None: nothing is known, spellings are grouped and the most frequent of each
    group proposed. aliases : {alias: name} or a frame `alias, name`; with a list, the names must be in it.

    Returns a frame, one row a mention, a name once an answer: `respondent` (index label of the answer), `raw` (as written), `name` (missing if new,
    unless names=None), `score` (0-1), `how`: exact (equal once folded, without legal form, trade and ending), alias (also the initials of three or
    more words), close (score ≥ 0.85), ask (0.75-0.85, alike only with its trade, another trade, or the beginning of a name: a person decides), new.
    `.attrs["note"]` counts them. A name that is an ordinary word too (Mavi) is found wherever the word stands.
    Score: difflib.SequenceMatcher(None, name, spelling, autojunk=False).ratio() of the folded texts (Ratcliff & Metzener 1988).

    >>> match_names(["en iyisi thy bence", "Arcelik'ten ve Trendyl", "yok"])[["respondent", "raw", "name", "how"]].to_numpy().tolist()
    [[0, 'thy', 'Türk Hava Yolları', 'alias'], [1, "Arcelik'ten", 'Arçelik', 'exact'], [1, 'Trendyl', 'Trendyol', 'close']]
    """
    answers = _as_series(answers)
    there = np.flatnonzero(answers.notna())
    code, texts = pd.factorize(np.array([str(answers.iat[i]) for i in there], dtype=object))
    index = _index(_listed(names, aliases), _joined(texts) if names is None else frozenset())
    near = functools.cache(lambda spelling: _nearest(spelling, index))
    found = [_mentions(text, index, near) for text in texts]
    if names is None:
        found = _proposed(found, texts, np.bincount(code, minlength=len(texts)))
    rows = [[(text[m.start:m.end], m.name, m.score, m.how) for m in _once(mentions)] for text, mentions in zip(texts, found, strict=True)]
    place = np.repeat(there, [len(rows[k]) for k in code])
    result = pd.DataFrame([row for k in code for row in rows[k]], columns=COLUMNS[1:])
    result.insert(0, "respondent", answers.index[place])
    result["score"] = result["score"].astype(float)
    n = {how: number((result["how"] == how).sum()) for how in ("ask", "new")}
    result.attrs["note"] = say("names.note", mentions=number(len(result)), answers=number(len(there)), **n)
    return result


# --- what is asked for ----------------------------------------------------------------------------------------------------------


def _as_series(answers):
    if isinstance(answers, (str, bytes, dict, pd.DataFrame)) or not hasattr(answers, "__iter__"):
        raise CxError(say("names.answers", kind=type(answers).__name__))
    return answers if isinstance(answers, pd.Series) else pd.Series(list(answers), dtype=object)


def _listed(names, aliases):
    """What the texts may hold, as (spelling, name, how)."""
    if isinstance(names, str) and names == "bundled":
        names = load("organisations")
    known = _names(names) if names is not None else []
    at = {name for _, name, _ in known}
    for alias, name in _aliases(aliases):
        if names is not None and name not in at:
            raise CxError(say("names.not_listed", alias=alias, name=name))
        known += [(name, name, "exact")] * (name not in at) + [(alias, name, "alias")]
        at.add(name)
    return known


def _names(names):
    if not isinstance(names, (pd.DataFrame, pd.Series, list, tuple)):
        raise CxError(say("names.names", value=names))
    if not isinstance(names, pd.DataFrame):
        names = pd.DataFrame({"name": list(names)}, index=pd.RangeIndex(1, len(names) + 1, name="row"))
    _check_cells(names, ["name"])
    known = [(name, name, "exact") for name in names["name"]]
    if "aliases" in names:
        for name, given in zip(names["name"], names["aliases"], strict=True):
            known += [(alias.strip(), name, "alias") for alias in str("" if pd.isna(given) else given).split("|") if _plain(alias)]
    return known


def _aliases(aliases):
    if aliases is None:
        return []
    if isinstance(aliases, dict):
        aliases = pd.DataFrame({"alias": list(aliases), "name": list(aliases.values())}, index=pd.RangeIndex(1, len(aliases) + 1, name="row"))
    if not isinstance(aliases, pd.DataFrame):
        raise CxError(say("names.aliases", value=aliases))
    _check_cells(aliases, ["alias", "name"])
    return list(zip(aliases["alias"], aliases["name"], strict=True))


def _check_cells(frame, columns):
    check_columns(frame, columns)
    for column in columns:
        rows = name_rows(frame, column, lambda cell: not isinstance(cell, str) or not _plain(cell))
        if rows:
            raise CxError(say("names.empty", column=column, rows=rows))


# --- words ----------------------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=100_000)
def _plain(word):
    """The folded word without blanks; in another script the word itself in small letters."""
    return folded(word).replace(" ", "") or "".join(sign for sign in word.casefold() if sign.isalnum())


def _segments(text):
    """The words of a text between commas and the like. & + ve, and, ile stand as the word &."""
    segments, end = [[]], 0
    for found in _WORD.finditer(text):
        gap, segment = text[end:found.start()], segments[-1]
        stop = gap[:1] == "." and gap[1:2].isspace() and segment and len(segment[-1].text) >= LEAST and segment[-1].text not in _LEGAL
        if segment and (stop or _BREAK.search(gap)):
            segments.append([])
        elif segment and _AND.search(gap):
            segment.append(Word("&", "&", end, found.start()))
        whole, stem = _plain(found[0]), _plain(re.split("['’`´]", found[0], maxsplit=1)[0])
        if whole:
            segments[-1].append(Word("&", "&", *found.span()) if whole in _ANDS else Word(whole, stem or whole, *found.span()))
        end = found.end()
    return [segment for segment in segments if segment]


def _parts(segment, joined=frozenset()):
    """Where the stretches between & begin and end; a name of `joined` is not cut."""
    cuts, parts = [-1, *(i for i, word in enumerate(segment) if word.text == "&"), len(segment)], []
    for begin, end in ((i + 1, j) for i, j in zip(cuts, cuts[1:], strict=False) if j > i + 1):
        if parts and "".join(word.text for word in segment[parts[-1][0]:end]) in joined:
            begin = parts.pop()[0]
        parts.append((begin, end))
    return parts


def _name_words(text):
    """The folded words of a name, its legal form apart."""
    return _without([word.text for segment in _segments(text) for word in segment], _LEGAL)


def _without(words, endings):
    """The words without those of `endings` at their end; all of them if nothing were left."""
    kept = len(words)
    while kept and (words[kept - 1] in endings or words[kept - 1] == "&"):
        kept -= 1
    return words[:kept] or words


def _trade(words):
    """The last trade among the words, "" if there is none."""
    return next((_TRADES[word] for word in reversed(words) if _TRADES.get(word)), "")


def _base(words):
    """A name without legal form and trade; "hava yolları" is a trade of two words."""
    words = _without(words, _LEGAL)
    if len(words) > 2 and words[-2] == "hava" and words[-1] in ("yollari", "yolu"):
        words = words[:-2]
    return _without(words, _LEGAL | set(_TRADES))


# --- the list -------------------------------------------------------------------------------------------------------------------


def _index(listed, joined):
    """What the list allows to be found: keys {folded spelling: (name, how, words)}, and what can be like it."""
    keys, trades, derived, beginnings = {}, {}, collections.defaultdict(set), collections.defaultdict(set)
    for spelling, name, how in listed:
        words = _name_words(spelling)
        key = "".join(words)
        if key in keys and keys[key][0] != name:
            raise CxError(say("names.two", spelling=spelling, first=keys[key][0], second=name))
        keys.setdefault(key, (name, how, set()))[2].add(len(words))
        trades[name] = trades.get(name) or _trade(words)
        for form, how_found in _forms(words, how):
            derived[form].add((name, how_found))
        for k in range(1, len(words)):
            beginnings["".join(words[:k])].add(name)
    for form, owners in derived.items():
        if len({name for name, _ in owners}) == 1:
            keys.setdefault(form, (*min(owners, key=lambda owner: owner[1] == "alias"), {1}))
    spellings = [key for key, (_, how, _) in keys.items() if SHORT <= len(key) <= LONG and " " not in key]
    beginnings = {key: min(owners) for key, owners in beginnings.items() if len(owners) == 1 and len(key) >= SHORT}
    longest = max((max(words) for _, _, words in keys.values()), default=0) + 1
    return Index(keys, spellings, _letters(spellings), [keys[key][0] for key in spellings], trades, beginnings, longest, joined)


def _bare(words):
    """The words without "Türkiye" and the like before them."""
    return words[1:] if len(words) > 1 and words[0] in ("turkiye", "tc", "the", "ozel") else words


def _forms(words, how):
    """Shorter forms of a name, (folded, how): without its trade, without "Türkiye" before it, without &, its initials."""
    for shorter in (words, _bare(words)):
        base, trade = _base(shorter), _trade(shorter)
        if trade:
            yield f"{''.join(base)} {trade}", how
        if len("".join(word for word in base if word not in _COMMON)) >= LEAST:
            yield "".join(base), how
        if len(shorter) < len(words) and len("".join(shorter)) > LEAST:
            yield "".join(shorter), how
    if "&" in words and len("".join(words)) > SHORT:
        yield "".join(word for word in words if word != "&"), how
    initials = "".join("hy" if word in ("havayollari", "havayolu") else word[0] for word in words if word != "&")
    if len(initials) >= 3 and initials not in _TALK | _COMMON:
        yield initials, "alias"


def _letters(spellings):
    """How often each letter stands in each spelling; any other sign counts as one more letter."""
    counts = np.zeros((len(spellings), len(_ALPHABET) + 1), np.int16)
    for row, spelling in zip(counts, spellings, strict=True):
        row[:-1] = [spelling.count(letter) for letter in _ALPHABET]
        row[-1] = len(spelling) - row.sum()
    return counts


def _closest(spelling, spellings, letters):
    """(place, ratio) of the spelling most like it, the first of equals; (None, 0) if none reaches ASK.

    Letters in common bound the ratio from above, so that most spellings need no comparison.
    """
    if not spellings or not LEAST <= len(spelling) <= LONG:
        return None, 0.0
    shared = np.minimum(letters, _letters([spelling])).sum(axis=1)
    bound = 2.0 * shared / (letters.sum(axis=1) + len(spelling))
    matcher = difflib.SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(spelling)
    at, best = None, 0.0
    for i in sorted(np.flatnonzero(bound >= ASK), key=lambda i: (-bound[i], i)):
        if bound[i] < best:
            break
        matcher.set_seq1(spellings[i])
        ratio = matcher.ratio()
        if ratio > best or (ratio == best and at is not None and i < at):
            at, best = int(i), ratio
    return (at, best) if best >= ASK else (None, 0.0)


def _nearest(spelling, index):
    """(name or None, ratio, whether it is sure): likeness that lies merely in the trade that both end in (Akbank, Halkbank) is not."""
    at, ratio = _closest(spelling, index.spellings, index.letters)
    if at is None:
        return None, 0.0, False
    like = index.spellings[at]
    ends = [word for word in _TRADES if len(word) >= LEAST and spelling.endswith(word) and like.endswith(word)] if ratio >= SURE else []
    fronts = [difflib.SequenceMatcher(None, like[:-len(word)], spelling[:-len(word)], autojunk=False).ratio() for word in ends]
    return index.owners[at], ratio, min([ratio, *fronts]) >= SURE


# --- one text -------------------------------------------------------------------------------------------------------------------


def _mentions(text, index, near):
    """What a text mentions, in its order."""
    found = []
    for segment in _segments(text):
        hits = _exact(segment, index)
        hits += _alike(segment, hits, index, near)
        found += [Mention(segment[i].start, segment[j - 1].end, *rest, "") for i, j, *rest in hits]
        free = [segment[i:j] for i, j in _parts(segment, index.joined) if not any(i < hit[1] and hit[0] < j for hit in hits)]
        found += [mention for part in free if (mention := _unlisted(part, index, near))]
    long = [m for m in found if m.how == "new" and len(m.key) > WORDS]
    return sorted(m for m in found if m not in long) or long[:1]


def _exact(segment, index):
    """(begin, end, name, score, how) of every listed name in a segment, the longest first where they overlap."""
    hits, i, longest = [], 0, index.longest + 1
    while i < len(segment):
        for j in range(min(len(segment), i + longest), i, -1):
            known = _known(segment[i:j], index.keys)
            if known:
                j, other = _extended(segment, j, index.trades[known[0]])
                hits.append((i, j, known[0], *((SURE, "ask") if other else (1.0, known[1]))))
                i = j - 1
                break
        i += 1
    return hits


def _known(words, keys):
    """(name, how) if the words, joined, are a key: as they are, without a Turkish ending, or with another word for the same trade."""
    if words[0].text == "&" or words[-1].text == "&":
        return None
    before = "".join(word.text for word in words[:-1])
    tried = [before + words[-1].stem, *_stems(before + words[-1].text)]
    if len(words) > 1 and (trade := _TRADES.get(words[-1].text) or _TRADES.get(words[-1].stem)):
        tried.append(f"{''.join(_base([*(word.text for word in words[:-1]), words[-1].stem]))} {trade}")
    for key in tried:
        known = keys.get(key)
        if known and (len(key) >= SHORT or len(words) in known[2]):
            return known[:2]
    return None


def _stems(spelling):
    """A folded spelling, and what is left of it without a Turkish ending."""
    found = [spelling]
    for size in range(1, 6):
        rest = spelling[:-size]
        if spelling[-size:] in _ENDINGS and len(rest) >= (SHORT if size == 1 else 3):
            found += [rest, rest[:-1] + "k"] if rest[-1] == "g" else [rest]  # Arçeliği: the k of Arçelik softens
    return found


def _extended(segment, end, trade):
    """(end, whether of another trade): a name goes on through legal forms and words of its trade."""
    while end < len(segment) and (segment[end].text in _LEGAL or segment[end].text in _TRADES):
        other = _TRADES.get(segment[end].text)
        if other and trade and other != trade:
            return end + 1, True
        end += 1
    return end, False


def _alike(segment, hits, index, near):
    """As `_exact`, for what is like a listed name, in the words that are still free: the most alike first."""
    taken = {k for i, j, *_ in hits for k in range(i, j)}
    found = []
    for i in range(len(segment)):
        for j in range(i + 1, min(len(segment), i + index.longest) + 1):
            if j - 1 in taken:
                break
            words = [word.text for word in segment[i:j]]
            if "&" in (words[0], words[-1]) or set(words) <= _TALK or (j > i + 1 and words[-1] in _TRADES):
                continue
            for spelling in {"".join(words), "".join(words[:-1]) + segment[j - 1].stem}:
                name, ratio, sure = near(spelling)
                if sure and len(spelling) > SHORT:
                    found.append((ratio, j - i, -i, name))
    chosen = []
    for ratio, size, i, name in sorted(found, reverse=True):
        if not taken & set(range(-i, size - i)):
            end, other = _extended(segment, size - i, index.trades[name])
            chosen.append((-i, end, name, ratio, "ask" if other else "close"))
            taken |= set(range(-i, end))
    return chosen


def _unlisted(part, index, near):
    """The Mention of words in which no listed name was found, or None for mere talk."""
    if all(word.text in _TALK for word in part):
        return None
    begin = next(i for i, word in enumerate(part) if word.text not in _BEFORE)
    end = next(i for i in range(len(part), 0, -1) if part[i - 1].text not in _AFTER)
    part = part[begin:end] or part
    words = [*(word.text for word in part[:-1]), part[-1].stem]
    where, full, base = (part[0].start, part[-1].end), "".join(words), _base(words)
    if len(words) <= WORDS:
        name, ratio, sure = near("".join(base))
        how = "close" if sure and _trade(words) in ("", index.trades[name]) else "ask"
        if how == "ask":
            name, ratio, _ = max((name, ratio, sure), near(full), key=lambda found: found[1])
            name = name or index.beginnings.get(full)
        if name:
            return Mention(*where, name, ratio or difflib.SequenceMatcher(None, _plain(name), full, autojunk=False).ratio(), how, "")
    return Mention(*where, None, 0.0, "new", tuple(words))


def _once(mentions):
    """Each name once, where it is surest; each new spelling once."""
    best = {}
    for mention in mentions:
        key = mention.name or "".join(mention.key)
        if key not in best or (mention.how != "ask", mention.score) > (best[key].how != "ask", best[key].score):
            best[key] = mention
    return sorted(best.values(), key=lambda mention: mention.start)


# --- without a list -------------------------------------------------------------------------------------------------------------


def _joined(texts):
    """Folded names such as Marks & Spencer: written with & or +, and no half more often elsewhere; or, written so twice, only one half."""
    each, pairs, halves = collections.Counter(), collections.Counter(), {}
    for whole, segment in ((text, segment) for text in texts for segment in _segments(text)):
        bases = ["".join(_base([word.text for word in segment[i:j]])) for i, j in _parts(segment)]
        if len(bases) <= 2:
            each.update(bases)
        if len(bases) == 2:
            pair = "".join(word.text for word in segment)
            pairs[pair] += 1
            if any(word.text == "&" and _AND.search(whole[word.start:word.end]) for word in segment):
                halves[pair] = bases
    elsewhere = {pair: sum(each[half] >= 2 * pairs[pair] for half in bases) for pair, bases in halves.items()}
    return frozenset(pair for pair, known in elsewhere.items() if not known or known == 1 < pairs[pair])


def _proposed(found, texts, n):
    """The new mentions with a name: spellings of one base, or like that of a more frequent one, take the most frequent spelling."""
    count, spelled = collections.Counter(), collections.defaultdict(collections.Counter)
    keys = {words: _group_key(words) for mentions in found for words in (m.key for m in mentions if m.how == "new")}
    for mentions, text, times in zip(found, texts, n, strict=True):
        for mention in mentions:
            if mention.how == "new":
                count[keys[mention.key]] += int(times)
                spelled[keys[mention.key]][text[mention.start:mention.end]] += int(times)
    leader = _leaders([key for key, _ in count.most_common()])
    written = collections.defaultdict(collections.Counter)
    for key, spellings in spelled.items():
        written[leader[key][0]].update(spellings)
    name = {key: max(spellings, key=lambda raw: (spellings[raw], -len(raw))) for key, spellings in written.items()}
    return [[m if m.how != "new" else m._replace(name=name[leader[keys[m.key]][0]], score=leader[keys[m.key]][1]) for m in mentions]
            for mentions in found]


def _group_key(words):
    """(folded base, trade): what must be alike for two spellings to be one name."""
    return "".join(_base(_bare(words))), _trade(words)


def _leaders(keys):
    """{key: (the more frequent key it belongs to, likeness)}; keys come by frequency. Another trade is another name."""
    leader, first, firsts, bases = {}, collections.defaultdict(list), [], []
    letters = np.zeros((len(keys), len(_ALPHABET) + 1), np.int16)
    for key in keys:
        base, trade = key
        same = [other for form in _stems(base) for other in first[form]]
        at, ratio = (None, 1.0) if same else _closest(base, bases, letters[:len(bases)])
        same += [firsts[at]] if ratio >= SURE and at is not None else []
        same = [other for other in same if not trade or not other[1] or other[1] == trade]
        leader[key] = (same[0], ratio) if same else (key, 1.0)
        if not same:
            letters[len(bases)] = _letters([base])[0]
            bases.append(base)
            firsts.append(key)
            first[base].append(key)
    return leader
