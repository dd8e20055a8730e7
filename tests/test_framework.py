"""The vocabulary and the messages: complete, in both languages, in good order; and what the code says, it says through them."""

import ast
import builtins
import functools
import json
import pathlib
import re
import string
import tomllib
import unicodedata

import pytest

import cxlab as cx
from cxlab import framework

ROOT = pathlib.Path(__file__).parents[1]
PACKAGE = ROOT / "cxlab"
MESSAGES = sorted((PACKAGE / "messages").glob("*.toml"))
SOURCES = sorted(PACKAGE.rglob("*.py"))
IDS = [f"{letter}{i}" for letter, numbers in
       [("H", range(1, 13)), ("X", range(1, 8)), ("T", range(1, 9)), ("S", range(1, 9)), ("J", range(19))] for i in numbers]
# the same in both languages: names, and words that Turkish writes alike
SAME = {"LinkedIn", "Facebook", "Twitter", "WhatsApp", "Instagram", "X (Twitter)", "SurveyMonkey", "Microsoft Forms", "Qualtrics", "LimeSurvey",
        "Typeform", "SPSS", "video", "NPS", "omega", "OK", "Python", "Chromium", "IBAN", "[IBAN]"}
VOCABULARY = framework.vocabulary()


# ---- what is in the vocabulary -------------------------------------------------------------------------------------------------


def entries():
    return [(table, row) for table, rows in VOCABULARY.items() for row in rows]


def pairs(node, where=""):
    """Every text that comes in two languages, however deep it stands: (where, English, Turkish)."""
    if isinstance(node, list):
        for i, item in enumerate(node):
            yield from pairs(item, f"{where}[{item.get('key', i) if isinstance(item, dict) else i}]")
    elif isinstance(node, dict):
        stems = {m[1] for key in node if (m := re.fullmatch(r"(|.+_)(?:en|tr)", key))}
        for stem in sorted(stems):
            yield f"{where}.{stem}en/tr", node.get(f"{stem}en"), node.get(f"{stem}tr")
        for key, value in node.items():
            if not re.fullmatch(r"(|.+_)(en|tr)", key):
                yield from pairs(value, f"{where}.{key}" if where else key)


def texts(value):
    return value if isinstance(value, list) else [value]


def lower_turkish(text):
    return text.replace("İ", "i").replace("I", "ı").lower()


def all_pairs():
    """As `pairs`, lists taken apart, for the vocabulary and for all messages."""
    found = [(f"framework.toml {where}", en, tr) for where, en, tr in pairs(VOCABULARY)
             if not re.search(r"\.not_en/tr$", where)]           # words to avoid in Turkish have no English side
    for path in MESSAGES:
        found += [(f"{path.name} {where}", en, tr) for where, en, tr in pairs(tomllib.loads(path.read_text(encoding="utf-8")))]
    return found


def test_the_54_concepts_in_order():
    assert framework.keys("concepts") == IDS
    assert len(IDS) == 54
    assert all(row["group"] == row["key"][0] and row["kit"] for row in VOCABULARY["concepts"])
    assert {word for row in VOCABULARY["concepts"] for word in row["kit"]} == {"ask", "measure", "test", "plan", "read"}


def test_a_claim_is_marked_in_both_languages():
    claims = [row for row in VOCABULARY["concepts"] if row["says_en"].startswith("Claim: ")]
    assert [row["key"] for row in claims] == [row["key"] for row in VOCABULARY["concepts"] if row["says_tr"].startswith("İddia: ")]
    assert {"H4", "H8", "X1", "T5", "T6", "J10", "J12", "J15"} <= {row["key"] for row in claims}
    ledger = next(row for row in VOCABULARY["lessons"] if row["key"] == "17_claims_ledger")
    assert ledger["concepts"] == [row["key"] for row in claims]


@pytest.mark.parametrize("table, expected", [
    ("stages", "assess admit affirm activate acclimate accomplish adopt advocate"),
    ("exits", "left"),
    ("channels", "in_person email post phone video gift"),
    ("components", "functional accessible emotional"),
    ("memories", "very_good very_bad nothing"),
    ("recruited_via", "linkedin facebook twitter class other"),
    ("social_media", "none twitter facebook both"),
    ("help_channels", "whatsapp instagram x facebook complaint_site reviews in_app none"),
    ("nps_groups", "promoter passive detractor"),
    ("yes_no", "yes no"),
    ("competences", "T7.1 T7.2 T7.3 T7.4 T7.5 T7.6"),
    ("consents", "consent_survey consent_contact consent_quote"),
])
def test_keys_that_data_and_code_use(table, expected):
    assert framework.keys(table) == expected.split()


@pytest.mark.parametrize("table, n", [("contact_factors", 7), ("employee_properties", 4), ("rights", 5), ("touchpoints", 4),
                                      ("conditions", 5), ("behaviours", 8), ("competences_today", 5)])
def test_lists_of_the_framework_have_the_length_their_name_says(table, n):
    assert len(framework.keys(table)) == n


def test_stages_are_the_concepts_J1_to_J8():
    assert [row["concept"] for row in VOCABULARY["stages"]] == [f"J{i}" for i in range(1, 9)]
    concepts = {row["key"]: row for row in VOCABULARY["concepts"]}
    for i, row in enumerate(VOCABULARY["stages"], 1):
        assert concepts[row["concept"]]["en"] == f"Stage {i}: {row['en']}"
        assert concepts[row["concept"]]["tr"] == f"{i}. aşama: {row['tr']}"


def test_nps_groups_cover_the_scale_once():
    points = [point for row in VOCABULARY["nps_groups"] for point in range(row["low"], row["high"] + 1)]
    assert sorted(points) == list(range(11))


def test_weights_of_the_competences_add_up():
    assert sum(row["weight"] for row in VOCABULARY["competences_today"]) == pytest.approx(1)


def test_questions_fill_the_five_question_table():
    columns = [column for row in VOCABULARY["questions"] for column in row["columns"]]
    assert columns == ("important_1 important_2 important_3 annoys organisations recommends social_media help_channels functional accessible "
                       "emotional likelihood memory happiness age_group consent_survey consent_contact consent_quote").split()
    assert [row["number"] for row in VOCABULARY["questions"]][:6] == ["1", "2", "3", "4", "5", "5b"]
    for row in VOCABULARY["questions"]:
        assert row["kind"] in framework.keys("question_kinds")
        assert ("options" in row) == (row["kind"] in ("single", "multiple")), row["key"]
        assert row.get("options", "yes_no") in framework.tables()
        scale = {"low", "high", "low_label_en", "low_label_tr", "high_label_en", "high_label_tr"}
        assert (scale <= set(row)) == (row["kind"] == "scale"), row["key"]


def test_wording_that_the_lessons_speak_of():
    text = {row["key"]: row for row in VOCABULARY["questions"]}
    for key in ("recommends", "social_media"):
        assert re.search(r"\bever\b", text[key]["text_en"]) and re.search(r"\bhiç\b", text[key]["text_tr"])
    assert "recent experience" in text["annoys"]["text_en"]
    assert "Yakın zamanda" in text["annoys"]["text_tr"]
    happiness = text["happiness"]
    assert [happiness[f"{end}_label_tr"] for end in ("low", "middle", "high")] == ["hiç mutlu etmedi", "memnun kaldım", "yoğun bir neşe duydum"]


def test_references_inside_the_vocabulary_resolve():
    for table, row in entries():
        where = f"{table} {row['key']}"
        assert set(row.get("concepts", [])) <= set(IDS), where
        assert set(row.get("competences", [])) <= set(framework.keys("competences")), where
        assert row.get("mark", "●") in framework.keys("marks"), where
        assert row.get("part", "acting") in framework.keys("parts"), where
        assert row.get("group", "H") in framework.keys("documents"), where
        assert set(row.get("lessons", [])) <= set(framework.keys("lessons")), where


def test_planned_lessons_teach_every_concept_and_train_every_competence():
    lessons = VOCABULARY["lessons"]
    assert {i for row in lessons if row["key"] != "17_claims_ledger" for i in row["concepts"]} == set(IDS)
    assert {i for row in lessons for i in row["competences"]} == set(framework.keys("competences"))


def test_paths():
    lessons = {row["key"]: row for row in VOCABULARY["lessons"]}
    paths = {row["key"]: row["lessons"] for row in VOCABULARY["paths"]}
    assert list(paths) == ["student", "researcher", "trainer_half_day", "trainer_one_day"]
    assert paths["student"] == [key for key, row in lessons.items() if row["mark"] == "●"]
    assert all(len(path) == len(set(path)) for path in paths.values())
    assert sum(lessons[key]["minutes"] for key in paths["trainer_half_day"]) <= 180
    assert sum(lessons[key]["minutes"] for key in paths["trainer_one_day"]) <= 360


def test_quiz_has_four_choices_and_a_reason_for_each():
    for row in VOCABULARY["quiz"]:
        for field in ("choices_en", "choices_tr", "why_en", "why_tr"):
            assert len(row[field]) == 4 == len(set(row[field])), (row["key"], field)
        assert row["answer"] in range(4)
        for right, language in (("Right: ", "en"), ("Doğru: ", "tr")):
            opening = [text.startswith(right) for text in row[f"why_{language}"]]
            assert opening.index(True) == row["answer"] and sum(opening) == 1, row["key"]
    assert {row["answer"] for row in VOCABULARY["quiz"]} == {0, 1, 2, 3}


def test_glossary_holds_the_ten_concepts_and_the_ethics_question():
    ten = {row["key"] for row in VOCABULARY["glossary"] if "T1" in row.get("concepts", [])}
    assert ten == {"customer_experience", "moments_of_truth", "experience_management", "customer_centred_approach", "personalised_experience",
                   "digital_transformation", "customer_relations", "perception_management", "customer_journey", "customer_loyalty"}
    perception = next(row for row in VOCABULARY["glossary"] if row["key"] == "perception_management")
    assert "ethics" in perception["meaning_en"] and "Etik" in perception["meaning_tr"]


# ---- both languages --------------------------------------------------------------------------------------------------------------


def ends(text):
    return re.match(r"\s*", text)[0], re.search(r"\s*$", text)[0]


def test_every_text_has_both_languages():
    for where, en, tr in all_pairs():
        assert en and tr, f"{where}: one language is missing or empty"
        assert isinstance(en, list) == isinstance(tr, list) and len(texts(en)) == len(texts(tr)), where
        for one, other in zip(texts(en), texts(tr), strict=True):
            assert one.strip() and other.strip(), f"{where}: empty"
            assert ends(one) == ends(other), f"{where}: blanks or lines at an end differ"


def without_places(text):
    return "".join(literal for literal, *_ in string.Formatter().parse(text))


def test_turkish_is_not_the_english_left_standing():
    for where, en, tr in all_pairs():
        for one, other in zip(texts(en), texts(tr), strict=True):
            if one == other and one not in SAME:
                assert not re.search(r"[^\W\d_]{2}", without_places(one)), f"{where}: {one!r} is the same in both languages"


BROKEN = re.compile(r"\b(icin|degil|satir|satiri|sutun|yanit|yanitlar|deger|dogru|musteri|gecersiz|acik|olcek|sayisi)\b")


def test_letters_are_whole():
    for where, en, tr in all_pairs():
        for text in texts(en) + texts(tr):
            assert unicodedata.normalize("NFC", text) == text, f"{where}: not NFC"
            assert "\u0307" not in text, f"{where}: an i with a dot of its own (from lower() on İ)"
            wrong = re.search("[\ufffdÞÐÝþðý]", text)  # unless the text is about such letters
            assert not wrong or "wrong_letter" in where or "replacement" in where, f"{where}: read with a wrong code page"
        for text in texts(tr):
            broken = BROKEN.search(lower_turkish(text))
            assert not broken, f"{where}: Turkish letters missing in {broken[0]!r}"


def test_the_check_of_letters_finds_what_it_should():
    assert BROKEN.search(lower_turkish("Bu satir okunamadı")) and BROKEN.search(lower_turkish("DEĞİL degil"))
    assert not BROKEN.search(lower_turkish("Bu SATIR için değil"))


# ---- frames and language ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", framework.tables())
def test_every_table_is_an_ordered_frame(table):
    frame = getattr(cx.framework, table)
    assert {"key", "order", "name", "en", "tr"} <= set(frame.columns)
    assert list(frame["key"]) == framework.keys(table) and frame["key"].is_unique
    assert list(frame["order"]) == list(range(1, len(frame) + 1))
    assert list(frame["name"]) == list(frame["en"])
    cx.use_language("tr")
    turkish = getattr(cx.framework, table)
    assert list(turkish["name"]) == list(frame["tr"])
    assert list(turkish["key"]) == list(frame["key"])
    for stem in [c.removesuffix("_en") for c in frame if c.endswith("_en")]:
        assert frame[stem].equals(frame[f"{stem}_en"]) and turkish[stem].equals(frame[f"{stem}_tr"])


def test_no_table_hides_behind_a_function():
    own = set(vars(framework))
    assert not own & set(framework.tables())
    assert {"stages", "keys"} <= set(dir(framework))
    with pytest.raises(AttributeError):
        _ = framework.no_such_table


def test_labels_and_errors_follow_the_language():
    assert framework.label("stages", "advocate") == "advocate"
    with pytest.raises(cx.CxError, match="'de' is not known.*en, tr"):
        cx.use_language("de")
    assert framework.language() == "en"
    cx.use_language("tr")
    assert framework.label("stages", "advocate") == "savunuculuk"
    assert framework.label("nps_groups", "detractor") == "kötüleyen"
    with pytest.raises(cx.CxError, match="'de' dili tanınmıyor"):
        cx.use_language("de")
    with pytest.raises(cx.CxError, match="'sell'.*'stages'.*assess, admit"):
        framework.label("stages", "sell")
    assert isinstance(cx.CxError("x"), ValueError)


def test_numbers_follow_the_language():
    assert (framework.number(-7.81, 1), framework.number(1234567.5, 2), framework.number(-0.001, 1)) == ("−7.8", "1,234,567.50", "0.0")
    assert framework.percent(0.4512, 1) == "45.1 %"
    cx.use_language("tr")
    assert (framework.number(-7.81, 1), framework.number(1234567.5, 2)) == ("−7,8", "1.234.567,50")
    assert framework.percent(0.4512, 1) == "%45,1"


# ---- messages: what the code says --------------------------------------------------------------------------------------------------


@functools.cache
def trees():
    """The code of the package, notebooks that ship in it included."""
    found = {path.name: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
    for path in sorted(PACKAGE.rglob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        found[path.name] = ast.parse(code)
    return found


def messages():
    return {f"{path.stem}.{name}": entry for path in MESSAGES for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items()}


def places(text):
    return {re.split(r"[.\[]", field)[0] for _, field, *_ in string.Formatter().parse(text) if field is not None}


def is_say(node):
    return isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "say"


def said():
    """Every call of `say`: file, line, the fixed keys in its first argument, its f-strings as patterns, the names of its values (None: **)."""
    for name, tree in trees().items():
        for node in ast.walk(tree):
            if not (is_say(node) and node.args):
                continue
            patterns, inside = [], set()
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.JoinedStr):
                    pieces = [re.escape(piece.value) if isinstance(piece, ast.Constant) else "(.+)" for piece in part.values]
                    patterns.append(re.compile("".join(pieces)))
                    inside |= {id(piece) for piece in ast.walk(part)}
            fixed = [part.value for part in ast.walk(node.args[0])
                     if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in inside and "." in part.value]
            values = None if any(k.arg is None for k in node.keywords) else {k.arg for k in node.keywords}
            yield name, node.lineno, fixed, patterns, values


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_messages_are_parallel(path):
    for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
        assert set(entry) == {"en", "tr"}, f"{path.name} [{name}] must have exactly en and tr"
        assert places(entry["en"]) == places(entry["tr"]), f"{path.name} [{name}]: the {{places}} differ"
        assert not any(field == "" or field.isdigit() for field in places(entry["en"])), f"{path.name} [{name}]: a place needs a name"


def test_every_message_the_code_asks_for_exists_and_gets_its_values():
    known = messages()
    for file, line, fixed, patterns, values in said():
        for key in fixed:
            assert key in known, f"{file}:{line} says {key!r}, which no file in messages/ has"
            if values is not None:
                missing = places(known[key]["en"]) - values
                assert not missing, f"{file}:{line} {key}: no value for {sorted(missing)}"
        for pattern in patterns:
            assert any(pattern.fullmatch(key) for key in known), f"{file}:{line} no message looks like {pattern.pattern!r}"


def test_every_message_is_used():
    words = {node.value for tree in trees().values() for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    words |= {row["key"] for _, row in entries()}
    fixed = {key for _, _, keys, _, _ in said() for key in keys} | (words & set(messages()))
    patterns = [pattern for *_, found, _ in said() for pattern in found]

    def built(key):   # "exports.{kind}_do": the part filled in must stand somewhere in the code as a word, or be a key of the vocabulary
        return any((m := pattern.fullmatch(key)) and set(m.groups()) <= words for pattern in patterns)

    idle = [key for key in messages() if key not in fixed and not built(key)]
    assert not idle, f"no code says {idle}"


def literal_words(node):
    """Words of a string that stand in this expression outside any call of `say`."""
    if is_say(node):
        return []
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) and re.search(r"[^\W\d_]{2}", node.value) else []
    parts = [node.left] if isinstance(node, ast.Compare) else ast.iter_child_nodes(node)     # a literal compared with is not shown
    if isinstance(node, (ast.Subscript, ast.Call)):                                           # nor a key, nor an argument of another function
        parts = [node.value] if isinstance(node, ast.Subscript) else []
    return [word for part in parts for word in literal_words(part)]


def wrong_raise(node, inside):
    """What is wrong with a `raise` in the package, or None: people are told things by CxError(say(...)) alone."""
    if node.exc is None:
        return None
    call = node.exc if isinstance(node.exc, ast.Call) else None
    target = call.func if call else node.exc
    name = getattr(target, "attr", getattr(target, "id", ""))
    if name == "AttributeError" and inside == "__getattr__":       # Python's own protocol
        return None
    if name == "CxError":
        shown = call.args[0] if call and call.args else None
        passed_on = isinstance(shown, ast.Attribute)        # the text of another CxError
        if shown is None or not (passed_on or any(is_say(part) for part in ast.walk(shown))) or literal_words(shown):
            return "the text of a CxError must come from say(...)"
        return None
    if name == "SystemExit":
        return None if call and not any(literal_words(arg) for arg in call.args) else "SystemExit takes a number"
    if isinstance(getattr(builtins, name, None), type) or call and any(literal_words(arg) for arg in call.args):
        return f"raises {name}: use CxError(say(...))"
    return None


def raises(tree):
    owner = {}
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            owner.update({id(part): function.name for part in ast.walk(function)})
    return [(node.lineno, problem) for node in ast.walk(tree) if isinstance(node, ast.Raise)
            if (problem := wrong_raise(node, owner.get(id(node))))]


def english_on_screen(tree):
    """Literal words that would be printed, warned or shown as help."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            shown = node.args if name in ("print", "warn") else [k.value for k in node.keywords if k.arg in ("help", "description", "epilog")]
            found += [(node.lineno, word) for part in shown for word in literal_words(part)]
    return found


@pytest.mark.parametrize("file", [path.name for path in SOURCES])
def test_people_are_told_things_through_messages(file):
    assert not raises(trees()[file])
    assert not english_on_screen(trees()[file])


@pytest.mark.parametrize("code, wrong", [
    ("raise CxError(say('a.b'))", 0), ("raise CxError(say('a.b') + ' ' + say('a.c'))", 0), ("raise", 0), ("raise SystemExit(2)", 0),
    ("raise CxError(say('a.b', x='text'))", 0), ("raise csv.Error", 0), ("raise CxError(error.evalue)", 0), ("def __getattr__(n):\n    raise AttributeError('no attribute')", 0),
    ("raise CxError('Column missing')", 1), ("raise CxError(f'Column {x} missing')", 1), ("raise CxError(say('a.b') + ' of column')", 1),
    ("raise ValueError(say('a.b'))", 1), ("raise ValueError", 1), ("raise KeyError(f'{x} is gone')", 1), ("raise SystemExit('bad file')", 1),
    ("raise CxError", 1), ("raise CxError(text)", 1), ("raise AttributeError('x has no y')", 1), ("assert_print = print('Reading file')", 1), ("print(say('a.b'))", 0),
    ("print(table['name'])", 0), ("parser.add_argument('--out', help='where to write')", 1), ("warnings.warn('slow', stacklevel=2)", 1),
])
def test_the_check_of_literals_finds_what_it_should(code, wrong):
    tree = ast.parse(code)
    assert len(raises(tree) + english_on_screen(tree)) == wrong


# ---- terms -----------------------------------------------------------------------------------------------------------------------------


def forbidden(text):
    """Keys of the terms whose avoided words stand in a Turkish text."""
    text = lower_turkish(text)
    found = []
    for term in VOCABULARY["terms"]:
        for word in term["not_tr"] if term["enforced"] else ():
            stem = r"\s+".join(map(re.escape, lower_turkish(word).split()))
            if re.search(rf"(?<!\w){stem}(?!k)", text):     # savunmak, to defend, is another word than savunma
                found.append(term["key"])
    return found


def turkish_texts():
    """(where, keys of the entry and of its concepts, text) for everything Turkish in the kit but the terms list itself."""
    for table, row in entries():
        if table != "terms":
            for _, _, tr in pairs(row):
                yield from ((f"{table} {row['key']}", {row["key"]}, text) for text in texts(tr))
    for key, entry in messages().items():
        yield key, {key}, entry["tr"]
    for path in sorted((ROOT / "notebooks" / "tr").rglob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        taught = set(notebook["metadata"].get("cxlab", {}).get("concepts", []))
        yield from ((path.name, taught, "".join(cell["source"])) for cell in notebook["cells"])


def test_terms_in_all_turkish_texts():
    allowed = {term["key"]: set(term.get("allowed", [])) for term in VOCABULARY["terms"]}
    for where, keys, text in turkish_texts():
        wrong = [key for key in forbidden(text) if not keys & allowed[key]]
        assert not wrong, f"{where}: {wrong} in {text!r}; see the terms list"


@pytest.mark.parametrize("text, found", [
    ("Savunma aşaması", ["advocacy"]), ("SÜRÜCÜLER", ["driver"]), ("gerçeklik  dakikaları", ["moment_of_truth"]), ("onu benimsedi", ["adopt"]),
    ("müşteriyi terfi ettirmek", ["recommend"]), ("ÇILGIN HAYRAN", ["advocate"]), ("işi sonlandırmak", ["accomplish"]),
    ("rekabet gücünü", ["minimum_condition"]), ("savunuculuk", []), ("görüşünü savunmak", []), ("gerçeklik anı", []), ("belirleyiciler", []),
])
def test_the_check_of_terms_finds_what_it_should(text, found):
    assert forbidden(text) == found


@pytest.mark.parametrize("table, key, turkish", [
    ("concepts", "T2", "gerçeklik anı"), ("stages", "advocate", "savunuculuk"), ("glossary", "driver", "belirleyici"),
    ("glossary", "customer_focus", "müşteri odaklılık"), ("glossary", "customer_centricity", "müşteri merkezlilik"),
    ("stages", "accomplish", "sonuca ulaşma"), ("nps_groups", "passive", "kararsız"),
])
def test_terms_that_are_settled(table, key, turkish):
    cx.use_language("tr")
    assert lower_turkish(framework.label(table, key)) == turkish


# ---- what the lessons teach -------------------------------------------------------------------------------------------------------------


def ids_in(text):
    """Concept ids named in a text; J1–J8 means all eight, T7.1 is a competence and does not count."""
    one = r"\b([HXTSJ])(\d{1,2})\b(?!\.\d)"
    found = set()
    for letter, first, last in re.findall(rf"{one}(?:\s*[–-]\s*\1(\d{{1,2}})\b(?!\.\d))?", text):
        found |= {f"{letter}{i}" for i in range(int(first), int(last or first) + 1)}
    return found & set(IDS)


def test_ids_in_a_text():
    assert ids_in("J1–J8, J11 and S2; trains T7.1–T7.6") == {*(f"J{i}" for i in range(1, 9)), "J11", "S2"}
    assert ids_in("T7 and H10. X12 is none") == {"T7", "H10"}


def lessons():
    """Path and ids (of the metadata, of the first cell) of the lessons that exist."""
    folder = ROOT / "notebooks" / "en"
    for path in sorted([*folder.glob("[!.]*.ipynb"), *(folder / "research").glob("[!.]*.ipynb")]):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        ids = notebook["metadata"].get("cxlab", {}).get("concepts", [])
        yield path.relative_to(folder).with_suffix("").as_posix(), set(ids), ids_in("".join(notebook["cells"][0]["source"]))


def test_lessons_teach_what_the_map_says():
    planned = {row["key"]: set(row["concepts"]) for row in VOCABULARY["lessons"]}
    for key, ids, named in lessons():
        assert key in planned, f"{key} is not in the table lessons"
        assert ids == planned[key], f"{key}: metadata cxlab.concepts has {sorted(ids)}, the map has {sorted(planned[key])}"
        assert named == ids or key == "17_claims_ledger", f"{key}: the first cell names {sorted(named)}"


def test_every_concept_is_taught_or_listed_as_not_yet_taught():
    waiting = (ROOT / "tests" / "not_yet_taught.txt").read_text(encoding="utf-8").split()
    assert len(waiting) == len(set(waiting)) and set(waiting) <= set(IDS)
    taught = {i for key, ids, _ in lessons() if key != "17_claims_ledger" for i in ids}
    assert set(IDS) - taught - set(waiting) == set(), "neither taught nor listed"
    assert taught & set(waiting) == set(), "taught by now: take these off tests/not_yet_taught.txt"
