"""The two invented coders: the faults planted in them are there, and everything else is the truth that was drawn."""

import inspect

import numpy as np
import pandas as pd
import pytest

import cxlab as cx
from cxlab import double_coding, worlds

COLUMNS = ["answer", "respondent", "question", "language", "text", "truth", "first", "second", "second_mended"]
CODERS = COLUMNS[6:]


@pytest.fixture(scope="module")
def rows():
    return pd.DataFrame(double_coding.double_coded())


def kappa(rows, second):
    return cx.agreement(rows["first"], rows[second]).set_index("code")["kappa"]


def test_rows_are_as_promised(rows):
    assert list(rows) == COLUMNS and rows["answer"].tolist() == list(range(1, 201))
    assert not rows.duplicated(["respondent", "question"]).any() and set(rows["question"]) == set(double_coding.QUESTIONS)
    codes = {*worlds.CODES, "none", "dont_know"}
    for column in ("truth", *CODERS):
        assert all(isinstance(given, tuple) and given and set(given) <= codes and len(set(given)) == len(given) for given in rows[column])
    for column in CODERS:  # in the order of the codebook; what is left over stands alone
        assert all(list(given) == sorted(given, key=[*worlds.CODES, "none", "dont_know"].index) for given in rows[column])
        assert all(given == ("other",) for given in rows[column] if "other" in given)


def test_the_order_of_the_codes_is_that_of_the_codebook():
    assert [code for code in cx.load_codebook()["code"] if code in worlds.CODES] == [*worlds.CODES]


def test_texts_and_truth_are_those_of_the_world(rows):
    people = {person["respondent"]: person for person in worlds.draw("five_questions")}
    for row in rows.to_dict("records"):
        person = people[row["respondent"]]
        assert (row["text"], row["language"]) == (person[row["question"]], person["language"])
        assert row["truth"] == tuple(person["codes"][row["question"]])


def test_an_answer_that_says_nothing_is_no_matter_of_dispute(rows):
    nothing = rows[rows["truth"].isin([("none",), ("dont_know",)])]
    assert len(nothing) and all((nothing[column] == nothing["truth"]).all() for column in CODERS)


def test_it_is_the_same_each_time_and_another_with_another_seed(rows, monkeypatch):
    assert repr(double_coding.double_coded()) == repr(rows.to_dict("records"))
    monkeypatch.setattr(double_coding, "SEED", 151)
    assert repr(double_coding.double_coded()) != repr(rows.to_dict("records"))


def test_only_two_ways_of_drawing_are_used(monkeypatch):
    """Those whose stream is promised never to change (NEP 19)."""
    real, used = np.random.default_rng, set()

    class Watched:
        def __init__(self, seed):
            self.rng = real(seed)

        def __getattr__(self, name):
            used.add(name)
            return getattr(self.rng, name)

    monkeypatch.setattr(np.random, "default_rng", Watched)
    double_coding.double_coded()
    assert used == {"random", "integers"} and ".choice(" not in inspect.getsource(double_coding)


def test_one_definition_misunderstood_then_mended(rows):
    before, after = kappa(rows, "second"), kappa(rows, "second_mended")
    for code in ("personal", "attitude"):
        assert before[code] < 0.4 and after[code] > 0.9
    others = [code for code in before.index if code not in ("personal", "attitude", "empathy")]  # personal went to empathy
    pd.testing.assert_series_equal(before[others], after[others])
    overall = [cx.agreement(rows["first"], rows[second], by="overall")["kappa"].iloc[0] for second in ("second", "second_mended")]
    assert overall[0] + 0.05 < overall[1] < 0.9  # better, and not perfect: the coders still lump and split


def test_mending_changes_what_was_misread_and_nothing_else(rows):
    changed = rows[rows["second"] != rows["second_mended"]]
    assert len(changed) >= 15
    for row in changed.to_dict("records"):
        lost, won = set(row["second"]) - set(row["second_mended"]), set(row["second_mended"]) - set(row["second"])
        assert won <= {"attitude", "personal"} & set(row["truth"]) and lost <= {"personal", "empathy"}


def test_the_first_lumps_and_stops_after_two(rows):
    for near, (into, often) in double_coding.LUMPS.items():
        there = rows[[near in codes[:2] for codes in rows["truth"]]]
        found = np.mean([near not in given and into in given for given in there["first"]])
        assert abs(found - often * (1 - double_coding.MISSED)) < 3 * np.sqrt(0.25 / len(there))
    strays = [set(given) - {double_coding.LUMPS.get(code, (None,))[0] for code in true} - set(true) - {"other"}
              for given, true in zip(rows["first"], rows["truth"], strict=True)]
    assert 0 < sum(map(len, strays)) < 12  # two in a hundred
    assert all(set(true[2:]).isdisjoint(given - stray) for given, true, stray in zip(rows["first"].map(set), rows["truth"], strays, strict=True)
               if not set(true[:2]) & set(double_coding.LUMPS))


def test_the_second_adds_a_neighbour(rows):
    assert rows["second_mended"].map(len).mean() > rows["first"].map(len).mean()
    for near, (added, often) in double_coding.SPLITS.items():
        there = rows[[near in true and added not in true for true in rows["truth"]]]
        found = np.mean([added in given for given in there["second_mended"]])
        assert abs(found - often * (1 - double_coding.MISSED)) < 3 * np.sqrt(0.25 / len(there))


def test_no_theme_of_a_rule_is_unknown():
    rules = (double_coding.LUMPS, double_coding.SPLITS, double_coding.MISREAD)
    assert {code for rule in rules for near, (into, _) in rule.items() for code in (near, into)} <= set(worlds.CODES)
    assert {"personal", "attitude"} <= set(worlds.CODES)
