"""The one pass over the data: how many rows, and how much weight, in each cell. Whatever `cxlab` estimates is computed from such counts.

Any frame that narwhals knows will do (pandas, polars eager or lazy, a DuckDB relation, ...). A lazy engine groups and sums where
the data is, and only the counts come back. pandas columns become whole-number codes, one key a row, and one `bincount` counts them.
"""

import math
import numbers

from .framework import CxError, say

COUNTS = ("n", "w", "w2")
CHUNK = 262_144  # rows counted at a time: keys and counts of a chunk stay in the processor's cache
CELLS = 262_144  # up to this many possible cells each has its place in an array; beyond, only the observed ones do
NARROW = 65_536  # whole numbers that span no more than this are their own codes
KEY_LIMIT = 2**62
ROWS_NAMED = 5


def tally(frame, by, weights=None):
    """Count the rows of a frame, and sum their weights, in every cell of `by`.

    frame : pandas, polars (eager or lazy), DuckDB relation or another frame known to narwhals. by : a column name or a list of
    them; an empty list counts the whole frame. weights : name of a column of finite numbers, 0 or more; none: every row weighs 1.

    Returns a pandas frame, one row an observed cell, sorted by key (categories in their order): the keys in their own dtype, `n`
    (rows), `w` (Σw), `w2` (Σw²). A missing key (null, NaN) is a cell of its own and comes last: no row is dropped.
    Keys of another engine come as pandas knows them: text as `str`, whole numbers with missing ones as `Int64`, a polars Enum as an
    ordered categorical; DuckDB hands its ENUM over as text. In another program: SQL `select by, count(*), sum(w), sum(w*w) ... group by`.

    >>> import pandas as pd
    >>> tally(pd.DataFrame({"wave": [1, 2, 2], "weight": [1.0, 0.5, 2.0]}), "wave", "weight")
       wave  n    w    w2
    0     1  1  1.0  1.00
    1     2  2  2.5  4.25
    """
    import pandas as pd

    names = as_list(by)
    reserved = [name for name in names if name in COUNTS]
    if reserved:
        raise CxError(say("tally.reserved", column=reserved[0], reserved=", ".join(COUNTS)))
    keys, counts = count_cells(frame, names, weights)
    return pd.concat([*(key.rename(name) for key, name in zip(keys, names, strict=True)), counts], axis=1)


def count_cells(frame, names, weights=None):
    """As `tally`, for columns of any name: a list of key Series and the frame `n, w, w2`."""
    import pandas as pd

    check_columns(frame, [*names, *([] if weights is None else [weights])])
    if len(set(names)) < len(names):
        raise CxError(say("tally.twice", columns=", ".join(map(repr, names))))
    if not isinstance(frame, pd.DataFrame):
        return _count_elsewhere(frame, names, weights)
    if weights is None:
        keys, n, _ = _count_coded([frame[name] for name in names], [], len(frame))
        return keys, pd.DataFrame({"n": n, "w": n.astype(float), "w2": n.astype(float)})
    w = _weights(frame, weights)
    keys, n, (w, w2) = _count_coded([frame[name] for name in names], [w, w * w], len(frame))
    return keys, pd.DataFrame({"n": n, "w": w, "w2": w2})


def as_list(names):
    """None, one name or several, as a list."""
    if names is None:
        return []
    return list(names) if isinstance(names, (list, tuple)) else [names]


def column_names(frame):
    """The column names of a frame of any engine; CxError if it is no frame."""
    import narwhals as nw
    import pandas as pd

    if isinstance(frame, pd.DataFrame):
        return list(frame.columns)
    try:
        return nw.from_native(frame).collect_schema().names()
    except TypeError:
        raise CxError(say("tally.no_frame", kind=type(frame).__name__)) from None


def check_columns(frame, names):
    """CxError, with the columns there are, unless every name is exactly one column of the frame."""
    there = column_names(frame)
    for name in names:
        if name not in there:
            raise CxError(say("tally.unknown_column", column=name, columns=", ".join(map(str, there))))
        if there.count(name) > 1:
            raise CxError(say("tally.ambiguous_column", column=name))


def cell_list(frame, column):
    """The cells of one column as Python values, in row order. For error messages: it pulls the whole column in."""
    import narwhals as nw
    import pandas as pd

    if isinstance(frame, pd.DataFrame):
        return frame[column].tolist()
    return _collect(nw.from_native(frame).lazy().select(column))[column].to_list()


def name_rows(frame, column, is_bad):
    """"row 5 (11), row 9 (−1) and 3 more": where the bad cells stand in the spreadsheet (header = row 1), for an error message."""
    import pandas as pd

    bad = [(i, value) for i, value in enumerate(cell_list(frame, column)) if is_bad(value)]
    numbered = isinstance(frame, pd.DataFrame) and frame.index.name == "row"  # survey.answers keeps the row of the file
    rows = [frame.index[i] if numbered else i + 2 for i, _ in bad]
    named = ", ".join(say("tally.row", row=row, value=_in_words(value)) for row, (_, value) in zip(rows[:ROWS_NAMED], bad, strict=False))
    return named if len(bad) <= ROWS_NAMED else say("tally.more_rows", rows=named, more=len(bad) - ROWS_NAMED)


def _in_words(value):
    if is_missing(value):
        return say("tally.empty")
    return f"{value:g}" if isinstance(value, float) else value


def is_missing(value):
    """Whether one cell is empty: None, NaN, NA or NaT (a list never is)."""
    import pandas as pd

    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))


def repeats(frame, column):
    """Whether the frame has this column and a value in it stands in more than one row (empty cells apart)."""
    import narwhals as nw
    import pandas as pd

    if column not in column_names(frame):
        return False
    if isinstance(frame, pd.DataFrame):
        return not frame[column].dropna().is_unique
    given = nw.from_native(frame).lazy().select(column).filter(~nw.col(column).is_null())
    counted = _collect(given.select(nw.col(column).count().alias("rows"), nw.col(column).n_unique().alias("values")))
    return counted["rows"].to_list() != counted["values"].to_list()


def _is_number(value):
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and not is_missing(value)


def _no_weight(value):
    return not (_is_number(value) and math.isfinite(value) and value >= 0)


def _refuse_weights(frame, column):
    raise CxError(say("tally.bad_weights", column=column, rows=name_rows(frame, column, _no_weight)))


def _weights(frame, column):
    """The weights of a pandas frame as floats; CxError with rows for what is no weight."""
    import numpy as np
    import pandas as pd

    kind = frame[column].dtype
    if not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind):
        if not pd.api.types.is_object_dtype(kind) or any(map(_no_weight, frame[column])):
            _refuse_weights(frame, column)
    w = frame[column].to_numpy(dtype=float, na_value=np.nan)
    if not (np.isfinite(w) & (w >= 0)).all():
        _refuse_weights(frame, column)
    return w


def _coded(column):
    """Whole numbers `data` and `low`, and `values`: data − low is the place in values, in their order, and −1 where the cell is empty."""
    import numpy as np
    import pandas as pd

    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), 0, pd.Categorical.from_codes(np.arange(len(kind.categories)), dtype=kind)
    if pd.api.types.is_bool_dtype(kind) and not pd.api.types.is_object_dtype(kind):
        return column.to_numpy(dtype=np.int8, na_value=-1), 0, pd.array([False, True], dtype=kind)
    ends = _narrow(column)
    if ends:
        low, high = ends
        values = pd.array(np.arange(low, high + 1), dtype=kind)
        if column.hasnans:
            return column.to_numpy(dtype=float, na_value=low - 1).astype(np.int64), low, values
        small = isinstance(kind, np.dtype) and (kind.kind == "i" or kind.kind == "u" and kind.itemsize < 8)  # added to a key as they are
        return column.to_numpy(dtype=kind if small else np.int64), low, values
    try:
        codes, values = pd.factorize(column.array)
    except TypeError:  # lists and dicts cannot be told apart by value
        raise CxError(say("tally.no_key", column=column.name)) from None
    order = _order(values)
    rank = np.append(np.argsort(order), -1)  # the last place answers for code −1
    return rank[codes], 0, values.take(order)


def _narrow(column):
    """The least and greatest value of a column of whole numbers that lie close together; None for any other column."""
    import numpy as np
    import pandas as pd

    kind = column.dtype
    if not (pd.api.types.is_integer_dtype(kind) or pd.api.types.is_float_dtype(kind)) or not len(column):
        return None
    low, high = column.min(), column.max()
    if pd.isna(low) or not (abs(float(low)) < 2**53 and float(high) - float(low) < NARROW):
        return None
    if pd.api.types.is_float_dtype(kind):
        x = column.to_numpy(dtype=float, na_value=np.nan)
        if not (np.isnan(x) | (np.floor(x) == x)).all():
            return None
    return int(low), int(high)


def _order(values):
    """The places of the values in ascending order; what cannot be compared (text among numbers) goes by kind, then by its text."""
    import numpy as np

    try:
        return np.asarray(values.argsort())
    except TypeError:
        return np.array(sorted(range(len(values)), key=lambda i: (type(values[i]).__name__, str(values[i]))), dtype=np.intp)


def _count_coded(columns, measures, rows):
    """Keys, counts and the sum of each measure in every observed cell of some pandas columns, in order."""
    import numpy as np
    import pandas as pd

    coded = [_coded(column) for column in columns]
    sizes = [len(values) + 1 for _, _, values in coded]  # one more: an empty cell has code 0
    count = _count_dense if math.prod(sizes) <= CELLS else _count_sparse
    codes, n, sums = count(coded, sizes, measures, rows)
    order = np.lexsort([np.where(code == 0, size, code) for code, size in zip(codes, sizes, strict=True)][::-1] or [np.arange(len(n))])
    keys = []
    for code, (_, _, values) in zip(codes, coded, strict=True):
        place = code[order] - 1
        keys.append(pd.Series(values.take(place, allow_fill=bool((place < 0).any()))))
    return keys, n[order], [total[order] for total in sums]


def _count_dense(coded, sizes, measures, rows):
    """One int64 key a row and a bincount over every possible cell, a chunk at a time."""
    import numpy as np

    cells = math.prod(sizes)
    n, sums = np.zeros(cells, np.int64), [np.zeros(cells) for _ in measures]
    for start in range(0, rows, CHUNK):
        chunk = slice(start, min(start + CHUNK, rows))
        key = np.zeros(chunk.stop - start, np.int64)
        shift = 0
        for (data, low, _), size in zip(coded, sizes, strict=True):
            if shift or size < cells:
                key *= size
            key += data[chunk]
            shift = shift * size + 1 - low
        key += shift
        n += np.bincount(key, minlength=cells)
        for total, measure in zip(sums, measures, strict=True):
            total += np.bincount(key, measure[chunk], minlength=cells)
    seen = np.flatnonzero(n)
    codes = np.unravel_index(seen, sizes) if sizes else []
    return list(codes), n[seen], [total[seen] for total in sums]


def _count_sparse(coded, sizes, measures, rows):
    """The same when possible cells are many more than rows: only those that occur get a place."""
    import numpy as np
    import pandas as pd

    key, span = np.zeros(rows, np.int64), 1
    for (data, low, _), size in zip(coded, sizes, strict=True):
        if span * size > KEY_LIMIT:
            key = pd.factorize(key)[0]
            span = rows
        key = key * size + (data - (low - 1)).astype(np.int64)
        span *= size
    cell, found = pd.factorize(key)
    first = np.empty(len(found), np.int64)
    first[cell[::-1]] = np.arange(rows)[::-1]  # written last: the first row of each cell
    codes = [data[first].astype(np.int64) - low + 1 for data, low, _ in coded]
    return codes, np.bincount(cell, minlength=len(found)), [np.bincount(cell, measure, minlength=len(found)) for measure in measures]


def _count_elsewhere(frame, names, weights):
    """Grouped and summed by the engine of the frame; what comes back is counted once more, so that order and empty cells are the same."""
    import narwhals as nw
    import numpy as np
    import pandas as pd

    lazy = nw.from_native(frame).lazy()
    schema = lazy.collect_schema()
    short = [f"key{i}" for i in range(len(names))]  # own names: a key may be called "n", and may be the weight as well
    select = [nw.col(name).alias(key) for name, key in zip(names, short, strict=True)] or [nw.col(schema.names()[0]).alias("filler")]
    work, sums = [nw.lit(0).alias("whole")], [nw.len().alias("n")]
    if weights is not None:
        if not schema[weights].is_numeric():
            _refuse_weights(frame, weights)
        w = nw.col("w")
        select.append(nw.col(weights).cast(nw.Float64).fill_null(-1.0).alias("w"))
        work += [(w * w).alias("w2"), nw.when((w >= 0) & (w < math.inf)).then(0).otherwise(1).alias("bad")]
        sums += [nw.col("w").sum(), nw.col("w2").sum(), nw.col("bad").sum()]
    counted = _collect(lazy.select(*select).with_columns(*work).group_by(*(short or ["whole"])).agg(*sums))
    measures = {name: np.array(counted[name].to_list(), dtype=float) for name in counted.columns if name not in (*short, "whole")}
    if measures.pop("bad", np.zeros(0)).any():
        _refuse_weights(frame, weights)
    columns = [_as_pandas(counted[key].to_list(), schema[name], name) for name, key in zip(names, short, strict=True)]
    keys, _, totals = _count_coded(columns, list(measures.values()), len(counted))
    totals = dict(zip(measures, totals, strict=True))
    n = totals["n"].astype(np.int64)
    return keys, pd.DataFrame({"n": n, "w": totals.get("w", totals["n"]), "w2": totals.get("w2", totals["n"])})


def _collect(lazy):
    """The rows of a lazy narwhals frame; through pandas where the engine's own way would need pyarrow."""
    return lazy.collect() if lazy.implementation.is_polars() else lazy.collect(backend="pandas")


def _as_pandas(cells, kind, name):
    """A column of another engine, as Python values, in the dtype pandas has for it."""
    import pandas as pd

    empty = [is_missing(cell) for cell in cells]
    if kind.is_nested():
        return pd.Series([None if gone else tuple(cell) for cell, gone in zip(cells, empty, strict=True)], dtype=object, name=name)
    cells = [None if gone else cell for cell, gone in zip(cells, empty, strict=True)]
    if kind.is_integer():
        wide = "UInt64" if str(kind) == "UInt64" else "Int64"
        return pd.Series(cells, dtype=wide if any(empty) else wide.lower(), name=name)
    if str(kind).startswith("Enum"):
        return pd.Series(pd.Categorical(cells, categories=list(kind.categories), ordered=True), name=name)
    dtype = {"Boolean": "boolean" if any(empty) else "bool", "String": "str", "Categorical": "str"}.get(str(kind))
    return pd.Series(cells, dtype="float64" if kind.is_float() else dtype, name=name)
