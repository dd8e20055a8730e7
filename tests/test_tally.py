"""One pass of counting: the same counts from every engine, by every path, with nothing dropped."""

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import cxlab as cx
from cxlab import framework

counting = __import__("importlib").import_module("cxlab.tally")  # `cxlab.tally` is the function

COLUMNS = {
    "city": ["Ankara", None, "İzmir", "Ankara", "Çeşme", None, "İzmir", "Ankara"],
    "wave": [2, 1, None, 2, 1, 1, None, 2],
    "score": [10, 0, 3, 10, 7, 0, 3, 9],
    "asked": [True, False, True, True, True, False, False, True],
    "rate": [0.5, None, 0.25, 0.5, 2.0, 1.5, 0.25, None],
    "weight": [1.0, 2.0, 0.0, 0.25, 4.0, 1.5, 3.0, 1.0],
}
PANDAS_DTYPES = {"city": "str", "wave": "Int64", "score": "int64", "asked": "bool", "rate": "float64", "weight": "float64"}


def pandas_frame():
    return pd.DataFrame({name: pd.Series(cells, dtype=PANDAS_DTYPES[name]) for name, cells in COLUMNS.items()})


def duckdb_relation():
    source = pandas_frame()  # noqa: F841  (DuckDB finds it by name)
    return duckdb.sql("select * from source")


ENGINES = {"pandas": pandas_frame, "polars": lambda: pl.DataFrame(COLUMNS), "polars lazy": lambda: pl.LazyFrame(COLUMNS), "DuckDB": duckdb_relation}


@pytest.fixture(params=list(ENGINES))
def frame(request):
    return ENGINES[request.param]()


def generic(frame, by, weights=None):
    """The path of other engines, taken by a pandas frame."""
    keys, counts = counting._count_elsewhere(frame, by, weights)
    return pd.concat([*(key.rename(name) for key, name in zip(keys, by, strict=True)), counts], axis=1)


@pytest.mark.parametrize("weights", [None, "weight"])
@pytest.mark.parametrize("by", ["city", "wave", "asked", "rate", ["city", "wave"], ["asked", "score", "city"], []])
def test_every_engine_gives_what_pandas_groupby_gives(frame, by, weights):
    found = cx.tally(frame, by, weights)
    names = counting.as_list(by)
    rows = pandas_frame().assign(n=1, all=0)
    rows["w"] = rows["weight"] if weights else 1.0
    rows["w2"] = rows["w"] ** 2
    expected = rows.groupby(names or "all", dropna=False)[["n", "w", "w2"]].sum().reset_index()[[*names, "n", "w", "w2"]]
    if names:
        expected = expected.sort_values(names, na_position="last", ignore_index=True)
    assert_frame_equal(found, expected, check_dtype=True)


def test_a_lazy_engine_hands_over_cells_not_rows(monkeypatch):
    lazy = pl.LazyFrame({"group": np.arange(5000) % 3})
    collected = []
    monkeypatch.setattr(counting, "_collect", lambda frame, collect=counting._collect: collected.append(collect(frame)) or collected[-1])
    assert cx.tally(lazy, "group")["n"].tolist() == [1667, 1667, 1666]
    assert [len(part) for part in collected] == [3]


KEYS = {
    "integer": st.integers(-3, 3), "far apart": st.sampled_from([-(2**62), 0, 5, 2**62]), "nullable": st.none() | st.integers(0, 4),
    "boolean": st.booleans(), "whole float": st.none() | st.integers(-2, 2).map(float), "float": st.none() | st.sampled_from([0.5, 1.5, -2.25]),
    "category": st.none() | st.sampled_from(["low", "high", "middle"]), "text": st.none() | st.sampled_from(["b", "a", "İ", ""]),
}
DTYPES = {"integer": "int8", "far apart": "int64", "nullable": "Int64", "boolean": "bool", "whole float": "float64", "float": "float64",
          "category": pd.CategoricalDtype(["low", "middle", "high", "never"], ordered=True), "text": "str"}


@st.composite
def keyed_frames(draw):
    kinds = draw(st.lists(st.sampled_from(list(KEYS)), min_size=1, max_size=3, unique=True))
    rows = draw(st.lists(st.tuples(*(KEYS[kind] for kind in kinds), st.integers(0, 8)), min_size=1, max_size=30))
    columns = list(zip(*rows, strict=True))
    frame = pd.DataFrame({kind: pd.Series(list(cells), dtype=DTYPES[kind]) for kind, cells in zip(kinds, columns, strict=False)})
    return frame.assign(weight=np.array(columns[-1], dtype=float) / 4), kinds


@settings(max_examples=60, deadline=None)
@given(keyed_frames(), st.sampled_from([None, "weight"]))
def test_bincount_is_the_generic_path(drawn, weights):
    frame, by = drawn
    fast, slow = cx.tally(frame, by, weights), generic(frame, by, weights)
    assert fast["n"].sum() == len(frame)
    assert_frame_equal(fast, slow, check_dtype=False, check_categorical=False)
    assert [fast[name].dtype for name in by] == [frame[name].dtype for name in by]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "CELLS", 0)
        assert_frame_equal(cx.tally(frame, by, weights), fast)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.none() | st.sampled_from("abc"), st.none() | st.integers(0, 5), st.integers(0, 8)), max_size=30))
def test_polars_is_pandas(rows):
    text, whole, quarters = (list(cells) for cells in zip(*rows, strict=True)) if rows else ([], [], [])
    weight = [quarter / 4 for quarter in quarters]
    of_pandas = pd.DataFrame({"text": pd.Series(text, dtype="str"), "whole": pd.Series(whole, dtype="Int64"), "weight": pd.Series(weight, dtype=float)})
    of_polars = pl.DataFrame({"text": text, "whole": whole, "weight": weight}, schema={"text": pl.String, "whole": pl.Int64, "weight": pl.Float64})
    assert_frame_equal(cx.tally(of_polars, ["text", "whole"], "weight"), cx.tally(of_pandas, ["text", "whole"], "weight"), check_dtype=False)


def test_chunks_join_without_a_seam():
    rows = 2 * counting.CHUNK + 17
    frame = pd.DataFrame({"group": pd.Categorical.from_codes(np.arange(rows) % 8, list("hgfedcba")), "score": np.arange(rows) % 11, "w": np.arange(rows) % 5 / 4})
    cells = cx.tally(frame.rename(columns={"w": "weight"}), ["group", "score"], "weight")
    expected = frame.groupby(["group", "score"], observed=True)["w"].agg(["size", "sum"]).reset_index()
    assert cells["n"].tolist() == expected["size"].tolist()
    np.testing.assert_allclose(cells["w"], expected["sum"], rtol=1e-12)
    assert cells["group"].tolist() == expected["group"].tolist()


def test_many_keys_do_not_run_over_the_end_of_a_whole_number():
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({f"key{i}": rng.permutation(60_000)[:500] for i in range(6)})  # 60,000⁶ possible cells
    frame = pd.concat([frame, frame.head(100)], ignore_index=True)
    cells = cx.tally(frame, list(frame))
    assert cells["n"].value_counts().to_dict() == {1: 400, 2: 100}
    assert_frame_equal(cells[list(frame)], frame.drop_duplicates().sort_values(list(frame), ignore_index=True))


def test_categories_keep_their_order_and_only_observed_ones_have_a_row():
    answers = pd.Series(pd.Categorical(["often", "never", None, "often"], categories=["never", "sometimes", "often"], ordered=True))
    cells = cx.tally(answers.to_frame("use"), "use")
    assert cells["use"].tolist()[:2] == ["never", "often"] and pd.isna(cells["use"].iloc[2])
    assert cells["use"].dtype == answers.dtype
    enum = pl.DataFrame({"use": pl.Series(answers.tolist()[:2] + ["often"], dtype=pl.Enum(["never", "sometimes", "often"]))})
    assert cx.tally(enum, "use")["use"].dtype == answers.dtype
    assert cx.tally(enum, "use")["use"].tolist() == ["never", "often"]


def test_null_and_nan_are_one_missing_cell():
    assert cx.tally(pl.DataFrame({"x": [1.0, None, float("nan")]}), "x")["n"].tolist() == [1, 2]


def test_several_choices_in_a_cell_are_a_key_as_tuples_not_as_lists():
    tuples = pd.DataFrame({"x": [("a", "b"), None, ("a",), ("a", "b")]})
    assert cx.tally(tuples, "x")["x"].tolist()[:2] == [("a",), ("a", "b")]
    of_polars = cx.tally(pl.DataFrame({"x": [["a", "b"], None, ["a"], ["a", "b"]]}), "x")
    assert of_polars["x"].tolist()[:2] == [("a",), ("a", "b")] and of_polars["n"].tolist() == [1, 2, 1]
    with pytest.raises(cx.CxError, match="multiple_response"):
        cx.tally(pd.DataFrame({"x": [["a"], ["b"]]}), "x")


def test_mixed_answers_can_be_counted():
    assert cx.tally(pd.DataFrame({"x": pd.Series(["b", 2, None, 1, "b"], dtype=object)}), "x")["n"].tolist() == [1, 1, 2, 1]


def test_an_empty_frame_has_no_cells(frame):
    empty = nw.to_native(nw.from_native(frame).filter(nw.col("score") > 99))
    cells = cx.tally(empty, ["city", "score"], "weight")
    assert list(cells) == ["city", "score", "n", "w", "w2"] and len(cells) == 0
    assert len(cx.tally(empty, [])) == 0


def test_unsigned_numbers_beyond_the_signed_range():
    assert cx.tally(pd.DataFrame({"id": np.array([2**63 + 1, 1, 2**63 + 1], dtype="uint64")}), "id")["id"].tolist() == [1, 2**63 + 1]


@pytest.mark.parametrize("frame, by, weights, says", [
    (pd.DataFrame({"a": [1]}), "b", None, "no column 'b'. Columns of the table: a."),
    (pl.DataFrame({"a": [1]}), "b", None, "no column 'b'. Columns of the table: a."),
    (pd.DataFrame({"a": [1]}), "a", "b", "no column 'b'"),
    (pd.DataFrame({"a": [1], "n": [1]}), ["a", "n"], None, "'n' has the name of a result column"),
    (pd.DataFrame({"w2": [1]}), "w2", None, "'w2' has the name of a result column"),
    (pd.DataFrame({"a": [1]}), ["a", "a"], None, "once"),
    (pd.DataFrame([[1, 2]], columns=["a", "a"]), "a", None, "More than one column"),
    ({"a": [1]}, "a", None, "dict"),
])
def test_what_cannot_be_counted_is_explained(frame, by, weights, says):
    with pytest.raises(cx.CxError, match=says):
        cx.tally(frame, by, weights)


BAD = [1.0, -1.0, None, float("nan"), float("inf"), 2.0, -3.0, -0.5]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pl.LazyFrame])
def test_bad_weights_are_named_by_row(make):
    with pytest.raises(cx.CxError, match=r"'w'.*row 3 \(-1\), row 4 \(empty\), row 5 \(empty\), row 6 \(inf\), row 8 \(-3\) and 1 more"):
        cx.tally(make({"a": [1] * len(BAD), "w": BAD}), "a", "w")


def test_bad_weights_of_duckdb_are_named_by_row():
    relation = duckdb.sql("select * from (values (1, 1.0), (1, -2.0), (2, null)) t(a, w)")
    with pytest.raises(cx.CxError, match=r"row 3 \(-2.*\), row 4 \(empty\)"):
        cx.tally(relation, "a", "w")


@pytest.mark.parametrize("weights", [["1", "2"], [True, False], pd.Series(["1", 2.0], dtype=object)])
def test_weights_are_numbers(weights):
    with pytest.raises(cx.CxError, match=r"row 2 \((1|True)\)"):
        cx.tally(pd.DataFrame({"a": [1, 2], "w": weights}), "a", "w")


def test_rows_of_a_survey_are_those_of_its_file():
    answers = pd.DataFrame({"a": [1, 1], "w": [1.0, -1.0]}, index=pd.Index([4, 9], name="row"))
    with pytest.raises(cx.CxError, match=r"row 9 \(-1\)"):
        cx.tally(answers, "a", "w")


def test_errors_speak_turkish():
    framework.use_language("tr")
    with pytest.raises(cx.CxError, match=r"2\. satır \(-1\)"):
        cx.tally(pd.DataFrame({"a": [1], "w": [-1.0]}), "a", "w")
