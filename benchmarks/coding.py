"""Coding of open answers beside one `str.contains` a term, in the same run: `python benchmarks/coding.py [answers]`. Prints; asserts nothing.

Answers of about six words, half of them distinct, made of the words of the sample phrases; the bundled codebook. The peer is measured on a sample
of folded answers and scaled up; its time for folding is not counted. The highest memory is that of a process that does nothing else.
"""

import re
import subprocess
import sys
import time

import numpy as np
import pandas as pd
from promised import tell

import cxlab as cx
from cxlab.codebooks import folded, terms_of
from cxlab.data import data_folder

ANSWERS, SAMPLE = int((sys.argv[1:] or ["1000000"])[0]), 5_000
GAP = r"(?: \w+){0,2} "
ALONE = "import sys, resource; sys.path.insert(0, 'benchmarks'); import coding, cxlab as cx; answers = coding.answers(coding.ANSWERS)"


def answers(n):
    """Half of the answers occur once, the others are drawn from them."""
    rng = np.random.default_rng(1)
    phrases = pd.read_csv(data_folder() / "phrases.csv", keep_default_na=False)["text"]
    words = np.array([word for text in phrases for word in text.split()], dtype=object)  # as frequent as in the phrases
    drawn, lengths = words[rng.integers(0, len(words), (n // 2, 9))], rng.integers(3, 10, n // 2)
    distinct = np.array([" ".join(row[:length]) for row, length in zip(drawn, lengths, strict=True)], dtype=object)
    return pd.Series(rng.permutation(np.concatenate([distinct, distinct[rng.integers(0, n // 2, n - n // 2)]])))


def by_contains(texts, book):
    """What one would write at first, on folded text: every term is looked for in every answer."""
    found = {code: np.zeros(len(texts), bool) for code in book["code"]}
    for term in terms_of(book):
        words = [re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in term.words]
        pattern = rf"\b{GAP.join(words)}\b"
        found[term.code] |= texts.str.contains(f"^{pattern}$" if term.whole else pattern).to_numpy()
    return found


def memory():
    """MB at the highest of a process that makes the answers, and of one that also codes them."""
    shown, found = "; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)", []
    for step in ("", "; cx.code_answers(answers, cx.load_codebook(), columns=True)"):
        run = subprocess.run([sys.executable, "-c", ALONE + step + shown, str(ANSWERS)], capture_output=True, text=True, check=True)
        found.append(int(run.stdout))
    return found


def main():
    without, highest = memory()  # first: a process begins with the highest memory of the one that starts it
    texts, book = answers(ANSWERS), cx.load_codebook()
    start = time.perf_counter()
    coded = cx.code_answers(texts, book)
    took = time.perf_counter() - start
    words = texts.str.count(" ").mean() + 1
    print(f"{ANSWERS:,} answers, {texts.nunique():,} distinct, {words:.1f} words, {len(terms_of(book))} terms: {took:.1f} s")
    print(coded.attrs["note"])
    tell(f"open answers coded, {ANSWERS:,}", took, at_most=15)
    few = texts.iloc[:10_000]
    times = []
    for why in (False, True):
        start = time.perf_counter()
        cx.code_answers(few, book, why=why)
        times.append(time.perf_counter() - start)
    print(f"{len(few):,} answers: {times[0]:.3f} s, with the reasons {times[1]:.3f} s")
    for name, found in zip(("", ", with the reasons"), times, strict=True):
        tell(f"open answers coded, {len(few):,}{name}", found, at_most=0.2)
    sample = texts.iloc[:SAMPLE].map(folded)
    start = time.perf_counter()
    found = by_contains(sample, book)
    peer = (time.perf_counter() - start) * ANSWERS / SAMPLE
    codes = [code for code in found if code != "other"]
    same = np.mean([all((code in given) == found[code][row] for code in codes) for row, given in enumerate(coded["codes"].iloc[:SAMPLE])])
    print(f"str.contains a term, scaled from {SAMPLE:,}: {peer:.0f} s, ratio {peer / took:.0f}; rows alike {same:.4f}")
    tell("the same beside `str.contains` a term", took, ratio=peer / took, peer="× as fast", at_least=20)
    tell("the same, highest memory", highest, "MB", at_most=1000)
    print(f"highest memory {highest} MB, of which {without} MB for the answers and the imports")


if __name__ == "__main__":
    main()
