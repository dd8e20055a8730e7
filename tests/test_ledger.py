"""The ledger: no claim of the sources forgotten, every text in both languages, verdicts as the interval says, and a page that prints."""

import html.parser
import re
import tomllib

import numpy as np
import pandas as pd
import pytest
from test_framework import BROKEN, forbidden, lower_turkish, pairs

import cxlab as cx
from cxlab import claim_results, explore_ledger, framework, ledger

BOOK = tomllib.loads(ledger.FILE.read_text(encoding="utf-8"))
ENTRIES = {entry["key"]: entry for entry in BOOK["claims"]}
CONCEPTS = framework.vocabulary()["concepts"]


# ---- the claims -------------------------------------------------------------------------------------------------------------------


def test_no_claim_of_the_sources_is_forgotten():
    """Every concept that the framework calls a claim, or says is measured or tested, is in the ledger."""
    wanted = {row["key"] for row in CONCEPTS if {"measure", "test"} & set(row["kit"]) or row["says_en"].startswith("Claim: ")}
    held = {concept for entry in ENTRIES.values() for concept in entry["concepts"]}
    assert wanted - held == set() and held <= set(framework.keys("concepts"))
    [lesson] = [row for row in framework.vocabulary()["lessons"] if row["key"] == "17_claims_ledger"]
    assert set(lesson["concepts"]) <= held and len(ENTRIES) == len(BOOK["claims"]) >= 24


def test_every_entry_is_whole():
    documents, lessons, units = framework.keys("documents"), framework.keys("lessons"), {unit["key"] for unit in BOOK["units"]}
    for key, entry in ENTRIES.items():
        assert entry["source"] in documents and entry["lesson"] in lessons, key
        assert entry["source"] in {concept[0] for concept in entry["concepts"]}, f"{key}: its document says something else"
        for text in ("", "name_", "literature_", "say_", "not_", *(["measure_"] if entry["result"] else ["no_result_"])):
            assert entry[f"{text}en"].strip() and entry[f"{text}tr"].strip(), f"{key}: {text}"
        assert entry.get("research") in (None, "seen", "vendor")
        if entry["result"]:
            assert callable(getattr(claim_results, entry["result"])) and entry["unit"] in units and {"above", "below"} & set(entry), key
            assert entry["twin"] in ("other", "same", "none")
    assert sorted(entry["ballot"] for entry in ENTRIES.values() if "ballot" in entry) == list(range(1, 11))


def test_texts_are_turkish_where_they_should_be_and_fit_the_page():
    for where, en, tr in pairs(BOOK):
        assert en and tr and en.endswith(".") == tr.endswith("."), where
        assert not BROKEN.search(lower_turkish(tr)) and not forbidden(tr), f"{where}: {tr}"
        assert max(len(en), len(tr)) <= 140, f"{where}: too long for the page"


def test_where_the_sources_argue_both_sides_are_claims_or_concepts_of_the_ledger():
    assert len(BOOK["arguments"]) >= 5
    for row in BOOK["arguments"]:
        assert set(row["concepts_1"]) | set(row["concepts_2"]) <= set(framework.keys("concepts")) and set(row["ours"]) <= set(ENTRIES)


def test_a_vendor_is_named_as_one():
    for key in ("three_parts", "emotion_first", "disconnect"):
        assert "vendor" in ENTRIES[key]["literature_en"].lower() and "satıcı" in ENTRIES[key]["literature_tr"].lower(), key
    assert {row["sells"] for _, row in cx.claims("S").iterrows()} == {"survey software"}


def test_claims_come_in_the_display_language_and_by_document():
    english = cx.claims()
    cx.use_language("tr")
    turkish = cx.claims()
    assert list(english["claim"]) == list(turkish["claim"]) == list(ENTRIES) and (english["says"] != turkish["says"]).all()
    assert list(cx.claims(ballot=True)["claim"]) == sorted((key for key in ENTRIES if "ballot" in ENTRIES[key]), key=lambda key: ENTRIES[key]["ballot"])
    assert sum(len(cx.claims(key)) for key in framework.keys("documents")) == len(ENTRIES)
    assert (english["computed"] == [bool(entry["result"]) for entry in ENTRIES.values()]).all()


# ---- the verdicts -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry, limits, found", [
    ({"above": 0}, (0.1, 0.2), "holds"), ({"above": 0}, (-0.2, -0.1), "does not hold"), ({"above": 0}, (-0.1, 0.1), "cannot tell"),
    ({"below": 1}, (0.4, 0.9), "holds"), ({"below": 1}, (1.1, 1.4), "does not hold"), ({"below": 1}, (0.9, 1.1), "cannot tell"),
    ({"above": 60, "below": 120}, (70, 110), "holds"), ({"above": 60, "below": 120}, (190, 250), "does not hold"),
    ({"above": 60, "below": 120}, (50, 70), "cannot tell"), ({"above": 60, "below": 120}, (50, 130), "cannot tell"), ({"above": 0}, (0, 1), "cannot tell"),
])
def test_a_verdict_is_what_the_interval_says(entry, limits, found):
    assert ledger.verdict(entry, *limits) == found


def test_every_claim_with_a_number_is_judged_in_each_of_its_worlds():
    table = cx.judge_claims()
    assert list(table.columns) == ["claim", "world", "estimate", "ci_low", "ci_high", "n", "unit", "verdict", "truth"]
    expected = [(key, world) for key, entry in ENTRIES.items() if entry["result"] for world in ledger._worlds(entry)]
    assert list(zip(table["claim"], table["world"], strict=True)) == expected and (table["n"] > 30).all()
    assert np.isfinite(table[["estimate", "ci_low", "ci_high"]]).all(axis=None)
    assert ((table["ci_low"] <= table["estimate"]) & (table["estimate"] <= table["ci_high"]) & (table["ci_low"] < table["ci_high"])).all()
    assert [ledger.verdict(ENTRIES[row.claim], row.ci_low, row.ci_high) for row in table.itertuples()] == list(table["verdict"])


def test_the_twin_is_told_apart_where_its_rule_is_another():
    """In every claim whose rule differs, the first world and the twin lie apart; where it is the same, neither interval excludes the other's middle."""
    wide = cx.judge_claims().set_index(["claim", "world"])
    for key, entry in ENTRIES.items():
        if entry["result"] and entry["twin"] != "none":
            first, twin = wide.loc[(key, "first")], wide.loc[(key, "twin")]
            if entry["twin"] == "same":
                assert abs(first["estimate"] - twin["estimate"]) < first["ci_high"] - first["ci_low"] + twin["ci_high"] - twin["ci_low"], key
            else:
                assert first["verdict"] != twin["verdict"] or key in ("follow_up_tells_why", "recovery_brings_friends"), key


def test_results_against_the_truth_tables():
    """Two of the intervals miss, both of feelings that the unhappiest did not answer; no verdict contradicts the truth."""
    table = cx.judge_claims()
    known = table.dropna(subset="truth")
    missed = known[~known["truth"].between(known["ci_low"], known["ci_high"])]
    assert (table.attrs["with_truth"], table.attrs["missed"], table.attrs["wrong"]) == (len(known), len(missed), 0) and len(known) >= 40
    assert set(missed["claim"]) <= {"remorse", "emotional_line"} and table.attrs["simulated"]
    assert str(len(known)) in table.attrs["note"] and str(len(missed)) in table.attrs["note"]


def test_results_are_those_of_the_lessons():
    """Numbers that lessons print for the same question, recomputed there with the whole machinery."""
    printed = {("employee_happiness", "first"): (0.42, 0.30, 0.54), ("weakest_contact", "first"): (-0.25, -0.47, -0.04),
               ("recovery_satisfies", "twin"): (-0.46, -0.83, -0.10), ("happier_stay", "first"): (10.1, 4.1, 16.0),
               ("first_hundred_days", "twin"): (1.28, 1.12, 1.48), ("answer_at_once", "first"): (-2.8, -5.4, -0.1), ("contact_moves", "first"): (1.05, 0.98, 1.11),
               ("contact_moves", "twin"): (1.03, 0.97, 1.09), ("four_properties", "first"): (0.07, -0.09, 0.22), ("ask_again", "first"): (14, 5, 21),
               ("ask_again", "twin"): (2, -5, 10), ("found_first", "first"): (-19, -26, -12), ("meeting_is_not_enough", "twin"): (-0.28, -0.57, 0.02),
               ("remorse", "first"): (-1.733, -1.804, -1.662), ("other_hiker", "first"): (0.26, 0.02, 0.50), ("mass_gift", "first"): (0.61, 0.32, 1.20)}
    table = cx.judge_claims(list({key for key, _ in printed})).set_index(["claim", "world"])
    for row, numbers in printed.items():
        printed_to = 0.51 if row[0] in ("ask_again", "found_first") else 0.051 if row[0] in ("happier_stay", "answer_at_once") else 0.0051
        assert table.loc[row, ["estimate", "ci_low", "ci_high"]].astype(float).tolist() == pytest.approx(numbers, abs=printed_to), row


def test_a_share_of_variance_by_statsmodels():
    """Analysis of variance of employees within shops: mean squares as in statsmodels' nested table."""
    import statsmodels.formula.api as smf
    from statsmodels.stats.anova import anova_lm

    table = cx.load("experiences")
    items = [f"emotional_{k}" for k in range(1, 5)]
    table["emotional"] = cx.scale_score(table[items], 1, 7, reverse=["emotional_3"])
    rows = table.dropna(subset="emotional")
    within = anova_lm(smf.ols("emotional ~ C(shop)", rows).fit(), smf.ols("emotional ~ C(employee)", rows).fit())
    mean_square = within["ss_diff"].iloc[1] / within["df_diff"].iloc[1], within["ssr"].iloc[1] / within["df_resid"].iloc[1]
    sizes = rows.groupby(["shop", "employee"]).size()
    size = (len(rows) - (sizes**2).groupby("shop").sum().div(sizes.groupby("shop").sum()).sum()) / within["df_diff"].iloc[1]
    expected = (mean_square[0] - mean_square[1]) / size / rows["emotional"].var()
    assert claim_results.emotion_from_employees("first")[0] == pytest.approx(expected, rel=1e-9)


def test_r_squared_of_the_five_rights_by_statsmodels():
    import statsmodels.formula.api as smf

    rows = cx.load("experiences").dropna(subset=claim_results.RIGHTS).astype({name: float for name in claim_results.RIGHTS})
    fit = smf.ols("satisfaction ~ " + " + ".join(claim_results.RIGHTS), rows.astype({"satisfaction": float})).fit()
    assert claim_results.five_rights("first")[0] == pytest.approx(fit.rsquared, rel=1e-9)


@pytest.mark.parametrize("call, said", [
    (lambda: cx.judge_claims("emotion"), "no claim 'emotion'"), (lambda: cx.claims("Z"), "no document 'Z'"), (lambda: cx.ledger_table("H", "all"), "show='all'"),
    (lambda: cx.ballot_sheet([1, 2]), "10 claims, but 2"), (lambda: cx.claim_card("x"), "no claim 'x'"), (lambda: cx.print_ledger("page.pdf"), ".html"),
    (lambda: cx.print_ledger("no/such/page.html"), "no"), (lambda: cx.plot_claims(cx.judge_claims("delivery_gap"), "nps"), "measured in 'nps'"),
    (lambda: cx.plot_claims(cx.judge_claims("ninety_minutes"), "minutes"), "no side"),
])
def test_errors_say_what_is_allowed(call, said):
    with pytest.raises(cx.CxError, match=re.escape(said)):
        call()


# ---- shown and printed ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "tr"])
def test_tables_name_every_claim_and_nothing_breaks_a_row(language):
    cx.use_language(language)
    for key in framework.keys("documents"):
        for show in ("results", "words"):
            lines = cx.ledger_table(key, show).data.splitlines()
            entries = [entry for entry in ENTRIES.values() if entry["source"] == key]
            assert len(lines) == len(entries) + 2 and len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
            assert all(f"**{entry[f'name_{language}']}**" in line for entry, line in zip(entries, lines[2:], strict=True))
    sheet = cx.ballot_sheet([3] * 10, ["|<b>"] * 10, verdicts=True).data
    assert sheet.count("| 3 |") >= 10 and r"\|&lt;b&gt;" in sheet and "<b>" not in sheet
    for entry in ENTRIES.values():
        card = cx.claim_card(entry["key"]).data
        assert ledger._plain(entry[f"say_{language}"]) in card and ledger._plain(entry[f"literature_{language}"]) in card
    assert all(ledger._plain(row[f"data_{language}"]) in cx.sources_argue().data for row in BOOK["arguments"])


class Page(html.parser.HTMLParser):
    """Opens and closes every tag in order; collects the text and what would be fetched."""

    def __init__(self):
        super().__init__()
        self.open, self.texts, self.fetched = [], [], []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "col"):
            self.open.append(tag)
        self.fetched += [value for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_page_holds_everything_and_asks_nothing_of_a_network(language, tmp_path):
    cx.use_language(language)
    path = cx.print_ledger(tmp_path / "ledger.html")
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    text = " ".join(page.texts)
    assert not page.open and not page.fetched and f'<html lang="{language}">' in path.read_text(encoding="utf-8")
    for entry in ENTRIES.values():
        assert all(entry[f"{name}{language}"] in text for name in ("", "say_", "not_", "literature_")), entry["key"]
    shows = {"en": "does not show that the claim is true of your customers", "tr": "sizin müşterileriniz için doğru olduğunu göstermez"}[language]
    assert shows in text and text.count("✓") + text.count("✗") + text.count("?") >= len(cx.judge_claims())
    assert ("UYDURMA" if language == "tr" else "SIMULATED") in text and framework.label("documents", "J") in text


@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_page_of_ten_says_who_sells_what_and_what_one_may_say(language, tmp_path):
    cx.use_language(language)
    page = Page()
    page.feed(cx.print_ledger(tmp_path / "ten.html", ballot=True).read_text(encoding="utf-8"))
    text = " ".join(page.texts)
    for entry in ENTRIES.values():
        assert all((entry[f"{name}{language}"] in text) == ("ballot" in entry) for name in ("", "say_", "not_")), entry["key"]
    assert not page.open and not page.fetched and len(re.findall(r"n\s=\s[\d.,]+", text)) == 10
    assert [claim["sells"] for claim in cx.claims(ballot=True).to_dict("records") if claim["sells"] != claim["who"] and claim["sells"] not in text] == []


@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_ten_print_on_one_side_and_the_whole_on_four_in_letters_one_can_read(language, tmp_path, browser):
    cx.use_language(language)
    for ballot, sides, least in ((True, 1, 10), (False, 4, 9)):
        page = browser.new_page()
        page.goto(cx.print_ledger(tmp_path / "ledger.html", ballot=ballot).as_uri())
        pdf = page.pdf(prefer_css_page_size=True)
        sizes = page.evaluate("[...document.querySelectorAll('body *')].map(one => parseFloat(getComputedStyle(one).fontSize))")
        page.close()
        found = [float(side) for side in re.search(rb"MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups()]
        assert found == pytest.approx([297 / 25.4 * 72, 210 / 25.4 * 72], abs=2) and b"/Count %d\n" % sides in pdf
        assert min(sizes) * 72 / 96 >= least - 0.01


def test_what_is_said_of_our_data_where_sources_argue_is_what_was_found():
    verdicts = cx.judge_claims().set_index(["claim", "world"])["verdict"]
    both = [(verdicts[key, "first"], verdicts[key, "twin"]) for key in ("basics_count", "meeting_is_not_enough", "recovery_satisfies", "emotion_from_employees")]
    assert both == [("holds", "holds"), ("holds", "cannot tell"), ("holds", "does not hold"), ("does not hold", "does not hold")]


def test_no_claim_holds_that_the_recipe_of_the_worlds_denies():
    """By recipe no contact moves anybody on (lesson 14); at an equal margin nothing is shown, and "cannot tell" is said."""
    assert set(cx.judge_claims("contact_moves")["verdict"]) == {"cannot tell"}


@pytest.mark.parametrize("language", ["en", "tr"])
def test_figure_turns_every_claim_so_that_right_is_what_it_says(language):
    cx.use_language(language)
    rows = pd.DataFrame({"claim": ["emotion_first", "nothing_is_worst", "five_questions"], "world": ["first"] * 3, "estimate": [0.2, -20.0, 5.0],
                         "ci_low": [0.1, -30.0, 1.0], "ci_high": [0.3, -10.0, 9.0], "n": [100] * 3, "unit": ["of_100"] * 3, "verdict": ["holds"] * 3})
    ax = cx.plot_claims(rows, "of_100")
    shown = {round(x, 6) for line in ax.lines for x in np.atleast_1d(line.get_xdata())} | {
        round(float(x), 6) for part in ax.collections for x in np.asarray(part.get_offsets())[:, 0]}
    assert {0.2, 20.0} <= shown and -20.0 not in shown and 5.0 not in shown
    name = ENTRIES["nothing_is_worst"][f"name_{language}"]
    assert name in ax.caption and ENTRIES["five_questions"][f"name_{language}"] not in ax.caption
    toward = explore_ledger._toward(rows.iloc[:2], ENTRIES)
    assert ((toward["ci_low"] < toward["estimate"]) & (toward["estimate"] < toward["ci_high"])).all()


def test_the_explorer_shows_the_card_of_the_claim_chosen():
    box = cx.explore_claims("disconnect")
    choice = box.children[0]
    assert choice.value == "disconnect" and {value for _, value in choice.options} == set(ENTRIES)
    choice.value = "delivery_gap"
    assert box.kwargs == {"claim": "delivery_gap"}
